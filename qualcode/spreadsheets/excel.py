"""Excel workbooks → sheets."""

from __future__ import annotations

import io
import re
import warnings
from itertools import islice
from typing import TYPE_CHECKING

from qualcode.errors import MissingDependencyError, TableError
from qualcode.spreadsheets.packages import AGAIN, Notes, call_sheet, choose_sheets, finish_sheet
from qualcode.spreadsheets.sheet import as_text

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator, Sequence
    from typing import Any

    from qualcode.spreadsheets.sheet import OpenSheet

_UNKNOWN = re.compile(
    rb"<(?:\w+:)?c\s(?![^>]*\bt=\"str\")[^>]*?\br=\"([A-Z]+[0-9]+)\"[^>]*>\s*"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
"""A cell of Excel's XML with a formula and no value; the empty text is a value, and of type ``str``."""
_AT_ONCE = 500
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*[\"']([A-Z]+[0-9]+:[A-Z]+[0-9]+)")


def open_excel(data: bytes, package: zipfile.ZipFile, name: str, only: Sequence[str | None]) -> tuple[OpenSheet, ...]:
    """Return sheets of an Excel workbook: all, or those of some titles; ``None`` is the first.

    Raises
    ------
    TableError, MissingDependencyError
        If it is damaged, has no such sheet, or openpyxl is not installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        hint = "pip install 'qualcode[excel]', or save the sheet as “CSV UTF-8”"
        message = "Reading an Excel workbook needs openpyxl, which is not installed."
        raise MissingDependencyError(message, name, hint) from error

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheets = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets
            titles = [one.title for one in sheets]
            return tuple(
                _open_excel_sheet(sheets[place], package, call_sheet(name, titles[place], titles))
                for place in choose_sheets(titles, only, name)
            )
    except TableError:
        raise
    except Exception as error:
        raise _damaged(name, error) from error


def _open_excel_sheet(sheet: Any, package: zipfile.ZipFile, called: str) -> OpenSheet:
    xml = package.read(sheet._worksheet_path)  # noqa: SLF001  # openpyxl resolves it and tells nobody
    unknown, merged = ([ref.decode() for ref in sought.findall(xml)] for sought in (_UNKNOWN, _MERGED))
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    return finish_sheet(called, sheet.title, _iterate_rows(sheet, called), Notes(unknown, merged))


def _iterate_rows(sheet: Any, called: str) -> Iterator[list[str]]:
    rows = sheet.iter_rows(values_only=True)
    while some := _read_some(rows, called):
        for row in some:
            yield [as_text(value) for value in row]


def _read_some(rows: Iterator[Sequence[object]], called: str) -> list[Sequence[object]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about features of the sheet that hold no cell
            return list(islice(rows, _AT_ONCE))
    except Exception as error:
        raise _damaged(called, error) from error


def _damaged(name: str, error: Exception) -> TableError:
    """Return the error of a damaged workbook; openpyxl fails in its own ways on every kind of damage."""
    return TableError(f"The Excel workbook cannot be read: {error}.", name, AGAIN)
