"""What stands in a report, and in what order."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ThemeColumn = Literal["definition", "cases", "percent", "segments", "codings", "words", "transcripts", "quote"]
"""The columns that a theme table can have beside the name."""

Empty = Literal["shown", "hidden"]
"""Whether codes without codings, and attributes without values, are shown; what is hidden is named below the table."""

Numbers = Literal["en", "de", "fr", "es", "it", "pt", "nl", "sv", "zh"]
"""The languages in which numbers can be written."""

_SEPARATORS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("de", "es", "it", "nl", "pt"), (".", ",")),
    **dict.fromkeys(("fr", "sv"), ("\u202f", ",")),
}
"""What parts thousands, and what comes before decimals, where it is not as in English."""

_NUMBER = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.\d+)(?![\w]|[.,]\d)")
"""A number in which something parts the digits."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question to the codings that the report answers; see :func:`qualcode.find`."""

    ask: str
    name: str = ""
    answer: Literal["coding", "segment", "case"] = "case"
    where: Mapping[str, str] = field(default_factory=dict)
    quotes: int = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands in a report, and in what order.

    Attributes
    ----------
    title
        Of the report; ``""``: as elsewhere.
    sections
        Ids of :data:`qualcode.reports.SECTIONS` in the order in which they come; empty: all, in theirs.
    codes
        Paths or ids of the codes that tables list, with all below them; empty: all. Counts stay as they are.
    attributes
        The attributes of cases that the table of participants shows; ``None``: all.
    columns
        Of the theme table, beside the name; empty: those that fit the approach.
    empty
        Whether codes without codings, and attributes without values, are shown.
    numbers
        The language in which numbers are written on paper.
    quotes
        How many quotes each code has on paper; ``None``: as elsewhere.
    questions
        What is asked of the codings; empty: the questions that the study saved.
    agreement
        ``coders``, ``level``, ``drawn``, ``resolved`` of :func:`qualcode.measure_agreement`; ``blocks`` of
        :func:`qualcode.track_agreement`, whose course is shown where they are given.
    saturation
        ``base``, ``run``, ``threshold``, ``order``, ``level`` of :func:`qualcode.saturate`; ``None``: not asked for.
    display
        ``by``, ``bands``, ``number``, ``level`` of :func:`qualcode.make_display`; ``None``: not asked for.
    trail
        ``only``, ``since`` of :func:`qualcode.list_trail`, for the steps that are listed; ``None``: not asked for,
        unless ``sections`` name it.
    """

    title: str = ""
    sections: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    attributes: tuple[str, ...] | None = None
    columns: tuple[ThemeColumn, ...] = ()
    empty: Empty = "shown"
    numbers: Numbers = "en"
    quotes: int | None = None
    questions: tuple[AskedQuestion, ...] = ()
    agreement: Mapping[str, Any] = field(default_factory=dict)
    saturation: Mapping[str, Any] | None = None
    display: Mapping[str, Any] | None = None
    trail: Mapping[str, Any] | None = None

    def has(self, section: str) -> bool:
        """Tell whether a section is wished for."""
        return not self.sections or section in self.sections

    @property
    def plain(self) -> dict[str, Any]:
        """What it says beside what goes without saying, as plain data with the keys of ``report.yaml``."""
        told = {
            key: dict(sorted(value.items())) if isinstance(value, dict) else value
            for key, value in asdict(self).items()
            if value != getattr(USUAL, key)
        }
        if self.questions:
            told["questions"] = [
                {"in" if key == "answer" else key: value for key, value in asdict(one).items()}
                for one in self.questions
            ]
        return told


USUAL = Layout()
"""What stands in a report that nobody laid out."""


def localise(text: str, numbers: str) -> str:
    """Return a text of ours with its numbers as another language writes them.

    Parameters
    ----------
    text
        With numbers as English has them: ``1,234.5``.
    numbers
        The language, as in :data:`Numbers`.

    Returns
    -------
    str
        The text. Versions such as 0.1.0, and what belongs to a word, stay.

    Examples
    --------
    >>> localise("1,234 words; .82 of 1.5; version 0.1.0", "de")
    '1.234 words; ,82 of 1,5; version 0.1.0'
    """
    if numbers not in _SEPARATORS:
        return text
    thousands, point = _SEPARATORS[numbers]

    def rewrite(found: re.Match[str]) -> str:
        whole, dot, rest = found[0].partition(".")
        return whole.replace(",", thousands) + (point if dot else "") + rest

    return _NUMBER.sub(rewrite, text)
