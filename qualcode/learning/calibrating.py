"""Scores made into probabilities that hold: of passages with p = .8, eight in ten carry the code.

Beta calibration [1]_, per code, of scores that each segment got from a model that had not seen its transcript.

.. [1] M. Kull, T. Silva Filho and P. Flach (2017). Beta calibration. *AISTATS* 54.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from qualcode.learning.fitting import fit_logistic, sigmoid
from qualcode.learning.rows import pack

if TYPE_CHECKING:
    from qualcode.learning.rows import Flags, Floats, Integers

Word = Literal["likely", "possible", ""]

LIKELY, POSSIBLE = 0.7, 0.4
"""The probabilities from which a suggestion is called so."""

MANY_CODED, MANY_WITH_CODE = 200, 20
"""Coded segments, and passages with the code, below which nothing is called likely."""

FEWEST_TO_CALIBRATE = 5
"""Passages with a code below which a suggestion has no word, and the base rate for probability."""

_SURE = NormalDist().inv_cdf(0.8)
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """What makes a code's scores into probabilities.

    Attributes
    ----------
    yes, no, constant
        p is the logistic function of ``yes · ln s − no · ln(1 − s) + constant``; neither ``yes`` nor ``no`` is below 0.
    n_positive
        How many passages with the code it rests on.
    error
        Expected calibration error in ten equal parts of the scores it was made of.
    n_likely, n_right
        How many segments would be called likely by a calibration made without their part, and how many of these carry
        the code.
    """

    yes: float
    no: float
    constant: float
    n_positive: int
    error: float = float("nan")
    n_likely: int = 0
    n_right: int = 0

    @property
    def holds(self) -> bool:
        """Whether what would be called likely kept that promise where it could be checked, often enough to trust it."""
        return self.n_likely > 0 and _least_share(self.n_right, self.n_likely) >= LIKELY

    def apply(self, scores: Floats) -> Floats:
        """Return the probabilities of scores, to three places, since the last bits differ between machines."""
        return np.round(sigmoid(_terms(scores) @ np.array([self.yes, self.no, self.constant])), 3)


def _least_share(right: int, total: int) -> float:
    """Return Wilson's lower limit of a share, one-sided: the share is larger with a confidence of 80 %.

    A code whose few passages come from one transcript looks safe by accident: of two likely ones, two were right. Asked
    for this much proof, it stays silent until there is some.
    """
    share, square = right / total, _SURE**2 / total
    middle, spread = share + square / 2, _SURE * sqrt(share * (1 - share) / total + square / total / 4)
    return (middle - spread) / (1 + square)


def _terms(scores: Floats) -> Floats:
    inside = np.clip(scores, _EDGE, 1 - _EDGE)
    return np.column_stack([np.log(inside), -np.log1p(-inside), np.ones(len(inside))])


def calibrate(scores: Floats, carries: Flags, *, folds: Integers | None = None) -> Calibration:
    """Return what makes scores into probabilities, from segments of which it is known whether they carry the code.

    Parameters
    ----------
    scores
        From 0 to 1, each by a model that did not see the segment.
    carries
        Whether each carries the code.
    folds
        The part of each: with it, the calibration is checked part by part, since what holds in some transcripts need
        not hold in others.
    """
    made = _calibrate(scores, carries)
    if folds is None or made.n_positive < FEWEST_TO_CALIBRATE:
        return made
    n_likely = n_right = 0
    for fold in sorted(set(folds.tolist())):
        others = folds != fold
        is_likely = _calibrate(scores[others], carries[others]).apply(scores[~others]) >= LIKELY
        n_likely += int(is_likely.sum())
        n_right += int(carries[~others][is_likely].sum())
    return replace(made, n_likely=n_likely, n_right=n_right)


def _calibrate(scores: Floats, carries: Flags) -> Calibration:
    n_positive = int(carries.sum())
    rate = (n_positive + 0.5) / (len(carries) + 1)
    if n_positive < FEWEST_TO_CALIBRATE or n_positive == len(carries):
        return Calibration(0.0, 0.0, float(np.log(rate / (1 - rate))), n_positive)
    terms = _terms(scores)
    kept = np.array([True, True, True])
    weights = np.zeros(3)
    for _ in range(2):  # a slope below 0 would turn the order round; without it, the other one decides
        rows = pack([{}] * len(scores), 0, terms[:, kept])
        found = fit_logistic(rows, carries.astype(float), np.ones(len(scores)), cost=1.0)
        weights = np.zeros(3)
        weights[kept] = found
        if weights[0] >= 0 and weights[1] >= 0:
            break
        kept[int(np.argmin(weights[:2]))] = False
    yes, no = max(float(weights[0]), 0.0), max(float(weights[1]), 0.0)
    made = Calibration(yes, no, float(weights[2]), n_positive)
    return Calibration(yes, no, made.constant, n_positive, measure_error(made.apply(scores), carries))


def measure_error(chances: Floats, carries: Flags, *, n_parts: int = 10) -> float:
    """Return the expected calibration error: how far, on average, stated chances are from what came true.

    Parameters
    ----------
    chances
        What was stated.
    carries
        What came true.
    n_parts
        Into how many parts of equal width the chances are sorted.
    """
    parts = np.minimum((chances * n_parts).astype(int), n_parts - 1)
    stated = np.bincount(parts, chances, n_parts)
    true = np.bincount(parts, carries.astype(float), n_parts)
    return float(np.abs(stated - true).sum() / max(len(chances), 1))


def say_chance(chance: float, calibration: Calibration, *, n_coded: int) -> Word:
    """Return the word for a probability; with little to go by, a weaker one or none.

    Parameters
    ----------
    chance
        Calibrated.
    calibration
        Of the code; nothing is likely by one that did not hold when it was checked.
    n_coded
        How many segments the coder has coded.

    Examples
    --------
    >>> much, little = Calibration(1, 1, 0, 40, n_likely=9, n_right=8), Calibration(1, 1, 0, 8)
    >>> say_chance(0.8, much, n_coded=500), say_chance(0.8, little, n_coded=60)
    ('likely', 'possible')
    """
    if calibration.n_positive < FEWEST_TO_CALIBRATE or chance < POSSIBLE:
        return ""
    is_much = n_coded >= MANY_CODED and calibration.n_positive >= MANY_WITH_CODE
    return "likely" if chance >= LIKELY and is_much and calibration.holds else "possible"
