"""Matching: a codebook made into a matcher, and texts into hits. Pure, no I/O.

The law for plain terms: text and term are brought to one normal form (:func:`qualcode.language.normalize`); tokens are
those of spaCy on it, where a word in capitals is cut as in small letters; a token's lemma is the lookup table's entry
(:meth:`qualcode.language.Lexicon.lemma`) or the form itself, without case by Unicode and by language; the term is
analysed in the same way; a phrase also matches where hyphens stand between its words. All hits are kept, overlapping
ones too; a hit lies in one text, in its places in the original. Exact forms and regular expressions are matched on the
normal form, too. For English in plain signs that is what spaCy's own matcher finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.matching.evaluation import Context, Place, TurnFacts
from qualcode.matching.hits import Hit, Hits, RuleKey
from qualcode.matching.matcher import Judgement, Matcher
from qualcode.matching.texts import CutText, EncodedTexts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.codebook import Codebook
    from qualcode.matching.cutting import CutTurns
    from qualcode.matching.texts import Positions
    from qualcode.matching.words import WordColumns

__all__ = [
    "Context",
    "CutText",
    "EncodedTexts",
    "Hit",
    "Hits",
    "Judgement",
    "Matcher",
    "Place",
    "RuleKey",
    "TurnFacts",
    "compile_codebook",
    "cut_turns",
    "encode",
    "list_words",
]


def compile_codebook(codebook: Codebook, *, language: str = "en", model: str | None = None) -> Matcher:
    """Return a matcher for all rules of a codebook.

    Parameters
    ----------
    codebook
        The codebook; parents and children are matched alike, each by its own rules.
    language
        Code of the language of the texts.
    model
        Name of an installed spaCy model, for its lemmas.

    Returns
    -------
    Matcher
        What finds the rules in texts.

    Raises
    ------
    CodebookError
        If rules cannot be understood; ``problems`` has all of them, each with its place.

    Examples
    --------
    >>> codebook = qualcode.parse_codebook("codes: [{id: water, name: Water, rules: [rain]}]")
    >>> hits = compile_codebook(codebook).find(["It was dry.", "It rained."])
    >>> list(zip(hits.text, hits.start, hits.end))  # in the text with number 1, from 3 to 9
    [(1, 3, 9)]
    """
    return Matcher(codebook, language=language, model=model)


def encode(texts: Iterable[str], *, language: str = "en", model: str | None = None) -> EncodedTexts:
    """Return texts as arrays, which a matcher searches much faster than text, any number of times.

    Parameters
    ----------
    texts
        As for :meth:`Matcher.find`.
    language, model
        Of the matchers that will search them.

    Returns
    -------
    EncodedTexts
        What :meth:`Matcher.find` takes in the place of texts.

    Examples
    --------
    >>> texts = encode(["It rained.", "It was dry."])
    >>> codebook = qualcode.parse_codebook("codes: [{id: water, name: Water, rules: [rain]}]")
    >>> list(map(int, compile_codebook(codebook).find(texts).text))
    [0]
    """
    from qualcode.matching import encoding

    return encoding.encode(texts, language=language, model=model)


def cut_turns(text: str, starts: Positions, ends: Positions, *, language: str = "en", model: str | None) -> CutTurns:
    """Return the sentences of turns of a text, ready to be searched, at much less cost than one after the other.

    Parameters
    ----------
    text
        The whole text.
    starts, ends
        Of the turns: ascending, apart, and without blanks at their ends.
    language, model
        Of the matchers that will search them.

    Returns
    -------
    CutTurns
        ``turn``, ``start`` and ``end`` of each sentence, as :func:`qualcode.language.cut_paragraphs` has them, and
        ``encoded``: what :meth:`Matcher.find` takes in the place of their texts.

    Raises
    ------
    MissingDependencyError
        If the model is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> found = cut_turns("It rained. We left.", np.array([0]), np.array([19]), model=None)
    >>> found.start.tolist(), found.end.tolist()
    ([0, 11], [10, 19])
    """
    from qualcode.matching import cutting

    return cutting.cut_turns(text, starts, ends, language=language, model=model)


def list_words(texts: Sequence[str], *, language: str = "en") -> WordColumns:
    """Return the words of texts as columns: those of a million words take a moment.

    Parameters
    ----------
    texts
        In which words are looked for.
    language
        Their language.

    Returns
    -------
    WordColumns
        ``text`` and ``kind`` of each word, in the order of the texts, and ``kinds``: lemmas and form of each different
        word. Single Chinese, Japanese and Korean characters are none; two that stand side by side are one, and so is
        one with the word beside it.

    Examples
    --------
    >>> words = list_words(["It rained.", "Rains!"])
    >>> [(int(text), *words.kinds[kind]) for text, kind in zip(words.text, words.kind)]
    [(0, ('it',), 'it'), (0, ('rain',), 'rained'), (1, ('rain',), 'rains')]
    """
    from qualcode.matching import words

    return words.list_words(texts, language=language)
