"""``qualcode export``, ``import-codings`` and ``merge``: a study's work in and out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, finish, say
from qualcode.cli._study import open_study, plural, study_option

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.errors import Problem
    from qualcode.study import Study


@click.command()
@click.option("--to", "form", type=click.Choice(["csv", "jsonl", "sqlite"]), default="csv", show_default=True)
@click.option("--coders", metavar="NAMES", help="Whose codings, parted by commas.  [default: everybody's]")
@click.option("--sheet", "coder", metavar="CODER", help="Instead: this coder's table, one row per segment, to fill in.")
@click.option("--transcript", "names", multiple=True, metavar="NAME", help="With --sheet: only this one.")
@click.option("--out", type=PATH, metavar="FILE", help="File to write.  [default: standard output]")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@study_option
def export(
    form: str,
    coders: str | None,
    coder: str | None,
    names: tuple[str, ...],
    out: Path | None,
    folder: Path | None,
    *,
    force: bool,
) -> None:
    """Write codings as CSV, JSON lines or SQLite, one row per coding; or a coder's work for a spreadsheet.

    \b
    Examples:
      qualcode export --to sqlite --out codings.sqlite
      qualcode export --coders ana,ben > codings.csv
      qualcode export --sheet ana --out ana.xlsx
    """
    from qualcode.study.exports import encode_codings, list_codings
    from qualcode.study.round_trip import encode_table, list_segments

    study = open_study(folder)
    problems: list[Problem] = []
    if coder is not None:
        rows = list_segments(study, coder, transcript_ids=names)
        data = encode_table(rows, "xlsx" if out is not None and out.suffix.lower() == ".xlsx" else "csv")
    else:
        chosen = [name.strip() for name in coders.split(",")] if coders else None
        rows, problems = list_codings(study, coders=chosen)
        data = encode_codings(rows, form)
    _write(data, out, force=force)
    say(f"{plural(len(rows), 'row')}." if out is None else f"{plural(len(rows), 'row')}: {out}")
    finish(problems)


def _write(data: bytes, out: Path | None, *, force: bool) -> None:
    from qualcode.errors import OutputError
    from qualcode.study.files import replace_file

    if out is None:
        sys.stdout.buffer.write(data)
        return
    if out.exists() and not force:
        raise OutputError("There is a file of that name already.", where=str(out), hint="Say --force to replace it.")
    replace_file(out, data)


@click.command("import-codings")
@click.argument("file", type=PATH, metavar="FILE")
@click.option("--coder", metavar="NAME", help="Whose codings.  [default, for a Word document: each comment's author]")
@click.option(
    "--transcript", "name", metavar="NAME", help="Which transcript a Word document is.  [default: the file's name]"
)
@study_option
def import_codings(file: Path, coder: str | None, name: str | None, folder: Path | None) -> None:
    """Take back a table of export --sheet that was filled in, or the comments in a Word document that name codes.

    A table is taken in all of it or nothing. A comment in a Word document whose text is the name, the id or the path
    of a code becomes a coding of its author.

    \b
    Examples:
      qualcode import-codings ana.xlsx --coder ana
      qualcode import-codings P07.docx
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error
    if file.suffix.lower() == ".docx":
        _import_comments(open_study(folder), data, file, coder, name)
    elif coder is None:
        raise click.UsageError("Say whose table it is: --coder NAME.")
    else:
        _import_table(open_study(folder), data, file, coder)


def _import_table(study: Study, data: bytes, file: Path, coder: str) -> None:
    from qualcode.study.round_trip import import_codings as take

    report = take(study, coder, data, file.name)
    click.echo(
        f"{report.n_applied} applied, {report.n_removed} removed, {report.n_seen} seen for the first time"
        + (f", {plural(report.n_notes, 'note')}" if report.n_notes else "")
        + (f", {plural(report.n_memos, 'memo')} on segments without a code" if report.n_memos else "")
    )
    finish(report.problems)


def _import_comments(study: Study, data: bytes, file: Path, coder: str | None, name: str | None) -> None:
    from qualcode.study.word_comments import import_comments

    report = import_comments(study, data, file.name, coder=coder, transcript_id=name)
    for author, number in report.n_applied.items():
        click.echo(f"{author}: {number} applied")
    if not report.n_applied:
        click.echo("No comment names a code.")
    finish(report.problems)


@click.command()
@click.argument("other", type=PATH, metavar="OTHER_FOLDER")
@study_option
def merge(other: Path, folder: Path | None) -> None:
    """Bring in a colleague's copy of the study; that copy stays as it is.

    Sheets are united by what was done to them, not by file. Where two copies disagree, nothing is lost, and each
    conflict is named; the command then ends with 3.

    \b
    Example:
      qualcode merge ../study-of-ben
    """
    from qualcode.study.merge import merge_study

    report = merge_study(open_study(folder), other)
    click.echo(
        f"{plural(report.n_events, 'act')} on sheets, {plural(len(report.transcripts), 'transcript')}, "
        f"{plural(len(report.files), 'file')} brought in; {plural(len(report.conflicts), 'conflict')}"
    )
    finish(report.conflicts)
