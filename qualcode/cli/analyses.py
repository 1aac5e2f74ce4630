"""``qualcode find`` and the other analyses that start from the table of codings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import OutputFormat, finish, format_option, print_analysis
from qualcode.cli._inputs import counting_options, say_whose
from qualcode.cli._terminal import echo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.queries import Answer, Extent
    from qualcode.running import Analysis
    from qualcode.themes import Talk


def _read_pairs(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return what ``--where NAME=VALUE`` says."""
    pairs = [value.partition("=") for value in values]
    for name, sign, value in pairs:
        if not (name.strip() and sign and value.strip()):
            raise click.BadParameter(
                f"write an attribute and its value, such as role=teacher, not “{name}{sign}{value}”"
            )
    return {name.strip(): value.strip() for name, _, value in pairs}


@click.command()
@click.argument("query", metavar="QUESTION")
@counting_options
@click.option(
    "--in",
    "answer",
    type=click.Choice(["coding", "segment", "case"]),
    default="coding",
    show_default=True,
    help="What to find: coded passages, the segments that --unit counts, or cases.",
)
@click.option(
    "--show",
    type=click.Choice(["passages", "shared"]),
    default="passages",
    show_default=True,
    help="Whole passages, or only the text that all codes share.",
)
@click.option("--where", multiple=True, metavar="NAME=VALUE", callback=_read_pairs, help="Only cases like this.")
@click.option("--speaker", metavar="LABEL", help="Only passages that begin in turns of this speaker.")
@click.option(
    "--talk",
    type=click.Choice(["no", "yes", "only"]),
    default="no",
    show_default=True,
    help="Whether passages of interviewers count as well.",
)
@click.option("--skip-interviewer", is_flag=True, help="Count only turns of interviewees in distances.")
@click.option("--explain", "is_explained", is_flag=True, help="Say the question in a sentence and stop.")
@format_option
def find(
    analysis: Analysis,
    query: str,
    answer: Answer,
    show: Extent,
    where: Mapping[str, str],
    speaker: str | None,
    talk: Talk,
    output_format: OutputFormat,
    *,
    skip_interviewer: bool,
    is_explained: bool,
) -> None:
    """Find passages, segments or cases by a question to the codings.

    \b
    A QUESTION relates codes, by their ids, paths or names (in quotes when they have blanks):
      A touching B        they share a character; also: A and B
      A inside B          also: around, same place, overlapping, apart
      A near 2 turns B    in either order
      A then within 2 turns B
      A not B             also: A not inside B, A not near 2 turns B
      A or B              also: one of (A, B, C), at least 2 of (A, B, C)
    Parentheses group. A code has the passages of all codes below it.

    \b
    Examples:
      qualcode find "scheduling near 4 turns personnel-turnover" --study mystudy
      qualcode find "challenges not recognition" --in case --study mystudy --where role=teacher
    """
    from qualcode.queries import explain_query
    from qualcode.queries import find as find_in

    if is_explained:
        echo(explain_query(analysis.table, query, answer=answer))
        return
    found = find_in(
        analysis.table,
        query,
        answer=answer,
        show=show,
        where=where,
        speaker=speaker,
        with_interviewer=talk,
        count_turns="interviewee" if skip_interviewer else "all",
    )
    print_analysis(found, output_format)
    say_whose(analysis)
    finish([*analysis.problems, *found.problems])
