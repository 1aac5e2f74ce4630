"""What was done beside codings, taken back and done again: changes of the codebook, and memos."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import Memo
from qualcode.surface.asking import Answer, Data, take_text

if TYPE_CHECKING:
    from qualcode.surface.room import Room


def tell_digest(room: Room) -> str:
    """Return the digest of the codebook's file; ``""``: there is none."""
    data = room.study.layout.read(room.study.layout.codebook)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def tell_step(room: Room, before: str, change: str) -> list[Answer]:
    """Return how a change of the codebook is taken back; the first codebook of a study has nothing before it."""
    return [{"codebook": before, "now": tell_digest(room), "change": change}] if before else []


def turn_back(room: Room, step: Data, way: str) -> str:
    """Put the version before a change, or after it, in the place of the other; return what the change was.

    Raises
    ------
    ConflictError
        If somebody changed the codebook since.
    StudyError
        If codings have a code that would be gone.
    """
    before, after, change = take_text(step, "codebook"), take_text(step, "now"), take_text(step, "change")
    saw, goal = (after, before) if way == "undo" else (before, after)
    told = "Took back" if way == "undo" else "Did again"
    room.study.bring_back_codebook(goal, saw=saw, change=f"{told}: {change}")
    return change


def tell_memo_step(before: Memo | None, after: Memo | None, change: str) -> list[Answer]:
    """Return how it is taken back that a memo was written."""
    return [{"memo": before and asdict(before), "now": after and asdict(after), "change": change}]


def turn_memo(room: Room, step: Data, way: str) -> str:
    """Put the memo before a change, or after it, in the place of the other; return what the change was.

    Raises
    ------
    ConflictError
        If somebody changed the memo since.
    """
    before, after = _read_memo(step.get("memo")), _read_memo(step.get("now"))
    saw, goal = (after, before) if way == "undo" else (before, after)
    room.study.put_memo(goal, saw=saw)
    return take_text(step, "change")


_FIELDS = {"id", "about", "text", "author", "at", "flag"}


def _read_memo(told: object) -> Memo | None:
    if told is None:
        return None
    if not isinstance(told, dict) or not all(isinstance(told.get(key), str) for key in _FIELDS):
        raise StudyError("What was sent cannot be read.", hint="Reload the page")
    return Memo(**{key: told[key] for key in _FIELDS}, is_private=told.get("is_private") is True)
