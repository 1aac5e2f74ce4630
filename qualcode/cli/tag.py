"""``qualcode tag``: the rules of a codebook over a study, or over a corpus of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qualcode.cli._common import PATH, expand_files, finish, name_options, say
from qualcode.cli._inputs import unit_option
from qualcode.cli._progress import showing_progress
from qualcode.cli._study import finish_study, open_study, study_option
from qualcode.cli._terminal import echo
from qualcode.wording import plural, shorten, typed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qualcode.study import Study, TagReport

_CORPUS_OPTIONS = (
    click.option("--codebook", type=PATH, metavar="FILE", help="The codebook, in YAML."),
    click.option("--out", type=PATH, metavar="FILE", help="The Parquet file to write."),
    click.option("--text-column", metavar="NAME", help="Column of the text.  [default: text]"),
    click.option(
        "--id-column", metavar="NAME", help="Column that names the transcript of a row.  [default: id, if any]"
    ),
    click.option("--speaker-column", metavar="NAME", help="Column of the speakers.  [default: speaker, if any]"),
    click.option("--case-column", metavar="NAME", help="Column of the cases.  [default: case, if any]"),
    click.option(
        "--interviewer",
        "interviewers",
        multiple=True,
        metavar="NAME",
        help="Speaker whose talk is not counted; may be repeated.  [default: inferred]",
    ),
    click.option("--language", metavar="CODE", help="Language: en, zh …  [default: detected for each transcript]"),
    unit_option,
    click.option(
        "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes (default 1) or Dask workers (default all)."
    ),
    click.option(
        "--engine",
        type=click.Choice(["auto", "dask"]),
        help="This machine's processes (auto), or the workers of a Dask cluster (dask).  [default: auto]",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Address of a Dask scheduler, such as tcp://10.0.0.5:8786.  [default: a cluster on this machine]",
    ),
    click.option(
        "--batch",
        type=click.IntRange(min=1),
        metavar="N",
        help="Characters worked on at a time; the result does not depend on it.  [default: 2000000]",
    ),
)


def _corpus_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_CORPUS_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("inputs", nargs=-1, type=PATH, callback=expand_files, metavar="[CORPUS...]")
@study_option
@click.option("--model", metavar="NAME", help="An installed spaCy model to use for lemmas.")
@click.option("--all", "everything", is_flag=True, help="In a study: run all rules again, not only those that changed.")
@_corpus_options
@click.option("--force", is_flag=True, help="For a corpus: replace the file of codings if it exists.")
def tag(
    inputs: tuple[Path, ...], folder: Path | None, model: str | None, *, everything: bool, force: bool, **options: Any
) -> None:
    """Run the rules of a codebook over a study, or over a corpus.

    In a study, this writes the suggestions of the rules; what people decided stays as it is.

    A CORPUS is a table (.parquet, a folder of .parquet files, .csv, .xlsx, .ods) with a row for each answer or turn:
    id, text and optionally speaker, case and attributes. Its codings go to a Parquet file, which `qualcode themes`
    counts. It may be of any size: processes or a Dask cluster tag it in batches, and an interrupted run continues where
    it stopped.

    \b
    Examples:
      qualcode tag --study my-study
      qualcode tag answers.parquet --codebook book.yaml --out codings.parquet --jobs 4
      qualcode tag survey.csv --text-column "What helped?" --codebook book.yaml --out codings.parquet
      qualcode tag corpus.parquet --codebook book.yaml --out codings.parquet --engine dask --jobs 2
    """
    given = {name: value for name, value in options.items() if value not in {None, ()}}
    if inputs:
        if folder is not None or everything:
            raise click.UsageError("For a corpus, leave out --study and --all.")
        _tag_corpus(inputs, model, force=force, **given)
    elif given or force:
        names = name_options([*given, "force"] if force else given)
        raise click.UsageError(f"{names} need a corpus; for a study, leave them out.")
    else:
        _tag_study(folder, model, everything=everything)


def _tag_corpus(inputs: tuple[Path, ...], model: str | None, **options: Any) -> None:
    for name in ("codebook", "out"):
        if name not in options:
            raise click.UsageError(f"A corpus needs --{name} FILE as well.")
    if "scheduler" in options and options.get("engine") != "dask":
        raise click.UsageError("--scheduler needs --engine dask.")
    if "scheduler" in options and "jobs" in options:
        raise click.UsageError("The scheduler has its own workers: leave out --jobs.")
    from qualcode.corpus import tag_corpus

    with showing_progress():
        report = tag_corpus(inputs, model=model, **options)
    facts = report.facts
    found = f" ({report.n_found:,} of {report.n_batches:,} batches were there already)" if report.n_found else ""
    say(
        f"{plural(facts.n_rows, 'row')}, {plural(facts.n_transcripts, 'transcript')}: "
        f"{plural(facts.n_codings, 'coding')} written to {report.out}{found}. Next: qualcode themes {typed(report.out)}"
    )
    finish(report.problems)


def _tag_study(folder: Path | None, model: str | None, *, everything: bool) -> None:
    study = open_study(folder)
    with showing_progress():
        report = study.tag(model=model, rules="all" if everything else "changed")
    new, gone, unchanged = report.totals
    echo(f"{new} new, {gone} gone, {unchanged} unchanged suggestions")
    codebook = study.codebook
    for code, (n_new, n_gone, n_unchanged) in report.counts.items():
        if n_new or n_gone:
            echo(f"  {codebook.path(code)}: {n_new} new, {n_gone} gone, {n_unchanged} unchanged")
    _print_touches(study, report)
    finish_study(study, report.problems)


def _print_touches(study: Study, report: TagReport) -> None:
    if report.touches:
        echo(f"{plural(len(report.touches), 'change')} where people had already decided; their decisions stay:")
    for touch in report.touches:
        own, other = touch.decision, touch.suggestion
        where = "" if own.span == other.span else f" on “{shorten(other.quote)}”"
        echo(
            f"  {study.address_of(own.transcript, own.span)} {own.code} “{shorten(own.quote)}”: {own.coder} "
            f"{own.verdict} it; the suggestion{where} is {touch.kind}"
        )
