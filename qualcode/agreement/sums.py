"""Coefficients as functions of sums over units: the one idea that everything else here rests on.

Every coefficient is computed in two steps. First each unit yields a few amounts (does it agree, which values does
it hold …), and these are added up over the units. Then the coefficient is worked out from the totals alone. So

- a bootstrap draw is a weighted sum of the same amounts: thousands of draws are one matrix product;
- units with the same values have the same amounts and are counted, not repeated;
- the effect of one unit on the coefficient, and with it the standard error, is the gradient of the second step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Totals = NDArray[Any]
    """Sums per unit amount in the last axis; floats, or complex numbers when a gradient is taken."""

_COMPLEX_STEP = 1e-30
_MANY_UNITS = 1e10


@dataclass(frozen=True, eq=False)
class Sums:
    """What each unit adds to the totals, and how a coefficient comes out of them.

    Attributes
    ----------
    columns, amounts
        Arrays of shape (parts, units): each part of each unit adds its amount to one column of the totals.
    n_columns
        How many totals there are.
    combine
        Totals, in the last axis, → coefficient. It uses nothing but arithmetic, so that complex numbers pass.
    pairable
        Of coefficients that use units with a single value: which units have two or more; else ``None``.
    counts
        How often each of the units occurs, where those that are alike are given once; ``None``: once.
    """

    columns: NDArray[np.intp]
    amounts: NDArray[np.float64]
    n_columns: int
    combine: Callable[[Totals], NDArray[Any]]
    pairable: NDArray[np.bool_] | None = None
    counts: NDArray[np.intp] | None = None

    @property
    def n_units(self) -> int:
        """How many units were added."""
        return self.n_given if self.counts is None else int(self.counts.sum())

    @property
    def n_given(self) -> int:
        """How many of them are given: as many, or fewer with :attr:`counts`."""
        return int(self.columns.shape[1])

    @property
    def weights(self) -> NDArray[np.intp]:
        """How often each unit that is given occurs."""
        return np.ones(self.n_given, dtype=np.intp) if self.counts is None else self.counts

    @cached_property
    def totals(self) -> NDArray[np.float64]:
        """The totals over all units."""
        sums: NDArray[np.float64] = self.by_group(np.zeros(self.n_given, dtype=np.intp), 1)[0]
        sums.flags.writeable = False
        return sums

    def value(self) -> float:
        """Return the coefficient; NaN when it is not defined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(self.combine(self.totals))

    def by_group(self, groups: NDArray[np.intp], n_groups: int) -> NDArray[np.float64]:
        """Return the totals of each group of units: shape (groups, columns)."""
        flat = self.columns + groups * self.n_columns
        amounts = self.amounts if self.counts is None else self.amounts * self.counts
        sums = np.bincount(flat.ravel(), amounts.ravel(), minlength=n_groups * self.n_columns)
        return sums.astype(float, copy=False).reshape(n_groups, self.n_columns)

    def rows(self, start: int, stop: int) -> NDArray[np.float64]:
        """Return the amounts of the units that are given from ``start`` to ``stop``: shape (units, columns)."""
        part = Sums(self.columns[:, start:stop], self.amounts[:, start:stop], self.n_columns, self.combine)
        return part.by_group(np.arange(part.n_given), part.n_given)

    def _effects_of(self, directions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the effect of adding a little of each direction to the totals, by the complex step.

        It is exact to rounding, and taken as for very many units, where the terms that correct for small samples
        vanish.
        """
        steps = self.totals * _MANY_UNITS + 1j * _COMPLEX_STEP * directions
        with np.errstate(divide="ignore", invalid="ignore"):
            effects: NDArray[np.float64] = self.combine(steps).imag / _COMPLEX_STEP * _MANY_UNITS
        return effects

    @cached_property
    def influences(self) -> NDArray[np.float64]:
        """The effect on the coefficient of each unit that is given, once."""
        if self.n_given < self.n_columns:
            effects = self._effects_of(self.rows(0, self.n_given))
        else:
            effects = np.einsum("pu,pu->u", self._effects_of(np.eye(self.n_columns))[self.columns], self.amounts)
        effects.flags.writeable = False  # the error and both intervals ask for them
        return effects

    def influences_of(self, groups: NDArray[np.intp], n_groups: int) -> NDArray[np.float64]:
        """Return the effect on the coefficient of each group of units together."""
        if n_groups < self.n_columns:
            return self._effects_of(self.by_group(groups, n_groups))
        effects = np.bincount(groups, self.influences * self.weights, minlength=n_groups)
        return effects.astype(float, copy=False)


class SumsBuilder:
    """Collects the parts of :class:`Sums` and hands out their columns."""

    def __init__(self, n_units: int) -> None:
        self._n_units = n_units
        self._columns: list[NDArray[np.intp]] = []
        self._amounts: list[NDArray[np.float64]] = []
        self._n_columns = 0

    def add(self, amount: NDArray[Any]) -> int:
        """Add one amount per unit to a new total; return its column."""
        column = self._n_columns
        self._n_columns += 1
        self._columns.append(np.full(self._n_units, column, dtype=np.intp))
        self._amounts.append(np.asarray(amount, dtype=float))
        return column

    def add_choices(self, choices: Sequence[NDArray[Any]], n_choices: int, amount: NDArray[Any] | float = 1.0) -> slice:
        """Add an amount to the total of each chosen category (negative: none); return the columns.

        Each array holds one choice per unit; all add to the same totals.
        """
        first = self._n_columns
        self._n_columns += n_choices
        for choice in choices if n_choices else ():
            is_made = choice >= 0
            self._columns.append(np.where(is_made, choice + first, first))
            self._amounts.append(np.where(is_made, amount, 0.0))
        return slice(first, self._n_columns)

    def build(self, combine: Callable[[Totals], NDArray[Any]], *, pairable: NDArray[np.bool_] | None = None) -> Sums:
        """Return the sums, with the function that makes a coefficient of their totals."""
        return Sums(np.stack(self._columns), np.stack(self._amounts), self._n_columns, combine, pairable)


def quadratic(margins: Totals, matrix: NDArray[np.float64]) -> NDArray[Any]:
    """Return ``m · matrix · m`` for each row ``m`` of margins; the matrix is symmetric.

    Rows that differ only in their imaginary part, as those of a gradient do, cost one product.
    """
    if not np.iscomplexobj(margins):
        result: NDArray[Any] = np.einsum("...k,...k->...", margins @ matrix, margins)
        return result
    real = margins.real[0]
    projected = matrix @ real
    both: NDArray[Any] = real @ projected + 2j * (margins.imag @ projected)
    return both
