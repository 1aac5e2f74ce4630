"""One sheet as it stands and as it will be: what an act changes, and the event that records it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qualcode.atomic import make_folder, replace_file
from qualcode.study.store.events import CodingChange, Event, encode_event, key_of, name_event
from qualcode.study.store.history import History
from qualcode.study.store.journal import writing
from qualcode.study.store.logs import encode_mark, mark_of
from qualcode.study.store.shelf import later_than

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.model import Coding, Span
    from qualcode.study.store.events import Key
    from qualcode.study.store.folder import StudyFolder
    from qualcode.study.store.shelf import Loaded


_HEADER = {"unit", "text", "codebook"}
"""What the first line of a sheet tells."""


@dataclass(slots=True)
class _Staged:
    """What is to become of one place: which versions give way, and what stood and stands there."""

    was: tuple[str, ...]
    before: Coding | None
    after: Coding | None


@dataclass(slots=True)
class _Act:
    """What the event of a sheet says beside its codings."""

    seen: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)
    header: dict[str, Any] = field(default_factory=dict)
    changes: list[CodingChange] = field(default_factory=list)


class SheetDraft:
    """One sheet as it stands and as it will be; see :meth:`StudyChange.sheet`.

    Attributes
    ----------
    coder, transcript_id
        Whose sheet on what.
    history
        What was done to it up to now.
    path, size
        The log, and how many bytes of it are good.
    what
        The name of the act, as in :class:`~qualcode.study.store.events.Event`.
    why, who, of
        As there; who acts is the coder by default.
    header
        ``"renewed"``: the sheet's first line names the present codebook, and text when it is begun. ``"kept"``.
    """

    def __init__(self, study: StudyFolder, coder: str, transcript_id: str, *, events: Sequence[Event] = ()) -> None:
        self.study, self.coder, self.transcript_id = study, coder, transcript_id
        self.loaded: Loaded = study.shelf.load(coder, transcript_id)
        self.path = study.layout.log_of(coder, transcript_id)
        self.size = self.loaded.log.size
        self.history = self.loaded.history
        self.what, self.why, self.who, self.of = "", "", coder, ""
        self.header: str = "renewed"
        self.foreign = [event for event in events if event.id not in self.history.events]
        if self.foreign:
            self.history = History.of([*self.history.events.values(), *self.foreign])
        self._staged: dict[Key, _Staged] = {}
        self._given_way: list[_Staged] = []
        self._act = _Act()

    # -- as it stands with what is staged -----------------------------------------------------------------------------

    def get(self, key: Key) -> Coding | None:
        """Return the coding in a place."""
        return self._staged[key].after if key in self._staged else self.history.get(key)

    def overlapping(self, span: Span) -> list[Coding]:
        """Return the codings that share a character with a span, sorted."""
        standing = (one for one in self.history.overlapping(span) if key_of(one) not in self._staged)
        staged = (one.after for one in self._staged.values() if one.after and one.after.span.overlaps(span))
        return sorted((*standing, *staged), key=key_of)

    def codings(self) -> tuple[Coding, ...]:
        """Return all codings, sorted."""
        if not self._staged:
            return self.history.codings
        standing = (one for one in self.history.codings if key_of(one) not in self._staged)
        staged = (one.after for one in self._staged.values() if one.after)
        return tuple(sorted((*standing, *staged), key=key_of))

    # -- what is to happen --------------------------------------------------------------------------------------------

    def put(self, coding: Coding, *, instead_of: Coding | None = None) -> None:
        """Let a coding stand, in its own place or in that of another one, whose history it goes on."""
        key = key_of(coding)
        before, was = self._present(key)
        if instead_of is not None and key_of(instead_of) != key:
            if before is not None:  # two become one: what stood here is told as well, so that it can come back
                self._given_way.append(_Staged(was, before, None))
            old = key_of(instead_of)
            before, was = self._present(old)
            self._staged[old] = _Staged((), None, None)
        self._staged[key] = _Staged(was, before, coding)

    def remove(self, coding: Coding) -> None:
        """Let a coding stand no more."""
        key = key_of(coding)
        before, was = self._present(key)
        self._staged[key] = _Staged(was, before, None)

    def _present(self, key: Key) -> tuple[Coding | None, tuple[str, ...]]:
        """Return what stood in a place before this change, and the versions that give way."""
        if key in self._staged:
            return self._staged[key].before, self._staged[key].was
        return self.history.get(key), self.history.live(key)

    def differ(self, codings: Iterable[Coding]) -> None:
        """Let these codings stand and no others."""
        self._act.changes += self.history.differ(codings)

    def change(self, changes: Iterable[CodingChange]) -> None:
        """Let codings change as told, with the versions that give way."""
        self._act.changes += changes

    def see(self, segments: Iterable[str]) -> None:
        """Record that segments were looked at."""
        self._act.seen.update(segments)

    def unsee(self, segments: Iterable[str]) -> None:
        """Record that segments are not looked at any more."""
        self._act.unseen.update(segments)

    def tell(self, **header: Any) -> None:
        """Let the sheet's first line say something."""
        self._act.header |= header

    # -- the event ----------------------------------------------------------------------------------------------------

    @property
    def is_act(self) -> bool:
        """Whether anything happens."""
        return bool(self.foreign or self.of or self._changes() or self._news() or self._gone() or self._new_header())

    def _changes(self) -> tuple[CodingChange, ...]:
        staged = sorted(self._staged.items(), key=lambda pair: (pair[1].after is not None, pair[0]))
        return (
            *self._act.changes,
            *(
                CodingChange(one.was, one.before, one.after)
                for one in (*self._given_way, *(one for _, one in staged))
                if one.before != one.after
            ),
        )

    def _news(self) -> tuple[str, ...]:
        return tuple(sorted(one for one in self._act.seen if not self.history.is_seen(one)))

    def _gone(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        gone = sorted(one for one in self._act.unseen - self._act.seen if self.history.is_seen(one))
        return tuple((one, self.history.sayers(one)) for one in gone)

    def _new_header(self) -> dict[str, Any]:
        """Return a new first line, or nothing when it stays as it is."""
        present = self.history.header
        if self.header == "kept" and not self._act.header:
            return {}
        is_told = self._act.header.keys() >= _HEADER  # of a transcript that comes in with this change
        wanted = {**(present or ({} if is_told else self._first_header())), **self._act.header}
        if not self._act.header and self.study.has_codebook:
            wanted["codebook"] = self.study.codebook.digest
        return wanted if wanted != present else {}

    def _first_header(self) -> dict[str, Any]:
        text = self.study.transcript(self.transcript_id).digest
        return {"unit": self.study.settings.unit, "text": text, "codebook": ""}

    def finish(self, now: str) -> tuple[tuple[Event, ...], bytes]:
        """Return what comes into the log, as events and as lines."""
        changes, news, gone, header = self._changes(), self._news(), self._gone(), self._new_header()
        is_act = bool(changes or news or gone or header or self.of)
        if not (is_act or self.foreign):
            return (), b""
        self._keep_broken()
        events = [*([self.loaded.outside] if self.loaded.outside else []), *self.foreign]
        last, latest = (events[-1].id if events else self.loaded.log.last), self.history.latest_at
        if is_act:
            event = Event(
                "", later_than(latest, now), self.who or self.study.who, self.what, self.why, changes, news, gone,
                tuple(header.items()), self.of, self.transcript_id,
            )  # fmt: skip
            events.append(name_event(event, last))
        lines = b"".join(map(encode_event, events))
        if events[-1].at < latest:  # the last line of a log tells its latest time
            lines += encode_mark("", last, latest)
        return tuple(events), lines

    def _keep_broken(self) -> None:
        """Keep a sheet with lines that cannot be read, which is about to be written anew."""
        if self.loaded.outside and any(one.rule == "broken-line" for one in self.loaded.problems):
            layout = self.study.layout
            data = layout.read(layout.sheet_of(self.coder, self.transcript_id)) or b""
            path = layout.kept / f"{self.coder}-{self.transcript_id}-{mark_of(data)}.jsonl"
            with writing(path):
                make_folder(path.parent)
                replace_file(path, data)
