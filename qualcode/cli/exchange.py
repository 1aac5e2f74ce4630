"""``qualcode export``, ``import-codings`` and ``merge``: a study's work in and out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, finish, say
from qualcode.cli._study import coder_option, open_study, plural, study_option

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.errors import Problem


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
    from qualcode.study.exchanging import encode_codings, list_codings
    from qualcode.study.tabling import encode_table, list_segments

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
@coder_option
@click.argument("file", type=PATH, metavar="FILE")
@study_option
def import_codings(coder: str, file: Path, folder: Path | None) -> None:
    """Take back a table that was made with export --sheet and filled in elsewhere; all of it or nothing.

    \b
    Example:
      qualcode import-codings --coder ana ana.xlsx
    """
    from qualcode.study.tabling import import_codings as take

    try:
        data = file.read_bytes()
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error
    report = take(open_study(folder), coder, data, file.name)
    click.echo(f"{report.n_applied} applied, {report.n_removed} removed, {report.n_seen} seen for the first time")


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
    from qualcode.study.merging import merge_study

    report = merge_study(open_study(folder), other)
    click.echo(
        f"{plural(report.n_events, 'act')} on sheets, {plural(len(report.transcripts), 'transcript')}, "
        f"{plural(len(report.files), 'file')} brought in; {plural(len(report.conflicts), 'conflict')}"
    )
    finish(report.conflicts)
