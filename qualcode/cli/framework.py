"""``qualcode chart``, ``framework`` and ``import-framework``: what cases say about codes, in people's own words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from qualcode.cli._common import PATH, OutputFormat, find_room, finish, format_option, print_analysis, print_frame, say
from qualcode.cli._inputs import counting_options, say_whose
from qualcode.cli._study import finish_study, open_study, study_option
from qualcode.cli._terminal import echo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from qualcode.framework import FrameworkMatrix
    from qualcode.running import Analysis
    from qualcode.tables import CodingTable

author_option = click.option(
    "--author", default="", metavar="NAME", help="Who writes.  [default: your user name on this computer]"
)


@click.command()
@click.argument("case")
@click.argument("code")
@click.argument("text", required=False)
@click.option("--quote", "quotes", multiple=True, metavar="TURN", help="A turn it points to, such as t030 or P1:t030.")
@click.option("--draft", "state", flag_value="draft", help="Not finished: it does not count as charted.")
@click.option("--nothing-said", "state", flag_value="nothing said", help="It was asked, and nothing was said.")
@click.option("--not-asked", "state", flag_value="not asked", help="It was not asked.")
@click.option("--unchanged", "state", flag_value="unchanged", help="What stands there still holds.")
@click.option("--open", "state", flag_value="open", help="Take away what stands there.")
@author_option
@study_option
def chart(
    case: str,
    code: str,
    text: str | None,
    quotes: tuple[str, ...],
    state: str | None,
    author: str,
    folder: Path | None,
) -> None:
    """Write what a case says about a code, in your own words: a cell of the framework.

    The summary is kept in the study, as framework/CASE.md, and so is what stood there before. If TEXT is -, it is read
    from standard input.

    \b
    Examples:
      qualcode chart P1 challenges/scheduling "Dates never fit; she has stopped asking." --quote t030
      qualcode chart P2 challenges/scheduling --not-asked
    """
    study = open_study(folder)
    text = sys.stdin.buffer.read().decode("utf-8-sig", "replace") if text == "-" else text or ""
    chosen: Any = state or "charted"
    replaces = None
    if chosen == "unchanged":
        stands = _find(study.summaries()[0], case, study.codebook.code(code).id)
        if stands is None or text:
            raise click.UsageError("--unchanged is for a cell that has a summary; leave out the text.")
        text, chosen, replaces = stands.text, stands.state, stands.digest
    written = study.chart(case, code, text, state=chosen, quotes=quotes or None, author=author, replaces=replaces)
    say(f"{case}, {code}: {written.state if written else 'open'}.")
    finish_study(study)


def _find(summaries: Any, case: str, code: str) -> Any:
    return next((one for one in summaries if (one.case, one.code) == (case, code)), None)


@click.command()
@counting_options
@click.option(
    "--level", type=click.IntRange(min=1), help="Level of the codes that make columns.  [default: the deepest]"
)
@click.option(
    "--show",
    type=click.Choice(["cells", "progress", "grid"]),
    default="cells",
    show_default=True,
    help="The cells that are not open, how many are in which state, or a mark for each.",
)
@click.option("--progress", "show", flag_value="progress", hidden=True)
@click.option("--drafts", is_flag=True, help="Put quotes into open cells, marked as drafts, which never count.")
@click.option("--out", type=PATH, metavar="FILE", help="Write it: .xlsx to fill in, .docx, .html or .csv.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@format_option
def framework(
    analysis: Analysis,
    level: int | None,
    show: Literal["cells", "progress", "grid"],
    out: Path | None,
    output_format: OutputFormat,
    *,
    drafts: bool,
    force: bool,
) -> None:
    """Show or write the framework matrix: cases by codes, with the summaries that people wrote.

    An .xlsx has a sheet per theme and one with the quotes, and comes back with import-framework. A cell is charted,
    a draft, “nothing said”, “not asked” or open, or its codings have changed since.

    \b
    Examples:
      qualcode framework --study mystudy --level 2 --out framework.xlsx
      qualcode framework --study mystudy --show progress
    """
    from qualcode.framework import STATES, make_framework

    summaries, problems = analysis.study.summaries() if analysis.study else ((), [])
    resting = _find_resting(analysis) if summaries else None
    chosen: Literal["none", "quotes"] = "quotes" if drafts else "none"
    matrix = make_framework(analysis.table, summaries, level=level, drafts=chosen, resting=resting)
    if out is not None:
        _write(matrix, out, force=force)
    if show == "cells":
        print_analysis(matrix, output_format)
    else:
        _print_marks(matrix, show, output_format)
        say(f"\n{matrix.sentence}")
        if show == "grid":
            say("; ".join(f"{mark} {state}" for state, mark in STATES.items()))
    say_whose(analysis)
    finish([*analysis.problems, *problems, *matrix.problems])


def _print_marks(matrix: FrameworkMatrix, show: Literal["progress", "grid"], output_format: OutputFormat) -> None:
    """Print progress or grid; for people, codes of the grid stand below one another, so that each name can be read."""
    if show == "progress" or output_format != "table":
        print_frame(matrix.progress if show == "progress" else matrix.grid, output_format)
        return
    tree = _draw_tree(matrix.grid.set_index("case").T)
    for number, cases in enumerate(_split_cases(tree)):
        echo("\n" * (number > 0), nl=False)
        print_frame(tree[["", *cases]], output_format)


def _draw_tree(marks: pd.DataFrame) -> pd.DataFrame:
    """Return marks of codes with the last part of each path, below and to the right of the codes above it."""
    rows: dict[str, list[str]] = {}
    for path, own in zip(marks.index.tolist(), marks.to_numpy().tolist(), strict=True):
        parts = path.split("/")
        for depth in range(1, len(parts)):
            rows.setdefault("/".join(parts[:depth]), [""] * len(own))
        rows[path] = own
    tree = marks.reindex(list(rows), fill_value="").rename_axis(columns=None).reset_index(drop=True)
    names = [f"{'  ' * path.count('/')}{path.rpartition('/')[2]}" for path in rows]
    tree.insert(0, "", names)  # no case has no name
    return tree


def _split_cases(tree: pd.DataFrame) -> Iterator[list[str]]:
    """Yield as many cases at a time as have room beside the codes, with their names whole."""
    from qualcode.cli._tables import GAP
    from qualcode.language import count_columns

    room = find_room()
    left = room - min(max(map(count_columns, tree[""]), default=0), room // 2)
    batch: list[str] = []
    width = 0
    for case in tree.columns[1:]:
        wanted = GAP + count_columns(case)
        if batch and width + wanted > left:
            yield batch
            batch, width = [], 0
        batch.append(case)
        width += wanted
    yield batch


def _find_resting(analysis: Analysis) -> CodingTable | None:
    """Return the codings on which summaries rest where the matrix shows those of other coders."""
    study = analysis.study
    if study is None or list(study.contents().coders) == analysis.options.get("coders"):
        return None
    return study.tabulate()


def _write(matrix: FrameworkMatrix, out: Path, *, force: bool) -> None:
    from qualcode.errors import OutputError
    from qualcode.reports import write_framework

    if out.exists() and not force:
        raise OutputError("The file exists already.", str(out), "Add --force to replace it")
    say(f"Written: {write_framework(matrix, out)}")


@click.command("import-framework")
@click.argument("file", type=PATH, metavar="FILE")
@click.option(
    "--replace", is_flag=True, help="Where a cell was changed in the study as well, take what the workbook says."
)
@author_option
@study_option
def import_framework(file: Path, author: str, folder: Path | None, *, replace: bool) -> None:
    """Take back a workbook of framework --out in which people wrote.

    What differs from what was written out becomes summaries. A cell that was changed in the study as well is a
    conflict: it stays, and is listed. A cell of a case or code that the study does not have stops all of it. Changed
    attributes are listed and not taken: they belong into cases.csv.

    \b
    Example:
      qualcode import-framework framework.xlsx --author ana
    """
    from qualcode.framework import import_framework as take_back

    study = open_study(folder)
    report = take_back(study, file, file.name, author=author, conflicts="replace" if replace else "keep")
    echo(
        f"{report.n_written} written, {report.n_cleared} opened again, {len(report.conflicts)} in conflict, "
        f"{report.n_same} as they were"
    )
    finish_study(study, [*report.problems, *report.conflicts])
