"""Questions that are saved, asked again and counted like codes; cases by codes; the order of the work."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from studies import Clock, begin_study

from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.errors import QualcodeError, QueryError, StudyError
from qualcode.matrices import make_matrix
from qualcode.model import Case, Coding, Sheet, Span
from qualcode.queries import count_questions, find
from qualcode.saturation import saturate
from qualcode.study import Study
from qualcode.tables import CodingTable, tabulate
from qualcode.themes import count_by, count_themes, select_quotes

if TYPE_CHECKING:
    from pathlib import Path

BOOK = parse_codebook("codes: [{id: a, name: A}, {id: b, name: B}, {id: d, name: D, codes: [{id: e, name: E}]}]")
FIRST = interview("P1", "I: q r s\nKim: one two three four\nKim: five six\n")
SECOND = interview("P2", "I: q\nLee: seven eight\n")


def table_of(spans: list[tuple[str, int, int, str, str]]) -> CodingTable:
    texts = {"P1": FIRST, "P2": SECOND}
    laid: dict[tuple[str, str], list[Coding]] = {}
    for name, start, end, code, coder in spans:
        text = texts[name].text
        laid.setdefault((name, coder), []).append(
            Coding(name, Span(start, end), code, coder, "applied", text[start:end])
        )
    sheets = [
        Sheet(name, coder, "turn", texts[name].digest, "", frozenset(), tuple(one))
        for (name, coder), one in laid.items()
    ]
    cases = [Case("P1", {"role": "x"}), Case("P2", {"role": "y"})]
    return tabulate([FIRST, SECOND], sheets, BOOK, cases=cases)


@st.composite
def codings(draw: Any) -> list[tuple[str, int, int, str, str]]:
    found = set()
    for _ in range(draw(st.integers(0, 8))):
        name = draw(st.sampled_from(["P1", "P2"]))
        length = len({"P1": FIRST, "P2": SECOND}[name].text)
        start = draw(st.integers(0, length - 1))
        end = draw(st.integers(start + 1, length))
        found.add((name, start, end, draw(st.sampled_from("abde")), draw(st.sampled_from(["ana", "ben"]))))
    return sorted(found)


@given(codings())
@settings(max_examples=40, deadline=None)
def test_a_question_for_a_code_counts_as_the_code_does(spans: list[tuple[str, int, int, str, str]]) -> None:
    """So does any other code, before and after; and quotes of the question are the passages that it finds."""
    table = table_of(spans)
    asked = count_questions(table, {"all-d": "d", "a-and-b": "a and b", "both": "all-d or a-and-b"})
    counts = ["codings", "segments", "words", "transcripts", "cases"]
    before, after = (
        count_themes(one).frame.astype({"code": "str"}).set_index("code")[counts] for one in (table, asked)
    )
    pd.testing.assert_frame_equal(after.loc[before.index], before)
    found = find(table, "d").frame
    assert after.loc["all-d", "codings"] == len(found[["transcript", "start", "end"]].drop_duplicates())
    quotes = select_quotes(asked, "a-and-b")
    places = set(quotes[["transcript", "start", "end"]].itertuples(index=False, name=None))
    frame = find(table, "a and b").frame
    assert places == set(frame[["transcript", "start", "end"]].itertuples(index=False, name=None))
    assert after.loc["both", "codings"] >= max(after.loc["all-d", "codings"], after.loc["a-and-b", "codings"])
    order = [*zip(asked.codings["transcript"], asked.codings["start"], asked.codings["end"], strict=True)]
    assert order == sorted(order)
    assert asked.placements["coding"].is_monotonic_increasing


def test_what_cannot_be_counted() -> None:
    table = table_of([("P1", 14, 20, "a", "ana")])
    with pytest.raises(QualcodeError, match="“a” is a code"):
        count_questions(table, {"a": "b"})
    with pytest.raises(QueryError):
        count_questions(table, {"x": "not a"})


def test_what_was_found_by_group() -> None:
    table = table_of([("P1", 14, 20, "a", "ana"), ("P1", 30, 34, "a", "ana"), ("P2", 11, 14, "b", "ana")])
    frame = find(table, "a").count_by("role")
    assert frame.to_dict("records") == [
        {"group": "x", "cases": 1, "n_cases": 1, "percent": 100.0, "found": 2},
        {"group": "y", "cases": 0, "n_cases": 1, "percent": 0.0, "found": 0},
    ]
    limited = find(table, "a", where={"role": "x"}).count_by("role")
    assert limited["n_cases"].tolist() == [1, 0]
    assert np.isnan(limited["percent"].iloc[1])


# --- in a study ----------------------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin_study(tmp_path / "study", "P07", "P08")
    for name in ("P08", "P07"):
        study.decide("ana", f"{name}:t002", "scheduling", "accept")
        study.decide("ana", f"{name}:t004", "turnover", "apply")
    return study


def test_a_name_is_no_code_s_and_the_question_can_be_understood(study: Study) -> None:
    for name in ("scheduling", "a b", "", "-x", "../x", "=1"):
        with pytest.raises(StudyError):
            study.save_question(name, "praise")
    with pytest.raises(QueryError):
        study.save_question("x", "praise neer turnover")
    saved = study.save_question("dates-people", "scheduling near 2 turns turnover")
    assert study.save_question("dates-people", "scheduling near 2 turns turnover") == saved  # nothing new
    assert study.questions() == ((saved,), [])
    study.remove_question("dates-people")
    with pytest.raises(StudyError, match="There is no question"):
        study.remove_question("dates-people")
    assert [note["what"] for note in study.notes()].count("question") == 2


def test_questions_of_two_copies(study: Study, tmp_path: Path) -> None:
    study.save_question("one", "praise")
    shutil.copytree(study.root, tmp_path / "theirs")
    theirs = Study(tmp_path / "theirs", clock=Clock())
    theirs.save_question("two", "turnover")
    theirs.save_question("one", "scheduling")
    (conflict,) = study.merge(theirs.root).conflicts
    assert "differ in the question “one”" in conflict.message
    assert [(one.name, one.question) for one in study.questions()[0]] == [("one", "praise"), ("two", "turnover")]


def test_a_table_that_was_broken_by_hand(study: Study) -> None:
    (study.root / "questions.csv").write_bytes(b'name,question\n"x')
    assert study.questions()[1][0].where == "questions.csv"
    with pytest.raises(QualcodeError):
        study.save_question("one", "praise")
    assert any(problem.where == "questions.csv" for problem in study.check())


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == code, done.output
    return done.output


def test_saved_asked_again_counted_and_removed(study: Study) -> None:
    at = ("--study", str(study.root))
    assert "Saved as near-by." in run("find", "scheduling near 2 turns turnover", *at, "--save", "near-by")
    assert "near-by,scheduling near 2 turns turnover" in run("question", "list", *at, "--format", "csv")
    assert "2 of 2 passages of “near-by”" in run("find", "near-by", *at)
    assert "near-by" in run("themes", *at, "--question", "near-by", "--level", "1")
    frame = pd.read_csv(
        io.StringIO(run("themes", *at, "--question", "near-by", "--format", "csv").partition("\n\n")[0])
    )
    assert frame.set_index("code").loc["near-by", ["codings", "cases"]].tolist() == [2, 2]
    assert "Did you mean “near-by”?" in run("themes", *at, "--question", "nearby", code=1)
    own = run("themes", *at, "--question", "own=praise or turnover", "--format", "csv")
    assert "own" in own
    assert "P07" in run("find", "near-by", *at, "--by", "case", "--format", "csv")
    run("question", "remove", "near-by", *at)
    assert "No question is saved" in run("question", "list", *at)


# --- the order of the work -----------------------------------------------------------------------------------


def test_saturation_in_the_order_in_which_cases_were_coded(study: Study) -> None:
    table = study.tabulate()
    for name in ("P07", "P08"):
        study.mark_seen("ana", [f"{name}:{one}" for one in ("t001", "t002", "t003", "t004")])
    study.mark_seen("ana", ["P08:t001"])  # known already: no act
    finished = study.finished(["ana"])
    assert finished["P07"] < finished["P08"]
    table = study.tabulate()
    found = saturate(table, base=1, run=1, order="coded", finished=finished)
    assert found.new["case"].tolist() == ["P07", "P08"]
    assert found.new["date"].tolist() == ["2026-03-01", "2026-03-01"]
    assert "in the order in which they were coded" in found.sentence
    swapped = {"P07": "2026-03-02T00:00", "P08": "2026-03-01T00:00"}
    assert saturate(table, base=1, run=1, order="coded", finished=swapped).new["case"].tolist() == ["P08", "P07"]
    unknown = saturate(table, base=1, run=1, order="coded", finished={"P08": "2026-03-01"})
    assert unknown.new["case"].tolist() == ["P08", "P07"]
    assert any("P07" in problem.message for problem in unknown.problems if problem.rule == "no-order")


# --- cases by codes ------------------------------------------------------------------------------------------


def test_a_matrix_says_what_the_counts_say() -> None:
    table = table_of([("P1", 14, 20, "a", "rules"), ("P1", 30, 34, "e", "rules"), ("P2", 9, 12, "b", "rules")])
    table = tabulate(
        [FIRST, SECOND, interview("P3", "I: q\nMo: nine\n")],
        [
            sheet(FIRST, coding(FIRST, "a", "one"), coding(FIRST, "e", "five")),
            sheet(SECOND, coding(SECOND, "b", "seven")),
        ],
        BOOK,
        cases=[Case("P1", {"a": "=1"}), Case("P2", {"a": "2"}), Case("P3", {"a": ""})],
    )
    found = make_matrix(table)
    assert list(found.frame) == ["case", "case a", "a", "b", "d", "d/e"]
    assert found.frame.iloc[0, 2:].tolist() == [1, 0, 1, 1]
    assert found.frame.iloc[2, 2:].isna().all()  # nobody looked at P3
    assert "P3" in found.problems[0].message
    counted = count_by(table, "case").set_index(["case", "code"])["segments"]
    segments = make_matrix(table, values="segments").frame.set_index("case")
    assert all(
        segments.loc[case, code] == counted[case, code] for case in ("P1", "P2") for code in ("a", "b", "d", "d/e")
    )
    rows = make_matrix(table, values="segments", percent="row", level=1).frame
    assert rows.loc[0, ["a", "b", "d"]].tolist() == [50.0, 0.0, 50.0]
    columns = make_matrix(table, "transcripts", values="words", percent="column", level=1).frame
    assert columns.loc[:1, "b"].tolist() == [0.0, 100.0]
    assert "P1,'=1,1,0,1,1" in found.to_csv().decode("utf-8-sig")
    with pytest.raises(ValueError, match="no percentages"):
        make_matrix(table, percent="row")


def test_the_command_writes_a_matrix(study: Study, tmp_path: Path) -> None:
    at = ("--study", str(study.root))
    printed = run("export", *at, "--matrix", "cases", "--values", "segments")
    assert printed.startswith("case,challenges,challenges/scheduling,challenges/turnover,praise\n")
    run("export", *at, "--matrix", "transcripts", "--out", str(tmp_path / "m.xlsx"))
    assert openpyxl.load_workbook(tmp_path / "m.xlsx").active["A1"].value == "Transcript"
    run("export", *at, "--matrix", "cases", "--out", str(tmp_path / "m.csv"))
    assert (tmp_path / "m.csv").read_bytes().startswith(b"\xef\xbb\xbfcase,")
    assert "--percent needs" in run("export", *at, "--matrix", "cases", "--percent", "row", code=2)


def test_a_table_of_questions_with_heads_in_capitals(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    path = study.root / "questions.csv"
    path.write_text("Question,NAME\nscheduling,dates\n", "utf-8")
    assert [(one.name, one.question) for one in study.questions()[0]] == [("dates", "scheduling")]
    study.save_question("thanks", "praise")
    assert [one.name for one in study.questions()[0]] == ["dates", "thanks"]


@pytest.mark.parametrize("head", ["Nom,question", "name,name,question", "name,frage"])
def test_a_table_of_questions_without_its_columns_is_not_written_over(tmp_path: Path, head: str) -> None:
    study = begin_study(tmp_path / "study")
    path = study.root / "questions.csv"
    path.write_text(f"{head}\ndates,scheduling,scheduling\n", "utf-8")
    before = path.read_bytes()
    questions, problems = study.questions()
    assert (questions, [one.level for one in problems]) == ((), ["error"])
    with pytest.raises(StudyError, match="column"):
        study.save_question("thanks", "praise")
    assert path.read_bytes() == before
