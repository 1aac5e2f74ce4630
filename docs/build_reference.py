"""Write docs/reference.md from the program's own help, or check with ``--check`` that it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from qualcode.cli import cli

TARGET = Path(__file__).with_name("reference.md")
HEAD = """# Command-line reference

Made from `--help` by `python docs/build_reference.py`; do not edit by hand.

Results go to standard output, words to standard error. Exit codes: 0 done; 1 it could not be done (the message says
why and what to do); 2 wrong usage; 3 done, with findings to look at (a file that could not be read, a problem in a
codebook). `NO_COLOR` is honoured.
"""


def describe(command: click.Command, path: str) -> list[str]:
    """Return the help of a command and of all below it, as Markdown."""
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
    with context.scope():
        text = click.unstyle(command.get_help(context))
    parts = [f"\n## {path}\n\n```text\n{text}\n```\n"]
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            parts += describe(command.commands[name], f"{path} {name}")
    return parts


def main() -> int:
    """Write or check the reference; return the exit code."""
    text = HEAD + "".join(describe(cli, "qualcode"))
    if "--check" in sys.argv[1:]:
        if TARGET.read_text("utf-8") != text:
            print(f"{TARGET.name} is out of date: run python docs/build_reference.py", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
