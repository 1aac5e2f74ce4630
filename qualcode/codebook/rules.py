"""The rule language: what one entry under ``rules`` may look like.

:mod:`qualcode.codebook.building` makes rules of it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from qualcode.codebook.fields import AsList, AsMapping, AsText, Shape, Text, Texts, by_kind
from qualcode.codebook.regexes import compile_regex
from qualcode.codebook.tree import KINDS
from qualcode.errors import CodebookError

_PROBES = ("", "a", "a b", "中 1.", "\n")
"""Texts in which a pattern that can match nothing does so."""

_LOST_BORDER = re.compile(r"(?<=\\b)[^\x00-\x7f]|[^\x00-\x7f](?=\\b)")
"""A letter beside which RE2, whose words are of ASCII letters, never sees the border that is asked for."""


def _check_regex(pattern: str) -> str:
    try:
        regex = compile_regex(pattern)
    except CodebookError as error:
        raise PydanticCustomError("regex", "{message}", {"message": error.message, "hint": error.hint}) from error
    if letter := _LOST_BORDER.search(pattern):
        raise PydanticCustomError(
            "lost-border",
            "In a regular expression, \\b only knows the letters a–z and finds no word border beside “{letter}”.",
            {
                "letter": letter[0],
                "hint": "Use a term or `exact:`, which know all letters, or write (?:^|\\PL) for the border",
            },
        )
    if any(match.start() == match.end() for probe in _PROBES for match in regex.finditer(probe)):
        raise PydanticCustomError(
            "empty-match", "The regular expression can match nothing at all.", {"hint": "Make some part of it required"}
        )
    return pattern


Regex = Annotated[Text, AfterValidator(_check_regex)]


def _check_language(code: str) -> str:
    if not re.fullmatch("[a-z]{2,3}", code):
        raise PydanticCustomError(
            "language",
            "“{code}” is not a language code.",
            {"code": code, "hint": "Write two or three lower-case letters, such as en or zh"},
        )
    return code


Language = Annotated[str, AfterValidator(_check_language)]
"""The code of a language."""
TermText = Annotated[Annotated[Text, AsText] | Annotated[dict[Language, Texts], AsMapping], by_kind]
"""A term, or terms for each language: ``{en: follow up, zh: [跟進, 跟返]}``."""


def _check_window(window: object) -> object:
    is_size = isinstance(window, int) and not isinstance(window, bool) and window > 0
    if is_size or window in ("sentence", "turn"):
        return window
    raise PydanticCustomError(
        "window",
        "“{window}” is not a window.",
        {"window": str(window), "hint": "Write a number of words, sentence or turn, such as within: 8"},
    )


WindowField = Annotated[
    Any,
    BeforeValidator(_check_window),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["sentence", "turn"]}]}),
]


class TermShape(Shape):
    """Something to look for, with its kind; exactly one of the first six keys."""

    term: TermText = Field("", description="A word or phrase, matched on lemmas and regardless of case.")
    exact: Text = Field("", description="A form that must occur exactly as written, including case.")
    regex: Regex = Field("", description="A regular expression in RE2 syntax.")
    tokens: list[dict[str, Any]] = Field([], min_length=1, description="A token pattern for spaCy's Matcher.")
    all: TermEntries = Field([], description="Terms that must all occur within the window.")
    any: TermEntries = Field([], description="Terms of which at least one must occur.")
    within: WindowField = Field("sentence", description="The window: a number of words, sentence or turn.")
    ordered: bool = Field(default=False, description="Whether the terms of `all` must follow one another as given.")

    @model_validator(mode="after")
    def _has_one_kind(self) -> Self:
        given = [kind for kind in KINDS if kind in self.model_fields_set]
        if len(given) != 1:
            found = " and ".join(f"`{kind}`" for kind in given) or "none of them"
            raise PydanticCustomError(
                "one-kind",
                "A rule needs exactly one of `term`, `exact`, `regex`, `tokens`, `all` and `any`; this one has "
                "{found}.",
                {"found": found, "hint": "Split it into two rules" if given else "Write `term: …`, or the term alone"},
            )
        if self.ordered and "all" not in given:
            raise PydanticCustomError("ordered", "Only terms under `all` can be ordered.", {"hint": "Delete `ordered`"})
        return self


TermEntry = Annotated[Annotated[Text, AsText] | Annotated[TermShape, AsMapping], by_kind]
TermEntries = Annotated[
    Annotated[Text, AsText] | Annotated[TermShape, AsMapping] | Annotated[list[TermEntry], AsList], by_kind
]
Speakers = Annotated[
    Annotated[Text, AsText] | Annotated[list[Text], AsList] | Annotated[dict[str, Texts], AsMapping], by_kind
]


class RuleShape(TermShape):
    """When a passage is tagged: what to look for, what must be near, what cancels it, and where it applies."""

    unless: TermEntries = Field([], description="What cancels the hit when it occurs in the same window.")
    near: TermEntries = Field([], description="What must occur in the same window for a hit.")
    negated: Literal["count", "skip", "only"] = Field("count", description="What to do with a hit after a negation.")
    speaker: Speakers = Field(
        "", description="Who must speak: interviewee, interviewer, a role, or {attribute: value}."
    )
    question: TermEntries = Field([], description="What must occur in the question that the turn answers.")
    after: Text = Field("", description="A code that must have a hit before this one in the same turn.")
    before: Text = Field("", description="A code that must have a hit after this one in the same turn.")
    id: Text = Field("", description="Name of the rule in results; by default a short form of its content.")


RuleEntry = Annotated[Annotated[Text, AsText] | Annotated[RuleShape, AsMapping], by_kind]
ListEntries = Annotated[list[TermEntry], Field(min_length=1)]
