"""The page in which a person decides what is a name: candidates of a study, and the key beside it.

The key is the only file that is written. It is read again before each act, so that what a spreadsheet or another window
did meanwhile stays. Names travel in answers only, never in addresses, and a browser is told to keep nothing of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.errors import ConflictError, StudyError
from qualcode.pseudonyms import (
    Key,
    KeyEntry,
    changing_key,
    check_place,
    find_candidates,
    identify,
    locate_names,
    read_key,
    write_key,
)
from qualcode.study import list_given, list_known
from qualcode.surface.answering import Answering, Op
from qualcode.surface.asking import take_list, take_mapping, take_text
from qualcode.wording import plural

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from qualcode.errors import QualcodeError
    from qualcode.pseudonyms import Spot
    from qualcode.study import Study
    from qualcode.surface.asking import Answer, Data

_SHOWN, _MOST = 20, 1000
"""Places of a name that are shown at first, and at most."""

_AROUND = 160
"""Characters of a sentence that are shown on each side of a name."""

_ACTS = {"replace": "Replaced", "keep": "Kept", "open": "Undecided again"}


@dataclass(slots=True)
class Name:
    """A name that a page shows.

    Attributes
    ----------
    real, kind, proposal
        As those of a candidate; the kind and the proposal change with what is decided.
    why
        Why it is a candidate; ``""``: the key has it.
    like
        The name of which it is another form.
    spots
        Where it stands.
    """

    real: str
    kind: str
    proposal: str
    why: str
    like: str
    spots: Sequence[Spot]


class NameRoom:
    """The names of a study, and the key in which they are decided on.

    Parameters
    ----------
    study
        The study.
    key
        The key's file; it need not be there yet.

    Raises
    ------
    OutputError
        If a key may not lie there.
    TableError
        If the key cannot be used.
    """

    def __init__(self, study: Study, key: str | os.PathLike[str]) -> None:
        self.study = study
        self.path = check_place(key, apart_from=study.root)
        self.names: list[Name] = []
        self._numbers: dict[str, int] = {}
        self.look()

    def read_key(self) -> Key:
        """Return the key as it is on the disk now."""
        return read_key(self.path) if self.path.exists() else Key()

    def look(self) -> list[int]:
        """Look through the study, and return the numbers of its names: a name keeps its number for good."""
        key = self.read_key()
        given = list(list_given(self.study))
        candidates = find_candidates(given, known=list_known(self.study), key=key)
        reals = [*(one.real for one in key.entries), *(one.real for one in candidates)]
        spots = locate_names(given, map(KeyEntry, reals))
        found = [Name(one.real, one.kind, one.replacement, "", "", spots[one.real]) for one in key.entries]
        found += [Name(one.real, one.kind, one.replacement, one.why, one.like, spots[one.real]) for one in candidates]
        return [self._number(one) for one in found]

    def _number(self, name: Name) -> int:
        known = self._numbers.setdefault(identify(name.real), len(self.names))
        self.names[known : known + 1] = [name]
        return known

    def find(self, number: object) -> tuple[int, Name]:
        """Return a name by the number by which the page knows it.

        Raises
        ------
        StudyError
            If there is none.
        """
        if type(number) is not int or not 0 <= number < len(self.names):
            raise StudyError("There is no such name.", hint="Reload the page")
        return number, self.names[number]

    def show(self, numbers: Iterable[int]) -> list[Answer]:
        """Return rows as the page has them, with what the key says now."""
        decided = {identify(one.real): one for one in self.read_key().entries}
        return [self._show(number, decided.get(identify(self.names[number].real))) for number in numbers]

    def _show(self, number: int, entry: KeyEntry | None) -> Answer:
        name = self.names[number]
        state = "open" if entry is None else "keep" if entry.keep else "replace"
        return {
            "n": number, "real": name.real, "kind": entry.kind if entry else name.kind, "why": name.why,
            "count": len(name.spots), "state": state, "proposal": name.proposal, "like": self._find_like(name),
            "replacement": entry.replacement if entry else "",
        }  # fmt: skip

    def _find_like(self, name: Name) -> int | None:
        return self._numbers.get(identify(name.like)) if name.like else None


OPS: dict[str, Op] = {
    "open": Op("naming:open_page"),
    "look": Op("naming:look_again"),
    "places": Op("naming:list_places"),
    "decide": Op("naming:decide", "act"),
}
"""All that the page may ask for."""


def open_page(room: NameRoom, _: Data) -> Answer:
    """Return all names, those of the key first, and what a person should know about the key."""
    return {"study": room.study.settings.name or room.study.root.name, "key": str(room.path), **look_again(room, {})}


def look_again(room: NameRoom, _: Data) -> Answer:
    """Look through the study again: what was decided brings up names that resemble it."""
    rows = room.show(room.look())
    return {"rows": rows, "notes": [str(one) for one in room.read_key().problems if one.rule != "empty"]}


def list_places(room: NameRoom, data: Data) -> Answer:
    """Return where a name stands, with the words around it."""
    number, name = room.find(data.get("n"))
    most = _MOST if data.get("all") else _SHOWN
    return {"n": number, "count": len(name.spots), "places": [_show_spot(one) for one in name.spots[:most]]}


def _show_spot(spot: Spot) -> list[str]:
    """Return the place, the words before, the name, and the words behind."""
    start, end = max(0, spot.start - _AROUND), spot.end + _AROUND
    before = ("…" if start else "") + spot.text[start : spot.start]
    behind = spot.text[spot.end : end] + ("…" if end < len(spot.text) else "")
    return [spot.place, before, spot.text[spot.start : spot.end], behind]


def decide(room: NameRoom, data: Data) -> Answer:
    """Write decisions into the key, each on what stood there when it was made.

    Raises
    ------
    ConflictError
        If something else stands there now.
    StudyError
        If a decision cannot be read, or replaces a name by nothing.
    """
    told = [_read(room, take_mapping(one)) for one in take_list(data, "rows")]
    if not told:
        raise StudyError("Nothing was decided.", hint="Choose a name first")
    with changing_key(room.path) as key:
        _refuse_stale(key, told)
        rest = key.drop(name.real for _, name, entry, _ in told if entry is None)
        write_key(room.path, rest.add(entry for _, _, entry, _ in told if entry is not None))
    touched = [number for number, *_ in told]
    for _, name, entry, _ in told:
        if entry is not None and not entry.keep:
            name.kind, name.proposal = entry.kind, entry.replacement
            touched += _propose(room, name, entry)
    return {"rows": room.show(dict.fromkeys(touched)), "said": _say(told)}


_Told = tuple[int, Name, KeyEntry | None, dict[str, Any]]


def _read(room: NameRoom, one: Data) -> _Told:
    """Return which name is meant, its entry in the key (``None``: undecided), and what the page saw before."""
    number, name = room.find(one.get("n"))
    act, kind = take_text(one, "act"), take_text(one, "kind", name.kind).strip()
    replacement = " ".join(take_text(one, "replacement", "").split())
    base = dict(take_mapping(one.get("base", {})))
    if act not in _ACTS:
        raise StudyError(f"“{act}” cannot be done.", hint="Reload the page")
    if act == "open":
        return number, name, None, base
    if act == "keep":
        return number, name, KeyEntry(name.real, kind, "", keep=True), base
    if not replacement:
        raise StudyError("A name is to be replaced, and has no replacement.", hint="Write one, or keep the name")
    return number, name, KeyEntry(name.real, kind, replacement), base


def _refuse_stale(key: Key, told: Sequence[_Told]) -> None:
    stands = {identify(one.real): one for one in key.entries}
    for _, name, _, base in told:
        entry = stands.get(identify(name.real))
        seen = (base.get("state", "open"), base.get("replacement", ""))
        if seen != (("open", "") if entry is None else ("keep" if entry.keep else "replace", entry.replacement)):
            raise ConflictError(
                "The key was changed meanwhile, by another window or program. Yours was not saved.",
                hint="Look at what stands there now, then decide again",
            )


def _propose(room: NameRoom, name: Name, entry: KeyEntry) -> list[int]:
    """Propose a person's replacement for the other forms of the name, and return their numbers."""
    family = [
        number
        for number, one in enumerate(room.names)
        if one is not name and one.like and identify(one.like) == identify(name.real)
    ]
    for number in family:
        room.names[number].proposal = entry.replacement
    return family


def _say(told: Sequence[_Told]) -> str:
    _, name, entry, _ = told[-1]
    act = _ACTS["open" if entry is None else "keep" if entry.keep else "replace"]
    if len(told) > 1:
        return f"{act}: {plural(len(told), 'name')}."
    return f"{act}: {name.real}{f', by {entry.replacement}' if entry and not entry.keep else ''}."


class NameSurface(Answering):
    """The candidates of a study, for a page in which a person decides on them.

    Parameters
    ----------
    study
        The study.
    key
        The key's file, outside of the study and of any git tree; it need not be there yet.

    Raises
    ------
    OutputError
        If a key may not lie there.
    TableError
        If the key cannot be used.
    """

    ops = OPS
    script = "names"
    styles = ("surface.css", "names.css")

    def __init__(self, study: Study, key: str | os.PathLike[str]) -> None:
        self.room = NameRoom(study, key)
        super().__init__(self.room)

    @property
    def root(self) -> Path:
        """The folder of the study."""
        return self.room.study.root

    def tell(self, error: QualcodeError) -> Answer:
        """Return what went wrong; when the key was changed meanwhile, with what stands in it now."""
        if isinstance(error, ConflictError):
            return {"kind": "conflict", "message": error.message, "hint": error.hint}
        message = "\n".join([error.message, *(f"{one.message} {one.hint}." for one in error.problems[:3])])
        return {"kind": "refused", "message": message, "hint": error.hint}
