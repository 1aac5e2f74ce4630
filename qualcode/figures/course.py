"""How far into an interview each character of a transcript lies: in words, in percent or in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from qualcode.columns import take_text
from qualcode.errors import QualcodeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qualcode.tables import CodingTable

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64] | NDArray[np.float64]

Position = Literal["words", "percent", "time"]

POSITIONS: tuple[Position, ...] = ("words", "percent", "time")

_USUAL_PACE = 0.4
"""Seconds that a spoken word takes, where a transcript has one time only."""


@dataclass(frozen=True, slots=True)
class Course:
    """The way through one interview.

    Attributes
    ----------
    offsets, positions
        Places in the text, ascending, and how far into the interview they lie.
    length
        Where the interview ends.
    interviewer
        Beginnings and ends of interviewer talk, one pair a row.
    """

    offsets: Numbers
    positions: Floats
    length: float
    interviewer: Floats

    def locate(self, offsets: Numbers) -> Floats:
        """Return how far into the interview places in the text lie."""
        located: Floats = np.interp(offsets, self.offsets, self.positions)
        return located


def follow_course(units: pd.DataFrame, position: Position) -> Course:
    """Return the course of one transcript from its counting units, in the order of the text.

    Only what is spoken counts: speaker labels and time stamps take no words. Within a unit words are taken to be
    evenly spread; between two times, and after the last, so is speech.

    Raises
    ------
    QualcodeError
        If time is asked for and there is none.
    """
    words = units["words"].to_numpy(dtype=np.float64)
    after = np.cumsum(words)
    before = after - words
    offsets = units[["start", "end"]].to_numpy().ravel()
    positions = np.stack([before, after], axis=1).ravel()
    total = float(after[-1]) if len(after) else 0.0
    if position == "percent":
        positions = positions * (100 / total) if total else positions
    elif position == "time":
        known_words, known_times = _time_points(units, before, total)
        positions = np.interp(positions, known_words, known_times)
    spans = positions.reshape(-1, 2)[units["is_interviewer"].to_numpy()]
    return Course(offsets, positions, float(positions[-1]) if len(positions) else 0.0, join_spans(spans))


def _time_points(units: pd.DataFrame, before: Floats, total: float) -> tuple[Floats, Floats]:
    """Return at which words the time is known, from the first word to the last."""
    time = units["time"].to_numpy(dtype=np.float64)
    # A sentence has the time of its turn: only the first unit with a time tells where that time is.
    known = ~np.isnan(time) & (np.concatenate([[np.nan], time[:-1]]) != time)
    if not known.any():
        name = str(units["transcript"].iloc[0]) if len(units) else ""
        raise QualcodeError(
            "The transcript has no times to place themes on.",
            where=name,
            hint="Place them by words or percent instead",
        )
    at, times = before[known], np.maximum.accumulate(time[known])
    pace = (times[-1] - times[0]) / (at[-1] - at[0]) if at[-1] > at[0] and times[-1] > times[0] else _USUAL_PACE
    first, last = max(0.0, times[0] - at[0] * pace), times[-1] + (total - at[-1]) * pace
    return np.concatenate([[0.0], at, [total]]), np.concatenate([[first], times, [last]])


def join_spans(spans: Floats) -> Floats:
    """Return the union of spans (one pair of beginning and end a row), in order."""
    if not len(spans):
        return np.zeros((0, 2))
    spans = spans[np.lexsort((spans[:, 1], spans[:, 0]))]
    furthest = np.maximum.accumulate(spans[:, 1])
    starts_new = np.concatenate([[True], spans[1:, 0] > furthest[:-1]])
    ends = np.concatenate([furthest[:-1][starts_new[1:]], furthest[-1:]])
    return np.stack([spans[starts_new, 0], ends], axis=1)


def locate_themes(table: CodingTable, courses: dict[str, Course]) -> pd.DataFrame:
    """Return where in each interview each theme comes up.

    Returns
    -------
    pandas.DataFrame
        One row per unbroken passage: ``transcript``, ``code`` (path of the theme), ``name``, ``start``, ``end``
        (positions), ``is_interviewer``; by transcript, theme, interviewee before interviewer, start.
    """
    codebook = table.codebook
    themes = list(codebook.codes)
    place = {code.id: number for number, code in enumerate(themes)}
    theme_of = np.array([place[codebook.theme(code.id).id] for code in codebook.walk()], dtype=np.int64)
    coding, unit = (table.placements[name].to_numpy() for name in ("coding", "unit"))
    units = table.units
    transcript = pd.Index(list(courses)).get_indexer(pd.Index(units["transcript"]))[unit]
    is_drawn = transcript >= 0
    coding, unit, transcript = coding[is_drawn], unit[is_drawn], transcript[is_drawn]
    # Of a coding the part in each counting unit: interviewer talk may lie in the middle of it.
    start = np.maximum(units["start"].to_numpy()[unit], table.columns.start[coding])
    end = np.minimum(units["end"].to_numpy()[unit], table.columns.end[coding])
    start, end = _locate(courses, transcript, start, end)
    asks = units["is_interviewer"].to_numpy()[unit].astype(np.int64)
    group = (transcript * len(themes) + theme_of[table.columns.code[coding]]) * 2 + asks
    group, start, end = _join_spans(group, start, end)
    theme = group // 2 % max(len(themes), 1)
    return pd.DataFrame(
        {
            "transcript": take_text(list(courses), group // 2 // max(len(themes), 1)),
            "code": take_text([codebook.path(code.id) for code in themes], theme),
            "name": take_text([code.name for code in themes], theme),
            "start": _round(start),
            "end": _round(end),
            "is_interviewer": group % 2 == 1,
        }
    )


def _round(numbers: Floats) -> Floats:
    """Return numbers with two decimals, as ``round`` has them, which is asked where a number lies near the middle."""
    hundreds = numbers * 100
    rounded = np.rint(hundreds) / 100
    for row in np.flatnonzero(np.abs(hundreds - np.floor(hundreds) - 0.5) < _NEAR).tolist():
        rounded[row] = round(float(numbers[row]), 2)
    return rounded


_NEAR = 1e-4


def _locate(
    courses: dict[str, Course], transcript: NDArray[np.intp], start: Numbers, end: Numbers
) -> tuple[Floats, Floats]:
    """Return how far into their interviews spans begin and end, given the number of each one's, ascending."""
    found = np.zeros((2, len(start)))
    edges = np.searchsorted(transcript, np.arange(len(courses) + 1))
    for course, (first, last) in zip(courses.values(), pairwise(edges.tolist()), strict=True):
        found[:, first:last] = course.locate(start[first:last]), course.locate(end[first:last])
    return found[0], found[1]


def _join_spans(group: NDArray[np.int64], start: Floats, end: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return the union of the spans of each group, by group and start, as :func:`join_spans` does."""
    order = np.lexsort((end, start, group))
    group, start, end = group[order], start[order], end[order]
    # Shifting every group beyond the one before lets one running maximum serve them all; ranks, since floats are rough.
    values, ranks = np.unique(np.concatenate([start, end]), return_inverse=True)
    width = len(values) + 1
    furthest = np.maximum.accumulate(group * width + ranks[len(start) :]) - group * width
    begins = np.ones(len(start), dtype=bool)
    begins[1:] = (group[1:] != group[:-1]) | (ranks[1 : len(start)] > furthest[:-1])
    firsts = np.flatnonzero(begins)
    lasts = np.append(firsts[1:], len(start)) - 1 if len(firsts) else firsts
    return group[firsts], start[firsts], values[furthest[lasts]]
