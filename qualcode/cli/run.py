"""``qualcode run``: the main job in one command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qualcode.cli._common import PATH, finish, print_result, say, show_reading
from qualcode.cli._inputs import coders_option, files_options, unit_option
from qualcode.cli._leaks import check_written, key_option
from qualcode.cli._progress import showing_progress
from qualcode.cli._study import study_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qualcode.cli._leaks import KnownKey
    from qualcode.model import Unit
    from qualcode.running import Analysis


def _output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option(
            "--out",
            required=True,
            type=PATH,
            metavar="FOLDER",
            help="Folder for the report, tables and figures.",
        ),
        click.option(
            "--template", type=PATH, metavar="FILE", help="Word document whose styles and page the Word report takes."
        ),
        click.option("--title", default="Theme report", show_default=True, help="Title of the report."),
        click.option("--force", is_flag=True, help="Replace files of the same names in the folder."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@files_options
@_output_options
def run(inputs: tuple[Path, ...], out: Path, unit: Unit | None, **options: Any) -> None:
    """Go from transcripts and a codebook to a theme report.

    TRANSCRIPTS are files or folders. The results folder holds the report (Word, HTML, Excel, LaTeX), the figures, the
    tables as CSV, the transcripts as text, and run.json, which records how they were made.

    \b
    Example:
      qualcode run transcripts_sample --codebook codebooks/industry_partnership.yaml --out results
    """
    from qualcode.running import run as run_all

    with showing_progress() as progress:
        analysis = run_all(inputs, out=out, unit=unit or "turn", progress=progress, **options)
    _show(analysis, out)
    finish(analysis.problems)


@click.command()
@study_option
@coders_option
@unit_option
@click.option(
    "--layout",
    type=PATH,
    metavar="FILE",
    help="A report.yaml: sections and their order, codes, attributes, columns.  [default: that of the study, if any]",
)
@key_option
@_output_options
def report(folder: Path | None, out: Path, known: KnownKey | None, **options: Any) -> None:
    """Write the report of a study: the same files as `run`, from the codings of people.

    It holds participants, coders, themes, agreement, questions, memos that are not private, what is open, and methods.

    With a key of names, the files are looked through for them. If any is there, the exit code is 3.

    \b
    Examples:
      qualcode report --study mystudy --out results
      qualcode report --study mystudy --layout report.yaml --out results
      qualcode report --study mystudy --coders ana --out results
    """
    from qualcode.running import report_study

    with showing_progress() as progress:
        analysis = report_study(folder, out, progress=progress, **options)
    _show(analysis, out)
    finish([*analysis.problems, *check_written([out], known)])


def _show(analysis: Analysis, out: Path) -> None:
    print_result(analysis.themes)
    say(f"\nWritten to {out}: open {out / 'report.html'} or {out / 'report.docx'}.")
    show_reading(analysis.transcripts)
