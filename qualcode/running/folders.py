"""The folder of results: all or nothing, and never over what somebody else put there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

RUN_NAME = "run.json"
"""The file of a results folder that tells what is in it and where it came from."""

_N_NAMES_SHOWN = 3

_DRAFT, _ASIDE = ".qualcode-draft-", ".aside"
"""Where results wait until all are written, and what they replace until all are in their places."""


@contextmanager
def fresh_folder(out: Path, *, force: bool) -> Iterator[Path]:  # mirrors --force
    """Give a folder to write to; its files take their places in ``out`` only when all are written.

    When anything fails, ``out`` is as it was.
    """
    replaced = check_output(out, force=force)
    draft, made = None, _missing(out)
    try:
        with _in_words(out):
            # A folder that is there may be a disk of its own, on which its files have to be written to be moved.
            home = out if out.is_dir() else out.parent
            home.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=home))
            yield draft
            _publish(draft, out, replaced)
    except OutputError as error:
        where = error.where.replace(str(draft), str(out)) if draft is not None else error.where
        raise OutputError(error.message, where, error.hint) from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        for folder in made:
            with suppress(OSError):  # of a folder that now holds the results
                folder.rmdir()


@contextmanager
def _in_words(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).rstrip(".")
        raise OutputError(
            f"The results cannot be written: {reason}. No files were left behind.",
            where=str(out),
            hint="Free some disk space, get permission to write there, or choose another folder with --out",
        ) from error


def _missing(out: Path) -> list[Path]:
    """Return the folders above ``out`` that are not there yet, the deepest first."""
    return [folder for folder in out.parents if not os.path.lexists(folder)]


def check_output(out: Path, *, force: bool) -> frozenset[str]:  # mirrors --force
    """Return the names of an earlier run's files in ``out``, which may be replaced.

    Raises
    ------
    OutputError
        If ``out`` is no folder, cannot be looked at, or holds what the program did not write and ``force`` is off.
    """
    with _in_words(out):
        if not out.exists():
            return frozenset()
        if not out.is_dir():
            raise OutputError(
                "The results need a folder, and this is a file.", where=str(out), hint="Choose another --out"
            )
        # A draft that a killed process left is nobody's work.
        present = {name: path for name, path in files_below(out).items() if not name.startswith(_DRAFT)}
        ours = _earlier_files(out)
        unchanged = {name for name, path in present.items() if name in ours and ours[name] == _digest_readable(path)}
        foreign = [name for name in present if name != RUN_NAME and name not in unchanged]
        if present and (foreign or not ours) and not force:
            raise _foreign_files(out, foreign or list(present))
        _check_closed(out, present if force else unchanged)
        return frozenset(unchanged)


def _check_closed(out: Path, names: Iterable[str]) -> None:
    """Refuse to begin while a program such as Word holds a file that is to be replaced: Windows would not let it go."""
    for name in sorted(names):
        path = out / name
        try:
            path.replace(path)
        except PermissionError as error:
            raise OutputError(
                "The file is open in another program, so new results cannot take its place.",
                where=str(path),
                hint="Close it in Word, Excel or the browser and run the command again, or choose another --out",
            ) from error


def _foreign_files(out: Path, names: Sequence[str]) -> OutputError:
    rest = len(names) - _N_NAMES_SHOWN
    named = ", ".join(names[:_N_NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
    return OutputError(
        f"The folder holds files that qualcode did not write or that have changed since: {named}.",
        where=str(out),
        hint="Choose another folder with --out, or add --force to replace files of the same names (others stay)",
    )


def _earlier_files(out: Path) -> Mapping[str, str]:
    """Return name → digest of the files that an earlier run wrote to ``out``."""
    try:
        run = json.loads((out / RUN_NAME).read_text("utf-8"))
        return {str(name): str(digest) for name, digest in run["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_readable(path: Path) -> str:
    """Return the digest of a file, or ``""`` of one that cannot be read: it is none that this program wrote."""
    try:
        return digest_file(path)
    except OSError:
        return ""


def files_below(folder: Path) -> dict[str, Path]:
    """Return every file below a folder by its name in it, with forward slashes, in the order of the names."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _publish(draft: Path, out: Path, replaced: Collection[str]) -> None:
    """Move every file of ``draft`` to its place, and remove an earlier run's files that have no successor."""
    written = files_below(draft)
    earlier = {*written, *replaced}
    _check_places(out, written)
    with ExitStack() as undo:
        if not out.exists():
            out.mkdir()
            undo.callback(out.rmdir)
        for name in sorted(earlier, key=lambda one: (one in written, one)):  # p1.txt goes before P1.txt takes its place
            target = out / name
            if os.path.lexists(target):
                _move(target, draft / _ASIDE / name)
                undo.callback(_move, draft / _ASIDE / name, target)
            if name in written:
                _make_folder(target.parent, undo)
                written[name].replace(target)
                undo.callback(target.unlink)
        undo.pop_all()


def _check_places(out: Path, names: Iterable[str]) -> None:
    """Refuse to put a file where a folder is, or a folder where a file is: neither can be replaced."""
    for name in names:
        above = [out / folder for folder in Path(name).parents if folder.name]
        in_the_way = [place for place in above if os.path.lexists(place) and not place.is_dir()]
        if (out / name).is_dir():
            in_the_way.append(out / name)
        if in_the_way:
            raise OutputError(
                f"A {'folder' if in_the_way[0].is_dir() else 'file'} of this name is in the way of the results.",
                where=str(in_the_way[0]),
                hint="Move it, or choose another folder with --out",
            )


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _make_folder(folder: Path, undo: ExitStack) -> None:
    for one in reversed([folder, *_missing(folder)]):
        if not one.exists():
            one.mkdir()
            undo.callback(one.rmdir)
