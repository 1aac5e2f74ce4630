"""What a coder's own work says of segments: one model per code, learned from what that coder read and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qualcode.learning.features import Text, Vocabulary, likeness
from qualcode.learning.fitting import balance, fit_logistic, sigmoid
from qualcode.learning.speaking import find_roles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.learning.rows import Flags, Floats

COST = 2.0
"""What a mistake costs beside large weights."""

FEWEST = 2
"""Passages with a code without which there is nothing to fit."""

BLEND = 10.0
"""Of how many passages with a code the rules are worth as much as what was learned."""

RARE = 20
"""Passages below which a code also takes after those above it and its text in the codebook."""

FOLDS = 3
"""Parts of which each is looked at by what was learned from the others."""

_TOLD = 3.0
_PARENT, _CODEBOOK = 0.5, 6.0
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
    """

    def __init__(
        self, codes: Sequence[CodeFacts], texts: Sequence[Text], carried: Mapping[str, Flags], *, language: str = "en"
    ) -> None:
        self.codes = {one.id: one for one in codes}
        self.texts, self.carried, self.language = texts, carried, language
        told = [Text("", "", 0, words, language=language) for one in codes for words in (*one.hits, *one.misses)]
        self.vocabulary = Vocabulary([*texts, *told], [one.id for one in codes])
        self._rows = self.vocabulary.rows(texts)
        self._asks = np.array([text.asks for text in texts], bool)
        self._weights: dict[str, Floats | None] = {}

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

    def weights(self, code: str) -> Floats | None:
        """Return the weights of a code's features, fitted when they are first asked for; ``None``: too few examples."""
        if code not in self._weights:
            self._weights[code] = self._fit(code)
        return self._weights[code]

    def _fit(self, code: str) -> Floats | None:
        chosen = self.applies(code, self.texts)
        facts = self.codes[code]
        told = [Text("", "", 0, words, language=self.language) for words in (*facts.hits, *facts.misses)]
        is_positive = np.concatenate(
            [self.carried[code][chosen].astype(float), np.repeat([1.0, 0.0], [len(facts.hits), len(facts.misses)])]
        )
        if is_positive.sum() < FEWEST or is_positive.all():
            return None
        texts = [text for text, is_in in zip(self.texts, chosen, strict=True) if is_in]
        rows = self.vocabulary.rows([*texts, *told]) if told else self._rows.take(chosen)
        rows = rows.beside(self.vocabulary.fired([*texts, *told], facts.with_rules))
        counts = np.repeat([1.0, _TOLD], [len(texts), len(told)])
        return fit_logistic(rows, is_positive, balance(is_positive, counts), cost=COST)

    # -- looking ------------------------------------------------------------------------------------------------------

    def logits(self, code: str, texts: Sequence[Text]) -> Floats:
        """Return the log-odds of a code in segments, as far as words tell."""
        weights = self.weights(code)
        if weights is None:
            rate = self.base_rate(code)
            return np.full(len(texts), np.log(rate / (1 - rate)))
        rows = self._rows if texts is self.texts else self.vocabulary.rows(texts)
        return rows.beside(self.vocabulary.fired(texts, self.codes[code].with_rules)).dot(weights)

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
            logits = logits + _CODEBOOK * np.array(likeness(texts, facts.told, self.vocabulary, self.language))
        return self.blend(code, logits, texts)


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
        others = [text for text, held in zip(model.texts, is_held, strict=True) if not held]
        held = [text for text, held in zip(model.texts, is_held, strict=True) if held]
        carried = {code: flags[~is_held] for code, flags in model.carried.items()}
        models[fold] = Model(list(model.codes.values()), others, carried, language=model.language)
        for code in model.codes:
            scores[code][is_held] = models[fold].score(code, held)
    return Crossed(scores, models, folds)
