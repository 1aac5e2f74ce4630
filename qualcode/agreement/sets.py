"""Alpha for sets of codes, without listing the combinations of codes that could have occurred."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.agreement.ratings import PAIR
from qualcode.agreement.sums import SumsBuilder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.sums import Sums, Totals

_STEP = 20_000
"""About how many numbers are changed at a time: as many as stay close to the processor."""


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
    coefficients of ``Π (1 + n x + n y + n (n − 1) x y z)``, worked out code by code in ``u = x + y`` and
    ``v = x y z``: which of the two sets a code is in does not change its weight, so that ``u^m`` is shared out by
    binomial coefficients. Checked against the example of the paper's table 3 (.2866) as reproduced by R's mvalpha, and
    against listing all pairs of sets.
    """
    pairable = ratings.take(ratings.n_values >= PAIR)
    members = pairable.members
    if members is None:
        members = np.eye(len(ratings.categories), dtype=bool)
    members, columns = _drop_unused(members, pairable.columns)
    sizes = members.sum(axis=1)
    builder = SumsBuilder(pairable.n_units)
    observed = builder.add(_observed(columns, members) / np.maximum(pairable.n_values - 1, 1))
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


def _drop_unused(
    members: NDArray[np.bool_], columns: list[NDArray[Any]]
) -> tuple[NDArray[np.bool_], list[NDArray[Any]]]:
    """Return the sets that occur, and the values as their numbers: some of many coders use few of all sets."""
    is_used = np.zeros(len(members), dtype=bool)
    for column in columns:
        is_used[column[column >= 0]] = True
    number = np.cumsum(is_used) - 1
    return members[is_used], [_pick(number, column) for column in columns]


def _pick(amounts: NDArray[Any], values: NDArray[Any]) -> NDArray[np.intp]:
    return np.where(values >= 0, amounts[values] if len(amounts) else -1, -1)


def _add_labels(builder: SumsBuilder, columns: list[NDArray[Any]], members: NDArray[np.bool_], largest: int) -> slice:
    """Add how many of the sets hold each label."""
    n_labels = members.shape[1]
    held_first = np.argsort(~members, axis=1, kind="stable")[:, :largest]
    places = np.where(np.arange(largest) < members.sum(axis=1)[:, None], held_first, -1)
    choices = [_pick(places[:, k], column) for column in columns for k in range(largest)]
    return builder.add_choices(choices, n_labels)


def _observed(columns: list[NDArray[Any]], members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the sum of distances over ordered pairs of sets for each unit."""
    present = members.astype(float)
    sizes = present.sum(axis=1)
    total = np.zeros(len(columns[0]) if columns else 0)
    for a, b in combinations(columns, 2):
        differ = np.flatnonzero((a >= 0) & (b >= 0) & (a != b))
        left, right = a[differ], b[differ]
        common = np.einsum("ul,ul->u", present[left], present[right])
        total[differ] += 1 - 2 * common / (sizes[left] + sizes[right])
    return 2 * total


def _expected_distance(by_size: Totals, by_label: Totals, largest: int) -> NDArray[Any]:
    """Return the mean distance of two sets drawn by chance, for each row of totals.

    Taken by how many labels both sets have together; two empty sets are alike.
    """
    shares = np.moveaxis(by_size / by_size.sum(axis=-1)[..., None], -1, 0)
    coefficients = _multiply_labels(by_label, largest)
    total = np.zeros(by_size.shape[:-1], dtype=by_size.dtype)
    for together in range(1, 2 * largest + 1):
        first = np.arange(max(0, together - largest), together // 2 + 1)  # the smaller of the two
        common = np.arange(first[-1] + 1)
        ways = _share_out(together, int(first[0]))
        found = coefficients[common, together - 2 * common]
        weights, overlaps = np.tensordot(ways, found, 1), np.tensordot(ways * common, found, 1)
        possible = weights != 0
        distances = 1 - 2 * overlaps / np.where(possible, weights, 1) / together
        either_way = np.where(2 * first == together, 1, 2).reshape(-1, *[1] * total.ndim)
        expected = either_way * shares[first] * shares[together - first] * distances
        total += np.where(possible, expected, 0.0).sum(axis=0)
    return total


@lru_cache(maxsize=256)  # the same for every draw, pair of coders and transcript
def _share_out(together: int, least: int) -> NDArray[np.float64]:
    """Return in how many ways the labels that only one of two sets has can be shared out between them.

    Shape (sizes of the smaller set from ``least`` on, labels in both).
    """
    most = together // 2
    ways = [[comb(together - 2 * t, a - t) if t <= a else 0 for t in range(most + 1)] for a in range(least, most + 1)]
    return np.array(ways, dtype=float)


def _multiply_labels(by_label: Totals, largest: int) -> NDArray[Any]:
    """Return the coefficients of ``Π (1 + n u + n (n − 1) v)`` by the power of *v*, that of *u*, and the row of totals.

    Those of more than two sets of the largest size are left incomplete. Labels are scaled by the most frequent one,
    which cancels within a pair of sizes and keeps numbers small.
    """
    scale = np.maximum(by_label.real.max(axis=-1, initial=0.0), 1.0)
    table = np.zeros((largest + 1, 2 * largest + 1, *by_label.shape[:-1]), dtype=by_label.dtype)
    table[0, 0] = 1
    height = max(1, _STEP // table[0].size)
    used = [count for count in np.ascontiguousarray(np.moveaxis(by_label, -1, 0)) if count.any()]
    for n_labels, count in enumerate(used, start=1):
        single, both = count / scale, count * (count - 1) / scale**2
        for end in range(min(n_labels, largest) + 1, 0, -height):  # from the end: what is needed has not changed yet
            start = max(end - height, 0)
            width = min(2 * (largest - start), n_labels - start) + 1
            above = slice(max(start, 1) - 1, end - 1)
            one_more, two_more = single * table[start:end, : width - 1], both * table[above, :width]
            table[start:end, 1:width] += one_more
            table[above.start + 1 : end, :width] += two_more
    return table
