"""Questions to codings: which passages, segments or cases stand in a relation, and the words behind each answer.

A *passage* is a stretch of text that carries a code: what several coders, or several codes, put on one stretch is one
passage. Passages are half-open, and relate only within one transcript. Operators follow ATLAS.ti, MAXQDA and NUD*IST,
with the difference that touching is not overlapping: passages that share no character are apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from qualcode.axis import meet
from qualcode.codebook import Code
from qualcode.columns import FrameColumns
from qualcode.errors import CaseError, Problem, QualcodeError, QueryError
from qualcode.laid import JOINER
from qualcode.language import count_columns
from qualcode.questions import Combined, Counted, Named, Related, Without, describe, parse_question
from qualcode.results import Result, make_frame
from qualcode.tables import CodingColumns, Frames
from qualcode.wording import plural, shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.cases import CaseIndex
    from qualcode.codebook import Codebook
    from qualcode.questions import Question
    from qualcode.tables import CodingTable
    from qualcode.themes import Talk

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

Answer = Literal["coding", "segment", "case"]
Extent = Literal["passages", "shared"]

_PASSAGE_COLUMNS = [
    *("transcript", "case", "speaker", "segment", "start", "end", "code", "other_code", "relation"),
    *("gap_characters", "gap_turns", "quote", "other_quote", "coder"),
]


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Result):
    """What a question found.

    Attributes
    ----------
    frame
        Of codings, one row per passage, and of a relation one per pair: ``transcript``, ``case``, ``speaker``,
        ``segment`` (the turn), ``start``, ``end``, ``code`` (paths), ``other_code``, ``relation`` (of the two
        passages), ``gap_characters`` (0: adjacent; missing: they touch), ``gap_turns``, ``quote``, ``other_quote``,
        ``coder``. Of segments: ``transcript``, ``case``, ``speaker``, ``segment``, ``start``, ``end``, ``code``,
        ``quote``. Of cases: ``case``, ``transcript``, ``code``, ``passages``.
    sentence, problems
        What was asked, and how much was found of how much.
    quotes
        The passages behind the answers, as rows of codings: what of the codes in question lies in them.
    index, asked
        Which case is who, and the cases that were asked.
    """

    quotes: pd.DataFrame
    index: CaseIndex
    asked: tuple[str, ...]

    def count_by(self, attribute: str) -> pd.DataFrame:
        """Count what was found per group of cases.

        Parameters
        ----------
        attribute
            A column of the table of cases, or ``case``.

        Returns
        -------
        pandas.DataFrame
            ``group``, ``cases`` (in which something was found), ``n_cases`` (that were asked), ``percent``, ``found``
            (passages, segments or cases, each once).

        Raises
        ------
        CaseError
            If there is no such attribute.

        Examples
        --------
        >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
        >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
        >>> cases = qualcode.read_cases("transcripts_sample/cases.csv")
        >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook, cases=cases)
        >>> found = qualcode.find(table, "scheduling near 4 turns turnover")
        >>> found.count_by("case")[["group", "cases", "found"]].values.tolist()
        [['P1', 1, 3], ['P2', 0, 0], ['P3', 0, 0], ['P4', 0, 0]]
        """
        key = [name for name in ("transcript", "case", "segment", "start", "end") if name in self.frame]
        places = self.frame[key].drop_duplicates()
        rows = []
        for group, members in self.index.groups(attribute).items():
            asked = [case for case in members if case in set(self.asked)]
            mine = places[places["case"].isin(asked)]
            cases = int(mine["case"].nunique())
            share = round(100 * cases / len(asked), 2) if asked else np.nan
            rows.append((group, cases, len(asked), share, len(mine)))
        return pd.DataFrame(rows, columns=["group", "cases", "n_cases", "percent", "found"])

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: no offsets, no columns without an entry, and quotes cut to a line."""
        hidden = {"start", "end", "gap_characters", "speaker", "coder"}
        names = [name for name in self.frame if name not in hidden]
        shown = self.frame[[name for name in names if self.frame.empty or _has_entries(self.frame[name])]]
        cut = {name: shown[name].map(_cut) for name in ("quote", "other_quote") if name in shown}
        return shown.assign(**cut).rename(columns={"gap_turns": "turns apart", "other_code": "other", **_OTHER})


_OTHER = {"other_quote": "other quote"}
_SHOWN = 40
"""Columns of a quote in a table for people."""


def _has_entries(column: pd.Series[Any]) -> bool:
    return bool((column.notna() & (column.astype(object) != "")).any())


def _cut(quote: str) -> str:
    return shorten(quote, _SHOWN, measure=count_columns)


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
    _check_askable(question, query, answer=answer, show=show)
    ground = _Ground(table, _choose_codings(table, where, speaker, with_interviewer), with_interviewer, count_turns)
    cases = _choose_cases(table, where)
    if show == "shared":
        frame = _frame_pieces(ground, question)
        quotes = frame
    elif answer == "coding":
        frame = _frame_passages(ground, question)
        quotes = frame
    else:
        held = _held_units(ground, question) if answer == "segment" else _held_cases(ground, question, cases)
        frame = _frame_units(ground, question, held) if answer == "segment" else _frame_cases(ground, question, held)
        quotes = _frame_behind(ground, question, held, answer)
    whom = _whose_filter(where, speaker, with_interviewer)
    sentence = _say(ground, question, frame, answer=answer, show=show, cases=cases, whom=whom)
    return Findings(frame, sentence, _find_doubts(ground, question), quotes, table.index, tuple(cases))


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
    _check_askable(question, query, answer=answer, show="passages")
    return f"Find {describe(question, unit=table.unit if answer == 'segment' else answer)}."


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
    _check_askable(question, query, answer="coding", show="passages")
    every = np.arange(len(table.codings), dtype=np.int64)
    ground = _Ground(table, _choose_codings(table, None, None, "no"), "no", "all")
    found = np.isin(ground.passage_of_row, _passages(ground, question))
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
    frames = Frames(FrameColumns.of(table.units), columns, FrameColumns.of(placements), table.index)
    return replace(table, codebook=codebook, frames=frames, problems=tuple(problems))


def _sort_codings(table: CodingTable, codebook: Codebook, codings: pd.DataFrame) -> Integers:
    """Return the rows in the order of a table: by transcript, start, end and code, then as they are."""
    code = _rank([code.id for code in codebook.walk()], codings["code"])
    order = np.lexsort((code, codings["end"], codings["start"], _rank_transcripts(table, codings["transcript"])))
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


# --- what may be asked ---------------------------------------------------------------------------------------


def _check_askable(question: Question, query: str, *, answer: Answer, show: Extent) -> None:
    if show == "shared" and answer != "coding":
        raise QueryError("Only passages have a shared part.", hint="Ask for codings, or for whole passages")
    for part in _walk(question):
        if isinstance(part, Without) and (answer == "coding" or show == "shared"):
            hint = "Write A not B, or ask for segments or cases"
            raise QueryError("Text without a code has no passages.", hint=hint, picture=query)
        if isinstance(part, Related):
            if show == "shared" and part.relation in {"near", "then", "apart"} and not part.is_negated:
                hint = "Show whole passages"
                raise QueryError(f"Passages related by “{part.relation}” share no text.", hint=hint, picture=query)
            if any(isinstance(one, Without) for side in (part.left, part.right) for one in _walk(side)):
                hint = "Put `not` before the relation, such as A not inside B"
                raise QueryError("What does not carry a code has no place to relate.", hint=hint, picture=query)


def _walk(question: Question) -> Iterator[Question]:
    yield question
    match question:
        case Related(left=left, right=right) | Combined(left=left, right=right):
            yield from (*_walk(left), *_walk(right))
        case Counted(parts=parts):
            for part in parts:
                yield from _walk(part)
        case Without(inner=inner):
            yield from _walk(inner)


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


def _choose_codings(table: CodingTable, where: Mapping[str, str] | None, speaker: str | None, talk: Talk) -> Integers:
    """Return the rows of the codings that may be found or related to."""
    codings = table.take_codings("case", "speaker", "is_interviewer")
    of_interviewer = codings["is_interviewer"].to_numpy()
    wanted = {"no": ~of_interviewer, "only": of_interviewer, "yes": np.ones(len(codings), dtype=bool)}[talk]
    if where:
        wanted = wanted & codings["case"].isin(_choose_cases(table, where)).to_numpy()
    if speaker is not None:
        labels = table.units["speaker"].unique().tolist()
        if speaker not in labels:
            raise QualcodeError(
                f"There is no speaker “{speaker}”.", hint=suggest(speaker, labels) or f"Labels: {labels}"
            )
        wanted = wanted & (codings["speaker"] == speaker).to_numpy()
    return np.flatnonzero(wanted).astype(np.int64)


# --- the ground: passages on the axis of characters and on that of turns ---------------------------------------------


class _Ground:
    """Every passage once, with its place in characters and turns; questions are answered by numbers of passages.

    Transcripts lie behind one another on both axes, so far apart that nothing reaches from one into the next.
    """

    def __init__(
        self, table: CodingTable, rows: Integers, talk: Talk, count_turns: Literal["all", "interviewee"]
    ) -> None:
        self.table = table
        self.talk = talk
        numbers = table.columns.passage
        passages, firsts = np.unique(numbers[rows], return_index=True)
        home = table.take_codings(*_HOME).iloc[rows[firsts]].reset_index(drop=True)
        order = np.lexsort((home["end"], home["start"], _rank_transcripts(table, home["transcript"])))
        self.home = home.iloc[order].reset_index(drop=True)
        place = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=np.int64)
        place[passages[order]] = np.arange(len(passages))
        self.rows = rows
        self.passage_of_row = place[numbers[rows]]
        self.starts, self.ends = self._lay_characters()
        self.first_turn, self.last_turn = self._lay_turns(count_turns, rows)

    def __len__(self) -> int:
        return len(self.home)

    def _lay_characters(self) -> tuple[Integers, Integers]:
        number = _rank_transcripts(self.table, self.home["transcript"])
        lengths = self.table.units.groupby("transcript", sort=False)["end"].max()
        furthest = np.maximum.reduce([0, *lengths.tolist(), *self.home["end"].tolist()]) + 2
        self.bases = number * furthest
        return self.home["start"].to_numpy() + self.bases, self.home["end"].to_numpy() + self.bases

    def _lay_turns(self, count_turns: str, rows: Integers) -> tuple[Integers, Integers]:
        """Return the numbers of the first and the last turn of each passage, those of interviewers skipped if asked."""
        units, table = self.table.units, self.table
        is_new = _begin_turns(units)
        counts = is_new & ~units["is_interviewer"].to_numpy() if count_turns == "interviewee" else is_new
        turn = np.cumsum(counts) + _rank_transcripts(table, units["transcript"]) * _FAR
        placements = table.placements
        passage = np.full(len(table.columns), -1, dtype=np.int64)
        passage[rows] = self.passage_of_row
        of_placement = passage[placements["coding"].to_numpy()]
        is_in = of_placement >= 0
        turn_of_placement = turn[placements["unit"].to_numpy()][is_in]
        first = np.full(len(self), np.iinfo(np.int64).max)
        last = np.full(len(self), -1, dtype=np.int64)
        np.minimum.at(first, of_placement[is_in], turn_of_placement)
        np.maximum.at(last, of_placement[is_in], turn_of_placement)
        self.placed = (of_placement[is_in], placements["unit"].to_numpy()[is_in])
        return first, last

    def family(self, code: str) -> set[str]:
        """Return the ids of a code and of all below it."""
        return {code, *(one.id for one in self.table.codebook.descendants(code))}

    def passages_of(self, code: str) -> Integers:
        """Return the numbers of the passages with a code or one below it."""
        places = [at for at, one in enumerate(self.table.codebook.walk()) if one.id in self.family(code)]
        return np.unique(self.passage_of_row[np.isin(self.table.columns.code[self.rows], places)])

    def gap_turns(self, a: Integers, b: Integers) -> Integers:
        """Return how many turns two passages are from each other: 0 in one turn."""
        apart = np.maximum(self.first_turn[b] - self.last_turn[a], self.first_turn[a] - self.last_turn[b])
        gap: Integers = np.maximum(apart, 0)
        return gap


_HOME = ("transcript", "case", "speaker", "segment", "start", "end", "quote")

_FAR = 10**8
"""Turns between the numbers of one transcript and the next: more than any distance that can be asked for."""


def _rank_transcripts(table: CodingTable, names: pd.Series[str]) -> Integers:
    return _rank(table.transcript_ids, names)


def _rank(known: Sequence[str], names: pd.Series[str]) -> Integers:
    """Return the place of each name among those known; -1 where it is not."""
    return pd.Index(list(known), dtype="str").get_indexer(pd.Index(names)).astype(np.int64)


# --- passages ------------------------------------------------------------------------------------------------


def _passages(ground: _Ground, question: Question) -> Integers:
    """Return the numbers of the passages that a question asks for, ascending."""
    match question:
        case Named(code=code):
            return ground.passages_of(code)
        case Related(left=left, is_negated=is_without):
            return _related(ground, question, _passages(ground, left), is_without=is_without)
        case Combined(left=left, how="and" | "not" as how):
            return _related(ground, question, _passages(ground, left), is_without=how == "not")
        case Combined(left=left, right=right):
            return np.union1d(_passages(ground, left), _passages(ground, right))
        case Counted(how=how, number=number, parts=parts):
            return _passages_counted(ground, [_passages(ground, part) for part in parts], how, number)
    raise TypeError("text without a code has no passages")


def _related(ground: _Ground, question: Related | Combined, left: Integers, *, is_without: bool) -> Integers:
    related = np.unique(_pairs(ground, question)[0])
    return np.setdiff1d(left, related) if is_without else related


def _pairs(ground: _Ground, question: Related | Combined) -> tuple[Integers, Integers]:
    """Return the pairs of passages that stand in the relation of a question, whether it is negated or not."""
    relation = question.relation if isinstance(question, Related) else "touching"
    turns = question.turns if isinstance(question, Related) else None
    left, right = _passages(ground, question.left), _passages(ground, question.right)
    starts, ends = ground.starts, ground.ends
    if relation == "near":
        a, b = meet(left, right, ground.first_turn, ground.last_turn, turns or 0)
        more_a, more_b = meet(left, right, starts, ends - 1, 0)  # they may share what belongs to no turn, as a label
        both = np.unique(np.stack([np.append(a, more_a), np.append(b, more_b)], axis=1), axis=0)
        return both[:, 0], both[:, 1]
    if relation in {"then", "apart"}:
        furthest = turns if relation == "then" and turns is not None else _FAR // 4
        a, b = meet(left, right, ground.first_turn, ground.last_turn, furthest)
        kept = starts[b] >= ends[a] if relation == "then" else (starts[b] >= ends[a]) | (starts[a] >= ends[b])
        return a[kept], b[kept]
    a, b = meet(left, right, starts, ends - 1, 0)
    inside, around = (starts[b] <= starts[a]) & (ends[a] <= ends[b]), (starts[a] <= starts[b]) & (ends[b] <= ends[a])
    kept = {
        "touching": np.ones(len(a), dtype=bool),
        "inside": inside,
        "around": around,
        "same place": inside & around,
        "overlapping": ~inside & ~around,
    }[relation]
    return a[kept], b[kept]


def _passages_counted(ground: _Ground, parts: Sequence[Integers], how: str, number: int) -> Integers:
    """Return the passages of any part with a character in at least so many parts, or with none in a second one."""
    edges, covered = _cover([_stretches(ground, part) for part in parts])
    depth = covered.sum(axis=0)
    every = np.unique(np.concatenate([*parts, np.zeros(0, dtype=np.int64)]))
    low = np.searchsorted(edges, ground.starts[every])
    high = np.searchsorted(edges, ground.ends[every])
    most = np.array([depth[a:b].max() for a, b in zip(low.tolist(), high.tolist(), strict=True)], dtype=np.int64)
    return every[most == 1 if how == "one of" else most >= number]


# --- characters ----------------------------------------------------------------------------------------------


def _stretches(ground: _Ground, passages: Integers) -> Integers:
    return np.stack([ground.starts[passages], ground.ends[passages]], axis=1)


def _cover(sets: Sequence[Integers]) -> tuple[Integers, Booleans]:
    """Cut the axis at every edge of some sets of stretches, and tell which set covers which piece.

    Returns
    -------
    edges
        Ascending; piece i lies between edge i and the next.
    covered
        Sets × pieces.
    """
    edges = np.unique(np.concatenate([one.ravel() for one in sets])) if sets else np.zeros(0, dtype=np.int64)
    covered = np.zeros((len(sets), max(len(edges) - 1, 0)), dtype=bool)
    for row, stretches in enumerate(sets):
        change = np.zeros(len(edges) + 1, dtype=np.int64)
        np.add.at(change, np.searchsorted(edges, stretches[:, 0]), 1)
        np.add.at(change, np.searchsorted(edges, stretches[:, 1]), -1)
        covered[row] = np.cumsum(change)[: covered.shape[1]] > 0
    return edges, covered


def _join_pieces(edges: Integers, kept: Booleans) -> Integers:
    """Return the stretches of the pieces that are kept, neighbours joined."""
    change = np.diff(np.concatenate([[False], kept, [False]]).astype(np.int64))
    return np.stack([edges[np.flatnonzero(change == 1)], edges[np.flatnonzero(change == -1)]], axis=1)


def _shared(ground: _Ground, question: Question) -> Integers:
    """Return the stretches of text that all sets of a question have in common."""
    match question:
        case Combined(left=left, how=how, right=right):
            edges, (a, b) = _cover([_shared(ground, left), _shared(ground, right)])
            return _join_pieces(edges, {"and": a & b, "or": a | b, "not": a & ~b}[how])
        case Counted(how=how, number=number, parts=parts):
            edges, covered = _cover([_shared(ground, part) for part in parts])
            depth = covered.sum(axis=0)
            return _join_pieces(edges, depth == 1 if how == "one of" else depth >= number)
        case Related(is_negated=False):
            a, b = _pairs(ground, question)
            both = np.maximum(ground.starts[a], ground.starts[b]), np.minimum(ground.ends[a], ground.ends[b])
            stretches = np.stack(both, axis=1)
        case _:
            stretches = _stretches(ground, _passages(ground, question))
    edges, covered = _cover([stretches])
    return _join_pieces(edges, covered[0])


# --- segments and cases --------------------------------------------------------------------------------------


def _eligible(ground: _Ground) -> Booleans:
    of_interviewer = ground.table.units["is_interviewer"].to_numpy()
    every = np.ones(len(of_interviewer), dtype=bool)
    return {"no": ~of_interviewer, "only": of_interviewer, "yes": every}[ground.talk]


def _held_units(ground: _Ground, question: Question) -> Booleans:
    """Tell which counting units a question holds for."""

    def holds(passages: Integers) -> Booleans:
        passage, unit = ground.placed
        found = np.zeros(len(ground.table.units), dtype=bool)
        found[unit[np.isin(passage, passages)]] = True
        return found & _eligible(ground)

    return _combine(ground, question, holds, _eligible(ground))


def _held_cases(ground: _Ground, question: Question, cases: Sequence[str]) -> Booleans:
    """Tell which cases a question holds for, in the order of the index."""
    known = [case.id for case in ground.table.index.cases]
    case_of_unit = _rank(known, ground.table.units["case"])
    asked = np.isin(known, cases) if known else np.zeros(0, dtype=bool)

    def holds(passages: Integers) -> Booleans:
        passage, unit = ground.placed
        case = case_of_unit[unit[np.isin(passage, passages)]]
        found = np.zeros(len(known), dtype=bool)
        found[case[case >= 0]] = True
        return found & asked

    return _combine(ground, question, holds, asked)


def _combine(ground: _Ground, question: Question, holds: _Holds, every: Booleans) -> Booleans:
    """Tell what a question holds for, given what a set of passages does."""
    match question:
        case Combined(left=left, how=how, right=right):
            a, b = (_combine(ground, side, holds, every) for side in (left, right))
            return {"and": a & b, "or": a | b, "not": a & ~b}[how]
        case Without(inner=inner):
            return every & ~_combine(ground, inner, holds, every)
        case Counted(how=how, number=number, parts=parts):
            n = np.sum([_combine(ground, part, holds, every) for part in parts], axis=0)
            found: Booleans = n == 1 if how == "one of" else n >= number
            return found
    return holds(_passages(ground, question))


if TYPE_CHECKING:
    from collections.abc import Callable

    _Holds = Callable[[Integers], Booleans]

# --- frames --------------------------------------------------------------------------------------------------


def _codes_in(question: Question, ground: _Ground) -> set[str]:
    """Return the ids of all codes that a question names, with those below them."""
    named = [part for part in _walk(question) if isinstance(part, Named)]
    return set().union(*(ground.family(one.code) for one in named))


def _join_texts(ground: _Ground, column: Literal["code", "coder"], codes: set[str]) -> pd.Series[str]:
    """Return, for each passage, the paths or coders of its codings with these codes."""
    from qualcode.text_columns import join_groups, pick, pick_distinct, to_texts

    table, found = ground.table, [""] * len(ground)
    is_named = np.array([one.id in codes for one in table.codebook.walk()], dtype=bool)
    code = table.columns.code[ground.rows]
    chosen = np.flatnonzero(is_named[code])
    if not len(chosen):
        return _as_texts(found)
    chosen = chosen[np.argsort(ground.passage_of_row[chosen], kind="stable")]
    if column == "code":
        texts = pick([table.codebook.path(one.id) for one in table.codebook.walk()], code[chosen])
    else:
        held = table.columns.described.text_column(column)
        names = held.names if hasattr(held.names, "to_pylist") else to_texts(held.names)
        texts = pick_distinct(names, held.numbers[ground.rows[chosen]])
    passage, firsts = np.unique(ground.passage_of_row[chosen], return_index=True)
    joined = join_groups(texts, np.append(firsts, len(chosen)), JOINER)
    for place, words in zip(passage.tolist(), joined.to_pylist(), strict=True):
        found[place] = words
    return _as_texts(found)


def _frame_passages(ground: _Ground, question: Question) -> pd.DataFrame:
    """Return a row per passage, or per pair of a relation."""
    match question:
        case Related(is_negated=False) | Combined(how="and"):
            return _frame_pairs(ground, question)
    return _describe(ground, _passages(ground, question), _codes_in(question, ground))


def _frame_pairs(ground: _Ground, question: Related | Combined) -> pd.DataFrame:
    a, b = _pairs(ground, question)
    frame = _describe(ground, a, _codes_in(question.left, ground))
    others = _describe(ground, b, _codes_in(question.right, ground))
    gap = np.maximum(ground.starts[b] - ground.ends[a], ground.starts[a] - ground.ends[b])
    frame["other_code"], frame["other_quote"] = others["code"], others["quote"]
    frame["relation"] = _as_texts(_name_relations(ground, a, b))
    frame["gap_characters"] = pd.array(np.where(gap < 0, -1, gap), dtype="Int64")
    frame.loc[gap < 0, "gap_characters"] = pd.NA
    frame["gap_turns"] = pd.array(ground.gap_turns(a, b), dtype="Int64")
    return frame


def _describe(ground: _Ground, passages: Integers, codes: set[str]) -> pd.DataFrame:
    frame = ground.home.iloc[passages].reset_index(drop=True)
    for column in ("code", "coder"):
        frame[column] = _as_texts(_join_texts(ground, column, codes).to_numpy()[passages])
    frame = frame.assign(
        **{column: _as_texts([""] * len(frame)) for column in ("other_code", "other_quote", "relation")}
    )
    for column in ("gap_characters", "gap_turns"):
        frame[column] = pd.array([pd.NA] * len(frame), dtype="Int64")
    return frame[_PASSAGE_COLUMNS]


def _as_texts(values: Sequence[str] | NDArray[np.object_]) -> pd.Series[str]:
    return pd.Series(values, dtype="str")


def _name_relations(ground: _Ground, a: Integers, b: Integers) -> list[str]:
    starts, ends = ground.starts, ground.ends
    apart = (starts[b] >= ends[a]) | (starts[a] >= ends[b])
    inside = (starts[b] <= starts[a]) & (ends[a] <= ends[b])
    around = (starts[a] <= starts[b]) & (ends[b] <= ends[a])
    names = np.select(
        [apart, inside & around, inside, around], ["apart", "same place", "inside", "around"], "overlapping"
    )
    return [str(name) for name in names]


def _frame_pieces(ground: _Ground, question: Question) -> pd.DataFrame:
    """Return a row per piece of text that all sets of a question share."""
    pieces = _shared(ground, question)
    every = _passages_over(ground, pieces)
    frame = ground.home[["transcript", "case", "speaker", "segment"]].iloc[every].reset_index(drop=True)
    bases = ground.bases[every]
    frame["start"], frame["end"] = pieces[:, 0] - bases, pieces[:, 1] - bases
    paths = [ground.table.codebook.path(code.code) for code in _walk(question) if isinstance(code, Named)]
    codes = [JOINER.join(dict.fromkeys(paths))] * len(frame)
    return frame.assign(code=_as_texts(codes), quote=_read_quotes(ground, frame))


def _passages_over(ground: _Ground, pieces: Integers) -> Integers:
    """Return, for each piece, the passage that begins last at or before it and reaches into it."""
    found = []
    for start, end in pieces.tolist():
        over = np.flatnonzero((ground.starts <= start) & (ground.ends > start) & (ground.starts < end))
        found.append(int(over[-1]))
    return np.array(found, dtype=np.int64)


def _frame_units(ground: _Ground, question: Question, held: Booleans) -> pd.DataFrame:
    units = ground.table.units[held]
    frame = units[["transcript", "case", "speaker", "segment", "start", "end"]].reset_index(drop=True)
    codes = _codes_by(ground, question, np.arange(len(held), dtype=np.int64)).to_numpy()[held]
    return frame.assign(code=_as_texts(codes), quote=_read_quotes(ground, frame))


def _read_quotes(ground: _Ground, frame: pd.DataFrame) -> pd.Series[str]:
    texts = {one.id: one.text for one in ground.table.transcripts}
    places = zip(frame["transcript"], frame["start"], frame["end"], strict=True)
    return _as_texts([texts.get(name, "")[start:end] for name, start, end in places])


def _codes_by(ground: _Ground, question: Question, group_of_unit: Integers) -> pd.Series[str]:
    """Return, for each group of units, the paths of the codes in question that lie in it."""
    codes = _codes_in(question, ground)
    places = [code.id for code in ground.table.codebook.walk() if code.id in codes]
    codings = ground.table.take_codings("code")["code"].to_numpy()
    coding, unit = ground.table.placements["coding"].to_numpy(), ground.table.placements["unit"].to_numpy()
    kept = np.isin(coding, ground.rows) & np.isin(codings[coding], places) & _eligible(ground)[unit]
    cells = pd.DataFrame({"group": group_of_unit[unit[kept]], "code": codings[coding[kept]]}).drop_duplicates()
    cells["place"] = _rank(places, cells["code"])
    cells["path"] = cells["code"].map({code: ground.table.codebook.path(code) for code in places})
    together = cells.sort_values("place", kind="stable").groupby("group")["path"].agg(JOINER.join)
    return together.reindex(range(int(group_of_unit.max(initial=-1)) + 1), fill_value="")


def _frame_cases(ground: _Ground, question: Question, held: Booleans) -> pd.DataFrame:
    table = ground.table
    names = [case.id for case in table.index.cases]
    case_of_unit = _rank(names, table.units["case"])
    behind = _frame_behind(ground, question, held, "case")
    n_passages = behind["case"].value_counts()
    spoken = table.units.drop_duplicates(["case", "transcript"]).groupby("case", sort=False)["transcript"]
    transcripts = spoken.agg(JOINER.join)
    inside = np.where(case_of_unit < 0, len(names), case_of_unit).astype(np.int64)
    codes = _codes_by(ground, question, inside).reindex(range(len(names) + 1), fill_value="")
    rows = [
        (name, str(transcripts.get(name, "")), codes.iloc[number], int(n_passages.get(name, 0)))
        for number, name in enumerate(names)
        if held[number]
    ]
    return make_frame(rows, {**dict.fromkeys(("case", "transcript", "code"), "str"), "passages": "int64"})


def _frame_behind(ground: _Ground, question: Question, held: Booleans, answer: Answer) -> pd.DataFrame:
    """Return the passages of the codes in question that lie in the segments or cases found."""
    passage, place = ground.placed
    if answer == "case":
        names = [case.id for case in ground.table.index.cases]
        case = _rank(names, ground.table.units["case"])[place]
        inside = (case >= 0) & held[case] if len(held) else case >= 0
    else:
        inside = held[place]
    named = [ground.passages_of(part.code) for part in _walk(question) if isinstance(part, Named)]
    found = np.intersect1d(np.unique(passage[inside]), np.concatenate(named))
    return _describe(ground, found, _codes_in(question, ground))


# --- words ---------------------------------------------------------------------------------------------------


def _whose_filter(where: Mapping[str, str] | None, speaker: str | None, talk: Talk) -> str:
    """Return what the answers are limited to, in words."""
    told = [f"{name} “{value}”" for name, value in (where or {}).items()]
    told += [f"speaker “{speaker}”"] if speaker is not None else []
    limits = f" Only {', '.join(told)}." if told else ""
    talks = {
        "no": "Interviewer talk is left out.",
        "yes": "Interviewer talk is included.",
        "only": "Interviewers only.",
    }
    return f"{limits} {talks[talk]}"


def _say(
    ground: _Ground,
    question: Question,
    frame: pd.DataFrame,
    *,
    answer: Answer,
    show: Extent,
    cases: Sequence[str],
    whom: str,
) -> str:
    kind = ground.table.unit
    n_units = int(_eligible(ground).sum())
    if answer == "segment":
        told = f"{_of(len(frame), n_units, kind)} {describe(question, unit=kind).partition(' ')[2]}"
    elif answer == "case":
        told = f"{_of(len(frame), len(cases), 'case')} {describe(question, unit='case').partition(' ')[2]}"
    else:
        told = _say_passages(ground, question, frame, cases=len(cases), n_units=n_units, show=show)
    return f"{told}.{whom}"


def _say_passages(
    ground: _Ground, question: Question, frame: pd.DataFrame, *, cases: int, n_units: int, show: Extent
) -> str:
    kind = ground.table.unit
    if show == "shared":
        count = plural(len(frame), "shared part")
        return f"{count} of {describe(question)}, in {_of(frame['case'].nunique(), cases, 'case')}"
    places = frame[["transcript", "start", "end"]].drop_duplicates()
    found = len(places)
    is_pair = bool((frame["relation"] != "").any())
    passage, unit = ground.placed
    keys = set(places.itertuples(index=False, name=None))
    home = ground.home[["transcript", "start", "end"]].itertuples(index=False, name=None)
    inside = np.array([key in keys for key in home], dtype=bool)
    touched = np.unique(unit[inside[passage]])
    spoken = ground.table.units["case"].to_numpy()[touched]
    n_found_units = int(_eligible(ground)[touched].sum())
    n_cases = len({case for case in spoken.tolist() if case})
    every = len(np.unique(np.concatenate([ground.passages_of(part.code) for part in _left_codes(question)])))
    pairs = f" ({plural(len(frame), 'pair')})" if is_pair else ""
    what = describe(question).partition(" ")[2]
    return (
        f"{_of(found, every, 'passage')} {what}{pairs}, in {_of(n_found_units, n_units, kind)} "
        f"and {_of(n_cases, cases, 'case')}"
    )


def _left_codes(question: Question) -> Iterator[Named]:
    """Yield the codes whose passages may be found."""
    match question:
        case Named():
            yield question
        case Related(left=left) | Combined(left=left, how="and" | "not"):
            yield from _left_codes(left)
        case Combined(left=left, right=right):
            yield from (*_left_codes(left), *_left_codes(right))
        case Counted(parts=parts):
            for part in parts:
                yield from _left_codes(part)


def _of(number: int, whole: int, noun: str) -> str:
    return f"{number:,} of {plural(whole, noun)}"


def _find_doubts(ground: _Ground, question: Question) -> tuple[Problem, ...]:
    """Return how short names were read, and which codes no passage carries: an empty answer may only mean that."""
    unused = dict.fromkeys(
        part.name for part in _walk(question) if isinstance(part, Named) and not len(ground.passages_of(part.code))
    )
    guessed = {part.written: part.code for part in _walk(question) if isinstance(part, Named) and part.written}
    path = ground.table.codebook.path
    read = [f"“{written}” is read as “{path(code)}”." for written, code in guessed.items()]
    return (
        *(Problem("", "note", "short-name", message) for message in read),
        *(Problem("", "note", "unused-code", f"No passage that counts carries “{name}”.") for name in unused),
        *_doubt_distance(ground.table, question),
    )


def _doubt_distance(table: CodingTable, question: Question) -> Iterator[Problem]:
    """Warn of a distance in turns where every transcript is one turn: within it, nothing is far."""
    asks = any(isinstance(part, Related) and part.turns is not None for part in _walk(question))
    if asks and _begin_turns(table.units).sum() == table.units["transcript"].nunique():
        message = "Each transcript is one turn, so a distance in turns keeps no passages of it apart."
        hint = "Import transcripts that say who speaks, or ask for segments: A and B with --in segment --unit paragraph"
        yield Problem("", "warning", "one-turn", message, hint)


def _begin_turns(units: pd.DataFrame) -> Booleans:
    """Return of each unit whether a turn begins with it."""
    turns = units["transcript"] + "\n" + units["turn"].where(units["turn"] != "", units["segment"])
    return ~turns.duplicated().to_numpy()
