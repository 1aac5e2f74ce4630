"""One file, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600
"""Permissions of a file that only its owner may read."""


def replace_file(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Put bytes in the place of a file, or make it: a draft beside it is flushed to the disk and renamed.

    Of two that write at once the later wins.

    Parameters
    ----------
    path
        The file; its folder must be there.
    data
        What it is to hold.
    mode
        Its permissions; by default those that new files have here.

    Raises
    ------
    OSError
        If it cannot be written; then the file is as it was, and nothing is left beside it.
    """
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(0o666 & ~_umask() if mode is None else mode)
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
