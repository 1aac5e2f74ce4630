"""How far into an interview each character of a transcript lies: in words, in percent or in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

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
    theme_of = {code.id: codebook.path(codebook.theme(code.id).id) for code in codebook.walk()}
    names = {codebook.path(code.id): code.name for code in codebook.walk()}
    pieces = _cut_pieces(table)
    pieces["code"] = pieces["code"].map(theme_of)
    found: list[tuple[str, str, str, float, float, bool]] = []
    groups = dict(list(pieces.groupby(["transcript", "code", "is_interviewer"], sort=False)))
    for transcript, course in courses.items():
        for theme in dict.fromkeys(theme_of.values()):
            for is_interviewer in (False, True):
                rows = groups.get((transcript, theme, is_interviewer))
                if rows is not None:
                    spans = np.stack(
                        [course.locate(rows["start"].to_numpy()), course.locate(rows["end"].to_numpy())], axis=1
                    )
                    found += [
                        (transcript, theme, names[theme], round(start, 2), round(end, 2), is_interviewer)
                        for start, end in join_spans(spans).tolist()
                    ]
    return pd.DataFrame(found, columns=["transcript", "code", "name", "start", "end", "is_interviewer"])


def _cut_pieces(table: CodingTable) -> pd.DataFrame:
    """Return the part of each coding in each counting unit: interviewer talk may lie in the middle of a coding."""
    units = table.units.iloc[table.placements["unit"].to_numpy()]
    codings = table.codings.iloc[table.placements["coding"].to_numpy()]
    return pd.DataFrame(
        {
            "transcript": codings["transcript"].to_numpy(),
            "code": codings["code"].to_numpy(),
            "start": np.maximum(units["start"].to_numpy(), codings["start"].to_numpy()),
            "end": np.minimum(units["end"].to_numpy(), codings["end"].to_numpy()),
            "is_interviewer": units["is_interviewer"].to_numpy(),
        }
    )
