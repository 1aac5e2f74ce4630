"""What is odd about the speakers of a transcript, told so that nobody is misread in silence."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.language import count_words
from qualcode.sources.names import fold_label, is_asking, is_role, is_sure
from qualcode.sources.services import is_service_line
from qualcode.sources.vocabulary import PARTICIPANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from qualcode.errors import Level
    from qualcode.sources.shapes import Label, Line

_MAX_HEAD_WORDS = 60
_MAX_SHARE_OF_HEAD = 0.5
_MANY = 3
_MAX_STARTS = 3
_MAX_COMPARED = 100
_LONG_NAME = 7
_SHORT_NAME = 4
_START = re.compile(r"[ \t]{0,8}(?P<start>[^\s:：][^:：\n]{0,60}?)\s{0,3}[:：](?!//)(?!\d)")
_MAX_START_WORDS = 8
_MOST = 0.8
_DASHED = re.compile(r"[-–—]\s*\w")
_HEADED = re.compile(r"\s*(?:#{1,6}\s|\*\*|__|\d{1,3}[.)]\s)")


def tell_head(head: str, text: str, where: str) -> Iterator[Problem]:
    """Tell of words before the first speaker; more than a heading are a warning.

    Parameters
    ----------
    head
        The text before the first label.
    text
        The whole text.
    where
        The file.
    """
    if n := count_words(head):
        level: Level = "warning" if n > _MAX_HEAD_WORDS or n > _MAX_SHARE_OF_HEAD * count_words(text) else "note"
        hint = "Write “Name:” before the words of each speaker there" if level == "warning" else ""
        message = f"{n} word(s) before the first speaker are in no turn."
        yield Problem(where, level, "before-first-speaker", message, hint)


def tell_service_lines(lines: Sequence[Line], labels: Sequence[Label], where: str) -> Iterator[Problem]:
    """Tell of the lines of a service that belong to nobody."""
    named = {label.line for label in labels}
    first = next((label.line for label in labels if label.speaker is not None), 0)
    texts = (line.text.strip() for index, line in enumerate(lines) if index >= first and index not in named)
    found = [text for text in texts if text and is_service_line(text)]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        message = f"A line of the transcription service is in no turn: “{found[0]}”{more}."
        yield Problem(where, "note", "service-line", message)


def tell_starts(lines: Sequence[Line], labels: Sequence[Label], where: str) -> Iterator[Problem]:
    """Warn of what begins line after line with a colon and was not taken for a speaker."""
    named = {line for label in labels if label.speaker for line in (label.line, label.first)}
    first = min(named, default=0)
    others = [index for index in range(len(lines)) if index not in named]
    yield from _tell_bare(lines, labels, others, where)
    heads = (lines[index].head for index in others if index >= first)
    matches = (_START.match(head) for head in heads if ":" in head or "：" in head)
    starts = (match["start"] for match in matches if match and len(match["start"].split()) <= _MAX_START_WORDS)
    counts = Counter(start for start in starts if any(map(str.isalnum, start)))
    for start, n in counts.most_common(_MAX_STARTS):
        if n >= _MANY:
            message = f"“{start}:” starts {n} lines but was not taken to be a speaker label; it is read as speech."
            hint = "If it is a label, write it like the others, or set --speaker-pattern"
            yield Problem(where, "warning", "recurring-line-start", message, hint)


def _tell_bare(lines: Sequence[Line], labels: Sequence[Label], others: Iterable[int], where: str) -> Iterator[Problem]:
    """Warn of lines that begin with a label which lacks its colon."""
    known = {name for name in {label.speaker or "" for label in labels} if len(name) > 1 and is_sure(name)}
    for index in others:
        words = lines[index].head.split(maxsplit=1)
        if len(words) > 1 and words[0] in known and words[1][:1].isupper():
            message = f"“{words[0]}” starts line {index + 1} like a label without its sign, but is read as speech."
            hint = "If another person starts to speak there, write the label as the others are"
            yield Problem(where, "warning", "label-without-colon", message, hint)


def tell_questions(lines: Sequence[Line], where: str) -> Iterator[Problem]:
    """Warn of questions in bold, numbered or as headings, and of dialogues with dashes, where nobody is named."""
    shown = [
        line.text.strip() for line in lines if line.bold >= len(line.text.rstrip()) > 0 or _HEADED.match(line.head)
    ]
    n = sum(1 for text in shown if text.rstrip("*_ ").endswith(("?", "？", "؟")))
    texts = [line.text.strip() for line in lines if line.text.strip()]
    n_dashes = sum(1 for text in texts if _DASHED.match(text))
    if n_dashes >= _MANY and n_dashes >= _MOST * len(texts):
        message = (
            f"{n_dashes} lines start with a dash, like turns of a dialogue, but no speaker is named; all are counted."
        )
        hint = "Write “Name:” in place of each dash"
        yield Problem(where, "warning", "dashes-without-label", message, hint)
    if n >= _MANY:
        message = (
            f"{n} questions are in bold, numbered or headings, but no speaker is named; they count like the answers."
        )
        hint = "Write “Interviewer:” before each, and a name before the answers"
        yield Problem(where, "warning", "questions-without-label", message, hint)


def tell_names(counts: Mapping[str, int], where: str) -> Iterator[Problem]:
    """Tell of labels that may be one person's: used once, or a letter or two apart from another.

    Parameters
    ----------
    counts
        Turns of each speaker.
    where
        The file.
    """
    counts = {name: n for name, n in counts.items() if name}
    once = [name for name, count in counts.items() if count == 1 and not is_role(name)]
    often = [name for name, count in counts.items() if count > 1]
    hint = "If they are one person, give the name in the column person of --speakers FILE, or correct the label"
    for one, other in _near_pairs(sorted(often, key=lambda name: -counts[name])[:_MAX_COMPARED]):
        both = f"“{one}” ({counts[one]} turns) and “{other}” ({counts[other]} turns)"
        message = f"{both} are nearly the same label and may be one person."
        yield Problem(where, "warning", "similar-labels", message, hint)
    for name in once if sum(counts.values()) > 2 * len(counts) else ():
        near = get_close_matches(name, often[:_MAX_COMPARED], 1, 0.8)
        once_only = f"“{name}” speaks only once."
        message = f"{once_only} Is it “{near[0]}” misspelt?" if near else f"{once_only} Is that a speaker?"
        level: Level = "warning" if near else "note"
        repair = hint if near else "Correct the label in the file, or set another --speaker-pattern"
        yield Problem(where, level, "speaks-once", message, repair)


def _near_pairs(names: Sequence[str]) -> Iterable[tuple[str, str]]:
    return [(one, other) for at, one in enumerate(names) for other in names[at + 1 :] if _is_near(one, other)]


def _is_near(one: str, other: str) -> bool:
    """Tell whether two labels differ by a letter, or by two of a long name; numbers and initials tell people apart."""
    one, other = map(fold_label, (one, other))
    if one == other:
        return True
    shorter = min(len(one), len(other))
    most = 2 if shorter >= _LONG_NAME else 1
    if shorter < _SHORT_NAME or abs(len(one) - len(other)) > most or _tells_apart(one, other):
        return False
    if (is_asking(one) and PARTICIPANT.fullmatch(other)) or (is_asking(other) and PARTICIPANT.fullmatch(one)):
        return False
    changes = [code for code in SequenceMatcher(None, one, other, autojunk=False).get_opcodes() if code[0] != "equal"]
    return sum(max(end - start, to - at) for _, start, end, at, to in changes) <= most


def _tells_apart(one: str, other: str) -> bool:
    """Tell whether two labels differ in a number or a single letter that stands alone: ``Speaker 1``, ``Student A``."""
    words = re.findall(r"\w+", one), re.findall(r"\w+", other)
    if len(words[0]) != len(words[1]):
        return True
    pairs = [(a, b) for a, b in zip(*words, strict=True) if a != b]
    return any(any(map(str.isdecimal, a + b)) or len(a) == 1 or len(b) == 1 for a, b in pairs)
