"""What a rule looks for in a text, the smallest thing: a term, an exact form or a regular expression.

A term is read into a sequence of elements, each of which stands for one token: a lemma, a form with wildcards, or a
gap of a few tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from qualcode.codebook import compile_regex
from qualcode.errors import CodebookError
from qualcode.language import (
    LIKE_HYPHEN,
    TokenPattern,
    caseless,
    has_cjk,
    learn,
    normal_text,
    spaced_language,
    tokenize,
)
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.codebook import Term

HYPHENS = frozenset("-")
"""Tokens that may stand between the words of a phrase."""

GAP_TOKENS = 5
"""The most tokens, blanks apart, that ``...`` stands for."""

MAX_GAPS = 10
"""The most gaps in a term: with each there are more places where it can end."""

_GAP = re.compile(r"\.\.\.|…")
_WILDCARD = re.compile(r"(?<!\\)[*?]")
_HAS_WILDCARD = re.compile(r"(?=.*\w).*(?<!\\)[*?]", re.DOTALL)
_ESCAPED = re.compile(r"\\([*?.$\\])")

ElementKind = Literal["lemma", "form", "gap"]


@dataclass(frozen=True, slots=True)
class Element:
    """One token of a term.

    Attributes
    ----------
    kind
        ``lemma``: a token with this lemma. ``form``: a token whose form in lower case fits this pattern with ``*`` and
        ``?``. ``gap``: none to :data:`GAP_TOKENS` tokens.
    text
        The lemma or the pattern; ``""`` for a gap.
    """

    kind: ElementKind
    text: str = ""

    @property
    def is_hyphen(self) -> bool:
        """Whether it stands for a hyphen."""
        return self.kind == "lemma" and self.text in HYPHENS


@dataclass(frozen=True)
class Phrase:
    """A term, read: its elements in order."""

    elements: tuple[Element, ...]

    @cached_property
    def is_plain(self) -> bool:
        """Whether it is made of lemmas alone."""
        return all(element.kind == "lemma" for element in self.elements)


def read_term(text: str, *, language: str = "en", model: str | None = None) -> Phrase:
    r"""Return a term as elements; its words are analysed as the text will be.

    Parameters
    ----------
    text
        A word or phrase; ``*`` and ``?`` inside a word stand for any letters and for one, ``...`` between words for a
        gap. ``\*``, ``\?`` and ``\...`` are the characters themselves.
    language, model
        As in :func:`qualcode.language.tokenize`.

    Raises
    ------
    CodebookError
        If nothing is left to look for, a gap stands at an end, or a wildcard stands in a Chinese word.
    """
    elements: list[Element] = []
    for kind, part in _parts(normal_text(text)):
        if kind == "gap":
            elements.append(Element("gap"))
        elif kind == "form":
            elements.extend(_wild_elements(part, text, language, model))
        else:
            elements.extend(_lemmas(part, language, model))
    if not elements:
        raise CodebookError("A term without a word can match nothing.")
    if elements[0].kind == "gap" or elements[-1].kind == "gap":
        raise CodebookError(
            f"The gap in “{text}” is at the start or the end.",
            hint="Put words on both sides of `...`, or write `\\...`",
        )
    if sum(element.kind == "gap" for element in elements) > MAX_GAPS:
        raise CodebookError(
            f"“{shorten(text)}” has more than {MAX_GAPS} gaps.", hint="List the words that matter under `all:`"
        )
    return Phrase(tuple(elements))


def _parts(text: str) -> Iterator[tuple[ElementKind, str]]:
    """Cut a term at gaps and around words with wildcards; words side by side stay together."""
    plain: list[str] = []
    for word in _words(text):
        if _GAP.fullmatch(word) or _HAS_WILDCARD.match(word):
            if plain:
                yield "lemma", " ".join(plain)
                plain = []
            yield ("gap", "") if _GAP.fullmatch(word) else ("form", word)
        else:
            plain.append(_ESCAPED.sub(r"\1", word))
    if plain:
        yield "lemma", " ".join(plain)


def _words(text: str) -> list[str]:
    """Split a term at blanks; a gap in Chinese needs none around it."""
    return re.sub(r"(?<=[^\x00-\x7f])(\.\.\.|…+)(?=[^\x00-\x7f])", " ... ", text).split()


def _lemmas(words: str, language: str, model: str | None) -> Iterator[Element]:
    for token in tokenize(words, language=language, model=model):
        if not token.lemma.isspace():
            yield Element("lemma", token.lemma)


def _wild_elements(word: str, term: str, language: str, model: str | None) -> Iterator[Element]:
    if has_cjk(word):
        raise CodebookError(
            f"“{term}” has a wildcard in a Chinese word, but each Chinese character is a word of its own.",
            hint="Write `...` for a gap",
        )
    for part in re.split("(-)", word):
        if _WILDCARD.search(part):
            yield Element("form", caseless(part, spaced_language(language)))
        elif part:
            yield from _lemmas(_ESCAPED.sub(r"\1", part), language, model)


def _read_regex(pattern: str) -> Any:  # RE2 is not typed
    """Return a regular expression for text in normal form; one that asks for what that lacks stays as it is."""
    try:
        return compile_regex(normal_text(_LIKE_HYPHEN.sub(r"\\-", pattern)))
    except CodebookError:
        return compile_regex(pattern)


_LIKE_HYPHEN = re.compile(f"[{LIKE_HYPHEN}]")
# A hyphen of another kind says itself within brackets, too, where `-` says a range.


def wildcard_regex(pattern: str) -> re.Pattern[str]:
    """Return a pattern with ``*`` and ``?`` as a regular expression for a whole form.

    What follows a star is taken where it first stands, which is never wrong unless it is the end of the form: so
    nothing is tried twice, however many stars there are.
    """
    parts = re.split(r"(\\[*?\\]|\*+|\?)", pattern)
    stretches = [""]
    for part in parts:
        if part.startswith("*"):
            stretches.append("")
        else:
            stretches[-1] += "." if part == "?" else re.escape(_ESCAPED.sub(r"\1", part))
    first, *others = stretches
    last = f".*{others.pop()}" if others else ""
    return re.compile(first + "".join(f"(?>.*?{stretch})" for stretch in others) + last, re.DOTALL)


@dataclass(slots=True)
class Patterns:
    """What a matcher looks for, by number and kind.

    Attributes
    ----------
    language, model
        As in :func:`qualcode.language.tokenize`.
    phrases, exacts, regexes, token_patterns
        The patterns of each kind, ready for use.
    """

    language: str
    model: str | None
    phrases: dict[int, Phrase] = field(default_factory=dict)
    exacts: dict[int, str] = field(default_factory=dict)
    regexes: dict[int, Any] = field(default_factory=dict)
    token_patterns: dict[int, TokenPattern] = field(default_factory=dict)

    @property
    def is_terms(self) -> bool:
        """Whether there are none but terms, which need no look at each text by itself."""
        return not (self.exacts or self.regexes or self.token_patterns)

    def add(self, number: int, term: Term) -> None:
        """Read one term.

        Raises
        ------
        CodebookError
            If it cannot be understood.
        """
        if term.kind == "term":
            self.phrases[number] = read_term(term.pattern, language=self.language, model=self.model)
        elif term.kind == "exact":
            self.exacts[number] = normal_text(term.pattern)
        elif term.kind == "regex":
            self.regexes[number] = _read_regex(term.pattern)
        else:
            cut = partial(tokenize, language=self.language, model=self.model)
            self.token_patterns[number] = TokenPattern(
                term.pattern,
                spaced_language(self.language),
                self.model,
                tokenize=cut,
                compile_regex=compile_regex,
            )


def read_patterns(terms: Sequence[Term], where: Sequence[str], *, language: str, model: str | None) -> Patterns:
    """Return terms ready for use.

    Parameters
    ----------
    terms
        What to look for; a term's position is its number.
    where
        The place of each in the codebook.
    language, model
        As in :func:`qualcode.language.tokenize`.

    Raises
    ------
    CodebookError
        If any cannot be understood; ``problems`` has all of them.
    """
    patterns = Patterns(language, model)
    problems = []
    learn((term.pattern for term in terms if term.kind == "term"), language=language, model=model)
    for number, term in enumerate(terms):
        try:
            patterns.add(number, term)
        except CodebookError as error:
            problems.append(error.as_problem("rule", where=where[number]))
    if problems:
        raise CodebookError("The codebook's rules cannot be used.", problems=problems)
    return patterns
