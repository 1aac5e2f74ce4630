"""``qualcode codebook diff``, ``rename``, ``move``, ``merge``, ``split``, ``retire``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import click

from qualcode.cli._common import PATH, OutputFormat, finish, format_option, print_rows, say
from qualcode.cli._study import plural

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qualcode.codebook.editing import Edit

file_argument = click.argument("file", type=PATH, metavar="FILE")


def _edit_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what all changes of a codebook take."""
    options = (
        click.option("--because", required=True, metavar="TEXT", help="The reason, for the codebook's history."),
        click.option("--date", default="", metavar="DATE", help="The date for the history.  [default: today]"),
        click.option(
            "--study",
            "folder",
            type=PATH,
            metavar="DIR",
            help="The study whose codings go along.  [default: the one whose codebook FILE is, if any]",
        ),
        click.option("--yes", is_flag=True, help="Do it without asking."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--study", "folder", type=PATH, metavar="DIR", help="Count its codings, too.")
@format_option
def diff(old: Path, new: Path, folder: Path | None, output_format: OutputFormat) -> None:
    """Tell what changed from one version of a codebook to another.

    \b
    Examples:
      qualcode codebook diff old.yaml codebook.yaml
      qualcode codebook diff old.yaml codebook.yaml --study my-study --format csv
    """
    from qualcode.codebook import read_codebook
    from qualcode.codebook.comparing import compare_codebooks

    changes = compare_codebooks(read_codebook(old), read_codebook(new))
    rows: list[dict[str, Any]] = [
        {"change": one.kind, "code": one.path, "old": one.old, "new": one.new} for one in changes
    ]
    if folder is not None:
        counts = _count(folder, [one.code for one in changes])
        rows = [{**row, "codings": counts.get(one.code, 0)} for row, one in zip(rows, changes, strict=True)]
    if output_format == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif output_format == "csv":
        print_rows(rows)
    else:
        for row in rows:
            _print_change(row)
    say(f"{plural(len(rows), 'change')}.")


def _print_change(row: dict[str, Any]) -> None:
    n_codings = f" ({plural(row['codings'], 'coding')})" if "codings" in row else ""
    click.echo(f"{click.style(row['change'], bold=True)} {click.style(row['code'], fg='cyan')}{n_codings}")
    if row["old"]:
        click.echo(f"  - {row['old']}")
    if row["new"]:
        click.echo(f"  + {row['new']}")


def _count(folder: Path, codes: list[str]) -> dict[str, int]:
    from qualcode.study import open_study

    counts: dict[str, int] = {}
    for one in open_study(folder).count_touched(dict.fromkeys(codes))[0]:
        counts[one.code] = counts.get(one.code, 0) + one.n_codings
    return counts


@click.command()
@file_argument
@click.argument("code")
@click.argument("name")
@_edit_options
def rename(file: Path, code: str, name: str, **options: Any) -> None:
    """Give a code another name; its id stays, and with it every coding.

    \b
    Example:
      qualcode codebook rename codebook.yaml scheduling "Finding a date" --because "As our readers say it"
    """
    from qualcode.codebook.editing import rename_code

    _change(file, lambda text, **more: rename_code(text, code, name, **more), **options)


@click.command()
@file_argument
@click.argument("code")
@click.option("--under", required=True, metavar="CODE", help='The code above; "" for the top.')
@_edit_options
def move(file: Path, code: str, under: str, **options: Any) -> None:
    """Put a code, with all below it, under another one.

    \b
    Example:
      qualcode codebook move codebook.yaml friends --under channels --because "Friends are a channel"
    """
    from qualcode.codebook.editing import move_code

    _change(file, lambda text, **more: move_code(text, code, under, **more), **options)


@click.command()
@file_argument
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@click.option("--into", required=True, metavar="CODE", help="The code that takes the others in.")
@_edit_options
def merge(file: Path, codes: tuple[str, ...], into: str, **options: Any) -> None:
    """Let one code take in others, with their rules, examples and codings.

    \b
    Example:
      qualcode codebook merge codebook.yaml friends family --into personal-networks --because "Nobody tells them apart"
    """
    from qualcode.codebook.editing import merge_codes

    _change(file, lambda text, **more: merge_codes(text, codes, into, **more), **options)


@click.command()
@file_argument
@click.argument("code")
@click.option("--into", required=True, multiple=True, metavar="NAME", help="A new code, as Name or id=Name; repeat it.")
@click.option(
    "--place",
    type=click.Choice(["below", "beside"]),
    default="below",
    show_default=True,
    help="Where the new codes stand.",
)
@_edit_options
def split(file: Path, code: str, into: tuple[str, ...], place: Literal["below", "beside"], **options: Any) -> None:
    """Make new codes of one; its codings stay with it until a person shares them out.

    \b
    Example:
      qualcode codebook split codebook.yaml time --into "Time of day" --into hours=Hours --because "Two things"
    """
    from qualcode.codebook.editing import split_code

    _change(file, lambda text, **more: split_code(text, code, into, place=place, **more), **options)


@click.command()
@file_argument
@click.argument("code")
@_edit_options
def retire(file: Path, code: str, **options: Any) -> None:
    """Give a code no longer: its rules do not run any more, its codings stay and count.

    \b
    Example:
      qualcode codebook retire codebook.yaml prestige --because "One coding in twenty interviews"
    """
    from qualcode.codebook.editing import retire_code

    _change(file, lambda text, **more: retire_code(text, code, **more), **options)


def _change(file: Path, make: Callable[..., Edit], *, because: str, date: str, folder: Path | None, yes: bool) -> None:
    """Show what an edit will do, ask, and do it."""
    import datetime as dt

    from qualcode.codebook.editing import read_text, write_edit

    before = read_text(file)
    if folder is None and (file.resolve().parent / "study.yaml").is_file() and file.name == "codebook.yaml":
        folder = file.resolve().parent
    when = date or dt.datetime.now(dt.UTC).astimezone().date().isoformat()
    edit = make(before, because=because, when=when, name=file.name)
    _show(before, edit)
    problems = _show_codings(folder, file, edit) if folder is not None else []
    if not yes:
        click.confirm("Do it?", abort=True, err=True)
    if folder is None:
        write_edit(file, edit, before)
    else:
        from qualcode.study import open_study

        say(f"{plural(open_study(folder).apply_edit(edit, before), 'coding')} got another code.")
    say(edit.change)
    finish(problems)


def _show(before: str, edit: Edit) -> None:
    """Print the lines that change."""
    import difflib

    lines = difflib.unified_diff(before.splitlines(), edit.text.splitlines(), lineterm="", n=1)
    for line in list(lines)[2:]:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[0])
        click.echo(click.style(line, fg=colour) if colour else line)


def _show_codings(folder: Path, file: Path, edit: Edit) -> list[Any]:
    """Tell whose codings an edit touches; return what is wrong with their sheets."""
    from qualcode.errors import StudyError
    from qualcode.study import open_study

    study = open_study(folder)
    home = study.root / "codebook.yaml"
    if file.resolve() != home.resolve():
        raise StudyError("This is not the study's codebook.", where=str(file), hint=f"Name {home}")
    touched, problems = study.count_touched(edit.touched)
    for one in touched:
        goal = f" → {edit.mapping[one.code]}" if one.code in edit.mapping else ""
        to_do = ", to be shared out" if one.code in edit.undecided else ""
        where = plural(one.n_transcripts, "transcript")
        say(f"{one.coder}: {plural(one.n_codings, 'coding')} in {where} with {one.code}{goal}{to_do}")
    if not touched:
        say("No coding is touched.")
    return problems
