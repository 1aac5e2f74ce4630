"""``qualcode display`` and ``trail``: numbers beside words, and what was done to a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, OutputFormat, finish, format_option, print_analysis, save_result, say
from qualcode.cli._inputs import counting_options, say_whose
from qualcode.cli._losses import write_file
from qualcode.cli._study import finish_study, open_study, study_option

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.audit import Only
    from qualcode.running import Analysis

out_option = click.option(
    "--out", type=PATH, metavar="FILE", help="Write the table to a file: .docx, .tex, .md or .xlsx."
)
force_option = click.option("--force", is_flag=True, help="Replace the file if it exists.")


@click.command()
@counting_options
@click.option("--by", required=True, metavar="COLUMN", help="A column of the table of cases that makes the rows.")
@click.option("--bands", type=click.IntRange(min=2), help="Make so many bands of the number in the column.")
@click.option("--number", metavar="COLUMN", help="Another column, whose mean and median to show.")
@click.option("--level", type=click.IntRange(min=1), default=1, show_default=True, help="Level of the codes.")
@out_option
@force_option
@format_option
def display(
    analysis: Analysis,
    by: str,
    bands: int | None,
    number: str | None,
    level: int,
    out: Path | None,
    output_format: OutputFormat,
    *,
    force: bool,
) -> None:
    """Lay groups of cases, or bands of a number, beside what they say: a joint display of mixed methods.

    Rows have n, mean and median, the cases that speak of each code, a quote (one that people chose, if there is any),
    and a column for what follows: that is for you to write.

    \b
    Examples:
      qualcode display --study mystudy --by role
      qualcode display --study mystudy --by score --bands 3 --out display.docx
    """
    from qualcode.joint_display import make_display

    found = make_display(analysis.table, by, bands=bands, number=number, level=level, picks=analysis.picks)
    if out is not None:
        save_result(found, out, "Joint display", force=force)
    print_analysis(found, output_format)
    say_whose(analysis)
    finish([*analysis.problems, *found.problems])


@click.command()
@click.option("--since", default="", metavar="DAY", help="Only what was done on or after this day, such as 2026-03-31.")
@click.option(
    "--only",
    type=click.Choice(["all", "decisions", "codebook", "memos"]),
    default="all",
    show_default=True,
    help="Decisions on suggestions and differences, changes of the codebook, or memos.",
)
@click.option("--out", type=PATH, metavar="FILE", help="Write it to a file: .docx, .csv, .xlsx, .md or .tex.")
@force_option
@format_option
@study_option
def trail(
    since: str, only: Only, out: Path | None, output_format: OutputFormat, folder: Path | None, *, force: bool
) -> None:
    """Write the audit trail: who did what, when and why, with what stood there before and after.

    Changes of the codebook stand there code by code, with the codings that went along. Private memos are left out.

    \b
    Examples:
      qualcode trail --study mystudy --out trail.docx
      qualcode trail --study mystudy --only codebook --since 2026-03-01
    """
    from qualcode.audit import list_trail

    study = open_study(folder)
    found = list_trail(study, since=since, only=only)
    if out is not None and out.suffix.lower() == ".csv":
        write_file(found.to_csv(), out, force=force)
        say(f"Written: {out}")
    elif out is not None:
        save_result(found, out, "Audit trail", force=force)
    print_analysis(found, output_format)
    finish_study(study, found.problems)
