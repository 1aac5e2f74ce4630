"""What answers the questions of a page: named functions, one after the other in a thread, data in and data out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from qualcode.errors import QualcodeError, StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qualcode.surface.asking import Answer, Data


@dataclass(frozen=True, slots=True)
class Op:
    """Something that a page may ask for.

    Attributes
    ----------
    home
        The function, as ``module:function`` of this package: nothing is loaded before it is asked for.
    kind
        ``act``: it changes the study. ``read``: it does not, and is quick. ``slow``: it reads much or draws, and must
        not hold up acts.
    """

    home: str
    kind: Literal["act", "read", "slow"] = "read"


class Answering(ABC):
    """What stands behind a page.

    Parameters
    ----------
    room
        What its functions need, which they are given first.

    Attributes
    ----------
    ops
        All that may be asked for.
    script, styles
        The module and the style sheets of the page.
    """

    ops: ClassVar[Mapping[str, Op]]
    script: ClassVar[str]
    styles: ClassVar[tuple[str, ...]] = ("surface.css",)

    def __init__(self, room: Any) -> None:
        self._room = room
        self._quick = ThreadPoolExecutor(1, "qualcode-surface")
        self._slow = ThreadPoolExecutor(1, "qualcode-figures")

    @property
    @abstractmethod
    def root(self) -> Path:
        """The folder of the study."""

    @abstractmethod
    def tell(self, error: QualcodeError) -> Answer:
        """Return what the page is to say of what went wrong."""

    def find_media(self, name: str) -> tuple[Path, str] | None:  # noqa: ARG002  # a page with recordings uses it
        """Return the recording of a transcript and its kind; ``None``: there is none."""
        return None

    def submit(self, op: str, data: Data) -> Future[Answer]:
        """Have something done, one after the other, and return what will be the answer.

        What goes wrong is in the answer: ``{"error": {"kind": …, "message": …}}``.
        """
        worker = self._slow if op in self.ops and self.ops[op].kind == "slow" else self._quick
        return worker.submit(self._do, op, data)

    def do(self, op: str, data: Data) -> Answer:
        """Have something done, and return the answer; see :meth:`submit`."""
        return self.submit(op, data).result()

    def _do(self, op: str, data: Data) -> Answer:
        try:
            if op not in self.ops:
                raise StudyError(f"“{op}” cannot be asked for.", hint="Reload the page")
            found: Answer = resolve_name(f"qualcode.surface.{self.ops[op].home}")(self._room, data)
        except QualcodeError as error:
            return {"error": self.tell(error)}
        return found

    def close(self) -> None:
        """End the threads, when all that was begun is done."""
        self._quick.shutdown()
        self._slow.shutdown()
