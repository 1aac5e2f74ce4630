"""The codebook as a page shows it: a flat list in the order of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.figures import colour_codes
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.saying import say_codebook

if TYPE_CHECKING:
    from qualcode.codebook import Code
    from qualcode.surface.room import Room


def show_codebook(room: Room) -> Answer:
    """Return all codes with their colours, and what is wrong with the codebook."""
    trouble = room.find_trouble()
    codebook = room.codebook
    told: Answer = {"codes": [], "name": codebook.name if codebook else ""}
    if trouble is not None and room.study.has_codebook:
        told["trouble"] = say_codebook(room, trouble)
    if codebook is not None:
        colours = colour_codes(codebook)
        for code in codebook.walk():
            path = codebook.path(code.id)
            told["codes"].append(_show_code(code, path, colours[path]))
    return told


def pin_code(room: Room, data: Data) -> Answer:
    """Pin a code to a digit, or free it."""
    digit, code = data.get("digit"), take_text(data, "code", "")
    if type(digit) is not int:
        raise StudyError("“digit” is missing or no number.", hint="Reload the page")
    return {"pins": list(room.study.pin_code(room.coder, digit, code))}


def _show_code(code: Code, path: str, colour: str) -> Answer:
    texts = {
        "definition": code.definition, "include": list(code.include), "exclude": list(code.exclude),
        "examples": [one.text for one in code.hits], "own": code.colour,
    }  # fmt: skip
    return {
        "id": code.id, "name": code.name, "path": path, "level": path.count("/"), "colour": colour,
        **{key: value for key, value in texts.items() if value}, **({"retired": 1} if code.is_retired else {}),
    }  # fmt: skip
