"""Saturation: which codes each further case brings, when runs of cases bring few, and what all orders would bring.

Formulas were checked against vegan 2.6 and iNEXT 3.0 (curve, Chao2, coverage) and by all orders of small examples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qualcode.cases import NOT_GIVEN
from qualcode.counting import find_presence, order_paths
from qualcode.errors import CaseError, Problem
from qualcode.language import count_columns
from qualcode.progress import doing
from qualcode.results import Result, make_frame
from qualcode.voices import SLIP_REPAIR, find_slips
from qualcode.wording import join, plural, shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.counting import Presence
    from qualcode.tables import CodingTable

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

_Z = 1.959963984540054
"""The quantile of the normal distribution for an interval of 95 %."""

_LEAST_COVERAGE = 0.5
"""Below it, most of what there is has not come up yet, and no estimate of its number is of use."""

_SHOWN = 60
"""Columns of names in a table for people."""

_MOST_NAMED = 8
"""Names of codes in a sentence."""


@dataclass(frozen=True, eq=False, repr=False)
class Saturation(Result):
    """What further cases bring.

    Attributes
    ----------
    frame
        One row per case in the order taken (also as ``new``): ``position`` (from 1), ``case``, ``date`` (its value of
        the column by which cases are ordered), ``codes`` (of the case), ``new`` (seen in no case before), ``known``,
        ``cumulative``, ``share_of_all`` (of all codes, 0 to 1), ``s`` (share of its codes that were known; NaN without
        codes), ``names_of_new`` (paths).
    runs
        One row per run of cases behind the base: ``from``, ``to`` (positions), ``new``, ``base`` (codes), ``percent``,
        ``reached``.
    curve
        One row per number of cases: ``t``, ``expected`` (codes in t cases, mean of all orders), ``sd`` (over orders),
        ``low``, ``high`` (1.96 of them around it), ``as_done`` (in the order taken).
    estimate
        ``chao2``, ``se``, ``low``, ``high`` (95 %), ``coverage``, ``observed``, ``q1``, ``q2`` (codes in one and in two
        cases). What cannot be said is NaN.
    meanings
        One row per code with codes below it: ``code``, ``name``, ``meanings`` (codes below that came up), ``last_new``
        (the position of the case with the last new one), ``case``.
    sentence, problems
        What they say, and what not to make of it.
    """

    runs: pd.DataFrame
    curve: pd.DataFrame
    estimate: pd.Series[float]
    meanings: pd.DataFrame

    @property
    def new(self) -> pd.DataFrame:
        """The cases in order, and what each brought."""
        return self.frame

    @property
    def _parts(self) -> frozenset[str]:
        return super()._parts | {"new"}

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at."""
        columns = ["position", "case", "codes", "new", "cumulative", "share_of_all", "names_of_new"]
        shares = [f"{100 * value:.0f}" for value in self.frame["share_of_all"]]
        names = [shorten(value, _SHOWN, measure=count_columns) for value in self.frame["names_of_new"]]
        shown = self.frame[columns].assign(share_of_all=shares, names_of_new=names)
        return shown.rename(columns={"share_of_all": "% of all", "names_of_new": "new ones"})


def saturate(
    table: CodingTable,
    *,
    base: int = 4,
    run: int = 2,
    threshold: float = 0.05,
    order: str | Sequence[str] = "given",
    level: int | None = None,
    orders: int = 1000,
    seed: int = 7,
    finished: Mapping[str, str] | None = None,
) -> Saturation:
    """Count the codes that each further case brings, and say whether runs of cases bring few.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    base
        Cases at the beginning; the different codes in them are what new codes are compared with.
    run
        Cases of a run, which moves on by one.
    threshold
        The share of new codes, of those in the base, at or below which saturation is reached (.05 or 0).
    order
        ``given`` (as the cases stand), a column of the table of cases, the cases' ids, or ``coded``: as ``finished``
        says.
    level
        The level of codes to count; a coding below it is one of the code above. ``None``: the codes people used.
    orders
        Random orders of which to say how many reach the threshold; 0 for none.
    seed
        Where the random orders begin.
    finished
        When each transcript was finished, in ISO 8601, as :meth:`qualcode.Study.finished` says. A case is finished with
        its last transcript.

    Returns
    -------
    Saturation
        New codes, runs, the curve over all orders, the estimate of all codes, and the sentence.

    Raises
    ------
    ValueError
        If ``base`` or ``run`` is below 1, ``level`` too, ``orders`` negative, or ``threshold`` not from 0 to 1.
    CaseError
        If cases cannot be put in the order asked for.

    Notes
    -----
    Runs follow Guest, Namey & Chen (2020, doi:10.1371/journal.pone.0232076), the curve Colwell et al. (2012,
    doi:10.1093/jpe/rtr044), coverage Chao & Jost (2012, doi:10.1890/11-1952.1), Chao2 Chao (1987), with its interval
    on the scale of logarithms; ``s`` is the coefficient of Yang et al. (2021). The spread is that of all orders.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> result = qualcode.saturate(table, base=2, run=1)
    >>> result.new[["case", "codes", "new", "cumulative"]].values.tolist()
    [['P1', 16, 16, 16], ['P2', 15, 6, 22], ['P3', 15, 0, 22], ['P4', 15, 0, 22]]
    """
    if min(base, run) < 1 or orders < 0 or (level is not None and level < 1):
        raise ValueError("base, run and level are at least 1, and orders at least 0")
    if not 0 <= threshold < 1:
        raise ValueError(f"the threshold is a share from 0 to 1, not {threshold}")
    presence = find_presence(table, level=level)
    problems = _report_unseen(presence)
    if order == "coded":
        columns, dates = _order_by_work(table, presence.cases, finished or {}, problems)
    else:
        columns, dates = _order_cases(table, presence.cases, order, problems)
    matrix = presence.matrix[:, columns]
    cases = [presence.cases[place] for place in columns]
    frame = _list_new(presence, matrix, cases, dates)
    runs = _list_runs(frame["new"].to_numpy(), base, run, threshold)
    estimate = _estimate(matrix)
    is_thin = not estimate["coverage"] >= _LEAST_COVERAGE
    curve = _draw_curve(matrix, frame["cumulative"].to_numpy())
    if is_thin and len(cases) > 1:
        estimate[["chao2", "se", "low", "high"]] = np.nan
        curve[["expected", "sd", "low", "high"]] = np.nan
    with doing("Trying orders of the cases"):
        share = _share_of_orders(matrix, base, run, threshold, orders, seed)
    slips = {case: meant for case, meant in _find_slips(table).items() if case in cases}
    problems += [*_report_slips(slips), *_find_doubts(presence, runs, slips, is_thin=is_thin, base=base, run=run)]
    sentence = " ".join(
        [
            _say_ground(presence, order, level, base, run, threshold),
            *_say_runs(frame, runs, run),
            *(_say_without(slips, matrix, cases, base, run, threshold) if len(runs) else ()),
            *([f"Of {orders:,} random orders (seed {seed}), {100 * share:.0f}% reach it."] if share >= 0 else []),
            *_say_estimate(estimate),
        ]
    )
    meanings = _list_meanings(table, cases)
    return Saturation(frame, sentence, tuple(problems), runs, curve, estimate, meanings)


def plan_cases(prevalence: float, *, instances: int = 1, power: float = 0.8) -> int:
    """Return how many cases are needed to meet a theme often enough.

    Parameters
    ----------
    prevalence
        The share of people who would speak of the rarest theme that matters, between 0 and 1.
    instances
        In how many cases it is to come up.
    power
        The probability with which it should.

    Returns
    -------
    int
        The smallest n with P(Bin(n, prevalence) ≥ instances) ≥ power, for cases drawn at random (Fugard & Potts 2015,
        doi:10.1080/13645579.2015.1005453).

    Raises
    ------
    ValueError
        If a probability is not between 0 and 1, or ``instances`` below 1.

    Examples
    --------
    >>> qualcode.plan_cases(0.1, instances=2, power=0.8)
    29
    """
    if not (0 < prevalence <= 1 and 0 < power < 1 and instances >= 1):
        raise ValueError("prevalence and power lie between 0 and 1, and instances is at least 1")
    if prevalence == 1:
        return instances
    # The cases until the last instance: a sum over how many there are when one more succeeds.
    n, chance = instances, prevalence**instances
    reached = chance
    while reached < power:
        chance *= n * (1 - prevalence) / (n - instances + 1)
        reached += chance
        n += 1
    return n


# --- cases in order ------------------------------------------------------------------------------------------


def _report_unseen(presence: Presence) -> list[Problem]:
    if not presence.unseen:
        return []
    message = f"Not looked at from beginning to end, so left out: {join(presence.unseen)}."
    return [Problem("", "warning", "not-seen", message, "Finish coding them, or read the numbers as preliminary")]


def _order_cases(
    table: CodingTable, cases: Sequence[str], order: str | Sequence[str], problems: list[Problem]
) -> tuple[list[int], list[str]]:
    """Return the places of cases in the order asked for, and the values by which they are ordered."""
    if order == "given":
        return list(range(len(cases))), [""] * len(cases)
    if not isinstance(order, str):
        return _follow(cases, order), [""] * len(cases)
    values = {case: value for value, group in table.index.groups(order).items() for case in group}
    keys = _as_keys([values[case] for case in cases if values[case] != NOT_GIVEN])
    missing = [case for case in cases if values[case] == NOT_GIVEN]
    if missing:
        message = f"Without a value in “{order}”, so put last: {join(missing)}."
        problems.append(Problem("", "warning", "no-order", message, "Fill in the table of cases"))
    if keys is None:
        message = f"The values of “{order}” are neither numbers nor dates such as 2026-03-31."
        raise CaseError(message, hint="Write dates as year-month-day")
    ranked = sorted(range(len(cases)), key=lambda place: (cases[place] in missing, keys.get(values[cases[place]], 0.0)))
    return ranked, ["" if cases[place] in missing else values[cases[place]] for place in ranked]


def _order_by_work(
    table: CodingTable, cases: Sequence[str], finished: Mapping[str, str], problems: list[Problem]
) -> tuple[list[int], list[str]]:
    """Return the places of cases in the order in which they were finished, and when that was."""
    spoken: dict[str, list[str]] = {}
    for (transcript, _), case in table.index.voices.items():
        spoken.setdefault(case, []).append(transcript)
    known = set(table.transcript_ids)
    times = {case: [finished.get(one, "") for one in spoken.get(case, ()) if one in known] for case in cases}
    ends = {case: max(times[case]) if times[case] and all(times[case]) else "" for case in cases}
    missing = [case for case in cases if not ends[case]]
    if missing:
        message = f"When they were coded is not known, so put last: {join(missing)}."
        problems.append(Problem("", "warning", "no-order", message, "Order them by a column of the table of cases"))
    ranked = sorted(range(len(cases)), key=lambda place: (not ends[cases[place]], ends[cases[place]]))
    return ranked, [ends[cases[place]][:_DAY] for place in ranked]


_DAY = 10
"""Characters of the day in a time in ISO 8601."""


def _follow(cases: Sequence[str], order: Sequence[str]) -> list[int]:
    unknown = [name for name in order if name not in cases]
    if unknown or len(set(order)) != len(order) or len(order) != len(cases):
        named = unknown[0] if unknown else next((name for name in cases if name not in order), "")
        named = named or next(name for name in order if list(order).count(name) > 1)
        hint = suggest(named, cases) if unknown else "Name each case once"
        raise CaseError(f"The order does not fit the cases: look at “{named}”.", hint=hint)
    return [cases.index(name) for name in order]


def _as_keys(values: Sequence[str]) -> dict[str, float] | None:
    """Return values as numbers: dates by day, others as they are; ``None`` when one is neither."""
    for read in (lambda value: float(date.fromisoformat(value).toordinal()), float):
        try:
            return {value: read(value) for value in values}
        except ValueError:
            continue
    return None


# --- new codes and runs --------------------------------------------------------------------------------------


def _list_new(
    presence: Presence, matrix: NDArray[np.bool_], cases: Sequence[str], dates: Sequence[str]
) -> pd.DataFrame:
    n_codes, n_cases = matrix.shape
    first = matrix.argmax(axis=1) if n_cases else np.zeros(0, dtype=np.int64)
    new = np.bincount(first, minlength=n_cases).astype(np.int64)
    codes = matrix.sum(axis=0).astype(np.int64)
    cumulative = np.cumsum(new)
    with np.errstate(invalid="ignore"):
        known = np.where(codes > 0, (codes - new) / np.maximum(codes, 1), np.nan)
    names = [
        "; ".join(presence.codes[place] for place in np.flatnonzero(first == number).tolist())
        for number in range(n_cases)
    ]
    return pd.DataFrame(
        {
            "position": np.arange(1, n_cases + 1),
            "case": pd.Series(list(cases), dtype="str"),
            "date": pd.Series(list(dates), dtype="str"),
            "codes": codes,
            "new": new,
            "known": codes - new,
            "cumulative": cumulative,
            "share_of_all": np.round(cumulative / max(n_codes, 1), 4),
            "s": np.round(known, 4),
            "names_of_new": pd.Series(names, dtype="str"),
        }
    )


def _list_runs(new: Integers, base: int, run: int, threshold: float) -> pd.DataFrame:
    """Return the runs behind the base; without codes in the base a share is not defined."""
    n_base = int(new[:base].sum())
    rows = []
    for start in range(base, len(new) - run + 1):
        found = int(new[start : start + run].sum())
        share = found / n_base if n_base else math.nan
        rows.append((start + 1, start + run, found, n_base, round(100 * share, 2), share <= threshold))
    numbers = dict.fromkeys(("from", "to", "new", "base"), "int64")
    return make_frame(rows, {**numbers, "percent": "float64", "reached": "bool"})


def _share_of_orders(matrix: NDArray[np.bool_], base: int, run: int, threshold: float, orders: int, seed: int) -> float:
    """Return the share of random orders in which a run reaches the threshold; -1 when there is none to try."""
    n_codes, n_cases = matrix.shape
    if not orders or n_cases < base + run or not n_codes:
        return -1.0
    rng = np.random.default_rng(seed)
    position = rng.permuted(np.tile(np.arange(n_cases), (orders, 1)), axis=1)
    first = np.stack([position[:, row].min(axis=1) for row in matrix], axis=1)
    cells = first + np.arange(orders)[:, None] * n_cases
    new = np.bincount(cells.ravel(), minlength=orders * n_cases).reshape(orders, n_cases)
    known = np.cumsum(new, axis=1)
    n_base = known[:, base - 1]
    found = known[:, base + run - 1 :] - known[:, base - 1 : n_cases - run]
    reached = (found <= threshold * n_base[:, None] + _ROUNDING).any(axis=1) & (n_base > 0)
    return float(reached.mean())


_ROUNDING = 1e-9

# --- all orders, and what has not come up ------------------------------------------------------------------------


def _draw_curve(matrix: NDArray[np.bool_], as_done: Integers) -> pd.DataFrame:
    expected, sd = expect_codes(matrix)
    n_codes = len(matrix)
    return pd.DataFrame(
        {
            "t": np.arange(1, matrix.shape[1] + 1),
            "expected": expected,
            "sd": sd,
            "low": np.clip(expected - _Z * sd, 0, n_codes),
            "high": np.clip(expected + _Z * sd, 0, n_codes),
            "as_done": as_done,
        }
    )


def expect_codes(matrix: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    r"""Return how many codes 1, 2, … cases bring in the mean of all orders, and the spread over orders.

    Parameters
    ----------
    matrix
        Codes × cases: which codes come up in which cases.

    Returns
    -------
    expected, sd
        One number per number of cases t: :math:`S(t) = \sum_i (1 - a_i)` with :math:`a_i = \binom{T-n_i}{t} /
        \binom{T}{t}`, the chance that code i comes up in none of t cases; its variance is
        :math:`\sum_{ij} (b_{ij} - a_i a_j)`, where b is the chance that neither of two codes does. vegan's ``exact``
        uses correlations for b, and gives less in the middle.

    Examples
    --------
    >>> import numpy
    >>> expected, sd = expect_codes(numpy.array([[True, True], [True, False]]))
    >>> expected.tolist(), sd.tolist()
    ([1.5, 2.0], [0.5, 0.0])
    """
    n_cases = matrix.shape[1]
    n_of_code = matrix.sum(axis=1)
    both = matrix.astype(np.int64) @ matrix.T.astype(np.int64)
    without_one = np.bincount(n_cases - n_of_code, minlength=n_cases + 1)
    without_two = np.bincount((n_cases - n_of_code[:, None] - n_of_code + both).ravel(), minlength=n_cases + 1)
    logs = np.array([math.lgamma(k + 1) for k in range(n_cases + 1)])
    expected, sd = np.zeros(n_cases), np.zeros(n_cases)
    lacking = np.flatnonzero(without_one + without_two)  # how many cases lack a code, or two: a few numbers of many
    for t in range(1, n_cases + 1):
        k = lacking[np.searchsorted(lacking, t) :]
        missed = np.exp(logs[k] - logs[k - t] - logs[n_cases] + logs[n_cases - t])  # the chance that t cases all do
        unseen = float(without_one[k] @ missed)
        expected[t - 1] = len(matrix) - unseen
        sd[t - 1] = math.sqrt(max(float(without_two[k] @ missed) - unseen**2, 0.0))
    return np.round(expected, 10), np.where(sd < _TINY, 0.0, np.round(sd, 10))


_TINY = 1e-5
"""A spread that is none: what is left of differences of large numbers."""


def _estimate(matrix: NDArray[np.bool_]) -> pd.Series[float]:
    n_of_code = matrix.sum(axis=1)
    q1, q2 = (int((n_of_code == number).sum()) for number in (1, 2))
    return estimate_codes(len(matrix), q1, q2, matrix.shape[1], int(n_of_code.sum()))


def estimate_codes(observed: int, q1: int, q2: int, n_cases: int, incidences: int) -> pd.Series[float]:
    """Estimate how many codes there are, and how much of what is said those that came up cover.

    Parameters
    ----------
    observed
        How many codes came up.
    q1, q2
        How many of them in exactly one case, and in exactly two.
    n_cases
        How many cases there are; of one, nothing follows.
    incidences
        The sum over codes of the cases in which they come up.

    Returns
    -------
    pandas.Series
        As :attr:`Saturation.estimate`.

    Examples
    --------
    >>> estimate_codes(122, 28, 16, 150, 2101)[["chao2", "se", "low", "high"]].round(1).tolist()
    [146.3, 12.1, 131.7, 183.1]
    """
    if not observed or n_cases < 2:  # noqa: PLR2004  # one case does not tell what others bring
        values = dict.fromkeys(("chao2", "se", "low", "high", "coverage"), math.nan)
        return pd.Series({**values, "observed": observed, "q1": q1, "q2": q2}, dtype="float64")
    a = (n_cases - 1) / n_cases
    if q2:
        ratio = q1 / q2
        unseen = a * q1**2 / (2 * q2)
        variance = q2 * (a / 2 * ratio**2 + a**2 * ratio**3 + a**2 / 4 * ratio**4)
    else:
        unseen = a * q1 * (q1 - 1) / 2
        total = observed + unseen
        variance = a * q1 * (q1 - 1) / 2 + a**2 * q1 * (2 * q1 - 1) ** 2 / 4 - a**2 * q1**4 / (4 * total)
    low, high = _log_interval(observed, unseen, max(variance, 0.0))
    weight = (n_cases - 1) * q1 + 2 * q2
    coverage = 1 - q1 / incidences * ((n_cases - 1) * q1 / weight if weight else 0.0)
    return pd.Series(
        {
            "chao2": observed + unseen,
            "se": math.sqrt(max(variance, 0.0)),
            "low": low,
            "high": high,
            "coverage": coverage,
            "observed": observed,
            "q1": q1,
            "q2": q2,
        },
        dtype="float64",
    )


def _log_interval(observed: int, unseen: float, variance: float) -> tuple[float, float]:
    """Return the interval whose lower end is no less than what was observed (Chao 1987)."""
    if not unseen:
        return float(observed), float(observed)
    spread = math.exp(_Z * math.sqrt(math.log1p(variance / unseen**2)))
    return observed + unseen / spread, observed + unseen * spread


# --- meanings ------------------------------------------------------------------------------------------------


def _list_meanings(table: CodingTable, cases: Sequence[str]) -> pd.DataFrame:
    """Return, for each code with codes below it, where the last of these came up first (Hennink et al. 2017)."""
    presence = find_presence(table)
    columns = [presence.cases.index(case) for case in cases]
    first = presence.matrix[:, columns].argmax(axis=1) if columns else np.zeros(0, dtype=np.int64)
    rows = []
    for code in table.codebook.walk():
        path = table.codebook.path(code.id)
        below = [place for place, one in enumerate(presence.codes) if one.startswith(f"{path}/")]
        if below:
            last = int(first[below].max())
            rows.append((path, code.name, len(below), last + 1, cases[last]))
    texts, numbers = dict.fromkeys(("code", "name"), "str"), dict.fromkeys(("meanings", "last_new"), "int64")
    frame = make_frame(rows, {**texts, **numbers, "case": "str"})
    return frame.assign(code=order_paths(table.codebook, frame["code"]))


# --- words ---------------------------------------------------------------------------------------------------


def _find_slips(table: CodingTable) -> dict[str, str]:
    """Return the cases that may be another's, with the label that may have been meant."""
    index, found = table.index, {}
    for (transcript, label), meant in find_slips(table.transcripts).items():
        case = index.case_of(transcript, label)
        if case and case != index.case_of(transcript, meant):
            found[case] = meant
    return found


def _report_slips(slips: Mapping[str, str]) -> Iterator[Problem]:
    for case, meant in slips.items():
        message = f"{case} counts as a case of its own, and its label may be a slip for “{meant}”."
        yield Problem("", "warning", "similar-label", message, SLIP_REPAIR)


def _say_without(
    slips: Mapping[str, str], matrix: NDArray[np.bool_], cases: Sequence[str], base: int, run: int, threshold: float
) -> Iterator[str]:
    """Yield what would be reached without the cases that may be none."""
    if not slips:
        return
    left = matrix[:, [case not in slips for case in cases]]
    left = left[left.any(axis=1)]
    new = np.bincount(left.argmax(axis=1), minlength=left.shape[1]) if left.size else np.zeros(left.shape[1], np.int64)
    runs = _list_runs(new.astype(np.int64), base, run, threshold)
    reached = runs[runs["reached"]]
    what = "too few cases are left to say" if runs.empty else "no run reaches it"
    if len(reached):
        start, end = int(reached["from"].iloc[0]), int(reached["to"].iloc[0])
        what = f"it is reached in {_name_run(start, end)}"
    named = join([f"{case} (a slip for “{meant}”?)" for case, meant in slips.items()])
    yield f"Without {named}, {what}."


def _name_run(start: int, end: int) -> str:
    return f"case {start}" if start == end else f"cases {start} to {end}"


def _find_doubts(
    presence: Presence, runs: pd.DataFrame, slips: Mapping[str, str], *, is_thin: bool, base: int, run: int
) -> list[Problem]:
    found = []
    silent = [presence.cases[place] for place in np.flatnonzero(~presence.matrix.any(axis=0)).tolist()]
    silent = [case for case in silent if case not in slips]
    if not presence.codes:
        found.append(Problem("", "note", "no-codes", "No code comes up, so there is nothing that could be saturated."))
    elif silent:
        message = f"No code comes up in {join(silent)}. Each counts as a case that brings nothing new."
        hint = "See whether a slip in a speaker's label made a case of its own: qualcode talk"
        found.append(Problem("", "warning", "silent-case", message, hint))
    if presence.codes and len(presence.cases) == 1:
        message = "One case does not tell what others would bring, so the number of codes is not estimated."
        found.append(Problem("", "warning", "one-case", message, "Code another case"))
    elif presence.codes and is_thin:
        message = (
            "More than half of what is said is in codes that came up in one case only, so the number of codes is not "
            "estimated and the curve not drawn."
        )
        found.append(Problem("", "warning", "thin-codes", message, "Go one level up: --level"))
    if runs.empty and presence.codes:
        looked = f"{len(presence.cases)} {'was' if len(presence.cases) == 1 else 'were'} looked at"
        message = f"A base of {base} and a run of {run} need {plural(base + run, 'case')}; {looked}."
        found.append(Problem("", "warning", "few-cases", message, "Take a smaller base or run"))
    return found


def _say_ground(
    presence: Presence, order: str | Sequence[str], level: int | None, base: int, run: int, threshold: float
) -> str:
    which = "the codes that were used" if level is None else f"codes at level {level}"
    how = {"given": "as they are listed", "coded": "in the order in which they were coded"}.get(
        str(order), f"by {order}" if isinstance(order, str) else "as asked for"
    )
    found = f"{plural(len(presence.codes), 'code')} in {plural(len(presence.cases), 'case')}"
    first = "case is" if base == 1 else f"{base} cases are"
    return (
        f"{found}, counting {which}, cases {how}. The first {first} the base, and saturation is reached when a run of "
        f"{plural(run, 'case')} brings at most {100 * threshold:g}% of its codes (Guest, Namey & Chen 2020)."
    )


def _say_runs(frame: pd.DataFrame, runs: pd.DataFrame, run: int) -> list[str]:
    """Return where the first run reaches the threshold, and what came afterwards."""
    if runs.empty:
        return []
    reached = runs[runs["reached"]]
    base = plural(int(runs["base"].iloc[0]), "code")
    if reached.empty:
        lowest = runs["percent"].min()
        share = "" if math.isnan(lowest) else f", and the lowest share of new ones is {lowest:.0f}%"
        return [f"No run reaches it: the base has {base}{share}."]
    start, end = int(reached["from"].iloc[0]), int(reached["to"].iloc[0])
    share = f"{reached['percent'].iloc[0]:.0f}% new ones"
    told = f"It is reached in {_name_run(start, end)} ({start - 1} + {run}), with {base} in the base and {share}."
    return [told, _say_later(frame, end)]


def _say_later(frame: pd.DataFrame, end: int) -> str:
    """Return which codes came after the run that reached the threshold."""
    if end == len(frame):
        return "No case follows."
    later = [name for names in frame["names_of_new"].iloc[end:] for name in names.split("; ") if name]
    if not later:
        return "Later cases brought no new code."
    named = join(later[:_MOST_NAMED]) if len(later) <= _MOST_NAMED else f"{', '.join(later[:_MOST_NAMED])} and others"
    return f"Yet {len(later)} of {plural(int(frame['new'].sum()), 'code')} came later: {named}."


def _say_estimate(estimate: pd.Series[float]) -> list[str]:
    if math.isnan(estimate["coverage"]):
        return []
    covered = f"Coverage is {100 * estimate['coverage']:.0f}% (Chao & Jost 2012)"
    if math.isnan(estimate["chao2"]):
        return [f"{covered}."]
    low, high = (f"{estimate[name]:.0f}" for name in ("low", "high"))
    total = f"Chao2 estimates {plural(round(estimate['chao2']), 'code')} in all (95% interval {low} to {high})"
    return [f"{covered}; {total}. Both suppose cases drawn at random, which interviews seldom are."]
