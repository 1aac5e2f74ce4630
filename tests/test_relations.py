"""Relations and sequences of codes: published coefficients, and counts by brute force."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from matplotlib.text import Text
from published_methods import CASES

from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.counting import count_pairs
from qualcode.errors import CodebookError
from qualcode.figures import plot_network, plot_transitions
from qualcode.model import Coding, Span
from qualcode.relations import follow, measure_sequences, relate, shift_codes
from qualcode.tables import CodingTable, tabulate

ROOT = Path(__file__).resolve().parents[1]
BOOK = parse_codebook("codes: [{id: a, name: A}, {id: b, name: B}, {id: d, name: D, codes: [{id: e, name: E}]}]")


def table_of(*turns_of: list[str], book: Any = BOOK) -> CodingTable:
    """Return the table of interviews whose turns have these codes; a turn given as ``I`` is the interviewer's."""
    transcripts, sheets = [], []
    for number, turns in enumerate(turns_of, start=1):
        talk = interview(f"T{number}", "".join("I: yes\n" if codes == "I" else "P: word\n" for codes in turns))
        laid = [
            Coding(talk.id, turn.span, code, "ana", "applied", talk.quote(turn.span))
            for turn, codes in zip(talk.units("turn"), turns, strict=True)
            for code in (codes.split() if codes != "I" else [])
        ]
        transcripts.append(talk)
        sheets.append(sheet(talk, *laid))
    return tabulate(transcripts, sheets, book)


def test_c_of_atlas() -> None:
    case = CASES["c-coefficient-atlas"]
    n1, n2, n12 = (case["input"][name] for name in ("n1", "n2", "n12"))
    turns = ["a b"] * n12 + ["a"] * (n1 - n12) + ["b"] * (n2 - n12) + [""] * 20
    row = relate(table_of(turns)).frame.loc[0]
    assert row[["code", "other", "both", "n", "n_other"]].tolist() == ["a", "b", n12, n1, n2]
    assert row["c"] == pytest.approx(case["expected"]["c"], abs=case["tolerance"])
    assert row["ratio"] == case["expected"]["frequency_ratio"]
    assert row["share_of_rarer"] == case["expected"]["share_of_rarer"]
    assert row["note"] == "one is more than 5 times as frequent"
    assert row["expected"] == pytest.approx(n1 * n2 / len(turns))


def test_units_or_characters_are_counted_and_never_pairs() -> None:
    case = CASES["c-out-of-range"]
    talk = interview("T", "P: " + "x" * 100 + "\n")
    start = talk.text.index("x")
    laid = [
        Coding("T", Span(start + one, start + two), code, "ana", "applied", "x" * (two - one))
        for code, name in (("a", "A"), ("b", "B"))
        for one, two in case["input"][name]
    ]
    table = tabulate([talk], [sheet(talk, *laid)], BOOK)
    by_turn = relate(table, fewest=1).frame.loc[0]
    assert by_turn["c"] == case["expected"]["jaccard_of_turns"]
    assert by_turn["around"] == case["expected"]["pairs"]
    assert relate(table, count="characters").frame.loc[0, "c"] == pytest.approx(
        case["expected"]["jaccard_of_characters"]
    )


def test_expected_of_the_finches() -> None:
    case = CASES["cooccurrence-finches"]
    n = case["input"]["n_units"]
    for pair in case["expected"]["pairs"]:
        n1, n2, both = pair["n_a"], pair["n_b"], pair["both"]
        turns = ["a b"] * both + ["a"] * (n1 - both) + ["b"] * (n2 - both)
        frame = relate(table_of(turns + [""] * (n - len(turns)))).frame
        assert frame.loc[0, "expected"] == pytest.approx(pair["expected"], abs=1e-4)


def test_shifting_keeps_runs_and_a_shuffle_does_not() -> None:
    case = CASES["baseline-runs"]
    rng = random.Random(3)

    def draw() -> np.ndarray:
        code = np.zeros(150, dtype=bool)
        while code.sum() < 30:
            place = rng.randrange(150)
            while code.sum() < 30:
                code[place % 150] = True
                place += 1
                if rng.random() < 0.25:
                    break
        return code

    found = sum(shift_codes(draw(), draw(), [150])[0] <= 0.05 for _ in range(300)) / 300
    assert found == pytest.approx(case["expected"]["false_positives_circular_shift"], abs=case["tolerance"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=12))
def test_every_shift_by_brute_force(pairs: list[tuple[bool, bool]]) -> None:
    first, second = (np.array(one) for one in zip(*pairs, strict=True))
    n = len(pairs)
    meets = [sum(first[(i + shift) % n] and second[i] for i in range(n)) for shift in range(n)]
    expected = sum(one >= meets[0] for one in meets) / n
    assert shift_codes(first, second, [n])[0] == pytest.approx(expected)


def test_sequences_of_griffin_and_gottman() -> None:
    case = CASES["lag-griffin-gottman"]
    _, z, q = measure_sequences(np.array(case["input"]["transitions"]))
    assert z == pytest.approx(np.array(case["expected"]["adjusted_residuals"]), abs=1e-3)
    labels = case["input"]["labels"]
    for pair, expected in case["expected"]["yules_q"].items():
        one, other = pair.split(">")
        assert q[labels.index(one), labels.index(other)] == pytest.approx(expected, abs=1e-3)


def test_sequences_of_bakeman_and_quera() -> None:
    case = CASES["lag-bakeman-quera"]
    book = parse_codebook("codes: [" + ", ".join(f"{{id: c{n}, name: C{n}}}" for n in range(1, 6)) + "]")
    found = follow(table_of([f"c{n}" for n in case["input"]["sequence"]], book=book), fewest=1)
    counts = found.frame["count"].to_numpy().reshape(5, 5)
    assert counts.tolist() == case["expected"]["transitions"]
    assert counts.sum() == case["expected"]["n"]
    z = found.frame["z"].to_numpy().reshape(5, 5)
    assert z == pytest.approx(np.array(case["expected"]["adjusted_residuals"]), abs=1e-4)


turn = st.sampled_from(["", "a", "b", "a b", "e", "a e", "d b", "I"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(turn, min_size=1, max_size=8), min_size=1, max_size=3), st.integers(1, 3), st.booleans())
def test_pairs_and_sequences_by_brute_force(turns_of: list[list[str]], lag: int, skip: bool) -> None:
    table = table_of(*turns_of)
    above = {"e": {"d", "d/e"}, "d": {"d"}, "a": {"a"}, "b": {"b"}}
    units = [
        set().union(set(), *(above[code] for code in codes.split()))
        for turns in turns_of
        for codes in turns
        if codes != "I"
    ]
    frame = relate(table).frame
    pairs = {(row["code"], row["other"]): row["both"] for row in frame.to_dict("records")}
    expected = {}
    for one, other in itertools.combinations(["a", "b", "d", "d/e"], 2):
        both = sum(one in unit and other in unit for unit in units)
        if both and (one, other) != ("d", "d/e"):
            expected[one, other] = both
    assert pairs == expected
    assert frame["c"].dropna().between(0, 1).all()

    sequences = follow(table, lag=lag, fewest=1, count_turns="interviewee" if skip else "all").frame
    counts: dict[tuple[str, str], int] = {}
    path = {"e": "d/e"}
    for turns in turns_of:
        kept = [codes for codes in turns if codes != "I"] if skip else turns
        for first, then in zip(kept, kept[lag:], strict=False):
            if "I" not in {first, then}:
                for one, other in itertools.product(first.split(), then.split()):
                    key = (path.get(one, one), path.get(other, other))
                    counts[key] = counts.get(key, 0) + 1
    found = {(r["code"], r["other"]): r["count"] for r in sequences.to_dict("records") if r["count"]}
    assert found == counts


def test_one_code_in_front_rare_pairs_and_unknown_codes() -> None:
    table = table_of(["a b", "b e", "b e", "b e", ""])
    frame = relate(table, code="b").frame
    assert frame[["code", "other", "both"]].to_numpy().tolist() == [["b", "d", 3], ["b", "d/e", 3], ["b", "a", 1]]
    assert frame["note"].tolist()[-1] == "fewer than 3"
    assert np.isnan(frame["c"].iloc[-1])
    assert relate(table, level=1).frame["other"].tolist() == ["d", "b"]
    with pytest.raises(CodebookError):
        relate(table, code="x")
    for options in ({"fewest": 0}, {"level": 0}):
        with pytest.raises(ValueError, match="1"):
            relate(table, **options)
    with pytest.raises(ValueError, match="at least 1"):
        follow(table, lag=0)


def test_kinds_of_overlap() -> None:
    talk = interview("T", "P: one two three four.\n")
    laid = [("a", "one two"), ("b", "two"), ("b", "one two"), ("b", "two three"), ("b", "one two three"), ("b", "four")]
    table = tabulate([talk], [sheet(talk, *(coding(talk, *one) for one in laid))], BOOK)
    row = relate(table, fewest=1).frame.loc[0]
    assert row[["inside", "around", "same", "partly"]].tolist() == [1, 1, 1, 1]
    assert relate(table, code="b", fewest=1).frame.loc[0, ["inside", "around"]].tolist() == [1, 1]


def test_the_baseline_is_the_same_with_the_same_seed() -> None:
    rng = random.Random(1)
    turns = [[rng.choice(["a b", "a", "b", "", ""]) for _ in range(30)] for _ in range(3)]
    first, again, other = (relate(table_of(*turns), baseline="shift", seed=seed).frame for seed in (7, 7, 8))
    assert first.equals(again)
    assert 0 < first.loc[0, "p"] <= 1
    assert abs(first.loc[0, "p"] - other.loc[0, "p"]) < 0.1
    assert relate(table_of(*turns), baseline="shift", count="characters").problems[0].rule == "no-baseline"
    single = relate(table_of(*[["a b"]] * 4), baseline="shift")
    assert single.frame["p"].isna().all()
    assert single.problems[0].rule == "no-baseline"


def test_figures_show_what_is_there_and_name_what_is_not() -> None:
    book = parse_codebook("codes: [" + ", ".join(f"{{id: c{n}, name: 碼 {n}}}" for n in range(60)) + "]")
    rng = random.Random(2)
    turns = [" ".join({f"c{int(60 * rng.random() ** 2)}" for _ in range(4)}) for _ in range(300)]
    table = table_of(turns, book=book)
    chart = plot_network(relate(table))
    assert len(chart.data) <= 40
    assert len({*chart.data["code"], *chart.data["other"]}) <= 25
    assert {problem.rule for problem in chart.problems} >= {"seldom", "unconnected"}
    most, least = chart.data["both"].max(), chart.data["both"].min()
    shown = "".join(text.get_text() for text in chart.figure.findobj(Text))
    assert f"Lines: units with both codes, {least} to {most}; dots: cases that speak of a code, 1." in shown
    small = plot_transitions(follow(table), width="one")
    assert len(small.data) == 15 * 15
    assert "seldom" in {problem.rule for problem in small.problems}
    for nothing in (table_of([""]), table_of()):
        assert plot_network(relate(nothing)).data.empty
        chart = plot_transitions(follow(nothing))
        assert chart.data.empty
        assert "No code is followed by another" in "".join(text.get_text() for text in chart.figure.findobj(Text))


def test_where_each_transcript_is_one_unit_no_code_follows_another() -> None:
    assert [one.rule for one in follow(table_of(["a b"], ["b"])).problems] == ["one-unit"]
    assert follow(table_of(["a", "b"])).problems == ()


def test_the_command() -> None:
    files = [str(ROOT / "transcripts_sample"), "--codebook", str(ROOT / "codebooks/industry_partnership.yaml")]

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["relations", *files, *arguments])

    done = call("--level", "1", "--baseline", "shift", "--format", "csv")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].startswith("challenges,recommendations,4,26,11,")
    assert call("--next", "1", "--level", "1", "--format", "csv").stdout.startswith(
        "code,other,count,n,n_other,expected,z,q"
    )
    assert call("--next", "1", "--code", "scheduling").exit_code == 2


def test_transcripts_of_one_turn_are_told() -> None:
    found = relate(table_of(["a b"], ["a"]), fewest=1)
    assert [problem.rule for problem in found.problems] == ["one-unit"]
    assert not relate(table_of(["a b", "a"]), fewest=1).problems
    assert not relate(table_of(["a b"], ["a"]), fewest=1, count="characters").problems


def test_pairs_are_counted_as_by_hand_whatever_the_width() -> None:
    rng = np.random.default_rng(3)
    for width in (0, 1, 7, 8, 63, 64, 65, 200):
        one, other = rng.random((5, width)) < 0.4, rng.random((3, width)) < 0.4
        expected = [[int((a & b).sum()) for b in other] for a in one]
        assert count_pairs(one, other).tolist() == expected
