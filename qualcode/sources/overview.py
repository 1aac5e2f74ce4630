"""One table of how transcripts were understood, which can be checked at a glance."""

from __future__ import annotations

from heapq import nlargest
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from qualcode.language import align, count_columns
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.model import SegmentColumns, Transcript

_HEAD = ("transcript", "language", "turns", "speaker", "turns", "words", "share", "role")
_NUMBERS = frozenset({2, 4, 5, 6})
_MAX_SPEAKERS = 6
_MAX_TRANSCRIPTS = 60
_MAX_NAME = 24

_ODD = {
    "before-first-speaker": "words before the first speaker",
    "recurring-line-start": "line starts that are not labels",
    "label-without-colon": "a label without its colon",
    "similar-labels": "labels nearly the same",
    "speaks-once": "speaks once",
    "cue-without-speaker": "cues without a name",
    "service-line": "a service’s line",
    "interviewer-unclear": "who asks is not clear",
    "interviewer-unknown": "interviewer not here",
    "one-side-labelled": "only one side is labelled",
    "questions-without-label": "questions without a label",
    "dashes-without-label": "dashes without a label",
    "no-speakers": "no labels",
    "broken-cue": "broken cues",
    "cut-off": "cut off",
    "cue-without-time": "cues without time",
    "embedded-documents": "embedded documents",
    "converted": "converted",
    "encoding": "encoding guessed",
    "stored-not-used": "read again",
}


def tabulate_reading(transcripts: Sequence[Transcript]) -> str:
    """Return a table of files, languages, speakers with turns, words and shares, roles, and what is odd.

    Parameters
    ----------
    transcripts
        What was read.

    Examples
    --------
    >>> from qualcode.sources import transcript_of_turns
    >>> talk = transcript_of_turns([("Interviewer", "How was it?"), ("Ana", "Busy. Very busy.")], "P1", language="en")
    >>> print(tabulate_reading([talk]))
    transcript  language  turns  speaker      turns  words  share  role
    P1          en            2  Interviewer      1      3    50%  interviewer
                                 Ana              1      3    50%
    """
    shown = [(transcript, list(_rows(transcript))) for transcript in transcripts[:_MAX_TRANSCRIPTS]]
    table = [_HEAD, *(row for _, rows in shown for row in rows)]
    laid = iter([line.rstrip() for line in align(table, right=_NUMBERS)])
    lines = [next(laid)]
    for transcript, rows in shown:
        lines += islice(laid, len(rows))
        lines += [f"  check: {odd}" for odd in [_tell_odd(transcript)] if odd]
    n_more = len(transcripts) - len(shown)
    return "\n".join([*lines, *([f"and {n_more:,} more"] if n_more else [])])


def _tell_odd(transcript: Transcript) -> str:
    """Return what one should look at in a transcript, in a few words."""
    return ", ".join(dict.fromkeys(_ODD[one.rule] for one in transcript.source.problems if one.rule in _ODD))


def _rows(transcript: Transcript) -> Iterator[tuple[str, ...]]:
    """Yield a row for each speaker, the first with what is said of the transcript."""
    talk = count_talk(transcript)
    total = sum(talk.words)
    whole = (_short(transcript.id), transcript.language, f"{sum(talk.turns):,}")
    shown = sorted(nlargest(_MAX_SPEAKERS, range(len(talk.names)), key=talk.words.__getitem__))
    for number, row in enumerate(shown):
        name, words = talk.names[row], talk.words[row]
        role = "interviewer" if name in transcript.interviewers else ""
        share = f"{words / total:.0%}" if total else ""
        speaker = (_short(name) or "(no label)", f"{talk.turns[row]:,}", f"{words:,}", share, role)
        yield (*(("", "", "") if number else whole), *speaker)
    if not shown:
        yield (*whole, *[""] * 5)
    if n_more := len(talk.names) - len(shown):
        yield ("", "", "", f"and {n_more:,} more", "", "", "", "")


class Counts(NamedTuple):
    """Speakers in the order in which they first speak, the turns and the words of each."""

    names: Sequence[str]
    turns: Sequence[int]
    words: Sequence[int]


_COUNTED: WeakKeyDictionary[SegmentColumns, Counts] = WeakKeyDictionary()
# Whoever reads a preview sees the table, too.


def count_talk(transcript: Transcript) -> Counts:
    """Return turns and words of each speaker."""
    turns = transcript.columns("turn")
    counts = _COUNTED.get(turns)
    return counts if counts is not None else _COUNTED.setdefault(turns, _count(transcript.text, turns))


def _count(text: str, turns: SegmentColumns) -> Counts:
    import numpy as np

    from qualcode.language import count_all_words

    words = count_all_words(list(map(text.__getitem__, map(slice, turns.starts, turns.ends))))
    n_turns = np.bincount(turns.codes, minlength=len(turns.names))
    n_words = np.bincount(turns.codes, words, len(turns.names)).astype(np.int64)
    who = np.flatnonzero(n_turns)
    return Counts([turns.names[row] for row in who.tolist()], n_turns[who].tolist(), n_words[who].tolist())


def _short(text: str) -> str:
    """Return a name as it may stand in a terminal: on one line, not too long."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return shorten(printable, _MAX_NAME, measure=count_columns)
