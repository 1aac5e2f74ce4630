"""The sections of a report, composed once from its facts for every format.

To add one, write the function that composes it and an entry in :data:`SECTIONS`: see ``docs/architecture.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qualcode.figures import FIGURES, FigureKind
from qualcode.reports.document import (
    EVERYWHERE,
    RESULTS,
    Cell,
    Column,
    Count,
    Document,
    Figure,
    Heading,
    Name,
    Note,
    Paragraph,
    Quote,
    Reference,
    Share,
    Table,
    Words,
)
from qualcode.reports.framework import compose_framework
from qualcode.reports.frozen import compose_frozen
from qualcode.reports.methods import describe_methods, describe_notes
from qualcode.reports.phrases import share, shorten
from qualcode.reports.report import choose
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qualcode.codebook import Code
    from qualcode.reports.document import Block, Medium, Text
    from qualcode.reports.report import CodeRow, Participant, QuoteRow, Report

_WORDS_IN_TABLE = 45
_ATTRIBUTES_UPRIGHT = 4
"""More attributes than these, and the table of participants lies across the page."""
_MOST_PAIRS = 20

_TEXT: tuple[Medium, ...] = ("text",)
_SHOWN: tuple[Medium, ...] = ("text", "screen")
_READ: tuple[Medium, ...] = ("text", "screen", "sheets")


@dataclass(frozen=True, slots=True)
class Section:
    """A section of reports: the function that composes its blocks, and where they are shown at all."""

    compose: Callable[[Report], Iterator[Block]]
    media: tuple[Medium, ...] = EVERYWHERE


def compose(report: Report) -> Document:
    """Put a report in order: every section that has anything to say.

    Parameters
    ----------
    report
        What :func:`qualcode.make_report` returns.

    Returns
    -------
    Document
        Headings, paragraphs, tables, figures, quotes and notes, each with an id.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> report = qualcode.make_report(qualcode.count_themes(table))
    >>> [name for name, blocks in compose(report).sections.items() if blocks]
    ['methods', 'people', 'themes', 'pairs', 'codebook', 'quotes', 'left-out', 'inputs']
    """
    return Document(
        report,
        {
            name: tuple(
                replace(block, media=tuple(medium for medium in block.media if medium in section.media))
                for block in section.compose(report)
            )
            for name, section in SECTIONS.items()
        },
    )


def _show_figures(report: Report, section: str) -> dict[str, Figure]:
    """Return the figures of a section by their kinds."""
    return {
        kind: Figure(f"figure-{kind}", kind, _caption(report, kind, figure), report.charts[kind].alt)
        for kind, figure in FIGURES.items()
        if figure.section == section and kind in report.charts
    }


def _caption(report: Report, kind: str, figure: FigureKind) -> str:
    """Return the caption of a figure, which says what of the numbers it shows and whose codings it counts."""
    whose = report.facts.whose if figure.source == "themes" else ""
    told = (report.terms.fill(figure.caption), report.charts[kind].selection, whose)
    return ". ".join(part.removesuffix(".") for part in told if part)


def _point_to(report: Report, kind: str) -> Text:
    return Reference(f"figure-{kind}"), f" shows {report.terms.fill(FIGURES[kind].shows)}."


def _compose_methods(report: Report) -> Iterator[Block]:
    yield Heading("methods", "Methods")
    for number, text in enumerate(describe_methods(report), 1):
        yield Paragraph(f"methods-{number}", (text,))


def _compose_people(report: Report) -> Iterator[Block]:
    terms, names = report.terms, report.table.index.attributes
    yield Heading("people", terms.cases.capitalize())
    if not report.participants:
        yield Paragraph("people-none", ("Only interviewers speak in these transcripts.",))
        return
    pointer = (Reference("table-people"), f" lists the {terms.cases} and what they contributed.")
    yield Paragraph("people-table", pointer, media=_TEXT)
    units = _title(f"{terms.unit}s")
    yield Table(
        "table-people",
        f"{terms.cases.capitalize()} and their share of the talk",
        (
            Column(terms.case.capitalize(), 1.4),
            *(Column(_title(name), 1.3) for name in names),
            Column("Transcripts", 1.5),
            Column(units, 0.8, "number"),
            Column("Words", 0.8, "number"),
        ),
        tuple(map(_describe_participant, report.participants)),
        f"{units} and words are the {terms.cases}’ own, without interviewer talk.",
        "across" if len(names) > _ATTRIBUTES_UPRIGHT else "plain",
        media=_SHOWN,
    )
    yield _tabulate_cases(report)


def _describe_participant(one: Participant) -> tuple[Cell, ...]:
    return Name(one.case), *one.attributes, ", ".join(one.transcripts), one.segments, one.words


def _tabulate_cases(report: Report) -> Table:
    """Return the matrix of codes and cases, for where one can scroll; on paper a figure shows it."""
    units = f"{report.terms.unit}s"
    columns = (report.by_case[name].tolist() for name in ("code", "case", "segments"))
    found = {(code, case): segments for code, case, segments in zip(*columns, strict=True)}
    cases = [one.case for one in report.participants]

    def cells(row: CodeRow) -> tuple[Cell, ...]:
        counts = (Count(found.get((row.code, case), 0), units, {"code": row.code, "case": case}) for case in cases)
        return _name(row), *counts

    return Table(
        "table-cases",
        f"{_title(units)} per code and {report.terms.case}",
        (Column("Theme and sub-theme"), *(Column(case, 1.0, "number", key=case) for case in cases)),
        tuple(map(cells, report.codes)),
        report.facts.whose,
        look="heat",
        media=("screen", "sheets"),
    )


def _compose_themes(report: Report) -> Iterator[Block]:
    figures = _show_figures(report, "themes")
    unit, case = report.terms.unit, report.terms.case
    yield Heading("themes", "Themes")
    if not report.passages:
        yield Paragraph("themes-none", (_describe_emptiness(report),), "warning", media=_SHOWN)
    first = figures.pop("themes", None)
    pointer = (*_point_to(report, "themes"), " ") if first else ()
    numbers = (
        f" gives these numbers and those of {unit}s, with a quote for each. Quotes come with {case}, transcript and "
        "turn; […] marks a cut."
    )
    yield Paragraph("themes-table", (*pointer, Reference("table-themes"), numbers), media=_TEXT)
    # Before the table, which goes on over as many pages as it needs and so fills the one with the figure.
    if first:
        yield first
    yield _tabulate_themes(report)
    for kind, figure in figures.items():
        yield Paragraph(f"themes-{kind}", _point_to(report, kind), media=_TEXT)
        yield figure


def _describe_emptiness(report: Report) -> str:
    if report.facts.counting.get("open"):
        return "Coders differ on every coded passage and no difference is settled, so every count is zero."
    return "No passage of interviewee talk was coded, so every count is zero."


def _tabulate_themes(report: Report) -> Table:
    terms, total = report.terms, report.facts.totals.cases
    cases, units = terms.cases, f"{terms.unit}s"
    counted: tuple[Medium, ...] = ("fragment", "screen")
    columns = (
        Column("Theme and sub-theme", 2.7),
        Column(f"{cases.capitalize()}, n of {total}", 1.55, "number", media=_TEXT, key="cases"),
        Column(cases.capitalize(), 1.0, "number", media=("fragment",), key="cases"),
        Column(f"{cases.capitalize()}, n of {total}", 1.0, "number", media=("screen",), key="cases"),
        Column(f"% of {total}", 1.0, "number", media=counted, key="cases_percent"),
        Column(_title(units), 0.8, "number", key="segments"),
        Column("Codings", 1.0, "number", media=counted),
        Column("Words", 1.0, "number", media=counted),
        Column("Transcripts", 1.0, "number", media=("screen",)),
        Column("Illustrative quote", 5.7, media=_TEXT),
    )

    def cells(row: CodeRow) -> tuple[Cell, ...]:
        quote = report.illustrations.get(row.code)
        opens = {"code": row.code}
        return (
            _name(row),
            f"{share(row.cases, total)}{row.marks['cases']}",
            f"{row.cases}{row.marks['cases']} of {total}",
            Count(row.cases, cases, opens, row.marks["cases"]),
            Share(row.cases, total, row.marks["cases_percent"]),
            Count(row.segments, units, opens, row.marks["segments"]),
            Count(row.codings, "codings", opens, row.marks["codings"]),
            Count(row.words, "words", opens, row.marks["words"]),
            Count(row.transcripts, "transcripts", opens, row.marks["transcripts"]),
            _cite(quote) if quote else "",
        )

    note = (
        f"N = {total} {cases}, {report.facts.totals.segments:,} {units} with {report.facts.totals.words:,} words; "
        f"interviewer talk is left out. A theme counts each {terms.unit} once, however many of its sub-themes occur "
        f"in it, so rows do not add up. {report.whose}"
    )
    return Table(
        "table-themes",
        f"Themes and sub-themes by number of {cases} and {units}",
        columns,
        tuple(map(cells, report.codes)),
        note.rstrip(),
        media=RESULTS,
    )


def _compose_pairs(report: Report) -> Iterator[Block]:
    figures = _show_figures(report, "pairs")
    table = _tabulate_pairs(report)
    if not table.rows and not figures:
        return
    yield Heading("pairs", "Codes that occur together")
    pointers = [_point_to(report, kind) for kind in figures]
    if table.rows:
        n_all, n_shown = len(table.rows), min(len(table.rows), _MOST_PAIRS)
        shown = f"the {n_shown} most frequent of {n_all}" if n_all > n_shown else f"all {n_all}"
        numbers = f" lists {shown} pairs of codes without sub-themes that share at least one {report.terms.unit}."
        pointers.insert(0, (Reference("table-pairs"), numbers))
    spaced = (part for number, pointer in enumerate(pointers) for part in ((" ",) if number else ()) + pointer)
    yield Paragraph("pairs-table", tuple(spaced), media=_TEXT)
    if table.rows:
        yield table
    yield from figures.values()


def _tabulate_pairs(report: Report) -> Table:
    terms, names = report.terms, {row.code: row.name for row in report.codes}
    columns = (report.leaf_pairs[name].tolist() for name in ("code", "other", "segments", "cases"))
    rows = tuple(
        (
            Name(names.get(code, code), code),
            Name(names.get(other, other), other),
            Count(segments, f"{terms.unit}s", {"code": code, "other": other}),
            cases,
        )
        for code, other, segments, cases in zip(*columns, strict=True)
    )
    heads = (
        Column("Code", 3),
        Column("Other code", 3),
        Column(_title(f"{terms.unit}s"), 1, "number"),
        Column(terms.cases.capitalize(), 1.2, "number"),
    )
    caption = f"Codes that occur in the same {terms.unit}"
    return Table("table-pairs", caption, heads, rows, report.facts.whose, most=_MOST_PAIRS, media=_SHOWN)


def _compose_agreement(report: Report) -> Iterator[Block]:
    result = report.agreement
    if result is None:
        return
    from qualcode.reports.agreement import tabulate_agreement

    figures = _show_figures(report, "agreement")
    table = tabulate_agreement(result)
    yield Heading("agreement", table.caption)
    yield Paragraph("agreement-methods", (result.methods(),))
    pointers = [part for kind in figures for part in (" ", *_point_to(report, kind))]
    yield Paragraph("agreement-table", (Reference(table.id), " gives the numbers.", *pointers), media=_TEXT)
    yield table
    yield from figures.values()


def _compose_codebook(report: Report) -> Iterator[Block]:
    book = report.codebook
    yield Heading("codebook", "Codebook")
    if book.description:
        yield Paragraph("codebook-about", (book.description.strip(),))
    pointer = " gives the codes in order, with what each includes and excludes and an example."
    yield Paragraph("codebook-table", (Reference("table-codebook"), pointer))
    yield Table(
        "table-codebook",
        f"Codebook “{book.name}”, version {book.digest[:12]}",
        (Column("Code", 2.4), Column("Definition", 4.9), Column("Example", 3.3)),
        tuple(
            (Name(code.name, book.path(code.id), book.level(code.id)), _define(code), _exemplify(report, code))
            for code in book.walk()
        ),
    )


def _define(code: Code) -> Cell:
    parts: list[Text] = [(code.definition.strip(),)] if code.definition else []
    for name, texts in (("Include: ", code.include), ("Exclude: ", code.exclude)):
        if texts:
            parts.append((Words(name, "emphasis"), "; ".join(text.strip() for text in texts)))
    return tuple(parts)


def _exemplify(report: Report, code: Code) -> Cell:
    """Return a quote other than the theme table's, else the codebook's own example."""
    path = report.codebook.path(code.id)
    shown = report.illustrations.get(path)
    fresh = choose([quote for quote in report.quotes_of[path] if shown and quote.passage != shown.passage], 1)
    if fresh:
        return _cite(fresh[0])
    if not code.hits:
        return ""
    return ((shorten(code.hits[0].text, _WORDS_IN_TABLE), Words(" (codebook)", "soft")),)


def _compose_quotes(report: Report) -> Iterator[Block]:
    yield Heading("quotes", "Quotes")
    if not report.passages:
        yield Paragraph("quotes-none", ("No passages were coded.",))
        return
    about = (
        f"Up to {report.quotes_per_code} passages for each code, chosen by length and spread over the "
        f"{report.terms.cases}. All passages are in quotes.csv, report.xlsx and report.html, where each links to its "
        "place in the transcript."
    )
    yield Paragraph("quotes-about", (about,))
    for row in report.codes:
        if row.segments:
            yield Heading(f"quotes-{row.code}", row.name, min(row.level, 3) + 1)
            yield from _quote_code(report, row)


def _quote_code(report: Report, row: CodeRow) -> Iterator[Block]:
    own = report.quotes_of[row.code]
    chosen = choose(own, report.quotes_per_code)
    which = f"; {len(chosen)} of {len(own)} shown" if len(own) > len(chosen) else ""
    yield Paragraph(f"quotes-{row.code}-count", (f"{count_passages(report, row)}{which}.",), "aside")
    for quote in chosen:
        yield Quote(quote.text, quote.place, f"quote-{quote.row}")


def count_passages(report: Report, row: CodeRow) -> str:
    """Return how much there is of a code: ``3 passages in 2 turns of 1 of 4 participants``."""
    terms = report.terms
    return (
        f"{plural(row.codings, 'passage')} in {plural(row.segments, terms.unit)} of "
        f"{row.cases} of {plural(report.facts.totals.cases, terms.case, terms.cases)}"
    )


def _compose_left_out(report: Report) -> Iterator[Block]:
    totals = report.facts.totals
    talk = (
        f"Interviewer talk: {plural(totals.interviewer_words, 'word')} in "
        f"{plural(totals.interviewer_segments, report.terms.unit)}, with "
        f"{plural(totals.interviewer_codings, 'coding')}; it is not in any count."
    )
    yield Heading("left-out", "What was not counted")
    for number, text in enumerate([talk, *describe_notes(report.facts)], 1):
        yield Note(f"left-out-{number}", text)


def _compose_inputs(report: Report) -> Iterator[Block]:
    facts = report.facts
    options = [f"{name}: {_say(value)}" for name, value in sorted(facts.options.items()) if value]
    how = f"qualcode {facts.version}, spaCy {facts.spacy_version}. "
    how += f"Options: {'; '.join(options)}. " if options else ""
    yield Heading("inputs", "Inputs and versions")
    identified = " identifies every input: the same files give the same report."
    yield Paragraph("inputs-table", (how, Reference("table-inputs"), identified))
    yield Table(
        "table-inputs",
        "Input files and their digests",
        (Column("Input", 3), Column("SHA-256", 5.6)),
        tuple((name, ((Words(digest, "code"),),)) for name, digest in facts.inputs.items()),
    )


SECTIONS: dict[str, Section] = {
    "methods": Section(_compose_methods, _READ),
    "people": Section(_compose_people, _READ),
    "themes": Section(_compose_themes),
    "framework": Section(compose_framework, _READ),
    "pairs": Section(_compose_pairs, _READ),
    "agreement": Section(_compose_agreement),
    "codebook": Section(_compose_codebook, _TEXT),
    "frozen": Section(compose_frozen, _READ),
    "quotes": Section(_compose_quotes, _TEXT),
    "left-out": Section(_compose_left_out, _READ),
    "inputs": Section(_compose_inputs, _TEXT),
}
"""The sections of a report, in their order. One that composes nothing is left out."""


def _name(row: CodeRow) -> Name:
    return Name(row.name, row.code, row.level)


def _cite(quote: QuoteRow) -> Quote:
    """Return a quote as a cell of a table."""
    return Quote(shorten(quote.text, _WORDS_IN_TABLE), quote.place)


def _title(word: str) -> str:
    """Return a word with its first letter in upper case and the others as they are."""
    return word[:1].upper() + word[1:]


def _say(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
