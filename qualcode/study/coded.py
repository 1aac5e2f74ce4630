"""What a second coder did in a pack, a page that works without qualcode, comes into the study."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.codebook import add_code
from qualcode.errors import CodebookError, Problem, StudyError
from qualcode.model import Memo, Span
from qualcode.study.acts import Decision
from qualcode.study.addresses import find_code, find_segment
from qualcode.study.decisions import carry_out, stage_note
from qualcode.study.memos import check_about, read_memos, stage_brought
from qualcode.study.recoding import edit_codebook, find_equivalents
from qualcode.wording import typed

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from qualcode.codebook import Code
    from qualcode.study.store import StudyChange, StudyStore

FORMAT = "qualcode-coded"
"""What such a file says it is."""

VERSION = 2
_LARGEST = 50_000_000
_LONGEST_NOTE = 100_000
_ANEW = "Make a new pack with: qualcode assign --pack {file}. “Open a file” there takes what was coded before"


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
    n_codes, n_memos
        Codes that are new in the codebook, and memos and marks to come back that are new or other ones.
    """

    coder: str
    n_added: int
    n_removed: int
    n_notes: int
    n_read: int
    n_codes: int = 0
    n_memos: int = 0


@dataclass(frozen=True, slots=True)
class _NewCode:
    """A code that was made in the pack."""

    id: str
    name: str
    under: str
    definition: str


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
    n_codes = _add_codes(study, reader)
    with study.change(coder, why=f"coded in a pack, {path.name}") as change:
        present = _present(change, reader)
        added = [one for one in reader.given if (one.name, *one.key) not in present]
        gone = [one for one in reader.gone if (one.name, *one.key) in present]
        decisions = [*_decide(study, gone, "remove"), *_decide(study, added, "apply")]
        unread = [one for one in reader.seen if not _is_seen(study, coder, one)]
        carry_out(change, decisions, seen=unread)
        n_notes = sum(_note(change, one) for one in reader.given if (one.name, *one.key) in present)
        memos = read_memos(study)[0]
        n_memos = sum(stage_brought(change, coder, memos, one) for one in reader.memos)
    return CodedReport(coder, len(added), len(gone), n_notes, len(unread), n_codes, n_memos)


def _add_codes(study: StudyStore, reader: _Reader) -> int:
    """Add the codes that were made in the pack, unless there is one of that name, and let codings name them."""
    ids: dict[str, str] = {}
    n_added = 0
    for one in reader.codes.values():
        present = _find_named(study, one.name)
        if present is None:
            edit, _ = edit_codebook(
                study, add_code, new_name=one.name, under=ids.get(one.under, one.under), definition=one.definition,
                because=f"Came up in the pack of {reader.coder}.",
            )  # fmt: skip
            n_added += 1
        ids[one.id] = present.id if present else edit.added[0]
    reader.given = [replace(one, code=ids.get(one.code, one.code)) for one in reader.given]
    reader.gone = [replace(one, code=ids.get(one.code, one.code)) for one in reader.gone]
    return n_added


def _find_named(study: StudyStore, name: str) -> Code | None:
    wanted = unicodedata.normalize("NFC", name).casefold()
    return next(
        (one for one in study.codebook.walk() if unicodedata.normalize("NFC", one.name).casefold() == wanted), None
    )


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
        self.memos: list[Memo] = []
        self.codes: dict[str, _NewCode] = {}
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
        self._read_codes()
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
                hint=_ANEW.format(file=typed(f"{self.coder}.html")),
            )

    def _read_codes(self) -> None:
        for number, told in enumerate(_list(self.data.get("codes")), start=1):
            made = _read_new_code(told)
            if made is None:
                self._say(f"New code {number} has no name.")
                continue
            present = _find_named(self.study, made.name)
            if present is not None and present.is_retired:
                self._say(
                    f"The code “{present.name}” is retired in the study.", hint="Bring it back, or give another one"
                )
            elif made.under and made.under not in self.codes and self._find_code(made.under) is None:
                self._say(
                    f"The code above “{made.name}” is not in the codebook.",
                    hint=_ANEW.format(file=typed(f"{self.coder}.html")),
                )
            else:
                self.codes[made.id] = made

    def _read_memo(self, name: str, told: Any) -> Memo | None:
        about, text, flag = (
            (told.get(key) for key in ("about", "text", "flag")) if isinstance(told, dict) else (None,) * 3
        )
        if not isinstance(about, str) or not isinstance(text, str) or flag not in {"", "open", "settled"}:
            return None
        if not text.strip() or len(text) > _LONGEST_NOTE:
            return None
        try:
            return Memo("", check_about(self.study, f"{name}:{about}"), text.strip() + "\n", self.coder, flag=flag)
        except (StudyError, CodebookError):
            return None

    def _find_code(self, code: str) -> str | None:
        if code in self.codes:
            return code
        try:
            return find_code(self.study.codebook, code)
        except CodebookError:
            return None

    def _read_transcript(self, told: Mapping[str, Any]) -> None:
        name = told.get("id")
        if not isinstance(name, str) or name not in self.study.transcript_ids():
            self._say(f"There is no transcript “{name}” in the study.")
            return
        transcript = self.study.transcript(name)
        if told.get("text") != transcript.digest:
            self._say(
                f"{name} was corrected since the pack was made.", hint=_ANEW.format(file=typed(f"{self.coder}.html"))
            )
            return
        self.given += self._read_codings(name, _list(told.get("codings")), len(transcript.text))
        self.gone += self._read_codings(name, _list(told.get("removed")), len(transcript.text))
        for turn in _list(told.get("read")):
            segment = self.study.index(name).get(turn) if isinstance(turn, str) else None
            if segment is None:
                self._say(f"{name} has no turn “{turn}”.")
            else:
                self.seen.append(f"{name}:{segment.id}")
        for number, one in enumerate(_list(told.get("memos")), start=1):
            memo = self._read_memo(name, one)
            if memo is None:
                self._say(f"Memo {number} of {name} names no passage or has no text.")
            else:
                self.memos.append(memo)

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
        found = self._find_code(code)
        return None if found is None else _Given(name, Span(start, end), found, (note or "").strip())

    def _say(self, message: str, *, hint: str = "") -> None:
        self.problems.append(Problem(self.where, "error", "pack", message, hint))


def _read_new_code(told: Any) -> _NewCode | None:
    keys = ("id", "name", "under", "definition")
    texts = [one for key in keys if isinstance(told, dict) and isinstance(one := told.get(key), str)]
    if len(texts) != len(keys) or max(map(len, texts)) > _LONGEST_NOTE or not texts[1].strip():
        return None
    return _NewCode(texts[0], " ".join(texts[1].split()), texts[2], texts[3].strip())


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
