"""Changes to a YAML text that leave every other character where it is.

The parser tells where values stand; lines are cut and put in, in brackets where a text is written so. So comments,
order and quoting stay as they are, whatever style a file is written in.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from typing import TYPE_CHECKING, Any, NoReturn

from qualcode.codebook.nodes import compose_nodes
from qualcode.codebook.notation import STEP, as_block, as_entry, as_flow, as_lines, as_scalar, indent
from qualcode.errors import CodebookError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook.notation import Value

_KEY_ORDER = ("id", "name", "retired", "definition", "include", "exclude", "colour", "examples", "rules", "codes")
_ALIAS = re.compile(r"\s*\*[^\s,\[\]{}]+")
_COLON = re.compile(r"\s*:")
_UNTOLD = re.compile(r"[ \t]*:(?:\s*\*[^\s,\[\]{}]+)?")
"""What stands behind a key whose value is nothing or an alias."""


class YamlText:
    """A YAML text with the parser's nodes; each change returns the new text.

    Parameters
    ----------
    text
        The text, which can be parsed, without a byte order mark.
    name
        What errors call the file.
    """

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.top = compose_nodes(text)
        is_json = is_mapping(self.top) and self.top.flow_style and any(key.style == '"' for key, _ in self.top.value)
        self._quotes = '"' if is_json else ""

    # -- where things stand -------------------------------------------------------------------------------------------

    def line_start(self, at: int) -> int:
        """Return where the line with a place begins."""
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Return where the line with a place ends, with its line feed."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def end(self, node: Any) -> int:
        """Return where the content of a node ends; marks of blocks lie behind the comments that follow."""
        if isinstance(node.value, list) and node.value and not node.flow_style:
            last = node.value[-1]
            return self._pair_end(*last) if isinstance(last, tuple) else self.end(last)
        start, end = start_of(node), int(node.end_mark.index)
        return start + len(self.text[start:end].rstrip())

    def _pair_end(self, key: Any, value: Any) -> int:
        """Return where a key's value ends; of one that is not there, where the colon does."""
        after = int(key.end_mark.index)
        if has_text(value) and start_of(value) >= after:
            return self.end(value)
        rest = _UNTOLD.match(self.text, after)
        return rest.end() if rest else after

    def _after_colon(self, key: Any) -> int:
        colon = _COLON.match(self.text, key.end_mark.index)
        if colon is None:
            where = f"{self.name}:{key.start_mark.line + 1}"
            raise CodebookError(f"The key “{key.value}” has no colon.", where=where, hint=f"Write “{key.value}:”")
        return colon.end()

    def column(self, node: Any) -> int:
        """Return the column of the dashes of a list, or of the keys of a mapping; an anchor may stand before it."""
        if is_mapping(node):
            return int(node.value[0][0].start_mark.column)
        if self.text[start_of(node)] != "&":
            return int(node.start_mark.column)
        first = re.compile(r"\n( *)-").search(self.text, start_of(node))
        return len(first[1]) if first else 0

    def entry_start(self, node: Any, dash: int) -> int:
        """Return where the lines of an entry begin: at the comment right above its dash, if there is one."""
        start = self.line_start(start_of(node))
        while start and not re.match(rf" {{{dash}}}-", self.text[start : start + dash + 1]):
            start = self.line_start(start - 1)
        while start and re.fullmatch(rf" {{{dash}}}#.*\s*", self.text[self.line_start(start - 1) : start]):
            start = self.line_start(start - 1)
        return start

    def block_end(self, at: int, column: int) -> int:
        """Return where what ends at a place is over: behind the comments that stand further in than its column."""
        end = self.line_end(at)
        while match := re.compile(rf"(?:[ \t]*\r?\n)*[ ]{{{column + 1},}}#[^\n]*(?:\n|$)").match(self.text, end):
            end = match.end()
        return end

    def entry_end(self, node: Any, dash: int) -> int:
        """Return where the lines of an entry end."""
        return self.block_end(max(self.end(node), start_of(node)), dash)

    def refuse_brackets(self, node: Any, what: str) -> NoReturn:
        """Say that a change needs lines where brackets stand."""
        raise CodebookError(
            f"{what} are in brackets, where this change cannot be made.",
            where=f"{self.name}:{node.start_mark.line + 1}",
            hint="Write one entry per line, each starting with “- ”",
        )

    def _refuse_comments(self, node: Any) -> None:
        if "#" in re.sub(r"""("[^"]*"|'[^']*')""", "", self.text[start_of(node) : self.end(node)]):
            self.refuse_brackets(node, "The comments")

    # -- putting in ---------------------------------------------------------------------------------------------------

    def put(self, start: int, end: int, words: str) -> str:
        """Return the text with other words in a place."""
        return self.text[:start] + words + self.text[end:]

    def put_lines(self, at: int, lines: Sequence[str], column: int) -> str:
        """Return the text with lines put in where one begins, or behind the last one, which may have no end."""
        is_open = at == len(self.text) and at > 0 and self.text[-1] != "\n"
        return self.put(at, at, (self.newline if is_open else "") + self.join(lines, column))

    def join(self, lines: Sequence[str], column: int) -> str:
        """Return lines as they stand at a column of the text."""
        return "".join(f"{' ' * column}{line}{self.newline}" if line.strip() else self.newline for line in lines)

    def insert_key(self, mapping: Any, key: str, lines: Sequence[str], flow: str = "") -> str:
        """Return the text with a new key in a mapping, behind those that usually stand before it.

        Parameters
        ----------
        lines, flow
            The key with its value on lines of its own, and the value alone as it stands in brackets.
        """
        if not is_mapping(mapping):  # nothing but comments
            return self.put_lines(len(self.text), lines, 0)
        if mapping.flow_style:
            if not flow:
                self.refuse_brackets(mapping, "The keys")
            return self._add_in_brackets(mapping, f"{self.flow(key)}: {flow}")
        column = self.column(mapping)
        if mapping is self.top:  # whatever comments the file ends with
            return self.put_lines(len(self.text), lines, column)
        earlier = _KEY_ORDER[: _KEY_ORDER.index(key)] if key in _KEY_ORDER else ()
        before = [pair for pair in mapping.value if pair[0].value in earlier or key not in _KEY_ORDER]
        if not before:  # before the first key, which stands behind the dash
            at = start_of(mapping.value[0][0])
            return self.put(at, at, lines[0] + self.newline + self.join(lines[1:], column) + " " * column)
        return self.put_lines(self.block_end(self._pair_end(*before[-1]), column), lines, column)

    def _add_in_brackets(self, node: Any, words: str) -> str:
        """Return the text with an entry put last in brackets, on a line of its own where the last one has one."""
        close = int(node.end_mark.index) - 1
        if not node.value:
            return self.put(close, close, words)
        last = node.value[-1]
        first, end = (last[0], self._pair_end(*last)) if isinstance(last, tuple) else (last, self.end(last))
        before = self.text[self.line_start(start_of(first)) : start_of(first)]
        rest = self.text[end:close]
        if before.strip() or "\n" not in rest:
            line = f"{self.newline}{before}" if not before.strip() else " "
            return self.put(end, end, f",{line}{words}")
        is_followed = rest.lstrip().startswith(",")
        at = self.line_end(end)
        text = self.put(at, at, f"{before}{words}{',' if is_followed else ''}{self.newline}")
        return text if is_followed else f"{text[:end]},{text[end:]}"

    def flow(self, value: Value) -> str:
        """Return a value as it stands in brackets in this file."""
        return as_flow(value, self._quotes)

    def append(self, mapping: Any, key: str, lines: Sequence[str], flow: str = "") -> str:
        """Return the text with an entry put last in the list under a key; one text alone becomes a list.

        Parameters
        ----------
        lines, flow
            The entry on lines of its own, and as it stands in brackets; without the latter, brackets become lines.
        """
        place, found = pair_of(mapping, key)
        if found is None or is_empty(found):
            return self.begin(mapping, key, lines, flow and f"[{flow}]")
        if start_of(found) < place.end_mark.index:
            self._refuse_alias(place)
        if not isinstance(found.value, list):
            return self._make_list(mapping, key, lines, flow)
        if not found.flow_style:
            at = self.entry_end(found.value[-1], self.column(found))
            return self.put_lines(at, lines, self.column(found))
        return self._add_in_brackets(found, flow) if flow else self._make_list(mapping, key, lines, flow)

    def begin(self, mapping: Any, key: str, lines: Sequence[str], flow: str = "") -> str:
        """Return the text with the first thing under a key, which is not there or holds nothing."""
        place, found = pair_of(mapping, key)
        if found is None:
            opening = [""] if mapping is self.top and self.text.strip() else []
            return self.insert_key(mapping, key, [*opening, f"{key}:", *indent(lines)], flow)
        if not mapping.flow_style:
            self._refuse_comments(found)
            return self._replace(mapping, key, lines)
        if not flow:
            self.refuse_brackets(mapping, "The keys")
        after = self._after_colon(place)
        return self.put(after, self.end(found) if has_text(found) else after, f" {flow}")

    def _replace(self, mapping: Any, key: str, lines: Sequence[str]) -> str:
        """Return the text with lines under a key in the place of what stands behind it."""
        place, found = pair_of(mapping, key)
        after = self._after_colon(place)
        end = self.end(found) if has_text(found) else after
        at = self.line_end(end)
        text = self.put_lines(at, lines, self.column(mapping) + STEP)
        return text[:after] + text[end:]

    def _refuse_alias(self, key: Any) -> NoReturn:
        raise CodebookError(
            f"“{key.value}” is an alias of something defined elsewhere.",
            where=f"{self.name}:{key.start_mark.line + 1}",
            hint="Write it out here, in place of the name that starts with *",
        )

    def _make_list(self, mapping: Any, key: str, lines: Sequence[str], flow: str) -> str:
        """Return the text with a list on lines of what stands under a key, alone or in brackets, and an entry."""
        place, found = pair_of(mapping, key)
        start, end = start_of(found), self.end(found)
        if mapping.flow_style:
            if not flow:
                self.refuse_brackets(mapping, "The keys")
            return self.put(start, end, f"[{self.text[start:end]}, {flow}]")
        entries = [found]
        if isinstance(found.value, list):
            self._refuse_comments(found)
            entries = found.value
        *present, last = [line for entry in entries for line in self.entry_lines(entry, None)]
        comment = self.text[end : self.line_end(end)].rstrip()
        words = self.join([*present, last + comment, *lines], self.column(mapping) + STEP)
        return self.put(self._after_colon(place), self.line_end(end), self.newline + words)

    def entry_lines(self, node: Any, siblings: Any) -> list[str]:
        """Return the lines of an entry of a list, or those that make one of what stands alone or in brackets."""
        if siblings is None:
            first, *others = self.text[start_of(node) : self.end(node)].splitlines()
            return [f"- {first}", *indent(textwrap.dedent("\n".join(others)).splitlines())]
        dash = self.column(siblings)
        return shift(self.text[self.entry_start(node, dash) : self.line_end(self.end(node))].splitlines(), dash)

    # -- putting in the place of what stands there --------------------------------------------------------------------

    def set_text(self, mapping: Any, key: str, words: str) -> str:
        """Return the text with a text under a key, in quotes or in a block as it was where it can be."""
        place, found = pair_of(mapping, key)
        if found is None:
            return self.insert_key(mapping, key, as_lines(key, words), self.flow(words))
        start, end = start_of(found), self.end(found)
        if not has_text(found) or start < place.end_mark.index:
            start = self._after_colon(place)
            alias = _ALIAS.match(self.text, start) if has_text(found) else None
            return self._put_text(mapping, start, alias.end() if alias else start, words, before=" ")
        if found.style in {"|", ">"}:
            header = self.text[start : self.text.index("\n", start)].rstrip()
            return self._put_text(mapping, start, end, words, header=header)
        return self._put_text(mapping, start, end, words, style=found.style or "")

    def _put_text(
        self, mapping: Any, start: int, end: int, words: str, *, style: str = "", header: str = "", before: str = ""
    ) -> str:
        """Return the text with a text in the place of a value: in quotes, in a block with a header, or as it needs."""
        if mapping.flow_style:
            return self.put(start, end, before + as_flow(words, style or self._quotes))
        is_block = bool(header) or "\n" in words
        lines = as_block(words, header or "|-", self.column(mapping) + STEP) if is_block else None
        if lines is None:
            return self.put(start, end, before + as_scalar(words, style))
        comment = "" if header else self.text[end : self.line_end(end)].rstrip()
        written = self.newline.join([lines[0] + comment, *lines[1:]])
        return self.put(start, end + len(comment), before + written)

    def set_flag(self, mapping: Any, key: str) -> str:
        """Return the text with ``key: true`` in a mapping."""
        _, found = pair_of(mapping, key)
        if found is None:
            return self.insert_key(mapping, key, [f"{key}: true"], "true")
        return self.put(start_of(found), self.end(found), "true")

    def set_texts(self, mapping: Any, key: str, texts: Sequence[str]) -> str:
        """Return the text with some texts under a key, or without it; entries that stay keep their comments."""
        _, found = pair_of(mapping, key)
        if not texts:
            return self.remove_key(mapping, key)
        if found is None and len(texts) > 1:
            return self.insert_key(mapping, key, as_lines(key, texts), self.flow(texts))
        if len(texts) == 1 and (found is None or isinstance(found.value, str)):
            return self.set_text(mapping, key, texts[0])
        return self._set_list(mapping, key, texts)

    def _set_list(self, mapping: Any, key: str, texts: Sequence[str]) -> str:
        place, found = pair_of(mapping, key)
        if start_of(found) < place.end_mark.index and has_text(found):
            self._refuse_alias(place)
        if isinstance(found.value, list) and found.value and not found.flow_style:
            return self._set_entries(found, texts)
        if mapping.flow_style or isinstance(found.value, list):
            self._refuse_comments(found)
            end = self.end(found) if has_text(found) else self._after_colon(place)
            return self.put(self._after_colon(place), end, f" {self.flow(texts)}")
        return self._replace(mapping, key, [line for one in texts for line in as_entry(one)])

    def _set_entries(self, found: Any, texts: Sequence[str]) -> str:
        """Return the text with other entries in a list of lines; a comment goes with the entry below it."""
        dash = self.column(found)
        starts = [self.entry_start(node, dash) for node in found.value]
        end = self.entry_end(found.value[-1], dash)
        chunks = [self.text[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)]
        known = {squeeze(node.value): chunk for node, chunk in zip(found.value, chunks, strict=True)}
        lines = [known.get(squeeze(one)) or self.join(as_entry(one), dash) for one in texts]
        whole = "".join(line if line.endswith("\n") else line + self.newline for line in lines)
        return self.put(starts[0], end, whole)

    def remove_key(self, mapping: Any, key: str) -> str:
        """Return the text without a key and its value; there must be another one in the mapping."""
        place, found = pair_of(mapping, key)
        number = next(number for number, pair in enumerate(mapping.value) if pair[0] is place)
        end = self._pair_end(place, found)
        if number == 0:
            return self.put(start_of(place), start_of(mapping.value[1][0]), "")
        if mapping.flow_style:
            return self.put(self._pair_end(*mapping.value[number - 1]), end, "")
        return self.put(self.line_start(start_of(place)), self.block_end(end, self.column(mapping)), "")


def start_of(node: Any) -> int:
    """Return where a node begins."""
    return int(node.start_mark.index)


def has_text(node: Any) -> bool:
    """Tell whether anything is written for a value; not so behind a key alone."""
    return int(node.end_mark.index) > start_of(node)


def is_mapping(node: Any) -> bool:
    """Tell whether a node is a mapping."""
    return node is not None and isinstance(node.value, list) and str(node.tag).endswith(":map")


def is_empty(node: Any) -> bool:
    """Tell whether a value is nothing, ``[]`` or ``{}``."""
    return not node.value or (isinstance(node.value, str) and str(node.tag).endswith(":null"))


def pair_of(mapping: Any, key: str) -> tuple[Any, Any]:
    """Return the nodes of a key and its value in a mapping's node, or ``None`` twice."""
    pairs = mapping.value if is_mapping(mapping) else ()
    return next(((one, value) for one, value in pairs if one.value == key), (None, None))


def value_of(mapping: Any, key: str) -> Any:
    """Return the node under a key of a mapping's node, or ``None``."""
    return pair_of(mapping, key)[1]


def squeeze(words: str) -> str:
    """Return a text as it is compared: the way its letters and blanks are put together makes no difference."""
    return " ".join(unicodedata.normalize("NFC", words).split())


def shift(lines: Sequence[str], columns: int) -> list[str]:
    """Take up to so many blanks from the front of each line."""
    return [line[min(columns, len(line) - len(line.lstrip(" "))) :] for line in lines]
