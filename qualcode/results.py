"""What an analysis gives: a frame, the sentence that says it, and its problems; it shows itself wherever it is."""

from __future__ import annotations

from dataclasses import dataclass, fields
from textwrap import fill
from typing import TYPE_CHECKING, Any

from qualcode.cells import write_csv
from qualcode.language import count_columns
from qualcode.signs import escape
from qualcode.spreadsheets import disarm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from qualcode.errors import Problem

DECIMALS = 12
"""Of numbers in frames: those behind depend on the order in which a processor adds."""

_LINE = 100
"""Characters a line of a sentence below a table."""

_MOST_ROWS = 60
"""Rows of a table in a notebook or on a screen; the frame has them all."""


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """What an analysis gives.

    Attributes
    ----------
    frame
        The numbers, one thing a row.
    sentence
        What they say and refer to, fit for a paper.
    problems
        Why a number is missing, and what to be careful with.
    """

    frame: pd.DataFrame
    sentence: str
    problems: tuple[Problem, ...]

    @property
    def caption(self) -> str:
        """The sentence, with what to be careful with."""
        return " ".join([self.sentence, *(problem.message for problem in self.problems)])

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: the columns that matter most, as texts and numbers."""
        return self.frame

    def __getitem__(self, name: str) -> Any:
        """Return a part of the result by its name, such as ``curve``; of no such part, a column of the frame."""
        return getattr(self, name) if name in self._parts else self.frame[name]

    @property
    def _parts(self) -> frozenset[str]:
        return frozenset(one.name for one in fields(self))

    def to_csv(self) -> bytes:
        """Return the frame as CSV that Excel opens, in which no text becomes a formula.

        Returns
        -------
        bytes
            In UTF-8.

        Examples
        --------
        >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
        >>> qualcode.talk(transcripts).to_csv().decode("utf-8-sig")[:18]
        'transcript,speaker'
        """
        return b"\xef\xbb\xbf" + b"".join(write_csv(self.frame, change=disarm))

    def __str__(self) -> str:
        shown = self.shown.head(_MOST_ROWS)
        cells = [[str(name), *(as_cell(value) for value in shown[name])] for name in shown]
        widths = [max(map(count_columns, column)) for column in cells]
        is_number = [shown[name].dtype.kind in "iuf" for name in shown]
        lines = [
            "  ".join(_pad(cell, width, right=right) for cell, width, right in zip(row, widths, is_number, strict=True))
            for row in zip(*cells, strict=True)
        ]
        return "\n".join([*(line.rstrip() for line in lines), *self._say_more(), "", fill(self.caption, _LINE)])

    __repr__ = __str__

    def _say_more(self) -> list[str]:
        more = len(self.shown) - _MOST_ROWS
        return [f"… and {more:,} rows more"] if more > 0 else []

    def _repr_html_(self) -> str:
        shown = self.shown.head(_MOST_ROWS)
        head = "".join(f"<th>{escape(str(name))}</th>" for name in shown)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(as_cell(value))}</td>' for value in row)}</tr>"
            for row in shown.itertuples(index=False)
        )
        caption = escape(" ".join([*self._say_more(), self.caption]))
        return (
            f"<table><caption style='caption-side:bottom;text-align:left'>{caption}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def make_frame(rows: Iterable[Sequence[object]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return rows as a frame with these columns, of these types even when there is no row.

    Examples
    --------
    >>> make_frame([], {"term": "str", "n": "int64"})["n"].dtype
    dtype('int64')
    """
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(dtypes)).astype(dict(dtypes))


def as_cell(value: object) -> str:
    """Return a value as a cell shows it: on one line, and ``–`` for what is not there.

    Examples
    --------
    >>> as_cell(0.25), as_cell(float("nan")), as_cell("so\\nbusy"), as_cell(True)
    ('0.25', '–', 'so busy', 'yes')
    """
    if str(value) in {"None", "nan", "<NA>"} and not isinstance(value, str):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return " ".join(str(value).split())


def _pad(cell: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - count_columns(cell))
    return blanks + cell if right else cell + blanks
