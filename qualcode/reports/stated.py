"""What the files of a report state, read back out of them: every text by the id that it carries.

The files may be a stranger's. They are parsed and nothing else: no entity is followed, nothing in them runs, and what
is too large or damaged is refused in words.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from qualcode.errors import SourceError
from qualcode.reports.latex import unescape as unescape_latex
from qualcode.reports.markdown import unescape as unescape_markdown
from qualcode.reports.numbers import fold, key_of_head, number_keys
from qualcode.sources import Package
from qualcode.spreadsheets import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"


@dataclass
class Stated:
    """What a file states.

    Attributes
    ----------
    texts
        Texts by their ids.
    pictures
        Pictures by the ids of their figures.
    rest
        What carries no id, in its order, with where it stands.
    """

    texts: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    rest: list[tuple[str, str]] = field(default_factory=list)


def digest(data: bytes) -> str:
    """Return the beginning of a SHA-256, by which people tell files apart."""
    return hashlib.sha256(data).hexdigest()[:12]


# ---- Word


def read_word(data: bytes, where: str, ids: Mapping[str, str]) -> Stated:
    """Return what a Word report states.

    Parameters
    ----------
    data, where
        The file's bytes, and what messages call it.
    ids
        Ids by the bookmarks that carry them.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    package = Package(data, where, "a Word document")
    stated, reader = Stated(), _Word(ids)
    for element in package.parse("word/document.xml").iter():
        reader.take(element)
    stated.texts = {one: fold("".join(parts)) for one, parts in reader.texts.items()}
    stated.rest = [("text without an id", line) for line in map(fold, "".join(reader.rest).split("\n")) if line]
    targets = {one.get("Id"): one.get("Target") for one in package.parse("word/_rels/document.xml.rels")}
    for figure, (alt, relation) in enumerate(reader.figures, 1):
        name = f"word/{targets.get(relation)}"
        stated.texts[f"picture {figure}:alt"] = fold(alt)
        stated.pictures[f"picture {figure}"] = package.read(name) if package.has(name) else b""
    for name in sorted(package.names):
        if name.endswith((".xml", ".rels")) and name != "word/document.xml":
            text = " ".join(map(str, package.parse(name).itertext())) if "/header" in name or "/footer" in name else ""
            stated.rest.append((name, fold(text) or digest(package.read(name))))
    return stated


class _Word:
    """Collects the text of a document by the bookmarks around it."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self.ids = ids
        self.open: dict[str, str] = {}
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.rest: list[str] = []
        self.figures: list[tuple[str, str]] = []
        self.alt = ""

    def take(self, element: etree._Element) -> None:
        tag = element.tag
        if tag == f"{_W}bookmarkStart" and str(element.get(f"{_W}name")).startswith("_N"):
            name = str(element.get(f"{_W}name"))
            self.open[str(element.get(f"{_W}id"))] = self.ids.get(name, name)
            self.texts[self.ids.get(name, name)] += []
        elif tag == f"{_W}bookmarkEnd":
            self.open.pop(str(element.get(f"{_W}id")), None)
        elif tag == f"{_W}t":
            self._write(element.text or "")
        elif tag in {f"{_W}br", f"{_W}tab"}:
            self._write(" ")
        elif tag == f"{_W}p":
            self._write(" " if self.open else "\n")
        elif tag == _DRAWN:
            self.alt = str(element.get("descr", ""))
        elif tag == _BLIP:
            self.figures.append((self.alt, str(element.get(f"{_R}embed"))))

    def _write(self, text: str) -> None:
        for one in self.open.values():
            self.texts[one].append(text)
        if not self.open:
            self.rest.append(text)


# ---- Excel


def read_workbook(data: bytes, where: str) -> dict[tuple[str, int, int], str]:
    """Return every cell of a workbook by sheet, line and column, counted from 0; numbers as they are stored.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    package = Package(data, where, "an Excel workbook")
    targets = {one.get("Id"): str(one.get("Target")) for one in package.parse("xl/_rels/workbook.xml.rels")}
    shared: list[str] = []
    if package.has("xl/sharedStrings.xml"):
        items = package.parse("xl/sharedStrings.xml").iter(f"{_S}si")
        shared = ["".join(part.text or "" for part in one.iter(f"{_S}t")) for one in items]
    cells = {}
    for sheet in package.parse("xl/workbook.xml").iter(f"{_S}sheet"):
        target = targets.get(sheet.get(f"{_R}id"), "").removeprefix("/xl/")
        for one in package.parse(f"xl/{target}").iter(f"{_S}c"):
            line, column = _place(str(one.get("r")), where)
            cells[str(sheet.get("name")), line, column] = _value(one, shared, where)
    return cells


def _place(name: str, where: str) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", name)
    if found is None:
        raise SourceError("The workbook is damaged: a cell has no place.", where, "Get the file again")
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _value(cell: etree._Element, shared: list[str], where: str) -> str:
    if cell.find(f"{_S}f") is not None:  # never in a workbook of ours, and its stored value says nothing
        return f"={cell.findtext(f'{_S}f')}"
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_S}t"))
    value = cell.findtext(f"{_S}v") or ""
    if cell.get("t") != "s":
        return value
    if not value.isdecimal() or int(value) >= len(shared):
        raise SourceError("The workbook is damaged: a cell has no text.", where, "Get the file again")
    return shared[int(value)]


# ---- HTML


def read_page(data: bytes) -> Stated:
    """Return what a page states; ``data-n`` carries the ids, in tables of rows and of columns."""
    reader = _Page()
    reader.feed(data.decode("utf-8", "replace"))
    reader.close()
    stated = reader.stated
    stated.texts = {one: fold(text) for one, text in stated.texts.items()}
    stated.rest = [(place, fold(text)) for place, text in stated.rest if text.strip()]
    return stated


_EMPTY = {"meta", "link", "img", "br", "input", "hr", "source", "rect", "path", "use", "circle", "line"}
_TOLD = {"data-title", "href", "aria-label", "content", "value", "width", "x", "y", "height"}


class _Page(HTMLParser):
    """Collects the texts of a page by the nearest id above them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stated = Stated()
        self.stack: list[tuple[str, str]] = []
        self.place = ["page"]
        self.table, self.row, self.column = "", "", 0
        self.columns: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        number = self._number(tag, told)
        if "id" in told:
            self.place.append(told["id"])
        if tag == "img":
            self._picture(told)
        for name in sorted(_TOLD & told.keys()):
            self.stated.rest.append((f"{self.place[-1]}, {name} of {tag}", told[name]))
        if tag not in _EMPTY:
            self.stack.append((tag, number))
        if number:
            self.stated.texts.setdefault(number, "")

    def _number(self, tag: str, told: dict[str, str]) -> str:
        """Return the id of an element; that of a cell is made of table, row and column."""
        if tag == "table":
            self.table, self.columns, self.row = self.place[-1], [], ""
        key = told.get("data-n", "")
        if tag == "tr" and self.table:
            self.row, self.column = key, 0
            return ""
        if tag in {"td", "th"} and self.table:
            if key and not self.row:
                self.columns.append(key)
                return f"{self.table}:head/{key}"
            self.column += 1
            is_known = self.row and self.column <= len(self.columns)
            return f"{self.table}/{self.row}/{self.columns[self.column - 1]}" if is_known else ""
        return key

    def _picture(self, told: dict[str, str]) -> None:
        self.stated.texts[f"{self.place[-1]}:alt"] = told.get("alt", "")
        data = told.get("src", "").partition("base64,")[2]
        try:
            self.stated.pictures[self.place[-1]] = b64decode(data, validate=True)
        except ValueError:
            self.stated.pictures[self.place[-1]] = data.encode()

    def handle_endtag(self, tag: str) -> None:
        if not any(name == tag for name, _ in self.stack):
            return
        while self.stack and self.stack.pop()[0] != tag:
            pass
        if tag == "table":
            self.table = ""

    def handle_data(self, data: str) -> None:
        number = next((one for _, one in reversed(self.stack) if one), "")
        if number:
            self.stated.texts[number] += data
        else:
            self.stated.rest.append((self.place[-1], data))


# ---- text formats


def read_table(data: bytes, name: str) -> dict[str, str]:
    """Return every cell of a CSV file by the file's name, its row and its column.

    Raises
    ------
    SourceError
        If it is no table.
    """
    table = read_sheet(data, name=name, error=SourceError)
    heads = number_keys(key_of_head(head) if head else "column" for head in table.header)
    rows = [cells for _, cells in table.rows]
    firsts = [cells[0] if cells else "" for cells in rows]
    keys = firsts if len(set(firsts)) == len(firsts) else [str(line) for line in range(2, len(rows) + 2)]
    found = {f"{name}:head/{head}": cell for head, cell in zip(heads, table.header, strict=True)}
    for key, cells in zip(keys, rows, strict=True):
        padded = number_keys([*heads, *["more"] * (len(cells) - len(heads))])
        found |= {f"{name}/{key}/{head}": cell for head, cell in zip(padded, cells, strict=False)}
    return found


def read_facts(data: bytes, where: str) -> dict[str, str]:
    """Return every value of ``run.json`` by its keys.

    Raises
    ------
    SourceError
        If it is none.
    """
    try:
        facts = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            "The record of the report cannot be read: it is not JSON.", where, "Get the file again"
        ) from error
    return dict(_leaves(facts, ""))


def _leaves(value: Any, path: str) -> Iterable[tuple[str, str]]:
    """Yield what a JSON value holds, by the keys that lead there, without going down as deep as a stranger likes."""
    waiting = [(path, value)]
    while waiting:
        at, one = waiting.pop()
        if isinstance(one, dict):
            waiting += [(f"{at}/{key}" if at else str(key), below) for key, below in one.items()]
        elif isinstance(one, list):
            waiting += [(f"{at}/{place}", below) for place, below in enumerate(one, 1)]
        else:
            yield at, "" if one is None else str(one)


def read_markdown(data: bytes) -> list[list[str]]:
    """Return the lines of a Markdown file as a person reads them; that of a table is a list of cells."""
    lines = data.decode("utf-8", "replace").splitlines()
    return [
        [fold(unescape_markdown(cell)) for cell in re.split(r"(?<!\\)\|", line.strip("| "))]
        if line.startswith("| ")
        else [fold(unescape_markdown(line))]
        for line in lines
    ]


def read_latex(data: bytes) -> list[list[str]]:
    """Return the lines of a LaTeX file as a person reads them; that of a table is a list of cells."""
    lines = data.decode("utf-8", "replace").splitlines()
    return [
        [fold(unescape_latex(cell)) for cell in re.split(r" & ", line.removesuffix(r" \\"))]
        if line.endswith(r" \\")
        else [fold(unescape_latex(line))]
        for line in lines
    ]


# ---- drawings


@dataclass(frozen=True, slots=True)
class Shape:
    """An element of a drawing: its tag and attributes, its text, and the rectangle that it takes, in points."""

    tag: str
    told: tuple[tuple[str, str], ...]
    text: str
    box: tuple[float, float, float, float] | None


_COORDINATE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?")


def read_drawing(data: bytes, where: str) -> list[Shape]:
    """Return the elements of an SVG file in their order.

    Raises
    ------
    SourceError
        If it is no SVG, or declares entities.
    """
    from lxml import etree

    if b"<!ENTITY" in data.replace(b"\0", b""):
        raise SourceError("The drawing declares entities.", where, "Get the file again")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError("The drawing is damaged.", where, "Get the file again") from error
    return [_shape(one) for one in root.iter() if isinstance(one.tag, str)]


def _shape(element: etree._Element) -> Shape:
    told = {str(name): str(value) for name, value in element.attrib.items()}
    path = [float(one) for one in _COORDINATE.findall(told.get("d", ""))]
    box = (min(path[::2]), min(path[1::2]), max(path[::2]), max(path[1::2])) if path and not len(path) % 2 else None
    if box is None and {"x", "y"} <= told.keys():
        x, y = (float(one) if _COORDINATE.fullmatch(one) else 0.0 for one in (told["x"], told["y"]))
        box = (x, y, x, y)
    tag = str(element.tag).rpartition("}")[2]
    return Shape(tag, tuple(sorted(told.items())), fold(element.text or ""), box)
