"""A small study that many tests begin with, with a clock that ticks once a second."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from qualcode.model import Segment, Source, Span, Transcript
from qualcode.study import Study, create_study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CODEBOOK = """\
# The team's codebook.
name: Small
codes:
  - id: challenges
    name: Challenges
    codes:
      - id: scheduling   # the first one
        name: Scheduling
        rules: [clash, find a date]
      - id: turnover
        name: Turnover
        rules: [leave]
  - id: praise
    name: Praise
    rules: [lovely]
"""

TALK = (
    ("Interviewer", "What was hard?"),
    ("Ana", "The dates clashed. We could never find a date."),
    ("Interviewer", "And people?"),
    ("Ana", "People leave. They were lovely, though. 大家都好忙😀。"),
)


class Clock:
    """Ticks once a second from the first of March 2026."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)

    def __call__(self) -> str:
        self.moment += dt.timedelta(seconds=1)
        return self.moment.isoformat(timespec="microseconds")


def build_transcript(transcript_id: str = "P07", talk: tuple[tuple[str, str], ...] = TALK) -> Transcript:
    """Return a transcript of turns with a label each; a sentence ends with a full stop or question mark and a blank."""
    text = ""
    segments: list[Segment] = []
    n_sentences = 0
    for number, (speaker, words) in enumerate(talk, start=1):
        text += f"{speaker}: "
        start = len(text)
        text += words + "\n"
        turn = Span(start, len(text) - 1)
        segments.append(Segment(f"t{number:03d}", "turn", turn, speaker))
        segments.append(Segment(f"p{number:03d}", "paragraph", turn, speaker))
        at = start
        for part in words.replace(". ", ".|").replace("? ", "?|").split("|"):
            n_sentences += 1
            segments.append(Segment(f"s{n_sentences:04d}", "sentence", Span(at, at + len(part)), speaker))
            at += len(part) + 1
    return Transcript(
        transcript_id,
        text,
        tuple(segments),
        source=Source(f"{transcript_id}.txt", "txt"),
        interviewers=frozenset({"Interviewer"}),
    )


def begin_study(folder: Path, *names: str, clock: Callable[[], str] | None = None) -> Study:
    """Return a study with the small codebook and transcripts of these names (by default P07), tagged."""
    codebook = folder.parent / f"{folder.name}-codebook.yaml"
    codebook.write_text(CODEBOOK, "utf-8")
    study = create_study(folder, codebook=codebook, clock=clock or Clock())
    for name in names or ("P07",):
        study.add_transcript(build_transcript(name), build_transcript(name).text.encode())
    study.tag()
    return study
