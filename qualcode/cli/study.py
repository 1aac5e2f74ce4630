"""``qualcode init``, ``check``, ``status``, ``decide``, ``log``, ``undo``, ``restore``, ``settle``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from qualcode.cli._common import PATH, OutputFormat, finish, format_option, print_rows, say
from qualcode.cli._study import coder_option, open_study, plural, study_option, why_option

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qualcode.study.acts import Act, Decision


@click.command()
@click.argument("folder", type=PATH, metavar="DIR")
@click.option("--codebook", type=PATH, metavar="FILE", help="Codebook to copy into the study.")
@click.option("--cases", type=PATH, metavar="FILE", help="Table of cases, as CSV, to copy.")
@click.option("--name", default="", help="The study's title.  [default: the folder's name]")
@click.option("--language", default="", metavar="CODE", help="Language of the talk.  [default: told per transcript]")
@click.option(
    "--unit",
    type=click.Choice(["turn", "paragraph", "sentence"]),
    default="turn",
    show_default=True,
    help="The kind of segment that coders look at.",
)
@click.option("--coder", "coders", multiple=True, metavar="NAME", help="Somebody who codes; may be repeated.")
def init(folder: Path, **options: Any) -> None:
    """Begin a study: a folder of plain text that keeps transcripts, codings and their history.

    \b
    Example:
      qualcode init my-study --codebook codebooks/industry_partnership.yaml --coder ana --coder ben
    """
    from qualcode.study import create_study

    study = create_study(folder, **options)
    say(f"Begun: {study.root}. Next: qualcode import --study {study.root} FILE...")


@click.command()
@study_option
def check(folder: Path | None) -> None:
    """Look whether every file of a study is sound; ends with 3 when there is something to look at.

    \b
    Example:
      qualcode check --study my-study
    """
    study = open_study(folder)
    problems = study.check()
    n_findings = sum(problem.level != "note" for problem in problems)
    n_sheets = len(list(study.sheet_ids()))
    verdict = "no problem" if not n_findings else plural(n_findings, "problem")
    click.echo(f"{plural(len(study.transcript_ids()), 'transcript')}, {plural(n_sheets, 'sheet')}: {verdict}")
    finish(problems)


_VERDICTS = ("suggested", "accepted", "rejected", "applied")


@click.command()
@study_option
@format_option
def status(folder: Path | None, output_format: OutputFormat) -> None:
    """Print what there is in a study and how far everybody is.

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
    _print(rows, output_format)
    say(
        f"\n{plural(found.n_transcripts, 'transcript')}, {plural(found.n_codes, 'code')}, "
        f"{plural(found.n_cases, 'case')}; {plural(found.n_undecided, 'suggestion')} undecided."
    )
    finish(found.problems)


def _print(rows: Sequence[dict[str, object]], output_format: OutputFormat) -> None:
    if output_format == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif output_format == "csv":
        print_rows(rows)
    elif rows:
        texts = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        for line in texts:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@click.command()
@coder_option
@click.argument("segment", required=False, metavar="TRANSCRIPT:SEGMENT")
@click.argument("code", required=False)
@click.argument("act", required=False, type=click.Choice(["accept", "reject", "apply", "remove"]))
@click.option("--span", default="", metavar="START:END", help="The passage, in characters of the transcript.")
@click.option("--note", default="", help="A remark.")
@click.option("--from", "table", type=PATH, metavar="FILE", help="Decisions as CSV; - for stdin.")
@why_option
@study_option
def decide(
    coder: str,
    segment: str | None,
    code: str | None,
    act: Act | None,
    span: str,
    note: str,
    table: Path | None,
    why: str,
    folder: Path | None,
) -> None:
    """Accept or reject a suggestion, apply a code by hand, or remove one's own coding.

    When the command has ended with 0, the decision is on disk. A table has the columns segment, code, act and, if
    wanted, span and note; its decisions are carried out all or none.

    \b
    Examples:
      qualcode decide --coder ana P07:t012 challenges/scheduling accept
      qualcode decide --coder ana P07:t012 retention apply --span 1204:1260 --note "her own words"
      qualcode decide --coder ana --from decisions.csv
    """
    from qualcode.study.acts import Decision
    from qualcode.study.addresses import parse_span
    from qualcode.study.decisions import decide as carry_out

    if (table is None) == (segment is None):
        raise click.UsageError("Give either TRANSCRIPT:SEGMENT CODE ACT, or --from FILE.")
    if table is not None:
        decisions = _read_decisions(table)
    elif code is None or act is None or segment is None:
        raise click.UsageError("Give all three: TRANSCRIPT:SEGMENT CODE ACT.")
    else:
        decisions = [Decision(segment, code, act, parse_span(span), note)]
    carry_out(open_study(folder), coder, decisions, why=why)
    say(f"{plural(len(decisions), 'decision')} on disk.")


def _read_decisions(table: Path) -> list[Decision]:
    from qualcode.study.exports import read_decisions

    if str(table) == "-":
        return read_decisions(sys.stdin.buffer.read(), "stdin")
    try:
        return read_decisions(table.read_bytes(), table.name)
    except OSError as error:
        raise click.FileError(str(table), error.strerror) from error


@click.command()
@click.option("--coder", metavar="NAME", help="Only what was done to this coder's sheets.")
@click.option("--transcript", metavar="NAME", help="Only what was done in one transcript.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the latest N.")
@study_option
@format_option
def log(
    coder: str | None, transcript: str | None, last: int | None, folder: Path | None, output_format: OutputFormat
) -> None:
    """Print what was done, oldest first: who, when, what, before and after, why.

    \b
    Example:
      qualcode log --study my-study --coder ana --last 20
    """
    from qualcode.study.exports import list_events

    rows = list_events(open_study(folder), coder=coder, transcript_id=transcript)
    _print(rows[-last:] if last else rows, output_format)


@click.command()
@coder_option
@click.option("--transcript", metavar="NAME", help="Only in one transcript.")
@click.option("--steps", type=click.IntRange(min=1), default=1, show_default=True, help="How many acts to take back.")
@why_option
@study_option
def undo(coder: str, transcript: str | None, steps: int, why: str, folder: Path | None) -> None:
    """Take back a coder's latest acts; the log keeps them.

    \b
    Example:
      qualcode undo --coder ana
    """
    from qualcode.study.undo import undo as take_back

    study = open_study(folder)
    for _ in range(steps):
        name, event = take_back(study, coder, transcript, why=why)
        say(f"Taken back in {name}: {event.what} of {event.at} ({plural(len(event.changes), 'coding')}).")


@click.command()
@coder_option
@click.option("--at", required=True, metavar="TIME", help="Date or time: 2026-03-31 or 2026-03-31T14:05.")
@click.option("--transcript", metavar="NAME", help="Only one transcript.")
@why_option
@study_option
def restore(coder: str, at: str, transcript: str | None, why: str, folder: Path | None) -> None:
    """Bring a coder's sheets back to what they were; what came later stays in the log and can be restored too.

    \b
    Example:
      qualcode restore --coder ana --at 2026-03-31
    """
    from qualcode.study.undo import restore as bring_back

    done = bring_back(open_study(folder), coder, at, transcript, why=why)
    say(f"{plural(len(done), 'sheet')} changed.")


@click.command()
@click.argument("transcript", required=False)
@click.argument("number", type=int, required=False)
@click.option("--keep", "act", flag_value="keep", help="It belongs where it was put.")
@click.option("--drop", "act", flag_value="drop", help="Its passage is gone; so is the coding.")
@click.option("--span", default="", metavar="START:END", help="It belongs there.")
@study_option
def settle(
    transcript: str | None, number: int | None, act: Literal["keep", "drop"] | None, span: str, folder: Path | None
) -> None:
    """List the codings whose place is unsure after a corrected transcript, or say where one belongs.

    \b
    Examples:
      qualcode settle
      qualcode settle P07 3 --keep
    """
    from qualcode.study.addresses import parse_span
    from qualcode.study.corrections import read_unsettled
    from qualcode.study.corrections import settle as put

    study = open_study(folder)
    if number is None or transcript is None:
        for one in read_unsettled(study, transcript):
            place = f"now at {one.span[0]}:{one.span[1]}" if one.span else "not found"
            click.echo(f"{one.transcript} {one.number}  {one.coder}  {one.code}  {place}")
            click.echo(f"    {one.reason}")
            click.echo(f"    was: …{one.before[-30:]}[{one.old_quote}]{one.after[:30]}…".replace("\n", " "))
        return
    wanted = parse_span(span)
    if (act is None) == (wanted is None):
        raise click.UsageError("Say one of --keep, --drop and --span START:END.")
    put(study, transcript, number, act or "move", span=wanted)
    say("Settled.")
