"""Exclusive locks between processes.

The lock itself is the operating system's and ends with the process, however that dies; the file only says who holds it.
"""

from __future__ import annotations

import json
import os
import socket
import time
from typing import IO, TYPE_CHECKING, Any, Self

from qualcode.errors import LockedError, StudyError
from qualcode.study.files import PRIVATE

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_PAUSE = 0.02


def _try_lock(file: IO[bytes]) -> bool:
    """Take the operating system's lock on a file if nobody has it."""
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


class Lock:
    """An exclusive lock with a name, as a context; may be entered again by the object that holds it.

    Parameters
    ----------
    root
        The study's folder.
    name
        ``study``, or ``coder-NAME`` for all sheets of one coder.
    patience
        Seconds to wait for another process.
    """

    def __init__(self, root: Path, name: str, *, patience: float = 10.0) -> None:
        self.path = root / PRIVATE / "locks" / f"{name}.lock"
        self.patience = patience
        self.taken_over = ""
        self._file: IO[bytes] | None = None
        self._depth = 0

    def __enter__(self) -> Self:
        if self._depth == 0:
            self._acquire()
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0 and self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def _acquire(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a+b")
        except OSError as error:
            raise StudyError(
                f"The study cannot be changed: {error.strerror or type(error).__name__}.",
                where=str(self.path.parent.parent.parent),
                hint="Check that you may write in this folder.",
            ) from error
        end = time.monotonic() + self.patience
        while not _try_lock(file):
            if time.monotonic() >= end:
                holder = self._holder(file)
                file.close()
                raise LockedError(
                    f"{holder.get('who') or 'Another program'} is at work on {self._what()}.",
                    where=str(self.path.parent.parent.parent),
                    hint="Close the other window, or wait until it is done.",
                )
            time.sleep(_PAUSE)
        left = self._holder(file)
        self.taken_over = str(left.get("who", ""))
        file.truncate(0)
        file.write(json.dumps({"who": f"process {os.getpid()} on {socket.gethostname()}"}).encode("utf-8"))
        file.flush()
        self._file = file

    def _what(self) -> str:
        """Return what the lock keeps others from, in words."""
        return "the study" if self.path.stem == "study" else f"the sheets of {self.path.stem.removeprefix('coder-')}"

    @staticmethod
    def _holder(file: IO[bytes]) -> dict[str, Any]:
        """Return who wrote into the lock's file last without clearing it: its holder, or one that died."""
        file.seek(0)
        try:
            found = json.loads(file.read() or b"{}")
        except (ValueError, OSError):
            return {}
        return found if isinstance(found, dict) else {}
