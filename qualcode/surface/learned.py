"""Suggestions learned from the coder's own work: shown on request, answered one by one, never counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.reviewing import Entry, Item
from qualcode.study import find_code
from qualcode.surface.acting import answer
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.room import Stamp
from qualcode.surface.showing import encode_entry
from qualcode.surface.worklists import show_passage

if TYPE_CHECKING:
    from qualcode.model import Span
    from qualcode.reviewing import Hunch
    from qualcode.surface.room import Room


def list_learned(room: Room, data: Data) -> Answer:
    """Return a list of suggestions with what carries each; ``fresh``: whether they know all that the coder did."""
    kind, code = take_text(data, "kind"), take_text(data, "code", "")
    names = room.transcript_ids() if room.only == "assigned" else ()
    if room.coder not in room.study.coders():
        raise StudyError(
            "You have coded nothing yet that could be learned from.", hint="Read and code some turns first"
        )
    found = room.suggesting.suggest(kind, code or None, transcript_ids=names)  # type: ignore[arg-type]  # it refuses others
    record = room.suggesting.tell_record()
    return {
        "rows": [_show(room, one) for one in found], "kind": kind, "limits": list(room.suggesting.limits),
        "fresh": int(room.suggesting.is_fresh),
        "record": {code: list(counts) for code, counts in record.items()},
    }  # fmt: skip


def _show(room: Room, one: Hunch) -> Answer:
    told = show_passage(room, one.item.transcript, one.span, code=one.code, word=one.word, segment=one.item.segment)
    told["words"] = [[span.start - one.span.start, span.end - one.span.start] for span in one.words]
    told["near"] = [_show_near(room, item, span) for item, span in one.near]
    if one.is_spread:
        told["spread"] = 1
    if one.coding is not None:
        told["mark"] = encode_entry(Entry(one.code, None, one.coding))
    return told


def _show_near(room: Room, item: Item, span: Span) -> Answer:
    return show_passage(room, item.transcript, span, segment=item.segment)


def answer_learned(room: Room, data: Data) -> Answer:
    """Accept or refuse a suggestion; the coder's own sheet takes the answer, and the log what was shown."""
    name, segment = take_text(data, "name"), take_text(data, "segment")
    code, act = find_code(room.study.codebook, take_text(data, "code")), take_text(data, "answer")
    event = room.suggesting.answer(Item(name, segment), code, act)  # type: ignore[arg-type]  # it refuses others
    return answer(room, take_text(data, "t"), Stamp.parse(take_text(data, "base", "")), [(name, event)])
