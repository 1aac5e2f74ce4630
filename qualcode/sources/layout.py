"""The one layout of cues as text: cues of one speaker are one turn, with a label and a time before it.

Within a turn a paragraph ends after a cue that ends a sentence, or before a pause.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.sources.blocks import Cue, Said, TextBlock
from qualcode.sources.shapes import CUE_SHAPES, Line, Lines
from qualcode.sources.speakers import find_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.errors import Level

PAUSE_SECONDS = 2.0
"""Silence between two cues that ends a paragraph."""

_SENTENCE_END = re.compile(r"[.?!。！？…][\"'”’」』)）\]]*$")
_DASHED = re.compile(r"[-–—]\s*[^\W\d]")
_WIDE = re.compile(r"[\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]")


def join_lines(lines: Sequence[str]) -> str:
    """Join lines that were broken for display; a dash at the start of one marks another voice and keeps its line."""
    text = ""
    for line in (line.strip() for line in lines):
        if line:
            text = f"{text}\n{line}" if text and _DASHED.match(line) else join(text, line)
    return text


def join(text: str, more: str) -> str:
    """Join two stretches of speech with a blank, or without one between Chinese characters."""
    if not text or not more:
        return text or more
    return text + more if _WIDE.match(text[-1]) and _WIDE.match(more[0]) else f"{text} {more}"


# ---- who speaks


def label_cues(cues: Sequence[Cue], pattern: str | None = None, where: str = "") -> Sequence[Cue]:
    """Return cues with the speakers that labels in their words name: ``Name: words``, cut where another begins."""
    if pattern is None and any(cue.speaker for cue in cues):
        return cues
    lines = Lines()
    for index, cue in enumerate(cues):
        lines += [Line(text, 0, index) for text in cue.text.split("\n")]
    labels = {
        label.line: label for label in find_labels(lines, pattern, where, CUE_SHAPES) if label.speaker is not None
    }
    if not labels:
        return cues
    labelled: list[Cue] = []
    seen = -1
    for number, line in enumerate(lines):
        cue, label = cues[line.block], labels.get(number)
        if label:
            labelled.append(replace(cue, text=line.text[label.end :].strip(), speaker=label.speaker))
        elif line.block == seen:
            labelled[-1] = replace(labelled[-1], text=f"{labelled[-1].text}\n{line.text}".strip())
        else:
            labelled.append(replace(cue, text=line.text))
        seen = line.block
    return [cue for cue in labelled if cue.text]


def tell_unnamed(cues: Sequence[Cue], where: str) -> list[Problem]:
    """Say how many cues without a speaker were given to the one before."""
    n = sum(1 for cue in cues if cue.speaker is None)
    if not n or n == len(cues):
        return []
    message = f"{n} cue(s) name no speaker and were given to the previous speaker."
    level: Level = "warning" if 2 * n > len(cues) else "note"
    return [Problem(where, level, "cue-without-speaker", message, "Check them in the preview")]


# ---- the layout


def lay_out(cues: Sequence[Cue]) -> list[TextBlock]:
    """Return a block for each paragraph; the first of a turn begins with its time and speaker.

    Without any speaker each paragraph is a turn of its own.
    """
    if not any(cue.speaker for cue in cues):
        return [_block(paragraph, "") for paragraph in _split(cues)]
    blocks = []
    for turn in _turns(cues):
        for number, paragraph in enumerate(_split(turn)):
            blocks.append(_block(paragraph, None if number else turn[0].speaker or ""))
    return blocks


def _turns(cues: Sequence[Cue]) -> Iterator[list[Cue]]:
    turn: list[Cue] = []
    speaker: str | None = None
    for cue in cues:
        if turn and cue.speaker is not None and cue.speaker != speaker:
            yield turn
            turn = []
        if cue.speaker is not None:
            speaker = cue.speaker
        turn.append(cue)
    if turn:
        yield turn


def _split(turn: Sequence[Cue]) -> Iterator[list[Cue]]:
    paragraph = [turn[0]]
    for cue, following in pairwise(turn):
        is_paused = cue.end is not None and following.start is not None and following.start - cue.end >= PAUSE_SECONDS
        if is_paused or _SENTENCE_END.search(cue.text):
            yield paragraph
            paragraph = []
        paragraph.append(following)
    yield paragraph


def _block(cues: Sequence[Cue], speaker: str | None) -> TextBlock:
    start = cues[0].start
    label = ""
    if speaker is not None:
        label += f"[{clock(start)}] " if start is not None else ""
        label += f"{speaker}: " if speaker else ""
    text, times = "", []
    for cue in cues:
        words = join_lines(cue.text.split("\n"))
        text = join(text, words)
        times.append((len(label) + len(text) - len(words), cue.start))
    return TextBlock(label + text, said=Said(speaker, len(label), tuple(times)))


def clock(time: float) -> str:
    """Return a time as ``HH:MM:SS``."""
    whole = int(time)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
