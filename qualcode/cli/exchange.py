"""``qualcode export``, ``import-codings`` and ``merge``: a study's work in and out."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any, Literal

import click

from qualcode.cli._common import PATH, format_option, print_frame, save_result, say, table_options
from qualcode.cli._leaks import check_data, key_option
from qualcode.cli._losses import tell_arrival, tell_losses, write_file
from qualcode.cli._study import finish_study, open_study, study_option, telling_new_coders
from qualcode.cli._terminal import echo
from qualcode.wording import plural, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qualcode.cli._common import OutputFormat
    from qualcode.cli._leaks import KnownKey
    from qualcode.exchange import CodeNames, Recipient
    from qualcode.matrices import Percent, Rows, Values
    from qualcode.study import Study


_TABLES = ("csv", "jsonl", "sqlite")
_PROJECTS = ("qdpx", "qdc")
_DOCUMENTS = {"docx-comments": ".docx", "html-coded": ".html"}


@click.command()
@click.option("--to", "form", type=click.Choice([*_TABLES, *_PROJECTS, *_DOCUMENTS]), default="csv", show_default=True)
@click.option(
    "--coders", metavar="NAMES", help="Whose codings, separated by commas.  [default: all coders'; qdpx: people's]"
)
@click.option("--sheet", "coder", metavar="CODER", help="Write this coder's table instead, one row per segment.")
@click.option(
    "--transcript",
    "names",
    multiple=True,
    metavar="NAME",
    help="With --sheet, docx-comments, html-coded: only this transcript.",
)
@click.option(
    "--for",
    "recipient",
    type=click.Choice(["any", "nvivo", "atlasti", "maxqda", "qualcoder"]),
    default="any",
    show_default=True,
    help="Program that will read a project: some count an emoji as two characters.",
)
@click.option("--unique-names", is_flag=True, help="Put the code above before a name that several codes have.")
@click.option("--flat-codes", is_flag=True, help="Put all codes at the top, each with its whole path as its name.")
@click.option(
    "--matrix",
    type=click.Choice(["cases", "transcripts"]),
    help="Write cases, or transcripts, by codes, for R or SPSS.",
)
@click.option(
    "--values",
    type=click.Choice(["present", "segments", "words"]),
    default="present",
    show_default=True,
    help="With --matrix: 1 or 0, or how many segments or words carry the code.",
)
@click.option(
    "--percent", type=click.Choice(["row", "column"]), help="With --matrix: segments or words in percent of their sum."
)
@click.option("--level", type=click.IntRange(min=1), help="With --matrix: deepest level of codes.")
@click.option("--out", type=PATH, metavar="FILE", help="File to write.  [default: standard output]")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@key_option
@format_option
@study_option
def export(
    form: str,
    coders: str | None,
    coder: str | None,
    names: tuple[str, ...],
    recipient: Recipient,
    matrix: Rows | None,
    values: Values,
    percent: Percent | None,
    level: int | None,
    out: Path | None,
    known: KnownKey | None,
    folder: Path | None,
    output_format: OutputFormat,
    *,
    unique_names: bool,
    flat_codes: bool,
    force: bool,
) -> None:
    """Export the study for other programs: a project, a codebook, codings as a table, or a coder's table to fill in.

    qdpx is a REFI-QDA project, which NVivo, MAXQDA, ATLAS.ti, QualCoder and others read. qdc is its codebook alone.
    A report lists what the format cannot hold. With --format json it prints records. The study's history keeps it.
    docx-comments writes transcripts in Word with the codings as comments, and import-codings reads these back.
    html-coded writes pages for an appendix. One transcript goes into a file, several into a folder. csv, jsonl and
    sqlite hold one row per coding. --matrix writes one table of cases by codes, as CSV or .xlsx. The first column of a
    coder's table names the coder, for import-codings.

    \b
    Examples:
      qualcode export --to qdpx --for nvivo --out study.qdpx
      qualcode export --to qdc --out codes.qdc
      qualcode export --to docx-comments --transcript P07 --out P07.docx
      qualcode export --to sqlite --out codings.sqlite
      qualcode export --coders ana,ben > codings.csv
      qualcode export --sheet ana --out ana.xlsx
      qualcode export --matrix cases --values segments --out matrix.csv
    """
    is_odd = recipient != "any" or unique_names or flat_codes
    _refuse_mixtures(form, coder, names, is_for_projects=is_odd, wants_shares=bool(percent), values=values)
    study = open_study(folder)
    chosen = [name.strip() for name in coders.split(",")] if coders else None
    if matrix is not None:
        _write_matrix(
            study,
            chosen,
            out,
            output_format,
            rows=matrix,
            known=known,
            force=force,
            values=values,
            percent=percent or "none",
            level=level,
        )
        return
    if coder is None and form in _PROJECTS:
        code_names: CodeNames = "flat" if flat_codes else "unique" if unique_names else "tree"
        written = study.export_project(form, coders=chosen, recipient=recipient, names=code_names)  # type: ignore[arg-type]
        write_file(written.data, out, force=force)
        leaks = check_data({str(out or form): written.data}, known)
        tell_losses(written.losses, output_format, is_free=out is not None, leaks=leaks)
        return
    if coder is None and form in _DOCUMENTS:
        _write_documents(study, form, names, chosen, out, known, force=force)
        return
    if coder is not None:
        is_workbook = out is not None and out.suffix.lower() == ".xlsx"
        done = study.export_table(coder, "xlsx" if is_workbook else "csv", transcript_ids=names)
        if coder not in (coded := study.coders()):
            say(f"{coder} has not coded in this study yet. {suggest(coder, coded)}".rstrip())
    else:
        done = study.export(form, coders=chosen)  # type: ignore[arg-type]  # one of the choices
    write_file(_mark(done.data) if out is not None and form == "csv" else done.data, out, force=force)
    say(f"{plural(done.n_rows, 'row')}." if out is None else f"{plural(done.n_rows, 'row')}: {out}")
    finish_study(study, [*done.problems, *check_data({str(out or form): done.data}, known)])


def _mark(data: bytes) -> bytes:
    """Return a table with the mark without which Excel takes UTF-8 for the system's own encoding."""
    is_csv = not data.startswith((codecs.BOM_UTF8, b"PK"))  # a workbook is a zip
    return codecs.BOM_UTF8 + data if is_csv else data


def _refuse_mixtures(
    form: str, coder: str | None, names: tuple[str, ...], *, is_for_projects: bool, wants_shares: bool, values: Values
) -> None:
    """Refuse options that mean nothing together."""
    if names and coder is None and form not in _DOCUMENTS:
        raise click.UsageError("--transcript needs --sheet CODER, docx-comments or html-coded.")
    if form not in _PROJECTS and is_for_projects:
        raise click.UsageError("--for, --unique-names and --flat-codes need --to qdpx or qdc.")
    if wants_shares and values == "present":
        raise click.UsageError("--percent needs --values segments or words.")


def _write_matrix(
    study: Study,
    coders: Sequence[str] | None,
    out: Path | None,
    output_format: OutputFormat,
    *,
    rows: Rows,
    known: KnownKey | None,
    force: bool,
    **options: Any,
) -> None:
    """Write cases by codes: as CSV or a workbook, or print it."""
    from qualcode.matrices import make_matrix

    if options["percent"] != "none" and options["values"] == "present":
        raise click.UsageError("--percent needs --values segments or words.")
    table = study.tabulate(coders=coders)
    made = make_matrix(table, rows, **options)
    if out is None:
        print_frame(made.frame, "json" if output_format == "json" else "csv")
    elif out.suffix.lower() == ".csv":
        write_file(made.to_csv(), out, force=force)
    else:
        save_result(made, out, "Matrix", force=force)
    say(f"{made.sentence}{table.whose and f' {table.whose}'}")
    leaks = check_data({str(out or "matrix"): made.to_csv()}, known)
    finish_study(study, [*table.problems, *made.problems, *leaks])


def _write_documents(
    study: Study,
    form: str,
    names: Sequence[str],
    coders: Sequence[str] | None,
    out: Path | None,
    known: KnownKey | None,
    *,
    force: bool,
) -> None:
    """Write coded transcripts: one into a file or to standard output, several into a folder."""
    from qualcode.reports import write_coded_page, write_commented

    transcripts = [study.transcript(name) for name in names or study.transcript_ids()]
    codebook = study.codebook
    render = write_commented if form == "docx-comments" else write_coded_page
    is_one = len(transcripts) == 1 and (out is None or out.suffix.lower() == _DOCUMENTS[form])
    if out is None and not is_one:
        raise click.UsageError("Name a folder with --out, or one transcript with --transcript NAME.")
    contents: dict[str, bytes] = {}
    for one in transcripts:
        codings = study.codings_on(one.id, coders=coders)
        data = render(one, codings, codebook)
        path = out if is_one or out is None else out / f"{one.id}{_DOCUMENTS[form]}"
        write_file(data, path, force=force)
        say(f"{one.id}: {plural(len(codings), 'coding')}" + (f": {path}" if path else ""))
        contents[str(path or f"{one.id}{_DOCUMENTS[form]}")] = data
    finish_study(study, check_data(contents, known))


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
@click.option(
    "--columns",
    default="",
    metavar="PART=HEAD,...",
    help="Which column of another program's table is what: document, code, text, coder, note.",
)
@click.option("--sheet", metavar="NAME", help="Sheet of another program's workbook.  [default: the first]")
@click.option(
    "--seen",
    type=click.Choice(["coded", "all"]),
    default="coded",
    show_default=True,
    help="What coders looked at, as another program's table does not say it.",
)
@click.option("--dry-run", is_flag=True, help="With another program's table: only report what would come in.")
@table_options
@study_option
def import_codings(
    file: Path,
    coder: str | None,
    other_coder: str | None,
    name: str | None,
    columns: str,
    sheet: str | None,
    seen: Literal["coded", "all"],
    dry_run: bool,  # noqa: FBT001  # click passes flags by name
    output_format: OutputFormat,
    folder: Path | None,
) -> None:
    """Import codings from a table of export --sheet, from comments in a Word document, or from another program's table.

    If any row of a table of export --sheet is wrong, nothing is imported. It counts as the work of the coder it was
    exported for. A comment in a Word document whose text is the name, id or path of a code becomes a coding by its
    author. MAXQDA, ATLAS.ti, Dedoose, NVivo, Delve and Taguette export tables of coded segments. Their words are looked
    up in the transcripts, and a report lists the rows that found no place. For other tables, name the --columns.

    \b
    Examples:
      qualcode import-codings ana.xlsx
      qualcode import-codings P07.docx
      qualcode import-codings "coded segments.xlsx" --coder ana
      qualcode import-codings table.csv --columns document=Doc,code=Kod,text=Fragment --coder ana
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
    from qualcode.study import is_own_table

    with telling_new_coders(study):
        if is_document:
            _import_comments(study, data, file, other_coder or coder, name)
        elif not columns and is_own_table(data, file.name):
            _import_table(study, data, file, coder, other_coder)
        else:
            report = study.import_coded_table(
                data, file.name, coder=other_coder or coder, columns=columns, sheet=sheet, seen=seen,
                mode="preview" if dry_run else "write",
            )  # fmt: skip
            tell_arrival(report, seen, output_format)
            tell_losses(report.losses, output_format)


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
@click.argument("other", type=PATH, metavar="FOLDER_OR_FILE")
@study_option
def merge(other: Path, folder: Path | None) -> None:
    """Merge a colleague's copy of the study into yours, or what they coded in a pack; theirs stays as it is.

    Sheets are merged action by action, not file by file. Where two copies disagree, nothing is lost, each conflict is
    listed, and the exit code is 3.

    A file that was saved in a pack (qualcode assign --pack) comes in whole or not at all. It must have been coded on
    the texts and the codebook that the study has now.

    \b
    Examples:
      qualcode merge ../study-of-ben
      qualcode merge ben-coded.json
    """
    study = open_study(folder)
    if other.is_file():
        _merge_coded(study, other)
        return
    report = study.merge(other)
    echo(
        f"{plural(report.n_events, 'action')} on sheets, {plural(len(report.transcripts), 'transcript')}, "
        f"{plural(len(report.files), 'file')} brought in; {plural(len(report.conflicts), 'conflict')}"
    )
    finish_study(study, report.conflicts)


def _merge_coded(study: Study, file: Path) -> None:
    with telling_new_coders(study):
        report = study.merge_coded(file)
    echo(
        f"{report.coder}: {plural(report.n_added, 'coding')} added, {report.n_removed} removed, "
        f"{plural(report.n_notes, 'note')} written, {plural(report.n_read, 'segment')} read"
        + (f", {plural(report.n_codes, 'code')} new" if report.n_codes else "")
        + (f", {plural(report.n_memos, 'memo')} written" if report.n_memos else "")
    )
    finish_study(study)
