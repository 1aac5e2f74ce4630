"""Which column of a table is what: heads differ between programs and languages, and a person may say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import TableError
from qualcode.wording import join, loosen, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.spreadsheets import Spreadsheet


def fold(head: str) -> str:
    """Return a head, or a name, in the form in which spellings of it are equal."""
    return " ".join(loosen(head).replace("_", " ").split())


def parse_columns(told: str, parts: Sequence[str]) -> dict[str, str]:
    """Return which head is which part, of ``PART=HEAD`` with commas between.

    Raises
    ------
    TableError
        If a part is none.

    Examples
    --------
    >>> parse_columns("code=Kod, text=Fragment", ["code", "text"])
    {'code': 'Kod', 'text': 'Fragment'}
    """
    found = {}
    for one in filter(None, (part.strip() for part in told.split(","))):
        part, _, head = one.partition("=")
        if part.strip() not in parts or not head.strip():
            message = f"“{one}” names no column."
            raise TableError(message, hint=f"Write PART=HEAD; the parts are {join(list(parts), 'or')}")
        found[part.strip()] = head.strip()
    return found


def find_columns(table: Spreadsheet, synonyms: Mapping[str, Sequence[str]], told: Mapping[str, str]) -> dict[str, int]:
    """Return the places of columns by the part that they have, as told or by the usual heads.

    Raises
    ------
    TableError
        If a head that was told is not there.
    """
    heads = {fold(head): place for place, head in reversed(list(enumerate(table.header))) if head}
    found = {}
    for part, head in told.items():
        if fold(head) not in heads:
            hint = suggest(head, table.header) or f"There are {join([one for one in table.header if one])}"
            raise TableError(f"There is no column “{head}”.", where=table.name, hint=hint)
        found[part] = heads[fold(head)]
    for part, names in synonyms.items():
        place = next((heads[name] for name in names if name in heads and heads[name] not in found.values()), None)
        if part not in found and place is not None:
            found[part] = place
    return found


def cell(cells: Sequence[str], place: int | None) -> str:
    """Return a cell; ``""`` when the row is too short or there is no such column."""
    return cells[place].strip() if place is not None and place < len(cells) else ""
