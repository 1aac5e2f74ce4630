"""How many segments two or more coders must {everyone} code: by simulation, before the work is done."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qualcode.agreement.coefficients import alpha
from qualcode.agreement.ratings import Ratings
from qualcode.errors import AgreementError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qualcode.agreement.sums import Sums

JOURNAL_SHARES = (0.10, 0.20)
"""The shares of the material that journals ask to be coded twice."""

_SIZES = (20, 30, 40, 50, 75, 100, 125, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000)
_TAIL = 0.025
_ENDLESS = 10**9
_MOST_CODERS = 100


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a code before it is coded.

    Attributes
    ----------
    agreement
        The true alpha.
    prevalence
        The share of segments that carry the code.
    n_coders
        Coders per segment.
    similarity
        How alike segments of one transcript are, from 0 (not at all) to 1: the intraclass correlation of whether coders
        agree. 0.05 is common in interviews.
    segments_per_transcript
        How many segments are drawn from one transcript.
    """

    agreement: float = 0.8
    prevalence: float = 0.1
    n_coders: int = 2
    similarity: float = 0.0
    segments_per_transcript: int = 20

    def __post_init__(self) -> None:
        if not 0 < self.prevalence < 1:
            raise AgreementError(f"The prevalence must be between 0 and 1, not {self.prevalence:g}.")
        if not 0 <= self.agreement < 1:
            raise AgreementError(f"The expected alpha must be at least 0 and below 1, not {self.agreement:g}.")
        if self.n_coders < 2:  # noqa: PLR2004  # a pair
            raise AgreementError("Agreement needs two coders.")
        if self.n_coders > _MOST_CODERS:
            raise AgreementError(f"A plan is for at most {_MOST_CODERS} coders, not {self.n_coders:,}.")
        if not 0 <= self.similarity < 1:
            raise AgreementError(f"The similarity must be at least 0 and below 1, not {self.similarity:g}.")
        if self.segments_per_transcript < 1:
            raise AgreementError("At least one segment must be drawn from a transcript.")

    @property
    def design_effect(self) -> float:
        """By how much drawing several segments of one transcript multiplies the variance: ``1 + (m − 1) · similarity``.

        Kish, L. (1965). *Survey Sampling*, ch. 5.
        """
        return 1 + (self.segments_per_transcript - 1) * self.similarity


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How precise agreement will be for some numbers of segments.

    Attributes
    ----------
    expectation
        What was assumed.
    frame
        One row per number of segments: ``segments``, ``share`` of the material (NaN when its size is unknown), ``uses``
        (expected segments with the code), ``width`` (of the middle 95% of the simulated alphas), ``low``, ``high``,
        ``power`` (the chance to show that alpha exceeds the threshold: the share of simulated samples whose alpha is
        higher than all but 2.5 % of those that a true alpha at the threshold would give) and ``undefined`` (the share
        of samples without variation).
    needed
        The fewest segments that reach the wished width; ``None`` when none of those tried does.
    width, threshold
        The wished width, and the limit of :attr:`frame`'s power.
    n_segments
        How many segments there are in all, when that is known.
    """

    expectation: Expectation
    frame: pd.DataFrame
    needed: int | None
    width: float
    threshold: float
    n_segments: int | None = None

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """What to do, in words."""
        e = self.expectation
        share = f"{e.prevalence * 100:g}%"
        assumed = f"If alpha is {e.agreement:g} and {share} of the segments carry the code, {e.n_coders} coders"
        everyone = "both" if e.n_coders == 2 else "all"  # noqa: PLR2004  # the word for two
        if self.needed is None:
            most = int(self.frame["segments"].max())
            return f"{assumed} do not reach an interval {self.width:g} wide with {most:,} segments.{self._shares}"
        drawn = "" if e.similarity == 0 else f" {e.segments_per_transcript} from each transcript,"
        return (
            f"{assumed} must {everyone} code {self.needed:,} segments, drawn at random,{drawn} for an interval "
            f"{self.width:g} wide. Draw them from all transcripts, not from the first ones, before coding begins."
            f"{self._shares}"
        )

    @property
    def _shares(self) -> str:
        """What the shares that journals ask for would give, where the size of the material is known."""
        rows = {math.ceil(share * self.n_segments): share for share in JOURNAL_SHARES} if self.n_segments else {}
        found = [
            f" {rows[row['segments']]:.0%} are {row['segments']:,} segments: an interval {row['width']:.2f} wide, and "
            f"a chance of {row['power']:.0%} to show that alpha exceeds {self.threshold:g}."
            for row in self.frame.to_dict("records")
            if row["segments"] in rows
        ]
        return "".join(found)

    def _repr_html_(self) -> str:
        return f"<p>{self.sentence}</p>{self.frame.round(3).to_html(index=False, na_rep='')}"


def plan_agreement(
    expectation: Expectation,
    *,
    width: float = 0.2,
    threshold: float = 0.667,
    n_segments: int | None = None,
    simulations: int = 10_000,
    seed: int = 0,
) -> Plan:
    """Return how many segments must be coded by all coders for an interval of a wished width.

    Segments are simulated: each is truly of the code or not; with probability √alpha a coder sees which, else they code
    at random with the same prevalence. That gives the expected alpha and prevalence. Segments of one transcript that
    are alike count for fewer: their number is divided by :attr:`Expectation.design_effect`.

    Parameters
    ----------
    expectation
        What is expected, from a pilot or from other studies.
    width
        The wished width of the 95% interval of alpha.
    threshold
        The alpha that is to be exceeded, for the power.
    n_segments
        How many segments there are in all: then the shares that journals ask for (10% and 20%) are rows, too, and the
        drawing is without replacement from that many.
    simulations
        Simulated studies per number of segments.
    seed
        The same seed gives the same numbers.

    Returns
    -------
    Plan
        The least number, and a frame with the precision and power of others.

    Raises
    ------
    AgreementError
        If a number makes no sense.

    Notes
    -----
    Checked against drawing segment by segment, and against the bootstrap intervals of simulated samples: their lower
    limit exceeds the threshold about as often as ``power`` says, less often (by up to a tenth) where fewer than 20
    segments carry the code.

    Examples
    --------
    >>> plan = plan_agreement(Expectation(agreement=0.8, prevalence=0.2), width=0.3, simulations=500)
    >>> plan.needed
    96
    """
    if not 0 < width < 2:  # noqa: PLR2004  # alpha goes from −1 to 1
        raise AgreementError(f"The width of an interval of alpha must be between 0 and 2, not {width:g}.")
    if not 0 <= threshold < 1:
        raise AgreementError(f"The alpha to exceed must be at least 0 and below 1, not {threshold:g}.")
    if n_segments is not None and n_segments < 2:  # noqa: PLR2004  # nothing to draw from
        raise AgreementError("There must be at least two segments.")
    sizes = _sizes(n_segments)
    rows = [_simulate(expectation, size, n_segments, threshold, simulations, seed) for size in sizes]
    frame = pd.DataFrame(rows)
    enough = frame[frame["width"] <= width]["segments"]
    needed = _refine(expectation, enough, sizes, n_segments, width, simulations, seed) if len(enough) else None
    if needed is not None and needed not in sizes:
        extra = _simulate(expectation, needed, n_segments, threshold, simulations, seed)
        frame = pd.concat([frame, pd.DataFrame([extra])]).sort_values("segments").reset_index(drop=True)
    return Plan(expectation, frame, needed, width, threshold, n_segments)


def _sizes(n_segments: int | None) -> list[int]:
    if n_segments is None:
        return list(_SIZES)
    shares = [max(2, math.ceil(share * n_segments)) for share in JOURNAL_SHARES]
    return sorted({*(size for size in _SIZES if size < n_segments), *shares, n_segments})


def _refine(
    expectation: Expectation,
    enough: pd.Series,
    sizes: list[int],
    n_segments: int | None,
    width: float,
    simulations: int,
    seed: int,
) -> int:
    """Return the least number between two of the sizes tried, to the nearest 5."""
    high = int(enough.min())
    low = max((size for size in sizes if size < high), default=2)
    while high - low > 5:  # noqa: PLR2004  # finer than any plan needs
        middle = (low + high) // 2
        found = _simulate(expectation, middle, n_segments, 0.0, simulations, seed)["width"]
        low, high = (low, middle) if found <= width else (middle, high)
    return high


def _simulate(
    expectation: Expectation, size: int, n_segments: int | None, threshold: float, simulations: int, seed: int
) -> dict[str, float]:
    effective = _effective(expectation, size, n_segments)
    defined = _draw_alphas(expectation, effective, simulations, [seed, size])
    below = _draw_alphas(replace(expectation, agreement=threshold), effective, simulations, [seed + 1, size])
    low, high = np.quantile(defined, [_TAIL, 1 - _TAIL]) if len(defined) else (math.nan, math.nan)
    enough = np.quantile(below, 1 - _TAIL) if len(below) else math.nan
    return {
        "segments": size,
        "share": math.nan if n_segments is None else size / n_segments,
        "uses": size * expectation.prevalence,
        "width": float(high - low),
        "low": float(low),
        "high": float(high),
        "power": float((defined > enough).sum() / simulations),
        "undefined": 1 - len(defined) / simulations,
    }


def _effective(expectation: Expectation, size: int, n_segments: int | None) -> int:
    """Return how many independent segments of endless material say as much as ``size`` of these.

    Fewer, where those of one transcript are alike; more, where they are a good part of all that there is (Cochran,
    W. G. (1977). *Sampling Techniques*, ch. 2).
    """
    left = 1.0 if n_segments is None else max(1 - size / n_segments, 1e-9)
    return min(max(2, round(size / expectation.design_effect / left)), _ENDLESS)


def _draw_alphas(expectation: Expectation, n_segments: int, simulations: int, seed: list[int]) -> NDArray[np.float64]:
    """Return the alphas of simulated samples, those that are defined."""
    generator = np.random.default_rng(seed)
    sums, shares = _patterns(expectation)
    counts = generator.multinomial(n_segments, shares, size=simulations).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        values: NDArray[np.float64] = sums.combine(counts @ sums.rows(0, sums.n_units))
    return values[np.isfinite(values)]


def _patterns(expectation: Expectation) -> tuple[Sums, NDArray[np.float64]]:
    """Return every way in which coders can code one segment, and how likely each is.

    Coders are alike, so that only the number of those who give the code matters.
    """
    m = expectation.n_coders
    values = np.array([[1] * k + [0] * (m - k) for k in range(m + 1)], dtype=np.int32)
    uses = np.arange(m + 1)
    ways = np.array([math.comb(m, k) for k in range(m + 1)], dtype=float)
    p, sees = expectation.prevalence, math.sqrt(expectation.agreement)
    shares = np.zeros(len(values))
    for truth, weight in ((1, p), (0, 1 - p)):
        code = sees * truth + (1 - sees) * p
        shares += weight * ways * code**uses * (1 - code) ** (m - uses)
    units = tuple(str(k) for k in range(len(values)))
    coders = tuple(str(k + 1) for k in range(m))
    return alpha(Ratings(values, ("0", "1"), coders, units)), shares / shares.sum()
