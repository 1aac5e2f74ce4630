"""Results → files: Word, HTML, Excel, LaTeX, Markdown, CSV and JSON, from one :class:`Report`.

A report is composed once, section by section, and rendered in every format. Every writer is deterministic: the same
report gives the same bytes, on any machine and at any time. Nothing is half-written: a file is complete under its name,
or it is not there.

Names are loaded when they are first used, so that the command line can list the formats at no cost.
"""

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily

_HOMES = {
    "appendix": ("write_result",),
    "checklists": (
        "Checklist",
        "ChecklistName",
        "GUIDELINES",
        "draft_checklist",
        "list_sections",
    ),
    "coded": (
        "write_coded_page",
        "write_commented",
    ),
    "document": (
        "Column",
        "Count",
        "Document",
        "Figure",
        "Heading",
        "Name",
        "Note",
        "Paragraph",
        "Quote",
        "Reference",
        "Share",
        "Table",
        "Template",
        "Words",
    ),
    "facts": (
        "RunFacts",
        "Totals",
        "gather_facts",
    ),
    "framework": ("write_framework",),
    "layout": (
        "AskedQuestion",
        "Layout",
        "USUAL",
        "localise",
    ),
    "layout_file": (
        "fit_layout",
        "read_layout",
        "restore_layout",
    ),
    "methods": ("describe_methods",),
    "numbers": (
        "NUMERAL",
        "column_keys",
        "find_numeric",
        "fold",
        "list_numbers",
        "list_texts",
        "mark_of",
        "row_keys",
        "split_numbers",
    ),
    "plain": (
        "write_run",
        "write_tables",
    ),
    "report": (
        "Report",
        "TITLE",
        "list_drawing_problems",
        "make_report",
    ),
    "sections": (
        "SECTIONS",
        "Section",
        "compose",
    ),
    "stated": (
        "Shape",
        "Stated",
        "digest",
        "read_drawing",
        "read_facts",
        "read_latex",
        "read_markdown",
        "read_page",
        "read_table",
        "read_word",
        "read_workbook",
    ),
    "workbook": ("find_ids",),
    "writing": (
        "FORMATS",
        "ReportFormat",
        "find_format",
        "read_template",
        "write_report",
        "write_results",
    ),
}
_OTHERS = {
    "LAYOUT_NAME": "layout_file:NAME",
    "escape_markdown": "markdown:escape",
}
# What is called otherwise at home.

_HOME_OF = {**{name: home for home, names in _HOMES.items() for name in names}, **_OTHERS}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  # built from the table above

if TYPE_CHECKING:
    from qualcode.reports.appendix import write_result as write_result
    from qualcode.reports.checklists import GUIDELINES as GUIDELINES
    from qualcode.reports.checklists import Checklist as Checklist
    from qualcode.reports.checklists import ChecklistName as ChecklistName
    from qualcode.reports.checklists import draft_checklist as draft_checklist
    from qualcode.reports.checklists import list_sections as list_sections
    from qualcode.reports.coded import write_coded_page as write_coded_page
    from qualcode.reports.coded import write_commented as write_commented
    from qualcode.reports.document import Column as Column
    from qualcode.reports.document import Count as Count
    from qualcode.reports.document import Document as Document
    from qualcode.reports.document import Figure as Figure
    from qualcode.reports.document import Heading as Heading
    from qualcode.reports.document import Name as Name
    from qualcode.reports.document import Note as Note
    from qualcode.reports.document import Paragraph as Paragraph
    from qualcode.reports.document import Quote as Quote
    from qualcode.reports.document import Reference as Reference
    from qualcode.reports.document import Share as Share
    from qualcode.reports.document import Table as Table
    from qualcode.reports.document import Template as Template
    from qualcode.reports.document import Words as Words
    from qualcode.reports.facts import RunFacts as RunFacts
    from qualcode.reports.facts import Totals as Totals
    from qualcode.reports.facts import gather_facts as gather_facts
    from qualcode.reports.framework import write_framework as write_framework
    from qualcode.reports.layout import USUAL as USUAL
    from qualcode.reports.layout import AskedQuestion as AskedQuestion
    from qualcode.reports.layout import Layout as Layout
    from qualcode.reports.layout import localise as localise
    from qualcode.reports.layout_file import NAME
    from qualcode.reports.layout_file import fit_layout as fit_layout
    from qualcode.reports.layout_file import read_layout as read_layout
    from qualcode.reports.layout_file import restore_layout as restore_layout
    from qualcode.reports.markdown import escape
    from qualcode.reports.methods import describe_methods as describe_methods
    from qualcode.reports.numbers import NUMERAL as NUMERAL
    from qualcode.reports.numbers import column_keys as column_keys
    from qualcode.reports.numbers import find_numeric as find_numeric
    from qualcode.reports.numbers import fold as fold
    from qualcode.reports.numbers import list_numbers as list_numbers
    from qualcode.reports.numbers import list_texts as list_texts
    from qualcode.reports.numbers import mark_of as mark_of
    from qualcode.reports.numbers import row_keys as row_keys
    from qualcode.reports.numbers import split_numbers as split_numbers
    from qualcode.reports.plain import write_run as write_run
    from qualcode.reports.plain import write_tables as write_tables
    from qualcode.reports.report import TITLE as TITLE
    from qualcode.reports.report import Report as Report
    from qualcode.reports.report import list_drawing_problems as list_drawing_problems
    from qualcode.reports.report import make_report as make_report
    from qualcode.reports.sections import SECTIONS as SECTIONS
    from qualcode.reports.sections import Section as Section
    from qualcode.reports.sections import compose as compose
    from qualcode.reports.stated import Shape as Shape
    from qualcode.reports.stated import Stated as Stated
    from qualcode.reports.stated import digest as digest
    from qualcode.reports.stated import read_drawing as read_drawing
    from qualcode.reports.stated import read_facts as read_facts
    from qualcode.reports.stated import read_latex as read_latex
    from qualcode.reports.stated import read_markdown as read_markdown
    from qualcode.reports.stated import read_page as read_page
    from qualcode.reports.stated import read_table as read_table
    from qualcode.reports.stated import read_word as read_word
    from qualcode.reports.stated import read_workbook as read_workbook
    from qualcode.reports.workbook import find_ids as find_ids
    from qualcode.reports.writing import FORMATS as FORMATS
    from qualcode.reports.writing import ReportFormat as ReportFormat
    from qualcode.reports.writing import find_format as find_format
    from qualcode.reports.writing import read_template as read_template
    from qualcode.reports.writing import write_report as write_report
    from qualcode.reports.writing import write_results as write_results

    LAYOUT_NAME = NAME
    escape_markdown = escape

__getattr__ = open_lazily(__name__, _HOME_OF)


def __dir__() -> list[str]:
    return list(__all__)
