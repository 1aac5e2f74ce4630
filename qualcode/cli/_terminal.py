"""Words of others on a terminal: nothing in them steers it."""

from __future__ import annotations

import sys

import click

from qualcode.signs import tame as clean

__all__ = ["clean", "echo", "echo_data"]


def echo(text: str, *, nl: bool = True) -> None:  # mirrors click.echo
    """Print words for a person to standard output."""
    click.echo(clean(text), nl=nl)


def echo_data(text: str, *, nl: bool = True) -> None:  # mirrors click.echo
    """Print data to standard output: as it is, or, to a terminal, so that it does not steer it."""
    click.echo(clean(text) if sys.stdout.isatty() else text, nl=nl)
