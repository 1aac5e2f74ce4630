"""A way through a list of segments: where one is, what is in hand, and which words are picked."""

from __future__ import annotations

import contextlib
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from qualcode.errors import CodebookError, StudyError
from qualcode.reviewing.desk import Desk
from qualcode.reviewing.hits import find_hits, find_passages
from qualcode.reviewing.searching import find_words
from qualcode.reviewing.telling import name_code
from qualcode.reviewing.worklists import find_family
from qualcode.study import find_code
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook import Code
    from qualcode.model import Segment, Span, Transcript
    from qualcode.reviewing.desk import View
    from qualcode.reviewing.entries import Entry, Item
    from qualcode.reviewing.hits import Hit
    from qualcode.reviewing.sight import Blind
    from qualcode.study import Study


class Walk:
    """A coder's way through a list of segments, without the acts of :class:`~qualcode.reviewing.Review`.

    Parameters
    ----------
    study, coder
        Who codes what.
    items
        The segments.
    code
        The code, with those below it, that comes to hand first.
    blind
        As in :class:`~qualcode.reviewing.Desk`.

    Attributes
    ----------
    position
        Which segment is looked at; the length of the list at its end.
    picks
        Passages picked for the next act, the latest last.
    asked_code
        Id of the code that the list was made for; ``""``: none.
    hits
        Where :meth:`seek` goes: what was searched for, or where a code stands.
    """

    def __init__(
        self, study: Study, coder: str, items: Sequence[Item], *, code: str | None = None, blind: Blind = "kept"
    ) -> None:
        self.study = study
        self.desk = Desk(study, coder, blind=blind)
        self.coder = self.desk.coder
        self.items = list(items)
        self.picks: list[Span] = []
        self.asked_code = find_code(study.codebook, code) if code else ""
        self._family = find_family(study.codebook, code) if code else None
        self.hits: list[Hit] = []
        self._hand: tuple[str, Span] | None = None
        self._asked: tuple[str, str] | None = None
        self._view: View | None = None
        self.position = self._resume()
        self._arrive()

    # -- where one is -------------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether the end of the list is reached."""
        return self.position >= len(self.items)

    @property
    def item(self) -> Item:
        """The segment that is looked at."""
        if self.is_done:
            raise StudyError("This is the end of the list.", hint="Go back, or quit")
        return self.items[self.position]

    @property
    def view(self) -> View:
        """The segment as it was seen last."""
        if self._view is None:
            self._view = self.desk.view(self.item)
        return self._view

    def look(self) -> None:
        """See the segment as it stands now; what is in hand stays there unless it is gone."""
        self._view = None

    @property
    def transcript(self) -> Transcript:
        """Its transcript."""
        return self.view.transcript

    @property
    def segment(self) -> Segment:
        """The segment."""
        return self.view.segment

    @property
    def entries(self) -> Sequence[Entry]:
        """The codes on it."""
        return self.view.entries

    @property
    def entry(self) -> Entry | None:
        """The entry in hand."""
        return self.view.find(*self._hand) if self._hand else None

    @property
    def code(self) -> Code | None:
        """The code of the entry in hand; ``None`` without one, or where the codebook has lost it."""
        with contextlib.suppress(CodebookError):
            return self.study.codebook.code(self.entry.code) if self.entry else None
        return None

    @property
    def picked(self) -> Span | None:
        """The passage picked last."""
        return self.picks[-1] if self.picks else None

    def context(self, width: int = 1) -> tuple[Sequence[Segment], Sequence[Segment]]:
        """Return the segments before and after, of the same kind, so many of each."""
        units = self.study.index(self.item.transcript).units(self.segment.kind)
        place = bisect_left(units, self.segment.span, key=lambda one: one.span)
        return units[max(0, place - width) : place], units[place + 1 : place + 1 + width]

    # -- going --------------------------------------------------------------------------------------------------------

    def next(self) -> str:
        """Say that the segment was looked at, and go on; return what there is to tell of that."""
        if not self.is_done:
            self.desk.mark_seen(self.view)
        self._go(self.position + 1)
        return ""

    def skip(self) -> None:
        """Go on without saying that the segment was looked at."""
        self._go(self.position + 1)

    def back(self) -> None:
        """Go back by one."""
        self._go(self.position - 1)

    def select(self, step: int) -> None:
        """Take the next entry in hand, or the one before."""
        self._asked = None
        entries = self.entries
        if entries:
            place = entries.index(self.entry) + step if self.entry else 0 if step > 0 else -1
            self.take(entries[place % len(entries)])

    def take(self, entry: Entry | None) -> None:
        """Take an entry in hand."""
        self._hand = (entry.code, entry.span) if entry else None

    def _go(self, position: int) -> None:
        self.position = min(max(position, 0), len(self.items))
        self._keep_place()
        self._arrive()

    def _keep_place(self) -> None:
        """Put a bookmark; without one, one begins at the first segment not looked at."""
        with contextlib.suppress(StudyError):
            self.study.put_bookmark(self.coder, "" if self.is_done else self.item.address)

    def _arrive(self) -> None:
        """Look at the segment, and take the first entry that waits for an answer in hand, or the first."""
        self.picks, self._hand, self._asked, self._view = [], None, None, None
        if not self.is_done:
            with contextlib.suppress(StudyError):  # it is gone, which whoever looks at it is told
                wanted = self._wanted()
                self.take(next((one for one in wanted if one.is_undecided), wanted[0] if wanted else None))

    def _wanted(self) -> Sequence[Entry]:
        """Return the entries that the list was made for."""
        return [one for one in self.entries if self._family is None or one.code in self._family]

    def _resume(self) -> int:
        """Return where the coder stopped, or else the first segment not looked at yet."""
        places = {item.address: number for number, item in enumerate(self.items)}
        at = self.study.bookmark(self.coder)
        if at in places:
            return places[at]
        histories = {name: self.study.history(self.coder, name) for name in {item.transcript for item in self.items}}
        unseen = (n for n, item in enumerate(self.items) if not histories[item.transcript].is_seen(item.segment))
        return next(unseen, 0)

    # -- going by words or by a code ----------------------------------------------------------------------------------

    def search(self, term: str) -> str:
        """Find a term in the list, and go to its next place from here."""
        self.hits = find_hits(self.study, self.items, term)
        if not self.hits:
            raise StudyError(f"“{term.strip()}” does not occur in this list.")
        return self.seek(at=self.position)

    def focus(self) -> str:
        """Find where the code in hand stands in the list; :meth:`seek` goes there."""
        entry = self.entry
        if entry is None:
            raise StudyError("No code is selected.", hint="Choose one with ↑ and ↓, or search with /")
        self.hits = find_passages(self.desk, self.items, entry.code)
        name = name_code(self.study, entry.code)
        return f"{plural(len(self.hits), 'passage')} of “{name}” in this list. g: the next, G: the one before."

    def seek(self, step: int = 1, *, at: int | None = None) -> str:
        """Go to the next hit, or with a step of -1 to the one before, and pick it; ``at``: to the first from there.

        Without a search, the hits are the passages of the code in hand.
        """
        if not self.hits:
            self.focus()
        starts = [(position, span.start) for position, span in self.hits]
        span = self.picked or (self.entry.span if self.entry else None)
        here = (self.position, span.start if span else -1)
        forward = bisect_left(starts, (at, -1)) if at is not None else bisect_right(starts, here)
        place = (forward if step > 0 else bisect_left(starts, here) - 1) % len(starts)
        position, span = self.hits[place]
        self._go(position)
        entry = next((one for one in self.entries if one.span == span), None) if not self.is_done else None
        if entry:
            self.take(entry)
        else:
            self.picks = [span]
        return f"{place + 1} of {len(self.hits)}."

    # -- picking words ------------------------------------------------------------------------------------------------

    def pick(self, step: int = 1) -> None:
        """Pick the next sentence of the segment, or with a step of -1 the one before, in the place of the last pick."""
        sentences, last = self._sentences(), self.picked
        if step > 0:
            found = next((span for span in sentences if last is None or span.start >= last.end), sentences[0])
        else:
            found = next((one for one in reversed(sentences) if last is None or one.end <= last.start), sentences[-1])
        self.picks[-1:] = [found]
        self._asked = None

    def keep_pick(self) -> None:
        """Keep what is picked, and pick the next sentence as well."""
        last = self.picked
        if last is None:
            self.pick()
            return
        following = next((span for span in self._sentences() if span.start >= last.end), None)
        if following is None:
            raise StudyError("There is no sentence after the selection.")
        self.picks.append(following)

    def drop_picks(self) -> None:
        """Pick nothing."""
        self.picks, self._asked = [], None

    def _sentences(self) -> list[Span]:
        touched = self.study.index(self.item.transcript).touched("sentence", self.segment.span)
        return [one.span for one in touched if one.span in self.segment.span] or [self.segment.span]

    def find_span(self, words: str) -> Span:
        """Return the passage of the segment that some typed words name; see :func:`find_words`."""
        return find_words(self.transcript.text, words, self.segment.span)
