"""The one door from rendered reports to the disk, and the characters that no report may carry."""

from __future__ import annotations

import re

from qualcode.outputs import save, save_all

__all__ = ["clean", "save", "save_all"]

# Everything that XML 1.0 forbids: control characters but tab and line feed, lone surrogates, two non-characters.
# Carriage return is allowed there, but parsers turn it into a line feed; a canonical text has none.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Return text with each character that XML forbids replaced by U+FFFD, so that the loss can be seen."""
    return _FORBIDDEN.sub("\ufffd", text)
