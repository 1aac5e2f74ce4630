"""The whole way: corpus and codebook in, a file of codings out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from qualcode import __version__
from qualcode.codebook import read_codebook
from qualcode.corpus.batch import Facts, Job, check_rules, pack, unpack
from qualcode.corpus.engines import run_dask, run_here, run_processes
from qualcode.corpus.files import units_path, write_tables
from qualcode.corpus.parts import Parts
from qualcode.corpus.reading import open_corpus
from qualcode.errors import OutputError, Problem, SourceError
from qualcode.file_names import is_same_place
from qualcode.progress import doing, track
from qualcode.sources import as_paths
from qualcode.text_columns import NOTHING, number_texts

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterator, Sequence

    from qualcode.corpus.reading import Corpus
    from qualcode.model import Unit

Engine = Literal["auto", "dask"]
ENGINES = ("auto", "dask")

BATCH = 2_000_000
"""Characters of a batch, about 360,000 words: enough that starting it costs nothing."""


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What became of a corpus.

    Attributes
    ----------
    out
        The file of codings.
    facts
        How much there was.
    n_batches, n_found
        Batches, and how many of them an earlier run had finished.
    problems
        What the user should know.
    """

    out: Path
    facts: Facts
    n_batches: int
    n_found: int
    problems: tuple[Problem, ...]


def tag_corpus(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    codebook: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    text_column: str | None = None,
    id_column: str | None = None,
    speaker_column: str | None = None,
    case_column: str | None = None,
    unit: Unit = "turn",
    language: str | None = None,
    interviewers: Collection[str] = (),
    model: str | None = None,
    engine: Engine = "auto",
    jobs: int | None = None,
    scheduler: str | None = None,
    batch: int = BATCH,
    force: bool = False,
    progress: Callable[[str], None] = lambda _step: None,
) -> CorpusReport:
    r"""Tag a corpus with the rules of a codebook.

    A corpus is a table with a row for each answer or turn. The rows of one id are one transcript and stand together;
    its text is their texts joined by line ends, and each row is a turn. Columns beside id, text, speaker and case are
    attributes of the cases.

    Parameters
    ----------
    inputs
        Parquet files, folders of them, CSV files or Excel workbooks; one or several.
    codebook
        The YAML file.
    out
        The file of codings to write, ``.parquet``; ``.units.parquet`` is written beside it. While the work goes on
        there is a folder ``OUT.parts``, from which a run that was interrupted goes on.
    text_column, id_column, speaker_column, case_column
        Names of columns; by default ``text``, and, where there are such, ``id``, ``speaker`` and ``case``. Without ids
        each row is a transcript, without speakers the case speaks.
    unit
        What is counted as a segment.
    language, interviewers, model
        As in :func:`qualcode.read_transcript`.
    engine
        ``auto``: this process, or several as ``jobs`` says. ``dask``: the workers of a Dask cluster.
    jobs
        How many processes, by default one; or Dask workers on this machine, by default one for each processor.
    scheduler
        Address of the Dask scheduler; without one a cluster of ``jobs`` workers is begun on this machine.
    batch
        About how many characters are worked on at a time by each; the result does not depend on it.
    force
        Replace a file that exists.
    progress
        Called with what is going on.

    Returns
    -------
    CorpusReport
        The file that was written, how much there was, and what the user should know.

    Raises
    ------
    QualcodeError
        If corpus or codebook cannot be used, the file exists, or no worker can be reached; what is finished is kept.
    ValueError
        If there is no such engine, or a scheduler is given to one that has none.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("answers.csv").write_text("id,text\na,The new management said no.\nb,It went well.\n")
    >>> codebook = "codebooks/industry_partnership.yaml"
    >>> report = qualcode.tag_corpus("answers.csv", codebook, "codings.parquet")
    >>> report.facts.n_rows, report.facts.n_codings
    (2, 1)
    """
    if engine not in ENGINES or (scheduler is not None and engine != "dask"):
        raise ValueError(f"an engine is one of {', '.join(ENGINES)}, and only dask has a scheduler")
    out = Path(out)
    if hasattr(inputs, "to_parquet"):  # processes read it, and an interrupted run goes on with it
        hint = 'Save it with frame.to_parquet("corpus.parquet"), and name that file'
        raise SourceError("A corpus is read from files, not from a DataFrame.", hint=hint)
    paths = as_paths(inputs)
    _check_output(out, paths, force=force)
    job = _make_job(Path(codebook), unit, language, model, interviewers)
    progress("Reading the corpus")
    corpus = open_corpus(
        paths, text_column=text_column, id_column=id_column, speaker_column=speaker_column, case_column=case_column
    )
    with doing("Reading the corpus"):
        n_rows = corpus.check()
    parts = Parts(out)
    work = _Work(corpus, job, parts, progress)
    if engine == "dask":
        results = run_dask(job, work.tasks(batch), jobs, scheduler)
    elif jobs is not None and jobs > 1:
        results = run_processes(job, work.tasks(batch), jobs)
    else:
        results = run_here(job, work.tasks(batch))
    for name, data in track(results, "Tagging rows", n_rows, size=lambda _: work.count_new_rows()):
        parts.save(name, data)
        work.finish(next(unpack(data)))
    return _put_together(out, work, n_rows)


def _check_output(out: Path, inputs: Sequence[Path], *, force: bool) -> None:
    if out.suffix.lower() != ".parquet":
        raise OutputError("Codings of a corpus are written as Parquet.", str(out), "Name the file codings.parquet")
    for path in (out, units_path(out)):
        if any(is_same_place(path, one) for one in inputs):
            raise OutputError("The codings would overwrite the corpus.", str(path), "Choose another --out")
        if any(is_same_place(path.parent, one) for one in inputs):
            hint = "Choose another folder for --out"
            raise OutputError("The codings would be saved among the files of the corpus.", str(path), hint)
        if path.exists() and not force:
            raise OutputError("The file exists.", str(path), "Choose another --out, or add --force")


def _make_job(
    codebook: Path, unit: Unit, language: str | None, model: str | None, interviewers: Collection[str]
) -> Job:
    book = read_codebook(codebook)
    text = codebook.read_bytes().decode("utf-8-sig")
    job = Job(text, book.file, book.digest, unit, language, model, tuple(sorted(interviewers)))
    check_rules(job)
    return job


class _Work:
    """What there is to do, what is done, and in which order it belongs."""

    def __init__(self, corpus: Corpus, job: Job, parts: Parts, progress: Callable[[str], None]) -> None:
        self.corpus = corpus
        self.job = job
        self.parts = parts
        self.names: list[str] = []
        self.n_found = 0
        self.facts = Facts()
        self._cases: list[pa.Array] = []
        self._is_case_each = True  # transcript, so that there are as many
        self._n_done = 0
        self._n_told = 0
        self._progress = progress

    def tasks(self, n_characters: int) -> Iterator[tuple[str, pa.Buffer]]:
        """Yield name and rows of every batch that no earlier run has finished."""
        for rows in self.corpus.batches(n_characters):
            data = pack(rows)
            name = self.job.key(data)
            self.names.append(name)
            if finished := self.parts.find(name):
                self.n_found += 1
                self._count(finished[0])
                self._tell()
            else:
                yield name, data

    def finish(self, units: pa.Table) -> None:
        """Take note that one more batch is done, and of its counting units."""
        self._n_done += 1
        self._count(units)
        self._tell()

    def count_new_rows(self) -> int:
        """Return how many rows were done since this was asked last."""
        n_new, self._n_told = self.facts.n_rows - self._n_told, self.facts.n_rows
        return n_new

    def _count(self, units: pa.Table) -> None:
        self.facts.add(json.loads(units.schema.metadata[b"facts"]))
        cases = units.column("case")
        self._is_case_each &= cases.equals(units.column("transcript"))
        self._cases.append(cases.unique().dictionary_decode())

    def count_cases(self) -> int:
        """Return how many cases speak."""
        if self._is_case_each:
            return self.facts.n_transcripts
        _, cases = number_texts(self._cases)
        return len(cases) - int(pc.index(cases, NOTHING).as_py() >= 0)

    def _tell(self) -> None:
        found = f", {self.n_found} of an earlier run" if self.n_found else ""
        self._progress(f"Tagging: {self._n_done + self.n_found} batches done{found}")


def _put_together(out: Path, work: _Work, n_rows: int) -> CorpusReport:
    facts, n_cases = work.facts, work.count_cases()
    corpus, job = work.corpus, work.job
    if facts.n_rows != n_rows:
        message = f"The corpus changed during tagging: it had {n_rows:,} rows, then {facts.n_rows:,}."
        raise SourceError(message, corpus.files[0].name, "Run the same command again")
    if not facts.n_transcripts:
        message = f"There is no text in the column “{corpus.columns.text}”."
        raise SourceError(message, corpus.files[0].name, "Name another column with --text-column")
    problems = tuple(_list_problems(corpus, job, facts))
    origin = _describe(corpus, job, facts, n_cases, problems)
    names = track(work.names, "Writing batches", len(work.names))
    write_tables(out, (work.parts.load(name) for name in names), origin, job.codebook)
    work.parts.clear()
    return CorpusReport(out, facts, len(work.names), work.n_found, problems)


def _describe(corpus: Corpus, job: Job, facts: Facts, n_cases: int, problems: Sequence[Problem]) -> dict[str, Any]:
    """Return how the codings came about, for the metadata of the files."""
    columns = corpus.columns
    return {
        "program": "qualcode",
        "version": __version__,
        "versions": dict(job.versions),
        "codebook": {"file": job.codebook_name, "digest": job.codebook_digest},
        "corpus": {
            "files": [file.name for file in corpus.files],
            "digest": corpus.digest,
            "text_column": columns.text,
            "id_column": columns.id,
            "speaker_column": columns.speaker,
            "case_column": columns.case,
            "attributes": list(columns.attributes),
        },
        "unit": job.unit,
        "language": job.language,
        "model": job.model,
        "interviewers": list(job.interviewers),
        "totals": {
            "rows": facts.n_rows,
            "transcripts": facts.n_transcripts,
            "cases": n_cases,
            "segments": facts.n_segments,
            "words": facts.n_words,
            "interviewer_segments": facts.n_interviewer_segments,
            "interviewer_words": facts.n_interviewer_words,
            "codings": facts.n_codings,
        },
        "problems": [[one.where, one.level, one.rule, one.message, one.hint] for one in problems],
    }


def _list_problems(corpus: Corpus, job: Job, facts: Facts) -> Iterator[Problem]:
    where = corpus.files[0].name
    if corpus.columns.id is None:
        message = "There is no column “id”, so each row is a transcript of its own: R1, R2 …"
        yield Problem(where, "note", "no-ids", message, "Name the column of the ids with --id-column")
    for name in corpus.left_out:
        message = f"The column “{name}” holds neither text nor numbers and is left out."
        yield Problem(where, "note", "column-left-out", message)
    if facts.n_blank:
        message = f"Rows without words, which are not turns: {facts.n_blank:,} of {facts.n_rows:,}."
        yield Problem(where, "note", "blank-rows", message)
    if facts.n_silent:
        message = f"Transcripts without words, which are not counted: {facts.n_silent:,}."
        yield Problem(where, "note", "silent-transcripts", message)
    for kind, n in sorted(facts.left_out.items()):
        yield Problem(where, "note", "left-out", f"Left out of the text: {kind} ({n:,}).")
    yield from _list_interviewers(job, facts, where)
    for name, n in sorted(facts.varying.items()):
        message = f"“{name}” varies within a case of a transcript (cases: {n:,}); its first value counts."
        yield Problem(where, "note", "attribute-varies", message)


def _list_interviewers(job: Job, facts: Facts, where: str) -> Iterator[Problem]:
    given = {name.casefold() for name in job.interviewers}
    spoken = {name.casefold() for name in facts.interviewers}
    for name in job.interviewers:
        if name.casefold() not in spoken:
            message = f"No speaker is named “{name}”, so no talk is left out for that name."
            yield Problem(where, "warning", "interviewer-unknown", message, "Check the column of speakers")
    for name, n in sorted(facts.interviewers.items()):
        if name.casefold() not in given:
            message = f"“{name}” is taken to be the interviewer (transcripts: {n:,})."
            yield Problem(where, "note", "interviewer", message, "Give another name with --interviewer")
