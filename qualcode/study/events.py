"""What happened to a sheet: events in an append-only log, and the state that they add up to.

Each event writes *versions* of codings and names the versions that it replaces. A coding stands as long as nobody has
replaced it. So the state depends on which events there are and not on their order: two logs of one sheet are united by
uniting their events, and nothing that one side did not know of can be undone by it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from qualcode.model import Coding, Evidence, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Key: TypeAlias = tuple[int, int, str]
"""A coding's place in its sheet: start, end, code."""


def key_of(coding: Coding) -> Key:
    """Return the place of a coding in its sheet."""
    return coding.span.start, coding.span.end, coding.code


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
    )


@dataclass(frozen=True, slots=True)
class Change:
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
        ``accept``, ``reject``, ``apply``, ``remove``, ``seen``, ``tag``, ``undo``, ``restore``, ``import``, ``move`` …
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
        The event that this one undoes.
    sheet
        First digits of the SHA-256 of the sheet as it is after the event.
    """

    id: str
    at: str
    who: str
    what: str
    why: str = ""
    changes: tuple[Change, ...] = ()
    seen: tuple[str, ...] = ()
    unseen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    header: tuple[tuple[str, Any], ...] = ()
    of: str = ""
    sheet: str = ""


def encode_event(event: Event) -> bytes:
    """Return an event as one line; its id and the sheet's digest stand first, to be read without the rest."""
    data: dict[str, Any] = {"id": event.id, "sheet": event.sheet, **_content(event)}
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


def decode_event(line: bytes, transcript: str, coder: str) -> Event:
    """Return an event from its line.

    Raises
    ------
    ValueError, TypeError, KeyError
        If the line is not that of an event.
    """
    data = json.loads(line)
    changes = tuple(
        Change(
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
        sheet=str(data.get("sheet", "")),
    )


@dataclass(slots=True)
class History:
    """The events of one sheet and what they add up to.

    Attributes
    ----------
    events
        By id, in the order in which they were added.
    versions
        Every version of a coding that was ever written, with the time and id of its event.
    replaced
        The versions that stand no more.
    """

    events: dict[str, Event] = field(default_factory=dict)
    versions: dict[str, tuple[str, str, Coding]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    _live: dict[Key, dict[str, None]] = field(default_factory=dict)
    _seen: dict[str, set[str]] = field(default_factory=dict)
    _unseen: set[tuple[str, str]] = field(default_factory=set)
    _header: tuple[str, str, dict[str, Any]] = ("", "", {})

    @classmethod
    def of(cls, events: Iterable[Event]) -> History:
        """Return the history that some events make."""
        history = cls()
        for event in events:
            history.add(event)
        return history

    def add(self, event: Event) -> None:
        """Take in an event; one that is known already changes nothing."""
        if event.id in self.events:
            return
        self.events[event.id] = event
        for number, change in enumerate(event.changes):
            for version in change.was:
                self._replace(version)
            if change.after is not None:
                self._write(f"{event.id}.{number}", event, change.after)
        for segment in event.seen:
            if (segment, event.id) not in self._unseen:
                self._seen.setdefault(segment, set()).add(event.id)
        for segment, events in event.unseen:
            self._unseen |= {(segment, one) for one in events}
            self._seen.get(segment, set()).difference_update(events)
        if event.header and (event.at, event.id) > self._header[:2]:
            self._header = event.at, event.id, dict(event.header)

    def _replace(self, version: str) -> None:
        self.replaced.add(version)
        if version in self.versions:
            self._live.get(key_of(self.versions[version][2]), {}).pop(version, None)

    def _write(self, version: str, event: Event, coding: Coding) -> None:
        self.versions[version] = event.at, event.id, coding
        if version not in self.replaced:
            self._live.setdefault(key_of(coding), {})[version] = None

    @property
    def header(self) -> dict[str, Any]:
        """What the sheet's first line tells: that of the latest event which said so."""
        return self._header[2]

    @property
    def seen(self) -> frozenset[str]:
        """The segments that were looked at."""
        return frozenset(segment for segment, events in self._seen.items() if events)

    @property
    def codings(self) -> tuple[Coding, ...]:
        """The codings that stand, sorted; of several versions in one place, the latest."""
        return tuple(sorted((self.latest(live) for live in self._live.values() if live), key=key_of))

    @property
    def live_versions(self) -> frozenset[str]:
        """The versions that stand."""
        return frozenset(version for live in self._live.values() for version in live)

    def group_live(self, versions: Iterable[str]) -> list[tuple[str, ...]]:
        """Return versions that stand in one place together, in the order of the places."""
        groups: dict[Key, list[str]] = {}
        for version in versions:
            groups.setdefault(key_of(self.versions[version][2]), []).append(version)
        return [tuple(sorted(groups[key])) for key in sorted(groups)]

    def latest(self, versions: Iterable[str]) -> Coding:
        """Return the coding of the latest of some versions."""
        return self.versions[max(versions, key=self._age)][2]

    def _age(self, version: str) -> tuple[str, ...]:
        """Return what orders versions in time: when somebody decided, whatever moved the coding since."""
        at, _, coding = self.versions[version]
        return coding.at or at, coding.verdict, coding.note, at, version

    def conflicts(self) -> list[tuple[Coding, ...]]:
        """Return the versions, oldest first, of every coding on which two copies of the study disagree."""
        found = []
        for key in sorted(key for key, live in self._live.items() if len(live) > 1):
            versions = [self.versions[one][2] for one in sorted(self._live[key], key=self._age)]
            if len({(one.verdict, one.note) for one in versions}) > 1:
                found.append(tuple(versions))
        return found

    def live(self, key: Key) -> tuple[str, ...]:
        """Return the versions that stand in a place."""
        return tuple(sorted(self._live.get(key, {})))

    def sayers(self, segment: str) -> tuple[str, ...]:
        """Return the events which say that a segment was looked at."""
        return tuple(sorted(self._seen.get(segment, ())))

    def differ(self, codings: Iterable[Coding]) -> tuple[Change, ...]:
        """Return the changes that lead from the present codings to these."""
        present = {key_of(coding): coding for coding in self.codings}
        wanted = {key_of(coding): coding for coding in codings}
        changes = [Change(self.live(key), present[key], None) for key in sorted(present.keys() - wanted.keys())] + [
            Change(self.live(key), present.get(key), coding)
            for key, coding in sorted(wanted.items())
            if present.get(key) != coding
        ]
        return tuple(changes)
