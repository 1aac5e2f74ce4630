"""What a coder finds on a segment, and does there. Nothing is in hand here: every act is told what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import ConflictError, StudyError
from qualcode.model import RULES_CODER
from qualcode.reviewing.entries import join_entries
from qualcode.reviewing.remarks import find_remarks
from qualcode.reviewing.sight import Blind, Sight
from qualcode.reviewing.steps import find_step, tell_digest
from qualcode.reviewing.telling import name_code
from qualcode.study import Decision, find_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.codebook import Edit
    from qualcode.errors import Problem
    from qualcode.model import Coding, Memo, Segment, Span, Transcript, Unit
    from qualcode.reviewing.entries import Entry, Item
    from qualcode.reviewing.steps import EditStep
    from qualcode.study import Act, Event, Study


@dataclass(frozen=True, slots=True)
class View:
    """A segment as a coder saw it.

    Attributes
    ----------
    item
        Which segment.
    transcript, segment
        The same, whole.
    entries
        The codes on it.
    own
        The coder's codings there, and on what the suggestions there reach to.
    is_seen
        Whether the coder has looked at it.
    sight
        ``open``; ``blind``: it is drawn for double coding, so that suggestions are hidden; ``lifted``: they are shown
        all the same; ``held``: they wait in this session until the segment is read.
    remarks
        Memos on words of it, and what somebody wants to come back to there.
    """

    item: Item
    transcript: Transcript
    segment: Segment
    entries: tuple[Entry, ...]
    own: tuple[Coding, ...]
    is_seen: bool
    sight: Literal["open", "blind", "lifted", "held"]
    remarks: tuple[Memo, ...] = ()

    def saw(self, code: str, span: Span) -> str:
        """Return the version of the coder's coding with a code on a passage; ``""``: there was none."""
        return next((one.version for one in self.own if one.code == code and one.span.overlaps(span)), "")

    def find(self, code: str, span: Span) -> Entry | None:
        """Return the entry of a code on a passage."""
        return next((one for one in self.entries if (one.code, one.span) == (code, span)), None)


class Desk:
    """A coder's place of work; any number of them may be open on a study, for one coder too.

    Parameters
    ----------
    study, coder
        Who codes what.
    blind
        ``lifted``: suggestions are shown in a part that is drawn for double coding, and the log says so.

    Raises
    ------
    StudyError
        If the study names its coders and this is none of them.
    """

    def __init__(self, study: Study, coder: str, *, blind: Blind = "kept") -> None:
        self.study = study
        self.coder = study.check_coder(coder)
        self.sight = Sight(study, self.coder, blind)

    def view(self, item: Item) -> View:
        """Return a segment as it stands; it costs what stands on it.

        Raises
        ------
        StudyError
            If there is none.
        """
        name, (_, segment) = item.transcript, self.study.segment(item.address)
        entries, own = self.look(name, segment.span)
        is_seen = self.study.history(self.coder, name).is_seen(segment.id)
        sight, remarks = self.sight.tell(name, segment), find_remarks(self.study, name, segment.span)
        return View(item, self.study.transcript(name), segment, tuple(entries), tuple(own), is_seen, sight, remarks)

    def unit_of(self, transcript_id: str) -> Unit:
        """Return the kind of segment that the coder looks at in a transcript."""
        unit: Unit = self.study.history(self.coder, transcript_id).header.get("unit", self.study.settings.unit)
        return unit

    def look(self, transcript_id: str, span: Span) -> tuple[list[Entry], list[Coding]]:
        """Return the entries on a passage, and the coder's codings there and on what the suggestions reach to.

        It costs what stands there, not the sheet.
        """
        self.sight.renew()
        own = self.study.codings_in(self.coder, transcript_id, span)
        found = self.study.codings_in(RULES_CODER, transcript_id, _cover(span, own))
        suggestions = self.sight.filter(transcript_id, self.unit_of(transcript_id), found)
        own = self.study.codings_in(self.coder, transcript_id, _cover(span, [*own, *suggestions]))
        return [one for one in join_entries(suggestions, own) if one.span.overlaps(span)], own

    # -- deciding -----------------------------------------------------------------------------------------------------
    # What was changed since it was seen makes each of these a ConflictError, and what stands already a StudyError.

    def mark_seen(self, view: View) -> list[Event]:
        """Say that the segment was looked at; a list without an event: that was said before."""
        return self.study.decide_all(self.coder, (), seen=[view.item.address], blind=_tell_blind(view))

    def accept(self, view: View, entry: Entry) -> Event:
        """Accept a suggestion, on the passage on which it stands now."""
        if entry.suggestion is None or entry.verdict == "applied":
            raise StudyError(f"You gave {self._name(entry)} yourself; there is nothing to accept.")
        if entry.verdict == "accepted":
            raise StudyError(f"{self._name(entry)} is already accepted.")
        return self._decide(view, entry, "accept", span=entry.span)

    def reject(self, view: View, entry: Entry) -> Event:
        """Reject a suggestion; a code given by hand is removed."""
        if entry.verdict == "rejected":
            raise StudyError(f"{self._name(entry)} is already rejected.")
        is_answer = entry.suggestion is not None or (entry.verdict == "accepted" and view.sight != "blind")
        return self._decide(view, entry, "reject" if is_answer else "remove", span=entry.span)

    def apply(self, view: View, code: str, spans: Sequence[Span]) -> Event:
        """Give a code to one passage or several, in one act."""
        decisions = [
            Decision(view.item.address, code, "apply", span, saw=view.saw(code, span)) for span in dict.fromkeys(spans)
        ]
        return self._record(view, decisions)

    def recode(self, view: View, entry: Entry, code: str) -> Event:
        """Give a passage another code, in one act: the note stays, a suggestion is rejected."""
        if code == entry.code:
            raise StudyError(f"It already has the code “{name_code(self.study, code)}”.")
        return self._change(view, entry, "recode", to=code)

    def move(self, view: View, entry: Entry, span: Span) -> Event:
        """Let a coding stand on another passage; an undecided suggestion is accepted so."""
        return self._change(view, entry, "move", span=span)

    def cut(self, view: View, entry: Entry, words: Span) -> Event:
        """Take words out of a coding; out of its middle they leave two."""
        return self._change(view, entry, "cut", span=words)

    def extend(self, view: View, entry: Entry, words: Span) -> Event:
        """Add words to a coding."""
        return self._change(view, entry, "extend", span=words)

    def note(self, entry: Entry, note: str) -> Event:
        """Put a note on what was decided."""
        if entry.own is None:
            raise StudyError("Decide first; a note belongs to a decision.")
        event = self.study.note(self.coder, entry.own, note)
        if event is None:
            raise StudyError("The note already says that.")
        return event

    def keep(self, entry: Entry) -> Event:
        """Say that a coding still holds, such as after the definition of its code changed."""
        if entry.own is None or not entry.own.is_counted:
            raise StudyError("There is no coding of yours to keep.")
        return self.study.keep(self.coder, entry.own)

    def _change(self, view: View, entry: Entry, act: Act, **more: Any) -> Event:
        if entry.verdict == "rejected":
            raise StudyError(f"{self._name(entry)} is rejected; accept it first.")
        if entry.own is None and entry.suggestion is None:
            raise StudyError(f"{self._name(entry)} was learned from your coding.", hint="Accept it first")
        return self._decide(view, entry, act, at=entry.span, **more)

    def _decide(self, view: View, entry: Entry, act: Act, **more: Any) -> Event:
        saw = view.saw(entry.code, entry.span) if entry.own is None else entry.own.version
        return self._record(view, [Decision(view.item.address, entry.code, act, saw=saw, **more)])

    def _record(self, view: View, decisions: Sequence[Decision]) -> Event:
        events = self.study.decide_all(self.coder, decisions, blind=_tell_blind(view))
        if not events:
            raise StudyError("It is already so.")
        return events[-1]

    def _name(self, entry: Entry) -> str:
        return f"“{name_code(self.study, entry.code)}”"

    # -- the codebook, while reading ----------------------------------------------------------------------------------

    def define(self, view: View, code: str, definition: str, *, saw: str) -> list[EditStep]:
        """Say anew what a code stands for.

        Parameters
        ----------
        view
            The segment on which that became clear.
        code
            The code's id.
        definition
            What the code means.
        saw
            The definition that this one was made from; if it is another one by now, nothing is done.

        Returns
        -------
        list of EditStep
            How it is taken back.
        """
        from qualcode.codebook import edit_code, parse_codebook

        def make(text: str, **more: Any) -> Edit:
            present = parse_codebook(text.removeprefix("\ufeff")).code(code).definition
            if present != saw:
                raise ConflictError(
                    f"The definition of “{name_code(self.study, code)}” has changed in the meantime: “{present}”.",
                    hint="Read it again, then write yours",
                    stands=present,
                )
            return edit_code(text, code, definition=definition, **more)

        before = tell_digest(self.study)
        edit, _ = self.study.recode(make, because=f"Clarified by {view.item.address}.")
        return find_step(self.study, before, edit, view.item.address)

    def take_example(
        self, view: View, entry: Entry, *, kind: Literal["hit", "miss"] = "hit"
    ) -> tuple[Sequence[Problem], list[EditStep]]:
        """Take a passage as an example of its code.

        Returns
        -------
        tuple
            What the code's rules say against it, and how it is taken back.
        """
        from qualcode.codebook import add_example
        from qualcode.examples import check_examples

        before = tell_digest(self.study)
        edit, _ = self.study.recode(
            add_example, code=entry.code, quote=entry.quote, kind=kind, check=check_examples,
            because=f"Found in {view.item.address}.",
        )  # fmt: skip
        return edit.problems, find_step(self.study, before, edit, view.item.address)


def enter_code(
    study: Study, at: str, name: str, *, under: str = "", definition: str = ""
) -> tuple[str, list[EditStep]]:
    """Add a code that came up on a segment to the codebook.

    Parameters
    ----------
    study, at
        The segment's address, which the reason in the codebook's history names.
    name
        What tables call it.
    under
        Id, path or name of the code above; ``""``: the top.
    definition
        What the code means.

    Returns
    -------
    tuple
        Its id, and how it is taken back.
    """
    from qualcode.codebook import add_code

    above = find_code(study.codebook, under) if under.strip() else ""
    before = tell_digest(study)
    edit, _ = study.recode(add_code, new_name=name, under=above, definition=definition, because=f"Came up in {at}.")
    return edit.added[0], find_step(study, before, edit, at)


def _tell_blind(view: View) -> Blind:
    return "lifted" if view.sight == "lifted" else "kept"


def _cover(span: Span, codings: Iterable[Coding]) -> Span:
    return reduce(lambda whole, one: whole | one.span, codings, span)
