"""What a coder's own work says of segments: one model per code, learned from what that coder read and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qualcode.learning.features import Text, Vocabulary, lay_vectors, likeness, vector_rows
from qualcode.learning.fitting import balance, fit_logistic, sigmoid
from qualcode.learning.speaking import find_roles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qualcode.learning.rows import Flags, Floats
    from qualcode.learning.vectors import Encoder, Vectors

COST, COST_OF_VECTORS = 2.0, 3.0
"""What a mistake costs beside large weights: of words, and of vectors."""

FEWEST = 2
"""Passages with a code without which there is nothing to fit."""

BLEND = 10.0
"""Of how many passages with a code the rules are worth as much as what was learned."""

RARE = 20
"""Passages below which a code also takes after those above it and its text in the codebook."""

FOLDS = 3
"""Parts of which each is looked at by what was learned from the others."""

_TOLD = 3.0
_PARENT, _CODEBOOK, _CODEBOOK_VECTORS = 0.5, 6.0, 4.0
_BLOCK = 10


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What the codebook says of a code.

    Attributes
    ----------
    id
        Of the code.
    below
        Ids of the code and of those below it.
    above
        Ids of those above it, the nearest first.
    with_rules
        Those of ``below`` that have rules.
    told
        Name, definition and what it includes.
    hits, misses
        Examples of the codebook that carry it, and that do not.
    """

    id: str
    below: frozenset[str]
    above: tuple[str, ...] = ()
    with_rules: frozenset[str] = frozenset()
    told: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


def tell_codebook(
    codes: Iterable[CodeFacts], language: str, encode: Callable[[Sequence[str]], Vectors] | None
) -> dict[str, Text]:
    """Return the examples of the codebook, and what it says of codes, as segments.

    Parameters
    ----------
    codes
        All codes.
    language
        Of the codebook.
    encode
        What makes vectors of texts; ``None``: words alone.
    """
    words = sorted({one for code in codes for one in (*code.hits, *code.misses, *code.told)})
    vectors = [None] * len(words) if encode is None else encode(words)
    return {
        one: Text("", "", 0, one, language=language, vector=vector) for one, vector in zip(words, vectors, strict=True)
    }


class Model:
    """What was learned from segments that a coder read.

    Parameters
    ----------
    codes
        All codes, in the order of the codebook.
    texts
        The segments read, in the order of transcripts and places.
    carried
        For each code which of them carry it, or one below it.
    language
        Of the codebook.
    encoder
        What makes vectors; the texts have theirs then. ``None``: words alone.
    told
        What :func:`tell_codebook` made of the codebook, where that is at hand.
    """

    def __init__(
        self,
        codes: Sequence[CodeFacts],
        texts: Sequence[Text],
        carried: Mapping[str, Flags],
        *,
        language: str = "en",
        encoder: Encoder | None = None,
        told: Mapping[str, Text] | None = None,
    ) -> None:
        self.codes = {one.id: one for one in codes}
        self.texts, self.carried, self.language, self.encoder = texts, carried, language, encoder
        encode = None if encoder is None else encoder.encode
        self.told = tell_codebook(codes, language, encode) if told is None else told
        examples = [self.told[words] for one in codes for words in (*one.hits, *one.misses)]
        self.vocabulary = Vocabulary([*texts, *examples], [one.id for one in codes])
        self._rows = self.vocabulary.rows(texts)
        self._vector_rows = None if encoder is None else vector_rows(texts)
        self._asks = np.array([text.asks for text in texts], bool)
        self._weights: dict[str, tuple[Floats, Floats | None] | None] = {}

    def again(self, chosen: Flags) -> Model:
        """Return what is learned from some of the segments alone."""
        texts = [text for text, is_in in zip(self.texts, chosen, strict=True) if is_in]
        carried = {code: flags[chosen] for code, flags in self.carried.items()}
        return Model(
            list(self.codes.values()), texts, carried, language=self.language, encoder=self.encoder, told=self.told
        )

    def n_positive(self, code: str) -> int:
        """Return how many of the segments read carry a code."""
        return int(self.carried[code].sum())

    def applies(self, code: str, texts: Sequence[Text]) -> Flags:
        """Tell in which segments a code may be: those of the speakers whose talk this coder gives it to."""
        roles = find_roles(self._asks[self.carried[code]].tolist())
        return np.array([text.asks in roles for text in texts], bool)

    def base_rate(self, code: str) -> float:
        """Return the share of the segments read that carry a code, of those in which it may be."""
        n_texts = int(self.applies(code, self.texts).sum())
        return (self.n_positive(code) + 0.5) / (n_texts + 1)

    # -- fitting ------------------------------------------------------------------------------------------------------

    def weights(self, code: str) -> tuple[Floats, Floats | None] | None:
        """Return the weights of a code's features, fitted when they are first asked for.

        Those of words, and those of vectors where there are any; ``None``: there are too few examples.
        """
        if code not in self._weights:
            self._weights[code] = self._fit(code)
        return self._weights[code]

    def _fit(self, code: str) -> tuple[Floats, Floats | None] | None:
        chosen, facts = self.applies(code, self.texts), self.codes[code]
        told = [self.told[words] for words in (*facts.hits, *facts.misses)]
        is_positive = np.concatenate(
            [self.carried[code][chosen].astype(float), np.repeat([1.0, 0.0], [len(facts.hits), len(facts.misses)])]
        )
        if is_positive.sum() < FEWEST or is_positive.all():
            return None
        texts = [text for text, is_in in zip(self.texts, chosen, strict=True) if is_in]
        counts = balance(is_positive, np.repeat([1.0, _TOLD], [len(texts), len(told)]))
        fired = self.vocabulary.fired([*texts, *told], facts.with_rules)
        rows = self.vocabulary.rows([*texts, *told]) if told else self._rows.take(chosen)
        words = fit_logistic(rows.beside(fired), is_positive, counts, cost=COST)
        if self._vector_rows is None:
            return words, None
        rows = vector_rows([*texts, *told]) if told else self._vector_rows.take(chosen)
        return words, fit_logistic(rows.beside(fired), is_positive, counts, cost=COST_OF_VECTORS)

    # -- looking ------------------------------------------------------------------------------------------------------

    def logits(self, code: str, texts: Sequence[Text]) -> Floats:
        """Return the log-odds of a code in segments, as far as words tell, and vectors where there are any."""
        weights = self.weights(code)
        if weights is None:
            rate = self.base_rate(code)
            return np.full(len(texts), np.log(rate / (1 - rate)))
        fired = self.vocabulary.fired(texts, self.codes[code].with_rules)
        is_own = texts is self.texts
        rows = self._rows if is_own else self.vocabulary.rows(texts)
        told = rows.beside(fired).dot(weights[0])
        if weights[1] is None:
            return told
        rows = self._vector_rows if is_own and self._vector_rows is not None else vector_rows(texts)
        return (told + rows.beside(fired).dot(weights[1])) / 2

    def blend(self, code: str, logits: Floats, texts: Sequence[Text]) -> Floats:
        """Return scores from 0 to 1: at first what the rules say, with more examples what was learned."""
        rules = self.codes[code].with_rules
        if not rules:
            return sigmoid(logits)
        share = BLEND / (BLEND + self.n_positive(code))
        fired = np.array([not rules.isdisjoint(text.fired) for text in texts], float)
        return (1 - share) * sigmoid(logits) + share * fired

    def score(self, code: str, texts: Sequence[Text]) -> Floats:
        """Return how likely segments seem to carry a code, from 0 to 1; not calibrated."""
        return self.blend(code, self.logits(code, texts), texts)

    def order(self, code: str, texts: Sequence[Text]) -> Floats:
        """Return what segments are ranked by for a code; of a rare one, codes above it and the codebook have a say."""
        logits = self.logits(code, texts)
        facts = self.codes[code]
        if self.n_positive(code) < RARE:
            above = [self.logits(one, texts) for one in facts.above if self.weights(one) is not None]
            if above:
                logits = logits + _PARENT * np.mean(above, axis=0)
            logits = logits + self._like_codebook(code, texts)
        return self.blend(code, logits, texts)

    def _like_codebook(self, code: str, texts: Sequence[Text]) -> Floats:
        """Return what it adds to log-odds that segments are like what the codebook says of a code."""
        told = [self.told[one] for one in self.codes[code].told]
        like = _CODEBOOK * np.array(likeness(texts, told, self.vocabulary))
        vectors = [one.vector for one in told if one.vector is not None]
        if not vectors:
            return like
        nearness: Floats = lay_vectors([text.vector for text in texts]) @ np.mean(vectors, axis=0)
        return like + _CODEBOOK_VECTORS * nearness


def deal_folds(texts: Sequence[Text], n_folds: int = FOLDS) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the number of the part to which each segment belongs, so that no transcript is in two.

    Where there are fewer transcripts than parts, stretches of ten segments are dealt instead.
    """
    names = [text.transcript for text in texts]
    if len(set(names)) < n_folds:
        numbers: dict[str, int] = {}
        for at, name in enumerate(names):
            numbers[name] = numbers.get(name, -1) + 1
            names[at] = f"{name}\0{numbers[name] // _BLOCK:09d}"
    sizes: dict[str, int] = {}
    for name in names:
        sizes[name] = sizes.get(name, 0) + 1
    filled, fold_of = [0] * n_folds, {}
    for name in sorted(sizes, key=lambda one: (-sizes[one], one)):
        fold_of[name] = filled.index(min(filled))
        filled[fold_of[name]] += sizes[name]
    return np.array([fold_of[name] for name in names], np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Crossed:
    """What is said of the segments read, each by a model that saw nothing of its part.

    Attributes
    ----------
    scores
        For each code, from 0 to 1.
    models
        The models, by the number of the part that they did not see.
    folds
        The number of the part of each segment.
    """

    scores: Mapping[str, Floats]
    models: Mapping[int, Model]
    folds: np.ndarray[tuple[int], np.dtype[np.int64]]

    def judge(self, number: int) -> Model:
        """Return the model that judges a segment."""
        return self.models[int(self.folds[number])]


def cross(model: Model, folds: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Crossed:
    """Return what models that saw only the other parts say of the segments read.

    Parameters
    ----------
    model
        What was learned from all of them.
    folds
        The part of each; see :func:`deal_folds`.
    """
    scores = {code: np.zeros(len(model.texts)) for code in model.codes}
    models: dict[int, Model] = {}
    for fold in sorted(set(folds.tolist())):
        is_held = folds == fold
        held = [text for text, is_one in zip(model.texts, is_held, strict=True) if is_one]
        models[fold] = model.again(~is_held)
        for code in model.codes:
            scores[code][is_held] = models[fold].score(code, held)
    return Crossed(scores, models, folds)
