"""From whatever holds a table to its sheets: what kind of file it is, its content tells."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from qualcode.errors import QualcodeError, TableError
from qualcode.spreadsheets.excel import read_excel
from qualcode.spreadsheets.opendocument import read_opendocument
from qualcode.spreadsheets.packages import open_package
from qualcode.spreadsheets.sheet import Spreadsheet, as_text, lay_out
from qualcode.spreadsheets.text import decode, read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

TableSource: TypeAlias = "str | os.PathLike[str] | bytes | IO[str] | IO[bytes] | pd.DataFrame"
"""A path, the bytes of a file, an open file, or a DataFrame of pandas."""

_MAX_BYTES = 200_000_000
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
        Of a text file; UTF-8 when not given.
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
    found = read_sheets(source, encoding=encoding, name=name, error=error, only=(sheet,))
    return found[0]


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
        pandas = sys.modules.get("pandas")  # where it was never loaded, there is no DataFrame
        if pandas is not None and isinstance(source, pandas.DataFrame):
            return (_read_frame(source, name or "the DataFrame"),)
        content, called = _take(source)
        return _read_content(content, name or called, encoding, only)
    except TableError as failure:
        raise error(failure.message, failure.where, failure.hint) from failure


def _read_content(
    content: bytes | str, name: str, encoding: str | None, only: Sequence[str | None]
) -> tuple[Spreadsheet, ...]:
    if isinstance(content, str):
        return (read_text(content.removeprefix("\ufeff"), name),)
    if content.startswith(_OLE):
        hint = "Save it in Excel as “CSV UTF-8” or as .xlsx without a password."
        raise TableError("This is an old or a password-protected Excel file.", name, hint)
    if content.startswith(_ZIP):
        return _read_workbook(content, name, only)
    return (read_text(decode(content, name, encoding), name),)


def _read_workbook(data: bytes, name: str, only: Sequence[str | None]) -> tuple[Spreadsheet, ...]:
    with open_package(data, name) as package:
        names = package.namelist()
        if "content.xml" in names:
            return read_opendocument(package, name, only)
        if not any(part.endswith("workbook.xml") for part in names):
            raise TableError("The zip archive holds no Excel workbook.", name, "Save it from Excel as .xlsx.")
        return read_excel(data, package, name, only)


def _take(source: TableSource) -> tuple[bytes | str, str]:
    """Return the content of a source, and what it is called."""
    if isinstance(source, bytes):
        return source, "the table"
    if isinstance(source, str | os.PathLike):
        return _read_bytes(Path(source)), Path(source).name
    read: object = getattr(source, "read", None)
    if not callable(read):
        hint = "Give a path, an open file or a DataFrame."
        raise TableError(f"A table cannot be read from {type(source).__name__}.", "", hint)
    called = getattr(source, "name", "")
    name = Path(called).name if isinstance(called, str) and called else "the table"
    try:
        content: bytes | str = read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a decoder's error is a ValueError, as is a file that was closed
        raise TableError(f"The table cannot be read: {error}.", name, "Open the file in binary mode: “rb”.") from error
    _refuse_size(len(content), name)
    return content, name


def _read_bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            _refuse_size(status.st_size, path.name)
            return path.read_bytes()
        reason = "Is a directory" if stat.S_ISDIR(status.st_mode) else "Is no regular file"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError:  # a null character
        reason = "This is no file name"
    raise TableError(f"The table cannot be read: {reason}.", str(path), "Check the path.")


def _refuse_size(size: int, name: str) -> None:
    if size > _MAX_BYTES:
        raise TableError(f"The table has more than {_MAX_BYTES // 1_000_000} MB.", name, "Split it into parts.")


def _read_frame(frame: pd.DataFrame, name: str) -> Spreadsheet:
    if any(title is not None for title in frame.index.names):
        frame = frame.reset_index()
    if frame.columns.nlevels > 1:
        raise TableError("The columns have several levels.", name, "Give each column one name.")
    columns = []
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
        columns.append(["" if is_missing else as_text(value) for value, is_missing in pairs])
    lines = zip(*columns, strict=True)
    return lay_out(name, [(1, [as_text(title) for title in frame.columns]), *enumerate(lines, 2)])
