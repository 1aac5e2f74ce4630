"""Rules that can be used and yet do nothing: their own condition stops them, or nothing in a study fits them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from qualcode.codebook import Code, Codebook
from qualcode.errors import Problem
from qualcode.examples import example_language
from qualcode.language import detect_language
from qualcode.matching import compile_codebook
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.cases import CaseIndex
    from qualcode.codebook import Rule, Term
    from qualcode.model import Transcript

_MAX_SAMPLES = 100
# Of one rule: what a group can be fulfilled by multiplies.

_GAP = re.compile(r"\.\.\.|…")
_WILD = re.compile(r"(?<!\\)[*?]")
_ESCAPED = re.compile(r"\\([*?.$\\])")


class _Sample(NamedTuple):
    """A text that fulfils a rule, and the term that it shows."""

    text: str
    term: Term


def find_stopped_rules(codebook: Codebook, *, language: str = "", model: str | None = None) -> list[Problem]:
    """Return a warning for every rule, and every term of one, that its own ``unless`` always stops.

    Tried on the words of the rule itself; wildcards, regular expressions and token patterns are compared as written.

    Parameters
    ----------
    codebook
        Whose rules.
    language
        Code of the language of its terms; by default that of the codebook, or as their letters tell.
    model
        As in :func:`qualcode.tagging.tag`.
    """
    language = example_language(codebook, language)
    rules = [rule for code in codebook.walk() for rule in code.rules if rule.unless]
    samples = [list(islice(_samples(rule.term), _MAX_SAMPLES)) for rule in rules]
    by_language: dict[str, list[tuple[int, _Sample]]] = defaultdict(list)
    for number, of_rule in enumerate(samples):
        for sample in of_rule:
            spoken = sample.term.language or language or detect_language(sample.text)
            by_language[spoken].append((number, sample))
    stopped: dict[int, list[Term]] = defaultdict(list)
    for spoken, tried in by_language.items():
        for number, term in _try(rules, tried, spoken, model):
            stopped[number].append(term)
    for number, rule in enumerate(rules):
        stopped[number].extend(_repeated(rule))
    n_tried = [len(of_rule) + sum(1 for _ in _unsampled(rules[number].term)) for number, of_rule in enumerate(samples)]
    return [
        problem
        for number, terms in sorted(stopped.items())
        for problem in _tell_stopped(rules[number], terms, is_all=len(terms) >= n_tried[number])
    ]


def _try(
    rules: Sequence[Rule], tried: Sequence[tuple[int, _Sample]], language: str, model: str | None
) -> Iterator[tuple[int, Term]]:
    """Yield the numbers of rules, and their terms, whose samples are found only without ``unless``."""
    bare = [_bare(rule, str(number)) for number, rule in enumerate(rules)]
    whole = [replace(one, unless=rule.unless) for one, rule in zip(bare, rules, strict=True)]
    codes = (Code("bare", "bare", rules=tuple(bare)), Code("whole", "whole", rules=tuple(whole)))
    hits = compile_codebook(Codebook("", codes=codes), language=language, model=model).find(
        [sample.text for _, sample in tried]
    )
    found = {(hits.rules[hit.rule].code_id, hits.rules[hit.rule].rule, hit.text) for hit in hits}
    for at, (number, sample) in enumerate(tried):
        if ("bare", str(number), at) in found and ("whole", str(number), at) not in found:
            yield number, sample.term


def _bare(rule: Rule, rule_id: str) -> Rule:
    """Return a rule that asks for nothing but its words."""
    return replace(rule, id=rule_id, unless=(), near=(), negated="count", speakers=(), question=(), after="", before="")


def _samples(term: Term) -> Iterator[_Sample]:
    """Yield texts that fulfil a term, one for each way in which it can be; none where that cannot be told."""
    if term.kind == "any":
        for member in term.terms:
            yield from _samples(member)
    elif term.kind == "all":
        members = [list(islice(_samples(member), _MAX_SAMPLES)) for member in term.terms]
        for chosen in product(*members):
            yield _Sample(" ".join(sample.text for sample in chosen), term)
    elif term.kind == "exact":
        yield _Sample(term.pattern, term)
    elif term.kind == "term" and not _WILD.search(term.pattern):
        yield _Sample(_ESCAPED.sub(r"\1", _GAP.sub(" ", term.pattern)), term)


def _unsampled(term: Term) -> Iterator[Term]:
    """Yield the terms, one of which is enough, of which no sample can be made."""
    if term.kind == "any":
        for member in term.terms:
            yield from _unsampled(member)
    elif term.kind != "all" and not any(True for _ in _samples(term)):
        yield term


def _repeated(rule: Rule) -> Iterator[Term]:
    """Yield the terms without a sample that stand under ``unless`` as well."""
    under = {(term.kind, term.pattern) for term in _leaves(rule.unless)}
    return (term for term in _unsampled(rule.term) if (term.kind, term.pattern) in under)


def _leaves(terms: Iterable[Term]) -> Iterator[Term]:
    """Yield the terms of which one is enough."""
    for term in terms:
        if term.kind == "any":
            yield from _leaves(term.terms)
        else:
            yield term


def _tell_stopped(rule: Rule, terms: Sequence[Term], *, is_all: bool) -> Iterator[Problem]:
    hint = "Name under `unless:` what stands beside the words, not the words themselves"
    if is_all:
        message = f"The rule “{shorten(rule.id)}” can never match: its own words are among those under `unless:`."
        yield Problem(rule.where, "warning", "stopped-by-unless", message, hint)
        return
    for term in terms if rule.term.kind == "any" else ():
        message = f"In the rule “{shorten(rule.id)}”, “{shorten(term.pattern)}” can never match: `unless:` stops it."
        yield Problem(term.where or rule.where, "warning", "stopped-by-unless", message, hint)


def find_idle_rules(
    transcripts: Sequence[Transcript],
    codebook: Codebook,
    *,
    model: str | None = None,
    index: CaseIndex | None = None,
) -> list[Problem]:
    """Return a warning for every rule without a hit in some transcripts.

    Parameters
    ----------
    transcripts, codebook, model, index
        As for :func:`qualcode.tagging.tag`.
    """
    fired = _fired(transcripts, codebook, model, index)
    idle = [(code, rule) for code in codebook.walk() for rule in code.rules if (code.id, rule.id) not in fired]
    if not idle:
        return []
    bare = Codebook("", codes=tuple(Code(str(n), "", rules=(_bare(rule, "bare"),)) for n, (_, rule) in enumerate(idle)))
    said = {code for code, _ in _fired(transcripts, bare, model, index)}
    where = plural(len(transcripts), "transcript")
    return [_tell_idle(rule, where, is_said=str(number) in said) for number, (_, rule) in enumerate(idle)]


def _fired(
    transcripts: Sequence[Transcript], codebook: Codebook, model: str | None, index: CaseIndex | None
) -> set[tuple[str, str]]:
    """Return code and rule of everything that has a hit."""
    from qualcode.tagging import tag  # which needs numpy; most checks do without

    return {
        (coding.code, evidence.rule)
        for sheet in tag(transcripts, codebook, model=model, index=index)
        for coding in sheet.codings
        for evidence in coding.evidence
    }


def _tell_idle(rule: Rule, where: str, *, is_said: bool) -> Problem:
    if is_said:
        message = f"The rule “{shorten(rule.id)}” has no hit in {where}: its conditions stop all its words there."
        return Problem(rule.where, "warning", "no-hit", message, "See which, and why, with `qualcode explain`")
    message = f"The rule “{shorten(rule.id)}” has no hit in {where}."
    hint = "Look at what people say with `qualcode kwic`, and widen the rule or delete it"
    return Problem(rule.where, "warning", "no-hit", message, hint)
