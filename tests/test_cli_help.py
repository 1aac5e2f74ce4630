"""The help of every command, as a user reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from qualcode.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words that call a command, for it and all below it."""
    yield path
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, (*path, name))


@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_help_shows_an_example_on_lines_of_its_own(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, [*path, "--help"], prog_name="qualcode")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    head = next((number for number, line in enumerate(lines) if line in {"  Example:", "  Examples:"}), None)
    assert head is not None, done.stdout
    assert lines[head + 1].startswith("    ")
    assert "qualcode " in lines[head + 1]
    assert "\\b" not in done.stdout
    assert "\b" not in done.stdout
    assert "..." not in done.stdout.partition("Commands:")[2], "a sentence is cut"
