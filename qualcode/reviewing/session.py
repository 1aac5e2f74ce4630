"""Reading in an order that a coder asked for, with every tenth segment free of suggestions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.reviewing.review import Review
from qualcode.reviewing.tenths import Tenths
from qualcode.reviewing.worklists import list_suggestions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.reviewing.desk import View
    from qualcode.reviewing.entries import Item
    from qualcode.reviewing.sight import Blind
    from qualcode.reviewing.worklists import Suggested
    from qualcode.study import Study


class Session(Review):
    """A way through segments in an order of their own; where the coder stopped in the texts is left alone.

    Parameters
    ----------
    study, coder, items, code, blind
        As in :class:`~qualcode.reviewing.Review`.
    """

    def __init__(
        self, study: Study, coder: str, items: Sequence[Item], *, code: str | None = None, blind: Blind = "kept"
    ) -> None:
        self.tenths = Tenths()
        super().__init__(study, coder, items, code=code, blind=blind)

    def _keep_place(self) -> None:
        """Leave the bookmark where reading in the order of the texts put it."""

    def _resume(self) -> int:
        return 0

    @property
    def view(self) -> View:
        """The segment as it was seen last; one that is held has no suggestions until it is read."""
        view = super().view
        if view.sight == "blind" or not self.tenths.is_held(view.item):
            return self._add(view)
        own = tuple(replace(one, suggestion=None) for one in view.entries if one.own)
        return replace(view, entries=own, sight="held")

    def _add(self, view: View) -> View:
        """Return what is seen with what the list itself suggests."""
        return view

    def next(self) -> str:
        """Say that the segment was looked at, and go on."""
        if not self.is_done:
            self._compare()
        return super().next()

    def _compare(self) -> None:
        """Note whether coder and suggestion say the same of the code that the list is for."""
        view = super().view
        if view.sight != "blind" and self._family:
            is_coded = any(one.own and one.own.is_counted and one.code in self._family for one in view.entries)
            self.tenths.record(view.item, is_suggested=self._is_suggested(view), is_coded=is_coded)

    def _is_suggested(self, view: View) -> bool:
        return any(one.suggestion and one.code in (self._family or ()) for one in view.entries)

    def sum_up(self) -> list[str]:
        """Return how far coder and suggestions agree where these were hidden, and where they were shown."""
        told = self.tenths.tell()
        return [told] if told else []

    def focus(self) -> str:
        """Find where the code in hand stands in the list, but for what is held."""
        told = super().focus()
        self.hits = [one for one in self.hits if not self.tenths.is_held(self.items[one[0]])]
        return told

    def list_suggestions(self) -> list[Suggested]:
        """Return the undecided suggestions of the code in hand, in the whole list but for what is held."""
        items = [one for one in self.items if not self.tenths.is_held(one)]
        return list_suggestions(self.study, self.coder, self._in_hand().code, items)
