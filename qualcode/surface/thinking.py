"""Memos, and passages that one wants to come back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import ConflictError, StudyError
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.changing import find_changes
from qualcode.surface.room import Stamp
from qualcode.surface.showing import show_memo
from qualcode.wording import shorten

if TYPE_CHECKING:
    from qualcode.model import Memo
    from qualcode.surface.room import Room


def _tell(room: Room, data: Data, said: str) -> Answer:
    told = find_changes(room, take_text(data, "t"), Stamp.parse(take_text(data, "base", "")))
    return {**told, "said": said}


def write_memo(room: Room, data: Data) -> Answer:
    """Write a memo, or put a text in the place of the one that the page shows."""
    about, memo_id = take_text(data, "about"), take_text(data, "id", "")
    replaces = take_text(data, "replaces", "")
    if not replaces and any(one.about == about and not one.flag for one in room.study.memos()[0]):
        raise ConflictError("A memo was written here meanwhile.", hint="Read it first, then add yours", stands=about)
    memo = room.study.memo(about, take_text(data, "text"), memo_id=memo_id, author=room.coder, replaces=replaces)
    return _tell(room, data, f"Memo on {memo.about} saved.")


def list_memos_on(room: Room, data: Data) -> Answer:
    """Return the memos about something, such as ``code:scheduling``."""
    about = take_text(data, "about")
    return {"rows": [show_memo(one) for one in room.study.memos()[0] if one.about == about and not one.flag]}


def flag(room: Room, data: Data) -> Answer:
    """Mark a passage to come back to, or say that one did."""
    if take_text(data, "op") == "settle-flag":
        memo = _find_flag(room, take_text(data, "id"))
        room.study.memo(memo.about, memo.text, memo_id=memo.id, author=room.coder, replaces=memo.digest, flag="settled")
        return _tell(room, data, f"Settled: “{shorten(memo.text.strip())}”.")
    text = take_text(data, "text", "").strip() or "Come back to this."
    memo = room.study.memo(take_text(data, "about"), text, author=room.coder, flag="open")
    return _tell(room, data, f"You will find {memo.about} under Come back.")


def _find_flag(room: Room, memo_id: str) -> Memo:
    found = next((one for one in room.study.memos()[0] if one.id == memo_id and one.flag == "open"), None)
    if found is None:
        raise StudyError("That is settled already.")
    return found


def list_flags(room: Room, _: Data) -> Answer:
    """Return what one wants to come back to, in the order of the texts."""
    rows: list[Answer] = []
    names = room.transcript_ids()
    for memo in room.study.memos()[0]:
        name, place = memo.about.rpartition(":")[::2]
        if memo.flag != "open" or name not in names:
            continue
        start, dash, end = place.partition("-")
        segment = None if dash else room.study.index(name).get(place)
        at = int(start) if dash and start.isdigit() else segment.span.start if segment else 0
        to = int(end) if dash and end.isdigit() else segment.span.end if segment else 1
        quote = room.study.transcript(name).text[at:to]
        rows.append(
            {"t": name, "span": [at, to], "id": memo.id, "digest": memo.digest, "why": memo.text.strip(),
             "author": memo.author, "quote": shorten(quote, 160)}
        )  # fmt: skip
    return {"rows": sorted(rows, key=lambda told: (names.index(told["t"]), told["span"]))}
