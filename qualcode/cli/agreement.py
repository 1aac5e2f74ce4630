"""``qualcode agreement``: how far coders agree, how sure that is, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from qualcode.agreement import METRICS, list_coefficients
from qualcode.cli._common import PATH, Group, finish, format_option, out_option, print_frame, say, table_options
from qualcode.cli._progress import showing_progress
from qualcode.cli._terminal import echo
from qualcode.reports import FORMATS
from qualcode.wording import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from qualcode.agreement import AgreementCourse, AgreementResult, CoderTable, StabilityTable
    from qualcode.cli._common import OutputFormat
    from qualcode.errors import Problem
    from qualcode.results import Result
    from qualcode.study import Study
    from qualcode.tables import CodingTable

_FIXED = ("coefficient", "metric", "value", "low", "high", "standard_error", "n_units", "n_coders", "reason")
"""The keys that programs find in the JSON of every coefficient of a file."""

_OF_SPANS = ("code", "coverage")
"""The keys that come with them where one coefficient is given per code, or says nothing without its coverage."""

_TAKEN = {
    "--from-csv": {"coefficients", "metric", "weights", "categories", "missing", "no_code", "separator", "columns"},
    "--from-csv and --spans": {"coefficients", "spans", "categories", "length", "code", "reach", "columns"},
    "--study": {"coefficients", "metric", "unit", "level", "by", "family", "interviewer", "drawn", "resolved"}
    | {"show", "figure", "report", "force", "study"},
    "--study and --spans": {"coefficients", "spans", "position", "unit", "level", "interviewer", "drawn", "resolved"}
    | {"show", "figure", "force", "reach", "study"},
    "--study and --show": {"unit", "level", "interviewer", "code", "show", "study", "figure", "force", "at"},
}
"""Which options mean something together with which; those about coders, draws and printing always do."""

_TRACKED = ("drift", "pairs", "without", "self")
"""What is shown of a study as one table of alphas."""

_ALWAYS = {"csv_path", "coders", "draws", "seed", "output_format", "table_file", "force"}


def _refuse_idle(ctx: click.Context, where: str) -> None:
    """Refuse an option that would change nothing, so that nobody believes it did."""
    for option in ctx.command.params:
        name = str(option.name)
        is_given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if is_given and ctx.params[name] != option.default and name not in _TAKEN[where] | _ALWAYS:
            raise click.UsageError(f"{option.opts[0]} has no meaning with {where}.")


def _split(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if value else ()


def _split_pairs(context: click.Context, option: click.Parameter, value: str | None) -> dict[str, str]:
    pairs = [part.partition("=")[::2] for part in _split(context, option, value)]
    if not all(column for _, column in pairs):
        raise click.BadParameter("write NAME=COLUMN, as in unit=document,coder=annotator,value=label.")
    return {name.strip(): column.strip() for name, column in pairs}


@click.group(cls=Group, invoke_without_command=True)
@click.option(
    "--study",
    type=PATH,
    metavar="DIR",
    help="The study whose coders to compare.  [default: the study you are in]",
)
@click.option(
    "--from-csv",
    "csv_path",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Values from another program: unit,coder,value, or one column per coder; - for standard input.",
)
@click.option("--coders", callback=_split, metavar="A,B", help="The coders to compare.  [default: all]")
@click.option(
    "--coefficient",
    "coefficients",
    callback=_split,
    metavar="NAMES",
    help=f"Any of: {', '.join(list_coefficients('units'))}; with --spans: {', '.join(list_coefficients('passages'))}.",
)
@click.option(
    "--metric",
    type=click.Choice(METRICS),
    default="nominal",
    show_default=True,
    help="What the values are; masi and jaccard are for sets.",
)
@click.option("--spans", is_flag=True, help="Compare passages: in a file, coder,start,end,value.")
@click.option(
    "--in",
    "position",
    type=click.Choice(["words", "characters"]),
    default="words",
    show_default=True,
    help="In a study, with --spans: what to measure the text in.",
)
@click.option(
    "--unit", type=click.Choice(["turn", "paragraph", "sentence"]), help="In a study: the segments to compare."
)
@click.option(
    "--level",
    type=click.IntRange(min=1),
    help="In a study: deepest level of the codebook to compare; 1 for themes only.",
)
@click.option(
    "--by",
    type=click.Choice(["code", "transcript", "case"]),
    default="code",
    show_default=True,
    help="In a study: what each row is for.",
)
@click.option("--family", metavar="CODE", help="In a study: the codes right below CODE exclude one another.")
@click.option("--interviewer", is_flag=True, help="In a study: compare interviewer talk as well.")
@click.option(
    "--show",
    type=click.Choice(
        ["numbers", "disagreements", "confusion", "causes", "drift", "pairs", "without", "self", "methods"]
    ),
    default="numbers",
    show_default=True,
    help="In a study: the numbers, the reasons behind them, agreement over time, of each pair, without each coder, of "
    "coders with their own earlier coding (with --at), or sentences for the paper.",
)
@click.option(
    "--at",
    default="",
    metavar="TIME",
    help="With --show self: the earlier date or time: 2026-03-31 or 2026-03-31T14:05.",
)
@click.option("--drawn", default="", metavar="TEXT", help="For the paper: how the passages were chosen.")
@click.option("--resolved", default="", metavar="TEXT", help="For the paper: how disagreements were resolved.")
@click.option(
    "--figure", type=PATH, metavar="FILE", help="In a study: draw the interval of each code, or of each block."
)
@click.option(
    "--report",
    type=PATH,
    metavar="FILE",
    help=f"In a study: write the report with a section on agreement, as {join([*FORMATS], 'or')}.",
)
@click.option("--force", is_flag=True, help="Replace the figure or the report if it exists.")
@click.option(
    "--weights",
    type=click.Choice(["identity", "linear", "quadratic", "ordinal", "ratio", "bipolar"]),
    help="Weights of the kappas, AC2 and Brennan–Prediger.  [default: those of the metric]",
)
@click.option("--categories", callback=_split, metavar="A,B,C", help="The values that exist, used or not, in order.")
@click.option("--missing", multiple=True, metavar="WORD", help="In a file: a word that means “did not read it”.")
@click.option("--no-code", default="", metavar="WORD", help="In a file: the word that means “read it, no code fits”.")
@click.option("--separator", default="", metavar="TEXT", help="In a file: what separates several values in one cell.")
@click.option(
    "--columns",
    callback=_split_pairs,
    metavar="NAME=COLUMN,…",
    help="In a file: what its columns hold, as in unit=document,coder=annotator,value=label.",
)
@click.option("--length", type=click.IntRange(min=1), help="In a file of passages: how long the text is.")
@click.option("--code", metavar="CODE", help="Only passages or disagreements of this code.")
@click.option(
    "--reach",
    type=click.IntRange(min=2),
    default=2,
    show_default=True,
    help="With boundary: moves by fewer positions than this are near misses.",
)
@click.option("--draws", type=click.IntRange(0, 100_000), default=1000, show_default=True, help="Bootstrap samples.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed gives the same intervals."
)
@format_option
@out_option
@click.pass_context
def agreement(
    ctx: click.Context,
    /,
    study: Path | None,
    csv_path: Path | None,
    output_format: OutputFormat,
    show: str,
    **options: Any,
) -> None:
    """Measure how far coders agree, with intervals and the reasons for disagreement.

    Reflexive thematic analysis has good reasons to do without these numbers. No report needs them.

    \b
    Examples:
      qualcode agreement --study . --coders ana,ben
      qualcode agreement --study . --coders ana,ben --show disagreements --format csv
      qualcode agreement --study . --coders ana --show self --at 2026-03-31
      qualcode agreement --from-csv ratings.csv --coefficient alpha,cohen,ac1
      qualcode agreement --from-csv passages.csv --spans
      qualcode agreement plan --prevalence 0.1 --agreement 0.8
    """
    if ctx.invoked_subcommand is not None:
        return
    source = "--study" if csv_path is None else "--from-csv"
    spans = " and --spans" if options["spans"] else ""
    is_explained = csv_path is None and show not in {"numbers", "methods"}
    if is_explained and (show == "self") != bool(options["at"]):
        told = f"--at has no meaning with --show {show}." if options["at"] else "--show self needs --at TIME."
        raise click.UsageError(told)
    _refuse_idle(ctx, source + (" and --show" if is_explained else spans))
    if csv_path is None:
        _compare_study(study or _find_study(), show, output_format, options)
    else:
        measure = _measure_spans if options["spans"] else _measure_values
        _print_result(measure(csv_path, options), output_format)


def _find_study() -> Path:
    """Return the study in which one stands; without one, there is nothing to compare."""
    from qualcode.errors import StudyError
    from qualcode.study import find_study

    try:
        return find_study()
    except StudyError as error:
        raise click.UsageError("Give what to compare: --study DIR or --from-csv FILE.") from error


def _compare_study(folder: Path, show: str, output_format: OutputFormat, options: dict[str, Any]) -> None:
    from qualcode.study import open_study

    coders = options["coders"] or None
    study = open_study(folder)
    table = study.tabulate(coders=coders, unit=options["unit"])
    about = {"coders": coders, "level": options["level"], "interviewer": "yes" if options["interviewer"] else "no"}
    unread = [*study.transcripts()[1], *study.sheets(coders or None)[1]]
    if show in {"numbers", "methods"}:
        more = {"versions": study.equivalent_codebooks(), "unread": unread}
        _print_study(table, show, output_format, about, {**options, **more})
        return
    if show in _TRACKED:
        found = _track(study, table, show, about, options)
        _print_explained(found.frame, output_format)
        say(f"\n{found.sentence}")
        told = _draw(found, options["figure"], kind="drift", force=options["force"]) if options["figure"] else ()
        finish(dict.fromkeys([*unread, *table.problems, *found.problems, *told]))  # both times may have the same
        return
    if options["figure"] is not None:
        raise click.UsageError("--figure has no meaning with --study and --show.")
    _print_explained(_explain(table, show, about, options), output_format)
    finish([*unread, *table.problems])


def _track(
    study: Study, table: CodingTable, show: str, about: dict[str, Any], options: dict[str, Any]
) -> AgreementCourse | CoderTable | StabilityTable:
    from dataclasses import replace

    from qualcode.agreement import compare_pairs, compare_with_earlier, leave_out_coders, track_agreement

    drawn = {name: options[name] for name in ("draws", "seed")}
    if show == "drift":
        changes = [str(note.get("at", "")) for note in study.notes() if note.get("what") == "codebook"]
        return track_agreement(table, changes=changes, **about, **drawn)
    if options["figure"] is not None:
        raise click.UsageError(f"--figure has no meaning with --show {show}.")
    if show == "self":
        earlier = study.tabulate_earlier(options["at"], coders=about["coders"], unit=options["unit"])
        found = compare_with_earlier(table, earlier, versions=study.equivalent_codebooks(), **about, **drawn)
        return replace(found, problems=(*earlier.problems, *found.problems))
    return (compare_pairs if show == "pairs" else leave_out_coders)(table, **about, **drawn)


def _explain(table: CodingTable, show: str, about: dict[str, Any], options: dict[str, Any]) -> pd.DataFrame:
    from qualcode.agreement import confuse_codes, explain_agreement, list_disagreements

    if show == "disagreements":
        return list_disagreements(table, code=options["code"], **about)
    if show == "confusion":
        return confuse_codes(table, **about)
    return explain_agreement(table, **about)


def _print_study(
    table: CodingTable, show: str, output_format: OutputFormat, about: dict[str, Any], options: dict[str, Any]
) -> None:
    from qualcode.agreement import measure_agreement, measure_passages

    drawn = {name: options[name] for name in ("draws", "seed")}
    with showing_progress("Measuring agreement"):
        if options["spans"]:
            chosen = {name: options[name] for name in ("coefficients", "position", "reach", "drawn", "resolved")}
            result = measure_passages(table, **about, **chosen, **drawn)
        else:
            names = ("by", "family", "coefficients", "metric", "drawn", "resolved", "versions")
            result = measure_agreement(table, **about, **{name: options[name] for name in names}, **drawn)
    if show == "methods":
        echo(result.methods())
    elif output_format == "table":
        if options["spans"]:
            _print_estimates(result.frame)
        else:
            _print_estimates(result.summary, digits=2)
        of = "the text" if options["spans"] else "units"
        echo(f"\nShare of {of} to which each coder gave each code, in %:")
        print_frame(result.uses, "table")
    else:
        print_frame(result.frame, output_format)
    told: Sequence[Problem] = ()
    if options["figure"] is not None:
        told = _draw(result, options["figure"], force=options["force"])
    if options["report"] is not None:  # which has the figure too
        told = _write_report(table, result, options["report"], force=options["force"])
    if result.left_out:
        say(f"{result.left_out_words()}.")
    finish([*options["unread"], *result.problems, *told])


def _write_report(table: CodingTable, result: AgreementResult, path: Path, *, force: bool) -> Sequence[Problem]:
    from qualcode.running import write_agreement_report

    written, problems = write_agreement_report(table, result, path, force=force)
    say(f"Written: {written}")
    return problems


def _draw(result: AgreementResult | Result, path: Path, *, force: bool, kind: str = "agreement") -> Sequence[Problem]:
    from qualcode.figures import draw
    from qualcode.running import save_chart

    chart = draw(kind, result)
    for written in save_chart(chart, path, force=force):
        say(f"Written: {written}")
    return chart.problems


def _read(path: Path) -> tuple[str, str] | None:
    return (sys.stdin.read().removeprefix("\ufeff"), "standard input") if str(path) == "-" else None


def _measure_values(path: Path, options: dict[str, Any]) -> AgreementResult:
    from qualcode.agreement import Dialect, compare_ratings, parse_ratings, read_ratings

    about = {
        **{name: options[name] for name in ("coders", "categories", "metric", "columns")},
        "dialect": Dialect(frozenset(options["missing"]), options["no_code"], options["separator"]),
    }
    given = _read(path)
    ratings = parse_ratings(*given, **about) if given else read_ratings(path, **about)
    chosen = {name: options[name] for name in ("metric", "weights", "draws", "seed")}
    return compare_ratings(ratings, options["coefficients"], **chosen)


def _measure_spans(path: Path, options: dict[str, Any]) -> AgreementResult:
    from qualcode.agreement import compare_spans, parse_spans, read_spans

    about = {name: options[name] for name in ("coders", "categories", "length", "columns")}
    given = _read(path)
    continua = parse_spans(*given, **about) if given else read_spans(path, **about)
    chosen = {name: options[name] for name in ("code", "reach", "draws", "seed")}
    return compare_spans(continua, options["coefficients"], **chosen)


def _print_explained(frame: pd.DataFrame, output_format: OutputFormat) -> None:
    from qualcode.agreement import in_percent

    print_frame(in_percent(frame).round(3) if output_format == "table" else frame, output_format)


def _print_estimates(frame: pd.DataFrame, digits: int = 3) -> None:
    from qualcode.agreement import laid_out

    table, reasons = laid_out(frame, digits)
    print_frame(table, "table")
    for reason in reasons:
        echo(reason)


def _print_result(result: AgreementResult, output_format: OutputFormat) -> None:
    from qualcode.agreement import has_content

    if output_format == "table":
        _print_estimates(result.frame)
        echo("\nShare of each value, in %:")
        print_frame(result.uses, "table")
    elif output_format == "json":
        frame = result.frame
        print_frame(frame[[*_FIXED, *(name for name in _OF_SPANS if has_content(frame[name]))]], "json")
    else:
        print_frame(result.frame, output_format)
    say(f"Compared: {', '.join(result.coders)}.")
    if result.left_out:
        say(f"{result.left_out_words()}.")
    finish(result.problems)


@agreement.command()
@click.option("--agreement", "expected", type=float, default=0.8, show_default=True, help="The alpha you expect.")
@click.option("--prevalence", type=float, default=0.1, show_default=True, help="Share of segments with the code.")
@click.option("--coders", "n_coders", type=int, default=2, show_default=True, help="Coders per segment.")
@click.option("--width", type=float, default=0.2, show_default=True, help="Desired width of the 95% interval.")
@click.option("--threshold", type=float, default=0.667, show_default=True, help="The alpha to exceed, for the power.")
@click.option(
    "--segments",
    "n_segments",
    type=int,
    help="Segments in the study; adds a line for each share that journals ask for.",
)
@click.option(
    "--similarity",
    type=float,
    default=0.0,
    show_default=True,
    help="How alike segments of one transcript are (0 to 1; 0.05 is common).",
)
@click.option("--per-transcript", type=int, default=20, show_default=True, help="Segments drawn from one transcript.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed gives the same numbers."
)
@table_options
def plan(output_format: OutputFormat, **options: Any) -> None:
    """Plan how many segments to double code.

    Simulated studies give the interval to expect around alpha, and the power to show that alpha exceeds a threshold.

    \b
    Examples:
      qualcode agreement plan --prevalence 0.1 --agreement 0.8 --width 0.2
      qualcode agreement plan --segments 1200 --prevalence 0.05
    """
    from qualcode.agreement import Expectation, plan_agreement

    expectation = Expectation(
        agreement=options["expected"],
        prevalence=options["prevalence"],
        n_coders=options["n_coders"],
        similarity=options["similarity"],
        segments_per_transcript=options["per_transcript"],
    )
    chosen = {name: options[name] for name in ("width", "threshold", "n_segments", "seed")}
    found = plan_agreement(expectation, **chosen)
    _print_explained(found.frame.round(3), output_format)
    say(f"\n{found.sentence}")
