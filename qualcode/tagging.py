"""Tagging: a codebook's rules over transcripts. The rules are one more coder, whose sheets are suggestions."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import numpy as np

from qualcode.axis import bounds
from qualcode.errors import CodebookError, Problem, QualcodeError
from qualcode.language import detect_language, known_language, split_sentences
from qualcode.matching import Context, TurnFacts, compile_codebook
from qualcode.model import RULES_CODER, Sheet
from qualcode.suggested import Matches, Sentences, Suggestions, find_passages, slices_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.cases import CaseIndex
    from qualcode.codebook import Code, Codebook, Example
    from qualcode.matching import Matcher
    from qualcode.model import Coding, Transcript
    from qualcode.suggested import Passages


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
            some = [transcripts[one] for one in members]
            sentences, context = _lay_sentences(some, [contexts[one] for one in members])
            texts = [text for transcript in some for text in sentence_texts(transcript)]
            passages = self.find(sentences, texts, language, context)
            parts = slices_of(passages.transcript, len(some))
            for number, transcript, rows in zip(members, some, parts, strict=True):
                suggestions = Suggestions(passages, rows, transcript.id, transcript.text)
                sheets[number] = _make_sheet(transcript, self._codebook, suggestions)
        return [sheets[number] for number in range(len(transcripts))]

    def _matcher(self, language: str) -> Matcher:
        if language not in self._matchers:
            self._matchers[language] = compile_codebook(self._codebook, language=language, model=self._model)
        return self._matchers[language]

    def find(self, sentences: Sentences, texts: Sequence[str], language: str, context: Context) -> Passages:
        """Return the passages of sentences of one language.

        Parameters
        ----------
        sentences
            Where they stand.
        texts
            Their words, as :func:`sentence_texts` gives them.
        language
            Its code.
        context
            Who speaks in their turns.

        Raises
        ------
        CodebookError, MissingDependencyError
            As for :func:`tag`.
        """
        hits = self._matcher(language).find(texts, context=context)
        sentence, start, end, rule = (
            np.asarray(column, np.int64) for column in (hits.text, hits.start, hits.end, hits.rule)
        )
        rules = [(one.code_id, one.rule) for one in hits.rules]
        return find_passages(Matches(sentence, start, end, rule, hits.parts), sentences, rules)


def _lay_sentences(transcripts: Sequence[Transcript], contexts: Sequence[Context]) -> tuple[Sentences, Context]:
    """Return the sentences of transcripts, and who speaks in their turns, numbered through all of them."""
    context = _join_contexts(contexts)
    edges = [bounds(transcript.units("sentence")) for transcript in transcripts]
    numbers = np.repeat(np.arange(len(edges), dtype=np.int64), [len(some) for some in edges])
    starts, ends = np.concatenate([np.zeros((0, 2), dtype=np.int64), *edges]).T
    return Sentences(numbers, np.array(context.turn_of, dtype=np.int64), starts, ends), context


def _join_contexts(contexts: Sequence[Context]) -> Context:
    turn_of: list[int] = []
    turns: list[TurnFacts] = []
    for context in contexts:
        base = len(turns)
        turn_of.extend([base + turn for turn in context.turn_of])
        turns.extend(
            facts
            if facts.question is None or not base
            else TurnFacts(facts.speaker, facts.is_interviewer, facts.attributes, base + facts.question)
            for facts in context.turns
        )
    return Context(turn_of, turns)


def _make_sheet(transcript: Transcript, codebook: Codebook, codings: Sequence[Coding]) -> Sheet:
    return Sheet(
        transcript=transcript.id,
        coder=RULES_CODER,
        unit="sentence",
        text_digest=transcript.digest,
        codebook_digest=codebook.digest,
        seen=frozenset([sentence.id for sentence in transcript.units("sentence")]),
        codings=codings,
    )


def sentence_texts(transcript: Transcript) -> list[str]:
    """Return the sentences of a transcript as they are matched.

    A line that ends within a sentence is a blank to the reader, and to spaCy a token that would break a phrase.
    """
    text = transcript.text.replace("\n", " ")
    return [text[one.span.start : one.span.end] for one in transcript.units("sentence")]


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
