"""Damaged files, seeded: what disks, mail programs and attackers do to transcripts."""

from __future__ import annotations

import io
import json
import random
import zipfile
from typing import TYPE_CHECKING

import openpyxl
from docx_files import TYPES, W, b, document, docx, p, package, relationships

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _sample_docx() -> bytes:
    body = "".join(
        p(b(f"{'Interviewer' if n % 2 else 'Ana'}: "), f"Some words, number {n}. And “more” 漢字.") for n in range(40)
    )
    table = "<w:tbl><w:tr><w:tc>" + p("a") + "</w:tc><w:tc>" + p("b") + "</w:tc></w:tr></w:tbl>"
    comments = f'<w:comments xmlns:w="{W}"><w:comment w:id="0">{p("mind")}</w:comment></w:comments>'
    return docx(body + table + p("<w:del w:id='1'><w:r><w:delText>x</w:delText></w:r></w:del>"), comments=comments)


def _sample_xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["id", "age", "answer"])
    for number in range(30):
        book.active.append([f"P{number}", number, f"The answer of {number}."])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cues(separator: str, sign: str) -> str:
    times = [f"00:00:{n:02}{sign}000 --> 00:00:{n:02}{sign}900" for n in range(40)]
    return "".join(f"{n}\n{time}\nAna: words number {n}.{separator}" for n, time in enumerate(times))


def _sample_chunked() -> bytes:
    body = "".join(p(b("Interviewer: " if n % 2 else "Ana: "), f"Words {n}: and more.") for n in range(40))
    parts: dict[str, str] = {
        "word/_rels/document.xml.rels": relationships(aFChunk="chunk.html"),
        "word/chunk.html": "<html><body><p>Interviewer: Why?</p><p>Ana: So.</p></body></html>",
    }
    field = '<w:fldChar w:fldCharType="{}"/>'
    box = '<w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar>'
    form = f"<w:r>{box}</w:r><w:r>{field.format('end')}</w:r>"
    return docx(body + "<w:altChunk r:id='r0'/>" + p(form, " yes"), parts)


def _sample_odt() -> bytes:
    office, text = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "text"))
    lines = "".join(f"<text:p>{'I' if n % 2 else 'Ana'}: Some words, <text:s/>number {n}.</text:p>" for n in range(40))
    content = (
        f'<office:document-content xmlns:office="{office}" xmlns:text="{text}"><office:body><office:text>{lines}'
        "</office:text></office:body></office:document-content>"
    )
    return package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def _tiers() -> str:
    rows = [(n % 2, f"00:00:{n:02}.000", f"00:00:{n:02}.900", f"words number {n}.") for n in range(40)]
    return "".join("\t".join(("Interviewer" if who else "Ana", "", *row)) + "\n" for who, *row in sorted(rows))


def _chat() -> str:
    head = "@UTF8\n@Begin\n@Participants:\tINT Investigator, PAR Participant\n"
    lines = (f"*{'PAR' if n % 2 else 'INT'}:\twords number {n} . \x15{n}000_{n}900\x15\n%com:\tx\n" for n in range(40))
    return f"{head}{''.join(lines)}@End\n"


def _headed() -> str:
    head = "Interview\nTue, Mar 12, 2024 10:01AM • 12:34\n\nSPEAKERS\nMary Ng, Paul Ho\n\n"
    lines = (
        f"{'Paul Ho' if n % 2 else 'Mary Ng'}  0:{n:02}  \nWords number {n}: and more{'.?'[n % 2 == 0]}\n\n"
        for n in range(40)
    )
    return f"{head}{''.join(lines)}Transcribed by https://otter.ai\n"


_SENTENCES = [f"words number {n}." for n in range(40)]

SAMPLES: dict[str, bytes] = {
    "a.docx": _sample_docx(),
    "a.vtt": ("WEBVTT\n\n" + _cues("\n\n", ".")).encode(),
    "a.srt": _cues("\r\n\r\n", ",").encode("utf-8-sig"),
    "a.xlsx": _sample_xlsx(),
    "a.json": json.dumps(
        {"language": "en", "segments": [{"start": n, "end": n + 0.5, "text": f" word {n}."} for n in range(40)]}
    ).encode(),
    "a.txt": "\n".join(f"{'I' if n % 2 else 'P'}: 你好 words {n}." for n in range(60)).encode(),
    "b.docx": _sample_chunked(),
    "a.odt": _sample_odt(),
    "a.cha": _chat().encode(),
    "b.tsv": _tiers().encode(),
    "b.txt": _headed().encode(),
    "c.txt": "".join(f"{n}\t{'INT' if n % 2 else 'ANA [v]'}\t{one}\n" for n, one in enumerate(_SENTENCES)).encode(
        "utf-16"
    ),
    "a.md": "".join(
        f"**{'Me' if n % 2 else 'Ana Lee'}** [0:{n:02}] {one}\n\n" for n, one in enumerate(_SENTENCES)
    ).encode(),
    "b.vtt": ("WEBVTT\n\n" + _cues("\n\n", ".").replace("Ana: ", "<v Ana>")).encode(),
    "c.vtt": ("WEBVTT\n\n" + _cues("\n\n", ".").replace("Ana: ", "Ana Lee\n")).encode(),
    "a.tsv": ("start\tend\ttext\n" + "".join(f"{n}000\t{n}900\t{one}\n" for n, one in enumerate(_SENTENCES))).encode(),
    "a.csv": (
        "speaker,text,time\n"
        + "".join(f"{'I' if n % 2 else 'Ana'},{one},0:{n:02}\n" for n, one in enumerate(_SENTENCES))
    ).encode(),
}


def read_any(path: Path) -> object:
    """Read a file as a user would: tables as surveys."""
    from qualcode.sources import read_survey, read_transcript, read_transcripts

    if path.suffix == ".xlsx":
        return read_survey(path, text_column="answer", id_column="id")
    if path.suffix == ".csv":
        return read_transcripts([path])[0][0]
    return read_transcript(path)


def mutate(seed: int) -> tuple[str, bytes]:
    """Return the name and the bytes of a damaged sample."""
    rng = random.Random(seed)
    name = rng.choice(list(SAMPLES))
    data = SAMPLES[name]
    kinds = _ZIP_KINDS if data.startswith(b"PK") else _TEXT_KINDS
    return name, rng.choice(kinds)(data, rng)


def _flip(data: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 3, 30))):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _cut(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(200) :]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    piece = data[start : start + rng.randrange(1, 60)]
    return data[:start] + piece * rng.choice((2, 50, 5000)) + data[start:]


def _noise(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + rng.randbytes(rng.randrange(1, 400)) + data[start:]


def _bracket(data: bytes, rng: random.Random) -> bytes:
    sign = rng.choice((b"[", b"{", b"<v ", b'"', b"\\", b"-->", b"\0", b"\xef\xbb\xbf", b"9", b":", b" ", b"\r"))
    start = rng.randrange(len(data))
    return data[:start] + sign * rng.choice((1, 100, 50_000)) + data[start:]


def _double(data: bytes, rng: random.Random) -> bytes:
    """Write blocks twice, or in another order."""
    blocks = data.split(b"\n\n") if b"\n\n" in data else data.split(b"\n")
    start = rng.randrange(len(blocks))
    taken = blocks[start : start + rng.randrange(1, 40)]
    if rng.random() < 1 / 2:
        rng.shuffle(blocks)
    return b"\n".join([*blocks[:start], *taken * rng.choice((1, 2, 30)), *blocks[start:]])


def _swap_line_ends(data: bytes, rng: random.Random) -> bytes:
    ends = (b"\r", b"\r\n", b"\n\n", b"\n\r", b"\x0b", b"\xe2\x80\xa8", b"\t", b" ", b"")
    if rng.random() < 1 / 2:
        return data.replace(b"\n", rng.choice(ends))
    return b"".join(line + rng.choice(ends) for line in data.split(b"\n"))


def _change_labels(data: bytes, rng: random.Random) -> bytes:
    labels = (b"Ana", b"Interviewer", b"I:", b"P:", b"Mary Ng", b"Paul Ho", b"INT", b"PAR")
    names = (
        b"", b":", b"12", b"0:01", b"Will Lee", "陳大文".encode(), b"*in", b"|", b"[Ana", b"Ana]", b"<v >", b"-", b"- ",
        b"(", "\u0301".encode(), "\u202e".encode(), b"A" * 300, b"Q.", b"the", b"@", b"#", b"**", b"\t", b"a b c d e",
        b"So: so", "ر".encode(), b"\\", b"%s", b"{}", b"=1+1",
    )  # fmt: skip
    label = rng.choice(labels)
    pieces = data.split(label)
    return pieces[0] + b"".join((rng.choice(names) if rng.random() < 1 / 2 else label) + one for one in pieces[1:])


_TEXT_KINDS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _truncate, _cut, _repeat, _noise, _bracket, _double, _swap_line_ends, _change_labels,
)  # fmt: skip


# ---- inside zip packages


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _flip_part(data: bytes, rng: random.Random) -> bytes:
    parts = _parts(data)
    name = rng.choice(list(parts))
    parts[name] = rng.choice(_TEXT_KINDS)(parts[name], rng)
    return package(dict(parts))


def _swap_parts(data: bytes, rng: random.Random) -> bytes:
    parts = _parts(data)
    one, other = rng.sample(list(parts), 2)
    parts[one], parts[other] = parts[other], parts[one]
    return package(dict(parts))


def _drop_part(data: bytes, rng: random.Random) -> bytes:
    parts = _parts(data)
    del parts[rng.choice(list(parts))]
    return package(dict(parts))


def _rename_part(data: bytes, rng: random.Random) -> bytes:
    parts = _parts(data)
    name = rng.choice(list(parts))
    tricks = ("../../etc/passwd", "/etc/passwd", "C:\\x.xml", "a" * 3000, name.upper(), f"./{name}")
    parts[rng.choice(tricks)] = parts.pop(name)
    return package(dict(parts))


def _point_elsewhere(data: bytes, rng: random.Random) -> bytes:
    target = rng.choice(
        ("../../../../etc/passwd", "file:///etc/passwd", "http://127.0.0.1/x", "", "NULL", "word/../word/x")
    )
    return package({**_parts(data), "_rels/.rels": relationships(officeDocument=target)})


def _declare_entities(data: bytes, rng: random.Random) -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{levels}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    parts = _parts(data)
    name = rng.choice([part for part in parts if part.endswith(".xml")])
    text = parts[name].decode("utf-8")
    head, mark, rest = text.partition("?>")
    parts[name] = (head + mark + bomb + rest if mark else bomb + text).encode(rng.choice(("utf-8", "utf-16")))
    return package(dict(parts))


def _nest(_: bytes, rng: random.Random) -> bytes:
    depth = rng.choice((100, 240, 3000, 60_000))
    tag = rng.choice(("w:p", "w:tbl><w:tr><w:tc", "w:sdt", "w:ins", "w:r"))
    end = "".join(f"</{part}>" for part in reversed(tag.split("><")))
    return docx(f"<{tag}>" * depth + "x" + end * depth)


def _bomb(data: bytes, rng: random.Random) -> bytes:
    parts: dict[str, str | bytes] = {**_parts(data)}
    name = rng.choice(list(parts))
    parts[name] = rng.choice((b" ", b"<a>", b"\0")) * rng.choice((1_000_000, 8_000_000, 30_000_000))
    return package(parts)


def _lie_about_size(data: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(data)
    at = data.rfind(b"PK\x01\x02", 0, rng.randrange(data.index(b"PK\x01\x02") + 1, len(data)))
    field = rng.choice((20, 24, 28, 42))
    damaged[at + field : at + field + 4] = rng.randrange(2**32).to_bytes(4, "little")
    return bytes(damaged)


def _many_rows(_: bytes, rng: random.Random) -> bytes:
    rows = "<w:tr><w:tc><w:p/></w:tc></w:tr>" * rng.choice((10, 20_000))
    return docx(f"<w:tbl>{rows}</w:tbl>" + p("words"))


def _far_cell(data: bytes, rng: random.Random) -> bytes:
    parts = _parts(data)
    sheet = "xl/worksheets/sheet1.xml"
    if sheet in parts:
        row = rng.choice(("1048576", "99999999999", "-1", "x"))
        parts[sheet] = parts[sheet].replace(b'<row r="5"', f'<row r="{row}"'.encode()).replace(b'r="C9"', b'r="XFD9"')
        return package(dict(parts))
    return package({"[Content_Types].xml": TYPES, "word/document.xml": document(p("x") * 2_000)})


_ZIP_KINDS = (
    *_TEXT_KINDS[:5], _flip_part, _flip_part, _flip_part, _swap_parts, _drop_part, _rename_part, _point_elsewhere,
    _declare_entities, _nest, _bomb, _lie_about_size, _many_rows, _far_cell,
)  # fmt: skip
