"""Text of XML and HTML: by its tags alone, so that a damaged file is read as far as it goes and nothing is expanded.

Words that a format cuts into runs are put together again: a name may begin in one and end in the next.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import zlib
from typing import TYPE_CHECKING

from qualcode.leaks.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)(?:-->|\Z)|<!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)|<[?!][^>]*>"
    r"|<(?P<end>/?)(?:(?P<prefix>[\w.-]+):)?(?P<name>[A-Za-z_][\w.-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_INLINE = frozenset(
    """
    a abbr b bdi bdo big cite code data dfn del em font i ins kbd mark q r rp rt ruby s samp small span strike
    strong sub sup t time tspan tt u var wbr rPr sz rFont color family scheme charset vertAlign phoneticPr label
    """.split()  # noqa: SIM905
)
_BLOCKS_OF_WORD = frozenset(
    [
        "p",
        "tbl",
        "tr",
        "tc",
        "body",
        "hdr",
        "ftr",
        "comment",
        "footnote",
        "endnote",
        "sectPr",
        "txbxContent",
        "docPart",
        "sdtContent",
    ]
)
_BLANK = frozenset({"br", "tab", "cr", "noBreakHyphen", "hr"})
_RAW = frozenset({"script", "style"})
_LINKS = frozenset({"href", "src", "Target", "target", "action", "cite"})
_WORDLESS = re.compile(r"[\d\s.,:;#%()+-]*|(?:https?|urn):[^\s]*(?:schemas|w3\.org|purl|openxmlformats|microsoft)\S*")
_SCHEMAS = re.compile(
    r"(?:https?://|urn:)[^\s\"'<>]*"
    r"(?:w3\.org|schemas|purl\.o|openxmlformats|oasis|dublincore|adobe|inkscape|creativecommons|matplotlib)[^\s\"'<>]*"
)
_WORD_SPACE = re.compile(
    r"xmlns:(\w+)=[\"'](?:http://schemas\.openxmlformats\.org|http://purl\.oclc\.org/ooxml)/wordprocessingml"
)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}\s?){16,}(?:[A-Za-z0-9+/]{2,3}={0,2})?")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\(n|t|r|\"|/|\\)")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")


def read_markup(text: str, *, of_word: bool = False, every_element: bool = False) -> Iterator[Piece]:
    """Yield the paragraphs of a text with tags, what is written into its tags, its comments and its scripts.

    Parameters
    ----------
    text
        The file.
    of_word
        Whether it is a part of a Word document, in which all but a few tags stand inside of lines.
    every_element
        Whether each element is a stretch of its own, as in lists of properties.
    """
    reader = _Reader(text, of_word=of_word, every_element=every_element)
    yield from reader.read()
    yield from reader.read_attributes()


class _Reader:
    def __init__(self, text: str, *, of_word: bool, every_element: bool) -> None:
        self.text = text
        self.of_word, self.every_element = of_word, every_element
        self.word_prefix = "w"
        if of_word and (found := _WORD_SPACE.search(text, 0, 20_000)):
            self.word_prefix = found[1]
        self.number = 0
        self.parts: list[str] = []
        self.marks: dict[str, int] = {"del": 0, "ins": 0}
        self.seen: set[str] = set()
        self.attributes: dict[str, dict[str, None]] = {}

    def read(self) -> Iterator[Piece]:
        """Yield paragraphs, comments and scripts in the order of the text."""
        at = 0
        while (token := _TOKEN.search(self.text, at)) is not None:
            self.parts.append(html.unescape(self.text[at : token.start()]))
            at = token.end()
            name = token["name"]
            if token["comment"] is not None:
                yield Piece("a comment in the code", html.unescape(token["comment"]))
            elif token["data"] is not None:
                self.parts.append(token["data"])
            elif name is not None:
                yield from self._take_tag(token, name)
                if name.casefold() in _RAW and not token["end"]:
                    end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(self.text, at)
                    stop = end.start() if end else len(self.text)
                    yield Piece(f"a {name.casefold()}", unescape_script(self.text[at:stop]), "names")
                    at = stop
        self.parts.append(html.unescape(self.text[at:]))
        yield from self._close()

    def _take_tag(self, token: re.Match[str], name: str) -> Iterator[Piece]:
        if name in self.marks and token["prefix"] == self.word_prefix and not token["attributes"].endswith("/"):
            self.marks[name] += -1 if token["end"] else 1
            if not token["end"]:
                self.seen.add("deleted" if name == "del" else "inserted")
        if name in _BLANK:
            self.parts.append(" ")
        elif self._is_border(name):
            yield from self._close()
        if token["attributes"] and not token["end"]:
            for key, *values in _ATTRIBUTE.findall(token["attributes"]):
                value = html.unescape("".join(values)).strip()
                if value and not key.startswith("xmlns") and not _WORDLESS.fullmatch(value):
                    self.attributes.setdefault(value, {}).setdefault(key)

    def _is_border(self, name: str) -> bool:
        if self.every_element:
            return True
        if self.of_word:
            return name in _BLOCKS_OF_WORD
        return name not in _INLINE and name.casefold() not in _INLINE

    def _close(self) -> Iterator[Piece]:
        words = "".join(self.parts)
        self.parts = []
        if words.strip():
            self.number += 1
            told = f", {' and '.join(sorted(self.seen))} with tracked changes" if self.seen else ""
            yield Piece(f"paragraph {self.number}{told}", words)
        self.seen = {word for name, word in (("del", "deleted"), ("ins", "inserted")) if self.marks[name] > 0}

    def read_attributes(self) -> Iterator[Piece]:
        """Yield what is written into tags, each once."""
        for value, keys in self.attributes.items():
            is_link = any(key.rpartition(":")[2] in _LINKS for key in keys)
            if value.startswith("data:") or len(value) > 2_000:  # noqa: PLR2004  # read as files inside
                continue
            place = f"the attribute {next(iter(keys))}"
            words = unquote(value)
            yield Piece(place, words, "all" if is_link and not _SCHEMAS.search(value) else "names")


def unquote(text: str) -> str:
    """Return a text in which ``%C3%A9`` and the like are letters again, behind the text as it is."""
    if not _PERCENT.search(text):
        return text
    from urllib.parse import unquote as unquote_url

    return unquote_url(text, errors="replace")


def unescape_script(text: str) -> str:
    r"""Return code or JSON in which ``\u00e9`` and the like are letters again, where there are any."""
    if "\\" not in text:
        return text

    def put(found: re.Match[str]) -> str:
        if found[1] or found[2]:
            return chr(int(found[1] or found[2], 16))
        return {"n": "\n", "t": "\t", "r": "\r"}.get(found[3], found[3])

    words = _ESCAPED.sub(put, text)
    # Two halves of one character, as JSON writes those beyond the first plane.
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def find_packed(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield what a text holds in base64, unpacked where it is compressed: pictures, and data of pages."""
    for number, found in enumerate(_BASE64.finditer(text), start=1):
        packed = re.sub(r"\s", "", found[0])
        try:
            data = base64.b64decode(
                packed[: len(packed) // 4 * 4] if len(packed) % 4 == 1 else packed + "=" * (-len(packed) % 4)
            )
        except (binascii.Error, ValueError):
            continue
        yield f"data {number}", inflate(data)


def inflate(data: bytes, most: int = 200_000_000) -> bytes:
    """Return bytes unpacked, if they are compressed with gzip, zlib or raw deflate; else as they are."""
    ways = (31,) if data.startswith(b"\x1f\x8b") else (15, -15)
    for bits in ways:
        unpacker = zlib.decompressobj(bits)
        try:
            unpacked = unpacker.decompress(data, most)
        except zlib.error:
            continue
        if unpacker.eof and unpacked:
            return unpacked
    return data
