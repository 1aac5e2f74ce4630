"""What typed letters mean: a code of the codebook, or words of a passage."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import Span, canonical_text
from qualcode.wording import plural

if TYPE_CHECKING:
    from qualcode.codebook import Code, Codebook

_ALIKE = 0.55
_LETTER = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A letter or digit of a script that puts blanks between its words."""
_QUOTES = {mark: f"[{marks}]" for marks in ("'’‘ʼ", '"“”„') for mark in marks}
"""Quotation marks, which keyboards and transcripts write in different ways."""


def search_codes(codebook: Codebook, words: str) -> list[Code]:
    """Return the codes that typed words may mean, the likeliest first; all in order for no words.

    Retired codes, which are given no longer, are left out.
    """
    wanted = words.casefold().strip()
    codes = [code for code in codebook.walk() if not code.is_retired]
    if not wanted:
        return codes
    ranked = []
    for number, code in enumerate(codes):
        names = (code.name.casefold(), codebook.path(code.id), code.id)
        score = max(_score(wanted, name) for name in names)
        if score > 0:
            ranked.append((-score, number, code))
    return [code for _, _, code in sorted(ranked, key=lambda entry: entry[:2])]


def _score(wanted: str, name: str) -> float:
    if wanted in name:
        return 3 - name.index(wanted) / 100 - len(name) / 1000
    letters = iter(name)
    if all(letter in letters for letter in wanted):
        return 1 + len(wanted) / (10 + len(name))
    ratio = SequenceMatcher(None, wanted, name, autojunk=False).ratio()
    return ratio if ratio >= _ALIKE else 0.0


def find_words(text: str, words: str, within: Span) -> Span:
    """Return the place of some typed words, whatever their case, blanks and quotation marks.

    Parameters
    ----------
    text
        The transcript's.
    words
        As typed.
    within
        Where to look.

    Raises
    ------
    StudyError
        If they do not stand there, or several times.

    Examples
    --------
    >>> find_words("They said they don’t.", "THEY  don't", Span(0, 21))
    Span(start=10, end=20)
    """
    parts = ["".join(_QUOTES.get(mark, re.escape(mark)) for mark in word) for word in canonical_text(words).split()]
    found = re.compile(r"\s+".join(parts), re.IGNORECASE).finditer(text, within.start, within.end) if parts else ()
    spans = [Span(*one.span()) for one in found if one.end() > one.start()]
    spans = [span for span in spans if _is_whole(text, span)] or spans
    if not spans:
        raise StudyError(f"“{words}” does not occur in this segment.", hint="Type the words as they are written")
    if len(spans) > 1:
        raise StudyError(
            f"“{words}” occurs {plural(len(spans), 'time')} in this segment.",
            hint="Type some of the surrounding words as well",
        )
    return spans[0]


def _is_whole(text: str, span: Span) -> bool:
    """Tell whether a span begins and ends between words."""
    for place in (span.start, span.end):
        if 0 < place < len(text) and _LETTER.match(text[place - 1]) and _LETTER.match(text[place]):
            return False
    return True
