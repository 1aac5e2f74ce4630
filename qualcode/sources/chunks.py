"""Documents inside a Word document (``altChunk``): other formats that Word shows where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qualcode.errors import SourceError
from qualcode.sources.decoding import decode
from qualcode.sources.packages import Package, main_part, relationships

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHUNK: Final = _W + "altChunk"
_BLOCKS: Final = frozenset(
    {"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "br", "blockquote", "pre", "table", "dt", "dd"}
)
_SILENT: Final = frozenset({"head", "script", "style", "title", "template"})
_PROBE: Final = 1000


def put_in_chunks(body: Element, package: Package, main: str) -> None:
    """Put the words of documents inside a document where they stand; those that cannot be read stay as they are.

    Parameters
    ----------
    body
        The body of the document, which is changed.
    package, main
        Its package, and the name of its main part.
    """
    chunks = list(body.iter(_CHUNK))
    if not chunks:
        return
    parts = {found.id: found.target for found in relationships(package, main)}
    for chunk in chunks:
        try:
            # The namespace of the id is another one in strict files.
            name = next((value for key, value in chunk.items() if str(key).endswith("}id")), "")
            elements = _read(package.read(parts.get(str(name), "")), package.where)
        except SourceError:
            continue
        for element in elements:
            chunk.addprevious(element)
        parent = chunk.getparent()
        if elements and parent is not None:
            parent.remove(chunk)


def _read(data: bytes, where: str) -> list[Element]:
    """Return the paragraphs and tables of a document; none if its format is unknown."""
    if data.startswith(b"PK"):
        inner = Package(data, where, "a Word document")
        body = inner.parse(main_part(inner)).find(_W + "body")
        return [] if body is None else [child for child in body if child.tag != _W + "sectPr"]
    if data.startswith((b"{\\rtf", b"\xd0\xcf\x11\xe0", b"%PDF")):
        return []
    if b"mime-version:" in data[:_PROBE].lower():
        data = _html_of_mail(data)
    text, _, _ = decode(data, where, None) if data else ("", "", [])
    lines = _lines_of_html(text) if "<html" in text[:_PROBE].lower() or "<p" in text.lower() else text.split("\n")
    return [_paragraph(line) for line in lines if line.strip()]


def _html_of_mail(data: bytes) -> bytes:
    """Return the HTML of a web page that is stored as mail is, as Word does."""
    import email
    import email.policy

    message = email.message_from_bytes(data, policy=email.policy.default)
    part = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    payload = part.get_payload(decode=True) if part is not None else None
    return payload if isinstance(payload, bytes) else b""


def _lines_of_html(text: str) -> list[str]:
    from lxml import html

    root = html.document_fromstring(text.encode("utf-8"), html.HTMLParser(encoding="utf-8", no_network=True))
    pieces = "".join(_pieces(root))
    return [" ".join(line.split(" ")) for line in pieces.split("\x00")]


def _pieces(root: Element) -> Iterator[str]:
    """Yield the words of a page, with a sign where a block begins or ends; blanks are as a browser shows them."""
    from lxml import etree

    silent: Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            silent = element if silent is None and (tag in _SILENT or not tag) else silent
            yield "\x00" if tag in _BLOCKS else "\t" if tag in {"td", "th"} else ""
            yield "" if silent is not None else " ".join((element.text or "").split("\n"))
        else:
            silent = None if silent is element else silent
            yield "\x00" if tag in _BLOCKS else ""
            yield "" if silent is not None else " ".join((element.tail or "").split("\n"))


def _paragraph(line: str) -> Element:
    from lxml import etree

    paragraph = etree.Element(_W + "p")
    text = etree.SubElement(etree.SubElement(paragraph, _W + "r"), _W + "t")
    text.text = "".join(sign for sign in line.strip() if sign.isprintable() or sign == "\t")
    return paragraph
