"""Colours as matplotlib has them: those of codes, inks, and shades for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.colors import to_rgb

from qualcode.figures.palette import colour_codes

if TYPE_CHECKING:
    from qualcode.codebook import Codebook

Colour = tuple[float, float, float]

INK = "#000000"
SOFT_INK = "#595959"
"""For what stands back: 7:1 on white."""
GRID = "#D9D9D9"
TALK = "#E4E4E4"
"""Behind interviewer talk."""
PALE: Colour = (0.93, 0.93, 0.93)
WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0)

_SHADES = mpl.colormaps["Blues"]
_PALEST, _DARKEST = 0.14, 0.96
_TINT = 0.5


def paint_codes(codebook: Codebook) -> dict[str, Colour]:
    """Return the colour of every code by its path, for matplotlib."""
    return {path: to_rgb(colour) for path, colour in colour_codes(codebook).items()}


def tint(colour: Colour) -> Colour:
    """Return a lighter colour of the same hue."""
    red, green, blue = (1 - (1 - part) * _TINT for part in colour)
    return red, green, blue


def shade(count: float, largest: int) -> Colour:
    """Return the shade of a count: white for zero, then from pale to dark blue in equal steps."""
    if count <= 0:
        return WHITE
    share = (count - 1) / (largest - 1) if largest > 1 else 0.5
    return to_rgb(_SHADES(_PALEST + (_DARKEST - _PALEST) * share))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(background: Colour) -> Colour:
    """Return black or white, whichever is better read on a background."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, background))


def _luminance(colour: Colour) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]  # noqa: PLR2004  # sRGB
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
