"""What a coder may see of the suggestions of the rules: nothing in a part that is still coded blind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qualcode.model import RULES_CODER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.model import Coding, Segment, Unit
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

    def renew(self) -> None:
        """Take in what was drawn since."""
        self._blinding.renew()

    def tell(self, transcript_id: str, segment: Segment) -> Literal["open", "blind", "lifted"]:
        """Return whether suggestions on a segment may be seen (``open``), are hidden, or are shown all the same."""
        if self._blinding.may_see(self.coder, RULES_CODER, transcript_id, segment):
            return "open"
        return "blind" if self.blind == "kept" else "lifted"

    def filter(self, transcript_id: str, unit: Unit, suggestions: Iterable[Coding]) -> list[Coding]:
        """Return the suggestions that may be shown; one that reaches into a blind segment would give that away."""
        index = self.study.index(transcript_id)
        told: dict[str, bool] = {}

        def is_shown(segment: Segment) -> bool:
            if segment.id not in told:
                told[segment.id] = self.tell(transcript_id, segment) != "blind"
            return told[segment.id]

        return [one for one in suggestions if all(is_shown(segment) for segment in index.touched(unit, one.span))]
