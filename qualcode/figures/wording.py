"""The words that figures and their alternative texts share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qualcode.wording import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.themes import ThemeTable

Measure = Literal["cases", "segments", "codings", "words"]

MEASURES: tuple[Measure, ...] = ("cases", "segments", "codings", "words")

_MOST_NAMES = 8


def check_measure(measure: str, allowed: Sequence[str] = MEASURES) -> None:
    """Refuse a measure that is none.

    Raises
    ------
    ValueError
        If it is not among those allowed.
    """
    if measure not in allowed:
        raise ValueError(f"a measure is one of {', '.join(allowed)}, not {measure!r}")


def name_measure(themes: ThemeTable, measure: Measure) -> str:
    """Return what a number counts: ``turns``, ``cases`` and so on."""
    return f"{themes.unit}s" if measure == "segments" else measure


def add_whose(text: str, themes: ThemeTable) -> str:
    """Return a text that also tells whose codings are counted, and how many of their differences are open."""
    return f"{text} {themes.table.whose}".rstrip()


def join_words(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``; of many only the first, and how many more there are."""
    if len(words) > _MOST_NAMES:
        words = [*words[: _MOST_NAMES - 1], f"{len(words) - _MOST_NAMES + 1} more"]
    return join(words)
