"""What came from a project keeps its GUID: ``exchange.csv`` remembers what each thing is here, and was there.

By that an update of the project is told from what is new, and an export names things as the project did.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from qualcode.errors import StudyError
from qualcode.spreadsheets import read_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Kind = Literal["code", "coder", "transcript", "coding", "case", "value", "memo"]
_COLUMNS = ("kind", "transcript", "key", "guid", "state")


@dataclass(frozen=True, slots=True)
class Identity:
    """One thing that came from a project.

    Attributes
    ----------
    kind
        What it is.
    transcript
        On which transcript; ``""`` for what is on none.
    key
        Names it here: an id, or the place, code and coder of a coding.
    guid
        Names it there; ``""`` where the project has no name for it.
    state
        Digest of what it said there when it last came.
    """

    kind: Kind
    transcript: str
    key: str
    guid: str
    state: str


def digest_state(*parts: object) -> str:
    """Return what tells two states of a thing."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Identities:
    """Everything that came from projects, by what names it there and here."""

    def __init__(self, rows: Iterable[Identity] = ()) -> None:
        self._by_key: dict[tuple[str, str, str], Identity] = {}
        self._by_guid: dict[tuple[str, str], Identity] = {}
        for row in rows:
            self.put(row)

    @classmethod
    def decode(cls, data: bytes | None) -> Identities:
        """Return what the file says; lines that cannot be read are passed over."""
        rows = read_sheet(data, name="exchange.csv", error=StudyError).rows if data else ()
        found = [cells for _, cells in rows if len(cells) == len(_COLUMNS)]
        return cls(Identity(*cells) for cells in found)  # type: ignore[arg-type]  # an unknown kind is never asked for

    def encode(self) -> bytes:
        """Return the file, sorted."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        rows = self._by_key.values()
        writer.writerows(sorted((one.kind, one.transcript, one.key, one.guid, one.state) for one in rows))
        return text.getvalue().encode("utf-8", "surrogatepass")

    def put(self, row: Identity) -> None:
        """Remember a thing, in the place of what was known of it."""
        key = row.kind, row.transcript, row.key
        known = self._by_key.get(key)
        if known is not None:
            self._by_guid.pop((known.kind, known.guid), None)
        self._by_key[key] = row
        if row.guid:
            self._by_guid[row.kind, row.guid] = row

    def unite(self, other: Identities) -> Identities:
        """Return what either knows; of one thing, what the other does."""
        return Identities([*self._by_key.values(), *other._by_key.values()])

    def remove(self, row: Identity) -> None:
        """Forget a thing."""
        self._by_key.pop((row.kind, row.transcript, row.key), None)
        self._by_guid.pop((row.kind, row.guid), None)

    def move(self, transcript: str, move: Callable[[str], str | None]) -> None:
        """Give the codings on a transcript other keys, as of a corrected text; ``None`` keeps one."""
        rows = [row for (kind, name, _), row in self._by_key.items() if kind == "coding" and name == transcript]
        for row in rows:
            self.remove(row)
        for row in rows:
            self.put(replace(row, key=move(row.key) or row.key))

    def by_guid(self, kind: Kind, guid: str) -> Identity | None:
        """Return what has a name in a project."""
        return self._by_guid.get((kind, guid)) if guid else None

    def by_key(self, kind: Kind, key: str, transcript: str = "") -> Identity | None:
        """Return what is known of a thing here."""
        return self._by_key.get((kind, transcript, key))

    def __len__(self) -> int:
        return len(self._by_key)
