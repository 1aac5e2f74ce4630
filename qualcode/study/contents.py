"""What counting needs of a study: transcripts, codebook, cases, and whose codings count."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from qualcode.errors import StudyError
from qualcode.model import RULES_CODER, many_objects
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from qualcode.cases import Cases
    from qualcode.codebook import Codebook
    from qualcode.errors import Problem
    from qualcode.model import Coding, Sheet, Transcript, Unit
    from qualcode.study.store import StudyFolder
    from qualcode.tables import CodingTable


class _Settings(Protocol):
    @property
    def unit(self) -> Unit: ...


class Readable(Protocol):
    """What is read of a study to count in it."""

    @property
    def root(self) -> Path:
        """Its folder."""

    @property
    def settings(self) -> _Settings:
        """How it is worked on."""

    @property
    def codebook(self) -> Codebook:
        """What it is coded with."""

    @property
    def cases(self) -> Cases:
        """Whom it is about."""

    def transcripts(self) -> tuple[tuple[Transcript, ...], list[Problem]]:
        """Return the transcripts that can be read, and what is wrong with the others."""

    def sheets(self) -> tuple[tuple[Sheet, ...], list[Problem]]:
        """Return everybody's sheets, and what is wrong with their files."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A study, read.

    Attributes
    ----------
    transcripts, codebook, cases
        Its parts.
    sheets
        Those that counting looks at: of whose codings count, and of whose differences are told.
    coders
        Whose codings count, as one names them: people, ``rules``, ``consensus``, or ``agreed`` alone.
    unit
        The kind of segment that coders read.
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
    unit: Unit
    n_undecided: int
    problems: tuple[Problem, ...]

    def tabulate(self, unit: Unit | None = None) -> CodingTable:
        """Lay the codings on counting units, those that coders look at unless another kind is named."""
        from qualcode.settling import AGREED
        from qualcode.tables import tabulate

        is_agreed = self.coders == (AGREED,)
        with many_objects():
            return tabulate(
                self.transcripts,
                self.sheets,
                self.codebook,
                cases=self.cases,
                unit=unit or self.unit,
                coders=None if is_agreed else self.coders,
                way="agreed" if is_agreed else "union",
            )


def read_contents(study: Readable, *, coders: Collection[str] | None = None) -> Contents:
    """Read what counting needs; see :meth:`.Study.contents`."""
    transcripts, problems = study.transcripts()
    if not transcripts:
        raise StudyError(
            "The study has no transcripts.", where=str(study.root), hint="Import some: qualcode import FILE"
        )
    sheets, troubles = study.sheets()
    chosen, used = _choose(sheets, [coders] if isinstance(coders, str) else coders, str(study.root))
    return Contents(
        transcripts,
        study.codebook,
        study.cases,
        tuple(sheet for sheet in sheets if sheet.coder in used),
        chosen,
        study.settings.unit,
        sum(count_undecided(sheets).values()),
        (*problems, *troubles),
    )


def _choose(
    sheets: Collection[Sheet], coders: Collection[str] | None, where: str
) -> tuple[tuple[str, ...], Collection[str]]:
    """Return whose codings count, and whose sheets are looked at for that."""
    from qualcode.settling import AGREED, find_holders

    at_work = tuple(dict.fromkeys(sheet.coder for sheet in sheets))
    holders = find_holders(sheets)
    everybody = [coder for coder in at_work if coder != RULES_CODER]
    if coders is None:
        people = [coder for coder in everybody if coder not in holders]
        # What a person alone, or a consensus alone, has is what counts; so is what rules have before anybody coded.
        coders = [AGREED] if people and len(everybody) > 1 else everybody or at_work
    if AGREED in coders:
        _check_agreed(coders, everybody, where)
        return (AGREED,), everybody
    chosen = _check_names(coders, at_work, where)
    return chosen, chosen if holders.isdisjoint(chosen) else {*everybody, *chosen}


def _check_agreed(coders: Collection[str], everybody: Collection[str], where: str) -> None:
    if len(set(coders)) > 1:
        message = "“agreed” is what all coders agree on, so it cannot be combined with names of coders."
        raise StudyError(message, where=where, hint="Give it alone, or name coders to count their union")
    if not everybody:
        raise StudyError(
            "No one has coded yet, so nothing is agreed.", where=where, hint="Count the suggestions: --coders rules"
        )


def _check_names(coders: Collection[str], at_work: Collection[str], where: str) -> tuple[str, ...]:
    for coder in coders:
        if coder not in at_work:
            hint = suggest(coder, at_work) or (f"There are: {', '.join(at_work)}" if at_work else "Code first")
            raise StudyError(f"There is no coding by “{coder}”.", where=where, hint=hint)
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


def tabulate_study(study: Readable, *, coders: Collection[str] | None = None, unit: Unit | None = None) -> CodingTable:
    """Lay a study's codings on counting units; see :func:`read_contents` and :func:`qualcode.tables.tabulate`."""
    return read_contents(study, coders=coders).tabulate(unit)


def is_given(coding: Coding) -> bool:
    """Tell whether a coding stands for its code, or would if somebody said yes to the rules."""
    return coding.is_counted or (coding.coder == RULES_CODER and coding.verdict == "suggested")


def list_codings_on(study: StudyFolder, transcript_id: str, *, coders: Collection[str] | None = None) -> list[Coding]:
    """Return the codings on one transcript that count and whose code is in the codebook, sorted.

    Parameters
    ----------
    study, transcript_id
        Which transcript of which study.
    coders
        Whose; by default those of all people.

    Raises
    ------
    StudyError
        If there is no such coder.
    """
    people = [one for one in study.coders() if one != RULES_CODER]
    chosen = people if coders is None else [study.find_coder(one) for one in coders]
    codes = {code.id for code in study.codebook.walk()}
    sheets = [sheet for one in chosen if (sheet := study.sheet(one, transcript_id))]
    found = [
        coding
        for sheet in sheets
        for coding in sheet.codings
        if coding.code in codes
        and (coding.is_counted or (coding.coder == RULES_CODER and coding.verdict == "suggested"))
    ]
    return sorted(found, key=lambda one: (one.span, one.code, one.coder))
