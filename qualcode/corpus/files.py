"""The files that come out: the codings, and beside them the counting units, without which no number has a ground.

``codings.parquet`` has a row for each coding, ``codings.units.parquet`` one for each counting unit, coded or not. Both
say in the metadata of their schema, under ``qualcode``, how they came about; the codings hold the codebook's text too.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from copy import copy
from functools import cached_property, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qualcode.atomic import drafting
from qualcode.cases import CASE_COLUMN, NOT_GIVEN, CaseIndex, order_values
from qualcode.codebook import parse_codebook
from qualcode.columns import take_text
from qualcode.corpus.batch import CODINGS, HOME, PASSAGE, UNITS, name_attribute
from qualcode.corpus.parts import writing
from qualcode.corpus.reading import read_batches
from qualcode.errors import Problem, QualcodeError, SourceError
from qualcode.model import RULES_CODER, Case
from qualcode.progress import track
from qualcode.tables import CaseGroups, CodingTable, Frames, restore_block
from qualcode.text_columns import NOTHING, TEXT, merge, number_texts, pick, to_column, to_numbers

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.codebook import Codebook
    from qualcode.columns import FrameColumns
    from qualcode.tables import Block, CodingColumns

    Numbers = NDArray[np.int32]
    _Part = tuple[pa.Table, ...]

Texts = Literal["apart", "along"]

_KEY = b"qualcode"
_BOOK_KEY = b"qualcode.codebook"
_GROUP_ROWS = 200_000
# Of a row group; fixed, so that the files are the same however the rows came in.
_FORMAT = 1
_BLOCK_ROWS = 20_000
# Of units that are counted at a time, with their codings.
_MOST_HELD = 3_000_000
# Codings, or units, that are held at once where not block by block: they take some 3 GB.
_VARIED = {"start", "end", "first_word"}
# Columns with so many different values that a list of them takes more room than it saves.
_OF_UNIT = {**{name: name for name in ("transcript", "case", "speaker", "is_interviewer")}, "turn": "segment"}
# Columns of counting units that are also those of the codings on them, by their names there.
_COUNTED = ("transcript", "start", "end", "code", "words", "first_word", "is_interviewer")
# What counting needs of codings.


def units_path(out: Path) -> Path:
    """Return where the units of a file of codings are kept."""
    return out.with_name(f"{out.stem}.units{out.suffix}")


def write_tables(out: Path, parts: Iterable[Sequence[pa.Table]], origin: Mapping[str, Any], codebook: str) -> None:
    """Put the tables of all batches together, in order, and both files in their places.

    Parameters
    ----------
    out
        The file of codings.
    parts
        Units, passages and codings of each batch.
    origin
        How they came about.
    codebook
        The codebook's text.
    """
    metadata = {_KEY: json.dumps({"format": _FORMAT, **origin}, ensure_ascii=False, sort_keys=True).encode()}
    attributes = [pa.field(name_attribute(name), pa.string()) for name in origin["corpus"]["attributes"]]
    coding_schema = CODINGS.with_metadata({**metadata, _BOOK_KEY: codebook.encode()})
    unit_schema = pa.schema([*UNITS, *attributes]).with_metadata(metadata)
    with (
        writing(out),
        drafting(units_path(out), out) as (units_draft, codings_draft),
        _Writer(units_draft, unit_schema, _gather_units) as unit_file,
        _Writer(codings_draft, coding_schema, _gather_codings) as coding_file,
    ):
        for units, passages, codings in parts:
            coding_file.add(codings, passages, units)
            unit_file.add(units)


class _Writer:
    """A Parquet file whose bytes depend on its rows alone, not on how they come in.

    Texts are handed over each different one once, as the file has them. Its schema is that of plain texts, so that
    whoever reads it gets these.

    Parameters
    ----------
    path, schema
        Of the file.
    gather
        Makes columns of some rows, given these with the tables that were added beside them.
    """

    def __init__(self, path: Path, schema: pa.Schema, gather: Callable[[Sequence[_Part]], dict[str, pa.Array]]) -> None:
        self._schema = pa.schema(
            [field.with_type(TEXT) if pa.types.is_string(field.type) else field for field in schema]
        )
        self._file = pq.ParquetWriter(
            path,
            self._schema,
            compression="zstd",
            use_dictionary=[name for name in self._schema.names if name not in _VARIED],
            store_schema=False,
            write_statistics=False,
        )
        self._file.add_key_value_metadata(schema.metadata)
        self._gather = gather
        self._pending: list[_Part] = []
        self._n_pending = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._n_pending:
            self._write_group()
        self._file.close()

    def add(self, rows: pa.Table, *beside: pa.Table) -> None:
        """Add rows, and tables in which what they name by number is found."""
        if len(rows):
            self._pending.append((rows.combine_chunks(), *[table.combine_chunks() for table in beside]))
        self._n_pending += len(rows)
        while self._n_pending >= _GROUP_ROWS:
            self._write_group()

    def _write_group(self) -> None:
        taken: list[_Part] = []
        n_rows = min(_GROUP_ROWS, self._n_pending)
        self._n_pending -= n_rows
        while n_rows:
            rows, *beside = self._pending.pop(0)
            if len(rows) > n_rows:
                self._pending.insert(0, (rows[n_rows:], *beside))
            taken.append((rows[:n_rows], *beside))
            n_rows -= len(taken[-1][0])
        columns = self._gather(taken)
        table = [columns[field.name].cast(field.type) for field in self._schema]
        self._file.write_table(pa.table(table, schema=self._schema))


def _gather_units(taken: Sequence[_Part]) -> dict[str, pa.Array]:
    return _merge_columns([units for (units,) in taken])


def _gather_codings(taken: Sequence[_Part]) -> dict[str, pa.Array]:
    """Return the columns of codings, each of which knows its passage, which knows its counting unit."""
    places, passages, homes = [], [], []
    n_passages = 0
    for codings, some_passages, units in taken:
        place = to_numbers(codings.column(PASSAGE).combine_chunks())
        own = some_passages[int(place[0]) : int(place[-1]) + 1]
        places.append(place - place[0] + np.int32(n_passages))
        passages.append(own)
        homes.append(units.select([*_OF_UNIT]).take(own.column(HOME)))
        n_passages += len(own)
    rows = to_column(np.concatenate(places))
    known = _merge_columns(passages) | dict(zip(_OF_UNIT.values(), _merge_columns(homes).values(), strict=True))
    columns = _merge_columns([codings for codings, *_ in taken]) | {
        name: column.take(rows) for name, column in known.items()
    }
    return columns | {"coder": pick([RULES_CODER], np.zeros(len(rows), np.int32))}


def _merge_columns(tables: Sequence[pa.Table]) -> dict[str, pa.Array]:
    """Return the columns of tables behind one another; one like that before, as a case often is, is merged once."""
    columns: dict[str, pa.Array] = {}
    merged: pa.Array = None
    before: list[pa.Array] = []
    for name in tables[0].column_names:
        chunks = [chunk for table in tables for chunk in table.column(name).chunks]
        if not all(map(pa.Array.equals, chunks, before)) or not before:
            merged, before = merge(chunks), chunks
        columns[name] = merged
    return columns


# ---- reading


def read_codings(path: str | os.PathLike[str], *, codebook: Codebook | None = None) -> CodingTable:
    r"""Return the codings of a corpus, on their counting units, ready to be counted.

    Parameters
    ----------
    path
        What :func:`qualcode.tag_corpus` wrote; the file of the units must lie beside it.
    codebook
        The codebook, if at hand: that the file holds must be the same.

    Returns
    -------
    CodingTable
        As :func:`qualcode.tabulate` returns it, without transcripts and sheets.

    Raises
    ------
    SourceError
        If this is no such file, it is damaged, or the units are not there or of another run; or of a DataFrame.
    QualcodeError
        If the codebook is another one.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("answers.csv").write_text("id,text\na,The new management said no.\nb,It went well.\n")
    >>> codebook = "codebooks/industry_partnership.yaml"
    >>> report = qualcode.tag_corpus("answers.csv", codebook, "codings.parquet")
    >>> qualcode.read_codings("codings.parquet").codings["quote"].tolist()
    ['The new management said no.']
    """
    if hasattr(path, "to_parquet"):
        hint = "Name the file; a table of a coder's work goes into a study with study.import_table(coder, frame)"
        raise SourceError("Codings are read from the file that tag_corpus wrote, not from a DataFrame.", hint=hint)
    path = Path(path)
    codings = _open(path)
    origin = _read_origin(codings.schema_arrow, path)
    units = _open(units_path(path), beside=path.name)
    metadata = codings.schema_arrow.metadata
    if metadata[_KEY] != (units.schema_arrow.metadata or {}).get(_KEY):
        message = "The units and the codings come from different runs."
        raise SourceError(
            message, units_path(path).name, f"Tag again, or put the file that belongs to {path.name} there"
        )
    book = origin["codebook"]
    stored = parse_codebook(metadata[_BOOK_KEY].decode(), book["file"], digest=book["digest"])
    if codebook is not None and codebook.digest != stored.digest:
        message = "The codings were made with another version of the codebook."
        raise QualcodeError(message, path.name, "Tag again, or leave out --codebook: the file holds its own")
    frames = FileFrames(path, stored, origin)
    told = (Problem(*problem) for problem in origin["problems"])
    return CodingTable(
        unit=origin["unit"],
        codebook=stored,
        transcripts=(),
        sheets=(),
        coders=(RULES_CODER,) if frames.n_codings else (),
        frames=frames,
        n_rejected=0,
        problems=(*stored.problems, *told, *frames.list_varying()),
    )


class FileFrames:
    """The frames of a file of codings, of which as much is read as is asked for; see :class:`qualcode.tables.Frames`.

    Counting asks for one block after the other, so that the memory that it takes does not grow with the codings.

    Parameters
    ----------
    path, codebook, origin
        The file, its codebook, and how it came about.
    """

    def __init__(self, path: Path, codebook: Codebook, origin: Mapping[str, Any]) -> None:
        self._path = path
        self._codebook = codebook
        self._attributes = {name: name_attribute(name) for name in origin["corpus"]["attributes"]}
        self._paths = pa.array([codebook.path(code.id) for code in codebook.walk()], pa.string())
        self._changes: tuple[Callable[[Block], Block], ...] = ()
        with _reading(path):
            self._n_rows = pq.read_metadata(path).num_rows
            self.n_units = pq.read_metadata(units_path(path)).num_rows
            self._voice, self._names = self._number("case")

    def _number(self, column: str) -> tuple[Numbers, pa.Array]:
        """Return the values of a column of the units as numbers, and what these stand for."""
        file = pq.ParquetFile(units_path(self._path))
        return number_texts(batch.column(0) for batch in read_batches(file, _BLOCK_ROWS, [column]))

    @property
    def n_codings(self) -> int:
        """How many codings there are."""
        return sum(len(block.columns) for block in self.blocks()) if self._changes else self._n_rows

    @property
    def n_voices(self) -> int:
        """How many different cases units are spoken by, ``""`` among them."""
        return len(self._names)

    @cached_property
    def _nobody(self) -> int:
        """The number of ``""`` among the cases; -1: it is not among them."""
        return _find_blank(self._names)

    @property
    def n_cases(self) -> int:
        """How many cases speak."""
        return len(self._names) - (self._nobody >= 0)

    def list_varying(self) -> tuple[Problem, ...]:
        """Return notes on the attributes of which a case has several values."""
        return tuple(self._find_varying())

    def _find_varying(self) -> Iterator[Problem]:
        for name, column in self._attributes.items():
            value, values, firsts = self._find_values(column)
            differs = value != value.take(firsts.take(self._voice), mode="clip")
            differs &= (value != _find_blank(values)) & (self._voice != self._nobody)
            if n := len(np.unique(self._voice[differs])):
                message = f"“{name}” varies within a case over its transcripts (cases: {n:,}); its first value counts."
                yield Problem(self._path.name, "note", "attribute-varies", message)

    def _find_values(self, column: str) -> tuple[Numbers, pa.Array, Numbers]:
        """Return a column of attributes as :meth:`_number` does, and the unit in which each voice first has a value.

        There are as many units as there are where a voice has none.
        """
        with _reading(self._path):
            value, values = self._number(column)
        given = np.flatnonzero(value != _find_blank(values)).astype(np.int32)
        firsts = np.full(self.n_voices, len(value), np.int32)
        np.minimum.at(firsts, self._voice[given], given)
        return value, values, firsts

    def blocks(self, texts: Texts = "apart", *, n_rows: int = _BLOCK_ROWS) -> Iterator[Block]:
        """Yield the table in parts of whole transcripts, each of about so many units.

        Parameters
        ----------
        texts
            Whether the frames of codings can be asked for: then their texts are read ``along`` with the numbers.
        n_rows
            Of units.
        """
        names = None if texts == "along" else list(_COUNTED)
        first = 0
        with _reading(self._path):
            blocks = _cut_blocks(self._path, n_rows, names)
            for units, codings in track(blocks, "Counting segments", self.n_units, size=lambda block: len(block[0])):
                voice = self._voice[first : first + len(units)].astype(np.int64)
                first += len(units)
                yield self._restore(units, codings, voice)

    def _restore(self, units: pa.Table, codings: pa.Table, voice: NDArray[np.int64]) -> Block:
        frame: pd.DataFrame = units.select(UNITS.names).to_pandas()
        code = pc.index_in(codings.column("code"), value_set=self._paths).to_numpy().astype(np.int64)
        counted = codings.select([name for name in _COUNTED if name != "code"]).to_pandas()
        block = restore_block(
            frame.assign(time=float("nan")), counted, code, voice, lambda rows: self._frame_codings(codings, code, rows)
        )
        return reduce(lambda one, change: change(one), self._changes, block)

    def _frame_codings(
        self, codings: pa.Table, code: NDArray[np.int64], rows: NDArray[np.int64] | None
    ) -> pd.DataFrame:
        if rows is not None:
            codings, code = codings.take(pa.array(rows)), code[rows]
        frame: pd.DataFrame = codings.to_pandas()
        ids = [one.id for one in self._codebook.walk()]
        return frame.assign(code=take_text(ids, code), verdict="suggested", note="")

    def change(self, change: Callable[[Block], Block]) -> FileFrames:
        """Return frames whose blocks are changed in their codings, by what looks at one block at a time."""
        changed = copy(self)
        changed.__dict__.pop("_whole", None)
        changed.__dict__["_changes"] = (*self._changes, change)
        return changed

    @property
    def transcript_ids(self) -> tuple[str, ...]:
        """The ids of the transcripts that have units."""
        with _reading(self._path):
            return tuple(self._number("transcript")[1].to_pylist())

    def group(self, attribute: str = CASE_COLUMN) -> CaseGroups:
        """Return the cases by the value of an attribute; no object is made of a case."""
        column = CaseIndex((), tuple(self._attributes), (), {}).attribute(attribute)
        is_case = np.arange(self.n_voices) != self._nobody
        if column == CASE_COLUMN:
            names = [name for name in self._names.to_pylist() if name]
            of_voice = np.where(is_case, np.cumsum(is_case) - 1, -1)
            return CaseGroups(column, names, np.ones(len(names), dtype=np.int64), of_voice)
        labels, label = self._label_voices(column)
        found, firsts = np.unique(label[is_case], return_index=True)
        names = order_values([labels[one] for one in found[np.argsort(firsts)].tolist()])
        places = {name: place for place, name in enumerate(names)}
        of_voice = np.where(is_case, np.array([places.get(one, -1) for one in labels])[label], -1)
        return CaseGroups(column, names, np.bincount(of_voice[is_case], minlength=len(names)), of_voice)

    def _label_voices(self, attribute: str) -> tuple[list[str], NDArray[np.int64]]:
        """Return the values of an attribute, and the place of the first that each voice has."""
        value, values, firsts = self._find_values(self._attributes[attribute])
        texts = [text.strip() or NOT_GIVEN for text in values.to_pylist()]
        places = {label: place for place, label in enumerate(dict.fromkeys((*texts, NOT_GIVEN)))}
        label = np.full(self.n_voices, places[NOT_GIVEN], dtype=np.int64)
        has_value = firsts < len(value)
        label[has_value] = np.array([places[text] for text in texts], dtype=np.int64)[value[firsts[has_value]]]
        return [*places], label

    def head(self, n_transcripts: int) -> Frames:
        """Return frames of the first transcripts, that many if there are as many."""
        parts: list[tuple[pa.Table, pa.Table]] = []
        n_found = 0
        with _reading(self._path):
            for units, codings in _cut_blocks(self._path, n_transcripts, None):
                parts.append((units, codings))
                n_found += pc.count_distinct(units.column("transcript")).as_py()
                if n_found >= n_transcripts:
                    break
        units, codings = (pa.concat_tables(tables) for tables in zip(*parts, strict=True))
        names = pc.unique(units.column("transcript"))[:n_transcripts]
        units, codings = (
            table.filter(pc.is_in(table.column("transcript"), value_set=names)) for table in (units, codings)
        )
        block = self._restore(units, codings, self._voice[: len(units)].astype(np.int64))
        return Frames(block.units, block.columns, block.placements, self._index(units.to_pandas()))

    def _check_size(self) -> None:
        """Refuse to hold what is larger than memory often is: the system would end the program without a word."""
        for number, noun in ((self._n_rows, "codings"), (self.n_units, "counting units")):
            if number > _MOST_HELD:
                message = f"This needs all {noun} at once: {number:,}, and {_MOST_HELD:,} can be held."
                hint = "Tag a part of the corpus by itself; themes, quotes and figure count files of any size"
                raise QualcodeError(message, self._path.name, hint)

    @cached_property
    def _whole(self) -> Block:
        self._check_size()
        units, codings = _read_table(units_path(self._path)), _read_table(self._path)
        return self._restore(units, codings, self._voice.astype(np.int64))

    @property
    def units(self) -> FrameColumns:
        """All counting units."""
        return self._whole.units

    @property
    def columns(self) -> CodingColumns:
        """What counting needs of all codings."""
        return self._whole.columns

    @property
    def placements(self) -> FrameColumns:
        """All codings on all units."""
        return self._whole.placements

    @cached_property
    def index(self) -> CaseIndex:
        """Which case speaks where."""
        self._check_size()
        names = ["transcript", "speaker", "case", *self._attributes.values()]
        with _reading(self._path):
            return self._index(pq.read_table(units_path(self._path), columns=names).to_pandas())

    def _index(self, units: pd.DataFrame) -> CaseIndex:
        voices = units.loc[units["case"] != "", ["transcript", "speaker", "case"]].drop_duplicates()
        named = {(transcript, speaker): case for transcript, speaker, case in voices.itertuples(index=False)}
        return CaseIndex(_read_cases(units, self._attributes), tuple(self._attributes), self.list_varying(), named)


def _cut_blocks(path: Path, n_rows: int, columns: list[str] | None) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the units of whole transcripts, about so many at a time, with their codings."""
    codings, units = _Pending(path, n_rows, columns), _Pending(units_path(path), n_rows)
    wanted = n_rows
    while len(held := units.hold(wanted)):
        names = held.column("transcript").combine_chunks()
        if not units.is_done:  # the last transcript may go on
            names = names[: pc.index(names, names[-1]).as_py()]
        if len(names):
            yield units.take(len(names)), codings.take_while(pc.unique(names))
        wanted = n_rows if len(names) else wanted + n_rows


class _Pending:
    """The rows of a file, taken from its beginning on, of which few are held."""

    def __init__(self, path: Path, n_rows: int, columns: list[str] | None = None) -> None:
        self._n_rows = n_rows
        self._batches = read_batches(pq.ParquetFile(path), n_rows, columns)
        held = pq.read_schema(path).empty_table()
        self._held = held if columns is None else held.select(columns)
        self.is_done = False

    def hold(self, n_rows: int) -> pa.Table:
        """Return so many rows, or all that are left, and keep them."""
        while len(self._held) < n_rows and not self.is_done:
            batch = next(self._batches, None)
            self.is_done = batch is None
            if batch is not None:
                self._held = pa.concat_tables([self._held, pa.Table.from_batches([batch])])
        return self._held

    def take(self, n_rows: int) -> pa.Table:
        """Return so many rows, and let go of them."""
        taken, self._held = self._held[:n_rows], self._held[n_rows:].combine_chunks()
        return taken

    def take_while(self, transcripts: pa.Array) -> pa.Table:
        """Return the rows up to the first that is of none of some transcripts, and let go of them."""
        n_rows = self._n_rows
        while True:
            held = self.hold(n_rows)
            other = pc.index(pc.is_in(held.column("transcript"), value_set=transcripts), value=False).as_py()
            if other >= 0 or self.is_done:
                return self.take(len(held) if other < 0 else other)
            n_rows += self._n_rows


def _read_cases(units: pd.DataFrame, attributes: Mapping[str, str]) -> tuple[Case, ...]:
    """Return the cases that speak, in the order in which they first do, each with the first value of an attribute."""
    spoken = units.loc[units["case"] != "", ["case", *attributes.values()]].drop_duplicates()
    values: dict[str, dict[str, str]] = {case: {} for case in spoken["case"].unique()}
    for name, column in attributes.items():
        given = spoken.loc[spoken[column] != "", ["case", column]].drop_duplicates("case")
        for case, value in given.itertuples(index=False):
            values[case][name] = value
    return tuple(Case(case, own) for case, own in values.items())


def _find_blank(texts: pa.Array) -> int:
    """Return the place of ``""`` among texts; -1: it is not among them."""
    return int(pc.index(texts, NOTHING).as_py())


def _open(path: Path, *, beside: str = "") -> pq.ParquetFile:
    with _reading(path, beside):
        return pq.ParquetFile(path)


def _read_table(path: Path) -> pa.Table:
    with _reading(path):
        return pq.read_table(path)


@contextmanager
def _reading(path: Path, beside: str = "") -> Iterator[None]:
    """Turn the failures of reading a file into an error with place and repair."""
    try:
        yield
    except FileNotFoundError as error:
        hint = f"Keep it in the same folder as {beside}, with which it was written" if beside else "Check the path"
        raise SourceError("There is no such file.", str(path), hint) from error
    except (OSError, pa.ArrowException) as error:
        raise SourceError("This is not a Parquet file, or it is damaged.", path.name, "Tag the corpus again") from error


def _read_origin(schema: pa.Schema, path: Path) -> dict[str, Any]:
    """Return how a file of codings came about.

    Raises
    ------
    SourceError
        If the file does not say, or a later version wrote it.
    """
    try:
        origin: dict[str, Any] = json.loads((schema.metadata or {})[_KEY])
    except (KeyError, ValueError) as error:
        hint = "Tag it first: qualcode tag CORPUS --codebook FILE --out codings.parquet"
        raise SourceError("The file holds no codings made by qualcode.", path.name, hint) from error
    if origin.get("format") != _FORMAT:
        raise SourceError("A later version of qualcode wrote this file.", path.name, "Update: pip install -U qualcode")
    return origin
