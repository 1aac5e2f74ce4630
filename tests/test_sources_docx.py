from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docx_files import TYPES, W, b, document, docx, p, package, r, relationships

from qualcode.errors import SourceError
from qualcode.sources import preview, read_transcript, write_transcripts
from qualcode.study.store import decode_transcript, encode_transcript

if TYPE_CHECKING:
    from qualcode.model import Transcript


@pytest.fixture
def read(tmp_path):
    def read_bytes(data: bytes, name: str = "P1.docx") -> Transcript:
        path = tmp_path / name
        path.write_bytes(data)
        return read_transcript(path)

    return read_bytes


def speech(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.quote(turn.span)) for turn in transcript.units("turn")]


def test_bold_labels_and_a_turn_of_two_paragraphs(read):
    transcript = read(
        docx(
            p(b("Interview with Ana"))
            + p(b("Interviewer: "), "How did it start?")
            + p(b("Ana:"), r(" By chance. I knew "), r("a"), r(" partner."))
            + p("Then: nothing. For a year.")
            + p(b("Interviewer:"), " And then?")
        )
    )
    assert transcript.text == (
        "Interview with Ana\nInterviewer: How did it start?\nAna: By chance. I knew a partner.\n"
        "Then: nothing. For a year.\nInterviewer: And then?"
    )
    assert speech(transcript) == [
        ("Interviewer", "How did it start?"),
        ("Ana", "By chance. I knew a partner.\nThen: nothing. For a year."),
        ("Interviewer", "And then?"),
    ]
    assert [transcript.quote(s.span) for s in transcript.units("paragraph")][1:3] == [
        "By chance. I knew a partner.",
        "Then: nothing. For a year.",
    ]
    assert [transcript.quote(s.span) for s in transcript.units("sentence")][1:5] == [
        "By chance.",
        "I knew a partner.",
        "Then: nothing.",
        "For a year.",
    ]
    assert transcript.interviewers == {"Interviewer"}
    assert [q.rule for q in transcript.source.problems] == ["before-first-speaker", "interviewer"]
    assert "3 word(s)" in transcript.source.problems[0].message


def test_segments_nest_in_the_order_of_the_text(read):
    transcript = read(docx(p("I: One. Two.") + p("P: Three.") + p("Four. Five.")))
    ids = [segment.id for segment in transcript.segments]
    assert ids == ["t001", "p001", "s0001", "s0002", "t002", "p002", "s0003", "p003", "s0004", "s0005"]


def test_teams_name_and_time_with_soft_breaks(read):
    def block(name: str, time: str, text: str) -> str:
        return p(b(name), r(f"   {time}"), "<w:r><w:br/></w:r>", r(text))

    transcript = read(
        docx(
            p("Call with partners-20250402")
            + p(b("Helen Poon"), " started transcription")
            + block("Helen Poon", "0:04", "Is it on? Good.")
            + block("Rohan Mehta", "1:02:03", "It is. Note: I am late.")
            + p(b("Helen Poon"), " stopped transcription")
        )
    )
    assert speech(transcript) == [("Helen Poon", "Is it on? Good."), ("Rohan Mehta", "It is. Note: I am late.")]
    assert [turn.time for turn in transcript.units("turn")] == [4.0, 3723.0]
    assert transcript.units("sentence")[0].time == 4.0
    assert transcript.units("sentence")[1].time is None


def test_teams_arrows(read):
    def cue(times: str, name: str, text: str) -> str:
        lines = "<w:br/>".join(f"<w:t>{line}</w:t>" for line in (times.replace(">", "&gt;"), name, text))
        return f"<w:p><w:r>{lines}</w:r></w:p>"

    transcript = read(
        docx(
            cue("0:0:0.0 --> 0:0:1.510", "Some Body", "OK. Yeah.")
            + cue("0:0:3.270 --> 0:0:4.250", "James Bond", "Umm.")
        )
    )
    assert speech(transcript) == [("Some Body", "OK. Yeah."), ("James Bond", "Umm.")]
    assert [turn.time for turn in transcript.units("turn")] == [0.0, 3.27]


ODD_PARAGRAPHS = [
    (p("a ", "<w:ins w:id='1'><w:r><w:t>tracked</w:t></w:r></w:ins>", " b"), "a tracked b", {}),
    (p("a ", "<w:del w:id='1'><w:r><w:delText>gone</w:delText></w:r></w:del>", "b"), "a b", {"deletions": 1}),
    (
        p("<w:moveFrom w:id='1'><w:r><w:t>old</w:t></w:r></w:moveFrom>", "x")
        + p("<w:moveTo w:id='2'><w:r><w:t>old</w:t></w:r></w:moveTo>"),
        "x\nold",
        {"moved text at its old place": 1},
    ),
    (p("<w:sdt><w:sdtContent><w:sdt><w:sdtContent>" + r("deep") + "</w:sdtContent></w:sdt></w:sdtContent></w:sdt>"),
     "deep", {}),
    ("<w:sdt><w:sdtContent>" + p("block") + "</w:sdtContent></w:sdt>", "block", {}),
    (p("<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>" + r("Click here") + "</w:sdtContent></w:sdt>", "x"),
     "x", {"placeholders": 1}),
    (p("<w:hyperlink r:id='r1'>" + r("link") + "</w:hyperlink>", " end"), "link end", {}),
    (p("<w:smartTag w:element='City'>" + r("Hong Kong") + "</w:smartTag>"), "Hong Kong", {}),
    (p("<w:fldSimple w:instr='DATE'>" + r("2 May") + "</w:fldSimple>"), "2 May", {}),
    (p("<w:r><w:fldChar w:fldCharType='begin'/><w:instrText>PAGE</w:instrText></w:r>", r("7")), "7", {}),
    (p("<w:r><w:ruby><w:rt>" + r("kan") + "</w:rt><w:rubyBase>" + r("漢") + "</w:rubyBase></w:ruby></w:r>", "字"),
     "漢字", {"ruby readings": 1}),
    (p("a", "<w:r><w:br/></w:r>", "b", "<w:r><w:tab/></w:r>", "c", "<w:r><w:noBreakHyphen/></w:r>", "d"),
     "a\nb\tc-d", {}),
    (p("seen", r("unseen", "<w:vanish/>"), r("!", "<w:vanish w:val='0'/>")), "seen!", {"hidden text": 1}),
    (p("x", properties="<w:tabs><w:tab w:val='left' w:pos='720'/></w:tabs>"), "x", {}),
    (p("one ", properties="<w:rPr><w:del w:id='1'/></w:rPr>") + p("paragraph"), "one paragraph", {}),
    (p("<m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath>"), "E=mc", {}),
    (p("<w:r><w:sym w:font='Wingdings' w:char='F04A'/></w:r>", "x"), "☺x", {}),
    (p("<w:r><w:sym w:font='Wingdings' w:char='F0FF'/></w:r>", "x"), "x", {"symbols": 1}),
    (p("<w:r><w:drawing><a:blip/></w:drawing></w:r>", "x"), "x", {"images": 1}),
    (p("x", "<w:r><w:softHyphen/></w:r>", "y"), "xy", {}),
    (p("\u0065\u0301t\u00e9"), "été", {}),
    (p("<w:customXml w:element='q'>" + r("custom") + "</w:customXml>"), "custom", {}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "text", "left_out"), ODD_PARAGRAPHS)
def test_what_word_shows_is_read_and_what_it_hides_is_counted(read, body, text, left_out):
    transcript = read(docx(body))
    assert transcript.text == text
    assert transcript.source.left_out == left_out


def test_a_text_box_is_read_once_and_after_its_paragraph(read):
    box = f"<w:txbxContent>{p('in the box')}{p('twice')}</w:txbxContent>"
    shape = (
        "<w:r><mc:AlternateContent>"
        f"<mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    assert read(docx(p("before ", shape, "after") + p("next"))).text == "before after\nin the box\ntwice\nnext"


def test_a_fallback_alone_is_read(read):
    box = f"<w:r><w:pict><v:textbox><w:txbxContent>{p('old box')}</w:txbxContent></v:textbox></w:pict></w:r>"
    assert read(docx(p("a", box))).text == "a\nold box"


def table(*rows: list[str]) -> str:
    cells = ("".join(f"<w:tc>{cell if cell.startswith('<') else p(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def test_tables_keep_every_cell_once(read):
    inner = table(["i1", "i2"])
    body = p("x") + table(["a", "b"], ["c", p("d") + inner + p("e")]) + p("y")
    assert read(docx(body)).text == "x\na\tb\nc\td\ni1 i2\ne\ny"


def test_a_table_of_time_speaker_and_text(read):
    transcript = read(
        docx(
            table(
                ["Time", "Speaker", "Text"],
                ["0:01", "Helen", "How was it?"],
                ["0:05", "Ana", p("Fine.") + p("Really: fine.")],
                ["0:09", "Helen", "Good?"],
                ["0:11", "Ana", "Yes."],
            )
        )
    )
    assert speech(transcript) == [
        ("Helen", "How was it?"),
        ("Ana", "Fine.\nReally: fine."),
        ("Helen", "Good?"),
        ("Ana", "Yes."),
    ]
    assert [turn.time for turn in transcript.units("turn")] == [1, 5, 9, 11]


def test_a_table_of_one_column_holds_paragraphs(read):
    transcript = read(docx(table([p("I: Why?") + p("P: Because.")], ["I: Really?"])))
    assert speech(transcript) == [("I", "Why?"), ("P", "Because."), ("I", "Really?")]


def test_text_hidden_by_its_style_stays_out(read):
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="Derived"><w:basedOn w:val="Secret"/></w:style></w:styles>'
    )
    body = p("seen", r(" no", "<w:rStyle w:val='Derived'/>")) + p("never", properties="<w:pStyle w:val='Secret'/>")
    transcript = read(docx(body, styles=styles))
    assert transcript.text.strip() == "seen"
    assert transcript.source.left_out == {"hidden text": 2}


def test_notes_comments_and_headers_are_counted(read):
    notes = (
        f'<w:footnotes xmlns:w="{W}"><w:footnote w:type="separator">{p("---")}</w:footnote>'
        f"<w:footnote>{p('one')}</w:footnote><w:footnote>{p('two')}</w:footnote></w:footnotes>"
    )
    comments = f'<w:comments xmlns:w="{W}"><w:comment w:id="0">{p("mind this")}</w:comment></w:comments>'
    header = f'<w:hdr xmlns:w="{W}">{p("Confidential")}</w:hdr>'
    transcript = read(docx(p("A: x") + p("B: y"), footnotes=notes, comments=comments, header=header))
    assert transcript.source.left_out == {"footnotes": 2, "comments": 1, "headers": 1}
    assert {"footnotes-left-out", "comments-left-out"} <= {q.rule for q in transcript.source.problems}


def test_comments_are_kept_with_their_passage_author_and_time(read, tmp_path):
    def comment(number: int, author: str, text: str) -> str:
        return f'<w:comment w:id="{number}" w:author="{author}" w:date="2024-05-01T10:00:00Z">{p(text)}</w:comment>'

    comments = f'<w:comments xmlns:w="{W}">{comment(0, "Mei", "a worry")}{comment(1, "Jo", "where?")}</w:comments>'
    body = (
        p("I: How?")
        + p("P: I am", '<w:commentRangeStart w:id="0"/>', r(" always"), r(" late"), '<w:commentRangeEnd w:id="0"/>',
            '<w:r><w:commentReference w:id="0"/></w:r>', ".", '<w:r><w:commentReference w:id="1"/></w:r>')
    )  # fmt: skip
    transcript = read(docx(body, comments=comments))
    assert [(c.author, c.text, transcript.text[c.start : c.end], c.at) for c in transcript.comments] == [
        ("Mei", "a worry", " always late", "2024-05-01T10:00:00Z"),
        ("Jo", "where?", "", "2024-05-01T10:00:00Z"),
    ]
    assert "comments    Mei on “ always late”: a worry" in preview(transcript)
    write_transcripts([transcript], tmp_path / "out")
    stored = json.loads((tmp_path / "out" / f"{transcript.id}.json").read_text(encoding="utf-8"))
    assert stored["comments"][0] == {
        "author": "Mei", "text": "a worry", "start": 15, "end": 27, "at": "2024-05-01T10:00:00Z",
    }  # fmt: skip
    assert read_transcript(tmp_path / "out" / f"{transcript.id}.txt").comments == transcript.comments
    assert decode_transcript(*encode_transcript(transcript), tmp_path) == transcript


def test_a_deleted_table_row_is_left_out(read):
    rows = "<w:tbl><w:tr><w:trPr><w:del w:id='1'/></w:trPr><w:tc>" + p("gone") + "</w:tc></w:tr>"
    transcript = read(docx(rows + "<w:tr><w:tc>" + p("here") + "</w:tc></w:tr></w:tbl>"))
    assert transcript.text == "here"
    assert transcript.source.left_out == {"deletions": 1}


CHUNKS = {
    "docx": docx(p("Ana: Fine.") + p("I: Why?")),
    "html": "<html><head><style>p {}</style></head><body><p>Ana: <b>Fi</b>ne.</p><div>I: Why?<br/></div></body></html>",
    "mht": "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=\"b\"\n\n--b\nContent-Type: text/html\n"
    "Content-Transfer-Encoding: quoted-printable\n\n<html><p>Ana: F=\nine.</p><p>I: Why?</p></html>\n--b--\n",
    "txt": "Ana: Fine.\nI: Why?\n",
}  # fmt: skip


@pytest.mark.parametrize("ending", CHUNKS)
def test_a_document_inside_a_document_is_read_where_it_stands(read, ending):
    body = p("I: How?") + "<w:altChunk r:id='r0'/>" + p("Ana: So.")
    parts = {
        "word/_rels/document.xml.rels": relationships(aFChunk=f"chunk.{ending}"),
        f"word/chunk.{ending}": CHUNKS[ending],
    }
    transcript = read(docx(body, parts))
    assert [(turn.speaker, transcript.quote(turn.span)) for turn in transcript.units("turn")] == [
        ("I", "How?"), ("Ana", "Fine."), ("I", "Why?"), ("Ana", "So."),
    ]  # fmt: skip
    assert "embedded-documents" not in {problem.rule for problem in transcript.source.problems}


@pytest.mark.parametrize("data", ["{\\rtf1 x}", "PK", ""])
def test_a_document_inside_a_document_that_cannot_be_read_is_told(read, data):
    parts = {"word/_rels/document.xml.rels": relationships(aFChunk="chunk"), "word/chunk": data}
    transcript = read(docx(p("x") + "<w:altChunk r:id='r0'/>", parts))
    assert [one.rule for one in transcript.source.problems if one.level == "warning"] == ["embedded-documents"]


def test_a_word_document_embedded_as_an_object_is_told(read):
    embedded = '<w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" ProgID="{}"/></w:object>'
    transcript = read(docx(p("x") + p(r("a"), f"<w:r>{embedded.format('Word.Document.12')}</w:r>")))
    assert [one.rule for one in transcript.source.problems if one.level == "warning"] == ["embedded-documents"]
    transcript = read(docx(p("x") + p(r("a"), f"<w:r>{embedded.format('Excel.Sheet.12')}</w:r>")))
    assert not [one for one in transcript.source.problems if one.level == "warning"]


def test_check_boxes_of_old_forms_show_their_sign(read):
    def box(inner):
        data = f"<w:ffData><w:checkBox>{inner}</w:checkBox></w:ffData>"
        begin = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
        instruction = "<w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r>"
        return begin + instruction + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'

    boxes = ["<w:checked/>", '<w:default w:val="1"/>', '<w:default w:val="1"/><w:checked w:val="0"/>', ""]
    body = "".join(p(box(inner), " yes") for inner in boxes)
    assert read(docx(body)).text == "☒ yes\n☒ yes\n☐ yes\n☐ yes"


def test_embedded_documents_are_a_warning(read):
    transcript = read(docx(p("x") + "<w:altChunk r:id='r9'/>"))
    first = transcript.source.problems[0]
    assert (first.level, first.rule) == ("warning", "embedded-documents")


def test_strict_ooxml_and_a_main_part_of_another_name(read):
    strict = document(p("strict words")).replace(W, "http://purl.oclc.org/ooxml/wordprocessingml/main")
    rels = relationships(officeDocument="/word/other.xml").replace(
        "http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument"
    )
    parts = {"_rels/.rels": rels, "word/other.xml": strict}
    assert read(package(parts)).text == "strict words"


def test_a_dangling_relationship_costs_nothing(read):
    rels = relationships(officeDocument="word/document.xml")
    parts = {
        "_rels/.rels": rels,
        "word/document.xml": document(p("words")),
        "word/_rels/document.xml.rels": relationships(image="../NULL", comments="comments.xml"),
        "word/comments.xml": "<broken",
    }
    assert read(package(parts)).text == "words"


# ---- files that cannot be read


def _bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relationships(officeDocument="word/document.xml"))
        archive.writestr("word/document.xml", b" " * 30_000_000)
    return stream.getvalue()


def _many_parts() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(20_001):
            archive.writestr(f"{number}", b"")
    return stream.getvalue()


def _lying_about_size() -> bytes:
    data = docx(p("x" * 1000))
    return data.replace(struct.pack("<L", len(document(p("x" * 1000)))), struct.pack("<L", 4_000_000_000))


ENTITIES = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)

BROKEN = {
    "empty": (b"", "The file is empty."),
    "text": (b"Interviewer: hello", "not a zip archive"),
    "truncated": (docx(p("x" * 2000))[:300], "not a zip archive"),
    "bomb": (_bomb(), "zip bomb"),
    "parts": (_many_parts(), "20,001 parts"),
    "size": (_lying_about_size(), "2 GB"),
    "encrypted": (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted with a password"),
    "doc": (OLE + "WordDocument".encode("utf-16-le"), "an old Word file"),
    "ole": (OLE, "an old Office file"),
    "pdf": (b"%PDF-1.7 ...", "it is a PDF"),
    "image": (b"\x89PNG\r\n", "it is an image"),
    "zip": (package({"a.txt": "x"}), "no Word document"),
    "main": (package({"_rels/.rels": relationships(officeDocument="word/gone.xml")}), "no part word/gone.xml"),
    "xml": (package({"word/document.xml": "<w:document"}), "not well-formed XML"),
    "entities": (package({"word/document.xml": ENTITIES + "<w>&b;</w>"}), "document type or entities"),
    "utf16-dtd": (
        package(
            {"word/document.xml": ('<?xml version="1.0" encoding="UTF-16"?>' + ENTITIES + "<w/>").encode("utf-16")}
        ),
        "document type or entities",
    ),
    "utf16-dtd-without-mark": (
        package({"word/document.xml": ('<?xml version="1.0"?>' + ENTITIES + "<w/>").encode("utf-16-le")}),
        "document type or entities",
    ),
    "utf7-dtd": (
        package({"word/document.xml": '<?xml version="1.0" encoding="UTF-7"?>' + ENTITIES.replace("<!", "+ADwAIQ-")}),
        "in the encoding UTF-7",
    ),
    "no-body": (package({"word/document.xml": "<x/>"}), "has no body"),
    "no-text": (docx(p("")), "no text"),
    "deep": (docx("<w:p>" + "<w:ins>" * 5000 + "</w:ins>" * 5000 + "</w:p>"), "not well-formed XML"),
}


@pytest.mark.parametrize(("data", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_one_clear_sentence(tmp_path, data, message):
    path = tmp_path / "P1.docx"
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        read_transcript(path)
    assert message in caught.value.message
    assert path.name in caught.value.where
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_a_damaged_part_is_named(tmp_path):
    data = bytearray(docx(p("x" * 5000)))
    at = data.index(b"word/document.xml") + 60
    data[at : at + 8] = b"\xff" * 8
    path = tmp_path / "P1.docx"
    path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match=r"word/document\.xml"):
        read_transcript(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damage_in_every_way_of_packing_is_told(tmp_path, method):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("word/document.xml", document("".join(p(f"Ana: Yes, {number}.") for number in range(200))))
    whole = stream.getvalue()
    path = tmp_path / "P1.docx"
    refused = 0
    for at in range(60, len(whole), 29):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_transcript(path)
        except SourceError:
            refused += 1
    assert refused > 3


# ---- real files


SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the development data is not here")


@needs_shared
@pytest.mark.parametrize("name", ["Jessica", "Sam"])
def test_sheffield_docx_has_the_words_of_its_text_twin(name):
    transcript = read_transcript(SHARED / "sheffield" / f"{name}.docx")
    twin = (SHARED / "sheffield" / f"{name}.txt").read_text(encoding="utf-8-sig")
    assert transcript.text.split() == twin.split()


@needs_shared
def test_sheffield_ana_keeps_the_content_controls_that_its_twin_lost():
    # The twin was made without the words inside content controls: 27 words fewer and some run together.
    transcript = read_transcript(SHARED / "sheffield" / "Ana.docx")
    twin = (SHARED / "sheffield" / "Ana.txt").read_text(encoding="utf-8-sig")
    letters = iter("".join(transcript.text.split()))
    assert all(letter in letters for letter in "".join(twin.split()))


@needs_shared
@pytest.mark.parametrize("path", sorted((SHARED / "odd-docx").rglob("*.doc*")), ids=lambda path: path.name)
def test_odd_files_are_read_or_refused(path):
    if path.name in NOT_READ:
        with pytest.raises(SourceError) as caught:
            read_transcript(path)
        assert caught.value.where
        assert caught.value.hint
    else:
        assert read_transcript(path).units("turn")


NOT_READ = {
    "ecma376standard_password.docx",  # encrypted
    "example_password.docx",
    "plain.doc",  # old format
    "empty.docx",  # without a word in the text
    "footnote-hyperlink.docx",
    "blk-containing-table.docx",
    "doc-no-coreprops.docx",
    "set-no-settings-part.docx",
    "sty-having-no-styles-part.docx",
    "tbl-having-tables.docx",
}

# Where the two differ for a reason: the order of text boxes, soft breaks that mammoth joins words over, what
# mammoth leaves out (equations, drop-downs) or keeps (placeholders).
DIFFERENT_FROM_MAMMOTH = {
    "docx_rich_cells.docx",
    "textbox.docx",
    "checked_drop1.docx",
    "equations.docx",
    "nested_paragraphs.docx",
    "paragraphs_and_tables.docx",
    "soft_line_breaks.docx",
    "docx-shapes.docx",
    "teams_chat.docx",
    "symbols.docx",
}


@needs_shared
def test_the_words_are_those_that_mammoth_finds():
    import re

    import mammoth

    compared = 0
    for path in sorted((SHARED / "odd-docx").rglob("*.docx")):
        if path.name in NOT_READ | DIFFERENT_FROM_MAMMOTH:
            continue
        with path.open("rb") as file:
            expected = mammoth.extract_raw_text(file).value
        assert re.findall(r"\w+", read_transcript(path).text) == re.findall(r"\w+", expected), path.name
        compared += 1
    assert compared > 35


def test_the_package_needs_no_content_types(read):
    assert "ContentType" in TYPES
    parts = {"_rels/.rels": relationships(officeDocument="word/document.xml"), "word/document.xml": document(p("x"))}
    assert read(package(parts)).text == "x"
