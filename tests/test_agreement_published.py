"""Agreement against published values: every case and its source is named."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qualcode.agreement import Continuum, Ratings, estimate, estimate_spans, rate, rate_counts, rate_table
from qualcode.agreement.estimates import sums_of
from qualcode.agreement.metrics import jaccard_distances, masi_distances
from qualcode.agreement.uncertainty import standard_error

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
CASES = SHARED / "reliability" / "cases.json"

NAMES = {"bp": "brennan_prediger", "pabak": "brennan_prediger", "mvalpha": "alpha"}
NOT_OURS = {"cohen_max", "cohen_category", "alpha_U_1995", "gamma_best_disorder", "gamma", "gamma_cat"}

OLDER_FORMULA = 0.016
"""Gwet's printed errors of alpha come from an older formula that lacks a factor 2 in one term."""

KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, None],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
"""Krippendorff (2011), section C: 4 coders, 12 units; also Gwet's cac.raw4raters."""


def expectations(kinds: set[str]) -> Iterator[Any]:
    if not CASES.exists():
        return
    for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]:
        for expected in case["expected"]:
            if case["kind"] in kinds and expected["stat"] not in NOT_OURS:
                yield pytest.param(case, expected, id=f"{case['id']}-{expected['stat']}-{expected.get('metric', '')}")


def build(case: dict[str, Any]) -> Ratings:
    if case["kind"] == "coding":
        return rate(list(zip(*case["data"], strict=True)))
    if case["kind"] == "table":
        return rate_table(case["data"])
    if case["kind"] == "counts":
        return rate_counts(case["data"])
    return rate([[None if value is None else frozenset(value) for value in unit] for unit in case["data"]])


needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the development data is not there")


@needs_cases
@pytest.mark.parametrize(("case", "expected"), list(expectations({"coding", "table", "counts", "sets"})))
def test_published_value(case: dict[str, Any], expected: dict[str, Any]) -> None:
    name: Any = NAMES.get(expected["stat"], expected["stat"])
    found = estimate(
        build(case), name, metric=expected.get("metric", "nominal"), weights=expected.get("weights"), draws=0
    )
    if expected["value"] is None:
        assert math.isnan(found.value)
        assert found.reason.startswith("no variation")
    else:
        assert found.value == pytest.approx(expected["value"], abs=expected["tol"])


@needs_cases
@pytest.mark.parametrize(
    ("case", "expected"), [p for p in expectations({"coding", "table", "counts"}) if p.values[1].get("se")]
)
def test_published_standard_error(case: dict[str, Any], expected: dict[str, Any]) -> None:
    ratings = build(case)
    name: Any = NAMES.get(expected["stat"], expected["stat"])
    metric = expected.get("metric", "nominal")
    sums = sums_of(ratings, name, metric=metric, weights=expected.get("weights"))
    # One package divides by n where the ratings come as a contingency table, by n − 1 where they come raw.
    error = standard_error(sums, divisor="n" if case["kind"] == "table" else "n-1")
    digits = len(str(expected["se"]).split(".")[1])
    if name == "alpha" and case["kind"] != "table":
        assert error == pytest.approx(expected["se"], rel=OLDER_FORMULA)
    else:
        assert error == pytest.approx(expected["se"], abs=0.6 * 10**-digits)


@needs_cases
@pytest.mark.parametrize(("case", "expected"), [p for p in expectations({"coding", "counts"}) if p.values[1].get("ci")])
def test_published_analytic_interval(case: dict[str, Any], expected: dict[str, Any]) -> None:
    if expected["stat"] == "alpha":
        return
    name: Any = NAMES.get(expected["stat"], expected["stat"])
    low, high = estimate(build(case), name, draws=0).analytic_interval()
    assert [low, high] == pytest.approx(expected["ci"], abs=0.0006)


def passages(case: dict[str, Any]) -> Continuum:
    return Continuum("t", case["L"], {coder: tuple(map(tuple, found)) for coder, found in case["data"].items()})


def case_of(name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    return next(case for case in found if case["id"] == name)


@needs_cases
def test_alphas_for_free_spans_of_alex_paul_and_suzan() -> None:
    """Krippendorff (2019), fig. 12.11; exact values worked out from the formulas."""
    case = case_of("alex_paul_suzan")
    continuum = [passages(case)]
    for name, key in [("u_alpha", "u_alpha"), ("u_alpha_binary", "bar_u_alpha"), ("cu_alpha", "cu_alpha")]:
        [found] = estimate_spans(continuum, name)  # type: ignore[arg-type]
        assert found.value == pytest.approx(case["exact"][key], abs=1e-9)
    [overall] = estimate_spans(continuum, "cu_alpha")
    assert overall.coverage == pytest.approx(0.461111, abs=1e-6)
    by_code = {one.code: one for one in estimate_spans(continuum, "ku_alpha")}
    assert {code: one.value for code, one in by_code.items() if code != "7"} == pytest.approx(
        {"1": 1, "2": 0, "3": 0, "4": 0, "5": 1, "6": 1}, abs=1e-9
    )
    assert math.isnan(by_code["7"].value)
    assert by_code["7"].coverage == 0
    assert by_code["5"].coverage == pytest.approx(0.444, abs=0.001)


@needs_cases
@pytest.mark.parametrize("name", ["boundary_similarity_1", "boundary_similarity_2"])
def test_boundary_similarity_of_masses(name: str) -> None:
    """Fournier (2013), from the author's tests."""
    case = case_of(name)
    [expected] = case["expected"]
    marked = {}
    for coder, masses in zip("ab", case["data"], strict=True):
        ends = [sum(masses[: k + 1]) for k in range(len(masses))]
        marked[coder] = tuple((end - mass, end, "x") for end, mass in zip(ends, masses, strict=True))
    [found] = estimate_spans([Continuum("t", sum(case["data"][0]), marked)], "boundary")
    assert found.value == pytest.approx(expected["value"], abs=expected["tol"])


@pytest.mark.parametrize(
    ("metric", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_example(metric: Any, value: float) -> None:
    found = estimate(rate(list(zip(*KRIPPENDORFF, strict=True))), "alpha", metric=metric, draws=0)
    assert found.value == pytest.approx(value, abs=0.0005)
    assert (found.n_units, found.n_coders) == (11, 4)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("percent", 0.81818, 0.12561),
        ("ac1", 0.77544, 0.14295),
        ("fleiss", 0.76117, 0.15302),
        ("conger", 0.76282, 0.14917),
        ("brennan_prediger", 0.77273, 0.14472),
    ],
)
def test_gwets_raw_ratings(name: Any, value: float, error: float) -> None:
    """Gwet (2014), cac.raw4raters, as printed by R's irrCAC."""
    found = estimate(rate(list(zip(*KRIPPENDORFF, strict=True))), name, draws=0)
    assert (found.value, found.standard_error) == (
        pytest.approx(value, abs=1e-5),
        pytest.approx(error, abs=1e-5),
    )


def test_sets_of_krippendorff_and_craggs() -> None:
    """Krippendorff & Craggs (2016), table 3, as reproduced by R's mvalpha."""
    b, d, a = "bda"
    units: list[list[Any]] = [
        [{b, d}, {d}, None],
        [{a, b, d}, {b}, {b, d}],
        [set(), {a}, {a}],
        [{a}, None, None],
    ]
    found = estimate(rate(units), "alpha", draws=0)
    assert found.value == pytest.approx(0.28659070, abs=1e-7)


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


IRRCAC = SHARED / "irr-reference" / "irrCAC" / "inst" / "extdata"
needs_irrcac = pytest.mark.skipif(not IRRCAC.exists(), reason="the development data is not there")


def rows_of(name: str) -> list[dict[str, str]]:
    with (IRRCAC / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@needs_irrcac
def test_irrcac_distribution_of_four_raters() -> None:
    """AC1 of cac.dist4cat, as printed in irrCAC's vignette."""
    counts = [[int(row[name]) for name in "abc"] for row in rows_of("cac.dist4cat.csv")]
    assert estimate(rate_counts(counts), "ac1", draws=0).value == pytest.approx(0.3518903, abs=1e-7)


@needs_irrcac
@pytest.mark.parametrize(
    ("name", "value"),
    [("fleiss", 0.4139265), ("alpha", 0.4204384), ("ac1", 0.4448007), ("brennan_prediger", 0.4388889)],
)
def test_irrcac_distribution_of_six_raters(name: Any, value: float) -> None:
    rows = rows_of("distrib.6raters.csv")
    counts = [[int(count) for key, count in row.items() if key != "Subject"] for row in rows]
    assert estimate(rate_counts(counts), name, draws=0).value == pytest.approx(value, abs=1e-7)


@needs_irrcac
def test_irrcac_contingency_table() -> None:
    rows = [[int(count) for key, count in row.items() if key != "Type"] for row in rows_of("cont3x3abstractors.csv")]
    expected = {"cohen": 0.7964094, "scott": 0.7962397, "ac1": 0.8493305, "brennan_prediger": 0.835, "percent": 0.89}
    found = {name: estimate(rate_table(rows), name, draws=0).value for name in expected}  # type: ignore[arg-type]
    assert found == pytest.approx(expected, abs=1e-7)


RELF = SHARED / "rqi-relf" / "data" / "interview-data.xlsx"
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


@pytest.mark.skipif(not RELF.exists(), reason="the development data is not there")
@pytest.mark.filterwarnings("ignore:Data Validation extension")
def test_two_raters_of_requirements_interviews() -> None:
    """rqi-relf: kappa per column, and 98 of 117 cells in agreement, by the authors' definitions.

    They leave out statement 1. In the two columns “Entity-Fact” one rater wrote “true ” with a space, which the authors
    count as a disagreement but not as a category, so that their kappa of 1 is not one that ratings can have.
    """
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(RELF, read_only=True, data_only=True)
    first, second = (_sheet(book[name]) for name in (book.sheetnames[0], "Overlap"))
    shared = [key for key in second if key != 1]
    agreed = 0
    for column in [*KAPPAS, "Entity-Fact 1", "Entity-Fact 2"]:
        pairs = [(str(first[key][column]), str(second[key][column])) for key in shared]
        agreed += sum(left == right for left, right in pairs)
        if column in KAPPAS:
            assert estimate(rate(pairs), "cohen", draws=0).value == pytest.approx(KAPPAS[column], abs=0.0006)
    assert (agreed, len(shared) * 13) == (98, 117)


def _sheet(sheet: Any) -> dict[Any, dict[str, Any]]:
    rows = list(sheet.iter_rows(values_only=True))
    header = [str(name) for name in rows[0]]
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows[1:] if row[0] is not None}
