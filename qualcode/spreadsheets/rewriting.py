"""Cells of a text with delimiters get other values, and everything else stays byte for byte as it is."""

from __future__ import annotations

import csv
import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qualcode.errors import QualcodeError, TableError
from qualcode.spreadsheets.sheet import fold_head
from qualcode.spreadsheets.text import Text, find_delimiter, find_encoding, open_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_FIRST_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)?")


def rewrite_column(
    data: bytes,
    columns: Sequence[str],
    change: Callable[[str], str | None],
    *,
    name: str,
    error: type[QualcodeError] = TableError,
) -> bytes:
    """Return a text with delimiters in which the cells of one column are others.

    Parameters
    ----------
    data
        The bytes of the file.
    columns
        What the column may be called, the surest first; where none is called so, it is the first one.
    change
        Returns what a cell becomes; ``None`` leaves out the row.
    name
        What messages call the table.
    error
        What is raised when the table cannot be read.

    Returns
    -------
    bytes
        Encoding, delimiters, quotation marks, blanks and line ends are those of ``data``. A cell that was not quoted is
        quoted where its new value needs it.

    Raises
    ------
    TableError
        If the table cannot be read, or is no text.

    Examples
    --------
    >>> rewrite_column(b'case;"role"\\r\\nP1; a\\r\\n', ["case"], lambda cell: cell.lower(), name="t.csv")
    b'case;"role"\\r\\np1; a\\r\\n'
    """
    with _raising(error):
        return _rewrite(data, columns, change, name)


def rewrite_cells(
    data: bytes, change: Callable[[str], str], *, name: str, error: type[QualcodeError] = TableError
) -> bytes:
    """Return a text with delimiters in which all cells below the header are others, also those beyond it.

    Parameters
    ----------
    data, name, error
        As for :func:`rewrite_column`.
    change
        Returns what a cell becomes.

    Returns
    -------
    bytes
        As :func:`rewrite_column` returns them.

    Raises
    ------
    TableError
        If the table cannot be read, or is no text.

    Examples
    --------
    >>> rewrite_cells(b"case,role\\nP1,a,b\\n", str.upper, name="t.csv")
    b'case,role\\nP1,A,B\\n'
    """
    with _raising(error):
        return _rewrite(data, None, change, name)


def append_rows(
    data: bytes, rows: Iterable[Sequence[str]], *, name: str, error: type[QualcodeError] = TableError
) -> bytes:
    """Return a text with delimiters with further rows, written as those that are there.

    Parameters
    ----------
    data
        The bytes of the file.
    rows
        Cells of the rows.
    name, error
        As for :func:`rewrite_column`.

    Returns
    -------
    bytes
        What ``data`` holds stays byte for byte, but for blank lines at its end.

    Raises
    ------
    TableError
        If the table cannot be read, or is no text.

    Examples
    --------
    >>> append_rows(b"case;role\\r\\nP1;a\\r\\n", [("P2", "b;c")], name="t.csv")
    b'case;role\\r\\nP1;a\\r\\nP2;"b;c"\\r\\n'
    """
    with _raising(error):
        text, encoding, _, delimiter = _open(data, name)
    end = "\r\n" if "\r\n" in text else "\n"
    added = io.StringIO()
    csv.writer(added, delimiter=delimiter, lineterminator=end).writerows(rows)
    return (text.rstrip("\r\n") + end + added.getvalue()).encode(encoding)


@contextmanager
def _raising(error: type[QualcodeError]) -> Iterator[None]:
    """Raise what is wrong with a table as another error, with the same place and repair."""
    try:
        yield
    except TableError as failure:
        raise error(failure.message, failure.where, failure.hint) from failure


def _open(data: bytes, name: str) -> tuple[str, str, int, str]:
    """Return the text of a table that can be read, its encoding, lines above the header, and delimiter."""
    encoding = find_encoding(data, name, None)
    if data.startswith(b"PK\x03\x04"):
        raise TableError("This is a workbook, which cannot be changed.", name, "Save it as “CSV UTF-8”")
    lines = Text(data, name, encoding)
    open_text(lines).read()  # what cannot be read is not changed
    return data.decode(encoding), encoding, *find_delimiter(lines)


def _rewrite(data: bytes, columns: Sequence[str] | None, change: Callable[[str], str | None], name: str) -> bytes:
    text, encoding, n_before, delimiter = _open(data, name)
    start = int(text.startswith("\ufeff"))
    if n_before and (first := _FIRST_LINE.match(text, start)):
        start = first.end()
    rows = _change_rows(_split_raw(text, delimiter, start), columns, change, delimiter)
    return (text[:start] + "".join(rows)).encode(encoding)


def _change_rows(
    rows: Iterator[list[tuple[str, str]]],
    columns: Sequence[str] | None,
    change: Callable[[str], str | None],
    delimiter: str,
) -> Iterator[str]:
    """Yield rows with other cells in the column that is meant, or in all; without one of which nothing is left."""
    place: int | None = None
    for row in rows:
        values = [_value_of(raw).strip() for raw, _ in row]
        if place is None and any(values):
            header = list(map(fold_head, values))
            place = next((header.index(one) for one in map(fold_head, columns or ()) if one in header), 0)
        elif place is not None and any(values):
            places = [place] if columns is not None else range(len(row))
            changed = {at: _change_cell(row[at][0], change, delimiter) for at in places if at < len(row)}
            if None in changed.values():
                continue
            row = [(changed.get(at, raw) or "", end) for at, (raw, end) in enumerate(row)]  # noqa: PLW2901
        yield "".join(raw + end for raw, end in row)


def _split_raw(text: str, delimiter: str, start: int) -> Iterator[list[tuple[str, str]]]:
    """Yield the rows as they are written, each cell with what ends it."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'("(?:[^"]++|"")*+"|[^{mark}\r\n]*)({mark}|\r\n|\n|\r|\Z)')
    row: list[tuple[str, str]] = []
    while start < len(text) or row:
        found = cell.match(text, start)
        if found is None:  # reading has refused it
            raise ValueError(text[start : start + 1])
        start = found.end()
        row.append((found[1], found[2]))
        if found[2] != delimiter:
            yield row
            row = []


def _change_cell(raw: str, change: Callable[[str], str | None], delimiter: str) -> str | None:
    value = _value_of(raw)
    core = value.strip()
    goal = change(core)
    if goal is None or goal == core:
        return raw if goal is not None else None
    before = value[: len(value) - len(value.lstrip())]
    whole = f"{before}{goal}{value[len(before) + len(core) :]}"
    is_quoted = raw.startswith('"') or any(one in whole for one in (delimiter, '"', "\r", "\n"))
    return '"' + whole.replace('"', '""') + '"' if is_quoted else whole


def _value_of(raw: str) -> str:
    return raw[1:-1].replace('""', '"') if raw.startswith('"') else raw
