"""What all readers of a unit gave it, what a consensus settled, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qualcode.axis import lay_axis, spread
from qualcode.model import CONSENSUS_CODER
from qualcode.settling.marks import join_coders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.axis import Axis
    from qualcode.model import Coding, Sheet
    from qualcode.settling.marks import Marks

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]


def find_holders(sheets: Iterable[Sheet]) -> frozenset[str]:
    """Return who holds a consensus of others: the coder of that name, and whoever has only what adjudication wrote."""
    has_own: dict[str, bool] = {}
    has_any: dict[str, bool] = {}
    for sheet in sheets:
        if not has_own.get(sheet.coder):
            has_own[sheet.coder] = any(coding.origin != "consensus" for coding in sheet.codings)
        has_any[sheet.coder] = has_any.get(sheet.coder, False) or bool(sheet.codings)
    return frozenset(name for name, own in has_own.items() if name == CONSENSUS_CODER or (has_any[name] and not own))


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What becomes of the cells, each a unit with a code.

    Attributes
    ----------
    read
        Booleans of shape (units, people).
    agreed
        Cells whose code all readers of the unit gave it.
    differing, is_settled
        Cells whose code some readers gave and others did not, and whether a consensus has settled them.
    consensus
        Cells that a consensus has.
    """

    read: Booleans
    agreed: Integers
    differing: Integers
    is_settled: Booleans
    consensus: Integers

    @property
    def n_readers(self) -> Integers:
        """How many people read each unit."""
        count: Integers = self.read.sum(axis=1)
        return count


def judge(axis: Axis, sheets: Sequence[Sheet], marks: Marks) -> Verdict:
    """Say which codes all readers of a unit gave it, and on which they differ."""
    is_of_person = marks.is_of_person
    read = _find_readers(axis, sheets, marks)
    width = max(marks.n_people, 1)
    given = np.unique(marks.cell[is_of_person] * width + marks.who[is_of_person])
    cells, n_givers = np.unique(given // width, return_counts=True)
    agree = n_givers == read.sum(axis=1)[cells // marks.n_codes]
    consensus = np.unique(marks.cell[~is_of_person])
    differing = cells[~agree]
    is_settled = np.isin(differing, consensus) | _find_answered(axis, sheets, marks, differing)
    return Verdict(read, cells[agree], differing, is_settled, consensus)


def _find_readers(axis: Axis, sheets: Sequence[Sheet], marks: Marks) -> Booleans:
    """Return who read which unit: by their own word, or because they gave it a code."""
    read = np.zeros((len(axis.starts), marks.n_people), dtype=bool)
    place = {name: number for number, name in enumerate(marks.names[: marks.n_people])}
    for sheet in sheets:
        if sheet.coder in place:
            read[axis.rows[sheet.transcript], place[sheet.coder]] = axis.seen(sheet)
    is_of_person = marks.is_of_person
    read[marks.unit[is_of_person], marks.who[is_of_person]] = True
    return read


def _find_answered(axis: Axis, sheets: Sequence[Sheet], marks: Marks, differing: Integers) -> Booleans:
    """Tell of which differences a consensus has said yes or no to every word that people coded.

    It speaks of whole segments of the kind that its sheets are in: what it says of a code on any word of a segment
    holds for the segment. So differences are settled alike in whichever unit they are counted.
    """
    holders = set(marks.names[marks.n_people :])
    spoken = {
        kind: _find_spoken([sheet for sheet in sheets if sheet.coder in holders and sheet.unit == kind], axis)
        for kind in sorted({sheet.unit for sheet in sheets if sheet.coder in holders})
    }
    rows = np.flatnonzero(marks.is_of_person & np.isin(marks.cell, differing))
    is_answered = np.zeros(len(rows), dtype=bool)
    for kind, codings in spoken.items():
        ground = axis if kind == axis.kind else lay_axis((one for one, _ in axis.bases.values()), kind)
        is_answered |= _cover(ground, codings, marks, rows)
    n_open: Integers = np.bincount(
        np.searchsorted(differing, marks.cell[rows]), weights=~is_answered, minlength=len(differing)
    )
    found: Booleans = n_open == 0
    return found


def _find_spoken(sheets: Iterable[Sheet], axis: Axis) -> list[Coding]:
    """Return the codings of a consensus, rejected ones included, that stand where they say."""
    return [
        coding
        for sheet in sheets
        for coding in sheet.codings
        if coding.transcript == sheet.transcript and coding.quote == axis.bases[sheet.transcript][0].quote(coding.span)
    ]


def _cover(ground: Axis, spoken: Sequence[Coding], marks: Marks, rows: Integers) -> Booleans:
    """Tell of parts of codings whether every segment that they touch has a word of the consensus on their code."""
    place = {code: at for at, code in enumerate(marks.codes)}
    spoken = [coding for coding in spoken if coding.code in place]
    codes = np.array([place[coding.code] for coding in spoken], dtype=np.int64)
    coding, segment = spread(*ground.touch(*ground.locate(spoken)))
    known = np.unique(segment * marks.n_codes + codes[coding])
    first, count = ground.touch(marks.from_[rows], marks.to[rows])
    row, touched = spread(first, count)
    is_known = np.isin(touched * marks.n_codes + marks.cell[rows][row] % marks.n_codes, known)
    n_known = np.bincount(row, weights=is_known, minlength=len(rows))
    found: Booleans = (count > 0) & (n_known == count)
    return found


def describe_differences(marks: Marks, verdict: Verdict) -> pd.DataFrame:
    """Return the differences as :class:`~qualcode.settling.results.Settlement` has them."""
    import pandas as pd

    unit, code = np.divmod(verdict.differing, marks.n_codes)
    gave = np.zeros((len(unit), marks.n_people), dtype=bool)
    rows = np.flatnonzero(marks.is_of_person & np.isin(marks.cell, verdict.differing))
    gave[np.searchsorted(verdict.differing, marks.cell[rows]), marks.who[rows]] = True
    people = marks.names[: marks.n_people]
    return pd.DataFrame(
        {
            "unit": unit,
            "code": pd.Series([marks.codes[number] for number in code.tolist()], dtype="str"),
            "coders": pd.Series(_name_rows(gave, people), dtype="str"),
            "others": pd.Series(_name_rows(verdict.read[unit] & ~gave, people), dtype="str"),
            "is_settled": verdict.is_settled,
        }
    )


def _name_rows(chosen: Booleans, names: Sequence[str]) -> list[str]:
    """Return the names that each row of booleans chooses."""
    which = np.zeros(len(chosen), dtype=np.int64)
    for column in chosen.T:  # which pattern each row has; to sort whole rows takes twenty times as long
        which = np.unique(which * 2 + column, return_inverse=True)[1]
    firsts = np.unique(which, return_index=True)[1]
    texts = [join_coders(names[place] for place in np.flatnonzero(chosen[row]).tolist()) for row in firsts]
    return [texts[number] for number in which.tolist()]
