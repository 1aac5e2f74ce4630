"""Folders and zip files of strangers: listed and read within limits, never written to, no link followed."""

from __future__ import annotations

import os
import zipfile
import zlib
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.outputs import save_for_now

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FILES = 100_000
LARGEST = 2**30
"""Bytes of one file that is read."""
LARGEST_ALL = 8 * 2**30
"""Bytes that an archive may unpack to."""

_AGAIN = "Get the archive again from where it was deposited"
_CHUNK = 2**20
_ENCRYPTED = 0x1


def list_files(folder: Path) -> dict[str, Path]:
    """Return every file below a folder by its name in it, in the order of the names; links are none.

    Raises
    ------
    SourceError
        If there are too many.
    """
    found: dict[str, Path] = {}
    for at, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not os.path.islink(os.path.join(at, name)))  # noqa: PTH114, PTH118
        for name in names:
            path = Path(at, name)
            if not path.is_symlink() and path.is_file():
                found[path.relative_to(folder).as_posix()] = path
        if len(found) > MOST_FILES:
            raise SourceError(f"The folder holds more than {MOST_FILES:,} files.", str(folder), "Name the right folder")
    return dict(sorted(found.items()))


def list_links(folder: Path) -> list[str]:
    """Return the names of links below a folder, which no archive of ours holds."""
    return sorted(
        Path(at, name).relative_to(folder).as_posix()
        for at, folders, names in os.walk(folder, followlinks=False)
        for name in (*folders, *names)
        if Path(at, name).is_symlink()
    )


def read_file(path: Path, where: str) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    SourceError
        If it cannot be read, or is larger than any file of a report.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size  # room for all that is asked for is taken at once on Windows
            data = file.read(min(size, LARGEST) + 1)
    except OSError as error:
        raise SourceError(f"The file cannot be opened: {error.strerror}.", where, "Get the file again") from error
    if len(data) > LARGEST:
        raise SourceError(f"The file is larger than {LARGEST // 2**20:,} MiB.", where, "Check that it is the right one")
    return data


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Give the folder that a path is, or in which the content of a zip file lies for as long as the block lasts.

    Raises
    ------
    SourceError
        If there is no such file, it is no zip file, or it would write elsewhere or more than any study holds.
    """
    if path.is_dir():
        yield path
        return
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise SourceError("There is no such file or folder.", str(path), "Check the name") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        message = "This is neither a folder nor a zip file."
        raise SourceError(message, str(path), "Name the folder of a report, or an archive") from error
    with archive, TemporaryDirectory() as place:
        root = Path(place)
        _unpack(archive, root, path.name)
        yield _find_root(root)


def _unpack(archive: zipfile.ZipFile, root: Path, where: str) -> None:
    infos = [one for one in archive.infolist() if not one.is_dir()]
    if len(infos) > MOST_FILES:
        raise SourceError(f"The archive holds more than {MOST_FILES:,} files.", where, _AGAIN)
    room = LARGEST_ALL
    names: set[str] = set()
    for info in infos:
        name = info.filename
        if not _is_inside(name) or info.flag_bits & _ENCRYPTED or name.casefold() in names:
            reason = "twice the same name" if name.casefold() in names else "a file that leads outside, or is encrypted"
            raise SourceError(f"The archive holds {reason}.", f"{where}: {name}", _AGAIN)
        names.add(name.casefold())
        target = root.joinpath(*name.split("/"))
        data = _read(archive, info, room, f"{where}: {name}")
        room -= len(data)
        save_for_now(target, data)


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return not ({"", ".", ".."} & set(parts)) and not any(mark in name for mark in '\\:\0*?"<>|')


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: int, where: str) -> bytes:
    """Return the bytes of one file, of no more than the largest size, whatever its head says."""
    data = bytearray()
    try:
        with archive.open(info) as source:
            while chunk := source.read(_CHUNK):
                data += chunk
                if len(data) > min(LARGEST, room):
                    raise SourceError("The archive would unpack to more than any study holds.", where, _AGAIN)
    except (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise SourceError("The file is damaged and cannot be unpacked.", where, _AGAIN) from error
    return bytes(data)


def _find_root(root: Path) -> Path:
    """Return the folder of an archive, which may have been packed with the folder around it."""
    entries = list(root.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else root
