"""Names of files on every system: those that some refuse, those that some take for one, places typed in any way."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LONGEST_NAME = 100
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\ud800-\udfff]|^[.\s]|[.\s]$')
_RESERVED = re.compile(r"(?i)con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]")


def is_portable(name: str) -> bool:
    """Tell whether a name can be that of a file on every system, in every form of Unicode that one would give it."""
    return (
        bool(name)
        and len(name.encode("utf-8", "surrogatepass")) <= 2 * LONGEST_NAME
        and unicodedata.is_normalized("NFC", name)
        and not _FORBIDDEN.search(name)
        and not is_device(name)
    )


def is_device(name: str) -> bool:
    """Tell whether Windows takes a name for a device, as it does ``aux.txt`` and ``COM1.docx``."""
    return bool(_RESERVED.fullmatch(name.partition(".")[0].rstrip()))


def advise_on(name: str, otherwise: str) -> str:
    """Return why a name cannot be a file's, where that is no matter of its letters."""
    return "Windows keeps this one for a device" if is_device(name) else otherwise


def fold_name(name: str) -> str:
    """Return a name in the form in which two that one system or another takes for the same file are the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def fold_names(names: Iterable[str]) -> dict[str, str]:
    """Return names by their folded form, in which a twin of another one is found without looking at all."""
    return {fold_name(name): name for name in names}


def is_same_place(one: Path, other: Path) -> bool:
    """Tell whether two paths are one file or folder, which on macOS and Windows may be spelled in several ways."""
    try:
        return one.samefile(other)
    except OSError:  # one of the two is not there yet
        return one.resolve() == other.resolve()


def is_within(path: Path, folder: Path) -> bool:
    """Tell whether a path, of something that may not be there yet, is a folder or lies in it."""
    real = path.resolve()
    return any(is_same_place(one, folder) for one in (real, *real.parents))
