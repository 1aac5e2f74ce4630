"""The only way to write in a study's folder: a change, staged in memory, that happens as a whole or not at all."""

from __future__ import annotations

import json
import weakref
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qualcode.model import RULES_CODER
from qualcode.study.store.draft import SheetDraft
from qualcode.study.store.folder import StudyFolder, decode_notes, tell_time
from qualcode.study.store.journal import Plan, recover
from qualcode.study.store.locks import PATIENCE, StudyLock
from qualcode.study.store.settings import FOR_GIT, FORMAT, check_coder_name, encode_coder, encode_settings
from qualcode.study.store.transcripts import encode_transcript

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from qualcode.model import Transcript
    from qualcode.study.store.events import Event
    from qualcode.study.store.settings import Settings


class StudyStore(StudyFolder):
    """A study's folder, read and written; any number of threads, objects and processes may do so at once.

    Parameters
    ----------
    root, clock, who
        As in :class:`~qualcode.study.store.folder.StudyFolder`.

    Attributes
    ----------
    patience
        Seconds for which an act waits for others who are changing the study.
    """

    patience: float = PATIENCE

    def __init__(
        self, root: str | os.PathLike[str], *, clock: Callable[[], str] = tell_time, who: str | None = None
    ) -> None:
        super().__init__(root, clock=clock, who=who)
        weakref.finalize(self, self.shelf.flush, patience=0)  # at the latest; whoever holds the lock is not waited for
        self.recover()

    @contextmanager
    def change(
        self, coder: str | None = None, *, why: str = "", patience: float | None = None
    ) -> Iterator[StudyChange]:
        """Change the study: what is staged happens when the block is left without an error, all of it or nothing.

        Parameters
        ----------
        coder
            Whose act it is, for the log; a new coder is entered. ``None``: nobody's, such as a correction.
        why
            The reason, recorded in the log.
        patience
            Seconds to wait for others who are changing the study; by default the study's.

        Yields
        ------
        StudyChange
            What takes the change.

        Raises
        ------
        LockedError
            If others are at work for longer than that.
        StudyError
            If the name cannot be a coder's, or the disk is full; then nothing was changed.

        Examples
        --------
        >>> with study.change("ana", why="Looked through") as change:
        ...     change.sheet("P1").see(["t002"])
        >>> study.sheet("ana", "P1").seen
        frozenset({'t002'})
        """
        lock = StudyLock(self.layout, patience=self.patience if patience is None else patience)
        with lock:
            self.recovered += recover(self.layout)
            if lock.taken_over:
                _clear_drafts(self)
            change = StudyChange(self, why=why)
            if coder is not None:
                change.coder = change.enter_coder(coder)
            yield change
            if not change.is_abandoned:
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
        self.is_abandoned = False
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
            self.put(layout.raw_of(transcript.source.name or f"{transcript.id}.txt", raw, self.read), raw)

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

    def abandon(self) -> None:
        """Let nothing of it happen: it was staged to see what would."""
        self.is_abandoned = True

    # -- doing it -----------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Do it."""
        lines: dict[tuple[str, str], bytes] = {}
        for key, draft in self._drafts.items():
            events, lines[key] = draft.finish(self.now)
            if events:
                self.events[key] = events
                self._plan.appends[draft.path] = draft.size, lines[key]
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
            size = self._drafts[key].size
            self.study.shelf.confirm(*key, events, lines=lines[key], size=size)

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
        """Say that an older program would not understand what is written here, and give git the present rules."""
        for name, data in FOR_GIT.items():
            path = self.study.root / name
            if (self.read(path) or b"").startswith(b"# Lines that two copies added"):
                self.put(path, data)
        if not self.is_staged(self.study.layout.settings):
            self.put_settings(replace(self.study.settings, format=FORMAT))
