"""What happened to a sheet, act by act: events, each a line of an append-only log."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from qualcode.model import Coding, Evidence, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

Key: TypeAlias = tuple[int, int, str]
"""A coding's place in its sheet: start, end, code."""


def key_of(coding: Coding) -> Key:
    """Return the place of a coding in its sheet."""
    return coding.span.start, coding.span.end, coding.code


def join_notes(*notes: str) -> str:
    """Return the notes of codings that become one, each once."""
    return "; ".join(dict.fromkeys(note for note in notes if note))


def encode_coding(coding: Coding) -> dict[str, Any]:
    """Return a coding as plain data, without transcript and coder, which its sheet tells."""
    data: dict[str, Any] = {
        "span": [coding.span.start, coding.span.end],
        "code": coding.code,
        "verdict": coding.verdict,
        "origin": coding.origin,
        "quote": coding.quote,
    }
    if coding.evidence:
        data["evidence"] = [[one.rule, [[span.start, span.end] for span in one.spans]] for one in coding.evidence]
    if coding.note:
        data["note"] = coding.note
    if coding.at:
        data["at"] = coding.at
    if coding.is_picked:
        data["picked"] = True
    return data


_VERDICTS = frozenset({"suggested", "accepted", "applied", "rejected"})


def decode_coding(data: Mapping[str, Any], transcript: str, coder: str) -> Coding:
    """Return a coding from plain data.

    Raises
    ------
    ValueError, TypeError, KeyError
        If the data is not that of a coding.
    """
    start, end = data["span"]
    if data["verdict"] not in _VERDICTS:
        raise ValueError(f"“{data['verdict']}” is no verdict")
    evidence = tuple(
        Evidence(str(rule), tuple(Span(int(first), int(last)) for first, last in spans))
        for rule, spans in data.get("evidence", ())
    )
    return Coding(
        transcript,
        Span(int(start), int(end)),
        str(data["code"]),
        coder,
        data["verdict"],
        str(data["quote"]),
        evidence,
        str(data.get("origin", "hand")),
        str(data.get("note", "")),
        str(data.get("at", "")),
        data.get("picked") is True,
    )


@dataclass(frozen=True, slots=True)
class CodingChange:
    """One coding before and after; one of the two may be missing.

    Attributes
    ----------
    was
        The versions that it replaces.
    before, after
        What stood there, and what stands there now.
    """

    was: tuple[str, ...]
    before: Coding | None
    after: Coding | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done to a sheet.

    Attributes
    ----------
    id
        A digest of the rest: the same event has the same id in every copy of the study.
    at
        When, in ISO 8601, in UTC.
    who
        Who did it.
    what
        ``accept``, ``reject``, ``apply``, ``remove``, ``move``, ``recode``, ``cut``, ``extend``, ``note``, ``pick``,
        ``unpick``, ``seen``, ``tag``, ``undo``, ``redo``, ``restore``, ``correct``, ``settle`` …
    why
        The reason given.
    changes
        The codings before and after.
    seen
        Segments that were looked at.
    unseen
        Segments that are not looked at any more, each with the events that had said so.
    header
        What the sheet's first line tells from now on: unit and digests. Empty: as before.
    of
        The event that this one takes back, or does again.
    transcript
        On which transcript; told by the name of the sheet, not by the line.
    """

    id: str
    at: str
    who: str
    what: str
    why: str = ""
    changes: tuple[CodingChange, ...] = ()
    seen: tuple[str, ...] = ()
    unseen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    header: tuple[tuple[str, Any], ...] = ()
    of: str = ""
    transcript: str = field(default="", compare=False)


def encode_event(event: Event) -> bytes:
    """Return an event as one line; its id and its time stand first, to be read without the rest."""
    data: dict[str, Any] = {"id": event.id, **_content(event)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _content(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = {"at": event.at, "who": event.who, "what": event.what}
    if event.why:
        data["why"] = event.why
    if event.of:
        data["of"] = event.of
    if event.header:
        data["header"] = dict(event.header)
    if event.seen:
        data["seen"] = list(event.seen)
    if event.unseen:
        data["unseen"] = [[segment, list(events)] for segment, events in event.unseen]
    if event.changes:
        data["changes"] = [
            {
                "was": list(change.was),
                "before": encode_coding(change.before) if change.before else None,
                "after": encode_coding(change.after) if change.after else None,
            }
            for change in event.changes
        ]
    return data


def name_event(event: Event, previous: str) -> Event:
    """Return an event with its id: a digest of what it says and of the event before it."""
    text = json.dumps([previous, _content(event)], ensure_ascii=False, separators=(",", ":"))
    return replace(event, id=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16])


def decode_event(data: Mapping[str, Any], transcript: str, coder: str) -> Event:
    """Return an event from the content of its line.

    Raises
    ------
    ValueError, TypeError, KeyError
        If the line is not that of an event.
    """
    changes = tuple(
        CodingChange(
            tuple(change["was"]),
            decode_coding(change["before"], transcript, coder) if change["before"] else None,
            decode_coding(change["after"], transcript, coder) if change["after"] else None,
        )
        for change in data.get("changes", ())
    )
    return Event(
        id=str(data["id"]),
        at=str(data["at"]),
        who=str(data["who"]),
        what=str(data["what"]),
        why=str(data.get("why", "")),
        changes=changes,
        seen=tuple(data.get("seen", ())),
        unseen=tuple((segment, tuple(events)) for segment, events in data.get("unseen", ())),
        header=tuple(data.get("header", {}).items()),
        of=str(data.get("of", "")),
        transcript=transcript,
    )
