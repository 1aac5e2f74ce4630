"""The sections of a report, composed once from its facts for every format.

To add one, write the function that composes it and an entry in :data:`SECTIONS`: see ``docs/architecture.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from qualcode.figures import FIGURES, FigureKind
from qualcode.quoting import cut_pieces, say_voices
from qualcode.reports.displays import compose_course, compose_display, compose_trail
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
from qualcode.reports.layout import localise
from qualcode.reports.methods import describe_methods, describe_notes
from qualcode.reports.phrases import shorten
from qualcode.reports.studied import compose_coders, compose_memos, compose_open, compose_questions, compose_saturation
from qualcode.wording import join, percent, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qualcode.codebook import Code
    from qualcode.reports.document import Block, Medium, Text
    from qualcode.reports.quotes import QuoteRow
    from qualcode.reports.report import CodeRow, Participant, Report

_WORDS_IN_TABLE = 45
PICKED = "★"
"""Stands behind the place of a quote that a person chose."""

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
    numbers = report.layout.numbers
    return Document(
        report,
        {name: tuple(_compose_section(report, SECTIONS[name])) for name in report.layout.sections or SECTIONS},
        rewrite=None if numbers == "en" else lambda text: localise(text, numbers),
    )


def _compose_section(report: Report, section: Section) -> Iterator[Block]:
    """Yield the blocks of a section, where the section is shown at all."""
    for block in section.compose(report):
        yield replace(block, media=tuple(medium for medium in block.media if medium in section.media))


def _show_figures(report: Report, section: str) -> dict[str, Figure]:
    """Return the figures of a section by their kinds."""
    return {
        kind: Figure(f"figure-{kind}", kind, _caption(report, kind, figure), report.charts[kind].alt)
        for kind, figure in FIGURES.items()
        if figure.section == section and kind in report.charts
    }


def _caption(report: Report, kind: str, figure: FigureKind) -> str:
    """Return the caption of a figure: what of the numbers it shows, what had no room, and whose codings it counts."""
    chart = report.charts[kind]
    whose = report.facts.whose if figure.source == "themes" else ""
    notes = (one.message for one in chart.problems if one.message.partition(".")[0] not in chart.selection)
    told = (report.terms.fill(figure.caption), chart.selection, *notes, whose)
    return ". ".join(part.removesuffix(".") for part in told if part)


def _point_to(report: Report, kind: str) -> Text:
    return Reference(f"figure-{kind}"), f" shows {report.terms.fill(FIGURES[kind].shows)}."


def _compose_methods(report: Report) -> Iterator[Block]:
    yield Heading("methods", "Methods")
    for number, text in enumerate(describe_methods(report), 1):
        yield Paragraph(f"methods-{number}", (text,))


def _compose_people(report: Report) -> Iterator[Block]:
    terms = report.terms
    yield Heading("people", terms.cases.capitalize())
    if not report.participants:
        yield Paragraph("people-none", ("Only interviewers speak in these transcripts.",))
        return
    pointer = (Reference("table-people"), f" lists the {terms.cases} and what they contributed.")
    yield Paragraph("people-table", pointer, media=_TEXT)
    yield _tabulate_people(report)
    yield _tabulate_cases(report)


def _tabulate_people(report: Report) -> Table:
    terms, names = report.terms, report.table.index.attributes
    units = _title(f"{terms.unit}s")
    shown = report.shown_attributes
    is_timed = any(one.minutes is not None for one in report.participants)
    timed = (Column("Minutes", 0.8, "number"),) if is_timed else ()
    has_places = any(one.transcripts != (one.case,) for one in report.participants)

    def cells(one: Participant) -> tuple[Cell, ...]:
        attributes = (one.attributes[place] for place in shown)
        minutes = ("" if one.minutes is None else f"{one.minutes:.0f}",) if is_timed else ()
        places = (", ".join(one.transcripts),) if has_places else ()
        return Name(one.case), *attributes, *places, *minutes, one.segments, one.words, one.codes

    empty = [name for place, name in enumerate(names) if place not in shown]
    note = f"{units} and words are the {terms.cases}’ own, without interviewer talk; codes are those of any level."
    if empty and report.layout.attributes is None:
        note += f" Left out since no {terms.case} has a value: {join(empty)}."
    return Table(
        "table-people",
        f"{terms.cases.capitalize()} and their share of the talk",
        (
            Column(terms.case.capitalize(), 1.4),
            *(Column(_title(names[place]), 1.3) for place in shown),
            *((Column("Transcripts", 1.5),) if has_places else ()),
            *timed,
            Column(units, 0.8, "number"),
            Column("Words", 0.8, "number"),
            Column("Codes", 0.8, "number"),
        ),
        tuple(map(cells, report.participants)),
        note,
        "across" if len(shown) > _ATTRIBUTES_UPRIGHT else "plain",
        media=_SHOWN,
    )


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
        (Column(_title(report.terms.theme)), *(Column(case, 1.0, "number", key=case) for case in cases)),
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
    total, rows = report.facts.totals.cases, report.shown_codes
    shown = [(column, fill) for column, fill in _list_theme_columns(report) if column.media]
    return Table(
        "table-themes",
        f"{_title(report.terms.themes)} by number of {report.terms.cases} and {report.terms.unit}s",
        (Column(_title(report.terms.theme), 2.7), *(column for column, _ in shown)),
        tuple((_name(row), *(fill(row) for _, fill in shown)) for row in rows),
        _describe_themes(report, total),
        media=RESULTS,
    )


def _describe_themes(report: Report, total: int) -> str:
    """Return the note of the theme table: what its numbers refer to, and what is left out of it."""
    cases, units = report.terms.cases, f"{report.terms.unit}s"
    unit = report.terms.unit
    overlap = (
        f"Several themes may occur in one {unit}"
        if report.terms.theme == "theme"
        else f"A theme counts each {unit} once, however many of its sub-themes occur in it"
    )
    note = (
        f"N = {total} {cases}, {report.facts.totals.segments:,} {units} with {report.facts.totals.words:,} words; "
        f"interviewer talk is left out. {overlap}, so rows do not add up. {report.whose}"
    )
    if report.empty_codes:
        note += f" Left out, as nothing is coded with them: {join([row.name for row in report.empty_codes])}."
    if report.layout.codes:
        note += " Only some codes of the codebook are listed."
    return note.strip()


def _list_theme_columns(report: Report) -> list[tuple[Column, Callable[[CodeRow], Cell]]]:
    """Return the columns of the theme table with what fills them, in the order in which they stand."""
    total, cases, units = report.facts.totals.cases, report.terms.cases, f"{report.terms.unit}s"
    chosen = report.layout.columns
    is_defined = any(code.definition for code in report.codebook.walk())
    usual: dict[str, tuple[Medium, ...]] = {
        "definition": _TEXT if is_defined else (),
        "cases": ("text", "fragment"),
        "percent": ("fragment",),
        "segments": ("text", "fragment"),
        "codings": ("fragment",),
        "words": ("fragment",),
        "transcripts": (),
        "quote": _TEXT,
    }
    read: tuple[Medium, ...] = ("text", "fragment")
    media = {key: read if key in chosen else () for key in usual} if chosen else usual
    heading, on_paper = f"{cases.capitalize()}, n of {total}", f"{cases.capitalize()}, n (%)"

    def column(head: str, weight: float, key: str, name: str, extra: tuple[Medium, ...] = ("screen",)) -> Column:
        kind: Literal["text", "number"] = "text" if key in {"definition", "quote"} else "number"
        return Column(head, weight, kind, (*media[key], *extra), name)

    def count(name: str, noun: str) -> Callable[[CodeRow], Cell]:
        return lambda row: Count(getattr(row, name), noun, {"code": row.code}, row.marks[name])

    of_cases: Callable[[CodeRow], Cell] = count("cases", cases)
    entries: dict[str, list[tuple[Column, Callable[[CodeRow], Cell]]]] = {
        "definition": [(column("Definition", 3.4, "definition", "definition", ()), partial(_say_definition, report))],
        "cases": [
            (
                replace(column(on_paper, 1.3, "cases", "cases", ()), media=_only("text", media["cases"])),
                lambda row: f"{row.cases} ({percent(row.cases, total)}){row.marks['cases']}",
            ),
            (
                replace(column(cases.capitalize(), 1.0, "cases", "cases"), media=_only("fragment", media["cases"])),
                lambda row: f"{row.cases}{row.marks['cases']} of {total}",
            ),
            (Column(heading, 1.0, "number", ("screen",), "cases"), of_cases),
        ],
        "percent": [
            (
                column(f"% of {total}", 1.0, "percent", "cases_percent"),
                lambda row: Share(row.cases, total, row.marks["cases_percent"]),
            )
        ],
        "segments": [(column(_title(units), 0.8, "segments", "segments"), count("segments", units))],
        "codings": [(column("Codings", 1.0, "codings", ""), count("codings", "codings"))],
        "words": [(column("Words", 1.0, "words", ""), count("words", "words"))],
        "transcripts": [(column("Transcripts", 1.0, "transcripts", ""), count("transcripts", "transcripts"))],
        "quote": [(column("Illustrative quote", 4.6, "quote", "", ()), partial(_illustrate, report))],
    }
    order = (*chosen, *(key for key in entries if key not in chosen))
    return [entry for key in order for entry in entries[key]]


def _only(medium: Medium, media: tuple[Medium, ...]) -> tuple[Medium, ...]:
    return (medium,) if medium in media else ()


def _say_definition(report: Report, row: CodeRow) -> Cell:
    return report.codebook.code(row.code).definition.strip()


def _illustrate(report: Report, row: CodeRow) -> Cell:
    quote = report.illustrations.get(row.code)
    return _cite(quote) if quote else ""


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
        which = "pairs of codes" if report.terms.theme == "theme" else "pairs of codes without sub-themes"
        numbers = f" lists {shown} {which} that share at least one {report.terms.unit}."
        pointers.insert(0, (Reference("table-pairs"), numbers))
    spaced = (part for number, pointer in enumerate(pointers) for part in ((" ",) if number else ()) + pointer)
    yield Paragraph("pairs-table", tuple(spaced), media=_TEXT)
    if table.rows:
        yield table
    yield from figures.values()


def _tabulate_pairs(report: Report) -> Table:
    terms, names = report.terms, {row.code: row.name for row in report.shown_codes}
    columns = (report.leaf_pairs[name].tolist() for name in ("code", "other", "segments", "cases"))
    rows = tuple(
        (
            Name(names[code], code),
            Name(names[other], other),
            Count(segments, f"{terms.unit}s", {"code": code, "other": other}),
            cases,
        )
        for code, other, segments, cases in zip(*columns, strict=True)
        if code in names and other in names
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
    yield from (figure for kind, figure in figures.items() if kind != "drift")
    yield from compose_course(report)
    yield from (figure for kind, figure in figures.items() if kind == "drift")


def _compose_codebook(report: Report) -> Iterator[Block]:
    book, shown = report.codebook, {row.code for row in report.shown_codes}
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
            if book.path(code.id) in shown
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
    fresh = report.quotes_of[path].leave_out(shown).choose(1) if shown else []
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
    shown = {row.code: _choose_quotes(report, row) for row in report.shown_codes if row.segments}
    yield Paragraph("quotes-about", (_describe_choice(report, [one for own in shown.values() for one in own]),))
    for row in report.shown_codes:
        if row.segments:
            yield Heading(f"quotes-{row.code}", row.name, min(row.level, 3) + 1)
            yield from _quote_code(report, row, shown[row.code])


def _choose_quotes(report: Report, row: CodeRow) -> list[QuoteRow]:
    """Return the quotes to show: all that people chose, and others as far as there is room."""
    own = report.quotes_of[row.code]
    return own.choose(max(report.quotes_per_code, own.n_picked))


def _describe_choice(report: Report, shown: Sequence[QuoteRow]) -> str:
    """Return how the quotes were chosen, and who speaks how often among them."""
    n_picked = sum(quote.is_picked for quote in shown)
    by_rule = (
        "by a rule that prefers whole sentences which make sense alone, and are spread over the "
        f"{report.terms.cases}, up to {report.quotes_per_code} for each code"
    )
    how = f"Quotes were chosen {by_rule}."
    if n_picked:
        how = f"{plural(n_picked, 'quote')} ({PICKED}) {'was' if n_picked == 1 else 'were'} chosen by the coders"
        how += f"; the others {by_rule}." if n_picked < len(shown) else "."
    where = "All passages are in quotes.csv, report.xlsx and report.html, where each links to its place."
    return f"{how} {say_voices([quote.case for quote in shown])} {where}"


def _quote_code(report: Report, row: CodeRow, chosen: Sequence[QuoteRow]) -> Iterator[Block]:
    own = report.quotes_of[row.code]
    which = f"; {len(chosen)} of {len(own)} shown" if len(own) > len(chosen) else ""
    yield Paragraph(f"quotes-{row.code}-count", (f"{count_passages(report, row)}{which}.",), "aside")
    for quote in chosen:
        mark = f", {PICKED}" if quote.is_picked else ""
        yield Quote(quote.text, f"{quote.place}{mark}", f"quote-{quote.row}")


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
        if totals.interviewer_segments
        else "Interviewer talk: none."
    )
    yield Heading("left-out", "What was not counted")
    for number, text in enumerate([talk, *describe_notes(report)], 1):
        yield Note(f"left-out-{number}", text)


def _compose_inputs(report: Report) -> Iterator[Block]:
    facts = report.facts
    options = [f"{name}: {_say(value)}" for name, value in sorted(facts.options.items()) if value and name != "layout"]
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
    "coders": Section(compose_coders, _READ),
    "themes": Section(_compose_themes),
    "framework": Section(compose_framework, _READ),
    "display": Section(compose_display, _READ),
    "pairs": Section(_compose_pairs, _READ),
    "questions": Section(compose_questions, _READ),
    "saturation": Section(compose_saturation, _READ),
    "agreement": Section(_compose_agreement),
    "codebook": Section(_compose_codebook, _TEXT),
    "frozen": Section(compose_frozen, _READ),
    "quotes": Section(_compose_quotes, _TEXT),
    "memos": Section(compose_memos, _TEXT),
    "trail": Section(compose_trail, _READ),
    "open": Section(compose_open, _READ),
    "left-out": Section(_compose_left_out, _READ),
    "inputs": Section(_compose_inputs, _TEXT),
}
"""The sections of a report, in their order. One that composes nothing is left out."""


def _name(row: CodeRow) -> Name:
    return Name(row.name, row.code, row.level)


def _cite(quote: QuoteRow) -> Quote:
    """Return a quote as a cell of a table."""
    from qualcode.laid import JOINER

    return Quote(cut_pieces(quote.own, _WORDS_IN_TABLE, keep=quote.matched.split(JOINER)), quote.place)


def _title(word: str) -> str:
    """Return a word with its first letter in upper case and the others as they are."""
    return word[:1].upper() + word[1:]


def _say(value: object) -> str:
    if isinstance(value, Mapping):
        return f"({', '.join(f'{key} {_say(one)}' for key, one in value.items())})"
    return ", ".join(map(_say, value)) if isinstance(value, (list, tuple)) else str(value)
