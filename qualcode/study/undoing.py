"""What was done is taken back: the latest act, or all that came after a time, even across corrections.

What stood before a transcript was corrected stood in another text; it is brought to the present one as a correction
does, and to the codes that take the place of merged ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.study.events import Change, History, key_of
from qualcode.study.files import Transaction
from qualcode.study.growing import find_mapping, recode_one
from qualcode.study.sheets import last_time
from qualcode.study.updating import Mover, find_mover, read_unsettled
from qualcode.study.versions import read_past_transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qualcode.model import Coding
    from qualcode.study.events import Event
    from qualcode.study.study import Study


def last_event(study: Study, coder: str, transcript_id: str | None = None) -> tuple[str, Event] | None:
    """Return the latest event of a coder that can be undone, with its transcript."""
    names = [name for _, name in study.sheet_ids([coder]) if transcript_id in {None, name}]
    times = {name: last_time(study.log_path(coder, name)) for name in names}
    found: tuple[str, Event] | None = None
    for name in sorted(names, key=lambda name: times[name], reverse=True):  # most logs need not be read
        if found is not None and times[name] < found[1].at:
            break
        history = study.load(coder, name).log.history
        undone = {event.of for event in history.events.values() if event.what == "undo"}
        own = [one for one in history.events.values() if one.who == coder]  # not what corrections and merges did
        events = [one for one in own if one.what != "undo" and one.id not in undone]
        for event in events:
            is_act = event.changes or event.seen or event.unseen
            if is_act and (found is None or (event.at, event.id) > (found[1].at, found[1].id)):
                found = name, event
    return found


def undo(study: Study, coder: str, transcript_id: str | None = None, *, why: str = "") -> tuple[str, Event]:
    """Take back a coder's latest act that is not taken back yet.

    Returns
    -------
    tuple
        The transcript, and the event that was taken back.

    Raises
    ------
    StudyError
        If there is none.
    """
    with study.lock("study"), study.lock(coder):
        found = last_event(study, coder, transcript_id)
        if found is None:
            raise StudyError(f"There is nothing of {coder}'s to undo.")
        name, event = found
        change = Transaction(study.root)
        then = _state_at(study.load(coder, name).log.history, event.at)
        way = _Way(study, coder, name, change, then)
        study.stage(
            change, coder, name, "undo",
            changes=lambda history: tuple(_reverse(history, event, way)),
            unseen=way.seen(event.seen),
            seen=way.seen(segment for segment, _ in event.unseen),
            header={}, why=why, who=coder, of=event.id,
        )  # fmt: skip
        way.put_unsettled()
        change.commit()
    return name, event


def restore(study: Study, coder: str, at: str, transcript_id: str | None = None, *, why: str = "") -> list[Event]:
    """Bring a coder's sheets back to what they were at a time, all or none; what came later stays in the log.

    Parameters
    ----------
    study, coder, transcript_id
        Whose sheets; one, or all of the coder's.
    at
        Date, or date and time, in ISO 8601; without a zone in that of the computer.
    why
        The reason, for the log.
    """
    moment = read_time(at)
    done: list[Event] = []
    with study.lock("study"), study.lock(coder):
        change = Transaction(study.root)
        for _, name in study.sheet_ids([coder]):
            if transcript_id in {None, name}:
                done += _restore(study, coder, name, moment, change, why or f"as of {at}")
        change.commit()
    return done


def _restore(study: Study, coder: str, name: str, moment: str, change: Transaction, why: str) -> tuple[Event, ...]:
    """Plan to bring one sheet back."""
    present = study.load(coder, name).log.history
    then = _state_at(present, moment)
    way = _Way(study, coder, name, change, then)
    codings = [moved for coding in then.codings if (moved := way.move(coding))]
    seen = way.seen(then.seen)
    events = study.stage(
        change, coder, name, "restore",
        changes=lambda history: history.differ(codings),
        seen=seen, unseen=present.seen - seen,
        header={}, why=why, who=coder,
    )  # fmt: skip
    way.put_unsettled()
    return events


def _state_at(history: History, moment: str) -> History:
    """Return what a sheet was at a time."""
    return History.of(event for event in history.events.values() if event.at <= moment)


class _Way:
    """From an earlier state of a sheet to the present text and codebook.

    Parameters
    ----------
    study, coder, name
        Which sheet.
    change
        Receives what a person must look at.
    then
        The earlier state.

    Raises
    ------
    StudyError
        If it belongs to a text that was not kept.
    """

    def __init__(self, study: Study, coder: str, name: str, change: Transaction, then: History) -> None:
        self.coder = coder
        self.mover: Mover | None = None
        self.mapping = find_mapping(study)
        present = study.transcript(name)
        digest = str(then.header.get("text") or present.digest)
        if digest != present.digest:
            old = read_past_transcript(study, name, digest)
            self.mover = find_mover(study, change, old, present, self.mapping)
            self.mover.known += read_unsettled(study, name)

    def move(self, coding: Coding, *, is_asked: bool = True) -> Coding | None:
        """Return a coding in the present text, with the present code; ``None`` if its words are gone."""
        if self.mover is None:
            return recode_one(coding, self.mapping)
        return self.mover.move(coding, self.coder) if is_asked else self.mover.place(coding)[0]

    def seen(self, segments: Iterable[str]) -> frozenset[str]:
        """Return which segments of the present text were looked at."""
        return frozenset(segments) if self.mover is None else self.mover.carry_seen(frozenset(segments))

    def put_unsettled(self) -> None:
        """Plan the list of what a person must look at."""
        if self.mover is not None and self.mover.news:
            self.mover.put_unsettled()


def _reverse(history: History, event: Event, way: _Way) -> Iterator[Change]:
    """Yield the changes that take an event back: each coding becomes what it was before."""
    standing = {key_of(coding): coding for coding in history.codings}
    for change in event.changes:
        before = way.move(change.before) if change.before else None
        after = way.move(change.after, is_asked=False) if change.after else None
        target = before or after
        if target is not None and standing.get(key_of(target)) != before:
            yield Change(history.live(key_of(target)), standing.get(key_of(target)), before)


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
        raise StudyError(f"“{text}” is no time.", hint="Write it as 2026-03-31 or 2026-03-31T14:05") from error
    if len(text.strip()) == len("2026-03-31"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
