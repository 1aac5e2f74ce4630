"""The study: a folder of plain text in which people decide, and nothing they did is ever lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.study.acts import ACTS, Act, Decision
from qualcode.study.addresses import find_code, parse_span
from qualcode.study.blinding import Blinding
from qualcode.study.consensus import CONSENSUS, Comparison, Difference
from qualcode.study.creating import create_folder, find_study
from qualcode.study.store import Event, Settings, tell_time
from qualcode.study.study import Study

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from qualcode.model import Unit

__all__ = [
    "ACTS", "CONSENSUS", "Act", "Blinding", "Comparison", "Decision", "Difference", "Event", "Settings",
    "Study", "create_study", "find_code", "find_study", "open_study", "parse_span",
]  # fmt: skip


def create_study(
    folder: str | os.PathLike[str],
    *,
    name: str = "",
    language: str = "",
    unit: Unit = "turn",
    coders: Sequence[str] = (),
    codebook: str | os.PathLike[str] | None = None,
    cases: str | os.PathLike[str] | None = None,
    clock: Callable[[], str] = tell_time,
) -> Study:
    """Begin a study in an empty or new folder.

    Parameters
    ----------
    folder
        Where; files that are there already stay untouched.
    name, language, unit
        As in :class:`Settings`.
    coders
        The people who code; others must be entered one by one. Empty: whoever comes.
    codebook, cases
        Files to copy into the study; they are checked first.
    clock
        Tells the time of events.

    Returns
    -------
    Study
        The study.

    Raises
    ------
    StudyError
        If there is a study already, or the folder cannot be written to.
    CodebookError, CaseError
        If one of the files cannot be used.
    """
    root = create_folder(
        folder, name=name, language=language, unit=unit, coders=coders, codebook=codebook, cases=cases, clock=clock
    )
    return Study(root, clock=clock)


def open_study(folder: str | os.PathLike[str] | None = None) -> Study:
    """Open a study.

    Parameters
    ----------
    folder
        Its folder; ``None`` for the one in which the program was started.

    Returns
    -------
    Study
        The study.

    Raises
    ------
    StudyError
        If the folder is no study, or is in none.
    """
    return Study(find_study() if folder is None else folder)
