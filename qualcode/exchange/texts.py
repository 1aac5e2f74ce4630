"""Texts of other programs: their bytes decoded, and brought into the form of a transcript."""

from __future__ import annotations

import re
import unicodedata

from qualcode.errors import SourceError

_ENDINGS = re.compile(r"(?i)\.(docx?|rtf|txt|odt|pdf|md|html?|qdpx)$")
_SPACES = re.compile(r"\s+")


def decode_text(data: bytes, where: str, encoding: str = "") -> str:
    """Return the characters of a text file, with its byte order mark and line ends.

    Raises
    ------
    SourceError
        If it is not of the encoding: UTF-8 unless a mark or somebody says otherwise.
    """
    if encoding:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise SourceError(f"The text is not in {encoding}.", where, "Name its encoding: --encoding NAME") from error
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"The text is not UTF-8, as the format demands (byte {error.start:,})."
        raise SourceError(message, where, "If you know its encoding, name it: --encoding cp1252") from error


def clean_name(name: str, *, default: str) -> str:
    """Return a name on one line, in NFC, without what steers a terminal."""
    name = "".join(" " if unicodedata.category(mark) in {"Cc", "Cs"} else mark for mark in name)
    return unicodedata.normalize("NFC", _SPACES.sub(" ", name)).strip() or default


def stem_of(name: str) -> str:
    """Return the name of a text without the ending of a file."""
    return _ENDINGS.sub("", name)
