"""Quotes that people chose for reports: an act on one's own coding, which is logged and can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from qualcode.errors import CodebookError, StudyError
from qualcode.study.addresses import find_code, find_segment
from qualcode.study.store import key_of
from qualcode.wording import join

if TYPE_CHECKING:
    from qualcode.model import Coding, Span
    from qualcode.study.store import Event, SheetDraft, StudyFolder, StudyStore

Choice = Literal["pick", "unpick"]


def choose_quote(
    study: StudyStore, coder: str, address: str, code: str, *, choice: Choice, span: Span | None = None
) -> Event | None:
    """Choose one of a coder's own codings as a quote for reports, or choose it no more; see :meth:`.Study.pick`."""
    coder = study.check_coder(coder)
    name, segment = find_segment(study, address)
    with study.change(coder) as change:
        draft = change.sheet(name)
        draft.header = "kept"  # who chooses a quote has not coded with the present codebook
        coding = _find_own(study, draft, code, f"{name}:{segment.id}", segment.span, span)
        if coding.is_picked != (choice == "pick"):
            draft.put(replace(coding, is_picked=choice == "pick", at=change.now))
            draft.what = choice
        else:
            change.abandon()
    return next((event for events in change.events.values() for event in events if event.what == choice), None)


def _find_own(
    study: StudyFolder, draft: SheetDraft, code: str, address: str, segment: Span, span: Span | None
) -> Coding:
    """Return the one coding of a coder that is meant."""
    around = draft.overlapping(span or segment)
    try:
        wanted = find_code(study.codebook, code)
    except CodebookError:
        if code not in {one.code for one in around}:
            raise
        wanted = code
    own = [one for one in around if one.code == wanted and one.is_counted]
    found = [one for one in own if one.span == span] or own
    if not found:
        raise StudyError(
            f"{draft.coder} has no coding with “{code}” in {address}.",
            hint="Choose among your own codings, or name who coded it with --coder",
        )
    if len(found) > 1:
        places = [f"{one.span.start}:{one.span.end}" for one in sorted(found, key=key_of)]
        raise StudyError(
            f"{draft.coder} gave “{code}” {len(found)} times in {address}.",
            hint=f"Choose one of these with --span: {join(places, 'or')}",
        )
    return found[0]


def list_picks(study: StudyFolder) -> tuple[Coding, ...]:
    """Return the codings that people chose as quotes and that still count; see :meth:`.Study.picks`."""
    sheets, _ = study.sheets()
    found = (one for sheet in sheets for one in sheet.codings if one.is_picked and one.is_counted)
    return tuple(sorted(found, key=lambda one: (one.transcript, *key_of(one), one.coder)))
