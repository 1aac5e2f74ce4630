"""From whatever holds a table to its sheets: what kind of file it is, its content tells."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from qualcode.errors import QualcodeError, TableError
from qualcode.spreadsheets.excel import open_excel
from qualcode.spreadsheets.opendocument import open_opendocument
from qualcode.spreadsheets.packages import open_package
from qualcode.spreadsheets.sheet import OpenSheet, Spreadsheet, as_text, lay_out
from qualcode.spreadsheets.text import Text, find_encoding, open_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from qualcode.errors import Problem
    from qualcode.spreadsheets.text import Row

TableSource: TypeAlias = "str | os.PathLike[str] | bytes | IO[str] | IO[bytes] | pd.DataFrame"
"""A path, the bytes of a file, an open file, or a DataFrame of pandas."""
Guess: TypeAlias = "Callable[[bytes, str], tuple[str, Sequence[Problem]]]"

_MAX_BYTES, _IN_MEMORY = 200_000_000, 64_000_000
_AT_ONCE = 10_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_sheet(
    source: TableSource,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    name: str = "",
    error: type[QualcodeError] = TableError,
) -> Spreadsheet:
    """Read a table.

    Parameters
    ----------
    source
        A path, the bytes of a file, an open file, or a DataFrame. What kind of file it is, its content tells: text with
        cells apart by commas, semicolons, tabs or bars (a first line ``sep=;`` says by which), or a workbook of Excel
        or OpenDocument. Names of a DataFrame's index become columns.
    sheet
        The sheet of a workbook; the first when not given.
    encoding
        Of a text file; when not given, the one that its first bytes state, or UTF-8.
    name
        What messages call the table; the file's name when not given.
    error
        What is raised when the table cannot be read.

    Returns
    -------
    Spreadsheet
        Header, rows and problems. Of a formula, the value that the workbook stores; one that stores none is told.

    Raises
    ------
    TableError
        If the table cannot be read: not there, too large, not in its encoding, damaged, or to be read in two ways.
    MissingDependencyError
        If an Excel workbook is given and openpyxl is not installed.

    Examples
    --------
    >>> read_sheet(b"case;role\\nP1;teacher\\n").rows
    ((2, ('P1', 'teacher')),)
    """
    return read_sheets(source, encoding=encoding, name=name, error=error, only=(sheet,))[0]


def read_sheets(
    source: TableSource,
    *,
    encoding: str | None = None,
    name: str = "",
    error: type[QualcodeError] = TableError,
    only: Sequence[str | None] = (),
) -> tuple[Spreadsheet, ...]:
    """Read all sheets of a table, in their order; a text file is one sheet.

    Parameters
    ----------
    source, encoding, name, error
        As for :func:`read_sheet`.
    only
        Titles of the sheets to read, ``None`` for the first; all without.

    Raises
    ------
    TableError, MissingDependencyError
        As for :func:`read_sheet`.

    Examples
    --------
    >>> [one.header for one in read_sheets(b"case,role")]
    [('case', 'role')]
    """
    try:
        how = _How(name, encoding, only, _MAX_BYTES)
        return tuple(one.read() for one in _open(source, how))
    except TableError as failure:
        raise error(failure.message, failure.where, failure.hint) from failure


def open_sheet(
    source: TableSource,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    name: str = "",
    error: type[QualcodeError] = TableError,
    guess: Guess | None = None,
) -> OpenSheet:
    """Open a table whose rows are read while one goes through them: a text file may be of any length.

    Parameters
    ----------
    source, sheet, encoding, name, error
        As for :func:`read_sheet`.
    guess
        Takes the bytes of a text and its name, and returns its encoding and what there is to say about that: for a text
        that states none and is not in UTF-8, which is an error otherwise.

    Returns
    -------
    OpenSheet
        Header, problems, and rows to be gone through once.

    Raises
    ------
    TableError, MissingDependencyError
        As for :func:`read_sheet`; what is wrong with a row is raised when it is reached.

    Examples
    --------
    >>> next(open_sheet(b"case;role\\nP1;teacher\\n").rows)
    (2, ('P1', 'teacher'))
    """
    try:
        (found,) = _open(source, _How(name, encoding, (sheet,), guess=guess))
    except TableError as failure:
        raise error(failure.message, failure.where, failure.hint) from failure
    if error is not TableError:
        found.rows = _raise_as(error, found.rows)
    return found


def name_source(source: TableSource) -> str:
    """Return the name of the file that a table is read from; ``""`` where there is none.

    Examples
    --------
    >>> name_source("study/cases.csv"), name_source(b"case,role")
    ('cases.csv', '')
    """
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", "")
    return Path(path).name if isinstance(path, str | os.PathLike) else ""


def _raise_as(error: type[QualcodeError], rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except TableError as failure:
        raise error(failure.message, failure.where, failure.hint) from failure


@dataclass(frozen=True, slots=True)
class _How:
    """How to read: what the table is called, which sheets are meant, and how many bytes a text may have."""

    name: str
    encoding: str | None
    only: Sequence[str | None]
    most: int | None = None
    guess: Guess | None = None


def _open(source: TableSource, how: _How) -> tuple[OpenSheet, ...]:
    pandas = sys.modules.get("pandas")  # where it was never loaded, there is no DataFrame
    if pandas is not None and isinstance(source, pandas.DataFrame):
        return (_open_frame(source, how.name or "the DataFrame"),)
    content, name = _take(source, how.most)
    sheets = _open_content(content, how.name or name, how)
    for one in sheets:
        one.content = content
    return sheets


def _open_content(content: bytes | str | Path, name: str, how: _How) -> tuple[OpenSheet, ...]:
    if isinstance(content, str):
        return (open_text(Text(content, name)),)
    head = content[:4] if isinstance(content, bytes) else _read_bytes(content, 4)
    if head.startswith((_OLE, _ZIP)) and isinstance(content, Path):
        _refuse_size(_measure(content), _MAX_BYTES, name)
        content = _read_bytes(content)
    if head.startswith(_OLE):
        hint = "Save it in Excel as “CSV UTF-8” or as .xlsx without a password"
        raise TableError("This is an old or a password-protected Excel file.", name, hint)
    if isinstance(content, bytes) and head.startswith(_ZIP):
        return _open_workbook(content, name, how.only)
    return (_open_bytes(content, head, name, how),)


def _open_bytes(content: bytes | Path, head: bytes, name: str, how: _How) -> OpenSheet:
    text = Text(content, name, find_encoding(head, name, how.encoding))
    problems: Sequence[Problem] = ()
    if how.guess is not None and how.encoding is None and not text.is_sound():
        text.encoding, problems = how.guess(content if isinstance(content, bytes) else _read_bytes(content), name)
    sheet = open_text(text)
    sheet.problems = tuple(problems)
    return sheet


def _open_workbook(data: bytes, name: str, only: Sequence[str | None]) -> tuple[OpenSheet, ...]:
    with open_package(data, name) as package:
        names = package.namelist()
        if "content.xml" in names:
            return open_opendocument(package, name, only)
        if not any(part.endswith("workbook.xml") for part in names):
            raise TableError("The zip archive holds no Excel workbook.", name, "Save it from Excel as .xlsx")
        return open_excel(data, package, name, only)


def _take(source: TableSource, most: int | None) -> tuple[bytes | str | Path, str]:
    """Return the content of a source, or the path of what is too large for the memory, and what it is called."""
    name = name_source(source) or "the table"
    if isinstance(source, bytes):
        return source, name
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        size = _measure(path)
        _refuse_size(size, most, name)
        return (_read_bytes(path) if size <= _IN_MEMORY or most else path), name
    read: object = getattr(source, "read", None)
    if not callable(read):
        hint = "Give a path, an open file or a DataFrame"
        raise TableError(f"A table cannot be read from {type(source).__name__}.", "", hint)
    try:
        content: bytes | str = read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a decoder's error is a ValueError, as is a file that was closed
        raise TableError(f"The table cannot be read: {error}.", name, "Open the file in binary mode: “rb”") from error
    _refuse_size(len(content), _MAX_BYTES, name)
    return content, name


def _measure(path: Path) -> int:
    """Return the size of a file in bytes."""
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            return status.st_size
        reason = "Is a directory" if stat.S_ISDIR(status.st_mode) else "Is not a regular file"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError:  # a null character
        reason = "This is not a file name"
    raise TableError(f"The table cannot be read: {reason}.", str(path), "Check the path")


def _read_bytes(path: Path, n_bytes: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(n_bytes)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TableError(f"The table cannot be read: {reason}.", str(path), "Check the path") from error


def _refuse_size(size: int, most: int | None, name: str) -> None:
    if most is not None and size > most:
        raise TableError(f"The table has more than {most // 1_000_000} MB.", name, "Split it into parts")


def _open_frame(frame: pd.DataFrame, name: str) -> OpenSheet:
    if any(title is not None for title in frame.index.names):
        frame = frame.reset_index()
    if frame.columns.nlevels > 1:
        raise TableError("The columns have several levels.", name, "Give each column one name")
    header = tuple(as_text(title) for title in frame.columns)
    rows = (row for start in range(0, len(frame), _AT_ONCE) for row in _list_rows(frame[start : start + _AT_ONCE]))
    return lay_out(name, chain([(1, header)], enumerate(rows, 2)))


def _list_rows(frame: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    columns = []
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
        columns.append(["" if is_missing else as_text(value) for value, is_missing in pairs])
    return zip(*columns, strict=True)
