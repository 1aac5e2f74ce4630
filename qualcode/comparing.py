"""Comparing groups of cases: how many of each speak of a code, with intervals, and tests only when asked for.

The unit is the case. Segments of one person are not independent of each other, and a test over them finds differences
that are not there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from qualcode.cases import NOT_GIVEN
from qualcode.columns import in_order
from qualcode.counting import describe_codes, list_cells, rows_at, split_seen, tally
from qualcode.errors import Problem
from qualcode.results import Result
from qualcode.themes import select_quotes
from qualcode.wording import join, percent, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.tables import CodingTable

Test = Literal["none", "fisher"]

_Z = 1.959963984540054
"""The quantile of the normal distribution for an interval of 95 %."""

_FEWEST = 10
"""Cases in each group from which a test is of any use."""

_LEAST_P = 0.001
"""Below it, people read p as smaller than this."""
_PAIR = 2


@dataclass(frozen=True, eq=False, repr=False)
class GroupTable(Result):
    """How many cases of each group speak of each code.

    Attributes
    ----------
    frame
        One row per code and group: ``code``, ``name``, ``level``, ``group``, ``cases``, ``n_cases``, ``percent``,
        ``low``, ``high`` (95 %), ``words``, ``words_percent`` (of the words of the group); of two groups also
        ``difference`` (the first minus the second, in percentage points) with ``d_low`` and ``d_high``, ``p``,
        ``p_holm`` and ``note``. What is not defined or was not asked for is NaN.
    without
        The cases that do not speak of a code: ``code``, ``name``, ``group``, ``case``.
    sentence, problems
        What they refer to, and what not to make of them.
    table
        The codings that were counted.
    groups
        The cases of each group.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> cases = qualcode.read_cases("transcripts_sample/cases.csv")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook, cases=cases)
    >>> result = qualcode.compare(table, "role", level=1)
    >>> result.sentence.partition(". ")[0]
    '4 cases by role: Partnership manager (1), Technology officer (1), Senior lecturer (1) and Programme officer (1)'
    """

    without: pd.DataFrame
    table: CodingTable
    groups: dict[str, tuple[str, ...]]

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: a row per code, a column per group, and the difference of two."""
        frame = self.frame
        codes = frame.drop_duplicates("code")
        shown = pd.DataFrame(
            {"name": ["  " * (level - 1) + name for level, name in zip(codes["level"], codes["name"], strict=True)]}
        )
        for group, cases in self.groups.items():
            mine = frame[frame["group"] == group]
            shown[f"{group} (n = {len(cases)})"] = [_show_share(row) for row in mine.to_dict("records")]
        if codes["difference"].notna().any():
            shown["difference"] = [_show_difference(row) for row in codes.to_dict("records")]
        if codes["p"].notna().any():
            shown["p"], shown["p (Holm)"] = (list(map(_show_p, codes[name])) for name in ("p", "p_holm"))
        return shown

    def list_words(self, code: str | None = None) -> pd.DataFrame:
        """Return how many words of each group are coded, and their share of all that the group says.

        Parameters
        ----------
        code
            Path or id of a code; ``None`` for all that are compared.

        Returns
        -------
        pandas.DataFrame
            ``code``, ``name``, ``group``, ``words``, ``words_percent``.

        Examples
        --------
        >>> result.list_words("challenges")["words"].tolist()
        [205, 388, 191, 632]
        """
        return self._only(self.frame[["code", "name", "group", "words", "words_percent"]], code)

    def list_without(self, code: str | None = None) -> pd.DataFrame:
        """Return the cases that do not speak of a code, which papers owe to their readers.

        Parameters
        ----------
        code
            Path or id of a code; ``None`` for all that are compared.

        Returns
        -------
        pandas.DataFrame
            ``code``, ``name``, ``group``, ``case``.

        Examples
        --------
        >>> result.list_without("channels").empty
        True
        """
        return self._only(self.without, code)

    def list_quotes(self, code: str | None = None) -> pd.DataFrame:
        """Return the quotes behind the cells.

        Parameters
        ----------
        code
            Path or id of a code, whose quotes and those of all codes below it are returned; ``None`` for all.

        Returns
        -------
        pandas.DataFrame
            As :func:`qualcode.select_quotes` returns them, with the ``group`` in front, group by group.

        Examples
        --------
        >>> result.list_quotes("scheduling")["group"].value_counts().to_dict()
        {'Partnership manager': 3, 'Technology officer': 3, 'Senior lecturer': 3, 'Programme officer': 2}
        """
        quotes = select_quotes(self.table, code)
        of_case = {case: group for group, cases in self.groups.items() for case in cases}
        quotes.insert(0, "group", pd.Series(in_order(quotes["case"].map(of_case), self.groups)))
        return quotes.dropna(subset="group").sort_values("group", kind="stable", ignore_index=True)

    def _only(self, frame: pd.DataFrame, code: str | None) -> pd.DataFrame:
        if code is None:
            return frame
        path = self.table.codebook.path(self.table.codebook.find(code).id)
        return frame[frame["code"] == path].reset_index(drop=True)


def _show_share(row: dict[object, object]) -> str:
    cases, n_cases = int(str(row["cases"])), int(str(row["n_cases"]))
    if not n_cases:
        return "–"
    low, high = (f"{float(str(row[name])):.0f}" for name in ("low", "high"))
    return f"{cases} ({percent(cases, n_cases)}%, {low} to {high})"


def _show_p(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.3f}" if value >= _LEAST_P else f"<{_LEAST_P}"


def _show_difference(row: dict[object, object]) -> str:
    values = [float(str(row[name])) for name in ("difference", "d_low", "d_high")]
    if math.isnan(values[0]):
        return "–"
    told = [f"{value:.0f}".replace("-0", "0").replace("-", "\u2212") for value in values]
    return f"{told[0]} ({told[1]} to {told[2]})"


def compare(table: CodingTable, by: str, *, level: int | None = None, test: Test = "none") -> GroupTable:
    """Compare groups of cases by how many of each speak of a code.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    by
        A column of the table of cases.
    level
        The deepest level of the codebook to show; ``None`` for all. What lies deeper counts in the codes above.
    test
        ``fisher`` tests the codes of one level (``level``, or the top) for two groups of at least 10 cases each, and
        adjusts for their number by Holm's method.

    Returns
    -------
    GroupTable
        Cases, shares with Wilson's interval, words, and for two groups the difference with Newcombe's interval.

    Raises
    ------
    CaseError
        If the table of cases has no such column.
    ValueError
        If ``level`` is below 1.

    Notes
    -----
    Intervals are Wilson's (1927), and of differences method 10 of Newcombe (1998, Statistics in Medicine 17, 873-890).
    Fisher's p is the sum over all tables that are not more likely than the one found. Checked against R's
    ``prop.test`` and ``fisher.test``. An interval describes cases like these; a purposive sample has no population.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> cases = qualcode.read_cases("transcripts_sample/cases.csv")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook, cases=cases)
    >>> result = qualcode.compare(table, "role", level=1)
    >>> result.frame[["code", "group", "cases", "n_cases", "low"]].head(1).values.tolist()
    [['channels', 'Partnership manager', 1, 1, 20.65]]
    """
    seen, unseen = split_seen(table)
    known = set(seen)
    groups = {value: tuple(case for case in all_ if case in known) for value, all_ in table.index.groups(by).items()}
    frame = _count(table, groups, level)
    _add_differences(frame, groups)
    problems = _find_doubts(table.index.attribute(by), groups, unseen)
    problems += _add_tests(frame, groups, level or 1, test)
    without = _list_without(table, frame, groups)
    return GroupTable(frame, _say(table, by, groups, frame), tuple(problems), without, table, groups)


def _count(table: CodingTable, groups: dict[str, tuple[str, ...]], level: int | None) -> pd.DataFrame:
    shown = rows_at(table.codebook, level)
    of_case = {case: number for number, cases in enumerate(groups.values()) for case in cases}
    of_interviewer = table.unit_columns["is_interviewer"]
    group = table.unit_columns.find("case", of_case)
    group = np.where(of_interviewer, -1, group)
    counts = tally(table, group, len(groups))
    words = np.bincount(group[group >= 0], weights=table.unit_columns["words"][group >= 0], minlength=len(groups))
    frame = describe_codes(table.codebook, level)[["code", "name", "level"]]
    frame = frame.loc[frame.index.repeat(len(groups))].reset_index(drop=True)
    frame["group"] = in_order(list(groups) * len(shown), groups)
    frame["cases"] = counts["cases"][shown].ravel()
    frame["n_cases"] = np.tile([len(cases) for cases in groups.values()], len(shown)).astype(np.int64)
    pairs = list(zip(frame["cases"].tolist(), frame["n_cases"].tolist(), strict=True))
    frame["percent"] = [round(100 * x / n, 2) if n else math.nan for x, n in pairs]
    ends = np.array([find_interval(x, n) for x, n in pairs]).reshape(len(pairs), 2)
    frame["low"], frame["high"] = np.round(100 * ends.T, 2)
    frame["words"] = counts["words"][shown].ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        frame["words_percent"] = np.round(100 * frame["words"].to_numpy() / np.tile(words, len(shown)), 2)
    return frame


def find_interval(x: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, of which the ends are exact for none and all.

    Examples
    --------
    >>> [round(end, 4) for end in find_interval(0, 20)], [round(end, 4) for end in find_interval(3, 6)]
    ([0.0, 0.1611], [0.1876, 0.8124])
    """
    if not n:
        return math.nan, math.nan
    p, z2 = x / n, _Z**2
    middle = p + z2 / (2 * n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    return (
        0.0 if x == 0 else (middle - half) / (1 + z2 / n),
        1.0 if x == n else (middle + half) / (1 + z2 / n),
    )


def find_difference(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float, float]:
    """Return the difference of two shares with its 95 % interval by Newcombe's method 10.

    Examples
    --------
    >>> [round(value, 4) for value in find_difference(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339]
    """
    if not n1 or not n2:
        return math.nan, math.nan, math.nan
    p1, p2 = x1 / n1, x2 / n2
    (low1, high1), (low2, high2) = find_interval(x1, n1), find_interval(x2, n2)
    difference = p1 - p2
    return (
        difference,
        difference - math.hypot(p1 - low1, high2 - p2),
        difference + math.hypot(high1 - p1, p2 - low2),
    )


def find_p(x1: int, n1: int, x2: int, n2: int) -> float:
    """Return Fisher's exact two-sided p of two shares, from whole numbers without rounding.

    Examples
    --------
    >>> round(find_p(3, 4, 1, 4), 7)
    0.4857143
    """
    total = x1 + x2
    ways = [math.comb(n1, x) * math.comb(n2, total - x) for x in range(max(0, total - n2), min(n1, total) + 1)]
    seen = math.comb(n1, x1) * math.comb(n2, x2)
    return sum(way for way in ways if way <= seen) / math.comb(n1 + n2, total)


def adjust(values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number by Holm's method.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = largest
    return adjusted


def find_power(n1: int, n2: int, *, shares: tuple[float, float] = (0.7, 0.3), limit: float = 0.05) -> float:
    """Return how often Fisher's test would find a difference between two groups.

    Parameters
    ----------
    n1, n2
        Cases in the groups.
    shares
        The true shares.
    limit
        The p at or below which a difference counts as found.

    Examples
    --------
    >>> round(find_power(6, 6), 2)
    0.09
    """
    chances = [
        [math.comb(n, x) * share**x * (1 - share) ** (n - x) for x in range(n + 1)]
        for n, share in zip((n1, n2), shares, strict=True)
    ]
    return sum(
        one * other
        for x1, one in enumerate(chances[0])
        for x2, other in enumerate(chances[1])
        if find_p(x1, n1, x2, n2) <= limit
    )


def _given(groups: dict[str, tuple[str, ...]]) -> list[str]:
    return [name for name in groups if name != NOT_GIVEN]


def _add_differences(frame: pd.DataFrame, groups: dict[str, tuple[str, ...]]) -> None:
    """Add the columns about differences, which are defined for two groups."""
    for name in ("difference", "d_low", "d_high", "p", "p_holm"):
        frame[name] = math.nan
    frame["note"] = pd.Series([""] * len(frame), dtype="str")
    if len(_given(groups)) != _PAIR:
        return
    for rows in _pair_rows(frame, groups):
        values = [100 * value for value in find_difference(*_counts(frame, rows))]
        frame.loc[rows, ["difference", "d_low", "d_high"]] = np.round(values, 2)


def _pair_rows(frame: pd.DataFrame, groups: dict[str, tuple[str, ...]]) -> list[list[int]]:
    """Return, for each code, the rows of the two groups."""
    chosen = frame.index[frame["group"].isin(_given(groups))].tolist()
    return [chosen[place : place + _PAIR] for place in range(0, len(chosen), _PAIR)]


def _counts(frame: pd.DataFrame, rows: Sequence[int]) -> tuple[int, int, int, int]:
    x1, x2 = frame["cases"].loc[list(rows)].tolist()
    n1, n2 = frame["n_cases"].loc[list(rows)].tolist()
    return x1, n1, x2, n2


def _add_tests(frame: pd.DataFrame, groups: dict[str, tuple[str, ...]], level: int, test: Test) -> list[Problem]:
    """Add p where it is asked for and of any use, or say why it is not."""
    if test == "none":
        return []
    given = _given(groups)
    if len(given) != _PAIR:
        message = f"Tests compare two groups; there {'is' if len(given) == 1 else 'are'} {len(given)}."
        return [Problem("", "warning", "no-test", message, "Unite values in the table of cases")]
    sizes = [len(groups[name]) for name in given]
    if min(sizes) < _FEWEST:
        return [Problem("", "warning", "few-cases", _explain_few(*sizes), "Report the cases and the intervals")]
    tested = [rows for rows in _pair_rows(frame, groups) if frame.loc[rows[0], "level"] == level]
    values = [find_p(*_counts(frame, rows)) for rows in tested]
    for rows, value, adjusted in zip(tested, values, adjust(values), strict=True):
        frame.loc[rows, ["p", "p_holm"]] = [value, adjusted]  # rounded, a small one would be 0
    is_other = frame["p"].isna() & (frame["group"] != NOT_GIVEN)
    frame.loc[is_other, "note"] = f"not tested: only codes of level {level} are"
    return []


def _explain_few(n1: int, n2: int) -> str:
    if not n1 or not n2:
        return "No p is given: a group has no case."
    needed = next((x for x in range(n1 + 1) if find_p(x, n1, 0, n2) <= 0.05), None)  # noqa: PLR2004  # the usual limit
    against = (
        f"{needed} of {n1} against none of {n2} would be needed for p ≤ .05" if needed else "no result has p ≤ .05"
    )
    found = round(100 * find_power(n1, n2))
    return (
        f"No p is given: with {n1} and {n2} cases, {against}, and a true 70% against 30% is found in {found} of 100 "
        "studies."
    )


def _find_doubts(by: str, groups: dict[str, tuple[str, ...]], unseen: Sequence[str]) -> list[Problem]:
    found = []
    if unseen:
        message = f"Not looked at from beginning to end, so left out: {join(list(unseen))}."
        found.append(
            Problem("", "warning", "not-seen", message, "Finish coding them, or read the numbers as preliminary")
        )
    if missing := groups.get(NOT_GIVEN):
        message = f"Without a value in “{by}”: {join(list(missing))}."
        found.append(Problem("", "warning", "no-value", message, "Fill in the table of cases"))
    empty = [name for name, cases in groups.items() if not cases]
    if empty:
        found.append(Problem("", "note", "empty-group", f"No case was looked at in {join(empty)}."))
    return found


def _list_without(table: CodingTable, frame: pd.DataFrame, groups: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return the cases that do not speak of each code."""
    code, unit = list_cells(table)
    spoken_by = table.unit_columns.texts("case")
    speaks = {(one, spoken_by[row]) for one, row in zip(code.tolist(), unit.tolist(), strict=True)}
    places = {path: place for place, path in enumerate(describe_codes(table.codebook)["code"].tolist())}
    codes = frame.drop_duplicates("code")
    rows = [
        (path, name, group, case)
        for path, name in zip(codes["code"], codes["name"], strict=True)
        for group, cases in groups.items()
        for case in cases
        if (places[path], case) not in speaks
    ]
    without = pd.DataFrame(rows, columns=["code", "name", "group", "case"], dtype="str")
    return without.assign(code=in_order(without["code"], codes["code"]), group=in_order(without["group"], groups))


_MEANING = (
    "Numbers are cases that speak of a code, with their share of the group and Wilson's 95% interval, which describes "
    "cases like these, not a population. A case that does not speak of something need not lack it."
)


def _say(table: CodingTable, by: str, groups: dict[str, tuple[str, ...]], frame: pd.DataFrame) -> str:
    sizes = join([f"{name} ({len(cases)})" for name, cases in groups.items()])
    total = sum(map(len, groups.values()))
    told = [f"{plural(total, 'case')} by {table.index.attribute(by)}: {sizes}.", _MEANING]
    if len(_given(groups)) == _PAIR:
        one, other = _given(groups)
        told.append(f"Differences are {one} minus {other}, in percentage points (Newcombe 1998).")
    if frame["p"].notna().any():
        told.append("p is Fisher's exact, two-sided, and adjusted by Holm's method for all codes tested.")
    return " ".join(told)
