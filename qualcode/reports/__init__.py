"""Results → files: Word, HTML, Excel, LaTeX, Markdown, CSV and JSON, from one :class:`Report`.

A report is composed once, section by section, and rendered in every format. Every writer is deterministic: the same
report gives the same bytes, on any machine and at any time. Nothing is half-written: a file is complete under its name,
or it is not there.
"""

from qualcode.reports.appendix import write_result
from qualcode.reports.coded import write_coded_page, write_commented
from qualcode.reports.document import (
    Column,
    Count,
    Document,
    Figure,
    Heading,
    Name,
    Note,
    Paragraph,
    Quote,
    Reference,
    Share,
    Table,
    Words,
)  # fmt: skip
from qualcode.reports.facts import RunFacts, Totals, gather_facts
from qualcode.reports.framework import write_framework
from qualcode.reports.methods import describe_methods
from qualcode.reports.plain import write_run, write_tables
from qualcode.reports.report import TITLE, Report, list_drawing_problems, make_report
from qualcode.reports.sections import SECTIONS, Section, compose
from qualcode.reports.writing import FORMATS, ReportFormat, find_format, write_report, write_results

__all__ = [
    "FORMATS", "SECTIONS", "TITLE", "Column", "Count", "Document", "Figure", "Heading", "Name", "Note", "Paragraph",
    "Quote", "Reference", "Report", "ReportFormat", "RunFacts", "Section", "Share", "Table", "Totals", "Words",
    "compose", "describe_methods", "find_format", "gather_facts", "list_drawing_problems", "make_report",
    "write_coded_page", "write_commented", "write_framework", "write_report", "write_result", "write_results",
    "write_run", "write_tables",
]  # fmt: skip
