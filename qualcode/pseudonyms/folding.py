"""Texts in the form in which spellings of one name are equal, with the places where they stand."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from qualcode.language import CJK_LETTERS
from qualcode.pseudonyms.words import SIMPLIFIED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
"""Chinese characters, as a class of a regular expression holds them."""

_WORD = re.compile(rf"[{CJK_LETTERS}]|[^\W\d_{CJK_LETTERS}]+")
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "’": "'", "ʼ": "'", "‘": "'"}


class _Table(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_mark(chr(code))
        return folded


def _fold_mark(mark: str) -> str:
    if unicodedata.category(mark) in {"Cf", "Mn"}:  # zero-width and direction marks, accents by themselves
        return ""
    plain = unicodedata.normalize("NFKC", mark).casefold()
    bare = "".join(one for one in unicodedata.normalize("NFD", plain) if unicodedata.category(one) != "Mn")
    bare = unicodedata.normalize("NFC", bare)
    return "".join(SIMPLIFIED.get(one, _LETTERS.get(one, one)) for one in bare)


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A text in folded form.

    Attributes
    ----------
    text
        Without case, width, accents and marks of no width; Chinese in the simplified script as far as names need it.
    starts
        Where each of its characters stands in the text as given; ``None``: in the same place.
    """

    text: str
    starts: Sequence[int] | None = None

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of the folded text stands in the text as given."""
        if self.starts is None:
            return start, end
        return self.starts[start], self.starts[end - 1] + 1


def fold(text: str) -> FoldedText:
    """Return a text in the form in which spellings of a name are equal.

    Examples
    --------
    >>> fold("José ＡＮＡ 陳").text
    'jose ana 陈'
    """
    if text.isascii():
        return FoldedText(text.lower())
    if all(len(_TABLE[ord(mark)]) == 1 for mark in set(text)):
        return FoldedText(text.translate(_TABLE))
    starts = [place for place, mark in enumerate(text) for _ in _TABLE[ord(mark)]]
    return FoldedText(text.translate(_TABLE), starts)


def find_words(folded: str) -> Iterator[re.Match[str]]:
    """Yield the words of a folded text, each Chinese character as one."""
    return _WORD.finditer(folded)


def list_words(text: str) -> list[str]:
    """Return the words of a text in folded form."""
    return _WORD.findall(fold(text).text)


@cache
def _han() -> re.Pattern[str]:
    return re.compile(f"[{CJK_LETTERS}]")


def is_han(word: str) -> bool:
    """Tell whether a word is written in Chinese, Japanese or Korean letters."""
    return _han().match(word) is not None
