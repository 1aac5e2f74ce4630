"""A study as a project for other programs: what goes along, and what does not, told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from qualcode.errors import StudyError
from qualcode.exchange import (
    About,
    LossList,
    Mark,
    Project,
    ProjectCase,
    ProjectCode,
    ProjectCoder,
    ProjectMemo,
    ProjectSource,
    make_guid,
    rename_codes,
    write_codes,
    write_description,
    write_project,
)
from qualcode.model import RULES_CODER, Span
from qualcode.study.addresses import parse_span
from qualcode.study.contents import is_given
from qualcode.study.memos import read_memos
from qualcode.study.projects.codes import state_of
from qualcode.study.projects.codings import name_coding, state_of_coding
from qualcode.study.projects.identities import Identities, Identity, digest_state
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qualcode.cases import CaseIndex
    from qualcode.codebook import Code
    from qualcode.exchange import CodeNames, Recipient, Written
    from qualcode.model import Case, Coding, Memo, Sheet, Transcript
    from qualcode.study.projects.identities import Kind
    from qualcode.study.store import StudyChange, StudyFolder, StudyStore


def make_project(study: StudyFolder, *, coders: Collection[str] | None = None) -> Project:
    """Return a study as a project: what people coded that counts, and the rules' suggestions only when they are named.

    Parameters
    ----------
    study
        Which study.
    coders
        Whose codings; by default those of all people.

    Raises
    ------
    StudyError
        If there is no such coder, or the study has no codebook.
    """
    return _Leaving(study, coders).make()


def export_project(
    study: StudyStore,
    form: Literal["qdpx", "qdc"] = "qdpx",
    *,
    coders: Collection[str] | None = None,
    recipient: Recipient = "any",
    names: CodeNames = "tree",
) -> Written:
    """Return a study, or its codes alone, as a file for other programs; what does not go along is kept in its history.

    Parameters
    ----------
    study
        Which study.
    form
        ``qdpx``: a REFI-QDA project. ``qdc``: a codebook.
    coders
        As in :func:`make_project`.
    recipient
        As in :func:`qualcode.exchange.write_project`.
    names
        How codes are called, as in :func:`qualcode.exchange.rename_codes`.

    Raises
    ------
    StudyError
        If there is no such coder, or the study has no codebook.
    """
    leaving = _Leaving(study, () if form == "qdc" else coders, names)
    if form == "qdc":
        written = write_codes(leaving.codes(), losses=leaving.losses.tell())
    else:
        written = write_project(leaving.make(), recipient=recipient)
    with study.change() as change:
        leaving.remember(change)
        told = [loss.record() for loss in written.losses]
        change.note("export-project", {"form": form, "for": recipient, "losses": told})
    return written


class _Leaving:
    """Makes the project of a study."""

    def __init__(self, study: StudyFolder, coders: Collection[str] | None, names: CodeNames = "tree") -> None:
        self.study, self.names = study, names
        self.losses = LossList()
        self.rows: list[Identity] = []
        self.known = Identities.decode(study.layout.read(study.layout.exchange))
        people = [one for one in study.coders() if one != RULES_CODER]
        self.coders = people if coders is None else [study.find_coder(one) for one in coders]

    def remember(self, change: StudyChange) -> None:
        """Remember what everything said that goes out, so that what comes back is told from what was changed here."""
        for row in self.rows:
            self.known.put(row)
        data = self.known.encode()
        if data != self.study.layout.read(self.study.layout.exchange):
            change.put(self.study.layout.exchange, data)

    def _name_guid(self, kind: Kind, key: str, state: str, transcript: str = "") -> str:
        """Return the GUID of something that goes out, and note what it says."""
        guid = self._guid(kind, key, transcript)
        self.rows.append(Identity(kind, transcript, key, guid, state))
        return guid

    def _guid(self, kind: Kind, key: str, transcript: str = "") -> str:
        """Return the GUID that something came with, else one of its own that is the same every time."""
        row = self.known.by_key(kind, key, transcript)
        return row.guid if row is not None and row.guid else make_guid(self.study.settings.id, kind, transcript, key)

    def make(self) -> Project:
        """Return the project."""
        transcripts, problems = self.study.transcripts()
        sheets, troubles = self.study.sheets(self.coders)
        for problem in (*problems, *troubles):
            self.losses.add("files of the study that cannot be read", "left out", str(problem))
        marks = [mark for sheet in sheets for mark in self._marks(sheet, transcripts)]
        active = sorted({sheet.coder for sheet in sheets if any(one.is_counted for one in sheet.codings)})
        self._tell_rest(transcripts, sheets)
        cases = list(self._cases(transcripts, marks))
        memos = list(self._memos(transcripts))
        authors = sorted({memo.author for memo in memos if memo.author} - set(active))
        return Project(
            program="qualcode",
            name=self.study.settings.name,
            sources=tuple(map(self._source, transcripts)),
            codes=tuple(self.codes()),
            coders=(
                *(ProjectCoder(self._name_guid("coder", one, ""), one) for one in active),
                *(ProjectCoder(self._guid("coder", one), one) for one in authors),
            ),
            marks=tuple(marks),
            cases=tuple(cases),
            variables=tuple(dict.fromkeys(name for case in cases for name in case.attributes)),
            memos=tuple(memos),
            losses=self.losses.tell(),
        )

    def _source(self, one: Transcript) -> ProjectSource:
        return ProjectSource(self._name_guid("transcript", one.id, one.digest, one.id), one.id, one.text)

    def _name(self, transcript_id: str) -> str:
        return self._guid("transcript", transcript_id, transcript_id)

    # -- codes --------------------------------------------------------------------------------------------------------

    def codes(self) -> list[ProjectCode]:
        """Return the codes as they go out, those above before those below."""
        codebook = self.study.codebook
        codes = list(codebook.walk())
        made = []
        for code in codes:
            parent = codebook.parent(code.id)
            above = self._guid("code", parent.id) if parent else ""
            self._tell_code(code)
            made.append(
                ProjectCode(self._guid("code", code.id), code.name, above, write_description(code), code.colour)
            )
        renamed = list(rename_codes(made, self.names))
        for code, one in zip(codes, renamed, strict=True):
            self._name_guid("code", code.id, state_of(replace(code, name=one.name)))
        return renamed

    def _tell_code(self, code: Code) -> None:
        if code.rules:
            became = "the rules are left out, which the format does not know"
            self.losses.add("codes with rules", became, code.name, level="note")
        if code.is_retired:
            self.losses.add("retired codes", "written as any other code", code.name, level="note")
        n_told = len(code.hits) + len(code.misses) + len(code.include) + len(code.exclude)
        if n_told:
            became = "written into the description, from which qualcode reads it back"
            self.losses.add("examples and what belongs to a code", became, code.name, n=n_told, level="note")

    # -- codings ------------------------------------------------------------------------------------------------------

    def _marks(self, sheet: Sheet, transcripts: Sequence[Transcript]) -> Iterator[Mark]:
        known = {one.id: one for one in transcripts}
        codes = {code.id for code in self.study.codebook.walk()}
        for coding in sheet.codings if sheet.transcript in known else ():
            if coding.code not in codes:
                self.losses.add("codings with a code that is not in the codebook", "left out", coding.quote)
            elif is_given(coding):
                yield self._mark(coding, known[sheet.transcript].text)

    def _mark(self, coding: Coding, text: str) -> Mark:
        key = name_coding(coding.span, coding.code, coding.coder)
        state = state_of_coding(coding, text, coding.span)
        return Mark(
            self._name_guid("coding", key, state, coding.transcript), self._name(coding.transcript), coding.span,
            self._guid("code", coding.code), self._guid("coder", coding.coder), coding.note, coding.at,
        )  # fmt: skip

    def _tell_rest(self, transcripts: Sequence[Transcript], sheets: Sequence[Sheet]) -> None:
        """Tell what of sheets and transcripts no other program knows."""
        verdicts = Counter(coding.verdict for sheet in sheets for coding in sheet.codings)
        if verdicts["rejected"]:
            self.losses.add("rejected suggestions", "left out", n=verdicts["rejected"], level="note")
        if verdicts["accepted"]:
            self.losses.add("accepted suggestions", "written as codings", n=verdicts["accepted"], level="note")
        n_seen = sum(len(sheet.seen) for sheet in sheets)
        if n_seen:
            self.losses.add("segments that coders have read", "left out", n=n_seen, level="note")
        if RULES_CODER not in self.coders:
            rules = [coding for sheet in self.study.sheets([RULES_CODER])[0] for coding in sheet.codings]
            if rules:
                became = "left out; to take them along: --coders NAMES,rules"
                self.losses.add("suggestions of the rules", became, n=len(rules), level="note")
        for one in transcripts:
            n_times = sum(turn.time is not None for turn in one.units("turn"))
            if n_times:
                told = f"{one.id}: {plural(n_times, 'turn')}"
                self.losses.add("start times of turns", "left out", told, n=n_times, level="note")
            if one.interviewers:
                self.losses.add(
                    "interviewers", "left out", f"{one.id}: {', '.join(sorted(one.interviewers))}", level="note"
                )

    # -- cases --------------------------------------------------------------------------------------------------------

    def _cases(self, transcripts: Sequence[Transcript], marks: Sequence[Mark]) -> Iterator[ProjectCase]:
        from qualcode.cases import assign_cases

        table = self.study.cases
        index = assign_cases(transcripts, table) if table else None
        for case in table:
            sources, passages = self._voices(case, transcripts, marks, index)
            attributes = {name: value for name, value in case.attributes.items() if value}
            for name, value in attributes.items():
                self.rows.append(Identity("value", "", f"{case.id}|{name}", "", digest_state(value)))
            yield ProjectCase(
                self._name_guid("case", case.id, ""), case.id, attributes, tuple(sources), tuple(passages)
            )

    def _voices(
        self, case: Case, transcripts: Sequence[Transcript], marks: Sequence[Mark], index: CaseIndex | None
    ) -> tuple[list[str], list[tuple[str, Span]]]:
        """Return the texts in which a case alone speaks, and passages of its turns in the others."""
        sources: list[str] = []
        passages: list[tuple[str, Span]] = []
        for one in transcripts if index is not None else ():
            turns = [turn for turn in one.units("turn") if not one.is_interviewer(turn)]
            speakers = {turn.speaker for turn in turns}
            own = {speaker for speaker in speakers if index and index.case_of(one.id, speaker) == case.id}
            if own and own == speakers:
                sources.append(self._name(one.id))
            for speaker in sorted(own) if own != speakers else ():
                spans = [turn.span for turn in turns if turn.speaker == speaker]
                passages += self._find_passages(self._name(one.id), spans, marks)
        return sources, passages

    @staticmethod
    def _find_passages(source: str, turns: Sequence[Span], marks: Sequence[Mark]) -> list[tuple[str, Span]]:
        """Return the coded passages within turns, or the first turn when nobody coded any."""
        coded = {
            mark.span
            for mark in marks
            if mark.source == source and any(one.start <= mark.span.start and mark.span.end <= one.end for one in turns)
        }
        return [(source, span) for span in sorted(coded) or turns[:1]]

    # -- memos --------------------------------------------------------------------------------------------------------

    def _memos(self, transcripts: Sequence[Transcript]) -> Iterator[ProjectMemo]:
        by_id = {one.id: one for one in transcripts}
        memos, problems = read_memos(self.study)
        for problem in problems:
            self.losses.add("memos that cannot be read", "left out", str(problem))
        for memo in memos:
            if memo.is_private:
                self.losses.add("private memos", "left out", memo.id, level="note")
                continue
            about = self._about(memo, by_id)
            if about is None:
                self.losses.add("memos about something that is not there", "written as memos about the study", memo.id)
            state = digest_state(memo.text.strip() + "\n")
            yield ProjectMemo(
                self._name_guid("memo", memo.id, state), memo.id, memo.text, about or About(), memo.author, memo.at
            )

    def _about(self, memo: Memo, transcripts: dict[str, Transcript]) -> About | None:
        kind, _, name = memo.about.partition(":")
        if memo.about == "study":
            return About()
        if kind == "code":
            return About("code", self._guid("code", name)) if self._has_code(name) else None
        if kind == "case":
            return About("case", self._guid("case", name)) if any(one.id == name for one in self.study.cases) else None
        name, _, place = memo.about.rpartition(":")
        transcript = transcripts.get(name)
        if transcript is None:
            return None
        segment = next((one for one in transcript.segments if one.id == place), None)
        span = segment.span if segment is not None else _read_span(place)
        is_there = span is not None and span.end <= len(transcript.text)
        return About("passage", self._name(name), span) if is_there else None

    def _has_code(self, name: str) -> bool:
        return any(code.id == name for code in self.study.codebook.walk())


def _read_span(place: str) -> Span | None:
    try:
        return parse_span(place)
    except StudyError:
        return None
