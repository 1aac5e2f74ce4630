"""``qualcode themes``, ``quotes`` and ``figure``: single results on standard output or in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, OutputFormat, finish, format_option, print_frame, print_result, say, show_reading
from qualcode.cli._inputs import counting_options, say_whose

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.figures import Width
    from qualcode.running import Analysis


@click.command()
@counting_options
@click.option("--by", metavar="ATTRIBUTE", help="Count per case ('case') or per attribute of the table of cases.")
@click.option("--level", type=click.IntRange(min=1), help="Deepest level of the codebook to show; 1 shows themes only.")
@format_option
def themes(
    analysis: Analysis,
    by: str | None,
    level: int | None,
    output_format: OutputFormat,
) -> None:
    """Print how often, and by how many cases, each theme is spoken of.

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
@click.option("--code", metavar="CODE", help="Path or id of a code; with what lies below it.  [default: all codes]")
@click.option("--case", "case_id", metavar="CASE", help="Only the quotes of one case.")
@click.option("--transcript", metavar="NAME", help="Only the quotes of one transcript.")
@format_option
def quotes(
    analysis: Analysis,
    code: str | None,
    case_id: str | None,
    transcript: str | None,
    output_format: OutputFormat,
) -> None:
    """Print the passages behind a count, each with the rule that found it.

    \b
    Example:
      qualcode quotes transcripts_sample --codebook codebooks/industry_partnership.yaml --code challenges/scheduling
    """
    from qualcode.themes import select_quotes

    frame = select_quotes(analysis.table, code, case=case_id, transcript=transcript)
    print_frame(frame, output_format, shown=["name", "case", "segment", "quote", "rule"])
    say(f"\n{len(frame)} quotes.")
    say_whose(analysis)
    finish(analysis.problems)


@click.command()
@click.argument("kind", type=click.Choice(["themes", "cases", "codelines", "cooccurrence"]))
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
    type=click.Choice(["one", "two"]),
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
    """Draw one figure, and print the numbers that it shows.

    KIND is one of: themes (bars), cases (code by case), codelines (where in each interview), cooccurrence.

    \b
    Example:
      qualcode figure themes transcripts_sample --codebook codebooks/industry_partnership.yaml --out themes.pdf
    """
    from qualcode.running import draw_charts, save_chart

    chart = draw_charts(analysis.themes, kinds=[kind], width=width)[kind]
    for path in save_chart(chart, out, force=force):
        say(f"Written: {path}")
    print_frame(chart.data, output_format)
    say_whose(analysis)
    finish(analysis.problems)
