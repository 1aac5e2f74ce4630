"""A whole sheet in the place of the present one, for those who make sheets in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.atomic import make_folder, replace_file
from qualcode.errors import StaleSheetError
from qualcode.model import RULES_CODER
from qualcode.study.store import digest_of, encode_sheet

if TYPE_CHECKING:
    from qualcode.model import Sheet
    from qualcode.study.store import Event, StudyStore


def save_sheet(study: StudyStore, sheet: Sheet, *, what: str = "save", why: str = "") -> Event | None:
    """Make a sheet the present one; what changes becomes one event; see :meth:`.Study.save`."""
    coder, name = sheet.coder, sheet.transcript
    with study.change(coder, why=why) as change:
        draft = change.sheet(name)
        _check_fresh(study, sheet)
        draft.what = what
        draft.differ(sheet.codings)
        draft.see(sheet.seen)
        draft.unsee(draft.history.seen - sheet.seen)
        draft.tell(unit=sheet.unit, text=sheet.text_digest, codebook=sheet.codebook_digest)
    events = change.events.get((coder if coder == RULES_CODER else change.coder, name), ())
    return events[-1] if events and events[-1].what == what else None


def _check_fresh(study: StudyStore, sheet: Sheet) -> None:
    loaded = study.shelf.load(sheet.coder, sheet.transcript)
    if sheet.version == loaded.last:
        return
    path = study.layout.sheet_of(sheet.coder, sheet.transcript)
    data = encode_sheet(sheet)
    kept = path.with_name(f"{sheet.transcript}.unsaved-{digest_of(data)[:8]}.jsonl")
    make_folder(path.parent)
    replace_file(kept, data)
    raise StaleSheetError(
        "The sheet has changed on disk since it was loaded, so yours did not overwrite it.",
        where=str(path),
        hint=f"Load the sheet again and repeat what is missing; your version is kept as {kept.name}",
    )
