"""Asking: a question and a table → :class:`Findings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from qualcode.errors import CaseError, QualcodeError, QueryError
from qualcode.queries.answering import judge_cases, judge_units
from qualcode.queries.findings import Answer, Extent, Findings
from qualcode.queries.framing import frame_behind, frame_cases, frame_passages, frame_pieces, frame_units
from qualcode.queries.ground import Ground
from qualcode.queries.saying import find_doubts, say_answer, say_limits
from qualcode.questions import Related, Without, describe, parse_question, walk
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qualcode.questions import Question
    from qualcode.tables import CodingTable
    from qualcode.themes import Talk

    Integers = NDArray[np.int64]


def find(
    table: CodingTable,
    query: str,
    *,
    answer: Answer = "coding",
    show: Extent = "passages",
    where: Mapping[str, str] | None = None,
    speaker: str | None = None,
    with_interviewer: Talk = "no",
    count_turns: Literal["all", "interviewee"] = "all",
) -> Findings:
    """Find the passages, segments or cases that a question asks for.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    query
        Codes (ids, paths or names), related by ``touching``, ``inside``, ``around``, ``same place``, ``overlapping``,
        ``apart``, ``near N turns`` or ``then within N turns``, each also after ``not``; and sets of them with ``and``,
        ``or``, ``not``, ``one of (…)``, ``at least N of (…)``. A code has the passages of all codes below it.
    answer
        What is found: ``coding`` (passages), ``segment`` (the table's counting units) or ``case``. Among passages
        ``A and B`` are those of A that touch one of B, ``A not B`` those that touch none; among segments and cases they
        are those that have both, or the first alone.
    show
        Whole ``passages``, or only the part of the text that is ``shared`` by all the sets of a question.
    where
        Only cases with these values of attributes, such as ``{"role": "teacher"}``.
    speaker
        Only passages that begin in turns of this label.
    with_interviewer
        Whether passages of interviewers count as well (``yes``), or alone (``only``).
    count_turns
        Whether distances count ``all`` turns, or those of an ``interviewee`` only.

    Returns
    -------
    Findings
        The answers, in the order of the text.

    Raises
    ------
    QueryError
        If the question cannot be understood, or cannot be answered like that.
    CaseError
        If there is no such attribute, or no case has the value.
    QualcodeError
        If nobody speaks under the label.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> found = qualcode.find(table, "scheduling near 4 turns turnover")
    >>> found.frame[["segment", "other_code", "gap_turns"]].loc[0].to_dict()
    {'segment': 't034', 'other_code': 'challenges/personnel-turnover', 'gap_turns': 4}
    >>> qualcode.find(table, "challenges not visibility", answer="case").frame["case"].tolist()
    ['P2']
    """
    question = parse_question(query, table.codebook)
    check_askable(question, query, answer=answer, show=show)
    ground = Ground(table, choose_codings(table, where, speaker, with_interviewer), with_interviewer, count_turns)
    cases = _choose_cases(table, where)
    if show == "shared":
        frame = frame_pieces(ground, question)
        quotes = frame
    elif answer == "coding":
        frame = frame_passages(ground, question)
        quotes = frame
    else:
        held = judge_units(ground, question) if answer == "segment" else judge_cases(ground, question, cases)
        frame = frame_units(ground, question, held) if answer == "segment" else frame_cases(ground, question, held)
        quotes = frame_behind(ground, question, held, answer)
    whom = say_limits(where, speaker, with_interviewer)
    sentence = say_answer(ground, question, frame, answer=answer, show=show, cases=cases, whom=whom)
    return Findings(frame, sentence, find_doubts(ground, question), quotes, table.index, tuple(cases))


def explain_query(table: CodingTable, query: str, *, answer: Answer = "coding") -> str:
    """Say a question in words, without asking it.

    Parameters
    ----------
    table, query, answer
        As for :func:`find`.

    Returns
    -------
    str
        A sentence.

    Raises
    ------
    QueryError
        If the question cannot be understood.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> qualcode.explain_query(table, "turnover not visibility", answer="case")
    "Find cases with “Personnel turnover” and without “Visibility of students' achievements”."
    """
    question = parse_question(query, table.codebook)
    check_askable(question, query, answer=answer, show="passages")
    return f"Find {describe(question, unit=table.unit if answer == 'segment' else answer)}."


def check_askable(question: Question, query: str, *, answer: Answer, show: Extent) -> None:
    """Refuse a question that has no answer of this kind."""
    if show == "shared" and answer != "coding":
        raise QueryError("Only passages have a shared part.", hint="Ask for codings, or for whole passages")
    for part in walk(question):
        if isinstance(part, Without) and (answer == "coding" or show == "shared"):
            hint = "Write A not B, or ask for segments or cases"
            raise QueryError("Text without a code has no passages.", hint=hint, picture=query)
        if isinstance(part, Related):
            if show == "shared" and part.relation in {"near", "then", "apart"} and not part.is_negated:
                hint = "Show whole passages"
                raise QueryError(f"Passages related by “{part.relation}” share no text.", hint=hint, picture=query)
            if any(isinstance(one, Without) for side in (part.left, part.right) for one in walk(side)):
                hint = "Put `not` before the relation, such as A not inside B"
                raise QueryError("What does not carry a code has no place to relate.", hint=hint, picture=query)


def _choose_cases(table: CodingTable, where: Mapping[str, str] | None) -> list[str]:
    """Return the cases with all the values asked for."""
    chosen = [case.id for case in table.index.cases]
    for name, value in (where or {}).items():
        groups = table.index.groups(name)
        loose = {one.casefold(): one for one in groups}
        if value.casefold() not in loose:
            hint = suggest(value, groups) or f"Values: {', '.join(groups)}"
            raise CaseError(f"No case has “{value}” as its {name}.", hint=hint)
        chosen = [case for case in chosen if case in set(groups[loose[value.casefold()]])]
    return chosen


def choose_codings(table: CodingTable, where: Mapping[str, str] | None, speaker: str | None, talk: Talk) -> Integers:
    """Return the rows of the codings that may be found or related to."""
    of_interviewer = table.take_codings("is_interviewer")["is_interviewer"].to_numpy()
    wanted = {"no": ~of_interviewer, "only": of_interviewer, "yes": np.ones(len(of_interviewer), dtype=bool)}[talk]
    if where:
        wanted = wanted & table.take_codings("case")["case"].isin(_choose_cases(table, where)).to_numpy()
    if speaker is not None:
        labels = table.units["speaker"].unique().tolist()
        if speaker not in labels:
            raise QualcodeError(
                f"There is no speaker “{speaker}”.", hint=suggest(speaker, labels) or f"Labels: {', '.join(labels)}"
            )
        wanted = wanted & (table.take_codings("speaker")["speaker"] == speaker).to_numpy()
    return np.flatnonzero(wanted).astype(np.int64)
