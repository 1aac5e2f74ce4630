"""The coding surface: a page in which people read, pick words and code, on their own machine.

The page draws from data, in JavaScript (:mod:`qualcode.drawing`); what needs the study is done here, through
:class:`Surface`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily

if TYPE_CHECKING:
    from qualcode.surface.answering import Answering
    from qualcode.surface.desk import OPS, Surface
    from qualcode.surface.keys import KEYS, format_table
    from qualcode.surface.naming import NameSurface
    from qualcode.surface.notebook import code
    from qualcode.surface.packing import render_pack
    from qualcode.surface.page import render_page
    from qualcode.surface.server import Serving, serve

__all__ = [
    "KEYS",
    "OPS",
    "Answering",
    "NameSurface",
    "Serving",
    "Surface",
    "code",
    "format_table",
    "render_pack",
    "render_page",
    "serve",
]

_HOMES = {
    "Answering": "answering",
    "NameSurface": "naming",
    "OPS": "desk",
    "Surface": "desk",
    "KEYS": "keys",
    "format_table": "keys",
    "code": "notebook",
    "render_pack": "packing",
    "render_page": "page",
    "Serving": "server",
    "serve": "server",
}

__getattr__ = open_lazily(__name__, _HOMES)
