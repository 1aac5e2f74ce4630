"""What reports say about the agreement of coders: one table, its note, and the paragraph for the paper."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.agreement import find_coefficient, format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.agreement import AgreementResult

CAPTION = "Agreement between coders"

_SIZES = ("n_units", "prevalence", "percent")
_AFTER = ("low", "high", "below_667", "below_800", "reason")
_WHOLE = "All codes together"


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """A row of the table, in words.

    Attributes
    ----------
    name, level
        The code's name and its level, 0 for all codes together.
    cells
        One per column of :attr:`AgreementTable.heads`.
    """

    name: str
    level: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgreementTable:
    """The table as all writers show it.

    Attributes
    ----------
    heads
        The columns after the name.
    rows
        All codes together, then each code in the order of the codebook.
    note
        What the columns are, and why a number is missing.
    """

    heads: tuple[str, ...]
    rows: tuple[AgreementRow, ...]
    note: str


def tabulate_agreement(result: AgreementResult) -> AgreementTable:
    """Return the table of a result."""
    frame = result.summary
    coefficients = [name for name in map(str, frame) if name not in {"group", "code", *_SIZES, *_AFTER}]
    interval_of = "alpha" if "alpha" in coefficients else result.estimates[0].coefficient
    heads = ("Units", "Prevalence", "Agree", *_heads(coefficients, interval_of))
    names = dict(result.facts.names) if result.facts else {}
    own = _own_shares(result)
    rows: list[AgreementRow] = []
    missing: dict[str, list[str]] = {}
    for record in frame.to_dict("records"):
        path = str(record["code"] or record["group"])
        name = names.get(path, path) or _WHOLE
        values = [format_value(float(record[one])) if not math.isnan(record[one]) else "–" for one in coefficients]
        prevalence = f"{_percent(record['prevalence'])} {own.get(path, '')}".strip()
        sizes = (f"{record['n_units']:,}", prevalence, _percent(record["percent"]))
        cells = (*sizes, *values, _interval(record["low"], record["high"]))
        rows.append(AgreementRow(name, path.count("/") + 1 if path else 0, cells))
        if record["reason"]:
            missing.setdefault(str(record["reason"]), []).append(name)
    return AgreementTable(heads, tuple(rows), _note(result, missing))


def _own_shares(result: AgreementResult) -> dict[str, str]:
    """Return per code how often each coder gave it, for the brackets behind its prevalence."""
    if "code" not in result.margins:
        return {}
    shares = result.margins.set_index("code")[list(result.coders)]
    return {str(code): f"({', '.join(f'{share * 100:.0f}' for share in row)})" for code, *row in shares.itertuples()}


def _note(result: AgreementResult, missing: dict[str, list[str]]) -> str:
    over = dict.fromkeys(one.resampled for one in result.estimates if one.resampled)
    coders = f" (in brackets: of {', '.join(result.coders)})" if "code" in result.margins else ""
    parts = [
        f"Prevalence is the share of values that give the code{coders}.",
        "Agree is the share of units on which coders agree.",
        f"Intervals are bootstrapped over {' and '.join(over)}." if over else "",
        *(f"{', '.join(names)}: {reason}." for reason, names in missing.items()),
    ]
    return " ".join(part for part in parts if part)


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{share:.0%}"


def _interval(low: float, high: float) -> str:
    return "–" if math.isnan(low) else f"{format_value(low)} to {format_value(high)}"


def _heads(coefficients: Sequence[str], interval_of: str) -> list[str]:
    """Return the heads of the coefficients' columns, in full where two would be alike, and that of the interval."""
    entries = {name: find_coefficient(name) for name in (*coefficients, interval_of)}
    uses = Counter(entry.short for entry in entries.values())
    heads = {name: entry.short if uses[entry.short] == 1 else entry.label for name, entry in entries.items()}
    titles = [f"{heads[name][:1].upper()}{heads[name][1:]}" for name in coefficients]
    return [*titles, f"95 % CI of {heads[interval_of]}"]
