"""Every tenth segment of a session free of suggestions, and how far coder and suggestions agree there.

People accept what they are shown. How often they would have said the same without being shown it is seen where nothing
was shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qualcode.reviewing.entries import Item
    from qualcode.reviewing.sight import Sight

_EVERY = 10


class Tenths:
    """Which segments of a session are read without suggestions, and how far coder and suggestions agree there."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._held: set[str] = set()
        self._told: dict[str, bool] = {}

    def take(self, items: Iterable[Item]) -> None:
        """Hold every tenth of further segments."""
        for item in items:
            if item.address not in self._taken:
                self._taken.add(item.address)
                if len(self._taken) % _EVERY == 0:
                    self._held.add(item.address)

    def is_held(self, item: Item) -> bool:
        """Tell whether suggestions on a segment wait until it is read."""
        return item.address in self._held and item.address not in self._told

    def record(self, item: Item, *, is_suggested: bool, is_coded: bool) -> None:
        """Note what coder and suggestion said of a segment when it was read; the first time counts."""
        self._told.setdefault(item.address, is_suggested == is_coded)

    def tell(self) -> str:
        """Return the agreement where suggestions were hidden and where they were shown; ``""`` without the former."""
        hidden = [agreed for address, agreed in self._told.items() if address in self._held]
        shown = [agreed for address, agreed in self._told.items() if address not in self._held]
        if not hidden:
            return ""
        told = f"{plural(len(hidden), 'segment')} read without suggestions: you and they agree on {sum(hidden)}."
        return f"{told} With them: on {sum(shown)} of {len(shown)}." if shown else told


class ListedTenths:
    """The tenths of lists that are asked for again and again, a list for each code, while a page is open.

    Parameters
    ----------
    sight
        Whose eyes; what is held is hidden from them until it is read.
    """

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self._tenths: dict[str, Tenths] = {}
        self._suggested: dict[str, dict[Item, bool]] = {}

    def hold(self, name: str, listed: Mapping[Item, bool], family: Iterable[str]) -> set[Item]:
        """Take in a list, note what was read since the last one, and return what is held.

        Parameters
        ----------
        name
            Which list: each has its own tenths.
        listed
            Its segments, in order, and whether the code is suggested on each.
        family
            The code that it is for, and those below it.
        """
        tenths, known = self._tenths.setdefault(name, Tenths()), self._suggested.setdefault(name, {})
        codes = frozenset(family)
        for item, is_suggested in known.items():
            if self.sight.is_read(item):
                tenths.record(item, is_suggested=is_suggested, is_coded=self.sight.is_coded(item, codes))
        for item, is_suggested in listed.items():
            known.setdefault(item, is_suggested)
        tenths.take(listed)
        held = {item for item in listed if tenths.is_held(item)}
        self.sight.hold(one.address for one in held)
        return held

    def is_held(self, item: Item) -> bool:
        """Tell whether a segment is held in some list."""
        return any(one.is_held(item) for one in self._tenths.values())

    def tell(self, name: str) -> str:
        """Return the agreement in a list; ``""``: nothing that was held is read yet."""
        return self._tenths[name].tell() if name in self._tenths else ""
