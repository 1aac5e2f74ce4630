"""From blocks to a transcript: the one place where text is laid out and cut into segments."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from qualcode.errors import Problem, SourceError
from qualcode.language import (
    SENTENCE_MARK,
    count_words,
    detect_language,
    is_punctuation,
    split_sentences,
)
from qualcode.model import Segment, Source, Span, Transcript
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

    from qualcode.sources.blocks import Reading

_WORD = re.compile(r"[^\W_]")
_UNSPEAKABLE = re.compile(r"[^\s\u3000-\u9fff\uac00-\ud7af\uf900-\uffef]{1000}")
_LONG = 1000
_ASCII_MARK = re.compile("[!.?]")
_MAX_NAMES = 8


@dataclass(frozen=True, slots=True)
class _Paragraph:
    span: Span
    time: float | None


@dataclass(frozen=True, slots=True)
class _Turn:
    speaker: str
    time: float | None
    paragraphs: list[_Paragraph]

    @property
    def span(self) -> Span:
        first, last = self.paragraphs[0].span, self.paragraphs[-1].span
        return first if first is last else first | last


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
    asking, notes = (
        _choose_interviewers(text, turns, interviewers, transcript_id, where, reading.interviewers)
        if reading.is_talk
        else (frozenset(), [])
    )
    speech = "\n".join(text[turn.span.start : turn.span.end] for turn in turns)
    language, doubts = choose_language(speech, where, given=language, stated=reading.language, model=model)
    problems = [*problems, *notes, *doubts]
    return Transcript(
        id=transcript_id,
        text=text,
        segments=tuple(_segments(text, turns, _Clock(blocks), language, model)),
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
            span = Span(first, first + len(speech))
            found.append(_Turn(speaker, None, [_Paragraph(span, None)]))
        start += len(words) + 1
    asking, notes = _choose_interviewers(text, found, interviewers, transcript_id, transcript_id)
    language = language or detect_language(text)
    return Transcript(
        id=transcript_id,
        text=text,
        segments=tuple(_segments(text, found, _Clock([]), language, model)),
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
                paragraphs[0] = replace(paragraphs[0], time=time)
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
        span = Span(start, start + len(speech))
        if line.block == block and (label is None or not at):
            paragraphs[-1] = replace(paragraphs[-1], span=paragraphs[-1].span | span)
        else:
            paragraphs.append(_Paragraph(span, time))
        block, time = line.block, None
    return paragraphs


# ---- what the user should know


def _tell_speakers(
    lines: Sequence[Line], labels: Sequence[Label], text: str, turns: Sequence[_Turn], where: str
) -> Iterator[Problem]:
    begin = lines[next(label.first for label in labels if label.speaker is not None)].start
    yield from tell_head(text[:begin], count_words(text), where)
    yield from tell_starts(lines, labels, where)
    yield from tell_names(Counter(turn.speaker for turn in turns), where)


def _choose_interviewers(
    text: str,
    turns: Sequence[_Turn],
    given: Collection[str],
    name: str,
    where: str,
    stated: frozenset[str] = frozenset(),
) -> tuple[frozenset[str], list[Problem]]:
    """Return the interviewers' labels and how they were found."""
    wanted = {label.casefold() for label in given}
    named = frozenset(turn.speaker for turn in turns if turn.speaker.casefold() in wanted)
    if named:
        return named, []
    talk = make_talk(name, ((turn.speaker, text[turn.span.start : turn.span.end]) for turn in turns))
    finding = find_interviewers([talk])[0]
    notes = []
    if wanted and any(turn.speaker for turn in turns):
        message = f"None of the given interviewers speaks here; the speakers are {_list(turns)}."
        notes.append(Problem(where, "note", "interviewer-unknown", message))
    if found := stated & set(talk.speakers):
        return found, [*notes, tell_stated(found, where)]
    told = tell(finding, talk, where)
    return finding.labels, [*notes, told] if told else notes


def _list(turns: Sequence[_Turn]) -> str:
    names = list(dict.fromkeys(turn.speaker for turn in turns if turn.speaker))
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

    def at(self, offset: int, otherwise: float | None) -> float | None:
        """Return the time of the cue that covers an offset."""
        index = bisect_right(self._offsets, offset) - 1
        return self._times[index] if index >= 0 else otherwise


def cut_sentences(words: str, language: str, model: str | None) -> list[Span]:
    """Return the sentences of a paragraph."""
    # Tokenisers take quadratic time on thousands of signs without a blank, which is no speech anyway.
    if len(words) >= _LONG and _UNSPEAKABLE.search(words):
        return [Span(0, len(words))]
    if model is None and _is_one_sentence(words):
        return [Span(0, len(words))]
    return split_sentences(words, language=language, model=model)


def _is_one_sentence(words: str) -> bool:
    """Tell whether no sign that ends a sentence stands before the last words; spares most answers the tokeniser."""
    end = (_ASCII_MARK if words.isascii() else SENTENCE_MARK).search(words)
    if end is None:
        return True
    # More than one blank in a row is a token of its own, after which spaCy begins a sentence.
    rest = words[end.start() :]
    return "  " not in rest and is_punctuation(rest.replace(" ", ""))


def _segments(text: str, turns: Sequence[_Turn], clock: _Clock, language: str, model: str | None) -> Iterator[Segment]:
    """Yield turns, paragraphs and sentences in the order of the text, of one place the wider first."""
    n_paragraphs = n_sentences = 0
    for n_turns, turn in enumerate(turns, 1):
        yield Segment(f"t{n_turns:03}", "turn", turn.span, turn.speaker, turn.time)
        for paragraph in turn.paragraphs:
            n_paragraphs += 1
            yield Segment(f"p{n_paragraphs:03}", "paragraph", paragraph.span, turn.speaker, paragraph.time)
            start, time = paragraph.span.start, paragraph.time
            words = text[start : paragraph.span.end]
            for sentence in cut_sentences(words, language, model):
                n_sentences += 1
                span = sentence.shift(start) if len(sentence) < len(words) else paragraph.span
                yield Segment(f"s{n_sentences:04}", "sentence", span, turn.speaker, clock.at(span.start, time))
                time = None
