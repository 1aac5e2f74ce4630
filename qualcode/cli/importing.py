"""``qualcode import``: look at transcripts as they were understood, and write them in the form a study holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from qualcode.cli._common import PATH, expand_files, finish, say, show_reading
from qualcode.cli._inputs import speakers_option
from qualcode.cli._progress import showing_progress
from qualcode.cli._study import open_study, why_option
from qualcode.cli._terminal import echo
from qualcode.wording import plural, typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qualcode.errors import Problem
    from qualcode.model import Case, Transcript
    from qualcode.sources import Columns, Speaker
    from qualcode.study import Study


@click.command(name="import")
@click.argument("inputs", nargs=-1, required=True, type=PATH, callback=expand_files, metavar="FILE...")
@click.option("--preview", "is_preview", is_flag=True, help="Show what would be read, and write nothing.")
@click.option("--to", "folder", type=PATH, metavar="FOLDER", help="Write NAME.txt and NAME.json to this folder.")
@click.option("--force", is_flag=True, help="Replace files of the same names.")
@click.option(
    "--update", "is_update", is_flag=True, help="In a study: the files are corrected versions of transcripts."
)
@why_option
@click.option(
    "--study",
    "study_folder",
    type=PATH,
    metavar="DIR",
    help="Import into this study.  [default: the one you are in]",
)
@click.option(
    "--speaker-pattern",
    metavar="REGEX",
    help="Regular expression for unusual speaker labels, with a group (?P<speaker>…) and optionally (?P<time>…).",
)
@click.option(
    "--interviewer",
    "interviewers",
    multiple=True,
    metavar="NAME",
    help="Speaker label of an interviewer; may be repeated.  [default: inferred]",
)
@speakers_option
@click.option("--encoding", metavar="NAME", help="Character encoding of text files.  [default: detected]")
@click.option("--language", metavar="CODE", help="Language: en, zh …  [default: detected]")
@click.option("--model", metavar="NAME", help="An installed spaCy model to find sentences with.")
@click.option("--text-column", metavar="NAME", help="Read FILE as a survey table; this column holds the answers.")
@click.option("--speaker-column", metavar="NAME", help="Read FILE as a table of talk; this column holds the speakers.")
@click.option("--time-column", metavar="NAME", help="Column of a table of talk that holds the times.")
@click.option("--transcript-column", metavar="NAME", help="Column of a table of talk that names the transcripts.")
@click.option("--id-column", metavar="NAME", help="Column of the survey that names the respondents.")
@click.option("--sheet", metavar="NAME", help="Sheet of the survey's workbook.  [default: the first]")
def import_(
    inputs: tuple[Path, ...],
    is_preview: bool,  # noqa: FBT001  # click passes flags by name
    folder: Path | None,
    force: bool,  # noqa: FBT001  # as above
    is_update: bool,  # noqa: FBT001  # as above
    why: str,
    study_folder: Path | None,
    speakers: Path | None,
    **reading: Any,
) -> None:
    """Read transcripts of any known format into plain text and segments.

    Use --preview first: it shows the format, the encoding, how much each person speaks, the first turns, and anything
    left out or doubtful.

    \b
    Examples:
      qualcode import --preview interviews/*.docx
      qualcode import --study my-study interviews/*.docx
      qualcode import --study my-study --update P07.docx --why "names corrected"
      qualcode import interviews --to study/transcripts --interviewer "Dr Lee"
      qualcode import survey.xlsx --text-column "What helped?" --id-column id --to study/transcripts
    """
    if is_preview and folder is not None:
        raise click.UsageError("Give either --preview or --to FOLDER.")
    from qualcode.sources import preview, read_speakers, write_transcripts

    study = None if is_preview or folder is not None else open_study(study_folder)
    rows = read_speakers(speakers) if speakers is not None else ()
    cases: Sequence[Case] = ()
    problems: Sequence[Problem] = ()
    if reading["text_column"] is not None and _columns(reading) == _columns({"text_column": reading["text_column"]}):
        transcripts, cases = _read_survey(inputs, study, **reading)
    else:
        transcripts, problems = _read(inputs, study, rows, **reading)
    if study is not None:
        more, transcripts = _import(study, transcripts, inputs, is_update=is_update, why=why, speakers=rows)
        problems = [*problems, *more]
    elif folder is None:
        echo("\n\n".join(map(preview, transcripts)))
    else:
        written = write_transcripts(transcripts, folder, cases=cases, force=force)
        say(f"Wrote {len(written)} files to {folder}.")
    show_reading(transcripts)
    doubts = [
        problem for transcript in transcripts for problem in transcript.source.problems if problem.level != "note"
    ]
    finish([*problems, *doubts])


def _columns(reading: Mapping[str, Any]) -> Columns:
    """Return the columns of a table of talk that were named."""
    from qualcode.sources import Columns

    names = ("speaker_column", "text_column", "time_column", "transcript_column")
    return Columns(*(reading.get(name) for name in names))


def _language(study: Study | None, reading: Mapping[str, Any]) -> str | None:
    language: str | None = reading["language"]
    return language or (study.settings.language or None if study is not None else None)


def _read_survey(
    inputs: Sequence[Path], study: Study | None, **reading: Any
) -> tuple[list[Transcript], Sequence[Case]]:
    from qualcode.sources import read_survey

    if len(inputs) > 1:
        raise click.UsageError("With --text-column, give one table at a time.")
    taken = {name: reading[name] for name in ("text_column", "id_column", "sheet", "encoding", "model")}
    transcript, cases = read_survey(inputs[0], language=_language(study, reading), **taken)
    return [transcript], cases


def _read(
    inputs: Sequence[Path], study: Study | None, rows: Sequence[Speaker], **reading: Any
) -> tuple[list[Transcript], list[Problem]]:
    from qualcode.sources import Columns, read_transcripts

    columns = _columns(reading)
    with showing_progress():
        return read_transcripts(
            inputs,
            language=_language(study, reading),
            encoding=reading["encoding"],
            interviewers=(*reading["interviewers"], *(study.settings.interviewers if study is not None else ())),
            speaker_pattern=reading["speaker_pattern"],
            model=reading["model"],
            beside=() if study is None else study.transcripts()[0],
            columns=None if columns == Columns() else columns,
            sheet=reading["sheet"],
            speakers=rows if study is None else (),  # a study keeps labels as they stand, and the table beside them
        )


def _import(
    study: Study,
    transcripts: Sequence[Transcript],
    inputs: Sequence[Path],
    *,
    is_update: bool,
    why: str,
    speakers: Sequence[Speaker],
) -> tuple[tuple[Problem, ...], list[Transcript]]:
    """Bring transcripts into a study and tell what became of the codings; return them as the study reads them."""
    from qualcode.sources import apply_speakers

    kind: Literal["new", "corrections"] = "corrections" if is_update else "new"
    with showing_progress("Bringing transcripts into the study"):
        report = study.import_transcripts(transcripts, inputs, kind=kind, why=why, speakers=speakers)
    echo(f"{len(report.new)} new, {len(report.updated)} corrected, {len(report.same)} as before")
    for name, update in report.updated:
        echo(
            f"  {name}: {plural(update.n_moved, 'coding')} moved, {update.n_same} at their place, "
            f"{len(update.unsettled)} to settle (see: qualcode settle {typed(name)})"
        )
    read, unknown = apply_speakers(transcripts, study.speakers())
    return (*study.recovered, *report.problems, *unknown), read
