"""The search for all patterns at once, over arrays, and its result as columns."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.language import tokenize
from qualcode.matching.columns import TermPlan
from qualcode.matching.encoding import encode_blocks
from qualcode.matching.scanning import Found, Sieve, scan_exacts, scan_regexes
from qualcode.matching.texts import EncodedTexts
from qualcode.matching.vocabulary import vocabulary_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from qualcode.matching.patterns import Patterns
    from qualcode.matching.texts import Chunk, Positions


class HitColumns(NamedTuple):
    """Hits as columns: text, start, end, and number of the rule."""

    text: Positions
    start: Positions
    end: Positions
    rule: Positions


_LARGEST = 1 << 62


class ColumnScanner:
    """Finds patterns in texts that are arrays of token numbers.

    Parameters
    ----------
    patterns
        What to look for.
    rules
        For each pattern the rules of which each of its places is a hit.
    wanted
        Patterns whose places are needed themselves.
    """

    def __init__(self, patterns: Patterns, rules: Mapping[int, Sequence[int]], wanted: Collection[int]) -> None:
        self._patterns = patterns
        self._rules = rules
        self._wanted = wanted
        n_patterns = 1 + max((*rules, *wanted), default=0)
        self._is_wanted = np.isin(np.arange(n_patterns), list(wanted))
        self._n_rules = np.array([len(rules.get(pattern, ())) for pattern in range(n_patterns)])
        self._first_rule = np.cumsum(self._n_rules) - self._n_rules
        self._rule = np.array([rule for pattern in range(n_patterns) for rule in rules.get(pattern, ())], np.int64)
        self._vocabulary = vocabulary_for(patterns.language, patterns.model)
        self._plan = TermPlan(patterns.phrases, self._vocabulary)

    def scan(self, texts: Sequence[str] | EncodedTexts) -> tuple[HitColumns, list[Found]]:
        """Return the hits of rules, sorted, and the places of wanted patterns, sorted."""
        blocks: Iterable[Chunk] = ()
        if self._patterns.phrases:
            blocks = texts.blocks if isinstance(texts, EncodedTexts) else encode_blocks(texts, self._vocabulary)
        found: list[Found] = []
        hits = [self._scan_block(block, found) for block in blocks]
        others = []
        if not self._patterns.is_terms:
            others = list(self._scan_others(list(texts.texts) if isinstance(texts, EncodedTexts) else texts))
        found.extend(place for place in others if place.pattern in self._wanted)
        rows = [(*place[:3], rule) for place in others for rule in self._rules.get(place.pattern, ())]
        return _merge(hits, rows), sorted(set(found))

    def _scan_block(self, block: Chunk, found: list[Found]) -> HitColumns:
        """Return a block's hits, sorted; put the places of wanted patterns on the list."""
        first, last, pattern = self._plan.search(block)
        if self._wanted:
            chosen = np.flatnonzero(self._is_wanted.take(pattern))
            places = block.locate(first.take(chosen), last.take(chosen))
            columns = (*places, pattern.take(chosen))
            found.extend(map(Found, *(column.tolist() for column in columns)))
        n_rules = self._n_rules.take(pattern)
        if len(n_rules) and n_rules.min() == n_rules.max() == 1:
            rule = self._rule.take(self._first_rule.take(pattern))
        else:
            ends = np.cumsum(n_rules)
            within = np.arange(int(n_rules.sum())) - np.repeat(ends - n_rules, n_rules)
            rule = self._rule.take(np.repeat(self._first_rule.take(pattern), n_rules) + within)
            first, last = np.repeat(first, n_rules), np.repeat(last, n_rules)
        order = _order(first, last, rule)
        return HitColumns(*block.locate(first.take(order), last.take(order)), rule.take(order))

    def _scan_others(self, texts: Sequence[str]) -> Iterator[Found]:
        """Yield the places of patterns that are no terms."""
        patterns = self._patterns
        for number, form in patterns.exacts.items():
            for text in texts_with(form, texts):
                tokens = tokenize(texts[text], language=patterns.language, model=patterns.model)
                for place in scan_exacts(texts[text], tokens, {number: form}):
                    yield Found(text, *place)
        sieve = Sieve(texts) if patterns.regexes else None
        for number, regex in patterns.regexes.items():
            for text in sieve.find(regex) if sieve else ():
                for place in scan_regexes(texts[text], {number: regex}):
                    yield Found(text, *place)
        for number, pattern in patterns.token_patterns.items():
            for text, content in enumerate(texts):
                for start, end in pattern.spans(content):
                    yield Found(text, start, end, number)


def texts_with(form: str, texts: Sequence[str]) -> Iterator[int]:
    """Yield the numbers of texts that hold a form."""
    return (number for number, text in enumerate(texts) if form in text)


def _order(first: Positions, last: Positions, rule: Positions) -> Positions:
    """Return the order by first, last and rule."""
    if not len(first):
        return first
    longest = int((last - first).max()) + 1
    n_rules = int(rule.max()) + 1
    if (int(first.max()) + 1) * longest * n_rules < _LARGEST:
        return np.argsort((first * longest + (last - first)) * n_rules + rule, kind="stable")
    return np.lexsort((rule, last, first))


def _merge(blocks: Sequence[HitColumns], rows: Sequence[tuple[int, ...]]) -> HitColumns:
    """Return hits of blocks and rows as one, sorted, each once."""
    if rows:
        blocks = [*blocks, HitColumns(*np.array(rows, np.int64).T)]
    blocks = [block for block in blocks if len(block.text)]
    if not blocks:
        return HitColumns(*(np.empty(0, np.int64) for _ in range(4)))
    if len(blocks) == 1 and not rows:
        return blocks[0]
    merged = HitColumns(*(np.concatenate(column) for column in zip(*blocks, strict=True)))
    if all(a.text[-1] < b.text[0] for a, b in pairwise(blocks)):
        return merged
    # Each text is in one block, of which the hits are sorted.
    order = np.lexsort(merged[::-1]) if rows else np.argsort(merged.text, kind="stable")
    return HitColumns(*(column.take(order) for column in merged))


def add_rows(columns: HitColumns, rows: Sequence[tuple[int, ...]]) -> tuple[HitColumns, Positions]:
    """Return hits with more rows among them, sorted, and where each of the rows now stands."""
    merged = HitColumns(*map(np.concatenate, zip(columns, np.array(rows, np.int64).reshape(-1, 4).T, strict=True)))
    order = np.lexsort(merged[::-1])
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return HitColumns(*(column.take(order) for column in merged)), places[len(columns.text) :]
