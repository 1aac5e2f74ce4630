"""Sparse rows of numbers: the words of segments as features. Two products are all that a fit needs of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of features: some that are mostly 0, and a few that are written out.

    Attributes
    ----------
    row, column, value
        The features that are not 0, in the order of the rows.
    shape
        How many rows there are, and how many such features.
    dense
        The features that are written out, a row each; the last is 1 in every row.
    """

    row: Integers
    column: Integers
    value: Floats
    shape: tuple[int, int]
    dense: Floats

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def width(self) -> int:
        """How many features there are."""
        return self.shape[1] + int(self.dense.shape[1])

    def dot(self, weights: Floats) -> Floats:
        """Return the sum of each row's features times their weights."""
        sparse = self.value * weights.take(self.column)
        total: Floats = np.bincount(self.row, sparse, self.shape[0]) + self.dense @ weights[self.shape[1] :]
        return total

    def spread(self, shares: Floats) -> Floats:
        """Return the sum of each feature over the rows, each times its share."""
        sparse = np.bincount(self.column, self.value * shares.take(self.row), self.shape[1])
        return np.concatenate([sparse, shares @ self.dense])

    def take(self, chosen: Flags) -> Rows:
        """Return some of the rows, in the same order."""
        kept = chosen.take(self.row)
        numbers = np.cumsum(chosen) - 1
        return Rows(
            numbers.take(self.row[kept]), self.column[kept], self.value[kept],
            (int(chosen.sum()), self.shape[1]), self.dense[chosen],
        )  # fmt: skip

    def beside(self, dense: Floats) -> Rows:
        """Return the rows with further features that are written out before those there are."""
        return Rows(self.row, self.column, self.value, self.shape, np.hstack([dense, self.dense]))


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """Rows in which the features that only one row has are one feature of that row: as long as they are together.

    A penalised fit gives each of them a weight in proportion to its value. So the fit is the same, and much smaller:
    most words and pairs of words are in one segment alone.

    Attributes
    ----------
    rows
        Those rows.
    whole
        What was folded.
    is_kept
        Which features stayed.
    is_single
        Which of the values belong to a feature that no other row has.
    """

    rows: Rows
    whole: Rows
    is_kept: Flags
    is_single: Flags

    def unfold(self, weights: Floats) -> Floats:
        """Return weights of all features, given those of the folded rows."""
        whole, n_kept, n_rows = self.whole, int(self.is_kept.sum()), len(self.whole)
        row, column = whole.row[self.is_single], whole.column[self.is_single]
        lengths = self.rows.value[-n_rows:] if n_rows else np.zeros(0)
        found = np.zeros(whole.width)
        found[: whole.shape[1]][self.is_kept] = weights[:n_kept]
        found[column] = whole.value[self.is_single] / lengths.take(row) * weights[n_kept : n_kept + n_rows].take(row)
        found[whole.shape[1] :] = weights[n_kept + n_rows :]
        return found


def fold_singles(rows: Rows) -> Folded:
    """Return rows with the features that only one row has as one feature of that row."""
    counts = np.bincount(rows.column, minlength=rows.shape[1])
    is_kept, is_single = counts > 1, counts.take(rows.column) == 1
    numbers, n_kept, n_rows = np.cumsum(is_kept) - 1, int(is_kept.sum()), len(rows)
    squares = np.bincount(rows.row[is_single], rows.value[is_single] ** 2, n_rows)
    folded = Rows(
        np.concatenate([rows.row[~is_single], np.arange(n_rows)]),
        np.concatenate([numbers.take(rows.column[~is_single]), n_kept + np.arange(n_rows)]),
        np.concatenate([rows.value[~is_single], np.sqrt(squares)]),
        (n_rows, n_kept + n_rows),
        rows.dense,
    )
    return Folded(folded, rows, is_kept, is_single)


def pack(counts: Sequence[Mapping[int, float]], n_columns: int, dense: Floats) -> Rows:
    """Return rows of features, given the features of each that are not 0."""
    sizes = np.fromiter(map(len, counts), np.int64, len(counts))
    n_cells = int(sizes.sum())
    column = np.fromiter((key for one in counts for key in one), np.int64, n_cells)
    value = np.fromiter((number for one in counts for number in one.values()), np.float64, n_cells)
    return Rows(np.repeat(np.arange(len(counts)), sizes), column, value, (len(counts), n_columns), dense)
