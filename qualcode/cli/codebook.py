"""``qualcode codebook``: check a codebook, show it, print the schema of its format, and change it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, Group, OutputFormat, finish, format_option, print_rows, say
from qualcode.cli.codebook_edit import add, diff, edit, example, merge, move, rename, retire, split

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.codebook import Code, Codebook

codebook_argument = click.argument("file", type=PATH, metavar="FILE")


@click.group(cls=Group)
def codebook() -> None:
    """Check, show and change a codebook.

    \b
    Example:
      qualcode codebook check codebooks/industry_partnership.yaml
    """


@codebook.command()
@codebook_argument
@click.option("--model", metavar="NAME", help="An installed spaCy model, for rules that need one.")
def check(file: Path, model: str | None) -> None:
    """Check a codebook for mistakes, and test its rules against its examples.

    Exit code 0: no problems. 3: problems to look at. 1: the codebook cannot be used.

    \b
    Example:
      qualcode codebook check codebooks/industry_partnership.yaml
    """
    from qualcode.codebook import read_codebook
    from qualcode.tagging import check_examples

    found = read_codebook(file)
    problems = [*found.problems, *check_examples(found, model=model)]
    n_findings = sum(problem.level != "note" for problem in problems)
    verdict = "no problem" if not n_findings else f"{n_findings} problem{'s' if n_findings != 1 else ''}"
    click.echo(f"{_count(found)}: {verdict}")
    finish(problems)


def _count(found: Codebook) -> str:
    codes = list(found.walk())
    counts = {
        "code": len(codes),
        "rule": sum(len(code.rules) for code in codes),
        "example": sum(len(code.hits) + len(code.misses) for code in codes),
    }
    return ", ".join(f"{n} {word}{'s' if n != 1 else ''}" for word, n in counts.items())


@codebook.command()
@codebook_argument
@format_option
def show(file: Path, output_format: OutputFormat) -> None:
    """Print the tree of codes.

    \b
    Examples:
      qualcode codebook show codebooks/industry_partnership.yaml
      qualcode codebook show codebooks/industry_partnership.yaml --format csv
    """
    from qualcode.codebook import read_codebook

    found = read_codebook(file)
    if output_format == "table":
        _print_tree(found)
    elif output_format == "json":
        click.echo(json.dumps(found.rows(), ensure_ascii=False, indent=2))
    else:
        print_rows(found.rows())
    say(f"\n{_count(found)}")


def _print_tree(found: Codebook) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    def grow(branch: Tree, codes: tuple[Code, ...]) -> None:
        for code in codes:
            line = Text.assemble((code.name, "bold"), "  ", (found.path(code.id), "cyan"))
            line.append("  retired" if code.is_retired else "", "yellow")
            n_rules = len(code.rules)
            line.append(f"  {n_rules} rule{'s' if n_rules != 1 else ''}" if n_rules else "", "dim")
            if code.definition:
                line.append(f"\n{code.definition}")
            grow(branch.add(line), code.codes)

    tree = Tree(Text(found.name, "bold underline"))
    grow(tree, found.codes)
    Console(highlight=False).print(tree)


@codebook.command()
def schema() -> None:
    """Print the JSON Schema of codebooks, for editors that complete and check as you type.

    \b
    Example:
      qualcode codebook schema > codebook.schema.json
    """
    from qualcode.codebook import codebook_schema

    click.echo(json.dumps(codebook_schema(), ensure_ascii=False, indent=2))


for command in (diff, add, edit, example, rename, move, merge, split, retire):
    codebook.add_command(command)
