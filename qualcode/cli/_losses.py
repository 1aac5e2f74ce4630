"""What the commands that exchange with other programs tell: what came in, and what did not go along."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import FINDINGS, finish, report_problems, say
from qualcode.cli._study import print_records
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from qualcode.cli._common import OutputFormat
    from qualcode.errors import Problem
    from qualcode.exchange import Loss
    from qualcode.study import ArrivalReport


def tell_losses(
    losses: Sequence[Loss], output_format: OutputFormat, *, is_free: bool = True, leaks: Sequence[Problem] = ()
) -> None:
    """Tell losses, as records where standard output is free for them, else in words; end with 3 after warnings."""
    if output_format == "table" or not is_free:
        finish([*(loss.problem() for loss in losses), *leaks])
        return
    records = [loss.record() for loss in losses]
    if output_format == "csv":
        records = [{**one, "examples": "; ".join(one["examples"])} for one in records]
    print_records(records, output_format)
    if report_problems(leaks) or any(loss.level != "note" for loss in losses):
        click.get_current_context().exit(FINDINGS)


def tell_arrival(report: ArrivalReport, seen: str, output_format: OutputFormat) -> None:
    """Tell what came in; where standard output is for records, to the side."""
    for line in _tell(report, seen):
        (click.echo if output_format == "table" else say)(line)


def _tell(report: ArrivalReport, seen: str) -> Iterator[str]:
    counts = [
        plural(len(report.new), "transcript"), plural(report.n_codes, "code"), plural(report.n_codings, "coding"),
        plural(report.n_cases, "case"), plural(report.n_memos, "memo"),
    ]  # fmt: skip
    yield f"{join(counts)} came in."
    if report.same or report.updated or report.n_changed:
        yield (
            f"{plural(len(report.same), 'transcript')} as before, {len(report.updated)} with a newer text, "
            f"{plural(report.n_changed, 'coding')} changed."
        )
    for coder, number in report.n_codings_there.items():
        yield f"  {coder}: {plural(number, 'coding')}"
    if report.n_codings_there:
        whole = (
            "All of each transcript in which they coded counts"
            if seen == "all"
            else "The segments that they coded count"
        )
        yield f"{whole} as seen (--seen); agreement depends on it."


def write_file(data: bytes, out: Path | None, *, force: bool) -> None:
    """Write a file that was asked for, or to standard output."""
    from qualcode.errors import OutputError
    from qualcode.outputs import save

    if out is None and data.startswith(b"PK") and sys.stdout.isatty():
        raise OutputError("The file is binary, and a terminal cannot show it.", hint="Name a file with --out FILE")
    if out is None:
        sys.stdout.buffer.write(data)
        return
    if out.exists() and not force:
        raise OutputError("The file exists.", where=str(out), hint="Choose another --out, or add --force")
    save(out, data)
