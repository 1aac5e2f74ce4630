"""Where patterns match in texts, found one token after the other in plain Python.

For small jobs, where loading numpy would cost more than it saves. :mod:`qualcode.matching.columns` gives the same
hits for large ones.
"""

from __future__ import annotations

import re
from functools import cache, cached_property, reduce
from itertools import accumulate, chain, product
from operator import attrgetter, or_
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from qualcode.language import has_cjk, is_cut_at_blanks, learn, lexicon_for, spaced_language, tokenize
from qualcode.matching.patterns import GAP_TOKENS, HYPHENS, wildcard_regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.language import Piece, Token
    from qualcode.matching.patterns import Element, Patterns, Phrase


class Found(NamedTuple):
    """One place where a pattern matches: half-open, in code points of its text."""

    text: int
    start: int
    end: int
    pattern: int


MATCH_CHARACTERS = 5_000
"""Characters that a match of a regular expression may have in any case; it may have more where a text is short."""

_PLAIN, _SPECIAL, _OPENS = 1, 2, 4
# What a piece promises, added: a word of a term made of lemmas alone, a word of any other term, and that its tokens
# may be others behind some piece.

_lemmas_of = attrgetter("lemmas")


class Scanner:
    """Finds patterns in texts."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        base = spaced_language(patterns.language)
        self._matcher = TermMatcher(patterns.phrases, base)
        self._lexicon = lexicon_for(base) if patterns.model is None and is_cut_at_blanks(base) else None
        self._promises: dict[str, int] = {}

    def scan(self, texts: Sequence[str]) -> Iterator[Found]:
        """Yield every place where a pattern matches, text by text."""
        rows = self._split(texts)
        if None in rows:
            learn(texts, language=self._patterns.language, model=self._patterns.model)
        regexes = self._sift(texts)
        for number, (text, runs) in enumerate(zip(texts, rows, strict=True)):
            for start, end, pattern in self._scan_one(text, runs, regexes.get(number, {})):
                yield Found(number, start, end, pattern)

    def _sift(self, texts: Sequence[str]) -> dict[int, dict[int, Any]]:
        """Return, by the number of a text, the regular expressions that may match in it."""
        found: dict[int, dict[int, Any]] = {}
        if self._patterns.regexes:
            sieve = Sieve(texts)
            for number, regex in self._patterns.regexes.items():
                for text in sieve.find(regex):
                    found.setdefault(text, {})[number] = regex
        return found

    def _split(self, texts: Sequence[str]) -> list[list[str] | None]:
        """Return the pieces of each text, ``None`` for one that is not cut at blanks; their promises are known then."""
        if self._lexicon is None or not self._patterns.phrases:
            return [None] * len(texts)
        rows = [None if has_cjk(text) else text.split() for text in texts]
        new = {run for runs in rows if runs is not None for run in runs if run not in self._promises}
        pieces = self._lexicon.pieces(new)
        for run in new:
            piece = pieces[run]
            self._promises[run] = self._matcher.promise(run, piece) | (_OPENS if piece.opens else 0)
        return rows

    def _scan_one(
        self, text: str, runs: list[str] | None, regexes: Mapping[int, Any]
    ) -> Iterator[tuple[int, int, int]]:
        patterns = self._patterns
        row = _Row(text, patterns)
        if patterns.phrases:
            promise = _PLAIN | _SPECIAL if runs is None else self._look(row, runs)
            if promise & _PLAIN:
                yield from self._matcher.find_plain(row)
            if promise & _SPECIAL:
                yield from self._matcher.find_special(row)
        if any(form in text for form in patterns.exacts.values()):
            yield from scan_exacts(text, row.tokens, patterns.exacts)
        yield from scan_regexes(text, regexes)
        for number, pattern in patterns.token_patterns.items():
            for start, end in pattern.spans(text):
                yield start, end, number

    def _look(self, row: _Row, runs: list[str]) -> int:
        """Return what a text promises by its pieces, and give the row those if they are all that it is made of."""
        promise = reduce(or_, set(map(self._promises.__getitem__, runs)), 0)
        spaced = () if self._lexicon is None else self._lexicon.spaced_cases
        if spaced and any(case in row.text for case in spaced):
            return _PLAIN | _SPECIAL
        if promise and self._lexicon is not None:
            pieces = self._lexicon.pieces(())
            found = list(map(pieces.__getitem__, runs))
            if promise & _OPENS and not self._lexicon.are_apart(found):
                return _PLAIN | _SPECIAL
            if " ".join(runs) == row.text:
                row.pieces = found
        return promise


class _Row:
    """The tokens of one text, of which only what is asked for is made.

    Attributes
    ----------
    pieces
        The pieces that the text is made of, if single blanks stand between them and no special case lies across one.
    """

    def __init__(self, text: str, patterns: Patterns) -> None:
        self.text = text
        self.pieces: list[Piece] | None = None
        self._patterns = patterns

    @cached_property
    def tokens(self) -> Sequence[Token]:
        """All of them."""
        return tokenize(self.text, language=self._patterns.language, model=self._patterns.model)

    @property
    def lemmas(self) -> list[str]:
        """The lemma of each token."""
        if self.pieces is None:
            return [token.lemma for token in self.tokens]
        return list(chain.from_iterable(map(_lemmas_of, self.pieces)))

    @property
    def bounds(self) -> list[tuple[int, int]]:
        """Start and end of each token."""
        if self.pieces is None:
            return [(token.start, token.end) for token in self.tokens]
        bounds = []
        at = 0
        for piece in self.pieces:
            for length in piece.lengths:
                bounds.append((at, at + length))
                at += length
            at += 1
        return bounds


class Sieve:
    """Some texts behind one another, to ask which of them hold a match of a regular expression.

    A search over all of them tells at once that none does; where one does, halves of them are asked.

    Parameters
    ----------
    texts
        Any texts.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        encoded = [text.encode("utf-8", "replace") for text in texts]
        self._joined = b"\n".join(encoded)
        self._starts = [0, *accumulate(len(text) + 1 for text in encoded)]

    def find(self, regex: Any) -> Iterator[int]:
        """Yield the numbers of the texts that may hold a match, ascending."""
        n_texts = len(self._starts) - 1
        if _ANCHOR.search(regex.pattern):  # the edges of texts are seen in each text alone
            yield from range(n_texts)
            return
        ranges = [(0, n_texts)] if n_texts else []
        while ranges:
            low, high = ranges.pop()
            if regex.search(self._joined, self._starts[low], self._starts[high] - 1) is None:
                continue
            if high - low == 1:
                yield low
            else:
                middle = (low + high) // 2
                ranges += [(middle, high), (low, middle)]


_ANCHOR = re.compile(r"(?<!\[)\^|\$|\\[AzZ]")


def scan_regexes(text: str, regexes: Mapping[int, Any]) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and number of every match of regular expressions that is not empty."""
    is_short = len(text) <= 2 * MATCH_CHARACTERS
    for number, regex in regexes.items():
        found = (match.span() for match in regex.finditer(text)) if is_short else _find_in_stretches(regex, text)
        for start, end in found:
            if start < end:
                yield start, end, number


def _find_in_stretches(regex: Any, text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every match, looked for in overlapping stretches of a long text.

    One search is linear, and yet ``a(.*z)?`` looks through the rest of the text from every *a* on.
    """
    at = 0
    while at < len(text):
        low, high = max(at - 1, 0), min(at + 2 * MATCH_CHARACTERS, len(text))
        stop = high if high == len(text) else at + MATCH_CHARACTERS
        # A character more on either side, so that ``\\b``, ``^`` and ``$`` see what stands there.
        for match in regex.finditer(text[low : high + 1], at - low, high - low):
            start, end = low + match.start(), low + match.end()
            if start >= stop:
                break
            yield start, end
            at = end
        at = max(at, stop)


def scan_exacts(text: str, tokens: Sequence[Token], exacts: Mapping[int, str]) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and number of every exact form that begins and ends with tokens."""
    starts: set[int] | None = None
    ends: set[int] = set()
    for number, form in exacts.items():
        at = text.find(form)
        if at >= 0 and starts is None:
            starts, ends = {token.start for token in tokens}, {token.end for token in tokens}
        while at >= 0:
            if at in (starts or ()) and at + len(form) in ends:
                yield at, at + len(form), number
            at = text.find(form, at + 1)


class TermMatcher:
    """Finds terms among tokens: those made of lemmas alone at their longest word, others from the first on."""

    def __init__(self, terms: Mapping[int, Phrase], language: str) -> None:
        self._terms = terms
        self._lexicon = lexicon_for(language)
        self._plain: dict[str, list[tuple[int, int, frozenset[str]]]] = {}
        self._starts: list[tuple[Element, int]] = []
        self._special_keys: list[Element] = []
        for number, term in terms.items():
            # The longest is likely the rarest.
            key = max(range(len(term.elements)), key=lambda at, term=term: len(term.elements[at].text))  # type: ignore[misc]
            if term.is_plain:
                words = frozenset(element.text for element in term.elements)
                self._plain.setdefault(term.elements[key].text, []).append((number, key, words))
            else:
                self._starts.append((term.elements[0], number))
                self._special_keys.append(term.elements[key])

    def promise(self, run: str, piece: Piece) -> int:
        """Return which kinds of terms may be where a piece is."""
        promise = _PLAIN if any(lemma in self._plain for lemma in piece.lemmas) else 0
        if self._starts:
            tokens = zip(self._lexicon.forms(run, piece), piece.lemmas, strict=True)
            if any(_fits(key, form, lemma) for form, lemma in tokens for key in self._special_keys):
                promise |= _SPECIAL
        return promise

    def find_plain(self, row: _Row) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of every term made of lemmas alone, in any order."""
        lemmas = row.lemmas
        present = set(lemmas)
        bounds = None
        for word in present & self._plain.keys():
            terms = [(number, key) for number, key, words in self._plain[word] if words <= present]
            places = [at for at, lemma in enumerate(lemmas) if lemma == word] if terms else ()
            for at, (number, key) in product(places, terms):
                elements = self._terms[number].elements
                last = _follow(lemmas, at, elements[key:], 1)
                first = _follow(lemmas, at, elements[key::-1], -1)
                if first >= 0 and last >= 0:
                    bounds = row.bounds if bounds is None else bounds
                    yield bounds[first][0], bounds[last][1], number

    def find_special(self, row: _Row) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of every term with wildcards or gaps."""
        if not self._starts:
            return
        tokens = row.tokens
        forms = [self._lexicon.caseless(row.text[token.start : token.end]) for token in tokens]
        for at, token in enumerate(tokens):
            for start, number in self._starts:
                if _fits(start, forms[at], token.lemma):
                    for last in self._last_tokens(tokens, forms, at, self._terms[number].elements):
                        yield token.start, tokens[last].end, number

    def _last_tokens(
        self, tokens: Sequence[Token], forms: Sequence[str], at: int, elements: tuple[Element, ...]
    ) -> Iterator[int]:
        """Yield every token at which a term that starts at one can end."""
        reached = {at}
        reach = 0
        before = elements[0]
        for element in elements[1:]:
            if element.kind == "gap":
                reach = GAP_TOKENS
                continue
            reached = {
                candidate
                for last in reached
                for candidate in _next_tokens(tokens, last, reach, skips=not (before.is_hyphen or element.is_hyphen))
                if _fits(element, forms[candidate], tokens[candidate].lemma)
            }
            if not reached:
                return
            before, reach = element, 0
        yield from sorted(reached)


def _follow(lemmas: Sequence[str], at: int, elements: Sequence[Element], step: Literal[1, -1]) -> int:
    """Return the token at which lemmas that follow one another end, or -1; the first stands at ``at``."""
    before = elements[0]
    for element in elements[1:]:
        at += step
        skips = not (before.is_hyphen or element.is_hyphen)
        if skips and 0 <= at < len(lemmas) and lemmas[at] in HYPHENS:
            at += step
        if not 0 <= at < len(lemmas) or lemmas[at] != element.text:
            return -1
        before = element
    return at


@cache
def _form_regex(pattern: str) -> re.Pattern[str]:
    return wildcard_regex(pattern)


def _fits(element: Element, form: str, lemma: str) -> bool:
    """Tell whether a token fits an element that is no gap."""
    if element.kind == "lemma":
        return lemma == element.text
    return _form_regex(element.text).fullmatch(form) is not None


def _next_tokens(tokens: Sequence[Token], last: int, reach: int, *, skips: bool) -> Iterator[int]:
    """Yield the tokens that may come next in a term: the very next, past a hyphen, or beyond a gap."""
    at = last + 1
    if not reach:
        if skips and at < len(tokens) and tokens[at].lemma in HYPHENS:
            at += 1
        if at < len(tokens):
            yield at
        return
    passed = 0
    while at < len(tokens) and passed <= reach:
        if not tokens[at].lemma.isspace():
            yield at
            passed += 1
        at += 1
