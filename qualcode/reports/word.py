"""The report as a Word document, fit for a paper's appendix."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.reports.document import Figure, Heading, Name, Note, Paragraph, Quote, Reference, Table, Words, plain
from qualcode.reports.numbers import cell_ids
from qualcode.reports.wordml import Body, Row, cell, longest_word, run
from qualcode.reports.wordtemplate import map_styles, open_template

if TYPE_CHECKING:
    from typing import Literal

    from qualcode.reports.document import Block, Cell, Column, Document, Template, Text

_INDENT, _DEEPEST = 200, 1000
"""Twentieths of a point from one level of codes to the next, and to the deepest, so that names keep their room."""

_GAP = 90
"""The same between a number and a quote."""

_SHORT, _LONG = 14, 24
"""Letters of a number with its share that stay on one line, and of a word that may yet be broken."""

_STYLES = {"plain": "", "aside": "CodeNote", "warning": ""}
_LOOKS = {"emphasis": "Emphasis", "soft": "Place", "code": "Digest"}


def render(document: Document) -> bytes:
    """Return the report as the bytes of a .docx file."""
    return _Writer(document.on("text")).render()


def _open(template: Template | None) -> Body:
    if template is None:
        return Body()
    own = open_template(template.data, template.name)
    return Body(own, "template", map_styles(own))


class _Writer:
    """One document in the making."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.body = _open(document.template)

    def render(self) -> bytes:
        report = self.document.report
        first = next(self.document.blocks, None)
        if isinstance(first, Table) and first.look == "across":  # else the title would have a page to itself
            self.body.begin("landscape")
        self.body.text(self.body.mark("title", run(report.title)), "Title")
        self.body.text(self.body.mark("subtitle", run(report.subtitle)), "Subtitle")
        blocks = [*self.document.blocks, None]
        for block, following in pairwise(blocks):
            self._add(block, "next" if isinstance(following, (Figure, Table)) else "none")
        return self.body.pack(report.title)

    def _add(self, block: Block | None, keep: Literal["next", "none"]) -> None:
        """Add a block; a paragraph that leads to a figure or table stays on its page.

        A table that lies across has pages of its own.
        """
        lies_across = isinstance(block, Table) and block.look == "across"
        self.body.turn_page("landscape" if lies_across else "portrait")
        match block:
            case Heading():
                self.body.heading(self.body.mark(f"{block.id}:heading", run(block.text)), block.level)
            case Paragraph():
                self.body.text(self.body.mark(block.id, self._runs(block.text)), _STYLES[block.look], keep=keep)
            case Quote():
                self.body.text(self.body.mark(block.id, _cite(block)), "Quote")
            case Note():
                self.body.text(self.body.mark(block.id, run(block.text)), "ListBullet")
            case Table():
                self._tabulate(block)
            case Figure():
                png = self.document.report.draw(block.kind, "png")
                self.body.figure(block.id, self.document.labels[block.id], block.caption, png, block.alt)

    def _runs(self, text: Text) -> str:
        return "".join(map(self._run, text))

    def _run(self, part: str | Words | Reference) -> str:
        if isinstance(part, Reference):
            return self.body.reference(self.document.labels[part.id])
        return run(part) if isinstance(part, str) else run(part.text, _LOOKS[part.look])

    def _tabulate(self, table: Table) -> None:
        depth = max((row[0].level for row in table.rows if isinstance(row[0], Name)), default=1)
        indent = min(_INDENT, _DEEPEST // max(depth - 1, 1))
        rows = [
            self._row(row, table.columns, ids, indent) for ids, row in zip(cell_ids(table), table.rows, strict=True)
        ]
        self.body.table(table, self.document.labels[table.id], rows)

    def _row(self, cells: tuple[Cell, ...], columns: tuple[Column, ...], ids: list[str], indent: int) -> Row:
        level = cells[0].level if isinstance(cells[0], Name) else 0
        style = "Strong" if level == 1 else ""
        filled, gap = [], 0
        for one, column, id_ in zip(cells, columns, ids, strict=True):
            if isinstance(one, Name):
                name = self.body.mark(id_, run(one.text, style))
                filled.append(cell(name, indent=indent * max(one.level - 1, 0)))
            elif column.kind == "number":
                filled.append(cell(self.body.mark(id_, run(plain(one), style)), align="right"))
            else:
                filled.append(self._cell(one, id_, gap))
            gap = _GAP if column.kind == "number" else 0
        longest = tuple(_longest(one, column) for one, column in zip(cells, columns, strict=True))
        return Row(tuple(filled), longest, "above" if level == 1 else "none")

    def _cell(self, one: Cell, id_: str, gap: int) -> str:
        match one:
            case Quote():
                return cell(self.body.mark(id_, _cite(one)), indent=gap)
            case tuple():
                texts = [self._runs(text) for text in one]
                if texts:
                    first, last = self.body.marks(id_)
                    texts[0] = first + texts[0]
                    texts[-1] += last
                return "".join(map(cell, texts))
            case _:
                return cell(self.body.mark(id_, run(plain(one)))) if one != "" else ""


def _longest(one: Cell, column: Column) -> int:
    """Return the letters of a cell's longest word; a short number stays on one line with its share."""
    if isinstance(one, (Quote, tuple)):  # long texts, for which any column is wide enough
        return 0
    text = plain(one)
    is_whole = column.kind == "number" and len(text) <= _SHORT
    return len(text) if is_whole else min(longest_word(text), _LONG)


def _cite(quote: Quote) -> str:
    # No-break spaces keep "P07, t012, 0:12:34" on one line.
    return run(f"“{quote.text}” ") + run(f"({quote.place})".replace(" ", "\u00a0"), "Place")
