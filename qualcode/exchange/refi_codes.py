"""Codes of REFI-QDA files: in codebooks (``.qdc``) and in projects alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.exchange.colours import read_colour
from qualcode.exchange.project import ProjectCode
from qualcode.exchange.texts import clean_name
from qualcode.exchange.xml_elements import attribute, child, children, guid_of, local, target, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from qualcode.exchange.losses import LossList


def read_codes(root: etree._Element, losses: LossList) -> list[ProjectCode]:
    """Return the codes of a codebook or project, those above before those below; walked, not recursed."""
    codes: dict[str, ProjectCode] = {}
    waiting = [(element, "") for element in reversed(list(_find_tops(root)))]
    while waiting:
        element, parent = waiting.pop()
        guid = guid_of(attribute(element, "guid", "id")) or f"code {len(codes) + 1}"
        if guid in codes:
            losses.add("codes with the GUID of another one", "read as codes of their own", attribute(element, "name"))
            guid = f"{guid} {len(codes) + 1}"
        codes[guid] = _read_code(element, guid, parent, losses)
        waiting += [(one, guid) for one in reversed(list(children(element, "Code")))]
    return list(codes.values())


def _find_tops(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the codes at the top, wherever the sender put their list."""
    for element in root.iter():
        if local(element) == "Codes":
            yield from children(element, "Code")


def _read_code(element: etree._Element, guid: str, parent: str, losses: LossList) -> ProjectCode:
    name = clean_name(attribute(element, "name"), default="")
    if not name:
        losses.add("codes without a name", "named after their GUID", guid)
        name = f"Code {guid[:8]}"
    given = attribute(element, "color", "colour")
    colour = read_colour(given)
    if colour is None:
        losses.add("colours that are none", "left out", f"{name}: {given}", level="note")
    description = text_of(child(element, "Description"))
    if description.lstrip().startswith(("{\\rtf", "<html", "<!DOCTYPE")):
        losses.add("descriptions with formatting in them", "kept as they stand", name)
    is_codable = attribute(element, "isCodable").strip().casefold() not in {"false", "0"}
    return ProjectCode(guid, name, parent, description, colour or "", is_codable)


def tell_sets(root: etree._Element, names: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield GUID, name and a text that lists the members of each set."""
    for element in root.iter():
        if local(element) != "Set":
            continue
        members = [one for one in element if local(one).startswith("Member")]
        lines = [f"- {names.get(target(one), target(one))}" for one in members]
        description = text_of(child(element, "Description")).strip()
        name = clean_name(attribute(element, "name"), default="set")
        yield guid_of(attribute(element, "guid")), name, "\n\n".join(filter(None, (description, "\n".join(lines))))
