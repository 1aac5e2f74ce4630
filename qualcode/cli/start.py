"""The first steps: what bare ``qualcode`` says, and ``qualcode sample``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, say
from qualcode.cli._terminal import echo
from qualcode.wording import typed

if TYPE_CHECKING:
    from pathlib import Path

_OUTSIDE = """\
qualcode codes and analyses interviews. What next?

  qualcode sample first                            copy a sample study, to try things out
  qualcode import --preview FILE...                see how your own transcripts are understood
  qualcode init mystudy --codebook CODEBOOK.yaml   begin a study of your own

All commands: qualcode --help"""
_INSIDE = """\
You are in the study “{name}”. What next?

  qualcode status               what is there, and what is undecided
  qualcode code --coder NAME    read and code, in your browser
  qualcode themes               count

All commands: qualcode --help"""


def welcome() -> None:
    """Say what to do next, here."""
    from qualcode.errors import StudyError
    from qualcode.study import find_study

    try:
        echo(_INSIDE.format(name=find_study().resolve().name))
    except StudyError:
        echo(_OUTSIDE)


@click.command()
@click.argument("folder", type=PATH)
def sample(folder: Path) -> None:
    """Copy the sample study to FOLDER: four invented interviews, their cases, and a codebook.

    \b
    Example:
      qualcode sample first
    """
    from qualcode.sample import PARTS, copy_sample

    codebook = copy_sample(folder)[-1]
    transcripts, results = folder / PARTS[0], folder / "results"
    say(f"Copied to {folder}. Next:")
    echo(f"qualcode run {typed(transcripts)} --codebook {typed(codebook)} --out {typed(results)}")
