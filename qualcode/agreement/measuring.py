"""A table or ratings → AgreementResult: for all codes together, per code, per transcript or case."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from qualcode.agreement.estimates import estimate
from qualcode.agreement.ratings import PAIR
from qualcode.agreement.registry import check_coefficients, usual_coefficients
from qualcode.agreement.reliability import code_names, compare_coders, find_doubts
from qualcode.agreement.results import AgreementResult
from qualcode.agreement.wording import StudyFacts
from qualcode.errors import AgreementError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.agreement.estimates import Estimate
    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.registry import Metric, Weights
    from qualcode.agreement.reliability import ReliabilityData, Talk
    from qualcode.tables import CodingTable

By = Literal["code", "transcript", "case", "whole"]

_OF_SETS = ("alpha",)
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
    versions: Mapping[str, str] | None = None,
) -> AgreementResult:
    r"""Say how far coders agree.

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
        ``transcript``, ``case``: all codes together, per transcript or case. ``whole``: all codes together.
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
    versions
        Which versions of the codebook count as one: the digest of a version → that of the version it stands for. Those
        that qualcode's own edits (a rename, a move, a merger …) made of one another; coders who worked with them are
        not warned of different codebooks.

    Returns
    -------
    AgreementResult
        With the facts for the methods section.

    Raises
    ------
    AgreementError
        If there are not two coders with common units, or a name is unknown.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> _ = Path("P1.txt").write_text("Mei: The rain came late.\n\nMei: Neighbours helped.\n\nMei: It rained again.\n")
    >>> transcripts, problems = qualcode.read_transcripts("P1.txt")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "P1.txt")
    >>> for coder, segment, code in [("ana", "t001", "water"), ("ben", "t001", "water"), ("ana", "t002", "help")]:
    ...     event = study.decide(coder, f"P1:{segment}", code, "apply")
    >>> seen = [study.mark_seen(coder, ["P1:t001", "P1:t002", "P1:t003"]) for coder in ("ana", "ben")]
    >>> table = study.tabulate(coders=["ana", "ben"])
    >>> result = qualcode.measure_agreement(table.apart())
    >>> result.summary[["code", "percent"]].round(2).to_dict("records")
    [{'code': '', 'percent': 0.67}, {'code': 'water', 'percent': 1.0}, {'code': 'help', 'percent': 0.67}]
    """
    data = compare_coders(table, coders=coders, level=level, interviewer=interviewer)
    names = check_coefficients(coefficients, "units") or usual_coefficients(len(data.coders))[1:]
    names_of_whole = names if coefficients or family is not None else _OF_SETS
    whole, lost = (data.set_ratings(), 0) if family is None else data.family_ratings(family)
    found: list[Estimate] = []
    for group, rows in _groups(data, by):
        ratings = whole if rows is None else whole.narrow(rows)
        found += _estimate_all(ratings, names_of_whole, metric, draws, seed, group=group)
    margins = _margins(whole)
    if by == "code" and family is None:
        found += [one for code in data.codes for one in _estimate_code(data, code, names, draws, seed)]
        margins = _code_margins(data)
    left_out = dict(data.left_out)
    if lost:
        left_out[f"one coder gave several codes of {family} (values, not units)"] = lost
    return AgreementResult(
        estimates=tuple(found),
        coders=data.coders,
        margins=margins,
        left_out=left_out,
        problems=(*table.problems, *find_doubts(data, versions)),
        facts=replace(_facts(data, draws), drawn=drawn, resolved=resolved),
    )


def _groups(data: ReliabilityData, by: By) -> list[tuple[str, np.ndarray | None]]:
    if by in {"code", "whole"}:
        return [("", None)]
    column = np.array(data.units.texts(by), dtype=object)
    return [("", None), *((name, column == name) for name in dict.fromkeys(column.tolist()))]


def _estimate_all(
    ratings: Ratings,
    names: Sequence[str],
    metric: Metric,
    draws: int,
    seed: int,
    *,
    weights: Weights | None = None,
    **about: Any,
) -> list[Estimate]:
    """Return estimates of some coefficients, each with percent agreement and what else is known about them."""
    about["percent"] = estimate(ratings, "percent", draws=0).value
    found = [estimate(ratings, name, metric=metric, weights=weights, draws=draws, seed=seed) for name in names]
    return [replace(one, **about) for one in found]


def _estimate_code(data: ReliabilityData, code: str, names: Sequence[str], draws: int, seed: int) -> list[Estimate]:
    ratings = data.code_ratings(code)
    n_values = int(ratings.seen.sum())
    prevalence = float(ratings.margins()[_PRESENT].sum()) / n_values
    path = data.path(code)
    found = _estimate_all(ratings, names, "nominal", draws, seed, code=path, prevalence=prevalence)
    if prevalence > 0:
        return found
    return [replace(one, reason="no coder used the code: agreement beyond chance is undefined") for one in found]


def _code_margins(data: ReliabilityData) -> pd.DataFrame:
    """Return the share of units that each coder gave each code."""
    frame = pd.DataFrame({"code": [data.path(code) for code in data.codes]})
    seen = data.seen.sum(axis=0)
    uses = data.coded.sum(axis=0)
    for column, coder in enumerate(data.coders):
        frame[coder] = uses[:, column] / max(int(seen[column]), 1)
    frame["all"] = uses.sum(axis=1) / max(int(seen.sum()), 1)
    return frame


def _facts(data: ReliabilityData, draws: int) -> StudyFacts:
    table = data.table
    left_out = data.left_out.get("interviewer talk", 0)
    return StudyFacts(
        unit=table.unit,
        n_units=len(data.units),
        n_units_in_all=len(table.unit_columns) - left_out,
        n_transcripts=len(set(data.units.texts("transcript"))),
        n_transcripts_in_all=len(table.transcripts),
        n_codes=len(data.codes),
        codebook_digest=table.codebook.digest,
        names=code_names(table.codebook),
        draws=draws,
    )


def compare_ratings(
    ratings: Ratings,
    coefficients: Sequence[str] = (),
    *,
    metric: Metric = "nominal",
    weights: Weights | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> AgreementResult:
    r"""Return coefficients of ratings.

    Parameters
    ----------
    ratings
        What :func:`qualcode.read_ratings` returns.
    coefficients
        Names out of :data:`~qualcode.agreement.registry.COEFFICIENTS`; without,
        :func:`~qualcode.agreement.registry.usual_coefficients`.
    metric, weights, draws, seed
        As in :func:`~qualcode.agreement.estimates.estimate`.

    Returns
    -------
    AgreementResult
        Their values with intervals, and how often each coder used each value.

    Raises
    ------
    AgreementError
        If there are fewer than two coders, a name is unknown, or the values do not fit the metric.

    Examples
    --------
    >>> table = b"unit,ana,ben\n1,yes,yes\n2,no,no\n3,yes,yes\n4,yes,no\n"
    >>> result = qualcode.compare_ratings(qualcode.read_ratings(table), ["percent", "cohen"])
    >>> result["percent"].value, result["cohen"].value
    (0.75, 0.5)
    """
    if ratings.n_coders < PAIR:
        names = f" ({ratings.coders[0]})" if ratings.coders else ""
        raise AgreementError(
            f"Agreement needs two coders, not {ratings.n_coders}{names}.", hint="Add the values of another coder"
        )
    chosen = check_coefficients(coefficients, "units") or usual_coefficients(ratings.n_coders, metric)
    return AgreementResult(
        estimates=tuple(_estimate_all(ratings, chosen, metric, draws, seed, weights=weights)),
        coders=ratings.coders,
        margins=_margins(ratings),
        left_out=_left_out(ratings),
        problems=ratings.problems,
    )


def _margins(ratings: Ratings) -> pd.DataFrame:
    """Return the share of each value (of sets: of the sets that hold each label) per coder, and over all coders."""
    counts = ratings.margins()
    totals = counts.sum(axis=0)
    if ratings.members is not None:
        counts = ratings.members.T.astype(int) @ counts
    names = ratings.categories if ratings.members is None else ratings.labels
    frame = pd.DataFrame({"value": list(names)})
    for place, coder in enumerate(ratings.coders):
        frame[coder] = counts[:, place] / totals[place] if totals[place] else math.nan
    frame["all"] = counts.sum(axis=1) / totals.sum() if totals.sum() else math.nan
    return frame


def _left_out(ratings: Ratings) -> dict[str, int]:
    """Return how many units are not compared, by reason."""
    n_values = ratings.n_values
    counts = {
        "only one coder gave a value": int((n_values == 1).sum()),
        "no coder gave a value": int((n_values == 0).sum()),
    }
    return {reason: count for reason, count in counts.items() if count}
