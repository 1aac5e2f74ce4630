"""Where everything lies in a study's folder, and reading it without following anything out of it.

A study may come from somebody else: its files are data. A link in it is neither followed nor written through.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import unicodedata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from qualcode.atomic import patiently
from qualcode.errors import StudyError
from qualcode.file_names import advise_on, fold_name, is_portable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PRIVATE = ".qualcode"
"""The folder of the lock and of changes under way; nothing in it is part of the study."""

LOG_ENDING = ".log.jsonl"
SHEET_ENDING = ".jsonl"

_FOLDERS = frozenset(
    {"checks", "coders", "framework", "memos", "raw", "sheets", "transcripts", "unsettled", "versions"}
)
_FILES = re.compile(
    r"study\.yaml|codebook(\.theirs-[0-9a-f]{8})?\.yaml|cases\.csv|exchange\.csv|questions\.csv|speakers\.csv|report\.yaml|history\.jsonl|assignments\.csv|\.git(ignore|attributes)"
)
_REMEMBERED = {PurePosixPath(PRIVATE, "bookmarks"), PurePosixPath(PRIVATE, "pins")}
"""Where pages and terminals keep what they remember for a coder."""

_DIGITS = 12
"""Digits of a digest in the name of a file that is kept."""


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class Layout:
    """The names of a study's files.

    Parameters
    ----------
    root
        The study's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = root / "study.yaml"
        self.codebook = root / "codebook.yaml"
        self.cases = root / "cases.csv"
        self.speakers, self.exchange = root / "speakers.csv", root / "exchange.csv"
        self.history = root / "history.jsonl"
        self.assignments = root / "assignments.csv"
        self.transcripts, self.sheets, self.memos = root / "transcripts", root / "sheets", root / "memos"
        self.coders, self.unsettled, self.versions = root / "coders", root / "unsettled", root / "versions"
        self.raw, self.checks = root / "raw", root / "checks"
        self.framework, self.questions = root / "framework", root / "questions.csv"
        self.private = root / PRIVATE
        self.journal, self.staging = self.private / "journal.json", self.private / "staging"
        self.lock, self.kept = self.private / "study.lock", self.private / "kept"

    def text_of(self, transcript_id: str) -> Path:
        """Return where the text of a transcript lies."""
        return self.transcripts / f"{transcript_id}.txt"

    def data_of(self, transcript_id: str) -> Path:
        """Return where the segments of a transcript lie."""
        return self.transcripts / f"{transcript_id}.json"

    def sheet_of(self, coder: str, transcript_id: str) -> Path:
        """Return where a sheet lies."""
        return self.sheets / coder / f"{transcript_id}{SHEET_ENDING}"

    def log_of(self, coder: str, transcript_id: str) -> Path:
        """Return where the log of a sheet lies."""
        return self.sheets / coder / f"{transcript_id}{LOG_ENDING}"

    def memo_of(self, memo_id: str) -> Path:
        """Return where a memo lies."""
        return self.memos / f"{memo_id}.md"

    def framework_of(self, case: str) -> Path:
        """Return where the summaries of a case lie: under its name, or with its digest where that can be no file's."""
        if is_portable(case):
            return self.framework / f"{case}.md"
        plain = re.sub(r"[^\w-]+", "-", case)[:40].strip("-") or "case"
        return self.framework / f"{plain}-{digest_of(case.encode('utf-8', 'surrogatepass'))[:_DIGITS]}.md"

    def coder_of(self, name: str) -> Path:
        """Return where a coder is entered who came after the study was begun."""
        return self.coders / f"{name}.yaml"

    def unsettled_of(self, transcript_id: str) -> Path:
        """Return where the codings lie whose place in a transcript is unsure."""
        return self.unsettled / f"{transcript_id}.jsonl"

    def version_of(self, name: str, digest: str) -> Path:
        """Return where an earlier version of a file such as ``codebook.yaml`` or ``P07.txt`` is kept."""
        stem, _, ending = name.rpartition(".")
        return self.versions / f"{stem}-{digest[:_DIGITS]}.{ending}"

    def check_of(self, coder: str, code: str) -> Path:
        """Return where the checks lie that were drawn for a coder and a code."""
        name = code if is_portable(code) else f"{code}_"  # pro and con: Windows takes con.jsonl for a device
        return self.checks / coder / f"{name}{SHEET_ENDING}"

    def bookmark_of(self, coder: str) -> Path:
        """Return where a coder's place in the reading is remembered."""
        return self.private / "bookmarks" / f"{coder}.json"

    def pins_of(self, coder: str) -> Path:
        """Return where the codes are remembered that a coder has pinned to digits."""
        return self.private / "pins" / f"{coder}.json"

    def raw_of(self, name: str, data: bytes, read: Callable[[Path], bytes | None]) -> Path:
        """Return where an original file is kept: under its name, or with its digest behind when that is taken.

        Parameters
        ----------
        name, data
            Its name and what it holds.
        read
            Returns what a file holds, or will hold, ``None`` without one.
        """
        plain = unicodedata.normalize("NFC", Path(name.replace("\\", "/")).name)
        ending = Path(plain).suffix
        if not is_portable(plain):  # a Mac has “Day 1: all.docx”, and Linux aux.csv
            plain = f"original{ending}" if is_portable(f"x{ending}") else "original"
        path = self.raw / plain
        if read(path) in {None, data}:
            return path
        return path.with_name(f"{path.stem}-{digest_of(data)[:_DIGITS]}{path.suffix}")

    def name_of(self, path: Path) -> str:
        """Return a file's name inside the study, as problems tell it."""
        return path.relative_to(self.root).as_posix()

    def find(self, name: str) -> Path | None:
        """Return the path of a file of the study that a name inside it means; ``None`` when it can be none."""
        pure = PurePosixPath(name)
        is_plain = not pure.is_absolute() and not {"..", "."} & set(name.split("/")) and not re.search(r"[\\:\0]", name)
        is_known = bool(_FILES.fullmatch(name)) or (len(pure.parts) > 1 and pure.parts[0] in _FOLDERS)
        is_known = is_known or pure.parent in _REMEMBERED
        path = self.root / pure
        return path if is_plain and is_known and not self.is_led_away(path) else None

    def is_led_away(self, path: Path) -> bool:
        """Tell whether a link stands on the way from the study's folder to a file, or in its place."""
        # Of strings, as every file that is read is asked for: paths of pathlib take three times as long.
        root, at = os.fspath(self.root), os.fspath(path)
        while at not in {root, ""}:  # of the folder “.” nothing is left
            if is_link(at):
                return True
            at = os.path.dirname(at)  # noqa: PTH120
        return False

    def read(self, path: Path) -> bytes | None:
        """Return what a file of the study holds; ``None`` without one.

        Raises
        ------
        StudyError
            If it is a link or a folder, or may not be read.
        """
        if self.is_led_away(path):
            raise StudyError(
                "This is a link; a study is read from its own folder only.",
                where=self.name_of(path),
                hint="Replace it with the file itself",
            )
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  # a pipe would be waited for, for ever
                reason = "it is a folder" if path.is_dir() else "it is not a regular file"
                raise self._unreadable(path, reason)
            return patiently(path.read_bytes)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            reason, repair = error.strerror or type(error).__name__, "Restore it from a copy"
            if isinstance(error, PermissionError):
                repair = "Get permission to read it, or close the program that has it open"
            raise self._unreadable(path, reason, repair) from error

    def _unreadable(self, path: Path, reason: str, repair: str = "Restore it from a copy") -> StudyError:
        return StudyError(
            f"The file cannot be read: {reason}.",
            where=self.name_of(path),
            hint=repair,
        )

    def list_files(self, folder: Path, ending: str = "") -> list[Path]:
        """Return the files in one of the study's folders, sorted; what programs hide, links and pipes are none."""
        if self.is_led_away(folder) or not folder.is_dir():
            return []
        with os.scandir(folder) as entries:
            names = sorted(
                one.name
                for one in entries
                if one.name[0] != "."
                and one.name.endswith(ending)
                and is_writable(one.name)
                and (one.is_file(follow_symlinks=False) or one.is_dir(follow_symlinks=False))  # no pipe, which blocks
            )
        return [folder / name for name in names]


def _is_no_junction(_: str | Path) -> bool:
    return False


_is_junction: Callable[[str | Path], bool] = getattr(os.path, "isjunction", _is_no_junction)
"""From Python 3.12 on; only Windows has them."""


def is_link(path: str | Path) -> bool:
    """Tell whether a path leads elsewhere: a symbolic link, or a junction of Windows."""
    return os.path.islink(path) or _is_junction(path)  # noqa: PTH114


def is_writable(name: str) -> bool:
    """Tell whether a file's name can be written down: not every name on a disk is text."""
    return not any("\ud800" <= mark <= "\udfff" for mark in name)


def state_of(*paths: Path) -> tuple[int, ...]:
    """Return what tells the versions of files without reading them."""
    state: list[int] = []
    for path in paths:
        try:
            found = os.stat(path)  # noqa: PTH116  # ten thousand times in a large study
        except OSError:
            state += [-1, -1, -1]
        else:
            state += [found.st_size, found.st_mtime_ns, found.st_ino]
    return tuple(state)


_HEAD_BYTES = 1024


def tell_name(path: Path, key: str) -> str:
    """Return what a file says under a key in its head, such as its name; ``""`` when it cannot be read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        found = re.search(rb'"%s": ?("(?:[^"\\]|\\.)*")' % key.encode(), head)
        return str(json.loads(found[1])) if found else ""
    except (OSError, ValueError):
        return ""


def check_transcript_id(transcript_id: str, known: Mapping[str, str]) -> None:
    """Refuse an id that cannot be the name of a file everywhere, or that some system takes for another's.

    Parameters
    ----------
    transcript_id
        The id.
    known
        The ids that are there, by their folded form.

    Raises
    ------
    StudyError
        If it is so.
    """
    if not is_portable(transcript_id) or transcript_id.endswith(".log"):
        raise StudyError(
            f"“{ascii(transcript_id)[1:-1]}” cannot be the name of a transcript on every computer.",
            hint=f"Rename the file; {advise_on(transcript_id, 'use letters, digits, spaces and hyphens')}",
        )
    twin = known.get(fold_name(transcript_id), transcript_id)
    if twin != transcript_id:
        raise StudyError(
            f"The study already has a transcript “{twin}”, which some computers cannot tell from “{transcript_id}”.",
            hint="Rename the file",
        )
