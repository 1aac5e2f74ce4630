"""The whole line in one call: files in, a folder of results out, all or nothing."""

from __future__ import annotations

from qualcode.running.analysing import Analysis, analyse, analyse_codings, analyse_study, ask_named, count_named
from qualcode.running.writing import report_study, run, save_chart, write_agreement_report

__all__ = [
    "Analysis",
    "analyse",
    "analyse_codings",
    "analyse_study",
    "ask_named",
    "count_named",
    "report_study",
    "run",
    "save_chart",
    "write_agreement_report",
]
