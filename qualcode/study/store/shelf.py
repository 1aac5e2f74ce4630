"""Everybody's sheets with their logs, in memory: read when the files say so, written when there is time.

The log is the truth; a sheet's file is what the log says, written out. An act is confirmed when its line is in the log
on disk. The sheet follows when nobody acts for a moment, or at the end; whoever reads one that is behind its log takes
the log.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qualcode.atomic import make_folder, replace_file
from qualcode.errors import Problem, StudyError
from qualcode.study.store.events import Event, name_event
from qualcode.study.store.history import History
from qualcode.study.store.journal import is_unfinished, recover, refuse_links
from qualcode.study.store.layout import state_of
from qualcode.study.store.locks import PATIENCE, StudyLock
from qualcode.study.store.logs import Log, encode_mark, mark_of, read_tail
from qualcode.study.store.sheets import decode_sheet, encode_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from qualcode.model import Sheet
    from qualcode.study.store.events import Key
    from qualcode.study.store.layout import Layout

IDLE = 1.0
"""Seconds without an act after which sheets are written."""

SMALL = 100
"""Codings up to which a sheet is written with each act, as that costs no more than the act."""

SheetKey = tuple[str, str]
"""Coder and transcript of a sheet."""


@dataclass(slots=True)
class Loaded:
    """A sheet with its whole log, as they are on disk.

    Attributes
    ----------
    log
        The log.
    history
        What it adds up to, and with it what was done to the sheet's file by other means.
    outside
        The event that records the latter, not in the log yet; ``None``: nothing was done.
    is_behind
        Whether the file of the sheet is behind its log, or not there.
    has_file
        Whether it is there.
    problems
        What is wrong with the two files.
    state
        Versions of the two files.
    """

    log: Log
    history: History
    outside: Event | None = None
    is_behind: bool = False
    has_file: bool = False
    problems: list[Problem] = field(default_factory=list)
    state: tuple[int, ...] = ()
    _sheet: Sheet | None = None

    @property
    def last(self) -> str:
        """Id of the last event."""
        return self.outside.id if self.outside else self.log.last

    def sheet(self, transcript_id: str, coder: str) -> Sheet | None:
        """Return the sheet as it stands."""
        if self._sheet is None:
            self._sheet = self.history.sheet(transcript_id, coder, version=self.last)
        return self._sheet

    def take_in(self, events: Sequence[Event], lines: bytes) -> None:
        """Take in what was appended to the log."""
        for event in events:
            self.log.add(event)
        self.log.n_lines += lines.count(b"\n")
        self.log.grow(lines)

    def confirm(self, state: tuple[int, ...]) -> None:
        """Let the log stand alone: what was done to the sheet by other means is in it by now."""
        self.history, self.outside, self._sheet = self.log.history, None, None
        self.problems = [one for one in self.log.problems if one.rule != "torn-line"]
        self.state, self.is_behind = state, True


class Shelf:
    """The sheets of a study.

    Parameters
    ----------
    layout
        Which study.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.guard = threading.RLock()
        self._loaded: dict[SheetKey, Loaded] = {}
        self._plain: dict[SheetKey, tuple[tuple[int, ...], Sheet | None, list[Problem]]] = {}
        self._behind: dict[SheetKey, None] = {}
        self._settler = _Settler(self.flush)

    # -- reading ------------------------------------------------------------------------------------------------------

    def _state(self, coder: str, name: str) -> tuple[int, ...]:
        return state_of(self.layout.log_of(coder, name), self.layout.sheet_of(coder, name))

    def read(self, coder: str, name: str) -> tuple[Sheet | None, list[Problem]]:
        """Return a sheet and what is wrong with its files; its log is read only when the two do not agree."""
        with self.guard:
            key, state = (coder, name), self._state(coder, name)
            loaded = self._loaded.get(key)
            if loaded is None or loaded.state != state:
                plain = self._plain.get(key)
                if plain is not None and plain[0] == state:
                    return plain[1], plain[2]
                found = self._read_file(coder, name)
                if found is not None:
                    self._plain[key] = state, *found
                    return found
            loaded = self.load(coder, name)
            return loaded.sheet(name, coder), loaded.problems

    def _read_file(self, coder: str, name: str) -> tuple[Sheet | None, list[Problem]] | None:
        """Return a sheet from its file alone, if the end of its log says that it is the present one."""
        path = self.layout.sheet_of(coder, name)
        data = self.layout.read(path)
        if data is None:
            return None
        mark, last, _ = read_tail(self.layout.log_of(coder, name))
        if mark != mark_of(data):
            return None
        found = decode_sheet(data, name, coder, self.layout.name_of(path))
        return (replace(found.sheet, version=last) if found.sheet else None), found.problems

    def load(self, coder: str, name: str) -> Loaded:
        """Return a sheet with its whole log."""
        with self.guard:
            key, state = (coder, name), self._state(coder, name)
            known = self._loaded.get(key)
            if known is None or known.state != state:
                known = self._load(coder, name, known)
                known.state = state
                self._loaded[key] = known
                self._plain.pop(key, None)
            return known

    def _load(self, coder: str, name: str, known: Loaded | None) -> Loaded:
        log = self._read_log(coder, name, known)
        path = self.layout.sheet_of(coder, name)
        data = self.layout.read(path)
        loaded = Loaded(log, log.history, has_file=data is not None, problems=list(log.problems))
        if data is None:
            loaded.is_behind = bool(log.history.events)
            return loaded
        if log.is_marked and mark_of(data) == log.mark:
            return loaded

        def encode(history: History) -> bytes:
            sheet = history.sheet(name, coder)
            return encode_sheet(sheet, history.extra) if sheet else b""

        if data == encode(log.history):
            return loaded
        if log.is_ours(data, encode):
            loaded.is_behind = True
            return loaded
        self._take_outside(loaded, coder, name, data)
        return loaded

    def _read_log(self, coder: str, name: str, known: Loaded | None) -> Log:
        """Return the log; of one that has grown only what is new is read."""
        path = self.layout.log_of(coder, name)
        where = self.layout.name_of(path)
        if known is not None and state_of(path)[0] >= known.log.size > 0 and known.log.is_begun_by(path):
            with path.open("rb") as file:
                file.seek(known.log.size)
                known.log.read_on(file.read(), name, coder, where)
            return known.log
        log = Log()
        log.read_on(self.layout.read(path) or b"", name, coder, where)
        return log

    def _take_outside(self, loaded: Loaded, coder: str, name: str, data: bytes) -> None:
        """Let a sheet that was changed by other means stand, as an act of somebody."""
        path, history = self.layout.sheet_of(coder, name), loaded.log.history
        where = self.layout.name_of(path)
        file = decode_sheet(data, name, coder, where)
        loaded.problems += file.problems
        if file.sheet is None:
            return
        present = history.sheet(name, coder)
        sheet = _complete(file.sheet, present) if file.problems else file.sheet
        header = {"unit": sheet.unit, "text": sheet.text_digest, "codebook": sheet.codebook_digest}
        event = Event(
            "", later_than(history.latest_at, _time_of(path)), "somebody", "edit",
            "The file was changed outside qualcode.",
            history.differ(sheet.codings),
            tuple(sorted(sheet.seen - history.seen)),
            tuple((one, history.sayers(one)) for one in sorted(history.seen - sheet.seen)),
            tuple({**history.header, **header}.items()), transcript=name,
        )  # fmt: skip
        loaded.outside = name_event(event, loaded.log.last)
        loaded.history = History.of([*history.events.values(), loaded.outside])
        if not file.problems and history.events:
            loaded.problems.append(_tell_outside(where))

    def last_time(self, coder: str, name: str) -> str:
        """Return when the latest event of a sheet happened, as cheaply as that can be told."""
        with self.guard:
            key = coder, name
            loaded = self._loaded.get(key)
            if loaded is not None and loaded.state == self._state(coder, name):
                return loaded.history.latest_at
            found = read_tail(self.layout.log_of(coder, name))[2]
            return found or self.load(coder, name).history.latest_at

    def lines(self, coder: str, name: str) -> Mapping[Key, int]:
        """Return in which line of a sheet's file each of its codings stands."""
        path = self.layout.sheet_of(coder, name)
        return decode_sheet(self.layout.read(path) or b"", name, coder, self.layout.name_of(path)).lines

    # -- writing ------------------------------------------------------------------------------------------------------

    def confirm(self, coder: str, name: str, events: Sequence[Event], *, lines: bytes, size: int) -> None:
        """Take in what is in a log on disk now; a small sheet is written at once, a large one will follow.

        Parameters
        ----------
        coder, name
            Whose sheet.
        events, lines
            What was appended.
        size
            Behind how many bytes.
        """
        with self.guard:
            loaded = self._loaded.get((coder, name))
            if loaded is not None and loaded.log.size == size:
                loaded.take_in(events, lines)
            else:  # a reader in another thread was quicker and has read some of it, or all
                loaded = self.load(coder, name)
            loaded.confirm(self._state(coder, name))
            self._behind[coder, name] = None
            is_small = loaded.history.n_codings <= SMALL
            if is_small:
                with contextlib.suppress(StudyError, OSError):  # it is done and safe; the sheet may follow
                    self._write_file(coder, name, loaded)
        if not is_small:
            self._settler.wake()

    def forget(self, *keys: SheetKey) -> None:
        """Forget what was read of some sheets, or of all."""
        with self.guard:
            for key in keys or tuple(self._loaded):
                self._loaded.pop(key, None)
                self._plain.pop(key, None)
                self._behind.pop(key, None)

    def flush(self, *, patience: float = PATIENCE) -> None:
        """Write the sheets that are behind their logs; what cannot be written stays behind, and nothing is lost."""
        lock = StudyLock(self.layout, patience=patience)
        if not self._behind or lock.is_ours or not self.layout.settings.exists():  # a folder that was deleted is left
            return
        with contextlib.suppress(StudyError, OSError), lock:
            if is_unfinished(self.layout):
                recover(self.layout)
            with self.guard:
                keys, self._behind = list(self._behind), {}
            for coder, name in keys:
                self._write_sheet(coder, name)

    def _write_sheet(self, coder: str, name: str) -> None:
        """Write a sheet, and say in its log that it was."""
        with self.guard:
            log_path = self.layout.log_of(coder, name)
            loaded = self.load(coder, name)
            if loaded.outside or not loaded.history.header or not log_path.exists():
                return
            mark, log = mark_of(self._write_file(coder, name, loaded)), loaded.log
            if not log.is_marked or log.mark != mark:
                line = encode_mark(mark, log.last, loaded.history.latest_at)
                with log_path.open("r+b") as file:  # not flushed to disk: a mark that is lost is made again
                    file.truncate(log.size)
                    file.seek(log.size)
                    file.write(line)
                log.n_lines += 1
                log.grow(line)
                log.note_mark(mark)
            loaded.state = self._state(coder, name)

    def _write_file(self, coder: str, name: str, loaded: Loaded) -> bytes:
        """Write the file of a sheet, and return what it holds."""
        path, sheet = self.layout.sheet_of(coder, name), loaded.sheet(name, coder)
        data = encode_sheet(sheet, loaded.history.extra) if sheet else b""
        refuse_links(self.layout, path)
        if self.layout.read(path) != data:
            make_folder(path.parent)
            replace_file(path, data)
        loaded.is_behind, loaded.has_file = False, True
        loaded.state = self._state(coder, name)
        return data


class _Settler:
    """Writes sheets when nobody has acted for a moment, in a thread that ends when it is done."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._due = 0.0

    def wake(self) -> None:
        """Say that there was an act."""
        with self._guard:
            self._due = time.monotonic() + IDLE
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="qualcode-sheets", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._guard:
                pause = self._due - time.monotonic()
            if pause > 0:
                time.sleep(pause)
                continue
            self._flush()
            with self._guard:
                if self._due <= time.monotonic():
                    self._thread = None
                    return


def later_than(time: str, now: str) -> str:
    """Return ``now``, or the next microsecond after ``time`` when the clock stands or went back."""
    if now > time:
        return now
    return (dt.datetime.fromisoformat(time) + dt.timedelta(microseconds=1)).isoformat(timespec="microseconds")


def _time_of(path: Path) -> str:
    moment = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return moment.isoformat(timespec="microseconds")


def _complete(sheet: Sheet, present: Sheet | None) -> Sheet:
    """Return a sheet with broken lines, filled up with what its log knows: a broken line deletes nothing."""
    if present is None:
        return sheet
    known = {(coding.span, coding.code) for coding in sheet.codings}
    missing = [coding for coding in present.codings if (coding.span, coding.code) not in known]
    codings = sorted([*sheet.codings, *missing], key=lambda coding: (coding.span, coding.code))
    return replace(sheet, seen=sheet.seen | present.seen, codings=tuple(codings))


def _tell_outside(where: str) -> Problem:
    message = "The sheet was changed outside qualcode. It is used as it is, and the next decision records the change."
    return Problem(where, "warning", "edited-outside", message, "See what its log records: qualcode log")
