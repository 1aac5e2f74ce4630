"""The XML of exchange files, read by local names, without what could reach outside of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<!DOCTYPE", re.DOTALL)
_HEAD = 100_000


def parse(data: bytes, where: str) -> etree._Element:
    """Return the root of an XML document.

    Raises
    ------
    SourceError
        If it cannot be read, is nested deeper than any codebook, or has a document type, which could reach outside.
    """
    from lxml import etree

    if _PROLOG.match(_decode_head(data)):
        message = "The file declares a document type, which no REFI-QDA file does and which could reach outside of it."
        raise SourceError(message, where, "Do not use the file unless you know where it comes from")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(*_tell(error, where)) from error
    except (ValueError, LookupError) as error:
        raise SourceError(f"The file is not XML: {error}.", where, "Check that it is the right file") from error
    return root


def _decode_head(data: bytes) -> str:
    head = data[:_HEAD]
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return head.decode("utf-16", "replace")
    if head[1:2] == b"\0" or head[:1] == b"\0":
        return head.replace(b"\0", b"").decode("latin-1")
    return head.decode("utf-8", "replace").removeprefix("\ufeff")


def _tell(error: etree.XMLSyntaxError, where: str) -> tuple[str, str, str]:
    line = error.lineno or 0
    place = f"{where}, line {line}" if line else where
    if "xcessive depth" in str(error):
        return "The file is nested deeper than 256 levels.", place, "No codebook is: look whether it is the right file"
    if "huge" in str(error).casefold() or "too long" in str(error).casefold():
        return "A text in the file is longer than 10 MB.", place, "Export the project with its texts as files"
    reason = re.sub(r", line \d+, column \d+.*", "", error.msg or "").strip()
    return f"The file is not complete XML: {reason}.", place, "Export it again, or copy it again from where it lies"


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace; ``""`` of a comment."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Yield the elements right below one, of some names."""
    for child in element:
        if local(child) in names:
            yield child


def child(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first element of a name right below one."""
    return next(children(element, name), None)


def text_of(element: etree._Element | None) -> str:
    """Return all text in an element; ``""`` for none."""
    return "" if element is None else "".join(map(str, element.itertext()))


def guid_of(value: str | None) -> str:
    """Return a GUID in the form in which two of them are compared."""
    return (value or "").strip().strip("{}").strip().lower()


def attribute(element: etree._Element, *names: str) -> str:
    """Return the first attribute of some names that is there."""
    return next((str(value) for name in names if (value := element.get(name))), "")


def target(element: etree._Element) -> str:
    """Return to what a reference refers."""
    return guid_of(attribute(element, "targetGUID", "guid"))


def find_all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the elements of a name anywhere in another one."""
    for element in root.iter():
        if local(element) == name:
            yield element
