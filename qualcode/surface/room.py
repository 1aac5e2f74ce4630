"""What all that a page asks for needs: the study, who codes, and what was read before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qualcode.errors import CodebookError, StudyError
from qualcode.model import RULES_CODER
from qualcode.reviewing import Desk, ListedTenths, Suggesting

if TYPE_CHECKING:
    from qualcode.codebook import Codebook
    from qualcode.model import Segment, Span, Transcript
    from qualcode.reviewing import Blind
    from qualcode.study import Event, Study, Unsettled

Only = Literal["all", "assigned"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What of a transcript a page knows: five short texts, any of which is another one after a change.

    Attributes
    ----------
    own
        Id of the last event of the coder's sheet.
    rules
        The version of the suggestions.
    text
        Of the transcript and of who speaks in it.
    codebook
        Its digest; ``broken`` when it cannot be used.
    memos
        When a memo was written last.
    """

    own: str
    rules: str
    text: str
    codebook: str
    memos: str

    def __str__(self) -> str:
        return f"{self.own}.{self.rules}.{self.text}.{self.codebook}.{self.memos}"

    @classmethod
    def parse(cls, text: str) -> Stamp:
        """Return a stamp from its text; one that is none knows nothing."""
        parts = text.split(".")
        return cls(*parts) if len(parts) == 5 else cls("", "", "", "", "")  # noqa: PLR2004  # its five texts


@dataclass(frozen=True, slots=True)
class Settled:
    """A coding of which it was said where it belongs in a corrected text, so that this can be taken back.

    Attributes
    ----------
    entry
        As it stood in the list.
    act, span
        What was said of it.
    event
        What changed in the sheet; ``None``: nothing.
    """

    entry: Unsettled
    act: str
    span: Span | None
    event: Event | None


class Room:
    """A coder's study as pages see it; the acts themselves are those of :class:`qualcode.reviewing.Desk`.

    Parameters
    ----------
    study, coder
        Who codes what.
    only
        ``assigned``: only transcripts and turns that were drawn for the coder.
    blind
        As for :class:`~qualcode.reviewing.Desk`.
    """

    def __init__(self, study: Study, coder: str, *, only: Only = "all", blind: Blind = "kept") -> None:
        self.study = study
        self.desk = Desk(study, coder, blind=blind)
        self.coder = self.desk.coder
        self.only, self.blind = only, blind
        self.suggesting = Suggesting(study, self.coder)
        self.tenths = ListedTenths(self.desk.sight)
        self.settled: dict[str, Settled] = {}
        self._codebook: Codebook | None = None
        self._texts: dict[str, tuple[Transcript, str]] = {}

    # -- the codebook -------------------------------------------------------------------------------------------------

    def find_trouble(self) -> CodebookError | StudyError | None:
        """Return what is wrong with the codebook, or ``None``."""
        try:
            self._codebook = self.study.codebook
        except (CodebookError, StudyError) as error:
            return error
        return None

    @property
    def codebook(self) -> Codebook | None:
        """The codebook as it could be read last; ``None``: never."""
        self.find_trouble()
        return self._codebook

    # -- places -------------------------------------------------------------------------------------------------------

    def transcript_ids(self) -> list[str]:
        """Return the transcripts that the coder works on."""
        names = self.study.transcript_ids()
        if self.only == "all":
            return list(names)
        drawn = {address.rpartition(":")[0] for address in self.assigned()}
        return [name for name in names if name in drawn]

    def assigned(self) -> frozenset[str]:
        """Return the addresses of the segments that were drawn for the coder."""
        return self.study.assignment().get(self.coder, frozenset())

    def turns_on(self, name: str, span: Span) -> list[str]:
        """Return the ids of the turns that a passage touches."""
        return [turn.id for turn in self.study.index(name).touched("turn", span)]

    def address_of(self, name: str, span: Span) -> str:
        """Return the address of the first segment of the coder's unit that a passage touches.

        Raises
        ------
        StudyError
            If it touches none: it lies in a label, or beyond the text.
        """
        touched = self.study.index(name).touched(self.desk.unit_of(name), span)
        if not touched:
            raise StudyError("These words are not in a turn.", hint="Pick words in a turn")
        return f"{name}:{touched[0].id}"

    def is_seen(self, name: str, turn: Segment) -> int:
        """Return how far the coder has read a turn: 0 not, 1 in part, 2 whole."""
        history = self.study.history(self.coder, name)
        units = self.study.index(name).touched(self.desk.unit_of(name), turn.span)
        n_seen = sum(history.is_seen(one.id) for one in units)
        return 2 if units and n_seen == len(units) else 1 if n_seen else 0

    # -- what a page knows --------------------------------------------------------------------------------------------

    def stamp(self, name: str) -> Stamp:
        """Return what there is to know of a transcript at this moment."""
        trouble = self.find_trouble()
        rules = self.study.sheet(RULES_CODER, name)
        return Stamp(
            next(reversed(self.study.history(self.coder, name).events), ""),
            rules.version[:12] if rules else "",
            self._tell_text(name),
            "broken" if trouble or self._codebook is None else self._codebook.digest[:12],
            self._tell_memos(),
        )

    def _tell_text(self, name: str) -> str:
        transcript = self.study.transcript(name)
        known = self._texts.get(name)
        if known is None or known[0] is not transcript:
            turns = [(turn.id, turn.span.start, turn.speaker) for turn in transcript.units("turn")]
            told = repr((transcript.digest, sorted(transcript.interviewers), turns))
            digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]
            known = self._texts[name] = transcript, digest
        return known[1]

    def _tell_memos(self) -> str:
        try:
            return str(self.study.layout.memos.stat().st_mtime_ns)
        except OSError:
            return ""
