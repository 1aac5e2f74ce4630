"""From a codebook to compiled rules over numbered patterns, with every mistake told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qualcode.codebook import Term
from qualcode.errors import CodebookError, Problem
from qualcode.language import is_cut_by_character, spaced_language
from qualcode.matching.evaluation import CompiledRule, Node
from qualcode.matching.hits import RuleKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.codebook import Code, Codebook, Rule


class Compiler:
    """Rules, keys and patterns of a codebook for texts of one language.

    Attributes
    ----------
    keys
        Which rules, in the codebook's order.
    rules
        The same rules, compiled.
    ordered
        These in an order in which each comes after those whose hits it needs.
    patterns
        Terms to look for; their position is their number.
    where
        For each pattern the place in the codebook of the first rule that uses it.
    """

    def __init__(self, codebook: Codebook, language: str) -> None:
        self._codebook = codebook
        self._language = language
        self._numbers: dict[Term, int] = {}
        self._nodes_of: dict[Term, Node] = {}
        self._families: dict[str, frozenset[int]] = {}
        self._problems: list[Problem] = []
        self.where: list[str] = []
        self._place = ""
        self.keys: list[RuleKey] = []
        sources: list[Rule] = []
        for code in codebook.walk():
            path = codebook.path(code.id)
            for rule in code.rules:
                self.keys.append(RuleKey(code.id, path, rule.id))
                sources.append(rule)
        self._of_code: dict[str, list[int]] = {}
        for number, key in enumerate(self.keys):
            self._of_code.setdefault(key.code_id, []).append(number)
        self.rules = [self._compile(number, rule) for number, rule in enumerate(sources)]
        self.ordered = self._put_in_order(sources)
        if self._problems:
            raise CodebookError("The codebook's rules cannot be used.", where=codebook.file, problems=self._problems)

    @property
    def patterns(self) -> tuple[Term, ...]:
        """Terms to look for, each once."""
        return tuple(self._numbers)

    def _compile(self, number: int, rule: Rule) -> CompiledRule:
        self._place = rule.where
        return CompiledRule(
            number=number,
            node=self._node(rule.term),
            unless=self._nodes(rule.unless),
            near=self._nodes(rule.near),
            window=rule.within,
            negated=rule.negated,
            speakers=rule.speakers,
            question=self._nodes(rule.question),
            after=self._family(rule.after, rule),
            before=self._family(rule.before, rule),
        )

    def _nodes(self, terms: Iterable[Term]) -> tuple[Node, ...]:
        return tuple(self._node(term) for term in terms)

    def _node(self, term: Term) -> Node:
        """Return the node of a term, one for all rules that use the same term, so that each is looked for once."""
        if term not in self._nodes_of:
            self._nodes_of[term] = self._make_node(term)
        return self._nodes_of[term]

    def _make_node(self, term: Term) -> Node:
        if term.kind in {"any", "all"}:
            kind: Literal["any", "all"] = "any" if term.kind == "any" else "all"
            return Node(kind, -1, self._nodes(term.terms), term.within, term.is_ordered)
        if not self._applies(term.language):
            return Node("any")
        pattern = Term(term.pattern, term.kind)
        if pattern not in self._numbers:
            self._numbers[pattern] = len(self._numbers)
            self.where.append(self._place)
        return Node("pattern", self._numbers[pattern])

    def _applies(self, language: str) -> bool:
        """Tell whether terms of a language are looked for: English ones also in Chinese, Chinese ones anywhere."""
        return (
            not language
            or language in {self._language, spaced_language(self._language)}
            or is_cut_by_character(language)
        )

    def _family(self, code: str, rule: Rule) -> frozenset[int] | None:
        """Return the rules of a code and of those below it."""
        if not code:
            return None
        try:
            found: Code = self._codebook.code(code)
        except CodebookError as error:
            self._problems.append(error.as_problem("unknown-code", where=rule.where))
            return frozenset()
        if found.id not in self._families:
            numbers = (number for one in found.walk() for number in self._of_code.get(one.id, ()))
            self._families[found.id] = frozenset(numbers)
        return self._families[found.id]

    def _put_in_order(self, sources: list[Rule]) -> list[CompiledRule]:
        """Return the rules in an order in which each comes after those whose hits it needs."""
        ordered: list[CompiledRule] = []
        done: set[int] = set()
        waiting = list(self.rules)
        while waiting:
            ready = [rule for rule in waiting if needed(rule) <= done]
            if not ready:
                place = sources[waiting[0].number].where
                message = (
                    "This rule needs the hits of a code that in turn needs the hits of this one (by `after` or "
                    "`before`)."
                )
                self._problems.append(
                    Problem(place, "error", "circular-rule", message, "Remove one `after` or `before` of the circle")
                )
                break
            ordered.extend(ready)
            done |= {rule.number for rule in ready}
            waiting = [rule for rule in waiting if rule.number not in done]
        return ordered


def needed(rule: CompiledRule) -> frozenset[int]:
    """Return the rules whose hits a rule depends on."""
    return (rule.after or frozenset()) | (rule.before or frozenset())
