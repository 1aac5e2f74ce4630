"""From any file to its pieces of text. What cannot be read is reported, and never passed over."""

from __future__ import annotations

import io
import re
import sqlite3
import tarfile
import zipfile
import zlib
from dataclasses import replace
from lzma import LZMAError
from typing import TYPE_CHECKING

from qualcode.errors import MissingDependencyError, Problem
from qualcode.leaks.databases import SQLITE, read_database
from qualcode.leaks.markup import find_packed, inflate, read_markup, unescape_script, unquote
from qualcode.leaks.packages import is_package, read_parts
from qualcode.leaks.pdf import PDF, read_pdf
from qualcode.leaks.pictures import is_picture, read_picture
from qualcode.leaks.pieces import MAX_BYTES, MAX_DEPTH, Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qualcode.leaks.pieces import Limits

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP, _XZ, _BZ2 = b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh"
_OLE = b"\xd0\xcf\x11\xe0"
_PARQUET = b"PAR1"
_MARKUP = re.compile(r"\s*(?:<\?xml|<!DOCTYPE|<!--|<[a-zA-Z][\w:.-]*[\s>/])")
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_BOMS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LEGACY = ("cp1252", "gb18030", "big5hkscs", "utf-16-le")
_RTF_MARK = re.compile(r"\\'([0-9a-fA-F]{2})|\\u(-?\d+)\s?\??|\\(par|line|tab)\b\s?|\\[a-z]+-?\d*\s?|[{}]")
_DATA_URL = re.compile(r"data:[\w/+.-]+(?:;(?!base64)[\w=-]+)*,([^\"'()\s]{20,})")
_RUNS = re.compile(rb"[\x09\x0a\x0d\x20-\x7e\x80-\xff]{4,}")
_CHUNK = 400_000
_BROKEN = (
    ValueError, OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, sqlite3.Error,
    RuntimeError, NotImplementedError, MemoryError, OverflowError,
)  # fmt: skip
"""What reading a damaged file may raise."""
_UNKNOWN = {
    b"ID3": "a recording", b"RIFF": "a recording", b"OggS": "a recording", b"fLaC": "a recording",
    b"7z\xbc\xaf": "a 7z archive", b"Rar!": "a RAR archive",
}  # fmt: skip


def split_name(name: str) -> str:
    """Return the name of a file with its parts apart: ``Interview Ana`` for ``InterviewAna``."""
    return _CAMEL.sub(" ", name)


def read_file(name: str, data: bytes, limits: Limits, *, depth: int = 0) -> Iterator[Piece]:
    """Yield the pieces of text in a file, those of files inside it included.

    Parameters
    ----------
    name
        What the file is called, for problems.
    data
        Its bytes.
    limits
        How much may be unpacked; takes the problems.
    depth
        In how many other files it lies.
    """
    if depth > MAX_DEPTH:
        _tell(limits, name, f"It lies in more than {MAX_DEPTH} other files")
        return
    try:
        yield from _read(name, data, limits, depth)
    except MissingDependencyError as error:
        limits.problems.append(error.as_problem("unread", where=name, level="warning"))
    except _BROKEN as error:
        reason = f"{error}".strip().rstrip(".") or type(error).__name__
        _tell(limits, name, f"Not all of it can be read: {reason}")


def _tell(limits: Limits, name: str, message: str) -> None:
    hint = "Look through it yourself, or leave it out"
    problem = Problem(name, "warning", "unread", f"{message[:300]}.", hint)
    if problem not in limits.problems:
        limits.problems.append(problem)


def _read(name: str, data: bytes, limits: Limits, depth: int) -> Iterator[Piece]:
    if len(data) > MAX_BYTES:
        _tell(limits, name, f"The file is larger than {MAX_BYTES // 1_000_000} MB and was not read")
    elif data.startswith(_ZIP):
        yield from _read_zip(name, data, limits, depth)
    elif data.startswith((_GZIP, _XZ, _BZ2)) or data[257:262] == b"ustar":
        yield from _read_tar(name, data, limits, depth)
    elif (reader := _find_reader(data)) is not None:
        yield from reader(data)
    elif data.startswith((_OLE, *_UNKNOWN)):
        yield from _read_unknown(name, data, limits)
    elif (text := _decode(data)) is not None:
        yield from _read_text(name, text, limits, depth)
    elif _may_be_text(data):
        for encoding in _LEGACY:  # which of them it is matters to nothing but the words
            sought = "all" if encoding == "cp1252" else "names"
            for piece in _read_text(name, data.decode(encoding, "replace"), limits, depth):
                yield replace(piece, sought=sought)  # type: ignore[arg-type]  # one of the words
    else:
        yield from _read_unknown(name, data, limits)


def _find_reader(data: bytes) -> Callable[[bytes], Iterator[Piece]] | None:
    """Return what reads a kind of file that is known by its first bytes."""
    if PDF in data[:1024]:
        return read_pdf
    if data.startswith(SQLITE):
        return read_database
    if is_picture(data):
        return read_picture
    return _read_parquet if data.startswith(_PARQUET) else None


def _decode(data: bytes) -> str | None:
    """Return a text in one of the encodings that a file states or proves; ``None`` if there is none."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    if b"\0" in data[:4096]:
        even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
        half = len(data[:4096]) // 4
        if max(even, odd) > half > min(even, odd):
            return data.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _may_be_text(data: bytes) -> bool:
    head = data[:65_536]
    n_controls = sum(head.count(mark) for mark in (*range(9), *range(14, 27), *range(28, 32)))
    return n_controls * 100 <= len(head)


def _read_text(name: str, text: str, limits: Limits, depth: int) -> Iterator[Piece]:
    if text.startswith("{\\rtf"):
        yield from _cut_lines(_read_rtf(text))
        return
    if _MARKUP.match(text[:1000]):
        yield from read_markup(text)
    else:
        is_script = name.lower().endswith((".json", ".jsonl", ".ipynb", ".js")) or text.lstrip()[:1] in {"{", "["}
        plain = unescape_script(text) if is_script else text
        yield from _cut_lines(unquote(plain) if "%" in plain[:_CHUNK] and "://" in plain else plain)
    for number, found in enumerate(_DATA_URL.finditer(text), start=1):
        yield from _read_inner(f"picture {number}", unquote(found[1]).encode("utf-8", "replace"), name, limits, depth)
    for inner, packed in find_packed(text):
        yield from _read_inner(inner, packed, name, limits, depth)


def _read_inner(inner: str, data: bytes, name: str, limits: Limits, depth: int) -> Iterator[Piece]:
    """Yield pieces of what is packed into a text, if it is a file or words."""
    is_file = data.startswith((*_ZIP, PDF, SQLITE)) or is_picture(data)
    if not is_file and (_decode(data) is None or not _may_be_text(data)):
        return
    if not limits.take(len(data)):
        _tell(limits, name, "It holds more data than is unpacked")
        return
    for piece in read_file(f"{name} › {inner}", data, limits, depth=depth + 1):
        yield replace(piece, inner=(inner, *piece.inner))


def _cut_lines(text: str) -> Iterator[Piece]:
    """Yield a text in stretches of lines, each with the number of its first one; they overlap by a line."""
    at, line = 0, 1
    while at < len(text):
        end = text.find("\n", at + _CHUNK)
        end = len(text) if end < 0 else end + 1
        yield Piece(f"line {line}", text[at:end])
        if end >= len(text):
            return
        again = text.rfind("\n", at, end - 1) + 1
        again = again if again > at else end
        line += text.count("\n", at, again)
        at = again


def _read_rtf(text: str) -> str:
    def put(found: re.Match[str]) -> str:
        if found[1]:
            return bytes([int(found[1], 16)]).decode("cp1252", "replace")
        if found[2]:
            return chr(int(found[2]) % 65_536)
        return "\n" if found[3] else ""

    return _RTF_MARK.sub(put, text)


def _read_zip(name: str, data: bytes, limits: Limits, depth: int) -> Iterator[Piece]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if archive.comment:
            yield Piece("comment of the archive", archive.comment.decode("utf-8", "replace"))
        contents: dict[str, bytes] = {}
        package = is_package({one.filename: None for one in members})
        for one in members:
            is_locked = bool(one.flag_bits & 1)
            if is_locked or not limits.take(one.file_size):
                reason = "is encrypted" if is_locked else "would unpack to more than is read"
                _tell(limits, name, f"The file “{one.filename}” in it {reason}")
                continue
            with archive.open(one) as member:
                content = member.read(one.file_size + 1)
            if package:
                contents[one.filename] = content
            else:
                yield from _read_member(name, one.filename, content, limits, depth)
    if package:
        yield from _read_package(name, contents, limits, depth)


def _read_package(name: str, contents: dict[str, bytes], limits: Limits, depth: int) -> Iterator[Piece]:
    texts = {
        one: text
        for one, data in contents.items()
        if one.endswith((".xml", ".rels", ".vml")) and (text := _decode(data)) is not None
    }
    yield from read_parts(texts)
    for one, data in contents.items():
        if one not in texts and not one.endswith((".ttf", ".odttf", ".fntdata", ".bin", ".wmf", ".emf")):
            yield from _read_member(name, one, data, limits, depth)


def _read_member(name: str, inner: str, data: bytes, limits: Limits, depth: int) -> Iterator[Piece]:
    yield Piece("name of the file", split_name(inner), inner=(inner,))
    for piece in read_file(f"{name} › {inner}", data, limits, depth=depth + 1):
        yield replace(piece, inner=(inner, *piece.inner))


def _read_tar(name: str, data: bytes, limits: Limits, depth: int) -> Iterator[Piece]:
    try:
        archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:*")  # noqa: SIM115  # closed below
    except tarfile.TarError:
        unpacked = inflate(data) if data.startswith(_GZIP) else b""
        if not unpacked or not limits.take(len(unpacked)):
            _tell(limits, name, "It is compressed in a way that is not read")
            return
        yield from read_file(name, unpacked, limits, depth=depth + 1)
        return
    with archive:
        for one in archive:
            if not limits.take(one.size):
                _tell(limits, name, f"The file “{one.name}” in it would unpack to more than is read")
                return
            member = archive.extractfile(one) if one.isreg() else None
            yield from _read_member(name, one.name, member.read() if member else b"", limits, depth)


def _read_parquet(data: bytes) -> Iterator[Piece]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
    except pa.ArrowException as error:
        raise ValueError("the table is damaged") from error
    for key, value in (table.schema.metadata or {}).items():
        yield Piece(f"properties ({key.decode('utf-8', 'replace')})", value.decode("utf-8", "replace"), "names")
    for column in table.column_names:
        for number, cell in enumerate(table.column(column).to_pylist(), start=1):
            if isinstance(cell, str | list | dict | bytes):
                yield Piece(f"row {number}, column {column}", cell if isinstance(cell, str) else str(cell))


def _read_unknown(name: str, data: bytes, limits: Limits) -> Iterator[Piece]:
    """Yield what looks like words in a file of another kind, and say that it is not really read."""
    if not data:
        return
    kind = next((words for head, words in _UNKNOWN.items() if data.startswith(head)), "")
    kind = kind or ("an older Office file, or an encrypted one" if data.startswith(_OLE) else "")
    kind = kind or ("a recording" if data[4:8] == b"ftyp" else "a kind of file that is not known")
    _tell(limits, name, f"It is {kind}, of which only plain words are found")
    words = "\n".join(run.decode("utf-8", "replace") for run in _RUNS.findall(data))
    yield Piece("somewhere in the file", words, "names")
    for encoding in ("utf-16-le", "utf-16-be"):
        wide = data[: len(data) // 2 * 2].decode(encoding, "replace")
        yield Piece("somewhere in the file", re.sub(r"[\0-\x08\ufffd]+", "\n", wide), "names")
