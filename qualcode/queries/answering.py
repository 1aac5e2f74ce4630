"""Answers as numbers: which passages, stretches of text, units and cases a question holds for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qualcode.axis import meet
from qualcode.queries.ground import FAR, Ground, find_eligible, rank_names
from qualcode.questions import Combined, Counted, Named, Related, Without

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qualcode.questions import Question

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]
    Holds = Callable[[Integers], Booleans]


# --- passages ------------------------------------------------------------------------------------------------


def find_passages(ground: Ground, question: Question) -> Integers:
    """Return the numbers of the passages that a question asks for, ascending."""
    match question:
        case Named(code=code):
            return ground.passages_of(code)
        case Related(left=left, is_negated=is_without):
            return _related(ground, question, find_passages(ground, left), is_without=is_without)
        case Combined(left=left, how="and" | "not" as how):
            return _related(ground, question, find_passages(ground, left), is_without=how == "not")
        case Combined(left=left, right=right):
            return np.union1d(find_passages(ground, left), find_passages(ground, right))
        case Counted(how=how, number=number, parts=parts):
            return _passages_counted(ground, [find_passages(ground, part) for part in parts], how, number)
    raise TypeError("text without a code has no passages")


def _related(ground: Ground, question: Related | Combined, left: Integers, *, is_without: bool) -> Integers:
    related = np.unique(find_pairs(ground, question)[0])
    return np.setdiff1d(left, related) if is_without else related


def find_pairs(ground: Ground, question: Related | Combined) -> tuple[Integers, Integers]:
    """Return the pairs of passages that stand in the relation of a question, whether it is negated or not."""
    relation = question.relation if isinstance(question, Related) else "touching"
    turns = question.turns if isinstance(question, Related) else None
    left, right = find_passages(ground, question.left), find_passages(ground, question.right)
    starts, ends = ground.starts, ground.ends
    if relation == "near":
        a, b = meet(left, right, ground.first_turn, ground.last_turn, turns or 0)
        more_a, more_b = meet(left, right, starts, ends - 1, 0)  # they may share what belongs to no turn, as a label
        both = np.unique(np.stack([np.append(a, more_a), np.append(b, more_b)], axis=1), axis=0)
        return both[:, 0], both[:, 1]
    if relation in {"then", "apart"}:
        furthest = turns if relation == "then" and turns is not None else FAR // 4
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


def _passages_counted(ground: Ground, parts: Sequence[Integers], how: str, number: int) -> Integers:
    """Return the passages of any part with a character in at least so many parts, or with none in a second one."""
    edges, covered = _cover([_stretches(ground, part) for part in parts])
    depth = covered.sum(axis=0)
    every = np.unique(np.concatenate([*parts, np.zeros(0, dtype=np.int64)]))
    low = np.searchsorted(edges, ground.starts[every])
    high = np.searchsorted(edges, ground.ends[every])
    most = np.array([depth[a:b].max() for a, b in zip(low.tolist(), high.tolist(), strict=True)], dtype=np.int64)
    return every[most == 1 if how == "one of" else most >= number]


# --- characters ----------------------------------------------------------------------------------------------


def _stretches(ground: Ground, passages: Integers) -> Integers:
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


def find_shared(ground: Ground, question: Question) -> Integers:
    """Return the stretches of text that all sets of a question have in common."""
    match question:
        case Combined(left=left, how=how, right=right):
            edges, (a, b) = _cover([find_shared(ground, left), find_shared(ground, right)])
            return _join_pieces(edges, {"and": a & b, "or": a | b, "not": a & ~b}[how])
        case Counted(how=how, number=number, parts=parts):
            edges, covered = _cover([find_shared(ground, part) for part in parts])
            depth = covered.sum(axis=0)
            return _join_pieces(edges, depth == 1 if how == "one of" else depth >= number)
        case Related(is_negated=False):
            a, b = find_pairs(ground, question)
            both = np.maximum(ground.starts[a], ground.starts[b]), np.minimum(ground.ends[a], ground.ends[b])
            stretches = np.stack(both, axis=1)
        case _:
            stretches = _stretches(ground, find_passages(ground, question))
    edges, covered = _cover([stretches])
    return _join_pieces(edges, covered[0])


# --- segments and cases --------------------------------------------------------------------------------------


def judge_units(ground: Ground, question: Question) -> Booleans:
    """Tell which counting units a question holds for."""

    def holds(passages: Integers) -> Booleans:
        passage, unit = ground.placed
        found = np.zeros(len(ground.table.units), dtype=bool)
        found[unit[np.isin(passage, passages)]] = True
        return found & find_eligible(ground)

    return _combine(ground, question, holds, find_eligible(ground))


def judge_cases(ground: Ground, question: Question, cases: Sequence[str]) -> Booleans:
    """Tell which cases a question holds for, in the order of the index."""
    known = [case.id for case in ground.table.index.cases]
    case_of_unit = rank_names(known, ground.table.units["case"])
    asked = np.isin(known, cases) if known else np.zeros(0, dtype=bool)

    def holds(passages: Integers) -> Booleans:
        passage, unit = ground.placed
        case = case_of_unit[unit[np.isin(passage, passages)]]
        found = np.zeros(len(known), dtype=bool)
        found[case[case >= 0]] = True
        return found & asked

    return _combine(ground, question, holds, asked)


def _combine(ground: Ground, question: Question, holds: Holds, every: Booleans) -> Booleans:
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
    return holds(find_passages(ground, question))
