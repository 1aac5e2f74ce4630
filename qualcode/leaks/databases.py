"""Rows of an SQLite database, and what deleted rows left in its file."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import TYPE_CHECKING

from qualcode.leaks.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

SQLITE = b"SQLite format 3\0"
_MOST_CELL = 2_000_000


def read_database(data: bytes) -> Iterator[Piece]:
    """Yield the cells of all tables; then the bytes of the file as text, which deleted rows may still be in.

    Raises
    ------
    sqlite3.Error
        If it cannot be read.
    """
    # In memory, and not in the mode in which a journal lies beside it.
    plain = data[:18] + b"\1\1" + data[20:]
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(plain)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        connection.text_factory = lambda found: found.decode("utf-8", "replace")
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        for name, sql in tables:
            yield Piece(f"table {name}", f"{name} {sql or ''}", "names")
            if not re.match(r"\s*CREATE\s+VIRTUAL", sql or "", re.IGNORECASE):
                yield from _read_table(connection, name)
    yield Piece("what deleted rows left in the file", _read_rest(data), "names")


def _read_table(connection: sqlite3.Connection, name: str) -> Iterator[Piece]:
    quoted = name.replace('"', '""')
    rows = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608  # a name of its own, quoted
    columns = [one[0] for one in rows.description]
    for number, row in enumerate(rows, start=1):
        for column, cell in zip(columns, row, strict=True):
            place = f"table {name}, row {number}, column {column}"
            if isinstance(cell, bytes):
                yield Piece(place, cell[:_MOST_CELL].decode("utf-8", "replace"), "names")
            elif cell is not None:
                yield Piece(place, str(cell)[:_MOST_CELL])


def _read_rest(data: bytes) -> str:
    return re.sub(r"[\0-\x08\x0e-\x1f\ufffd]+", "\n", data.decode("utf-8", "replace"))
