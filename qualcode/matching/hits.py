"""Hits: where which rule of which code matched, held as columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from qualcode.language import NormalText
    from qualcode.matching.evaluation import Place

    Column = Sequence[int] | npt.NDArray[np.int64]


class Hit(NamedTuple):
    """One match of one rule.

    Attributes
    ----------
    text
        Position of the text among those that were searched.
    start, end
        Where in that text, half-open, in code points.
    rule
        Position of the rule in :attr:`Hits.rules`.
    """

    text: int
    start: int
    end: int
    rule: int


@dataclass(frozen=True, slots=True)
class RuleKey:
    """Which rule: id and path of its code, and its own id, unique in the code."""

    code_id: str
    code: str
    rule: str


@dataclass(frozen=True, slots=True)
class Hits:
    """Every match of every rule in some texts, sorted by text, start, end and the codebook's order.

    Attributes
    ----------
    text, start, end, rule
        Columns of equal length; see :class:`Hit`.
    rules
        What the numbers in ``rule`` stand for, in the codebook's order.
    parts
        For hits of rules made of several terms, by their position: text, start and end of what fulfilled each.
    """

    text: Column
    start: Column
    end: Column
    rule: Column
    rules: tuple[RuleKey, ...]
    parts: Mapping[int, tuple[Place, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.text)

    def __iter__(self) -> Iterator[Hit]:
        return map(Hit, *(map(int, column) for column in (self.text, self.start, self.end, self.rule)))

    def to_frame(self) -> pd.DataFrame:
        """Return a frame with ``text``, ``start``, ``end``, ``code`` (path) and ``rule`` (id), a row for each hit."""
        import numpy as np
        import pandas as pd

        rule = np.asarray(self.rule, np.int64)
        names = {"code": [key.code for key in self.rules], "rule": [key.rule for key in self.rules]}
        frame = pd.DataFrame({"text": self.text, "start": self.start, "end": self.end}, dtype="int64")
        for name, values in names.items():
            frame[name] = pd.Series(values, dtype="str").take(rule).array
        return frame


def relocate(hits: Hits, moved: Mapping[int, NormalText]) -> Hits:
    """Return hits in texts that were brought to normal form as hits in the originals."""
    if not moved:
        return hits
    starts, ends = list(hits.start), list(hits.end)
    for number, text in enumerate(hits.text):
        normal = moved.get(text)
        if normal is not None:
            starts[number], ends[number] = normal.locate(starts[number], ends[number])
    parts = {number: relocate_places(places, moved) for number, places in hits.parts.items()}
    return replace(hits, start=_like(hits.start, starts), end=_like(hits.end, ends), parts=parts)


def _like(column: Column, values: list[int]) -> Column:
    """Return values as the kind of column that another is."""
    if isinstance(column, tuple):
        return tuple(values)
    import numpy as np

    return np.array(values, np.int64)


def relocate_places(places: tuple[Place, ...], moved: Mapping[int, NormalText]) -> tuple[Place, ...]:
    """Return places in texts that were brought to normal form as places in the originals."""
    return tuple(_relocate_place(place, moved.get(place.text)) for place in places)


def _relocate_place(place: Place, normal: NormalText | None) -> Place:
    if normal is None:
        return place
    start, end = normal.locate(place.start, place.end)
    return place._replace(start=start, end=end)
