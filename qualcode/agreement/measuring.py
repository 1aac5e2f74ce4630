"""CodingTable → AgreementResult: coefficients per code, for all codes together, per transcript or per case."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from qualcode.agreement.comparison import Comparison, Talk, compare_coders, find_doubts
from qualcode.agreement.estimates import Coefficient, Estimate, estimate
from qualcode.agreement.results import (
    AgreementResult,
    StudyFacts,
    known_coefficients,
    margins_of,
    names_of,
    usual_coefficients,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.agreement.ratings import Metric, Ratings
    from qualcode.tables import CodingTable

By = Literal["code", "transcript", "case"]

_OF_SETS: tuple[Coefficient, ...] = ("alpha",)
"""What is usual for sets of codes, where the categories of a kappa or of AC1 are the combinations that happened."""

_PRESENT = 1
"""The category of a code's ratings that says it is present."""


def measure_agreement(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    by: By = "code",
    family: str | None = None,
    coefficients: Sequence[str] = (),
    metric: Metric = "nominal",
    interviewer: Talk = "no",
    draws: int = 1000,
    seed: int = 0,
    drawn: str = "",
    resolved: str = "",
) -> AgreementResult:
    """Say how far coders agree.

    Units are the units of the table that at least two of the coders saw. A coder who saw a unit and left it uncoded
    gave a value; one who did not see it gave none. What is left out is counted by reason.

    Parameters
    ----------
    table
        From :func:`qualcode.tables.tabulate`.
    coders
        Whom to compare, ``rules`` being one of them; all without. One person coding twice is two coders.
    level
        The deepest level of the codebook to compare; a code is the union of what lies below it.
    by
        ``code``: all codes together as sets (multi-valued alpha), then each code by itself, present or not.
        ``transcript``, ``case``: all codes together, per transcript or case.
    family
        Id of a code: then one nominal variable, which of the codes right below it each unit has.
    coefficients
        Names; without, for sets alpha, else a kappa, alpha and AC1. Percent agreement has its own column.
    metric
        Of the sets: ``nominal`` (Krippendorff & Craggs), ``masi`` or ``jaccard``.
    interviewer
        Whether interviewer talk is compared as well.
    draws, seed
        Of the bootstrap.
    drawn, resolved
        For the methods section: how the passages were chosen that several coders coded, and what was done about
        disagreements.

    Returns
    -------
    AgreementResult
        With the facts for the methods section.

    Raises
    ------
    AgreementError
        If there are not two coders with common units, or a name is unknown.
    """
    comparison = compare_coders(table, coders=coders, level=level, interviewer=interviewer)
    names = known_coefficients(coefficients) or usual_coefficients(len(comparison.coders))[1:]
    names_of_whole = names if coefficients or family is not None else _OF_SETS
    whole, lost = _whole(comparison, family)
    groups = _groups(comparison, by)
    found: list[Estimate] = []
    for group, rows in groups:
        ratings = whole if rows is None else _narrow(whole, rows)
        found += _estimate_all(ratings, names_of_whole, metric, draws, seed, group=group)
    margins = margins_of(whole)
    if by == "code" and family is None:
        found += [one for code in comparison.codes for one in _estimate_code(comparison, code, names, draws, seed)]
        margins = _code_margins(comparison)
    left_out = dict(comparison.left_out)
    if lost:
        left_out[f"one coder gave several codes of {family} (values, not units)"] = lost
    return AgreementResult(
        estimates=tuple(found),
        coders=comparison.coders,
        margins=margins,
        left_out=left_out,
        problems=(*table.problems, *find_doubts(comparison)),
        facts=replace(_facts(comparison, draws), drawn=drawn, resolved=resolved),
    )


def _whole(comparison: Comparison, family: str | None) -> tuple[Ratings, int]:
    if family is None:
        return comparison.set_ratings(), 0
    return comparison.family_ratings(family)


def _groups(comparison: Comparison, by: By) -> list[tuple[str, np.ndarray | None]]:
    if by == "code":
        return [("", None)]
    column = comparison.units[by].to_numpy()
    return [("", None), *((str(name), column == name) for name in dict.fromkeys(column.tolist()))]


def _narrow(ratings: Ratings, rows: np.ndarray) -> Ratings:
    """Return the ratings of some units, which are no longer resampled by transcript when they are of one."""
    part = ratings.take(rows)
    if part.clusters is None:
        return part
    present, clusters = np.unique(part.clusters, return_inverse=True)
    names = tuple(part.cluster_names[place] for place in present)
    return replace(part, clusters=clusters.astype(np.intp), cluster_names=names)


def _estimate_all(
    ratings: Ratings,
    names: Sequence[Coefficient],
    metric: Metric,
    draws: int,
    seed: int,
    *,
    group: str = "",
    code: str = "",
    prevalence: float = float("nan"),
) -> list[Estimate]:
    percent = estimate(ratings, "percent", draws=0).value
    found = [estimate(ratings, name, metric=metric, draws=draws, seed=seed) for name in names]
    return [replace(one, group=group, code=code, percent=percent, prevalence=prevalence) for one in found]


def _estimate_code(
    comparison: Comparison, code: str, names: Sequence[Coefficient], draws: int, seed: int
) -> list[Estimate]:
    ratings = comparison.code_ratings(code)
    n_values = int(ratings.seen.sum())
    prevalence = float(ratings.margins()[_PRESENT].sum()) / n_values
    path = comparison.path(code)
    found = _estimate_all(ratings, names, "nominal", draws, seed, code=path, prevalence=prevalence)
    if prevalence > 0:
        return found
    return [replace(one, reason="nobody used the code: agreement beyond chance is not defined") for one in found]


def _code_margins(comparison: Comparison) -> pd.DataFrame:
    """Return the share of units that each coder gave each code."""
    frame = pd.DataFrame({"code": [comparison.path(code) for code in comparison.codes]})
    seen = comparison.seen.sum(axis=0)
    uses = comparison.coded.sum(axis=0)
    for column, coder in enumerate(comparison.coders):
        frame[coder] = uses[:, column] / max(int(seen[column]), 1)
    frame["all"] = uses.sum(axis=1) / max(int(seen.sum()), 1)
    return frame


def _facts(comparison: Comparison, draws: int) -> StudyFacts:
    table = comparison.table
    left_out = comparison.left_out.get("interviewer's talk", 0)
    return StudyFacts(
        unit=table.unit,
        n_units=len(comparison.units),
        n_units_in_all=len(table.units) - left_out,
        n_transcripts=int(comparison.units["transcript"].nunique()),
        n_transcripts_in_all=len(table.transcripts),
        n_codes=comparison.n_codes,
        codebook_digest=table.codebook.digest,
        names=names_of(table.codebook),
        draws=draws,
    )
