"""Ids of segments over corrections: a segment that still means the same text keeps its id."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.anchoring.placing import Alignment
from qualcode.model import UNITS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qualcode.anchoring.words import Words
    from qualcode.model import Segment, Transcript

_SAME = 0.5
"""More than this of the words of either segment must be in the other for the two to be one."""
_ORIGIN = 0.2
"""Of a segment's words that come from an old one for that to count as its origin."""


def carry_ids(
    old: Transcript, new: Transcript, *, used: Collection[str] = (), alignment: Alignment | None = None
) -> Transcript:
    """Return a corrected transcript whose segments have the ids of those that meant the same text.

    Parameters
    ----------
    old, new
        The transcript before and after.
    used
        Ids that earlier versions used; those of ``old`` need not be named. A new segment gets none of them.
    alignment
        The alignment of the two texts, when it is at hand.
    """
    return trace_segments(old, new, used=used, alignment=alignment)[0]


def trace_segments(
    old: Transcript, new: Transcript, *, used: Collection[str] = (), alignment: Alignment | None = None
) -> tuple[Transcript, dict[str, frozenset[str]]]:
    """Do as :func:`carry_ids`, and tell where the words of each segment come from.

    Returns
    -------
    tuple
        The transcript, and for each id in it the old segments that a fifth or more of its words come from.
    """
    alignment = alignment or Alignment(old.text, new.text)
    ids: dict[Segment, str] = {}
    origins: dict[str, frozenset[str]] = {}
    for kind in UNITS:
        before, after = old.units(kind), new.units(kind)
        shared = _count_shared(alignment, before, after)
        sizes = _count_words(alignment.old_words, before), _count_words(alignment.new_words, after)
        kept = _match(shared, *sizes)
        fresh = iter(_Numbers(kind[0], [*used, *(segment.id for segment in old.segments)]))
        for place, segment in enumerate(after):
            ids[segment] = before[kept[place]].id if place in kept else next(fresh)
            origins[ids[segment]] = frozenset(
                before[one].id
                for (one, other), n in shared.items()
                if other == place and n >= _ORIGIN * sizes[1][place]
            )
    return replace(new, segments=tuple(replace(segment, id=ids[segment]) for segment in new.segments)), origins


class _Numbers:
    """Ids that were never used: ``s0042``, ``s0043`` and so on.

    Parameters
    ----------
    letter
        What they begin with.
    used
        Ids that were used.
    """

    def __init__(self, letter: str, used: Collection[str]) -> None:
        found = [match[1] for one in used if (match := re.fullmatch(rf"{letter}(\d+)", one))]
        self._letter = letter
        self._last = max(map(int, found), default=0)
        self._width = max(map(len, found), default=4 if letter == "s" else 3)

    def __iter__(self) -> _Numbers:
        return self

    def __next__(self) -> str:
        self._last += 1
        return f"{self._letter}{self._last:0{self._width}}"


def _homes(words: Words, segments: Sequence[Segment]) -> list[int]:
    """Return for each word the place of the segment that it lies in, or -1; segments of one kind do not overlap."""
    homes = []
    at = 0
    for start in words.starts:
        while at < len(segments) and segments[at].span.end <= start:
            at += 1
        homes.append(at if at < len(segments) and segments[at].span.start <= start else -1)
    return homes


def _count_words(words: Words, segments: Sequence[Segment]) -> list[int]:
    sizes = [0] * len(segments)
    for home in _homes(words, segments):
        if home >= 0:
            sizes[home] += 1
    return sizes


def _count_shared(
    alignment: Alignment, before: Sequence[Segment], after: Sequence[Segment]
) -> dict[tuple[int, int], int]:
    """Return how many words each pair of an old and a new segment has in common."""
    homes = _homes(alignment.new_words, after)
    shared: dict[tuple[int, int], int] = {}
    for home, partner in zip(_homes(alignment.old_words, before), alignment.partner, strict=True):
        if home >= 0 and partner >= 0 and homes[partner] >= 0:
            pair = home, homes[partner]
            shared[pair] = shared.get(pair, 0) + 1
    return shared


def _match(shared: Mapping[tuple[int, int], int], before: Sequence[int], after: Sequence[int]) -> dict[int, int]:
    """Return for new segments the old ones that they are: more than half of either is in the other."""
    return {
        other: one
        for (one, other), n_words in shared.items()
        if n_words > _SAME * before[one] and n_words > _SAME * after[other]
    }
