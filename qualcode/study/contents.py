"""What counting needs of a study: transcripts, codebook, cases, and the sheets of those whose codings count."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import RULES_CODER, many_objects

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qualcode.cases import Cases
    from qualcode.codebook import Codebook
    from qualcode.errors import Problem
    from qualcode.model import Coding, Sheet, Transcript, Unit
    from qualcode.study.study import Study
    from qualcode.tables import CodingTable


@dataclass(frozen=True, slots=True)
class Contents:
    """A study, read.

    Attributes
    ----------
    transcripts, codebook, cases
        Its parts.
    sheets
        Those of the coders that count.
    coders
        Whose codings count.
    n_undecided
        Suggestions of the rules on which nobody has decided.
    problems
        What could not be read.
    """

    transcripts: tuple[Transcript, ...]
    codebook: Codebook
    cases: Cases
    sheets: tuple[Sheet, ...]
    coders: tuple[str, ...]
    n_undecided: int
    problems: tuple[Problem, ...]


def read_contents(study: Study, *, coders: Collection[str] | None = None) -> Contents:
    """Read what counting needs.

    Parameters
    ----------
    study
        Which study.
    coders
        Whose codings count; by default those of all people, or of the rules while nobody has coded.

    Raises
    ------
    StudyError
        If a coder has no sheet, or there is nothing to count.
    """
    transcripts, problems = study.transcripts()
    if not transcripts:
        raise StudyError(
            "The study has no transcript.", where=str(study.root), hint="Bring some in: qualcode import FILE"
        )
    sheets, troubles = study.sheets()
    at_work = tuple(dict.fromkeys(sheet.coder for sheet in sheets))
    chosen = _choose(study, at_work, coders)
    return Contents(
        transcripts,
        study.codebook,
        study.cases,
        tuple(sheet for sheet in sheets if sheet.coder in chosen),
        chosen,
        sum(count_undecided(sheets).values()),
        (*problems, *troubles),
    )


def _choose(study: Study, at_work: tuple[str, ...], coders: Collection[str] | None) -> tuple[str, ...]:
    from qualcode.cases import suggest

    if coders is None:
        people = tuple(coder for coder in at_work if coder != RULES_CODER)
        return people or at_work
    for coder in coders:
        if coder not in at_work:
            hint = suggest(coder, at_work) or f"There are: {', '.join(at_work) or 'none yet'}."
            raise StudyError(f"There is no coding by “{coder}”.", where=str(study.root), hint=hint)
    return tuple(coder for coder in at_work if coder in coders)


def count_undecided(sheets: Iterable[Sheet]) -> Mapping[str, int]:
    """Return per transcript how many suggestions of the rules no person has accepted or rejected."""
    decided: dict[tuple[str, str], list[Coding]] = defaultdict(list)
    suggested: list[Coding] = []
    counts: dict[str, int] = {}
    for sheet in sheets:
        if sheet.coder == RULES_CODER:
            suggested += sheet.codings
            counts[sheet.transcript] = 0
            continue
        for coding in sheet.codings:
            decided[coding.transcript, coding.code].append(coding)
    for suggestion in suggested:
        others = decided.get((suggestion.transcript, suggestion.code), ())
        counts[suggestion.transcript] += not any(one.span.overlaps(suggestion.span) for one in others)
    return counts


def tabulate_study(study: Study, *, coders: Collection[str] | None = None, unit: Unit | None = None) -> CodingTable:
    """Lay a study's codings on counting units; see :func:`qualcode.tables.tabulate`."""
    from qualcode.tables import tabulate

    found = read_contents(study, coders=coders)
    with many_objects():
        return tabulate(
            found.transcripts, found.sheets, found.codebook, cases=found.cases, unit=unit or study.settings.unit
        )
