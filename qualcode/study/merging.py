"""Uniting two copies of a study: sheets by event, files three-way where a common ancestor is known."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.codebook.reading import parse_codebook
from qualcode.errors import Problem, QualcodeError, StudyError
from qualcode.model import RULES_CODER
from qualcode.study.crossing import Crossing, find_older
from qualcode.study.events import History, key_of
from qualcode.study.files import Transaction, digest_of
from qualcode.study.folder import is_visible, tell_name
from qualcode.study.growing import find_mapping, recode
from qualcode.study.settings import SETTINGS, check_coder, encode_settings
from qualcode.study.versions import (
    VERSIONED,
    find_ancestor,
    find_lineage,
    keep_version,
    keep_versions,
    merge_lines,
    versions_in,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Transcript
    from qualcode.study.events import Event
    from qualcode.study.study import Study


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


def merge_study(study: Study, other_folder: str | os.PathLike[str]) -> MergeReport:
    """Bring a colleague's copy of the study in; that copy stays as it is.

    Sheets of one coder in both copies are united by event: a coding stands unless somebody who knew it took it away.

    Raises
    ------
    StudyError
        If the other folder is no copy of this study.
    """
    from qualcode.study.study import Study as Folder

    other = Folder(other_folder, clock=study.clock)
    if other.settings.id != study.settings.id:
        raise StudyError(
            "This is another study, not a copy of yours.",
            where=str(other.root),
            hint="Copies have the same id in study.yaml: begin colleagues' work from a copy of the folder.",
        )
    if other.root.resolve() == study.root.resolve():
        raise StudyError("This is the study itself.", where=str(other.root), hint="Name the folder of the other copy.")
    for coder in other.coders():
        if coder != RULES_CODER:
            check_coder(coder, study.coders())
    with ExitStack() as locks:
        locks.enter_context(study.lock("study"))
        for coder in sorted({*study.coders(), *other.coders()}):
            locks.enter_context(study.lock(coder))
        merger = _Merger(study, other)
        merger.merge()
        study.forget()
    return merger.report


class _Merger:
    """Plans and makes one change that brings the other copy in."""

    def __init__(self, study: Study, other: Study) -> None:
        self.study, self.other = study, other
        self.change = Transaction(study.root)
        self.report = MergeReport()
        self.coders_on: dict[str, set[str]] = {}

    def merge(self) -> None:
        """Bring everything in."""
        notes = keep_versions(self.study, self.change)
        for note in notes if self.change.contents else ():
            self.study.put_note(self.change, note.pop("what"), note)
        self._merge_codebook()
        self.mapping = find_mapping(self.study, self.other, self.change.contents.get("codebook.yaml"))
        for coder, name in (*self.other.sheet_ids(), *self.study.sheet_ids()):
            self.coders_on.setdefault(name, set()).add(coder)
        for name in self.other.transcript_ids():
            self._merge_transcript(name)
        self._merge_cases()
        self._merge_memos()
        self._merge_settings()
        if self.change.contents:
            self._merge_notes()
            self.change.commit()

    def _conflict(self, where: str, message: str, hint: str) -> None:
        self.report.conflicts.append(Problem(where, "warning", "conflict", message, hint))

    def _merge_transcript(self, name: str) -> None:
        """Bring a transcript in with everybody's sheets on it."""
        coders = sorted(self.coders_on.get(name, ()))
        if self._has_same_text(name):
            for coder in coders:
                self._merge_sheet(coder, name)
            return
        try:
            theirs = self.other.transcript(name)
        except StudyError as error:
            self._conflict(f"transcripts/{name}.txt", f"It is damaged in the other copy: {error.message}", error.hint)
            return
        if name not in self.study.transcript_ids():
            self._put(theirs)
            unsettled = self.other.root / "unsettled" / f"{name}.jsonl"
            if unsettled.exists():
                self.change.put(self.study.root / "unsettled" / unsettled.name, unsettled.read_bytes())
            for coder in coders:
                self._merge_sheet(coder, name)
            return
        older = find_older(self.study, self.other, name)
        if older == "unknown":
            self._conflict(
                f"transcripts/{name}.txt",
                f"Both copies corrected {name}; what was done on it there was not brought in.",
                "Import the same corrected file into both with qualcode import --update, then merge again.",
            )
            return
        crossing = Crossing(self.study, self.other, self.change, name, older=older, mapping=self.mapping)
        for coder in coders:
            self._note_events(coder, name, crossing.bring_sheet(coder))
        crossing.put_unsettled()
        if older == "mine":
            self._put(theirs)

    def _has_same_text(self, name: str) -> bool:
        """Tell whether both copies have a transcript with the same text, without reading it."""
        paths = (copy.root / "transcripts" / f"{name}.json" for copy in (self.study, self.other))
        mine, theirs = (tell_name(path, "text_digest") for path in paths)
        return bool(mine) and mine == theirs

    def _put(self, transcript: Transcript) -> None:
        self.study.put_transcript(self.change, transcript, self._raw(transcript.source.name))
        self.report.transcripts.append(transcript.id)

    def _raw(self, name: str) -> bytes | None:
        path = self.other.root / "raw" / Path(name).name if name else None
        return path.read_bytes() if path is not None and path.is_file() else None

    def _merge_sheet(self, coder: str, name: str) -> None:
        logs = [read_if_there(copy.log_path(coder, name)) for copy in (self.study, self.other)]
        is_same = logs[0] == logs[1] or logs[1] is None or (coder == RULES_CODER and logs[0] is not None)
        if is_same and not self.mapping and self.other.read_sheet(coder, name)[1] == []:
            return
        mine = self.study.load(coder, name).log.history
        known = set(mine.events)
        theirs = self.other.load(coder, name).log.history
        is_taken = coder != RULES_CODER or not known  # the rules' sheets come from the codebook: tagging renews them
        events = tuple(event for event in theirs.events.values() if is_taken and event.id not in known)
        self.study.stage(
            self.change, coder, name, "merge",
            changes=lambda history: recode(history, self.mapping) if self.mapping else (),
            why="as the codebook has it" if self.mapping else "", events=events,
        )  # fmt: skip
        self._note_events(coder, name, events)

    def _note_events(self, coder: str, name: str, events: Sequence[Event]) -> None:
        """Count what came in, and tell where the copies disagree."""
        self.report.n_events += len(events)
        if coder == RULES_CODER:
            return
        self._tell_outside(coder, name, self.other.load(coder, name).outside is not None)
        union = History.of((*self.study.load(coder, name).log.history.events.values(), *events))
        for versions in union.conflicts():
            self._tell_versions(coder, name, versions)

    def _tell_outside(self, coder: str, name: str, is_outside: bool) -> None:  # noqa: FBT001  # private
        if is_outside:
            self._conflict(
                f"sheets/{coder}/{name}.jsonl",
                "The other copy's sheet was changed outside qualcode; only what its log tells was brought in.",
                "Make any decision there, which records the difference, then merge again.",
            )

    def _tell_versions(self, coder: str, name: str, versions: tuple[Coding, ...]) -> None:
        start, end, code = key_of(versions[0])
        verdicts = " and ".join(one.verdict for one in versions)
        self._conflict(
            f"sheets/{coder}/{name}.jsonl",
            f"The two copies disagree on “{code}” at {start}:{end}: {verdicts}.",
            f"{versions[-1].verdict} is the latest and counts; decide again to settle it.",
        )

    def _merge_codebook(self) -> None:
        """Take the codebook that was built on the other one, or unite the two line by line."""
        name = "codebook.yaml"
        mine, theirs = (read_if_there(copy.root / name) for copy in (self.study, self.other))
        if theirs is None or theirs == mine or digest_of(theirs) in find_lineage(self.study, name):
            return
        if mine is None or digest_of(mine) in find_lineage(self.other, name):
            self._put_codebook(theirs, {})
            return
        merged = self._unite(name, mine, theirs)
        if merged is not None and _read_codebook(merged) is not None:
            self._put_codebook(merged, {"from": digest_of(mine), "merged": digest_of(theirs)})
            return
        kept = self.study.root / f"codebook.theirs-{digest_of(theirs)[:8]}.yaml"
        is_told = any(note.get("conflict") == kept.name for note in self.study.notes())
        if is_told and not kept.exists():  # a person has united the two
            self._put_codebook(mine, {"merged": digest_of(theirs)})
            return
        if not is_told:
            self.change.put(kept, theirs)
            self.study.put_note(self.change, "conflict", {"conflict": kept.name})
        self._conflict(
            name,
            f"Both copies changed the codebook in the same place; the other one is kept as {kept.name}.",
            f"Take over into codebook.yaml what you want of it, delete {kept.name}, and merge again.",
        )

    def _put_codebook(self, data: bytes, note: dict[str, str]) -> None:
        if data != read_if_there(self.study.root / "codebook.yaml"):
            self.change.put(self.study.root / "codebook.yaml", data)
            self.report.files.append("codebook.yaml")
        keep_version(self.change, "codebook.yaml", data)
        if note:
            self.study.put_note(self.change, "codebook", {"codebook": digest_of(data), **note})

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
        from qualcode.study.exchanging import read_rows

        mine, theirs = (copy.root / "cases.csv" for copy in (self.study, self.other))
        if not theirs.exists() or (mine.exists() and mine.read_bytes() == theirs.read_bytes()):
            return
        if not mine.exists():
            self.change.put(mine, theirs.read_bytes())
            self.report.files.append("cases.csv")
            return
        merged = self._unite("cases.csv", mine.read_bytes(), theirs.read_bytes())
        if merged is not None:
            if merged != mine.read_bytes():
                self.change.put(mine, merged)
                keep_version(self.change, "cases.csv", merged)
                self.report.files.append("cases.csv")
            return
        present, news = read_rows(mine.read_bytes(), "cases.csv"), read_rows(theirs.read_bytes(), "cases.csv")
        known = {tuple(row.values()) for row in present}
        firsts = {next(iter(row.values()), "") for row in present}
        added = []
        for row in news:
            first = next(iter(row.values()), "")
            if first not in firsts:
                added.append(row)
            elif tuple(row.values()) not in known:
                message = f"The two copies differ in the case “{first}”; yours stays."
                self._conflict("cases.csv", message, "Compare the two tables.")
        if added and list(added[0]) == list(present[0]):
            self.change.put(mine, mine.read_bytes().rstrip(b"\r\n") + b"\n" + _encode_rows(added))
            self.report.files.append("cases.csv")
        elif added:
            message = "The two tables have different columns; no row was brought in."
            self._conflict("cases.csv", message, "Compare the two tables.")

    def _merge_memos(self) -> None:
        """Bring memos in: the longer one where somebody added to it, else both, one under a name of its content."""
        for path in sorted((self.other.root / "memos").glob("*.md")):
            mine = self.study.root / "memos" / path.name
            data, present = path.read_bytes(), read_if_there(mine)
            if not is_visible(path) or (present is not None and present.startswith(data.rstrip())):
                continue
            if present is not None and not data.startswith(present.rstrip()):
                mine = mine.with_name(f"{path.stem}--{digest_of(data)[:8]}.md")
                if mine.exists():
                    continue
                message = f"Both copies changed this memo; the other one is kept as {mine.name}."
                self._conflict(f"memos/{path.name}", message, "Unite the two by hand.")
            self.change.put(mine, data)
            self.report.files.append(f"memos/{mine.name}")

    def _merge_settings(self) -> None:
        from dataclasses import replace

        coders = tuple(sorted({*self.study.settings.coders, *self.other.settings.coders}))
        if coders != self.study.settings.coders:
            settings = replace(self.study.settings, coders=coders)
            self.change.put(self.study.root / SETTINGS, encode_settings(settings))
            self.study.settings = settings

    def _merge_notes(self) -> None:
        """Add what happened to the other copy as a whole, and that it was merged."""
        path = self.study.root / "history.jsonl"
        present = self.change.contents.get("history.jsonl") or read_if_there(path) or b""
        lines = present.splitlines()
        theirs = read_if_there(self.other.root / "history.jsonl") or b""
        known = set(lines)
        news = [line for line in theirs[: theirs.rfind(b"\n") + 1].splitlines() if line not in known]
        self.change.put(path, b"".join(line + b"\n" for line in (*lines, *news)))
        for kept in sorted((self.other.root / "versions").glob("*")):
            if is_visible(kept) and not (self.study.root / "versions" / kept.name).exists():
                self.change.put(self.study.root / "versions" / kept.name, kept.read_bytes())
        self._note_present(lines + news)
        self.study.put_note(self.change, "merge", {"events": self.report.n_events})

    def _note_present(self, lines: Sequence[bytes]) -> None:
        """Say which codebook and cases are in use here, where the other copy's history ends with others."""
        for name in VERSIONED:
            kind = name.partition(".")[0]
            data = self.change.contents.get(name) or read_if_there(self.study.root / name)
            known = versions_in(lines, kind)
            if data is not None and known[-1:] != [digest_of(data)]:
                self.study.put_note(self.change, kind, {kind: digest_of(data)})


def read_if_there(path: Path) -> bytes | None:
    """Return the content of a file, or ``None`` without one."""
    return path.read_bytes() if path.exists() else None


def _read_codebook(data: bytes) -> Codebook | None:
    """Return a codebook, or ``None`` when it cannot be used."""
    try:
        return parse_codebook(data.decode("utf-8-sig"))
    except (QualcodeError, UnicodeDecodeError):
        return None


def _encode_rows(rows: list[dict[str, str]]) -> bytes:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(row.values() for row in rows)
    return text.getvalue().encode("utf-8")
