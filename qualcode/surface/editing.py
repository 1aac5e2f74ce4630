"""The codebook changed from the page: always with what a change touches before it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import ConflictError, StudyError
from qualcode.reviewing import find_step, name_code, tell_digest
from qualcode.study import find_code
from qualcode.surface.acting import act, find_entry
from qualcode.surface.asking import Answer, Data, take_list, take_mapping, take_text
from qualcode.surface.changing import find_changes
from qualcode.surface.restoring import tell_steps
from qualcode.surface.room import Stamp
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook import Edit
    from qualcode.surface.room import Room


def _tell(room: Room, data: Data, said: str, before: str, edit: Edit, **more: object) -> Answer:
    """Return what is new on the transcript, with the codebook, and how the change is taken back."""
    told = find_changes(room, take_text(data, "t", ""), Stamp.parse(take_text(data, "base", "")))
    undo = tell_steps(find_step(room.study, before, edit, ""))
    return {**told, "said": said, "name": edit.change.rstrip("."), "undo": undo, **more}


def _because(data: Data, default: str) -> str:
    return take_text(data, "why", "").strip() or default


def _where(data: Data) -> str:
    at = take_text(data, "at", "")
    return f"Came up in {take_text(data, 't', '')}:{at}." if at else "Came up while coding."


def add_code(room: Room, data: Data) -> Answer:
    """Add a code, and give it to picked words, or to the passage in hand instead of its code."""
    from qualcode.codebook import add_code as add

    under, before = take_text(data, "under", ""), tell_digest(room.study)
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
        return _tell(room, data, said, before, edit, code=code)
    steps = [*tell_steps(find_step(room.study, before, edit, "")), *told.get("undo", [])]
    return {**told, "said": said, "code": code, "undo": steps}


def take_example(room: Room, data: Data) -> Answer:
    """Take a passage as an example of its code, and tell what its rules say against it."""
    from qualcode.codebook import add_example
    from qualcode.examples import check_examples

    view, entry = find_entry(room, data)
    before = tell_digest(room.study)
    edit, _ = room.study.recode(
        add_example, code=entry.code, quote=entry.quote, kind="hit", check=check_examples,
        because=f"Found in {view.item.address}.",
    )  # fmt: skip
    against = " ".join(one.message for one in edit.problems)
    return _tell(room, data, f"An example of {name_code(room.study, entry.code)} now. {against}".strip(), before, edit)


def edit_code(room: Room, data: Data) -> Answer:
    """Say anew what a code stands for; ``saw`` is the definition that this one was made from."""
    from qualcode.codebook import edit_code as edit

    code = find_code(room.study.codebook, take_text(data, "code"))
    before = tell_digest(room.study)
    present, saw = room.study.codebook.code(code).definition, take_text(data, "saw", "")
    if present != saw:
        name = name_code(room.study, code)
        raise ConflictError(f"The definition of {name} was changed meanwhile: “{present}”.", stands=present)
    done, _ = room.study.recode(
        edit, code=code, definition=take_text(data, "definition"), because=_because(data, _where(data))
    )
    return _tell(room, data, f"Definition of {name_code(room.study, code)} saved.", before, done)


# -- what touches codings: shown before it happens --------------------------------------------------------------------


def preview(room: Room, data: Data) -> Answer:
    """Return how many codings a change of a code touches, coder by coder, and what becomes of them."""
    codes = _find_codes(room, data)
    touched, _ = room.study.count_touched(codes)
    rows = [
        {"coder": one.coder, "code": one.code, "codings": one.n_codings, "transcripts": one.n_transcripts}
        for one in touched
    ]
    n_codings = sum(one.n_codings for one in touched)
    return {"rows": rows, "said": _FATES[take_text(data, "op")].format(codings=plural(n_codings, "coding"))}


_FATES = {
    "rename": "{codings} keep their code; tables call it by the new name.",
    "move": "{codings} keep their code; they count under another theme from now on.",
    "merge": "{codings} get the other code.",
    "split": "{codings} stay with the code for you to share out.",
    "retire": "{codings} stay and count; the code is not given any more, and its rules do not run.",
    "colour": "{codings} are shown in another colour.",
    "edit": "{codings} were made with the words of before; you find them under Look again.",
}
"""What becomes of codings, in words; also the changes that there are."""


def _find_codes(room: Room, data: Data) -> list[str]:
    if take_text(data, "op") not in _FATES:
        raise StudyError("That cannot be done with a code.", hint="Reload the page")
    code = find_code(room.study.codebook, take_text(data, "code"))
    if take_text(data, "op") in {"move", "retire"}:
        return [code, *(one.id for one in room.study.codebook.descendants(code))]
    return [code]


def change_code(room: Room, data: Data) -> Answer:
    """Rename, move, merge, split, retire, or say anew what a code stands for, includes and excludes."""
    from qualcode import codebook

    op, code, before = take_text(data, "op"), _find_codes(room, data)[0], tell_digest(room.study)
    name, because = name_code(room.study, code), _because(data, "Changed in the page.")
    if op == "rename":
        edit = room.study.recode(codebook.rename_code, code=code, new_name=take_text(data, "name"), because=because)
    elif op == "move":
        under = take_text(data, "under", "")
        goal = find_code(room.study.codebook, under) if under else ""
        edit = room.study.recode(codebook.move_code, code=code, under=goal, because=because)
    elif op == "merge":
        into = find_code(room.study.codebook, take_text(data, "into"))
        edit = room.study.recode(codebook.merge_codes, codes=[code], into=into, because=because)
    elif op == "split":
        names = [one for one in take_list(data, "names") if isinstance(one, str) and one.strip()]
        edit = room.study.recode(codebook.split_code, code=code, into=names, because=because)
    elif op == "retire":
        edit = room.study.recode(codebook.retire_code, code=code, because=because)
    elif op == "colour":
        edit = room.study.recode(codebook.edit_code, code=code, colour=take_text(data, "colour"), because=because)
    else:
        texts = {key: take_text(data, key) for key in ("definition",) if key in data}
        present = room.study.codebook.code(code)
        lists = {key: _lines(data, key, getattr(present, key)) for key in ("include", "exclude") if key in data}
        edit = room.study.recode(codebook.edit_code, code=code, **texts, **lists, because=because)
    moved = f" {plural(edit[1], 'coding')} got the other code." if edit[1] else ""
    return _tell(room, data, f"{name}: {edit[0].change}{moved}", before, edit[0], code=code)


def _lines(data: Data, key: str, present: Sequence[str]) -> list[str]:
    """Return the lines of a list; an entry of several lines, which stands on one in the page, stays as it is."""
    known = {" ".join(one.split()): one for one in present}
    lines = (" ".join(line.split()) for line in take_text(data, key).splitlines())
    return [known.get(line, line) for line in lines if line]
