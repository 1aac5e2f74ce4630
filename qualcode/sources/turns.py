"""From blocks to a transcript: the one place where text is laid out and cut into segments."""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import replace
from functools import partial
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.errors import Problem, SourceError
from qualcode.language import cut_paragraphs, detect_language
from qualcode.model import SegmentColumns, Segments, Source, Transcript
from qualcode.sources.blocks import TextBlock
from qualcode.sources.doubts import tell_head, tell_names, tell_questions, tell_service_lines, tell_starts
from qualcode.sources.languages import choose_language
from qualcode.sources.layout import label_cues, lay_out, tell_unnamed
from qualcode.sources.names import is_asking
from qualcode.sources.roles import find_interviewers, make_talk, tell, tell_stated
from qualcode.sources.services import is_service_line
from qualcode.sources.shapes import CLOSING, Label, Line, Lines, spoken
from qualcode.sources.speakers import find_answers, find_labels
from qualcode.sources.stamps import take_out_stamps
from qualcode.sources.subtitles import find_cues

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.model import Unit
    from qualcode.sources.blocks import Reading

_WORD = re.compile(r"[^\W_]")
_MAX_NAMES = 8


class _Paragraph(NamedTuple):
    start: int
    end: int
    time: float | None


class _Turn(NamedTuple):
    speaker: str
    time: float | None
    first: int  # the row of its first paragraph


class _Rows:
    """Turns and their paragraphs as they are found, a row each, since a file has thousands."""

    def __init__(self) -> None:
        self.turns: list[_Turn | tuple[str, float | None, int]] = []
        self.paragraphs: list[_Paragraph | tuple[int, int, float | None]] = []

    def columns(self) -> tuple[SegmentColumns, SegmentColumns]:
        """Return turns and paragraphs; labels in the order in which they first speak."""
        speakers, times, firsts = zip(*self.turns, strict=True) if self.turns else ((), (), ())
        starts, ends, clocks = zip(*self.paragraphs, strict=True) if self.turns else ((), (), ())
        names = {name: code for code, name in enumerate(dict.fromkeys(speakers))}
        codes = np.array([names[name] for name in speakers], np.int32)
        first, last = (np.array(edge, np.int64) for edge in (starts, ends))
        rows = np.array([*firsts, len(starts)], np.int64)
        labels = tuple(names)
        turns = _columns("turn", first[rows[:-1]], last[rows[1:] - 1], codes, labels, times)
        return turns, _columns("paragraph", first, last, np.repeat(codes, np.diff(rows)), labels, clocks)


def make_transcript(
    reading: Reading,
    transcript_id: str,
    source: Source,
    *,
    where: str,
    language: str | None = None,
    interviewers: Collection[str] = (),
    speaker_pattern: str | None = None,
    model: str | None = None,
) -> Transcript:
    """Return the transcript that a reading holds.

    Its text is the blocks joined by line ends. Turns are found by :func:`~qualcode.sources.speakers.find_labels`;
    what stands before the first label belongs to no turn. Without any label each paragraph is a turn of nobody.

    Raises
    ------
    SourceError
        If there is no word in it.
    """
    blocks, reading = _lay_out(reading, speaker_pattern, where)
    if not any(block.text and not block.text.isspace() for block in blocks):
        raise SourceError("The file has no text.", where, "Check that it is the right file")
    lines = _lines(blocks)
    labels = _stated_labels(blocks, lines)
    if not labels:
        labels = find_labels(lines, speaker_pattern, where)
        labels, one_sided = _with_answers(lines, labels, where)
        reading.problems.extend(one_sided)
        if not reading.is_exact:
            untimed = take_out_stamps(blocks, lines, labels)
            if untimed.n:
                blocks, labels, lines = untimed.blocks, untimed.labels, _lines(untimed.blocks)
            left_out = reading.left_out | ({"time stamps inside turns": untimed.n} if untimed.n else {})
            reading = replace(reading, left_out=left_out, comments=[untimed.move(one) for one in reading.comments])
    text = lines.whole
    problems = [*reading.problems, *tell_service_lines(lines, labels, where)]
    turns = _speaking_turns(lines, labels)
    has_speakers = bool(turns.turns)
    of_turns, paragraphs = (turns if has_speakers else _silent_turns(lines, labels)).columns()
    if not has_speakers:
        problems.append(_tell_no_speakers(where))
        problems += [*tell_starts(lines, labels, where), *tell_questions(lines, where)] if reading.is_talk else []
    elif reading.is_talk:
        problems += _tell_speakers(lines, labels, text, of_turns, where)
    asking, notes = (
        _choose_interviewers(text, of_turns, interviewers, transcript_id, where, reading.interviewers)
        if reading.is_talk
        else (frozenset(), [])
    )
    speech = "" if language or reading.language else _speech(text, of_turns)
    language, doubts = choose_language(speech, where, given=language, stated=reading.language, model=model)
    problems = [*problems, *notes, *doubts]
    return Transcript(
        id=transcript_id,
        text=text,
        segments=_segments(text, of_turns, paragraphs, _Clock(blocks), language, model),
        language=language,
        source=replace(source, left_out=dict(sorted(reading.left_out.items())), problems=tuple(problems)),
        interviewers=asking,
        comments=tuple(reading.comments),
    )


def transcript_of_answers(
    answers: Mapping[str, str],
    transcript_id: str,
    source: Source,
    *,
    where: str,
    language: str | None = None,
    model: str | None = None,
) -> Transcript:
    """Return the transcript of a survey, in which each answer is a turn, behind a label that names who gave it.

    Parameters
    ----------
    answers
        Respondent to answer, which holds a word and has no blanks at its ends.
    transcript_id, source, where, language, model
        As for :func:`make_transcript`; of the source, with what was left out and what the user should know so far.
    """
    lines = [f"{name}: {words}" for name, words in answers.items()]
    starts, ends, others = _spans_of_answers(lines, answers.values())
    said = np.flatnonzero(starts < ends)
    names = tuple(compress(answers, starts < ends))
    codes = np.arange(len(said), dtype=np.int32)
    turns, paragraphs = (_columns(kind, starts[said], ends[said], codes, names) for kind in ("turn", "paragraph"))
    text = "\n".join(lines)
    problems = [*source.problems, *tell_service_lines(others, [], where)]
    if not names:
        problems.append(_tell_no_speakers(where))
    language, doubts = choose_language("" if language else _speech(text, turns), where, given=language, model=model)
    return Transcript(
        id=transcript_id,
        text=text,
        segments=_segments(text, turns, paragraphs, _Clock([]), language, model),
        language=language,
        source=replace(source, problems=(*problems, *doubts)),
    )


def transcript_of_turns(
    turns: Sequence[tuple[str, str]],
    transcript_id: str,
    *,
    language: str | None = None,
    interviewers: Collection[str] = (),
    model: str | None = None,
) -> Transcript:
    """Return a transcript of turns that are known already.

    Parameters
    ----------
    turns
        Who speaks, ``""`` for nobody known, and the words. The text is the words of all turns joined by line ends,
        without labels; what holds no word is no turn.
    transcript_id
        The transcript's id.
    language, interviewers, model
        As in :func:`qualcode.sources.read_transcript`.

    Returns
    -------
    Transcript
        With paragraphs and sentences in the turns.

    Examples
    --------
    >>> transcript = transcript_of_turns([("I", "How was it?"), ("Mei", "It rained. We waited.")], "P1")
    >>> [transcript.quote(one.span) for one in transcript.units("sentence")]
    ['How was it?', 'It rained.', 'We waited.']
    """
    text = "\n".join(words for _, words in turns)
    found = _Rows()
    start = 0
    for speaker, words in turns:
        if has_words(speech := words.strip()):
            first = start + words.index(speech[0])
            found.turns.append((speaker, None, len(found.paragraphs)))
            found.paragraphs.append((first, first + len(speech), None))
        start += len(words) + 1
    of_turns, paragraphs = found.columns()
    asking, notes = _choose_interviewers(text, of_turns, interviewers, transcript_id, transcript_id)
    language = language or detect_language(text)
    return Transcript(
        id=transcript_id,
        text=text,
        segments=_segments(text, of_turns, paragraphs, _Clock([]), language, model),
        language=language,
        source=Source(problems=tuple(notes)),
        interviewers=asking,
    )


def has_words(text: str) -> bool:
    """Tell whether an answer says anything: ``-``, ``...`` and ``?`` are how one passes over a question.

    >>> has_words("..."), has_words("No."), has_words("👍")
    (False, True, True)
    """
    return bool(_WORD.search(text)) or any(unicodedata.category(sign) == "So" for sign in text)


def _lay_out(reading: Reading, pattern: str | None, where: str) -> tuple[list[TextBlock], Reading]:
    """Return the blocks of a reading, its cues laid out; also cues that are written into a text."""
    blocks = reading.blocks
    if not reading.is_talk or reading.is_exact:
        return blocks, reading
    if not reading.cues:
        if not any("->" in block.text for block in blocks):  # without which there are no cues
            return blocks, reading
        texts = [line for block in blocks for line in block.text.split("\n")]
        found = find_cues(texts, where)
        if found is None:
            return blocks, reading
        first, cues = found
        blocks = [TextBlock(text) for text in texts[:first]]
        reading = replace(
            reading,
            cues=cues.cues,
            left_out=reading.left_out | cues.left_out,
            problems=[*reading.problems, *cues.problems],
            comments=[replace(comment, start=None, end=None) for comment in reading.comments],
        )
    labelled = label_cues(reading.cues, pattern, where)
    problems = [*reading.problems, *tell_unnamed(labelled, where)]
    return [*blocks, *lay_out(labelled)], replace(reading, problems=problems)


def _stated_labels(blocks: Sequence[TextBlock], lines: Sequence[Line]) -> list[Label]:
    """Return the labels of blocks whose format says who speaks when."""
    if not any(block.said for block in blocks):
        return []
    has_names = any(block.said and block.said.speaker for block in blocks)
    labels = []
    block = -1
    for index, line in enumerate(lines):
        said = blocks[line.block].said
        if said and line.block != block:
            speaker = said.speaker if has_names else None
            labels.append(Label(index, said.start, index, speaker, said.times[0][1] if said.times else None))
        block = line.block
    return labels


def _with_answers(lines: Sequence[Line], labels: list[Label], where: str) -> tuple[list[Label], list[Problem]]:
    """Return labels with those of the unlabelled answers where only an interviewer is labelled, and what to tell."""
    answers = find_answers(lines, labels)
    if answers is None:
        return labels, []
    name = next(label.speaker for label in labels if label.speaker is not None)
    if not is_asking(name):
        message = (
            f"Only {name} is labelled, and most labels are followed by other paragraphs, which all count as {name}’s."
        )
        hint = "If another person speaks in them, write “Name:” before what they say"
        return labels, [Problem(where, "warning", "one-side-labelled", message, hint)]
    kept = {label.line: label for label in [*labels, *answers]}
    message = f"Only {name} is labelled: the paragraphs in between are read as the answers of one unnamed person."
    hint = "If that is wrong, or if several people answer, write “Name:” before what each of them says"
    return [kept[line] for line in sorted(kept)], [Problem(where, "note", "one-side-labelled", message, hint)]


def _lines(blocks: Sequence[TextBlock]) -> Lines:
    lines = Lines()
    start = 0
    for index, (words, bold, _) in enumerate(blocks):
        if not bold and "\n" not in words:  # as most are
            lines.append(Line(words, start, index))
            start += len(words) + 1
            continue
        offset = 0
        for text in words.split("\n"):
            lines.append(Line(text, start + offset, index, max(0, min(len(text), bold - offset))))
            offset += len(text) + 1
        start += offset
    return lines


# ---- turns


def _speaking_turns(lines: Sequence[Line], labels: Sequence[Label]) -> _Rows:
    """Return the turns that labels begin; those without a word are none."""
    starts = [label for label in labels if label.speaker is not None]
    by_line = {label.line: label for label in labels}
    ends = [label.first for label in starts[1:]] + [len(lines)]
    rows = _Rows()
    turns, rest = rows.turns, rows.paragraphs
    for label, end in zip(starts, ends, strict=False):
        (text, start, _, _), at, time = lines[label.line], label.end, label.time
        words = text[at:].strip() if end == label.line + 1 else ""
        if words and words[-1] not in CLOSING:  # as most turns are
            begin = start + text.index(words[0], at)
            turns.append((label.speaker or "", time, len(rest)))
            rest.append((begin, begin + len(words), time))
        elif paragraphs := _paragraphs(lines, range(label.line, end), by_line):
            time = paragraphs[0].time if time is None else time
            turns.append((label.speaker or "", time, len(rest)))
            rest += [paragraphs[0]._replace(time=time), *paragraphs[1:]]
    return rows


def _spans_of_answers(
    lines: Sequence[str], answers: Collection[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Lines]:
    """Return where each answer stands in lines that it ends, empty where nothing is said; and its further lines."""
    ends = np.cumsum(_sizes(lines) + 1) - 1
    starts = ends - _sizes(answers)
    others = Lines()
    for row, words in enumerate(answers):
        if "\n" in words or words[-1] in CLOSING:  # what is not, as most are, is said from end to end
            block = _lines([TextBlock(lines[row])])
            label = Label(0, len(lines[row]) - len(words), 0, None)
            said = _paragraphs(block, range(len(block)), {0: label})
            begin = ends[row] - len(lines[row])
            starts[row], ends[row] = (begin + said[0].start, begin + said[0].end) if said else (begin, begin)
            others += block[1:]
    return starts, ends, others


def _sizes(texts: Collection[str]) -> NDArray[np.int64]:
    return np.fromiter(map(len, texts), np.int64, len(texts))


def _silent_turns(lines: Sequence[Line], labels: Sequence[Label]) -> _Rows:
    """Return each paragraph as a turn of nobody."""
    rows = _Rows()
    rows.paragraphs += _paragraphs(lines, range(len(lines)), {label.line: label for label in labels})
    rows.turns += [("", time, row) for row, (_, _, time) in enumerate(rows.paragraphs)]
    return rows


def _paragraphs(lines: Sequence[Line], indices: range, labels: dict[int, Label]) -> list[_Paragraph]:
    """Return the paragraphs in a range of lines: the lines of one block together, unless a label stands between."""
    paragraphs: list[_Paragraph] = []
    block = -1
    time: float | None = None
    for index in indices:
        line = lines[index]
        label = labels.get(index)
        at = label.end if label else 0
        if label and label.time is not None:
            time = label.time
        speech = spoken(line.text, at)
        if not speech or (label is None and is_service_line(speech)):
            continue
        start = line.start + line.text.index(speech[0], at)
        end = start + len(speech)
        if line.block == block and (label is None or not at):
            paragraphs[-1] = paragraphs[-1]._replace(end=end)
        else:
            paragraphs.append(_Paragraph(start, end, time))
        block, time = line.block, None
    return paragraphs


# ---- what the user should know


def _tell_no_speakers(where: str) -> Problem:
    message = "No speaker label was found: each paragraph is its own turn, and the file is one case."
    return Problem(where, "note", "no-speakers", message, "Write “Name:” before what each person says")


def _tell_speakers(
    lines: Sequence[Line], labels: Sequence[Label], text: str, turns: SegmentColumns, where: str
) -> Iterator[Problem]:
    begin = lines[next(label.first for label in labels if label.speaker is not None)].start
    yield from tell_head(text[:begin], text, where)
    yield from tell_starts(lines, labels, where)
    n_turns = np.bincount(turns.codes, minlength=len(turns.names)).tolist()
    yield from tell_names(dict(zip(turns.names, n_turns, strict=True)), where)


def _choose_interviewers(
    text: str,
    turns: SegmentColumns,
    given: Collection[str],
    name: str,
    where: str,
    stated: frozenset[str] = frozenset(),
) -> tuple[frozenset[str], list[Problem]]:
    """Return the interviewers' labels and how they were found."""
    wanted = {label.casefold() for label in given}
    named = frozenset(label for label in turns.names if label.casefold() in wanted)
    if named:
        return named, []
    talk = make_talk(name, text, turns)
    finding = find_interviewers([talk])[0]
    notes = []
    if wanted and any(turns.names):
        message = f"None of the given interviewers speaks here; the speakers are {_list(turns.names)}."
        notes.append(Problem(where, "note", "interviewer-unknown", message))
    if found := stated & set(talk.speakers):
        return found, [*notes, tell_stated(found, where)]
    told = tell(finding, talk, where)
    return finding.labels, [*notes, told] if told else notes


def _list(labels: Sequence[str]) -> str:
    names = [label for label in labels if label]
    return ", ".join(names[:_MAX_NAMES]) + (" …" if len(names) > _MAX_NAMES else "")


# ---- segments


def _speech(text: str, turns: SegmentColumns) -> str:
    """Return what people say, without labels and stamps."""
    return "\n".join(map(text.__getitem__, map(slice, turns.starts, turns.ends)))


class _Clock:
    """Tells when the words at an offset were spoken, where the format has a time for each cue."""

    def __init__(self, blocks: Sequence[TextBlock]) -> None:
        self._offsets: list[int] = []
        self._times: list[float | None] = []
        start = 0
        for block in blocks:
            for offset, time in block.said.times if block.said else ():
                self._offsets.append(start + offset)
                self._times.append(time)
            start += len(block.text) + 1

    def times(self, starts: NDArray[np.int64], otherwise: dict[int, float]) -> dict[int, float]:
        """Return the times of rows that start at some offsets: those of the cues that cover these, if there are any."""
        if not self._offsets:
            return otherwise
        cues = (np.searchsorted(self._offsets, starts, "right") - 1).tolist()
        times = [self._times[cue] if cue >= 0 else otherwise.get(row) for row, cue in enumerate(cues)]
        return {row: time for row, time in enumerate(times) if time is not None}


def _columns(
    kind: Unit,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    codes: NDArray[np.int32],
    names: tuple[str, ...],
    times: Sequence[float | None] = (),
) -> SegmentColumns:
    told = {row: time for row, time in enumerate(times) if time is not None}
    columns = array("q", starts.tobytes()), array("q", ends.tobytes()), array("i", codes.tobytes())
    return SegmentColumns(kind, *columns, names, told)


def _segments(
    text: str, turns: SegmentColumns, paragraphs: SegmentColumns, clock: _Clock, language: str, model: str | None
) -> Segments:
    """Return turns, paragraphs and, when somebody asks for them, sentences."""
    find = partial(_find_sentences, text, paragraphs, clock, language, model)
    if model is not None:  # what is wrong with it is said when the file is read
        find = partial(_given, find())
    return Segments(turns, paragraphs, find)


def _given(columns: SegmentColumns) -> SegmentColumns:
    return columns


def find_sentences(text: str, paragraphs: SegmentColumns, language: str) -> SegmentColumns:
    """Return the sentences of paragraphs of a text whose format has no times of its own."""
    return _find_sentences(text, paragraphs, _Clock([]), language, None)


def _find_sentences(
    text: str, paragraphs: SegmentColumns, clock: _Clock, language: str, model: str | None
) -> SegmentColumns:
    """Return the sentences of paragraphs; the first in each has its time, where the format has none for cues."""
    found = cut_paragraphs(text, paragraphs.starts, paragraphs.ends, language=language, model=model)
    asked = list(paragraphs.times)
    told = dict(zip(np.searchsorted(found.rows, asked).tolist(), paragraphs.times.values(), strict=True))
    codes = np.asarray(paragraphs.codes)[found.rows] if len(paragraphs) else found.rows.astype(np.int32)
    return SegmentColumns(
        "sentence",
        array("q", found.starts.tobytes()),
        array("q", found.ends.tobytes()),
        array("i", codes.tobytes()),
        paragraphs.names,
        clock.times(found.starts, told),
    )
