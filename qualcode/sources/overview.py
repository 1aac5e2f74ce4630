"""One table of how transcripts were understood, which can be checked at a glance."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from qualcode.language import align, count_columns
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.model import Transcript

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
    turns, words = count_talk(transcript)
    total = sum(words.values())
    whole = (_short(transcript.id), transcript.language, f"{sum(turns.values()):,}")
    shown = sorted(turns, key=lambda name: -words[name])[:_MAX_SPEAKERS]
    shown = [name for name in turns if name in shown]
    for number, name in enumerate(shown):
        role = "interviewer" if name in transcript.interviewers else ""
        share = f"{words[name] / total:.0%}" if total else ""
        speaker = (_short(name) or "(no label)", f"{turns[name]:,}", f"{words[name]:,}", share, role)
        yield (*(("", "", "") if number else whole), *speaker)
    if not shown:
        yield (*whole, *[""] * 5)
    if len(turns) > len(shown):
        yield ("", "", "", f"and {len(turns) - len(shown):,} more", "", "", "", "")


def count_talk(transcript: Transcript) -> tuple[dict[str, int], dict[str, int]]:
    """Return turns and words of each speaker, in the order in which they first speak."""
    import numpy as np

    from qualcode.language import count_all_words

    columns = transcript.columns("turn")
    said = [transcript.text[start:end] for start, end in zip(columns.starts, columns.ends, strict=True)]
    turns = np.bincount(columns.codes, minlength=len(columns.names)).tolist()
    words = np.bincount(columns.codes, count_all_words(said), len(columns.names)).astype(np.int64).tolist()
    rows = list(zip(columns.names, turns, words, strict=True))
    return {name: n for name, n, _ in rows if n}, {name: n for name, n_turns, n in rows if n_turns}


def _short(text: str) -> str:
    """Return a name as it may stand in a terminal: on one line, not too long."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return shorten(printable, _MAX_NAME, measure=count_columns)
