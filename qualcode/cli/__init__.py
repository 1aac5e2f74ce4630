"""The command line: options → one library call → print.

Each module holds one group of commands and imports only click and tables of choices at its top; everything heavy is
imported inside the command that needs it, so that ``qualcode --help`` is instant.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

import click

import qualcode
from qualcode.cli._common import Group
from qualcode.cli._later import Later
from qualcode.cli._words import compose, speak_utf8

_HOMES = {
    "agreement": ("agreement",),
    "analyses": ("compare", "find", "participants", "question", "relations", "saturation", "talk", "words"),
    "checklist": ("checklist",),
    "code": ("code",),
    "codebook": ("codebook",),
    "coders": ("coder",),
    "completing": ("completion",),
    "deposit": ("archive", "verify"),
    "displays": ("display", "trail"),
    "exchange": ("export", "import-codings", "merge"),
    "framework": ("chart", "framework", "import-framework"),
    "importing": ("import",),
    "learning": ("doubtful", "learned", "missed", "recall"),
    "matching": ("cache", "explain", "kwic", "suggest-terms"),
    "practice": ("practice",),
    "projects": ("import-codebook", "import-project"),
    "pseudonyms": ("check-leaks", "pseudonyms"),
    "results": ("figure", "quotes", "themes"),
    "review": ("adjudicate", "assign", "memo", "review"),
    "run": ("report", "run"),
    "start": ("sample",),
    "study": ("check", "decide", "init", "log", "redo", "restore", "settle", "status", "undo"),
    "tag": ("tag",),
    "transcripts": ("transcript",),
}
"""The commands of each module, which is loaded when one of them is asked for."""


@click.group(
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(qualcode.__version__, prog_name="qualcode")
@click.pass_context
def cli(ctx: click.Context, /) -> None:
    """Code and analyse qualitative interviews; every number leads back to words.

    Everything runs on this machine; nothing is sent anywhere, unless you name a Dask scheduler.

    \b
    Example:
      qualcode sample first
      qualcode run first/transcripts_sample --codebook first/codebooks/industry_partnership.yaml --out first/results
    """
    if ctx.invoked_subcommand is None:
        from qualcode.cli.start import welcome

        welcome()


cli.commands = Later(__name__, {name: home for home, names in _HOMES.items() for name in names})


def main() -> None:
    """Run the command line."""
    # What a command makes lives to its end, for the most part: the collector would go through all of it over and over.
    gc.set_threshold(50_000, 50, 100)
    atexit.register(gc.freeze)  # at the end too, though the system takes all memory back at once
    speak_utf8()
    if "_QUALCODE_COMPLETE" in os.environ:
        from qualcode.cli import completing  # noqa: F401  # knows shells that click does not
    cli(args=compose(sys.argv[1:]), prog_name="qualcode")
