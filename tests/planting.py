"""Files of many kinds with a name or a pattern planted in each, by a seed; and the key that holds the names."""

# ruff: noqa: E501  # XML is not broken

from __future__ import annotations

import base64
import io
import json
import random
import sqlite3
import struct
import subprocess
import tarfile
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import docx
import xlsxwriter
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from qualcode.pseudonyms import Key, KeyEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENGLISH = ("Beatriz Okonkwo", "Siobhán Fitzgerald", "Rajesh Venkataraman", "Yolanda Kowalczyk", "Dmitri Halvorsen")
CHINESE = ("陳嘉欣", "張國偉", "歐陽詠詩", "葉慧儀", "劉俊傑")
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
KEY = Key(
    tuple(KeyEntry(name, "person", f"[Person {number}]") for number, name in enumerate(ENGLISH + CHINESE, start=1))
)


@dataclass(frozen=True)
class Plant:
    """What was planted: the kind of place, the file, and whether it is a name or a pattern."""

    kind: str
    path: Path
    what: str
    words: str


def small_document() -> bytes:
    """Return a Word document of two paragraphs without a name."""
    document = docx.Document()
    document.add_paragraph("Interviewer: How was the week?")
    document.add_paragraph("Participant: It rained, and we waited for the harvest.")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


class Planter:
    """Plants in copies of a Word document, and in files of its own."""

    def __init__(self, seed: int, base: bytes) -> None:
        self.random = random.Random(seed)
        self.base = base

    # -- packages -----------------------------------------------------------------------------------------------------

    def edit(self, changes: dict[str, Callable[[str], str] | str | bytes]) -> bytes:
        """Return the document with parts changed, or added."""
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.base)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
            done = set()
            for info in old.infolist():
                change = changes.get(info.filename)
                data: Any = old.read(info)
                if callable(change):
                    data = change(data.decode("utf-8"))
                elif change is not None:
                    data = change
                done.add(info.filename)
                new.writestr(info.filename, data)
            for name, change in changes.items():
                if name not in done and not callable(change):
                    new.writestr(name, change)
        return stream.getvalue()

    def document(self, paragraph: str) -> bytes:
        """Return the document with XML before its end."""

        def put(text: str) -> str:
            at = text.rfind("<w:sectPr")
            at = text.rfind("</w:body>") if at < 0 else at
            return text[:at] + paragraph + text[at:]

        return self.edit({"word/document.xml": put})

    def part(self, name: str, root: str, body: str) -> bytes:
        """Return the document with a part of its own."""
        xml = f'<?xml version="1.0" encoding="UTF-8"?><w:{root} xmlns:w="{W}">{body}</w:{root}>'
        return self.edit({name: xml})

    # -- plants -------------------------------------------------------------------------------------------------------

    def misheard(self, name: str) -> str:
        """Return a name with one letter of its longest word another one, or one character of a Chinese name."""
        if not name[0].isascii():
            at = len(name) - 1
            return name[:at] + "禧"
        word = max(name.split(), key=len)
        at = self.random.randrange(2, len(word) - 1)
        letter = self.random.choice([one for one in "aeiouns" if one != word[at].lower()])
        return name.replace(word, word[:at] + letter + word[at + 1 :])


def run(words: str, inside: str = "") -> str:
    return f'<w:r>{inside}<w:t xml:space="preserve">{escape(words)}</w:t></w:r>'


def para(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def said(words: str) -> str:
    return para(run(f"Then I asked {words} about it."))


def tracked(kind: str, words: str, author: str) -> str:
    tag = "delText" if kind == "del" else "t"
    return f'<w:p><w:{kind} w:id="9" w:author="{escape(author)}"><w:r><w:{tag}>{escape(words)}</w:{tag}></w:r></w:{kind}></w:p>'


def core(creator: str, modified: str = "") -> str:
    return (
        '<?xml version="1.0"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        f'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{escape(creator)}</dc:creator>'
        f"<cp:lastModifiedBy>{escape(modified)}</cp:lastModifiedBy></cp:coreProperties>"
    )


def workbook(change: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    book.active["A1"] = "case"
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def hide(book: Workbook, words: str) -> None:
    sheet = book.create_sheet("Old")
    sheet["B2"] = words
    sheet.sheet_state = "hidden"


def put_note(book: Workbook, words: str) -> None:
    book.active["A1"].comment = Comment(words, "team")


def title(book: Workbook, words: str) -> None:
    book.create_sheet(words[:31])


def define(book: Workbook, words: str) -> None:
    book.defined_names["x"] = DefinedName("x", attr_text=f'"{words}"')


def shared(words: str, *, is_shown: bool) -> bytes:
    """Return a workbook whose words lie in one list: that of a cell in two runs, or one that no cell shows."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_rich_string("A1", "I asked ", book.add_format({"bold": True}), words[:2], words[2:])
    if is_shown:
        return stream.getvalue()
    cleared = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(cleared, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b'<c r="A1" t="s"><v>0</v></c>', b"")
            new.writestr(info.filename, content)
    return cleared.getvalue()


def page(body: str) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>Report</title></head><body><p>Ten cases.</p>{body}</body></html>".encode()
    )


def packed(words: str, way: str) -> bytes:
    told = {"turns": [f"I asked {words} about it.", "The rain came late. " * 20]}
    plain = json.dumps(told, ensure_ascii=way == "zlib").encode()
    raw = zlib.compressobj(9, zlib.DEFLATED, {"raw": -15, "zlib": 15, "gzip": 31}[way])
    data = raw.compress(plain) + raw.flush()
    return page(f'<script type="application/octet-stream" id="t">{base64.b64encode(data).decode()}</script>')


def pdf(words: str, *, info: str = "") -> bytes:
    """Return a PDF of one page, with the words in Latin letters on it or any words in its properties."""
    stream = zlib.compress(b"BT /F1 12 Tf 72 720 Td (" + words.encode("latin-1", "replace") + b") Tj ET")
    told = b"<" + ("\ufeff" + info).encode("utf-16-be").hex().encode() + b">"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Author " + told + b" >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 7\n0000000000 65535 f \n" + table
    return out + b"trailer << /Size 7 /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def png(kind: bytes, words: str) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    text = words.encode("utf-8")
    body = {
        b"tEXt": b"Author\0" + text,
        b"zTXt": b"Author\0\0" + zlib.compress(text),
        b"iTXt": b"Author\0\1\0\0\0" + zlib.compress(text),
    }[kind]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(kind, body) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )


def tiff(tag: int, body: bytes) -> bytes:
    entry = struct.pack("<HHII", tag, 2 if tag != 0x9C9D else 1, len(body), 26)
    return b"II*\0\x08\0\0\0\x01\0" + entry + b"\0\0\0\0" + body


def jpeg(mark: int, body: bytes) -> bytes:
    return b"\xff\xd8\xff" + bytes([mark]) + struct.pack(">H", len(body) + 2) + body + b"\xff\xda\0\x02\xff\xd9"


def database(words: str, *, is_deleted: bool) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE codings (quote TEXT)")
    connection.executemany(
        "INSERT INTO codings VALUES (?)", [(f"I asked {words} about it.",), ("The rain came late.",)]
    )
    connection.commit()
    if is_deleted:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM codings WHERE rowid = 1")
        connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def archive(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    return stream.getvalue()


def tarball(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as new:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            new.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def rtf(words: str) -> bytes:
    coded = "".join(mark if mark.isascii() else f"\\u{ord(mark)}?" for mark in words)
    return f"{{\\rtf1\\ansi I asked {coded} about it.\\par}}".encode()


def plain_ascii(words: str) -> str:
    marks = unicodedata.normalize("NFD", words)
    return "".join(mark for mark in marks if unicodedata.category(mark) != "Mn")


def wide(words: str) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in words)


def simplified(words: str) -> str:
    return words.translate(str.maketrans("陳張國偉歐陽詠詩葉慧儀劉傑", "陈张国伟欧阳咏诗叶慧仪刘杰"))


def halves(words: str) -> tuple[str, str]:
    at = len(words) // 2
    return words[:at], words[at:]


def text_box(words: str) -> str:
    return f"<w:p><w:r><w:pict><v:textbox xmlns:v='urn:schemas-microsoft-com:vml'><w:txbxContent>{said(words)}</w:txbxContent></v:textbox></w:pict></w:r></w:p>"


NAMES: dict[str, Callable[[Planter, str], tuple[str, bytes]]] = {
    "plain": lambda p, n: ("a.docx", p.document(said(n))),
    "possessive": lambda p, n: ("a.docx", p.document(said(f"{n}’s sister"))),
    "capitals": lambda p, n: ("a.docx", p.document(said(n.upper()))),
    "small letters": lambda p, n: ("a.docx", p.document(said(n.lower()))),
    "misheard": lambda p, n: ("a.docx", p.document(said(p.misheard(n)))),
    "a part of it": lambda p, n: ("a.docx", p.document(said(n.split()[-1] if n[0].isascii() else n[1:]))),
    "two runs": lambda p, n: ("a.docx", p.document(para(*map(run, halves(n))))),
    "runs with marks between": lambda p, n: (
        "a.docx",
        p.document(para(run(n[:1]), '<w:proofErr w:type="spellStart"/>', run(n[1:], "<w:rPr><w:b/></w:rPr>"))),
    ),
    "tracked insertion": lambda p, n: ("a.docx", p.document(tracked("ins", n, "team"))),
    "tracked deletion": lambda p, n: ("a.docx", p.document(tracked("del", n, "team"))),
    "author of a change": lambda p, n: ("a.docx", p.document(tracked("ins", "so", n))),
    "table": lambda p, n: ("a.docx", p.document(f"<w:tbl><w:tr><w:tc>{said(n)}</w:tc></w:tr></w:tbl>")),
    "text box": lambda p, n: ("a.docx", p.document(text_box(n))),
    "hidden text": lambda p, n: ("a.docx", p.document(para(run(n, "<w:rPr><w:vanish/></w:rPr>")))),
    "field": lambda p, n: (
        "a.docx",
        p.document(para(f"<w:r><w:instrText>AUTHOR {escape(n)}</w:instrText></w:r>")),
    ),
    "alternative text": lambda p, n: (
        "a.docx",
        p.document(para(f'<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" alt="{escape(n)}"/></w:pict></w:r>')),
    ),
    "bookmark": lambda p, n: (
        "a.docx",
        p.document(para(f'<w:bookmarkStart w:id="3" w:name="{escape(n.replace(" ", "_"))}"/>')),
    ),
    "comment": lambda p, n: (
        "a.docx",
        p.part("word/comments.xml", "comments", f'<w:comment w:id="0" w:author="team">{said(n)}</w:comment>'),
    ),
    "author of a comment": lambda p, n: (
        "a.docx",
        p.part("word/comments.xml", "comments", f'<w:comment w:id="0" w:author="{escape(n)}">{said("them")}</w:comment>'),
    ),
    "header": lambda p, n: ("a.docx", p.part("word/header9.xml", "hdr", said(n))),
    "footer": lambda p, n: ("a.docx", p.part("word/footer9.xml", "ftr", said(n))),
    "footnote": lambda p, n: ("a.docx", p.part("word/footnotes.xml", "footnotes", f"<w:footnote>{said(n)}</w:footnote>")),
    "endnote": lambda p, n: ("a.docx", p.part("word/endnotes.xml", "endnotes", f"<w:endnote>{said(n)}</w:endnote>")),
    "creator": lambda p, n: ("a.docx", p.edit({"docProps/core.xml": core(n)})),
    "last editor": lambda p, n: ("a.docx", p.edit({"docProps/core.xml": core("team", n)})),
    "company": lambda p, n: ("a.docx", p.edit({"docProps/app.xml": f"<Properties><Company>{n}</Company></Properties>"})),
    "custom property": lambda p, n: (
        "a.docx",
        p.edit({"docProps/custom.xml": f'<Properties><property name="for"><vt:lpwstr>{n}</vt:lpwstr></property></Properties>'}),
    ),
    "link": lambda p, n: (
        "a.docx",
        p.edit({"word/_rels/x.xml.rels": f'<Relationships><Relationship Id="r9" Target="https://example.org/{n.replace(" ", "%20")}" TargetMode="External"/></Relationships>'}),
    ),
    "name of the file": lambda p, n: (f"Interview_{n.replace(' ', '_')}_final.docx", p.base),
    "name of the file, run together": lambda p, n: (f"Transcript{n.title().replace(' ', '')}.txt", b"Nothing."),
    "name of a folder": lambda p, n: (f"{n}/a.txt", b"Nothing."),
    "cell": lambda p, n: ("a.xlsx", workbook(lambda book: book.active.append([f"asked {n}"]))),
    "hidden sheet": lambda p, n: ("a.xlsx", workbook(lambda book: hide(book, n))),
    "note on a cell": lambda p, n: ("a.xlsx", workbook(lambda book: put_note(book, n))),
    "name of a sheet": lambda p, n: ("a.xlsx", workbook(lambda book: title(book, n))),
    "defined name": lambda p, n: ("a.xlsx", workbook(lambda book: define(book, n))),
    "cell of two runs": lambda p, n: ("a.xlsx", shared(n, is_shown=True)),
    "left in a workbook": lambda p, n: ("a.xlsx", shared(n, is_shown=False)),
    "author of a workbook": lambda p, n: ("a.xlsx", workbook(lambda book: setattr(book.properties, "creator", n))),
    "page": lambda p, n: ("a.html", page(f"<p>I asked <b>{n[:2]}</b>{n[2:]}.</p>")),
    "comment in a page": lambda p, n: ("a.html", page(f"<!-- {n} -->")),
    "attribute in a page": lambda p, n: ("a.html", page(f'<i title="{n}"></i>')),
    "entities in a page": lambda p, n: ("a.html", page("".join(f"&#{ord(mark)};" for mark in n))),
    "script in a page": lambda p, n: ("a.html", page(f"<script>const d = {json.dumps([n])};</script>")),
    "packed in a page, gzip": lambda p, n: ("a.html", packed(n, "gzip")),
    "packed in a page, deflate": lambda p, n: ("a.html", packed(n, "raw")),
    "packed in a page, zlib": lambda p, n: ("a.html", packed(n, "zlib")),
    "picture in a page": lambda p, n: (
        "a.html",
        page(f'<img src="data:image/png;base64,{base64.b64encode(png(b"tEXt", n + " " * 60)).decode()}">'),
    ),
    "properties of a PDF": lambda p, n: ("a.pdf", pdf("Nothing here.", info=n)),
    "drawing": lambda p, n: ("a.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><text>{n[:2]}<tspan>{n[2:]}</tspan></text></svg>'.encode()),
    "metadata of a drawing": lambda p, n: ("a.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><metadata><dc:creator>{n}</dc:creator></metadata></svg>'.encode()),
    "PNG, text": lambda p, n: ("a.png", png(b"iTXt", n)),
    "PNG, packed text": lambda p, n: ("a.png", png(b"zTXt", n)),
    "JPEG, artist": lambda p, n: ("a.jpg", jpeg(0xE1, b"Exif\0\0" + tiff(0x013B, n.encode() + b"\0"))),
    "JPEG, author as Windows writes it": lambda p, n: ("a.jpg", jpeg(0xE1, b"Exif\0\0" + tiff(0x9C9D, n.encode("utf-16-le")))),
    "JPEG, comment": lambda p, n: ("a.jpg", jpeg(0xFE, n.encode())),
    "JPEG, XMP": lambda p, n: (
        "a.jpg",
        jpeg(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + f"<x:xmpmeta><dc:creator>{n}</dc:creator></x:xmpmeta>".encode()),
    ),
    "CSV": lambda p, n: ("a.csv", f"case,quote\r\nP1,“I asked {n}”\r\n".encode("utf-8-sig")),
    "JSON": lambda p, n: ("a.json", json.dumps({"quote": f"I asked {n}."}).encode()),
    "notebook": lambda p, n: ("a.ipynb", json.dumps({"cells": [{"source": [n]}]}).encode()),
    "database": lambda p, n: ("a.sqlite", database(n, is_deleted=False)),
    "deleted row": lambda p, n: ("a.sqlite", database(n, is_deleted=True)),
    "archive": lambda p, n: ("a.zip", archive({"in/b.zip": archive({"c.docx": p.document(said(n))})})),
    "name in an archive": lambda p, n: ("a.zip", archive({f"in/{n}.txt": b"Nothing."})),
    "tarball": lambda p, n: ("a.tar.gz", tarball({"b.csv": f"quote\n{n}\n".encode()})),
    "UTF-16": lambda p, n: ("a.txt", f"I asked {n}.".encode("utf-16")),
    "older encoding": lambda p, n: ("a.txt", f"é I asked {n}.".encode("cp1252") if n[0].isascii() else f"我問咗{n}".encode("big5hkscs")),
    "other form of Unicode": lambda p, n: ("a.txt", unicodedata.normalize("NFD", f"I asked {n}.").encode()),
    "without accents": lambda p, n: ("a.txt", f"I asked {plain_ascii(n)}.".encode()),
    "full width": lambda p, n: ("a.txt", f"I asked {wide(n)}.".encode()),
    "marks of no width": lambda p, n: ("a.txt", f"I asked {n[:1]}\u200b{n[1:]}.".encode()),
    "compound": lambda p, n: ("a.txt", f"A {n}-led team.".encode()),
    "two lines": lambda p, n: ("a.txt", (f"I asked {n.replace(' ', chr(10))}." if " " in n else f"問{n[:1]}\n{n[1:]}").encode()),
    "other script": lambda p, n: ("a.txt", f"I asked {simplified(n)}.".encode()),
    "LaTeX": lambda p, n: ("a.tex", f"\\quote{{I asked {n}.}}".encode()),
    "RTF": lambda p, n: ("a.rtf", rtf(n)),
    "OpenDocument": lambda p, n: (
        "a.odt",
        archive({
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:body><text:p>I asked <text:span>{n}</text:span></text:p></office:body>".encode(),
        }),
    ),
}  # fmt: skip
"""Places for names; each returns the name of a file, and its bytes."""


def hkid(rng: random.Random) -> str:
    letter, digits = rng.choice("ABCDEFGHKMPRVYZ"), [rng.randrange(10) for _ in range(6)]
    total = 9 * 36 + 8 * (ord(letter) - 55) + sum(w * d for w, d in zip(range(7, 1, -1), digits, strict=True))
    check = (11 - total % 11) % 11
    return f"{letter}{''.join(map(str, digits))}({'A' if check == 10 else check})"


def prc(rng: random.Random) -> str:
    body = f"{rng.randrange(110100, 659999)}{rng.randrange(1950, 2010)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{rng.randrange(1000):03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def card(rng: random.Random) -> str:
    digits = [4, *(rng.randrange(10) for _ in range(14))]
    total = sum(sum(divmod(2 * d, 10)) if place % 2 == 0 else d for place, d in enumerate(digits))
    plain = "".join(map(str, [*digits, -total % 10]))
    return " ".join(plain[at : at + 4] for at in range(0, 16, 4))


def digits(rng: random.Random, number: int, first: str = "") -> str:
    return first + "".join(str(rng.randrange(10)) for _ in range(number - len(first)))


PATTERNS: dict[str, Callable[[random.Random], str]] = {
    "email": lambda r: f"{r.choice(['j.doe', 'rain_2', 'a-b'])}@{r.choice(['example.org', 'mail.example.ac.uk'])}",
    "spoken email": lambda r: f"{r.choice(['jdoe', 'rain'])} at {r.choice(['example', 'gmail'])} dot com",
    "page": lambda r: f"https://www.example.org/people/{digits(r, 4)}",
    "site": lambda r: f"{r.choice(['rainyday', 'greenfield'])}.{r.choice(['com', 'org', 'co.uk'])}",
    "handle": lambda r: f"@{r.choice(['rain_maker', 'greenfields'])}{digits(r, 2)}",
    "phone abroad": lambda r: f"+44 7{digits(r, 3)} {digits(r, 6, '2')}",
    "phone of Hong Kong": lambda r: f"{digits(r, 4, '9')} {digits(r, 4)}",
    "phone of Hong Kong, run together": lambda r: digits(r, 8, "67"),
    "phone of Britain": lambda r: f"0{digits(r, 3, '16')} {digits(r, 3, '2')} {digits(r, 4)}",
    "phone of America": lambda r: f"({digits(r, 3, '41')}) {digits(r, 3, '5')}-{digits(r, 4)}",
    "phone of China": lambda r: digits(r, 11, "138"),
    "phone in words": lambda r: " ".join(r.choice(["oh", "seven", "four", "nine", "two"]) for _ in range(9)),
    "phone in Chinese": lambda r: "".join(r.choice("一二三四五六七八九") for _ in range(8)),
    "phone, full width": lambda r: wide(digits(r, 8, "95")),
    "identity card of Hong Kong": hkid,
    "identity card of China": prc,
    "payment card": card,
    "insurance number": lambda r: f"AB {digits(r, 2)} {digits(r, 2)} {digits(r, 2)} C",
    "social security": lambda r: f"{digits(r, 3, '21')}-{digits(r, 2, '4')}-{digits(r, 4, '1')}",
    "passport": lambda r: f"passport number K{digits(r, 8)}",
    "born": lambda r: f"born on {r.randrange(1, 29)} {r.choice(['March', 'May', 'August'])} 19{r.randrange(50, 99)}",
    "born, in Chinese": lambda r: f"19{r.randrange(50, 99)}年{r.randrange(1, 13)}月{r.randrange(1, 29)}日出生",
    "street": lambda r: f"{r.randrange(1, 300)} {r.choice(['Acacia', 'North Mill'])} {r.choice(['Road', 'Street', 'Avenue'])}",
    "flat": lambda r: f"Flat {r.randrange(1, 40)}{r.choice('ABC')}, {r.randrange(1, 40)}/F",
    "postcode": lambda r: f"{r.choice(['S', 'M', 'LS'])}{r.randrange(1, 20)} {r.randrange(1, 9)}{r.choice('AB')}{r.choice('DEF')}",
    "address in Chinese": lambda r: f"{r.choice(['彌敦', '軒尼詩'])}道{r.randrange(1, 400)}號",
}  # fmt: skip
CARRIERS: dict[str, Callable[[Planter, str], tuple[str, bytes]]] = {
    one: NAMES[one]
    for one in ("plain", "two runs", "comment", "footnote", "hidden sheet", "cell", "page", "CSV", "JSON", "database", "UTF-16", "archive")
}  # fmt: skip
"""Places in which patterns are planted."""


def plant(folder: Path, base: bytes, *, seed: int, n_each: int = 2) -> list[Plant]:
    """Plant names, English and Chinese, in files of every kind, and each pattern in some; one plant a file."""
    planter = Planter(seed, base)
    plants = []
    for kind, make in NAMES.items():
        for number in range(n_each):
            name = planter.random.choice((ENGLISH, CHINESE)[number % 2])
            plants.append(_write(folder, len(plants), kind, "name", name, make(planter, name)))
    for language, name in (("English", ENGLISH[0]), ("French", ENGLISH[1])):
        content = "a.pdf", pdf(f"I asked {name} about it.")
        plants.append(_write(folder, len(plants), f"PDF, {language}", "name", name, content))
    for kind, draw in PATTERNS.items():
        for carrier in planter.random.sample(sorted(CARRIERS), n_each):
            words = draw(planter.random)
            content = CARRIERS[carrier](planter, words)
            plants.append(_write(folder, len(plants), f"{kind} ({carrier})", "pattern", words, content))
    return [*plants, *_plant_in_git(folder, planter)]


def _write(folder: Path, number: int, kind: str, what: str, words: str, content: tuple[str, bytes]) -> Plant:
    root = folder / f"{number:03}"
    path = root / content[0]
    path.parent.mkdir(parents=True)
    path.write_bytes(content[1])
    return Plant(kind, root, what, words)


def _plant_in_git(folder: Path, planter: Planter) -> list[Plant]:
    plants = []
    for kind in ("deleted file", "author", "message", "name of a file"):
        name = planter.random.choice(ENGLISH + CHINESE)
        root = folder / f"git {kind}"
        root.mkdir()

        def git(*words: str, root: Path = root, author: str = name if kind == "author" else "team") -> None:
            who = ("-c", f"user.name={author}", "-c", "user.email=team", "-c", "commit.gpgsign=false")
            subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)

        git("init", "-q")
        file = root / (f"{name}.txt" if kind == "name of a file" else "a.txt")
        file.write_text(f"I asked {name}." if kind == "deleted file" else "Nothing.", "utf-8")
        git("add", "-A")
        git("commit", "-q", "-m", f"for {name}" if kind == "message" else "first")
        file.unlink()
        (root / "b.txt").write_text("Nothing.", "utf-8")
        git("add", "-A")
        git("commit", "-q", "-m", "second")
        plants.append(Plant(f"history of git, {kind}", root, "name", name))
    return plants
