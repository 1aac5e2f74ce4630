"""WordprocessingML: paragraphs, tables, captions with fields, and pictures, in a document that python-docx keeps.

python-docx owns the package: its parts, styles, sections, pictures and properties. The paragraphs and tables of the
body are written as XML and parsed in bulk, which is many times faster than python-docx cell by cell.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape, quoteattr

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.shape import CT_Inline
from docx.shared import Emu, Twips
from lxml import etree

from qualcode.reports.numbers import column_keys, mark_of
from qualcode.reports.phrases import clean
from qualcode.reports.wordstyles import open_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docx.document import Document
    from docx.section import Section, _Footer, _Header

    from qualcode.reports.document import Column, Table

# A4 in twentieths of a point, with margins of 2.5 cm.
_PAGE_SHORT, _PAGE_LONG, _MARGIN = 11906, 16838, 1418
_TWIP = 635
"""English metric units in a twentieth of a point."""

_BREAK = "<w:r><w:br/></w:r>"
"""Between number and title of a table or figure, as the style of the American Psychological Association has it."""

_STYLE = re.compile(r'(<w:(?:pStyle|rStyle|tblStyle) w:val=")([^"]+)"')
_LONGEST_HEADER = 90
_LONGEST_PROPERTY = 255
"""Characters that Office and python-docx allow in the title among a file's properties."""

_MOST_OF_PAGE = 0.78
"""What a figure may take of a page's height, so that heading, sentence and caption above it stay with it."""

_LETTER, _PADDING = 117, 160
"""Width of a bold letter of a table and of a cell's margins, in twentieths of a point, in the widest usual font."""

# What no line break parts: neither Chinese characters, which may be parted anywhere, nor what a hyphen ends.
_UNBROKEN = re.compile("[^\\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef-]+-?")

_NO_TIME = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
"""Stands for every time in the file, which would tell of the machine and not of the study."""

Orientation = Literal["portrait", "landscape"]

_ALIGNED = {"text": "", "number": "right"}


def run(text: str, style: str = "") -> str:
    """Return text as a run; line feeds become line breaks and tabs stay tabs."""
    properties = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    escaped = escape(clean(text))
    inner = f'<w:t xml:space="preserve">{escaped}</w:t>'
    if "\n" in escaped or "\t" in escaped:
        inner = inner.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
        inner = inner.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return f"<w:r>{properties}{inner}</w:r>"


def paragraph(content: str, style: str = "", *, indent: int = 0, align: str = "", properties: str = "") -> str:
    """Return runs as a paragraph.

    Parameters
    ----------
    content
        Runs and fields, as XML.
    style
        Id of a paragraph style.
    indent
        From the left, in twentieths of a point.
    align
        ``right`` or ``center``.
    properties
        Elements that stand between style and indent in a paragraph's properties, such as ``<w:keepNext/>``.
    """
    parts = [
        f'<w:pStyle w:val="{style}"/>' if style else "",
        properties,
        f'<w:ind w:left="{indent}"/>' if indent else "",
        f'<w:jc w:val="{align}"/>' if align else "",
    ]
    inner = "".join(parts)
    return f"<w:p>{f'<w:pPr>{inner}</w:pPr>' if inner else ''}{content}</w:p>"


def cell(content: str, *, indent: int = 0, align: str = "") -> str:
    """Return runs as a paragraph of a table."""
    return paragraph(content, "TableText", indent=indent, align=align)


def _keep_with_next(content: str) -> str:
    return content.replace('<w:pStyle w:val="TableText"/>', '<w:pStyle w:val="TableText"/><w:keepNext/>')


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the paragraphs of its cells, as XML, and the letters of the longest word in each.

    ``rule`` draws a thin line above it.
    """

    cells: tuple[str, ...]
    longest: tuple[int, ...]
    rule: Literal["above", "none"] = "none"


@dataclass(slots=True)
class Body:
    """A document as it grows, part by part.

    Attributes
    ----------
    document
        What is written into; of the author's own (``ground``) page and headers stay.
    styles
        The ids of styles that the document calls otherwise.
    orientation, parts
        How the present page lies, and what is not in the document yet.
    """

    document: Document = field(default_factory=open_document)
    ground: Literal["own", "template"] = "own"
    styles: Mapping[str, str] = field(default_factory=dict)
    orientation: Orientation = "portrait"
    parts: list[str] = field(default_factory=list)
    _bookmarks: int = 0
    _pictures: int = 0

    def __post_init__(self) -> None:
        if self.ground == "own":
            _set_page(self.document.sections[0])
        _lay(self.document.sections[0], self.orientation)

    @property
    def width(self) -> int:
        """Width of the text in twentieths of a point."""
        section = self.document.sections[-1]
        page, left, right = section.page_width, section.left_margin, section.right_margin
        return int(((page or 0) - (left or 0) - (right or 0)) // _TWIP)

    @property
    def _height(self) -> int:
        """Height of the text in English metric units."""
        section = self.document.sections[-1]
        return int((section.page_height or 0) - (section.top_margin or 0) - (section.bottom_margin or 0))

    def mark(self, number_id: str, content: str) -> str:
        """Return content with a hidden bookmark around it, which carries the id of what it says."""
        begin, end = self.marks(number_id)
        return f"{begin}{content}{end}"

    def marks(self, number_id: str) -> tuple[str, str]:
        """Return where such a bookmark begins and ends."""
        self._bookmarks += 1
        begin = f'<w:bookmarkStart w:id="{self._bookmarks}" w:name="{mark_of(number_id)}"/>'
        return begin, f'<w:bookmarkEnd w:id="{self._bookmarks}"/>'

    def heading(self, content: str, level: int) -> None:
        """Add a heading of runs; levels below 4 look like 4."""
        self.parts.append(paragraph(content, f"Heading{min(level, 4)}"))

    def text(self, content: str, style: str = "", *, keep: Literal["next", "none"] = "none") -> None:
        """Add a paragraph of runs; ``keep`` holds it on one page with what follows."""
        self.parts.append(paragraph(content, style, properties="<w:keepNext/>" if keep == "next" else ""))

    def reference(self, label: str) -> str:
        """Return a field that names a table or figure (``Table 3``) and leads to it."""
        return f'<w:fldSimple w:instr=" REF {_bookmark(label)} \\h ">{run(label)}</w:fldSimple>'

    def _caption(self, block_id: str, label: str, text: str) -> str:
        self._bookmarks += 1
        mark = self._bookmarks
        kind, number = label.split()
        name = (
            f'<w:bookmarkStart w:id="{mark}" w:name="{_bookmark(label)}"/>{run(f"{kind} ", "Strong")}'
            f'<w:fldSimple w:instr=" SEQ {kind} \\* ARABIC ">{run(number, "Strong")}</w:fldSimple>'
            f'<w:bookmarkEnd w:id="{mark}"/>'
        )
        return paragraph(
            self.mark(f"{block_id}:caption", f"{name}{run('. ', 'Strong')}{_BREAK}{run(text, 'Emphasis')}"),
            "Caption",
            properties="<w:keepNext/>",
        )

    def table(self, table: Table, label: str, rows: list[Row]) -> None:
        """Add a table with its caption above, a header that is repeated on each page, and rows that stay whole."""
        caption, columns, note = table.caption, table.columns, table.note
        widths = _widths(columns, rows, self.width)
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        head = "".join(
            _cell_xml(_keep_with_next(cell(self._head(table, key, column), align=_ALIGNED[column.kind])), width)
            for key, column, width in zip(column_keys(table), columns, widths, strict=True)
        )
        properties = (
            '<w:tblPr><w:tblStyle w:val="ReportTable"/>'
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
            f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={_attribute(caption)}/></w:tblPr>'
        )
        self.parts += [
            self._caption(table.id, label, caption),
            f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>",
            f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>",
            *_rows_xml(rows, widths, note),
            "</w:tbl>",
            # Word wants a paragraph after a table; an empty one takes next to no room.
            paragraph(self.mark(f"{table.id}:note", run(note)), "TableNote") if note else paragraph("", "TableEnd"),
        ]

    def _head(self, table: Table, key: str, column: Column) -> str:
        return self.mark(f"{table.id}:head/{key}", run(column.head))

    def figure(self, block_id: str, label: str, caption: str, png: bytes, alt: str) -> None:
        """Add a picture, as wide as it was made or as the page allows, with its caption above."""
        self._pictures += 1
        key_of_part, image = self.document.part.get_or_add_image(io.BytesIO(png))
        size = _fit(image.width, image.height, Twips(self.width), self._height * _MOST_OF_PAGE)
        inline = CT_Inline.new_pic_inline(self._pictures, key_of_part, f"{label}.png", *size)
        inline.docPr.set("descr", clean(alt).replace("\n", " "))
        for side in "TBLR":
            # LibreOffice takes a distance that is not there for an eighth of an inch.
            inline.set(f"dist{side}", "0")
        drawing = f"<w:r><w:drawing>{etree.tostring(inline, encoding='unicode')}</w:drawing></w:r>"
        self.parts += [self._caption(block_id, label, caption), paragraph(drawing, "Figure")]

    def turn_page(self, orientation: Orientation) -> None:
        """Go on on a new page that lies the other way; nothing happens when it lies so already."""
        if orientation != self.orientation:
            self._lay_down()
            self.orientation = orientation
            _lay(self.document.add_section(), orientation)

    def begin(self, orientation: Orientation) -> None:
        """Lay the first page; only before anything is written."""
        self.orientation = orientation
        _lay(self.document.sections[0], orientation)

    def _lay_down(self) -> None:
        """Move what was written so far into the document, before the properties of its last section."""
        xml = "".join(self.parts)
        if self.styles:
            xml = _STYLE.sub(lambda found: f'{found[1]}{self.styles.get(found[2], found[2])}"', xml)
        body = parse_xml(f"<w:body {nsdecls('w')}>{xml}</w:body>")
        last_section = self.document.element.body.sectPr
        for element in list(body):
            # The time to move a table grows with the square of its rows, so they are moved one by one.
            rows = list(element.iterchildren(qn("w:tr")))
            for row in rows:
                element.remove(row)
            last_section.addprevious(element)
            element.extend(rows)
        self.parts.clear()

    def pack(self, title: str) -> bytes:
        """Return the document as the bytes of a .docx file."""
        self._lay_down()
        if self.ground == "own":
            _add_margins(self.document.sections[0], title)
        _set_properties(self.document, title)
        buffer = io.BytesIO()
        self.document.save(buffer)
        return without_times(buffer)


def _set_page(section: Section) -> None:
    section.page_width, section.page_height = Twips(_PAGE_SHORT), Twips(_PAGE_LONG)
    section.top_margin = section.right_margin = section.bottom_margin = section.left_margin = Twips(_MARGIN)
    section.header_distance = section.footer_distance = Twips(_MARGIN // 2)
    section.different_first_page_header_footer = False


def _lay(section: Section, orientation: Orientation) -> None:
    """Turn a page, whatever its size; a new section has that of the one before."""
    is_upright = orientation == "portrait"
    section.orientation = WD_ORIENT.PORTRAIT if is_upright else WD_ORIENT.LANDSCAPE
    sides = sorted((section.page_width or Twips(_PAGE_SHORT), section.page_height or Twips(_PAGE_LONG)))
    section.page_width, section.page_height = sides if is_upright else reversed(sides)
    if section.different_first_page_header_footer and section.start_type == WD_SECTION.NEW_PAGE and not is_upright:
        section.different_first_page_header_footer = False


def _add_margins(section: Section, title: str) -> None:
    """Set the title at the head of every page but the first, and the number at the foot of all.

    Later sections take them over.
    """
    line = " ".join(title.split())
    section.different_first_page_header_footer = True
    short = line if len(line) <= _LONGEST_HEADER else f"{line[:_LONGEST_HEADER]} …"
    _fill(section.header, paragraph(run(short), "Header"))
    page, pages = (f'<w:fldSimple w:instr=" {name} ">{run("1")}</w:fldSimple>' for name in ("PAGE", "NUMPAGES"))
    for footer in (section.footer, section.first_page_footer):
        _fill(footer, paragraph(f"{run('Page ')}{page}{run(' of ')}{pages}", "Footer"))


def _fill(margin: _Header | _Footer, xml: str) -> None:
    margin.is_linked_to_previous = False
    element = margin.part.element
    element[:] = [parse_xml(xml.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1))]


def _set_properties(document: Document, title: str) -> None:
    properties = document.core_properties
    properties.title = clean(title)[:_LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = "qualcode"
    properties.comments = ""
    properties.language = "en-GB"
    properties.revision = 1
    properties.created = properties.modified = _NO_TIME


def _bookmark(label: str) -> str:
    return f"_Ref{label.replace(' ', '_')}"


def _attribute(text: str) -> str:
    return quoteattr(clean(text).replace("\n", " "))


def _widths(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[int]:
    """Share a width out by weight, so that no word breaks where there is room, to the last twentieth of a point."""
    heads = [longest_word(column.head) for column in columns]
    least = [_PADDING + _LETTER * max(words) for words in zip(heads, *(row.longest for row in rows), strict=True)]
    shares = _share(width, [column.weight for column in columns], least)
    edges = [round(edge) for edge in accumulate(shares, initial=0.0)]
    return [right - left for left, right in pairwise(edges)]


def _share(width: float, weights: Sequence[float], least: Sequence[float]) -> list[float]:
    """Share a width out by weight; who would get less than the least gets that, and the others share the rest."""
    if sum(least) >= width:
        return [width * one / sum(least) for one in least]
    fixed: set[int] = set()
    while True:
        rest = width - sum(least[at] for at in fixed)
        weight = sum(one for at, one in enumerate(weights) if at not in fixed)
        shares = [least[at] if at in fixed else rest * one / weight for at, one in enumerate(weights)]
        short = {at for at, one in enumerate(shares) if one < least[at]}
        if not short:
            return shares
        fixed |= short


def longest_word(text: str) -> int:
    """Return how many letters of a text cannot be parted between two lines, at the most."""
    return max(map(len, _UNBROKEN.findall(text)), default=0)


def _cell_xml(content: str, width: int, rule: str = "none") -> str:
    line = '<w:tcBorders><w:top w:val="single" w:sz="4" w:space="0" w:color="A6A6A6"/></w:tcBorders>'
    borders = line if rule == "above" else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{borders}</w:tcPr>{content}</w:tc>'


def _rows_xml(rows: list[Row], widths: list[int], note: str) -> list[str]:
    """Return rows that part at the end of a page, but never the first, the last or the note from the others."""
    built = [_row_xml(row, widths) for row in rows]
    together = {0, len(rows) - 2, len(rows) - 1} if note else {0, len(rows) - 2}
    return [_keep_with_next(row) if index in together else row for index, row in enumerate(built)]


def _row_xml(row: Row, widths: list[int]) -> str:
    cells = "".join(
        _cell_xml(content or cell(""), width, row.rule) for content, width in zip(row.cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _fit(width: int, height: int, available: int, high: float) -> tuple[Emu, Emu]:
    scale = min(1.0, available / width, high / height)
    return Emu(round(width * scale)), Emu(round(height * scale))


def without_times(package: io.BytesIO) -> bytes:
    """Pack the parts of a package again, in order and with the same time in each."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(package) as written, zipfile.ZipFile(buffer, "w") as packed:
        for name in sorted(written.namelist()):
            entry = zipfile.ZipInfo(name, date_time=_NO_TIME.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            # The same on every system: made by "Unix", readable by all.
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            packed.writestr(entry, written.read(name))
    return buffer.getvalue()
