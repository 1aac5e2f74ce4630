"""A table for a terminal or a file of text: as wide as it may be, long texts in several lines, a header in bold.

Laid out as rich lays out a table without lines, in a hundredth of the time: a list of quotes may have 100,000 rows.
"""

from __future__ import annotations

import re
from itertools import repeat
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, chop_cells

from qualcode.cells import find_different, is_missing
from qualcode.cli._terminal import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from qualcode.columns import Column

GAP = 2
"""Blanks between columns."""

_BETWEEN = " " * GAP
_WORD = re.compile(r"\s*\S+\s*")
_SINGLE = re.compile("[!-~¡-¬®-ʯ‐-‧][ !-~¡-¬®-ʯ‐-‧]*")
"""Text in western letters, no blank before it: each character takes one column, and words lie between blanks."""


def lay_out(heads: Sequence[str], columns: Sequence[Column], *, numbers: Collection[int], room: int) -> Iterator[str]:
    """Yield the lines of a table: those of the header, an empty text, and those of the rows.

    Parameters
    ----------
    heads, columns
        The header, and the cells column by column.
    numbers
        Places of columns that stand to the right and are never broken.
    room
        Columns of the screen or page.
    """
    sides = [place in numbers for place in range(len(heads))]
    # A column shares the gaps beside it with its neighbours, so that those at the edges have less to give.
    gaps = [(place > 0) + (place < len(heads) - 1) for place in range(len(heads))]
    found = [find_different(column) for column in columns]
    wanted = [
        max(map(_measure, [head, *cells])) + gap for head, (cells, _), gap in zip(heads, found, gaps, strict=True)
    ]
    fitting = _fit(wanted, [not one for one in sides], room)
    widths = [max(width - gap, 1) for width, gap in zip(fitting, gaps, strict=True)]  # no room at all: letter by letter
    yield from _lay_rows([find_different([head]) for head in heads], widths, sides)
    yield ""
    yield from _lay_rows(found, widths, sides)


def as_cell(value: object) -> str:
    """Return a value as a cell shows it to a person."""
    if isinstance(value, str):
        return clean(value)
    if is_missing(value):
        return ""
    return f"{value:g}" if isinstance(value, float) else clean(str(value))


def _measure(cell: str) -> int:
    if cell.isascii() and "\n" not in cell:
        return len(cell)
    return max(map(cell_len, cell.split("\n")))


def _fit(wanted: Sequence[int], can_break: Sequence[bool], room: int) -> list[int]:
    """Return widths that fit: the widest columns of text give first, down to those that follow."""
    widths = list(wanted)
    while (excess := sum(widths) - room) > 0:
        texts = sorted({width for width, one in zip(widths, can_break, strict=True) if one}, reverse=True)
        if not texts or texts[0] <= 1:
            break
        widest = [place for place, width in enumerate(widths) if can_break[place] and width == texts[0]]
        step = texts[0] - (texts[1] if len(texts) > 1 else 1)
        for left, place in zip(range(len(widest), 0, -1), widest, strict=True):
            given = min(step, round(excess / left))
            widths[place] -= given
            excess -= given
    return widths


def _lay_rows(
    columns: Sequence[tuple[Sequence[str], NDArray[np.integer[Any]]]], widths: Sequence[int], sides: Sequence[bool]
) -> Iterator[str]:
    """Yield the lines of rows, which are as deep as the longest of their cells."""
    blanks = [" " * width for width in widths]
    firsts, further = [], []
    for place, ((cells, numbers), width, is_number) in enumerate(zip(columns, widths, sides, strict=True)):
        made = [[_pad(line, width, is_number) for line in _break(cell, width)] for cell in cells]
        ahead, behind = ("".join(parts) for parts in _split_blanks(blanks, place))
        rows = numbers.tolist()
        firsts.append(map([lines[0] for lines in made].__getitem__, rows))
        rest = [_Rest(place, lines[1:], ahead, behind) if len(lines) > 1 else None for lines in made]
        if any(rest):
            further.append(map(rest.__getitem__, rows))
    deeper = zip(*further, strict=True) if further else repeat(())
    for line, deep in zip(map(_BETWEEN.join, zip(*firsts, strict=True)), deeper, strict=False):
        yield line
        several = list(filter(None, deep))
        if len(several) == 1:
            yield from several[0].alone
        elif several:
            yield from _lay_several(several, blanks)


class _Rest:
    """The lines of a cell below its first, and these as lines of the table on which nothing else is."""

    def __init__(self, place: int, lines: Sequence[str], ahead: str, behind: str) -> None:
        self.place, self.lines = place, lines
        self.alone = [f"{ahead}{line}{behind}" for line in lines]


def _lay_several(several: Sequence[_Rest], blanks: Sequence[str]) -> Iterator[str]:
    """Yield the lines below the first of a row in which several cells have more than one."""
    for number in range(max(len(one.lines) for one in several)):
        line = list(blanks)
        for one in several:
            if number < len(one.lines):
                line[one.place] = one.lines[number]
        yield _BETWEEN.join(line)


def _split_blanks(blanks: Sequence[str], place: int) -> tuple[list[str], list[str]]:
    """Return what stands before a column and behind it in a line that nothing else is on."""
    return [blank + _BETWEEN for blank in blanks[:place]], [_BETWEEN + blank for blank in blanks[place + 1 :]]


def _pad(text: str, width: int, is_number: bool) -> str:  # noqa: FBT001  # mapped over columns
    blank = " " * (width - (len(text) if text.isascii() else cell_len(text)))
    return blank + text if is_number else text + blank


def _break(cell: str, width: int) -> list[str]:
    """Return a cell in lines that fit: broken between words, and within those that are longer than a line."""
    if len(cell) <= width and cell.isascii() and "\n" not in cell:
        return [cell]
    return [part.rstrip() for line in cell.split("\n") for part in _break_line(line, width)]


def _break_line(line: str, width: int) -> list[str]:
    if _SINGLE.fullmatch(line) and (parts := _cut_between_words(line, width)):
        return parts
    return list(_break_measured(line, width))


def _cut_between_words(line: str, width: int) -> list[str]:
    """Return the parts of a line whose characters all take one column; nothing when a word is longer than a part."""
    parts = []
    start, end = 0, len(line.rstrip())
    while end - start > width:
        last = line.rfind(" ", start, start + width + 1)  # a blank that ends the part may stand beyond its edge
        if last <= start:
            return []
        at = last + 1 if line[last + 1] != " " else end - len(line[last:end].lstrip())
        parts.append(line[start:at])
        start = at
    return [*parts, line[start:]]


def _break_measured(line: str, width: int) -> Iterator[str]:
    start = offset = 0
    for found in _WORD.finditer(line):
        word, at = found[0], found.start()
        size = cell_len(word.rstrip())
        if width - offset >= size:
            offset += cell_len(word)
        elif size > width:
            for part in chop_cells(word, width):
                if at:
                    yield line[start:at]
                    start = at
                offset, at = cell_len(part), at + len(part)
        else:
            if offset and at:
                yield line[start:at]
                start = at
            offset = cell_len(word)
    yield line[start:]
