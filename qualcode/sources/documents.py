"""Documents other than Word's: OpenDocument by our own walk, RTF through LibreOffice, PDF through pypdf."""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from qualcode.errors import Problem, SourceError
from qualcode.model import Comment, canonical_text
from qualcode.sources.blocks import Reading, TextBlock, clean_text
from qualcode.sources.docx import read_docx
from qualcode.sources.files import recognise
from qualcode.sources.packages import Package

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element as Element

_COMPARE: Final = "Compare the first turns with the original; a .docx file is read without loss"

# ---- OpenDocument

_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_DRAW: Final = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_ODT_DROPPED: Final = {
    _TEXT + "tracked-changes": "deletions",
    _TEXT + "note": "footnotes and endnotes",
    _OFFICE + "annotation": "comments",
    _TEXT + "ruby-text": "ruby readings",
    _OFFICE + "forms": "",
    _TEXT + "sequence-decls": "",
}
_MAX_BLANKS: Final = 1000
_MAX_DEPTH: Final = 200


def read_odt(data: bytes, where: str) -> Reading:
    """Return the paragraphs and table rows of an OpenDocument text.

    Raises
    ------
    SourceError
        If the package cannot be read.
    """
    package = Package(data, where, "an OpenDocument text")
    root = package.parse("content.xml")
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise SourceError("This OpenDocument file holds no text document.", where, "Save it as .docx")
    left_out: dict[str, int] = {}
    comments = [_odt_comment(element) for element in body.iter(_OFFICE + "annotation")]
    for element in list(body.iter(*_ODT_DROPPED)):
        _drop(element, left_out)
    if images := sum(1 for _ in body.iter(_DRAW + "image")):
        left_out["images"] = images
    blocks = [TextBlock(clean_text(text, left_out)) for text in _odt_blocks(body)]
    message = "Hidden text in OpenDocument files is read like any other text."
    problem = Problem(where, "note", "converted", message, _COMPARE)
    return Reading(blocks, left_out=left_out, problems=[problem], comments=comments)


def _odt_comment(element: Element) -> Comment:
    """Return who wrote what when; on which passage is not read."""
    texts = [_odt_text(paragraph) for paragraph in element.iter(_TEXT + "p")]
    author, at = (element.findtext(_DC + key) or "" for key in ("creator", "date"))
    return Comment(canonical_text(author).strip(), canonical_text("\n".join(texts)).strip(), at=at)


def _drop(element: Element, left_out: dict[str, int]) -> None:
    """Take an element out of the tree and leave the text behind it where it was."""
    parent = element.getparent()
    if parent is None:
        return
    if kind := _ODT_DROPPED[str(element.tag)]:
        count = sum(1 for _ in element.iter(_TEXT + "deletion")) if kind == "deletions" else 1
        if count:
            left_out[kind] = left_out.get(kind, 0) + count
    before = element.getprevious()
    tail = element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _odt_blocks(body: Element) -> Iterator[str]:
    for element in body.iter(_TEXT + "p", _TEXT + "h", _TABLE + "table-row"):
        holder = next(element.iterancestors(_TEXT + "p", _TEXT + "h", _TABLE + "table-row"), None)
        if holder is not None:
            continue  # a paragraph in a row, or in a text box of a paragraph: it came with that
        if element.tag == _TABLE + "table-row":
            cells = [cell for cell in element.iter(_TABLE + "table-cell") if _row_of(cell) is element]
            texts = ["\n".join(map(_odt_text, cell.iter(_TEXT + "p", _TEXT + "h"))) for cell in cells]
            yield from texts[0].split("\n") if len(texts) == 1 else ["\t".join(texts)]
        else:
            yield _odt_text(element)


def _row_of(cell: Element) -> Element | None:
    return next(cell.iterancestors(_TABLE + "table-row"), None)


def _odt_text(element: Element, depth: int = 0) -> str:
    """Return the text of a paragraph; that of a text box in it begins on a line of its own."""
    pieces = [element.text or ""]
    for child in element if depth < _MAX_DEPTH else ():
        if child.tag == _TEXT + "s":
            count = child.get(_TEXT + "c", "1")
            pieces.append(" " * min(int(count) if count.isdecimal() else 1, _MAX_BLANKS))
        elif child.tag == _TEXT + "tab":
            pieces.append("\t")
        elif child.tag == _TEXT + "line-break":
            pieces.append("\n")
        elif isinstance(child.tag, str):
            pieces.append("\n" if child.tag in {_TEXT + "p", _TEXT + "h"} else "")
            pieces.append(_odt_text(child, depth + 1))
        pieces.append(child.tail or "")
    return "".join(pieces)


# ---- RTF


_SECONDS = 120


def read_rtf(data: bytes, where: str) -> Reading:
    """Return the paragraphs of an RTF file, which LibreOffice turns into a Word document first.

    Raises
    ------
    SourceError
        If LibreOffice is not installed or cannot read it.
    """
    if not data.startswith(b"{\\rtf"):
        kind = recognise(data)
        what = f"it is {kind[0]}" if kind else "it does not start like one"
        raise SourceError(f"This is not an RTF file: {what}.", where, "Save it as .docx")
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise SourceError("Reading RTF needs LibreOffice, which is not installed.", where, "Save it as .docx")
    reading = read_docx(_convert(program, data, where), where)
    message = "LibreOffice converted the file; what its conversion lost is not known."
    reading.problems.append(Problem(where, "warning", "converted", message, _COMPARE))
    return reading


def _convert(program: str, data: bytes, where: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source.rtf")
        source.write_bytes(data)
        profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", "docx", "--outdir", folder, str(source)]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)  # noqa: S603  # no shell
            return Path(folder, "source.docx").read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise SourceError("LibreOffice could not convert the file.", where, "Save it as .docx") from error


# ---- PDF

_MAX_PAGES = 3000
_FULL_LINE = 0.7
_PAGE_NUMBER = re.compile(r"(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?", re.IGNORECASE)
_MIN_RUN = 2
_MIN_REPEATED = 20
_LABEL_ONLY = re.compile(r"[^:：]{1,40}[:：]")


def read_pdf(data: bytes, where: str) -> Reading:
    """Return the paragraphs of a PDF, as far as its lines tell them apart.

    Raises
    ------
    SourceError
        If pypdf is not installed, or the file is damaged, encrypted, or has no text but only pictures of it.
    """
    try:
        import pypdf  # noqa: F401  # only whether it is there
    except ImportError as error:
        message = "Reading PDF needs pypdf, which is not installed."
        raise SourceError(message, where, 'pip install "qualcode[pdf]", or save it as .docx') from error
    if not data.lstrip()[:1024].startswith(b"%PDF"):
        raise SourceError("This is not a PDF: it does not start like one.", where, "Export it again")
    left_out: dict[str, int] = {}
    pages = [_page_lines(clean_text(page, left_out), left_out) for page in _pdf_pages(data, where)]
    lines = _without_repeats(pages, left_out)
    if not lines:
        raise SourceError("The PDF holds no text, only images of text.", where, "Run text recognition first")
    message = "A PDF has lines but no paragraphs: paragraph ends were guessed, hyphens at line ends were kept."
    problem = Problem(where, "warning", "converted", message, _COMPARE)
    return Reading([TextBlock(text) for text in _join_full(lines)], left_out=left_out, problems=[problem])


def _pdf_pages(data: bytes, where: str) -> list[str]:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it mends, it mends
    try:
        document = pypdf.PdfReader(io.BytesIO(data))
        is_locked = document.is_encrypted and not document.decrypt("")
        pages = [] if is_locked else [page.extract_text() for page in document.pages[:_MAX_PAGES]]
        n_pages = 0 if is_locked else len(document.pages)
    except Exception as error:  # pypdf fails in its own ways on every kind of damage
        raise SourceError("The PDF is damaged or of an unknown kind.", where, "Export it again") from error
    if is_locked:
        raise SourceError("The PDF is encrypted with a password.", where, "Remove the password first")
    if n_pages > _MAX_PAGES:
        raise SourceError(f"The PDF has more than {_MAX_PAGES:,} pages.", where, "Split it into parts")
    return pages


def _without_repeats(pages: Sequence[list[str]], left_out: dict[str, int]) -> list[str]:
    """Return all lines; one that a page break cut is written on both pages by browsers and kept once."""
    lines: list[str] = []
    for page in pages:
        n = next((n for n in (4, 3, 2, 1) if page[:n] == lines[-n:] and len("".join(page[:n])) >= _MIN_REPEATED), 0)
        if n:
            left_out["lines repeated at page breaks"] = left_out.get("lines repeated at page breaks", 0) + n
        lines += page[n:]
    return lines


def _page_lines(page: str, left_out: dict[str, int]) -> list[str]:
    """Return the lines of a page without its number and without the numbers in its margin."""
    lines = [" ".join(line.split()) for line in page.split("\n")]
    lines = [line for line in lines if line]
    for at in (0, -1):
        if lines and _PAGE_NUMBER.fullmatch(lines[at]):
            # The margin's numbers may stand at the end, one after another: those are taken below.
            if at == -1 and len(lines) > 1 and lines[-2].isdecimal():
                continue
            lines.pop(at)
            left_out["page numbers"] = left_out.get("page numbers", 0) + 1
    run = 0
    while run < len(lines) and lines[-1 - run].isdecimal():
        run += 1
    numbers = [int(line) for line in lines[len(lines) - run :]]
    if run >= _MIN_RUN and all(other == one + 1 for one, other in pairwise(numbers)):
        left_out["line numbers"] = left_out.get("line numbers", 0) + run
        del lines[len(lines) - run :]
    return lines


def _join_full(lines: Sequence[str]) -> Iterator[str]:
    """Join a line to the next while it is full, and a label to the speech under it."""
    width = sorted(map(len, lines))[int(len(lines) * 0.95)] if lines else 0
    block: list[str] = []
    for line in lines:
        block.append(line)
        is_label = len(block) == 1 and _LABEL_ONLY.fullmatch(line)
        if len(line) < _FULL_LINE * width and not is_label:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)
