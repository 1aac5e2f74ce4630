"""Sentences, found over the tokens of a text as spaCy's sentencizer does."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.language.lexicon import Token

# spaCy's own list (3.8) and the full-width semicolon, at which Chinese speech is cut too. A test compares them.
ENDS = frozenset(
    "!.?։؟۔܀܁܂߹।॥၊။።፧፨᙮᜵᜶᠃᠉᥄᥅᪨᪩᪪᪫᭚᭛᭞᭟᰻᰼᱾᱿‼‽⁇⁈⁉⸮⸼꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝꩞꩟꫰꫱꯫﹒﹖﹗！．？𐩖𐩗𑁇𑁈𑂾𑂿𑃀𑃁𑅁𑅂𑅃𑇅𑇆𑇍𑇞𑇟"
    "𑈸𑈹𑈻𑈼𑊩𑑋𑑌𑗂𑗃𑗉𑗊𑗋𑗌𑗍𑗎𑗏𑗐𑗑𑗒𑗓𑗔𑗕𑗖𑗗𑙁𑙂𑜼𑜽𑜾𑩂𑩃𑪛𑪜𑱁𑱂𖩮𖩯𖫵𖬷𖬸𖭄𛲟𝪈｡。；"
)

ELLIPSIS = "……"
SENTENCE_MARK = re.compile(f"[{re.escape(''.join(sorted(ENDS)))}]|{ELLIPSIS}")
"""What may end a sentence."""

LONG = 1000
_UNSPEAKABLE = re.compile(rf"[^\s\u3000-\u9fff\uac00-\ud7af\uf900-\uffef]{{{LONG}}}")
_ASCII_MARK = re.compile("[!.?]")

_FIRST_WIDE = "\u2e80"
_QUOTES = "\"'＂＇"

NO_END, LAST, QUOTED, INSIDE = range(4)
"""Where in a word a sentence ends: nowhere, with its last character, before signs that close, before other words."""

LETTER, OPENER, SIGN = range(3)
"""With what a word begins: no punctuation, a quote or bracket that opens and a word, or other punctuation."""


@lru_cache(maxsize=100_000)
def is_punctuation(form: str) -> bool:
    """Tell whether a token is punctuation alone, as spaCy's ``is_punct`` does."""
    return all(unicodedata.category(character).startswith("P") for character in form)


def is_unspeakable(words: str) -> bool:
    """Tell whether there are thousands of signs without a blank: no speech, and tokenisers take quadratic time."""
    return len(words) >= LONG and _UNSPEAKABLE.search(words) is not None


def is_one_sentence(words: str) -> bool:
    """Tell whether no sign that ends a sentence stands before the last words; spares most answers the tokeniser."""
    end = (_ASCII_MARK if words.isascii() else SENTENCE_MARK).search(words)
    if end is None:
        return True
    # More than one blank in a row is a token of its own, after which spaCy begins a sentence.
    rest = words[end.start() :]
    return "  " not in rest and is_punctuation(rest.replace(" ", ""))


def sentence_spans(text: str, tokens: Iterable[Token]) -> list[Span]:
    """Return the sentences of a text as spans without blanks at their ends, in order.

    A sentence ends after a token that is a mark from :data:`ENDS` and the punctuation that follows it. An ellipsis
    (``...``, ``…``) is none: in speech it marks hesitation. The double one after a Chinese character, ``……``, is one,
    as printed Chinese has it. Opening quotes and brackets go with what they open, where
    spaCy leaves them behind.
    """
    return spans_between(text, _starts(text, tokens))


def spans_between(text: str, starts: Iterable[int]) -> list[Span]:
    """Return the stretches of a text from each start to the next, without the blanks at their ends."""
    spans = []
    for start, end in pairwise([*starts, len(text)]):
        stretch = text[start:end]
        if trimmed := stretch.strip():
            begin = start + len(stretch) - len(stretch.lstrip())
            spans.append(Span(begin, begin + len(trimmed)))
    return spans


def _starts(text: str, tokens: Iterable[Token]) -> Iterator[int]:
    yield 0
    has_ended = False
    after_end = 0
    for start, end, _ in tokens:
        form = text[start:end]
        if form in ENDS or _is_chinese_ellipsis(text, start, end):
            has_ended, after_end = True, end
        elif has_ended and not is_punctuation(form):
            yield _before_openers(text, after_end, start)
            has_ended = False


def _is_chinese_ellipsis(text: str, start: int, end: int) -> bool:
    """Tell whether a token is, or completes, the double ellipsis after a Chinese, Japanese or Korean letter."""
    first = end - len(ELLIPSIS)
    return (
        text[end - 1] == ELLIPSIS[0]
        and first <= start
        and first > 0
        and text.startswith(ELLIPSIS, first)
        and text[first - 1] >= _FIRST_WIDE
    )


def _before_openers(text: str, low: int, start: int) -> int:
    """Return where the sentence that goes on at ``start`` begins: before the quotes and brackets that open there."""
    begin = start
    while begin > low and _opens(text, begin - 1):
        begin -= 1
    return begin


def is_opening(sign: str) -> bool:
    """Tell whether a sign behind a blank opens a quote or a bracket."""
    return sign in _QUOTES or unicodedata.category(sign) in {"Ps", "Pi"}


def _opens(text: str, at: int) -> bool:
    return is_opening(text[at]) and (text[at] not in _QUOTES or text[at - 1].isspace())


# ---- what a word tells, as it stands between blanks


def tell_end(word: str, lengths: Iterable[int]) -> int:
    """Return where in a word a sentence ends, given the lengths of its tokens."""
    how, at = NO_END, 0
    for length in lengths:
        form = word[at : at + length]
        at += length
        if form in ENDS:
            how = LAST
        elif how and not is_punctuation(form):
            return INSIDE
        elif how:
            how = QUOTED
    return how


def tell_begin(word: str, lengths: Sequence[int]) -> int:
    """Return with what a word begins, given the lengths of its tokens."""
    if not unicodedata.category(word[0]).startswith("P"):
        return LETTER
    return OPENER if is_opening(word[0]) and opens_a_word(word, lengths) else SIGN


def opens_a_word(word: str, lengths: Sequence[int]) -> bool:
    """Tell whether a word's first token is one sign, and the second neither punctuation nor what ends a sentence."""
    if len(lengths) < len(("sign", "word")) or lengths[0] != 1:
        return False
    second = word[1 : 1 + lengths[1]]
    return second not in ENDS and not is_punctuation(second)
