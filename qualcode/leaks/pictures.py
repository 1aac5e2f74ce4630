"""What pictures say beside what they show: text chunks of PNG, EXIF, XMP, IPTC and comments of JPEG, TIFF and WebP."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Literal

from qualcode.leaks.markup import inflate
from qualcode.leaks.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"
_TIFF = (b"II*\0", b"MM\0*")
_XMP = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>|<rdf:RDF.*?</rdf:RDF>", re.DOTALL)
_RUNS = re.compile(rb"[\x20-\x7e\x80-\xff]{4,}")
_GPS = 0x8825


def is_picture(data: bytes) -> bool:
    """Tell whether bytes are those of a picture whose metadata can be read."""
    return data.startswith((PNG, JPEG, GIF, *_TIFF)) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def read_picture(data: bytes) -> Iterator[Piece]:
    """Yield the words in a picture's metadata; words that it shows are not read."""
    from qualcode.leaks.markup import read_markup

    for found in _XMP.finditer(data):
        for piece in read_markup(found[0].decode("utf-8", "replace"), every_element=True):
            yield Piece(f"picture's metadata (XMP), {piece.place}", piece.text, "names")
    if data.startswith(PNG):
        yield from _read_png(data)
    elif data.startswith(JPEG):
        yield from _read_jpeg(data)
    elif data.startswith(_TIFF):
        yield from _read_exif(data, "picture's metadata")
    elif data.startswith(GIF):
        yield Piece("picture's metadata", _list_runs(data[:65_536] + data[-65_536:]), "names")
    elif (at := data.find(b"EXIF")) > 0:
        yield from _read_exif(data[at + 8 :], "picture's metadata (EXIF)")


def _read_png(data: bytes) -> Iterator[Piece]:
    at = len(PNG)
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind in {b"tEXt", b"zTXt", b"iTXt"}:
            key, _, rest = body.partition(b"\0")
            if kind == b"zTXt":
                rest = inflate(rest[1:])
            elif kind == b"iTXt":
                is_packed, words = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
                rest = inflate(words) if is_packed else words
            yield Piece(f"picture's metadata ({key.decode('latin-1')})", _decode(rest))
        elif kind == b"eXIf":
            yield from _read_exif(body, "picture's metadata (EXIF)")
        at += 12 + length


def _read_jpeg(data: bytes) -> Iterator[Piece]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004
        mark, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        if mark == 0xDA:  # noqa: PLR2004  # the picture begins
            return
        if mark == 0xE1 and body.startswith(b"Exif\0\0"):  # noqa: PLR2004
            yield from _read_exif(body[6:], "picture's metadata (EXIF)")
        elif mark == 0xED:  # noqa: PLR2004
            yield Piece("picture's metadata (IPTC)", _list_runs(body))
        elif mark == 0xFE:  # noqa: PLR2004
            yield Piece("picture's comment", _decode(body))
        at += 2 + length


def _read_exif(data: bytes, place: str) -> Iterator[Piece]:
    """Yield the texts of EXIF, in bytes and in UTF-16 as Windows writes them, and that it knows where it was taken."""
    yield Piece(place, _list_runs(data))
    wide = re.sub(rb"[^\x20-\x7e]", b"", data.replace(b"\0", b""))
    yield Piece(place, wide.decode("latin-1"), "names")
    for encoding in ("utf-16-le", "utf-16-be"):
        for shift in (0, 1):
            words = data[shift : shift + (len(data) - shift) // 2 * 2].decode(encoding, "replace")
            for run in re.findall(r"[\u3400-\u9fff\w .,'’-]{2,}", words):
                yield Piece(place, run, "names")
    if _GPS in _list_tags(data):
        yield Piece(f"{place}, where it was taken", "GPS", "position")


def _list_tags(data: bytes) -> set[int]:
    """Return the tags of the first directory of EXIF."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    at = int.from_bytes(data[4:8], order)
    number = int.from_bytes(data[at : at + 2], order)
    return {int.from_bytes(data[place : place + 2], order) for place in range(at + 2, at + 2 + 12 * number, 12)}


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _list_runs(data: bytes) -> str:
    return "\n".join(_decode(run) for run in _RUNS.findall(data))
