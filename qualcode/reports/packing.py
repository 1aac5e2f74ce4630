"""What the page keeps compressed inside of itself: every coding and every transcript, as data for its script.

A passage is told by its place in a transcript, so its words are there once, however many codes lie on them.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.reports.phrases import clean, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from qualcode.columns import FrameColumns
    from qualcode.model import Transcript
    from qualcode.reports.markup import Keys
    from qualcode.reports.report import Report

_LEVEL = 5
"""Of compression: the next takes a third more time for a fiftieth of the size."""


def pack(data: object) -> str:
    """Return data as the script unpacks it: JSON, deflated, in letters that HTML leaves alone."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_list)
    return b64encode(zlib.compress(text.encode("utf-8", "replace"), _LEVEL)).decode()


def _list(column: NDArray[np.int64]) -> list[int]:
    """Return the numbers of a column, which take far less memory as they are."""
    numbers: list[int] = column.tolist()
    return numbers


def tell_transcript(transcript: Transcript) -> dict[str, object]:
    """Return a transcript as data: its text, and turns as ``[id, gap, length, speaker, asked, time]``.

    A turn's ``gap`` is how far it begins behind the end of the one before, which is nearly always the same and so takes
    next to no room. Speakers are numbers in a list of their names; a turn without a time ends before it.
    """
    columns = transcript.columns("turn")
    names = [clean(name) for name in columns.names]
    asks = [int(name in transcript.interviewers) for name in columns.names]
    speakers: dict[str, int] = {}
    turns, before = [], 0
    rows = zip(columns.ids, columns.starts, columns.ends, columns.codes, strict=True)
    for row, (turn, start, end, code) in enumerate(rows):
        who = speakers.setdefault(names[code], len(speakers))
        told: list[object] = [turn, start - before, end - start, who, asks[code]]
        before, time = end, number(columns.times.get(row))
        turns.append(told if time is None else [*told, columns.times[row]])
    return {
        "text": clean(transcript.text),
        "language": transcript.language,
        "speakers": list(speakers),
        "turns": turns,
    }


@dataclass(frozen=True, slots=True)
class Codings:
    """All codings in the order of the texts, those alike of several coders as one.

    Attributes
    ----------
    columns
        As the script reads them; see :func:`gather_codings`.
    quotes
        For each row of :attr:`Report.quotes` the number of its coding.
    counted, per_transcript
        How many codings of each transcript count, and how many there are.
    """

    columns: dict[str, Any]
    quotes: NDArray[np.int64]
    counted: NDArray[np.int64]


def gather_codings(report: Report, keys: Keys) -> Codings:
    """Return all codings as columns.

    ``per_talk`` is how many codings each transcript has; ``start`` counts from the one before in the same transcript,
    ``length`` goes with it. ``unit`` is the first counting unit that a coding touches, counted from the one before,
    ``null`` when it touches interviewer talk only; ``more`` has the further units of those that touch several.
    ``unit_case`` is the case of each unit, -1 without one. ``why`` numbers ``reasons``: rule and matched words.
    ``who`` numbers ``coders``, where several coded.
    """
    import numpy as np

    table = report.table
    paths = np.array([keys.codes[table.codebook.path(code.id)] for code in table.codebook.walk()], dtype=np.int64)
    codings = table.columns
    talk = _number(codings.described, "transcript", keys.transcripts)
    code, start, end = paths[codings.code], codings.start, codings.end
    order = np.lexsort((code, end, start, talk))
    places = np.stack([talk, start, end, code])[:, order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (places[:, 1:] != places[:, :-1]).any(axis=0)
    rows = order[is_first]
    talk, start, end, code = places[:, is_first]

    first_unit, more = _find_units(report, rows)
    per_talk = np.bincount(talk, minlength=len(table.transcripts))
    starts_anew = np.ones(len(rows), dtype=bool)
    starts_anew[1:] = talk[1:] != talk[:-1]
    reasons, why, numbers = _tell_reasons(report, keys, np.flatnonzero(first_unit >= 0))
    columns: dict[str, Any] = {
        "per_talk": per_talk,
        "start": np.where(starts_anew, start, np.diff(start, prepend=0)),
        "length": end - start,
        "code": code,
        "unit": _count_on(first_unit),
        "more": more,
        "unit_case": table.units["case"].map(keys.cases).fillna(-1).to_numpy(dtype=np.int64),
        "reasons": reasons,
        "why": why,
    }
    if len(report.facts.coders) > 1:
        columns |= _tell_coders(codings.described.rows(order).texts("coder"), is_first)
    counted = np.bincount(talk[first_unit >= 0], minlength=len(table.transcripts))
    return Codings(columns, numbers, counted)


def _number(columns: FrameColumns, name: str, numbers: Mapping[str, int]) -> NDArray[np.int64]:
    """Return the number of each row's text, which is one of those that have a number."""
    import numpy as np

    found = np.zeros(len(columns), dtype=np.int64)
    for text, rows in columns.indices(name).items():
        found[rows] = numbers.get(text, -1)
    return found


def _find_units(report: Report, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], dict[int, list[int]]]:
    """Return the first counting unit of interviewees that each coding touches (-1: none), and the further ones."""
    import numpy as np

    table = report.table
    is_asked = table.units["is_interviewer"].to_numpy(dtype=bool)
    unit, coding = (table.placements[name].to_numpy(dtype=np.int64) for name in ("unit", "coding"))
    unit, coding = unit[~is_asked[unit]], coding[~is_asked[unit]]
    order = np.lexsort((unit, coding))
    unit, coding = unit[order], coding[order]
    begins, ends = np.searchsorted(coding, rows), np.searchsorted(coding, rows, "right")
    first = np.full(len(rows), -1, dtype=np.int64)
    has_any = begins < ends
    first[has_any] = unit[begins[has_any]]
    several = np.flatnonzero(ends - begins > 1).tolist()
    return first, {one: unit[begins[one] + 1 : ends[one]].tolist() for one in several}


def _count_on(units: NDArray[np.int64]) -> list[int | None]:
    """Return numbers, each counted from the one before that is not -1."""
    import numpy as np

    told: list[int | None] = [None] * len(units)
    known = np.flatnonzero(units >= 0)
    for place, step in zip(known.tolist(), np.diff(units[known], prepend=0).tolist(), strict=True):
        told[place] = step
    return told


def _tell_reasons(
    report: Report, keys: Keys, counted: NDArray[np.int64]
) -> tuple[list[list[str]], NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of rule and matched words, which one each counted coding has, and the coding of each quote."""
    import numpy as np
    import pandas as pd

    quotes = report.quote_columns
    code = _number(quotes, "code", keys.codes)
    talk = _number(quotes, "transcript", keys.transcripts)
    order = np.lexsort((code, quotes["end"], quotes["start"], talk))
    numbers = np.empty(len(quotes), dtype=np.int64)
    numbers[order] = counted
    rule, (matched, n_matched) = quotes.factorize("rule")[0], quotes.factorize("matched")
    why, pairs = pd.factorize(rule[order] * n_matched + matched[order])
    firsts = np.empty(len(pairs), dtype=np.int64)
    firsts[why[::-1]] = order[::-1]
    told = quotes.take("rule", "matched").rows(firsts)
    reasons = [
        [clean(rule), clean(words)] for rule, words in zip(told.texts("rule"), told.texts("matched"), strict=True)
    ]
    return reasons, why, numbers


def _tell_coders(coders: Sequence[str], is_first: NDArray[np.bool_]) -> dict[str, list[Any]]:
    """Return who coded each passage so: the names of all its coders, each set of them once."""
    import numpy as np

    begins = np.flatnonzero(is_first).tolist()
    sets = (coders[begin:end] for begin, end in zip(begins, [*begins[1:], len(coders)], strict=True))
    names: dict[str, int] = {}
    who = [names.setdefault(clean(", ".join(own)), len(names)) for own in sets]
    return {"coders": list(names), "who": who}
