"""What a code says, in the one text that other programs have for it, and taken apart again.

The definition comes first; then the blocks ``Include:``, ``Exclude:``, ``Examples:`` and ``Not examples:``, each with
its items on lines that begin with ``- ``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from qualcode.codebook import Code, Example

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEADS = {
    "definition": "Definition",
    "include": "Include",
    "exclude": "Exclude",
    "hits": "Examples",
    "misses": "Not examples",
}
_BY_HEAD = {head.casefold(): part for part, head in _HEADS.items()}
_ITEM = re.compile(r"[-*•–] ?(.*)")


def clean_prose(text: str) -> str:
    """Return a text as a codebook holds it: NFC, no blanks at the edges of lines, no control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(mark for mark in text if mark in "\n\t" or unicodedata.category(mark) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", "\n".join(line.strip() for line in kept.strip().split("\n")))


def write_description(code: Code) -> str:
    """Return definition, what belongs to a code and what does not, and examples as one text."""
    parts: dict[str, Sequence[str]] = {
        "include": code.include, "exclude": code.exclude, "hits": [one.text for one in code.hits],
        "misses": [one.text for one in code.misses],
    }  # fmt: skip
    definition = code.definition
    if definition and _needs_head(definition):
        definition = _block("definition", [definition])
    blocks = [definition, *(_block(part, texts) for part, texts in parts.items() if texts)]
    return "\n\n".join(filter(None, blocks))


def _needs_head(definition: str) -> bool:
    """Tell whether a definition would be taken apart when it is read again."""
    return set(_split(definition)) != {"definition"} or _split(definition)["definition"] != [definition]


def _block(part: str, items: Iterable[str]) -> str:
    lines = [f"- {line}" if not number else f"  {line}" for one in items for number, line in enumerate(one.split("\n"))]
    return "\n".join([f"{_HEADS[part]}:", *lines])


def read_description(code: Code, text: str) -> Code:
    """Return a code with the parts of a description in their fields."""
    found = _split(_tidy(text))
    hits = tuple(dict.fromkeys(found.get("hits", ())))
    return Code(
        code.id, code.name,
        definition="\n".join(found.get("definition", ())),
        include=tuple(found.get("include", ())),
        exclude=tuple(found.get("exclude", ())),
        hits=tuple(map(Example, hits)),
        misses=tuple(Example(one) for one in dict.fromkeys(found.get("misses", ())) if one not in hits),
        colour=code.colour, codes=code.codes,
    )  # fmt: skip


def _tidy(text: str) -> str:
    """Return a text in NFC with plain line ends; how lines are indented tells what belongs to which item."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(mark for mark in text if mark in "\n\t" or unicodedata.category(mark) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", kept.strip())


def _split(text: str) -> dict[str, list[str]]:
    """Return the items of each part of a text."""
    lines = text.split("\n")
    found: dict[str, list[str]] = {}
    free: list[str] = []
    at = 0
    while at < len(lines):
        part = (
            _BY_HEAD.get(lines[at].strip().removesuffix(":").casefold()) if lines[at].rstrip().endswith(":") else None
        )
        items, end = _read_items(lines, at + 1) if part else ([], at)
        if part and items:
            found.setdefault(part, []).extend(items)
            at = end
        else:
            free.append(lines[at])
            at += 1
    prose = "\n".join(free).strip()
    if prose:
        found["definition"] = [*found.get("definition", ()), prose]
    return found


def _read_items(lines: Sequence[str], at: int) -> tuple[list[str], int]:
    """Return the items of a list that begins at a line, and the line behind it."""
    items: list[str] = []
    while at < len(lines):
        item = _ITEM.fullmatch(lines[at])
        if item:
            items.append(item[1])
        elif items and lines[at].startswith("  "):
            items[-1] += f"\n{lines[at].removeprefix('  ')}"
        elif items and not lines[at].strip() and next(filter(str.strip, lines[at:]), "").startswith("  "):
            items[-1] += "\n"
        else:
            break
        at += 1
    return [one for one in (item.strip() for item in items) if one], at + (at < len(lines) and not lines[at].strip())
