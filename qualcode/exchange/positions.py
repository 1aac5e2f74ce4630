"""Positions as programs count them, and as a transcript does: code points, end excluded, from 0.

A program may count UTF-16 units or bytes, the byte order mark, a line end of two characters as one, the last
character as inside, and from 1. A :class:`Reading` says which; a :class:`CountedText` turns positions into places.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Sequence

Unit = Literal["codepoints", "utf16", "bytes"]
UNITS: tuple[Unit, ...] = ("codepoints", "utf16", "bytes")

MARK = "\ufeff"
_MARK_WIDTHS: dict[Unit, int] = {"codepoints": 1, "utf16": 1, "bytes": 3}
_NAMES: dict[Unit, str] = {"codepoints": "code points", "utf16": "UTF-16 units", "bytes": "UTF-8 bytes"}
_WIDE: dict[Unit, re.Pattern[str] | None] = {
    "codepoints": None,
    "utf16": re.compile("[\U00010000-\U0010ffff]"),
    "bytes": re.compile(r"[^\x00-\x7f]"),
}
_LINE_END = re.compile(r"\r\r\n|\r\n|\r")


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """One way to count positions.

    Attributes
    ----------
    unit
        What is counted.
    mark
        Whether a byte order mark before the text is.
    line_end
        What a line end of two characters (carriage return, line feed) counts: 2, or 1.
    end
        Whether the position of the end is that behind the last character (``excluded``) or its own (``included``).
    first
        The position of the first character, 0 or 1.
    """

    unit: Unit = "codepoints"
    mark: Literal["apart", "counted"] = "apart"
    line_end: Literal[2, 1] = 2
    end: Literal["excluded", "included"] = "excluded"
    first: Literal[0, 1] = 0

    def __str__(self) -> str:
        parts = [_NAMES[self.unit], f"end {self.end}"]
        parts += ["a line end of two characters counts one"] if self.line_end == 1 else []
        parts += ["byte order mark counted"] if self.mark == "counted" else []
        parts += ["the first character is 1"] if self.first else []
        return ", ".join(parts)

    @property
    def key(self) -> str:
        """The reading as :func:`parse_reading` takes it."""
        parts: list[str] = [self.unit]
        parts += ["crlf=1"] if self.line_end == 1 else []
        parts += ["mark=counted"] if self.mark == "counted" else []
        parts += ["end=included"] if self.end == "included" else []
        parts += ["first=1"] if self.first else []
        return ",".join(parts)


READINGS: tuple[Reading, ...] = tuple(
    Reading(unit, mark, line_end, end, first)
    for first in (0, 1)
    for end in ("excluded", "included")
    for mark in ("apart", "counted")
    for line_end in (2, 1)
    for unit in UNITS
)
"""All 48, the likelier before others."""

_WORDS: dict[str, dict[str, Any]] = {
    "codepoints": {"unit": "codepoints"},
    "utf16": {"unit": "utf16"},
    "bytes": {"unit": "bytes"},
    "crlf=1": {"line_end": 1},
    "crlf=2": {"line_end": 2},
    "mark=counted": {"mark": "counted"},
    "mark=apart": {"mark": "apart"},
    "end=included": {"end": "included"},
    "end=excluded": {"end": "excluded"},
    "first=1": {"first": 1},
    "first=0": {"first": 0},
}


def parse_reading(text: str) -> Reading:
    """Return the reading that words with commas between them name.

    Raises
    ------
    StudyError
        If a word is none of those.

    Examples
    --------
    >>> print(parse_reading("utf16,crlf=1"))
    UTF-16 units, end excluded, a line end of two characters counts one
    """
    told: dict[str, Any] = {}
    for word in filter(None, (part.strip().casefold().replace("-", "") for part in text.split(","))):
        if word not in _WORDS:
            raise StudyError(f"Positions cannot be counted by “{word}”.", hint=f"Choose among {', '.join(_WORDS)}")
        told |= _WORDS[word]
    return Reading(**told)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where the places of a text are that count more than one: the sums run along, positions are found by bisection."""

    places: Sequence[int]
    begins: Sequence[int]
    widths: Sequence[int]
    base: int
    n_places: int

    def place(self, position: int) -> int | None:
        """Return the place of a position; ``None`` when it is inside a character, or outside the text."""
        known = bisect_right(self.begins, position) - 1
        if known < 0:
            found = position - self.base
        elif position == self.begins[known]:
            found = self.places[known]
        else:
            beyond = position - self.begins[known] - self.widths[known]
            found = self.places[known] + 1 + beyond if beyond >= 0 else -1
        return found if 0 <= found <= self.n_places else None

    def position(self, place: int) -> int:
        """Return the position of a place."""
        known = bisect_left(self.places, place) - 1
        if known < 0:
            return self.base + place
        return self.begins[known] + self.widths[known] + place - self.places[known] - 1


@dataclass(frozen=True)
class CountedText:
    """A text as a program stored it, in which positions are counted.

    Attributes
    ----------
    text
        Its characters without a byte order mark, every line end ``\\n``; places refer to it.
    line_ends
        The places of line ends that are several characters in the file, and how many.
    has_mark
        Whether a byte order mark stands before it.
    """

    text: str
    line_ends: tuple[tuple[int, int], ...] = ()
    has_mark: bool = False
    _scales: dict[tuple[Unit, bool, bool], _Scale] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, raw: str) -> CountedText:
        """Return the text of what a file holds."""
        has_mark = raw.startswith(MARK)
        raw = raw.removeprefix(MARK)
        line_ends, lost = [], 0
        for found in _LINE_END.finditer(raw) if "\r" in raw else ():
            width = found.end() - found.start()
            if width > 1:
                line_ends.append((found.start() - lost, width))
            lost += width - 1
        return cls(_LINE_END.sub("\n", raw) if "\r" in raw else raw, tuple(line_ends), has_mark)

    def scale(self, reading: Reading) -> _Scale:
        """Return the scale of a reading."""
        is_counted, is_one = self.has_mark and reading.mark == "counted", bool(self.line_ends) and reading.line_end == 1
        key = reading.unit, is_counted, is_one  # where there is nothing to count, readings share a scale
        if key not in self._scales:
            self._scales[key] = self._measure(reading)
        return self._scales[key]

    def _measure(self, reading: Reading) -> _Scale:
        widths = dict(self.line_ends) if reading.line_end == 2 else {}  # noqa: PLR2004  # characters of a line end
        widths |= self._wide[reading.unit]
        base = _MARK_WIDTHS[reading.unit] if self.has_mark and reading.mark == "counted" else 0
        places = sorted(widths)
        begins, extra = [], base
        for place in places:
            begins.append(place + extra)
            extra += widths[place] - 1
        return _Scale(places, begins, [widths[place] for place in places], base, len(self.text))

    @cached_property
    def _wide(self) -> dict[Unit, dict[int, int]]:
        """Per unit, the characters that count more than one."""
        found: dict[Unit, dict[int, int]] = {}
        for unit, pattern in _WIDE.items():
            places = pattern.finditer(self.text) if pattern else ()
            found[unit] = {one.start(): 2 if unit == "utf16" else _n_bytes(one[0]) for one in places}
        return found

    def decode(self, start: int, end: int, reading: Reading) -> tuple[int, int] | None:
        """Return the places of two positions; ``None`` when there can be no passage between them."""
        scale = self.scale(reading)
        first = scale.place(start - reading.first)
        last = scale.place(end - reading.first + (reading.end == "included"))
        return (first, last) if first is not None and last is not None and first < last else None

    def encode(self, start: int, end: int, reading: Reading) -> tuple[int, int]:
        """Return the positions of two places."""
        scale = self.scale(reading)
        last = scale.position(end) + reading.first - (reading.end == "included")
        return scale.position(start) + reading.first, last


def _n_bytes(mark: str) -> int:
    return len(mark.encode("utf-8", "surrogatepass"))


# -- into the form of a transcript -------------------------------------------------------------------------------------

_JOINING_STARTERS = re.compile(
    "[\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1161-\u1175\u11a8-\u11c2"
    "\u1b35\U000110ba\U00011127\U0001133e\U00011357\U000113b8\U000113bb\U000113c2\U000113c9\U000114b0\U000114ba"
    "\U000114bd\U000115af\U0001611e-\U00016129\U00011930\U00016d67]"
)
"""Characters of combining class 0 that may become one with the character before them."""

_DROPPED = frozenset(map(chr, (*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0xFEFF, *range(0xD800, 0xE000))))
_BREAKS = frozenset("\x0b\x0c\x85\u2028\u2029")
"""Characters that are line ends in a transcript, as in any text that is read."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """A text in which some stretches were replaced, and where its characters went."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    new_ends: tuple[int, ...]
    new_starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str, changes: Sequence[tuple[int, int, str]]) -> _Moved:
        """Return a text with stretches replaced."""
        pieces: list[str] = []
        new_starts, new_ends = [], []
        at = length = 0
        for start, end, new in changes:
            pieces += [text[at:start], new]
            new_starts.append(length + start - at)
            length += start - at + len(new)
            new_ends.append(length)
            at = end
        starts, ends = tuple(one[0] for one in changes), tuple(one[1] for one in changes)
        return cls("".join([*pieces, text[at:]]), starts, ends, tuple(new_ends), tuple(new_starts))

    def place(self, place: int, edge: Literal["start", "end"]) -> int:
        """Return where a place went; one inside of what became something else goes to the outer edge."""
        known = bisect_right(self.starts, place) - 1
        if known < 0:
            return place
        if place == self.starts[known] == self.ends[known] and edge == "end":
            return self.new_starts[known]  # what was put in stands behind what ends here
        if place >= self.ends[known]:
            return self.new_ends[known] + place - self.ends[known]
        return self.new_starts[known] if place == self.starts[known] or edge == "start" else self.new_ends[known]


class CanonicalText:
    """A text in the form that a transcript has, and where its characters went.

    Attributes
    ----------
    text
        NFC, without control characters, every line end ``\\n``.
    n_dropped
        Characters that a transcript does not hold, such as control characters.

    Parameters
    ----------
    text
        The text.
    breaks
        Places at which a line ends that is not in it.
    """

    def __init__(self, text: str, *, breaks: Sequence[int] = ()) -> None:
        broken = _Moved.of(text, [(place, place, "\n") for place in breaks])
        kept = _Moved.of(broken.text, _find_controls(broken.text))
        self.n_dropped = len(broken.text) - len(kept.text)
        self._steps = broken, kept, _Moved.of(kept.text, _find_compositions(kept.text))
        self.text = self._steps[-1].text

    def place(self, place: int, *, edge: Literal["start", "end"]) -> int:
        """Return where a place went; one inside of what became one character goes to the outer edge."""
        for step in self._steps:
            place = step.place(place, edge)
        return place

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a passage went."""
        return self.place(start, edge="start"), self.place(end, edge="end")


def _find_controls(text: str) -> list[tuple[int, int, str]]:
    """Return the characters that a transcript does not hold, and what becomes of them."""
    marks = "" if text.isprintable() else "".join((_DROPPED | _BREAKS).intersection(text))
    pattern = f"[{re.escape(marks)}]"
    return [
        (one.start(), one.end(), "\n" if one[0] in _BREAKS else "")
        for one in (re.finditer(pattern, text) if marks else ())
    ]


def _find_compositions(text: str) -> list[tuple[int, int, str]]:
    """Return the stretches that are others in NFC."""
    if unicodedata.is_normalized("NFC", text):
        return []
    distinct = set(text)
    joiners = "".join(one for one in distinct if unicodedata.combining(one) or _JOINING_STARTERS.match(one))
    singles = "".join(one for one in distinct if not unicodedata.is_normalized("NFC", one))
    patterns = [f"(?:[^{re.escape(joiners)}]|^)[{re.escape(joiners)}]+"] if joiners else []
    patterns += [f"[{re.escape(singles)}]"] if singles else []
    found = ((one.start(), one.end(), one[0]) for one in re.finditer("|".join(patterns), text, re.DOTALL))
    changes = ((start, end, old, unicodedata.normalize("NFC", old)) for start, end, old in found)
    return [(start, end, new) for start, end, old, new in changes if old != new]
