"""The codes of a figure as rows from top to bottom, grouped by theme, with wrapped names."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.figures.page import LABEL, MARGIN, SMALL, Name, Page, line_height
from qualcode.settling import join_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from qualcode.themes import ThemeTable

INDENT = 2.5
"""Millimetres by which a code stands to the right of the one above it."""
_MOST_ROWS_APART = 40
"""Up to so many rows stand apart comfortably; more are set closer, to stay on one page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A code in a figure.

    Attributes
    ----------
    code
        Its path.
    level
        1 for a theme.
    is_parent
        Whether codes below it are shown too; its numbers are then those of the union.
    lines, size
        Its name, wrapped, and the points that it is printed in.
    top, height
        Place in millimetres.
    """

    code: str
    level: int
    is_parent: bool
    lines: tuple[str, ...]
    size: float
    top: float
    height: float

    @property
    def middle(self) -> float:
        """Where its middle lies."""
        return self.top + self.height / 2

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.top + self.height


def code_names(frame: pd.DataFrame) -> list[Name]:
    """Return the name of each code; its id, which has plain letters only, can be printed instead."""
    return [
        Name(name, code.rpartition("/")[2])
        for name, code in zip(frame["name"].tolist(), frame["code"].tolist(), strict=True)
    ]


def name_whose(themes: ThemeTable) -> Name:
    """Return whose codings are counted, with coders numbered where their names cannot be printed."""
    whose, coders = themes.table.whose, themes.table.coders
    numbered = join_names([f"coder {number}" for number in range(1, len(coders) + 1)])
    return Name(whose, whose.replace(join_names(coders), numbered) if coders else whose)


def find_parents(levels: Sequence[int]) -> list[bool]:
    """Tell for each code, from the levels of all in the order of the codebook, whether another lies below it."""
    return [deeper > level for level, deeper in pairwise([*levels, 0])]


def lay_rows(page: Page, frame: pd.DataFrame, most: float) -> tuple[list[Row], float]:
    """Place a row for each code of a frame with ``code``, ``name`` and ``level``.

    Parameters
    ----------
    page
        Measures the names.
    frame
        The codes, in the order of the codebook.
    most
        Millimetres that names may take at most.

    Returns
    -------
    tuple
        The rows, and the millimetres from the left edge that names take.
    """
    codes, levels = frame["code"].tolist(), frame["level"].tolist()
    parents = find_parents(levels)
    size, padding, gap = (LABEL, 1.4, 2.0) if len(codes) <= _MOST_ROWS_APART else (SMALL, 0.15, 1.2)
    rows: list[Row] = []
    taken, top = 0.0, 0.0
    for number, (code, name, level) in enumerate(zip(codes, code_names(frame), levels, strict=True)):
        indent, bold = INDENT * (level - 1), parents[number]
        lines = page.wrap(page.show(name), most - indent, size, bold=bold)
        taken = max(taken, indent + max(page.measure(line, size, bold=bold) for line in lines))
        if level == 1 and number and (bold or levels[number - 1] > 1):
            top += gap
        height = padding + len(lines) * line_height(size)
        rows.append(Row(code, level, bold, tuple(lines), size, top, height))
        top += height
    return rows, MARGIN + taken


def print_names(page: Page, rows: Sequence[Row], top: float) -> None:
    """Print the rows' names at the left edge."""
    for row in rows:
        left = MARGIN + INDENT * (row.level - 1)
        page.lines(left, top + row.middle, row.lines, size=row.size, bold=row.is_parent)
