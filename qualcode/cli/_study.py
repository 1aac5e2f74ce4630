"""What the commands of a study share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Study

study_option = click.option(
    "--study",
    "folder",
    type=PATH,
    metavar="DIR",
    help="The study's folder.  [default: the one in which one stands]",
)
coder_option = click.option("--coder", required=True, metavar="NAME", help="Who codes.")
why_option = click.option("--why", default="", metavar="TEXT", help="The reason, for the log.")


def open_study(folder: Path | None) -> Study:
    """Open the study that ``--study`` names, or the one in which one stands."""
    from qualcode.study import open_study as open_folder

    return open_folder(folder)


def plural(number: int, word: str) -> str:
    """Return ``1 coding`` or ``2 codings``."""
    return f"{number} {word}{'' if number == 1 else 's'}"
