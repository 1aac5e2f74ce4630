"""The report as plain Markdown (CommonMark with GitHub's tables), for notes, wikis and repositories."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.reports.document import Figure, Heading, Name, Note, Paragraph, Quote, Reference, Table, Words, plain
from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.reports.document import Block, Cell, Document, Text

_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|${}#]|(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
"""What would begin emphasis, code, links, tags, entities, tables or formulas, or become a link by itself."""
_AT_START = re.compile(r"^(?:(\d+)(?=[.)])|(?=[-+=]))")
"""What would begin a list or underline a heading at the start of a line."""
_DEEPEST = 6


def render(document: Document) -> bytes:
    """Return the report as UTF-8."""
    document = document.on("text")
    report, blocks = document.report, list(document.blocks)
    gaps = ["\n" if isinstance(one, Note) and isinstance(other, Note) else "\n\n" for one, other in pairwise(blocks)]
    body = "".join(_block(block, document) + gap for block, gap in zip(blocks, [*gaps, "\n"], strict=True))
    return f"# {escape(report.title)}\n\n{_start(escape(report.subtitle))}\n\n{body}".encode("utf-8", "replace")


def _block(block: Block, document: Document) -> str:
    match block:
        case Heading():
            return f"{'#' * min(block.level + 1, _DEEPEST)} {escape(block.text)}"
        case Paragraph():
            return _start(_text(block.text, document))
        case Quote():
            lines = (_start(escape(line)) for line in str(block).split("\n"))
            return "> " + "\\\n> ".join(lines)
        case Note():
            return f"- {_start(escape(block.text))}"
        case Table():
            return _table(block, document)
        case Figure():
            return _figure(block, document)


def _figure(figure: Figure, document: Document) -> str:
    """Return a picture with its caption; in words where it does not lie beside the file."""
    caption = f"**{document.labels[figure.id]}.** {escape(figure.caption)}"
    if not document.figures:
        return f"{caption}. {escape(figure.alt)}"
    return f"![{escape(figure.alt)}]({document.figures}/{figure.kind}.png)\n\n{caption}"


def _table(table: Table, document: Document) -> str:
    lines = [
        f"**{document.labels[table.id]}.** {escape(table.caption)}\n",
        _row(escape(column.head) for column in table.columns),
        _row("---:" if column.kind == "number" else "---" for column in table.columns),
        *(_row(_cell(one, document) for one in row) for row in table.rows),
    ]
    return "\n".join([*lines, f"\n{_start(escape(table.note))}"] if table.note else lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(one: Cell, document: Document) -> str:
    match one:
        case Name(level=1) if one.text.strip():
            return f"**{escape(one.text).strip()}**"
        case Name():
            return "&emsp;" * (one.level - 1) + escape(one.text)
        case tuple():
            return " ".join(_text(text, document) for text in one)
        case _:
            return escape(plain(one))


def _text(text: Text, document: Document) -> str:
    return "".join(_part(part, document) for part in text).strip()


def _part(part: str | Words | Reference, document: Document) -> str:
    match part:
        case Reference():
            return document.labels[part.id]
        case Words(look="emphasis"):
            kept = escape(part.text).strip()
            return f"*{kept}* " if kept else ""
        case Words():
            return escape(part.text)
        case _:
            return escape(part)


def escape(text: str) -> str:
    """Return text of one line that Markdown shows as it stands, wherever but at the start of a line."""
    return _SPECIAL.sub(lambda found: f"\\{found.group()}", re.sub(r"\s+", " ", clean(text)))


def _start(line: str) -> str:
    """Return a line whose beginning is taken for text, too."""
    return _AT_START.sub(lambda found: f"{found.group(1) or ''}\\", line.strip())


def unescape(line: str) -> str:
    """Return a line of Markdown that :func:`escape` made as a person sees it."""
    return re.sub(r"\\(.)", r"\1", line.replace("&emsp;", "").replace("**", ""))
