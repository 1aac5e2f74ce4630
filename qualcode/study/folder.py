"""The study's folder, read: transcripts, codebook, cases, and everybody's sheets with their logs."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem, StudyError
from qualcode.model import RULES_CODER, Sheet, many_objects
from qualcode.study.files import digest_of, is_unfinished, recover
from qualcode.study.locks import Lock
from qualcode.study.settings import SETTINGS, decode_settings
from qualcode.study.sheets import (
    LogFile,
    decode_log,
    decode_sheet,
    encode_sheet,
    last_mark,
    mark_of,
)
from qualcode.study.transcripts import decode_transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from qualcode.cases import Cases
    from qualcode.codebook import Codebook
    from qualcode.model import Transcript
    from qualcode.study.events import History, Key

LOG_ENDING = ".log.jsonl"
SHEET_ENDING = ".jsonl"
HEADER_KEYS = ("unit", "text", "codebook")


def tell_time() -> str:
    """Return the present time in UTC, in ISO 8601 with microseconds."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


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


class StudyFolder:
    """A study in its folder: transcripts, codebook, cases, and everybody's sheets; what is read of it.

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
        """Return the ids of all transcripts, sorted; a copy of another one that a synced drive made is none."""
        paths = {path.stem: path for path in (self.root / "transcripts").glob("*.json") if is_visible(path)}
        told = {name: tell_name(path, "id") for name, path in paths.items()}
        return tuple(sorted(name for name in paths if told[name] == name or told[name] not in paths))

    def transcript(self, transcript_id: str) -> Transcript:
        """Return a transcript.

        Raises
        ------
        StudyError
            If there is none, or its files are damaged.
        """
        path = self.root / "transcripts" / f"{transcript_id}.json"
        state = state_of(path, path.with_suffix(".txt"))
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

            if path.exists():
                raise StudyError(
                    f"The text of the transcript “{transcript_id}” is missing.",
                    where=f"transcripts/{transcript_id}.txt",
                    hint="Take the file back from a copy, or import the original again.",
                ) from error
            hint = suggest(transcript_id, self.transcript_ids()) or "See all with: qualcode status"
            raise StudyError(f"There is no transcript “{transcript_id}”.", where=str(self.root), hint=hint) from error
        except OSError as error:
            raise StudyError(f"The transcript cannot be read: {error.strerror}.", where=str(path)) from error
        return replace(transcript, interviewers=transcript.interviewers | frozenset(self.settings.interviewers))

    def transcripts(self) -> tuple[tuple[Transcript, ...], list[Problem]]:
        """Return all transcripts that can be read, and what is wrong with the others."""
        found, problems = [], []
        with many_objects():
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
        """Return everybody who has a sheet or is named in the settings, the rules last.

        A folder whose sheets are those of another coder is a copy that a synced drive made.
        """
        found = {path.name: path for path in (self.root / "sheets").glob("*") if path.is_dir() and is_visible(path)}
        folders = {name for name, path in found.items() if not _is_copied_folder(path, found)}
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
        known = set(self.transcript_ids())
        for coder in self.coders() if coders is None else coders:
            names = set()
            for path in (self.root / "sheets" / coder).glob("*.jsonl"):
                if is_visible(path):
                    names.add(path.name.removesuffix(LOG_ENDING).removesuffix(SHEET_ENDING))
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
        with many_objects():
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
        state = state_of(sheet_path, log_path)
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
            present is not None and data == encode_sheet(present, extra_of(log.history))
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

    def lines_of(self, coder: str, transcript_id: str) -> Mapping[Key, int]:
        """Return in which line of a sheet's file each of its codings stands."""
        path = self.sheet_path(coder, transcript_id)
        data = path.read_bytes() if path.exists() else b""
        return decode_sheet(data, transcript_id, coder, self.name_file(path)).lines

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
    unit, text, codebook = (header[key] for key in HEADER_KEYS)
    return Sheet(transcript_id, coder, unit, text, codebook, history.seen, history.codings)


def extra_of(history: History) -> dict[str, Any]:
    """Return what a sheet's first line tells beside unit and digests."""
    return {key: value for key, value in history.header.items() if key not in HEADER_KEYS}


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


def state_of(*paths: Path) -> tuple[int, ...]:
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


def is_visible(path: Path) -> bool:
    """Tell whether a file is one of the study's, and not one of those that programs hide."""
    return not path.name.startswith(".")


_HEAD_BYTES = 1024


def tell_name(path: Path, key: str) -> str:
    """Return what a file says under a key in its head, such as its name; ``""`` when it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        found = re.search(rb'"%s": ?("(?:[^"\\]|\\.)*")' % key.encode(), head)
        return str(json.loads(found[1])) if found else ""
    except (OSError, ValueError):
        return ""


def _is_copied_folder(folder: Path, names: Collection[str]) -> bool:
    """Tell whether a coder's folder holds the sheets of another coder who is there."""
    with os.scandir(folder) as entries:
        sheets = (Path(one.path) for one in entries if one.name.endswith(SHEET_ENDING) and one.name[0] != ".")
        told = next((name for path in sheets if (name := tell_name(path, "coder"))), folder.name)
    return told != folder.name and told in names
