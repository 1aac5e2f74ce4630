"""Participants and the codebook as papers show them, and the files in which they are written."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from docx import Document
from interviews import coding, interview, sheet
from studies import Clock

from qualcode.appendices import list_codebook, list_participants, list_quotes
from qualcode.cli import cli
from qualcode.codebook import add_code, parse_codebook, rename_code
from qualcode.errors import CaseError, OutputError
from qualcode.joint_display import make_display
from qualcode.model import Case
from qualcode.reports import write_result
from qualcode.study import create_study
from qualcode.tables import CodingTable, tabulate

ROOT = Path(__file__).resolve().parents[1]
BOOK = parse_codebook(
    """
name: Test
codes:
  - id: a
    name: A & B
    definition: "=1+1 <b> 100%"
    include: [one, two]
    codes: [{id: b, name: 難, rules: [four], examples: {hit: [four words]}}]
"""
)


@pytest.fixture
def table() -> CodingTable:
    first = interview(
        "P1", "I: a b c?\nKim: so so. One is a whole sentence of a fair length, with an end to it. 難。\n"
    )
    second = interview("P2", "I: And?\nLee: two words.\n")
    laid = [
        coding(first, "b", "so so."),
        coding(first, "b", "One is a whole sentence of a fair length, with an end to it."),
    ]
    cases = [Case("P1", {"age": "39", "words": "x"}), Case("P2", {"age": "31", "words": "x"})]
    return tabulate([first, second], [sheet(first, *laid), sheet(second)], BOOK, cases=cases)


def test_participants_by_eye(table: CodingTable) -> None:
    found = list_participants(table)
    assert list(found.frame) == ["case", "age", "case words", "transcripts", "minutes", "words", "codes"]
    assert found.frame[["case", "age", "words", "codes"]].to_numpy().tolist() == [
        ["P1", "39", 17, 1],
        ["P2", "31", 2, 0],
    ]
    assert found.sentence == (
        "2 cases in 2 transcripts say 19 words. The smallest group with the same attributes has 1 case."
    )
    assert found.problems[0].message.startswith("No other case has the attributes of 39 / x and 31 / x:")


def test_bands_and_counts_hide_people(table: CodingTable) -> None:
    assert list_participants(table, coarsen={"Age": 10}).frame["age"].tolist() == ["30–39", "30–39"]
    assert list_participants(table, coarsen={"age": 10}).problems == ()
    assert "same attributes has 2 cases." in list_participants(table, coarsen={"age": 10}).sentence
    counts = list_participants(table, show="counts")
    assert counts.frame.to_numpy().tolist() == [
        ["age", "39", 1, 50.0],
        ["age", "31", 1, 50.0],
        ["words", "x", 2, 100.0],
    ]
    for wrong in ({"words": 10}, {"agee": 10}):
        with pytest.raises(CaseError):
            list_participants(table, coarsen=wrong)
    assert list_participants(tabulate([], [], BOOK)).frame.empty


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "about 30"])
def test_what_is_no_number_has_no_band(value: str) -> None:
    talk = interview("P1", "I: a?\nKim: one.\n")
    laid = tabulate([talk], [sheet(talk)], BOOK, cases=[Case("P1", {"age": value})])
    with pytest.raises(CaseError, match="is not a number"):
        list_participants(laid, coarsen={"age": 10})


def test_minutes_of_a_case_are_those_of_all_its_transcripts() -> None:
    def timed(name: str, end: float | None) -> Any:
        talk = interview(name, "I: How?\nKim: So.\nKim: And.\n")
        times = dict(zip([one.id for one in talk.units("turn")], [0.0, 60.0, end], strict=True))
        return replace(talk, segments=tuple(replace(one, time=times.get(one.id)) for one in talk.segments))

    cases = [Case("Kim", {}, (("A", "Kim"), ("B", "Kim"))), Case("Lee", {}, (("C", "Kim"),))]
    for end, minutes in ((1200.0, 30.0), (None, math.nan)):
        talks = [timed("A", 600.0), timed("B", end), timed("C", 300.0)]
        if end is None:
            talks[1] = interview("B", "I: How?\nKim: So.\n")
        frame = list_participants(tabulate(talks, [sheet(one) for one in talks], BOOK, cases=cases)).frame
        assert frame["transcripts"].tolist() == ["A; B", "C"]
        assert frame["minutes"].tolist() == pytest.approx([minutes, 5.0], nan_ok=True)


def test_chosen_quotes_are_the_examples(table: CodingTable) -> None:
    assert list_codebook(BOOK, table).frame.loc[1, "example"] != "so so."
    chosen = coding(table.transcripts[0], "b", "so so.")
    assert list_codebook(BOOK, table, picks=[chosen]).frame.loc[1, "example"] == "so so."


def test_an_example_over_several_turns_is_what_its_speaker_says(tmp_path: Path) -> None:
    talk = interview("P1", "I: a?\nKim: We go there every day of the week.\nI: Why is that so?\nKim: Oh.\n")
    passage = "Kim: We go there every day of the week.\nI: Why is that so?"
    cases = [Case("P1", {"age": "3"})]
    laid = tabulate([talk], [sheet(talk, coding(talk, "b", passage))], BOOK, cases=cases)
    assert list_codebook(BOOK, laid).frame.loc[1, "example"] == "We go there every day of the week."
    assert make_display(laid, "age", level=2).frame.loc[0, "quote"] == "We go there every day of the week."
    path = write_result(list_participants(laid), tmp_path / "people.docx", title="People")
    heads = [cell.text for cell in Document(str(path)).tables[0].rows[0].cells]
    assert heads == ["Case", "Age", "Transcripts", "Words", "Codes"], "no column of minutes that nobody knows"
    path = write_result(list_participants(laid), tmp_path / "people.xlsx", title="People")
    assert [cell.value for cell in openpyxl.load_workbook(path).active[1]][3] == "Minutes"  # type: ignore[index]


def test_a_study_says_since_when_it_has_each_code(tmp_path: Path) -> None:
    book, clock = tmp_path / "book.yaml", Clock()
    book.write_text("name: T\ncodes:\n  - {id: a, name: A}\n", "utf-8")
    study = create_study(tmp_path / "study", codebook=book, clock=clock)
    study.import_transcripts([interview("P1", "I: a?\nKim: one.\n")])
    clock.moment += dt.timedelta(days=30)
    study.recode(add_code, new_name="Later", under="a")
    study.recode(rename_code, code="a", new_name="B", because="It is clearer")
    study.close()
    assert study.code_days() == {"a": "2026-03-01", "later": "2026-03-31"}
    done = CliRunner().invoke(cli, ["codebook", "export", "--study", str(study.root), "--format", "json"])
    assert [(row["name"], row["since"]) for row in json.loads(done.stdout)] == [
        ("B", "2026-03-01"), ("Later", "2026-03-31"),
    ]  # fmt: skip
    assert "since" not in list_codebook(BOOK).frame


def test_codebook_with_and_without_codings(table: CodingTable) -> None:
    plain = list_codebook(BOOK).frame
    assert plain[["code", "include", "example", "place"]].to_numpy().tolist() == [
        ["a", "one; two", "", ""],
        ["a/b", "", "four words", ""],
    ]
    assert plain["cases"].isna().all()
    coded = list_codebook(BOOK, table)
    assert coded.frame["cases"].tolist() == [1, 1]
    assert coded.frame.loc[1, ["example", "place"]].tolist() == [
        "One is a whole sentence of a fair length, with an end to it.",
        "P1, t002",
    ]
    assert "are quotes" in coded.sentence
    assert "not quotes" in list_codebook(BOOK).sentence


def test_files_hold_what_the_table_does_and_nothing_runs(table: CodingTable, tmp_path: Path) -> None:
    found = list_codebook(BOOK, table)
    paths = {
        end: write_result(found, tmp_path / f"book{end}", title="Codebook") for end in (".docx", ".tex", ".md", ".xlsx")
    }
    grid = [[cell.text for cell in row.cells] for row in Document(str(paths[".docx"])).tables[0].rows]
    assert grid[0][:2] == ["Name", "Definition"]
    assert grid[1][:2] == ["A & B", "=1+1 <b> 100%"]
    assert r"=1+1 " in paths[".tex"].read_text("utf-8")
    assert r"100\%" in paths[".tex"].read_text("utf-8")
    assert "難" in paths[".md"].read_text("utf-8")
    sheet_ = openpyxl.load_workbook(paths[".xlsx"]).active
    assert sheet_ is not None
    assert sheet_["D2"].value == "=1+1 <b> 100%"
    assert sheet_["D2"].data_type == "s"
    assert write_result(found, tmp_path / "again.xlsx", title="Codebook").read_bytes() == paths[".xlsx"].read_bytes()
    assert "w:tbl" in zipfile.ZipFile(io.BytesIO(paths[".docx"].read_bytes())).read("word/document.xml").decode()
    for name in ("book.pdf", "book"):
        with pytest.raises(OutputError):
            write_result(found, tmp_path / name, title="Codebook")


def test_the_commands(tmp_path: Path) -> None:
    files = [str(ROOT / "transcripts_sample"), "--codebook", str(ROOT / "codebooks/industry_partnership.yaml")]

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(cli, [*arguments, *files])

    out = str(tmp_path / "people.docx")
    assert call("participants", "--out", out).exit_code == 0
    assert call("participants", "--out", out).exit_code == 1
    assert call("participants", "--out", out, "--force", "--coarsen", "years=5").exit_code == 0
    assert call("participants", "--coarsen", "years").exit_code == 2
    assert call("participants", "--aggregate", "--format", "csv").stdout.startswith("attribute,value,cases,percent\n")
    done = call("codebook", "export", "--format", "csv", "--out", str(tmp_path / "book.md"))
    assert done.exit_code == 0
    assert "channels,Recruitment channels,1," in done.stdout
    assert "Recruitment channels" in (tmp_path / "book.md").read_text("utf-8")


def test_quotes_have_a_column_per_level_and_say_which_codes_share_them() -> None:
    talk = interview("P1", "I: a?\nKim: one. two.\n")
    other = interview("G1", "I: a?\nKim: three.\n")
    laid = [coding(talk, "b", "one."), coding(talk, "a", "one."), coding(talk, "b", "two.")]
    cases = [Case("K", {"place": "x"}, (("P1", "Kim"),)), Case("G1", {"place": "y"})]
    table = tabulate([talk, other], [sheet(talk, *laid), sheet(other, coding(other, "a", "three."))], BOOK, cases=cases)
    found = list_quotes(table)
    assert found.frame.to_numpy().tolist() == [
        ["A & B", "", "K", "x", "K, P1:t002", "one.", "難"],
        ["A & B", "", "G1", "y", "G1, t002", "three.", ""],
        ["A & B", "難", "K", "x", "K, P1:t002", "one.", "A & B"],
        ["A & B", "難", "K", "x", "K, P1:t002", "two.", ""],
    ]
    assert list(found.frame)[3] == "case place"
    assert found.sentence.startswith("4 quotes of 3 passages by 2 cases;")
    assert found.sentence.endswith("Of these 4 quotes, K says 3 and G1 says 1.")
    assert [problem.message for problem in found.problems] == ["K says 3 of 4 quotes."]
    assert list_quotes(tabulate([], [], BOOK)).frame.empty
    assert list_quotes(table, "b").frame["quote"].tolist() == ["one.", "two."]


def test_the_command_of_quotes_writes_them(tmp_path: Path) -> None:
    files = [str(ROOT / "transcripts_sample"), "--codebook", str(ROOT / "codebooks/industry_partnership.yaml")]
    out = tmp_path / "quotes.docx"
    assert CliRunner().invoke(cli, ["quotes", *files, "--code", "scheduling", "--out", str(out)]).exit_code == 0
    assert len(Document(str(out)).tables[0].rows) == 12
    assert CliRunner().invoke(cli, ["quotes", *files, "--case", "P1", "--out", str(out)]).exit_code == 2
