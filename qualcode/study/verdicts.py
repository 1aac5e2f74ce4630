"""Differences of two coders, settled by a table: all of its rows, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import CodebookError, Problem, StudyError
from qualcode.spreadsheets import arm, name_source
from qualcode.study.addresses import find_code, find_segment
from qualcode.study.consensus import (
    CONSENSUS,
    Answer,
    Comparison,
    Difference,
    compare,
    place_of,
    read_settled,
    say_settled,
    stage_answer,
)
from qualcode.study.exports import read_rows
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from qualcode.model import Coding, Segment
    from qualcode.spreadsheets import TableSource
    from qualcode.study.store import StudyFolder, StudyStore

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


def adjudicate_from_table(
    study: StudyStore, coders: tuple[str, str], source: TableSource, name: str = "", *, consensus: str = CONSENSUS
) -> tuple[int, int]:
    """Settle differences of two coders as a table says, all of them or none.

    See :meth:`.Study.adjudicate_from_table`.
    """
    name = name or name_source(source) or "the table"
    rows = read_rows(source, name)
    missing = [column for column in ("segment", "code", "verdict") if not rows or column not in rows[0][1]]
    if missing:
        raise StudyError(
            f"The table has no column {join(missing)}.",
            where=name,
            hint="Start with: qualcode adjudicate --coders … --list --format csv",
        )
    with study.change(why=f"from {name}") as change:
        change.coder = change.enter_coder(consensus, is_new=True)
        table = _AnswerTable(study, compare(study, *coders, consensus=change.coder), change.coder)
        for number, row in rows:
            table.read(row, f"{name}:{number}")
        if table.problems:
            message = f"{plural(len(table.problems), 'row')} cannot be applied; none was."
            raise StudyError(message, problems=table.problems)
        for answer in table.answers.values():
            stage_answer(change, answer)
    return len(table.answers), table.n_standing


class _AnswerTable:
    """Reads the rows of a table of verdicts, and collects what is wrong with them."""

    def __init__(self, study: StudyFolder, comparison: Comparison, consensus: str) -> None:
        self.study, self.consensus = study, consensus
        self.open = {(place_of(one), one.code): one for one in comparison.differences}
        self.answers: dict[tuple[str, str], Answer] = {}
        self._said: dict[Coding, bool] = {}
        self.problems: list[Problem] = []
        self.n_standing = 0

    def read(self, row: dict[str, str], where: str) -> None:
        """Take a row in; one without a verdict leaves its difference open."""
        if not row["verdict"].strip():
            return
        try:
            self._read({key: arm(cell.strip()) for key, cell in row.items()})
        except (StudyError, CodebookError) as error:
            self.problems.append(error.as_problem("verdict", where=where))

    def _read(self, row: dict[str, str]) -> None:
        is_right = _ANSWERS.get(row["verdict"].casefold())
        if is_right is None:
            raise StudyError(f"“{row['verdict']}” is not a verdict.", hint="Write y or n, or leave it empty")
        name, segment = find_segment(self.study, row["segment"])
        key = f"{name}:{segment.id}", find_code(self.study.codebook, row["code"])
        difference = self.open.get(key)
        if difference is None:
            self._compare_settled(name, segment, row, is_right=is_right)
            return
        if row.get("coder") not in {None, "", difference.coder}:
            raise StudyError(f"It is {difference.coder} who gave “{row['code']}” in {key[0]}, not {row['coder']}.")
        if any(self._said.setdefault(one, is_right) != is_right for one in difference.codings):
            raise StudyError(f"Another row has the opposite verdict on “{row['code']}” for the same passage.")
        self.answers[key] = Answer(difference, is_right, ())

    def _compare_settled(self, name: str, segment: Segment, row: dict[str, str], *, is_right: bool) -> None:
        """Pass over a row that says what the consensus says already, and refuse any other."""
        found = Difference(name, segment.id, find_code(self.study.codebook, row["code"]), "", ())
        told = say_settled(read_settled(self.study, self.consensus, found))
        if not told:
            raise StudyError(f"There is no open difference on “{row['code']}” in {row['segment']}.")
        if told != ("y" if is_right else "n"):
            hint = f"Undo that first: qualcode undo --coder {self.consensus}"
            raise StudyError(f"“{row['code']}” in {row['segment']} is already settled with {told}.", hint=hint)
        self.n_standing += 1
