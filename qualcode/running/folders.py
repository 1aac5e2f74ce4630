"""The folder of results: all or nothing, and never over what somebody else put there."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

RUN_NAME = "run.json"
"""The file of a results folder that tells what is in it and where it came from."""

_N_NAMES_SHOWN = 3


@contextmanager
def fresh_folder(out: Path, *, force: bool) -> Iterator[Path]:  # mirrors --force
    """Give a folder to write to; its files take their places in ``out`` only when all are written.

    Nothing is touched when anything fails before that.
    """
    replaced = _check_output(out, force=force)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise _output_error(error, out) from error
    try:
        yield draft
        _publish(draft, out, replaced)
    except OSError as error:
        raise _output_error(error, out) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _output_error(error: OSError, out: Path) -> OutputError:
    reason = (error.strerror or str(error)).rstrip(".")
    return OutputError(
        f"The results cannot be written: {reason}. Nothing was left behind.",
        where=str(out),
        hint="Make room or ask for permission, or choose another folder with --out.",
    )


def _check_output(out: Path, *, force: bool) -> frozenset[str]:
    """Return the names of an earlier run's files in ``out``, which may be replaced.

    Raises
    ------
    OutputError
        If ``out`` is no folder, or holds what the program did not write and ``force`` is off.
    """
    if not out.exists():
        return frozenset()
    if not out.is_dir():
        raise OutputError(
            "The results go into a folder, and this is a file.", where=str(out), hint="Choose another --out."
        )
    present = files_below(out)
    ours = _earlier_files(out)
    foreign = [name for name in present if name != RUN_NAME and ours.get(name) != digest_file(present[name])]
    if present and (foreign or not ours) and not force:
        named = foreign or list(present)
        rest = len(named) - _N_NAMES_SHOWN
        names = ", ".join(named[:_N_NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
        raise OutputError(
            f"The folder holds files that this program did not write, or that were changed since: {names}.",
            where=str(out),
            hint="Choose another folder with --out, or add --force to replace files of the same names (others stay).",
        )
    return frozenset(name for name, digest in ours.items() if name in present and digest_file(present[name]) == digest)


def _earlier_files(out: Path) -> Mapping[str, str]:
    """Return name → digest of the files that an earlier run wrote to ``out``."""
    try:
        run = json.loads((out / RUN_NAME).read_text("utf-8"))
        return {str(name): str(digest) for name, digest in run["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_below(folder: Path) -> dict[str, Path]:
    """Return every file below a folder by its name in it, with forward slashes, in the order of the names."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _publish(draft: Path, out: Path, replaced: Collection[str]) -> None:
    """Move every file of ``draft`` to its place, and remove an earlier run's files that have no successor."""
    out.mkdir(exist_ok=True)
    written = files_below(draft)
    for name, path in written.items():
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    for name in sorted(set(replaced) - set(written)):
        (out / name).unlink(missing_ok=True)
