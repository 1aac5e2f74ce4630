"""Tables of columns as CSV, in parts: a cell is put in quotation marks once, however many rows hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qualcode.columns import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from qualcode.columns import FrameColumns, Numbers

_ROWS = 10_000
# Of a table that are held as text at a time.

_SPECIAL = '[",\r\n]'


def write_csv(table: FrameColumns, names: Sequence[str]) -> Iterator[bytes]:
    """Yield some columns of a table as CSV, which begins with their names; what is missing is an empty cell."""
    import pyarrow as pa

    columns = [_mark_special(table.column(name)) for name in names]
    yield f"{','.join(names)}\n".encode()
    for first in range(0, len(table), _ROWS):
        yield _join_rows([_take(column, slice(first, first + _ROWS)) for column in columns])
    del columns
    pa.default_memory_pool().release_unused()  # it keeps as much as the longest column of texts took


def _mark_special(column: Numbers | Texts) -> Numbers | Texts:
    """Return a column of which texts with commas, quotation marks or line ends stand in quotation marks."""
    if not isinstance(column, Texts):
        return column
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(column.names, pa.string())
    special = pc.match_substring_regex(texts, pattern=_SPECIAL)
    marked = pc.binary_join_element_wise('"', pc.replace_substring(texts, pattern='"', replacement='""'), '"', "")
    return Texts(pc.if_else(special, marked, texts), column.numbers)


def _take(column: Numbers | Texts, rows: slice) -> pa.Array:
    import pyarrow as pa

    if isinstance(column, Texts):
        return column.names.take(pa.array(column.numbers[rows]))  # type: ignore[union-attr]  # see _mark_special
    if column.dtype.kind in "iu":
        return pa.array(column[rows]).cast(pa.string())
    cells = column[rows]
    missing = np.isnan(cells).tolist() if cells.dtype.kind == "f" else [False] * len(cells)
    texts = ("" if is_missing else str(cell) for cell, is_missing in zip(cells.tolist(), missing, strict=True))
    return pa.array(list(texts), pa.string())


def _join_rows(cells: list[pa.Array]) -> bytes:
    import pyarrow.compute as pc

    from qualcode.text_columns import bytes_of

    *others, last = cells
    rows = pc.binary_join_element_wise(*others, pc.binary_join_element_wise(last, "\n", ""), ",")
    return bytes_of(rows)[1].tobytes()
