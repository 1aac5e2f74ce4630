"""The Excel workbook read back by openpyxl, and the LaTeX fragment."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from reporting import CASES, HOSTILE, hostile_report, make_report, small_report, small_study

from qualcode.codebook import Code, Codebook
from qualcode.model import Case
from qualcode.reports import write_report
from qualcode.reports.latex import escape
from qualcode.reports.phrases import clean
from qualcode.reports.workbook import CELL_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.reports import Report

Rows = list[list[Any]]


def write(report: Report, folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(write_report(report, folder / "report.xlsx"))


def rows_of(book: openpyxl.Workbook, name: str) -> Rows:
    return [list(row) for row in book[name].iter_rows(values_only=True)]


class TestWorkbook:
    def test_sheets(self, tmp_path: Path) -> None:
        assert write(small_report(), tmp_path).sheetnames == [
            "Read me", "Themes", "By case", "By role", "By years", "Co-occurrence", "Codings", "Codebook",
            "Interviewer talk left out", "Numbers",
        ]  # fmt: skip

    def test_numbers_are_numbers(self, tmp_path: Path) -> None:
        book = write(small_report(), tmp_path)
        rows = rows_of(book, "Themes")
        assert rows[0] == [
            "Name", "Code", "Theme", "Level", "Codings", "Segments (turns)", "Words", "Transcripts", "Participants",
            "% of 2 participants",
        ]  # fmt: skip
        assert rows[2] == ["Alumni", "channels/alumni", "Channels", 2, 3, 2, 18, 2, 2, 100]
        assert rows_of(book, "By case")[:3] == [
            ["Turns with the code", "Code", "Ana", "Ben"],
            ["Channels", "channels", 2, 1],
            ["Alumni", "channels/alumni", 1, 1],
        ]
        assert rows_of(book, "By role")[0][2:] == [
            "manager: cases of 1", "manager: turns", "teacher: cases of 1", "teacher: turns",
        ]  # fmt: skip
        assert rows_of(book, "By years")[0][2] == "2: cases of 1"
        assert rows_of(book, "Interviewer talk left out")[6] == ["Clash", "challenges/time/clash", 1, 1, 2]
        matrix = rows_of(book, "Co-occurrence")
        assert matrix[0][2:] == ["Channels", "Alumni", "Friends", "Challenges", "Time", "Clash", "Never coded"]
        assert matrix[2][2:] == [2, 2, 0, 2, 2, 1, 0]

    def test_names_are_indented_by_level(self, tmp_path: Path) -> None:
        sheet = write(small_report(), tmp_path)["Themes"]
        looks = {sheet.cell(row, 1).value: sheet.cell(row, 1).alignment for row in range(2, 8)}
        indents = {name: int(look.indent) for name, look in looks.items()}
        assert indents == {"Channels": 0, "Alumni": 1, "Friends": 1, "Challenges": 0, "Time": 1, "Clash": 2}
        assert {look.horizontal for look in looks.values()} == {"left"}

    def test_codings_can_be_traced(self, tmp_path: Path) -> None:
        rows = rows_of(write(small_report(), tmp_path), "Codings")
        assert len(rows) == 7
        record = dict(zip(rows[0], rows[1], strict=True))
        assert record["Quote"] == "Alumni help us."
        assert (record["Code"], record["Case"], record["Turn"]) == ("channels/alumni", "Ana", "t002")
        assert (record["Coder"], record["Rule"], record["Matched"], record["Words"]) == ("rules", "alumni", "Alumni", 3)

    def test_headers_stay_in_view_and_filter(self, tmp_path: Path) -> None:
        for table in write(small_report(), tmp_path).worksheets[1:]:
            assert table.freeze_panes
            assert table.auto_filter.ref.startswith("A1:")
            assert all(column.width > 5 for column in table.column_dimensions.values())

    def test_notes_of_persons_are_shown(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: Alumni.")
        noted = replace(coding(talk, "alumni", "Alumni."), note="=not sure")
        rows = rows_of(write(make_report([talk], [sheet(talk, noted)]), tmp_path), "Codings")
        assert (rows[0][-1], rows[1][-1]) == ("Note", "=not sure")

    def test_the_file_has_no_time_of_its_making(self, tmp_path: Path) -> None:
        path = write_report(small_report(), tmp_path / "report.xlsx")
        with zipfile.ZipFile(path) as package:
            assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            times = re.findall(rb">([\d-]+T[^<]+)<", package.read("docProps/core.xml"))
        assert set(times) == {b"2000-01-01T00:00:00Z"}


class TestLimits:
    def test_more_codings_than_a_workbook_lists_are_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qualcode.reports.workbook.MOST_CODINGS", 4)
        book = write(small_report(), tmp_path)
        assert len(rows_of(book, "First 4 codings")) == 5
        said = {row[0]: row[1] for row in rows_of(book, "Read me") if len(row) > 1}
        assert said["Limit"] == "The first 4 of 6 codings are listed; all are in codings.csv."
        assert "First 4 codings" in said["Sheets"]

    def test_as_many_as_it_lists_need_no_word(self, tmp_path: Path) -> None:
        book = write(small_report(), tmp_path)
        assert len(rows_of(book, "Codings")) == 7
        assert "Limit" not in {row[0] for row in rows_of(book, "Read me")}


class TestText:
    def test_no_text_becomes_a_formula_a_link_or_a_number(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: 12")
        for report in (hostile_report(), make_report([talk], [sheet(talk, coding(talk, "time", "12"))])):
            book = write(report, tmp_path)
            for table in book.worksheets:
                cells = [cell for row in table.iter_rows() for cell in row]
                assert all(cell.data_type in {"s", "n"} for cell in cells)
                assert all(cell.hyperlink is None for cell in cells)
        assert rows_of(book, "Codings")[1][6] == "12"

    def test_texts_are_what_was_said(self, tmp_path: Path) -> None:
        quotes = [row[6] for row in rows_of(write(hostile_report(), tmp_path), "Codings")[1:]]
        assert quotes == [clean(text) for text in HOSTILE]

    @pytest.mark.parametrize("text", ["word " * 8000, "字" * 40_000, "😀" * 17_000])
    def test_a_text_too_long_for_a_cell_is_cut_and_says_so(self, text: str, tmp_path: Path) -> None:
        talk = interview("Ana", f"I: So?\nAna: {text}")
        book = write(make_report([talk], [sheet(talk, coding(talk, "time", text))]), tmp_path)
        quote = rows_of(book, "Codings")[1][6]
        assert len(quote.encode("utf-16-le")) // 2 <= CELL_LIMIT
        assert quote.endswith(f"[…cut: the whole has {len(text):,} characters; see the CSV files]")
        assert text.startswith(quote.partition(" […cut")[0].rstrip())

    def test_a_text_that_just_fits_is_whole(self, tmp_path: Path) -> None:
        text = "a" * CELL_LIMIT
        talk = interview("Ana", f"I: So?\nAna: {text}")
        book = write(make_report([talk], [sheet(talk, coding(talk, "time", text))]), tmp_path)
        assert rows_of(book, "Codings")[1][6] == text


class TestSheetNames:
    def test_attributes_of_any_name_get_a_sheet_each(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: Yes.")
        long = "how many years in the present position"
        names = ["a/b", "a:b", "A_B", long, f"{long} again", "'quoted'", "unit", "level", "themes"]
        book = write(make_report([talk], [], cases=[Case("Ana", dict.fromkeys(names, "x"))]), tmp_path)
        assert len(book.sheetnames) == 9 - 1 + len(names)
        assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)
        assert all(len(name) <= 31 for name in book.sheetnames)
        assert rows_of(book, "By level")[0][2] == "x: cases of 1"


class TestEscaping:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("plain", "plain"),
            ("50% & more", r"50\% \& more"),
            ("a_b#c$d", r"a\_b\#c\$d"),
            ("{x}", r"\{x\}"),
            ("~^", r"\textasciitilde{}\textasciicircum{}"),
            ("\\input{x}", r"\textbackslash{}input\{x\}"),
            ("<a|b>", r"\textless{}a\textbar{}b\textgreater{}"),
            ("[b]", "{[}b{]}"),
            ("two\nlines\tand tabs", "two lines and tabs"),
            ("a -- b --- c - d", "a -{}-{} b -{}-{}- c - d"),
            ("don't ''quote''", "don't '{}'{}quote'{}'{}"),
            ('"say" `so`', r"{\char34}say{\char34} {\char96}so{\char96}"),
            ("bell\x07", "bell?"),
            ("校友 é", "校友 é"),
        ],
    )
    def test_every_special_character(self, text: str, expected: str) -> None:
        assert escape(text) == expected

    @given(st.text())
    def test_no_special_character_is_left_alone(self, text: str) -> None:
        escaped = escape(text)
        assert "\n" not in escaped
        commands = r"\\(?:textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar)\{\}"
        rest = re.sub(rf"{commands}|\\[&%$#_{{}}]|\{{\\char\d\d\}}|\{{[\[\]]\}}|\{{\}}", "", escaped)
        assert not re.search(r'[\\~^&%$#_{}<>|"`\[\]]', rest)


class TestLatex:
    def test_rows(self, tmp_path: Path) -> None:
        text = write_report(small_report(), tmp_path / "themes.tex").read_text("utf-8")
        assert r"\textbf{Channels} & 2 of 2 & 100 & 3 & 4 & 19 \\" in text
        assert r"\hangindent=3em\hspace*{1em}Alumni & 2 of 2 & 100 & 2 & 3 & 18 \\" in text
        assert r"\hangindent=4em\hspace*{2em}Clash & 1 of 2 & 50 & 1 & 1 & 8 \\" in text
        assert text.count("{") == text.count("}")

    def test_packages_are_named(self, tmp_path: Path) -> None:
        text = write_report(small_report(), tmp_path / "themes.tex").read_text("utf-8")
        comments = "\n".join(line for line in text.splitlines() if line.startswith("%"))
        assert r"\usepackage{booktabs}" in comments
        assert r"\usepackage{array}" in comments
        assert "xeCJK" not in comments

    def test_chinese_is_announced(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: Yes.")
        book = Codebook("B", "", (Code("a", "校友"),), "", "d" * 64)
        text = write_report(make_report([talk], [], book), tmp_path / "themes.tex").read_text("utf-8")
        assert "xeCJK" in text

    def test_nobody_speaks(self, tmp_path: Path) -> None:
        text = write_report(make_report([], []), tmp_path / "themes.tex").read_text("utf-8")
        assert r"\textbf{Channels} & 0 of 0 & -- & 0 & 0 & 0 \\" in text

    @pytest.mark.parametrize(("n_codes", "is_long"), [(40, False), (41, True)])
    def test_a_table_of_more_rows_than_a_page_has_goes_on_over_pages(
        self, n_codes: int, is_long: bool, tmp_path: Path
    ) -> None:
        talk = interview("Ana", "I: So?\nAna: Yes.")
        codes = tuple(Code(f"c{number}", f"Code {number}") for number in range(n_codes))
        report = make_report([talk], [], Codebook("Long", "", codes, "", "d" * 64))
        text = write_report(report, tmp_path / "themes.tex").read_text("utf-8")
        used = text.count(r"\begin{longtable}"), text.count(r"\end{longtable}"), text.count(r"\usepackage{longtable}")
        assert used == ((1, 1, 1) if is_long else (0, 0, 0))
        assert text.count(r"\endhead") == is_long
        assert len(re.findall(r"^(?:\\addlinespace\n)?\\textbf\{Code \d+\} & ", text, re.MULTILINE)) == n_codes
        assert text.count(r"Theme & Participants &") == 1 + is_long
        assert text.count("{") == text.count("}")
        assert text.count(r"\begin{table}") == text.count(r"\end{table}")

    @pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
    @pytest.mark.parametrize("kind", ["small", "specials", "long"])
    def test_it_compiles(self, kind: str, tmp_path: Path) -> None:
        report = make_report(*small_study(), cases=CASES)
        if kind == "specials":
            name = r"""[*] \input{/etc/passwd} 100% & $x_1^2$ #~ {a} <b> | "c" `d` ''e'' -- [f]"""
            talk = interview("Ana", "I: So?\nAna: Yes.")
            codes = (Code("a", name, codes=(Code("b", name),)), Code("c", name))
            report = make_report([talk], [], Codebook(name, "", codes, "", "d" * 64))
        if kind == "long":
            talk = interview("Ana", "I: So?\nAna: Yes.")
            codes = tuple(Code(f"c{number}", f"Code {number}") for number in range(90))
            report = make_report([talk], [], Codebook("Long", "", codes, "", "d" * 64))
        write_report(report, tmp_path / "themes.tex")
        (tmp_path / "paper.tex").write_text(
            "\\documentclass{article}\n\\usepackage{array}\n\\usepackage{booktabs}\n\\usepackage{longtable}\n"
            "\\begin{document}\n\\input{themes.tex}\n\\end{document}\n"
        )
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
