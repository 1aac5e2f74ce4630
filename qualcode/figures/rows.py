"""The codes of a figure as rows from top to bottom, grouped by theme, with wrapped names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.figures.colours import GRID
from qualcode.figures.page import MARGIN, Name, Page, line_height

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

INDENT = 2.5
"""Millimetres by which a code stands to the right of the one above it."""
GAP = 2.0
"""Millimetres between themes."""
_PADDING = 0.7
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
    lines
        Its name, wrapped.
    top, height
        Place in millimetres.
    """

    code: str
    level: int
    is_parent: bool
    lines: tuple[str, ...]
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
    parents = [deeper > level for level, deeper in zip(levels, [*levels[1:], 0], strict=True)]
    least = line_height() + (2 * _PADDING if len(codes) <= _MOST_ROWS_APART else 0.3)
    rows: list[Row] = []
    taken, top = 0.0, 0.0
    for number, (code, name, level) in enumerate(zip(codes, code_names(frame), levels, strict=True)):
        indent = INDENT * (level - 1)
        lines = page.wrap(page.show(name), most - indent, bold=parents[number])
        taken = max(taken, indent + max(page.measure(line, bold=parents[number]) for line in lines))
        if level == 1 and number and (parents[number] or levels[number - 1] > 1):
            top += GAP
        height = least + (len(lines) - 1) * line_height()
        rows.append(Row(code, level, parents[number], tuple(lines), top, height))
        top += height
    return rows, MARGIN + taken


def print_names(page: Page, rows: Sequence[Row], top: float) -> None:
    """Print the rows' names at the left edge, and a rule above each group."""
    for row in rows:
        page.lines(MARGIN + INDENT * (row.level - 1), top + row.middle, row.lines, bold=row.is_parent)


def rule_groups(axes: Axes, rows: Sequence[Row], left: float, right: float) -> None:
    """Draw a thin rule above each theme but the first."""
    tops = [row.top - GAP / 2 for row in rows[1:] if row.level == 1 and row.is_parent]
    if tops:
        axes.hlines(tops, left, right, colors=GRID, linewidths=0.5)
