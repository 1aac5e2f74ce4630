"""What stands on a passage: suggestions of the rules with a coder's answers, and what the coder gave by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qualcode.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qualcode.model import Coding, Span


@dataclass(frozen=True, slots=True)
class Item:
    """A segment to look at.

    Attributes
    ----------
    transcript, segment
        Their ids.
    """

    transcript: str
    segment: str

    @property
    def address(self) -> str:
        """How the command line names it: ``P07:t012``."""
        return f"{self.transcript}:{self.segment}"


Kind = Literal["missed", "likely", "doubtful"]
"""Read and perhaps missed; not read, the likeliest of a code first; coded, and unlike the rest."""


@dataclass(frozen=True, slots=True)
class Hunch:
    """A suggestion that was learned.

    Attributes
    ----------
    kind
        In which list.
    item
        The segment.
    span
        The segment's words; of a doubtful coding, its passage.
    code
        The code's id.
    word
        ``likely``, ``possible``, or ``""``: ranked alone.
    quote
        Its words.
    words
        Where the words stand that carry it, in the order in which they matter.
    is_spread
        Whether no five words carry it.
    near
        Two passages most like it to which the coder gave the code, with their segments.
    coding
        Of a doubtful one: the coder's own.
    """

    kind: Kind
    item: Item
    span: Span
    code: str
    word: str
    quote: str
    words: tuple[Span, ...]
    is_spread: bool
    near: tuple[tuple[Item, Span], ...]
    coding: Coding | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A code on a passage.

    Attributes
    ----------
    code
        Its id.
    suggestion
        What the rules suggest, if they do.
    own
        What the coder decided, if anything.
    hunch
        What was learned from the coder's own work, where that was asked for.
    """

    code: str
    suggestion: Coding | None
    own: Coding | None
    hunch: Hunch | None = None

    @property
    def span(self) -> Span:
        """The passage: the coder's, or else the suggested one."""
        found = self.own or self.suggestion or self.hunch
        if found is None:  # pragma: no cover  # an entry is made of one of them
            raise StudyError("This entry has no passage.")
        return found.span

    @property
    def quote(self) -> str:
        """The words of the passage."""
        found = self.own or self.suggestion or self.hunch
        return found.quote if found else ""

    @property
    def verdict(self) -> str:
        """``accepted``, ``rejected``, ``applied``, or ``suggested`` while undecided."""
        return self.own.verdict if self.own else "suggested"

    @property
    def is_undecided(self) -> bool:
        """Whether it waits for an answer."""
        return self.own is None


def join_entries(suggestions: Iterable[Coding], own: Iterable[Coding]) -> list[Entry]:
    """Return suggestions with what was decided on them, and codes given by hand, in the order of the text.

    A coder's coding answers every suggestion of its code with which it shares a character; it is shown with the first.

    Parameters
    ----------
    suggestions, own
        Codings of the rules, and of the coder, on one transcript.
    """
    mine: dict[str, list[Coding]] = {}
    for coding in sorted(own, key=_place):
        mine.setdefault(coding.code, []).append(coding)
    theirs: dict[str, list[Coding]] = {}
    for coding in sorted(suggestions, key=_place):
        theirs.setdefault(coding.code, []).append(coding)
    entries = [
        entry for code in mine.keys() | theirs.keys() for entry in _join(theirs.get(code, []), mine.get(code, []))
    ]
    return sorted(entries, key=lambda entry: (entry.span, entry.code))


def _place(coding: Coding) -> Span:
    return coding.span


def _join(suggestions: list[Coding], own: list[Coding]) -> Iterator[Entry]:
    """Yield the entries of one code; what lies behind is dropped on the way, so that it costs what there is."""
    used: set[int] = set()
    near: list[tuple[int, Coding]] = []
    coming = 0
    for suggestion in suggestions:
        near = [one for one in near if one[1].span.end > suggestion.span.start]
        while coming < len(own) and own[coming].span.start < suggestion.span.end:
            near.append((coming, own[coming]))
            coming += 1
        answers = [one for one in near if one[1].span.overlaps(suggestion.span)]
        fresh = next((one for one in answers if one[0] not in used), None)
        if fresh is not None:
            used.add(fresh[0])
            yield Entry(suggestion.code, suggestion, fresh[1])
        elif not answers:
            yield Entry(suggestion.code, suggestion, None)
    yield from (Entry(one.code, None, one) for number, one in enumerate(own) if number not in used)
