"""What was understood of a transcript, in words, before anybody codes on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.language import count_columns, has_cjk
from qualcode.model import UNITS
from qualcode.sources.layout import clock
from qualcode.sources.overview import count_talk
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.model import SegmentColumns, Transcript

_WIDTH = 96
_MAX_SPEAKERS = 20
_N_TURNS = 5
_N_COMMENTS = 3


def preview(transcript: Transcript, *, n_turns: int = _N_TURNS) -> str:
    """Return what a reader made of a file: format, speakers, first turns, times, and all that is doubtful.

    Parameters
    ----------
    transcript
        What was read.
    n_turns
        How many turns to show.

    Examples
    --------
    >>> from qualcode.model import Transcript
    >>> print(preview(Transcript("P1", "Hello", ())))
    P1
      read as     unknown, language en
      turns       0 in 0 paragraphs
    """
    return "\n".join(_lines(transcript, n_turns))


def _lines(transcript: Transcript, n_turns: int) -> Iterator[str]:
    source = transcript.source
    turns = transcript.columns("turn")
    yield source.name or transcript.id
    encoding = f", encoding {source.encoding}" if source.encoding else ""
    yield _row("read as", f"{source.format or 'unknown'}{encoding}, language {transcript.language}")
    yield _row("turns", f"{len(turns):,} in {plural(len(transcript.columns('paragraph')), 'paragraph')}")
    yield from _times(transcript, turns)
    yield from _speakers(transcript)
    for row in range(min(n_turns, len(turns))):
        speaker = turns.names[turns.codes[row]] or "(no label)"
        time = f" {clock(turns.times[row])}" if row in turns.times else ""
        text = f"{turns.ids[row]}{time} {speaker}: {transcript.text[turns.starts[row] : turns.ends[row]]}"
        yield _row("" if row else "begins", shorten(text, _WIDTH, measure=count_columns))
    yield from _comments(transcript)
    left_out = ", ".join(f"{kind} {count:,}" for kind, count in source.left_out.items())
    if left_out:
        yield _row("left out", left_out)
    for number, problem in enumerate(source.problems):
        text = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
        yield _row("" if number else "look at", f"{problem.level}: {text}")


def _comments(transcript: Transcript) -> Iterator[str]:
    for number, comment in enumerate(transcript.comments[:_N_COMMENTS]):
        place = f"“{transcript.text[comment.start : comment.end]}”" if comment.start != comment.end else "a place"
        text = f"{comment.author or '(nobody)'} on {place}: {comment.text}"
        yield _row("" if number else "comments", shorten(text, _WIDTH, measure=count_columns))
    if len(transcript.comments) > _N_COMMENTS:
        yield _row("", f"and {len(transcript.comments) - _N_COMMENTS:,} more")


def _row(head: str, text: str) -> str:
    return f"  {head:<11} {text}"


def _times(transcript: Transcript, turns: SegmentColumns) -> Iterator[str]:
    times = turns.times.values()
    if times:
        last = max(time for kind in UNITS for time in transcript.columns(kind).times.values())
        yield _row("times", f"{clock(min(times))} to {clock(last)}, at {len(times):,} of {len(turns):,} turns")


def _speakers(transcript: Transcript) -> Iterator[str]:
    talk = count_talk(transcript)
    shown = talk.names[:_MAX_SPEAKERS]
    width = max(map(count_columns, shown), default=0)
    unit = "words and characters" if has_cjk(transcript.text) else "words"
    for number, (name, n_turns, n_words) in enumerate(zip(shown, talk.turns, talk.words, strict=False)):
        role = ", interviewer" if name in transcript.interviewers else ""
        padded = (name or "(no label)") + " " * (width - count_columns(name))
        turns_said = f"{n_turns:>5,} {'turn ' if n_turns == 1 else 'turns'}"
        unit_said = unit.removesuffix("s") if n_words == 1 and unit == "words" else unit
        row = f"{padded}  {turns_said}  {n_words:>7,} {unit_said}{role}"
        yield _row("" if number else "speakers", row)
    if n_more := len(talk.names) - len(shown):
        yield _row("", f"and {n_more:,} more")
