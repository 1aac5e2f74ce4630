"""One batch of a corpus → its codings and counting units. Pure: what it needs goes in, what it made comes out.

The same bytes give the same bytes in whatever process, on whatever machine; what is sent about is bytes alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from qualcode import __version__
from qualcode.axis import concatenate, place
from qualcode.codebook import parse_codebook
from qualcode.columns import distinct
from qualcode.corpus.voices import Found, read_rows
from qualcode.errors import QualcodeError
from qualcode.laid import JOINER
from qualcode.language import describe_engine, detect_language, mark_word_starts
from qualcode.matching import Context, cut_turns
from qualcode.model import ID_WIDTHS, many_objects
from qualcode.suggested import Sentences, number_runs
from qualcode.tagging import LaidTurns, Tagger
from qualcode.text_columns import pick, pick_distinct, to_column, to_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.axis import Placements
    from qualcode.codebook import Codebook
    from qualcode.corpus.voices import Rows
    from qualcode.matching import EncodedTexts
    from qualcode.model import Unit
    from qualcode.suggested import Passages

    Integers = NDArray[np.int64]

_STRING, _NUMBER = pa.string(), pa.int64()

_FORM = 5
# Of what a batch comes to; what an older version had finished is done again.

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


@cache
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

    def key(self, rows: pa.Buffer) -> str:
        """Return a name for the result for some rows; equal names stand for equal results."""
        digest = hashlib.sha256(json.dumps([_FORM, asdict(self)]).encode() + b"\n")
        digest.update(rows)
        return digest.hexdigest()[:32]

    def read_codebook(self) -> Codebook:
        """Return the codebook."""
        return parse_codebook(self.codebook, self.codebook_name, digest=self.codebook_digest)


def pack(*tables: pa.Table) -> pa.Buffer:
    """Return tables as bytes, one behind the other; to compress them would take longer than to count in them."""
    sink = pa.BufferOutputStream()
    for table in tables:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


def unpack(data: pa.Buffer | bytes) -> Iterator[pa.Table]:
    """Yield the tables that :func:`pack` packed.

    Raises
    ------
    pyarrow.ArrowInvalid
        If the bytes are damaged.
    """
    source = pa.BufferReader(data)
    while source.tell() < len(data):
        with pa.ipc.open_stream(source) as reader:
            yield reader.read_all()


def tag_batch(job: Job, data: pa.Buffer) -> pa.Buffer:
    """Return units, passages and codings of the rows of a batch, packed; what else was found goes with the units.

    A coding has the number of its passage, which is of several codings as a rule.

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


def check_rules(job: Job) -> None:
    """Compile the rules before any work is done; this process then has them.

    Raises
    ------
    CodebookError, MissingDependencyError
        As for :func:`qualcode.tag`.
    """
    with _BUSY:
        _, tagger = _prepare(job)
        tagger.matcher(job.language or "en")


def _tag(job: Job, rows: pa.Table) -> pa.Buffer:
    codebook, tagger = _prepare(job)
    found = Found()
    talk = _Talk(read_rows(rows, job.interviewers, found), job)
    units = talk.lay_units(job.unit)
    passages, codings = _make_codings(talk, units, tagger, codebook)
    facts = Facts(
        n_rows=len(rows),
        n_blank=int((~talk.rows.is_spoken).sum()),
        n_silent=len(talk.rows.ids) - len(distinct(talk.turns.transcript)),
        left_out=found.left_out,
        interviewers=found.interviewers,
        varying=found.varying,
    )
    facts.count(units, len(codings))
    described = units.describe(talk.rows)
    described = described.replace_schema_metadata({"facts": json.dumps(asdict(facts))})
    return pack(described, passages, codings)


# ---- what is to be told


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

    def count(self, units: _Units, n_codings: int) -> None:
        """Take the numbers of counting units and codings."""
        asks, words = units.asks, units.words
        self.n_transcripts += len(distinct(units.transcript))
        self.n_segments += int((~asks).sum())
        self.n_words += int(words[~asks].sum())
        self.n_interviewer_segments += int(asks.sum())
        self.n_interviewer_words += int(words[asks].sum())
        self.n_codings += n_codings

    def add(self, other: Mapping[str, Any]) -> None:
        """Add the facts of other rows."""
        for name, value in other.items():
            mine = getattr(self, name)
            setattr(self, name, mine + value if isinstance(value, int) else dict(Counter(mine) + Counter(value)))


# ---- rows → segments as columns


@dataclass(frozen=True, slots=True, eq=False)
class _Stretches:
    """Turns or sentences on the axis, on which all texts of a batch stand behind one another.

    Attributes
    ----------
    starts, ends
        Where they stand.
    transcript, voice, turn
        By number, whose they are: the voice is that of the turn.
    """

    starts: Integers
    ends: Integers
    transcript: Integers
    voice: Integers
    turn: Integers

    def number(self) -> Integers:
        """Return their numbers in their transcripts, from 0."""
        number, first = number_runs(self.transcript)
        return np.arange(len(self.starts)) - first[number]


class _Talk:
    """The rows of a batch as one text with turns and sentences.

    Attributes
    ----------
    rows
        The rows.
    text
        Their words, joined by line ends.
    bases
        Where each transcript begins in it.
    turns, sentences
        What was found there.
    languages, language
        Which there are, and which of them each transcript is in.
    """

    def __init__(self, rows: Rows, job: Job) -> None:
        self.rows = rows
        self.text = rows.text
        self.bases = rows.bases[rows.first_row[:-1]]
        self._n_before = np.zeros(len(self.text.data) + 1, np.int32)
        np.cumsum(mark_word_starts(self.text.data), out=self._n_before[1:])
        self.languages, self.language = self._find_languages(job.language)
        self.turns = self._lay_turns()
        self._encoded: dict[str, EncodedTexts] = {}
        self.sentences = self._cut_sentences(job.model)

    def _find_languages(self, given: str | None) -> tuple[list[str], Integers]:
        rows = self.rows
        names = [given or "en"]
        number = np.zeros(len(rows.ids), dtype=np.int64)
        if given:
            return names, number
        bounds = np.append(self.bases, len(self.text) + 1)
        is_likely = np.logical_or.reduceat(rows.may_be_chinese, rows.first_row[:-1])
        for one in np.flatnonzero(is_likely).tolist():
            language = detect_language(self.text.text[bounds[one] : bounds[one + 1] - 1])
            if language not in names:
                names.append(language)
            number[one] = names.index(language)
        return names, number

    def _lay_turns(self) -> _Stretches:
        rows = self.rows
        spoken = np.flatnonzero(rows.is_spoken)
        transcript = np.repeat(np.arange(len(rows.ids)), np.diff(rows.first_row))[spoken]
        number = np.arange(len(spoken), dtype=np.int64)
        return _Stretches(rows.starts[spoken], rows.ends[spoken], transcript, rows.voice[spoken], number)

    def _cut_sentences(self, model: str | None) -> _Stretches:
        turns = self.turns
        found = []
        for language, rows in self._by_language(turns.transcript):
            cut = cut_turns(self.text.text, turns.starts[rows], turns.ends[rows], language=language, model=model)
            self._encoded[language] = cut.encoded
            found.append((cut.start, cut.end, rows[cut.turn]))
        starts, ends, turn = map(concatenate, zip(*found, strict=True))
        if len(found) > 1:
            order = np.argsort(starts)
            starts, ends, turn = starts[order], ends[order], turn[order]
        return _Stretches(starts, ends, turns.transcript[turn], turns.voice[turn], turn)

    def _by_language(self, transcript: Integers) -> Iterator[tuple[str, Integers]]:
        """Yield each language with the rows in it, given the transcript of each row."""
        spoken = self.language[transcript]
        for number, language in enumerate(self.languages):
            rows = np.flatnonzero(spoken == number)
            if len(rows) or not number:
                yield language, rows

    def count_words(self, places: Integers) -> Integers:
        """Return how many words begin before places in the text."""
        return self._n_before.take(self.text.places.find(places)).astype(np.int64)

    def lay_units(self, unit: Unit) -> _Units:
        """Return the counting units; a turn has one paragraph."""
        found = self.sentences if unit == "sentence" else self.turns
        n_words = self.count_words(found.ends) - self.count_words(found.starts)
        asks = self.rows.voices.asks[found.voice]
        segment = _name_segments(unit, found.number())
        turn = _name_segments("turn", self.turns.number()[found.turn])
        base = self.bases[found.transcript]
        return _Units(found.starts, found.ends, base, found.transcript, found.voice, n_words, asks, segment, turn)

    def find_passages(self, tagger: Tagger, codes: Sequence[str]) -> Iterator[Passages]:
        """Yield the passages of the rules, language by language."""
        found, turns, voices = self.sentences, self.turns, self.rows.voices
        facts = LaidTurns(turns.transcript, turns.voice, voices.names.to_pylist(), voices.asks, voices.describe)
        for language, rows in self._by_language(found.transcript):
            columns = (column[rows] for column in (found.transcript, found.turn, found.starts, found.ends))
            sentences = Sentences(*columns)
            texts = self._encoded[language]
            yield tagger.find(sentences, texts, language, Context(sentences.turn, facts), codes)


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """The counting units of a batch, in the order of the text.

    Attributes
    ----------
    starts, ends, base
        Where each stands on the axis, and where its transcript begins.
    transcript, voice, words, asks
        Whose they are, by number; their words; whether an interviewer speaks.
    segment, turn
        Ids of the unit, and of the turn around it.
    """

    starts: Integers
    ends: Integers
    base: Integers
    transcript: Integers
    voice: Integers
    words: Integers
    asks: NDArray[np.bool_]
    segment: pa.DictionaryArray
    turn: pa.DictionaryArray

    def describe(self, rows: Rows) -> pa.Table:
        """Return them as a table."""
        voices = rows.voices
        number, first = number_runs(self.transcript)
        columns = {
            "transcript": pick(rows.ids.take(to_column(self.transcript[first])), number),
            "case": pick(voices.cases, self.voice),
            "speaker": pick_distinct(voices.names, self.voice),
            "segment": self.segment,
            "start": _short(self.starts - self.base),
            "end": _short(self.ends - self.base),
            "words": _short(self.words),
            "is_interviewer": to_column(self.asks),
            "turn": self.turn,
        }
        for name, values in voices.attributes.items():
            columns[name_attribute(name)] = pick_distinct(values, self.voice)
        return pa.table(columns)


def _name_segments(unit: Unit, numbers: Integers) -> pa.DictionaryArray:
    """Return the ids of segments, given their numbers in their transcripts from 0."""
    letter, width = unit[0], ID_WIDTHS[unit]
    return pick([f"{letter}{number:0{width}}" for number in range(1, int(numbers.max(initial=-1)) + 2)], numbers)


# ---- passages → columns


PASSAGE, HOME = "passage", "home"
"""The column of codings with the number of the passage of each, and that of passages with the number of the unit."""


def _short(numbers: Integers) -> pa.Array:
    """Return numbers below 2³¹, as those of one text are, as a column."""
    return to_column(numbers.astype(np.int32))


def _make_codings(talk: _Talk, units: _Units, tagger: Tagger, codebook: Codebook) -> tuple[pa.Table, pa.Table]:
    """Return the passages of all rules, and their codings, sorted by place and by code in the order of the codebook.

    Most passages are of several codes, and what there is to know of them is one. Whose they are their units know.
    """
    codes = [code.id for code in codebook.walk()]
    text = talk.text
    found = [
        (one.start, one.end, one.code, one.name_rules(JOINER), one.quote_matched(text, JOINER))
        for one in talk.find_passages(tagger, codes)
    ]
    start, end, code, rule, matched = _merge(found)
    number, first = number_runs(start, end)
    start, end = start[first], end[first]
    placed = place(units.starts, units.ends, start, end, talk.count_words)
    homes, n_words = placed.find_homes(units.asks)
    passages = {
        HOME: _short(homes),
        "start": _short(start - units.base[homes]),
        "end": _short(end - units.base[homes]),
        "quote": text.cut(start, end).dictionary_encode(),
        "words": _short(n_words),
        "first_word": _short(_find_first_words(placed, units)),
    }
    codings = {
        PASSAGE: _short(number),
        "code": pick([codebook.path(one) for one in codes], code),
        "rule": pick_distinct(rule.dictionary, to_numbers(rule.indices)),
        "matched": pick_distinct(matched.dictionary, to_numbers(matched.indices)),
    }
    return pa.table(passages), pa.table(codings)


def _merge(found: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return start, end, code, rules and matched words of all languages, in the order of the text and of the codes."""
    if len(found) == 1:
        return found[0]
    *places, rules, matched = zip(*found, strict=True)
    start, end, code = (concatenate(list(columns)) for columns in places)
    rows = np.lexsort((code, end, start))
    texts = (pa.concat_arrays([one.dictionary_decode() for one in columns]) for columns in (rules, matched))
    return start[rows], end[rows], code[rows], *(one.take(to_column(rows)).dictionary_encode() for one in texts)


def _find_first_words(placed: Placements, units: _Units) -> Integers:
    """Return how many words stand before each passage in its transcript."""
    number, first_unit = number_runs(units.transcript)
    before = (np.cumsum(units.words) - units.words)[first_unit]
    rows = placed.first_rows
    found: Integers = placed.first_word[rows] - before[number[placed.unit[rows]]]
    return found


def name_attribute(name: str) -> str:
    """Return the name of an attribute's column among the units; one named as a column of theirs is ``case NAME``."""
    return f"case {name}" if name in UNITS.names else name
