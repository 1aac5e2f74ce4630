"""Hits: where which rule of which code matched, held as columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from qualcode.model import Span


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
        For hits of rules made of several terms: the words that fulfilled each part.
    """

    text: Sequence[int]
    start: Sequence[int]
    end: Sequence[int]
    rule: Sequence[int]
    rules: tuple[RuleKey, ...]
    parts: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.text)

    def __iter__(self) -> Iterator[Hit]:
        return map(Hit, self.text, self.start, self.end, self.rule)

    def to_frame(self) -> pd.DataFrame:
        """Return a frame with ``text``, ``start``, ``end``, ``code`` (path) and ``rule`` (id), a row for each hit."""
        import pandas as pd

        frame = pd.DataFrame({"text": self.text, "start": self.start, "end": self.end}, dtype="int64")
        frame["code"] = [self.rules[number].code for number in self.rule]
        frame["rule"] = [self.rules[number].rule for number in self.rule]
        return frame
