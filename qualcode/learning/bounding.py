"""How much of what carries a code was found, at least: a bound that holds at every look.

A random order of the segments that nobody has read is drawn; they are read in that order. After any number of them the
bound may be looked at, and reading may end there, without making it wrong: it is a confidence sequence for sampling
without replacement [1]_.

.. [1] I. Waudby-Smith and A. Ramdas (2020). Confidence sequences for sampling without replacement. *NeurIPS* 33.
"""

from __future__ import annotations

from functools import cache
from math import exp, lgamma, log
from typing import NamedTuple

CONFIDENCE = 0.95


class Bound(NamedTuple):
    """What a check says.

    Attributes
    ----------
    upper
        The largest number of carriers that the segments of the check may have held, those found included.
    recall_low
        The least share of all carriers that is found by now.
    is_reached
        Whether that is the target, or more.
    """

    upper: int
    recall_low: float
    is_reached: bool


def allowed_misses(found: int, target: int) -> int:
    """Return how many carriers may be left when a share of them is found.

    Parameters
    ----------
    found
        How many are found.
    target
        The share, in per cent.

    Examples
    --------
    >>> allowed_misses(57, 95)
    3
    """
    return found * (100 - target) // target


def share_error(confidence: float, number: int) -> float:
    """Return the error that the i-th draw for one code may have: a later draw is a claim of its own, and pays for it.

    However many are drawn after the first, one of them is wrong with at most half the error of the first.
    """
    return (1 - confidence) / (number * (number + 1) if number > 1 else 1)


@cache
def _log_factorial(number: int) -> float:
    return lgamma(number + 1)


def _log_choose(total: int, chosen: int) -> float:
    return _log_factorial(total) - _log_factorial(chosen) - _log_factorial(total - chosen)


@cache
def weigh_beforehand(n_unread: int, allowed: int) -> tuple[float, ...]:
    """Return the logarithm of the weight that each number of carriers has before anything is read.

    Beta-binomial with 1 and β = N / max(1, (a + 1) / 2): it favours few carriers, which makes the bound sharp where it
    matters; whatever the truth, the bound holds.

    Parameters
    ----------
    n_unread
        N, how many segments the check is drawn of.
    allowed
        a, how many carriers may be left.
    """
    beta = n_unread / max(1.0, (allowed + 1) / 2)
    constant = log(beta)  # 1 / B(1, β)
    return tuple(
        _log_choose(n_unread, carriers)
        + _log_factorial(carriers)
        + lgamma(n_unread - carriers + beta)
        - lgamma(n_unread + 1 + beta)
        + constant
        for carriers in range(n_unread + 1)
    )


def bound_carriers(n_unread: int, allowed: int, read: int, hits: int, *, error: float) -> int:
    """Return the largest number of carriers among the segments of a check that what was read of it allows.

    Parameters
    ----------
    n_unread, allowed
        As drawn; see :func:`weigh_beforehand`.
    read, hits
        How many were read in the order of the draw, and how many of these carry the code.
    error
        The chance that the bound is ever wrong, at any look.

    Returns
    -------
    int
        From ``hits`` to what is left beside those without the code.
    """
    if read >= n_unread:
        return hits
    prior = weigh_beforehand(n_unread, allowed)
    possible = range(hits, n_unread - read + hits + 1)
    likely = [_log_choose(carriers, hits) + _log_choose(n_unread - carriers, read - hits) for carriers in possible]
    joint = [one + prior[carriers] for one, carriers in zip(likely, possible, strict=True)]
    top = max(joint)
    limit = top + log(sum(exp(one - top) for one in joint)) + log(error)
    # The number of ways to have read these, C(N, n), is the same on both sides.
    return max(carriers for one, carriers in zip(likely, possible, strict=True) if one > limit)


def bound_recall(
    n_unread: int,
    found: int,
    read: int,
    hits: int,
    *,
    target: int,
    drawn_for: int | None = None,
    error: float = 1 - CONFIDENCE,
) -> Bound:
    """Return how much of what carries a code is found, at least, after a part of a check was read.

    Parameters
    ----------
    n_unread, found
        When it was drawn: how many segments were unread, and how many of the read ones carried the code.
    read, hits
        How many of those drawn were read since, in their order, and how many of them carry the code.
    target
        The wished share, in per cent.
    drawn_for
        The share that was wished when the check was drawn; ``None``: the same.
    error
        The chance that the bound is ever wrong.

    Returns
    -------
    Bound
        It holds however often it is looked at.

    Examples
    --------
    >>> bound_recall(600, 57, 200, 0, target=95)
    Bound(upper=8, recall_low=0.8769230769230769, is_reached=False)
    """
    allowed = allowed_misses(found, drawn_for or target)
    upper = bound_carriers(n_unread, allowed, read, hits, error=error)
    total = found + upper
    low = (found + hits) / total if total else 1.0
    return Bound(upper, low, upper - hits <= allowed_misses(found + hits, target))


def price(
    n_unread: int,
    found: int,
    read: int = 0,
    hits: int = 0,
    *,
    target: int,
    drawn_for: int | None = None,
    error: float = 1 - CONFIDENCE,
) -> int:
    """Return how many more segments must be read to reach a target if none of them carries the code.

    Parameters
    ----------
    n_unread, found, read, hits, target, drawn_for, error
        As for :func:`bound_recall`.

    Examples
    --------
    >>> price(600, 57, target=95), price(600, 57, target=80)
    (367, 139)
    """
    low, high = read, n_unread
    while low < high:
        middle = (low + high) // 2
        bound = bound_recall(n_unread, found, middle, hits, target=target, drawn_for=drawn_for, error=error)
        if bound.is_reached:
            high = middle
        else:
            low = middle + 1
    return low - read
