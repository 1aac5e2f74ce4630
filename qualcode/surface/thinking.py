"""Memos, and passages that one wants to come back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import ConflictError, StudyError
from qualcode.model import Span
from qualcode.reviewing import name_code
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.changing import find_changes
from qualcode.surface.restoring import tell_memo_step
from qualcode.surface.room import Stamp
from qualcode.surface.showing import find_place, show_memo
from qualcode.wording import shorten

if TYPE_CHECKING:
    from qualcode.model import Memo
    from qualcode.surface.room import Room


def _tell(room: Room, data: Data, said: str, step: list[Answer]) -> Answer:
    told = find_changes(room, take_text(data, "t"), Stamp.parse(take_text(data, "base", "")))
    return {**told, "said": said, "name": step[0]["change"], "undo": step}


def write_memo(room: Room, data: Data) -> Answer:
    """Write a memo, or put a text in the place of the one that the page shows."""
    about, memo_id = take_text(data, "about"), take_text(data, "id", "")
    replaces, memos = take_text(data, "replaces", ""), room.study.memos()[0]
    if not replaces and any(one.about == about and not one.flag for one in memos):
        raise ConflictError("A memo was written here meanwhile.", hint="Read it first, then add yours", stands=about)
    memo = room.study.memo(about, take_text(data, "text"), memo_id=memo_id, author=room.coder, replaces=replaces)
    before = next((one for one in memos if one.id == memo.id), None)
    place = _name_place(room, memo.about)
    return _tell(room, data, f"Memo on {place} saved.", tell_memo_step(before, memo, f"memo on {place}"))


def _name_place(room: Room, about: str) -> str:
    """Return what a memo is about as people call it."""
    kind, _, name = about.partition(":")
    if kind == "code":
        return name_code(room.study, name)
    name = about.rpartition(":")[0]
    span, segment_id = find_place(room, about) if name in room.transcript_ids() else (None, "")
    return about if segment_id or span is None else f"“{shorten(room.study.transcript(name).quote(span))}” in {name}"


def list_memos_on(room: Room, data: Data) -> Answer:
    """Return the memos about something, such as ``code:scheduling``."""
    about = take_text(data, "about")
    return {"rows": [show_memo(one) for one in room.study.memos()[0] if one.about == about and not one.flag]}


def flag(room: Room, data: Data) -> Answer:
    """Mark a passage to come back to, or say that one did."""
    if take_text(data, "op") == "settle-flag":
        memo = _find_flag(room, take_text(data, "id"))
        settled = room.study.memo(
            memo.about, memo.text, memo_id=memo.id, author=room.coder, replaces=memo.digest, flag="settled"
        )
        words = f"“{shorten(memo.text.strip())}”"
        return _tell(room, data, f"Settled: {words}.", tell_memo_step(memo, settled, f"settle {words}"))
    text, memos = take_text(data, "text", "").strip() or "Come back to this.", room.study.memos()[0]
    memo = room.study.memo(take_text(data, "about"), text, author=room.coder, flag="open")
    before = next((one for one in memos if one.id == memo.id), None)
    place = _name_place(room, memo.about)
    step = tell_memo_step(before, memo, f"come back to {place}")
    return _tell(room, data, f"You will find {place} under Come back.", step)


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
        name = memo.about.rpartition(":")[0]
        if memo.flag != "open" or name not in names:
            continue
        span = find_place(room, memo.about)[0] or Span(0, 1)
        quote = room.study.transcript(name).quote(span)
        rows.append(
            {"t": name, "span": [span.start, span.end], "id": memo.id, "digest": memo.digest, "why": memo.text.strip(),
             "author": memo.author, "quote": shorten(quote, 160)}
        )  # fmt: skip
    return {"rows": sorted(rows, key=lambda told: (names.index(told["t"]), told["span"]))}
