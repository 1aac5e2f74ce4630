"""One result of an analysis as a file of its own: a table with its caption and sentence, for a paper's appendix."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, cast

import qualcode
from qualcode.errors import OutputError
from qualcode.outputs import pack_as_anywhere, save
from qualcode.reports.document import Column, Document, Heading, Name, Table
from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    import os

    import pandas as pd

    from qualcode.reports.document import Cell
    from qualcode.reports.report import Report
    from qualcode.results import Result

_RENDERERS = {
    ".docx": "qualcode.reports.word:render",
    ".tex": "qualcode.reports.latex:render",
    ".md": "qualcode.reports.markdown:render",
    ".xlsx": "qualcode.reports.appendix:render_workbook",
}
_ALL: tuple[str, ...] = ()
_PRINTED = ("code", "level")
"""Columns left out of a workbook, and of what is printed, where a code's name stands at its level."""

_IF_ANY = ("definition", "include", "exclude", "example", "place", "minutes", "mean", "median", "also", "before", "why")
"""Columns that paper leaves out where nothing stands in them."""

_ACROSS = 5
"""Columns from which a page lies on its side."""

_SHORT, _LOOSE, _AROUND = 12, 2.3, 8
"""Characters of a short column, which is so many times as wide as its longest text, so that a day stays on one line;
a longer one has so many characters more."""

_TO_WRITE = ("your_", "meta_inference")
"""How the names of columns begin in which a person is to write."""
_WIDEST = 45
_LONGEST_CELL = 32_000
"""Characters of a column's width, and of what a cell can hold in Excel."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What renderers ask of a report where one table is all there is: the words above it."""

    title: str
    subtitle: str
    version: str

    @property
    def facts(self) -> Cover:
        """What they ask for the version of the program."""
        return self


def write_result(result: Result, path: str | os.PathLike[str], *, title: str) -> Path:
    """Write a result as a file, in the format that its ending names: .docx, .tex, .md or .xlsx.

    Parameters
    ----------
    result
        What an analysis gave, such as :func:`qualcode.list_codebook`.
    path
        The file; an existing one is replaced.
    title
        The heading, and the caption of the table.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If there is no such format, or the file cannot be written.

    Examples
    --------
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> qualcode.write_result(qualcode.list_codebook(codebook), "codebook.docx", title="Codebook").name
    'codebook.docx'
    """
    ending = Path(path).suffix.lower()
    if ending not in _RENDERERS:
        message = f"A table cannot be written as {ending or 'a file without an ending'}."
        raise OutputError(message, str(path), f"Use one of: {', '.join(_RENDERERS)}")
    columns = _ALL if ending == ".xlsx" else (*_PRINTED, *_find_empty(result.frame))
    rendered: bytes = resolve_name(_RENDERERS[ending])(_compose(result, title, columns))
    return save(path, rendered)


def _find_empty(frame: pd.DataFrame) -> list[str]:
    """Return the columns that say nothing of any row; those in which a person is to write are others."""
    return [name for name in _IF_ANY if name in frame and not any(map(_as_cell, frame[name]))]


def _compose(result: Result, title: str, columns: tuple[str, ...]) -> Document:
    frame = result.frame.drop(columns=list(columns), errors="ignore")
    if columns and "at" in frame:  # paper has days and minutes
        frame = frame.assign(at=frame["at"].str[: len("2026-03-31T09:00")].str.replace("T", " "))
    table = _as_table(frame, result.frame, title, result.caption)
    cover = Cover(title, result.sentence, qualcode.__version__)
    blocks = (Heading("result", title, media=("sheets",)), table)
    return Document(cast("Report", cover), {"result": blocks})  # renderers of one table ask for no more of it


def _as_table(frame: pd.DataFrame, whole: pd.DataFrame, title: str, note: str) -> Table:
    """Return a frame as a table; columns are as wide as what stands in them, within limits."""
    names = [str(name) for name in frame]
    cells: list[list[Cell]] = [[_as_cell(value) for value in frame[name]] for name in names]
    if names[:1] == ["name"] and {"code", "level"} <= set(whole):  # what begins with a code stands at its level
        records = zip(frame["name"], whole["code"], whole["level"].tolist(), strict=True)
        cells[0] = [Name(str(name), str(code), level) for name, code, level in records]
    columns = tuple(
        Column(_head(name), _weigh([name, *map(str, column)]), "number" if frame[name].dtype.kind in "iuf" else "text")
        for name, column in zip(names, cells, strict=True)
    )
    look: Any = "across" if len(names) >= _ACROSS else "plain"
    return Table("table-result", title, columns, tuple(zip(*cells, strict=True)), note, look=look)


def _head(name: str) -> str:
    if name == "n":  # as statistics write it
        return name
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _weigh(texts: list[str]) -> float:
    longest = max(map(len, texts))
    if texts[0].startswith(_TO_WRITE):
        return _WIDEST / 10
    return min(max(longest + _AROUND if longest > _SHORT else longest * _LOOSE, 6), _WIDEST) / 10


def _as_cell(value: Any) -> str | int:  # whatever a frame holds
    if str(value) in {"<NA>", "nan", "None"} and not isinstance(value, str):
        return ""
    if isinstance(value, str):
        return value
    return int(value) if float(value).is_integer() else f"{float(value):.4g}"


def render_workbook(document: Document) -> bytes:
    """Return the table as the bytes of a workbook; nothing in it becomes a formula or a link."""
    import xlsxwriter

    from qualcode.reports.workbook import CREATED, OPTIONS

    table = next(block for block in document.blocks if isinstance(block, Table))
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties({"title": clean(document.report.title), "created": CREATED})
        sheet = book.add_worksheet("Table")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.weight * 10 + 2)
            sheet.write_string(0, place, clean(column.head), bold)
        for number, row in enumerate(table.rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, place, cell, wrapped)
                else:
                    sheet.write_string(number, place, clean(str(cell))[:_LONGEST_CELL], wrapped)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(table.rows), 1), max(len(table.columns) - 1, 0))
        sheet.write_string(len(table.rows) + 2, 0, clean(table.note)[:_LONGEST_CELL])
    return pack_as_anywhere(buffer.getvalue())
