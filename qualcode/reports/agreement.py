"""The agreement of coders as a table of a report."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from qualcode.agreement import find_coefficient, format_value
from qualcode.reports.document import RESULTS, Column, Name, Table
from qualcode.wording import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.agreement import AgreementResult
    from qualcode.reports.document import Cell

_SIZES = ("n_units", "prevalence", "percent")
_AFTER = ("low", "high", "below_667", "below_800", "reason")
_WHOLE = "All codes together"


def tabulate_agreement(result: AgreementResult) -> Table:
    """Return the table of a result: all codes together, then each code in the order of the codebook."""
    frame = result.summary
    coefficients = [name for name in map(str, frame) if name not in {"group", "code", *_SIZES, *_AFTER}]
    interval_of = "alpha" if "alpha" in coefficients else result.estimates[0].coefficient
    unit = f"{result.facts.unit}s".capitalize() if result.facts else "Units"
    heads = (unit, "Prevalence", "Agreement", *_heads(coefficients, interval_of))
    weights = (0.9, 1.5, *[1] * (len(heads) - 3), 1.6)
    names = dict(result.facts.names) if result.facts else {}
    own = _own_shares(result)
    rows: list[tuple[Cell, ...]] = []
    missing: dict[str, list[str]] = {}
    for record in frame.to_dict("records"):
        path, n_units = str(record["code"] or record["group"]), int(record["n_units"])
        name = names.get(path, path) or _WHOLE
        values = [format_value(float(record[one])) if not math.isnan(record[one]) else "–" for one in coefficients]
        prevalence = f"{_percent(record['prevalence'], n_units)} {own.get(path, '')}".strip()
        agreed = _percent(record["percent"], n_units)
        interval = _interval(record["low"], record["high"])
        rows.append((Name(name, path, path.count("/") + 1), n_units, prevalence, agreed, *values, interval))
        if record["reason"]:
            missing.setdefault(str(record["reason"]), []).append(name)
    columns = (Column("Code", 3.6), *(Column(*column, "number") for column in zip(heads, weights, strict=True)))
    note = _note(result, missing)
    return Table("table-agreement", "Agreement between coders", columns, tuple(rows), note, media=RESULTS)


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
        "Agreement is the share of units on which coders agree.",
        f"Intervals are bootstrapped over {' and '.join(over)}." if over else "",
        *(f"{', '.join(names)}: {reason}." for reason, names in missing.items()),
    ]
    return " ".join(part for part in parts if part)


def _percent(share: float, n_units: int) -> str:
    return "" if math.isnan(share) else f"{percent(share * n_units, n_units)}%"


def _interval(low: float, high: float) -> str:
    return "–" if math.isnan(low) else f"{format_value(low)} to {format_value(high)}"


def _heads(coefficients: Sequence[str], interval_of: str) -> list[str]:
    """Return the heads of the coefficients' columns, in full where two would be alike, and that of the interval."""
    entries = {name: find_coefficient(name) for name in (*coefficients, interval_of)}
    uses = Counter(entry.short for entry in entries.values())
    heads = {name: entry.short if uses[entry.short] == 1 else entry.label for name, entry in entries.items()}
    titles = [f"{heads[name][:1].upper()}{heads[name][1:]}" for name in coefficients]
    return [*titles, f"95% CI of {heads[interval_of]}"]
