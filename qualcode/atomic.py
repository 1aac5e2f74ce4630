"""Files that survive a crash: written whole or not at all, and lines appended so that they are on disk or are not.

Whatever moment the machine stops at, a file is the old one or the new one. Failures are the system's ``OSError``; who
calls knows what the file was for and says so.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

T = TypeVar("T")

PRIVATE = 0o600
"""Permissions of a file that only its owner may read."""


def replace_file(path: Path, data: bytes | memoryview, *, mode: int | None = None) -> None:
    """Put bytes in the place of a file, or make it: a draft beside it is flushed to disk, renamed, the folder synced.

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
    with drafting(path, mode=mode) as (draft,):
        draft.write_bytes(data)


@contextmanager
def drafting(*paths: Path, mode: int | None = None) -> Iterator[tuple[Path, ...]]:
    """Give an empty draft beside each file; left without an error, all are flushed to disk and take the files' places.

    For files that are too large to be held as bytes, and for several that belong together: none takes its place
    before all are written.

    Parameters
    ----------
    *paths
        The files; their folders must be there.
    mode
        Their permissions; by default those that new files have here.

    Yields
    ------
    tuple of Path
        The drafts, in the order of the files; closed again when the block ends.

    Raises
    ------
    OSError
        If one cannot be written; then the files are as they were, and nothing is left beside them.
    """
    drafts: list[Path] = []
    try:
        for path in paths:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
            drafts.append(Path(name))
            os.close(handle)
        yield tuple(drafts)
        for draft in drafts:
            _flush(draft)
            draft.chmod(0o666 & ~_UMASK if mode is None else mode)
        for draft, path in zip(drafts, paths, strict=True):
            patiently(partial(draft.replace, path))
    finally:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    for folder in dict.fromkeys(path.parent for path in paths):
        sync_folder(folder)


def _flush(path: Path) -> None:
    with path.open("r+b") as file:  # Windows flushes only what is open for writing
        os.fsync(file.fileno())


_PAUSES = (0.01, 0.05, 0.2) if os.name == "nt" else ()
"""Seconds to wait on Windows for another program to let go of a file."""


def patiently(act: Callable[[], T]) -> T:
    """Read, rename or delete a file of which Windows may say for a moment that another program has it.

    That may be a virus scanner, a backup, or another window of this program. Elsewhere nothing is tried twice.

    Parameters
    ----------
    act
        What to do; it is done again when it ends with a ``PermissionError``.

    Returns
    -------
    object
        What it returned.

    Raises
    ------
    OSError
        If it fails in another way, or still.

    Examples
    --------
    >>> patiently(lambda: "read")
    'read'
    """
    for pause in _PAUSES:
        try:
            return act()
        except PermissionError:
            time.sleep(pause)
    return act()


def append_bytes(path: Path, data: bytes, *, size: int) -> None:
    """Append to a file whose good part has ``size`` bytes, flushed to disk; what stands beyond ``size`` is cut off.

    Parameters
    ----------
    path
        The file; it and its folder are made when they are not there.
    data
        What is to stand behind the good part.
    size
        Length of the good part in bytes.

    Raises
    ------
    OSError
        If it cannot be written; then the file has ``size`` bytes.
    """
    is_new = not path.exists()
    if is_new:
        make_folder(path.parent)
    # Without a buffer: one would write what is left of a line when the file is closed, after all.
    with path.open("ab" if is_new else "r+b", buffering=0) as file:
        try:
            file.truncate(size)
            file.seek(size)
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                os.ftruncate(file.fileno(), size)
            raise
    if is_new:
        sync_folder(path.parent)


_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.02


def try_lock(file: IO[bytes]) -> bool:
    """Take the operating system's lock on a file if nobody has it; it ends with the file, or the process."""
    try:
        if os.name == "nt":
            import msvcrt

            # The byte lies far behind the text, which others must be able to read.
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def wait_for_lock(file: IO[bytes], end: float) -> bool:
    """Take the lock on a file, and tell whether it could be had before a moment of the monotonic clock."""
    pause = _FIRST_PAUSE
    while not try_lock(file):
        if time.monotonic() >= end:
            return False
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    return True


@contextmanager
def alone_with(path: Path, *, patience: float) -> Iterator[None]:
    """Let one at a time read a file and write it anew; a lock lies beside it meanwhile.

    Parameters
    ----------
    path
        The file, which may not be there yet; its folder must be.
    patience
        Seconds to wait for others.

    Raises
    ------
    OSError
        If the lock cannot be written, or others are at it for longer: then a ``TimeoutError``.
    """
    lock = path.with_name(f".{path.name}.lock")
    end = time.monotonic() + patience
    while True:
        file = os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, PRIVATE), "r+b", buffering=0)
        if not wait_for_lock(file, end):
            file.close()
            raise TimeoutError(f"another program is at work on {path.name}")
        if _is_still(file, lock):
            break
        file.close()  # who held it has deleted it, and another one may lie there
    try:
        yield
    finally:
        with suppress(OSError):  # Windows deletes no file that is open
            lock.unlink()
        file.close()


def _is_still(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, so that a crash does not take them back."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable, where the system can."""
    if os.name == "nt":
        return  # a folder cannot be opened there, and renames are journalled
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


_UMASK = _read_umask()  # read once: reading sets it for a moment, which other threads would see
