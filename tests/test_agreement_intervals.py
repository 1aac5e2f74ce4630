"""Standard errors and intervals against other ways to the same number."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from qualcode.agreement import COEFFICIENTS, Ratings, estimate, uncertainty
from qualcode.agreement.estimates import sums_of
from qualcode.agreement.registry import REGISTRY
from qualcode.agreement.uncertainty import (
    bootstrap_interval,
    clustered_standard_error,
    draw_clusters,
    draw_units,
    standard_error,
    student_quantile,
)

VARIANTS = [
    *((name, {}) for name in COEFFICIENTS),
    *((name, {"weights": "quadratic"}) for name in COEFFICIENTS if "weights" in REGISTRY[name].options),
    *(("alpha", {"metric": metric}) for metric in ("ordinal", "interval", "ratio")),
]


def ratings_of(n_units: int, n_coders: int, n_values: int = 4) -> Ratings:
    """Return ratings with two slips in ten, a fifth of them missing where there are more than two coders."""
    generator = np.random.default_rng(4)
    truth = generator.choice(n_values, size=n_units, p=np.arange(n_values, 0, -1) / np.arange(n_values + 1).sum())
    values = np.repeat(truth[:, None], n_coders, axis=1)
    values = np.where(generator.random(values.shape) < 0.2, generator.integers(0, n_values, values.shape), values)
    if n_coders > 2:
        values[generator.random(values.shape) < 0.2] = -1
    coders = tuple("wxyz"[:n_coders])
    names, units = tuple(map(str, range(1, n_values + 1))), tuple(map(str, range(n_units)))
    return Ratings(values.astype(np.int32), names, coders, units, numbers=np.arange(1, n_values + 1, dtype=float))


@pytest.mark.parametrize(("name", "options"), VARIANTS)
@pytest.mark.parametrize("n_units", [60, 7])
def test_the_effect_of_a_unit_is_the_slope_of_the_coefficient(name: str, options: dict[str, Any], n_units: int) -> None:
    """In a study ten thousand times as large, one unit more changes the coefficient by a ten thousandth of that."""
    many = 1e4
    sums = sums_of(ratings_of(n_units, 2 if REGISTRY[name].coders == "two" else 4), name, **options)
    totals = sums.totals * many
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (sums.combine(totals + sums.rows(0, sums.n_units)) - sums.combine(totals)) * many
    assert sums.influences == pytest.approx(slopes, abs=2e-3 * np.abs(slopes).max())


@pytest.mark.parametrize(
    ("probability", "degrees", "quantile"),
    [
        (0.975, 1, 12.7062),
        (0.975, 2, 4.3027),
        (0.975, 3, 3.1824),
        (0.95, 4, 2.1318),
        (0.975, 5, 2.5706),
        (0.995, 10, 3.1693),
        (0.975, 30, 2.0423),
        (0.975, 999, 1.9623),
        (0.975, 1001, 1.9623),
        (0.9995, 1001, 3.3003),
        (0.5, 7, 0.0),
        (0.025, 5, -2.5706),
    ],
)
def test_students_quantile(probability: float, degrees: int, quantile: float) -> None:
    """As every table of the t distribution prints it."""
    assert student_quantile(probability, degrees) == pytest.approx(quantile, abs=6e-5)


EVEN = np.array([-1.0, 1.0])
"""Effects without skewness."""

LEVELS = np.linspace(0, 1, 20_001)
"""Draws of which the share p lies below p, so that an interval shows the levels at which it was cut."""


def test_an_interval_without_bias_and_skewness_is_cut_at_the_percentiles() -> None:
    found = bootstrap_interval(0.5, LEVELS, EVEN, resampled="units")
    assert (found.low, found.high) == (pytest.approx(0.025, abs=1e-4), pytest.approx(0.975, abs=1e-4))
    assert (found.draws, found.resampled) == (20_001, "units")
    assert (found.below_667, found.below_800) == (pytest.approx(0.667, abs=1e-4), pytest.approx(0.8, abs=1e-4))
    wide = bootstrap_interval(0.5, LEVELS, EVEN, resampled="units", confidence=0.9)
    assert (wide.low, wide.high) == (pytest.approx(0.05, abs=1e-4), pytest.approx(0.95, abs=1e-4))


def test_an_interval_is_moved_by_bias_and_skewness() -> None:
    """Efron (1987). By hand, bias: 60 % of the draws lie below, z = .2533; Φ(2z − 1.96) = .0731, Φ(2z + 1.96) = .9932.

    Skewness: effects −1, −1, 2 have Σx³ / (Σx²)^1.5 / 6 = .0680; Φ(−1.96 / 1.1334) = .0419, Φ(1.96 / .8666) = .9881.
    """
    biased = bootstrap_interval(0.6, LEVELS, EVEN, resampled="units")
    assert (biased.low, biased.high) == (pytest.approx(0.0731, abs=2e-4), pytest.approx(0.9932, abs=2e-4))
    assert (biased.below_667, biased.below_800) == (pytest.approx(0.667, abs=1e-4), pytest.approx(0.8, abs=1e-4))
    skewed = bootstrap_interval(0.5, LEVELS, np.array([4.0, 4.0, 7.0]), resampled="units")
    assert (skewed.low, skewed.high) == (pytest.approx(0.0419, abs=2e-4), pytest.approx(0.9881, abs=2e-4))


def test_draws_that_equal_the_estimate_count_half() -> None:
    """Half of 1,000 draws are the estimate, a quarter lies on each side: no bias."""
    drawn = np.concatenate([np.linspace(0, 0.4, 250), np.full(500, 0.5), np.linspace(0.6, 1, 250)])
    found = bootstrap_interval(0.5, drawn, EVEN, resampled="units")
    assert (found.low, found.high) == (pytest.approx(0.04, abs=2e-3), pytest.approx(0.96, abs=2e-3))


def test_an_interval_over_few_transcripts_is_expanded_and_kept_within_what_can_be() -> None:
    """Hesterberg (2015). By hand, of four transcripts: 3.1824 / 1.9600 · √(4/3) = 1.8749 times as far away."""
    effects = np.array([-1.0, 1.0, -1.0, 1.0])
    drawn = 0.4 + (LEVELS - 0.5) / 5
    found = bootstrap_interval(0.4, drawn, effects, resampled="transcripts")
    assert found.low == pytest.approx(0.4 - 0.475 / 5 * 1.8749, abs=1e-4)
    assert found.high == pytest.approx(0.4 + 0.475 / 5 * 1.8749, abs=1e-4)
    chance = bootstrap_interval(0.6, 0.6 + (LEVELS - 0.5) / 5, effects, resampled="transcripts").below_667
    assert chance == pytest.approx(0.5 + 0.067 * 5 / 1.8749, abs=1e-3)
    wide = bootstrap_interval(0.5, 0.5 + (LEVELS - 0.5) * 1.2, effects, resampled="transcripts", lowest=0.0)
    assert (wide.low, wide.high) == (0, 1)
    assert bootstrap_interval(0.5, 0.5 + (LEVELS - 0.5) * 1.2, effects, resampled="transcripts").low < 0


@pytest.mark.parametrize(
    "drawn", [np.array([]), np.full(9, np.nan), np.full(9, 0.5), np.array([0.5, np.nan, 0.5])], ids=str
)
def test_without_variation_among_the_draws_there_is_no_interval(drawn: Any) -> None:
    found = bootstrap_interval(0.5, drawn, EVEN, resampled="units")
    assert math.isnan(found.low)
    assert math.isnan(found.below_800)
    assert found.draws == np.isfinite(drawn).sum()


def test_draws_that_are_not_defined_are_left_out() -> None:
    drawn = np.concatenate([LEVELS, np.full(5000, np.nan)])
    found = bootstrap_interval(0.5, drawn, EVEN, resampled="units")
    assert found.draws == 20_001
    assert found.low == pytest.approx(0.025, abs=1e-4)


def test_the_error_over_transcripts_adds_up_the_effects_of_each() -> None:
    """The root of Σ (x − mean)² · G / (G − 1) over the sums x of the effects of three transcripts' units."""
    ratings = ratings_of(60, 4)
    clusters = np.arange(60) % 3
    sums = sums_of(ratings, "alpha")
    kept = ratings.n_values > 1
    effects = sums.influences
    added = np.array([effects[clusters[kept] == number].sum() for number in range(3)])
    expected = math.sqrt(((added - added.mean()) ** 2).sum() * 3 / 2)
    assert clustered_standard_error(sums.influences_of(clusters[kept], 3)) == pytest.approx(expected)
    found = estimate(replace(ratings, clusters=clusters, cluster_names=("a", "b", "c")), "alpha", draws=200)
    assert found.standard_error == pytest.approx(expected)
    assert found.degrees == 2
    assert math.isnan(clustered_standard_error(sums.influences_of(np.zeros(kept.sum(), dtype=int), 1)))


def test_the_error_over_units_is_the_spread_of_their_effects() -> None:
    """Where all units have two values: n / (n − 1) times the sum of squares, and for Cohen's kappa without that."""
    ratings = ratings_of(60, 2)
    for name, factor in (("alpha", 60 / 59), ("cohen", 1.0)):
        effects = sums_of(ratings, name).influences
        expected = math.sqrt(((effects - effects.mean()) ** 2).sum() * factor)
        assert estimate(ratings, name, draws=0).standard_error == pytest.approx(expected)


def test_two_units_and_two_transcripts_have_an_error() -> None:
    """Percent agreement of two units, 0 and 1: the root of (.5² + .5²) / (2 · 1) is ½; of one, nothing is known."""
    values = np.array([[0, 0], [0, 1]], dtype=np.int32)
    ratings = Ratings(values, ("a", "b"), ("x", "y"), ("1", "2"))
    assert estimate(ratings, "percent", draws=0).standard_error == pytest.approx(0.5)
    sums = sums_of(ratings, "percent")
    assert clustered_standard_error(sums.influences_of(np.arange(2), 2)) == pytest.approx(0.5)
    assert math.isnan(standard_error(sums_of(ratings.take(np.array([True, False])), "percent")))


@pytest.mark.parametrize(("n_values", "name"), [(2, "alpha"), (4, "conger"), (6, "ac1")])
def test_draws_are_those_of_drawing_units_one_by_one(n_values: int, name: str) -> None:
    """Mean, spread and how far down they reach, over 4,000 draws each."""
    sums = sums_of(ratings_of(40, 4, n_values), name)
    rows = sums.rows(0, sums.n_units)
    drawn = np.random.default_rng(9).integers(0, len(rows), size=(4000, len(rows)))
    expected = np.array([sums.combine(rows[units].sum(axis=0)) for units in drawn])
    found = draw_units(sums, 4000, seed=2)
    assert found.mean() == pytest.approx(expected.mean(), abs=0.1 * expected.std())
    assert found.std() == pytest.approx(expected.std(), rel=0.06)
    assert np.quantile(found, 0.05) == pytest.approx(np.quantile(expected, 0.05), abs=0.15 * expected.std())


def test_draws_do_not_depend_on_how_many_are_worked_out_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = sums_of(ratings_of(60, 4, n_values=6), "conger")
    whole = draw_units(sums, 50, seed=3)
    for name in ("_CHUNK", "_KEPT"):
        monkeypatch.setattr(uncertainty, name, 700)
        assert draw_units(sums, 50, seed=3) == pytest.approx(whole, nan_ok=True)


def test_few_kinds_of_units_are_drawn_as_often_as_they_occur() -> None:
    """Percent agreement of 90 of 100 units: its draws are binomial, mean .9 and spread √(.9 · .1 / 100) = .03."""
    values = np.array([[0, 0]] * 90 + [[0, 1]] * 10, dtype=np.int32)
    sums = sums_of(Ratings(values, ("a", "b"), ("x", "y"), tuple(map(str, range(100)))), "percent")
    drawn = draw_units(sums, 20_000, seed=1)
    assert (drawn.mean(), drawn.std()) == (pytest.approx(0.9, abs=0.001), pytest.approx(0.03, rel=0.03))
    over = draw_clusters(sums, np.arange(100), 100, 20_000, seed=1)
    assert (over.mean(), over.std()) == (pytest.approx(0.9, abs=0.001), pytest.approx(0.03, rel=0.03))
