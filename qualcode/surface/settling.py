"""Codings of which it is not sure where they belong after a transcript was corrected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.reviewing import name_code
from qualcode.surface.asking import Answer, Data, take_span, take_text
from qualcode.surface.changing import find_changes
from qualcode.surface.room import Settled, Stamp
from qualcode.surface.worklists import show_passage
from qualcode.wording import shorten

if TYPE_CHECKING:
    from qualcode.reviewing import Way
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
    entry = _find(room, name, number)
    span = take_span(data, "to") if act == "move" else None
    shown, base = take_text(data, "t", ""), Stamp.parse(take_text(data, "base", ""))
    step = _settle(room, entry, act, span)
    told = find_changes(room, shown, base)
    return {**told, "said": _SAYINGS[act], "name": step["change"], "undo": [step]}


_SAYINGS = {"keep": "It stays where it is.", "move": "Moved.", "drop": "Removed."}


def _find(room: Room, name: str, number: int) -> Unsettled:
    found = room.study.unsettled(name)
    entry = next((one for one in found if one.number == number and one.coder == room.coder), None)
    if entry is None:
        raise StudyError("That is settled already.")
    return entry


def _settle(room: Room, entry: Unsettled, act: str, span: Span | None) -> Answer:
    """Settle a coding, and return how that is taken back."""
    event = room.study.settle(entry.transcript, entry.number, act, span=span)  # type: ignore[arg-type]  # one of the three
    key = f"{entry.transcript}:{entry.number}:{len(room.settled)}"
    room.settled[key] = Settled(entry, act, span, event)
    words = f"settle “{name_code(room.study, entry.code)}” on “{shorten(entry.old_quote)}”"
    return {"settled": key, "change": words}


def turn_settled(room: Room, step: dict[str, object], way: Way) -> str:
    """Put a coding back into the list, as it was, or settle it again; return what was done.

    Raises
    ------
    ConflictError
        If something later stands on it.
    StudyError
        If it was settled in an earlier start of the page.
    """
    done = room.settled.get(str(step.get("settled")))
    if done is None:
        raise StudyError("That was settled before this page was started.", hint="Give the words the code again")
    if way == "redo":
        step |= _settle(room, _find(room, done.entry.transcript, done.entry.number), done.act, done.span)
    else:
        if done.event is not None:
            room.study.undo(room.coder, done.entry.transcript, event=done.event)
        entry = room.study.unsettle(done.entry)
        room.settled[str(step["settled"])] = replace(done, entry=entry)
    return str(step.get("change", ""))
