"""Colours as programs write them, as ``#rrggbb``."""

from __future__ import annotations

import re

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,[^)]*)?\)", re.IGNORECASE)
_NAMES = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#008000", "blue": "#0000ff",
    "yellow": "#ffff00", "orange": "#ffa500", "purple": "#800080", "pink": "#ffc0cb", "brown": "#a52a2a",
    "grey": "#808080", "gray": "#808080", "cyan": "#00ffff", "magenta": "#ff00ff", "none": "",
}  # fmt: skip


def read_colour(text: str) -> str | None:
    """Return a colour as ``#rrggbb``, without transparency; ``""`` for none, ``None`` when it is no colour.

    Examples
    --------
    >>> read_colour("#0af"), read_colour("rgb(255, 0, 10)"), read_colour("#11223344"), read_colour("sky")
    ('#00aaff', '#ff000a', '#112233', None)
    """
    text = text.strip()
    if not text or text.casefold() in _NAMES:
        return _NAMES.get(text.casefold(), "")
    if found := _HEX.fullmatch(text):
        digits = found[1]
        return f"#{digits[:6]}" if len(digits) > 4 else "#" + "".join(2 * one for one in digits[:3])  # noqa: PLR2004
    if found := _RGB.fullmatch(text):
        parts = [int(one) for one in found.groups()]
        return f"#{parts[0]:02x}{parts[1]:02x}{parts[2]:02x}" if max(parts) <= 255 else None  # noqa: PLR2004
    return None
