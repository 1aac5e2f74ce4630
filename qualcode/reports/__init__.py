"""Results → files: Word, HTML, Excel, LaTeX, CSV and JSON, from one :class:`Report`.

Every writer is deterministic: the same report gives the same bytes, on any machine and at any time. Nothing is
half-written: a file is complete under its name, or it is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from qualcode.agreement import AgreementResult
    from qualcode.codebook import Codebook
    from qualcode.errors import Problem
    from qualcode.model import Unit
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

__all__ = [
    "CHART_KINDS",
    "DrawnOnce",
    "Picture",
    "Report",
    "RunFacts",
    "Totals",
    "describe_methods",
    "gather_facts",
    "write_docx",
    "write_html",
    "write_latex",
    "write_run",
    "write_tables",
    "write_xlsx",
]

CHART_KINDS: tuple[str, ...] = ("themes", "cases", "codelines", "cooccurrence")
"""The keys of :attr:`Report.charts`, in the order in which reports show them."""


class Picture(Protocol):
    """What a report needs of a :class:`qualcode.figures.Chart`."""

    @property
    def alt(self) -> str:
        """The alternative text."""

    def render(self, file_format: Literal["svg", "pdf", "png"]) -> bytes:
        """Return the picture as a file's bytes."""


class DrawnOnce:
    """A picture that is drawn once in each format, however many files show it.

    Parameters
    ----------
    picture
        The chart; it is not to be changed any more.
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._drawn: dict[str, bytes] = {}

    @property
    def alt(self) -> str:
        """The alternative text."""
        return self.picture.alt

    def render(self, file_format: Literal["svg", "pdf", "png"]) -> bytes:
        """Return the picture as a file's bytes."""
        if file_format not in self._drawn:
            self._drawn[file_format] = self.picture.render(file_format)
        return self._drawn[file_format]


@dataclass(frozen=True, slots=True)
class Totals:
    """How much was read and counted.

    Attributes
    ----------
    transcripts, cases
        How many were read, and how many cases speak in them.
    segments, words
        Counting units of interviewees, and their words.
    interviewer_segments, interviewer_words
        The same for interviewer talk, which is left out of the counts.
    codings, interviewer_codings
        Codings of interviewee talk and of interviewer talk.
    """

    transcripts: int
    cases: int
    segments: int
    words: int
    interviewer_segments: int
    interviewer_words: int
    codings: int
    interviewer_codings: int


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How the numbers of one run came about, as far as a reader needs it to judge or repeat them.

    Attributes
    ----------
    version, spacy_version
        Of this program and of spaCy.
    inputs
        SHA-256 of each input file by role and name: ``{"transcript P07.docx": "9f…"}``.
    codebook_name, codebook_digest
        The codebook and its version.
    unit
        The kind of segment that was counted.
    overlap_rule
        When a counting unit carries a coding, in words.
    languages
        Of the transcripts.
    model
        The spaCy model used; ``None`` for the built-in pipelines.
    options
        The options that shaped the result.
    totals
        How much there is.
    coders
        Whose codings were counted.
    whose
        The same in a sentence, with how many of their differences are settled and open; ``""`` where that was not
        asked.
    counting
        The same in numbers: ``way`` (``union`` or ``agreed``), ``differences``, ``settled``, ``open``; empty as above.
    coding
        ``rules``: no person has looked at the codings. ``persons``: no coding is by rules. ``both``: some are.
    left_out
        By transcript, what its file held and reading left out, counted.
    problems
        What the user was told.
    """

    version: str
    spacy_version: str
    inputs: Mapping[str, str]
    codebook_name: str
    codebook_digest: str
    unit: Unit
    overlap_rule: str
    languages: tuple[str, ...]
    model: str | None
    options: Mapping[str, object]
    totals: Totals
    coders: tuple[str, ...]
    coding: Literal["rules", "persons", "both"]
    left_out: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    whose: str = ""
    counting: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """Everything that a report says; the writers decide only how.

    Attributes
    ----------
    title
        Shown at the top.
    table, themes
        The codings on their counting units, and the counts.
    codebook
        What they were coded with.
    charts
        Figures by kind (see :data:`CHART_KINDS`); a report shows those that are there.
    facts
        How the numbers came about.
    agreement
        How far coders agree, when that was measured. Its figure is the chart ``agreement``.
    """

    title: str
    table: CodingTable
    themes: ThemeTable
    codebook: Codebook
    charts: Mapping[str, Picture]
    facts: RunFacts
    agreement: AgreementResult | None = None

    @cached_property
    def quotes(self) -> pd.DataFrame:
        """The passages of interviewees behind every count: see :func:`qualcode.themes.select_quotes`."""
        from qualcode.themes import select_quotes

        return select_quotes(self.table)

    @cached_property
    def by_case(self) -> pd.DataFrame:
        """The counts per code and case: see :func:`qualcode.themes.count_by`."""
        from qualcode.themes import count_by

        return count_by(self.table, "case")

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """The segments in which two codes occur: see :func:`qualcode.themes.count_cooccurrence`."""
        from qualcode.themes import count_cooccurrence

        return count_cooccurrence(self.table)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The pairs of codes that share a segment: see :func:`qualcode.themes.list_cooccurrence`."""
        from qualcode.themes import list_cooccurrence

        return list_cooccurrence(self.table)


def gather_facts(
    themes: ThemeTable,
    *,
    inputs: Mapping[str, str] | None = None,
    options: Mapping[str, object] | None = None,
    model: str | None = None,
    problems: Sequence[Problem] = (),
) -> RunFacts:
    """Collect the facts of a run from its result.

    Parameters
    ----------
    themes
        The counts; the transcripts, the codebook and the codings are behind them.
    inputs
        SHA-256 of each input file by role and name. ``None`` takes transcripts and codebook from the table.
    options
        The options that shaped the result.
    model
        The spaCy model used.
    problems
        What the user was told.

    Returns
    -------
    RunFacts
        The facts, ready for a :class:`Report`.
    """
    from qualcode.reports.methods import collect

    return collect(themes, inputs=inputs, options=options or {}, model=model, problems=tuple(problems))


def describe_methods(report: Report) -> list[str]:
    """Return paragraphs for the methods section of a paper: how this run was coded and counted."""
    from qualcode.reports.methods import paragraphs

    return paragraphs(report)


def write_docx(report: Report, path: str | os.PathLike[str], *, quotes_per_code: int = 3) -> Path:
    """Write the report as a Word document.

    Parameters
    ----------
    report
        What it says.
    path
        The file; an existing one is replaced.
    quotes_per_code
        How many quotes are shown at most for each code, spread over the cases.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from qualcode.reports.files import save
    from qualcode.reports.word import render

    return save(path, render(report, quotes_per_code=quotes_per_code))


def write_html(report: Report, path: str | os.PathLike[str]) -> Path:
    """Write the report as one HTML file that asks nothing of any other place.

    Returns
    -------
    Path
        The file written; an existing one is replaced.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from qualcode.reports.files import save
    from qualcode.reports.page import render

    return save(path, render(report))


def write_xlsx(report: Report, path: str | os.PathLike[str]) -> Path:
    """Write the report as an Excel workbook in which no text ever becomes a formula, a link or a number.

    Returns
    -------
    Path
        The file written; an existing one is replaced.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from qualcode.reports.files import save
    from qualcode.reports.workbook import render

    return save(path, render(report))


def write_latex(report: Report, path: str | os.PathLike[str]) -> Path:
    r"""Write the theme table as a LaTeX fragment to be read by ``\input``.

    Returns
    -------
    Path
        The file written; an existing one is replaced.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from qualcode.reports.files import save
    from qualcode.reports.latex import render

    return save(path, render(report).encode("utf-8", "replace"))


def write_tables(report: Report, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the plain files: the tables as CSV, and each transcript's text under ``transcripts/``.

    Returns
    -------
    list of Path
        The files written; existing ones are replaced.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    from qualcode.reports.files import save_all
    from qualcode.reports.plain import render

    return save_all(folder, render(report))


def write_run(facts: RunFacts, path: str | os.PathLike[str], *, files: Mapping[str, str] | None = None) -> Path:
    """Write ``run.json``: what was done, with what, and what was left out and why.

    Parameters
    ----------
    facts
        The facts of the run.
    path
        The file; an existing one is replaced.
    files
        SHA-256 of each file of the result, by its name in the folder.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from qualcode.reports.files import save
    from qualcode.reports.plain import render_run

    return save(path, render_run(facts, files or {}))
