"""The key of names on the command line, and the look through what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, say
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from qualcode.errors import Problem
    from qualcode.leaks import Leak
    from qualcode.pseudonyms import Key

key_option = click.option(
    "--key",
    "key_path",
    type=PATH,
    metavar="FILE",
    envvar="QUALCODE_KEY",
    help="The key of names. What is written is looked through for them.  [default: the path in QUALCODE_KEY]",
)
_SHOWN = 20


def load_key(path: Path, *, apart_from: Path | None = None) -> tuple[Key, list[Problem]]:
    """Return a key that lies where it may lie, and what a person should know about it."""
    from qualcode.pseudonyms import check_place, read_key

    check_place(path, apart_from=apart_from)
    key = read_key(path)
    return key, list(key.problems)


def check_written(paths: Iterable[Path], key_path: Path | None) -> list[Problem]:
    """Look through files that were just written, and return leaks as warnings; without a key, say so."""
    from qualcode.leaks import LeakChecker

    if key_path is None:
        _say_unchecked()
        return []
    key, problems = load_key(key_path)
    report = LeakChecker(key).check_paths(paths)
    say(report.sentence)
    return [*problems, *report.problems, *warn_of(report.leaks)]


def check_data(name: str, data: bytes, key_path: Path | None) -> list[Problem]:
    """Look through bytes that go to standard output or into a file; see :func:`check_written`."""
    from qualcode.leaks import LeakChecker

    if key_path is None:
        _say_unchecked()
        return []
    key, problems = load_key(key_path)
    leaks, unread = LeakChecker(key).check_bytes(name, data)
    if not leaks:
        say("No name of the key and no pattern was found.")
    return [*problems, *unread, *warn_of(leaks)]


def _say_unchecked() -> None:
    say("Not looked through for names: no key is known (--key FILE, or QUALCODE_KEY).")


def warn_of(leaks: Sequence[Leak]) -> list[Problem]:
    """Return leaks as warnings, those of one kind in one file together, without their words."""
    from qualcode.errors import Problem

    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in leaks:
        groups.setdefault((one.path, one.kind, one.rule), []).append(one.place)
    warnings = []
    for (path, kind, rule), places in groups.items():
        distinct = list(dict.fromkeys(places))
        more = f" and {plural(len(distinct) - 3, 'other place')}" if len(distinct) > 3 else ""  # noqa: PLR2004
        message = f"{plural(len(places), 'leak')}, {kind} ({rule}): {', '.join(distinct[:3])}{more}."
        warnings.append(Problem(path, "warning", "leak", message))
    if len(warnings) > _SHOWN:
        message = f"{plural(len(warnings) - _SHOWN, 'further group')} of leaks."
        warnings[_SHOWN:] = [
            Problem("", "warning", "leak", message, "List all with: qualcode check-leaks PATH --key FILE")
        ]
    elif warnings:
        hint = "See each with: qualcode check-leaks PATH --key FILE --show"
        last = warnings[-1]
        warnings[-1] = Problem(last.where, last.level, last.rule, last.message, hint)
    return warnings
