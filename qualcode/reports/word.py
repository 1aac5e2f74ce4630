"""The report as a Word document, fit for a paper's appendix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.reports.content import (
    below,
    captions,
    case_noun,
    choose,
    count_noun,
    describe_emptiness,
    describe_whose,
    example_of,
    leaf_pairs,
    list_codes,
    list_participants,
    list_quotes,
    share,
    shorten,
    subtitle,
)
from qualcode.reports.methods import describe_notes, paragraphs
from qualcode.reports.wordml import Body, Column, Row, cell, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from qualcode.codebook import Code
    from qualcode.reports import Report
    from qualcode.reports.content import CodeRow, Quote

_INDENT, _DEEPEST = 200, 1000
"""Twentieths of a point from one level of codes to the next, and to the deepest, so that names keep their room."""

_GAP = 90
_WORDS_IN_TABLE = 45
_ATTRIBUTES_UPRIGHT = 4
"""More attributes than these, and the table of participants lies across the page."""

_MOST_PAIRS = 20


def render(report: Report, *, quotes_per_code: int) -> bytes:
    """Return the report as the bytes of a .docx file."""
    return _Writer(report, quotes_per_code).render()


class _Writer:
    """One document in the making; the methods stand in the order of its sections."""

    def __init__(self, report: Report, quotes_per_code: int) -> None:
        self.report = report
        self.quotes_per_code = quotes_per_code
        self.body = Body()
        self.codes = list_codes(report)
        self.quotes = list_quotes(report.quotes)
        self.noun = case_noun(report.table)
        self.captions = captions(report)
        self.shown: dict[str, Quote] = {}

    def render(self) -> bytes:
        self._open()
        self._methods()
        self._participants()
        self._themes()
        self._spread()
        self._pairs()
        self._agreement()
        self._codebook()
        self._passages()
        self._left_out()
        self._inputs()
        return self.body.pack(self.report.title)

    def _open(self) -> None:
        self.body.text(run(self.report.title), "Title")
        self.body.text(run(subtitle(self.report)), "Subtitle")

    def _methods(self) -> None:
        self.body.heading("Methods", 1)
        for text in paragraphs(self.report):
            self.body.text(run(text))

    def _participants(self) -> None:
        names = self.report.table.index.attributes
        people = list_participants(self.report)
        plural = self.noun[1].capitalize()
        self.body.heading(plural, 1)
        if not people:
            self.body.text(run("Nobody but interviewers speaks in these transcripts."))
            return
        self.body.text(
            self.body.reference("Table", "participants") + run(f" lists the {self.noun[1]} with what they contributed.")
        )
        self.body.turn_page("landscape" if len(names) > _ATTRIBUTES_UPRIGHT else "portrait")
        columns = [
            Column(self.noun[0].capitalize(), 1.4),
            *(Column(_title(name), 1.3) for name in names),
            Column("Transcripts", 1.5),
            Column(f"{_title(self.report.facts.unit)}s", 0.8, "right"),
            Column("Words", 0.8, "right"),
        ]
        rows = [
            _text_row(
                [person.case, *person.attributes, ", ".join(person.transcripts)],
                [f"{person.segments:,}", f"{person.words:,}"],
            )
            for person in people
        ]
        note = f"{_title(self.report.facts.unit)}s and words are the {self.noun[1]}’ own, without interviewer talk."
        self.body.table("participants", f"{plural} and their share of the talk", columns, rows, note)
        self.body.turn_page("portrait")

    def _themes(self) -> None:
        facts, body = self.report.facts, self.body
        plural = self.noun[1]
        body.heading("Themes", 1)
        if not self.quotes:
            body.text(run(describe_emptiness(self.report)))
        body.text(
            self._pointer("themes", f" shows how many {plural} speak of each theme and sub-theme. ")
            + body.reference("Table", "themes")
            + run(f" gives these numbers and those of {facts.unit}s, with one quote for each.")
        )
        # Before the table, which goes on over as many pages as it needs and so fills the one with the figure.
        self._figure("themes")
        columns = [
            Column("Theme and sub-theme", 2.7),
            Column(f"{plural.capitalize()}, n of {facts.totals.cases}", 1.55, "right"),
            Column(f"{_title(facts.unit)}s", 0.8, "right"),
            Column("Illustrative quote", 5.7),
        ]
        body.table(
            "themes",
            f"Themes and sub-themes by number of {plural} and {facts.unit}s",
            columns,
            [self._theme_row(row) for row in self.codes],
            f"A theme counts each {facts.unit} once, however many of its sub-themes occur there. "
            f"N = {facts.totals.cases} {plural}. Quotes stand with {self.noun[0]}, transcript and turn; "
            f"[…] marks what was cut. {describe_whose(self.report)}".rstrip(),
        )

    def _pointer(self, kind: str, text: str) -> str:
        return self.body.reference("Figure", kind) + run(text) if kind in self.report.charts else ""

    def _theme_row(self, row: CodeRow) -> Row:
        style = "Strong" if row.level == 1 else ""
        quote = self._illustrate(row)
        return Row(
            (
                cell(run(row.name, style), indent=self._indent(row.level)),
                cell(run(share(row.cases, self.report.facts.totals.cases) + row.mark("cases"), style), align="right"),
                cell(run(f"{row.segments:,}{row.mark('segments')}", style), align="right"),
                cell(_quoted(quote, _WORDS_IN_TABLE), indent=_GAP) if quote else "",
            ),
            "above" if row.level == 1 else "none",
        )

    def _indent(self, level: int) -> int:
        depth = max((row.level for row in self.codes), default=1)
        return min(_INDENT, _DEEPEST // max(depth - 1, 1)) * max(level - 1, 0)

    def _illustrate(self, row: CodeRow) -> Quote | None:
        """Choose one quote of a code, another than the quotes above it; none where sub-themes have theirs."""
        own = [quote for quote in self.quotes if quote.code == row.code]
        chosen = choose(own, 1, {quote.passage for quote in self.shown.values()})
        if chosen:
            self.shown[row.code] = chosen[0]
        return chosen[0] if chosen else None

    def _spread(self) -> None:
        """Show how the themes are spread over cases and interviews."""
        texts = {
            "cases": f" shows how the {self.report.facts.unit}s are spread over the {self.noun[1]}.",
            "codelines": " shows where in each interview each theme is spoken of.",
        }
        for kind, text in texts.items():
            if kind in self.report.charts:
                self.body.text(self._pointer(kind, text))
                self._figure(kind)

    def _figure(self, kind: str) -> None:
        """Add a figure of the report, if it has one of this kind."""
        if kind in self.report.charts:
            chart = self.report.charts[kind]
            self.body.figure(kind, self.captions[kind], chart.render("png"), chart.alt)

    def _pairs(self) -> None:
        pairs = leaf_pairs(self.report)
        unit = self.report.facts.unit
        pointer = self._pointer("cooccurrence", f" shows in how many {unit}s two codes occur together.")
        if pairs.empty and not pointer:
            return
        self.body.heading("Codes that occur together", 1)
        if pairs.empty:
            self.body.text(pointer)
        else:
            self._list_pairs(pairs, pointer)
        self._figure("cooccurrence")

    def _list_pairs(self, pairs: pd.DataFrame, pointer: str) -> None:
        names = {row.code: row.name for row in self.codes}
        unit = self.report.facts.unit
        top = pairs.head(_MOST_PAIRS)
        shown = f"the {len(top)} most frequent of {len(pairs)}" if len(pairs) > len(top) else f"all {len(pairs)}"
        self.body.text(
            self.body.reference("Table", "pairs")
            + run(f" lists {shown} pairs of codes without sub-themes that share at least one {unit}. ")
            + pointer
        )
        columns = [
            Column("Code", 3),
            Column("Other code", 3),
            Column(f"{_title(unit)}s", 1, "right"),
            Column(self.noun[1].capitalize(), 1.2, "right"),
        ]
        values = zip(*(top[name].tolist() for name in ("code", "other", "segments", "cases")), strict=True)
        rows = [
            _text_row([names.get(code, code), names.get(other, other)], [f"{segments:,}", f"{cases:,}"])
            for code, other, segments, cases in values
        ]
        self.body.table("pairs", f"Codes that occur in the same {unit}", columns, rows, self.report.facts.whose)

    def _agreement(self) -> None:
        result = self.report.agreement
        if result is None:
            return
        from qualcode.reports.agreement import CAPTION, tabulate_agreement

        table = tabulate_agreement(result)
        self.body.heading(CAPTION, 1)
        self.body.text(
            run(f"{result.methods()} ") + self.body.reference("Table", "agreement") + run(" has the numbers.")
        )
        columns = [
            Column("Code", 3),
            *(Column(head, 1.6 if head == "Prevalence" else 0.9, "right") for head in table.heads[:-1]),
            Column(table.heads[-1], 1.5, "right"),
        ]
        rows = [
            Row(
                (
                    cell(run(row.name, "Strong" if row.level <= 1 else ""), indent=self._indent(row.level)),
                    *(cell(run(text), align="right") for text in row.cells),
                ),
                "above" if row.level == 1 else "none",
            )
            for row in table.rows
        ]
        self.body.table("agreement", CAPTION, columns, rows, table.note)
        if "agreement" in self.report.charts:
            chart = self.report.charts["agreement"]
            self.body.figure("agreement", f"{CAPTION}, per code", chart.render("png"), chart.alt)

    def _codebook(self) -> None:
        book = self.report.codebook
        self.body.heading("Codebook", 1)
        if book.description:
            self.body.text(run(book.description.strip()))
        self.body.text(
            self.body.reference("Table", "codebook")
            + run(" gives the codes in their order, with what each includes and excludes and one example.")
        )
        columns = [Column("Code", 2.4), Column("Definition", 4.9), Column("Example", 3.3)]
        rows = [self._code_row(code) for code in book.walk()]
        caption = f"Codebook “{book.name}”, version {book.digest[:12]}"
        self.body.table("codebook", caption, columns, rows)

    def _code_row(self, code: Code) -> Row:
        level = self.report.codebook.level(code.id)
        return Row(
            (
                cell(run(code.name, "Strong" if level == 1 else ""), indent=self._indent(level)),
                "".join(cell(part) for part in _definition(code)),
                self._example(code),
            ),
            "above" if level == 1 else "none",
        )

    def _example(self, code: Code) -> str:
        """Show a quote other than the theme table's, else the codebook's own example."""
        path = self.report.codebook.path(code.id)
        own = [quote for quote in self.quotes if quote.code == path]
        used = {self.shown[path].passage} if path in self.shown else set()
        fresh = choose([quote for quote in own if quote.passage not in used], 1)
        if fresh:
            return cell(_quoted(fresh[0], _WORDS_IN_TABLE))
        example = example_of(code)
        return cell(run(shorten(example, _WORDS_IN_TABLE)) + run(" (codebook)", "Place")) if example else ""

    def _passages(self) -> None:
        self.body.heading("Quotes", 1)
        if not self.quotes:
            self.body.text(run("There are none."))
            return
        self.body.text(
            run(
                f"Up to {self.quotes_per_code} passages for each code, chosen by length and spread over the "
                f"{self.noun[1]}. All of them are in quotes.csv, in report.xlsx and in report.html, where each "
                "leads to its place in the transcript."
            )
        )
        for row in self.codes:
            own = [quote for quote in self.quotes if quote.code == row.code]
            if row.segments:
                self.body.heading(row.name, min(row.level, 3) + 1)
                self._passages_of(row, below(row.code, own))

    def _passages_of(self, row: CodeRow, own: Sequence[Quote]) -> None:
        facts = self.report.facts
        chosen = choose(own, self.quotes_per_code)
        counted = (
            f"{count_noun(row.codings, 'passage')} in {count_noun(row.segments, facts.unit)} of "
            f"{row.cases} of {count_noun(facts.totals.cases, *self.noun)}"
        )
        which = f"; {len(chosen)} of {len(own)} shown" if len(own) > len(chosen) else ""
        self.body.text(run(f"{counted}{which}."), "CodeNote")
        for quote in chosen:
            self.body.text(_quoted(quote), "Quote")

    def _left_out(self) -> None:
        facts, totals = self.report.facts, self.report.facts.totals
        self.body.heading("What was left out", 1)
        talk = (
            f"Interviewer talk: {count_noun(totals.interviewer_words, 'word')} in "
            f"{count_noun(totals.interviewer_segments, facts.unit)}, with "
            f"{count_noun(totals.interviewer_codings, 'coding')}; none of it is in any count."
        )
        self.body.bullets([talk, *describe_notes(facts)])

    def _inputs(self) -> None:
        facts = self.report.facts
        self.body.heading("Inputs and versions", 1)
        options = [f"{name}: {_say(value)}" for name, value in sorted(facts.options.items()) if value]
        self.body.text(
            run(f"qualcode {facts.version}, spaCy {facts.spacy_version}. ")
            + (run(f"Options: {'; '.join(options)}. ") if options else "")
            + self.body.reference("Table", "inputs")
            + run(" identifies every input: the same files give the same report.")
        )
        columns = [Column("Input", 3), Column("SHA-256", 5.6)]
        rows = [Row((cell(run(name)), cell(run(digest, "Digest")))) for name, digest in facts.inputs.items()]
        self.body.table("inputs", "Input files and their digests", columns, rows)


def _title(word: str) -> str:
    """Return a word with its first letter in upper case and the others as they are."""
    return word[:1].upper() + word[1:]


def _say(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _text_row(texts: Sequence[str], numbers: Sequence[str]) -> Row:
    return Row((*(cell(run(text)) for text in texts), *(cell(run(text), align="right") for text in numbers)))


def _quoted(quote: Quote, words: int | None = None) -> str:
    text = quote.text if words is None else shorten(quote.text, words)
    # No-break spaces keep "P07, t012, 0:12:34" on one line.
    return run(f"“{text}” ") + run(f"({quote.place})".replace(" ", "\u00a0"), "Place")


def _definition(code: Code) -> list[str]:
    parts = [run(code.definition.strip())] if code.definition else []
    for name, texts in (("Include: ", code.include), ("Exclude: ", code.exclude)):
        if texts:
            parts.append(run(name, "Emphasis") + run("; ".join(text.strip() for text in texts)))
    return parts
