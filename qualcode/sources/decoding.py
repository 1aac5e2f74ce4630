"""From bytes to text: strict UTF-8 first, then a stated guess, never a replaced character."""

from __future__ import annotations

import codecs
import re

from qualcode.errors import Problem, SourceError
from qualcode.sources.files import recognise

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAME_IT = "Save the file as UTF-8, or give its encoding with --encoding"
_MOST = 0.9
_FEW = 4
_PROBE = 4096
_SAMPLE = 65_536
_ASCII = 0x7F
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\uffef]")
_USUAL = re.compile(
    r"[\t\n\r -~\u00a0-\u017f\u0370-\u07ff\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")

# Each encoding by the widest of its family: Hong Kong's Big5 is read as Big5-HKSCS, and so on.
_WIDER = {
    "big5": "big5hkscs",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "euc_jis_2004": "euc_jp",
    "euc_jisx0213": "euc_jp",
}
_LATIN = (
    "cp1250",
    "cp1252",
    "cp1254",
    "cp1257",
    "cp1258",
    "iso8859_",
    "latin",
    "mac_latin",
    "mac_iceland",
    "mac_roman",
    "mac_turkish",
    "cp437",
    "cp85",
    "cp86",
    "cp775",
    "hp_roman",
    "cp037",
    "cp500",
    "cp1026",
    "cp1140",
)
_WESTERN = frozenset("àâäáãåçéèêëíìîïñóòôöõúùûüÿæœøßÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜŒÆØ‘’“”„–—…«»€£°·•¿¡½\u00a0™©®")
_COMMON_CANTONESE = "我你佢係唔嘅咗啲呢好有"


def decode(data: bytes, where: str, encoding: str | None = None) -> tuple[str, str, list[Problem]]:
    """Return the text of a file, the encoding it was read in, and what the user should know about that.

    Raises
    ------
    SourceError
        If the bytes are no text, or do not fit the encoding; the message names the place.
    """
    if encoding is not None:
        return _decode_as(data, where, encoding), codecs.lookup(encoding).name, []
    if other := recognise(data):
        kind, hint = other
        raise SourceError(f"This is not a text file but {_with_article(kind)}.", where, hint)
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _decode_as(data, where, name), name.removesuffix("-sig"), []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _guess(data, where, error)
    if "\0" in text:
        return _decode_nulls(data, where)
    return text, "utf-8", []


def _with_article(kind: str) -> str:
    return kind if kind.startswith(("a ", "an ")) else f"one {kind}"


def _decode_as(data: bytes, where: str, encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding)
        is_text = codec._is_text_encoding  # noqa: SLF001  # the only mark of text codecs
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        hint = "Try utf-8, utf-16, cp1252, big5, big5hkscs, gb18030, shift_jis, euc_kr or mac_roman"
        raise SourceError(f"There is no encoding “{encoding}”.", where, hint)
    name = "utf-8-sig" if codec.name == "utf-8" else encoding
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise _undecodable(data, where, error) from error


def _undecodable(data: bytes, where: str, error: UnicodeDecodeError) -> SourceError:
    line = data.count(b"\n", 0, error.start) + 1
    message = f"Byte {error.start:,} (0x{data[error.start]:02X}) is not {error.encoding}."
    return SourceError(message, f"{where}:{line}", _NAME_IT)


def _decode_nulls(data: bytes, where: str) -> tuple[str, str, list[Problem]]:
    """Read UTF-16 without its mark: blanks and line ends have a null byte, and one order of bytes gives usual signs."""
    readings = []
    for name in ("utf-16-le", "utf-16-be"):
        text = data.decode(name, "ignore") if len(data) % 2 == 0 else ""
        if text and not _CONTROL.search(text):
            usual = len(_USUAL.findall(text)) / len(text)
            readings.append((usual, sum(map(str.isascii, text[:_PROBE])), name))
    usual, _, name = max(readings, default=(0.0, 0, ""))
    if usual > _MOST:
        return _decode_as(data, where, name), name, [_tell_guess(where, name)]
    raise SourceError("This is not a text file: it holds null bytes.", where, "Export it as .docx or .txt")


def _tell_guess(where: str, name: str) -> Problem:
    message = f"The encoding was guessed: {name}. Check that the first turns look right."
    return Problem(where, "note", "encoding-guessed", message, "If they do not, give the encoding with --encoding")


def _guess(data: bytes, where: str, error: UnicodeDecodeError) -> tuple[str, str, list[Problem]]:
    if b"\0" in data[:_PROBE]:
        return _decode_nulls(data, where)
    name = _guess_name(data)
    if name is None:
        raise _undecodable(data, where, error) from error
    return _decode_as(data, where, name), name, [_tell_guess(where, name)]


def _guess_name(data: bytes) -> str | None:
    """Return the likely encoding.

    charset-normalizer tells scripts apart well; among the Latin encodings it is led astray by short texts, so
    those are told apart by which of them gives nothing but the signs that Western European text is made of.
    """
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    guess = _WIDER.get(best.encoding, best.encoding) if best else None
    if guess is None or guess.startswith(_LATIN):
        # charset-normalizer sees a part of a long file, and rare signs stand anywhere.
        signs = {byte for byte in set(data) if byte > _ASCII}
        for name in ("cp1252", "mac_roman"):
            is_western = all(bytes([sign]).decode(name, "ignore") in _WESTERN for sign in signs)
            if is_western and _is_plausible(data.decode(name)):
                return name
    if guess is None and _is_cantonese(data):
        guess = "big5hkscs"
    is_sure = guess is not None and _fits(data, guess) and _is_plausible(text := data.decode(guess))
    return guess if is_sure and len(set(_FOREIGN.findall(text))) >= _FEW else None


def _is_plausible(text: str) -> bool:
    """Tell whether signs beyond ASCII stand as in writing.

    Nearly any bytes are letters in some encoding, so a guess alone would let damaged text pass for foreign.
    """
    foreign = list(_FOREIGN.finditer(text, 0, _SAMPLE))
    odd = sum(
        _is_odd(found[0], text[max(found.start() - 1, 0) : found.start()], text[found.end() : found.end() + 1])
        for found in foreign
    )
    return odd <= len(foreign) / 20


def _is_odd(sign: str, before: str, after: str) -> bool:
    """Tell whether nobody would write a sign there: a capital or a symbol within a word, two alphabets in one."""
    n_beside = sum(letter.isascii() and letter.isalpha() for letter in (before, after))
    if not sign.isalpha():
        return not (sign.isprintable() or sign.isspace()) or (n_beside > 0 and sign not in _WESTERN)
    if sign < "\u0250":
        return sign.isupper() and before.islower()
    return n_beside == len((before, after)) if _WIDE.match(sign) else n_beside > 0


def _fits(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _is_cantonese(data: bytes) -> bool:
    text = data.decode("big5hkscs", "ignore")
    return sum(text.count(sign) for sign in _COMMON_CANTONESE) > len(text) / 20
