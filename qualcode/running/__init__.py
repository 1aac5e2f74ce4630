"""The whole line in one call: files in, a folder of results out, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily
from qualcode.running.analysing import (
    Analysis,
    analyse,
    analyse_codings,
    analyse_folder,
    analyse_study,
    ask_named,
    count_named,
    keep_quiet,
)
from qualcode.running.folders import RUN_NAME, check_output, digest_file, fresh_folder

if TYPE_CHECKING:
    from qualcode.running.composing import find_layout, report_analysis
    from qualcode.running.writing import (
        name_template,
        report_study,
        run,
        save_chart,
        write_agreement_report,
        write_folder,
    )

__all__ = [
    "RUN_NAME",
    "Analysis",
    "analyse",
    "analyse_codings",
    "analyse_folder",
    "analyse_study",
    "ask_named",
    "check_output",
    "count_named",
    "digest_file",
    "find_layout",
    "fresh_folder",
    "keep_quiet",
    "name_template",
    "report_analysis",
    "report_study",
    "run",
    "save_chart",
    "write_agreement_report",
    "write_folder",
]

__getattr__ = open_lazily(
    __name__,
    dict.fromkeys(("find_layout", "report_analysis"), "composing")
    | dict.fromkeys(
        ("name_template", "report_study", "run", "save_chart", "write_agreement_report", "write_folder"), "writing"
    ),
)
