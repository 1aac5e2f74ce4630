"""CodingTable → arrays of counts per code: each code with the union of its own codings and of all below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qualcode.columns import FrameColumns, distinct, each_its_own, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.codebook import Code, Codebook
    from qualcode.settling import Settlement
    from qualcode.tables import Block, CodingTable

    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Incidence:
    """Every placement once for its code and once for each code above it; all are arrays of one length.

    Attributes
    ----------
    code
        Place of the code in the codebook.
    placement
        Row in the table's placements.
    """

    code: Integers
    placement: Integers


def roll_up(table: CodingTable) -> Incidence:
    """Return every placement for its code and for each code above it."""
    return Incidence(*_climb(table.codebook, table.columns.code[table.placement_columns["coding"]]))


def _place_codes(table: CodingTable, codes: pd.Series[str]) -> Integers:
    """Return the places in the codebook of codes given by their ids."""
    places = {code.id: place for place, code in enumerate(table.codebook.walk())}
    return np.asarray(codes.map(places), dtype=np.int64)


def _climb(codebook: Codebook, code: Integers) -> tuple[Integers, Integers]:
    """Return each code with all above it: their places, and in which row of ``code`` they began."""
    places = {one.id: place for place, one in enumerate(codebook.walk())}
    lineages = [lineage(codebook, one, places) for one in codebook.walk()]
    lengths = np.array([len(lineage) for lineage in lineages], dtype=np.int64)
    flat = np.array([place for lineage in lineages for place in lineage], dtype=np.int64)
    count = lengths[code]
    row = np.repeat(np.arange(len(code), dtype=np.int64), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    first = np.cumsum(lengths) - lengths
    return flat[np.repeat(first[code], count) + within], row


def lineage(codebook: Codebook, code: Code, places: dict[str, int]) -> list[int]:
    """Return the places of a code and of all above it."""
    lineage = [places[code.id]]
    above = codebook.parent(code.id)
    while above is not None:
        lineage.append(places[above.id])
        above = codebook.parent(above.id)
    return lineage


def rows_at(codebook: Codebook, level: int | None) -> Integers:
    """Return the places, in the order of the codebook, of the codes not deeper than ``level``."""
    if level is not None and level < 1:
        raise ValueError(f"the top level is 1, not {level}")
    levels = [codebook.level(code.id) for code in codebook.walk()]
    return np.array([place for place, depth in enumerate(levels) if level is None or depth <= level], dtype=np.int64)


def describe_codes(codebook: Codebook, level: int | None = None) -> pd.DataFrame:
    """Return path, name, theme and level of each code not deeper than ``level``, in the order of the codebook.

    Paths and themes are ordered categoricals, so that what is sorted, grouped or drawn keeps that order.
    """
    return list_codes(codebook, level).frame


def list_codes(codebook: Codebook, level: int | None = None) -> FrameColumns:
    """Return the same as columns."""
    every = list(codebook.walk())
    codes = [every[place] for place in rows_at(codebook, level).tolist()]
    paths = [codebook.path(code.id) for code in codes]
    themes = [codebook.theme(code.id).name for code in codes]
    return FrameColumns({
        "code": each_its_own(paths, paths),
        "name": each_its_own([code.name for code in codes]),
        "theme": each_its_own(themes, themes),
        "level": np.array([codebook.level(code.id) for code in codes], dtype=np.int64),
    })  # fmt: skip


def order_paths(codebook: Codebook, paths: Iterable[str]) -> pd.Categorical:
    """Return paths of codes as an ordered categorical of all paths, in the order of the codebook."""
    return in_order(paths, (codebook.path(code.id) for code in codebook.walk()))


def list_cells(table: CodingTable) -> tuple[Integers, Integers]:
    """Return code and unit of every interviewee unit that carries a code, each pair once, by unit."""
    return _through_blocks(table, lambda block: list_cells_of(table.codebook, block))


def list_cells_of(codebook: Codebook, block: Block) -> tuple[Integers, Integers]:
    """Return the same of one block of a table."""
    coding, unit = block.placements["coding"], block.placements["unit"]
    code, placement = _climb(codebook, block.columns.code[coding])
    unit = unit[placement]
    counted = ~block.units["is_interviewer"].astype(bool)[unit]
    width = sum(1 for _ in codebook.walk()) or 1
    pairs = distinct(unit[counted] * width + code[counted])
    return pairs % width, pairs // width


def count_pairs(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Integers:
    """Return in how many columns each row of one table and each row of another are both true: bits, counted.

    Examples
    --------
    >>> import numpy
    >>> table = numpy.array([[True, True, False], [False, True, True]])
    >>> count_pairs(table, table).tolist()
    [[2, 1], [1, 2]]
    """
    one, other = _pack(first), _pack(second)
    counts = np.zeros((len(one), len(other)), dtype=np.int64)
    step = max(_COMPARED // max(other.size, 1), 1)
    for row in range(0, len(one), step):
        common = one[row : row + step, None, :] & other[None, :, :]
        counts[row : row + step] = np.bitwise_count(common).sum(axis=2, dtype=np.int64)
    return counts


def _pack(table: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return the rows of a table as bits, 64 in a number."""
    bits = np.packbits(table, axis=1)
    padded = np.zeros((len(bits), -(-bits.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : bits.shape[1]] = bits
    return padded.view(np.uint64)


_COMPARED = 1 << 20
"""Numbers of 64 bits that are compared at once."""


def _through_blocks(
    table: CodingTable, list_pairs: Callable[[Block], tuple[Integers, Integers]]
) -> tuple[Integers, Integers]:
    """Return codes and units of all blocks of a table, whose units are numbered anew in each."""
    codes, units = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    n_units = 0
    for block in table.frames.blocks():
        code, unit = list_pairs(block)
        codes.append(code)
        units.append(unit + n_units)
        n_units += len(block.units)
    return np.concatenate(codes), np.concatenate(units)


def tally(table: CodingTable, group_of_unit: Integers, n_groups: int) -> dict[str, Integers]:
    """Count per code and group of counting units.

    Parameters
    ----------
    table
        What is counted.
    group_of_unit
        The group of each unit, from 0; -1 leaves a unit out.
    n_groups
        How many groups there are.

    Returns
    -------
    dict
        For each of ``codings``, ``segments``, ``words``, ``transcripts`` and ``cases`` an array of
        codes × groups.
    """
    found = Tally(table.codebook, n_groups, table.frames.n_voices)
    first = 0
    for block in table.frames.blocks():
        found.add(block, group_of_unit[first : first + len(block.units)])
        first += len(block.units)
    return found.counts()


class Tally:
    """Counts per code and group that grow block by block, so that a file of any size is counted in little memory.

    Parameters
    ----------
    codebook
        Whose codes.
    n_groups
        How many groups there are.
    n_voices
        How many different cases units are spoken by, ``""`` among them.
    """

    def __init__(self, codebook: Codebook, n_groups: int, n_voices: int) -> None:
        self._codebook = codebook
        self._shape = sum(1 for _ in codebook.walk()), n_groups
        n_cells = self._shape[0] * n_groups
        self._counts = {name: np.zeros(n_cells, dtype=np.int64) for name in _SUMMED}
        self._cases = _Cases(n_cells, n_voices)

    def add(self, block: Block, group_of_unit: Integers) -> None:
        """Count a block, given the group of each of its units."""
        coding, unit, first, last = (block.placements[name] for name in ("coding", "unit", "first_word", "last_word"))
        code, placement = _climb(self._codebook, block.columns.code[coding])
        group = group_of_unit[unit[placement]]
        is_in = group >= 0
        code, placement, group = (part[is_in] for part in (code, placement, group))
        n_cells = len(self._counts["codings"])
        cell = code * self._shape[1] + group
        unit = unit[placement]
        transcript = block.units.factorize("transcript")[0][unit]
        things = {"codings": block.columns.passage[coding[placement]], "segments": unit, "transcripts": transcript}
        for name, thing in things.items():
            self._counts[name] += _count_distinct(cell, thing, n_cells)
        self._counts["words"] += _count_union(cell, first[placement], last[placement], n_cells)
        self._cases.add(cell, block.voice[unit])

    def counts(self) -> dict[str, Integers]:
        """Return the counts, as :func:`tally` does."""
        counts = {**self._counts, "cases": self._cases.count()}
        return {name: count.reshape(self._shape) for name, count in counts.items()}


_SUMMED = ("codings", "segments", "words", "transcripts")
# A transcript lies in one block, so that none of these is met twice. A case may speak in several.

_MOST_BITS = 1 << 30
# 128 MB: enough for 180 codes and six million cases.


class _Cases:
    """Which cases each cell holds: a bit for each where there is room, else the pairs."""

    def __init__(self, n_cells: int, n_cases: int) -> None:
        self._n_cells, self._n_cases = n_cells, max(n_cases, 1)
        self._pairs: list[Integers] = []
        self._width = (self._n_cases + 7) // 8
        is_small = n_cells * self._width * 8 <= _MOST_BITS
        self._bits = np.zeros(n_cells * self._width, dtype=np.uint8) if is_small else None

    def add(self, cell: Integers, case: Integers) -> None:
        pairs = distinct(cell * self._n_cases + case)
        if self._bits is None:
            self._pairs.append(pairs)
            return
        cell, case = pairs // self._n_cases, pairs % self._n_cases
        bit = (np.uint8(1) << (case & 7).astype(np.uint8)).astype(np.uint8)
        np.bitwise_or.at(self._bits, cell * self._width + (case >> 3), bit)

    def count(self) -> Integers:
        if self._bits is None:
            pairs = distinct(np.concatenate(self._pairs)) if self._pairs else np.zeros(0, dtype=np.int64)
            return np.bincount(pairs // self._n_cases, minlength=self._n_cells).astype(np.int64)
        rows = self._bits.reshape(self._n_cells, self._width)
        return np.array([int(np.unpackbits(row).sum(dtype=np.int64)) for row in rows], dtype=np.int64)


def _number_things(table: CodingTable, unit: Integers) -> dict[str, Integers]:
    """Return the numbers of counting units, and of the transcripts and cases that they are of."""
    transcript, case = (table.unit_columns.factorize(name)[0][unit] for name in ("transcript", "case"))
    return {"segments": unit, "transcripts": transcript, "cases": case}


def _count_distinct(cell: Integers, thing: Integers, n_cells: int) -> Integers:
    """Return how many different things each cell holds."""
    width = int(thing.max(initial=0)) + 1
    pairs = distinct(cell * width + thing)
    return np.bincount(pairs // width, minlength=n_cells).astype(np.int64)


def _count_union(cell: Integers, first: Integers, last: Integers, n_cells: int) -> Integers:
    """Return how many words the union of the stretches ``first``–``last`` of each cell holds.

    The stretches of a cell are walked by their start; each adds what lies beyond the furthest end so far.
    """
    order = np.lexsort((first, cell))
    cell, first, last = cell[order], first[order], last[order]
    # Shifting every cell beyond the one before lets one running maximum serve them all.
    width = int(last.max(initial=0)) + 1
    furthest = np.maximum.accumulate(cell * width + last) - cell * width
    before = np.concatenate([[0], furthest[:-1]])
    before[np.concatenate([[True], cell[1:] != cell[:-1]])[: len(cell)]] = 0
    new = np.maximum(last - np.maximum(first, before), 0)
    return np.bincount(cell, weights=new, minlength=n_cells).astype(np.int64)


# --- what open differences leave open -----------------------------------------------------------------------------

BOUNDS = ("segments_low", "segments_high", "cases_low", "cases_high")


def bound_counts(
    table: CodingTable, settlement: Settlement
) -> tuple[dict[str, Integers], dict[str, NDArray[np.bool_]]]:
    """Return, per code, between which numbers open differences leave the counts, and which they could change.

    The lower ones are without the codes that are open, the higher ones with them. Which words they are about is open
    as well, so they could change the numbers of codings and words wherever there are any.
    """
    given, differing = _list_given(table), _list_open(table, settlement)
    width = len(table.unit_columns) + 1
    is_open = np.isin(given[0] * width + given[1], differing[0] * width + differing[1])
    low = _count_cells(table, given[:, ~is_open])
    high = _count_cells(table, np.concatenate([given, differing], axis=1))
    could = {name: low[name] != high[name] for name in low}
    could["codings"] = could["words"] = _count_cells(table, differing)["segments"] > 0
    ends = {"low": low, "high": high}
    bounds = {f"{name}_{end}": count[name] for name in ("segments", "cases") for end, count in ends.items()}
    return bounds, {**could, "cases_percent": could["cases"]}


def _list_given(table: CodingTable) -> Integers:
    """Return two rows: places of codes, and numbers of the interviewees' units that carry them."""
    unit = table.placement_columns["unit"]
    code = table.columns.code[table.placement_columns["coding"]]
    return np.stack([code, unit])[:, ~table.unit_columns["is_interviewer"][unit]]


def _list_open(table: CodingTable, settlement: Settlement) -> Integers:
    """Return two rows as :func:`_list_given` does, of the open differences."""
    found = settlement.open[~settlement.open["is_interviewer"]]
    return np.stack([_place_codes(table, found["code"]), found["unit"].to_numpy()])


def _count_cells(table: CodingTable, cells: Integers) -> dict[str, Integers]:
    """Count units, transcripts and cases of each code, given places of codes and numbers of units."""
    code, row = _climb(table.codebook, cells[0])
    unit = cells[1][row]
    n_codes = sum(1 for _ in table.codebook.walk())
    return {name: _count_distinct(code, thing, n_codes) for name, thing in _number_things(table, unit).items()}


# --- which codes each case has ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Presence:
    """Which codes come up in which cases, each coding at one level only.

    Attributes
    ----------
    codes
        Paths of the codes that come up, in the order of the codebook.
    names
        Their names.
    cases
        The cases that were looked at from beginning to end, in the order of the index.
    unseen
        Cases that were not, and are left out.
    matrix
        Codes × cases.
    """

    codes: list[str]
    names: list[str]
    cases: list[str]
    unseen: list[str]
    matrix: NDArray[np.bool_]


def find_presence(table: CodingTable, *, level: int | None = None) -> Presence:
    """Return which codes come up in which cases.

    A coding below ``level`` is one of the code above it at that level, any other one of its own code: so each coding
    belongs to one code, and no code is counted besides what is below it.
    """
    groups = table.frames.group()
    cases, unseen = split_seen(table)
    places = groups.of_voice
    if unseen:  # the place of each voice among the cases that were seen: behind the groups stands who is none
        place_of = {case: place for place, case in enumerate(cases)}
        places = np.array([*(place_of.get(case, -1) for case in groups.names), -1], dtype=np.int64)[places]
    codes, lifted = [*table.codebook.walk()], _lift(table.codebook, level)
    matrix = np.zeros((len(codes), len(cases)), dtype=bool)
    for block in table.frames.blocks():
        code, unit = _lift_cells_of(lifted, block)
        case = places[block.voice[unit]]
        matrix[code[case >= 0], case[case >= 0]] = True
    used = np.flatnonzero(matrix.any(axis=1)).tolist()
    paths = [table.codebook.path(codes[place].id) for place in used]
    found = matrix if len(used) == len(codes) else matrix[used]  # of millions of cases, a copy is large
    return Presence(paths, [codes[place].name for place in used], cases, unseen, found)


def lift_cells(table: CodingTable, level: int | None) -> tuple[Integers, Integers]:
    """Return code and unit of every placement in interviewee talk, each coding at one level only."""
    lifted = _lift(table.codebook, level)
    return _through_blocks(table, lambda block: _lift_cells_of(lifted, block))


def _lift_cells_of(lifted: Integers, block: Block) -> tuple[Integers, Integers]:
    coding, unit = block.placements["coding"], block.placements["unit"]
    spoken = ~block.units["is_interviewer"].astype(bool)[unit]
    return lifted[block.columns.code[coding[spoken]]], unit[spoken]


def _lift(codebook: Codebook, level: int | None) -> Integers:
    """Return, for each code, the place of the code at a level under which it counts; itself if it is not deeper."""
    places = {one.id: place for place, one in enumerate(codebook.walk())}
    lineages = [lineage(codebook, one, places) for one in codebook.walk()]
    return np.array([one[max(len(one) - (level or len(one)), 0)] for one in lineages], dtype=np.int64)


def split_seen(table: CodingTable) -> tuple[list[str], list[str]]:
    """Return the cases whose every unit at least one of those whose codings count looked at, and the others."""
    everyone, missed = list(table.frames.group().names), _find_missed(table)
    if not missed:
        return everyone, []
    return [case for case in everyone if case not in missed], [case for case in everyone if case in missed]


def _find_missed(table: CodingTable) -> set[str]:
    """Return the cases of which none of those whose codings count looked at some unit."""
    if not table.transcripts:  # a file of codings is by rules, which look at everything
        return set()
    units = table.unit_columns
    seen = np.zeros(len(units), dtype=bool)
    for coder in table.coders:  # not the rules, whose sheets stand beside those of people who agreed
        seen |= table.seen(coder)
    return set(units.rows(np.flatnonzero(~seen & ~units["is_interviewer"])).texts("case"))
