from __future__ import annotations

import io
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pypdf
import pytest
from docx_files import package

from qualcode.errors import SourceError
from qualcode.model import Comment
from qualcode.sources import read_transcript

if TYPE_CHECKING:
    from qualcode.model import Transcript

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the development data is not here")

NAMESPACES = (
    " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"))
    )
    + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def odt(body: str) -> bytes:
    content = (
        f'<?xml version="1.0"?><office:document-content {NAMESPACES}><office:body><office:text>{body}'
        "</office:text></office:body></office:document-content>"
    )
    return package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


@pytest.fixture
def read(tmp_path):
    def read_bytes(data: bytes, name: str) -> Transcript:
        path = tmp_path / name
        path.write_bytes(data)
        return read_transcript(path)

    return read_bytes


def test_opendocument_keeps_every_word_and_leaves_out_what_is_none(read):
    transcript = read(
        odt(
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
            "</text:changed-region></text:tracked-changes>"
            "<text:h>Interview</text:h>"
            "<text:p>I:<text:tab/>How <text:span>was<text:s text:c='2'/>it</text:span>?</text:p>"
            "<text:p>P: Fine<text:note><text:note-body><text:p>a note</text:p></text:note-body></text:note>, really."
            "<text:line-break/>Yes.<office:annotation><dc:creator>Mei</dc:creator><dc:date>2024-05-01</dc:date>"
            "<text:p>mind</text:p></office:annotation></text:p>"
            "<table:table><table:table-row><table:table-cell><text:p>a</text:p><text:p>b</text:p></table:table-cell>"
            "<table:table-cell><text:p>c</text:p></table:table-cell></table:table-row></table:table>"
            "<text:p>end <draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame></text:p>"
        ),
        "P1.odt",
    )
    assert transcript.text == "Interview\nI:\tHow was  it?\nP: Fine, really.\nYes.\na\nb\tc\nend \nbox"
    assert transcript.speakers == ("I", "P")
    assert transcript.source.left_out == {"comments": 1, "deletions": 1, "footnotes and endnotes": 1}
    assert transcript.comments == (Comment("Mei", "mind", at="2024-05-01"),)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.odt", b"text", "not a zip archive"),
        ("a.odt", package({"x": "y"}), "no part content.xml"),
        ("a.odt", package({"content.xml": "<x/>"}), "holds no text document"),
        ("a.rtf", b"text", "not an RTF file"),
        ("a.rtf", b"PK\x03\x04word/", "it is a Word document"),
        ("a.pdf", b"text", "not a PDF"),
        ("a.pdf", b"%PDF-1.7\nbroken", "damaged"),
    ],
)
def test_what_is_no_document(read, name, data, message):
    with pytest.raises(SourceError, match=message) as caught:
        read(data, name)
    assert caught.value.hint


def blank_pdf(password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_a_pdf_of_pictures_and_an_encrypted_one(read):
    with pytest.raises(SourceError, match="only images"):
        read(blank_pdf(), "a.pdf")
    with pytest.raises(SourceError, match="encrypted"):
        read(blank_pdf("secret"), "a.pdf")


def test_pdf_without_pypdf(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(SourceError, match="needs pypdf") as caught:
        read(blank_pdf(), "a.pdf")
    assert "qualcode[pdf]" in caught.value.hint


def test_rtf_without_libreoffice(read, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SourceError, match="needs LibreOffice") as caught:
        read(rb"{\rtf1 I: x}", "a.rtf")
    assert ".docx" in caught.value.hint


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_rtf_through_libreoffice(read):
    transcript = read(rb"{\rtf1\ansi I: How was it?\par P: Fine, \'e9t\'e9.\par}", "P1.rtf")
    assert transcript.speakers == ("I", "P")
    assert transcript.text == "I: How was it?\nP: Fine, été."
    assert ("warning", "converted") in [(problem.level, problem.rule) for problem in transcript.source.problems]


@needs_shared
@pytest.mark.parametrize("number", range(1, 8))
def test_pdf_interviews_have_the_words_of_their_text(number):
    def words(path: Path) -> list[str]:
        transcript = read_transcript(path)
        return [w for turn in transcript.units("turn") for w in re.findall(r"\w+", transcript.quote(turn.span))]

    pdf = SHARED / "pdpilot" / "results" / "transcripts" / f"P{number}.pdf"
    assert words(pdf) == words(SHARED / "neutral" / "pdpilot" / "docs" / f"P{number}.txt")


@needs_shared
def test_a_real_opendocument_file():
    transcript = read_transcript(SHARED / "qualcoder-examples" / "Examples" / "ID2.odt")
    assert "€200.00" in transcript.text
    assert len(transcript.units("turn")) == 3
