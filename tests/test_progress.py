"""Progress: who watches is told what is done and how much of it, and a terminal shows it after a second."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from qualcode.cli._progress import Bar
from qualcode.progress import doing, track, watching

if TYPE_CHECKING:
    from pathlib import Path


class Notes:
    """Takes note of everything that it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float, float] | str] = []

    def show(self, what: str, done: float = 0, total: float = 0) -> None:
        self.told.append((what, done, total))

    def rest(self) -> None:
        self.told.append("rest")


def test_without_a_watcher_items_go_through() -> None:
    with doing("Counting"):
        assert list(track(iter("abc"), "Reading", 3)) == ["a", "b", "c"]


def test_a_watcher_is_told_how_much_is_done_by_size() -> None:
    notes = Notes()
    with watching(notes):
        assert list(track(["a", "bcd"], "Reading", 4, size=len)) == ["a", "bcd"]
        with doing("Counting"):
            pass
    assert notes.told == [
        ("Reading", 0, 4),
        ("Reading", 1, 4),
        ("Reading", 4, 4),
        "rest",
        ("Counting", 0, 0),
        "rest",
        "rest",
    ]


def test_the_line_goes_away_when_something_goes_wrong() -> None:
    notes = Notes()
    with pytest.raises(ZeroDivisionError), watching(notes), doing("Counting"):
        _ = 1 / 0
    assert notes.told[-1] == "rest"


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class TestBar:
    def at(self, *shown: tuple[float, float], total: float, encoding: str = "utf-8") -> str:
        """Return the line after so much was done at each of some seconds."""
        clock = Clock()
        bar = Bar(io.TextIOWrapper(io.BytesIO(), encoding=encoding), clock)
        bar.show("Reading transcripts", 0, total)
        for clock.now, done in shown:
            bar.show("Reading transcripts", done, total)
        line = bar.line()
        bar.rest()
        return line

    def test_it_says_what_how_far_and_how_much_longer(self) -> None:
        assert self.at((2, 10), (4, 20), total=200) == (
            "Reading transcripts  ██░░░░░░░░░░░░░░░░░░  20 of 200  about 35 s left"
        )

    def test_nothing_is_said_of_the_rest_before_it_can_be_known(self) -> None:
        assert "left" not in self.at((1, 50), total=100)
        assert "left" not in self.at((30, 1), total=100)
        assert "left" not in self.at((30, 100), total=100)

    def test_what_was_done_before_does_not_speed_up_the_rest(self) -> None:
        # Half was there at once; since then one in a second: 46 are left.
        shown = [(0.1, 50.0), *((float(second), 50.0 + second) for second in range(1, 5))]
        assert self.at(*shown, total=100).endswith("about 45 s left")

    @pytest.mark.parametrize(
        ("done", "told"), [(10, "about 15 minutes left"), (50, "about 100 s left"), (95, "about 5 s left")]
    )
    def test_the_rest_is_told_no_finer_than_it_is_known(self, done: int, told: str) -> None:
        assert self.at((100, done), total=100).endswith(told)

    def test_an_old_console_gets_plain_signs(self) -> None:
        assert "##########.........." in self.at((1, 5), total=10, encoding="cp1252")

    def test_a_step_whose_end_is_not_known_says_how_long_it_has_taken(self) -> None:
        clock = Clock()
        bar = Bar(io.StringIO(), clock)
        bar.show("Tagging")
        clock.now = 7
        assert bar.line() == "Tagging  … 7 s"
        bar.rest()

    def test_nothing_is_drawn_within_a_second_and_the_line_is_taken_away(self) -> None:
        stream, clock = io.StringIO(), Clock()
        bar = Bar(stream, clock)
        bar.show("Tagging")
        time.sleep(0.5)
        assert stream.getvalue() == ""
        clock.now = 1.5
        time.sleep(0.5)
        bar.rest()
        shown = stream.getvalue()
        assert "Tagging  … 2 s" in shown
        assert shown.endswith("\r" + " " * len("Tagging  … 2 s") + "\r")


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_a_pipe_gets_no_line_and_a_terminal_an_empty_one(tmp_path: Path) -> None:
    import pty

    script = (
        "import time\n"
        "from qualcode.cli._progress import showing_progress\n"
        "from qualcode.progress import track\n"
        "with showing_progress():\n"
        "    for _ in track(range(2), 'Reading \\x1b[31m', 2):\n"
        "        time.sleep(0.9)\n"
        "print('done')\n"
    )
    command = [sys.executable, "-c", script]
    piped = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    assert (piped.stdout, piped.stderr) == (b"done\n", b"")
    near, far = pty.openpty()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=far, check=True, cwd=tmp_path)
    shown = os.read(near, 65536).decode()
    os.close(near)
    os.close(far)
    assert "1 of 2" in shown
    assert "\x1b" not in shown
    assert shown.endswith("\r")
