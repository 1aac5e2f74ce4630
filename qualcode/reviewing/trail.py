"""The way back: what a coder did last is taken back, and done again, act by act and never unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from qualcode.errors import StudyError
from qualcode.reviewing.steps import EditStep, MemoStep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.study import Event, Study

Step: TypeAlias = "list[tuple[str, Event]]"
"""An act on codings: its events with their transcripts. What was decided in several transcripts has one in each."""

Beside: TypeAlias = MemoStep | EditStep
"""What was done beside codings."""


class Trail:
    """A coder's way back from one window.

    Parameters
    ----------
    study, coder
        Whose acts.
    """

    def __init__(self, study: Study, coder: str) -> None:
        self.study, self.coder = study, coder
        self._beside: list[Beside] = []
        self._undone: list[Step | Beside] = []

    def remember(self, steps: Iterable[Beside]) -> None:
        """Remember what was done beside codings in this window; the study tells the rest."""
        self._beside += steps

    def latest(self) -> tuple[str, Event] | Beside:
        """Return the coder's latest act on codings, with its transcript, or what this window did beside them later.

        Raises
        ------
        StudyError
            If there is none.
        """
        found, step = self.study.latest_act(self.coder), self._beside[-1] if self._beside else None
        if step is not None and (found is None or step.at >= found[1].at):
            return step
        if found is None:
            raise StudyError("You have nothing to undo.")
        return found

    def take_back(self, name: str, event: Event) -> Step:
        """Take exactly this act back, in all transcripts in which it was done."""
        step = [(name, self.study.undo(self.coder, name, event=event))]
        self._undone.append(step)
        while event.why and (other := self.study.latest_act(self.coder)) and _is_same_act(event, other[1]):
            step.append((other[0], self.study.undo(self.coder, other[0], event=other[1])))
        return step

    def turn_back(self) -> None:
        """Take back what this window did last beside codings; what cannot be taken back is forgotten."""
        step = self._beside.pop()
        step.turn(self.study, "undo")
        self._undone.append(step)

    def latest_undone(self) -> tuple[str, Event] | Beside:
        """Return what this window took back last.

        Raises
        ------
        StudyError
            If there is none.
        """
        if not self._undone:
            raise StudyError(
                "Nothing was undone in this session.",
                hint=f"To redo what was undone elsewhere: qualcode redo --coder {self.coder}",
            )
        latest = self._undone[-1]
        return latest[0] if isinstance(latest, list) else latest

    def do_again(self) -> Step:
        """Do again what this window took back last; what stands in the way leaves it to be done later."""
        self.latest_undone()
        waiting, done = self._undone[-1], []
        if not isinstance(waiting, list):
            waiting.turn(self.study, "redo")
            self._beside.append(waiting)
        while isinstance(waiting, list) and waiting:
            name, event = waiting[-1]
            done.append((name, self.study.redo(self.coder, event=event)))
            waiting.pop()
        self._undone.pop()
        return done


def _is_same_act(one: Event, other: Event) -> bool:
    """Tell whether two events, of different sheets, came of one act: it has one time and one reason."""
    return (one.at, one.why, one.what) == (other.at, other.why, other.what)
