"""A change of the codebook taken back, or done again: an earlier version comes back, and codings go along."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from qualcode.codebook import Edit, parse_codebook
from qualcode.errors import ConflictError, QualcodeError, StudyError
from qualcode.study.recoding import apply_edit, count_touched, find_mapping
from qualcode.study.store import digest_of, keep_version
from qualcode.study.undo import stage_reversal
from qualcode.wording import join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.codebook import Codebook
    from qualcode.study.store import Event, History, StudyChange, StudyFolder, StudyStore

_WHY = "On second thought."
_DAY = 10
"""Characters of the day in a time in ISO 8601."""


def bring_back_codebook(study: StudyStore, version: str, *, saw: str, change: str = "") -> int:
    """Put a kept version of the codebook in the place of the present one; see :meth:`.Study.bring_back_codebook`."""
    layout = study.layout
    data = layout.read(layout.codebook) or b""
    if digest_of(data) != saw:
        raise ConflictError(
            "The codebook has changed since.", hint="Change it with qualcode codebook, or in the Codes view"
        )
    goal, present = _read_version(study, version), data.decode("utf-8")
    merged, again = _find_merger(study, version, saw), _find_merger(study, saw, version)
    mapping = {} if merged else again.get("mapping", {})
    _refuse_gone(study, present, goal, mapping)
    text = change or "An earlier version of the codebook is in use again."
    if not merged:
        return apply_edit(study, Edit(goal, text, _WHY, (), mapping), present)
    return _unmerge(study, goal, data, text, merged)


def _read_version(study: StudyFolder, digest: str) -> str:
    layout = study.layout
    is_digest = len(digest) == 64 and digest.isalnum()  # noqa: PLR2004  # of SHA-256; it becomes part of a path
    data = layout.read(layout.version_of(layout.codebook.name, digest)) if is_digest else None
    if data is None or digest_of(data) != digest:
        raise StudyError("That version of the codebook was not kept.")
    return data.decode("utf-8")


def read_past_codebook(study: StudyFolder, digest: str) -> Codebook | None:
    """Return the present or a kept version of the codebook; ``None`` of one that was not kept, or cannot be used."""
    layout = study.layout
    for path in (layout.codebook, layout.version_of(layout.codebook.name, digest)):
        data = layout.read(path)
        if data is not None and digest_of(data) == digest:
            with contextlib.suppress(QualcodeError, ValueError):
                return parse_codebook(data.decode("utf-8-sig"))
    return None


def date_codes(study: StudyFolder) -> dict[str, str]:
    """Return the day on which each code came into the codebook; see :meth:`.Study.code_days`."""
    found: dict[str, str] = {}
    for note in study.notes():
        if note.get("what") == "codebook":
            book = read_past_codebook(study, str(note.get("codebook", "")))
            for code in book.walk() if book is not None else ():
                found.setdefault(code.id, str(note.get("at", ""))[:_DAY])
    return found


def _find_merger(study: StudyFolder, before: str, after: str) -> Mapping[str, Any]:
    """Return what the study remembers of a merger of codes that made one version of another, if it was one."""
    for note in reversed(study.notes()):
        if note.get("what") == "codebook" and (note.get("from"), note.get("codebook")) == (before, after):
            return note if "mapping" in note else {}
    return {}


def _refuse_gone(study: StudyFolder, present: str, goal: str, mapping: Mapping[str, str]) -> None:
    ids = [{code.id for code in parse_codebook(text.removeprefix("\ufeff")).walk()} for text in (present, goal)]
    gone = ids[0] - ids[1] - mapping.keys()
    in_use = sorted({one.code for one in count_touched(study, sorted(gone))[0]})
    if in_use:
        message = f"{join(in_use)} is given by now, and would be gone."
        raise StudyError(message, hint="Retire or merge it in the Codes view")


def _unmerge(study: StudyStore, goal: str, present: bytes, text: str, merger: Mapping[str, Any]) -> int:
    """Give codings back the codes that they had before a merger, with the codebook of before."""
    path, data = study.layout.codebook, goal.encode("utf-8")
    n_codings = 0
    with study.change(why=_WHY) as change:
        if (study.layout.read(path) or b"") != present:
            raise ConflictError("The codebook has changed in the meantime.", where=str(path), hint="Try again")
        mapping = find_mapping(study, codebook=data)
        for coder, name in list(study.sheet_ids()):
            for event in _find_events(study.history(coder, name), str(merger["at"])):
                stage_reversal(change, coder, name, event, mapping)
                befores = (one.before for one in event.changes)
                n_codings += sum(one is not None and one.code in merger["mapping"] for one in befores)
        _note(change, data, present, text)
    return n_codings


def _find_events(history: History, since: str) -> list[Event]:
    events = [one for one in history.events.values() if one.what == "merge-codes" and one.at >= since]
    return [one for one in reversed(events) if not history.is_taken_back(one.id)]


def _note(change: StudyChange, data: bytes, present: bytes, text: str) -> None:
    path = change.study.layout.codebook
    keep_version(change, path.name, present)
    change.put(path, data)
    change.note("codebook", {"codebook": digest_of(data), "change": text, "from": digest_of(present)})
