"""Files that a person asked for: written whole, or refused in words."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.atomic import drafting
from qualcode.errors import OutputError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping


def save(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file in one step: complete under its name, or not there.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    return save_parts(path, [content])


def save_parts(path: str | os.PathLike[str], parts: Iterable[bytes]) -> Path:
    """Write a file, as :func:`save` does, of parts that are not held together.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    target = Path(path)
    with _refusing(target, _REPAIRS):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not (target.is_file() or target.is_dir()):
            _write(target, parts)  # a device or a pipe, such as /dev/stdout, stays what it is
        else:
            with drafting(target) as (draft,):
                _write(draft, parts)
    return target


_REPAIRS = (
    "Free some disk space, get permission to write there, close the file if another program has it open, or choose "
    "another folder"
)


@contextmanager
def _refusing(target: Path, repair: str) -> Iterator[None]:
    """Turn what the system says against a file into words for a person."""
    try:
        yield
    except OSError as error:
        wrong = _find_wrong_kind(target)
        if wrong:
            raise OutputError(wrong, str(target), "Choose another name") from error
        reason = (error.strerror or str(error)).rstrip(".")
        raise OutputError(f"The file cannot be written: {reason}.", str(target), repair) from error


def _find_wrong_kind(target: Path) -> str:
    """Return what is wrong where a folder has the place of the file, or a file that of a folder above it."""
    if target.is_dir():
        return "This is a folder, not a file."
    above = next((folder for folder in target.parents if folder.exists()), None)
    return f"“{above}” is a file, not a folder." if above is not None and not above.is_dir() else ""


def _write(path: Path, parts: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(parts)


def save_for_now(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file of a folder that is thrown away soon: nothing waits for the disk.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    target = Path(path)
    with _refusing(target, "Free some disk space"):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def save_all(folder: str | os.PathLike[str], contents: Mapping[str, bytes]) -> list[Path]:
    """Write several files by their names relative to a folder, which is made when it is not there.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    return [save(Path(folder) / name, content) for name, content in contents.items()]


def pack_as_anywhere(package: bytes) -> bytes:
    """Return a workbook, which is a zip, with the same bytes on every system: each part says where it was made.

    Examples
    --------
    >>> package = io.BytesIO()
    >>> with zipfile.ZipFile(package, "w") as made:
    ...     made.writestr("a.txt", "one")
    >>> zipfile.ZipFile(io.BytesIO(pack_as_anywhere(package.getvalue()))).getinfo("a.txt").create_system
    3
    """
    data = bytearray(package)
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        at, n_parts = parts.start_dir, len(parts.infolist())
    for _ in range(n_parts):
        data[at + 5] = _UNIX
        at += 46 + sum(struct.unpack_from("<3H", data, at + 28))  # name, extra field and comment follow the record
    return bytes(data)


_UNIX = 3
"""What a system other than Windows writes there by itself."""
