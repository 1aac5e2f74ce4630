"""The words of a text, as two versions of it are compared by."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

_HAN = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003134f"
_WORD = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+(?:['’ʼ][^\W{_HAN}]+)*|[^\w\s]")
_SAME = str.maketrans("’‘ʼ`´“”„«»「」『』–—−‐‑‒", "'''''" + '"' * 9 + "------")
LINE_END, SENTENCE_END = 3, 2
"""How strong the border is between two words."""
_ENDS = frozenset(".?!…。？！")
_MARK_WEIGHT = 0.1
"""What a punctuation mark weighs beside a word."""
_SHORT, _LONG = 2, 5
"""Letters up to which a word with letters swapped is another word, and from which one letter may be another, too."""
_LIKE = 0.6
"""Share of letters in the same place from which two words are one word with a slip of the pen."""


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Return a word without what corrections often change: case, width, the form of quotes and dashes."""
    return unicodedata.normalize("NFKC", word.translate(_SAME)).casefold().translate(_SAME)


@dataclass(slots=True)
class Words:
    """The words of a text, each mark of punctuation and each Chinese character as one.

    Parameters
    ----------
    text
        The text.

    Attributes
    ----------
    keys
        The words as they are compared.
    starts, ends
        Where they stand.
    """

    text: str
    keys: list[str] = field(init=False, repr=False)
    starts: list[int] = field(init=False, repr=False)
    ends: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = [(match[0], match.start(), match.end()) for match in _WORD.finditer(self.text)]
        self.keys = [fold(word) for word, _, _ in found]
        self.starts = [start for _, start, _ in found]
        self.ends = [end for _, _, end in found]

    def __len__(self) -> int:
        return len(self.keys)

    def form(self, at: int) -> str:
        """Return a word as it is written."""
        return self.text[self.starts[at] : self.ends[at]]

    def border(self, at: int) -> int:
        """Return how strong the border before a word is: 3 at the start of a line, 2 of a sentence, else 0."""
        if at <= 0 or at >= len(self.keys) or "\n" in self.text[self.ends[at - 1] : self.starts[at]]:
            return LINE_END
        return SENTENCE_END if self.keys[at - 1] in _ENDS else 0


def weigh(keys: list[str]) -> dict[str, float]:
    """Return how much each word of a text tells of its place: rare ones more than common ones and marks."""
    return {key: _MARK_WEIGHT if not key[0].isalnum() else 1 / math.sqrt(count) for key, count in Counter(keys).items()}


@lru_cache(maxsize=65536)
def is_like(one: str, other: str) -> bool:
    """Tell whether two words may be one, with a slip of the pen in either."""
    if one == other:
        return True
    if not (one[0].isalnum() and other[0].isalnum()) or min(len(one), len(other)) == 1:
        return False
    shorter = min(len(one), len(other))
    same = 0
    while same < shorter and one[same] == other[same]:
        same += 1
    left = shorter - same
    ending = 0
    while ending < left and one[-1 - ending] == other[-1 - ending]:
        ending += 1
    if same + ending >= _LIKE * max(len(one), len(other)):
        return True
    n_other = 1 if shorter >= _LONG else 0 if shorter > _SHORT else -1
    return abs(len(one) - len(other)) <= 1 and sum((Counter(one) - Counter(other)).values()) <= n_other
