"""Finding passages again in a corrected text.

Old and new text are aligned word by word: first at runs of words that occur once in each, then in the gaps between
these. A passage goes where its words went; how sure that is depends on how many of them were found, above all at the
edges.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from qualcode.model import UNITS, Segment, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.model import Transcript

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\w\s]")
_SAME = {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-"}

_RUNS = (6, 4, 2, 1)
"""Lengths of the runs of words that serve as anchors, one after the other."""
_LARGEST_GAP = 400
"""Words on one side of a gap that is still compared word against word."""
_SURE_SHARE = 0.6
"""Of a passage's words that must be found again for it to be sure of its place."""
_LEAST_SHARE = 0.34
"""Of a passage's words that must be found for its place to be a guess worth making."""
_LONG = 5
"""Words of a passage that needs no neighbour to be sure."""
_GROWTH = 2.0
_FEW = 3
"""A passage may have grown to so many times its words and these more, and lose these at an edge, and still be sure."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def _words(text: str) -> list[_Word]:
    return [_Word(_fold(found[0]), found.start(), found.end()) for found in _WORD.finditer(text)]


def _fold(word: str) -> str:
    return _SAME.get(word) or unicodedata.normalize("NFKC", word).casefold()


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a passage went.

    Attributes
    ----------
    span
        Its new place; ``None`` when nothing of it is left.
    is_sure
        Whether nobody needs to look.
    """

    span: Span | None
    is_sure: bool


@dataclass
class Alignment:
    """Which words of a new text are which of the old one.

    Parameters
    ----------
    old, new
        The texts.
    """

    old: str
    new: str
    _old_words: list[_Word] = field(init=False, repr=False)
    _new_words: list[_Word] = field(init=False, repr=False)
    _partner: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._old_words, self._new_words = _words(self.old), _words(self.new)
        self._partner = [-1] * len(self._old_words)
        self._align()

    def _align(self) -> None:
        ones = [word.text for word in self._old_words]
        others = [word.text for word in self._new_words]
        first, last = 0, min(len(ones), len(others))
        while first < last and ones[first] == others[first]:
            self._partner[first] = first
            first += 1
        n_same_end = 0
        while n_same_end < last - first and ones[-1 - n_same_end] == others[-1 - n_same_end]:
            self._partner[len(ones) - 1 - n_same_end] = len(others) - 1 - n_same_end
            n_same_end += 1
        gaps = [(first, len(ones) - n_same_end, first, len(others) - n_same_end)]
        for n_words in _RUNS:
            gaps = [part for gap in gaps for part in self._anchor(ones, others, gap, n_words)]
        for low, high, start, end in gaps:
            if high - low <= _LARGEST_GAP and end - start <= _LARGEST_GAP:
                matcher = SequenceMatcher(None, ones[low:high], others[start:end], autojunk=False)
                for one, other, size in matcher.get_matching_blocks():
                    for step in range(size):
                        self._partner[low + one + step] = start + other + step

    def _anchor(
        self, ones: Sequence[str], others: Sequence[str], gap: tuple[int, int, int, int], n_words: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """Pair the runs of words that are unique in both sides of a gap; yield the gaps that are left."""
        low, high, start, end = gap
        if low >= high or start >= end:
            return
        left, right = _unique_runs(ones, low, high, n_words), _unique_runs(others, start, end, n_words)
        pairs = _longest_rise([(left[run], right[run]) for run in left if run in right])
        at, to = low, start
        for one, other in pairs:
            if one < at or other < to:
                continue
            first, second = one, other
            while first > at and second > to and ones[first - 1] == others[second - 1]:
                first, second = first - 1, second - 1
            if first > at and second > to:
                yield at, first, to, second
            at, to = first, second
            while at < high and to < end and ones[at] == others[to]:
                self._partner[at] = to
                at, to = at + 1, to + 1
        if at < high and to < end:
            yield at, high, to, end

    def move(self, span: Span) -> Moved:
        """Return where a passage of the old text is in the new one."""
        low = bisect_right(self._old_words, span.start, key=_end_of)
        high = bisect_left(self._old_words, span.end, key=_start_of)
        found = [word for word in range(low, high) if self._partner[word] >= 0]
        if len(found) < _LEAST_SHARE * (high - low) or not found:
            return self._find_elsewhere(span, high - low)
        first, is_start_sure = self._start(low, found[0])
        last, is_end_sure = self._end(high - 1, found[-1])
        start, end = self._new_words[first].start, self._new_words[last].end
        if self._partner[low] == first:  # a passage may begin or end inside a word
            start = min(start + max(0, span.start - self._old_words[low].start), end - 1)
        if self._partner[high - 1] == last:
            end = max(end - max(0, self._old_words[high - 1].end - span.end), start + 1)
        if self.new[start:end] == self.old[span.start : span.end]:
            is_sure = True
        else:
            is_sure = is_start_sure and is_end_sure and len(found) >= _SURE_SHARE * (high - low)
            is_sure = is_sure and last - first + 1 <= _GROWTH * (high - low) + _FEW
        return Moved(Span(start, end), is_sure=is_sure and (high - low >= _LONG or self._has_neighbour(low, high)))

    def _start(self, low: int, first_found: int) -> tuple[int, bool]:
        """Return the new word at which a passage begins whose first words, from ``low``, may have been changed."""
        at = self._partner[first_found]
        n_lost = first_found - low
        if n_lost == 0:
            return at, True
        before = self._partner[low - 1] + 1 if low > 0 and self._partner[low - 1] >= 0 else 0 if low == 0 else -1
        if before < 0:
            return max(at - n_lost, 0), False
        return before, at - before in {0, n_lost} and n_lost <= _FEW

    def _end(self, high: int, last_found: int) -> tuple[int, bool]:
        """Return the new word with which a passage ends whose last words, up to ``high``, may have been changed."""
        at = self._partner[last_found]
        n_lost = high - last_found
        if n_lost == 0:
            return at, True
        is_last = high == len(self._old_words) - 1
        after = len(self._new_words) if is_last else self._partner[high + 1]
        if after < 0:
            return min(at + n_lost, len(self._new_words) - 1), False
        return after - 1, after - 1 - at in {0, n_lost} and n_lost <= _FEW

    def _has_neighbour(self, low: int, high: int) -> bool:
        """Tell whether a word right before or after a short passage went along with it."""
        before = low > 0 and self._partner[low - 1] >= 0 and self._partner[low] - self._partner[low - 1] == 1
        is_inside = 0 <= high < len(self._old_words)
        return before or (is_inside and self._partner[high] >= 0 and self._partner[high] - self._partner[high - 1] == 1)

    def _find_elsewhere(self, span: Span, n_words: int) -> Moved:
        """Look for a passage whose surroundings are gone: it may have been cut out and put in elsewhere."""
        quote = self.old[span.start : span.end]
        at = self.new.find(quote)
        if at < 0:
            return Moved(None, is_sure=False)
        is_only = self.new.find(quote, at + 1) < 0 and self.old.count(quote) == 1
        return Moved(Span(at, at + len(quote)), is_sure=is_only and n_words >= _LONG)

    def count_shared(self, old: Sequence[Segment], new: Sequence[Segment]) -> dict[tuple[int, int], int]:
        """Return how many words each pair of an old and a new segment has in common, by their positions."""
        homes = _homes(self._new_words, new)
        shared: dict[tuple[int, int], int] = {}
        for word, home in enumerate(_homes(self._old_words, old)):
            partner = self._partner[word]
            if home >= 0 and partner >= 0 and homes[partner] >= 0:
                pair = home, homes[partner]
                shared[pair] = shared.get(pair, 0) + 1
        return shared

    def count_words(self, old: Sequence[Segment], new: Sequence[Segment]) -> tuple[list[int], list[int]]:
        """Return how many words each old and each new segment has."""
        counts = []
        for words, segments in ((self._old_words, old), (self._new_words, new)):
            sizes = [0] * len(segments)
            for home in _homes(words, segments):
                if home >= 0:
                    sizes[home] += 1
            counts.append(sizes)
        return counts[0], counts[1]


def _start_of(word: _Word) -> int:
    return word.start


def _end_of(word: _Word) -> int:
    return word.end


def _homes(words: Sequence[_Word], segments: Sequence[Segment]) -> list[int]:
    """Return for each word the position of the segment that it lies in, or -1; segments do not overlap."""
    homes = []
    at = 0
    for word in words:
        while at < len(segments) and segments[at].span.end <= word.start:
            at += 1
        homes.append(at if at < len(segments) and segments[at].span.start <= word.start else -1)
    return homes


def _unique_runs(words: Sequence[str], low: int, high: int, n_words: int) -> dict[tuple[str, ...], int]:
    """Return the runs of words that occur once in a stretch, with their places."""
    places: dict[tuple[str, ...], int] = {}
    for at in range(low, high - n_words + 1):
        run = tuple(words[at : at + n_words])
        places[run] = -1 if run in places else at
    return {run: at for run, at in places.items() if at >= 0}


def _longest_rise(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of pairs that rises on both sides."""
    pairs.sort()
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, value) in enumerate(pairs):
        at = bisect_left(tails, value)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [number]
    rise = []
    at = ends[-1] if ends else -1
    while at >= 0:
        rise.append(pairs[at])
        at = before[at]
    return rise[::-1]


_SAME_SHARE = 0.5
"""Of a segment's words that must be the same for it to keep its id."""


def keep_ids(alignment: Alignment, old: Transcript, new: Transcript) -> tuple[Transcript, dict[str, frozenset[str]]]:
    """Give the segments of a corrected transcript the ids of those that meant the same text.

    Returns
    -------
    tuple
        The transcript, and for each id in it the old segments that its words come from. New segments get numbers
        that were never used.
    """
    segments: list[Segment] = []
    origins: dict[str, frozenset[str]] = {}
    for unit in UNITS:
        before, after = old.units(unit), new.units(unit)
        shared = alignment.count_shared(before, after)
        sizes_before, sizes_after = alignment.count_words(before, after)
        kept = _match(shared, sizes_before, sizes_after)
        letter, width = unit[0], max((len(one.id) for one in before), default=4) - 1
        numbers = [int(one.id[1:]) for one in before if one.id[1:].isdecimal()]
        number = max(numbers, default=0)
        for place, segment in enumerate(after):
            if place in kept:
                segment_id = before[kept[place]].id
            else:
                number += 1
                segment_id = f"{letter}{number:0{width}d}"
            segments.append(Segment(segment_id, unit, segment.span, segment.speaker, segment.time))
            origins[segment_id] = frozenset(
                before[one].id for (one, other), n in shared.items() if other == place and n * 5 >= sizes_after[place]
            )
    ranks = {unit: rank for rank, unit in enumerate(UNITS)}
    segments.sort(key=lambda one: (one.span.start, -one.span.end, ranks[one.kind]))
    return replace(new, id=old.id, segments=tuple(segments)), origins


def _match(shared: dict[tuple[int, int], int], before: list[int], after: list[int]) -> dict[int, int]:
    """Return new segment → old one for the pairs that are each other's best and share enough."""
    best_old: dict[int, tuple[int, int]] = {}
    best_new: dict[int, tuple[int, int]] = {}
    for (one, other), n in sorted(shared.items()):
        if n > best_old.get(other, (0, -1))[0]:
            best_old[other] = n, one
        if n > best_new.get(one, (0, -1))[0]:
            best_new[one] = n, other
    return {
        other: one
        for other, (n, one) in best_old.items()
        if best_new[one][1] == other and n >= _SAME_SHARE * min(before[one], after[other])
    }
