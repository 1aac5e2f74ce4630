"""The one lock of a study: of all hands, in this process and in others, one changes it at a time.

Between processes the lock is the operating system's and ends with the process, however that dies; the file only says
who holds it. It is held while an act is carried out, a few milliseconds, and never while a person thinks.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from typing import IO, TYPE_CHECKING, Any, Self

from qualcode.atomic import wait_for_lock
from qualcode.errors import LockedError, StudyError
from qualcode.study.store.journal import refuse_links

if TYPE_CHECKING:
    from types import TracebackType

    from qualcode.study.store.layout import Layout

PATIENCE = 10.0
"""Seconds for which an act waits for others."""


class _Turn:
    """Whose turn it is among the threads of this process on one study, whichever objects they use."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.owner = 0


_turns: dict[str, _Turn] = {}
_turns_guard = threading.RLock()  # a study that is forgotten here is written out, which asks for it again


def _forget_turns() -> None:
    """In a child of a fork no other thread is there that could give a turn back."""
    global _turns, _turns_guard  # they belong to the process
    _turns, _turns_guard = {}, threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_turns)


class StudyLock:
    """The lock of a study, as a context.

    Parameters
    ----------
    layout
        Which study.
    patience
        Seconds to wait for others.

    Attributes
    ----------
    taken_over
        The process that died while it held the lock, in words; ``""``: none.

    Raises
    ------
    LockedError
        On entering, when others are at work for longer than that.
    StudyError
        If the folder cannot be written to, or this thread is changing the study already.
    """

    def __init__(self, layout: Layout, *, patience: float = PATIENCE) -> None:
        self.layout, self.patience = layout, patience
        self.taken_over = ""
        root = str(layout.root.resolve())
        with _turns_guard:
            self._turn = _turns.setdefault(root, _Turn())
        self._file: IO[bytes] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether this thread is changing the study, through whatever object."""
        return self._turn.owner == threading.get_ident()

    def __enter__(self) -> Self:
        if self.is_ours:
            raise StudyError(
                "Another change of this study is already under way.", hint="Finish it, then start the next one"
            )
        end = time.monotonic() + self.patience
        if not self._turn.lock.acquire(timeout=max(self.patience, 0)):
            raise self._refusal("Another part of this program")
        self._turn.owner = threading.get_ident()
        try:
            self._file = self._acquire(end)
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a pipe in its place cannot be cut off
                self._file.truncate(0)
            self._file.close()
            self._file = None
        self._give_back()

    def _give_back(self) -> None:
        self._turn.owner = 0
        self._turn.lock.release()

    def _acquire(self, end: float) -> IO[bytes]:
        path = self.layout.lock
        refuse_links(self.layout, path)
        try:
            path.parent.mkdir(exist_ok=True)
            file = path.open("a+b", buffering=0)
        except OSError as error:
            raise StudyError(
                f"The study cannot be changed: {error.strerror or type(error).__name__}.",
                where=str(self.layout.root),
                hint="Check that you have permission to write in this folder",
            ) from error
        if not wait_for_lock(file, end):
            holder = str(_read_holder(file).get("who") or "Another program")
            file.close()
            raise self._refusal(holder)
        self.taken_over = str(_read_holder(file).get("who", ""))
        with contextlib.suppress(OSError):  # on a full disk nobody learns who holds it, but it is held
            file.truncate(0)
            file.write(json.dumps({"who": f"process {os.getpid()} on {socket.gethostname()}"}).encode("utf-8"))
        return file

    def _refusal(self, holder: str) -> LockedError:
        return LockedError(
            f"{holder} is working on the study.",
            where=str(self.layout.root),
            hint="Wait until it is done, then try again",
        )


def _read_holder(file: IO[bytes]) -> dict[str, Any]:
    """Return who wrote into the lock's file last without clearing it: its holder, or one that died."""
    try:
        file.seek(0)
        found = json.loads(file.read() or b"{}")
    except (ValueError, OSError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
