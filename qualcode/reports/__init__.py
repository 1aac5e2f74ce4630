"""Results → files: Word, HTML, Excel, LaTeX, Markdown, CSV and JSON, from one :class:`Report`.

A report is composed once, section by section, and rendered in every format. Every writer is deterministic: the same
report gives the same bytes, on any machine and at any time. Nothing is half-written: a file is complete under its name,
or it is not there.
"""

from qualcode.reports.appendix import write_result
from qualcode.reports.checklists import GUIDELINES, Checklist, ChecklistName, draft_checklist
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
    Template,
    Words,
)  # fmt: skip
from qualcode.reports.facts import RunFacts, Totals, gather_facts
from qualcode.reports.framework import write_framework
from qualcode.reports.layout import USUAL, AskedQuestion, Layout, localise
from qualcode.reports.layout_file import NAME as LAYOUT_NAME
from qualcode.reports.layout_file import fit_layout, read_layout, restore_layout
from qualcode.reports.markdown import escape as escape_markdown
from qualcode.reports.methods import describe_methods
from qualcode.reports.numbers import (
    NUMERAL,
    column_keys,
    find_numeric,
    fold,
    list_numbers,
    list_texts,
    mark_of,
    row_keys,
    split_numbers,
)
from qualcode.reports.plain import write_run, write_tables
from qualcode.reports.report import TITLE, Report, list_drawing_problems, make_report
from qualcode.reports.sections import SECTIONS, Section, compose
from qualcode.reports.stated import (
    Shape,
    Stated,
    digest,
    read_drawing,
    read_facts,
    read_latex,
    read_markdown,
    read_page,
    read_table,
    read_word,
    read_workbook,
)
from qualcode.reports.workbook import find_ids
from qualcode.reports.writing import (
    FORMATS,
    ReportFormat,
    find_format,
    read_template,
    write_report,
    write_results,
)

__all__ = [
    "FORMATS", "GUIDELINES", "LAYOUT_NAME", "NUMERAL", "SECTIONS", "TITLE", "USUAL", "AskedQuestion", "Checklist",
    "ChecklistName", "Column", "Count", "Document", "Figure", "Heading", "Layout", "Name", "Note", "Paragraph",
    "Quote", "Reference", "Report", "ReportFormat", "RunFacts", "Section", "Shape", "Share", "Stated", "Table",
    "Template", "Totals", "Words", "column_keys", "compose", "describe_methods", "digest", "draft_checklist",
    "escape_markdown", "find_format", "find_ids", "find_numeric", "fit_layout", "fold", "gather_facts",
    "list_drawing_problems", "list_numbers", "list_texts", "localise", "make_report", "mark_of", "read_drawing",
    "read_facts", "read_latex", "read_layout", "read_markdown", "read_page", "read_table", "read_template",
    "read_word", "read_workbook", "restore_layout", "row_keys", "split_numbers", "write_coded_page",
    "write_commented", "write_framework", "write_report", "write_result", "write_results", "write_run",
    "write_tables",
]  # fmt: skip
