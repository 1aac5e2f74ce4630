"""What can go wrong, in words: the error tree and :class:`Problem`, an error as a value.

A function that reads what a user wrote collects its problems and raises once. The command line turns a
:class:`QualcodeError` into readable lines; any other exception is a defect of ours and keeps its traceback.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something found in a user's file, with the place and the repair.

    Attributes
    ----------
    where
        The place: ``file``, ``file:line`` or ``file:line:column`` (lines and columns count from 1).
    level
        ``error``: it could not be used. ``warning``: it was used, and the user should look at it (both make
        the command line end with 3). ``note``: a fact worth knowing.
    rule
        Short stable name of the check, such as ``unknown-key``.
    message
        One sentence that says what is wrong.
    hint
        The repair, or ``""`` when there is none to offer.
    """

    where: str
    level: Level
    rule: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.level}: {self.message}{hint}"


_N_PLACES = 3
"""How many places a note names that holds for several."""


def unite_notes(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems as a person reads them: a note that says the same of several places comes once.

    Warnings and errors stay as they are, since each asks for something to be done at its place.
    """
    places: dict[Problem, list[str]] = {}
    for problem in problems:
        key = replace(problem, where="") if problem.level == "note" else problem
        places.setdefault(key, []).append(problem.where)
    return [
        replace(problem, where=_name_places(where)) if problem.level == "note" else problem
        for problem, where in places.items()
    ]


def _name_places(places: Sequence[str]) -> str:
    distinct = [place for place in dict.fromkeys(places) if place]
    if len(distinct) <= _N_PLACES + 1:
        return ", ".join(distinct)
    return f"{', '.join(distinct[:_N_PLACES])} and {len(distinct) - _N_PLACES} more"


class QualcodeError(Exception):
    """Base of every error that a user can cause and repair.

    Parameters
    ----------
    message
        One sentence that says what is wrong.
    where
        The place, as in :class:`Problem`.
    hint
        The repair.
    problems
        All that was found, when more than one thing is wrong.
    """

    def __init__(self, message: str, where: str = "", hint: str = "", *, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.problems = tuple(problems)

    def as_problem(self, rule: str, *, where: str | None = None, level: Level = "error") -> Problem:
        """Return the error as a value, to be listed with others.

        Parameters
        ----------
        rule
            Short stable name of the check that found it.
        where
            The place, when whoever lists it knows it better than the error does; ``None``: the error's own.
        level
            How much it matters, as in :class:`Problem`.

        Returns
        -------
        Problem
            Its place, message and repair. What ``problems`` holds is not in it.

        Examples
        --------
        >>> error = qualcode.QualcodeError("“maybe” is not a verdict.", hint="Write y or n.")
        >>> print(error.as_problem("verdict", where="answers.csv:3"))
        answers.csv:3: error: “maybe” is not a verdict. (Write y or n.)
        """
        return Problem(self.where if where is None else where, level, rule, self.message, self.hint)

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        lines = [head, *(str(problem) for problem in self.problems)]
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class SourceError(QualcodeError):
    """A transcript file cannot be read."""


class TableError(QualcodeError):
    """A table that a person brought (CSV, workbook, DataFrame) cannot be read."""


class CodebookError(QualcodeError):
    """A codebook cannot be used; ``problems`` lists every mistake in it."""


class CaseError(QualcodeError):
    """A table of cases cannot be used."""


class QueryError(QualcodeError):
    """A question to codings cannot be understood.

    Attributes
    ----------
    picture
        The question, and carets below the place.
    """

    def __init__(self, message: str, where: str = "", hint: str = "", *, picture: str = "") -> None:
        super().__init__(message, where, hint)
        self.picture = picture

    def __str__(self) -> str:
        return "\n".join(filter(None, [self.picture, super().__str__()]))


class AgreementError(QualcodeError):
    """Agreement cannot be measured on what was given."""


class StudyError(QualcodeError):
    """A study folder cannot be used, or what was asked of it cannot be done."""


class LockedError(StudyError):
    """Another process is at work on the same sheets."""


class StaleSheetError(StudyError):
    """A sheet changed on disk since it was loaded; both versions are kept."""


class ConflictError(StudyError):
    """What an act answers was changed meanwhile; nothing was done.

    Attributes
    ----------
    stands
        What stands there now: codings, a text, or nothing.
    """

    def __init__(self, message: str, where: str = "", hint: str = "", *, stands: object = None) -> None:
        super().__init__(message, where, hint)
        self.stands = stands


class OutputError(QualcodeError):
    """A result cannot be written: the folder is taken, full or not ours to write to."""


class MissingDependencyError(QualcodeError):
    """An optional library, language model or font is not installed; ``hint`` is the install command."""
