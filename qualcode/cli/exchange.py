"""``qualcode export``, ``import-codings`` and ``merge``: a study's work in and out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, say
from qualcode.cli._study import finish_study, open_study, study_option, telling_new_coders
from qualcode.cli._terminal import echo
from qualcode.wording import plural, suggest

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Study


@click.command()
@click.option("--to", "form", type=click.Choice(["csv", "jsonl", "sqlite"]), default="csv", show_default=True)
@click.option("--coders", metavar="NAMES", help="Whose codings, separated by commas.  [default: all coders']")
@click.option(
    "--sheet", "coder", metavar="CODER", help="Write this coder's table instead, one row per segment, to fill in."
)
@click.option("--transcript", "names", multiple=True, metavar="NAME", help="With --sheet: only this transcript.")
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
    """Export codings as CSV, JSON lines or SQLite, one row per coding; or a coder's table for a spreadsheet.

    The first column of a coder's table names the coder, for import-codings.

    \b
    Examples:
      qualcode export --to sqlite --out codings.sqlite
      qualcode export --coders ana,ben > codings.csv
      qualcode export --sheet ana --out ana.xlsx
    """
    if names and coder is None:
        raise click.UsageError("--transcript needs --sheet CODER.")
    study = open_study(folder)
    if coder is not None:
        is_workbook = out is not None and out.suffix.lower() == ".xlsx"
        done = study.export_table(coder, "xlsx" if is_workbook else "csv", transcript_ids=names)
        if coder not in (known := study.coders()):
            say(f"{coder} has not coded in this study yet. {suggest(coder, known)}".rstrip())
    else:
        chosen = [name.strip() for name in coders.split(",")] if coders else None
        done = study.export(form, coders=chosen)  # type: ignore[arg-type]  # one of the choices
    _write(done.data, out, force=force)
    say(f"{plural(done.n_rows, 'row')}." if out is None else f"{plural(done.n_rows, 'row')}: {out}")
    finish_study(study, done.problems)


def _write(data: bytes, out: Path | None, *, force: bool) -> None:
    from qualcode.errors import OutputError
    from qualcode.outputs import save

    if out is None:
        sys.stdout.buffer.write(data)
        return
    if out.exists() and not force:
        raise OutputError("The file exists.", where=str(out), hint="Choose another --out, or add --force")
    save(out, data)


@click.command("import-codings")
@click.argument("file", type=PATH, metavar="FILE")
@click.option(
    "--coder",
    metavar="NAME",
    help="Whose codings they are.  [default: the coder named in the table; in a Word document, each comment's author]",
)
@click.option("--as", "other_coder", metavar="NAME", help="Import as this coder's, whoever the table was exported for.")
@click.option(
    "--transcript", "name", metavar="NAME", help="Which transcript a Word document is.  [default: the file's name]"
)
@study_option
def import_codings(
    file: Path, coder: str | None, other_coder: str | None, name: str | None, folder: Path | None
) -> None:
    """Import codings from a table of export --sheet, or from comments in a Word document that name codes.

    If any row is wrong, nothing is imported. A table counts as the work of the coder it was exported for. A
    comment in a Word document whose text is the name, id or path of a code becomes a coding by its author.

    \b
    Examples:
      qualcode import-codings ana.xlsx
      qualcode import-codings P07.docx
    """
    if coder and other_coder and coder != other_coder:
        raise click.UsageError("--coder and --as name different coders.")
    is_document = file.suffix.lower() == ".docx"
    if name and not is_document:
        raise click.UsageError("--transcript is for a Word document; a table names its transcripts.")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error
    study = open_study(folder)
    with telling_new_coders(study):
        if is_document:
            _import_comments(study, data, file, other_coder or coder, name)
        else:
            _import_table(study, data, file, coder, other_coder)


def _import_table(study: Study, data: bytes, file: Path, coder: str | None, other_coder: str | None) -> None:
    report = study.import_table(other_coder or coder, data, file.name, whose="any" if other_coder else "told")
    echo(
        f"{report.n_applied} applied, {report.n_removed} removed, {report.n_seen} newly read"
        + (f", {plural(report.n_notes, 'note')}" if report.n_notes else "")
        + (f", {plural(report.n_memos, 'memo')} on segments without a code" if report.n_memos else "")
    )
    if coder is None and other_coder is None:
        say(f"Imported as {report.coder}'s.")
    finish_study(study, report.problems)


def _import_comments(study: Study, data: bytes, file: Path, coder: str | None, name: str | None) -> None:
    report = study.import_comments(data, file.name, coder=coder, transcript_id=name)
    for author, number in report.n_applied.items():
        echo(f"{author}: {number} applied")
    if not report.n_applied:
        echo("No comment names a code.")
    finish_study(study, report.problems)


@click.command()
@click.argument("other", type=PATH, metavar="OTHER_FOLDER")
@study_option
def merge(other: Path, folder: Path | None) -> None:
    """Merge a colleague's copy of the study into yours; their copy stays as it is.

    Sheets are merged action by action, not file by file. Where two copies disagree, nothing is lost, each conflict is
    listed, and the exit code is 3.

    \b
    Example:
      qualcode merge ../study-of-ben
    """
    study = open_study(folder)
    report = study.merge(other)
    echo(
        f"{plural(report.n_events, 'action')} on sheets, {plural(len(report.transcripts), 'transcript')}, "
        f"{plural(len(report.files), 'file')} brought in; {plural(len(report.conflicts), 'conflict')}"
    )
    finish_study(study, report.conflicts)
