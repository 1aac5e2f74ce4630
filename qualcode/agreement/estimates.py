"""A coefficient with everything a reader needs to judge it: interval, error, sizes, and a reason when it is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qualcode.agreement.metrics import WEIGHTS_OF_METRIC
from qualcode.agreement.ratings import PAIR
from qualcode.agreement.registry import METRICS, find_coefficient
from qualcode.agreement.uncertainty import (
    Interval,
    bootstrap_interval,
    clustered_standard_error,
    draw_clusters,
    draw_units,
    standard_error,
    student_quantile,
)
from qualcode.errors import AgreementError
from qualcode.wording import MANY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.registry import Coefficient, Metric, Weights
    from qualcode.agreement.sums import Sums
    from qualcode.agreement.unitizing import Continuum, SpanSums

Wanted = Literal["all", "reported", "transcripts"]
"""Which intervals: over units and over transcripts, the one that is reported, or over transcripts and no other."""

_OFTEN = 0.05
_COMPLETE = "undefined: chance agreement is already complete, or nothing was compared"
_OF_INTERVAL = ("low", "high", "resampled", "below_667", "below_800")


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
        The 95% interval that is to be reported (see :attr:`resampled`); NaN when there is none.
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
        The intervals over units and, when the transcripts are known, over transcripts; or those that were wanted.
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


def sums_of(ratings: Ratings, coefficient: str, *, metric: Metric = "nominal", weights: Weights | None = None) -> Sums:
    """Return the sums of a coefficient by its name.

    Parameters
    ----------
    metric
        The distance of alpha; the kappas, AC2 and Brennan–Prediger take the weights that go with it.
    weights
        Other weights for these.
    """
    options = {"metric": metric, "weights": weights or WEIGHTS_OF_METRIC[metric]}
    sums: Sums = _call(find_coefficient(coefficient, "units"), ratings, options)
    return sums


def _call(entry: Coefficient, data: object, options: Mapping[str, object]) -> Any:
    """Return what the function of a coefficient makes of data and of those options that it takes."""
    module, _, name = entry.function.partition(":")
    function: Callable[..., Any] = getattr(import_module(module, __package__), name)
    return function(data, **{option: options[option] for option in entry.options})


def estimate(
    ratings: Ratings,
    coefficient: str,
    *,
    metric: Metric = "nominal",
    weights: Weights | None = None,
    draws: int = 1000,
    seed: int = 0,
    wanted: Wanted = "all",
) -> Estimate:
    """Return a coefficient with its interval.

    Parameters
    ----------
    ratings
        Two or more coders' values. Coders who gave none are left out.
    coefficient
        A name out of :data:`~qualcode.agreement.registry.COEFFICIENTS`.
    metric, weights
        As in :func:`sums_of`.
    draws
        Bootstrap samples; 0 for the value and its standard error alone.
    seed
        The same seed gives the same interval.
    wanted
        Whether to draw the interval that is not reported as well, which takes as long again or longer.

    Returns
    -------
    Estimate
        The value, its standard error and its 95 % interval, or the reason why there is none.

    Raises
    ------
    AgreementError
        If a name is unknown, or the values do not fit the metric.

    Examples
    --------
    >>> from qualcode.agreement import rate
    >>> ratings = rate([["yes", "yes"], ["no", "no"], ["yes", "yes"], ["yes", "no"]])
    >>> estimate(ratings, "cohen").value
    0.5
    """
    entry = find_coefficient(coefficient, "units")
    if metric not in METRICS:
        raise AgreementError(f"There is no metric “{metric}”.", hint=f"There are: {', '.join(METRICS)}")
    kinds, counts = ratings.kinds
    if metric in {"ordinal", "interval", "ratio"}:
        kinds.scale(metric)
    is_compared = kinds.n_values >= PAIR
    found = Estimate(
        coefficient,
        _name_metric(entry, metric, weights),
        n_units=int(counts[is_compared].sum()),
        n_coders=kinds.n_coders,
    )
    reason = why_undefined(kinds, entry)
    if reason:
        return replace(found, reason=reason)
    sums = sums_of(kinds, coefficient, metric=metric, weights=weights)
    # They are of all units, or of those with two values.
    used = slice(None) if sums.n_given == len(counts) else is_compared
    clusters = None if kinds.clusters is None else kinds.clusters[used]
    sums = replace(sums, counts=counts[used])
    return _measure(found, sums, clusters, kinds.n_clusters, draws=draws, seed=seed, wanted=wanted)


def _name_metric(entry: Coefficient, metric: Metric, weights: Weights | None) -> str:
    """Return which of the two a coefficient heeds: without options, it only knows equal and different."""
    if "weights" in entry.options and weights is not None:
        return weights
    return metric if entry.options else "nominal"


def why_undefined(ratings: Ratings, entry: Coefficient) -> str:
    """Return why a coefficient cannot be given for these ratings; ``""`` when it can."""
    if ratings.n_coders < PAIR:
        return f"only one coder ({ratings.coders[0]}) gave values" if ratings.coders else "there are no values"
    if not ratings.is_comparable:
        return "no unit has values of two coders"
    if entry.coders == "two" and ratings.n_coders > PAIR:
        return (
            f"{entry.label} compares two coders, not {ratings.n_coders}: choose two with --coders, or use alpha, "
            "fleiss, conger or light"
        )
    if entry.needs == "nothing":
        return ""
    compared = ratings.take(ratings.n_values >= PAIR)
    if not compared.has_variation:
        value = ratings.categories[int(compared.values.max())] or "the empty set"
        return (
            f"no variation: every value is “{value}”, so agreement beyond chance is undefined (percent agreement is "
            "100%)"
        )
    return _why_pair_undefined(ratings, entry) if entry.needs == "variation in each pair" else ""


def _why_pair_undefined(ratings: Ratings, entry: Coefficient) -> str:
    for pair in combinations(ratings.coders, 2):
        reason = why_undefined(ratings.choose(pair), replace(entry, needs="variation"))
        if reason:
            return f"{' and '.join(pair)}: {reason}"
    return ""


def _measure(
    found: Estimate,
    sums: Sums,
    clusters: NDArray[np.intp] | None,
    n_clusters: int,
    *,
    draws: int,
    seed: int,
    wanted: Wanted,
) -> Estimate:
    """Fill in value, standard error and intervals of an estimate."""
    entry, value = find_coefficient(found.coefficient), sums.value()
    if not math.isfinite(value):
        return replace(found, reason=_COMPLETE)
    lowest = 0.0 if entry.needs == "nothing" else -1.0
    effects = None if clusters is None or n_clusters < PAIR else sums.influences_of(clusters, n_clusters)
    intervals = _intervals(sums, value, clusters, effects, draws, seed, lowest, wanted)
    chosen = _choose(intervals)
    if chosen is not None and chosen.resampled == "transcripts" and effects is not None:
        error, degrees = clustered_standard_error(effects), n_clusters - 1
    else:
        error, degrees = standard_error(sums, divisor=entry.divisor), sums.n_units - 1
    about = {name: getattr(chosen, name) for name in _OF_INTERVAL} if chosen is not None else {}
    found = replace(found, value=value, standard_error=error, degrees=degrees, intervals=intervals, **about)
    return replace(found, reason=_why_doubtful(found, chosen, draws))


def _intervals(
    sums: Sums,
    value: float,
    clusters: NDArray[np.intp] | None,
    effects: NDArray[np.float64] | None,
    draws: int,
    seed: int,
    lowest: float,
    wanted: Wanted,
) -> tuple[Interval, ...]:
    """Return the intervals that are wanted; ``effects`` are those of the clusters, where these can be drawn."""
    if draws == 0 or sums.n_units < 2:  # noqa: PLR2004  # nothing to draw from
        return ()
    over_transcripts: tuple[Interval, ...] = ()
    if clusters is not None and effects is not None:
        drawn = draw_clusters(sums, clusters, len(effects), draws, seed)
        over_transcripts = (bootstrap_interval(value, drawn, effects, resampled="transcripts", lowest=lowest),)
    if wanted == "transcripts" or (wanted == "reported" and _choose(over_transcripts)):
        return over_transcripts
    drawn = draw_units(sums, draws, seed)
    over_units = bootstrap_interval(value, drawn, sums.influences, resampled="units", counts=sums.weights)
    return over_units, *over_transcripts


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
        if found.value < 1 or find_coefficient(found.coefficient).compares == "passages":
            return "every resample gives the same value: no interval"
        limit = 1 - 0.05 ** (1 / found.n_units)
        digits = 0 if found.n_units < MANY else 1
        return (
            f"no disagreement to resample in {found.n_units} units: no interval (with 95% confidence the share of "
            f"units disagreed on is below {limit:.{digits}%})"
        )
    lost = 1 - chosen.draws / draws
    return f"{lost:.0%} of the resamples had no variation and were left out" if lost > _OFTEN else ""


def estimate_spans(
    continua: Sequence[Continuum],
    coefficient: str,
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
    coefficient
        A name out of :data:`~qualcode.agreement.registry.SPAN_COEFFICIENTS`.
    reach
        Of ``boundary``: how near a near miss is.

    Raises
    ------
    AgreementError
        If the name is unknown, or passages of one coder overlap.
    """
    entry = find_coefficient(coefficient, "passages")
    used = [continuum for continuum in continua if len(continuum.passages) > 1]
    coders = {coder for continuum in used for coder in continuum.passages}
    blank = Estimate(coefficient, "nominal", n_units=len(used), n_coders=len(coders))
    if not used:
        return [replace(blank, reason="no transcript was read by two coders")]
    parts: list[SpanSums] = _call(entry, used, {"reach": reach})
    return [_measure_spans(blank, part, draws, seed) for part in parts] or [replace(blank, reason="nothing is coded")]


def _measure_spans(blank: Estimate, part: SpanSums, draws: int, seed: int) -> Estimate:
    blank = replace(blank, code=part.code, coverage=part.coverage)
    n = part.sums.n_units
    found = _measure(blank, part.sums, np.arange(n), n, draws=draws, seed=seed, wanted="transcripts")
    if math.isnan(found.value):
        return replace(blank, reason=part.undefined)
    if n == 1:
        reason = "one transcript only: no interval, as transcripts are resampled"
        return replace(blank, value=found.value, reason=reason)
    return found
