"""How a text, a list or an entry is written in YAML: on lines of its own, or in brackets."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from qualcode.codebook.nodes import parse_nodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Value: TypeAlias = "str | Sequence[Value] | Mapping[str, Value]"
"""What a codebook is made of."""

STEP = 2
"""Blanks by which a line stands further in than the one that it belongs to."""

WIDTH = 100
"""Characters of a line in a text that is folded."""

_UNWRITTEN = re.compile("[^\\t\\n\\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML takes in double quotes only as an escape: control characters, its own line ends, a byte order mark."""

_BLOCK_HEADER = re.compile(r"[|>][-+]?[ \t]*(?:#[^\n]*)?")
"""The first line of a text in a block whose indentation is seen, not told."""


def as_scalar(words: str, style: str = "") -> str:
    """Return a text as YAML: plain where it reads the same, or in the quotes wanted, else in double quotes."""
    if style == "'" and words.isprintable():
        return "'" + words.replace("'", "''") + "'"
    if not style and words.isprintable() and _reads_back(f"- k: {words}\n", words):
        return words
    return _UNWRITTEN.sub(lambda mark: f"\\u{ord(mark[0]):04X}", json.dumps(words, ensure_ascii=False))


def _reads_back(yaml: str, words: str) -> bool:
    """Tell whether a list of one entry has a text under its only key, ``k``."""
    top, problems = parse_nodes(yaml, "")
    entry = top.value[0].value if top is not None and isinstance(top.value, list) else None
    return not problems and isinstance(entry, dict) and [*entry] == ["k"] and entry["k"].value == words


def as_flow(value: Value, style: str = "") -> str:
    """Return a value as YAML on one line, in brackets where it is more than a text; quoted ``"`` it is JSON."""
    if isinstance(value, str):
        plain = as_scalar(value, style)
        # In brackets more signs have a meaning: a plain “?0” is a text on a line of its own, and none in a list.
        is_safe = plain[:1] in {'"', "'"} or _reads_back(f"- {{k: {plain}}}\n", value)
        return plain if is_safe else as_scalar(value, '"')
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{as_flow(key, style)}: {as_flow(one, style)}" for key, one in value.items()) + "}"
    return "[" + ", ".join(as_flow(one, style) for one in value) + "]"


def as_block(words: str, header: str, column: int) -> list[str] | None:
    """Return a text under the header of a block, ``|`` or ``>-  # why``, or ``None`` where no block can hold it.

    Parameters
    ----------
    words
        The text; one of several lines keeps them.
    header
        The first line; that of a folded block becomes one of a literal block when lines are to be kept.
    column
        Blanks before the lines below it.
    """
    lines = words.split("\n")
    if not words or not _BLOCK_HEADER.fullmatch(header) or not all(_is_plain_line(line) for line in lines):
        return None
    if len(lines) > 1:
        header = f"|{header[1:]}"
    elif header[0] == ">":
        lines = textwrap.wrap(words, WIDTH, break_long_words=False, break_on_hyphens=False)
        if " ".join(lines) != words:
            return None
    return [header, *(f"{' ' * column}{line}" if line else "" for line in lines)]


def _is_plain_line(line: str) -> bool:
    return line.isprintable() and line == line.strip()


def as_lines(key: str, value: Value) -> list[str]:
    """Return ``key: value`` on lines of its own; a list in an entry of a list stands in brackets."""
    if isinstance(value, str):
        written = as_block(value, "|-", STEP) if "\n" in value else None
        first, *rest = written or [as_scalar(value)]
        return [f"{key}: {first}", *rest]
    if isinstance(value, Mapping):
        return [f"{key}:", *indent(line for one, given in value.items() for line in as_lines(one, given))]
    return [f"{key}:", *indent(line for one in value for line in as_entry(one))]


def as_entry(value: Value) -> list[str]:
    """Return an entry of a list, ``- …``, on lines of its own; lists in it stand in brackets."""
    if isinstance(value, str):
        return [f"- {as_scalar(value)}"]
    if not isinstance(value, Mapping):
        return [f"- {as_flow(value)}"]
    lines = [
        line
        for key, one in value.items()
        for line in (as_lines(key, one) if isinstance(one, str | Mapping) else [f"{key}: {as_flow(one)}"])
    ]
    return [f"- {lines[0]}", *indent(lines[1:])]


def indent(lines: Iterable[str]) -> list[str]:
    """Return lines one step further in; empty ones stay empty."""
    return [f"{' ' * STEP}{line}" if line else "" for line in lines]
