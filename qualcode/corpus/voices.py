"""Rows of a batch → who speaks in them: labels, cases, roles and attributes, as columns.

Most transcripts of a corpus have one voice, for which a look at each row is enough. Where several speak, who asks and
who is which case is found out as everywhere.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qualcode.cases import assign_cases
from qualcode.columns import distinct
from qualcode.corpus.reading import CASE, FIRST_ATTRIBUTE, ID, SPEAKER, TEXT
from qualcode.errors import SourceError
from qualcode.language import HAN
from qualcode.model import Case, Segment, SegmentColumns, Span, Transcript, canonical_text
from qualcode.sources import clean_text, find_interviewers, has_words, make_talk
from qualcode.text_columns import NOTHING, LongText, bytes_of, join, to_column, to_flags, to_numbers, to_texts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]


_FIRST_HAN = HAN[0].encode()
_LATIN, _MARKS = "\xa0".encode(), "\u2002".encode()
_ACCENTS = "\u0300".encode()[0]
# From where on letters and marks are that canonical form leaves alone; accents compose with what stands before.
_LINE_ENDS = ["\u2028".encode()[2], "\u2029".encode()[2]]


@dataclass(slots=True)
class Found:
    """What is to be told about the rows of a batch.

    Attributes
    ----------
    left_out
        Characters that are no text, by kind.
    interviewers
        In how many transcripts each speaker is an interviewer.
    varying
        For how many cases of a transcript each attribute has several values.
    """

    left_out: dict[str, int] = field(default_factory=dict)
    interviewers: dict[str, int] = field(default_factory=dict)
    varying: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Voices:
    """Who speaks: a row for each label of each transcript.

    Attributes
    ----------
    names, cases, asks
        The label, the case (``""`` for an interviewer), and whether it is an interviewer's.
    attributes
        For each attribute its value for the case of each voice.
    """

    names: pa.Array
    cases: pa.Array
    asks: Booleans
    attributes: dict[str, pa.Array]

    def describe(self, number: int) -> dict[str, str]:
        """Return the attributes of a voice."""
        return {name: values[number].as_py() for name, values in self.attributes.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of a batch.

    Attributes
    ----------
    ids, first_row
        The transcripts, and at which row each begins; the latter one longer.
    text, bases
        The texts of all rows, cleaned and joined by line ends, and where each row begins in it.
    starts, ends
        Where the words of each row stand, without blanks at their ends.
    may_be_chinese, is_spoken
        Of each row whether it may hold Chinese characters, and whether it says anything.
    voice
        Who speaks in each row that says something, by the place in ``voices``; else -1.
    voices
        Who speaks.
    """

    ids: pa.Array
    first_row: Integers
    text: LongText
    bases: Integers
    starts: Integers
    ends: Integers
    may_be_chinese: Booleans
    is_spoken: Booleans
    voice: Integers
    voices: Voices


def read_rows(rows: pa.Table, given: Collection[str], found: Found) -> Rows:
    """Return the rows of a batch with who speaks in them.

    Parameters
    ----------
    rows
        As :mod:`qualcode.corpus.reading` has them.
    given
        Speakers who were named as interviewers.
    found
        Is added to.

    Raises
    ------
    SourceError
        If one speaker is several cases.
    """
    columns = [column.combine_chunks() for column in rows.columns]
    texts = _clean_all(columns[TEXT], found.left_out)
    data = join(texts, "\n")
    sizes = to_numbers(pc.utf8_length(texts)).astype(np.int64)
    bases = np.cumsum(sizes + 1) - sizes - 1
    odd = _find_odd_edges(texts)
    starts, ends, is_spoken = bases.copy(), bases + sizes, np.ones(len(texts), bool)
    for row, words in zip(odd.tolist(), texts.take(to_column(odd)).to_pylist(), strict=True):
        starts[row] += len(words) - len(words.lstrip())
        ends[row] -= len(words) - len(words.rstrip())
        is_spoken[row] = words[:1].isalnum() or has_words(words)
    ids = columns[ID]
    is_first = np.ones(len(ids) + 1, bool)
    is_first[1:-1] = to_flags(pc.not_equal(ids[1:], ids[:-1]))
    first_row = np.flatnonzero(is_first)
    voice, voices = _find_voices(rows.column_names, [*columns], texts, first_row, is_spoken, given, found)
    begun, likely = ids.take(to_column(first_row[:-1])), _may_be_chinese(texts)
    return Rows(begun, first_row, LongText(data.decode(), data), bases, starts, ends, likely, is_spoken, voice, voices)


# ---- texts


def _clean_all(texts: pa.Array, left_out: dict[str, int]) -> pa.Array:
    """Return texts without controls and in canonical form; those of plain signs are that already."""
    firsts, data = bytes_of(texts)
    at = np.flatnonzero(_are_odd(data, ord(" ")))
    odd = distinct(np.searchsorted(firsts, at[_may_change(data, at)], "right") - 1)
    before = texts.take(to_column(odd))
    together = join(before, " ").decode()  # with which nothing composes
    if clean_text(together, {}) == together:
        return texts
    mask = np.zeros(len(texts), bool)
    mask[odd] = True
    after = [_clean(text, left_out) for text in before.to_pylist()]
    return pc.replace_with_mask(texts, to_column(mask), to_texts(after))


def _may_change(data: NDArray[np.uint8], at: Integers) -> Booleans:
    """Return which bytes of UTF-8 begin a sign that may have to be taken out or to be written otherwise.

    Those that never have are tabs, line ends, and Latin letters, dashes and quotes of one sign each.
    """
    first, second, third = (data.take(at + step, mode="clip") for step in range(3))
    may = _changing_bytes()[first]
    may &= (first != _LATIN[0]) | (second < _LATIN[1])
    is_mark = (first == _MARKS[0]) & (second == _MARKS[1]) & (third >= _MARKS[2])
    may[is_mark] = np.isin(third[is_mark], _LINE_ENDS)
    return may


@cache
def _changing_bytes() -> Booleans:
    may = np.ones(0x100, bool)
    may[[ord("\t"), ord("\n")]] = False
    may[0x80:0xC0] = False  # inside a sign
    may[_LATIN[0] + 1 : _ACCENTS] = False
    return may


def _find_odd_edges(texts: pa.Array) -> Integers:
    """Return the rows that are empty, or do not begin with a letter or digit of ASCII and end with a sign of it."""
    firsts, data = bytes_of(texts)
    if not len(data):
        return np.arange(len(texts))
    first = np.minimum(firsts[:-1], len(data) - 1)
    is_odd = (firsts[1:] == firsts[:-1]) | ~_is_alphanumeric()[data[first]] | _are_odd(data[firsts[1:] - 1], ord("!"))
    return np.flatnonzero(is_odd)


def _may_be_chinese(texts: pa.Array) -> Booleans:
    """Return which texts may hold Chinese characters: those with a byte that begins one, as it does few others."""
    firsts, data = bytes_of(texts)
    at = np.flatnonzero(data >= _FIRST_HAN[0])
    at = at[(data[at] > _FIRST_HAN[0]) | (data[at + 1] >= _FIRST_HAN[1])]
    found = np.zeros(len(texts), bool)
    found[np.searchsorted(firsts, at, "right") - 1] = True
    return found


def _are_odd(data: NDArray[np.uint8], least: int) -> Booleans:
    """Tell of bytes whether they are none of a sign of ASCII that is printed, from the least that is meant on."""
    odd: Booleans = (data - np.uint8(least)) > ord("~") - least
    return odd


@cache
def _is_alphanumeric() -> Booleans:
    signs = map(chr, range(0x100))
    return np.array([sign.isascii() and sign.isalnum() for sign in signs])


def _clean(text: str, left_out: dict[str, int]) -> str:
    if text.isprintable():  # without controls and line ends, of which the rest is about
        return text if text.isascii() else canonical_text(text)
    return clean_text(text, left_out)


# ---- who speaks


def _find_voices(
    names: Sequence[str],
    columns: Sequence[pa.Array],
    texts: pa.Array,
    first_row: Integers,
    is_spoken: Booleans,
    given: Collection[str],
    found: Found,
) -> tuple[Integers, Voices]:
    """Return who speaks in each row, -1 where it says nothing, and all who speak.

    Where one row is a transcript, the row says it all; the others are looked at one by one, and come first.
    """
    labels = _name_labels(columns[SPEAKER], columns[CASE])
    wanted = {name.casefold() for name in given}
    is_wanted = np.array([one.casefold() in wanted for one in labels.dictionary.to_pylist()], bool)
    label = to_numbers(labels.indices)
    first = first_row[:-1]
    is_alone = (np.diff(first_row) == 1) & ~is_wanted[label[first]]
    known = _Known([], [], [], {name: [] for name in names[FIRST_ATTRIBUTE:]})
    voice = np.full(len(label), -1, np.int64)
    if not is_alone.all():
        told = [column.to_pylist() for column in columns]
        caster = _Caster(told, labels.to_pylist(), texts.to_pylist(), names[FIRST_ATTRIBUTE:], wanted, found)
        for number in np.flatnonzero(~is_alone).tolist():
            rows = range(first_row[number], first_row[number + 1])
            spoken = [row for row in rows if is_spoken[row]]
            numbers = caster.cast(rows, spoken, known)
            for row in spoken:
                voice[row] = numbers[caster.labels[row]]
    alone = first[is_alone & is_spoken[first]]
    voice[alone] = len(known.names) + np.arange(len(alone))
    return voice, known.gather(columns, labels.dictionary.take(labels.indices), alone)


def _name_labels(speakers: pa.Array, cases: pa.Array) -> pa.DictionaryArray:
    """Return the label of each row: its speaker or, where there is none, its case."""
    encoded = pc.if_else(pc.equal(speakers, NOTHING), cases, speakers).dictionary_encode()
    names = [_clean(one, {}).strip() for one in encoded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(encoded.indices, to_texts(names))


@dataclass(frozen=True, slots=True)
class _Known:
    """The voices that were found one by one; see :class:`Voices`."""

    names: list[str]
    cases: list[str]
    asks: list[bool]
    attributes: dict[str, list[str]]

    def add(self, name: str, case: str, *, asks: bool, values: Sequence[str]) -> int:
        """Add a voice and return its number."""
        self.names.append(name)
        self.cases.append(case)
        self.asks.append(asks)
        for column, value in zip(self.attributes.values(), values, strict=True):
            column.append(value)
        return len(self.names) - 1

    def gather(self, columns: Sequence[pa.Array], labels: pa.Array, alone: Integers) -> Voices:
        """Return these voices and, behind them, those of some rows that are each a transcript."""
        rows = to_column(alone)

        def append(known: list[str], column: pa.Array) -> pa.Array:
            return pa.concat_arrays([to_texts(known), column.take(rows)])

        cases = pc.if_else(pc.equal(columns[CASE], NOTHING), columns[ID], columns[CASE])
        given = zip(self.attributes.items(), columns[FIRST_ATTRIBUTE:], strict=True)
        attributes = {name: append(known, column) for (name, known), column in given}
        asks = np.array([*self.asks, *[False] * len(alone)], bool)
        return Voices(append(self.names, labels), append(self.cases, cases), asks, attributes)


@dataclass(frozen=True, slots=True)
class _Caster:
    """Finds out who asks and who is which case where several speak, or somebody who was named.

    Attributes
    ----------
    columns, labels, words
        Of the rows of a batch.
    attributes
        Names of the attributes.
    wanted
        Interviewers who were named, in small letters.
    found
        Is added to.
    """

    columns: Sequence[Sequence[str]]
    labels: Sequence[str]
    words: Sequence[str]
    attributes: Sequence[str]
    wanted: Collection[str]
    found: Found

    def cast(self, rows: range, spoken: Sequence[int], voices: _Known) -> Mapping[str, int]:
        """Add the voices of a transcript, and return the number of each by its label."""
        name = self.columns[ID][rows[0]]
        asking = self._find_asking(name, spoken)
        for label in asking:
            self.found.interviewers[label] = self.found.interviewers.get(label, 0) + 1
        answers = [row for row in rows if self.labels[row] not in asking]
        labels = list(dict.fromkeys(self.labels[row] for row in spoken))
        turns = tuple(Segment(str(at), "turn", Span(at, at + 1), label) for at, label in enumerate(labels))
        transcript = Transcript(name, "", turns, interviewers=asking)
        cases = assign_cases([transcript], self._name_cases(name, answers)).voices
        values = self._describe_cases({label: case for (_, label), case in cases.items()}, answers)
        numbers = {}
        for label in labels:
            case = cases.get((name, label), "")
            own = values.get(case, {})
            given = [own.get(attribute, "") for attribute in self.attributes]
            numbers[label] = voices.add(label, case, asks=label in asking, values=given)
        return numbers

    def _find_asking(self, name: str, spoken: Sequence[int]) -> frozenset[str]:
        named = frozenset(self.labels[row] for row in spoken if self.labels[row].casefold() in self.wanted)
        if named:
            return named
        words = [self.words[row].strip() for row in spoken]
        ends = list(accumulate(len(one) + 1 for one in words))
        codes: dict[str, int] = {}
        turns = SegmentColumns(
            "turn",
            array("q", [end - 1 - len(one) for end, one in zip(ends, words, strict=True)]),
            array("q", [end - 1 for end in ends]),
            array("i", [codes.setdefault(self.labels[row], len(codes)) for row in spoken]),
            tuple(codes),
        )
        return find_interviewers([make_talk(name, "\n".join(words), turns)])[0].labels

    def _name_cases(self, transcript: str, answers: Sequence[int]) -> list[Case]:
        """Return the cases that the rows name, each with its voices."""
        case_of: dict[str, str] = {}
        for row in answers:
            label, case = self.labels[row], self.columns[CASE][row]
            if case and case_of.setdefault(label, case) != case:
                message = f"The speaker “{label}” is both the case “{case_of[label]}” and the case “{case}”."
                raise SourceError(message, f"transcript {transcript}", "Give each case a speaker label of its own")
        labels: dict[str, list[str]] = {}
        for label, case in case_of.items():
            labels.setdefault(case, []).append(label)
        return [Case(case, {}, tuple((transcript, label) for label in own)) for case, own in labels.items()]

    def _describe_cases(self, case_of: Mapping[str, str], answers: Sequence[int]) -> dict[str, dict[str, str]]:
        """Return the attributes that the rows give each case; of several values the first counts."""
        values: dict[str, dict[str, str]] = {case: {} for case in case_of.values()}
        varying: set[tuple[str, str]] = set()
        for row in answers:
            label = self.labels[row]
            if label not in case_of:
                continue
            case = case_of[label]
            for name, column in zip(self.attributes, self.columns[FIRST_ATTRIBUTE:], strict=True):
                if column[row] and values[case].setdefault(name, column[row]) != column[row]:
                    varying.add((case, name))
        for _, name in varying:
            self.found.varying[name] = self.found.varying.get(name, 0) + 1
        return values
