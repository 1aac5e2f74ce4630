"""Survey tables: each answer is a turn of its own case, the other columns say what the case is like."""

from __future__ import annotations

from collections import Counter
from itertools import compress, islice, zip_longest
from operator import not_
from typing import TYPE_CHECKING

from qualcode.errors import Problem, SourceError
from qualcode.model import Case, Source, canonical_text, many_objects
from qualcode.progress import doing
from qualcode.segments import MadeWhenTouched
from qualcode.sources.blocks import clean_text
from qualcode.sources.tables import NO_FILE, TABLE_ENDINGS, find_column, open_table
from qualcode.sources.turns import has_words, transcript_of_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

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
) -> tuple[Transcript, Sequence[Case]]:
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
    sequence of Case
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
            answers, cases, left_out = _read_columns(table, stem, text_column, id_column)
        origin = Source(
            called,
            ending.removeprefix(".") or NO_FILE,
            table.sheet.digest,
            table.sheet.encoding,
            dict(sorted(left_out.items())),
            tuple(table.problems),
        )
        where = table.sheet.name
        transcript = transcript_of_answers(answers, stem, origin, where=where, language=language, model=model)
    return transcript, cases


class _Respondents(MadeWhenTouched[Case]):
    """The cases of a survey: they look like a tuple, and are columns of which objects are made when one is touched."""

    __slots__ = ("_attributes", "_ids", "_name", "_places")

    def __init__(
        self, name: str, places: tuple[str, Sequence[int]], ids: Sequence[str], attributes: Mapping[str, Sequence[str]]
    ) -> None:
        super().__init__()
        self._name, self._places, self._ids, self._attributes = name, places, ids, attributes

    def __len__(self) -> int:
        return len(self._ids)

    def _make(self) -> Iterator[Case]:
        where, lines = self._places
        for row, (id_, line) in enumerate(zip(self._ids, lines, strict=True)):
            attributes = {title: canonical_text(cells[row]) for title, cells in self._attributes.items()}
            yield Case(id_, attributes, ((self._name, id_),), where=f"{where}:{line}")


def _read_columns(
    table: Table, name: str, text_column: str, id_column: str | None
) -> tuple[dict[str, str], Sequence[Case], dict[str, int]]:
    """Return respondent to answer, where there is one, all respondents, and what was left out."""
    where = table.sheet.name
    text_at = find_column(table.header, text_column, table.head)
    id_at = find_column(table.header, id_column, table.head) if id_column is not None else None
    others = _find_attributes(table, {text_at, id_at})
    lines, columns = _turn(table)
    left_out: Counter[str] = Counter()
    given = _clean_all(columns[id_at], _line_of) if id_at is not None else [""] * len(lines)
    ids = [id_ or f"R{number}" for number, id_ in enumerate(given, 1)]
    cases = _Respondents(name, (where, lines), ids, {title: columns[at] for at, title in others})
    _refuse_equal_ids(ids, cases)
    answers = _clean_all(columns[text_at], lambda cell: clean_text(cell, left_out).strip())
    are_said = list(map(has_words, answers))
    if not any(are_said):
        raise SourceError(f"There is no answer in the column “{table.header[text_at]}”.", where, "Name another column")
    for answer in compress(answers, map(not_, are_said)):
        left_out["answers without words" if answer else "empty answers"] += 1
    if id_at is not None and (n := given.count("")):
        left_out["missing ids"] = n
        message = f"{n} row(s) have no id and are named by their row number."
        hint = f"Fill in the column “{id_column}”"
        table.problems.append(Problem(where, "warning", "missing-id", message, hint))
    return dict(compress(zip(ids, answers, strict=True), are_said)), cases, left_out


def _turn(table: Table) -> tuple[list[int], list[tuple[str, ...]]]:
    """Return the lines of the rows, and the cells of each column that has a head; short rows are filled up."""
    rows = list(table.rows)
    columns = zip_longest(*(cells for _, cells in rows), fillvalue="")
    found = list(islice(columns, len(table.header)))
    found += [("",) * len(rows)] * (len(table.header) - len(found))
    return [line for line, _ in rows], found


def _find_attributes(table: Table, taken: Collection[int | None]) -> list[tuple[int, str]]:
    """Return place and name of the columns that say what a case is like; of two of one name, the first."""
    columns: dict[str, int] = {}
    for at, title in enumerate(table.header):
        if title and at not in taken and columns.setdefault(title, at) != at:
            message = f"Two columns are named “{title}”; only the first is read."
            table.problems.append(Problem(table.head, "warning", "duplicate-header", message, "Rename one of them"))
    return [(at, title) for title, at in columns.items()]


def _is_plain(cell: str) -> bool:
    return cell.isascii() and cell.isprintable()


def _clean_all(cells: Sequence[str], clean: Callable[[str], str]) -> list[str]:
    """Return cells cleaned; most columns are plain as a whole, and of the others most cells."""
    if _is_plain("".join(cells)):
        return list(cells)
    return [cell if _is_plain(cell) else clean(cell) for cell in cells]


def _line_of(cell: str) -> str:
    """Return a cell's text on one line, as a label is written."""
    return " ".join(clean_text(cell, {}).split())


def _refuse_equal_ids(ids: Sequence[str], cases: Sequence[Case]) -> None:
    if len(set(ids)) == len(ids):
        return
    counts = Counter(ids)
    double = next(case for case in ids if counts[case] > 1)
    second = ids.index(double, ids.index(double) + 1)
    n = sum(count > 1 for count in counts.values())
    more = f", and {n - 1} other id(s) too" if n > 1 else ""
    message = f"The id “{double}” is in {counts[double]} rows{more}."
    raise SourceError(message, cases[second].where, "Give each respondent their own id, or leave out --id-column")
