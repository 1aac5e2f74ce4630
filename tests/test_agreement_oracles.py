"""Agreement on random tables: against other libraries (skipped where there are none), and against definitions."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qualcode.agreement import Ratings, estimate, rate

if TYPE_CHECKING:
    from collections.abc import Callable

N_TABLES = 250
CLOSE = 1e-9


def library(name: str) -> Any:
    """Import a library whose own warnings are not ours to fail on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def tables(n_coders: int | None = None, *, missing: float = 0.0) -> list[Ratings]:
    """Return random tables of many shapes and degrees of agreement; every category is used."""
    generator = np.random.default_rng(2024)
    found = []
    while len(found) < N_TABLES:
        width = n_coders or int(generator.integers(2, 6))
        n_units, q = int(generator.integers(3, 40)), int(generator.integers(2, 6))
        truth = generator.integers(0, q, size=n_units)
        slips = generator.random((n_units, width)) < generator.random()
        values = np.where(slips, generator.integers(0, q, size=(n_units, width)), truth[:, None])
        values = np.where(generator.random(values.shape) < missing, -1, values).astype(np.int32)
        pairable = values[(values >= 0).sum(axis=1) > 1]
        if len(np.unique(pairable[pairable >= 0])) < q or ((values >= 0).sum(axis=0) == 0).any():
            continue
        coders = tuple(f"c{k}" for k in range(width))
        categories = tuple(str(k + 1) for k in range(q))
        found.append(
            Ratings(
                values, categories, coders, tuple(map(str, range(n_units))), numbers=np.arange(1, q + 1, dtype=float)
            )
        )
    return found


def agree(ours: float, theirs: float) -> bool:
    return ours == pytest.approx(theirs, abs=CLOSE) or math.isnan(ours)


@pytest.mark.parametrize(("weights", "theirs"), [(None, None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_cohen_against_scikit_learn(weights: Any, theirs: Any) -> None:
    metrics = library("sklearn.metrics")
    for ratings in tables(2):
        found = estimate(ratings, "cohen", weights=weights, draws=0)
        expected = metrics.cohen_kappa_score(*ratings.values.T, weights=theirs, labels=range(len(ratings.categories)))
        assert agree(found.value, expected)


def test_light_against_scikit_learn() -> None:
    metrics = library("sklearn.metrics")
    for ratings in tables():
        found = estimate(ratings, "light", draws=0)
        if not math.isnan(found.value):
            pairs = combinations(ratings.values.T, 2)
            assert agree(found.value, np.mean([metrics.cohen_kappa_score(a, b) for a, b in pairs]))


@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt")
def test_cohen_with_its_error_and_fleiss_against_statsmodels() -> None:
    rater = library("statsmodels.stats.inter_rater")
    for ratings in tables():
        q = len(ratings.categories)
        counts = np.stack([(ratings.values == k).sum(axis=1) for k in range(q)], axis=1)
        assert agree(estimate(ratings, "fleiss", draws=0).value, rater.fleiss_kappa(counts))
        assert agree(
            estimate(ratings, "brennan_prediger", draws=0).value, rater.fleiss_kappa(counts, method="randolph")
        )
        if ratings.n_coders == 2:
            table = np.zeros((q, q))
            np.add.at(table, tuple(ratings.values.T), 1)
            expected, found = rater.cohens_kappa(table), estimate(ratings, "cohen", draws=0)
            assert agree(found.value, expected.kappa)
            assert agree(found.standard_error, math.sqrt(max(expected.var_kappa, 0)))


def test_many_against_nltk() -> None:
    agreement = library("nltk.metrics.agreement")
    for ratings in tables()[:100]:
        rows = [
            (coder, unit, ratings.categories[ratings.values[row, column]])
            for column, coder in enumerate(ratings.coders)
            for row, unit in enumerate(ratings.units)
        ]
        task = agreement.AnnotationTask(data=rows)
        assert agree(estimate(ratings, "alpha", draws=0).value, task.alpha())
        assert agree(estimate(ratings, "percent", draws=0).value, task.avg_Ao())
        if ratings.n_coders == 2:
            assert agree(estimate(ratings, "scott", draws=0).value, task.pi())
            assert agree(estimate(ratings, "cohen", draws=0).value, task.kappa())


def test_jaccard_alpha_of_sets_against_nltk() -> None:
    agreement, distance = library("nltk.metrics.agreement"), library("nltk.metrics.distance")
    generator = np.random.default_rng(7)
    for _ in range(60):
        units = [
            [
                frozenset(generator.choice(list("abcd"), size=generator.integers(1, 4), replace=False).tolist())
                for _ in "xyz"
            ]
            for _ in range(int(generator.integers(3, 15)))
        ]
        rows = [
            (coder, unit, labels) for unit, row in enumerate(units) for coder, labels in zip("xyz", row, strict=True)
        ]
        task = agreement.AnnotationTask(data=rows, distance=distance.jaccard_distance)
        assert agree(estimate(rate(units), "alpha", metric="jaccard", draws=0).value, task.alpha())


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_with_missing_values_against_its_definition(metric: Any) -> None:
    """The coincidence matrix of Krippendorff (2011), written down as it stands there."""
    for ratings in tables(missing=0.2):
        expected = _alpha_by_coincidences(ratings, metric)
        assert agree(estimate(ratings, "alpha", metric=metric, draws=0).value, expected)


def _alpha_by_coincidences(ratings: Ratings, metric: str) -> float:
    q = len(ratings.categories)
    matrix = np.zeros((q, q))
    for row in ratings.values:
        given = row[row >= 0]
        if len(given) > 1:
            for i, c in enumerate(given):
                for j, k in enumerate(given):
                    if i != j:
                        matrix[c, k] += 1 / (len(given) - 1)
    n = matrix.sum(axis=1)
    distance = np.zeros((q, q))
    for c in range(q):
        for k in range(q):
            low, high = min(c, k), max(c, k)
            distance[c, k] = {
                "nominal": float(c != k),
                "ordinal": (n[low : high + 1].sum() - (n[c] + n[k]) / 2) ** 2,
                "interval": float(c - k) ** 2,
                "ratio": ((c - k) / (c + k + 2)) ** 2,
            }[metric]
    expected = (np.outer(n, n) * distance).sum() / (n.sum() - 1)
    return 1 - (matrix * distance).sum() / expected if expected else math.nan


WEIGHTS: dict[str, Callable[[int, int, int], float]] = {
    "identity": lambda c, k, q: float(c == k),
    "linear": lambda c, k, q: 1 - abs(c - k) / (q - 1),
    "quadratic": lambda c, k, q: 1 - (c - k) ** 2 / (q - 1) ** 2,
    "ordinal": lambda c, k, q: 1 - math.comb(abs(c - k) + 1, 2) / math.comb(q, 2),
}
"""Of categories numbered from 0: Cicchetti & Allison (1971), Fleiss & Cohen (1973), Gwet (2014)."""


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_chance_corrected_coefficients_against_their_definitions(weights: Any, missing: float) -> None:
    """(Pa − Pe) / (1 − Pe), written down as in Gwet (2014, ch. 2 to 5); units with one value count for Pe."""
    for ratings in tables(missing=missing)[:60]:
        q = len(ratings.categories)
        weigh = [[WEIGHTS[weights](c, k, q) for k in range(q)] for c in range(q)]
        rows = [[int(value) for value in row if value >= 0] for row in ratings.values]
        observed = _mean_weight(rows, weigh)
        shares = np.mean([[row.count(c) / len(row) for c in range(q)] for row in rows if row], axis=0)
        total = sum(map(sum, weigh))
        expected = {
            "fleiss": _chance(shares, shares, weigh),
            "conger": _chance_of_pairs(ratings, weigh),
            "ac2": total / (q * (q - 1)) * sum(share * (1 - share) for share in shares),
            "brennan_prediger": total / q**2,
        }
        for name, chance in expected.items():
            found = estimate(ratings, name, weights=weights, draws=0).value
            assert agree(found, (observed - chance) / (1 - chance)), name


def _mean_weight(rows: list[list[int]], weigh: list[list[float]]) -> float:
    units = [[weigh[c][k] for c, k in combinations(row, 2)] for row in rows if len(row) > 1]
    return float(np.mean([np.mean(pairs) for pairs in units]))


def _chance(first: Any, second: Any, weigh: list[list[float]]) -> float:
    return sum(w * first[c] * second[k] for c, row in enumerate(weigh) for k, w in enumerate(row))


def _margins(values: Any, q: int) -> list[float]:
    given = [int(value) for value in values if value >= 0]
    return [given.count(c) / len(given) for c in range(q)]


def _chance_of_pairs(ratings: Ratings, weigh: list[list[float]]) -> float:
    margins = [_margins(column, len(weigh)) for column in ratings.values.T]
    return float(np.mean([_chance(first, second, weigh) for first, second in combinations(margins, 2)]))


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_kappas_of_two_coders_against_their_definitions(weights: Any, missing: float) -> None:
    """Cohen (1968), Scott (1955) and Light (1971), on the units that both saw."""
    for ratings in tables(missing=missing)[:60]:
        q = len(ratings.categories)
        weigh = [[WEIGHTS[weights](c, k, q) for k in range(q)] for c in range(q)]
        kappas = []
        for pair in combinations(range(ratings.n_coders), 2):
            both = ratings.values[:, pair]
            both = both[(both >= 0).all(axis=1)]
            if len(np.unique(both)) < 2:
                break
            observed = _mean_weight(both.tolist(), weigh)
            margins = [_margins(column, q) for column in both.T]
            kappas.append((observed - _chance(*margins, weigh)) / (1 - _chance(*margins, weigh)))
            if ratings.n_coders == 2:
                pooled = np.mean(margins, axis=0)
                chance = _chance(pooled, pooled, weigh)
                assert agree(estimate(ratings, "cohen", weights=weights, draws=0).value, kappas[0])
                assert agree(
                    estimate(ratings, "scott", weights=weights, draws=0).value, (observed - chance) / (1 - chance)
                )
        else:
            assert agree(estimate(ratings, "light", weights=weights, draws=0).value, float(np.mean(kappas)))


def test_alpha_on_an_interval_scale_does_not_depend_on_its_zero() -> None:
    """Far from zero, sums of squares would lose all digits."""
    for ratings in tables(missing=0.2)[:30]:
        assert ratings.numbers is not None
        far = replace(ratings, numbers=ratings.numbers + 1e9)
        near, there = (estimate(one, "alpha", metric="interval", draws=0).value for one in (ratings, far))
        assert there == pytest.approx(near, abs=1e-9, nan_ok=True)
