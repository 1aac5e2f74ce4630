"""Uniting two copies of a study: sheets by event, files three-way where a common ancestor is known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from qualcode.codebook import parse_codebook
from qualcode.errors import Problem, QualcodeError, SourceError, StudyError
from qualcode.file_names import fold_name, is_same_place
from qualcode.model import RULES_CODER
from qualcode.spreadsheets import append_rows, fold_head, read_sheet
from qualcode.study.crossing import Crossing, find_older
from qualcode.study.framework import merge_summaries, tell_case
from qualcode.study.memos import decode_memo
from qualcode.study.projects import Identities
from qualcode.study.recall import list_check_files, unite_checks
from qualcode.study.recoding import find_mapping, recode
from qualcode.study.saved_questions import merge_questions
from qualcode.study.store import (
    VERSIONED,
    StudyFolder,
    digest_of,
    find_ancestor,
    find_lineage,
    keep_version,
    keep_versions,
    list_versions,
    merge_lines,
    tell_name,
)
from qualcode.study.transcripts import (
    find_names,
    is_erased,
    leave_out_cases,
    list_lone_cases,
    rename_transcript,
)
from qualcode.wording import shorten, typed

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from qualcode.codebook import Codebook
    from qualcode.model import Memo, Transcript
    from qualcode.study.store import Event, StudyChange, StudyStore


@dataclass
class MergeReport:
    """What another copy of the study brought.

    Attributes
    ----------
    n_events
        Acts on sheets that were not known here.
    transcripts, files
        What came in anew or was renewed.
    conflicts
        Where the two copies disagree; nothing is lost there, and a person has to decide.
    """

    n_events: int = 0
    transcripts: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    conflicts: list[Problem] = field(default_factory=list)


def merge_study(study: StudyStore, other_folder: str | os.PathLike[str]) -> MergeReport:
    """Bring a colleague's copy of the study in; that copy is only read; see :meth:`.Study.merge`."""
    other = StudyFolder(other_folder, clock=study.clock)
    if other.settings.id != study.settings.id:
        raise StudyError(
            "This is another study, not a copy of yours.",
            where=str(other.root),
            hint="Give colleagues a copy of the study folder to work in; copies share the id in study.yaml",
        )
    if is_same_place(other.root, study.root):
        raise StudyError("This is the study itself.", where=str(other.root), hint="Name the folder of the other copy")
    if other.layout.journal.exists():
        raise StudyError(
            "The other copy has an unfinished change.",
            where=str(other.root),
            hint=f"If you trust the copy, finish the change with: qualcode status --study {typed(other.root)}",
        )
    _follow_renamings(study, other)
    with study.change() as change:
        merger = _Merger(change, other)
        merger.merge()
    return merger.report


def _follow_renamings(study: StudyStore, other: StudyFolder) -> None:
    """Give transcripts the names that they got in the other copy."""
    for old, new in find_names(other, since=study).items():
        if old in study.transcript_ids() and new not in study.transcript_ids():
            rename_transcript(study, old, new, why="as in another copy of the study")


class _Merger:
    """Plans and makes one change that brings the other copy in."""

    def __init__(self, change: StudyChange, other: StudyFolder) -> None:
        self.change, self.study, self.other = change, change.study, other
        self.report = MergeReport()
        self.names = find_names(self.study, since=other)
        self.folded = {fold_name(name): name for name in self.study.transcript_ids()}
        self.coders_on: dict[str, set[str]] = {}

    def merge(self) -> None:
        """Bring everything in."""
        for coder in self.other.coders():
            if coder != RULES_CODER:
                self.change.enter_coder(coder, is_new=True)
        keep_versions(self.change)
        self._merge_codebook()
        codebook = self.study.layout.codebook
        staged = self.change.read(codebook) if self.change.is_staged(codebook) else None
        self.mapping = find_mapping(self.study, self.other, staged)
        for coder, name in (*self.other.sheet_ids(), *self.study.sheet_ids()):
            self.coders_on.setdefault(name, set()).add(coder)
        for name in self.other.transcript_ids():
            self._merge_transcript(name)
        self._merge_cases()
        self._merge_speakers()
        self._merge_memos()
        self._merge_framework()
        self._merge_exchange()
        self._merge_checks()
        if not self.change.is_empty:
            self._merge_notes()

    def _conflict(self, where: str, message: str, hint: str) -> None:
        self.report.conflicts.append(Problem(where, "warning", "conflict", message, hint))

    def _name_text(self, name: str) -> str:
        return self.study.layout.name_of(self.study.layout.text_of(name))

    def _name_sheet(self, coder: str, name: str) -> str:
        return self.study.layout.name_of(self.study.layout.sheet_of(coder, name))

    def _merge_transcript(self, name: str) -> None:
        """Bring a transcript in with everybody's sheets on it."""
        if self._is_left_out(name):
            return
        coders = sorted(self.coders_on.get(name, ()))
        if self._has_same_text(name):
            for coder in coders:
                self._merge_sheet(coder, name)
            return
        try:
            theirs = self.other.transcript(name)
        except StudyError as error:
            self._conflict(self._name_text(name), f"It is damaged in the other copy: {error.message}", error.hint)
            return
        if name not in self.study.transcript_ids():
            self._put(theirs)
            path = self.other.layout.unsettled_of(name)
            self.change.put(self.study.layout.unsettled_of(name), self.other.layout.read(path))
            for coder in coders:
                self._merge_sheet(coder, name)
            return
        older = find_older(self.study, self.other, name)
        if older == "unknown":
            self._conflict(
                self._name_text(name),
                f"Both copies corrected {name}; work on it in the other copy was not merged.",
                "Import the same corrected file into both with qualcode import --update, then merge again",
            )
            return
        crossing = Crossing(self.change, self.other, name, older=older, mapping=self.mapping)
        for coder in coders:
            self._note_events(coder, name, crossing.bring_sheet(coder))
        crossing.put_unsettled()
        if older == "mine":
            self._put(theirs)

    def _is_left_out(self, name: str) -> bool:
        """Tell whether a transcript does not come in: it was removed here, or has another name or a twin here."""
        if is_erased(self.study, name, tell_name(self.other.layout.data_of(name), "text_digest")):
            return True
        if name in self.names:
            self._conflict(
                self._name_text(name),
                f"{name} is called {self.names[name]} here; work on it in the other copy was not merged.",
                f"Rename it there too: qualcode transcript rename {typed(name)} {typed(self.names[name])}",
            )
        twin = self.folded.get(fold_name(name), name)
        if twin != name and name not in self.names:
            self._conflict(
                self._name_text(name),
                f"Some computers cannot tell “{name}” from “{twin}”, which is here; “{name}” was not merged.",
                f"Rename it in the other copy, then merge again: qualcode transcript rename {typed(name)} NEW",
            )
        return twin != name or name in self.names

    def _has_same_text(self, name: str) -> bool:
        """Tell whether both copies have a transcript with the same text, without reading it."""
        mine, theirs = (tell_name(copy.layout.data_of(name), "text_digest") for copy in (self.study, self.other))
        return bool(mine) and mine == theirs

    def _put(self, transcript: Transcript) -> None:
        self.change.put_transcript(transcript, self._raw(transcript))
        self.report.transcripts.append(transcript.id)
        self.folded[fold_name(transcript.id)] = transcript.id

    def _raw(self, transcript: Transcript) -> bytes | None:
        """Return the original of a transcript in the other copy."""
        layout = self.other.layout
        path = self._originals.get(transcript.source.digest)
        if path is not None:
            return layout.read(path)
        return layout.read(layout.raw / transcript.source.name) if transcript.source.name else None

    @cached_property
    def _originals(self) -> dict[str, Path]:
        """The originals of the other copy by their digests; all are read, so that it is done once."""
        layout = self.other.layout
        return {digest_of(layout.read(path) or b""): path for path in layout.list_files(layout.raw)}

    def _merge_sheet(self, coder: str, name: str) -> None:
        mine, theirs = (copy.shelf.load(coder, name).log.history for copy in (self.study, self.other))
        # The rules' sheets come from the codebook: tagging renews them.
        is_taken = coder != RULES_CODER or not mine.events
        events = tuple(event for event in theirs.events.values() if is_taken and event.id not in mine.events)
        if events or self.mapping:
            draft = self.change.sheet(name, coder, events=events)
            draft.what, draft.who, draft.header = "merge", self.study.who, "kept"
            draft.change(recode(draft.history, self.mapping) if self.mapping else ())
            draft.why = "as the codebook has it" if self.mapping else ""
        self._note_events(coder, name, events)

    def _note_events(self, coder: str, name: str, events: Sequence[Event]) -> None:
        """Count what came in, and tell where the copies disagree."""
        self.report.n_events += len(events)
        if coder == RULES_CODER:
            return
        if self.other.shelf.load(coder, name).outside is not None:
            self._conflict(
                self._name_sheet(coder, name),
                "The other copy's sheet was changed outside qualcode; only what its log records was merged.",
                "Make any decision there, which records the change, then merge again",
            )
        draft = self.change.sheet(name, coder)
        draft.header = "kept"  # to look is no act
        for versions in draft.history.conflicts():
            verdicts = " and ".join(one.verdict for one in versions)
            self._conflict(
                self._name_sheet(coder, name),
                f"The two copies disagree on “{versions[0].code}” on “{shorten(versions[0].quote)}”: {verdicts}.",
                f"{versions[-1].verdict} is the latest and counts; decide again to settle it",
            )

    def _merge_codebook(self) -> None:
        """Take the codebook that was built on the other one, or unite the two line by line."""
        path = self.study.layout.codebook
        name = path.name
        mine, theirs = (copy.layout.read(copy.layout.codebook) for copy in (self.study, self.other))
        if theirs is None or theirs == mine or digest_of(theirs) in find_lineage(self.study, name):
            return
        if mine is None or digest_of(mine) in find_lineage(self.other, name):
            self._put_codebook(theirs, {})
            return
        merged = self._unite(name, mine, theirs)
        if merged is not None and _read_codebook(merged) is not None:
            self._put_codebook(merged, {"from": digest_of(mine), "merged": digest_of(theirs)})
            return
        kept = path.with_name(f"codebook.theirs-{digest_of(theirs)[:8]}.yaml")
        is_told = any(note.get("conflict") == kept.name for note in self.study.notes())
        if is_told and not kept.exists():  # a person has united the two
            self._put_codebook(mine, {"merged": digest_of(theirs)})
            return
        if not is_told:
            self.change.put(kept, theirs)
            self.change.note("conflict", {"conflict": kept.name})
        self._conflict(
            name,
            f"Both copies changed the codebook in the same place; the other version is kept as {kept.name}.",
            f"Copy what you want to keep into codebook.yaml, delete {kept.name}, and merge again",
        )

    def _put_codebook(self, data: bytes, note: dict[str, str]) -> None:
        path = self.study.layout.codebook
        if data != self.study.layout.read(path):
            self.change.put(path, data)
            self.report.files.append(path.name)
        keep_version(self.change, path.name, data)
        if note:
            self.change.note("codebook", {"codebook": digest_of(data), **note})

    def _unite(self, name: str, mine: bytes, theirs: bytes) -> bytes | None:
        """Return a file with what both copies did to it since they parted, if that is known and they do not clash."""
        base = find_ancestor(self.study, self.other, name)
        if base is None:
            return None
        try:
            merged = merge_lines(*(data.decode("utf-8-sig") for data in (base, mine, theirs)))
        except UnicodeDecodeError:
            return None
        return None if merged is None else merged.encode("utf-8")

    def _merge_cases(self) -> None:
        """Unite the tables of cases by row; where cells differ, the one here stays and is told."""
        path = self.study.layout.cases
        mine, theirs = (copy.layout.read(copy.layout.cases) for copy in (self.study, self.other))
        theirs = theirs and self._without_erased(theirs)
        if theirs is None or mine == theirs:
            return
        merged = theirs if mine is None else self._unite(path.name, mine, theirs)
        if merged is None and mine is not None:
            merged = self._unite_rows(mine, theirs)
        if merged not in {None, mine}:
            self.change.put(path, merged)
            keep_version(self.change, path.name, merged or b"")
            self.report.files.append(path.name)

    def _without_erased(self, table: bytes) -> bytes:
        """Return a table of cases of the other copy without those of which every transcript was erased here."""
        gone = self._erased_cases
        return leave_out_cases(table, gone, "cases.csv") if gone else table

    @cached_property
    def _erased_cases(self) -> tuple[str, ...]:
        if not any(note.get("what") == "remove" for note in self.study.notes()):
            return ()
        theirs = self.other.transcripts()[0]
        return list_lone_cases(self.other, [one.id for one in theirs if is_erased(self.study, one.id, one.digest)])

    def _unite_rows(self, mine: bytes, theirs: bytes) -> bytes | None:
        """Return the table with the rows of cases that only the other copy has."""
        present, news = (read_sheet(copy, name="cases.csv", error=StudyError) for copy in (mine, theirs))
        known = {_without_blanks(cells) for _, cells in present.rows}
        firsts = {cells[0] for _, cells in present.rows}
        added = []
        for _, cells in news.rows:
            first = cells[0]
            if first not in firsts:
                added.append(cells)
            elif _without_blanks(cells) not in known:
                message = f"The two copies differ in the case “{first}”; yours stays."
                self._conflict("cases.csv", message, "Compare the two tables")
        if added and list(map(fold_head, news.header)) != list(map(fold_head, present.header)):
            message = "The two tables have different columns; no row was merged."
            self._conflict("cases.csv", message, "Compare the two tables")
            return None
        return append_rows(mine, added, name="cases.csv", error=StudyError) if added else None

    def _merge_speakers(self) -> None:
        """Unite the tables of speakers by label; where both say something else, what stands here stays and is told."""
        from qualcode.sources import encode_speakers

        try:
            mine, theirs = self.study.speakers(), self.other.speakers()
        except SourceError as error:
            self._conflict("speakers.csv", f"The table is broken: {error.message}", "Repair it, then merge again")
            return
        here = {*self.study.transcript_ids(), *self.report.transcripts, ""}
        merged = {(one.transcript, one.label): one for one in mine}
        for one in theirs:
            if one.transcript in here:
                known = merged.setdefault((one.transcript, one.label), one)
                united = replace(known, person=known.person or one.person, role=known.role or one.role)
                merged[one.transcript, one.label] = united
                if (united.person, united.role) != (one.person or united.person, one.role or united.role):
                    message = (
                        f"The two copies differ in the label “{one.label}” of {one.transcript or 'all'}; yours stays."
                    )
                    self._conflict("speakers.csv", message, "Compare the two tables")
        if tuple(merged.values()) != mine:
            self.change.put(self.study.layout.speakers, encode_speakers([], tuple(merged.values())))
            self.report.files.append(self.study.layout.speakers.name)

    def _merge_exchange(self) -> None:
        """Know of what came from other programs what either copy knows; of one thing, what is known here."""
        path = self.study.layout.exchange
        mine, theirs = (copy.layout.read(copy.layout.exchange) for copy in (self.study, self.other))
        if theirs is not None and theirs != mine:
            data = Identities.decode(theirs).unite(Identities.decode(mine)).encode()
            if data != mine:
                self.change.put(path, data)
                self.report.files.append(path.name)

    def _merge_memos(self) -> None:
        """Bring memos in: the longer one where somebody added to it, else both, one under a name of its content."""
        layout, own = self.other.layout, self.study.layout
        taken = {fold_name(path.name): path for path in own.list_files(own.memos, ".md")}
        for path in layout.list_files(layout.memos, ".md"):
            data = layout.read(path) or b""
            goal = taken.get(fold_name(path.name), own.memo_of(path.stem))
            memo, present = _read_memo(path, data), _read_memo(goal, self.study.layout.read(goal))
            if memo is None or self._is_about_erased(memo):
                continue
            if present is not None and _is_within(memo, present):
                continue
            if present is not None and not _is_within(present, memo):
                goal = goal.with_name(f"{path.stem}--{digest_of(data)[:8]}.md")
                if goal.exists():
                    continue
                message = f"Both copies changed this memo; the other version is kept as {goal.name}."
                self._conflict(self.other.layout.name_of(path), message, "Combine the two by hand")
            self.change.put(goal, data)
            self.report.files.append(self.study.layout.name_of(goal))

    def _is_about_erased(self, memo: Memo) -> bool:
        kind, _, case = memo.about.partition(":")
        name = memo.about.rpartition(":")[0]
        return is_erased(self.study, name) or (kind == "case" and case in self._erased_cases)

    def _merge_framework(self) -> None:
        """Bring in what was written about cases and codes."""
        for path, clash in merge_summaries(self.change, self.other, without=self._erased_cases):
            name = f"framework/{path.name}"
            if clash:
                self._conflict(name, clash, "Chart the cell again, with what holds")
            elif name not in self.report.files:
                self.report.files.append(name)
        for clash in merge_questions(self.change, self.other):
            self._conflict("questions.csv", clash, "Save the one that you want under another name")

    def _merge_checks(self) -> None:
        """Bring in the checks that were drawn in the other copy only."""
        for path in list_check_files(self.other):
            goal = self.study.layout.check_of(path.parent.name, path.stem)
            mine = self.change.read(goal) or b""
            united = unite_checks(mine, self.other.layout.read(path) or b"")
            if united != mine:
                self.change.put(goal, united)
                self.report.files.append(self.study.layout.name_of(goal))

    def _merge_notes(self) -> None:
        """Add what happened to the other copy as a whole, and that it was merged."""
        path = self.study.layout.history
        lines = (self.change.read(path) or b"").splitlines()
        theirs = self.other.layout.read(self.other.layout.history) or b""
        known = set(lines)
        news = [line for line in theirs[: theirs.rfind(b"\n") + 1].splitlines() if line not in known]
        if news:
            self.change.put(path, b"".join(line + b"\n" for line in (*lines, *news)))
        for name, kept in self._versions():
            self.change.put(self.study.layout.versions / name, kept)
        self._note_present()
        self.change.note("merge", {"events": self.report.n_events})

    def _versions(self) -> Iterator[tuple[str, bytes]]:
        """Yield the earlier versions that only the other copy has, but for those of erased transcripts."""
        layout = self.other.layout
        for path in layout.list_files(layout.versions):
            stem = path.stem.rpartition("-")[0]
            kept = layout.read(path) or b""
            is_known = (self.study.layout.versions / path.name).exists()
            if not is_known and not is_erased(self.study, stem) and tell_case(kept) not in self._erased_cases:
                yield path.name, self._without_erased(kept) if path.suffix == ".csv" else kept

    def _note_present(self) -> None:
        """Say which codebook and cases are in use here, where the other copy's history ends with others."""
        for name in VERSIONED:
            kind = name.partition(".")[0]
            data = self.change.read(self.study.root / name)
            known = list_versions(self.change.notes, kind)
            if data is not None and known[-1:] != [digest_of(data)]:
                self.change.note(kind, {kind: digest_of(data)})


def _read_memo(path: Path, data: bytes | None) -> Memo | None:
    try:
        return None if data is None else decode_memo(path.stem, data)
    except UnicodeDecodeError:
        return None


def _is_within(memo: Memo, other: Memo) -> bool:
    """Tell whether all that a memo says stands at the beginning of another one about the same."""
    return memo.about == other.about and other.text.startswith(memo.text.rstrip())


def _read_codebook(data: bytes) -> Codebook | None:
    """Return a codebook, or ``None`` when it cannot be used."""
    try:
        return parse_codebook(data.decode("utf-8-sig"))
    except (QualcodeError, UnicodeDecodeError):
        return None


def _without_blanks(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells of a row without blank ones at its end, which a program may add."""
    return cells[: max((at for at, cell in enumerate(cells, 1) if cell), default=0)]
