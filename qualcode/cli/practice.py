"""``qualcode practice``: a study to learn coding on, and the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qualcode.cli._common import PATH, Branching, print_analysis, print_frame, say, table_options
from qualcode.cli._inputs import coders_option
from qualcode.cli._study import study_option
from qualcode.cli._terminal import echo
from qualcode.wording import plural, shorten, typed

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from qualcode.cli._common import OutputFormat

_QUOTE = 200


@click.command("score")
@study_option
@click.option("--coder", default="", metavar="NAME", help="The learner.  [default: who alone has coded]")
@click.option("--missed", "only", is_flag=True, help="Print the passages that differ, as a table, instead of scores.")
@table_options
def score(folder: Path | None, coder: str, only: bool, output_format: OutputFormat) -> None:  # noqa: FBT001  # by name
    """Show how near a learner came to the key, per code, and the passages that differ.

    Each passage comes with what the codebook says about the code. Only segments that the learner read are compared.

    \b
    Examples:
      qualcode practice score --study practice
      qualcode practice score --study practice --missed --format csv
    """
    from qualcode.practising import score_practice
    from qualcode.study import find_study

    found = score_practice(folder if folder is not None else find_study(), coder)
    if only:
        print_frame(found.differences, output_format)
        return
    print_analysis(found, output_format)
    if output_format == "table":
        _print_differences(found.differences)


def _print_differences(frame: pd.DataFrame) -> None:
    for row in frame.to_dict("records"):
        echo(f"\n{row['what']}: {row['name']}  {row['transcript']}:{row['segment']}")
        echo(f"  “{shorten(str(row['text']), _QUOTE)}”")
        if row["reason"]:
            echo(f"  {row['reason']}")


@click.command(cls=Branching, branches={"score": score})
@click.argument("new", type=PATH, metavar="DIR")
@study_option
@coders_option
@click.option("--transcript", "transcripts", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
def practice(new: Path, folder: Path | None, **options: Any) -> None:
    """Make a study to practise on: a copy with the consensus hidden, which a learner codes.

    The copy holds transcripts, codebook and cases, and no codings, memos or history. The codings that count in the
    study are its key, in a packed file, which anyone who wants to can read. `practice score` compares.

    \b
    Examples:
      qualcode practice training --study mystudy
      qualcode practice training --study mystudy --coders ana --transcript P1
      qualcode review --study training --coder mei
      qualcode practice score --study training
    """
    from qualcode.practising import make_practice
    from qualcode.study import find_study

    made = make_practice(folder if folder is not None else find_study(), new, **options)
    count = plural(len(made.transcript_ids()), "transcript")
    say(f"Made: {new} ({count}). Next: qualcode review --study {typed(new)} --coder NAME")
    made.close()
