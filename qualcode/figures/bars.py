"""How often, or by how many, each theme is spoken of, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.figures.cells import note_lines, print_note
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import INK, SOFT_INK, paint_codes, tint
from qualcode.figures.page import MARGIN, SMALL, Box, Page, line_height, nice_ticks
from qualcode.figures.rows import Row, code_names, lay_rows, name_whose, print_names
from qualcode.figures.wording import Measure, add_whose, check_measure, join_words, name_measure
from qualcode.themes import MARK
from qualcode.wording import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from qualcode.figures.formats import Width
    from qualcode.themes import ThemeTable

_AXIS = 8.5
"""Millimetres below the bars for the scale and its title."""
_BAR = 0.68
"""Share of a row's height that its bar takes."""


def plot_themes(themes: ThemeTable, *, measure: Measure = "cases", width: Width = "two") -> Chart:
    """Draw a bar for each theme and code, grouped by theme, with "n of N cases" at its end.

    Parameters
    ----------
    themes
        What :func:`qualcode.count_themes` returns. Codes without any coding are shown too.
    measure
        What the length of a bar is: ``cases`` (the scale then ends at the number of all cases), ``segments``,
        ``codings`` or ``words``.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` is ``themes.frame``.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> themes = qualcode.count_themes(table)
    >>> chart = qualcode.plot_themes(themes, width="one")
    >>> round(chart.size[0])
    85
    """
    check_measure(measure)
    frame = themes.frame
    with drawing_style():
        whose = name_whose(themes)
        page = Page(width, [*code_names(frame), whose])
        ends = _word_ends(themes, measure)
        end_width = max((page.measure(end, SMALL) for end in ends), default=0.0)
        rows, names_width = lay_rows(page, frame, min(0.5 * page.width, 0.72 * page.width - end_width))
        bottom = rows[-1].bottom if rows else 0.0
        note = note_lines(page, _explain(themes, measure, page.show(whose)))
        page.open(bottom + 2 * MARGIN + _AXIS + (MARGIN + len(note) * line_height(SMALL) if note else 0.0))
        left = names_width + 2.0
        room = page.width - left - end_width - 1.0 - MARGIN
        axes = page.axes(left, MARGIN, room, bottom + 1.0)
        values = frame[measure].tolist()
        largest = max([1, *([themes.n_cases] if measure == "cases" else values)])
        axes.set_xlim(0, largest)
        _draw_scale(page, axes, f"Number of {name_measure(themes, measure)}", largest)
        _draw_bars(axes, rows, values, paint_codes(themes.table.codebook))
        for row, value, end in zip(rows, values, ends, strict=True):
            place = left + room * value / largest + 1.0
            page.text(place, MARGIN + row.middle, end, size=SMALL, colour=INK if value else SOFT_INK)
        print_names(page, rows, MARGIN)
        print_note(page, note, bottom + 2 * MARGIN + _AXIS)
        alt = add_whose(_describe(themes, measure), themes)
        boxes = tuple(
            Box(0.0, MARGIN + row.top, page.width, row.height) if value else None
            for row, value in zip(rows, values, strict=True)
        )
        return Chart("themes", page.figure, alt, frame, page.problems("themes"), boxes)


def _explain(themes: ThemeTable, measure: Measure, whose: str) -> str:
    is_unsure = bool(themes.unsure[["cases", measure]].to_numpy().any())
    told = [whose, f"{MARK} marks a number that an open difference could change." if is_unsure else ""]
    return " ".join(filter(None, told))


def _word_ends(themes: ThemeTable, measure: Measure) -> list[str]:
    """Return what stands at the end of each bar."""
    marks = {name: [MARK if is_unsure else "" for is_unsure in themes.unsure[name].tolist()] for name in themes.unsure}
    cases = plural(themes.n_cases, "case")
    counted = zip(themes.frame["cases"].tolist(), marks["cases"], strict=True)
    ends = [f"{value}{mark} of {cases}" for value, mark in counted]
    if measure == "cases":
        return ends
    values = zip(themes.frame[measure].tolist(), marks[measure], ends, strict=True)
    return [f"{value:,}{mark} ({end})" for value, mark, end in values]


def _draw_scale(page: Page, axes: Axes, title: str, largest: float) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_linewidth(0.6)
    axes.set_yticks([])
    axes.set_xticks(nice_ticks(largest, 5 if page.width > 100 else 3))  # noqa: PLR2004  # millimetres
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(axis="x", length=2, width=0.6, pad=2, labelsize=SMALL)
    axes.set_xlabel(title, fontproperties=page.font(SMALL), labelpad=2)


def _draw_bars(axes: Axes, rows: list[Row], values: list[int], colours: dict[str, tuple[float, float, float]]) -> None:
    shown = [colours[row.code] if row.level == 1 else tint(colours[row.code]) for row in rows]
    axes.barh(
        [row.middle for row in rows],
        values,
        height=_BAR * min((row.height for row in rows), default=1.0),
        color=shown,
    )


def _describe(themes: ThemeTable, measure: Measure) -> str:
    frame = themes.frame
    if frame.empty:
        return "Bar chart without bars: the codebook has no codes."
    n_themes = int((frame["level"] == 1).sum())
    below = " and the codes below" if len(frame) > n_themes else ""
    head = f"Bar chart of {plural(n_themes, 'theme')}{below} by number of {name_measure(themes, measure)}"
    ends = _word_ends(themes, measure)
    tops = [f"{name} {end}" for name, level, end in zip(frame["name"], frame["level"], ends, strict=True) if level == 1]
    unused = frame.loc[frame["codings"] == 0, "name"].tolist()
    parts = [f"{head}.", f"Themes: {'; '.join(tops)}."]
    if len(frame) > n_themes:
        codes = frame[frame["level"] > 1]
        most = codes[codes[measure] == codes[measure].max()]["name"].tolist()
        if codes[measure].max() > 0:
            parts.append(f"Most frequent below them: {join_words(most)} ({codes[measure].max():,}).")
    if unused:
        parts.append(f"Never coded: {join_words(unused)}.")
    return " ".join(parts)
