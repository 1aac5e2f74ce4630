"""The words of many texts as columns, from the arrays that a matcher searches; of Chinese, pairs of characters."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.language import CJK_LETTERS, count_words, normalize_all
from qualcode.matching.encoding import encode_blocks
from qualcode.matching.vocabulary import vocabulary_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.matching.texts import Chunk, Flags, Positions
    from qualcode.matching.vocabulary import Vocabulary

Lemmas = tuple[str, ...]


class WordColumns(NamedTuple):
    """The words of texts, a row for each, in the order of the texts.

    Attributes
    ----------
    text
        Number of the text.
    kind
        Which word it is: its place in ``kinds``.
    kinds
        Lemmas and form of each different word.
    """

    text: Positions
    kind: Positions
    kinds: list[tuple[Lemmas, str]]


class _Found(NamedTuple):
    """Words of a block: their texts, where they begin, and the numbers of one or two tokens; 0 where there is one.

    ``gap`` is 1 where a blank stands between the two.
    """

    text: Positions
    start: Positions
    first: Positions
    second: Positions
    gap: Positions


def list_words(texts: Sequence[str], *, language: str = "en") -> WordColumns:
    """Return the words of texts; see :func:`qualcode.matching.list_words`."""
    vocabulary = vocabulary_for(language, None)
    normal, _ = normalize_all(texts)
    blocks = list(encode_blocks(normal, vocabulary))
    is_word, is_chinese = _know_words(blocks, vocabulary)
    parts = [_find_words(block, is_word, is_chinese) for block in blocks]
    if not parts:
        return WordColumns(np.zeros(0, np.int64), np.zeros(0, np.int64), [])
    found = _Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    if len(parts) > 1 or is_chinese.any():
        order = np.lexsort((found.start, found.text))
        found = _Found(*(column.take(order) for column in found))
    return WordColumns(found.text, *_number(found, vocabulary))


def _know_words(blocks: Sequence[Chunk], vocabulary: Vocabulary) -> tuple[Flags, Flags]:
    """Tell for the tokens that occur whether they are words, and whether they have Chinese letters."""
    flags = np.zeros((2, len(vocabulary.forms)), np.bool_)
    for block in blocks:
        for number in np.flatnonzero(np.bincount(block.tokens)).tolist():
            form = vocabulary.forms[number]
            flags[0, number] = form.isalpha() or count_words(form) > 0
            flags[1, number] = not form.isascii() and _chinese().search(form) is not None
    return flags[0], flags[1]


@cache
def _chinese() -> re.Pattern[str]:
    return re.compile(f"[{CJK_LETTERS}]")


def _find_words(block: Chunk, is_word: Flags, is_chinese: Flags) -> _Found:
    """Return the words of a block, and then the pairs of neighbours of which one at least is Chinese."""
    here, chinese = is_word.take(block.tokens), is_chinese.take(block.tokens)
    single = np.flatnonzero(here & ~chinese)
    pair = np.flatnonzero(here[:-1] & here[1:] & (chinese[:-1] | chinese[1:]))
    places, firsts, seconds = (block.locate(*two) for two in ((single, single), (pair, pair), (pair + 1, pair + 1)))
    return _Found(
        np.concatenate([places.text, firsts.text]),
        np.concatenate([places.start, firsts.start]),
        block.tokens.take(np.concatenate([single, pair])).astype(np.int64),
        np.concatenate([np.zeros(len(single), np.int64), block.tokens.take(pair + 1)]),
        np.concatenate([np.zeros(len(single), np.int64), (firsts.end < seconds.start).astype(np.int64)]),
    )


def _number(found: _Found, vocabulary: Vocabulary) -> tuple[Positions, list[tuple[Lemmas, str]]]:
    """Return which word each is, and the different words: those of one token first."""
    n_tokens = len(vocabulary.forms)
    wide = (found.first * n_tokens + found.second) * 2 + found.gap
    is_pair = found.second > 0
    pairs, of_pair = np.unique(wide[is_pair], return_inverse=True)
    singles = np.flatnonzero(np.bincount(found.first[~is_pair], minlength=n_tokens))
    kind = np.cumsum(np.bincount(singles, minlength=n_tokens), dtype=np.int64).take(found.first) - 1
    kind[is_pair] = of_pair + len(singles)
    lemmas = vocabulary.lemma_texts

    def name(*tokens: int) -> tuple[Lemmas, tuple[str, ...]]:
        return tuple(lemmas[vocabulary.lemmas[one]] for one in tokens), tuple(vocabulary.forms[one] for one in tokens)

    kinds = [(key, form) for key, (form,) in map(name, singles.tolist())]
    for one in pairs.tolist():
        tokens, gap = divmod(one, 2)
        key, forms = name(*divmod(tokens, n_tokens))
        kinds.append((key, (" " * gap).join(forms)))
    return kind, kinds
