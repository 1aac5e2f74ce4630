"""Pieces of what leaves: a stretch of text with its place, whatever file it stood in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from qualcode.errors import Problem

Sought = Literal["all", "names", "position"]
"""What is looked for: everything, or names only, as in parts full of numbers that mean nothing; or it is found already:
a position on the earth."""

MAX_BYTES = 256_000_000
"""Size of a file above which it is not read."""
MAX_UNPACKED = 1_000_000_000
"""What all files inside one file may come to."""
MAX_MEMBERS = 50_000
MAX_DEPTH = 6
"""How many files may lie one in another."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text of a file.

    Attributes
    ----------
    place
        Where in the file a person finds it.
    text
        The words.
    sought
        What is looked for in it.
    inner
        The way to a file inside the file, such as ``report.docx`` in an archive.
    """

    place: str
    text: str
    sought: Sought = "all"
    inner: tuple[str, ...] = ()


@dataclass(slots=True)
class Limits:
    """How much is still unpacked of one file, and what could not be read in it."""

    room: int = MAX_UNPACKED
    members: int = MAX_MEMBERS
    problems: list[Problem] = field(default_factory=list)

    def take(self, size: int) -> bool:
        """Tell whether so many bytes may still be unpacked, and count them."""
        self.members -= 1
        if size > MAX_BYTES or size > self.room or self.members < 0:
            return False
        self.room -= size
        return True
