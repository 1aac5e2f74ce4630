"""Write what came out: figures, reports, and the folder of them all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import OutputError
from qualcode.running.analysing import Analysis, analyse, analyse_study, keep_quiet
from qualcode.running.folders import RUN_NAME, check_output, digest_file, files_below, fresh_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from qualcode.agreement import AgreementResult
    from qualcode.figures import Chart, Width
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

TITLE = "Theme report"

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
        _write_results(analysis, title, draft, progress)
    return analysis


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
        _write_results(analysis, title, draft, progress)
    return analysis


def _write_results(analysis: Analysis, title: str, folder: Path, progress: Callable[[str], None]) -> None:
    from qualcode import reports
    from qualcode.figures import FORMATS
    from qualcode.outputs import save_all

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
    files = {name: digest_file(path) for name, path in files_below(folder).items()}
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
    if os.path.lexists(out) and not force:
        raise OutputError("The file exists.", where=str(out), hint="Choose another file, or add --force.")
    themes = count_themes(table)
    charts = {**draw_charts(themes), "agreement": plot_agreement(result)}
    facts = reports.gather_facts(themes, problems=result.problems)
    return write(reports.Report(title, table, themes, table.codebook, charts, facts, agreement=result), out)
