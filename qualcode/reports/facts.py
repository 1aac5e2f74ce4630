"""How the numbers of one run came about, as far as a reader needs it to judge or repeat them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from qualcode import __version__
from qualcode.model import RULES_CODER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qualcode.errors import Problem
    from qualcode.model import Unit
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

OVERLAP_RULE = "A counting unit carries a coding when the two have at least one character in common."


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
    """How the numbers of one run came about.

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
        The facts, ready for a :class:`~qualcode.reports.Report`.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> report = qualcode.make_report(qualcode.count_themes(table))
    >>> gather_facts(report.themes).totals.codings
    155
    """
    table = themes.table
    transcripts = table.transcripts
    return RunFacts(
        version=__version__,
        spacy_version=_version_of("spacy"),
        inputs=_digests(table) if inputs is None else dict(inputs),
        codebook_name=table.codebook.name,
        codebook_digest=table.codebook.digest,
        unit=table.unit,
        overlap_rule=OVERLAP_RULE,
        languages=tuple(dict.fromkeys(transcript.language for transcript in transcripts)),
        model=model,
        options=dict(options or {}),
        totals=_totals(themes),
        coders=tuple(table.coders),
        whose=table.whose,
        counting=_count_differences(table),
        coding=_who_coded(table.coders),
        left_out={t.id: dict(t.source.left_out) for t in transcripts if any(t.source.left_out.values())},
        problems=tuple(problems),
    )


def _version_of(package: str) -> str:
    """Return the version of an installed package without importing it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _digests(table: CodingTable) -> dict[str, str]:
    digests = {f"transcript {t.source.name or t.id}": t.source.digest or t.digest for t in table.transcripts}
    return {**digests, "codebook": table.codebook.digest}


def _count_differences(table: CodingTable) -> dict[str, object]:
    settlement = table.settlement
    if settlement is None:
        return {}
    return {
        "way": settlement.way,
        "differences": settlement.n_differences,
        "settled": settlement.n_settled,
        "open": settlement.n_open,
    }


def _who_coded(coders: Collection[str]) -> Literal["rules", "persons", "both"]:
    by_rules = RULES_CODER in coders
    by_persons = any(coder != RULES_CODER for coder in coders)
    if by_persons:
        return "both" if by_rules else "persons"
    return "rules"


def _totals(themes: ThemeTable) -> Totals:
    units, placements = themes.table.units, themes.table.placements
    interviewer = units["is_interviewer"].astype(bool)
    # A coding is of interviewer talk when all that it touches is; the frame of codings would say so, and take its time.
    of_interviewees = placements["coding"][~interviewer.to_numpy()[placements["unit"].to_numpy()]].nunique()
    return Totals(
        transcripts=themes.n_transcripts,
        cases=themes.n_cases,
        segments=themes.n_segments,
        words=themes.n_words,
        interviewer_segments=int(interviewer.sum()),
        interviewer_words=int(units.loc[interviewer, "words"].sum()),
        codings=of_interviewees,
        interviewer_codings=len(themes.table.columns) - of_interviewees,
    )
