"""The coefficients for units with one value per coder, each as sums over units.

Every function takes ratings and returns :class:`~qualcode.agreement.sums.Sums`; ``.value()`` of it is the
coefficient. What the formulas share: unit *u* has *m(u)* values; *w(c, k)* says how much values *c* and *k* agree
(1 and 0, unless weighted); *A(u)* is the mean of *w* over the pairs of values of *u*; *Pa* is the mean of *A(u)*
over the units with two values or more; *q* is the number of categories; *Pe* is the agreement that chance would
bring; the coefficient is ``(Pa − Pe) / (1 − Pe)``.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.agreement.metrics import ratio_distances, set_distances, weight_matrix
from qualcode.agreement.ratings import PAIR
from qualcode.agreement.sets import alpha_of_sets
from qualcode.agreement.sums import SumsBuilder, quadratic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.registry import Metric, Weights
    from qualcode.agreement.sums import Sums, Totals


_ROUNDING = 1e-12
"""The share of a sum of squares below which their variation is nothing but rounding."""


def percent_agreement(ratings: Ratings) -> Sums:
    """Return percent agreement (as a share): ``Pa``.

    For more than two coders it is the mean over units of the share of pairs of coders that agree. It does not allow
    for chance: on a code that hardly ever occurs, two coders who never agree on it reach 95%.

    References
    ----------
    Gwet, K. L. (2014). *Handbook of Inter-Rater Reliability* (4th ed.), ch. 2, which also treats missing values.

    Notes
    -----
    Checked against the values and standard errors that Gwet prints (``cac.raw4raters``: .81818, SE .12561) and
    against Krippendorff (2004).
    """
    builder = SumsBuilder(ratings.n_units)
    observed = _add_observed(builder, ratings, None)
    return builder.build(observed, pairable=ratings.n_values >= PAIR)


def holsti(ratings: Ratings) -> Sums:
    """Return Holsti's coefficient ``2M / (N1 + N2)``; for more coders the mean over pairs.

    *M* is the number of decisions on which two coders agree, *N1* and *N2* are all decisions of each. Without missing
    values it is percent agreement. Of sets, *M* is the labels that both gave and *N* the labels that each gave; then
    it fits lists of codes that both coders laid freely on the same units. It does not allow for chance.

    References
    ----------
    Holsti, O. R. (1969). *Content Analysis for the Social Sciences and Humanities*, p. 140.

    Notes
    -----
    Checked against the definition, worked out by hand, and against percent agreement.
    """
    builder = SumsBuilder(ratings.n_units)
    columns = ratings.columns
    sizes = None if ratings.members is None else ratings.members.sum(axis=1)
    common = None if ratings.members is None else ratings.members.astype(float) @ ratings.members.T
    counts = [builder.add(_lookup(sizes, column)) for column in columns]
    both = [(a, b, builder.add(_agree(columns[a], columns[b], common))) for a, b in _pairs(ratings)]

    def combine(totals: Totals) -> NDArray[Any]:
        shares = [2 * totals[..., m] / (totals[..., counts[a]] + totals[..., counts[b]]) for a, b, m in both]
        return _mean(shares)

    return builder.build(combine)


def cohen_kappa(ratings: Ratings, *, weights: Weights = "identity") -> Sums:
    """Return Cohen's kappa of two coders, weighted on demand: ``Pe = Σ w(c, k) · p1(c) · p2(k)``.

    *p1* and *p2* are what each coder used, over the units that both saw. For two fixed coders whose different
    habits should not count as disagreement by themselves. It falls with rare codes (see :func:`gwet_ac`).

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. *Educational and Psychological Measurement*,
    20(1), 37–46. Cohen, J. (1968). Weighted kappa. *Psychological Bulletin*, 70(4), 213–220. Standard error: Fleiss,
    J. L., Cohen, J., & Everitt, B. S. (1969). *Psychological Bulletin*, 72(5), 323–327.

    Notes
    -----
    Checked against Cohen (1960, p. 45), Agresti (1992), Gwet's ``cont3x3abstractors`` and scikit-learn,
    statsmodels and nltk on random tables.
    """
    return _mean_of_pairs(ratings, weights)


def light_kappa(ratings: Ratings, *, weights: Weights = "identity") -> Sums:
    """Return Light's kappa: the mean of Cohen's kappa over all pairs of coders.

    For any number of fixed coders. Each pair is compared on the units that both saw.

    References
    ----------
    Light, R. J. (1971). Measures of response agreement for qualitative data. *Psychological Bulletin*, 76(5), 365–377.

    Notes
    -----
    Checked against Warrens (2010, p. 284; .8325) and against the mean of scikit-learn's kappas on random tables.
    """
    return _mean_of_pairs(ratings, weights)


def conger_kappa(ratings: Ratings, *, weights: Weights = "identity") -> Sums:
    """Return Conger's kappa: ``Pe`` is the mean over pairs of coders of ``Σ w(c, k) · pg(c) · ph(k)``.

    *pg* is what coder *g* used over all units that they saw. For two coders without missing values it is Cohen's
    kappa; for more it is the extension that keeps coders apart.

    References
    ----------
    Conger, A. J. (1980). Integration and generalization of kappas for multiple raters. *Psychological Bulletin*, 88(2),
    322–328. Missing values and standard error: Gwet (2014), ch. 2 and 5.

    Notes
    -----
    Checked against Gwet's ``cac.raw4raters`` (.76282, SE .14917), Warrens (2010; .8326) and Cohen's kappa.
    """
    builder, matrix, observed = _begin(ratings, weights)
    n_categories = len(ratings.categories)
    margins = [builder.add_choices([column], n_categories) for column in ratings.columns]

    def expected(totals: Totals) -> NDArray[Any]:
        shares = [_share(totals[..., margin]) for margin in margins]
        together = sum(shares[1:], start=shares[0])
        own = sum((_expect(share, matrix) for share in shares[1:]), start=_expect(shares[0], matrix))
        result: NDArray[Any] = (_expect(together, matrix) - own) / (len(shares) * (len(shares) - 1))
        return result

    return _corrected(builder, ratings, observed, expected)


def fleiss_kappa(ratings: Ratings, *, weights: Weights = "identity") -> Sums:
    """Return Fleiss' kappa: ``Pe = Σ w(c, k) · π(c) · π(k)`` with ``π(c)`` the mean over units of the share of *c*.

    Coders are taken as drawn from a pool and are not told apart. A unit with a single value counts for ``π`` only.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. *Psychological Bulletin*, 76(5), 378–382.
    Missing values and standard error: Gwet, K. L. (2008). *British Journal of Mathematical and Statistical
    Psychology*, 61(1), 29–48.

    Notes
    -----
    Checked against Gwet's ``distrib.6raters`` (.4139265, SE .08119291) and ``cac.raw4raters`` (.76117, SE .15302),
    Warrens (2010; .8324), Randolph (2005) and statsmodels on random tables.
    """
    builder, matrix, observed = _begin(ratings, weights)
    margins = _add_shares(builder, ratings)
    return _corrected(builder, ratings, observed, lambda totals: _expect(_share(totals[..., margins]), matrix))


def scott_pi(ratings: Ratings, *, weights: Weights = "identity") -> Sums:
    """Return Scott's pi of two coders: Fleiss' kappa on the units that both saw.

    Both are taken to share one distribution of values, so a coder's own habits count as disagreement.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis: The case of nominal scale coding. *Public Opinion
    Quarterly*, 19(3), 321–325.

    Notes
    -----
    Checked against Gwet's ``cont3x3abstractors`` (.7962397), Artstein & Poesio (2008, p. 558), Zwick (1988) and
    nltk on random tables.
    """
    return fleiss_kappa(ratings.take(ratings.n_values >= PAIR), weights=weights)


def gwet_ac(ratings: Ratings, *, weights: Weights = "identity") -> Sums:
    """Return Gwet's AC1, or AC2 when weighted: ``Pe = Σ w / (q (q − 1)) · Σ π(c) (1 − π(c))``.

    ``π`` as in :func:`fleiss_kappa`. It stays high where agreement is high although one value prevails, where the
    kappas and alpha fall; look at both. It depends on how many categories exist, used or not: say which do.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement. *British
    Journal of Mathematical and Statistical Psychology*, 61(1), 29–48. Weights: Gwet (2014), ch. 3.

    Notes
    -----
    Checked against Gwet's ``cac.raw4raters`` (AC1 .77544, SE .14295; bipolar AC2 .90037, SE .10582),
    ``cont3x3abstractors`` (.8493305), ``distrib.6raters`` (.4448007, SE .08418757) and values made with R's irrCAC.
    """
    builder, matrix, observed = _begin(ratings, weights)
    margins = _add_shares(builder, ratings)
    q = len(ratings.categories)
    total = float(q) if matrix is None else float(matrix.sum())

    def expected(totals: Totals) -> NDArray[Any]:
        shares = _share(totals[..., margins])
        result: NDArray[Any] = total * (shares * (1 - shares)).sum(axis=-1) / (q * (q - 1))
        return result

    return _corrected(builder, ratings, observed, expected)


def brennan_prediger(ratings: Ratings, *, weights: Weights = "identity") -> Sums:
    """Return the coefficient of Brennan and Prediger: ``Pe = Σ w / q²``, all values being equally likely.

    With two categories it is PABAK, the prevalence-adjusted bias-adjusted kappa ``2·Pa − 1``; for several coders it
    is Randolph's free-marginal kappa. It depends on how many categories exist, used or not.

    References
    ----------
    Brennan, R. L., & Prediger, D. J. (1981). Coefficient kappa: Some uses, misuses, and alternatives. *Educational
    and Psychological Measurement*, 41(3), 687–699. Byrt, T., Bishop, J., & Carlin, J. B. (1993). Bias, prevalence and
    kappa. *Journal of Clinical Epidemiology*, 46(5), 423–429.

    Notes
    -----
    Checked against Brennan & Prediger (1981, p. 689), Gwet's ``cac.raw4raters`` (.77273, SE .14472) and
    ``distrib.6raters`` (.4388889, SE .08312142), and Warrens (2010; .8358).
    """
    builder, matrix, observed = _begin(ratings, weights)
    q = len(ratings.categories)
    expected = (q if matrix is None else float(matrix.sum())) / q**2
    return _corrected(builder, ratings, observed, lambda _: expected)


def alpha(ratings: Ratings, *, metric: Metric = "nominal") -> Sums:
    """Return Krippendorff's alpha: ``1 − Do / De``.

    ``Do`` is the mean distance of the pairs of values within units, each unit counting *m(u)* times; ``De`` the mean
    distance of all pairs of values that lie in units with two or more. The squared distances: *nominal* 0 or 1;
    *interval* ``(c − k)²``; *ratio* ``((c − k)/(c + k))²``; *ordinal* the squared number of values between the two,
    each end counting half; *masi* and *jaccard* the distances of sets (not squared). For any number of coders, any
    missing values and small samples. Of sets, the nominal metric takes :func:`~qualcode.agreement.sets.alpha_of_sets`.

    References
    ----------
    Krippendorff, K. (2019). *Content Analysis* (4th ed.), ch. 12. Krippendorff, K. (2011). Computing Krippendorff's
    alpha-reliability. Passonneau, R. (2006). MASI. *LREC 2006*.

    Notes
    -----
    Checked against Krippendorff's example of 12 units and 4 coders (nominal .743, ordinal .815, interval .849, ratio
    .797), his books of 1980, 1995 and 2004, and nltk and krippendorff on random tables. The standard error is the one
    for unlimited units (Gwet 2014, current form); Gwet's older printed errors lack a factor 2 in one term and differ by
    up to 2%.
    """
    if metric == "nominal" and ratings.members is not None:
        return alpha_of_sets(ratings)
    pairable = ratings.take(ratings.n_values >= PAIR)
    if metric == "ordinal":
        return _alpha_ordinal(pairable)
    if metric == "interval":
        return _alpha_interval(pairable)
    if metric == "nominal":
        return _alpha_by_margins(pairable, None)
    distances = ratio_distances(ratings.scale("ratio")) if metric == "ratio" else set_distances(ratings, metric)
    return _alpha_by_margins(pairable, distances)


def _alpha_by_margins(ratings: Ratings, distances: NDArray[np.float64] | None) -> Sums:
    builder = SumsBuilder(ratings.n_units)
    observed = builder.add(_pair_distances(ratings, distances))
    margins = builder.add_choices(ratings.columns, len(ratings.categories))

    def combine(totals: Totals) -> NDArray[Any]:
        counts = totals[..., margins]
        n = counts.sum(axis=-1)
        total = n * n - (counts * counts).sum(axis=-1) if distances is None else quadratic(counts, distances)
        result: NDArray[Any] = 1 - (n - 1) * totals[..., observed] / total
        return result

    return builder.build(combine)


def _alpha_interval(ratings: Ratings) -> Sums:
    scale = ratings.scale("interval")
    scale = scale - scale.mean() if len(scale) else scale  # far from zero, squares lose digits
    builder = SumsBuilder(ratings.n_units)
    n_values = ratings.n_values
    seen = ratings.seen
    placed = np.where(seen, scale[ratings.values] if len(scale) else 0.0, 0.0)
    first, second = placed.sum(axis=1), (placed**2).sum(axis=1)
    within = 2 * (n_values * second - first**2) / np.maximum(n_values - 1, 1)
    observed, n_column = builder.add(within), builder.add(n_values)
    sum_column, square_column = builder.add(first), builder.add(second)

    def combine(totals: Totals) -> NDArray[Any]:
        n, total = totals[..., n_column], totals[..., sum_column]
        squares = n * totals[..., square_column]
        varied = squares - total * total
        is_rounding = np.abs(varied) <= _ROUNDING * np.abs(squares)  # the same value everywhere
        result: NDArray[Any] = 1 - (n - 1) * totals[..., observed] / (2 * np.where(is_rounding, np.nan, varied))
        return result

    return builder.build(combine)


def _alpha_ordinal(ratings: Ratings) -> Sums:
    """Alpha with distances that depend on how often each value between two was used.

    The distance of two values is the squared difference of their mean ranks, so all of it follows from the counts of
    values and of pairs of values.
    """
    q = len(ratings.categories)
    place = np.argsort(np.argsort(ratings.scale("ordinal"), kind="stable")).astype(np.intp)
    columns = [np.where(column >= 0, place[column] if q else 0, -1) for column in ratings.columns]
    builder = SumsBuilder(ratings.n_units)
    margins = builder.add_choices(columns, q)
    share = 2 / np.maximum(ratings.n_values - 1, 1)
    choices = [_pair_number(columns[a], columns[b], q) for a, b in _pairs(ratings)]
    used = np.unique(np.concatenate([choice[choice >= 0] for choice in choices] or [np.zeros(0, dtype=np.intp)]))
    choices = [np.where(choice >= 0, np.searchsorted(used, choice), -1) for choice in choices]
    coincidences = builder.add_choices(choices, len(used), share)
    low, high = used // max(q, 1), used % max(q, 1)

    def combine(totals: Totals) -> NDArray[Any]:
        counts = totals[..., margins]
        n = counts.sum(axis=-1)
        ranks = counts.cumsum(axis=-1) - counts / 2 - (n / 2)[..., None]
        gaps = ranks[..., high] - ranks[..., low]
        observed = (totals[..., coincidences] * gaps * gaps).sum(axis=-1)
        mean = (counts * ranks).sum(axis=-1)
        expected = 2 * (n * (counts * ranks * ranks).sum(axis=-1) - mean * mean)
        result: NDArray[Any] = 1 - (n - 1) * observed / expected
        return result

    return builder.build(combine)


def _pair_number(left: NDArray[np.intp], right: NDArray[np.intp], q: int) -> NDArray[np.intp]:
    number = np.minimum(left, right) * q + np.maximum(left, right)
    return np.where((left >= 0) & (right >= 0) & (left != right), number, -1)


def _mean_of_pairs(ratings: Ratings, weights: Weights) -> Sums:
    """Build the mean of Cohen's kappa over all pairs of coders."""
    builder = SumsBuilder(ratings.n_units)
    matrix = None if weights == "identity" else weight_matrix(ratings, weights)
    q = len(ratings.categories)
    columns = ratings.columns
    parts: list[tuple[int, slice, slice]] = []
    for a, b in _pairs(ratings):
        is_both = (columns[a] >= 0) & (columns[b] >= 0)
        agreement = builder.add(_agree(columns[a], columns[b], matrix))
        left, right = (builder.add_choices([np.where(is_both, columns[g], -1)], q) for g in (a, b))
        parts.append((agreement, left, right))

    def combine(totals: Totals) -> NDArray[Any]:
        return _mean([_kappa(totals, matrix, *part) for part in parts])

    return builder.build(combine)


def _kappa(
    totals: Totals, matrix: NDArray[np.float64] | None, agreement: int, left: slice, right: slice
) -> NDArray[Any]:
    counts = totals[..., left]
    n = counts.sum(axis=-1)
    projected = counts if matrix is None else counts @ matrix
    expected = (projected * totals[..., right]).sum(axis=-1) / (n * n)
    return _correct(totals[..., agreement] / n, expected)


def _pairs(ratings: Ratings) -> list[tuple[int, int]]:
    return list(combinations(range(ratings.n_coders), 2))


def _lookup(amounts: NDArray[Any] | None, values: NDArray[Any]) -> NDArray[Any]:
    """Return the amount of each value, and 0 for a missing one; without amounts, 1."""
    if amounts is None:
        return (values >= 0).astype(float)
    return np.where(values >= 0, amounts[values] if len(amounts) else 0, 0)


def _agree(left: NDArray[Any], right: NDArray[Any], matrix: NDArray[np.float64] | None) -> NDArray[Any]:
    """Return how much two coders agree on each unit; 0 where one of them is missing."""
    if matrix is None:
        equal: NDArray[Any] = (left == right) & (left >= 0)
        return equal.astype(float)
    is_both = (left >= 0) & (right >= 0)
    return np.where(is_both, matrix[left, right] if matrix.size else 0.0, 0.0)


def _pair_sum(ratings: Ratings, matrix: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return the sum of agreement (or of distance) over the pairs of values of each unit."""
    columns = ratings.columns
    total = np.zeros(ratings.n_units)
    for a, b in _pairs(ratings):
        total += _agree(columns[a], columns[b], matrix)
    return total


def _pair_distances(ratings: Ratings, distances: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return the sum of distances over ordered pairs of values, over ``m − 1``, for each unit."""
    m = ratings.n_values
    pairs = _pair_sum(ratings, distances)
    both_ways: NDArray[np.float64] = m * (m - 1) - 2 * pairs if distances is None else 2 * pairs
    return both_ways / np.maximum(m - 1, 1)


def _begin(
    ratings: Ratings, weights: Weights
) -> tuple[SumsBuilder, NDArray[np.float64] | None, Callable[[Totals], NDArray[Any]]]:
    """Return a builder with what ``Pa`` needs, the weights, and the function that works ``Pa`` out."""
    builder = SumsBuilder(ratings.n_units)
    matrix = None if weights == "identity" else weight_matrix(ratings, weights)
    return builder, matrix, _add_observed(builder, ratings, matrix)


def _corrected(
    builder: SumsBuilder,
    ratings: Ratings,
    observed: Callable[[Totals], NDArray[Any]],
    expected: Callable[[Totals], NDArray[Any] | float],
) -> Sums:
    """Return the sums of ``(Pa − Pe) / (1 − Pe)``."""
    pairable = ratings.n_values >= PAIR
    return builder.build(lambda totals: _correct(observed(totals), expected(totals)), pairable=pairable)


def _add_observed(
    builder: SumsBuilder, ratings: Ratings, matrix: NDArray[np.float64] | None
) -> Callable[[Totals], NDArray[Any]]:
    """Add what ``Pa`` needs; return the function that works it out."""
    m = ratings.n_values
    n_pairs = m * (m - 1) / 2
    agreement = builder.add(_pair_sum(ratings, matrix) / np.maximum(n_pairs, 1))
    pairable = builder.add(m >= PAIR)

    def observed(totals: Totals) -> NDArray[Any]:
        result: NDArray[Any] = totals[..., agreement] / totals[..., pairable]
        return result

    return observed


def _add_shares(builder: SumsBuilder, ratings: Ratings) -> slice:
    """Add the share of each category in each unit."""
    share = 1 / np.maximum(ratings.n_values, 1)
    return builder.add_choices(ratings.columns, len(ratings.categories), share)


def _share(counts: Totals) -> NDArray[Any]:
    result: NDArray[Any] = counts / counts.sum(axis=-1)[..., None]
    return result


def _expect(shares: NDArray[Any], matrix: NDArray[np.float64] | None) -> NDArray[Any]:
    if matrix is None:
        result: NDArray[Any] = (shares * shares).sum(axis=-1)
        return result
    return quadratic(shares, matrix)


def _correct(observed: NDArray[Any], expected: NDArray[Any] | float) -> NDArray[Any]:
    result: NDArray[Any] = (observed - expected) / (1 - expected)
    return result


def _mean(parts: list[NDArray[Any]]) -> NDArray[Any]:
    result: NDArray[Any] = sum(parts[1:], start=parts[0]) / len(parts)
    return result
