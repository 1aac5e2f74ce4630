"""``qualcode review``, ``assign``, ``adjudicate`` and ``memo``: people at work."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path  # noqa: TC003  # click reads the annotation
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, Group, say, table_options
from qualcode.cli._study import coder_option, finish_study, open_study, print_records, study_option, telling_new_coders
from qualcode.cli._terminal import clean, echo
from qualcode.errors import StudyError
from qualcode.wording import join, plural, shorten, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.cli._common import OutputFormat
    from qualcode.reviewing import Adjudication, Item, Review
    from qualcode.study import Study

_LEARNED = {"missed", "doubtful"}
"""Flags of lists that are learned."""

_QUOTE = 80
"""Characters of a passage in a list."""

_FLAGS = {"": "", "open": "to come back to", "settled": "come back to"}
"""What a list of memos says of those that mark a passage to come back to."""


@click.command()
@coder_option
@click.option("--code", metavar="CODE", help="Only segments with this code or a code below it.")
@click.option("--transcript", "names", multiple=True, metavar="NAME", help="Only this transcript; may be repeated.")
@click.option("--uncoded", "only", flag_value="uncoded", help="Only segments that you have not coded.")
@click.option("--suggested", "only", flag_value="suggested", help="Only segments with undecided suggestions.")
@click.option("--assigned", "only", flag_value="assigned", help="Only segments assigned to you by qualcode assign.")
@click.option("--flagged", "only", flag_value="flagged", help="Only what was marked to come back to.")
@click.option("--missed", "only", flag_value="missed", help="What you may have missed, learned from your own coding.")
@click.option("--doubtful", "only", flag_value="doubtful", help="Your own codings that are unlike the others.")
@click.option("--likely", metavar="CODE", help="What you have not read, the likeliest for CODE first.")
@click.option("--check", metavar="CODE", help="The check drawn for CODE by 'qualcode recall --draw', in its order.")
@click.option("--interviewer", "talk", flag_value="all", help="Include interviewer talk, which no table counts.")
@click.option(
    "--with-suggestions",
    "blind",
    flag_value="lifted",
    help="Show suggestions in the double-coded part as well; the log then records that coding was not blind.",
)
@click.option(
    "--accept-all",
    metavar="CODE",
    help="List the undecided suggestions of CODE and of the codes below it, and accept them all without reading on.",
)
@click.option("--yes", is_flag=True, help="With --accept-all: do not ask for confirmation.")
@study_option
def review(
    coder: str,
    code: str | None,
    names: tuple[str, ...],
    only: str | None,
    likely: str | None,
    check: str | None,
    talk: str | None,
    blind: str | None,
    accept_all: str | None,
    folder: Path | None,
    *,
    yes: bool,
) -> None:
    """Read segment by segment in the terminal, and decide; press ? there for the keys.

    Every action is saved before the next segment is shown, and you continue where you stopped. The double-coded part is
    shown without suggestions until all coders assigned to it have read it.

    What is learned from your own coding is marked ~ and shown only with --missed, --doubtful or --likely; you answer
    each by itself. With --likely and --check, every tenth segment comes without suggestions; at the end you see how far
    you agree with them there.

    \b
    Examples:
      qualcode review --coder ana
      qualcode review --coder ana --missed --code challenges
      qualcode review --coder ana --check scheduling
      qualcode review --coder ana --code challenges --suggested
      qualcode review --coder ana --assigned
      qualcode review --coder ana --flagged
      qualcode review --coder ana --accept-all scheduling
    """
    from qualcode.reviewing import CheckReview, LearnedReview, Review, Suggesting, list_items

    is_learned = bool(likely) or only in _LEARNED
    if sum((is_learned, check is not None, accept_all is not None)) > 1 or (likely and only) or (check and only):
        raise click.UsageError("Ask for one list at a time.")
    study, sight = open_study(folder), blind or "kept"
    with telling_new_coders(study):
        if check:
            _work(CheckReview(study, coder, check, blind=sight))  # type: ignore[arg-type]  # the flag's value
        elif is_learned:
            kind, wanted = ("likely", likely) if likely else (only, code)
            _work(LearnedReview(Suggesting(study, coder), kind, code=wanted, transcript_ids=names))  # type: ignore[arg-type]  # as above
        else:
            items = list_items(
                study, coder, code=code, transcript_ids=names,
                only=only or "all", talk=talk or "interviewees", blind=sight,  # type: ignore[arg-type]  # the flags' values
            )  # fmt: skip
            if accept_all is not None:
                _accept_all(study, coder, accept_all, items, is_sure=yes)
            else:
                _work(Review(study, coder, items, code=code, blind=sight))  # type: ignore[arg-type]  # the flag's value
    finish_study(study)


def _work(review: Review) -> None:
    """Open the screen; what there is to tell of the session is told after it."""
    if not review.items:
        say("There is no such segment.")
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise StudyError("Review needs a terminal.", hint="From a script: qualcode decide")
    from qualcode.cli._review_app import ReviewApp

    ReviewApp(review).run()
    for line in review.sum_up():
        say(line)


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
    say(f"Accepted: {plural(len(suggested), 'suggestion')}. To undo: qualcode undo --coder {coder}{steps}")


@click.command()
@click.option("--coders", metavar="NAMES", help="The coders who will code the part, separated by commas.")
@click.option("--share", metavar="PERCENT", help="Share of the interviewees' segments to draw, such as 20%.")
@click.option("--seed", type=int, help="The same seed draws the same segments.")
@click.option(
    "--pack",
    "packs",
    multiple=True,
    type=PATH,
    metavar="CODER.html",
    help="Write a page in which the coder of that name codes the part without qualcode. Alone: of the present draw.",
)
@study_option
def assign(
    coders: str | None, share: str | None, seed: int | None, packs: tuple[Path, ...], folder: Path | None
) -> None:
    """Draw a part for double coding: the same share of each transcript, with and without suggestions.

    The coders see neither suggestions nor each other's work on it until all of them have read it. A new draw replaces
    the earlier one. Prints how many segments were drawn from each transcript.

    \b
    Example:
      qualcode assign --coders ana,ben --share 20% --seed 7
      qualcode assign --coders ana,ben --share 20% --seed 7 --pack ben.html
      qualcode assign --pack ben.html
    """
    study = open_study(folder)
    given = {"--coders": coders, "--share": share, "--seed": seed}
    missing = [name for name, value in given.items() if value is None]
    if missing and (not packs or len(missing) < len(given)):
        raise click.UsageError(f"Missing {join(missing)}.")
    if coders is not None and share is not None and seed is not None:
        _draw(study, coders, share, seed)
    for file in packs:
        _write_pack(study, file)
    finish_study(study, study.transcripts()[1])


def _draw(study: Study, coders: str, share: str, seed: int) -> None:
    try:
        part = float(share.strip().removesuffix("%")) / 100
    except ValueError as error:
        raise click.BadParameter("write a percentage such as 20%.", param_hint="--share") from error
    is_anew = bool(study.assignment())
    drawn = study.assign(_split(coders), share=part, seed=seed)
    for name, number in drawn.items():
        echo(f"{clean(name)}: {plural(number, 'segment')}")
    anew = " It replaces the earlier draw." if is_anew else ""
    say(f"{plural(sum(drawn.values()), 'segment')} for each.{anew} Next: qualcode review --assigned --coder NAME")


def _write_pack(study: Study, file: Path) -> None:
    """Write the pack of the coder whose name the file has."""
    from qualcode.outputs import save
    from qualcode.surface import render_pack

    drawn = {unicodedata.normalize("NFC", name).casefold(): name for name in study.assignment()}
    coder = drawn.get(unicodedata.normalize("NFC", file.stem).casefold())
    if coder is None:
        raise StudyError(
            f"Nothing is drawn for “{file.stem}”.",
            hint=f"Name the file as its coder: {', '.join(f'{name}.html' for name in drawn.values()) or 'ben.html'}",
        )
    save(file, render_pack(study, coder).encode("utf-8", "replace"))
    say(f"{file}: for {coder}. What {coder} sends back comes in with: qualcode merge {typed(f'{coder}-coded.json')}")


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


@click.command()
@click.option("--coders", required=True, metavar="A,B", help="The two coders.")
@click.option(
    "--as",
    "consensus",
    default="consensus",
    show_default=True,
    metavar="NAME",
    help="The coder name under which the consensus is saved.",
)
@click.option("--list", "is_list", is_flag=True, help="Only list the open differences.")
@table_options
@click.option(
    "--from", "table", type=PATH, metavar="FILE", help="Settle differences from a CSV table; - for standard input."
)
@study_option
def adjudicate(
    coders: str, consensus: str, output_format: OutputFormat, table: Path | None, folder: Path | None, *, is_list: bool
) -> None:
    """Go through the differences between two coders and write a consensus; both originals stay.

    Codings that both gave are accepted at once. For each difference you see both codings with their notes, and decide
    whether the code belongs there. Every answer is saved at once, and settled differences do not come up again.

    Without a terminal, answers are read from standard input, one line per difference: y, n, s (later) or q. Any other
    line ends the command; earlier answers stay.

    What --list writes as CSV is a table to fill in for --from. That has the columns segment, code and verdict (y or n;
    empty leaves it open), and optionally coder: the coder who gave the code. If any row is wrong, no row is applied and
    all wrong rows are listed.

    \b
    Examples:
      qualcode adjudicate --coders ana,ben
      qualcode adjudicate --coders ana,ben --list --out differences.csv
      qualcode adjudicate --coders ana,ben --from differences.csv
    """
    from qualcode.reviewing import Adjudication

    names = _split(coders)
    if len(names) != 2:  # noqa: PLR2004  # two coders
        raise click.BadParameter("name two coders, separated by a comma.", param_hint="--coders")
    if is_list and table is not None:
        raise click.UsageError("Give either --list or --from.")
    if not is_list and click.get_current_context().params["table_file"]:
        raise click.UsageError("--out needs --list.")
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
        say(f"{n_waiting} left out: other coders assigned to them have not read them yet.")
    finish_study(study)


def _list_differences(work: Adjudication, output_format: OutputFormat) -> None:
    rows = work.rows()
    if output_format == "csv":
        from qualcode.spreadsheets import disarm

        rows = [{key: disarm(cell) for key, cell in row.items()} for row in rows]
    if output_format != "table":
        print_records(rows, output_format, ["segment", "code", "coder", "quote", "verdict"])
        return
    for row in rows:
        echo(f"{row['segment']}  {row['code']}  {row['coder']}  “{shorten(row['quote'], _QUOTE)}”")


def _settle_from_table(work: Adjudication, table: Path) -> None:
    data, name = (sys.stdin.buffer.read(), "stdin") if str(table) == "-" else (_read(table), table.name)
    work.write_agreed()
    n_settled, n_standing = work.settle_from_table(data, name)
    stood = f"; {n_standing} already settled that way" if n_standing else ""
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
    """Write and read memos about the study, a code, a case, a segment or a span.

    \b
    Example:
      qualcode memo add code:challenges/scheduling "Time is only the surface."
    """


@memo.command()
@click.argument("about")
@click.argument("text", required=False)
@click.option("--id", "memo_id", default="", metavar="NAME", help="Name of the memo.  [default: what it is about]")
@click.option(
    "--author", default="", metavar="NAME", help="Author of the memo.  [default: your user name on this computer]"
)
@click.option("--private", "visibility", flag_value="private", help="Mark the memo as private; no report shows it.")
@click.option("--shared", "visibility", flag_value="shared", help="Remove the private mark.")
@click.option(
    "--replace",
    "digest",
    default="",
    metavar="DIGEST",
    help="Replace the memo with TEXT, provided that it still has this digest (see memo list).",
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
    """Write a memo, or add to an existing one. Without TEXT, it is read from standard input.

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
        raise StudyError("The memo is not UTF-8.", where="stdin", hint="Save it as UTF-8") from error


_SHORT = 12
_SHORTEST = 6


def _find_digest(study: Study, given: str) -> str:
    """Return the digest that begins so among those of the memos; what none has is left to be refused."""
    given = given.strip().lower()
    if given and len(given) < _SHORTEST:
        raise click.BadParameter(f"give at least {_SHORTEST} digits of it.", param_hint="--replace")
    return next((one.digest for one in study.memos()[0] if given and one.digest.startswith(given)), given)


@memo.command("list")
@study_option
def list_memos(folder: Path | None) -> None:
    """List all memos with name, subject, author, last change, private mark and digest.

    \b
    Example:
      qualcode memo list
    """
    study = open_study(folder)
    memos, problems = study.memos()
    for one in memos:
        when = one.at[:16].replace("T", " ")
        marks = ["private" if one.is_private else "", _FLAGS[one.flag]]
        told = [one.author, f"{when} UTC" if when else "", *marks, one.digest[:_SHORT]]
        echo(f"{one.id}  ({one.about})  {', '.join(filter(None, told))}")
        echo(clean("".join(f"    {line}\n" for line in one.text.strip().splitlines())), nl=False)
    finish_study(study, problems)
