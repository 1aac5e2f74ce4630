"""A study's codings as tables: out to other programs and to spreadsheets, and back."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
from studies import begin_study, build_transcript

from qualcode.errors import CodebookError, StudyError
from qualcode.model import Span
from qualcode.study import Study
from qualcode.study.acts import Decision
from qualcode.study.addresses import find_code
from qualcode.study.exports import encode_codings, list_codings, read_decisions
from qualcode.study.memos import read_memos
from qualcode.study.round_trip import encode_table, import_codings, list_segments

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A tagged study with the transcript P07."""
    return begin_study(tmp_path / "study")


def state(study: Study, coder: str = "ana") -> list[tuple[str, str, str]]:
    """Return code, verdict and quote of every coding, as a fresh process reads it."""
    sheet = Study(study.root).sheet(coder, "P07")
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


class TestTables:
    def test_export_has_every_column(self, study: Study) -> None:
        (study.root / "cases.csv").write_text("case,role\nP07,mentor\n", "utf-8")
        study.decide("ana", "P07:t004", "praise", "reject", note='so "so"')
        rows, problems = list_codings(study, coders=["ana"])
        assert problems == []
        assert rows == [
            {
                "transcript": "P07", "case": "P07", "speaker": "Ana", "segment": "t004", "start": 124, "end": 149,
                "code": "praise", "coder": "ana", "verdict": "rejected", "origin": "rules",
                "quote": "They were lovely, though.", "note": 'so "so"', "role": "mentor",
            }
        ]  # fmt: skip
        text = encode_codings(rows, "csv").decode("utf-8")
        assert text.startswith("transcript,case,speaker,segment,start,end,code,coder,verdict,origin,quote,note,role\n")
        assert json.loads(encode_codings(rows, "jsonl")) == rows[0]

    def test_an_attribute_named_as_a_column(self, study: Study) -> None:
        (study.root / "cases.csv").write_text("case,code,role\nP07,A1,mentor\n", "utf-8")
        row = list_codings(study)[0][0]
        assert (row["code"], row["case_code"], row["role"]) == ("challenges/scheduling", "A1", "mentor")

    def test_sqlite(self, study: Study, tmp_path: Path) -> None:
        import sqlite3

        rows, _ = list_codings(study)
        (tmp_path / "c.sqlite").write_bytes(encode_codings(rows, "sqlite"))
        connection = sqlite3.connect(tmp_path / "c.sqlite")
        found = connection.execute("SELECT code, sum(end - start) FROM codings GROUP BY code ORDER BY code").fetchall()
        connection.close()
        assert found == [("challenges/scheduling", 46), ("challenges/turnover", 13), ("praise", 25)]

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_a_table_goes_out_and_comes_back(self, study: Study, form: str) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        rows = list_segments(study, "ana")
        assert [row["codes"] for row in rows] == ["", "challenges/scheduling", "", ""]
        report = import_codings(study, "ana", encode_table(rows, form), f"ana.{form}")
        assert (report.n_applied, report.n_removed, report.n_seen) == (0, 0, 0)
        rows[1]["codes"] = ""
        rows[3]["codes"] = "praise; Turnover"
        rows[0]["seen"] = "x"
        report = import_codings(study, "ana", encode_table(rows, form), f"ana.{form}")
        assert (report.n_applied, report.n_removed, report.n_seen) == (2, 1, 2)
        assert {(code, verdict) for code, verdict, _ in state(study)} == {
            ("praise", "applied"),
            ("turnover", "applied"),
        }

    def test_a_column_per_code(self, study: Study) -> None:
        data = b"segment;praise;Turnover\nP07:t002;x;\nP07:t004;;X\n"
        assert import_codings(study, "ben", data, "t.csv").n_applied == 2
        assert [code for code, _, _ in state(study, "ben")] == ["praise", "turnover"]

    def test_every_wrong_cell_is_told(self, study: Study) -> None:
        data = b"segment,text,codes\nP07:t002,something else,praise\nP07:t009,,praise\nP07:t004,,prase; praise\nx,,\n"
        with pytest.raises(StudyError) as caught:
            import_codings(study, "ana", data, "t.csv")
        assert [problem.where for problem in caught.value.problems] == [
            "t.csv, row 2, column text",
            "t.csv, row 3, column segment",
            "t.csv, row 4, column text",
            "t.csv, row 4, column codes",
            "t.csv, row 5, column segment",
        ]
        assert state(study) == []

    def test_rows_may_be_dropped_sorted_and_widened(self, study: Study) -> None:
        """A colleague sorts the rows backwards, drops one, leaves a blank one and adds a column of her own."""
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "praise", "accept")
        rows = list_segments(study, "ana")
        lines = [",".join((*rows[3], "mine"))]
        lines += [",".join((*(f'"{cell}"' for cell in row.values()), "my own thought")) for row in rows[2:0:-1]]
        data = "\n".join((*lines[:2], "", lines[2].replace('"x"', '""'))) + "\n"
        report = import_codings(study, "ana", data.encode(), "t.csv")
        assert (report.n_applied, report.n_removed, report.n_seen) == (0, 0, 0)
        assert {code for code, _, _ in state(study)} == {"scheduling", "praise"}
        assert [(one.level, one.where) for one in report.problems] == [("note", "t.csv, row 1, column mine")]

    def test_rows_are_counted_as_a_spreadsheet_shows_them(self, study: Study) -> None:

        workbook = openpyxl.Workbook()
        workbook.active.title = "Notes"
        sheet = workbook.create_sheet("Mine")
        for line in (["segment", "codes"], [], ["P07:t002", "praise"], [None, None], ["P07:t004", "prase"]):
            sheet.append(line)
        out = io.BytesIO()
        workbook.save(out)
        with pytest.raises(StudyError) as caught:
            import_codings(study, "ana", out.getvalue(), "t.xlsx")
        assert [problem.where for problem in caught.value.problems] == ["t.xlsx, sheet Mine, row 5, column codes"]

    def test_two_rows_of_one_segment(self, study: Study) -> None:
        same = b"segment,codes\nP07:t002,praise\nP07:t002,praise\n"
        assert import_codings(study, "ana", same, "t.csv").n_applied == 1
        other = b"segment,codes\nP07:t002,praise\nP07:t002,turnover\n"
        with pytest.raises(StudyError) as caught:
            import_codings(study, "ana", other, "t.csv")
        assert "already in row 2" in caught.value.problems[0].message

    def test_a_misspelt_column_of_crosses_is_not_passed_over(self, study: Study) -> None:
        with pytest.raises(StudyError) as caught:
            import_codings(study, "ana", b"segment,prase\nP07:t002,x\n", "t.csv")
        assert caught.value.problems[0].where == "t.csv, row 1, column prase"

    def test_notes_come_back_too(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept", note="mine")
        rows = list_segments(study, "ana")
        assert rows[1]["note"] == "mine"
        rows[1]["note"], rows[2]["note"] = "changed", "a thought"
        rows[3] |= {"codes": "praise", "note": "new"}
        for expected in ((1, 1, 1), (0, 0, 0)):
            report = import_codings(study, "ana", encode_table(rows, "csv"), "t.csv")
            assert (report.n_applied, report.n_notes, report.n_memos) == expected
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [(one.code, one.verdict, one.note) for one in sheet.codings] == [
            ("scheduling", "accepted", "changed"),
            ("praise", "applied", "new"),
        ]
        assert [(memo.about, memo.text) for memo in read_memos(study)[0]] == [("P07:t003", "a thought\n")]

    def test_codes_of_one_name(self, study: Study) -> None:
        path = study.root / "codebook.yaml"
        path.write_text(path.read_text("utf-8") + "  - id: more\n    name: Praise\n", "utf-8")
        for name, code in (("praise", "praise"), ("more", "more")):
            assert find_code(study.codebook, name) == code
        with pytest.raises(CodebookError, match="Several"):
            find_code(study.codebook, "Praise")

    def test_formulas_stay_text(self, tmp_path: Path) -> None:
        import csv

        study = begin_study(tmp_path / "s")
        study.add_transcript(build_transcript("X", (("=1+1", "=2+2 and more."), ("@ana", "-3 degrees"))))
        book = study.export_table("ana", "xlsx", transcript_ids=["X"]).data
        cells = openpyxl.load_workbook(io.BytesIO(book)).active
        assert [cell.value for cell in cells[1]][:4] == ["coder", "segment", "speaker", "text"]
        assert (cells["D2"].value, cells["D2"].data_type) == ("=2+2 and more.", "s")
        data = study.export_table("ana", transcript_ids=["X"]).data
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        assert [line[2:4] for line in lines[1:]] == [["'=1+1", "'=2+2 and more."], ["'@ana", "'-3 degrees"]]
        for form, table in (("xlsx", book), ("csv", data)):
            report = study.import_table("ana", table, f"t.{form}")  # the text is the same again
            assert (report.n_applied, report.problems) == (0, ())

    def test_nobody_of_that_name(self, study: Study) -> None:
        with pytest.raises(StudyError, match="no coding by “anna”"):
            list_codings(study, coders=["anna"])

    def test_what_cannot_be_carried_out_is_told_by_row(self, study: Study) -> None:
        table = b"segment,code,act\nP07:t002,praise,apply\n\nP07:t099,praise,apply\n"
        with pytest.raises(StudyError, match="1 of 2 decisions") as caught:
            study.decide_from_table("ana", table, "d.csv")
        assert [problem.where for problem in caught.value.problems] == ["d.csv:4"]
        assert state(study) == []

    def test_rows_that_cannot_be_understood_are_told_with_those_that_cannot_be_carried_out(self, study: Study) -> None:
        table = b"segment,code,act\nP07:t002,praise,love\nP07:t002,praise,apply\nP07:t099,praise,apply\n"
        with pytest.raises(StudyError, match="2 of 3 decisions") as caught:
            study.decide_from_table("ana", table, "d.csv")
        assert [problem.where for problem in caught.value.problems] == ["d.csv:2", "d.csv:4"]
        assert state(study) == []

    def test_decisions_come_from_frames_and_files(self, study: Study, tmp_path: Path) -> None:
        frame = pd.DataFrame({"segment": ["P07:t002"], "code": ["praise"], "act": ["apply"]})
        assert study.decide_from_table("ana", frame, "a frame") == 1
        path = tmp_path / "d.csv"
        path.write_bytes(b"sep=;\r\nsegment;code;act\r\nP07:t004;praise;apply\r\nP07:t099;praise;apply\r\n")
        with pytest.raises(StudyError, match="1 of 2 decisions") as caught:
            study.decide_from_table("ana", path, "d.csv")
        assert [problem.where for problem in caught.value.problems] == ["d.csv:4"]

    def test_no_act_hangs_on_a_formula_without_a_value(self, study: Study) -> None:
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in (["segment", "code", "act"], ["P07:t002", "praise", "apply"], ["P07:t004", "praise", '="apply"']):
            book.active.append(row)
        out = io.BytesIO()
        book.save(out)
        with pytest.raises(StudyError, match="formula without a stored value, read as blank: C3"):
            study.decide_from_table("ana", out.getvalue(), "d.xlsx")
        assert state(study) == []

    def test_the_table_of_another_becomes_ones_own_with_all_its_codes(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ben", "P07:t004", "praise", "accept")
        data = study.export_table("ana").data
        with pytest.raises(StudyError, match="table of ana, not of ben"):
            study.import_table("ben", data, "ana.csv")
        report = study.import_table("ben", data, "ana.csv", whose="any")
        assert (report.n_applied, report.n_removed, report.coder) == (1, 0, "ben")
        assert [code for code, _, _ in state(study, "ben")] == ["scheduling", "praise"]
        assert study.import_table(None, data, "ana.csv").coder == "ana"

    def test_decisions_from_a_table(self) -> None:
        table = (
            "\ufeffsegment;code;act;span;note;to;at\nP07:t002;praise;Apply;3:9;ok;;\nP07:t002;praise;recode;;;x;3-9\n"
        )
        found, problems = read_decisions(table.encode(), "d.csv")
        assert (found, problems) == (
            [
                Decision("P07:t002", "praise", "apply", Span(3, 9), "ok"),
                Decision("P07:t002", "praise", "recode", to="x", at=Span(3, 9)),
            ],
            [],
        )
        assert [one.where for one in found] == ["d.csv:2", "d.csv:3"]
        found, problems = read_decisions(b"segment,code,act,span\na,b,love,\na,b,accept,9\n", "d.csv")
        assert (found, [problem.where for problem in problems]) == ([], ["d.csv:2", "d.csv:3"])
        with pytest.raises(StudyError, match="no column act"):
            read_decisions(b"segment,code\na,b\n", "d.csv")
        with pytest.raises(StudyError, match="UTF-8"):
            read_decisions(b"segment,code,act\n\xff,b,c\n", "d.csv")
