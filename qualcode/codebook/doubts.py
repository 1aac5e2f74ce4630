"""Terms that can be read and yet, as they stand, find nothing or next to nothing."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from qualcode.errors import Problem
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.codebook.tree import Example, Rule, Term

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ESCAPES = {"\x07": r"\a", "\x08": r"\b", "\x0b": r"\v", "\x0c": r"\f", "\x1b": r"\e"}
_OPERATOR = re.compile(r"(?:^|(?<=\s))(AND|OR|NOT|UND|ODER|NICHT|\||\|\||&&)(?=\s|$)")
_ALL, _UNLESS = frozenset({"AND", "UND", "&&"}), frozenset({"NOT", "NICHT"})
_COMMA = re.compile(r",(?!\d)|[;，；、]")


class _Doubt(NamedTuple):
    rule: str
    message: str
    hint: str


def find_doubts(rules: Iterable[Rule], hits: Sequence[Example], told: set[str]) -> Iterator[Problem]:
    """Yield a warning for each term of some rules that seems to be meant otherwise.

    Parameters
    ----------
    rules
        Of one code.
    hits
        Its examples: a term that stands in one is meant as it is written.
    told
        Places that were looked at, as those of lists are used again; they grow.
    """
    for rule in rules:
        for term in _walk((rule.term, *rule.unless, *rule.near, *rule.question), told):
            doubt = _doubt(term)
            if doubt is not None and not any(_loosen(term.pattern) in _loosen(hit.text) for hit in hits):
                yield Problem(term.where or rule.where, "warning", *doubt)


def _walk(terms: Iterable[Term], told: set[str]) -> Iterator[Term]:
    """Yield all terms that are no groups, those at one place once."""
    for term in terms:
        key = f"{term.where} {term.pattern}"
        if term.where and key in told:
            continue
        told.add(key)
        if term.terms:
            yield from _walk(term.terms, told)
        else:
            yield term


def _loosen(text: str) -> str:
    return " ".join(text.split()).casefold()


def _doubt(term: Term) -> _Doubt | None:
    if control := _CONTROL.search(term.pattern):
        return _doubt_control(term, control[0])
    if term.kind != "term":
        return None
    shown = shorten(term.pattern)
    if not any(mark.isalnum() or unicodedata.category(mark) == "So" for mark in term.pattern):
        hint = f"Add a word, or write `exact: {_quote(term.pattern)}` for the signs themselves"
        return _Doubt("term-of-signs", f"The term “{shown}” has no letter or digit: terms are made of words.", hint)
    if operator := _OPERATOR.search(term.pattern):
        message = f"The term “{shown}” is looked for as it stands, with “{operator[1]}” in it."
        return _Doubt("operator-in-term", message, _instead(term.pattern, operator[1]))
    parts = [part.strip() for part in _COMMA.split(term.pattern) if part.strip()]
    if _COMMA.search(term.pattern):
        message = f"The term “{shown}” is looked for as one phrase, with its punctuation."
        hint = f"If these are several terms, write each by itself: {_list(parts)}. If it is one, give an example of it"
        return _Doubt("comma-in-term", message, hint)
    return None


def _doubt_control(term: Term, mark: str) -> _Doubt:
    escape = _ESCAPES.get(mark)
    code = f"U+{ord(mark):04X}"
    message = f"This holds a control character ({code}), which no transcript has: it can never match."
    if escape is None:
        return _Doubt("control-character", message, "Delete it.")
    message = f"{message[:-1]}. YAML makes one of {escape} in double quotes."
    plain = "".join(_ESCAPES.get(one, one) for one in term.pattern)
    return _Doubt("control-character", message, f"Write it in single quotes: '{plain.replace(chr(39), chr(39) * 2)}'")


def _instead(pattern: str, operator: str) -> str:
    parts = [part.strip() for part in _OPERATOR.split(pattern)[::2] if part.strip()]
    if operator in _UNLESS:
        return "Name what must not be there under `unless:`."
    return f"Write {'all' if operator in _ALL else 'any'}: {_list(parts)}"


def _list(parts: Sequence[str]) -> str:
    return f"[{', '.join(parts)}]"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
