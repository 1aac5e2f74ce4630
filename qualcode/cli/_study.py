"""What the commands of a study share."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, finish, print_rows, say
from qualcode.cli._terminal import clean, echo, echo_data
from qualcode.model import RULES_CODER
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qualcode.cli._common import OutputFormat
    from qualcode.errors import Problem
    from qualcode.study import Study

study_option = click.option(
    "--study",
    "folder",
    type=PATH,
    metavar="DIR",
    help="The study's folder.  [default: the one you are in]",
)
coder_option = click.option("--coder", required=True, metavar="NAME", help="Name of the coder.")
why_option = click.option("--why", default="", metavar="TEXT", help="The reason, recorded in the log.")


def open_study(folder: Path | None) -> Study:
    """Open the study that ``--study`` names, or the one in which one stands; it is closed with the command."""
    from qualcode.study import open_study as open_folder

    study = open_folder(folder)
    click.get_current_context().call_on_close(study.close)
    return study


@contextmanager
def telling_new_coders(study: Study) -> Iterator[None]:
    """Say who codes for the first time beside others: where a study does not name them, it may be a slip of the pen."""
    known = [name for name in study.coders() if name != RULES_CODER]
    yield
    for name in study.coders() if known else ():
        if name not in (*known, RULES_CODER):
            say(f"{name} is a new coder of this study. {suggest(name, known)}".rstrip())


def finish_study(study: Study, problems: Iterable[Problem] = ()) -> None:
    """Print problems, and what opening the study found; end with 3 when any is more than a note."""
    finish(dict.fromkeys([*study.recovered, *problems]))


def print_records(
    rows: Sequence[Mapping[str, object]], output_format: OutputFormat, columns: Sequence[str] = ()
) -> None:
    """Print records with the same keys as a table for people, as CSV, or as a JSON list, without loading pandas."""
    if output_format == "json":
        echo_data(json.dumps(rows, ensure_ascii=False, indent=2))
    elif output_format == "csv":
        print_rows(rows, columns)
    elif rows:
        lines = [list(rows[0]), *([printable(str(value)) for value in row.values()] for row in rows)]
        _print_columns(lines)


def _print_columns(lines: Sequence[Sequence[str]]) -> None:
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (f"{cell}{' ' * (width - cell_len(cell))}" for cell, width in zip(line, widths, strict=True))
        echo("  ".join(cells).rstrip())


def printable(text: str) -> str:
    """Return text on one line, without what steers a terminal."""
    return clean(" ".join(text.split()))
