"""The codings of people and of a consensus, and the counting units that they touch, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qualcode.axis import spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from qualcode.axis import Axis
    from qualcode.model import Coding

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The codings of people and of holders, and the units that they touch.

    Attributes
    ----------
    codings
        The codings.
    names, n_people
        Their coders: the people, then the holders.
    codes
        Ids of their codes.
    start, end, code
        Where each begins and ends on the axis, and the number of its code.
    coder
        Number of its coder.
    coding, unit, cell
        Per coding and unit that it touches: their numbers, and that of unit and code together.
    from_, to
        Which part of the unit it covers, on the axis.
    """

    codings: list[Coding]
    names: tuple[str, ...]
    n_people: int
    codes: tuple[str, ...]
    start: Integers
    end: Integers
    code: Integers
    coder: Integers
    coding: Integers
    unit: Integers
    cell: Integers
    from_: Integers
    to: Integers

    @property
    def n_codes(self) -> int:
        """How many codes there are; at least 1, so that cells can be taken apart."""
        return max(len(self.codes), 1)

    @property
    def who(self) -> Integers:
        """The coder of each coding and unit."""
        return self.coder[self.coding]

    @property
    def is_of_person(self) -> Booleans:
        """Whether the coder of each coding and unit is a person, and no holder."""
        found: Booleans = self.who < self.n_people
        return found


def lay_marks(axis: Axis, codings: Sequence[Coding], people: Sequence[str], holders: Sequence[str]) -> Marks:
    """Lay the codings of people and of who holds a consensus on the units of an axis."""
    names = (*people, *holders)
    number = {name: place for place, name in enumerate(names)}
    mine = [coding for coding in codings if coding.coder in number]
    codes = tuple(sorted({coding.code for coding in mine}))
    place = {code: at for at, code in enumerate(codes)}
    code = np.array([place[coding.code] for coding in mine], dtype=np.int64)
    coder = np.array([number[coding.coder] for coding in mine], dtype=np.int64)
    start, end = axis.locate(mine)
    coding, unit = spread(*axis.touch(start, end))
    return Marks(
        codings=mine,
        names=names,
        n_people=len(people),
        codes=codes,
        start=start,
        end=end,
        code=code,
        coder=coder,
        coding=coding,
        unit=unit,
        cell=unit * max(len(codes), 1) + code[coding],
        from_=np.maximum(start[coding], axis.starts[unit]),
        to=np.minimum(end[coding], axis.ends[unit]),
    )


def join_coders(names: Iterable[str]) -> str:
    """Return coders as the cell of one coding names them."""
    return ", ".join(names)
