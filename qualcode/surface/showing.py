"""What a page shows of a transcript, as data: turns as text, and what stands on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.model import RULES_CODER
from qualcode.reviewing import find_place, join_entries
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.playing import find_media

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.model import Memo, Segment
    from qualcode.reviewing import Entry
    from qualcode.surface.room import Room

LETTERS = {"suggested": "s", "accepted": "a", "applied": "h", "rejected": "r"}
"""How a page is told a verdict; ``h``: by hand."""


def encode_entry(entry: Entry) -> list[object]:
    """Return what stands on a passage: start, end, code, verdict, version, note, evidence; empty ends are left out.

    Evidence is one list per rule: its id, then starts and ends of the words that fulfilled it, counted from the start
    of the passage.
    """
    own = entry.own
    source = entry.suggestion or own
    at = entry.span.start
    evidence = [
        [one.rule, *(place - at for span in one.spans for place in (span.start, span.end))]
        for one in (source.evidence if source else ())
    ]
    told: list[object] = [
        at, entry.span.end, entry.code, LETTERS[entry.verdict],
        own.version if own else "", own.note if own else "", evidence,
    ]  # fmt: skip
    while not told[-1]:
        told.pop()
    return told


def show_turns(room: Room, name: str, turn_ids: Iterable[str]) -> dict[str, Answer]:
    """Return what stands on some turns; it costs what stands there, not the sheet."""
    index, memos = room.study.index(name), list_memos(room, name)
    found = {}
    for turn_id in dict.fromkeys(turn_ids):
        turn = index.get(turn_id)
        if turn is not None:
            entries, _ = room.desk.look(name, turn.span)
            found[turn_id] = _show_turn(room, name, turn, entries, memos)
    return found


def _show_turn(room: Room, name: str, turn: Segment, entries: Sequence[Entry], memos: Sequence[Memo]) -> Answer:
    told: Answer = {"marks": [encode_entry(one) for one in entries], "seen": room.is_seen(name, turn)}
    if room.desk.sight.tell(name, turn) == "blind" or _is_blind_inside(room, name, turn):
        told["blind"] = 1
    about = [one for one in memos if _is_on(room, one, turn)]
    if about:
        told["memos"] = [show_memo(one) for one in about]
    return told


def _is_blind_inside(room: Room, name: str, turn: Segment) -> bool:
    """Tell whether suggestions are hidden in a part of a turn that is drawn for double coding."""
    units = room.study.index(name).touched(room.desk.unit_of(name), turn.span)
    return any(room.desk.sight.tell(name, one) == "blind" for one in units)


def show_memo(memo: Memo) -> Answer:
    """Return a memo."""
    told = {"id": memo.id, "about": memo.about, "text": memo.text, "author": memo.author, "digest": memo.digest}
    return {**told, "flag": 1} if memo.flag else told


def list_memos(room: Room, name: str) -> list[Memo]:
    """Return the memos on segments and passages of a transcript, and what one wants to come back to there."""
    memos = (one for one in room.study.memos()[0] if one.about.rpartition(":")[0] == name)
    return [one for one in memos if one.flag != "settled"]


def _is_on(room: Room, memo: Memo, turn: Segment) -> bool:
    """Tell whether a memo is about a turn, a segment in it, or a passage that begins in it."""
    span, segment_id = find_place(room.study, memo.about)
    if span is None:
        return False
    return span in turn.span if segment_id else turn.span.start <= span.start < turn.span.end


def show_transcript(room: Room, data: Data) -> Answer:
    """Return a whole transcript with all that stands on it; each entry is joined once."""
    study, name = room.study, take_text(data, "t")
    transcript = study.transcript(name)
    name, index = transcript.id, study.index(transcript.id)
    room.desk.sight.renew()
    stamp = room.stamp(name)
    rules, mine = study.sheet(RULES_CODER, name), study.sheet(room.coder, name)
    suggestions = room.desk.sight.filter(name, room.desk.unit_of(name), rules.codings if rules else ())
    standing: dict[str, list[Entry]] = {}
    for entry in join_entries(suggestions, mine.codings if mine else ()):
        for turn in index.touched("turn", entry.span):
            standing.setdefault(turn.id, []).append(entry)
    memos = list_memos(room, name)
    drawn = room.assigned() if room.only == "assigned" else None
    turns = []
    for turn in transcript.units("turn"):
        shown = {
            "id": turn.id, "start": turn.span.start, "text": transcript.quote(turn.span), "who": turn.speaker,
            **({"time": turn.time} if turn.time is not None else {}),
            **({"asked": 1} if transcript.is_interviewer(turn) else {}),
            **_show_turn(room, name, turn, standing.get(turn.id, ()), memos),
        }  # fmt: skip
        if drawn is not None and not _is_drawn(room, name, turn, drawn):
            shown["aside"] = 1
        turns.append(shown)
    told = {
        "id": name, "mark": str(stamp), "turns": turns, "language": transcript.language,
        "sentences": [[one.span.start, one.span.end] for one in transcript.units("sentence")],
        "unsettled": len(study.unsettled(name)), "unit": room.desk.unit_of(name),
    }  # fmt: skip
    media = find_media(room, name)
    return {**told, "media": media[1].partition("/")[0]} if media else told


def _is_drawn(room: Room, name: str, turn: Segment, drawn: frozenset[str]) -> bool:
    units = room.study.index(name).touched(room.desk.unit_of(name), turn.span)
    return any(f"{name}:{one.id}" in drawn for one in units)
