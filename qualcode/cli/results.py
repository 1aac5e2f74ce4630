"""``qualcode themes``, ``quotes`` and ``figure``: single results on standard output or in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import (
    PATH,
    OutputFormat,
    finish,
    format_option,
    print_frame,
    print_result,
    save_result,
    say,
    show_reading,
    table_options,
)
from qualcode.cli._inputs import counting_options, say_whose
from qualcode.figures import FIGURES, WIDTHS, Terms, draw, list_kinds

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.figures import Width
    from qualcode.running import Analysis

_KINDS = list_kinds("themes", which="all")
_FIGURE_HELP = f"""Draw a figure, and print the numbers it shows.

\b
KIND is one of:
{chr(10).join(f"  {kind:<{max(map(len, _KINDS))}}  {Terms().fill(FIGURES[kind].shows)}" for kind in _KINDS)}

\b
Example:
  qualcode figure themes transcripts_sample --codebook codebooks/industry_partnership.yaml --out themes.pdf
"""


@click.command()
@counting_options
@click.option("--by", metavar="ATTRIBUTE", help="Count per case ('case') or per attribute of the table of cases.")
@click.option("--level", type=click.IntRange(min=1), help="Deepest level of the codebook to show; 1 shows themes only.")
@table_options
def themes(
    analysis: Analysis,
    by: str | None,
    level: int | None,
    output_format: OutputFormat,
) -> None:
    """Count how often, and in how many cases, each theme comes up.

    \b
    Examples:
      qualcode themes transcripts_sample --codebook codebooks/industry_partnership.yaml
      qualcode themes transcripts_sample --codebook codebooks/industry_partnership.yaml --by role --format csv
      qualcode themes --study mystudy --coders ana
      qualcode themes codings.parquet
    """
    from qualcode.themes import count_by, count_themes

    if by is not None:
        print_frame(count_by(analysis.table, by, level=level), output_format)
    else:
        print_result(count_themes(analysis.table, level=level), output_format)
    if by is not None or output_format != "table":  # elsewhere the caption says so
        say_whose(analysis)
    show_reading(analysis.transcripts)
    finish(analysis.problems)


@click.command()
@counting_options
@click.option("--code", metavar="CODE", help="Path or id of a code; includes the codes below it.  [default: all codes]")
@click.option("--case", "case_id", metavar="CASE", help="Only quotes from this case.")
@click.option("--transcript", metavar="NAME", help="Only quotes from this transcript.")
@click.option(
    "--out",
    type=PATH,
    metavar="FILE",
    help="Write an appendix, with a column per level and the attributes of cases: .docx, .tex, .md or .xlsx.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@format_option
def quotes(
    analysis: Analysis,
    code: str | None,
    case_id: str | None,
    transcript: str | None,
    out: Path | None,
    output_format: OutputFormat,
    *,
    force: bool,
) -> None:
    """List the passages behind a count, each with the rule that found it.

    \b
    Example:
      qualcode quotes transcripts_sample --codebook codebooks/industry_partnership.yaml --code challenges/scheduling
    """
    from qualcode.themes import select_quotes

    if out is not None:
        from qualcode.appendices import list_quotes

        if case_id is not None or transcript is not None:
            raise click.UsageError("--case and --transcript have no meaning with --out.")
        save_result(list_quotes(analysis.table, code), out, "Quotes", force=force)
    frame = select_quotes(analysis.table, code, case=case_id, transcript=transcript)
    print_frame(frame, output_format, shown=["name", "case", "segment", "quote", "rule"])
    say(f"\n{len(frame)} quotes.")
    say_whose(analysis)
    finish(analysis.problems)


@click.command(help=_FIGURE_HELP)
@click.argument("kind", type=click.Choice(_KINDS))
@counting_options
@click.option(
    "--out",
    required=True,
    type=PATH,
    metavar="FILE",
    help="File to write: .svg, .pdf or .png; without an ending, all three.",
)
@click.option(
    "--width",
    type=click.Choice(list(WIDTHS)),
    default="two",
    show_default=True,
    help="Width in journal columns.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@format_option
def figure(
    analysis: Analysis,
    kind: str,
    out: Path,
    width: Width,
    output_format: OutputFormat,
    *,
    force: bool,
) -> None:
    """Draw one figure; its help is made from the table of figures."""
    from qualcode.running import save_chart

    chart = draw(kind, analysis.themes, width=width)
    for path in save_chart(chart, out, force=force):
        say(f"Written: {path}")
    print_frame(chart.data, output_format)
    say_whose(analysis)
    finish([*analysis.problems, *chart.problems])
