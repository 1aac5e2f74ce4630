"""``qualcode find`` and the other analyses that start from the table of codings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import (
    PATH,
    Branching,
    Group,
    OutputFormat,
    expand_files,
    finish,
    format_option,
    out_option,
    print_analysis,
    print_frame,
    save_figure,
    save_result,
    say,
    table_options,
)
from qualcode.cli._inputs import analysis_options, counting_options, say_whose, speakers_option
from qualcode.cli._study import finish_study, open_study, print_records, study_option
from qualcode.cli._terminal import echo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qualcode.queries import Answer, Extent
    from qualcode.relations import Baseline, RelationTable, SequenceTable, Unit
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
@click.option("--by", metavar="ATTRIBUTE", help="Count what was found per group of cases, by a column of their table.")
@click.option("--save", "name", metavar="NAME", help="With a study: save the question under a name.")
@click.option("--explain", "is_explained", is_flag=True, help="Say the question in a sentence and stop.")
@table_options
def find(
    analysis: Analysis,
    query: str,
    answer: Answer,
    show: Extent,
    where: Mapping[str, str],
    speaker: str | None,
    talk: Talk,
    by: str | None,
    name: str | None,
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
    Parentheses group. A code has the passages of all codes below it. A saved question stands by its name, like a code.

    \b
    Examples:
      qualcode find "scheduling near 4 turns personnel-turnover" --study mystudy --save dates-and-people
      qualcode themes --study mystudy --question dates-and-people
      qualcode find "challenges not recognition" --in case --study mystudy --where role=teacher
    """
    from qualcode.queries import explain_query
    from qualcode.queries import find as find_in
    from qualcode.running import ask_named

    table = ask_named(analysis, query)
    if is_explained:
        echo(explain_query(table, query, answer=answer))
        return
    found = find_in(
        table,
        query,
        answer=answer,
        show=show,
        where=where,
        speaker=speaker,
        with_interviewer=talk,
        count_turns="interviewee" if skip_interviewer else "all",
    )
    if name is not None:
        _save_question(analysis, name, query)
    if by is None:
        print_analysis(found, output_format)
    else:
        print_frame(found.count_by(by), output_format)
        say(f"\n{found.sentence}")
    say_whose(analysis)
    finish([*analysis.problems, *found.problems])


def _save_question(analysis: Analysis, name: str, query: str) -> None:
    if analysis.study is None:
        raise click.UsageError("Only a study keeps questions: --save needs --study DIR.")
    saved = analysis.study.save_question(name, query)
    say(f"Saved as {saved.name}.")


@click.group(cls=Group)
def question() -> None:
    """List the questions that were saved in a study, or take one away.

    \b
    Example:
      qualcode question list --study mystudy
    """


@question.command("list")
@table_options
@study_option
def list_questions(output_format: OutputFormat, folder: Path | None) -> None:
    """List the saved questions by name.

    \b
    Example:
      qualcode question list --study mystudy
    """
    study = open_study(folder)
    questions, problems = study.questions()
    rows = [{"name": one.name, "question": one.question, "who": one.who, "at": one.at} for one in questions]
    print_records(rows, output_format, ("name", "question", "who", "at"))
    if not rows:
        say("No question is saved. Save one with: qualcode find QUESTION --save NAME")
    finish_study(study, problems)


@question.command("remove")
@click.argument("name")
@study_option
def remove_question(name: str, folder: Path | None) -> None:
    """Take a saved question away; the study's history keeps it.

    \b
    Example:
      qualcode question remove dates-and-people --study mystudy
    """
    study = open_study(folder)
    study.remove_question(name)
    say(f"Removed: {name}.")
    finish_study(study)


figure_option = click.option(
    "--figure", type=PATH, metavar="FILE", help="Draw it as well: .svg, .pdf or .png; without an ending, all three."
)
force_option = click.option("--force", is_flag=True, help="Replace the figure, or the file, if it exists.")


@click.command("plan")
@click.option("--prevalence", type=float, required=True, help="Share of people with the rarest theme that matters.")
@click.option("--instances", type=click.IntRange(min=1), default=1, show_default=True, help="Cases to find it in.")
@click.option("--power", type=float, default=0.8, show_default=True, help="The probability with which to.")
def plan_saturation(prevalence: float, instances: int, power: float) -> None:
    """Say how many cases are needed to meet a theme.

    \b
    Example:
      qualcode saturation plan --prevalence 0.1 --instances 2
    """
    from qualcode.saturation import plan_cases
    from qualcode.wording import plural

    if not (0 < prevalence <= 1 and 0 < power < 1):
        raise click.UsageError("Prevalence and power are shares between 0 and 1.")
    number = plan_cases(prevalence, instances=instances, power=power)
    echo(str(number))
    say(
        f"{number:,} cases drawn at random meet a theme of {100 * prevalence:g}% of all people at least "
        f"{'once' if instances == 1 else plural(instances, 'time')}, with a probability of {power:g} or more "
        "(Fugard & Potts 2015). Interviews are seldom drawn at random."
    )


def _read_share(_context: click.Context, _option: click.Parameter, value: str) -> float:
    """Return a share, given as ``5%`` or ``0.05``."""
    text = value.strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise click.BadParameter(f"“{text}” is not a share such as 5% or 0.05")
    return share


@click.command(cls=Branching, branches={"plan": plan_saturation})
@counting_options
@click.option("--level", type=click.IntRange(min=1), help="Level of codes to count.  [default: the codes people used]")
@click.option("--base", type=click.IntRange(min=1), default=4, show_default=True, help="Cases to compare with.")
@click.option("--run", "run_length", type=click.IntRange(min=1), default=2, show_default=True, help="Cases of a run.")
@click.option(
    "--threshold", default="5%", show_default=True, callback=_read_share, help="Share of new codes that is few."
)
@click.option(
    "--order",
    default="given",
    show_default=True,
    metavar="COLUMN",
    help="Order of the cases: given, a column of their table with numbers or dates, or coded (when a study's log says "
    "that each was finished).",
)
@click.option(
    "--orders", type=click.IntRange(0, 100_000), default=1000, show_default=True, help="Random orders to try."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=7, show_default=True, help="The same seed, the same orders."
)
@click.option(
    "--show",
    type=click.Choice(["new", "runs", "curve", "estimate", "meaning", "sentence"]),
    default="new",
    show_default=True,
    help="Which table to print.",
)
@figure_option
@force_option
@format_option
@out_option
def saturation(
    analysis: Analysis,
    level: int | None,
    base: int,
    run_length: int,
    threshold: float,
    order: str,
    orders: int,
    seed: int,
    show: str,
    figure: Path | None,
    output_format: OutputFormat,
    *,
    force: bool,
) -> None:
    """Count the codes that each further case brings, and say whether runs of cases bring few.

    Saturation depends on the level of codes and on the order of cases, so both stand in the sentence. Reflexive
    thematic analysis has good reasons to do without it. `qualcode saturation plan` says how many cases to plan.

    \b
    Examples:
      qualcode saturation --study mystudy --level 2
      qualcode saturation --study mystudy --order date --base 4 --run 3 --threshold 0%
      qualcode saturation plan --prevalence 0.1 --instances 2
    """
    from qualcode.saturation import saturate

    found = saturate(
        analysis.table,
        base=base,
        run=run_length,
        threshold=threshold,
        order=order,
        level=level,
        orders=orders,
        seed=seed,
        finished=_find_finished(analysis) if order == "coded" else None,
    )
    problems = [*analysis.problems, *found.problems]
    if figure is not None:
        problems += save_figure("saturation", found, figure, force=force)
    if show == "sentence":
        echo(found.sentence)
    elif show == "new":
        print_analysis(found, output_format)
    else:
        frames = {"runs": found.runs, "curve": found.curve, "meaning": found.meanings}
        frame = found.estimate.to_frame().T if show == "estimate" else frames[show]
        print_frame(frame if output_format != "table" else frame.round(3), output_format)
        say(f"\n{found.sentence}")
    say_whose(analysis)
    finish(problems)


def _find_finished(analysis: Analysis) -> dict[str, str]:
    if analysis.study is None:
        raise click.UsageError("Only a study knows when cases were coded: --order coded needs --study DIR.")
    return analysis.study.finished(analysis.table.coders)


@click.command()
@counting_options
@click.option(
    "--by", required=True, metavar="ATTRIBUTE", help="The column of the table of cases that makes the groups."
)
@click.option("--level", type=click.IntRange(min=1), help="Deepest level of the codebook to show; 1 shows themes only.")
@click.option(
    "--show",
    type=click.Choice(["cases", "words", "without", "quotes"]),
    default="cases",
    show_default=True,
    help="Cases with intervals, words, the cases that do not speak of a code, or the quotes of each group.",
)
@click.option("--code", metavar="CODE", help="With --show quotes or without: only this code.")
@click.option("--test", is_flag=True, help="Test the codes of one level, if two groups have 10 cases or more each.")
@figure_option
@force_option
@format_option
@out_option
def compare(
    analysis: Analysis,
    by: str,
    level: int | None,
    show: str,
    code: str | None,
    figure: Path | None,
    output_format: OutputFormat,
    *,
    test: bool,
    force: bool,
) -> None:
    """Compare groups of cases: how many of each speak of a code, with intervals.

    The unit is the case, not the segment. No test is made unless you ask, and none with few cases.

    \b
    Examples:
      qualcode compare --study mystudy --by role --level 1
      qualcode compare --study mystudy --by role --show without --code scheduling
    """
    from qualcode.comparing import compare as compare_groups

    found = compare_groups(analysis.table, by, level=level, test="fisher" if test else "none")
    problems = [*analysis.problems, *found.problems]
    if figure is not None:
        problems += save_figure("groups", found, figure, force=force)
    if show == "cases":
        print_analysis(found, output_format)
    else:
        frames = {"words": found.list_words, "without": found.list_without, "quotes": found.list_quotes}
        print_frame(frames[show](code), output_format)
        say(f"\n{found.sentence}")
    say_whose(analysis)
    finish(problems)


@click.command()
@counting_options
@click.option("--code", metavar="CODE", help="Only pairs with this code.")
@click.option("--level", type=click.IntRange(min=1), help="Deepest level of codes; with --next, the level of codes.")
@click.option(
    "--count",
    type=click.Choice(["segments", "characters"]),
    default="segments",
    show_default=True,
    help="Count the segments that --unit says, or characters.",
)
@click.option(
    "--min", "fewest", type=click.IntRange(min=1), default=3, show_default=True, help="No coefficient below so many."
)
@click.option(
    "--baseline",
    type=click.Choice(["none", "shift"]),
    default="none",
    show_default=True,
    help="Compare with codes shifted round their transcripts.",
)
@click.option("--next", "lag", type=click.IntRange(min=1), metavar="N", help="Which code follows which, N units later.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=7, show_default=True, help="The same seed, the same shifts."
)
@figure_option
@force_option
@format_option
@out_option
def relations(
    analysis: Analysis,
    code: str | None,
    level: int | None,
    count: Unit,
    fewest: int,
    baseline: Baseline,
    lag: int | None,
    seed: int,
    figure: Path | None,
    output_format: OutputFormat,
    *,
    force: bool,
) -> None:
    """Count in how many segments two codes come up together, or how often one follows the other.

    \b
    Examples:
      qualcode relations --study mystudy --code scheduling
      qualcode relations --study mystudy --baseline shift --figure network.pdf
      qualcode relations --study mystudy --next 1 --level 1
    """
    from qualcode.relations import follow, relate

    found: RelationTable | SequenceTable
    if lag is not None:
        if code is not None or count != "segments" or baseline != "none":
            raise click.UsageError("--code, --count and --baseline have no meaning with --next.")
        found = follow(analysis.table, lag=lag, level=level, fewest=fewest)
    else:
        found = relate(analysis.table, code=code, level=level, count=count, fewest=fewest, baseline=baseline, seed=seed)
    problems = [*analysis.problems, *found.problems]
    if figure is not None:
        problems += save_figure("network" if lag is None else "transitions", found, figure, force=force)
    print_analysis(found, output_format)
    say_whose(analysis)
    finish(problems)


@click.command()
@click.argument("inputs", nargs=-1, type=PATH, callback=expand_files, metavar="[TRANSCRIPTS...]")
@click.option("--study", type=PATH, metavar="DIR", help="A study folder, instead of transcripts.")
@click.option("--codebook", type=PATH, hidden=True)  # not needed, and taken as by the other analyses
@click.option("--interviewer", "interviewers", multiple=True, metavar="NAME", help="Speaker label of an interviewer.")
@speakers_option
@click.option("--language", metavar="CODE", help="Language of the transcripts.  [default: detected for each]")
@table_options
def talk(
    inputs: tuple[Path, ...],
    study: Path | None,
    codebook: Path | None,  # noqa: ARG001
    interviewers: tuple[str, ...],
    speakers: Path | None,
    language: str | None,
    output_format: OutputFormat,
) -> None:
    """Count who talks how much: turns, words, time and questions of every speaker.

    Labels that look like slips of the pen are warnings, since each makes a voice, and often a case, of its own.

    \b
    Examples:
      qualcode talk transcripts_sample
      qualcode talk --study mystudy --format csv
    """
    from qualcode.sources import read_speakers, read_transcripts
    from qualcode.voices import talk as count_talk

    if inputs and study is None:
        rows = read_speakers(speakers) if speakers is not None else ()
        transcripts, problems = read_transcripts(inputs, interviewers=interviewers, speakers=rows, language=language)
    elif inputs or interviewers or speakers or language:
        raise click.UsageError("Give transcripts, or a study, which knows its speakers and languages.")
    else:
        transcripts, problems = [*open_study(study).contents().transcripts], []
    found = count_talk(transcripts)
    print_analysis(found, output_format)
    finish([*problems, *found.problems])


appendix_option = click.option(
    "--out", type=PATH, metavar="FILE", help="Write the table to a file: .docx, .tex, .md or .xlsx."
)


def _read_bands(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """Return what ``--coarsen NAME=WIDTH`` says."""
    pairs = [value.partition("=") for value in values]
    if not all(name.strip() and width.strip().isdecimal() and int(width) for name, _, width in pairs):
        raise click.BadParameter("write an attribute and the width of its bands, such as age=10")
    return {name.strip(): int(width) for name, _, width in pairs}


@click.command()
@counting_options
@click.option(
    "--coarsen", multiple=True, metavar="NAME=WIDTH", callback=_read_bands, help="Give an attribute in bands."
)
@click.option("--aggregate", is_flag=True, help="Only how many cases have each value of each attribute.")
@appendix_option
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@format_option
def participants(
    analysis: Analysis,
    coarsen: Mapping[str, int],
    out: Path | None,
    output_format: OutputFormat,
    *,
    aggregate: bool,
    force: bool,
) -> None:
    """List who took part: cases with their attributes, minutes, words and codes.

    \b
    Examples:
      qualcode participants --study mystudy --out participants.docx
      qualcode participants --study mystudy --coarsen age=10
    """
    from qualcode.appendices import list_participants

    found = list_participants(analysis.table, coarsen=coarsen, show="counts" if aggregate else "cases")
    if out is not None:
        save_result(found, out, "Participants", force=force)
    print_analysis(found, output_format)
    finish([*analysis.problems, *found.problems])


@click.command("export")
@counting_options
@appendix_option
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@format_option
def export_codebook(analysis: Analysis, out: Path | None, output_format: OutputFormat, *, force: bool) -> None:
    """Write the codebook as an appendix: definitions, when to use a code and when not, an example, cases.

    Examples are quotes of the codings that count, chosen ones first. Check that they identify no person before you
    publish. With a study, it also says since when there is each code.

    \b
    Examples:
      qualcode codebook export --study mystudy --out codebook.docx
      qualcode codebook export --study mystudy --format csv
    """
    from qualcode.appendices import list_codebook

    since = analysis.study.code_days() if analysis.study is not None else None
    found = list_codebook(analysis.codebook, analysis.table, picks=analysis.picks, since=since)
    if out is not None:
        save_result(found, out, "Codebook", force=force)
    print_analysis(found, output_format)
    say_whose(analysis)
    finish(analysis.problems)


@click.command()
@analysis_options
@click.option(
    "--by", metavar="ATTRIBUTE", help="Compare each group of cases, by a column of their table, with the others."
)
@click.option("--code", metavar="CODE", help="Compare the sentences that carry a code with the others.")
@click.option("--min-cases", type=click.IntRange(min=1), default=3, show_default=True, help="Cases that use a word.")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Words of each group.")
@table_options
def words(
    analysis: Analysis, by: str | None, code: str | None, min_cases: int, top: int, output_format: OutputFormat
) -> None:
    """List the words that a group of cases, or what carries a code, uses more often than the rest.

    \b
    Examples:
      qualcode words --study mystudy --by role
      qualcode words --study mystudy --code scheduling --min-cases 2
    """
    from qualcode.keyness import list_words

    if (by is None) == (code is None):
        raise click.UsageError("Give --by ATTRIBUTE or --code CODE.")
    found = list_words(analysis.table, by, code=code, min_cases=min_cases, top=top)
    print_analysis(found, output_format)
    say_whose(analysis)
    finish([*analysis.problems, *found.problems])
