"""YAML text into a tree of nodes that know where they stand.

The parser's events are put together here, not by a YAML loader: so a node keeps its place and its text as written,
``No`` is a text, nothing in a file can run code, and neither depth nor aliases can blow up memory.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from qualcode.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 100
"""Levels of lists and mappings in one another; each level of codes takes two."""

MAX_DIGITS = 18
"""Of a whole number; a longer one is read as a number with a decimal point."""

MAX_NODES = 1_000_000
"""Values in a file when every alias is written out."""

Plain: TypeAlias = "str | bool | int | float | list[Plain] | dict[str, Plain] | None"

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_STR_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


@dataclass(slots=True)
class Node:
    """A value in the file.

    Attributes
    ----------
    line, column
        Where it begins, from 1.
    value
        Text (or what YAML makes of a plain scalar), a list of nodes, or a mapping of keys to nodes.
    text
        A scalar as written.
    keys
        Where each key of a mapping stands.
    size
        Number of values in it, itself included.
    """

    line: int
    column: int
    value: str | bool | float | list[Node] | dict[str, Node] | None = None
    text: str = ""
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1

    def plain(self) -> Plain:
        """Return the value without positions."""
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value

    def items(self, key: str) -> list[Node]:
        """Return the nodes of the list under a key; of anything else, an empty list."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found.value if found is not None and isinstance(found.value, list) else []

    def texts(self, key: str) -> list[Node]:
        """Return the nodes of the text, or of the list of texts, under a key."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        if found is not None and isinstance(found.value, str):
            return [found]
        return [node for node in self.items(key) if isinstance(node.value, str)]

    def get(self, key: str) -> str:
        """Return the text under a key without blanks around it, or ``""``."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found.value.strip() if found is not None and isinstance(found.value, str) else ""


class _Unusable(Exception):  # noqa: N818  # ends the reading of a file, never leaves this module
    """The file cannot be put together any further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def parse_nodes(text: str, name: str) -> tuple[Node | None, list[Problem]]:
    """Return the top node of a YAML text, or ``None`` when it cannot be parsed, and what is wrong with it."""
    composer = _Composer(name)
    try:
        return composer.compose(_events(text, name)), composer.problems
    except _Unusable as end:
        return None, [*composer.problems, end.problem]


def _events(text: str, name: str) -> Iterator[Any]:
    """Yield the parser's events; libyaml's when it is installed, whose messages are poorer than the other's."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        return iter(list(YAML(typ="safe").parse(text)))
    except (MarkedYAMLError, ReaderError):
        pass
    try:
        return iter(list(YAML(typ="safe", pure=True).parse(text)))
    except MarkedYAMLError as error:
        raise _Unusable(_explain(error, text, name)) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise _Unusable(
            Problem(
                f"{name}:{line}:{column}",
                "error",
                "yaml",
                f"A control character (U+{ord(text[error.position]):04X}) is not allowed in YAML.",
                "Delete it",
            )
        ) from error


def compose_nodes(text: str) -> Any:
    """Return the parser's own nodes of a text that can be parsed, which know where each value begins and ends."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        return YAML(typ="safe").compose(text)  # by libyaml, where it is installed: the same nodes, ten times as fast
    except (MarkedYAMLError, ReaderError):
        return YAML(typ="safe", pure=True).compose(text)


def _explain(error: Any, text: str, name: str) -> Problem:
    """Put a parser's error into words a researcher can act on."""
    mark = error.problem_mark or error.context_mark
    lines = text.split("\n")
    line = min(mark.line, len(lines) - 1) if mark else 0
    where = f"{name}:{line + 1}:{mark.column + 1}" if mark else name
    found = lines[line][mark.column :] if mark else ""
    message = ", ".join(part for part in (error.context, error.problem) if part)
    if "\t" in lines[line][: mark.column + 1 if mark else 0]:
        return Problem(where, "error", "tab", "There is a tab where YAML needs spaces.", "Indent with spaces")
    if found[:1] in {"@", "`", "%", "*", "&", "!", "|", ">"}:
        hint = f"Put a text that starts with {found[0]} in quotes"
    elif "mapping values" in message:
        hint = "Put a text that contains “: ” in quotes"
    elif "expected <block end>" in message or "block mapping" in message:
        hint = "Check the indentation here and in the line above, and that quotes inside a quoted text are doubled"
    elif "scanning a quoted scalar" in message:
        hint = "Close the quotation mark opened here"
        start = error.context_mark or mark
        where = f"{name}:{start.line + 1}:{start.column + 1}"
    else:
        hint = "Put texts with special characters in quotes, and check the indentation"
    return Problem(where, "error", "yaml", f"This is not valid YAML: {message}.", hint)


class _Composer:
    """Puts events together to nodes, without recursion."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | None] = {}
        self.stack: list[tuple[Node, str, str | None]] = []
        self.root: Node | None = None
        self.n_documents = 0

    def compose(self, events: Iterator[Any]) -> Node | None:
        from ruamel.yaml import events as kinds

        for event in events:
            if isinstance(event, kinds.DocumentStartEvent):
                self._start_document(event)
            elif isinstance(event, kinds.ScalarEvent):
                self._add(self._scalar(event), event)
            elif isinstance(event, kinds.AliasEvent):
                self._add(self._alias(event), event)
            elif isinstance(event, kinds.SequenceStartEvent | kinds.MappingStartEvent):
                self._open(event, [] if isinstance(event, kinds.SequenceStartEvent) else {})
            elif isinstance(event, kinds.SequenceEndEvent | kinds.MappingEndEvent):
                self._close(event)
        return self.root

    def _where(self, event: Any) -> str:
        return f"{self.name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"

    def _fail(self, event: Any, rule: str, message: str, hint: str) -> _Unusable:
        return _Unusable(Problem(self._where(event), "error", rule, message, hint))

    def _complain(self, event: Any, rule: str, message: str, hint: str) -> None:
        self.problems.append(Problem(self._where(event), "error", rule, message, hint))

    def _start_document(self, event: Any) -> None:
        self.n_documents += 1
        if self.n_documents > 1:
            raise self._fail(
                event, "documents", "A second codebook starts here.", "Keep one codebook per file, without `---`"
            )

    def _node(self, event: Any) -> Node:
        return Node(event.start_mark.line + 1, event.start_mark.column + 1)

    def _scalar(self, event: Any) -> Node:
        node = self._node(event)
        self._refuse_tag(event)
        node.text = unicodedata.normalize("NFC", event.value)
        is_plain = not event.style and event.tag is None
        node.value = _resolve(node.text) if is_plain else node.text
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _refuse_tag(self, event: Any) -> None:
        tag = str(event.tag) if event.tag is not None else ""
        if tag and tag not in _STR_TAGS:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self._complain(
                event,
                "tag",
                f"The YAML tag “{shown}” is not allowed: a codebook holds text only.",
                "Put quotes around a text that starts with !",
            )

    def _alias(self, event: Any) -> Node:
        node = self.anchors.get(event.anchor)
        if node is not None:
            return node
        if event.anchor in self.anchors:
            message, hint = f"The alias “*{event.anchor}” is used inside its own definition.", "Write it out"
        else:
            message = f"The alias “*{event.anchor}” is not defined."
            hint = f'Put quotes around a text that starts with *: "*{event.anchor}"'
        self._complain(event, "alias", message, hint)
        return Node(event.start_mark.line + 1, event.start_mark.column + 1, f"*{event.anchor}", f"*{event.anchor}")

    def _open(self, event: Any, value: list[Node] | dict[str, Node]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._fail(event, "depth", f"The nesting is more than {MAX_DEPTH} levels deep.", "Flatten the tree")
        self._refuse_tag(event)
        node = self._node(event)
        node.value = value
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append((node, event.anchor or "", None))

    def _close(self, event: Any) -> None:
        node, anchor, _ = self.stack.pop()
        if anchor:
            self.anchors[anchor] = node
        self._add(node, event)

    def _add(self, node: Node, event: Any) -> None:
        if not self.stack:
            self.root = node
            return
        parent, anchor, key = self.stack[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif key is None:
            self.stack[-1] = (parent, anchor, self._key(node, parent))
            return
        elif isinstance(parent.value, dict):
            parent.value[key] = node
            self.stack[-1] = (parent, anchor, None)
        parent.size += node.size
        if parent.size > MAX_NODES:
            raise self._fail(event, "size", "The file holds more than a million values.", "Use fewer aliases (*name)")

    def _key(self, node: Node, parent: Node) -> str:
        """Return the text of a key; a wrong one gets a name that cannot clash and is told."""
        where = f"{self.name}:{node.line}:{node.column}"
        if isinstance(node.value, list | dict):
            message = "A list or mapping cannot be a key."
            self.problems.append(
                Problem(where, "error", "key", message, "Put a text with brackets or braces in quotes")
            )
            return f"\0{node.line}:{node.column}"
        if node.text in parent.keys:
            line = parent.keys[node.text][0]
            message = f"The key “{node.text}” is already in line {line}."
            self.problems.append(Problem(where, "error", "duplicate-key", message, "Keep one of them"))
            return f"\0{node.line}:{node.column}"
        parent.keys[node.text] = (node.line, node.column)
        return node.text


def _resolve(text: str) -> str | bool | float | None:
    """Return what YAML 1.2 makes of a plain scalar; ``No`` and ``on`` are texts there."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return bool(_TRUE.fullmatch(text))
    if _INT.fullmatch(text) and len(text) <= MAX_DIGITS:
        return int(text, 0 if text[1:2] in {"o", "x"} else 10)
    return float(text.lstrip("+-.") if text[-1].isalpha() else text) if _FLOAT.fullmatch(text) else text
