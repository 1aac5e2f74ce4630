"""A report counted again: nothing differs where nothing was changed, and every planted change is found with its id."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import begin_study

import qualcode
from qualcode.cli import cli
from qualcode.deposit import Verification, verify
from qualcode.errors import QualcodeError
from qualcode.reports import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
CODE = "challenges/scheduling"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sample study, coded by the rules and by a person, and its report."""
    root = tmp_path_factory.mktemp("sample")
    study = qualcode.create_study(root / "study", codebook=ROOT / "codebooks" / "industry_partnership.yaml")
    transcripts, _ = qualcode.read_transcripts(ROOT / "transcripts_sample")
    study.import_transcripts(transcripts, ROOT / "transcripts_sample")
    study.tag()
    for coding in study.sheet("rules", "P1").codings[:40]:
        address = study.address_of("P1", coding.span)
        study.decide("ana", address, coding.code, "accept", span=coding.span)
    study.close()
    qualcode.report_study(root / "study", root / "report", coders=["ana"])
    return root / "study", root / "report"


@pytest.fixture
def copy(sample: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """A copy of both, for a test to change."""
    shutil.copytree(sample[0], tmp_path / "study")
    shutil.copytree(sample[1], tmp_path / "report")
    return tmp_path / "study", tmp_path / "report"


def snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def change(path: Path, edit: Callable[[str], str]) -> None:
    before = path.read_bytes().decode("utf-8")
    after = edit(before)
    assert after != before
    path.write_bytes(after.encode("utf-8"))


def change_part(path: Path, part: str, edit: Callable[[str], str]) -> None:
    """Change a part of a zip package and leave the others."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    after = edit(parts[part].decode("utf-8"))
    assert after != parts[part].decode("utf-8")
    parts[part] = after.encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)


def in_bookmark(number_id: str, old: str, new: str) -> Callable[[str], str]:
    """Return an edit of the text behind a bookmark."""

    def edit(xml: str) -> str:
        start = xml.index(mark_of(number_id))
        at = xml.index(old, start)
        return xml[:at] + new + xml[at + len(old) :]

    return edit


def rows(found: Verification, file: str = "") -> set[tuple[str, str, str, str]]:
    return {row for row in found.frame.itertuples(index=False, name=None) if not file or row[0] == file}


def theme(report: Path, column: str, code: str = CODE) -> str:
    import csv

    lines = list(csv.DictReader((report / "themes.csv").read_text("utf-8-sig").splitlines()))
    return next(line[column] for line in lines if line["code"] == code)


class TestNothingChanged:
    def test_all_numbers_follow(self, sample: tuple[Path, Path]) -> None:
        before = snapshot(sample[0]), snapshot(sample[1])
        found = verify(sample[1], sample[0])
        assert found.frame.empty
        assert found.problems == ()
        assert found.n_numbers > 3000
        assert found.sentence == f"all {found.n_numbers:,} numbers follow from the codings"
        assert (snapshot(sample[0]), snapshot(sample[1])) == before, "it writes nothing"

    def test_the_command_ends_with_0(self, sample: tuple[Path, Path]) -> None:
        result = CliRunner().invoke(cli, ["verify", str(sample[1]), "--study", str(sample[0])])
        assert result.exit_code == 0
        assert re.fullmatch(r"all [\d,]+ numbers follow from the codings\n", result.stdout)

    def test_a_report_of_rules_alone_and_one_of_two_coders(self, tmp_path: Path) -> None:
        with begin_study(tmp_path / "study", "P07", "P08") as study:
            qualcode.report_study(study.root, tmp_path / "rules")
            study.decide("ana", "P07:t002", "scheduling", "accept")
            study.decide("ben", "P07:t002", "scheduling", "accept")
            study.decide("ben", "P07:t004", "turnover", "accept")
            qualcode.report_study(study.root, tmp_path / "both")
            assert verify(tmp_path / "rules", study.root).frame.empty
            assert verify(tmp_path / "both", study.root).frame.empty

    def test_the_numbers_in_the_record_are_those_of_the_report(self, sample: tuple[Path, Path]) -> None:
        numbers = json.loads((sample[1] / "run.json").read_text("utf-8"))["numbers"]
        assert numbers[f"table-themes/{CODE}/segments"] == theme(sample[1], "segments")
        assert numbers[f"table-themes/{CODE}/cases"] == theme(sample[1], "cases")
        assert numbers["methods-1#1"] == "4"

    def test_the_ids_stand_in_word_page_and_workbook(self, sample: tuple[Path, Path]) -> None:
        numbers = json.loads((sample[1] / "run.json").read_text("utf-8"))["numbers"]
        with zipfile.ZipFile(sample[1] / "report.docx") as package:
            xml = package.read("word/document.xml").decode()
        texts = {one.partition("#")[0] for one in numbers if one.startswith(("methods", "subtitle", "left-out"))}
        assert texts
        assert {one for one in texts if mark_of(one) not in xml} == set()
        page = (sample[1] / "report.html").read_text("utf-8")
        assert f'data-n="{CODE}"' in page
        assert 'data-n="segments"' in page
        with zipfile.ZipFile(sample[1] / "report.xlsx") as package:
            assert "table-themes/{Code}/segments" in package.read("xl/sharedStrings.xml").decode()


INPUTS = {
    "transcripts": ROOT / "transcripts_sample",
    "codebook": ROOT / "codebooks" / "industry_partnership.yaml",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the sample's files, without a study."""
    folder = tmp_path_factory.mktemp("ran") / "results"
    qualcode.run(INPUTS["transcripts"], INPUTS["codebook"], folder, unit="paragraph", title="Files")
    return folder


class TestResultsOfRun:
    def test_all_numbers_follow(self, ran: Path) -> None:
        found = verify(ran, **INPUTS)
        assert found.frame.empty
        assert found.n_numbers > 3000

    def test_a_changed_cell_and_another_input(self, ran: Path, tmp_path: Path) -> None:
        shutil.copytree(ran, tmp_path / "out")
        cells = (tmp_path / "out/themes.csv").read_text("utf-8").splitlines()
        row = cells[1].split(",")
        cells[1] = ",".join([*row[:4], str(int(row[4]) + 1), *row[5:]])
        (tmp_path / "out/themes.csv").write_text("\n".join(cells) + "\n", "utf-8")
        found = verify(tmp_path / "out", **INPUTS)
        assert ("themes.csv", "themes.csv/channels/codings", str(int(row[4]) + 1), row[4]) in rows(found)
        book = tmp_path / "book.yaml"
        book.write_text(INPUTS["codebook"].read_text("utf-8").replace("Recruitment channels", "Ways in"), "utf-8")
        found = verify(ran, transcripts=INPUTS["transcripts"], codebook=book)
        assert "inputs/codebook" in {number for file, number, *_ in rows(found, "run.json")}

    def test_the_command(self, ran: Path) -> None:
        files = ["--from", str(INPUTS["transcripts"]), "--codebook", str(INPUTS["codebook"])]
        result = CliRunner().invoke(cli, ["verify", str(ran), *files])
        assert result.exit_code == 0
        assert "numbers follow from the codings" in result.stdout


@pytest.fixture(scope="module")
def styled(sample: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A report in the look of a document of one's own, and that document."""
    import docx

    root = tmp_path_factory.mktemp("styled")
    own = docx.Document()
    own.sections[0].header.paragraphs[0].text = "University, room 12"
    own.save(str(root / "own.docx"))
    qualcode.report_study(sample[0], root / "report", coders=["ana"], template=root / "own.docx")
    return root / "report", root / "own.docx"


class TestOwnTemplate:
    def test_it_follows_with_the_template_and_without(
        self, sample: tuple[Path, Path], styled: tuple[Path, Path]
    ) -> None:
        report, template = styled
        with_it, without = verify(report, sample[0], template=template), verify(report, sample[0])
        assert with_it.frame.empty
        assert without.frame.empty
        assert with_it.n_numbers == without.n_numbers
        assert [problem.rule for problem in without.problems] == ["template"]
        assert with_it.problems == ()

    def test_a_changed_cell_is_found_without_the_template(
        self, sample: tuple[Path, Path], styled: tuple[Path, Path], tmp_path: Path
    ) -> None:
        shutil.copytree(styled[0], tmp_path / "report")
        cell, value = f"table-themes/{CODE}/segments", theme(styled[0], "segments")
        wrong = str(int(value) + 1)
        change_part(tmp_path / "report/report.docx", "word/document.xml", in_bookmark(cell, value, wrong))
        found = verify(tmp_path / "report", sample[0])
        assert ("report.docx", cell, wrong, value) in rows(found)
        assert "files/report.docx" in {number for _, number, *_ in rows(found, "run.json")}

    def test_swapped_rows_and_an_attribute_are_found_without_the_template(
        self, sample: tuple[Path, Path], styled: tuple[Path, Path], tmp_path: Path
    ) -> None:
        shutil.copytree(styled[0], tmp_path / "report")

        def edit(xml: str) -> str:
            rows = re.findall(r"<w:tr>(?:(?!</w:tr>).)*</w:tr>", xml, re.DOTALL)
            one, other = (next(row for row in rows if f">{name}<" in row) for name in ("P2", "P3"))
            return xml.replace(one, "\0").replace(other, one).replace("\0", other)

        change_part(tmp_path / "report/report.docx", "word/document.xml", edit)
        found = {row[:2] for row in rows(verify(tmp_path / "report", sample[0]))}
        assert ("report.docx", "table-people/P2/participant:order") in found

    def test_another_template_is_told(
        self, sample: tuple[Path, Path], styled: tuple[Path, Path], tmp_path: Path
    ) -> None:
        import docx

        docx.Document().save(str(tmp_path / "other.docx"))
        found = verify(styled[0], sample[0], template=tmp_path / "other.docx")
        assert "options/template/sha256" in {number for _, number, *_ in rows(found, "run.json")}


class TestOneThingChanged:
    def check(self, copy: tuple[Path, Path], file: str, number: str, stated: str, recounted: str) -> Verification:
        found = verify(copy[1], copy[0])
        assert rows(found) == {(file, number, stated, recounted)}
        return found

    def test_a_cell_in_word(self, copy: tuple[Path, Path]) -> None:
        number, right = f"table-themes/{CODE}/segments", theme(copy[1], "segments")
        change_part(copy[1] / "report.docx", "word/document.xml", in_bookmark(number, f">{right}<", ">77<"))
        self.check(copy, "report.docx", number, "77", right)

    def test_a_number_in_a_sentence_in_word(self, copy: tuple[Path, Path]) -> None:
        change_part(copy[1] / "report.docx", "word/document.xml", in_bookmark("methods-1", "13,030", "13,031"))
        self.check(copy, "report.docx", "methods-1#2", "13,031", "13,030")

    def test_a_word_in_a_sentence_in_word(self, copy: tuple[Path, Path]) -> None:
        change_part(copy[1] / "report.docx", "word/document.xml", in_bookmark("methods-1", "transcripts", "diaries"))
        [(_, number, stated, _)] = rows(verify(*copy[::-1]))
        assert number == "methods-1"
        assert "diaries" in stated

    def test_a_quote_in_word(self, copy: tuple[Path, Path]) -> None:
        with zipfile.ZipFile(copy[1] / "report.docx") as package:
            xml = package.read("word/document.xml").decode()
        quote = next(one for one in range(200) if mark_of(f"quote-{one}") in xml)
        edit = in_bookmark(f"quote-{quote}", "“", "“Never ")
        change_part(copy[1] / "report.docx", "word/document.xml", edit)
        [(file, number, stated, _)] = rows(verify(*copy[::-1]))
        assert (file, number) == ("report.docx", f"quote-{quote}")
        assert stated.startswith("“Never ")

    def test_text_that_no_report_has(self, copy: tuple[Path, Path]) -> None:
        extra = "<w:p><w:r><w:t>Our 99 best cases</w:t></w:r></w:p><w:sectPr"
        change_part(copy[1] / "report.docx", "word/document.xml", lambda xml: extra.join(xml.rsplit("<w:sectPr", 1)))
        assert any("Our 99 best cases" in row[2] for row in rows(verify(*copy[::-1])))

    def test_a_picture_in_word(self, copy: tuple[Path, Path]) -> None:
        path = copy[1] / "report.docx"
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        first, second = sorted(name for name in parts if name.endswith(".png"))[:2]
        parts[first] = parts[second]
        with zipfile.ZipFile(path, "w") as package:
            for name, data in parts.items():
                package.writestr(name, data)
        [(file, number, _, _)] = rows(verify(*copy[::-1]))
        assert file == "report.docx"
        assert re.fullmatch("figure-.*:picture", number)

    def test_a_number_in_a_header_of_word(self, copy: tuple[Path, Path]) -> None:
        change_part(copy[1] / "report.docx", "word/footer1.xml", lambda xml: xml.replace("Page", "Page 9 of"))
        [(_, number, _, _)] = rows(verify(*copy[::-1]))
        assert number == "word/footer1.xml"

    def test_a_cell_in_excel(self, copy: tuple[Path, Path]) -> None:
        path, right = copy[1] / "report.xlsx", theme(copy[1], "codings")

        def edit(xml: str) -> str:
            row = next(one for one in re.findall(r"<row .*?</row>", xml) if f"<v>{names.index(CODE)}</v>" in one)
            place = re.search(r'r="(\d+)"', row)[1]  # type: ignore[index]
            return re.sub(rf'(<c r="E{place}"[^>]*><v>){right}(</v>)', r"\g<1>78\g<2>", xml)

        with zipfile.ZipFile(path) as package:
            shared = package.read("xl/sharedStrings.xml").decode()
        names = re.findall(r"<si><t[^>]*>(.*?)</t></si>", shared, re.DOTALL)
        change_part(path, "xl/worksheets/sheet2.xml", edit)
        self.check(copy, "report.xlsx", f"table-themes/{CODE}/codings", "78", right)

    def test_a_number_on_the_page(self, copy: tuple[Path, Path]) -> None:
        right = theme(copy[1], "codings")

        def edit(page: str) -> str:
            start = page.index(f'data-n="{CODE}"')
            end = page.index("</tr>", start)
            cells = re.sub(rf"(aria-label=\"{right} coding[^\"]*\">){right}<", r"\g<1>79<", page[start:end])
            return page[:start] + cells + page[end:]

        change(copy[1] / "report.html", edit)
        self.check(copy, "report.html", f"table-themes/{CODE}/codings", "79", right)

    def test_a_number_in_a_sentence_on_the_page(self, copy: tuple[Path, Path]) -> None:
        change(copy[1] / "report.html", lambda page: page.replace("with 13,030 words", "with 13,032 words"))
        assert ("report.html", "methods-1#2", "13,032", "13,030") in rows(verify(*copy[::-1]))

    def test_a_script_on_the_page(self, copy: tuple[Path, Path]) -> None:
        change(copy[1] / "report.html", lambda page: page.replace("</script>", "fetch('x')</script>", 1))
        assert {row[0] for row in rows(verify(*copy[::-1]))} == {"report.html"}

    def test_a_cell_in_csv(self, copy: tuple[Path, Path]) -> None:
        right = theme(copy[1], "words")
        change(
            copy[1] / "themes.csv", lambda text: re.sub(rf"^({CODE},.*),{right},", r"\1,80,", text, flags=re.MULTILINE)
        )
        self.check(copy, "themes.csv", f"themes.csv/{CODE}/words", "80", right)

    def test_numbers_in_markdown(self, copy: tuple[Path, Path]) -> None:
        change(copy[1] / "report.md", lambda text: text.replace("with 13,030 words", "with 13,033 words", 1))
        self.check(copy, "report.md", "methods-1#2", "13,033", "13,030")

    def test_a_cell_in_markdown(self, copy: tuple[Path, Path]) -> None:
        right = theme(copy[1], "segments")

        def edit(text: str) -> str:
            line = next(one for one in text.splitlines() if "Scheduling" in one and f" | {right} | " in one)
            return text.replace(line, line.replace(f" | {right} | ", " | 81 | ", 1))

        change(copy[1] / "report.md", edit)
        self.check(copy, "report.md", f"table-themes/{CODE}/segments", "81", right)

    def test_a_cell_in_latex(self, copy: tuple[Path, Path]) -> None:
        right = theme(copy[1], "words")

        def edit(text: str) -> str:
            line = next(one for one in text.splitlines() if "Scheduling" in one)
            assert line.endswith(rf" & {right} \\")
            return text.replace(line, line.replace(rf" & {right} \\", r" & 82 \\"))

        change(copy[1] / "themes.tex", edit)
        self.check(copy, "themes.tex", f"table-themes/{CODE}/words", "82", right)

    def test_a_total_in_the_record(self, copy: tuple[Path, Path]) -> None:
        change(copy[1] / "run.json", lambda text: text.replace('"words": 13030', '"words": 13034'))
        self.check(copy, "run.json", "totals/words", "13034", "13030")

    def test_a_bar_of_a_drawing(self, copy: tuple[Path, Path]) -> None:
        def edit(svg: str) -> str:
            bars = list(re.finditer(r'd="M ([\d.]+) [\d.]+ \nL ([\d.]+) [^"]*"[^>]*clip-path', svg))
            bar = next(one for one in bars if float(one[2]) > float(one[1]) + 50)
            return svg[: bar.start()] + bar[0].replace(bar[2], f"{float(bar[2]) - 30:.6f}") + svg[bar.end() :]

        change(copy[1] / "figures" / "themes.svg", edit)
        [(file, number, stated, recounted)] = rows(verify(*copy[::-1]))
        assert file == "figures/themes.svg"
        assert number.startswith("figure-themes/")
        widths = [float(text.partition(" ×")[0]) for text in (stated, recounted)]
        assert widths[1] - widths[0] == pytest.approx(30 * 25.4 / 72, abs=0.02)

    @pytest.mark.parametrize("name", ["figures/cases.png", "figures/cases.pdf"])
    def test_another_picture(self, copy: tuple[Path, Path], name: str) -> None:
        shutil.copy(copy[1] / name.replace("cases", "themes"), copy[1] / name)
        [(file, number, _, _)] = rows(verify(*copy[::-1]))
        assert (file, number) == (name, "figure-cases:picture")

    def test_swapped_rows_of_a_table(self, copy: tuple[Path, Path]) -> None:
        def edit(text: str) -> str:
            lines = text.split("\n")
            return "\n".join([*lines[:2], lines[3], lines[2], *lines[4:]])

        change(copy[1] / "themes.csv", edit)
        codes = [line.split(",")[0] for line in (copy[1] / "themes.csv").read_text("utf-8-sig").split("\n")]
        ids = [f"themes.csv/{code}/code" for code in codes[2:4]]
        assert rows(verify(*copy[::-1])) == {("themes.csv", f"{ids[1]}:order", *ids)}

    def test_swapped_rows_on_the_page(self, copy: tuple[Path, Path]) -> None:
        change(copy[1] / "report.html", lambda page: re.sub(
            r'(<tr data-n="P2">.*?</tr>)(\s*)(<tr data-n="P3">.*?</tr>)', r"\3\2\1", page, count=1, flags=re.DOTALL
        ))  # fmt: skip
        [(file, number, _, _)] = rows(verify(*copy[::-1]))
        assert (file, number) == ("report.html", "table-people/P2/participant:order")

    def test_a_number_in_a_column_of_words(self, tmp_path: Path) -> None:  # in a study without codings
        study = qualcode.create_study(
            tmp_path / "study", codebook=ROOT / "codebooks" / "industry_partnership.yaml",
            cases=ROOT / "transcripts_sample" / "cases.csv",
        )  # fmt: skip
        transcripts, _ = qualcode.read_transcripts(ROOT / "transcripts_sample" / "P1.docx")
        study.import_transcripts(transcripts, ROOT / "transcripts_sample")
        study.close()
        qualcode.report_study(tmp_path / "study", tmp_path / "report")
        years = "table-people/P1/years"
        change_part(tmp_path / "report/report.docx", "word/document.xml", in_bookmark(years, "9", "19"))
        assert rows(verify(tmp_path / "report", tmp_path / "study")) == {("report.docx", years, "19", "9")}

    def test_a_missing_file_and_one_too_many(self, copy: tuple[Path, Path]) -> None:
        (copy[1] / "quotes.csv").unlink()
        (copy[1] / "more.csv").write_text("a,b\n", "utf-8")
        found = verify(*copy[::-1])
        assert {row[:3] for row in rows(found)} == {("quotes.csv", "file", "(missing)")}
        assert [problem.where for problem in found.problems] == ["more.csv"]

    def test_a_coding_of_the_study(self, copy: tuple[Path, Path]) -> None:
        with qualcode.open_study(copy[0]) as study:
            found = [one for one in study.sheet("ana", "P1").codings if one.code == "scheduling"]
            coding = found[-1]  # the first is on a question
            study.decide("ana", study.address_of("P1", coding.span), "scheduling", "remove", at=coding.span)
        found = verify(*copy[::-1])
        files = {row[0] for row in rows(found)}
        assert {"report.docx", "report.html", "report.xlsx", "themes.csv", "report.md", "themes.tex"} <= files
        n_codings = json.loads((copy[1] / "run.json").read_text("utf-8"))["totals"]["codings"]
        [(_, _, stated, recounted)] = [row for row in rows(found) if row[1] == "totals/codings"]
        assert int(stated) == n_codings > int(recounted)
        lost = {row[1] for row in rows(found, "codings.csv") if row[3] == "(not there)"}
        assert len(lost) == n_codings - int(recounted) == len(rows(found, "codings.csv")), "rows are told, not cells"

    def test_a_sheet_changed_by_hand(self, copy: tuple[Path, Path]) -> None:
        def edit(text: str) -> str:
            line = [one for one in text.splitlines() if '"code":"scheduling"' in one.replace(" ", "")][-1]
            return text.replace(line + "\n", "")

        change(copy[0] / "sheets" / "ana" / "P1.jsonl", edit)
        result = CliRunner().invoke(cli, ["verify", str(copy[1]), "--study", str(copy[0]), "--format", "json"])
        assert result.exit_code == 3
        found = json.loads(result.stdout)
        numbers = {(one["file"], one["number"]) for one in found}
        assert ("themes.csv", f"themes.csv/{CODE}/codings") in numbers
        assert ("report.xlsx", f"table-themes/{CODE}/codings") in numbers

    def test_a_renamed_code_of_the_study(self, copy: tuple[Path, Path]) -> None:
        change(copy[0] / "codebook.yaml", lambda text: text.replace("name: Scheduling", "name: Timing", 1))
        assert any("Timing" in row[3] for row in rows(verify(*copy[::-1])))


class TestStrangers:
    """What a stranger's folder may hold: nothing of it is run, followed or believed, and errors are words."""

    def fails(self, folder: Path, study: Path) -> str:
        result = CliRunner().invoke(cli, ["verify", str(folder), "--study", str(study)])
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        return result.output

    def test_no_report(self, copy: tuple[Path, Path], tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert "There is no report here" in self.fails(tmp_path / "empty", copy[0])
        assert "no such file" in self.fails(tmp_path / "nowhere", copy[0])

    @pytest.mark.parametrize("record", ["", "[" * 100_000, "{", '{"options": 3}', '{"options": {"coders": ["zoe"]}}'])
    def test_a_record_that_is_none(self, copy: tuple[Path, Path], record: str) -> None:
        (copy[1] / "run.json").write_text(record, "utf-8")
        self.fails(*copy[::-1])

    def test_a_unit_that_there_is_not(self, copy: tuple[Path, Path]) -> None:
        change(copy[1] / "run.json", lambda text: text.replace('"unit": "turn"\n  },', '"unit": "__import__"\n  },'))
        assert "There is no unit" in self.fails(*copy[::-1])

    def test_half_of_the_files_of_a_run(self, copy: tuple[Path, Path]) -> None:
        for given in ({"transcripts": ROOT}, {"codebook": ROOT / "x.yaml"}):
            with pytest.raises(QualcodeError, match="transcripts and a codebook"):
                verify(copy[1], **given)  # type: ignore[arg-type]
        with pytest.raises(QualcodeError, match="transcripts and a codebook"):
            verify(copy[1], copy[0], transcripts=ROOT, codebook=ROOT)

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            ("model", "/tmp/evil", "language model"),
            ("unit", "word", "no unit"),
            ("speaker_pattern", "(" * 2000, "long"),
        ],
    )
    def test_a_record_of_a_run_that_a_stranger_wrote(
        self, tmp_path: Path, ran: Path, key: str, value: str, message: str
    ) -> None:
        shutil.copytree(ran, tmp_path / "out")
        facts = json.loads((ran / "run.json").read_text("utf-8"))
        facts["options"][key] = value
        (tmp_path / "out/run.json").write_text(json.dumps(facts), "utf-8")
        with pytest.raises(QualcodeError, match=message):
            verify(tmp_path / "out", **INPUTS)

    def test_files_of_run_are_told_apart(self, copy: tuple[Path, Path], tmp_path: Path) -> None:
        qualcode.run(ROOT / "transcripts_sample", ROOT / "codebooks" / "industry_partnership.yaml", tmp_path / "out")
        assert "qualcode run" in self.fails(tmp_path / "out", copy[0])

    @pytest.mark.parametrize("name", ["report.docx", "report.xlsx", "figures/themes.svg"])
    def test_a_damaged_file(self, copy: tuple[Path, Path], name: str) -> None:
        (copy[1] / name).write_bytes(b"\x00nothing")
        [(file, number, _, _)] = rows(verify(*copy[::-1]))
        assert (file, number) == (name, "file")

    def test_entities_are_not_followed(self, copy: tuple[Path, Path]) -> None:
        bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>'
        (copy[1] / "figures" / "themes.svg").write_text(bomb, "utf-8")
        change_part(copy[1] / "report.docx", "word/document.xml", lambda _: bomb.replace("svg", "w"))
        found = verify(*copy[::-1])
        assert {row[:2] for row in rows(found)} == {("figures/themes.svg", "file"), ("report.docx", "file")}
        assert "root:" not in found.frame.to_csv()

    def test_a_zip_bomb(self, copy: tuple[Path, Path]) -> None:
        with zipfile.ZipFile(copy[1] / "report.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("xl/workbook.xml", b" " * 50_000_000)
        [(file, number, stated, _)] = rows(verify(*copy[::-1]))
        assert (file, number) == ("report.xlsx", "file")
        assert "zip bomb" in stated

    @pytest.mark.skipif(os.name == "nt", reason="links need a right there")
    def test_links_are_not_followed(self, copy: tuple[Path, Path]) -> None:
        (copy[1] / "themes.csv").unlink()
        (copy[1] / "themes.csv").symlink_to("/etc/passwd")
        assert {row[:3] for row in rows(verify(*copy[::-1]))} == {("themes.csv", "file", "(missing)")}

    @pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "C:/evil.txt", "a\\..\\evil.txt"])
    def test_a_zip_that_leads_outside(self, copy: tuple[Path, Path], tmp_path: Path, name: str) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as package:
            package.writestr(name, "x")
        (tmp_path / "bad.zip").write_bytes(buffer.getvalue())
        if name != "a\\..\\evil.txt" or os.sep == "/":
            self.fails(tmp_path / "bad.zip", copy[0])
        assert not list(tmp_path.rglob("evil.txt"))

    def test_formulas_in_a_workbook_are_no_numbers(self, copy: tuple[Path, Path]) -> None:
        cell = r'(<c r="E5"[^>]*>)<v>'
        change_part(copy[1] / "report.xlsx", "xl/worksheets/sheet2.xml",
                    lambda xml: re.sub(cell, r"\1<f>2+2</f><v>", xml))  # fmt: skip
        [(file, _, stated, _)] = rows(verify(*copy[::-1]))
        assert (file, stated) == ("report.xlsx", "=2+2")

    def test_what_steers_a_terminal_is_shown(self, copy: tuple[Path, Path]) -> None:
        right = theme(copy[1], "words")
        change(copy[1] / "themes.csv", lambda text: text.replace(f",{right},", ",\x1b[2J,", 1))
        result = CliRunner().invoke(cli, ["verify", str(copy[1]), "--study", str(copy[0])])
        assert result.exit_code == 3
        assert "\x1b" not in result.output

    def test_an_unfinished_study_is_refused(self, copy: tuple[Path, Path]) -> None:
        (copy[0] / ".qualcode").mkdir(exist_ok=True)
        (copy[0] / ".qualcode" / "journal.json").write_text("{}", "utf-8")
        from qualcode.study import read_study

        with pytest.raises(QualcodeError, match="unfinished"):
            read_study(copy[0])


def test_a_cell_of_a_table_in_latex_that_goes_on_over_pages(tmp_path: Path) -> None:
    from studies import build_transcript

    codes = ", ".join(f"{{id: c{number}, name: Code {number}, rules: [people]}}" for number in range(45))
    (tmp_path / "book.yaml").write_text(f"codes: [{codes}]", "utf-8")
    with qualcode.create_study(tmp_path / "study", codebook=tmp_path / "book.yaml") as study:
        study.add_transcript(build_transcript("P1"))
        study.tag()
    out = tmp_path / "out"
    qualcode.report_study(tmp_path / "study", out)
    assert verify(out, tmp_path / "study").frame.empty
    change(out / "themes.tex", lambda text: text.replace("Code 7} & 1 of 1 & 100 & 1 ", "Code 7} & 1 of 1 & 100 & 9 "))
    assert rows(verify(out, tmp_path / "study"), "themes.tex") == {("themes.tex", "table-themes/c7/segments", "9", "1")}
