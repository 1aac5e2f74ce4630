"""Saved questions counted as codes: the table in which each is a code on the passages that it finds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qualcode.axis import spread
from qualcode.cases import CaseIndex
from qualcode.codebook import Code
from qualcode.columns import FrameColumns
from qualcode.errors import Problem, QualcodeError
from qualcode.queries.answering import find_passages
from qualcode.queries.asking import check_askable, choose_codings
from qualcode.queries.ground import Ground
from qualcode.questions import describe, parse_question
from qualcode.tables import CodingColumns, Frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from qualcode.questions import Question
    from qualcode.tables import Block, CodingTable

    Integers = NDArray[np.int64]


def count_questions(table: CodingTable, questions: Mapping[str, str]) -> CodingTable:
    """Return the table in which each question is a code, on the passages that it finds.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    questions
        Names and questions, which ask for passages. A later one may name an earlier one.

    Returns
    -------
    CodingTable
        The same codings and more, with codes at the top of the codebook that are named as the questions. Every count
        takes them for codes.

    Raises
    ------
    QueryError
        If a question cannot be understood, or does not ask for passages.
    QualcodeError
        If a question has the name of a code.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> asked = qualcode.count_questions(table, {"dates-and-people": "scheduling near 4 turns turnover"})
    >>> qualcode.count_themes(asked, level=1).frame[["code", "codings", "cases"]].values.tolist()[-1]
    ['dates-and-people', 3, 1]
    """
    for name, query in questions.items():
        table = _add_question(table, name, query)
    return table


def _add_question(table: CodingTable, name: str, query: str) -> CodingTable:
    if any(name in {code.id, code.name} for code in table.codebook.walk()):
        raise QualcodeError(f"“{name}” is a code.", hint="Give the question another name")
    question = parse_question(query, table.codebook)
    check_askable(question, query, answer="coding", show="passages")

    def ask(block: Block) -> Block:
        frames = Frames(block.units, block.columns, block.placements, _NO_CASES)
        source, code = _find_rows(replace(table, frames=frames), question)
        columns = _name_rows(block.columns, source, code, name)
        return replace(block, columns=columns, placements=_follow_rows(block.placements, source))

    code = Code(name, name, definition=f"Saved question: {describe(question)}.")
    codebook = replace(table.codebook, codes=(*table.codebook.codes, code))
    problems = (*table.problems, *_find_open(table, name))
    return replace(table, codebook=codebook, frames=table.frames.change(ask), problems=problems)


_NO_CASES = CaseIndex((), (), (), {})
# Which passages a question finds does not hang on who is whose case.


def _find_rows(table: CodingTable, question: Question) -> tuple[Integers, Integers]:
    """Return the codings with those of a question, in the order of a table.

    Returns
    -------
    tuple
        The row that each is, or is made of; and the place of its code, of those of the question behind all others.
    """
    columns = table.columns
    ground = Ground(table, choose_codings(table, None, None, "no"), "no", "all")
    found = np.isin(ground.passage_of_row, find_passages(ground, question))
    _, firsts = np.unique(ground.passage_of_row[found], return_index=True)
    new = ground.rows[found][firsts]
    source = np.concatenate([np.arange(len(columns), dtype=np.int64), new])
    n_codes = sum(1 for _ in table.codebook.walk())
    code = np.append(columns.code, np.full(len(new), n_codes, dtype=np.int64))
    order = np.lexsort((code, columns.passage[source]))  # passages are numbered as they come
    return source[order], code[order]


def _name_rows(columns: CodingColumns, source: Integers, code: Integers, name: str) -> CodingColumns:
    """Return codings that are, or are made of, some rows; those of a question bear its name."""

    def take(rows: Integers) -> FrameColumns:
        frame = columns.rows(source[rows]).frame
        for column in frame.columns.intersection(["code", "rule", "matched", "note"]):
            frame.loc[is_new[rows], column] = name if column == "code" else ""
        return FrameColumns.of(frame)

    every = np.arange(len(source), dtype=np.int64)
    is_new = code > columns.code[source]
    passage, start, end = (part[source] for part in (columns.passage, columns.start, columns.end))
    return CodingColumns(code, passage, start, end, lambda: take(every), take)


def _follow_rows(placements: FrameColumns, source: Integers) -> FrameColumns:
    """Return the placements of codings that are, or are made of, the rows ``source``; placements come by coding."""
    firsts, ends = (np.searchsorted(placements["coding"], source, side=side) for side in ("left", "right"))
    coding, rows = spread(firsts, ends - firsts)
    return placements.rows(rows).beside({"coding": coding})


def _find_open(table: CodingTable, name: str) -> Iterator[Problem]:
    if table.settlement is not None and table.settlement.n_open:
        message = f"“{name}” is counted on what is settled; open differences could change it."
        yield Problem("", "note", "open-question", message, "Settle them: qualcode adjudicate")
