"""The only way to write in a study's folder: a change, staged in memory, that happens as a whole or not at all."""

from __future__ import annotations

import json
import weakref
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from qualcode.errors import StudyError
from qualcode.model import RULES_CODER, Coding
from qualcode.study.store.events import CodingChange, Event, encode_event, key_of, name_event
from qualcode.study.store.folder import StudyFolder, decode_notes, tell_time
from qualcode.study.store.history import History
from qualcode.study.store.journal import Plan, recover
from qualcode.study.store.layout import fold_name, is_portable, tell_name
from qualcode.study.store.locks import PATIENCE, StudyLock
from qualcode.study.store.logs import encode_mark, mark_of
from qualcode.study.store.settings import FORMAT, check_coder_name, encode_coder, encode_settings
from qualcode.study.store.shelf import later_than
from qualcode.study.store.transcripts import encode_transcript

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from qualcode.model import Span, Transcript
    from qualcode.study.store.events import Key
    from qualcode.study.store.settings import Settings
    from qualcode.study.store.shelf import Loaded


class StudyStore(StudyFolder):
    """A study's folder, read and written; any number of threads, objects and processes may do so at once.

    Parameters
    ----------
    root, clock, who
        As in :class:`~qualcode.study.store.folder.StudyFolder`.
    """

    def __init__(
        self, root: str | os.PathLike[str], *, clock: Callable[[], str] = tell_time, who: str | None = None
    ) -> None:
        super().__init__(root, clock=clock, who=who)
        weakref.finalize(self, self.shelf.flush, patience=0)  # at the latest; whoever holds the lock is not waited for
        self.recover()

    @contextmanager
    def change(self, coder: str | None = None, *, why: str = "", patience: float = PATIENCE) -> Iterator[StudyChange]:
        """Change the study: what is staged happens when the block is left without an error, all of it or nothing.

        Parameters
        ----------
        coder
            Whose act it is, for the log; a new coder is entered. ``None``: nobody's, such as a correction.
        why
            The reason, for the log.
        patience
            Seconds to wait for others who are changing the study.

        Raises
        ------
        LockedError
            If others are at work for longer than that.
        StudyError
            If the name cannot be a coder's, or the disk is full; then nothing was changed.
        """
        lock = StudyLock(self.layout, patience=patience)
        with lock:
            self.recovered += recover(self.layout)
            if lock.taken_over:
                _clear_drafts(self)
            change = StudyChange(self, why=why)
            if coder is not None:
                change.coder = change.enter_coder(coder)
            yield change
            change.commit()


def _clear_drafts(folder: StudyFolder) -> None:
    """Delete the drafts that a process left behind which died while it wrote."""
    layout = folder.layout
    folders = [layout.root, layout.private, *(layout.sheets / coder for coder in folder.coders())]
    for place in folders:
        if not layout.is_led_away(place):
            for draft in place.glob(".*.tmp"):
                draft.unlink(missing_ok=True)


class StudyChange:
    """What is to happen to a study, staged in memory; see :meth:`StudyStore.change`.

    Attributes
    ----------
    coder
        Whose act it is; ``""``: nobody's.
    why
        The reason.
    events
        After the change: what came into the logs, by coder and transcript.
    """

    def __init__(self, study: StudyStore, *, why: str) -> None:
        self.study = study
        self.coder = ""
        self.why = why
        self.now = study.clock()
        self.events: dict[tuple[str, str], tuple[Event, ...]] = {}
        self._plan = Plan(study.layout)
        self._drafts: dict[tuple[str, str], SheetDraft] = {}
        self._notes: list[dict[str, Any]] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing is staged yet."""
        return not (self._plan.contents or self._notes or any(draft.is_act for draft in self._drafts.values()))

    # -- sheets -------------------------------------------------------------------------------------------------------

    def sheet(self, transcript_id: str, coder: str = "", *, events: Sequence[Event] = ()) -> SheetDraft:
        """Return a sheet as it stands, to be changed; all that is done to it makes one event.

        Parameters
        ----------
        transcript_id, coder
            Whose sheet on what; by default that of who acts. One that does not exist is begun.
        events
            Events of another copy of the study that come in first.
        """
        key = coder or self.coder, transcript_id
        if key not in self._drafts:
            self._drafts[key] = SheetDraft(self.study, *key, events=events)
            self._drafts[key].why = self.why
        return self._drafts[key]

    # -- files --------------------------------------------------------------------------------------------------------

    def read(self, path: Path) -> bytes | None:
        """Return what a file of the study holds, or will hold; ``None`` without one."""
        return self._plan.read(path)

    def put(self, path: Path, data: bytes | None) -> None:
        """Replace a file of the study, make it, or delete it (``None``)."""
        self._plan.put(path, data)

    def is_staged(self, path: Path) -> bool:
        """Tell whether a file will be another one."""
        return path in self._plan.contents

    def put_transcript(self, transcript: Transcript, raw: bytes | None = None) -> None:
        """Put a transcript in, in the place of one of its id, with its original file; an older original stays."""
        layout = self.study.layout
        text, data = encode_transcript(transcript)
        self.put(layout.text_of(transcript.id), text)
        self.put(layout.data_of(transcript.id), data)
        if raw is not None:
            self.put(layout.raw_of(transcript.source.name or f"{transcript.id}.txt", raw), raw)

    def put_settings(self, settings: Settings) -> None:
        """Replace ``study.yaml``."""
        self.put(self.study.layout.settings, encode_settings(settings))

    def enter_coder(self, name: str, *, is_new: bool = False) -> str:
        """Enter a coder into the study, if new, and return the name as it is stored.

        Parameters
        ----------
        name
            Who.
        is_new
            Whether the name is meant to be a new one, also in a study that names its coders.
        """
        if name == RULES_CODER and not is_new:
            return name
        known = self.study.coders()
        name = check_coder_name(name, known) if is_new else self.study.check_coder(name)
        if name not in known:
            self.put(self.study.layout.coder_of(name), encode_coder(name))
        return name

    def note(self, what: str, data: dict[str, Any], *, why: str = "") -> None:
        """Add a line to the study's own history."""
        why = why or self.why
        self._notes.append(
            {"at": self.now, "who": self.study.who, "what": what, **({"why": why} if why else {}), **data}
        )

    @property
    def notes(self) -> list[dict[str, Any]]:
        """The study's own history with what is staged."""
        return [*decode_notes(self.read(self.study.layout.history) or b""), *self._notes]

    # -- doing it -----------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Do it."""
        lines: dict[tuple[str, str], bytes] = {}
        for key, draft in self._drafts.items():
            events, lines[key] = draft.finish(self.now)
            if events:
                self.events[key] = events
                self._plan.appends[draft.path] = draft.loaded.log.size, lines[key]
        if self._notes:
            self._stage_notes()
        if (self._plan.contents or self._plan.appends) and self.study.settings.format < FORMAT:
            self._stage_format()
        try:
            self._plan.commit()
        except BaseException:
            self.study.shelf.forget(*self._drafts)
            raise
        if any(self.study.layout.sheets in path.parents for path in self._plan.contents):
            self.study.shelf.forget()
        for key, events in self.events.items():
            self.study.shelf.confirm(*key, events, lines[key])

    def _stage_notes(self) -> None:
        path = self.study.layout.history
        present = self.read(path) or b""
        lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in self._notes]
        news = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
        if self.is_staged(path):
            self.put(path, present + news)
        else:
            self._plan.appends[path] = present.rfind(b"\n") + 1, news

    def _stage_format(self) -> None:
        """Say that an older program would not understand what is written here."""
        if not self.is_staged(self.study.layout.settings):
            self.put_settings(replace(self.study.settings, format=FORMAT))


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
    what
        The name of the act, as in :class:`~qualcode.study.store.events.Event`.
    why, who, of
        As there; who acts is the coder by default.
    header
        ``"renewed"``: the sheet's first line names the present codebook, and text when it is begun. ``"kept"``.
    """

    def __init__(self, study: StudyStore, coder: str, transcript_id: str, *, events: Sequence[Event] = ()) -> None:
        self.study, self.coder, self.transcript_id = study, coder, transcript_id
        self.loaded: Loaded = study.shelf.load(coder, transcript_id)
        self.path = study.layout.log_of(coder, transcript_id)
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
        wanted = {**(present or self._first_header()), **self._act.header}
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
                tuple(header.items()), self.of,
            )  # fmt: skip
            events.append(name_event(event, last))
        lines = b"".join(map(encode_event, events))
        if events[-1].at < latest:  # the last line of a log tells its latest time
            lines += encode_mark("", last, latest)
        return tuple(events), lines

    def _keep_broken(self) -> None:
        """Keep a sheet with lines that cannot be read, which is about to be written anew."""
        if self.loaded.outside and any(one.rule == "broken-line" for one in self.loaded.problems):
            from qualcode.atomic import make_folder, replace_file
            from qualcode.study.store.journal import writing

            layout = self.study.layout
            data = layout.read(layout.sheet_of(self.coder, self.transcript_id)) or b""
            path = layout.kept / f"{self.coder}-{self.transcript_id}-{mark_of(data)}.jsonl"
            with writing(path):
                make_folder(path.parent)
                replace_file(path, data)


def check_transcript_id(transcript_id: str, known: Iterable[str]) -> None:
    """Refuse an id that cannot be the name of a file everywhere, or that some system takes for another's.

    Raises
    ------
    StudyError
        If it is so.
    """
    if not is_portable(transcript_id) or transcript_id.endswith(".log"):
        raise StudyError(
            f"“{ascii(transcript_id)[1:-1]}” cannot be the name of a transcript on every computer.",
            hint="Rename the file; take letters, digits, blanks and hyphens.",
        )
    twin = next((one for one in known if one != transcript_id and fold_name(one) == fold_name(transcript_id)), "")
    if twin:
        raise StudyError(
            f"The study has a transcript “{twin}” already, which some computers take for “{transcript_id}”.",
            hint="Rename the file.",
        )


__all__ = ["SheetDraft", "StudyChange", "StudyStore", "check_transcript_id", "tell_name"]
