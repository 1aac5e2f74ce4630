"""The ids under which every text and number of a report can be found in its files, and counted again.

An id is that of a block, and within a table those of row and column: ``table-themes/challenges/scheduling/cases``. It
comes from the document alone, so that new sections have ids without doing anything for them. Word carries them as
hidden bookmarks (:func:`mark_of`), the page as attributes ``data-n``, and the workbook by its sheets, codes and heads.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

from qualcode.reports.document import (
    EVERYWHERE,
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
from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Literal

    from qualcode.reports.document import Block, Cell, Document, Medium, Text

NUMERAL = re.compile(r"(?<![\w.-])[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?%?(?!\w|\.[0-9])")
"""A number in a sentence: digits within names, versions and digests are none."""
_SIZES = re.compile(r"\bn of\b|\bof\b|[^\w%]+")
_BLANKS = re.compile(r"\s+")


def column_keys(table: Table) -> list[str]:
    """Return what each column is called in ids: its key, or its head without the numbers in it."""
    return number_keys(column.key or key_of_head(column.head) for column in table.columns)


def key_of_head(head: str) -> str:
    """Return what ids call a column by its head, without the numbers in it."""
    words = _SIZES.sub(" ", NUMERAL.sub(" ", head).replace("%", " percent "))
    return "-".join(words.casefold().split()) or "column"


def row_keys(table: Table) -> list[str]:
    """Return what each row is called in ids: the path of its code, or what stands in its first cell."""
    return number_keys(_key_of_row(row[0]) if row else "" for row in table.rows)


def _key_of_row(first: Cell) -> str:
    if isinstance(first, Name):
        return first.code or first.text
    return fold("".join(map(str, first)) if isinstance(first, tuple) else plain(first))


def number_keys(keys: Iterable[str]) -> list[str]:
    """Tell those apart that are called the same."""
    seen: Counter[str] = Counter()
    numbered = []
    for key in map(fold, keys):
        seen[key] += 1
        numbered.append(key if seen[key] == 1 else f"{key}~{seen[key]}")
    return numbered


def cell_ids(table: Table) -> list[list[str]]:
    """Return the id of each cell, row by row."""
    columns = column_keys(table)
    return [[f"{table.id}/{row}/{column}" for column in columns] for row in row_keys(table)]


def mark_of(number_id: str) -> str:
    """Return the name of the hidden bookmark that carries an id in Word, which allows forty letters and digits."""
    return f"_N{hashlib.sha256(number_id.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def fold(text: str) -> str:
    """Return a text with a single blank in the place of each run of blanks, and without what no file can hold."""
    return _BLANKS.sub(" ", clean(text)).strip()


def list_texts(document: Document, *, tables: Literal["numbered", "named"] = "numbered") -> dict[str, str]:
    """Return everything that a document says, by id.

    Parameters
    ----------
    document
        As it is shown on a medium: see :meth:`~qualcode.reports.document.Document.on`.
    tables
        Whether texts refer to tables by number, or by caption, as the page does.

    Returns
    -------
    dict of str
        Texts by id, in the order of the document.
    """
    labels = dict(document.labels)
    if tables == "named":
        labels |= {block.id: block.caption for block in document.blocks if isinstance(block, Table)}
    found = {"title": document.report.title, "subtitle": document.report.subtitle}
    for block in document.blocks:
        found |= _list_block(block, labels)
    return {one: fold(text) for one, text in found.items()}


def _list_block(block: Block, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    match block:
        case Paragraph():
            yield block.id, _say(block.text, labels)
        case Quote():
            yield block.id, str(block)
        case Note() | Heading():
            yield block.id if isinstance(block, Note) else f"{block.id}:heading", block.text
        case Figure():
            yield f"{block.id}:caption", f"{labels[block.id]}. {block.caption}"
            yield f"{block.id}:alt", block.alt
        case Table():
            yield from _list_table(block, labels)


def _list_table(table: Table, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield f"{table.id}:caption", f"{labels[table.id]}. {table.caption}"
    for key, column in zip(column_keys(table), table.columns, strict=True):
        yield f"{table.id}:head/{key}", column.head
    for ids, row in zip(cell_ids(table), table.rows, strict=True):
        for one, cell in zip(ids, row, strict=True):
            yield one, _say_cell(cell, labels)
    if table.note:
        yield f"{table.id}:note", table.note


def _say_cell(cell: Cell, labels: Mapping[str, str]) -> str:
    if isinstance(cell, tuple):
        return " ".join(_say(text, labels) for text in cell)
    if isinstance(cell, Share):
        return f"{cell}" if cell.whole else ""
    return plain(cell)


def _say(text: Text, labels: Mapping[str, str]) -> str:
    """Return a text in plain words, in which tables and figures are called as in the labels."""
    return "".join(
        labels[part.id] if isinstance(part, Reference) else part.text if isinstance(part, Words) else part
        for part in text
    )


def list_numbers(document: Document) -> dict[str, str]:
    """Return every number that a document states on any medium, by its id.

    Parameters
    ----------
    document
        What :func:`qualcode.reports.compose` returns.

    Returns
    -------
    dict of str
        Cells of columns of numbers by their ids, as a person reads them; numbers of sentences by the id of the sentence
        and their place in it: ``methods-1#2``.
    """
    found: dict[str, str] = {}
    media: tuple[Medium, ...] = ("screen", *EVERYWHERE)  # first the page's, in which counts stand alone
    for medium in media:
        on = document.on(medium)
        numeric = find_numeric(on)
        for one, text in list_texts(on).items():
            for number, value in split_numbers(one, text, numeric):
                found.setdefault(number, value)
    return found


def find_numeric(document: Document) -> frozenset[str]:
    """Return the ids of cells that are numbers, and of texts whose digits are none (quotes, names) with a minus."""
    cells: set[str] = set()
    for table in (block for block in document.blocks if isinstance(block, Table)):
        for ids in cell_ids(table):
            cells |= {
                one if column.kind == "number" else f"-{one}" for one, column in zip(ids, table.columns, strict=True)
            }
    words = {f"-{block.id}" for block in document.blocks if isinstance(block, Quote)}
    headings = {f"-{block.id}:heading" for block in document.blocks if isinstance(block, Heading)}
    return frozenset(cells | words | headings | {"-title"})


def split_numbers(text_id: str, text: str, numeric: frozenset[str]) -> list[tuple[str, str]]:
    """Return the numbers in a text with their ids."""
    if f"-{text_id}" in numeric:
        return []
    if text_id in numeric:
        return [(text_id, text)] if NUMERAL.search(text) else []
    return [(f"{text_id}#{place}", found) for place, found in enumerate(NUMERAL.findall(text), 1)]
