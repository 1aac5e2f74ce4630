"""The codebook changed from the page: always with what a change touches before it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import ConflictError
from qualcode.reviewing import name_code
from qualcode.study import find_code
from qualcode.surface.acting import act, find_entry
from qualcode.surface.asking import Answer, Data, take_list, take_mapping, take_text
from qualcode.surface.changing import find_changes
from qualcode.surface.room import Stamp

if TYPE_CHECKING:
    from qualcode.surface.room import Room


def _tell(room: Room, data: Data, said: str, **more: object) -> Answer:
    """Return what is new on the transcript, with the codebook."""
    told = find_changes(room, take_text(data, "t", ""), Stamp.parse(take_text(data, "base", "")))
    return {**told, "said": said, **more}


def _because(data: Data, default: str) -> str:
    return take_text(data, "why", "").strip() or default


def _where(data: Data) -> str:
    at = take_text(data, "at", "")
    return f"Came up in {take_text(data, 't', '')}:{at}." if at else "Came up while coding."


def add_code(room: Room, data: Data) -> Answer:
    """Add a code, and give it to picked words, or to the passage in hand instead of its code."""
    from qualcode.codebook import add_code as add

    under = take_text(data, "under", "")
    edit, _ = room.study.recode(
        add, new_name=take_text(data, "name"), under=find_code(room.study.codebook, under) if under else "",
        definition=take_text(data, "definition", ""), because=_because(data, _where(data)),
    )  # fmt: skip
    code = edit.added[0]
    told: Answer = {}
    base = {"t": take_text(data, "t", ""), "base": take_text(data, "base", "")}
    if take_list(data, "spans"):
        told = act(room, {**base, "op": "apply", "code": code, "spans": take_list(data, "spans")})
    elif "recode" in data:
        told = act(room, {**base, "op": "recode", **take_mapping(data["recode"]), "to": code})
    said = f"New code {name_code(room.study, code)}. {told.get('said', '')}".strip()
    if not told:
        return _tell(room, data, said, code=code)
    return {**told, "said": said, "code": code}


def take_example(room: Room, data: Data) -> Answer:
    """Take a passage as an example of its code, and tell what its rules say against it."""
    from qualcode.codebook import add_example
    from qualcode.tagging import check_examples

    view, entry = find_entry(room, data)
    edit, _ = room.study.recode(
        add_example, code=entry.code, quote=entry.quote, kind="hit", check=check_examples,
        because=f"Found in {view.item.address}.",
    )  # fmt: skip
    against = " ".join(one.message for one in edit.problems)
    return _tell(room, data, f"An example of {name_code(room.study, entry.code)} now. {against}".strip())


def edit_code(room: Room, data: Data) -> Answer:
    """Say anew what a code stands for; ``saw`` is the definition that this one was made from."""
    from qualcode.codebook import edit_code as edit

    code = find_code(room.study.codebook, take_text(data, "code"))
    present, saw = room.study.codebook.code(code).definition, take_text(data, "saw", "")
    if present != saw:
        name = name_code(room.study, code)
        raise ConflictError(f"The definition of {name} was changed meanwhile: “{present}”.", stands=present)
    room.study.recode(edit, code=code, definition=take_text(data, "definition"), because=_because(data, _where(data)))
    return _tell(room, data, f"Definition of {name_code(room.study, code)} saved.")
