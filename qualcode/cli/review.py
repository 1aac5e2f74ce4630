"""``qualcode review``, ``assign``, ``adjudicate`` and ``memo``: people at work."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path  # noqa: TC003  # click reads the annotation
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, Group, say
from qualcode.cli._study import coder_option, finish_study, open_study, study_option, telling_new_coders
from qualcode.cli._terminal import clean, echo, echo_data
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.reviewing import Adjudication, Item
    from qualcode.study import Study

_QUOTE = 80
"""Characters of a passage in a list."""


@click.command()
@coder_option
@click.option("--code", metavar="CODE", help="Only segments with this code or one below it.")
@click.option("--transcript", "names", multiple=True, metavar="NAME", help="Only this transcript; may be repeated.")
@click.option("--uncoded", "only", flag_value="uncoded", help="Only segments without a code of yours.")
@click.option("--suggested", "only", flag_value="suggested", help="Only segments with undecided suggestions.")
@click.option("--assigned", "only", flag_value="assigned", help="Only segments drawn for you by qualcode assign.")
@click.option("--interviewer", "talk", flag_value="all", help="Interviewer talk as well, which no table counts.")
@click.option(
    "--with-suggestions",
    "blind",
    flag_value="lifted",
    help="Show suggestions in the part drawn for double coding as well; the log then says that it was not blind.",
)
@click.option(
    "--accept-all",
    metavar="CODE",
    help="Instead of reading: list the undecided suggestions of CODE and of those below it, and accept all of them.",
)
@click.option("--yes", is_flag=True, help="With --accept-all: do it without asking.")
@study_option
def review(
    coder: str,
    code: str | None,
    names: tuple[str, ...],
    only: str | None,
    talk: str | None,
    blind: str | None,
    accept_all: str | None,
    folder: Path | None,
    *,
    yes: bool,
) -> None:
    """Read one segment after the other and decide, in the terminal; press ? there for the keys.

    Every act is on disk before the next is shown, and the next time you go on where you stopped. A part that was drawn
    for double coding is read without suggestions until everybody it was drawn for has read it.

    \b
    Examples:
      qualcode review --coder ana
      qualcode review --coder ana --code challenges --suggested
      qualcode review --coder ana --assigned
      qualcode review --coder ana --accept-all scheduling
    """
    from qualcode.errors import StudyError
    from qualcode.reviewing import Review, list_items

    study = open_study(folder)
    items = list_items(
        study, coder, code=code, transcript_ids=names,
        only=only or "all", talk=talk or "interviewees", blind=blind or "kept",  # type: ignore[arg-type]  # the flags' values
    )  # fmt: skip
    with telling_new_coders(study):
        if accept_all is not None:
            _accept_all(study, coder, accept_all, items, is_sure=yes)
        elif not items:
            say("There is no such segment.")
        elif sys.stdin.isatty() and sys.stdout.isatty():
            from qualcode.cli._review_app import ReviewApp

            ReviewApp(Review(study, coder, items, code=code, blind=blind or "kept")).run()  # type: ignore[arg-type]  # as above
        else:
            raise StudyError("Review needs a terminal.", hint="From a script: qualcode decide")
    finish_study(study)


def _accept_all(study: Study, coder: str, code: str, items: Sequence[Item], *, is_sure: bool) -> None:
    from qualcode.reviewing import accept_all, list_suggestions

    suggested = list_suggestions(study, coder, code, items)
    for one in suggested:
        echo(f"{one.item.address}  {one.coding.code}  “{shorten(one.coding.quote, _QUOTE)}”")
    if not suggested:
        say(f"No suggestion of “{code}” is undecided there.")
        return
    if not is_sure:
        click.confirm(f"Accept {plural(len(suggested), 'suggestion')}?", abort=True, err=True)
    n_acts = len(accept_all(study, coder, suggested))
    steps = f" --steps {n_acts}" if n_acts > 1 else ""
    say(f"Accepted: {plural(len(suggested), 'suggestion')}. To take them back: qualcode undo --coder {coder}{steps}")


@click.command()
@click.option("--coders", required=True, metavar="NAMES", help="Who codes the part, with commas between.")
@click.option("--share", required=True, metavar="PERCENT", help="Of the interviewees' segments, such as 20%.")
@click.option("--seed", type=int, required=True, help="The same seed draws the same segments.")
@study_option
def assign(coders: str, share: str, seed: int, folder: Path | None) -> None:
    """Draw a part for double coding: of each transcript the same share, with and without suggestions.

    Everybody codes it without seeing suggestions or the others' work, until all have read it. A new draw takes the
    place of the one before. Prints how many segments were drawn from each transcript.

    \b
    Example:
      qualcode assign --coders ana,ben --share 20% --seed 7
    """
    try:
        part = float(share.strip().removesuffix("%")) / 100
    except ValueError as error:
        raise click.BadParameter("write a percentage such as 20%", param_hint="--share") from error
    study = open_study(folder)
    is_anew = bool(study.assignment())
    drawn = study.assign(_split(coders), share=part, seed=seed)
    for name, number in drawn.items():
        echo(f"{clean(name)}: {plural(number, 'segment')}")
    anew = " It takes the place of the draw before." if is_anew else ""
    say(f"{plural(sum(drawn.values()), 'segment')} for each.{anew} Go on with: qualcode review --assigned --coder NAME")
    finish_study(study, study.transcripts()[1])


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


@click.command()
@click.option("--coders", required=True, metavar="A,B", help="The two coders.")
@click.option(
    "--as", "consensus", default="consensus", show_default=True, metavar="NAME", help="Who holds the consensus."
)
@click.option("--list", "is_list", is_flag=True, help="Only print the open differences.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "csv"]),
    default="table",
    show_default=True,
    help="With --list: csv is a table to fill in, for --from.",
)
@click.option("--from", "table", type=PATH, metavar="FILE", help="Settle what a CSV says; - for stdin.")
@study_option
def adjudicate(
    coders: str, consensus: str, output_format: str, table: Path | None, folder: Path | None, *, is_list: bool
) -> None:
    """Walk through the differences of two coders and write a consensus; both originals stay.

    What both gave is taken over at once. For each difference you see what both said, with their notes, and answer
    whether the code belongs there; every answer is on disk at once, and what is settled does not come again.

    Without a terminal, answers are read from standard input, one line for each difference: y, n, s (later) or q. A line
    that is none of these ends it; what was answered before stays.

    A table for --from has the columns segment, code and verdict (y or n; empty: left open) and, if wanted, coder: who
    gave the code. All of its rows are carried out or, when one is wrong, none; all wrong rows are told.

    \b
    Examples:
      qualcode adjudicate --coders ana,ben
      qualcode adjudicate --coders ana,ben --list --format csv > differences.csv
      qualcode adjudicate --coders ana,ben --from differences.csv
    """
    from qualcode.reviewing import Adjudication

    names = _split(coders)
    if len(names) != 2:  # noqa: PLR2004  # two coders
        raise click.BadParameter("name two coders, with a comma between", param_hint="--coders")
    if is_list and table is not None:
        raise click.UsageError("Give either --list or --from.")
    study = open_study(folder)
    work = Adjudication(study, names[0], names[1], consensus=consensus)
    if is_list:
        _list_differences(work, output_format)
    elif table is not None:
        _settle_from_table(work, table)
    else:
        _settle(work)
    say(f"{plural(work.comparison.n_segments, 'segment')} read by both; {work.progress}.")
    if work.comparison.n_waiting:
        n_waiting = plural(work.comparison.n_waiting, "segment")
        say(f"{n_waiting} left out: others they were drawn for have not read them yet.")
    finish_study(study)


def _list_differences(work: Adjudication, output_format: str) -> None:
    rows = work.rows()
    if output_format == "csv":
        from qualcode.spreadsheets import disarm

        text = io.StringIO()
        writer = csv.DictWriter(text, ["segment", "code", "coder", "quote", "verdict"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: disarm(cell) for key, cell in row.items()} for row in rows)
        echo_data(text.getvalue(), nl=False)
        return
    for row in rows:
        echo(f"{row['segment']}  {row['code']}  {row['coder']}  “{shorten(row['quote'], _QUOTE)}”")


def _settle_from_table(work: Adjudication, table: Path) -> None:
    data, name = (sys.stdin.buffer.read(), "stdin") if str(table) == "-" else (_read(table), table.name)
    work.write_agreed()
    n_settled, n_standing = work.settle_from_table(data, name)
    stood = f"; {n_standing} stood so already" if n_standing else ""
    say(f"Settled: {plural(n_settled, 'difference')}{stood}.")


def _read(table: Path) -> bytes:
    try:
        return table.read_bytes()
    except OSError as error:
        raise click.FileError(str(table), error.strerror) from error


def _settle(work: Adjudication) -> None:
    work.write_agreed()
    if sys.stdin.isatty() and sys.stdout.isatty():
        from qualcode.cli._adjudicate_app import AdjudicateApp

        AdjudicateApp(work).run()
        return
    lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    work.take_answers(lines, echo)


@click.group(cls=Group)
def memo() -> None:
    """Write and read memos on the study, a code, a case, a segment or a span.

    \b
    Example:
      qualcode memo add code:challenges/scheduling "Time is only the surface."
    """


@memo.command()
@click.argument("about")
@click.argument("text", required=False)
@click.option("--id", "memo_id", default="", metavar="NAME", help="Names the memo.  [default: what it is about]")
@click.option("--author", default="", metavar="NAME", help="Who writes.  [default: your name on this computer]")
@click.option("--private", "visibility", flag_value="private", help="Mark it as yours alone; no report shows it.")
@click.option("--shared", "visibility", flag_value="shared", help="Take that mark away.")
@click.option(
    "--replace",
    "digest",
    default="",
    metavar="DIGEST",
    help="Put TEXT in the place of the memo, which must still be the one with this digest (see memo list).",
)
@study_option
def add(
    about: str,
    text: str | None,
    memo_id: str,
    author: str,
    visibility: str | None,
    digest: str,
    folder: Path | None,
) -> None:
    """Write a memo, or add to the one that is there. Without TEXT, it is read from standard input.

    ABOUT is study, code:ID, case:ID, TRANSCRIPT:SEGMENT or TRANSCRIPT:START-END.

    \b
    Examples:
      qualcode memo add study "After four interviews, time is everywhere." --author ana
      qualcode memo add P07:t012 "She laughs here." --id laughter --private
      qualcode memo add study "After six interviews, money is." --replace 5b0fca71dd2e
    """
    study = open_study(folder)
    text = _read_text() if text is None else text
    written = study.memo(
        about, text, memo_id=memo_id, author=author, visibility=visibility,  # type: ignore[arg-type]  # the flags' values
        replaces=_find_digest(study, digest),
    )  # fmt: skip
    say(f"Written: memos/{written.id}.md")
    finish_study(study)


def _read_text() -> str:
    from qualcode.errors import StudyError

    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StudyError("The memo is not UTF-8.", where="stdin", hint="Save it as UTF-8.") from error


_SHORT = 12
_SHORTEST = 6


def _find_digest(study: Study, given: str) -> str:
    """Return the digest that begins so among those of the memos; what none has is left to be refused."""
    given = given.strip().lower()
    if given and len(given) < _SHORTEST:
        raise click.BadParameter(f"give {_SHORTEST} digits of it or more", param_hint="--replace")
    return next((one.digest for one in study.memos()[0] if given and one.digest.startswith(given)), given)


@memo.command("list")
@study_option
def list_memos(folder: Path | None) -> None:
    """Print all memos: name, what it is about, who wrote it and when last, whether it is private, and its digest.

    \b
    Example:
      qualcode memo list
    """
    study = open_study(folder)
    memos, problems = study.memos()
    for one in memos:
        when = one.at[:16].replace("T", " ")
        told = [one.author, f"{when} UTC" if when else "", "private" if one.is_private else "", one.digest[:_SHORT]]
        echo(f"{one.id}  ({one.about})  {', '.join(filter(None, told))}")
        echo(clean("".join(f"    {line}\n" for line in one.text.strip().splitlines())), nl=False)
    finish_study(study, problems)
