"""Memos, and passages that one wants to come back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode import reviewing
from qualcode.reviewing import name_place
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.changing import find_changes
from qualcode.surface.restoring import tell_memo_step
from qualcode.surface.room import Stamp
from qualcode.surface.showing import show_memo
from qualcode.wording import shorten

if TYPE_CHECKING:
    from qualcode.reviewing import MemoStep
    from qualcode.surface.room import Room


def _tell(room: Room, data: Data, said: str, step: MemoStep) -> Answer:
    told = find_changes(room, take_text(data, "t"), Stamp.parse(take_text(data, "base", "")))
    return {**told, "said": said, "name": step.change, "undo": tell_memo_step(step)}


def write_memo(room: Room, data: Data) -> Answer:
    """Write a memo, or put a text in the place of the one that the page shows."""
    step = reviewing.write_memo(
        room.study, room.coder, take_text(data, "about"), take_text(data, "text"),
        memo_id=take_text(data, "id", ""), replaces=take_text(data, "replaces", ""),
    )  # fmt: skip
    return _tell(room, data, f"Memo on {name_place(room.study, step.about)} saved.", step)


def list_memos_on(room: Room, data: Data) -> Answer:
    """Return the memos about something, such as ``code:scheduling``."""
    about = take_text(data, "about")
    return {"rows": [show_memo(one) for one in room.study.memos()[0] if one.about == about and not one.flag]}


def flag(room: Room, data: Data) -> Answer:
    """Mark a passage to come back to, or say that one did."""
    if take_text(data, "op") == "settle-flag":
        step = reviewing.settle_flag(room.study, room.coder, take_text(data, "id"))
        return _tell(room, data, f"Settled:{step.change.removeprefix('settle')}.", step)
    step = reviewing.write_flag(room.study, room.coder, take_text(data, "about"), take_text(data, "text", ""))
    return _tell(room, data, f"You will find {name_place(room.study, step.about)} under Come back.", step)


def list_flags(room: Room, _: Data) -> Answer:
    """Return what one wants to come back to, in the order of the texts."""
    rows = [
        {"t": one.transcript, "turn": next(iter(room.turns_on(one.transcript, one.span)), ""),
         "span": [one.span.start, one.span.end], "id": one.memo.id, "digest": one.memo.digest,
         "why": one.memo.text.strip(), "author": one.memo.author,
         "quote": shorten(room.study.transcript(one.transcript).quote(one.span), 160)}
        for one in reviewing.list_flags(room.study, room.transcript_ids())
    ]  # fmt: skip
    return {"rows": rows}
