"""``qualcode import-project`` and ``import-codebook``: the work of another program comes in."""

from __future__ import annotations

from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import click

from qualcode.cli._common import PATH, expand_files, format_option, say, table_options
from qualcode.cli._losses import tell_arrival, tell_losses, write_file
from qualcode.cli._study import open_study, study_option, telling_new_coders
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from qualcode.cli._common import OutputFormat
    from qualcode.exchange import Loss, Project
    from qualcode.study import Study


@click.command("import-project")
@click.argument("files", nargs=-1, required=True, type=PATH, callback=expand_files, metavar="FILE...")
@study_option
@click.option("--dry-run", is_flag=True, help="Only report what would come in and what would not; write nothing.")
@click.option(
    "--positions",
    metavar="WORDS",
    help="How a REFI-QDA project counts positions: codepoints, utf16 or bytes, with crlf=1, mark=counted, "
    "end=included or first=1 behind, and commas between.  [default: measured in the texts]",
)
@click.option(
    "--seen",
    type=click.Choice(["coded", "all"]),
    default="coded",
    show_default=True,
    help="What coders looked at, which no project tells: what they coded, or all of each transcript they coded in.",
)
@click.option("--coder", metavar="NAME", help="Coder of the codings for which the project names none.")
@click.option("--encoding", default="", metavar="NAME", help="Character encoding of texts that are not UTF-8.")
@table_options
def import_project(
    files: tuple[Path, ...],
    folder: Path | None,
    dry_run: bool,  # noqa: FBT001  # click passes flags by name
    positions: str | None,
    seen: Literal["coded", "all"],
    coder: str | None,
    encoding: str,
    output_format: OutputFormat,
) -> None:
    """Import projects of other programs: transcripts, codes, codings, coders, cases and memos.

    Reads REFI-QDA projects (.qdpx, or .qde beside its sources), which NVivo, MAXQDA, ATLAS.ti and others export. Also
    reads the files of QualCoder (its folder), Taguette (.sqlite3) and RQDA (.rqda). A folder without a study becomes
    one. Import a project again to take over what is new or was changed there; your own work stays. A report lists
    what does not come in, or comes in as something else. The study's history keeps it.

    \b
    Examples:
      qualcode import-project interviews.qdpx --study my-study --dry-run
      qualcode import-project interviews.qdpx --study my-study
      qualcode import-project project.qda --study my-study --format json
    """
    from qualcode.exchange import parse_reading, read_project

    reading = parse_reading(positions) if positions else None
    projects = [(file, read_project(file, reading=reading, encoding=encoding)) for file in files]
    _bring(projects, folder, output_format, dry_run=dry_run, coder=coder, seen=seen)


@click.command("import-codebook")
@click.argument("file", type=PATH, metavar="FILE")
@study_option
@click.option("--out", type=PATH, metavar="FILE", help="Instead: write the codes as a codebook of their own.")
@click.option("--force", is_flag=True, help="With --out: replace the file if it exists.")
@click.option(
    "--columns",
    default="",
    metavar="PART=HEAD,...",
    help="Which column of a table is what: name, path, parent, level, description, include, exclude, examples, colour.",
)
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook.  [default: the first]")
@click.option("--dry-run", is_flag=True, help="Only report what would come in and what would not; write nothing.")
@format_option
def import_codebook(
    file: Path,
    folder: Path | None,
    out: Path | None,
    force: bool,  # noqa: FBT001  # click passes flags by name
    columns: str,
    sheet: str | None,
    dry_run: bool,  # noqa: FBT001  # as above
    output_format: OutputFormat,
) -> None:
    """Import a codebook of another program: a .qdc file, or a table of codes (CSV, XLSX, ODS).

    Tables of ATLAS.ti, Taguette and MAXQDA are read as they are, others with --columns. The tree comes from paths
    (Barriers > Time), from names that begin with the name of another code (Barriers: Time), from a column with the
    parent code, from level numbers, or from indented columns.

    \b
    Examples:
      qualcode import-codebook codes.qdc --study my-study
      qualcode import-codebook codes.xlsx --columns name=Kod,description=Opis --out codebook.yaml
    """
    from qualcode.exchange import read_codebook_file

    project = read_codebook_file(file, columns=columns, sheet=sheet)
    if out is None:
        _bring([(file, project)], folder, output_format, dry_run=dry_run)
        return
    from qualcode.study import begin_study

    with TemporaryDirectory() as place, begin_study(place, keep=False) as study:
        report = study.import_project(project, name=file.name)
        data = study.layout.codebook.read_bytes()
    if not dry_run:
        write_file(data, out, force=force)
    say(f"{plural(report.n_codes, 'code')}: {out}")
    tell_losses(report.losses, output_format)


def _bring(
    projects: Sequence[tuple[Path, Project]],
    folder: Path | None,
    output_format: OutputFormat,
    *,
    dry_run: bool,
    coder: str | None = None,
    seen: Literal["coded", "all"] = "coded",
) -> None:
    """Bring projects into a study, each all of it or nothing, and tell what came of it."""
    losses: list[Loss] = []
    with _opening(folder, projects[0][1], is_kept=not dry_run) as study, telling_new_coders(study):
        for file, one in projects:
            report = study.import_project(
                one, coder=coder, seen=seen, name=file.name, mode="preview" if dry_run else "write"
            )
            losses += report.losses
            tell_arrival(report, seen, output_format)
    if dry_run:
        say("This was a dry run: nothing was written.")
    tell_losses(losses, output_format)


@contextmanager
def _opening(folder: Path | None, first: Project, *, is_kept: bool) -> Iterator[Study]:
    """Open the study, or begin one: for good, or where nobody sees it, when nothing is to be written."""
    from qualcode.study import begin_study

    if folder is None or (folder / "study.yaml").exists():
        yield open_study(folder)
    elif is_kept:
        with begin_study(folder, name=first.name) as study:
            yield study
    else:
        with TemporaryDirectory() as place, begin_study(place, name=first.name) as study:
            yield study
