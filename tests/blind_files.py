"""A disk as Windows and macOS have it: two names that differ only in case, or in the form of é, are one file.

It is laid over a folder of the ordinary disk: before the system sees a path, each part that is spelled in another way
than what lies there is replaced by that spelling. A new file keeps the spelling under which it was made.
"""

# ruff: noqa: PTH109, PTH118, PTH206  # of strings: it is what lies below pathlib

from __future__ import annotations

import builtins
import io
import os
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

_ONE_PATH = (
    *("access", "chmod", "listdir", "lstat", "mkdir", "open", "readlink", "remove", "rmdir", "scandir", "stat"),
    *("truncate", "unlink", "utime"),
)
"""Functions of ``os`` that take a path first."""


def fold(name: str) -> str:
    """Return a name as such a disk compares it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class BlindFiles:
    """The disk below ``root``, and nothing else."""

    def __init__(self, root: Path) -> None:
        self.root = os.path.realpath(root)
        self._listdir, self._rename = os.listdir, os.replace

    def lay_over(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of what opens, looks at, makes, renames and removes files in this process."""
        for name in _ONE_PATH:
            patch.setattr(os, name, self._with_path(getattr(os, name)))
        opened = self._with_path(io.open)
        for module in (io, builtins):
            patch.setattr(module, "open", opened)
        for name in ("rename", "replace"):
            patch.setattr(os, name, self.rename)

    def find(self, path: Any) -> Any:
        """Return a path in the spelling of what lies there, and as it is where nothing does."""
        if not isinstance(path, (str, os.PathLike)) or not isinstance(typed := os.fspath(path), str):
            return path
        whole = os.path.normpath(os.path.join(os.getcwd(), typed))
        if not whole.startswith(self.root + os.sep):
            return path
        found = self.root
        for part in os.path.relpath(whole, self.root).split(os.sep):
            found = os.path.join(found, self._spelled(found, part))
        return path if found == whole else found

    def rename(self, old: Any, new: Any, **others: Any) -> None:
        """Give a file another name, which may differ in case only; what had that name in any spelling goes."""
        source, target = os.fspath(self.find(old)), os.fspath(self.find(new))
        folder, name = os.path.split(os.fspath(new))
        spelled = os.path.join(os.fspath(self.find(folder)) if folder else "", name)
        self._rename(source, target, **others)
        if target != spelled:
            self._rename(target, spelled)

    def _with_path(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **others: Any) -> Any:
            first = self.find(words[0]) if words and others.get("dir_fd") is None else None
            return real(first, *words[1:], **others) if first is not None else real(*words, **others)

        return call

    def _spelled(self, folder: str, name: str) -> str:
        try:
            there = self._listdir(folder)
        except OSError:
            return name
        if name in there:
            return name
        return next((one for one in there if fold(one) == fold(name)), name)
