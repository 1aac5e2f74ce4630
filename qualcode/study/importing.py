"""Bringing files into a study: transcripts, new or corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.errors import Problem, QualcodeError, StudyError
from qualcode.file_names import fold_name, fold_names
from qualcode.progress import track
from qualcode.sources import as_paths
from qualcode.study.corrections import correct_transcript
from qualcode.study.store import check_transcript_id, digest_of, encode_transcript, find_former_names, tell_name
from qualcode.study.transcripts import find_removal
from qualcode.wording import suggest

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from qualcode.model import Transcript
    from qualcode.sources import Speaker
    from qualcode.study.corrections import UpdateReport
    from qualcode.study.store import StudyChange, StudyStore


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
    originals = _Originals(as_paths(inputs))
    new: list[str] = []
    same: list[str] = []
    updated: list[tuple[str, UpdateReport]] = []
    known: dict[str, str] = dict.fromkeys(study.transcript_ids(), "")
    known |= {one.id: one.digest for one in study.transcripts()[0]}  # one that is damaged has no digest
    coming: list[Transcript] = []
    for transcript in track(transcripts, "Bringing transcripts into the study", len(transcripts)):
        if known.get(transcript.id) == transcript.digest:
            same.append(transcript.id)
        elif is_update and known.get(transcript.id):
            try:
                raw = originals.read(transcript)
                updated.append((transcript.id, correct_transcript(study, transcript, raw, why=why)))
            except QualcodeError as error:
                problems.append(_tell(error, transcript))
        else:
            coming.append(transcript)
            if len(coming) == _AT_ONCE:
                _add_some(study, coming, originals, (new, same), problems)
                coming = []
    if coming:
        _add_some(study, coming, originals, (new, same), problems)
    brought = {*new, *(name for name, _ in updated)}
    _write_speakers(study, [one for one in transcripts if one.id in brought], speakers)
    return ImportReport(tuple(new), tuple(same), tuple(updated), tuple(problems))


_AT_ONCE = 100
"""Transcripts that come in with one change: each change reads the folder and waits for the disk."""


def _add_some(
    study: StudyStore,
    transcripts: Sequence[Transcript],
    originals: _Originals,
    found: tuple[list[str], list[str]],
    problems: list[Problem],
) -> None:
    """Bring transcripts in with one change; note which were new, which were there by then, and what is wrong."""
    added: list[Transcript] = []
    known: list[str] = []
    try:
        with study.change() as change:
            gate = _Gate(change)
            for transcript in transcripts:
                try:
                    if gate.take(transcript, originals.read(transcript)):
                        added.append(transcript)
                    else:
                        known.append(transcript.id)
                except QualcodeError as error:
                    problems.append(_tell(error, transcript))
    except QualcodeError as error:  # then none of them came in
        problems += [error.as_problem("import", where=one.source.name or one.id) for one in added]
        return
    found[0].extend(transcript.id for transcript in added)
    found[1].extend(known)


def _tell(error: QualcodeError, transcript: Transcript) -> Problem:
    return error.as_problem("import", where=error.where or transcript.source.name)


def _write_speakers(study: StudyStore, transcripts: Sequence[Transcript], speakers: Sequence[Speaker]) -> None:
    """Add labels to ``speakers.csv``; what stands there stays, except where new rows say another thing."""
    from qualcode.sources import encode_speakers, is_survey

    if not (transcripts or speakers):
        return
    new = {(one.transcript, one.label) for one in speakers}
    with study.change() as change:  # nobody else adds rows between reading and writing
        kept = [one for one in study.speakers() if (one.transcript, one.label) not in new]
        spoken = [one for one in transcripts if not is_survey(one)]
        change.put(study.layout.speakers, encode_speakers(spoken, [*kept, *speakers]))


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
        _Gate(change).take(transcript, raw)


class _Gate:
    """Lets new transcripts into a study with one change; what is there is looked at once.

    Parameters
    ----------
    change
        Takes them.
    """

    def __init__(self, change: StudyChange) -> None:
        self._change, self._study = change, change.study
        self._names = fold_names(change.study.transcript_ids())
        self._texts: dict[str, str] = {}
        notes = change.study.notes()
        self._removals = [note for note in notes if note.get("what") == "remove"]
        self._renamed = {note.get("transcript") for note in notes if note.get("what") == "rename"}

    def take(self, transcript: Transcript, raw: bytes | None) -> bool:
        """Stage a transcript with the bytes of its original file; return whether anything is staged.

        Raises
        ------
        StudyError
            If it cannot come in; then nothing of it is staged.
        """
        name = transcript.id
        check_transcript_id(name, self._names)
        is_new = fold_name(name) not in self._names
        removed = find_removal(self._removals, name, transcript.digest) if is_new else None
        if removed is not None:
            raise StudyError(
                f"“{name}” was removed on {removed['at'][:10]}: {removed.get('why')}. It is not imported again.",
                where=transcript.source.name,
            )
        if is_new:
            self._begin(transcript, raw)
            return True
        if _is_text_missing(self._study, transcript):
            self._change.put(self._study.layout.text_of(name), encode_transcript(transcript)[0])
            return True
        if (self._texts.get(name) or self._study.transcript(name).digest) != transcript.digest:
            raise StudyError(
                f"The study already has a transcript “{name}”, with a different text.",
                where=transcript.source.name or name,
                hint="Rename the file, or if it is a corrected version: qualcode import --update FILE",
            )
        return False

    def _begin(self, transcript: Transcript, raw: bytes | None) -> None:
        if transcript.id in self._renamed:
            _refuse_renamed(self._study, transcript)
        self._change.put_transcript(transcript, raw)
        self._change.note("import", {"transcript": transcript.id, "text": transcript.digest})
        self._names[fold_name(transcript.id)] = transcript.id
        self._texts[transcript.id] = transcript.digest


def _refuse_renamed(study: StudyStore, transcript: Transcript) -> None:
    """Refuse a transcript that is there under the name which it got since."""
    notes = study.notes()
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


class _Originals:
    """The files that transcripts were read from, of which only those are read that are one: recordings lie beside them.

    Parameters
    ----------
    inputs
        Files, and folders of them.
    """

    def __init__(self, inputs: Sequence[Path]) -> None:
        self._paths: dict[str, list[Path]] = {}
        for path in inputs:
            for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                self._paths.setdefault(file.name, []).append(file)
        self._last: dict[str, bytes] = {}

    def read(self, transcript: Transcript) -> bytes | None:
        """Return the bytes of a transcript's file; ``None`` where it is not there, or is another one by now."""
        source = transcript.source
        if source.digest in self._last:
            return self._last[source.digest]
        for path in self._paths.get(source.name, ()):
            data = _read_if_possible(path)
            if data is not None and digest_of(data) == source.digest:
                self._last = {source.digest: data}  # a table holds many transcripts, one behind another
                return data
        return None


def _read_if_possible(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None
