"""Which way a program counted: found by where people set the edges of passages.

A reading is scored by what stands at the edges that it gives: people begin and end at words, sentences and lines, and
a wrong reading lands anywhere. For each edge that is log(P(kind | a person chose it) / P(kind | anywhere in this
text)); names of selections that repeat their words are further evidence. One decision per file, over all its texts.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from qualcode.exchange.positions import READINGS, CountedText, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

DECIDED = 10.0
"""Margin above which the text decides; in simulations of some thousand files no such decision was wrong."""

_CHOSEN = {
    "line": 0.28, "space": 0.44, "punctuation": 0.09, "after": 0.07, "inside": 0.02, "cjk": 0.03, "blank": 0.05,
    "other": 0.02,
}  # fmt: skip
"""How often people set an edge at places of each kind, seen from inside the passage to outside."""

_MOST, _IMPOSSIBLE, _NAMED = 3.0, -6.0, 6.0
_INCLUDED, _FROM_ONE = -2.0, -3.0
_SAMPLE = 3000
_GOLDEN = 0.6180339887498949
_LONG_NAME = 50


@dataclass(frozen=True, slots=True)
class Selection:
    """A passage as a file tells it: positions as they stand there, and the name that the program gave it."""

    text: int
    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How positions are read, and why.

    Attributes
    ----------
    reading
        The way to count.
    how
        ``told`` by a person, ``measured`` in the text, by ``habit`` of the program as the text does not decide, or
        ``free``: there was nothing to measure.
    margin
        By how much it is ahead of the next one that gives other passages.
    rival, n_differ
        That one, and how many passages differ between the two.
    """

    reading: Reading
    how: Literal["told", "measured", "habit", "free"]
    margin: float = 0.0
    rival: Reading | None = None
    n_differ: int = 0


def habit_of(program: str, origin: str = "") -> Reading:
    """Return how a program is known to count; one that nobody knows, as the specification has the unit.

    Parameters
    ----------
    program
        Its name.
    origin
        What the file says of version and system.
    """
    if program == "ATLAS.ti":
        return Reading("utf16", line_end=1 if "windows" in origin.casefold() else 2)
    if program in {"NVivo", "MAXQDA"}:
        return Reading("utf16")
    return Reading(line_end=1) if program == "QualCoder" else Reading()


def calibrate(texts: Sequence[CountedText], selections: Sequence[Selection], habit: Reading) -> Calibration:
    """Return how the positions of a file are to be read.

    Parameters
    ----------
    texts
        The texts of the file.
    selections
        What is selected in them.
    habit
        How the program is known to count, which stands where the texts do not decide.

    Examples
    --------
    >>> line = "Oh 😀 well. We never found a time. "
    >>> text = CountedText.of(line * 9)
    >>> starts = range(line.index("We"), len(line) * 9, len(line))
    >>> found = [Selection(0, *text.encode(one, one + 22, Reading("utf16"))) for one in starts]
    >>> calibrate([text], found, Reading()).reading.unit
    'utf16'
    """
    ranked = rank(texts, selections)
    if not ranked:
        return Calibration(habit, "free")
    best, *others = ranked
    margins = [best.margin(one) for one in others]
    margin = min(margins, default=math.inf)
    if margin < DECIDED:
        near = [best, *(one for one, lead in zip(others, margins, strict=True) if lead < DECIDED)]
        best = min(near, key=lambda one: _distance(one.readings, habit))
        rival = next(one for one in near if one is not best)
    else:
        rival = others[margins.index(margin)] if others else best
    n_differ = sum(one != other for one, other in zip(best.spans, rival.spans, strict=True))
    reading = habit if habit in best.readings else best.readings[0]
    how: Literal["measured", "habit"] = "measured" if margin >= DECIDED else "habit"
    return Calibration(reading, how, margin, rival.readings[0] if n_differ else None, n_differ)


def _distance(readings: Sequence[Reading], habit: Reading) -> int:
    """Return how far readings are from a habit: the same, of the same ends, or others."""
    if habit in readings:
        return 0
    return 1 if any((one.end, one.first) == (habit.end, habit.first) for one in readings) else 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """Readings that give the same passages.

    Attributes
    ----------
    readings
        The likeliest first.
    spans
        The passages; ``None`` where there can be none.
    score
        What speaks for them: log odds.
    lenient
        The same where an end before a full stop tells as much as one behind it: some people take it along, some never
        do, and each throughout, which says nothing of whether the last character is to be counted in.
    """

    readings: tuple[Reading, ...]
    spans: tuple[tuple[int, int] | None, ...]
    score: float
    lenient: float

    def margin(self, other: Candidate) -> float:
        """Return how far ahead of another one it is."""
        return min(self.score - other.score, self.lenient - other.lenient)


def rank(texts: Sequence[CountedText], selections: Sequence[Selection]) -> list[Candidate]:
    """Return all that positions may mean, the likeliest first; parameters as in :func:`calibrate`."""
    measured = [_Measured(text) for text in texts]
    distinct: dict[tuple[int, int, int], list[str]] = {}
    for one in selections:
        if one.start < one.end and not measured[one.text].is_whole(one):
            distinct.setdefault((one.text, one.start, one.end), []).append(one.name)
    classes: dict[tuple[tuple[int, int] | None, ...], list[Reading]] = {}
    for reading in READINGS if distinct else ():
        spans = tuple(measured[text].text.decode(start, end, reading) for text, start, end in distinct)
        classes.setdefault(spans, []).append(reading)
    names = list(distinct.values())
    where = [measured[text] for text, _, _ in distinct]
    candidates = []
    for spans, readings in classes.items():
        prior = max(map(_prior, readings))
        score, lenient = _score(where, spans, names)
        candidates.append(Candidate(tuple(readings), spans, score + prior, lenient + prior))
    return sorted(candidates, key=lambda one: one.score, reverse=True)


def _prior(reading: Reading) -> float:
    return (_INCLUDED if reading.end == "included" else 0.0) + (_FROM_ONE if reading.first else 0.0)


class _Measured:
    """A text, and how often each kind of edge stands anywhere in it."""

    def __init__(self, text: CountedText) -> None:
        self.text = text
        self._starts: dict[int, float] = {}
        self._ends: dict[int, tuple[float, float]] = {}

    def is_whole(self, one: Selection) -> bool:
        """Tell whether a selection is the whole text, whose edges nobody chose."""
        return one.start <= 3 and one.end - one.start >= len(self.text.text) - 1  # noqa: PLR2004  # a mark in bytes

    @cached_property
    def weights(self) -> tuple[dict[str, float], dict[str, float]]:
        """What each kind tells at a start and at an end."""
        length = len(self.text.text)
        n_places = min(length, _SAMPLE)
        places = (
            [int(number * _GOLDEN % 1 * length) for number in range(n_places)] if length > _SAMPLE else range(length)
        )
        starts = Counter(_kind(self.text.text, place, place - 1) for place in places)
        ends = Counter(_kind(self.text.text, place, place + 1) for place in places)
        return _weigh(starts, n_places), _weigh(ends, n_places)

    def at_start(self, place: int) -> float:
        """Return what speaks for a passage that begins at a place."""
        if place not in self._starts:
            self._starts[place] = self.weights[0][_kind(self.text.text, place, place - 1)]
        return self._starts[place]

    def at_end(self, place: int) -> tuple[float, float]:
        """Return what speaks for a passage that ends before a place: as it stands, and for the best end near by."""
        if place not in self._ends:
            beyond = place + _n_marks(self.text.text, place)
            told = [self.weights[1][_kind(self.text.text, one - 1, one)] for one in (place, beyond)]
            self._ends[place] = told[0], max(told)
        return self._ends[place]


def _n_marks(text: str, place: int) -> int:
    """Return how many marks of punctuation, two at the most, stand in a row from a place on."""
    marks = text[place : place + 2]
    is_mark = [not _is_word(one) and not one.isspace() for one in marks]
    return is_mark.index(False) if False in is_mark else len(marks)


def _weigh(counts: Counter[str], n_places: int) -> dict[str, float]:
    whole = n_places + len(_CHOSEN) / 2
    logs = {kind: math.log(share * whole / (counts[kind] + 0.5)) for kind, share in _CHOSEN.items()}
    return {kind: max(-_MOST, min(_MOST, log)) for kind, log in logs.items()}


def _score(
    where: Sequence[_Measured], spans: Sequence[tuple[int, int] | None], names: Sequence[Sequence[str]]
) -> tuple[float, float]:
    """Return what speaks for passages, by their ends as they stand and by those near by."""
    score = lenient = 0.0
    for measured, span, told in zip(where, spans, names, strict=True):
        if span is None:
            score, lenient = score + _IMPOSSIBLE, lenient + _IMPOSSIBLE
            continue
        is_named = any(name and _is_named_so(name, measured.text.text, *span) for name in told)
        start = measured.at_start(span[0]) + _NAMED * is_named
        end = measured.at_end(span[1])
        score, lenient = score + start + end[0], lenient + start + end[1]
    return score, lenient


def _is_named_so(name: str, text: str, start: int, end: int) -> bool:
    """Tell whether a name is the words of a passage, or their beginning where it is cut off."""
    folded = " ".join(name.split())
    cut = folded.rstrip("…").removesuffix("...").rstrip()
    is_cut = cut != folded or len(folded) >= _LONG_NAME
    words = " ".join(text[start : min(end, start + 4 * len(name) + _LONG_NAME)].split())
    return bool(cut) and (words.startswith(cut) if is_cut else words == folded)


def _kind(text: str, inside: int, outside: int) -> str:
    """Return what kind of edge stands between a character inside and one outside."""
    within = text[inside]
    beyond = text[outside] if 0 <= outside < len(text) else "\n"
    if within.isspace():
        return "blank"
    if beyond.isspace():
        return "line" if beyond == "\n" else "space"
    if not (_is_word(within) and _is_word(beyond)):
        return "after" if _is_word(beyond) else "punctuation"
    n_cjk = _is_cjk(within) + _is_cjk(beyond)
    return ("inside", "other", "cjk")[n_cjk]


def _is_word(mark: str) -> bool:
    return mark.isalnum() or mark in "'’_"


def _is_cjk(mark: str) -> bool:
    return "\u2e80" <= mark <= "\u9fff" or "\uac00" <= mark <= "\ud7af" or "\U00020000" <= mark <= "\U0003ffff"
