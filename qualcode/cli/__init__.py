"""The command line: options → one library call → print.

Each module holds one group of commands and imports only click and tables of choices at its top; everything heavy is
imported inside the command that needs it, so that ``qualcode --help`` is instant.
"""

from __future__ import annotations

import sys

import click

import qualcode
from qualcode.cli._common import Group
from qualcode.cli._words import compose, speak_utf8
from qualcode.cli.agreement import agreement
from qualcode.cli.analyses import (
    compare,
    export_codebook,
    find,
    participants,
    question,
    relations,
    saturation,
    talk,
    words,
)
from qualcode.cli.checklist import checklist
from qualcode.cli.code import code
from qualcode.cli.codebook import codebook
from qualcode.cli.coders import coder
from qualcode.cli.completing import completion, teach
from qualcode.cli.deposit import archive, verify
from qualcode.cli.displays import display, trail
from qualcode.cli.exchange import export, import_codings, merge
from qualcode.cli.framework import chart, framework, import_framework
from qualcode.cli.importing import import_
from qualcode.cli.learning import doubtful, learned, missed, recall
from qualcode.cli.matching import cache, explain, kwic, suggest_terms, test_rules
from qualcode.cli.practice import practice
from qualcode.cli.projects import import_codebook, import_project
from qualcode.cli.pseudonyms import check_leaks, pseudonyms
from qualcode.cli.results import figure, quotes, themes
from qualcode.cli.review import adjudicate, assign, memo, review
from qualcode.cli.run import report, run
from qualcode.cli.start import sample, welcome
from qualcode.cli.study import check, decide, init, log, redo, restore, settle, status, undo
from qualcode.cli.tag import tag
from qualcode.cli.transcripts import transcript


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
        welcome()


cli.add_command(sample)
cli.add_command(run)
cli.add_command(report)
cli.add_command(checklist)
cli.add_command(verify)
cli.add_command(archive)
cli.add_command(practice)
cli.add_command(import_)
cli.add_command(themes)
cli.add_command(quotes)
cli.add_command(figure)
cli.add_command(find)
cli.add_command(question)
cli.add_command(saturation)
cli.add_command(compare)
cli.add_command(relations)
cli.add_command(talk)
cli.add_command(participants)
cli.add_command(words)
codebook.add_command(export_codebook)
for command in (chart, framework, import_framework, display, trail):
    cli.add_command(command)
cli.add_command(agreement)
cli.add_command(codebook)
codebook.add_command(test_rules)
for command in (explain, kwic, suggest_terms, cache):
    cli.add_command(command)
for command in (code, review, assign, adjudicate, memo):
    cli.add_command(command)
for command in (missed, doubtful, recall, learned):
    cli.add_command(command)
for command in (init, tag, check, status, decide, log, undo, redo, restore, settle, coder, transcript):
    cli.add_command(command)
for command in (import_project, import_codebook, export, import_codings, merge):
    cli.add_command(command)
for command in (pseudonyms, check_leaks):
    cli.add_command(command)
cli.add_command(completion)
teach(cli)


def main() -> None:
    """Run the command line."""
    speak_utf8()
    cli(args=compose(sys.argv[1:]), prog_name="qualcode")
