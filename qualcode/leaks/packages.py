"""Word documents, workbooks and other packages of XML: every part, with the words that a person knows it by."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from qualcode.leaks.markup import read_markup
from qualcode.leaks.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PARTS = (
    (r"word/document\d*\.xml", "text"),
    (r"word/comments\w*\.xml", "comments"),
    (r"word/header\d*\.xml", "header"),
    (r"word/footer\d*\.xml", "footer"),
    (r"word/footnotes\.xml", "footnotes"),
    (r"word/endnotes\.xml", "endnotes"),
    (r"word/people\.xml", "people who made changes"),
    (r"docProps/\w+\.xml|meta\.xml", "properties"),
    (r"xl/comments\d*\.xml|xl/threadedComments/.*|xl/persons/.*", "comments"),
    (r"xl/workbook\.xml", "names of sheets"),
    (r"xl/sharedStrings\.xml", "words that no cell shows"),
    (r"ppt/slides/slide(\d+)\.xml", "slide"),
    (r"ppt/notesSlides/.*", "notes of a slide"),
    (r"content\.xml", "text"),
    (r".*\.rels", "links"),
)
_CELL = re.compile(r"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_VALUE = re.compile(r"<(?:\w+:)?(?:v|t)\b[^>]*>(.*?)</(?:\w+:)?(?:v|t)>", re.DOTALL)
_ITEM = re.compile(r"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(r"<Relationship\b([^>]*)>")
_CELL_TEXT = re.compile(r"<(?:\w+:)?t\b[^>]*>(.*?)</(?:\w+:)?t>", re.DOTALL)
_RUBY = re.compile(r"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)
_PARTS_OF_NUMBERS = re.compile(
    r"word/(?:styles|settings|fontTable|numbering|theme|webSettings)|xl/(?:styles|theme|calcChain)"
    r"|ppt/(?:theme|slideLayouts|slideMasters)"
)


def is_package(names: Mapping[str, object]) -> bool:
    """Tell whether the files of an archive are those of a document."""
    return "[Content_Types].xml" in names or ("mimetype" in names and "content.xml" in names)


def name_part(name: str) -> str:
    """Return what a person knows a part of a document by."""
    for expression, words in _PARTS:
        if re.fullmatch(expression, name):
            return words
    return name


def read_parts(parts: Mapping[str, str]) -> Iterator[Piece]:
    """Yield the pieces of a package's XML parts, by their names."""
    shown: set[int] = set()
    if "xl/workbook.xml" in parts:
        yield from _read_cells(parts, shown)
    for name, text in parts.items():
        if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name):
            continue
        if name == "xl/sharedStrings.xml":
            for number, words in enumerate(_list_strings(text)):
                if number not in shown:
                    yield Piece(name_part(name), words)
            continue
        is_list = name.startswith(("docProps/", "customXml/")) or name in {"meta.xml", "word/people.xml"}
        for piece in read_markup(text, of_word=name.startswith("word/"), every_element=is_list):
            sought = "names" if _PARTS_OF_NUMBERS.match(name) or name == "docProps/app.xml" else piece.sought
            yield Piece(f"{name_part(name)}, {piece.place}", piece.text, sought)


def _list_strings(text: str) -> list[str]:
    return [html.unescape("".join(_CELL_TEXT.findall(_RUBY.sub("", found or "")))) for found in _ITEM.findall(text)]


def _told(attributes: str, name: str) -> str:
    found = re.search(rf"\b(?:\w+:)?{name}\s*=\s*[\"']([^\"']*)[\"']", attributes)
    return html.unescape(found[1]) if found else ""


def _read_cells(parts: Mapping[str, str], shown: set[int]) -> Iterator[Piece]:
    strings = _list_strings(parts.get("xl/sharedStrings.xml", ""))
    relations = {
        _told(one, "Id"): _told(one, "Target").removeprefix("/xl/").removeprefix("xl/")
        for one in _RELATION.findall(parts.get("xl/_rels/workbook.xml.rels", ""))
    }
    sheets = {
        f"xl/{relations.get(_told(one, 'id'), '')}": (_told(one, "name"), _told(one, "state"))
        for one in _SHEET.findall(parts["xl/workbook.xml"])
    }
    for part, text in parts.items():
        if not re.fullmatch(r"xl/worksheets/\w+\.xml", part):
            continue
        name, state = sheets.get(part, (part, ""))
        place = f"sheet {name}{' (hidden)' if state.startswith(('hidden', 'very')) else ''}"
        for attributes, body in _CELL.findall(text):
            words = _show_cell(attributes, body, strings, shown)
            if words:
                yield Piece(f"{place}, {_told(attributes, 'r')}", words)
        rest = _CELL.sub("", text)
        for piece in read_markup(rest):
            yield Piece(f"{place}, {piece.place}", piece.text, "names")


def _show_cell(attributes: str, body: str, strings: list[str], shown: set[int]) -> str:
    values = [html.unescape(one) for one in _VALUE.findall(body)]
    if _told(attributes, "t") == "s" and values and values[0].strip().isdigit():
        number = int(values[0])
        shown.add(number)
        return strings[number] if number < len(strings) else ""
    formula = re.search(r"<(?:\w+:)?f\b[^>]*>(.*?)</", body, re.DOTALL)
    return " ".join([*values, *([html.unescape(formula[1])] if formula else [])])
