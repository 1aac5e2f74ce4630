"""``qualcode verify``: a report or an archive, counted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import FINDINGS, PATH, finish, format_option, print_frame, say, showing_progress
from qualcode.cli._terminal import echo

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.cli._common import OutputFormat


@click.command()
@click.argument("folder", type=PATH, metavar="FOLDER")
@click.option(
    "--study",
    type=PATH,
    metavar="DIR",
    help="The study of the report, or an archive of it.  [default: the archive itself, or the study you are in]",
)
@format_option
def verify(folder: Path, study: Path | None, output_format: OutputFormat) -> None:
    """Count every number of a report again from the codings, and print what differs.

    FOLDER is the folder of a report, or an archive: its folder or zip file. Reads every table, figure and sentence of
    every file. Prints each difference as file, number, stated and recounted. Nothing is written, and nothing in the
    folder is run.

    Exit code 0: every number follows. 3: something differs. 1: it cannot be checked.

    \b
    Examples:
      qualcode verify results --study mystudy
      qualcode verify mystudy-archive.zip
    """
    from qualcode.deposit import verify as verify_all

    with showing_progress() as progress:
        found = verify_all(folder, study, progress=progress)
    is_same = found.frame.empty
    if not is_same or output_format != "table":
        print_frame(found.frame, output_format)
    (echo if output_format == "table" and is_same else say)(found.sentence)
    finish(found.problems)
    if not is_same:
        click.get_current_context().exit(FINDINGS)
