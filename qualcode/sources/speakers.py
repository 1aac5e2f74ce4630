"""Who speaks: speaker labels and time stamps in the lines of a transcript, and who of them asks the questions.

A *shape* is one way of writing a label, such as ``Name:`` or ``Name   0:11``. Every line is tried against every
shape; a file is then taken to use the shape that explains most of it, and of that shape the labels that the file
itself bears out: those that recur, are set in bold, or name a role.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.sources.vocabulary import (
    EVENTS,
    INTERVIEWER,
    METADATA,
    NO_NAMES,
    PARTICIPANT,
    SENTENCE_WORDS,
    SPEECH_VERBS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


MAX_LABEL = 200
"""No label with its number and time is longer."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript: where it starts in the text, which block it is from, how much of it leads in bold."""

    text: str
    start: int
    block: int
    bold: int = 0

    @property
    def head(self) -> str:
        """Where a label may stand; short, so that no pattern takes long on blanks without end."""
        return self.text[:MAX_LABEL]

    @property
    def whole(self) -> str:
        """The line if it may be a label altogether, else nothing."""
        return self.text if len(self.text) <= MAX_LABEL else ""


@dataclass(frozen=True, slots=True)
class Label:
    """A label found in a line.

    Attributes
    ----------
    line, end
        Speech begins in this line at this character.
    first
        The line at which the label itself begins, the same or one before.
    speaker
        The name, or ``None`` where only a time stamp stands.
    time
        Seconds from the start of the recording.
    """

    line: int
    end: int
    first: int
    speaker: str | None
    time: float | None = None
    is_bold: bool = False


# ---- what a name looks like

_TIME = r"(?:\d{1,2}[:：])?\d{1,3}[:：]\d{1,2}(?:[.,]\d{1,3})?"
_RANGE = rf"{_TIME}(?:\s*(?:-{{1,2}}>|[-–—])\s*{_TIME})?"
_BRACKETED = rf"[\[(<{{（【]\s*{_RANGE}\s*[\])>}}）】]"
_STAMP = rf"(?:{_BRACKETED}|{_RANGE})"
_NUMBER = r"(?:\[?\d{1,5}[.)\]]?[\t \u3000]+)?"
_NAME = r"(?P<name>[^\s:：*_\[\](){}<>][^:：\t\n*\[\]]{0,58}?)"
_MARK = r"(?:\*\*|__)?"

_WORD = re.compile(r"[^\W_]+(?:['’.&/-][^\W_]+)*\.?")
_BAD_SIGN = re.compile(r"[!?;,。！？；，、…\"“”«»=<>|]|\.\.")
_TITLE = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Mx|Prof|St|Jr|Sr|[A-Z])\.")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]")
_MAX_NAME_WORDS = 6
_MAX_HAN_NAME = 12
_MAX_LONE_HAN_NAME = 6
_MAX_OWN_LINE = 40
_PARTICLES = frozenset({"de", "van", "von", "der", "al", "bin", "and", "of", "la"})

_LONE_ROLES = re.compile(r"[A-Za-z]\d{0,3}|[A-Za-z]{1,3}\d{1,3}|SPEAKER[ _]?\d+", re.IGNORECASE)


def is_name(text: str) -> bool:
    """Tell whether a text may be a speaker's label, as far as can be said without its file."""
    if _BAD_SIGN.search(text) or "." in _TITLE.sub("", text).rstrip("."):
        return False
    if text.casefold() in NO_NAMES:
        return False
    if _HAN.search(text):
        return len(text) <= _MAX_HAN_NAME and (is_role(text) or not text.endswith(SPEECH_VERBS))
    words = _WORD.findall(text)
    if not words or len(words) > _MAX_NAME_WORDS or not any(letter.isalpha() for letter in text):
        return False
    if len(words) > 1 and any(word.casefold() in SENTENCE_WORDS for word in words):
        return False
    return words[0].casefold() not in SENTENCE_WORDS


def is_role(text: str) -> bool:
    """Tell whether a label names a role in an interview."""
    return bool(INTERVIEWER.fullmatch(text) or PARTICIPANT.fullmatch(text))


def _is_borne_out(name: str, count: int, *, is_bold: bool) -> bool:
    """Tell whether a file that uses a label so often means a speaker by it."""
    if count > 1 or is_bold or is_role(name) or _LONE_ROLES.fullmatch(name):
        return True
    if _HAN.search(name):
        return len(name) <= _MAX_LONE_HAN_NAME
    words = _WORD.findall(name)
    return all(word[0].isupper() or word[0].isdigit() or word in _PARTICLES for word in words)


# ---- the shapes of labels

_RARE = 2
_MAX_MINUTES = 59
_MAX_HOURS = 9
_MAX_HEAD_LINES = 30
_MAX_HEAD_WIDTH = 120

_COLON_SHAPE = re.compile(
    rf"\s*{_NUMBER}(?:(?P<t1>{_STAMP})[\s,|–—-]*)?{_MARK}{_NAME}{_MARK}\s*(?P<t2>{_BRACKETED})?\s*(?!(?<=\d)[:：]\d\d)[:：](?!//){_MARK}"
    rf"\s*(?P<t3>{_BRACKETED})?[:：]?\s*"
)
_HEADER_SHAPE = re.compile(rf"\s*{_NUMBER}{_MARK}{_NAME}{_MARK}(?:\s*[-–—|,]\s*|\s*)(?P<t1>{_STAMP})\s*{_MARK}\s*")
_TIME_FIRST_SHAPE = re.compile(rf"\s*{_NUMBER}(?P<t1>{_STAMP})[\s,|–—-]+{_MARK}{_NAME}{_MARK}\s*")
_BRACKET_SHAPE = re.compile(rf"\s*{_NUMBER}\[(?P<name>[^\]\d:：\s][^\]:：]{{0,40}})\]\s*(?P<t1>{_STAMP})?[:：]?\s*")
_DOT_SHAPE = re.compile(r"\s*(?P<name>[QAIRP]\d{0,2})\.\s+(?=\S)")
_TAB_SHAPE = re.compile(rf"\s*(?:\d{{1,5}}[.)]?\t)?(?:(?P<t1>{_STAMP})\t)?{_NAME}\t+(?=\S)")
_LEADING_STAMP = re.compile(rf"\s*(?P<t1>{_BRACKETED})\s*")
_STAMP_LINE = re.compile(rf"\s*(?P<t1>{_STAMP})\s*")


def seconds(stamp: str | None) -> float | None:
    """Return the time that a stamp such as ``(1:02:03)``, ``0:11`` or ``01:02.500`` names, in seconds."""
    found = re.search(_TIME, stamp) if stamp else None
    if found is None:
        return None
    total = 0.0
    for part in re.split("[:：]", found[0].replace(",", ".")):
        total = total * 60 + float(part)
    return round(total, 3)


def _from_match(match: re.Match[str], index: int, line: Line) -> Label:
    groups = match.groupdict()
    times = (seconds(groups.get(key)) for key in ("t1", "t2", "t3"))
    time = next((value for value in times if value is not None), None)
    name = " ".join(match["name"].split())
    is_bold = match.start("name") < line.bold and match.end("name") <= line.bold
    return Label(index, match.end(), index, name, time, is_bold)


def _find_colons(lines: Sequence[Line]) -> list[Label]:
    """``Name: text``, with a number before it and a time before, in or after it."""
    found = []
    for index, line in enumerate(lines):
        match = _COLON_SHAPE.match(line.head)
        if match and is_name(match["name"].strip()):
            found.append(_from_match(match, index, line))
    return _without_metadata(found, lines)


def _find_headers(lines: Sequence[Line]) -> list[Label]:
    """``Name   0:11`` or ``00:01:23 Name`` alone on a line, the speech on the next; also run together, ``P73:37``."""
    readings: list[list[Label]] = []
    for index, line in enumerate(lines):
        match = _HEADER_SHAPE.fullmatch(line.whole) or _TIME_FIRST_SHAPE.fullmatch(line.whole)
        if match and is_name(match["name"].strip()):
            labels = [_from_match(match, index, line), *_split_elsewhere(match, index)]
            if len(labels) > 1 and _clock_time(match["t1"]) is None:
                del labels[0]
            readings.append([label for label in labels if label.time is not None] or labels[:1])
    counts = Counter(label.speaker for labels in readings for label in labels)
    found: list[Label] = []
    last = 0.0
    for labels in readings:
        # A name that runs into its time can end at any digit: time goes on, and names recur.
        label = max(labels, key=lambda item: ((item.time or 0) >= last, counts[item.speaker]))
        last = label.time or last
        found.append(label)
    return found


def _split_elsewhere(match: re.Match[str], index: int) -> Iterator[Label]:
    """Yield the other readings of a header in which the name runs into the time: ``P1`` ``12:05``, ``P11`` ``2:05``."""
    name, stamp = match["name"], match["t1"]
    if match.end("name") != match.start("t1") or not re.fullmatch(_TIME, stamp):
        return
    for n in range(1, len(re.split("[:：]", stamp)[0])):
        yield Label(index, match.end(), index, name + stamp[:n], _clock_time(stamp[n:]))


def _clock_time(stamp: str) -> float | None:
    """Return a time in seconds if it is written as a clock does, with at most 59 minutes and 9 hours."""
    parts = re.split("[:：]", stamp)
    most = _MAX_MINUTES if len(parts) == len(("minutes", "seconds")) else _MAX_HOURS
    return seconds(stamp) if int(parts[0]) <= most else None


def _find_brackets(lines: Sequence[Line]) -> list[Label]:
    """``[Name] text``, as Zoom saves captions: a shape only where most lines have it."""
    found = []
    for index, line in enumerate(lines):
        match = _BRACKET_SHAPE.match(line.head)
        if match and is_name(match["name"]) and not EVENTS.fullmatch(match["name"]):
            found.append(_from_match(match, index, line))
    return found if _covers(found, lines, 1 / 2) else []


def _find_dots(lines: Sequence[Line]) -> list[Label]:
    """``Q. text`` and ``A. text``: a shape only where most lines have it."""
    matches = ((index, line, _DOT_SHAPE.match(line.head)) for index, line in enumerate(lines))
    found = [_from_match(match, index, line) for index, line, match in matches if match]
    return found if _covers(found, lines, 1 / 2) and len({label.speaker for label in found}) > 1 else []


def _find_tabs(lines: Sequence[Line]) -> list[Label]:
    """``Name<tab>text`` or ``0:11<tab>Name<tab>text``, as rows of tables are read."""
    found = []
    for index, line in enumerate(lines):
        match = _TAB_SHAPE.match(line.head)
        if match and is_name(match["name"].strip()):
            found.append(_from_match(match, index, line))
    counts = Counter(label.speaker for label in found)
    return [label for label in found if counts[label.speaker] > 1] if _covers(found, lines, 1 / 2) else []


def _find_own_lines(lines: Sequence[Line]) -> list[Label]:
    """Names alone on their lines, above the speech: two that recur, or one that names a role."""
    found = []
    for index, line in enumerate(lines[:-1]):
        name = line.whole.strip().strip("*_").strip()
        following = next((other.text for other in lines[index + 1 : index + 3] if other.text.strip()), "")
        if _stands_alone(name) and following and (line.bold or _is_borne_out(name, 1, is_bold=False)):
            found.append(Label(index, len(line.text), index, name, None, line.bold >= len(line.text.rstrip())))
    counts = Counter(label.speaker for label in found)
    kept = [label for label in found if counts[label.speaker] > 1]
    names = {label.speaker or "" for label in kept}
    return kept if len(names) > 1 or any(map(is_role, names)) else []


def _stands_alone(name: str) -> bool:
    return len(name) <= _MAX_OWN_LINE and is_name(name) and not name.endswith(".") and "\t" not in name


def _covers(found: Sequence[Label], lines: Sequence[Line], share: float) -> bool:
    return len(found) > 1 and len(found) >= share * sum(1 for line in lines if line.text.strip())


def _without_metadata(found: list[Label], lines: Sequence[Line]) -> list[Label]:
    """Return the labels without those of the head of the file, such as ``Date:`` and the roles listed with it."""
    last = -1
    for index, line in enumerate(lines[:_MAX_HEAD_LINES]):
        key = re.match(r"\s*([^:：\n]{1,30}?)\s*[:：]", line.text[:_MAX_HEAD_WIDTH])
        if key and METADATA.fullmatch(key[1]):
            last = index
        elif len(line.text) > _MAX_HEAD_WIDTH:
            break
    if last < 0:
        return found
    while last + 1 < len(lines) and 0 < len(lines[last + 1].text.strip()) < _MAX_HEAD_WIDTH / 2:
        following = [label.speaker for label in found if label.line > last + 1]
        here = next((label.speaker for label in found if label.line == last + 1), None)
        if here in following:
            break
        last += 1
    return [label for label in found if label.line > last]


Shape = Callable[["Sequence[Line]"], "list[Label]"]

# In the order of trust: of two that explain as much, the first.
SHAPES: tuple[Shape, ...] = (_find_headers, _find_colons, _find_brackets, _find_tabs, _find_dots)

CUE_SHAPES: tuple[Shape, ...] = (_find_colons, _find_brackets)
"""The shapes that occur inside cues."""


def find_labels(
    lines: Sequence[Line], pattern: str | None = None, where: str = "", shapes: Sequence[Shape] = SHAPES
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
    if pattern is not None:
        labels = _find_pattern(lines, pattern, where)
    else:
        found = [_keep_borne_out(find(lines)) for find in shapes]
        labels = max(found, key=len)
        if len(labels) <= 1 and shapes is SHAPES:
            labels = _find_own_lines(lines) or labels
        if not _is_dialogue(labels, lines):
            labels = []
    taken = {index for label in labels for index in range(label.first, label.line + 1)}
    return sorted([*labels, *_find_stamps(lines, taken)], key=lambda label: label.line)


def _keep_borne_out(found: list[Label]) -> list[Label]:
    counts = Counter(label.speaker for label in found)
    bold = {label.speaker for label in found if label.is_bold}
    # Where a file sets its labels in bold, a colon in plain type is a colon.
    needs_bold = sum(counts[name] for name in bold) > len(found) / 2
    names = {
        name
        for name, count in counts.items()
        if name is not None and _is_borne_out(name, count, is_bold=name in bold) and (name in bold or not needs_bold)
    }
    return _without_head([label for label in found if label.speaker in names])


def _without_head(found: list[Label]) -> list[Label]:
    """Return the labels without those that stand once, before any that recurs: a file's head has colons too."""
    counts = Counter(label.speaker for label in found)
    if sum(count > _RARE for count in counts.values()) <= 1:
        return found
    first = next(index for index, label in enumerate(found) if counts[label.speaker] > 1)
    return found[first:]


def _is_dialogue(labels: Sequence[Label], lines: Sequence[Line]) -> bool:
    """Tell whether labels are more than phrases that happen to end in a colon.

    They are when one names a role or is set in bold, when two of them recur, or when they stand on most lines.
    """
    counts = Counter(label.speaker or "" for label in labels)
    if any(is_role(name) for name in counts) or any(label.is_bold for label in labels):
        return True
    recurring = sum(count > 1 for count in counts.values())
    return recurring > 1 or (len(counts) > 1 and _covers(labels, lines, 1 / 3)) or _covers(labels, lines, 1 / 2)


def _find_pattern(lines: Sequence[Line], pattern: str, where: str) -> list[Label]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        message = f"The speaker pattern is no regular expression: {error}"
        raise SourceError(message, where, r"For example (?P<speaker>\w+) -") from error
    if "speaker" not in compiled.groupindex:
        hint = r"Write (?P<speaker>…) around the part that is the name"
        raise SourceError("The speaker pattern has no group ‘speaker’", where, hint)
    labels = []
    for index, line in enumerate(lines):
        match = compiled.match(line.head)
        if match and (match["speaker"] or "").strip():
            time = seconds(match.groupdict().get("time"))
            end = match.end() + len(line.text[match.end() :]) - len(line.text[match.end() :].lstrip())
            labels.append(Label(index, end, index, " ".join(match["speaker"].split()), time))
    return labels


def _find_stamps(lines: Sequence[Line], taken: set[int]) -> list[Label]:
    """Return time stamps at the start of lines without a label."""
    found = []
    alone = [i for i, line in enumerate(lines) if i not in taken and _STAMP_LINE.fullmatch(line.whole)]
    for index, line in enumerate(lines):
        if index in taken:
            continue
        match = _LEADING_STAMP.match(line.head)
        if match is None and len(alone) > 1:
            match = _STAMP_LINE.fullmatch(line.whole)
        if match:
            found.append(Label(index, match.end(), index, None, seconds(match["t1"])))
    return found


# ---- who asks the questions

_OFTEN = 4
_ASKING = 0.4


def infer_interviewers(turns: Iterable[tuple[str, str]]) -> tuple[frozenset[str], str]:
    """Return the labels of the interviewers and the reason; an empty set when nothing tells.

    Parameters
    ----------
    turns
        Speaker and words of each turn.
    """
    words: Counter[str] = Counter()
    n_turns: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    for speaker, text in turns:
        words[speaker] += len(text)
        n_turns[speaker] += 1
        questions[speaker] += "?" in text or "？" in text
    # Who speaks once among people who speak often is a passer-by, or a label misspelt.
    once = 1 if max(n_turns.values(), default=0) > _OFTEN else 0
    speakers = [speaker for speaker in n_turns if speaker and n_turns[speaker] > once]
    if len(speakers) <= 1:
        return frozenset(), ""
    return _by_role(speakers) or _by_questions(speakers, n_turns, questions, words) or (frozenset(), "")


def _by_role(speakers: Sequence[str]) -> tuple[frozenset[str], str] | None:
    named = [name for name in speakers if INTERVIEWER.fullmatch(name)]
    if not named:
        named = _by_initials(speakers)
    if named and len(named) < len(speakers):
        return frozenset(named), "the label says so"
    others = [name for name in speakers if not PARTICIPANT.fullmatch(name)]
    if len(others) == 1:
        return frozenset(others), "every other label names a participant"
    return None


def _by_initials(speakers: Sequence[str]) -> list[str]:
    """``I`` asks ``P`` or ``R``; ``R`` asks ``P``."""
    initials = {name.rstrip("0123456789 ").upper(): name for name in speakers}
    for asks, answers in (("I", "P"), ("I", "R"), ("I", "A"), ("R", "P")):
        if asks in initials and answers in initials:
            return [name for name in speakers if name.rstrip("0123456789 ").upper() == asks]
    return ["I"] if "I" in speakers else []


def _by_questions(
    speakers: Sequence[str], n_turns: Counter[str], questions: Counter[str], words: Counter[str]
) -> tuple[frozenset[str], str] | None:
    """Who asks in most of their turns, twice as often as anybody else, and speaks less than the others together."""
    ranked = sorted(speakers, key=lambda name: questions[name] / n_turns[name], reverse=True)
    first, second = ranked[0], ranked[1]
    share, next_share = questions[first] / n_turns[first], questions[second] / n_turns[second]
    is_clear = questions[first] > 1 and share >= _ASKING and share >= 2 * next_share
    if not is_clear or 2 * words[first] > sum(words[name] for name in speakers):
        return None
    return frozenset({first}), f"asks questions in {questions[first]} of {n_turns[first]} turns and speaks less"
