"""WordprocessingML: paragraphs, tables, captions with fields, pictures, and the package around them.

The package is written whole and by hand: the parts that never change lie beside this module as XML files. That
is many times faster than python-docx cell by cell, gives real styles that a reader can change, and leaves
nothing in the file that differs from run to run.
"""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import pairwise
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from qualcode.reports.files import clean

_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

# A4 in twentieths of a point, with margins of 2.5 cm.
_PAGE_SHORT, _PAGE_LONG, _MARGIN = 11906, 16838, 1418
TEXT_WIDTH = {"portrait": _PAGE_SHORT - 2 * _MARGIN, "landscape": _PAGE_LONG - 2 * _MARGIN}
"""Width of the text in twentieths of a point, by orientation."""

_EMU_PER_TWIP = 635
_ROWS_TOGETHER = 2
_LONGEST_HEADER = 90
_MAX_FIGURE_HEIGHT = 12_200
"""Twentieths of a point that a figure may take of a portrait page, so that its caption stays with it."""

Orientation = Literal["portrait", "landscape"]
Label = Literal["Table", "Figure"]


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
class Column:
    """A column of a table: its header, its share of the width, and how its cells are set."""

    header: str
    weight: float
    align: Literal["", "right"] = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the paragraphs of its cells, as XML; ``rule`` draws a thin line above it."""

    cells: tuple[str, ...]
    rule: Literal["above", "none"] = "none"


@dataclass(slots=True)
class Body:
    """A document as it grows, part by part."""

    parts: list[str] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    orientation: Orientation = "portrait"
    _numbers: dict[str, int] = field(default_factory=dict)
    _bookmarks: int = 0
    _is_first_section: bool = True

    def heading(self, text: str, level: int) -> None:
        """Add a heading; levels below 4 look like 4."""
        self.parts.append(paragraph(run(text), f"Heading{min(level, 4)}"))

    def text(self, content: str, style: str = "") -> None:
        """Add a paragraph of runs."""
        self.parts.append(paragraph(content, style))

    def bullets(self, items: list[str]) -> None:
        """Add a list with bullets."""
        self.parts.extend(paragraph(run(item), "ListBullet") for item in items)

    def number(self, label: Label, key: str) -> int:
        """Return the number that a table or figure has, or will have: the order of asking is the order in the text."""
        name = f"{label} {key}"
        if name not in self._numbers:
            self._numbers[name] = 1 + sum(1 for known in self._numbers if known.startswith(f"{label} "))
        return self._numbers[name]

    def reference(self, label: Label, key: str) -> str:
        """Return a field that names a table or figure and leads to it."""
        text = f"{label} {self.number(label, key)}"
        return f'<w:fldSimple w:instr=" REF {_bookmark(label, key)} \\h ">{run(text)}</w:fldSimple>'

    def _caption(self, label: Label, key: str, text: str) -> str:
        self._bookmarks += 1
        mark = self._bookmarks
        number = run(str(self.number(label, key)), "Strong")
        name = (
            f'<w:bookmarkStart w:id="{mark}" w:name="{_bookmark(label, key)}"/>{run(f"{label} ", "Strong")}'
            f'<w:fldSimple w:instr=" SEQ {label} \\* ARABIC ">{number}</w:fldSimple><w:bookmarkEnd w:id="{mark}"/>'
        )
        return paragraph(
            f"{name}{run('. ', 'Strong')}{run(text)}",
            "Caption",
            properties="<w:keepNext/>" if label == "Table" else "",
        )

    def table(self, key: str, caption: str, columns: list[Column], rows: list[Row], note: str = "") -> None:
        """Add a table with its caption above, a header that is repeated on each page, and rows that stay whole."""
        widths = _widths(columns, TEXT_WIDTH[self.orientation])
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        head = "".join(
            _cell_xml(_keep_with_next(cell(run(column.header), align=column.align)), width)
            for column, width in zip(columns, widths, strict=True)
        )
        properties = (
            '<w:tblPr><w:tblStyle w:val="ReportTable"/>'
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
            f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={_attribute(caption)}/></w:tblPr>'
        )
        self.parts += [
            self._caption("Table", key, caption),
            f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>",
            f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>",
            # A table never begins with a single row at the foot of a page.
            *(_keep_with_next(_row_xml(row, widths)) for row in rows[:_ROWS_TOGETHER]),
            *(_row_xml(row, widths) for row in rows[_ROWS_TOGETHER:]),
            "</w:tbl>",
            paragraph(run(note), "TableNote"),
        ]

    def figure(self, key: str, caption: str, png: bytes, alt: str) -> None:
        """Add a picture, as wide as it was made or as the page allows, with its caption below."""
        self.pictures.append(png)
        index = len(self.pictures)
        width, height = _fit(*_png_size(png), TEXT_WIDTH[self.orientation])
        extent = f'cx="{width * _EMU_PER_TWIP}" cy="{height * _EMU_PER_TWIP}"'
        name = f'id="{index}" name="Figure {index}" descr={_attribute(alt)}'
        drawing = (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {extent}/>'
            f"<wp:docPr {name}/>"
            '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
            '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
            f"<pic:pic><pic:nvPicPr><pic:cNvPr {name}/><pic:cNvPicPr/></pic:nvPicPr>"
            f'<pic:blipFill><a:blip r:embed="rIdImage{index}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
            "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )
        self.parts += [paragraph(drawing, "Figure"), self._caption("Figure", key, caption)]

    def turn_page(self, orientation: Orientation) -> None:
        """Go on on a new page that lies the other way; nothing happens when it lies so already."""
        if orientation != self.orientation:
            self.parts.append(f"<w:p><w:pPr>{self._section()}</w:pPr></w:p>")
            self.orientation = orientation
            self._is_first_section = False

    def _section(self) -> str:
        """Return the properties of the section that ends here; the title page has no header."""
        wide, high = (_PAGE_SHORT, _PAGE_LONG) if self.orientation == "portrait" else (_PAGE_LONG, _PAGE_SHORT)
        turned = ' w:orient="landscape"' if self.orientation == "landscape" else ""
        return (
            '<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader"/>'
            '<w:footerReference w:type="default" r:id="rIdFooter"/>'
            '<w:footerReference w:type="first" r:id="rIdFooter"/>'
            f'<w:pgSz w:w="{wide}" w:h="{high}"{turned}/>'
            f'<w:pgMar w:top="{_MARGIN}" w:right="{_MARGIN}" w:bottom="{_MARGIN}" w:left="{_MARGIN}" '
            'w:header="709" w:footer="709" w:gutter="0"/>'
            f"{'<w:titlePg/>' if self._is_first_section else ''}</w:sectPr>"
        )

    def package(self, title: str, creator: str) -> bytes:
        """Return the document as the bytes of a .docx file."""
        body = "".join(self.parts) + self._section()
        document = f"{_XML_HEAD}<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>"
        stored = {
            "[Content_Types].xml": _part("content_types.xml"),
            "_rels/.rels": _part("package_rels.xml"),
            "docProps/app.xml": _part("app.xml"),
            "docProps/core.xml": _core(title, creator),
            "word/_rels/document.xml.rels": _document_rels(len(self.pictures)),
            "word/document.xml": document.encode(),
            "word/footer1.xml": _part("footer.xml"),
            "word/header1.xml": _header(title),
            "word/numbering.xml": _part("numbering.xml"),
            "word/settings.xml": _part("settings.xml"),
            "word/styles.xml": _part("styles.xml"),
        }
        for index, picture in enumerate(self.pictures, start=1):
            stored[f"word/media/image{index}.png"] = picture
        return _zip(stored)


def _bookmark(label: Label, key: str) -> str:
    return f"_Ref{label}_{key}"


def _attribute(text: str) -> str:
    return quoteattr(clean(text).replace("\n", " "))


def _widths(columns: list[Column], width: int) -> list[int]:
    """Share a width out by weight, to the last twentieth of a point."""
    total = sum(column.weight for column in columns)
    edges = [0]
    done = 0.0
    for column in columns:
        done += column.weight
        edges.append(round(width * done / total))
    return [right - left for left, right in pairwise(edges)]


def _cell_xml(content: str, width: int, rule: str = "none") -> str:
    line = '<w:tcBorders><w:top w:val="single" w:sz="4" w:space="0" w:color="A6A6A6"/></w:tcBorders>'
    borders = line if rule == "above" else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{borders}</w:tcPr>{content}</w:tc>'


def _row_xml(row: Row, widths: list[int]) -> str:
    cells = "".join(
        _cell_xml(content or cell(""), width, row.rule) for content, width in zip(row.cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _png_size(png: bytes) -> tuple[int, int]:
    """Return a picture's width and height in twentieths of a point, from its pixels and its resolution."""
    columns, lines = struct.unpack(">II", png[16:24])
    per_metre = 300 / 0.0254
    at = png.find(b"pHYs", 24, 400)
    if at > 0:
        per_metre = float(struct.unpack(">I", png[at + 4 : at + 8])[0])
    twips = 1440 / 0.0254 / per_metre
    return round(columns * twips), round(lines * twips)


def _fit(width: int, height: int, available: int) -> tuple[int, int]:
    scale = min(1.0, available / width, _MAX_FIGURE_HEIGHT / height)
    return round(width * scale), round(height * scale)


def _part(name: str) -> bytes:
    return files("qualcode.reports").joinpath("templates", "word", name).read_bytes()


def _core(title: str, creator: str) -> bytes:
    """Return the core properties: no dates, which would tell of the machine and not of the study."""
    return (
        f"{_XML_HEAD}<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(clean(title))}</dc:title><dc:creator>{escape(clean(creator))}</dc:creator>"
        "<dc:language>en-GB</dc:language></cp:coreProperties>"
    ).encode()


def _header(title: str) -> bytes:
    line = " ".join(title.split())
    content = paragraph(run(line if len(line) <= _LONGEST_HEADER else f"{line[:_LONGEST_HEADER]} …"), "Header")
    return f"{_XML_HEAD}<w:hdr {_NAMESPACES}>{content}</w:hdr>".encode()


def _document_rels(n_pictures: int) -> bytes:
    targets = {
        "rIdStyles": ("styles", "styles.xml"),
        "rIdNumbering": ("numbering", "numbering.xml"),
        "rIdSettings": ("settings", "settings.xml"),
        "rIdHeader": ("header", "header1.xml"),
        "rIdFooter": ("footer", "footer1.xml"),
    }
    for index in range(1, n_pictures + 1):
        targets[f"rIdImage{index}"] = ("image", f"media/image{index}.png")
    relations = "".join(
        f'<Relationship Id="{key}" Type="{_RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return (
        f'{_XML_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{relations}</Relationships>"
    ).encode()


def _zip(stored: dict[str, bytes]) -> bytes:
    """Pack parts with the same time in each, so that the same parts give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in stored.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            # The same on every system: made by "Unix", readable by all.
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            package.writestr(entry, content)
    return buffer.getvalue()
