"""What a coder does on the way through a list of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qualcode.errors import QualcodeError, StudyError
from qualcode.passages import move_edge
from qualcode.reviewing.desk import enter_code
from qualcode.reviewing.remarks import find_place, name_place, settle_flag, write_flag, write_memo
from qualcode.reviewing.telling import name_act, name_code, tell_act
from qualcode.reviewing.trail import Trail
from qualcode.reviewing.walk import Walk
from qualcode.reviewing.worklists import accept_all, list_suggestions
from qualcode.study import find_code
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qualcode.errors import Problem
    from qualcode.model import Coding, Memo, Span
    from qualcode.reviewing.entries import Entry, Item
    from qualcode.reviewing.sight import Blind
    from qualcode.reviewing.steps import MemoStep
    from qualcode.reviewing.trail import Beside
    from qualcode.reviewing.worklists import Suggested
    from qualcode.study import Event, Study


class Review(Walk):
    """A coder's way through a list of segments, and what is done on it; several may be open on one study.

    An act answers what was seen last: where that was changed meanwhile, it raises
    :class:`~qualcode.errors.ConflictError`, and the segment is seen as it stands then. Acts return what was done, in
    words.

    Parameters
    ----------
    study, coder, items, code, blind
        As in :class:`~qualcode.reviewing.walk.Walk`.
    """

    about = ""
    """What the list is, where that is not plain."""
    has_more = False
    """Whether going on at the end of the list asks for more of it."""

    def __init__(
        self, study: Study, coder: str, items: Sequence[Item], *, code: str | None = None, blind: Blind = "kept"
    ) -> None:
        super().__init__(study, coder, items, code=code, blind=blind)
        self._trail = Trail(study, self.coder)

    def sum_up(self) -> list[str]:
        """Return what there is to tell at the end of a session, in sentences."""
        return []

    # -- deciding -----------------------------------------------------------------------------------------------------

    def _in_hand(self) -> Entry:
        entry = self.entry
        if entry is None and self.entries:
            raise StudyError("No code is selected.", hint="Choose a code with ↑ and ↓")
        if entry is None:
            raise StudyError("This segment has no code yet.", hint="Choose one with c")
        return entry

    def _confirm(self, act: str, entry: Entry, question: str) -> None:
        """Ask once before an answer is turned round; the same act again, with nothing in between, is the reply."""
        asked, self._asked = self._asked, None
        key = act, entry.own.version if entry.own else ""
        if asked != key:
            self._asked = key
            raise StudyError(question)

    def accept(self) -> str:
        """Accept the suggestion in hand; the next undecided one comes to hand. What was rejected asks first."""
        entry = self._in_hand()
        if entry.verdict == "rejected" and entry.suggestion:
            name = name_code(self.study, entry.code)
            self._confirm("accept", entry, f"You rejected “{name}” here. To accept it all the same, press a again.")
        return self._answer(entry, lambda: self.desk.accept(self.view, entry))

    def reject(self) -> str:
        """Reject the suggestion in hand; a code given by hand is removed. What was accepted asks first."""
        entry = self._in_hand()
        if entry.verdict == "accepted" or (entry.verdict == "applied" and entry.suggestion):
            name = name_code(self.study, entry.code)
            self._confirm(
                "reject", entry, f"You {entry.verdict} “{name}” here. To reject it all the same, press r again."
            )
        return self._answer(entry, lambda: self.desk.reject(self.view, entry))

    def _answer(self, entry: Entry, act: Callable[[], Event]) -> str:
        place = self.entries.index(entry)
        told = self._attempt(act)
        wanted = self._wanted()
        rest = (*self.entries[place:], *self.entries[:place])
        following = next((one for one in rest if one.is_undecided and one in wanted), None)
        if following is None:
            return told
        self.take(following)
        return f"{told} Now selected: “{name_code(self.study, following.code)}”."

    def _attempt(self, act: Callable[[], Event]) -> str:
        """Act on what was seen; whatever comes of it, the segment is seen anew."""
        self._asked = None
        name = self.item.transcript
        try:
            event = act()
        finally:
            self.look()
        return f"{tell_act(self.study, name, event)}."

    def _follow(self, code: str, span: Span) -> None:
        """Take what became of a passage in hand, after one's own act."""
        same = [one for one in self.entries if one.code == code and one.span.overlaps(span)]
        self.take(next((one for one in same if one.span == span), same[0] if same else None))

    def apply(self, code: str, *, spans: Sequence[Span] = ()) -> str:
        """Give a code to passages, by default to those that were picked, else to the whole segment.

        The coding comes to hand, also one that stands there already.
        """
        code = find_code(self.study.codebook, code)
        spans = list(spans) or self.picks or [self.segment.span]
        try:
            told = self._attempt(lambda: self.desk.apply(self.view, code, spans))
        except StudyError:
            self.take(self.view.find(code, spans[0]) or self.entry)
            raise
        self.picks = []
        self._follow(code, spans[0])
        return told

    def recode(self, code: str) -> str:
        """Give the passage in hand another code, in one act; the note stays."""
        entry, code = self._in_hand(), find_code(self.study.codebook, code)
        told = self._attempt(lambda: self.desk.recode(self.view, entry, code))
        self._follow(code, entry.span)
        return told

    def write_note(self, note: str) -> str:
        """Put a note on the coding in hand."""
        entry = self._in_hand()
        return self._attempt(lambda: self.desk.note(entry, note))

    # -- memos, and what one comes back to ----------------------------------------------------------------------------

    @property
    def place(self) -> str:
        """What a memo would be about: the words picked last, or the segment."""
        picked = self.picked
        return f"{self.item.transcript}:{picked.start}-{picked.end}" if picked else self.item.address

    @property
    def memo(self) -> Memo | None:
        """The memo that is there."""
        return next((one for one in self.view.remarks if one.about == self.place and not one.flag), None)

    @property
    def open_flag(self) -> Memo | None:
        """What somebody wants to come back to here: to what is picked, or else to any words of the segment."""
        flags = [one for one in self.view.remarks if one.flag]
        return next((one for one in flags if one.about == self.place or not self.picks), None)

    def write_memo(self, text: str, *, instead_of: Memo | None = None) -> str:
        """Write a memo on what is picked, or on the segment; ``instead_of`` is the one that the text was made of."""
        memo_id, replaces = (instead_of.id, instead_of.digest) if instead_of else ("", "")
        step = self._write(
            lambda: write_memo(self.study, self.coder, self.place, text, memo_id=memo_id, replaces=replaces)
        )
        return f"Memo on {name_place(self.study, step.about)} saved."

    def flag(self, why: str) -> str:
        """Mark what is picked, or the segment, to come back to it, with a word why."""
        step = self._write(lambda: write_flag(self.study, self.coder, self.place, why))
        return (
            f"{name_place(self.study, step.about)} is marked to come back to. "
            f"b settles it. List them with: qualcode review --coder {self.coder} --flagged"
        )

    def settle_flag(self, flag: Memo) -> str:
        """Say that one came back to what was marked."""
        step = self._write(lambda: settle_flag(self.study, self.coder, flag.id))
        return f"Settled:{step.change.removeprefix('settle')}."

    def _write(self, act: Callable[[], MemoStep]) -> MemoStep:
        """Write something beside codings; whatever comes of it, the segment is seen anew."""
        self._asked = None
        try:
            step = act()
        finally:
            self.look()
        self._trail.remember([step])
        return step

    def tell_why(self) -> str:
        """Return the rules by which the suggestion in hand was made, with their words."""
        entry = self._in_hand()
        if entry.suggestion is None:
            raise StudyError(f"You gave “{name_code(self.study, entry.code)}” yourself.")
        lines = [f"The rules of “{name_code(self.study, entry.code)}” that fired:"]
        quote = self.transcript.quote
        told = ((one.rule, ", ".join(f"“{quote(span)}”" for span in one.spans)) for one in entry.suggestion.evidence)
        return "\n".join([*lines, *(f"  {rule}: {words}" for rule, words in told)])

    # -- its words ----------------------------------------------------------------------------------------------------

    def trim(self, edge: Literal["start", "end"], step: int) -> str:
        """Move an edge of what was picked last by a word, or of the passage in hand, which is an act."""
        entry = None if self.picked else self._in_hand()
        span = entry.span if entry else self.picks[-1]
        moved = move_edge(self.transcript.text, span, edge, step, self.segment.span)
        if moved == span:
            raise StudyError("There is no further word.")
        if entry is None:
            self.picks[-1] = moved
            return f"Selected: “{shorten(self.transcript.quote(moved))}”."
        return self.move(moved)

    def move(self, words: Span | None = None) -> str:
        """Let the coding in hand stand on other words, by default those that are picked."""
        return self._reshape("move", words)

    def cut(self, words: Span | None = None) -> str:
        """Take words out of the coding in hand, by default those that are picked."""
        return self._reshape("cut", words)

    def extend(self, words: Span | None = None) -> str:
        """Add words to the coding in hand, by default those that are picked."""
        return self._reshape("extend", words)

    def _reshape(self, act: Literal["move", "cut", "extend"], words: Span | None) -> str:
        entry, words = self._in_hand(), words or self._one_pick()
        told = self._attempt(lambda: getattr(self.desk, act)(self.view, entry, words))
        self.picks = []
        self._follow(entry.code, words if act == "move" else entry.span)
        return told

    def _one_pick(self) -> Span:
        if len(self.picks) != 1:
            what = "Several passages are selected." if self.picks else "No words are selected."
            raise StudyError(what, hint="Select a sentence with v")
        return self.picks[0]

    # -- the codebook -------------------------------------------------------------------------------------------------

    def add_code(
        self, name: str, *, under: str = "", definition: str = "", give: Callable[[str], str] | None = None
    ) -> str:
        """Add a code to the codebook, and give it: by default to what is picked, or to the segment."""
        code, steps = enter_code(self.study, self.view.item.address, name, under=under, definition=definition)
        self._trail.remember(steps)
        added = f"“{name_code(self.study, code)}” is in the codebook."
        try:
            return f"{added} {(give or self.apply)(code)}"
        except QualcodeError as error:
            raise StudyError(f"{added} It was not applied here: {error.message}", hint=error.hint) from error

    def define(self, definition: str, *, saw: str) -> str:
        """Say anew what the code in hand stands for; ``saw`` is the definition that this one was made from."""
        entry = self._in_hand()
        self._trail.remember(self.desk.define(self.view, entry.code, definition, saw=saw))
        return f"“{name_code(self.study, entry.code)}” is redefined in the codebook."

    def take_example(self) -> tuple[str, Sequence[Problem]]:
        """Take the passage in hand as an example of its code; return also what the rules say against it."""
        entry = self._in_hand()
        problems, steps = self.desk.take_example(self.view, entry)
        self._trail.remember(steps)
        name = name_code(self.study, entry.code)
        return f"“{shorten(entry.quote)}” is now an example of “{name}” in the codebook.", problems

    # -- many at once -------------------------------------------------------------------------------------------------

    def list_suggestions(self) -> list[Suggested]:
        """Return the undecided suggestions, in the whole list, of the code in hand and those below it."""
        return list_suggestions(self.study, self.coder, self._in_hand().code, self.items)

    def accept_all(self, suggested: Sequence[Suggested]) -> str:
        """Accept suggestions that were shown, in one act."""
        self._asked = None
        try:
            accept_all(self.study, self.coder, suggested)
        finally:
            self.look()
        return f"Accepted {plural(len(suggested), 'suggestion')}; u undoes them together."

    # -- back and again -----------------------------------------------------------------------------------------------

    def undo(self) -> str:
        """Take back the coder's latest act, if it was done in this list, and go there; again, the one before.

        Memos, marks to come back to, and changes of the codebook are taken back by the window that made them.

        Raises
        ------
        StudyError
            If it was done elsewhere: it is named, and stays.
        """
        found = self._trail.latest()
        if not isinstance(found, tuple):
            self._trail.turn_back()
            self._go_beside(found)
            return f"Undone: {found.change.rstrip('.')}."
        name, event = found
        told = name_act(self.study, name, event)
        at = self._find(name, event)
        if at is None:
            raise StudyError(
                f"Your latest action is outside this list and stays: {told}.",
                hint=f"To undo it: qualcode undo --coder {self.coder}",
            )
        step = self._trail.take_back(name, event)
        self._go_to(at, event)
        return f"Undone: {told}{_tell_rest(step)}."

    def redo(self) -> str:
        """Do again what was taken back last in this window, and go there."""
        found = self._trail.latest_undone()
        step = self._trail.do_again()
        if not isinstance(found, tuple):
            self._go_beside(found)
            return f"Redone: {found.change.rstrip('.')}."
        name, event = found
        at = self._find(name, event)
        if at is not None:
            self._go_to(at, event)
        return f"Redone: {name_act(self.study, name, event)}{_tell_rest(step)}."

    def _go_beside(self, step: Beside) -> None:
        """Go to where something was done beside codings, and see it as it stands now."""
        name, _, place = step.about.rpartition(":")
        span, _ = find_place(self.study, step.about) if name in self.study.transcript_ids() else (None, "")
        here = (
            number
            for number, item in enumerate(self.items)
            if item.transcript == name and (segment := self.study.index(name).get(item.segment))
            and (item.segment == place or (span is not None and span.overlaps(segment.span)))
        )  # fmt: skip
        self._go(next(here, self.position))

    def _find(self, name: str, event: Event) -> int | None:
        """Return where in the list an act was done, here if also here; ``None``: nowhere in it."""
        spans = [one.span for change in event.changes for one in (change.before, change.after) if one]
        seen = {*event.seen, *(one for one, _ in event.unseen)}
        index = self.study.index(name)
        found = [
            number
            for number, item in enumerate(self.items)
            if item.transcript == name and (segment := index.get(item.segment))
            and (item.segment in seen or any(span.overlaps(segment.span) for span in spans))
        ]  # fmt: skip
        return self.position if self.position in found else found[0] if found else None

    def _go_to(self, position: int, event: Event) -> None:
        self._go(position)
        codings = (one for change in event.changes for one in (change.after, change.before) if one)
        entries = (one for coding in codings for one in self.entries if _is_on(one, coding))
        self.take(next(entries, self.entry))


def _is_on(entry: Entry, coding: Coding) -> bool:
    return (entry.code, entry.span) == (coding.code, coding.span)


def _tell_rest(step: Sequence[object]) -> str:
    return f", in {plural(len(step), 'transcript')}" if len(step) > 1 else ""
