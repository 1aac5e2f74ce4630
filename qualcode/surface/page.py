"""The page that the server gives, as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qualcode.drawing import encode_data

if TYPE_CHECKING:
    from qualcode.surface.asking import Answer


def render_page(data: Answer) -> str:
    """Return the page with the data that it begins with."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(str(data.get("study", "")))} · qualcode</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="surface.css">
<script type="module" src="surface.js"></script>
</head>
<body>
<div id="surface"><noscript>This page needs JavaScript, which this browser does not run. Switch it on for this page; \
nothing is loaded from anywhere else. The terminal does without: qualcode review, qualcode pseudonyms decide.\
</noscript></div>
<script type="application/json" id="data">{encode_data(data)}</script>
</body>
</html>
"""


def render_notice(title: str, text: str) -> str:
    """Return a page that says one thing."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><link rel="icon" href="data:,"></head>
<body><main><h1>{escape(title)}</h1><p>{escape(text)}</p></main></body></html>
"""
