"""Standard errors and intervals against other ways to the same number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qualcode.agreement import COEFFICIENTS, Ratings
from qualcode.agreement.estimates import sums_of
from qualcode.agreement.registry import REGISTRY

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
    totals = sums.totals() * many
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (sums.combine(totals + sums.rows(0, sums.n_units)) - sums.combine(totals)) * many
    assert sums.influences() == pytest.approx(slopes, abs=2e-3 * np.abs(slopes).max())
