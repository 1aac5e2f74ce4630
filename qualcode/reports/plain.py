"""The files for programs: tables as CSV, transcripts as text, and ``run.json``.

A CSV cell holds exactly the words of the transcript, also when they begin with ``=`` or ``+``: ``quote`` is the
slice of the text that ``start`` and ``end`` name, and an added apostrophe would break that. A spreadsheet program
may take such a cell for a formula; ``report.xlsx`` is the file for those.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.cells import write_csv
from qualcode.columns import FrameColumns, Texts
from qualcode.file_names import is_device
from qualcode.outputs import save, save_parts
from qualcode.reports.phrases import place_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qualcode.errors import Problem
    from qualcode.reports.facts import RunFacts
    from qualcode.reports.report import Report
    from qualcode.tables import CodingTable

THEME_COLUMNS = (
    "code", "name", "theme", "level", "codings", "segments", "words", "transcripts", "cases", "cases_percent",
)  # fmt: skip
CASE_COLUMNS = ("code", "name", "theme", "level", "case", "codings", "segments", "words")
PAIR_COLUMNS = ("code", "other", "segments", "cases")
CODING_COLUMNS = (
    "transcript", "case", "speaker", "segment", "start", "end", "code", "coder", "rule", "matched", "quote",
)  # fmt: skip
QUOTE_COLUMNS = (
    "code", "name", "theme", "case", "transcript", "segment", "speaker", "time", "start", "end", "quote", "rule",
    "matched",
)  # fmt: skip

_MARK = "\ufeff".encode()
"""Begins each CSV, since Excel otherwise takes UTF-8 for the system's own encoding."""
# What a file name may not hold on Windows, macOS or Linux.
_FORBIDDEN_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]')


def write_tables(report: Report, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the tables as CSV, and each transcript's text under ``transcripts/``.

    Parameters
    ----------
    report
        What :func:`qualcode.make_report` returns.
    folder
        Where.

    Returns
    -------
    list of Path
        The files written; existing ones are replaced.

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
    >>> [path.name for path in write_tables(report, "tables")][:3]
    ['themes.csv', 'themes_by_case.csv', 'cooccurrence.csv']
    """
    from qualcode.counting import BOUNDS

    themes = report.themes.frame
    theme_columns = (*THEME_COLUMNS, *(name for name in BOUNDS if name in themes))
    made: dict[str, tuple[Callable[[], FrameColumns], Sequence[str]]] = {
        "themes.csv": (lambda: FrameColumns.of(themes), theme_columns),
        "themes_by_case.csv": (lambda: FrameColumns.of(report.by_case), CASE_COLUMNS),
        "cooccurrence.csv": (lambda: FrameColumns.of(report.pairs), PAIR_COLUMNS),
        "codings.csv": (lambda: counted_codings(report.table), CODING_COLUMNS),
        "quotes.csv": (lambda: report.quote_columns, QUOTE_COLUMNS),
    }
    tables = ((name, chain([_MARK], write_csv(make(), columns))) for name, (make, columns) in made.items())
    names = name_transcripts(transcript.id for transcript in report.table.transcripts)
    texts = ((f"transcripts/{names[one.id]}", [_encode(one.text)]) for one in report.table.transcripts)
    return [save_parts(Path(folder) / name, parts) for name, parts in chain(tables, texts)]


def counted_codings(table: CodingTable) -> FrameColumns:
    """Return the codings of interviewee talk, with the path of each code in the place of its id."""
    codings = table.columns.described
    counted = np.flatnonzero(~codings["is_interviewer"].astype(bool))
    paths = [table.codebook.path(code.id) for code in table.codebook.walk()]
    return codings.rows(counted).beside({"code": Texts(paths, table.columns.code[counted])})


def name_transcripts(ids: Iterable[str]) -> dict[str, str]:
    """Return a file name for each transcript: ``NAME.txt``, changed only where a system would refuse it."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for transcript in ids:
        stem = _FORBIDDEN_IN_NAMES.sub("_", transcript).strip(". ") or "_"
        stem = candidate = f"_{stem}" if is_device(stem) else stem
        number = 1
        # File systems of macOS and Windows do not tell capitals from small letters.
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{stem}~{number}"
        taken.add(candidate.casefold())
        names[transcript] = f"{candidate}.txt"
    return names


def _encode(text: str) -> bytes:
    # A lone surrogate (from a text built in code) becomes "?", one for one, so that offsets still hold.
    return text.encode("utf-8", "replace")


def write_run(
    facts: RunFacts,
    path: str | os.PathLike[str],
    *,
    files: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
) -> Path:
    """Write ``run.json``: what was done, with what, and what was left out and why.

    Keys are sorted, so that two runs can be compared line by line.

    Parameters
    ----------
    facts
        The facts of the run.
    path
        The file; an existing one is replaced.
    files
        SHA-256 of each file of the result, by its name in the folder.
    numbers
        Every number of the report by its id: see :func:`qualcode.reports.list_numbers`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> report = qualcode.make_report(qualcode.count_themes(table))
    >>> write_run(report.facts, "run.json").name
    'run.json'
    """
    content: dict[str, Any] = {
        "program": "qualcode",
        "version": facts.version,
        "spacy_version": facts.spacy_version,
        "inputs": dict(facts.inputs),
        "codebook": {"name": facts.codebook_name, "digest": facts.codebook_digest},
        "unit": facts.unit,
        "overlap_rule": facts.overlap_rule,
        "languages": list(facts.languages),
        "model": facts.model,
        "options": dict(facts.options),
        "totals": asdict(facts.totals),
        "coders": list(facts.coders),
        "coding": facts.coding,
        **({"counting": dict(facts.counting)} if facts.counting else {}),
        "left_out": {
            "interviewer_talk": {
                "segments": facts.totals.interviewer_segments,
                "words": facts.totals.interviewer_words,
                "codings": facts.totals.interviewer_codings,
                "why": "Only what interviewees say is counted.",
            },
            "in_files": {name: dict(counts) for name, counts in facts.left_out.items()},
            "problems": [_problem(problem) for problem in facts.problems],
        },
        "files": dict(files or {}),
        "numbers": dict(numbers or {}),
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    return save(path, _encode(f"{text}\n"))


def _problem(problem: Problem) -> dict[str, str]:
    return {**asdict(problem), "where": place_of(problem.where)}
