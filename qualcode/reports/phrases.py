"""The phrases that all reports share: numbers, times, places, short texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qualcode.signs import tame

if TYPE_CHECKING:
    from qualcode.errors import Problem

SHORTENED = "[…]"


def clean(text: str) -> str:
    """Return text in which nothing steers what shows it and XML forbids nothing; U+FFFD shows where something was."""
    return tame(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def number(value: Any) -> float | None:  # a cell of a frame
    """Return a number, or ``None`` for a missing one."""
    return None if value is None or value != value else float(value)  # noqa: PLR0124  # NaN is not equal to itself


def shorten(text: str, words: int) -> str:
    """Return text of at most ``words`` words on one line; ``[…]`` stands for what was cut."""
    from qualcode.language import word_starts

    line = " ".join(text.split())
    starts = word_starts(line)
    if len(starts) <= words:
        return line
    return f"{line[: int(starts[words])].rstrip()} {SHORTENED}"


def clock(seconds: float) -> str:
    """Return seconds as ``h:mm:ss``."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}"


def place_of(where: str) -> str:
    """Return the place of a problem without the folders of this machine."""
    return where.replace("\\", "/").rsplit("/", 1)[-1]


def describe_problem(problem: Problem) -> str:
    """Return a problem in one line, without the folders of this machine."""
    where = place_of(problem.where)
    return f"{where}: {problem.message}" if where and where not in problem.message else problem.message
