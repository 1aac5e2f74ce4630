"""The section that tells what was changed in a frozen codebook, and what each change did to the codings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.reports.document import Column, Heading, Paragraph, Reference, Table
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.codebook import CodeChange
    from qualcode.reports.document import Block
    from qualcode.reports.report import Report
    from qualcode.study import ChangeAfter, Freeze

_NAMED = frozenset({"added", "removed", "retired"})
_SAID = {"definition": "definition changed", "include": "inclusion changed", "exclude": "exclusion changed"}
_SAID |= {"examples": "examples changed", "rules": "rules changed", "colour": "colour changed"}


def compose_frozen(report: Report) -> Iterator[Block]:
    """Yield when the codebook was frozen, and every change since."""
    frozen = report.frozen
    if frozen is None:
        return
    yield Heading("frozen", "Changes after the codebook was frozen")
    first, *later = frozen.freezes
    again = f" It was frozen again {join([_tell_freeze(one) for one in later])}." if later else ""
    n_changes = len(frozen.changes)
    since = f"It has been changed {_times(n_changes)} since." if n_changes else "It has not been changed since."
    yield Paragraph("frozen-when", (f"The codebook was frozen {_tell_freeze(first)}. {since}{again}",))
    if frozen.changes:
        listed = " lists every change, with the codings that it moved when it was made."
        yield Paragraph("frozen-table", (Reference("table-frozen"), listed), media=("text",))
        yield _tabulate(report, frozen.changes)


def _tell_freeze(freeze: Freeze) -> str:
    return f"on {freeze.at[:10]} (“{freeze.note}”), in version {freeze.digest[:12]}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _tabulate(report: Report, changes: tuple[ChangeAfter, ...]) -> Table:
    names = {code.id: code.name for code in report.codebook.walk()}
    gone = {one.code: one.old for step in changes for one in step.changes if one.kind == "removed"}
    names = gone | names
    rows = tuple(
        (
            f"{place}. {step.at[:10] or 'not recorded yet'}",
            ", ".join(filter(None, [step.who, step.why])),
            "; ".join(_tell_change(one, names) for one in step.changes) or f"version {step.digest[:12]}, not kept",
            "; ".join(_tell_moved(names.get(code, code), number) for code, number in step.moved.items()) or "none",
        )
        for place, step in enumerate(changes, 1)
    )
    columns = (
        Column("Change", 1.6),
        Column("By whom and why", 2.4),
        Column("What changed", 4),
        Column("Codings more or fewer", 3),
    )
    note = "Codings are those of all coders and suggestions of the rules, rejected ones left out."
    return Table("table-frozen", "Changes of the codebook after it was frozen", columns, rows, note)


def _tell_change(change: CodeChange, names: dict[str, str]) -> str:
    name = names.get(change.code, change.code)
    if change.kind in _NAMED:
        return f"{name}: {change.kind}"
    if change.kind in {"renamed", "moved"}:
        return f"{name}: {change.kind} from {change.old}"
    return f"{name}: {_SAID[change.kind]}"


def _tell_moved(name: str, number: int) -> str:
    return f"{name}: {plural(abs(number), 'coding')} {'more' if number > 0 else 'fewer'}"
