"""The one place through which pages and notebooks reach a study: ``do(op, data)``, in one thread, data in and out."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Literal

from qualcode.errors import QualcodeError, StudyError
from qualcode.surface.room import Room
from qualcode.surface.saying import tell_error

if TYPE_CHECKING:
    from qualcode.reviewing import Blind
    from qualcode.study import Study
    from qualcode.surface.asking import Answer, Data
    from qualcode.surface.room import Only


@dataclass(frozen=True, slots=True)
class Op:
    """Something that a page may ask for.

    Attributes
    ----------
    home
        The function, as ``module:function`` of this package: nothing is loaded before it is asked for.
    kind
        ``act``: it changes the study. ``read``: it does not, and is quick. ``slow``: it reads much or draws, and must
        not hold up acts.
    """

    home: str
    kind: Literal["act", "read", "slow"] = "read"


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
    "code-add": Op("editing:add_code", "act"),
    "code-edit": Op("editing:edit_code", "act"),
    "code-example": Op("editing:take_example", "act"),
}
"""All that may be asked for."""


class Surface:
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

    def __init__(self, study: Study, coder: str, *, only: Only = "all", blind: Blind = "kept") -> None:
        self.room = Room(study, coder, only=only, blind=blind)
        self._quick = ThreadPoolExecutor(1, "qualcode-surface")
        self._slow = ThreadPoolExecutor(1, "qualcode-figures")

    def submit(self, op: str, data: Data) -> Future[Answer]:
        """Have something done, one after the other, and return what will be the answer.

        What goes wrong is in the answer: ``{"error": {"kind": …, "message": …}}``.
        """
        worker = self._slow if op in OPS and OPS[op].kind == "slow" else self._quick
        return worker.submit(self._do, op, data)

    def do(self, op: str, data: Data) -> Answer:
        """Have something done, and return the answer; see :meth:`submit`."""
        return self.submit(op, data).result()

    def _do(self, op: str, data: Data) -> Answer:
        try:
            if op not in OPS:
                raise StudyError(f"“{op}” cannot be asked for.", hint="Reload the page")
            found: Answer = resolve_name(f"qualcode.surface.{OPS[op].home}")(self.room, data)
        except QualcodeError as error:
            return {"error": tell_error(self.room, error)}
        return found

    def close(self) -> None:
        """End the threads, when all that was begun is done."""
        self._quick.shutdown()
        self._slow.shutdown()
