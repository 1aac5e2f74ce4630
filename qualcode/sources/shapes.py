"""Shapes of labels: the ways in which transcripts write who speaks, and when.

Each shape is a function from the lines of a file to the labels that these would have if the file used that shape.
Which of them it uses is for :mod:`qualcode.sources.speakers` to tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import chain, islice, pairwise, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.sources.late import late
from qualcode.sources.names import (
    INVISIBLE,
    is_asking,
    is_name,
    is_proper,
    is_reserve,
    is_role,
    is_sure,
    is_titled,
    may_be_name,
    speaker_of,
)
from qualcode.sources.times import BRACKETED, IN_TIME, RANGE, STAMP, TIME, seconds
from qualcode.sources.vocabulary import EVENTS, HEADINGS, METADATA, NO_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_LABEL = 200
"""No label with its number and time is longer."""


class Line(NamedTuple):  # a file has thousands
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


class Lines(list[Line]):
    """All lines of a text, in which signs are found at once."""

    @cached_property
    def whole(self) -> str:
        """The lines joined by line ends; nothing may be changed in them any more."""
        return "\n".join([line.text for line in self])


@dataclass(slots=True)  # to make frozen ones takes twice as long, and a file has thousands
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
    is_bold
        Whether the name is set in bold.
    lead
        The signs before it, such as ``>>`` or a dash, and whether a number.
    """

    line: int
    end: int
    first: int
    speaker: str | None
    time: float | None = None
    is_bold: bool = False
    lead: str = ""


_speaker_of_label = attrgetter("speaker")


def count_speakers(labels: Iterable[Label]) -> Counter[str | None]:
    """Return how often each speaker is named."""
    return Counter(map(_speaker_of_label, labels))


# Inside of a label blanks are few: patterns of blanks without end would take forever on blanks without end.
_BLANK = rf"[\s{INVISIBLE}]*+"
_GAP = rf"[\s{INVISIBLE}]{{0,4}}"
_LEAD = rf"{_BLANK}(?P<lead>(?:>{{1,3}}[ \t]{{0,4}}|(?:\#{{1,6}}|[*•·])[ \t]{{1,4}}|[-–—][ \t]{{0,4}}){{0,3}})"
_NUMBER = r"(?P<number>[\[(#]?\d{1,5}[.:)\]]?[\t \u3000]+)?"
_IN_NAME = r"(?:[^:：\t\n*<>|]|(?<=\w)\*(?=\w)|(?<=[ \w])\|(?=[ \w]))"
_NAME = (
    rf"(?P<name>[^\s:：*_\[\](){{}}<>|{INVISIBLE}](?:[^:：\t\n*<>|]|(?<=\w)\*(?=\w)){{0,58}}?"
    r"(?:(?<=\w):in(?:nen)?(?=\s{0,3}[:：]))?)"
)
_PRENAME = r"(?:[\[(（【][^\[\]()（）【】:：\t\n*<>|]{1,40}[\])）】])"
_LONG_NAME = (
    rf"(?P<name>(?:{_PRENAME}|(?:{_PRENAME}[ ]?(?=[^\W\d_]))?[^\s:：*_\[\](){{}}<>|{INVISIBLE}]{_IN_NAME}{{0,98}}?)"
    r"(?:(?<=\w):in(?:nen)?(?=\s{0,3}[:：]))?)"
)
_HEAD_NAME = (
    rf"(?P<name>{_PRENAME}(?=\s)|(?:{_PRENAME}[ ]?(?=[^\W\d_]))?[^\s:：*_\[\](){{}}<>|{INVISIBLE}]{_IN_NAME}{{0,98}}?"
    r"(?:(?<=\w):in(?:nen)?(?=\s))?)"
)
_MARK = r"(?:\*{1,3}|_{1,2})?"
_DASH = r"[\s,|–—>-]{0,6}"
_SEPARATOR = r"[ ]{0,3}[\t|][ ]{0,3}"
_FULL_TIME = r"(?:0\d[:：]\d\d|\d{1,2}[:：]\d\d[:：]\d\d)"

_COLON_SHAPE = late(
    rf"{_LEAD}{_NUMBER}{_MARK}(?:(?P<t1>{STAMP}){_DASH}(?:\d{{1,4}}[.)]?[ \t]+)?)?"
    rf"{_MARK}{_LONG_NAME}{_MARK}[\s,–—-]{{0,4}}?"
    rf"(?P<t2>{BRACKETED}|(?<=\s){_FULL_TIME})?{_GAP}{_MARK}(?!(?<=\d)[:：]\d\d)[:：](?!//){_MARK}"
    rf"{_GAP}(?P<t3>{BRACKETED})?[:：]?{_BLANK}"
)
_PLAIN_NAME = re.compile(r"[^\W\d_]{1,30}(?: [^\W_]{1,30}){0,2}")
_HEADER_SHAPE = late(
    rf"{_LEAD}{_NUMBER}{_MARK}{_HEAD_NAME}{_MARK}\s{{0,9}}(?:[-–—|,·•@]\s{{0,4}}|(?<=\s)at\s)?(?P<t1>{STAMP})\s*{_MARK}[-–—]?{_BLANK}"
)
_TIME_FIRST_SHAPE = late(
    rf"{_LEAD}{_NUMBER}(?P<t1>{STAMP})(?:[\s,|–—>-]{_DASH}|(?:(?<=[:.]\d\d)|(?<=[.,]\d\d\d))(?=[^\W\d_]))"
    rf"{_MARK}{_NAME}{_MARK}{_BLANK}"
)
_BRACKET_SHAPE = late(
    rf"{_LEAD}{_NUMBER}(?:(?P<t1>{STAMP}){_DASH})?[\[<(（【](?P<name>[^\])>）】\d:：\s][^\])>）】:：]{{0,40}})[\])>）】]"
    rf"\s*(?P<t2>{STAMP})?[:：]?{_BLANK}"
)
_BOLD_SHAPE = late(
    rf"{_LEAD}{_NUMBER}(?:(?P<t1>{STAMP}){_DASH})?(?:\*\*|__){_NAME}(?:\*\*|__)\s{{0,9}}(?P<t2>{STAMP})?\s+(?=\S)"
)
_BOLD_RUN = late(rf"{_LEAD}{_NUMBER}(?:(?P<t1>{STAMP}){_DASH})?{_NAME}\s*(?P<t2>{STAMP})?{_BLANK}")
_INLINE_SHAPE = late(rf"{_LEAD}{_NUMBER}{_MARK}{_NAME}{_MARK}\s{{1,9}}(?P<t1>{STAMP})[\s–—-]{{1,9}}(?=\S)")
_DASH_SHAPE = late(
    rf"{_LEAD}{_NUMBER}(?:(?P<t1>{STAMP})[\s,|]*)?{_MARK}{_NAME}{_MARK}(?:\s{{1,4}}(?P<t2>{BRACKETED}))?"
    r"(?:\s{1,4}(?:--?|–|—)\s+|\s{0,4}[>»]\s*)(?=\S)"
)
_CAPITALS_SHAPE = late(rf"{_LEAD}{_NUMBER}(?P<name>[A-Z]{{2,4}}\d{{0,3}}|[A-Z]\d{{1,3}})[ \t]{{1,9}}(?=\S)")
_DOT_SHAPE = late(rf"{_LEAD}{_MARK}(?P<name>[QAIRP]\d{{0,2}}|[^\W\d_a-z][^\W_a-z'’ -]{{1,30}})\.{_MARK}\s+(?=\S)")
_CELL = rf"(?:[\[(]?\d{{1,9}}(?:[.,]\d{{1,6}})?[.)\]]?|{STAMP})?"
_TABLE_SHAPE = late(
    rf"[ ]*\|?[ ]*(?:{_CELL}{_SEPARATOR}){{0,8}}{_MARK}{_NAME}{_MARK}[:：]?{_SEPARATOR}"
    rf"(?:[^\t\n]{{0,60}}\t(?={STAMP}\t[^\t]*\t{STAMP}))?(?:{_CELL}{_SEPARATOR}){{0,8}}(?=[^\s|])"
)
_LEADING_STAMP = late(rf"{_BLANK}(?P<t1>{BRACKETED}){_BLANK}")
_INNER_STAMP = late(rf"{_BLANK}(?P<t1>{BRACKETED}|{_FULL_TIME}|\d{{1,2}}:\d\d){_BLANK}(?=\S)")
_STAMP_CELL = late(rf"{_BLANK}(?P<t1>{STAMP})\t+")
_STAMP_LINE = late(rf"{_BLANK}(?P<t1>{STAMP}){_BLANK}")
_CLOSING_STAMPS = late(rf"(?:\s*(?:\[\s*{RANGE}(?:-\d)?\s*\]|#\s*{TIME}(?:-\d)?\s*#))+$")

_QUESTION = re.compile(
    r"((?:q|a|question|answer|frage|antwort|pregunta|respuesta|pergunta|resposta|domanda|risposta|réponse)\s?)(\d{1,3})",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\d{1,5})([^\W\d_].*)")
_BOLD_MARKS = ("**", "__")
_MAY_BE_TIME = re.compile(IN_TIME)
_MAX_ASCII = 0x7F
_NEARLY_ALL = 0.9
_MIN_RECURRING = 3
_ABBREVIATED = re.compile(r"\b(?:[^\W\d_]|Jr|Sr|Dr|Esq|Ph\.?D|M\.?D)\.$")
_MAX_MINUTES = 59
_MAX_HOURS = 9
_MAX_HEAD_LINES = 30
_MAX_HEAD_WIDTH = 120
_MAX_OWN_LINE = 40
_MAX_ENTRY = 8
_NAME_ENDS = (".", "?", "!", "…")
"""With which no name ends that stands on a line of its own."""


def _from_match(match: re.Match[str], index: int, line: Line) -> Label:
    groups = match.groupdict()
    times = (seconds(groups.get(key)) for key in ("t1", "t2", "t3"))
    time = next((value for value in times if value is not None), None)
    is_bold = match.start("name") < line.bold and match.end("name") <= line.bold
    lead = (groups.get("lead") or "").strip() + ("1" if groups.get("number") else "")
    return Label(index, match.end(), index, speaker_of(match["name"]), time, is_bold, lead)


def _match_all(shape: re.Pattern[str], lines: Sequence[Line]) -> list[Label]:
    """Return a label for each line that begins in a shape with what may be a name."""
    matches = ((index, line, shape.match(line.head)) for index, line in enumerate(lines))
    found = [_from_match(match, index, line) for index, line, match in matches if match and may_be_name(match["name"])]
    return _named(found, lines)


def _named(found: list[Label], lines: Sequence[Line]) -> list[Label]:
    """Return labels without numbers that are no part of names, where what is left are names."""
    return keep_by_turns(_without_questions_numbers(_without_numbers(found)), lines)


def _without_questions_numbers(found: list[Label]) -> list[Label]:
    """Return labels without the numbers of questions and answers, ``Q1``, ``A1``, where each stands but once."""
    shapes = {name: _QUESTION.fullmatch(name) for name in {label.speaker or "" for label in found}}
    if not any(shapes.values()):
        return found
    matches = [shapes[label.speaker or ""] for label in found]
    numbers: dict[str, list[int]] = {}
    for match in filter(None, matches):
        numbers.setdefault(match[1].casefold(), []).append(int(match[2]))
    running = {
        stem for stem, found_ in numbers.items()
        if len(found_) >= _MIN_RECURRING and all(other == one + 1 for one, other in pairwise(found_))
    }  # fmt: skip
    return [
        replace(label, speaker=match[1].strip()) if match and match[1].casefold() in running else label
        for label, match in zip(found, matches, strict=True)
    ]


def _without_numbers(found: list[Label]) -> list[Label]:
    """Return labels without the numbers of turns that run into them, as in ``001Ana``, where these go up by one."""
    if not all(map(_NUMBERED.fullmatch, {label.speaker or "" for label in found})):
        return found
    matches = [_NUMBERED.fullmatch(label.speaker or "") for label in found]
    numbers = [int(match[1]) for match in matches if match]
    is_running = len(numbers) >= _MIN_RECURRING and all(other == one + 1 for one, other in pairwise(numbers))
    if not is_running:
        return found
    return [replace(label, speaker=match[2]) for label, match in zip(found, matches, strict=True) if match]


def keep_by_turns(found: list[Label], lines: Sequence[Line]) -> list[Label]:
    """Return labels that are names by their form, and those that only where they recur and stand say are names.

    ``Will Lee`` may begin a sentence and ``Me`` may be a word: they are names where they recur and take turns.
    """
    names = {label.speaker or "" for label in found}
    doubtful = {name for name in names if is_reserve(name) or not is_name(name)}
    if not doubtful:
        return found
    places: dict[str, list[int]] = {}
    for index, label in enumerate(found):
        places.setdefault(label.speaker or "", []).append(index)
    sure = {name for name in places if name not in doubtful and len(places[name]) > 1}
    is_full = covers(found, lines, _NEARLY_ALL)
    kept = {
        name
        for name in doubtful
        if (is_reserve(name) and not sure)
        or _is_borne_by_turns(
            name, [_neighbours(found, index) for index in places[name]], len(found), len(sure), is_full
        )
    }
    return [label for label in found if label.speaker not in doubtful or label.speaker in kept]


def _neighbours(found: Sequence[Label], index: int) -> tuple[str | None, str | None]:
    before = found[index - 1].speaker if index else None
    after = found[index + 1].speaker if index + 1 < len(found) else None
    return before, after


def _is_borne_by_turns(
    name: str,
    neighbours: Sequence[tuple[str | None, str | None]],
    n_labels: int,
    n_sure: int,
    is_full: bool,  # noqa: FBT001
) -> bool:
    """Tell whether a line start that may be words is a name: it recurs and takes turns with others."""
    n = len(neighbours)
    if is_titled(name):
        return n > 1 or is_full
    inner = [(before, after) for before, after in neighbours if before is not None and after is not None]
    filling = sum(before == after != name for before, after in inner)
    changing = sum(before != name != after for before, after in inner)
    if n < _MIN_RECURRING and not (n > 1 and is_full):
        return False
    if 2 * filling > len(inner):
        # Without it one speaker would follow on himself; but notes stand between turns of one speaker too.
        return name.casefold() not in NO_NAMES or is_reserve(name) or n_sure <= 1
    is_word = " " in name or name.casefold() in NO_NAMES
    return not is_word and 10 * n >= n_labels and 5 * changing >= 4 * len(inner)


def _with_stamp(label: Label, line: Line) -> Label:
    """Return a label with the time that stands between it and the speech."""
    match = _INNER_STAMP.match(line.text, label.end) if label.time is None else None
    return replace(label, end=match.end(), time=seconds(match["t1"])) if match else label


def find_colons(lines: Lines) -> list[Label]:
    """``Name: text``, with a number before it and a time before, in or after it."""
    found = []
    plain: dict[str, str | None] = {}  # the start of a line, and whom it names
    for index, line in enumerate(lines):
        text = line.text
        at = text.find(": ", 0, MAX_LABEL)
        if at >= 0 and text[at + 2 : at + 3].isalpha():  # as most labels are
            start = text[:at]
            if start not in plain:
                plain[start] = _plain_name(start)
            if (name := plain[start]) is not None:
                if name:
                    found.append(Label(index, at + 2, index, name, None, at <= line.bold))
                continue
        head = line.head
        if ":" not in head and "：" not in head:
            continue
        if (match := _COLON_SHAPE.match(head)) and may_be_name(match["name"]):
            found.append(_from_match(match, index, line))
    return _without_metadata(_named(found, lines), lines)


def _plain_name(start: str) -> str | None:
    """Return the speaker whom plain words before a colon name, ``""`` if they are no name; ``None`` of other words.

    Of plain words the whole shape would say the same, but slowly.
    """
    if not _PLAIN_NAME.fullmatch(start):
        return None
    return speaker_of(start) if may_be_name(start) else ""


def find_headers(lines: Lines) -> list[Label]:
    """``Name   0:11`` or ``00:01:23 Name`` alone on a line, the speech on the next; also run together, ``P73:37``."""
    readings: list[list[Label]] = []
    for index in _find_digits(lines):
        line = lines[index]
        if len(line.text) > MAX_LABEL or not _MAY_BE_TIME.search(line.text):
            continue
        match = _HEADER_SHAPE.fullmatch(line.whole) or _TIME_FIRST_SHAPE.fullmatch(line.whole)
        if match and may_be_name(match["name"]) and not _is_sentence(match["name"]):
            labels = [_from_match(match, index, line), *_split_elsewhere(match, index, line)]
            if len(labels) > 1 and _clock_time(match["t1"]) is None:
                del labels[0]
            readings.append([label for label in labels if label.time is not None] or labels[:1])
    counts = count_speakers(chain.from_iterable(readings))
    found: list[Label] = []
    last = 0.0
    for labels in readings:
        # A name that runs into its time can end at any digit: time goes on, and names recur.
        label = max(labels, key=lambda item: ((item.time or 0) >= last, counts[item.speaker]))
        last = label.time or last
        found.append(label)
    return keep_by_turns(found, lines)


def _find_digits(lines: Lines) -> list[int]:
    """Return the numbers of the lines that hold a digit, found in all of them at once."""
    text = lines.whole
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    is_digit = codes - np.uint32(ord("0")) <= ord("9") - ord("0")  # what is below wraps around
    if not text.isascii():
        signs = set(codes[codes > _MAX_ASCII].tolist())
        is_digit |= np.isin(codes, [sign for sign in signs if chr(sign).isdecimal()])
    ends = np.flatnonzero(codes == ord("\n"))
    return sorted(set(np.searchsorted(ends, np.flatnonzero(is_digit)).tolist()))


def _is_sentence(text: str) -> bool:
    """Tell whether words end in a full stop that is none of a title."""
    return text.endswith(".") and " " in text and not is_sure(text) and not _ABBREVIATED.search(text)


def _split_elsewhere(match: re.Match[str], index: int, line: Line) -> Iterator[Label]:
    """Yield the other readings of a header in which the name runs into the time: ``P1`` ``12:05``, ``P11`` ``2:05``."""
    name, stamp = match["name"], match["t1"]
    if match.end("name") != match.start("t1") or not re.fullmatch(TIME, stamp):
        return
    first = re.split("[:：]", stamp)[0]
    is_bold = match.start("name") < line.bold and match.end("name") <= line.bold
    for n in range(1, len(first) if first.isdecimal() else 0):
        yield Label(index, match.end(), index, name + stamp[:n], _clock_time(stamp[n:]), is_bold)


def _clock_time(stamp: str) -> float | None:
    """Return a time in seconds if it is written as a clock does, with at most 59 minutes and 9 hours."""
    parts = re.split("[:：]", stamp)
    most = _MAX_MINUTES if len(parts) == len(("minutes", "seconds")) else _MAX_HOURS
    return seconds(stamp) if not parts[0].isdecimal() or int(parts[0]) <= most else None


def find_brackets(lines: Lines) -> list[Label]:
    """``[Name] text``, as Zoom saves captions, in brackets of any form: a shape only in an exchange."""
    found = [label for label in _match_all(_BRACKET_SHAPE, lines) if not EVENTS.fullmatch(label.speaker or "")]
    return found if _is_exchange(found, lines) else []


def find_bold(lines: Lines) -> list[Label]:
    """``**Name** text``: a name in bold before its speech, without a colon: a shape only in an exchange."""
    found = _match_all(_BOLD_SHAPE, lines) if any(mark in lines.whole for mark in _BOLD_MARKS) else []
    find_name = cache(_BOLD_RUN.fullmatch)  # of the few names of a file, again and again
    for index, line in enumerate(lines):
        match = find_name(line.head[: line.bold]) if 0 < line.bold < len(line.text) else None
        if match and may_be_name(match["name"]) and not _STAMP_LINE.fullmatch(line.text[line.bold :]):
            found.append(_with_stamp(_from_match(match, index, line), line))
    found = keep_by_turns(found, lines)
    return found if _is_exchange(found, lines) else []


def find_inline(lines: Lines) -> list[Label]:
    """``Name 0:11 text``: a shape only in an exchange, and for names that recur."""
    return _recurring(_match_all(_INLINE_SHAPE, lines), lines, is_proper)


def find_dashes(lines: Lines) -> list[Label]:
    """``Name - text`` and ``Name > text``: a shape only in an exchange, and for names that recur."""
    return _recurring(_match_all(_DASH_SHAPE, lines), lines)


def find_dots(lines: Lines) -> list[Label]:
    """``Q. text`` and ``A. text``, or names in capitals: a shape only in an exchange."""
    found = _match_all(_DOT_SHAPE, lines)
    names = {label.speaker or "" for label in found}
    is_one_sided = len(found) > 1 and all(map(is_asking, names))
    return found if (_is_exchange(found, lines) and len(names) > 1) or is_one_sided else []


def find_capitals(lines: Lines) -> list[Label]:
    """``MN text`` and ``P07 text``, with nothing between: a shape only where nearly every line has it, by turns."""
    found = _recurring(_match_all(_CAPITALS_SHAPE, lines), lines)
    return found if covers(found, lines, _NEARLY_ALL) else []


def find_tables(lines: Lines) -> list[Label]:
    """``Name<tab>text`` with times and numbers in other cells, as rows of tables are read, or cells between bars."""
    found = []
    for index, line in enumerate(lines):
        match = _TABLE_SHAPE.match(line.head) if "\t" in line.head or "|" in line.head else None
        if match and may_be_name(match["name"]):
            name = speaker_of(match["name"])
            time = seconds(match[0].replace(match["name"], "", 1))
            found.append(_with_stamp(Label(index, match.end(), index, name, time), line))
    if found and (found[0].speaker or "").casefold() in HEADINGS:
        found = found if found[0].speaker in {label.speaker for label in found[1:]} else found[1:]
    found = keep_by_turns(found, lines)
    is_all = covers(found, lines, _NEARLY_ALL) and any(is_role(label.speaker or "") for label in found)
    return found if is_all else _recurring(found, lines, is_proper)


def find_own_lines(lines: Lines) -> list[Label]:
    """Names alone on their lines, above the speech: two that recur, or one that names a role."""
    found = []
    for index, line in enumerate(lines[:-1]):
        words = line.whole.strip().strip("*_#>").strip()
        if words.endswith(_NAME_ENDS) and not words.startswith("From "):
            continue  # most lines are sentences, which are told from names by their last character
        name = speaker_of(words)
        following = next((other.text for other in lines[index + 1 : index + 3] if other.text.strip()), "")
        is_written = _is_marked(line) or is_sure(name) or name[:1].isupper() or not name.isascii()
        if following and is_written and _stands_alone(name):
            is_bold = line.bold >= len(line.text.rstrip())
            found.append(Label(index, len(line.text), index, name, None, is_bold))
    counts = count_speakers(found)
    kept = [label for label in found if counts[label.speaker] > 1 or _is_under_stamp(label, lines)]
    names = {label.speaker or "" for label in kept}
    if len(names) <= 1 and not any(map(is_role, names)):
        return []
    if all(_is_apart(label, lines) for label in kept):
        return [label for label in found if label in kept or _is_apart(label, lines)]
    return [label for label in found if label in kept or is_sure(label.speaker or "")]


def _is_apart(label: Label, lines: Sequence[Line]) -> bool:
    """Tell whether a name is set in bold or as a heading, or stands after a blank line."""
    return _is_marked(lines[label.line]) or label.first == 0 or not lines[label.first - 1].text.strip()


def _is_marked(line: Line) -> bool:
    return bool(line.bold) or line.whole.lstrip().startswith(("#", "**", "__"))


def _is_under_stamp(label: Label, lines: Sequence[Line]) -> bool:
    return label.first > 0 and bool(_STAMP_LINE.fullmatch(lines[label.first - 1].whole))


def _stands_alone(name: str) -> bool:
    return (
        0 < len(name) <= _MAX_OWN_LINE
        and (is_name(name) or is_titled(name))
        and not name.endswith(_NAME_ENDS)
        and "\t" not in name
    )


def covers(found: Sequence[Label], lines: Sequence[Line], share: float) -> bool:
    """Tell whether labels stand on so great a share of the lines that hold anything."""
    if len(found) <= 1:
        return False
    enough = int(len(found) / share) + 2  # of more lines they are no such share
    return len(found) >= share * sum(1 for _ in islice((line for line in lines if line.text.strip()), enough))


def _is_exchange(found: Sequence[Label], lines: Sequence[Line]) -> bool:
    """Tell whether labels stand on most lines, or on many and by turns, two of them again and again."""
    counts = count_speakers(found)
    recurring = sum(count > 1 for count in counts.values())
    changes = sum(one.speaker != other.speaker for one, other in pairwise(found))
    return covers(found, lines, 1 / 2) or (recurring > 1 and 2 * changes >= len(found) and covers(found, lines, 1 / 6))


def _recurring(found: list[Label], lines: Sequence[Line], is_kept: Callable[[str], bool] = is_sure) -> list[Label]:
    """Return the labels that recur, if they are an exchange, and with them those of one turn that may be kept."""
    counts = count_speakers(found)
    kept = [label for label in found if counts[label.speaker] > 1]
    if len({label.speaker for label in kept}) <= 1 or not _is_exchange(kept, lines):
        return []
    return [label for label in found if counts[label.speaker] > 1 or is_kept(label.speaker or "")]


def _without_metadata(found: list[Label], lines: Sequence[Line]) -> list[Label]:
    """Return the labels without those of the head of the file, such as ``Date:`` and the roles listed with it."""
    found = _without_key(found, lines)
    counts = count_speakers(found)
    heads = takewhile(lambda label: label.line < _MAX_HEAD_LINES, found)
    speaking = {label.line for label in heads if counts[label.speaker] > 1 and _is_said(lines[label.line], label)}
    last = -1
    for index, line in enumerate(lines[:_MAX_HEAD_LINES]):
        if index in speaking:
            break
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


def _is_said(line: Line, label: Label) -> bool:
    """Tell whether a label is followed by speech and not by an entry of a head, which is short and ends in no mark."""
    words = line.text[label.end :].strip()
    return words.endswith(("?", "!", ":", "？", "！", "：")) or len(words.split()) > _MAX_ENTRY


def _without_key(found: list[Label], lines: Sequence[Line]) -> list[Label]:
    """Return the labels without a key before the talk that says what they stand for: ``I: Interviewer``."""
    counts = count_speakers(found)
    n = 0
    while n < len(found) and counts[found[n].speaker] > 1 and _is_explained(found[n], lines[found[n].line]):
        n += 1
    return found[n:] if n > 1 else found


def _is_explained(label: Label, line: Line) -> bool:
    entry = line.text[label.end :].strip()
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", entry))
    return is_role(re.split(r"\s*[,(（]", entry)[0]) or (len(initials) > 1 and initials == label.speaker)


Shape = Callable[["Lines"], "list[Label]"]

# In the order of trust: of two that explain as much, the first.
SHAPES: tuple[Shape, ...] = (
    find_headers,
    find_tables,
    find_colons,
    find_brackets,
    find_bold,
    find_dots,
    find_inline,
    find_dashes,
    find_capitals,
)

STRONG: tuple[Shape, ...] = (find_headers, find_colons)
"""The shapes in which a name that the file bears out in another is that name too."""

_HINTS: dict[Shape, Callable[[str], object]] = {
    find_brackets: re.compile(r"\A(?![^\W\d_]).").search,
    find_dots: lambda head: "." in head,
    find_dashes: re.compile(r"[>»–—-](?:(?<=[>»])|(?<=\s.)\s|(?<=\s-)-\s)").search,
    find_capitals: re.compile(r"[A-Z][A-Z\d]").search,
}


def most_labels(shape: Shape, lines: Lines) -> int:
    """Return a number of labels that a shape cannot exceed: those lines that hold what it needs."""
    if shape is find_tables:
        signs = [sign for sign in "\t|" if sign in lines.whole]
        return sum(1 for line in lines if any(sign in line.head for sign in signs)) if signs else 0
    hint = _HINTS.get(shape)
    if hint is not None:
        return sum(1 for line in lines if hint(line.head))
    if shape is find_bold:  # which takes a line for both ways to set its beginning in bold
        return 2 * sum(1 for line in lines if line.bold or any(mark in line.head for mark in _BOLD_MARKS))
    if shape is find_inline:
        return len(_find_digits(lines))
    return len(lines)


CUE_SHAPES: tuple[Shape, ...] = (find_colons, find_brackets)
"""The shapes that occur inside cues."""


CLOSING = "]#|"
"""What ends a line that may end in a stamp, or in a table's last bar."""


def spoken(line: str, start: int) -> str:
    """Return what a line says from a character on: without blanks, stamps that close it, and a table's last bar."""
    words = line[start:].strip()
    if words.endswith(("]", "#")):
        words = words[:-MAX_LABEL] + _CLOSING_STAMPS.sub("", words[-MAX_LABEL:])
    if start and words.endswith("|") and line.lstrip().startswith("|"):
        words = words.rstrip("| ")
    return words


def find_stamps(lines: Sequence[Line], taken: set[int]) -> list[Label]:
    """Return time stamps at the start of lines without a label."""
    found = []
    alone = [i for i, line in enumerate(lines) if i not in taken and _STAMP_LINE.fullmatch(line.whole)]
    for index, line in enumerate(lines):
        if index in taken:
            continue
        match = _LEADING_STAMP.match(line.head) or _STAMP_CELL.match(line.head)
        if match is None and len(alone) > 1:
            match = _STAMP_LINE.fullmatch(line.whole)
        if match:
            found.append(Label(index, match.end(), index, None, seconds(match["t1"])))
    return found
