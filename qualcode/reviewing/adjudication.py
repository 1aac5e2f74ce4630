"""Adjudication: one difference of two coders after the other, with what both said, and a consensus written of it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qualcode.errors import CodebookError, ConflictError, StudyError
from qualcode.reviewing.desk import enter_code
from qualcode.reviewing.steps import EditStep
from qualcode.reviewing.telling import name_code
from qualcode.study import CONSENSUS
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qualcode.model import Coding, Segment, Transcript
    from qualcode.study import Comparison, Difference, Event, Study

Verdict = Literal["yes", "no", "later"]
"""Whether a code belongs where only one of two coders gave it."""

_VERDICTS: dict[str, Verdict | Literal["quit"]] = {
    "y": "yes", "yes": "yes", "n": "no", "no": "no", "s": "later", "later": "later", "q": "quit", "quit": "quit",
}  # fmt: skip


def read_verdict(text: str) -> Verdict | Literal["quit"]:
    """Return what somebody typed: y, n, s (later) or q, or the word.

    Raises
    ------
    StudyError
        If it is none of them.
    """
    told = _VERDICTS.get(text.strip().casefold())
    if told is None:
        raise StudyError(f"“{text.strip()}” is not an answer.", hint="Write y, n, s (later) or q (quit)")
    return told


@dataclass(frozen=True, slots=True)
class Reading:
    """What one of the two coders said of a segment.

    Attributes
    ----------
    coder
        Who.
    codings
        Those with the code in question, rejected ones too.
    others
        Those that stand with other codes.
    """

    coder: str
    codings: tuple[Coding, ...]
    others: tuple[Coding, ...]

    @property
    def has_code(self) -> bool:
        """Whether the coder gave the code."""
        return any(one.is_counted for one in self.codings)


class Adjudication:
    """The differences of two coders, to be settled one by one; several may be open on one study.

    An answer is given to what was seen last: if the coders or the consensus have changed it since, it is a
    :class:`~qualcode.errors.ConflictError`, and the differences are found anew.

    Parameters
    ----------
    study
        Which study.
    one, other
        The two coders.
    consensus
        The coder name under which the consensus is saved.

    Attributes
    ----------
    items
        The differences that were open, in the order of the texts; those settled in this window stay among them.
    position
        Which one is looked at; the length of the list at its end.

    Raises
    ------
    StudyError
        If one is no coder of the study, or they have no segment in common.
    """

    def __init__(self, study: Study, one: str, other: str, *, consensus: str = CONSENSUS) -> None:
        self.study, self.coders = study, (one, other)
        self.consensus = unicodedata.normalize("NFC", consensus.strip())
        self.items: list[Difference] = []
        self.position = 0
        self._later: set[tuple[str, ...]] = set()
        self._given: list[tuple[Difference, Event]] = []
        self._added: list[EditStep] = []
        self._undone: list[tuple[Difference, Event] | EditStep] = []
        self._settled: dict[tuple[str, ...], Verdict] = {}
        self._seen: tuple[tuple[Reading, Reading], tuple[str, ...]] | None = None
        self.comparison: Comparison = self._compare()
        self._arrange()

    def _compare(self) -> Comparison:
        return self.study.compare(*self.coders, consensus=self.consensus)

    # -- where one is -------------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether the end of the list is reached; differences left for later may be open."""
        return self.position >= len(self.items)

    @property
    def item(self) -> Difference:
        """The difference that is looked at."""
        if self.is_done:
            raise StudyError("This is the end of the list.", hint="Go back, or quit")
        return self.items[self.position]

    @property
    def transcript(self) -> Transcript:
        """Its transcript."""
        return self.study.transcript(self.item.transcript)

    @property
    def segment(self) -> Segment:
        """Its segment."""
        return self.study.segment(f"{self.item.transcript}:{self.item.segment}")[1]

    @property
    def readings(self) -> tuple[Reading, Reading]:
        """What both coders said there: first who gave the code."""
        return self._look()[0]

    def _look(self) -> tuple[tuple[Reading, Reading], tuple[str, ...]]:
        """Return what both said, and the versions of what the consensus says, as they were seen last."""
        if self._seen is None:
            first = self.item.coder
            second = next(one for one in self.coders if one != first)
            stands = self._settle(self.item)
            self._seen = (self._read(first), self._read(second)), tuple(one.version for one in stands)
        return self._seen

    def _read(self, coder: str) -> Reading:
        found = self.study.codings_in(coder, self.item.transcript, self.segment.span)
        return Reading(
            coder,
            tuple(one for one in found if one.code == self.item.code),
            tuple(one for one in found if one.code != self.item.code and one.is_counted),
        )

    def _read_consensus(self, item: Difference) -> list[Coding]:
        _, segment = self.study.segment(f"{item.transcript}:{item.segment}")
        found = self.study.codings_in(self.consensus, item.transcript, segment.span)
        return [one for one in found if one.code == item.code]

    def verdict(self, item: Difference) -> Verdict | Literal["open"]:
        """Return what was said of a difference."""
        key = _key(item)
        return self._settled.get(key) or ("later" if key in self._later else "open")

    @property
    def n_differences(self) -> int:
        """How many differences there are, settled ones too."""
        return self.comparison.n_settled + len(self.comparison.differences)

    @property
    def n_open(self) -> int:
        """How many are not settled."""
        return sum(_key(item) not in self._settled for item in self.items)

    @property
    def progress(self) -> str:
        """How far one is: ``3 of 7 differences settled, 4 open``."""
        n_settled = self.n_differences - self.n_open
        return f"{n_settled} of {plural(self.n_differences, 'difference')} settled, {self.n_open} open"

    # -- going --------------------------------------------------------------------------------------------------------

    def back(self) -> None:
        """Go back by one."""
        self._go(self.position - 1)

    def forward(self) -> None:
        """Go on by one, without an answer."""
        self._go(self.position + 1)

    def begin_again(self) -> None:
        """Go to the first difference that is open."""
        self._go(-1)
        self._advance()

    def refresh(self) -> None:
        """Find the differences anew, and stay where one is, or at what comes behind it."""
        here = None if self.is_done else self._rank(self.item)
        self.comparison = self._compare()
        self._arrange()
        ranks = [self._rank(item) for item in self.items]
        self._go(len(ranks) if here is None else next((n for n, rank in enumerate(ranks) if rank >= here), len(ranks)))

    def _arrange(self) -> None:
        found = {_key(item): item for item in self.comparison.differences}
        given = {_key(item): item for item, _ in self._given}
        self.items = sorted((given | found).values(), key=self._rank)
        self._settled = {}
        for item in self.items:
            self._settle(item)

    def _rank(self, item: Difference) -> tuple[int, int, bool, str]:
        names, (_, segment) = self.study.transcript_ids(), self.study.segment(f"{item.transcript}:{item.segment}")
        return names.index(item.transcript), segment.span.start, item.coder != self.coders[0], item.code

    def _settle(self, item: Difference) -> list[Coding]:
        """Take in, and return, what the consensus says of a difference."""
        stands = self._read_consensus(item)
        self._settled.pop(_key(item), None)
        if stands:
            self._settled[_key(item)] = "yes" if any(one.is_counted for one in stands) else "no"
        return stands

    def _go(self, position: int) -> None:
        self.position = min(max(position, 0), len(self.items))
        self._seen = None

    def _advance(self) -> None:
        """Go on to what is open; a passage that reaches over several segments is settled in all of them."""
        coming = range(self.position + 1, len(self.items))
        self._go(next((n for n in coming if not self._settle(self.items[n])), len(self.items)))

    # -- settling -----------------------------------------------------------------------------------------------------

    def write_agreed(self) -> list[Event]:
        """Write into the consensus what both agree on."""
        events = self.study.write_agreed(self.comparison, consensus=self.consensus)
        if events:
            self.refresh()
        return events

    def answer(self, verdict: Verdict, *, instead: str = "", why: str = "") -> str:
        """Say whether the code belongs there, and go on; return what was done, in words.

        Parameters
        ----------
        verdict
            Whether it does, or ``later``.
        instead
            Id of the code that belongs there when neither coder was right; ``""``: none.
        why
            The reason, for the log.

        Raises
        ------
        ConflictError
            If it was changed since it was seen; it is seen anew now.
        StudyError
            If the consensus says so already.
        """
        item = self.item
        if verdict == "later":
            self._later.add(_key(item))
            self._advance()
            return f"{self._name(item)} is left for later."
        _, saw = self._look()
        try:
            event = self.study.adjudicate(
                item, is_right=verdict == "yes", consensus=self.consensus, saw=saw, instead=instead, why=why
            )
        except ConflictError:
            self.refresh()
            raise
        self._given.append((item, event))
        self._take_in(item.transcript)
        self._advance()
        other = f"; “{name_code(self.study, instead)}” is there instead" if instead else ""
        return f"{self._name(item)} is {'accepted' if verdict == 'yes' else 'not accepted'}{other}."

    def _take_in(self, transcript_id: str) -> None:
        for one in self.items:
            if one.transcript == transcript_id:
                self._settle(one)

    def add_code(self, name: str, *, under: str = "", definition: str = "") -> str:
        """Add a code, of which neither coder thought, to the codebook; return its id."""
        at = f"{self.item.transcript}:{self.item.segment}"
        code, steps = enter_code(self.study, at, name, under=under, definition=definition)
        self._added += steps
        return code

    # -- back and again -----------------------------------------------------------------------------------------------

    def undo(self) -> str:
        """Take back what was done last in this window: an answer, and go there, or after it that a code was added."""
        event = self._given[-1][1] if self._given else None
        if self._added and (event is None or self._added[-1].at >= event.at):
            step = self._added.pop()  # what cannot be taken back is forgotten
            step.turn(self.study, "undo")
            self._undone.append(step)
            return f"Undone: {step.change.rstrip('.')}."
        if event is None:
            raise StudyError(
                "You have not answered anything in this session.",
                hint=f"To undo earlier answers: qualcode undo --coder {self.consensus}",
            )
        item = self._given[-1][0]
        self.study.undo(self.consensus, item.transcript, event=event)
        self._undone.append(self._given.pop())
        self._return_to(item)
        return f"Undone: the answer to {self._name(item)}."

    def redo(self) -> str:
        """Do again what was taken back last in this window."""
        if not self._undone:
            raise StudyError("Nothing was undone in this session.")
        step = self._undone[-1]
        if isinstance(step, EditStep):
            step.turn(self.study, "redo")
            self._added.append(step)
            told = step.change.rstrip(".")
        else:
            item, event = step
            self.study.redo(self.consensus, item.transcript, event=event)
            self._given.append(step)
            self._return_to(item)
            told = f"the answer to {self._name(item)}"
        self._undone.pop()
        return f"Redone: {told}."

    def _return_to(self, item: Difference) -> None:
        self._take_in(item.transcript)
        self._go(next((n for n, one in enumerate(self.items) if _key(one) == _key(item)), self.position))

    def take_answers(self, lines: Iterable[str], show: Callable[[str], object]) -> None:
        """Show one difference after the other, and take an answer to each from a line: y, n, s (later) or q (quit).

        Raises
        ------
        StudyError
            If a line is none of them; it names the line. What was answered before stays.
        """
        answers = enumerate(lines, start=1)
        while not self.is_done:
            show(self.describe())
            number, line = next(answers, (0, "q"))
            try:
                told = read_verdict(line)
            except StudyError as error:
                raise StudyError(error.message, where=f"answer {number}", hint=error.hint) from error
            if told == "quit":
                return
            show(self.answer(told))

    def settle_from_table(self, data: bytes, name: str) -> tuple[int, int]:
        """Settle what a CSV says; see :meth:`qualcode.study.Study.adjudicate_from_table`."""
        done = self.study.adjudicate_from_table(self.coders, data, name, consensus=self.consensus)
        self.refresh()
        return done

    # -- in words -----------------------------------------------------------------------------------------------------

    def _name(self, item: Difference) -> str:
        return f"“{name_code(self.study, item.code)}” in {item.transcript}:{item.segment}"

    def describe(self) -> str:
        """Return the difference that is looked at, with the words and what both coders said of them."""
        item, segment = self.item, self.segment
        place = f"{self.position + 1}/{len(self.items)}  {item.transcript}:{item.segment}  {segment.speaker}".rstrip()
        lines = [place, self.transcript.quote(segment.span), f"“{name_code(self.study, item.code)}”"]
        lines += [f"  {line}" for reading in self.readings for line in self.describe_reading(reading)]
        return "\n".join([*lines, *filter(None, [self.describe_verdict()])])

    def describe_verdict(self) -> str:
        """Return what was said of the difference that is looked at; ``""`` while it is open."""
        told = {"yes": "Settled: accepted.", "no": "Settled: not accepted.", "later": "Left for later."}
        return told.get(self.verdict(self.item), "")

    def describe_reading(self, reading: Reading) -> Iterator[str]:
        """Yield what a coder said, with notes: of the code in question, then the other codes."""
        told = "gave it" if reading.has_code else "rejected it" if reading.codings else "did not give it"
        if not reading.codings:
            yield f"{reading.coder} {told}"
        for coding in reading.codings:
            yield f"{reading.coder} {told} on “{_one_line(coding.quote)}”{_tell_note(coding)}"
        for coding in reading.others:
            yield (
                f"{reading.coder} gave “{name_code(self.study, coding.code)}” on “{_one_line(coding.quote)}”"
                f"{_tell_note(coding)}"
            )

    def rows(self) -> list[dict[str, str]]:
        """Return the open differences as rows of a table: segment, code, coder, quote, and an empty verdict."""
        codebook = self.study.codebook
        rows = []
        for item in self.items:
            if _key(item) not in self._settled:
                try:
                    path = codebook.path(item.code)
                except CodebookError:  # the codebook has lost it
                    path = item.code
                quote = " … ".join(_one_line(one.quote) for one in item.codings)
                rows.append(
                    {"segment": f"{item.transcript}:{item.segment}", "code": path, "coder": item.coder,
                     "quote": quote, "verdict": ""}
                )  # fmt: skip
        return rows


def _key(item: Difference) -> tuple[str, ...]:
    return item.transcript, item.segment, item.code


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tell_note(coding: Coding) -> str:
    return f" ({_one_line(coding.note)})" if coding.note else ""
