"""Relations of codes: in how many units two come up together, and which code follows which.

Units are counted, never pairs of codings: one long passage over three short ones is one unit, not three.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from qualcode.axis import meet, spread
from qualcode.counting import count_pairs, describe_codes, lift_cells, lineage, list_cells, roll_up, rows_at
from qualcode.errors import Problem
from qualcode.results import DECIMALS, Result
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from qualcode.tables import CodingTable

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

Unit = Literal["segments", "characters"]
Baseline = Literal["none", "shift"]

_SHIFTS = 999
"""Random shifts, where transcripts have more than can all be tried."""

_UNEQUAL = 5
"""How many times as frequent one code may be as the other before ATLAS.ti marks the pair."""

_KINDS = ("inside", "around", "same", "partly")


@dataclass(frozen=True, eq=False, repr=False)
class RelationTable(Result):
    """Which codes come up together.

    Attributes
    ----------
    frame
        One row per pair that meets, most units first: ``code``, ``other`` (paths), ``both`` (units with both), ``n``,
        ``n_other``, ``c`` (both ÷ units with either), ``share_of_rarer``, ``ratio`` (the more frequent ÷ the rarer),
        ``inside``, ``around``, ``same``, ``partly`` (how their passages lie, as pairs of passages), ``cases``,
        ``expected`` (n × n_other ÷ all units), ``p`` and ``z`` (against shifted codes), ``note``.
    sentence, problems
        What they refer to, and what not to make of them.
    table
        The codings that were counted.
    """

    table: CodingTable

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at."""
        columns = ["code", "other", "both", "n", "n_other", "c", "cases", "expected"]
        extra = ["p"] if self.frame["p"].notna().any() else []
        return _shorten(self.frame[[*columns, *extra]].round({"c": 2, "expected": 1, "p": 3}))


@dataclass(frozen=True, eq=False, repr=False)
class SequenceTable(Result):
    """Which code follows which.

    Attributes
    ----------
    frame
        One row per pair of codes that come first and next somewhere: ``code``, ``other`` (paths), ``count`` (how often
        the other is in the unit so many behind one with the code), ``n``, ``n_other`` (sums of rows and columns),
        ``expected``, ``z`` (adjusted residual), ``q`` (Yule's), ``note``.
    sentence, problems
        What they refer to, and what not to make of them.
    table
        The codings that were counted.
    """

    table: CodingTable

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: pairs that occur, most frequent first."""
        found = self.frame[self.frame["count"] > 0].sort_values("count", ascending=False, kind="stable")
        return _shorten(found[["code", "other", "count", "expected", "z", "q"]].round({"expected": 1, "z": 2, "q": 2}))


def _shorten(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with paths cut in front, where they are least telling."""
    return frame.assign(**{name: [_cut(path) for path in frame[name]] for name in ("code", "other")})


def _cut(path: str) -> str:
    return path if len(path) <= _SHOWN else f"…{path[1 - _SHOWN :]}"


_SHOWN = 44
"""Characters of a path in a table for people."""


def relate(
    table: CodingTable,
    *,
    code: str | None = None,
    level: int | None = None,
    count: Unit = "segments",
    fewest: int = 3,
    baseline: Baseline = "none",
    seed: int = 7,
) -> RelationTable:
    """Count in how many units each two codes come up together.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns; its unit is what ``segments`` counts.
    code
        Only pairs with this code; ``None`` for all.
    level
        The deepest level of codes to pair. A code has what is below it, and is not paired with codes above it.
    count
        Counting units (``segments``) or ``characters``.
    fewest
        Units with both below which no coefficient is given.
    baseline
        ``shift`` moves one code round each transcript and counts how often as many units or more have both, which
        keeps the runs in which codes come. Only for segments.
    seed
        Where random shifts begin.

    Returns
    -------
    RelationTable
        The pairs, with their sentence.

    Raises
    ------
    CodebookError
        If there is no such code.
    ValueError
        If ``level`` or ``fewest`` is below 1.

    Notes
    -----
    c is the coefficient of ATLAS.ti, which is Jaccard's when units are counted, and so never above 1. A plain shuffle
    of units calls two independent codes that come in runs related in 18 of 100 cases at 5 %; shifting does in 2.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> result = qualcode.relate(table, level=1)
    >>> result.frame[["code", "other", "both", "n", "n_other"]].head(1).values.tolist()
    [['challenges', 'recommendations', 4, 26, 11]]
    """
    if fewest < 1:
        raise ValueError(f"at least 1 unit has both, not {fewest}")
    chosen = rows_at(table.codebook, level)
    only = None if code is None else table.codebook.path(table.codebook.find(code).id)
    matrix, cases = _mark_units(table) if count == "segments" else _mark_characters(table)
    frame = _list_pairs(table, matrix, cases, chosen, only, fewest)
    frame = frame.assign(p=math.nan, z=math.nan)
    lengths = _measure_transcripts(table)
    can_shift = count == "segments" and max(lengths, default=0) > 1
    is_coarse = count == "segments" and max(lengths, default=0) == 1 and len(frame) > 0
    if baseline == "shift" and can_shift:
        _add_baseline(frame, matrix, lengths, fewest, seed)
    frame["note"] = pd.Series(_note(frame, fewest), dtype="str")
    columns = ["code", "other", "both", "n", "n_other", "c", "share_of_rarer", "ratio", *_KINDS, "cases", "expected"]
    return RelationTable(
        frame[[*columns, "p", "z", "note"]],
        _say_pairs(table, frame, matrix.shape[1], count, fewest, baseline, seed),
        _find_doubts(table, frame, is_coarse=is_coarse, is_missed=baseline == "shift" and not can_shift),
        table,
    )


def follow(
    table: CodingTable,
    *,
    lag: int = 1,
    level: int | None = None,
    fewest: int = 3,
    count_turns: Literal["all", "interviewee"] = "interviewee",
) -> SequenceTable:
    """Count how often one code follows another.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns; its unit is what is followed.
    lag
        How many units later.
    level
        The level of codes to follow; a coding below it is one of the code above. ``None``: the codes people used.
    fewest
        Occurrences, or expected ones, below which no coefficient is given.
    count_turns
        Whether units of interviewers count on the way (``all``), or only those of an ``interviewee``.

    Returns
    -------
    SequenceTable
        Counts, what independence would give, adjusted residuals and Yule's Q.

    Raises
    ------
    ValueError
        If ``lag``, ``level`` or ``fewest`` is below 1.

    Notes
    -----
    z = (F − E) / √(E (1 − r/n) (1 − c/n)) with E = r·c/n (Bakeman & Quera 2011). A unit with several codes counts for
    each. Sequences end with the transcript.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> result = qualcode.follow(table, level=1)
    >>> int(result.frame["count"].max())
    8
    """
    if min(lag, fewest, level or 1) < 1:
        raise ValueError("lag, level and fewest are at least 1")
    code, unit = lift_cells(table, level)
    matrix = np.zeros((sum(1 for _ in table.codebook.walk()), len(table.unit_columns)), dtype=bool)
    matrix[code, unit] = True
    first, then = _pair_units(table, lag, count_turns)
    counts = count_pairs(matrix[:, first], matrix[:, then])
    frame = _list_sequences(table, counts, fewest)
    n_several = int((matrix[:, np.union1d(first, then)].sum(axis=0) > 1).sum())
    sentence = _say_sequences(table, int(counts.sum()), lag, level, count_turns, n_several)
    return SequenceTable(frame, sentence, tuple(_doubt_sequences(table)), table)


def _doubt_sequences(table: CodingTable) -> Iterator[Problem]:
    if max(_measure_transcripts(table), default=0) == 1:
        message = f"Each transcript is one {table.unit}, so no code follows another."
        yield Problem("", "warning", "one-unit", message, _SMALLER)


_SMALLER = "Count a smaller unit: --unit sentence"


# --- units ---------------------------------------------------------------------------------------------------


def _mark_units(table: CodingTable) -> tuple[Booleans, Integers]:
    """Return codes × interviewee units, and the case of each unit."""
    code, unit = list_cells(table)
    kept = np.flatnonzero(~table.unit_columns["is_interviewer"])
    place = np.full(len(table.unit_columns), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    matrix = np.zeros((sum(1 for _ in table.codebook.walk()), len(kept)), dtype=bool)
    matrix[code, place[unit]] = True
    return matrix, table.unit_columns.factorize("case")[0][kept]


def _mark_characters(table: CodingTable) -> tuple[Booleans, Integers]:
    """Return codes × spoken characters of interviewees that carry a code, and the case of each."""
    units = table.unit_columns
    base = np.cumsum(np.concatenate([[0], units["end"] - units["start"]]))
    n_codes = sum(1 for _ in table.codebook.walk())
    matrix = np.zeros((n_codes, int(base[-1])), dtype=bool)
    incidence = roll_up(table)
    coding, unit = (table.placement_columns[name][incidence.placement] for name in ("coding", "unit"))
    starts, ends = units["start"][unit], units["end"][unit]
    low = np.maximum(table.columns.start[coding], starts) - starts + base[unit]
    high = np.minimum(table.columns.end[coding], ends) - starts + base[unit]
    for code, start, end in zip(incidence.code.tolist(), low.tolist(), high.tolist(), strict=True):
        matrix[code, start:end] = True
    spoken = np.repeat(~units["is_interviewer"], np.diff(base))
    case = np.repeat(units.factorize("case")[0], np.diff(base))
    return matrix[:, spoken], case[spoken]


def _list_pairs(
    table: CodingTable, matrix: Booleans, cases: Integers, chosen: Integers, only: str | None, fewest: int
) -> pd.DataFrame:
    both, in_cases = _count_common(matrix, cases)
    alone = both.diagonal().copy()
    places = {one.id: place for place, one in enumerate(table.codebook.walk())}
    for place, one in enumerate(table.codebook.walk()):
        both[lineage(table.codebook, one, places), place] = 0
    is_chosen = np.isin(np.arange(len(both)), chosen)
    first, second = np.nonzero(np.triu(both, 1) * np.outer(is_chosen, is_chosen))
    paths = describe_codes(table.codebook)["code"].array
    if only is not None:
        first, second = _put_first(first, second, int(np.flatnonzero(paths == only)[0]))
    n12, n1, n2 = both[np.minimum(first, second), np.maximum(first, second)], alone[first], alone[second]
    rare, frequent = np.minimum(n1, n2), np.maximum(n1, n2)
    is_enough = n12 >= fewest
    kinds = _count_kinds(table, len(both))
    with np.errstate(divide="ignore", invalid="ignore"):
        frame = pd.DataFrame(
            {
                "code": paths.take(first),
                "other": paths.take(second),
                "both": n12,
                "n": n1,
                "n_other": n2,
                "c": np.where(is_enough, n12 / (n1 + n2 - n12), np.nan),
                "share_of_rarer": np.where(is_enough, n12 / rare, np.nan),
                "ratio": np.where(is_enough, frequent / rare, np.nan),
                **{kind: kinds[kind][first, second] for kind in _KINDS},
                "cases": in_cases[first, second],
                "expected": n1 * n2 / max(matrix.shape[1], 1),
                "first": first,
                "second": second,
            }
        )
    return frame.sort_values("both", ascending=False, kind="stable", ignore_index=True)


def _put_first(first: Integers, second: Integers, code: int) -> tuple[Integers, Integers]:
    """Return only the pairs with a code, that code in front."""
    kept = (first == code) | (second == code)
    other = np.where(first[kept] == code, second[kept], first[kept])
    return np.full(len(other), code), other


def _count_common(matrix: Booleans, cases: Integers) -> tuple[Integers, Integers]:
    """Return codes × codes: how many units have both, and in how many cases there is one."""
    both, in_cases = np.zeros((2, len(matrix), len(matrix)), dtype=np.int64)
    order = np.argsort(cases, kind="stable")
    borders = np.flatnonzero(np.diff(cases[order])) + 1
    for units in np.split(order, borders):
        found = count_pairs(matrix[:, units], matrix[:, units])
        both += found
        in_cases += found > 0
    return both, in_cases


def _count_kinds(table: CodingTable, n_codes: int) -> dict[str, Integers]:
    """Return, by kind, codes × codes: of how many pairs of passages the first lies so to the second."""
    counts = {kind: np.zeros((n_codes, n_codes), dtype=np.int64) for kind in _KINDS}
    passage = table.columns.passage
    spoken = np.flatnonzero(~table.coding_columns["is_interviewer"])
    if not len(spoken):
        return counts
    numbers, firsts = np.unique(passage[spoken], return_index=True)
    home = spoken[firsts]
    transcript = table.coding_columns.factorize("transcript")[0][home]
    rank = np.cumsum(np.diff(transcript, prepend=transcript[:1]) != 0) * (int(table.columns.end.max()) + 2)
    starts, ends = table.columns.start[home] + rank, table.columns.end[home] + rank
    every = np.arange(len(numbers), dtype=np.int64)
    a, b = meet(every, every, starts, ends - 1, 0)
    inside = (starts[b] <= starts[a]) & (ends[a] <= ends[b])
    around = (starts[a] <= starts[b]) & (ends[b] <= ends[a])
    kinds = {
        "inside": inside & ~around,
        "around": around & ~inside,
        "same": inside & around,
        "partly": ~inside & ~around,
    }
    codes, offsets = _codes_of_passages(table, numbers, passage)
    for kind, holds in kinds.items():
        one, other = _cross(codes, offsets, a[holds], b[holds])
        np.add.at(counts[kind], (one, other), 1)
    return counts


def _codes_of_passages(table: CodingTable, numbers: Integers, passage: Integers) -> tuple[Integers, Integers]:
    """Return the codes of each passage, those above included, behind one another, and where each passage begins."""
    incidence = roll_up(table)
    coding = table.placement_columns["coding"][incidence.placement]
    place = np.searchsorted(numbers, passage[coding])
    place = np.minimum(place, len(numbers) - 1)
    kept = numbers[place] == passage[coding]
    width = sum(1 for _ in table.codebook.walk())
    cells = np.unique(place[kept] * width + incidence.code[kept])
    offsets = np.searchsorted(cells // width, np.arange(len(numbers) + 1))
    return cells % width, offsets.astype(np.int64)


def _cross(codes: Integers, offsets: Integers, a: Integers, b: Integers) -> tuple[Integers, Integers]:
    """Return every code of the first passage with every code of the second, for each pair of passages."""
    n_a, n_b = (offsets[one + 1] - offsets[one] for one in (a, b))
    pair, one = spread(offsets[a], n_a)
    row, other = spread(offsets[b][pair], n_b[pair])
    return codes[one[row]], codes[other]


# --- the baseline --------------------------------------------------------------------------------------------


def _measure_transcripts(table: CodingTable) -> list[int]:
    """Return how many units of interviewees each transcript has."""
    transcript = table.unit_columns.factorize("transcript")[0][~table.unit_columns["is_interviewer"]]
    ends = np.flatnonzero(np.append(np.diff(transcript) != 0, len(transcript) > 0))
    lengths: list[int] = np.diff(ends, prepend=-1).tolist()
    return lengths


def _add_baseline(frame: pd.DataFrame, matrix: Booleans, lengths: list[int], fewest: int, seed: int) -> None:
    rows = np.flatnonzero(frame["both"].to_numpy() >= fewest)
    pairs = frame[["first", "second"]].to_numpy(np.int64)[rows]
    for low in range(0, len(pairs), _PAIRS):
        first, second = pairs[low : low + _PAIRS].T
        p, z = _shift_pairs(matrix, first, second, lengths, seed)
        frame.loc[rows[low : low + _PAIRS], ["p", "z"]] = np.stack([p, z], axis=1).round(DECIMALS)


_PAIRS = 2_000
"""Pairs of codes that are shifted at once."""


def shift_codes(first: Booleans, second: Booleans, lengths: list[int], *, seed: int = 7) -> tuple[float, float]:
    """Return how often a code, moved round its transcripts, meets another as often as it does, and how far that is.

    Parameters
    ----------
    first, second
        Which units have the codes, transcripts behind one another.
    lengths
        How many units each transcript has.
    seed
        Where random shifts begin. One transcript is moved by every number of places.

    Returns
    -------
    p, z
        (1 + shifts with as many units or more) ÷ (1 + shifts), and (seen − mean) ÷ sd over shifts.

    Examples
    --------
    >>> import numpy
    >>> code = numpy.array([True, True, False, False, False, False])
    >>> shift_codes(code, code, [6])[0]
    0.16666666666666666
    """
    p, z = _shift_pairs(np.stack([first, second]), np.array([0]), np.array([1]), lengths, seed)
    return float(p[0]), float(z[0])


def _shift_pairs(
    matrix: Booleans, first: Integers, second: Integers, lengths: list[int], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return p and z of pairs of rows; the places by which the second is moved are the same for all pairs."""
    rng = np.random.default_rng(seed)
    seen = np.zeros(len(first), dtype=np.int64)
    n_moved = max(lengths[0] - 1, 0) if len(lengths) == 1 else _SHIFTS
    moved = np.zeros((n_moved, len(first)), dtype=np.int16 if matrix.shape[1] <= np.iinfo(np.int16).max else np.int32)
    for end, n in zip(np.cumsum(lengths).tolist(), lengths, strict=True):
        meets = _meet_shifted(matrix[:, end - n : end], first, second)
        by_shift = np.ascontiguousarray(meets.T, moved.dtype)  # so that what is taken lies side by side
        seen += by_shift[0]
        moved += by_shift[1:] if len(lengths) == 1 else by_shift.take(rng.integers(0, n, _SHIFTS), axis=0)
    moved = np.ascontiguousarray(moved.T)
    p = (1 + (moved >= seen[:, None]).sum(axis=1)) / (1 + n_moved)
    if not n_moved:
        return p, np.full(len(first), np.nan)
    spread_ = moved.std(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return p, np.where(spread_ > 0, (seen - moved.mean(axis=1)) / spread_, np.nan)


_MOST_UNITS = 100_000
"""Units of a transcript up to which single precision is right to a hundredth, and so rounds to the whole number."""


def _meet_shifted(matrix: Booleans, first: Integers, second: Integers) -> NDArray[np.floating[Any]]:
    """Return in how many units both of each pair are, with the second moved by 0, 1, … places round the end.

    They are whole numbers. Each step writes over what the step before left: there are many pairs.
    """
    spectra = np.fft.rfft(matrix.astype(np.float32 if matrix.shape[1] <= _MOST_UNITS else np.float64), axis=1)
    products = spectra.take(first, axis=0)
    products *= spectra.conj().take(second, axis=0)
    meets = np.fft.irfft(products, matrix.shape[1], axis=1)
    return np.rint(meets, out=meets)


# --- sequences -----------------------------------------------------------------------------------------------


def _pair_units(table: CodingTable, lag: int, count_turns: str) -> tuple[Integers, Integers]:
    """Return units of interviewees, and the ones so many behind them in the same transcript."""
    of_interviewer = table.unit_columns["is_interviewer"]
    every = np.arange(len(of_interviewer), dtype=np.int64)
    kept = every if count_turns == "all" else every[~of_interviewer]
    transcript = table.unit_columns.factorize("transcript")[0]
    first, then = kept[:-lag], kept[lag:]
    is_pair = (transcript[first] == transcript[then]) & ~of_interviewer[first] & ~of_interviewer[then]
    return first[is_pair], then[is_pair]


def measure_sequences(counts: Integers) -> tuple[NDArray[np.float64], ...]:
    """Return what independence would give, adjusted residuals, and Yule's Q.

    Parameters
    ----------
    counts
        Codes × codes: how often the second follows the first.

    Returns
    -------
    expected, z, q
        Each codes × codes; NaN where it is not defined.

    Examples
    --------
    >>> import numpy
    >>> expected, z, q = measure_sequences(numpy.array([[8, 2], [2, 8]]))
    >>> expected.tolist()[0], z.round(2).tolist()[0], q.round(2).tolist()[0]
    ([5.0, 5.0], [2.68, -2.68], [0.88, -0.88])
    """
    n = counts.sum()
    row, column = counts.sum(axis=1)[:, None], counts.sum(axis=0)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = row * column / n
        z = (counts - expected) / np.sqrt(expected * (1 - row / n) * (1 - column / n))
        with_, against = counts * (n - row - column + counts), (row - counts) * (column - counts)
        q = (with_ - against) / (with_ + against)
    return expected, np.where(np.isfinite(z), z, np.nan), q


def _list_sequences(table: CodingTable, counts: Integers, fewest: int) -> pd.DataFrame:
    expected, z, q = measure_sequences(counts)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    first, then = np.nonzero((rows[:, None] > 0) & (columns[None, :] > 0))
    count = counts[first, then]
    is_enough = np.maximum(count, expected[first, then]) >= fewest
    paths = describe_codes(table.codebook)["code"].array
    return pd.DataFrame(
        {
            "code": paths.take(first),
            "other": paths.take(then),
            "count": count,
            "n": rows[first],
            "n_other": columns[then],
            "expected": np.round(expected[first, then], DECIMALS),
            "z": np.where(is_enough, np.round(z[first, then], DECIMALS), np.nan),
            "q": np.where(is_enough, np.round(q[first, then], DECIMALS), np.nan),
            "note": pd.Series(["" if enough else f"fewer than {fewest}" for enough in is_enough.tolist()], dtype="str"),
        }
    )


# --- words ---------------------------------------------------------------------------------------------------


def _note(frame: pd.DataFrame, fewest: int) -> list[str]:
    return [
        f"fewer than {fewest}"
        if both < fewest
        else f"one is more than {_UNEQUAL} times as frequent"
        if ratio > _UNEQUAL
        else ""
        for both, ratio in zip(frame["both"].tolist(), frame["ratio"].tolist(), strict=True)
    ]


def _find_doubts(table: CodingTable, frame: pd.DataFrame, *, is_coarse: bool, is_missed: bool) -> tuple[Problem, ...]:
    found = []
    if is_coarse and not is_missed:
        message = f"Each transcript is one {table.unit}, so codes meet wherever both are in the same transcript."
        found.append(Problem("", "warning", "one-unit", message, _SMALLER))
    if is_missed:
        message = (
            "Codes can be shifted only where transcripts have several segments that are counted, so no p is given."
        )
        found.append(
            Problem("", "warning", "no-baseline", message, "Count segments, of a smaller unit: --unit sentence")
        )
    if frame["p"].notna().any():
        message = "Of many pairs some are below .05 by chance: read p as a guide to what to look at, not as a finding."
        found.append(Problem("", "note", "many-pairs", message))
    return tuple(found)


def _say_pairs(
    table: CodingTable, frame: pd.DataFrame, n_units: int, count: Unit, fewest: int, baseline: Baseline, seed: int
) -> str:
    unit = f"interviewee {table.unit}" if count == "segments" else "coded or spoken character"
    spoken = np.flatnonzero(~table.coding_columns["is_interviewer"])
    rare = int((frame["both"] < fewest).sum())
    meet = f"{plural(len(frame), 'pair')} of codes {'meets' if len(frame) == 1 else 'meet'}"
    told = [
        f"{meet} in {plural(n_units, unit)}, {rare:,} of them in under {fewest}.",
        "c is the share of units with both among those with either.",
        "A code has what is below it, and is not paired with codes above it.",
    ]
    if len(spoken):
        _, firsts = np.unique(table.columns.passage[spoken], return_index=True)
        words = float(np.median(table.coding_columns["words"][spoken[firsts]]))
        told.append(f"Half of the passages have more than {words:g} words: who codes long passages makes codes meet.")
    if baseline == "shift" and frame["p"].notna().any():
        told.append(f"p and z compare with codes shifted round their transcripts (seed {seed}).")
    return " ".join(told)


def _say_sequences(
    table: CodingTable, total: int, lag: int, level: int | None, count_turns: str, n_several: int
) -> str:
    which = "codes as used" if level is None else f"codes at level {level}"
    way = "turns of interviewers count on the way" if count_turns == "all" else "interviewer talk is passed over"
    several = f" {plural(n_several, table.unit)} with several codes count for each." if n_several else ""
    to = "next" if lag == 1 else f"{lag}th after it"
    return (
        f"{plural(total, 'transition')} from one {table.unit} to the {to}, for "
        f"{which}; {way}, and none leads into another transcript.{several} z is the adjusted residual, q Yule's Q."
    )
