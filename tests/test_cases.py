"""The table of cases, and who speaks where."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from interviews import interview

from qualcode.cases import NOT_GIVEN, Cases, assign_cases, read_cases
from qualcode.errors import CaseError, MissingDependencyError
from qualcode.model import Case, Transcript

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, text: str | bytes, name: str = "cases.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def mistakes(path: Path) -> list[tuple[str, str]]:
    """Return place and rule of every mistake that reading a table reports."""
    with pytest.raises(CaseError) as caught:
        read_cases(path)
    return [(problem.where, problem.rule) for problem in caught.value.problems if problem.level == "error"]


# --- reading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_usual_form_of_csv_reads_alike(tmp_path: Path, delimiter: str, bom: bytes, line_end: str) -> None:
    rows = [["case", "role", "years"], ["P01", '"project manager"', "3"], ["P02", "陳老師", ""]]
    text = line_end.join(delimiter.join(row) for row in rows)
    cases = read_cases(write(tmp_path, bom + text.encode()))
    assert cases == (
        Case("P01", {"role": "project manager", "years": "3"}),
        Case("P02", {"role": "陳老師", "years": ""}),
    )
    assert [case.where for case in cases] == ["cases.csv:2", "cases.csv:3"]
    assert cases.problems == ()


def test_commas_in_a_table_parted_by_semicolons_are_no_separators(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "case;name\nP1;Chan, Kara\nP2;Zhang\n"))
    assert [case.attributes["name"] for case in cases] == ["Chan, Kara", "Zhang"]


def test_the_separator_that_all_rows_agree_on_is_taken(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "case;role, as printed\nP1;manager\nP2;teacher\n"))
    assert cases[0].attributes == {"role, as printed": "manager"}


def test_two_separators_that_would_do_are_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="commas, semicolons or tabs") as caught:
        read_cases(write(tmp_path, "case;a,b\nP1;x,y\n"))
    assert caught.value.where == "cases.csv:1"
    assert "quotation marks" in caught.value.hint


def test_a_list_of_ids_is_a_table(tmp_path: Path) -> None:
    assert [case.id for case in read_cases(write(tmp_path, "case\nP1\nP2\n"))] == ["P1", "P2"]


def test_without_a_column_named_case_the_first_one_has_the_ids(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "Participant,role\nP1,manager\n"))
    assert cases == (Case("P1", {"role": "manager"}),)
    assert [(note.where, note.level, note.rule) for note in cases.problems] == [("cases.csv:1", "note", "first-column")]
    assert "Participant" in cases.problems[0].message


def test_a_table_by_transcript_needs_no_column_of_cases(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "transcript,role\nT1,manager\n"))
    assert cases == (Case("T1", {"role": "manager"}),)
    assert assign_cases([solo()], cases).case_of("T1", "P") == "T1"


def test_the_three_columns_with_a_meaning_stand_anywhere_in_any_case(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "role,Speaker,CASE,Transcript\nmanager,Ana,P1,F1\n"))
    assert cases == (Case("P1", {"role": "manager"}, (("F1", "Ana"),)),)


def test_a_case_that_speaks_in_two_places_has_two_rows(tmp_path: Path) -> None:
    table = "case,transcript,role\nP1,day1,manager\nP1,day2,\nP2,day1b,teacher\n"
    cases = read_cases(write(tmp_path, table))
    assert cases[0] == Case("P1", {"role": "manager"}, (("day1", ""), ("day2", "")))
    assert len(cases) == 2


def test_formulas_stay_text(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, 'case,note\nP1,"=HYPERLINK(""http://x"")"\n+P2,@SUM(A1)\n'))
    assert [case.id for case in cases] == ["P1", "+P2"]
    assert cases[0].attributes["note"] == '=HYPERLINK("http://x")'


def test_blank_rows_and_blank_columns_at_the_end_are_no_mistake(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "case,role,,\nP1,manager,,\n,,,\n\nP2,teacher,,,,\n"))
    assert [case.id for case in cases] == ["P1", "P2"]
    assert cases[1].where == "cases.csv:5"


def test_a_cell_over_several_lines_keeps_the_count_of_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'case,role\nP1,"first\nsecond"\n,nobody\n')
    assert mistakes(path) == [("cases.csv:4", "empty-id")]


def test_all_mistakes_are_reported_at_once_with_their_lines(tmp_path: Path) -> None:
    table = "case,role,role,\nP1,manager,x,y\nP1,manager,x,\n,teacher,x,\nP3,teacher\np1 ,manager,x,\n"
    assert mistakes(write(tmp_path, table)) == [
        ("cases.csv:1", "duplicate-header"),
        ("cases.csv:1", "empty-header"),
        ("cases.csv:3", "duplicate-case"),
        ("cases.csv:4", "empty-id"),
        ("cases.csv:5", "ragged-row"),
        ("cases.csv:6", "similar-id"),
    ]


def test_rows_of_one_case_must_agree(tmp_path: Path) -> None:
    table = "case,transcript,role\nP1,day1,manager\nP1,day2,teacher\n"
    path = write(tmp_path, table)
    assert mistakes(path) == [("cases.csv:3", "conflict")]
    with pytest.raises(CaseError, match="role of “P1” is “teacher” here and “manager”"):
        read_cases(path)


def test_a_voice_belongs_to_one_case(tmp_path: Path) -> None:
    table = "case,transcript,speaker\nP1,day1,Ana\nP2,day1,ana\n"
    assert mistakes(write(tmp_path, table)) == [("cases.csv:3", "claimed-twice")]


def test_a_value_written_in_two_ways_is_pointed_out(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "case,role\nP1,manager\nP2,Manager\n"))
    assert [(found.where, found.level, found.rule) for found in cases.problems] == [
        ("cases.csv:3", "warning", "spelling")
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        ("case,role\nP1,caf\xe9\n".encode("latin-1"), "UTF-8"),
        ("case,role\nP1,x\n".encode("utf-16-le"), "null characters"),
        (b'case,role\nP1,"never closed\n', "cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "password"),
        (b"PK\x03\x04 and no more", "workbook cannot be read"),
    ],
)
def test_a_file_that_is_no_table_gets_one_clear_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(CaseError, match=words) as caught:
        read_cases(write(tmp_path, content))
    assert caught.value.where.startswith("cases.csv")
    assert caught.value.hint


def test_the_line_of_a_wrong_byte_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        read_cases(write(tmp_path, b"case,role\nP1,x\nP2,caf\xe9\n"))
    assert caught.value.where == "cases.csv:3"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"[Ff]ile"):
        read_cases(tmp_path / "absent.csv")
    with pytest.raises(CaseError, match="directory"):
        read_cases(tmp_path)


def test_a_header_alone_is_a_table_without_cases(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "case,role\n"))
    assert cases == ()
    assert [found.rule for found in cases.problems] == ["no-cases"]


# --- workbooks ----------------------------------------------------------------------------------------------


def make_workbook(path: Path, rows: list[list[object]]) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_reads_like_the_csv(tmp_path: Path) -> None:
    rows: list[list[object]] = [["case", "role", "years"], ["P1", "manager", 3], [None, None, None], [7.0, "x", 2.5]]
    cases = read_cases(make_workbook(tmp_path / "cases.xlsx", rows))
    assert cases == (Case("P1", {"role": "manager", "years": "3"}), Case("7", {"role": "x", "years": "2.5"}))
    assert cases[1].where == "cases.xlsx:4"


def test_a_formula_is_no_attribute(tmp_path: Path) -> None:
    rows: list[list[object]] = [["case", "role", "years"], ["P1", "teacher", "=1+1"]]
    cases = read_cases(make_workbook(tmp_path / "cases.xlsx", rows))
    assert cases == (Case("P1", {"role": "teacher", "years": ""}),)
    assert [(one.level, one.rule, "C2" in one.message) for one in cases.problems] == [("warning", "formula", True)]


def test_a_frame_and_an_open_file_are_tables_of_cases() -> None:
    frame = pd.DataFrame({"role": ["teacher", None], "years": [3, None]}, index=pd.Index(["P1", "P2"], name="case"))
    told = (Case("P1", {"role": "teacher", "years": "3"}), Case("P2", {"role": "", "years": ""}))
    assert read_cases(frame) == told
    assert read_cases(io.BytesIO(b"sep=;\ncase;role;years\nP1;teacher;3\nP2;;\n")) == told


def test_numbers_and_dates_of_a_workbook_read_as_they_look(tmp_path: Path) -> None:
    when = datetime(2025, 2, 1, tzinfo=None)  # noqa: DTZ001  # a workbook has no time zones
    rows: list[list[object]] = [["case", "hours", "since", "at"], ["P1", 1e20, when, when.replace(hour=9)]]
    (case,) = read_cases(make_workbook(tmp_path / "cases.xlsx", rows))
    assert case.attributes == {"hours": str(10**20), "since": "2025-02-01", "at": "2025-02-01 09:00:00"}


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", bytes(101_000_000))
    with pytest.raises(CaseError, match="unpacks to 101 MB"):
        read_cases(path)


def test_without_openpyxl_the_install_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_workbook(tmp_path / "cases.xlsx", [["case"], ["P1"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingDependencyError) as caught:
        read_cases(path)
    assert "pip install 'qualcode[excel]'" in caught.value.hint


# --- who speaks where ---------------------------------------------------------------------------------------


def solo(name: str = "T1", speaker: str = "P") -> Transcript:
    return interview(name, f"I: How is it?\n{speaker}: Fine.\n")


def group(name: str = "F1") -> Transcript:
    return interview(name, "I: How is it?\nAna: Fine.\nBen: Hard.\n")


def rules(transcripts: list[Transcript], cases: tuple[Case, ...] = ()) -> list[str]:
    return [problem.rule for problem in assign_cases(transcripts, cases).problems]


def test_without_a_table_a_transcript_or_each_of_several_voices_is_a_case() -> None:
    index = assign_cases([solo(), group()])
    assert [case.id for case in index.cases] == ["T1", "F1/Ana", "F1/Ben"]
    assert index.case_of("T1", "P") == "T1"
    assert index.case_of("F1", "Ben") == "F1/Ben"
    assert index.problems == ()


def test_interviewers_belong_to_no_case() -> None:
    table = (Case("I", {}, (("T1", "I"),)),)
    assert assign_cases([solo()]).case_of("T1", "I") == ""
    index = assign_cases([solo()], table)
    assert index.case_of("T1", "I") == ""
    silent = next(problem for problem in index.problems if problem.rule == "silent-case")
    assert "interviewer" in silent.hint


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        # Each row takes one rule away: what decides is always the first that is left.
        (
            (
                Case("both", {}, (("T1", "P"),)),
                Case("transcript", {}, (("T1", ""),)),
                Case("speaker", {}, (("", "P"),)),
                Case("T1"),
                Case("P"),
            ),
            "both",
        ),
        ((Case("transcript", {}, (("T1", ""),)), Case("speaker", {}, (("", "P"),)), Case("T1")), "transcript"),
        ((Case("speaker", {}, (("", "P"),)), Case("T1"), Case("P")), "speaker"),
        ((Case("P"), Case("T1")), "T1"),
        ((Case("P"), Case("other")), "P"),
        ((Case("other"),), "T1"),
        ((Case(" t1 "),), " t1 "),
        ((Case("x", {}, (("t1.TXT", "p"),)),), "x"),
        ((Case("Ｔ１"),), "Ｔ１"),
    ],
)
def test_the_first_rule_that_fits_decides(table: tuple[Case, ...], expected: str) -> None:
    assert assign_cases([solo()], table).case_of("T1", "P") == expected


def test_an_exact_name_goes_before_a_similar_one() -> None:
    table = (Case("x", {}, (("t1", ""),)), Case("y", {}, (("T1", ""),)))
    assert assign_cases([solo()], table).case_of("T1", "P") == "y"


def test_a_table_row_for_a_whole_group_makes_it_one_case() -> None:
    index = assign_cases([group()], (Case("school", {}, (("F1", ""),)),))
    assert [case.id for case in index.cases] == ["school"]
    assert index.problems == ()


def test_a_case_named_as_a_group_is_told_how_to_claim_it() -> None:
    index = assign_cases([group()], (Case("F1", where="cases.csv:2"),))
    silent = next(problem for problem in index.problems if problem.rule == "silent-case")
    assert (silent.where, silent.level) == ("cases.csv:2", "warning")
    assert "column “transcript”" in silent.hint


def test_cases_and_voices_without_each_other_are_told_with_the_likely_repair() -> None:
    index = assign_cases([solo("P07"), solo("P08")], (Case("P07"), Case("P8", where="cases.csv:3")))
    found = [(problem.where, problem.level, problem.rule, problem.hint) for problem in index.problems]
    assert found == [
        ("cases.csv:3", "warning", "silent-case", "Did you mean “P08”?"),
        ("P08", "warning", "case-without-row", "Did you mean “P8”?"),
    ]


def test_cases_that_speak_stand_in_the_order_of_the_table() -> None:
    index = assign_cases([solo("B"), solo("new"), solo("A")], (Case("A"), Case("silent"), Case("B")))
    assert [case.id for case in index.cases] == ["A", "B", "new"]


def test_a_case_may_speak_in_several_transcripts() -> None:
    index = assign_cases([solo("day1"), solo("day2")], (Case("P", {"role": "x"}),))
    assert [case.id for case in index.cases] == ["P"]
    assert index.case_of("day2", "P") == "P"


def test_a_transcript_without_labels_is_one_case_and_says_so() -> None:
    index = assign_cases([interview("T1", "It went well.\nThen it rained.\n")])
    assert index.case_of("T1", "") == "T1"
    assert [(problem.where, problem.level, problem.rule) for problem in index.problems] == [
        ("T1.txt", "note", "no-labels")
    ]


def test_turns_without_a_label_are_the_only_interviewees() -> None:
    transcript = interview("T1", "Recorded in May.\nI: How is it?\nP: Fine.\n")
    index = assign_cases([transcript])
    assert index.case_of("T1", "") == "T1"
    assert [problem.level for problem in index.problems] == ["note"]


def test_turns_without_a_label_among_several_interviewees_are_a_case_of_their_own() -> None:
    transcript = interview("F1", "Recorded in May.\nAna: Fine.\nBen: Hard.\n")
    index = assign_cases([transcript])
    assert index.case_of("F1", "") == "F1/(no label)"
    assert [problem.level for problem in index.problems] == ["warning"]


def test_a_transcript_of_interviewers_only_has_no_case() -> None:
    assert rules([interview("T1", "I: Hello?\n")]) == ["no-interviewee"]
    assert assign_cases([interview("T1", "I: Hello?\n")]).cases == ()
    assert rules([interview("T1", "")]) == []


def test_what_the_reader_found_travels_along(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path, "who\nT1\n"))
    assert rules([solo()], cases) == ["first-column"]


def test_two_cases_with_one_id_are_refused() -> None:
    with pytest.raises(CaseError, match="“t1”"):
        assign_cases([solo()], (Case("T1"), Case("t1")))


def test_groups_of_an_attribute() -> None:
    table = (
        Case("a", {"role": "teacher", "years": "12"}),
        Case("b", {"role": "manager", "years": "3"}),
        Case("c", {"role": "", "years": ""}),
        Case("d", {"role": "teacher", "years": "3"}),
    )
    index = assign_cases([solo(name) for name in "abcde"], table)
    # e speaks and has no row; words keep the order of the table, numbers are sorted.
    assert index.groups("role") == {"teacher": ("a", "d"), "manager": ("b",), NOT_GIVEN: ("c", "e")}
    assert index.groups("Years") == {"3": ("b", "d"), "12": ("a",), NOT_GIVEN: ("c", "e")}
    assert index.groups() == {name: (name,) for name in "abcde"}


def test_an_unknown_attribute_is_refused_with_the_nearest() -> None:
    index = assign_cases([solo("a")], (Case("a", {"role": "x"}),))
    with pytest.raises(CaseError) as caught:
        index.groups("rôle")
    assert caught.value.hint == "Did you mean “role”?"
    with pytest.raises(CaseError, match="no table of cases was given"):
        assign_cases([solo()]).groups("role")


def test_cases_show_themselves_in_a_notebook() -> None:
    html = Cases([Case("<P1>", {"role": "R&D"})])._repr_html_()
    assert "<td>&lt;P1&gt;</td><td>R&amp;D</td>" in html


def test_of_very_many_names_that_do_not_fit_all_are_told_and_the_first_with_what_was_meant() -> None:
    numbers = range(120)
    index = assign_cases([solo(f"P{at:04}") for at in numbers], [Case(f"P-{at:03}x") for at in numbers])
    for rule, otherwise in (("silent-case", "Name its transcript or speaker"), ("case-without-row", "Add a row")):
        hints = [one.hint for one in index.problems if one.rule == rule]
        assert len(hints) == 120
        assert all(hint.startswith("Did you mean") for hint in hints[:50])
        assert all(hint.startswith(otherwise) for hint in hints[50:])
