"""A coefficient with everything a reader needs to judge it: interval, error, sizes, and a reason when it is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING, Literal

import numpy as np

from qualcode.agreement import coefficients as measures
from qualcode.agreement.metrics import WEIGHTS_OF_METRIC, Weights
from qualcode.agreement.ratings import METRICS, PAIR, Metric, Ratings
from qualcode.agreement.sets import alpha_of_sets
from qualcode.agreement.uncertainty import (
    Interval,
    Resampled,
    bootstrap_interval,
    clustered_standard_error,
    draw_clusters,
    draw_units,
    standard_error,
    student_quantile,
)
from qualcode.agreement.unitizing import Continuum, boundary_similarity, unitize
from qualcode.errors import AgreementError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qualcode.agreement.sums import Sums

Coefficient = Literal[
    "percent", "holsti", "cohen", "conger", "fleiss", "light", "scott", "alpha", "ac1", "ac2", "brennan_prediger"
]
SpanCoefficient = Literal["u_alpha", "u_alpha_binary", "cu_alpha", "ku_alpha", "boundary"]

COEFFICIENTS: tuple[Coefficient, ...] = (
    "percent",
    "holsti",
    "cohen",
    "conger",
    "fleiss",
    "light",
    "scott",
    "alpha",
    "ac1",
    "ac2",
    "brennan_prediger",
)
"""The coefficients for units with one value (or one set) per coder."""

SPAN_COEFFICIENTS: tuple[SpanCoefficient, ...] = ("u_alpha", "u_alpha_binary", "cu_alpha", "ku_alpha", "boundary")
"""The coefficients for passages that coders marked freely."""

_UNCORRECTED = frozenset({"percent", "holsti", "boundary"})
_TWO_CODERS = {"cohen": "Cohen's kappa", "scott": "Scott's pi"}
_ALWAYS_NOMINAL = frozenset({"percent", "holsti", "ac1"})
_OFTEN = 0.05


@dataclass(frozen=True, slots=True)
class Estimate:
    """One coefficient on one set of units.

    Attributes
    ----------
    coefficient, metric
        Which one; the metric also names the weights of a weighted kappa.
    value
        NaN when it is not defined.
    low, high
        The 95 % interval that is to be reported (see :attr:`resampled`); NaN when there is none.
    standard_error
        By linearisation; over units, or over transcripts when these are what was resampled.
    n_units, n_coders
        How many units have values of at least two coders, and how many coders gave any; for free spans, how many
        transcripts.
    reason
        Why the value or its interval is missing or doubtful; else ``""``.
    resampled
        What the reported interval was drawn over: ``units``, or whole ``transcripts`` because what is said in one
        interview is not independent; ``""`` without interval.
    below_667, below_800
        The chance that the true value lies below Krippendorff's limits, as the share of draws.
    intervals
        The intervals over units and, when the transcripts are known, over transcripts.
    code, group
        What it is about, where there are several: a code, and a transcript or case.
    prevalence
        Of a code: the share of values that say it is present.
    percent
        Percent agreement on the same units, as a share.
    coverage
        Of ``cu_alpha``: the share of the text that both coded. Of ``ku_alpha``: the share of what was coded with the
        code that another coder coded, too, with whatever code.
    degrees
        Degrees of freedom of the standard error.
    """

    coefficient: str
    metric: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    standard_error: float = math.nan
    n_units: int = 0
    n_coders: int = 0
    reason: str = ""
    resampled: str = ""
    below_667: float = math.nan
    below_800: float = math.nan
    intervals: tuple[Interval, ...] = ()
    code: str = ""
    group: str = ""
    prevalence: float = math.nan
    percent: float = math.nan
    coverage: float = math.nan
    degrees: int = 0

    def analytic_interval(self, *, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval from the standard error and Student's quantile, never above 1."""
        if self.degrees < 1 or math.isnan(self.standard_error):
            return math.nan, math.nan
        half = student_quantile((1 + confidence) / 2, self.degrees) * self.standard_error
        return self.value - half, min(1.0, self.value + half)


def sums_of(
    ratings: Ratings, coefficient: Coefficient, *, metric: Metric = "nominal", weights: Weights | None = None
) -> Sums:
    """Return the sums of a coefficient by its name.

    Parameters
    ----------
    metric
        The distance of alpha; the kappas, AC2 and Brennan–Prediger take the weights that go with it.
    weights
        Other weights for these.
    """
    if coefficient == "percent":
        return measures.percent_agreement(ratings)
    if coefficient == "holsti":
        return measures.holsti(ratings)
    if coefficient == "ac1":
        return measures.gwet_ac(ratings)
    if coefficient == "alpha":
        is_multivalued = ratings.members is not None and metric == "nominal"
        return alpha_of_sets(ratings) if is_multivalued else measures.alpha(ratings, metric=metric)
    weighted: dict[str, Callable[..., Sums]] = {
        "cohen": measures.cohen_kappa,
        "conger": measures.conger_kappa,
        "fleiss": measures.fleiss_kappa,
        "light": measures.light_kappa,
        "scott": measures.scott_pi,
        "ac2": measures.gwet_ac,
        "brennan_prediger": measures.brennan_prediger,
    }
    return weighted[coefficient](ratings, weights=weights or WEIGHTS_OF_METRIC[metric])


def estimate(
    ratings: Ratings,
    coefficient: Coefficient,
    *,
    metric: Metric = "nominal",
    weights: Weights | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Return a coefficient with its interval.

    Parameters
    ----------
    ratings
        Two or more coders' values. Coders who gave none are left out.
    draws
        Bootstrap samples; 0 for the value and its standard error alone.
    seed
        The same seed gives the same interval.

    Raises
    ------
    AgreementError
        If a name is unknown, or the values do not fit the metric.
    """
    if coefficient not in COEFFICIENTS:
        raise AgreementError(f"There is no coefficient {coefficient!r}.", hint=f"There are: {', '.join(COEFFICIENTS)}.")
    if metric not in METRICS:
        raise AgreementError(f"There is no metric {metric!r}.", hint=f"There are: {', '.join(METRICS)}.")
    ratings = _with_values(ratings)
    if metric in {"ordinal", "interval", "ratio"}:
        ratings.scale(metric)
    named = "nominal" if coefficient in _ALWAYS_NOMINAL else metric if weights is None else weights
    found = Estimate(
        coefficient,
        named,
        n_units=int((ratings.n_values >= PAIR).sum()),
        n_coders=ratings.n_coders,
    )
    reason = why_undefined(ratings, coefficient)
    if reason:
        return replace(found, reason=reason)
    sums = sums_of(ratings, coefficient, metric=metric, weights=weights)
    clusters = _clusters_of(ratings, coefficient)
    return measure(found, sums, clusters=clusters, n_clusters=ratings.n_clusters, draws=draws, seed=seed)


def _with_values(ratings: Ratings) -> Ratings:
    """Leave out coders who gave no value at all, and units that nobody gave one."""
    has_values = [bool(column.any()) for column in ratings.seen.T]
    kept = ratings if all(has_values) else ratings.choose(compress(ratings.coders, has_values))
    return kept.take(ratings.n_values > 0)


def _clusters_of(ratings: Ratings, coefficient: Coefficient) -> NDArray[np.intp] | None:
    """Return the cluster of each unit that the sums of a coefficient hold."""
    if ratings.clusters is None or coefficient not in {"alpha", "scott"}:
        return ratings.clusters
    return ratings.clusters[ratings.n_values >= PAIR]


def why_undefined(ratings: Ratings, coefficient: Coefficient) -> str:
    """Return why a coefficient cannot be given for these ratings; ``""`` when it can."""
    if ratings.n_coders < PAIR:
        return f"only one coder ({ratings.coders[0]}) gave values" if ratings.coders else "there are no values"
    if not ratings.is_comparable:
        return "no unit has values of two coders"
    if coefficient in _TWO_CODERS and ratings.n_coders > PAIR:
        return (
            f"{_TWO_CODERS[coefficient]} compares two coders, here are {ratings.n_coders}: choose two with --coders, "
            "or take alpha, fleiss, conger or light"
        )
    if coefficient in _UNCORRECTED:
        return ""
    return _why_constant(ratings, coefficient)


def _why_constant(ratings: Ratings, coefficient: Coefficient) -> str:
    compared = ratings.take(ratings.n_values >= PAIR)
    if not compared.has_variation:
        value = ratings.categories[int(compared.values.max())] or "the empty set"
        return (
            f"no variation: every value is {value!r}, and agreement beyond chance is not defined "
            "(percent agreement is 100 %)"
        )
    return _why_pair_undefined(ratings) if coefficient == "light" else ""


def _why_pair_undefined(ratings: Ratings) -> str:
    for a, first in enumerate(ratings.coders):
        for second in ratings.coders[a + 1 :]:
            pair = ratings.choose([first, second])
            reason = why_undefined(pair, "conger")
            if reason:
                return f"{first} and {second}: {reason}"
    return ""


def measure(
    found: Estimate,
    sums: Sums,
    *,
    clusters: NDArray[np.intp] | None = None,
    n_clusters: int = 0,
    draws: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Fill in value, standard error and intervals of an estimate."""
    value = sums.value()
    if not math.isfinite(value):
        return replace(found, reason="not defined: agreement by chance is already complete, or nothing was compared")
    error, degrees = standard_error(sums, divisor="n" if found.coefficient in _TWO_CODERS else "n-1"), sums.n_units - 1
    lowest = 0.0 if found.coefficient in _UNCORRECTED else -1.0
    intervals = _intervals(sums, value, clusters, n_clusters, draws, seed, lowest)
    chosen = _choose(intervals)
    if chosen is not None and chosen.resampled == "transcripts" and clusters is not None:
        error, degrees = clustered_standard_error(sums, clusters, n_clusters), n_clusters - 1
    found = replace(found, value=value, standard_error=error, degrees=degrees, intervals=intervals)
    if chosen is not None:
        found = replace(
            found,
            low=chosen.low,
            high=chosen.high,
            resampled=chosen.resampled,
            below_667=chosen.below_667,
            below_800=chosen.below_800,
        )
    return replace(found, reason=_why_doubtful(found, chosen, draws))


def _intervals(
    sums: Sums,
    value: float,
    clusters: NDArray[np.intp] | None,
    n_clusters: int,
    draws: int,
    seed: int,
    lowest: float,
) -> tuple[Interval, ...]:
    if draws == 0 or sums.n_units < 2:  # noqa: PLR2004  # nothing to draw from
        return ()
    effects = sums.influences()
    drawn = draw_units(sums, draws, seed)
    intervals = [bootstrap_interval(value, drawn, effects, resampled="units")]
    if clusters is not None and n_clusters > 1:
        drawn = draw_clusters(sums, clusters, n_clusters, draws, seed)
        together = np.bincount(clusters, effects, minlength=n_clusters).astype(float, copy=False)
        intervals.append(bootstrap_interval(value, drawn, together, resampled="transcripts", lowest=lowest))
    return tuple(intervals)


def _choose(intervals: tuple[Interval, ...]) -> Interval | None:
    """Return the interval to report: over transcripts when they are known, else over units."""
    defined = [interval for interval in intervals if not math.isnan(interval.low)]
    return defined[-1] if defined else None


def _why_doubtful(found: Estimate, chosen: Interval | None, draws: int) -> str:
    if draws == 0:
        return ""
    if found.n_units < 2:  # noqa: PLR2004  # one unit has no spread
        return "one unit only: no interval"
    if chosen is None:
        limit = 1 - 0.05 ** (1 / found.n_units)
        return (
            f"no disagreement to resample in {found.n_units} units: no interval (with 95 % confidence the share of "
            f"units disagreed on is below {limit:.1%})"
            if found.value == 1 and found.coefficient in COEFFICIENTS
            else "every resample gives the same value: no interval"
        )
    lost = 1 - chosen.draws / draws
    return f"{lost:.0%} of the resamples had no variation and were left out" if lost > _OFTEN else ""


def estimate_spans(
    continua: Sequence[Continuum],
    coefficient: SpanCoefficient,
    *,
    reach: int = 2,
    draws: int = 1000,
    seed: int = 0,
) -> list[Estimate]:
    """Return a coefficient for free spans with its interval over transcripts; ``ku_alpha`` gives one per code.

    Parameters
    ----------
    continua
        Transcripts with the passages of two or more coders; those that fewer saw are left out.
    reach
        Of ``boundary``: how near a near miss is.

    Raises
    ------
    AgreementError
        If the name is unknown, or passages of one coder overlap.
    """
    if coefficient not in SPAN_COEFFICIENTS:
        known = ", ".join(SPAN_COEFFICIENTS)
        raise AgreementError(f"There is no coefficient {coefficient!r} for spans.", hint=f"There are: {known}.")
    used = [continuum for continuum in continua if len(continuum.passages) > 1]
    coders = {coder for continuum in used for coder in continuum.passages}
    blank = Estimate(coefficient, "nominal", n_units=len(used), n_coders=len(coders))
    if not used:
        return [replace(blank, reason="no transcript was seen by two coders")]
    parts = _span_sums(blank, used, reach)
    found = [_measure_spans(about, sums, draws, seed) for about, sums in parts]
    return found or [replace(blank, reason="nothing is coded")]


def _span_sums(blank: Estimate, used: Sequence[Continuum], reach: int) -> list[tuple[Estimate, Sums]]:
    if blank.coefficient == "boundary":
        return [(blank, boundary_similarity(used, reach=reach))]
    family = unitize(used)
    if blank.coefficient == "u_alpha":
        return [(blank, family.u)]
    if blank.coefficient == "u_alpha_binary":
        return [(blank, family.binary)]
    if blank.coefficient == "cu_alpha":
        return [(replace(blank, coverage=family.cu_coverage), family.cu)]
    return [(replace(blank, code=code, coverage=family.ku_coverage[code]), sums) for code, sums in family.ku.items()]


def _measure_spans(blank: Estimate, sums: Sums, draws: int, seed: int) -> Estimate:
    value = sums.value()
    if not math.isfinite(value):
        return replace(blank, reason=_why_span_undefined(blank))
    if sums.n_units < 2:  # noqa: PLR2004  # nothing to draw from
        return replace(blank, value=value, reason="one transcript only: no interval, for transcripts are resampled")
    clusters = np.arange(sums.n_units)
    found = measure(blank, sums, clusters=clusters, n_clusters=sums.n_units, draws=draws, seed=seed)
    over = tuple(interval for interval in found.intervals if interval.resampled == "transcripts")
    resampled: Resampled = "transcripts"
    return replace(found, intervals=over, resampled=resampled if found.resampled else "")


def _why_span_undefined(blank: Estimate) -> str:
    if blank.coefficient == "boundary":
        return "nobody set a boundary"
    if blank.coefficient in {"cu_alpha", "ku_alpha"}:
        return "too little was coded by two coders, or only one code was used there"
    return "no variation: everything is coded alike, or nothing is coded"
