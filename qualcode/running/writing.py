"""Write what came out: figures, reports, and the folder of them all."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import OutputError, Problem
from qualcode.running.analysing import Analysis, analyse, analyse_study, keep_quiet
from qualcode.running.folders import RUN_NAME, check_output, digest_file, files_below, fresh_folder
from qualcode.wording import join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qualcode.agreement import AgreementResult
    from qualcode.figures import Chart
    from qualcode.tables import CodingTable

TITLE = "Theme report"


def run(
    inputs: Sequence[str | os.PathLike[str]],
    codebook: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    title: str = TITLE,
    force: bool = False,
    progress: Callable[[str], None] = keep_quiet,
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
    check_output(Path(out), force=force)  # before the work, so that nobody waits for nothing
    analysis = analyse(inputs, codebook, progress=progress, **options)
    with fresh_folder(Path(out), force=force) as draft:
        return _write_results(analysis, title, draft, progress)


def report_study(
    folder: str | os.PathLike[str] | None,
    out: str | os.PathLike[str],
    *,
    title: str = TITLE,
    force: bool = False,
    progress: Callable[[str], None] = keep_quiet,
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
    check_output(Path(out), force=force)
    analysis = analyse_study(folder, progress=progress, **options)
    with fresh_folder(Path(out), force=force) as draft:
        return _write_results(analysis, title, draft, progress)


def _write_results(analysis: Analysis, title: str, folder: Path, progress: Callable[[str], None]) -> Analysis:
    """Write all files; return what was written, with what the figures have to tell."""
    from qualcode.figures import draw, list_kinds
    from qualcode.reports import Report, gather_facts, write_results, write_run

    progress("Drawing figures")
    charts = {kind: draw(kind, analysis.themes) for kind in list_kinds("themes")}
    analysis = replace(analysis, problems=(*analysis.problems, *_unite_problems(charts)))
    facts = gather_facts(
        analysis.themes,
        inputs=analysis.digests,
        options={**analysis.options, "title": title},
        model=str(analysis.options["model"]) if analysis.options["model"] else None,
        problems=analysis.problems,
    )
    progress("Writing reports")
    write_results(Report(title, analysis.table, analysis.themes, analysis.codebook, charts, facts), folder)
    files = {name: digest_file(path) for name, path in files_below(folder).items()}
    write_run(facts, folder / RUN_NAME, files=files)
    return analysis


def _unite_problems(charts: Mapping[str, Chart]) -> list[Problem]:
    """Return what figures have to tell; what several tell alike, such as of a missing font, once."""
    kinds: dict[Problem, list[str]] = {}
    for kind, chart in charts.items():
        for problem in chart.problems:
            kinds.setdefault(replace(problem, where=""), []).append(kind)
    return [replace(problem, where=f"figure {join(names)}") for problem, names in kinds.items()]


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
    taken = [path for path in (stem.with_name(f"{stem.name}.{name}") for name in formats) if os.path.lexists(path)]
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
    from qualcode.figures import draw, list_kinds
    from qualcode.reports import Report, find_format, gather_facts, write_report
    from qualcode.themes import count_themes

    out = Path(out)
    find_format(out)  # before the work, so that nobody waits for nothing
    if os.path.lexists(out) and not force:
        raise OutputError("The file exists.", where=str(out), hint="Choose another file, or add --force.")
    themes = count_themes(table)
    charts = {kind: draw(kind, themes) for kind in list_kinds("themes")}
    charts |= {kind: draw(kind, result) for kind in list_kinds("agreement")}
    drawn = _unite_problems(charts)
    facts = gather_facts(themes, problems=[*result.problems, *drawn])
    return write_report(Report(title, table, themes, table.codebook, charts, facts, agreement=result), out), drawn
