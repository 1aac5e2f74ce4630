"""A Word document of the author's own as the ground of a report: its styles, its page, its headers."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from qualcode.errors import OutputError
from qualcode.reports.wordstyles import CHARACTERS, PARAGRAPHS, TABLE, add_style

if TYPE_CHECKING:
    from docx.document import Document

_LARGEST = 200_000_000
"""Bytes that a template may unpack to."""

_LED_AWAY = "attachedTemplate"
"""How a document names a template elsewhere, which Word would fetch from wherever it lies."""


def open_template(data: bytes, name: str) -> Document:
    """Return the author's document without its text, and with those styles of a report that it lacks.

    Parameters
    ----------
    data, name
        The bytes of a .docx file, and what messages call it.

    Returns
    -------
    Document
        Its styles, page, headers and footers stay as they are.

    Raises
    ------
    OutputError
        If it is no Word document that can be used.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            size = sum(entry.file_size for entry in package.infolist())
        document = docx.Document(io.BytesIO(data)) if size <= _LARGEST else None
    except Exception as error:  # zipfile and python-docx fail in their own ways on every kind of damage
        hint = "Open it in Word and save it as a Word document (.docx)"
        raise OutputError("The template is not a Word document that can be used.", name, hint) from error
    if document is None:
        raise OutputError("The template is too large.", name, "Use one without pictures")
    _clear(document)
    for style in (*PARAGRAPHS, *CHARACTERS, TABLE):
        if style not in document.styles:
            add_style(document.styles, style)
    return document


def map_styles(document: Document) -> dict[str, str]:
    """Return the ids that a document gives to the styles of a report: in other languages they have other ids."""
    ours = {style: style.replace(" ", "") for style in (*PARAGRAPHS, *CHARACTERS, TABLE)}
    theirs = {style: str(document.styles[style].style_id) for style in ours}
    return {ours[style]: theirs[style] for style in ours if ours[style] != theirs[style]}


def _clear(document: Document) -> None:
    body = document.element.body
    for element in list(body):
        if element is not body.sectPr:
            body.remove(element)
    settings = document.settings.element
    for element in settings.findall(qn(f"w:{_LED_AWAY}")):
        settings.remove(element)
    relations = document.part.part_related_by(RELATIONSHIP_TYPE.SETTINGS).rels
    for key in [key for key, relation in relations.items() if relation.reltype.endswith(_LED_AWAY)]:
        del relations[key]
