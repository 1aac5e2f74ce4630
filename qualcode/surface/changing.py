"""What became of a transcript since a page looked: the turns that are others now, or all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.model import RULES_CODER
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.codes import show_codebook
from qualcode.surface.room import Stamp
from qualcode.surface.showing import show_transcript, show_turns
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qualcode.model import Coding
    from qualcode.study import Event
    from qualcode.surface.room import Room


def tell_changes(room: Room, data: Data) -> Answer:
    """Return what changed in a transcript since the page had the mark ``mark``; nothing: an empty answer."""
    name, before = take_text(data, "t"), Stamp.parse(take_text(data, "mark", ""))
    return find_changes(room, name, before)


def find_changes(room: Room, name: str, before: Stamp) -> Answer:
    """Return what changed in a transcript since a stamp."""
    now = room.stamp(name)
    if now == before:
        return {}
    if now.text != before.text:
        shown = show_transcript(room, {"t": name})
        return {"transcript": shown, "said": _tell_corrected(name, int(shown["unsettled"])), **_tell_codebook(room)}
    later = _events_since(room, name, before.own)
    if later is None or (now.rules, now.memos) != (before.rules, before.memos):
        turns = [turn.id for turn in room.study.transcript(name).units("turn")]
    else:
        turns = list(find_touched(room, name, later))
    changed: Answer = {"mark": str(now), "turns": show_turns(room, name, turns)}
    if now.codebook != before.codebook:
        changed |= _tell_codebook(room)
    return changed


def _tell_corrected(name: str, n_unsettled: int) -> str:
    want = "wants" if n_unsettled == 1 else "want"
    unsettled = f" {plural(n_unsettled, 'coding')} {want} a look (settle)." if n_unsettled else ""
    return f"{name} was corrected. Showing the new text;{unsettled or ' all codings found their words.'}"


def _tell_codebook(room: Room) -> Answer:
    return {"codebook": show_codebook(room), "pins": list(room.study.pins(room.coder))}


def _events_since(room: Room, name: str, event_id: str) -> list[Event] | None:
    """Return the events of the coder's sheet behind one; ``None`` when that is not known."""
    found: list[Event] = []
    for event in reversed(room.study.history(room.coder, name).events.values()):
        if event.id == event_id:
            return found
        found.append(event)
    return found if not event_id else None


def find_touched(room: Room, name: str, events: Iterable[Event]) -> Iterator[str]:
    """Yield the ids of the turns on which acts changed something, suggestions that they answer included."""
    index = room.study.index(name)
    for event in events:
        for coding in _codings_of(event):
            if coding.span.end <= len(index.transcript.text):
                yield from room.turns_on(name, coding.span)
                for other in room.study.codings_in(RULES_CODER, name, coding.span):
                    if other.code == coding.code:
                        yield from room.turns_on(name, other.span)
        for segment_id in (*event.seen, *(one for one, _ in event.unseen)):
            segment = index.get(segment_id)
            if segment is not None:
                yield from room.turns_on(name, segment.span)


def _codings_of(event: Event) -> Iterator[Coding]:
    for change in event.changes:
        yield from (one for one in (change.before, change.after) if one is not None)
