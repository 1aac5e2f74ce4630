"""What a page begins with: the study, the codebook, the keys, and the transcript at which one stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import RULES_CODER
from qualcode.reviewing import join_entries
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.codes import show_codebook
from qualcode.surface.keys import list_keys
from qualcode.surface.saying import say_name
from qualcode.surface.showing import show_transcript

if TYPE_CHECKING:
    from qualcode.surface.room import Room


def open_page(room: Room, data: Data) -> Answer:
    """Return all that the first page shows; of the transcripts only the one that is shown is read."""
    names, settings = room.transcript_ids(), room.study.settings
    at = room.study.bookmark(room.coder)
    wanted = take_text(data, "t", "") or at.rpartition(":")[0]
    if wanted not in names:
        wanted = names[0] if names else ""
    told: Answer = {
        "study": settings.name or room.study.root.name, "id": settings.id, "coder": room.coder, "names": names,
        "only": room.only, "codebook": show_codebook(room), "keys": list_keys(), "latest": _latest(room),
        "pins": list(room.study.pins(room.coder)),
        "others": [one for one in room.study.coders() if one not in {room.coder, RULES_CODER}],
    }  # fmt: skip
    if wanted:
        told["transcript"] = show_transcript(room, {"t": wanted})
        told["at"] = at.rpartition(":")[2] if at.rpartition(":")[0] == wanted else ""
    return told


def _latest(room: Room) -> Answer | None:
    """Return what undo would take back first in a window in which nothing was done yet."""
    found = room.study.latest_act(room.coder)
    if found is None:
        return None
    return {"name": say_name(room, [found]), "undo": [{"t": found[0], "event": found[1].id}]}


def count_transcripts(room: Room, _: Data) -> Answer:
    """Return how far the coder is in every transcript: turns, read, coded, undecided."""
    rows = []
    for name in room.transcript_ids():
        try:
            rows.append(_count(room, name))
        except StudyError as error:
            rows.append({"t": name, "trouble": error.message})
    return {"rows": rows}


def _count(room: Room, name: str) -> Answer:
    study, unit = room.study, room.desk.unit_of(name)
    rules, mine = study.sheet(RULES_CODER, name), study.sheet(room.coder, name)
    suggestions = room.desk.sight.filter(name, unit, rules.codings if rules else ())
    entries = join_entries(suggestions, mine.codings if mine else ())
    index = study.index(name)
    return {
        "t": name, "unit": unit, "segments": len(index.units(unit)), "seen": len(mine.seen) if mine else 0,
        "coded": sum(bool(one.own and one.own.is_counted) for one in entries),
        "undecided": sum(one.is_undecided for one in entries),
    }  # fmt: skip
