"""A project comes into a study: prepared in full, then in one change, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from qualcode.anchoring import Alignment
from qualcode.errors import ConflictError, StudyError
from qualcode.exchange import LossList
from qualcode.model import RULES_CODER
from qualcode.study.corrections import correct_transcript
from qualcode.study.projects.cases import CaseWriter
from qualcode.study.projects.coders import match_coders
from qualcode.study.projects.codes import CodeMatcher
from qualcode.study.projects.codings import CodingWriter, move_name
from qualcode.study.projects.identities import Identities, Identity
from qualcode.study.projects.memos import MemoWriter
from qualcode.study.projects.texts import Text, match_texts
from qualcode.study.store import digest_of, keep_version, keep_versions
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.exchange import Loss, Mark, Project
    from qualcode.study.projects.codings import Seen
    from qualcode.study.store import StudyChange, StudyStore


@dataclass(frozen=True, slots=True)
class ArrivalReport:
    """What a project brought.

    Attributes
    ----------
    new, same, updated
        Transcripts that came in, that were there already, and whose text is a newer one now.
    n_codes, n_codings, n_changed, n_cases, n_memos
        What came in anew; of codings also those that are others now.
    n_codings_there
        Per coder, how many codings of the project are in the study.
    losses
        What did not come in, or came in as something else.
    """

    new: tuple[str, ...]
    same: tuple[str, ...]
    updated: tuple[str, ...]
    n_codes: int
    n_codings: int
    n_changed: int
    n_cases: int
    n_memos: int
    n_codings_there: Mapping[str, int] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()


def bring_project(
    study: StudyStore,
    project: Project,
    *,
    coder: str | None = None,
    seen: Seen = "coded",
    name: str = "",
    mode: Literal["write", "preview"] = "write",
    remember: Literal["all", "codings"] = "all",
) -> ArrivalReport:
    """Bring a project of another program into a study, anew or as an update, all of it or nothing.

    What came with an earlier state of the project is known by its GUIDs, else by name and words: what is new or was
    changed there comes in, what was done here stays, and where both changed something it is told.

    Parameters
    ----------
    study
        Which study.
    project
        As :func:`qualcode.exchange.read_project` returns it.
    coder
        Whose codings those are of which the project does not say it.
    seen
        What coders looked at, which no project tells: the segments that they ``coded``, or ``all`` of each transcript
        in which they coded.
    name
        The file's, for the history.
    mode
        ``preview``: nothing is written, and the report is what it would be.
    remember
        What is known again the next time: all of the project, or its ``codings``, when texts and codes are the study's.

    Raises
    ------
    StudyError
        If nobody says whose some codings are.
    """
    arrival = _Arrival(study, project, name, remember)
    arrival.prepare(coder)
    if mode == "write":
        arrival.correct()
    else:
        arrival.stay()
    with study.change(why=f"import of {name or project.name}") as change:
        arrival.stage(change, seen)
        if mode == "preview":
            change.abandon()
    return arrival.report()


class _Arrival:
    """One project on its way."""

    def __init__(
        self, study: StudyStore, project: Project, name: str, remember: Literal["all", "codings"] = "all"
    ) -> None:
        self.study, self.project, self.name, self.remember = study, project, name, remember
        self.losses = LossList(name)
        self.losses.extend(project.losses)
        self._saw = self._look()
        self.known = Identities.decode(study.layout.read(study.layout.exchange))
        self.texts: list[Text] = []

    def _look(self) -> tuple[object, ...]:
        """Return what is prepared from, and must be the same when it is written."""
        layout = self.study.layout
        return self.study.transcript_ids(), layout.read(layout.codebook), layout.read(layout.exchange)

    def prepare(self, coder: str | None) -> None:
        """Find out what everything is here."""
        project, known, losses = self.project, self.known, self.losses
        if not (project.sources or project.codes or project.memos or project.cases):
            raise StudyError("There is nothing in the project that could come in.", where=self.name)
        self.coders, self.coder_rows = match_coders(self.study, project, known, losses, unnamed=coder)
        self.codes = CodeMatcher(self.study, known, losses, project.program, is_own=self.remember == "codings")
        self.codes.match(project.codes)
        self.texts = match_texts(self.study, project, known, losses)
        self.by_guid = {text.source.guid: text for text in self.texts}

    def stage(self, change: StudyChange, seen: Seen) -> None:
        """Stage all of it.

        Raises
        ------
        ConflictError
            If transcripts came in, or the codebook was changed, since it was prepared.
        """
        if self._look() != self._saw:
            message = "The study has changed while the project was read."
            raise ConflictError(message, where=str(self.study.root), hint="Import the project again")
        keep_versions(change)
        digest = self._stage_codebook(change)
        for text in self.texts:
            if text.status == "new":
                change.put_transcript(text.transcript, text.source.raw or None)
        for one in dict.fromkeys(name for name in self.coders.values() if name != RULES_CODER):
            change.enter_coder(one, is_new=True)
        self._stage_codings(change, seen, digest)
        self.cases = CaseWriter(self.study.cases, self.known, self.losses, self.by_guid)
        self.cases.write(self.project)
        self.cases.stage(change)
        self._stage_memos(change)
        self._remember(change)
        if not change.is_empty:
            change.note("import-project", self._note())

    def _stage_codebook(self, change: StudyChange) -> str:
        project, path = self.project, self.study.layout.codebook
        why = f"Imported from {project.program or 'a project'}."
        text = self.codes.encode(name=project.name, description="", why=why, when=change.now[:10])
        if text is None:
            return self.study.codebook.digest if self.study.has_codebook else ""
        data = text.encode("utf-8")
        present = self.study.layout.read(path)
        change.put(path, data)
        keep_version(change, path.name, data)
        told = {"codebook": digest_of(data), "change": f"{plural(self.codes.n_new, 'code')} from {self.name}"}
        change.note("codebook", told | ({"from": digest_of(present)} if present is not None else {}))
        return digest_of(data)

    def _stage_codings(self, change: StudyChange, seen: Seen, codebook_digest: str) -> None:
        self.codings = CodingWriter(change, self.known, self.losses, codebook_digest=codebook_digest)
        self.codings.origin = self.project.origin
        marks = [found for mark in self.project.marks if (found := self._resolve(mark)) is not None]
        self.codings.write(marks)
        self.codings.see(self.texts, marks, seen)

    def _resolve(self, mark: Mark) -> tuple[Mark, Text, str, str] | None:
        text = self.by_guid.get(mark.source)
        if text is None:
            self.losses.add("codings on texts that did not come in", "left out")
            return None
        coder = self.coders[mark.coder if mark.coder in self.coders else ""]
        if coder == RULES_CODER:
            self.losses.add("suggestions of the rules", "left out: qualcode tag makes them", level="note")
            return None
        return mark, text, self.codes.ids[mark.code], coder

    def _stage_memos(self, change: StudyChange) -> None:
        names = {("code", guid): one for guid, one in self.codes.ids.items()}
        names |= {("case", guid): one for guid, one in self.cases.ids.items()}
        self.memos = MemoWriter(change, self.known, self.losses, self.by_guid, names)
        for memo in self.project.memos:
            self.memos.write(memo)

    def _remember(self, change: StudyChange) -> None:
        rows: list[Identity] = [*self.codings.rows]
        if self.remember == "all":
            rows += [*self.coder_rows, *self.codes.rows, *(text.identity() for text in self.texts)]
            rows += [*self.cases.rows, *self.memos.rows]
        for row in rows:
            self.known.put(row)
        data = self.known.encode()
        if data != self.study.layout.read(self.study.layout.exchange):
            change.put(self.study.layout.exchange, data)

    def _note(self) -> dict[str, object]:
        told = [loss.record() for loss in self.losses.tell()]
        counts = {"codings": self.codings.n_new, "codes": self.codes.n_new, "cases": self.cases.n_new}
        return {"file": self.name, "program": self.project.program, **counts, "losses": told}

    def correct(self) -> None:
        """Bring in newer texts; all codings go along as with any corrected transcript."""
        for text in self.texts:
            if text.status == "newer":
                name = text.transcript.id
                alignment = Alignment(self.study.transcript(name).text, text.transcript.text)
                correct_transcript(self.study, text.transcript, text.source.raw or None, why=f"newer in {self.name}")
                self.known.move(name, partial(move_name, alignment))
                text.take(self.study.transcript(name))

    def stay(self) -> None:
        """Leave the texts as they are, and look for the words of newer ones in them."""
        for text in self.texts:
            if text.status == "newer":
                text.take(self.study.transcript(text.transcript.id))

    def report(self) -> ArrivalReport:
        """Return what came in."""
        by_status = {
            status: tuple(one.transcript.id for one in self.texts if one.status in statuses)
            for status, statuses in (("new", {"new"}), ("same", {"same", "other"}), ("newer", {"newer"}))
        }
        return ArrivalReport(
            by_status["new"], by_status["same"], by_status["newer"], self.codes.n_new, self.codings.n_new,
            self.codings.n_changed, self.cases.n_new, self.memos.n_new, dict(sorted(self.codings.coders.items())),
            self.losses.tell(),
        )  # fmt: skip
