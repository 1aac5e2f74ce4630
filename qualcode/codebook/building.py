"""From the entries under ``rules`` to rules: groups, shared lists, default ids, duplicates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from qualcode.codebook.nodes import MAX_DEPTH, MAX_NODES, Node
from qualcode.codebook.tree import KINDS, Rule, Term
from qualcode.errors import Problem
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook.tree import Negation, RuleKind, Window

_JOINTS = {"any": " | ", "all": " & "}


class RuleBuilder:
    """Makes rules of nodes; entries that cannot be understood, which is told by then, are passed over.

    Parameters
    ----------
    top
        The codebook's node, whose ``lists`` may be used as ``$name``.
    name
        The file's name.
    problems
        Receives duplicates and unknown lists.
    """

    def __init__(self, top: Node, name: str, problems: list[Problem]) -> None:
        self._name = name
        self._problems = problems
        lists = top.value.get("lists") if isinstance(top.value, dict) else None
        self._lists = lists.value if lists is not None and isinstance(lists.value, dict) else {}
        self._open: list[str] = []
        self._made: dict[str, tuple[Term | None, int]] = {}
        self._n_terms = 0
        self._depth = 0

    def build(self, nodes: Sequence[Node]) -> tuple[Rule, ...]:
        """Return the rules of one code."""
        rules: dict[str, Rule] = {}
        contents: dict[object, str] = {}
        for node in nodes:
            rule = self._rule(node)
            if rule is None:
                continue
            content = _content(rule)
            if content in contents:
                message = f"The code already has the rule “{rule.pattern}”, in line {contents[content]}."
                self._problems.append(Problem(rule.where, "warning", "duplicate-rule", message, "Delete one of them"))
            elif rule.id in rules:
                line = rules[rule.id].where.split(":")[-2]
                message = f"The rule in line {line} already has the rule id “{rule.id}”."
                hint = "Give one of them another `id:`"
                self._problems.append(Problem(rule.where, "error", "duplicate-rule-id", message, hint))
            else:
                rules[rule.id] = rule
                contents[content] = str(node.line)
        return tuple(rules.values())

    def _where(self, node: Node) -> str:
        return f"{self._name}:{node.line}:{node.column}"

    def _rule(self, node: Node) -> Rule | None:
        term = self._term(node)
        if term is None:
            return None
        negated = node.get("negated")
        return Rule(
            id=node.get("id") or describe(term),
            kind=term.kind,
            pattern=term.pattern,
            unless=self._terms(node, "unless"),
            where=self._where(node),
            terms=term.terms,
            within=term.within,
            is_ordered=term.is_ordered,
            near=self._terms(node, "near"),
            negated=_NEGATIONS.get(negated, "count"),
            speakers=_speakers(node),
            question=self._terms(node, "question"),
            after=node.get("after"),
            before=node.get("before"),
        )

    def _terms(self, node: Node, key: str) -> tuple[Term, ...]:
        given = node.value.get(key) if isinstance(node.value, dict) else None
        if given is None:
            return ()
        entries = given.value if isinstance(given.value, list) else [given]
        return tuple(term for entry in entries if (term := self._term(entry)) is not None)

    def _term(self, node: Node) -> Term | None:
        self._n_terms += 1
        if self._n_terms > MAX_NODES or self._depth >= MAX_DEPTH:
            self._refuse(node)
            return None
        if isinstance(node.value, str):
            text = node.value.strip()
            if text.startswith("$"):
                return self._shared(text, node)
            return Term(text, where=self._where(node)) if text else None
        kind = next((kind for kind in KINDS if kind in node.value), None) if isinstance(node.value, dict) else None
        if kind is None:
            return None
        self._depth += 1
        term = self._term_of_kind(node, kind)
        self._depth -= 1
        return term

    def _refuse(self, node: Node) -> None:
        """Tell once that lists within lists make more terms than can be looked for, or go too deep."""
        if any(problem.rule == "too-many-terms" for problem in self._problems):
            return
        message = f"The nesting of lists and groups is more than {MAX_DEPTH} levels deep here."
        if self._n_terms > MAX_NODES:
            message = "With its lists written out wherever they are used, the codebook has more than a million terms."
        self._problems.append(
            Problem(self._where(node), "error", "too-many-terms", message, "Use fewer lists within lists")
        )

    def _term_of_kind(self, node: Node, kind: RuleKind) -> Term | None:
        given = node.value[kind] if isinstance(node.value, dict) else Node(0, 0)
        if kind in {"all", "any"}:
            terms = self._terms(node, kind)
            within, is_ordered = _window(node), bool(_plain(node, "ordered"))
            return _group(kind, terms, within=within, is_ordered=is_ordered) if terms else None
        if kind == "tokens":
            return Term(json.dumps(given.plain(), ensure_ascii=False, sort_keys=True), kind)
        if isinstance(given.value, dict):
            return self._by_language(given.value, _window(node))
        where = self._where(given)
        return Term(node.get(kind), kind, within=_window(node), where=where) if node.get(kind) else None

    def _by_language(self, given: dict[str, Node], within: Window) -> Term | None:
        """Return terms side by side, each for the texts of its language."""
        terms: list[Term] = []
        for language, node in given.items():
            entries = node.value if isinstance(node.value, list) else [node]
            terms.extend(
                Term(str(entry.value).strip(), language=language, where=self._where(entry)) for entry in entries
            )
        return Term(_join("any", terms), "any", tuple(terms), within)

    def _shared(self, text: str, node: Node) -> Term | None:
        """Return the terms of a list that is used as ``$name``."""
        name = text[1:]
        found = self._lists.get(name)
        if found is None:
            shown = {one: f"${one}" for one in self._lists}
            hint = suggest(name, self._lists, shown=shown) or f"Write it under `lists:` at the top, or “\\{text}”"
            self._problems.append(
                Problem(self._where(node), "error", "unknown-list", f"There is no list “{text}”.", hint)
            )
            return None
        if name in self._open:
            message = f"The list “{text}” contains itself."
            self._problems.append(Problem(self._where(node), "error", "circular-list", message, "Write it out"))
            return None
        if name not in self._made:
            self._made[name] = self._make_list(name, found)
        else:
            self._n_terms += self._made[name][1]
        return self._made[name][0]

    def _make_list(self, name: str, found: Node) -> tuple[Term | None, int]:
        """Return a list as one term, and how many terms that makes."""
        before = self._n_terms
        self._open.append(name)
        self._depth += 1
        entries = found.value if isinstance(found.value, list) else []
        terms = tuple(term for entry in entries if (term := self._term(entry)) is not None)
        self._depth -= 1
        self._open.pop()
        return Term(f"${name}", "any", terms) if terms else None, self._n_terms - before


_NEGATIONS: dict[str, Negation] = {"skip": "skip", "only": "only"}


def _plain(node: Node, key: str) -> object:
    found = node.value.get(key) if isinstance(node.value, dict) else None
    return None if found is None else found.value


def _window(node: Node) -> Window:
    window = _plain(node, "within")
    if isinstance(window, int) and not isinstance(window, bool):
        return window
    return "turn" if window == "turn" else "sentence"


def _speakers(node: Node) -> tuple[tuple[str, str], ...]:
    given = node.value.get("speaker") if isinstance(node.value, dict) else None
    if given is None:
        return ()
    if isinstance(given.value, dict):
        return tuple((key, str(text.value)) for key in given.value for text in given.texts(key))
    return tuple(("", str(text.value).strip()) for text in node.texts("speaker"))


def _group(kind: str, terms: tuple[Term, ...], *, within: Window, is_ordered: bool) -> Term:
    if kind == "any":
        return Term(_join("any", terms), "any", terms, within)
    return Term(_join("all", terms), "all", terms, within, is_ordered)


def _join(kind: str, terms: Sequence[Term]) -> str:
    return _JOINTS[kind].join(
        f"({describe(term)})"
        if term.kind in _JOINTS and len(term.terms) > 1 and not term.pattern.startswith("$")
        else describe(term)
        for term in terms
    )


def describe(term: Term) -> str:
    """Return a term in short: the default id of a rule."""
    return f"{term.kind}:{term.pattern}" if term.kind in {"exact", "regex", "tokens"} else term.pattern


def _content(rule: Rule) -> tuple[object, ...]:
    """Return all that makes two rules the same."""
    pattern = " ".join(rule.pattern.casefold().split()) if rule.kind == "term" else rule.pattern
    return (
        rule.kind,
        pattern,
        rule.terms,
        rule.within,
        rule.is_ordered,
        rule.unless,
        rule.near,
        rule.negated,
        rule.speakers,
        rule.question,
        rule.after,
        rule.before,
    )
