"""Texts that other programs coded: turns and speakers are found in them, and no character moves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.sources.plain import read_exact
from qualcode.sources.roles import settle_roles
from qualcode.sources.turns import make_transcript

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qualcode.model import Source, Transcript


def transcript_of_text(
    text: str,
    transcript_id: str,
    source: Source,
    *,
    language: str | None = None,
    interviewers: Collection[str] = (),
    times: Sequence[tuple[int, float]] = (),
) -> tuple[Transcript, int]:
    """Return the transcript of a text in which others count places, and how many times found no turn.

    Parameters
    ----------
    text
        In canonical form; it becomes the transcript's text to the character.
    transcript_id, source, language, interviewers
        As in :func:`qualcode.sources.read_transcript`.
    times
        Pairs of a place in the text and the seconds at which it is said; each turn gets that nearest to its start.

    Raises
    ------
    SourceError
        If there is no word in it.
    """
    name = source.name or transcript_id
    transcript = make_transcript(
        read_exact(text), transcript_id, source, where=name, language=language, interviewers=interviewers
    )
    return _set_times(transcript, times) if times else (transcript, 0)


def _set_times(transcript: Transcript, times: Sequence[tuple[int, float]]) -> tuple[Transcript, int]:
    starts = [turn.span.start for turn in transcript.units("turn")]
    nearest: dict[int, tuple[int, float]] = {}
    for place, seconds in times:
        start = min(starts, key=lambda one: abs(one - place))
        if start not in nearest or abs(start - place) < nearest[start][0]:
            nearest[start] = abs(start - place), seconds
    segments = tuple(
        replace(one, time=nearest[one.span.start][1]) if one.span.start in nearest else one
        for one in transcript.segments
    )
    return replace(transcript, segments=segments), len(times) - len(nearest)


def settle_interviewers(
    transcripts: Sequence[Transcript], interviewers: Collection[str], *, beside: Sequence[Transcript] = ()
) -> list[Transcript]:
    """Return transcripts in which those ask who ask in the others, too; see :mod:`qualcode.sources.roles`."""
    return list(settle_roles(list(transcripts), interviewers, beside=list(beside), people={}))
