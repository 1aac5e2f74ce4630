"""Suggestions learned from the coder's own work: shown on request, answered one by one, never counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.reviewing import Entry, Item
from qualcode.study import Decision, find_code
from qualcode.surface.acting import answer, record
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.room import Stamp
from qualcode.surface.showing import encode_entry
from qualcode.surface.worklists import show_passage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.codebook import Codebook
    from qualcode.model import Span
    from qualcode.reviewing import Hunch
    from qualcode.surface.acting import Done
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
    held = hold_tenths(room, code, {one.item: bool(one.word) for one in found}) if kind == "likely" else set()
    return {
        "rows": [show_held(room, one.item, one.code) if one.item in held else _show(room, one) for one in found],
        "kind": kind, "limits": list(room.suggesting.limits), "fresh": int(room.suggesting.is_fresh),
        "record": {code: list(counts) for code, counts in record.items()},
        "tenths": room.tenths.tell(_name_list(room, code)) if kind == "likely" else "",
    }  # fmt: skip


def _name_list(room: Room, code: str) -> str:
    return find_code(room.study.codebook, code)


def hold_tenths(room: Room, code: str, listed: Mapping[Item, bool]) -> set[Item]:
    """Take in a list of unread segments for a code, and return those that are shown without any suggestion."""
    name = _name_list(room, code)
    return room.tenths.hold(name, listed, find_family(room.study.codebook, name))


def find_family(codebook: Codebook, code: str) -> frozenset[str]:
    """Return the ids of a code and of those below it."""
    return frozenset({code, *(one.id for one in codebook.descendants(code))})


def show_held(room: Room, item: Item, code: str) -> Answer:
    """Return a segment with nothing of what is suggested on it: the coder decides alone."""
    span = room.study.segment(item.address)[1].span
    return show_passage(room, item.transcript, span, code=code, segment=item.segment, held=1, words=[], near=[])


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
    """Accept or refuse a suggestion; the coder's own sheet takes the answer, and the log what was shown.

    Where nothing was shown, the coder codes the segment by hand, or says that it was read.
    """
    item = Item(take_text(data, "name"), take_text(data, "segment"))
    code, act = find_code(room.study.codebook, take_text(data, "code")), take_text(data, "answer")
    if take_text(data, "alone", ""):
        done = _code_alone(room, item, code, act)
    else:
        done = [(item.transcript, room.suggesting.answer(item, code, act))]  # type: ignore[arg-type]  # it refuses others
    return answer(room, take_text(data, "t"), Stamp.parse(take_text(data, "base", "")), done)


def _code_alone(room: Room, item: Item, code: str, act: str) -> Done:
    if act not in {"accept", "reject"}:
        raise StudyError(f"There is no answer “{act}”.", hint="Say whether it carries the code")
    decisions = [Decision(item.address, code, "apply")] if act == "accept" else []
    done = record(room, decisions, seen=[item.address])
    if not done:
        raise StudyError("That stands so already.")
    return done
