"""How often one code is followed by another: a matrix, the first in rows, the next in columns."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.figures.cells import (
    Cell,
    draw_cells,
    draw_key,
    key_height,
    note_lines,
    number_width,
    print_note,
    round_up,
)
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.page import LABEL, MARGIN, SMALL, Box, Name, Page, line_height
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from qualcode.figures.formats import Width
    from qualcode.relations import SequenceTable

MOST_CODES = 15
"""Codes in rows and columns; the others are named."""
_CELL, _WIDEST = 5.0, 12.0
_LONGEST = 45.0
"""Millimetres that the names above the columns take at most."""


def plot_transitions(result: SequenceTable, *, width: Width = "two") -> Chart:
    """Draw how often one code is followed by another.

    Parameters
    ----------
    result
        What :func:`qualcode.follow` returns. Of more than 15 codes the most frequent are drawn.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has one row per cell: ``code`` (first), ``other`` (next), ``count``.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> len(qualcode.plot_transitions(qualcode.follow(table, level=1)).data)
    25
    """
    codes, n_more = _choose_codes(result)
    counts = {
        (one, other): count
        for one, other, count in zip(
            result.frame["code"], result.frame["other"], result.frame["count"].tolist(), strict=True
        )
    }
    cells = [(one, other, counts.get((one, other), 0)) for one in codes for other in codes]
    largest = max((count for _, _, count in cells), default=0)
    names = [Name(_name(result, code), code.rpartition("/")[2]) for code in codes]
    with drawing_style():
        page = Page(width, names)
        shown = [page.show(name) for name in names]
        left = MARGIN + min(max(map(page.measure, shown), default=0.0), 0.35 * page.width) + 2.0
        rows = page.shorten_apart(shown, left - MARGIN - 1.9)
        heads = page.shorten_apart(shown, _LONGEST)
        top = MARGIN + max(map(page.measure, heads), default=0.0) + 2.0
        cell = min(_WIDEST, (page.width - left - MARGIN) / max(len(codes), 1))
        with_numbers = cell >= number_width(page, largest)
        bottom = top + _CELL * len(codes) + 1.5
        key = 0.0 if with_numbers or not largest else key_height()
        note = note_lines(page, _explain(result, largest, n_more, len(codes)))
        page.open(bottom + key + len(note) * line_height(SMALL) + MARGIN)
        boxes = [
            Box(left + cell * (number % len(codes)), top + _CELL * (number // len(codes)), cell, _CELL)
            for number in range(len(cells))
        ]
        axes = page.canvas()
        drawn = [Cell(box, count, False) for box, (_, _, count) in zip(boxes, cells, strict=True)]  # noqa: FBT003
        draw_cells(page, axes, drawn, round_up(largest), with_numbers=with_numbers)
        _print_names(page, rows, heads, left, top, cell)
        if key:
            draw_key(page, axes, left, bottom, round_up(largest))
        print_note(page, note, bottom + key)
        data = _as_frame(cells)
        problems = (*page.problems("transitions"), *_report(n_more))
        alt = _describe(result, cells, dict(zip(codes, shown, strict=True)))
        return Chart("transitions", page.figure, alt, data, problems)


_NOTHING = "No code is followed by another in a later {unit}."


def _explain(result: SequenceTable, largest: int, n_more: int, n_codes: int) -> str:
    unit = result.table.unit
    if not n_codes:
        return _NOTHING.format(unit=unit)
    parts = [f"Rows: a code; columns: the code of a later {unit}."]
    if largest:
        parts.append(f"Shades run from 1 to {round_up(largest):,}.")
    if n_more:
        parts.append(f"Of {n_codes + n_more} codes, the {n_codes} most frequent.")
    return " ".join(parts)


def _choose_codes(result: SequenceTable) -> tuple[list[str], int]:
    """Return the most frequent codes in the order of the codebook, and how many more there are."""
    frame = result.frame
    sums: Counter[str] = Counter()
    for name in ("code", "other"):
        for code, count in zip(frame[name], frame["count"].tolist(), strict=True):
            sums[code] += count
    ranked = sorted(sums, key=lambda code: (-sums[code], code))
    chosen = set(ranked[:MOST_CODES])
    order = [result.table.codebook.path(one.id) for one in result.table.codebook.walk()]
    return [code for code in order if code in chosen], max(len(ranked) - MOST_CODES, 0)


def _name(result: SequenceTable, code: str) -> str:
    return result.table.codebook.code(code).name


def _print_names(page: Page, rows: Sequence[str], heads: Sequence[str], left: float, top: float, cell: float) -> None:
    for number, (row, head) in enumerate(zip(rows, heads, strict=True)):
        page.text(left - 1.5, top + _CELL * (number + 0.5), row, ha="right", size=LABEL)
        page.text(left + cell * (number + 0.5), top - 1.2, head, rotation=90, size=LABEL)


def _as_frame(cells: Sequence[tuple[str, str, int]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(cells, columns=["code", "other", "count"])


def _report(n_more: int) -> list[Problem]:
    if not n_more:
        return []
    message = f"Not drawn: {plural(n_more, 'code')} that occur less often."
    return [Problem("figure transitions", "note", "seldom", message, "Choose a level: --level 1")]


def _describe(result: SequenceTable, cells: Sequence[tuple[str, str, int]], names: dict[str, str]) -> str:
    ranked = sorted((cell for cell in cells if cell[2]), key=lambda cell: -cell[2])
    if not ranked:
        return _NOTHING.format(unit=result.table.unit)
    told = [f"{names[one]} by {names[other]} ({count:,})" for one, other, count in ranked[:5]]
    return f"Matrix of how often one of {plural(len(names), 'code')} is followed by another. Most: {'; '.join(told)}."
