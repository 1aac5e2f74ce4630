"""The one door from rendered reports to the disk, and the characters that no report may carry."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.atomic import replace_file
from qualcode.errors import OutputError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

# Everything that XML 1.0 forbids: control characters but tab and line feed, lone surrogates, two non-characters.
# Carriage return is allowed there, but parsers turn it into a line feed; a canonical text has none.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Return text with each character that XML forbids replaced by U+FFFD, so that the loss can be seen."""
    return _FORBIDDEN.sub("\ufffd", text)


def save(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file in one step: complete under its name, or not there.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, content)
    except OSError as error:
        reason = (error.strerror or str(error)).rstrip(".")
        raise OutputError(
            f"The file cannot be written: {reason}.",
            where=str(target),
            hint="Make room or ask for permission, close the file if another program has it open, "
            "or choose another folder.",
        ) from error
    return target


def save_all(folder: str | os.PathLike[str], contents: Mapping[str, bytes]) -> list[Path]:
    """Write several files by their names relative to a folder, which is made when it is not there.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    return [save(Path(folder) / name, content) for name, content in contents.items()]
