"""Words in context, and words that are typical of a code: what a person picks rules from."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from qualcode.codebook import KINDS, Code, Codebook, Rule
from qualcode.language import count_words, has_cjk, normal_text, tokenize, word_starts
from qualcode.matching import compile_codebook
from qualcode.model import RULES_CODER
from qualcode.tagging import sentence_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from qualcode.codebook import RuleKind
    from qualcode.matching import Matcher
    from qualcode.model import Segment, Sheet, Transcript

Order = Literal["text", "left", "right"]

_MARKS = ' \n.,;:!?，。；：！？、…「」『』“”"()（）'

LONGEST = 3
"""Words of a suggested phrase; of Chinese ones, characters beyond the first."""

FEWEST = 2
"""Times that a suggested phrase must occur in what carries the code."""

PRIOR = 0.05
"""Weight of the prior counts, per word of the whole."""


def kwic(
    transcripts: Sequence[Transcript],
    term: str,
    *,
    width: int = 8,
    sort: Order = "text",
    model: str | None = None,
) -> pd.DataFrame:
    """Return every occurrence of a term with what stands left and right of it in its turn.

    Parameters
    ----------
    transcripts
        Where to look.
    term
        As in a rule: ``mentor*``, ``drop ... out``; or ``exact:CLAP``, ``regex:…``.
    width
        Words on each side; a Chinese character counts as one.
    sort
        ``text``: as they come. ``left``: by the words before, from the nearest on. ``right``: by the words behind.
    model
        As for :func:`qualcode.tagging.tag`.

    Returns
    -------
    DataFrame
        ``transcript``, ``segment`` (turn), ``speaker``, ``left``, ``match``, ``right``, ``start``, ``end``.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> found = qualcode.kwic(transcripts, "change of strategy", width=3)
    >>> found[["segment", "left", "match", "right"]].loc[0].tolist()
    ['t030', 'a plan. A ', 'change of strategy', '. And twelve places']
    """
    import pandas as pd

    rows = list(find_occurrences(transcripts, term, width=width, model=model))
    if sort == "left":
        rows.sort(key=lambda row: _words(str(row["left"]))[::-1])
    elif sort == "right":
        rows.sort(key=lambda row: _words(str(row["right"])))
    columns = ["transcript", "segment", "speaker", "left", "match", "right", "start", "end"]
    return pd.DataFrame(rows, columns=columns)


def find_occurrences(
    transcripts: Iterable[Transcript], term: str, *, width: int = 8, model: str | None = None
) -> Iterator[dict[str, object]]:
    """Yield every occurrence of a term, in the order of the texts, as the records of :func:`kwic`.

    Parameters
    ----------
    transcripts, term, width, model
        As for :func:`kwic`.

    Raises
    ------
    CodebookError
        If the term cannot be understood.
    """
    return _occurrences(transcripts, _single_rule(term), width, model)


def _single_rule(term: str) -> Codebook:
    head, _, tail = term.partition(":")
    is_prefixed = head in {"exact", "regex"} and tail
    kind: RuleKind = next(kind for kind in KINDS if kind == (head if is_prefixed else "term"))
    rule = Rule("term", kind, tail.strip() if is_prefixed else term, where="term:1:1")
    return Codebook("term", codes=(Code("term", "Term", rules=(rule,)),), file="term")


def _occurrences(
    transcripts: Iterable[Transcript], codebook: Codebook, width: int, model: str | None
) -> Iterator[dict[str, object]]:
    matchers: dict[str, Matcher] = {}
    for transcript in transcripts:
        language = transcript.language
        if language not in matchers:
            matchers[language] = compile_codebook(codebook, language=language, model=model)
        sentences, turns = transcript.units("sentence"), transcript.units("turn")
        at = 0
        for hit in matchers[language].find(sentence_texts(transcript)):
            start, end = (sentences[hit.text].span.start + place for place in (hit.start, hit.end))
            while turns[at].span.end < end:
                at += 1
            yield {
                "transcript": transcript.id,
                "segment": turns[at].id,
                "speaker": turns[at].speaker,
                "left": _last_words(transcript.text[turns[at].span.start : start], width),
                "match": transcript.text[start:end],
                "right": _first_words(transcript.text[end : turns[at].span.end], width),
                "start": start,
                "end": end,
            }


def _last_words(text: str, width: int) -> str:
    starts = word_starts(text)
    return " ".join(text[starts[-width] if len(starts) > width else 0 :].split("\n"))


def _first_words(text: str, width: int) -> str:
    starts = word_starts(text)
    return " ".join(text[: starts[width] if len(starts) > width else None].rstrip().split("\n"))


def _words(text: str) -> list[str]:
    text = normal_text(text)
    bounds = [*word_starts(text), len(text)]
    return [text[start:end].strip(_MARKS).casefold() for start, end in pairwise(bounds)]


def suggest_terms(
    transcripts: Sequence[Transcript],
    sheets: Sequence[Sheet],
    codebook: Codebook,
    code: str,
    *,
    top: int = 20,
) -> pd.DataFrame:
    """Return words and phrases that are typical of what carries a code, against everything else.

    The measure is the log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, *Fightin'
    words*, eq. 22), divided by its standard deviation: ``z`` above 2 is more than chance would do. The prior of a word
    is its share of all words, so that rare words need more evidence.

    Parameters
    ----------
    transcripts, sheets
        What was coded. Where people have coded, their codings count and those of the rules do not.
    codebook, code
        The code, by id or path, with what lies below it.
    top
        How many to return.

    Returns
    -------
    DataFrame
        ``term``, ``coded`` and ``elsewhere`` (how often), ``z``; without the terms that are rules of the code already.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> sheets = qualcode.tag(transcripts, codebook)
    >>> qualcode.suggest_terms(transcripts, sheets, codebook, "scheduling", top=2)[["term", "coded", "elsewhere"]]
             term  coded  elsewhere
    0        both      3          5
    1  both sides      2          1
    """
    import pandas as pd

    found = codebook.find(code)
    family = {found.id, *(one.id for one in codebook.descendants(found.id))}
    coded, elsewhere, forms = _count_phrases(transcripts, _chosen(sheets), family)
    known = {_key(rule.pattern) for one in found.walk() for rule in one.rules if rule.kind == "term"}
    scored = _score(coded, elsewhere)
    rows = [
        {"term": forms[key].most_common(1)[0][0], "coded": coded[key], "elsewhere": elsewhere[key], "z": round(z, 2)}
        for key, z in scored
        if key not in known and z > 0
    ]
    return pd.DataFrame(rows[:top], columns=["term", "coded", "elsewhere", "z"])


def _chosen(sheets: Sequence[Sheet]) -> list[Sheet]:
    people = [sheet for sheet in sheets if sheet.coder != RULES_CODER]
    return people or list(sheets)


def _key(text: str, language: str = "en") -> tuple[str, ...]:
    return tuple(token.lemma for token in tokenize(text, language=language) if not token.lemma.isspace())


def _count_phrases(
    transcripts: Sequence[Transcript], sheets: Sequence[Sheet], family: set[str]
) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]], dict[tuple[str, ...], Counter[str]]]:
    """Return how often each phrase occurs in coded sentences and in others, and in which forms."""
    coded: Counter[tuple[str, ...]] = Counter()
    elsewhere: Counter[tuple[str, ...]] = Counter()
    forms: dict[tuple[str, ...], Counter[str]] = {}
    for transcript in transcripts:
        spans = [
            coding.span
            for sheet in sheets
            if sheet.transcript == transcript.id
            for coding in sheet.codings
            if coding.code in family and coding.is_counted
        ]
        for sentence in transcript.units("sentence"):
            if transcript.is_interviewer(sentence):
                continue
            counter = coded if any(span.overlaps(sentence.span) for span in spans) else elsewhere
            for key, form in list_phrases(transcript, sentence):
                counter[key] += 1
                forms.setdefault(key, Counter())[form] += 1
    return coded, elsewhere, forms


_KNOWN = 1 << 16
"""Different words and phrases that are kept in mind."""


@lru_cache(maxsize=_KNOWN)
def _is_word(text: str) -> bool:
    return count_words(text) > 0


@lru_cache(maxsize=_KNOWN)
def _has_cjk(text: str) -> bool:
    return has_cjk(text)


def list_phrases(
    transcript: Transcript, sentence: Segment, *, longest: int = LONGEST
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the phrases of a sentence, lemmas and form: runs of word tokens, of single Chinese characters none."""
    text = transcript.quote(sentence.span).replace("\n", " ")
    text = normal_text(text)
    tokens = tokenize(text, language=transcript.language)
    is_word = [_is_word(text[token.start : token.end]) for token in tokens]
    for first in range(len(tokens)):
        for last in range(first, min(first + longest + 1, len(tokens))):
            if not is_word[last]:
                break
            form = text[tokens[first].start : tokens[last].end].casefold()
            size, is_chinese = last - first + 1, _has_cjk(form)
            if size > (longest + 1 if is_chinese else longest) or (size == 1 and is_chinese):
                continue
            yield tuple(token.lemma for token in tokens[first : last + 1]), form


def _score(coded: Counter[tuple[str, ...]], elsewhere: Counter[tuple[str, ...]]) -> list[tuple[tuple[str, ...], float]]:
    """Return phrases with their z, best first; a part of a longer one that is as frequent is left out."""
    n_coded, n_elsewhere = sum(coded.values()), sum(elsewhere.values())
    n_all = n_coded + n_elsewhere
    prior_sum = PRIOR * n_all
    scored = []
    for key, count in coded.items():
        if count < FEWEST:
            continue
        prior = PRIOR * (count + elsewhere[key])
        here, there = count + prior, elsewhere[key] + prior
        odds_here = math.log(here / (n_coded + prior_sum - here))
        odds_there = math.log(there / (n_elsewhere + prior_sum - there))
        scored.append((key, (odds_here - odds_there) / math.sqrt(1 / here + 1 / there)))
    scored.sort(key=lambda pair: (-pair[1], -len(pair[0]), pair[0]))
    whole = {
        part: key for key, _ in scored for part in _parts(key) if coded[part] == coded[key] and len(key) > len(part)
    }
    return [(key, z) for key, z in scored if key not in whole]


def _parts(key: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    return (key[first:last] for first in range(len(key)) for last in range(first + 1, len(key) + 1))
