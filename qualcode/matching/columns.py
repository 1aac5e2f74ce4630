"""Where patterns match in texts, found for all patterns at once over arrays of token numbers.

Each term is looked for at its rarest word. A table over token numbers says which terms to try where, so that the cost
grows with the hits, not with the terms that do not hit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.matching.patterns import GAP_TOKENS, HYPHENS, wildcard_regex
from qualcode.matching.vocabulary import BLANK, BREAK

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from qualcode.matching.encoding import Block, Positions
    from qualcode.matching.patterns import Element, Phrase
    from qualcode.matching.vocabulary import Ints, Vocabulary

    Flags = npt.NDArray[np.bool_]


class Stretches(NamedTuple):
    """Stretches of tokens in a block: first and last token, and the number of the pattern that they match."""

    first: Positions
    last: Positions
    pattern: Positions


class TermPlan:
    """All terms of a matcher as tables over the numbers of a vocabulary.

    Parameters
    ----------
    terms
        Terms by pattern number.
    vocabulary
        Of the texts that will be searched; it may grow.
    """

    def __init__(self, terms: Mapping[int, Phrase], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        plain = {number: term for number, term in terms.items() if term.is_plain}
        self._plain = _PlainTable(plain, vocabulary)
        self._special = [(number, term) for number, term in terms.items() if not term.is_plain]
        self._hyphens = np.array(sorted(vocabulary.number_lemma(hyphen) for hyphen in HYPHENS), np.int32)
        self._lemmas = np.empty(0, np.int32)
        self._fitting: dict[Element, Flags] = {}

    def search(self, block: Block) -> Stretches:
        """Return every stretch of a block that a term matches."""
        self._grow()
        found = [self._plain.search(block.tokens, self._lemmas, self._hyphens)]
        found.extend(self._search_special(block.tokens, number, term) for number, term in self._special)
        return Stretches(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def _grow(self) -> None:
        if len(self._lemmas) != len(self._vocabulary.lemmas):
            self._lemmas = np.array(self._vocabulary.lemmas)
            self._plain.grow(self._lemmas)

    def _search_special(self, tokens: Ints, number: int, term: Phrase) -> Stretches:
        """Follow one term with wildcards or gaps from its first word on."""
        first = np.flatnonzero(self._fits(term.elements[0])[tokens])
        last = first
        has_gap = False
        before = term.elements[0]
        for element in term.elements[1:]:
            if element.kind == "gap":
                has_gap = True
                continue
            fitting = self._fits(element)
            if has_gap:
                first, last = self._after_gap(tokens, first, last, fitting)
            else:
                skips = not (before.is_hyphen or element.is_hyphen)
                last = _step(tokens, last, self._lemmas, self._hyphens, skips=skips)
                fits = fitting[tokens[last]]
                first, last = first[fits], last[fits]
            before, has_gap = element, False
        return Stretches(first, last, np.full(len(first), number))

    def _after_gap(
        self, tokens: Ints, first: Positions, last: Positions, fitting: Flags
    ) -> tuple[Positions, Positions]:
        """Return where a term goes on behind a gap: every fitting token within reach."""
        passed = np.zeros(len(first), np.int64)
        at = last
        reached: list[tuple[Positions, Positions]] = []
        while len(at):
            at = np.minimum(at + 1, len(tokens) - 1)
            number = tokens[at]
            is_within = (number != BREAK) & (passed <= GAP_TOKENS)
            first, at, passed, number = first[is_within], at[is_within], passed[is_within], number[is_within]
            fits = fitting[number]
            reached.append((first[fits], at[fits]))
            passed += number != BLANK
        pairs = np.unique(np.array([np.concatenate(column) for column in zip(*reached, strict=True)]), axis=1)
        return pairs[0], pairs[1]

    def _fits(self, element: Element) -> Flags:
        """Return for every token number whether it fits an element."""
        known = self._fitting.get(element)
        n_known = 0 if known is None else len(known)
        if known is None or n_known < len(self._lemmas):
            if element.kind == "lemma":
                known = self._lemmas == self._vocabulary.number_lemma(element.text)
            else:
                regex = wildcard_regex(element.text)
                new = [regex.fullmatch(form) is not None for form in self._vocabulary.forms[n_known:]]
                new[: max(0, 2 - n_known)] = [False] * max(0, 2 - n_known)
                known = np.concatenate([known, new]) if known is not None else np.array(new, np.bool_)
            self._fitting[element] = known
        return known


class _PlainTable:
    """Terms made of lemmas alone: rows of lemma numbers, tried where their rarest lemma stands."""

    def __init__(self, terms: Mapping[int, Phrase], vocabulary: Vocabulary) -> None:
        rows = [[vocabulary.number_lemma(element.text) for element in term.elements] for term in terms.values()]
        self._numbers = np.array(list(terms), np.int64)
        self._sizes = np.array([len(row) for row in rows], np.int64)
        self._rows = np.full((len(rows), max(map(len, rows), default=1)), -1, np.int32)
        for number, row in enumerate(rows):
            self._rows[number, : len(row)] = row
        self._anchors = np.zeros(len(rows), np.int64)
        self._is_anchor = np.empty(0, np.bool_)
        self._firsts = self._order = self._counts = np.empty(0, np.int64)

    def grow(self, lemmas: Ints) -> None:
        """Take in a vocabulary that has grown."""
        n_lemmas = max(int(lemmas.max()), int(self._rows.max(initial=0))) + 1
        if len(self._numbers):
            lemma_of_row = self._rows[np.arange(len(self._rows)), self._anchors]
            self._order = np.argsort(lemma_of_row, kind="stable")
            self._counts = np.bincount(lemma_of_row, minlength=n_lemmas)
        else:
            self._counts = np.zeros(n_lemmas, np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts
        self._is_anchor = (self._counts > 0)[lemmas]

    def search(self, tokens: Ints, lemmas: Ints, hyphens: Ints) -> Stretches:
        """Return every stretch of tokens that a term matches."""
        at = np.flatnonzero(self._is_anchor[tokens])
        lemma = lemmas[tokens[at]]
        tried = self._counts[lemma]
        first = np.repeat(at, tried)
        within = np.arange(len(first)) - np.repeat(np.cumsum(tried) - tried, tried)
        row = self._order[np.repeat(self._firsts[lemma], tried) + within] if len(first) else first
        last = first
        column = self._anchors[row]
        found = []
        while len(row):
            done = column + 1 >= self._sizes[row]
            found.append((first[done], last[done], row[done]))
            go_on = ~done
            first, last, row, column = first[go_on], last[go_on], row[go_on], column[go_on] + 1
            want, before = self._rows[row, column], self._rows[row, column - 1]
            skips = ~(np.isin(want, hyphens) | np.isin(before, hyphens))
            last = _step(tokens, last, lemmas, hyphens, skips=skips)
            fits = lemmas[tokens[last]] == want
            first, last, row, column = first[fits], last[fits], row[fits], column[fits]
        if not found:
            return Stretches(at[:0], at[:0], at[:0])
        first, last, row = (np.concatenate(column) for column in zip(*found, strict=True))
        return Stretches(first, last, self._numbers[row])


def _step(tokens: Ints, at: Positions, lemmas: Ints, hyphens: Ints, *, skips: Flags | bool) -> Positions:
    """Return the next token, or the one after it where it is a hyphen that may stand between words."""
    end = len(tokens) - 1
    following = np.minimum(at + 1, end)
    is_hyphen = np.isin(lemmas[tokens[following]], hyphens) & skips
    return np.minimum(following + is_hyphen, end)
