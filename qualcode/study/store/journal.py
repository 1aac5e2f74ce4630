"""Changes of several files that happen together or not at all, whatever moment the machine stops at.

The new contents are written beside, then a journal that names them is made durable: that is the moment at which the
change has happened. What is left is renaming and appending, which :func:`recover` finishes if the process cannot.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from qualcode.atomic import append_bytes, make_folder, patiently, replace_file, sync_folder
from qualcode.errors import Problem, StudyError
from qualcode.study.store.layout import digest_of, is_link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qualcode.study.store.layout import Layout


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the failures of writing a file into an error with place and repair."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StudyError(
            f"The study cannot be written: {reason}. Nothing was changed.",
            where=str(error.filename or path),
            hint="Free some disk space, or check that you have permission to write in this folder, then try again",
        ) from error


def refuse_links(layout: Layout, path: Path) -> None:
    """Refuse to write through a link.

    Raises
    ------
    StudyError
        If one stands in the way.
    """
    if layout.is_led_away(path):
        raise StudyError(
            "This is a link; a study is written in its own folder only. Nothing was changed.",
            where=layout.name_of(path),
            hint="Replace it with the file or folder itself",
        )


@dataclass
class Plan:
    """What is to become of files, by their paths.

    Attributes
    ----------
    contents
        Whole files; ``None`` deletes one.
    appends
        What is appended, and behind how many bytes.
    """

    layout: Layout
    contents: dict[Path, bytes | None] = field(default_factory=dict)
    appends: dict[Path, tuple[int, bytes]] = field(default_factory=dict)

    def put(self, path: Path, data: bytes | None) -> None:
        """Plan to replace a file, make or delete it; one that is so already stays as it is."""
        if self.layout.read(path) == data:
            self.contents.pop(path, None)
        else:
            self.contents[path] = data

    def read(self, path: Path) -> bytes | None:
        """Return what a file will hold."""
        return self.contents[path] if path in self.contents else self.layout.read(path)

    def commit(self) -> None:
        """Make all changes; of a single one no journal is needed.

        Raises
        ------
        StudyError
            If the disk is full or may not be written to; then nothing was changed.
        """
        for path in (*self.contents, *self.appends):
            refuse_links(self.layout, path)
        if not self.contents and len(self.appends) == 1:
            ((path, (size, data)),) = self.appends.items()
            with writing(path):
                append_bytes(path, data, size=size)
        elif not self.appends and len(self.contents) == 1 and None not in self.contents.values():
            ((path, content),) = self.contents.items()
            with writing(path):
                make_folder(path.parent)
                replace_file(path, content or b"")
        elif self.contents or self.appends:
            self._commit_all()

    def _commit_all(self) -> None:
        layout = self.layout
        try:
            with writing(layout.staging):
                self._stage()
        except BaseException:
            if not layout.journal.exists():
                shutil.rmtree(layout.staging, ignore_errors=True)
                raise
        recover(layout)

    def _stage(self) -> None:
        staging = self.layout.staging
        shutil.rmtree(staging, ignore_errors=True)
        make_folder(staging)
        steps: list[dict[str, Any]] = []
        for path, data in self.contents.items():
            name = self.layout.name_of(path)
            steps.append({"delete": name} if data is None else {"put": name, "from": _keep(staging, len(steps), data)})
        for path, (size, data) in self.appends.items():
            name = self.layout.name_of(path)
            steps.append({"append": name, "size": size, "from": _keep(staging, len(steps), data)})
        sync_folder(staging)
        replace_file(self.layout.journal, json.dumps(steps).encode("utf-8"))


def _keep(staging: Path, number: int, data: bytes) -> str:
    with (staging / str(number)).open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return str(number)


def is_unfinished(layout: Layout) -> bool:
    """Tell whether a change of several files has happened and is not carried out to its end."""
    return layout.journal.exists()


def recover(layout: Layout) -> list[Problem]:
    """Carry out what a dead process had decided, and clear away what it had not. The caller holds the lock.

    Returns
    -------
    list of Problem
        That a journal was set aside which qualcode cannot have written; nothing of it is carried out.
    """
    if layout.journal.exists():
        steps = _read_steps(layout)
        if steps is None:
            return [_set_aside(layout)]
        try:
            _roll_forward(layout, steps)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StudyError(
                f"A change of several files is recorded but not finished yet: {reason}.",
                where=str(error.filename or layout.root),
                hint="Free some disk space; the next command on the study finishes the change",
            ) from error
    elif layout.staging.exists():
        shutil.rmtree(layout.staging, ignore_errors=True)
    return []


_Step = tuple[str, "Path", int, "Path | None"]


def _read_steps(layout: Layout) -> list[_Step] | None:
    """Return what a journal wants done; ``None`` when any of it is nothing that qualcode does."""
    if layout.is_led_away(layout.journal) or layout.is_led_away(layout.staging) or not layout.journal.is_file():
        return None
    try:
        return [_read_step(layout, step) for step in json.loads(layout.journal.read_bytes())]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, OSError):
        return None


def _read_step(layout: Layout, step: dict[str, Any]) -> _Step:
    kind = next(one for one in ("put", "delete", "append", "") if one in step or not one)
    path = layout.find(step[kind])
    if path is None:
        raise ValueError(step[kind])
    if kind == "delete":
        return kind, path, 0, None
    if not re.fullmatch(r"\d{1,9}", step["from"]):
        raise ValueError(step["from"])
    source = layout.staging / step["from"]
    if layout.is_led_away(source) or (source.exists() and not source.is_file()):
        raise ValueError(step["from"])
    size = int(step.get("size", 0))
    if kind == "append" and not 0 <= size <= (path.stat().st_size if path.exists() else 0):
        raise ValueError(size)
    return kind, path, size, source


def _set_aside(layout: Layout) -> Problem:
    """Put a journal that cannot be ours where nothing reads it."""
    refuse_links(layout, layout.kept)
    with writing(layout.kept):
        make_folder(layout.kept)
        is_file = layout.journal.is_file() and not is_link(layout.journal)
        name = digest_of(layout.journal.read_bytes())[:8] if is_file else secrets.token_hex(4)
        goal = layout.kept / f"{_ASIDE}{name}.json"
        layout.journal.replace(goal)
        if layout.staging.is_dir() and not layout.is_led_away(layout.staging):
            shutil.rmtree(goal.with_suffix(""), ignore_errors=True)
            layout.staging.replace(goal.with_suffix(""))
    return _tell_aside(layout, goal)


_ASIDE = "journal-"


def _tell_aside(layout: Layout, path: Path) -> Problem:
    message = "A list of unfinished changes is damaged or was not written by qualcode; none was made."
    hint = "Check whether anything is missing with qualcode check, then delete the file"
    return Problem(layout.name_of(path), "warning", "journal", message, hint)


def tell_set_aside(layout: Layout) -> list[Problem]:
    """Return the journals that were set aside and lie there still."""
    if layout.is_led_away(layout.kept):
        return []
    return [_tell_aside(layout, path) for path in sorted(layout.kept.glob(f"{_ASIDE}*.json"))]


def _roll_forward(layout: Layout, steps: list[_Step]) -> None:
    folders: dict[Path, None] = {}
    for kind, path, size, source in steps:
        if source is None:
            patiently(partial(path.unlink, missing_ok=True))
        elif kind == "append":
            if source.exists():  # it stays until the journal is gone, so this may be done again
                append_bytes(path, source.read_bytes(), size=size)
        else:
            make_folder(path.parent)
            with contextlib.suppress(FileNotFoundError):  # renamed before the crash
                patiently(partial(source.replace, path))
        if path.parent.is_dir():
            folders[path.parent] = None
    for folder in folders:
        sync_folder(folder)
    layout.journal.unlink()
    sync_folder(layout.private)
    shutil.rmtree(layout.staging, ignore_errors=True)
