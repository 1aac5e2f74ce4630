"""Which words of a corrected text are which of the old one.

First the runs of words that occur once on both sides are paired, then what lies between them is compared word by word.
Chance pairs in passages that were replaced are dissolved, words with a slip of the pen are paired with what they were,
and a run of words that went elsewhere is found there.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from qualcode.anchoring.words import Words, is_like, weigh

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RUNS = (8, 4, 2, 1)
"""Lengths of the runs of words that serve as anchors, one after the other."""
_LARGEST_GAP = 600
"""Words on one side of a gap that is still compared word by word."""
_LARGEST_CHANGE = 2_500
"""Pairs of words in a change in which words with a slip of the pen are looked for."""
_ALIKE = 0.5
"""Of the smaller of what a change took out and put in, by weight, that must be alike for it to be a rewording."""
_ALIKE_OF_ALL = 0.34
"""Of the larger of the two sides."""
_TELLING = 0.25
"""Weight of a word that is not there by chance: it stands in the text sixteen times at most."""
_FEW = 2
"""Words that one may have replaced by as many others."""
_FAR = 5
"""Words in a row that are found again when they went elsewhere."""
_REACH = 200
"""Words that a change may slide to either side."""

Gap = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """Words from ``low`` to ``high`` of the old text went, those from ``start`` to ``end`` of the new one came.

    When only one of the two happened, the change could as well have been so many words further left or right: ``An old
    [old] man`` or ``An [old] old man``.
    """

    low: int
    high: int
    start: int
    end: int
    left: int = 0
    right: int = 0

    @property
    def zone(self) -> tuple[int, int]:
        """The words of the old text whose place in the new one depends on where the change was."""
        return self.low - self.left, self.high + self.right

    def partner(self, word: int, slide: int) -> int:
        """Return where a word of the zone is in the new text when the change was ``slide`` words to the right."""
        first_old, first_new = self.low - self.left, self.start - self.left
        if word < self.low + slide:
            return first_new + word - first_old
        if word < self.high + slide:
            return -1
        return first_new + word - first_old - (self.high - self.low) + (self.end - self.start)


@dataclass
class WordMap:
    """Where each word of an old text is in a new one.

    Parameters
    ----------
    old, new
        The words of the two texts.

    Attributes
    ----------
    partner
        For each old word the place of its new one, or -1.
    changes
        Where the two differ, in the order of the text.
    weights
        What each old word tells of its place.
    far
        The old words that are elsewhere in the new text, out of order.
    """

    old: Words
    new: Words
    partner: list[int] = field(init=False, repr=False)
    changes: list[Change] = field(init=False, repr=False)
    weights: dict[str, float] = field(init=False, repr=False)
    far: set[int] = field(init=False, repr=False, default_factory=set)
    _came: list[tuple[int, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.partner = [-1] * len(self.old)
        self.weights = weigh(self.old.keys)
        self._pair_equal()
        self._dissolve()
        self._settle()
        for change in self._find_changes():
            self._pair_alike(change)
        self.changes = [self._measure(change) for change in self._find_changes()]
        self._pair_far()
        self._came = sorted((self.partner[word], word) for word in self.far)

    def come(self, start: int, end: int) -> list[int]:
        """Return the old words that came from elsewhere into a stretch of the new text."""
        low, high = (bisect_left(self._came, (place, -1)) for place in (start, end))
        return [word for _, word in self._came[low:high]]

    def _pair_equal(self) -> None:
        gaps: list[Gap] = [(0, len(self.old), 0, len(self.new))]
        for n_words in _RUNS:
            gaps = [part for gap in gaps for part in self._anchor(gap, n_words)]
        for low, high, start, end in gaps:
            if high - low <= _LARGEST_GAP and end - start <= _LARGEST_GAP:
                matcher = SequenceMatcher(None, self.old.keys[low:high], self.new.keys[start:end], autojunk=False)
                for one, other, size in matcher.get_matching_blocks():
                    self.partner[low + one : low + one + size] = range(start + other, start + other + size)

    def _anchor(self, gap: Gap, n_words: int) -> Iterator[Gap]:
        """Pair the runs of words that are unique on both sides of a gap; yield the gaps that are left."""
        low, high, start, end = gap
        if low >= high or start >= end:
            return
        ones, others = self.old.keys, self.new.keys
        left, right = _unique_runs(ones, low, high, n_words), _unique_runs(others, start, end, n_words)
        at, to = low, start
        for one, other in _longest_rise([(left[run], right[run]) for run in left if run in right]):
            if one < at or other < to:
                continue
            first, second = one, other
            while first > at and second > to and ones[first - 1] == others[second - 1]:
                first, second = first - 1, second - 1
            if first > at and second > to:
                yield at, first, to, second
            at, to = first, second
            while at < high and to < end and ones[at] == others[to]:
                self.partner[at] = to
                at, to = at + 1, to + 1
        if at < high and to < end:
            yield at, high, to, end

    def _find_changes(self) -> list[Change]:
        changes = []
        at = to = 0
        for word, place in enumerate([*self.partner, len(self.new)]):
            if place < 0:
                continue
            if word > at or place > to:
                changes.append(Change(at, word, to, place))
            at, to = word + 1, place + 1
        return changes

    def _dissolve(self) -> None:
        """Take apart pairs between two changes that are larger than what they have in common: these are chance."""
        merged: list[Change] = []
        for change in self._find_changes():
            present = change
            while merged and self._is_chance(merged[-1], present):
                before = merged.pop()
                self.partner[before.high : present.low] = [-1] * (present.low - before.high)
                present = Change(before.low, present.high, before.start, present.end)
            merged.append(present)

    def _is_chance(self, one: Change, other: Change) -> bool:
        n_common = other.low - one.high
        larger = [max(change.high - change.low, change.end - change.start) for change in (one, other)]
        return n_common <= min(larger) and max(larger) > _FEW

    def _settle(self) -> None:
        """Slide each change to where words keep their form, and then to a border of lines or sentences."""
        for change in self._find_changes():
            present = self._measure(change)
            if not (present.left or present.right):
                continue
            words, at = (self.old, present.low) if present.high > present.low else (self.new, present.start)
            slides = range(-present.left, present.right + 1)
            low, high = present.zone
            forms = {slide: self._count_forms(present, slide) for slide in slides}
            best = max(slides, key=lambda slide: (forms[slide], words.border(at + slide), -abs(slide)))
            self.partner[low:high] = [present.partner(word, best) for word in range(low, high)]

    def _count_forms(self, change: Change, slide: int) -> int:
        """Return how many words of a change's zone have the very form of their partner under one reading."""
        places = ((word, change.partner(word, slide)) for word in range(*change.zone))
        return sum(place >= 0 and self.old.form(word) == self.new.form(place) for word, place in places)

    def _measure(self, change: Change) -> Change:
        """Tell how far a change may slide to either side."""
        low, high, start, end = change.low, change.high, change.start, change.end
        if (high > low) == (end > start):
            return change
        words, first, last = (self.old.keys, low, high) if high > low else (self.new.keys, start, end)
        left = right = 0
        while left < min(_REACH, low, start) and self.partner[low - 1 - left] == start - 1 - left:
            if words[first - 1 - left] != words[last - 1 - left]:
                break
            left += 1
        while right < _REACH and high + right < len(self.partner) and self.partner[high + right] == end + right:
            if words[first + right] != words[last + right]:
                break
            right += 1
        return Change(low, high, start, end, left, right)

    def _pair_alike(self, change: Change) -> None:
        """Pair the words of a rewording with what they were."""
        ones, others = self.old.keys[change.low : change.high], self.new.keys[change.start : change.end]
        if not ones or not others or len(ones) * len(others) > _LARGEST_CHANGE:
            return
        pairs = _best_pairs(ones, others)
        if self._is_rewording(ones, others, self._weigh([ones[one] for one, _ in pairs])):
            at, to = -1, -1
            for one, other in [*pairs, (len(ones), len(others))]:
                if one - at == other - to <= _FEW + 1:  # as many words went as came
                    self._pair_run(change, at + 1, to + 1, one - at - 1)
                if one < len(ones):
                    self.partner[change.low + one] = change.start + other
                at, to = one, other
        elif len(ones) == len(others) <= _FEW:
            self._pair_run(change, 0, 0, len(ones))
        else:
            self._pair_ends(change, ones, others)

    def _pair_ends(self, change: Change, ones: Sequence[str], others: Sequence[str]) -> None:
        """Pair telling words with a slip of the pen at either end, next to which something came or went."""
        for one, other in ((0, 0), (len(ones) - 1, len(others) - 1)):
            if self.weights.get(ones[one], 1.0) >= _TELLING and is_like(ones[one], others[other]):
                self._pair_run(change, one, other, 1)

    def _is_rewording(self, ones: Sequence[str], others: Sequence[str], alike: float) -> bool:
        """Tell whether words that came are those that went, by the weight of what is alike; a few may stand in many."""
        less, more = sorted((self._weigh(ones), self._weigh(others)))
        is_few = min(len(ones), len(others)) <= _FEW
        return alike >= _ALIKE * less and (is_few or alike >= _ALIKE_OF_ALL * more)

    def _pair_run(self, change: Change, one: int, other: int, n_words: int) -> None:
        for word in range(n_words):
            self.partner[change.low + one + word] = change.start + other + word

    def _weigh(self, keys: Sequence[str]) -> float:
        return sum(self.weights.get(key, 1.0) for key in keys)

    def _pair_far(self) -> None:
        """Find runs of words that occur once on both sides and went elsewhere."""
        left = _unique_runs(self.old.keys, 0, len(self.old), _FAR)
        right = _unique_runs(self.new.keys, 0, len(self.new), _FAR)
        taken = {place for place in self.partner if place >= 0}
        for change in self.changes:
            word = change.low
            while word < change.high:
                run = tuple(self.old.keys[word : word + _FAR])
                place = right[run] if run in right and run in left else -1
                length = self._follow(word, place, taken) if place >= 0 else 0
                if length >= _FAR:
                    self.partner[word : word + length] = range(place, place + length)
                    taken.update(range(place, place + length))
                    self.far.update(range(word, word + length))
                word += max(length, 1)

    def _follow(self, word: int, place: int, taken: set[int]) -> int:
        """Return how many words from one place on are the same as from the other, and free on both sides."""
        length = 0
        while (
            word + length < len(self.old)
            and place + length < len(self.new)
            and self.partner[word + length] < 0
            and place + length not in taken
            and self.old.keys[word + length] == self.new.keys[place + length]
        ):
            length += 1
        return length


def _best_pairs(ones: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """Return the most pairs of like words in order, equal ones first."""
    scores = [[0] * (len(others) + 1) for _ in range(len(ones) + 1)]
    for one in range(len(ones) - 1, -1, -1):
        for other in range(len(others) - 1, -1, -1):
            best = max(scores[one + 1][other], scores[one][other + 1])
            gain = 3 if ones[one] == others[other] else 2 if is_like(ones[one], others[other]) else 0
            scores[one][other] = max(best, scores[one + 1][other + 1] + gain) if gain else best
    pairs = []
    one = other = 0
    while one < len(ones) and other < len(others):
        if scores[one][other] == scores[one + 1][other]:
            one += 1
        elif scores[one][other] == scores[one][other + 1]:
            other += 1
        else:
            pairs.append((one, other))
            one, other = one + 1, other + 1
    return pairs


def _unique_runs(keys: Sequence[str], low: int, high: int, n_words: int) -> dict[tuple[str, ...], int]:
    """Return the runs of words that occur once in a stretch, with their places."""
    places: dict[tuple[str, ...], int] = {}
    for at in range(low, high - n_words + 1):
        run = tuple(keys[at : at + n_words])
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
