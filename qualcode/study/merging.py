"""Uniting two copies of a study: sheets by event, files three-way where a common ancestor is known."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import Problem, StudyError
from qualcode.model import RULES_CODER
from qualcode.study.events import key_of
from qualcode.study.files import Transaction, digest_of
from qualcode.study.settings import SETTINGS, check_coder, encode_settings

if TYPE_CHECKING:
    import os

    from qualcode.model import Coding
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

    def merge(self) -> None:
        """Bring everything in."""
        self._merge_transcripts()
        for coder, name in self.other.sheet_ids():
            self._merge_sheet(coder, name)
        self._merge_codebook()
        self._merge_cases()
        self._merge_memos()
        self._merge_settings()
        if self.change.contents:
            self._merge_notes()
            self.change.commit()

    def _conflict(self, where: str, message: str, hint: str) -> None:
        self.report.conflicts.append(Problem(where, "warning", "conflict", message, hint))

    def _merge_transcripts(self) -> None:
        mine = {name: self.study.transcript(name).digest for name in self.study.transcript_ids()}
        for name in self.other.transcript_ids():
            theirs = self.other.transcript(name)
            if name not in mine:
                self.study.put_transcript(self.change, theirs, self._raw(theirs.source.name))
                self.report.transcripts.append(name)
            elif mine[name] != theirs.digest:
                self._conflict(
                    f"transcripts/{name}.txt",
                    f"The two copies have different texts of {name}; its sheets were not brought in.",
                    "Import the same corrected file into both with qualcode import --update, then merge again.",
                )

    def _raw(self, name: str) -> bytes | None:
        path = self.other.root / "raw" / Path(name).name if name else None
        return path.read_bytes() if path is not None and path.is_file() else None

    def _merge_sheet(self, coder: str, name: str) -> None:
        has_same_text = name in self.report.transcripts or (
            name in self.study.transcript_ids()
            and self.study.transcript(name).digest == self.other.transcript(name).digest
        )
        mine = self.study.load(coder, name)
        if not has_same_text or (coder == RULES_CODER and mine.log.history.events):
            return  # the rules' sheets come from the codebook: tagging renews them
        theirs = self.other.load(coder, name)
        self._tell_outside(coder, name, theirs.outside is not None)
        known = mine.log.history.events
        events = [event for event in theirs.log.history.events.values() if event.id not in known]
        is_changed = self.study.stage(self.change, coder, name, "merge", changes=lambda _: (), events=events)
        if is_changed and events:
            self.report.n_events += len(events)
        history = theirs.log.history if not known else mine.log.history
        for versions in history.conflicts():
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
        mine, theirs = (copy.root / "codebook.yaml" for copy in (self.study, self.other))
        if not theirs.exists() or (mine.exists() and mine.read_bytes() == theirs.read_bytes()):
            return
        data = theirs.read_bytes()
        if not mine.exists() or digest_of(mine.read_bytes()) in _versions(self.other):
            self.change.put(mine, data)
            self.report.files.append("codebook.yaml")
        elif digest_of(data) not in _versions(self.study):
            kept = self.study.root / f"codebook.theirs-{digest_of(data)[:8]}.yaml"
            if not kept.exists():
                self.change.put(kept, data)
            self._conflict(
                "codebook.yaml",
                f"Both copies changed the codebook; the other one is kept as {kept.name}.",
                f"See what differs with: qualcode codebook diff codebook.yaml {kept.name}",
            )

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
        """Bring memos in; of two different ones with one name, both stay, one under a name made of its content."""
        for path in sorted((self.other.root / "memos").glob("*.md")):
            mine = self.study.root / "memos" / path.name
            data = path.read_bytes()
            if mine.exists() and mine.read_bytes() != data:
                mine = mine.with_name(f"{path.stem}--{digest_of(data)[:8]}.md")
                if not mine.exists():
                    message = f"Both copies changed this memo; the other one is kept as {mine.name}."
                    self._conflict(f"memos/{path.name}", message, "Unite the two by hand.")
            if not mine.exists():
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
        present = path.read_bytes() if path.exists() else b""
        lines = present.splitlines()
        theirs = self.other.root / "history.jsonl"
        news = [
            line for line in (theirs.read_bytes().splitlines() if theirs.exists() else []) if line not in set(lines)
        ]
        self.change.put(path, b"".join(line + b"\n" for line in (*lines, *news)))
        self.study.put_note(self.change, "merge", {"events": self.report.n_events})


def _versions(study: Study) -> set[str]:
    """Return the digests of the codebooks that a study had before its present one."""
    return {str(note["from"]) for note in study.notes() if note.get("what") == "codebook" and "from" in note}


def _encode_rows(rows: list[dict[str, str]]) -> bytes:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(row.values() for row in rows)
    return text.getvalue().encode("utf-8")
