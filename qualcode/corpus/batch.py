"""One batch of a corpus → its codings and counting units. Pure: what it needs goes in, what it made comes out.

The same bytes give the same bytes in whatever process, on whatever machine; what is sent about is bytes alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from qualcode import __version__
from qualcode.cases import CaseIndex, assign_cases
from qualcode.codebook import parse_codebook
from qualcode.corpus.reading import CASE, FIRST_ATTRIBUTE, ID, SPEAKER, TEXT
from qualcode.errors import QualcodeError, SourceError
from qualcode.language import describe_engine
from qualcode.model import Case, many_objects
from qualcode.sources import clean_text, has_words, transcript_of_turns
from qualcode.tables import tabulate
from qualcode.tagging import Tagger, context_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.codebook import Codebook
    from qualcode.model import Transcript, Unit
    from qualcode.tables import CodingTable

    Integers = NDArray[np.int64]

Row = tuple[str, ...]
"""Of a batch: as :mod:`qualcode.corpus.reading` has it."""

_STRING, _NUMBER = pa.string(), pa.int64()

CODINGS = pa.schema(
    [
        *((name, _STRING) for name in ("transcript", "case", "speaker", "segment")),
        *((name, _NUMBER) for name in ("start", "end")),
        *((name, _STRING) for name in ("code", "coder", "rule", "matched", "quote")),
        *((name, _NUMBER) for name in ("words", "first_word")),
        ("is_interviewer", pa.bool_()),
    ]
)
"""The columns of ``codings.csv``, and what counting needs beside them."""

UNITS = pa.schema(
    [
        *((name, _STRING) for name in ("transcript", "case", "speaker", "segment")),
        *((name, _NUMBER) for name in ("start", "end", "words")),
        ("is_interviewer", pa.bool_()),
        ("turn", _STRING),
    ]
)
"""The counting units, coded or not; the attributes of the cases follow."""

_BUSY = Lock()
# The vocabulary of a process is not made for two threads at once.


def _versions() -> tuple[tuple[str, str], ...]:
    return (("qualcode", __version__), ("words", describe_engine()))


@dataclass(frozen=True, slots=True)
class Job:
    """All that the result for some rows depends on.

    Attributes
    ----------
    codebook, codebook_name, codebook_digest
        Text, name and digest of the codebook's file.
    unit
        The kind of counting unit.
    language, model, interviewers
        As in :func:`qualcode.tag_corpus`.
    versions
        Of this program and of what decides about words.
    """

    codebook: str
    codebook_name: str
    codebook_digest: str
    unit: Unit = "turn"
    language: str | None = None
    model: str | None = None
    interviewers: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = field(default_factory=_versions)

    def key(self, rows: bytes) -> str:
        """Return a name for the result for some rows; equal names stand for equal results."""
        return hashlib.sha256(json.dumps(asdict(self)).encode() + b"\n" + rows).hexdigest()[:32]

    def read_codebook(self) -> Codebook:
        """Return the codebook."""
        return parse_codebook(self.codebook, self.codebook_name, digest=self.codebook_digest)


def pack(*tables: pa.Table) -> bytes:
    """Return tables as bytes, one behind the other."""
    sink = pa.BufferOutputStream()
    for table in tables:
        with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
            writer.write_table(table)
    return bytes(sink.getvalue())


def unpack(data: bytes) -> list[pa.Table]:
    """Return the tables that :func:`pack` packed.

    Raises
    ------
    pyarrow.ArrowInvalid
        If the bytes are damaged.
    """
    source = pa.BufferReader(data)
    tables = []
    while source.tell() < len(data):
        with pa.ipc.open_stream(source) as reader:
            tables.append(reader.read_all())
    return tables


def tag_batch(job: Job, data: bytes) -> bytes:
    """Return codings and units of the rows of a batch, packed; what was found out beside them goes with the units.

    Raises
    ------
    QualcodeError
        If the rows cannot be used, or this process has other versions than the one that sent them.
    """
    if job.versions != _versions():
        found, wanted = (", ".join(" ".join(one) for one in versions) for versions in (_versions(), job.versions))
        raise QualcodeError(f"A worker has {found}.", hint=f"Install the same versions there: {wanted}")
    with _BUSY, many_objects():
        return _tag(job, *unpack(data))


@lru_cache(maxsize=2)
def _prepare(job: Job) -> tuple[Codebook, Tagger]:
    codebook = job.read_codebook()
    return codebook, Tagger(codebook, model=job.model)


def _tag(job: Job, rows: pa.Table) -> bytes:
    codebook, tagger = _prepare(job)
    facts = Facts()
    attributes = rows.column_names[FIRST_ATTRIBUTE:]
    voices = [_read_voices(job, attributes, some, facts) for some in _split(rows)]
    spoken = [one for one in voices if one.transcript.segments]
    facts.n_silent += len(voices) - len(spoken)
    transcripts = [one.transcript for one in spoken]
    sheets = tagger.tag(transcripts, [context_of(one.transcript, one.index) for one in spoken])
    everybody = {voice: case for one in spoken for voice, case in one.index.voices.items()}
    table = tabulate(transcripts, sheets, codebook, unit=job.unit, index=CaseIndex((), (), (), everybody))
    facts.count(table)
    units = _make_units(table, spoken, attributes)
    return pack(_make_codings(table), units.replace_schema_metadata({"facts": json.dumps(asdict(facts))}))


# ---- rows → transcripts


@dataclass(slots=True)
class Facts:
    """What is to be told about some rows, or about all; every number can be added up.

    Attributes
    ----------
    n_rows, n_blank, n_silent
        Rows, those without a word, transcripts without any.
    n_transcripts, n_segments, n_words, n_interviewer_segments, n_interviewer_words, n_codings
        What there is to count in, as in :class:`qualcode.ThemeTable`, and the codings.
    left_out
        Characters that are no text, by kind.
    interviewers
        In how many transcripts each speaker is an interviewer.
    varying
        For how many cases of a transcript each attribute has several values.
    """

    n_rows: int = 0
    n_blank: int = 0
    n_silent: int = 0
    n_transcripts: int = 0
    n_segments: int = 0
    n_words: int = 0
    n_interviewer_segments: int = 0
    n_interviewer_words: int = 0
    n_codings: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    interviewers: dict[str, int] = field(default_factory=dict)
    varying: dict[str, int] = field(default_factory=dict)

    def count(self, table: CodingTable) -> None:
        """Take the numbers of a table."""
        asking = table.units["is_interviewer"].to_numpy()
        words = table.units["words"].to_numpy()
        self.n_transcripts += len(table.transcripts)
        self.n_segments += int((~asking).sum())
        self.n_words += int(words[~asking].sum())
        self.n_interviewer_segments += int(asking.sum())
        self.n_interviewer_words += int(words[asking].sum())
        self.n_codings += len(table.codings)

    def add(self, other: Mapping[str, Any]) -> None:
        """Add the facts of other rows."""
        for name, value in other.items():
            mine = getattr(self, name)
            setattr(self, name, mine + value if isinstance(value, int) else dict(Counter(mine) + Counter(value)))


@dataclass(frozen=True, slots=True)
class _Voices:
    """A transcript, who speaks in it, and what each of its cases is like."""

    transcript: Transcript
    index: CaseIndex


def _split(rows: pa.Table) -> Iterator[list[Row]]:
    """Yield the rows of one transcript after the other."""
    columns = [column.to_pylist() for column in rows.columns]
    for _, some in groupby(zip(*columns, strict=True), key=lambda row: row[ID]):
        yield list(some)


def _read_voices(job: Job, attributes: Sequence[str], rows: Sequence[Row], facts: Facts) -> _Voices:
    words = [clean_text(row[TEXT], facts.left_out) for row in rows]
    labels = [clean_text(row[SPEAKER] or row[CASE], {}).strip() for row in rows]
    transcript = transcript_of_turns(
        list(zip(labels, words, strict=True)),
        rows[0][ID],
        language=job.language,
        interviewers=job.interviewers,
        model=job.model,
    )
    facts.n_rows += len(rows)
    facts.n_blank += sum(not has_words(text) for text in words)
    for name in transcript.interviewers:
        facts.interviewers[name] = facts.interviewers.get(name, 0) + 1
    answers = [(label, row) for label, row in zip(labels, rows, strict=True) if label not in transcript.interviewers]
    voices = assign_cases([transcript], _name_cases(transcript.id, answers)).voices
    cases = _describe_cases(voices, attributes, answers, facts)
    return _Voices(transcript, CaseIndex(cases, tuple(attributes), (), voices))


def _name_cases(transcript: str, answers: Sequence[tuple[str, Row]]) -> list[Case]:
    """Return the cases that the rows name, each with its voices.

    Raises
    ------
    SourceError
        If one speaker is several cases.
    """
    case_of: dict[str, str] = {}
    for label, row in answers:
        if row[CASE] and case_of.setdefault(label, row[CASE]) != row[CASE]:
            message = f"The speaker “{label}” is both the case “{case_of[label]}” and the case “{row[CASE]}”."
            raise SourceError(message, f"transcript {transcript}", "Give each case a speaker label of its own")
    labels: dict[str, list[str]] = {}
    for label, case in case_of.items():
        labels.setdefault(case, []).append(label)
    return [Case(case, {}, tuple((transcript, label) for label in own)) for case, own in labels.items()]


def _describe_cases(
    voices: Mapping[tuple[str, str], str], attributes: Sequence[str], answers: Sequence[tuple[str, Row]], facts: Facts
) -> tuple[Case, ...]:
    """Return the cases with the attributes that their rows give; of several values the first counts."""
    by_label = {label: case for (_, label), case in voices.items()}
    values: dict[str, dict[str, str]] = {case: {} for case in by_label.values()}
    varying: set[tuple[str, str]] = set()
    for label, row in answers:
        if label not in by_label:
            continue
        case = by_label[label]
        for name, value in zip(attributes, row[FIRST_ATTRIBUTE:], strict=True):
            if value and values[case].setdefault(name, value) != value:
                varying.add((case, name))
    for _, name in varying:
        facts.varying[name] = facts.varying.get(name, 0) + 1
    return tuple(Case(case, given) for case, given in values.items())


# ---- tables → columns


def _make_codings(table: CodingTable) -> pa.Table:
    codebook = table.codebook
    paths = {code.id: codebook.path(code.id) for code in codebook.walk()}
    codings = table.codings.assign(code=table.codings["code"].map(paths), first_word=_find_first_words(table))
    return _take_columns(codings, CODINGS)


def _find_first_words(table: CodingTable) -> Integers:
    """Return how many words stand before each coding in its transcript."""
    words = table.units["words"].to_numpy()
    number = pd.factorize(table.units["transcript"])[0]
    before = (np.cumsum(words) - words)[np.unique(number, return_index=True)[1]]
    firsts = np.searchsorted(table.placements["coding"], np.arange(len(table.codings)))
    placed = table.placements.iloc[firsts]
    found: Integers = placed["first_word"].to_numpy() - before[number[placed["unit"].to_numpy()]]
    return found


def _make_units(table: CodingTable, voices: Sequence[_Voices], attributes: Sequence[str]) -> pa.Table:
    units = _take_columns(table.units, UNITS)
    known = {(one.transcript.id, case.id): case.attributes for one in voices for case in one.index.cases}
    names = zip(table.units["transcript"], table.units["case"], strict=True)
    given = [known.get(name, {}) for name in names]
    for name in attributes:
        column = pa.array([values.get(name, "") for values in given], _STRING)
        units = units.append_column(name_attribute(name), column)
    return units


def name_attribute(name: str) -> str:
    """Return the name of an attribute's column among the units; one named as a column of theirs is ``case NAME``."""
    return f"case {name}" if name in UNITS.names else name


def _take_columns(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.table([pa.array(frame[name], schema.field(name).type) for name in schema.names], schema=schema)
