"""Word documents: every word that Word shows, in the order in which it is read.

The main part is parsed by lxml, set right in a few passes that touch only the odd elements (deletions, hidden
text, text boxes …), and then walked once over the elements that carry text. The package is opened by
:class:`~qualcode.sources.packages.Package` and not by python-docx, which loads every image first and refuses
strict OOXML, dangling relationships and packages whose parts it does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qualcode.errors import Problem, SourceError
from qualcode.model import canonical_text
from qualcode.sources.blocks import Reading, TextBlock, clean_text
from qualcode.sources.chunks import put_in_chunks
from qualcode.sources.packages import Package, main_part, relationships

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V: Final = "{urn:schemas-microsoft-com:vml}"
_O: Final = "{urn:schemas-microsoft-com:office:office}"

_P, _R, _T, _TAB = _W + "p", _W + "r", _W + "t", _W + "tab"
_TC, _TR, _BODY = _W + "tc", _W + "tr", _W + "body"
_VAL = _W + "val"
_FIELD, _KIND = _W + "fldChar", _W + "fldCharType"

WORD, PARAGRAPH, TEXT = _W, _P, _T

# What stands for one character in a run.
_SIGNS: Final = {
    _TAB: "\t",
    _W + "ptab": "\t",
    _W + "br": "\n",
    _W + "cr": "\n",
    _W + "noBreakHyphen": "-",
}
_WORDS: Final = (_T, _M + "t")
_TEXTS: Final = (_P, *_WORDS, _W + "sym", *_SIGNS)

# Elements with everything in them that is not part of what is read, and what the report calls them.
_DROPPED: Final = {
    _W + "del": "deletions",
    _W + "moveFrom": "moved text at its old place",
    _W + "rt": "ruby readings",
    _MC + "Fallback": "",
    _W + "pPrChange": "",
    _W + "rPrChange": "",
    _W + "tabs": "",
}
_COUNTED: Final = {
    _A + "blip": "images",
    _V + "imagedata": "images",
    _W + "altChunk": "embedded documents",
    _W + "subDoc": "embedded documents",
    _W + "object": "embedded objects",
}
_OFF: Final = frozenset({"0", "false", "off", "none"})

# Symbol fonts put their signs in the private use area; the ones that Word's AutoCorrect makes.
_SYMBOLS: Final = {"F04A": "☺", "F04B": "😐", "F04C": "☹", "F0E0": "→", "F0DF": "←", "F0E8": "➔", "F0F3": "⇔"}

_NOTES: Final = {"footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}
_SEPARATORS: Final = frozenset({"separator", "continuationSeparator", "continuationNotice"})


class Document:
    """A Word document's package, opened, with its main part made ready for the walk.

    Parameters
    ----------
    data
        The file's bytes.
    where
        The file's path, for error texts.

    Raises
    ------
    SourceError
        If the package or its main part cannot be read.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self.package = Package(data, where, "a Word document")
        main = main_part(self.package)
        root = self.package.parse(main)
        bodies = _bodies(root)
        if not bodies:
            raise SourceError(f"{main} is not a Word document: it has no body.", where, "Save it again as .docx")
        body = self.body = bodies[0] if len(bodies) == 1 else root
        self.left_out: dict[str, int] = {}
        self.related = _related_parts(self.package, main)
        put_in_chunks(body, self.package, main)
        _prepare(body, _hidden_styles(self.package, self.related), self.left_out)

    def blocks(self) -> list[TextBlock]:
        """Return the paragraphs and table rows."""
        return [_block(text, bold, self.left_out) for text, bold in _walk(self.body, self.left_out)]

    def parts(self, kind: str) -> Iterator[Element]:
        """Yield the roots of the readable parts of a kind beside the main one, such as ``comments``."""
        return _parts(self.package, self.related, kind)


def read_docx(data: bytes, where: str) -> Reading:
    """Return the paragraphs and table rows of a Word document.

    Raises
    ------
    SourceError
        If the package or its main part cannot be read.
    """
    document = Document(data, where)
    left_out = document.left_out
    blocks = document.blocks()
    problems = _count_beside(document.package, document.related, left_out)
    if n := left_out.get("embedded documents"):
        message = f"The document embeds {n} other document(s), which were not read."
        problems.append(Problem(where, "warning", "embedded-documents", message, "Paste their text into the document"))
    return Reading(blocks, left_out=left_out, problems=problems)


# ---- the parts of the package


def _bodies(root: Element) -> list[Element]:
    """Return the bodies of a document; what has nothing beside them, as most do, need not be searched for others."""
    children = list(root)
    is_searched = not children or any(child.tag != _BODY for child in children)
    return list(root.iter(_BODY)) if is_searched else children


def _related_parts(package: Package, main: str) -> dict[str, list[str]]:
    """Return the names of the existing parts beside the main one, by kind."""
    related: dict[str, list[str]] = {}
    try:
        for found in relationships(package, main):
            if package.has(found.target):
                related.setdefault(found.kind, []).append(found.target)
    except SourceError:
        # Only what is reported depends on this listing; the words are in the main part.
        return {}
    return related


def _hidden_styles(package: Package, related: dict[str, list[str]]) -> frozenset[str]:
    """Return the ids of the styles that hide text, with those based on them."""
    hidden: set[str] = set()
    for name in related.get("styles", ()):
        if b"vanish" not in package.read(name):
            continue
        bases: dict[str, str] = {}
        for style in package.parse(name).iter(_W + "style"):
            style_id = style.get(_W + "styleId", "")
            base = style.find(_W + "basedOn")
            bases[style_id] = base.get(_VAL, "") if base is not None else ""
            if any(_is_on(mark) for mark in style.iterfind(f"{_W}rPr/{_W}vanish")):
                hidden.add(style_id)
        for _ in bases:
            more = {style_id for style_id, base in bases.items() if base in hidden} - hidden
            if not more:
                break
            hidden |= more
    return frozenset(hidden)


def _count_beside(package: Package, related: dict[str, list[str]], left_out: dict[str, int]) -> list[Problem]:
    """Count notes, comments and headers, which stand in parts of their own."""
    problems = []
    for kind, element in _NOTES.items():
        notes = [_text_of(note) for part in _parts(package, related, kind) for note in part.iter(_W + element)
                 if note.get(_W + "type") not in _SEPARATORS]  # fmt: skip
        if words := [note for note in notes if note.strip()]:
            left_out[kind] = len(words)
            kept = "; they are kept beside it" if kind == "comments" else ""
            message = f"Left out of the transcript: {kind} ({len(words)}){kept}."
            hint = "Those that name a code become codings: qualcode import-codings FILE" if kind == "comments" else ""
            problems.append(Problem(package.where, "note", f"{kind}-left-out", message, hint))
    for kind, plural in (("header", "headers"), ("footer", "footers")):
        if count := sum(1 for part in _parts(package, related, kind) if _text_of(part).strip()):
            left_out[plural] = count
    return problems


def _parts(package: Package, related: dict[str, list[str]], kind: str) -> Iterator[Element]:
    for name in related.get(kind, ()):
        try:
            yield package.parse(name)
        except SourceError:
            # A broken part beside the text costs a figure of the report, not the transcript.
            continue


def _text_of(element: Element) -> str:
    return "".join(text.text or "" for text in element.iter(_T))


# ---- setting the tree right before the walk


def _prepare(body: Element, hidden_styles: frozenset[str], left_out: dict[str, int]) -> None:
    """Take out of the tree what is not read, and put text boxes where they are read: after their paragraph."""
    for element in list(body.iter(*_COUNTED)):
        if not _is_inside(element, _MC + "Fallback"):
            _count(left_out, _COUNTED[str(element.tag)])
    for element in body.iter(_O + "OLEObject"):
        if element.get("ProgID", "").startswith("Word."):
            _count(left_out, "embedded documents")
    for element in list(body.iter(*_DROPPED)):
        _drop(element, left_out)
    _drop_placeholders(body, left_out)
    _drop_hidden(body, hidden_styles, left_out)
    for box in list(body.iter(_W + "txbxContent")):
        _move_behind_paragraph(box)
    for fields in list(body.iter(_W + "ddList")):
        _write_choice(fields)
    for box in list(body.iter(_W + "checkBox")):
        _write_check(box)


def _drop(element: Element, left_out: dict[str, int]) -> None:
    kind = _DROPPED[str(element.tag)]
    parent = element.getparent()
    if parent is None:
        return
    if parent.tag == _W + "rPr" and element.tag in {_W + "del", _W + "moveFrom"}:
        # The mark of a deleted paragraph end: the paragraph runs on in the next one.
        _mark_joined(parent)
        return
    if parent.tag == _W + "trPr" and element.tag == _W + "del":
        row = parent.getparent()
        if row is not None:
            _count(left_out, "deletions")
            _remove(row)
        return
    if kind and next(element.iter(_T, _W + "delText", _M + "t"), None) is not None:
        _count(left_out, kind)
    _remove(element)


def _mark_joined(properties: Element) -> None:
    holder = properties.getparent()
    paragraph = holder.getparent() if holder is not None and holder.tag == _W + "pPr" else None
    if paragraph is not None and paragraph.tag == _P:
        paragraph.set("joined", "next")


def _drop_placeholders(body: Element, left_out: dict[str, int]) -> None:
    """Drop what a content control shows while nobody has filled it in."""
    for mark in list(body.iter(_W + "showingPlcHdr")):
        properties = mark.getparent()
        control = properties.getparent() if properties is not None else None
        content = control.find(_W + "sdtContent") if control is not None else None
        if content is None or not _is_on(mark):
            continue
        shown = [text for text in content.iter(_T) if (text.text or "").strip() and _control_of(text) is control]
        for text in shown:
            text.text = None
        if shown:
            _count(left_out, "placeholders")


def _control_of(element: Element) -> Element | None:
    return next(element.iterancestors(_W + "sdt"), None)


def _drop_hidden(body: Element, hidden_styles: frozenset[str], left_out: dict[str, int]) -> None:
    for mark in list(body.iter(_W + "vanish")):
        run = _grandparent(mark)
        if run is not None and run.tag == _R and _is_on(mark):
            _drop_run(run, left_out)
    if not hidden_styles:
        return
    for style in list(body.iter(_W + "rStyle", _W + "pStyle")):
        if style.get(_VAL) in hidden_styles and (holder := _grandparent(style)) is not None:
            for run in [holder] if holder.tag == _R else list(holder.iter(_R)):
                _drop_run(run, left_out)


def _drop_run(run: Element, left_out: dict[str, int]) -> None:
    if next(run.iter(_T), None) is not None:
        _count(left_out, "hidden text")
    _remove(run)


def _move_behind_paragraph(box: Element) -> None:
    """Move a text box's paragraphs behind the paragraph that anchors it, so that neither cuts the other."""
    anchor = box.getparent()
    while anchor is not None and anchor.tag != _P:
        anchor = anchor.getparent()
    if anchor is None:
        return
    for child in reversed(list(box)):
        anchor.addnext(child)


def _write_choice(choices: Element) -> None:
    """Write the chosen entry of a drop-down field of an old form as text."""
    entries = [entry.get(_VAL, "") for entry in choices.iterfind(_W + "listEntry")]
    result = choices.find(_W + "result")
    chosen = result.get(_VAL, "0") if result is not None else "0"
    if chosen.isdecimal() and int(chosen) < len(entries):
        choices.tag, choices.text = _T, entries[int(chosen)]


def _write_check(box: Element) -> None:
    """Write a check box of an old form as the sign that Word shows."""
    marks = [box.find(_W + key) for key in ("checked", "default")]
    mark = next((mark for mark in marks if mark is not None), None)
    parent = box.getparent()
    if parent is not None and parent.tag == _W + "ffData":
        box.text = "☒" if mark is not None and _is_on(mark) else "☐"
        box.tag = _T


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _grandparent(element: Element) -> Element | None:
    parent = element.getparent()
    return parent.getparent() if parent is not None else None


def _is_inside(element: Element, tag: str) -> bool:
    return next(element.iterancestors(tag), None) is not None


def _is_on(mark: Element) -> bool:
    return mark.get(_VAL, "true").lower() not in _OFF


def _count(left_out: dict[str, int], kind: str) -> None:
    left_out[kind] = left_out.get(kind, 0) + 1


# ---- the walk


class _Paragraphs:
    """Collects paragraphs into blocks: one a block, those of one table row together."""

    def __init__(self) -> None:
        self.blocks: list[tuple[str, str]] = []
        self._pieces: list[str] = []
        self._bold: list[str] = []
        self._is_bold = False
        self._row: Element | None = None
        self._cells: tuple[Element | None, Element | None] = (None, None)
        self._is_joined = False

    def begin(self, paragraph: Element) -> None:
        """Begin a paragraph; it ends the block before it unless both stand in one row of a table."""
        cell = next(paragraph.iterancestors(_TC), None) if _may_be_in_cell(paragraph) else None
        cells = list(paragraph.iterancestors(_TC)) if cell is not None else []
        outer = cells[-1] if cells else None
        row = next(outer.iterancestors(_TR), None) if outer is not None else None
        if self._is_joined:
            pass
        elif row is None or row is not self._row:
            self.end()
        elif cell is self._cells[0]:
            self.add("\n") if _n_cells(row) > 1 else self.end()
        else:
            self.add(self._between(row, cell, outer))
        self._row, self._cells = row, (cell, outer)
        self._is_joined = paragraph.get("joined") is not None
        if not self._pieces:
            self._is_bold = True
            self._pieces.append("")

    def _between(self, row: Element, cell: Element | None, outer: Element | None) -> str:
        """Return what parts two cells; those of a table in one cell of several are all words of that cell."""
        if outer is not self._cells[1]:
            return "\t"
        if _row_of(cell) is not _row_of(self._cells[0]):
            return "\n"
        return " " if sum(1 for one in row.iter(_TC) if _row_of(one) is row) > 1 else "\t"

    def add(self, text: str, element: Element | None = None) -> None:
        """Add text to the paragraph, with the element that it is from."""
        self._pieces.append(text)
        if self._is_bold:  # from the start of the block as far as it goes without a gap; blanks are no gap
            self._is_bold = not text.strip() or (element is not None and _is_bold(element.getparent()))
            if self._is_bold:
                self._bold.append(text)

    def end(self) -> None:
        """End the block."""
        if self._pieces:
            self.blocks.append(("".join(self._pieces), "".join(self._bold)))
        self._pieces, self._bold, self._is_bold = [], [], False


class _Fields:
    """Knows whether the walk is inside the instruction of a field, of which Word shows the result only.

    A field may stand in the instruction of another. Where their marks do not pair, nothing is hidden.
    """

    def __init__(self, body: Element) -> None:
        kinds = [mark.get(_KIND) for mark in body.iter(_FIELD)]
        self._are_paired = kinds.count("begin") == kinds.count("end")
        self._is_result: list[bool] = []

    @property
    def is_hidden(self) -> bool:
        """Whether what stands here is not shown."""
        return self._are_paired and not all(self._is_result)

    def meet(self, mark: Element) -> None:
        """Take notice of a mark at which a field begins, turns to its result, or ends."""
        kind = mark.get(_KIND)
        if kind == "begin":
            self._is_result.append(False)
        elif kind == "separate" and self._is_result:
            self._is_result[-1] = True
        elif kind == "end" and self._is_result:
            self._is_result.pop()


def _walk(body: Element, left_out: dict[str, int]) -> list[tuple[str, str]]:
    """Return the text of each block and the part of it that leads in bold."""
    paragraphs = _Paragraphs()
    fields = _Fields(body)
    is_hidden = False
    for element in body.iter(*_TEXTS, _FIELD):
        tag = element.tag
        if tag == _P:
            paragraphs.begin(element)
        elif tag == _FIELD:
            fields.meet(element)
            is_hidden = fields.is_hidden
        elif not is_hidden or _is_choice(element):
            text = element.text if tag in _WORDS else _sign(element, left_out)
            if text:
                paragraphs.add(text, element)
    paragraphs.end()
    return paragraphs.blocks


def _is_choice(element: Element) -> bool:
    """Tell whether a text is an entry or a check box of an old form, which is written where the field begins."""
    parent = element.getparent()
    return parent is not None and parent.tag == _W + "ffData"


def _may_be_in_cell(paragraph: Element) -> bool:
    parent = paragraph.getparent()
    return parent is not None and parent.tag != _BODY


def _row_of(cell: Element | None) -> Element | None:
    return next(cell.iterancestors(_TR), None) if cell is not None else None


def _n_cells(row: Element) -> int:
    return sum(1 for _ in row.iter(_TC))


def _is_bold(run: Element | None) -> bool:
    properties = run.iterchildren(_W + "rPr") if run is not None else ()
    mark = next((mark for one in properties for mark in one.iterchildren(_W + "b")), None)
    return mark is not None and _is_on(mark)


def _sign(element: Element, left_out: dict[str, int]) -> str:
    """Return the character that an element stands for."""
    if element.tag in _SIGNS:
        return _SIGNS[str(element.tag)]
    code = element.get(_W + "char", "").upper()
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    try:
        sign = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    if "\ue000" <= sign <= "\uf8ff":
        _count(left_out, "symbols")
        return ""
    return sign


def _block(text: str, bold: str, left_out: dict[str, int]) -> TextBlock:
    text, bold = clean_text(text, left_out), canonical_text(bold)
    return TextBlock(text, len(bold) if text.startswith(bold) else 0)
