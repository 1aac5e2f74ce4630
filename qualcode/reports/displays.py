"""Results of analyses as sections of a report: the joint display, agreement over time, and the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qualcode.reports.document import Column, Heading, Paragraph, Quote, Reference, Table
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from qualcode.reports.document import Block, Cell
    from qualcode.reports.report import Report

_UPRIGHT = 6
"""Columns of a joint display that stand on an upright page."""
_MOST_CODES = 5
"""Codes beside which a quote still has room in one table."""
_DAY = 10
"""Characters of a time that tell the day."""
_MOST_STEPS = 200
"""Steps of a trail that are listed where no table can be filtered."""


def compose_display(report: Report) -> Iterator[Block]:
    """Yield groups, or bands of a number, beside what their cases say."""
    found = report.display
    if found is None:
        return
    frame = found.frame
    yield Heading("display", "Joint display")
    yield Paragraph("display-result", (Reference("table-display"), f" has {found.sentence}"))
    for number, problem in enumerate(found.problems, 1):
        yield Paragraph(f"display-note-{number}", (problem.message,), "aside")
    codes = _list_codes(frame)
    names = {report.codebook.path(code.id): code.name for code in report.codebook.walk()}
    columns = [Column("Group", 1.4), Column("n", 0.5, "number")]
    numbers = ["n"]
    if frame["mean"].notna().any():
        columns += [Column("Mean", 0.8, "number"), Column("Median", 0.9, "number")]
        numbers += ["mean", "median"]
    columns += [Column(names.get(path.removeprefix("code "), path), 1.1, "number", key=path) for path in codes]
    said = [Column("Quote", 5), Column("Meta-inference (for you to write)", 4)]
    rows = [_lay_group(row, [*numbers, *codes]) for _, row in frame.iterrows()]
    caption = "Groups of cases beside what they say"
    look: Literal["plain", "across"] = "across" if len(columns) + len(said) > _UPRIGHT else "plain"
    if len(codes) <= _MOST_CODES:
        yield Table("table-display", caption, (*columns, *said), tuple(rows), look=look)
        return
    # So many codes would crush one another as columns: they stand below one another, and groups beside.
    heads = (
        Column("", 3),
        *(Column(str(row[0]), 1, "number", key=f"group {place}") for place, row in enumerate(rows, 1)),
    )
    names_of_rows = [column.head for column in columns[1:]]
    turned = tuple((name, *values) for name, *values in zip(names_of_rows, *(row[1:-2] for row in rows), strict=True))
    yield Table("table-display", caption, heads, turned)
    quoted = tuple((row[0], *row[-2:]) for row in rows)
    yield Table("table-display-quotes", "What each group says, and what follows", (columns[0], *said), quoted)


def _list_codes(frame: pd.DataFrame) -> list[str]:
    """Return the columns of codes, which stand between the numbers and the quote."""
    heads = [str(name) for name in frame]
    return heads[heads.index("median") + 1 : heads.index("quote")]


def _lay_group(row: pd.Series[Any], numbers: list[str]) -> tuple[Cell, ...]:
    quote: Cell = Quote(str(row["quote"]), str(row["place"])) if row["quote"] else ""
    return str(row["group"]), *(_as_number(row[name]) for name in numbers), quote, ""


def _as_number(value: object) -> Cell:
    number = float(str(value))
    if number != number:  # noqa: PLR0124  # NaN is not itself
        return ""
    return int(number) if number.is_integer() else f"{number:.1f}"


def compose_course(report: Report) -> Iterator[Block]:
    """Yield agreement over time, below that of all that was coded twice."""
    found = report.course
    if found is None:
        return
    frame = found.frame
    yield Heading("agreement-course", "Agreement over time", 2)
    yield Paragraph("agreement-course-result", (found.caption,))
    columns = ("block", "since", "n_units", "percent", "alpha", "low", "high", "changes")
    yield Table(
        "table-course",
        "Agreement between coders over time, in blocks of units",
        (
            Column("Block", 0.7, "number"),
            Column("Begun", 1.3),
            Column(f"{report.table.unit.capitalize()}s", 0.8, "number"),
            Column("Agreement, %", 1.1, "number"),
            Column("Alpha", 0.9, "number"),
            Column("95% from", 0.9, "number"),
            Column("to", 0.9, "number"),
            Column("Changes of the codebook before", 1.4, "number"),
        ),
        tuple(_lay_block(row) for row in zip(*(frame[name].tolist() for name in columns), strict=True)),
        "Alpha is Krippendorff’s, for the set of codes that each unit has.",
    )


def _lay_block(row: tuple[object, ...]) -> tuple[Cell, ...]:
    from qualcode.agreement import format_value
    from qualcode.wording import percent

    block, since, n_units, share, *values, changes = row
    agreed = round(float(str(share)) * int(str(n_units)))
    told = (format_value(float(str(value))) for value in values)
    return int(str(block)), str(since), int(str(n_units)), percent(agreed, int(str(n_units))), *told, int(str(changes))


def compose_trail(report: Report) -> Iterator[Block]:
    """Yield what was done to the study, in numbers and step by step."""
    trail, steps = report.trail, report.steps
    if trail is None or steps is None:
        return
    yield Heading("trail", "Audit trail")
    yield Paragraph("trail-result", (f"The log of the study has {trail.caption[:1].lower()}{trail.caption[1:]}",))
    counts = trail.frame.groupby(["class", "what", "who"], sort=True)["at"].agg(["size", "min", "max"]).reset_index()
    yield Table(
        "table-trail",
        "What was done to the study",
        (
            *(Column("Class (Halpern)", 2), Column("What", 2.4), Column("Who", 1.2)),
            *(Column("Times", 0.8, "number"), Column("First", 1.1), Column("Last", 1.1)),
        ),
        tuple(
            (kind, what, who, int(n), first[:_DAY], last[:_DAY])
            for kind, what, who, n, first, last in counts.itertuples(index=False)
        ),
        "Classes are those of Halpern, after Lincoln and Guba (1985). Private memos are left out.",
    )
    left = len(steps.frame) - _MOST_STEPS
    if left > 0:
        told = f"{plural(left, 'later step')} left out on paper; `qualcode trail` writes all of them."
        yield Paragraph("trail-left", (told,), "aside", media=("text",))
    if len(steps.frame):
        yield _list_steps(steps.frame)


_OF_STEPS = {
    "at": Column("Day", 1.1),
    "who": Column("Who", 0.9),
    "what": Column("What", 1.6),
    "object": Column("Object", 1.9),
    "before": Column("Before", 2),
    "after": Column("After", 2),
    "why": Column("Why", 1.6),
}


def _list_steps(frame: pd.DataFrame) -> Table:
    """Return steps as a table, without columns that are empty in all of them."""
    cells = {name: frame[name].tolist() for name in _OF_STEPS}
    cells["at"] = [at[:_DAY] for at in cells["at"]]
    told = [name for name, column in cells.items() if any(column)]
    return Table(
        "table-steps",
        "Steps, oldest first",
        tuple(_OF_STEPS[name] for name in told),
        tuple(zip(*(cells[name] for name in told), strict=True)),
        look="across",
        most=_MOST_STEPS,
    )
