"""Where patterns match in texts, found for all patterns at once over arrays of token numbers.

Each term is looked for at its rarest word. A table over token numbers says which terms to try where, so that the cost
grows with the hits, not with the terms that do not hit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from qualcode.columns import distinct
from qualcode.matching.patterns import GAP_TOKENS, HYPHENS, wildcard_regex
from qualcode.matching.vocabulary import BLANK, BREAK

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from qualcode.matching.patterns import Element, Phrase
    from qualcode.matching.texts import Chunk, Positions
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
        self._hyphens = [vocabulary.number_lemma(hyphen) for hyphen in sorted(HYPHENS)]
        self._is_hyphen = np.empty(0, np.bool_)
        self._lemmas = np.empty(0, np.int32)
        self._fitting: dict[Element, Flags] = {}

    def search(self, block: Chunk) -> Stretches:
        """Return every stretch of a block that a term matches."""
        self._grow()
        found = [self._plain.search(block, self._lemmas, self._is_hyphen)]
        found.extend(self._search_special(block, number, term) for number, term in self._special)
        return Stretches(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def _grow(self) -> None:
        if len(self._lemmas) != len(self._vocabulary.lemmas):
            self._lemmas = np.array(self._vocabulary.lemmas)
            self._is_hyphen = np.isin(self._lemmas, self._hyphens)
            self._plain.grow(self._lemmas, self._is_hyphen)

    def _search_special(self, block: Chunk, number: int, term: Phrase) -> Stretches:
        """Follow one term with wildcards or gaps from its first word on."""
        tokens = block.tokens
        fitting = self._fits(term.elements[0])
        few = block.find_few(fitting)
        first = np.flatnonzero(fitting.take(tokens)) if few is None else few
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
                last = last + 1
                if not (before.is_hyphen or element.is_hyphen):
                    last = last + self._is_hyphen[tokens[last]]
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
        reached: list[tuple[Positions, Positions]] = [(first[:0], last[:0])]
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


_PAIR_SLOTS = 1 << 20
# Of a table that tells most pairs of lemmas that begin no phrase from those that may.


def _pair_keys(left: Ints, right: Ints) -> Positions:
    return (left.astype(np.int64) << 32) | right


def _pair_slots(keys: Positions) -> Positions:
    return ((keys >> 32) * 0x9E3779B1 + keys * 0x85EBCA6B) >> 7 & (_PAIR_SLOTS - 1)


_CLASSES = 15
_CLASS_BITS = (1 << _CLASSES) - 1
_SINGLE, _HYPHEN = 1 << 30, 1 << 31
# The marks of a token number: the classes of words that may stand behind it, its own class shifted by as many bits, and
# whether it is a term of one word, or a hyphen.


class _Groups:
    """Values by key: for some keys, all their values at once."""

    def __init__(self, keys: Positions, values: Positions) -> None:
        order = np.argsort(keys, kind="stable")
        self.keys, self._counts = np.unique(keys, return_counts=True)
        self._firsts = np.cumsum(self._counts) - self._counts
        self._values = values[order]

    def find(self, keys: Positions) -> tuple[Positions, Positions]:
        """Return the positions of keys that there are, repeated for each of their values, and these values."""
        if not len(self.keys):
            return keys[:0], keys[:0]
        group = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = np.flatnonzero(self.keys.take(group) == keys)
        return self.spread(known, group.take(known))

    def number(self, keys: Ints) -> Ints:
        """Return the number of the group of each key, or -1."""
        table = np.full(1 + max(int(keys.max(initial=0)), int(self.keys.max(initial=0))), -1, np.int32)
        table[self.keys] = np.arange(len(self.keys))
        return table.take(keys)

    def spread(self, positions: Positions, group: Ints | Positions) -> tuple[Positions, Positions]:
        """Return positions, repeated for each value of the group that stands there, and these values."""
        counts = self._counts.take(group)
        firsts = self._firsts.take(group)
        if len(counts) and counts.min() == counts.max() == 1:
            return positions, self._values.take(firsts)
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts - firsts, counts)
        return np.repeat(positions, counts), self._values.take(within)


class _PlainTable:
    """Terms made of lemmas alone: single words by a table, phrases where the pair of words with their rarest stands.

    The elements of all terms lie one after the other in flat columns: ``_wanted`` (lemma numbers) and ``_skips``
    (whether a hyphen may stand before an element).
    """

    def __init__(self, terms: Mapping[int, Phrase], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._numbers = np.array(list(terms), np.int64)
        self._sizes = np.array([len(term.elements) for term in terms.values()], np.int64)
        self._offsets = np.cumsum(self._sizes) - self._sizes
        elements = [element for term in terms.values() for element in term.elements]
        self._wanted = np.array([vocabulary.number_lemma(element.text) for element in elements], np.int32)
        is_hyphen = np.array([element.is_hyphen for element in elements], np.bool_)
        self._skips = ~(is_hyphen | np.roll(is_hyphen, 1))
        self._anchors: Positions | None = None
        self._singles = _Groups(np.empty(0, np.int64), np.empty(0, np.int64))
        self._pairs = self._singles
        self._single_of = np.empty(0, np.int32)
        self._is_wanted = np.empty(0, np.bool_)
        self._marks = np.empty(0, np.uint32)
        self._may_be_pair = np.zeros(_PAIR_SLOTS, np.bool_)

    def grow(self, lemmas: Ints, is_hyphen: Flags) -> None:
        """Take in a vocabulary that has grown."""
        n_lemmas = max(int(lemmas.max()), int(self._wanted.max(initial=0))) + 1
        if self._anchors is None:
            self._anchors = self._choose_anchors(lemmas, n_lemmas)
            single = np.flatnonzero(self._sizes == 1)
            self._singles = _Groups(self._wanted[self._offsets[single]].astype(np.int64), single)
            phrase = np.flatnonzero(self._sizes > 1)
            place = self._offsets[phrase] + self._anchors[phrase]
            keys = _pair_keys(self._wanted[place], self._wanted[place + 1]) if len(place) else place
            self._pairs = _Groups(keys, phrase)
            self._may_be_pair[_pair_slots(keys)] = True
        self._single_of = self._singles.number(lemmas)
        self._marks = self._mark(n_lemmas).take(lemmas)
        self._is_wanted = (self._marks & (_SINGLE | _CLASS_BITS)) > 0
        self._marks[is_hyphen] |= _HYPHEN

    def _mark(self, n_lemmas: int) -> npt.NDArray[np.uint32]:
        """Return the marks of lemmas."""
        marks = np.zeros(n_lemmas, np.uint32)
        rights, which = np.unique(self._pairs.keys & 0xFFFFFFFF, return_inverse=True)
        class_bit = np.left_shift(1, which % _CLASSES).astype(np.uint32)
        np.bitwise_or.at(marks, self._pairs.keys >> 32, class_bit)
        marks[rights] |= np.left_shift(1, np.arange(len(rights)) % _CLASSES + _CLASSES).astype(np.uint32)
        marks[self._singles.keys] |= _SINGLE
        return marks

    def _choose_anchors(self, lemmas: Ints, n_lemmas: int) -> Positions:
        """Return for each term where the pair with the lemma that is rarest in the texts seen so far begins."""
        seen = np.zeros(len(lemmas))
        seen[: len(self._vocabulary.counts)] = self._vocabulary.counts[: len(lemmas)]
        seen_lemmas = np.bincount(lemmas, weights=seen, minlength=n_lemmas)
        anchors = np.zeros(len(self._sizes), np.int64)
        for size in distinct(self._sizes).tolist():
            rows = np.flatnonzero(self._sizes == size)
            columns = self._offsets[rows, None] + np.arange(size)
            anchors[rows] = np.argmin(seen_lemmas[self._wanted[columns]], axis=1)
        return np.maximum(np.minimum(anchors, self._sizes - 2), 0)

    def search(self, block: Chunk, lemmas: Ints, is_hyphen: Flags) -> Stretches:
        """Return every stretch of a block that a term matches."""
        tokens = block.tokens
        at, left, hyphened = self._candidates(block)
        at, single = self._singles.spread(at, self._single_of.take(tokens.take(at)))
        found = [(at, at, single)]
        for begin, end in ((left, left + 1), (hyphened, hyphened + 2)):
            if not len(begin) or self._anchors is None:
                continue
            first, last, row = self._find_pairs(tokens, lemmas, begin, end)
            anchor = self._anchors.take(row)
            if begin is hyphened:
                may = self._skips.take(self._offsets.take(row) + anchor + 1)
                first, last, row, anchor = first[may], last[may], row[may], anchor[may]
            last, first, row, anchor = self._walk(tokens, lemmas, is_hyphen, last, first, row, anchor + 1, step=1)
            first, last, row, _ = self._walk(tokens, lemmas, is_hyphen, first, last, row, anchor - 1, step=-1)
            found.append((first, last, row))
        first, last, row = (np.concatenate(column) for column in zip(*found, strict=True))
        return Stretches(first, last, self._numbers.take(row))

    def _candidates(self, block: Chunk) -> tuple[Positions, Positions, Positions]:
        """Return where single words stand, and where pairs may begin: of neighbours, and of words about a hyphen."""
        few = block.find_few(self._is_wanted)
        if few is None:
            marks = np.zeros(len(block.tokens) + 2, np.uint32)
            self._marks.take(block.tokens, out=marks[:-2], mode="clip")
            here, behind, second = marks[:-2], marks[1:-1], marks[2:]
        else:
            here, behind, second = (self._marks.take(block.tokens.take(few + step, mode="clip")) for step in range(3))
        fitting = here & _CLASS_BITS
        single = np.flatnonzero((here & _SINGLE) > 0)
        left = np.flatnonzero((fitting & (behind >> _CLASSES)) > 0)
        hyphened = np.flatnonzero((behind >= _HYPHEN) & ((fitting & (second >> _CLASSES)) > 0))
        if few is None:
            return single, left, hyphened
        return few.take(single), few.take(left), few.take(hyphened)

    def _find_pairs(
        self, tokens: Ints, lemmas: Ints, begin: Positions, end: Positions
    ) -> tuple[Positions, Positions, Positions]:
        """Return where phrases may stand whose pair is at these tokens, and which phrases."""
        keys = _pair_keys(lemmas.take(tokens.take(begin)), lemmas.take(tokens.take(end)))
        likely = np.flatnonzero(self._may_be_pair.take(_pair_slots(keys)))
        which, row = self._pairs.find(keys.take(likely))
        place = likely.take(which)
        return begin.take(place), end.take(place), row

    def _walk(
        self,
        tokens: Ints,
        lemmas: Ints,
        is_hyphen: Flags,
        at: Positions,
        other: Positions,
        row: Positions,
        column: Positions,
        *,
        step: Literal[1, -1],
    ) -> tuple[Positions, Positions, Positions, Positions]:
        """Follow terms from their anchor to one end; drop those that the tokens do not fit.

        Returns
        -------
        tuple of arrays
            The end reached, what came along as ``other``, the rows and their anchors.
        """
        found = []
        place = self._offsets.take(row) + column
        to_go = self._sizes.take(row) - 1 - column if step == 1 else column
        while len(row):
            is_done = to_go == 0
            found.append((at[is_done], other[is_done], row[is_done], column[is_done]))
            left = np.flatnonzero(~is_done)
            at, other, row, column, place, to_go = (
                values.take(left) for values in (at, other, row, column, place, to_go)
            )
            skips = self._skips.take(place + (step == 1))
            place, to_go, at = place + step, to_go - 1, at + step
            at = at + step * (is_hyphen.take(tokens.take(at)) & skips)
            fits = np.flatnonzero(lemmas.take(tokens.take(at)) == self._wanted.take(place))
            at, other, row, column, place, to_go = (
                values.take(fits) for values in (at, other, row, column, place, to_go)
            )
        if not found:
            return at, other, row, column
        at, other, row, column = (np.concatenate(values) for values in zip(*found, strict=True))
        return at, other, row, column
