"""Text with delimiters → a sheet: encoding, delimiter and quotation marks, none of them guessed."""

from __future__ import annotations

import csv
import io
import re
import threading
from dataclasses import dataclass
from typing import TypeAlias

from qualcode.errors import TableError
from qualcode.spreadsheets.sheet import Spreadsheet, lay_out

_DELIMITERS = ",;\t"
_SEP = re.compile(r"\"?sep=([^\"\r\n])\"?(?:\r\n|\n|\r|$)", re.IGNORECASE)
_MAX_CELL = 10_000_000
_field_limit = threading.Lock()


_FORMULA = tuple("=+-@\t\r")
"""What a spreadsheet takes a cell for a formula by, when it comes first."""


def disarm(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe before it, as one types it there.

    Examples
    --------
    >>> disarm("=1+1"), disarm("– so"), arm(disarm("- yes"))
    ("'=1+1", '– so', '- yes')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def arm(cell: str) -> str:
    """Return what :func:`disarm` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def decode(data: bytes, name: str, encoding: str | None) -> str:
    """Return the text of a file in UTF-8, or in the encoding that was named.

    Raises
    ------
    TableError
        If it is in another one; with the line of the first wrong byte.
    """
    try:
        text = data.decode(encoding or "utf-8-sig").removeprefix("\ufeff")
    except LookupError as error:
        hint = "Usual ones are utf-8, utf-16, cp1252, big5 and gb18030."
        raise TableError(f"There is no encoding “{encoding}”.", name, hint) from error
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data.count(b"\n", 0, start) + 1
        hint = "Save it as UTF-8; in Excel choose “CSV UTF-8 (Comma delimited)”."
        raise TableError(f"The table is not in {(encoding or 'utf-8').upper()}.", f"{name}:{line}", hint) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        hint = "Save it as “CSV UTF-8”, or name its encoding."
        raise TableError("The table holds null characters, as no text in UTF-8 does.", f"{name}:{line}", hint)
    return text


def read_text(text: str, name: str) -> Spreadsheet:
    """Return the sheet that a text with delimiters holds.

    Raises
    ------
    TableError
        If quotation marks do not pair, or more than one delimiter would do.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    sep = _SEP.match(text)  # Excel's own line above the header
    body, before = (text[sep.end() :], 1) if sep else (text, 0)
    rows = _split_even(body, name) if sep is None else _split(body, sep[1])
    if isinstance(rows, _Broken):
        raise rows.explain(name, before)
    return lay_out(name, [(line + before, cells) for line, cells in rows])


@dataclass(frozen=True, slots=True)
class _Broken:
    """What is wrong with a text that was split by some delimiter, and in which line."""

    line: int
    reason: str

    def explain(self, name: str, before: int) -> TableError:
        hint = "Check the quotation marks: a cell that holds one is quoted, and the mark itself doubled."
        return TableError(f"The row cannot be read: {self.reason}.", f"{name}:{self.line + before}", hint)


_Lines: TypeAlias = "list[tuple[int, list[str]]]"


def _split(text: str, delimiter: str, *, n_rows: int | None = None) -> _Lines | _Broken:
    """Return line and cells of the rows that are not blank, all or the first ones."""
    rows: _Lines = []
    line = 1
    with _field_limit:  # it is the process's, not the reader's
        before = csv.field_size_limit(_MAX_CELL)
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            for cells in reader:
                stripped = [cell.strip() for cell in cells]
                if any(stripped):
                    rows.append((line, stripped))
                if len(rows) == n_rows:
                    break
                line = reader.line_num + 1
        except csv.Error as error:
            return _Broken(line, str(error))
        finally:
            csv.field_size_limit(before)
    return rows


def _split_even(text: str, name: str) -> _Lines | _Broken:
    """Return the rows by the one delimiter that splits the header, if need be the one that all rows agree on.

    Never a guess: of two that would do equally well, one is wrong.
    """
    candidates = [one for one in _DELIMITERS if _splits_header(text, one)]
    if len(candidates) > 1:
        even = [rows for one in candidates if _is_even(rows := _split(text, one))]
        if len(even) != 1:
            hint = "Part them by commas throughout, and put cells that hold one in quotation marks."
            message = "It cannot be told whether commas, semicolons or tabs part the cells."
            raise TableError(message, f"{name}:1", f"{hint} Or write a first line that says it, such as “sep=;”.")
        return even[0]
    return _split(text, candidates[0] if candidates else "|" if _splits_header(text, "|") else ",")


def _splits_header(text: str, delimiter: str) -> bool:
    first = _split(text, delimiter, n_rows=1)
    return isinstance(first, list) and bool(first) and len(first[0][1]) > 1


def _is_even(rows: _Lines | _Broken) -> bool:
    return isinstance(rows, list) and len({len(cells) for _, cells in rows}) == 1
