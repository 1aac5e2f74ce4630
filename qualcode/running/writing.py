"""Write what came out: figures, reports, and the folder of them all."""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import OutputError
from qualcode.reports import TITLE, USUAL, list_drawing_problems, make_report, read_template
from qualcode.running.analysing import Analysis, analyse, analyse_study, keep_quiet
from qualcode.running.composing import find_layout, report_analysis
from qualcode.running.folders import RUN_NAME, check_output, digest_file, files_below, fresh_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from qualcode.agreement import AgreementResult
    from qualcode.errors import Problem
    from qualcode.figures import Chart
    from qualcode.model import Unit
    from qualcode.reports import Layout, Report, Template
    from qualcode.spreadsheets import TableSource
    from qualcode.tables import CodingTable


def run(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    codebook: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    title: str = TITLE,
    cases: TableSource | None = None,
    unit: Unit = "turn",
    language: str | None = None,
    encoding: str | None = None,
    speaker_pattern: str | None = None,
    interviewers: Collection[str] = (),
    speakers: TableSource | None = None,
    model: str | None = None,
    template: str | os.PathLike[str] | None = None,
    force: bool = False,
    progress: Callable[[str], None] = keep_quiet,
) -> Analysis:
    """Go from transcripts and a codebook to a folder of results, all or nothing.

    Parameters
    ----------
    inputs
        Transcript files, or folders of them, or one of either.
    codebook
        The YAML file.
    out
        The folder. A folder that an earlier run wrote is brought up to date.
    title
        Title of the report.
    cases
        The table of cases: a path, an open file or a DataFrame. ``None`` takes ``cases.csv`` from a folder among the
        inputs that has one.
    unit
        What is counted as a segment.
    language, encoding, speaker_pattern, interviewers, model
        Override what reading would find out (see :func:`qualcode.read_transcript`).
    speakers
        A table of speakers with the columns transcript, label, person, role, which decides; as for ``cases``.
    template
        A Word document of your own, whose styles and page the Word report takes.
    force
        Replace files of the same names that the program did not write; other files always stay.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Analysis
        What was written.

    Raises
    ------
    QualcodeError
        If nothing could be read, or the results cannot be written; then ``out`` is as it was.

    Examples
    --------
    >>> analysis = qualcode.run("transcripts_sample", "codebooks/industry_partnership.yaml", "results")
    >>> analysis.themes.frame.query("level == 1")[["name", "codings", "cases"]]
                        name  codings  cases
    0   Recruitment channels       24      4
    5    Recruitment process       29      4
    10  Retention strategies       21      4
    15            Challenges       58      4
    22       Recommendations       22      4
    """
    check_output(Path(out), force=force)  # before the work, so that nobody waits for nothing
    own = None if template is None else read_template(template)
    analysis = analyse(
        inputs,
        codebook,
        cases=cases,
        unit=unit,
        language=language,
        encoding=encoding,
        speaker_pattern=speaker_pattern,
        interviewers=interviewers,
        speakers=speakers,
        model=model,
        progress=progress,
    )
    with fresh_folder(Path(out), force=force) as draft:
        return _write_results(analysis, title, draft, progress, own)


def report_study(
    folder: str | os.PathLike[str] | None,
    out: str | os.PathLike[str],
    *,
    title: str = TITLE,
    coders: Collection[str] | None = None,
    unit: Unit | None = None,
    layout: str | os.PathLike[str] | None = None,
    template: str | os.PathLike[str] | None = None,
    force: bool = False,
    progress: Callable[[str], None] = keep_quiet,
) -> Analysis:
    """Write the results of a study folder, all or nothing.

    Parameters
    ----------
    folder
        The study; ``None`` for the one in which one stands.
    out, title
        As for :func:`run`.
    coders
        Whose codings count, their union; ``agreed`` alone for what people agree on. ``None``: what several people agree
        on, the codings of one, or of the rules while nobody has coded.
    unit
        What is counted as a segment. ``None``: what the study says.
    layout
        A ``report.yaml`` that says what stands in the report; ``None``: that of the study, if it has one.
    template, force, progress
        As for :func:`run`.

    Returns
    -------
    Analysis
        What was written.

    Raises
    ------
    QualcodeError
        If the study cannot be read, or the results cannot be written; then ``out`` is as it was.

    Examples
    --------
    >>> study = qualcode.create_study("garden", codebook="codebooks/industry_partnership.yaml")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> report = study.tag()
    >>> analysis = qualcode.report_study("garden", "results")
    >>> len(analysis.table.codings)
    175
    """
    check_output(Path(out), force=force)
    own = None if template is None else read_template(template)
    wished = find_layout(folder, layout)
    analysis = analyse_study(folder, coders=coders, unit=unit, progress=progress)
    with fresh_folder(Path(out), force=force) as draft:
        return _write_results(analysis, wished.title or title, draft, progress, own, wished)


def _write_results(
    analysis: Analysis,
    title: str,
    folder: Path,
    progress: Callable[[str], None],
    template: Template | None,
    layout: Layout = USUAL,
) -> Analysis:
    """Write all files; return what was written, with what the figures have to tell."""
    _give_back()
    progress("Drawing figures")
    report = name_template(report_analysis(analysis, title=title, layout=layout), template)
    progress("Writing reports")
    _draw(report)
    write_folder(report, folder, template=template)
    return replace(analysis, problems=report.facts.problems)


def name_template(report: Report, template: Template | None) -> Report:
    """Return a report that says which Word document of the author's own it takes its look from."""
    if template is None:
        return report
    told = {"name": template.name, "sha256": hashlib.sha256(template.data).hexdigest()}
    return replace(report, facts=replace(report.facts, options={**report.facts.options, "template": told}))


def _draw(report: Report) -> None:
    """Draw all figures, and let go of what each was drawn from, which takes far more memory than its files."""
    from qualcode.figures import FORMATS

    for kind, chart in report.charts.items():
        for name in FORMATS:
            report.draw(kind, name)
        chart.figure.clear()
        _give_back()


def _give_back() -> None:
    """Give memory that is free back to the system: pyarrow keeps some, and on Linux so does the C library."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def write_folder(report: Report, folder: Path, *, template: Template | None = None) -> None:
    """Write a report in every format, and ``run.json``, into an empty folder."""
    from qualcode.reports import list_numbers, write_results, write_run

    document = write_results(report, folder, template=template)
    files = {name: digest_file(path) for name, path in files_below(folder).items()}
    write_run(report.facts, folder / RUN_NAME, files=files, numbers=list_numbers(document))


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
            hint=f"Use one of: {', '.join(FORMATS)}",
        )
    formats = (ending,) if ending else FORMATS
    stem = out.with_suffix("") if ending else out
    taken = [path for path in (stem.with_name(f"{stem.name}.{name}") for name in formats) if os.path.lexists(path)]
    if taken and not force:
        raise OutputError("The file exists.", where=str(taken[0]), hint="Choose another --out, or add --force")
    return chart.save(stem, formats)


def write_agreement_report(
    table: CodingTable,
    result: AgreementResult,
    out: str | os.PathLike[str],
    *,
    title: str = TITLE,
    force: bool = False,
) -> tuple[Path, list[Problem]]:
    """Write the report of a study with a section on the agreement of its coders.

    Parameters
    ----------
    table, result
        The codings, and what :func:`qualcode.agreement.measure_agreement` says of them.
    out
        The file; its ending (one of :data:`qualcode.reports.FORMATS`) names the format.
    title
        Title of the report.
    force
        Replace a file that exists.

    Returns
    -------
    tuple
        The file written, and what its figures could not show.

    Raises
    ------
    OutputError
        If the ending is another, the file exists and ``force`` is off, or it cannot be written.
    """
    from qualcode.reports import find_format, write_report
    from qualcode.themes import count_themes

    out = Path(out)
    find_format(out)  # before the work, so that nobody waits for nothing
    if os.path.lexists(out) and not force:
        raise OutputError("The file exists.", where=str(out), hint="Choose another file, or add --force")
    report = make_report(count_themes(table), title=title, agreement=result)
    return write_report(report, out), list_drawing_problems(report.charts)
