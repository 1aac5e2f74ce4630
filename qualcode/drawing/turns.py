"""A turn as the modules draw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qualcode.model import Segment, Transcript


def tell_turn(transcript: Transcript, turn: Segment) -> dict[str, object]:
    """Return a turn as data: id, start, text and speaker; its time and that an interviewer speaks where that is so."""
    return {
        "id": turn.id, "start": turn.span.start, "text": transcript.quote(turn.span), "who": turn.speaker,
        **({"time": turn.time} if turn.time is not None else {}),
        **({"asked": 1} if transcript.is_interviewer(turn) else {}),
    }  # fmt: skip
