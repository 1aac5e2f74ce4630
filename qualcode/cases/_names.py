"""Cases as a tuple, and the columns of their table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qualcode.model import Case
from qualcode.signs import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.errors import Problem

CASE_COLUMN, TRANSCRIPT_COLUMN, SPEAKER_COLUMN = "case", "transcript", "speaker"


class Cases(tuple[Case, ...]):  # noqa: SLOT001  # a tuple cannot have named slots
    """The cases of a table in its order.

    Attributes
    ----------
    problems
        What the reader wants the user to know; nothing that kept the table from being used.
    """

    problems: tuple[Problem, ...]

    def __new__(cls, cases: Iterable[Case] = (), problems: Iterable[Problem] = ()) -> Self:
        """Make a tuple that remembers what its reader found."""
        self = super().__new__(cls, cases)
        self.problems = tuple(problems)
        return self

    def _repr_html_(self) -> str:
        names = attribute_names(self)
        head = "".join(f"<th>{escape(name)}</th>" for name in (CASE_COLUMN, *names))
        body = "".join(
            f"<tr><td>{escape(case.id)}</td>"
            + "".join(f"<td>{escape(case.attributes.get(name, ''))}</td>" for name in names)
            + "</tr>"
            for case in self
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def attribute_names(cases: Iterable[Case]) -> tuple[str, ...]:
    """Return the names of all attributes, in the order in which they first occur."""
    return tuple(dict.fromkeys(name for case in cases for name in case.attributes))
