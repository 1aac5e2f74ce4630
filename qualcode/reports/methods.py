"""The facts of a run, and the paragraphs that tell them in a paper's words."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal

from qualcode import __version__
from qualcode.errors import unite_notes
from qualcode.model import RULES_CODER
from qualcode.reports import RunFacts, Totals
from qualcode.reports.content import case_noun, count_noun, describe_problem, join_words, place_of
from qualcode.settling import explain_counted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qualcode.errors import Problem
    from qualcode.reports import Report
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

OVERLAP_RULE = "A counting unit carries a coding when the two have at least one character in common."

_LEFT_OUT = "-left-out"
"""How the rules of the problems end that repeat what :attr:`RunFacts.left_out` counts."""

_LANGUAGES = {"en": "English", "zh": "Chinese", "yue": "Cantonese"}


def collect(
    themes: ThemeTable,
    *,
    inputs: Mapping[str, str] | None,
    options: Mapping[str, object],
    model: str | None,
    problems: tuple[Problem, ...],
) -> RunFacts:
    """Collect the facts of a run (see :func:`qualcode.reports.gather_facts`)."""
    table = themes.table
    transcripts = table.transcripts
    return RunFacts(
        version=__version__,
        spacy_version=_version_of("spacy"),
        inputs=_digests(table) if inputs is None else dict(inputs),
        codebook_name=table.codebook.name,
        codebook_digest=table.codebook.digest,
        unit=table.unit,
        overlap_rule=OVERLAP_RULE,
        languages=tuple(dict.fromkeys(transcript.language for transcript in transcripts)),
        model=model,
        options=dict(options),
        totals=_totals(themes),
        coders=tuple(table.coders),
        whose=table.whose,
        counting=_count_differences(table),
        coding=_who_coded(table.coders),
        left_out={t.id: dict(t.source.left_out) for t in transcripts if any(t.source.left_out.values())},
        problems=problems,
    )


def _version_of(package: str) -> str:
    """Return the version of an installed package without importing it."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _digests(table: CodingTable) -> dict[str, str]:
    digests = {f"transcript {t.source.name or t.id}": t.source.digest or t.digest for t in table.transcripts}
    return {**digests, "codebook": table.codebook.digest}


def _count_differences(table: CodingTable) -> dict[str, object]:
    settlement = table.settlement
    if settlement is None:
        return {}
    return {
        "way": settlement.way,
        "differences": settlement.n_differences,
        "settled": settlement.n_settled,
        "open": settlement.n_open,
    }


def _who_coded(coders: Collection[str]) -> Literal["rules", "persons", "both"]:
    by_rules = RULES_CODER in coders
    by_persons = any(coder != RULES_CODER for coder in coders)
    if by_persons:
        return "both" if by_rules else "persons"
    return "rules"


def _totals(themes: ThemeTable) -> Totals:
    units, codings = themes.table.units, themes.table.codings
    interviewer = units["is_interviewer"].astype(bool)
    asked = codings["is_interviewer"].astype(bool)
    return Totals(
        transcripts=themes.n_transcripts,
        cases=themes.n_cases,
        segments=themes.n_segments,
        words=themes.n_words,
        interviewer_segments=int(interviewer.sum()),
        interviewer_words=int(units.loc[interviewer, "words"].sum()),
        codings=int((~asked).sum()),
        interviewer_codings=int(asked.sum()),
    )


def paragraphs(report: Report) -> list[str]:
    """Return the methods section of this run, a paragraph an item."""
    return [_material(report), _coding(report), _counting(report), _limits(report)]


def _material(report: Report) -> str:
    totals = report.facts.totals
    languages = join_words([_LANGUAGES.get(code, code) for code in report.facts.languages])
    people = count_noun(totals.cases, *case_noun(report.table))
    return (
        f"The material is {count_noun(totals.transcripts, 'transcript')} in {languages or 'no language'} with "
        f"{totals.words:,} words spoken by {people}. Interviewer talk ({totals.interviewer_words:,} words in "
        f"{count_noun(totals.interviewer_segments, report.facts.unit)}) is shown and not counted. "
        "A word is a run of letters or digits; each Chinese, Japanese or Korean character counts as one word."
    )


def _coding(report: Report) -> str:
    facts = report.facts
    codes = list(report.codebook.walk())
    n_themes = len(report.codebook.codes)
    book = (
        f"The codebook “{facts.codebook_name}” has {count_noun(len(codes), 'code')}, "
        f"{n_themes} of them at the top ({'theme' if n_themes == 1 else 'themes'}); "
        f"its version is {facts.codebook_digest[:12]} (the start of its SHA-256)."
    )
    coded = _HOW_CODED[facts.coding].format(coders=join_words(_people(report)))
    return " ".join(filter(None, [book, coded, _several(report), _rules(report)]))


_HOW_CODED = {
    "rules": (
        "The passages were coded by the rules of the codebook alone; no person has confirmed the codings, "
        "which should be read before they are reported as findings."
    ),
    "persons": "The passages were coded by {coders}.",
    "both": "The passages were coded by {coders} and by the rules of the codebook.",
}


def _people(report: Report) -> list[str]:
    """Return who coded; those who came to a consensus rather than who holds it."""
    settlement = report.table.settlement
    coders = [coder for coder in report.facts.coders if coder != RULES_CODER]
    if settlement is not None and settlement.people and set(coders) <= set(settlement.holders):
        return list(settlement.people)
    return coders


def _several(report: Report) -> str:
    """Return what counts of several people's codings."""
    is_one = len(_people(report)) < 2 and not report.facts.counting.get("differences")  # noqa: PLR2004  # several
    return "" if is_one else " ".join(filter(None, [report.facts.whose, *_explain(report.table)]))


def _explain(table: CodingTable) -> list[str]:
    return explain_counted(table.coders, table.settlement, table.unit)


def _rules(report: Report) -> str:
    facts = report.facts
    if facts.coding == "persons":
        return f"Counting was done with qualcode {facts.version}."
    rules = [rule for code in report.codebook.walk() for rule in code.rules]
    others = sum(rule.kind != "term" for rule in rules)
    chinese = " (in Chinese, as the same characters)" if "zh" in facts.languages else ""
    exact = f"; {others} of the {len(rules)} rules look for an exact form or a pattern instead" if others else ""
    unless = ". An excluding term in the same sentence cancels it" if any(rule.unless for rule in rules) else ""
    model = f"the model {facts.model}" if facts.model else "no trained language model"
    return (
        f"A rule codes the sentence in which its term occurs, in any inflected form and in capitals or not{chinese}"
        f"{exact}{unless}. Neighbouring sentences of one turn that carry the same code are one coding. "
        f"This was done with qualcode {facts.version} on spaCy {facts.spacy_version} with {model}."
    )


def _counting(report: Report) -> str:
    facts = report.facts
    singular, plural = case_noun(report.table)
    return (
        f"The unit of counting is the {facts.unit}. {facts.overlap_rule} A theme counts what is coded with any code "
        f"below it, each passage and each {facts.unit} once, so that it is never the sum of its codes. Percentages of "
        f"{plural} are of all {facts.totals.cases} who speak in the transcripts; a {singular} counts for a code with "
        "one coding or with many."
    )


def _limits(report: Report) -> str:
    facts = report.facts
    sentences = []
    if facts.totals.interviewer_codings:
        codings = count_noun(facts.totals.interviewer_codings, "coding")
        sentences.append(f"{codings} of interviewer talk {_was(facts.totals.interviewer_codings)} left out.")
    left_out = describe_left_out(facts.left_out)
    if left_out:
        sentences.append(f"Not read: {'; '.join(left_out)}.")
    unread = [problem for problem in facts.problems if problem.level == "error"]
    if unread:
        sentences.append(f"{count_noun(len(unread), 'file')} could not be read and {_was(len(unread))} left out.")
    return " ".join(sentences) or "Nothing in the files was left out."


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def describe_left_out(left_out: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return one phrase per transcript: ``P07: comments (2), deletions (1)``."""
    return [
        f"{transcript}: " + ", ".join(f"{what} ({count})" for what, count in sorted(counts.items()) if count)
        for transcript, counts in left_out.items()
    ]


def describe_notes(facts: RunFacts) -> list[str]:
    """Return what a reader should know, an item a line: what was not read, and what the user was told besides."""
    told = (
        replace(problem, where=place_of(problem.where))
        for problem in facts.problems
        if not problem.rule.endswith(_LEFT_OUT)
    )
    return [
        *(f"Not read from {phrase}." for phrase in describe_left_out(facts.left_out)),
        *(describe_problem(problem) for problem in unite_notes(told)),
    ]
