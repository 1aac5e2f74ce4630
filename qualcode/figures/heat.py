"""How often each code comes up in each case, as a heat map."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.figures.cells import (
    Cell,
    draw_cells,
    draw_key,
    key_height,
    note_lines,
    number_width,
    print_note,
)
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.formats import WIDTHS, Width
from qualcode.figures.page import MARGIN, NO_BREAK, SMALL, Box, Name, Page, line_height
from qualcode.figures.rows import Row, code_names, find_parents, lay_rows, name_whose, print_names
from qualcode.figures.wording import Measure, add_whose, check_measure, join_words, name_measure
from qualcode.themes import count_groups
from qualcode.wording import plural

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.tables import CaseGroups
    from qualcode.themes import ThemeTable

_WIDEST = 24.0
"""Millimetres that a cell is wide at most."""
_LONGEST_HEAD = 40.0
"""Millimetres that a name at the head of a column may take upwards."""
_LEAST_NAMES, _USUAL_NAMES, _MOST_NAMES = 0.3, 0.42, 0.5
"""Shares of the width that the codes' names may take."""
_MOST_COLUMNS = 1000
"""Cases, or groups of them, that are drawn: at 300 dots an inch, each has about two dots."""
_BESIDE = 2.0
"""Millimetres between names and cells."""


def plot_cases(themes: ThemeTable, *, by: str = "case", measure: Measure = "segments", width: Width = "two") -> Chart:
    """Draw a heat map of codes by cases, or by the values of an attribute of the cases.

    Cells without any coding are white. A code with others below it counts their union and has bold numbers
    without a shade.

    Parameters
    ----------
    themes
        What :func:`qualcode.count_themes` returns. Codes without any coding are shown too.
    by
        ``case``, or a column of the table of cases.
    measure
        What the numbers are: ``segments``, ``codings``, ``words``, or ``cases`` when ``by`` is an attribute.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal. Should the numbers not fit, a key to the
        shades takes their place and ``problems`` says so.

    Returns
    -------
    Chart
        ``data`` is what :func:`qualcode.count_by` returns.

    Raises
    ------
    CaseError
        If the table of cases has no such column.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> themes = qualcode.count_themes(table)
    >>> chart = qualcode.plot_cases(themes)
    >>> sorted(set(chart.data["case"]))
    ['P1', 'P2', 'P3', 'P4']
    """
    check_measure(measure)
    level = int(themes.frame["level"].max()) if len(themes.frame) else None
    every = themes.table.frames.group(by)
    groups = every.first(_MOST_COLUMNS)
    data = count_groups(themes.table, groups, level=level)
    names = _name_columns(groups)
    cut = _say_cut(groups, every)
    counts = data[measure].to_numpy().reshape(len(themes.frame), len(names))
    with drawing_style():
        whose = name_whose(themes)
        page = Page(width, [*code_names(themes.frame), *names, whose])
        heat = _Heat.lay(page, themes.frame, names, counts)
        note = " ".join(filter(None, (cut, _explain(themes, by, measure), page.show(whose))))
        cells = heat.draw(note)
        problems = (*heat.page.problems("cases"), *heat.problems(), *_report_cut(cut))
        boxes = tuple(cell.box if cell.count else None for cell in cells) if by == "case" else ()
        alt = add_whose(f"{_describe(themes, names, counts, by, measure)} {cut}".rstrip(), themes)
        return Chart("cases", heat.page.figure, alt, data, problems, boxes, cut)


def _say_cut(drawn: CaseGroups, every: CaseGroups) -> str:
    if len(drawn.names) == len(every.names):
        return ""
    what = "cases" if every.column == "case" else f"values of {every.column}"
    return f"Drawn: the first {len(drawn.names):,} of {len(every.names):,} {what}."


def _report_cut(cut: str) -> tuple[Problem, ...]:
    hint = "Draw themes, which count all of them, or count by an attribute: qualcode themes --by NAME"
    return (Problem("figure cases", "note", "no-room", f"{cut} There is no room for more.", hint),) if cut else ()


def _name_columns(groups: CaseGroups) -> list[Name]:
    if groups.column == "case":
        return [Name(case, f"case {number}") for number, case in enumerate(groups.names, 1)]
    sized = [
        (value, f"(n{NO_BREAK}={NO_BREAK}{size})")
        for value, size in zip(groups.names, groups.sizes.tolist(), strict=True)
    ]
    return [Name(f"{value} {size}", f"group {number} {size}") for number, (value, size) in enumerate(sized, 1)]


@dataclass(frozen=True, slots=True)
class _Heat:
    """A heat map whose measures are settled."""

    page: Page
    rows: list[Row]
    columns: list[str]
    counts: NDArray[np.int64]
    left: float
    cell_width: float
    heads: list[list[str]]
    is_upright: bool
    largest: int
    with_numbers: bool

    @classmethod
    def lay(cls, page: Page, frame: pd.DataFrame, names: list[Name], counts: NDArray[np.int64]) -> _Heat:
        """Settle how wide everything is."""
        n_columns = max(len(names), 1)
        needed = number_width(page, int(counts.max(initial=0)))
        rows, left = lay_rows(page, frame, _room_for_names(page, n_columns, needed))
        left += _BESIDE
        cell_width = min(_WIDEST, (page.width - MARGIN - left) / n_columns)
        with_numbers = cell_width >= needed
        shaded = [number for number, row in enumerate(rows) if not (row.is_parent and with_numbers)]
        columns = [page.show(name) for name in names]
        heads = _wrap_heads(page, columns, cell_width)
        return cls(
            page=page,
            rows=rows,
            columns=columns,
            counts=counts,
            left=left,
            cell_width=cell_width,
            heads=heads or [[name] for name in page.shorten_apart(columns, _LONGEST_HEAD)],
            is_upright=bool(heads),
            largest=int(counts[shaded].max(initial=0)),
            with_numbers=with_numbers,
        )

    @property
    def every(self) -> int:
        """Every how many columns there is room for a name."""
        return 1 if self.is_upright else max(1, ceil(line_height() / self.cell_width))

    @property
    def top(self) -> float:
        """Millimetres above the cells."""
        if self.is_upright:
            return MARGIN + max((len(head) for head in self.heads), default=0) * line_height() + 0.5
        return MARGIN + max((self.page.measure(head[0]) for head in self.heads), default=0.0) + 1.0

    def draw(self, note: str) -> list[Cell]:
        """Draw cells, names and note; return the cells, row by row."""
        page, top = self.page, self.top
        bottom = top + (self.rows[-1].bottom if self.rows else 0.0) + 1.5
        lines = note_lines(page, note)
        key = 0.0 if self.with_numbers or not self.largest else key_height()
        page.open(bottom + key + len(lines) * line_height(SMALL) + MARGIN)
        axes = page.canvas()
        cells = [
            Cell(
                Box(self.left + column * self.cell_width, top + row.top, self.cell_width, row.height),
                int(count),
                row.is_parent,
            )
            for row, counts in zip(self.rows, self.counts, strict=True)
            for column, count in enumerate(counts)
        ]
        draw_cells(page, axes, cells, self.largest, with_numbers=self.with_numbers)
        if key:
            draw_key(page, axes, MARGIN, bottom, self.largest)
        print_names(page, self.rows, top)
        self._print_heads(top)
        print_note(page, lines, bottom + key)
        return cells

    def _print_heads(self, top: float) -> None:
        for number, head in enumerate(self.heads):
            middle = self.left + (number + 0.5) * self.cell_width
            if self.is_upright:
                first = top - 0.5 - (len(head) - 0.5) * line_height()
                for line_number, line in enumerate(head):
                    self.page.text(middle, first + line_number * line_height(), line, ha="center")
            elif number % self.every == 0:
                self.page.text(middle, top - 1.0, head[0], rotation=90)

    def problems(self) -> tuple[Problem, ...]:
        """Return what there was no room for."""
        found = []
        if not self.with_numbers and self.largest:
            found.append("numbers (shades and a key stand for them)")
        if self.every > 1:
            found.append(f"the names of all columns (one in {self.every} is named)")
        if not self.is_upright and any(head[0] != name for head, name in zip(self.heads, self.columns, strict=True)):
            found.append("the full names of the columns")
        if not found:
            return ()
        message = f"There is no room for {join_words(found)}."
        hint = "Draw it two columns wide" if self.page.width < WIDTHS["two"] else ""
        return (Problem("figure cases", "note", "no-room", message, hint),)


def _room_for_names(page: Page, n_columns: int, needed: float) -> float:
    """Return the millimetres that the codes' names may take, so that numbers and names of columns find room."""
    room = page.width - _BESIDE - 2 * MARGIN
    for column in (max(needed, line_height() + 0.05), needed):
        left = room - n_columns * column
        if left >= _LEAST_NAMES * page.width:
            return min(left, _MOST_NAMES * page.width)
    return _USUAL_NAMES * page.width


def _wrap_heads(page: Page, names: list[str], cell_width: float) -> list[list[str]]:
    """Return the columns' names as lines that fit above the cells, or nothing when they do not."""
    room = cell_width - 1.2
    if any(page.measure(word) > room for name in names for word in page.break_up(name)):
        return []
    return [page.wrap(name, room) for name in names]


def _explain(themes: ThemeTable, by: str, measure: Measure) -> str:
    note = f"Number of {name_measure(themes, measure)} with the code, by {by}"
    return f"{note}; in bold, including all codes below it." if any(themes.frame["level"] > 1) else f"{note}."


def _describe(themes: ThemeTable, names: list[Name], counts: NDArray[np.int64], by: str, measure: Measure) -> str:
    columns = plural(len(names), "case" if by == "case" else "group")
    head = f"Heat map of {plural(len(counts), 'code')} by {columns}"
    if not counts.any():
        return f"{head}: nothing is coded."
    parents = find_parents(themes.frame["level"].tolist())
    leaves = [row for row, is_parent in enumerate(parents) if not is_parent]
    spots = [(row, column) for row in leaves for column in range(len(names)) if counts[row, column]]
    spots.sort(key=lambda spot: -counts[spot])
    all_names = themes.frame["name"].tolist()
    most = [f"{all_names[row]} in {names[column].text} ({counts[row, column]:,})" for row, column in spots[:5]]
    zeros = f"{int((counts == 0).sum())} of {counts.size} cells are zero."
    return f"{head}, in numbers of {name_measure(themes, measure)}. Most: {join_words(most)}. {zeros}"
