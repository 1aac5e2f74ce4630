"""The modules of a page as one script, and what stands beside it in a file of HTML: data, and leave to run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib import resources

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |class |const )", re.MULTILINE)


def read_static(name: str) -> str:
    """Return one of the files that pages are made of."""
    return (resources.files("qualcode.drawing") / "static" / name).read_text("utf-8")


@cache
def join_modules(entry: str) -> str:
    """Return a module and all that it imports as one script, each once and before what needs it.

    All pages take it, and so ask for one script and no more. The modules name nothing twice.
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


def encode_data(data: object) -> str:
    """Return data for a script element that is never run: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")


def allow(text: str) -> str:
    """Return the word of a content security policy that lets one script or style sheet run, and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
