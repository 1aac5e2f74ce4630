"""The key of names on the command line, and the look through what was written."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # a NamedTuple has it
from typing import TYPE_CHECKING, NamedTuple

import click

from qualcode.cli._common import PATH, say
from qualcode.cli._progress import showing_progress
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qualcode.errors import Problem
    from qualcode.leaks import Leak
    from qualcode.pseudonyms import Key

_SHOWN = 20


class KnownKey(NamedTuple):
    """A key that was read: where it lies, its names, and what a person should know about it."""

    path: Path
    key: Key
    problems: list[Problem]


def load_key(path: Path, *, apart_from: Path | None = None) -> tuple[Key, list[Problem]]:
    """Return a key that lies where it may lie, and what a person should know about it."""
    from qualcode.pseudonyms import check_place, read_key

    check_place(path, apart_from=apart_from)
    key = read_key(path)
    return key, list(key.problems)


def _know(_context: click.Context, _option: click.Parameter, path: Path | None) -> KnownKey | None:
    """Read the key before anything is written: one that cannot be used is refused at once."""
    return None if path is None else KnownKey(path.expanduser(), *load_key(path.expanduser()))


def expand(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """Return a path in which ``~`` is the person's own folder, as no shell of Windows has it."""
    return None if path is None else path.expanduser()


key_option = click.option(
    "--key",
    "known",
    type=PATH,
    metavar="FILE",
    envvar="QUALCODE_KEY",
    callback=_know,
    help="The key of names. What is written is looked through for them.  [default: the path in QUALCODE_KEY]",
)


def check_written(paths: Iterable[Path], known: KnownKey | None) -> list[Problem]:
    """Look through files that were just written, and return leaks as warnings; without a key, say so."""
    from qualcode.leaks import LeakChecker

    if known is None:
        _say_unchecked()
        return []
    with showing_progress() as progress:
        report = LeakChecker(known.key).check_paths(paths, progress=progress)
    say(report.sentence)
    return [*known.problems, *report.problems, *warn_of(report.leaks)]


def check_data(contents: Mapping[str, bytes], known: KnownKey | None) -> list[Problem]:
    """Look through what goes to standard output or into files, by their names; see :func:`check_written`."""
    from qualcode.leaks import LeakChecker

    if known is None:
        _say_unchecked()
        return []
    checker = LeakChecker(known.key)
    checked = [checker.check_bytes(name, data) for name, data in contents.items()]
    leaks = [one for found, _ in checked for one in found]
    if not leaks:
        say("No name of the key and no pattern was found.")
    return [*known.problems, *(one for _, unread in checked for one in unread), *warn_of(leaks)]


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
