"""Cells with a shade and a number each, for heat maps and matrices, and the key to their shades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.figures.colours import GRID, SOFT_INK, WHITE, ink_on, shade
from qualcode.figures.page import MARGIN, SMALL, Box, Page, PolyCollection, corners, line_height

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from qualcode.figures.colours import Colour

_MOST_SHAPES = 3000
"""Cells of which each is a shape by itself in SVG and PDF; more are one picture, which every program opens at once."""
_KEY_STEPS = 24
_KEY_STEP, _KEY_HEIGHT = 1.2, 2.4
_AROUND = 0.5
"""Millimetres that a number needs beside itself in a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A number in its place.

    Attributes
    ----------
    box
        The place.
    count
        The number.
    is_sum
        Whether it is that of a code with others below it: then it is bold and without a shade, which would outshine
        those of its parts.
    """

    box: Box
    count: int
    is_sum: bool = False


def number_width(page: Page, largest: int) -> float:
    """Return the millimetres that a cell must be wide to hold numbers up to ``largest``."""
    return page.measure("8" * len(str(largest)), SMALL, bold=True) + _AROUND


def fill_boxes(axes: Axes, boxes: Sequence[Box], fills: Sequence[Colour], *, edge: str) -> None:
    """Draw filled rectangles on axes that span the page."""
    filled = PolyCollection(corners(boxes), facecolors=list(fills), edgecolors=edge, linewidths=0.4)
    filled.set_rasterized(len(boxes) > _MOST_SHAPES)
    axes.add_collection(filled, autolim=False)


def draw_cells(page: Page, axes: Axes, cells: Sequence[Cell], largest: int, *, with_numbers: bool) -> None:
    """Draw cells; zeros are white and blank, all else has its number when there is room for numbers."""
    shades = {count: shade(count, largest) for count in {cell.count for cell in cells}}
    fills = [WHITE if cell.is_sum and with_numbers else shades[cell.count] for cell in cells]
    fill_boxes(axes, [cell.box for cell in cells], fills, edge=GRID)
    for cell, fill in zip(cells, fills, strict=True):
        if cell.count and with_numbers:
            x, y = cell.box.left + cell.box.width / 2, cell.box.top + cell.box.height / 2
            page.text(x, y, str(cell.count), size=SMALL, bold=cell.is_sum, ha="center", colour=ink_on(fill))


def round_up(largest: int) -> int:
    """Return the end of a scale of shades: 10, 20, 50, 100 …, so that a count of 2 is pale wherever it is the largest.

    Examples
    --------
    >>> round_up(2), round_up(11), round_up(100)
    (10, 20, 100)
    """
    power = 10
    while 5 * power < largest:
        power *= 10
    return next(size * power for size in (1, 2, 5) if size * power >= largest)


def key_height() -> float:
    """Return the millimetres that the key takes."""
    return _KEY_HEIGHT + MARGIN


def draw_key(page: Page, axes: Axes, left: float, top: float, largest: int) -> None:
    """Draw the key to the shades, from 1 to the largest number."""
    middle = top + _KEY_HEIGHT / 2
    start = left + page.measure("1", SMALL) + MARGIN
    boxes = [Box(start + step * _KEY_STEP, top, _KEY_STEP, _KEY_HEIGHT) for step in range(_KEY_STEPS)]
    counts = [1 + (largest - 1) * step / (_KEY_STEPS - 1) for step in range(_KEY_STEPS)]
    fill_boxes(axes, boxes, [shade(count, largest) for count in counts], edge="face")
    page.text(left, middle, "1", size=SMALL)
    page.text(start + _KEY_STEPS * _KEY_STEP + MARGIN, middle, str(largest), size=SMALL)


def note_lines(page: Page, note: str) -> list[str]:
    """Return a note as lines of the page's width; none of an empty one."""
    return [] if not note else page.wrap(note, page.width - 2 * MARGIN, SMALL)


def print_note(page: Page, lines: Sequence[str], top: float) -> None:
    """Print a note that says what the cells show."""
    for number, line in enumerate(lines):
        page.text(MARGIN, top + (number + 0.5) * line_height(SMALL), line, size=SMALL, colour=SOFT_INK)
