"""Reading a table of cases from CSV or an Excel workbook."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.cases._names import (
    CASE_COLUMN,
    SPEAKER_COLUMN,
    TRANSCRIPT_COLUMN,
    Cases,
    attribute_names,
    loosen,
)
from qualcode.errors import CaseError, MissingDependencyError, Problem, QualcodeError
from qualcode.model import Case

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from qualcode.errors import Level

_DELIMITERS = ",;\t"
_WORKBOOK_LIMIT = 100_000_000
"""Bytes that a workbook may take when unpacked; a table of cases needs a thousandth of it."""


def read_cases(path: str | os.PathLike[str]) -> Cases:
    """Read a table of cases: one row per case, one column per attribute.

    The column ``case`` holds the id; without one the first column does. The optional columns ``transcript``
    and ``speaker`` say where the case speaks; a case that speaks in several places has several rows, whose
    attributes must agree or be blank. All other columns are attributes. Everything is kept as text: a cell
    that begins with ``=`` is never computed.

    Parameters
    ----------
    path
        A CSV file in UTF-8, with cells parted by commas, semicolons or tabs; or an Excel workbook, of which
        the first sheet is read.

    Returns
    -------
    Cases
        A tuple of :class:`~qualcode.model.Case`, in the order of the table.

    Raises
    ------
    CaseError
        If the table cannot be used; ``problems`` lists every mistake with its line.
    MissingDependencyError
        If a workbook is given and openpyxl is not installed.
    """
    path = Path(path)
    data = _read_bytes(path)
    if data.startswith(b"PK\x03\x04"):
        rows = _parse_workbook(data, path.name)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise CaseError(
            "This is an old or a password-protected Excel file.",
            where=path.name,
            hint="Save it in Excel as “CSV UTF-8” or as .xlsx without a password.",
        )
    else:
        rows = _parse_csv(_decode(data, path.name), path.name)
    return _TableReader(path.name).read(rows)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CaseError(
            f"The table of cases cannot be read: {reason}.", where=str(path), hint="Check the path."
        ) from error


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CaseError(
            "The table is not in UTF-8.",
            where=f"{name}:{line}",
            hint="Save it as UTF-8; in Excel choose “CSV UTF-8 (Comma delimited)”.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: tuple[str, ...]


def _parse_csv(text: str, name: str) -> list[_Row]:
    parsed = {delimiter: _split_csv(text, delimiter) for delimiter in _DELIMITERS}
    rows = parsed[_sniff_delimiter(parsed, name)]
    if isinstance(rows, Problem):
        raise CaseError(rows.message, where=f"{name}:{rows.where}", hint=rows.hint)
    return rows


def _split_csv(text: str, delimiter: str) -> list[_Row] | Problem:
    """Return the rows that are not blank, or what is wrong with the file (its ``where`` is the line)."""
    rows: list[_Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_Row(line, tuple(cell.strip() for cell in cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        hint = "Check the quotation marks: a cell that holds one is quoted, and the mark itself doubled."
        return Problem(str(line), "error", "broken-row", f"The row cannot be read: {error}.", hint)
    return rows


def _sniff_delimiter(parsed: Mapping[str, list[_Row] | Problem], name: str) -> str:
    """Return the one delimiter that splits the header, if need be the one that all rows agree on.

    Never a guess: of two that would do equally well, one is wrong.
    """
    candidates = [
        delimiter for delimiter, rows in parsed.items() if isinstance(rows, list) and rows and len(rows[0].cells) > 1
    ]
    if len(candidates) > 1:
        even = [delimiter for delimiter in candidates if _is_even(parsed[delimiter])]
        if len(even) != 1:
            raise CaseError(
                "It cannot be told whether commas, semicolons or tabs part the cells.",
                where=f"{name}:1",
                hint="Part them by commas throughout, and put cells that hold one in quotation marks.",
            )
        candidates = even
    return candidates[0] if candidates else ","


def _is_even(rows: list[_Row] | Problem) -> bool:
    return isinstance(rows, list) and len({len(row.cells) for row in rows}) == 1


def _parse_workbook(data: bytes, name: str) -> list[_Row]:
    """Return the rows of the first sheet that are not blank."""
    try:
        import openpyxl
    except ImportError as error:
        raise MissingDependencyError(
            "Reading an Excel workbook needs openpyxl, which is not installed.",
            where=name,
            hint="pip install 'qualcode[excel]', or save the sheet as “CSV UTF-8”.",
        ) from error
    import warnings

    try:
        _refuse_bomb(data, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which no table of cases needs
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            sheet = book.worksheets[0]
            lines = [[_as_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except QualcodeError:
        raise
    except Exception as error:  # openpyxl raises KeyError, ValueError, TypeError, BadZipFile … on broken files
        raise CaseError(
            f"The Excel workbook cannot be read: {error}.", where=name, hint="Save it as “CSV UTF-8”."
        ) from error
    return [_Row(number, tuple(cells)) for number, cells in enumerate(lines, 1) if any(cells)]


def _refuse_bomb(data: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        size = sum(member.file_size for member in package.infolist())
    if size > _WORKBOOK_LIMIT:
        raise CaseError(f"The workbook unpacks to {size // 1_000_000} MB and is not read.", where=name)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return str(value).strip()


@dataclass(slots=True)
class _TableReader:
    """Turns rows into cases, collecting every mistake."""

    name: str
    problems: list[Problem] = field(default_factory=list)

    def read(self, rows: Sequence[_Row]) -> Cases:
        if not rows:
            raise CaseError("The table of cases is empty.", where=self.name, hint="It needs a row of column names.")
        head, body = rows[0], [self._fit(row, len(rows[0].cells)) for row in rows[1:]]
        columns = self._name_columns(head, body)
        drafts = self._collect([row for row in body if len(row.cells) == len(head.cells)], columns)
        self.problems.sort(key=lambda problem: int(problem.where.rpartition(":")[2]))
        errors = [problem for problem in self.problems if problem.level == "error"]
        if errors:
            count = "a mistake" if len(errors) == 1 else f"{len(errors)} mistakes"
            raise CaseError(f"The table of cases has {count}.", where=self.name, problems=self.problems)
        if not drafts:
            self._add(head.line, "no-cases", "The table has column names and no case.", level="warning")
        cases = [draft.finish(self.name) for draft in drafts]
        self._warn_of_spellings(cases)
        return Cases(cases, self.problems)

    def _add(self, line: int, rule: str, message: str, hint: str = "", *, level: Level = "error") -> None:
        self.problems.append(Problem(f"{self.name}:{line}", level, rule, message, hint))

    def _fit(self, row: _Row, width: int) -> _Row:
        """Return the row without blank cells beyond the header; report one of another width."""
        cells = row.cells
        while len(cells) > width and not cells[-1]:
            cells = cells[:-1]
        if len(cells) != width:
            self._add(
                row.line,
                "ragged-row",
                f"The row has {len(cells)} cells and the header {width}.",
                "Quote cells that hold the separator, and leave unknown cells blank.",
            )
        return _Row(row.line, cells)

    def _name_columns(self, head: _Row, body: Sequence[_Row]) -> dict[str, int]:
        """Return column name → position; the three columns with a meaning in lower case."""
        columns: dict[str, int] = {}
        for position, cell in enumerate(head.cells):
            if not cell:
                if any(len(row.cells) > position and row.cells[position] for row in body):
                    self._add(head.line, "empty-header", f"Column {position + 1} has cells and no name.", "Name it.")
                continue
            name = cell.casefold() if cell.casefold() in _MEANINGS else unicodedata.normalize("NFC", cell)
            if loosen(name) in map(loosen, columns):
                self._add(head.line, "duplicate-header", f"Two columns are named “{name}”.", "Rename one.")
            else:
                columns[name] = position
        if CASE_COLUMN not in columns:
            self._take_first_column(head, columns)
        return columns

    def _take_first_column(self, head: _Row, columns: dict[str, int]) -> None:
        first = next(iter(columns))  # there is one: a header without any name would be a blank row
        self._add(
            head.line,
            "first-column",
            f"No column is named “case”, so the first one, “{first}”, is taken for the cases' ids.",
            level="note",
        )
        columns[CASE_COLUMN] = columns.pop(first)

    def _collect(self, rows: Sequence[_Row], columns: Mapping[str, int]) -> list[_Draft]:
        drafts: dict[str, _Draft] = {}
        owners: dict[tuple[str, str], _Draft] = {}
        for row in rows:
            cells = {name: row.cells[position] for name, position in columns.items()}
            case_id = unicodedata.normalize("NFC", cells.pop(CASE_COLUMN))
            if not case_id:
                self._add(row.line, "empty-id", "The row has no case id.", "Give it one, or remove the row.")
                continue
            voice = (cells.pop(TRANSCRIPT_COLUMN, ""), cells.pop(SPEAKER_COLUMN, ""))
            draft = drafts.get(loosen(case_id))
            if draft is None:
                draft = drafts[loosen(case_id)] = _Draft(case_id, row.line, cells)
            else:
                self._check_repeat(draft, case_id, voice, cells, row.line)
            self._claim(draft, voice, owners, row.line)
        return list(drafts.values())

    def _check_repeat(
        self, draft: _Draft, case_id: str, voice: tuple[str, str], cells: Mapping[str, str], line: int
    ) -> None:
        if case_id != draft.id:
            message = f"“{case_id}” differs from “{draft.id}” in line {draft.line} only in capitals or spacing."
            self._add(line, "similar-id", message, "Write one case in one way, or tell two cases apart.")
        elif voice in draft.voices or voice == ("", "") or not draft.voices:
            message = f"The case “{case_id}” is already in line {draft.line}."
            hint = "Keep one row; several need the columns transcript or speaker to say where each speaks."
            self._add(line, "duplicate-case", message, hint)
        for name, value in cells.items():
            known = draft.attributes[name]
            if value and known and value != known:
                message = f"{name} of “{draft.id}” is “{value}” here and “{known}” in an earlier row."
                self._add(line, "conflict", message, "Rows of one case must agree.")
            draft.attributes[name] = known or value

    def _claim(self, draft: _Draft, voice: tuple[str, str], owners: dict[tuple[str, str], _Draft], line: int) -> None:
        if voice == ("", ""):
            return
        owner = owners.setdefault((loosen(voice[0]), loosen(voice[1])), draft)
        if owner is not draft:
            place = " of ".join(f"“{part}”" for part in reversed(voice) if part)
            message = f"{place} is claimed by “{draft.id}” and by “{owner.id}”."
            self._add(line, "claimed-twice", message, "A voice belongs to one case.")
        draft.voices.setdefault(voice)

    def _warn_of_spellings(self, cases: Sequence[Case]) -> None:
        for name in attribute_names(cases):
            spellings: dict[str, str] = {}
            for case in cases:
                value = case.attributes.get(name, "")
                first = spellings.setdefault(loosen(value), value)
                if first != value:
                    line = int(case.where.rpartition(":")[2])
                    message = f"{name} is written “{value}” here and “{first}” above: two groups."
                    self._add(line, "spelling", message, "Write one value in one way.", level="warning")


_MEANINGS = frozenset({CASE_COLUMN, TRANSCRIPT_COLUMN, SPEAKER_COLUMN})


@dataclass(slots=True)
class _Draft:
    """A case while its rows are read; ``voices`` is a set that keeps its order."""

    id: str
    line: int
    attributes: dict[str, str]
    voices: dict[tuple[str, str], None] = field(default_factory=dict)

    def finish(self, name: str) -> Case:
        return Case(self.id, self.attributes, tuple(self.voices), f"{name}:{self.line}")
