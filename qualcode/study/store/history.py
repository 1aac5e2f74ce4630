"""The state that the events of a sheet add up to.

Each event writes *versions* of codings and names the versions that it replaces. A coding stands as long as nobody has
replaced it. So the state depends on which events there are and not on their order: two logs of one sheet are united by
uniting their events, and nothing that one side did not know of can be undone by it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qualcode.model import Sheet
from qualcode.study.store.events import CodingChange, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qualcode.model import Coding, Span
    from qualcode.study.store.events import Event, Key

HEADER_KEYS = ("unit", "text", "codebook")
"""What the header of every sheet tells."""

TAKING_BACK = frozenset({"undo", "redo"})
"""The acts that reverse the event that they name."""


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
    latest_at
        The time of the latest event; ``""`` without one.
    is_in_order
        Whether every event came later than all that were added before it.
    """

    events: dict[str, Event] = field(default_factory=dict)
    versions: dict[str, tuple[str, str, Coding]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    latest_at: str = ""
    is_in_order: bool = True
    _live: dict[Key, dict[str, None]] = field(default_factory=dict)
    _places: list[Key] = field(default_factory=list)
    _longest: int = 0
    _seen: dict[str, set[str]] = field(default_factory=dict)
    _unseen: set[tuple[str, str]] = field(default_factory=set)
    _headers: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    _taken_back: dict[str, list[str]] = field(default_factory=dict)

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
        self.is_in_order = self.is_in_order and event.at > self.latest_at
        self.latest_at = max(self.latest_at, event.at)
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
        if event.header:
            insort(self._headers, (event.at, event.id, dict(event.header)), key=lambda one: one[:2])
        if event.of and event.what in TAKING_BACK:
            self._taken_back.setdefault(event.of, []).append(event.id)

    def _replace(self, version: str) -> None:
        self.replaced.add(version)
        if version in self.versions:
            key = key_of(self.versions[version][2])
            live = self._live.get(key, {})
            if version in live:
                del live[version]
                if not live:
                    del self._places[bisect_left(self._places, key)]

    def _write(self, version: str, event: Event, coding: Coding) -> None:
        self.versions[version] = event.at, event.id, coding
        if version not in self.replaced:
            key = key_of(coding)
            live = self._live.setdefault(key, {})
            if not live:
                insort(self._places, key)
                self._longest = max(self._longest, len(coding.span))
            live[version] = None

    # -- the sheet ----------------------------------------------------------------------------------------------------

    @property
    def header(self) -> dict[str, Any]:
        """What the sheet's first line tells: that of the latest event which said so."""
        return self._headers[-1][2] if self._headers else {}

    def header_at(self, moment: str) -> dict[str, Any]:
        """Return what the sheet's first line told at a time."""
        number = bisect_left(self._headers, moment, key=lambda one: one[0])
        while number < len(self._headers) and self._headers[number][0] == moment:
            number += 1
        return self._headers[number - 1][2] if number else {}

    @property
    def extra(self) -> dict[str, Any]:
        """What the sheet's first line tells beside unit and digests."""
        return {key: value for key, value in self.header.items() if key not in HEADER_KEYS}

    def sheet(self, transcript: str, coder: str, *, version: str = "") -> Sheet | None:
        """Return the sheet that the history adds up to, or ``None`` when there is nothing in it."""
        if not self._headers:
            return None
        unit, text, codebook = (self.header[key] for key in HEADER_KEYS)
        return Sheet(transcript, coder, unit, text, codebook, self.seen, self.codings, version)

    @property
    def seen(self) -> frozenset[str]:
        """The segments that were looked at."""
        return frozenset(segment for segment, events in self._seen.items() if events)

    def is_seen(self, segment: str) -> bool:
        """Tell whether a segment was looked at."""
        return bool(self._seen.get(segment))

    def sayers(self, segment: str) -> tuple[str, ...]:
        """Return the events which say that a segment was looked at."""
        return tuple(sorted(self._seen.get(segment, ())))

    # -- codings ------------------------------------------------------------------------------------------------------

    @property
    def n_codings(self) -> int:
        """How many codings stand."""
        return len(self._places)

    @property
    def codings(self) -> tuple[Coding, ...]:
        """The codings that stand, sorted; of several versions in one place, the latest."""
        return tuple(self.latest(self._live[key]) for key in self._places)

    def get(self, key: Key) -> Coding | None:
        """Return the coding that stands in a place; of several versions, the latest."""
        live = self._live.get(key)
        return self.latest(live) if live else None

    def overlapping(self, span: Span) -> Iterator[Coding]:
        """Yield the codings that share a character with a span, sorted; it costs these, not the sheet."""
        first = bisect_left(self._places, (span.start - self._longest + 1, 0, ""))
        for number in range(first, len(self._places)):
            key = self._places[number]
            if key[0] >= span.end:
                return
            if key[1] > span.start:
                yield self.latest(self._live[key])

    def live(self, key: Key) -> tuple[str, ...]:
        """Return the versions that stand in a place."""
        return tuple(sorted(self._live.get(key, {})))

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
        found = list(versions)
        return self.versions[found[0] if len(found) == 1 else max(found, key=self._age)][2]

    def _age(self, version: str) -> tuple[str, ...]:
        """Return what orders versions in time: when somebody decided, whatever moved the coding since."""
        at, _, coding = self.versions[version]
        return coding.at or at, coding.verdict, coding.note, at, version

    def conflicts(self) -> list[tuple[Coding, ...]]:
        """Return the versions, oldest first, of every coding on which two copies of the study disagree."""
        found = []
        for key in self._places:
            live = self._live[key]
            versions = [self.versions[one][2] for one in sorted(live, key=self._age)] if len(live) > 1 else []
            if len({(one.verdict, one.note, one.is_picked) for one in versions}) > 1:
                found.append(tuple(versions))
        return found

    def differ(self, codings: Iterable[Coding]) -> tuple[CodingChange, ...]:
        """Return the changes that lead from the present codings to these."""
        present = {key_of(coding): coding for coding in self.codings}
        wanted = {key_of(coding): coding for coding in codings}
        gone = sorted(present.keys() - wanted.keys())
        return (
            *(CodingChange(self.live(key), present[key], None) for key in gone),
            *(
                CodingChange(self.live(key), present.get(key), coding)
                for key, coding in sorted(wanted.items())
                if present.get(key) != coding
            ),
        )

    # -- taking back --------------------------------------------------------------------------------------------------

    def is_taken_back(self, event_id: str) -> bool:
        """Tell whether an event was undone, and that was not undone in turn."""
        # Who takes back comes later than what is taken back; a log that says otherwise would lead in circles.
        at = self.events[event_id].at if event_id in self.events else ""
        by = [one for one in self._taken_back.get(event_id, ()) if self.events[one].at > at]
        return any(not self.is_taken_back(one) for one in by)
