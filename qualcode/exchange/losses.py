"""What does not go through an exchange, or goes through as something else: counted, told, with examples."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import Problem
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

Weight = Literal["note", "warning"]

_EXAMPLES = 3
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of thing that was lost or changed on the way.

    Attributes
    ----------
    kind
        What it is: ``selections on pictures``.
    n
        How many.
    became
        What became of them: ``left out``.
    examples
        Up to three of them.
    where
        In which part of which file.
    level
        ``warning``: work of people is missing or a number could be another one. ``note``: a fact worth knowing.
    """

    kind: str
    n: int
    became: str
    examples: tuple[str, ...] = ()
    where: str = ""
    level: Weight = "warning"

    def record(self) -> dict[str, Any]:
        """Return the loss as a record for programs."""
        data = asdict(self)
        del data["level"]
        return {**data, "examples": list(self.examples)}

    def problem(self) -> Problem:
        """Return the loss as something that a command tells."""
        kind = f"{self.kind[:1].upper()}{self.kind[1:]}"
        told = f" {'; '.join(self.examples)}" if self.examples else ""
        more = " …" if self.n > len(self.examples) > 0 else ""
        said = f"{kind} ({self.n:,}): {self.became}.{told}{more}"
        return Problem(self.where, self.level, "exchange", said)


class LossList:
    """Collects losses, those of one kind in one record.

    Parameters
    ----------
    where
        The file that is read or written.
    """

    def __init__(self, where: str = "") -> None:
        self.where = where
        self._found: dict[tuple[str, str, str], Loss] = {}

    def add(self, kind: str, became: str, example: str = "", *, n: int = 1, level: Weight = "warning") -> None:
        """Count a loss."""
        key = kind, became, self.where
        known = self._found.get(key, Loss(kind, 0, became, (), self.where, level))
        shown = shorten(example, _SHOWN) if example else ""
        examples = known.examples
        if shown and shown not in examples and len(examples) < _EXAMPLES:
            examples = (*examples, shown)
        self._found[key] = Loss(kind, known.n + n, became, examples, self.where, known.level)

    def extend(self, losses: Iterable[Loss]) -> None:
        """Take in losses of an earlier step."""
        for one in losses:
            known = self._found.get((one.kind, one.became, one.where))
            n = one.n + (known.n if known else 0)
            examples = tuple(dict.fromkeys((*(known.examples if known else ()), *one.examples)))[:_EXAMPLES]
            self._found[one.kind, one.became, one.where] = Loss(one.kind, n, one.became, examples, one.where, one.level)

    def tell(self) -> tuple[Loss, ...]:
        """Return what was found, in the order in which it was."""
        return tuple(self._found.values())
