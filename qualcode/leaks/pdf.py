"""Text, notes and properties of a PDF, read by pypdf where it is installed."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

from qualcode.errors import MissingDependencyError
from qualcode.leaks.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

PDF = b"%PDF-"


def read_pdf(data: bytes) -> Iterator[Piece]:
    """Yield pages, notes, properties, bookmarks, form fields and the names of attached files of a PDF.

    Raises
    ------
    MissingDependencyError
        If pypdf is not installed.
    ValueError
        If it cannot be read: it is damaged or encrypted, or a page has no text but pictures, such as a scan.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as error:
        message = "A PDF cannot be looked through without pypdf."
        raise MissingDependencyError(message, hint="pip install 'qualcode[pdf]'") from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("it is encrypted")
        yield from _read_properties(reader)
        blind = []
        for number, page in enumerate(reader.pages, start=1):
            words = page.extract_text() or ""
            yield Piece(f"page {number}", words)
            yield from _read_notes(page, number)
            if not words.strip() and "/XObject" in (page.get("/Resources") or {}):
                blind.append(str(number))
    except (PyPdfError, KeyError, TypeError, AttributeError, IndexError, RecursionError, NotImplementedError) as error:
        raise ValueError(f"it is damaged ({type(error).__name__})") from error
    if blind:
        raise ValueError(f"page {', '.join(blind[:5])} holds pictures and no text, as scans do")


def _read_properties(reader: Any) -> Iterator[Piece]:
    for key, value in (reader.metadata or {}).items():
        yield Piece(f"properties ({str(key).lstrip('/')})", str(value), "names" if "Date" in str(key) else "all")
    xmp = reader.trailer["/Root"].get("/Metadata")
    if xmp is not None:
        from qualcode.leaks.markup import read_markup

        for piece in read_markup(xmp.get_object().get_data().decode("utf-8", "replace"), every_element=True):
            yield Piece(f"properties (XMP), {piece.place}", piece.text, "names")
    for one in _flatten(reader.outline):
        yield Piece("bookmarks", str(getattr(one, "title", "")))
    for name, value in (reader.get_fields() or {}).items():
        yield Piece("form fields", f"{name}: {value.get('/V', '')}")
    for name in reader.attachments:
        yield Piece("attached files", f"{name}")


def _flatten(found: Any) -> Iterator[Any]:
    for one in found:
        if isinstance(one, list):
            yield from _flatten(one)
        else:
            yield one


def _read_notes(page: Any, number: int) -> Iterator[Piece]:
    for note in page.get("/Annots") or ():
        told = note.get_object()
        for key in ("/Contents", "/T", "/Subj"):
            if told.get(key):
                yield Piece(f"page {number}, a note", str(told[key]))
        link = told.get("/A")
        uri = link.get_object().get("/URI") if link is not None else None
        if uri:
            yield Piece(f"page {number}, a link", str(uri))
