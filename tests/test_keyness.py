"""Key words: published likelihood ratios, and counts by eye."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from interviews import coding, interview, sheet
from published_methods import CASES

from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.errors import CaseError, CodebookError, QualcodeError
from qualcode.keyness import list_words, measure_keyness
from qualcode.model import Case
from qualcode.tables import CodingTable, tabulate

ROOT = Path(__file__).resolve().parents[1]
BOOK = parse_codebook("codes: [{id: a, name: A, codes: [{id: b, name: B}]}]")


def test_published_likelihood_ratios() -> None:
    mahout, dunning = CASES["llr-mahout"], CASES["llr-dunning"]
    for counts, expected in zip(mahout["input"]["k11_k12_k21_k22"], mahout["expected"]["g2"], strict=True):
        assert measure_keyness(*counts) == pytest.approx(expected, abs=mahout["tolerance"])
    for counts, expected in zip(dunning["input"]["k"], dunning["expected"]["g2"], strict=True):
        assert measure_keyness(*counts) == pytest.approx(expected, abs=dunning["tolerance"])
    words = CASES["keyness-quanteda"]["expected"]["words"].values()
    here, there = (sum(word[name] for word in words) for name in ("target", "reference"))
    for word in words:
        one, other = word["target"], word["reference"]
        found = measure_keyness(one, other, here - one, there - other)
        assert found == pytest.approx(abs(word["g2"]), abs=1e-5)


def table_of(*said: tuple[str, str], codes: dict[str, str] | None = None) -> CodingTable:
    """Return the table of interviews, given as role and words; codes are given to the passages of the first."""
    talks = [interview(f"P{n}", f"I: tractor?\nP: {words}\n") for n, (_, words) in enumerate(said, start=1)]
    cases = [Case(talk.id, {"role": role}) for talk, (role, _) in zip(talks, said, strict=True)]
    laid = [coding(talks[0], code, quote) for quote, code in (codes or {}).items()]
    return tabulate(talks, [sheet(talks[0], *laid)], BOOK, cases=cases)


def test_words_of_groups_by_eye() -> None:
    table = table_of(
        ("x", "Tractors tractor milk."), ("x", "My tractor broke."), ("y", "Milk and bread. Bread."), ("y", "So.")
    )
    frame = list_words(table, "role", min_cases=1).frame
    tractor = frame[frame["term"] == "tractor"].iloc[0]
    assert tractor[["group", "n", "n_rest", "cases", "example"]].tolist() == ["x", 3, 0, 2, "Tractors tractor milk."]
    assert tractor["g2"] == pytest.approx(measure_keyness(3, 0, 3, 5), abs=1e-4)
    assert frame[frame["group"] == "y"]["term"].tolist()[0] == "bread"
    assert "milk" not in set(frame[frame["group"] == "x"]["term"])  # less than its share
    assert list_words(table, "role", min_cases=2).frame["term"].tolist() == ["tractor"]


def test_words_of_a_code_and_those_below_it() -> None:
    table = table_of(("x", "Rain today. Sun tomorrow. Rain again."), ("y", "Sun and sun."), codes={"Rain today.": "b"})
    found = list_words(table, code="a", min_cases=1)
    assert found.frame["term"].tolist() == ["today", "rain"]
    assert found.frame["group"].tolist() == ["coded", "coded"]
    assert "9 words of interviewees" in found.sentence
    assert list_words(table, code="a", min_cases=3).frame.empty
    assert str(list_words(table, code="a", min_cases=3))


def test_what_cannot_be_compared() -> None:
    table = table_of(("x", "So."))
    for options in ({}, {"by": "role", "code": "a"}):
        with pytest.raises(QualcodeError, match="something to compare"):
            list_words(table, **options)  # type: ignore[arg-type]
    with pytest.raises(CodebookError):
        list_words(table, code="c")
    with pytest.raises(CaseError):
        list_words(table, "rolle")


def test_the_command() -> None:
    files = [str(ROOT / "transcripts_sample"), "--codebook", str(ROOT / "codebooks/industry_partnership.yaml")]

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["words", *files, *arguments])

    done = call("--code", "challenges", "--min-cases", "2", "--format", "csv")
    assert done.exit_code == 3  # the sample has two languages
    assert done.stdout.splitlines()[1].startswith("resigns,coded,5,0,2,")
    assert call().exit_code == 2


def test_an_example_shows_its_word() -> None:
    long = "We talked of this and that, and of a great many other things besides, until Tractors came up at last."
    found = list_words(table_of(("x", long), ("y", "So it is. " * 20)), "role", min_cases=1, top=100).frame
    examples = dict(zip(found["term"], found["example"], strict=True))
    assert "Tractors" in examples["tractors"]
    assert examples["tractors"].startswith("…")
    assert examples["talked"].startswith("We talked")
    assert max(map(len, examples.values())) <= 80


def test_chinese_words_are_pairs_and_languages_count_together() -> None:
    talks = [interview("P1", "I: 點呀?\nP: 學校好。我返學校。\n"), interview("P2", "I: So?\nP: School, school.\n")]
    talks[0] = replace(talks[0], language="zh")
    cases = [Case("P1", {"role": "x"}), Case("P2", {"role": "y"})]
    found = list_words(tabulate(talks, [], BOOK, cases=cases), "role", min_cases=1)
    counts = {(term, n) for term, n in zip(found.frame["term"], found.frame["n"], strict=True)}
    assert {("學校", 2), ("校好", 1), ("我返", 1), ("返學", 1), ("school", 2)} == counts
    assert "7 words" in found.sentence
