"""The framework matrix: summaries by people, their states, and the workbook that goes out and comes back."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from studies import CODEBOOK, TALK, Clock, begin_study, build_transcript

from qualcode.cli import cli
from qualcode.errors import CodebookError, ConflictError, OutputError, StudyError
from qualcode.framework import FrameworkMatrix, import_framework, make_framework, read_cell, show_cell
from qualcode.reports import write_framework
from qualcode.study import Study, Summary, open_study
from qualcode.study.framework import decode_summaries, encode_summaries

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two cases, of which ana coded both."""
    study = begin_study(tmp_path / "study", "P07", "P08")
    for name in ("P07", "P08"):
        study.decide("ana", f"{name}:t002", "scheduling", "accept")
    return study


def matrix_of(study: Study, **options: object) -> FrameworkMatrix:
    return make_framework(study.tabulate(), study.summaries()[0], **options)  # type: ignore[arg-type]


def states(study: Study) -> dict[tuple[str, str], str]:
    frame = matrix_of(study).frame
    return dict(zip(zip(frame["case"], frame["code"].str.rpartition("/")[2], strict=True), frame["state"], strict=True))


class TestCharting:
    def test_each_state(self, study: Study) -> None:
        study.chart("P07", "Scheduling", "Dates clash.", quotes=["t002"], author="ana")
        study.chart("P07", "turnover", state="nothing said")
        study.chart("P07", "praise", state="not asked")
        study.chart("P08", "challenges/scheduling", "Dates?", state="draft")
        assert states(study) == {
            ("P07", "scheduling"): "charted", ("P07", "turnover"): "nothing said", ("P07", "praise"): "not asked",
            ("P08", "scheduling"): "draft", ("P08", "turnover"): "open", ("P08", "praise"): "open",
        }  # fmt: skip
        told = "1 of 6 cells (2 cases × 3 codes) is charted and 2 are open; 1 draft, 1 nothing said and 1 not asked."
        assert matrix_of(study).sentence == told

    def test_a_summary_ages_with_the_codings_behind_it_and_can_be_confirmed(self, study: Study) -> None:
        study.chart("P07", "scheduling", "Dates clash.", author="ana")
        study.chart("P08", "scheduling", "Here too.", author="ana")
        study.decide("ana", "P07:t004", "scheduling", "apply")
        assert states(study)["P07", "scheduling"] == "codings changed since"
        assert states(study)["P08", "scheduling"] == "charted"
        problem = matrix_of(study).problems[0]
        assert (problem.level, "P07, challenges/scheduling" in problem.message) == ("warning", True)
        study.chart("P07", "scheduling", "Dates clash.", author="ana")
        assert states(study)["P07", "scheduling"] == "charted"

    def test_quotes_are_addresses_of_the_case_s_own_turns(self, study: Study) -> None:
        written = study.chart("P07", "scheduling", "Dates.", quotes=["t002", "P07:s0002"])
        assert written is not None
        assert written.quotes == ("P07:t002", "P07:s0002")
        again = study.chart("P07", "scheduling", "Dates clash.")
        assert again is not None
        assert again.quotes == written.quotes  # kept unless others are given
        with pytest.raises(StudyError, match="P07 does not speak in P08"):
            study.chart("P07", "scheduling", "Dates.", quotes=["P08:t002"])
        with pytest.raises(StudyError, match="no segment"):
            study.chart("P07", "scheduling", "Dates.", quotes=["t999"])

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            (("P7", "scheduling", "x"), StudyError, "no case “P7”"),
            (("P07", "sheduling", "x"), CodebookError, "sheduling"),
            (("P07", "scheduling", "  "), StudyError, "empty"),
            (("P07", "scheduling", "x" * 30_001), StudyError, "30,001 characters"),
        ],
    )
    def test_what_fits_no_cell_is_refused(
        self, study: Study, arguments: tuple[str, str, str], error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            study.chart(*arguments)
        assert study.summaries() == ((), [])

    def test_who_answers_an_older_summary_is_told_of_the_present_one(self, study: Study) -> None:
        first = study.chart("P07", "scheduling", "Dates.", author="ana")
        assert first is not None
        study.chart("P07", "scheduling", "Dates clash.", author="ben", replaces=first.digest)
        with pytest.raises(ConflictError, match="Dates clash") as caught:
            study.chart("P07", "scheduling", "No dates.", replaces=first.digest)
        assert isinstance(caught.value.stands, Summary)
        assert caught.value.stands.who == "ben"

    def test_nothing_is_lost_when_a_cell_is_opened_again(self, study: Study) -> None:
        study.chart("P07", "scheduling", "Dates.", author="ana")
        assert study.chart("P07", "scheduling", state="open") is None
        assert study.summaries() == ((), [])
        kept = [path.read_text("utf-8") for path in (study.root / "versions").glob("P07-*.md")]
        assert [("Dates." in text) for text in kept] == [True]
        assert "chart" in {note["what"] for note in study.notes()}

    def test_drafts_from_quotes_are_marked_and_never_kept(self, study: Study) -> None:
        frame = matrix_of(study, drafts="quotes").frame
        drafted = frame[frame["state"] == "draft"]
        assert drafted["case"].tolist() == ["P07", "P08"]
        assert drafted["summary"].str.startswith("“").all()
        assert study.summaries() == ((), [])

    def test_a_column_is_a_code_of_the_level_or_one_that_is_less_deep(self, study: Study) -> None:
        assert matrix_of(study).frame["code"].unique().tolist() == [
            "challenges/scheduling", "challenges/turnover", "praise",
        ]  # fmt: skip
        top = matrix_of(study, level=1)
        assert top.frame["code"].unique().tolist() == ["challenges", "praise"]
        assert top.frame["passages"].tolist() == [1, 0, 1, 0]
        assert len(top.list_quotes("P07", "challenges")) == 1
        assert len(top.list_quotes("P07", "praise")) == 0

    def test_a_summary_of_a_code_that_is_gone_is_told(self, study: Study) -> None:
        study.chart("P07", "praise", "Lovely.")
        path = study.root / "codebook.yaml"
        path.write_text(path.read_text("utf-8").replace("id: praise", "id: thanks"), "utf-8")
        assert "P07, praise" in matrix_of(Study(study.root)).problems[-1].message
        assert any("no code “praise”" in problem.message for problem in Study(study.root).check())


class TestFiles:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["scheduling", "turnover", "praise"]),
                st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n#- ")),
                st.sampled_from(["charted", "draft", "nothing said"]),
            ),
            unique_by=lambda one: one[0],
        )
    )
    def test_what_is_written_is_read(self, cells: list[tuple[str, str, str]]) -> None:
        from qualcode.model import canonical_text

        texts = [(code, canonical_text(text).strip(), state) for code, text, state in cells]
        written = [Summary("P1", code, text, state, ("P1:t1",), "ana", "2026") for code, text, state in texts]  # type: ignore[arg-type]
        assert decode_summaries(encode_summaries("P1", written)) == ("P1", written)

    def test_a_file_written_by_hand_on_windows(self, study: Study) -> None:
        (study.root / "framework").mkdir()
        text = "\ufeff---\r\ncase: P07\r\n---\r\n\r\n## scheduling\r\n\r\nDates clash.\r\nOften.\r\n"
        (study.root / "framework" / "P07.md").write_bytes(text.encode())
        (summary,) = study.summaries()[0]
        assert (summary.text, summary.state, summary.who) == ("Dates clash.\nOften.", "charted", "")
        assert states(study)["P07", "scheduling"] == "charted"  # what it rests on is unknown

    def test_damaged_files_and_copies_are_told(self, study: Study) -> None:
        study.chart("P07", "scheduling", "Dates.")
        folder = study.root / "framework"
        shutil.copy(folder / "P07.md", folder / "P07 (conflicted copy).md")
        (folder / "x.md").write_bytes(b"## scheduling\n\nNo head.")
        (folder / "y.md").write_bytes(b"---\ncase: P08\n---\n\xff\xfe")
        summaries, problems = study.summaries()
        assert len(summaries) == 1
        assert sorted(problem.where for problem in problems) == [
            "framework/P07 (conflicted copy).md", "framework/x.md", "framework/y.md",
        ]  # fmt: skip
        assert set(problems) <= set(study.check())
        with pytest.raises(StudyError, match=r"UTF-8|naming its case"):
            study.chart("P07", "praise", "Lovely.")

    def test_a_case_whose_name_can_be_no_file_s(self, tmp_path: Path) -> None:
        from qualcode.study import create_study

        book = tmp_path / "book.yaml"
        book.write_text(CODEBOOK, "utf-8")
        study = create_study(tmp_path / "study", codebook=book, clock=Clock())
        talk = (("Interviewer", "So?"), ("Ana", "Yes."), ("Ben", "No."))
        study.add_transcript(build_transcript("G1", talk))
        study.decide("ana", "G1:t002", "praise", "apply")
        study.chart("G1/Ana", "praise", "She likes it.", quotes=["t002"])
        study.chart("G1/Ben", "praise", "He does not.")
        assert [(one.case, one.text) for one in study.summaries()[0]] == [
            ("G1/Ana", "She likes it."), ("G1/Ben", "He does not."),
        ]  # fmt: skip


class TestTheStudy:
    def test_another_name_of_a_transcript(self, study: Study) -> None:
        study.chart("P07", "scheduling", "Dates.", quotes=["t002"])
        study.rename_transcript("P07", "School")
        (summary,) = study.summaries()[0]
        assert (summary.case, summary.quotes) == ("School", ("School:t002",))
        assert states(study)["School", "scheduling"] == "charted"
        assert not (study.root / "framework" / "P07.md").exists()

    def test_who_withdraws_takes_the_summaries_along(self, study: Study) -> None:
        study.chart("P07", "scheduling", "Dates.")
        study.chart("P07", "scheduling", "Dates clash.")
        study.chart("P08", "scheduling", "Here too.")
        study.remove_transcript("P07", why="withdrawn consent")
        everything = "".join(path.read_text("utf-8") for path in study.root.rglob("*.md"))
        assert "Dates" not in everything
        assert [one.case for one in study.summaries()[0]] == ["P08"]

    def test_copies_are_merged_cell_by_cell(self, study: Study, tmp_path: Path) -> None:
        study.chart("P07", "scheduling", "Dates.", author="ana")
        shutil.copytree(study.root, tmp_path / "theirs")
        theirs = Study(tmp_path / "theirs", clock=Clock())
        theirs.chart("P07", "scheduling", "Dates clash.", author="ben")
        theirs.chart("P08", "praise", "Lovely.", author="ben")
        study.chart("P07", "turnover", "They leave.", author="ana")
        assert study.merge(theirs.root).conflicts == []
        assert {(one.case, one.code): one.text for one in study.summaries()[0]} == {
            ("P07", "scheduling"): "Dates clash.", ("P07", "turnover"): "They leave.", ("P08", "praise"): "Lovely.",
        }  # fmt: skip
        before = {path: path.read_bytes() for path in (study.root / "framework").iterdir()}
        study.merge(theirs.root)
        assert {path: path.read_bytes() for path in (study.root / "framework").iterdir()} == before

    def test_two_summaries_of_one_cell_both_stay_until_somebody_decides(self, study: Study, tmp_path: Path) -> None:
        shutil.copytree(study.root, tmp_path / "theirs")
        theirs = Study(tmp_path / "theirs", clock=Clock())
        study.chart("P07", "scheduling", "Dates.", author="ana")
        theirs.chart("P07", "scheduling", "No room.", author="ben")
        (conflict,) = study.merge(theirs.root).conflicts
        assert "both summaries are kept" in conflict.message
        assert {one.text for one in study.summaries()[0]} == {"Dates.", "No room."}
        assert study.summaries()[1][0].rule == "two-summaries"
        study.chart("P07", "scheduling", "Neither dates nor room.", author="ana")
        assert [one.text for one in study.summaries()[0]] == ["Neither dates nor room."]
        assert study.merge(theirs.root).conflicts == []


class TestWorkbook:
    def out(self, study: Study, path: Path, **options: object) -> openpyxl.Workbook:
        write_framework(matrix_of(study, **options), path)
        return openpyxl.load_workbook(path)

    def cell(self, book: openpyxl.Workbook, case: str, code: str):  # type: ignore[no-untyped-def]
        for sheet in book:
            heads = {str(one.value).rpartition("[")[2].rstrip("]"): one.column for one in sheet[1]}
            if sheet["A1"].value == "case" and code in heads and sheet.title not in {"Quotes", "As written out"}:
                row = next(row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == case)
                return sheet.cell(row, heads[code])
        raise AssertionError(f"no cell of {case} and {code}")

    def test_sheets_and_frozen_heads(self, study: Study, tmp_path: Path) -> None:
        study.chart("P07", "scheduling", '=HYPERLINK("x")', author="ana")
        book = self.out(study, tmp_path / "f.xlsx")
        assert book.sheetnames == ["Challenges", "Themes", "Quotes", "How to use this", "As written out"]
        sheet = book["Challenges"]
        assert [one.value for one in sheet[1]] == ["case", "Scheduling [scheduling]", "Turnover [turnover]"]
        assert (sheet.freeze_panes, sheet.page_setup.orientation) == ("B2", "landscape")
        assert self.cell(book, "P07", "scheduling").data_type == "s"  # no formula
        assert book["As written out"].sheet_state == "hidden"
        assert book["Quotes"].max_row == 3

    def test_themes_that_are_one_column_share_a_sheet_and_tables_as_many_as_pages_need(self, tmp_path: Path) -> None:
        codes = ", ".join(f"{{id: c{number}, name: C{number}}}" for number in range(7))
        (tmp_path / "book.yaml").write_text(f"codes: [{codes}]", "utf-8")
        from qualcode.study import create_study

        study = create_study(tmp_path / "study", codebook=tmp_path / "book.yaml", clock=Clock())
        study.add_transcript(build_transcript("P1"))
        matrix = matrix_of(study)
        write_framework(matrix, tmp_path / "f.xlsx")
        assert openpyxl.load_workbook(tmp_path / "f.xlsx").sheetnames[:2] == ["Themes", "Quotes"]
        tables = Document(str(write_framework(matrix, tmp_path / "f.docx"))).tables
        assert [len(table.columns) for table in tables] == [5, 4]

    def test_nothing_changed_writes_nothing(self, study: Study, tmp_path: Path) -> None:
        study.chart("P07", "scheduling", "Dates\nclash.", author="ana")
        self.out(study, tmp_path / "f.xlsx", drafts="quotes")
        report = import_framework(study, tmp_path / "f.xlsx")
        assert (report.n_written, report.n_cleared, report.n_same, report.conflicts) == (0, 0, 6, ())

    def test_what_stands_beside_the_cells_is_told_and_not_taken(self, study: Study, tmp_path: Path) -> None:
        (study.root / "cases.csv").write_text("case,role,state\nP07,manager,new\nP08,engineer,\n", "utf-8")
        before = (study.root / "cases.csv").read_bytes()
        book = self.out(study, tmp_path / "f.xlsx")
        for sheet in (book["Challenges"], book["Themes"]):  # the same change in two sheets is one
            assert [one.value for one in sheet[1]][:3] == ["case", "role", "case state"]
            sheet["B2"].value = "director"
        book["Themes"]["C3"].value = 7
        book["Themes"]["C2"].value = None
        book["Themes"]["F1"].value, book["Themes"]["F2"].value = "My notes", "ask again"
        book["Themes"]["A4"].value, book["Themes"]["B4"].value = "P09", "manager"
        self.cell(book, "P07", "praise").value = "Lovely."
        book.save(tmp_path / "f.xlsx")
        report = import_framework(study, tmp_path / "f.xlsx")
        assert report.n_written == 1
        assert {one.level for one in report.problems} == {"warning"}
        assert [one.message.removeprefix("Not taken from the workbook, ") for one in report.problems] == [
            (
                "attributes that differ: role of P07 “director” (in the study “manager”); case state of P07 “” (in the "
                "study “new”); case state of P08 “7” (in the study “”)."
            ),
            "columns that are no code and no attribute: “My notes”.",
            "rows of no case: “P09” (row 4).",
        ]
        assert "cases.csv" in report.problems[0].hint
        assert (study.root / "cases.csv").read_bytes() == before
        done = CliRunner().invoke(cli, ["import-framework", str(tmp_path / "f.xlsx"), "--study", str(study.root)])
        assert done.exit_code == 3
        assert "role of P07 “director”" in done.output

    def test_attributes_as_they_are_need_no_word(self, study: Study, tmp_path: Path) -> None:
        (study.root / "cases.csv").write_text("case,role\nP07,  two\u00a0 words e\u0301 \nP08,1.50\n", "utf-8")
        self.out(study, tmp_path / "f.xlsx").save(tmp_path / "f.xlsx")
        assert import_framework(study, tmp_path / "f.xlsx").problems == ()

    def test_what_people_wrote_comes_back(self, study: Study, tmp_path: Path) -> None:
        study.chart("P07", "scheduling", "Dates.", quotes=["t002"], author="ana")
        study.chart("P08", "praise", "Lovely.", author="ana")
        book = self.out(study, tmp_path / "f.xlsx")
        self.cell(book, "P07", "scheduling").value = "Dates clash."
        self.cell(book, "P07", "turnover").value = " （Nothing said） "
        self.cell(book, "P08", "scheduling").value = "(draft) later"
        self.cell(book, "P08", "praise").value = None
        book.save(tmp_path / "f.xlsx")
        report = import_framework(study, tmp_path / "f.xlsx", author="ben")
        assert (report.n_written, report.n_cleared, report.conflicts, report.problems) == (3, 1, (), ())
        told = {(one.case, one.code): (one.state, one.text, one.who, one.quotes) for one in study.summaries()[0]}
        assert told == {
            ("P07", "scheduling"): ("charted", "Dates clash.", "ben", ("P07:t002",)),
            ("P07", "turnover"): ("nothing said", "", "ben", ()),
            ("P08", "scheduling"): ("draft", "later", "ben", ()),
        }
        assert import_framework(study, tmp_path / "f.xlsx").n_written == 0  # again: it stands so

    def test_both_changed_a_cell(self, study: Study, tmp_path: Path) -> None:
        study.chart("P07", "scheduling", "Dates.", author="ana")
        book = self.out(study, tmp_path / "f.xlsx")
        self.cell(book, "P07", "scheduling").value = "Dates clash."
        self.cell(book, "P08", "turnover").value = "They leave."
        book.save(tmp_path / "f.xlsx")
        study.chart("P07", "scheduling", "No dates at all.", author="ana")
        report = import_framework(study, tmp_path / "f.xlsx")
        assert (report.n_written, [problem.level for problem in report.conflicts]) == (1, ["warning"])
        assert "No dates at all." in report.conflicts[0].message
        assert {one.text for one in study.summaries()[0]} == {"No dates at all.", "They leave."}
        report = import_framework(study, tmp_path / "f.xlsx", conflicts="replace")
        assert (report.n_written, report.conflicts) == (1, ())
        assert {one.text for one in study.summaries()[0]} == {"Dates clash.", "They leave."}

    def test_codings_that_changed_while_the_workbook_was_out(self, study: Study, tmp_path: Path) -> None:
        book = self.out(study, tmp_path / "f.xlsx")
        self.cell(book, "P07", "scheduling").value = "Dates clash."
        book.save(tmp_path / "f.xlsx")
        study.decide("ana", "P07:t004", "scheduling", "apply")
        import_framework(study, tmp_path / "f.xlsx")
        assert states(study)["P07", "scheduling"] == "codings changed since"

    def test_a_case_or_code_that_is_not_there_stops_all_of_it(self, study: Study, tmp_path: Path) -> None:
        book = self.out(study, tmp_path / "f.xlsx")
        self.cell(book, "P07", "scheduling").value = "Dates clash."
        sheet = book["Challenges"]
        sheet["A4"], sheet["B4"] = "P09", "Somebody new"
        sheet["D1"], sheet["D2"] = "Own column [mine]", "x"
        sheet["E1"], sheet["E2"] = "my remarks", "left alone"
        book.save(tmp_path / "f.xlsx")
        with pytest.raises(StudyError, match="2 cells do not fit; nothing was changed") as caught:
            import_framework(study, tmp_path / "f.xlsx")
        told = [str(problem) for problem in caught.value.problems]
        assert any("row 4" in one and "no case “P09”" in one and "P0" in one for one in told)
        assert any("row 2" in one and "mine" in one for one in told)
        assert study.summaries()[0] == ()

    def test_one_cell_in_two_rows(self, study: Study, tmp_path: Path) -> None:
        book = self.out(study, tmp_path / "f.xlsx")
        sheet = book["Challenges"]
        sheet["B2"], sheet["A4"], sheet["B4"] = "One.", "P07", "Another."
        book.save(tmp_path / "f.xlsx")
        with pytest.raises(StudyError, match="1 cell does not fit"):
            import_framework(study, tmp_path / "f.xlsx")

    def test_without_the_sheet_of_what_went_out_only_open_cells_are_filled(self, study: Study, tmp_path: Path) -> None:
        study.chart("P07", "scheduling", "Dates.", author="ana")
        book = self.out(study, tmp_path / "f.xlsx")
        self.cell(book, "P07", "scheduling").value = "Dates clash."
        self.cell(book, "P07", "turnover").value = "They leave."
        del book["As written out"]
        book.save(tmp_path / "f.xlsx")
        report = import_framework(study, tmp_path / "f.xlsx")
        assert (report.n_written, len(report.conflicts)) == (1, 1)
        assert report.problems[0].rule == "no-export"
        assert {one.text for one in study.summaries()[0]} == {"Dates.", "They leave."}

    @pytest.mark.parametrize("content", [b"", b"case,a\nP07,x\n", b"PK\x03\x04not a workbook", b"\x00" * 50])
    def test_what_is_no_such_workbook(self, study: Study, content: bytes) -> None:
        with pytest.raises(StudyError):
            import_framework(study, content, "f.xlsx")

    def test_controls_and_huge_cells_of_a_stranger(self, study: Study, tmp_path: Path) -> None:
        book = self.out(study, tmp_path / "f.xlsx")
        self.cell(book, "P07", "scheduling").value = "x" * 30_001
        book.save(tmp_path / "f.xlsx")
        with pytest.raises(StudyError, match="does not fit"):
            import_framework(study, tmp_path / "f.xlsx")
        self.cell(book, "P07", "scheduling").value = "## praise\nwho: nobody\n\nA heading in a summary."
        book.save(tmp_path / "f.xlsx")
        import_framework(study, tmp_path / "f.xlsx")
        (summary,) = study.summaries()[0]
        assert (summary.code, summary.text) == ("scheduling", "## praise\nwho: nobody\n\nA heading in a summary.")

    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
    def test_a_cell_says_what_it_was_written_with(self, text: str) -> None:
        from qualcode.model import canonical_text

        words = canonical_text(text).strip()
        if words and not words.startswith(("(", "（")):
            assert read_cell(show_cell("charted", words)) == ("charted", words)
            assert read_cell(show_cell("draft", words)) == ("draft", words)

    def test_other_formats(self, study: Study, tmp_path: Path) -> None:
        study.chart("P07", "scheduling", "<b>Dates</b> & rooms.", author="ana")
        study.chart("P07", "turnover", "=1+1", author="ana")
        matrix = matrix_of(study)
        page = write_framework(matrix, tmp_path / "f.html").read_text("utf-8")
        assert "&lt;b&gt;Dates&lt;/b&gt; &amp; rooms." in page
        assert "<details><summary>1 passage</summary>" in page
        document = Document(io.BytesIO(write_framework(matrix, tmp_path / "f.docx").read_bytes()))
        assert [[cell.text for cell in row.cells] for row in document.tables[0].rows][1][:2] == [
            "P07", "<b>Dates</b> & rooms.",
        ]  # fmt: skip
        assert "'=1+1" in write_framework(matrix, tmp_path / "f.csv").read_text("utf-8-sig")
        with pytest.raises(OutputError, match=r"cannot be written as \.pdf"):
            write_framework(matrix, tmp_path / "f.pdf")


class TestCommands:
    def run(self, *arguments: str, code: int = 0, text: str = "") -> str:
        done = CliRunner().invoke(cli, arguments, input=text)
        assert done.exit_code == code, done.output
        return done.output

    def test_from_charting_to_the_workbook_and_back(self, study: Study, tmp_path: Path) -> None:
        at = ("--study", str(study.root))
        assert "charted" in self.run("chart", "P07", "scheduling", "-", "--quote", "t002", *at, text="Dates.\n")
        self.run("chart", "P07", "praise", "--not-asked", *at)
        out = str(tmp_path / "f.xlsx")
        assert "1 of 6 cells" in self.run("framework", *at, "--out", out)
        assert "exists already" in self.run("framework", *at, "--out", out, code=1)
        assert "P07,1,0,0,0,1,1" in self.run("framework", *at, "--progress", "--format", "csv")
        assert "P07,■,·,–" in self.run("framework", *at, "--show", "grid", "--format", "csv")
        assert self.run("framework", *at, "--show", "grid").splitlines()[:5] == [
            "              P07  P08",
            "challenges            ",
            "  scheduling  ■    ·  ",
            "  turnover    ·    ·  ",
            "praise        –    ·  ",
        ]
        assert self.run("import-framework", out, *at).startswith("0 written, 0 opened again, 0 in conflict, 6 as")
        assert "1 of 6 cells" in self.run("framework", *at, "--coders", "rules")  # other codings, the same summary
        study.decide("ana", "P07:t004", "scheduling", "apply")
        assert "changed since" in self.run("framework", *at, code=3)
        self.run("chart", "P07", "scheduling", "--unchanged", *at)
        self.run("framework", *at)
        assert open_study(study.root).summaries()[0][0].quotes == ("P07:t002",)
        self.run("chart", "P08", "scheduling", "--unchanged", *at, code=2)

    @pytest.mark.parametrize("columns", ["20", "40", "80"])
    def test_each_head_of_a_grid_is_whole_however_narrow_the_screen(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str
    ) -> None:
        codes = ", ".join(f"{{id: a-long-code-{number}, name: C{number}}}" for number in range(80))
        (tmp_path / "book.yaml").write_text(f"codes: [{codes}]", "utf-8")
        from qualcode.study import create_study

        study = create_study(tmp_path / "study", codebook=tmp_path / "book.yaml", clock=Clock())
        cases = [f"Case {number:02}" for number in range(12)]
        for case in cases:
            study.add_transcript(build_transcript(case))
        monkeypatch.setenv("COLUMNS", columns)
        lines = (
            self.run("framework", "--show", "grid", "--study", str(study.root), code=3).split("\n0 of ")[0].splitlines()
        )
        assert max(map(len, lines)) <= int(columns)
        heads = [line for line in lines if "Case" in line]
        assert [case for line in heads for case in line.strip().split("  ")] == cases
        assert sum("·" in line for line in lines) == 80 * len(heads)
        assert sum(line.count("·") for line in lines) == 80 * 12

    def test_a_report_has_what_was_charted(self, study: Study) -> None:
        from dataclasses import replace

        from qualcode.reports import compose, make_report
        from qualcode.themes import count_themes

        report = make_report(count_themes(study.tabulate()))
        assert compose(report).sections["framework"] == ()
        study.chart("P07", "scheduling", "Dates <clash>.", author="ana")
        study.chart("P07", "challenges", "All of it is hard.", author="ana")
        study.chart("P08", "scheduling", state="not asked")
        blocks = compose(replace(report, summaries=study.summaries()[0])).sections["framework"]
        table = next(block for block in blocks if hasattr(block, "rows"))
        assert [column.head for column in table.columns] == ["Case", "Scheduling"]
        assert table.rows == (("P07", "Dates <clash>."), ("P08", "(not asked)"))
        assert "of codes at other levels: P07, challenges" in str(blocks[1])

    def test_of_files_all_cells_are_open(self, tmp_path: Path) -> None:
        (tmp_path / "book.yaml").write_text(CODEBOOK, "utf-8")
        (tmp_path / "P1.txt").write_text("\n\n".join(f"{who}: {said}" for who, said in TALK), "utf-8")
        told = self.run("framework", str(tmp_path / "P1.txt"), "--codebook", str(tmp_path / "book.yaml"))
        assert "0 of 3 cells (1 case × 3 codes) are charted and 3 are open." in told
