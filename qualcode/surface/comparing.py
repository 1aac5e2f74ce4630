"""Two coders on the same text: what both gave, and difference by difference what the consensus says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import ConflictError, StudyError
from qualcode.reviewing import Adjudication, name_code
from qualcode.study import CONSENSUS, Difference, find_code
from qualcode.surface.asking import Answer, Data, take_list, take_span, take_text
from qualcode.wording import plural

if TYPE_CHECKING:
    from qualcode.model import Coding
    from qualcode.surface.room import Room


def compare(room: Room, data: Data) -> Answer:
    """Return what two coders agree on and where they differ, segment by segment; what is settled is counted."""
    other = take_text(data, "other")
    work = Adjudication(room.study, room.coder, other)
    found = work.comparison
    segments: dict[tuple[str, str], Answer] = {}
    for difference in found.differences:
        key = difference.transcript, difference.segment
        if key not in segments:
            segments[key] = _show_segment(room, *key)
        segments[key]["differences"].append(_show_difference(room, difference))
    for coding in found.agreed:
        for segment in room.study.index(coding.transcript).touched(room.desk.unit_of(coding.transcript), coding.span):
            row = segments.get((coding.transcript, segment.id))
            if row is not None and coding.code not in row["agreed"]:
                row["agreed"].append(coding.code)
    waiting = ""
    if found.n_waiting:
        waiting = f"{plural(found.n_waiting, 'segment')} left out: not everybody they were drawn for has read them yet."
    return {
        "rows": list(segments.values()), "other": other, "segments": found.n_segments, "agreed": len(found.agreed),
        "settled": found.n_settled, "open": len(found.differences), "waiting": waiting,
        "unwritten": _count_unwritten(room, found.agreed),
    }  # fmt: skip


def _count_unwritten(room: Room, agreed: tuple[Coding, ...]) -> int:
    """Return how much of what both agree on the consensus does not hold yet."""
    return sum(
        not any(
            one.code == coding.code and one.span == coding.span and one.is_counted
            for one in room.study.codings_in(CONSENSUS, coding.transcript, coding.span)
        )
        for coding in agreed
    )


def _show_segment(room: Room, name: str, segment_id: str) -> Answer:
    _, segment = room.study.segment(f"{name}:{segment_id}")
    return {
        "t": name, "segment": segment_id, "who": segment.speaker, "start": segment.span.start,
        "text": room.study.transcript(name).quote(segment.span), "agreed": [], "differences": [],
    }  # fmt: skip


def _show_difference(room: Room, difference: Difference) -> Answer:
    settled = _consensus_on(room, difference.transcript, difference.segment, difference.code)
    return {
        "code": difference.code, "coder": difference.coder,
        "passages": [[one.span.start, one.span.end, one.version, one.note] for one in difference.codings],
        "saw": [one.version for one in settled],
    }  # fmt: skip


def _consensus_on(room: Room, name: str, segment_id: str, code: str) -> list[Coding]:
    _, segment = room.study.segment(f"{name}:{segment_id}")
    return [one for one in room.study.codings_in(CONSENSUS, name, segment.span) if one.code == code]


def write_agreed(room: Room, data: Data) -> Answer:
    """Write into the consensus what both agree on; both originals stay."""
    found = room.study.compare(room.coder, take_text(data, "other"))
    events = room.study.write_agreed(found)
    n_codings = sum(len(event.changes) for event in events)
    undo = [{"t": event.transcript, "event": event.id, "coder": CONSENSUS} for event in events]
    return {"said": f"{plural(n_codings, 'coding')} that both gave are in the consensus now.", "undo": undo,
            "name": "write what both agree on"}  # fmt: skip


def write_verdict(room: Room, data: Data) -> Answer:
    """Say of a difference that the code belongs there, that it does not, or that neither is right, but another."""
    name, segment, verdict = take_text(data, "name"), take_text(data, "segment"), take_text(data, "verdict")
    if verdict not in {"yes", "no", "instead"}:
        raise StudyError(f"There is no answer “{verdict}”.", hint="Reload the page")
    difference = _find_difference(room, data, name, segment)
    instead = find_code(room.study.codebook, take_text(data, "instead")) if verdict == "instead" else ""
    event = room.study.adjudicate(
        difference, is_right=verdict == "yes", saw=[one for one in take_list(data, "saw") if isinstance(one, str)],
        instead=instead, span=take_span(data, "span") if "span" in data else None,
        why="; ".join(filter(None, (f"settled by {room.coder}", take_text(data, "why", "").strip()))),
    )  # fmt: skip
    code = name_code(room.study, difference.code)
    told = {
        "yes": f"{code} is taken over.", "no": f"{code} is not taken over.",
        "instead": f"Neither: {name_code(room.study, instead)} instead of {code}.",
    }[verdict]  # fmt: skip
    undo = [{"t": name, "event": event.id, "coder": CONSENSUS}]
    return {"said": told, "undo": undo, "name": f"answer to {code} in {name}:{segment}"}


def _find_difference(room: Room, data: Data, name: str, segment_id: str) -> Difference:
    """Return a difference as the page saw it.

    Raises
    ------
    ConflictError
        If the coder has changed the codings meanwhile.
    """
    code, coder = take_text(data, "code"), take_text(data, "coder")
    if coder != room.coder and coder not in room.study.coders():
        raise StudyError(f"There is no coder “{coder}”.")
    _, segment = room.study.segment(f"{name}:{segment_id}")
    if not room.study.blinding().may_see(room.coder, coder, name, segment):
        raise StudyError("That is coded blind still.", hint="Wait until everybody has read it")
    found = room.study.codings_in(coder, name, segment.span)
    codings = tuple(one for one in found if one.code == code and one.is_counted)
    if {one.version for one in codings} != set(take_list(data, "versions")):
        raise ConflictError(f"{coder} changed {code} meanwhile.", stands=codings)
    return Difference(name, segment_id, code, coder, codings)
