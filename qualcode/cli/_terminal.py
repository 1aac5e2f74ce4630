"""Words of others on a terminal: nothing in them steers it."""

from __future__ import annotations

import unicodedata


def clean(text: str) -> str:
    r"""Return a text of the same length in which no character steers the terminal; line ends and tabs stay.

    Examples
    --------
    >>> clean("so\x1b[31m busy\n")
    'so�[31m busy\n'
    """
    if text.isprintable():
        return text
    return "".join("\ufffd" if _steers(mark) else mark for mark in text)


def _steers(mark: str) -> bool:
    return mark not in "\n\t" and unicodedata.category(mark) in {"Cc", "Cs"}
