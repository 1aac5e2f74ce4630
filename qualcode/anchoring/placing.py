"""Where a passage of an old text is in a corrected one, and whether that is beyond doubt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.anchoring.aligning import Change, WordMap
from qualcode.anchoring.words import Words, is_like
from qualcode.model import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SURE = 0.6
"""Of a passage's words, by weight, that must be found for it to be moved without asking."""
_FOUND = 0.34
"""Of a passage's words, by weight, below which it is taken for gone."""
_RUN = 4
"""Words in a row of which that are found that it is not gone, however little they are of it."""
_SLIP = 0.75
"""What a word with a slip of the pen counts."""
_GROWTH, _FEW = 2.0, 3
"""A passage may have grown to so many times its words and these more."""
_EDGE = 2
"""Words that may have been replaced at an edge."""
_FAR = 8
"""Words in a row that a passage must have gone elsewhere with, and more than one sentence.

One sentence may have been struck here, and a like one put in there."""
_NEAR = 2
"""Words between a passage and a change that may as well have struck the passage's twin."""
_SHORT, _NEAR_SHORT = 3, 12
"""Of a passage of so few words a twin may stand that far from the change."""
_TELLING = 0.25
"""Weight of a word that tells a short passage from others: it stands in the text sixteen times at most."""
_SHOWN = 5

GONE = "Its words are not in the new text."
ELSEWHERE = "Its words are gone from their place; the same words stand elsewhere."
TWINS = "The same words stand more than once where the text was changed."
REWORDED = "Too many of its words were changed."
EDGE = "The text was changed across its beginning or end."
GROWN = "Much was put in between its words."
TORN = "Its words are now in different places."
BLANK = "It holds no words."


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a passage went.

    Attributes
    ----------
    span
        Its place in the new text; ``None`` when its words are gone.
    is_sure
        Whether its words were found beyond doubt, so that nobody needs to look.
    confidence
        How much of it was found, from 0 to 1: rare words tell more than common ones, and marks little.
    candidates
        Where it may be, the likeliest first; only what is unsure has any.
    reason
        Why it is unsure; ``""`` when it is sure.
    """

    span: Span | None
    is_sure: bool
    confidence: float
    candidates: tuple[Span, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Trial:
    """A passage's first and last word in the new text under one reading of the changes.

    ``is_likely`` when that reading has the change between two sentences, where people make it.
    """

    first: int
    last: int
    share: float
    is_whole: bool
    doubt: str
    is_likely: bool = False


class Alignment:
    """An old text and a new one, laid side by side.

    Parameters
    ----------
    old, new
        The texts.
    """

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.old_words, self.new_words = Words(old), Words(new)
        self._map = WordMap(self.old_words, self.new_words)
        self._lows = [change.low for change in self._map.changes]
        self._left = max((change.left for change in self._map.changes), default=0)
        self._right = max((change.zone[1] - change.low for change in self._map.changes), default=0)

    @property
    def partner(self) -> Sequence[int]:
        """For each old word the place of its new one, or -1."""
        return self._map.partner

    def move(self, span: Span) -> Placement:
        """Return where a passage of the old text is in the new one."""
        low = bisect_right(self.old_words.ends, span.start)
        high = bisect_left(self.old_words.starts, span.end)
        if low >= high:
            return self._move_blank(span)
        near = self._near(low, high)
        trials = self._read(low, high, near)
        if not trials or (max(trial.share for trial in trials) < _FOUND and self._longest_run(low, high) < _RUN):
            return self._tell_gone(low, high, trials)
        best = next((trial for trial in trials if trial.is_whole), trials[0])
        candidates = tuple(dict.fromkeys(self._span(span, low, high, trial) for trial in (best, *trials)))
        doubt = self._doubt(low, high, best, trials, near) or self._doubt_broken(span, low, high, best)
        if doubt:
            return Placement(candidates[0], is_sure=False, confidence=best.share, candidates=candidates, reason=doubt)
        return Placement(candidates[0], is_sure=True, confidence=best.share)

    def _longest_run(self, low: int, high: int) -> int:
        """Return how many words in a row were found."""
        longest = run = 0
        for word in range(low, high):
            place = self._map.partner[word]
            run = run + 1 if place >= 0 and (run == 0 or place == self._map.partner[word - 1] + 1) else int(place >= 0)
            longest = max(longest, run)
        return longest

    def _move_blank(self, span: Span) -> Placement:
        """Return where blanks went; only those of a text that is the same up to there are found."""
        is_same = self.old[: span.end] == self.new[: span.end]
        if is_same:
            return Placement(span, is_sure=True, confidence=1.0)
        return Placement(None, is_sure=False, confidence=0.0, reason=BLANK)

    def _near(self, low: int, high: int) -> list[Change]:
        """Return the changes that touch a passage, or would under another reading."""
        changes, reach = self._map.changes, _reach(low, high)
        first = bisect_left(self._lows, low - reach - self._right)
        last = bisect_right(self._lows, high + reach + self._left)
        return [one for one in changes[first:last] if one.zone[0] <= high + reach and low - reach <= one.zone[1]]

    def _read(self, low: int, high: int, near: Sequence[Change]) -> list[_Trial]:
        """Return where a passage may be, as the map has it first, under all readings of the changes near it."""
        found = [self._try(low, high, self._map.partner.__getitem__)]
        for change in near:
            start, end = change.zone
            if (change.left or change.right) and start < high and low < end:
                slides = range(-change.left, change.right + 1)
                found += [self._try_slide(low, high, change, slide) for slide in slides]
        trials: dict[tuple[int, int], _Trial] = {}
        for trial in found:
            if trial is not None:
                known = trials.setdefault((trial.first, trial.last), trial)
                if trial.is_likely and not known.is_likely:
                    trials[trial.first, trial.last] = replace(known, is_likely=True)
        return list(trials.values())

    def _try_slide(self, low: int, high: int, change: Change, slide: int) -> _Trial | None:
        trial = self._try(low, high, self._reading(change, slide))
        is_inside = change.high > change.low or low < change.low + slide < high
        if trial and is_inside and self.old_words.border(change.low + slide):
            return replace(trial, is_likely=True)
        return trial

    def _reading(self, change: Change, slide: int) -> Callable[[int], int]:
        start, end = change.zone
        partner = self._map.partner
        return lambda word: change.partner(word, slide) if start <= word < end else partner[word]

    def _try(self, low: int, high: int, partner: Callable[[int], int]) -> _Trial | None:
        places = [partner(word) for word in range(low, high)]
        found = [word for word, place in enumerate(places) if place >= 0]
        if not found:
            return None
        shares = [(self._weight(low + word), self._likeness(low + word, place)) for word, place in enumerate(places)]
        share = sum(weight * like for weight, like in shares) / sum(weight for weight, _ in shares)
        known = [places[word] for word in found]
        if known != sorted(known):
            return _Trial(min(known), max(known), share, is_whole=False, doubt=TORN)
        first, is_start_sure = self._start(low, low + found[0], partner)
        last, is_end_sure = self._end(high - 1, low + found[-1], partner)
        is_whole = len(found) == high - low == last - first + 1 and all(like == 1 for _, like in shares)
        doubt = "" if is_start_sure and is_end_sure else EDGE
        return _Trial(first, last, share, is_whole=is_whole, doubt=doubt)

    def _weight(self, word: int) -> float:
        return self._map.weights[self.old_words.keys[word]]

    def _likeness(self, word: int, place: int) -> float:
        if place < 0:
            return 0.0
        one, other = self.old_words.keys[word], self.new_words.keys[place]
        return 1.0 if one == other else _SLIP if is_like(one, other) else 0.0

    def _start(self, low: int, first: int, partner: Callable[[int], int]) -> tuple[int, bool]:
        """Return with which new word a passage begins whose words before ``first`` have no partner."""
        place = partner(first)
        if first == low:
            return place, True
        before = partner(low - 1) if low else -1
        if low and before < 0:
            return place, False
        n_lost, n_put = first - low, place - before - 1
        if n_put < 0:
            return place, False
        return before + 1, n_put == n_lost <= _EDGE

    def _end(self, last: int, found: int, partner: Callable[[int], int]) -> tuple[int, bool]:
        """Return with which new word a passage ends whose words behind ``found`` have no partner."""
        place = partner(found)
        if found == last:
            return place, True
        n_words, n_new = len(self.old_words), len(self.new_words)
        outside = last + 1
        while outside < n_words and partner(outside) < 0:
            outside += 1
        after = partner(outside) if outside < n_words else n_new
        n_lost, n_put = last - found, after - place - 1
        if outside > last + 1 or n_put < 0:
            return place, False
        return after - 1, n_put == n_lost <= _EDGE

    def _doubt(self, low: int, high: int, best: _Trial, trials: Sequence[_Trial], near: Sequence[Change]) -> str:
        """Return why a person should look, or ``""``."""
        far = [word for word in range(low, high) if word in self._map.far]
        if far:
            return self._doubt_far(low, high, best)
        if best.is_whole:
            is_rivalled = trials[0] != best and trials[0].share == best.share
            is_rivalled |= any(trial.is_likely for trial in trials if trial != best)
            is_rivalled |= bool(near) and self._is_common(low, high)
            return TWINS if is_rivalled or self._has_twin(low, high, best.first, near) else ""
        if best.doubt:
            return best.doubt
        if len(trials) > 1:
            return TWINS
        if best.share < _SURE:
            return REWORDED
        return self._doubt_size(low, high, best)

    def _doubt_broken(self, span: Span, low: int, high: int, best: _Trial) -> str:
        """Return why a passage that begins or ends inside a word is unsure: the word changed its length."""
        old, new = self.old_words, self.new_words
        is_broken = span.start > old.starts[low] and len(old.keys[low]) != len(new.keys[best.first])
        is_broken |= span.end < old.ends[high - 1] and len(old.keys[high - 1]) != len(new.keys[best.last])
        return EDGE if is_broken else ""

    def _doubt_size(self, low: int, high: int, best: _Trial) -> str:
        """Return why what came between a passage's words makes it unsure, or ``""``."""
        partner = self._map.partner
        if any(not low <= word < high for word in self._map.come(best.first, best.last + 1)):
            return TORN
        if best.last - best.first + 1 > _GROWTH * (high - low) + _FEW:
            return GROWN
        found = [word for word in range(low, high) if partner[word] >= 0]
        is_loose = self._is_loose(found) or self._is_loose(found[::-1])
        return GROWN if is_loose else ""

    def _is_loose(self, words: Sequence[int]) -> bool:
        """Tell whether the first of a passage's words are cut off from the others by more than they are themselves."""
        partner = self._map.partner
        for run, (one, other) in enumerate(pairwise(words), 1):
            n_put = abs(partner[other] - partner[one]) - abs(other - one)
            if n_put:
                places = range(min(partner[one], partner[other]) + 1, max(partner[one], partner[other]) + 1)
                border = max(map(self.new_words.border, places))
                is_cut = run <= _EDGE and border > self.old_words.border(max(one, other))
                return is_cut or n_put > max(run, _EDGE)
        return False

    def _doubt_far(self, low: int, high: int, best: _Trial) -> str:
        """Return why a passage that went elsewhere is unsure: it did not go whole, and with enough around it."""
        if not best.is_whole:
            return TORN
        first, last = low, high - 1
        partner = self._map.partner
        while first - 1 in self._map.far and partner[first - 1] == partner[first] - 1:
            first -= 1
        while last + 1 in self._map.far and partner[last + 1] == partner[last] + 1:
            last += 1
        is_passage = any(self.old_words.border(word) for word in range(first + 1, last + 1))
        return "" if is_passage and last - first + 1 >= _FAR else ELSEWHERE

    def _is_common(self, low: int, high: int) -> bool:
        """Tell whether a short passage holds nothing but words of which the text is full."""
        return high - low <= _SHORT and max(self._weight(word) for word in range(low, high)) < _TELLING

    def _has_twin(self, low: int, high: int, first: int, near: Sequence[Change]) -> bool:
        """Tell whether a change near a passage holds the same words once more, on either side."""
        quote = self.old_words.keys[low:high]
        more = _reach(low, high) - _NEAR
        for change in near:
            zones = (
                (self.old_words.keys, low, *change.zone),
                (self.new_words.keys, first, change.start - change.left, change.end + change.right),
            )
            for keys, home, start, end in zones:
                is_there = end > start or more
                if is_there and any(at != home for at in _find(quote, keys, start - more, end + more)):
                    return True
        return False

    def _tell_gone(self, low: int, high: int, trials: Sequence[_Trial]) -> Placement:
        """Return where the words of a passage that is gone stand in the new text, the nearest first."""
        quote = self.old_words.keys[low:high]
        before = low - 1
        while before >= 0 and (self._map.partner[before] < 0 or before in self._map.far):
            before -= 1
        home = self._map.partner[before] + 1 if before >= 0 else 0
        found = sorted(self._search(quote), key=lambda at: (abs(at - home), at))[:_SHOWN]
        spans = tuple(Span(self.new_words.starts[at], self.new_words.ends[at + len(quote) - 1]) for at in found)
        share = max((trial.share for trial in trials), default=0.0)
        return Placement(None, is_sure=False, confidence=share, candidates=spans, reason=ELSEWHERE if spans else GONE)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for at, key in enumerate(self.new_words.keys):
            places.setdefault(key, []).append(at)
        return places

    def _search(self, quote: Sequence[str]) -> list[int]:
        """Return where the words of a quote stand in the new text."""
        rarest = min(range(len(quote)), key=lambda word: len(self._places.get(quote[word], ())))
        starts = (at - rarest for at in self._places.get(quote[rarest], ()))
        return [at for at in starts if at >= 0 and self.new_words.keys[at : at + len(quote)] == quote]

    def _span(self, span: Span, low: int, high: int, trial: _Trial) -> Span:
        """Return the characters of a trial, with the passage's own blanks and broken words at its edges."""
        old, new = self.old_words, self.new_words
        start, end = new.starts[trial.first], new.ends[trial.last]
        lead, tail = span.start - old.starts[low], span.end - old.ends[high - 1]
        if lead > 0 and len(new.keys[trial.first]) == len(old.keys[low]):
            start = min(start + lead, end - 1)
        elif lead < 0 and self.new[max(start + lead, 0) : start] == self.old[span.start : old.starts[low]]:
            start += lead
        if tail < 0 and len(new.keys[trial.last]) == len(old.keys[high - 1]):
            end = max(end + tail, start + 1)
        elif tail > 0 and self.new[end : end + tail] == self.old[old.ends[high - 1] : span.end]:
            end += tail
        return Span(start, end)


def _reach(low: int, high: int) -> int:
    return _NEAR_SHORT if high - low <= _SHORT else _NEAR


def _find(quote: Sequence[str], keys: Sequence[str], low: int, high: int) -> Iterator[int]:
    """Yield where a quote stands that shares at least one word with a stretch."""
    size = len(quote)
    for at in range(max(0, low - size + 1), min(high, len(keys) - size + 1)):
        if keys[at] == quote[0] and keys[at : at + size] == quote:
            yield at
