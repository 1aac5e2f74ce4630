"""The rule language: what one entry under ``rules`` may look like, and the :class:`Rule` that it becomes.

Everything about rules stands here: their shape, their checks and the default of their ids.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from qualcode.codebook.fields import AsList, AsMapping, AsText, Shape, Text, by_kind
from qualcode.codebook.tree import Rule, RuleKind, Term
from qualcode.errors import CodebookError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.codebook.nodes import Node

KINDS: tuple[RuleKind, ...] = ("term", "exact", "regex")

_BEYOND = re.compile(r"(?<!\\)\(\?(?:=|!|<=|<!)")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\[1-9]|\\k[<{']|\(\?P=)")
_PROBES = ("", "a", "a b", "中 1.", "\n")
"""Texts in which a pattern that can match nothing does so."""


def compile_regex(pattern: str) -> Any:  # google-re2 is not typed
    """Return a regular expression of google-re2, which takes linear time: no pattern can run for ever.

    Raises
    ------
    CodebookError
        If RE2 does not take it; the hint says what to write instead.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        message, hint = _explain_regex(pattern, reason)
        raise CodebookError(message, hint=hint) from error


def _explain_regex(pattern: str, reason: str) -> tuple[str, str]:
    if _BEYOND.search(pattern):
        return (
            "Look-around such as (?=…) is not available: rules use RE2, in which no pattern can run for ever.",
            "Name what must not stand in the same sentence under `unless:`.",
        )
    if _BACK_REFERENCE.search(pattern):
        return (
            "Back-references such as \\1 are not available: rules use RE2, in which no pattern can run for ever.",
            "Write the alternatives out.",
        )
    return f"The regular expression cannot be used: {reason}.", "See https://github.com/google/re2/wiki/Syntax"


def _check_regex(pattern: str) -> str:
    try:
        regex = compile_regex(pattern)
    except CodebookError as error:
        raise PydanticCustomError("regex", "{message}", {"message": error.message, "hint": error.hint}) from error
    if any(match.start() == match.end() for probe in _PROBES for match in regex.finditer(probe)):
        raise PydanticCustomError(
            "empty-match", "The regular expression can match nothing at all.", {"hint": "Make one part of it required."}
        )
    return pattern


Regex = Annotated[Text, AfterValidator(_check_regex)]


class TermShape(Shape):
    """Something to look for, with its kind; exactly one of the three keys."""

    term: Text = Field("", description="A word or phrase, matched on lemmas and regardless of case.")
    exact: Text = Field("", description="A form that must stand as written, case included.")
    regex: Regex = Field("", description="A regular expression in RE2 syntax.")

    @model_validator(mode="after")
    def _has_one_kind(self) -> Self:
        given = [kind for kind in KINDS if kind in self.model_fields_set]
        if len(given) != 1:
            found = " and ".join(f"`{kind}`" for kind in given) or "none of them"
            raise PydanticCustomError(
                "one-kind",
                "A rule has exactly one of `term`, `exact` and `regex`; this has {found}.",
                {"found": found, "hint": "Make two rules of it." if given else "Write `term: …`, or the term alone."},
            )
        return self


TermEntry = Annotated[Annotated[Text, AsText] | Annotated[TermShape, AsMapping], by_kind]


TermEntries = Annotated[
    Annotated[Text, AsText] | Annotated[TermShape, AsMapping] | Annotated[list[TermEntry], AsList], by_kind
]


class RuleShape(TermShape):
    """When a passage is tagged: a term, an exact form or a regular expression, and what cancels it."""

    unless: TermEntries = Field([], description="What cancels the hit when it stands in the same sentence.")
    id: Text = Field("", description="Names the rule in results; by default a short form of its content.")


RuleEntry = Annotated[Annotated[Text, AsText] | Annotated[RuleShape, AsMapping], by_kind]


def build_rules(nodes: Sequence[Node], name: str, problems: list[Problem]) -> tuple[Rule, ...]:
    """Return the rules of one code; entries that cannot be understood are passed over.

    Parameters
    ----------
    nodes
        The entries under ``rules``.
    name
        The file's name.
    problems
        Receives duplicates.
    """
    rules: dict[str, Rule] = {}
    contents: dict[object, str] = {}
    for node in nodes:
        rule = _build_rule(node, f"{name}:{node.line}:{node.column}")
        if rule is None:
            continue
        content = (rule.kind, _loosen(rule), rule.unless)
        if content in contents:
            message = f"The rule “{rule.pattern}” stands in this code already, in line {contents[content]}."
            problems.append(Problem(rule.where, "warning", "duplicate-rule", message, "Delete one of them."))
        elif rule.id in rules:
            line = rules[rule.id].where.split(":")[-2]
            message = f"The rule id “{rule.id}” is that of the rule in line {line}, too."
            hint = "Give one of them another `id:`."
            problems.append(Problem(rule.where, "error", "duplicate-rule-id", message, hint))
        else:
            rules[rule.id] = rule
            contents[content] = str(node.line)
    return tuple(rules.values())


def _loosen(rule: Rule) -> str:
    return " ".join(rule.pattern.casefold().split()) if rule.kind == "term" else rule.pattern


def _build_rule(node: Node, where: str) -> Rule | None:
    term = _build_term(node)
    if term is None:
        return None
    unless = tuple(_build_terms(node))
    prefix = "" if term.kind == "term" else f"{term.kind}:"
    return Rule(node.get("id") or prefix + term.pattern, term.kind, term.pattern, unless, where)


def _build_terms(node: Node) -> Iterable[Term]:
    given = node.value.get("unless") if isinstance(node.value, dict) else None
    if given is None:
        return []
    entries = given.value if isinstance(given.value, list) else [given]
    return [term for entry in entries if (term := _build_term(entry)) is not None]


def _build_term(node: Node) -> Term | None:
    if isinstance(node.value, str):
        return Term(node.value.strip()) if node.value.strip() else None
    for kind in KINDS:
        if node.get(kind):
            return Term(node.get(kind), kind)
    return None
