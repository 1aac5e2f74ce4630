"""A report or an archive, checked by a stranger: every number is counted again from the codings."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, get_args

from qualcode.deposit.checking import check_bag, check_content
from qualcode.deposit.ledger import MISSING, Ledger
from qualcode.deposit.payload import list_files, opened, read_file
from qualcode.deposit.recounting import Recount
from qualcode.errors import Problem, QualcodeError, SourceError
from qualcode.model import Unit
from qualcode.reports import TITLE, read_facts, restore_layout
from qualcode.results import Result
from qualcode.running import RUN_NAME, analyse_folder, keep_quiet, report_analysis, write_folder
from qualcode.study import read_study
from qualcode.wording import plural

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from qualcode.reports import Layout, RunFacts
    from qualcode.running import Analysis

COLUMNS = ("file", "number", "stated", "recounted")
"""Of the table of differences."""


@dataclass(frozen=True, eq=False, repr=False)
class Verification(Result):
    """What came of counting a report again: ``frame`` has a row for each difference.

    Attributes
    ----------
    n_numbers
        How many numbers of its files were counted again.
    """

    n_numbers: int = 0


def verify(
    folder: str | os.PathLike[str],
    study: str | os.PathLike[str] | None = None,
    *,
    progress: Callable[[str], None] = keep_quiet,
) -> Verification:
    """Count every number of a report again from the codings, and tell what differs.

    Nothing is written into either folder, and nothing in them is run.

    Parameters
    ----------
    folder
        What :func:`qualcode.report_study` wrote; or an archive of a study, a folder or zip file.
    study
        The study, or an archive of it; ``None`` for an archive, which holds its own, and for the study in which one
        stands.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Verification
        Differences as ``file``, ``number`` (its id), ``stated`` and ``recounted``.

    Raises
    ------
    QualcodeError
        If there is no report, or the study cannot be read.

    Examples
    --------
    >>> study = qualcode.create_study("garden", codebook="codebooks/industry_partnership.yaml")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> report = study.tag()
    >>> analysis = qualcode.report_study("garden", "results")
    >>> verify("results", "garden").frame.empty
    True
    """
    ledger = Ledger()
    problems: list[Problem] = []
    with opened(Path(folder)) as root:
        if is_archive(root):
            problems += check_archive(root, ledger, progress)
        else:
            with opened(Path(study) if study is not None else _find_study(root)) as home:
                within = home / "data" if is_archive(home) else home
                problems += verify_report(root, within, ledger, progress=progress)
    return _conclude(ledger, problems)


def is_archive(root: Path) -> bool:
    """Tell whether a folder is an archive, which BagIt marks."""
    return (root / "bagit.txt").is_file()


def _find_study(root: Path) -> Path:
    from qualcode.study import find_study

    try:
        return find_study()
    except QualcodeError as error:
        message = "The report is counted again from the codings of its study."
        raise SourceError(message, str(root), "Name the study with --study DIR") from error


def check_archive(root: Path, ledger: Ledger, progress: Callable[[str], None]) -> list[Problem]:
    """Check an archive against itself: checksums, codings against texts, and its report against its codings."""
    progress("Checking the files")
    problems = check_bag(root, ledger)
    data = root / "data"
    if not (data / "study.yaml").is_file():
        message = "The codings were withheld from this archive, so that no number could be counted again."
        return [*problems, Problem("data", "note", "aggregate", message)]
    try:
        problems += check_content(data, ledger)
        if (data / "report").is_dir():
            problems += verify_report(data / "report", data, ledger, name="data/report/", progress=progress)
    except QualcodeError as error:  # what was found until then is told as well
        where = error.where.replace("\\", "/").rpartition("/data/")[2]
        ledger.add(f"data/{where}", "file", error.message, "what can be counted")
    return problems


def _conclude(ledger: Ledger, problems: list[Problem]) -> Verification:
    import pandas as pd

    rows = [(one.file, one.number, one.stated, one.recounted) for one in ledger.differences]
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    if rows:
        sentence = f"{plural(len(rows), 'difference')}; {plural(ledger.n_numbers, 'number')} counted again."
    elif not ledger.n_numbers:
        sentence = f"all {plural(ledger.n_files, 'file')} are as they were packed"
    else:
        sentence = f"all {ledger.n_numbers:,} numbers follow from the codings"
    return Verification(frame, sentence, tuple(problems), ledger.n_numbers)


def verify_report(
    folder: Path,
    study: Path,
    ledger: Ledger,
    *,
    name: str = "",
    progress: Callable[[str], None] = keep_quiet,
) -> list[Problem]:
    """Compare the files of a report with the same report made again.

    Parameters
    ----------
    folder, study
        The report, and the study.
    ledger
        Takes numbers and differences.
    name
        What stands before the names of files: the report's place in an archive.
    progress
        As for :func:`verify`.

    Returns
    -------
    list of Problem
        What a reader should know besides.
    """
    files = list_files(folder)
    if RUN_NAME not in files:
        hint = "Name the folder that qualcode report wrote, or an archive"
        raise SourceError(f"There is no report here: {RUN_NAME} is missing.", str(folder), hint)
    record = read_file(files[RUN_NAME], RUN_NAME)
    facts = read_facts(record, RUN_NAME)
    progress("Counting again")
    analysis = _count_again(facts, study)
    report = report_analysis(analysis, title=facts.get("options/title", TITLE), layout=_restore(record))
    here = report.facts
    said = replace(here, version=facts.get("version", ""), spacy_version=facts.get("spacy_version", ""))
    report = replace(report, facts=said)
    recount = Recount(report, ledger)
    progress("Comparing")
    with TemporaryDirectory() as place:
        write_folder(report, Path(place))
        again = list_files(Path(place))
        for one, path in again.items():
            if one in files:
                recount.compare(f"{name}{one}", read_file(files[one], one), path.read_bytes())
            else:
                ledger.add(f"{name}{one}", "file", MISSING, f"{path.stat().st_size:,} bytes")
    return [*_tell_others(files, again, name), *_tell_versions(said, here)]


def _restore(record: bytes) -> Layout:
    """Return how the report is laid out, as its record says, which is JSON by now and may be a stranger's."""
    told = json.loads(record)
    options = told.get("options") if isinstance(told, dict) else None
    return restore_layout(options.get("layout") or {}) if isinstance(options, dict) else restore_layout({})


def _count_again(facts: Mapping[str, str], study: Path) -> Analysis:
    """Count as the record of the report says that it was counted; that record is checked, as it is a stranger's."""
    coders = [value for key, value in sorted(facts.items()) if key.startswith("options/coders/")]
    if not coders:
        message = "This report was made from files with qualcode run, not from a study."
        raise SourceError(
            message, RUN_NAME, "Run it again on the same files, and compare; or make it with: qualcode report"
        )
    unit: Any = facts.get("options/unit", "turn")
    if unit not in get_args(Unit):
        raise SourceError(f"There is no unit “{unit}”.", RUN_NAME, "Get the file again")
    return analyse_folder(read_study(study), coders=coders, unit=unit)


def _tell_others(files: Mapping[str, Path], again: Mapping[str, Path], name: str) -> list[Problem]:
    others = sorted(files.keys() - again.keys())
    return [
        Problem(f"{name}{one}", "warning", "other-file", "This file is not part of the report, so it was not checked.")
        for one in others
        if not one.rpartition("/")[2].startswith(".")
    ]


def _tell_versions(stated: RunFacts, here: RunFacts) -> list[Problem]:
    versions = ("qualcode", stated.version, here.version), ("spaCy", stated.spacy_version, here.spacy_version)
    told = [f"{name} {theirs} (here {mine})" for name, theirs, mine in versions if theirs != mine]
    if not told:
        return []
    hint = "If only bytes or pictures differ, check with the version that made it"
    return [Problem(RUN_NAME, "note", "version", f"The report was made with {' and '.join(told)}.", hint)]
