"""What carries a suggestion: the words without which it would not have been made, and the passages most like it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.learning.features import Text
    from qualcode.learning.ranking import Model
    from qualcode.learning.rows import Floats

MOST_WORDS = 5
"""How many words are tried before it is said that a suggestion is spread over the passage."""

_TRIED = 5
"""Words of which, with vectors, it is looked at what the segment is without each."""

_HALF = 0.5
_FEW = 3


class Carrier(NamedTuple):
    """Words that carry a suggestion.

    Attributes
    ----------
    words
        As they stand in the segment, in the order in which they matter.
    spans
        Where each stands, in characters of the segment; of a word that is there several times, all places.
    scores
        What the score is without it and those before it.
    is_spread
        Whether the segment would be suggested even without them: what speaks for it is spread over the passage.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[Span, ...], ...]
    scores: tuple[float, ...]
    is_spread: bool


def find_carriers(model: Model, code: str, text: Text) -> Carrier:
    """Return the fewest words, found one by one, whose removal turns the suggestion.

    Each time the word goes without which the score falls most. A sum of linear weights would tell less: the features of
    a segment have one length together, and pairs share their words. Of a segment that is not suggested, the three words
    that speak most for the code.

    Parameters
    ----------
    model
        What suggests.
    code
        Which code.
    text
        Which segment.
    """
    gone: list[str] = []
    scores: list[float] = []
    present = float(model.score(code, [text])[0])
    is_suggested = present >= _HALF
    while len(gone) < (MOST_WORDS if is_suggested else _FEW):
        left = sorted({token.lemma for token in text.tokens} - set(gone))
        if not left or (is_suggested and present < _HALF):
            break
        left, found = _score_without(model, code, text, gone, left)
        best = int(np.argmin(np.round(found, 9)))
        if found[best] >= present:
            break
        present = float(found[best])
        gone.append(left[best])
        scores.append(present)
    spans = tuple(tuple(_places(text, word)) for word in gone)
    words = tuple(text.words[one[0].start : one[0].end] for one in spans)
    return Carrier(words, spans, tuple(scores), is_suggested and present >= _HALF)


def _score_without(model: Model, code: str, text: Text, gone: list[str], left: list[str]) -> tuple[list[str], Floats]:
    """Return words of a segment, and the score without each of them; with vectors, of those that seem to matter most.

    A vector of what is left costs more than all else. What words tell chooses those of which it is made.
    """
    cut = [_without(text, {*gone, word}) for word in left]
    if model.encoder is None:
        return left, model.score(code, cut)
    order = np.argsort(np.round(model.logits(code, cut), 9), kind="stable")[:_TRIED].tolist()
    tried = [cut[at] for at in order]
    vectors = model.encoder.encode([_cut_words(text, {*gone, left[at]}) for at in order])
    for one, vector in zip(tried, vectors, strict=True):
        one.__dict__["vector"] = vector
    return [left[at] for at in order], model.score(code, tried)


def _cut_words(text: Text, words: set[str]) -> str:
    """Return the text of a segment without some words."""
    ends = [0, *(token.end for token in text.tokens if token.lemma in words)]
    starts = [*(token.start for token in text.tokens if token.lemma in words), len(text.words)]
    return " ".join(text.words[end:start] for end, start in zip(ends, starts, strict=True))


def _without(text: Text, words: set[str]) -> Text:
    """Return a segment as if some words were not in it; how long it is, and what rules say, stays."""
    copy = replace(text)
    copy.__dict__["tokens"] = text.tokens
    copy.__dict__["terms"] = text.without(words)
    copy.__dict__["terms_before"] = text.terms_before
    return copy


def _places(text: Text, word: str) -> Iterable[Span]:
    return (Span(token.start, token.end) for token in text.tokens if token.lemma == word)


def find_nearest(model: Model, code: str, text: Text, *, n_wanted: int = 2) -> list[tuple[Text, float]]:
    """Return the passages most like a segment to which the coder gave the code, with how like they are (0 to 1).

    Parameters
    ----------
    model
        What was learned.
    code
        Which code.
    text
        The segment; it is not among them.
    n_wanted
        How many at most.
    """
    target = model.vocabulary.weigh(text.terms)
    found = []
    for number in np.flatnonzero(model.carried[code]).tolist():
        other = model.texts[number]
        if (other.transcript, other.segment) != (text.transcript, text.segment):
            weights = model.vocabulary.weigh(other.terms)
            like = sum(value * weights[column] for column, value in target.items() if column in weights)
            if text.vector is not None and other.vector is not None:
                like = (like + float(text.vector @ other.vector)) / 2
            found.append((other, round(like, 3)))
    found.sort(key=lambda pair: (-pair[1], pair[0].transcript, pair[0].start))
    return found[:n_wanted]
