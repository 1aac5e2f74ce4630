"""The types that carry the whole program: transcripts, segments, codings, sheets, cases.

Everything is a frozen value; references are ids, never objects. Offsets are code points of
``Transcript.text`` and half-open. Standard library only, no I/O, no clock.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from qualcode.segments import ID_WIDTHS, UNITS, Segment, SegmentColumns, Segments, Span, Unit, unite
from qualcode.signs import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.errors import Problem

__all__ = [
    "CONSENSUS_CODER",
    "COUNTED_VERDICTS",
    "ID_WIDTHS",
    "RULES_CODER",
    "UNITS",
    "Case",
    "Coding",
    "Comment",
    "Evidence",
    "Memo",
    "Segment",
    "SegmentColumns",
    "Segments",
    "Sheet",
    "Source",
    "Span",
    "Transcript",
    "Unit",
    "Verdict",
    "canonical_text",
    "is_machine",
    "many_objects",
    "text_digest",
    "unite",
]

Verdict = Literal["suggested", "accepted", "applied", "rejected"]

RULES_CODER = "rules"
"""The coder whose sheets the rule tagger writes."""

CONSENSUS_CODER = "consensus"
"""The coder whose sheets say what was settled where people differ: no further person."""

_MACHINES = frozenset({"learned", "model"})


def is_machine(coder: str) -> bool:
    """Tell whether a coder's name is that of what was learned, or of a model: nothing of theirs counts as coded.

    Examples
    --------
    >>> is_machine("Learned"), is_machine("model:llama"), is_machine("ana")
    (True, True, False)
    """
    return coder.strip().casefold().partition(":")[0] in _MACHINES


COUNTED_VERDICTS: frozenset[Verdict] = frozenset({"suggested", "accepted", "applied"})
"""The verdicts under which a coding stands for its code; a rejected one is kept and not counted."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a transcript came from and what reading it left out.

    Attributes
    ----------
    name
        The file's name, without its folder.
    format
        The reader that took it, such as ``docx`` or ``txt``.
    digest
        SHA-256 of the file's bytes, in hexadecimal; ``""`` for a transcript built in code.
    encoding
        Character encoding of a text file; ``""`` where the format settles it.
    left_out
        What the file held and the transcript does not, counted: ``{"comments": 2, "deletions": 1}``.
    problems
        What the reader wants the user to know.
    """

    name: str = ""
    format: str = ""
    digest: str = ""
    encoding: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@contextlib.contextmanager
def many_objects() -> Iterator[None]:
    """Spare the collector of cyclic garbage the many objects that files are read into; none of them is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote beside a passage in the file that a transcript was read from.

    Attributes
    ----------
    author
        Who.
    text
        What.
    start, end
        The passage, in characters of the transcript's text, the end excluded; the same for a comment on a place
        between two characters. ``None``: the passage is not in the text, as when it was deleted.
    at
        When, as the file says it.
    """

    author: str
    text: str
    start: int | None = None
    end: int | None = None
    at: str = ""


def canonical_text(text: str) -> str:
    r"""Return text in the form that every offset refers to: NFC, and ``\\n`` as the only line end."""
    if text.isascii() and "\r" not in text:
        return text
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Transcript:
    r"""One interview: its whole text and the segments that were found in it.

    Attributes
    ----------
    id
        The file's name without its ending, unless the study says otherwise.
    text
        The whole transcript, faithfully, in canonical form (see :func:`canonical_text`). Speaker labels and
        time stamps stay in it and belong to no segment.
    segments
        Turns, paragraphs and sentences in the order of the text; of one place, the wider first. Whatever sequence is
        given, it is held as :class:`Segments`.
    language
        Code of the main language (``en``, ``zh`` …).
    source
        The file behind it.
    interviewers
        The speaker labels whose turns are interviewer talk.
    comments
        What people wrote beside the text, in Word or another program.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("P1.txt").write_text("Interviewer: How was it?\n\nMei: The rain came late. We waited.\n")
    >>> transcript = qualcode.read_transcript("P1.txt")
    >>> transcript.speakers, transcript.interviewers
    (('Interviewer', 'Mei'), frozenset({'Interviewer'}))
    """

    id: str
    text: str
    segments: Sequence[Segment]
    language: str = "en"
    source: Source = field(default_factory=Source)
    interviewers: frozenset[str] = frozenset()
    comments: tuple[Comment, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", Segments.of(self.segments))

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return text_digest(self.text)

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speaker labels in the order in which they first speak."""
        turns = self.columns("turn")
        return tuple([turns.names[code] for code in dict.fromkeys(turns.codes)])

    def units(self, kind: Unit) -> tuple[Segment, ...]:
        """Return the segments of one kind in the order of the text.

        Parameters
        ----------
        kind
            ``turn``, ``paragraph`` or ``sentence``.

        Returns
        -------
        tuple of Segment
            Those of that kind.

        Examples
        --------
        >>> [transcript.quote(one.span) for one in transcript.units("sentence")]
        ['How was it?', 'The rain came late.', 'We waited.']
        """
        return self.columns(kind).segments

    def columns(self, kind: Unit) -> SegmentColumns:
        """Return the segments of one kind as columns, of which no object is made.

        Parameters
        ----------
        kind
            ``turn``, ``paragraph`` or ``sentence``.

        Returns
        -------
        SegmentColumns
            Starts, ends, speakers and times, a row for each segment, in the order of the text.

        Examples
        --------
        >>> turns = transcript.columns("turn")
        >>> list(turns.starts), [turns.names[code] for code in turns.codes]
        ([13, 31], ['Interviewer', 'Mei'])
        """
        return cast("Segments", self.segments).columns(kind)

    def quote(self, span: Span) -> str:
        """Return exactly the text that a span covers.

        Parameters
        ----------
        span
            A stretch of :attr:`text`.

        Returns
        -------
        str
            Its characters, as they stand there.

        Examples
        --------
        >>> transcript.quote(transcript.units("turn")[1].span)
        'The rain came late. We waited.'
        """
        return self.text[span.start : span.end]

    def is_interviewer(self, segment: Segment) -> bool:
        """Tell whether a segment is interviewer talk.

        Parameters
        ----------
        segment
            One of :attr:`segments`.

        Returns
        -------
        bool
            Whether its speaker is one of :attr:`interviewers`.

        Examples
        --------
        >>> [transcript.is_interviewer(turn) for turn in transcript.units("turn")]
        [True, False]
        """
        return segment.speaker in self.interviewers

    def __repr__(self) -> str:
        n_turns, speakers = len(self.columns("turn")), ", ".join(self.speakers)
        return f"<Transcript {self.id}: {len(self.text)} characters, {n_turns} turns of {speakers or 'no speaker'}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(turn.id)}</td><td><b>{escape(turn.speaker)}</b></td>"
            f"<td style='text-align:left;white-space:pre-wrap'>{escape(self.quote(turn.span))}</td></tr>"
            for turn in self.units("turn")
        )
        return (
            f"<p><b>{escape(self.id)}</b> ({escape(self.language)})</p>"
            f"<div style='max-height:30em;overflow:auto'><table>{rows}</table></div>"
        )


@dataclass(frozen=True, slots=True)
class Case:
    """Who or what the claims are about: a participant, a school, a company.

    Attributes
    ----------
    id
        Unique in the study.
    attributes
        What the table of cases says about it, as text: ``{"role": "manager"}``.
    voices
        The pairs of transcript id and speaker label in which the case speaks; ``""`` in a pair stands for
        any. Empty: the case speaks in the transcript, or under the label, that has its id.
    where
        The line of the table of cases that it comes from, as in :class:`~qualcode.errors.Problem`.
    """

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    voices: tuple[tuple[str, str], ...] = ()
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a rule tagged a passage.

    Attributes
    ----------
    rule
        Id of the rule, unique in its code.
    spans
        The words in the transcript that fulfilled it.
    """

    rule: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """One code laid on one passage by one coder.

    Attributes
    ----------
    transcript, span
        The passage.
    code
        Id of the code (never its path, which may change).
    coder
        Who coded; :data:`RULES_CODER` for the rule tagger.
    verdict
        ``suggested`` by rules; ``accepted`` or ``rejected`` by a person who was shown a suggestion; ``applied``
        by a person alone.
    quote
        The passage's words: an anchor that outlives a corrected transcript.
    evidence
        The rules that fired and where, in the order of the text.
    origin
        How it came about: ``rules``, ``hand``, or the name of an import.
    note
        The coder's remark.
    at
        When, in ISO 8601 with time zone; ``""`` for rules, which give the same result at any time.
    is_picked
        Whether the coder chose it as a quote for reports.
    """

    transcript: str
    span: Span
    code: str
    coder: str
    verdict: Verdict
    quote: str
    evidence: tuple[Evidence, ...] = ()
    origin: str = "hand"
    note: str = ""
    at: str = ""
    is_picked: bool = False

    @property
    def is_counted(self) -> bool:
        """Tell whether the coding stands for its code in tables."""
        return self.verdict in COUNTED_VERDICTS

    @property
    def version(self) -> str:
        """Names what stands here: 16 hexadecimal digits that are others after every act on the coding."""
        place = self.transcript, self.span.start, self.span.end, self.code
        told = *place, self.coder, self.verdict, self.note, self.at, *(["picked"] if self.is_picked else [])
        return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One coder's work on one transcript.

    Attributes
    ----------
    transcript, coder
        Whose work on what.
    unit
        The kind of segment that was looked at.
    text_digest, codebook_digest
        The versions of transcript and codebook that were coded.
    seen
        Ids of the segments of that kind that the coder looked at: seen and uncoded is a zero, not seen is missing.
    codings
        Sorted by span, then code.
    version
        Names the state of the sheet in its study that this one was read from; ``""`` for one built in code.
    """

    transcript: str
    coder: str
    unit: Unit
    text_digest: str
    codebook_digest: str
    seen: frozenset[str] = frozenset()
    codings: Sequence[Coding] = ()
    version: str = field(default="", compare=False)

    def __repr__(self) -> str:
        return (
            f"<Sheet: {len(self.codings)} codings by {self.coder} on {self.transcript}, "
            f"{len(self.seen)} {self.unit}s seen>"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{one.span.start}</td><td>{escape(one.code)}</td><td>{escape(one.verdict)}</td>"
            f"<td style='text-align:left;white-space:pre-wrap'>{escape(one.quote)}</td><td>{escape(one.note)}</td></tr>"
            for one in self.codings
        )
        head = "".join(f"<th>{name}</th>" for name in ("at", "code", "verdict", "quote", "note"))
        return (
            f"<p>{escape(repr(self)[1:-1])}</p>"
            f"<div style='max-height:30em;overflow:auto'><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table></div>"
        )


@dataclass(frozen=True, slots=True)
class Memo:
    """A researcher's note about something.

    Attributes
    ----------
    id
        Unique in the study.
    about
        What it is about: ``study``, ``code:ID``, ``case:ID``, ``TRANSCRIPT:SEGMENT`` or ``TRANSCRIPT:START-END``.
    text
        Markdown.
    author, at
        Who wrote it, several parted by commas, and when last, in ISO 8601; ``""``: it does not say.
    is_private
        Whether it is marked as its author's own, to be left out of what goes to others.
    flag
        ``open``: a passage to come back to, and why; ``settled``: somebody did. ``""``: a memo.
    """

    id: str
    about: str
    text: str
    author: str = ""
    at: str = ""
    is_private: bool = False
    flag: Literal["", "open", "settled"] = ""

    @property
    def digest(self) -> str:
        """Names this state of the memo: SHA-256 of its text, in hexadecimal."""
        return text_digest(self.text)
