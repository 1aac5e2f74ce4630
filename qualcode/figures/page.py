"""The sheet that figures are drawn on: millimetres from the top left, measured and wrapped text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sin
from os.path import commonprefix
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from matplotlib import collections
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.patheffects import Normal, PathEffectRenderer
from matplotlib.text import Text

from qualcode.errors import Problem
from qualcode.figures.colours import INK
from qualcode.figures.fonts import ADVICE, Typeface, choose_typeface, measure
from qualcode.figures.formats import WIDTHS, Width
from qualcode.signs import tame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Horizontal = Literal["left", "center", "right"]

TALLEST = 240.0
"""Millimetres of a journal's page."""

MM = 1 / 25.4
"""Inches in a millimetre."""
POINT = 25.4 / 72
"""Millimetres in a point."""

LABEL = 7.5
"""Points of names."""
SMALL = 7.0
"""Points of numbers: the least that journals print."""

CAPITALS = 0.73
"""Height of a capital letter in sizes of its font."""

MARGIN = 1.0
"""Millimetres that stay free at the edges."""


def line_height(size: float = LABEL) -> float:
    """Return the millimetres from a line of text to the next."""
    return 1.22 * size * POINT


class Box(NamedTuple):
    """A rectangle in millimetres from the top left of the page; there are tens of thousands of them."""

    left: float
    top: float
    width: float
    height: float

    def is_beside(self, other: Box, gap: float) -> bool:
        """Tell whether another stands on the same line to the right, no further than a gap."""
        return self.top == other.top and self.left <= other.left <= self.left + self.width + gap

    def __or__(self, other: Box) -> Box:
        """Return the smallest rectangle around both."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        right = max(self.left + self.width, other.left + other.width)
        return Box(left, top, right - left, max(self.top + self.height, other.top + other.height) - top)


def corners(boxes: Sequence[Box]) -> Any:  # an array, which matplotlib takes and its types do not
    """Return the four corners of rectangles: boxes × 4 × 2."""
    return place_corners(*np.array(boxes, dtype=np.float64).reshape(-1, 4).T)


def place_corners(left: Floats, top: Floats, width: Floats, height: Floats) -> Any:
    """Return the same, given the places and sizes of the rectangles."""
    right, bottom = left + width, top + height
    return np.stack([left, top, right, top, right, bottom, left, bottom], axis=1).reshape(-1, 4, 2)


def join_corners(places: Any) -> Path:
    """Return rectangles as one shape, given their corners: rectangles × 4 × 2."""
    outlines = np.concatenate([places, places[:, :1]], axis=1).reshape(-1, 2)
    steps = (Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY)
    return Path(outlines, np.tile(np.array(steps, Path.code_type), len(places)))


class PolyCollection(collections.PolyCollection):
    """Polygons as an array, whose paths are made when they are drawn: of tens of thousands, they take much memory.

    It has the name of what it is, since a drawing names its groups by that.
    """

    _paths: Any

    def set_verts(self, verts: Any, closed: bool = True) -> None:  # noqa: FBT001, FBT002  # as matplotlib has it
        """Keep the corners: polygons × corners × 2."""
        self._corners, self._closed = verts, closed

    def get_paths(self) -> Any:
        """Return the polygons as paths, which are not kept."""
        super().set_verts(self._corners, self._closed)
        paths: Any = self._paths
        self._paths = None
        return paths


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a user gave.

    Attributes
    ----------
    text
        As given.
    instead
        What is printed should no installed font have its characters.
    """

    text: str
    instead: str


class Line(Text):
    """A line of text on its baseline.

    matplotlib lays every text out once more before it draws it, to find out where it may stand. A single line whose
    baseline is known needs none of that, and figures consist of text for the most part.
    """

    def draw(self, renderer: Any) -> None:  # matplotlib's renderers have no type in common
        """Draw the line."""
        if not self.get_visible() or not self.get_text():
            return
        renderer.open_group("text", self.get_gid())
        x, y = self.get_transform().transform(self.get_position())
        font, angle = self.get_fontproperties(), self.get_rotation()
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()]
        if share:
            ems = measure(self.get_text(), tuple(font.get_family()), bold=font.get_weight() == "bold")
            back = share * ems * renderer.points_to_pixels(font.get_size_in_points())
            x, y = x - back * cos(radians(angle)), y - back * sin(radians(angle))
        if renderer.flipy():
            y = renderer.get_canvas_width_height()[1] - y
        context = renderer.new_gc()
        context.set_foreground(self.get_color())
        effects = self.get_path_effects()
        target = PathEffectRenderer(effects, renderer) if effects else renderer
        target.draw_text(context, x, y, self.get_text(), font, angle, ismath=False, mtext=self)
        context.restore()
        renderer.close_group("text")
        self.stale = False


class Page:
    """A figure in the making.

    Parameters
    ----------
    width
        One column of a journal or two.
    names
        Every name that may be printed.
    """

    def __init__(self, width: Width, names: Iterable[Name]) -> None:
        if width not in WIDTHS:
            raise ValueError(f"a figure is as wide as one column or two, not {width!r}")
        self.width = WIDTHS[width]
        cleaned = {name: clean(name.text) for name in names}
        self._face = choose_typeface({character for text in cleaned.values() for character in text})
        self._replaced = [name for name, text in cleaned.items() if self._face.missing.intersection(text)]
        self._shown = cleaned | {name: name.instead for name in self._replaced}
        self._fonts: dict[tuple[float, bool], FontProperties] = {}
        self._height = 0.0

    @property
    def face(self) -> Typeface:
        """The fonts in use."""
        return self._face

    def problems(self, kind: str) -> tuple[Problem, ...]:
        """Return what was printed otherwise for want of a font, and that the figure is higher than a page."""
        found = [self._report_fonts(kind)] if self._replaced else []
        if self._height > TALLEST:
            message = f"The figure is {self._height:.0f} mm high, more than a journal's page."
            hint = "Show fewer codes" if self.width == WIDTHS["two"] else "Draw it two columns wide"
            found.append(Problem(f"figure {kind}", "note", "too-high", message, hint))
        return tuple(found)

    def _report_fonts(self, kind: str) -> Problem:
        swaps = "; ".join(f"“{clean(name.text)}” is shown as “{name.instead}”" for name in self._replaced)
        characters = "".join(sorted(self._face.missing)[:_MOST_CHARACTERS])
        more = " and others" if len(self._face.missing) > _MOST_CHARACTERS else ""
        message = f"No installed font has the characters {characters}{more}: {swaps}."
        return Problem(f"figure {kind}", "warning", "missing-font", message, ADVICE)

    # --- text -----------------------------------------------------------------------------------------------

    def show(self, name: Name) -> str:
        """Return a name as it can be printed; one that a figure made up needs no other font."""
        return self._shown.get(name, name.text)

    def font(self, size: float, *, bold: bool = False) -> FontProperties:
        """Return the font of a size."""
        key = (size, bold)
        if key not in self._fonts:
            weight = "bold" if bold else "normal"
            self._fonts[key] = FontProperties(family=list(self._face.families), size=size, weight=weight)
        return self._fonts[key]

    def _is_bold(self, text: str, *, bold: bool) -> bool:
        """Tell whether a text is set in bold: other scripts' fonts often have none, and a mixture looks broken."""
        return bold and not any(ord(character) > _LAST_OF_BASE for character in text)

    def measure(self, text: str, size: float = LABEL, *, bold: bool = False) -> float:
        """Return the width of one line in millimetres."""
        return measure(text, self._face.families, bold=self._is_bold(text, bold=bold)) * size * POINT

    def wrap(self, text: str, width: float, size: float = LABEL, *, bold: bool = False) -> list[str]:
        """Break a text into lines no wider than ``width`` millimetres.

        Lines break at spaces, after hyphens and slashes and between Chinese characters; a longer word breaks
        anywhere.
        """
        lines, line = [], ""
        for piece in self._pieces(text, width, size, bold=bold):
            if line and self.measure((line + piece).rstrip(), size, bold=bold) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*lines, line.rstrip()]

    def break_up(self, text: str) -> list[str]:
        """Return the pieces of a text between which a line may break."""
        return [piece.rstrip() for piece in _BREAK.split(text)]

    def shorten(self, text: str, width: float, size: float = LABEL) -> str:
        """Return a text that fits into ``width`` millimetres, with an ellipsis for what does not."""
        if self.measure(text, size) <= width:
            return text
        kept = _CHARACTER.findall(text)
        while kept and self.measure("".join(kept) + "…", size) > width:
            kept.pop()
        return "".join(kept).rstrip() + "…"

    def shorten_apart(self, texts: Sequence[str], width: float) -> list[str]:
        """Return texts that fit into ``width`` millimetres; those that would look alike lose what they begin with."""
        short = [self.shorten(text, width) for text in texts]
        for look in {one for one, text in zip(short, texts, strict=True) if one != text}:
            alike = [number for number, one in enumerate(short) if one == look]
            prefix = commonprefix([texts[number] for number in alike])  # noqa: RUF071  # of names, not of paths
            start = len(_LAST_WORD.sub("", prefix) or prefix) if len(alike) > 1 else 0
            for number in alike if start else ():
                short[number] = self.shorten(f"…{texts[number][start:]}", width)
        return short

    def _pieces(self, text: str, width: float, size: float, *, bold: bool) -> Iterable[str]:
        def fits(piece: str) -> bool:
            return self.measure(piece.rstrip(), size, bold=bold) <= width

        for whole in _BREAK.split(text):
            # What should stay on one line and does not fit parts at its blank, rather than within a word or number.
            for piece in [whole] if fits(whole) else _AFTER_NO_BREAK.split(whole):
                yield from [piece] if fits(piece) else _CHARACTER.findall(piece)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = LABEL,
        bold: bool = False,
        ha: Horizontal = "left",
        colour: Any = INK,  # whatever matplotlib takes as a colour
        rotation: Literal[0, 90] = 0,
    ) -> None:
        """Print a line of text.

        Parameters
        ----------
        x, y
            A place in millimetres from the top left: the text's edge or centre, and half the height of its capitals.
        text
            What to print.
        size, bold, colour
            How it looks.
        ha
            Which part of the text is at the place.
        rotation
            90 for a text that runs upwards.
        """
        drop = CAPITALS / 2 * size * POINT
        x, y = (x + drop, y) if rotation else (x, y + drop)
        line = Line(
            x / self.width,
            1 - y / self._height,
            text,
            fontproperties=self.font(size, bold=self._is_bold(text, bold=bold)),
            ha=ha,
            va="baseline",
            color=colour,
            rotation=rotation,
            rotation_mode="anchor",
            parse_math=False,
        )
        line.set_fontfeatures(("-liga", "-clig"))  # in PDF each ligature would need a second font
        if self._face.drawn.intersection(text):
            line.set_path_effects([Normal()])
        self.figure.add_artist(line)

    def lines(self, x: float, y: float, lines: Sequence[str], *, size: float = LABEL, bold: bool = False) -> None:
        """Print lines below each other, with the middle of them all at ``y``.

        Each is a text of its own, as matplotlib's distance between lines depends on the letters in them.
        """
        first = y - (len(lines) - 1) / 2 * line_height(size)
        for number, line in enumerate(lines):
            self.text(x, first + number * line_height(size), line, size=size, bold=bold)

    # --- the sheet ------------------------------------------------------------------------------------------

    def open(self, height: float) -> None:
        """Fix the height in millimetres; only then can be drawn."""
        self._height = height
        self.figure.set_size_inches(self.width * MM, height * MM)

    @cached_property
    def figure(self) -> Figure:
        """The matplotlib figure."""
        return Figure(dpi=72, facecolor="white")

    def canvas(self) -> Axes:
        """Return axes that span the page, in millimetres from the top left, without any decoration."""
        axes = self.axes(0, 0, self.width, self._height)
        axes.set_axis_off()
        axes.set_xlim(0, self.width)
        return axes

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes at a place in millimetres; ``y`` runs down, in millimetres."""
        box = (
            left / self.width,
            1 - (top + height) / self._height,
            width / self.width,
            height / self._height,
        )
        axes = self.figure.add_axes(box)
        axes.set_ylim(max(height, 1.0), 0)  # a figure of nothing has axes too
        axes.patch.set_visible(False)
        return axes


NO_BREAK = "\u00a0"
"""A space at which no line breaks, unless there is no other way."""
_AFTER_NO_BREAK = re.compile(f"(?<={NO_BREAK})")

_MOST_CHARACTERS = 12
"""Characters that a message names."""

_LAST_OF_BASE = 0x24FF
"""Beyond it lie the scripts and signs for which bold is not to be counted on."""

_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_CLOSING = "、。，．：；！？）」』】》〉％…,.:;!?)\\]"
_OPENING = "（「『【《〈(\\["
_BREAK = re.compile(
    rf"(?<=[^\S{NO_BREAK}])(?=\S)|(?<=[-–—/])(?=[^\s\d{_CLOSING}])|(?<=[{_CJK}])(?<![{_OPENING}])(?=[^\s{_CLOSING}])"
    rf"|(?<=[^\s{_OPENING}])(?=[{_CJK}])(?![{_CLOSING}])"
)
"""Where a line may break; closing punctuation stays with what it closes."""
_LAST_WORD = re.compile(r"[^\W_]+$")
_CHARACTER = re.compile(r".[\u0300-\u036f\u200d\ufe0e\ufe0f]*", re.DOTALL)


def clean(text: str) -> str:
    """Return a text on one line, without characters that steer what shows it, which no font has."""
    line = re.sub(rf"[^\S{NO_BREAK}]+", " ", text).strip()
    return "".join(character for character in line if tame(character) == character)


def nice_ticks(largest: float, n_most: int) -> list[int]:
    """Return round numbers from 0 to ``largest``, at most ``n_most`` of them besides 0."""
    step = next(size * 10**power for power in range(12) for size in (1, 2, 5) if largest / (size * 10**power) <= n_most)
    return list(range(0, int(largest) + 1, step))
