"""Key words: words that a group, or what carries a code, uses more often than the rest, and how many cases use them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from qualcode.errors import CaseError, Problem, QualcodeError
from qualcode.keywords import list_phrases
from qualcode.results import Result, make_frame
from qualcode.wording import join, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from qualcode.tables import CodingTable

Key = tuple[str, ...]

_CODED, _REST = "coded", "the rest"
_EXAMPLE = 80
_COLUMNS = {
    **dict.fromkeys(("term", "group"), "str"),
    **dict.fromkeys(("n", "n_rest", "cases"), "int64"),
    **dict.fromkeys(("g2", "log_ratio"), "float64"),
    "example": "str",
}
"""Characters of an example."""


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
    talk = _Talk()
    for group, case, words, sentence in _read_words(table, by, code):
        if words:
            talk.add(group, case, words, sentence)
    groups = [_CODED] if code is not None else [name for name in table.index.groups(by or "") if name in talk.counts]
    rows = [row for group in groups for row in _rank(talk, group, min_cases)[:top]]
    return WordTable(make_frame(rows, _COLUMNS), _say(talk, by, code, min_cases), _find_doubts(table))


class _Talk:
    """Words by group, as they are counted: a sentence at a time, since that is what counters are fast with."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[Key]] = defaultdict(Counter)
        self.used: dict[str, dict[str, set[Key]]] = defaultdict(lambda: defaultdict(set))
        self.forms: Counter[tuple[Key, str]] = Counter()
        self.examples: dict[str, dict[Key, str]] = defaultdict(dict)

    def add(self, group: str, case: str, words: Sequence[tuple[Key, str]], sentence: str) -> None:
        """Count the words of a sentence, each with its form."""
        keys = [key for key, _ in words]
        self.counts[group].update(keys)
        self.used[group][case].update(keys)
        self.forms.update(words)
        known = self.examples[group]
        known.update(dict.fromkeys(set(keys).difference(known), sentence))

    def count_cases(self, group: str) -> Counter[Key]:
        """Return how many cases of a group use each word."""
        return Counter(chain.from_iterable(self.used[group].values()))

    @cached_property
    def usual_forms(self) -> dict[Key, str]:
        """The form in which each word is said most often; of several, the one that came first."""
        best: dict[Key, tuple[int, str]] = {}
        for (key, form), count in self.forms.items():
            if key not in best or count > best[key][0]:
                best[key] = count, form
        return {key: form for key, (_, form) in best.items()}


def _read_words(
    table: CodingTable, by: str | None, code: str | None
) -> Iterator[tuple[str, str, list[tuple[Key, str]], str]]:
    """Yield group, case, words with their forms, and text of every sentence that an interviewee says."""
    group_of = {} if by is None else {case: name for name, cases in table.index.groups(by).items() for case in cases}
    spans = _coded_spans(table, code)
    for transcript in table.transcripts:
        mine = spans.get(transcript.id, [])
        for sentence in transcript.units("sentence"):
            if transcript.is_interviewer(sentence):
                continue
            case = table.index.case_of(transcript.id, sentence.speaker)
            start, end = sentence.span.start, sentence.span.end
            is_coded = any(low < end and start < high for low, high in mine)
            group = group_of.get(case, "") if by is not None else _CODED if is_coded else _REST
            yield group, case, list(list_phrases(transcript, sentence, longest=1)), transcript.quote(sentence.span)


def _coded_spans(table: CodingTable, code: str | None) -> Mapping[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    if code is not None:
        family = {table.codebook.code(code).id, *(one.id for one in table.codebook.descendants(code))}
        chosen = table.codings[table.codings["code"].isin(family)]
        for name, start, end in zip(
            chosen["transcript"], chosen["start"].tolist(), chosen["end"].tolist(), strict=True
        ):
            found[str(name)].append((start, end))
    return found


def _rank(talk: _Talk, group: str, min_cases: int) -> list[tuple[object, ...]]:
    """Return the words that a group uses more often than the rest, by G²."""
    mine = talk.counts[group]
    rest: Counter[Key] = Counter()
    for other, counts in talk.counts.items():
        if other != group:
            rest.update(counts)
    n_mine, n_rest, n_cases = mine.total(), rest.total(), talk.count_cases(group)
    found = []
    for key, count in mine.items():
        cases = n_cases[key]
        ratio = math.log2((count + 0.5) / (n_mine + 0.5)) - math.log2((rest[key] + 0.5) / (n_rest + 0.5))
        if cases >= min_cases and ratio > 0:
            g2 = measure_keyness(count, rest[key], n_mine - count, n_rest - rest[key])
            found.append((-g2, key, count, rest[key], cases, ratio))
    return [
        (
            talk.usual_forms[key],
            group,
            count,
            other,
            cases,
            round(-g2, 4),
            round(ratio, 4),
            shorten(talk.examples[group][key], _EXAMPLE),
        )
        for g2, key, count, other, cases, ratio in sorted(found)
    ]


def measure_keyness(word_here: int, word_there: int, others_here: int, others_there: int) -> float:
    """Return G² of a table of two by two (Dunning 1993), without a correction that would turn ranks round.

    Examples
    --------
    >>> round(measure_keyness(110, 2442, 111, 29114), 2)
    270.72
    """
    rows = (word_here + word_there, others_here + others_there)
    columns = (word_here + others_here, word_there + others_there)
    total = sum(rows)
    cells = ((word_here, 0, 0), (word_there, 0, 1), (others_here, 1, 0), (others_there, 1, 1))
    return 2 * sum(seen * math.log(seen * total / (rows[a] * columns[b])) for seen, a, b in cells if seen)


def _say(talk: _Talk, by: str | None, code: str | None, min_cases: int) -> str:
    total = sum(counts.total() for counts in talk.counts.values())
    compared = f"each group by {by} with all others" if code is None else "sentences with the code with all others"
    return (
        f"{plural(total, 'word')} of interviewees, comparing {compared}, for words of at least "
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
