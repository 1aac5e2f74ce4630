"""Saturation: published runs, curves and estimates, and all orders of small examples by brute force."""

from __future__ import annotations

import itertools
import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from published_methods import CASES

from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.errors import CaseError
from qualcode.model import Case
from qualcode.saturation import estimate_codes, expect_codes, plan_cases, saturate
from qualcode.tables import CodingTable, tabulate

ROOT = Path(__file__).resolve().parents[1]


def table_of(codes_of: list[list[int]], *, n_codes: int = 20, dates: list[str] | None = None) -> CodingTable:
    """Return the table of interviews P01, P02 … with these codes each, one passage a code."""
    book = parse_codebook(
        "codes: ["
        + ", ".join(f"{{id: top-{n}, name: Top {n}, codes: [{{id: c-{n}, name: C{n}}}]}}" for n in range(n_codes))
        + "]"
    )
    transcripts, sheets, cases = [], [], []
    for number, codes in enumerate(codes_of, start=1):
        talk = interview(f"P{number:02}", "P: " + " ".join(f"word{code}." for code in [*codes, "x"]) + "\n")
        transcripts.append(talk)
        sheets.append(sheet(talk, *(coding(talk, f"c-{code}", f"word{code}.") for code in codes)))
        cases.append(Case(talk.id, {"date": dates[number - 1] if dates else ""}))
    return tabulate(transcripts, sheets, book, cases=cases)


INSECTS = CASES["sat-insects-new-codes"]


@pytest.fixture(scope="module")
def insects() -> CodingTable:
    return table_of(INSECTS["input"]["codes_per_interview"])


def test_new_codes_of_the_insect_study(insects: CodingTable) -> None:
    expected = INSECTS["expected"]
    new = saturate(insects).new
    assert new["codes"].tolist() == expected["n_codes"]
    assert new["new"].tolist() == expected["new"]
    assert new["known"].tolist() == expected["repeated"]
    assert new["cumulative"].tolist() == expected["cumulative"]
    assert new["s"].tolist() == CASES["sat-s-coefficient"]["expected"]["S"]
    assert new["names_of_new"].iloc[10] == "top-1/c-1"


@pytest.mark.parametrize("name", CASES["sat-guest-insects"]["expected"])
def test_runs_of_guest_and_others(insects: CodingTable, name: str) -> None:
    expected = CASES["sat-guest-insects"]["expected"][name]
    _, base, _, run = name.split()
    found = saturate(insects, base=int(base), run=int(run), orders=0)
    assert set(found.runs["base"]) == {expected["base_codes"]}
    assert found.runs[["from", "to", "new"]].to_numpy().tolist() == [row[:3] for row in expected["runs"]]
    assert found.runs["percent"].tolist() == pytest.approx([100 * row[3] for row in expected["runs"]], abs=0.01)
    for threshold, key in [(0.05, "first_at_5_percent"), (0.0, "first_at_0_percent")]:
        runs = saturate(insects, base=int(base), run=int(run), threshold=threshold, orders=0).runs
        first = runs[runs["reached"]][["from", "to"]].to_numpy().tolist()[:1]
        assert first == ([expected[key]] if expected[key] else [])


def test_the_sentence_names_level_order_and_what_came_later(insects: CodingTable) -> None:
    sentence = saturate(insects, seed=3).sentence
    assert "18 codes in 15 cases, counting the codes that were used, cases as they are listed." in sentence
    assert "It is reached in cases 9 to 10 (8 + 2), with 13 codes in the base and 0% new ones." in sentence
    assert "Yet 2 of 18 codes came later: top-1/c-1 and top-17/c-17." in sentence
    assert "No run reaches it: the base has 13 codes, and the lowest share of new ones is 8%." in (
        saturate(insects, run=3).sentence
    )
    assert "codes at level 1" in saturate(insects, level=1).sentence


def test_parts_of_a_result_and_columns_of_its_frame_by_their_names(insects: CodingTable) -> None:
    found = saturate(insects, orders=0)
    for name in ("new", "runs", "curve", "estimate"):
        assert found[name] is getattr(found, name)
    assert found["estimate"]["q1"] == found.estimate["q1"]
    assert found["cumulative"].tolist() == found.frame["cumulative"].tolist()
    with pytest.raises(KeyError):
        found["nothing"]


@pytest.mark.parametrize(("order", "named"), [([], "P01"), (["P01", "P01"], "P02"), (["P01", "P02", "P02"], "P02")])
def test_an_order_that_does_not_fit_the_cases(order: list[str], named: str) -> None:
    with pytest.raises(CaseError, match=f"look at “{named}”"):
        saturate(table_of([[1], [2]]), order=order)


def test_first_run_of_the_hypothetical_study() -> None:
    case = CASES["sat-guest-2020-first-run"]
    base, new = case["input"]["base_codes"], case["input"]["new_in_run"]
    table = table_of([[*range(base)], [*range(base, base + new)]], n_codes=base + new)
    percent = saturate(table, base=1, run=1).runs["percent"].tolist()
    assert percent == pytest.approx([case["expected"]["percent"]], abs=case["tolerance"])


def test_batches_of_the_ghana_study() -> None:
    case = CASES["sat-guest-2006-ghana"]
    first, second = case["input"]["new_by_batch_of_six"]
    total = case["input"]["total_all_countries"]
    table = table_of([[*range(first)], [*range(first, first + second)], [*range(first + second, total)]], n_codes=total)
    new = saturate(table, base=1, run=1).new
    assert new["cumulative"].tolist()[:2] == case["expected"]["cumulative"]
    assert (100 * new["share_of_all"]).tolist()[:2] == pytest.approx(case["expected"]["percent_of_114"], abs=0.05)


def test_curve_and_chao2_of_the_dune_meadow() -> None:
    case = CASES["acc-dune"]
    n, counts = case["input"]["n_cases"], case["input"]["cases_per_code"]
    matrix = np.array([[place < count for place in range(n)] for count in counts])
    expected, _ = expect_codes(matrix)
    assert expected.tolist() == pytest.approx(case["expected"]["expected_codes"], abs=1e-4)
    estimate = estimate_codes(len(counts), counts.count(1), counts.count(2), n, sum(counts))
    assert estimate["chao2"] == pytest.approx(case["expected"]["chao2"], abs=1e-4)
    assert estimate["se"] == pytest.approx(case["expected"]["chao2_se"], abs=1e-4)
    assert estimate["coverage"] == pytest.approx(case["expected"]["coverage"], abs=1e-4)
    assert [estimate["low"], estimate["high"]] == pytest.approx(case["expected"]["chao2_interval_log"], abs=1e-3)


@pytest.mark.parametrize("name", ["chao2-ant-h1070m", "chao2-ant-h50m"])
def test_chao2_of_the_ants(name: str) -> None:
    given_, expected = CASES[name]["input"], CASES[name]["expected"]
    found = estimate_codes(given_["observed"], given_["q1"], given_["q2"], given_["n_cases"], given_["incidences"])
    assert found["chao2"] == pytest.approx(expected["chao2"], abs=1e-3)
    assert found["se"] == pytest.approx(expected["se"], abs=1e-3)
    assert [found["low"], found["high"]] == pytest.approx(expected["interval"], abs=1e-3)
    assert found["coverage"] == pytest.approx(expected["coverage"], abs=1e-4)


def test_the_pdpilot_study_by_its_counts() -> None:
    case = CASES["sat-pdpilot"]
    counts = [int(n) for n, times in case["input"]["cases_per_code_counts"].items() for _ in range(times)]
    matrix = np.array([[place < count for place in range(7)] for count in counts])
    assert expect_codes(matrix)[0].tolist() == pytest.approx(case["expected"]["expected_codes"], abs=1e-3)
    found = estimate_codes(76, counts.count(1), counts.count(2), 7, sum(counts))
    assert found["chao2"] == pytest.approx(case["expected"]["chao2"], abs=1e-3)
    assert found["coverage"] == pytest.approx(case["expected"]["coverage"], abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.booleans(), min_size=n, max_size=n).filter(any), min_size=1, max_size=6)
    )
)
def test_curve_and_spread_are_those_of_all_orders(rows: list[list[bool]]) -> None:
    matrix = np.array(rows)
    n = matrix.shape[1]
    counts = np.array(
        [
            [matrix[:, list(order[: t + 1])].any(axis=1).sum() for t in range(n)]
            for order in itertools.permutations(range(n))
        ]
    )
    expected, sd = expect_codes(matrix)
    assert expected.tolist() == pytest.approx(counts.mean(axis=0).tolist(), abs=1e-8)
    assert sd.tolist() == pytest.approx(counts.std(axis=0).tolist(), abs=1e-5)


def test_share_of_orders_is_that_of_all_orders() -> None:
    codes_of = [[0, 1, 2], [0, 3], [1, 4], [0, 1], [5, 2]]
    table = table_of(codes_of)
    reached = 0
    orders = [*itertools.permutations(range(5))]
    for order in orders:
        known = set(codes_of[order[0]]) | set(codes_of[order[1]])
        n_base, is_reached = len(known), False
        for place in order[2:]:
            is_reached |= len(set(codes_of[place]) - known) <= 0.05 * n_base
            known |= set(codes_of[place])
        reached += is_reached
    sentence = saturate(table, base=2, run=1, orders=20_000).sentence
    share = int(sentence.partition("% reach it")[0].rpartition(" ")[2])
    assert share == pytest.approx(100 * reached / len(orders), abs=1.5)


@pytest.mark.parametrize(
    ("prevalence", "instances", "power"), [(0.1, 2, 0.8), (0.5, 1, 0.95), (0.02, 3, 0.9), (1.0, 2, 0.5)]
)
def test_planning_is_the_smallest_number_that_will_do(prevalence: float, instances: int, power: float) -> None:
    def reach(n: int) -> float:
        fewer = sum(math.comb(n, k) * prevalence**k * (1 - prevalence) ** (n - k) for k in range(instances))
        return 1 - fewer

    found = plan_cases(prevalence, instances=instances, power=power)
    assert reach(found) >= power - 1e-12
    assert found == instances or reach(found - 1) < power
    case = CASES["sat-power-fugard-potts"]
    assert plan_cases(0.1, instances=2, power=0.8) == case["expected"]["participants"]


def test_planning_refuses_what_is_no_probability() -> None:
    for options in [{"prevalence": 0.0}, {"prevalence": 0.1, "power": 1.0}, {"prevalence": 0.1, "instances": 0}]:
        with pytest.raises(ValueError, match="lie between 0 and 1"):
            plan_cases(**options)  # type: ignore[arg-type]


def test_cases_in_the_order_of_dates_numbers_and_names() -> None:
    table = table_of([[0], [0, 1], [2]], dates=["2026-03-02", "2026-01-30", ""])
    by_date = saturate(table, base=1, run=1, order="date")
    assert by_date.new[["case", "date", "new"]].to_numpy().tolist() == [
        ["P02", "2026-01-30", 2],
        ["P01", "2026-03-02", 0],
        ["P03", "", 1],
    ]
    assert [problem.rule for problem in by_date.problems] == ["no-order"]
    numbers = table_of([[0], [0, 1], [2]], dates=["10", "9", "2"])
    assert saturate(numbers, base=1, run=1, order="date").new["case"].tolist() == ["P03", "P02", "P01"]
    assert saturate(numbers, base=1, run=1, order=["P02", "P03", "P01"]).new["new"].tolist() == [2, 1, 0]
    for order in (["P02", "P03"], ["P02", "P03", "P9"], "dat"):
        with pytest.raises(CaseError):
            saturate(numbers, order=order)
    with pytest.raises(CaseError, match="neither numbers nor dates"):
        saturate(table_of([[0], [1]], dates=["3/4/2026", "5/4/2026"]), order="date")


def test_cases_not_looked_at_to_the_end_are_left_out_and_named() -> None:
    table = table_of([[0], [1], [2]])
    sheets = [one for one in table.sheets if one.transcript != "P02"]
    found = saturate(tabulate(table.transcripts, sheets, table.codebook), base=1, run=1)
    assert found.new["case"].tolist() == ["P01", "P03"]
    assert [problem.message for problem in found.problems if problem.rule == "not-seen"] == [
        "Not looked at from beginning to end, so left out: P02."
    ]


def test_what_rules_saw_is_not_what_people_saw() -> None:
    table = table_of([[0], [1], [2]])
    people = [one for one in table.sheets if one.transcript != "P02"]
    rules = [replace(one, coder="rules", codings=()) for one in table.sheets]
    agreed = tabulate(table.transcripts, [*people, *rules], table.codebook, way="agreed")
    assert saturate(agreed, base=1, run=1).new["case"].tolist() == ["P01", "P03"]


def test_where_most_codes_are_in_one_case_nothing_is_estimated() -> None:
    found = saturate(table_of([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10]]), base=1, run=1)
    assert np.isnan(found.estimate["chao2"])
    assert found.curve["expected"].isna().all()
    assert found.curve["as_done"].tolist() == [3, 6, 9, 11]
    assert "thin-codes" in {problem.rule for problem in found.problems}


def test_levels_and_meanings() -> None:
    book = parse_codebook(
        "codes: [{id: a, name: A, codes: [{id: b, name: B, codes: [{id: c, name: C}]}, {id: d, name: D}]}]"
    )
    talks = [interview(name, "P: one. two. three.\n") for name in ("P1", "P2", "P3")]
    laid = [[("c", "one."), ("a", "two.")], [("b", "one.")], [("d", "one."), ("c", "two.")]]
    sheets = [sheet(talk, *(coding(talk, *one) for one in codes)) for talk, codes in zip(talks, laid, strict=True)]
    table = tabulate(talks, sheets, book)
    assert saturate(table, base=1, run=1).new["names_of_new"].tolist() == ["a; a/b/c", "a/b", "a/d"]
    assert saturate(table, base=1, run=1, level=2).new["names_of_new"].tolist() == ["a; a/b", "", "a/d"]
    assert saturate(table, base=1, run=1, level=1).new["new"].tolist() == [1, 0, 0]
    assert saturate(table, base=1, run=1).meanings.to_numpy().tolist() == [
        ["a", "A", 3, 3, "P3"],
        ["a/b", "B", 1, 1, "P1"],
    ]


def test_published_meanings_are_saturated_where_their_last_new_one_came() -> None:
    case = CASES["sat-meaning"]
    firsts = case["input"]["first_interview_of_each_meaning"]
    ids = {name: [f"{name.split()[0]}-{place}" for place in range(len(one))] for name, one in firsts.items()}
    codes = [
        {"id": below[0].rpartition("-")[0], "name": name, "codes": [{"id": one, "name": one} for one in below]}
        for name, below in ids.items()
    ]
    talks = [interview(f"P{number}", "P: one.\n") for number in range(1, 18)]
    laid = [
        coding(talks[first - 1], below, "one.")
        for name, places in firsts.items()
        for below, first in zip(ids[name], places, strict=True)
    ]
    sheets = [sheet(talk, *(one for one in laid if one.transcript == talk.id)) for talk in talks]
    table = tabulate(talks, sheets, parse_codebook(json.dumps({"codes": codes})))
    found = saturate(table, base=4, run=2).meanings
    last = dict(zip(found["name"], found.iloc[:, 3].tolist(), strict=True))
    assert last == case["expected"]["last_new_meaning"]


@pytest.mark.parametrize("codes_of", [[], [[]], [[], []], [[0]]])
def test_nothing_and_little(codes_of: list[list[int]]) -> None:
    found = saturate(table_of(codes_of))
    assert len(found.new) == len(codes_of)
    assert found.runs.empty
    assert str(found)
    with pytest.raises(ValueError, match="at least 1"):
        saturate(table_of(codes_of), base=0)
    with pytest.raises(ValueError, match="from 0 to 1"):
        saturate(table_of(codes_of), threshold=5)


def test_two_hundred_cases_and_sixty_codes() -> None:
    rng = random.Random(5)
    codes_of = [sorted(rng.sample(range(60), rng.randint(3, 20))) for _ in range(200)]
    found = saturate(table_of(codes_of, n_codes=60))
    seen = [len(set().union(*codes_of[: number + 1])) for number in range(200)]
    assert found.new["cumulative"].tolist() == seen
    assert found.curve["expected"].iloc[-1] == seen[-1]


def test_the_command() -> None:
    files = [str(ROOT / "transcripts_sample"), "--codebook", str(ROOT / "codebooks/industry_partnership.yaml")]

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["saturation", *arguments])

    done = call(*files, "--base", "2", "--run", "1", "--order", "years", "--show", "runs", "--format", "csv")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == ["from,to,new,base,percent,reached", "3,3,3,19,15.79,False", "4,4,0,19,0.0,True"]
    assert call(*files).exit_code == 3  # four cases are too few for a base of 4 and a run of 2
    assert call(*files, "--threshold", "5").exit_code == 2
    assert call("plan", "--prevalence", "0.1", "--instances", "2").stdout == "29\n"
    assert call("plan", "--prevalence", "2").exit_code == 2
    assert "Example" in call("plan", "--help").stdout


def test_one_case_gives_no_estimate_and_says_why() -> None:
    found = saturate(table_of([[1, 2]]))
    assert found.estimate[["chao2", "se", "low", "high", "coverage"]].isna().all()
    assert found.curve["expected"].tolist() == [2]
    assert [problem.rule for problem in found.problems] == ["one-case", "few-cases"]
    assert "Chao2" not in found.sentence


def test_a_case_that_may_be_a_slip_of_the_pen_is_told_with_what_holds_without_it() -> None:
    """P1 brings two codes, P2 one, a misspelt label none, P3 one.

    The base has 3 codes. The case that follows is the slip, with no new one; without it, it is P3, with one (33%).
    """
    book = parse_codebook("codes: [" + ", ".join(f"{{id: c-{n}, name: C{n}}}" for n in range(4)) + "]")

    def talk_of(name: str, *words: str, slip: str = "") -> Any:
        said = "".join(f"I: And?\nParticipant: {word}.\n" for word in [*words, "xa", "xb", "xc", "xd"])
        return interview(name, said + (f"I: So?\n{slip}: Oh.\n" if slip else ""), interviewers=("I",))

    def saturate_all(slip: str, **options: int) -> Any:
        talks = [talk_of("P1", "w0", "w1"), talk_of("P2", "w2", slip=slip), talk_of("P3", "w3")]
        given = ([0, 1], [2], [3])
        sheets = [
            sheet(talk, *(coding(talk, f"c-{code}", f"w{code}.") for code in codes))
            for talk, codes in zip(talks, given, strict=True)
        ]
        return saturate(tabulate(talks, sheets, book), base=2, threshold=0.1, orders=0, **options)

    found = saturate_all("Particpant", run=1)
    assert found.new["case"].tolist() == ["P1", "P2/Participant", "P2/Particpant", "P3"]
    assert "It is reached in case 3 (2 + 1), with 3 codes in the base and 0% new ones." in found.sentence
    assert "Without P2/Particpant (a slip for “Participant”?), no run reaches it." in found.sentence
    (doubt,) = [problem for problem in found.problems if problem.rule == "similar-label"]
    assert doubt.level == "warning"
    assert "P2/Particpant" in doubt.message
    assert "--speakers" in doubt.hint
    assert "too few cases are left to say" in saturate_all("Particpant", run=2).sentence
    other = saturate_all("Somebody", run=1)
    assert "Without" not in other.sentence
    assert [problem.rule for problem in other.problems] == ["silent-case", "thin-codes"]
