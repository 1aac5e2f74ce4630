"""Questions to codings that people saved under a name, as a table in the study."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from qualcode.errors import Problem, QualcodeError, StudyError
from qualcode.questions import parse_question
from qualcode.spreadsheets import arm, disarm, fold_head, read_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.study.store import StudyChange, StudyFolder, StudyStore

_NAME = re.compile(r"[^\W_][\w-]*")
_WHERE = "questions.csv"


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A question with a name.

    Attributes
    ----------
    name
        By which it is called, and counted like a code.
    question
        As :func:`qualcode.find` takes it.
    who, at
        Who saved it, and when, in ISO 8601.
    """

    name: str
    question: str
    who: str = ""
    at: str = ""


_COLUMNS = tuple(field.name for field in fields(SavedQuestion))


def read_saved(study: StudyFolder) -> tuple[tuple[SavedQuestion, ...], list[Problem]]:
    """Return the questions by name, and what is wrong with their table."""
    data = study.layout.read(study.layout.questions)
    if data is None:
        return (), []
    try:
        return _decode(data), []
    except QualcodeError as error:
        return (), [error.as_problem("questions", where=_WHERE)]


def _decode(data: bytes) -> tuple[SavedQuestion, ...]:
    sheet = read_sheet(data, name=_WHERE, error=StudyError)
    header = list(map(fold_head, sheet.header))
    for column in ("name", "question"):
        if header.count(column) != 1:
            message = f"The table has {header.count(column) or 'no'} column{'s' * (column in header)} “{column}”."
            raise StudyError(message, where=_WHERE, hint=f"Its columns are {', '.join(_COLUMNS)}")
    rows = (dict(zip(header, map(arm, cells), strict=False)) for _, cells in sheet.rows)
    found = {row["name"]: SavedQuestion(*(row.get(key, "") for key in _COLUMNS)) for row in rows if row.get("name")}
    return tuple(found[name] for name in sorted(found))


def _encode(questions: Sequence[SavedQuestion]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in sorted(questions, key=lambda one: one.name):
        writer.writerow([disarm(str(getattr(one, key))) for key in _COLUMNS])
    return text.getvalue().encode("utf-8", "surrogatepass")


def save_question(study: StudyStore, name: str, question: str) -> SavedQuestion:
    """Save a question under a name; see :meth:`.Study.save_question`."""
    name, question = name.strip(), " ".join(question.split())
    if not _NAME.fullmatch(name):
        raise StudyError(f"“{name}” cannot be the name of a question.", hint="Use letters, digits and hyphens")
    if name in {part for code in study.codebook.walk() for part in (code.id, code.name)}:
        raise StudyError(f"“{name}” is a code.", hint="Give the question another name")
    parse_question(question, study.codebook)
    with study.change() as change:
        known = {one.name: one for one in _read(study)}
        saved = SavedQuestion(name, question, study.who, change.now)
        before = known.get(name)
        if before is not None and before.question == question:
            return before
        known[name] = saved
        change.put(study.layout.questions, _encode([*known.values()]))
        change.note("question", {"name": name, "question": question, **({"before": before.question} if before else {})})
    return saved


def remove_question(study: StudyStore, name: str) -> None:
    """Take a saved question away; see :meth:`.Study.remove_question`."""
    with study.change() as change:
        known = {one.name: one for one in _read(study)}
        if name not in known:
            hint = f"There are: {', '.join(known)}" if known else "Save one with: qualcode find QUESTION --save NAME"
            raise StudyError(f"There is no question “{name}”.", hint=hint)
        before = known.pop(name)
        change.put(study.layout.questions, _encode([*known.values()]) if known else None)
        change.note("question", {"name": name, "before": before.question})


def _read(study: StudyFolder) -> tuple[SavedQuestion, ...]:
    """Return the questions; a table that cannot be read stops whoever wants to write."""
    data = study.layout.read(study.layout.questions)
    return () if data is None else _decode(data)


def merge_questions(change: StudyChange, other: StudyFolder) -> list[str]:
    """Stage the questions that only another copy of the study has; return what clashes."""
    mine = {one.name: one for one in _read(change.study)}
    theirs, problems = read_saved(other)
    merged = {**{one.name: one for one in theirs}, **mine}
    if merged != mine:
        change.put(change.study.layout.questions, _encode([*merged.values()]))
    return [
        *(problem.message for problem in problems),
        *(
            f"The two copies differ in the question “{one.name}”; yours stays."
            for one in theirs
            if merged[one.name].question != one.question
        ),
    ]
