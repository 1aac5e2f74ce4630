"""Joint displays of numbers and words, and the audit trail."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from studies import begin_study

from qualcode.audit import list_trail
from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.codebook.editing import merge_codes
from qualcode.errors import CaseError, StudyError
from qualcode.joint_display import make_display
from qualcode.model import Case
from qualcode.quoting import rank_quote
from qualcode.reports import write_result
from qualcode.study.recoding import apply_edit
from qualcode.tables import CodingTable, tabulate

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Study

BOOK = parse_codebook("codes: [{id: n, name: N, codes: [{id: m, name: M}]}, {id: o, name: O}]")


def table_of(scores: list[str], holders: dict[int, list[str]]) -> CodingTable:
    texts = [
        interview(f"P{number}", "I: q\nKim: One whole sentence of fair length about it.\n")
        for number in range(len(scores))
    ]
    sheets = [
        sheet(
            text,
            *(coding(text, code, "One whole sentence of fair length about it.") for code in holders.get(number, [])),
        )
        for number, text in enumerate(texts)
    ]
    cases = [Case(f"P{number}", {"score": score, "quote": "x"}) for number, score in enumerate(scores)]
    return tabulate(texts, sheets, BOOK, cases=cases)


class TestDisplay:
    def test_bands_by_hand(self) -> None:
        table = table_of(
            ["1", "2", "9", "2", "", "8.5"], {0: ["m"], 1: ["n", "o"], 2: ["o"], 5: ["o"], 3: [], 4: ["n"]}
        )
        frame = make_display(table, "score", bands=2).frame
        assert list(frame) == ["group", "n", "mean", "median", "code n", "o", "quote", "place", "meta_inference"]
        assert frame[["group", "n", "mean", "median", "code n", "o"]].iloc[:2].to_numpy().tolist() == [
            ["1–2", 3, 1.6667, 2.0, 2, 1], ["8.5–9", 2, 8.75, 8.75, 0, 2],
        ]  # fmt: skip
        assert frame["group"].iloc[2] == "(not given)"
        assert math.isnan(frame["mean"].iloc[2])
        assert frame["place"].tolist() == ["P1, t002", "P2, t002", "P4, t002"]
        assert set(frame["meta_inference"]) == {""}

    @given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.integers(2, 5))
    def test_each_case_is_in_one_band_and_equal_numbers_are_together(self, scores: list[int], bands: int) -> None:
        frame = make_display(table_of([str(one) for one in scores], {}), "score", bands=bands).frame
        assert frame["n"].sum() == len(scores)
        assert len(frame) <= bands
        ends = [tuple(map(int, name.split("–"))) for name in frame["group"]]
        for one, other in pairwise(ends):
            assert one[-1] < other[0]

    def test_groups_another_number_and_levels(self) -> None:
        table = table_of(["1", "1", "2"], {0: ["m"], 1: ["m"], 2: ["o"]})
        found = make_display(table, "quote", number="score", level=2)
        assert found.frame[["group", "n", "mean", "n/m", "o"]].to_numpy().tolist() == [["x", 3, 1.3333, 2, 1]]
        assert "Mean and median are those of “score”" in found.sentence
        assert any(problem.rule == "few-cases" for problem in found.problems)
        plain = make_display(table, "quote")
        assert "mean" not in plain.shown
        assert not any(problem.rule == "few-cases" for problem in plain.problems)

    def test_what_cannot_be_made(self) -> None:
        table = table_of(["a", "b"], {})
        with pytest.raises(CaseError, match="is a number"):
            make_display(table, "score", bands=2)
        with pytest.raises(CaseError):
            make_display(table, "age")
        with pytest.raises(ValueError, match="two bands"):
            make_display(table, "score", bands=1)

    def test_quotes_that_stand_alone_come_first(self) -> None:
        ranked = sorted(
            ["oh, yeah, like", "We never find a date for all four of us, ever.", "Yes.", "x" * 500], key=rank_quote
        )
        assert ranked[0].startswith("We never")
        assert ranked[-1].startswith(("oh", "x"))


def test_a_quote_that_people_chose_comes_first_whatever_it_is(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study", "P07", "P08")
    (study.root / "cases.csv").write_text("case,role\nP07,boss\nP08,staff\n", "utf-8")
    given = [("P07:t002", "scheduling"), ("P07:t004", "scheduling"), ("P07:t004", "praise"), ("P08:t002", "praise")]
    for address, code in given:
        study.decide("ana", address, code, "apply")
    study.mark_seen("ana", [f"{case}:t00{turn}" for case in ("P07", "P08") for turn in (2, 4)])

    def shown() -> tuple[list[str], str]:
        options = ["--by", "role", "--format", "json"]
        done = CliRunner().invoke(cli, ["display", "--study", str(study.root), *options])
        assert done.exit_code == 0, done.output
        return [row["place"] for row in json.loads(done.stdout)], done.stderr

    places, said = shown()
    before = places[0]
    other = {"P07, t002": "P07:t004", "P07, t004": "P07:t002"}[before]
    assert places[1] == "P08, t002"
    assert "Each quote is on the code that sets its row apart most." in said
    study.pick("ana", other, "scheduling")
    places, said = shown()
    assert places == [other.replace(":", ", "), "P08, t002"], "another quote on the same code"
    assert "Quotes that people chose come first; any other is on the code that sets its row apart most." in said
    study.unpick("ana", other, "scheduling")
    assert shown()[0] == [before, "P08, t002"]
    study.unpick("ana", "P07:t004", "praise")
    study.pick("ana", "P07:t004", "praise")  # both groups speak of it: not what sets them apart
    assert shown()[0] == ["P07, t004", "P08, t002"], "a quote on another code"
    study.unpick("ana", "P07:t004", "praise")
    study.pick("ana", other, "scheduling")
    (study.root / "report.yaml").write_text("sections: [display]\ndisplay: {by: role}\n", "utf-8")
    done = CliRunner().invoke(cli, ["report", "--study", str(study.root), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    (table,) = Document(str(tmp_path / "out" / "report.docx")).tables
    assert other.rpartition(":")[2] in table.cell(1, len(table.columns) - 2).text
    assert CliRunner().invoke(cli, ["verify", str(tmp_path / "out"), "--study", str(study.root)]).exit_code == 0


def test_bands_of_numbers_that_begin_alike_stay_apart() -> None:
    talks = [interview(f"P{n}", "I: a?\nKim: one.\n") for n in range(6)]
    values = ["1000000", "1000001", "1000002", "1000003", "nan", ""]
    cases = [Case(talk.id, {"income": value}) for talk, value in zip(talks, values, strict=True)]
    book = parse_codebook("codes: [{id: a, name: A}]")
    table = tabulate(talks, [sheet(talk, coding(talk, "a", "one.")) for talk in talks], book, cases=cases)
    found = make_display(table, "income", bands=2)
    assert found.frame[["group", "n"]].to_numpy().tolist() == [
        ["1000000–1000001", 2], ["1000002–1000003", 2], ["(not given)", 2],
    ]  # fmt: skip
    assert "Without a number: P4 and P5." in [problem.message for problem in found.problems]
    with pytest.raises(ValueError, match="level"):
        make_display(table, "income", level=0)


class TestTrail:
    def study(self, tmp_path: Path) -> Study:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t002", "scheduling", "accept", why="Dates.")
        study.decide("ana", "P07:t004", "praise", "reject")
        study.decide("ana", "P07:t004", "turnover", "apply")
        study.memo("code:turnover", "Why do they leave?", author="ana")
        study.memo("study", "I am tired of this.", memo_id="mine", author="ana", visibility="private")
        study.chart("P07", "scheduling", "Dates clash.", author="ana")
        return study

    def test_what_happened_with_before_and_after(self, tmp_path: Path) -> None:
        study = self.study(tmp_path)
        study.decide("ana", "P07:t002", "scheduling", "remove", why="Too narrow.")
        found = list_trail(study)
        frame = found.frame
        assert frame["at"].is_monotonic_increasing
        rows = frame[frame["who"] == "ana"][["what", "object", "why"]].to_numpy().tolist()
        assert ["accepted a suggestion", "P07:t002, scheduling", "Dates."] in rows
        assert ["rejected a suggestion", "P07:t004, praise", ""] in rows
        last = frame[frame["why"] == "Too narrow."].iloc[0]
        assert (last["before"].startswith("accepted: “"), last["after"]) == (True, "")
        assert "charted a cell of the framework" in set(frame["what"])
        memo = frame[frame["what"] == "wrote a memo"]
        assert memo[["object", "after", "class"]].to_numpy().tolist() == [
            ["code:turnover", "Why do they leave?", "intentions and dispositions"]
        ]
        assert "tired" not in frame.to_csv()
        assert found.problems[0].message == "1 private memo left out."
        rules = frame[frame["what"] == "ran the rules"]
        assert len(rules) == 1

    def test_the_codebook_code_by_code_with_the_codings_that_went_along(self, tmp_path: Path) -> None:
        study = self.study(tmp_path)
        book = (study.root / "codebook.yaml").read_text("utf-8")
        apply_edit(study, merge_codes(book, ["turnover"], "scheduling", because="Alike."), book)
        frame = list_trail(study, only="codebook").frame
        gone = frame[frame["object"].str.contains("turnover")].iloc[0]
        assert (gone["object"], gone["what"]) == ("challenges/turnover: removed", "merged a code")
        assert "took a coding along as codes were merged" in set(list_trail(study).frame["what"])
        assert frame["after"].str.contains("became").sum() == 1, "it is said where it belongs"
        assert "codings of turnover became scheduling" in gone["after"]
        assert set(frame["class"]) == {"reconstruction and synthesis"}

    def test_since_and_only(self, tmp_path: Path) -> None:
        study = self.study(tmp_path)
        assert list_trail(study, since="2026-03-02").frame.empty
        assert list_trail(study, since="2026-03-02").sentence == "The log has no entry like that."
        assert set(list_trail(study, only="decisions").frame["what"]) == {
            "accepted a suggestion", "rejected a suggestion",
        }  # fmt: skip
        assert set(list_trail(study, only="memos").frame["what"]) == {"wrote a memo"}
        for wrong in ("yesterday", "2026-13-45", "2026-02-30"):
            with pytest.raises(StudyError, match="is not a day"):
                list_trail(study, since=wrong)

    def test_every_act_has_words_and_answers_to_differences_are_decisions(self, tmp_path: Path) -> None:
        study = self.study(tmp_path)
        study.decide("ben", "P07:t002", "scheduling", "accept")
        study.decide("ben", "P07:t004", "turnover", "reject")
        compared = study.compare("ana", "ben")
        study.write_agreed(compared)
        study.adjudicate(compared.differences[0], is_right=True, why="She does.")
        study.pick("ana", "P07:t002", "scheduling")
        study.unpick("ana", "P07:t002", "scheduling")
        study.freeze("registered")
        study.save_question("q", "scheduling")
        study.remove_question("q")
        frame = list_trail(study).frame
        assert {
            "wrote what coders agree on", "settled a difference", "chose a quote", "chose a quote no longer",
            "froze the codebook", "saved a question", "removed a question",
        } <= set(frame["what"])  # fmt: skip
        assert all(" " in what or what in {"coded", "read", "undid"} for what in frame["what"]), "none is a key"
        assert "froze the codebook" in set(list_trail(study, only="codebook").frame["what"])
        told = set(list_trail(study, only="decisions").frame["what"])
        assert {"settled a difference", "wrote what coders agree on"} <= told

    def test_as_files(self, tmp_path: Path) -> None:
        study = self.study(tmp_path)
        study.memo("study", "=1+1", memo_id="sum")
        found = list_trail(study)
        assert "'=1+1" in found.to_csv().decode("utf-8-sig")
        path = write_result(found, tmp_path / "trail.docx", title="Audit trail")
        cells = [cell.text for cell in Document(str(path)).tables[0].rows[0].cells]
        assert cells[:4] == ["At", "Who", "What", "Object"]


def test_the_commands(tmp_path: Path) -> None:
    study = TestTrail().study(tmp_path)

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, [*arguments, "--study", str(study.root)])
        assert done.exit_code == code, done.output
        return done.output

    assert "accepted a suggestion" in run("trail", "--format", "csv")
    run("trail", "--out", str(tmp_path / "t.csv"))
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbfat,who,what")
    assert "is not a day" in run("trail", "--since", "x", code=1)
    (study.root / "cases.csv").write_text("case,score\nP07,3\n", "utf-8")
    assert "3,1,3.0,3.0" in run("display", "--by", "score", "--format", "csv")
    run("display", "--by", "score", "--bands", "2", "--out", str(tmp_path / "d.docx"))
    assert "--bands" in run("display", "--by", "score", "--bands", "1", code=2)
