"""Who speaks: which lines of a transcript begin with a label.

Every line is tried against every shape of :mod:`qualcode.sources.shapes`; a file is then taken to use the shape that
explains most of it, and of that shape the labels that the file itself bears out: those that recur, are set in bold,
name a role, or stand as the others do.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from qualcode.codebook import compile_regex
from qualcode.errors import CodebookError, SourceError
from qualcode.sources.names import is_inverted, is_proper, is_role, is_small, is_sure
from qualcode.sources.shapes import (
    SHAPES,
    STRONG,
    Label,
    Line,
    Lines,
    Shape,
    count_speakers,
    covers,
    find_own_lines,
    find_stamps,
    most_labels,
)
from qualcode.sources.times import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_RARE = 2
_MOST = 0.8
_MAX_DIGITS = 5
_NO_NUMBER = frozenset({"", *".,?!"})
"""What no line that is a number ends with."""
_ENOUGH = 4
_LISTED = re.compile(r"\s*[^\W\d_][^:：\n]{0,40}[:：]\s*\S")


def find_labels(
    lines: Lines, pattern: str | None = None, where: str = "", shapes: Sequence[Shape] = SHAPES
) -> list[Label]:
    """Return the labels of a transcript in the order of its lines; empty when nobody is named.

    Parameters
    ----------
    lines
        All lines of the transcript.
    pattern
        A regular expression with a group ``speaker`` (and, if wanted, ``time``) that is matched at the start of
        each line instead of the known shapes.
    where
        The file, for error texts.
    shapes
        The shapes to try.

    Raises
    ------
    SourceError
        If the pattern is no regular expression or has no group ``speaker``.
    """
    labels = _find_pattern(lines, pattern, where) if pattern is not None else _find_shapes(lines, shapes)
    taken = {label.line for label in labels}
    found = sorted([*labels, *find_stamps(lines, taken)], key=attrgetter("line"))
    return _with_numbers_above(_with_stamps_above(found, lines), lines)


def _find_shapes(lines: Lines, shapes: Sequence[Shape]) -> list[Label]:
    found: dict[Shape, list[Label]] = {}
    labels: list[Label] = []
    filled = [line for line in lines if line.text.strip()]
    n_most = len(filled) + sum([1 for line in filled if line.bold])  # see `most_labels`
    for shape in shapes:
        if shape in STRONG or (len(labels) < n_most and most_labels(shape, lines) > len(labels)):
            found[shape] = shape(lines)
            labels = max(labels, _keep_borne_out(found[shape], lines), key=len)  # of two as good, the first
    if shapes is SHAPES and not (2 * len(labels) >= len(lines) and _n_recurring(labels)):
        own = find_own_lines(lines)
        is_better = len(own) > 2 * len(labels) or (_n_recurring(own) and not _n_recurring(labels))
        labels = own if len(labels) <= 1 or is_better else labels
    if not _is_dialogue(labels, lines):
        return []
    return [*labels, *_of_known_names(labels, [found[shape] for shape in STRONG if shape in found])]


def _n_recurring(labels: Sequence[Label]) -> int:
    counts = count_speakers(labels)
    return sum(count > 1 for count in counts.values())


def _of_known_names(labels: Sequence[Label], others: Sequence[Sequence[Label]]) -> list[Label]:
    """Return the labels of other shapes whose names the file bears out: people change how they write them."""
    names = {label.speaker for label in labels}
    taken = {label.line for label in labels}
    more: list[Label] = []
    for found in others:
        more += [label for label in found if label.speaker in names and label.line not in taken]
        taken.update(label.line for label in more)
    return more


def _with_stamps_above(labels: list[Label], lines: Sequence[Line]) -> list[Label]:
    """Return labels with the time that stands alone on the line above them, where they have none."""
    if all(label.speaker is not None for label in labels):  # no line is a time alone
        return labels
    timed: list[Label] = []
    for label in labels:
        above = timed[-1] if timed else None
        if (
            above is not None
            and above.speaker is None
            and label.speaker is not None
            and label.time is None
            and not any(line.text[above.end if n == 0 else 0 :].strip() for n, line in
                        enumerate(lines[above.line : label.first]))
        ):  # fmt: skip
            timed[-1] = replace(label, first=above.first, time=above.time)
        else:
            timed.append(label)
    return timed


def _with_numbers_above(labels: list[Label], lines: Sequence[Line]) -> list[Label]:
    """Return labels with the numbers of turns that stand alone on the lines above them, where these go up by one."""
    numbers = {
        at: int(text) for at, label in enumerate(labels)
        if label.speaker is not None and label.first and lines[label.first - 1].text[-1:] not in _NO_NUMBER
        and (text := lines[label.first - 1].whole.strip()).isdecimal() and len(text) <= _MAX_DIGITS
    }  # fmt: skip
    counted = list(numbers.values())
    if len(counted) <= _RARE or any(other != one + 1 for one, other in pairwise(counted)):
        return labels
    return [replace(label, first=label.first - 1) if at in numbers else label for at, label in enumerate(labels)]


# ---- which labels the file bears out


def _keep_borne_out(found: list[Label], lines: Sequence[Line]) -> list[Label]:
    counts = Counter(label.speaker or "" for label in found)
    bold = {label.speaker for label in found if label.is_bold}
    # Where a file sets its labels in bold, a colon in plain type is a colon.
    needs_bold = sum(counts[name or ""] for name in bold) > len(found) / 2
    # Where it writes them with a capital, small letters before a colon are words.
    capitals = sum(count for name, count in counts.items() if count > 1 and not is_small(name))
    needs_capitals = 3 * capitals > 2 * len(found)
    small = {name for name in counts if needs_capitals and is_small(name) and not is_sure(name)}
    borne = {name for name, count in counts.items() if name in bold or count > 1 or is_sure(name)}
    certain = {name for name in borne if name in bold or not (needs_bold or name in small)}
    style = _Style(found, counts, lines)
    kept: list[Label] = []
    for label in found:
        name = label.speaker or ""
        if name not in certain:
            is_timed = label.time is not None and style.is_timed(label)
            if name not in bold and (needs_bold or (name in small and not is_timed)):
                continue
            is_borne_out = name in borne or is_timed
            if not is_borne_out and (not style.holds(label) or _is_listed(label, kept, lines)):
                continue
        kept.append(label)
    return _without_head(kept)


def _is_listed(label: Label, kept: Sequence[Label], lines: Sequence[Line]) -> bool:
    """Tell whether a label stands behind a line with such a start that is none: both belong to one list."""
    above = label.line - 1
    return above >= 0 and _LISTED.match(lines[above].head) is not None and not _is_at(kept, above)


def _is_at(labels: Sequence[Label], line: int) -> bool:
    return bool(labels) and labels[-1].line == line


class _Style:
    """How the labels of a file stand that recur, against which those are held that stand only once."""

    def __init__(self, found: Sequence[Label], counts: Counter[str], lines: Sequence[Line]) -> None:
        self._found = found
        self._counts = counts
        self._lines = lines

    @cached_property
    def _recurring(self) -> list[Label]:
        return [label for label in self._found if self._counts[label.speaker or ""] > 1]

    @cached_property
    def _timed(self) -> list[tuple[int, float]]:
        return [(label.line, label.time) for label in self._found if label.time is not None]

    @cached_property
    def _leads(self) -> set[str]:
        return {label.lead for label in self._recurring}

    @cached_property
    def _is_parted(self) -> bool:
        return len(self._recurring) >= _ENOUGH and _share(self._recurring, self._is_after_blank) > _MOST

    @cached_property
    def _is_full(self) -> bool:
        found = self._found
        return bool(found) and len(found) >= sum(1 for line in self._lines[found[0].line :] if line.text.strip())

    def _is_after_blank(self, label: Label) -> bool:
        return label.first == 0 or not self._lines[label.first - 1].text.strip()

    def _is_alone(self, label: Label) -> bool:
        return label.end >= len(self._lines[label.line].text.rstrip())

    def is_timed(self, label: Label) -> bool:
        """Tell whether a label fills its line with a time that lies between those of its neighbours."""
        if label.time is None or not self._is_alone(label):
            return False
        at = bisect_left(self._timed, (label.line,))
        before, after = (
            self._timed[at - 1][1] if at else 0.0,
            self._timed[at + 1][1] if at + 1 < len(self._timed) else label.time,
        )
        return before <= label.time <= after

    def holds(self, label: Label) -> bool:
        """Tell whether a label that stands once is a speaker's: a name by its form, and not a phrase in speech."""
        name = label.speaker or ""
        if not is_proper(name):
            return False
        if label.time is not None:
            return not self._is_alone(label)
        above = self._lines[label.line - 1].text.rstrip() if label.line else ""
        is_in_speech = above.endswith((",", ":", ";", "，", "：", "；", "、"))
        is_apart = not self._is_parted or self._is_after_blank(label)
        has_lead = not self._leads or label.lead in self._leads
        return not is_in_speech and is_apart and has_lead and (self._is_full or not self._is_word(name))

    def _is_word(self, name: str) -> bool:
        """Tell whether the file has a label in small letters too, as a word, or its comma is one of speech."""
        small = name.lower()
        if is_inverted(name) or small == name:
            return is_inverted(name)
        words = re.findall(r"\w+", small)
        return bool(words) and all(pair in self._words for pair in (pairwise(words) if words[1:] else [("", words[0])]))

    @cached_property
    def _words(self) -> set[tuple[str, str]]:
        """The words of the file, each alone and with the one before it; made once, as labels may be many."""
        pairs: set[tuple[str, str]] = set()
        for line in self._lines:
            words = re.findall(r"\w+", line.text)
            pairs.update(pairwise(words))
            pairs.update(("", word) for word in words)
        return pairs


def _share(labels: Sequence[Label], test: Callable[[Label], bool]) -> float:
    return sum(map(test, labels)) / len(labels)


def _without_head(found: list[Label]) -> list[Label]:
    """Return the labels without those that stand once, before any that recurs: a file's head has colons too."""
    counts = count_speakers(found)
    if sum(count > _RARE for count in counts.values()) <= 1:
        return found
    first = next(index for index, label in enumerate(found) if counts[label.speaker] > 1)
    return found[first:]


def _is_dialogue(labels: Sequence[Label], lines: Sequence[Line]) -> bool:
    """Tell whether labels are more than phrases that happen to end in a colon.

    They are when one names a role, when two of them recur or one in bold, or when they stand on most lines; never
    when the greater part of the file stands before the first.
    """
    counts = Counter(label.speaker or "" for label in labels)
    if any(map(is_role, counts)):
        return True
    if labels and 2 * min(label.line for label in labels) > len(lines):
        return False
    recurring = sum(count > 1 for count in counts.values())
    if recurring and any(label.is_bold for label in labels):
        return True
    share = 1 / 4 if all(label.time is not None for label in labels) else 1 / 3
    return recurring > 1 or (len(counts) > 1 and covers(labels, lines, share)) or covers(labels, lines, 1 / 2)


# ---- where only one side is labelled

_MIN_LABELS = 3
_MOST_GAPS = 0.8
_OPEN_END = re.compile(r"[^\W_,][\"'”’»)\]]*$|[,–—-]$")
_MIN_ANSWER = 4


def find_answers(lines: Sequence[Line], labels: Sequence[Label]) -> list[Label] | None:
    """Return labels of nobody for the paragraphs behind those of the one who is labelled, as their answers.

    ``None`` where more than one person is labelled, or most labels are followed by no other paragraph.
    """
    named = [label for label in labels if label.speaker is not None]
    if len(named) < _MIN_LABELS or len({label.speaker for label in named}) > 1:
        return None
    ends = [label.first for label in named[1:]] + [len(lines)]
    answers = [_first_answer(lines, label, end) for label, end in zip(named, ends, strict=True)]
    if sum(answer is not None for answer in answers) < _MOST_GAPS * (len(named) - 1):
        return None
    head = next((index for index in range(named[0].first) if _is_speech(lines[index].text)), None)
    taken = {label.line: label for label in labels}
    found = [index for index in [head, *answers] if index is not None]
    return [replace(taken.get(index, Label(index, 0, index, None)), speaker="") for index in found]


def _first_answer(lines: Sequence[Line], label: Label, end: int) -> int | None:
    """Return the line at which somebody else begins: the first of another block that does not go on."""
    last = label.line
    words = lines[last].text[label.end :]
    for index in range(label.line + 1, end):
        text = lines[index].text
        if not text.strip():
            continue
        goes_on = lines[index].block == lines[last].block or (
            text.lstrip()[0].islower() and _OPEN_END.search(words.rstrip())
        )
        if words.strip() and not goes_on:
            return index
        last, words = index, text
    return None


def _is_speech(text: str) -> bool:
    """Tell whether a line before the first label is more than a heading: it has words and ends as a sentence does."""
    return len(text.split()) >= _MIN_ANSWER and text.rstrip().endswith((".", "!", "?", "…", "。", "！", "？"))


def _find_pattern(lines: Sequence[Line], pattern: str, where: str) -> list[Label]:
    try:
        compiled = compile_regex(pattern)
    except CodebookError as error:
        message = f"In the speaker pattern: {error.message}"
        raise SourceError(message, where, r"For example (?P<speaker>\w+) -") from error
    if "speaker" not in compiled.groupindex:
        hint = r"Write (?P<speaker>…) around the part that is the name"
        raise SourceError("The speaker pattern has no group “speaker”.", where, hint)
    labels = []
    for index, line in enumerate(lines):
        match = compiled.match(line.head)
        if match and (match["speaker"] or "").strip():
            time = seconds(match.groupdict().get("time"))
            end = match.end() + len(line.text[match.end() :]) - len(line.text[match.end() :].lstrip())
            labels.append(Label(index, end, index, " ".join(match["speaker"].split()), time))
    return labels
