"""Reading a table of cases: rows of a sheet → cases, with every mistake at its line."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.cases._names import (
    CASE_COLUMN,
    SPEAKER_COLUMN,
    TRANSCRIPT_COLUMN,
    Cases,
    attribute_names,
)
from qualcode.errors import CaseError, Problem
from qualcode.model import Case
from qualcode.spreadsheets import arm, read_sheet
from qualcode.wording import loosen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.errors import Level
    from qualcode.spreadsheets import Spreadsheet, TableSource


def read_cases(source: TableSource, *, sheet: str | None = None, encoding: str | None = None, name: str = "") -> Cases:
    """Read a table of cases: one row per case, one column per attribute.

    The column ``case`` holds the id; without one the first column does. The optional columns ``transcript``
    and ``speaker`` say where the case speaks; a case that speaks in several places has several rows, whose
    attributes must agree or be blank. All other columns are attributes. Everything is kept as text, and nothing
    is computed: of a formula the value counts that the workbook stores.

    Parameters
    ----------
    source
        A CSV or TSV file, an Excel or OpenDocument workbook, or a DataFrame; as a path, bytes, an open file.
    sheet
        The sheet of a workbook; the first when not given.
    encoding
        Of a text file; UTF-8 when not given.
    name
        What messages call the table; the file's name when not given.

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

    Examples
    --------
    >>> cases = qualcode.read_cases("transcripts_sample/cases.csv")
    >>> [(case.id, case.attributes["role"]) for case in cases][:2]
    [('P1', 'Partnership manager'), ('P2', 'Technology officer')]
    """
    table = read_sheet(source, sheet=sheet, encoding=encoding, name=name, error=CaseError)
    return _TableReader(table.name).read(table)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class _TableReader:
    """Turns rows into cases, collecting every mistake."""

    name: str
    problems: list[Problem] = field(default_factory=list)

    def read(self, table: Spreadsheet) -> Cases:
        if not table.header:
            raise CaseError("The table of cases is empty.", where=self.name, hint="Add a row of column names")
        head = _Row(table.header_number, tuple(map(arm, table.header)))
        body = [self._fit(_Row(line, tuple(map(arm, cells))), len(head.cells)) for line, cells in table.rows]
        columns = self._name_columns(head, body)
        drafts = self._collect([row for row in body if len(row.cells) == len(head.cells)], columns)
        self.problems.sort(key=lambda problem: int(problem.where.rpartition(":")[2]))
        self.problems[:0] = table.problems
        errors = [problem for problem in self.problems if problem.level == "error"]
        if errors:
            count = "a mistake" if len(errors) == 1 else f"{len(errors)} mistakes"
            raise CaseError(f"The table of cases has {count}.", where=self.name, problems=self.problems)
        if not drafts:
            self._add(head.line, "no-cases", "The table has column names but no cases.", level="warning")
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
                f"The row has {len(cells)} cells, but the header has {width}.",
                "Quote cells that contain the separator, and leave unknown cells blank",
            )
        return _Row(row.line, cells)

    def _name_columns(self, head: _Row, body: Sequence[_Row]) -> dict[str, int]:
        """Return column name → position; the three columns with a meaning in lower case."""
        columns: dict[str, int] = {}
        known: set[str] = set()
        for position, cell in enumerate(head.cells):
            if not cell:
                if any(len(row.cells) > position and row.cells[position] for row in body):
                    self._add(head.line, "empty-header", f"Column {position + 1} has cells but no name.", "Name it")
                continue
            name = cell.casefold() if cell.casefold() in _MEANINGS else unicodedata.normalize("NFC", cell)
            if loosen(name) in known:
                self._add(head.line, "duplicate-header", f"Two columns are named “{name}”.", "Rename one")
            else:
                columns[name] = position
                known.add(loosen(name))
        if CASE_COLUMN not in columns:
            self._take_first_column(head, columns)
        return columns

    def _take_first_column(self, head: _Row, columns: dict[str, int]) -> None:
        first = next(iter(columns))  # there is one: a header without any name would be a blank row
        self._add(
            head.line,
            "first-column",
            f"No column is named “case”, so the first column, “{first}”, is used for the ids of the cases.",
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
                self._add(row.line, "empty-id", "The row has no case id.", "Give it one, or remove the row")
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
            self._add(
                line,
                "similar-id",
                message,
                "Spell one case the same way throughout, or make the ids of two cases more different",
            )
        elif voice in draft.voices or voice == ("", "") or not draft.voices:
            message = f"The case “{case_id}” is already in line {draft.line}."
            hint = "Keep one row, or add the columns transcript or speaker to say where each speaks"
            self._add(line, "duplicate-case", message, hint)
        for name, value in cells.items():
            known = draft.attributes[name]
            if value and known and value != known:
                message = f"{name} of “{draft.id}” is “{value}” here and “{known}” in an earlier row."
                self._add(line, "conflict", message, "Make the rows of the case agree")
            draft.attributes[name] = known or value

    def _claim(self, draft: _Draft, voice: tuple[str, str], owners: dict[tuple[str, str], _Draft], line: int) -> None:
        if voice == ("", ""):
            return
        owner = owners.setdefault((loosen(voice[0]), loosen(voice[1])), draft)
        if owner is not draft:
            place = " of ".join(f"“{part}”" for part in reversed(voice) if part)
            message = f"{place} is claimed by “{draft.id}” and by “{owner.id}”."
            self._add(line, "claimed-twice", message, "Assign each speaker to one case")
        draft.voices.setdefault(voice)

    def _warn_of_spellings(self, cases: Sequence[Case]) -> None:
        for name in attribute_names(cases):
            spellings: dict[str, str] = {}
            for case in cases:
                value = case.attributes.get(name, "")
                first = spellings.setdefault(loosen(value), value)
                if first != value:
                    line = int(case.where.rpartition(":")[2])
                    message = f"{name} is written “{value}” here and “{first}” above, which makes two groups."
                    self._add(line, "spelling", message, "Spell one value the same way throughout", level="warning")


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
