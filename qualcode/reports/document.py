"""What a report says, in the order in which it says it: headings, paragraphs, tables, figures, quotes and notes.

:mod:`qualcode.reports.sections` composes a document once; Word, LaTeX and Markdown are renderings of it, and page and
workbook take their sentences and tables from it. Everything here is a value, and every block has an id of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from qualcode.wording import percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qualcode.reports.report import Report

Medium = Literal["text", "fragment", "screen", "sheets"]
"""What is read from start to end (Word, Markdown), what goes into another text (LaTeX), the page, and the workbook."""

EVERYWHERE: tuple[Medium, ...] = get_args(Medium)
RESULTS: tuple[Medium, ...] = ("text", "fragment", "screen")
"""Where the tables are shown that the workbook has in a form of its own."""

# ---- texts and cells


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a look of their own."""

    text: str
    look: Literal["emphasis", "soft", "code"]


@dataclass(frozen=True, slots=True)
class Reference:
    """The number of a table or figure, which leads there."""

    id: str


Text = tuple["str | Words | Reference", ...]


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a code (or of anything else), with the code's path and its level in the codebook."""

    text: str
    code: str = ""
    level: int = 0

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Count:
    """A number of passages or of where they are.

    Attributes
    ----------
    value
        The number.
    noun
        What is counted.
    opens
        Which quotes are behind it, by the names of :attr:`qualcode.figures.FigureKind.opens`.
    mark
        What stands behind it when an open difference between coders could change it.
    """

    value: int
    noun: str = ""
    opens: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.value:,}{self.mark}"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a base in percent, which the head of its column names."""

    part: int
    whole: int
    mark: str = ""

    def __str__(self) -> str:
        return f"{percent(self.part, self.whole)}{self.mark}"


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage in its words, and where it stands; without an id it is a cell."""

    text: str
    place: str
    id: str = ""
    media: tuple[Medium, ...] = EVERYWHERE

    def __str__(self) -> str:
        return f"“{self.text}” ({self.place})"


Cell = str | int | Name | Count | Share | Quote | tuple[Text, ...]
"""What a cell of a table holds; a tuple of texts is a paragraph each."""


def plain(one: Cell) -> str:
    """Return a cell that is no text of several paragraphs as plain words."""
    return f"{one:,}" if isinstance(one, int) else str(one)


# ---- blocks


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; that of a section has level 1 and the section's id."""

    id: str
    text: str
    level: int = 1
    media: tuple[Medium, ...] = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``aside`` is a remark in small print, ``warning`` is not to be overlooked."""

    id: str
    text: Text
    look: Literal["plain", "aside", "warning"] = "plain"
    media: tuple[Medium, ...] = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Note:
    """One of several things that a reader should know."""

    id: str
    text: str
    media: tuple[Medium, ...] = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, which says its unit, what its cells are, and its share of the width.

    ``key`` is what ids call it, where the same numbers stand under another head on another medium.
    """

    head: str
    weight: float = 1.0
    kind: Literal["text", "number"] = "text"
    media: tuple[Medium, ...] = EVERYWHERE
    key: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes
    ----------
    id
        ``table-`` and a name.
    caption
        Without a full stop.
    columns, rows
        The columns, and their cells. A row that begins with the :class:`Name` of a code stands at the code's level.
    note
        What the columns are.
    look
        ``across`` asks for a page that lies on its side, ``heat`` for shades.
    most
        How many rows are shown where nobody can scroll; ``None`` for all.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    look: Literal["plain", "across", "heat"] = "plain"
    most: int | None = None
    media: tuple[Medium, ...] = EVERYWHERE

    def on(self, medium: Medium) -> Table:
        """Return the table with the columns of a medium."""
        kept = [number for number, column in enumerate(self.columns) if medium in column.media]
        rows = self.rows if medium in {"screen", "sheets"} else self.rows[: self.most]
        return replace(
            self,
            columns=tuple(self.columns[number] for number in kept),
            rows=tuple(tuple(row[number] for number in kept) for row in rows),
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the report: ``figure-`` and its kind are its id; its caption has no full stop."""

    id: str
    kind: str
    caption: str
    alt: str
    media: tuple[Medium, ...] = ("text", "screen")


Block = Heading | Paragraph | Note | Table | Figure | Quote

_ON_PAPER: tuple[Medium, ...] = ("text", "fragment")


def _rewrite(block: Block, rewrite: Callable[[str], str]) -> Block:
    """Return a block with its numbers written otherwise; words of others stay as they are."""
    match block:
        case Paragraph():
            return replace(block, text=tuple(rewrite(part) if isinstance(part, str) else part for part in block.text))
        case Note():
            return replace(block, text=rewrite(block.text))
        case Table():
            columns = tuple(replace(column, head=rewrite(column.head)) for column in block.columns)
            rows = tuple(
                tuple(_rewrite_cell(one, column, rewrite) for one, column in zip(row, block.columns, strict=True))
                for row in block.rows
            )
            return replace(block, columns=columns, rows=rows, note=rewrite(block.note))
    return block


def _rewrite_cell(one: Cell, column: Column, rewrite: Callable[[str], str]) -> Cell:
    is_number = column.kind == "number" and not isinstance(one, (Name, Quote, tuple))
    return rewrite(plain(one)) if is_number else one


@dataclass(frozen=True, slots=True)
class Template:
    """A Word document of the author's own: what messages call it, and its bytes."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Document:
    """A report in order.

    Attributes
    ----------
    report
        What it was composed of; page and workbook show of it what paper cannot.
    sections
        The blocks of each section by the section's id.
    figures
        The folder, beside the file that is rendered, in which the figures lie as files; empty when there is none.
    template
        A Word document of the author's own, whose styles and page the Word report takes; ``None``: those of qualcode.
    rewrite
        Writes numbers as another language does, on paper; ``None``: they stay.
    """

    report: Report
    sections: Mapping[str, tuple[Block, ...]]
    figures: str = ""
    template: Template | None = None
    rewrite: Callable[[str], str] | None = None

    def on(self, medium: Medium) -> Document:
        """Return the document with what one sees on a medium."""
        sections = {
            name: tuple(
                block.on(medium) if isinstance(block, Table) else block for block in blocks if medium in block.media
            )
            for name, blocks in self.sections.items()
        }
        if self.rewrite is not None and medium in _ON_PAPER:
            sections = {name: tuple(_rewrite(one, self.rewrite) for one in own) for name, own in sections.items()}
        return replace(self, sections={name: blocks for name, blocks in sections.items() if blocks})

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks in their order."""
        return (block for blocks in self.sections.values() for block in blocks)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """``Table 3``, ``Figure 1`` and so on, by the ids of tables and figures."""
        found: dict[str, str] = {}
        for kind in (Table, Figure):
            numbered = (block for block in self.blocks if isinstance(block, kind))
            found |= {block.id: f"{kind.__name__} {number}" for number, block in enumerate(numbered, 1)}
        return found

    def say(self, text: Text) -> str:
        """Return a text as plain words; a table is named by its caption, as a workbook has no numbers for tables."""
        tables = {block.id: block.caption for block in self.blocks if isinstance(block, Table)}
        words = (
            tables.get(part.id, self.labels.get(part.id, "")) if isinstance(part, Reference) else part for part in text
        )
        return "".join(part.text if isinstance(part, Words) else part for part in words)

    def table(self, table_id: str) -> Table | None:
        """Return a table, if there is one of this id."""
        return next((block for block in self.blocks if isinstance(block, Table) and block.id == table_id), None)
