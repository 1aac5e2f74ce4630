"""Codings of which it is not sure where they belong after a transcript was corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.surface.acting import answer
from qualcode.surface.asking import Answer, Data, take_span, take_text
from qualcode.surface.changing import find_changes
from qualcode.surface.room import Stamp
from qualcode.surface.worklists import show_passage

if TYPE_CHECKING:
    from qualcode.study import Unsettled
    from qualcode.surface.room import Room

_ACTS = ("keep", "move", "drop")


def list_unsettled(room: Room, _: Data) -> Answer:
    """Return the coder's own, in the order of the texts."""
    rows = [_show(room, one) for one in room.study.unsettled() if one.coder == room.coder]
    return {"rows": rows}


def _show(room: Room, one: Unsettled) -> Answer:
    told: Answer = {
        "t": one.transcript, "number": one.number, "code": one.code, "quote": one.old_quote,
        "before": one.before, "behind": one.after, "reason": one.reason,
    }  # fmt: skip
    if one.span:
        told["now"] = show_passage(room, one.transcript, Span(*one.span))
    return told


def settle(room: Room, data: Data) -> Answer:
    """Say where a coding belongs: where it was put, on picked words, or nowhere."""
    name, act, number = take_text(data, "name"), take_text(data, "act"), data.get("number")
    if act not in _ACTS or type(number) is not int:
        raise StudyError("That cannot be done with it.", hint="Reload the page")
    if not any(one.number == number and one.coder == room.coder for one in room.study.unsettled(name)):
        raise StudyError("That is settled already.")
    span = take_span(data, "to") if act == "move" else None
    event = room.study.settle(name, number, act, span=span)  # type: ignore[arg-type]  # one of the three
    shown, base = take_text(data, "t", ""), Stamp.parse(take_text(data, "base", ""))
    said = {"keep": "It stays where it is.", "move": "Moved.", "drop": "Removed."}[act]
    if event is None:
        return {**find_changes(room, shown, base), "said": said}
    return answer(room, shown, base, [(name, event)], said=said)
