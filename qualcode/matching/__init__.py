"""Matching: a codebook made into a matcher, and texts into hits. Pure, no I/O.

The law for plain terms: tokens are those of spaCy on the original text, a token's lemma is the lookup table's entry for
its lower-cased form or that form itself, the term is analysed in the same way; a phrase also matches where hyphens
stand between its words; ``’`` and ``'`` are one character. All hits are kept, overlapping ones too; a hit
lies in one text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.codebook import Term
from qualcode.matching.hits import Hit, Hits, RuleKey
from qualcode.matching.scanning import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.codebook import Codebook
    from qualcode.matching.scanning import Found

__all__ = ["Hit", "Hits", "Matcher", "RuleKey", "compile_codebook"]


def compile_codebook(codebook: Codebook, *, language: str = "en", model: str | None = None) -> Matcher:
    """Return a matcher for all rules of a codebook.

    Parameters
    ----------
    codebook
        The codebook; parents and children are matched alike, each by its own rules.
    language
        Code of the language of the texts.
    model
        Name of an installed spaCy model, for its lemmas.

    Raises
    ------
    CodebookError
        If a rule cannot be understood; ``problems`` would be found by ``qualcode codebook check`` as well.
    """
    return Matcher(codebook, language=language, model=model)


class Matcher:
    """All rules of a codebook, ready to be found in texts of one language.

    Attributes
    ----------
    rules
        Which rules, in the codebook's order.
    """

    def __init__(self, codebook: Codebook, *, language: str = "en", model: str | None = None) -> None:
        patterns: dict[Term, int] = {}
        self.rules: tuple[RuleKey, ...] = ()
        self._by_pattern: dict[int, list[int]] = {}
        self._unless: dict[int, frozenset[int]] = {}
        keys: list[RuleKey] = []
        for code in codebook.walk():
            path = codebook.path(code.id)
            for rule in code.rules:
                number = len(keys)
                keys.append(RuleKey(code.id, path, rule.id))
                pattern = patterns.setdefault(Term(rule.pattern, rule.kind), len(patterns))
                self._by_pattern.setdefault(pattern, []).append(number)
                self._unless[number] = frozenset(patterns.setdefault(term, len(patterns)) for term in rule.unless)
        self.rules = tuple(keys)
        self._scanner = Scanner(tuple(patterns), language=language, model=model)

    def find(self, texts: Sequence[str]) -> Hits:
        """Return every hit of every rule in some texts.

        Parameters
        ----------
        texts
            Each a sentence or another stretch within which ``unless`` terms cancel a hit.
        """
        rows = sorted(set(self._hits(list(self._scanner.scan(texts)))))
        text, start, end, rule = (tuple(column) for column in zip(*rows, strict=True)) if rows else ((),) * 4
        return Hits(text, start, end, rule, self.rules)

    def _hits(self, found: Sequence[Found]) -> Iterator[Hit]:
        in_text: dict[int, set[int]] = {}
        for text, _, _, pattern in found:
            in_text.setdefault(text, set()).add(pattern)
        for text, start, end, pattern in found:
            for number in self._by_pattern.get(pattern, ()):
                if self._unless[number].isdisjoint(in_text[text]):
                    yield Hit(text, start, end, number)
