"""The options of every command that counts: transcripts with a codebook, or a study folder."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli._common import PATH, expand_files, name_options, say
from qualcode.cli._progress import showing_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from qualcode.running import Analysis

    Command = Callable[..., Any]

# What click's decorators take, whatever the option; click has no type of its own for it.
_TRANSCRIPTS: dict[str, Any] = {"nargs": -1, "type": PATH, "callback": expand_files}
_FILE: dict[str, Any] = {"type": PATH, "metavar": "FILE"}
_CODEBOOK_HELP = "The codebook, in YAML."

unit_option = click.option(
    "--unit",
    type=click.Choice(["turn", "paragraph", "sentence"]),
    help="The kind of segment to count.  [default: turn, or what the study says]",
)
coders_option = click.option(
    "--coders",
    metavar="NAMES",
    callback=lambda _context, _option, value: [name.strip() for name in value.split(",")] if value else None,
    help="With a study: whose codings to count. Names separated by commas (their union), or agreed, or consensus.  "
    "[default: the only coder's; of several, what they agreed on; else the rules']",
)

speakers_option = click.option(
    "--speakers",
    **_FILE,
    help="Table of the speakers: transcript, label, person, role (interviewer, participant, other). It overrides "
    "what is inferred.",
)

_READING = (
    click.option(
        "--cases",
        **_FILE,
        help="Table of the cases and their attributes.  [default: cases.csv among the transcripts, if there is one]",
    ),
    click.option(
        "--interviewer",
        "interviewers",
        multiple=True,
        metavar="NAME",
        help="Speaker label of an interviewer, whose talk is not counted; may be repeated.  [default: inferred]",
    ),
    speakers_option,
    click.option(
        "--language",
        metavar="CODE",
        help="Language of the transcripts: en, zh …  [default: detected for each transcript]",
    ),
    click.option("--encoding", metavar="NAME", help="Character encoding of text files.  [default: detected]"),
    click.option(
        "--speaker-pattern",
        metavar="REGEX",
        help="Regular expression for unusual speaker labels, with a group (?P<speaker>…).",
    ),
    click.option("--model", metavar="NAME", help="An installed spaCy model to use for lemmas and sentences."),
)

_FROM_FILES = (
    click.argument("inputs", **_TRANSCRIPTS, required=True, metavar="TRANSCRIPTS..."),
    click.option("--codebook", **_FILE, required=True, help=_CODEBOOK_HELP),
    unit_option,
    *_READING,
)

question_option = click.option(
    "--question",
    "questions",
    multiple=True,
    metavar="NAME",
    help="Count a saved question like a code (see find --save), or NAME=QUESTION; may be repeated.",
)

_FROM_ANYWHERE = (
    click.argument("inputs", **_TRANSCRIPTS, metavar="[TRANSCRIPTS...]"),
    click.option("--codebook", **_FILE, help=_CODEBOOK_HELP),
    click.option("--study", **(_FILE | {"metavar": "DIR"}), help="A study folder, instead of transcripts."),
    coders_option,
    unit_option,
    question_option,
    *_READING,
)


def files_options(command: Command) -> Command:
    """Add the inputs and options that :func:`qualcode.running.analyse` takes."""
    return _add(_FROM_FILES, command)


def analysis_options(command: Command) -> Command:
    """Give a command an :class:`~qualcode.running.Analysis`, from transcripts and a codebook or from a study."""
    return _give_analysis(command, takes_codings=False)


def counting_options(command: Command) -> Command:
    """Give a command an analysis as :func:`analysis_options`, or one of a file of codings, which has no texts."""
    return _give_analysis(command, takes_codings=True)


def _give_analysis(command: Command, *, takes_codings: bool) -> Command:

    @wraps(command)
    def read_first(
        *,
        inputs: tuple[Path, ...],
        codebook: Path | None,
        study: Path | None,
        coders: Collection[str] | None,
        unit: Any,
        cases: Path | None,
        interviewers: tuple[str, ...],
        speakers: Path | None,
        language: str | None,
        encoding: str | None,
        speaker_pattern: str | None,
        model: str | None,
        questions: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        from qualcode.running import analyse, analyse_codings, analyse_study, count_named

        reading: dict[str, Any] = {
            "cases": cases,
            "interviewers": interviewers,
            "speakers": speakers,
            "language": language,
            "encoding": encoding,
            "speaker_pattern": speaker_pattern,
            "model": model,
        }
        if takes_codings and inputs and _are_codings(inputs):
            _refuse_beside_codings(inputs, {"study": study, "coders": coders, **reading})
            with showing_progress():
                analysis = analyse_codings(inputs[0], codebook, unit=unit)
        elif inputs and codebook is not None and study is None and coders is None:
            with showing_progress() as progress:
                analysis = analyse(inputs, codebook, unit=unit or "turn", progress=progress, **reading)
        else:
            _refuse_mixture(inputs, codebook, reading)
            with showing_progress() as progress:
                analysis = analyse_study(study, coders=coders, unit=unit, progress=progress)
        return command(count_named(analysis, questions) if questions else analysis, **rest)

    return _add(_FROM_ANYWHERE, read_first)


def say_whose(analysis: Analysis) -> None:
    """Say whose codings are counted where what is printed does not."""
    if analysis.table.whose:
        say(analysis.table.whose)


def _are_codings(inputs: tuple[Path, ...]) -> bool:
    if not any(path.suffix.lower() == ".parquet" for path in inputs):
        return False
    if len(inputs) > 1:
        raise click.UsageError("Give one file of codings at a time.")
    return True


def _refuse_beside_codings(inputs: tuple[Path, ...], options: dict[str, Any]) -> None:
    if given := name_options(name for name, value in options.items() if value):
        raise click.UsageError(f"{inputs[0].name} holds codings: leave out {given}.")


def _refuse_mixture(inputs: tuple[Path, ...], codebook: Path | None, reading: dict[str, Any]) -> None:
    """Refuse what says both or neither of "these files" and "this study"."""
    if inputs and codebook is None:
        raise click.UsageError("Transcripts need --codebook FILE as well.")
    options = name_options(name for name, value in {"codebook": codebook, **reading}.items() if value)
    given = ", ".join(filter(None, ["transcripts" if inputs else "", options]))
    if given:
        raise click.UsageError(
            f"A study has its own transcripts and codebook: leave out {given}. To count files instead, give "
            "transcripts and --codebook, and leave out --study and --coders."
        )


def _add(options: tuple[Command, ...], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
