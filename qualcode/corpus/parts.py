"""What is finished of a corpus, on disk beside the output, so that a run that was interrupted goes on from there."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pyarrow as pa

from qualcode.atomic import replace_file
from qualcode.corpus.batch import unpack
from qualcode.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDING = ".part"


class Parts:
    """The folder of finished batches.

    Parameters
    ----------
    out
        The file that will be put together of them; the folder is ``OUT.parts``.
    """

    def __init__(self, out: Path) -> None:
        self.folder = out.with_name(f"{out.name}.parts")

    def find(self, name: str) -> list[pa.Table]:
        """Return the tables of a batch, if it is finished; what is damaged is not."""
        try:
            return self.load(name)
        except (OSError, pa.ArrowException):
            return []

    def load(self, name: str) -> list[pa.Table]:
        """Return the tables of a finished batch: units, passages and codings."""
        return list(unpack(self._path(name).read_bytes()))

    def save(self, name: str, data: pa.Buffer) -> None:
        """Keep what became of a batch."""
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            replace_file(self._path(name), memoryview(data))

    def clear(self) -> None:
        """Delete all parts, and the folder when nothing else is in it."""
        for path in self.folder.glob(f"*{_ENDING}*"):
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{_ENDING}"


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the failures of writing a file into an error with place and repair."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).rstrip(".")
        hint = "Free some disk space, get permission to write there, or choose another --out; finished work is kept"
        raise OutputError(f"The codings cannot be written: {reason}.", str(place), hint) from error
