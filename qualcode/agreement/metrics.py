"""How far two values are apart: distances for alpha, weights for the kappas and AC2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qualcode.errors import AgreementError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.registry import Metric, Weights

WEIGHTS_OF_METRIC: dict[Metric, Weights] = {
    "nominal": "identity",
    "ordinal": "ordinal",
    "interval": "quadratic",
    "ratio": "ratio",
    "masi": "masi",
    "jaccard": "jaccard",
}
"""Which weights of the kappas and AC2 go with which metric of alpha."""

_METRIC_OF_WEIGHTS: dict[Weights, Metric] = {
    "linear": "ordinal",
    "ordinal": "ordinal",
    "quadratic": "interval",
    "bipolar": "interval",
    "ratio": "ratio",
}


def jaccard_distances(members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the Jaccard distance of every two sets: ``1 − |A ∩ B| / |A ∪ B|``; two empty sets have distance 0.

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. *New Phytologist*, 11(2), 37–50.
    """
    common, union = _overlaps(members)
    return 1 - np.divide(common, union, out=np.ones_like(common), where=union > 0)


def masi_distances(members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the MASI distance of every two sets: ``1 − J · M``.

    ``J`` is Jaccard's similarity and ``M`` is 1 for equal sets, 2/3 when one holds the other, 1/3 when they overlap
    otherwise, and 0 when they have nothing in common. Two empty sets have distance 0.

    References
    ----------
    Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation.
    *LREC 2006*.

    Notes
    -----
    Checked against the distances worked out from the definition. Some programs print .67 and .33 for 2/3 and 1/3,
    and stop at two empty sets.
    """
    common, union = _overlaps(members)
    sizes = np.diag(common)
    smaller = np.minimum(sizes[:, None], sizes[None, :])
    monotony = np.select([common == union, common == smaller, common > 0], [1.0, 2 / 3, 1 / 3], 0.0)
    monotony[(common == 0) & (union > 0)] = 0.0
    jaccard = np.divide(common, union, out=np.ones_like(common), where=union > 0)
    distances: NDArray[np.float64] = 1 - jaccard * monotony
    return distances


def _overlaps(members: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    present = members.astype(float)
    common = present @ present.T
    sizes = np.diag(common)
    return common, sizes[:, None] + sizes[None, :] - common


def ratio_distances(scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Krippendorff's ratio distance ``((a − b) / (a + b))²``; 0 for two zeros."""
    total = scale[:, None] + scale[None, :]
    gap = scale[:, None] - scale[None, :]
    relative: NDArray[np.float64] = np.divide(gap, total, out=np.zeros_like(gap), where=total != 0)
    return relative**2


def set_distances(ratings: Ratings, metric: Metric) -> NDArray[np.float64]:
    """Return the MASI or Jaccard distance of every two categories; of single values: equal or not."""
    members = ratings.members
    if members is None:
        members = np.eye(len(ratings.categories), dtype=bool)
    return masi_distances(members) if metric == "masi" else jaccard_distances(members)


def weight_matrix(ratings: Ratings, weights: Weights) -> NDArray[np.float64]:
    """Return how much two values agree, from 0 to 1, as a symmetric matrix over the categories.

    ========== ==================================================== ===================================
    identity   1 for equal values, else 0                           unordered values
    linear     ``1 − |a − b| / range``                              Cicchetti & Allison 1971
    quadratic  ``1 − (a − b)² / range²``                            Fleiss & Cohen 1973; interval scales
    ordinal    ``1 − C(r + 1, 2) / C(q, 2)``, r ranks apart         Gwet 2014; ranks only
    ratio      ``1 − ((a − b)/(a + b))² / its largest value``       Gwet 2014
    bipolar    ``1 − (a − b)² / ((a + b − 2min)(2max − a − b))``, scaled  Gwet 2014; scales with two poles
    masi       ``1 −`` :func:`masi_distances`                       sets
    jaccard    ``1 −`` :func:`jaccard_distances`                    sets
    ========== ==================================================== ===================================

    Raises
    ------
    AgreementError
        If the values have no such scale.
    """
    n_categories = len(ratings.categories)
    if weights == "identity":
        return np.eye(n_categories)
    if weights in {"masi", "jaccard"}:
        return 1 - set_distances(ratings, "masi" if weights == "masi" else "jaccard")
    scale = ratings.scale(_METRIC_OF_WEIGHTS[weights])
    gaps = _gaps(scale, weights) if n_categories else np.zeros((0, 0))
    largest = gaps.max(initial=0.0)
    return 1 - gaps / largest if largest > 0 else np.ones((n_categories, n_categories))


def _gaps(scale: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    apart = np.abs(scale[:, None] - scale[None, :])
    if weights == "linear":
        return apart
    if weights == "quadratic":
        return apart**2
    if weights == "ratio":
        return ratio_distances(scale)
    if weights == "bipolar":
        total = scale[:, None] + scale[None, :]
        room = (total - 2 * scale.min()) * (2 * scale.max() - total)
        scaled: NDArray[np.float64] = np.divide(apart**2, room, out=np.zeros_like(apart), where=apart > 0)
        return scaled
    if weights == "ordinal":
        ranks = np.argsort(np.argsort(scale)).astype(float)
        between = np.abs(ranks[:, None] - ranks[None, :]) + 1
        pairs: NDArray[np.float64] = between * (between - 1) / 2
        return pairs
    raise AgreementError(f"There are no weights called “{weights}”.")
