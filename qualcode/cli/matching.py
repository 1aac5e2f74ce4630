"""``qualcode explain``, ``kwic``, ``suggest-terms``, ``cache`` and ``codebook test``: what rules do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, Group, OutputFormat, expand_files, finish, print_frame, say, table_options
from qualcode.cli._inputs import analysis_options, say_whose
from qualcode.cli._progress import showing_progress
from qualcode.cli._terminal import echo

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.keywords import Order
    from qualcode.running import Analysis


@click.command()
@click.argument("place", metavar="TRANSCRIPT:SEGMENT")
@analysis_options
@click.option("--why", "code", metavar="CODE", help="Only the rules of this code, including those that match nothing.")
@table_options
def explain(analysis: Analysis, place: str, code: str | None, output_format: OutputFormat) -> None:
    """Show which rules fired on a turn or sentence, which nearly did, and what stopped them.

    \b
    Examples:
      qualcode explain P1:t004 transcripts_sample --codebook codebooks/industry_partnership.yaml
      qualcode explain P1:s0021 --why scheduling transcripts_sample --codebook codebooks/industry_partnership.yaml
    """
    from qualcode.explaining import explain as explain_segment
    from qualcode.explaining import to_frame

    name, _, segment = place.rpartition(":")
    found = [transcript for transcript in analysis.transcripts if transcript.id == name]
    if not found or not segment:
        names = ", ".join(transcript.id for transcript in analysis.transcripts)
        raise click.UsageError(
            f"Name a transcript and a segment, such as {names.split(', ')[0]}:t001; there are {names}."
        )
    rows = explain_segment(found[0], segment, analysis.codebook, code=code, index=analysis.table.index)
    print_frame(to_frame(rows), output_format)
    if not rows:
        say("No rule matches anything there.")


@click.command()
@click.argument("term")
@click.argument("inputs", nargs=-1, required=True, type=PATH, callback=expand_files, metavar="TRANSCRIPTS...")
@click.option("--width", default=8, show_default=True, type=click.IntRange(min=1), help="Words on each side.")
@click.option(
    "--sort",
    type=click.Choice(["text", "left", "right"]),
    default="text",
    show_default=True,
    help="Sort by the text, or by the words before (left) or after (right), nearest first.",
)
@click.option(
    "--language", metavar="CODE", help="Language of the transcripts.  [default: detected for each transcript]"
)
@click.option("--model", metavar="NAME", help="An installed spaCy model to use for lemmas and sentences.")
@table_options
def kwic(
    term: str,
    inputs: tuple[Path, ...],
    width: int,
    sort: Order,
    language: str | None,
    model: str | None,
    output_format: OutputFormat,
) -> None:
    """List every occurrence of a term with the words around it.

    Write TERM as in a rule: a word or phrase, matched by lemma, with * and ? inside words and ... for a gap; or
    exact:FORM, or regex:PATTERN.

    \b
    Examples:
      qualcode kwic "follow up" transcripts_sample
      qualcode kwic "mentor*" transcripts_sample --sort right --format csv
    """
    from qualcode.keywords import kwic as find_in_context
    from qualcode.sources import read_transcripts

    with showing_progress() as progress:
        transcripts, problems = read_transcripts(inputs, language=language, model=model)
        progress("Searching")
        frame = find_in_context(transcripts, term, width=width, sort=sort, model=model)
    shown = ["transcript", "segment", "left", "match", "right"]
    print_frame(frame, output_format, shown=shown)
    say(f"\n{len(frame)} occurrence{'s' if len(frame) != 1 else ''}.")
    finish(problems)


@click.command("suggest-terms")
@click.argument("code", metavar="CODE")
@analysis_options
@click.option("--top", default=20, show_default=True, type=click.IntRange(min=1), help="How many to print.")
@table_options
def suggest_terms(analysis: Analysis, code: str, top: int, output_format: OutputFormat) -> None:
    """List words and phrases that are typical of a code, as candidates for new rules.

    They come from passages that people gave the code or, before anyone has coded, from the hits of its rules.

    \b
    Example:
      qualcode suggest-terms scheduling transcripts_sample --codebook codebooks/industry_partnership.yaml
    """
    from qualcode.keywords import suggest_terms as suggest

    frame = suggest(analysis.transcripts, analysis.sheets, analysis.codebook, code, top=top)
    print_frame(frame, output_format)
    say_whose(analysis)
    finish(analysis.problems)


@click.command("test")
@analysis_options
@table_options
def test_rules(analysis: Analysis, output_format: OutputFormat) -> None:
    """Show how each rule performs: hits, hits that only it finds, its examples, and a person's codings.

    A rule without hits is dead; of rules that always fire together, you may not need all. With --study and --coders,
    precision and recall compare the rules with what those people coded.

    \b
    Examples:
      qualcode codebook test transcripts_sample --codebook codebooks/industry_partnership.yaml
      qualcode codebook test --study mystudy --coders ana
    """
    from qualcode.explaining import try_rules

    frame = try_rules(analysis.transcripts, analysis.codebook, sheets=analysis.sheets, index=analysis.table.index)
    print_frame(frame.round(3), output_format)
    n_dead = int((frame["hits"] == 0).sum())
    say(f"\n{len(frame)} rules, {n_dead} of them without a hit.")
    say_whose(analysis)
    finish(analysis.problems)


@click.group(cls=Group)
def cache() -> None:
    """Show or clear the cache of words and codebooks.

    One file per language lists the words that occurred in your texts, so that spaCy analyses each word only once. It
    holds neither the texts nor the order of the words. Another file holds the digests of valid codebooks. Only you can
    read these files. Set the environment variable QUALCODE_CACHE to another folder, or to `off`.

    \b
    Example:
      qualcode cache path
    """


@cache.command()
def path() -> None:
    """Print the path of the cache folder.

    \b
    Example:
      qualcode cache path
    """
    from qualcode.caching import cache_folder

    echo(str(cache_folder() or "off"))


@cache.command()
def clear() -> None:
    """Delete the cache.

    \b
    Example:
      qualcode cache clear
    """
    from qualcode.caching import cache_folder, clear_cache

    n_files = clear_cache()
    say(f"Deleted {n_files} file{'s' if n_files != 1 else ''} in {cache_folder() or 'no folder: the cache is off'}.")
