"""Key words: words that a group, or what carries a code, uses more often than the rest, and how many cases use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qualcode.axis import concatenate, edges, touch
from qualcode.errors import CaseError, Problem, QualcodeError
from qualcode.matching import list_words as list_words_of
from qualcode.model import Span
from qualcode.results import DECIMALS, Result, make_frame
from qualcode.suggested import cut
from qualcode.wording import join, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from qualcode.model import Transcript
    from qualcode.tables import CodingTable

    Integers = NDArray[np.int64]
    Numbers = NDArray[np.float64]

_CODED, _REST = "coded", "the rest"
_EXAMPLE = 80
"""Characters of an example."""
_COLUMNS = {
    **dict.fromkeys(("term", "group"), "str"),
    **dict.fromkeys(("n", "n_rest", "cases"), "int64"),
    **dict.fromkeys(("g2", "log_ratio"), "float64"),
    "example": "str",
}


@dataclass(frozen=True, eq=False, repr=False)
class WordTable(Result):
    """Words that one part of the talk uses more often than the rest.

    Attributes
    ----------
    frame
        One row per word and group, best first: ``term``, ``group``, ``n`` (times in the group), ``n_rest``, ``cases``
        (that use it there), ``g2``, ``log_ratio`` (base 2), ``example``.
    sentence, problems
        What was compared.
    """

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at."""
        return self.frame.round({"g2": 1, "log_ratio": 2})


def list_words(
    table: CodingTable, by: str | None = None, *, code: str | None = None, min_cases: int = 3, top: int = 20
) -> WordTable:
    """List the words that each group of cases, or what carries a code, uses more often than the rest.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns, with its transcripts.
    by
        A column of the table of cases: each group is compared with all others.
    code
        A code instead: sentences that carry it, or a code below it, are compared with all others.
    min_cases
        Cases that must use a word in the group, so that one talkative person makes no key word.
    top
        Words of each group.

    Returns
    -------
    WordTable
        Words by G², with an effect size and the number of cases.

    Raises
    ------
    QualcodeError
        If neither a group nor a code is named, or both are.
    CaseError
        If the table of cases has no such column.
    CodebookError
        If there is no such code.

    Notes
    -----
    G² = 2 Σ O ln(O/E) over the table of a word and all others in the group and the rest (Dunning 1993). The log ratio
    is that of shares, with 0.5 added to each count. There is no p: words are not drawn at random.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> words = qualcode.list_words(table, code="scheduling", min_cases=2)
    >>> bool((words.frame["cases"] >= 2).all())
    True
    """
    if (by is None) == (code is None):
        raise QualcodeError("Key words need something to compare.", hint="Name an attribute of cases, or a code")
    if not table.transcripts:
        raise CaseError("A file of codings has no words.", hint="Give the transcripts")
    talk = _read_talk(table, by, code)
    cells = _count(talk)
    groups = [_CODED] if code is not None else [name for name in table.index.groups(by or "") if name in talk.groups]
    rows = [
        (talk.forms[key], group, *numbers, _cut_around(talk.quote(sentence), talk.forms[key]))
        for group in groups
        for key, sentence, *numbers in _rank(cells, talk, talk.groups[group], min_cases, top)
    ]
    return WordTable(make_frame(rows, _COLUMNS), _say(talk, by, code, min_cases), _find_doubts(table))


def _cut_around(sentence: str, form: str) -> str:
    """Return a sentence, or of a long one what stands around a word."""
    text = " ".join(sentence.split())
    at = max(text.casefold().find(form), 0)
    if at + len(form) < _EXAMPLE - 1:
        return shorten(text, _EXAMPLE)
    start = text.find(" ", at - _EXAMPLE // 2, at) + 1 or at
    return shorten(f"…{text[start:]}", _EXAMPLE)


class _Numbering(dict[Any, int]):
    """Numbers from 0 for what is asked for, in the order in which it first is."""

    def __missing__(self, one: Any) -> int:
        number = self[one] = len(self)
        return number


class _Sentences(NamedTuple):
    """What interviewees say, a row for each sentence; ``place`` is that of its transcript among all."""

    place: Integers
    start: Integers
    end: Integers
    group: Integers
    case: Integers


@dataclass(frozen=True, slots=True)
class _Talk:
    """Every word of interviewees, a row each, in the order of the sentences of each language.

    Attributes
    ----------
    transcripts, sentences, groups
        Where words were said, and the numbers of the groups there.
    sentence, key
        Of each word: the row of its sentence, and its place in ``keys``.
    keys, forms
        Of each different word, its lemmas and its usual form.
    """

    transcripts: tuple[Transcript, ...]
    sentences: _Sentences
    groups: Mapping[str, int]
    sentence: Integers
    key: Integers
    keys: list[tuple[str, ...]]
    forms: list[str]

    def quote(self, row: int) -> str:
        """Return a sentence as it was said."""
        place, start, end = (int(column[row]) for column in self.sentences[:3])
        return self.transcripts[place].quote(Span(start, end))


def _read_talk(table: CodingTable, by: str | None, code: str | None) -> _Talk:
    groups, kinds = _Numbering(), _Numbering()
    sentences = _find_sentences(table, by, code, groups)
    rows, found = [], []
    for language in dict.fromkeys(transcript.language for transcript in table.transcripts):
        chosen, texts = _read_sentences(table.transcripts, sentences, language)
        words = list_words_of(texts, language=language)
        rows.append(chosen[words.text])
        found.append(np.array([kinds[kind] for kind in words.kinds], np.int64)[words.kind])
    sentence, kind = concatenate(rows), concatenate(found)
    keys = _Numbering()
    key_of = np.array([keys[key] for key, _ in kinds], np.int64)
    forms = _find_usual_forms(kind, key_of, [form for _, form in kinds])
    return _Talk(table.transcripts, sentences, groups, sentence, key_of[kind], list(keys), forms)


def _find_sentences(table: CodingTable, by: str | None, code: str | None, groups: _Numbering) -> _Sentences:
    """Return the sentences of interviewees, each in its group."""
    group_of = {} if by is None else {case: name for name, cases in table.index.groups(by).items() for case in cases}
    spans = {} if code is None else _find_coded(table, code)
    cases = _Numbering()
    columns: list[_Sentences] = []
    for place, transcript in enumerate(table.transcripts):
        said = transcript.columns("sentence")
        speaker = np.asarray(said.codes, np.int64)
        answers = np.array([name not in transcript.interviewers for name in said.names], np.bool_)
        voices = [table.index.case_of(transcript.id, name) for name in said.names]
        kept = np.flatnonzero(answers[speaker])
        (start, end), speaker = (edge[kept] for edge in edges(said)), speaker[kept]
        if by is not None:
            group = np.array([groups[group_of.get(case, "")] for case in voices], np.int64)[speaker]
        else:
            is_coded = touch(*spans.get(transcript.id, _NOWHERE), start, end)[1] > 0
            group = np.where(is_coded, groups[_CODED], groups[_REST])
        case = np.array([cases[case] for case in voices], np.int64)[speaker]
        columns.append(_Sentences(np.full(len(kept), place), start, end, group, case))
    return _Sentences(*map(concatenate, zip(*columns, strict=True)))


_NOWHERE = np.zeros(0, np.int64), np.zeros(0, np.int64)


def _find_coded(table: CodingTable, code: str) -> Mapping[str, tuple[Integers, Integers]]:
    """Return where a code, or one below it, stands in each transcript: stretches that do not overlap."""
    top = table.codebook.find(code).id
    family = {top, *(one.id for one in table.codebook.descendants(top))}
    codings = table.take_codings("transcript", "start", "end", "code")
    chosen = codings[codings["code"].isin(family)].sort_values(["transcript", "start"])
    found = {}
    for name, rows in chosen.groupby("transcript", sort=False):
        start, end = rows["start"].to_numpy(np.int64), np.maximum.accumulate(rows["end"].to_numpy(np.int64))
        first = np.flatnonzero(np.append(True, start[1:] >= end[:-1]))
        found[str(name)] = start[first], end[np.append(first[1:], len(end)) - 1]
    return found


def _read_sentences(
    transcripts: tuple[Transcript, ...], sentences: _Sentences, language: str
) -> tuple[Integers, list[str]]:
    """Return rows and texts of the sentences of a language; a line that ends within one is a blank."""
    rows, texts = [], []
    bounds = np.searchsorted(sentences.place, np.arange(len(transcripts) + 1))
    for place, transcript in enumerate(transcripts):
        if transcript.language == language:
            mine = np.arange(bounds[place], bounds[place + 1])
            rows.append(mine)
            texts += cut(transcript.text.replace("\n", " "), sentences.start[mine], sentences.end[mine])
    return concatenate(rows), texts


def _find_usual_forms(kind: Integers, key_of: Integers, forms: list[str]) -> list[str]:
    """Return the form in which each word is said most often; of several, the one that came first."""
    first_said = np.zeros(len(forms), np.int64)
    first_said[kind[::-1]] = np.arange(len(kind))[::-1]  # of several rows, the last one written stays
    order = np.lexsort((first_said, -np.bincount(kind, minlength=len(forms)), key_of))
    first = np.flatnonzero(np.append(True, np.diff(key_of[order]) > 0)) if len(order) else order
    return [forms[row] for row in order[first].tolist()]


class _Cells(NamedTuple):
    """How often words are said: a row for each group and word that it uses; ``sentence`` is the first of them."""

    group: Integers
    key: Integers
    n: Integers
    cases: Integers
    sentence: Integers


def _count(talk: _Talk) -> _Cells:
    group, case = talk.sentences.group[talk.sentence], talk.sentences.case[talk.sentence]
    n_keys, n_cases = len(talk.keys), int(case.max(initial=0)) + 1
    wide = (group * n_keys + talk.key) * n_cases + case
    order = np.argsort(wide, kind="stable")
    voices, first = np.unique(wide[order], return_index=True)
    cell, begins = np.unique(voices // n_cases, return_index=True)
    first = first[begins]
    return _Cells(
        cell // n_keys if n_keys else cell,
        cell % n_keys if n_keys else cell,
        np.diff(first, append=len(order)),
        np.diff(begins, append=len(voices)),
        np.minimum.reduceat(talk.sentence[order], first) if len(first) else first,
    )


def _rank(
    cells: _Cells, talk: _Talk, group: int, min_cases: int, top: int
) -> list[tuple[int, int, int, int, int, float, float]]:
    """Return word and first sentence, and the numbers, of the words that a group uses more than the rest, by G²."""
    n_said = np.bincount(cells.key, weights=cells.n, minlength=len(talk.keys))
    mine = _Cells(*(column[cells.group == group] for column in cells))
    n_mine = mine.n.sum()
    n_rest = len(talk.key) - n_mine
    here, there = mine.n.astype(np.float64), n_said[mine.key] - mine.n
    ratio = np.log2((here + 0.5) / (n_mine + 0.5)) - np.log2((there + 0.5) / (n_rest + 0.5))
    g2 = measure_keyness(here, there, n_mine - here, n_rest - there)
    chosen = np.flatnonzero((mine.cases >= min_cases) & (ratio > 0))
    if len(chosen) > top:  # with all that are as good as the last one
        chosen = chosen[g2[chosen] >= np.partition(g2[chosen], -top)[-top]]
    best = sorted(chosen.tolist(), key=lambda row: (-g2[row], talk.keys[mine.key[row]]))[:top]
    columns = (
        mine.key,
        mine.sentence,
        mine.n,
        there.astype(np.int64),
        mine.cases,
        g2.round(DECIMALS),
        ratio.round(DECIMALS),
    )
    return list(zip(*(column[best].tolist() for column in columns), strict=True))


def measure_keyness(
    word_here: ArrayLike, word_there: ArrayLike, others_here: ArrayLike, others_there: ArrayLike
) -> Numbers:
    """Return G² of a table of two by two (Dunning 1993), without a correction that would turn ranks round.

    Parameters
    ----------
    word_here, word_there
        How often a word is said in the group, and in the rest: numbers, or arrays of one length.
    others_here, others_there
        How many other words are said there.

    Examples
    --------
    >>> round(float(measure_keyness(110, 2442, 111, 29114)), 2)
    270.72
    """
    seen = np.stack(np.broadcast_arrays(word_here, word_there, others_here, others_there)).astype(np.float64)
    rows, columns = seen[[0, 2]] + seen[[1, 3]], seen[[0, 1]] + seen[[2, 3]]
    expected = rows[[0, 0, 1, 1]] * columns[[0, 1, 0, 1]] / columns.sum(axis=0)
    # What was never said adds nothing; a quotient of 1 keeps the logarithm out of trouble.
    quotients = np.divide(seen, expected, out=np.ones_like(seen), where=seen > 0)
    found: Numbers = 2 * (seen * np.log(quotients)).sum(axis=0)
    return found


def _say(talk: _Talk, by: str | None, code: str | None, min_cases: int) -> str:
    compared = f"each group by {by} with all others" if code is None else "sentences with the code with all others"
    return (
        f"{plural(len(talk.key), 'word')} of interviewees, comparing {compared}, for words of at least "
        f"{plural(min_cases, 'case')}, by G² (Dunning 1993). Cases say how many use a word. No p is given, since words "
        "are not drawn at random."
    )


def _find_doubts(table: CodingTable) -> tuple[Problem, ...]:
    """Say that languages are mixed: then words of a language are key words of whoever speaks it."""
    languages = sorted({transcript.language for transcript in table.transcripts})
    if len(languages) <= 1:
        return ()
    message = f"Transcripts in {join(languages)} are compared, so words may tell the language and nothing else."
    return (Problem("", "warning", "mixed-languages", message, "Compare transcripts of one language at a time"),)
