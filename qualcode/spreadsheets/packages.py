"""What workbooks have in common: a zip package, several sheets, and what a table cannot say."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.entities import find_declaration, may_be_xml
from qualcode.errors import Problem, TableError
from qualcode.spreadsheets.sheet import lay_out
from qualcode.wording import join, plural, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.spreadsheets.sheet import OpenSheet

MAX_ROWS = 1_048_576
MAX_CELLS = 50_000_000
AGAIN = "Open it in the program that made it and save it again, or save the sheet as “CSV UTF-8”"
_MAX_UNPACKED = 400_000_000
_MAX_RATIO, _RATIO_FROM = 250, 5_000_000
_MAX_MEMBERS = 20_000


def open_package(data: bytes, name: str) -> zipfile.ZipFile:
    """Open a zip package that unpacks to what a table may have, and whose parts declare no entities."""
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        _refuse_bomb(package, name)
        _refuse_entities(package, name)
    except TableError:
        raise
    except Exception as error:  # zipfile and zlib fail in a dozen ways on broken and on encrypted files
        raise TableError(f"The workbook cannot be read: {error}.", name, AGAIN) from error
    return package


def _refuse_entities(package: zipfile.ZipFile, name: str) -> None:
    for part in package.namelist():
        data = package.read(part)
        declared = find_declaration(data) if may_be_xml(part, data) else ""
        if declared:
            raise TableError(f"{part} {declared}.", name, AGAIN)


def _refuse_bomb(package: zipfile.ZipFile, name: str) -> None:
    members = package.infolist()
    size = sum(member.file_size for member in members)
    inflated = any(
        one.file_size > _RATIO_FROM and one.file_size > _MAX_RATIO * max(one.compress_size, 1) for one in members
    )
    if size > _MAX_UNPACKED or inflated or len(members) > _MAX_MEMBERS:
        raise TableError(f"The workbook unpacks to {size // 1_000_000} MB, too large to read.", name, AGAIN)


def choose_sheets(titles: Sequence[str], only: Sequence[str | None], name: str) -> list[int]:
    """Return the places of the sheets to read."""
    if not titles:
        raise TableError("The workbook has no worksheet.", name, "Name another file")
    for title in only:
        if title is not None and title not in titles:
            shown = f"The sheets are {join([f'“{one}”' for one in titles])}."
            raise TableError(f"There is no sheet “{title}”.", name, f"{suggest(title, titles)} {shown}".strip())
    return [0 if title is None else titles.index(title) for title in only] or list(range(len(titles)))


def finish_sheet(called: str, title: str, lines: Iterable[Sequence[str]], notes: Notes) -> OpenSheet:
    """Make a sheet of a workbook's rows: all as wide as the header at the least, as a spreadsheet shows them."""
    table = lay_out(called, _bounded(lines, called), notes.tell(called), sheet=title)
    table.rows = _fill(table.rows, len(table.header))
    return table


def _fill(rows: Iterator[tuple[int, tuple[str, ...]]], width: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, cells in rows:
        yield number, (*cells, *[""] * (width - len(cells)))


def call_sheet(name: str, title: str, titles: Sequence[str]) -> str:
    """Return what messages call a sheet: the file's name, and its own where there are several."""
    return f"{name}, sheet {title}" if len(titles) > 1 else name


def _bounded(lines: Iterable[Sequence[str]], name: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield numbered rows without the blank cells at their ends.

    A damaged row number may make billions of rows that are blank.
    """
    n_cells = 0
    for number, cells in enumerate(lines, 1):
        n_cells += len(cells)
        if number > MAX_ROWS or n_cells > MAX_CELLS:
            raise TableError(f"The sheet has more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells.", name, AGAIN)
        width = next((place for place in range(len(cells), 0, -1) if cells[place - 1]), 0)
        if width:
            yield number, tuple(cells[:width])


@dataclass(frozen=True, slots=True)
class Notes:
    """What a sheet has that a table has not: formulas without a stored value, and cells that were merged."""

    unknown: Sequence[str] = ()
    merged: Sequence[str] = ()

    def tell(self, name: str) -> list[Problem]:
        """Return it as problems of the sheet of that name."""
        problems = []
        if self.unknown:
            message = (
                f"{plural(len(self.unknown), 'formula')} without a stored value, read as blank: {_few(self.unknown)}."
            )
            hint = "Open the workbook in Excel or LibreOffice, save it, and read it again"
            problems.append(Problem(name, "warning", "formula", message, hint))
        if self.merged:
            message = f"Merged cells have their value only in the first cell: {_few(self.merged)}."
            problems.append(Problem(name, "warning", "merged-cells", message, "Unmerge them and fill in each cell"))
        return problems


_SHOWN = 5


def _few(places: Sequence[str]) -> str:
    if len(places) <= _SHOWN + 1:
        return join(places)
    return f"{', '.join(places[:_SHOWN])} and {len(places) - _SHOWN} more"
