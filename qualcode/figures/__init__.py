"""Figures for a paper: results → :class:`Chart`, which becomes SVG, PDF and PNG.

Every figure is as wide as one column of a journal (85 mm) or two (178 mm), with no letter below 7 points, in colours
that the colour-blind can tell apart. matplotlib draws them, on a ``Figure`` of its own and never through pyplot.
"""

from qualcode.figures.bars import plot_themes
from qualcode.figures.chart import FORMATS, Chart, FileFormat
from qualcode.figures.codelines import plot_codelines
from qualcode.figures.cooccurrence import plot_cooccurrence
from qualcode.figures.course import Position
from qualcode.figures.forest import plot_agreement
from qualcode.figures.heat import plot_cases
from qualcode.figures.page import WIDTHS, Width
from qualcode.figures.wording import Measure

__all__ = [
    "FORMATS",
    "WIDTHS",
    "Chart",
    "FileFormat",
    "Measure",
    "Position",
    "Width",
    "plot_agreement",
    "plot_cases",
    "plot_codelines",
    "plot_cooccurrence",
    "plot_themes",
]
