"""The user's cache folder: files that only the user can read, and without which everything works the same, slower.

A reader takes a damaged or missing file as none; a writer replaces a file as a whole, and of two that write at once the
later wins.
"""

from __future__ import annotations

import os
import re
import sys
import zlib
from contextlib import suppress
from pathlib import Path

from qualcode.atomic import PRIVATE, replace_file

VARIABLE = "QUALCODE_CACHE"
"""The environment variable that moves the cache folder, or switches it off when it is ``off``."""

_OURS = re.compile(r"\.?(?:lexicon-.+|codebooks|readings)-[0-9a-f]{16}\.txt(?:\..*\.tmp)?")
# A folder that the user names may hold other files.


def cache_folder() -> Path | None:
    """Return the folder of the cache, or ``None`` when it is switched off."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return None if chosen.casefold() == "off" else Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "qualcode"


def clear_cache() -> int:
    """Delete everything that is kept and return how many files there were."""
    folder = cache_folder()
    if folder is None or not folder.is_dir():
        return 0
    files = [file for file in folder.iterdir() if _OURS.fullmatch(file.name)]
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def read_cached(name: str) -> bytes | None:
    """Return what a file of the cache holds; ``None`` when there is none, or it is damaged."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        head, _, body = (folder / name).read_bytes().partition(b"\n")
        return body if int(head, 16) == zlib.crc32(body) else None
    except (OSError, ValueError):
        return None


def state_of_cached(name: str) -> tuple[str, int, int] | None:
    """Return what tells the versions of a file of the cache; ``None`` when there is none."""
    folder = cache_folder()
    try:
        found = (folder / name).stat() if folder is not None else None
    except OSError:
        return None
    return None if found is None else (str(folder), found.st_size, found.st_mtime_ns)


def write_cached(name: str, body: bytes) -> None:
    """Keep something in a file of the cache, with a check sum; a failure leaves things as they are."""
    folder = cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(folder / name, f"{zlib.crc32(body):08x}\n".encode() + body, mode=PRIVATE)


def keep_newest(prefix: str, most: int) -> None:
    """Delete the oldest of the files whose names begin so, where there are more than so many."""
    folder = cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        files = [file for file in folder.iterdir() if file.name.startswith(prefix) and _OURS.fullmatch(file.name)]
        for file in sorted(files, key=lambda file: file.stat().st_mtime)[:-most]:
            file.unlink(missing_ok=True)
