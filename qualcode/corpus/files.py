"""The files that come out: the codings, and beside them the counting units, without which no number has a ground.

``codings.parquet`` has a row for each coding, ``codings.units.parquet`` one for each counting unit, coded or not. Both
say in the metadata of their schema, under ``qualcode``, how they came about; the codings hold the codebook's text too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from qualcode.atomic import drafting
from qualcode.cases import CaseIndex
from qualcode.codebook import parse_codebook
from qualcode.corpus.batch import CODINGS, UNITS, name_attribute
from qualcode.corpus.parts import writing
from qualcode.errors import Problem, QualcodeError, SourceError
from qualcode.model import Case
from qualcode.tables import restore_table

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from qualcode.codebook import Codebook
    from qualcode.tables import CodingTable

_KEY = b"qualcode"
_BOOK_KEY = b"qualcode.codebook"
_GROUP_ROWS = 100_000
# Of a row group; fixed, so that the files are the same however the rows came in.
_FORMAT = 1


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
        Units and codings of each batch.
    origin
        How they came about.
    codebook
        The codebook's text.
    """
    metadata = {_KEY: json.dumps({"format": _FORMAT, **origin}, ensure_ascii=False, sort_keys=True).encode()}
    attributes = [pa.field(name_attribute(name), pa.string()) for name in origin["corpus"]["attributes"]]
    codings = CODINGS.with_metadata({**metadata, _BOOK_KEY: codebook.encode()})
    units = pa.schema([*UNITS, *attributes]).with_metadata(metadata)
    with (
        writing(out),
        drafting(units_path(out), out) as (units_draft, codings_draft),
        _Writer(units_draft, units) as unit_file,
        _Writer(codings_draft, codings) as coding_file,
    ):
        for some_units, some_codings in parts:
            coding_file.add(some_codings)
            unit_file.add(some_units)


class _Writer:
    """A Parquet file whose bytes depend on its rows alone, not on how they come in."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._file = pq.ParquetWriter(path, schema, compression="zstd")
        self._pending: list[pa.Table] = []
        self._n_pending = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._n_pending:
            self._write_group()
        self._file.close()

    def add(self, table: pa.Table) -> None:
        """Add rows."""
        self._pending.append(table.replace_schema_metadata(self._schema.metadata))
        self._n_pending += len(table)
        while self._n_pending >= _GROUP_ROWS:
            self._write_group()

    def _write_group(self) -> None:
        whole = pa.concat_tables(self._pending)
        self._file.write_table(whole[:_GROUP_ROWS].combine_chunks())
        self._pending = [whole[_GROUP_ROWS:]]
        self._n_pending = len(self._pending[0])


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
        If this is no such file, it is damaged, or the units are not there or of another run.
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
    path = Path(path)
    codings = _read_table(path)
    origin = _read_origin(codings.schema, path)
    units = _read_table(units_path(path), beside=path.name)
    if codings.schema.metadata[_KEY] != units.schema.metadata.get(_KEY):
        message = "The units and the codings come from different runs."
        raise SourceError(
            message, units_path(path).name, f"Tag again, or put the file that belongs to {path.name} there"
        )
    book = origin["codebook"]
    stored = parse_codebook(codings.schema.metadata[_BOOK_KEY].decode(), book["file"], digest=book["digest"])
    if codebook is not None and codebook.digest != stored.digest:
        message = "The codings were made with another version of the codebook."
        raise QualcodeError(message, path.name, "Tag again, or leave out --codebook: the file holds its own")
    return _restore(codings.to_pandas(), units.to_pandas(), stored, origin, path.name)


def _restore(
    codings: pd.DataFrame, units: pd.DataFrame, codebook: Codebook, origin: Mapping[str, Any], where: str
) -> CodingTable:
    ids = {codebook.path(code.id): code.id for code in codebook.walk()}
    codings = codings.assign(code=codings["code"].map(ids).astype("str"), verdict="suggested", note="")
    attributes = {name: name_attribute(name) for name in origin["corpus"]["attributes"]}
    cases, problems = _read_cases(units, attributes, where)
    voices = units.loc[units["case"] != "", ["transcript", "speaker", "case"]].drop_duplicates()
    named = {(transcript, speaker): case for transcript, speaker, case in voices.itertuples(index=False)}
    index = CaseIndex(cases, tuple(attributes), problems, named)
    units = units.drop(columns=list(attributes.values())).assign(time=float("nan"))
    told = (Problem(*problem) for problem in origin["problems"])
    return restore_table(
        units, codings, codebook, index=index, unit=origin["unit"], problems=(*codebook.problems, *told, *problems)
    )


def _read_cases(
    units: pd.DataFrame, attributes: Mapping[str, str], where: str
) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    """Return the cases that speak, in the order in which they first do, each with the first value of an attribute."""
    spoken = units.loc[units["case"] != "", ["case", *attributes.values()]].drop_duplicates()
    values: dict[str, dict[str, str]] = {case: {} for case in spoken["case"].unique()}
    problems = []
    for name, column in attributes.items():
        given = spoken.loc[spoken[column] != "", ["case", column]].drop_duplicates()
        if n := int(given.loc[given["case"].duplicated(), "case"].nunique()):
            message = f"“{name}” varies within a case over its transcripts (cases: {n:,}); its first value counts."
            problems.append(Problem(where, "note", "attribute-varies", message))
        for case, value in given.drop_duplicates("case").itertuples(index=False):
            values[case][name] = value
    return tuple(Case(case, own) for case, own in values.items()), tuple(problems)


def _read_table(path: Path, *, beside: str = "") -> pa.Table:
    try:
        return pq.read_table(path)
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
