"""Agreement against published values. Every case and its source is in ``published/agreement.json``."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from qualcode.agreement import Continuum, Ratings, estimate, estimate_spans, rate, rate_counts, rate_table
from qualcode.agreement.estimates import sums_of
from qualcode.agreement.metrics import jaccard_distances, masi_distances
from qualcode.agreement.uncertainty import standard_error

PUBLISHED = Path(__file__).parent / "published"
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((PUBLISHED / "agreement.json").read_text("utf-8"))
}

OLDER_FORMULA = 0.016
"""Gwet's printed errors of alpha come from an older formula that lacks a factor 2 in one term."""


def expectations(*kinds: str, told: str = "value") -> list[Any]:
    """Return each case of some kinds with each value that tells something."""
    pairs = [(case, one) for case in CASES.values() if case["kind"] in kinds for one in case["expected"] if told in one]
    return [pytest.param(case, one, id="-".join([case["id"], *map(str, one.values())][:4])) for case, one in pairs]


def build(case: dict[str, Any]) -> Ratings:
    if case["kind"] == "coding":
        return rate(list(zip(*case["data"], strict=True)))
    if case["kind"] == "table":
        return rate_table(case["data"])
    if case["kind"] == "counts":
        return rate_counts(case["data"])
    return rate([[None if value is None else frozenset(value) for value in unit] for unit in case["data"]])


def options(expected: dict[str, Any]) -> dict[str, Any]:
    return {name: expected[name] for name in ("metric", "weights") if name in expected}


def test_the_cases_are_all_there() -> None:
    """Whoever takes one out says so here."""
    assert len(CASES) == 23
    assert len(expectations("coding", "table", "counts", "sets")) == 65
    assert all(case["source"] and all(one["read_in"] for one in case["expected"]) for case in CASES.values())


@pytest.mark.parametrize(("case", "expected"), expectations("coding", "table", "counts", "sets"))
def test_published_value(case: dict[str, Any], expected: dict[str, Any]) -> None:
    found = estimate(build(case), expected["coefficient"], **options(expected), draws=0)
    assert found.value == pytest.approx(expected["value"], abs=expected["tolerance"])


@pytest.mark.parametrize(("case", "expected"), expectations("coding", "table", "counts", told="se"))
def test_published_standard_error(case: dict[str, Any], expected: dict[str, Any]) -> None:
    sums = sums_of(build(case), expected["coefficient"], **options(expected))
    # One package divides by n where the ratings come as a contingency table, by n − 1 where they come raw.
    error = standard_error(sums, divisor="n" if case["kind"] == "table" else "n-1")
    digits = len(str(expected["se"]).split(".")[1])
    if expected["coefficient"] == "alpha" and case["kind"] != "table":
        assert error == pytest.approx(expected["se"], rel=OLDER_FORMULA)
    else:
        assert error == pytest.approx(expected["se"], abs=0.6 * 10**-digits)


@pytest.mark.parametrize(("case", "expected"), expectations("coding", "counts", told="ci"))
def test_published_analytic_interval(case: dict[str, Any], expected: dict[str, Any]) -> None:
    if expected["coefficient"] == "alpha":
        return  # the older formula
    low, high = estimate(build(case), expected["coefficient"], draws=0).analytic_interval()
    assert [low, high] == pytest.approx(expected["ci"], abs=0.0006)


def test_units_with_one_value_count_for_the_margins_only() -> None:
    """Krippendorff (2011), section C: unit 12 has one value."""
    found = estimate(build(CASES["kripp_C_4x12"]), "alpha", draws=0)
    assert (found.n_units, found.n_coders) == (11, 4)


def test_alphas_for_free_spans_of_alex_paul_and_suzan() -> None:
    """Krippendorff (2019), fig. 12.11; exact values worked out from the formulas."""
    case = CASES["alex_paul_suzan"]
    marked = {coder: tuple(map(tuple, found)) for coder, found in case["data"].items()}
    continuum = [Continuum("t", case["length"], marked)]
    printed = {one["coefficient"]: one for one in case["expected"]}
    for name, exact in case["exact"].items():
        [found] = estimate_spans(continuum, name)
        assert found.value == pytest.approx(exact, abs=1e-9)
        assert found.value == pytest.approx(printed[name]["value"], abs=printed[name]["tolerance"])
    [overall] = estimate_spans(continuum, "cu_alpha")
    assert overall.coverage == pytest.approx(0.461111, abs=1e-6)
    assert overall.coverage == pytest.approx(printed["cu_coverage"]["value"], abs=printed["cu_coverage"]["tolerance"])
    by_code = {one.code: one for one in estimate_spans(continuum, "ku_alpha")}
    for code, value in printed["ku_alpha"]["value"].items():
        assert (
            math.isnan(by_code[code].value) if value is None else by_code[code].value == pytest.approx(value, abs=1e-9)
        )
    coverage = printed["ku_coverage"]["value"]
    assert {code: by_code[code].coverage for code in coverage} == pytest.approx(coverage, abs=0.001)


@pytest.mark.parametrize("name", ["boundary_similarity_1", "boundary_similarity_2"])
def test_boundary_similarity_of_masses(name: str) -> None:
    """Fournier (2013), from the author's tests."""
    case = CASES[name]
    [expected] = case["expected"]
    marked = {}
    for coder, masses in zip("ab", case["data"], strict=True):
        ends = [sum(masses[: k + 1]) for k in range(len(masses))]
        marked[coder] = tuple((end - mass, end, "x") for end, mass in zip(ends, masses, strict=True))
    [found] = estimate_spans([Continuum("t", sum(case["data"][0]), marked)], "boundary")
    assert found.value == pytest.approx(expected["value"], abs=expected["tolerance"])


def test_distances_of_sets() -> None:
    """Passonneau (2006): 1 − J·M; the sets are {a}, {a, b}, {b, c}, {c} and the empty set."""
    labels = ["a", "b", "c"]
    sets = ["a", "ab", "bc", "c", ""]
    members = rate([[frozenset(one), None] for one in sets], categories=labels)
    assert members.members is not None
    order = [members.categories.index("; ".join(one)) for one in sets]
    masi = masi_distances(members.members)[order][:, order]
    jaccard = jaccard_distances(members.members)[order][:, order]
    assert masi[0].tolist() == pytest.approx([0, 2 / 3, 1, 1, 1])
    assert masi[1].tolist() == pytest.approx([2 / 3, 0, 8 / 9, 1, 1])
    assert jaccard[0].tolist() == pytest.approx([0, 1 / 2, 1, 1, 1])
    assert (masi[4, 4], jaccard[4, 4]) == (0, 0)


KAPPAS = {
    "Quality Factor 1": 0.873,
    "Quality Factor 2": 0.710,
    "Context Factor 1": 1,
    "Context Factor 2": 0.625,
    "Context Factor 3": 0.000,
    "Activity 1": 0.578,
    "Attribute 1": 0.727,
    "Impact 1": 0.690,
    "Activity 2": 0.710,
    "Attribute 2": 0.419,
    "Impact 2": 1,
}


def test_two_raters_of_requirements_interviews() -> None:
    """Frattini et al. (rqi-relf): kappa per column, and 98 of 117 cells in agreement, by the authors' definitions.

    They leave out statement 1, and so does the file. In the two columns “Entity-Fact” one rater wrote “true ” with a
    space, which the authors count as a disagreement but not as a category, so that their kappa of 1 is not one that
    ratings can have.
    """
    columns: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with (PUBLISHED / "requirements_interviews.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            columns[row["column"]].append((row["first"], row["second"]))
    found = {name: estimate(rate(columns[name]), "cohen", draws=0).value for name in KAPPAS}
    assert found == pytest.approx(KAPPAS, abs=0.0006)
    pairs = [pair for column in columns.values() for pair in column]
    assert (sum(left == right for left, right in pairs), len(pairs)) == (98, 117)
