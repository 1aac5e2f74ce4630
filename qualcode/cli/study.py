"""``qualcode init``, ``check``, ``status``, ``decide``, ``log``, ``undo``, ``redo``, ``restore``, ``settle``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from qualcode.cli._common import PATH, OutputFormat, finish, say, table_options
from qualcode.cli._study import (
    coder_option,
    finish_study,
    open_study,
    print_records,
    printable,
    study_option,
    telling_new_coders,
    why_option,
)
from qualcode.cli._terminal import echo
from qualcode.wording import plural, typed

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Event, Study, Unsettled


@click.command()
@click.argument("folder", type=PATH, metavar="DIR")
@click.option("--codebook", type=PATH, metavar="FILE", help="Codebook to copy into the study.")
@click.option(
    "--cases", type=PATH, metavar="FILE", help="Table of cases to copy into the study; a workbook becomes CSV."
)
@click.option("--name", default="", help="The study's title.  [default: the folder's name]")
@click.option(
    "--language",
    default="",
    metavar="CODE",
    help="Language of the transcripts.  [default: detected for each transcript]",
)
@click.option(
    "--unit",
    type=click.Choice(["turn", "paragraph", "sentence"]),
    default="turn",
    show_default=True,
    help="The kind of segment that coders read.",
)
@click.option("--coder", "coders", multiple=True, metavar="NAME", help="Name of a coder; may be repeated.")
def init(folder: Path, **options: Any) -> None:
    """Start a study: a folder of plain-text files for transcripts, codings and their history.

    \b
    Example:
      qualcode init my-study --codebook codebooks/industry_partnership.yaml --coder ana --coder ben
    """
    from qualcode.study import create_study

    study = create_study(folder, **options)
    say(f"Started: {study.root}. Next: qualcode import --study {typed(study.root)} FILE...")


@click.command()
@study_option
def check(folder: Path | None) -> None:
    """Check that every file of a study is sound; exit code 3 when there is something to look at.

    \b
    Example:
      qualcode check --study my-study
    """
    study = open_study(folder)
    problems = study.check()
    n_findings = sum(problem.level != "note" for problem in problems)
    n_sheets = len(list(study.sheet_ids()))
    verdict = "no problem" if not n_findings else plural(n_findings, "problem")
    echo(f"{plural(len(study.transcript_ids()), 'transcript')}, {plural(n_sheets, 'sheet')}: {verdict}")
    finish(problems)


_VERDICTS = ("suggested", "accepted", "rejected", "applied")


@click.command()
@study_option
@table_options
def status(folder: Path | None, output_format: OutputFormat) -> None:
    """Show what a study contains and how far each coder has got.

    \b
    Example:
      qualcode status --study my-study
    """
    study = open_study(folder)
    found = study.status()
    rows = [
        {
            "coder": one.coder,
            "transcript": one.transcript,
            "seen": one.n_seen,
            "segments": one.n_segments,
            **{verdict: one.verdicts.get(verdict, 0) for verdict in _VERDICTS},
        }
        for one in found.progress
    ]
    print_records(rows, output_format, ("coder", "transcript", "seen", "segments", *_VERDICTS))
    say(
        f"\n{plural(found.n_transcripts, 'transcript')}, {plural(found.n_codes, 'code')}, "
        f"{plural(found.n_cases, 'case')}; {plural(found.n_undecided, 'suggestion')} undecided."
    )
    finish(found.problems)


_ACTS = ("accept", "reject", "apply", "remove", "move", "recode", "cut", "extend")


@click.command()
@coder_option
@click.argument("segment", required=False, metavar="TRANSCRIPT:SEGMENT")
@click.argument("code", required=False)
@click.argument("act", required=False, type=click.Choice(_ACTS, case_sensitive=False))
@click.option("--span", default="", metavar="START:END", help="The passage, in characters of the transcript.")
@click.option("--note", default="", help="A note on the coding.")
@click.option("--to", default="", metavar="CODE", help="With recode: the new code.")
@click.option("--at", default="", metavar="START:END", help="The coding to change, where several have the code.")
@click.option(
    "--suggested-by",
    type=click.Choice(["rules", "learned"]),
    default="rules",
    show_default=True,
    help="With accept and reject: who suggests the code.",
)
@click.option("--from", "table", type=PATH, metavar="FILE", help="Table of decisions (CSV); - for standard input.")
@why_option
@study_option
def decide(
    coder: str,
    segment: str | None,
    code: str | None,
    act: str | None,
    table: Path | None,
    why: str,
    folder: Path | None,
    suggested_by: str,
    **words: str,
) -> None:
    """Accept or reject a suggestion, give a code by hand, or change your own coding.

    When the exit code is 0, the decision is saved. CODE is a code's id, path or name.

    \b
    accept, reject  answer a suggestion of the rules, or with --suggested-by of what was learned
    apply           give the code to the segment, or to --span
    remove          remove your own coding
    move            move it to the passage --span
    recode          change its code to --to; the note stays
    cut, extend     remove the words of --span from it, or add them

    A table has the columns segment, code and act, and optionally span, note, to and at. If any row is wrong, no
    decision is saved.

    \b
    Examples:
      qualcode decide --coder ana P07:t012 challenges/scheduling accept
      qualcode decide --coder ana P07:t012 retention apply --span 1204:1260 --note "her own words"
      qualcode decide --coder ana P07:t012 retention recode --to recognition
      qualcode decide --coder ana P07:t012 retention accept --suggested-by learned
      qualcode decide --coder ana --from decisions.csv
    """
    if table is not None and (segment is not None or any(words.values())):
        raise click.UsageError("With --from FILE, all decisions come from the table.")
    if table is None and (segment is None or code is None or act is None):
        raise click.UsageError("Give either TRANSCRIPT:SEGMENT CODE ACT, or --from FILE.")
    if suggested_by == "learned" and (act not in {"accept", "reject"} or any((words["span"], words["to"], why))):
        raise click.UsageError("--suggested-by learned takes accept or reject, and at most a --note.")
    study = open_study(folder)
    with telling_new_coders(study):
        if suggested_by == "learned":
            _answer(study, coder, (str(segment), str(code), act), words["note"])
        elif table is not None:
            number = study.decide_from_table(coder, *_read_table(table), why=why)
            say(f"{plural(number, 'decision')} saved.")
        else:
            _decide(study, coder, (str(segment), str(code), act), why, **words)
    finish_study(study)


def _decide(
    study: Study, coder: str, what: tuple[str, str, Any], why: str, *, span: str, note: str, to: str, at: str
) -> None:
    from qualcode.study import parse_span

    event = study.decide(coder, *what, span=parse_span(span), note=note, to=to, at=parse_span(at), why=why)
    _say_saved(event)


def _answer(study: Study, coder: str, what: tuple[str, str, Any], note: str) -> None:
    """Answer what was learned."""
    _say_saved(study.learn(coder).answer(*what, note=note))


def _say_saved(event: Event | None) -> None:
    say("1 decision saved." if event else "It is already so; nothing was recorded.")


def _read_table(path: Path) -> tuple[bytes, str]:
    if str(path) == "-":
        return sys.stdin.buffer.read(), "stdin"
    try:
        return path.read_bytes(), path.name
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error


_SHORT_ID = 8
"""Digits of an act's id that the table shows."""


@click.command()
@click.option("--coder", metavar="NAME", help="Only changes to this coder's sheets.")
@click.option("--transcript", metavar="NAME", help="Only changes in this transcript.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the latest N changes.")
@study_option
@table_options
def log(
    coder: str | None, transcript: str | None, last: int | None, folder: Path | None, output_format: OutputFormat
) -> None:
    """List what was done, oldest first: who, when, what, before and after, why.

    The first column is the id that undo --event takes.

    \b
    Example:
      qualcode log --study my-study --coder ana --last 20
    """
    from qualcode.study import EVENT_COLUMNS

    study = open_study(folder)
    rows = study.log(coder=coder, transcript_id=transcript)
    rows = rows[-last:] if last else rows
    if output_format == "table":
        rows = [{"event": str(row.pop("event"))[:_SHORT_ID], **row} for row in rows]
    print_records(rows, output_format, EVENT_COLUMNS)
    finish_study(study)


event_option = click.option(
    "--event", metavar="ID", help="Id of the action, as qualcode log shows it; its first six digits are enough."
)


@click.command()
@coder_option
@event_option
@click.option("--transcript", metavar="NAME", help="Only in this transcript.")
@click.option("--steps", type=click.IntRange(min=1), metavar="N", help="How many actions to undo.  [default: 1]")
@why_option
@study_option
def undo(
    coder: str, event: str | None, transcript: str | None, steps: int | None, why: str, folder: Path | None
) -> None:
    """Undo a coder's latest actions, or a given one; the log keeps them.

    An action that a later one builds on cannot be undone first.

    \b
    Examples:
      qualcode undo --coder ana
      qualcode undo --coder ana --event 3fa81c09
    """
    if event is not None and steps is not None:
        raise click.UsageError("Give either --event or --steps.")
    from qualcode.study import describe_act

    study = open_study(folder)
    for _ in range(steps or 1):
        done = study.undo(coder, transcript, event=event, why=why)
        say(f"Undone in {done.transcript}: {describe_act(done)}.")
    finish_study(study)


@click.command()
@coder_option
@event_option
@click.option("--transcript", metavar="NAME", help="Only in this transcript.")
@why_option
@study_option
def redo(coder: str, event: str | None, transcript: str | None, why: str, folder: Path | None) -> None:
    """Redo what a coder undid last, or a given action.

    \b
    Examples:
      qualcode redo --coder ana
      qualcode redo --coder ana --event 3fa81c09
    """
    from qualcode.study import describe_act

    study = open_study(folder)
    done = study.redo(coder, transcript, event=event, why=why)
    say(f"Redone in {done.transcript}: {describe_act(done)}.")
    finish_study(study)


@click.command()
@coder_option
@click.option("--at", required=True, metavar="TIME", help="Date or time: 2026-03-31 or 2026-03-31T14:05.")
@click.option("--transcript", metavar="NAME", help="Only this transcript.")
@why_option
@study_option
def restore(coder: str, at: str, transcript: str | None, why: str, folder: Path | None) -> None:
    """Restore a coder's sheets to an earlier state; later changes stay in the log and can be restored too.

    \b
    Example:
      qualcode restore --coder ana --at 2026-03-31
    """
    study = open_study(folder)
    done = study.restore(coder, at, transcript, why=why)
    say(f"{plural(len(done), 'sheet')} changed.")
    finish_study(study)


@click.command()
@click.argument("transcript", required=False)
@click.argument("number", type=int, required=False)
@click.option("--keep", "act", flag_value="keep", help="The coding belongs where it was put.")
@click.option("--drop", "act", flag_value="drop", help="The passage is gone; drop the coding.")
@click.option("--span", default="", metavar="START:END", help="The coding belongs there.")
@study_option
def settle(
    transcript: str | None, number: int | None, act: Literal["keep", "drop"] | None, span: str, folder: Path | None
) -> None:
    """List codings whose place is uncertain after a correction of the transcript, or settle one.

    \b
    Examples:
      qualcode settle
      qualcode settle P07 3 --keep
    """
    from qualcode.study import parse_span

    study = open_study(folder)
    if transcript is not None:
        study.transcript(transcript)  # it must be there
    if number is None or transcript is None:
        for one in study.unsettled(transcript):
            _print_unsettled(study, one)
    else:
        wanted = parse_span(span)
        if (act is None) == (wanted is None):
            raise click.UsageError("Give one of --keep, --drop and --span START:END.")
        study.settle(transcript, number, act or "move", span=wanted)
        say("Settled.")
    finish_study(study)


def _print_unsettled(study: Study, one: Unsettled) -> None:
    echo(f"{one.transcript} {one.number}  {one.coder}  {one.code}  {_tell_place(study, one)}")
    echo(f"    {one.reason}")
    echo(f"    was: {printable(f'…{one.before[-30:]}[{one.old_quote}]{one.after[:30]}…')}")


def _tell_place(study: Study, one: Unsettled) -> str:
    from qualcode.model import Span

    if one.span is None:
        return "not found"
    span = Span(*one.span)
    return (
        f"now in {study.address_of(one.transcript, span)}: “{printable(study.transcript(one.transcript).quote(span))}”"
    )
