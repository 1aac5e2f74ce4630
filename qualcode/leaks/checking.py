"""Looking through what is about to leave, for names of the key and for what leads to persons."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import OutputError, Problem, QualcodeError
from qualcode.leaks.history import read_history
from qualcode.leaks.pieces import Limits, Piece
from qualcode.leaks.reading import read_file, split_name
from qualcode.pseudonyms import NameFinder, find_patterns
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qualcode.pseudonyms import Key

_GIT = ".git"
_RULES_IN_CODE = frozenset({"name", "part"})
"""What is looked for where there are no sentences: a word with a capital says nothing there."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A name, or what leads to a person, in what is about to leave.

    Attributes
    ----------
    path
        The file.
    place
        Where in it.
    kind
        What it names: ``person``, ``place``, ``email``, ``phone`` and so on, as the key or the pattern says.
    rule
        Why it was found: ``name``, ``word`` (a name that is an ordinary word as well), ``part`` of a name,
        ``misheard``, or the name of a pattern.
    text
        The words. They are shown to nobody who does not ask for them.
    """

    path: str
    place: str
    kind: str
    rule: str
    text: str = field(repr=False)

    def record(self, *, words: str = "hidden") -> dict[str, str]:
        """Return the leak as plain data.

        Parameters
        ----------
        words
            ``shown``: with the words that were found.

        Returns
        -------
        dict
            Path, place, kind and rule.

        Examples
        --------
        >>> from qualcode.leaks import Leak
        >>> Leak("report.docx", "comments, paragraph 1", "person", "name", "Ana").record()
        {'path': 'report.docx', 'place': 'comments, paragraph 1', 'kind': 'person', 'rule': 'name'}
        """
        told = {"path": self.path, "place": self.place, "kind": self.kind, "rule": self.rule}
        return told | ({"text": self.text} if words == "shown" else {})


@dataclass(frozen=True, slots=True)
class LeakReport:
    """What was found in files.

    Attributes
    ----------
    leaks
        In the order of the files.
    problems
        What could not be read, and what else a person should look at.
    n_files
        How many files were looked through.
    """

    leaks: tuple[Leak, ...]
    problems: tuple[Problem, ...]
    n_files: int

    @property
    def sentence(self) -> str:
        """What was found, in words, without the words that were found."""
        if not self.leaks:
            return f"No name of the key and no pattern was found in {plural(self.n_files, 'file')}."
        kinds = Counter(one.kind for one in self.leaks)
        told = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
        n_files = len({one.path.partition(" › ")[0] for one in self.leaks})
        return f"{plural(len(self.leaks), 'leak')} in {n_files} of {plural(self.n_files, 'file')}: {told}."


class LeakChecker:
    """Looks for the names of a key, and for patterns, in files of any kind.

    Parameters
    ----------
    key
        The names; ``None``: patterns only.
    """

    def __init__(self, key: Key | None = None) -> None:
        entries = key.entries if key else ()
        kept = [one.real for one in entries if one.keep]
        self._finder = NameFinder(entries, reach="alike", known=[*kept, *(one.bare for one in entries if not one.keep)])

    def check_paths(
        self, paths: Iterable[str | os.PathLike[str]], *, progress: Callable[[str], None] | None = None
    ) -> LeakReport:
        """Look through files and folders.

        Parameters
        ----------
        paths
            What is about to leave. Of a folder, everything in it, with the history of git; links are not followed.
        progress
            Is given the name of each file before it is read.

        Returns
        -------
        LeakReport
            What was found, and what could not be read.

        Raises
        ------
        OutputError
            If there is no such file.

        Examples
        --------
        >>> from pathlib import Path
        >>> from qualcode.leaks import LeakChecker
        >>> from qualcode.pseudonyms import Key, KeyEntry
        >>> _ = Path("quotes.csv").write_text("case,quote\\nP1,I told Ana.\\n")
        >>> report = LeakChecker(Key((KeyEntry("Ana", "person", "[P1]"),))).check_paths(["quotes.csv"])
        >>> [leak.record() for leak in report.leaks]
        [{'path': 'quotes.csv', 'place': 'line 2', 'kind': 'person', 'rule': 'name'}]
        """
        leaks: list[Leak] = []
        problems: list[Problem] = []
        n_files = 0
        for path, name, base in _walk(paths, problems):
            if progress is not None:
                progress(f"Looking through {name}")
            if path.name == _GIT and path.is_dir():
                leaks += self._check_history(path.parent, name, problems)
                continue
            n_files += 1
            leaks += self._check_piece(name, Piece("name of the file", split_name(base)))
            try:
                data = path.read_bytes()
            except OSError as error:
                message = f"The file cannot be read: {error.strerror or type(error).__name__}."
                problems.append(Problem(name, "warning", "unread", message, "Look through it yourself"))
                continue
            found, unread = self.check_bytes(name, data)
            leaks += found
            problems += unread
        return LeakReport(tuple(dict.fromkeys(leaks)), tuple(problems), n_files)

    def check_bytes(self, name: str, data: bytes) -> tuple[list[Leak], list[Problem]]:
        """Look through one file.

        Parameters
        ----------
        name
            What it is called.
        data
            Its bytes.

        Returns
        -------
        tuple
            What was found, and what could not be read.

        Examples
        --------
        >>> from qualcode.leaks import LeakChecker
        >>> leaks, problems = LeakChecker().check_bytes("notes.txt", b"Ask ana@example.org.")
        >>> leaks[0].rule, problems
        ('email', [])
        """
        limits = Limits()
        leaks: dict[Leak, None] = {}
        known: set[str] = set()
        for piece in read_file(name, data, limits):
            is_rest = piece.place.startswith("what deleted rows")
            for leak in self._check_piece(name, piece):
                if not (is_rest and leak.text.casefold() in known):
                    leaks.setdefault(leak)
                    known.add(leak.text.casefold())
        return list(leaks), limits.problems

    def _check_piece(self, name: str, piece: Piece) -> Iterator[Leak]:
        path = " › ".join((name, *map(self._mask, piece.inner)))
        if piece.sought == "position":
            yield Leak(path, piece.place, "position", "gps", piece.text)
            return
        lines = _Lines(piece, self._mask)
        hits = self._finder.find(piece.text)
        for hit in hits:
            is_told = piece.sought == "all" or hit.rule in _RULES_IN_CODE
            if not hit.entry.keep and is_told:
                words = piece.text[hit.start : hit.end]
                yield Leak(path, lines.place(hit.start), hit.entry.kind, hit.rule, words)
        kept = [hit for hit in hits if hit.entry.keep]
        for found in find_patterns(piece.text) if piece.sought == "all" else ():
            if not any(hit.start < found.end and found.start < hit.end for hit in kept):
                yield Leak(path, lines.place(found.start), found.kind, found.rule, found.text)

    def _mask(self, place: str) -> str:
        """Return a place without names: that of a sheet or of a file in an archive may be one."""
        parts = split_name(place)
        hits = [hit for hit in self._finder.find(parts) if not hit.entry.keep]
        for hit in reversed(hits):
            parts = f"{parts[: hit.start]}({hit.entry.kind}){parts[hit.end :]}"
        return parts if hits else place

    def _check_history(self, folder: Path, name: str, problems: list[Problem]) -> Iterator[Leak]:
        limits = Limits()
        try:
            for kind, inner, data in read_history(folder):
                place = {"path": "name of a file", "commit": "author or message of a change", "tag": "a tag"}.get(kind)
                if place:
                    words = data.decode("utf-8", "replace")
                    found = self._check_piece(name, Piece(f"history of git, {place}", split_name(words), "names"))
                    yield from dict.fromkeys(found)
                    continue
                for piece in read_file(f"{name} › {inner}", data, limits):
                    told = Piece(f"history of git, {piece.place}", piece.text, piece.sought, (inner, *piece.inner))
                    yield from self._check_piece(name, told)
        except QualcodeError as error:
            problems.append(error.as_problem("unread", where=name, level="warning"))
        problems += limits.problems


class _Lines:
    """Places in a piece: the line, where the piece is a stretch of lines."""

    def __init__(self, piece: Piece, mask: Callable[[str], str]) -> None:
        head, _, number = piece.place.rpartition("line ")
        self._mask = mask
        self._piece, self._head = piece, head
        self._first = int(number) if number.isdigit() else 0
        self._breaks: list[int] | None = None

    def place(self, at: int) -> str:
        if not self._first:
            return self._mask(self._piece.place)
        if self._breaks is None:
            self._breaks = [place for place, mark in enumerate(self._piece.text) if mark == "\n"]
        return f"{self._head}line {self._first + bisect_right(self._breaks, at - 1)}"


def _walk(paths: Iterable[str | os.PathLike[str]], problems: list[Problem]) -> Iterator[tuple[Path, str, str]]:
    """Yield files with what messages call them, and their names as they leave; and folders of git."""
    for one in paths:
        path = Path(one)
        if not path.exists():
            raise OutputError("There is no such file or folder.", str(path), "Check the name")
        if not path.is_dir():
            yield path, str(path), path.name
            continue
        root = path.resolve().name if str(path) in {".", ""} else path.name
        for folder, folders, names in os.walk(path):
            here = Path(folder)
            problems += [_tell_link(here / name) for name in sorted(folders) if (here / name).is_symlink()]
            if _GIT in folders:
                folders.remove(_GIT)
                yield here / _GIT, str(here / _GIT), ""
            folders[:] = sorted(name for name in folders if not (here / name).is_symlink())
            for name in sorted(names):
                file = here / name
                if file.is_symlink():
                    problems.append(_tell_link(file))
                else:
                    yield file, str(file), str(Path(root, file.relative_to(path)))


def _tell_link(path: Path) -> Problem:
    message = "This is a link, which was not followed."
    return Problem(str(path), "note", "link", message, "Look through what it leads to, if that leaves as well")


def describe(leak: Leak, *, words: str = "hidden") -> str:
    """Return a leak on one line.

    Parameters
    ----------
    leak
        The leak.
    words
        ``shown``: with the words that were found.

    Returns
    -------
    str
        Place, kind and rule.

    Examples
    --------
    >>> from qualcode.leaks import Leak, describe
    >>> describe(Leak("report.docx", "comments, paragraph 1", "person", "misheard", "Anna"))
    'report.docx: comments, paragraph 1: person (misheard)'
    """
    told = f" “{shorten(leak.text)}”" if words == "shown" else ""
    return f"{leak.path}: {leak.place}: {leak.kind} ({leak.rule}){told}"
