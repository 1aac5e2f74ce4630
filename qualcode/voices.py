"""Who talks how much in each interview: turns, words, time, questions, and labels that may be slips of the pen."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import pandas as pd

from qualcode.errors import Problem
from qualcode.language import count_words
from qualcode.results import Result
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.model import SegmentColumns, Transcript

_QUESTION = re.compile(r"[?？؟]|[嗎吗呢](?=[\s。，,.！!]|$)")
"""A question mark, or a Chinese particle that asks at the end of a sentence."""

_FEW = 3
"""Turns of a label that may be a slip, if it is one or two letters from one with more."""

_SLIP = 2
"""Letters by which a label may differ from the one that was meant."""

_LEAST_TIMED = 0.8
"""The share of turns with times from which times are told."""

NO_LABEL = "(no label)"


@dataclass(frozen=True, eq=False, repr=False)
class TalkTable(Result):
    """Who talks how much.

    Attributes
    ----------
    frame
        One row per transcript and speaker, in the order of the talk: ``transcript``, ``speaker``, ``is_interviewer``,
        ``turns``, ``words``, ``share`` (of the words of the transcript, 0 to 1), ``seconds`` (from the start of a turn
        to that of the next; NaN unless at least 80 % of the transcript's turns have times), ``median_turn``,
        ``longest_turn`` (words), ``questions`` (turns that ask), ``words_a_minute``.
    sentence, problems
        The sum, and labels that look like slips.
    """

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at."""
        columns = ["transcript", "speaker", "is_interviewer", "turns", "words", "share", "median_turn", "longest_turn"]
        shown = self.frame[[*columns, "questions"]].assign(
            share=[f"{100 * share:.0f}" for share in self.frame["share"]],
            is_interviewer=["yes" if asks else "" for asks in self.frame["is_interviewer"]],
        )
        heads = {
            "is_interviewer": "interviewer",
            "share": "% of words",
            "median_turn": "median",
            "longest_turn": "longest",
        }
        if self.frame["seconds"].notna().any():
            shown["minutes"] = (self.frame["seconds"] / 60).round(1)
            shown["words a minute"] = self.frame["words_a_minute"].round(0)
        return shown.rename(columns=heads)


def talk(transcripts: Sequence[Transcript]) -> TalkTable:
    """Count who talks how much in each interview.

    Parameters
    ----------
    transcripts
        What :func:`qualcode.read_transcripts` returns.

    Returns
    -------
    TalkTable
        Turns, words, share, seconds and questions of every speaker, with labels that look like slips as problems.

    Notes
    -----
    Words are counted as everywhere: one for each Chinese, Japanese or Korean character. Seconds run from the start of a
    turn to that of the next, pauses included; the last turn has none. What several say at once is not told apart.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> result = qualcode.talk(transcripts)
    >>> result.frame[["transcript", "speaker", "turns"]].head(2).values.tolist()
    [['P1', 'Interviewer', 26], ['P1', 'Carmen', 26]]
    """
    rows = [row for transcript in transcripts for row in _count_speakers(transcript)]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return TalkTable(frame, _say(frame, transcripts), tuple(_report_slips(transcripts)))


def measure_minutes(transcripts: Sequence[Transcript]) -> dict[str, float]:
    """Return how long each transcript took up to its last turn, where enough of its turns have times.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> measure_minutes(transcripts)
    {'P2': 22.3}
    """
    seconds = {
        one.id: [time for time in _measure_times(one.columns("turn")) if time is not None] for one in transcripts
    }
    return {name: round(sum(times) / 60, 1) for name, times in seconds.items() if times}


_COLUMNS = [
    *("transcript", "speaker", "is_interviewer", "turns", "words", "share", "seconds", "median_turn", "longest_turn"),
    *("questions", "words_a_minute"),
]


def _count_speakers(transcript: Transcript) -> list[tuple[object, ...]]:
    turns = transcript.units("turn")
    texts = [transcript.quote(turn.span) for turn in turns]
    words = [count_words(text) for text in texts]
    seconds = _measure_times(transcript.columns("turn"))
    total = sum(words)
    found: list[tuple[object, ...]] = []
    turns_of: dict[str, list[int]] = {}
    for number, turn in enumerate(turns):
        turns_of.setdefault(turn.speaker, []).append(number)
    for speaker, mine in turns_of.items():
        lengths = [words[number] for number in mine]
        timed = [number for number in mine if seconds and seconds[number] is not None]
        time = float(sum(seconds[number] or 0.0 for number in timed)) if timed else float("nan")
        said = sum(words[number] for number in timed)
        found.append(
            (
                transcript.id,
                speaker or NO_LABEL,
                transcript.is_interviewer(turns[mine[0]]),
                len(mine),
                sum(lengths),
                round(sum(lengths) / total, 4) if total else 0.0,
                time,
                float(median(lengths)),
                max(lengths),
                sum(bool(_QUESTION.search(texts[number])) for number in mine),
                round(60 * said / time, 1) if timed and time else float("nan"),
            )
        )
    return found


def _measure_times(turns: SegmentColumns) -> list[float | None]:
    """Return the seconds from each turn to the next; nothing where too few turns have times."""
    times = [turns.times.get(row) for row in range(len(turns))]
    if not times or sum(time is not None for time in times) < _LEAST_TIMED * len(times):
        return []
    following = [*times[1:], None]
    return [
        after - time if time is not None and after is not None and after >= time else None
        for time, after in zip(times, following, strict=True)
    ]


def find_slips(transcripts: Sequence[Transcript]) -> dict[tuple[str, str], str]:
    """Return the labels that are a letter or two from one with more turns.

    Parameters
    ----------
    transcripts
        What :func:`qualcode.read_transcripts` returns.

    Returns
    -------
    dict
        (transcript id, label) → the label that may have been meant.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> find_slips(transcripts)
    {}
    """
    found = {}
    for transcript in transcripts:
        counts = Counter(turn.speaker for turn in transcript.units("turn"))
        often = [one for one, n_turns in counts.items() if n_turns > _FEW]
        for label, n_turns in counts.items():
            meant = next((one for one in often if _is_slip(label, one)), "") if n_turns <= _FEW else ""
            if meant:
                found[transcript.id, label] = meant
    return found


def _report_slips(transcripts: Sequence[Transcript]) -> Iterator[Problem]:
    texts = {one.id: one for one in transcripts}
    for (name, label), meant in find_slips(transcripts).items():
        n_turns = sum(turn.speaker == label for turn in texts[name].units("turn"))
        message = f"“{label}” has {plural(n_turns, 'turn')} and may be a slip for “{meant}”."
        yield Problem(name, "warning", "similar-label", message, SLIP_REPAIR)


SLIP_REPAIR = "Correct it in the file, or give both one person in a table of speakers: --speakers FILE"


def _is_slip(label: str, other: str) -> bool:
    """Tell whether two labels differ by one or two letters; numbers tell people apart."""
    if len(label) <= 2 * _SLIP or re.sub(r"\D", "", label) != re.sub(r"\D", "", other):
        return False
    return 0 < _distance(label.casefold(), other.casefold()) <= _SLIP


def _distance(one: str, other: str) -> int:
    """Return how many letters must be changed, added or taken away (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, start=1):
        above, row[0] = row[0], number
        for place, opposite in enumerate(other, start=1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (letter != opposite))
    return row[-1]


def _say(frame: pd.DataFrame, transcripts: Sequence[Transcript]) -> str:
    words = int(frame["words"].sum())
    asked = frame[frame["is_interviewer"]]
    share = f"{100 * asked['words'].sum() / words:.0f}%" if words else "none"
    turns = plural(int(frame["turns"].sum()), "turn")
    told = [f"{plural(len(transcripts), 'transcript')} with {plural(words, 'word')} in {turns}."]
    if len(asked):
        told.append(f"Interviewers say {share} of them.")
    timed = frame[frame["seconds"].notna()]
    if len(timed):
        minutes = timed.groupby("transcript")["seconds"].sum() / 60
        told.append(
            f"Up to the last turn, {plural(len(minutes), 'transcript')} with times took {_range(minutes)} minutes."
        )
    elif len(frame):
        told.append("Too few turns have times to say how long it took.")
    return " ".join(told)


def _range(minutes: pd.Series[float]) -> str:
    low, high = f"{minutes.min():.0f}", f"{minutes.max():.0f}"
    return low if low == high else f"{low} to {high}"
