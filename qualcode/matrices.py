"""Cases by codes as one table, as R, SPSS and other programs want it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from qualcode.counting import describe_codes, rows_at, split_seen, tally
from qualcode.errors import Problem
from qualcode.results import Result
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qualcode.tables import CodingTable

Rows = Literal["cases", "transcripts"]
Values = Literal["present", "segments", "words"]
Percent = Literal["none", "row", "column"]


@dataclass(frozen=True, eq=False, repr=False)
class MatrixTable(Result):
    """Cases, or transcripts, by codes.

    Attributes
    ----------
    frame
        One row per case or transcript: ``case`` with its attributes, or ``transcript``; then a column per code, named
        by its path. Missing where it was not looked at from beginning to end.
    sentence, problems
        What the cells are, and what is missing.
    """


def make_matrix(
    table: CodingTable,
    rows: Rows = "cases",
    *,
    values: Values = "present",
    percent: Percent = "none",
    level: int | None = None,
) -> MatrixTable:
    """Lay codes on cases or transcripts.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    rows
        What makes the rows.
    values
        ``present`` (1 or 0), or how many ``segments`` or ``words`` carry the code.
    percent
        Give segments or words in percent of their sum over the ``row``, or over the ``column``.
    level
        Deepest level of the codebook to show. A code counts what is below it.

    Returns
    -------
    MatrixTable
        The matrix.

    Raises
    ------
    ValueError
        If presence is asked for in percent.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> qualcode.make_matrix(table, values="segments", level=1).frame[["case", "challenges"]].values.tolist()
    [['P1', 6], ['P2', 10], ['P3', 4], ['P4', 6]]
    """
    if percent != "none" and values == "present":
        raise ValueError("presence has no percentages: take segments or words")
    names = [case.id for case in table.index.cases] if rows == "cases" else list(table.transcript_ids)
    units = table.units
    group = pd.Index(names, dtype="str").get_indexer(pd.Index(units["case" if rows == "cases" else "transcript"]))
    group = np.where(units["is_interviewer"].to_numpy(), -1, group).astype(np.int64)
    chosen = rows_at(table.codebook, level)
    counts = tally(table, group, len(names))["words" if values == "words" else "segments"][chosen].T
    unseen = split_seen(table)[1] if rows == "cases" else _find_unseen(table)
    cells = _fill(counts, values, percent, [name in set(unseen) for name in names])
    frame = pd.concat(
        [_head(table, rows, names), cells.set_axis(describe_codes(table.codebook, level)["code"].tolist(), axis=1)],
        axis=1,
    )
    problems = [_tell_unseen(unseen)] if unseen else []
    return MatrixTable(frame, _say(names, rows, len(chosen), values, percent, table.unit), tuple(problems))


def _head(table: CodingTable, rows: Rows, names: Sequence[str]) -> pd.DataFrame:
    """Return the columns before the codes."""
    if rows == "transcripts":
        return pd.DataFrame({"transcript": pd.Series(list(names), dtype="str")})
    frame = pd.DataFrame({"case": pd.Series(list(names), dtype="str")})
    paths = {"case", *describe_codes(table.codebook)["code"]}
    for name in table.index.attributes:
        values = [case.attributes.get(name, "") for case in table.index.cases]
        frame[f"case {name}" if name in paths else name] = pd.Series(values, dtype="str")
    return frame


def _find_unseen(table: CodingTable) -> list[str]:
    """Return the transcripts of which nobody saw some of what interviewees say."""
    if not table.transcripts:
        return []
    seen = np.zeros(len(table.units), dtype=bool)
    for coder in table.coders:
        seen |= table.seen(coder)
    missed = table.units["transcript"][~seen & ~table.units["is_interviewer"].to_numpy()]
    return [str(name) for name in missed.unique()]


def _fill(counts: NDArray[np.int64], values: Values, percent: Percent, is_unseen: Sequence[bool]) -> pd.DataFrame:
    """Return the cells: whole numbers, or percentages with two decimals; missing where nobody looked."""
    if percent == "none":
        cells = pd.DataFrame((counts > 0).astype(np.int64) if values == "present" else counts).astype("Int64")
    else:
        known = np.where(np.array(is_unseen)[:, None], 0, counts)
        total = known.sum(axis=1 if percent == "row" else 0, keepdims=True)
        cells = pd.DataFrame(100 * known / np.where(total, total, np.nan)).round(2)
    cells.loc[list(is_unseen)] = pd.NA if percent == "none" else np.nan
    return cells


def _tell_unseen(unseen: Sequence[str]) -> Problem:
    message = f"Not looked at from beginning to end, so missing: {join(list(unseen))}."
    return Problem("", "warning", "not-seen", message, "Finish coding them")


def _say(names: Sequence[str], rows: Rows, n_codes: int, values: Values, percent: Percent, unit: str) -> str:
    what = {
        "present": "1: the code comes up; 0: it does not",
        "segments": f"{unit}s with the code",
        "words": "words with the code",
    }[values]
    of = {"none": "", "row": f", in percent of all in the {rows[:-1]}", "column": ", in percent of all with the code"}[
        percent
    ]
    size = f"{plural(len(names), rows[:-1])} × {plural(n_codes, 'code')}"
    return f"{size}. Cells are {what}{of}. Interviewer talk is left out."
