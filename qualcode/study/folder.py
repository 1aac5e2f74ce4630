"""The study's folder, and :class:`Study`, the only writer in it."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem, StaleSheetError, StudyError
from qualcode.model import RULES_CODER, Sheet
from qualcode.study.events import Event, History, encode_event, name_event
from qualcode.study.files import PRIVATE, Transaction, append_line, digest_of, is_unfinished, recover, replace_file
from qualcode.study.locks import Lock
from qualcode.study.settings import SETTINGS, Settings, check_coder, decode_settings, encode_settings
from qualcode.study.sheets import (
    LogFile,
    decode_log,
    decode_sheet,
    encode_sheet,
    last_mark,
    mark_of,
)
from qualcode.study.transcripts import decode_transcript, encode_transcript

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from qualcode.cases import Cases
    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Transcript
    from qualcode.study.events import Change

LOG_ENDING = ".log.jsonl"
SHEET_ENDING = ".jsonl"
_HEADER_KEYS = ("unit", "text", "codebook")


def tell_time() -> str:
    """Return the present time in UTC, in ISO 8601 with microseconds."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def _later_than(time: str, now: str) -> str:
    """Return ``now``, or the next microsecond after ``time`` when the clock stands or went back."""
    if now > time:
        return now
    return (dt.datetime.fromisoformat(time) + dt.timedelta(microseconds=1)).isoformat(timespec="microseconds")


@dataclass(slots=True)
class Loaded:
    """A sheet with its whole log, as they are on disk.

    Attributes
    ----------
    log
        The log.
    mark
        Names the sheet's file as it was read; ``""`` without one.
    outside
        The sheet as somebody left it who changed its file by other means; ``None``: nobody did.
    problems
        What is wrong with the two files.
    """

    log: LogFile
    mark: str
    outside: Sheet | None
    problems: list[Problem]


class Study:
    """A study in its folder: transcripts, codebook, cases, and everybody's sheets.

    Parameters
    ----------
    root
        The folder.
    clock
        Tells the time of events.
    who
        Who is at work, for the log; by default the name by which the computer knows the person.
    """

    def __init__(
        self, root: str | os.PathLike[str], *, clock: Callable[[], str] = tell_time, who: str | None = None
    ) -> None:
        self.root = Path(root)
        self.clock = clock
        self._who = who
        self.settings = decode_settings(self.root / SETTINGS)
        self._transcripts: dict[str, tuple[tuple[int, ...], Transcript]] = {}
        self._codebook: tuple[str, Codebook] | None = None
        self._loaded: dict[tuple[str, str], tuple[tuple[int, ...], Loaded]] = {}
        self._given_out: dict[tuple[str, str], str] = {}
        self._locks: dict[str, Lock] = {}
        if is_unfinished(self.root):
            with self.lock("study"):
                pass

    def __repr__(self) -> str:
        return f"<Study {self.settings.name or self.root.name}: {len(self.transcript_ids())} transcripts>"

    # -- who, when, and alone -----------------------------------------------------------------------------------------

    @property
    def who(self) -> str:
        """Who is at work."""
        if self._who is None:
            try:
                self._who = getpass.getuser()
            except (OSError, KeyError, ImportError):
                self._who = "unknown"
        return self._who

    def lock(self, name: str, *, patience: float = 10.0) -> Lock:
        """Return the exclusive lock for ``study`` or for the sheets of a coder, to be entered as a context."""
        key = name if name == "study" else f"coder-{name}"
        if key not in self._locks:
            self._locks[key] = _RecoveringLock(self.root, key, patience=patience)
        self._locks[key].patience = patience
        return self._locks[key]

    # -- the parts of the study ---------------------------------------------------------------------------------------

    def transcript_ids(self) -> tuple[str, ...]:
        """Return the ids of all transcripts, sorted."""
        return tuple(sorted(path.stem for path in (self.root / "transcripts").glob("*.json") if _is_visible(path)))

    def transcript(self, transcript_id: str) -> Transcript:
        """Return a transcript.

        Raises
        ------
        StudyError
            If there is none, or its files are damaged.
        """
        path = self.root / "transcripts" / f"{transcript_id}.json"
        state = _state_of(path, path.with_suffix(".txt"))
        known = self._transcripts.get(transcript_id)
        if known is None or known[0] != state:
            known = state, self._read_transcript(transcript_id, path)
            self._transcripts[transcript_id] = known
        return known[1]

    def _read_transcript(self, transcript_id: str, path: Path) -> Transcript:
        try:
            text = path.with_suffix(".txt").read_bytes()
            transcript = decode_transcript(text, path.read_bytes(), path.with_suffix(".txt"))
        except FileNotFoundError as error:
            from qualcode.cases import suggest

            hint = suggest(transcript_id, self.transcript_ids()) or "See all with: qualcode status"
            raise StudyError(f"There is no transcript “{transcript_id}”.", where=str(self.root), hint=hint) from error
        except OSError as error:
            raise StudyError(f"The transcript cannot be read: {error.strerror}.", where=str(path)) from error
        return replace(transcript, interviewers=transcript.interviewers | frozenset(self.settings.interviewers))

    def transcripts(self) -> tuple[tuple[Transcript, ...], list[Problem]]:
        """Return all transcripts that can be read, and what is wrong with the others."""
        found, problems = [], []
        for transcript_id in self.transcript_ids():
            try:
                found.append(self.transcript(transcript_id))
            except StudyError as error:
                problems.append(Problem(error.where, "error", "transcript", error.message, error.hint))
        return tuple(found), problems

    @property
    def codebook(self) -> Codebook:
        """The codebook.

        Raises
        ------
        CodebookError
            If it cannot be used.
        """
        from qualcode.codebook import read_codebook

        path = self.root / "codebook.yaml"
        if not path.exists():
            hint = f"Put one there: qualcode init {self.root} --codebook FILE"
            raise StudyError("The study has no codebook.", where=str(path), hint=hint)
        state = digest_of(path.read_bytes())
        if self._codebook is None or self._codebook[0] != state:
            self._codebook = state, read_codebook(path)
        return self._codebook[1]

    @property
    def has_codebook(self) -> bool:
        """Whether there is a codebook."""
        return (self.root / "codebook.yaml").exists()

    @property
    def cases(self) -> Cases:
        """The table of cases; empty without one."""
        from qualcode.cases import Cases, read_cases

        path = self.root / "cases.csv"
        return read_cases(path) if path.exists() else Cases()

    def coders(self) -> tuple[str, ...]:
        """Return everybody who has a sheet or is named in the settings, the rules last."""
        folders = {path.name for path in (self.root / "sheets").glob("*") if path.is_dir() and _is_visible(path)}
        people = sorted((folders | set(self.settings.coders)) - {RULES_CODER})
        return (*people, *([RULES_CODER] if RULES_CODER in folders else []))

    # -- sheets -------------------------------------------------------------------------------------------------------

    def sheet_path(self, coder: str, transcript_id: str) -> Path:
        """Return where a sheet lies."""
        return self.root / "sheets" / coder / f"{transcript_id}{SHEET_ENDING}"

    def log_path(self, coder: str, transcript_id: str) -> Path:
        """Return where the log of a sheet lies."""
        return self.root / "sheets" / coder / f"{transcript_id}{LOG_ENDING}"

    def sheet_ids(self, coders: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """Yield coder and transcript of every sheet that has a file or a log."""
        for coder in self.coders() if coders is None else coders:
            names = set()
            for path in (self.root / "sheets" / coder).glob("*.jsonl"):
                if _is_visible(path):
                    names.add(path.name.removesuffix(LOG_ENDING).removesuffix(SHEET_ENDING))
            known = set(self.transcript_ids())
            yield from ((coder, name) for name in sorted(names & known))

    def sheet(self, coder: str, transcript_id: str) -> Sheet | None:
        """Return a sheet as it stands, or ``None``.

        A sheet that a crash left behind its log is brought up to it.
        """
        found, _ = self.read_sheet(coder, transcript_id)
        return found

    def read_sheet(self, coder: str, transcript_id: str) -> tuple[Sheet | None, list[Problem]]:
        """Return a sheet and what is wrong with its file; its log is read only when the two do not agree."""
        path = self.sheet_path(coder, transcript_id)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = None
        if data is not None:
            mark = mark_of(digest_of(data))
            if last_mark(self.log_path(coder, transcript_id))[0] == mark:
                self._given_out[coder, transcript_id] = mark
                found = decode_sheet(data, transcript_id, coder, self.name_file(path))
                return found.sheet, found.problems
        loaded = self.load(coder, transcript_id)
        self._given_out[coder, transcript_id] = loaded.mark
        return self.sheet_of(loaded, coder, transcript_id), loaded.problems

    def sheets(self, coders: Collection[str] | None = None) -> tuple[tuple[Sheet, ...], list[Problem]]:
        """Return the sheets of some or all coders, and what is wrong with their files."""
        found, problems = [], []
        for coder, transcript_id in self.sheet_ids(coders):
            sheet, troubles = self.read_sheet(coder, transcript_id)
            problems += troubles
            if sheet is not None:
                found.append(sheet)
        return tuple(found), problems

    def name_file(self, path: Path) -> str:
        """Return a file's name inside the study, as problems tell it."""
        return path.relative_to(self.root).as_posix()

    def load(self, coder: str, transcript_id: str) -> Loaded:
        """Return a sheet with its whole log."""
        sheet_path, log_path = self.sheet_path(coder, transcript_id), self.log_path(coder, transcript_id)
        state = _state_of(sheet_path, log_path)
        known = self._loaded.get((coder, transcript_id))
        if known is None or known[0] != state:
            known = state, self._load(sheet_path, log_path, coder, transcript_id)
            self._loaded[coder, transcript_id] = known
        return known[1]

    def _load(self, sheet_path: Path, log_path: Path, coder: str, transcript_id: str) -> Loaded:
        log_data = log_path.read_bytes() if log_path.exists() else b""
        log = decode_log(log_data, transcript_id, coder, self.name_file(log_path))
        if not sheet_path.exists():
            return Loaded(log, "", None, list(log.problems))
        data = sheet_path.read_bytes()
        digest = digest_of(data)
        loaded = Loaded(log, mark_of(digest), None, list(log.problems))
        present = sheet_of(log.history, coder, transcript_id)
        is_log_true = loaded.mark in log.marks or (
            present is not None and data == encode_sheet(present, _extra_of(log.history))
        )
        if is_log_true:
            return loaded
        file = decode_sheet(data, transcript_id, coder, self.name_file(sheet_path))
        loaded.problems += file.problems
        if file.sheet is not None:
            loaded.outside = _complete(file.sheet, present) if file.problems else file.sheet
        if not file.problems and log.history.events:
            loaded.problems.append(_tell_outside(self.name_file(sheet_path)))
        return loaded

    def sheet_of(self, loaded: Loaded, coder: str, transcript_id: str) -> Sheet | None:
        """Return the sheet that was loaded, with what was done to it outside."""
        return loaded.outside or sheet_of(loaded.log.history, coder, transcript_id)

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
        self._loaded.pop((coder, transcript_id), None)  # the history changes below, and may not get to the disk
        times = [one.at for one in log.history.events.values()]
        event = name_event(replace(event, at=_later_than(max(times, default=""), self.clock())), log.last)
        log.history.add(event)
        data = self._encode(log.history, coder, transcript_id)
        event = replace(event, sheet=mark_of(digest_of(data)))
        line = encode_event(event)
        append_line(log_path, line, size=log.size)
        try:
            replace_file(sheet_path, data)
        except BaseException:
            append_line(log_path, b"", size=log.size)
            raise
        log.size += len(line)
        log.last = event.id
        log.marks = (*log.marks, event.sheet)
        self._loaded[coder, transcript_id] = (
            _state_of(sheet_path, log_path), Loaded(log, event.sheet, None, [one for one in log.problems if one.level != "note"])
        )  # fmt: skip
        self._given_out[coder, transcript_id] = event.sheet
        return event

    def _encode(self, history: History, coder: str, transcript_id: str) -> bytes:
        sheet = sheet_of(history, coder, transcript_id)
        if sheet is None:  # pragma: no cover  # every first event carries a header
            raise StudyError("The log of the sheet has no header.", where=str(self.log_path(coder, transcript_id)))
        return encode_sheet(sheet, _extra_of(history))

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
            if twin is not None and (twin != transcript.id or self.transcript(twin).digest != transcript.digest):
                raise StudyError(
                    f"The study has a transcript “{twin}” already, with another text.",
                    where=transcript.source.name or transcript.id,
                    hint="For a corrected version: qualcode import --update FILE. For another interview: rename the file.",
                )
            if twin is None:
                change = Transaction(self.root)
                self.put_transcript(change, transcript, raw)
                self.put_note(change, "import", {"transcript": transcript.id, "text": transcript.digest})
                change.commit()

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

    def notes(self) -> list[dict[str, Any]]:
        """Return the study's own history, oldest first; broken lines are passed over."""
        path = self.root / "history.jsonl"
        found = []
        for line in path.read_bytes().split(b"\n") if path.exists() else ():
            try:
                note = json.loads(line)
            except ValueError:
                continue
            found.append(note)
        return found


class _RecoveringLock(Lock):
    """A lock that, with the study's, first finishes what a dead process had decided."""

    def _acquire(self) -> None:
        super()._acquire()
        if self.path.stem == "study":
            recover(self.path.parent.parent.parent)


def sheet_of(history: History, coder: str, transcript_id: str) -> Sheet | None:
    """Return the sheet that a history adds up to, or ``None`` when there is nothing in it."""
    header = history.header
    if not header:
        return None
    unit, text, codebook = (header[key] for key in _HEADER_KEYS)
    return Sheet(transcript_id, coder, unit, text, codebook, history.seen, history.codings)


def _extra_of(history: History) -> dict[str, Any]:
    return {key: value for key, value in history.header.items() if key not in _HEADER_KEYS}


def _complete(sheet: Sheet, present: Sheet | None) -> Sheet:
    """Return a sheet with broken lines, filled up with what its log knows: a broken line deletes nothing."""
    if present is None:
        return sheet
    known = {(coding.span, coding.code) for coding in sheet.codings}
    missing = [coding for coding in present.codings if (coding.span, coding.code) not in known]
    codings = sorted([*sheet.codings, *missing], key=lambda coding: (coding.span, coding.code))
    return replace(sheet, seen=sheet.seen | present.seen, codings=tuple(codings))


def _tell_outside(where: str) -> Problem:
    message = (
        "The sheet was changed outside qualcode; it is used as it is, and the next decision records the difference."
    )
    return Problem(where, "warning", "edited-outside", message, "See what its log says: qualcode log")


def _state_of(*paths: Path) -> tuple[int, ...]:
    """Return what tells a file's version without reading it."""
    state: list[int] = []
    for path in paths:
        try:
            found = path.stat()
        except FileNotFoundError:
            state += [-1, -1, -1]
        else:
            state += [found.st_size, found.st_mtime_ns, found.st_ino]
    return tuple(state)


def _is_visible(path: Path) -> bool:
    return not path.name.startswith(".")


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
