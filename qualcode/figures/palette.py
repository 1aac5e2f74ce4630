"""The colour of every code, in figures, in the page and wherever else codes have one.

The colours of themes are those of Okabe and Ito (2008), *Color Universal Design*, which readers with any kind of colour
vision can tell apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qualcode.codebook import Codebook

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#999999", "#F0E442")
"""Neighbours differ in lightness as well as in hue, so that they survive a black and white print."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
"""What may stand in a style sheet without being able to end the rule it stands in."""


def colour_codes(codebook: Codebook) -> dict[str, str]:
    """Return the colour of every code by its path: its own in the codebook, that of the code above, or its theme's."""
    colours: dict[str, str] = {}
    n_themes = 0
    for code in codebook.walk():
        path = codebook.path(code.id)
        above = path.rpartition("/")[0]
        inherited = colours[above] if above else OKABE_ITO[n_themes % len(OKABE_ITO)]
        colours[path] = code.colour if _COLOUR.fullmatch(code.colour) else inherited
        n_themes += not above
    return colours
