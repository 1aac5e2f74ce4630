"""Tagging: a codebook's rules over transcripts. The rules are one more coder, whose sheets are suggestions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Literal

from qualcode.errors import CodebookError, Problem, QualcodeError
from qualcode.language import detect_language, known_language, split_sentences
from qualcode.matching import Context, Place, TurnFacts, compile_codebook
from qualcode.model import RULES_CODER, Coding, Evidence, Sheet, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.cases import CaseIndex
    from qualcode.codebook import Code, Codebook, Example
    from qualcode.matching import Hits, Matcher
    from qualcode.model import Segment, Transcript


def tag(
    transcripts: Sequence[Transcript],
    codebook: Codebook,
    *,
    model: str | None = None,
    index: CaseIndex | None = None,
) -> list[Sheet]:
    r"""Return one sheet of suggestions for each transcript, in the same order.

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
    index
        Which case speaks where, for rules that ask for a role or another attribute of the speaker.

    Returns
    -------
    list of Sheet
        Of the coder ``rules``.

    Raises
    ------
    CodebookError
        If a rule cannot be understood.
    MissingDependencyError
        If the model is not installed.

    Examples
    --------
    >>> codebook = qualcode.parse_codebook("codes: [{id: water, name: Water, rules: [rain]}]")
    >>> from pathlib import Path
    >>> _ = Path("P1.txt").write_text("Interviewer: And?\n\nMei: It rained. We waited. Then the rains were over.\n")
    >>> transcripts, problems = qualcode.read_transcripts("P1.txt")
    >>> [coding.quote for coding in qualcode.tag(transcripts, codebook)[0].codings]
    ['It rained.', 'Then the rains were over.']
    """
    return Tagger(codebook, model=model).tag(transcripts, [context_of(one, index) for one in transcripts])


class Tagger:
    """The rules of a codebook, compiled once for each language that is met.

    Parameters
    ----------
    codebook, model
        As for :func:`tag`.
    """

    def __init__(self, codebook: Codebook, *, model: str | None = None) -> None:
        self._codebook = codebook
        self._model = model
        self._matchers: dict[str, Matcher] = {}

    def tag(self, transcripts: Sequence[Transcript], contexts: Sequence[Context]) -> list[Sheet]:
        """Return one sheet for each transcript, in the same order.

        Parameters
        ----------
        transcripts
            What to tag; those of one language are searched in one go, which is much faster where they are short.
        contexts
            Of each transcript; see :func:`context_of`.

        Raises
        ------
        CodebookError, MissingDependencyError
            As for :func:`tag`.
        """
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, transcript in enumerate(transcripts):
            numbers[transcript.language].append(number)
        sheets: dict[int, Sheet] = {}
        for language, members in numbers.items():
            found = self._find_passages(
                self._matcher(language), [transcripts[one] for one in members], [contexts[one] for one in members]
            )
            for number, passages in zip(members, found, strict=True):
                sheets[number] = _make_sheet(transcripts[number], self._codebook, passages)
        return [sheets[number] for number in range(len(transcripts))]

    def _matcher(self, language: str) -> Matcher:
        if language not in self._matchers:
            self._matchers[language] = compile_codebook(self._codebook, language=language, model=self._model)
        return self._matchers[language]

    @staticmethod
    def _find_passages(
        matcher: Matcher, transcripts: Sequence[Transcript], contexts: Sequence[Context]
    ) -> list[list[_Passage]]:
        """Return the passages of each transcript; sentences and turns are numbered through all of them."""
        sentences = [transcript.units("sentence") for transcript in transcripts]
        texts = [text for transcript in transcripts for text in sentence_texts(transcript)]
        context = _join_contexts(contexts)
        hits = matcher.find(texts, context=context)
        owner = [number for number, group in enumerate(sentences) for _ in group]
        found: list[list[_Passage]] = [[] for _ in transcripts]
        for passage in _join(_passages(hits, list(chain.from_iterable(sentences))), context.turn_of):
            found[owner[passage.first]].append(passage)
        return found


def _join_contexts(contexts: Sequence[Context]) -> Context:
    turn_of: list[int] = []
    turns: list[TurnFacts] = []
    for context in contexts:
        base = len(turns)
        turn_of.extend(base + turn for turn in context.turn_of)
        turns.extend(
            facts
            if facts.question is None or not base
            else TurnFacts(facts.speaker, facts.is_interviewer, facts.attributes, base + facts.question)
            for facts in context.turns
        )
    return Context(turn_of, turns)


def _make_sheet(transcript: Transcript, codebook: Codebook, passages: Iterable[_Passage]) -> Sheet:
    codings = (_coding(transcript, passage) for passage in passages)
    return Sheet(
        transcript=transcript.id,
        coder=RULES_CODER,
        unit="sentence",
        text_digest=transcript.digest,
        codebook_digest=codebook.digest,
        seen=frozenset(sentence.id for sentence in transcript.units("sentence")),
        codings=tuple(sorted(codings, key=lambda coding: (coding.span, coding.code))),
    )


def sentence_texts(transcript: Transcript) -> list[str]:
    """Return the sentences of a transcript as they are matched.

    A line that ends within a sentence is a blank to the reader, and to spaCy a token that would break a phrase.
    """
    return [transcript.quote(sentence.span).replace("\n", " ") for sentence in transcript.units("sentence")]


def context_of(transcript: Transcript, index: CaseIndex | None = None) -> Context:
    """Return the turn of each sentence, and for each turn who speaks and which turn it answers.

    That is the last turn of interviewer talk before it.
    """
    turn_of: list[int] = []
    turns: list[TurnFacts] = []
    asked: int | None = None
    attributes = index.attributes_of if index is not None else {}
    for segment in transcript.segments:
        if segment.kind == "sentence":
            turn_of.append(len(turns) - 1)
        elif segment.kind == "turn":
            is_interviewer = transcript.is_interviewer(segment)
            case = index.case_of(transcript.id, segment.speaker) if index is not None else ""
            turns.append(
                TurnFacts(segment.speaker, is_interviewer, attributes.get(case, {}), None if is_interviewer else asked)
            )
            asked = len(turns) - 1 if is_interviewer else asked
    return Context(turn_of, turns)


@dataclass(slots=True)
class _Passage:
    """Neighbouring sentences, by number, that carry one code, and the words of each rule that fired there."""

    code: str
    first: int
    last: int
    span: Span
    evidence: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))


def _passages(hits: Hits, sentences: Sequence[Segment]) -> Iterator[_Passage]:
    """Yield the passages of each code, in the order of the text: sentences that one hit lies in are one passage."""
    latest: dict[str, _Passage] = {}
    for position, hit in enumerate(hits):
        rule = hits.rules[hit.rule]
        places = hits.parts.get(position, (Place(hit.text, hit.start, hit.end),))
        last = max(place.text for place in places)
        passage = latest.get(rule.code_id)
        if passage is None or passage.last < hit.text:
            passage = latest[rule.code_id] = _Passage(rule.code_id, hit.text, last, sentences[hit.text].span)
            yield passage
        passage.last = max(passage.last, last)
        passage.span |= sentences[passage.last].span
        evidence = passage.evidence[rule.rule]
        evidence.extend(Span(place.start, place.end).shift(sentences[place.text].span.start) for place in places)


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


def example_language(codebook: Codebook, language: str = "") -> str:
    """Return the language of a codebook's examples and terms, the given one or its own; ``""`` when there is none.

    Raises
    ------
    QualcodeError
        If it is none that is known.
    """
    try:
        return known_language(language or codebook.language) if language or codebook.language else ""
    except QualcodeError as error:
        raise error if language else CodebookError(error.message, codebook.file, error.hint) from error


def check_examples(codebook: Codebook, *, language: str = "", model: str | None = None) -> list[Problem]:
    """Run every example of a codebook against its rules and return what does not come out as written.

    Each is cut into sentences as a transcript is. A code stands for what lies below it, so an example may be matched by
    a rule of any code below. Codes without any rule are coded by hand and are left out.

    Parameters
    ----------
    codebook
        Whose examples.
    language
        Code of their language; by default that of the codebook, or as the letters of each tell.
    model
        Name of an installed spaCy model, for its lemmas.

    Returns
    -------
    list of Problem
        One for each example that is not as written, at its place.

    Raises
    ------
    CodebookError
        If rules cannot be understood, whether or not there are examples.
    QualcodeError
        If the language is not known.

    Examples
    --------
    >>> text = "codes: [{id: water, name: Water, rules: [rain], examples: {hit: [It was dry.]}}]"
    >>> [problem.rule for problem in check_examples(qualcode.parse_codebook(text))]
    ['example-not-found']
    """
    language = example_language(codebook, language)
    first = language or "en"
    matchers = {first: compile_codebook(codebook, language=first, model=model)}
    problems = []
    for code in codebook.walk():
        family = (code, *codebook.descendants(code.id))
        if not any(member.rules for member in family):
            continue
        ids = {member.id for member in family}
        for kind, example in _examples(code):
            spoken = language or detect_language(example.text)
            if spoken not in matchers:
                matchers[spoken] = compile_codebook(codebook, language=spoken, model=model)
            sentences = split_sentences(example.text, language=spoken, model=model)
            hits = matchers[spoken].find([example.text[span.start : span.end] for span in sentences])
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
            f"No rule of “{code.id}” matches its example “{text}”.",
            hint="Add a rule that does, or move the example to `miss`",
        )
    rules = ", ".join(f"“{rule}”" for rule in fired)
    return Problem(
        where,
        "warning",
        "example-found",
        f"“{code.id}” should miss “{text}”, but {rules} matches.",
        hint="Narrow the rule, for example with `unless`, or move the example to `hit`",
    )
