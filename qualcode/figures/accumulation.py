"""How many codes each further case brings: the mean of all orders, the order taken, and new codes below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import GRID, INK, SOFT_INK
from qualcode.figures.page import MARGIN, SMALL, Page, nice_ticks
from qualcode.figures.palette import OKABE_ITO
from qualcode.wording import plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from qualcode.figures.formats import Width
    from qualcode.saturation import Saturation

_LEFT, _RIGHT = 14.0, 4.0
_CURVE, _BARS, _GAP, _AXIS = 48.0, 16.0, 4.0, 9.0
"""Millimetres of the two panels, between them, and of the scale below."""
_HEAD = 5.0
_SAMPLE = 6.5
"""Millimetres of a line of the key, and of a mark in it."""
_MOST_TICKS = 12


def plot_saturation(result: Saturation, *, width: Width = "two") -> Chart:
    """Draw how many codes the cases bring.

    The line is the mean of all orders, and the band 1.96 standard deviations of orders around it; dots are the order
    taken. Bars below are the new codes of each case in that order. Where most codes are in one case, only dots and bars
    are drawn.

    Parameters
    ----------
    result
        What :func:`qualcode.saturate` returns.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has a row per number of cases: ``t``, ``case``, ``new``, ``as_done``, ``expected``, ``low``, ``high``.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> chart = qualcode.plot_saturation(qualcode.saturate(table, base=2, run=1))
    >>> chart.data["as_done"].tolist()
    [16, 22, 22, 22]
    """
    data = result.curve[["t", "as_done", "expected", "low", "high"]].copy()
    data.insert(1, "new", result.new["new"].to_numpy())
    data.insert(1, "case", result.new["case"].to_numpy())
    total = int(data["as_done"].max()) if len(data) else 0
    with drawing_style():
        page = Page(width, [])
        entries = _place_key(page, data)
        top = MARGIN + max(y for _, _, _, y in entries) + _HEAD / 2
        page.open(top + _CURVE + _GAP + _BARS + _AXIS)
        room = page.width - _LEFT - _RIGHT
        curve = page.axes(_LEFT, top, room, _CURVE)
        bars = page.axes(_LEFT, top + _CURVE + _GAP, room, _BARS)
        _draw_curve(page, curve, data, total)
        _draw_bars(page, bars, data)
        _print_key(page, entries)
        return Chart("saturation", page.figure, _describe(data, total), data, page.problems("saturation"))


def _draw_curve(page: Page, axes: Axes, data: pd.DataFrame, total: int) -> None:
    axes.set_ylim(0, max(total * 1.06, 1))
    _tidy(page, axes, len(data), nice_ticks(max(total, 1), 5))
    axes.set_xticklabels([])
    axes.hlines([total], 0, len(data) + 1, colors=SOFT_INK, linewidths=0.6, linestyles="dotted")
    if data["expected"].notna().any():
        axes.fill_between(data["t"], data["low"], data["high"], color=OKABE_ITO[4], alpha=0.35, linewidth=0)
        axes.plot(data["t"], data["expected"], color=OKABE_ITO[0], linewidth=1.2)
    size = 3.6 if len(data) <= _MOST_TICKS * 4 else 1.6
    axes.plot(data["t"], data["as_done"], "o", markersize=size, color=INK, clip_on=False)
    axes.set_ylabel("codes", fontproperties=page.font(SMALL), labelpad=3)


def _draw_bars(page: Page, axes: Axes, data: pd.DataFrame) -> None:
    most = int(data["new"].max()) if len(data) else 1
    axes.set_ylim(0, max(most * 1.06, 1))
    _tidy(page, axes, len(data), nice_ticks(max(most, 1), 3))
    axes.bar(data["t"], data["new"], width=0.7, color=OKABE_ITO[1], linewidth=0)
    axes.set_ylabel("new", fontproperties=page.font(SMALL), labelpad=3)
    axes.set_xlabel("cases", fontproperties=page.font(SMALL), labelpad=2)


def _tidy(page: Page, axes: Axes, n_cases: int, ticks: list[int]) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_linewidth(0.6)
    axes.set_xlim(0.3, n_cases + 0.7)
    steps = nice_ticks(max(n_cases, 1), _MOST_TICKS)
    axes.set_xticks([step for step in steps if step] if n_cases > _MOST_TICKS else list(range(1, n_cases + 1)))
    axes.set_yticks(ticks)
    axes.grid(axis="y", color=GRID, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(length=2, width=0.6, pad=2, labelsize=SMALL)
    for label in [*axes.get_xticklabels(), *axes.get_yticklabels()]:
        label.set_fontproperties(page.font(SMALL))


def _place_key(page: Page, data: pd.DataFrame) -> list[tuple[str, str, float, float]]:
    """Return mark, words, left edge and middle of each entry of the key, in as many lines as they need."""
    entries = [("dot", "in the order taken")]
    if data["expected"].notna().any():
        entries += [("line", "mean of all orders"), ("band", "1.96 SD of orders")]
    placed: list[tuple[str, str, float, float]] = []
    left, middle = _LEFT, _HEAD / 2
    for kind, words in entries:
        taken = _SAMPLE + page.measure(words, SMALL)
        if placed and left + taken > page.width - MARGIN:
            left, middle = _LEFT, middle + _HEAD - 1
        placed.append((kind, words, left, middle))
        left += taken + 5.0
    return placed


def _print_key(page: Page, entries: list[tuple[str, str, float, float]]) -> None:
    axes = page.canvas()
    for kind, words, left, below in entries:
        middle = MARGIN + below
        if kind == "dot":
            axes.plot([left + 2.5], [middle], "o", markersize=3.6, color=INK)
        elif kind == "line":
            axes.plot([left, left + 5], [middle, middle], color=OKABE_ITO[0], linewidth=1.2)
        else:
            axes.fill_between([left, left + 5], middle - 1.2, middle + 1.2, color=OKABE_ITO[4], alpha=0.35, linewidth=0)
        page.text(left + _SAMPLE, middle, words, size=SMALL, colour=SOFT_INK)


def _describe(data: pd.DataFrame, total: int) -> str:
    if data.empty:
        return "No case was looked at."
    steps = ", ".join(str(number) for number in data["as_done"].tolist())
    done = f"In the order taken, {plural(len(data), 'case')} bring {plural(total, 'code')}: {steps}."
    if data["expected"].isna().any():
        return f"{done} No curve is drawn, since most codes are in one case only."
    means = ", ".join(f"{number:.1f}" for number in data["expected"].tolist())
    return f"{done} The mean of all orders is {means}."
