"""Rows of a batch → who speaks in them: labels, cases, roles and attributes, as columns.

Most transcripts of a corpus have one voice, for which a look at each row is enough. Where several speak, who asks and
who is which case is found out as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.cases import assign_cases
from qualcode.corpus.reading import CASE, FIRST_ATTRIBUTE, ID, SPEAKER, TEXT
from qualcode.errors import SourceError
from qualcode.model import Case, Segment, Span, Transcript, canonical_text
from qualcode.sources import clean_text, find_interviewers, has_words, make_talk

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa


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

    names: list[str]
    cases: list[str]
    asks: list[bool]
    attributes: dict[str, list[str]]

    def describe(self, number: int) -> dict[str, str]:
        """Return the attributes of a voice."""
        return {name: values[number] for name, values in self.attributes.items()}

    def add(self, name: str, case: str, *, asks: bool, values: Sequence[str]) -> int:
        """Add a voice and return its number."""
        self.names.append(name)
        self.cases.append(case)
        self.asks.append(asks)
        for column, value in zip(self.attributes.values(), values, strict=True):
            column.append(value)
        return len(self.names) - 1


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a batch.

    Attributes
    ----------
    ids, first_row
        The transcripts, and at which row each begins; the latter one longer.
    words, is_spoken
        The text of each row, cleaned, and whether it says anything.
    voice
        Who speaks in each row that says something, by the place in ``voices``; else -1.
    voices
        Who speaks.
    """

    ids: list[str]
    first_row: list[int]
    words: list[str]
    is_spoken: list[bool]
    voice: list[int]
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
    columns = [column.to_pylist() for column in rows.columns]
    ids = columns[ID]
    words = [_clean(text, found.left_out) for text in columns[TEXT]]
    speakers = zip(columns[SPEAKER], columns[CASE], strict=True)
    labels = [_clean(speaker or case, {}).strip() if speaker or case else "" for speaker, case in speakers]
    first_row = [0, *(row for row in range(1, len(ids)) if ids[row] != ids[row - 1]), len(ids)]
    is_spoken = [text[:1].isalnum() or has_words(text) for text in words]
    attributes = columns[FIRST_ATTRIBUTE:]
    voices = Voices([], [], [], {name: [] for name in rows.column_names[FIRST_ATTRIBUTE:]})
    voice = [-1] * len(ids)
    wanted = {name.casefold() for name in given}
    caster = _Caster(columns, labels, words, rows.column_names[FIRST_ATTRIBUTE:], wanted, found)
    alone: list[int] = []
    for first, last in pairwise(first_row):
        if last - first == 1 and not (wanted and labels[first].casefold() in wanted):
            if is_spoken[first]:
                alone.append(first)
            continue
        spoken = [row for row in range(first, last) if is_spoken[row]]
        numbers = caster.cast(range(first, last), spoken, voices)
        for row in spoken:
            voice[row] = numbers[labels[row]]
    for number, row in enumerate(alone, len(voices.names)):
        voice[row] = number
    voices.names += [labels[row] for row in alone]
    voices.cases += [columns[CASE][row] or ids[row] for row in alone]
    voices.asks += [False] * len(alone)
    for mine, column in zip(voices.attributes.values(), attributes, strict=True):
        mine += [column[row] for row in alone]
    return Rows([ids[row] for row in first_row[:-1]], first_row, words, is_spoken, voice, voices)


def _clean(text: str, left_out: dict[str, int]) -> str:
    if text.isprintable():  # without controls and line ends, of which the rest is about
        return text if text.isascii() else canonical_text(text)
    return clean_text(text, left_out)


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

    def cast(self, rows: range, spoken: Sequence[int], voices: Voices) -> Mapping[str, int]:
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
        turns = ((self.labels[row], self.words[row].strip()) for row in spoken)
        return find_interviewers([make_talk(name, turns)])[0].labels

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
