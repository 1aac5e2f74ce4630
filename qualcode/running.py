"""The whole line in one call: files in, a folder of results out, all or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import CaseError, OutputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from qualcode.codebook import Codebook
    from qualcode.figures import Chart
    from qualcode.model import Case, Sheet, Transcript, Unit
    from qualcode.reports import Report
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

CASES_NAME = "cases.csv"
"""The table of cases that is taken by itself when it lies among the transcripts."""

RUN_NAME = "run.json"
"""The file of a results folder that tells what is in it and where it came from."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that came out of reading, tagging and counting, before anything is written.

    Attributes
    ----------
    transcripts, codebook, sheets
        What was counted.
    cases
        The table of cases that was given; empty without one.
    table, themes
        The codings on their counting units, and the counts.
    problems
        All that the user should know: files left out, doubtful places, cases without a row.
    digests
        SHA-256 of every input file, by its role and name: ``{"transcript P1.docx": "9f…"}``.
    options
        The options that shaped the result.
    """

    transcripts: tuple[Transcript, ...]
    codebook: Codebook
    sheets: tuple[Sheet, ...]
    cases: tuple[Case, ...]
    table: CodingTable
    themes: ThemeTable
    problems: tuple[Problem, ...]
    digests: Mapping[str, str]
    options: Mapping[str, object]


def analyse(
    inputs: Sequence[str | os.PathLike[str]],
    codebook: str | os.PathLike[str],
    *,
    cases: str | os.PathLike[str] | None = None,
    unit: Unit = "turn",
    language: str | None = None,
    encoding: str | None = None,
    interviewers: Collection[str] = (),
    model: str | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> Analysis:
    """Read transcripts, tag them against a codebook and count.

    Parameters
    ----------
    inputs
        Transcript files, or folders of them.
    codebook
        The YAML file.
    cases
        The table of cases. ``None`` takes ``cases.csv`` from a folder among the inputs that has one.
    unit
        What is counted as a segment.
    language, encoding, interviewers, model
        Override what reading would find out (see :func:`qualcode.read_transcript`).
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Analysis
        All results, nothing written.

    Raises
    ------
    QualcodeError
        If no transcript can be read, or the codebook or the table of cases cannot be used.
    """
    from qualcode.cases import read_cases
    from qualcode.codebook import read_codebook
    from qualcode.sources import read_transcripts
    from qualcode.tables import tabulate
    from qualcode.tagging import tag
    from qualcode.themes import count_themes

    book = read_codebook(codebook)
    cases_path = Path(cases) if cases is not None else _find_cases(inputs)
    people = read_cases(cases_path) if cases_path else ()
    progress("Reading transcripts")
    transcripts, reading_problems = read_transcripts(
        [Path(path) for path in inputs],
        language=language,
        encoding=encoding,
        interviewers=interviewers,
        model=model,
    )
    progress("Tagging")
    sheets = tag(transcripts, book, model=model)
    progress("Counting")
    table = tabulate(transcripts, sheets, book, cases=people, unit=unit)
    return Analysis(
        transcripts=tuple(transcripts),
        codebook=book,
        sheets=tuple(sheets),
        cases=tuple(people),
        table=table,
        themes=count_themes(table),
        problems=_all_problems(reading_problems, transcripts, book, table),
        digests=_digest_inputs(transcripts, book, cases_path),
        options={
            "encoding": encoding,
            "interviewers": sorted(interviewers),
            "language": language,
            "model": model,
            "unit": unit,
        },
    )


def _find_cases(inputs: Sequence[str | os.PathLike[str]]) -> Path | None:
    found = list(dict.fromkeys(path for path in (Path(entry) / CASES_NAME for entry in inputs) if path.is_file()))
    if len(found) > 1:
        raise CaseError(
            f"There are {len(found)} tables of cases: {', '.join(str(path) for path in found)}.",
            hint="Name the one to use with --cases.",
        )
    return found[0] if found else None


def _all_problems(
    reading: Sequence[Problem], transcripts: Sequence[Transcript], codebook: Codebook, table: CodingTable
) -> tuple[Problem, ...]:
    problems = [
        *codebook.problems,
        *reading,
        *(problem for transcript in transcripts for problem in transcript.source.problems),
        *table.problems,
    ]
    if table.codings.empty:
        problems.append(
            Problem(
                codebook.name,
                "warning",
                "no-codings",
                "No rule of the codebook matched anything in these transcripts.",
                "Check that rules and transcripts are in the same language: qualcode codebook check FILE",
            )
        )
    return tuple(dict.fromkeys(problems))


def _digest_inputs(
    transcripts: Sequence[Transcript], codebook: Codebook, cases: Path | None
) -> dict[str, str]:
    digests = {f"transcript {transcript.source.name}": transcript.source.digest for transcript in transcripts}
    digests["codebook"] = codebook.digest
    if cases is not None:
        digests[f"cases {cases.name}"] = hashlib.sha256(cases.read_bytes()).hexdigest()
    return digests


@contextmanager
def _fresh_folder(out: Path, *, force: bool) -> Iterator[Path]:  # noqa: FBT001  # mirrors --force
    """Give a folder to write to; its files take their places in ``out`` only when all are written.

    Nothing is touched when anything fails before that.
    """
    replaced = _check_output(out, force=force)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise _output_error(error, out) from error
    try:
        yield draft
        _publish(draft, out, replaced)
    except OSError as error:
        raise _output_error(error, out) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _output_error(error: OSError, out: Path) -> OutputError:
    reason = (error.strerror or str(error)).rstrip(".")
    return OutputError(
        f"The results cannot be written: {reason}. Nothing was left behind.",
        where=str(out),
        hint="Make room or ask for permission, or choose another folder with --out.",
    )


def _check_output(out: Path, *, force: bool) -> frozenset[str]:
    """Return the names of an earlier run's files in ``out``, which may be replaced.

    Raises
    ------
    OutputError
        If ``out`` is no folder, or holds what the program did not write and ``force`` is off.
    """
    if not out.exists():
        return frozenset()
    if not out.is_dir():
        raise OutputError("The results go into a folder, and this is a file.", where=str(out), hint="Choose another --out.")
    present = {path.relative_to(out).as_posix(): path for path in sorted(out.rglob("*")) if path.is_file()}
    ours = _earlier_files(out)
    foreign = [name for name in present if name != RUN_NAME and ours.get(name) != _digest(present[name])]
    if present and (foreign or not ours) and not force:
        names = ", ".join(foreign[:3] or present) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")  # noqa: PLR2004
        raise OutputError(
            f"The folder holds files that this program did not write, or that were changed since: {names}.",
            where=str(out),
            hint="Choose another folder with --out, or add --force to replace files of the same names (others stay).",
        )
    return frozenset(name for name, digest in ours.items() if name in present and _digest(present[name]) == digest)


def _earlier_files(out: Path) -> Mapping[str, str]:
    """Return name → digest of the files that an earlier run wrote to ``out``."""
    try:
        run = json.loads((out / RUN_NAME).read_text("utf-8"))
        return {str(name): str(digest) for name, digest in run["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _publish(draft: Path, out: Path, replaced: Collection[str]) -> None:
    """Move every file of ``draft`` to its place, and remove an earlier run's files that have no successor."""
    out.mkdir(exist_ok=True)
    written = [path for path in sorted(draft.rglob("*")) if path.is_file()]
    names = {path.relative_to(draft).as_posix() for path in written}
    for path in written:
        target = out / path.relative_to(draft)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    for name in sorted(set(replaced) - names):
        (out / name).unlink(missing_ok=True)
