"""Comparing groups of cases: published intervals and tests, and counts worked out by eye."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from published_methods import CASES

from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.comparing import adjust, compare, find_difference, find_interval, find_p, find_power
from qualcode.errors import CaseError
from qualcode.figures import plot_groups
from qualcode.model import Case
from qualcode.tables import CodingTable, tabulate

ROOT = Path(__file__).resolve().parents[1]
BOOK = parse_codebook("codes: [{id: a, name: A, codes: [{id: b, name: B}]}, {id: c, name: '<C>'}]")


def table_of(cases: list[tuple[str, str]], *, unseen: tuple[str, ...] = ()) -> CodingTable:
    """Return the table of one interview per case, given as its role and the ids of its codes."""
    transcripts, sheets, people = [], [], []
    for number, (role, codes) in enumerate(cases, start=1):
        talk = interview(f"P{number:02}", "I: a b c?\nP: one a. one b. one c. four words are here.\n")
        transcripts.append(talk)
        people.append(Case(talk.id, {"role": role}))
        if talk.id not in unseen:
            sheets.append(sheet(talk, *(coding(talk, code, f"one {code}.") for code in codes)))
    return tabulate(transcripts, sheets, BOOK, cases=people)


# --- published -----------------------------------------------------------------------------------------------


def test_wilson_intervals_of_newcombe() -> None:
    case = CASES["wilson-newcombe"]
    for (x, n), expected in zip(case["input"]["x_n"], case["expected"]["wilson"], strict=True):
        assert find_interval(x, n) == pytest.approx(expected, abs=1e-4)
    assert find_interval(0, 20)[0] == 0.0
    assert find_interval(20, 20)[1] == 1.0
    assert all(math.isnan(end) for end in find_interval(0, 0))


def test_differences_of_newcombe() -> None:
    case = CASES["difference-newcombe"]
    for counts, expected in zip(case["input"]["x1_n1_x2_n2"], case["expected"]["difference_low_high"], strict=True):
        assert find_difference(*counts) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["fisher-tea", "fisher-scipy"])
def test_fisher(name: str) -> None:
    (a, b), (c, d) = CASES[name]["input"]["table"]
    assert find_p(a, a + b, c, c + d) == pytest.approx(CASES[name]["expected"]["p_two_sided"], abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 15), st.integers(1, 15), st.data())
def test_fisher_equals_scipy(n1: int, n2: int, data: Any) -> None:
    stats = pytest.importorskip("scipy.stats", reason="an oracle only")
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    expected = stats.fisher_exact([[x1, n1 - x1], [x2, n2 - x2]])[1]
    assert find_p(x1, n1, x2, n2) == pytest.approx(expected, abs=1e-9)


def test_holm_of_benjamini_and_hochberg() -> None:
    case = CASES["bh-1995"]
    assert adjust(case["input"]["p"])[:6] == pytest.approx(
        case["expected"]["holm_adjusted_first"], abs=case["tolerance"]
    )
    assert adjust([0.03, 0.01]) == [0.03, 0.02]
    assert adjust([]) == []


def test_power_of_small_groups() -> None:
    case = CASES["small-n-power"]
    for (n1, n2), expected in zip(case["input"]["groups"], case["expected"]["power"], strict=True):
        assert find_power(n1, n2) == pytest.approx(expected, abs=case["tolerance"])


# --- by eye --------------------------------------------------------------------------------------------------


def test_two_groups() -> None:
    found = compare(table_of([("x", "b"), ("x", "bc"), ("y", ""), ("y", "a"), ("y", "c")]), "role")
    frame = found.frame
    assert frame[["code", "group", "cases", "n_cases", "percent", "words", "words_percent"]].to_numpy().tolist() == [
        ["a", "x", 2, 2, 100.0, 4, 20.0],  # two words of ten each
        ["a", "y", 1, 3, 33.33, 2, 6.67],
        ["a/b", "x", 2, 2, 100.0, 4, 20.0],
        ["a/b", "y", 0, 3, 0.0, 0, 0.0],
        ["c", "x", 1, 2, 50.0, 2, 10.0],
        ["c", "y", 1, 3, 33.33, 2, 6.67],
    ]
    expected = [100 * value for value in find_difference(2, 2, 1, 3)]
    assert frame.loc[0, ["difference", "d_low", "d_high"]].tolist() == pytest.approx(expected, abs=0.01)
    assert frame["p"].isna().all()
    assert found.list_without("a").to_numpy().tolist() == [["a", "A", "y", "P03"], ["a", "A", "y", "P05"]]
    assert found.list_quotes("a")[["group", "case"]].to_numpy().tolist() == [["x", "P01"], ["x", "P02"], ["y", "P04"]]
    assert len(found.list_quotes()) == 5
    assert "5 cases by role: x (2) and y (3)." in found.sentence
    assert "&lt;C&gt;" in found._repr_html_()


def test_a_test_is_refused_with_few_cases_and_says_why() -> None:
    few = compare(table_of([("x", "a")] * 6 + [("y", "")] * 6), "role", test="fisher")
    assert few.frame["p"].isna().all()
    assert few.problems[0].message == (
        "No p is given: with 6 and 6 cases, 5 of 6 against none of 6 would be needed for p ≤ .05, and a true 70% "
        "against 30% is found in 9 of 100 studies."
    )
    three = compare(table_of([("x", "a"), ("y", ""), ("z", "")]), "role", test="fisher")
    assert [problem.rule for problem in three.problems] == ["no-test"]
    assert three.frame["difference"].isna().all()


def test_a_small_p_is_no_0_and_no_test_is_told_of_where_none_is_made() -> None:
    found = compare(table_of([("x", "c")] * 40 + [("y", "")] * 40), "role", test="fisher")
    p = found.frame.set_index(["code", "group"]).loc[("c", "x"), "p"]
    assert p == pytest.approx(2 / math.comb(80, 40))
    assert found.shown["p"].tolist()[-1] == "<0.001"
    assert "Fisher" in found.sentence
    assert "Fisher" not in compare(table_of([("x", "c")] * 4 + [("y", "")] * 4), "role", test="fisher").sentence
    [problem] = compare(table_of([("x", "c")] * 3), "role", test="fisher").problems
    assert problem.message == "Tests compare two groups; there is 1."


def test_codes_of_one_level_are_tested_and_adjusted_together() -> None:
    found = compare(table_of([("x", "b")] * 10 + [("y", "c")] * 3 + [("y", "")] * 7), "role", test="fisher")
    p_a, p_c = find_p(10, 10, 0, 10), find_p(0, 10, 3, 10)
    frame = found.frame.drop_duplicates("code").set_index("code")
    assert frame["p"].round(5).tolist()[::2] == [round(p_a, 5), round(p_c, 5)]
    assert frame["p_holm"].round(5).tolist()[::2] == [round(value, 5) for value in adjust([p_a, p_c])]
    assert frame.loc["a/b", "note"] == "not tested: only codes of level 1 are"
    assert "*" not in str(found)


def test_cases_without_a_value_and_cases_not_seen_are_named() -> None:
    found = compare(table_of([("x", "a"), ("", "a"), ("y", ""), ("x", "")], unseen=("P04",)), "role", level=1)
    assert found.frame[found.frame["code"] == "a"][["group", "cases", "n_cases"]].to_numpy().tolist() == [
        ["x", 1, 1],
        ["y", 0, 1],
        ["(not given)", 1, 1],
    ]
    assert [problem.message for problem in found.problems] == [
        "Not looked at from beginning to end, so left out: P04.",
        "Without a value in “role”: P02.",
    ]
    assert found.frame["difference"].notna().sum() == 4  # of the two groups that have a value
    nobody = compare(table_of([("x", "a"), ("y", "a")], unseen=("P02",)), "role")
    assert nobody.frame.loc[1, ["cases", "n_cases"]].tolist() == [0, 0]
    assert math.isnan(nobody.frame.loc[1, "low"])
    assert "No case was looked at in y." in nobody.caption
    with pytest.raises(CaseError):
        compare(table_of([("x", "a")]), "rolle")


def test_the_figure_has_a_row_per_code_and_group() -> None:
    found = compare(table_of([("x", "b"), ("x", "bc"), ("y", ""), ("校", "a")]), "role")
    chart = plot_groups(found, width="one")
    assert len(chart.data) == 9
    assert "A: x 2 of 2 (100%" in chart.alt
    many = compare(table_of([(name, "a") for name in "uvwxyz"]), "role")
    assert [problem.rule for problem in plot_groups(many).problems] == ["many-groups"]


def test_the_command() -> None:
    files = [str(ROOT / "transcripts_sample"), "--codebook", str(ROOT / "codebooks/industry_partnership.yaml")]

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["compare", *files, *arguments])

    done = call("--by", "role", "--level", "1", "--format", "csv")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 1 + 5 * 4
    assert call("--by", "role", "--test").exit_code == 3
    assert call("--by", "role", "--show", "without", "--code", "channels/alumni-networks").stdout.count("Alumni") == 2
    assert call("--by", "role", "--show", "words", "--code", "nothing").exit_code == 1
