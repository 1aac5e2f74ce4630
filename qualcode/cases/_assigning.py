"""Which case speaks in which transcript under which label."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from qualcode.cases._names import CASE_COLUMN, attribute_names
from qualcode.errors import CaseError, Problem
from qualcode.model import Case
from qualcode.wording import loosen, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qualcode.errors import Level
    from qualcode.model import Transcript

NOT_GIVEN = "(not given)"
"""The group of the cases for which the table says nothing."""

NO_LABEL = "(no label)"
"""Stands for the speaker of turns without a label in a transcript whose other turns have one."""


@dataclass(frozen=True)
class CaseIndex:
    """Which case speaks in which transcript under which label.

    Attributes
    ----------
    cases
        The cases that speak: those of the table in its order, then those without a row in the order in which
        they first speak.
    attributes
        The names of the attributes, in the order of the table.
    problems
        Cases that never speak, speaking cases without a row, transcripts without labels.
    voices
        (transcript id, speaker label) → case id, for every interviewee voice.
    """

    cases: tuple[Case, ...]
    attributes: tuple[str, ...]
    problems: tuple[Problem, ...]
    voices: Mapping[tuple[str, str], str]

    @cached_property
    def attributes_of(self) -> Mapping[str, Mapping[str, str]]:
        """The attributes of each case that speaks, by its id."""
        return {case.id: case.attributes for case in self.cases}

    def case_of(self, transcript: str, speaker: str) -> str:
        """Return the id of the case that speaks; ``""`` for an interviewer and for an unknown voice."""
        return self.voices.get((transcript, speaker), "")

    def groups(self, attribute: str = CASE_COLUMN) -> dict[str, tuple[str, ...]]:
        """Return the cases' ids by the value of an attribute.

        Parameters
        ----------
        attribute
            A column of the table of cases, or ``case``: each case is its own group.

        Returns
        -------
        dict
            Value → ids. Values that are all numbers come in numeric order, others in the order of the cases;
            :data:`NOT_GIVEN` comes last.

        Raises
        ------
        CaseError
            If no column has that name.
        """
        name = self.attribute(attribute)
        if name == CASE_COLUMN:
            return {case.id: (case.id,) for case in self.cases}
        found: dict[str, list[str]] = {}
        for case in self.cases:
            found.setdefault(case.attributes.get(name, "").strip() or NOT_GIVEN, []).append(case.id)
        return {value: tuple(found[value]) for value in order_values(found)}

    def attribute(self, name: str) -> str:
        """Return an attribute's name as the table spells it.

        Raises
        ------
        CaseError
            If no column has that name.
        """
        if loosen(name) == CASE_COLUMN:
            return CASE_COLUMN
        found = [known for known in self.attributes if loosen(known) == loosen(name)]
        if found:
            return name if name in found else found[0]
        if not self.attributes:
            raise CaseError(f"There is no attribute “{name}”, as no table of cases was given.", hint="Give one")
        raise CaseError(
            f"The table of cases has no column “{name}”.",
            hint=suggest(name, self.attributes) or f"Columns: {', '.join(self.attributes)}",
        )


def order_values(values: Iterable[str]) -> list[str]:
    """Return values of an attribute: all numbers in numeric order, others as they come; :data:`NOT_GIVEN` last."""
    given = [value for value in values if value != NOT_GIVEN]
    with suppress(ValueError):  # words keep the order of the table, which its author chose
        given.sort(key=float)
    return given + [value for value in values if value == NOT_GIVEN]


def assign_cases(transcripts: Sequence[Transcript], cases: Sequence[Case] = ()) -> CaseIndex:
    """Find out which case speaks in which transcript under which label.

    For each interviewee voice the first that fits decides: a row with this transcript and this speaker; a
    row with this transcript and no speaker; a row with this speaker and no transcript; a case named as the
    transcript, if that has one interviewee voice; a case named as the speaker. Otherwise the voice is a case
    of its own, named as the transcript if it has one interviewee voice and ``TRANSCRIPT/SPEAKER`` if it has
    several. Names are compared exactly first, then without regard to capitals and spacing. Interviewers
    belong to no case. Turns without a label among labelled ones are the only interviewee's, if there is
    only one.

    Parameters
    ----------
    transcripts
        All transcripts of the study.
    cases
        The table of cases; empty when there is none.

    Returns
    -------
    CaseIndex
        The cases that speak, and their voices.

    Raises
    ------
    CaseError
        If two cases have one id.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> index = assign_cases(transcripts, qualcode.read_cases("transcripts_sample/cases.csv"))
    >>> [case.id for case in index.cases]
    ['P1', 'P2', 'P3', 'P4']
    """
    _refuse_duplicates(cases)
    assigner = _Assigner.over(cases)
    for transcript in transcripts:
        assigner.assign(transcript)
    if cases:
        assigner.compare_with_table(cases, transcripts)
    known = {case.id: case for case in cases}
    spoken = set(assigner.voices.values())
    listed = [case for case in cases if case.id in spoken]
    others = [Case(name) for name in dict.fromkeys(assigner.voices.values()) if name not in known]
    found = getattr(cases, "problems", ())
    return CaseIndex((*listed, *others), attribute_names(cases), (*found, *assigner.problems), assigner.voices)


def _refuse_duplicates(cases: Sequence[Case]) -> None:
    seen: set[str] = set()
    for case in cases:
        if loosen(case.id) in seen:
            raise CaseError(f"Two cases have the id “{case.id}”.", where=case.where, hint="Give each its own")
        seen.add(loosen(case.id))


class _Lookup:
    """Names → case id: exact first, then loose; a loose name that means two cases means none."""

    def __init__(self, entries: Iterable[tuple[tuple[str, ...], str]]) -> None:
        self._exact: dict[tuple[str, ...], str] = {}
        self._loose: dict[tuple[str, ...], dict[str, None]] = {}
        for names, case in entries:
            self._exact.setdefault(names, case)
            self._loose.setdefault(tuple(map(loosen, names)), {})[case] = None

    def find(self, *names: str) -> str | None:
        if names in self._exact:
            return self._exact[names]
        found = self._loose.get(tuple(map(loosen, names)), {})
        return next(iter(found)) if len(found) == 1 else None


_NAME_VOICES = "Name its transcript or speaker in columns “transcript” and “speaker”"

_MOST_COMPARED = 50
"""Names that fit nothing for which others are sought that are like them: of more, all are written in another way."""


@dataclass(slots=True)
class _Assigner:
    by_both: _Lookup
    by_transcript: _Lookup
    by_speaker: _Lookup
    by_id: _Lookup
    voices: dict[tuple[str, str], str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def over(cls, cases: Sequence[Case]) -> _Assigner:
        voices = [(voice, case.id) for case in cases for voice in case.voices]
        return cls(
            by_both=_Lookup((voice, case) for voice, case in voices if all(voice)),
            by_transcript=_Lookup((voice[:1], case) for voice, case in voices if voice[0] and not voice[1]),
            by_speaker=_Lookup((voice[1:], case) for voice, case in voices if voice[1] and not voice[0]),
            by_id=_Lookup(((case.id,), case.id) for case in cases),
        )

    def assign(self, transcript: Transcript) -> None:
        labels = list(transcript.speakers or dict.fromkeys(segment.speaker for segment in transcript.segments))
        interviewees = [label for label in labels if label not in transcript.interviewers]
        named = [label for label in interviewees if label]
        is_single = len(named or interviewees) == 1
        for label in named or interviewees:
            self.voices[transcript.id, label] = self._case_of(transcript, label, is_single=is_single)
        if named and "" in interviewees:
            self._assign_unlabelled(transcript, named)
        if labels == [""]:
            message = "No turn has a speaker label, so the whole file counts as one case without an interviewer."
            self._add(transcript, "note", "no-labels", message)
        elif labels and not interviewees:
            message = "All speakers are taken to be interviewers, so nothing in this transcript is counted."
            self._add(transcript, "warning", "no-interviewee", message, "Name the interviewers with --interviewer")

    def _case_of(self, transcript: Transcript, label: str, *, is_single: bool) -> str:
        names = list(dict.fromkeys((transcript.id, transcript.source.name or transcript.id)))
        found = [self.by_both.find(name, label) for name in names]
        found += [self.by_transcript.find(name) for name in names]
        found += [self.by_speaker.find(label)] if label else []
        found += [self.by_id.find(transcript.id)] if is_single else []
        found += [self.by_id.find(label)] if label else []
        default = transcript.id if is_single else f"{transcript.id}/{label}"
        return next((case for case in found if case is not None), default)

    def _assign_unlabelled(self, transcript: Transcript, named: Sequence[str]) -> None:
        if len(named) == 1:
            case = self.voices[transcript.id, named[0]]
            message = f"Turns without a speaker label count as spoken by {named[0]}, the only interviewee."
            self._add(transcript, "note", "unlabelled-turns", message)
        else:
            case = self.by_transcript.find(transcript.id) or f"{transcript.id}/{NO_LABEL}"
            message = f"Turns without a speaker label count as the case “{case}”."
            self._add(transcript, "warning", "unlabelled-turns", message, "Add the labels to the transcript")
        self.voices[transcript.id, ""] = case

    def _add(self, transcript: Transcript, level: Level, rule: str, message: str, hint: str = "") -> None:
        where = transcript.source.name or transcript.id
        self.problems.append(Problem(where, level, rule, message, hint))

    def compare_with_table(self, cases: Sequence[Case], transcripts: Sequence[Transcript]) -> None:
        """Report cases that never speak and speaking cases without a row."""
        known = {case.id: case for case in cases}
        spoken: dict[str, tuple[str, str]] = {}
        for voice, name in self.voices.items():
            spoken.setdefault(name, voice)
        silent = [case for case in cases if case.id not in spoken]
        without_row = {name: voice for name, voice in spoken.items() if name not in known}
        for number, case in enumerate(silent):
            message = f"The case “{case.id}” speaks in no transcript."
            is_looked_at = number < _MOST_COMPARED
            hint = self._explain_silence(case, transcripts, without_row) if is_looked_at else _NAME_VOICES
            self.problems.append(Problem(case.where, "warning", "silent-case", message, hint))
        ids = [case.id for case in silent]
        for number, (name, (transcript_id, _)) in enumerate(without_row.items()):
            hint = (suggest(name, ids) if number < _MOST_COMPARED else "") or "Add a row for it"
            message = f"The case “{name}” has no row in the table of cases."
            self.problems.append(Problem(transcript_id, "warning", "case-without-row", message, hint))

    def _explain_silence(
        self, case: Case, transcripts: Sequence[Transcript], without_row: Mapping[str, tuple[str, str]]
    ) -> str:
        wanted = {loosen(name) for name in (case.id, *(part for voice in case.voices for part in voice)) if name}
        for transcript in transcripts:
            if any(loosen(label) in wanted for label in transcript.interviewers if label):
                return f"In {transcript.id}, this speaker is taken to be the interviewer; see --interviewer"
        for transcript in transcripts:
            if loosen(transcript.id) in wanted and not case.voices:
                return f"If all speakers of {transcript.id} are this case, name it in a column “transcript”"
        targets = [part for voice in case.voices for part in voice if part] or [case.id]
        names = [part for voice in without_row.values() for part in voice if part] + list(without_row)
        nearest = (suggest(target, names) for target in targets)
        return next(filter(None, nearest), _NAME_VOICES)
