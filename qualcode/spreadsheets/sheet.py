"""One sheet of cells, and how a value becomes the text of a cell."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import TableError
from qualcode.model import many_objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.errors import Problem


MAX_COLUMNS = 16_384


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """One sheet of cells.

    Attributes
    ----------
    name
        Of the file, with the sheet's name where a workbook has several; for messages.
    header
        The cells of the first row that is not blank; empty when there is none.
    rows
        Number and cells of each row below it that is not blank. In a text file the number is the line in which the row
        begins, in a workbook that of the row. In a text file a row may have fewer or more cells than the header.
    problems
        What the reader wants a person to know.
    sheet
        Title of the sheet; ``""`` when there are none.
    header_number
        Number of the header, as of the rows; 0 when there is none.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    problems: tuple[Problem, ...] = ()
    sheet: str = ""
    header_number: int = 0


@dataclass(slots=True)
class OpenSheet:
    """One sheet of cells whose rows are read while one goes through them, so that it may be of any length.

    Attributes
    ----------
    name, header, problems, sheet, header_number
        As of a :class:`Spreadsheet`.
    rows
        As of a :class:`Spreadsheet`, to be gone through once; what is wrong further down is raised on the way.
    encoding
        Of a text file; ``""`` of anything else.
    content
        What was read; ``None`` of a DataFrame.
    """

    name: str
    header: tuple[str, ...]
    rows: Iterator[tuple[int, tuple[str, ...]]]
    problems: tuple[Problem, ...] = ()
    sheet: str = ""
    header_number: int = 0
    encoding: str = ""
    content: bytes | str | Path | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal; ``""`` of a DataFrame."""
        if isinstance(self.content, Path):
            with self.content.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        data = self.content.encode("utf-8", "surrogatepass") if isinstance(self.content, str) else self.content
        return "" if data is None else hashlib.sha256(data).hexdigest()

    def read(self) -> Spreadsheet:
        """Return the sheet with all its rows."""
        with many_objects():
            rows = tuple(self.rows)
        return Spreadsheet(self.name, self.header, rows, self.problems, self.sheet, self.header_number)


def lay_out(
    name: str, lines: Iterable[tuple[int, tuple[str, ...]]], problems: Sequence[Problem] = (), *, sheet: str = ""
) -> OpenSheet:
    """Make a sheet of numbered rows, leaving out the blank ones."""
    filled = (line for line in lines if any(line[1]))
    number, header = next(filled, (0, ()))
    if len(header) > MAX_COLUMNS:
        message = f"The table has {len(header):,} columns; a spreadsheet has at most {MAX_COLUMNS:,}."
        raise TableError(message, f"{name}:{number}", "Split it into parts, or turn columns into rows")
    return OpenSheet(name, header, filled, tuple(problems), sheet, number)


def fold_head(head: str) -> str:
    """Return the head of a column as it is compared with a name: no capitals, no full width, blanks for underscores.

    Examples
    --------
    >>> fold_head("Speaker_ID"), fold_head("ｓｐｅａｋｅｒ  id")
    ('speaker id', 'speaker id')
    """
    return " ".join(unicodedata.normalize("NFKC", head).casefold().replace("_", " ").split())


def as_text(value: object) -> str:
    """Return a value as a spreadsheet shows it: dates in ISO form, whole numbers without decimals, TRUE and FALSE."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip().replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"  # digits beyond 15 are of the arithmetic
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value).strip()
