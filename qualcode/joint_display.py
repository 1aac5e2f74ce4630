"""The joint display of mixed methods: groups or bands of a number beside what their cases say.

After Guetterman, Fetters & Creswell 2015 (doi:10.1370/afm.1865). What the two strands add up to is for people to write.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qualcode.cases import NOT_GIVEN
from qualcode.counting import find_presence
from qualcode.errors import CaseError, Problem
from qualcode.quoting import add_own, cut_pieces, pick_first, rank_pieces
from qualcode.results import Result
from qualcode.themes import list_quotes
from qualcode.wording import join, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.columns import FrameColumns
    from qualcode.counting import Presence
    from qualcode.model import Coding, Transcript
    from qualcode.tables import CodingTable

_QUOTE = 45
"""Words of a quote."""
_FEW = 30
"""Cases below which a correlation is mostly chance."""
INFERENCE = "meta_inference"


@dataclass(frozen=True, eq=False, repr=False)
class JointDisplay(Result):
    """A joint display.

    Attributes
    ----------
    frame
        One row per group or band: ``group``, ``n`` (cases), ``mean`` and ``median`` of the number (NaN without one), a
        column per code with the cases that speak of it, ``quote``, ``place`` (whose, and where) and ``meta_inference``,
        which is empty: it is for you to write.
    sentence, problems
        What the rows are, and what is left out.
    """

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: quotes on a line, and mean and median where there are any."""
        shown = self.frame.assign(quote=[shorten(text) for text in self.frame["quote"]]).drop(columns=INFERENCE)
        return shown if shown["mean"].notna().any() else shown.drop(columns=["mean", "median"])


def make_display(
    table: CodingTable,
    by: str,
    *,
    bands: int | None = None,
    number: str | None = None,
    level: int = 1,
    picks: Iterable[Coding] = (),
) -> JointDisplay:
    """Lay what cases say beside the group they are in, or the band in which a number of theirs lies.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    by
        A column of the table of cases.
    bands
        Make so many bands of the number in the column, with about as many cases each; equal numbers stay together.
    number
        Another column, whose mean and median are shown; without, those of ``by`` where it holds numbers.
    level
        Level of the codes that make columns; a coding below it is one of the code above.
    picks
        Quotes that people chose: what :meth:`qualcode.Study.picks` returns. They come first.

    Returns
    -------
    JointDisplay
        A row per group.

    Raises
    ------
    ValueError
        If there are fewer than two bands, or ``level`` is below 1.
    CaseError
        If there is no such column, or bands are asked for and no value is a number.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> cases = qualcode.read_cases("transcripts_sample/cases.csv")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook, cases=cases)
    >>> qualcode.make_display(table, "years", bands=2).frame[["group", "n", "mean", "challenges"]].values.tolist()
    [['2–3', 2, 2.5, 2], ['6–9', 2, 7.5, 2]]
    """
    if bands is not None and bands < 2:  # noqa: PLR2004  # one band is no comparison
        raise ValueError("a comparison needs two bands or more")
    if level < 1:
        raise ValueError(f"the level of codes is at least 1, not {level}")
    presence = find_presence(table, level=level)
    values = _read_values(table, by)
    numbers = _read_numbers(_read_values(table, number) if number else values)
    groups = (
        _make_bands(_read_numbers(values), bands, by, presence.cases) if bands else _make_groups(table, by, presence)
    )
    picked = pick_first(list_quotes(table), table.codebook, picks)
    quotes = partial(_find_quote, picked, picked.indices("code"), table.transcripts)
    rows = [_describe(group, members, presence, numbers, quotes) for group, members in groups.items() if members]
    heads = ["group", "n", "mean", "median", *(_head(path) for path in presence.codes), "quote", "place", INFERENCE]
    frame = pd.DataFrame(rows, columns=heads)
    known = _read_numbers(values) if bands else values
    doubts = _find_doubts(presence, known, numbers, "number" if bands else "value")
    return JointDisplay(frame, _say(frame, by, number, bands, presence) + _say_choice(picked), tuple(doubts))


_TAKEN = frozenset({"group", "n", "mean", "median", "quote", "place", INFERENCE})


def _head(path: str) -> str:
    return f"code {path}" if path in _TAKEN else path


def _read_values(table: CodingTable, name: str) -> dict[str, str]:
    """Return the value of a column by case; nothing where it is not given."""
    groups = table.index.groups(name)
    return {case: "" if value == NOT_GIVEN else value for value, members in groups.items() for case in members}


def _read_numbers(values: Mapping[str, str]) -> dict[str, float]:
    found = {}
    for case, value in values.items():
        try:
            number = float(value)
        except ValueError:
            continue
        if math.isfinite(number):
            found[case] = number
    return found


def _make_groups(table: CodingTable, by: str, presence: Presence) -> dict[str, list[str]]:
    known = set(presence.cases)
    return {value: [case for case in members if case in known] for value, members in table.index.groups(by).items()}


def _make_bands(numbers: Mapping[str, float], bands: int, by: str, cases: Sequence[str]) -> dict[str, list[str]]:
    """Return bands with about as many cases each, named by the lowest and the highest number in them."""
    if not numbers:
        raise CaseError(f"No value of “{by}” is a number.", hint="Leave out --bands, or name a column of numbers")
    ranked = sorted((numbers[case], place, case) for place, case in enumerate(cases) if case in numbers)
    found: list[list[tuple[float, str]]] = [[] for _ in range(bands)]
    band_of: dict[float, int] = {}
    for place, (number, _, case) in enumerate(ranked):
        band = band_of.setdefault(number, place * bands // len(ranked))
        found[band].append((number, case))
    named = {_name_band([number for number, _ in one]): [case for _, case in one] for one in found if one}
    rest = [case for case in cases if case not in numbers]
    return {**named, **({NOT_GIVEN: rest} if rest else {})}


def _name_band(numbers: Sequence[float]) -> str:
    low, high = (str(int(end)) if end.is_integer() else str(end) for end in (min(numbers), max(numbers)))
    return low if low == high else f"{low}–{high}"


def _describe(
    group: str,
    members: Sequence[str],
    presence: Presence,
    numbers: Mapping[str, float],
    quotes: Callable[[Sequence[str], Sequence[str]], tuple[str, str]],
) -> tuple[object, ...]:
    places = [presence.cases.index(case) for case in members]
    counts = presence.matrix[:, places].sum(axis=1).astype(int).tolist()
    known = [numbers[case] for case in members if case in numbers]
    mean, middle = (round(fmean(known), 4), round(median(known), 4)) if known else (math.nan, math.nan)
    everywhere = presence.matrix.sum(axis=1).astype(int).tolist()
    apart = [
        _set_apart(count, len(members), total, len(presence.cases))
        for count, total in zip(counts, everywhere, strict=True)
    ]
    quote, place = _choose_quote(presence, apart, members, quotes)
    return group, len(members), mean, middle, *counts, quote, place, ""


def _set_apart(count: int, n: int, total: int, n_all: int) -> tuple[float, int]:
    """Return how much more of a group than of all others speak of a code, and how many do."""
    rest = n_all - n
    return (count / n - ((total - count) / rest if rest else 0.0) if count else -math.inf), count


def _choose_quote(
    presence: Presence,
    apart: Sequence[tuple[float, int]],
    members: Sequence[str],
    quotes: Callable[[Sequence[str], Sequence[str]], tuple[str, str]],
) -> tuple[str, str]:
    """Return a quote on the code that sets a group apart most, of those with a chosen one; whose it is and where."""
    ranked = sorted(range(len(apart)), key=lambda row: apart[row], reverse=True)
    return quotes([presence.codes[row] for row in ranked if apart[row][1]], members)


def _find_quote(
    quotes: FrameColumns,
    by_code: Mapping[str, NDArray[np.int64]],
    transcripts: Sequence[Transcript],
    paths: Sequence[str],
    members: Sequence[str],
) -> tuple[str, str]:
    """Return the quote of some cases that people chose, else the one that best stands alone; whose it is and where."""
    is_theirs = quotes.find("case", dict.fromkeys(members, 0)) == 0
    is_chosen = is_theirs & quotes["picked"]
    found = [_rows_on(by_code, path) for path in paths]
    rows = next((rows for rows in found if is_chosen[rows].any()), found[0] if found else _rows_on({}, ""))
    told = add_own(quotes.rows(rows[is_theirs[rows]]).frame.to_dict("records"), transcripts)
    best = min(told, key=lambda row: (not row["picked"], rank_pieces(row["own"])), default=None)
    if best is None:
        return "", ""
    where = best["segment"] if best["case"] == best["transcript"] else f"{best['transcript']}:{best['segment']}"
    return cut_pieces(best["own"], _QUOTE), f"{best['case']}, {where}"


def _rows_on(by_code: Mapping[str, NDArray[np.int64]], path: str) -> NDArray[np.int64]:
    """Return the quotes on a code or one below it, ascending."""
    found = [rows for code, rows in by_code.items() if code == path or code.startswith(f"{path}/")]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *found]))


def _say(frame: pd.DataFrame, by: str, number: str | None, bands: int | None, presence: Presence) -> str:
    rows = f"{plural(len(frame), 'band')} of “{by}”" if bands else f"{plural(len(frame), 'group')} by “{by}”"
    of = number or by
    told = f" Mean and median are those of “{of}”." if frame["mean"].notna().any() else ""
    return (
        f"{rows}: cells are cases that speak of a code, of the n in their row; {plural(len(presence.cases), 'case')} "
        f"in all.{told}"
    )


def _say_choice(quotes: FrameColumns) -> str:
    rule = "is on the code that sets its row apart most."
    return (
        f" Quotes that people chose come first; any other {rule}" if quotes["picked"].any() else f" Each quote {rule}"
    )


def _find_doubts(
    presence: Presence, known: Mapping[str, object], numbers: Mapping[str, float], what: str
) -> list[Problem]:
    found = []
    if presence.unseen:
        message = f"Not looked at from beginning to end, so left out: {join(presence.unseen)}."
        found.append(Problem("", "warning", "not-seen", message, "Finish coding them"))
    missing = [case for case in presence.cases if known.get(case, "") == ""]
    if missing:
        message = f"Without a {what}: {join(missing)}."
        found.append(Problem("", "note", "no-value", message))
    if len(presence.cases) < _FEW and numbers:
        message = f"{plural(len(presence.cases), 'case')} are too few to correlate counts of codes with a number."
        found.append(Problem("", "note", "few-cases", message.replace("1 case are", "1 case is")))
    return found
