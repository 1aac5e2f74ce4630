"""GUIDs for files that other programs read: those that came with a project, else the same for the same thing."""

from __future__ import annotations

import re
import uuid

_NAMESPACE = uuid.UUID("5f8a3c1e-6d0b-5b7e-9c35-3f1f0a6b2d47")
_VALID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def make_guid(*parts: str) -> str:
    """Return the GUID of what is named by some parts."""
    return str(uuid.uuid5(_NAMESPACE, "|".join(parts).encode("utf-8", "surrogatepass").decode("utf-8", "replace")))


class GuidBook:
    """Gives out each GUID once, in the form that the schema demands."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._used: set[str] = set()

    def give(self, kind: str, guid: str) -> str:
        """Return the GUID under which something goes out that has one; two kinds with one GUID get two."""
        key = kind, guid
        if key not in self._given:
            wanted = guid if _VALID.fullmatch(guid) else make_guid("as", guid)
            number = 1
            while wanted in self._used:
                number += 1
                wanted = make_guid(kind, guid, str(number))
            self._used.add(wanted)
            self._given[key] = wanted
        return self._given[key]
