"""Which codes come up together in one case: an UpSet plot of at most seven codes and fifteen combinations.

After Lex et al. 2014 (doi:10.1109/TVCG.2014.2346248). A combination has the cases that speak of just these codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qualcode.counting import find_presence
from qualcode.errors import CodebookError, Problem
from qualcode.figures.cells import fill_boxes, note_lines, print_note
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import GRID, INK, PALE, paint_codes
from qualcode.figures.page import LABEL, MARGIN, SMALL, Box, Name, Page, line_height
from qualcode.figures.rows import name_whose
from qualcode.figures.wording import add_whose, join_words
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from qualcode.figures.colours import Colour
    from qualcode.figures.formats import Width
    from qualcode.themes import ThemeTable

MOST_SETS, MOST_BARS = 7, 15
_BARS, _ROW = 34.0, 5.2
"""Millimetres of the bars of combinations, and of a row of the matrix."""
_SIZES = 22.0
"""Millimetres of the bars of the codes, left of their names."""
_WIDEST = 8.5
_DOT = 5.0
_BAR = (0.25, 0.25, 0.25)
_FEW = 2
"""So many combinations say nothing."""


@dataclass(frozen=True, slots=True)
class _Sets:
    """Which cases speak of just which codes.

    Attributes
    ----------
    codes, names
        The codes drawn, in the order of the codebook.
    sizes
        Cases of each code.
    bars
        Combinations with how many cases have each, the most frequent first.
    firsts
        The first case of each.
    n_rest, n_rest_cases
        Combinations that are not drawn, and their cases.
    left_out
        Names of codes for which there was no room.
    n_cases
        All cases that were looked at.
    """

    codes: list[str]
    names: list[str]
    sizes: list[int]
    bars: list[tuple[tuple[str, ...], int]]
    firsts: list[str]
    n_rest: int
    n_rest_cases: int
    left_out: list[str]
    n_cases: int


def plot_upset(themes: ThemeTable, *, codes: Sequence[str] = (), level: int = 1, width: Width = "two") -> Chart:
    """Draw how many cases speak of just which codes.

    Parameters
    ----------
    themes
        What :func:`qualcode.count_themes` returns.
    codes
        Paths or ids of the codes, at most seven; without, those of a level that most cases speak of.
    level
        The level of codes where none are named.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has a row per bar of a code (``combination`` is 0) and per dot of a combination: ``combination`` (from
        1, the most frequent first), ``code``, ``case`` (where the combination has a single one, else ``""``),
        ``cases``.

    Raises
    ------
    CodebookError
        If there is no such code, or more are named than can be drawn.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> themes = qualcode.count_themes(table)
    >>> chart = qualcode.plot_upset(themes, codes=["personal-networks", "personnel-turnover", "scheduling"])
    >>> int(chart.data["combination"].max())
    2
    """
    sets = _find_sets(themes, codes, level)
    with drawing_style():
        whose = name_whose(themes)
        names = [Name(name, code.rpartition("/")[2]) for code, name in zip(sets.codes, sets.names, strict=True)]
        page = Page(width, [*names, whose])
        shown = [page.show(name) for name in names]
        note = note_lines(page, f"{_explain(sets)} {page.show(whose)}".strip())
        data, boxes = _draw(page, sets, page.shorten_apart(shown, 0.34 * page.width), note, themes)
        problems = (*page.problems("upset"), *_report(sets))
        return Chart("upset", page.figure, add_whose(_describe(sets), themes), data, problems, boxes)


def _find_sets(themes: ThemeTable, codes: Sequence[str], level: int) -> _Sets:
    table = themes.table
    chosen = [table.codebook.path(table.codebook.find(code).id) for code in codes]
    if len(chosen) > MOST_SETS:
        message = f"{len(chosen)} codes make more combinations than can be read."
        raise CodebookError(message, hint=f"Name at most {MOST_SETS}")
    presence = find_presence(table, level=None if chosen else level)
    holders: dict[str, NDArray[np.bool_]] = {}
    for path, is_in in zip(presence.codes, presence.matrix, strict=True):
        # A code that is named has what is below it.
        for home in [one for one in chosen if path == one or path.startswith(f"{one}/")] if chosen else [path]:
            holders[home] = holders[home] | is_in if home in holders else is_in
    found = [code for code in chosen or presence.codes if code in holders]
    counts = {code: int(np.count_nonzero(is_in)) for code, is_in in holders.items()}
    kept = sorted(found, key=lambda code: -counts[code])[:MOST_SETS]
    order = [code for code in found if code in kept]
    ranked = _rank([holders[code] for code in order], len(presence.cases))
    names = {table.codebook.path(one.id): one.name for one in table.codebook.walk()}
    bars, rest = ranked[:MOST_BARS], ranked[MOST_BARS:]
    return _Sets(
        codes=order,
        names=[names[code] for code in order],
        sizes=[counts[code] for code in order],
        bars=[(tuple(order[row] for row in rows), n_cases) for rows, n_cases, _ in bars],
        firsts=[presence.cases[first] for _, _, first in bars],
        n_rest=len(rest),
        n_rest_cases=sum(n_cases for _, n_cases, _ in rest),
        left_out=[names[code] for code in found if code not in kept],
        n_cases=len(presence.cases),
    )


def _rank(holders: Sequence[NDArray[np.bool_]], n_cases: int) -> list[tuple[tuple[int, ...], int, int]]:
    """Return the combinations of codes, given the cases of each: its rows, how many cases have it, and the first.

    The most frequent come first; of equals those of fewer codes, and then those of an earlier case.
    """
    key = np.zeros(n_cases, dtype=np.int64)
    for row, is_in in enumerate(holders):
        key |= is_in.astype(np.int64) << row
    keys, firsts, sizes = np.unique(key, return_index=True, return_counts=True)
    found = [
        (tuple(row for row in range(len(holders)) if key >> row & 1), size, first)
        for key, size, first in zip(keys.tolist(), sizes.tolist(), firsts.tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one[1], len(one[0]), one[2]))


@dataclass(slots=True)
class _Drawing:
    """The marks of an UpSet plot on a page, with the rows of data and the boxes that they make."""

    page: Page
    axes: Axes
    sets: _Sets
    left: float
    step: float
    rows_top: float
    data: list[tuple[int, str, str, int]]
    boxes: list[Box | None]

    def middle(self, row: int) -> float:
        """Return where the middle of a code's row lies."""
        return self.rows_top + _ROW * (row + 0.5)

    def draw_sizes(self, names: Sequence[str], colours: Mapping[str, Colour]) -> None:
        """Draw how many cases speak of each code, and its name."""
        page, sets = self.page, self.sets
        rows = range(0, len(sets.codes), 2)
        stripes = [Box(self.left, self.rows_top + _ROW * row, self.step * len(sets.bars), _ROW) for row in rows]
        fill_boxes(self.axes, stripes, [PALE] * len(stripes), edge="face")
        most = max(sets.sizes, default=1)
        for row, (code, name, size) in enumerate(zip(sets.codes, names, sets.sizes, strict=True)):
            length = (_SIZES - 5.0) * size / most
            bar = Box(MARGIN + _SIZES - length, self.middle(row) - 1.5, length, 3.0)
            fill_boxes(self.axes, [bar], [colours[code]], edge="face")
            page.text(bar.left - 0.8, self.middle(row), str(size), size=SMALL, ha="right")
            page.text(MARGIN + _SIZES + 1.5, self.middle(row), name, size=LABEL)
            self.data.append((0, code, "", size))
            self.boxes.append(Box(MARGIN, self.middle(row) - _ROW / 2, self.left - MARGIN, _ROW))

    def draw_bars(self) -> None:
        """Draw how many cases each combination has, and its dots."""
        largest = max((n_cases for _, n_cases in self.sets.bars), default=1)
        floor = self.rows_top - 2.0
        for number, (key, n_cases) in enumerate(self.sets.bars):
            x, height = self.left + self.step * (number + 0.5), (_BARS - 4.0) * n_cases / largest
            fill_boxes(
                self.axes, [Box(x - self.step * 0.3, floor - height, self.step * 0.6, height)], [_BAR], edge="face"
            )
            self.page.text(x, floor - height - 1.6, str(n_cases), size=SMALL, ha="center")
            self._draw_dots(number, x, key, n_cases)

    def _draw_dots(self, number: int, x: float, key: tuple[str, ...], n_cases: int) -> None:
        rows = [row for row, code in enumerate(self.sets.codes) if code in key]
        others = [row for row in range(len(self.sets.codes)) if row not in rows]
        self.axes.plot([x] * len(others), [self.middle(row) for row in others], "o", color=GRID, markersize=_DOT)
        look = "-o" if len(rows) > 1 else "o"
        middles = [self.middle(row) for row in rows]
        self.axes.plot([x] * len(rows), middles, look, color=INK, markersize=_DOT, linewidth=1.1)
        is_single = n_cases == 1
        for row in rows:
            case = self.sets.firsts[number] if is_single else ""
            self.data.append((number + 1, self.sets.codes[row], case, n_cases))
            place = Box(x - self.step / 2, self.middle(row) - _ROW / 2, self.step, _ROW)
            self.boxes.append(place if is_single else None)


def _draw(
    page: Page, sets: _Sets, names: Sequence[str], note: Sequence[str], themes: ThemeTable
) -> tuple[pd.DataFrame, tuple[Box | None, ...]]:
    import pandas as pd

    wide = max((page.measure(name) for name in names), default=0.0)
    left = MARGIN + _SIZES + 1.5 + wide + 3.0
    step = min(_WIDEST, (page.width - left - MARGIN) / max(len(sets.bars), 1))
    rows_top = MARGIN + line_height(SMALL) + _BARS + 2.0
    bottom = rows_top + _ROW * len(sets.codes) + 1.5
    page.open(bottom + len(note) * line_height(SMALL) + MARGIN)
    drawing = _Drawing(page, page.canvas(), sets, left, step, rows_top, [], [])
    drawing.draw_sizes(names, paint_codes(themes.table.codebook))
    drawing.draw_bars()
    page.text(left, MARGIN + line_height(SMALL) / 2, "Cases that speak of just these codes", size=SMALL)
    print_note(page, note, bottom)
    return pd.DataFrame(drawing.data, columns=["combination", "code", "case", "cases"]), tuple(drawing.boxes)


def _explain(sets: _Sets) -> str:
    parts = [f"{plural(sets.n_cases, 'case')}; left: cases that speak of each code."]
    if sets.n_rest:
        parts.append(f"Not drawn: {plural(sets.n_rest, 'combination')} of {plural(sets.n_rest_cases, 'case')}.")
    if sets.left_out:
        parts.append(f"The {len(sets.codes)} codes of most cases; not drawn: {join(sets.left_out)}.")
    return " ".join(parts)


def _report(sets: _Sets) -> list[Problem]:
    if len(sets.bars) > _FEW:
        return []
    message = (
        f"The cases make {plural(len(sets.bars), 'combination')} of these codes, so the figure shows next to nothing."
    )
    return [Problem("figure upset", "note", "few-combinations", message, "Choose codes of a deeper level")]


def _describe(sets: _Sets) -> str:
    if not sets.codes:
        return "UpSet plot without codes: nothing is coded."
    names = dict(zip(sets.codes, sets.names, strict=True))
    told = [
        f"{join_words([names[code] for code in key]) if key else 'none of them'} ({plural(n_cases, 'case')})"
        for key, n_cases in sets.bars[:5]
    ]
    sizes = [f"{name} {size}" for name, size in zip(sets.names, sets.sizes, strict=True)]
    return (
        f"UpSet plot of {plural(len(sets.codes), 'code')} over {plural(sets.n_cases, 'case')} in "
        f"{plural(len(sets.bars) + sets.n_rest, 'combination')}. Cases per code: {'; '.join(sizes)}. "
        f"Most frequent together: {'; '.join(told)}."
    )
