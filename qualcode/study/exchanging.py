"""A study's codings as tables for other programs, and decisions from tables."""

from __future__ import annotations

import csv
import io
import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from qualcode.errors import CodebookError, Problem, StudyError
from qualcode.study.deciding import ACTS, Decision, parse_span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Segment, Sheet, Transcript
    from qualcode.study.events import Change
    from qualcode.study.study import Study

COLUMNS = (
    "transcript", "case", "speaker", "segment", "start", "end", "code", "coder", "verdict", "origin", "quote", "note",
)  # fmt: skip
"""Of an export, before the attributes of the cases; one of those that has such a name gets ``case_`` before it."""

_DECISION_COLUMNS = ("segment", "code", "act")


def read_rows(data: bytes, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV in UTF-8, with cells parted by commas, semicolons or tabs; blank rows as well.

    Raises
    ------
    StudyError
        If it cannot be read.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StudyError("The table is not UTF-8.", where=f"{name}:{line}", hint="Save it as “CSV UTF-8”.") from error
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise StudyError(f"The table cannot be read: {error}.", where=name) from error
    columns = [cell.strip().casefold() for cell in lines[0]] if lines else []
    return [as_row(columns, line) for line in lines[1:]]


def as_row(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Return a row of a table by its columns; a short row is filled up, a cell without a head is left out."""
    padded = (*cells, *[""] * (len(columns) - len(cells)))
    return {column: cell for column, cell in zip(columns, padded, strict=False) if column}


def read_decisions(data: bytes, name: str) -> list[Decision]:
    """Return the decisions of a CSV with the columns segment, code, act and, if wanted, span and note.

    Raises
    ------
    StudyError
        If some cannot be understood; ``problems`` lists all of them with their rows.
    """
    rows = read_rows(data, name)
    missing = [column for column in _DECISION_COLUMNS if rows and column not in rows[0]]
    if missing or not rows:
        message = f"The table has no column {' and no column '.join(missing)}." if rows else "The table has no row."
        raise StudyError(
            message, where=name, hint="It needs the columns segment, code and act; span and note if wanted."
        )
    decisions, problems = [], []
    for number, row in enumerate(rows, start=2):
        if not any(row.values()):
            continue
        act = row["act"].strip().casefold()
        try:
            if act not in ACTS:
                raise StudyError(f"“{row['act']}” is no decision.", hint=f"Write one of {', '.join(ACTS)}.")  # noqa: TRY301  # collected below with the others
            span = parse_span(row.get("span", ""))
        except StudyError as error:
            problems.append(Problem(f"{name}:{number}", "error", "decision", error.message, error.hint))
            continue
        cells = row["segment"].strip(), row["code"].strip(), act, span, row.get("note", "").strip()
        decisions.append(Decision(*cells, where=f"{name}:{number}"))
    if problems:
        raise StudyError("The table cannot be used; nothing was changed.", where=name, problems=problems)
    return decisions


def find_code(codebook: Codebook, text: str) -> str:
    """Return the id of the code whose path, id or name a text is, in any case.

    Raises
    ------
    CodebookError
        If there is none, or several have that name.
    """
    try:
        return codebook.code(text).id
    except CodebookError:
        paths = {code.id: codebook.path(code.id) for code in codebook.walk()}
        named = [
            code.id
            for code in codebook.walk()
            if text.casefold() in {name.casefold() for name in (code.name, code.id, paths[code.id])}
        ]
        if not named:
            raise
    if len(named) > 1:
        hint = f"Write one of {', '.join(paths[one] for one in named)}."
        raise CodebookError(f"Several codes are named “{text}”.", hint=hint)
    return named[0]


def list_events(study: Study, *, coder: str | None = None, transcript_id: str | None = None) -> list[dict[str, object]]:
    """Return what was done to a study, oldest first, as records for a table.

    Parameters
    ----------
    study, coder, transcript_id
        Of which sheets; without either, what happened to the study as a whole as well.
    """
    rows: list[tuple[str, int, dict[str, object]]] = []
    for sheet_coder, name in study.sheet_ids(None if coder is None else [coder]):
        if transcript_id in {None, name}:
            for event in study.load(sheet_coder, name).log.history.events.values():
                told = "; ".join(_tell(change) for change in event.changes[:3])
                rest = f" and {len(event.changes) - 3} more" if len(event.changes) > 3 else ""  # noqa: PLR2004  # as above
                rows.append(
                    (
                        event.at,
                        len(rows),
                        _row(event.at, event.who, event.what, sheet_coder, name, told + rest, event.why),
                    )
                )
    if coder is None and transcript_id is None:
        for note in study.notes():
            rest = str(note.get("change") or ", ".join(_tell_notes(note)))
            row = _row(
                str(note.get("at")), str(note.get("who")), str(note.get("what")), "", "", rest, str(note.get("why", ""))
            )
            rows.append((str(note.get("at")), len(rows), row))
    return [row for _, _, row in sorted(rows, key=lambda entry: entry[:2])]


def _row(at: str, who: str, what: str, sheet: str, transcript: str, change: str, why: str) -> dict[str, object]:
    return {"at": at, "who": who, "what": what, "sheet": sheet, "transcript": transcript, "change": change, "why": why}


def _tell_notes(note: dict[str, Any]) -> Iterator[str]:
    """Yield what a note on the study says besides who, when, what and why; of a digest its first digits."""
    for key, value in note.items():
        if key not in {"at", "who", "what", "why"}:
            is_digest = re.fullmatch("[0-9a-f]{64}", str(value)) is not None
            yield f"{key} {str(value)[:12] if is_digest else value}"


def _tell(change: Change) -> str:
    one = change.after or change.before
    assert one is not None, "a change has one of the two"  # noqa: S101  # an invariant of ours
    before = change.before.verdict if change.before else "–"
    after = change.after.verdict if change.after else "–"
    return f"{one.code} {one.span.start}:{one.span.end} {before}→{after}"


def list_codings(study: Study, *, coders: Collection[str] | None = None) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return one record per coding, rejected ones too, with the attributes of the cases, and what could not be read.

    Parameters
    ----------
    study
        Which study.
    coders
        Whose codings; by default everybody's, the rules' too.
    """
    _check_coders(study, coders or ())
    transcripts, problems = study.transcripts()
    sheets, troubles = study.sheets(coders)
    writer = _RowWriter(study, transcripts)
    rows = [row for sheet in sheets for row in writer.rows(sheet)]
    return [row for _, row in sorted(rows, key=lambda entry: entry[0])], [*problems, *troubles]


def _check_coders(study: Study, coders: Collection[str]) -> None:
    from qualcode.cases import suggest

    known = study.coders()
    for coder in coders:
        if coder not in known:
            hint = suggest(coder, known) or f"There are: {', '.join(known) or 'none yet'}."
            raise StudyError(f"There is no coding by “{coder}”.", where=str(study.root), hint=hint)


class _RowWriter:
    """Makes records of codings, and what they are sorted by."""

    def __init__(self, study: Study, transcripts: Sequence[Transcript]) -> None:
        from qualcode.cases import assign_cases

        codebook = study.codebook
        self.paths = {code.id: codebook.path(code.id) for code in codebook.walk()}
        self.order = {code: number for number, code in enumerate(self.paths)}
        self.index = assign_cases(transcripts, study.cases)
        self.attributes = {case.id: case.attributes for case in self.index.cases}
        self.columns = {name: f"case_{name}" if name in COLUMNS else name for name in self.index.attributes}
        self.turns = {one.id: one.units("turn") for one in transcripts}

    def rows(self, sheet: Sheet) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Yield the records of one sheet."""
        turns = self.turns.get(sheet.transcript, ())
        starts = [turn.span.start for turn in turns]
        for coding in sheet.codings if sheet.transcript in self.turns else ():
            place = bisect_right(starts, coding.span.start) - 1
            rank = self.order.get(coding.code, len(self.order))
            key = sheet.transcript, coding.span.start, coding.span.end, rank, sheet.coder
            yield key, self._row(coding, turns[place] if place >= 0 else None)

    def _row(self, coding: Coding, turn: Segment | None) -> dict[str, Any]:
        speaker = turn.speaker if turn else ""
        case = self.index.case_of(coding.transcript, speaker)
        attributes = self.attributes.get(case, {})
        cells = (
            coding.transcript, case, speaker, turn.id if turn else "", coding.span.start, coding.span.end,
            self.paths.get(coding.code, coding.code), coding.coder, coding.verdict, coding.origin, coding.quote,
            coding.note,
        )  # fmt: skip
        row = dict(zip(COLUMNS, cells, strict=True))
        return row | {column: attributes.get(name, "") for name, column in self.columns.items()}


def encode_codings(rows: Sequence[dict[str, Any]], form: str) -> bytes:
    """Return records as a file: ``csv``, ``jsonl`` or ``sqlite``."""
    if form == "jsonl":
        return b"".join(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n" for row in rows)
    columns = list(rows[0]) if rows else list(COLUMNS)
    if form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode("utf-8", "surrogatepass")
    return _encode_sqlite(rows, columns)


def _encode_sqlite(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> bytes:
    import sqlite3

    quoted = ['"' + column.replace('"', '""') + '"' for column in columns]
    kinds = ["INTEGER" if column in {"start", "end"} else "TEXT" for column in columns]
    fields = ", ".join(f"{name} {kind}" for name, kind in zip(quoted, kinds, strict=True))
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f"CREATE TABLE codings ({fields})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO codings VALUES ({marks})", ([row[one] for one in columns] for row in rows))  # noqa: S608  # marks alone
        connection.commit()
        return bytes(connection.serialize())
    finally:
        connection.close()
