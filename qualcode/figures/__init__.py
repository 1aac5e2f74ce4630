"""Figures for a paper: results → :class:`Chart`, which becomes SVG, PDF and PNG.

Every figure is as wide as one column of a journal (85 mm) or two (178 mm), with no letter below 7 points, in colours
that the colour-blind can tell apart. matplotlib draws them, on a ``Figure`` of its own and never through pyplot; it is
loaded when the first figure is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily
from qualcode.figures.formats import FORMATS, WIDTHS, FileFormat, Width
from qualcode.figures.palette import colour_codes
from qualcode.figures.registry import FIGURES, FigureKind, Mark, Terms, draw, draw_on_page, list_kinds, list_marks
from qualcode.figures.wording import Measure

if TYPE_CHECKING:
    from qualcode.figures.accumulation import plot_saturation
    from qualcode.figures.bars import plot_themes
    from qualcode.figures.chart import Chart
    from qualcode.figures.codelines import plot_codelines, plot_timeline
    from qualcode.figures.cooccurrence import plot_cooccurrence
    from qualcode.figures.course import Position
    from qualcode.figures.drift import plot_drift
    from qualcode.figures.forest import plot_agreement
    from qualcode.figures.groups import plot_groups
    from qualcode.figures.heat import plot_cases
    from qualcode.figures.network import plot_network
    from qualcode.figures.structure import plot_structure
    from qualcode.figures.transitions import plot_transitions
    from qualcode.figures.upset import plot_upset

__all__ = [
    "FIGURES", "FORMATS", "WIDTHS", "Chart", "FigureKind", "FileFormat", "Mark", "Measure", "Position", "Terms",
    "Width", "colour_codes", "draw", "draw_on_page", "list_kinds", "list_marks", "plot_agreement", "plot_cases",
    "plot_codelines", "plot_cooccurrence", "plot_drift", "plot_groups", "plot_network", "plot_saturation",
    "plot_structure", "plot_themes", "plot_timeline", "plot_transitions", "plot_upset",
]  # fmt: skip

__getattr__ = open_lazily(
    __name__,
    {figure.plot.partition(":")[2]: figure.plot.partition(":")[0].rpartition(".")[2] for figure in FIGURES.values()}
    | {"Chart": "chart", "Position": "course"},
)
