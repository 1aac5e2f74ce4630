"""The whole line in one call: files in, a folder of results out, all or nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import CaseError, OutputError, Problem
from qualcode.model import RULES_CODER

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from qualcode.agreement import AgreementResult
    from qualcode.codebook import Codebook
    from qualcode.figures import Chart, Width
    from qualcode.model import Case, Sheet, Transcript, Unit
    from qualcode.study.contents import Contents
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

CASES_NAME = "cases.csv"
"""The table of cases that is taken by itself when it lies among the transcripts."""

RUN_NAME = "run.json"
"""The file of a results folder that tells what is in it and where it came from."""


TITLE = "Theme report"

_N_NAMES_SHOWN = 3


def _keep_quiet(_step: str) -> None:
    """Take the name of a step and say nothing."""


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
    progress: Callable[[str], None] = _keep_quiet,
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


def analyse_study(
    folder: str | os.PathLike[str] | None = None,
    *,
    coders: Collection[str] | None = None,
    unit: Unit | None = None,
    progress: Callable[[str], None] = _keep_quiet,
) -> Analysis:
    """Count the codings of a study folder.

    Parameters
    ----------
    folder
        The study; ``None`` for the one in which one stands.
    coders
        Whose codings count. ``None``: those of all people, or of the rules while nobody has coded.
    unit
        What is counted as a segment. ``None``: what the study says.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Analysis
        All results, nothing written.

    Raises
    ------
    QualcodeError
        If there is no study, nothing in it to count, or no coding by one of the coders.
    """
    from qualcode.study import open_study
    from qualcode.tables import tabulate
    from qualcode.themes import count_themes

    study = open_study(folder)
    progress("Reading the study")
    found = study.contents(coders=coders)
    progress("Counting")
    unit = unit or study.settings.unit
    table = tabulate(found.transcripts, found.sheets, found.codebook, cases=found.cases, unit=unit)
    return Analysis(
        transcripts=found.transcripts,
        codebook=found.codebook,
        sheets=found.sheets,
        cases=found.cases,
        table=table,
        themes=count_themes(table),
        problems=_all_problems(
            [*found.problems, *_describe_undecided(found)], found.transcripts, found.codebook, table
        ),
        digests=_digest_inputs(found.transcripts, found.codebook, None),
        options={"coders": list(found.coders), "model": None, "unit": unit},
    )


def _describe_undecided(found: Contents) -> list[Problem]:
    if not found.n_undecided or RULES_CODER in found.coders:
        return []
    message = f"{found.n_undecided} suggestions of the rules are undecided, and not counted."
    return [Problem("", "note", "undecided", message, "Decide on them: qualcode review --coder NAME")]


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


def _digest_inputs(transcripts: Sequence[Transcript], codebook: Codebook, cases: Path | None) -> dict[str, str]:
    digests = {f"transcript {transcript.source.name}": transcript.source.digest for transcript in transcripts}
    digests["codebook"] = codebook.digest
    if cases is not None:
        digests[f"cases {cases.name}"] = _digest(cases)
    return digests


@contextmanager
def _fresh_folder(out: Path, *, force: bool) -> Iterator[Path]:  # mirrors --force
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
        raise OutputError(
            "The results go into a folder, and this is a file.", where=str(out), hint="Choose another --out."
        )
    present = _files_below(out)
    ours = _earlier_files(out)
    foreign = [name for name in present if name != RUN_NAME and ours.get(name) != _digest(present[name])]
    if present and (foreign or not ours) and not force:
        named = foreign or list(present)
        rest = len(named) - _N_NAMES_SHOWN
        names = ", ".join(named[:_N_NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
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


def _files_below(folder: Path) -> dict[str, Path]:
    """Return every file below a folder by its name in it, with forward slashes, in the order of the names."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _publish(draft: Path, out: Path, replaced: Collection[str]) -> None:
    """Move every file of ``draft`` to its place, and remove an earlier run's files that have no successor."""
    out.mkdir(exist_ok=True)
    written = _files_below(draft)
    for name, path in written.items():
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    for name in sorted(set(replaced) - set(written)):
        (out / name).unlink(missing_ok=True)


FIGURE_KINDS = ("themes", "cases", "codelines", "cooccurrence")


def draw_charts(themes: ThemeTable, *, kinds: Collection[str] = FIGURE_KINDS, width: Width = "two") -> dict[str, Chart]:
    """Return the figures of a result by kind."""
    from qualcode import figures

    draw = {
        "themes": figures.plot_themes,
        "cases": figures.plot_cases,
        "codelines": figures.plot_codelines,
        "cooccurrence": figures.plot_cooccurrence,
    }
    return {kind: draw[kind](themes, width=width) for kind in kinds}


def run(
    inputs: Sequence[str | os.PathLike[str]],
    codebook: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    title: str = TITLE,
    force: bool = False,
    progress: Callable[[str], None] = _keep_quiet,
    **options: Any,
) -> Analysis:
    """Go from transcripts and a codebook to a folder of results, all or nothing.

    Parameters
    ----------
    inputs, codebook
        As for :func:`analyse`.
    out
        The folder. A folder that an earlier run wrote is brought up to date.
    title
        Title of the report.
    force
        Replace files of the same names that the program did not write; other files always stay.
    progress
        Called with the name of each step as it begins.
    **options
        Those of :func:`analyse`.

    Returns
    -------
    Analysis
        What was written.

    Raises
    ------
    QualcodeError
        If nothing could be read, or the results cannot be written; then ``out`` is as it was.
    """
    with _fresh_folder(Path(out), force=force) as draft:
        analysis = analyse(inputs, codebook, progress=progress, **options)
        _write_results(analysis, title, draft, progress)
    return analysis


def report_study(
    folder: str | os.PathLike[str] | None,
    out: str | os.PathLike[str],
    *,
    title: str = TITLE,
    force: bool = False,
    progress: Callable[[str], None] = _keep_quiet,
    **options: Any,
) -> Analysis:
    """Write the results of a study folder, all or nothing.

    Parameters
    ----------
    folder
        The study, as for :func:`analyse_study`.
    out, title, force, progress
        As for :func:`run`.
    **options
        Those of :func:`analyse_study`.

    Returns
    -------
    Analysis
        What was written.

    Raises
    ------
    QualcodeError
        If the study cannot be read, or the results cannot be written; then ``out`` is as it was.
    """
    with _fresh_folder(Path(out), force=force) as draft:
        analysis = analyse_study(folder, progress=progress, **options)
        _write_results(analysis, title, draft, progress)
    return analysis


def _write_results(analysis: Analysis, title: str, folder: Path, progress: Callable[[str], None]) -> None:
    from qualcode import reports
    from qualcode.figures import FORMATS
    from qualcode.reports.files import save_all

    progress("Drawing figures")
    charts = draw_charts(analysis.themes)
    problems = [*analysis.problems, *(problem for chart in charts.values() for problem in chart.problems)]
    facts = reports.gather_facts(
        analysis.themes,
        inputs=analysis.digests,
        options={**analysis.options, "title": title},
        model=str(analysis.options["model"]) if analysis.options["model"] else None,
        problems=problems,
    )
    progress("Writing reports")
    pictures = {kind: reports.DrawnOnce(chart) for kind, chart in charts.items()}
    report = reports.Report(title, analysis.table, analysis.themes, analysis.codebook, pictures, facts)
    drawings = {f"{kind}.{name}": picture.render(name) for kind, picture in pictures.items() for name in FORMATS}
    save_all(folder / "figures", drawings)
    reports.write_tables(report, folder)
    reports.write_docx(report, folder / "report.docx")
    reports.write_html(report, folder / "report.html")
    reports.write_xlsx(report, folder / "report.xlsx")
    reports.write_latex(report, folder / "themes.tex")
    files = {name: _digest(path) for name, path in _files_below(folder).items()}
    reports.write_run(facts, folder / RUN_NAME, files=files)


def save_chart(chart: Chart, out: str | os.PathLike[str], *, force: bool = False) -> list[Path]:
    """Write one figure.

    Parameters
    ----------
    chart
        The figure.
    out
        The file; its ending (``.svg``, ``.pdf``, ``.png``) names the format, without one all three are written.
    force
        Replace files that exist.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    OutputError
        If the ending is another, a file exists and ``force`` is off, or it cannot be written.
    """
    from qualcode.figures import FORMATS

    out = Path(out)
    ending = out.suffix.lower().removeprefix(".")
    if ending and ending not in FORMATS:
        raise OutputError(
            f"A figure cannot be written as {out.suffix}.",
            where=str(out),
            hint=f"Use one of: {', '.join(FORMATS)}.",
        )
    formats = (ending,) if ending else FORMATS
    stem = out.with_suffix("") if ending else out
    taken = [path for path in (stem.with_name(f"{stem.name}.{name}") for name in formats) if path.exists()]
    if taken and not force:
        raise OutputError("The file exists.", where=str(taken[0]), hint="Choose another --out, or add --force.")
    return chart.save(stem, formats)


def write_agreement_report(
    table: CodingTable,
    result: AgreementResult,
    out: str | os.PathLike[str],
    *,
    title: str = TITLE,
    force: bool = False,
) -> Path:
    """Write the report of a study with a section on the agreement of its coders.

    Parameters
    ----------
    table, result
        The codings, and what :func:`qualcode.agreement.measure_agreement` says of them.
    out
        The file; its ending (``.docx``, ``.html``, ``.xlsx``, ``.tex``) names the format.
    title
        Title of the report.
    force
        Replace a file that exists.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If the ending is another, the file exists and ``force`` is off, or it cannot be written.
    """
    from qualcode import reports
    from qualcode.figures import plot_agreement
    from qualcode.themes import count_themes

    out = Path(out)
    write = {
        ".docx": reports.write_docx,
        ".html": reports.write_html,
        ".xlsx": reports.write_xlsx,
        ".tex": reports.write_latex,
    }.get(out.suffix.lower())
    if write is None:
        hint = "Use one of: .docx, .html, .xlsx, .tex."
        raise OutputError(f"A report cannot be written as {out.suffix or 'a file without an ending'}.", str(out), hint)
    if out.exists() and not force:
        raise OutputError("The file exists.", where=str(out), hint="Choose another file, or add --force.")
    themes = count_themes(table)
    charts = {**draw_charts(themes), "agreement": plot_agreement(result)}
    facts = reports.gather_facts(themes, problems=result.problems)
    return write(reports.Report(title, table, themes, table.codebook, charts, facts, agreement=result), out)
