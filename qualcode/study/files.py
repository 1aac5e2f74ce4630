"""Files that survive a crash: atomic replacement, durable appending, and changes of several files at once.

Whatever moment the machine stops at, a file is the old one or the new one, and a :class:`Transaction` happened or did
not.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE = ".qualcode"
"""The folder of locks and of changes under way; nothing in it is part of the study."""

_JOURNAL = "journal.json"


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the failures of writing a file into an error with place and repair."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StudyError(
            f"The study cannot be written: {reason}. Nothing was changed.",
            where=str(path),
            hint="Make room on the disk, or check that you may write in this folder, and try again.",
        ) from error


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable, where the system can."""
    if os.name == "nt":
        return  # a folder cannot be opened there, and renames are journalled
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file, or make it: temporary file, flush to disk, rename, flush of the folder."""
    with writing(path):
        _make_folder(path.parent)
        draft = path.with_name(f".{path.name}.tmp")  # whoever writes here holds the lock
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def append_line(path: Path, line: bytes, *, size: int) -> None:
    """Append a line durably to a file whose good part has ``size`` bytes; what stands beyond is cut off.

    When it fails, the file is cut back to ``size``.
    """
    with writing(path):
        is_new = not path.exists()
        _make_folder(path.parent)
        # Without a buffer: one would write what is left of a line when the file is closed, after all.
        with path.open("ab" if is_new else "r+b", buffering=0) as file:
            try:
                file.truncate(size)
                file.seek(size)
                rest = memoryview(line)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except BaseException:
                with contextlib.suppress(OSError):
                    os.ftruncate(file.fileno(), size)
                raise
        if is_new:
            sync_folder(path.parent)


@dataclass
class Transaction:
    """Changes of several files that happen together or not at all.

    The new contents are written beside, then a journal that names them is made durable: that is the moment at which
    the change has happened. What is left is renaming, which :func:`recover` finishes if this process cannot.
    """

    root: Path
    contents: dict[str, bytes | None] = field(default_factory=dict)

    def put(self, path: Path, data: bytes) -> None:
        """Plan to replace a file, or to make it; one that has these contents already stays as it is."""
        name = path.relative_to(self.root).as_posix()
        if path.is_file() and path.read_bytes() == data:
            self.contents.pop(name, None)
        else:
            self.contents[name] = data

    def delete(self, path: Path) -> None:
        """Plan to delete a file."""
        self.contents[path.relative_to(self.root).as_posix()] = None

    def commit(self) -> None:
        """Make all changes."""
        if not self.contents:
            return
        staging = self.root / PRIVATE / "staging"
        try:
            with writing(staging):
                self._stage(staging)
        except BaseException:
            if not is_unfinished(self.root):
                shutil.rmtree(staging, ignore_errors=True)
                raise
        recover(self.root)

    def _stage(self, staging: Path) -> None:
        shutil.rmtree(staging, ignore_errors=True)
        _make_folder(staging)
        steps: list[dict[str, str]] = []
        for number, (name, data) in enumerate(self.contents.items()):
            if data is None:
                steps.append({"delete": name})
                continue
            with (staging / str(number)).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            steps.append({"put": name, "from": str(number)})
        sync_folder(staging)
        replace_file(staging.parent / _JOURNAL, json.dumps(steps).encode("utf-8"))


def is_unfinished(root: Path) -> bool:
    """Tell whether a change of several files has happened and is not carried out to its end."""
    return (root / PRIVATE / _JOURNAL).exists()


def recover(root: Path) -> None:
    """Carry out what a dead process had decided, and clear away what it had not. The caller holds the lock."""
    if is_unfinished(root):
        try:
            _roll_forward(root)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StudyError(
                f"A change of several files is safe, but not carried out to its end yet: {reason}.",
                where=str(root),
                hint="Make room on the disk; whatever opens the study next carries it out.",
            ) from error
    elif (root / PRIVATE / "staging").exists():
        shutil.rmtree(root / PRIVATE / "staging", ignore_errors=True)


def _roll_forward(root: Path) -> None:
    private = root / PRIVATE
    steps = json.loads((private / _JOURNAL).read_bytes())
    folders: dict[Path, None] = {}
    for step in steps:
        path = root / (step.get("put") or step["delete"])
        if "delete" in step:
            path.unlink(missing_ok=True)
        else:
            _make_folder(path.parent)
            with contextlib.suppress(FileNotFoundError):  # renamed before the crash
                (private / "staging" / step["from"]).replace(path)
        if path.parent.is_dir():
            folders[path.parent] = None
    for folder in folders:
        sync_folder(folder)
    (private / _JOURNAL).unlink()
    sync_folder(private)
    shutil.rmtree(private / "staging", ignore_errors=True)
