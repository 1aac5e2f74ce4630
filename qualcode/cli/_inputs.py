"""The options of every command that reads transcripts and a codebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

_OPTIONS = (
    click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="TRANSCRIPTS..."),
    click.option(
        "--codebook",
        required=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The codebook, in YAML.",
    ),
    click.option(
        "--cases",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Table of the cases' attributes.  [default: cases.csv among the transcripts, if there is one]",
    ),
    click.option(
        "--unit",
        type=click.Choice(["turn", "paragraph", "sentence"]),
        default="turn",
        show_default=True,
        help="What counts as one segment.",
    ),
    click.option(
        "--interviewer",
        "interviewers",
        multiple=True,
        metavar="NAME",
        help="Speaker label of an interviewer, whose talk is not counted; may be repeated.  [default: inferred]",
    ),
    click.option(
        "--language",
        metavar="CODE",
        help="Language of the transcripts: en, zh …  [default: told per transcript]",
    ),
    click.option("--encoding", metavar="NAME", help="Character encoding of text files.  [default: found out]"),
    click.option("--model", metavar="NAME", help="An installed spaCy model to use for lemmas and sentences."),
)


def analysis_options(command: F) -> F:
    """Add the inputs and options that :func:`qualcode.running.analyse` takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
