"""What must hold for every table of ratings: symmetry, perfect agreement, chance, and the ties between coefficients."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.agreement import COEFFICIENTS, AgreementResult, Continuum, Ratings, estimate, estimate_spans, rate
from qualcode.agreement.estimates import sums_of
from qualcode.agreement.registry import find_coefficient
from qualcode.agreement.sets import alpha_of_sets
from qualcode.agreement.sums import Sums
from qualcode.agreement.uncertainty import bootstrap_interval, draw_units, standard_error

if TYPE_CHECKING:
    from collections.abc import Callable

LABELS = "abcd"
CHANCE_CORRECTED = [name for name in COEFFICIENTS if name not in {"percent", "holsti"}]
MANY_CODERS = [name for name in COEFFICIENTS if name not in {"cohen", "scott"}]
SYMMETRIC_IN_CODERS = COEFFICIENTS

Values = list[list[str | None]]


@st.composite
def tables(draw: Callable[..., Any], n_coders: int | None = None, *, missing: bool = True) -> Values:
    width = draw(st.integers(2, 5)) if n_coders is None else n_coders
    value = st.sampled_from([*LABELS, None] if missing else list(LABELS))
    return draw(st.lists(st.lists(value, min_size=width, max_size=width), min_size=1, max_size=25))


def value_of(values: Values, name: Any, **options: Any) -> float:
    return estimate(rate(values, **options), name, draws=0).value


def same(left: float, right: float) -> bool:
    return (math.isnan(left) and math.isnan(right)) or left == pytest.approx(right, abs=1e-9)


@pytest.mark.parametrize("name", COEFFICIENTS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_order_and_names_change_nothing(name: Any, data: st.DataObject) -> None:
    values = data.draw(tables(2 if name in {"cohen", "scott"} else None))
    first = value_of(values, name)
    units = data.draw(st.permutations(values))
    assert same(first, value_of(units, name))
    order = data.draw(st.permutations(range(len(values[0]))))
    assert same(first, value_of([[row[k] for k in order] for row in values], name))
    renamed = dict(zip(LABELS, data.draw(st.permutations("wxyz")), strict=True))
    assert same(first, value_of([[v and renamed[v] for v in row] for row in values], name))


@pytest.mark.parametrize("name", COEFFICIENTS)
@settings(max_examples=40, deadline=None)
@given(column=st.lists(st.sampled_from(LABELS), min_size=2, max_size=30))
def test_perfect_agreement_is_one_unless_nothing_varies(name: Any, column: list[str]) -> None:
    width = 2 if name in {"cohen", "scott"} else 3
    found = estimate(rate([[value] * width for value in column]), name, draws=200)
    if len(set(column)) == 1 and name in CHANCE_CORRECTED:
        assert math.isnan(found.value)
        assert "no variation" in found.reason
    else:
        assert found.value == pytest.approx(1)
        assert math.isnan(found.low)
        assert "no disagreement" in found.reason


@settings(max_examples=200, deadline=None)
@given(values=tables())
def test_nothing_exceeds_one_and_undefined_has_a_reason(values: Values) -> None:
    for name in COEFFICIENTS:
        found = estimate(rate(values), name, draws=0)
        assert math.isnan(found.value) or found.value <= 1 + 1e-12
        assert bool(found.reason) == math.isnan(found.value)


@settings(max_examples=200, deadline=None)
@given(values=tables(2, missing=False))
def test_alpha_of_two_coders_is_scotts_pi_and_a_small_sample_term(values: Values) -> None:
    """Krippendorff (2019), ch. 12: alpha = pi + (1 − pi) / 2n."""
    pi, alpha = value_of(values, "scott"), value_of(values, "alpha")
    if not math.isnan(pi):
        assert alpha == pytest.approx(pi + (1 - pi) / (2 * len(values)), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(values=tables(2, missing=False))
def test_coefficients_that_are_one_for_two_coders(values: Values) -> None:
    assert same(value_of(values, "fleiss"), value_of(values, "scott"))
    for other in ("conger", "light"):
        assert same(value_of(values, "cohen"), value_of(values, other))
    assert same(value_of(values, "percent"), value_of(values, "holsti"))


def test_holsti_counts_the_labels_of_each_unit() -> None:
    """By hand: both gave x, then z, then nothing in common, then x: M = 1 + 1 + 0 + 1; ana gave 6 labels, ben 4.

    Not the kinds of labels (both used x, y and z, that would be 1), nor the units with the same set (1 of 4).
    """
    units = [({"x", "y"}, {"x"}), ({"y", "z"}, {"z"}), ({"z"}, {"y"}), ({"x"}, {"x"})]
    assert estimate(rate(units), "holsti", draws=0).value == pytest.approx(2 * 3 / (6 + 4))
    more = [*units, ({"x", "z"}, None), (None, {"x"}), (set(), set())]
    assert estimate(rate(more), "holsti", draws=0).value == pytest.approx(2 * 3 / (8 + 5))


def test_holsti_of_values_counts_the_decisions_of_each_coder() -> None:
    """Holsti (1969, p. 140): 2M ÷ (N1 + N2). Both agree on 3 of 4; ana decided twice more, ben once: 6 ÷ (6 + 5)."""
    values = [["a", "a"], ["a", "a"], ["b", "b"], ["a", "b"], ["a", None], ["b", None], [None, "b"]]
    assert value_of(values, "holsti") == pytest.approx(6 / 11)
    # Of three coders, the mean over pairs: cem agrees with ana on 1 of 1 decision, with ben on none of his.
    three = [[*row, None] for row in values[:4]] + [["a", None, "a"]]
    assert value_of(three, "holsti") == pytest.approx((2 * 3 / 9 + 2 / 6 + 0) / 3)


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.lists(st.sampled_from("ab"), min_size=2, max_size=2), min_size=2, max_size=30))
def test_brennan_and_prediger_of_two_categories_is_pabak(values: Values) -> None:
    found = value_of(values, "brennan_prediger", categories=["a", "b"])
    if not math.isnan(found):
        assert found == pytest.approx(2 * value_of(values, "percent") - 1)


@settings(max_examples=100, deadline=None)
@given(values=tables())
def test_alpha_ignores_units_with_one_value(values: Values) -> None:
    alone = [["a", *[None] * (len(values[0]) - 1)]]
    assert same(value_of(values, "alpha"), value_of(values + alone, "alpha"))


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_units_that_nobody_saw_change_nothing(name: Any) -> None:
    values: Values = [["a", "a"], ["b", "a"], ["b", "b"], ["c", None], ["a", "a"]]
    first, second = (estimate(rate(rows), name) for rows in (values, [*values[:2], [None, None], *values[2:]]))
    assert (first.value, first.standard_error) == (second.value, second.standard_error)
    assert (first.low, first.high) == (second.low, second.high)


def test_draws_without_variation_have_no_value_whatever_the_scale() -> None:
    """Eight of nine units are alike: a sample holds the ninth with probability 1 − (8/9)⁹, else it has no alpha."""
    values = [["1234567.7", "1234567.7"]] * 8 + [["1234567.7", "5.1"]]
    drawn = draw_units(sums_of(rate(values), "alpha", metric="interval"), 4000, 1)
    assert np.isnan(drawn).mean() == pytest.approx((8 / 9) ** 9, abs=0.03)


def test_shares_have_no_interval_below_zero() -> None:
    text = [("P1", "a", "b"), ("P1", "a", "a"), ("P2", "b", "a"), ("P2", "b", "b"), ("P3", "a", "b"), ("P3", "b", "a")]
    ratings = rate([row[1:] for row in text], clusters=[row[0] for row in text])
    found = estimate(ratings, "percent")
    assert found.resampled == "transcripts"
    assert found.low == 0


@settings(max_examples=100, deadline=None)
@given(values=tables())
def test_alpha_of_sets_with_one_code_each_is_nominal_alpha(values: Values) -> None:
    sets = [[None if v is None else frozenset([v]) for v in row] for row in values]
    assert same(value_of(values, "alpha"), estimate(rate(sets), "alpha", draws=0).value)
    for metric in ("masi", "jaccard"):
        assert same(value_of(values, "alpha"), estimate(rate(sets), "alpha", metric=metric, draws=0).value)


label_sets = st.frozensets(st.sampled_from("abcde"), max_size=5)


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.lists(st.one_of(st.none(), label_sets), min_size=3, max_size=3), min_size=2, max_size=12))
def test_alpha_of_sets_against_listing_all_pairs(values: Any) -> None:
    """The generating function against the definition: every pair of sets over the codes, with its weight."""
    ratings = rate([[None if v is None else frozenset(v) for v in row] for row in values])
    if ratings.members is None:
        return
    found = alpha_of_sets(ratings).value()
    expected = _alpha_by_listing(values)
    assert same(found, expected) or not math.isfinite(found)


@pytest.mark.parametrize("n_rows", [7, 300, 2000])
def test_draws_of_large_sets_are_worked_out_together_as_one_by_one(n_rows: int) -> None:
    generator = np.random.default_rng(4)
    given = [[frozenset(np.flatnonzero(generator.random(14) < 0.7).tolist()) for _ in "ab"] for _ in range(30)]
    sums = alpha_of_sets(rate(given))
    weights = generator.multinomial(30, np.full(30, 1 / 30), size=n_rows).astype(float)
    totals = weights @ sums.rows(0, 30)
    some = generator.integers(0, n_rows, size=7)
    assert sums.combine(totals)[some] == pytest.approx([float(sums.combine(totals[row])) for row in some], rel=1e-12)


def _alpha_by_listing(values: list[list[frozenset[str] | None]]) -> float:
    units = [[v for v in row if v is not None] for row in values]
    units = [row for row in units if len(row) > 1]
    pairable = [v for row in units for v in row]
    n = len(pairable)
    if not n:
        return math.nan

    def distance(c: frozenset[str], k: frozenset[str]) -> float:
        return 1 - 2 * len(c & k) / (len(c) + len(k)) if c or k else 0.0

    observed = sum(
        distance(c, k) / (len(row) - 1) for row in units for i, c in enumerate(row) for j, k in enumerate(row) if i != j
    )
    codes = sorted(set().union(*pairable))
    uses = {code: sum(code in v for v in pairable) for code in codes}
    every = [frozenset(c for b, c in enumerate(codes) if mask >> b & 1) for mask in range(2 ** len(codes))]
    expected = 0.0
    for a in range(len(codes) + 1):
        for b in range(len(codes) + 1):
            share = sum(len(v) == a for v in pairable) * sum(len(v) == b for v in pairable) / n**2
            total = weighted = 0.0
            for c in every:
                for k in every:
                    if len(c) == a and len(k) == b:
                        weight = math.prod(uses[x] for x in c ^ k) * math.prod(uses[x] * (uses[x] - 1) for x in c & k)
                        total += weight
                        weighted += weight * distance(c, k)
            expected += share * (weighted / total if total else 0.0)
    return 1 - observed / n / expected if expected else math.nan


@pytest.mark.parametrize("name", CHANCE_CORRECTED)
def test_independent_coding_has_mean_zero(name: Any) -> None:
    """1,000 simulations of two coders who code at random; AC1 and Brennan–Prediger only where values are even."""
    generator = np.random.default_rng(11)
    even = name in {"ac1", "ac2", "brennan_prediger"}
    shares = [1 / 3] * 3 if even else [0.5, 0.3, 0.2]
    found = []
    for _ in range(1000):
        values = generator.choice(3, size=(60, 2), p=shares).astype(np.int32)
        ratings = Ratings(values, ("a", "b", "c"), ("x", "y"), tuple(map(str, range(60))))
        found.append(sums_of(ratings, name).value())
    error = np.std(found) / math.sqrt(len(found))
    assert abs(np.mean(found)) < 4 * error + 1 / 120  # kappas of finite samples are low by about 1 / 2n


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_linearised_error_is_the_spread_of_the_bootstrap(name: Any) -> None:
    generator = np.random.default_rng(5)
    width = 2 if name in {"cohen", "scott"} else 4
    truth = generator.choice(4, size=400, p=[0.4, 0.3, 0.2, 0.1])
    slips = generator.random((400, width)) < 0.2
    values = np.where(slips, generator.choice(4, size=(400, width)), truth[:, None]).astype(np.int32)
    ratings = Ratings(
        values,
        ("1", "2", "3", "4"),
        tuple("wxyz"[:width]),
        tuple(map(str, range(400))),
        numbers=np.arange(1, 5, dtype=float),
    )
    for metric in ("nominal", "ordinal", "interval", "ratio") if name == "alpha" else ("nominal",):
        sums = sums_of(ratings, name, metric=metric)
        assert standard_error(sums) == pytest.approx(np.std(draw_units(sums, 4000, seed=1)), rel=0.06)


def test_drawing_kinds_of_units_is_drawing_units() -> None:
    """Both ways of drawing have the same distribution: mean and spread over many draws."""
    generator = np.random.default_rng(3)
    values = generator.choice(12, size=(80, 3)).astype(np.int32)
    values[:, 1] = np.where(generator.random(80) < 0.6, values[:, 0], values[:, 1])
    ratings = Ratings(values, tuple("abcdefghijkl"), ("x", "y", "z"), tuple(map(str, range(80))))
    sums = sums_of(ratings, "conger")
    few = Sums(np.tile(sums.columns, 20), np.tile(sums.amounts, 20), sums.n_columns, sums.combine)
    alone, counted = draw_units(sums, 3000, seed=2), draw_units(few, 3000, seed=2)
    assert np.mean(alone) == pytest.approx(np.mean(counted), abs=0.02)
    assert np.std(alone) == pytest.approx(np.std(counted) * math.sqrt(20), rel=0.08)


@pytest.mark.parametrize("name", COEFFICIENTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_units_that_are_alike_may_be_counted(name: Any, data: st.DataObject) -> None:
    values = data.draw(tables(2 if name in {"cohen", "scott"} else None))
    clusters = data.draw(st.lists(st.sampled_from("uvw"), min_size=len(values), max_size=len(values)))
    ratings = rate(values, clusters=clusters)
    kinds, counts = ratings.kinds
    rows = [(clusters[number], *row) for number, row in enumerate(ratings.values.tolist()) if max(row) >= 0]  # noqa: PD011
    assert len(kinds.values) == len(counts) == len(set(rows))
    assert counts.sum() == len(rows)
    apart, found = ratings.take(ratings.n_values > 0), estimate(ratings, name, draws=40)
    if math.isnan(found.value):
        return
    sums = sums_of(apart.choose(kinds.coders), name)
    assert found.value == pytest.approx(sums.value(), abs=1e-9)
    drawn = [one for one in found.intervals if one.resampled == "units"]
    if drawn and sums.n_units < apart.n_units:  # those with one value left out
        sums = sums_of(apart.take(apart.n_values > 1).choose(kinds.coders), name)
    if found.resampled != "transcripts":
        divisor = find_coefficient(name).divisor
        assert found.standard_error == pytest.approx(standard_error(sums, divisor=divisor), nan_ok=True, abs=1e-9)
    whole = draw_units(sums, 40, 0)
    for one in drawn:
        expected = bootstrap_interval(sums.value(), whole, sums.influences, resampled="units")
        assert (one.low, one.high) == pytest.approx((expected.low, expected.high), abs=1e-9, nan_ok=True)


def test_many_values_of_many_coders_are_told_apart_in_any_case() -> None:
    values = np.random.default_rng(2).integers(0, 900, size=(50, 30)).astype(np.int32)
    names = tuple(map(str, range(900)))
    ratings = Ratings(np.tile(values, (3, 1)), names, tuple(map(str, range(30))), tuple(map(str, range(150))))
    kinds, counts = ratings.kinds
    assert sorted(kinds.values.tolist()) == sorted(values.tolist())  # noqa: PD011
    assert counts.tolist() == [3] * 50


def test_the_same_seed_gives_the_same_interval_and_another_does_not() -> None:
    ratings = rate([["a", "a"], ["b", "a"], ["b", "b"], ["a", "b"], ["c", "c"]] * 6)
    first, again, other = (estimate(ratings, "alpha", seed=seed) for seed in (1, 1, 2))
    assert (first.low, first.high) == (again.low, again.high)
    assert (first.low, first.high) != (other.low, other.high)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_interval_that_is_reported_is_the_same_whether_or_not_the_other_is_drawn(data: st.DataObject) -> None:
    values = data.draw(st.lists(st.lists(label_sets, min_size=2, max_size=2), min_size=2, max_size=12))
    clusters = data.draw(st.lists(st.sampled_from("uvw"), min_size=len(values), max_size=len(values)))
    ratings = rate(values, clusters=clusters)
    both, one = (estimate(ratings, "alpha", draws=40, wanted=wanted) for wanted in ("all", "reported"))
    for name in ("value", "low", "high", "standard_error", "below_667", "degrees"):
        assert getattr(one, name) == pytest.approx(getattr(both, name), nan_ok=True, rel=1e-9)
    assert (one.reason, one.resampled) == (both.reason, both.resampled)
    if one.resampled == "transcripts":
        assert [interval.resampled for interval in one.intervals] == ["transcripts"]


def test_resampling_whole_transcripts_is_wider_when_they_differ() -> None:
    good, bad = [["a", "a"], ["b", "b"]] * 10, [["a", "b"], ["b", "a"]] * 10
    clusters = [f"T{n}" for n in range(12) for _ in range(20)]
    values = [row for n in range(12) for row in (bad if n % 4 == 0 else good)]
    found = estimate(rate(values, clusters=clusters), "alpha")
    units, transcripts = found.intervals
    assert found.resampled == "transcripts"
    assert (found.low, found.high) == (transcripts.low, transcripts.high)
    assert transcripts.high - transcripts.low > 1.5 * (units.high - units.low)
    assert 0 < transcripts.below_667 < 1


# --- why there is no number ----------------------------------------------------------------------------------


def test_a_coefficient_of_two_coders_is_not_made_of_three() -> None:
    found = estimate(rate([["a", "a", "b"], ["b", "b", "b"]]), "cohen")
    assert math.isnan(found.value)
    assert found.reason.startswith("Cohen's kappa compares two coders, not 3: choose two with --coders")


def test_coders_and_units_without_a_value_are_left_out() -> None:
    found = estimate(rate([["a", "a", None], ["b", "a", None], [None, None, None]]), "cohen", draws=0)
    assert (found.n_units, found.n_coders) == (2, 2)
    assert not math.isnan(found.value)
    assert estimate(rate([["a", None], ["b", None]]), "alpha").reason == "only one coder (1) gave values"
    assert estimate(rate([["a", None], [None, "b"]]), "alpha").reason == "no unit has values of two coders"


def test_a_pair_of_coders_without_variation_is_named() -> None:
    found = estimate(rate([["a", "a", "b"], ["a", "a", "a"]], coders=["ana", "ben", "cem"]), "light")
    assert found.reason.startswith("ana and ben: no variation: every value is “a”")


def test_nothing_given_has_no_share_in_common() -> None:
    """Holsti's 2M / (N1 + N2) of sets that are all empty is 0 / 0."""
    found = estimate(rate([[set(), set()], [set(), set()]]), "holsti")
    assert math.isnan(found.value)
    assert found.reason.startswith("undefined")


def test_one_unit_has_no_interval() -> None:
    found = estimate(rate([["a", "b"]]), "percent")
    assert (found.value, found.reason, found.intervals) == (0, "one unit only: no interval", ())
    assert estimate(rate([["a", "b"], ["a", "a"]]), "percent", draws=0).intervals == ()


def test_many_resamples_without_variation_are_told() -> None:
    """Of three units the first two are constant: a sample that holds one of them thrice has no variation."""
    found = estimate(rate([["a", "a"], ["b", "b"], ["a", "b"]]), "alpha", draws=4000)
    share = float(found.reason.partition("%")[0]) / 100
    assert share == pytest.approx(2 / 27, abs=0.015)  # of 27 samples
    assert found.reason.endswith("of the resamples had no variation and were left out")


def test_transcripts_that_one_coder_saw_are_not_compared() -> None:
    alone = Continuum("t", 9, {"a": ((0, 4, "x"),)})
    [found] = estimate_spans([alone], "u_alpha")
    assert (found.n_units, found.reason) == (0, "no transcript was read by two coders")
    both = Continuum("s", 9, {"a": ((0, 4, "x"),), "b": ((0, 3, "x"),)})
    [found] = estimate_spans([alone, both], "u_alpha")
    assert (found.n_units, found.n_coders) == (1, 2)
    assert found.reason.startswith("one transcript only")
    [nothing] = estimate_spans([Continuum("s", 9, {"a": (), "b": ()})], "ku_alpha")
    assert nothing.reason == "nothing is coded"
    [unmarked] = estimate_spans([Continuum("s", 9, {"a": (), "b": ()})], "boundary")
    assert unmarked.reason == "no coder set a boundary"


# --- free spans ---------------------------------------------------------------------------------------------


@st.composite
def continua(draw: Callable[..., Any]) -> Continuum:
    length = draw(st.integers(8, 30))
    marked = {}
    for coder in "abcde"[: draw(st.integers(2, 5))]:
        cuts = sorted(draw(st.sets(st.integers(0, length), max_size=8)))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        marked[coder] = tuple((start, end, draw(st.sampled_from("xy"))) for start, end in pairs)
    return Continuum("t", length, marked)


@settings(max_examples=150, deadline=None)
@given(continuum=continua())
def test_u_alpha_against_walking_position_by_position(continuum: Continuum) -> None:
    [found] = estimate_spans([continuum], "u_alpha")
    assert same(found.value, _u_alpha_by_positions(continuum))


def _u_alpha_by_positions(continuum: Continuum) -> float:
    coders = list(continuum.passages)
    m = len(coders)
    at = {c: ["-"] * continuum.length for c in coders}
    own: dict[str, float] = {}
    for coder in coders:
        for start, end, code in continuum.passages[coder]:
            at[coder][start:end] = [code] * (end - start)
            own[code] = own.get(code, 0) + (end - start) ** 2
        own["-"] = own.get("-", 0) + at[coder].count("-")
    pairs: dict[tuple[str, str], float] = {}
    for i in coders:
        for j in coders:
            if i != j:
                for c, k in zip(at[i], at[j], strict=True):
                    pairs[c, k] = pairs.get((c, k), 0) + 1 / (m - 1)
    values = sorted({c for c, _ in pairs})
    margin = {c: sum(n for (left, _), n in pairs.items() if left == c) for c in values}
    total = sum(margin.values())
    scale = total - sum(own.values()) / total
    if scale == 0:
        return math.nan
    expected = {c: (margin[c] ** 2 - own.get(c, 0)) / scale for c in values}
    below = total - sum(expected.values())
    return 1 - (total - sum(pairs.get((c, c), 0) for c in values)) / below if abs(below) > 1e-12 else math.nan


def test_parts_that_both_coded_need_two_codes_and_enough_text() -> None:
    """One code alone cannot vary. Where few of many coders coded the same place, the formula passes through infinity.

    By hand, four coders, two of whom gave another code to the same five positions: T* = 10/3 and Σ self* = 50/3, so
    that T* − Σ self* / T* is negative and (k)u-alpha would be 2 for complete disagreement.
    """
    clash = {"a": ((0, 5, "x"),), "b": ((0, 5, "y"),), "c": (), "d": ()}
    three = {coder: clash[coder] for coder in "abc"}
    alike = {"a": ((0, 4, "x"),), "b": ((1, 3, "x"),), "c": ((5, 6, "z"),), "d": ()}
    for marked in (clash, three, alike):
        for name in ("cu_alpha", "ku_alpha"):
            for found in estimate_spans([Continuum("t", 10, marked)], name):  # type: ignore[arg-type]
                assert math.isnan(found.value)
                assert "too little was coded by two coders" in found.reason


@settings(max_examples=150, deadline=None)
@given(continuum=continua())
def test_no_alpha_for_free_spans_exceeds_one(continuum: Continuum) -> None:
    for name in ("u_alpha", "u_alpha_binary", "cu_alpha", "ku_alpha"):
        for found in estimate_spans([continuum], name):  # type: ignore[arg-type]
            assert math.isnan(found.value) or found.value <= 1 + 1e-9


@settings(max_examples=80, deadline=None)
@given(continuum=continua(), order=st.permutations(range(5)))
def test_free_spans_do_not_depend_on_the_order_of_coders(continuum: Continuum, order: list[int]) -> None:
    names = list(continuum.passages)
    chosen = [names[k] for k in order if k < len(names)]
    turned = Continuum("t", continuum.length, {coder: continuum.passages[coder] for coder in chosen})
    for name in ("u_alpha", "u_alpha_binary", "cu_alpha", "ku_alpha", "boundary"):
        left, right = (estimate_spans([one], name) for one in (continuum, turned))  # type: ignore[arg-type]
        assert all(same(a.value, b.value) for a, b in zip(left, right, strict=True))


def test_wide_characters_keep_the_columns_of_a_table_in_line() -> None:
    one = estimate(rate([["a", "b", "a"], ["a", "b", "b"]]), "percent", draws=0)
    both = replace(one, code="陳大文的時間"), replace(one, code="Time")
    lines = str(AgreementResult(both, ("ana", "ben"), pd.DataFrame())).split("\n")
    wide, narrow = (next(line for line in lines if line.startswith(name)) for name in ("陳大文的時間", "Time"))
    assert len(wide) + len("陳大文的時間") == len(narrow)
