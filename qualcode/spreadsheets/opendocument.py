"""OpenDocument spreadsheets → sheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.errors import TableError
from qualcode.spreadsheets.packages import (
    AGAIN,
    MAX_CELLS,
    MAX_ROWS,
    Notes,
    call_sheet,
    choose_sheets,
    finish_sheet,
)
from qualcode.spreadsheets.sheet import MAX_COLUMNS, as_text

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator, Sequence

    from lxml import etree

    from qualcode.spreadsheets.sheet import OpenSheet

_OFFICE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{part}:1.0}}" for part in ("office", "table", "text")
)


def open_opendocument(package: zipfile.ZipFile, name: str, only: Sequence[str | None]) -> tuple[OpenSheet, ...]:
    """Return sheets of an OpenDocument workbook: all, or those of some titles; ``None`` is the first.

    Raises
    ------
    TableError
        If it is damaged or has no such sheet.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(package.read("content.xml"), parser)
    except etree.XMLSyntaxError as error:
        raise TableError(f"The workbook cannot be read: {error.msg}.", name, AGAIN) from error
    book = root.find(f"{_OFFICE}body/{_OFFICE}spreadsheet")
    tables = [] if book is None else book.findall(f"{_TABLE}table")
    titles = [table.get(f"{_TABLE}name", "") for table in tables]
    return tuple(
        _OpenDocumentSheet(tables[place], call_sheet(name, titles[place], titles)).read(titles[place])
        for place in choose_sheets(titles, only, name)
    )


class _OpenDocumentSheet:
    """Reads one ``table:table``, in which rows and cells that repeat are written once with a count."""

    def __init__(self, table: etree._Element, name: str) -> None:
        self.table, self.name = table, name
        self.unknown: list[str] = []
        self.merged: list[str] = []

    def read(self, title: str) -> OpenSheet:
        lines = list(self._lines())  # only they tell which formulas have no value
        return finish_sheet(self.name, title, lines, Notes(self.unknown, self.merged))

    def _lines(self) -> Iterator[list[str]]:
        blank = n_cells = number = 0
        for row in self.table.iter(f"{_TABLE}table-row"):
            times = _count(row, "number-rows-repeated")
            cells = self._cells(row, number + 1)
            number += times
            if not cells:  # the last row of a sheet repeats a million times
                blank += times
                continue
            n_cells += len(cells) * times
            if number > MAX_ROWS or n_cells > MAX_CELLS:
                message = f"The sheet has more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells."
                raise TableError(message, self.name, AGAIN)
            yield from [[]] * blank
            blank = 0
            yield from [cells] * times

    def _cells(self, row: etree._Element, number: int) -> list[str]:
        cells: list[str] = []
        blank = 0
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            times = _count(cell, "number-columns-repeated")
            place = len(cells) + blank
            value = self._value(cell, place, number)
            if not value:
                blank += times
                continue
            if place + times > MAX_COLUMNS:
                raise TableError(f"The sheet has more than {MAX_COLUMNS:,} columns.", f"{self.name}:{number}", AGAIN)
            cells += [*[""] * blank, *[value] * times]
            blank = 0
        return cells

    def _value(self, cell: etree._Element, place: int, number: int) -> str:
        if cell.tag == f"{_TABLE}covered-table-cell":
            return ""
        if _count(cell, "number-columns-spanned") > 1 or _count(cell, "number-rows-spanned") > 1:
            self.merged.append(f"{_letter(place)}{number}")
        value = _value_of(cell)
        if not value and cell.get(f"{_TABLE}formula") and cell.get(f"{_OFFICE}value-type") != "string":
            self.unknown.append(f"{_letter(place)}{number}")
        return value


def _letter(place: int) -> str:
    letters, rest = "", place + 1
    while rest:
        rest, one = divmod(rest - 1, 26)
        letters = chr(65 + one) + letters
    return letters


def _count(element: etree._Element, attribute: str) -> int:
    told = element.get(f"{_TABLE}{attribute}", "1")
    return int(told) if re.fullmatch(r"[0-9]{1,9}", told) else 1


def _value_of(cell: etree._Element) -> str:
    """Return a cell's value: of numbers and dates the one stored, since the one shown is rounded."""
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind in {"float", "percentage", "currency"} and (stored := cell.get(f"{_OFFICE}value")):
        try:
            return as_text(int(stored) if re.fullmatch(r"-?[0-9]{1,400}", stored) else float(stored))
        except (ValueError, OverflowError):
            return stored
    if kind == "date" and (stored := cell.get(f"{_OFFICE}date-value")):
        return stored.removesuffix("T00:00:00").replace("T", " ")
    if kind == "boolean" and (stored := cell.get(f"{_OFFICE}boolean-value")):
        return stored.upper()
    return "\n".join(_words_of(paragraph) for paragraph in cell.iterchildren(f"{_TEXT}p")).strip()


def _words_of(element: etree._Element) -> str:
    """Return the text of a paragraph, in which blanks, tabs and line breaks are elements."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            told = child.get(f"{_TEXT}c", "1")
            parts.append(" " * (min(int(told), MAX_COLUMNS) if re.fullmatch(r"[0-9]{1,9}", told) else 1))
        elif child.tag in {f"{_TEXT}tab", f"{_TEXT}line-break"}:
            parts.append("\t" if child.tag == f"{_TEXT}tab" else "\n")
        elif child.tag != f"{_OFFICE}annotation":
            parts.append(_words_of(child))
        parts.append(child.tail or "")
    return "".join(parts)
