"""The only writer in a study's folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import StaleSheetError, StudyError
from qualcode.model import RULES_CODER
from qualcode.study.events import Event, History, encode_event, name_event
from qualcode.study.files import PRIVATE, Transaction, append_line, digest_of, replace_file
from qualcode.study.folder import Loaded, StudyFolder, extra_of, sheet_of, state_of, tell_name
from qualcode.study.settings import SETTINGS, Settings, check_coder, decode_settings, encode_settings
from qualcode.study.sheets import LogFile, encode_sheet, mark_of
from qualcode.study.transcripts import encode_transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from qualcode.errors import Problem
    from qualcode.model import Coding, Sheet, Span, Transcript, Unit
    from qualcode.study.checking import Status
    from qualcode.study.contents import Contents
    from qualcode.study.deciding import Act, Step
    from qualcode.study.events import Change
    from qualcode.study.suggesting import TagReport
    from qualcode.study.updating import UpdateReport
    from qualcode.tables import CodingTable


def _later_than(time: str, now: str) -> str:
    """Return ``now``, or the next microsecond after ``time`` when the clock stands or went back."""
    if now > time:
        return now
    return (dt.datetime.fromisoformat(time) + dt.timedelta(microseconds=1)).isoformat(timespec="microseconds")


class Study(StudyFolder):
    """A study in its folder: reading as :class:`~qualcode.study.folder.StudyFolder` does, and all writing.

    Everything that a person did is in the log of a sheet, flushed to disk, before the method that did it returns.
    """

    def __repr__(self) -> str:
        return f"<Study {self.settings.name or self.root.name}: {len(self.transcript_ids())} transcripts>"

    # -- in a researcher's words ----------------------------------------------------------------------------------

    def decide(
        self, coder: str, segment: str, code: str, act: Act, *, span: Span | None = None, note: str = ""
    ) -> Event | None:
        """Record one decision; see :class:`~qualcode.study.deciding.Decision`.

        Returns
        -------
        Event or None
            What was recorded, on disk by now; ``None`` when it stood there already.
        """
        from qualcode.study.deciding import Decision, decide

        events = decide(self, coder, [Decision(segment, code, act, span, note)])
        return events[0] if events else None

    def tag(self, *, model: str | None = None) -> TagReport:
        """Renew the suggestions of the rules; see :func:`~qualcode.study.suggesting.tag_study`."""
        from qualcode.study.suggesting import tag_study

        return tag_study(self, model=model)

    def undo(self, coder: str, transcript_id: str | None = None) -> Event:
        """Take back a coder's latest act and return it."""
        from qualcode.study.undoing import undo

        return undo(self, coder, transcript_id)[1]

    def contents(self, *, coders: Collection[str] | None = None) -> Contents:
        """Return what counting needs; see :func:`~qualcode.study.contents.read_contents`."""
        from qualcode.study.contents import read_contents

        return read_contents(self, coders=coders)

    def tabulate(self, *, coders: Collection[str] | None = None, unit: Unit | None = None) -> CodingTable:
        """Lay the codings on counting units; see :func:`qualcode.tables.tabulate`."""
        from qualcode.study.contents import tabulate_study

        return tabulate_study(self, coders=coders, unit=unit)

    def check(self) -> list[Problem]:
        """Return everything that is wrong with the study's files."""
        from qualcode.study.checking import check_study

        return check_study(self)

    def status(self) -> Status:
        """Return what there is in the study and how far everybody is."""
        from qualcode.study.checking import read_status

        return read_status(self)

    def update_transcript(self, transcript: Transcript, raw: bytes | None = None, *, why: str = "") -> UpdateReport:
        """Put a corrected transcript in the place of the old one; see :mod:`qualcode.study.updating`."""
        from qualcode.study.updating import update_transcript

        return update_transcript(self, transcript, raw, why=why)

    # -- writing ------------------------------------------------------------------------------------------------------

    def record(
        self,
        coder: str,
        transcript_id: str,
        what: str,
        *,
        codings: Callable[[tuple[Coding, ...]], Iterable[Coding]] | None = None,
        changes: Callable[[History], Sequence[Change]] | None = None,
        seen: Iterable[str] = (),
        unseen: Iterable[str] = (),
        header: dict[str, Any] | None = None,
        why: str = "",
        of: str = "",
        who: str | None = None,
    ) -> Event | None:
        """Do something to a sheet: first into its log, then into its file, both flushed to disk.

        Parameters
        ----------
        coder, transcript_id
            Whose sheet; one that does not exist is begun.
        what, why, who, of
            As in :class:`~qualcode.study.events.Event`; ``who`` is the coder by default.
        codings
            Makes the new codings of the present ones.
        changes
            Makes the changes of the history, instead.
        seen, unseen
            Segments that were looked at, and that are not any more.
        header
            Of the sheet's first line, what differs.

        Returns
        -------
        Event or None
            What was recorded; ``None`` when it would have changed nothing.
        """
        with self.lock(coder):
            loaded = self._take_over(coder, transcript_id)
            log = loaded.log
            new_header = self._new_header(log.history, transcript_id, header or {})
            wanted = changes(log.history) if changes else ()
            if codings is not None:
                wanted = log.history.differ(codings(log.history.codings))
            news = tuple(sorted(set(seen) - log.history.seen))
            gone = tuple((one, log.history.sayers(one)) for one in sorted(set(unseen) & log.history.seen))
            if not (wanted or news or gone or new_header):
                return None
            event = Event("", "", who or coder, what, why, tuple(wanted), news, gone, tuple(new_header.items()), of)
            return self._append(coder, transcript_id, loaded, event)

    def _new_header(self, history: History, transcript_id: str, header: dict[str, Any]) -> dict[str, Any]:
        """Return a new first line, or nothing when it stays as it is."""
        present = history.header
        start = present or {"unit": self.settings.unit, "text": self.transcript(transcript_id).digest, "codebook": ""}
        wanted = {**start, **header}
        if not header and self.has_codebook:
            wanted["codebook"] = self.codebook.digest
        return wanted if wanted != present else {}

    def _take_over(self, coder: str, transcript_id: str) -> Loaded:
        """Return a sheet that is about to change; what was done to its file outside becomes an event of its own."""
        loaded = self.load(coder, transcript_id)
        outside = loaded.outside
        if outside is None:
            return loaded
        if any(problem.rule == "broken-line" for problem in loaded.problems):
            path = self.sheet_path(coder, transcript_id)
            kept = self.root / PRIVATE / "kept" / f"{coder}-{transcript_id}-{loaded.mark}.jsonl"
            replace_file(kept, path.read_bytes())
        history = loaded.log.history
        header = {"unit": outside.unit, "text": outside.text_digest, "codebook": outside.codebook_digest}
        event = Event(
            "", "", "somebody", "edit", "The file was changed outside qualcode.",
            history.differ(outside.codings),
            tuple(sorted(outside.seen - history.seen)),
            tuple((one, history.sayers(one)) for one in sorted(history.seen - outside.seen)),
            tuple({**history.header, **header}.items()),
        )  # fmt: skip
        self._append(coder, transcript_id, loaded, event)
        return self.load(coder, transcript_id)

    def _append(self, coder: str, transcript_id: str, loaded: Loaded, event: Event) -> Event:
        sheet_path, log_path = self.sheet_path(coder, transcript_id), self.log_path(coder, transcript_id)
        log = loaded.log
        event, line, data = self._extend(coder, transcript_id, log, event)
        append_line(log_path, line, size=log.size)
        log.size += len(line)
        with contextlib.suppress(StudyError):  # it is done and safe; the next to write brings the sheet up to its log
            replace_file(sheet_path, data)
        problems = [one for one in log.problems if one.level != "note"]
        self._loaded[coder, transcript_id] = (
            state_of(sheet_path, log_path),
            Loaded(log, event.sheet, None, problems),
        )
        self._given_out[coder, transcript_id] = event.sheet
        return event

    def _extend(self, coder: str, transcript_id: str, log: LogFile, event: Event) -> tuple[Event, bytes, bytes]:
        """Add an event to a log in memory; return it with its line, and the sheet's file after it."""
        self._loaded.pop((coder, transcript_id), None)  # the history changes here, and may not get to the disk
        latest = max((one.at for one in log.history.events.values()), default="")
        event = name_event(replace(event, at=_later_than(latest, self.clock())), log.last)
        log.history.add(event)
        data = self._encode(log.history, coder, transcript_id)
        event = replace(event, sheet=mark_of(digest_of(data)))
        log.last = event.id
        log.marks = (*log.marks, event.sheet)
        return event, encode_event(event), data

    def record_together(self, coder: str, steps: Mapping[str, Step], *, why: str = "") -> list[Event]:
        """Do something to several of a coder's sheets, to all or to none; see :meth:`record`.

        Parameters
        ----------
        coder, why
            As in :meth:`record`.
        steps
            What to do, by transcript.

        Returns
        -------
        list of Event
            What was recorded.
        """
        if len(steps) == 1:
            ((name, step),) = steps.items()
            event = self.record(coder, name, step.what, codings=step.codings, seen=step.seen, why=why)
            return [event] if event else []
        events: list[Event] = []
        with self.lock("study"), self.lock(coder):
            change = Transaction(self.root)
            for name, step in steps.items():
                events += self.stage(
                    change, coder, name, step.what,
                    changes=lambda history, step=step: history.differ(step.codings(history.codings)),  # type: ignore[misc]
                    seen=step.seen, header={}, why=why, who=coder,
                )  # fmt: skip
            change.commit()
        return events

    def stage(
        self,
        change: Transaction,
        coder: str,
        transcript_id: str,
        what: str,
        *,
        changes: Callable[[History], Sequence[Change]],
        seen: Iterable[str] = (),
        unseen: Iterable[str] = (),
        header: dict[str, Any] | None = None,
        why: str = "",
        who: str | None = None,
        of: str = "",
        events: Sequence[Event] = (),
    ) -> tuple[Event, ...]:
        """Plan what :meth:`record` does at once, as part of a change of several files; the caller holds the locks.

        Parameters
        ----------
        change
            Receives the new files.
        header
            Of the sheet's first line, what differs; ``None``: it stays as it is.
        events
            Events of another copy of the study, to be taken in first.

        Returns
        -------
        tuple
            What comes into the log.
        """
        loaded = self._take_over(coder, transcript_id)
        log, history = loaded.log, loaded.log.history
        self._loaded.pop((coder, transcript_id), None)
        added = [event for event in events if event.id not in history.events]
        lines = [encode_event(event) for event in added]
        for event in events:
            history.add(event)
        new_header = {} if header is None else self._new_header(history, transcript_id, header)
        news = tuple(sorted(set(seen) - history.seen))
        gone = tuple((one, history.sayers(one)) for one in sorted(set(unseen) & history.seen))
        wanted = tuple(changes(history))
        act = Event("", "", who or self.who, what, why, wanted, news, gone, tuple(new_header.items()), of)
        is_act = bool(wanted or news or gone or new_header or of)
        if not (added or is_act):
            return ()
        mark = mark_of(digest_of(self._encode(history, coder, transcript_id))) if history.header else ""
        latest = max((one.at for one in history.events.values()), default="")
        if is_act or (added[-1].sheet, added[-1].at) != (mark, latest):  # the last line tells the sheet and the time
            act, line, _ = self._extend(coder, transcript_id, log, act)
            added.append(act)
            lines.append(line)
        log_path = self.log_path(coder, transcript_id)
        present = log_path.read_bytes()[: log.size] if log_path.exists() else b""
        change.put(log_path, present + b"".join(lines))
        change.put(self.sheet_path(coder, transcript_id), self._encode(history, coder, transcript_id))
        return tuple(added)

    def forget(self) -> None:
        """Forget what was read, after a change of several files."""
        self._transcripts.clear()
        self._loaded.clear()
        self._codebook = None

    def _encode(self, history: History, coder: str, transcript_id: str) -> bytes:
        sheet = sheet_of(history, coder, transcript_id)
        if sheet is None:  # pragma: no cover  # every first event carries a header
            raise StudyError("The log of the sheet has no header.", where=str(self.log_path(coder, transcript_id)))
        return encode_sheet(sheet, extra_of(history))

    def save(self, sheet: Sheet, *, what: str = "save", why: str = "") -> Event | None:
        """Make a sheet the present one; what changes becomes one event.

        Raises
        ------
        StaleSheetError
            If the sheet on disk is not the one that this object gave out last; yours is written beside it.
        """
        coder, transcript_id = sheet.coder, sheet.transcript
        if coder != RULES_CODER:
            self.add_coder(coder)
        with self.lock(coder):
            self._check_fresh(sheet)
            history = self._take_over(coder, transcript_id).log.history
            return self.record(
                coder, transcript_id, what,
                codings=lambda _: sheet.codings,
                seen=sheet.seen,
                unseen=history.seen - sheet.seen,
                header={"unit": sheet.unit, "text": sheet.text_digest, "codebook": sheet.codebook_digest},
                why=why,
            )  # fmt: skip

    def _check_fresh(self, sheet: Sheet) -> None:
        key = sheet.coder, sheet.transcript
        loaded = self.load(*key)
        if loaded.mark == self._given_out.get(key, "") or not loaded.log.history.events:
            return
        path = self.sheet_path(*key)
        data = encode_sheet(sheet)
        kept = path.with_name(f"{sheet.transcript}.unsaved-{mark_of(digest_of(data))[:8]}.jsonl")
        replace_file(kept, data)
        raise StaleSheetError(
            "The sheet changed on disk since it was loaded, so yours was not written over it.",
            where=str(path),
            hint=f"Yours is kept as {kept.name}; load the sheet again and repeat what is missing.",
        )

    def add_coder(self, name: str) -> str:
        """Enter a coder into the settings, if new, and return the name as it is stored."""
        name = check_coder(name, self.coders())
        if name not in self.settings.coders:
            with self.lock("study"):
                self.settings = decode_settings(self.root / SETTINGS)
                coders = tuple(sorted({*self.settings.coders, check_coder(name, self.coders())}))
                self.write_settings(replace(self.settings, coders=coders))
        return name

    def write_settings(self, settings: Settings) -> None:
        """Replace ``study.yaml``."""
        replace_file(self.root / SETTINGS, encode_settings(settings))
        self.settings = settings

    def add_transcript(self, transcript: Transcript, raw: bytes | None = None) -> None:
        """Bring a transcript in, with the bytes of its original file.

        Raises
        ------
        StudyError
            If there is one of that id with another text; corrections go through :meth:`update_transcript`.
        """
        check_transcript_id(transcript.id)
        with self.lock("study"):
            twin = next((one for one in self.transcript_ids() if one.casefold() == transcript.id.casefold()), None)
            if twin == transcript.id and self._mend_text(transcript):
                return
            if twin is not None and (twin != transcript.id or self.transcript(twin).digest != transcript.digest):
                raise StudyError(
                    f"The study has a transcript “{twin}” already, with another text.",
                    where=transcript.source.name or transcript.id,
                    hint="If it is a corrected version: qualcode import --update FILE; else rename the file.",
                )
            if twin is None:
                change = Transaction(self.root)
                self.put_transcript(change, transcript, raw)
                self.put_note(change, "import", {"transcript": transcript.id, "text": transcript.digest})
                change.commit()

    def _mend_text(self, transcript: Transcript) -> bool:
        """Write the text of a transcript whose text file is missing, if it is the right one."""
        path = self.root / "transcripts" / f"{transcript.id}.txt"
        if path.exists() or tell_name(path.with_suffix(".json"), "text_digest") != transcript.digest:
            return False
        replace_file(path, encode_transcript(transcript)[0])
        return True

    def put_transcript(self, change: Transaction, transcript: Transcript, raw: bytes | None) -> None:
        """Add the files of a transcript to a change."""
        folder = self.root / "transcripts"
        text, data = encode_transcript(transcript)
        change.put(folder / f"{transcript.id}.txt", text)
        change.put(folder / f"{transcript.id}.json", data)
        if raw is not None:
            name = Path(transcript.source.name).name or f"{transcript.id}.txt"
            change.put(self.root / "raw" / name, raw)

    # -- what happened to the study as a whole ------------------------------------------------------------------------

    def note_versions(self, *, why: str = "") -> None:
        """Keep the present codebook and table of cases, and record in the history that they are in use, if new."""
        from qualcode.study.versions import keep_versions

        with self.lock("study"):
            change = Transaction(self.root)
            for note in keep_versions(self, change):
                self.put_note(change, note.pop("what"), note, why=why)
            change.commit()

    def put_note(self, change: Transaction, what: str, data: dict[str, Any], *, why: str = "") -> None:
        """Add a line to the study's own history, in a change."""
        path = self.root / "history.jsonl"
        present = path.read_bytes() if path.exists() else b""
        present = change.contents.get("history.jsonl") or present[: present.rfind(b"\n") + 1]
        note: dict[str, Any] = {
            "at": self.clock(),
            "who": self.who,
            "what": what,
            **({"why": why} if why else {}),
            **data,
        }
        change.put(path, present + json.dumps(note, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n")


_BAD_ID = re.compile(r'[\\/:*?"<>|\x00-\x1f]|^[.\s]|[.\s]$')


def check_transcript_id(transcript_id: str) -> None:
    """Refuse an id that cannot be the name of a file everywhere.

    Raises
    ------
    StudyError
        If it cannot.
    """
    if not transcript_id or _BAD_ID.search(transcript_id) or transcript_id.endswith(".log"):
        raise StudyError(f"“{transcript_id}” cannot be the name of a transcript.", hint="Rename the file.")
