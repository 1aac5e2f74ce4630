"""Reading what was learned from a coder's own work: one suggestion after the other, each answered by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from qualcode.errors import StudyError
from qualcode.reviewing.entries import Entry
from qualcode.reviewing.session import Session
from qualcode.reviewing.suggesting import TOP
from qualcode.reviewing.telling import name_code
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qualcode.reviewing.desk import View
    from qualcode.reviewing.entries import Hunch, Item, Kind
    from qualcode.reviewing.suggesting import Suggesting

_ABOUT = {
    "missed": "Learned from your own coding: you may have missed these.",
    "doubtful": "Unlike your other passages with the code: a keeps the coding, r removes it.",
    "likely": "Learned from your own coding: not read yet, the likeliest first.",
}


class LearnedReview(Session):
    """A coder's way through suggestions that were learned; what is found likely is held back in every tenth segment.

    Parameters
    ----------
    suggesting
        Whose work they are learned from.
    kind
        Which list.
    code
        Of which code; ``None``: of all. ``likely`` needs one.
    transcript_ids
        Only in these; by default in all.
    top
        How many at once; at the end of the list there may be more.

    Raises
    ------
    StudyError
        If nothing can be learned yet, or there is no such code.
    """

    has_more = True

    def __init__(
        self,
        suggesting: Suggesting,
        kind: Kind,
        *,
        code: str | None = None,
        transcript_ids: Collection[str] = (),
        top: int = TOP,
    ) -> None:
        self.suggesting, self.kind, self.about = suggesting, kind, _ABOUT[kind]
        self._wish = code, tuple(transcript_ids), top
        self._hunches: dict[str, list[Hunch]] = {}
        items = self._fetch()
        super().__init__(suggesting.study, suggesting.coder, items, code=code)
        if kind == "likely":
            self.tenths.take(items)

    def _fetch(self) -> list[Item]:
        """Ask for suggestions that were not shown yet, and return their segments."""
        code, names, top = self._wish
        shown = {(one.item, one.span, one.code) for several in self._hunches.values() for one in several}
        found = self.suggesting.suggest(self.kind, code, top=top + len(shown), transcript_ids=names)
        news = [one for one in found if (one.item, one.span, one.code) not in shown][:top]
        items = dict.fromkeys(one.item for one in news if one.item.address not in self._hunches)
        for one in news:
            self._hunches.setdefault(one.item.address, []).append(one)
        return list(items)

    # -- what is seen -------------------------------------------------------------------------------------------------

    def _add(self, view: View) -> View:
        entries = list(view.entries)
        for hunch in self._hunches.get(view.item.address, ()):
            place = next((n for n, one in enumerate(entries) if _is_about(hunch, one)), None)
            if place is not None:
                entries[place] = replace(entries[place], hunch=hunch)
            elif hunch.kind != "doubtful" and view.sight == "open":
                entries.append(Entry(hunch.code, None, None, hunch))
        entries.sort(key=lambda one: (one.span, one.code))
        return replace(view, entries=tuple(entries))

    def _wanted(self) -> Sequence[Entry]:
        return [one for one in self.entries if one.hunch]

    def _is_suggested(self, view: View) -> bool:
        return any(one.word for one in self._hunches.get(view.item.address, ()))

    def tell_why(self) -> str:
        """Return what carries the suggestion in hand, two passages like it, and how the coder answered others."""
        hunch = self._in_hand().hunch
        return "\n".join(self._tell_why(hunch)) if hunch else super().tell_why()

    def _tell_why(self, hunch: Hunch) -> Iterator[str]:
        word = "doubtful" if hunch.kind == "doubtful" else hunch.word or "ranked"
        yield f"~ {name_code(self.study, hunch.code)}: {word}"
        words = ", ".join(f"“{self.transcript.quote(one)}”" for one in hunch.words)
        yield f"Carried by {words}." if words and not hunch.is_spread else "It is spread over the passage."
        if hunch.near:
            yield "Most like it, of yours with this code:"
        for item, span in hunch.near:
            yield f"  {item.address} “{shorten(self.study.transcript(item.transcript).quote(span))}”"
        accepted, rejected = self.suggesting.tell_record().get(hunch.code, (0, 0))
        yield f"Of such suggestions you accepted {accepted} and rejected {rejected}."
        yield from ("", *self.suggesting.limits) if self.suggesting.limits else ()

    # -- answering ----------------------------------------------------------------------------------------------------

    def accept(self) -> str:
        """Accept the suggestion in hand; of a doubtful coding: say that it holds."""
        entry = self._in_hand()
        if entry.hunch is None or (entry.suggestion and entry.is_undecided):
            return super().accept()
        if entry.hunch.kind == "doubtful":
            return self._attempt(lambda: self.desk.keep(entry))
        if entry.verdict == "rejected":
            name = name_code(self.study, entry.code)
            self._confirm("accept", entry, f"You rejected “{name}” here. To accept it all the same, press a again.")
        return self._reply(entry, "accept")

    def reject(self) -> str:
        """Reject the suggestion in hand, which does not come again; a doubtful coding is removed."""
        entry = self._in_hand()
        if entry.hunch is None or (entry.suggestion and entry.is_undecided):
            return super().reject()
        if entry.hunch.kind == "doubtful":
            return self._answer(entry, lambda: self.desk.reject(self.view, entry))
        if entry.verdict == "accepted":
            name = name_code(self.study, entry.code)
            self._confirm("reject", entry, f"You accepted “{name}” here. To reject it all the same, press r again.")
        return self._reply(entry, "reject")

    def _reply(self, entry: Entry, act: Literal["accept", "reject"]) -> str:
        if entry.verdict == f"{act}ed":
            raise StudyError(f"“{name_code(self.study, entry.code)}” is already {entry.verdict}.")
        return self._answer(entry, lambda: self.suggesting.answer(self.item, entry.code, act))

    def sum_up(self) -> list[str]:
        """Return that, and what limits the suggestions."""
        return [*super().sum_up(), *self.suggesting.limits]

    def next(self) -> str:
        """Go on; at the end of the list, to what is suggested by now and was not shown."""
        if not self.is_done:
            return super().next()
        news = self._fetch()
        if not news:
            raise StudyError("Nothing more is suggested by now.")
        if self.kind == "likely":
            self.tenths.take(news)
        self.items.extend(news)
        self._arrive()
        return f"{plural(len(news), 'segment')} more."


def _is_about(hunch: Hunch, entry: Entry) -> bool:
    """Tell whether an entry is what was suggested; of a doubtful one, the very coding."""
    if entry.code != hunch.code:
        return False
    return entry.span == hunch.span if hunch.kind == "doubtful" else entry.span.overlaps(hunch.span)
