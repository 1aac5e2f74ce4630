"""The segments that a coder reads, in the order of transcripts and places, with what that coder did there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.model import COUNTED_VERDICTS, RULES_CODER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Segment, Span, Transcript, Unit
    from qualcode.study.store import StudyFolder


@dataclass(frozen=True, slots=True, eq=False)
class ReadUnit:
    """A segment, and what a coder did there.

    Attributes
    ----------
    transcript, segment
        Where.
    before
        The turn before it.
    asks
        Whether it is interviewer talk.
    is_seen
        Whether the coder looked at it.
    codes
        Codes that the coder gave to it, and those above them.
    fired
        Codes whose own rules fired in it.
    """

    transcript: Transcript
    segment: Segment
    before: Span | None
    asks: bool
    is_seen: bool
    codes: frozenset[str]
    fired: frozenset[str]

    @property
    def address(self) -> str:
        """Such as ``P07:t012``."""
        return f"{self.transcript.id}:{self.segment.id}"


def find_upward(codebook: Codebook, code: str) -> list[str]:
    """Return the ids of a code and of those above it, the nearest first; of one that the codebook lost, that alone."""
    known = {one.id for one in codebook.walk()}
    line = [code]
    while line[-1] in known and (parent := codebook.parent(line[-1])) is not None:
        line.append(parent.id)
    return line


def list_units(study: StudyFolder, coder: str) -> Iterator[ReadUnit]:
    """Yield every segment of the unit that the coder reads, seen or not; nobody else's work is looked at.

    Parameters
    ----------
    study
        Which study.
    coder
        Who reads.
    """
    upward: dict[str, list[str]] = {}
    for transcript in study.transcripts()[0]:
        sheet = study.sheet(coder, transcript.id)
        unit: Unit = sheet.unit if sheet else study.settings.unit
        given: dict[str, set[str]] = {}
        for coding in sheet.codings if sheet else ():
            if coding.verdict in COUNTED_VERDICTS:
                if coding.code not in upward:
                    upward[coding.code] = find_upward(study.codebook, coding.code)
                _lay(study, transcript, unit, coding, upward[coding.code], given)
        fired: dict[str, set[str]] = {}
        rules = study.sheet(RULES_CODER, transcript.id)
        for coding in rules.codings if rules else ():
            _lay(study, transcript, unit, coding, [coding.code], fired)
        seen = sheet.seen if sheet else frozenset[str]()
        for segment, before in _with_turns(transcript, unit):
            yield ReadUnit(
                transcript, segment, before, transcript.is_interviewer(segment), segment.id in seen,
                frozenset(given.get(segment.id, ())), frozenset(fired.get(segment.id, ())),
            )  # fmt: skip


def _lay(
    study: StudyFolder, transcript: Transcript, unit: Unit, coding: Coding, codes: list[str], on: dict[str, set[str]]
) -> None:
    for segment in study.index(transcript.id).touched(unit, coding.span):
        on.setdefault(segment.id, set()).update(codes)


def _with_turns(transcript: Transcript, unit: Unit) -> Iterator[tuple[Segment, Span | None]]:
    """Yield the segments of a kind, each with the turn before the one in which it stands."""
    turns = transcript.units("turn")
    at = -1
    for segment in transcript.units(unit):
        while at + 1 < len(turns) and turns[at + 1].span.start <= segment.span.start:
            at += 1
        yield segment, turns[at - 1].span if at > 0 else None
