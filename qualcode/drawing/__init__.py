"""What draws transcripts in a browser: one set of modules and one form of data for page, notebook, pack and report.

The modules (``static/``) need no build step and set text only, never markup; Python hands them data.
"""

from __future__ import annotations

from qualcode.drawing.scripts import allow, encode_data, join_modules, read_static
from qualcode.drawing.turns import tell_turn

__all__ = ["allow", "encode_data", "join_modules", "read_static", "tell_turn"]
