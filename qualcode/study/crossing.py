"""Two copies of a study of which one has a corrected version of a transcript: all work comes to the corrected one."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Literal

from qualcode.model import RULES_CODER
from qualcode.study.corrections import find_mover, number_anew, read_unsettled
from qualcode.study.recoding import recode, recode_one, unite
from qualcode.study.store import CodingChange, History, find_former_names, keep_transcript, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.model import Coding
    from qualcode.study.store import Event, Key, StudyChange, StudyFolder, StudyStore

Older = Literal["mine", "theirs", "unknown"]


def find_older(study: StudyFolder, other: StudyFolder, name: str) -> Older:
    """Tell which of two copies has the version of a transcript from which the other's was made."""
    mine, theirs = study.transcript(name).digest, other.transcript(name).digest
    if _is_made_from(other, name, mine, theirs):
        return "mine"
    return "theirs" if _is_made_from(study, name, theirs, mine) else "unknown"


def _is_made_from(study: StudyFolder, name: str, old: str, new: str) -> bool:
    notes = study.notes()
    names = find_former_names(notes, name)
    updates = [one for one in notes if one.get("what") == "update" and one.get("transcript") in names]
    reached = {old}
    for _ in updates:
        reached |= {str(one["text"]) for one in updates if one["from"] in reached}
    return new in reached


class Crossing:
    """Brings what was done on the old text to the corrected one, in a merge.

    Parameters
    ----------
    change
        Of the copy that is changed; receives the new files.
    other
        The copy that is brought in.
    name
        The transcript.
    older
        Which copy has the old text.
    mapping
        Which codes take the place of those that were merged into others.
    """

    def __init__(
        self,
        change: StudyChange,
        other: StudyFolder,
        name: str,
        *,
        older: Literal["mine", "theirs"],
        mapping: Mapping[str, str],
    ) -> None:
        study: StudyStore = change.study
        self.study, self.other, self.change, self.name, self.older = study, other, change, name, older
        self.mapping = mapping
        before, after = (study, other) if older == "mine" else (other, study)
        old, self.new = before.transcript(name), after.transcript(name)
        keep_transcript(change, before, name)
        self.mover = find_mover(change, old, self.new, mapping)
        known = read_unsettled(study, name)
        if older == "theirs":
            self.mover.known += known
        else:
            self.mover.carry_unsettled(known)
            self.mover.known += number_anew(read_unsettled(other, name), after=known)

    def bring_sheet(self, coder: str) -> tuple[Event, ...]:
        """Plan the union of two copies of a sheet on the corrected text; return what is new here."""
        if coder == RULES_CODER:
            if self.older == "mine":
                self.mover.move_sheet(coder)
            elif self.mapping:
                draft = self.change.sheet(self.name, coder)
                draft.what, draft.who, draft.header = "merge", self.study.who, "kept"
                draft.change(recode(draft.history, self.mapping))
            return ()
        mine, theirs = (_copy(copy, coder, self.name) for copy in (self.study, self.other))
        old, new = (mine, theirs) if self.older == "mine" else (theirs, mine)
        seen = new.seen | self.mover.carry_seen(old.seen)
        draft = self.change.sheet(self.name, coder, events=tuple(theirs.events.values()))
        union = draft.history
        draft.what, draft.who = "correct", self.study.who
        draft.why = "The transcript was corrected in another copy of the study."
        draft.change(self._changes(union, old, new, coder))
        draft.see(seen - union.seen)
        draft.unsee(union.seen - seen)
        draft.tell(text=self.new.digest)
        return tuple(event for event in theirs.events.values() if event.id not in mine.events)

    def _changes(self, union: History, old: History, new: History, coder: str) -> Iterator[CodingChange]:
        """Yield what brings the codings that only the old text has to the new one, and all to the present codes.

        A coding that was moved along with the text, while the other copy changed or removed it, gives way to that.
        """
        stale = {one for one in _heirs_of_replaced(old, new) if one in union.live_versions}
        places: dict[Key, list[tuple[tuple[str, ...], Coding, Coding]]] = {}
        known = union.live_versions & new.versions.keys()
        for versions in (*union.group_live(known - stale), *union.group_live(union.live_versions - known)):
            coding = union.latest(versions)
            is_there = known.issuperset(versions)
            moved = recode_one(coding, self.mapping) if is_there else self.mover.move(coding, coder)
            if moved is None:
                yield CodingChange(versions, coding, None)
            else:
                places.setdefault(key_of(moved), []).append((versions, coding, moved))
        for key, members in places.items():
            given_way = tuple(sorted(one for one in stale if key_of(union.versions[one][2]) == key))
            stale -= set(given_way)
            yield from _settle_place(members, given_way)
        for version in sorted(stale):
            yield CodingChange((version,), union.versions[version][2], None)

    def put_unsettled(self) -> None:
        """Plan the list of what a person must look at."""
        self.mover.put_unsettled()


def _settle_place(
    members: Sequence[tuple[tuple[str, ...], Coding, Coding]], given_way: tuple[str, ...]
) -> Iterator[CodingChange]:
    """Yield the changes for what comes to one place: codings of codes that were merged become one.

    Codings of one code stay apart, so that a disagreement of the copies is told.
    """
    if len({before.code for _, before, _ in members}) > 1:
        was = {version for versions, _, _ in members for version in versions}
        after = reduce(unite, (moved for _, _, moved in members))
        yield CodingChange((*sorted(was), *given_way), members[0][1], after)
        return
    for versions, before, after in members:
        if after != before or given_way:
            yield CodingChange((*versions, *given_way), before, after)


def _copy(study: StudyFolder, coder: str, name: str) -> History:
    return History.of(study.shelf.load(coder, name).log.history.events.values())


_CORRECTING = frozenset({"correct", "move"})
"""Acts after which codings stand elsewhere; before there were people's own moves, corrections were named so, too."""


def _heirs_of_replaced(old: History, new: History) -> Iterator[str]:
    """Yield the versions made by moving, on the new text, what was replaced on the old one by somebody who knew it.

    One that was made of several, as when their codes were merged, is such an heir only if all of them were replaced.
    """
    gone = set(old.replaced)
    for event in sorted(new.events.values(), key=lambda event: event.at):
        if event.what in _CORRECTING and event.id not in old.events:
            for number, change in enumerate(event.changes):
                if change.after is not None and change.was and gone.issuperset(change.was):
                    version = f"{event.id}.{number}"
                    gone.add(version)  # for what was made of it in turn
                    yield version
