"""Characters of a text that steer what shows it: a terminal, a page, the direction in which a line runs."""

from __future__ import annotations

import html
import re

SHOWN = "\ufffd"
"""What stands for a character that steers, so that one sees that there was one."""

UNSEEN = "\u2060"
"""What stands for a direction mark, which nobody sees in text that is written from right to left either."""

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Controls of both sets, embeddings, overrides and isolates of direction, and halves of characters.
_MARKS = "\u061c\u200e\u200f"


def tame(text: str) -> str:
    r"""Return a text of the same length in which nothing steers what shows it; line ends and tabs stay.

    Words in Hebrew or Arabic run from right to left as they are: their letters say so, without a mark.

    Examples
    --------
    >>> tame("so\x1b[31m busy\n")
    'so�[31m busy\n'
    >>> tame("invoice\u202efdp.exe") == "invoice\ufffdfdp.exe", len(tame("\u05d0\u200f!"))
    (True, 3)
    """
    if text.isascii() and text.isprintable():
        return text
    tamed = _STEERING.sub(SHOWN, text)
    for mark in _MARKS:
        tamed = tamed.replace(mark, UNSEEN)
    return tamed


def escape(text: str) -> str:
    r"""Return a text that HTML shows as it stands, and in which nothing steers the page.

    Examples
    --------
    >>> escape("<b>\u202e") == "&lt;b&gt;\ufffd"
    True
    """
    return html.escape(tame(text))
