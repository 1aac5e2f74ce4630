"""The empty Word document that a report is written into: python-docx's template, with the styles of a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.text.font import CT_RPr
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.styles.style import CharacterStyle, ParagraphStyle
    from docx.styles.styles import Styles

_SERIF = ("Times New Roman", "PMingLiU")
_SANS = ("Arial", "Microsoft JhengHei")
_MONO = ("Courier New", "PMingLiU")
"""A family for Latin letters, and the one that Chinese has beside it."""

_GREY = RGBColor(0x59, 0x59, 0x59)

_KEPT = {"Normal", "DefaultParagraphFont", "TableNormal", "NoList"}
"""Ids of the template's styles that stay as they are; those that a report sets are kept besides."""

_UNUSED_PARTS = ("stylesWithEffects", "webSettings", "fontTable", "theme", "customXml", "thumbnail", "properties")
"""How the types of relationship end that lead to parts of the template without use in a report.

The last one is ``extended-properties``, which would say that another program had made the file.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How a style looks, as far as it differs from what it is based on; sizes and distances in points.

    ``base`` and ``after_it`` are the style it is based on and that of the paragraph which follows; ``keep`` tells
    what stays on one page: its lines, or these and the paragraph that follows.
    """

    base: str = "Normal"
    after_it: str = "Normal"
    family: tuple[str, str] | None = None
    size: float | None = None
    weight: Literal["bold", "not bold", ""] = ""
    slant: Literal["italic", ""] = ""
    colour: RGBColor | None = None
    before: float | None = None
    after: float | None = None
    lines: float | None = None
    left: float | None = None
    first: float | None = None
    right: float | None = None
    keep: Literal["lines", "next", ""] = ""
    align: WD_ALIGN_PARAGRAPH | None = None


PARAGRAPHS = {
    "Title": _Look(
        after_it="Subtitle", family=_SANS, size=20, weight="bold", before=0, after=3, lines=1.0, keep="next"
    ),
    "Subtitle": _Look(family=_SANS, size=9.5, colour=_GREY, after=14),
    "Heading 1": _Look(family=_SANS, size=14, weight="bold", before=20, after=6, lines=1.0, keep="next"),
    "Heading 2": _Look(family=_SANS, size=12, weight="bold", before=15, after=4, lines=1.0, keep="next"),
    "Heading 3": _Look(family=_SANS, size=10, weight="bold", before=12, after=3, lines=1.0, keep="next"),
    "Heading 4": _Look(base="Heading 3", weight="not bold", slant="italic"),
    "Caption": _Look(family=_SANS, size=9, before=12, after=5, lines=1.15, keep="next"),
    "Figure": _Look(before=0, after=12, lines=1.0),
    "Quote": _Look(after_it="Quote", size=10.5, after=5, lines=1.1, left=22.7, right=11.35, keep="lines"),
    "Code Note": _Look(after_it="Quote", family=_SANS, size=8.5, colour=_GREY, after=5, lines=1.05, keep="next"),
    "Table Text": _Look(after_it="Table Text", family=_SANS, size=8.5, before=1.5, after=1.5, lines=1.05),
    "Table Note": _Look(base="Table Text", size=8, colour=_GREY, before=3, after=12),
    "Table End": _Look(base="Table Text", size=1, before=0, after=0, lines=1.0),
    "List Bullet": _Look(after_it="List Bullet", after=3, left=19.85, first=-14.2),
    "Header": _Look(base="Table Text", after_it="Header", size=8, colour=_GREY),
    "Footer": _Look(base="Table Text", after_it="Footer", size=8, colour=_GREY, align=WD_ALIGN_PARAGRAPH.CENTER),
}
CHARACTERS = {
    "Strong": _Look(weight="bold"),
    "Emphasis": _Look(slant="italic"),
    "Place": _Look(family=_SANS, size=8, colour=_GREY),
    "Digest": _Look(family=_MONO, size=7.5),
}

TABLE = "Report Table"
_TABLE = (
    '<w:tblPr {names}><w:tblBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="000000"/>'
    '<w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/></w:tblBorders>'
    '<w:tblCellMar><w:top w:w="15" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>'
    '<w:bottom w:w="15" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
)
_HEADER_ROW = (
    '<w:tblStylePr {names} w:type="firstRow"><w:rPr><w:b/><w:bCs/></w:rPr><w:tcPr><w:tcBorders>'
    '<w:bottom w:val="single" w:sz="4" w:space="0" w:color="000000"/></w:tcBorders>'
    '<w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>'
)
_RULE_BELOW = '<w:pBdr {names}><w:bottom w:val="single" w:sz="6" w:space="8" w:color="7F7F7F"/></w:pBdr>'


def open_document() -> Document:
    """Return an empty document with the styles of a report, and without what the template holds besides."""
    document = docx.Document()
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, relation in relations.items() if relation.reltype.endswith(_UNUSED_PARTS)]:
            del relations[key]
    _simplify_settings(document)
    _clear_styles(document.styles)
    _keep_bullets_alone(document)
    _set_defaults(document.styles)
    _set_styles(document.styles)
    return document


def _simplify_settings(document: Document) -> None:
    """Let Word take the file for one of its own time, and forget what the template's author saw last."""
    settings = document.settings.element
    for element in settings.xpath(
        "w:zoom | w:proofState | w:savePreviewPicture | w:rsids | w:themeFontLang | w:clrSchemeMapping"
        " | w:shapeDefaults | w:compat/w:useFELayout"
    ):
        element.getparent().remove(element)
    for mode in settings.xpath('w:compat/w:compatSetting[@w:name="compatibilityMode"]'):
        mode.set(qn("w:val"), "15")


def _clear_styles(styles: Styles) -> None:
    """Drop the styles that a report does not use, and the looks of those that it does.

    A heading stays on its level of the outline, a list in its numbering.
    """
    element = styles.element
    ids = _KEPT | {name.replace(" ", "") for name in (*PARAGRAPHS, *CHARACTERS)}
    for latent in element.xpath("w:latentStyles"):
        element.remove(latent)
    for style in element.style_lst:
        if style.styleId not in ids:
            element.remove(style)
            continue
        for part in style.xpath(
            "w:link | w:rsid | w:semiHidden[../w:qFormat] | w:rPr"
            " | w:pPr[not(w:numPr/w:numId)]/*[not(self::w:outlineLvl)]"
        ):
            part.getparent().remove(part)


def _keep_bullets_alone(document: Document) -> None:
    """Drop the template's other lists, whose styles are gone."""
    numbering = document.part.numbering_part.element
    used = document.styles.element.xpath("string(.//w:numPr/w:numId/@w:val)")
    kept = numbering.num_having_numId(int(used))
    for element in numbering.xpath("w:num | w:abstractNum"):
        if element is not kept and element.get(qn("w:abstractNumId")) != str(kept.abstractNumId.val):
            numbering.remove(element)


def _set_defaults(styles: Styles) -> None:
    """Set what holds where no style says otherwise: the family and the languages, then ``Normal``."""
    (properties,) = styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr")
    _set_family(properties, _SERIF)
    for language in properties.xpath("w:lang"):
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:eastAsia"), "zh-HK")
    normal = styles["Normal"].paragraph_format
    normal.space_after, normal.line_spacing = Pt(7), 1.15


def _set_styles(styles: Styles) -> None:
    for name in (*PARAGRAPHS, *CHARACTERS):
        if name not in styles:
            _add(styles, name, WD_STYLE_TYPE.PARAGRAPH if name in PARAGRAPHS else WD_STYLE_TYPE.CHARACTER)
    for name in PARAGRAPHS:
        _set_paragraph_style(styles, name)
    for name, look in CHARACTERS.items():
        _set_font(styles[name], look)
    styles["Subtitle"].element.pPr.insert_element_before(_element(_RULE_BELOW), "w:spacing")
    _set_table_style(_add(styles, TABLE, WD_STYLE_TYPE.TABLE), styles)


def _set_paragraph_style(styles: Styles, name: str) -> None:
    style, look = styles[name], PARAGRAPHS[name]
    known = {one.name for one in styles}
    style.base_style = styles[look.base] if look.base in known else None
    style.next_paragraph_style = styles[look.after_it] if look.after_it in known else style
    _set_font(style, look)
    _set_paragraph(style, look)


def _set_table_style(table: CharacterStyle, styles: Styles) -> None:
    if "Normal Table" in styles:
        table.base_style = styles["Normal Table"]
    table.element.extend([_element(_TABLE), _element(_HEADER_ROW)])


def add_style(styles: Styles, name: str) -> None:
    """Add one of the styles of a report to a document that lacks it."""
    if name == TABLE:
        _set_table_style(_add(styles, name, WD_STYLE_TYPE.TABLE), styles)
    elif name in CHARACTERS:
        _set_font(_add(styles, name, WD_STYLE_TYPE.CHARACTER), CHARACTERS[name])
    else:
        _add(styles, name, WD_STYLE_TYPE.PARAGRAPH)
        _set_paragraph_style(styles, name)


def _add(styles: Styles, name: str, kind: WD_STYLE_TYPE) -> CharacterStyle:
    style: CharacterStyle = styles.add_style(name, kind)  # type: ignore[no-untyped-call]  # python-docx types it in part
    style.quick_style = True
    return style


def _element(xml: str) -> BaseOxmlElement:
    return parse_xml(xml.format(names=nsdecls("w")))


def _set_font(style: ParagraphStyle | CharacterStyle, look: _Look) -> None:
    font = style.font
    if look.family:
        _set_family(style.element.get_or_add_rPr(), look.family)
    if look.weight in ("bold", "not bold"):
        font.bold = font.cs_bold = look.weight == "bold"
    if look.slant == "italic":
        font.italic = font.cs_italic = True
    if look.colour:
        font.color.rgb = look.colour
    if look.size:
        font.size = Pt(look.size)
        # Arabic and Hebrew have a size of their own, which python-docx does not set.
        style.element.rPr.sz.addnext(_element(f'<w:szCs {{names}} w:val="{round(2 * look.size)}"/>'))


def _set_family(properties: CT_RPr, family: tuple[str, str]) -> None:
    latin, chinese = family
    fonts = properties.get_or_add_rFonts()
    fonts.attrib.clear()
    for name, value in (("ascii", latin), ("hAnsi", latin), ("eastAsia", chinese), ("cs", latin)):
        fonts.set(qn(f"w:{name}"), value)


def _set_paragraph(style: ParagraphStyle, look: _Look) -> None:
    shape = style.paragraph_format
    for name, distance in (
        ("space_before", look.before),
        ("space_after", look.after),
        ("left_indent", look.left),
        ("right_indent", look.right),
        ("first_line_indent", look.first),
    ):
        if distance is not None:
            setattr(shape, name, Pt(distance))
    if look.lines:
        shape.line_spacing = look.lines
    if look.keep:
        shape.keep_together = True
    if look.keep == "next":
        shape.keep_with_next = True
    if look.align:
        shape.alignment = look.align
