"""Saved questions counted as codes: the table in which each is a code on the passages that it finds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qualcode.codebook import Code
from qualcode.columns import FrameColumns
from qualcode.errors import Problem, QualcodeError
from qualcode.queries.answering import find_passages
from qualcode.queries.asking import check_askable, choose_codings
from qualcode.queries.ground import Ground, rank_names, rank_transcripts
from qualcode.questions import describe, parse_question
from qualcode.tables import CodingColumns, Frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.codebook import Codebook
    from qualcode.tables import CodingTable

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
    every = np.arange(len(table.codings), dtype=np.int64)
    ground = Ground(table, choose_codings(table, None, None, "no"), "no", "all")
    found = np.isin(ground.passage_of_row, find_passages(ground, question))
    _, firsts = np.unique(ground.passage_of_row[found], return_index=True)
    source = np.concatenate([every, ground.rows[found][firsts]])  # the row that each coding is, or is made of
    is_new = np.arange(len(source)) >= len(every)
    codings = table.codings.iloc[source].reset_index(drop=True)
    codings.loc[is_new, ["code", "rule", "matched", "note"]] = [name, "", "", ""]
    code = Code(name, name, definition=f"Saved question: {describe(question)}.")
    codebook = replace(table.codebook, codes=(*table.codebook.codes, code))
    order = _sort_codings(table, codebook, codings)
    problems = [*table.problems, *_find_open(table, name)]
    placements = _follow_rows(table.placements, source[order])
    codings = codings.iloc[order].reset_index(drop=True)
    columns = CodingColumns.of(codings, codebook)
    frames = Frames(table.unit_columns, columns, FrameColumns.of(placements), table.index)
    return replace(table, codebook=codebook, frames=frames, problems=tuple(problems))


def _sort_codings(table: CodingTable, codebook: Codebook, codings: pd.DataFrame) -> Integers:
    """Return the rows in the order of a table: by transcript, start, end and code, then as they are."""
    code = rank_names([code.id for code in codebook.walk()], codings["code"])
    order = np.lexsort((code, codings["end"], codings["start"], rank_transcripts(table, codings["transcript"])))
    return order.astype(np.int64)


def _follow_rows(placements: pd.DataFrame, source: Integers) -> pd.DataFrame:
    """Return the placements of codings that are, or are made of, the rows ``source``."""
    by_coding = placements.groupby("coding", sort=False).indices
    rows = [by_coding.get(row, np.zeros(0, dtype=np.int64)) for row in source.tolist()]
    found = placements.iloc[np.concatenate([*rows, np.zeros(0, dtype=np.int64)])].reset_index(drop=True)
    return found.assign(coding=np.repeat(np.arange(len(source), dtype=np.int64), [len(one) for one in rows]))


def _find_open(table: CodingTable, name: str) -> Iterator[Problem]:
    if table.settlement is not None and table.settlement.n_open:
        message = f"“{name}” is counted on what is settled; open differences could change it."
        yield Problem("", "note", "open-question", message, "Settle them: qualcode adjudicate")
