"""What was done beside codings, taken back and done again: changes of the codebook, and memos."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import Memo
from qualcode.reviewing import EditStep, MemoStep
from qualcode.surface.asking import Answer, Data, take_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.reviewing import Way
    from qualcode.surface.room import Room


def tell_steps(steps: Iterable[EditStep]) -> list[Answer]:
    """Return how changes of the codebook are taken back, as data."""
    return [{"codebook": one.before, "now": one.after, "change": one.change} for one in steps]


def turn_back(room: Room, step: Data, way: Way) -> str:
    """Take a change of the codebook back, or do it again; return what it was."""
    made = EditStep(take_text(step, "codebook"), take_text(step, "now"), take_text(step, "change"))
    made.turn(room.study, way)
    return made.change


def tell_memo_step(step: MemoStep) -> list[Answer]:
    """Return how it is taken back that a memo was written, as data."""
    memos = {"memo": step.before and asdict(step.before), "now": step.after and asdict(step.after)}
    return [{**memos, "change": step.change}]


def turn_memo(room: Room, step: Data, way: Way) -> str:
    """Take back that a memo was written, or write it again; return what that was."""
    made = MemoStep(_read_memo(step.get("memo")), _read_memo(step.get("now")), take_text(step, "change"))
    made.turn(room.study, way)
    return made.change


_FIELDS = {"id", "about", "text", "author", "at", "flag"}


def _read_memo(told: object) -> Memo | None:
    if told is None:
        return None
    if not isinstance(told, dict) or not all(isinstance(told.get(key), str) for key in _FIELDS):
        raise StudyError("What was sent cannot be read.", hint="Reload the page")
    return Memo(**{key: told[key] for key in _FIELDS}, is_private=told.get("is_private") is True)
