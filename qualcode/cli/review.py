"""``qualcode review``, ``assign``, ``adjudicate`` and ``memo``: people at work."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  # click reads the annotation
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import Group, finish, say
from qualcode.cli._study import coder_option, open_study, plural, study_option

if TYPE_CHECKING:
    from qualcode.study import Study
    from qualcode.study.consensus import Difference


@click.command()
@coder_option
@click.option("--code", metavar="CODE", help="Only segments with this code or one below it.")
@click.option("--transcript", "names", multiple=True, metavar="NAME", help="Only this transcript; may be repeated.")
@click.option("--uncoded", "only", flag_value="uncoded", help="Only segments without a code of yours.")
@click.option("--suggested", "only", flag_value="suggested", help="Only segments with undecided suggestions.")
@click.option("--assigned", "only", flag_value="assigned", help="Only segments drawn for you by qualcode assign.")
@click.option("--interviewer", "talk", flag_value="all", help="Interviewer talk as well, which no table counts.")
@study_option
def review(
    coder: str, code: str | None, names: tuple[str, ...], only: str | None, talk: str | None, folder: Path | None
) -> None:
    """Read one segment after the other and decide, in the terminal; press ? there for the keys.

    Every act is on disk before the next is shown, and the next time one goes on where one stopped.

    \b
    Examples:
      qualcode review --coder ana
      qualcode review --coder ana --code challenges --suggested
    """
    from qualcode.errors import StudyError
    from qualcode.reviewing import Review, list_items

    study = open_study(folder)
    items = list_items(
        study, coder, code=code, transcript_ids=names,
        only=only or "all", talk=talk or "interviewees",  # type: ignore[arg-type]  # the flags' values
    )  # fmt: skip
    if not items:
        say("There is no such segment.")
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise StudyError("Review needs a terminal.", hint="From a script: qualcode decide")
    with study.lock(study.add_coder(coder), patience=0.5):
        from qualcode.cli._review_app import ReviewApp

        ReviewApp(Review(study, coder, items)).run()


@click.command()
@click.option("--coders", required=True, metavar="NAMES", help="Who codes the part, parted by commas.")
@click.option("--share", required=True, metavar="PERCENT", help="Of the interviewees' segments, such as 20%.")
@click.option("--seed", type=int, required=True, help="The same seed draws the same segments.")
@study_option
def assign(coders: str, share: str, seed: int, folder: Path | None) -> None:
    """Draw a part for double coding: of each transcript the same share, with and without suggestions.

    \b
    Example:
      qualcode assign --coders ana,ben --share 20% --seed 7
    """
    from qualcode.study.consensus import assign as draw

    try:
        part = float(share.strip().removesuffix("%")) / 100
    except ValueError as error:
        raise click.BadParameter("write a percentage such as 20%", param_hint="--share") from error
    drawn = draw(open_study(folder), [name.strip() for name in coders.split(",")], share=part, seed=seed)
    for name, number in drawn.items():
        click.echo(f"{name}: {plural(number, 'segment')}")
    say("Go on with: qualcode review --assigned --coder NAME")


@click.command()
@click.option("--coders", required=True, metavar="A,B", help="The two coders.")
@click.option(
    "--as", "consensus", default="consensus", show_default=True, metavar="NAME", help="Who holds the consensus."
)
@click.option("--list", "is_list", is_flag=True, help="Only print the differences.")
@study_option
def adjudicate(coders: str, consensus: str, folder: Path | None, *, is_list: bool) -> None:
    """Walk through the differences of two coders and write a consensus; both originals stay.

    What both gave is taken over at once. For each difference one says who is right; every answer is on disk at once,
    and what is settled does not come again.

    \b
    Example:
      qualcode adjudicate --coders ana,ben
    """
    from qualcode.study.consensus import compare, write_agreed, write_verdict

    names = [name.strip() for name in coders.split(",")]
    if len(names) != 2:  # noqa: PLR2004  # two coders
        raise click.BadParameter("name two coders, parted by a comma", param_hint="--coders")
    study = open_study(folder)
    comparison = compare(study, names[0], names[1], consensus=consensus)
    say(
        f"{plural(comparison.n_segments, 'segment')} seen by both, {plural(len(comparison.differences), 'difference')}."
    )
    if is_list:
        for one in comparison.differences:
            click.echo(f"{one.transcript}:{one.segment}  {one.code}  {one.coder}")
        return
    write_agreed(study, comparison, consensus=consensus)
    for number, one in enumerate(comparison.differences, start=1):
        answer = _ask(study, one, f"{number}/{len(comparison.differences)}")
        if answer == "q":
            break
        if answer in {"y", "n"}:
            write_verdict(study, one, is_right=answer == "y", consensus=consensus)


def _ask(study: Study, one: Difference, place: str) -> str:
    transcript = study.transcript(one.transcript)
    segment = next(each for each in transcript.segments if each.id == one.segment)
    click.echo(f"\n{place}  {one.transcript}:{one.segment}  {segment.speaker}")
    click.echo(transcript.quote(segment.span))
    click.secho(f"{one.coder} gave “{one.code}”, the other did not.", bold=True)
    return str(click.prompt("Does it belong here? (y/n, s: later, q: quit)", type=click.Choice(["y", "n", "s", "q"])))


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
@study_option
def add(about: str, text: str | None, memo_id: str, folder: Path | None) -> None:
    """Write a memo, or add to the one that is there. Without TEXT, it is read from standard input.

    ABOUT is study, code:ID, case:ID, TRANSCRIPT:SEGMENT or TRANSCRIPT:START-END.

    \b
    Examples:
      qualcode memo add study "After four interviews, time is everywhere."
      qualcode memo add P07:t012 "She laughs here." --id laughter
    """
    from qualcode.study.memos import write_memo

    text = sys.stdin.buffer.read().decode("utf-8") if text is None else text
    written = write_memo(open_study(folder), about, text, memo_id=memo_id)
    say(f"Written: memos/{written.id}.md")


@memo.command("list")
@study_option
def list_memos(folder: Path | None) -> None:
    """Print all memos.

    \b
    Example:
      qualcode memo list
    """
    from qualcode.study.memos import read_memos

    memos, problems = read_memos(open_study(folder))
    for one in memos:
        click.echo(f"{one.id}  ({one.about})")
        click.echo("".join(f"    {line}\n" for line in one.text.strip().splitlines()), nl=False)
    finish(problems)
