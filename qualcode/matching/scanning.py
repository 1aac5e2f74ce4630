"""Where patterns match in texts, found one token after the other in plain Python.

For small jobs, where loading numpy would cost more than it saves. :mod:`qualcode.matching.columns` gives the same
hits for large ones.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from qualcode.language import fold, has_cjk, is_cut_at_blanks, learn, lexicon_for, spaced_language, tokenize
from qualcode.matching.patterns import GAP_TOKENS, HYPHENS, wildcard_regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.language import Token
    from qualcode.matching.patterns import Element, Patterns, Phrase


class Found(NamedTuple):
    """One place where a pattern matches: half-open, in code points of its text."""

    text: int
    start: int
    end: int
    pattern: int


class Scanner:
    """Finds patterns in texts."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._matcher = TermMatcher(patterns.phrases)
        base = spaced_language(patterns.language)
        self._lexicon = lexicon_for(base) if patterns.model is None and is_cut_at_blanks(base) else None
        self._promising: dict[str, bool] = {}

    def scan(self, texts: Sequence[str]) -> Iterator[Found]:
        """Yield every place where a pattern matches, text by text."""
        learn(texts, language=self._patterns.language, model=self._patterns.model)
        for number, text in enumerate(texts):
            for start, end, pattern in self._scan_one(text):
                yield Found(number, start, end, pattern)

    def _scan_one(self, text: str) -> Iterator[tuple[int, int, int]]:
        patterns = self._patterns
        has_form = any(form in text for form in patterns.exacts.values())
        if has_form or (patterns.phrases and self._is_promising(text)):
            tokens = tokenize(text, language=patterns.language, model=patterns.model)
            yield from self._matcher.find(text, tokens)
            yield from scan_exacts(text, tokens, patterns.exacts)
        yield from scan_regexes(text, patterns.regexes)
        for number, pattern in patterns.token_patterns.items():
            for start, end in pattern.spans(text):
                yield start, end, number

    def _is_promising(self, text: str) -> bool:
        """Tell whether a term may be in a text, by its pieces alone; most texts are done with that."""
        lexicon = self._lexicon
        if lexicon is None or has_cjk(text):
            return True
        promising = self._promising
        runs = text.split()
        for run in runs:
            if run not in promising:
                piece = lexicon.pieces([run])[run]
                promising[run] = bool(piece.opens) or any(
                    self._matcher.is_key(form, lemma)
                    for form, lemma in zip(piece.forms(run), piece.lemmas, strict=True)
                )
        return any(map(promising.__getitem__, runs)) or any(case in text for case in lexicon.spaced_cases)


def scan_regexes(text: str, regexes: Mapping[int, Any]) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and number of every match of regular expressions that is not empty."""
    for number, regex in regexes.items():
        for match in regex.finditer(text):
            start, end = match.span()
            if start < end:
                yield start, end, number


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
    """Finds terms among tokens; which terms can start at a token is looked up by its lemma and form."""

    def __init__(self, terms: Mapping[int, Phrase]) -> None:
        self._terms = terms
        self._by_lemma: dict[str, list[int]] = {}
        self._by_form: list[tuple[re.Pattern[str], int]] = []
        self._forms: dict[str, re.Pattern[str]] = {}
        self._starting: dict[tuple[str, str], tuple[int, ...]] = {}
        for number, term in terms.items():
            first = term.elements[0]
            if first.kind == "lemma":
                self._by_lemma.setdefault(first.text, []).append(number)
            else:
                self._by_form.append((wildcard_regex(first.text), number))

    @cached_property
    def needs_forms(self) -> bool:
        """Whether any term has a wildcard."""
        return any(element.kind == "form" for term in self._terms.values() for element in term.elements)

    def is_key(self, form: str, lemma: str) -> bool:
        """Tell whether a token fits the longest, and so likely the rarest, word of any term."""
        return lemma in self._key_lemmas or any(regex.fullmatch(form) for regex in self._key_forms)

    @cached_property
    def _keys(self) -> list[Element]:
        return [max(term.elements, key=lambda element: len(element.text)) for term in self._terms.values()]

    @cached_property
    def _key_lemmas(self) -> frozenset[str]:
        return frozenset(element.text for element in self._keys if element.kind == "lemma")

    @cached_property
    def _key_forms(self) -> list[re.Pattern[str]]:
        return [wildcard_regex(element.text) for element in self._keys if element.kind == "form"]

    def find(self, text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of every term among the tokens of a text."""
        for at, token in enumerate(tokens):
            for number in self.starting(self._form(text, token), token.lemma):
                for last in self._last_tokens(text, tokens, at, self._terms[number].elements):
                    yield token.start, tokens[last].end, number

    def starting(self, form: str, lemma: str) -> tuple[int, ...]:
        """Return the terms that can start at a token."""
        key = (form, lemma)
        known = self._starting.get(key)
        if known is None:
            wild = [number for regex, number in self._by_form if regex.fullmatch(form)]
            known = self._starting[key] = (*self._by_lemma.get(lemma, ()), *wild)
        return known

    def _form(self, text: str, token: Token) -> str:
        return fold(text[token.start : token.end]).lower() if self.needs_forms else ""

    def _last_tokens(self, text: str, tokens: Sequence[Token], at: int, elements: tuple[Element, ...]) -> Iterator[int]:
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
                if self._fits(element, text, tokens[candidate])
            }
            if not reached:
                return
            before, reach = element, 0
        yield from sorted(reached)

    def _fits(self, element: Element, text: str, token: Token) -> bool:
        if element.kind == "lemma":
            return token.lemma == element.text
        regex = self._forms.get(element.text)
        if regex is None:
            regex = self._forms[element.text] = wildcard_regex(element.text)
        return regex.fullmatch(self._form(text, token)) is not None


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
