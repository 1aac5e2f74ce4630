"""``qualcode checklist``: drafts of the reporting checklists that journals ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from qualcode.cli._common import PATH, finish, format_option, print_frame, save_result, say
from qualcode.cli._study import study_option

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.cli._common import OutputFormat
    from qualcode.reports import ChecklistName


@click.command()
@click.argument("name", type=click.Choice(["coreq", "srqr", "rtarg"]))
@study_option
@click.option(
    "--approach",
    type=click.Choice(["reflexive", "codebook", "reliability"]),
    help="The approach of the study.  [default: what study.yaml says]",
)
@click.option("--out", type=PATH, metavar="FILE", help="Write the draft to a file: .docx, .tex, .md or .xlsx.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@format_option
def checklist(
    name: ChecklistName,
    folder: Path | None,
    approach: str | None,
    out: Path | None,
    output_format: OutputFormat,
    *,
    force: bool,
) -> None:
    """Draft a reporting checklist: what each item asks, what the files of the study say, and what you have to write.

    A draft says where to look, and never that an item is fulfilled. With a reflexive approach, agreement, saturation
    and counts are left out. Check the wording against the published list before you hand it in.

    \b
    Examples:
      qualcode checklist coreq --study mystudy --out coreq.docx
      qualcode checklist rtarg --study mystudy
    """
    from qualcode.reports import GUIDELINES, draft_checklist, list_sections
    from qualcode.running import analyse_study, find_layout, report_analysis

    analysis = analyse_study(folder)
    if approach is not None and analysis.account is not None:
        analysis = replace(analysis, account=replace(analysis.account, approach=approach))
    layout = find_layout(folder, None)
    told = analysis.account.approach if analysis.account is not None else ""
    needed = ("quotes", *(one for one in list_sections(name, told) if layout.has(one)))
    report = report_analysis(analysis, layout=replace(layout, sections=needed), figures="none", agreement="whole")
    found = draft_checklist(report, name)
    if out is not None:
        save_result(found, out, GUIDELINES[name].title, force=force)
    print_frame(found.frame, output_format, shown=["item", "asked", "files", "answer"])
    say(f"\n{found.sentence}")
    finish(found.problems)
