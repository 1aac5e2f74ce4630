"""A study's folder, read: transcripts, codebook, cases, coders, and everybody's sheets."""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from qualcode.errors import Problem, StudyError
from qualcode.file_names import is_portable
from qualcode.model import RULES_CODER, many_objects
from qualcode.passages import SegmentIndex
from qualcode.progress import track
from qualcode.study.store.journal import is_unfinished, recover
from qualcode.study.store.layout import (
    LOG_ENDING,
    SHEET_ENDING,
    Layout,
    is_link,
    is_writable,
    state_of,
    tell_name,
)
from qualcode.study.store.locks import StudyLock
from qualcode.study.store.settings import check_coder_name, decode_settings
from qualcode.study.store.shelf import Shelf
from qualcode.study.store.strays import find_lost, is_copied_folder
from qualcode.study.store.transcripts import decode_transcript
from qualcode.wording import suggest, typed

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterator

    from qualcode.cases import Cases
    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Sheet, Span, Transcript
    from qualcode.sources import Speaker, SpeakerIndex
    from qualcode.study.store.history import History
    from qualcode.study.store.settings import Settings


def tell_time() -> str:
    """Return the present time in UTC, in ISO 8601 with microseconds."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def tell_user() -> str:
    """Return the name by which the computer knows the person."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


class StudyFolder:
    """What a study's folder holds, as it is on disk at the moment of asking; any number of threads may ask.

    Parameters
    ----------
    root
        The folder.
    clock
        Tells the time of events.
    who
        Who is at work, for the log; by default the name by which the computer knows the person.

    Raises
    ------
    StudyError
        If the folder is no study, or cannot be read.
    """

    def __init__(
        self, root: str | os.PathLike[str], *, clock: Callable[[], str] = tell_time, who: str | None = None
    ) -> None:
        self.root = Path(root)
        self.layout = Layout(self.root)
        self.clock = clock
        self.who = who or tell_user()
        self.shelf = Shelf(self.layout)
        self._settings: tuple[tuple[int, ...], Settings] | None = None
        self._speakers: tuple[tuple[int, ...], tuple[Speaker, ...]] | None = None
        self._speaker_index: SpeakerIndex | None = None
        self._ids: tuple[tuple[int, ...], tuple[str, ...]] | None = None
        self._told: dict[str, tuple[tuple[int, ...], str]] = {}
        self._transcripts: dict[str, tuple[tuple[int, ...], Transcript]] = {}
        self._indexes: dict[str, SegmentIndex] = {}
        self._notes: tuple[tuple[int, ...], list[dict[str, Any]]] | None = None
        self._codebook: tuple[tuple[int, ...], Codebook] | None = None
        self.recovered: list[Problem] = []
        self.settings  # noqa: B018  # a folder that is no study is refused here

    def recover(self) -> None:
        """Carry out what a process had decided that died; what is wrong with that, ``check`` tells."""
        if is_unfinished(self.layout):
            with StudyLock(self.layout):
                self.recovered += recover(self.layout)

    def close(self) -> None:
        """Write the sheets that are behind their logs; the study may be used on."""
        self.shelf.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the parts of the study ---------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """What ``study.yaml`` says.

        Raises
        ------
        StudyError
            If it is not there or broken.
        """
        with self.shelf.guard:
            state = state_of(self.layout.settings)
            if self._settings is None or self._settings[0] != state:
                self._settings = state, decode_settings(self.layout)
            return self._settings[1]

    def transcript_ids(self) -> tuple[str, ...]:
        """Return the ids of all transcripts, sorted; a copy of another one that a synced drive made is none."""
        with self.shelf.guard:
            state = state_of(self.layout.transcripts)
            if self._ids is None or self._ids[0] != state:
                paths = {path.stem: path for path in self.layout.list_files(self.layout.transcripts, ".json")}
                told = {name: self._tell_id(path) for name, path in paths.items()}
                ids = sorted(name for name in paths if told[name] == name or told[name] not in paths)
                self._ids = state, tuple(ids)
            return self._ids[1]

    def _tell_id(self, path: Path) -> str:
        """Return the id that a file of segments says it is of, which is read once."""
        state, known = state_of(path), self._told.get(path.name)
        if known is None or known[0] != state:
            known = self._told[path.name] = state, tell_name(path, "id")
        return known[1]

    def transcript(self, transcript_id: str) -> Transcript:
        """Return a transcript.

        Parameters
        ----------
        transcript_id
            Its name.

        Returns
        -------
        Transcript
            As it was read, or last corrected.

        Raises
        ------
        StudyError
            If there is none, or its files are damaged.

        Examples
        --------
        >>> study.transcript("P1").speakers
        ('Interviewer', 'Mei')
        """
        transcript_id = _compose(transcript_id)
        with self.shelf.guard:
            paths = self.layout.data_of(transcript_id), self.layout.text_of(transcript_id)
            state = state_of(*paths, self.layout.settings, self.layout.speakers)
            known = self._transcripts.get(transcript_id)
            if known is None or known[0] != state:
                known = state, self._read_transcript(transcript_id)
                self._transcripts[transcript_id] = known
            return known[1]

    def _read_transcript(self, transcript_id: str) -> Transcript:
        if not is_portable(transcript_id):  # before it is made part of a path
            raise self._no_transcript(transcript_id)
        text, data = (
            self.layout.read(path) for path in (self.layout.text_of(transcript_id), self.layout.data_of(transcript_id))
        )
        where = self.layout.name_of(self.layout.text_of(transcript_id))
        if data is None:
            raise self._no_transcript(transcript_id)
        if text is None:
            raise StudyError(
                f"The text of the transcript “{transcript_id}” is missing.",
                where=where,
                hint="Restore the file from a copy, or import the original again",
            )
        transcript = decode_transcript(text, data, where)
        if transcript.id != transcript_id:
            if transcript_id not in self.transcript_ids():
                raise self._no_transcript(transcript_id)  # this disk takes p07 for P07
            raise StudyError(
                f"This is the transcript “{transcript.id}” under another file name.",
                where=where,
                hint=f"Restore the files' names, then: qualcode transcript rename {typed(transcript.id)} NEW",
            )
        asking = transcript.interviewers | frozenset(self.settings.interviewers)
        return self._with_speakers(replace(transcript, interviewers=asking))

    def _with_speakers(self, transcript: Transcript) -> Transcript:
        """Return a transcript with the persons and roles of ``speakers.csv``, which people edit and which decides."""
        self.speakers()
        return self._speaker_index.apply(transcript) if self._speaker_index is not None else transcript

    def speakers(self) -> tuple[Speaker, ...]:
        """Return the rows of ``speakers.csv``; none without one.

        Raises
        ------
        SourceError
            If the table is broken.
        """
        with self.shelf.guard:
            state = state_of(self.layout.speakers)
            if self._speakers is None or self._speakers[0] != state:
                from qualcode.sources import SpeakerIndex, read_speakers

                data = self.layout.read(self.layout.speakers)
                self._speakers = state, read_speakers(data, name=self.layout.speakers.name) if data else ()
                self._speaker_index = SpeakerIndex(self._speakers[1]) if data else None
            return self._speakers[1]

    def _no_transcript(self, transcript_id: str) -> StudyError:
        hint = suggest(transcript_id, self.transcript_ids()) or "List them with: qualcode status"
        return StudyError(f"There is no transcript “{transcript_id}”.", where=str(self.root), hint=hint)

    def index(self, transcript_id: str) -> SegmentIndex:
        """Return the segments of a transcript by id and by place.

        Parameters
        ----------
        transcript_id
            Its name.

        Returns
        -------
        SegmentIndex
            Made once for each version of the transcript.

        Examples
        --------
        >>> index = study.index("P1")
        """
        with self.shelf.guard:
            transcript = self.transcript(transcript_id)
            known = self._indexes.get(transcript_id)
            if known is None or known.transcript is not transcript:
                known = self._indexes[transcript_id] = SegmentIndex(transcript)
            return known

    def address_of(self, transcript_id: str, span: Span) -> str:
        """Return the address of the segment in which a passage begins; of the study's unit.

        Parameters
        ----------
        transcript_id
            The transcript.
        span
            The passage.

        Returns
        -------
        str
            Such as ``P07:t012``.

        Examples
        --------
        >>> coding = study.sheet("rules", "P1").codings[0]
        >>> study.address_of("P1", coding.span)
        'P1:t002'
        """
        touched = self.index(transcript_id).touched(self.settings.unit, span)
        return f"{transcript_id}:{touched[0].id}" if touched else transcript_id

    def transcripts(self) -> tuple[tuple[Transcript, ...], list[Problem]]:
        """Return all transcripts that can be read, and what is wrong with the others."""
        found, problems = (
            [],
            [
                *self.recovered,
                *find_lost(self.layout, self.transcript_ids(), {one: self._names(one) for one in self.coders()}),
            ],
        )
        with many_objects():
            names = self.transcript_ids()
            for transcript_id in track(names, "Reading transcripts", len(names)):
                try:
                    found.append(self.transcript(transcript_id))
                except StudyError as error:
                    problems.append(error.as_problem("transcript"))
        return tuple(found), problems

    @property
    def codebook(self) -> Codebook:
        """The codebook.

        Raises
        ------
        CodebookError
            If it cannot be used.
        StudyError
            If there is none.
        """
        from qualcode.codebook import read_codebook

        path = self.layout.codebook
        with self.shelf.guard:
            state = state_of(path)
            if self._codebook is None or self._codebook[0] != state:
                if self.layout.read(path) is None:
                    hint = f"Add one: qualcode init {typed(self.root)} --codebook FILE"
                    raise StudyError("The study has no codebook.", where=str(path), hint=hint)
                self._codebook = state, read_codebook(path)
            return self._codebook[1]

    @property
    def has_codebook(self) -> bool:
        """Whether there is a codebook."""
        return self.layout.codebook.is_file()

    @property
    def cases(self) -> Cases:
        """The table of cases; empty without one."""
        from qualcode.cases import Cases, read_cases

        return Cases() if self.layout.read(self.layout.cases) is None else read_cases(self.layout.cases)

    def coders(self) -> tuple[str, ...]:
        """Return everybody who has a sheet or was entered, the rules last.

        A folder whose sheets are those of another coder is a copy that a synced drive made.
        """
        folders = self._coder_folders()
        entered = {path.stem for path in self.layout.list_files(self.layout.coders, ".yaml")}
        people = sorted((folders | entered | set(self.settings.coders)) - {RULES_CODER})
        return (*people, *([RULES_CODER] if RULES_CODER in folders else []))

    def _coder_folders(self) -> set[str]:
        root = self.layout.sheets
        if self.layout.is_led_away(root) or not root.is_dir():
            return set()
        found = {
            path.name: path
            for path in root.iterdir()
            if path.name[0] != "." and path.is_dir() and not is_link(path) and is_writable(path.name)
        }
        return {name for name, path in found.items() if not is_copied_folder(path, found)}

    def check_coder(self, name: str) -> str:
        """Return a coder's name in the form in which it is stored.

        Parameters
        ----------
        name
            As somebody gave it.

        Returns
        -------
        str
            The name, which may be new.

        Raises
        ------
        StudyError
            If it cannot be one, or if the study names its coders and this is none of them.

        Examples
        --------
        >>> study.check_coder("ana")
        'ana'
        """
        known = self.coders()
        name = check_coder_name(name, known)
        if self.settings.coders and name not in known:
            names = suggest(name, known) or f"There are: {', '.join(one for one in known if one != RULES_CODER)}."
            raise StudyError(
                f"“{name}” is not a coder of this study.",
                hint=f"{names} To add a new coder: qualcode coder add {typed(name)}",
            )
        return name

    def find_coder(self, name: str) -> str:
        """Return the name of somebody who is a coder of the study already, or of the rules.

        Parameters
        ----------
        name
            As somebody gave it.

        Returns
        -------
        str
            The name as it is stored.

        Raises
        ------
        StudyError
            If it is none of them.

        Examples
        --------
        >>> study.find_coder("rules")
        'rules'
        """
        known = self.coders()
        name = unicodedata.normalize("NFC", name.strip())
        if name not in known and name != RULES_CODER:
            none = f"Add one with: qualcode coder add {typed(name)}"
            hint = suggest(name, known) or (f"There are: {', '.join(known)}" if known else none)
            raise StudyError(f"There is no coder “{name}” in this study.", where=str(self.root), hint=hint)
        return name

    # -- sheets -------------------------------------------------------------------------------------------------------

    def _names(self, coder: str) -> list[str]:
        """Return the names under which a coder has a sheet or a log."""
        files = self.layout.list_files(self.layout.sheets / coder, ".jsonl")
        return sorted({path.name.removesuffix(LOG_ENDING).removesuffix(SHEET_ENDING) for path in files})

    def sheet_ids(self, coders: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """Yield coder and transcript of every sheet that has a file or a log.

        Parameters
        ----------
        coders
            Of whom; ``None``: of all.

        Yields
        ------
        tuple
            The coder's name and the transcript's id.

        Examples
        --------
        >>> list(study.sheet_ids())
        [('rules', 'P1')]
        """
        known = set(self.transcript_ids())
        for coder in self.coders() if coders is None else coders:
            yield from ((coder, name) for name in self._names(coder) if name in known)

    def sheet(self, coder: str, transcript_id: str) -> Sheet | None:
        """Return a sheet as it stands; one that is behind its log is read from that.

        Parameters
        ----------
        coder, transcript_id
            Whose work on what.

        Returns
        -------
        Sheet or None
            ``None``: there is none.

        Raises
        ------
        StudyError
            If its files cannot be read.

        Examples
        --------
        >>> study.sheet("rules", "P1")
        <Sheet: 2 codings by rules on P1, 4 sentences seen>
        """
        return self.shelf.read(coder, _compose(transcript_id))[0]

    def sheets(self, coders: Collection[str] | None = None) -> tuple[tuple[Sheet, ...], list[Problem]]:
        """Return sheets, and what is wrong with their files.

        Parameters
        ----------
        coders
            Whose; ``None``: everybody's.

        Returns
        -------
        tuple of Sheet
            Those that can be read.
        list of Problem
            What is wrong with others.

        Examples
        --------
        >>> sheets, problems = study.sheets()
        >>> [sheet.coder for sheet in sheets]
        ['rules']
        """
        found, problems = [], []
        with many_objects():
            ids = list(self.sheet_ids(coders))
            for coder, transcript_id in track(ids, "Reading sheets", len(ids)):
                try:
                    sheet, troubles = self.shelf.read(coder, transcript_id)
                except StudyError as error:
                    problems.append(error.as_problem("sheet"))
                    continue
                problems += troubles
                if sheet is not None:
                    found.append(sheet)
        return tuple(found), problems

    def codings_in(self, coder: str, transcript_id: str, span: Span) -> list[Coding]:
        """Return the codings of a sheet that share a character with a span; it costs these, not the sheet.

        Parameters
        ----------
        coder, transcript_id
            Which sheet.
        span
            The passage.

        Returns
        -------
        list of Coding
            By span and code, rejected ones too.

        Examples
        --------
        >>> turn = study.segment("P1:t002")[1]
        >>> [coding.quote for coding in study.codings_in("rules", "P1", turn.span)]
        ['The rain came late.']
        """
        with self.shelf.guard:
            return list(self.shelf.load(coder, _compose(transcript_id)).history.overlapping(span))

    def history(self, coder: str, transcript_id: str) -> History:
        """Return what was done to a sheet.

        Parameters
        ----------
        coder, transcript_id
            Which sheet.

        Returns
        -------
        History
            Its events by their ids, and what each version of a coding was.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> decision.id in study.history("ana", "P1").events
        True
        """
        return self.shelf.load(coder, _compose(transcript_id)).history

    # -- what happened to the study as a whole ------------------------------------------------------------------------

    def notes(self) -> list[dict[str, Any]]:
        """Return the study's own history, oldest first; broken lines are passed over."""
        with self.shelf.guard:
            state = state_of(self.layout.history)
            if self._notes is None or self._notes[0] != state:
                self._notes = state, decode_notes(self.layout.read(self.layout.history) or b"")
            return list(self._notes[1])


def _compose(transcript_id: str) -> str:
    """Return a name as it is stored: a Mac may give it taken apart, and find a file by it all the same."""
    return unicodedata.normalize("NFC", transcript_id)


def decode_notes(data: bytes) -> list[dict[str, Any]]:
    """Return the lines of a study's own history; broken ones are passed over."""
    found = []
    for line in data.split(b"\n"):
        with contextlib.suppress(ValueError, RecursionError):
            found.append(json.loads(line))
    return [note for note in found if isinstance(note, dict)]
