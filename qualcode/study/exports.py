"""A study's codings as tables for other programs, and decisions from tables."""

from __future__ import annotations

import csv
import io
import json
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem, StudyError
from qualcode.model import RULES_CODER
from qualcode.spreadsheets import name_source, read_sheet
from qualcode.study.acts import ACTS, Decision
from qualcode.study.addresses import parse_span
from qualcode.study.decisions import carry_out
from qualcode.study.store import fold_ids
from qualcode.wording import shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qualcode.model import Coding, Segment, Sheet, Transcript
    from qualcode.spreadsheets import Spreadsheet, TableSource
    from qualcode.study.store import CodingChange, Event, StudyFolder, StudyStore

COLUMNS = (
    "transcript", "case", "speaker", "segment", "start", "end", "code", "coder", "verdict", "origin", "quote", "note",
)  # fmt: skip
"""Of an export, before the attributes of the cases; one of those that has such a name gets ``case_`` before it."""


@dataclass(frozen=True, slots=True)
class Export:
    """A table as a file.

    Attributes
    ----------
    data
        The file.
    n_rows
        Rows below its head.
    problems
        What could not be read, and is not in it.
    """

    data: bytes
    n_rows: int
    problems: tuple[Problem, ...] = ()


_DECISION_COLUMNS = ("segment", "code", "act")


def read_rows(source: TableSource, name: str = "") -> list[tuple[int, dict[str, str]]]:
    """Return number and cells by column of the rows that :func:`~qualcode.spreadsheets.read_sheet` finds.

    Raises
    ------
    StudyError
        If it cannot be read, or has cells of which nobody knows what is in them: an act may not hang on one.
    """
    table = read_sheet(source, name=name, error=StudyError)
    for problem in table.problems:
        raise StudyError(problem.message, where=problem.where, hint=problem.hint)
    return list(name_cells(table))


def name_cells(table: Spreadsheet) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield number and cells by column; a short row is filled up, a cell without a head is left out.

    Raises
    ------
    StudyError
        If two columns have one name: which of their cells is meant, nobody can tell.
    """
    columns = [cell.casefold() for cell in table.header]
    twice = next((one for one, count in Counter(columns).items() if one and count > 1), None)
    if twice is not None:
        place = f"{table.name}:{table.header_number}"
        raise StudyError(f"Two columns are named “{twice}”.", where=place, hint="Rename one of them")
    for number, cells in table.rows:
        padded = (*cells, *[""] * (len(columns) - len(cells)))
        yield number, {column: cell for column, cell in zip(columns, padded, strict=False) if column}


def read_decisions(source: TableSource, name: str = "") -> tuple[list[Decision], list[Problem]]:
    """Return the decisions of a table, and the rows that cannot be understood.

    Its columns are segment, code and act and, if wanted, span, note, to and at, as in
    :class:`~qualcode.study.decisions.Decision`.

    Raises
    ------
    StudyError
        If it has no row, or lacks a column.
    """
    name = name or name_source(source) or "the table"
    rows = read_rows(source, name)
    missing = [column for column in _DECISION_COLUMNS if rows and column not in rows[0][1]]
    if missing or not rows:
        message = f"The table has no column {' and no column '.join(missing)}." if rows else "The table has no rows."
        raise StudyError(
            message, where=name, hint="It needs the columns segment, code and act, and optionally span and note"
        )
    decisions, problems = [], []
    for number, row in rows:
        try:
            decisions.append(_read_decision(row, f"{name}:{number}"))
        except StudyError as error:
            problems.append(error.as_problem("decision", where=f"{name}:{number}"))
    return decisions, problems


def _read_decision(row: dict[str, str], where: str) -> Decision:
    act = row["act"].strip().casefold()
    if act not in ACTS:
        raise StudyError(f"“{row['act']}” is not a decision.", hint=f"Write one of {', '.join(ACTS)}")
    return Decision(
        row["segment"].strip(), row["code"].strip(), act, parse_span(row.get("span", "")), row.get("note", "").strip(),
        to=row.get("to", "").strip(), at=parse_span(row.get("at", "")), where=where,
    )  # fmt: skip


def decide_from_table(study: StudyStore, coder: str, source: TableSource, name: str = "", *, why: str = "") -> int:
    """Carry out the decisions of a table, all of them or none; see :meth:`.Study.decide_from_table`."""
    decisions, problems = read_decisions(source, name)
    coder = study.check_coder(coder)
    with study.change(coder, why=why) as change:
        carry_out(change, decisions, problems=problems)
    return len(decisions)


EVENT_COLUMNS = ("at", "who", "what", "sheet", "transcript", "change", "why", "event")
"""What :func:`list_events` tells of each event."""


def list_events(
    study: StudyFolder, *, coder: str | None = None, transcript_id: str | None = None
) -> list[dict[str, object]]:
    """Return what was done to a study, oldest first, as records for a table; see :meth:`.Study.log`."""
    if coder is not None:
        coder = study.find_coder(coder)
    if transcript_id is not None:
        study.transcript(transcript_id)
    rows: list[dict[str, object]] = []
    for sheet_coder, name in study.sheet_ids(None if coder is None else [coder]):
        if transcript_id in {None, name}:
            with study.shelf.guard:  # another thread may be adding to it
                events = list(study.history(sheet_coder, name).events.values())
            rows += [_describe_event(study, sheet_coder, name, event) for event in events]
    if coder is None and transcript_id is None:
        rows += [_describe_note(note) for note in study.notes()]
    return sorted(rows, key=lambda row: str(row["at"]))


_WORK = frozenset({"accept", "reject", "apply", "remove", "move", "recode", "cut", "extend", "seen"})
"""Acts of coding and reading; not notes, and not what programs do."""


def find_finished(study: StudyFolder, coders: Collection[str] | None) -> dict[str, str]:
    """Return when each transcript was last coded or read; see :meth:`.Study.finished`."""
    chosen = [one for one in study.coders() if one != RULES_CODER] if coders is None else list(coders)
    finished: dict[str, str] = {}
    for coder, name in study.sheet_ids([study.find_coder(one) for one in chosen]):
        with study.shelf.guard:
            times = [event.at for event in study.history(coder, name).events.values() if event.what in _WORK]
        if times:
            finished[name] = max(finished.get(name, ""), *times)
    return finished


_TOLD = 3
"""Changes of one event that are told."""


def _describe_event(study: StudyFolder, coder: str, name: str, event: Event) -> dict[str, object]:
    told = "; ".join(_tell(study, name, change) for change in event.changes[:_TOLD]) or _tell_seen(event)
    n_more = len(event.changes) - _TOLD
    return {
        "at": event.at, "who": event.who, "what": event.what, "sheet": coder, "transcript": name,
        "change": f"{told} and {n_more} more" if n_more > 0 else told, "why": event.why, "event": event.id,
    }  # fmt: skip


def _describe_note(note: dict[str, Any]) -> dict[str, object]:
    told = {key: str(note.get(key, "")) for key in ("at", "who", "what")}
    change = str(note.get("change") or "; ".join(_tell_notes(note)))
    return {**told, "sheet": "", "transcript": "", "change": change, "why": str(note.get("why", "")), "event": ""}


def _tell_seen(event: Event) -> str:
    seen, unseen = fold_ids(event.seen), fold_ids(one for one, _ in event.unseen)
    return "; ".join(f"{what} {', '.join(ids)}" for what, ids in (("seen", seen), ("no longer read", unseen)) if ids)


def _tell_notes(note: dict[str, Any]) -> Iterator[str]:
    """Yield what a note on the study says besides who, when, what and why."""
    for key, value in note.items():
        if key not in {"at", "who", "what", "why"} and value not in ("", [], {}):
            yield f"{key} {_say(value)}"


def _say(value: object) -> str:
    """Return a value of a note in words; of a digest its first digits."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_say(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_say, value))
    return str(value)[:12] if re.fullmatch("[0-9a-f]{64}", str(value)) else str(value)


def _tell(study: StudyFolder, name: str, change: CodingChange) -> str:
    """Return a change in words: segment, code, verdicts, passage and note."""
    one = change.after or change.before
    assert one is not None, "a change has one of the two"  # noqa: S101  # an invariant of ours
    before = change.before.verdict if change.before else "–"
    after = change.after.verdict if change.after else "–"
    try:
        touched = study.index(name).touched(study.settings.unit, one.span)
    except StudyError:
        touched = ()
    place = f"{touched[0].id} " if touched else ""
    code = f"{change.before.code}→{one.code}" if change.before and change.before.code != one.code else one.code
    note = f" ({shorten(one.note)})" if one.note else ""
    star = " ★" if change.after and change.after.is_picked else ""
    return f"{place}{code} {before}→{after} “{shorten(one.quote)}”{note}{star}"


def list_codings(
    study: StudyFolder, *, coders: Collection[str] | None = None
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return one record per coding, rejected ones too, with the attributes of the cases, and what could not be read.

    See :meth:`.Study.list_codings`.
    """
    _check_coders(study, coders or ())
    transcripts, problems = study.transcripts()
    sheets, troubles = study.sheets(coders)
    writer = _RowWriter(study, transcripts)
    rows = [row for sheet in sheets for row in writer.rows(sheet)]
    return [row for _, row in sorted(rows, key=lambda entry: entry[0])], [*problems, *troubles]


def export_codings(study: StudyFolder, form: str, *, coders: Collection[str] | None = None) -> Export:
    """Return the records of :func:`list_codings` as a file: ``csv``, ``jsonl`` or ``sqlite``."""
    rows, problems = list_codings(study, coders=coders)
    return Export(encode_codings(rows, form), len(rows), tuple(problems))


def _check_coders(study: StudyFolder, coders: Collection[str]) -> None:
    known = study.coders()
    for coder in coders:
        if coder not in known:
            hint = suggest(coder, known) or (f"There are: {', '.join(known)}" if known else "Code first")
            raise StudyError(f"There is no coding by “{coder}”.", where=str(study.root), hint=hint)


class _RowWriter:
    """Makes records of codings, and what they are sorted by."""

    def __init__(self, study: StudyFolder, transcripts: Sequence[Transcript]) -> None:
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
