"""The formats of reports in one table, and how a report becomes files.

To add a format, write the function that renders it and an entry in :data:`FORMATS`: see ``docs/architecture.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qualcode.errors import OutputError
from qualcode.figures import FORMATS as FIGURE_FORMATS
from qualcode.outputs import save, save_all
from qualcode.reports.document import Template

if TYPE_CHECKING:
    import os

    from qualcode.reports.document import Document
    from qualcode.reports.report import Report


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format of reports.

    Attributes
    ----------
    name
        What it is called.
    file
        The file's name in a folder of results.
    render
        The function that renders it, as ``module:function``, so that this table costs nothing to import. It takes a
        :class:`~qualcode.reports.document.Document` and returns the bytes of a file.
    purpose
        What it is for.
    """

    name: str
    file: str
    render: str
    purpose: str


FORMATS: dict[str, ReportFormat] = {
    ".html": ReportFormat(
        "HTML", "report.html", "qualcode.reports.page:render",
        "reading: every count opens its quotes, every quote links to its place in the transcript",
    ),
    ".docx": ReportFormat(
        "Word", "report.docx", "qualcode.reports.word:render",
        "the paper's appendix: tables, figures with captions, quotes, a methods section",
    ),
    ".xlsx": ReportFormat(
        "Excel", "report.xlsx", "qualcode.reports.workbook:render",
        "sorting and filtering in Excel",
    ),
    ".tex": ReportFormat(
        "LaTeX", "themes.tex", "qualcode.reports.latex:render", "the theme table in a LaTeX paper"
    ),
    ".md": ReportFormat(
        "Markdown", "report.md", "qualcode.reports.markdown:render",
        "notes, wikis and repositories: the text of the Word report, as plain text",
    ),
}  # fmt: skip
"""The formats by the endings of their files."""

_FIGURES = "figures"
"""The folder of the figures in a folder of results."""


def read_template(path: str | os.PathLike[str]) -> Template:
    """Read a Word document of the author's own, for :func:`write_report`.

    Parameters
    ----------
    path
        A .docx file. Its text is left out; its styles, page, headers and footers are taken.

    Returns
    -------
    Template
        The document.

    Raises
    ------
    OutputError
        If it cannot be read or used.

    Examples
    --------
    >>> import docx
    >>> docx.Document().save("ours.docx")
    >>> read_template("ours.docx").name
    'ours.docx'
    """
    from qualcode.reports.wordtemplate import open_template

    file = Path(path)
    try:
        template = Template(file.name, file.read_bytes())
    except OSError as error:
        raise OutputError(f"The template cannot be read: {error.strerror}.", str(path)) from error
    open_template(template.data, str(path))  # before the work, so that nobody waits for nothing
    return template


def write_report(report: Report, path: str | os.PathLike[str], *, template: Template | None = None) -> Path:
    """Write a report in the format that the file's ending names.

    Parameters
    ----------
    report
        What it says.
    path
        The file; an existing one is replaced. Its ending is one of :data:`FORMATS`.
    template
        For Word: what :func:`qualcode.reports.read_template` returns.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If there is no such format, or the file cannot be written.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> themes = qualcode.count_themes(table)
    >>> report = qualcode.make_report(themes, title="Our study")
    >>> qualcode.write_report(report, "report.docx").name
    'report.docx'
    """
    from qualcode.reports.sections import compose

    return save(path, _render(replace(compose(report), template=template), find_format(path)))


def write_results(report: Report, folder: str | os.PathLike[str], *, template: Template | None = None) -> Document:
    """Write a report in every format, with its tables, transcripts and figures, to a folder.

    Parameters
    ----------
    report
        What :func:`qualcode.make_report` returns.
    folder
        Where; files of the same names are replaced.
    template
        For Word, as for :func:`write_report`.

    Returns
    -------
    Document
        What the reports say.

    Raises
    ------
    OutputError
        If a file cannot be written.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> report = qualcode.make_report(qualcode.count_themes(table))
    >>> document = write_results(report, "results")
    >>> sorted(path.name for path in Path("results").glob("report.*"))
    ['report.docx', 'report.html', 'report.md', 'report.xlsx']
    """
    pictures = ((kind, name) for kind in report.charts for name in FIGURE_FORMATS)
    save_all(folder, {f"{_FIGURES}/{kind}.{name}": report.draw(kind, name) for kind, name in pictures})
    from qualcode.reports.plain import write_tables
    from qualcode.reports.sections import compose

    write_tables(report, folder)
    document = replace(compose(report), figures=_FIGURES, template=template)
    for one in FORMATS.values():
        save(Path(folder) / one.file, _render(document, one))
    return document


def find_format(path: str | os.PathLike[str]) -> ReportFormat:
    """Return the format that a file's ending names.

    Raises
    ------
    OutputError
        If there is none.
    """
    ending = Path(path).suffix
    found = FORMATS.get(ending.lower())
    if found is None:
        hint = f"Use one of: {', '.join(FORMATS)}"
        raise OutputError(f"A report cannot be written as {ending or 'a file without an ending'}.", str(path), hint)
    return found


def _render(document: Document, one: ReportFormat) -> bytes:
    rendered: bytes = resolve_name(one.render)(document)
    return rendered
