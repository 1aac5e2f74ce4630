"""Survey tables: each answer is a turn of its own case, the other columns say what the case is like."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qualcode.errors import Problem, SourceError
from qualcode.model import Case, Source, canonical_text, many_objects
from qualcode.progress import doing
from qualcode.sources.blocks import Reading, Said, TextBlock, clean_text
from qualcode.sources.tables import NO_FILE, TABLE_ENDINGS, find_column, open_table
from qualcode.sources.turns import has_words, make_transcript

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qualcode.model import Transcript
    from qualcode.sources.tables import Table
    from qualcode.spreadsheets import TableSource


def read_survey(
    source: TableSource,
    *,
    text_column: str,
    id_column: str | None = None,
    sheet: str | None = None,
    language: str | None = None,
    encoding: str | None = None,
    model: str | None = None,
    name: str = "",
) -> tuple[Transcript, tuple[Case, ...]]:
    r"""Read the answers to one question of a survey.

    Parameters
    ----------
    source
        A CSV file (cells apart by commas, semicolons, tabs or bars), an Excel or OpenDocument workbook, or a DataFrame;
        as a path, bytes, an open file. Its first row names the columns.
    text_column
        The column that holds the answers.
    id_column
        The column that names the respondents; without one they are ``R1``, ``R2`` … by row.
    sheet
        The sheet of a workbook; the first when not given.
    language, encoding, model
        As in :func:`qualcode.sources.read_transcript`.
    name
        Name of the file, after which the transcript is called; told from a path or an open file when not given.

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
    from qualcode.spreadsheets import name_source

    with many_objects():
        table = open_table(source, sheet=sheet, encoding=encoding, name=name)
        called = name or name_source(source) or "survey"
        ending = next((one for one in TABLE_ENDINGS if called.lower().endswith(one)), "")
        stem = called[: len(called) - len(ending)]
        with doing("Reading the table"):
            reading, cases = _read_rows(table, stem, text_column, id_column)
        origin = Source(called, ending.removeprefix(".") or NO_FILE, table.sheet.digest, table.sheet.encoding)
        transcript = make_transcript(reading, stem, origin, where=table.sheet.name, language=language, model=model)
    return transcript, cases


def _read_rows(table: Table, name: str, text_column: str, id_column: str | None) -> tuple[Reading, tuple[Case, ...]]:
    where = table.sheet.name
    text_at = find_column(table.header, text_column, table.head)
    id_at = find_column(table.header, id_column, table.head) if id_column is not None else None
    others = _find_attributes(table, {text_at, id_at})
    left_out: dict[str, int] = {}
    blocks: list[TextBlock] = []
    cases: list[Case] = []
    for line, cells in table.rows:
        case = _line_of(cells[id_at]) if id_at is not None and id_at < len(cells) else ""
        if not case:
            case = f"R{len(cases) + 1}"
            if id_at is not None:
                left_out["missing ids"] = left_out.get("missing ids", 0) + 1
        answer = clean_text(cells[text_at], left_out).strip() if text_at < len(cells) else ""
        if has_words(answer):
            blocks.append(TextBlock(f"{case}: {answer}", said=Said(case, len(case) + 2)))
        else:
            kind = "answers without words" if answer else "empty answers"
            left_out[kind] = left_out.get(kind, 0) + 1
        attributes = {title: canonical_text(cells[at]) if at < len(cells) else "" for at, title in others}
        cases.append(Case(case, attributes, ((name, case),), where=f"{where}:{line}"))
    _refuse_equal_ids(cases)
    if not blocks:
        raise SourceError(f"There is no answer in the column “{table.header[text_at]}”.", where, "Name another column")
    problems = list(table.problems)
    if n := left_out.get("missing ids"):
        message = f"{n} row(s) have no id and are named by their row number."
        problems.append(Problem(where, "warning", "missing-id", message, f"Fill in the column “{id_column}”"))
    return Reading(blocks, left_out=left_out, problems=problems, is_talk=False), tuple(cases)


def _find_attributes(table: Table, taken: Collection[int | None]) -> list[tuple[int, str]]:
    """Return place and name of the columns that say what a case is like; of two of one name, the first."""
    columns: dict[str, int] = {}
    for at, title in enumerate(table.header):
        if title and at not in taken and columns.setdefault(title, at) != at:
            message = f"Two columns are named “{title}”; only the first is read."
            table.problems.append(Problem(table.head, "warning", "duplicate-header", message, "Rename one of them"))
    return [(at, title) for title, at in columns.items()]


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
    message = f"The id “{double.id}” is in {counts[double.id]} rows{more}."
    raise SourceError(message, second.where, "Give each respondent their own id, or leave out --id-column")
