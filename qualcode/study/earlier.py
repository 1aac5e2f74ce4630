"""The codings of a study as they were at an earlier time, on the text and with the codes that there are now."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.errors import Problem, StudyError
from qualcode.model import RULES_CODER, many_objects
from qualcode.study.recoding import find_mapping, recode_one, unite
from qualcode.study.store import History, key_of
from qualcode.study.undo import read_time
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from qualcode.model import Coding, Sheet, Unit
    from qualcode.study.store import Key, StudyFolder
    from qualcode.tables import CodingTable


def tabulate_earlier(
    study: StudyFolder, at: str, *, coders: Collection[str] | None = None, unit: Unit | None = None
) -> CodingTable:
    """Lay codings as they were at a time on counting units; see :meth:`.Study.tabulate_earlier`."""
    from qualcode.tables import tabulate

    moment = read_time(at)
    if moment > study.clock():
        hint = "Give an earlier day, or a time of today such as 2026-03-31T14:05"
        raise StudyError(f"“{at}” has not passed yet, so nothing can have been coded since.", hint=hint)
    people = [name for name in study.coders() if name != RULES_CODER]
    chosen = people if coders is None else [study.find_coder(name) for name in coders]
    transcripts, problems = study.transcripts()
    with many_objects():
        sheets, troubles = _read_sheets(study, moment, chosen, {one.id: one.digest for one in transcripts})
        table = tabulate(transcripts, sheets, study.codebook, cases=study.cases, unit=unit or study.settings.unit)
    told = [one for one in table.problems if one.level != "note"]  # that the codebook was another is no news
    return replace(table, problems=(*problems, *troubles, *told))


def _read_sheets(
    study: StudyFolder, moment: str, coders: Collection[str], texts: Mapping[str, str]
) -> tuple[list[Sheet], list[Problem]]:
    """Return the sheets as they were at a time, of texts that are still the same, and what is left out."""
    mapping = find_mapping(study)
    known = {code.id for code in study.codebook.walk()}
    sheets: list[Sheet] = []
    corrected: list[str] = []
    gone: Counter[str] = Counter()
    damaged: list[Problem] = []
    for coder, name in study.sheet_ids(coders):
        try:
            sheet = _read_sheet(study, coder, name, moment)
        except StudyError as error:
            damaged.append(error.as_problem("sheet"))
            continue
        if sheet is None or name not in texts:
            continue
        if sheet.text_digest != texts[name]:
            corrected.append(f"{name} ({coder})")
            continue
        codings = _bring(sheet.codings, mapping)
        gone.update(one.code for one in codings if one.code not in known)
        sheets.append(replace(sheet, codings=tuple(one for one in codings if one.code in known)))
    return sheets, [*damaged, *_tell_corrected(corrected), *_tell_gone(gone)]


def _read_sheet(study: StudyFolder, coder: str, name: str, moment: str) -> Sheet | None:
    with study.shelf.guard:  # another thread may be adding to it
        history = study.history(coder, name)
        if history.latest_at > moment:
            history = History.of(event for event in history.events.values() if event.at <= moment)
        return history.sheet(name, coder)


def _bring(codings: Collection[Coding], mapping: Mapping[str, str]) -> Collection[Coding]:
    """Return codings with the codes that have taken the place of merged ones, one in each place."""
    if not mapping:
        return codings
    found: dict[Key, Coding] = {}
    for coding in codings:
        moved = recode_one(coding, mapping)
        key = key_of(moved)
        found[key] = unite(found[key], moved) if key in found else moved
    return [found[key] for key in sorted(found)]


def _tell_corrected(sheets: list[str]) -> Iterator[Problem]:
    if sheets:
        message = f"The text was corrected since, so earlier codings are not compared: {join(sheets)}."
        hint = "Give a time after the correction, which qualcode log shows"
        yield Problem("", "warning", "corrected-since", message, hint)


def _tell_gone(gone: Counter[str]) -> Iterator[Problem]:
    if gone:
        names = join([f"“{code}”" for code in sorted(gone)])
        message = f"{plural(gone.total(), 'earlier coding')} with codes that are gone from the codebook: {names}."
        yield Problem("", "warning", "codes-gone", message, "They count as not given at the earlier time")
