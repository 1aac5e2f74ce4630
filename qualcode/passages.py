"""Passages of a transcript: which segments a span touches, and the words in it. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from qualcode.model import UNITS, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.model import Segment, Transcript, Unit

_HAN = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_HAN}]|[^\s{_HAN}]+")


class SegmentIndex:
    """The segments of a transcript by id and by place; a look-up does not cost the transcript.

    Parameters
    ----------
    transcript
        Which transcript; its segments of one kind must not overlap, and never do.

    Examples
    --------
    >>> from qualcode.model import Segment, Span, Transcript
    >>> segments = (Segment("t001", "turn", Span(0, 5)), Segment("t002", "turn", Span(6, 9)))
    >>> index = SegmentIndex(Transcript("P07", "Hello you", segments))
    >>> [segment.id for segment in index.touched("turn", Span(4, 7))]
    ['t001', 't002']
    """

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._by_id = {segment.id: segment for segment in transcript.segments}
        self._units: dict[Unit, Sequence[Segment]] = {kind: transcript.units(kind) for kind in UNITS}
        self._starts = {kind: [one.span.start for one in self._units[kind]] for kind in UNITS}

    def get(self, segment_id: str) -> Segment | None:
        """Return the segment of an id, or ``None``."""
        return self._by_id.get(segment_id)

    def units(self, kind: Unit) -> Sequence[Segment]:
        """Return the segments of one kind, in the order of the text."""
        return self._units[kind]

    def touched(self, kind: Unit, span: Span) -> Sequence[Segment]:
        """Return the segments of one kind that share a character with a span."""
        first = max(bisect_right(self._starts[kind], span.start) - 1, 0)
        last = bisect_left(self._starts[kind], span.end)
        return [one for one in self._units[kind][first:last] if one.span.overlaps(span)]


def trim(text: str, span: Span) -> Span | None:
    """Return a span without the blanks at its edges; ``None`` when nothing else is in it.

    Examples
    --------
    >>> trim("so  busy ", Span(2, 9))
    Span(start=4, end=8)
    """
    words = text[span.start : span.end]
    start = span.start + len(words) - len(words.lstrip())
    end = span.end - (len(words) - len(words.rstrip()))
    return Span(start, end) if start < end else None


def say_own(transcript: Transcript, start: int, end: int, speaker: str) -> tuple[str, ...]:
    r"""Return what a speaker says in a passage, turn by turn, without labels and without others who speak between.

    Examples
    --------
    >>> from qualcode.model import Segment, Span, Transcript
    >>> segments = (Segment("t001", "turn", Span(5, 8), "Ana"), Segment("t002", "turn", Span(12, 14), "Ben"))
    >>> say_own(Transcript("P07", "Ana: So.\nBen: Oh", segments), 0, 14, "Ana")
    ('So.',)
    """
    turns = transcript.columns("turn")
    first, last = bisect_right(turns.starts, start) - 1, bisect_left(turns.starts, end)
    touched = [row for row in range(max(first, 0), last) if turns.ends[row] > start]
    own = [row for row in touched if turns.names[turns.codes[row]] == speaker]
    texts = (transcript.text[max(turns.starts[row], start) : min(turns.ends[row], end)].strip() for row in own)
    return tuple(filter(None, texts))


def has_words(text: str) -> bool:
    """Tell whether there is a letter or a digit of any script in a text."""
    return any(mark.isalnum() for mark in text)


def move_edge(text: str, span: Span, edge: str, step: int, limit: Span) -> Span:
    """Return a span with one edge moved by a word: a run without blanks, or one Chinese character.

    Parameters
    ----------
    text, span
        The passage.
    edge
        ``start`` or ``end``.
    step
        Above 0: towards the end of the text; below: towards its beginning.
    limit
        Where the passage must stay, unless it lies outside already.
    """
    limit = limit | span
    found = [one.span() for one in _WORD.finditer(text, limit.start, limit.end)]
    nearest = min if step > 0 else max
    if edge == "start":
        starts = [one for one, _ in found if (one > span.start if step > 0 else one < span.start) and one < span.end]
        return Span(nearest(starts, default=span.start), span.end)
    ends = [one for _, one in found if (one > span.end if step > 0 else one < span.end) and one > span.start]
    return Span(span.start, nearest(ends, default=span.end))
