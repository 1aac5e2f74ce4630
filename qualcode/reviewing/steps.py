"""What is done beside codings, and how it is taken back: memos, marks to come back to, changes of the codebook."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from qualcode.codebook import Edit
    from qualcode.model import Memo
    from qualcode.study import Study

Way: TypeAlias = Literal["undo", "redo"]


@dataclass(frozen=True, slots=True)
class MemoStep:
    """A memo was written, or changed.

    Attributes
    ----------
    before, after
        The memo; ``None``: there was none.
    change
        What that was, in words: ``memo on P07:t002``.
    """

    before: Memo | None
    after: Memo | None
    change: str

    @property
    def at(self) -> str:
        """When it was done."""
        return self.after.at if self.after else ""

    @property
    def about(self) -> str:
        """What the memo is about."""
        memo = self.after or self.before
        return memo.about if memo else ""

    def turn(self, study: Study, way: Way) -> None:
        """Put the memo before the change, or after it, in the place of the other.

        Raises
        ------
        ConflictError
            If somebody changed it since.
        """
        saw, goal = (self.after, self.before) if way == "undo" else (self.before, self.after)
        study.put_memo(goal, saw=saw)


@dataclass(frozen=True, slots=True)
class EditStep:
    """The codebook was changed.

    Attributes
    ----------
    before, after
        Digests of its file.
    change
        What that was, in words.
    at
        When it was done.
    about
        The segment at which; ``""``: none.
    """

    before: str
    after: str
    change: str
    at: str = ""
    about: str = ""

    def turn(self, study: Study, way: Way) -> None:
        """Put the version before the change, or after it, in the place of the other.

        Raises
        ------
        ConflictError
            If somebody changed the codebook since.
        StudyError
            If codings have a code that would be gone.
        """
        saw, goal = (self.after, self.before) if way == "undo" else (self.before, self.after)
        told = "Took back" if way == "undo" else "Did again"
        study.bring_back_codebook(goal, saw=saw, change=f"{told}: {self.change}")


def tell_digest(study: Study) -> str:
    """Return the digest of the codebook's file; ``""``: there is none."""
    data = study.layout.read(study.layout.codebook)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def find_step(study: Study, before: str, edit: Edit, about: str) -> list[EditStep]:
    """Return how an edit of the codebook is taken back; the first codebook of a study has nothing before it."""
    return [EditStep(before, tell_digest(study), edit.change, study.clock(), about)] if before else []
