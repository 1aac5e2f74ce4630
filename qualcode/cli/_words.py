"""Words on their way in and out: what was typed or piped has one form, whatever the system."""

from __future__ import annotations

import glob
import io
import os
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def speak_utf8() -> None:
    """Write UTF-8 with plain line feeds wherever no person watches: to a file and into a pipe.

    Windows gives those the code page of its country, which lacks most of the world's letters. Its console takes them
    all; a terminal that does not, as one set to Big5, shows \\u and the number of what it lacks.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="backslashreplace")
            else:
                stream.reconfigure(encoding="utf-8", newline="\n")


def compose(arguments: Sequence[str]) -> list[str]:
    """Return arguments in composed form (é as one letter), as everything that is read here is.

    A file may have a decomposed name, from a Mac: what names one as it is, or behind ``--option=``, stays as it is.
    """
    return [one if _names_file(one) else unicodedata.normalize("NFC", one) for one in arguments]


def _names_file(argument: str) -> bool:
    return any(part and os.path.lexists(part) for part in (argument, argument.partition("=")[2]) if "\0" not in part)


def expand(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return files for patterns such as ``*.docx``, which the shells of Windows hand on as they are.

    A pattern that fits no file, and a file with such marks in its name, stay as they are.
    """
    expanded: list[Path] = []
    for path in paths:
        found = [] if os.path.lexists(path) or not glob.has_magic(str(path)) else sorted(glob.glob(str(path)))  # noqa: PTH207  # of any root
        expanded += map(Path, found) if found else [path]
    return tuple(expanded)
