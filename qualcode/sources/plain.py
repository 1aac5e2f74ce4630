"""Plain text and Markdown: a line is a paragraph, unless the file is wrapped at a fixed width."""

from __future__ import annotations

import re
from itertools import pairwise, takewhile

from qualcode.sources.blocks import Reading, TextBlock, clean_text
from qualcode.sources.chat import is_chat, read_chat
from qualcode.sources.decoding import decode
from qualcode.sources.tiers import read_tiers

_MIN_WRAPPED_LINES = 8
_MIN_WIDTH, _MAX_WIDTH = 40, 110
_MIN_NUMBERED = 3
_NUMBERED = re.compile(r"\s*(\d{1,6})(?:[.:)|][ \t]*|[ \t\u3000]+|$)")
_LABELLED = re.compile(r"[^:：]{1,60}[:：]")
_SENTENCE_END = re.compile(r"[.!?…。！？；:：—–-][\"'”’」』)）\]]*\s*$")


def read_text(data: bytes, where: str, encoding: str | None = None) -> Reading:
    """Return the paragraphs of a text file, its blank lines as empty blocks.

    Raises
    ------
    SourceError
        If it is no text, or its bytes do not fit the encoding.
    """
    text, name, problems = decode(data, where, encoding)
    left_out: dict[str, int] = {}
    if is_chat(text):
        blocks, asking = read_chat(text.splitlines(), left_out)
        return Reading(blocks, encoding=name, left_out=left_out, problems=problems, interviewers=asking)
    whole = clean_text(text, left_out)
    lines = whole.split("\n")
    if cues := read_tiers(lines):
        return Reading(cues=cues, encoding=name, left_out=left_out, problems=problems)
    lines = _without_numbers(lines, left_out)
    blocks = list(map(TextBlock, _unwrap(lines) if _is_wrapped(lines) else lines))
    return Reading(blocks, encoding=name, left_out=left_out, problems=problems, whole=whole)


def read_exact(text: str) -> Reading:
    """Return the paragraphs of a text in canonical form in which others count places: nothing is taken out of it."""
    lines = text.split("\n")
    return Reading([TextBlock(block) for block in (_unwrap(lines) if _is_wrapped(lines) else lines)], is_exact=True)


def _without_numbers(lines: list[str], left_out: dict[str, int]) -> list[str]:
    """Return the lines without the numbers in their margin, where these go on inside of what somebody says.

    Numbers of turns stay: they are how people refer to them, and stand before the labels.
    """
    filled = [index for index, line in enumerate(lines) if line.strip()]
    found = takewhile(lambda pair: pair[1], ((index, _NUMBERED.match(lines[index])) for index in filled))
    matches = {index: match for index, match in found if match}
    numbers = [int(match[1]) for match in matches.values()]
    is_running = len(numbers) >= _MIN_NUMBERED and all(other == one + 1 for one, other in pairwise(numbers))
    if not is_running or len(numbers) < len(filled) or all(_LABELLED.match(lines[index]) for index in filled):
        return lines
    left_out["line numbers"] = len(numbers)
    return [line[matches[index].end() :] if index in matches else line for index, line in enumerate(lines)]


def _is_wrapped(lines: list[str]) -> bool:
    """Tell whether line ends are the typist's: most lines that go on in the next one are full and end no sentence."""
    width = max(map(len, lines))
    if not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return False
    ongoing = [line for line, following in pairwise(lines) if line.strip() and following.strip()]
    if len(ongoing) < _MIN_WRAPPED_LINES:
        return False
    full = [line for line in ongoing if len(line) > 0.7 * width and not _SENTENCE_END.search(line)]
    return len(full) > len(ongoing) / 2


def _unwrap(lines: list[str]) -> list[str]:
    """Join the lines of each paragraph into one block; blank lines stand between paragraphs."""
    blocks: list[str] = []
    is_open = False
    for line in lines:
        if line.strip() and is_open:
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
        is_open = bool(line.strip())
    return blocks
