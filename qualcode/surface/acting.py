"""Acts of a page: each one request, done when it is on disk, answered with the turns that are others now."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from qualcode.errors import ConflictError, StudyError
from qualcode.reviewing import Item
from qualcode.study import CONSENSUS, Decision, find_code
from qualcode.surface.asking import Answer, Data, read_span, take_list, take_mapping, take_span, take_text
from qualcode.surface.changing import find_changes, find_touched
from qualcode.surface.restoring import turn_back, turn_memo
from qualcode.surface.room import Stamp
from qualcode.surface.saying import say_event, say_name
from qualcode.surface.settling import turn_settled
from qualcode.surface.showing import show_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qualcode.model import Span
    from qualcode.reviewing import Entry, View, Way
    from qualcode.study import Event
    from qualcode.surface.room import Room

Done = list[tuple[str, "Event"]]
"""What was recorded, with the transcripts."""

_STANDS = {"accept": "accepted", "reject": "rejected"}


def act(room: Room, data: Data) -> Answer:
    """Carry out an act on the transcript ``t`` that the page shows, and return what is new on it.

    Acts travel, never states: the act names its passage and the version of what it answers, and ``base``, the mark that
    the page knows. Where only other passages were changed since, it is done and those come back with it.
    """
    name, base = take_text(data, "t"), Stamp.parse(take_text(data, "base", ""))
    _refuse_other_text(room, name, base)
    op = take_text(data, "op")
    if op not in _ACTS:
        raise StudyError(f"There is no act “{op}”.", hint="Reload the page")
    done = _ACTS[op](room, data)
    if not done:
        return {**find_changes(room, name, base), "said": "That stands so already.", "stands": 1}
    return answer(room, name, base, done)


def answer(room: Room, name: str, base: Stamp, done: Done, *, said: str = "") -> Answer:
    """Return what is new on a transcript after acts, what is said of them, and how they are taken back."""
    events: dict[str, list[Event]] = {}
    for where, event in done:
        events.setdefault(where, []).append(event)
    told = find_changes(room, name, base)
    # What an act answers is shown anew, also where nothing but its time is another one.
    missing = [one for one in find_touched(room, name, events.get(name, ())) if one not in told.get("turns", {})]
    if missing and "transcript" not in told:
        told.setdefault("turns", {}).update(show_turns(room, name, missing))
    told["said"] = said or say_event(room, [one for some in events.values() for one in some])
    told["name"] = say_name(room, done)
    told["undo"] = [{"t": where, "event": event.id} for where, event in done]
    return told


def _refuse_other_text(room: Room, name: str, base: Stamp) -> None:
    """Refuse an act whose passage was picked in another text."""
    if base.text and room.stamp(name).text != base.text:
        raise ConflictError(
            f"{name} was corrected meanwhile; the words that you picked may stand elsewhere now.", stands=name
        )


# -- what is in hand --------------------------------------------------------------------------------------------------


def find_entry(room: Room, data: Data) -> tuple[View, Entry]:
    """Return the entry that an act answers, as the page saw it.

    Raises
    ------
    ConflictError
        If something else stands there by now.
    """
    name, code, span, saw = take_text(data, "t"), take_text(data, "code"), take_span(data, "span"), _saw(data)
    view = room.desk.view(_item_at(room, name, span))
    entry = view.find(code, span)
    if entry is None or (entry.own.version if entry.own else "") != saw:
        near = [one for one in view.own if one.code == code and one.span.overlaps(span)]
        raise ConflictError(f"{code} was changed meanwhile.", where=name, stands=tuple(near))
    return view, entry


def _saw(data: Data) -> str:
    return take_text(data, "saw", "")


def _item_at(room: Room, name: str, span: Span) -> Item:
    return Item(name, room.address_of(name, span).rpartition(":")[2])


def _answer(room: Room, data: Data) -> Done:
    """Accept or refuse; what stands so already is left."""
    op = take_text(data, "op")
    view, entry = find_entry(room, data)
    if entry.verdict == _STANDS[op]:
        return []
    return [(view.item.transcript, getattr(room.desk, op)(view, entry))]


def _change(act_: Callable[[Room, View, Entry, Data], Event]) -> Callable[[Room, Data], Done]:
    """Return an act that changes the coding in hand."""

    def carry_out(room: Room, data: Data) -> Done:
        view, entry = find_entry(room, data)
        return [(view.item.transcript, act_(room, view, entry, data))]

    return carry_out


def _recode(room: Room, view: View, entry: Entry, data: Data) -> Event:
    return room.desk.recode(view, entry, find_code(room.study.codebook, take_text(data, "to")))


def _note(room: Room, _: View, entry: Entry, data: Data) -> Event:
    return room.desk.note(entry, take_text(data, "note").strip())


# -- codes on picked words --------------------------------------------------------------------------------------------


def _apply(room: Room, data: Data) -> Done:
    """Give a code to one passage or several, of one transcript or several, in one act."""
    code, note = find_code(room.study.codebook, take_text(data, "code")), take_text(data, "note", "")
    decisions = []
    for one in take_list(data, "spans"):
        place = take_mapping(one)
        name, span = take_text(place, "t", take_text(data, "t")), read_span(place.get("span"))
        span = _grow(room, name, span) if take_text(data, "grow", "") == "sentence" else span
        saw = place.get("saw")
        decisions.append(
            Decision(
                room.address_of(name, span),
                code,
                "apply",
                span,
                note=note,
                saw=saw if isinstance(saw, str) else None,
                where=f"{name}:{span.start}",
            )
        )
    if not decisions:
        raise StudyError("Pick some words first.")
    return record(room, decisions)


def _grow(room: Room, name: str, span: Span) -> Span:
    """Return the sentences that a passage touches."""
    touched = room.study.index(name).touched("sentence", span)
    return reduce(lambda whole, one: whole | one.span, touched, span)


def _answer_all(room: Room, data: Data) -> Done:
    """Accept or refuse suggestions that were looked at, all of them or none."""
    answer_ = take_text(data, "answer")
    if answer_ not in _STANDS:
        raise StudyError(f"There is no answer “{answer_}”.", hint="Reload the page")
    decisions = []
    for one in take_list(data, "rows"):
        row = take_mapping(one)
        name, span = take_text(row, "t"), take_span(row, "span")
        address = room.address_of(name, span)
        decisions.append(
            Decision(address, take_text(row, "code"), answer_, span, saw="", where=address)  # type: ignore[arg-type]  # one of the two
        )
    return record(room, decisions, why=f"all {len(decisions)} that were shown")


def record(room: Room, decisions: Sequence[Decision], *, why: str = "", seen: Iterable[str] = ()) -> Done:
    """Record decisions, all of them or none."""
    lifted = room.blind == "lifted"
    events = room.study.decide_all(
        room.coder, decisions, seen=seen, why=why, blind="lifted" if lifted and room.assigned() else "kept"
    )
    return [(event.transcript, event) for event in events]


def _seen(room: Room, data: Data) -> Done:
    """Say that turns were read, on purpose; one comes back to the place."""
    name = take_text(data, "t")
    ids = [one for one in take_list(data, "turns") if isinstance(one, str)]
    done = record(room, (), seen=[f"{name}:{one}" for one in ids])
    if ids:
        unit = room.desk.unit_of(name)
        touched = room.study.index(name).touched(unit, room.study.segment(f"{name}:{ids[-1]}")[1].span)
        if touched:
            room.study.put_bookmark(room.coder, f"{name}:{touched[-1].id}")
    return done


_ACTS: Mapping[str, Callable[[Room, Data], Done]] = {
    "accept": _answer,
    "reject": _answer,
    "recode": _change(_recode),
    "move": _change(lambda room, view, entry, data: room.desk.move(view, entry, take_span(data, "to"))),
    "cut": _change(lambda room, view, entry, data: room.desk.cut(view, entry, take_span(data, "to"))),
    "extend": _change(lambda room, view, entry, data: room.desk.extend(view, entry, take_span(data, "to"))),
    "note": _change(_note),
    "keep": _change(lambda room, _view, entry, _data: room.desk.keep(entry)),
    "apply": _apply,
    "answer-all": _answer_all,
    "seen": _seen,
}
"""Each act on codings; the study does it."""


# -- there and back ---------------------------------------------------------------------------------------------------


def undo(room: Room, data: Data) -> Answer:
    """Take back the named acts, ``steps``; without any, the coder's latest."""
    return _go_back(room, data, "undo", "Took back")


def redo(room: Room, data: Data) -> Answer:
    """Do the named acts again."""
    return _go_back(room, data, "redo", "Did again")


def _go_back(room: Room, data: Data, way: Way, said: str) -> Answer:
    name, base = take_text(data, "t"), Stamp.parse(take_text(data, "base", ""))
    steps = [dict(take_mapping(one)) for one in take_list(data, "steps")] or _latest(room, way)
    done: Done = []
    changes: list[str] = []
    stays = ""
    for step in steps if way == "redo" else reversed(steps):
        if "memo" in step:
            changes.append(turn_memo(room, step, way))
        elif "settled" in step:
            changes.append(turn_settled(room, step, way))
        elif "codebook" not in step:
            done.append(_turn(room, step, way))
        else:
            try:
                changes.append(turn_back(room, step, way))
            except StudyError as error:  # a new code that somebody else gave by now: only one's own coding goes
                if not done:
                    raise
                stays, steps = f" The codebook stays: {error.message}", [one for one in steps if one is not step]
    told = find_changes(room, name, base)
    told["name"] = say_name(room, done) if done else changes[0].rstrip(".")
    told["said"] = f"{said}: {told['name']}.{stays}"
    told["undo"] = steps  # acts keep their ids, there and back; what is settled again has a new one
    return told


def _turn(room: Room, step: Data, way: Way) -> tuple[str, Event]:
    """Take back one act on codings, or do it again."""
    where, event, whose = take_text(step, "t"), take_text(step, "event"), take_text(step, "coder", room.coder)
    if whose not in {room.coder, CONSENSUS}:
        raise StudyError("You did not do that.")
    if way == "undo":
        return where, room.study.undo(whose, where, event=event)
    return where, room.study.redo(whose, where, event=event)


def _latest(room: Room, way: Way) -> list[dict[str, Any]]:
    found = room.study.latest_act(room.coder) if way == "undo" else None
    if found is None:
        raise StudyError(
            "There is nothing of yours to undo." if way == "undo" else "There is nothing of yours to redo."
        )
    return [{"t": found[0], "event": found[1].id}]
