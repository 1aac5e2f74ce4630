"""What git keeps of a folder: every version of every file, names of files and authors, and messages."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from qualcode.errors import QualcodeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=", "-c", "safe.directory=*", "-c", "protocol.allow=never")
_PATIENCE = 600
_TREE = re.compile(rb"[0-7]{5,6} ([^\0]+)\0.{20}", re.DOTALL)


def read_history(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield what the repository in a folder keeps: kind (``blob``, ``commit``, ``tag``, ``path``), name, and bytes.

    Objects that no branch leads to are among them. Nothing of the repository is run: no hooks, filters or drivers.

    Raises
    ------
    QualcodeError
        If git is not installed, or cannot read it.
    """
    paths = _list_paths(folder)
    listed = _run(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype) %(objectsize)")
    objects = [line.split() for line in listed.decode("ascii", "replace").splitlines()]
    wanted = [(one, kind) for one, kind, _ in objects]
    with subprocess.Popen(  # noqa: S603  # git, with words of our own
        _command(folder, "cat-file", "--batch"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        if process.stdin is None or process.stdout is None:
            return
        for name, kind in wanted:
            process.stdin.write(f"{name}\n".encode())
            process.stdin.flush()
            head = process.stdout.readline().split()
            data = process.stdout.read(int(head[2])) if len(head) == 3 else b""  # noqa: PLR2004
            process.stdout.read(1)
            if kind == "tree":  # one file may have had several names, of which a list of objects tells one
                for entry in _TREE.finditer(data):
                    yield "path", entry[1].decode("utf-8", "replace"), entry[1]
            else:
                yield kind, paths.get(name, name[:12]), data


def _command(folder: Path, *words: str) -> list[str]:
    return ["git", "--no-pager", *_SAFE, "-C", str(folder), *words]


def _run(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(_command(folder, *words), capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603
    except FileNotFoundError as error:
        message = "The folder is under git, and git is not installed, so that its history was not looked through."
        raise QualcodeError(message, str(folder), "Install git, or give the folder away without .git") from error
    except subprocess.TimeoutExpired as error:
        message = "Git needs too long to list its history, which was not looked through."
        raise QualcodeError(message, str(folder), "Give the folder away without .git") from error
    if done.returncode:
        reason = re.sub(r"\s+", " ", done.stderr.decode("utf-8", "replace")).strip().rstrip(".")
        message = f"Git cannot read its history ({reason}), which was not looked through."
        raise QualcodeError(message, str(folder), "Give the folder away without .git")
    return done.stdout


def _list_paths(folder: Path) -> dict[str, str]:
    """Return the names under which files were kept, by object."""
    listed = _run(folder, "-c", "core.quotePath=false", "rev-list", "--objects", "--all", "--reflog")
    pairs = (line.partition(" ") for line in listed.decode("utf-8", "surrogateescape").splitlines())
    return {name: path for name, _, path in pairs if path}
