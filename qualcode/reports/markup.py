"""The blocks of a document as HTML: tables and figures whose numbers and marks open the quotes behind them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import markupsafe
from markupsafe import Markup

from qualcode.figures import list_marks
from qualcode.reports.document import (
    Count,
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
    plain,
)
from qualcode.reports.numbers import column_keys, row_keys
from qualcode.reports.phrases import clean
from qualcode.wording import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qualcode.reports.document import Block, Cell, Column, Document, Text

_MOST_LEVELS = 5
_MOST_MARKS = 3000
"""Marks of a figure that are links; more are too small to point at, and a table has the same numbers."""
_SHADES = 4
_LOOKS = {
    "emphasis": Markup("<i>{}</i>"),
    "soft": Markup('<span class="soft">{}</span>'),
    "code": Markup("<code>{}</code>"),
}
_PARAGRAPHS = {
    "plain": Markup('<p data-n="{}">{}</p>'),
    "aside": Markup('<p class="note" data-n="{}">{}</p>'),
    "warning": Markup('<p class="warning" data-n="{}">{}</p>'),
}
_UNSURE = Markup('<span class="unsure" title="An open difference between coders could change this number.">{}</span>')
_QUOTE = Markup('<blockquote dir="auto" data-n="{}">“{}” {}</blockquote>')
_TABLE_NOTE = Markup('\n<p class="note" data-n="{}:note">{}</p>')
_BAR = Markup(
    '<span>{}%{}</span><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="back" width="100" height="8"/><rect class="fill" width="{}" height="8"/></svg>'
)


def escape(text: str) -> Markup:
    """Return text that HTML shows as it stands."""
    return markupsafe.escape(clean(text))


def join(parts: Iterable[Markup]) -> Markup:
    """Return pieces of HTML one after another."""
    return Markup("\n").join(parts)


@dataclass(frozen=True, slots=True)
class Keys:
    """The numbers by which the page tells its codes, cases and transcripts apart, and the names of the codes.

    Attributes
    ----------
    codes, cases, transcripts
        Numbers by path and by id.
    names, hues
        Of the codes, by their numbers.
    """

    codes: Mapping[str, int]
    cases: Mapping[str, int]
    transcripts: Mapping[str, int]
    names: Sequence[str]
    hues: Sequence[int]

    def hue(self, code: str) -> str:
        """Return the class that has the colour of a code; ``""`` of none."""
        return f"h{self.hues[self.codes[code]]}" if code in self.codes else ""

    def link(self, opens: Mapping[str, str]) -> Markup | None:
        """Return the attributes of a link to the quotes behind a number or mark; ``None`` when it leads to none."""
        code, other = opens.get("code", ""), opens.get("other", "")
        asked = [("k", self.codes, code), ("o", self.codes, other if other != code else "")]
        asked += [("c", self.cases, opens.get("case", "")), ("t", self.transcripts, opens.get("transcript", ""))]
        found = [(letter, numbers.get(name)) for letter, numbers, name in asked if name]
        if not code or any(number is None for _, number in found):
            return None
        data = "".join([f' data-{letter}="{number}"' for letter, number in found])
        return Markup(f'href="#q-{self.codes[code]}"{data}')  # noqa: S704  # numbers

    def name(self, opens: Mapping[str, str], what: str) -> Markup:
        """Return the attribute that names such a link: what it counts, of which codes, where, and what it does."""
        code, other = opens.get("code", ""), opens.get("other", "")
        both = [self.names[self.codes[one]] for one in dict.fromkeys((code, other)) if one]
        title = [what, " and ".join(both), opens.get("case", ""), opens.get("transcript", "")]
        told = escape(" · ".join([part for part in title if part]))
        return Markup(f'aria-label="{told}: open quotes"')  # noqa: S704  # escaped


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a document as HTML."""

    document: Document
    keys: Keys

    def show(self, blocks: Iterable[Block]) -> Markup:
        """Return blocks without the headings of sections, which stand in the page itself."""
        below = (block for block in blocks if not (isinstance(block, Heading) and block.level == 1))
        parts = []
        for is_note, run in groupby(below, lambda block: isinstance(block, Note)):
            shown = join(map(self._show, run))
            parts.append(Markup("<ul>\n{}\n</ul>").format(shown) if is_note else shown)
        return join(parts)

    def _show(self, block: Block) -> Markup:
        match block:
            case Heading():
                return Markup("<h{0}>{1}</h{0}>").format(min(block.level + 1, 4), escape(block.text))
            case Paragraph():
                return _PARAGRAPHS[block.look].format(block.id, self._text(block.text))
            case Quote():
                return _QUOTE.format(block.id, escape(block.text), self._place(block))
            case Note():
                return Markup('<li data-n="{}">{}</li>').format(block.id, escape(block.text))
            case Table():
                return self._table(block)
            case Figure():
                return self._figure(block)

    def _text(self, text: Text) -> Markup:
        return Markup("").join(map(self._part, text))

    def _part(self, part: str | Words | Reference) -> Markup:
        match part:
            case Reference():
                table = self.document.table(part.id)
                words = table.caption if table else self.document.labels[part.id]
                return Markup('<a href="#{}">{}</a>').format(part.id, escape(words))
            case Words():
                return _LOOKS[part.look].format(escape(part.text))
            case _:
                return escape(part)

    def _place(self, quote: Quote) -> Markup:
        return Markup('<span class="soft">({})</span>').format(escape(quote.place))

    # ---- figures

    def _figure(self, figure: Figure) -> Markup:
        report = self.document.report
        svg = b64encode(report.draw(figure.kind, "svg")).decode()
        return Markup(  # on a phone a figure scrolls, which must be in reach of the keyboard
            '<figure id="{}" tabindex="0"><div class="drawing">'
            '<img src="data:image/svg+xml;base64,{}" alt="{}">{}</div>'
            '<figcaption data-n="{}:caption"><b>{}.</b> {}.</figcaption></figure>'
        ).format(
            figure.id,
            svg,
            escape(figure.alt),
            self._marks(figure),
            figure.id,
            self.document.labels[figure.id],
            escape(figure.caption),
        )

    def _marks(self, figure: Figure) -> Markup:
        """Return what lies over a figure: a link on each mark. Keyboards have the same numbers in the tables."""
        chart = self.document.report.charts[figure.kind]
        links = []
        for mark in list_marks(chart, most=_MOST_MARKS):
            box, attributes = mark.box, self.keys.link(mark.opens)
            if attributes:
                place = (f"{value:.2f}" for value in (box.left, box.top, box.width, box.height))
                rect = Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(*place)
                links.append(Markup('<a class="n" tabindex="-1" {}>{}</a>').format(attributes, rect))
        if not links:
            return Markup()
        width, height = chart.size
        return Markup(
            '<svg class="marks" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
        ).format(f"{width:.2f}", f"{height:.2f}", join(links))

    # ---- tables

    def _table(self, table: Table) -> Markup:
        most = max((one.value for row in table.rows for one in row if isinstance(one, Count)), default=0)
        counts = [one for row in table.rows for one in row if isinstance(one, int | Count)]
        opens = counts and all(isinstance(one, Count) and one.opens for one in counts)
        samples = table.rows[0] if table.rows else ("",) * len(table.columns)
        head = Markup("").join(
            Markup('<th scope="col"{} data-n="{}">{}</th>').format(
                _class(_kind(one, column, table)), key, escape(column.head)
            )
            for one, key, column in zip(samples, column_keys(table), table.columns, strict=True)
        )
        rows = join(self._row(row, key, table, most) for key, row in zip(row_keys(table), table.rows, strict=True))
        caption = Markup("<caption>{}.{}</caption>").format(
            escape(table.caption),
            " Every number opens the quotes behind it; arrow keys lead from one to the next." if opens else "",
        )
        tall = "" if table.look == "heat" or table.id == "table-themes" else " tall"
        note = _TABLE_NOTE.format(table.id, escape(table.note)) if table.note else ""
        # What scrolls must be in reach of the keyboard: by a number in it, or else by itself.
        stop = Markup() if 'class="n"' in rows else Markup(' tabindex="0"')
        return Markup(
            '<div class="wide{}" id="{}"{} role="region" aria-label="Table: {}">\n<table>\n{}\n'
            "<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>\n</div>{}"
        ).format(tall, table.id, stop, escape(table.caption), caption, head, rows, note)

    def _row(self, cells: Sequence[Cell], key: str, table: Table, most: int) -> Markup:
        first, *others = cells
        classes = ("theme" if first.level == 1 else "", self.keys.hue(first.code)) if isinstance(first, Name) else ()
        rest = (self._cell(one, column, table, most) for one, column in zip(others, table.columns[1:], strict=True))
        shown = Markup("").join([self._head(first), *rest])
        return Markup('<tr{} data-n="{}">{}</tr>').format(_class(*classes), escape(key), shown)

    def _head(self, one: Cell) -> Markup:
        if not isinstance(one, Name):
            return Markup('<th scope="row" dir="auto">{}</th>').format(self._content(one))
        level = Markup(' data-level="{}"').format(min(one.level, _MOST_LEVELS)) if one.level else ""
        title = Markup(' title="{}"').format(escape(one.code)) if one.code else ""
        return Markup('<th scope="row" dir="auto"{}{}>{}</th>').format(level, title, self._content(one))

    def _cell(self, one: Cell, column: Column, table: Table, most: int) -> Markup:
        value = one.value if table.look == "heat" and isinstance(one, Count) else 0
        shade = f"s{-(-_SHADES * value // most)}" if value else ""
        # Put together by hand, as are numbers below: there are tens of thousands of them, and format takes its time.
        looks, content = _class(_kind(one, column, table), shade), self._content(one)
        return Markup(f"<td{looks}>{content}</td>")  # noqa: S704  # both are HTML

    def _content(self, one: Cell) -> Markup:
        match one:
            case Name():
                hue = self.keys.hue(one.code) if one.level <= 1 else ""
                return (Markup('<span class="swatch {}"></span>').format(hue) if hue else Markup()) + escape(one.text)
            case Count():
                link, value = self.keys.link(one.opens) if one.value else None, f"{one.value:,}"
                if link:
                    number = f'<a class="n" {link} {self.keys.name(one.opens, _say(one))}>{value}</a>'
                else:
                    number = f'<span class="{"" if one.value else "zero"}">{value}</span>'
                return Markup(number) + (_UNSURE.format(one.mark) if one.mark else "")  # noqa: S704  # HTML of ours
            case Share():
                whole = percent(one.part, one.whole)
                return _BAR.format(whole, one.mark, round(100 * one.part / one.whole)) if one.whole else Markup()
            case Quote():
                return Markup('<span class="cited">“{}” {}</span>').format(escape(one.text), self._place(one))
            case tuple():
                return Markup("<br>").join(map(self._text, one))
            case _:
                return escape(plain(one))


def _say(one: Count) -> str:
    return f"{one.value:,} {one.noun.removesuffix('s') if one.value == 1 else one.noun}"


def _kind(one: Cell, column: Column, table: Table) -> str:
    if isinstance(one, Share):
        return "percent"
    return ("cell" if table.look == "heat" else "num") if column.kind == "number" else ""


def _class(*names: str) -> Markup:
    kept = " ".join(name for name in names if name)
    return Markup(f' class="{kept}"') if kept else Markup()  # noqa: S704  # our own names
