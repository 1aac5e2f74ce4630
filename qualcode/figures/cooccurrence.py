"""Which codes come up together, as the lower half of a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qualcode.errors import Problem
from qualcode.figures.cells import (
    Cell,
    draw_cells,
    draw_key,
    fill_boxes,
    key_height,
    note_lines,
    number_width,
    print_note,
    round_up,
)
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import GRID, PALE, SOFT_INK
from qualcode.figures.page import MARGIN, NO_BREAK, SMALL, Box, Page, line_height
from qualcode.figures.rows import code_names, find_parents, name_whose
from qualcode.figures.wording import add_whose, join_words
from qualcode.themes import count_cooccurrence
from qualcode.wording import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from qualcode.figures.formats import Width
    from qualcode.themes import ThemeTable

    Counts = NDArray[np.int64]

_WIDEST, _HIGHEST = 9.0, 5.0
"""Millimetres that a cell takes at most."""
_LEAST_NAME, _MOST_NAME = 0.26, 0.38
"""Shares of the width that are kept for the last name, which has no empty half beside it."""
_BESIDE = 1.0
_MOST_CODES = 60
"""More cannot be read in the width of a page."""


def plot_cooccurrence(themes: ThemeTable, *, width: Width = "two") -> Chart:
    """Draw in how many segments each two codes come up together.

    Each code is named once, on the diagonal: its pairs are the cells to the left of its name and those below it. A
    code is not paired with those above it in the codebook, with which it always comes up.

    Parameters
    ----------
    themes
        What :func:`qualcode.count_themes` returns.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal. Should the numbers not fit, codes never coded
        are left out; should that not do, a key to the shades takes their place. ``problems`` says so.

    Returns
    -------
    Chart
        ``data`` has one row per cell: ``code``, ``other`` (paths), ``segments``; and one per code with itself as
        the other: the segments with the code.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> themes = qualcode.count_themes(table)
    >>> chart = qualcode.plot_cooccurrence(themes)
    >>> list(chart.data.columns)
    ['code', 'other', 'segments']
    """
    level = int(themes.frame["level"].max()) if len(themes.frame) else None
    counts = count_cooccurrence(themes.table, level=level).to_numpy()
    with drawing_style():
        whose = name_whose(themes)
        page = Page(width, [*code_names(themes.frame), whose])
        matrix = _Matrix.lay(page, themes.frame, counts)
        if not matrix.with_numbers and (counts.diagonal() == 0).any():
            coded = counts.diagonal() > 0
            matrix = _Matrix.lay(page, themes.frame[coded], counts[np.ix_(coded, coded)])
        if len(matrix.frame) > _MOST_CODES:
            kept = _choose_codes(counts, themes.frame)
            matrix = _Matrix.lay(page, themes.frame.iloc[kept], counts[np.ix_(kept, kept)])
        matrix.draw(f"{_explain(themes, matrix)} {page.show(whose)}".rstrip())
        problems = (*page.problems("cooccurrence"), *matrix.problems(counts.diagonal()))
        alt = add_whose(_describe(themes, matrix), themes)
        places = np.argwhere(matrix.is_shown).tolist()
        boxes = tuple(matrix.box(*place) if matrix.counts[*place] else None for place in places)
        return Chart("cooccurrence", page.figure, alt, matrix.data, problems, boxes)


@dataclass(frozen=True, slots=True)
class _Matrix:
    """A matrix whose measures are settled."""

    page: Page
    frame: pd.DataFrame
    counts: Counts
    is_pair: NDArray[np.bool_]
    names: list[list[str]]
    parents: list[bool]
    cell_width: float
    tops: list[float]
    with_numbers: bool

    @classmethod
    def lay(cls, page: Page, frame: pd.DataFrame, counts: Counts) -> _Matrix:
        """Settle how wide and high everything is."""
        codes, levels = frame["code"].tolist(), frame["level"].tolist()
        n_codes = len(codes)
        parents = find_parents(levels)
        full = [
            f"{page.show(name)}{NO_BREAK}({total:,})"
            for name, total in zip(code_names(frame), counts.diagonal().tolist(), strict=True)
        ]
        is_pair = _find_pairs(codes)
        room = page.width - 2 * MARGIN - _BESIDE
        widest = max((page.measure(name, bold=bold) for name, bold in zip(full, parents, strict=True)), default=0.0)
        last = min(max(widest, _LEAST_NAME * page.width), _MOST_NAME * page.width)
        needed = number_width(page, int(counts[is_pair].max(initial=0)))
        cells = max(n_codes - 1, 1)
        if room - cells * needed >= _LEAST_NAME * page.width:  # names give way as long as that makes room for numbers
            last = min(last, room - cells * needed)
        cell_width = min(_WIDEST, (room - last) / cells)
        names = [
            page.wrap(name, room - number * cell_width, bold=bold)
            for number, (name, bold) in enumerate(zip(full, parents, strict=True))
        ]
        least = min(max(cell_width, line_height() + 0.2), _HIGHEST)
        heights = [max(least, len(lines) * line_height() + 0.4) for lines in names]
        tops = [MARGIN + sum(heights[:number]) for number in range(n_codes + 1)]
        return cls(page, frame, counts, is_pair, names, parents, cell_width, tops, cell_width >= needed)

    def box(self, row: int, column: int) -> Box:
        """Return the place of a cell; on the diagonal, of a code's name and total."""
        left = MARGIN + column * self.cell_width
        width = self.cell_width if row != column else self.page.width - MARGIN - left
        return Box(left, self.tops[row], width, self.tops[row + 1] - self.tops[row])

    @property
    def is_sum(self) -> NDArray[np.bool_]:
        """Which cells count a code with others below it."""
        parents = np.array(self.parents, dtype=bool)
        sums: NDArray[np.bool_] = np.logical_or.outer(parents, parents)
        return sums

    @property
    def largest(self) -> int:
        """The largest number that a shade shows."""
        shaded = self.is_pair & ~self.is_sum if self.with_numbers else self.is_pair
        return int(self.counts[shaded].max(initial=0))

    @property
    def is_shown(self) -> NDArray[np.bool_]:
        """Which cells show a number: the pairs, and each code's own."""
        shown: NDArray[np.bool_] = self.is_pair | np.eye(len(self.is_pair), dtype=bool)
        return shown

    @property
    def data(self) -> pd.DataFrame:
        """The numbers drawn."""
        codes = self.frame["code"].to_numpy()
        row, column = np.nonzero(self.is_shown)
        return pd.DataFrame({"code": codes[row], "other": codes[column], "segments": self.counts[row, column]})

    def draw(self, note: str) -> None:
        """Draw cells, names and note."""
        page = self.page
        bottom = self.tops[-1] + 1.5
        lines = note_lines(page, note)
        key = 0.0 if self.with_numbers or not self.largest else key_height()
        page.open(bottom + key + len(lines) * line_height(SMALL) + MARGIN)
        axes = page.canvas()
        self._draw_own(axes)
        pairs = np.argwhere(self.is_pair).tolist()
        is_sum = self.is_sum
        cells = [
            Cell(self.box(row, column), int(self.counts[row, column]), bool(is_sum[row, column]))
            for row, column in pairs
        ]
        draw_cells(page, axes, cells, round_up(self.largest), with_numbers=self.with_numbers)
        self._rule_themes(axes)
        for number, (name, bold) in enumerate(zip(self.names, self.parents, strict=True)):
            middle = (self.tops[number] + self.tops[number + 1]) / 2
            page.lines(MARGIN + number * self.cell_width + _BESIDE, middle, name, bold=bold)
        if key:
            draw_key(page, axes, MARGIN, bottom, round_up(self.largest))
        print_note(page, lines, bottom + key)

    def _draw_own(self, axes: Axes) -> None:
        """Fill the cells of a code and one above it, which are no pairs."""
        own = np.argwhere(np.tril(~self.is_pair, -1)).tolist()
        fill_boxes(axes, [self.box(row, column) for row, column in own], [PALE] * len(own), edge=GRID)

    def _rule_themes(self, axes: Axes) -> None:
        """Draw a darker line where a theme with codes below it begins, across and down."""
        levels = self.frame["level"].tolist()
        starts = [number for number, level in enumerate(levels) if level == 1 and number and max(levels) > 1]
        if starts:
            right = [MARGIN + number * self.cell_width for number in starts]
            tops = [self.tops[number] for number in starts]
            axes.hlines(tops, MARGIN, right, colors=SOFT_INK, linewidths=0.5)
            axes.vlines(right, tops, self.tops[-1], colors=SOFT_INK, linewidths=0.5)

    def problems(self, totals: Counts) -> tuple[Problem, ...]:
        """Return what there was no room for, of all codes with the segments that they have."""
        found = []
        n_unused = int((totals == 0).sum()) - int((self.counts.diagonal() == 0).sum())
        n_seldom = len(totals) - len(self.frame) - n_unused
        if n_unused:
            found.append(f"{plural(n_unused, 'code')} without any coding")
        if n_seldom:
            found.append(f"{plural(n_seldom, 'code')} that share fewest segments with others")
        if not self.with_numbers and self.largest:
            found.append("numbers (shades and a key stand for them)")
        if not found:
            return ()
        hint = "Show themes only, or draw it two columns wide" if not self.with_numbers else ""
        return (Problem("figure cooccurrence", "note", "no-room", f"There is no room for {join_words(found)}.", hint),)


def _choose_codes(counts: Counts, frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return the places of the codes that share most segments with others, in their order."""
    pairs = _find_pairs(frame["code"].tolist())
    shared = np.where(pairs | pairs.T, counts, 0).sum(axis=1)
    ranked = np.lexsort((np.arange(len(counts)), -counts.diagonal(), -shared))
    return np.sort(ranked[:_MOST_CODES])


def _find_pairs(codes: list[str]) -> NDArray[np.bool_]:
    """Return which cells of the lower half are pairs of two codes neither of which lies above the other."""
    pairs = np.tril(np.ones((len(codes), len(codes)), dtype=bool), -1)
    for row, code in enumerate(codes):
        for column, other in enumerate(codes[:row]):
            if code.startswith(f"{other}/"):
                pairs[row, column] = False
    return pairs


def _explain(themes: ThemeTable, matrix: _Matrix) -> str:
    note = f"Number of {themes.unit}s in which both codes occur; in brackets, with the code itself."
    if matrix.largest:
        note += f" Shades run from 1 to {round_up(matrix.largest):,}."
    n_coded = int((themes.frame["segments"] > 0).sum())
    if n_coded > len(matrix.frame):
        note += f" Of {n_coded} codes, the {len(matrix.frame)} that share most {themes.unit}s with others."
    if any(themes.frame["level"] > 1):
        note += " Bold: including all codes below it. Grey: a code and one above it."
    return note


def _describe(themes: ThemeTable, matrix: _Matrix) -> str:
    head = f"Co-occurrence matrix of {plural(len(matrix.frame), 'code')}"
    names = matrix.frame["name"].tolist()
    found = [
        (int(matrix.counts[row, column]), names[column], names[row])
        for row, column in np.argwhere(matrix.is_pair).tolist()
        if matrix.counts[row, column] and not (matrix.parents[row] or matrix.parents[column])
    ]
    if not found:
        return f"{head}: no two of them occur in the same {themes.unit}."
    found.sort(key=lambda pair: -pair[0])
    most = [f"{one} and {other} ({plural(count, themes.unit)})" for count, one, other in found[:5]]
    pairs = f"{plural(len(found), 'pair')} of codes share{'s' if len(found) == 1 else ''} a {themes.unit}"
    return f"{head}: {pairs}. Most often together: {'; '.join(most)}."
