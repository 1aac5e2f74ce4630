"""``qualcode codebook diff``, and the commands that change a codebook, from ``add`` to ``retire``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from qualcode.cli._common import PATH, OutputFormat, finish, print_rows, say, table_options
from qualcode.cli._study import open_study
from qualcode.cli._terminal import clean, echo, echo_data
from qualcode.file_names import is_same_place
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from qualcode.codebook import Edit
    from qualcode.study import Study


class _Words(NamedTuple):
    """What was written behind a command: the codebook's file, if one was named, and the rest."""

    file: Path | None
    rest: tuple[str, ...]


def _words_argument(*names: str) -> Callable[..., Any]:
    """Add ``[FILE]`` and what a command needs beside it; the last name may stand for several, as in ``CODE...``."""

    def read(_context: click.Context, _argument: click.Parameter, words: tuple[str, ...]) -> _Words:
        file = Path(words[0]) if words and _is_file(words, len(names)) else None
        rest = words[1:] if file else words
        if len(rest) < len(names):
            behind = f" behind {file}" if file else ""
            raise click.UsageError(f"Missing {names[len(rest)].removesuffix('...')}{behind}.")
        if len(rest) > len(names) and not names[-1].endswith("..."):
            what = f"“{words[0]}” is not a file, and " if not file and len(rest) == len(names) + 1 else ""
            wanted = " ".join(names)
            raise click.UsageError(f"Too many words for {wanted}: {what}words that belong together need quotes.")
        return _Words(file, rest)

    return click.argument("words", nargs=-1, metavar=f"[FILE] {' '.join(names)}", callback=read)


def _is_file(words: tuple[str, ...], n_needed: int) -> bool:
    """Tell whether the first word names the codebook's file: by its ending, or as it is there and can be spared."""
    return words[0].lower().endswith((".yaml", ".yml")) or (len(words) > n_needed and Path(words[0]).is_file())


def _edit_options(because: str = "") -> Callable[..., Any]:
    """Add what all changes of a codebook take; without a default a reason must be given."""
    need: dict[str, Any] = {"default": because, "show_default": True} if because else {"required": True}
    options = (
        click.option("--because", metavar="TEXT", help="The reason, for the codebook's history.", **need),
        click.option("--date", default="", metavar="DATE", help="The date for the history.  [default: today]"),
        click.option(
            "--study",
            "folder",
            type=PATH,
            metavar="DIR",
            help="The study whose codebook and codings to change.  [default: the study of FILE; without FILE, the "
            "study you are in]",
        ),
        click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
    )

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--study", "folder", type=PATH, metavar="DIR", help="Count the codings of this study as well.")
@table_options
def diff(old: Path, new: Path, folder: Path | None, output_format: OutputFormat) -> None:
    """List what changed between two versions of a codebook.

    \b
    Examples:
      qualcode codebook diff old.yaml codebook.yaml
      qualcode codebook diff old.yaml codebook.yaml --study my-study --format csv
    """
    from qualcode.codebook import compare_codebooks, read_codebook

    changes = compare_codebooks(read_codebook(old), read_codebook(new))
    rows: list[dict[str, Any]] = [
        {"change": one.kind, "code": one.path, "old": one.old, "new": one.new} for one in changes
    ]
    if folder is not None:
        counts = _count(folder, [one.code for one in changes])
        rows = [{**row, "codings": counts.get(one.code, 0)} for row, one in zip(rows, changes, strict=True)]
    if output_format == "json":
        echo_data(json.dumps(rows, ensure_ascii=False, indent=2))
    elif output_format == "csv":
        print_rows(rows, ["change", "code", "old", "new", *(["codings"] if folder is not None else [])])
    else:
        for row in rows:
            _print_change(row)
    say(f"{plural(len(rows), 'change')}.")


def _print_change(row: dict[str, Any]) -> None:
    n_codings = f" ({plural(row['codings'], 'coding')})" if "codings" in row else ""
    click.echo(
        f"{click.style(clean(row['change']), bold=True)} {click.style(clean(row['code']), fg='cyan')}{n_codings}"
    )
    if row["old"]:
        echo(f"  - {clean(row['old'])}")
    if row["new"]:
        echo(f"  + {clean(row['new'])}")


def _count(folder: Path, codes: list[str]) -> dict[str, int]:

    counts: dict[str, int] = {}
    for one in open_study(folder).count_touched(dict.fromkeys(codes))[0]:
        counts[one.code] = counts.get(one.code, 0) + one.n_codings
    return counts


@click.command()
@_words_argument("NAME")
@click.option("--under", default="", metavar="CODE", help="The parent code.  [default: none; the code goes to the top]")
@click.option("--id", "code_id", default="", metavar="ID", help="Id of the code.  [default: made from the name]")
@click.option("--definition", default="", metavar="TEXT", help="What the code means.")
@_edit_options("Came up while coding.")
def add(words: _Words, under: str, code_id: str, definition: str, **options: Any) -> None:
    """Add a code, under another code or at the top.

    \b
    Examples:
      qualcode codebook add codebook.yaml "Friends abroad" --under channels
      qualcode codebook add --study my-study 朋友 --id friends --definition "Known from elsewhere"
    """
    from qualcode.codebook import add_code

    given = {"under": under, "code_id": code_id, "definition": definition}
    _change(words, lambda text, **more: add_code(text, words.rest[0], **given, **more), **options)


@click.command()
@_words_argument("CODE")
@click.option("--definition", metavar="TEXT", help="What the code means.")
@click.option(
    "--include", multiple=True, metavar="TEXT", help='What belongs to the code; may be repeated; "" removes all.'
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="TEXT",
    help='What does not belong to the code; may be repeated; "" removes all.',
)
@_edit_options("Clarified while coding.")
def edit(
    words: _Words, definition: str | None, include: tuple[str, ...], exclude: tuple[str, ...], **options: Any
) -> None:
    """Change a code's definition, or what it includes and excludes.

    \b
    Examples:
      qualcode codebook edit codebook.yaml scheduling --definition "It is hard to find a time."
      qualcode codebook edit scheduling --exclude lateness --exclude "too little time overall"
    """
    from qualcode.codebook import edit_code

    given: dict[str, Any] = {"definition": definition, "include": include or None, "exclude": exclude or None}
    _change(words, lambda text, **more: edit_code(text, words.rest[0], **given, **more), **options)


@click.command()
@_words_argument("CODE", "QUOTE")
@click.option("--miss", "kind", flag_value="miss", default="hit", help="An example that the rules must not find.")
@_edit_options("Found while coding.")
def example(words: _Words, kind: Literal["hit", "miss"], **options: Any) -> None:
    """Add a quote as an example of a code, for `codebook check` to test the rules with.

    Exit code 3 when the rules do not find it, or with --miss when they do; the example is added all the same.

    \b
    Example:
      qualcode codebook example codebook.yaml scheduling "We could never find a date."
    """
    from qualcode.codebook import add_example
    from qualcode.examples import check_examples

    code, quote = words.rest
    given: dict[str, Any] = {"kind": kind, "check": check_examples}
    _change(words, lambda text, **more: add_example(text, code, quote, **given, **more), **options)


@click.command()
@_words_argument("CODE", "NAME")
@_edit_options()
def rename(words: _Words, **options: Any) -> None:
    """Rename a code; its id and all its codings stay.

    \b
    Examples:
      qualcode codebook rename codebook.yaml scheduling "Finding a date" --because "Our readers' term"
      qualcode codebook rename --study my-study scheduling "Finding a date" --because "Our readers' term"
    """
    from qualcode.codebook import rename_code

    code, name = words.rest
    _change(words, lambda text, **more: rename_code(text, code, name, **more), **options)


@click.command()
@_words_argument("CODE")
@click.option("--under", required=True, metavar="CODE", help='The parent code; "" for the top.')
@_edit_options()
def move(words: _Words, under: str, **options: Any) -> None:
    """Move a code, with all codes below it, under another code.

    \b
    Example:
      qualcode codebook move codebook.yaml friends --under channels --because "Friends are a channel"
    """
    from qualcode.codebook import move_code

    _change(words, lambda text, **more: move_code(text, words.rest[0], under, **more), **options)


@click.command()
@_words_argument("CODE...")
@click.option("--into", required=True, metavar="CODE", help="The code into which the others are merged.")
@_edit_options()
def merge(words: _Words, into: str, **options: Any) -> None:
    """Merge codes into one, with their rules, examples and codings.

    \b
    Example:
      qualcode codebook merge codebook.yaml friends family --into personal-networks --because "Coders mix them up"
    """
    from qualcode.codebook import merge_codes

    _change(words, lambda text, **more: merge_codes(text, words.rest, into, **more), **options)


@click.command()
@_words_argument("CODE")
@click.option(
    "--into",
    required=True,
    multiple=True,
    metavar="NAME",
    help="A new code, as Name or id=Name; give it twice or more.",
)
@click.option(
    "--place",
    type=click.Choice(["below", "beside"]),
    default="below",
    show_default=True,
    help="Where to put the new codes.",
)
@_edit_options()
def split(words: _Words, into: tuple[str, ...], place: Literal["below", "beside"], **options: Any) -> None:
    """Split a code into new codes; its codings stay with it until a person reassigns them.

    \b
    Example:
      qualcode codebook split codebook.yaml time --into "Time of day" --into hours=Hours --because "Two things"
    """
    from qualcode.codebook import split_code

    _change(words, lambda text, **more: split_code(text, words.rest[0], into, place=place, **more), **options)


@click.command()
@_words_argument("CODE")
@_edit_options()
def retire(words: _Words, **options: Any) -> None:
    """Retire a code: its rules no longer run, its codings stay and count.

    \b
    Example:
      qualcode codebook retire codebook.yaml prestige --because "One coding in twenty interviews"
    """
    from qualcode.codebook import retire_code

    _change(words, lambda text, **more: retire_code(text, words.rest[0], **more), **options)


def _change(
    words: _Words, make: Callable[..., Edit], *, because: str, date: str, folder: Path | None, yes: bool
) -> None:
    """Show what an edit will do, ask, and do it."""
    import datetime as dt

    from qualcode.codebook import read_text, write_edit

    file, study = _find_codebook(words.file, folder)
    before = read_text(file) if file.exists() or not study else ""  # a study may begin with no code at all
    when = date or dt.datetime.now(dt.UTC).astimezone().date().isoformat()
    edit = make(before, because=because, when=when, name=file.name)
    _show(before, edit)
    problems = _show_codings(study, edit) if study else []
    if not yes:
        click.confirm("Continue?", abort=True, err=True)
    if study:
        n_codings = study.apply_edit(edit, before)
        if edit.mapping:
            say(f"{plural(n_codings, 'coding')} recoded.")
    else:
        write_edit(file, edit, before)
    say(clean(edit.change))
    finish([*(study.recovered if study else ()), *problems, *edit.problems])


def _find_codebook(file: Path | None, folder: Path | None) -> tuple[Path, Study | None]:
    """Return the codebook's file, and the study that it is of, if any."""
    from qualcode.errors import StudyError

    if file is None:
        study = open_study(_find_here() if folder is None else folder)
        return study.layout.codebook, study
    home = file.resolve().parent
    if folder is None:
        is_home = is_same_place(file, home / "codebook.yaml") and (home / "study.yaml").is_file()
        return file, open_study(home) if is_home else None
    study = open_study(folder)
    if not is_same_place(file, study.layout.codebook):
        hint = "Leave the file out to change the study's own codebook"
        raise StudyError("This is not the study's codebook.", where=str(file), hint=hint)
    return file, study


def _find_here() -> Path:
    """Return the folder of the study in which one stands, for a command that named no file."""
    from qualcode.errors import StudyError
    from qualcode.study import find_study

    try:
        return find_study()
    except StudyError as error:
        message = "Which codebook? This folder is not in a study."
        hint = "Give the codebook's file first, or a study with --study DIR"
        raise StudyError(message, where=error.where, hint=hint) from error


def _show(before: str, edit: Edit) -> None:
    """Print the lines that change."""
    import difflib

    lines = difflib.unified_diff(before.splitlines(), edit.text.splitlines(), lineterm="", n=1)
    for line in list(lines)[2:]:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[0])
        click.echo(click.style(clean(line), fg=colour) if colour else clean(line))


def _show_codings(study: Study, edit: Edit) -> list[Any]:
    """Tell whose codings an edit touches; return what is wrong with their sheets."""
    touched, problems = study.count_touched(edit.touched)
    for one in touched:
        goal = f" → {edit.mapping[one.code]}" if one.code in edit.mapping else ""
        to_do = ", to be reassigned" if one.code in edit.undecided else ""
        where = plural(one.n_transcripts, "transcript")
        say(f"{one.coder}: {plural(one.n_codings, 'coding')} in {where} with {one.code}{goal}{to_do}")
    if not touched:
        say("No coding changes.")
    return problems
