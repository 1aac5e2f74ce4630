"""The cases of a project become rows of the table of cases."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.file_names import fold_name, fold_names
from qualcode.spreadsheets import disarm
from qualcode.study.projects.identities import Identity, digest_state
from qualcode.study.store import digest_of, keep_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qualcode.cases import Cases
    from qualcode.exchange import LossList, Project, ProjectCase
    from qualcode.study.projects.identities import Identities
    from qualcode.study.projects.texts import Text
    from qualcode.study.store import StudyChange

_OWN = ("case", "transcript", "speaker")
_Voice = tuple[str, str]


@dataclass(slots=True)
class _Case:
    """A case on its way into the table."""

    id: str
    attributes: dict[str, str] = field(default_factory=dict)
    voices: dict[_Voice, None] = field(default_factory=dict)


class CaseWriter:
    """Unites the cases of a project with those of a study.

    Attributes
    ----------
    ids
        For the GUID of each case its id here.
    rows
        What is to be remembered.
    n_new
        How many cases came in anew.
    """

    def __init__(self, present: Cases, known: Identities, losses: LossList, texts: Mapping[str, Text]) -> None:
        self.known, self.losses, self.texts = known, losses, texts
        self.cases = {one.id: _Case(one.id, dict(one.attributes), dict.fromkeys(one.voices)) for one in present}
        self.before = {one.id: _Case(one.id, dict(one.attributes), dict.fromkeys(one.voices)) for one in present}
        self._folded = fold_names(self.cases)
        self.ids: dict[str, str] = {}
        self.rows: list[Identity] = []
        self.n_new = 0
        self._columns: dict[str, str] = {}
        self._owners: dict[_Voice, str] = {}
        for one in present:
            self._owners |= dict.fromkeys(map(_fold_voice, one.voices), one.id)

    def write(self, project: Project) -> None:
        """Take in the cases, those with a name first: what only has a text may be one of them."""
        for case in sorted(project.cases, key=lambda one: not one.name):
            voices = self._find_voices(case)
            if not case.name and not voices:
                if case.attributes:
                    self.losses.add("cases without name and text", "left out", "; ".join(case.attributes.values()))
                continue
            self._take(case, voices)

    def _find_voices(self, case: ProjectCase) -> list[_Voice]:
        """Return where a case speaks: in whole texts, or under the labels of the turns of its passages."""
        voices = [(self.texts[one].transcript.id, "") for one in case.sources if one in self.texts]
        whole = {name for name, _ in voices}
        heard: dict[str, dict[str, None]] = {}
        for source, span in case.passages:
            text = self.texts.get(source)
            place = text.place(span) if text is not None else None
            if text is None or place is None or text.transcript.id in whole:
                continue
            turns = text.index.touched("turn", place)
            labels = {one.speaker: None for one in turns if not text.transcript.is_interviewer(one)}
            heard.setdefault(text.transcript.id, {}).update(labels)
        for name, labels in heard.items():
            transcript = next(one.transcript for one in self.texts.values() if one.transcript.id == name)
            speakers = {one.speaker for one in transcript.units("turn") if not transcript.is_interviewer(one)}
            voices += [(name, "")] if set(labels) >= speakers else [(name, label) for label in labels]
        return list(dict.fromkeys(voices))

    def _take(self, case: ProjectCase, voices: Sequence[_Voice]) -> None:
        row = self.known.by_guid("case", case.guid)
        owner = next((self._owners[_fold_voice(one)] for one in voices if _fold_voice(one) in self._owners), "")
        case_id = row.key if row is not None and row.key in self.cases else self._choose(case, owner, voices)
        if case_id not in self.cases:
            self.cases[case_id] = _Case(case_id)
            self._folded.setdefault(fold_name(case_id), case_id)
            self.n_new += 1
        goal = self.cases[case_id]
        for voice in voices:
            taken = self._owners.setdefault(_fold_voice(voice), case_id)
            if taken == case_id:
                goal.voices.setdefault(voice)
            else:
                told = f"{voice[0]} {voice[1]}".strip()
                self.losses.add("places where several cases speak", f"given to one of them, {taken}", told)
        self._set_values(goal, case.attributes)
        self.ids[case.guid] = case_id
        self.rows.append(Identity("case", "", case_id, case.guid, ""))

    def _choose(self, case: ProjectCase, owner: str, voices: Sequence[_Voice]) -> str:
        if not case.name:
            return owner or voices[0][0]
        return self._folded.get(fold_name(case.name), case.name)

    def _set_values(self, goal: _Case, values: Mapping[str, str]) -> None:
        """Give a case the values of the project, where nothing else stands or only what came from there."""
        for name, value in values.items():
            column, state = self._column(name), digest_state(value)
            key = f"{goal.id}|{column}"
            present, row = goal.attributes.get(column, ""), self.known.by_key("value", key)
            is_ours = bool(present) and present != value and (row is None or digest_state(present) != row.state)
            is_new_there = row is None or row.state != state
            if is_ours and is_new_there:
                told = f"{goal.id}: {column} is {present} here and {value} there"
                self.losses.add("values of cases that differ", "those here stay", told)
            elif not is_ours and is_new_there:
                goal.attributes[column] = value
            self.rows.append(Identity("value", "", key, "", state))

    def _column(self, name: str) -> str:
        """Return the name of a variable as a column that has no other meaning."""
        if name not in self._columns:
            taken = {fold_name(one) for case in self.cases.values() for one in case.attributes}
            known = next((one for case in self.cases.values() for one in case.attributes if one == name), None)
            column = known or (f"{name} (project)" if fold_name(name) in {*_OWN} else name)
            if known is None and fold_name(column) in taken | {fold_name(one) for one in self._columns.values()}:
                column = next(
                    one
                    for one in (f"{column} ({number})" for number in range(2, 1000))
                    if fold_name(one) not in taken | {fold_name(other) for other in self._columns.values()}
                )
            self._columns[name] = column
        return self._columns[name]

    def stage(self, change: StudyChange) -> None:
        """Put the table in, if anything in it is another."""
        if self.cases == self.before:
            return
        path = change.study.layout.cases
        data = _encode(self.cases.values(), [*self._order()])
        change.put(path, data)
        keep_version(change, path.name, data)
        change.note("cases", {"cases": digest_of(data)})

    def _order(self) -> dict[str, None]:
        present = {name: None for case in self.before.values() for name in case.attributes}
        return present | dict.fromkeys(self._columns.values())


def _fold_voice(voice: _Voice) -> _Voice:
    return fold_name(voice[0]), fold_name(voice[1])


def _encode(cases: Iterable[_Case], columns: Sequence[str]) -> bytes:
    rows = [[*_OWN, *columns]]
    for case in cases:
        values = [case.attributes.get(name, "") for name in columns]
        rows += [[case.id, *voice, *values] for voice in case.voices or {("", ""): None}]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([disarm(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "surrogatepass")
