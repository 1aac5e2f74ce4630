"""Where the words of whole transcripts begin, as arrays; what :mod:`qualcode.language.scripts` says decides."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from qualcode.columns import distinct
from qualcode.language.scripts import COMBINING, word_starts

if TYPE_CHECKING:
    from collections.abc import Sequence

    Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]

_SIZE = 0x2100
# The table has the code points below: Latin, Greek, Cyrillic … and the punctuation of Western text.
_END_OF_ASCII, _BYTE_VALUES = 0x80, 0x100
_TWO_BYTES, _THREE_BYTES, _FOUR_BYTES = 0xC0, 0xE0, 0xF0
# From which on a byte of UTF-8 begins a sign of so many.
_LINE_END = ord("\n")
_GAP, _LETTER, _JOINER, _OTHER, _BEGINS, _GOES_ON = range(6)
# The last two are bytes of UTF-8: such as begin a sign of several bytes, and the others of it.


def find_word_starts(text: str, data: bytes | None = None) -> npt.NDArray[np.int64]:
    """Return the offset at which each word starts, as :func:`~qualcode.language.scripts.word_starts` does.

    A letter begins a word unless it stands behind a letter, or behind a joiner that stands behind one. Lines to which
    that does not apply, with Chinese or with marks above letters, are left to the regular expression.

    Parameters
    ----------
    text
        The text.
    data
        The same in UTF-8, if at hand.
    """
    if not text:
        return np.zeros(0, np.int64)
    kinds = _kinds_of(text.encode("utf-8", "surrogatepass") if data is None else data)
    odd = np.flatnonzero(kinds == _OTHER)
    if not len(odd):
        return _find_starts(kinds)
    codes = codes_of(text)
    lines = np.concatenate([[0], np.flatnonzero(codes == _LINE_END) + 1, [len(codes) + 1]])
    number = distinct(np.searchsorted(lines, odd, side="right") - 1)
    found = []
    for first, last in zip(lines[number].tolist(), (lines[number + 1] - 1).tolist(), strict=True):
        kinds[first:last] = _GAP
        found.append(np.asarray(word_starts(text[first:last]), np.int64) + first)
    return np.sort(np.concatenate([_find_starts(kinds), *found]))


def _kinds_of(data: bytes) -> npt.NDArray[np.uint8]:
    """Return what each code point of a text in UTF-8 is; most are one byte, and these cost least."""
    kinds = np.frombuffer(bytearray(data).translate(_kinds_of_bytes()), np.uint8)
    begins = np.flatnonzero(kinds == _BEGINS)
    if not len(begins):
        return kinds
    signs = np.frombuffer(data, np.uint8)
    first, second, third = (signs.take(begins + step, mode="clip").astype(np.int32) for step in range(3))
    of_two = (first & 0x1F) << 6 | second & 0x3F
    of_three = (first & 0xF) << 12 | (second & 0x3F) << 6 | third & 0x3F
    codes = np.where(first < _THREE_BYTES, of_two, of_three)
    codes[first >= _FOUR_BYTES] = _SIZE
    kinds[begins] = _kinds().take(codes, mode="clip")
    found: npt.NDArray[np.uint8] = kinds[kinds != _GOES_ON]
    return found


@cache
def _kinds_of_bytes() -> bytes:
    ascii_kinds = _kinds()[:_END_OF_ASCII].tobytes()
    return ascii_kinds.ljust(_TWO_BYTES, bytes([_GOES_ON])).ljust(_BYTE_VALUES, bytes([_BEGINS]))


def _find_starts(kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    is_letter = kinds == _LETTER
    begins = is_letter.copy()
    begins[1:] &= ~is_letter[:-1]
    begins[2:] &= ~(is_letter[:-2] & (kinds[1:-1] == _JOINER))
    return np.flatnonzero(begins)


def codes_of(text: str) -> Codes:
    """Return the code points of a text; of plain ASCII a byte each, since memory is what takes long."""
    if text.isascii():
        return np.frombuffer(text.encode(), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def look_up(table: npt.NDArray[np.uint8], codes: Codes) -> npt.NDArray[np.uint8]:
    """Return what a table says of each code point, by the last entry of those that it does not reach.

    Plain signs of ASCII are looked up as bytes, which is several times as fast as to take entries by number.
    """
    ascii_table = table[:_END_OF_ASCII].tobytes().ljust(_BYTE_VALUES, b"\0")
    if codes.dtype == np.uint8:
        return np.frombuffer(bytearray(codes).translate(ascii_table), np.uint8)
    low = np.minimum(codes, _END_OF_ASCII).astype(np.uint8)
    found = np.frombuffer(bytearray(low).translate(ascii_table), np.uint8)
    others = np.flatnonzero(low == _END_OF_ASCII)
    found[others] = table.take(codes.take(others), mode="clip")
    return found


def count_all_words(texts: Sequence[str]) -> list[int]:
    """Return the number of words in each text, as :func:`~qualcode.language.scripts.count_words` counts them."""
    edges = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1, out=edges[1:])
    before = np.searchsorted(find_word_starts("\n".join(texts)), edges)
    counted: list[int] = np.diff(before).tolist()
    return counted


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """Return what each code point is, asked of the regular expression itself."""
    kinds = np.zeros(_SIZE + 1, np.uint8)
    kinds[_SIZE] = _OTHER
    marks = re.compile(f"[{COMBINING}]")
    for code in range(_SIZE):
        character = chr(code)
        if marks.match(character):
            kinds[code] = _OTHER
        elif word_starts(character):
            kinds[code] = _LETTER if word_starts(character * 2) == [0] else _OTHER
        elif word_starts(f"a{character}a") == [0]:
            kinds[code] = _JOINER
    return kinds
