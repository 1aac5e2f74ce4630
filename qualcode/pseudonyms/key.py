"""The key: which real name has which replacement. It lies outside the study, and only its owner may read it."""

from __future__ import annotations

import csv
import io
import os
import stat
import unicodedata
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.atomic import PRIVATE, alone_with, replace_file
from qualcode.errors import OutputError, Problem, TableError
from qualcode.file_names import is_within
from qualcode.pseudonyms.folding import fold
from qualcode.spreadsheets import arm, disarm, fold_head, read_sheet
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qualcode.spreadsheets import TableSource

COLUMNS = ("real", "kind", "replacement", "keep")
"""The columns of a key."""

_YES = frozenset({"yes", "y", "keep", "true", "1", "x", "ja", "oui", "si", "是"})
_NO = frozenset({"no", "n", "replace", "false", "0", "nein", "non", "否"})


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One name of a key.

    Attributes
    ----------
    real
        The name as it is written.
    kind
        What it names: ``person``, ``place``, ``school``, ``organisation``, ``email`` and so on.
    replacement
        What takes its place.
    keep
        Whether it was decided that it stays.
    """

    real: str
    kind: str = "name"
    replacement: str = ""
    keep: bool = False

    @property
    def bare(self) -> str:
        """The replacement without brackets, as labels of speakers and names of files have it."""
        return self.replacement.strip().strip("[]()（）［］【】").strip() or self.replacement

    def __repr__(self) -> str:  # a traceback or a log must not hold the name
        return f"<KeyEntry of kind {self.kind}>"


@dataclass(frozen=True, slots=True)
class Key:
    """The names of a key.

    Attributes
    ----------
    entries
        In the order of the file.
    problems
        What a person should look at.
    """

    entries: tuple[KeyEntry, ...] = ()
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def replaced(self) -> tuple[KeyEntry, ...]:
        """The names that are replaced."""
        return tuple(one for one in self.entries if not one.keep)

    @property
    def kept(self) -> tuple[KeyEntry, ...]:
        """The names of which it was decided that they stay."""
        return tuple(one for one in self.entries if one.keep)

    def add(self, entries: Iterable[KeyEntry]) -> Key:
        """Return the key with further names; one that it has already gets the new decision.

        Parameters
        ----------
        entries
            Names with their decisions.

        Returns
        -------
        Key
            Old names first.
        """
        united = {identify(one.real): one for one in self.entries}
        for one in entries:
            name = identify(one.real)
            united[name] = replace(one, real=united[name].real) if name in united else one
        return Key(tuple(united.values()), self.problems)

    def drop(self, names: Iterable[str]) -> Key:
        """Return the key without some names: nothing is decided on them any more.

        Parameters
        ----------
        names
            As they are written; those that the key does not have are passed over.

        Returns
        -------
        Key
            The rest.
        """
        gone = {identify(one) for one in names}
        return Key(tuple(one for one in self.entries if identify(one.real) not in gone), self.problems)

    def __repr__(self) -> str:
        return f"<Key: {plural(len(self.entries), 'name')}>"


def identify(name: str) -> str:
    """Return the form in which two spellings are one name of a key: blanks and composed letters make no difference."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def read_key(path: TableSource, *, name: str = "") -> Key:
    """Read a key.

    Parameters
    ----------
    path
        A CSV file or workbook with the columns ``real``, ``kind``, ``replacement`` and ``keep``; others are left alone.
    name
        What messages call it; the file's name when not given.

    Returns
    -------
    Key
        Its names; ``problems`` says what a person should look at, without the names.

    Raises
    ------
    TableError
        If the table cannot be read, lacks a column, or has rows that can be read in two ways; all are listed.

    Examples
    --------
    >>> from qualcode.pseudonyms import read_key
    >>> key = read_key(b"real,kind,replacement,keep\\nAna Souza,person,[Person 1],\\nLeeds,place,,yes\\n")
    >>> key, [one.bare for one in key.replaced], len(key.kept)
    (<Key: 2 names>, ['Person 1'], 1)
    """
    entries, problems = read_decisions(path, name=name)
    key = Key(tuple(entry for _, entry, _ in entries))
    problems += _check(entries, _name_of(path, name))
    errors = [one for one in problems if one.level == "error"]
    if errors:
        raise TableError("The key cannot be used.", _name_of(path, name), problems=errors)
    notes = [*problems, *_check_rights(path)]
    return replace(key, problems=tuple(notes))


def read_decisions(source: TableSource, *, name: str = "") -> tuple[list[tuple[str, KeyEntry, bool]], list[Problem]]:
    """Return the rows of a table of names: place, entry, and whether it was decided; and what is wrong with rows.

    Raises
    ------
    TableError
        If it is no such table.
    """
    sheet = read_sheet(source, name=name)
    header = list(map(fold_head, sheet.header))
    missing = [one for one in ("real", "replacement") if one not in header]
    if missing:
        hint = f"Give it the columns {', '.join(COLUMNS)}"
        raise TableError(f"The table has no column “{missing[0]}”.", sheet.name, hint)
    at = {name: header.index(name) for name in COLUMNS if name in header}
    rows: list[tuple[str, KeyEntry, bool]] = []
    problems = list(sheet.problems)
    for number, cells in sheet.rows:
        told = {name: arm(cells[place]).strip() if place < len(cells) else "" for name, place in at.items()}
        where = f"{sheet.name}:{number}"
        word = told.get("keep", "").casefold()
        if word not in _YES | _NO | {""}:
            message = "The column “keep” holds neither yes nor no."
            problems.append(
                Problem(where, "error", "keep", message, "Write yes to leave the name, or no to replace it")
            )
        if told["real"]:
            entry = KeyEntry(told["real"], told.get("kind") or "name", told["replacement"], word in _YES)
            rows.append((where, entry, bool(word)))
    return rows, [*problems, *_find_twice(rows)]


def _find_twice(rows: Iterable[tuple[str, KeyEntry, bool]]) -> Iterator[Problem]:
    """Yield names on which a table decides twice, and not alike."""
    first: dict[str, tuple[str, KeyEntry]] = {}
    for where, entry, _ in rows:
        known = first.setdefault(identify(entry.real), (where, entry))
        if known[1].keep != entry.keep or (not entry.keep and known[1].replacement != entry.replacement):
            message = f"The name is in {known[0]} too, with another decision."
            yield Problem(where, "error", "twice", message, "Delete one of the rows")


def _name_of(path: TableSource, name: str) -> str:
    return name or (str(path) if isinstance(path, str | os.PathLike) else "key")


def _check(rows: Iterable[tuple[str, KeyEntry, bool]], name: str) -> list[Problem]:
    """Return what is wrong with the rows of a key; no message holds a name."""
    found: list[Problem] = []
    rows = list(rows)
    reals = {fold(entry.real).text for _, entry, _ in rows if not entry.keep}
    for where, entry, _ in rows:
        if not entry.keep and not entry.replacement:
            message = "The name has no replacement, and is not kept either."
            found.append(Problem(where, "error", "undecided", message, "Write a replacement, or yes into “keep”"))
        elif not entry.keep and fold(entry.bare).text in reals:
            message = "The replacement is the real name of another row, so a reader could take one for the other."
            found.append(Problem(where, "error", "chain", message, "Choose another replacement"))
    if not rows:
        found.append(Problem(name, "warning", "empty", "The key holds no name.", "List names with: pseudonyms find"))
    return found


def _check_rights(path: TableSource) -> Iterator[Problem]:
    if os.name == "nt" or not isinstance(path, str | os.PathLike):
        return
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return
    if stat.S_ISREG(mode) and mode & 0o077:
        message = "Others on this computer may read the key."
        yield Problem(str(path), "warning", "rights", message, f"chmod 600 {path}")


def check_place(path: str | os.PathLike[str], *, apart_from: str | os.PathLike[str] | None = None) -> Path:
    """Return where a key lies, if it may lie there: outside any study and any git tree.

    Parameters
    ----------
    path
        The file.
    apart_from
        A folder besides in which it must not lie, such as one that is given away.

    Returns
    -------
    Path
        The file, without links on the way.

    Raises
    ------
    OutputError
        If it would lie where it is shared with what it protects.

    Examples
    --------
    >>> from qualcode.pseudonyms import check_place
    >>> study = qualcode.create_study("garden")
    >>> check_place("garden/key.csv")
    Traceback (most recent call last):
        ...
    qualcode.errors.OutputError: garden/key.csv: Real names would lie inside the study, and leave with it.
    Choose a folder outside of it that only you can open, such as ~/keys/key.csv
    """
    target = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111  # the name itself, links kept
    real = target.parent.resolve() / target.name
    hint = "Choose a folder outside of it that only you can open, such as ~/keys/key.csv"
    for one in {*real.resolve().parents, *target.parents}:
        if (one / "study.yaml").is_file():
            raise OutputError("Real names would lie inside the study, and leave with it.", str(path), hint)
        if (one / ".git").exists():
            raise OutputError(
                f"Real names would lie in {one}, which is under git, and git keeps it for ever.", str(path), hint
            )
    if apart_from is not None and is_within(real, Path(apart_from)):
        raise OutputError("The key lies in the folder that is given away.", str(path), hint)
    return target


def write_key(path: str | os.PathLike[str], key: Key) -> Path:
    """Write a key, so that only its owner may read it.

    Parameters
    ----------
    path
        The file; see :func:`check_place` for where it may lie.
    key
        Its names.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it may not lie there, or cannot be written.
    TableError
        If it could not be read again, such as one in which a replacement is a real name.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from qualcode.pseudonyms import Key, KeyEntry, read_key, write_key
    >>> with TemporaryDirectory() as folder:
    ...     path = write_key(Path(folder, "key.csv"), Key((KeyEntry("Ana", "person", "[Person 1]"),)))
    ...     print(path.read_text(), end="")
    real,kind,replacement,keep
    Ana,person,[Person 1],no
    """
    target = check_place(path)
    entries = [(f"{path}:{number}", one, True) for number, one in enumerate(key.entries, start=2)]
    errors = [one for one in [*_find_twice(entries), *_check(entries, str(path))] if one.level == "error"]
    if errors:
        raise TableError("The key was not written.", str(path), "Decide otherwise, then save again", problems=errors)
    rows = [(one.real, one.kind, one.replacement, "yes" if one.keep else "no") for one in key.entries]
    write_private(target, encode_table([COLUMNS, *rows]))
    return target


_PATIENCE = 10.0
"""Seconds to wait for another program that changes the key."""


@contextmanager
def changing_key(path: str | os.PathLike[str]) -> Iterator[Key]:
    """Give a key as it is, with no other program at it until it is written anew.

    Parameters
    ----------
    path
        The file; without one the key is empty.

    Yields
    ------
    Key
        Its names.

    Raises
    ------
    OutputError
        If it may not lie there, or another program does not come to an end with it.
    TableError
        If it cannot be used.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from qualcode.pseudonyms import KeyEntry, changing_key, read_key, write_key
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "key.csv")
    ...     for real in ("Ana", "Ben"):
    ...         with changing_key(path) as key:
    ...             _ = write_key(path, key.add([KeyEntry(real, "person", f"[{real[0]}]")]))
    ...     read_key(path)
    <Key: 2 names>
    """
    target = check_place(path)
    with ExitStack() as stack:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(alone_with(target, patience=_PATIENCE))
        except TimeoutError as error:
            hint = "Wait until it is done, then try again"
            raise OutputError("Another program is changing the key.", str(path), hint) from error
        except OSError as error:
            raise _tell_unwritable(path, error) from error
        yield read_key(path) if target.exists() else Key()


def encode_table(rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows as CSV in which no cell is a formula for a spreadsheet."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([disarm(str(cell)) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, data, mode=PRIVATE)
    except OSError as error:
        raise _tell_unwritable(path, error) from error


def _tell_unwritable(path: str | os.PathLike[str], error: OSError) -> OutputError:
    reason = (error.strerror or str(error)).rstrip(".")
    return OutputError(f"The file cannot be written: {reason}.", str(path), "Choose a folder in which you may write")
