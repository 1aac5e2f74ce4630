"""The comments of a Word document, with the passages that they mark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from qualcode.model import Comment, canonical_text
from qualcode.sources.docx import PARAGRAPH, TEXT, WORD, Document, read_docx

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from qualcode.sources.blocks import Reading

# Marks of the private use area, which stand in the text while it is walked and are taken out again.
_START: Final = "\ue0f0"
_END: Final = "\ue0f1"
_POINT: Final = "\ue0f2"
_MARK: Final = re.compile(f"([{_START}{_END}{_POINT}])([0-9-]+){_POINT}")
_MARKED: Final = {WORD + "commentRangeStart": _START, WORD + "commentRangeEnd": _END, WORD + "commentReference": _POINT}


def read_with_comments(data: bytes, where: str) -> Reading:
    """Return what a Word document holds, with its comments.

    Raises
    ------
    SourceError
        If the document cannot be read.
    """
    reading = read_docx(data, where)
    if "comments" in reading.left_out:
        reading.comments.extend(read_comments(data, where)[1])
    return reading


def read_comments(data: bytes, where: str) -> tuple[str, list[Comment]]:
    """Return the text of a Word document and its comments, in the order of its list of comments.

    Raises
    ------
    SourceError
        If the document cannot be read.
    """
    document = Document(data, where)
    for element in list(document.body.iter(*_MARKED)):
        element.text = f"{_MARKED[str(element.tag)]}{element.get(WORD + 'id', '')}{_POINT}"
        element.tag = TEXT
    text, starts, ends = _take_marks("\n".join(block.text for block in document.blocks()))
    comments = []
    for part in document.parts("comments"):
        for element in part.iter(WORD + "comment"):
            number = element.get(WORD + "id", "")
            place = (starts.get(number), ends.get(number))
            if None in place:
                place = (None, None)
            author = canonical_text(element.get(WORD + "author", "")).strip()
            comments.append(Comment(author, _text_of(element), *place, at=element.get(WORD + "date", "")))
    return text, comments


def _take_marks(marked: str) -> tuple[str, dict[str, int], dict[str, int]]:
    """Return a text without its marks, and where the passage of each comment starts and ends."""
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    pieces = []
    at = length = 0
    for mark in _MARK.finditer(marked):
        pieces.append(marked[at : mark.start()])
        length += mark.start() - at
        at = mark.end()
        if mark[1] in {_START, _POINT}:
            starts.setdefault(mark[2], length)
        if mark[1] in {_END, _POINT}:
            ends.setdefault(mark[2], length)
    return "".join((*pieces, marked[at:])), starts, ends


def _text_of(comment: Element) -> str:
    lines = ("".join(text.text or "" for text in paragraph.iter(TEXT)) for paragraph in comment.iter(PARAGRAPH))
    return canonical_text("\n".join(lines)).strip()
