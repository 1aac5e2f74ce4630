"""Stretches of a transcript's text: spans, segments, and many segments held as columns.

A study of two hundred interviews has a quarter of a million segments. Who reads or counts them all takes columns, in
which a segment is a row; an object is made of a segment when somebody touches it. Standard library only.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Unit = Literal["turn", "paragraph", "sentence"]

UNITS: tuple[Unit, ...] = ("turn", "paragraph", "sentence")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a transcript's text: half-open, in code points, never empty.

    ::

        a        |-------|
        b             |------|
        a & b         |--|
        a | b    |-----------|      the smallest span that covers both

    Raises
    ------
    ValueError
        If ``start`` is negative or not below ``end``.

    Examples
    --------
    >>> rain, late = qualcode.Span(4, 8), qualcode.Span(6, 18)
    >>> rain & late, rain | late
    (Span(start=6, end=8), Span(start=4, end=18))
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span must not be empty or negative: {self.start}–{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def __and__(self, other: Span) -> Span | None:
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None

    def __or__(self, other: Span) -> Span:
        return Span(min(self.start, other.start), max(self.end, other.end))

    def __contains__(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two have at least one code point in common.

        Parameters
        ----------
        other
            Another span of the same text.

        Returns
        -------
        bool
            Whether they do; spans that only touch do not.

        Examples
        --------
        >>> rain.overlaps(late), rain.overlaps(qualcode.Span(8, 12))
        (True, False)
        """
        return self.start < other.end and other.start < self.end

    def share(self, other: Span) -> float:
        """Return how much of this span another one covers.

        Parameters
        ----------
        other
            Another span of the same text.

        Returns
        -------
        float
            From 0 to 1.

        Examples
        --------
        >>> rain.share(late)
        0.5
        """
        common = self & other
        return len(common) / len(self) if common else 0.0

    def shift(self, offset: int) -> Span:
        """Return the span moved.

        Parameters
        ----------
        offset
            By how many code points; below 0 towards the beginning.

        Returns
        -------
        Span
            Of the same length.

        Examples
        --------
        >>> rain.shift(10)
        Span(start=14, end=18)
        """
        return Span(self.start + offset, self.end + offset)


def unite(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the union of spans as sorted spans that neither overlap nor touch."""
    united: list[Span] = []
    for span in sorted(spans):
        if united and span.start <= united[-1].end:
            united[-1] |= span
        else:
            united.append(span)
    return tuple(united)


@dataclass(frozen=True, slots=True)
class Segment:
    """A turn, paragraph or sentence of a transcript.

    Attributes
    ----------
    id
        Unique in its transcript and frozen at import: ``t001``, ``p001``, ``s0001`` and so on.
    kind
        ``turn``, ``paragraph`` or ``sentence``; sentences nest in paragraphs, paragraphs in turns.
    span
        Where its words stand; the speaker label and time stamp before them lie outside.
    speaker
        The label as written, without colon; ``""`` when the file names none.
    time
        Seconds from the start of the recording at which it begins, when the file says so.
    """

    id: str
    kind: Unit
    span: Span
    speaker: str = ""
    time: float | None = None


@dataclass(frozen=True, eq=False)
class SegmentColumns:
    r"""The segments of one kind as columns: a row is a segment, rows are in the order of the text.

    Attributes
    ----------
    kind
        What segments they are.
    starts, ends
        Their spans, 64 bits each; ``numpy.asarray`` takes them as they are, without a copy.
    codes, names
        Who speaks in each: the place of the label in ``names``, 32 bits each.
    times
        Row to seconds, of the segments that have a time.
    given_ids
        Their ids, where these are not numbered through the transcript from 1.

    Notes
    -----
    With numpy, the turn of each sentence and whether an interviewer speaks in it are::

        turns, sentences = transcript.columns("turn"), transcript.columns("sentence")
        turn = np.searchsorted(np.asarray(turns.starts), np.asarray(sentences.starts), side="right") - 1
        asks = np.array([name in transcript.interviewers for name in sentences.names])[np.asarray(sentences.codes)]

    ``ids`` and ``segments`` are made when first asked for; rows cost no object until then.
    """

    kind: Unit
    starts: array[int]
    ends: array[int]
    codes: array[int]
    names: tuple[str, ...]
    times: Mapping[int, float] = field(default_factory=dict)
    given_ids: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The id of each row: ``t001``, ``p001``, ``s0001``, of more digits where there are more segments."""
        if self.given_ids is not None:
            return self.given_ids
        return number_ids(self.kind, len(self))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The rows as objects."""
        kind, names, times = self.kind, self.names, self.times
        rows = zip(self.ids, self.starts, self.ends, self.codes, strict=True)
        return tuple([
            Segment(id_, kind, Span(start, end), names[code], times.get(row))
            for row, (id_, start, end, code) in enumerate(rows)
        ])  # fmt: skip


ID_WIDTHS: Mapping[Unit, int] = {"turn": 3, "paragraph": 3, "sentence": 4}
"""Digits at least of the ids of segments, which are numbered through a transcript."""


_IDS: dict[Unit, list[str]] = {kind: [] for kind in UNITS}
# The same in all transcripts, of which a study has hundreds: each id is made once.


def number_ids(kind: Unit, n_segments: int) -> tuple[str, ...]:
    """Return the ids of so many segments of one kind, numbered from 1."""
    known, letter, width = _IDS[kind], kind[0], ID_WIDTHS[kind]
    if len(known) < n_segments:  # replaced, not added to: another thread may be at it
        known = _IDS[kind] = [f"{letter}{number:0{width}}" for number in range(1, n_segments + 1)]
    return tuple(known[:n_segments])


def columns_of(kind: Unit, segments: Sequence[Segment]) -> SegmentColumns:
    """Return segments of one kind as columns."""
    codes: dict[str, int] = {}
    columns = SegmentColumns(
        kind,
        array("q", [one.span.start for one in segments]),
        array("q", [one.span.end for one in segments]),
        array("i", [codes.setdefault(one.speaker, len(codes)) for one in segments]),
        tuple(codes),
        {row: one.time for row, one in enumerate(segments) if one.time is not None},
        tuple([one.id for one in segments]),
    )
    columns.__dict__["segments"] = tuple(segments)
    return columns


Item = TypeVar("Item")


class MadeWhenTouched(Sequence[Item]):
    """Columns that look like a tuple of objects, which are made when one is touched."""

    __slots__ = ("_whole",)

    def __init__(self, whole: tuple[Item, ...] | None = None) -> None:
        self._whole = whole

    def _make(self) -> Iterable[Item]:
        """Return the objects."""
        raise NotImplementedError

    @property
    def _tuple(self) -> tuple[Item, ...]:
        if self._whole is None:
            self._whole = tuple(self._make())
        return self._whole

    @overload
    def __getitem__(self, at: int) -> Item: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Item, ...]: ...

    def __getitem__(self, at: int | slice) -> Item | tuple[Item, ...]:
        return self._tuple[at]

    def __len__(self) -> int:
        return len(self._tuple)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._tuple)

    def __add__(self, other: object) -> tuple[Item, ...]:
        return (*self, *other) if isinstance(other, MadeWhenTouched | tuple) else NotImplemented

    def __radd__(self, other: object) -> tuple[Item, ...]:
        return (*other, *self) if isinstance(other, tuple) else NotImplemented

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MadeWhenTouched):
            return self is other or self._tuple == other._tuple
        return self._tuple == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._tuple)

    def __repr__(self) -> str:
        return repr(self._tuple)


class Segments(MadeWhenTouched[Segment]):
    """The segments of a transcript: they look like a tuple, and are columns of which objects are made when touched.

    Parameters
    ----------
    turns, paragraphs
        SegmentColumns in which the one nest in the other.
    find_sentences
        Returns the columns of sentences, which nest in paragraphs; called when somebody first asks for them. To be
        taken to another process it must be a function of a module, or a ``functools.partial`` of one.
    """

    __slots__ = ("_columns", "_find_sentences")

    def __init__(
        self, turns: SegmentColumns, paragraphs: SegmentColumns, find_sentences: Callable[[], SegmentColumns]
    ) -> None:
        super().__init__()
        self._columns: dict[Unit, SegmentColumns] = {"turn": turns, "paragraph": paragraphs}
        self._find_sentences: Callable[[], SegmentColumns] | None = find_sentences

    @classmethod
    def of(cls, segments: Iterable[Segment]) -> Segments:
        """Return segments that are objects already, in their order; columns are made of them when asked for."""
        if isinstance(segments, cls):
            return segments
        made = cls.__new__(cls)
        made._columns, made._find_sentences, made._whole = {}, None, tuple(segments)  # noqa: SLF001
        return made

    @property
    def has_sentences(self) -> bool:
        """Whether the sentences were found already."""
        return self._find_sentences is None or "sentence" in self._columns

    def columns(self, kind: Unit) -> SegmentColumns:
        """Return the segments of one kind as columns."""
        found = self._columns.get(kind)
        if found is None:
            if self._find_sentences is not None:
                found = self._find_sentences()
            else:
                found = columns_of(kind, [one for one in self._whole or () if one.kind == kind])
            # Of two threads that ask at once, both get what came first.
            found = self._columns.setdefault(kind, found)
        return found

    def _make(self) -> Iterable[Segment]:
        every = [one for kind in UNITS for one in self.columns(kind).segments]
        return sorted(every, key=lambda one: one.span.start)

    def __len__(self) -> int:
        return len(self._whole) if self._whole is not None else sum(len(self.columns(kind)) for kind in UNITS)
