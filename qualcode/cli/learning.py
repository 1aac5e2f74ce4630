"""``qualcode missed``, ``doubtful``, ``recall`` and ``learned``: what a coder's own work tells about the rest of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import OutputFormat, print_frame, print_rows, say, table_options
from qualcode.cli._study import coder_option, finish_study, open_study, study_option
from qualcode.cli._terminal import clean, echo, echo_data
from qualcode.wording import shorten

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from qualcode.study import Learned

_SHOWN = ("transcript", "segment", "code", "p", "word", "words", "quote")

_LENGTH = 100
# Characters of a quote in a table for people; programs get all of it.

_code_option = click.option("--code", metavar="CODE", help="Path, id or name of a code.  [default: all codes given]")
_top_option = click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help="How many to list at most."
)


def _print_suggestions(learned: Learned, frame: pd.DataFrame, output_format: OutputFormat) -> None:
    told = learned.with_words(frame)
    if output_format != "table":
        print_frame(told, output_format)
    elif len(told):
        told["quote"] = told["quote"].map(_shorten)
        print_frame(told, output_format, shown=_SHOWN)
    else:
        say("Nothing to list.")


def _shorten(quote: str) -> str:
    return shorten(quote, _LENGTH)


@click.command()
@coder_option
@_code_option
@_top_option
@study_option
@table_options
def missed(coder: str, code: str | None, top: int, folder: Path | None, output_format: OutputFormat) -> None:
    """List segments that a coder read and left without a code that may have been missed there.

    Learned from that coder's own work alone; each transcript is judged by what the others teach. Look at each passage:
    it may have been missed, or left out for a good reason. Nothing is coded by this; to answer a suggestion, see
    'qualcode decide --suggested-by learned'.

    \b
    Examples:
      qualcode missed --coder ana
      qualcode missed --coder ana --code challenges/scheduling --top 50 --format csv
    """
    study = open_study(folder)
    learned = study.learn(coder)
    found = learned.missed(code, top=top)
    _print_suggestions(learned, found, output_format)
    if output_format == "table" and len(found):
        say("\nThese may have been missed; the p of a passage says how often such passages carry the code.")
    finish_study(study, learned.problems())


@click.command()
@coder_option
@_code_option
@_top_option
@study_option
@table_options
def doubtful(coder: str, code: str | None, top: int, folder: Path | None, output_format: OutputFormat) -> None:
    """List a coder's own codings, those first that are least like what carries the code elsewhere.

    Learned from that coder's own work alone. Many of these are right: a doubt is a reason to look, not to remove.

    \b
    Example:
      qualcode doubtful --coder ana --top 10
    """
    study = open_study(folder)
    learned = study.learn(coder)
    _print_suggestions(learned, learned.doubtful(code, top=top), output_format)
    finish_study(study, learned.problems())


@click.command()
@coder_option
@study_option
@table_options
def learned(coder: str, folder: Path | None, output_format: OutputFormat) -> None:
    """Show what suggestions rest on, per code: passages, how sure they are, and how the coder answered them.

    The last column shows how far people agree on the code, where several code; no suggestion can be better than that.

    \b
    Example:
      qualcode learned --coder ana
    """
    from qualcode.reviewing import tell_ceilings

    study = open_study(folder)
    found = study.learn(coder)
    frame, ceilings = tell_ceilings(study, found)
    if len(frame) or output_format != "table":
        print_frame(frame, output_format)
        say(f"\nLearned from {found.method}.")
    else:
        say(f"{coder} has not coded yet.")
    finish_study(study, [*found.problems(), *ceilings])


def _read_percent(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    try:
        return int(value.strip().removesuffix("%"))
    except ValueError as error:
        raise click.BadParameter("write a whole percentage such as 95%.") from error


@click.command()
@coder_option
@click.option("--code", metavar="CODE", required=True, help="Path, id or name of a code.")
@click.option(
    "--target",
    callback=_read_percent,
    metavar="PERCENT",
    help="Share of the passages that you want to have found.  [default: 95%, or that of the last check]",
)
@click.option("--draw", is_flag=True, help="Draw a check: all unread segments in random order.")
@click.option("--seed", type=int, help="With --draw: the same seed draws the same order.")
@study_option
@table_options
def recall(
    coder: str,
    code: str,
    target: int | None,
    seed: int | None,
    folder: Path | None,
    output_format: OutputFormat,
    *,
    draw: bool,
) -> None:
    """Show how much of what carries a code a coder has found, at least, and what it costs to know more.

    Draw a check, read its segments in the order of the draw, and look as often as you like: the bound holds at every
    look, with 95% confidence. It is about what this coder would code, not about what is true.

    \b
    Examples:
      qualcode recall --coder ana --code challenges/scheduling
      qualcode recall --coder ana --code challenges/scheduling --draw --seed 7
    """
    if draw != (seed is not None):
        raise click.UsageError("--draw and --seed go together.")
    study = open_study(folder)
    if seed is not None:
        study.draw_check(coder, code, target=95 if target is None else target, seed=seed)
    found = study.recall(coder, code, target=target)
    if output_format == "json":
        echo_data(json.dumps(found.record(), ensure_ascii=False, indent=2))
    elif output_format == "csv":
        print_rows([found.record()])
    else:
        echo(clean(str(found)))
    finish_study(study)
