"""Reading a check: segments in the order of a draw, as carefully as the rest, with what that shows so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.reviewing.entries import Item
from qualcode.reviewing.session import Session

if TYPE_CHECKING:
    from qualcode.reviewing.sight import Blind
    from qualcode.study import Recall, Study


class CheckReview(Session):
    """A coder's way through the last check of a code; every tenth segment shows no suggestion until it is read.

    Parameters
    ----------
    study, coder, blind
        As in :class:`~qualcode.reviewing.Review`.
    code
        Id, path or name of the code.

    Raises
    ------
    StudyError
        If no check of the code was drawn.
    """

    def __init__(self, study: Study, coder: str, code: str, *, blind: Blind = "kept") -> None:
        found = study.recall(coder, code)
        if not found.n_checks:
            raise StudyError(
                f"No check of “{found.code}” was drawn for {found.coder}.",
                hint=f"Draw one: qualcode recall --coder {found.coder} --code {found.code} --draw --seed 7",
            )
        items = [Item(*one.rsplit(":", 1)) for one in found.upcoming]
        super().__init__(study, found.coder, items, code=code, blind=blind)
        self.about = f"A check of “{found.code}”: read it in this order, as carefully as the rest."
        if any(study.codebook.code(one).rules for one in self._family or ()):
            self.tenths.take(items)

    def next(self) -> str:
        """Say that the segment was looked at, go on, and tell what the check shows by now."""
        super().next()
        return self.tell_bound()

    def sum_up(self) -> list[str]:
        """Return that, and what the check shows."""
        return [*super().sum_up(), self.tell_bound()]

    def tell_bound(self) -> str:
        """Return what the check shows by now, in words."""
        return _tell_bound(self.study.recall(self.coder, self.asked_code))


def _tell_bound(found: Recall) -> str:
    more = f"{found.price:,} more if none carries it" if found.price else "stopping is for you to decide"
    return (
        f"{found.checked:,} read in order, {found.checked_found:,} with the code. "
        f"Recall is at least {100 * (found.recall_low or 0):.1f}%, with {100 * found.confidence:.4g}% confidence. "
        f"{found.target}%: {more}."
    )
