"""What stands in the cells of tables, and tables as CSV and as JSON: what says the same is made once, for all rows."""

from __future__ import annotations

import json
import math
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.columns import FrameColumns, Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from qualcode.columns import Column

    _Cells = tuple[pa.Array, NDArray[np.integer[Any]] | None]
    """Different texts, and the place of each row's among them; or the text of each row."""

_ROWS = 10_000
# Of a table that are held as text at a time.

_SPECIAL = '[",\r\n]'
_special = re.compile(_SPECIAL).search
_encode = json.JSONEncoder(ensure_ascii=False).encode
_encode_nested = json.JSONEncoder(ensure_ascii=False, indent=2).encode
_WITHIN = "\n" + " " * 4


def write_csv(
    table: FrameColumns | pd.DataFrame, names: Sequence[str] = (), *, change: Callable[[str], str] = str
) -> Iterator[bytes]:
    """Yield a table as CSV, which begins with the names of its columns; what is missing is an empty cell.

    Parameters
    ----------
    table
        The table.
    names
        The columns that are written; without, all.
    change
        Makes of a text what is written in its place.
    """
    columns = list_columns(table, names)
    yield f"{','.join(_quote(name) for name, _ in columns)}\n".encode()
    if len(columns) == 1 or change is not str:
        blank = '""' if len(columns) == 1 else ""  # an empty cell alone would leave no row
        make = partial(_make_cell, change=change, blank=blank)
        yield from _join_rows([_make(column, make) for _, column in columns], ",", "", "\n")
    else:
        yield from _join_rows([_quote_all(column) for _, column in columns], ",", "", "\n")


def _make_cell(cell: object, change: Callable[[str], str] = str, blank: str = "") -> str:
    text = "" if is_missing(cell) else change(cell) if isinstance(cell, str) else str(cell)
    return _quote(text) or blank


def _quote_all(column: Column) -> _Cells:
    """Return what stands in the cells of a column in CSV; texts and whole numbers are looked at all at once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from qualcode.text_columns import text_value, to_column

    if isinstance(column, Texts) and isinstance(column.names, pa.Array):
        texts, mark, nothing = column.names, text_value('"'), text_value("")
        special = pc.match_substring_regex(texts, pattern=_SPECIAL)
        if not special.true_count:
            return texts, column.numbers
        doubled = pc.replace_substring(texts.filter(special), pattern='"', replacement='""')
        quoted = pc.binary_join_element_wise(mark, doubled, mark, nothing)
        return pc.replace_with_mask(texts, special, quoted), column.numbers
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu":
        return to_column(column).cast(pa.string()), None
    return _make(column, _make_cell)


def write_json(table: FrameColumns | pd.DataFrame) -> Iterator[bytes]:
    """Yield a table as a JSON list of records: the bytes of ``json.dumps`` with an indent of 2, in a tenth of the time.

    JSON has no word for what is missing or infinite but null. Written by pandas, 20.65 becomes 20.649999999999999.
    """
    columns = [_make(column, _record(name)) for name, column in list_columns(table)]
    rows = _join_rows(columns, ",", ",\n  {", "\n  }")
    first = next(rows, b"")
    yield b"[" + first.removeprefix(b",")
    yield from rows
    yield b"\n]" if first else b"]"


def _record(name: str) -> Callable[[object], str]:
    """Return what makes a line of a record of a value."""
    key = f"{_WITHIN}{_encode(name)}: "

    def make(value: object) -> str:
        if is_missing(value) or (isinstance(value, float) and math.isinf(value)):
            return f"{key}null"
        if isinstance(value, str):
            return key + _encode(value)
        if type(value) in {int, float}:  # as JSON has them
            return key + repr(value)
        return key + _encode_nested(value).replace("\n", _WITHIN)

    return make


def list_columns(table: FrameColumns | pd.DataFrame, names: Sequence[str] = ()) -> list[tuple[str, Column]]:
    """Return columns with their names, of which several may be alike; without names, all."""
    columns = table if isinstance(table, FrameColumns) else FrameColumns.of(table)
    return (columns.take(*names) if names else columns).items()


def find_different(column: Column) -> tuple[Sequence[Any], NDArray[np.integer[Any]]]:
    """Return the different values of a column, and the place of each row's among them (1 and True are not alike)."""
    if isinstance(column, Texts):
        is_used = np.zeros(len(column.names), dtype=bool)
        is_used[column.numbers] = True
        used = np.flatnonzero(is_used)
        return Texts(column.names, used).tolist(), (np.cumsum(is_used) - 1)[column.numbers]
    if isinstance(column, np.ndarray):
        # Numbers with a point are told apart by their bits: 0 and -0 are equal, and NaN is not.
        bits = column.view(f"i{column.itemsize}") if column.dtype.kind == "f" else column
        found, numbers = np.unique(bits, return_inverse=True)
        return found.view(column.dtype).tolist(), numbers
    if set(map(type, column)) != {str}:
        return column, np.arange(len(column))
    places: dict[object, int] = {}
    numbers = np.array([places.setdefault(value, len(places)) for value in column], dtype=np.int64)
    return list(places), numbers


def make_cells(column: Column, make: Callable[[Any], str]) -> Texts:
    """Return what is made of each value of a column; of the same value it is made once."""
    values, numbers = find_different(column)
    return Texts(list(map(make, values)), numbers)


def is_missing(value: object) -> bool:
    """Tell whether there is nothing: ``None``, or what is not a number."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _quote(text: str) -> str:
    if not _special(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _make(column: Column, make: Callable[[Any], str]) -> _Cells:
    texts = make_cells(column, make)
    return _as_array(texts.names), texts.numbers


def _join_rows(columns: list[_Cells], between: str, before: str, after: str) -> Iterator[bytes]:
    """Yield rows, given their cells column by column, in parts of several."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from qualcode.text_columns import bytes_of, text_value, to_column

    ahead, amid, behind, nothing = map(text_value, (before, between, after, ""))
    n_rows = len(columns[0][0] if columns[0][1] is None else columns[0][1]) if columns else 0
    for first in range(0, n_rows, _ROWS):
        rows = slice(first, first + _ROWS)
        cells = [texts[rows] if places is None else texts.take(to_column(places[rows])) for texts, places in columns]
        lines = pc.binary_join_element_wise(ahead, pc.binary_join_element_wise(*cells, amid), behind, nothing)
        yield bytes_of(lines)[1].tobytes()
    columns.clear()
    pa.default_memory_pool().release_unused()  # it keeps as much as the longest column of texts took


def _as_array(texts: Sequence[str]) -> pa.Array:
    from qualcode.text_columns import to_texts

    try:
        return to_texts(texts)
    except UnicodeEncodeError:  # half a character, as in names of files
        return to_texts([text.encode("utf-8", "replace").decode() for text in texts])
