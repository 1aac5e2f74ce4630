"""Explaining: why rules fired in a passage or did not, and how each rule of a codebook does on a corpus."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from qualcode.errors import QualcodeError
from qualcode.examples import example_language
from qualcode.language import detect_language, split_sentences
from qualcode.matching import compile_codebook
from qualcode.model import COUNTED_VERDICTS, RULES_CODER
from qualcode.tagging import context_of, sentence_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from qualcode.cases import CaseIndex
    from qualcode.codebook import Code, Codebook
    from qualcode.matching import Judgement, Matcher
    from qualcode.model import Segment, Sheet, Transcript

_REASONS = {
    "unless": "stopped by “{words}” (unless)",
    "near": "no `near` term in the window",
    "negated": "stopped by the negation “{words}”",
    "not negated": "not negated",
    "speaker": "another speaker",
    "question": "the turn answers another question",
    "after": "no hit of the `after` code before it",
    "before": "no hit of the `before` code after it",
    "too far apart": "its words are too far apart, or in another order",
    "incomplete": "some of its words are missing",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of a rule in a passage.

    Attributes
    ----------
    code, rule
        Path of the code, id of the rule.
    result
        ``hit``, ``stopped``, ``nearly`` (some of its words are there) or ``no match``.
    words
        The words that fulfilled it, or some of it.
    why
        What stopped it.
    """

    code: str
    rule: str
    result: str
    words: str = ""
    why: str = ""


def explain(
    transcript: Transcript,
    segment: str,
    codebook: Codebook,
    *,
    code: str | None = None,
    model: str | None = None,
    index: CaseIndex | None = None,
) -> list[Explanation]:
    """Return which rules fired in a turn or sentence, which nearly did, and what stopped them.

    Parameters
    ----------
    transcript
        The transcript.
    segment
        Id of one of its segments, such as ``t012``.
    codebook
        Whose rules.
    code
        Id or path of a code: then only its rules, and also those that match nothing.
    model, index
        As for :func:`qualcode.tagging.tag`.

    Returns
    -------
    list of Explanation
        In the order of the codebook.

    Raises
    ------
    QualcodeError
        If the transcript has no such segment.
    CodebookError
        If there is no such code.

    Examples
    --------
    >>> transcript = qualcode.read_transcripts("transcripts_sample")[0][0]
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> [(one.rule, one.words) for one in qualcode.explain(transcript, "t030", codebook)][-1]
    ('change of strategy', 'change of strategy')
    """
    place = _find_segment(transcript, segment)
    matcher = compile_codebook(codebook, language=transcript.language, model=model)
    context = context_of(transcript, index)
    sentences = transcript.units("sentence")
    within = [number for number, sentence in enumerate(sentences) if sentence.span.overlaps(place.span)]
    explanations = [
        _explain(judged, transcript, sentences)
        for turn in dict.fromkeys(context.turn_of[number] for number in within)
        for judged in matcher.judge(sentence_texts(transcript), turn, context=context)
        if any(found.text in within for found in judged.match)
    ]
    return explanations if code is None else _of_code(explanations, codebook.find(code), codebook)


def to_frame(explanations: Sequence[Explanation]) -> pd.DataFrame:
    """Return explanations as a frame, a row each.

    Parameters
    ----------
    explanations
        What :func:`qualcode.explain` returns.

    Returns
    -------
    pandas.DataFrame
        A row each, with a column for each attribute.

    Examples
    --------
    >>> transcript = qualcode.read_transcripts("transcripts_sample")[0][0]
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> len(to_frame(qualcode.explain(transcript, "t030", codebook)))
    4
    """
    import pandas as pd

    return pd.DataFrame([asdict(one) for one in explanations], columns=[field.name for field in fields(Explanation)])


def _find_segment(transcript: Transcript, segment: str) -> Segment:
    for one in transcript.segments:
        if one.id == segment:
            return one
    last = ", ".join(units[-1].id for kind in ("turn", "paragraph", "sentence") if (units := transcript.units(kind)))
    raise QualcodeError(
        f"The transcript {transcript.id} has no segment “{segment}”.", hint=f"The last of each kind are {last}"
    )


def _explain(judged: Judgement, transcript: Transcript, sentences: Sequence[Segment]) -> Explanation:
    def quote(places: Sequence[tuple[int, int, int]]) -> str:
        starts = [sentences[text].span.start for text, _, _ in places]
        return " … ".join(
            transcript.text[start + first : start + last]
            for start, (_, first, last) in zip(starts, places, strict=True)
        )

    rule, match, stop = judged
    if stop is None:
        return Explanation(rule.code, rule.rule, "hit", quote(match))
    result = "nearly" if stop.reason in {"too far apart", "incomplete"} else "stopped"
    return Explanation(
        rule.code, rule.rule, result, quote(match), _REASONS[stop.reason].format(words=quote(stop.places))
    )


def _of_code(explanations: list[Explanation], code: Code, codebook: Codebook) -> list[Explanation]:
    """Return the explanations of one code, with its rules that match nothing."""
    path = codebook.path(code.id)
    mine = [one for one in explanations if one.code == path]
    met = {one.rule for one in mine}
    return mine + [Explanation(path, rule.id, "no match") for rule in code.rules if rule.id not in met]


def try_rules(
    transcripts: Sequence[Transcript],
    codebook: Codebook,
    *,
    sheets: Sequence[Sheet] = (),
    model: str | None = None,
    index: CaseIndex | None = None,
) -> pd.DataFrame:
    """Return how each rule does on transcripts, on its code's examples and, where a person has coded, against them.

    All shares are of sentences, so that long passages do not weigh more.

    Parameters
    ----------
    transcripts, codebook, model, index
        As for :func:`qualcode.tagging.tag`.
    sheets
        Sheets of people; those of the rules are passed over. A sentence counts as coded by a person when it shares a
        character with a coding that is not rejected.

    Returns
    -------
    DataFrame
        A row per rule: ``code`` (path), ``rule``, ``hits``, ``sentences`` (with a hit), ``alone`` (share of its code's
        sentences that no other of its rules finds), ``together`` (rules of the code that always fire in the same
        sentences), ``examples_hit``, ``examples_missed`` (hits of its code that it finds and does not), ``wrong``
        (misses that it finds), ``precision`` and ``recall`` against the person's sentences, NaN without any.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> rules = qualcode.try_rules(transcripts, codebook)
    >>> rules.loc[rules["rule"] == "change of strategy", ["hits", "sentences"]].to_dict("records")
    [{'hits': 1, 'sentences': 1}]
    """
    import pandas as pd

    from qualcode.counting import order_paths

    coded, seen = _coded_by_people(transcripts, sheets)
    fired: dict[tuple[str, str], set[tuple[str, int]]] = {}
    hits: Counter[tuple[str, str]] = Counter()
    for code_id, rule, place in _fire(transcripts, codebook, model, index):
        hits[code_id, rule] += 1
        fired.setdefault((code_id, rule), set()).add(place)
    rows = []
    matchers: dict[str, Matcher] = {}
    for code in codebook.walk():
        examples = _try_examples(code, codebook, matchers)
        of_code = {rule.id: fired.get((code.id, rule.id), set()) for rule in code.rules}
        for rule_id, places in of_code.items():
            others = set().union(*(found for other, found in of_code.items() if other != rule_id))
            everything = others | places
            same = [other for other, found in of_code.items() if other != rule_id and places and found == places]
            person = coded.get(code.id, set())
            judged = places & seen
            rows.append(
                {
                    "code": codebook.path(code.id),
                    "rule": rule_id,
                    "hits": hits[code.id, rule_id],
                    "sentences": len(places),
                    "alone": len(places - others) / len(everything) if everything else float("nan"),
                    "together": "; ".join(same),
                    **examples[rule_id],
                    "precision": len(judged & person) / len(judged) if judged and person else float("nan"),
                    "recall": len(judged & person) / len(person) if person else float("nan"),
                }
            )
    columns = ["code", "rule", "hits", "sentences", "alone", "together"]
    columns += ["examples_hit", "examples_missed", "wrong", "precision", "recall"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(code=order_paths(codebook, frame["code"]))


def _fire(
    transcripts: Sequence[Transcript], codebook: Codebook, model: str | None, index: CaseIndex | None
) -> Iterator[tuple[str, str, tuple[str, int]]]:
    """Yield code id, rule id, and transcript and number of the sentence of every hit."""
    matchers: dict[str, Matcher] = {}
    for transcript in transcripts:
        language = transcript.language
        if language not in matchers:
            matchers[language] = compile_codebook(codebook, language=language, model=model)
        matcher = matchers[language]
        for hit in matcher.find(sentence_texts(transcript), context=context_of(transcript, index)):
            key = matcher.rules[hit.rule]
            yield key.code_id, key.rule, (transcript.id, hit.text)


def _coded_by_people(
    transcripts: Sequence[Transcript], sheets: Sequence[Sheet]
) -> tuple[dict[str, set[tuple[str, int]]], set[tuple[str, int]]]:
    """Return the sentences that people gave each code, and those of the transcripts that they worked on."""
    by_id = {transcript.id: transcript.units("sentence") for transcript in transcripts}
    coded: dict[str, set[tuple[str, int]]] = {}
    seen: set[tuple[str, int]] = set()
    for sheet in sheets:
        if sheet.coder == RULES_CODER or sheet.transcript not in by_id:
            continue
        sentences = by_id[sheet.transcript]
        seen.update((sheet.transcript, number) for number in range(len(sentences)))
        for coding in sheet.codings:
            if coding.verdict in COUNTED_VERDICTS:
                coded.setdefault(coding.code, set()).update(
                    (sheet.transcript, number)
                    for number, sentence in enumerate(sentences)
                    if sentence.span.overlaps(coding.span)
                )
    return coded, seen


def _try_examples(code: Code, codebook: Codebook, matchers: dict[str, Matcher]) -> dict[str, dict[str, int]]:
    """Return for each rule of a code how many of its examples it finds, misses and wrongly finds."""
    results = {rule.id: {"examples_hit": 0, "examples_missed": len(code.hits), "wrong": 0} for rule in code.rules}
    for is_hit, examples in ((True, code.hits), (False, code.misses)):
        for example in examples:
            language = example_language(codebook) or detect_language(example.text)
            if language not in matchers:
                matchers[language] = compile_codebook(codebook, language=language)
            spans = split_sentences(example.text, language=language)
            found = matchers[language].find([example.text[span.start : span.end] for span in spans])
            for rule in {found.rules[hit.rule].rule for hit in found if found.rules[hit.rule].code_id == code.id}:
                results[rule]["examples_hit" if is_hit else "wrong"] += 1
                results[rule]["examples_missed"] -= is_hit
    return results
