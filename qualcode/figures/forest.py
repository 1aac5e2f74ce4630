"""How far coders agree on each code: a point and its interval, beside the limits that readers know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from qualcode.agreement import find_coefficient
from qualcode.errors import AgreementError
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import GRID, INK, SOFT_INK
from qualcode.figures.page import MARGIN, SMALL, Page
from qualcode.figures.palette import OKABE_ITO
from qualcode.figures.rows import Row, code_names, lay_rows, print_names
from qualcode.figures.wording import join_words
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from qualcode.agreement import AgreementResult
    from qualcode.figures.formats import Width

LIMITS = (0.667, 0.8)
"""Krippendorff's limits: below the first nothing should be concluded, above the second conclusions are safe."""

_ALL = "All codes together"
_TOP = 4.5
"""Millimetres above the rows for the names of the limits."""
_LONG = 1.3
"""The length of a scale from which on every half is named instead of every fifth."""
_AXIS = 8.5
"""Millimetres below the rows for the scale and its title."""


def plot_agreement(result: AgreementResult, *, coefficient: str = "alpha", width: Width = "two") -> Chart:
    r"""Draw a coefficient of each code with its 95 % interval, and lines at .667 and .80.

    Parameters
    ----------
    result
        What :func:`qualcode.agreement.measure_agreement` (by code) or ``measure_passages`` returns.
    coefficient
        Which one; of a result that has none of this name, its first.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has ``code``, ``name``, ``level``, ``value``, ``low``, ``high``, ``prevalence``, ``reason``.

    Raises
    ------
    AgreementError
        If the result has no coefficient.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> _ = Path("P1.txt").write_text("Mei: The rain came late.\n\nMei: Neighbours helped.\n\nMei: It rained again.\n")
    >>> transcripts, problems = qualcode.read_transcripts("P1.txt")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "P1.txt")
    >>> for coder, segment, code in [("ana", "t001", "water"), ("ben", "t001", "water"), ("ana", "t002", "help")]:
    ...     event = study.decide(coder, f"P1:{segment}", code, "apply")
    >>> seen = [study.mark_seen(coder, ["P1:t001", "P1:t002", "P1:t003"]) for coder in ("ana", "ben")]
    >>> table = study.tabulate(coders=["ana", "ben"])
    >>> chart = qualcode.plot_agreement(qualcode.measure_agreement(table.apart()))
    >>> chart.data["code"].tolist()
    ['', 'water', 'help']
    """
    frame, shown = _frame(result, coefficient)
    title = find_coefficient(shown).title
    with drawing_style():
        page = Page(width, code_names(frame))
        ends = [_say(row) for row in frame.to_dict("records")]
        end_width = max(page.measure(end, SMALL) for end in ends)
        rows, names_width = lay_rows(page, frame, min(0.45 * page.width, 0.72 * page.width - end_width))
        page.open(_TOP + rows[-1].bottom + 2 * MARGIN + _AXIS)
        left = names_width + 2.0
        room = page.width - left - end_width - 3.0 - MARGIN
        axes = page.axes(left, MARGIN + _TOP, room, rows[-1].bottom + 1.0)
        lowest = _lowest(frame)
        axes.set_xlim(lowest, 1.02)
        _draw_scale(page, axes, title, rows[-1].bottom)
        _draw_intervals(axes, rows, frame)
        for limit in LIMITS:
            place = left + room * (limit - lowest) / (1.02 - lowest)
            page.text(place, MARGIN + _TOP / 2, _decimals(limit)[1:], size=SMALL, colour=SOFT_INK, ha="center")
        for row, end in zip(rows, ends, strict=True):
            page.text(page.width - MARGIN, MARGIN + _TOP + row.middle, end, size=SMALL, ha="right")
        print_names(page, rows, MARGIN + _TOP)
        alt = _describe(frame, title, result.coders)
        return Chart("agreement", page.figure, alt, frame, page.problems("agreement"))


def _frame(result: AgreementResult, coefficient: str) -> tuple[pd.DataFrame, str]:
    """Return one row per code, and the coefficient that it holds."""
    if not result.estimates:
        raise AgreementError("There is no coefficient to draw.")
    present = [one.coefficient for one in result.estimates]
    shown = coefficient if coefficient in present else present[0]
    chosen = [one for one in result.estimates if one.coefficient == shown]
    names = result.facts.names if result.facts else {}
    frame = pd.DataFrame(
        {
            "code": [one.code or one.group for one in chosen],
            "name": [names.get(one.code, one.code) or one.group or _ALL for one in chosen],
            "level": [one.code.count("/") + 1 for one in chosen],
            "value": [one.value for one in chosen],
            "low": [one.low for one in chosen],
            "high": [one.high for one in chosen],
            "prevalence": [one.prevalence for one in chosen],
            "reason": [one.reason for one in chosen],
        }
    )
    return frame, shown


def _say(row: dict[object, object]) -> str:
    """Return what stands at the end of a row: the value and its interval."""
    value, low, high = (float(str(row[name])) for name in ("value", "low", "high"))
    if math.isnan(value):
        return "not defined"
    if math.isnan(low):
        return f"{_decimals(value)} [–]"
    return f"{_decimals(value)} [{_decimals(low)}, {_decimals(high)}]"


def _decimals(value: float) -> str:
    """Return two decimals (three for a limit that has them), with a real minus and without a negative zero."""
    text = f"{value:.3f}" if value == LIMITS[0] else f"{value:.2f}"
    return text.replace("-0.00", "0.00").replace("-", "\u2212")


def _lowest(frame: pd.DataFrame) -> float:
    """Return where the scale begins: 0, or the tenth below the lowest limit, but not below −1."""
    lowest = min(frame["low"].min(skipna=True), frame["value"].min(skipna=True), 0.0)
    return -0.02 if math.isnan(lowest) or lowest >= 0 else max(-1.02, math.floor(lowest * 10) / 10 - 0.02)


def _ticks(low: float, high: float) -> list[float]:
    """Return the places on the scale that are named, all of them numbers of one decimal."""
    step = 2 if high - low < _LONG else 5
    return [tenth / 10 for tenth in range(-10, 11, step) if low <= tenth / 10 <= high]


def _draw_scale(page: Page, axes: Axes, title: str, bottom: float) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_linewidth(0.6)
    axes.set_yticks([])
    axes.set_xticks(_ticks(*axes.get_xlim()))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.1f}".replace("-", "\u2212"))
    axes.tick_params(axis="x", length=2, width=0.6, pad=2, labelsize=SMALL)
    axes.set_xlabel(f"{title} with 95% interval", fontproperties=page.font(SMALL), labelpad=2)
    axes.vlines([0.0], 0, bottom, colors=GRID, linewidths=0.6)
    axes.vlines(LIMITS, 0, bottom, colors=SOFT_INK, linewidths=0.6, linestyles="dashed")


def _draw_intervals(axes: Axes, rows: Sequence[Row], frame: pd.DataFrame) -> None:
    middles = [row.middle for row in rows]
    axes.hlines(middles, frame["low"], frame["high"], colors=INK, linewidths=1.0)
    axes.plot(frame["value"], middles, "o", markersize=3.6, color=OKABE_ITO[0], clip_on=False)


def _describe(frame: pd.DataFrame, title: str, coders: Sequence[str]) -> str:
    head = f"{title} of {join_words(list(coders))} with 95% intervals for {plural(len(frame), 'row')}."
    values = [f"{row['name']} {_say(row)}" for row in frame.to_dict("records")]
    defined = frame[frame["value"].notna()]
    low, high = LIMITS
    counts = (
        f"{int((defined['value'] >= high).sum())} at or above .80, "
        f"{int(((defined['value'] >= low) & (defined['value'] < high)).sum())} from .667, "
        f"{int((defined['value'] < low).sum())} below, {int(frame['value'].isna().sum())} not defined."
    )
    return f"{head} {counts} {'; '.join(values)}."
