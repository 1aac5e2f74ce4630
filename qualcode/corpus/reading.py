"""A corpus: tables of answers or turns, read in batches of whole transcripts.

Every batch is a table of text columns: id, text, speaker and case, in this order, then the attributes by their names.
What a corpus does not have of the first four is ``""``, but an id: rows without are ``R1``, ``R2`` … by their place.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qualcode.errors import SourceError
from qualcode.sources import TABLE_ENDINGS, find_column, open_table
from qualcode.text_columns import NOTHING, ascend, number_texts, to_column, to_flags, to_numbers, to_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

ID, TEXT, SPEAKER, CASE, FIRST_ATTRIBUTE = range(5)
"""Places of the columns of a batch."""

PARQUET = ".parquet"

_ROWS = 512
# Read at a time: so many whole interviews still fit into little memory.
_BYTES, _MOST_BATCHES = 1 << 20, 64
# How much of that is handed on together: each table costs some calls, whatever it holds.


class CorpusColumns(NamedTuple):
    """Which columns of a corpus mean what.

    Attributes
    ----------
    text
        The words.
    id
        The transcript that a row belongs to; ``None``: each row is one.
    speaker, case
        Who speaks, and for whom; ``None`` when no column says so.
    attributes
        All other columns that hold values: what the case is like.
    """

    text: str
    id: str | None
    speaker: str | None
    case: str | None
    attributes: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """All names, in the order of a batch."""
        return [name for name in (self.id, self.text, self.speaker, self.case, *self.attributes) if name is not None]


@dataclass(frozen=True)
class Corpus:
    """Tables of answers or turns.

    Attributes
    ----------
    files
        Parquet files, or tables in another format, in their order.
    columns
        Which columns mean what.
    left_out
        Columns that hold lists or other values that are no text.
    """

    files: tuple[Path, ...]
    columns: CorpusColumns
    left_out: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file or, of several, of their digests; in hexadecimal."""
        digests = []
        for file in self.files:
            with file.open("rb") as stream:
                digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
        return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()

    def check(self) -> int:
        """Look at the ids of all rows before any work is done, and return how many there are.

        Raises
        ------
        SourceError
            If there is no row, a row has no id, or the rows of an id do not stand together.
        """
        n_rows = 0
        last: str | None = None
        names: list[pa.Array] = []
        firsts: list[npt.NDArray[np.int64]] = []
        blank: int | None = None
        for ids in self._ids():
            starts = _starts(ids, last)
            begun = ids.combine_chunks().take(to_column(starts))
            at = pc.index(pc.utf8_trim_whitespace(begun), NOTHING).as_py()
            if at >= 0 and blank is None:
                blank = n_rows + int(starts[at])
            names.append(begun)
            firsts.append(starts + n_rows)
            n_rows += len(ids)
            last = ids[-1].as_py()
        if not n_rows:
            raise SourceError("The corpus has no rows.", self.files[0].name, "Name another file")
        self._refuse(blank, _find_again(names, firsts))
        return n_rows

    def _refuse(self, blank: int | None, again: tuple[int, str] | None) -> None:
        """Refuse the first row without an id, or that begins a transcript again."""
        if blank is not None and (again is None or blank < again[0]):
            raise SourceError("The row has no id.", self._row(blank), f"Fill in the column “{self.columns.id}”")
        if again is not None:
            row, name = again
            message = f"The rows of “{name}” are not together: other rows come between them."
            hint = f"Sort the table by “{self.columns.id}”, or give each transcript an id of its own"
            raise SourceError(message, self._row(row), hint)

    def _row(self, number: int) -> str:
        name = self.files[0].name if len(self.files) == 1 else self.files[0].parent.name
        return f"{name}, row {number + 1}"

    def _ids(self) -> Iterator[pa.ChunkedArray]:
        """Yield the ids of all rows, part by part."""
        name = self.columns.id
        n_before = 0
        for file in self.files:
            for table in _read(file, [name or self.columns.text]):
                ids = _number_rows(n_before, len(table)) if name is None else _as_text(table, name, file)
                n_before += len(ids)
                yield ids

    def batches(self, n_characters: int) -> Iterator[pa.Table]:
        """Yield the rows in batches of whole transcripts, each as small as it can be with so many characters."""
        pending: list[pa.Table] = []
        sizes: list[npt.NDArray[np.int64]] = []
        borders = np.zeros(0, np.int64)
        n_rows = n_pending = 0
        last: str | None = None
        for table in self._tables():
            ids = table.column(ID)
            new = n_rows + _starts(ids, last)
            new = new[new > 0]
            borders = np.concatenate([borders, new])
            last = ids[-1].as_py()
            pending.append(table)
            sizes.append(_count_characters(table))
            n_rows += len(table)
            n_pending += int(sizes[-1].sum())
            if n_pending >= n_characters and len(new):
                whole, size = pa.concat_tables(pending), np.concatenate(sizes)
                cuts = _choose_cuts(size, borders, n_characters)
                yield from (whole[begin:end].combine_chunks() for begin, end in pairwise([0, *cuts]))
                done = cuts[-1] if cuts else 0
                pending, sizes = [whole[done:].combine_chunks()], [size[done:]]
                borders = borders[borders > done] - done
                n_rows, n_pending = len(pending[0]), int(sizes[0].sum())
        if pending:
            yield pa.concat_tables(pending).combine_chunks()

    def _tables(self) -> Iterator[pa.Table]:
        """Yield all rows in small tables of the columns of a batch."""
        n_before = 0
        for file in self.files:
            for table in _read(file, self.columns.names):
                yield self._arrange(table, file, n_before)
                n_before += len(table)

    def _arrange(self, table: pa.Table, file: Path, n_before: int) -> pa.Table:
        wanted = self.columns
        nothing = pa.chunked_array([pc.fill_null(pa.nulls(len(table), pa.string()), NOTHING)])
        given = [
            nothing if name is None else _as_text(table, name, file)
            for name in (wanted.id, wanted.text, wanted.speaker, wanted.case, *wanted.attributes)
        ]
        if wanted.id is None:
            given[ID] = _number_rows(n_before, len(table))
        return pa.table(given, names=["id", "text", "speaker", "case", *wanted.attributes])


def _number_rows(n_before: int, n_rows: int) -> pa.ChunkedArray:
    return pa.chunked_array([to_texts([f"R{n_before + number}" for number in range(1, n_rows + 1)])])


def _starts(ids: pa.ChunkedArray, last: str | None) -> npt.NDArray[np.int64]:
    """Return at which rows another transcript begins than that of the row before, whose id is ``last``."""
    values = ids.combine_chunks()
    is_first = np.ones(len(values), np.bool_)
    is_first[0] = last is None or values[0].as_py() != last
    is_first[1:] = to_flags(pc.not_equal(values[1:], values[:-1]))
    return np.flatnonzero(is_first)


def _find_again(names: Sequence[pa.Array], rows: Sequence[npt.NDArray[np.int64]]) -> tuple[int, str] | None:
    """Return the first row whose name stands before it already, and the name."""
    if ascend(pa.concat_arrays([to_texts([]), *names])):
        return None
    numbers, texts = number_texts(names)
    if len(texts) == len(numbers):
        return None
    # Names are numbered as they come, so that the first that is none of a new one falls behind.
    again = int(np.argmax(numbers != np.arange(len(numbers))))
    return int(np.concatenate(rows)[again]), texts[int(numbers[again])].as_py()


def _choose_cuts(sizes: npt.NDArray[np.int64], borders: npt.NDArray[np.int64], n_characters: int) -> list[int]:
    """Return the first border behind every so many characters, given how many each row has."""
    before = np.concatenate([[0], np.cumsum(sizes)])[borders]
    cuts: list[int] = []
    at = int(np.searchsorted(before, n_characters))
    while at < len(borders):
        cuts.append(int(borders[at]))
        at = int(np.searchsorted(before, before[at] + n_characters))
    return cuts


def _count_characters(table: pa.Table) -> npt.NDArray[np.int64]:
    """Return how many characters the text of each row has."""
    sizes = to_numbers(pc.utf8_length(table.column(TEXT)).combine_chunks())
    return sizes.astype(np.int64)


# ---- opening


def open_corpus(
    paths: Sequence[Path],
    *,
    text_column: str | None = None,
    id_column: str | None = None,
    speaker_column: str | None = None,
    case_column: str | None = None,
) -> Corpus:
    """Open the tables of a corpus and find its columns; no row is read yet.

    Parameters
    ----------
    paths
        Parquet files, folders of them (whose files are taken by number), CSV files or Excel workbooks.
    text_column, id_column, speaker_column, case_column
        Names of columns; by default ``text``, which there must be, and ``id``, ``speaker`` and ``case``.

    Raises
    ------
    SourceError
        If a file cannot be read, has other columns than the first, or there is no such column.
    """
    files = tuple(file for path in paths for file in _list_files(path))
    schema = _read_schema(files[0])
    where = files[0].name
    names = list(schema.names)
    text = names[find_column(names, text_column or "text", where)]
    others = {"id": id_column, "speaker": speaker_column, "case": case_column}
    chosen = {kind: _find_optional(names, kind, wanted, where) for kind, wanted in others.items()}
    special = {text, *chosen.values()}
    rest = [name for name in names if name not in special and name and names.count(name) == 1]
    attributes = tuple(name for name in rest if _is_value(schema.field(name).type))
    columns = CorpusColumns(text, **chosen, attributes=attributes)
    for file in files:
        _check_columns(file, columns, where)
    return Corpus(files, columns, tuple(name for name in rest if name not in attributes))


def _list_files(path: Path) -> list[Path]:
    if not path.is_dir():
        if path.suffix.lower() not in {PARQUET, *TABLE_ENDINGS}:
            hint = f"Give {PARQUET} or one of {', '.join(TABLE_ENDINGS)}; for interviews, use: qualcode run"
            raise SourceError("This is not a corpus.", path.name, hint)
        return [path]
    found = sorted(path.glob(f"*{PARQUET}"), key=lambda file: [*map(_numbered, re.split(r"(\d+)", file.name))])
    if not found:
        raise SourceError("The folder holds no Parquet file.", str(path), "Name the files of the corpus")
    return found


def _numbered(part: str) -> tuple[int, str]:
    return (int(part), "") if part.isdecimal() else (-1, part)


def _find_optional(names: Sequence[str], kind: str, wanted: str | None, where: str) -> str | None:
    if wanted is None and kind not in [name.casefold() for name in names]:
        return None
    return names[find_column(names, wanted or kind, where)]


def _check_columns(file: Path, columns: CorpusColumns, where: str) -> None:
    schema = _read_schema(file)
    missing = [name for name in columns.names if schema.names.count(name) != 1]
    if missing:
        shown = ", ".join(f"“{name}”" for name in missing)
        hint = "Give all files of a corpus the same columns"
        raise SourceError(f"{where} has columns that this file lacks or has twice: {shown}.", file.name, hint)
    kind = schema.field(columns.text).type
    if not (_is_text(kind) or pa.types.is_null(kind)):
        hint = "Name the column of the text with --text-column"
        raise SourceError(f"The column “{columns.text}” holds {kind}, not text.", file.name, hint)
    for name in columns.names:
        if not _is_value(schema.field(name).type):
            message = f"The column “{name}” holds {schema.field(name).type}, not names."
            raise SourceError(message, file.name, "Name a column of text or numbers")


# ---- reading


def _read_schema(file: Path) -> pa.Schema:
    if file.suffix.lower() == PARQUET:
        return _open_parquet(file).schema_arrow
    return pa.schema([(title, pa.string()) for title in open_table(file).header])


def _open_parquet(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except FileNotFoundError as error:
        raise SourceError("There is no such file.", str(file), "Check the path") from error
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file) from error


def _damaged(file: Path) -> SourceError:
    return SourceError("This is not a Parquet file, or it is damaged.", file.name, "Export it again")


def read_batches(
    file: pq.ParquetFile, n_rows: int, columns: list[str] | None, *, use_threads: bool = True
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file, so many at a time.

    They are read group by group: pyarrow holds all groups that it has read till the last one is done.
    """
    for group in range(file.num_row_groups):
        yield from file.iter_batches(n_rows, row_groups=[group], columns=columns, use_threads=use_threads)


def _read(file: Path, names: list[str]) -> Iterator[pa.Table]:
    """Yield some columns of all rows of a file in small tables, none of them empty."""
    if file.suffix.lower() != PARQUET:
        yield from _read_cells(file, names)
        return
    parquet = _open_parquet(file)
    try:
        pending: list[pa.RecordBatch] = []
        n_bytes = 0
        for batch in read_batches(parquet, _ROWS, names, use_threads=False):
            pending.append(batch)
            n_bytes += batch.nbytes
            if n_bytes >= _BYTES or len(pending) >= _MOST_BATCHES:
                yield pa.Table.from_batches(pending)
                pending, n_bytes = [], 0
        if any(map(len, pending)):
            yield pa.Table.from_batches(pending)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file) from error


def _read_cells(file: Path, names: list[str]) -> Iterator[pa.Table]:
    table = open_table(file)
    places = [table.header.index(name) for name in names]
    rows = (cells for _, cells in table.rows if any(cells))
    while some := list(islice(rows, _ROWS)):
        columns = [to_texts([cells[at] if at < len(cells) else "" for cells in some]) for at in places]
        yield pa.table(columns, names=names)


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def _is_value(kind: pa.DataType) -> bool:
    """Tell whether values of a type can be said in words."""
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_temporal, pa.types.is_decimal)
    return _is_text(kind) or pa.types.is_null(kind) or any(test(kind) for test in tests)


def _as_text(table: pa.Table, name: str, file: Path) -> pa.ChunkedArray:
    """Return a column as text, what is missing as ``""``; 1.0 is ``1``, as ids with a gap become numbers like that."""
    column = table.column(name)
    try:
        column.validate(full=True)
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), pa.nulls(1, column.type)[0], column)
        column = column.cast(pa.string())
        return pc.fill_null(column, NOTHING) if column.null_count else column
    except pa.ArrowInvalid as error:
        raise SourceError(f"The column “{name}” holds data that is not text.", file.name, "Save it as UTF-8") from error
