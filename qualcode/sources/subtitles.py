"""Subtitles: WebVTT, SRT, and the like pasted into other files.

Read by our own parser: what is broken in real files must be kept and told, where subtitle libraries drop it.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from qualcode.errors import Problem, SourceError
from qualcode.sources.blocks import Cue, Reading, clean_text
from qualcode.sources.decoding import decode
from qualcode.sources.names import is_name, is_proper, may_be_name
from qualcode.sources.times import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TIME = r"(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,6})?"
TIMING = re.compile(rf"\s*(?P<start>{_TIME})\s*-{{1,2}}>\s*(?P<end>{_TIME})(?P<settings>[ \t].*)?\s*")
_CUE_LINE = re.compile(rf"\s*\[\s*(?P<start>{_TIME})\s*-{{1,2}}>\s*(?P<end>{_TIME})\s*\](?P<text>.*)")
_SETTINGS = re.compile(r"\s*(?:(?:[a-zA-Z]{1,12}:\S+|[XY][12]:\d+)(?:\s+|$))*")
_START = re.compile(rf"\s*({_TIME})\s*-{{1,2}}>")
_PART_OF_TIME = re.compile(r"\d+:\d[\d:.,]*[\s>-]*\s*")
_ASIDE = re.compile(r"(NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]*)>")
_TAG = re.compile(
    r"</?(?:c|i|b|u|v|s|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<(?:\d+:)?\d+:\d\d[.,]\d+>|\{\\an?\d+\}", re.IGNORECASE
)
_IDENTIFIER = re.compile(r"\s*(?:\d{1,6}[\s.:)-]+)?\"?(?P<name>[^\"\n]{1,80}?)\"?\s*(?:\(\d+\))?\s*")
_DASH = "-"
_ROLLING = "position:0%"
_MARKED = re.compile(r"[\[(【（]|.*[:：]$")
_MOST = 0.8
_MAX_PLACES = 5
_MAX_LINES_PER_CUE = 8


def read_subtitles(data: bytes, where: str, encoding: str | None = None) -> Reading:
    """Return the blocks of a WebVTT or SRT file.

    Raises
    ------
    SourceError
        If it is no text, or there is no cue in it.
    """
    text, name, problems = decode(data, where, encoding)
    left_out: dict[str, int] = {}
    lines = clean_text(text, left_out).split("\n")
    if where.lower().endswith(".vtt") and not lines[0].startswith("WEBVTT"):
        message = "The first line of a .vtt file should be WEBVTT; the file was read all the same."
        problems.append(
            Problem(f"{where}:1", "warning", "no-webvtt", message, "Check whether the start of the file is missing")
        )
    parsed = _Parser(lines, where, left_out)
    if not parsed.n_timings:
        raise SourceError("The file has no cues.", where, "Start each cue like 00:00:01.000 --> 00:00:04.000")
    if not parsed.cues:
        raise SourceError("The file has no words: every cue is empty.", where, "Export it again")
    return Reading([], parsed.cues, name, left_out, [*problems, *parsed.problems])


class _Parser:
    """Goes through the lines of WebVTT or SRT; what is broken is kept as words and told."""

    def __init__(self, lines: Sequence[str], where: str, left_out: dict[str, int]) -> None:
        self.cues: list[Cue] = []
        self.n_timings = 0
        self._lines = lines
        self._where = where
        self._left_out = left_out
        self._names = _names_under(lines, [at for at in range(len(lines)) if self._is_timing(at)])
        self._broken: list[int] = []
        self._timeless: list[int] = []
        self._cut_off: list[int] = []
        self._last = max((index for index, line in enumerate(lines) if line.strip()), default=-1)
        self._last_line = ""
        self._identifiers: dict[int, str] = {}
        self._parse()
        self._name_by_identifiers()

    @property
    def problems(self) -> Iterator[Problem]:
        """What the user should know about broken cues."""
        for rule, places, what in (
            ("broken-cue", self._broken, "cue(s) have an unreadable time; their words are kept"),
            ("cut-off", self._cut_off, "cue is cut off: the file ends before its words"),
            ("cue-without-time", self._timeless, "block(s) of words have no time; they are kept"),
        ):
            if places:
                shown = ", ".join(map(str, places[:_MAX_PLACES])) + (" …" if len(places) > _MAX_PLACES else "")
                message = f"{len(places)} {what} (line {shown})."
                yield Problem(f"{self._where}:{places[0]}", "warning", rule, message, "Compare them with the recording")

    def _parse(self) -> None:
        index = self._skip_head()
        while index < len(self._lines):
            line = self._lines[index]
            if not line.strip():
                index += 1
            elif _ASIDE.match(line) and not self._is_timing(index + 1):
                self._count("notes and styles")
                index = self._end_of_block(index)
            elif self._is_timing(index):
                index = self._take_cue(index)
            elif self._is_timing(index + 1):
                self._identifiers[len(self.cues)] = line
                index += 1
            else:
                index = self._take_stray(index)

    def _name_by_identifiers(self) -> None:
        """Take the cues' identifiers for who speaks, where these are names that recur and no cue has another."""
        found = {at: _IDENTIFIER.fullmatch(line) for at, line in self._identifiers.items()}
        names = {at: " ".join(html.unescape(match["name"]).split()) for at, match in found.items() if match}
        counts = Counter(name for name in names.values() if may_be_name(name))
        n_named = sum(count for count in counts.values() if count > 1)
        if any(cue.speaker for cue in self.cues) or len(counts) <= 1 or 2 * n_named < len(self._identifiers):
            return
        starts = sorted(names)
        for at, following in zip_longest(starts, starts[1:], fillvalue=len(self.cues)):
            if names[at] in counts:
                self.cues[at:following] = [replace(cue, speaker=names[at]) for cue in self.cues[at:following]]

    def _skip_head(self) -> int:
        return self._end_of_block(0) if self._lines[0].startswith("WEBVTT") else 0

    def _is_timing(self, index: int) -> bool:
        return (
            index < len(self._lines)
            and "->" in self._lines[index]
            and bool(TIMING.fullmatch(self._lines[index]) or re.match(r"\s*\d+:.*--?>", self._lines[index]))
        )

    def _end_of_block(self, index: int) -> int:
        """Return the first line after ``index`` that is blank or begins a cue."""
        index += 1
        while index < len(self._lines) and not self._is_timing(index):
            # Google Meet writes a dash and a line with a blank where another begins to speak inside a cue.
            if not self._lines[index].strip() and not (self._lines[index] and self._lines[index - 1].strip() == _DASH):
                break
            index += 1
        return index

    def _take_cue(self, index: int) -> int:
        self.n_timings += 1
        timing = TIMING.fullmatch(self._lines[index])
        if timing:
            start, end = seconds(timing["start"]), seconds(timing["end"])
            is_rolling = _ROLLING in (timing["settings"] or "")
            first = _words_beside(timing)
        else:
            if index < self._last:
                self._broken.append(index + 1)
            found = _START.match(self._lines[index])
            start, end, is_rolling = seconds(found[1]) if found else None, None, False
            first = []
        if index == self._last:
            self._cut_off.append(index + 1)
        stop = self._end_of_block(index)
        if stop < len(self._lines) and self._is_timing(stop) and self._lines[stop - 1].strip().isdecimal():
            stop = max(stop - 1, index + 1)  # the next cue's number, without a blank line before it
        self._add([*first, *self._lines[index + 1 : stop]], start, end, is_rolling=is_rolling)
        return stop

    def _take_stray(self, index: int) -> int:
        """Keep words that stand outside cues: the rest of a cue with a blank line in it, or one without its time."""
        stop = self._end_of_block(index)
        lines = list(self._lines[index:stop])
        if stop < len(self._lines) and self._is_timing(stop) and len(lines) > 1:
            lines.pop()  # the next cue's name
        if stop > self._last and (lines[-1].strip().isdecimal() or _PART_OF_TIME.fullmatch(lines[-1])):
            self._cut_off.append(self._last + 1)
            lines.pop()
        if lines and lines[0].strip().isdecimal():
            lines = lines[1:]
        if any(line.strip() for line in lines):
            self._timeless.append(index + 1)
            self._add(lines, None, None, is_rolling=False)
        return stop

    def _add(self, lines: Sequence[str], start: float | None, end: float | None, *, is_rolling: bool) -> None:
        if is_rolling:
            lines = self._unroll(lines)
        lines = [line for line in lines if line.strip() not in {"", _DASH}]
        name = _plain(lines[0]) if self._names and lines else None
        name = name if name in self._names else None
        pieces = list(_voices("\n".join(lines[1:] if name else lines)))
        if not pieces:
            self._count("empty cues")
        self.cues += [Cue(text, speaker or name, start, end) for speaker, text in pieces]

    def _unroll(self, lines: Sequence[str]) -> list[str]:
        """Leave out the lines that scrolling captions show a second time."""
        kept = []
        for line in lines:
            words = " ".join(html.unescape(_TAG.sub("", line)).split())
            if words and words == self._last_line:
                self._count("repeated lines of scrolling captions")
                continue
            self._last_line = words or self._last_line
            kept.append(line)
        return kept

    def _count(self, kind: str) -> None:
        self._left_out[kind] = self._left_out.get(kind, 0) + 1


def _words_beside(timing: re.Match[str]) -> list[str]:
    """Return as a line what stands beside the times of a cue and is none of the settings of the format."""
    beside = timing["settings"] or ""
    return [] if _SETTINGS.fullmatch(beside) else [beside.strip()]


def _voices(payload: str) -> Iterator[tuple[str | None, str]]:
    """Yield speaker and words of each voice in a cue; text before the first has no speaker."""
    parts = _VOICE.split(payload)
    for speaker, text in zip([None, *parts[1::2]], parts[::2], strict=True):
        words = html.unescape(_TAG.sub("", text))
        name = " ".join(html.unescape(speaker).split()) if speaker else None
        if said := clean_text(words, {}).strip():
            yield name, said


# ---- cues inside other formats


def find_cues(lines: Sequence[str], where: str) -> tuple[int, Reading] | None:
    """Return the line at which cues begin and the reading of them, when a text is mostly made of cues."""
    if lined := _cues_of_lines(lines):
        return lined
    timings = [index for index, line in enumerate(lines) if "->" in line and TIMING.fullmatch(line)]
    if len(timings) <= 1 or _MAX_LINES_PER_CUE * len(timings) < sum(1 for line in lines[timings[0] :] if line.strip()):
        return None
    first = timings[0]
    if _are_identified(lines, timings):
        first -= 1
    while first and lines[first - 1].strip() and (lines[first - 1].strip().isdecimal() or "WEBVTT" in lines[first - 1]):
        first -= 1
    left_out: dict[str, int] = {}
    parsed = _Parser(lines[first:], where, left_out)
    if not parsed.cues:
        return None
    return first, Reading([], parsed.cues, left_out=left_out, problems=list(parsed.problems))


def _cues_of_lines(lines: Sequence[str]) -> tuple[int, Reading] | None:
    """Read what Whisper prints: ``[00:43.810 --> 00:47.850]  Hello.`` on every line."""
    matches = [_CUE_LINE.fullmatch(line) if "->" in line else None for line in lines]
    first = next((index for index, match in enumerate(matches) if match), None)
    if first is None or any(
        line.strip() and not match for line, match in zip(lines[first:], matches[first:], strict=True)
    ):
        return None
    cues = [Cue(m["text"].strip(), None, seconds(m["start"]), seconds(m["end"])) for m in matches if m]
    return first, Reading(cues=[cue for cue in cues if cue.text])


def _are_identified(lines: Sequence[str], timings: Sequence[int]) -> bool:
    """Tell whether cues have a line of their own before their times, as the first has."""
    found = [at > 0 and bool(lines[at - 1].strip()) and (at == 1 or not lines[at - 2].strip()) for at in timings]
    return found[0] and sum(found) > _MOST * len(found)


def _plain(line: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", line)).split())


def _names_under(lines: Sequence[str], timings: Sequence[int]) -> frozenset[str]:
    """Return the names that stand on lines of their own under the times, above the speech.

    Those with a colon or in brackets may stand further down, too: they are found as labels are.
    """
    under = [
        _plain(lines[at + 1])
        for at in timings
        if at + 2 < len(lines) and lines[at + 2].strip() and not _VOICE.match(lines[at + 1])
    ]
    counts = Counter(under)
    names = [
        name for name in under
        if (may_be_name(name) if counts[name] > 1 else is_name(name) and is_proper(name)) and not _MARKED.match(name)
    ]  # fmt: skip
    return frozenset(names) if 2 * len(names) > len(timings) else frozenset()
