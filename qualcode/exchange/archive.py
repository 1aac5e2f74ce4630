"""The files of a project, read safely: nothing is unpacked to disk, and only what the project names is opened."""

from __future__ import annotations

import zipfile
import zlib
from lzma import LZMAError
from typing import TYPE_CHECKING

from qualcode.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST_ENTRIES = 10_000
LARGEST = 64 * 2**20
"""Bytes of one text, or of the project's own file."""
LARGEST_ALL = 512 * 2**20
"""Bytes of all files that are read."""

_ENCRYPTED = 0x1
_CHUNK = 2**20
_DAMAGED = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError, OSError)
"""What reading a damaged archive may raise."""


class Archive:
    """What a project is made of: one file that describes it, and texts beside it.

    Attributes
    ----------
    name
        What messages call it.
    entry, data
        Name and bytes of the file that describes the project.
    doubled
        Names that stand for several files, of which none is read.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.entry = name
        self.data = b""
        self.doubled: set[str] = set()
        self._room = LARGEST_ALL

    def read(self, path: str) -> bytes | None:
        """Return a file by the path that the project gives; ``None`` when it is not there, or not in the project.

        Raises
        ------
        SourceError
            If it is damaged, encrypted or larger than any text is.
        """
        raise NotImplementedError

    def is_doubled(self, path: str) -> bool:
        """Tell whether several files have the name of a path."""
        return base_name(path) in self.doubled

    def _take(self, n_bytes: int, name: str) -> None:
        self._room -= n_bytes
        if self._room < 0:
            message = f"The files of the project are larger than {LARGEST_ALL // 2**20} MiB together."
            raise SourceError(message, f"{self.name}: {name}", "Export a part of the project")


def base_name(path: str) -> str:
    """Return the last part of a path, by which files are looked up, whatever stands before it."""
    return path.replace("\\", "/").rpartition("/")[2].casefold()


def is_outside(path: str) -> bool:
    """Tell whether a path leads to a file outside the project, which is never followed."""
    return path.casefold().startswith(("absolute:", "relative:", "file:", "http:", "https:"))


class ZipArchive(Archive):
    """A project in one file, a zip archive."""

    def __init__(self, path: Path, ending: str) -> None:
        super().__init__(path.name)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            message = "This is not a REFI-QDA project, or it is damaged: it cannot be opened as a zip archive."
            raise SourceError(message, path.name, "Export it again, or copy it again from where it lies") from error
        infos = [one for one in self._zip.infolist() if not one.is_dir()]
        if len(infos) > MOST_ENTRIES:
            message = f"The project holds {len(infos):,} files; {MOST_ENTRIES:,} are read at the most."
            raise SourceError(message, path.name, "Export a part of the project")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            key = base_name(info.filename)
            if key in self._entries:
                self.doubled.add(key)
            self._entries.setdefault(key, info)
        self.entry = self._find(infos, ending)
        self.data = self._read(next(one for one in infos if one.filename == self.entry))

    def _find(self, infos: list[zipfile.ZipInfo], ending: str) -> str:
        """Return the name of the file that describes the project: the one that lies highest."""
        found = [one.filename for one in infos if one.filename.casefold().endswith(ending)]
        if not found:
            message = f"There is no description of a project (*{ending}) in the archive."
            raise SourceError(message, self.name, "Check that it is the right file")
        depth = min(one.count("/") for one in found)
        top = [one for one in found if one.count("/") == depth]
        named = [one for one in top if base_name(one) == f"project{ending}"]
        if len(top) > 1 and len(named) != 1:
            message = f"There are several descriptions of a project in the archive: {', '.join(sorted(top)[:5])}."
            raise SourceError(message, self.name, "Export the project again, or take out of the archive all but one")
        return (named or top)[0]

    def read(self, path: str) -> bytes | None:  # noqa: D102  # as above
        key = base_name(path)
        info = self._entries.get(key)
        return None if info is None or is_outside(path) or key in self.doubled else self._read(info)

    def _read(self, info: zipfile.ZipInfo) -> bytes:
        """Return the bytes of an entry, of no more than the largest size, whatever its head says."""
        where = f"{self.name}: {info.filename}"
        if info.flag_bits & _ENCRYPTED:
            raise SourceError("The file is encrypted.", where, "Export the project without a password")
        if info.file_size > LARGEST:
            raise _too_large(where)
        data = bytearray()
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    data += chunk
                    if len(data) > LARGEST:
                        raise _too_large(where)
        except _DAMAGED as error:
            raise SourceError("The file is damaged and cannot be read.", where, "Export the project again") from error
        self._take(len(data), info.filename)
        return bytes(data)


def _too_large(where: str) -> SourceError:
    return SourceError(f"The file is larger than {LARGEST // 2**20} MiB.", where, "Check that it is the right file")


class FolderArchive(Archive):
    """A project's description that lies beside its folder ``sources``, as out of an archive that was unpacked."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.name)
        self.data = self._read(path)
        self._files: Mapping[str, Path] = {}
        folder = next((one for one in sorted(path.parent.iterdir()) if one.name.casefold() == "sources"), None)
        if folder is not None and folder.is_dir() and not folder.is_symlink():
            files = [one for one in sorted(folder.iterdir()) if one.is_file() and not one.is_symlink()]
            self._files = {one.name.casefold(): one for one in files[:MOST_ENTRIES]}

    def read(self, path: str) -> bytes | None:  # noqa: D102  # as above
        found = self._files.get(base_name(path))
        return None if found is None or is_outside(path) else self._read(found)

    def _read(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise SourceError(f"The file cannot be opened: {error.strerror}.", str(path)) from error
        if len(data) > LARGEST:
            raise _too_large(str(path))
        self._take(len(data), path.name)
        return data
