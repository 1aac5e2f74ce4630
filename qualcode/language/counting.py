"""Where the words of whole transcripts begin, as arrays; what :mod:`qualcode.language.scripts` says decides."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from qualcode.byte_places import BytePlaces
from qualcode.columns import distinct
from qualcode.language.scripts import COMBINING, word_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]

_SIZE = 0x2100
# The table has the code points below: Latin, Greek, Cyrillic … and the punctuation of Western text.
_END_OF_ASCII, _BYTE_VALUES = 0x80, 0x100
_TWO_BYTES, _THREE_BYTES, _FOUR_BYTES = 0xC0, 0xE0, 0xF0
# From which on a byte of UTF-8 begins a sign of so many.
_LINE_END = ord("\n")
_GAP, _LETTER, _JOINER, _OTHER, _BEGINS = range(5)
# The last is what begins a sign of several bytes; those that continue one are a gap as long as it is not known.


def find_word_starts(text: str) -> npt.NDArray[np.int64]:
    """Return the offset at which each word starts, as :func:`~qualcode.language.scripts.word_starts` does.

    Parameters
    ----------
    text
        The text.
    """
    data = text.encode("utf-8", "surrogatepass")
    return BytePlaces(data).count(np.flatnonzero(mark_word_starts(data)))


def mark_word_starts(data: bytes) -> npt.NDArray[np.bool_]:
    """Tell of the bytes of a text in UTF-8 whether a word starts there.

    A letter begins a word unless it stands behind a letter, or behind a joiner that stands behind one. Lines to which
    that does not apply, with Chinese or with marks above letters, are left to the regular expression.

    Parameters
    ----------
    data
        The text.
    """
    kinds = np.frombuffer(bytearray(data).translate(_kinds_of_bytes()), np.uint8)
    signs = np.frombuffer(data, np.uint8)
    wide = np.flatnonzero(kinds == _BEGINS)
    sizes = _sizes_of_signs().take(signs.take(wide))
    kinds[wide] = _kinds_of_wide(signs, wide)
    letters = kinds.take(wide) == _LETTER
    for step in range(1, 4):
        kinds[wide[letters & (sizes > step)] + step] = _LETTER
    starts: npt.NDArray[np.bool_] = kinds == _LETTER
    is_letter = starts.copy()
    starts[1:] &= ~is_letter[:-1]
    joiners = np.flatnonzero(kinds == _JOINER)
    behind = joiners + _sizes_of_signs().take(signs.take(joiners))
    starts[behind[is_letter.take(joiners - 1, mode="clip") & is_letter.take(behind, mode="clip")]] = False
    odd = np.flatnonzero(kinds == _OTHER)
    for first, last in _find_lines(signs, odd) if len(odd) else ():
        line = data[first:last]
        begins = word_starts(line.decode("utf-8", "surrogatepass"))
        starts[first:last] = False
        starts[first + BytePlaces(line).find(np.asarray(begins, np.int64))] = True
    return starts


def _find_lines(signs: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield where lines with some places begin and end."""
    lines = np.concatenate([[0], np.flatnonzero(signs == _LINE_END) + 1, [len(signs) + 1]])
    number = distinct(np.searchsorted(lines, places, side="right") - 1)
    yield from zip(lines[number].tolist(), (lines[number + 1] - 1).tolist(), strict=True)


def _kinds_of_wide(signs: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return what each of the signs of several bytes is that begin at some bytes."""
    first, second, third = (signs.take(begins + step, mode="clip").astype(np.int32) for step in range(3))
    of_two = (first & 0x1F) << 6 | second & 0x3F
    of_three = (first & 0xF) << 12 | (second & 0x3F) << 6 | third & 0x3F
    codes = np.where(first < _THREE_BYTES, of_two, of_three)
    codes[first >= _FOUR_BYTES] = _SIZE
    return _kinds().take(codes, mode="clip")


@cache
def _sizes_of_signs() -> npt.NDArray[np.int64]:
    """Return how many bytes a sign has, by its first."""
    first = np.arange(_BYTE_VALUES)
    leasts = np.array([_TWO_BYTES, _THREE_BYTES, _FOUR_BYTES])
    return 1 + np.searchsorted(leasts, first, side="right")


@cache
def _kinds_of_bytes() -> bytes:
    ascii_kinds = _kinds()[:_END_OF_ASCII].tobytes()
    return ascii_kinds.ljust(_TWO_BYTES, bytes([_GAP])).ljust(_BYTE_VALUES, bytes([_BEGINS]))


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
    signs = [chr(code) for code in range(_SIZE)]
    marks = re.compile(f"[{COMBINING}]")
    kinds = np.zeros(_SIZE + 1, np.uint8)
    kinds[:-1][_are_one_word([f"a{sign}a" for sign in signs])] = _JOINER
    kinds[:-1][_are_one_word(signs)] = _OTHER
    kinds[:-1][_are_one_word(signs) & _are_one_word([sign * 2 for sign in signs])] = _LETTER
    kinds[[code for code, sign in enumerate(signs) if marks.match(sign)]] = _OTHER
    kinds[_SIZE] = _OTHER
    return kinds


def _are_one_word(texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell of texts of one length whether a word starts where they begin, and nowhere else; of all at once."""
    is_start = np.zeros(len(texts) * (len(texts[0]) + 1), np.bool_)
    is_start[word_starts("\n".join(texts))] = True
    of_texts = is_start.reshape(len(texts), -1)
    return of_texts[:, 0] & ~of_texts[:, 1:].any(axis=1)
