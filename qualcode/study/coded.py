"""What a second coder did in a pack, a page that works without qualcode, comes into the study."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import CodebookError, Problem, StudyError
from qualcode.model import Span
from qualcode.study.acts import Decision
from qualcode.study.addresses import find_code, find_segment
from qualcode.study.decisions import carry_out, stage_note
from qualcode.study.recoding import find_equivalents

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from qualcode.study.store import StudyChange, StudyStore

FORMAT = "qualcode-coded"
"""What such a file says it is."""

VERSION = 1
_LARGEST = 50_000_000
_LONGEST_NOTE = 100_000
_ANEW = "Make a new pack with: qualcode assign --pack {coder}.html. “Open a file” there takes what was coded before"


@dataclass(frozen=True, slots=True)
class CodedReport:
    """What the file of a pack brought.

    Attributes
    ----------
    coder
        Whose work it is.
    n_added, n_removed, n_notes
        Codings that came in, that the coder took away, and notes that are new.
    n_read
        Segments that were read and are now marked so.
    """

    coder: str
    n_added: int
    n_removed: int
    n_notes: int
    n_read: int


@dataclass(frozen=True, slots=True)
class _Given:
    """One coding of the file, by place."""

    name: str
    span: Span
    code: str
    note: str = ""

    @property
    def key(self) -> tuple[int, int, str]:
        return self.span.start, self.span.end, self.code


def merge_coded(study: StudyStore, source: str | os.PathLike[str]) -> CodedReport:
    """Bring in what was coded in a pack; see :meth:`.Study.merge_coded`."""
    path = Path(source)
    reader = _Reader(study, _read_json(path), path.name)
    reader.read()
    coder = reader.coder
    with study.change(coder, why=f"coded in a pack, {path.name}") as change:
        present = _present(change, reader)
        added = [one for one in reader.given if (one.name, *one.key) not in present]
        gone = [one for one in reader.gone if (one.name, *one.key) in present]
        decisions = [*_decide(study, gone, "remove"), *_decide(study, added, "apply")]
        unread = [one for one in reader.seen if not _is_seen(study, coder, one)]
        carry_out(change, decisions, seen=unread)
        n_notes = sum(_note(change, one) for one in reader.given if (one.name, *one.key) in present)
    return CodedReport(coder, len(added), len(gone), n_notes, len(unread))


def _read_json(path: Path) -> Mapping[str, Any]:
    hint = "Choose the file that the pack saved, such as ben-coded.json"
    try:
        if path.stat().st_size > _LARGEST:
            raise StudyError("The file is too large to come from a pack.", where=path.name, hint=hint)
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise StudyError(f"The file cannot be read: {error.strerror or error}.", where=path.name, hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise StudyError("The file does not come from a pack.", where=path.name, hint=hint) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise StudyError("The file does not come from a pack.", where=path.name, hint=hint)
    if type(data.get("version")) is not int or data["version"] > VERSION:
        hint = "Update: pip install -U qualcode"
        raise StudyError("A later version of qualcode wrote this file.", where=path.name, hint=hint)
    return data


class _Reader:
    """Reads what a stranger may have written; all that is wrong is told at once."""

    def __init__(self, study: StudyStore, data: Mapping[str, Any], where: str) -> None:
        self.study, self.data, self.where = study, data, where
        self.given: list[_Given] = []
        self.gone: list[_Given] = []
        self.seen: list[str] = []
        self.problems: list[Problem] = []
        self.coder = ""

    def read(self) -> None:
        """Read everything, or raise what is wrong."""
        coder = self.data.get("coder")
        self.coder = self.study.check_coder(coder if isinstance(coder, str) else "")
        if self.data.get("study") != self.study.settings.id:
            raise StudyError(
                "This was coded for another study.", where=self.where, hint="Go to that study, or give --study DIR"
            )
        self._check_codebook()
        for told in _list(self.data.get("transcripts")):
            self._read_transcript(told if isinstance(told, dict) else {})
        if self.problems:
            raise StudyError(f"{self.where} cannot be merged; nothing was.", where=self.where, problems=self.problems)

    def _check_codebook(self) -> None:
        found, present = self.data.get("codebook"), self.study.codebook.digest
        alike = find_equivalents(self.study)
        if found != present and not (isinstance(found, str) and alike.get(found, found) == alike.get(present, present)):
            raise StudyError(
                "The codebook has changed since the pack was made.",
                where=self.where,
                hint=_ANEW.format(coder=self.coder),
            )

    def _read_transcript(self, told: Mapping[str, Any]) -> None:
        name = told.get("id")
        if not isinstance(name, str) or name not in self.study.transcript_ids():
            self._say(f"There is no transcript “{name}” in the study.")
            return
        transcript = self.study.transcript(name)
        if told.get("text") != transcript.digest:
            self._say(f"{name} was corrected since the pack was made.", hint=_ANEW.format(coder=self.coder))
            return
        self.given += self._read_codings(name, _list(told.get("codings")), len(transcript.text))
        self.gone += self._read_codings(name, _list(told.get("removed")), len(transcript.text))
        for turn in _list(told.get("read")):
            segment = self.study.index(name).get(turn) if isinstance(turn, str) else None
            if segment is None:
                self._say(f"{name} has no turn “{turn}”.")
            else:
                self.seen.append(f"{name}:{segment.id}")

    def _read_codings(self, name: str, told: list[Any], length: int) -> Iterator[_Given]:
        for number, one in enumerate(told, start=1):
            found = self._read_coding(name, one, length)
            if found is None:
                self._say(f"Coding {number} of {name} names no passage or no code of the study.")
            else:
                yield found

    def _read_coding(self, name: str, told: Any, length: int) -> _Given | None:
        if not isinstance(told, dict):
            return None
        start, end, code, note = (told.get(key) for key in ("start", "end", "code", "note"))
        if not (type(start) is int and type(end) is int and 0 <= start < end <= length and isinstance(code, str)):
            return None
        if not isinstance(note, str | None) or len(note or "") > _LONGEST_NOTE:
            return None
        if not self.study.index(name).touched(self.study.settings.unit, Span(start, end)):
            return None
        try:
            return _Given(name, Span(start, end), find_code(self.study.codebook, code), (note or "").strip())
        except CodebookError:
            return None

    def _say(self, message: str, *, hint: str = "") -> None:
        self.problems.append(Problem(self.where, "error", "pack", message, hint))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _present(change: StudyChange, reader: _Reader) -> set[tuple[str, int, int, str]]:
    """Return which of the file's codings stand in the coder's sheets."""
    places = [*reader.given, *reader.gone]
    found = ((one, change.sheet(one.name).get(one.key)) for one in places)
    return {(one.name, *one.key) for one, stands in found if stands is not None and stands.is_counted}


def _decide(study: StudyStore, given: list[_Given], act: Any) -> Iterator[Decision]:
    for one in given:
        segment = study.index(one.name).touched(study.settings.unit, one.span)[0]
        note = one.note if act == "apply" else ""
        yield Decision(f"{one.name}:{segment.id}", one.code, act, one.span, note=note, where=one.name)


def _note(change: StudyChange, given: _Given) -> bool:
    """Stage a note of the file in the place of another one; no note takes none away."""
    stands = change.sheet(given.name).get(given.key)
    if stands is None or not given.note or stands.note == given.note:
        return False
    stage_note(change, stands, given.note)
    return True


def _is_seen(study: StudyStore, coder: str, address: str) -> bool:
    name, segment = find_segment(study, address)
    history = study.history(coder, name)
    unit = history.header.get("unit", study.settings.unit)
    return all(history.is_seen(one.id) for one in study.index(name).touched(unit, segment.span))
