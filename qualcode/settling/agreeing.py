"""Which words an agreed coding has, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.model import Coding, Evidence, Span
from qualcode.passages import trim
from qualcode.settling.marks import join_coders

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from qualcode.axis import Axis
    from qualcode.settling.judging import Verdict
    from qualcode.settling.marks import Marks

    Integers = NDArray[np.int64]
    Bounds = tuple[int, int]

AGREED = "agreed"
"""Stands for a coder's name where agreed codings are asked for or held, and for how they came about."""

_NOTES = "; "


class _Passage(NamedTuple):
    """What a coding covers of one unit: its place on the axis, numbers of coding and coder, and the whole coding's."""

    start: int
    end: int
    coding: int
    coder: int
    whole: Bounds


@dataclass(slots=True)
class _Piece:
    """Words that count, in one unit or across several: their place on the axis, whose codings they are, and who."""

    start: int
    end: int
    sources: set[int]
    coders: set[int] = field(default_factory=set)

    def unite(self, other: _Piece) -> None:
        """Take in a piece of the same words, or of those that follow."""
        self.end = other.end
        self.sources |= other.sources
        self.coders |= other.coders


def agree(axis: Axis, marks: Marks, verdict: Verdict, words: Integers) -> list[Coding]:
    """Return the codings that count.

    In a unit that one person read, that person's passages count; where several did, the words that all of them
    marked, or each one's passage when they have no word in common; where only the consensus gave the code, its
    passages. What counts of one coding in neighbouring units is one coding. A coding all of which counts, by itself,
    remains the same object.
    """
    is_of_person = marks.is_of_person
    by_all = np.isin(marks.cell, verdict.agreed)
    rows = np.flatnonzero(by_all == is_of_person)  # of cells that all gave, people's passages; of others, the holders'
    writer = _Writer(axis, marks)
    alike = _find_alike(marks, rows[is_of_person[rows]])
    is_done = np.zeros(len(marks.codings), dtype=bool)
    is_done[[number for numbers in alike for number in numbers]] = True
    pieces = _join_pieces(axis, marks, rows[~is_done[marks.coding[rows]]], words)
    whole = [writer.unite(numbers) for numbers in alike]
    written = [writer.write(piece) for piece in pieces]
    # What is left of a passage may be another one of the same coder's.
    known = {(one.transcript, one.span, one.code, one.coder) for one in whole} if written else set()
    written = [one for one in written if (one.transcript, one.span, one.code, one.coder) not in known]
    return sorted([*whole, *written], key=lambda coding: coding.coder)


def _find_alike(marks: Marks, rows: Integers) -> list[list[int]]:
    """Return codings that count as they are: those of one stretch and code, which coincide in every unit they touch.

    Either one coder alone gave the code there, or each coder gave it to this very passage and to no other. This spares
    most codings the way word by word.
    """
    number = _number_stretches(marks)
    cells, place, n_rows = np.unique(marks.cell[rows], return_inverse=True, return_counts=True)
    n_coders = _count_different(place, marks.who[rows], len(cells))
    n_stretches = _count_different(place, number[marks.coding[rows]], len(cells))
    is_plain = (n_coders == 1) | ((n_stretches == 1) & (n_coders == n_rows))
    n_plain = np.bincount(marks.coding[rows][is_plain[place]], minlength=len(marks.codings))
    whole = np.flatnonzero((n_plain > 0) & (n_plain == np.bincount(marks.coding, minlength=len(marks.codings))))
    whole = whole[np.lexsort((marks.coder[whole], number[whole]))]
    lines = zip(whole.tolist(), number[whole].tolist(), marks.coder[whole].tolist(), strict=True)
    found: list[list[int]] = []
    before = (-1, -1)
    for coding, stretch, coder in lines:
        if stretch == before[0] and coder != before[1]:
            found[-1].append(coding)
        else:
            found.append([coding])
        before = (stretch, coder)
    return found


def _number_stretches(marks: Marks) -> Integers:
    """Return, for each coding, the number of its passage and code: one for all coders'."""
    order = np.lexsort((marks.code, marks.end, marks.start))
    columns = np.stack([marks.start, marks.end, marks.code])[:, order]
    is_new = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(np.concatenate([[0], is_new]))[: len(order)]
    return number


def _count_different(place: Integers, thing: Integers, n_places: int) -> Integers:
    """Return how many different things there are in each place."""
    width = int(thing.max(initial=0)) + 1
    return np.bincount(np.unique(place * width + thing) // width, minlength=n_places).astype(np.int64)


def _join_pieces(axis: Axis, marks: Marks, rows: Integers, words: Integers) -> list[_Piece]:
    """Return what counts of codings, where one goes on into the next unit in one piece."""
    givers = _find_givers(marks, rows)
    starts, ends = axis.starts.tolist(), axis.ends.tolist()
    done: list[_Piece] = []
    before: list[_Piece] = []
    at = (-1, -1)
    for code, unit, passages in _walk_cells(marks, rows):
        pieces = _choose_pieces(passages, words)
        for number, piece in enumerate(pieces):
            piece.coders = {int(marks.coder[source]) for source in piece.sources} | givers.get((code, unit), set())
            if at == (code, unit - 1) and piece.start == starts[unit]:
                pieces[number] = _go_on(before, ends[unit - 1], piece)
        done += [piece for piece in before if not any(piece is one for one in pieces)]
        before, at = pieces, (code, unit)
    return _unite_alike([*done, *before], marks)


def _unite_alike(pieces: Iterable[_Piece], marks: Marks) -> list[_Piece]:
    """Return each stretch with a code once."""
    found: dict[tuple[int, int, str], _Piece] = {}
    for piece in pieces:
        key = (piece.start, piece.end, marks.codings[next(iter(piece.sources))].code)
        if key in found:
            found[key].unite(piece)
        else:
            found[key] = piece
    return list(found.values())


def _walk_cells(marks: Marks, rows: Integers) -> Iterator[tuple[int, int, list[_Passage]]]:
    """Yield code, unit, and the passages in it: start, end, and numbers of the coding and its coder."""
    code, unit, who = marks.cell[rows] % marks.n_codes, marks.unit[rows], marks.who[rows]
    rows = rows[np.lexsort((marks.to[rows], marks.from_[rows], who, unit, code))]
    starts, ends = marks.start[marks.coding[rows]].tolist(), marks.end[marks.coding[rows]].tolist()
    columns = (column[rows].tolist() for column in (marks.cell, marks.from_, marks.to, marks.coding, marks.who))
    lines = zip(*columns, zip(starts, ends, strict=True), strict=True)
    for cell, group in groupby(lines, key=lambda line: line[0]):
        yield cell % marks.n_codes, cell // marks.n_codes, [_Passage(*line[1:]) for line in group]


def _find_givers(marks: Marks, rows: Integers) -> dict[tuple[int, int], set[int]]:
    """Return, by code and unit, the people who gave what the consensus settled for."""
    settled = np.unique(marks.cell[rows][~marks.is_of_person[rows]])
    given = np.flatnonzero(marks.is_of_person & np.isin(marks.cell, settled))
    found: dict[tuple[int, int], set[int]] = {}
    for cell, who in zip(marks.cell[given].tolist(), marks.who[given].tolist(), strict=True):
        found.setdefault((cell % marks.n_codes, cell // marks.n_codes), set()).add(who)
    return found


def _go_on(before: Sequence[_Piece], end: int, piece: _Piece) -> _Piece:
    """Return a piece united with that of the unit before, which ends at ``end``, whose coding goes on in it."""
    found = [one for one in before if one.end == end and one.sources & piece.sources]
    if not found:
        return piece
    one = min(found, key=lambda one: (one.sources != piece.sources, one.start))  # whoever it is of
    one.unite(piece)
    return one


def _choose_pieces(passages: Sequence[_Passage], words: Integers) -> list[_Piece]:
    """Return which words of a unit an agreed code is on: passages that all marked alike, and what others share."""
    by_coder: dict[int, dict[Bounds, _Passage]] = {}
    for one in passages:
        by_coder.setdefault(one.coder, {})[one.whole] = one
    everybody = list(by_coder.values())
    alike = set(everybody[0]).intersection(*everybody[1:])
    pieces = [_unite_passages([own[whole] for own in everybody]) for whole in sorted(alike)]
    if all(len(own) == len(alike) for own in everybody):
        return pieces
    taken = {(piece.start, piece.end) for piece in pieces}
    common = reduce(_intersect, [{(one.start, one.end) for one in own.values()} for own in everybody])
    shared = {bounds for bounds in common if np.diff(np.searchsorted(words, bounds))[0]}
    more = sorted(_keep_widest(taken | shared) - taken)
    pieces += [_Piece(*bounds, _find_sources(bounds, passages)) for bounds in more]
    return pieces or [_unite_passages([one]) for one in passages]


def _unite_passages(alike: Sequence[_Passage]) -> _Piece:
    return _Piece(alike[0].start, alike[0].end, {one.coding for one in alike})


def _find_sources(bounds: Bounds, passages: Sequence[_Passage]) -> set[int]:
    """Return the codings that a piece is of: of each coder those with its very bounds, else those around it."""
    alike = [one for one in passages if (one.start, one.end) == bounds]
    done = {one.coder for one in alike}
    around = [one for one in passages if one.coder not in done and one.start <= bounds[0] and bounds[1] <= one.end]
    return {one.coding for one in (*alike, *around)}


def _intersect(some: Collection[Bounds], others: Collection[Bounds]) -> set[Bounds]:
    """Return what passages have in common with others, without what lies in another such stretch."""
    pairs = ((max(one[0], other[0]), min(one[1], other[1])) for one in some for other in others)
    return _keep_widest({(start, end) for start, end in pairs if start < end})


def _keep_widest(stretches: Iterable[Bounds]) -> set[Bounds]:
    kept: set[Bounds] = set()
    furthest = -1
    for start, end in sorted(stretches, key=lambda one: (one[0], -one[1])):
        if end > furthest:
            kept.add((start, end))
            furthest = end
    return kept


class _Writer:
    """Pieces → codings."""

    def __init__(self, axis: Axis, marks: Marks) -> None:
        self.axis, self.marks = axis, marks
        # What counts of a coding at most: a speaker label at its edge is in no unit.
        self.from_ = np.full(len(marks.codings), np.iinfo(np.int64).max)
        self.to = np.zeros(len(marks.codings), dtype=np.int64)
        np.minimum.at(self.from_, marks.coding, marks.from_)
        np.maximum.at(self.to, marks.coding, marks.to)

    def unite(self, numbers: Sequence[int]) -> Coding:
        """Return codings of one passage as one of all their coders."""
        if len(numbers) == 1:
            return self.marks.codings[numbers[0]]
        sources = [self.marks.codings[number] for number in numbers]
        return self._make(sources, sources[0].span, join_coders(coding.coder for coding in sources))

    def write(self, piece: _Piece) -> Coding:
        """Return a piece as a coding of all who gave it."""
        sources = [self.marks.codings[number] for number in sorted(piece.sources)]
        coder = join_coders(self.marks.names[number] for number in sorted(piece.coders))
        transcript, base = self.axis.bases[sources[0].transcript]
        span = self._find_span(piece, transcript.text, base)
        if len(sources) == 1 and span == sources[0].span:
            return sources[0] if coder == sources[0].coder else replace(sources[0], coder=coder)
        return self._make(sources, span, coder)

    def _make(self, sources: Sequence[Coding], span: Span, coder: str) -> Coding:
        first = sources[0]
        is_alike = all(coding.verdict == first.verdict for coding in sources)
        return Coding(
            first.transcript,
            span,
            first.code,
            coder,
            first.verdict if is_alike else "applied",
            first.quote if span == first.span else self.axis.bases[first.transcript][0].quote(span),
            _unite_evidence(sources, span) if any(coding.evidence for coding in sources) else (),
            AGREED,
            _unite_notes(sources) if any(coding.note for coding in sources) else "",
            max(coding.at for coding in sources),
        )

    def _find_span(self, piece: _Piece, text: str, base: int) -> Span:
        numbers = sorted(piece.sources)
        spans = {self.marks.codings[number].span for number in numbers}
        if len(spans) == 1 and (self.from_[numbers[0]], self.to[numbers[0]]) == (piece.start, piece.end):
            return spans.pop()
        span = Span(piece.start - base, piece.end - base)
        return trim(text, span) or span


def _unite_evidence(sources: Sequence[Coding], span: Span) -> tuple[Evidence, ...]:
    """Return why rules coded what is left of passages, each reason once, in the order of the text."""
    found = dict.fromkeys(
        Evidence(one.rule, spans)
        for coding in sources
        for one in coding.evidence
        if (spans := tuple(place for place in one.spans if place.overlaps(span)))
    )
    return tuple(sorted(found, key=lambda one: one.spans))


def _unite_notes(sources: Sequence[Coding]) -> str:
    """Return the remarks of several coders, each with its author when there is more than one."""
    notes = dict.fromkeys((coding.coder, coding.note) for coding in sources if coding.note)
    if len({note for _, note in notes}) <= 1:
        return next(iter(notes), ("", ""))[1]
    return _NOTES.join(f"{coder}: {note}" for coder, note in notes)
