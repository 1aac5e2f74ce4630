"""``qualcode transcript``: transcripts get other names, or are removed for good."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # click reads the annotation
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import Group, say
from qualcode.cli._study import finish_study, open_study, study_option, why_option
from qualcode.cli._terminal import echo
from qualcode.wording import plural

if TYPE_CHECKING:
    from qualcode.study import RemovalReport


@click.group(cls=Group)
def transcript() -> None:
    """Rename a transcript, or permanently remove one.

    \b
    Example:
      qualcode transcript rename P07 Carmen
    """


@transcript.command()
@click.argument("old")
@click.argument("new")
@why_option
@study_option
def rename(old: str, new: str, why: str, folder: Path | None) -> None:
    """Rename a transcript, along with its codings, their history, memos and cases.

    \b
    Example:
      qualcode transcript rename P07 Carmen --why "the participants chose names"
    """
    study = open_study(folder)
    study.rename_transcript(old, new, why=why)
    say(f"{old} is {new} now.")
    finish_study(study)


@transcript.command()
@click.argument("name")
@click.option("--why", required=True, metavar="TEXT", help="The reason, which the study's history keeps.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@study_option
def remove(name: str, why: str, folder: Path | None, *, yes: bool) -> None:
    """Permanently erase a transcript, for example when consent is withdrawn. Its words leave every file of the study.

    The original, its earlier versions and all its codings go too, with its speakers and the cases that speak in no
    other transcript, and cannot be recovered. A line in the study's history records what was erased and why, without
    the words.

    \b
    Example:
      qualcode transcript remove P07 --why "withdrawn consent"
    """
    study = open_study(folder)
    if not yes:
        say(f"This will permanently erase:\n{_describe(study.preview_removal(name))}")
        click.confirm("Erase it?", abort=True, err=True)
    report = study.remove_transcript(name, why=why)
    echo(f"Erased:\n{_describe(report)}")
    finish_study(study, report.problems)


def _describe(report: RemovalReport) -> str:
    """Return what goes with a transcript, a line each."""
    lines = [f"the transcript {report.transcript}"]
    lines += [f"{plural(number, 'coding')} by {coder}" for coder, number in report.n_codings.items()]
    if report.n_memos:
        lines.append(f"{plural(report.n_memos, 'memo')} about it")
    if report.cases:
        lines.append(f"{plural(len(report.cases), 'case')} from cases.csv: {', '.join(report.cases)}")
    lines.append(f"{plural(len(report.files), 'file')}: {', '.join(report.files)}")
    if report.rewritten:
        others = plural(len(report.rewritten), "other file")
        lines.append(f"its words and speakers in {others}: {', '.join(report.rewritten)}")
    return "\n".join(f"  {line}" for line in lines)
