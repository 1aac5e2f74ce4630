"""What is learned from a coder's own work as worklists: asked for, answered, and fitted anew in the background.

Nothing of it is a sheet or a coding. A list comes from the latest fit that is ready; what the coder did since begins
another one, which no act waits for.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from qualcode.errors import StudyError
from qualcode.model import RULES_CODER, Span
from qualcode.reviewing.entries import Hunch, Item, Kind
from qualcode.study import find_code

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping
    from typing import Any

    from qualcode.model import Coding
    from qualcode.study import Blinding, Event, Learned, Study

TOP = 20
_SPARE = 50


class Suggesting:
    """Suggestions learned from a coder's own work, for pages and the terminal; nothing is learned before it is asked.

    Parameters
    ----------
    study, coder
        Whose work.
    pause
        Seconds between a fit and the next one, so that a quick coder's computer does little else.
    """

    def __init__(self, study: Study, coder: str, *, pause: float = 10.0) -> None:
        self.study, self.coder, self.pause = study, coder, pause
        self._ended = 0.0
        self._ready: Learned | None = None
        self._known: object = None
        self._limits: tuple[str, ...] = ()
        self._explained: dict[tuple[Kind, _Row], Hunch] = {}
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    # -- the fit ------------------------------------------------------------------------------------------------------

    @property
    def is_fresh(self) -> bool:
        """Whether the latest fit knows all that the coder did."""
        return self._ready is not None and self._known == self._tell_work()

    def _tell_work(self) -> object:
        """Return what another fit would be made of, as briefly as it can be told apart."""
        names = self.study.transcript_ids()
        sheets = [(coder, name) for coder in (self.coder, RULES_CODER) for name in names]
        last = [next(reversed(self.study.history(*sheet).events), "") for sheet in sheets]
        return self.study.codebook.digest, tuple(names), tuple(last)

    def renew(self) -> None:
        """Begin to take in what the coder did since, unless that is under way; nothing waits for it."""
        with self._guard:
            is_busy = self._thread is not None and self._thread.is_alive()
            if is_busy or time.monotonic() < self._ended + self.pause or self.is_fresh:
                return
            self._thread = threading.Thread(target=self._renew, name="qualcode-learning", daemon=True)
            self._thread.start()

    def _renew(self) -> None:
        try:
            self._fit()
        except StudyError:
            return  # the study is being changed by hand; the next one who asks is told what is wrong

    def wait(self) -> None:
        """Wait until a fit that is under way has ended."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _fit(self) -> Learned:
        known = self._tell_work()
        learned = self.study.learn(self.coder).prepare()
        limits = tuple(f"{one.message} {one.hint}." for one in learned.problems())
        with self._guard:
            self._ready, self._known, self._limits, self._explained = learned, known, limits, {}
            self._ended = time.monotonic()
        return learned

    def _learned(self) -> Learned:
        """Return the latest fit; the first is waited for."""
        return self._fit() if self._ready is None else self._ready

    @property
    def limits(self) -> tuple[str, ...]:
        """What limits the suggestions, in words."""
        return self._limits

    # -- lists --------------------------------------------------------------------------------------------------------

    def suggest(
        self, kind: Kind, code: str | None = None, *, top: int = TOP, transcript_ids: Collection[str] = ()
    ) -> list[Hunch]:
        """Return what is suggested now.

        Parameters
        ----------
        kind
            Which list.
        code
            Id, path or name of a code; ``None``: all codes. ``likely`` needs one.
        top
            How many at most.
        transcript_ids
            Only in these; by default in all.

        Raises
        ------
        StudyError
            If there is no such list, or it needs a code.
        """
        if kind not in get_args(Kind):
            raise StudyError(f"There is no list “{kind}”.", hint=f"Ask for one of {', '.join(get_args(Kind))}")
        if kind == "likely" and not code:
            raise StudyError("What to read next is ranked for one code.", hint="Choose a code")
        learned, names, rows = self._learned(), set(transcript_ids), list[_Row]()
        blinding = self.study.blinding()
        for length in (top + _SPARE, None):  # nearly always some more are enough
            all_rows = self._ask(learned, kind, code, length)
            rows = [one for one in all_rows if not names or one.item.transcript in names]
            rows = [one for one in rows if self._holds(one, kind, blinding)]
            if len(rows) >= top or length is None or len(all_rows) < length:
                break
        found = [self._explain_once(learned, kind, row) for row in rows[:top]]
        self.renew()  # now that the list is made, which another fit would slow down
        return found

    def _ask(self, learned: Learned, kind: Kind, code: str | None, top: int | None) -> list[_Row]:
        if kind == "likely":
            frame = learned.rank(str(code), top=top)
        else:
            frame = learned.missed(code, top=top) if kind == "missed" else learned.doubtful(code, top=top)
        return [_Row.of(self.study, one) for one in frame.to_dict("records")]

    def _holds(self, row: _Row, kind: Kind, blinding: Blinding) -> bool:
        """Tell whether a suggestion still holds: a fit does not know what was read, said or drawn since."""
        segment = self.study.segment(row.item.address)[1]
        if kind != "doubtful" and not blinding.may_see(self.coder, "learned", row.item.transcript, segment):
            return False
        if kind == "likely":
            return not self.study.history(self.coder, row.item.transcript).is_seen(row.item.segment)
        return kind == "missed" or not self._is_kept(self._coding_of(row))

    def _coding_of(self, row: _Row) -> Coding | None:
        found = self.study.codings_in(self.coder, row.item.transcript, row.span)
        return next((one for one in found if (one.span, one.code) == (row.span, row.code)), None)

    def _is_kept(self, coding: Coding | None) -> bool:
        """Tell whether the coder said of a coding, as it stands, that it holds; one that is gone needs none."""
        if coding is None:
            return True
        events = self.study.history(self.coder, coding.transcript).events.values()
        said = (change.after for event in events if event.what == "keep" for change in event.changes)
        return any(
            one is not None and (one.span, one.code, one.at) == (coding.span, coding.code, coding.at) for one in said
        )

    def _explain_once(self, learned: Learned, kind: Kind, row: _Row) -> Hunch:
        """Return a suggestion as it was explained before, by the same fit; a coding in doubt may be another one now."""
        if kind == "doubtful" or learned is not self._ready:
            return self._explain(learned, kind, row)
        if (kind, row) not in self._explained:
            self._explained[kind, row] = self._explain(learned, kind, row)
        return self._explained[kind, row]

    def _explain(self, learned: Learned, kind: Kind, row: _Row) -> Hunch:
        told = learned.explain(row.item.address, row.code).to_dict("records")
        found = [(str(one["kind"]), _Row.of(self.study, one)) for one in told]
        return Hunch(
            kind, row.item, row.span, row.code, row.word, row.quote,
            tuple(one.span for what, one in found if what == "word"), any(what == "spread" for what, _ in found),
            tuple((one.item, one.span) for what, one in found if what == "passage"),
            self._coding_of(row) if kind == "doubtful" else None,
        )  # fmt: skip

    # -- answers ------------------------------------------------------------------------------------------------------

    def answer(self, item: Item, code: str, act: Literal["accept", "reject"]) -> Event:
        """Record the coder's answer to a suggestion; it costs the act, and the next list knows it.

        Parameters
        ----------
        item
            The segment.
        code
            Id of the code.
        act
            ``accept`` or ``reject`` it; one that is rejected does not come again.

        Raises
        ------
        StudyError
            If that stands so already, or the segment is coded blind still.
        """
        if act not in {"accept", "reject"}:
            raise StudyError(f"There is no answer “{act}”.", hint="Accept or refuse it")
        if self._ready is None:
            raise StudyError("Nothing was suggested yet.", hint="Ask for suggestions first")
        event = self._ready.answer(item.address, code, act)
        if event is None:
            raise StudyError("That stands so already.")
        return event

    def tell_record(self) -> dict[str, tuple[int, int]]:
        """Return per code, by id, how many suggestions the coder accepted and rejected up to now."""
        return self._ready.count_answers() if self._ready is not None else {}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of what was learned."""

    item: Item
    span: Span
    code: str
    word: str
    quote: str

    @classmethod
    def of(cls, study: Study, told: Mapping[Hashable, Any]) -> _Row:
        item, span = Item(told["transcript"], told["segment"]), Span(int(told["start"]), int(told["end"]))
        return cls(item, span, find_code(study.codebook, told["code"]), told["word"], told["quote"])
