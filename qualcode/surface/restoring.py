"""The codebook as it was before a change, and as it was after it: there and back, while nobody changed it since."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from qualcode.codebook import Edit, parse_codebook
from qualcode.errors import ConflictError, StudyError
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.wording import join

if TYPE_CHECKING:
    from qualcode.surface.room import Room


def tell_digest(room: Room) -> str:
    """Return the digest of the codebook's file; ``""``: there is none."""
    data = room.study.layout.read(room.study.layout.codebook)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def tell_step(room: Room, before: str, change: str) -> list[Answer]:
    """Return how a change of the codebook is taken back; the first codebook of a study has nothing before it."""
    return [{"codebook": before, "now": tell_digest(room), "change": change}] if before else []


def turn_back(room: Room, step: Data, way: str) -> str:
    """Put the version before a change, or after it, in the place of the other; return what the change was.

    Raises
    ------
    ConflictError
        If somebody changed the codebook since.
    StudyError
        If codings have a code that would be gone.
    """
    before, after, change = take_text(step, "codebook"), take_text(step, "now"), take_text(step, "change")
    present, goal = (after, before) if way == "undo" else (before, after)
    layout = room.study.layout
    if tell_digest(room) != present:
        raise ConflictError("The codebook was changed since.", hint="Change it in the Codes view", stands=change)
    kept = _read_version(room, goal)
    text = (layout.read(layout.codebook) or b"").decode("utf-8")
    gone = {code.id for code in parse_codebook(text.removeprefix("\ufeff")).walk()} - {
        code.id for code in parse_codebook(kept.removeprefix("\ufeff")).walk()
    }
    in_use = sorted({one.code for one in room.study.count_touched(sorted(gone))[0]})
    if in_use:
        message = f"{join(in_use)} is given by now, and would be gone."
        raise StudyError(message, hint="Retire or merge it in the Codes view")
    told = "Took back" if way == "undo" else "Did again"
    room.study.apply_edit(Edit(kept, f"{told}: {change}", "On second thought.", ()), text)
    return change


def _read_version(room: Room, digest: str) -> str:
    layout = room.study.layout
    is_digest = len(digest) == 64 and digest.isalnum()  # noqa: PLR2004  # of SHA-256; it becomes part of a path
    data = layout.read(layout.version_of(layout.codebook.name, digest)) if is_digest else None
    if data is None or hashlib.sha256(data).hexdigest() != digest:
        raise StudyError("That version of the codebook was not kept.")
    return data.decode("utf-8")
