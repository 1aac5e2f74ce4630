"""Beginning a study and finding the one that somebody stands in."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.study.files import Transaction, replace_file
from qualcode.study.folder import tell_time
from qualcode.study.settings import SETTINGS, Settings, check_coder, encode_settings
from qualcode.study.study import Study

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from qualcode.model import Unit

_FOR_GIT = {
    ".gitignore": b"# What qualcode needs while it runs; not part of the study.\n/.qualcode/\n.*.tmp\n",
    ".gitattributes": b"# Lines that two copies added are all kept.\n/history.jsonl merge=union\n",
}


def create_study(
    folder: str | os.PathLike[str],
    *,
    name: str = "",
    language: str = "",
    unit: Unit = "turn",
    coders: Sequence[str] = (),
    codebook: str | os.PathLike[str] | None = None,
    cases: str | os.PathLike[str] | None = None,
    clock: Callable[[], str] = tell_time,
) -> Study:
    """Begin a study in an empty or new folder.

    Parameters
    ----------
    folder
        Where; files that are there already stay untouched.
    name, language, unit, coders
        As in :class:`~qualcode.study.settings.Settings`.
    codebook, cases
        Files to copy into the study; they are checked first.
    clock
        Tells the time of events.

    Raises
    ------
    StudyError
        If there is a study already, or the folder cannot be written to.
    CodebookError, CaseError
        If one of the files cannot be used.
    """
    from qualcode.cases import read_cases
    from qualcode.codebook import read_codebook

    root = Path(folder)
    if (root / SETTINGS).exists():
        raise StudyError(
            "There is a study here already.", where=str(root), hint="Go on with it, or name another folder."
        )
    if root.exists() and not root.is_dir():
        raise StudyError("This is a file, not a folder.", where=str(root), hint="Name a folder.")
    people: list[str] = []
    for coder in coders:
        people.append(check_coder(coder, tuple(people)))
    if codebook is not None:
        read_codebook(codebook)
    if cases is not None:
        read_cases(cases)
    settings = Settings(secrets.token_hex(8), name or root.resolve().name, language, unit, tuple(sorted(people)))
    change = Transaction(root)
    for one, data in _FOR_GIT.items():
        change.put(root / one, data)
    if codebook is not None:
        change.put(root / "codebook.yaml", Path(codebook).read_bytes())
    if cases is not None:
        change.put(root / "cases.csv", _as_csv(Path(cases)))
    _keep_what_is_there(change)
    change.commit()
    replace_file(root / SETTINGS, encode_settings(settings))  # last: the folder is a study from here on
    study = Study(root, clock=clock)
    study.note_versions()
    return study


def _keep_what_is_there(change: Transaction) -> None:
    """Leave files for git as they are, and refuse to replace others."""
    for one in [one for one in change.contents if (change.root / one).exists()]:
        if one not in _FOR_GIT:
            message = f"There is a file {one} in the folder already."
            raise StudyError(message, where=str(change.root), hint="Name an empty folder.")
        del change.contents[one]


def _as_csv(path: Path) -> bytes:
    data = path.read_bytes()
    if data.startswith(b"PK"):
        raise StudyError(
            "A study keeps its cases as CSV, which any program and any person can read.",
            where=str(path),
            hint="Save the table in Excel as “CSV UTF-8” and give that.",
        )
    return data


def find_study(start: str | os.PathLike[str] = ".") -> Path:
    """Return the study's folder in which a folder lies, or itself.

    Raises
    ------
    StudyError
        If there is none.
    """
    folder = Path(start).resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / SETTINGS).is_file():
            return candidate
    raise StudyError(
        "This folder is not in a study.",
        where=str(start),
        hint="Name the study with --study DIR, or begin one with: qualcode init DIR",
    )


def open_study(folder: str | os.PathLike[str] | None = None) -> Study:
    """Open a study: the given folder, or the one in which the program was started."""
    return Study(find_study() if folder is None else folder)
