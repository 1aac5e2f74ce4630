"""Changes to the text of a codebook that leave every other character where it is.

The parser tells where values stand; lines are cut, shifted and put in. So comments, order and quoting stay as they are,
whatever style a codebook is written in. Each change parses the text anew, which keeps them independent of one another.
"""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.codebook.nodes import parse_nodes
from qualcode.codebook.tree import to_slug
from qualcode.errors import CodebookError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KEY_ORDER = ("id", "name", "retired", "definition", "include", "exclude", "colour", "examples", "rules", "codes")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A code in the text: its mapping, and the list of codes and the mapping around it."""

    mapping: Any
    siblings: Any
    parent: Any


class Layout:
    """The text of a codebook with the places of its codes.

    Parameters
    ----------
    text
        The YAML text, which reads as a codebook.
    name
        What errors call the file.
    """

    def __init__(self, text: str, name: str) -> None:
        from ruamel.yaml import YAML

        self.text = text
        self.name = name
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._top = YAML(typ="safe", pure=True).compose(text)
        self._entries = dict(self._find(self._top))

    def _find(self, parent: Any) -> Iterator[tuple[str, _Entry]]:
        siblings = value_of(parent, "codes")
        for mapping in siblings.value if siblings is not None and isinstance(siblings.value, list) else ():
            known, name = value_of(mapping, "id"), value_of(mapping, "name")
            yield (known.value if known is not None else to_slug(name.value)), _Entry(mapping, siblings, parent)
            yield from self._find(mapping)

    # -- where things stand -------------------------------------------------------------------------------------------

    def _line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Return where the line with a place ends, with its line feed."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def _end(self, node: Any) -> int:
        """Return where the content of a node ends; marks of blocks lie behind the comments that follow."""
        if isinstance(node.value, list) and node.value and not node.flow_style:
            last = node.value[-1]
            return max(int(last[0].end_mark.index), self._end(last[1])) if isinstance(last, tuple) else self._end(last)
        start, end = _start(node), int(node.end_mark.index)
        return start + len(self.text[start:end].rstrip())

    def _mapping_end(self, mapping: Any) -> int:
        key, value = mapping.value[-1]
        return max(self._end(value), int(key.end_mark.index))

    def _refuse_brackets(self, node: Any, what: str) -> None:
        if node.flow_style:
            line = node.start_mark.line + 1
            message = f"{what} stand in brackets, which this change cannot be made in."
            hint = "Write one entry a line, each with “- ” before it."
            raise CodebookError(message, where=f"{self.name}:{line}", hint=hint)

    def _block(self, entry: _Entry) -> tuple[int, int]:
        """Return the lines of a code with the comment right above it, and what is indented under it."""
        self._refuse_brackets(entry.siblings, "The codes")
        self._refuse_brackets(entry.mapping, "The keys of the code")
        dash = entry.siblings.start_mark.column
        start = self._line_start(self.text.rindex("-", 0, entry.mapping.start_mark.index))
        while start and re.fullmatch(rf" {{{dash}}}#.*\s*", self.text[self._line_start(start - 1) : start]):
            start = self._line_start(start - 1)
        end = self._line_end(self._mapping_end(entry.mapping))
        while match := re.compile(rf"(?:[ \t]*\r?\n)*[ ]{{{dash + 1},}}#[^\n]*(?:\n|$)").match(self.text, end):
            end = match.end()
        return start, end

    def has_key(self, code: str, key: str) -> bool:
        """Tell whether a key is written in a code."""
        return value_of(self._entries[code].mapping, key) is not None

    # -- the changes --------------------------------------------------------------------------------------------------

    def _put(self, start: int, end: int, words: str) -> str:
        if start == len(self.text) and start and self.text[-1] != "\n":
            words = self.newline + words  # the last line of the file has no end
        return self.text[:start] + words + self.text[end:]

    def _lines(self, lines: Sequence[str], indent: int) -> str:
        return "".join(f"{' ' * indent}{line}{self.newline}" if line.strip() else self.newline for line in lines)

    def set_text(self, code: str, key: str, words: str) -> str:
        """Return the text with a new text under a key of a code, quoted as it was where it can be."""
        mapping = self._entries[code].mapping
        found = value_of(mapping, key)
        if found is None:
            return self._insert_key(mapping, key, [f"{key}: {as_scalar(words)}"])
        start, end = found.start_mark.index, self._end(found)
        style = self.text[start] if found.style in {"'", '"'} else ""
        return self._put(start, end, as_scalar(words, style))

    def set_flag(self, code: str, key: str) -> str:
        """Return the text with ``key: true`` in a code."""
        mapping = self._entries[code].mapping
        found = value_of(mapping, key)
        if found is None:
            return self._insert_key(mapping, key, [f"{key}: true"])
        return self._put(found.start_mark.index, found.end_mark.index, "true")

    def _insert_key(self, mapping: Any, key: str, lines: Sequence[str]) -> str:
        """Return the text with a new key in a mapping, behind those that usually stand before it."""
        self._refuse_brackets(mapping, "The keys")
        earlier = _KEY_ORDER[: _KEY_ORDER.index(key)] if key in _KEY_ORDER else ()
        column = mapping.start_mark.column
        before = [pair for pair in mapping.value if pair[0].value in earlier or key not in _KEY_ORDER]
        if not before:  # before the first key, which stands behind the dash
            at = mapping.start_mark.index
            return self._put(at, at, lines[0] + self.newline + self._lines(lines[1:], column) + " " * column)
        last_key, last_value = before[-1]
        if mapping is self._top:  # whatever comments the file ends with
            return self._put(len(self.text), len(self.text), self._lines(lines, column))
        at = self._line_end(max(self._end(last_value), last_key.end_mark.index))
        return self._put(at, at, self._lines(lines, column))

    def remove(self, code: str) -> str:
        """Return the text without a code and what lies below it."""
        entry = self._entries[code]
        start, end = self._block(entry)
        if len(entry.siblings.value) == 1:
            key = next(key for key, value in entry.parent.value if value is entry.siblings)
            if entry.parent is not self._top:
                start = self._line_start(key.start_mark.index)
        else:
            start = len(self.text[:start].rstrip(" \r\n"))
            start = self._line_end(start)
        return self._put(start, end, "")

    def copy_block(self, code: str) -> list[str]:
        """Return the lines of a code, without indentation."""
        entry = self._entries[code]
        start, end = self._block(entry)
        return _dedent(self.text[start:end].splitlines(), entry.siblings.start_mark.column)

    def add_block(self, under: str, lines: Sequence[str]) -> str:
        """Return the text with the lines of a code put last under another, or at the top for ``""``."""
        return self._append(self._entries[under].mapping if under else self._top, "codes", lines)

    def add_beside(self, code: str, lines: Sequence[str]) -> str:
        """Return the text with the lines of a code put right behind another."""
        entry = self._entries[code]
        _, end = self._block(entry)
        return self._put(end, end, self._lines(lines, entry.siblings.start_mark.column))

    def add_history(self, lines: Sequence[str]) -> str:
        """Return the text with an entry put last in its history."""
        return self._append(self._top, "history", lines)

    def _append(self, mapping: Any, key: str, lines: Sequence[str]) -> str:
        """Return the text with the lines of an entry put last in the list under a key."""
        found = value_of(mapping, key)
        if found is None:
            is_top = mapping is self._top
            opening = [""] if is_top else []
            head = f"{key}:"
            body = [f"  {line}" if line.strip() else "" for line in lines]
            return self._insert_key(mapping, key, [*opening, head, *body])
        if not isinstance(found.value, list) or not found.value:
            return self._fill(mapping, found, lines)
        self._refuse_brackets(found, f"The entries of “{key}”")
        column = found.start_mark.column
        last = found.value[-1]
        if key == "codes":
            at = self._block(_Entry(last, found, mapping))[1]
        else:
            at = self._line_end(max(self._end(last), last.start_mark.index))
        is_airy = key == "codes" and self._is_airy(found)
        return self._put(at, at, (self.newline if is_airy else "") + self._lines(lines, column))

    def _fill(self, mapping: Any, found: Any, lines: Sequence[str]) -> str:
        """Return the text with the first entry of a list that was left empty."""
        place = next(one for one, value in mapping.value if value is found)
        words = self._lines(lines, mapping.start_mark.column + 2)
        if found.flow_style:  # []
            words = f":{self.newline}{words}".removesuffix(self.newline)
            return self._put(place.end_mark.index, found.end_mark.index, words)
        at = self._line_end(place.end_mark.index)
        return self._put(at, at, words)

    def _is_airy(self, siblings: Any) -> bool:
        """Tell whether blank lines stand between the entries of a list."""
        if len(siblings.value) < 2:  # noqa: PLR2004  # there is no between
            return False
        start, end = self._mapping_end(siblings.value[-2]), siblings.value[-1].start_mark.index
        return re.search(r"\n[ \t]*\r?\n", self.text[start:end]) is not None

    # -- lists of a code ----------------------------------------------------------------------------------------------

    def items(self, code: str, *path: str) -> list[tuple[str, list[str]]]:
        """Return the entries of a list, or the one text, at a place in a code: what they say, and their lines."""
        node = self._entries[code].mapping
        for key in path:
            node = value_of(node, key) if node is not None and not isinstance(node.value, str) else None
        if node is None or (isinstance(node.value, str) and not node.value.strip()):
            return []
        entries = node.value if isinstance(node.value, list) and not _is_mapping(node) else [node]
        is_block = entries is node.value and not node.flow_style
        return [(self._content(entry), self._entry_lines(entry, node if is_block else None)) for entry in entries]

    def _content(self, node: Any) -> str:
        if isinstance(node.value, str):
            return " ".join(node.value.split())
        return self.text[node.start_mark.index : self._end(node)]

    def _entry_lines(self, node: Any, siblings: Any) -> list[str]:
        if siblings is None:
            first, *others = self.text[node.start_mark.index : self._end(node)].splitlines()
            rest = textwrap.dedent("\n".join(others)).splitlines()
            return [f"- {first}", *(f"  {line}" if line else "" for line in rest)]
        dash = siblings.start_mark.column
        start = self._line_start(self.text.rindex("-", 0, node.start_mark.index))
        while start and re.fullmatch(rf" {{{dash}}}#.*\s*", self.text[self._line_start(start - 1) : start]):
            start = self._line_start(start - 1)
        end = self._line_end(self._end(node))
        return _dedent(self.text[start:end].splitlines(), dash)

    def add_items(self, code: str, path: Sequence[str], entries: Sequence[Sequence[str]]) -> str:
        """Return the text with entries put last in a list of a code; one text alone becomes a list."""
        mapping = self._entries[code].mapping
        lines = [line for entry in entries for line in entry]
        *outer, key = path
        if outer:
            found = value_of(mapping, outer[0])
            if found is None or not isinstance(found.value, list) or not found.value:
                nested = [f"{outer[0]}:", f"  {key}:", *(f"    {line}" if line else "" for line in lines)]
                return self._insert_key(mapping, outer[0], nested)
            mapping = found
        found = value_of(mapping, key)
        if found is None:
            return self._insert_key(mapping, key, [f"{key}:", *(f"  {line}" if line else "" for line in lines)])
        if isinstance(found.value, list) and not found.flow_style and found.value:
            return self._append(mapping, key, lines)
        present = [line for _, entry in self.items(code, *path) for line in entry]
        place = next(one for one, value in mapping.value if value is found)
        column = mapping.start_mark.column + 2
        words = f":{self.newline}{self._lines([*present, *lines], column)}".removesuffix(self.newline)
        end = max(self._end(found), self.text.index(":", place.end_mark.index) + 1)
        return self._put(place.end_mark.index, end, words)

    def replace_references(self, keys: Sequence[str], change: dict[str, str]) -> str:
        """Return the text with other texts under some keys of rules, wherever they stand."""
        found: list[Any] = []

        def walk(node: Any) -> None:
            if _is_mapping(node):
                for key, value in node.value:
                    if key.value in keys and isinstance(value.value, str) and value.value.strip() in change:
                        found.append(value)
                    walk(value)
            elif isinstance(node.value, list):
                for value in node.value:
                    walk(value)

        for entry in self._entries.values():
            rules = value_of(entry.mapping, "rules")
            if rules is not None:
                walk(rules)
        text = self.text
        for node in sorted({node.start_mark.index: node for node in found}.values(), key=_start, reverse=True):
            text = text[: node.start_mark.index] + change[node.value.strip()] + text[self._end(node) :]
        return text


def _start(node: Any) -> int:
    return int(node.start_mark.index)


def _is_mapping(node: Any) -> bool:
    return isinstance(node.value, list) and str(node.tag).endswith(":map")


def value_of(mapping: Any, key: str) -> Any:
    """Return the node under a key of a mapping's node, or ``None``."""
    if mapping is None or not _is_mapping(mapping):
        return None
    return next((value for one, value in mapping.value if one.value == key), None)


def _dedent(lines: Sequence[str], columns: int) -> list[str]:
    """Take up to so many blanks from the front of each line."""
    return [line[min(columns, len(line) - len(line.lstrip(" "))) :] for line in lines]


def as_scalar(words: str, style: str = "") -> str:
    """Return a text as YAML: plain where it reads the same, or in the quotes wanted, else in double quotes."""
    if style == "'" and words.isprintable():
        return "'" + words.replace("'", "''") + "'"
    if not style and words.isprintable():
        top, problems = parse_nodes(f"- k: {words}\n", "")
        entry = top.value[0].value if top is not None and isinstance(top.value, list) else None
        if not problems and isinstance(entry, dict) and "k" in entry and entry["k"].value == words:
            return words
    return json.dumps(words, ensure_ascii=False)
