"""Which reader takes which file, and the two calls that read."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qualcode.errors import Problem, SourceError
from qualcode.model import Source, many_objects
from qualcode.progress import track
from qualcode.sources.files import as_paths, name_transcript, read_bytes, refuse_frame
from qualcode.sources.people import apply_speakers
from qualcode.sources.roles import settle_roles
from qualcode.sources.stored import is_stored_json, read_stored, with_interviewers
from qualcode.sources.tables import TABLE_ENDINGS
from qualcode.sources.talk_tables import Columns, read_talk_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qualcode.model import Case, Transcript
    from qualcode.sources.blocks import Reading
    from qualcode.sources.people import Speaker
    from qualcode.sources.remembering import Memory


@dataclass(frozen=True, slots=True)
class TranscriptFormat:
    """A format of transcripts.

    Attributes
    ----------
    name
        What :attr:`qualcode.model.Source.format` says.
    read
        The function that reads it, as ``module:function``, so that this table costs nothing to import. It takes the
        bytes of a file and what messages call it, and returns a :class:`~qualcode.sources.blocks.Reading`.
    is_text
        Whether the function also takes the name of an encoding, or ``None`` when it is to be found out.
    """

    name: str
    read: str
    is_text: bool = False


_DOCX = TranscriptFormat("docx", "qualcode.sources.comments:read_with_comments")

READERS: dict[str, TranscriptFormat] = {
    ".docx": _DOCX,
    ".docm": _DOCX,
    ".txt": TranscriptFormat("txt", "qualcode.sources.plain:read_text", is_text=True),
    ".text": TranscriptFormat("txt", "qualcode.sources.plain:read_text", is_text=True),
    ".cha": TranscriptFormat("txt", "qualcode.sources.plain:read_text", is_text=True),
    ".md": TranscriptFormat("md", "qualcode.sources.plain:read_text", is_text=True),
    ".markdown": TranscriptFormat("md", "qualcode.sources.plain:read_text", is_text=True),
    ".vtt": TranscriptFormat("vtt", "qualcode.sources.subtitles:read_subtitles", is_text=True),
    ".srt": TranscriptFormat("srt", "qualcode.sources.subtitles:read_subtitles", is_text=True),
    ".json": TranscriptFormat("json", "qualcode.sources.recognition:read_json", is_text=True),
    ".tsv": TranscriptFormat("tsv", "qualcode.sources.recognition:read_tsv", is_text=True),
    ".odt": TranscriptFormat("odt", "qualcode.sources.documents:read_odt"),
    ".rtf": TranscriptFormat("rtf", "qualcode.sources.documents:read_rtf"),
    ".pdf": TranscriptFormat("pdf", "qualcode.sources.documents:read_pdf"),
}
"""The formats of transcripts by the endings of their files. To add one: see ``docs/architecture.md``."""

_NO_TRANSCRIPTS = frozenset({"readme", "license", "licence", "changelog", "notice"})
_TABLE_HINT = (
    "For a table of talk, name the columns speaker and text, or give --speaker-column NAME --text-column NAME; for a "
    "survey, give --text-column NAME alone"
)
_REFI = "export a REFI-QDA project (.qdpx), or the documents as .docx or .txt"
_PROJECTS = {
    "NVivo": ((".nvp", ".nvpx", ".nvcx"), f"In NVivo, Export ▸ Export Project: {_REFI}"),
    "MAXQDA": ((".mx24", ".mx22", ".mx20", ".mx18", ".mx12", ".mx", ".mx5", ".mx4", ".mx3", ".mex24", ".mex22", ".mex"),
               f"In MAXQDA, Home ▸ Save project as, or Reports ▸ Export: {_REFI}"),
    "ATLAS.ti": ((".atlproj", ".atlproj23", ".atlproj22", ".atlproj24", ".atlproj25", ".hpr7", ".atlasti"),
                 f"In ATLAS.ti, Export ▸ QDPX Project: {_REFI}"),
    "QualCoder": ((".qda",), "Import it with its codings: qualcode import-project FOLDER.qda"),
    "another program, in the REFI-QDA format": (
        (".qdpx", ".qde"), "Import it with its codings: qualcode import-project FILE"
    ),
    "another program, a codebook": ((".qdc",), "Import it: qualcode import-codebook FILE"),
    "Taguette": ((".sqlite3",), "Import it with its codings: qualcode import-project FILE"),
    "RQDA": ((".rqda",), "Import it with its codings: qualcode import-project FILE"),
}  # fmt: skip
_HINTS = {
    ".doc": "Open it in Word or LibreOffice and save it as .docx",
    ".wav": "Transcribe the recording first",
    ".mp3": "Transcribe the recording first",
    ".m4a": "Transcribe the recording first",
    ".mp4": "Transcribe the recording first",
}


def read_transcript(
    path: str | os.PathLike[str],
    *,
    language: str | None = None,
    encoding: str | None = None,
    interviewers: Collection[str] = (),
    speaker_pattern: str | None = None,
    model: str | None = None,
) -> Transcript:
    r"""Read one file into a transcript.

    Parameters
    ----------
    path
        A file of a known format, told by its ending.
    language
        Code of its language (``en``, ``zh`` …); told from the text when not given.
    encoding
        Character encoding of a text file; strict UTF-8, then a stated guess, when not given.
    interviewers
        Speaker labels of the interviewers; inferred, with a note that says why, when none of them speaks.
    speaker_pattern
        A regular expression with a group ``speaker`` for labels of an unknown shape.
    model
        An installed spaCy model to find sentences with.

    Returns
    -------
    Transcript
        Its ``source.problems`` says how it was understood and ``source.left_out`` what was not read.

    Raises
    ------
    SourceError
        If the file cannot be read; the message says why and the hint what to do.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("P1.txt").write_text("Interviewer: How was it?\nAna: Busy. Very busy.\n")
    >>> transcript = qualcode.read_transcript("P1.txt")
    >>> [(turn.speaker, transcript.quote(turn.span)) for turn in transcript.units("turn")]
    [('Interviewer', 'How was it?'), ('Ana', 'Busy. Very busy.')]
    """
    how = _How(language, encoding, interviewers, speaker_pattern, model)
    refuse_frame(path)
    with _memory_of([Path(path)], how) as memory:
        transcripts, _ = _read(Path(path), how, memory)
    if len(transcripts) > 1:
        message = f"The table holds {len(transcripts)} transcripts."
        raise SourceError(message, Path(path).name, "Read it with qualcode.read_transcripts")
    return transcripts[0]


@dataclass(frozen=True, slots=True)
class _How:
    """How to read: what overrides that which reading would find out."""

    language: str | None = None
    encoding: str | None = None
    interviewers: Collection[str] = ()
    speaker_pattern: str | None = None
    model: str | None = None
    columns: Columns | None = None
    sheet: str | None = None


@contextmanager
def _memory_of(files: Sequence[Path], how: _How) -> Iterator[Memory]:
    """Give what is known of files from another time, and keep what is found in them now."""
    from qualcode.sources.remembering import Memory

    told = (how.language, how.encoding, sorted(how.interviewers), how.speaker_pattern)
    memory = Memory.open(files, repr(told))
    yield memory
    memory.close()


def _read(path: Path, how: _How, memory: Memory) -> tuple[list[Transcript], bool]:
    """Return the transcripts of a file, which are several in a table only, and whether they were stored with roles."""
    from qualcode.sources.turns import make_transcript

    data = read_bytes(path)
    ending = path.suffix.lower()
    form = ending.removeprefix(".")
    problems: tuple[Problem, ...] = ()
    is_kept = False
    readings: dict[str, tuple[Reading, str]] | None = None
    if ending in TABLE_ENDINGS and (
        ending not in READERS or how.columns is not None or _is_talk_table(path, data, how)
    ):
        readings = read_talk_table(data, path.name, columns=how.columns, sheet=how.sheet, encoding=how.encoding)
    if readings is None:
        taken = _format_of(path)
        form = taken.name
        if form == "txt" and (how.language, how.encoding, how.speaker_pattern, how.model) == (None,) * 4:
            stored, problems = read_stored(path, data)
            if stored is not None:
                return [with_interviewers(stored, how.interviewers)], True
        digest = hashlib.sha256(data).hexdigest()
        is_kept = taken.is_text and how.model is None and not problems
        if is_kept and (known := memory.recall(path, form, digest, data)):
            return [known], False
        more = (how.encoding,) if taken.is_text else ()
        reading = resolve_name(taken.read)(data, path.name, *more)
        readings = {name_transcript(path): (reading, digest)}
    transcripts = []
    for name, (reading, digest) in readings.items():
        reading.problems.extend(problems)
        source = Source(name=path.name, format=form, digest=digest, encoding=reading.encoding)
        transcripts.append(
            make_transcript(
                reading,
                name,
                source,
                where=path.name,
                language=how.language,
                interviewers=how.interviewers,
                speaker_pattern=how.speaker_pattern,
                model=how.model,
            )
        )
        if is_kept:
            memory.keep(path, reading, transcripts[-1])
    return transcripts, False


def _is_talk_table(path: Path, data: bytes, how: _How) -> bool:
    """Tell whether a TSV file is a table of talk and not Whisper's, whose first column is ``start``."""
    try:
        return not data.lstrip(b"\xef\xbb\xbf").lower().startswith(b"start\tend\ttext") and bool(
            read_talk_table(data, path.name, encoding=how.encoding)
        )
    except SourceError:
        return False


def _format_of(path: Path) -> TranscriptFormat:
    ending = path.suffix.lower()
    if ending in READERS:
        return READERS[ending]
    for program, (endings, hint) in _PROJECTS.items():
        if ending in endings:
            raise SourceError(f"This is a project of {program}, not a transcript.", str(path), hint)
    if ending in TABLE_ENDINGS:
        raise SourceError("The table has no columns of speakers and of what they say.", str(path), _TABLE_HINT)
    known = ", ".join(READERS)
    hint = _HINTS.get(ending, f"Save it as one of {known}")
    what = f"Files ending in {ending}" if ending else "Files without an ending"
    raise SourceError(f"{what} cannot be read as transcripts.", str(path), hint)


def read_transcripts(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    language: str | None = None,
    encoding: str | None = None,
    interviewers: Collection[str] = (),
    speaker_pattern: str | None = None,
    model: str | None = None,
    cases: Sequence[Case] = (),
    beside: Sequence[Transcript] = (),
    speakers: Sequence[Speaker] = (),
    columns: Columns | None = None,
    sheet: str | None = None,
) -> tuple[list[Transcript], list[Problem]]:
    """Read files, and all transcripts that lie in folders, into transcripts.

    Parameters
    ----------
    paths
        Files and folders, or one of them. A folder gives the files of known formats in it, by name, and not those of
        folders in it; hidden files, Word's lock files and READMEs are passed over.
    language, encoding, interviewers, speaker_pattern, model
        As in :func:`read_transcript`, for every file. Who asks is told from all of them together.
    cases
        The table of cases, whose speakers are no interviewers.
    beside
        Transcripts read before, such as those of a study, which help to tell who asks.
    speakers
        Rows of a table of speakers, which decide on persons and roles (see :func:`read_speakers`).
    columns, sheet
        Columns of tables of talk, and the sheet of a workbook; found by the usual names, and the first, when not
        given.

    Returns
    -------
    list of Transcript
        Those that could be read, in the order of ``paths``.
    list of Problem
        An error for every file that could not be read, and what else the user should know; what concerns one
        transcript alone stands in its ``source.problems``.

    Raises
    ------
    SourceError
        If there is nothing to read, nothing could be read, or two files would be one transcript.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> [transcript.id for transcript in transcripts], problems
    (['P1', 'P2', 'P3', 'P4'], [])
    """
    files, problems = _gather(as_paths(paths))
    _refuse_equal_ids(files)
    how = _How(language, encoding, interviewers, speaker_pattern, model, columns, sheet)
    transcripts: list[Transcript] = []
    stored: list[Transcript] = []
    with many_objects(), _memory_of(files, how) as memory:
        for path in track(files, "Reading transcripts", len(files)):
            try:
                found, is_stored = _read(path, how, memory)
            except SourceError as error:
                problems.append(error.as_problem("unreadable"))
            else:
                transcripts += found
                stored += found if is_stored else []
    if not transcripts:
        raise _nothing_read(problems)
    _refuse_equal_names(transcripts)
    known = {one.id for one in stored}
    new = [transcript for transcript in transcripts if transcript.id not in known]
    settled = settle_roles(new, interviewers, beside=[*stored, *beside], people=_people_of(cases))
    by_id = {transcript.id: transcript for transcript in [*stored, *settled]}
    transcripts, unknown = apply_speakers([by_id[one.id] for one in transcripts], speakers)
    problems += unknown
    return transcripts, [*problems, *_warn_of_copies(transcripts)]


def _refuse_equal_names(transcripts: Sequence[Transcript]) -> None:
    """Refuse two transcripts of one id, as tables may hold them beside files."""
    by_id: dict[str, Transcript] = {}
    for transcript in transcripts:
        other = by_id.setdefault(transcript.id, transcript)
        if other is not transcript:
            files = f"{other.source.name} and {transcript.source.name}"
            raise SourceError(f"Two transcripts are named “{transcript.id}”: in {files}.", files, "Rename one of them")


def _people_of(cases: Sequence[Case]) -> dict[str, set[str]]:
    people: dict[str, set[str]] = {}
    for case in cases:
        for transcript, speaker in case.voices:
            if speaker:
                people.setdefault(transcript, set()).add(speaker)
    return people


def _nothing_read(problems: list[Problem]) -> SourceError:
    errors = [problem for problem in problems if problem.level == "error"]
    if len(errors) == 1:
        return SourceError(errors[0].message, errors[0].where, errors[0].hint)
    return SourceError("None of the files could be read.", problems=problems)


def _gather(paths: list[Path]) -> tuple[list[Path], list[Problem]]:
    """Return the files to read, each once."""
    if not paths:
        raise SourceError("No transcripts were given.", hint="Give files, or a folder that holds some")
    files: dict[Path, Path] = {}
    problems = []
    for path in paths:
        # Unlike the method of a path, it does not fail where one may not look: reading tells of that.
        for file in _files_in(path) if os.path.isdir(path) else [path]:  # noqa: PTH112
            key = file.resolve()
            if key in files:
                message = "This file was given twice and is read once."
                problems.append(Problem(str(file), "note", "named-twice", message))
            files.setdefault(key, file)
    return list(files.values()), problems


def _files_in(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"The folder cannot be opened: {reason}.", str(folder), "Check its permissions") from error
    files = [entry for entry in entries if is_transcript_name(entry.name) and _is_taken(entry)]
    if not files:
        endings = ", ".join(READERS)
        held = "no files at all" if not entries else "no file of a known format"
        hint = f"Put transcripts into it ({endings})"
        if (folder / "study.yaml").is_file():
            hint = f"It is a study: name the transcripts in it, {folder / 'transcripts'}"
        raise SourceError(f"There are no transcripts in this folder: it holds {held}.", str(folder), hint)
    return files


def is_transcript_name(name: str) -> bool:
    """Tell whether a file of that name in a folder is taken for a transcript."""
    if name.startswith((".", "~$")):
        return False
    path = Path(name)
    first = path.stem.lower().split()[:1]
    return path.suffix.lower() in READERS and not _NO_TRANSCRIPTS.intersection(first)


def _is_taken(entry: Path) -> bool:
    if entry.suffix.lower() == ".json" and is_stored_json(entry):
        return False  # it belongs to the text beside it
    return not entry.is_dir()


def _refuse_equal_ids(files: list[Path]) -> None:
    by_id: dict[str, Path] = {}
    for file in files:
        if file.suffix.lower() not in READERS:
            continue  # it is refused for itself, or a table that names its transcripts
        name = name_transcript(file)
        other = by_id.setdefault(name.casefold(), file)  # Windows and macOS take names in any case for the same
        if other is not file:
            message = f"Two files would be the transcript “{name}”: {other} and {file}."
            raise SourceError(message, str(file), "Rename one of them, or give only one")


def _warn_of_copies(transcripts: list[Transcript]) -> list[Problem]:
    first: dict[str, Transcript] = {}
    problems = []
    for transcript in transcripts:
        other = first.setdefault(transcript.digest, transcript)
        if other is not transcript:
            message = f"{transcript.source.name} holds the same text as {other.source.name}; both are counted."
            problems.append(
                Problem(transcript.source.name, "warning", "same-content", message, "Leave out one of them")
            )
    return problems
