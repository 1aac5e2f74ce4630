"""Survey tables: each answer is a turn of its own case, the other columns say what the case is like."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import MissingDependencyError, Problem, SourceError
from qualcode.model import Case, Source, canonical_text, many_objects
from qualcode.sources.blocks import Block, Reading, Said, clean_text
from qualcode.sources.decoding import decode
from qualcode.sources.files import read_bytes
from qualcode.sources.packages import Package
from qualcode.sources.turns import has_words, make_transcript

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

    from openpyxl import Workbook

    from qualcode.model import Transcript

TABLE_ENDINGS = (".csv", ".tsv", ".xlsx", ".xlsm")
"""Endings of the files that :func:`read_survey` reads."""

_DELIMITERS = ",;\t|"
_MAX_CELL = 10_000_000
_MAX_SHEET_BYTES = 400_000_000
_MAX_SHOWN = 8
_MAX_ROWS = 1_048_576
_IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"\s*:')
_RESPONSE = frozenset({"response", "open-ended response", "open ended response", "antwort", "réponse", "respuesta"})
_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text cells, each with its line or row number; the first is the header.

    Attributes
    ----------
    header
        The columns' names.
    rows
        Line and cells of each row, to be gone through once; a row may be shorter or longer than the header.
    encoding
        Of a CSV file; ``""`` for a workbook.
    digest
        SHA-256 of the file, in hexadecimal.
    problems
        What the reader wants the user to know.
    """

    header: list[str]
    rows: Iterator[tuple[int, Sequence[str]]]
    encoding: str
    digest: str
    problems: list[Problem]


def read_survey(
    path: str | os.PathLike[str],
    *,
    text_column: str,
    id_column: str | None = None,
    sheet: str | None = None,
    language: str | None = None,
    encoding: str | None = None,
    model: str | None = None,
) -> tuple[Transcript, tuple[Case, ...]]:
    r"""Read the answers to one question of a survey.

    Parameters
    ----------
    path
        A CSV file (cells parted by commas, semicolons, tabs or bars) or an Excel workbook; its first row names
        the columns.
    text_column
        The column that holds the answers.
    id_column
        The column that names the respondents; without one they are ``R1``, ``R2`` … by row.
    sheet
        The sheet of a workbook; the first when not given.
    language, encoding, model
        As in :func:`qualcode.sources.read_transcript`.

    Returns
    -------
    Transcript
        One turn for each answer, its speaker the respondent; respondents without an answer have none.
    tuple of Case
        All respondents, with the other columns as attributes.

    Raises
    ------
    SourceError
        If the table cannot be read, has no such column, or an id stands twice.
    MissingDependencyError
        If a workbook is given and openpyxl is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("survey.csv").write_text("id,answer,age\na,More time please.,30\nb,,41\n")
    >>> transcript, cases = qualcode.read_survey("survey.csv", text_column="answer", id_column="id")
    >>> transcript.speakers, [dict(case.attributes) for case in cases]
    (('a',), [{'age': '30'}, {'age': '41'}])
    """
    path = Path(path)
    with many_objects():
        table = open_table(path, sheet=sheet, encoding=encoding)
        reading, cases = _read_rows(table, path.name, path.stem, text_column, id_column)
        source = Source(path.name, path.suffix.lower()[1:], table.digest, table.encoding)
        transcript = make_transcript(reading, path.stem, source, where=path.name, language=language, model=model)
    return transcript, cases


def open_table(path: Path, *, sheet: str | None = None, encoding: str | None = None) -> Table:
    """Open a CSV file or an Excel workbook, whose first row names the columns.

    Raises
    ------
    SourceError, MissingDependencyError
        As for :func:`read_survey`.
    """
    ending = path.suffix.lower()
    if ending not in TABLE_ENDINGS:
        read_bytes(path)  # what is wrong with the file itself comes first
        raise SourceError("This is no table", path.name, f"Save it as one of {', '.join(TABLE_ENDINGS)}")
    return decode_table(read_bytes(path), path.name, sheet=sheet, encoding=encoding)


def decode_table(data: bytes, where: str, *, sheet: str | None = None, encoding: str | None = None) -> Table:
    """Open the bytes of a CSV file or an Excel workbook, as :func:`open_table` does a file of that name."""
    is_workbook = where.lower().endswith((".xlsx", ".xlsm"))
    table = _open_workbook(data, where, sheet) if is_workbook else _open_csv(data, where, encoding)
    return _without_descriptions(table, where)


def _without_descriptions(table: Table, where: str) -> Table:
    """Return a table without the rows under the header in which survey tools describe the questions.

    Qualtrics writes the questions and then ids in braces, SurveyMonkey a row of “Response” and the answers' names.
    """
    first = list(islice(table.rows, 2))
    n = next((n for n in (2, 1) if len(first) >= n and any(map(_IMPORT_ID.match, first[n - 1][1]))), 0)
    if not n and first and _is_response_row(first[0][1]):
        n = 1
    if n:
        lines = " and ".join(str(line) for line, _ in first[:n])
        message = f"Row {lines} under the header describe the questions and are nobody’s answers" if n > 1 else (
            f"Row {lines} under the header describes the questions and is nobody’s answer")  # fmt: skip
        table.problems.append(Problem(where, "note", "header-rows", message, "They are left out"))
    return replace(table, rows=chain(first[n:], table.rows))


def _is_response_row(cells: Sequence[str]) -> bool:
    """Tell whether a row is SurveyMonkey's second header, which names no respondent."""
    filled = [cell.casefold() for cell in cells if cell]
    return bool(filled) and not cells[0] and any(cell in _RESPONSE for cell in filled)


def _read_rows(
    table: Table, where: str, name: str, text_column: str, id_column: str | None
) -> tuple[Reading, tuple[Case, ...]]:
    text_at = find_column(table.header, text_column, f"{where}:1")
    id_at = find_column(table.header, id_column, f"{where}:1") if id_column is not None else None
    others = [(at, title) for at, title in enumerate(table.header) if at not in {text_at, id_at} and title]
    left_out: dict[str, int] = {}
    blocks: list[Block] = []
    cases: list[Case] = []
    for line, cells in table.rows:
        if not any(cells):
            continue
        case = _line_of(cells[id_at]) if id_at is not None and id_at < len(cells) else ""
        if not case:
            case = f"R{len(cases) + 1}"
            if id_at is not None:
                left_out["missing ids"] = left_out.get("missing ids", 0) + 1
        answer = clean_text(cells[text_at], left_out).strip() if text_at < len(cells) else ""
        if has_words(answer):
            blocks.append(Block(f"{case}: {answer}", said=Said(case, len(case) + 2)))
        else:
            kind = "answers without words" if answer else "empty answers"
            left_out[kind] = left_out.get(kind, 0) + 1
        attributes = {title: canonical_text(cells[at]) if at < len(cells) else "" for at, title in others}
        cases.append(Case(case, attributes, ((name, case),), where=f"{where}:{line}"))
    _refuse_equal_ids(cases)
    if not blocks:
        raise SourceError(f"There is no answer in the column ‘{table.header[text_at]}’", where, "Name another column")
    problems = list(table.problems)
    if n := left_out.get("missing ids"):
        message = f"{n} row(s) have no id and are named by their row"
        problems.append(Problem(where, "warning", "missing-id", message, f"Fill in the column ‘{id_column}’"))
    return Reading(blocks, left_out=left_out, problems=problems, is_talk=False), tuple(cases)


def _line_of(cell: str) -> str:
    """Return a cell's text on one line, as a label is written."""
    return cell if cell.isascii() and cell.isprintable() else " ".join(clean_text(cell, {}).split())


def _refuse_equal_ids(cases: Sequence[Case]) -> None:
    counts = Counter(case.id for case in cases)
    if len(counts) == len(cases):
        return
    double = next(case for case in cases if counts[case.id] > 1)
    second = [case for case in cases if case.id == double.id][1]
    n = sum(count > 1 for count in counts.values())
    more = f", and {n - 1} other id(s) too" if n > 1 else ""
    message = f"The id ‘{double.id}’ stands in {counts[double.id]} rows{more}"
    raise SourceError(message, second.where, "Give each respondent an id of their own, or leave out --id-column")


def find_column(header: Sequence[str], wanted: str, where: str) -> int:
    """Return the place of a column by its name, capitals or not.

    Raises
    ------
    SourceError
        If there is none, with the nearest name, or there are several.
    """
    folded = [title.casefold() for title in header]
    key = canonical_text(wanted).strip().casefold()
    if folded.count(key) > 1:
        raise SourceError(f"{folded.count(key)} columns are named ‘{wanted}’", where, "Rename all but one")
    if key in folded:
        return folded.index(key)
    titles = [title for title in header if title]
    near = get_close_matches(key, folded, 1)
    shown = ", ".join(f"‘{title}’" for title in titles[:_MAX_SHOWN]) + (" …" if len(titles) > _MAX_SHOWN else "")
    guess = f"Did you mean ‘{header[folded.index(near[0])]}’? " if near else ""
    raise SourceError(f"There is no column ‘{wanted}’", where, f"{guess}The columns are {shown}")


# ---- CSV


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _open_csv(data: bytes, where: str, encoding: str | None) -> Table:
    text, name, problems = decode(data, where, encoding)
    text = text.lstrip("\ufeff")
    sep = _SEP.match(text)  # Excel's own line above the header
    text = text[sep.end() :] if sep else text
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = sep[1] if sep else max(_DELIMITERS, key=first.count)
    rows = _csv_rows(text, delimiter, where, first_line=2 if sep else 1)
    header = next(rows, (1, []))[1]
    if not any(header):
        raise SourceError("The first row names no columns", f"{where}:1", "Write the columns' names there")
    return Table([clean_text(title, {}).strip() for title in header], rows, name, _digest(data), problems)


def _csv_rows(text: str, delimiter: str, where: str, *, first_line: int) -> Iterator[tuple[int, Sequence[str]]]:
    limit = csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = first_line
    try:
        for row in reader:
            yield line, [cell.strip() for cell in row]
            line = reader.line_num + first_line
    except csv.Error as error:
        hint = "A cell with a line break or a quotation mark must be quoted, the mark doubled"
        raise SourceError(f"The row cannot be read: {error}", f"{where}:{line}", hint) from error
    finally:
        csv.field_size_limit(limit)


# ---- Excel


def _open_workbook(data: bytes, where: str, sheet: str | None) -> Table:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingDependencyError(
            "Reading Excel workbooks needs openpyxl", where, 'pip install "qualcode[excel]", or save the sheet as CSV'
        ) from error
    package = Package(data, where, "an Excel workbook", max_part_bytes=_MAX_SHEET_BYTES)
    if "xl/workbook.xml" not in package.names and not any(name.endswith("workbook.xml") for name in package.names):
        raise SourceError("The zip archive holds no Excel workbook", where, "Save it from Excel as .xlsx")
    package.refuse_declarations()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about features of the sheet that hold no cell
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            worksheet = _choose_sheet(book, where, sheet)
            worksheet.reset_dimensions()
            rows = list(_filled_rows(worksheet.iter_rows(values_only=True), where))
    except SourceError:
        raise
    except Exception as error:  # openpyxl fails in its own ways on every kind of damage
        hint = "Open it in Excel or LibreOffice and save it again"
        raise SourceError("The workbook is damaged", where, hint) from error
    if not rows or rows[0][0] != 1:
        raise SourceError("The first row names no columns", f"{where}:1", "Write the columns' names there")
    return Table([clean_text(title, {}).strip() for title in rows[0][1]], iter(rows[1:]), "", _digest(data), [])


def _filled_rows(rows: Iterable[Sequence[object]], where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of the rows that are not blank; a damaged row number may make billions that are."""
    for number, row in enumerate(rows, 1):
        if number > _MAX_ROWS:
            raise SourceError(f"The sheet has more than {_MAX_ROWS:,} rows", where, "Save it again from Excel")
        cells = [_as_text(value) for value in row]
        if any(cells):
            yield number, cells


def _choose_sheet(book: Workbook, where: str, name: str | None) -> Any:
    """Return a sheet of cells; a chart may have a sheet of its own."""
    by_name = {worksheet.title: worksheet for worksheet in book.worksheets}
    if name is not None and name not in by_name:
        shown = ", ".join(f"‘{title}’" for title in by_name)
        raise SourceError(f"There is no sheet ‘{name}’", where, f"The sheets are {shown}")
    if not by_name:
        raise SourceError("The workbook has no sheet of cells", where, "Name another file")
    return by_name[name] if name is not None else book.worksheets[0]


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
