"""What share of each group of cases speaks of each code: a dot and its interval per group, one row a code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import GRID, INK, SOFT_INK
from qualcode.figures.page import MARGIN, SMALL, Name, Page
from qualcode.figures.palette import OKABE_ITO
from qualcode.figures.rows import code_names, lay_rows, print_names
from qualcode.figures.wording import join_words
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from qualcode.comparing import GroupTable
    from qualcode.figures.formats import Width
    from qualcode.figures.rows import Row

_MARKS = ("o", "s", "^", "D", "v")
"""Groups differ in shape as well as in colour."""
_STEP = 2.0
"""Millimetres from one group of a row to the next."""
_KEY, _AXIS = 4.5, 8.5


def plot_groups(result: GroupTable, *, width: Width = "two") -> Chart:
    """Draw the share of each group that speaks of each code, with Wilson's 95 % interval.

    Parameters
    ----------
    result
        What :func:`qualcode.compare` returns. Of more than five groups the first five are drawn.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has a row per code and group: ``code``, ``name``, ``level``, ``group``, ``cases``, ``n_cases``,
        ``percent``, ``low``, ``high``.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> cases = qualcode.read_cases("transcripts_sample/cases.csv")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook, cases=cases)
    >>> chart = qualcode.plot_groups(qualcode.compare(table, "role", level=1))
    >>> len(chart.data)
    20
    """
    groups = [name for name, cases in result.groups.items() if cases][: len(_MARKS)]
    columns = ["code", "name", "level", "group", "cases", "n_cases", "percent", "low", "high"]
    data = result.frame[result.frame["group"].isin(groups)][columns].reset_index(drop=True)
    codes = data.drop_duplicates("code")
    labels = [
        Name(f"{group} (n = {len(result.groups[group])})", f"group {number + 1}") for number, group in enumerate(groups)
    ]
    with drawing_style():
        page = Page(width, [*code_names(codes), *labels])
        rows, names_width = lay_rows(page, codes, 0.45 * page.width)
        rows = _heighten(rows, _STEP * len(groups) + 1.2)
        left = names_width + 3.0
        key = _place_key(page, [page.show(label) for label in labels])
        top = MARGIN + (key[-1][2] + _KEY / 2 if key else 0.0)
        bottom = rows[-1].bottom if rows else 1.0
        page.open(top + bottom + _AXIS)
        axes = page.axes(left, top, page.width - left - 4.0, bottom)
        _draw_scale(page, axes, bottom)
        for number, group in enumerate(groups):
            _draw_group(axes, rows, data[data["group"] == group], number, len(groups))
        _print_key(page, key)
        print_names(page, rows, top)
        problems = (*page.problems("groups"), *_report_more(len(result.groups) - len(groups)))
        return Chart("groups", page.figure, _describe(data, groups), data, problems)


def _heighten(rows: Sequence[Row], least: float) -> list[Row]:
    """Return rows that are each as high as their groups need."""
    taller, push = [], 0.0
    for row in rows:
        height = max(row.height, least)
        taller.append(replace(row, top=row.top + push, height=height))
        push += height - row.height
    return taller


def _draw_scale(page: Page, axes: Axes, bottom: float) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_linewidth(0.6)
    axes.set_xlim(0, 100)
    axes.set_yticks([])
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.tick_params(axis="x", length=2, width=0.6, pad=2, labelsize=SMALL)
    axes.vlines([0, 25, 50, 75, 100], 0, bottom, colors=GRID, linewidths=0.5)
    axes.set_xlabel("% of the cases of the group, with 95% interval", fontproperties=page.font(SMALL), labelpad=2)


def _draw_group(axes: Axes, rows: Sequence[Row], mine: pd.DataFrame, number: int, n_groups: int) -> None:
    offset = (number - (n_groups - 1) / 2) * _STEP
    middles = [row.middle + offset for row in rows]
    colour = OKABE_ITO[number]
    axes.hlines(middles, mine["low"], mine["high"], colors=colour, linewidths=0.9)
    axes.plot(mine["percent"], middles, _MARKS[number], markersize=3.4, color=colour, linestyle="none", clip_on=False)


def _place_key(page: Page, labels: Sequence[str]) -> list[tuple[str, float, float]]:
    """Return words, left edge and middle of each group, in as many lines as they need."""
    placed: list[tuple[str, float, float]] = []
    left, middle = MARGIN, _KEY / 2
    for label in labels:
        taken = 4.0 + page.measure(label, SMALL)
        if placed and left + taken > page.width - MARGIN:
            left, middle = MARGIN, middle + _KEY - 0.5
        placed.append((label, left, middle))
        left += taken + 4.0
    return placed


def _print_key(page: Page, key: Sequence[tuple[str, float, float]]) -> None:
    axes = page.canvas()
    for number, (label, left, below) in enumerate(key):
        axes.plot([left + 1.2], [MARGIN + below], _MARKS[number], markersize=3.4, color=OKABE_ITO[number])
        page.text(left + 3.5, MARGIN + below, label, size=SMALL, colour=SOFT_INK if len(key) > 1 else INK)


def _report_more(n_more: int) -> list[Problem]:
    if n_more <= 0:
        return []
    message = f"Not drawn: {plural(n_more, 'group')} more, or without a case."
    return [Problem("figure groups", "note", "many-groups", message, "Unite groups in the table of cases")]


def _describe(data: pd.DataFrame, groups: Sequence[str]) -> str:
    told = [
        f"{row['name']}: {row['group']} {row['cases']} of {row['n_cases']} ({row['percent']:.0f}%, {row['low']:.0f} to "
        f"{row['high']:.0f})"
        for row in data.to_dict("records")
    ]
    return f"Cases of {join_words(list(groups)) or 'no group'} that speak of each code. {'; '.join(told)}."
