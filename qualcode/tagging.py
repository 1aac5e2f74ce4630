"""Tagging: a codebook's rules over transcripts. The rules are one more coder, whose sheets are suggestions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from qualcode.errors import Problem
from qualcode.language import detect_language, split_sentences
from qualcode.matching import compile_codebook
from qualcode.model import RULES_CODER, Coding, Evidence, Sheet, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.codebook import Code, Codebook, Example
    from qualcode.matching import Hits, Matcher
    from qualcode.model import Segment, Transcript


def tag(transcripts: Sequence[Transcript], codebook: Codebook, *, model: str | None = None) -> list[Sheet]:
    """Return one sheet of suggestions for each transcript, in the same order.

    A coding spans the sentence of its hits; neighbouring sentences of one turn that carry the same code are one coding.
    Its evidence is the rules that matched, with the words that fulfilled them. Interviewer talk is tagged too: what
    counts is decided when counting.

    Parameters
    ----------
    transcripts
        What to tag, each in its own language.
    codebook
        Whose rules.
    model
        Name of an installed spaCy model, for its lemmas.

    Raises
    ------
    CodebookError
        If a rule cannot be understood.
    MissingDependencyError
        If the model is not installed.
    """
    matchers: dict[str, Matcher] = {}
    sheets = []
    for transcript in transcripts:
        language = transcript.language
        if language not in matchers:
            matchers[language] = compile_codebook(codebook, language=language, model=model)
        sheets.append(_tag_one(transcript, codebook, matchers[language]))
    return sheets


def _tag_one(transcript: Transcript, codebook: Codebook, matcher: Matcher) -> Sheet:
    sentences = transcript.units("sentence")
    # A line that ends within a sentence is a blank to the reader, and to spaCy a token that would break a phrase.
    hits = matcher.find([transcript.quote(sentence.span).replace("\n", " ") for sentence in sentences])
    passages = _join(_passages(hits, sentences), _turn_numbers(transcript))
    codings = sorted(
        (_coding(transcript, passage) for passage in passages), key=lambda coding: (coding.span, coding.code)
    )
    return Sheet(
        transcript=transcript.id,
        coder=RULES_CODER,
        unit="sentence",
        text_digest=transcript.digest,
        codebook_digest=codebook.digest,
        seen=frozenset(sentence.id for sentence in sentences),
        codings=tuple(codings),
    )


@dataclass(slots=True)
class _Passage:
    """Neighbouring sentences, by number, that carry one code, and the words of each rule that fired there."""

    code: str
    first: int
    last: int
    span: Span
    evidence: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))


def _passages(hits: Hits, sentences: Sequence[Segment]) -> Iterator[_Passage]:
    """Yield a passage for each sentence and code, in the order of the text."""
    open_passages: dict[str, _Passage] = {}
    for text, start, end, number in hits:
        rule, sentence = hits.rules[number], sentences[text].span
        passage = open_passages.get(rule.code_id)
        if passage is None or passage.last != text:
            passage = open_passages[rule.code_id] = _Passage(rule.code_id, text, text, sentence)
            yield passage
        passage.evidence[rule.rule].append(Span(start, end).shift(sentence.start))


def _join(passages: Iterable[_Passage], turns: Sequence[int]) -> list[_Passage]:
    """Join passages of one code whose sentences are neighbours in one turn."""
    joined: list[_Passage] = []
    latest: dict[str, _Passage] = {}
    for passage in list(passages):
        before = latest.get(passage.code)
        if before and before.last + 1 == passage.first and turns[before.last] == turns[passage.first]:
            before.last, before.span = passage.last, before.span | passage.span
            for rule, spans in passage.evidence.items():
                before.evidence[rule].extend(spans)
        else:
            latest[passage.code] = passage
            joined.append(passage)
    return joined


def _turn_numbers(transcript: Transcript) -> list[int]:
    """Return for each sentence the number of the turn that it lies in."""
    numbers: list[int] = []
    number = -1
    for segment in transcript.segments:
        if segment.kind == "turn":
            number += 1
        elif segment.kind == "sentence":
            numbers.append(number)
    return numbers


def _coding(transcript: Transcript, passage: _Passage) -> Coding:
    evidence = sorted(
        (Evidence(rule, tuple(dict.fromkeys(sorted(spans)))) for rule, spans in passage.evidence.items()),
        key=lambda evidence: evidence.spans[0],
    )
    return Coding(
        transcript=transcript.id,
        span=passage.span,
        code=passage.code,
        coder=RULES_CODER,
        verdict="suggested",
        quote=transcript.quote(passage.span),
        evidence=tuple(evidence),
        origin="rules",
    )


def check_examples(codebook: Codebook) -> list[Problem]:
    """Run every example of a codebook against its rules and return what does not come out as written.

    Each is cut into sentences as a transcript is. A code stands for what lies below it, so an example may be matched by
    a rule of any code below. Codes without any rule are coded by hand and are left out.
    """
    matchers: dict[str, Matcher] = {}
    problems = []
    for code in codebook.walk():
        family = (code, *codebook.descendants(code.id))
        if not any(member.rules for member in family):
            continue
        ids = {member.id for member in family}
        for kind, example in _examples(code):
            language = detect_language(example.text)
            if language not in matchers:
                matchers[language] = compile_codebook(codebook, language=language)
            sentences = split_sentences(example.text, language=language)
            hits = matchers[language].find([example.text[span.start : span.end] for span in sentences])
            fired = dict.fromkeys(hits.rules[hit.rule].rule for hit in hits if hits.rules[hit.rule].code_id in ids)
            if bool(fired) != (kind == "hit"):
                problems.append(_example_problem(code, example.text, example.where, list(fired)))
    return problems


def _examples(code: Code) -> Iterator[tuple[str, Example]]:
    yield from (("hit", example) for example in code.hits)
    yield from (("miss", example) for example in code.misses)


def _example_problem(code: Code, text: str, where: str, fired: list[str]) -> Problem:
    kind: Literal["hit", "miss"] = "miss" if fired else "hit"
    if kind == "hit":
        return Problem(
            where,
            "warning",
            "example-not-found",
            f"no rule of “{code.id}” matches its example “{text}”",
            hint="add a rule that does, or move the example to `miss`",
        )
    rules = ", ".join(f"“{rule}”" for rule in fired)
    return Problem(
        where,
        "warning",
        "example-found",
        f"“{code.id}” should miss “{text}”, but {rules} matches",
        hint="narrow the rule, for example with `unless`, or move the example to `hit`",
    )
