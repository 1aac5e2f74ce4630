"""Lists of passages over all transcripts: suggestions, hits of a search, what carries a code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import RULES_CODER, Span
from qualcode.reviewing import join_entries
from qualcode.study import find_code
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.showing import encode_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qualcode.reviewing import Entry
    from qualcode.surface.room import Room

MOST = 200
"""Rows of a list; how many more there are is told."""

_AROUND = 90
"""Characters before and behind a passage that are shown with it."""


def show_passage(room: Room, name: str, span: Span, **more: object) -> Answer:
    """Return a passage with its turn and the words around it."""
    text = room.study.transcript(name).text
    touched = room.study.index(name).touched("turn", span)
    first, last = (touched[0], touched[-1]) if touched else (None, None)
    start = max(span.start - _AROUND, first.span.start) if first else span.start
    end = min(span.end + _AROUND, last.span.end) if last else span.end
    return {
        "t": name, "turn": first.id if first else "", "who": first.speaker if first else "",
        "span": [span.start, span.end],
        "before": _shorten_front(text[start : span.start], is_cut=bool(first and start > first.span.start)),
        "quote": text[span.start : span.end],
        "behind": _shorten_back(text[span.end : end], is_cut=bool(last and end < last.span.end)), **more,
    }  # fmt: skip


def _shorten_front(text: str, *, is_cut: bool) -> str:
    return f"…{text.partition(' ')[2] or text}" if is_cut else text


def _shorten_back(text: str, *, is_cut: bool) -> str:
    return f"{text.rpartition(' ')[0] or text}…" if is_cut else text


def _entries(room: Room) -> Iterator[tuple[str, Entry]]:
    """Yield all that stands, and what is suggested where the coder may know it."""
    room.desk.sight.renew()
    for name in room.transcript_ids():
        rules, mine = room.study.sheet(RULES_CODER, name), room.study.sheet(room.coder, name)
        suggestions = room.desk.sight.filter(name, room.desk.unit_of(name), rules.codings if rules else ())
        for entry in join_entries(suggestions, mine.codings if mine else ()):
            yield name, entry


def _family(room: Room, code: str) -> frozenset[str]:
    top = find_code(room.study.codebook, code)
    return frozenset({top, *(one.id for one in room.study.codebook.descendants(top))})


def _is_asked(room: Room, name: str, entry: Entry) -> bool:
    """Tell whether a passage begins in interviewer talk, which no table counts."""
    turns = room.study.index(name).touched("turn", entry.span)
    return bool(turns) and room.study.transcript(name).is_interviewer(turns[0])


def list_suggestions(room: Room, data: Data) -> Answer:
    """Return undecided suggestions of a code and those below it, or of all, and how many there are per code.

    Interviewer talk is left out unless ``talk`` is ``all``.
    """
    code, chosen, talk = (take_text(data, key, "") for key in ("code", "name", "talk"))
    wanted = _family(room, code) if code else None
    counts: dict[str, int] = {}
    rows: list[Answer] = []
    total = 0
    for name, entry in _entries(room):
        if not entry.is_undecided or (talk != "all" and _is_asked(room, name, entry)):
            continue
        counts[entry.code] = counts.get(entry.code, 0) + 1
        if (wanted is not None and entry.code not in wanted) or (chosen and chosen != name):
            continue
        total += 1
        if len(rows) < MOST:
            rows.append(show_passage(room, name, entry.span, mark=encode_entry(entry)))
    return {"rows": rows, "total": total, "counts": counts}


def list_passages(room: Room, data: Data) -> Answer:
    """Return the coder's passages with a code and those below it; of those coded before it was defined anew, that."""
    code = take_text(data, "code")
    wanted, changes = _family(room, code), _last_edits(room)
    rows: list[Answer] = []
    total = n_old = 0
    for name, entry in _entries(room):
        if entry.own is None or not entry.own.is_counted or entry.code not in wanted:
            continue
        total += 1
        is_old = bool(entry.own.at) and entry.own.at < changes.get(entry.code, "")
        n_old += is_old
        if is_old or len(rows) < MOST:
            old = {"old": 1} if is_old else {}
            rows.append(show_passage(room, name, entry.span, mark=encode_entry(entry), **old))
    return {"rows": rows, "total": total, "old": n_old}


def count_codes(room: Room, _: Data) -> Answer:
    """Return per code how many passages of the coder have it in all transcripts, and how many want a look again."""
    changes = _last_edits(room)
    counts: dict[str, list[int]] = {}
    for _name, entry in _entries(room):
        if entry.own is not None and entry.own.is_counted:
            found = counts.setdefault(entry.code, [0, 0])
            found[0] += 1
            found[1] += bool(entry.own.at) and entry.own.at < changes.get(entry.code, "")
    return {"counts": counts}


_EDITED = re.compile(r"(?P<turn>Took back: |Did again: )?Edited the .*\b(definition|include|exclude)\b")


def _last_edits(room: Room) -> Mapping[str, str]:
    """Return per code when its definition, or what it includes or excludes, was changed last."""
    found: dict[str, list[str]] = {}
    for code, note in _notes_on_codes(room):
        edited = _EDITED.match(str(note["change"]))
        if edited and edited["turn"] == "Took back: ":
            found.get(code, [])[-1:] = []  # the words of before stand again
        elif edited:
            found.setdefault(code, []).append(str(note["at"]))
    return {code: times[-1] for code, times in found.items() if times}


def _notes_on_codes(room: Room) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the changes of the codebook that the study remembers, once for each code that they name."""
    for note in room.study.notes():
        if note.get("what") == "codebook" and isinstance(note.get("change"), str):
            words = {word.strip(".,:;“”") for word in note["change"].split()}
            touched = note.get("touched", ())
            for code in room.study.codebook.walk():
                if code.id in words or code.id in touched:
                    yield code.id, note


def tell_history(room: Room, data: Data) -> Answer:
    """Return what was done to a code: when, by whom, and why."""
    code = find_code(room.study.codebook, take_text(data, "code"))
    rows = [
        {"at": str(note.get("at", ""))[:16].replace("T", " "), "who": note.get("who", ""), "what": note["change"],
         "why": note.get("why", "")}
        for one, note in _notes_on_codes(room) if one == code
    ]  # fmt: skip
    return {"rows": rows}


def search(room: Room, data: Data) -> Answer:
    """Return the hits of a term of the codebook's language, in one transcript or in all."""
    from qualcode.keywords import find_occurrences

    term, chosen = take_text(data, "term").strip(), take_text(data, "name", "")
    if not term:
        raise StudyError("Type what to look for.", hint="As in a rule: mentor*, drop ... out, exact:CLAP")
    names = [name for name in room.transcript_ids() if chosen in {"", name}]
    rows: list[Answer] = []
    total = 0
    for found in find_occurrences((room.study.transcript(name) for name in names), term):
        total += 1
        if len(rows) < MOST:
            start, end = found["start"], found["end"]
            assert isinstance(start, int)  # noqa: S101  # the records are ours
            assert isinstance(end, int)  # noqa: S101  # as above
            rows.append(show_passage(room, str(found["transcript"]), Span(start, end)))
    return {"rows": rows, "total": total, "term": term}
