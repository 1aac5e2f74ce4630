"""Measure how fast agreement is, beside other libraries, and how often its intervals cover the true value.

Run ``python benchmarks/agreement.py`` for speed and ``python benchmarks/agreement.py coverage`` for coverage (minutes).
Libraries that are not installed are left out; krippendorff (GPL) is only ever measured, never depended on.
"""

from __future__ import annotations

import importlib
import platform
import sys
import time
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.agreement import COEFFICIENTS, Continuum, Ratings, estimate, estimate_spans
from qualcode.agreement.estimates import sums_of

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 5


def main() -> None:
    if sys.argv[1:] == ["coverage"]:
        show_coverage()
        show_clustered_coverage()
        return
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}\n")
    show_coefficients()
    show_study()
    show_spans()


def best(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest of several times, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def ratings_of(n_units: int, n_coders: int, n_values: int, missing: float) -> Ratings:
    generator = np.random.default_rng(1)
    truth = generator.integers(0, n_values, size=n_units)
    slips = generator.random((n_units, n_coders)) < 0.3
    values = np.where(slips, generator.integers(0, n_values, size=(n_units, n_coders)), truth[:, None])
    values = np.where(generator.random(values.shape) < missing, -1, values).astype(np.int32)
    return Ratings(
        values,
        tuple(str(k + 1) for k in range(n_values)),
        tuple(f"c{k}" for k in range(n_coders)),
        tuple(map(str, range(n_units))),
        numbers=np.arange(1, n_values + 1, dtype=float),
    )


def show_coefficients() -> None:
    for missing in (0.0, 0.2):
        ratings = ratings_of(100_000, 5, 10, missing)
        pair = ratings.choose(["c0", "c1"])
        print(f"5 coders × 100,000 units, 10 values, {missing:.0%} missing: one coefficient, no interval")
        for name in COEFFICIENTS:
            data = pair if name in {"cohen", "scott"} else ratings
            ours = best(partial(_value, data, name))
            print(f"  {name:18}{ours:8.3f} s{_theirs(name, data, missing)}")
        for metric in ("ordinal", "interval", "ratio"):
            ours = best(partial(_value, ratings, "alpha", metric))
            print(f"  {'alpha ' + metric:18}{ours:8.3f} s{_krippendorff(ratings, metric)}")
        for name in ("alpha", "ac1", "conger", "light"):
            ours = best(partial(estimate, ratings, name, draws=1000), 1)
            print(f"  {name + ', 1,000 draws':18}{ours:8.2f} s")
        print()


def _value(ratings: Ratings, name: Any, metric: Any = "nominal") -> float:
    return sums_of(ratings, name, metric=metric).value()


def _theirs(name: str, ratings: Ratings, missing: float) -> str:
    """Return the times of other libraries for the same coefficient; they take no missing values, alpha apart."""
    if name == "alpha":
        return _krippendorff(ratings, "nominal") + (_nltk(ratings) if not missing else "")
    if missing:
        return ""
    if name == "fleiss" and (rater := _load("statsmodels.stats.inter_rater")):
        values = np.asarray(ratings.values)
        return f"   statsmodels {best(lambda: rater.fleiss_kappa(rater.aggregate_raters(values)[0])):.3f} s"
    if name in {"cohen", "light"} and (metrics := _load("sklearn.metrics")):
        columns = ratings.values.T
        pairs = [(a, b) for k, a in enumerate(columns) for b in columns[k + 1 :]]
        return f"   scikit-learn {best(lambda: [metrics.cohen_kappa_score(a, b) for a, b in pairs]):.3f} s"
    return ""


def _krippendorff(ratings: Ratings, metric: str) -> str:
    library = _load("krippendorff")
    if library is None:
        return ""
    data = np.where(ratings.values < 0, np.nan, ratings.values + 1.0).T
    time_taken = best(lambda: library.alpha(reliability_data=data, level_of_measurement=metric))
    return f"   krippendorff {time_taken:.3f} s"


def _nltk(ratings: Ratings) -> str:
    agreement = _load("nltk.metrics.agreement")
    if agreement is None:
        return ""
    rows = [
        (coder, unit, int(ratings.values[unit, column]))
        for column, coder in enumerate(ratings.coders)
        for unit in range(1000)
    ]
    return f"   nltk {best(lambda: agreement.AnnotationTask(data=rows).alpha(), 1):.3f} s for 1,000 units"


def _load(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            return None


def show_study() -> None:
    generator = np.random.default_rng(2)
    clusters = np.repeat(np.arange(20), 1000)
    names = tuple(f"T{k}" for k in range(20))
    units = tuple(map(str, range(20_000)))
    start = time.perf_counter()
    for code in range(60):
        truth = generator.random(20_000) < 0.02 + code / 200
        values = (truth[:, None] ^ (generator.random((20_000, 5)) < 0.05)).astype(np.int32)
        ratings = Ratings(values, ("0", "1"), tuple("abcde"), units, clusters=clusters, cluster_names=names)
        for name in ("percent", "fleiss", "alpha", "ac1"):
            estimate(ratings, name, draws=1000)
    print(
        "60 codes × 5 coders × 20,000 segments, four coefficients, 1,000 draws over units and over transcripts: "
        f"{time.perf_counter() - start:.1f} s\n"
    )


def show_spans() -> None:
    generator = np.random.default_rng(3)

    def mark() -> tuple[tuple[int, int, str], ...]:
        cuts = np.sort(generator.choice(200_000, size=2000, replace=False)).tolist()
        return tuple((cuts[2 * k], cuts[2 * k + 1], f"k{generator.integers(12)}") for k in range(1000))

    continuum = [Continuum("t", 200_000, {coder: mark() for coder in "abcde"})]
    for name in ("u_alpha", "u_alpha_binary", "cu_alpha", "ku_alpha", "boundary"):
        print(f"{name:16} 5 coders × 1,000 passages: {best(partial(estimate_spans, continuum, name)):.3f} s")


# --- coverage -----------------------------------------------------------------------------------------------


COVERED = ("alpha", "cohen", "ac1", "percent")


def show_coverage(simulations: int = 1000) -> None:
    """Print how often 95 % intervals hold the true value, for two coders and one code."""
    print(f"Share of {simulations:,} samples whose 95 % interval (BCa, 1,000 draws over units) holds the true value;")
    print("in brackets, how many of them have no interval, for want of disagreement or of variation")
    print("true alpha  prevalence  units" + "".join(f"{name:>14}" for name in COVERED))
    for alpha in (0.4, 0.7, 0.85):
        for prevalence in (0.1, 0.3, 0.5):
            for n_units in (100, 200, 500):
                shares = _cover(alpha, prevalence, n_units, simulations)
                cells = "".join(f"{hits:8.3f} ({missing:3})" for hits, missing in shares)
                print(f"{alpha:10}  {prevalence:10}  {n_units:5}  {cells}", flush=True)


PATTERNS = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=np.int32)


def _cover(alpha: float, prevalence: float, n_units: int, simulations: int) -> list[tuple[float, int]]:
    generator = np.random.default_rng(round(alpha * 1000 + prevalence * 100 + n_units))
    both = prevalence**2 + alpha * prevalence * (1 - prevalence)
    shares = [both, prevalence - both, prevalence - both, 1 - 2 * prevalence + both]
    percent, chance = shares[0] + shares[3], 2 * prevalence * (1 - prevalence)
    true = {"alpha": alpha, "cohen": alpha, "ac1": (percent - chance) / (1 - chance), "percent": percent}
    hits = dict.fromkeys(COVERED, 0)
    missing = dict.fromkeys(COVERED, 0)
    for seed in range(simulations):
        values = np.repeat(PATTERNS, generator.multinomial(n_units, shares), axis=0)
        ratings = Ratings(values, ("0", "1"), ("a", "b"), tuple(map(str, range(n_units))))
        for name in COVERED:
            found = estimate(ratings, name, seed=seed)
            missing[name] += bool(np.isnan(found.low))
            hits[name] += found.low <= true[name] <= found.high
    return [(hits[name] / (simulations - missing[name]), missing[name]) for name in COVERED]


def show_clustered_coverage(simulations: int = 1000) -> None:
    """Print how often intervals hold the true alpha when transcripts differ in prevalence and difficulty."""
    true = _sample_transcripts(np.random.default_rng(1), 20_000)
    expected = sums_of(true, "alpha").value()
    print(f"\nTranscripts of 30 segments that differ; true alpha {expected:.3f}: coverage of 95 % intervals")
    print("transcripts  over units  over transcripts  the one reported")
    for n_transcripts in (4, 6, 10, 20, 40):
        generator = np.random.default_rng(n_transcripts)
        hits = np.zeros(3)
        for seed in range(simulations):
            found = estimate(_sample_transcripts(generator, n_transcripts), "alpha", seed=seed)
            pairs = [*((one.low, one.high) for one in found.intervals), (found.low, found.high)]
            hits += [low <= expected <= high for low, high in pairs]
        shares = hits / simulations
        print(f"{n_transcripts:11}  {shares[0]:10.3f}  {shares[1]:16.3f}  {shares[2]:16.3f}", flush=True)


def _sample_transcripts(generator: np.random.Generator, n_transcripts: int, n_segments: int = 30) -> Ratings:
    prevalence = np.repeat(generator.beta(2, 6, size=n_transcripts), n_segments)
    slip = np.repeat(generator.beta(2, 12, size=n_transcripts), n_segments)
    truth = generator.random(len(prevalence)) < prevalence
    values = truth[:, None] ^ (generator.random((len(truth), 2)) < slip[:, None] / 2)
    clusters = np.repeat(np.arange(n_transcripts), n_segments)
    names = tuple(map(str, range(n_transcripts)))
    units = tuple(map(str, range(len(truth))))
    return Ratings(values.astype(np.int32), ("0", "1"), ("a", "b"), units, clusters=clusters, cluster_names=names)


if __name__ == "__main__":
    main()
