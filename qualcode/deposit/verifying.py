"""A report or an archive, checked by a stranger: every number is counted again from the codings."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, get_args

from qualcode.deposit.checking import check_bag, check_content
from qualcode.deposit.inputs import Inputs, count_inputs, read_options
from qualcode.deposit.ledger import MISSING, Ledger
from qualcode.deposit.payload import list_files, opened, read_file
from qualcode.deposit.recounting import Recount
from qualcode.errors import Problem, QualcodeError, SourceError
from qualcode.model import Unit
from qualcode.reports import TITLE, read_facts, read_template, restore_layout
from qualcode.results import Result
from qualcode.running import (
    RUN_NAME,
    analyse_folder,
    digest_file,
    keep_quiet,
    name_template,
    report_analysis,
    write_folder,
)
from qualcode.study import read_study
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qualcode.reports import Report, RunFacts, Template
    from qualcode.running import Analysis

_WORD = "report.docx"
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
    transcripts: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    codebook: str | os.PathLike[str] | None = None,
    cases: str | os.PathLike[str] | None = None,
    speakers: str | os.PathLike[str] | None = None,
    template: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None] = keep_quiet,
) -> Verification:
    """Count every number of a report again from the codings, and tell what differs.

    Nothing is written into either folder, and nothing in them is run.

    Parameters
    ----------
    folder
        What :func:`qualcode.report_study` or :func:`qualcode.run` wrote; or an archive, as a folder or zip file.
    study
        The study, or an archive of it; ``None`` for an archive, which holds its own, and for the study in which one
        stands.
    transcripts, codebook, cases, speakers
        What :func:`qualcode.run` was given, to count its results again: there is no study behind them.
    template
        The Word document whose look the report has. Without it, its Word file is compared text by text, not by bytes.
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
    inputs = _gather_inputs(study, transcripts, codebook, cases, speakers)
    ledger = Ledger()
    problems: list[Problem] = []
    own = None if template is None else read_template(template)
    with opened(Path(folder)) as root:
        if is_archive(root):
            problems += check_archive(root, ledger, progress)
        elif inputs is not None:
            problems += verify_report(root, inputs, ledger, template=own, progress=progress)
        else:
            if not (root / RUN_NAME).is_file():
                message = f"There is no report here, and no archive: neither {RUN_NAME} nor bagit.txt."
                raise SourceError(message, str(folder), "Name the folder that qualcode report wrote, or an archive")
            with opened(Path(study) if study is not None else _find_study(root)) as home:
                within = home / "data" if is_archive(home) else home
                problems += verify_report(root, within, ledger, template=own, progress=progress)
    return _conclude(ledger, problems)


def _gather_inputs(
    study: str | os.PathLike[str] | None,
    transcripts: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    codebook: str | os.PathLike[str] | None,
    cases: str | os.PathLike[str] | None,
    speakers: str | os.PathLike[str] | None,
) -> Inputs | None:
    """Return the files to count again; ``None`` where a study is."""
    paths = [transcripts] if isinstance(transcripts, (str, os.PathLike)) else list(transcripts)
    if not paths and codebook is None:
        return None
    if study is not None or not paths or codebook is None:
        raise QualcodeError(
            "A report is counted again from a study, or from transcripts and a codebook.",
            hint="Give both --from and --codebook, without --study",
        )
    tables = (None if one is None else Path(one) for one in (cases, speakers))
    return Inputs(paths, codebook, *tables)


def is_archive(root: Path) -> bool:
    """Tell whether a folder is an archive, which BagIt marks."""
    return (root / "bagit.txt").is_file()


def _find_study(root: Path) -> Path:
    from qualcode.study import find_study

    try:
        return find_study()
    except QualcodeError as error:
        message = "The report is counted again from the codings of its study, or from files."
        hint = "Name the study with --study DIR; for results of qualcode run, --from TRANSCRIPTS --codebook FILE"
        raise SourceError(message, str(root), hint) from error


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
    source: Path | Inputs,
    ledger: Ledger,
    *,
    name: str = "",
    template: Template | None = None,
    progress: Callable[[str], None] = keep_quiet,
) -> list[Problem]:
    """Compare the files of a report with the same report made again.

    Parameters
    ----------
    folder, source
        The report, and the study, or the files that it was made of.
    ledger
        Takes numbers and differences.
    name
        What stands before the names of files: the report's place in an archive.
    template
        The Word document whose look the report has, where it is at hand.
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
    options = read_options(record)
    progress("Counting again")
    if isinstance(source, Inputs):
        analysis = count_inputs(source, options, progress=progress)
    else:
        analysis = _count_again(facts, source, options)
    layout = restore_layout(options.get("layout") or {})
    report = report_analysis(analysis, title=facts.get("options/title", TITLE), layout=layout)
    is_styled = template is None and "template" in options
    report = _name_recorded(report, options) if is_styled else name_template(report, template)
    here = report.facts
    said = replace(here, version=facts.get("version", ""), spacy_version=facts.get("spacy_version", ""))
    report = replace(report, facts=said)
    recount = Recount(report, ledger, look="other" if is_styled else "same")
    progress("Comparing")
    with TemporaryDirectory() as place:
        write_folder(report, Path(place), template=template)
        again = list_files(Path(place))
        for one, path in again.items():
            if one in files:
                mine = path.read_bytes()
                if is_styled and one == RUN_NAME and _WORD in files:  # the record is of the file that is there
                    mine = mine.replace(digest_file(again[_WORD]).encode(), digest_file(files[_WORD]).encode())
                recount.compare(f"{name}{one}", read_file(files[one], one), mine)
            else:
                ledger.add(f"{name}{one}", "file", MISSING, f"{path.stat().st_size:,} bytes")
    looks = [_tell_template(options)] if is_styled else []
    return [*_tell_others(files, again, name), *looks, *_tell_versions(said, here)]


def _name_recorded(report: Report, options: Mapping[str, Any]) -> Report:
    """Return a report that names the template that its record names."""
    told = options["template"]
    return replace(report, facts=replace(report.facts, options={**report.facts.options, "template": told}))


def _tell_template(options: Mapping[str, Any]) -> Problem:
    told = options["template"]
    called = str(told.get("name", "")) if isinstance(told, dict) else str(told)
    message = f"{_WORD} has the look of “{called}”: its texts and numbers were compared, its styles were not."
    return Problem(_WORD, "note", "template", message, "Compare those too: --template FILE")


def _count_again(facts: Mapping[str, str], study: Path, options: Mapping[str, Any]) -> Analysis:
    """Count as the record of the report says that it was counted; that record is checked, as it is a stranger's."""
    coders = [value for key, value in sorted(facts.items()) if key.startswith("options/coders/")]
    if "coders" not in options:
        message = "This report was made of files with qualcode run, not of a study."
        raise SourceError(message, RUN_NAME, "Name those files: --from TRANSCRIPTS --codebook FILE [--cases FILE]")
    unit: Any = facts.get("options/unit", "turn")
    if unit not in get_args(Unit):
        raise SourceError(f"There is no unit “{unit}”.", RUN_NAME, "Get the file again")
    return analyse_folder(read_study(study), coders=coders or None, unit=unit)


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
