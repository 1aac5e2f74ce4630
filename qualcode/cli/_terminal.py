"""Words of others on a terminal: nothing in them steers it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from qualcode.signs import tame as clean

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["clean", "echo", "echo_data", "echo_parts"]


def echo(text: str, *, nl: bool = True) -> None:  # mirrors click.echo
    """Print words for a person to standard output."""
    click.echo(clean(text), nl=nl)


def echo_data(text: str, *, nl: bool = True) -> None:  # mirrors click.echo
    """Print data to standard output: as it is, or, to a terminal, so that it does not steer it."""
    click.echo(clean(text) if sys.stdout.isatty() else text, nl=nl)


def echo_parts(parts: Iterable[bytes]) -> None:
    """Print data in UTF-8 that comes in parts; where a file or pipe takes it as it is, without making text of it."""
    out = sys.stdout
    is_plain = str(getattr(out, "encoding", "")).lower() == "utf-8" and os.linesep == "\n" and not out.isatty()
    if is_plain and hasattr(out, "buffer"):
        out.flush()
        for part in parts:
            out.buffer.write(part)  # which whoever stands in for a file has, unlike a way for lines
        out.buffer.flush()
        return
    for part in parts:
        echo_data(part.decode(), nl=False)
