"""The codes in the text of a codebook: where each stands, cut out, put elsewhere, and given other contents.

Each change parses the text anew, which keeps them independent of one another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.codebook.notation import as_entry, indent
from qualcode.codebook.patching import YamlText, is_empty, is_mapping, pair_of, shift, squeeze, start_of, value_of
from qualcode.codebook.tree import to_slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.codebook.notation import Value


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
        self._yaml = YamlText(text, name)
        self._entries = dict(self._find(self._yaml.top))

    def _find(self, parent: Any) -> Iterator[tuple[str, _Entry]]:
        siblings = value_of(parent, "codes")
        for mapping in siblings.value if siblings is not None and isinstance(siblings.value, list) else ():
            known, name = value_of(mapping, "id"), value_of(mapping, "name")
            yield (known.value if known is not None else to_slug(name.value)), _Entry(mapping, siblings, parent)
            yield from self._find(mapping)

    def _mapping(self, code: str) -> Any:
        """Return the mapping of a code, or the whole file's for ``""``."""
        return self._entries[code].mapping if code else self._yaml.top

    def has_key(self, code: str, key: str) -> bool:
        """Tell whether a key is written in a code."""
        return value_of(self._mapping(code), key) is not None

    # -- codes in the tree --------------------------------------------------------------------------------------------

    def _block(self, entry: _Entry) -> tuple[int, int]:
        """Return the lines of a code with the comment right above it, and what is indented under it."""
        if entry.siblings.flow_style:
            self._yaml.refuse_brackets(entry.siblings, "The codes")
        dash = self._yaml.column(entry.siblings)
        return self._yaml.entry_start(entry.mapping, dash), self._yaml.entry_end(entry.mapping, dash)

    def remove(self, code: str) -> str:
        """Return the text without a code and what lies below it."""
        yaml, entry = self._yaml, self._entries[code]
        start, end = self._block(entry)
        if len(entry.siblings.value) == 1:
            if entry.parent is not yaml.top:
                start = yaml.line_start(start_of(pair_of(entry.parent, "codes")[0]))
        else:
            start = yaml.line_end(len(yaml.text[:start].rstrip(" \r\n")))
        return yaml.put(start, end, "")

    def copy_block(self, code: str) -> list[str]:
        """Return the lines of a code, without indentation."""
        entry = self._entries[code]
        start, end = self._block(entry)
        return shift(self._yaml.text[start:end].splitlines(), self._yaml.column(entry.siblings))

    def add_block(self, under: str, lines: Sequence[str]) -> str:
        """Return the text with the lines of a code put last under another, or at the top for ``""``."""
        return self._add(under, lines)

    def add_code(self, under: str, entry: Mapping[str, Value]) -> str:
        """Return the text with a new code put last under another, or at the top for ``""``."""
        return self._add(under, as_entry(entry), self._yaml.flow(entry))

    def _add(self, under: str, lines: Sequence[str], flow: str = "") -> str:
        mapping = self._mapping(under)
        opening = [""] if self._is_airy(value_of(mapping, "codes")) else []
        return self._yaml.append(mapping, "codes", [*opening, *lines], flow)

    def _is_airy(self, siblings: Any) -> bool:
        """Tell whether blank lines stand between the entries of a list."""
        if siblings is None or isinstance(siblings.value, str) or len(siblings.value) < 2:  # noqa: PLR2004  # no between
            return False
        start, end = self._yaml.end(siblings.value[-2]), start_of(siblings.value[-1])
        return re.search(r"\n[ \t]*\r?\n", self._yaml.text[start:end]) is not None

    def add_beside(self, code: str, entry: Mapping[str, Value]) -> str:
        """Return the text with a new code put right behind another."""
        place = self._entries[code]
        _, end = self._block(place)
        return self._yaml.put_lines(end, as_entry(entry), self._yaml.column(place.siblings))

    def add_history(self, entry: Mapping[str, Value]) -> str:
        """Return the text with an entry put last in its history."""
        return self._yaml.append(self._yaml.top, "history", as_entry(entry), self._yaml.flow(entry))

    def past_codes(self) -> set[str]:
        """Return the ids that the history names, of codes that may be gone."""
        history = value_of(self._yaml.top, "history")
        entries = history.value if history is not None and isinstance(history.value, list) else []
        named = [node for entry in entries if (node := value_of(entry, "codes")) is not None and not is_empty(node)]
        nodes = [one for node in named for one in (node.value if isinstance(node.value, list) else [node])]
        return {squeeze(node.value) for node in nodes}

    # -- what a code says ---------------------------------------------------------------------------------------------

    def set_text(self, code: str, key: str, words: str) -> str:
        """Return the text with a new text under a key of a code, quoted as it was where it can be."""
        return self._yaml.set_text(self._mapping(code), key, words)

    def set_texts(self, code: str, key: str, texts: Sequence[str]) -> str:
        """Return the text with a list of texts, one text or none of them under a key of a code."""
        return self._yaml.set_texts(self._mapping(code), key, texts)

    def set_flag(self, code: str, key: str) -> str:
        """Return the text with ``key: true`` in a code."""
        return self._yaml.set_flag(self._mapping(code), key)

    def items(self, code: str, *path: str) -> list[tuple[str, list[str]]]:
        """Return the entries of a list, or the one text, at a place in a code: what they say, and their lines."""
        node = self._mapping(code)
        for key in path:
            node = value_of(node, key)
        if node is None or is_empty(node):
            return []
        entries = node.value if isinstance(node.value, list) and not is_mapping(node) else [node]
        is_block = entries is node.value and not node.flow_style
        return [(self._content(entry), self._yaml.entry_lines(entry, node if is_block else None)) for entry in entries]

    def _content(self, node: Any) -> str:
        if isinstance(node.value, str):
            return squeeze(node.value)
        return self._yaml.text[start_of(node) : self._yaml.end(node)]

    def add_items(self, code: str, path: Sequence[str], entries: Sequence[Sequence[str]]) -> str:
        """Return the text with entries, as lines, put last in a list of a code; one text alone becomes a list."""
        return self._append_at(code, path, [line for entry in entries for line in entry])

    def add_example(self, code: str, kind: str, quote: str) -> str:
        """Return the text with a quote put last among the examples of a code, hits or misses."""
        return self._append_at(code, ("examples", kind), as_entry(quote), self._yaml.flow(quote))

    def _append_at(self, code: str, path: Sequence[str], lines: Sequence[str], flow: str = "") -> str:
        yaml, mapping = self._yaml, self._mapping(code)
        *outer, key = path
        for one in outer:
            found = value_of(mapping, one)
            if found is None or is_empty(found):
                return yaml.begin(mapping, one, [f"{key}:", *indent(lines)], flow and f"{{{yaml.flow(key)}: [{flow}]}}")
            mapping = found
        return yaml.append(mapping, key, lines, flow)

    def replace_references(self, keys: Sequence[str], change: dict[str, str]) -> str:
        """Return the text with other texts under some keys of rules, wherever they stand."""
        found: list[Any] = []

        def walk(node: Any) -> None:
            if is_mapping(node):
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
        text = self._yaml.text
        for node in sorted({start_of(node): node for node in found}.values(), key=start_of, reverse=True):
            text = text[: start_of(node)] + change[node.value.strip()] + text[self._yaml.end(node) :]
        return text
