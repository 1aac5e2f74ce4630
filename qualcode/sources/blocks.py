"""What a reader of a format hands on: blocks of text with what the format itself says about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.model import canonical_text

if TYPE_CHECKING:
    from qualcode.errors import Problem

_LINE_BREAKS = str.maketrans(dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n"))
_UNWANTED = dict.fromkeys(
    [*range(9), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0), 0xFEFF, *range(0xD800, 0xE000)]
)


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, table row or cue of a file.

    Attributes
    ----------
    text
        Its words in canonical form, as the file has them; a soft line break is a line end.
    bold
        How many leading characters are set in bold: speaker labels often are.
    """

    text: str
    bold: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a reader took from a file.

    Attributes
    ----------
    blocks
        In the order of the file. Joined by line ends they are the transcript's text.
    encoding
        Character encoding, for text files.
    left_out
        What was found and not taken, counted.
    problems
        What the user should know.
    """

    blocks: list[Block]
    encoding: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def clean(text: str, left_out: dict[str, int]) -> str:
    """Return text in canonical form and without control characters, which are counted."""
    if not text.isascii() or not text.isprintable():
        text = text.translate(_LINE_BREAKS)
        kept = text.translate(_UNWANTED) if not text.isprintable() else text
        # A byte order mark between two joined files is no loss; the others may be.
        if lost := len(text) - len(kept) - text.count("\ufeff"):
            left_out["control characters"] = left_out.get("control characters", 0) + lost
        text = kept.replace("\ufeff", "")
    return canonical_text(text)
