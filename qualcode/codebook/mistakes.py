"""From what is wrong with a value to a problem in our words, with line and column."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from qualcode.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook.fields import Mistake, Shape
    from qualcode.codebook.nodes import Node

LONGEST_SHOWN = 40
"""Characters of a wrong value in a message."""

_SYNONYMS = {
    "children": "codes",
    "subcodes": "codes",
    "themes": "codes",
    "label": "name",
    "title": "name",
    "terms": "rules",
    "keywords": "rules",
    "patterns": "rules",
    "rule": "rules",
    "memo": "definition",
    "positive": "hit",
    "negative": "miss",
    "inclusion": "include",
    "exclusion": "exclude",
    "phrase": "term",
    "not": "unless",
    "except": "unless",
}


def check_shape(shape: Shape, top: Node, name: str) -> list[Problem]:
    """Return everything in which a file differs from what it should look like."""
    told = (_tell(mistake, top, name) for mistake in shape.check(top.plain(), ()))
    return [problem for problem in told if problem is not None]


def _tell(mistake: Mistake, top: Node, name: str) -> Problem | None:
    place = mistake.place
    if place and str(place[-1]).startswith("\0"):
        return None  # a key that the parser has complained about
    is_key = mistake.rule == "unknown-key"
    line, column, node = _find(top, place, is_key=is_key)
    if is_key:
        rule, message, hint = _tell_unknown(str(place[-1]), mistake.known)
    else:
        rule, message, hint = _tell_value(mistake, node)
    return Problem(f"{name}:{line}:{column}", "error", rule, message, hint)


def _find(node: Node, keys: Sequence[int | str], *, is_key: bool) -> tuple[int, int, Node]:
    """Return line and column of a scalar or an entry, of the key above anything else, and the nearest node."""
    line, column = node.line, node.column
    for key in keys:
        if isinstance(node.value, dict) and str(key) in node.value:
            place = node.keys.get(str(key), (line, column))
            node = node.value[str(key)]
            has_text = bool(node.text) and not is_key
            line, column = (node.line, node.column) if has_text else place
        elif isinstance(node.value, list) and isinstance(key, int):
            node = node.value[key]
            line, column = node.line, node.column
    return line, column, node


def _tell_unknown(key: str, known: Sequence[str]) -> tuple[str, str, str]:
    nearest = get_close_matches(key.casefold(), known, n=1, cutoff=0.6)
    synonym = _SYNONYMS.get(key.casefold())
    if nearest:
        hint = f"Did you mean “{nearest[0]}”?"
    elif synonym in known:
        hint = f"Did you mean “{synonym}”?"
    elif " " in key:
        hint = "A text with “: ” in it must stand in quotes."
    else:
        hint = f"Known here: {', '.join(known)}"
    return "unknown-key", f"There is no key “{key}”.", hint


def _tell_value(mistake: Mistake, node: Node) -> tuple[str, str, str]:
    if mistake.message:
        return mistake.rule, mistake.message, mistake.hint
    keys = mistake.place
    what = next((f"“{key}”" for key in reversed(keys) if isinstance(key, str)), "The codebook")
    if keys and isinstance(keys[-1], int):
        what = f"An entry of {what}"
    if mistake.rule in _NEEDED:
        return _tell_type(mistake.rule, what, node)
    if mistake.rule == "missing-key":
        return "missing-key", f"{what} is missing.", f"Add `{keys[-1]}:`."
    return "empty", f"{what} is empty.", "Write something or delete it."


_NEEDED = {"text": "a text", "list": "a list", "mapping": "a mapping", "boolean": "true or false"}
_HOW = {
    "list": "Begin each entry with “- ”.",
    "mapping": "Write `key: value` lines, indented under the key.",
    "boolean": "Write true or false, without quotes.",
}


def _tell_type(kind: str, what: str, node: Node) -> tuple[str, str, str]:
    needed = _NEEDED[kind]
    if node.value is None and not node.text:
        return "empty", f"{what} has no value.", f"Write {needed} or delete the line."
    if isinstance(node.value, list | dict):
        found = "a list" if isinstance(node.value, list) else "a mapping (`key: value`)"
        quote = "A text with “: ” in it must stand in quotes." if isinstance(node.value, dict) else "Write one text."
        return "shape", f"{what} must be {needed}; {found} stands here.", _HOW.get(kind, quote)
    if kind == "text":
        found = {"bool": "true or false", "NoneType": "“no value”"}.get(type(node.value).__name__, "a number")
        return "quotes", f"YAML reads {node.text} as {found}, not as text.", f'Put quotes around it: "{node.text}"'
    return "shape", f"{what} must be {needed}; “{_shorten(node.text)}” stands here.", _HOW[kind]


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
