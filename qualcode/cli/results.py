"""``qualcode themes``, ``quotes`` and ``figure``: single results on standard output or in one file."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

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
from qualcode.cli._progress import showing_progress
from qualcode.cli._study import finish_study, open_study
from qualcode.figures import FIGURES, WIDTHS, Terms, draw, list_kinds
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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


def _or_choose(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command choose quotes in the place of listing them, for which nothing needs to be counted."""

    @wraps(command)
    def choose_first(
        *, pick: tuple[str, ...], unpick: tuple[str, ...], coder: str | None, span: str, **options: Any
    ) -> None:
        if pick or unpick:
            _choose_quotes(options, pick, unpick, coder, span)
        elif coder is not None or span:
            raise click.UsageError("--coder and --span have a meaning only with --pick and --unpick.")
        else:
            command(**options)

    return choose_first


def _choose_quotes(
    options: Mapping[str, Any], pick: Sequence[str], unpick: Sequence[str], coder: str | None, span: str
) -> None:
    """Choose quotes of a study, or choose them no more."""
    from qualcode.study import parse_span

    if coder is None or options["code"] is None or options["inputs"]:
        raise click.UsageError("To choose quotes, give --coder and --code, and no transcripts: codings are in a study.")
    study = open_study(options["study"])
    place = parse_span(span)
    for addresses, choose in ((pick, study.pick), (unpick, study.unpick)):
        for address in addresses:
            what = "Chosen" if choose == study.pick else "No longer chosen"
            is_new = choose(coder, address, options["code"], span=place)
            say(f"{what}: {address}." if is_new else f"It is already so: {address}.")
    finish_study(study)


@click.command()
@click.option("--pick", multiple=True, metavar="SEGMENT", help="With a study: choose your coding there as a quote.")
@click.option("--unpick", multiple=True, metavar="SEGMENT", help="Choose it no longer.")
@click.option("--coder", metavar="NAME", help="With --pick: whose coding.")
@click.option(
    "--span", default="", metavar="START:END", help="With --pick: the passage, where the code is twice there."
)
@_or_choose
@counting_options
@click.option(
    "--code", metavar="CODE", help="Path, id or name of a code; includes the codes below it.  [default: all codes]"
)
@click.option("--case", "case_id", metavar="CASE", help="Only quotes from this case.")
@click.option("--transcript", metavar="NAME", help="Only quotes from this transcript.")
@click.option(
    "--out",
    type=PATH,
    metavar="FILE",
    help="Write an appendix, with a column per level and the attributes of cases: .docx, .tex, .md or .xlsx.",
)
@click.option("--picked", "is_picked", is_flag=True, help="Only quotes that coders chose, and who speaks how often.")
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
    is_picked: bool,
    force: bool,
) -> None:
    """List the passages behind a count, each with the rule that found it, or choose quotes for reports.

    Quotes that coders chose come first in every report. Choosing is logged, and `qualcode undo` takes it back.

    \b
    Examples:
      qualcode quotes transcripts_sample --codebook codebooks/industry_partnership.yaml --code challenges/scheduling
      qualcode quotes --study mystudy --coder ana --code scheduling --pick P1:t030
      qualcode quotes --study mystudy --picked
    """
    from qualcode.quoting import keep_picked, pick_first, say_voices
    from qualcode.themes import list_quotes

    problems = [*analysis.problems]
    if out is not None:
        from qualcode import appendices

        if case_id is not None or transcript is not None or is_picked:
            raise click.UsageError("--case, --transcript and --picked have no meaning with --out.")
        listed = appendices.list_quotes(analysis.table, code, picks=analysis.picks)
        save_result(listed, out, "Quotes", force=force)
        problems += listed.problems
    found = list_quotes(analysis.table, code, case=case_id, transcript=transcript)
    found = pick_first(found, analysis.codebook, analysis.picks)
    if is_picked:
        found = keep_picked(found)
    print_frame(found, output_format, shown=["name", "case", "segment", "quote", "rule"])
    say(f"\n{plural(len(found), 'quote')}. {say_voices(found.texts('case')) if is_picked else ''}".rstrip())
    say_whose(analysis)
    finish(problems)


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

    with showing_progress("Drawing"):
        chart = draw(kind, analysis.themes, width=width)
        paths = save_chart(chart, out, force=force)
    for path in paths:
        say(f"Written: {path}")
    print_frame(chart.data, output_format)
    say_whose(analysis)
    finish([*analysis.problems, *chart.problems])
