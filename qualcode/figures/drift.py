"""Agreement over time: a point and its interval for each block of units, and when the codebook changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qualcode.agreement import format_value
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import GRID, INK, SOFT_INK
from qualcode.figures.page import MARGIN, SMALL, Page, line_height
from qualcode.figures.palette import OKABE_ITO
from qualcode.wording import plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from qualcode.agreement import AgreementCourse
    from qualcode.figures.formats import Width

_LEFT, _HEIGHT = 12.0, 52.0
_LIMITS = {0.667: ".667", 0.8: ".80"}
_SIDE = 9.0
"""Millimetres right of the scale for the names of the limits."""


def plot_drift(result: AgreementCourse, *, width: Width = "two") -> Chart:
    """Draw agreement over time: alpha of each block with its 95% interval, and ticks where the codebook changed.

    Parameters
    ----------
    result
        What :func:`qualcode.agreement.track_agreement` returns.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has a row per block: ``block``, ``since``, ``n_units``, ``alpha``, ``low``, ``high``, ``changes``.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> for coder, segment, code in [("ana", "t002", "water"), ("ben", "t002", "water"), ("ana", "t004", "help")]:
    ...     event = study.decide(coder, f"P1:{segment}", code, "apply")
    >>> seen = study.mark_seen("ben", ["P1:t004"])
    >>> course = qualcode.track_agreement(study.tabulate(coders=["ana", "ben"]), blocks=2, draws=0)
    >>> qualcode.plot_drift(course).data["n_units"].tolist()
    [1, 1]
    """
    data = result.frame[["block", "since", "n_units", "alpha", "low", "high", "changes"]].copy()
    with drawing_style():
        page = Page(width, [])
        labels = [_label(row) for row in data.to_dict("records")]
        step = (page.width - _LEFT - _SIDE - MARGIN) / max(len(data), 1)
        order = "work" if data["since"].any() else "text"
        dated = max((page.measure(text, SMALL) for lines in labels for text in lines[1:2]), default=0.0)
        if order == "text" or dated > step - 1.0:  # days that would run into each other are in the data
            labels = [[lines[0], lines[2]] for lines in labels]
        n_lines = max(map(len, labels), default=1)
        top = MARGIN + line_height(SMALL)
        bottom = top + _HEIGHT + 1.5
        page.open(bottom + (n_lines + 1.2) * line_height(SMALL) + MARGIN)
        axes = page.axes(_LEFT, top, step * len(data), _HEIGHT)
        _draw_scale(page, axes, data)
        _draw_blocks(axes, data)
        for number, lines in enumerate(labels):
            for line, text in enumerate(lines):
                place = _LEFT + step * (number + 0.5)
                page.text(place, bottom + (line + 0.5) * line_height(SMALL), text, size=SMALL, ha="center")
        end = bottom + (n_lines + 0.6) * line_height(SMALL)
        page.text(_LEFT, end, f"Blocks of units in the order of the {order}", size=SMALL, colour=SOFT_INK)
        for row, change in enumerate(data["changes"].tolist()):
            if change:
                page.text(_LEFT + step * row, MARGIN + 1.0, "codebook", size=SMALL, colour=SOFT_INK, ha="center")
        return Chart("drift", page.figure, _describe(result, data), data, page.problems("drift"))


def _label(row: dict[object, object]) -> list[str]:
    return [str(row["block"]), str(row["since"]) or "–", f"n = {row['n_units']}"]


def _draw_scale(page: Page, axes: Axes, data: pd.DataFrame) -> None:
    known = [value for name in ("alpha", "low") for value in data[name].tolist() if not math.isnan(value)]
    low = min([0.0, *(math.floor(value * 5) / 5 for value in known)])
    axes.set_ylim(max(low, -1.0) - 0.02, 1.02)
    axes.set_xlim(0.5, len(data) + 0.5)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_linewidth(0.6)
    axes.set_xticks([])
    axes.set_yticks([tenth / 10 for tenth in range(round(max(low, -1.0) * 10), 11, 2)])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.1f}".replace("-", "\u2212"))
    axes.tick_params(length=2, width=0.6, pad=2, labelsize=SMALL)
    for label in axes.get_yticklabels():
        label.set_fontproperties(page.font(SMALL))
    axes.set_ylabel("alpha of all codes, 95% interval", fontproperties=page.font(SMALL), labelpad=3)
    axes.hlines([0.0], 0.5, len(data) + 0.5, colors=GRID, linewidths=0.6)
    axes.hlines(list(_LIMITS), 0.5, len(data) + 0.5, colors=SOFT_INK, linewidths=0.6, linestyles="dashed")
    for limit, name in _LIMITS.items():
        axes.text(len(data) + 0.55, limit, name, va="center", color=SOFT_INK, fontproperties=page.font(SMALL))


def _draw_blocks(axes: Axes, data: pd.DataFrame) -> None:
    axes.vlines(data["block"], data["low"], data["high"], colors=INK, linewidths=1.0)
    axes.plot(data["block"], data["alpha"], "-o", color=OKABE_ITO[0], linewidth=0.9, markersize=3.6, clip_on=False)
    changed = data.loc[data["changes"] > 0, "block"]
    axes.vlines(changed - 0.5, *axes.get_ylim(), colors=SOFT_INK, linewidths=0.6, linestyles="dotted")


def _describe(result: AgreementCourse, data: pd.DataFrame) -> str:
    told = [
        f"block {row['block']} ({plural(int(str(row['n_units'])), 'unit')}) {_say(row)}"
        for row in data.to_dict("records")
    ]
    return f"Line of agreement over time. {result.sentence} By block: {'; '.join(told)}."


def _say(row: dict[object, object]) -> str:
    value, low, high = (float(str(row[name])) for name in ("alpha", "low", "high"))
    if math.isnan(value):
        return "not defined"
    return (
        format_value(value) if math.isnan(low) else f"{format_value(value)} [{format_value(low)}, {format_value(high)}]"
    )
