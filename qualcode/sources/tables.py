"""Tables of words that people said, such as surveys: what their first row names, without what their tools add to it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from qualcode.errors import Problem, SourceError
from qualcode.model import canonical_text
from qualcode.sources.blocks import clean_text
from qualcode.sources.decoding import decode
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.spreadsheets import OpenSheet, TableSource

TABLE_ENDINGS: Final = (".csv", ".tsv", ".xlsx", ".xlsm", ".ods")
"""Endings of the files that are tables."""

NO_FILE: Final = "table"
"""The format of what came without a file's name, such as a DataFrame."""

_MAX_SHOWN: Final = 8
_IMPORT_ID: Final = re.compile(r'\s*\{\s*"ImportId"\s*:')
_RESPONSE: Final = frozenset(
    {"response", "open-ended response", "open ended response", "antwort", "réponse", "respuesta"}
)


@dataclass(slots=True)
class Table:
    """A table whose first row names the columns.

    Attributes
    ----------
    header
        The columns' names.
    rows
        Line and cells of each row that is not blank, to be gone through once; a row may be shorter or longer than the
        header.
    problems
        What the reader wants the user to know.
    sheet
        What it was read from: name, encoding, digest.
    """

    header: list[str]
    rows: Iterator[tuple[int, Sequence[str]]]
    problems: list[Problem]
    sheet: OpenSheet

    @property
    def head(self) -> str:
        """Where the header stands."""
        return f"{self.sheet.name}:{self.sheet.header_number}"


def open_table(source: TableSource, *, sheet: str | None = None, encoding: str | None = None, name: str = "") -> Table:
    """Open a table, whose first row names the columns.

    Parameters
    ----------
    source, sheet, encoding, name
        As for :func:`qualcode.spreadsheets.read_sheet`; the encoding of a text that is not in UTF-8 is a stated guess.

    Raises
    ------
    SourceError
        If it cannot be read, or is empty.
    MissingDependencyError
        If an Excel workbook is given and openpyxl is not installed.
    """
    from qualcode.spreadsheets import open_sheet

    if isinstance(source, str | os.PathLike):
        _refuse_other_endings(Path(source))
    opened = open_sheet(source, sheet=sheet, encoding=encoding, name=name, error=SourceError, guess=_guess_encoding)
    if not opened.header:
        raise SourceError(
            "The table is empty.", opened.name, "Name the columns in the first row, with an answer in each further row"
        )
    table = Table([clean_text(title, {}).strip() for title in opened.header], opened.rows, [*opened.problems], opened)
    _leave_out_descriptions(table)
    return table


def _refuse_other_endings(path: Path) -> None:
    if path.suffix.lower() not in TABLE_ENDINGS and path.is_file():  # what is wrong with the file itself comes first
        raise SourceError("This is not a table.", path.name, f"Save it as one of {', '.join(TABLE_ENDINGS)}")


def _guess_encoding(data: bytes, name: str) -> tuple[str, list[Problem]]:
    return decode(data, name)[1:]


def _leave_out_descriptions(table: Table) -> None:
    """Pass over the rows under the header in which survey tools describe the questions.

    Qualtrics writes the questions and then ids in braces, SurveyMonkey a row of “Response” and the answers' names.
    """
    first = list(islice(table.rows, 2))
    n = next((n for n in (2, 1) if len(first) >= n and any(map(_IMPORT_ID.match, first[n - 1][1]))), 0)
    if not n and first and _is_response_row(first[0][1]):
        n = 1
    if n:
        lines = " and ".join(str(line) for line, _ in first[:n])
        message = f"Row {lines} under the header describe the questions and are not answers." if n > 1 else (
            f"Row {lines} under the header describes the questions and is not an answer.")  # fmt: skip
        table.problems.append(Problem(table.sheet.name, "note", "header-rows", message, "They are left out"))
    table.rows = chain(first[n:], table.rows)


def _is_response_row(cells: Sequence[str]) -> bool:
    """Tell whether a row is SurveyMonkey's second header, which names no respondent."""
    filled = [cell.casefold() for cell in cells if cell]
    return bool(filled) and not cells[0] and any(cell in _RESPONSE for cell in filled)


def find_column(header: Sequence[str], wanted: str, where: str) -> int:
    """Return the place of a column by its name, written as it is or in other capitals and the like.

    Raises
    ------
    SourceError
        If there is none, with the nearest name, or there are several.
    """
    name = canonical_text(wanted).strip()
    if list(header).count(name) == 1:
        return header.index(name)
    from qualcode.spreadsheets import fold_head

    folded, key = list(map(fold_head, header)), fold_head(name)
    if folded.count(key) > 1:
        raise SourceError(f"{folded.count(key)} columns are named “{wanted}”.", where, "Rename all but one")
    if key in folded:
        return folded.index(key)
    titles = [title for title in header if title]
    shown = ", ".join(f"“{title}”" for title in titles[:_MAX_SHOWN]) + (" …" if len(titles) > _MAX_SHOWN else "")
    hint = f"{suggest(wanted, titles)} The columns are {shown}".strip()
    raise SourceError(f"There is no column “{wanted}”.", where, hint)
