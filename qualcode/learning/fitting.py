"""Logistic regression with a penalty on the size of its weights: the one learner, small enough to check by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qualcode.learning.rows import fold_singles

if TYPE_CHECKING:
    from qualcode.learning.rows import Floats, Rows

CLOSE_ENOUGH = 1e-4
"""Of the first gradient's length, what may be left when the weights are found."""

_STEPS = 100
_HALVINGS = 30
_PATIENT = 0.1
_GAIN = 1e-4
# Of the gain that a step promises, what it must bring.


def sigmoid(logits: Floats) -> Floats:
    """Return the probabilities of log-odds."""
    shrunk = np.exp(-np.abs(logits))
    found: Floats = np.where(logits >= 0, 1 / (1 + shrunk), shrunk / (1 + shrunk))
    return found


def balance(is_positive: Floats, weights: Floats) -> Floats:
    """Return weights of examples under which those that carry the code count as much together as the others."""
    total, positive = weights.sum(), weights[is_positive > 0].sum()
    sides = np.where(is_positive > 0, positive, total - positive)
    balanced: Floats = weights * total / (2 * sides)
    return balanced


def fit_logistic(rows: Rows, is_positive: Floats, weights: Floats, *, cost: float) -> Floats:
    r"""Return the weights of the features under which examples are told from counterexamples best.

    They minimise :math:`\tfrac12\|w\|^2 + C \sum_i s_i \ln(1 + e^{-t_i w x_i})`, where :math:`t_i` is 1 or −1; the
    constant feature is one of them. By Newton steps, each by conjugate gradients, shortened until it gains. They begin
    at 0, so that the result depends on the examples alone and not on what was fitted before.

    Parameters
    ----------
    rows
        The features of the examples.
    is_positive
        1 for each example that carries the code, 0 for the others.
    weights
        What each counts.
    cost
        C, what a mistake costs beside large weights.

    Returns
    -------
    numpy.ndarray
        A weight for each feature. Checked against scikit-learn's liblinear, which minimises the same.
    """
    folded = fold_singles(rows)
    return folded.unfold(_descend(folded.rows, 2 * is_positive - 1, cost * weights))


def _descend(rows: Rows, signs: Floats, shares: Floats) -> Floats:
    """Return the weights at which the loss is least, from 0 downwards."""
    found = np.zeros(rows.width)
    logits = np.zeros(len(rows))
    first = 0.0
    for _ in range(_STEPS):
        chance = sigmoid(-signs * logits)
        gradient = found - rows.spread(shares * signs * chance)
        size = float(np.sqrt(gradient @ gradient))
        first = first or size
        if size <= CLOSE_ENOUGH * first:
            break
        step = _solve(rows, shares * chance * (1 - chance), -gradient)
        change = rows.dot(step)
        length = _search((found, step), (signs * logits, signs * change), shares, float(gradient @ step))
        if not length:
            break
        found, logits = found + length * step, logits + length * change
    return found


def _loss(weights: Floats, margins: Floats, shares: Floats) -> float:
    return float(weights @ weights / 2 + shares @ np.logaddexp(0, -margins))


def _solve(rows: Rows, curve: Floats, target: Floats) -> Floats:
    """Return roughly what the curvature turns into the target: conjugate gradients, more of them near the end.

    The curvature is 1 + Xᵀ·curve·X; it is never written out.
    """
    found, rest = np.zeros_like(target), target.copy()
    direction, size = rest.copy(), float(rest @ rest)
    limit = size * min(_PATIENT, size**0.25) ** 2
    for _ in range(len(target)):
        if size <= limit:
            break
        turned = direction + rows.spread(curve * rows.dot(direction))
        length = size / float(direction @ turned)
        found, rest = found + length * direction, rest - length * turned
        size, before = float(rest @ rest), size
        direction = rest + size / before * direction
    return found


def _search(weights: tuple[Floats, Floats], margins: tuple[Floats, Floats], shares: Floats, slope: float) -> float:
    """Return how much of a step to go: all of it, or halves until it gains; 0: no part of it gains.

    Of weights and margins it is given where they stand and what the step adds to them.
    """
    present = _loss(weights[0], margins[0], shares)
    length = 1.0
    for _ in range(_HALVINGS):
        if _loss(weights[0] + length * weights[1], margins[0] + length * margins[1], shares) <= (
            present + _GAIN * length * slope
        ):
            return length
        length /= 2
    return 0.0
