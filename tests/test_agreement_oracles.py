"""Agreement against other implementations, on random tables. Each is skipped where the library is not installed."""

from __future__ import annotations

import math
import warnings
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from qualcode.agreement import Ratings, estimate, rate

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
