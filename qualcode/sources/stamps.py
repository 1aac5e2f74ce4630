"""Time stamps inside turns, which are no words: taken out of the text, and their times kept."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from qualcode.sources.late import late
from qualcode.sources.times import RANGE, TIME, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.model import Comment
    from qualcode.sources.blocks import TextBlock
    from qualcode.sources.shapes import Label, Line, Lines

_CLOCK = r"\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?"
_INSIDE = late(
    rf"[ \t]*(?:\[\s?{RANGE}(?:-\d)?\s?\]|\{{\s?{RANGE}\s?\}}|<\s?{_CLOCK}(?:\s?-{{1,2}}>?\s?{_CLOCK})?\s?>"
    rf"|#\s?{TIME}(?:-\d)?\s?#"
    rf"|\(\s?\d{{1,2}}:\d\d:\d\d(?:[.,]\d{{1,3}})?\s?\)|(?P<loose>\(\s?\d{{1,3}}:\d\d\s?\)))(?:[ \t]*[-–—](?=[ \t]))?"
)
_OPENS = "[{<#("
_MAY_OPEN = re.compile(r"[\[{<#(]\s?\d")
_DASH = re.compile(r"[-–—][ \t]+")
_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Untimed:
    """A text without the stamps inside its turns.

    Attributes
    ----------
    blocks, labels
        As before, at their new places.
    n
        How many stamps were taken out.
    """

    blocks: list[TextBlock]
    labels: list[Label]
    n: int
    _cuts: tuple[tuple[int, int], ...]

    def move(self, comment: Comment) -> Comment:
        """Return a comment on the passage where it is now."""
        if comment.start is None or comment.end is None or not self._cuts:
            return comment
        return replace(comment, start=self._moved(comment.start), end=self._moved(comment.end))

    def _moved(self, offset: int) -> int:
        starts = [start for start, _ in self._cuts]
        at = bisect_right(starts, offset)
        lost = sum(end - start for start, end in self._cuts[:at])
        inside = max(0, self._cuts[at - 1][1] - offset) if at else 0
        return offset - lost + inside


def take_out_stamps(blocks: Sequence[TextBlock], lines: Lines, labels: Sequence[Label]) -> Untimed:
    """Return a text without the stamps that stand inside turns: before further lines of them, and between words.

    Parameters
    ----------
    blocks, lines
        The text.
    labels
        Its labels and the stamps at the start of lines, in the order of the lines.
    """
    first = next((label.line for label in labels if label.speaker is not None), len(lines))
    heads = {label.line for label in labels if label.speaker is None and label.line > first}
    asked = {*heads, *_find_openings(lines), *[label.line for label in labels if label.time is not None]}
    by_line = {label.line: label for label in labels if label.line in asked}
    rows = [index for index in sorted(asked) if index >= first]
    is_timed = _is_timed([lines[index] for index in rows])
    cuts = {
        index: found
        for index in rows
        if (found := list(_cuts_in(lines[index], by_line.get(index), index in heads, is_timed)))
    }
    if not cuts:
        return Untimed(list(blocks), list(labels), 0, ())
    moved = [_moved_label(label, cuts.get(label.line, ())) for label in labels]
    whole = [(lines[i].start + start, lines[i].start + end) for i, found in cuts.items() for start, end in found]
    n = sum(map(len, cuts.values()))
    return Untimed(_cut_blocks(blocks, whole), moved, n, tuple(whole))


def _is_timed(lines: Sequence[Line]) -> bool:
    """Tell whether times in round brackets are stamps: as a recording does, they only go on."""
    times = [seconds(match[0]) or 0.0 for line in lines if "(" in line.text
             for match in _INSIDE.finditer(line.text) if match["loose"]]  # fmt: skip
    return len(times) >= _ENOUGH and all(one <= other for one, other in pairwise(times))


def _find_openings(lines: Lines) -> list[int]:
    """Return the numbers of the lines that hold what opens each stamp: a sign and a digit."""
    signs = [sign for sign in _OPENS if sign in lines.whole]
    found = {index for sign in signs for index, line in enumerate(lines) if sign in line.text}
    return [index for index in found if _MAY_OPEN.search(lines[index].text)]


def _cuts_in(line: Line, label: Label | None, is_head: bool, is_timed: bool) -> Iterator[tuple[int, int]]:  # noqa: FBT001
    """Yield start and end of what is taken out of a line."""
    at = label.end if label else 0
    if label and (is_head or label.time is not None):
        dash = _DASH.match(line.text, at)
        start = 0 if is_head else at
        at = dash.end() if dash else at
        if at > start:
            yield start, at
    for match in _INSIDE.finditer(line.text, at):
        if match["loose"] and not is_timed:
            continue
        start, end = match.span()
        if start == at:  # what follows begins the speech
            end += len(line.text[end:]) - len(line.text[end:].lstrip())
        yield start, end


def _moved_label(label: Label, cuts: Sequence[tuple[int, int]]) -> Label:
    lost = sum(min(end, label.end) - start for start, end in cuts if start < label.end)
    return replace(label, end=label.end - lost) if lost else label


def _cut_blocks(blocks: Sequence[TextBlock], cuts: Sequence[tuple[int, int]]) -> list[TextBlock]:
    starts = list(accumulate((len(block.text) + 1 for block in blocks), initial=0))
    kept: list[TextBlock] = []
    at = 0
    for block, start in zip(blocks, starts, strict=False):
        pieces, last, bold = [], 0, block.bold
        while at < len(cuts) and cuts[at][0] < start + len(block.text):
            begin, end = cuts[at][0] - start, cuts[at][1] - start
            pieces.append(block.text[last:begin])
            bold -= max(0, min(end, block.bold) - begin)
            last = end
            at += 1
        kept.append(block._replace(text="".join(pieces) + block.text[last:], bold=bold) if pieces else block)
    return kept
