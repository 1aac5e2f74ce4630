"""Bringing files into a study: transcripts, new or corrected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import Problem, QualcodeError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from qualcode.model import Transcript
    from qualcode.study.study import Study
    from qualcode.study.updating import UpdateReport


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
    study: Study,
    transcripts: Sequence[Transcript],
    inputs: Sequence[str | os.PathLike[str]],
    *,
    is_update: bool = False,
    why: str = "",
) -> ImportReport:
    """Bring transcripts that were read into a study, with their original files.

    Parameters
    ----------
    study
        Which study.
    transcripts
        What was read.
    inputs
        The files, or folders of them, from which it was read.
    is_update
        Whether transcripts that are there already are replaced by these, which are corrections.
    why
        The reason of the corrections, for the log.
    """
    problems: list[Problem] = []
    raws = _find_raws([Path(one) for one in inputs])
    new, same, updated = [], [], []
    known: dict[str, str] = dict.fromkeys(study.transcript_ids(), "")
    known |= {one.id: one.digest for one in study.transcripts()[0]}  # one that is damaged has no digest
    for transcript in transcripts:
        raw = raws.get((transcript.source.name, transcript.source.digest))
        try:
            if known.get(transcript.id) == transcript.digest:
                same.append(transcript.id)
            elif is_update and known.get(transcript.id):
                updated.append((transcript.id, study.update_transcript(transcript, raw, why=why)))
            else:
                study.add_transcript(transcript, raw)
                new.append(transcript.id)
        except QualcodeError as error:
            problems.append(
                Problem(error.where or transcript.source.name, "error", "import", error.message, error.hint)
            )
    return ImportReport(tuple(new), tuple(same), tuple(updated), tuple(problems))


def _find_raws(inputs: Sequence[Path]) -> dict[tuple[str, str], bytes]:
    """Return the bytes of the files among the inputs, by name and digest."""
    from qualcode.study.files import digest_of

    found: dict[tuple[str, str], bytes] = {}
    for path in inputs:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.is_file():
                data = file.read_bytes()
                found[file.name, digest_of(data)] = data
    return found
