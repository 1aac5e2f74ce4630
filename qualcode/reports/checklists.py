"""Drafts of reporting checklists: what is asked, what the study's files say, and what only its people can write.

The items are said in words of our own, after Tong et al. (2007), O'Brien et al. (2014) and Braun & Clarke (2024). A
draft says where to look; it never says that an item is fulfilled.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from qualcode.errors import Problem
from qualcode.language import language_name
from qualcode.results import Result
from qualcode.voices import find_slips
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qualcode.reports.report import Report

ChecklistName = Literal["coreq", "srqr", "rtarg"]

YOURS = "for you to write"
EVIDENCE = "evidence to look at"
TOLD = "from the files"
"""How far the files answer an item."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a checklist: its number, its part, what it asks, and the fact of the files that bears on it."""

    number: str
    part: str
    asked: str
    fact: str = ""
    how: str = YOURS
    """How far that fact answers it; an item that only people answer may have a fact that reminds them."""


@dataclass(frozen=True, slots=True)
class Guideline:
    """A reporting guideline: what it is called, its source, and its items."""

    title: str
    source: str
    items: tuple[Item, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Checklist(Result):
    """A draft of a reporting checklist.

    Attributes
    ----------
    frame
        One row per item: ``item``, ``part``, ``asked``, ``files`` (what the study's files say, and where it stands),
        ``answer`` (``from the files``, ``evidence to look at`` or ``for you to write``), ``your_text_for_the_paper``
        and ``page`` (empty, for you).
    sentence, problems
        What the draft is, and what is left out of it and why.
    """


_TEAM, _DESIGN, _FINDINGS = "Research team and reflexivity", "Study design", "Analysis and findings"

COREQ = Guideline(
    "COREQ (draft)",
    "Tong, Sainsbury & Craig (2007), doi:10.1093/intqhc/mzm042",
    (
        Item("1", _TEAM, "Who led the interviews or groups", "interviewers"),
        Item("2", _TEAM, "Degrees and training of the researchers"),
        Item("3", _TEAM, "What they worked as during the study"),
        Item("4", _TEAM, "Their gender"),
        Item("5", _TEAM, "Their experience and training in such work"),
        Item("6", _TEAM, "Whether they knew the participants before"),
        Item("7", _TEAM, "What participants knew of the researcher"),
        Item("8", _TEAM, "What is said of the interviewer: assumptions, interests, reasons"),
        Item("9", _DESIGN, "The methodological orientation behind the study", "approach"),
        Item("10", _DESIGN, "How participants were chosen"),
        Item("11", _DESIGN, "How they were approached"),
        Item("12", _DESIGN, "How many took part", "size", TOLD),
        Item("13", _DESIGN, "How many refused or dropped out, and why"),
        Item("14", _DESIGN, "Where the data were collected"),
        Item("15", _DESIGN, "Whether others were present", "others", EVIDENCE),
        Item("16", _DESIGN, "Important characteristics of the sample", "attributes", EVIDENCE),
        Item("17", _DESIGN, "Questions, prompts and guides, and whether they were piloted"),
        Item("18", _DESIGN, "Whether interviews were repeated, and how many", "repeats", TOLD),
        Item("19", _DESIGN, "How the talk was recorded"),
        Item("20", _DESIGN, "Whether field notes were made", "memos", EVIDENCE),
        Item("21", _DESIGN, "How long interviews took", "minutes", EVIDENCE),
        Item("22", _DESIGN, "Whether saturation was discussed", "saturation", EVIDENCE),
        Item("23", _DESIGN, "Whether transcripts went back to participants"),
        Item("24", _FINDINGS, "How many people coded", "coders", TOLD),
        Item("25", _FINDINGS, "A description of the coding tree", "codebook", TOLD),
        Item("26", _FINDINGS, "Whether themes were set beforehand or came from the data", "origin", EVIDENCE),
        Item("27", _FINDINGS, "Software that managed the data", "software", TOLD),
        Item("28", _FINDINGS, "Whether participants gave feedback on the findings"),
        Item("29", _FINDINGS, "Whether quotes illustrate the themes, each with a participant number", "quotes", TOLD),
        Item("30", _FINDINGS, "Whether data and findings agree"),
        Item("31", _FINDINGS, "Whether major themes are clear", "major", EVIDENCE),
        Item("32", _FINDINGS, "Whether diverse cases or minor themes are described", "minor", EVIDENCE),
    ),
)

_FRONT, _METHODS, _RESULTS, _REST = "Title and introduction", "Methods", "Results", "Discussion and other"

SRQR = Guideline(
    "SRQR (draft)",
    "O’Brien et al. (2014), doi:10.1097/ACM.0000000000000388",
    (
        Item("1", _FRONT, "A title that names the study as qualitative or its approach"),
        Item("2", _FRONT, "An abstract with the key elements of the paper"),
        Item("3", _FRONT, "The problem and why it matters"),
        Item("4", _FRONT, "The purpose, and the questions"),
        Item("5", _METHODS, "The qualitative approach and the paradigm", "approach"),
        Item("6", _METHODS, "The researchers’ characteristics and reflexivity"),
        Item("7", _METHODS, "The context: setting and what shapes it"),
        Item("8", _METHODS, "How cases were sampled, and why that was enough", "sampling", EVIDENCE),
        Item("9", _METHODS, "Ethics: approval, consent, confidentiality"),
        Item("10", _METHODS, "How data were collected, when, and changes of that"),
        Item("11", _METHODS, "Instruments and technologies", "software", EVIDENCE),
        Item("12", _METHODS, "The units of the study: numbers and characteristics", "size", TOLD),
        Item("13", _METHODS, "How data were processed: transcribed, entered, kept, made anonymous", "processing", TOLD),
        Item("14", _METHODS, "How themes were found and developed, by whom", "coders", EVIDENCE),
        Item("15", _METHODS, "Techniques that raise trustworthiness", "trust", EVIDENCE),
        Item("16", _RESULTS, "The main findings: interpretations, themes, theory"),
        Item("17", _RESULTS, "Links to the data: quotes, notes, excerpts", "quotes", TOLD),
        Item("18", _REST, "What the findings add, and how far they reach"),
        Item("19", _REST, "Limits"),
        Item("20", _REST, "Conflicts of interest"),
        Item("21", _REST, "Funding"),
    ),
)

_STANCE, _DATA, _ANALYSIS, _WRITING = "Stance", "Data", "Analysis", "Writing"

RTARG = Guideline(
    "RTARG (draft)",
    "Braun & Clarke (2024), PMC11157981",
    (
        Item("1", _STANCE, "The values and theory on which the study stands, and how they fit together"),
        Item("2", _STANCE, "Who the researchers are, and how that shaped the work (reflexivity)"),
        Item("3", _STANCE, "Why reflexive thematic analysis, and which way of it", "approach"),
        Item("4", _DATA, "What data there are, and how much", "size", TOLD),
        Item("5", _DATA, "Who took part, as far as it matters for the analysis", "attributes", EVIDENCE),
        Item("6", _DATA, "Why the data set is rich enough for the question, without an appeal to saturation"),
        Item("7", _ANALYSIS, "Who coded, and how coding went on", "people", TOLD),
        Item("8", _ANALYSIS, "How codes and themes were developed and changed", "changes", EVIDENCE),
        Item("9", _ANALYSIS, "What software did, and what it did not do", "software", TOLD),
        Item("10", _ANALYSIS, "That themes are patterns of shared meaning, not topics"),
        Item("11", _ANALYSIS, "How quality was thought of, in terms that fit the approach"),
        Item("12", _WRITING, "An analytic narrative in which quotes are interpreted", "per_theme", EVIDENCE),
        Item("13", _WRITING, "That many voices are heard, and contradictions too", "voices", EVIDENCE),
        Item("14", _WRITING, "What the findings mean beyond the study, and their limits"),
    ),
)

GUIDELINES: Mapping[ChecklistName, Guideline] = {"coreq": COREQ, "srqr": SRQR, "rtarg": RTARG}
"""The guidelines by their names on the command line."""

_NOT_REFLEXIVE = frozenset({"saturation", "major", "minor", "trust"})
"""Facts that rest on ideas which reflexive thematic analysis does not share."""


_SECTIONS = {"saturation": "saturation", "sampling": "saturation", "trust": "agreement"}
"""Sections of a report from which facts come, where making them takes time."""


def list_sections(name: ChecklistName, approach: str) -> tuple[str, ...]:
    """Return the sections that a report must have for a checklist, beside what every report knows.

    Parameters
    ----------
    name
        As for :func:`draft_checklist`.
    approach
        Of the study; ``""`` where it says none.

    Returns
    -------
    tuple of str
        Ids of :data:`qualcode.reports.SECTIONS`.

    Examples
    --------
    >>> list_sections("srqr", "codebook")
    ('saturation', 'agreement')
    """
    facts = [item.fact for item in GUIDELINES[name].items if not _is_left_out(item, name, approach)]
    found = (_SECTIONS[fact] for fact in facts if fact in _SECTIONS)
    return tuple(one for one in found if one not in _NOT_REFLEXIVE or not _is_reflexive(name, approach))


def _is_reflexive(name: ChecklistName, approach: str) -> bool:
    return name == "rtarg" or approach == "reflexive"


def _is_left_out(item: Item, name: ChecklistName, approach: str) -> bool:
    return _is_reflexive(name, approach) and item.fact in _NOT_REFLEXIVE


def draft_checklist(report: Report, name: ChecklistName) -> Checklist:
    """Draft a reporting checklist from what the files say.

    Parameters
    ----------
    report
        What is reported; of a study, it has its account.
    name
        ``coreq``, ``srqr`` or ``rtarg``.

    Returns
    -------
    Checklist
        A row for each item. With the approach ``reflexive`` (of the study, or of RTARG), counts, agreement and
        saturation are left out, and the result says why.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> report = qualcode.make_report(qualcode.count_themes(table))
    >>> draft_checklist(report, "coreq").frame.loc[11, "files"]
    '4 transcripts with 13,030 words by 4 participants (section “Participants”)'
    """
    import pandas as pd

    guideline = GUIDELINES[name]
    approach = report.account.approach if report.account is not None else ""
    rows = []
    for item in guideline.items:
        is_told = bool(item.fact) and not _is_left_out(item, name, approach)
        fact = _FACTS[item.fact](report) if is_told else ""
        rows.append((item.number, item.part, item.asked, fact, item.how if fact else YOURS, "", ""))
    columns = ["item", "part", "asked", "files", "answer", "your_text_for_the_paper", "page"]
    frame = pd.DataFrame(rows, columns=columns).astype("str")
    counts = Counter(frame["answer"])
    sentence = (
        f"A draft for {guideline.title.removesuffix(' (draft)')} after {guideline.source}, in words of our own: of "
        f"{plural(len(frame), 'item')}, {counts[TOLD]} from the files, {counts[EVIDENCE]} with evidence to look at, "
        f"{counts[YOURS]} for you to write. It does not say that an item is fulfilled."
    )
    return Checklist(frame, sentence, tuple(_warn(name, approach)))


def _warn(name: ChecklistName, approach: str) -> list[Problem]:
    found = []
    if name == "rtarg":
        message = (
            "RTARG is a guideline to think with and not a list to tick off; its authors ask not to use it so. "
            "Items, order and wording are ours, after the paper, and not those that it published."
        )
        found.append(Problem("", "note", "not-a-tick-list", message))
    if name != "rtarg" and approach == "reflexive":
        message = (
            "The study is reflexive: saturation, agreement and counts of themes are left out, since they suppose that "
            "themes lie in the data to be found. The authors of RTARG advise against this list for such work."
        )
        found.append(Problem("", "note", "reflexive", message, "Draft the other one: qualcode checklist rtarg"))
    if name == "rtarg" and approach not in {"", "reflexive"}:
        message = f"The study says that its approach is {approach}, and RTARG is for reflexive thematic analysis."
        found.append(Problem("study.yaml", "note", "other-approach", message))
    return found


# -- what the files say -----------------------------------------------------------------------------------------------


def _say_size(report: Report) -> str:
    totals, terms = report.facts.totals, report.terms
    people = plural(totals.cases, terms.case, terms.cases)
    return (
        f"{plural(totals.transcripts, 'transcript')} with {plural(totals.words, 'word')} by {people} "
        f"(section “{terms.cases.capitalize()}”)"
    )


def _say_interviewers(report: Report) -> str:
    names = dict.fromkeys(name for one in report.table.transcripts for name in sorted(one.interviewers))
    return f"Labels of interviewers: {join(list(names))} (transcripts)" if names else ""


def _say_approach(report: Report) -> str:
    approach = report.account.approach if report.account is not None else ""
    return f"approach: {approach} (study.yaml)" if approach else ""


def _say_others(report: Report) -> str:
    """Return voices that are neither an interviewer's nor the only ones of their transcript."""
    units = report.table.units
    voices = units[~units["is_interviewer"].astype(bool)].groupby("transcript", sort=False)["speaker"].unique()
    several = [f"{name}: {join([voice for voice in own if voice])}" for name, own in voices.items() if len(own) > 1]
    if not several:
        return "In each transcript one person speaks beside interviewers (transcripts)"
    slips = find_slips(report.table.transcripts)
    doubts = join([f"“{label}” in {name} a slip for “{meant}”" for (name, label), meant in slips.items()])
    asked = f". Is {doubts}?" if doubts else ""
    return f"Several voices speak in {'; '.join(several)} (transcripts){asked}"


def _say_attributes(report: Report) -> str:
    names = report.table.index.attributes
    return f"Attributes: {join(list(names))} (cases.csv; section “{report.terms.cases.capitalize()}”)" if names else ""


def _say_repeats(report: Report) -> str:
    several = [f"{one.case} ({len(one.transcripts)})" for one in report.participants if len(one.transcripts) > 1]
    if not several:
        return f"No {report.terms.case} speaks in more than one transcript"
    return f"Several transcripts: {join(several)} (section “{report.terms.cases.capitalize()}”)"


def _say_memos(report: Report) -> str:
    account = report.account
    if account is None or not (account.memos or account.n_private):
        return ""
    private = f", and {plural(account.n_private, 'private one')}, not shown" if account.n_private else ""
    return f"{plural(len(account.memos), 'memo')}{private} (memos/)"


def _say_minutes(report: Report) -> str:
    minutes = [one.minutes for one in report.participants if one.minutes is not None]
    if not minutes:
        return ""
    timed = f"{len(minutes)} of {len(report.participants)} {report.terms.cases} with times"
    low, high = f"{min(minutes):.0f}", f"{max(minutes):.0f}"
    told = low if low == high else f"{low} to {high}"
    return f"{told} minutes ({timed}; section “{report.terms.cases.capitalize()}”)"


def _say_saturation(report: Report) -> str:
    return (
        f"{report.saturation.sentence.removesuffix('.')} (section “Saturation”)"
        if report.saturation is not None
        else ""
    )


def _say_sampling(report: Report) -> str:
    return ". ".join(filter(None, [_say_attributes(report), _say_saturation(report)]))


def _name_coders(report: Report) -> list[str]:
    account = report.account
    return [one.name for one in account.readers] if account is not None else []


def _say_people(report: Report) -> str:
    names = _name_coders(report)
    return f"Coded by {join(names)} (sheets/; section “Coders”)" if names else ""


def _say_coders(report: Report) -> str:
    names, account = _name_coders(report), report.account
    if not names or account is None:
        return ""
    shared = f"; {account.n_shared:,} of {account.n_units:,} {account.unit}s read by two or more" if names[1:] else ""
    return f"{plural(len(names), 'coder')}: {join(names)}{shared} (sheets/; section “Coders”)"


def _say_codebook(report: Report) -> str:
    codes = list(report.codebook.walk())
    levels = max((report.codebook.level(code.id) for code in codes), default=0)
    tops = len(report.codebook.codes)
    return (
        f"{plural(len(codes), 'code')} on {plural(levels, 'level')}, {tops} at the top (codebook.yaml; section "
        "“Codebook”)"
    )


def _say_origin(report: Report) -> str:
    told = [report.provenance.sentence] if report.provenance is not None else []
    return " ".join([*told, f"{_say_changes(report)}."]) if report.account is not None else ""


def _say_changes(report: Report) -> str:
    account = report.account
    if account is None:
        return ""
    if not account.steps:
        return "The codebook did not change after coding began (history.jsonl)"
    return f"The codebook changed {plural(len(account.steps), 'time')} after coding began (history.jsonl, versions/)"


def _say_software(report: Report) -> str:
    facts = report.facts
    spacy = f", spaCy {facts.spacy_version}" if facts.coding != "persons" else ""
    machine = "" if report.provenance is None else f". {report.provenance.sentence}"
    return f"qualcode (Version {facts.version}){spacy}{machine} (run.json)"


def _say_processing(report: Report) -> str:
    languages = join([language_name(code) for code in report.facts.languages])
    left_out = sum(sum(counts.values()) for counts in report.facts.left_out.values())
    rest = f"; {plural(left_out, 'thing')} in the files not read, such as comments and images" if left_out else ""
    return (
        f"Transcripts in {languages}, cut into {report.facts.unit}s; interviewer talk is not counted{rest} (section "
        "“What was not counted”)"
    )


def _say_trust(report: Report) -> str:
    counting, told = report.facts.counting, []
    if report.agreement is not None:  # it says what was done about differences
        told.append(report.agreement.methods())
    elif counting.get("differences"):
        total = plural(cast("int", counting["differences"]), "difference")
        told.append(f"Settled: {counting['settled']:,} of {total} between coders.")
    told.append("Every act of coding is in a log (sheets/, history.jsonl).")
    return " ".join(told) if report.account is not None else ""


def _say_quotes(report: Report) -> str:
    picked = report.passages.n_picked
    chosen = f", {picked:,} of them chosen by the coders" if picked else ""
    ids = f"with {report.terms.case}, transcript and turn"
    return f"{plural(len(report.passages), 'passage')} {ids}{chosen} (section “Quotes”, quotes.csv)"


def _say_per_theme(report: Report) -> str:
    told = [f"{row.name} {row.codings:,}" for row in report.codes if row.level == 1 and row.codings]
    return f"Passages by theme: {join(told)} (section “Quotes”, quotes.csv)" if told else ""


def _say_voices(report: Report) -> str:
    counts = Counter(filter(None, report.passages.list_cases()))
    if not counts:
        return ""
    silent = [one.case for one in report.participants if one.case not in counts]
    rest = f"; none by {join(silent)}" if silent else ""
    order = {one.case: place for place, one in enumerate(report.participants)}
    names = sorted(counts, key=lambda name: order.get(name, len(order)))
    told = join([f"{name} {counts[name]:,}" for name in names])
    return f"Passages by {report.terms.case}: {told}{rest} (quotes.csv)"


def _list_tops(report: Report, keep: Callable[[int], bool]) -> str:
    total = report.facts.totals.cases
    rows = [row for row in report.codes if row.level == 1 and row.codings and keep(row.cases)]
    return join([f"{row.name} ({row.cases} of {total})" for row in rows])


def _say_major(report: Report) -> str:
    total = report.facts.totals.cases
    found = _list_tops(report, lambda cases: cases * 2 >= total)
    return f"Themes of half of the {report.terms.cases} or more: {found} (section “Themes”)" if found else ""


def _say_minor(report: Report) -> str:
    total = report.facts.totals.cases
    found = _list_tops(report, lambda cases: cases * 2 < total)
    few = [row.name for row in report.codes if row.cases == 1 and row.level > 1]
    single = f"codes of one {report.terms.case}: {join(few)}" if few else ""
    themes = f"themes of less than half of the {report.terms.cases}: {found}" if found else ""
    told = "; ".join(filter(None, [themes, single]))
    return f"{told[0].upper()}{told[1:]} (section “Themes”)" if told else ""


_FACTS: Mapping[str, Callable[[Report], str]] = {
    "size": _say_size, "interviewers": _say_interviewers, "approach": _say_approach, "others": _say_others,
    "attributes": _say_attributes, "repeats": _say_repeats, "memos": _say_memos, "minutes": _say_minutes,
    "saturation": _say_saturation, "sampling": _say_sampling, "people": _say_people, "coders": _say_coders,
    "codebook": _say_codebook,
    "origin": _say_origin, "changes": _say_changes, "software": _say_software, "processing": _say_processing,
    "trust": _say_trust, "quotes": _say_quotes, "per_theme": _say_per_theme, "voices": _say_voices,
    "major": _say_major, "minor": _say_minor,
}  # fmt: skip
"""What the files say, by the names that items use."""
