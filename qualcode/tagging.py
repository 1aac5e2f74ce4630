"""Tagging: a codebook's rules over transcripts. The rules are one more coder, whose sheets are suggestions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from qualcode.axis import concatenate, edges
from qualcode.matching import Context, CutText, TurnFacts, compile_codebook
from qualcode.model import RULES_CODER, Sheet
from qualcode.progress import doing
from qualcode.suggested import Matches, Sentences, Suggestions, cut, find_passages, slices_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from qualcode.cases import CaseIndex
    from qualcode.codebook import Codebook
    from qualcode.matching import EncodedTexts, Matcher
    from qualcode.model import Coding, SegmentColumns, Transcript
    from qualcode.suggested import Passages

    Integers = NDArray[np.int64]


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
    with doing("Tagging"):
        return Tagger(codebook, model=model).tag(transcripts, index)


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

    def tag(self, transcripts: Sequence[Transcript], index: CaseIndex | None = None) -> list[Sheet]:
        """Return one sheet for each transcript, in the same order.

        Parameters
        ----------
        transcripts
            What to tag; those of one language are searched in one go, which is much faster where they are short.
        index
            Which case speaks where.

        Raises
        ------
        CodebookError, MissingDependencyError
            As for :func:`tag`.
        """
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, transcript in enumerate(transcripts):
            numbers[transcript.language].append(number)
        sheets: dict[int, Sheet] = {}
        codes = sorted(code.id for code in self._codebook.walk())
        for language, members in numbers.items():
            some = [transcripts[one] for one in members]
            sentences, context = _lay_sentences(some, index)
            texts = _join_texts(some, sentences)
            passages = self.find(sentences, texts, language, context, codes).shrink()
            parts = slices_of(passages.transcript, len(some))
            for number, transcript, rows in zip(members, some, parts, strict=True):
                suggestions = Suggestions(passages, rows, transcript.id, transcript.text)
                sheets[number] = _make_sheet(transcript, self._codebook, suggestions)
        return [sheets[number] for number in range(len(transcripts))]

    def matcher(self, language: str) -> Matcher:
        """Return the rules compiled for a language.

        Raises
        ------
        CodebookError, MissingDependencyError
            As for :func:`tag`.
        """
        if language not in self._matchers:
            self._matchers[language] = compile_codebook(self._codebook, language=language, model=self._model)
        return self._matchers[language]

    def find(
        self,
        sentences: Sentences,
        texts: Sequence[str] | EncodedTexts,
        language: str,
        context: Context,
        codes: Sequence[str],
    ) -> Passages:
        """Return the passages of sentences of one language.

        Parameters
        ----------
        sentences
            Where they stand.
        texts
            Their words, as :func:`sentence_texts` gives them, or as they are searched.
        language
            Its code.
        context
            Who speaks in their turns.
        codes
            Ids of the codes, in the order in which passages of one place are to stand.

        Raises
        ------
        CodebookError, MissingDependencyError
            As for :func:`tag`.
        """
        hits = self.matcher(language).find(texts, context=context)
        sentence, start, end, rule = (
            np.asarray(column, np.int64) for column in (hits.text, hits.start, hits.end, hits.rule)
        )
        rules = [(one.code_id, one.rule) for one in hits.rules]
        return find_passages(Matches(sentence, start, end, rule, hits.parts), sentences, rules, codes)


def _lay_sentences(transcripts: Sequence[Transcript], index: CaseIndex | None) -> tuple[Sentences, Context]:
    """Return the sentences of transcripts, and who speaks in their turns, numbered through all of them."""
    laid = [edges(transcript.columns("sentence")) for transcript in transcripts]
    turns = [transcript.columns("turn") for transcript in transcripts]
    first_turn = np.cumsum([0, *map(len, turns)])
    within = [
        np.searchsorted(edges(around)[0], starts, side="right") - 1 + first
        for (starts, _), around, first in zip(laid, turns, first_turn.tolist(), strict=False)
    ]
    number = np.repeat(np.arange(len(laid), dtype=np.int64), [len(starts) for starts, _ in laid])
    turn_of = concatenate(within)
    sentences = Sentences(
        number, turn_of, concatenate([starts for starts, _ in laid]), concatenate([ends for _, ends in laid])
    )
    return sentences, Context(turn_of, _lay_turns(transcripts, turns, index))


def _join_texts(transcripts: Sequence[Transcript], sentences: Sentences) -> CutText:
    """Return the sentences of transcripts as they are matched: see :func:`sentence_texts`."""
    sizes = np.array([len(transcript.text) + 1 for transcript in transcripts], dtype=np.int64)
    base = (np.cumsum(sizes) - sizes)[sentences.transcript]
    text = "\n".join([transcript.text for transcript in transcripts]).replace("\n", " ")
    return CutText(text, sentences.start + base, sentences.end + base)


def _lay_turns(
    transcripts: Sequence[Transcript], turns: Sequence[SegmentColumns], index: CaseIndex | None
) -> LaidTurns:
    attributes = index.attributes_of if index is not None else {}
    names: list[str] = []
    asks: list[bool] = []
    known: list[Mapping[str, str]] = []
    voices: list[Integers] = []
    for transcript, own in zip(transcripts, turns, strict=True):
        voices.append(np.asarray(own.codes, dtype=np.int64) + len(names))
        cases = ["" if index is None else index.case_of(transcript.id, name) for name in own.names]
        names += own.names
        asks += [name in transcript.interviewers for name in own.names]
        known += [attributes.get(case, {}) for case in cases]
    number = np.repeat(np.arange(len(turns), dtype=np.int64), [len(one) for one in turns])
    return LaidTurns(number, concatenate(voices), names, asks, known.__getitem__)


class LaidTurns(Sequence[TurnFacts]):
    """Who speaks in the turns of transcripts, and what each turn answers: the last one of an interviewer before it.

    Parameters
    ----------
    transcript, voice
        Number of the transcript of each turn, ascending, and of who speaks in it.
    names, asks
        Of each voice the label, and whether it is an interviewer's.
    describe
        Returns the attributes of the case of a voice.
    """

    def __init__(
        self,
        transcript: Integers,
        voice: Integers,
        names: Sequence[str],
        asks: Sequence[bool] | NDArray[np.bool_],
        describe: Callable[[int], Mapping[str, str]],
    ) -> None:
        self._voice = voice
        self._names, self._asks, self._describe = names, asks, describe
        is_asking = np.array(asks, dtype=bool)[voice]
        number = np.arange(len(voice), dtype=np.int64)
        asked = np.maximum.accumulate(np.where(is_asking, number, -1))
        first = np.searchsorted(transcript, transcript)
        self._question = np.where(is_asking | (asked < first), -1, asked)

    def __len__(self) -> int:
        return len(self._voice)

    @overload
    def __getitem__(self, at: int) -> TurnFacts: ...

    @overload
    def __getitem__(self, at: slice) -> list[TurnFacts]: ...

    def __getitem__(self, at: int | slice) -> TurnFacts | list[TurnFacts]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        voice, question = int(self._voice[at]), int(self._question[at])
        return TurnFacts(
            self._names[voice], bool(self._asks[voice]), self._describe(voice), None if question < 0 else question
        )


def _make_sheet(transcript: Transcript, codebook: Codebook, codings: Sequence[Coding]) -> Sheet:
    return Sheet(
        transcript=transcript.id,
        coder=RULES_CODER,
        unit="sentence",
        text_digest=transcript.digest,
        codebook_digest=codebook.digest,
        seen=frozenset(transcript.columns("sentence").ids),
        codings=codings,
    )


def sentence_texts(transcript: Transcript) -> list[str]:
    """Return the sentences of a transcript as they are matched.

    A line that ends within a sentence is a blank to the reader, and to spaCy a token that would break a phrase.
    """
    text = transcript.text.replace("\n", " ")
    return cut(text, *edges(transcript.columns("sentence")))


def context_of(transcript: Transcript, index: CaseIndex | None = None) -> Context:
    """Return the turn of each sentence, and for each turn who speaks and which turn it answers.

    That is the last turn of interviewer talk before it.
    """
    return _lay_sentences([transcript], index)[1]
