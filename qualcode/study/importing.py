"""Bringing files into a study: transcripts, new or corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.errors import Problem, QualcodeError, StudyError
from qualcode.progress import track
from qualcode.sources import as_paths
from qualcode.study.corrections import correct_transcript
from qualcode.study.store import check_transcript_id, digest_of, encode_transcript, find_former_names, tell_name
from qualcode.study.transcripts import find_tombstone
from qualcode.wording import suggest

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from qualcode.model import Transcript
    from qualcode.sources import Speaker
    from qualcode.study.corrections import UpdateReport
    from qualcode.study.store import StudyStore


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came into a study.

    Attributes
    ----------
    new, same
        Transcripts that were brought in, and those that were there already with the same text.
    updated
        Corrected transcripts, with what became of the codings.
    problems
        Transcripts that were left out.
    """

    new: tuple[str, ...]
    same: tuple[str, ...]
    updated: tuple[tuple[str, UpdateReport], ...]
    problems: tuple[Problem, ...]


def import_transcripts(
    study: StudyStore,
    transcripts: Sequence[Transcript],
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    is_update: bool = False,
    why: str = "",
    speakers: Sequence[Speaker] = (),
) -> ImportReport:
    """Bring transcripts that were read into a study, with their original files.

    See :meth:`.Study.import_transcripts`.
    """
    if is_update:
        _refuse_unknown(study, transcripts)
    problems: list[Problem] = []
    raws = _find_raws(as_paths(inputs))
    new, same, updated = [], [], []
    known: dict[str, str] = dict.fromkeys(study.transcript_ids(), "")
    known |= {one.id: one.digest for one in study.transcripts()[0]}  # one that is damaged has no digest
    for transcript in track(transcripts, "Bringing transcripts into the study", len(transcripts)):
        raw = raws.get((transcript.source.name, transcript.source.digest))
        try:
            if known.get(transcript.id) == transcript.digest:
                same.append(transcript.id)
            elif is_update and known.get(transcript.id):
                updated.append((transcript.id, correct_transcript(study, transcript, raw, why=why)))
            else:
                add_transcript(study, transcript, raw)
                new.append(transcript.id)
        except QualcodeError as error:
            problems.append(error.as_problem("import", where=error.where or transcript.source.name))
    brought = {*new, *(name for name, _ in updated)}
    _write_speakers(study, [one for one in transcripts if one.id in brought], speakers)
    return ImportReport(tuple(new), tuple(same), tuple(updated), tuple(problems))


def _write_speakers(study: StudyStore, transcripts: Sequence[Transcript], speakers: Sequence[Speaker]) -> None:
    """Add labels to ``speakers.csv``; what stands there stays, except where new rows say another thing."""
    from qualcode.sources import encode_speakers, is_survey

    new = {(one.transcript, one.label) for one in speakers}
    kept = [one for one in study.speakers() if (one.transcript, one.label) not in new]
    path = study.layout.speakers
    data = encode_speakers([one for one in transcripts if not is_survey(one)], [*kept, *speakers])
    if (transcripts or speakers) and data != study.layout.read(path):
        with study.change() as change:
            change.put(path, data)


def _refuse_unknown(study: StudyStore, transcripts: Sequence[Transcript]) -> None:
    known = study.transcript_ids()
    for transcript in transcripts:
        if transcript.id not in known:
            names = suggest(transcript.id, known) or f"There are: {', '.join(known) or 'none'}."
            raise StudyError(
                f"The study has no transcript “{transcript.id}” to correct; nothing was imported.",
                where=transcript.source.name,
                hint=f"{names} Rename the file to match, or leave out --update if it is another interview",
            )


def add_transcript(study: StudyStore, transcript: Transcript, raw: bytes | None = None) -> None:
    """Bring a transcript in, with the bytes of its original file; see :meth:`.Study.add_transcript`."""
    with study.change() as change:
        ids = study.transcript_ids()
        check_transcript_id(transcript.id, ids)
        removed = find_tombstone(study, transcript.id, transcript.digest)
        if removed is not None:
            raise StudyError(
                f"“{transcript.id}” was removed on {removed['at'][:10]}: {removed.get('why')}. It is not imported "
                "again.",
                where=transcript.source.name,
            )
        if transcript.id not in ids:
            _refuse_renamed(study, transcript)
            change.put_transcript(transcript, raw)
            change.note("import", {"transcript": transcript.id, "text": transcript.digest})
        elif _is_text_missing(study, transcript):
            change.put(study.layout.text_of(transcript.id), encode_transcript(transcript)[0])
        elif study.transcript(transcript.id).digest != transcript.digest:
            raise StudyError(
                f"The study already has a transcript “{transcript.id}”, with a different text.",
                where=transcript.source.name or transcript.id,
                hint="Rename the file, or if it is a corrected version: qualcode import --update FILE",
            )


def _refuse_renamed(study: StudyStore, transcript: Transcript) -> None:
    """Refuse a transcript that is there under the name which it got since."""
    notes = study.notes()
    if not any(note.get("what") == "rename" and note.get("transcript") == transcript.id for note in notes):
        return
    for name in study.transcript_ids():
        if transcript.id in find_former_names(notes, name) and study.transcript(name).digest == transcript.digest:
            raise StudyError(
                f"The study already has “{transcript.id}”, now named “{name}”.",
                where=transcript.source.name or transcript.id,
                hint=f"Name a corrected version {name}, then: qualcode import --update FILE",
            )


def _is_text_missing(study: StudyStore, transcript: Transcript) -> bool:
    """Tell whether the text file of a transcript is missing, and this is the right text."""
    layout = study.layout
    is_right = tell_name(layout.data_of(transcript.id), "text_digest") == transcript.digest
    return is_right and layout.read(layout.text_of(transcript.id)) is None


def _find_raws(inputs: Sequence[Path]) -> dict[tuple[str, str], bytes]:
    """Return the bytes of the files among the inputs, by name and digest."""
    found: dict[tuple[str, str], bytes] = {}
    for path in inputs:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.is_file():
                data = file.read_bytes()
                found[file.name, digest_of(data)] = data
    return found
