"""The log of a sheet: its events, one a line, only ever appended to, and marks of the sheets that were written.

A mark says: the sheet's file with this digest is what the events up to here add up to. So a file that is behind its log
is told from one that somebody changed, or put back, by other means.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem
from qualcode.study.store.events import decode_event
from qualcode.study.store.history import History
from qualcode.study.store.layout import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qualcode.study.store.events import Event

_DIGITS = 16
_TAIL = 256
"""Bytes before its end by which a log is known again that has grown."""

_EVENT_HEAD = re.compile(rb'\{"id":"([0-9a-f]+)",(?:"sheet":"([0-9a-f]*)",)?"at":"([^"]*)"')
_MARK_LINE = re.compile(rb'\{"sheet":"([0-9a-f]*)","of":"([0-9a-f]*)","at":"([^"]*)"\}\n')


def mark_of(data: bytes) -> str:
    """Return the mark of a sheet's file: the first digits of its SHA-256."""
    return digest_of(data)[:_DIGITS]


def encode_mark(mark: str, event_id: str, at: str) -> bytes:
    """Return the line which says that a sheet was written as it is after an event."""
    return json.dumps({"sheet": mark, "of": event_id, "at": at}, separators=(",", ":")).encode("ascii") + b"\n"


@dataclass(slots=True)
class Log:
    """The log of a sheet, read.

    Attributes
    ----------
    history
        Its events.
    size
        Bytes up to the end of the last whole line.
    last
        Id of the last event.
    mark
        The sheet that was written last; ``""``: none was.
    older_marks
        Sheets that may stand there all the same: an earlier form of the log named each before it was written.
    n_marked
        How many events there were when that sheet was written.
    tail
        The last bytes of the whole lines.
    problems
        Lines that cannot be read; a note for a torn last one.
    """

    history: History = field(default_factory=History)
    size: int = 0
    last: str = ""
    mark: str = ""
    older_marks: tuple[str, ...] = ()
    n_marked: int = 0
    tail: bytes = b""
    problems: list[Problem] = field(default_factory=list)
    n_lines: int = 0

    def read_on(self, data: bytes, transcript: str, coder: str, where: str) -> None:
        """Take in what stands behind the lines that are known; a torn last line was never confirmed to anybody."""
        size = data.rfind(b"\n") + 1
        self.problems = [one for one in self.problems if one.rule != "torn-line"]
        if data[size:].strip(b"\0 "):
            message = "A crash cut off the last line; the change it recorded had never been confirmed."
            self.problems.append(Problem(where, "note", "torn-line", message, "There is nothing to do: it is repaired"))
        for line in data[:size].split(b"\n")[:-1]:
            self.n_lines += 1
            if line:
                self._read_line(line, transcript, coder, f"{where}:{self.n_lines}")
        self.grow(data[:size])

    def _read_line(self, line: bytes, transcript: str, coder: str, where: str) -> None:
        try:
            data = json.loads(line.decode("utf-8", "surrogatepass"))
            if "id" in data:
                self._take(decode_event(data, transcript, coder), data)
            elif data["sheet"]:
                self.note_mark(str(data["sheet"]))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"The line cannot be read ({error})."
            self.problems.append(Problem(where, "error", "broken-log", message, "Restore the log from a copy"))

    def _take(self, event: Event, data: dict[str, Any]) -> None:
        self.add(event)
        if data.get("sheet"):
            self.older_marks = (*self.older_marks, self.mark)
            self.mark, self.n_marked = str(data["sheet"]), len(self.history.events)

    def add(self, event: Event) -> None:
        """Take in an event that was appended."""
        self.history.add(event)
        self.last = event.id

    def note_mark(self, mark: str) -> None:
        """Take in that the sheet was written as it is now."""
        self.mark, self.older_marks, self.n_marked = mark, (), len(self.history.events)

    @property
    def is_marked(self) -> bool:
        """Whether nothing happened since the sheet was written that the mark names."""
        return bool(self.mark) and self.n_marked == len(self.history.events)

    def grow(self, lines: bytes) -> None:
        """Note that whole lines were appended."""
        self.size += len(lines)
        self.tail = (self.tail + lines[-_TAIL:])[-_TAIL:]

    def is_begun_by(self, path: Path) -> bool:
        """Tell whether a file begins with the lines that are known, by the last of these."""
        with path.open("rb") as file:
            file.seek(self.size - len(self.tail))
            return file.read(len(self.tail)) == self.tail

    def is_ours(self, data: bytes, encode: Callable[[History], bytes]) -> bool:
        """Tell whether a sheet's file is one that was written of this log, if not of all of it, when a crash came.

        Parameters
        ----------
        data
            What the file holds.
        encode
            Makes the file of a sheet.
        """
        if mark_of(data) in {self.mark, *self.older_marks}:
            return True
        events = list(self.history.events.values())
        past = History.of(events[: self.n_marked])
        for event in events[self.n_marked :]:
            past.add(event)
            if encode(past) == data:
                return True
        return False


def read_tail(path: Path) -> tuple[str, str, str]:
    """Return what the end of a log says without reading all of it: mark of the sheet, last event, latest time.

    The mark is ``""`` when the log must be read to know the sheet: there is none, it is torn, or it is ahead.
    """
    line = _last_line(path)
    mark = _MARK_LINE.fullmatch(line)
    if mark:
        return mark[1].decode(), mark[2].decode(), mark[3].decode()
    head = _EVENT_HEAD.match(line)
    return ((head[2] or b"").decode(), head[1].decode(), head[3].decode()) if head else ("", "", "")


def _last_line(path: Path) -> bytes:
    """Return the last line of a log; ``b""`` for a torn one."""
    try:
        if not path.is_file():  # a pipe would be waited for, for ever
            return b""
        with path.open("rb") as file:
            size = file.seek(0, 2)
            step = 1 << 14
            tail = b""
            while len(tail) < size:
                file.seek(max(0, size - len(tail) - step))
                tail = file.read(min(step, size - len(tail))) + tail
                if b"\n" in tail[:-1]:
                    break
                step *= 4
    except OSError:
        return b""
    return tail[tail.rfind(b"\n", 0, -1) + 1 :] if tail.endswith(b"\n") else b""
