"""What draws transcripts in a browser: one set of modules for page, notebook, pack and report.

The modules (``static/``) need no build step and set text only, never markup; Python hands them data.
"""

from __future__ import annotations

from qualcode.drawing.scripts import allow, encode_data, join_modules, read_static

__all__ = ["allow", "encode_data", "join_modules", "read_static"]
