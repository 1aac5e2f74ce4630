"""``qualcode coder``: who codes in a study."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # click reads the annotation

import click

from qualcode.cli._common import Group, OutputFormat, say, table_options
from qualcode.cli._study import finish_study, open_study, print_records, study_option


@click.group(cls=Group)
def coder() -> None:
    """Add coders to a study, and list them.

    \b
    Example:
      qualcode coder add chi
    """


@coder.command()
@click.argument("name")
@study_option
def add(name: str, folder: Path | None) -> None:
    """Add a coder.

    \b
    Example:
      qualcode coder add chi --study my-study
    """
    study = open_study(folder)
    known = study.coders()
    entered = study.add_coder(name)
    say(f"{entered} is a coder of this study {'already' if entered in known else 'now'}.")
    finish_study(study)


@coder.command("list")
@study_option
@table_options
def list_coders(folder: Path | None, output_format: OutputFormat) -> None:
    """List the coders, with the segments each has read and the codings each has made.

    \b
    Example:
      qualcode coder list
    """
    from qualcode.study import CODER_COLUMNS

    study = open_study(folder)
    print_records(study.list_coders(), output_format, CODER_COLUMNS)
    finish_study(study)
