"""What a reader of a format hands on: blocks of text with what the format itself says about them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from qualcode.model import canonical_text

if TYPE_CHECKING:
    from qualcode.errors import Problem
    from qualcode.model import Comment

_LINE_BREAKS = str.maketrans(dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n"))
_UNWANTED = dict.fromkeys(
    [*range(9), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0), 0xFEFF, *range(0xD800, 0xE000)]
)
_CLEAN = bytes({*range(0x20, 0x100), 0x09, 0x0A, 0x0D} - {0x7F})
_UNCLEAN_WHOLE = (b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xef\xbb\xbf")
_UNCLEAN_BEGINNING = {b"\xc2": re.compile(rb"\xc2[\x80-\x9f]"), b"\xed": re.compile(rb"\xed[\xa0-\xbf]")}


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said at a time, in subtitles and speech recognition.

    Attributes
    ----------
    text
        Its words, in the lines of the file.
    speaker
        Who says it, where the format or a label in the cue tells.
    start, end
        In seconds.
    """

    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the format itself says about a block, so that nobody looks for labels in it.

    Attributes
    ----------
    speaker
        Who speaks, ``""`` for nobody known; ``None`` where the turn before goes on.
    start
        How many characters of the block are label and stamp.
    times
        Where in the block, and when, each of its cues begins.
    """

    speaker: str | None
    start: int = 0
    times: tuple[tuple[int, float | None], ...] = ()


class TextBlock(NamedTuple):  # a file has thousands, and frozen dataclasses take three times as long to make
    """One paragraph or table row of a file, or the cues that make a paragraph.

    Attributes
    ----------
    text
        Its words in canonical form, as the file has them; a soft line break is a line end.
    bold
        How many leading characters are set in bold: speaker labels often are.
    said
        Speaker and times, where the format has them apart from the words.
    """

    text: str
    bold: int = 0
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a reader took from a file.

    Attributes
    ----------
    blocks
        In the order of the file. Joined by line ends they are the transcript's text.
    cues
        What follows the blocks, in formats made of cues.
    encoding
        Character encoding, for text files.
    left_out
        What was found and not taken, counted.
    problems
        What the user should know.
    language
        Code of the language, where the file states it.
    is_talk
        Whether people talk with each other; in a survey nobody asks.
    comments
        What people wrote beside the blocks; places count characters of the blocks joined by line ends.
    interviewers
        Labels of those who ask, where the format says so.
    is_exact
        Whether others count places in the text, so that it stays as it is to the character.
    whole
        All that a text file holds in canonical form, where its format is plain text; else nothing.
    """

    blocks: list[TextBlock] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    encoding: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    language: str = ""
    is_talk: bool = True
    comments: list[Comment] = field(default_factory=list)
    interviewers: frozenset[str] = frozenset()
    is_exact: bool = False
    whole: str = ""


def _is_unclean(text: bytes) -> bool:
    """Tell whether a text in UTF-8 has signs that are taken out, or others at which lines break."""
    return (
        bool(text.translate(None, _CLEAN))
        or any(sign in text for sign in _UNCLEAN_WHOLE)
        or any(first in text and sign.search(text) for first, sign in _UNCLEAN_BEGINNING.items())
    )


def clean_text(text: str, left_out: dict[str, int]) -> str:
    """Return text in canonical form and without control characters, which are counted."""
    is_usual = text.isascii() and text.isprintable()
    if not is_usual and _is_unclean(text.encode("utf-8", "surrogatepass")):
        text = text.translate(_LINE_BREAKS)
        kept = text.translate(_UNWANTED) if not text.isprintable() else text
        # A byte order mark between two joined files is no loss; the others may be.
        if lost := len(text) - len(kept) - text.count("\ufeff"):
            left_out["control characters"] = left_out.get("control characters", 0) + lost
        text = kept.replace("\ufeff", "")
    return canonical_text(text)
