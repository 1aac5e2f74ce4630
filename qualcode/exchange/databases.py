"""SQLite databases of other programs, read and never written; a database from somebody else is data."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from qualcode.errors import SourceError
from qualcode.exchange.archive import LARGEST

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = b"SQLite format 3\0"


class Database:
    """The tables of a database, whatever its version has of them.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    SourceError
        If it is no database, or is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        try:
            with path.open("rb") as file:
                is_database = file.read(len(_HEAD)) == _HEAD
        except OSError as error:
            raise SourceError(f"The file cannot be opened: {error.strerror}.", str(path)) from error
        if not is_database:
            raise SourceError("This is not an SQLite database.", str(path), "Check that it is the right file")
        pending = path.with_name(f"{path.name}-wal")
        if pending.is_file() and pending.stat().st_size:
            message = "The project is open in its program, which has not written all of it yet."
            raise SourceError(message, str(path), "Close it there, then import it")
        self._columns: dict[str, list[str]] = {}
        # Real tables alone: a view or virtual table could compute anything.
        listed = self._query("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'")
        for (table,) in listed:
            quoted = str(table).replace('"', '""')
            self._columns[str(table)] = [str(row[1]) for row in self._query(f'PRAGMA table_info("{quoted}")')]

    def _query(self, statement: str) -> list[tuple[Any, ...]]:
        address = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                connection.text_factory = lambda data: data.decode("utf-8", "replace")
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
                connection.execute("PRAGMA trusted_schema = OFF")
                return connection.execute(statement).fetchall()
        except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError) as error:
            message = f"The database cannot be read: {error}."
            raise SourceError(message, self.name, "Close it in its program, or copy it again") from error

    def has(self, *tables: str) -> bool:
        """Tell whether there are tables of some names."""
        return all(table in self._columns for table in tables)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Return the rows of a table; a column that it does not have is ``None``, and so is a table no row."""
        known = self._columns.get(table)
        if known is None:
            return []
        names = [f'"{column}"' if column in known else "NULL" for column in columns]
        return self._query(f'SELECT {", ".join(names)} FROM "{table}"')  # noqa: S608  # names that are ours


def text(value: object) -> str:
    """Return a cell as text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def number(value: object) -> int | None:
    """Return a cell as a whole number; ``None`` when it is none."""
    if not isinstance(value, int | float | str):
        return None
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return None
