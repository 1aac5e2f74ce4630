"""A coder's work as a table for a spreadsheet, one row per segment, and back again."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import CodebookError, MissingDependencyError, Problem, StudyError
from qualcode.spreadsheets import arm, disarm, name_source, read_sheets
from qualcode.study.acts import Decision
from qualcode.study.addresses import find_code, find_segment
from qualcode.study.decisions import carry_out, stage_note
from qualcode.study.exports import Export, name_cells
from qualcode.study.memos import read_memos, write_memo
from qualcode.wording import join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.codebook import Codebook
    from qualcode.errors import QualcodeError
    from qualcode.model import Coding, Segment, Sheet, Transcript
    from qualcode.spreadsheets import TableSource
    from qualcode.study.store import StudyFolder, StudyStore

HEAD = ("coder", "segment", "speaker", "text", "seen", "codes", "exported", "note")
"""Columns of the table; ``exported`` repeats the codes, to tell what was taken away from what was never there."""

_YES = frozenset({"x", "1", "yes", "true", "ja", "y", "wahr", "✓", "✔", "是"})
_GIVEN = frozenset({"accepted", "applied"})


def list_segments(study: StudyFolder, coder: str, *, transcript_ids: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return one row per segment of the study's unit: coder, address, speaker, text, whether seen, and the codes.

    See :meth:`.Study.list_segments`.
    """
    coder = study.check_coder(coder)
    rows = []
    for name in transcript_ids or study.transcript_ids():
        transcript = study.transcript(name)
        sheet = study.sheet(coder, name)
        for segment in transcript.units(sheet.unit if sheet else study.settings.unit):
            given = _given_in(sheet, segment)
            codes = "; ".join(_paths_of(study.codebook, given))
            rows.append(
                {
                    "coder": coder,
                    "segment": f"{name}:{segment.id}",
                    "speaker": segment.speaker,
                    "text": transcript.quote(segment.span),
                    "seen": "x" if sheet and segment.id in sheet.seen else "",
                    "codes": codes,
                    "exported": codes,
                    "note": _notes_of(given),
                }
            )
    return rows


def _given_in(sheet: Sheet | None, segment: Segment) -> list[Coding]:
    """Return a coder's codings in a segment that are not rejected."""
    codings = sheet.codings if sheet else ()
    return [one for one in codings if one.verdict in _GIVEN and one.span.overlaps(segment.span)]


def _paths_of(codebook: Codebook, codings: Sequence[Coding]) -> list[str]:
    inside = {one.code for one in codings}
    return [codebook.path(code.id) for code in codebook.walk() if code.id in inside]


def _notes_of(codings: Sequence[Coding]) -> str:
    return "; ".join(dict.fromkeys(one.note for one in codings if one.note))


def encode_table(rows: Sequence[dict[str, str]], form: str) -> bytes:
    """Return rows as a file: ``csv`` or ``xlsx``; no text becomes a formula."""
    if form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, HEAD, lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: disarm(cell) for key, cell in row.items()} for row in rows)
        return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "surrogatepass")  # Excel asks for the mark
    workbook = _openpyxl().Workbook(write_only=False)
    sheet = workbook.active
    sheet.title = "codings"
    sheet.append(list(HEAD))
    for number, row in enumerate(rows, start=2):
        for column, key in enumerate(HEAD, start=1):
            cell = sheet.cell(number, column)
            cell.value = _without_controls(row[key])
            cell.data_type = "s"
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["D"].width = 80
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def export_table(study: StudyFolder, coder: str, form: str, *, transcript_ids: Sequence[str] = ()) -> Export:
    """Return the rows of :func:`list_segments` as a file: ``csv`` or ``xlsx``."""
    rows = list_segments(study, coder, transcript_ids=transcript_ids)
    left_out = () if transcript_ids else study.transcripts()[1]
    return Export(encode_table(rows, form), len(rows), (*left_out, *study.sheets([coder])[1]))


def _without_controls(text: str) -> str:
    return "".join(mark for mark in text if mark >= " " or mark in "\n\t")


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingDependencyError(
            "Excel workbooks need openpyxl, which is not installed.", hint="pip install openpyxl, or use CSV"
        ) from error
    return openpyxl


@dataclass(frozen=True, slots=True)
class _Table:
    """A table as a spreadsheet shows it: where it is, its columns, and its rows with their numbers."""

    where: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    problems: tuple[Problem, ...] = ()


def _read_table(source: TableSource, name: str) -> _Table:
    """Return the first sheet that has a column ``segment``."""
    for sheet in read_sheets(source, name=name, error=StudyError):
        columns = tuple(cell.casefold() for cell in sheet.header)
        if "segment" in columns:
            where = f"{name}, sheet {sheet.sheet}" if sheet.sheet else name
            rows = name_cells(sheet) if sheet.sheet else _arm_rows(name_cells(sheet))
            return _Table(where, columns, tuple(rows), sheet.problems)
    raise StudyError("The table has no column “segment”.", where=name, hint="Make one with: qualcode export --sheet")


def _arm_rows(rows: Iterable[tuple[int, dict[str, str]]]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, row in rows:
        yield number, {column: arm(cell) for column, cell in row.items()}


@dataclass(frozen=True, slots=True)
class TableReport:
    """What a table brought.

    Attributes
    ----------
    n_applied, n_removed
        Codes given to segments and taken away.
    n_seen
        Segments newly read.
    n_notes, n_memos
        Notes put on codings; remarks on segments without a code, which become memos.
    problems
        Columns that were left out.
    coder
        Whose codings they are.
    """

    n_applied: int
    n_removed: int
    n_seen: int
    n_notes: int = 0
    n_memos: int = 0
    problems: tuple[Problem, ...] = ()
    coder: str = ""


def import_codings(
    study: StudyStore, coder: str | None, source: TableSource, name: str = "", *, whose: Literal["told", "any"] = "told"
) -> TableReport:
    """Take back a table of a coder's work: what differs from the export becomes decisions, all or none.

    See :meth:`.Study.import_table`.
    """
    name = name or name_source(source) or "the table"
    table = _read_table(source, name)
    coder = study.check_coder(_find_coder(table, coder, whose))
    with study.change(coder, why=f"from {name}") as change:
        reader = _TableReader(study, coder, table)
        for number, row in table.rows:
            reader.read(number, row)
        if reader.problems:
            n_problems = len(reader.problems)
            message = f"{n_problems} cell{' does' if n_problems == 1 else 's do'} not fit; nothing was changed."
            raise StudyError(message, where=name, problems=reader.problems)
        carry_out(change, reader.decisions, seen=reader.seen)
        for coding, note in reader.notes:
            stage_note(change, coding, note)
    events = [event for events in change.events.values() for event in events if event.what != "edit"]
    n_removed = sum(one.act == "remove" for one in reader.decisions)
    return TableReport(
        len(reader.decisions) - n_removed,
        n_removed,
        sum(len(event.seen) for event in events),
        sum(coding.note != note for coding, note in reader.notes),
        sum(_add_memo(study, coder, address, text) for address, text in reader.memos),
        tuple(reader.left_out),
        coder,
    )


def _find_coder(table: _Table, coder: str | None, whose: str) -> str:
    """Return whose table it is."""
    told = {cells["coder"].strip() for _, cells in table.rows if cells.get("coder", "").strip()}
    if coder is None and len(told) == 1:
        return next(iter(told))
    if coder is None:
        raise StudyError("The table does not name its coder.", where=table.where, hint="Name the coder: --coder NAME")
    if whose == "told" and told - {coder}:
        raise StudyError(
            f"This is the table of {join(sorted(told - {coder}))}, not of {coder}.",
            where=table.where,
            hint=f"To import it as {coder}'s work all the same: --as {coder}",
        )
    return coder


def _add_memo(study: StudyStore, coder: str, address: str, text: str) -> bool:
    """Write a remark on a segment as a memo, unless it is there already."""
    if any(memo.about == address and text in memo.text for memo in read_memos(study)[0]):
        return False
    write_memo(study, address, text, author=coder)
    return True


class _TableReader:
    """Reads rows into decisions and collects what does not fit."""

    def __init__(self, study: StudyFolder, coder: str, table: _Table) -> None:
        self.study, self.coder, self.table = study, coder, table
        self.decisions: list[Decision] = []
        self.seen: list[str] = []
        self.notes: list[tuple[Coding, str]] = []
        self.memos: list[tuple[str, str]] = []
        self.problems: list[Problem] = []
        self.left_out = list(table.problems)
        self.rows: dict[str, tuple[int, dict[str, str]]] = {}
        self.code_columns = {
            column: code for column in table.columns if column not in HEAD and (code := self._code_of_column(column))
        }

    def _code_of_column(self, column: str) -> str:
        """Return the code for which a column stands; one with other things than crosses in it is somebody's own."""
        cells = {cells[column].strip().casefold() for _, cells in self.table.rows if cells.get(column, "").strip()}
        if not column or not cells:
            return ""
        try:
            return find_code(self.study.codebook, column)
        except CodebookError as error:
            if cells <= _YES:
                self._complain_of(error, 1, column)
            else:
                message = "The column matches no code and is left out."
                self.left_out.append(Problem(self._name_cell(1, column), "note", "column", message, error.hint))
            return ""

    def read(self, row: int, cells: dict[str, str]) -> None:
        """Read one row."""
        address = cells["segment"].strip()
        try:
            name, segment = find_segment(self.study, address)
        except StudyError as error:
            self._complain_of(error, row, "segment")
            return
        first, known = self.rows.setdefault(address, (row, cells))
        if first != row:
            if known != cells:
                self._complain(row, "segment", f"{address} is already in row {first}, with different cells.", "")
            return
        self._check_text(row, cells, self.study.transcript(name), segment)
        given = [one for one in self.study.codings_in(self.coder, name, segment.span) if one.verdict in _GIVEN]
        wanted = self._codes(row, cells, "codes") | {
            code for column, code in self.code_columns.items() if cells.get(column, "").strip().casefold() in _YES
        }
        # What somebody else had when the table was made says nothing of what this coder takes away.
        is_own = cells.get("coder", "").strip() in {"", self.coder}
        before = self._codes(row, cells, "exported") if is_own else set()
        self._compare(address, wanted, before, given, cells.get("note", "").strip())
        if wanted or cells.get("seen", "").strip().casefold() in _YES:
            self.seen.append(address)

    def _compare(self, address: str, wanted: set[str], before: set[str], given: Sequence[Coding], note: str) -> None:
        """Make decisions of what differs from the export and from what stands; the code of a part stays with it."""
        has = {coding.code for coding in given}
        note = "" if note == _notes_of(given) else note
        new = sorted(wanted - before - has)
        self.decisions += [Decision(address, code, "apply", None, note) for code in new]
        self.decisions += [Decision(address, code, "remove") for code in sorted((before - wanted) & has)]
        noted = [coding for coding in given if coding.code in wanted]
        if note and not new and noted:
            self.notes += [(coding, note) for coding in noted]
        elif note and not new:
            self.memos.append((address, note))

    def _check_text(self, row: int, cells: dict[str, str], transcript: Transcript, segment: Segment) -> None:
        text = cells.get("text")
        expected = _without_controls(transcript.quote(segment.span))
        if text is not None and "".join(text.split()) != "".join(expected.split()):
            hint = "Export the sheet again and repeat your changes"
            self._complain(row, "text", f"The text does not match {cells['segment']}.", hint)

    def _codes(self, row: int, cells: dict[str, str], column: str) -> set[str]:
        names = [part.strip() for part in cells.get(column, "").replace("；", ";").split(";")]
        return {code for name in names if name and (code := self._code(row, column, name))}

    def _code(self, row: int, column: str, name: str) -> str:
        try:
            return find_code(self.study.codebook, name)
        except CodebookError as error:
            self._complain_of(error, row, column)
            return ""

    def _complain(self, row: int, column: str, message: str, hint: str) -> None:
        self.problems.append(Problem(self._name_cell(row, column), "error", "cell", message, hint))

    def _complain_of(self, error: QualcodeError, row: int, column: str) -> None:
        self.problems.append(error.as_problem("cell", where=self._name_cell(row, column)))

    def _name_cell(self, row: int, column: str) -> str:
        return f"{self.table.where}, row {row}, column {column}"
