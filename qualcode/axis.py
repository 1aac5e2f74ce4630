"""Transcripts behind one another on one axis: where their segments lie there, which a span touches, which were seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.model import Coding, SegmentColumns, Sheet, Transcript, Unit

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """The segments of one kind of several transcripts, numbered through all of them.

    Attributes
    ----------
    kind
        What segments they are.
    bases
        Each transcript by its id, with the place on the axis at which its text begins.
    rows
        The numbers of each transcript's.
    starts, ends
        Where they lie on the axis: ascending, and never overlapping.
    """

    kind: Unit
    bases: Mapping[str, tuple[Transcript, int]]
    rows: Mapping[str, slice]
    starts: Integers
    ends: Integers

    def locate(self, codings: Sequence[Coding]) -> tuple[Integers, Integers]:
        """Return where codings start and end on the axis."""
        base = np.array([self.bases[one.transcript][1] for one in codings], dtype=np.int64)
        starts = np.array([one.span.start for one in codings], dtype=np.int64)
        ends = np.array([one.span.end for one in codings], dtype=np.int64)
        return starts + base, ends + base

    def touch(self, starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
        """Return the first segment with which each span shares a character, and with how many it does."""
        return touch(self.starts, self.ends, starts, ends)

    def seen(self, sheet: Sheet) -> Booleans:
        """Tell which segments of its transcript the coder of a sheet looked at; see :func:`find_seen`."""
        return find_seen(self.bases[sheet.transcript][0], self.kind, sheet)


def lay_axis(transcripts: Iterable[Transcript], kind: Unit) -> Axis:
    """Lay transcripts behind one another, in their order.

    Raises
    ------
    ValueError
        If segments of a transcript overlap or are out of order.
    """
    bases: dict[str, tuple[Transcript, int]] = {}
    rows: dict[str, slice] = {}
    found: list[tuple[Integers, Integers]] = []
    base = number = 0
    for transcript in transcripts:
        from_, to = edges(transcript.columns(kind))
        bases[transcript.id] = (transcript, base)
        rows[transcript.id] = slice(number, number + len(from_))
        found.append((from_ + base, to + base))
        number += len(from_)
        base += len(transcript.text) + 1
    starts, ends = (concatenate([one[side] for one in found]) for side in (0, 1))
    if (starts[1:] < ends[:-1]).any():
        raise ValueError(f"the {kind}s of a transcript overlap or are out of order")
    return Axis(kind, bases, rows, starts, ends)


def find_seen(transcript: Transcript, kind: Unit, sheet: Sheet) -> Booleans:
    """Tell which segments of one kind of a transcript the coder of a sheet looked at.

    A segment of another kind than the coder worked on is seen when every segment of the coder's kind with which it
    shares a character is: all those inside it, or the one around it.
    """
    theirs = transcript.columns(sheet.unit)
    is_seen = np.fromiter((one in sheet.seen for one in theirs.ids), bool, len(theirs))
    if kind == sheet.unit:
        return is_seen
    first, count = touch(*edges(theirs), *edges(transcript.columns(kind)))
    n_seen = np.cumsum([0, *is_seen])
    last = np.minimum(first + count, len(theirs))
    seen_here: Integers = n_seen[last] - n_seen[last - count]
    found: Booleans = (count > 0) & (seen_here == count)
    return found


def concatenate(parts: Sequence[Integers]) -> Integers:
    """Return columns of whole numbers behind one another."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def edges(columns: SegmentColumns) -> tuple[Integers, Integers]:
    """Return start and end of each segment in its transcript."""
    return np.asarray(columns.starts, dtype=np.int64), np.asarray(columns.ends, dtype=np.int64)


def touch(starts: Integers, ends: Integers, from_: Integers, to: Integers) -> tuple[Integers, Integers]:
    """Return, for spans ``from_``–``to``, the first of the ascending stretches touched and how many are."""
    first = np.searchsorted(ends, from_, side="right")
    last = np.searchsorted(starts, to, side="left")
    return first.astype(np.int64), np.maximum(last - first, 0).astype(np.int64)


def spread(first: Integers, count: Integers) -> tuple[Integers, Integers]:
    """Return a row for each segment that a span touches: numbers of the span and of the segment."""
    span = np.repeat(np.arange(len(first), dtype=np.int64), count)
    within = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
    return span, np.repeat(first, count) + within


@dataclass(frozen=True, slots=True, eq=False)
class Placements:
    """Spans on counting units: a row for each span and each unit with which it shares a character, by span and unit.

    Attributes
    ----------
    span, unit
        Their numbers.
    first_word, last_word
        Which words of the axis the span covers in the unit (half-open).
    """

    span: Integers
    unit: Integers
    first_word: Integers
    last_word: Integers

    def find_homes(self, is_interviewer: Booleans) -> tuple[Integers, Integers]:
        """Return the unit under which each span stands, and its words in units of that kind.

        That is the first interviewee's unit that it touches, or the first of all.

        Parameters
        ----------
        is_interviewer
            Of each unit.
        """
        asks = is_interviewer[self.unit]
        best = self.first_rows
        answers = np.flatnonzero(~asks)
        span = self.span[answers]
        is_first = np.ones(len(span), bool)
        is_first[1:] = span[1:] != span[:-1]
        best[span[is_first]] = answers[is_first]
        same_kind = asks == asks[best][self.span]
        words = (self.last_word - self.first_word)[same_kind]
        n_words = np.bincount(self.span[same_kind], weights=words, minlength=len(best))
        return self.unit[best], n_words.astype(np.int64)

    @property
    def first_rows(self) -> Integers:
        """The first row of each span, of which each touches a unit."""
        is_first = np.ones(len(self.span), bool)
        is_first[1:] = self.span[1:] != self.span[:-1]
        return np.flatnonzero(is_first)


def place(
    starts: Integers, ends: Integers, from_: Integers, to: Integers, count: Callable[[Integers], Integers]
) -> Placements:
    """Lay spans ``from_``–``to`` on the counting units ``starts``–``ends``.

    Parameters
    ----------
    starts, ends, from_, to
        Places on the axis.
    count
        Returns how many words of the axis begin before places.
    """
    span, unit = spread(*touch(starts, ends, from_, to))
    first = count(np.maximum(from_[span], starts[unit]))
    last = count(np.minimum(to[span], ends[unit]))
    return Placements(span, unit, first, last)


def meet(left: Integers, right: Integers, first: Integers, last: Integers, reach: int) -> tuple[Integers, Integers]:
    """Return the pairs whose stretches ``first``–``last``, both inclusive, are at most ``reach`` apart."""
    order = right[np.argsort(first[right], kind="stable")]
    from_, furthest = first[order], np.maximum.accumulate(last[order]) if len(order) else last[order]
    low = np.searchsorted(furthest, first[left] - reach, side="left")
    high = np.searchsorted(from_, last[left] + reach, side="right")
    row, place = spread(low.astype(np.int64), np.maximum(high - low, 0).astype(np.int64))
    a, b = left[row], order[place]
    kept = last[b] >= first[a] - reach
    a, b = a[kept], b[kept]
    sort = np.lexsort((b, a))
    return a[sort], b[sort]
