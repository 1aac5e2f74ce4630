"""``qualcode codebook``: check a codebook, show it, print the schema of its format, and change it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, Group, OutputFormat, finish, print_rows, say, table_options
from qualcode.cli._study import open_study, study_option
from qualcode.cli._terminal import clean, echo, echo_data
from qualcode.cli.analyses import export_codebook
from qualcode.cli.codebook_edit import add, diff, edit, example, merge, move, rename, retire, split
from qualcode.cli.matching import test_rules

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.codebook import Code, Codebook
    from qualcode.errors import Problem
    from qualcode.study import Study

codebook_argument = click.argument("file", type=PATH, metavar="FILE")


@click.group(cls=Group)
def codebook() -> None:
    """Check, show and change a codebook.

    \b
    Example:
      qualcode codebook check codebooks/industry_partnership.yaml
    """


@codebook.command()
@click.argument("file", type=PATH, metavar="[FILE]", required=False)
@click.option(
    "--language",
    default="",
    metavar="CODE",
    help="The language of the examples.  [default: as the codebook says, or else as their letters tell]",
)
@click.option(
    "--study",
    "folder",
    type=PATH,
    metavar="DIR",
    help="Find rules without a hit in this study, too; without FILE in its own codebook.",
)
@click.option("--model", metavar="NAME", help="An installed spaCy model, for rules that need one.")
def check(file: Path | None, language: str, folder: Path | None, model: str | None) -> None:
    """Check a codebook for mistakes, and test its rules against its examples.

    Also reports rules that can never match, or hardly do what is meant: with signs that no transcript has, with AND, OR
    or commas in a term, or stopped by their own `unless`.

    Exit code 0: no problems. 3: problems to look at. 1: the codebook cannot be used.

    \b
    Examples:
      qualcode codebook check codebooks/industry_partnership.yaml
      qualcode codebook check --study my-study
      qualcode codebook check codebook.yaml --language de
    """
    from qualcode.codebook import read_codebook
    from qualcode.examples import check_examples
    from qualcode.rule_checks import find_stopped_rules

    if file is None and folder is None:
        raise click.UsageError("Name the codebook's file, or a study with --study DIR.")
    study = open_study(folder) if folder is not None else None
    found = study.codebook if study is not None and file is None else read_codebook(file or "")
    problems = [
        *found.problems,
        *find_stopped_rules(found, language=language, model=model),
        *check_examples(found, language=language, model=model),
        *(_find_idle(study, found, model) if study is not None else ()),
    ]
    n_findings = sum(problem.level != "note" for problem in problems)
    verdict = "no problem" if not n_findings else f"{n_findings} problem{'s' if n_findings != 1 else ''}"
    echo(f"{_count(found)}: {verdict}")
    finish(problems)


def _find_idle(study: Study, found: Codebook, model: str | None) -> list[Problem]:
    """Return the rules without a hit in a study, and what of it cannot be read."""
    from qualcode.cases import assign_cases
    from qualcode.rule_checks import find_idle_rules

    transcripts, problems = study.transcripts()
    index = assign_cases(transcripts, study.cases)
    return [*study.recovered, *problems, *find_idle_rules(transcripts, found, model=model, index=index)]


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
@table_options
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
        echo_data(json.dumps(found.rows(), ensure_ascii=False, indent=2))
    else:
        print_rows(found.rows())
    say(f"\n{_count(found)}")


def _print_tree(found: Codebook) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    def grow(branch: Tree, codes: tuple[Code, ...]) -> None:
        for code in codes:
            line = Text.assemble((clean(code.name), "bold"), "  ", (found.path(code.id), "cyan"))
            line.append("  retired" if code.is_retired else "", "yellow")
            n_rules = len(code.rules)
            line.append(f"  {n_rules} rule{'s' if n_rules != 1 else ''}" if n_rules else "", "dim")
            if code.definition:
                line.append(clean(f"\n{code.definition}"))
            grow(branch.add(line), code.codes)

    tree = Tree(Text(clean(found.name), "bold underline"))
    grow(tree, found.codes)
    Console(highlight=False).print(tree)


@codebook.command()
@click.option("--note", required=True, metavar="TEXT", help="Where it was registered, or why it is frozen.")
@study_option
def freeze(note: str, folder: Path | None) -> None:
    """Record the codebook of a study as frozen, such as when it was preregistered.

    The codebook can still be changed. Reports then list what was changed since, and the codings that each change
    moved.

    \b
    Example:
      qualcode codebook freeze --note "preregistered at osf.io/abc12" --study mystudy
    """
    found = open_study(folder).freeze(note)
    say(f"Frozen on {found.at[:10]}: version {found.digest[:12]}.")


@codebook.command()
def schema() -> None:
    """Print the JSON Schema of codebooks, for editors that complete and check as you type.

    \b
    Example:
      qualcode codebook schema > codebook.schema.json
    """
    from qualcode.codebook import codebook_schema

    echo_data(json.dumps(codebook_schema(), ensure_ascii=False, indent=2))


for command in (diff, add, edit, example, rename, move, merge, split, retire, export_codebook, test_rules):
    codebook.add_command(command)
