"""The one document behind all reports, and the tables from which figures, formats and sections come."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import openpyxl
import pytest
from lxml import html
from reporting import FakeChart, hostile_report, make_report, small_report

from qualcode import figures, reports
from qualcode.errors import OutputError
from qualcode.figures import FIGURES, Mark, Terms
from qualcode.reports import (
    FORMATS,
    SECTIONS,
    Column,
    Count,
    Document,
    Heading,
    Name,
    Note,
    Paragraph,
    Quote,
    Reference,
    ReportFormat,
    Section,
    Share,
    Table,
    Words,
    compose,
    write_report,
    write_results,
)
from qualcode.reports.document import Medium
from qualcode.themes import select_quotes
from qualcode.wording import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.reports import Report
    from qualcode.reports.document import Element

ROOT = Path(__file__).resolve().parents[1]
MEDIA: tuple[Medium, ...] = get_args(Medium)


def references(document: Document) -> set[str]:
    """Return the ids to which the paragraphs of a document refer."""
    texts = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    return {part.id for text in texts for part in text if isinstance(part, Reference)}


class TestDocument:
    @pytest.mark.parametrize("report", [small_report, hostile_report, lambda: make_report([], [])])
    def test_every_block_has_an_id_of_its_own(self, report: Report) -> None:
        ids = [block.id for block in compose(report()).blocks]  # type: ignore[operator]
        assert all(ids)
        assert len(ids) == len(set(ids))

    @pytest.mark.parametrize("medium", MEDIA)
    def test_references_lead_to_what_is_there(self, medium: Medium) -> None:
        document = compose(small_report()).on(medium)
        assert references(document) <= set(document.labels)

    def test_tables_and_figures_are_numbered_in_their_order(self) -> None:
        labels = compose(small_report()).on("text").labels
        assert labels == {
            "table-people": "Table 1", "table-themes": "Table 2", "table-pairs": "Table 3",
            "table-codebook": "Table 4", "table-inputs": "Table 5", "figure-themes": "Figure 1",
            "figure-cases": "Figure 2", "figure-codelines": "Figure 3", "figure-cooccurrence": "Figure 4",
        }  # fmt: skip

    def test_a_medium_has_its_columns_and_rows(self) -> None:
        document = compose(small_report())
        table = document.table("table-themes")
        assert table is not None
        assert [column.head for column in table.on("text").columns] == [
            "Theme and sub-theme", "Definition", "Participants, n (%)", "Turns", "Illustrative quote",
        ]  # fmt: skip
        heads = [column.head for column in table.on("fragment").columns]
        assert heads == ["Theme and sub-theme", "Participants", "% of 2", "Turns", "Codings", "Words"]
        assert table.on("screen").rows[1][1] == Count(2, "participants", {"code": "channels/alumni"})
        many = replace(table, rows=table.rows * 10, most=5)
        assert (len(many.on("text").rows), len(many.on("screen").rows)) == (5, 70)

    def test_numbers_say_which_quotes_are_behind_them(self) -> None:
        """Every count of codings is that of the quotes with its code or one below it."""
        report = small_report()
        table = compose(report).table("table-themes")
        assert table is not None
        for row in table.on("screen").rows:
            count = row[4]
            assert isinstance(count, Count)
            code = count.opens["code"]
            own = {quote.passage for quote in report.passages if f"{quote.code}/".startswith(f"{code}/")}
            assert len(own) == count.value

    def test_a_document_says_the_same_every_time(self) -> None:
        one, other = (compose(small_report()).sections for _ in range(2))
        assert one == other


class TestPercentages:
    @pytest.mark.parametrize(
        ("part", "whole", "expected"),
        [(1, 3, "33"), (2, 3, "67"), (4, 4, "100"), (0, 7, "0"), (1, 999, "0"), (1, 1000, "0.1"), (0, 0, "–")],
    )
    def test_small_numbers_have_no_decimals(self, part: int, whole: int, expected: str) -> None:
        assert percent(part, whole) == expected


# ---- one entry in a table and one function are all that something new needs


def compose_made_up(report: Report) -> Iterator[Element]:
    """Compose a section with one block of each kind."""
    yield Heading("lengths", "How long <codings> are")
    yield Paragraph("lengths-1", (Reference("table-lengths"), " tells of ", Words("length", "emphasis"), "."))
    yield Table(
        "table-lengths",
        "Words per coding",
        (Column("Theme"), Column("Words", kind="number"), Column("% of all", kind="number"), Column("Quote")),
        tuple(
            (
                Name(row.name, row.code, row.level),
                Count(row.words, "words", {"code": row.code}),
                Share(row.words, 100),
                Quote("So & so", row.code),
            )
            for row in report.codes
        ),
        "A made-up note.",
    )
    yield Note("lengths-2", "A thing to know.")
    yield Quote("A passage.", "Ana, t002", "lengths-3")


@pytest.fixture
def _made_up_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SECTIONS, "lengths", Section(compose_made_up))


@pytest.mark.usefixtures("_made_up_section")
class TestMadeUpSection:
    """An analysis that was added to the table of sections alone is in every format."""

    def text(self, name: str, folder: Path) -> str:
        path = write_report(small_report(), folder / name)
        if path.suffix not in {".docx", ".xlsx"}:
            return path.read_text("utf-8")
        with zipfile.ZipFile(path) as package:
            parts = [package.read(part).decode() for part in package.namelist() if part.endswith(".xml")]
        return re.sub("<[^>]+>", "", " ".join(parts))

    @pytest.mark.parametrize("name", [one.file for one in FORMATS.values()])
    def test_every_format_has_it(self, name: str, tmp_path: Path) -> None:
        text = self.text(name, tmp_path)
        assert "Channels" in text
        told = "A thing to know." if name == "report.xlsx" else "A made-up note."
        assert told in text

    def test_word_numbers_its_table(self, tmp_path: Path) -> None:
        assert "Table 6 tells of length." in self.text("report.docx", tmp_path)

    def test_the_page_has_a_section_whose_numbers_open(self, tmp_path: Path) -> None:
        page = html.fromstring(self.text("report.html", tmp_path))
        [section] = page.xpath("//section[@id='lengths']")
        assert section.xpath("./h2/text()") == ["How long <codings> are"]
        assert page.xpath("//nav//a[@href='#lengths']")
        links = {link.get("aria-label"): link for link in section.xpath(".//a[@class='n']")}
        assert links["18 words · Alumni: open quotes"].get("href") == "#q-1"
        assert links["18 words · Alumni: open quotes"].text == "18"
        assert section.xpath(".//td[@class='percent']/span/text()")[1] == "18%"
        assert section.xpath(".//li/text()") == ["A thing to know."]

    def test_the_workbook_has_a_sheet(self, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(write_report(small_report(), tmp_path / "r.xlsx"))
        rows = list(book["How long <codings> are"].iter_rows(values_only=True))
        assert rows[0] == ("Theme", "Words", "% of all", "Quote")
        assert rows[2][:2] == ("Alumni", 18)

    def test_one_that_has_nothing_to_say_is_left_out(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(SECTIONS, "lengths", Section(lambda _: iter(())))
        assert "lengths" not in self.text("report.html", tmp_path)


def render_made_up(document: Document) -> bytes:
    """Render the headings of a document."""
    return "\n".join(block.text for block in document.on("text").blocks if isinstance(block, Heading)).encode()


class TestMadeUpFormat:
    """A format that was added to the table of formats alone is written by everything that writes reports."""

    @pytest.fixture(autouse=True)
    def _add(self, monkeypatch: pytest.MonkeyPatch) -> None:
        entry = ReportFormat("Headings", "headings.lst", f"{__name__}:render_made_up", "looking at headings")
        monkeypatch.setitem(FORMATS, ".lst", entry)

    def test_one_report(self, tmp_path: Path) -> None:
        text = write_report(small_report(), tmp_path / "r.LST").read_text("utf-8")
        assert text.startswith("Methods\nParticipants\nThemes\n")

    def test_all_results(self, tmp_path: Path) -> None:
        write_results(small_report(), tmp_path)
        assert (tmp_path / "headings.lst").exists()

    def test_an_unknown_ending_names_it_among_the_others(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match=r"as \.pdf") as caught:
            write_report(small_report(), tmp_path / "report.pdf")
        assert caught.value.hint == "Use one of: .html, .docx, .xlsx, .tex, .md, .lst"
        with pytest.raises(OutputError, match="without an ending"):
            write_report(small_report(), tmp_path / "report")


MADE_UP_FIGURE = """
import sys
from qualcode.figures import FIGURES, FigureKind, draw
from qualcode.figures.chart import Chart

def plot(themes, *, width="two"):
    chart = draw("themes", themes, width=width)
    return Chart("dots", chart.figure, "Dots of themes.", chart.data, (), chart.boxes)

FIGURES["dots"] = FigureKind(
    "__main__:plot", "themes", "themes", "how many {units} {cases} have", "Dots per {unit} (N = {n_cases})", ("code",)
)
from qualcode.cli import main
main()
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    (folder / "book.yaml").write_text("codes:\n  - id: clash\n    name: Clash\n    rules: [clash]\n")
    (folder / "Ana.txt").write_text("Interviewer: And?\nAna: We had a clash.\n")
    return folder


class TestMadeUpFigure:
    """A figure that was added to the table of figures alone is on the command line and in every report."""

    def run(self, study: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", MADE_UP_FIGURE, *arguments]
        return subprocess.run(command, cwd=study, capture_output=True, text=True, encoding="utf-8", check=False)

    def test_help_lists_it(self, study: Path) -> None:
        assert "dots          how many segments cases have" in self.run(study, "figure", "--help").stdout

    def test_it_can_be_drawn(self, study: Path) -> None:
        done = self.run(
            study, "figure", "dots", "Ana.txt", "--codebook", "book.yaml", "--out", "dots.svg", "--format", "json"
        )
        assert done.returncode == 0, done.stderr
        assert "Dots of themes." in (study / "dots.svg").read_text("utf-8")
        assert json.loads(done.stdout)[0]["name"] == "Clash"

    def test_reports_show_it(self, study: Path) -> None:
        done = self.run(study, "run", "Ana.txt", "--codebook", "book.yaml", "--out", "out")
        assert done.returncode == 0, done.stderr
        assert (study / "out" / "figures" / "dots.png").exists()
        page = html.fromstring((study / "out" / "report.html").read_text("utf-8"))
        captions = [caption.text_content() for caption in page.xpath("//figcaption")]
        assert "Figure 4. Dots per turn (N = 1)." in captions
        assert page.xpath("//figure[@id='figure-dots']//a[@data-k='0']/@href") == ["#q-0"]
        text = (study / "out" / "report.md").read_text("utf-8")
        assert "Figure 4 shows how many turns participants have." in text
        assert "(figures/dots.png)" in text

    def test_an_unknown_figure_is_an_error(self) -> None:
        with pytest.raises(OutputError, match="no figure “pie”") as caught:
            figures.draw("pie", small_report().themes)
        assert "cooccurrence" in caught.value.hint


class TestTables:
    def test_every_reference_to_a_function_holds(self) -> None:
        from pkgutil import resolve_name

        named = [*(one.plot for one in FIGURES.values()), *(one.render for one in FORMATS.values())]
        assert all(callable(resolve_name(name)) for name in named)

    def test_every_figure_stands_in_a_section(self) -> None:
        assert {figure.section for figure in FIGURES.values()} <= set(SECTIONS)

    def test_terms(self) -> None:
        text = "{Units} of {n_cases} {cases}, one {case}{note}{aside}, {unit} and {units}"
        assert Terms("turn", "case", "cases", 3).fill(text) == "Turns of 3 cases, one case, turn and turns"
        filled = Terms("turn", "participant", "participants", 3).fill("{cases}{note}{aside}")
        assert filled == "participants; each case is a participant (each case is a participant)"


class TestFiguresOfThePage:
    def test_marks_open_the_quotes_behind_them(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        box = figures.draw("cases", small_report().themes).boxes[0]
        opens = [
            {"code": "channels", "case": "Ana"},
            {"code": "channels", "other": "challenges"},
            {"code": "channels", "transcript": "Ben"},
            {"code": "channels", "other": "channels"},
            {"code": "unknown"},
            {"code": "channels", "case": "unknown"},
        ]
        monkeypatch.setattr("qualcode.reports.markup.list_marks", lambda _, most: [Mark(box, one) for one in opens])
        charts = {"cases": FakeChart("Alt.")}
        path = write_report(replace(small_report(), charts=charts), tmp_path / "r.html")
        links = html.fromstring(path.read_text("utf-8")).xpath("//*[@class='marks']//a")
        found = [{name: value for name, value in link.attrib.items() if name.startswith("data-")} for link in links]
        assert found == [
            {"data-k": "0", "data-c": "0"},
            {"data-k": "0", "data-o": "3"},
            {"data-k": "0", "data-t": "1"},
            {"data-k": "0"},
        ]

    def test_real_marks_lead_to_quotes(self, tmp_path: Path) -> None:
        report = small_report()
        charts = {kind: figures.draw(kind, report.themes) for kind in figures.list_kinds("themes")}
        page = html.fromstring(write_report(replace(report, charts=charts), tmp_path / "r.html").read_text("utf-8"))
        for kind, drawn in charts.items():
            links = page.xpath(f"//figure[@id='figure-{kind}']//a")
            assert len(links) == len(figures.list_marks(drawn)) > 0
            for link in links:
                told = json.loads(page.xpath("//*[@id='names']")[0].text)
                codes = [code["id"] for code in told["codes"]]
                lists = {"k": codes, "o": codes, "c": told["cases"], "t": told["names"]}
                names = {
                    name: own[int(link.get(f"data-{name}"))] for name, own in lists.items() if link.get(f"data-{name}")
                }
                quotes = select_quotes(report.table, names["k"], case=names.get("c"), transcript=names.get("t"))
                assert len(quotes), names


def test_the_docs_list_what_the_tables_hold() -> None:
    figures_page, reports_page = ((ROOT / "docs" / name).read_text("utf-8") for name in ("figures.md", "reports.md"))
    for kind, one in FIGURES.items():
        assert f"| `{kind}` | {Terms().fill(one.shows)} |" in figures_page
    for one in FORMATS.values():
        assert f"| `{one.file}` | {one.purpose} |" in reports_page


def test_the_doors_name_what_there_is() -> None:
    assert all(getattr(figures, name) is not None for name in figures.__all__)
    assert all(getattr(reports, name) is not None for name in reports.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        figures.nothing  # noqa: B018  # the access is the test
