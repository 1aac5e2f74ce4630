"""What rules suggest, as columns: the passages of many transcripts with the words behind each.

A sheet holds its part of them as a sequence of codings, of which objects are made when somebody touches them. Counting
and files take the columns as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from qualcode.model import RULES_CODER, Coding, Evidence, Span
from qualcode.segments import MadeWhenTouched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from qualcode.text_columns import LongText

    Integers = NDArray[np.int64]

_LARGEST = 1 << 62

_SHORT = 1 << 16
# Numbers below are ordered several times as fast.


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of several transcripts, numbered through all of them.

    Attributes
    ----------
    transcript, turn
        Number of the transcript, and of the turn through all transcripts, of each.
    start, end
        Where it stands in the text that its places are counted in.
    """

    transcript: Integers
    turn: Integers
    start: Integers
    end: Integers


@dataclass(frozen=True, slots=True)
class Matches:
    """Where rules matched: a row for each hit, sorted by sentence, start, end and rule.

    Attributes
    ----------
    sentence, start, end, rule
        Number of the sentence, the place in it, and the number of the rule.
    parts
        Of a hit of several terms, by its row: sentence, start and end of each.
    """

    sentence: Integers
    start: Integers
    end: Integers
    rule: Integers
    parts: Mapping[int, Sequence[tuple[int, int, int]]]


@dataclass(frozen=True)
class Passages:
    """Passages that rules suggest: rows are sorted by transcript, start, end and code.

    Attributes
    ----------
    codes, rules
        Ids of codes and of rules; the columns hold their places here.
    transcript, start, end, code
        Columns of equal length. Start and end are places in the text that the sentences were places in.
    first_rule
        From which row of ``rule`` on the evidence of a passage stands; one longer than there are passages.
    rule
        The rules that fired in a passage, in the order of the text.
    first_place
        From which row of the places on the words of a rule stand; one longer than ``rule``.
    place_start, place_end
        The words that fulfilled a rule, each once and in the order of the text.
    """

    codes: tuple[str, ...]
    rules: tuple[str, ...]
    transcript: Integers
    start: Integers
    end: Integers
    code: Integers
    first_rule: Integers
    rule: Integers
    first_place: Integers
    place_start: Integers
    place_end: Integers

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def first_place_of_passage(self) -> Integers:
        """From which row of the places on the words of a passage stand; one longer than there are passages."""
        return self.first_place[self.first_rule]

    def shrink(self) -> Passages:
        """Return the same in numbers of 32 bits, which a study keeps as long as it is open."""
        names = ("transcript", "start", "end", "code", "first_rule", "rule", "first_place", "place_start", "place_end")
        return replace(self, **{name: getattr(self, name).astype(np.int32) for name in names})

    def name_rules(self, joiner: str, rows: slice = slice(None)) -> pa.DictionaryArray:
        """Return the ids of the rules of each passage, joined, each once.

        Parameters
        ----------
        joiner
            Stands between several.
        rows
            Which passages, side by side.
        """
        from qualcode.text_columns import join_groups, pick

        firsts = _edges(self.first_rule, rows)
        return join_groups(pick(self.rules, self.rule[firsts[0] : firsts[-1]]), firsts - firsts[0], joiner)

    def quote(self, text: LongText, rows: slice = slice(None)) -> pa.DictionaryArray:
        """Return the words of each passage, given the text that they stand in; of several codes once."""
        from qualcode.text_columns import pick

        start, end = self.start[rows], self.end[rows]
        number, first = number_runs(start, end)
        return pick(text.cut(start[first], end[first]), number)

    def quote_matched(self, text: LongText, joiner: str, rows: slice = slice(None)) -> pa.DictionaryArray:
        """Return the words that fulfilled the rules of each passage, joined, each once."""
        from qualcode.text_columns import join_groups

        firsts = _edges(self.first_place_of_passage, rows)
        places = slice(firsts[0], firsts[-1])
        words = text.cut(self.place_start[places], self.place_end[places])
        return join_groups(words.dictionary_encode(), firsts - firsts[0], joiner)


def number_runs(*columns: Integers) -> tuple[Integers, Integers]:
    """Return the number of each row's run of rows that are alike, and the first row of each run."""
    is_first = np.ones(len(columns[0]), dtype=bool)
    is_first[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return np.cumsum(is_first) - 1, np.flatnonzero(is_first)


def _edges(firsts: Integers, rows: slice) -> Integers:
    """Return where the stretches of rows that stand side by side begin, and where the last one ends."""
    first, last, _ = rows.indices(len(firsts) - 1)
    return firsts[first : max(first, last) + 1]


def cut(text: str, starts: Integers, ends: Integers) -> list[str]:
    """Return the stretches of a text."""
    return [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


class Suggestions(MadeWhenTouched[Coding]):
    """What rules suggest in one transcript: it looks like a tuple of codings, which are made when one is touched.

    Parameters
    ----------
    passages, rows
        The passages of many transcripts, and which of them are this one's.
    transcript, text
        Id and text of the transcript; their places are places in it.
    """

    __slots__ = ("passages", "rows", "text", "transcript")

    def __init__(self, passages: Passages, rows: slice, transcript: str, text: str) -> None:
        super().__init__()
        self.passages = passages
        self.rows = rows
        self.transcript = transcript
        self.text = text

    def _make(self) -> Iterator[Coding]:
        found = self.passages
        first, last = self.rows.start, self.rows.stop
        columns = (column[first:last].tolist() for column in (found.start, found.end, found.code))
        firsts = found.first_rule[first : last + 1].tolist()
        for number, (start, end, code) in enumerate(zip(*columns, strict=True)):
            yield Coding(
                transcript=self.transcript,
                span=Span(start, end),
                code=found.codes[code],
                coder=RULES_CODER,
                verdict="suggested",
                quote=self.text[start:end],
                evidence=tuple(self._evidence(firsts[number], firsts[number + 1])),
                origin="rules",
            )

    def _evidence(self, first: int, last: int) -> Iterator[Evidence]:
        found = self.passages
        for row in range(first, last):
            places = slice(found.first_place[row], found.first_place[row + 1])
            spans = zip(found.place_start[places].tolist(), found.place_end[places].tolist(), strict=True)
            yield Evidence(found.rules[found.rule[row]], tuple([Span(*span) for span in spans]))

    def __len__(self) -> int:
        return int(self.rows.stop - self.rows.start)

    def __reduce__(self) -> tuple[type[tuple[Coding, ...]], tuple[tuple[Coding, ...]]]:
        return tuple, (self._tuple,)  # elsewhere, as in another process, the columns of the others are a burden


# ---- hits → passages


def find_passages(
    matches: Matches, sentences: Sentences, rules: Sequence[tuple[str, str]], codes: Sequence[str]
) -> Passages:
    """Return the passages that hits make: the sentences of hits, of one code and side by side in one turn joined.

    Parameters
    ----------
    matches
        The hits.
    sentences
        What they lie in.
    rules
        Id of the code, and of the rule, of each rule by its number.
    codes
        Ids of all codes, in the order in which passages of one place are to stand.
    """
    place = {code: number for number, code in enumerate(codes)}
    code = np.array([place[code] for code, _ in rules], dtype=np.int64).take(matches.rule)
    number, *passages = _group(matches, sentences.turn, code)
    order = sort_rows(*passages)  # as by transcript and place, in which order sentences stand
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    first, last, kinds = (column.take(order) for column in passages)
    columns = sentences.transcript.take(first), sentences.start.take(first), sentences.end.take(last), kinds
    names = tuple([rule for _, rule in rules])
    return Passages(tuple(codes), names, *columns, *_find_evidence(matches, sentences.start, rank.take(number)))


def _group(matches: Matches, turn: Integers, code: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """Return the passage of each hit; and first and last sentence, and code, of each passage.

    The hits of a code are walked in the order of the text. One that begins behind all sentences so far, and not in the
    next one of the same turn, begins a passage.
    """
    last = matches.sentence.copy()
    for row, places in matches.parts.items():
        last[row] = max(sentence for sentence, _, _ in places)
    order = np.argsort(code.astype(np.uint16) if len(code) and code.max() < _SHORT else code, kind="stable")
    code, sentence, last = (column.take(order) for column in (code, matches.sentence, last))
    # Shifting every code beyond the one before lets one running maximum serve them all.
    width = len(turn) + 1
    furthest = np.maximum.accumulate(code * width + last) - code * width
    before, here = furthest[:-1], sentence[1:]
    begins = np.ones(len(code), dtype=bool)
    begins[1:] = (code[1:] != code[:-1]) | (here > before)
    beside = np.flatnonzero((code[1:] == code[:-1]) & (here == before + 1))
    begins[beside[turn.take(before.take(beside)) == turn.take(here.take(beside))] + 1] = False
    firsts = np.flatnonzero(begins)
    ends = np.append(firsts[1:], len(code)) - 1 if len(firsts) else firsts
    number = np.empty(len(code), dtype=np.int64)
    number[order] = np.cumsum(begins) - 1
    return number, sentence.take(firsts), furthest.take(ends), code.take(firsts)


def _find_evidence(
    matches: Matches, origin: Integers, passage: Integers
) -> tuple[Integers, Integers, Integers, Integers, Integers]:
    """Return the columns of evidence, from ``first_rule`` on, given where sentences start and the passage of each hit.

    The rules of a passage stand in the order of their first words; of those with the same, in that of the hits. Most
    passages are of one hit, and there is nothing to order in them.
    """
    n_passages = int(passage.max(initial=-1)) + 1
    hit, start, end = _list_places(matches, origin)
    rule, passage = matches.rule.take(hit), passage.take(hit)
    is_alone = np.bincount(passage, minlength=n_passages).take(passage) == 1
    alone, others = np.flatnonzero(is_alone), np.flatnonzero(~is_alone)
    place, _ = number_runs(start.take(others), end.take(others))
    firsts, sizes, places = _group_evidence(passage.take(others), rule.take(others), place, hit.take(others))
    # A group is a rule in a passage; its places lie side by side in rows.
    rows = np.concatenate([alone, others.take(places)])
    begins = np.concatenate([np.arange(len(alone)), len(alone) + np.cumsum(sizes) - sizes])
    sizes = np.concatenate([np.ones(len(alone), np.int64), sizes])
    firsts = np.concatenate([alone, others.take(firsts)])
    first_rule = _heap(np.bincount(passage.take(firsts), minlength=n_passages))
    order = np.empty(len(firsts), np.int64)
    order[first_rule.take(passage.take(alone))] = np.arange(len(alone))
    several = passage.take(firsts[len(alone) :])
    within = np.arange(len(several)) - np.searchsorted(several, several)
    order[first_rule.take(several) + within] = len(alone) + np.arange(len(several))
    sizes = sizes.take(order)
    taken = rows.take(np.repeat(begins.take(order) - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(rows)))
    return first_rule, rule.take(firsts.take(order)), _heap(sizes), start.take(taken), end.take(taken)


def _group_evidence(
    passage: Integers, rule: Integers, place: Integers, hit: Integers
) -> tuple[Integers, Integers, Integers]:
    """Return a row of each rule in each passage, and its places: how many, and the row of each.

    Rows are given in the order of the text. Rules stand by passage and in the order of their first words; each place
    once, and in the order of the text.
    """
    order = sort_rows(passage, rule)
    passage, rule, place, hit = (column.take(order) for column in (passage, rule, place, hit))
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (passage[1:] != passage[:-1]) | (rule[1:] != rule[:-1])
    is_other = is_new.copy()
    is_other[1:] |= place[1:] != place[:-1]
    firsts = np.flatnonzero(is_new)
    earliest = np.minimum.reduceat(hit, firsts) if len(firsts) else firsts
    group = np.cumsum(is_new) - 1
    by_place = sort_rows(passage[firsts], place[firsts], earliest)
    sizes = np.bincount(group[is_other], minlength=len(firsts))[by_place]
    # Places stand by group; put the groups into the order of their first words.
    kept = np.flatnonzero(is_other)
    begin = np.flatnonzero(is_new[kept])[by_place]
    taken = kept[np.repeat(begin - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(kept))]
    return order[firsts[by_place]], sizes, order[taken]


def _heap(sizes: Integers) -> Integers:
    """Return where stretches of some sizes begin behind one another, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _list_places(matches: Matches, origin: Integers) -> tuple[Integers, Integers, Integers]:
    """Return hit, start and end of the words of hits, in the order of the text: of several terms one row each."""
    columns = [np.arange(len(matches.sentence), dtype=np.int64), matches.sentence, matches.start, matches.end]
    if matches.parts:
        single = np.ones(len(matches.sentence), dtype=bool)
        single[list(matches.parts)] = False
        more = [(row, *place) for row, places in matches.parts.items() for place in places]
        added = np.array(more, dtype=np.int64).T
        columns = [np.concatenate([column[single], other]) for column, other in zip(columns, added, strict=True)]
        order = sort_rows(*columns[1:], columns[0])
        columns = [column.take(order) for column in columns]
    hit, sentence, start, end = columns
    origin = origin.take(sentence)
    return hit, start + origin, end + origin


def sort_rows(*columns: Integers) -> Integers:
    """Return the order of rows by the first column, then the second …; all numbers are from 0."""
    key, size = columns[0], int(columns[0].max(initial=0)) + 1
    for column in columns[1:]:
        width = int(column.max(initial=0)) + 1
        size *= width
        if size > _LARGEST:
            return np.lexsort(columns[::-1])
        key = key * width + column
    n_bits = len(key).bit_length()
    if size > _LARGEST >> n_bits:
        return np.argsort(key, kind="stable")
    # To sort numbers is much faster than to find their order; with the row in them, they are all different.
    order: Integers = np.sort((key << n_bits) | np.arange(len(key)))
    order &= (1 << n_bits) - 1
    return order


def slices_of(transcript: Integers, n_transcripts: int) -> Iterable[slice]:
    """Return the rows of each transcript, given the transcript of each row, ascending."""
    edges = np.searchsorted(transcript, np.arange(n_transcripts + 1)).tolist()
    return [slice(first, last) for first, last in pairwise(edges)]
