"""Acts in words: which code, on which words, in which segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import CodebookError, StudyError
from qualcode.wording import shorten

if TYPE_CHECKING:
    from qualcode.model import Coding
    from qualcode.study import Event, Study

_DONE = {
    "accept": "Accepted", "reject": "Rejected", "apply": "Coded", "remove": "Removed", "move": "Moved",
    "recode": "Recoded", "cut": "Cut", "extend": "Extended", "note": "Noted", "keep": "Kept",
    "seen": "Read", "consensus": "Settled",
}  # fmt: skip


def name_code(study: Study, code: str) -> str:
    """Return a code's name, or its id where the codebook has lost it or cannot be read."""
    try:
        return study.codebook.code(code).name
    except (CodebookError, StudyError):
        return code


def tell_act(study: Study, transcript_id: str, event: Event) -> str:
    """Return what was done as a sentence: ``Accepted “Scheduling” on “The dates clashed.” (P07:t002)``."""
    return f"{_DONE.get(event.what, event.what.capitalize())} {_name_object(study, transcript_id, event)}"


def name_act(study: Study, transcript_id: str, event: Event) -> str:
    """Return an act by its name: ``accept “Scheduling” on “The dates clashed.” (P07:t002)``."""
    if event.what == "consensus":
        codings = [one for change in event.changes if (one := change.after or change.before)]
        verdict = "" if len(codings) != 1 else ": taken over" if codings[0].is_counted else ": not taken over"
        return f"settle {_name_object(study, transcript_id, event)}{verdict}"
    return f"{event.what} {_name_object(study, transcript_id, event)}"


def _name_object(study: Study, transcript_id: str, event: Event) -> str:
    codings = [one for change in event.changes if (one := change.after or change.before)]
    if not codings:
        segments = [*event.seen, *(one for one, _ in event.unseen)]
        return ", ".join(f"{transcript_id}:{one}" for one in segments) or transcript_id
    coding, codes = codings[0], ""
    if event.what == "recode":
        coding = next((one for one in codings if one.is_counted), coding)
        before = next((one for one in map(_gone, event.changes) if one and one.code != coding.code), None)
        codes = f"“{name_code(study, before.code)}” as " if before else ""
        codings = [coding]
    more = f" and {len(codings) - 1} more" if len(codings) > 1 else ""
    quote = f"on “{shorten(coding.quote)}” ({find_address(study, coding)})"
    return f"{codes}“{name_code(study, coding.code)}” {quote}{more}"


def _gone(change: object) -> Coding | None:
    """Return the coding that a recoding takes away: its own before, or the suggestion that it rejects."""
    before, after = getattr(change, "before", None), getattr(change, "after", None)
    return before or (after if after and not after.is_counted else None)


def find_address(study: Study, coding: Coding) -> str:
    """Return the address of the first segment that a coding touches."""
    try:
        touched = study.index(coding.transcript).touched(study.settings.unit, coding.span)
    except StudyError:
        touched = ()
    return f"{coding.transcript}:{touched[0].id}" if touched else coding.transcript
