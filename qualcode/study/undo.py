"""What was done is taken back, and done again: the latest act or a named one, or all that came after a time.

What stood before a transcript was corrected stood in another text; it is brought to the present one as a correction
does, and to the codes that take the place of merged ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import ConflictError, StudyError
from qualcode.model import RULES_CODER
from qualcode.study.corrections import Mover, find_mover, read_unsettled
from qualcode.study.recoding import find_mapping, recode_one
from qualcode.study.store import TAKING_BACK, CodingChange, History, key_of, read_past_transcript
from qualcode.wording import join, shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qualcode.model import Coding
    from qualcode.study.store import Event, Key, StudyChange, StudyFolder, StudyStore


_WITH_THE_CODEBOOK = frozenset({"merge-codes"})
"""What is taken back with the change of the codebook to which it belongs, not by itself."""


def find_latest(study: StudyFolder, coder: str, transcript_id: str | None = None) -> tuple[str, Event] | None:
    """Return the latest act of a coder that is not taken back, with its transcript."""
    return _find_latest(study, coder, transcript_id, kind="act")


def _find_latest(study: StudyFolder, coder: str, transcript_id: str | None, *, kind: str) -> tuple[str, Event] | None:
    names = [name for _, name in study.sheet_ids([coder]) if transcript_id in {None, name}]
    times = {name: study.shelf.last_time(coder, name) for name in names}
    found: tuple[str, Event] | None = None
    for name in sorted(names, key=lambda name: times[name], reverse=True):  # most logs need not be read
        if found is not None and times[name] < found[1].at:
            break
        with study.shelf.guard:  # another thread may be adding to it
            event = _latest_in(study.history(coder, name), coder, kind)
        if event is not None and (found is None or (event.at, event.id) > (found[1].at, found[1].id)):
            found = name, event
    return found


def _latest_in(history: History, coder: str, kind: str) -> Event | None:
    """Return the latest event of a kind: an ``act`` of the coder's own, or an ``undo``."""
    latest: Event | None = None
    for event in reversed(history.events.values()):
        if latest is not None and event.at <= latest.at:
            if history.is_in_order:
                break
            continue
        # Not what corrections and merges did.
        is_kind = event.what == "undo" if kind == "undo" else event.what not in TAKING_BACK
        is_kind = is_kind and (history.events.get(event.of) or event).what not in _WITH_THE_CODEBOOK
        is_act = event.changes or event.seen or event.unseen
        if event.who == coder and is_kind and is_act and not history.is_taken_back(event.id):
            latest = event
    return latest


def undo(
    study: StudyStore, coder: str, transcript_id: str | None = None, *, event: Event | str | None = None, why: str = ""
) -> tuple[str, Event]:
    """Take back a coder's latest act that is not taken back yet, or a named one; see :meth:`.Study.undo`.

    Returns
    -------
    tuple
        The transcript, and the event that was taken back.
    """
    coder = _find_person(study, coder, transcript_id, event)
    with study.change(coder, why=why) as change:
        if event is None:
            found = find_latest(study, coder, transcript_id)
            if found is None:
                raise StudyError(f"{coder} has nothing to undo.")
        else:
            found = _find_named(study, coder, transcript_id, event)
            _refuse_taken_back(study, coder, *found)
        _reverse(change, *found, what="undo", is_strict=event is not None)
    return found


def redo(
    study: StudyStore, coder: str, transcript_id: str | None = None, *, event: Event | str | None = None, why: str = ""
) -> tuple[str, Event]:
    """Do again what was taken back: the latest undone act, or a named one; see :meth:`.Study.redo`.

    Returns
    -------
    tuple
        The transcript, and the act that was done again.
    """
    coder = _find_person(study, coder, transcript_id, event)
    with study.change(coder, why=why) as change:
        found = _find_undoing(study, coder, transcript_id, event)
        if found is None:
            raise StudyError(f"{coder} has nothing to redo.")
        name, undoing = found
        _reverse(change, name, undoing, what="redo", is_strict=True)
    return name, study.history(coder, name).events.get(undoing.of, undoing)


def _find_undoing(
    study: StudyFolder, coder: str, transcript_id: str | None, event: Event | str | None
) -> tuple[str, Event] | None:
    if event is None:
        return _find_latest(study, coder, transcript_id, kind="undo")
    name, named = _find_named(study, coder, transcript_id, event)
    history = study.history(coder, name)
    undone = [one for one in history.events.values() if one.what == "undo" and named.id in {one.id, one.of}]
    standing = [one for one in undone if not history.is_taken_back(one.id)]
    if not standing:
        raise StudyError(f"That action has not been undone: {describe_act(named)}.")
    return name, standing[-1]


def _find_person(
    study: StudyFolder, coder: str, transcript_id: str | None = None, event: Event | str | None = None
) -> str:
    """Return the name of a coder whose acts can be taken back, in a transcript that is there."""
    if transcript_id is not None:
        study.transcript(transcript_id)
    coder = study.find_coder(coder) if event is None else coder  # an act that is named tells by itself
    if coder == RULES_CODER:
        raise StudyError("Suggestions of the rules cannot be undone.", hint="Change the rules, then run: qualcode tag")
    return coder


_FEWEST_DIGITS = 6
"""Digits of an id by which an act may be named."""


def _find_named(study: StudyFolder, coder: str, transcript_id: str | None, event: Event | str) -> tuple[str, Event]:
    """Return an act by its id, or by the first digits of it, with its transcript."""
    wanted = (event if isinstance(event, str) else event.id).strip().casefold()
    if len(wanted) < _FEWEST_DIGITS:
        message = f"“{wanted}” is not the id of an action."
        raise StudyError(message, hint=f"Give at least {_FEWEST_DIGITS} digits of an id that qualcode log shows")
    found = [
        (name, one)
        for _, name in study.sheet_ids([coder])
        if transcript_id in {None, name}
        for one in study.history(coder, name).events.values()
        if one.id.startswith(wanted)
    ]
    if not found:
        hint = suggest(coder, study.coders()) if coder not in study.coders() else ""
        hint = hint or f"List them with: qualcode log --coder {coder}"
        raise StudyError(f"{coder} has no action with the id “{wanted}”.", hint=hint)
    if len(found) > 1:
        ids = [one.id for _, one in found]
        raise StudyError(
            f"Several of {coder}'s actions have an id that starts with “{wanted}”.", hint=f"Write {join(ids, 'or')}"
        )
    return found[0]


def _refuse_taken_back(study: StudyFolder, coder: str, name: str, event: Event) -> None:
    if study.history(coder, name).is_taken_back(event.id):
        raise StudyError(
            f"That action has already been undone: {describe_act(event)}.", hint="Redo it with: qualcode redo"
        )
    if event.who != coder or event.what in TAKING_BACK | _WITH_THE_CODEBOOK:
        raise StudyError(f"“{event.what}” is not an action of {coder}'s that can be undone.")


def stage_reversal(change: StudyChange, coder: str, name: str, event: Event, mapping: Mapping[str, str]) -> None:
    """Stage what takes an event of a merger of codes back, in any coder's sheet.

    Parameters
    ----------
    change, coder, name, event
        Which event of whose sheet, to be taken back with what.
    mapping
        Which codes take the place of others in the codebook that will be there.
    """
    draft = change.sheet(name, coder)
    draft.who, draft.header = change.study.who, "kept"
    _reverse(change, name, event, what="undo", is_strict=True, coder=coder, mapping=mapping)


def _reverse(
    change: StudyChange,
    name: str,
    event: Event,
    *,
    what: str,
    is_strict: bool,
    coder: str = "",
    mapping: Mapping[str, str] | None = None,
) -> None:
    """Stage what takes an event back: each coding becomes what it was before."""
    draft = change.sheet(name, coder)
    way = _Way(change, draft.coder, name, draft.history.header_at(event.at), mapping)
    draft.what, draft.of = what, event.id
    if is_strict:
        _refuse_built_on(draft.history, event, way)
    draft.change(_find_reversals(draft.history, event, way))
    draft.unsee(way.seen(event.seen))
    draft.see(way.seen(segment for segment, _ in event.unseen))
    way.put_unsettled()


def _find_reversals(history: History, event: Event, way: _Way) -> Iterator[CodingChange]:
    for change in event.changes:
        before = way.move(change.before) if change.before else None
        after = way.place(change.after) if change.after else None
        for key in dict.fromkeys(key_of(one) for one in (after, before) if one is not None):
            goal = before if before is not None and key == key_of(before) else None
            if history.get(key) != goal:
                yield CodingChange(history.live(key), history.get(key), goal)


def _refuse_built_on(history: History, event: Event, way: _Way) -> None:
    """Refuse to take back an act when what it left was changed since: that stands on it."""
    left: dict[Key, Coding | None] = {}
    for change in event.changes:
        before, after = (way.place(one) if one else None for one in (change.before, change.after))
        if before is not None:
            left.setdefault(key_of(before), None)
        if after is not None:
            left[key_of(after)] = after
    for place, coding in left.items():
        standing = history.get(place)
        if standing == coding:
            continue
        later = next((one for one in reversed(history.events.values()) if _touches(one, place, event.at)), None)
        told = f"{later.what} of {later.at[:16].replace('T', ' ')}" if later else "something later"
        is_own = later is not None and later.who == event.who
        hint = f": qualcode undo --coder {event.who} --event {later.id}" if later and is_own else ""
        raise ConflictError(
            f"{describe_act(event)} cannot be undone: {told} builds on it.",
            hint=f"Undo that first{hint}",
            stands=(standing,) if standing else (),
        )


def _touches(event: Event, place: Key, after: str) -> bool:
    both = (one for change in event.changes for one in (change.before, change.after) if one)
    return event.at > after and any(key_of(one) == place for one in both)


def describe_act(event: Event) -> str:
    """Return an act in words: what was done with which code on which words."""
    told = [one for change in event.changes if (one := change.after or change.before)]
    if not told:
        return f"{event.what} ({', '.join((*event.seen, *(one for one, _ in event.unseen)))})"
    more = f" and {len(told) - 1} more" if len(told) > 1 else ""
    return f"{event.what} “{told[0].code}” on “{shorten(told[0].quote)}”{more}"


def restore(study: StudyStore, coder: str, at: str, transcript_id: str | None = None, *, why: str = "") -> list[Event]:
    """Bring a coder's sheets back to what they were at a time, all or none; what came later stays in the log.

    See :meth:`.Study.restore`.
    """
    coder, moment = _find_person(study, coder, transcript_id), read_time(at)
    with study.change(coder, why=why or f"as of {at}") as change:
        for _, name in study.sheet_ids([coder]):
            if transcript_id in {None, name}:
                _restore(change, name, moment)
    return [event for events in change.events.values() for event in events if event.what == "restore"]


def _restore(change: StudyChange, name: str, moment: str) -> None:
    """Stage what brings one sheet back."""
    draft = change.sheet(name)
    then = History.of(event for event in draft.history.events.values() if event.at <= moment)
    way = _Way(change, draft.coder, name, then.header)
    draft.what = "restore"
    draft.differ(moved for coding in then.codings if (moved := way.move(coding)))
    seen = way.seen(then.seen)
    draft.see(seen)
    draft.unsee(draft.history.seen - seen)
    way.put_unsettled()


class _Way:
    """From an earlier state of a sheet to the present text and codebook.

    Parameters
    ----------
    change
        Receives what a person must look at.
    coder, name
        Which sheet.
    header
        What its first line told then.
    mapping
        Which codes take the place of others; by default as the study's codebook has it.

    Raises
    ------
    StudyError
        If it belongs to a text that was not kept.
    """

    def __init__(
        self,
        change: StudyChange,
        coder: str,
        name: str,
        header: dict[str, object],
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        study = change.study
        self.coder = coder
        self.mover: Mover | None = None
        self.mapping = find_mapping(study) if mapping is None else mapping
        digest = str(header.get("text", ""))
        if digest and digest != study.history(coder, name).header.get("text"):
            old = read_past_transcript(study, name, digest)
            self.mover = find_mover(change, old, study.transcript(name), self.mapping)
            self.mover.known += read_unsettled(study, name)

    def move(self, coding: Coding) -> Coding | None:
        """Return a coding in the present text, with the present code; a person is asked where it is not sure."""
        return self.place(coding) if self.mover is None else self.mover.move(coding, self.coder)

    def place(self, coding: Coding) -> Coding | None:
        """Return the same without asking; ``None`` if its words are gone."""
        return recode_one(coding, self.mapping) if self.mover is None else self.mover.place(coding)[0]

    def seen(self, segments: Iterable[str]) -> frozenset[str]:
        """Return which segments of the present text were looked at."""
        return frozenset(segments) if self.mover is None else self.mover.carry_seen(frozenset(segments))

    def put_unsettled(self) -> None:
        """Stage the list of what a person must look at."""
        if self.mover is not None and self.mover.news:
            self.mover.put_unsettled()


def read_time(text: str) -> str:
    """Return a time in the form of the log: UTC, ISO 8601, microseconds.

    Raises
    ------
    StudyError
        If it is no time.
    """
    import datetime as dt

    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise StudyError(f"“{text}” is not a time.", hint="Write it as 2026-03-31 or 2026-03-31T14:05") from error
    if len(text.strip()) == len("2026-03-31"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
