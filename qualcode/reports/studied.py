"""The sections that tell how a study went: what was asked of it, its saturation, its memos, and what is still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.quoting import cut_quote, rank_quote
from qualcode.reports.document import Cell, Column, Heading, Name, Note, Paragraph, Quote, Reference, Table
from qualcode.wording import join, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qualcode.model import Memo
    from qualcode.queries import Findings
    from qualcode.reports.document import Block
    from qualcode.reports.layout import AskedQuestion
    from qualcode.reports.report import Report

_WORDS = 45
"""Words of a quote in a table."""


def compose_questions(report: Report) -> Iterator[Block]:
    """Yield what was asked of the codings, with what was found and a few quotes."""
    if not report.answers:
        return
    yield Heading("questions", "Questions to the codings")
    numbers = " lists what was asked of the codings, and what was found."
    yield Paragraph("questions-table", (Reference("table-questions"), numbers))
    yield Table(
        "table-questions",
        "Questions to the codings",
        (Column("Question", 2.6), Column("Answer", 6)),
        tuple((asked.name or asked.ask, found.sentence) for asked, found in report.answers),
        report.facts.whose,
    )
    for place, (asked, found) in enumerate(report.answers, 1):
        yield from _quote_answer(place, asked, found)


def _quote_answer(place: int, asked: AskedQuestion, found: Findings) -> Iterator[Block]:
    """Yield the best of the passages behind an answer."""
    columns = ("case", "transcript", "segment", "quote")
    if not asked.quotes or not set(columns) <= set(found.quotes):
        return
    rows = list(dict.fromkeys(zip(*(found.quotes[name].tolist() for name in columns), strict=True)))
    best = sorted(sorted(rows, key=lambda row: rank_quote(row[3]))[: asked.quotes], key=rows.index)
    if best:
        yield Heading(f"questions-{place}", asked.name or asked.ask, 2, media=("text", "screen"))
    for number, (case, transcript, segment, quote) in enumerate(best, 1):
        who = case if case in ("", transcript) else f"{case}, {transcript}"
        text = cut_quote(quote, _WORDS)
        yield Quote(text, f"{who or transcript}, {segment}", f"questions-{place}-{number}", media=("text", "screen"))


def compose_saturation(report: Report) -> Iterator[Block]:
    """Yield what each further case brought, where that was asked for."""
    found = report.saturation
    if found is None:
        return
    frame = found.new
    yield Heading("saturation", "Saturation")
    yield Paragraph("saturation-result", (found.caption,))
    yield Paragraph("saturation-table", (Reference("table-saturation"), " gives the numbers."), media=("text",))
    columns = ("case", "codes", "new", "cumulative")
    yield Table(
        "table-saturation",
        f"Codes that each further {report.terms.case} brought",
        (
            Column(report.terms.case.capitalize(), 2),
            Column("Codes", 1, "number"),
            Column("New codes", 1, "number"),
            Column("All codes so far", 1, "number"),
        ),
        tuple(zip(*(frame[name].tolist() for name in columns), strict=True)),
        report.facts.whose,
    )


def compose_memos(report: Report) -> Iterator[Block]:
    """Yield the memos that are for others to read."""
    account = report.account
    if account is None or not account.memos:
        return
    yield Heading("memos", "Memos")
    if account.n_private:
        yield Paragraph("memos-private", (f"{plural(account.n_private, 'private memo')} left out.",), "aside")
    for memo in account.memos:
        yield Heading(f"memos-{memo.id}", _name_about(report, memo), 2)
        told = ", ".join(filter(None, [memo.author, memo.at[:10]]))
        if told:
            yield Paragraph(f"memos-{memo.id}-by", (told,), "aside")
        for number, text in enumerate(filter(None, map(str.strip, memo.text.split("\n\n"))), 1):
            yield Paragraph(f"memos-{memo.id}-{number}", (text,))


def _name_about(report: Report, memo: Memo) -> str:
    kind, _, name = memo.about.partition(":")
    if kind == "study":
        return "The study"
    if kind == "code":
        names = {code.id: code.name for code in report.codebook.walk()}
        return names.get(name, name)
    return name if kind == "case" else memo.about


def compose_open(report: Report) -> Iterator[Block]:
    """Yield what is not done yet: differences, suggestions, passages to come back to, units that nobody read."""
    notes = list(_list_open(report))
    if report.account is None or not notes:
        return
    yield Heading("open", "What is still open")
    for number, text in enumerate(notes, 1):
        yield Note(f"open-{number}", text)
    flags = report.account.flags
    if flags:
        yield Table(
            "table-flags",
            "Passages to come back to",
            (Column("Passage", 2), Column("Why", 6), Column("Who", 1.4)),
            tuple(_describe_flag(flag) for flag in flags),
        )


def _describe_flag(flag: Memo) -> tuple[Cell, ...]:
    return flag.about, " ".join(flag.text.split()), flag.author


def _list_open(report: Report) -> Iterator[str]:
    account, counting = report.account, report.facts.counting
    if account is None:
        return
    if counting.get("open"):
        yield f"{counting['open']:,} of {counting['differences']:,} differences between coders are not settled."
    if account.n_undecided:
        yield f"{plural(account.n_undecided, 'suggestion')} of the rules: no person has decided on them."
    if account.n_unsettled:
        yield f"{plural(account.n_unsettled, 'coding')} whose place a corrected transcript left unsure."
    unread = [
        f"{one.name} {account.n_units - one.n_read:,}"
        for one in account.readers
        if one.n_read < account.n_units and account.draw is None
    ]
    if unread:
        noun = f"{account.unit}s"
        yield f"Of the {account.n_units:,} {noun} of interviewees, these are not read: {join(unread)}."
    if account.flags:
        yield f"{plural(len(account.flags), 'passage')} to come back to, listed below."


def compose_coders(report: Report) -> Iterator[Block]:
    """Yield who coded, and how much."""
    account = report.account
    if account is None or not account.readers:
        return
    yield Heading("coders", "Coders")
    yield Table(
        "table-coders",
        "Coders and how much they read and coded",
        (
            Column("Coder", 2),
            Column(f"{account.unit.capitalize()}s read", 1.4, "number"),
            Column(f"of {account.n_units:,}, %", 1.2, "number"),
            Column("Codings given", 1.4, "number"),
        ),
        tuple(
            (Name(one.name), one.n_read, percent(one.n_read, account.n_units), one.n_codings) for one in account.readers
        ),
        f"{account.unit.capitalize()}s are those of interviewees.",
    )


def describe_coding(report: Report) -> list[str]:
    """Return the sentences of the methods section that only a study can tell.

    Parameters
    ----------
    report
        What is reported.

    Returns
    -------
    list of str
        A text for each paragraph: who read how much and what was coded twice, what was done about differences, how the
        codebook changed, and how the codings came about.
    """
    account = report.account
    if account is None:
        return []
    return list(filter(None, [_say_readers(report), _say_steps(report), _say_provenance(report)]))


def _say_readers(report: Report) -> str:
    account = report.account
    if account is None or not account.readers:
        return ""
    noun, total = f"{account.unit}s", account.n_units
    read = [f"{one.name} read {one.n_read:,} of {total:,} {noun}" for one in account.readers]
    told = [f"{join(read)}."]
    if len(account.readers) > 1:
        told.append(
            f"{account.n_shared:,} {noun} ({percent(account.n_shared, total)}%) were read by two or more coders."
        )
    if account.draw is not None:
        draw = account.draw
        told.append(
            f"For that, {draw.n_units:,} {noun} were drawn at random within each transcript ({draw.share:.0%}, seed "
            f"{draw.seed}), to be read by {join(draw.coders)} without seeing each other’s codings or suggestions."
        )
        if account.n_not_blind:
            are = "was" if account.n_not_blind == 1 else "were"
            told.append(f"{plural(account.n_not_blind, 'act')} there {are} not blind to suggestions.")
    differences = report.facts.counting.get("differences")
    if differences and account.holders:
        settled = report.facts.counting["settled"]
        told.append(
            f"Of {differences:,} differences between coders, {settled:,} were settled by adjudication "
            f"({join(account.holders)})."
        )
    return " ".join(told)


def _say_steps(report: Report) -> str:
    account = report.account
    if account is None or not account.steps or not account.readers:
        return "" if account is None or not account.readers else "The codebook did not change after coding began."
    steps = account.steps
    dates = list(dict.fromkeys(step.at[:10] for step in steps if step.at))
    when = f" ({dates[0]})" if len(dates) == 1 else f" (from {dates[0]} to {dates[-1]})" if dates else ""
    totals: dict[str, int] = {}
    for step in steps:
        for kind, number in step.changes.items():
            totals[kind] = totals.get(kind, 0) + number
    what = join([_say_change(kind, number) for kind, number in totals.items()])
    return f"The codebook changed {_times(len(steps))} after coding began{when}{f': {what}' if what else ''}."


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


_CHANGES: Mapping[str, str] = {
    "added": "added", "removed": "removed", "renamed": "renamed", "moved": "moved in the tree", "retired": "retired",
    "definition": "defined anew", "include": "with other inclusions", "exclude": "with other exclusions",
    "examples": "with other examples", "rules": "with other rules", "colour": "in another colour",
}  # fmt: skip


def _say_change(kind: str, number: int) -> str:
    return f"{plural(number, 'code')} {_CHANGES.get(kind, kind)}"


def _say_provenance(report: Report) -> str:
    return report.provenance.sentence if report.provenance is not None else ""
