"""Alpha for sets of codes, without listing the combinations of codes that could have occurred."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.agreement.ratings import PAIR
from qualcode.agreement.sums import SumsBuilder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.sums import Sums, Totals


def alpha_of_sets(ratings: Ratings) -> Sums:
    """Return the multi-valued nominal alpha of Krippendorff and Craggs: ``1 − Do / De``.

    Units carry sets of codes. The distance of two sets is ``1 − 2|C ∩ K| / (|C| + |K|)``, 0 for two empty sets. ``Do``
    is its mean over the pairs within units, as in alpha. ``De`` is the mean that chance would bring: sets of the sizes
    that occurred, filled with codes in the proportions in which codes occurred. For sets of one code each it is the
    nominal alpha. It fits segments that may carry several codes; MASI and Jaccard (see
    :func:`~qualcode.agreement.coefficients.alpha`) compare with the sets that occurred instead.

    Parameters
    ----------
    ratings
        Set-valued; the empty set is "seen, and no code".

    References
    ----------
    Krippendorff, K., & Craggs, R. (2016). The reliability of multi-valued coding of data. *Communication Methods and
    Measures*, 10(4), 181–198.

    Notes
    -----
    The weights of the expected pairs are products over codes, so their sums by sizes *a*, *b* and overlap *t* are the
    coefficients of ``Π (1 + n x + n y + n (n − 1) x y z)``, worked out code by code. The distance is linear in *t*, so
    that value and slope at ``z = 1`` suffice. Checked against the example of
    the paper's table 3 (.2866) as reproduced by R's mvalpha, and against listing all pairs of sets.
    """
    pairable = ratings.take(ratings.n_values >= PAIR)
    members = pairable.members
    if members is None:
        members = np.eye(len(ratings.categories), dtype=bool)
    sizes = members.sum(axis=1)
    columns = pairable.columns
    builder = SumsBuilder(pairable.n_units)
    observed = builder.add(_observed(pairable, members))
    largest = int(sizes.max(initial=0))
    size_columns = builder.add_choices([_pick(sizes, column) for column in columns], largest + 1)
    label_columns = _add_labels(builder, columns, members, largest)

    def combine(totals: Totals) -> NDArray[Any]:
        by_size = totals[..., size_columns]
        n = by_size.sum(axis=-1)
        expected = _expected_distance(by_size, totals[..., label_columns], largest)
        result: NDArray[Any] = 1 - totals[..., observed] / n / expected
        return result

    return builder.build(combine)


def _pick(amounts: NDArray[Any], values: NDArray[Any]) -> NDArray[np.intp]:
    return np.where(values >= 0, amounts[values] if len(amounts) else -1, -1)


def _add_labels(builder: SumsBuilder, columns: list[NDArray[Any]], members: NDArray[np.bool_], largest: int) -> slice:
    """Add how many of the sets hold each label."""
    n_labels = members.shape[1]
    held_first = np.argsort(~members, axis=1, kind="stable")[:, :largest]
    places = np.where(np.arange(largest) < members.sum(axis=1)[:, None], held_first, -1)
    choices = [_pick(places[:, k], column) for column in columns for k in range(largest)]
    return builder.add_choices(choices, n_labels)


def _observed(ratings: Ratings, members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the sum of distances over ordered pairs of sets, over ``m − 1``, for each unit."""
    present = members.astype(float)
    sizes = present.sum(axis=1)
    total = np.zeros(ratings.n_units)
    for a, b in combinations(ratings.columns, 2):
        differ = np.flatnonzero((a >= 0) & (b >= 0) & (a != b))
        left, right = a[differ], b[differ]
        common = np.einsum("ul,ul->u", present[left], present[right])
        total[differ] += 1 - 2 * common / (sizes[left] + sizes[right])
    return 2 * total / np.maximum(ratings.n_values - 1, 1)


def _expected_distance(by_size: Totals, by_label: Totals, largest: int) -> NDArray[Any]:
    """Return the mean distance of two sets drawn by chance, for each row of totals."""
    weights, overlaps = _weight_tables(by_label, largest)
    shares = np.moveaxis(by_size / by_size.sum(axis=-1)[..., None], -1, 0)
    total = np.zeros(by_size.shape[:-1], dtype=by_size.dtype)
    for a in range(largest + 1):
        for b in range(1 if a == 0 else 0, largest + 1):
            possible = weights[a, b] != 0
            common = overlaps[a, b] / np.where(possible, weights[a, b], 1)
            total += np.where(possible, shares[a] * shares[b] * (1 - 2 * common / (a + b)), 0.0)
    return total


def _weight_tables(by_label: Totals, largest: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return, by size of the first set and of the second, the weights of all pairs of sets, and weights times overlap.

    Codes are scaled by the most frequent one, which cancels within a pair of sizes and keeps numbers small. The rows
    of totals come last, so that a step of the processor takes many of them.
    """
    scale = np.maximum(by_label.real.max(axis=-1, initial=0.0), 1.0)
    width = largest + 1
    weights = np.zeros((width, width, *by_label.shape[:-1]), dtype=by_label.dtype)
    overlaps = weights.copy()
    weights[0, 0] = 1
    for count in np.ascontiguousarray(np.moveaxis(by_label, -1, 0)):
        one, both = count / scale, count * (count - 1) / scale**2
        shared = both * (weights[:-1, :-1] + overlaps[:-1, :-1])
        _add_code(overlaps, one, shared)
        _add_code(weights, one, both * weights[:-1, :-1])
    return weights, overlaps


def _add_code(table: NDArray[Any], one: NDArray[Any], in_both: NDArray[Any]) -> None:
    """Add one code more to a table: in neither set, in the first, in the second, or in both."""
    alone = one * table
    table[1:] += alone[:-1]
    table[:, 1:] += alone[:, :-1]
    table[1:, 1:] += in_both
