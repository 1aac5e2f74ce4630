"""What a person decides about passages: one decision or many, all of them or none; and notes on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.errors import CodebookError, ConflictError, Problem, StudyError
from qualcode.study.acts import Batch
from qualcode.study.store import key_of
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.model import Coding
    from qualcode.study.acts import Blind, Decision
    from qualcode.study.store import Event, StudyChange, StudyStore


NOT_BLIND = "not blind: suggestions were shown"
"""What the log says of acts that were made with suggestions in sight where they are hidden."""


def decide(
    study: StudyStore,
    coder: str,
    decisions: Sequence[Decision],
    *,
    seen: Iterable[str] = (),
    why: str = "",
    blind: Blind = "kept",
) -> list[Event]:
    """Record decisions, all of them or none; one sheet's make one event; see :meth:`.Study.decide_all`."""
    coder = study.check_coder(coder)
    with study.change(coder, why=_say_why(why, blind)) as change:
        carry_out(change, decisions, seen=seen, blind=blind)
    return [event for events in change.events.values() for event in events if event.what != "edit"]


def _say_why(why: str, blind: Blind) -> str:
    told = NOT_BLIND if blind == "lifted" else ""
    return "; ".join(one for one in (why, told) if one)


def carry_out(
    change: StudyChange,
    decisions: Sequence[Decision],
    *,
    seen: Iterable[str] = (),
    blind: Blind = "kept",
    problems: Sequence[Problem] = (),
) -> None:
    """Stage decisions of the coder who acts; see :func:`decide`. ``problems`` are those that could not be read."""
    batch = Batch(change, blind)
    found = list(problems)
    for number, decision in enumerate(decisions, start=1):
        try:
            batch.carry_out(decision)
        except (StudyError, CodebookError) as error:
            if len(decisions) == 1 and not problems:
                raise
            where = decision.where or f"decision {number}"
            found.append(error.as_problem("decision", where=where))
    if found:
        n_decisions = len(decisions) + len(problems)
        message = f"{len(found)} of {n_decisions} decisions cannot be applied; none was."
        raise StudyError(message, problems=sorted(found, key=_row_of))
    batch.mark_seen(seen)


def _row_of(problem: Problem) -> tuple[str, int]:
    name, _, row = problem.where.rpartition(":")
    return (name, int(row)) if row.isdigit() else (problem.where, 0)


def mark_seen(study: StudyStore, coder: str, addresses: Iterable[str], *, why: str = "") -> list[Event]:
    """Record that a coder looked at segments, whether or not they carry a code."""
    return decide(study, coder, (), seen=addresses, why=why)


def write_note(study: StudyStore, coder: str, coding: Coding, note: str) -> Event | None:
    """Put a note on one of a coder's codings, in the place of the one there; see :meth:`.Study.note`."""
    coder = study.check_coder(coder)
    with study.change(coder) as change:
        stage_note(change, coding, note)
    return next((event for events in change.events.values() for event in events if event.what == "note"), None)


def keep_coding(study: StudyStore, coder: str, coding: Coding) -> Event:
    """Say that a coding still holds; see :meth:`.Study.keep`."""
    coder = study.check_coder(coder)
    with study.change(coder, why="it still holds") as change:
        draft, present = change.sheet(coding.transcript), _find_present(change, coding)
        draft.put(replace(present, at=change.now))
        draft.what = "keep"
    return change.events[coder, coding.transcript][-1]


def stage_note(change: StudyChange, coding: Coding, note: str) -> None:
    """Stage a note on a coding of the coder who acts; see :func:`write_note`."""
    draft, present = change.sheet(coding.transcript), _find_present(change, coding)
    if present.note != note:
        draft.put(replace(present, note=note, at=change.now))
        draft.what = draft.what or "note"


def _find_present(change: StudyChange, coding: Coding) -> Coding:
    """Return a coding of the coder who acts, as it was seen.

    Raises
    ------
    ConflictError
        If something else stands there by now.
    """
    present = change.sheet(coding.transcript).get(key_of(coding))
    if present is None or present.version != coding.version:
        stands = f"{present.verdict}, “{present.note}”" if present else "nothing"
        raise ConflictError(
            f"The coding with “{coding.code}” on “{shorten(coding.quote)}” has changed in the meantime. It is now: "
            f"{stands}.",
            where=coding.transcript,
            hint="Look at it again, then do it again",
            stands=(present,) if present else (),
        )
    return present
