"""Answers in a sentence, and what could make them doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qualcode.errors import Problem
from qualcode.queries.ground import Ground, begin_turns, find_eligible
from qualcode.questions import Combined, Counted, Named, Related, describe, walk
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from qualcode.queries.findings import Answer, Extent
    from qualcode.questions import Question
    from qualcode.tables import CodingTable
    from qualcode.themes import Talk


def say_limits(where: Mapping[str, str] | None, speaker: str | None, talk: Talk) -> str:
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


def say_answer(
    ground: Ground,
    question: Question,
    frame: pd.DataFrame,
    *,
    answer: Answer,
    show: Extent,
    cases: Sequence[str],
    whom: str,
) -> str:
    """Return a sentence: what was asked, and how much was found of how much."""
    kind = ground.table.unit
    n_units = int(find_eligible(ground).sum())
    if answer == "segment":
        told = f"{_of(len(frame), n_units, kind)} {describe(question, unit=kind).partition(' ')[2]}"
    elif answer == "case":
        told = f"{_of(len(frame), len(cases), 'case')} {describe(question, unit='case').partition(' ')[2]}"
    else:
        told = _say_passages(ground, question, frame, cases=len(cases), n_units=n_units, show=show)
    return f"{told}.{whom}"


def _say_passages(
    ground: Ground, question: Question, frame: pd.DataFrame, *, cases: int, n_units: int, show: Extent
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
    n_found_units = int(find_eligible(ground)[touched].sum())
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


def find_doubts(ground: Ground, question: Question) -> tuple[Problem, ...]:
    """Return how short names were read, and which codes no passage carries: an empty answer may only mean that."""
    unused = dict.fromkeys(
        part.name for part in walk(question) if isinstance(part, Named) and not len(ground.passages_of(part.code))
    )
    guessed = {part.written: part.code for part in walk(question) if isinstance(part, Named) and part.written}
    path = ground.table.codebook.path
    read = [f"“{written}” is read as “{path(code)}”." for written, code in guessed.items()]
    return (
        *(Problem("", "note", "short-name", message) for message in read),
        *(Problem("", "note", "unused-code", f"No passage that counts carries “{name}”.") for name in unused),
        *_doubt_distance(ground.table, question),
    )


def _doubt_distance(table: CodingTable, question: Question) -> Iterator[Problem]:
    """Warn of a distance in turns where every transcript is one turn: within it, nothing is far."""
    asks = any(isinstance(part, Related) and part.turns is not None for part in walk(question))
    if asks and begin_turns(table.units).sum() == table.units["transcript"].nunique():
        message = "Each transcript is one turn, so a distance in turns keeps no passages of it apart."
        hint = "Import transcripts that say who speaks, or ask for segments: A and B with --in segment --unit paragraph"
        yield Problem("", "warning", "one-turn", message, hint)
