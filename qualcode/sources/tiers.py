"""Tab-delimited exports of ELAN and the like: a row for each annotation with its tier and times, or a column a tier.

They may be sorted by tier rather than by time, so that one person's talk stands behind another's.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from qualcode.sources.blocks import Cue
from qualcode.sources.times import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLOCK = re.compile(r"\s*\d{1,2}:\d\d:\d\d[.,]\d{1,3}\s*")
_NUMBER = re.compile(r"\s*(?:\d+(?:[.,]\d+)?|\d{1,2}:\d\d:\d\d[.:,]\d{1,3})?\s*")
_MIN_ROWS = 2
_MIN_CLOCKS = 2


def read_tiers(lines: Sequence[str]) -> list[Cue] | None:
    """Return the annotations in the order of time, or ``None`` if the lines are no such export.

    Parameters
    ----------
    lines
        The lines of the file.
    """
    if any("\t" not in line for line in lines if line.strip()):
        return None
    rows = [line.split("\t") for line in lines if line.strip()]
    if len(rows) < _MIN_ROWS:
        return None
    head = [] if _n_clocks(rows[0]) else rows.pop(0)
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    clocks = [at for at in range(width) if all(_CLOCK.fullmatch(row[at]) for row in rows)]
    if len(clocks) < _MIN_CLOCKS:
        return None
    others = [at for at in range(width) if not all(_NUMBER.fullmatch(row[at]) for row in rows)]
    begin, end = clocks[:2]
    if others and others[0] > clocks[0]:
        found = _by_columns(rows, head, others, (begin, end))
    else:
        found = _by_rows(rows, others, (begin, end))
    return sorted(found, key=lambda cue: cue.start or 0.0) if found else None


def _n_clocks(row: Sequence[str]) -> int:
    return sum(1 for cell in row if _CLOCK.fullmatch(cell))


def _by_rows(rows: Sequence[Sequence[str]], others: Sequence[int], times: tuple[int, int]) -> list[Cue]:
    """Return a cue for each row: a tier, often a participant, times, and the text behind them."""
    texts = [at for at in others if at > times[0]]
    names = [at for at in others if at < times[0]]
    if len(texts) != 1 or not names:
        return []
    tiers = Counter((row[names[-1]], row[names[0]]) for row in rows)
    # A participant may have several tiers, such as one of translations: only with one is the name enough.
    name_at = names[-1] if len({one for one, _ in tiers}) == len(tiers) and all(one for one, _ in tiers) else names[0]
    return [_cue(row[texts[0]], row[name_at], row, times) for row in rows if row[texts[0]].strip()]


def _by_columns(
    rows: Sequence[Sequence[str]], head: Sequence[str], others: Sequence[int], times: tuple[int, int]
) -> list[Cue]:
    """Return a cue for each filled cell behind the times, whose column the head names."""
    if not head or any(at >= len(head) or not head[at].strip() for at in others):
        return []
    return [_cue(row[at], head[at], row, times) for row in rows for at in others if row[at].strip()]


def _cue(text: str, name: str, row: Sequence[str], times: tuple[int, int]) -> Cue:
    start, end = (seconds(row[at]) for at in times)
    return Cue(text.strip(), " ".join(name.split()) or None, start, end)
