"""What a question found, and how a person sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from qualcode.language import count_columns
from qualcode.results import Result
from qualcode.wording import shorten

if TYPE_CHECKING:
    from qualcode.cases import CaseIndex

Answer = Literal["coding", "segment", "case"]
Extent = Literal["passages", "shared"]


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Result):
    """What a question found.

    Attributes
    ----------
    frame
        Of codings, one row per passage, and of a relation one per pair: ``transcript``, ``case``, ``speaker``,
        ``segment`` (the turn), ``start``, ``end``, ``code`` (paths), ``other_code``, ``relation`` (of the two
        passages), ``gap_characters`` (0: adjacent; missing: they touch), ``gap_turns``, ``quote``, ``other_quote``,
        ``coder``. Of segments: ``transcript``, ``case``, ``speaker``, ``segment``, ``start``, ``end``, ``code``,
        ``quote``. Of cases: ``case``, ``transcript``, ``code``, ``passages``.
    sentence, problems
        What was asked, and how much was found of how much.
    quotes
        The passages behind the answers, as rows of codings: what of the codes in question lies in them.
    index, asked
        Which case is who, and the cases that were asked.
    """

    quotes: pd.DataFrame
    index: CaseIndex
    asked: tuple[str, ...]

    def count_by(self, attribute: str) -> pd.DataFrame:
        """Count what was found per group of cases.

        Parameters
        ----------
        attribute
            A column of the table of cases, or ``case``.

        Returns
        -------
        pandas.DataFrame
            ``group``, ``cases`` (in which something was found), ``n_cases`` (that were asked), ``percent``, ``found``
            (passages, segments or cases, each once).

        Raises
        ------
        CaseError
            If there is no such attribute.

        Examples
        --------
        >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
        >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
        >>> cases = qualcode.read_cases("transcripts_sample/cases.csv")
        >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook, cases=cases)
        >>> found = qualcode.find(table, "scheduling near 4 turns turnover")
        >>> found.count_by("case")[["group", "cases", "found"]].values.tolist()
        [['P1', 1, 3], ['P2', 0, 0], ['P3', 0, 0], ['P4', 0, 0]]
        """
        key = [name for name in ("transcript", "case", "segment", "start", "end") if name in self.frame]
        places = self.frame[key].drop_duplicates()
        rows = []
        for group, members in self.index.groups(attribute).items():
            asked = [case for case in members if case in set(self.asked)]
            mine = places[places["case"].isin(asked)]
            cases = int(mine["case"].nunique())
            share = round(100 * cases / len(asked), 2) if asked else np.nan
            rows.append((group, cases, len(asked), share, len(mine)))
        return pd.DataFrame(rows, columns=["group", "cases", "n_cases", "percent", "found"])

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: no offsets, no columns without an entry, and quotes cut to a line."""
        hidden = {"start", "end", "gap_characters", "speaker", "coder"}
        names = [name for name in self.frame if name not in hidden]
        shown = self.frame[[name for name in names if self.frame.empty or _has_entries(self.frame[name])]]
        cut = {name: shown[name].map(_cut) for name in ("quote", "other_quote") if name in shown}
        return shown.assign(**cut).rename(columns={"gap_turns": "turns apart", "other_code": "other", **_OTHER})


_OTHER = {"other_quote": "other quote"}
_SHOWN = 40
"""Columns of a quote in a table for people."""


def _has_entries(column: pd.Series[Any]) -> bool:
    return bool((column.notna() & (column.astype(object) != "")).any())


def _cut(quote: str) -> str:
    return shorten(quote, _SHOWN, measure=count_columns)
