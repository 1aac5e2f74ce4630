"""``qualcode verify`` and ``archive``: what leaves, counted again, and packed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qualcode.cli._common import FINDINGS, PATH, finish, print_frame, say, table_options
from qualcode.cli._inputs import coders_option
from qualcode.cli._leaks import check_written, key_option
from qualcode.cli._progress import showing_progress
from qualcode.cli._terminal import echo
from qualcode.wording import join, plural, typed

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.cli._common import OutputFormat
    from qualcode.cli._leaks import KnownKey


@click.command()
@click.argument("folder", type=PATH, metavar="FOLDER")
@click.option(
    "--study",
    type=PATH,
    metavar="DIR",
    help="The study of the report, or an archive of it.  [default: the archive itself, or the study you are in]",
)
@click.option(
    "--from",
    "transcripts",
    type=PATH,
    multiple=True,
    metavar="TRANSCRIPTS",
    help="Of results of qualcode run: a transcript or a folder of them; may be repeated.",
)
@click.option("--codebook", type=PATH, metavar="FILE", help="Of results of qualcode run: the codebook.")
@click.option(
    "--cases",
    type=PATH,
    metavar="FILE",
    help="Of results of qualcode run: the table of cases.  [default: cases.csv among the transcripts, if there is one]",
)
@click.option("--speakers", type=PATH, metavar="FILE", help="Of results of qualcode run: the table of speakers.")
@click.option(
    "--template",
    type=PATH,
    metavar="FILE.docx",
    help="The Word document that the report was made with, to compare its look as well.",
)
@table_options
def verify(
    folder: Path,
    study: Path | None,
    transcripts: tuple[Path, ...],
    codebook: Path | None,
    cases: Path | None,
    speakers: Path | None,
    template: Path | None,
    output_format: OutputFormat,
) -> None:
    """Count every number of a report again from the codings, and print what differs.

    FOLDER is the folder of a report, or an archive: its folder or zip file. Results of qualcode run are counted again
    from the files that were given to it. Reads every table, figure and sentence of every file. Prints each difference
    as file, number, stated and recounted. Nothing is written, and nothing in the folder is run.

    Exit code 0: every number follows. 3: something differs. 1: it cannot be checked.

    \b
    Examples:
      qualcode verify results --study mystudy
      qualcode verify results --from transcripts_sample --codebook codebooks/industry_partnership.yaml
      qualcode verify mystudy-archive.zip
    """
    from qualcode.deposit import verify as verify_all

    with showing_progress() as progress:
        found = verify_all(
            folder,
            study,
            transcripts=transcripts,
            codebook=codebook,
            cases=cases,
            speakers=speakers,
            template=template,
            progress=progress,
        )
    is_same = found.frame.empty
    if not is_same or output_format != "table":
        print_frame(found.frame, output_format)
    (echo if output_format == "table" and is_same else say)(found.sentence)
    finish(found.problems)
    if not is_same:
        click.get_current_context().exit(FINDINGS)


@click.command()
@click.argument("study", type=PATH, metavar="STUDY")
@click.option("--out", required=True, type=PATH, metavar="FOLDER|FILE.zip", help="Where to write the archive.")
@click.option("--title", default="", help="Title of the deposit.  [default: the study's name]")
@click.option("--creator", "creators", multiple=True, metavar="NAME", help="Family name, given name; once for each.")
@click.option("--licence", default="", metavar="TEXT", help="The licence, or its address.")
@click.option("--access", default="", metavar="TEXT", help="Who may have the data, and how to ask for them.")
@click.option("--description", default="", metavar="TEXT", help="What the study is about.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["raw", "logs"]),
    help="Leave out the original files, or the logs of what each coder did and undid.",
)
@click.option("--aggregate", is_flag=True, help="Pack only the codebook and the counts, without any words of anybody.")
@coders_option
@key_option
@click.option("--force", is_flag=True, help="Replace the file, or files of the same names in the folder.")
def archive(study: Path, out: Path, *, known: KnownKey | None, aggregate: bool, **options: Any) -> None:
    """Pack a study for a repository: readable without a program, and checked with one command.

    The archive holds transcripts, codebook, codings, cases, memos, history, report, a project for other programs,
    metadata and checksums. Private memos stay out, and the README lists what was withheld. Read it before you give it
    away. With a key of names, the archive is looked through for them; if any is there, the exit code is 3.

    \b
    Examples:
      qualcode archive mystudy --out mystudy-archive.zip --licence https://creativecommons.org/licenses/by/4.0/
      qualcode archive mystudy --out deposit --without raw --creator "Chan, Mei"
      qualcode archive mystudy --out counts.zip --aggregate
    """
    from qualcode.deposit import archive as pack

    with showing_progress() as progress:
        packed = pack(study, out, detail="aggregate" if aggregate else "full", progress=progress, **options)
    say(f"Packed: {packed.path} ({plural(packed.n_files, 'file')}).")
    for one in packed.withheld:
        say(f"  withheld: {one}")
    if packed.open:
        say(f"Still to be filled in: {join(packed.open)}. Give them as options, then pack again.")
    say(f"Check it: qualcode verify {typed(packed.path)}")
    finish([*packed.problems, *check_written([out], known)])
