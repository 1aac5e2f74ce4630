"""How agreement went: over time, between each pair of coders, and without each of them in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qualcode.agreement.estimates import estimate
from qualcode.agreement.ratings import PAIR
from qualcode.agreement.reliability import choose_coders, codes_down_to, compare_coders, say_apart
from qualcode.agreement.wording import format_value
from qualcode.errors import AgreementError, Problem
from qualcode.results import DECIMALS, Result
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.reliability import ReliabilityData, Talk
    from qualcode.tables import CodingTable

_DAY = 10
"""How many characters of a date tell the day."""

_FEW = 50
"""Units below which an interval is often as wide as the scale."""


@dataclass(frozen=True, eq=False, repr=False)
class AgreementCourse(Result):
    """Agreement over time.

    Attributes
    ----------
    frame
        One row per block: ``block`` (from 1), ``first`` and ``last`` unit, ``since`` (the first day in it, or ``""``),
        ``n_units``, ``percent``, ``alpha`` of all codes as sets, ``low``, ``high`` (over units), ``reason`` (why there
        is none), ``changes`` (of the codebook since the block before began).
    sentence, problems
        How far it went up or down, and why to be careful.
    """


@dataclass(frozen=True, eq=False, repr=False)
class CoderTable(Result):
    """Agreement between coders, two by two or without one of them.

    Attributes
    ----------
    frame
        ``coder`` and ``other`` of a pair, or ``without`` (empty: all coders); ``n_units``, ``percent``, ``alpha`` of
        all codes as sets, ``low``, ``high``, ``reason``; without coders also ``change``, the alpha without them less
        that of all.
    sentence, problems
        Who agrees most and least.
    """


def track_agreement(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    blocks: int = 5,
    interviewer: Talk = "no",
    changes: Sequence[str] = (),
    draws: int = 1000,
    seed: int = 0,
) -> AgreementCourse:
    """Return agreement over time: the units in the order in which they were coded, in blocks of equal size.

    Transcripts come in the order of their first dated coding; where codings carry no date, in the order of the table.

    Parameters
    ----------
    table, coders, level
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.
    blocks
        How many blocks.
    interviewer, draws, seed
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.
    changes
        When the codebook was changed, in ISO 8601.

    Returns
    -------
    AgreementCourse
        A row per block.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> for coder, segment, code in [("ana", "t002", "water"), ("ben", "t002", "water"), ("ana", "t004", "help")]:
    ...     event = study.decide(coder, f"P1:{segment}", code, "apply")
    >>> seen = study.mark_seen("ben", ["P1:t004"])
    >>> table = study.tabulate(coders=["ana", "ben"])
    >>> qualcode.track_agreement(table, blocks=2, draws=0).frame[["block", "n_units", "percent"]].to_dict("records")
    [{'block': 1, 'n_units': 1, 'percent': 1.0}, {'block': 2, 'n_units': 1, 'percent': 0.0}]
    """
    data = compare_coders(table, coders=coders, level=level, interviewer=interviewer)
    dates = _dates(data)
    transcripts = data.units.texts("transcript")
    position = {transcript.id: place for place, transcript in enumerate(table.transcripts)}
    key = {name: (dates.get(name, "9"), position[name]) for name in position}
    order = np.array(sorted(range(len(transcripts)), key=lambda row: (key[transcripts[row]], row)))
    ratings = replace(data.set_ratings(), clusters=None, cluster_names=())
    names = data.unit_names
    rows = []
    for number, block in enumerate(np.array_split(order, min(blocks, len(order))), start=1):
        part = ratings.take(np.isin(np.arange(len(order)), block))
        since = min((dates[transcripts[row]] for row in block if transcripts[row] in dates), default="")
        ends = names[block[0]], names[block[-1]]
        rows.append((number, *ends, since, *measure_sets(part, draws, seed)))
    columns = ["block", "first", "last", "since", *MEASURED]
    frame = pd.DataFrame(rows, columns=columns)
    frame["changes"] = _count_changes(frame["since"].tolist(), changes)
    frame["since"] = frame["since"].str[:_DAY]
    return AgreementCourse(frame, _say_course(frame, data.coders), tuple(_find_doubts(frame, dates)))


MEASURED = ("n_units", "percent", "alpha", "low", "high", "reason")


def measure_sets(ratings: Ratings, draws: int, seed: int) -> tuple[int, float, float, float, float, str]:
    """Return number of units, percent agreement, alpha of the sets with its interval, and why there is none.

    Numbers have as many decimals as do not depend on the order in which a processor adds.
    """
    alpha = estimate(ratings, "alpha", draws=draws, seed=seed, wanted="reported")
    percent = estimate(ratings, "percent", draws=0).value
    value, low, high = (round(one, DECIMALS) for one in (alpha.value, alpha.low, alpha.high))
    return len(ratings.units), round(percent, DECIMALS), value, low, high, alpha.reason


def _count_changes(since: Sequence[str], changes: Sequence[str]) -> list[int]:
    """Return how often the codebook changed after the first block began, up to the beginning of each block."""
    counts = [0] * len(since)
    for number in range(1, len(since)):
        before, now = since[number - 1], since[number]
        counts[number] = sum(bool(before) and before < one <= now for one in changes)
    return counts


def _say_course(frame: pd.DataFrame, coders: Sequence[str]) -> str:
    known = frame[frame["alpha"].notna()]
    ground = f"{plural(int(frame['n_units'].sum()), 'unit')} coded by {join(coders)}, in {plural(len(frame), 'block')}"
    ground = f"{ground} in the order of the {'work' if frame['since'].any() else 'text'}"
    if known.empty:
        return f"{ground}: alpha is not defined in any of them."
    first, last = known.iloc[0], known.iloc[-1]
    changed = int(frame["changes"].sum())
    ticks = f" The codebook changed {plural(changed, 'time')} meanwhile." if changed else ""
    return (
        f"{ground}: alpha of all codes as sets is {tell_interval(first)} in block "
        f"{first['block']} and {tell_interval(last)} in block {last['block']}.{ticks}"
    )


def tell_interval(row: pd.Series[Any]) -> str:
    """Return alpha as a sentence has it, with its interval where there is one."""
    value, low, high = (float(str(row[name])) for name in ("alpha", "low", "high"))
    return f"{format_value(value)} [{format_value(low)}, {format_value(high)}]" if low == low else format_value(value)  # noqa: PLR0124  # NaN is not itself


def _find_doubts(frame: pd.DataFrame, dates: dict[str, str]) -> Iterator[Problem]:
    if frame["n_units"].min() < _FEW:
        message = f"Blocks have as few as {plural(int(frame['n_units'].min()), 'unit')}, so their intervals are wide."
        yield Problem("", "note", "small-blocks", message, "Compare the ends, not block by block")
    if not dates:
        message = "Codings carry no dates, so units are in the order of the text, not of the work."
        yield Problem("", "warning", "no-dates", message, "Code in a study, which keeps the dates")


def _dates(data: ReliabilityData) -> dict[str, str]:
    """Return the first date of a coding by one of the coders, per transcript."""
    dates: dict[str, str] = {}
    for sheet in data.table.sheets:
        if sheet.coder in data.coders:
            for coding in sheet.codings:
                if coding.at:
                    dates[sheet.transcript] = min(dates.get(sheet.transcript, coding.at), coding.at)
    return dates


# --- pairs, and all but one ----------------------------------------------------------------------------------


def compare_pairs(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    interviewer: Talk = "no",
    draws: int = 1000,
    seed: int = 0,
) -> CoderTable:
    """Return how far each two coders agree, on the units that both read.

    Parameters
    ----------
    table, coders, level, interviewer, draws, seed
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.

    Returns
    -------
    CoderTable
        A row per pair.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> for coder, segment, code in [("ana", "t002", "water"), ("ben", "t002", "water"), ("ana", "t004", "help")]:
    ...     event = study.decide(coder, f"P1:{segment}", code, "apply")
    >>> seen = study.mark_seen("ben", ["P1:t004"])
    >>> table = study.tabulate(coders=["ana", "ben"])
    >>> qualcode.compare_pairs(table, draws=0).frame[["coder", "other", "n_units", "percent"]].to_dict("records")
    [{'coder': 'ana', 'other': 'ben', 'n_units': 2, 'percent': 0.5}]
    """
    table = table.apart()
    chosen = choose_coders(table, coders)
    ratings = _lay(table, chosen, level, interviewer)
    rows = [(*pair, *_compare(table, ratings, pair, draws, seed)) for pair in combinations(chosen, PAIR)]
    frame = pd.DataFrame(rows, columns=["coder", "other", *MEASURED])
    return CoderTable(frame, _say_pairs(frame), tuple(_find_strangers(frame)))


def leave_out_coders(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    interviewer: Talk = "no",
    draws: int = 1000,
    seed: int = 0,
) -> CoderTable:
    """Return the agreement of all coders, and of all without each of them in turn.

    Parameters
    ----------
    table, coders, level, interviewer, draws, seed
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.

    Returns
    -------
    CoderTable
        A row for all coders, and one without each.

    Raises
    ------
    AgreementError
        If there are fewer than three coders.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> for coder, code in [("ana", "water"), ("ben", "water"), ("chi", "help")]:
    ...     event = study.decide(coder, "P1:t002", code, "apply")
    >>> table = study.tabulate(coders=["ana", "ben", "chi"])
    >>> found = qualcode.leave_out_coders(table, draws=0)
    >>> found.frame[["without", "n_units", "percent"]].to_dict("records")[-1]
    {'without': 'chi', 'n_units': 1, 'percent': 1.0}
    """
    table = table.apart()
    chosen = choose_coders(table, coders)
    if len(chosen) <= PAIR:
        raise AgreementError("Without one of two coders there is no agreement.", hint="This needs three coders or more")
    others = [("", chosen), *((one, tuple(name for name in chosen if name != one)) for one in chosen)]
    ratings = _lay(table, chosen, level, interviewer)
    rows = [(name, *_compare(table, ratings, rest, draws, seed)) for name, rest in others]
    frame = pd.DataFrame(rows, columns=["without", *MEASURED])
    frame["change"] = (frame["alpha"] - frame["alpha"].iloc[0]).round(DECIMALS)
    frame.loc[0, "change"] = np.nan
    return CoderTable(frame, _say_without(frame), tuple(_find_strangers(frame)))


def _lay(table: CodingTable, coders: Sequence[str], level: int | None, interviewer: Talk) -> Ratings | None:
    """Return the sets of codes that coders gave; ``None`` where no two of them read anything in common."""
    codes_down_to(table.codebook, level)  # may be an error
    try:
        return compare_coders(table, coders=coders, level=level, interviewer=interviewer).set_ratings()
    except AgreementError:
        return None


def _compare(
    table: CodingTable, ratings: Ratings | None, coders: Sequence[str], draws: int, seed: int
) -> tuple[int, float, float, float, float, str]:
    """Return the numbers of some coders; of those who read nothing in common, that."""
    chosen = None if ratings is None else ratings.choose(coders)
    if chosen is None or not chosen.is_comparable:
        return 0, np.nan, np.nan, np.nan, np.nan, say_apart(table, coders)
    return measure_sets(chosen.narrow(chosen.n_values >= PAIR), draws, seed)


def _say_pairs(frame: pd.DataFrame) -> str:
    known = frame[frame["alpha"].notna()].sort_values("alpha", kind="stable")
    told = f"{plural(len(frame), 'pair')} of coders, alpha of all codes as sets"
    if known.empty:
        return f"{told}: not defined for any."
    ends = [known.iloc[-1]] if len(known) == 1 else [known.iloc[-1], known.iloc[0]]
    names = [
        f"{tell_interval(one)} ({one['coder']} and {one['other']}, {plural(int(str(one['n_units'])), 'unit')})"
        for one in ends
    ]
    return f"{told}: {' down to '.join(names)}."


def _say_without(frame: pd.DataFrame) -> str:
    whole, rest = frame.iloc[0], frame.iloc[1:].dropna(subset="change")
    told = f"Alpha of all codes as sets is {tell_interval(whole)} for all coders"
    if rest.empty:
        return f"{told}."
    highest = rest.iloc[int(rest["change"].to_numpy().argmax())]
    return f"{told}, and {tell_interval(highest)} without {highest['without']}, which changes it most upwards."


def _find_strangers(frame: pd.DataFrame) -> Iterator[Problem]:
    empty = frame[frame["n_units"] == 0]
    if len(empty):
        columns = [name for name in ("coder", "other", "without") if name in frame]
        names = [" and ".join(str(value) for value in row) for row in empty[columns].itertuples(index=False)]
        message = f"No unit was read by two coders: {'; '.join(names)}."
        yield Problem("", "note", "nothing-common", message, "Let them code the same transcript")
