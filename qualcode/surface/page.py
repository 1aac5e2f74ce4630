"""The page as one file of HTML, and its modules as one script."""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qualcode.surface.asking import Answer

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |class |const )", re.MULTILINE)


def read_static(name: str) -> str:
    """Return one of the files that the page is made of."""
    return (resources.files("qualcode.surface") / "static" / name).read_text("utf-8")


@cache
def join_modules(entry: str) -> str:
    """Return a module and all that it imports as one script, each once and before what needs it.

    Page, notebook and pack all take it; a page then asks for two files and no more. The modules name nothing twice.
    """
    done: dict[str, str] = {}

    def take(name: str) -> None:
        if name in done:
            return
        text = read_static(f"{name}.js")
        done[name] = ""  # modules that need one another are met once
        for needed in _IMPORT.findall(text):
            take(needed)
        del done[name]
        done[name] = _EXPORT.sub("", _IMPORT.sub("", text))

    take(entry)
    return "\n".join(done.values())


def encode_data(data: Answer) -> str:
    """Return data for a script element that is never run: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")


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
<div id="surface"><noscript>Coding needs JavaScript, which this browser does not run. Switch it on for this page; \
nothing is loaded from anywhere else. In the terminal, qualcode review does without.</noscript></div>
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
