"""Scripts and words: which characters are Chinese, Japanese or Korean, what counts as a word, which language it is.

Standard library only, so that whoever needs no more than this loads no more.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

HAN = "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Han ideographs and their radicals, as the inside of a character class."""

KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7fb\uffa1-\uffdc"
CJK_LETTERS = HAN + KANA + HANGUL
"""Characters of which each counts as a word."""

CJK_MARKS = (
    "\u3001-\u3004\u3006\u3008-\u3020\u302a-\u3037\u303c-\u303f\u3099-\u309c\u30a0\u30fb\ufe10-\ufe1f\ufe30-\ufe4f"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uff9e\uff9f\uffe0-\uffee"
)
"""Punctuation that is set among them, full-width forms included (full-width letters and digits are not)."""

COMBINING = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
    "\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a51\u0abc-\u0acd\u0b3c-\u0b57\u0bbe-\u0bcd\u0c3e-\u0c56\u0cbc-\u0cd6"
    "\u0d3b-\u0d57\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u200c\u200d"
)
# Marks above and below letters are no letters to Python's ``\w``, yet a word does not end at one.

_LETTERS = f"[^\\W_{CJK_LETTERS}](?:[^\\W_{CJK_LETTERS}]|[{COMBINING}])*"
_HAN = f"[{HAN}]"
_CJK_LETTER = f"[{CJK_LETTERS}]"
_CJK = f"[{HAN}{HANGUL}]|[{KANA}]{{2}}"
_WORD = f"[{CJK_LETTERS}]|{_LETTERS}(?:['’-]{_LETTERS})*"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern, compiled when first needed: that takes as long as many a short job."""
    return re.compile(pattern)


def has_cjk(text: str) -> bool:
    """Tell whether a text holds Chinese, Japanese or Korean words; the one letter in ¯\\_(ツ)_/¯ is none."""
    if text.isascii() or not _compiled(_CJK_LETTER).search(text):  # one class is searched three times as fast
        return False
    return _compiled(_CJK).search(text) is not None


def count_words(text: str) -> int:
    """Return the number of words in a text.

    A run of letters and digits, with ``'``, ``’`` and ``-`` inside, is one word; each Chinese, Japanese or Korean
    character counts as one.
    """
    return len(_compiled(_WORD).findall(text))


def count_columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def align(rows: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> list[str]:
    """Return rows of cells as lines in which columns stand below one another, two blanks apart.

    Parameters
    ----------
    rows
        Cells, as many in each.
    right
        The columns whose cells stand at the right, as numbers do.
    """
    widths = [max(map(count_columns, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        blanks = [" " * (width - count_columns(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = enumerate(zip(row, blanks, strict=True))
        lines.append("  ".join(blank + cell if at in right else cell + blank for at, (cell, blank) in cells))
    return lines


def word_starts(text: str) -> list[int]:
    """Return the offset at which each word starts, as :func:`count_words` counts them."""
    return [match.start() for match in _compiled(_WORD).finditer(text)]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of each word, as :func:`count_words` counts them."""
    return [match.span() for match in _compiled(_WORD).finditer(text)]


class Scripts(NamedTuple):
    """How many letters of a text are Chinese, Japanese and Korean, and how many words there are in other letters."""

    han: int
    kana: int
    hangul: int
    words: int


def count_scripts(text: str) -> Scripts | None:
    """Return how many letters a text has of each script of which a letter is a word; ``None`` when there are none."""
    if not has_cjk(text):
        return None
    han, kana, hangul = (len(_compiled(f"[{letters}]").findall(text)) for letters in (HAN, KANA, HANGUL))
    return Scripts(han, kana, hangul, count_words(text) - han - kana - hangul)


def detect_language(text: str) -> str:
    """Return ``zh`` when a text has more Han characters than words in other letters, else ``en``.

    That is for a few words, such as an example or an answer; :func:`qualcode.language.tell_language` tells more.
    """
    if text.isascii():
        return "en"
    n_han = len(_compiled(_HAN).findall(text))
    if not n_han:
        return "en"
    return "zh" if n_han > len(_compiled(_WORD).findall(text)) - n_han else "en"
