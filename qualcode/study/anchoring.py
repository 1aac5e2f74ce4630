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

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
"""Marks are no words here: they recur so often that they would be taken for one another."""
_RUNS = (6, 4, 2, 1)
"""Lengths of the runs of words that serve as anchors, one after the other."""
_LARGEST_GAP = 400
"""Words on one side of a gap that is still compared word against word."""
_SURE_SHARE = 0.6
"""Of a passage's words that must be found again for it to be sure of its place."""
_ALIKE = 0.6
"""How alike two words must be to be one, mistyped."""
_ENDS = frozenset(".!?…。！？\n")
"""Marks between two words that end a sentence."""
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
    return unicodedata.normalize("NFKC", word).casefold()


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
        self._slide()
        self._pair_similar()
        self._taken = frozenset(self._partner)

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

    def _slide(self) -> None:
        """Move what was inserted or deleted so that it begins and ends with a sentence where it could as well.

        In “[And he nodded.] And so” and “And [he nodded. And] so” the same words are new; the first is what happened.
        """
        back = [-1] * len(self._new_words)
        for one, other in enumerate(self._partner):
            if other >= 0:
                back[other] = one
        _slide_gaps(self._new_words, self.new, back)
        partner = [-1] * len(self._old_words)
        for other, one in enumerate(back):
            if one >= 0:
                partner[one] = other
        _slide_gaps(self._old_words, self.old, partner)
        self._partner = partner

    def _pair_similar(self) -> None:
        """Pair the words of a gap that differ by a typing error."""
        at = 0
        while at < len(self._partner):
            if self._partner[at] >= 0:
                at += 1
                continue
            end = at
            while end < len(self._partner) and self._partner[end] < 0:
                end += 1
            low = self._partner[at - 1] + 1 if at else 0
            high = self._partner[end] if end < len(self._partner) else len(self._new_words)
            if high > low and (end - at) * (high - low) <= _LARGEST_GAP * _FEW:
                ones = [word.text for word in self._old_words[at:end]]
                others = [word.text for word in self._new_words[low:high]]
                for one, other in _pair_words(ones, others):
                    self._partner[at + one] = low + other
            at = end

    def move(self, span: Span) -> Moved:
        """Return where a passage of the old text is in the new one."""
        low = bisect_right(self._old_words, span.start, key=_end_of)
        high = bisect_left(self._old_words, span.end, key=_start_of)
        found = [word for word in range(low, high) if self._partner[word] >= 0 and self._is_solid(word)]
        if not found:
            return self._find_elsewhere(span, high - low)
        first, is_start_sure = self._start(low, found[0])
        last, is_end_sure = self._end(high - 1, found[-1])
        start = self._trim_start(span.start, low, first)
        end = self._trim_end(span.end, high - 1, last, start)
        if self.new[start:end] == self.old[span.start : span.end]:
            is_sure = True
        else:
            is_sure = is_start_sure and is_end_sure and len(found) >= _SURE_SHARE * (high - low)
            is_sure = is_sure and last - first + 1 <= _GROWTH * (high - low) + _FEW
        is_clear = high - low >= _LONG or self._is_embedded(low, high) or self._is_only(span)
        return Moved(Span(start, end), is_sure=is_sure and is_clear)

    def _trim_start(self, old_start: int, word: int, partner: int) -> int:
        """Return where a passage begins whose first word is known: maybe inside it, or with marks before it."""
        start, before = self._new_words[partner].start, self._old_words[word].start - old_start
        if before < 0:
            is_same = self._partner[word] == partner
            return min(start - before, self._new_words[partner].end - 1) if is_same else start
        limit = self._new_words[partner - 1].end if partner else 0
        while before and start > limit and not self.new[start - 1].isspace():
            start, before = start - 1, before - 1
        return start

    def _trim_end(self, old_end: int, word: int, partner: int, start: int) -> int:
        """Return where a passage ends whose last word is known: maybe inside it, or with marks after it."""
        end, after = self._new_words[partner].end, old_end - self._old_words[word].end
        if after < 0:
            is_same = self._partner[word] == partner
            return max(end + after, start + 1) if is_same else end
        limit = self._new_words[partner + 1].start if partner + 1 < len(self._new_words) else len(self.new)
        while after and end < limit and not self.new[end].isspace():
            end, after = end + 1, after - 1
        return end

    def _start(self, low: int, first_found: int) -> tuple[int, bool]:
        """Return the new word at which a passage begins whose first words, from ``low``, are not there any more."""
        at, n_lost = self._partner[first_found], first_found - low
        before = self._partner[low - 1] if low > 0 else -1
        if n_lost == 0 or (low > 0 and before < 0):
            return at, n_lost == 0
        n_new = at - before - 1
        return (before + 1 if n_new == n_lost else at), n_new in {0, n_lost} and n_lost <= _FEW

    def _end(self, high: int, last_found: int) -> tuple[int, bool]:
        """Return the new word with which a passage ends whose last words, up to ``high``, are not there any more."""
        at, n_lost = self._partner[last_found], high - last_found
        is_last = high + 1 == len(self._old_words)
        after = len(self._new_words) if is_last else self._partner[high + 1]
        if n_lost == 0 or after < 0:
            return at, n_lost == 0
        n_new = after - at - 1
        return (after - 1 if n_new == n_lost else at), n_new in {0, n_lost} and n_lost <= _FEW

    def _is_solid(self, word: int) -> bool:
        """Tell whether the words around this one went along with it, so that it is not there by chance."""
        place, partner, taken = self._partner[word], self._partner, self._taken
        n_old, n_new = len(partner), len(self._new_words)
        before = word == 0 or partner[word - 1] >= 0
        after = word + 1 == n_old or partner[word + 1] >= 0
        new_before = place == 0 or place - 1 in taken
        new_after = place + 1 == n_new or place + 1 in taken
        return (before and new_before) or (after and new_after) or ((before or new_before) and (after or new_after))

    def _is_embedded(self, low: int, high: int) -> bool:
        """Tell whether the words right before and right after a short passage went along with it.

        Else it may be taken for another that reads the same: of two times “Yeah.” side by side, one may have gone.
        """
        partner = self._partner
        before = partner[low] == 0 if low == 0 else 0 <= partner[low - 1] == partner[low] - 1
        if high == len(partner):
            return before and partner[high - 1] == len(self._new_words) - 1
        return before and 0 <= partner[high - 1] == partner[high] - 1

    def _is_only(self, span: Span) -> bool:
        """Tell whether a passage stands once in both texts."""
        quote = self.old[span.start : span.end]
        return self.old.count(quote) == self.new.count(quote) == 1

    def _find_elsewhere(self, span: Span, n_words: int) -> Moved:
        """Look for a passage whose surroundings are gone: it may have been cut out and put in elsewhere."""
        quote = self.old[span.start : span.end]
        at = self.new.find(quote)
        if at < 0:
            return Moved(None, is_sure=False)
        return Moved(Span(at, at + len(quote)), is_sure=n_words >= _LONG and self._is_only(span))

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


def _slide_gaps(words: Sequence[_Word], text: str, partner: list[int]) -> None:
    """Slide each run of words without partner along equal words until it begins and ends with a sentence."""

    def is_border(word: int) -> bool:
        if word <= 0 or word >= len(words):
            return True
        return any(mark in _ENDS for mark in text[words[word - 1].end : words[word].start])

    at = 0
    while at < len(words):
        if partner[at] >= 0:
            at += 1
            continue
        end = at
        while end < len(words) and partner[end] < 0:
            end += 1
        start, stop = at, end
        for step in (-1, 1):
            low, high = at, end
            while not (is_border(low) and is_border(high)) and _can_slide(words, partner, low, high, step):
                low, high = low + step, high + step
            if is_border(low) and is_border(high) and (start, stop) == (at, end) and low != at:
                start, stop = low, high
        _move_run(partner, at, end, start)
        at = max(end, stop)


def _can_slide(words: Sequence[_Word], partner: Sequence[int], low: int, high: int, step: int) -> bool:
    """Tell whether a run of new words could as well stand one word further to the left or right."""
    leaving, entering = (high - 1, low - 1) if step < 0 else (low, high)
    if not 0 <= entering < len(words) or high - low > _LARGEST_GAP:
        return False
    return words[leaving].text == words[entering].text and (partner[entering] >= 0 or entering in range(low, high))


def _move_run(partner: list[int], low: int, high: int, start: int) -> None:
    """Let the run without partner begin at ``start`` instead of ``low``; the words passed over swap their partners."""
    size = high - low
    if start < low:
        partner[start + size : high] = partner[start:low]
        partner[start : start + size] = [-1] * size
    elif start > low:
        partner[low:start] = partner[high : start + size]
        partner[start : start + size] = [-1] * size


def _pair_words(ones: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of similar words, in order, that are alike most in sum."""
    best = [[0.0] * (len(others) + 1) for _ in range(len(ones) + 1)]
    alike = [[_alike(one, other) for other in others] for one in ones]
    for one in range(len(ones) - 1, -1, -1):
        for other in range(len(others) - 1, -1, -1):
            pair = alike[one][other] and alike[one][other] + best[one + 1][other + 1]
            best[one][other] = max(pair, best[one + 1][other], best[one][other + 1])
    pairs, one, other = [], 0, 0
    while one < len(ones) and other < len(others):
        if alike[one][other] and best[one][other] == alike[one][other] + best[one + 1][other + 1]:
            pairs.append((one, other))
            one, other = one + 1, other + 1
        elif best[one][other] == best[one + 1][other]:
            one += 1
        else:
            other += 1
    return pairs


def _alike(one: str, other: str) -> float:
    """Return how alike two words are, from 0 to 1; 0 for those that are hardly one word mistyped."""
    if abs(len(one) - len(other)) > _FEW or min(len(one), len(other)) < _FEW:
        return 0.0
    if sorted(one) == sorted(other):
        return 0.95
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio if ratio >= _ALIKE else 0.0


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
