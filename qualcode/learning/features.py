"""What is looked at in a segment: its words and word pairs, the turn before, its length, and which rules fired."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from qualcode.language import has_cjk, is_punctuation, tokenize
from qualcode.learning.rows import Rows, pack
from qualcode.learning.vectors import WIDTH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from qualcode.language import Token
    from qualcode.learning.rows import Floats
    from qualcode.learning.vectors import Vectors

BEFORE = 0.5
"""What the words of the turn before count beside those of the segment."""

VECTOR_BEFORE = 0.7
"""What the vector of the turn before counts beside that of the segment."""

_LONGEST_RUN = 3
_COMMON_BEFORE = 2
_LENGTH = 0.25


@dataclass(frozen=True, eq=False)
class Text:
    """A segment as it is looked at.

    Attributes
    ----------
    transcript, segment
        Its place; ``""``: it is an example of the codebook.
    start
        Where it begins, in characters of the transcript.
    words
        Its text.
    before
        The text of the turn before it.
    language
        Of both.
    asks
        Whether it is interviewer talk.
    fired
        Ids of the codes whose own rules fired in it.
    vector, vector_before
        Of its text, and of the turn before; ``None``: there is none.
    """

    transcript: str
    segment: str
    start: int
    words: str
    before: str = ""
    language: str = "en"
    asks: bool = False
    fired: frozenset[str] = field(default_factory=frozenset)
    vector: Vectors | None = None
    vector_before: Vectors | None = None

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens, without blanks and marks."""
        return tuple(word_tokens(self.words, self.language))

    @cached_property
    def terms(self) -> Counter[str]:
        """Its words and pairs of words, and how often each is there."""
        return Counter(terms_of(self.tokens))

    @cached_property
    def terms_before(self) -> frozenset[str]:
        """The words of the turn before it."""
        return frozenset(token.lemma for token in word_tokens(self.before, self.language))

    def without(self, words: Collection[str]) -> Counter[str]:
        """Return its words and pairs of words as if some words, wherever they stand in it, were not there."""
        return Counter(terms_of([token for token in self.tokens if token.lemma not in words]))


def word_tokens(text: str, language: str) -> Iterator[Token]:
    """Yield the tokens of a text that are neither blank nor punctuation."""
    for token in tokenize(text, language=language):
        if token.lemma.strip() and not is_punctuation(text[token.start : token.end]):
            yield token


def terms_of(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield words and pairs of words in their order; of languages written without blanks also runs of three."""
    words = [token.lemma for token in tokens]
    yield from words
    yield from (f"{one} {other}" for one, other in pairwise(words))
    for first in range(len(words) - _LONGEST_RUN + 1):
        run = words[first : first + _LONGEST_RUN]
        if all(map(has_cjk, run)):
            yield " ".join(run)


class Vocabulary:
    """The words of the segments that were coded, with what each is worth; no other segment changes it.

    Parameters
    ----------
    texts
        The segments that examples are made of.
    codes
        Ids of the codes whose rules may fire, in the order of the codebook.
    """

    def __init__(self, texts: Collection[Text], codes: Sequence[str]) -> None:
        self.codes = tuple(codes)
        here = Counter(term for text in texts for term in text.terms)
        before = Counter(term for text in texts for term in text.terms_before)
        common = sorted(term for term, n in before.items() if n >= _COMMON_BEFORE)
        names = sorted(here)
        self.columns = {term: number for number, term in enumerate(names)}
        self.columns_before = {term: number for number, term in enumerate(common, start=len(names))}
        self.n_columns = len(names) + len(common)
        n_texts = len(texts)
        counts = [*(here[term] for term in names), *(before[term] for term in common)]
        self.worth = [log((1 + n_texts) / (1 + n)) + 1 for n in counts]

    def rows(self, texts: Sequence[Text]) -> Rows:
        """Return the features of segments, a row each; see :meth:`weigh` for those of words."""
        return pack(
            [self.weigh(text.terms) | self._weigh_before(text) for text in texts],
            self.n_columns,
            np.array([[self.measure(len(text.tokens)), 1.0] for text in texts]).reshape(len(texts), 2),
        )

    def weigh(self, terms: Counter[str]) -> dict[int, float]:
        """Return the features of a segment's words: rare ones are worth more, and all have length 1 together."""
        columns, worth = self.columns, self.worth
        found = {columns[term]: (1 + log(n)) * worth[columns[term]] for term, n in terms.items() if term in columns}
        return _scale(found, 1.0)

    def _weigh_before(self, text: Text) -> dict[int, float]:
        columns, worth = self.columns_before, self.worth
        numbers = sorted(columns[term] for term in text.terms_before if term in columns)
        return _scale({number: worth[number] for number in numbers}, BEFORE)

    @staticmethod
    def measure(n_words: int) -> float:
        """Return the feature of a segment's length."""
        return log(1 + n_words) * _LENGTH

    def fired(self, texts: Sequence[Text], codes: Collection[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Return for each segment, and each of some codes that has rules, whether these fired."""
        wanted = [code for code in self.codes if code in codes]
        return np.array([[float(code in text.fired) for code in wanted] for text in texts]).reshape(
            len(texts), len(wanted)
        )


def vector_rows(texts: Sequence[Text]) -> Rows:
    """Return the vectors of segments as features, a row each: its own, that of the turn before, and its length."""
    own, before = lay_vectors([text.vector for text in texts]), lay_vectors([text.vector_before for text in texts])
    rest = np.array([[Vocabulary.measure(len(text.tokens)), 1.0] for text in texts]).reshape(len(texts), 2)
    return pack([{}] * len(texts), 0, np.hstack([own, VECTOR_BEFORE * before, rest]))


def lay_vectors(vectors: Sequence[Vectors | None]) -> Floats:
    """Return vectors a row each; zeros where there is none."""
    none = np.zeros(WIDTH, np.float32)
    return np.array([none if one is None else one for one in vectors], float).reshape(len(vectors), WIDTH)


def _scale(found: dict[int, float], length: float) -> dict[int, float]:
    size = sqrt(sum(value * value for value in found.values()))
    return {column: value / size * length for column, value in found.items()} if size else {}


def likeness(texts: Sequence[Text], told: Iterable[Text], vocabulary: Vocabulary) -> list[float]:
    """Return how much the words of each segment are like those that tell of a code: cosines, from 0 to 1."""
    target = vocabulary.weigh(Counter(token.lemma for one in told for token in one.tokens))
    return [
        sum(value * target[column] for column, value in vocabulary.weigh(text.terms).items() if column in target)
        for text in texts
    ]
