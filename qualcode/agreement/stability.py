"""How far coders agree with their own earlier coding: intra-coder agreement, which Krippendorff calls stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qualcode.agreement.ratings import PAIR
from qualcode.agreement.reliability import ReliabilityData, codes_down_to, lay_codes
from qualcode.agreement.tracking import MEASURED, measure_sets, tell_interval
from qualcode.errors import AgreementError, Problem
from qualcode.model import RULES_CODER
from qualcode.results import Result
from qualcode.settling import find_holders
from qualcode.wording import join, plural, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.agreement.reliability import Talk
    from qualcode.tables import CodingTable

_DAY = 10
"""How many characters of a date tell the day."""

_FEW = 30
"""Units below which an interval is about as wide as the scale."""


@dataclass(frozen=True, eq=False, repr=False)
class StabilityTable(Result):
    """Agreement of coders with their own earlier coding.

    Attributes
    ----------
    frame
        A row per coder: ``coder``; ``then`` and ``now``, the day of the latest coding that stood at either time;
        ``n_units`` read at both times, ``percent``, ``alpha`` of all codes as sets, ``low``, ``high``, ``reason`` (why
        there is none); ``n_changed``, the units whose codes differ, and ``n_accepted``, those of them that gained a
        code by a suggestion that was accepted.
    sentence, problems
        Who agrees most and least with themselves, and why to be careful.
    """


def compare_with_earlier(
    table: CodingTable,
    earlier: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    interviewer: Talk = "no",
    versions: Mapping[str, str] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> StabilityTable:
    """Return how far coders agree with their own earlier coding, on the units that they had read at both times.

    The two times are treated like two coders (intra-coder agreement; stability in Krippendorff, Content Analysis,
    2019, chapter 12). Codings that were left as they were agree, so this is no second, independent reading.

    Parameters
    ----------
    table
        The codings as they stand.
    earlier
        The same transcripts in the same units as they were coded earlier, from :meth:`.Study.tabulate_earlier`.
    coders
        Whom; by default all people in ``table`` but those who only hold a consensus.
    level, interviewer, versions, draws, seed
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.

    Returns
    -------
    StabilityTable
        A row per coder.

    Raises
    ------
    AgreementError
        If a coder is unknown or the rules, if there is none, or if the tables have other units.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> for segment, code in [("t002", "water"), ("t004", "help")]:
    ...     event = study.decide("ana", f"P1:{segment}", code, "apply")
    >>> later = study.decide("ana", "P1:t004", "water", "apply")
    >>> found = qualcode.compare_with_earlier(study.tabulate(), study.tabulate_earlier(event.at), draws=0)
    >>> found.frame[["coder", "n_units", "percent", "n_changed"]].to_dict("records")
    [{'coder': 'ana', 'n_units': 2, 'percent': 0.5, 'n_changed': 1}]
    """
    table = table.apart()
    _check_ground(table, earlier)
    chosen = _choose(table, coders)
    codes = codes_down_to(table.codebook, level)
    days = [_find_days(one) for one in (earlier, table)]
    rows = []
    for coder in chosen:
        data, accepted = _lay(table, earlier, coder, codes, interviewer)
        measured = _measure(data, earlier, draws, seed), _count_changed(data, accepted)
        rows.append((coder, *(one.get(coder, "") for one in days), *measured[0], *measured[1]))
    frame = pd.DataFrame(rows, columns=["coder", "then", "now", *MEASURED, "n_changed", "n_accepted"])
    doubts = (*_find_doubts(frame), *_find_versions(table, earlier, chosen, versions or {}))
    return StabilityTable(frame, _say(frame), doubts)


def _check_ground(table: CodingTable, earlier: CodingTable) -> None:
    texts, earlier_texts = ([(text.id, text.digest) for text in one.transcripts] for one in (table, earlier))
    if table.unit != earlier.unit or texts != earlier_texts or table.codebook.digest != earlier.codebook.digest:
        raise AgreementError(
            "The two tables differ in transcripts, units or codebook.",
            hint="Make both from one study: study.tabulate() and study.tabulate_earlier(at)",
        )


def _choose(table: CodingTable, coders: Sequence[str] | None) -> tuple[str, ...]:
    holders = find_holders(table.sheets)
    people = tuple(name for name in table.coders if name != RULES_CODER and name not in holders)
    if coders is None and not people:
        raise AgreementError("No person has coded, so there is no one to compare with themselves.", hint="Code first")
    for name in coders or ():
        if name == RULES_CODER:
            message = "Rules give the same result at any time, so they are not compared with themselves."
            raise AgreementError(message, hint=f"Coders are: {', '.join(people) or 'none'}")
        if name not in table.coders:
            hint = suggest(name, people) or f"Coders are: {', '.join(people) or 'none'}"
            raise AgreementError(f"There is no coder “{name}”.", hint=hint)
    return people if coders is None else tuple(dict.fromkeys(coders))


def _find_days(table: CodingTable) -> dict[str, str]:
    """Return the day of each coder's latest coding that stands."""
    days: dict[str, str] = {}
    for sheet in table.sheets:
        latest = max((coding.at for coding in sheet.codings), default="")
        days[sheet.coder] = max(days.get(sheet.coder, ""), latest[:_DAY])
    return days


def _lay(
    table: CodingTable, earlier: CodingTable, coder: str, codes: tuple[str, ...], interviewer: Talk
) -> tuple[ReliabilityData, NDArray[np.bool_]]:
    """Return a coder's codes then and now, as if two coders had given them, and which were accepted suggestions."""
    both = earlier, table
    seen = np.stack([one.seen(coder) for one in both], axis=1)
    is_left_out = table.unit_columns["is_interviewer"].astype(bool) & (interviewer == "no")
    kept = ~is_left_out & seen.all(axis=1)
    laid = [lay_codes(one, [coder], codes) for one in both]
    coded, own = (np.concatenate([one[kind] for one in laid], axis=2)[kept] for kind in range(PAIR))
    units = table.unit_columns.rows(np.flatnonzero(kept))
    data = ReliabilityData(table, (coder, coder), codes, units, coded, own, seen[kept], left_out={})
    return data, lay_codes(table, [coder], codes, verdict="accepted")[1][kept, :, 0]


def _measure(
    data: ReliabilityData, earlier: CodingTable, draws: int, seed: int
) -> tuple[int, float, float, float, float, str]:
    coder = data.coders[0]
    if len(data.units):
        return measure_sets(data.set_ratings(), draws, seed)
    then = coder in earlier.coders
    reason = f"no {earlier.unit} was read at both times" if then else "nothing was read by then that can be compared"
    return 0, np.nan, np.nan, np.nan, np.nan, reason


def _count_changed(data: ReliabilityData, accepted: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many units have other codes than before, and how many of these gained one by a suggestion."""
    then, now = data.own[:, :, 0], data.own[:, :, 1]
    return int((then != now).any(axis=1).sum()), int((now & ~then & accepted).any(axis=1).sum())


def _say(frame: pd.DataFrame) -> str:
    known = frame[frame["alpha"].notna()].sort_values("alpha", kind="stable")
    told = (
        f"{plural(len(frame), 'coder')} compared with their own earlier coding (intra-coder agreement), alpha of all "
        "codes as sets"
    )
    if known.empty:
        return f"{told}: not defined for any."
    ends = [known.iloc[-1]] if len(known) == 1 else [known.iloc[-1], known.iloc[0]]
    names = [f"{tell_interval(one)} ({one['coder']}, {_say_ground(one)})" for one in ends]
    return f"{told}: {' down to '.join(names)}."


def _say_ground(row: pd.Series[Any]) -> str:
    days = dict.fromkeys(day for day in (str(row["then"]), str(row["now"])) if day)
    return ", ".join([plural(int(str(row["n_units"])), "unit"), *filter(None, [" and ".join(days)])])


def _find_doubts(frame: pd.DataFrame) -> Iterator[Problem]:
    def named(rows: pd.DataFrame) -> str:
        return join([str(name) for name in rows["coder"]])

    empty = frame[frame["n_units"] == 0]
    for reason, rows in empty.groupby("reason", sort=True):
        message = f"{named(rows)}: {reason}."
        yield Problem("", "warning", "nothing-then", message, "Give a later time; qualcode log shows the acts")
    compared = frame[frame["n_units"] > 0]
    few = compared[compared["n_units"] < _FEW]
    if len(few):
        message = f"Fewer than {_FEW} units ({named(few)}): an interval may be as wide as the scale."
        yield Problem("", "note", "few-units", message, "Give a later time, by which more had been read")
    same = compared[compared["n_changed"] == 0]
    if len(same):
        message = f"No unit that had been read by then has other codes now ({named(same)})."
        yield Problem("", "warning", "unchanged", message, "Full agreement then says nothing about a second reading")
    swayed = compared[compared["n_accepted"] > 0]
    if len(swayed):
        counts = join(
            [f"{row['n_accepted']} of {row['n_changed']} ({row['coder']})" for row in swayed.to_dict("records")]
        )
        message = f"Units with other codes that gained one by an accepted suggestion: {counts}."
        yield Problem("", "note", "by-suggestions", message, "These are answers to suggestions, not second thoughts")
    if len(compared):
        message = (
            "Codings that were left as they were count as agreement, so this says little about a second, blind reading."
        )
        hint = "Code a drawn share again under another name: qualcode assign --coders NAME-again --share 10% --seed 1"
        yield Problem("", "note", "not-blind", message, hint)


def _find_versions(
    table: CodingTable, earlier: CodingTable, coders: Sequence[str], versions: Mapping[str, str]
) -> Iterator[Problem]:
    """Warn where a coder worked with another version of the codebook at the earlier time."""

    def of_sheets(of: CodingTable) -> dict[tuple[str, str], str]:
        digests = {(sheet.coder, sheet.transcript): sheet.codebook_digest for sheet in of.sheets}
        return {place: versions.get(digest, digest) for place, digest in digests.items()}

    then, now = of_sheets(earlier), of_sheets(table)
    changed = {place[0] for place, digest in then.items() if digest and now.get(place, "") not in {"", digest}}
    if names := [name for name in coders if name in changed]:
        message = f"The codebook changed in between ({join(names)}), so codes may have meant different things."
        yield Problem("", "warning", "codebook-versions", message, "Give a time after the change; see: qualcode trail")
