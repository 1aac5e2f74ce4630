"""Read, tag and count: from files, or from a study folder."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import CaseError, Problem, QualcodeError
from qualcode.model import RULES_CODER
from qualcode.running.folders import digest_file
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qualcode.codebook import Codebook
    from qualcode.model import Case, Coding, Sheet, Transcript, Unit
    from qualcode.sources import Speaker
    from qualcode.spreadsheets import TableSource
    from qualcode.study import Account, Contents, Frozen, Study, StudyFolder, Summary
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

_PAIR = 2
CASES_NAME = "cases.csv"
"""The table of cases that is taken by itself when it lies among the transcripts."""


def keep_quiet(_step: str) -> None:
    """Take the name of a step and say nothing."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that came out of reading, tagging and counting, before anything is written.

    Attributes
    ----------
    transcripts, codebook, sheets
        What was counted.
    cases
        The table of cases that was given; empty without one.
    table, themes
        The codings on their counting units, and the counts.
    problems
        All that the user should know: files left out, doubtful places, cases without a row.
    digests
        SHA-256 of every input file, by its role and name: ``{"transcript P1.docx": "9f…"}``.
    options
        The options that shaped the result.
    picks
        The codings that people chose as quotes.
    account
        What the study says of itself; ``None`` where files were counted.
    everybody
        The sheets of all coders of the study, whosever codings count.
    versions
        Which versions of the codebook count as one when coders are compared.
    frozen
        How the codebook of a study was frozen and changed since, when it was.
    summaries
        What people wrote about cases and codes.
    study
        The study that was counted, to write into; ``None`` of files, and where it is only read.
    folder
        Its folder; ``None`` of files.
    saved
        Questions that the study saved, by their names.
    """

    transcripts: tuple[Transcript, ...]
    codebook: Codebook
    sheets: tuple[Sheet, ...]
    cases: tuple[Case, ...]
    table: CodingTable
    themes: ThemeTable
    problems: tuple[Problem, ...]
    digests: Mapping[str, str]
    options: Mapping[str, object]
    picks: tuple[Coding, ...] = ()
    account: Account | None = None
    everybody: tuple[Sheet, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    frozen: Frozen | None = None
    summaries: tuple[Summary, ...] = ()
    study: Study | None = None
    folder: StudyFolder | None = None
    saved: Mapping[str, str] = field(default_factory=dict)


def analyse(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    codebook: str | os.PathLike[str],
    *,
    cases: TableSource | None = None,
    unit: Unit = "turn",
    language: str | None = None,
    encoding: str | None = None,
    speaker_pattern: str | None = None,
    interviewers: Collection[str] = (),
    speakers: TableSource | None = None,
    model: str | None = None,
    progress: Callable[[str], None] = keep_quiet,
) -> Analysis:
    """Read transcripts, tag them against a codebook and count.

    Parameters
    ----------
    inputs, codebook, cases, unit, language, encoding, speaker_pattern, interviewers, speakers, model, progress
        As for :func:`qualcode.run`.

    Returns
    -------
    Analysis
        All results, nothing written.

    Raises
    ------
    QualcodeError
        If no transcript can be read, or the codebook or the table of cases cannot be used.
    """
    from qualcode.cases import assign_cases, read_cases
    from qualcode.codebook import read_codebook
    from qualcode.sources import as_paths, read_speakers, read_transcripts
    from qualcode.tables import tabulate
    from qualcode.tagging import tag
    from qualcode.themes import count_themes

    book = read_codebook(codebook)
    paths = as_paths(inputs)
    cases = _find_cases(paths) if cases is None else cases
    people = read_cases(cases) if cases is not None else ()
    rows = read_speakers(speakers) if speakers is not None else ()
    progress("Reading transcripts")
    transcripts, reading_problems = read_transcripts(
        paths,
        language=language,
        encoding=encoding,
        speaker_pattern=speaker_pattern,
        interviewers=interviewers,
        model=model,
        cases=people,
        speakers=rows,
    )
    progress("Tagging")
    sheets = tag(transcripts, book, model=model, index=assign_cases(transcripts, people))
    progress("Counting")
    table = tabulate(transcripts, sheets, book, cases=people, unit=unit)
    return Analysis(
        transcripts=tuple(transcripts),
        codebook=book,
        sheets=tuple(sheets),
        cases=tuple(people),
        table=table,
        themes=count_themes(table),
        problems=_all_problems(reading_problems, transcripts, book, table),
        digests=_digest_inputs(transcripts, book)
        | _digest_table("cases", cases, people)
        | _digest_table("speakers", speakers, rows),
        options={
            "encoding": encoding,
            "interviewers": sorted(interviewers),
            "language": language,
            "model": model,
            "speaker_pattern": speaker_pattern,
            "unit": unit,
        },
    )


def analyse_study(
    folder: str | os.PathLike[str] | None = None,
    *,
    coders: Collection[str] | None = None,
    unit: Unit | None = None,
    progress: Callable[[str], None] = keep_quiet,
) -> Analysis:
    """Count the codings of a study folder.

    Parameters
    ----------
    folder, coders, unit, progress
        As for :func:`qualcode.report_study`.

    Returns
    -------
    Analysis
        All results, nothing written.

    Raises
    ------
    QualcodeError
        If there is no study, nothing in it to count, or no coding by one of the coders.
    """
    from qualcode.study import open_study

    progress("Reading the study")
    return analyse_folder(open_study(folder), coders=coders, unit=unit, progress=progress)


def analyse_folder(
    study: StudyFolder,
    *,
    coders: Collection[str] | None = None,
    unit: Unit | None = None,
    progress: Callable[[str], None] = keep_quiet,
) -> Analysis:
    """Count the codings of a study that is open, without writing anything into it.

    Parameters
    ----------
    study
        The study, or its folder opened by :func:`qualcode.study.read_study`.
    coders, unit, progress
        As for :func:`qualcode.report_study`.

    Returns
    -------
    Analysis
        All results, nothing written.
    """
    from qualcode.study import (
        Study,
        find_equivalents,
        find_frozen,
        give_account,
        list_picks,
        read_contents,
        read_saved,
        read_summaries,
    )
    from qualcode.themes import count_themes

    found = read_contents(study, coders=coders)
    progress("Counting")
    table = found.tabulate(unit)
    saved, doubts = read_saved(study)
    problems = [*found.problems, *_describe_undecided(found), *_describe_open(table), *doubts]
    return Analysis(
        transcripts=found.transcripts,
        codebook=found.codebook,
        sheets=table.counted_sheets,
        cases=found.cases,
        table=table,
        themes=count_themes(table),
        problems=_all_problems([*problems, *_doubts(found.transcripts)], (), found.codebook, table),
        digests=_digest_inputs(found.transcripts, found.codebook),
        options={"coders": list(found.coders), "model": None, "unit": table.unit},
        picks=list_picks(study),
        account=give_account(study),
        everybody=study.sheets()[0],
        versions=find_equivalents(study),
        frozen=find_frozen(study),
        summaries=read_summaries(study)[0],
        study=study if isinstance(study, Study) else None,
        folder=study,
        saved={one.name: one.question for one in saved},
    )


def analyse_codings(
    path: str | os.PathLike[str], codebook: str | os.PathLike[str] | None = None, *, unit: Unit | None = None
) -> Analysis:
    """Count the codings of a corpus.

    Parameters
    ----------
    path
        What :func:`qualcode.tag_corpus` wrote.
    codebook
        The codebook, if it is to be looked at whether it is still the same; the file holds its own.
    unit
        What is counted as a segment; ``None`` and what the corpus was tagged with are the same.

    Returns
    -------
    Analysis
        The counts, without transcripts and sheets, which the file does not hold.

    Raises
    ------
    QualcodeError
        If the file cannot be used, or was tagged with another codebook or unit.
    """
    from qualcode.codebook import read_codebook
    from qualcode.corpus import read_codings
    from qualcode.themes import count_themes

    table = read_codings(path, codebook=None if codebook is None else read_codebook(codebook))
    if unit not in {None, table.unit}:
        message = f"The codings were counted by {table.unit}, not by {unit}."
        raise QualcodeError(message, Path(path).name, f"Leave out --unit, or tag the corpus with --unit {unit}")
    return Analysis(
        transcripts=(),
        codebook=table.codebook,
        sheets=(),
        cases=(),
        table=table,
        themes=count_themes(table),
        problems=_all_problems([], (), table.codebook, table),
        digests={"codebook": table.codebook.digest},
        options={"model": None, "unit": table.unit},
    )


def count_named(analysis: Analysis, names: Sequence[str]) -> Analysis:
    """Count questions like codes.

    Parameters
    ----------
    analysis
        What was counted.
    names
        Names of questions that its study saved, or ``NAME=QUESTION``.

    Returns
    -------
    Analysis
        With a code for each question.

    Raises
    ------
    QualcodeError
        If there is no such question, or it cannot be counted.
    """
    from qualcode.queries import count_questions
    from qualcode.themes import count_themes

    table = count_questions(analysis.table, dict(_find_question(analysis, name) for name in names))
    problems = tuple(dict.fromkeys([*analysis.problems, *table.problems]))
    return replace(analysis, table=table, codebook=table.codebook, themes=count_themes(table), problems=problems)


def _find_question(analysis: Analysis, name: str) -> tuple[str, str]:
    own, sign, query = name.partition("=")
    if sign:
        return own.strip(), query
    saved = analysis.saved
    if name not in saved:
        known = f"There are: {', '.join(saved)}" if saved else "Save one with: qualcode find QUESTION --save NAME"
        raise QualcodeError(f"There is no saved question “{name}”.", hint=suggest(name, saved) or known)
    return name, saved[name]


def ask_named(analysis: Analysis, query: str) -> CodingTable:
    """Return the table for a question, in which the saved questions that it names are codes.

    Parameters
    ----------
    analysis, query
        What was counted, and the question.

    Returns
    -------
    CodingTable
        The analysis's own where it names none.

    Raises
    ------
    QualcodeError
        If a saved question can no longer be asked.
    """
    from qualcode.queries import count_questions

    saved = analysis.saved
    known = {code.id for code in analysis.table.codebook.walk()}
    words = set(re.findall(r"[\w-]+", query))
    return count_questions(analysis.table, {one: saved[one] for one in saved if one in words - known})


def _doubts(transcripts: Sequence[Transcript]) -> list[Problem]:
    """Return what could change a number; the notes on transcripts of a study were said when they came in."""
    return [one for transcript in transcripts for one in transcript.source.problems if one.level != "note"]


def _describe_undecided(found: Contents) -> list[Problem]:
    if not found.n_undecided or RULES_CODER in found.coders:
        return []
    message = f"{found.n_undecided} suggestions of the rules are undecided, and not counted."
    return [Problem("", "note", "undecided", message, "Decide on them: qualcode review --coder NAME")]


def _describe_open(table: CodingTable) -> list[Problem]:
    """Tell once how many differences are open, and who could settle them."""
    from qualcode.settling import join_names

    settlement = table.settlement
    if settlement is None or not settlement.n_open:
        return []
    names, total = join_names(settlement.people), settlement.n_differences
    is_ = "is" if settlement.n_open == 1 else "are"
    message = f"{settlement.n_open:,} of {total:,} differences between {names} {is_} open."
    pair = settlement.people if len(settlement.people) == _PAIR else ("A", "B")
    hint = f"Settle them: qualcode adjudicate --coders {','.join(pair)}"
    return [Problem("", "note", "open-differences", message, hint)]


def _find_cases(inputs: Sequence[Path]) -> Path | None:
    paths = dict.fromkeys(entry / CASES_NAME for entry in inputs)
    # Unlike the method of a path, it does not fail on a folder that one may not open: reading tells of that.
    found = [path for path in paths if os.path.isfile(path)]  # noqa: PTH113
    if len(found) > 1:
        raise CaseError(
            f"There are {len(found)} tables of cases: {', '.join(str(path) for path in found)}.",
            hint="Give the one to use with --cases",
        )
    return found[0] if found else None


def _all_problems(
    reading: Sequence[Problem], transcripts: Sequence[Transcript], codebook: Codebook, table: CodingTable
) -> tuple[Problem, ...]:
    problems = [
        *codebook.problems,
        *reading,
        *(problem for transcript in transcripts for problem in transcript.source.problems),
        *table.problems,
    ]
    if not table.frames.n_codings and not (table.settlement and table.settlement.n_open):
        problems.append(_describe_nothing(codebook, table))
    return tuple(dict.fromkeys(problems))


def _describe_nothing(codebook: Codebook, table: CodingTable) -> Problem:
    people = [coder for coder in table.coders if coder != RULES_CODER]
    if people:
        from qualcode.settling import join_names

        message, hint = f"No coding of {join_names(people)} counts.", "Give codes: qualcode review --coder NAME"
    else:
        message = "No rule of the codebook matched anything in these transcripts."
        hint = "Check that rules and transcripts are in the same language: qualcode codebook check FILE"
    return Problem(codebook.name, "warning", "no-codings", message, hint)


def _digest_inputs(transcripts: Sequence[Transcript], codebook: Codebook) -> dict[str, str]:
    digests = {f"transcript {transcript.source.name}": transcript.source.digest for transcript in transcripts}
    return {**digests, "codebook": codebook.digest}


def _digest_table(kind: str, source: TableSource | None, rows: Sequence[Case] | Sequence[Speaker]) -> dict[str, str]:
    """Return the digest of a table by its name: of its file, or of what was read from it where there is none."""
    if source is None:
        return {}
    if isinstance(source, str | os.PathLike):
        return {f"{kind} {Path(source).name}": digest_file(Path(source))}
    return {kind: hashlib.sha256(repr(tuple(rows)).encode("utf-8", "surrogatepass")).hexdigest()}
