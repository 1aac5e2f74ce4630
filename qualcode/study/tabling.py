"""A coder's work as a table for a spreadsheet, one row per segment, and back again."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.errors import CodebookError, MissingDependencyError, Problem, StudyError
from qualcode.study.deciding import Decision, decide, find_segment, mark_seen
from qualcode.study.exchanging import read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Segment, Transcript
    from qualcode.study.study import Study

HEAD = ("segment", "speaker", "text", "seen", "codes", "exported", "note")
"""Columns of the table; ``exported`` repeats the codes, to tell what was taken away from what was never there."""

_YES = frozenset({"x", "1", "yes", "true", "ja", "y", "是"})
_GIVEN = frozenset({"accepted", "applied"})


def list_segments(study: Study, coder: str, *, transcript_ids: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return one row per segment of the study's unit: address, speaker, text, whether seen, and the coder's codes."""
    codebook = study.codebook
    rows = []
    for name in transcript_ids or study.transcript_ids():
        transcript = study.transcript(name)
        sheet = study.sheet(coder, name)
        codings = [one for one in sheet.codings if one.verdict in _GIVEN] if sheet else []
        for segment in transcript.units(sheet.unit if sheet else study.settings.unit):
            codes = "; ".join(_paths_in(codebook, codings, segment))
            rows.append(
                {
                    "segment": f"{name}:{segment.id}",
                    "speaker": segment.speaker,
                    "text": transcript.quote(segment.span),
                    "seen": "x" if sheet and segment.id in sheet.seen else "",
                    "codes": codes,
                    "exported": codes,
                    "note": "",
                }
            )
    return rows


def _paths_in(codebook: Codebook, codings: Sequence[Coding], segment: Segment) -> list[str]:
    inside = {one.code for one in codings if one.span.overlaps(segment.span)}
    return [codebook.path(code.id) for code in codebook.walk() if code.id in inside]


def encode_table(rows: Sequence[dict[str, str]], form: str) -> bytes:
    """Return rows as a file: ``csv`` or ``xlsx``; no text becomes a formula."""
    if form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, HEAD, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
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
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["C"].width = 80
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


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


def _read_workbook(data: bytes, name: str) -> list[dict[str, str]]:
    try:
        sheet = _openpyxl().load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        lines = [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except MissingDependencyError:
        raise
    except Exception as error:  # openpyxl raises whatever the broken file makes it stumble over
        raise StudyError(
            f"The workbook cannot be read ({error}).", where=name, hint="Save it again as .xlsx."
        ) from error
    head = [cell.strip().casefold() for cell in lines[0]] if lines else []
    return [dict(zip(head, line, strict=False)) for line in lines[1:] if any(line)]


@dataclass(frozen=True, slots=True)
class TableReport:
    """What a table brought: codes given and taken away, and segments seen for the first time."""

    n_applied: int
    n_removed: int
    n_seen: int


def import_codings(study: Study, coder: str, data: bytes, name: str) -> TableReport:
    """Take back a table of a coder's work: what differs from the export becomes decisions, all or none.

    Besides the columns of :func:`list_segments`, a column named as a code (path, id or name) may hold ``x``.

    Parameters
    ----------
    study, coder
        Whose sheets.
    data, name
        The file, CSV or XLSX.

    Raises
    ------
    StudyError
        If something does not fit text or codebook; ``problems`` lists all of it with row and column.
    """
    rows = _read_workbook(data, name) if data.startswith(b"PK\x03\x04") else read_rows(data, name)
    if not rows or "segment" not in rows[0]:
        raise StudyError(
            "The table has no column “segment”.", where=name, hint="Make one with: qualcode export --sheet"
        )
    reader = _TableReader(study, name, list(rows[0]))
    for number, row in enumerate(rows, start=2):
        if row.get("segment", "").strip():
            reader.read(number, row)
    if reader.problems:
        message = f"{len(reader.problems)} cells do not fit; nothing was changed."
        raise StudyError(message, where=name, problems=reader.problems)
    decisions = [one for one in reader.decisions if _is_new(study, coder, one)]
    events = [*decide(study, coder, decisions, why=f"from {name}"), *mark_seen(study, coder, reader.seen)]
    n_seen = sum(len(event.seen) for event in events)
    n_removed = sum(one.act == "remove" for one in decisions)
    return TableReport(len(decisions) - n_removed, n_removed, n_seen)


def _is_new(study: Study, coder: str, decision: Decision) -> bool:
    """Tell whether a decision changes anything; the code of a segment may have been given on a part of it."""
    transcript, segment = find_segment(study, decision.segment)
    sheet = study.sheet(coder, transcript.id)
    code = study.codebook.code(decision.code).id
    has_code = sheet is not None and any(
        one.code == code and one.verdict in _GIVEN and one.span.overlaps(segment.span) for one in sheet.codings
    )
    return has_code == (decision.act == "remove")


class _TableReader:
    """Reads rows into decisions and collects what does not fit."""

    def __init__(self, study: Study, name: str, columns: Sequence[str]) -> None:
        self.study, self.name = study, name
        self.decisions: list[Decision] = []
        self.seen: list[str] = []
        self.problems: list[Problem] = []
        self.columns = {column: number for number, column in enumerate(columns, start=1)}
        self.names = {code.name.casefold(): code.id for code in study.codebook.walk()}
        self.code_columns = {
            column: found for column in columns if column not in HEAD and (found := self._code(1, column, column))
        }

    def read(self, row: int, cells: dict[str, str]) -> None:
        """Read one row."""
        address = cells["segment"].strip()
        try:
            transcript, segment = find_segment(self.study, address)
        except StudyError as error:
            self._complain(row, "segment", error.message, error.hint)
            return
        self._check_text(row, cells, transcript, segment)
        wanted = self._codes(row, cells, "codes") | {
            code for column, code in self.code_columns.items() if cells.get(column, "").strip().casefold() in _YES
        }
        before = self._codes(row, cells, "exported")
        note = cells.get("note", "").strip()
        self.decisions += [Decision(address, code, "apply", None, note) for code in sorted(wanted - before)]
        self.decisions += [Decision(address, code, "remove") for code in sorted(before - wanted)]
        if wanted or cells.get("seen", "").strip().casefold() in _YES:
            self.seen.append(address)

    def _check_text(self, row: int, cells: dict[str, str], transcript: Transcript, segment: Segment) -> None:
        text = cells.get("text")
        expected = _without_controls(transcript.quote(segment.span))
        if text is not None and "".join(text.split()) != "".join(expected.split()):
            hint = "Export the sheet anew and repeat."
            self._complain(row, "text", f"The text is not that of {cells['segment']}.", hint)

    def _codes(self, row: int, cells: dict[str, str], column: str) -> set[str]:
        names = [part.strip() for part in cells.get(column, "").replace("；", ";").split(";")]
        return {code for name in names if name and (code := self._code(row, column, name))}

    def _code(self, row: int, column: str, name: str) -> str:
        if name.casefold() in self.names:
            return self.names[name.casefold()]
        try:
            return self.study.codebook.code(name).id
        except CodebookError as error:
            self._complain(row, column, error.message, error.hint)
            return ""

    def _complain(self, row: int, column: str, message: str, hint: str) -> None:
        place = f"{self.name}:{row}:{self.columns.get(column, 1)}"
        self.problems.append(Problem(place, "error", "cell", message, hint))
