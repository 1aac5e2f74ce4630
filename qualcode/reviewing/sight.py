"""What a coder may see of the suggestions of the rules: nothing in a part that is still coded blind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qualcode.model import RULES_CODER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.model import Coding, Segment, Unit
    from qualcode.reviewing.entries import Item
    from qualcode.study import Study

Blind = Literal["kept", "lifted"]
"""Whether suggestions in a part drawn for double coding stay hidden, or are shown and the log says so."""


class Sight:
    """Tells where a coder is blind; :meth:`qualcode.study.Blinding.may_see` decides it.

    Parameters
    ----------
    study, coder
        Who looks at what.
    blind
        ``lifted``: all the same, suggestions are shown.
    """

    def __init__(self, study: Study, coder: str, blind: Blind) -> None:
        self.study, self.coder, self.blind = study, coder, blind
        self._blinding = study.blinding()
        self._held: set[str] = set()

    def renew(self) -> None:
        """Take in what was drawn since."""
        self._blinding.renew()

    def tell(self, transcript_id: str, segment: Segment) -> Literal["open", "blind", "lifted"]:
        """Return whether suggestions on a segment may be seen (``open``), are hidden, or are shown all the same."""
        if self._blinding.may_see(self.coder, RULES_CODER, transcript_id, segment):
            return "open"
        return "blind" if self.blind == "kept" else "lifted"

    def hold(self, addresses: Iterable[str]) -> None:
        """Hide suggestions on some segments, besides those that are coded blind, until the coder has read them."""
        self._held.update(addresses)

    def is_read(self, item: Item) -> bool:
        """Tell whether the coder has read a segment."""
        return self.study.history(self.coder, item.transcript).is_seen(item.segment)

    def is_coded(self, item: Item, codes: frozenset[str]) -> bool:
        """Tell whether the coder gave one of some codes to a segment."""
        span = self.study.segment(item.address)[1].span
        found = self.study.codings_in(self.coder, item.transcript, span)
        return any(one.is_counted and one.code in codes for one in found)

    def _waits(self, transcript_id: str, segment: Segment) -> bool:
        if f"{transcript_id}:{segment.id}" not in self._held:
            return False
        return not self.study.history(self.coder, transcript_id).is_seen(segment.id)

    def filter(self, transcript_id: str, unit: Unit, suggestions: Iterable[Coding]) -> list[Coding]:
        """Return the suggestions that may be shown; one that reaches into a blind segment would give that away."""
        index = self.study.index(transcript_id)
        told: dict[str, bool] = {}

        def is_shown(segment: Segment) -> bool:
            if segment.id not in told:
                is_open = self.tell(transcript_id, segment) != "blind"
                told[segment.id] = is_open and not self._waits(transcript_id, segment)
            return told[segment.id]

        return [one for one in suggestions if all(is_shown(segment) for segment in index.touched(unit, one.span))]
