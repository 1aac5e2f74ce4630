"""Transcripts get other names, or are removed for good: their words from every file of the study."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem, StudyError
from qualcode.file_names import fold_name, fold_names
from qualcode.model import RULES_CODER
from qualcode.spreadsheets import arm, disarm, rewrite_column
from qualcode.study.blinding import rename_in_assignment
from qualcode.study.corrections import put_unsettled, read_unsettled
from qualcode.study.framework import list_framework_of, rename_in_framework
from qualcode.study.memos import encode_memo, find_memos_on, name_memo, read_memos
from qualcode.study.recall import list_check_files, rename_in_checks
from qualcode.study.store import (
    StudyChange,
    check_transcript_id,
    decode_transcript,
    digest_of,
    encode_event,
    encode_transcript,
    find_former_names,
    keep_version,
)
from qualcode.study.vectors import leave_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from qualcode.model import Transcript
    from qualcode.study.store import StudyFolder, StudyStore

ERASED = "(erased)"
"""Stands where words of a removed transcript stood in other files."""

_TRANSCRIPT_COLUMNS = ("transcript", "case")
"""Columns of the table of cases that may name transcripts, the surest first."""


def rename_transcript(study: StudyStore, old: str, new: str, *, why: str = "") -> None:
    """Give a transcript another name, everywhere in the study; codings, history, memos and cases go along.

    See :meth:`.Study.rename_transcript`.
    """
    old = study.transcript(old).id  # as it is stored; it must be there, and sound
    if new == old:  # what is moved onto itself would be deleted
        raise StudyError(f"The transcript is already named “{new}”.", hint="Choose another name")
    _check_new_name(study, old, new)
    # Where P07 and p07 are one file, deleting the old one would take the new one along: a third name lies between.
    is_twin = fold_name(new) == fold_name(old)
    for present, goal in pairwise([old, f"{new} (renamed)", new] if is_twin else [old, new]):
        with study.change(why=why) as change:
            _stage_renaming(change, present, goal)


def _stage_renaming(change: StudyChange, old: str, new: str) -> None:
    study, layout = change.study, change.study.layout
    _check_new_name(study, old, new)
    for text, data, goal_text, goal_data in _list_texts(study, old, new):
        transcript = decode_transcript(layout.read(text) or b"", layout.read(data) or b"", layout.name_of(text))
        for path, content in zip((goal_text, goal_data), encode_transcript(replace(transcript, id=new)), strict=True):
            change.put(path, content)
        change.put(text, None)
        change.put(data, None)
    for coder, name in list(study.sheet_ids()):
        if name == old:
            _move_log(change, coder, old, new)
    put_unsettled(change, new, [replace(one, transcript=new) for one in read_unsettled(study, old)])
    change.put(layout.unsettled_of(old), None)
    _move_memos(change, old, new)
    for path, rewrite in (
        (layout.assignments, rename_in_assignment),
        (layout.cases, _rename_in_table),
        (layout.speakers, _rename_in_table),
        (layout.exchange, _rename_in_table),
        *((path, rename_in_checks) for path in list_check_files(study)),
    ):
        present = layout.read(path)
        if present is not None:
            change.put(path, rewrite(present, {old: new}, path.name))
    if change.is_staged(layout.cases):
        keep_version(change, layout.cases.name, change.read(layout.cases) or b"")
        change.note("cases", {"cases": digest_of(change.read(layout.cases) or b"")})
    rename_in_framework(change, old, new)
    _rename_media(change, old, new)
    change.note("rename", {"transcript": old, "to": new})


def _check_new_name(study: StudyFolder, old: str, new: str) -> None:
    others = [one for one in study.transcript_ids() if one != old]
    check_transcript_id(new, fold_names(others))
    if new in others:
        raise StudyError(f"There is already a transcript “{new}”.", hint="Choose another name")


def _move_memos(change: StudyChange, old: str, new: str) -> None:
    layout = change.study.layout
    taken = {fold_name(memo.id) for memo in read_memos(change.study)[0]}
    for memo in find_memos_on(change.study, old):
        moved = replace(memo, about=f"{new}{memo.about[len(old) :]}")
        name = name_memo(moved.about)
        is_named_after = memo.id == name_memo(memo.about) and fold_name(name) not in taken
        change.put(layout.memo_of(memo.id), None)
        change.put(layout.memo_of(name if is_named_after else memo.id), encode_memo(moved))


def _rename_media(change: StudyChange, old: str, new: str) -> None:
    settings = change.study.settings
    if old in settings.media:
        media = {new if name == old else name: path for name, path in settings.media.items()}
        change.put_settings(replace(settings, media=media))


def _list_texts(study: StudyFolder, old: str, new: str) -> Iterator[tuple[Path, Path, Path, Path]]:
    """Yield the two files of a transcript and of each of its earlier versions, with their new places."""
    layout = study.layout
    yield layout.text_of(old), layout.data_of(old), layout.text_of(new), layout.data_of(new)
    for path in layout.list_files(layout.versions, ".txt"):
        if _is_version_of(path, old):
            goal = path.with_name(new + path.name[len(old) :])
            yield path, path.with_suffix(".json"), goal, goal.with_suffix(".json")


def _is_version_of(path: Path, name: str) -> bool:
    return re.fullmatch(re.escape(name) + r"-[0-9a-f]{12}", path.stem) is not None


def _move_log(change: StudyChange, coder: str, old: str, new: str) -> None:
    """Stage a log under a new name; its sheet is written of it anew."""
    layout = change.study.layout
    loaded = change.study.shelf.load(coder, old)
    lines = (layout.read(layout.log_of(coder, old)) or b"")[: loaded.log.size]
    change.put(layout.log_of(coder, new), lines + (encode_event(loaded.outside) if loaded.outside else b""))
    change.put(layout.log_of(coder, old), None)
    change.put(layout.sheet_of(coder, old), None)


def _rename_in_table(data: bytes, names: Mapping[str, str], where: str) -> bytes:
    """Return the table of cases, or of speakers, with transcripts under other names; all else stays as it is."""

    def rename(cell: str) -> str:
        return disarm(names[arm(cell)]) if arm(cell) in names else cell

    return rewrite_column(data, _TRANSCRIPT_COLUMNS, rename, name=where, error=StudyError)


def find_names(study: StudyFolder, *, since: StudyFolder) -> dict[str, str]:
    """Return which transcripts got other names in one copy of a study that another one does not know of."""
    known = [note for note in since.notes() if note.get("what") == "rename"]
    names: dict[str, str] = {}
    for note in study.notes():
        if note.get("what") == "rename" and note not in known:
            first = next((old for old, new in names.items() if new == note["transcript"]), str(note["transcript"]))
            names[first] = str(note["to"])
    return {old: new for old, new in names.items() if old != new}


# -- removing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """What was erased with a transcript.

    Attributes
    ----------
    transcript
        Its name.
    n_codings
        Per coder, how many codings went with it.
    n_memos
        Memos about its passages and about those cases.
    cases
        The cases that speak in no other transcript; their rows left the table of cases.
    files
        The files that were deleted, by their names in the study.
    rewritten
        Other files in which its words, its speakers or its cases stood.
    problems
        Where copies may be left that qualcode cannot reach.
    """

    transcript: str
    n_codings: Mapping[str, int]
    n_memos: int
    cases: tuple[str, ...]
    files: tuple[str, ...]
    rewritten: tuple[str, ...]
    problems: tuple[Problem, ...]


def remove_transcript(study: StudyStore, name: str, *, why: str) -> RemovalReport:
    """Remove a transcript for good, as when somebody withdraws consent: its words leave every file of the study.

    See :meth:`.Study.remove_transcript`.
    """
    if not why.strip():
        raise StudyError("Removing a transcript needs a reason.", hint='For example: --why "withdrawn consent"')
    with study.change(why=why) as change:
        report = _Eraser(change, name).erase()
    study.shelf.forget()
    leave_vectors(study, [one.digest for one in study.transcripts()[0]])  # numbers, but made of the words
    return report


def preview_removal(study: StudyStore, name: str) -> RemovalReport:
    """Return what :func:`remove_transcript` would erase; nothing is changed."""
    return _Eraser(StudyChange(study, why=""), name).erase()


class _Eraser:
    """Erases a transcript in one change."""

    def __init__(self, change: StudyChange, name: str) -> None:
        self.change, self.study, self.name = change, change.study, name
        self.layout = change.study.layout
        if name not in self.study.transcript_ids():
            self.study.transcript(name)  # says so, and what was meant
        self.names = find_former_names(self.study.notes(), name)
        self.versions = list(self._read_versions())
        self.lone = list_lone_cases(self.study, [name])
        self.cases = tuple(case.id for case in self.study.cases if case.id in self.lone)
        self.n_codings: dict[str, int] = {}
        self.words = self._list_words()
        self.files: list[str] = []
        self.rewritten: list[str] = []

    def erase(self) -> RemovalReport:
        """Stage all of it."""
        self._erase_sheets()
        memos = find_memos_on(self.study, self.name, self.lone)
        for path in (*self._list_own(), *(self.layout.memo_of(memo.id) for memo in memos)):
            self._delete(path)
        assignments = self.layout.read(self.layout.assignments)
        if assignments is not None:
            self.change.put(
                self.layout.assignments,
                rename_in_assignment(assignments, {self.name: None}, self.layout.assignments.name),
            )
        self._erase_rows()
        for path in self._list_others():
            self._rewrite(path)
        data = {
            "transcript": self.name, "names": sorted(self.names),
            "texts": [one.digest for one in self.versions], "codings": self.n_codings, "memos": len(memos),
            "files": self.files, "rewritten": self.rewritten,
        }  # fmt: skip
        self.change.note("remove", data)
        return RemovalReport(
            self.name, self.n_codings, len(memos), self.cases,
            tuple(self.files), tuple(self.rewritten), tuple(self._warn()),
        )  # fmt: skip

    def _read_versions(self) -> Iterator[Transcript]:
        """Yield the transcript as it is, and as it was before corrections; what cannot be read has no words to find."""
        for text, data, _, _ in _list_texts(self.study, self.name, self.name):
            try:
                yield decode_transcript(self.layout.read(text) or b"", self.layout.read(data) or b"", text.name)
            except StudyError:
                continue

    def _list_words(self) -> list[str]:
        """Return the sentences and coded passages by which the transcript would be known, the longest first.

        What is said in another transcript, too, such as a question that is put to everybody, is that one's as well.
        """
        words = {one.quote(segment.span) for one in self.versions for segment in one.units("sentence")}
        for coder, name in self.study.sheet_ids():
            if name == self.name:
                codings = [coding for coding, _ in self._codings(coder)]
                words |= {coding.quote for coding in codings}
                self.n_codings[coder] = sum(is_live for _, is_live in self._codings(coder))
        elsewhere = "\n".join(self._read_elsewhere())
        telling = {one.strip() for one in words if _is_telling(one)}
        return sorted((one for one in telling if one not in elsewhere), key=len, reverse=True)

    def _read_elsewhere(self) -> Iterator[str]:
        """Yield the texts of all other transcripts, and those from before their corrections."""
        layout = self.layout
        own = {text for text, _, _, _ in _list_texts(self.study, self.name, self.name)}
        for path in (*layout.list_files(layout.transcripts, ".txt"), *layout.list_files(layout.versions, ".txt")):
            if path not in own:
                yield (layout.read(path) or b"").decode("utf-8", "replace")

    def _codings(self, coder: str) -> Iterator[tuple[Any, bool]]:
        history = self.study.history(coder, self.name)
        live = history.live_versions
        for version, (_, _, coding) in history.versions.items():
            yield coding, version in live

    def _erase_sheets(self) -> None:
        for coder in self.n_codings:
            self._delete(self.layout.sheet_of(coder, self.name))
            self._delete(self.layout.log_of(coder, self.name))

    def _list_own(self) -> Iterator[Path]:
        """Yield the files that hold nothing but the transcript: texts, segments, originals, versions."""
        layout = self.layout
        yield from (layout.text_of(self.name), layout.data_of(self.name), layout.unsettled_of(self.name))
        yield from (path for path in layout.list_files(layout.versions) if _is_version_of(path, self.name))
        yield from list_framework_of(self.study, self.lone)
        originals = {one.source.digest for one in self.versions if one.source.digest}
        names = {one.source.name for one in self.versions if one.source.name}
        others = {one.source.digest for one in self.study.transcripts()[0] if one.id != self.name}
        for path in layout.list_files(layout.raw):
            digest = digest_of(layout.read(path) or b"")
            stem = re.sub(r"-[0-9a-f]{12}$", "", path.stem)
            if digest in originals or (digest not in others and {path.name, f"{stem}{path.suffix}"} & names):
                yield path

    def _delete(self, path: Path) -> None:
        if self.layout.read(path) is not None:
            self.files.append(self.layout.name_of(path))
            self.change.put(path, None)

    def _erase_rows(self) -> None:
        """Take out what the tables and the settings say of its speakers, its recording and its cases."""
        layout, settings = self.layout, self.study.settings
        self._put_other(layout.speakers, lambda data: _leave_out(data, "transcript", [self.name], "speakers.csv"))
        for path in (layout.cases, *layout.list_files(layout.versions, ".csv")):
            self._put_other(path, partial(leave_out_cases, cases=self.lone, where=layout.name_of(path)))
        if self.change.is_staged(layout.cases):
            self.change.note("cases", {"cases": digest_of(self.change.read(layout.cases) or b"")})
        if self.name in settings.media:
            media = {name: path for name, path in settings.media.items() if name != self.name}
            self.change.put_settings(replace(settings, media=media))

    def _list_others(self) -> Iterator[Path]:
        """Yield the other files of the study in which words of the transcript may stand."""
        layout = self.layout
        yield from (layout.codebook, layout.cases, layout.speakers, layout.history)
        yield from (layout.memo_of(memo.id) for memo in read_memos(self.study)[0])
        yield from layout.list_files(layout.framework)
        yield from layout.list_files(layout.versions)
        yield from layout.list_files(layout.unsettled)
        for coder in self.study.coders():
            if coder != RULES_CODER:
                yield from layout.list_files(layout.sheets / coder)

    def _rewrite(self, path: Path) -> None:
        self._put_other(path, self._erase_words)

    def _erase_words(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        for words in self.words:
            if words in text:
                text = text.replace(words, ERASED)
        return text.encode("utf-8", "surrogateescape")

    def _put_other(self, path: Path, change: Callable[[bytes], bytes]) -> None:
        """Stage another file without what is to be erased, if it holds any."""
        data = self.change.read(path)
        erased = data if data is None else change(data)
        if erased != data:
            self.change.put(path, erased)
            self.rewritten = list(dict.fromkeys([*self.rewritten, self.layout.name_of(path)]))

    def _warn(self) -> Iterator[Problem]:
        root = self.layout.root.resolve()
        if any((one / ".git").exists() for one in (root, *root.parents)):
            message = "The folder is under git, and its history still holds the words."
            yield Problem(
                str(self.layout.root),
                "warning",
                "git",
                message,
                "Rewrite the history, for example with git filter-repo",
            )
        kept = self.layout.kept
        if kept.is_dir() and any(kept.iterdir()):
            message = "Files that were set aside may still hold the words."
            yield Problem(self.layout.name_of(kept), "warning", "kept", message, "Check them, and delete them")
        recording = self.study.settings.media.get(self.name)
        if recording:
            message = "The recording is not erased: nothing here ever changes one."
            yield Problem(recording, "warning", "recording", message, "Delete it as well")
        message = "Copies elsewhere are not erased: exports, reports, backups, synced drives, colleagues' folders."
        yield Problem("", "note", "copies", message, "Delete the words there as well")


def list_lone_cases(study: StudyFolder, names: Collection[str]) -> tuple[str, ...]:
    """Return the cases, with and without a row in the table, that speak in these transcripts and in no other."""
    from qualcode.cases import assign_cases

    table, transcripts = study.cases, study.transcripts()[0]
    voices = assign_cases(transcripts, table).voices
    elsewhere = {case for (name, _), case in voices.items() if name not in names}
    return tuple(case for case in dict.fromkeys(voices.values()) if case not in elsewhere)


def leave_out_cases(data: bytes, cases: Collection[str], where: str) -> bytes:
    """Return a table of cases without the rows of some."""
    return _leave_out(data, "case", cases, where)


def _leave_out(data: bytes, column: str, names: Collection[str], where: str) -> bytes:
    def keep(cell: str) -> str | None:
        return None if arm(cell).strip() in names else cell

    return rewrite_column(data, (column,), keep, name=where, error=StudyError)


_LATIN_LENGTH, _HAN_LENGTH = 25, 10
"""How long a passage must be for its words to be nobody else's: in letters, and in Chinese characters."""


def _is_telling(words: str) -> bool:
    words = words.strip()
    n_han = sum("\u3400" <= mark <= "\u9fff" for mark in words)
    return len(words) >= _LATIN_LENGTH or n_han >= _HAN_LENGTH


def find_tombstone(study: StudyFolder, name: str, digest: str = "") -> dict[str, Any] | None:
    """Return the line of the history which says that a transcript was removed; ``None`` if it was not.

    Parameters
    ----------
    study
        Which study.
    name, digest
        The transcript, and the digest of its text; without that the name alone tells.
    """
    return None if name in study.transcript_ids() else find_removal(study.notes(), name, digest)


def find_removal(notes: Iterable[dict[str, Any]], name: str, digest: str) -> dict[str, Any] | None:
    """Return the line among some of a history which says that a transcript was removed, as :func:`find_tombstone`."""
    for note in notes:
        if note.get("what") == "remove" and (
            digest in note.get("texts", ()) or (not digest and name in note.get("names", ()))
        ):
            return note
    return None


def is_erased(study: StudyFolder, name: str, digest: str = "") -> bool:
    """Tell whether a transcript was removed; see :func:`find_tombstone`."""
    return name not in {"", "study", "code", "case"} and find_tombstone(study, name, digest) is not None
