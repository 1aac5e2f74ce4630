"""The Word report as Word would read it: parts, styles, fields, tables, pictures."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import docx
import pytest
from interviews import coding, interview, sheet
from lxml import etree
from reporting import BOOK, HOSTILE, hostile_report, make_report, small_report

from qualcode.codebook import Code, Codebook
from qualcode.model import Case
from qualcode.reports import write_report
from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.reports import Report

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NAMES = {
    "w": W[1:-1],
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}

# The order that ISO/IEC 29500-1 prescribes for the children that the report uses.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore numPr pBdr spacing ind contextualSpacing jc outlineLvl sectPr",
    "rPr": "rStyle rFonts b bCs i iCs color sz szCs lang",
    "tblPr": "tblStyle tblW tblInd tblBorders tblLayout tblCellMar tblLook tblCaption",
    "tcPr": "tcW tcBorders vAlign",
    "sectPr": "headerReference footerReference pgSz pgMar cols titlePg docGrid",
    "style": "name basedOn next uiPriority semiHidden unhideWhenUsed qFormat pPr rPr tblPr tblStylePr",
    "tbl": "tblPr tblGrid tr",
    "tc": "tcPr p",
}


class Document:
    """The parts of a .docx file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with zipfile.ZipFile(path) as package:
            self.parts = {name: package.read(name) for name in package.namelist()}
            self.times = {entry.date_time for entry in package.infolist()}
        self.body = etree.fromstring(self.parts["word/document.xml"])
        self.styles = etree.fromstring(self.parts["word/styles.xml"])

    def find(self, path: str) -> list[etree._Element]:
        return self.body.findall(path, NAMES)

    def styled(self, style: str) -> list[str]:
        """Return the texts of the paragraphs of one style."""
        found = []
        for paragraph in self.find(".//w:p"):
            name = paragraph.find("w:pPr/w:pStyle", NAMES)
            if name is not None and name.get(f"{W}val") == style:
                found.append(text_of(paragraph))
        return found

    def tables(self) -> list[list[list[str]]]:
        return [
            [[text_of(cell) for cell in row.findall("w:tc", NAMES)] for row in table.findall("w:tr", NAMES)]
            for table in self.find(".//w:tbl")
        ]


def text_of(element: etree._Element) -> str:
    marks = {f"{W}t": None, f"{W}br": "\n", f"{W}tab": "\t"}
    return "".join(marks[node.tag] or node.text or "" for node in element.iter(*marks))


def write(report: Report, folder: Path) -> Document:
    return Document(write_report(report, folder / "report.docx"))


@pytest.fixture
def small(tmp_path: Path) -> Document:
    return write(small_report(), tmp_path)


class TestPackage:
    def test_other_readers_open_it(self, small: Document) -> None:
        document = docx.Document(str(small.path))
        assert document.core_properties.title == "Partners"
        assert [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Title"] == ["Partners"]
        assert len(document.tables) == 5
        assert len(document.inline_shapes) == 4

    def test_every_relationship_has_its_part_and_every_part_its_type(self, small: Document) -> None:
        rels = etree.fromstring(small.parts["word/_rels/document.xml.rels"])
        targets = {rel.get("Id"): f"word/{rel.get('Target')}" for rel in rels}
        assert set(targets.values()) <= set(small.parts)
        used = set(re.findall(rb'r:(?:id|embed)="([^"]+)"', small.parts["word/document.xml"]))
        assert {name.decode() for name in used} <= set(targets)
        types = etree.fromstring(small.parts["[Content_Types].xml"])
        overrides = {node.get("PartName", "").lstrip("/") for node in types}
        defaults = {node.get("Extension") for node in types}
        assert overrides - {""} <= set(small.parts)
        assert {name.rsplit(".", 1)[-1] for name in small.parts} <= defaults

    def test_no_time_in_it(self, small: Document) -> None:
        assert small.times == {(1980, 1, 1, 0, 0, 0)}
        properties = docx.Document(str(small.path)).core_properties
        fixed = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
        assert (properties.created, properties.modified, properties.last_printed) == (fixed, fixed, None)
        assert not any(
            re.search(rb"20\d\d-\d\d-\d\d", part) for name, part in small.parts.items() if "media" not in name
        )

    def test_the_same_report_gives_the_same_bytes(self, tmp_path: Path) -> None:
        first = write(small_report(), tmp_path).path.read_bytes()
        assert write(small_report(), tmp_path).path.read_bytes() == first

    def test_it_says_who_made_it(self, small: Document) -> None:
        properties = docx.Document(str(small.path)).core_properties
        assert (properties.author, properties.last_modified_by, properties.revision) == ("qualcode", "qualcode", 1)
        assert (properties.language, properties.comments) == ("en-GB", "")

    def test_nothing_of_the_template_is_left_but_what_is_used(self, small: Document) -> None:
        assert sorted(small.parts) == [
            "[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "word/_rels/document.xml.rels",
            "word/document.xml", "word/footer1.xml", "word/footer2.xml", "word/header1.xml", "word/media/image1.png",
            "word/numbering.xml", "word/settings.xml", "word/styles.xml",
        ]  # fmt: skip
        assert list(small.parts) == sorted(small.parts)
        named = {node.get(f"{W}val") for tag in ("basedOn", "next", "link") for node in small.styles.iter(f"{W}{tag}")}
        known = {style.get(f"{W}styleId") for style in small.styles.iter(f"{W}style")}
        assert named <= known
        assert len(known) == 25
        assert small.styles.find("w:latentStyles", NAMES) is None

    def test_the_title_is_at_the_head_of_all_pages_but_the_first(self, small: Document) -> None:
        section = docx.Document(str(small.path)).sections[0]
        assert [paragraph.text for paragraph in section.header.paragraphs] == ["Partners"]
        assert section.different_first_page_header_footer
        assert section.first_page_header.is_linked_to_previous
        for number in (1, 2):
            footer = etree.fromstring(small.parts[f"word/footer{number}.xml"])
            assert text_of(footer) == "Page 1 of 1"
            fields = [field.get(f"{W}instr", "").strip() for field in footer.iter(f"{W}fldSimple")]
            assert fields == ["PAGE", "NUMPAGES"]

    def test_children_stand_in_the_order_of_the_standard(self, small: Document) -> None:
        for root in (small.body, small.styles):
            for name, order in ORDER.items():
                places = {f"{W}{child}": place for place, child in enumerate(order.split())}
                for element in root.iter(f"{W}{name}"):
                    if element.getparent() is not None and element.getparent().tag == f"{W}tblStylePr":
                        continue
                    found = [places[child.tag] for child in element if child.tag in places or name in ORDER]
                    assert found == sorted(found), f"{name}: {[child.tag for child in element]}"


class TestStyles:
    def test_every_style_that_is_used_exists(self, small: Document) -> None:
        known = {style.get(f"{W}styleId") for style in small.styles.iter(f"{W}style")}
        used = {
            node.get(f"{W}val") for tag in ("pStyle", "rStyle", "tblStyle") for node in small.body.iter(f"{W}{tag}")
        }
        assert used <= known
        assert {"Title", "Heading1", "Heading2", "Heading3", "Caption", "Quote", "ListBullet", "ReportTable"} <= used

    def test_fonts_for_chinese_and_the_language(self, small: Document) -> None:
        fonts = list(small.styles.iter(f"{W}rFonts"))
        assert fonts
        assert all(font.get(f"{W}eastAsia") for font in fonts)
        language = small.styles.find("w:docDefaults//w:lang", NAMES)
        assert language is not None
        assert (language.get(f"{W}val"), language.get(f"{W}eastAsia")) == ("en-GB", "zh-HK")

    def test_headings_in_order(self, small: Document) -> None:
        assert small.styled("Heading1") == [
            "Methods", "Participants", "Themes", "Codes that occur together", "Codebook", "Quotes",
            "What was not counted", "Inputs and versions",
        ]  # fmt: skip
        assert small.styled("Heading2") == ["Channels", "Challenges"]
        assert small.styled("Heading3") == ["Alumni", "Friends", "Time"]
        assert small.styled("Heading4") == ["Clash"]


class TestFields:
    def test_captions_are_sequences_in_their_order(self, small: Document) -> None:
        found: dict[str, list[str]] = {"Table": [], "Figure": []}
        for field in small.find(".//w:fldSimple"):
            instruction = field.get(f"{W}instr", "").split()
            if instruction[0] == "SEQ":
                found[instruction[1]].append(text_of(field))
        assert found == {"Table": ["1", "2", "3", "4", "5"], "Figure": ["1", "2", "3", "4"]}

    def test_references_say_what_their_bookmarks_hold(self, small: Document) -> None:
        marks = {}
        for start in small.find(".//w:bookmarkStart"):
            text = ""
            for node in start.itersiblings():
                if node.tag == f"{W}bookmarkEnd":
                    break
                text += text_of(node)
            marks[start.get(f"{W}name")] = text
        references = [field for field in small.find(".//w:fldSimple") if " REF " in field.get(f"{W}instr", "")]
        assert len(references) >= 5
        for field in references:
            assert marks[field.get(f"{W}instr", "").split()[1]] == text_of(field)
        assert all(len(name) <= 40 for name in marks)

    def test_captions(self, small: Document) -> None:
        captions = small.styled("Caption")
        assert captions[0] == "Table 1. \nParticipants and their share of the talk"
        assert captions[1] == (
            "Figure 1. \nThemes and sub-themes by number of participants (N = 2; each case is a participant)"
        )
        assert captions[2] == "Table 2. \nThemes and sub-themes by number of participants and turns"
        assert captions[3] == "Figure 2. \nTurns per code and participant (each case is a participant)"

    def test_tables_and_figures_follow_their_first_mention(self, small: Document) -> None:
        told: list[str] = []
        for paragraph in small.find("w:body/w:p"):
            style = paragraph.find("w:pPr/w:pStyle", NAMES)
            if style is not None and style.get(f"{W}val") == "Caption":
                assert text_of(paragraph).split(".")[0] in told
            told += [
                text_of(field)
                for field in paragraph.iter(f"{W}fldSimple")
                if field.get(f"{W}instr", "").startswith(" REF ")
            ]
        assert len(set(told)) == 9


class TestTables:
    def test_headers_are_repeated_and_rows_stay_whole(self, small: Document) -> None:
        for table in small.find(".//w:tbl"):
            rows = table.findall("w:tr", NAMES)
            assert rows[0].find("w:trPr/w:tblHeader", NAMES) is not None
            assert all(row.find("w:trPr/w:tblHeader", NAMES) is None for row in rows[1:])
            assert all(row.find("w:trPr/w:cantSplit", NAMES) is not None for row in rows)

    def test_first_and_last_rows_are_not_left_alone(self, small: Document) -> None:
        for table in small.find(".//w:tbl"):
            rows = table.findall("w:tr", NAMES)
            kept = [
                all(p.find("w:pPr/w:keepNext", NAMES) is not None for p in row.findall("w:tc/w:p", NAMES))
                for row in rows
            ]
            assert kept[0]
            assert kept[1]
            assert kept[-2]
        themes = small.find(".//w:tbl")[1]
        kept = [row.find("w:tc/w:p/w:pPr/w:keepNext", NAMES) is not None for row in themes.findall("w:tr", NAMES)]
        assert kept == [True, True, False, False, False, False, True, True]

    def test_widths_fill_the_page(self, small: Document) -> None:
        for table in small.find(".//w:tbl"):
            widths = [int(column.get(f"{W}w", 0)) for column in table.findall("w:tblGrid/w:gridCol", NAMES)]
            assert sum(widths) == 9070
            for row in table.findall("w:tr", NAMES):
                cells = [int(cell.get(f"{W}w", 0)) for cell in row.findall("w:tc/w:tcPr/w:tcW", NAMES)]
                assert cells == widths

    def test_words_stay_whole(self, tmp_path: Path) -> None:
        """Where there is room, each word of a head or cell fits its column, at 5 points a letter."""
        talk = interview("Ana", "I: So?\nAna: Yes.")
        unit, role = "School of Communication", "Internationalisation officer"
        case = Case("Ana", {"role": role, "unit": unit, "years": "9"})
        table = write(make_report([talk], [], cases=[case]), tmp_path).find(".//w:tbl")[0]
        widths = [int(column.get(f"{W}w", 0)) for column in table.findall("w:tblGrid/w:gridCol", NAMES)]
        rows = [
            ["Participant", "Role", "Unit", "Years", "Turns", "Words", "Codes"],
            ["Ana", role, unit, "9"],
        ]
        for row in rows:
            for text, width in zip(row, widths, strict=False):
                assert max(map(len, text.split())) * 100 + 140 <= width, text
        assert sum(widths) == 9070

    def test_a_sentence_stays_with_the_figure_or_table_that_it_leads_to(self, small: Document) -> None:
        looks = {"Caption", "Figure"}
        leads = [
            one
            for one, after in pairwise(small.find(".//w:body/w:p"))
            if " REF " in etree.tostring(one, encoding="unicode")
            and {style.get(f"{W}val") for style in after.findall("w:pPr/w:pStyle", NAMES)} & looks
        ]
        assert len(leads) >= 4
        assert all(one.find("w:pPr/w:keepNext", NAMES) is not None for one in leads)

    def test_participants(self, small: Document) -> None:
        assert small.tables()[0] == [
            ["Participant", "Role", "Years", "Turns", "Words", "Codes"],
            ["Ana", "manager", "9", "2", "12", "3"],
            ["Ben", "teacher", "2", "1", "10", "2"],
        ]

    def test_themes_with_one_quote_each(self, small: Document) -> None:
        rows = [[cell.replace("\u00a0", " ") for cell in row] for row in small.tables()[1]]
        assert rows == [
            ["Theme and sub-theme", "Definition", "Participants, n (%)", "Turns", "Illustrative quote"],
            ["Channels", "How partners are found.", "2 (100)", "3", ""],
            ["Alumni", "Former students.", "2 (100)", "2", "“We had a clash with the alumni day.” (Ana, t002)"],
            ["Friends", "", "1 (50)", "1", "“Friends.” (Ana, t004)"],
            ["Challenges", "", "2 (100)", "2", ""],
            ["Time", "", "2 (100)", "2", "“It takes time.” (Ben, t002)"],
            ["Clash", "", "1 (50)", "1", "“We had a clash with the alumni day.” (Ana, t002)"],
            ["Never coded", "", "0 (0)", "0", ""],
        ]

    def test_codebook_with_examples_from_the_talk_or_else_its_own(self, tmp_path: Path) -> None:
        rows = {row[0]: row[1:] for row in write(small_report(), tmp_path).tables()[3]}
        assert rows["Alumni"][0] == "Former students.Include: school friendsExclude: current students"
        assert "(Ben, t002)" in rows["Alumni"][1].replace("\u00a0", " ")
        silent = make_report([interview("Ana", "I: So?\nAna: Yes.")], [])
        rows = {row[0]: row[1:] for row in write(silent, tmp_path).tables()[-2]}
        assert rows["Alumni"][1] == "A graduate of ours came back. (codebook)"

    def test_many_attributes_lie_across_the_page(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: Yes.")
        attributes = {f"attribute {number}": "value" for number in range(6)}
        document = write(make_report([talk], [], cases=[Case("Ana", attributes)]), tmp_path)
        sizes = [(int(size.get(f"{W}w", 0)), size.get(f"{W}orient")) for size in document.find(".//w:sectPr/w:pgSz")]
        assert sizes == [(11906, None), (16838, "landscape"), (11906, None)]
        assert len(document.find(".//w:sectPr/w:titlePg")) == 1

    def test_long_quotes_are_cut_in_tables_and_whole_among_the_quotes(self, tmp_path: Path) -> None:
        long = " ".join(f"word{number}" for number in range(80))
        talk = interview("Ana", f"I: So?\nAna: {long}")
        document = write(make_report([talk], [sheet(talk, coding(talk, "alumni", long))]), tmp_path)
        assert "word44 […]”" in document.tables()[1][2][4]
        assert "word45" not in document.tables()[1][2][3]
        assert document.styled("Quote") == [f"“{long}” (Ana,\u00a0t002)"]

    @pytest.mark.parametrize(("depth", "indents"), [(3, [0, 200, 400]), (9, list(range(0, 1001, 125)))])
    def test_names_keep_their_room_however_deep_the_codes_are(
        self, depth: int, indents: list[int], tmp_path: Path
    ) -> None:
        code = Code(f"c{depth}", "Name")
        for level in range(depth - 1, 0, -1):
            code = Code(f"c{level}", "Name", codes=(code,))
        document = write(make_report([], [], Codebook("Deep", "", (code,), "b.yaml", "d" * 64)), tmp_path)
        rows = next(table for table in document.find(".//w:tbl") if "Theme" in text_of(table)).findall("w:tr", NAMES)
        found = [row.find("w:tc/w:p/w:pPr/w:ind", NAMES) for row in rows[1:]]
        assert [0 if one is None else int(one.get(f"{W}left", "")) for one in found] == indents


class TestQuotes:
    def test_how_many_there_are_is_said(self, tmp_path: Path) -> None:
        words = "Alumni help one. Alumni help two. Alumni help three."
        talk = interview("Ana", f"I: So?\nAna: {words}")
        parts = [f"{part}." for part in words.rstrip(".").split(". ")]
        report = make_report([talk], [sheet(talk, *(coding(talk, "alumni", part) for part in parts))])
        document = write(replace(report, quotes_per_code=2), tmp_path)
        assert document.styled("CodeNote")[1] == "3 passages in 1 turn of 1 of 1 participant; 2 of 3 shown."
        assert len(document.styled("Quote")) == 2

    def test_line_breaks_are_kept(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: One\nand\ttwo.")
        report = make_report([talk], [sheet(talk, coding(talk, "alumni", "One\nand\ttwo."))])
        assert write(report, tmp_path).styled("Quote")[0].startswith("“One\nand\ttwo.”")


class TestFigures:
    def test_pictures_have_alternative_texts_and_numbers_of_their_own(self, small: Document) -> None:
        properties = small.find(".//wp:docPr")
        kinds = ("themes", "cases", "codelines", "cooccurrence")
        assert [node.get("descr") for node in properties] == [f"Alt text of {kind}." for kind in kinds]
        assert len({node.get("id") for node in properties}) == 4

    def test_they_stand_at_the_margin(self, small: Document) -> None:
        for picture in small.find(".//wp:inline"):
            assert [picture.get(f"dist{side}") for side in "TBLR"] == ["0"] * 4

    def test_they_keep_their_size_and_shape(self, small: Document) -> None:
        for extent in small.find(".//wp:extent"):
            width, height = int(extent.get("cx", 0)), int(extent.get("cy", 0))
            # 600 × 300 pixels at 300 dots per inch: 2 × 1 inches of 914,400 EMU.
            assert abs(width - 1_828_800) < 1000
            assert abs(height - 914_400) < 1000

    def test_none(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: Alumni.")
        report = make_report([talk], [sheet(talk, coding(talk, "alumni", "Alumni."))], with_charts="no")
        document = write(report, tmp_path)
        assert document.find(".//w:drawing") == []
        assert b"Figure" not in document.parts["word/document.xml"]


class TestContent:
    def test_what_was_left_out(self, small: Document) -> None:
        items = small.styled("ListBullet")
        assert items[0] == "Interviewer talk: 5 words in 3 turns, with 1 coding; it is not in any count."

    def test_digests(self, small: Document) -> None:
        assert ["codebook", BOOK.digest] in small.tables()[-1]

    def test_no_codings(self, tmp_path: Path) -> None:
        document = write(make_report([interview("Ana", "I: So?\nAna: Yes.")], []), tmp_path)
        text = text_of(document.body)
        assert "No passage of interviewee talk was coded" in text
        assert "1 participant" in text

    def test_hostile_texts_stay_texts(self, tmp_path: Path) -> None:
        document = write(hostile_report(), tmp_path)
        quotes = [quote[1:].rpartition("”")[0] for quote in document.styled("Quote")]
        expected = {clean(text) for text in HOSTILE}
        assert len(quotes) == 3
        assert set(quotes) <= expected
        assert "/home/me" not in document.parts["word/document.xml"].decode()
        # Office allows 255 characters there.
        title = docx.Document(io.BytesIO(document.path.read_bytes())).core_properties.title
        assert title == clean(" ".join(HOSTILE))[:255]
