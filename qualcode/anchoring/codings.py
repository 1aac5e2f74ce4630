"""Codings brought from an old text to a corrected one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qualcode.anchoring.placing import Alignment
from qualcode.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.model import Coding, Span, Transcript


@dataclass(frozen=True, slots=True)
class Doubt:
    """A coding that a person has to place.

    Attributes
    ----------
    coding
        As it was in the old text.
    candidates
        Where it may belong in the new one, the likeliest first; none when its words are gone.
    confidence
        How much of it was found, from 0 to 1.
    reason
        Why it is unsure, in a sentence.
    """

    coding: Coding
    candidates: tuple[Span, ...]
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Reanchoring:
    """What a correction did to codings; each is in exactly one of the three groups.

    Attributes
    ----------
    kept
        Those with the same place and the same words.
    moved
        Pairs of a coding before and after: another place, or other words in it.
    doubts
        Those that a person has to place.
    """

    kept: tuple[Coding, ...]
    moved: tuple[tuple[Coding, Coding], ...]
    doubts: tuple[Doubt, ...]

    @property
    def codings(self) -> tuple[Coding, ...]:
        """All that are sure of their place in the new text, sorted by span, then code and coder."""
        sure = (*self.kept, *(after for _, after in self.moved))
        return tuple(sorted(sure, key=lambda one: (one.span, one.code, one.coder)))

    @property
    def n_unchanged(self) -> int:
        """How many have the same place and the same words."""
        return len(self.kept)

    @property
    def reworded(self) -> tuple[tuple[Coding, Coding], ...]:
        """The moved ones whose words changed."""
        return tuple(pair for pair in self.moved if pair[0].quote != pair[1].quote)


def reanchor(
    old: Transcript, new: Transcript, codings: Sequence[Coding], *, alignment: Alignment | None = None
) -> Reanchoring:
    """Find the passages of codings again in a corrected transcript.

    Parameters
    ----------
    old, new
        The transcript before and after.
    codings
        Codings of the old one.
    alignment
        The alignment of the two texts, when it is at hand.

    Returns
    -------
    Reanchoring
        Every coding is in it, in the order given. Evidence goes along with a coding; evidence whose words are gone
        is left out.
    """
    alignment = alignment or Alignment(old.text, new.text)
    kept: list[Coding] = []
    moved: list[tuple[Coding, Coding]] = []
    doubts: list[Doubt] = []
    for coding in codings:
        place = alignment.move(coding.span)
        if place.span is None or not place.is_sure:
            doubts.append(Doubt(coding, place.candidates, place.confidence, place.reason))
            continue
        evidence = tuple(_move_evidence(alignment, coding, place.span))
        after = replace(coding, transcript=new.id, span=place.span, quote=new.quote(place.span), evidence=evidence)
        if after == coding:
            kept.append(coding)
        else:
            moved.append((coding, after))
    return Reanchoring(tuple(kept), tuple(moved), tuple(doubts))


def _move_evidence(alignment: Alignment, coding: Coding, passage: Span) -> Iterator[Evidence]:
    for one in coding.evidence:
        spans = (alignment.move(span).span for span in one.spans)
        found = tuple(span for span in spans if span is not None and span in passage)
        if found:
            yield Evidence(one.rule, found)
