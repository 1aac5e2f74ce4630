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

_PARTS = frozenset({"definition", "include", "exclude", "examples", "rules", "colour"})
_SAID = {"include": "inclusion", "exclude": "exclusion"}
"""What a part of a code is called where it is not as in codebooks."""


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
            step.at[:10].replace("-", "\u2011") or "not recorded yet",
            ", ".join(filter(None, [step.who, step.why])),
            "; ".join(_tell_changes(step.changes, names)) or f"version {step.digest[:12]}, not kept",
            "; ".join(_tell_moved(names.get(code, code), number) for code, number in step.moved.items()) or "none",
        )
        for step in changes
    )
    columns = (
        Column("When", 1.8),
        Column("By whom and why", 2.4),
        Column("What changed", 4),
        Column("Codings more or fewer", 3),
    )
    note = "Codings are those of all coders and suggestions of the rules, rejected ones left out."
    return Table("table-frozen", "Changes of the codebook after it was frozen", columns, rows, note)


def _tell_changes(changes: tuple[CodeChange, ...], names: dict[str, str]) -> Iterator[str]:
    """Yield what changed, a phrase for each code."""
    by_code: dict[str, list[CodeChange]] = {}
    for one in changes:
        by_code.setdefault(one.code, []).append(one)
    for code, own in by_code.items():
        told = [f"{one.kind} from {one.old}" for one in own if one.kind in {"renamed", "moved"}]
        told += [one.kind for one in own if one.kind in {"added", "removed", "retired"}]
        parts = [_SAID.get(one.kind, one.kind) for one in own if one.kind in _PARTS]
        yield f"{names.get(code, code)}: {join([*told, *([f'{join(parts)} changed'] if parts else [])])}"


def _tell_moved(name: str, number: int) -> str:
    return f"{name}: {plural(abs(number), 'coding')} {'more' if number > 0 else 'fewer'}"
