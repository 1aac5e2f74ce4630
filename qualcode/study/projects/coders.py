"""Who coded in a project, as coders of a study."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.file_names import fold_name
from qualcode.model import RULES_CODER
from qualcode.study.projects.identities import Identity
from qualcode.study.store import check_coder_name

if TYPE_CHECKING:
    from qualcode.exchange import LossList, Project
    from qualcode.study.projects.identities import Identities
    from qualcode.study.store import StudyFolder

_LONGEST = 40


def match_coders(
    study: StudyFolder, project: Project, known: Identities, losses: LossList, *, unnamed: str | None
) -> tuple[dict[str, str], list[Identity]]:
    """Return for the GUID of each coder the name here, and what is to be remembered.

    Parameters
    ----------
    study, project, known, losses
        As elsewhere.
    unnamed
        Whose codings those are of which the project does not say it.

    Raises
    ------
    StudyError
        If there are such codings, and nobody says whose they are.
    """
    present = [one for one in study.coders() if one != RULES_CODER]
    names: dict[str, str] = {}
    rows = []
    for coder in project.coders:
        row = known.by_guid("coder", coder.guid)
        name = row.key if row is not None else _choose(coder.name, unnamed, present, set(names.values()))
        names[coder.guid] = name
        rows.append(Identity("coder", "", name, coder.guid, ""))
        if coder.name and name != coder.name:
            losses.add(
                "coders", "named otherwise, as folders are named after them", f"{coder.name} → {name}", level="note"
            )
    lost = sum(mark.coder not in names for mark in project.marks)
    if lost and not unnamed:
        raise _nobody(lost, project)
    if unnamed:
        names[""] = check_coder_name(unnamed, present)
    return names, rows


def _nobody(n_codings: int, project: Project) -> StudyError:
    message = f"The project does not say whose {n_codings:,} of its codings are."
    return StudyError(message, where=project.name, hint="Say it: --coder NAME")


def _choose(name: str, unnamed: str | None, present: list[str], used: set[str]) -> str:
    """Return the name of a coder here; somebody of the same name is the same person, two in one project are two."""
    known = next((one for one in present if fold_name(one) == fold_name(name) and one not in used), None)
    if known is not None:
        return known
    base = _make_name(name) or unnamed or "coder"
    number, wanted = 1, base
    while True:
        twin = next((one for one in present if fold_name(one) == fold_name(wanted)), wanted)
        if twin not in used and _is_possible(twin):
            return twin
        number += 1
        wanted = f"{base}-{number}"


def _is_possible(name: str) -> bool:
    try:
        return check_coder_name(name, ()) == name
    except StudyError:
        return False


def _make_name(name: str) -> str:
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold())
    return "-".join(words)[:_LONGEST].strip("-")
