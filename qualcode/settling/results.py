"""Sheets of several people → what counts of them, and what they differ on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from qualcode.model import RULES_CODER, Sheet
from qualcode.settling.agreeing import AGREED, agree
from qualcode.settling.judging import describe_differences, find_holders, judge
from qualcode.settling.marks import lay_marks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.axis import Axis
    from qualcode.model import Coding

    Integers = NDArray[np.int64]

Way = Literal["union", "agreed"]
"""``union``: a code counts wherever one of the coders gave it. ``agreed``: where all who read the unit gave it, or a
consensus settled for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """What counts, and what people differ on.

    Attributes
    ----------
    way
        What counts.
    codings
        Those that do.
    people
        Those whose reading was compared, sorted: everybody but the rules and who holds a consensus.
    holders
        Who holds a consensus, sorted.
    differences
        One row per difference, by unit and code: ``unit`` (its number on the axis), ``code`` (id), ``coders`` (who
        gave it), ``others`` (who read the unit and did not), ``is_settled``.
    n_missing
        Codes that all of a unit's readers, two or more, gave it, and that no consensus has.
    """

    way: Way
    codings: tuple[Coding, ...]
    people: tuple[str, ...]
    holders: tuple[str, ...]
    differences: pd.DataFrame
    n_missing: int

    @property
    def n_differences(self) -> int:
        """How many differences there are."""
        return len(self.differences)

    @property
    def n_settled(self) -> int:
        """How many of them are settled."""
        return int(self.differences["is_settled"].sum())

    @property
    def n_open(self) -> int:
        """How many of them are open."""
        return self.n_differences - self.n_settled

    @property
    def open(self) -> pd.DataFrame:
        """Those that are open."""
        return self.differences[~self.differences["is_settled"]]


def settle(
    axis: Axis,
    sheets: Sequence[Sheet],
    codings: Sequence[Coding],
    *,
    words: Integers,
    way: Way,
    coders: Collection[str] | None = None,
) -> Settlement:
    """Say what the codings of several people come to.

    Parameters
    ----------
    axis
        The counting units.
    sheets
        What people, rules and consensus did on transcripts of the axis.
    codings
        The codings on these sheets that can be counted; each touches a unit.
    words
        Where each word begins on the axis.
    way
        What counts (see :data:`Way`).
    coders
        Whose union counts; ``None`` for everybody's. Differences are those of all people either way.

    Returns
    -------
    Settlement
        Codings that count as they are remain the same objects; for others see
        :func:`~qualcode.settling.agreeing.agree`.
    """
    holders = find_holders(sheets)
    people = tuple(sorted({sheet.coder for sheet in sheets} - holders - {RULES_CODER}))
    marks = lay_marks(axis, codings, people, sorted(holders))
    verdict = judge(axis, sheets, marks)
    if way == "agreed":
        counted = agree(axis, marks, verdict, words)
    else:
        counted = [coding for coding in codings if coders is None or coding.coder in coders]
    is_missing = verdict.n_readers[verdict.agreed // marks.n_codes] > 1
    missing = np.setdiff1d(verdict.agreed[is_missing], verdict.consensus, assume_unique=True)
    differences = describe_differences(marks, verdict)
    return Settlement(way, tuple(counted), people, tuple(sorted(holders)), differences, len(missing))


def hold_as_sheets(axis: Axis, sheets: Iterable[Sheet], settlement: Settlement) -> tuple[Sheet, ...]:
    """Return agreed codings as sheets, one per transcript on which somebody worked."""
    by_transcript: dict[str, list[Coding]] = {sheet.transcript: [] for sheet in sheets}
    for coding in settlement.codings:
        by_transcript[coding.transcript].append(coding)
    return tuple(
        Sheet(
            name,
            AGREED,
            axis.kind,
            axis.bases[name][0].digest,
            "",
            frozenset(),
            tuple(sorted(codings, key=lambda coding: (coding.span, coding.code))),
        )
        for name, codings in by_transcript.items()
    )
