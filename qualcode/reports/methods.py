"""The paragraphs that tell in a paper's words how a run was coded and counted, and what a reader should know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.errors import unite_notes
from qualcode.language import language_name
from qualcode.model import RULES_CODER
from qualcode.reports.phrases import describe_problem, place_of
from qualcode.reports.report import list_drawing_problems
from qualcode.reports.studied import describe_coding
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.reports.report import Report

_LEFT_OUT = "-left-out"
"""How the rules of the problems end that repeat what :attr:`RunFacts.left_out` counts."""


def describe_methods(report: Report) -> list[str]:
    """Return paragraphs for the methods section of a paper: how this run was coded and counted.

    Parameters
    ----------
    report
        What :func:`qualcode.make_report` returns.

    Returns
    -------
    list of str
        One text for each paragraph.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> report = qualcode.make_report(qualcode.count_themes(table))
    >>> describe_methods(report)[0][:40]
    'The material is 4 transcripts in English'
    """
    told = [_material(report), _coding(report), *describe_coding(report), _counting(report), _limits(report)]
    return [*told, _software(report)]


def _software(report: Report) -> str:
    """Return the program with its version, as a list of references has it."""
    facts = report.facts
    spacy = f" and spaCy {facts.spacy_version} (Honnibal et al., 2020)" if facts.coding != "persons" else ""
    return (
        f"Software: qualcode (Version {facts.version}) [Computer software]{spacy}. The same files give the same "
        "report, byte for byte."
    )


def _material(report: Report) -> str:
    totals = report.facts.totals
    languages = join([language_name(code) for code in report.facts.languages])
    people = plural(totals.cases, report.terms.case, report.terms.cases)
    talk = f"{totals.interviewer_words:,} words in {plural(totals.interviewer_segments, report.facts.unit)}"
    asked = f" Interviewer talk ({talk}) is shown but not counted." if totals.interviewer_segments else ""
    return (
        f"The material is {plural(totals.transcripts, 'transcript')} in {languages or 'no language'} with "
        f"{totals.words:,} words spoken by {people}.{asked} A word is a run of letters or digits; each Chinese, "
        "Japanese or Korean character counts as one word."
    )


def _coding(report: Report) -> str:
    facts = report.facts
    codes = list(report.codebook.walk())
    n_themes = len(report.codebook.codes)
    tops = "all" if n_themes == len(codes) else f"{n_themes} of them"
    book = (
        f"The codebook “{facts.codebook_name}” has {plural(len(codes), 'code')}, {tops} at the top level "
        f"({'theme' if n_themes == 1 else 'themes'}); its version is {facts.codebook_digest[:12]} (the start of its "
        "SHA-256)."
    )
    coded = _HOW_CODED[facts.coding].format(coders=join(_people(report)))
    return " ".join(filter(None, [book, coded, _several(report), _rules(report)]))


_HOW_CODED = {
    "rules": (
        "The passages were coded by the rules of the codebook alone. No person has confirmed the codings; they "
        "should be read before they are reported as findings."
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
    from qualcode.settling import explain_counted

    if len(_people(report)) < 2 and not report.facts.counting.get("differences"):  # noqa: PLR2004  # several
        return ""
    explained = explain_counted(report.table.coders, report.table.settlement, report.table.unit)
    return " ".join(filter(None, [report.facts.whose, *explained]))


def _rules(report: Report) -> str:
    facts = report.facts
    if facts.coding == "persons":
        return ""
    rules = [rule for code in report.codebook.walk() for rule in code.rules]
    others = sum(rule.kind != "term" for rule in rules)
    chinese = " (in Chinese, as the same characters)" if "zh" in facts.languages else ""
    exact = f"; {others} of the {len(rules)} rules look for an exact form or a pattern instead" if others else ""
    unless = ". An excluding term in the same sentence cancels it" if any(rule.unless for rule in rules) else ""
    model = f"the model {facts.model}" if facts.model else "no trained language model"
    return (
        "A rule codes the sentence in which its term occurs, in any inflected form, upper or lower "
        f"case{chinese}{exact}{unless}. Neighbouring sentences of one turn that carry the same code are one coding. "
        f"Words and their inflected forms were told by spaCy {facts.spacy_version} with {model}."
    )


def _counting(report: Report) -> str:
    facts, terms = report.facts, report.terms
    return (
        f"The unit of counting is the {facts.unit}. {facts.overlap_rule} A theme counts everything coded with it or "
        f"with any code below it, each passage and each {facts.unit} once, so it need not equal the sum of its "
        f"codes. Percentages of {terms.cases} are of all {facts.totals.cases} who speak in the transcripts; a "
        f"{terms.case} counts once for a code, with one coding or with many."
    )


def _limits(report: Report) -> str:
    facts = report.facts
    sentences = []
    if report.layout.codes:
        sentences.append("Tables list some codes only; all count.")
    if facts.totals.interviewer_codings:
        codings = plural(facts.totals.interviewer_codings, "coding")
        what = "each a passage with one code" if facts.totals.interviewer_codings > 1 else "a passage with one code"
        sentences.append(f"{codings} of interviewer talk ({what}) {_was(facts.totals.interviewer_codings)} left out.")
    left_out = describe_left_out(facts.left_out)
    if left_out:
        sentences.append(f"Not read: {'; '.join(left_out)}.")
    unread = [problem for problem in facts.problems if problem.level == "error"]
    if unread:
        sentences.append(f"{plural(len(unread), 'file')} could not be read and {_was(len(unread))} left out.")
    if describe_notes(report) and report.layout.has("left-out"):
        sentences.append("All that was left out, and what is doubtful, is listed under “What was not counted”.")
    return " ".join(sentences) or "Besides interviewer talk, nothing in the files was left out."


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def describe_left_out(left_out: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return one phrase per transcript: ``P07: comments (2), deletions (1)``."""
    return [
        f"{transcript}: " + ", ".join(f"{what} ({count})" for what, count in sorted(counts.items()) if count)
        for transcript, counts in left_out.items()
    ]


def describe_notes(report: Report) -> list[str]:
    """Return what a reader should know, an item a line: what was not read, and what the user was told besides.

    What figures have to tell stands in their captions.
    """
    facts, drawn = report.facts, list_drawing_problems(report.charts)
    told = (
        replace(problem, where=place_of(problem.where))
        for problem in facts.problems
        if not problem.rule.endswith(_LEFT_OUT) and problem not in drawn
    )
    return [
        *(f"Not read from {phrase}." for phrase in describe_left_out(facts.left_out)),
        *(describe_problem(problem) for problem in unite_notes(told)),
    ]
