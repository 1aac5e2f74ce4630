"""A line on a terminal's standard error about what takes longer than a second: what it is, how far, how much longer."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from qualcode.cli._terminal import clean
from qualcode.progress import watching
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DELAY = 1.0
"""Seconds after which a step is shown."""

_EVERY = 0.2
_WIDTH = 20
_LEAST_SECONDS, _LEAST_SHARE = 2.0, 0.05
# Before that much is done, the rest is anybody's guess.

_MINUTE, _HOUR = 60, 3600


class Bar:
    """Shows the step at work, redrawn five times a second, so that it is seen to go on.

    Parameters
    ----------
    stream
        A terminal.
    clock
        Returns seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._resting = threading.Event()
        self._what = ""
        self._done = self._total = self._begun = 0.0
        self._history: deque[tuple[float, float]] = deque()
        self._n_shown = 0

    def show(self, what: str, done: float = 0, total: float = 0) -> None:
        """Take note of what is being done, and how much of it is."""
        with self._lock:
            now = self._clock()
            if what != self._what:
                self._begun = now
                self._history.clear()
            is_new = not self._what
            self._what, self._done, self._total = what, done, total
            self._history.append((now, done))
            # How fast it went lately: what an earlier run had done, or small files at the beginning, tell nothing.
            while len(self._history) > 2 and self._history[1][0] <= (self._begun + now) / 2:  # noqa: PLR2004
                self._history.popleft()
        if is_new:
            self._resting = threading.Event()
            threading.Thread(target=self._go_on, args=(self._resting,), daemon=True).start()

    def rest(self) -> None:
        """Take the line away: what is printed next begins where it was."""
        self._resting.set()
        with self._lock:
            self._what = ""
            self._write("")

    def _go_on(self, resting: threading.Event) -> None:
        while not resting.wait(_EVERY):
            with self._lock:
                if self._what and self._clock() - self._begun >= DELAY:
                    self._write(self.line())

    def _write(self, line: str) -> None:
        # Blanks over what stood there, since not every terminal knows how to clear a line.
        if line or self._n_shown:
            self._stream.write(f"\r{line}{' ' * (self._n_shown - len(line))}" + ("" if line else "\r"))
            self._stream.flush()
            self._n_shown = len(line)

    def line(self) -> str:
        """Return what is shown now, on one line."""
        seconds = self._clock() - self._begun
        parts = [self._what]
        if self._total:
            share = min(self._done / self._total, 1.0)
            parts.append(self._draw(share))
            parts.append(f"{int(self._done):,} of {int(self._total):,}")
            if seconds >= _LEAST_SECONDS and _LEAST_SHARE <= share < 1 and (rest := self._estimate()):
                parts.append(f"{_tell(rest)} left")
        else:
            parts.append(f"… {_tell(seconds, about='')}")
        width = shutil.get_terminal_size().columns - 1
        return clean("  ".join(parts))[:width]

    def _estimate(self) -> float:
        """Return the seconds that are left, as fast as it went lately; 0 where that cannot be told."""
        since, before = self._history[0]
        pace = (self._done - before) / max(self._clock() - since, _EVERY)
        return (self._total - self._done) / pace if pace > 0 else 0.0

    def _draw(self, share: float) -> str:
        n = int(share * _WIDTH)
        full, empty = ("█", "░") if _can_write(self._stream, "█░") else ("#", ".")
        return full * n + empty * (_WIDTH - n)


def _can_write(stream: TextIO, signs: str) -> bool:
    try:
        signs.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _tell(seconds: float, *, about: str = "about ") -> str:
    """Return how long something takes, no finer than it can be known."""
    if seconds >= _HOUR:
        return f"{about}{seconds / _HOUR:.1f} hours"
    if seconds >= 2 * _MINUTE:
        return f"{about}{plural(round(seconds / _MINUTE), 'minute')}"
    step = 5 if about and seconds > 10 else 1  # noqa: PLR2004  # of what lies ahead, no second is known
    return f"{about}{max(step * round(seconds / step), 1)} s"


@contextmanager
def showing_progress(what: str = "") -> Iterator[Callable[[str], None]]:
    """Show what takes long within, on a terminal only; give a function that says the step at work.

    Parameters
    ----------
    what
        The first step, where nothing within says it.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _step: None
        return
    bar = Bar(sys.stderr)
    with watching(bar):
        if what:
            bar.show(what)
        yield bar.show
