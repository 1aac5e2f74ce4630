"""The one place through which pages and notebooks reach a study: ``do(op, data)``, in one thread, data in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.surface.answering import Answering, Op
from qualcode.surface.playing import find_media
from qualcode.surface.room import Room
from qualcode.surface.saying import tell_error

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.errors import QualcodeError
    from qualcode.reviewing import Blind
    from qualcode.study import Study
    from qualcode.surface.asking import Answer
    from qualcode.surface.room import Only


OPS: dict[str, Op] = {
    "open": Op("opening:open_page"),
    "transcript": Op("showing:show_transcript"),
    "changes": Op("changing:tell_changes"),
    "counts": Op("opening:count_transcripts", "slow"),
    "act": Op("acting:act", "act"),
    "undo": Op("acting:undo", "act"),
    "redo": Op("acting:redo", "act"),
    "memo": Op("thinking:write_memo", "act"),
    "memos": Op("thinking:list_memos_on"),
    "flag": Op("thinking:flag", "act"),
    "flags": Op("thinking:list_flags"),
    "suggestions": Op("worklists:list_suggestions", "slow"),
    "learned": Op("learned:list_learned", "slow"),
    "learned-answer": Op("learned:answer_learned", "act"),
    "recall": Op("recalling:tell_recall", "slow"),
    "draw-check": Op("recalling:draw_check", "act"),
    "passages": Op("worklists:list_passages", "slow"),
    "code-counts": Op("worklists:count_codes", "slow"),
    "history": Op("worklists:tell_history"),
    "search": Op("worklists:search", "slow"),
    "compare": Op("comparing:compare", "slow"),
    "agree": Op("comparing:write_agreed", "act"),
    "verdict": Op("comparing:write_verdict", "act"),
    "themes": Op("figures:show_themes", "slow"),
    "figure": Op("figures:draw_figure", "slow"),
    "quotes": Op("figures:list_quotes", "slow"),
    "code-preview": Op("editing:preview"),
    "code-change": Op("editing:change_code", "act"),
    "unsettled": Op("settling:list_unsettled"),
    "settle": Op("settling:settle", "act"),
    "pin": Op("codes:pin_code", "act"),
    "code-add": Op("editing:add_code", "act"),
    "code-edit": Op("editing:edit_code", "act"),
    "code-example": Op("editing:take_example", "act"),
}
"""All that may be asked for."""


class Surface(Answering):
    """A coder's study, for pages and notebooks.

    Parameters
    ----------
    study, coder
        Who codes what.
    only
        ``assigned``: only what was drawn for the coder.
    blind
        ``lifted``: suggestions are shown in a part drawn for double coding as well, and the log says so.

    Raises
    ------
    StudyError
        If the study names its coders and this is none of them.
    """

    ops = OPS
    script = "page"

    def __init__(self, study: Study, coder: str, *, only: Only = "all", blind: Blind = "kept") -> None:
        self.room = Room(study, coder, only=only, blind=blind)
        super().__init__(self.room)

    @property
    def root(self) -> Path:
        """The folder of the study."""
        return self.room.study.root

    def tell(self, error: QualcodeError) -> Answer:
        """Return what went wrong, in words, with what stands now."""
        return tell_error(self.room, error)

    def find_media(self, name: str) -> tuple[Path, str] | None:
        """Return the recording of a transcript and its kind; ``None``: there is none."""
        return find_media(self.room, name)
