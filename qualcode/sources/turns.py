"""From blocks to a transcript: the one place where text is laid out and cut into segments."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

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
from qualcode.sources.shapes import Label, Line, spoken
from qualcode.sources.speakers import find_answers, find_labels
from qualcode.sources.stamps import take_out_stamps
from qualcode.sources.subtitles import find_cues

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

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
    paragraphs: list[_Paragraph]


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
    if not any(block.text.strip() for block in blocks):
        raise SourceError("The file has no text.", where, "Check that it is the right file")
    lines = list(_lines(blocks))
    labels = _stated_labels(blocks, lines)
    if not labels:
        labels = find_labels(lines, speaker_pattern, where)
        labels, one_sided = _with_answers(lines, labels, where)
        reading.problems.extend(one_sided)
        if not reading.is_exact:
            untimed = take_out_stamps(blocks, lines, labels)
            blocks, labels, lines = untimed.blocks, untimed.labels, list(_lines(untimed.blocks))
            left_out = reading.left_out | ({"time stamps inside turns": untimed.n} if untimed.n else {})
            reading = replace(reading, left_out=left_out, comments=[untimed.move(one) for one in reading.comments])
    text = "\n".join(block.text for block in blocks)
    problems = [*reading.problems, *tell_service_lines(lines, labels, where)]
    turns = _speaking_turns(lines, labels)
    if not turns:
        turns = _silent_turns(lines, labels)
        message = "No speaker label was found: each paragraph is its own turn, and the file is one case."
        problems.append(Problem(where, "note", "no-speakers", message, "Write “Name:” before what each person says"))
        problems += [*tell_starts(lines, labels, where), *tell_questions(lines, where)] if reading.is_talk else []
    elif reading.is_talk:
        problems += _tell_speakers(lines, labels, text, turns, where)
    of_turns, paragraphs = _lay_columns(turns)
    asking, notes = (
        _choose_interviewers(text, of_turns, interviewers, transcript_id, where, reading.interviewers)
        if reading.is_talk
        else (frozenset(), [])
    )
    is_told = bool(language or reading.language)
    speech = "" if is_told else "\n".join(map(text.__getitem__, map(slice, of_turns.starts, of_turns.ends)))
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
    found = []
    start = 0
    for speaker, words in turns:
        if has_words(speech := words.strip()):
            first = start + words.index(speech[0])
            found.append(_Turn(speaker, None, [_Paragraph(first, first + len(speech), None)]))
        start += len(words) + 1
    of_turns, paragraphs = _lay_columns(found)
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


def _lines(blocks: Sequence[TextBlock]) -> Iterator[Line]:
    start = 0
    for index, block in enumerate(blocks):
        offset = 0
        for text in block.text.split("\n"):
            bold = max(0, min(len(text), block.bold - offset)) if block.bold else 0
            yield Line(text, start + offset, index, bold)
            offset += len(text) + 1
        start += offset


# ---- turns


def _speaking_turns(lines: Sequence[Line], labels: Sequence[Label]) -> list[_Turn]:
    """Return the turns that labels begin; those without a word are none."""
    starts = [label for label in labels if label.speaker is not None]
    by_line = {label.line: label for label in labels}
    turns = []
    for label, following in zip_longest(starts, starts[1:]):
        end = following.first if following else len(lines)
        paragraphs = _paragraphs(lines, range(label.line, end), by_line)
        if paragraphs:
            time = paragraphs[0].time
            if label.time is not None and label.time != time:
                time = label.time
                paragraphs[0] = paragraphs[0]._replace(time=time)
            turns.append(_Turn(label.speaker or "", time, paragraphs))
    return turns


def _silent_turns(lines: Sequence[Line], labels: Sequence[Label]) -> list[_Turn]:
    """Return each paragraph as a turn of nobody."""
    stamps = {label.line: label for label in labels}
    return [_Turn("", item.time, [item]) for item in _paragraphs(lines, range(len(lines)), stamps)]


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


def _tell_speakers(
    lines: Sequence[Line], labels: Sequence[Label], text: str, turns: Sequence[_Turn], where: str
) -> Iterator[Problem]:
    begin = lines[next(label.first for label in labels if label.speaker is not None)].start
    yield from tell_head(text[:begin], text, where)
    yield from tell_starts(lines, labels, where)
    yield from tell_names(Counter(turn.speaker for turn in turns), where)


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

    def times(self, starts: Sequence[int], otherwise: dict[int, float]) -> dict[int, float]:
        """Return the times of rows that start at some offsets: those of the cues that cover these, if there are any."""
        if not self._offsets:
            return otherwise
        cues = [bisect_right(self._offsets, start) - 1 for start in starts]
        times = [self._times[cue] if cue >= 0 else otherwise.get(row) for row, cue in enumerate(cues)]
        return {row: time for row, time in enumerate(times) if time is not None}


def _lay_columns(turns: Sequence[_Turn]) -> tuple[SegmentColumns, SegmentColumns]:
    """Return turns and their paragraphs as columns; labels in the order in which they first speak."""
    names: dict[str, int] = {}
    codes = [names.setdefault(turn.speaker, len(names)) for turn in turns]
    of_turns = [(code, turn.paragraphs[0].start, turn.paragraphs[-1].end, turn.time)
                for code, turn in zip(codes, turns, strict=True)]  # fmt: skip
    within = [(code, *one) for code, turn in zip(codes, turns, strict=True) for one in turn.paragraphs]
    return _columns("turn", tuple(names), of_turns), _columns("paragraph", tuple(names), within)


def _columns(kind: Unit, names: tuple[str, ...], rows: Sequence[tuple[int, int, int, float | None]]) -> SegmentColumns:
    codes, starts, ends, times = zip(*rows, strict=True) if rows else ((), (), (), ())
    told = {row: time for row, time in enumerate(times) if time is not None}
    return SegmentColumns(kind, array("q", starts), array("q", ends), array("i", codes), names, told)


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
    starts, rows = found.starts.tolist(), found.rows.tolist()
    firsts = {row: at for at, row in reversed(list(enumerate(rows)))} if paragraphs.times else {}
    told = {firsts[row]: time for row, time in paragraphs.times.items()}
    return SegmentColumns(
        "sentence",
        array("q", found.starts.tobytes()),
        array("q", found.ends.tobytes()),
        array("i", [paragraphs.codes[row] for row in rows]),
        paragraphs.names,
        clock.times(starts, told),
    )
