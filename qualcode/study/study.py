"""The face of a study: everything that a person can do in it, each a method; how it is done stands elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qualcode.study.acts import Decision
from qualcode.study.addresses import find_segment
from qualcode.study.blinding import Blinding, read_assignment
from qualcode.study.bookmarks import put_bookmark, read_bookmark
from qualcode.study.checks import check_study, list_coders, read_status
from qualcode.study.consensus import Answer, assign, compare, write_agreed, write_verdict
from qualcode.study.contents import read_contents, tabulate_study
from qualcode.study.corrections import correct_transcript, read_unsettled, settle
from qualcode.study.decisions import decide, mark_seen, write_note
from qualcode.study.exports import decide_from_table, export_codings, list_codings, list_events
from qualcode.study.importing import add_transcript, import_transcripts
from qualcode.study.memos import read_memos, write_memo
from qualcode.study.merge import merge_study
from qualcode.study.recoding import apply_edit, count_touched, edit_codebook
from qualcode.study.round_trip import export_table, import_codings, list_segments
from qualcode.study.saving import save_sheet
from qualcode.study.store import StudyStore
from qualcode.study.suggestions import tag_study
from qualcode.study.transcripts import preview_removal, remove_transcript, rename_transcript
from qualcode.study.undo import find_latest, redo, restore, undo
from qualcode.study.verdicts import adjudicate_from_table
from qualcode.study.word_comments import import_comments

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Sequence

    from qualcode.codebook import Edit
    from qualcode.errors import Problem
    from qualcode.model import Coding, Memo, Segment, Sheet, Span, Transcript, Unit
    from qualcode.sources import Speaker
    from qualcode.spreadsheets import TableSource
    from qualcode.study.acts import Act, Blind
    from qualcode.study.checks import Status
    from qualcode.study.consensus import Comparison, Difference
    from qualcode.study.contents import Contents
    from qualcode.study.corrections import Unsettled, UpdateReport
    from qualcode.study.exports import Export
    from qualcode.study.importing import ImportReport
    from qualcode.study.memos import Visibility
    from qualcode.study.merge import MergeReport
    from qualcode.study.recoding import Touched
    from qualcode.study.round_trip import TableReport
    from qualcode.study.store import Event
    from qualcode.study.suggestions import TagReport
    from qualcode.study.transcripts import RemovalReport
    from qualcode.study.word_comments import CommentReport
    from qualcode.tables import CodingTable


class Study(StudyStore):
    """A study in its folder.

    What a method has done is on disk, in the log of a sheet or in the study's history, when it returns. One object may
    be used by any number of threads, and any number of objects and processes may be at work on one folder.

    Parameters
    ----------
    root
        The folder.
    clock
        Tells the time of events, in ISO 8601 and UTC.
    who
        Who is at work, for the log; by default the name by which the computer knows the person.

    Raises
    ------
    StudyError
        If the folder is no study, or cannot be read.
    """

    def __repr__(self) -> str:
        return f"<Study {self.settings.name or self.root.name}: {len(self.transcript_ids())} transcripts>"

    # -- bringing transcripts in, and keeping them right --------------------------------------------------------------

    def add_transcript(self, transcript: Transcript, raw: bytes | None = None) -> None:
        """Bring a transcript in, with the bytes of its original file; see :func:`~.importing.add_transcript`."""
        add_transcript(self, transcript, raw)

    def import_transcripts(
        self,
        transcripts: Sequence[Transcript],
        inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
        *,
        kind: Literal["new", "corrections"] = "new",
        why: str = "",
        speakers: Sequence[Speaker] = (),
    ) -> ImportReport:
        """Bring transcripts in that were read from files, or corrections of them; see :mod:`~.importing`."""
        return import_transcripts(
            self, transcripts, inputs, is_update=kind == "corrections", why=why, speakers=speakers
        )

    def correct(self, transcript: Transcript, raw: bytes | None = None, *, why: str = "") -> UpdateReport:
        """Put a corrected transcript in the place of the old one; see :func:`~.corrections.correct_transcript`."""
        return correct_transcript(self, transcript, raw, why=why)

    def unsettled(self, transcript_id: str | None = None) -> tuple[Unsettled, ...]:
        """Return the codings of which it is not sure where they belong after a correction."""
        return read_unsettled(self, transcript_id)

    def settle(
        self, transcript_id: str, number: int, act: Literal["keep", "move", "drop"], *, span: Span | None = None
    ) -> Event | None:
        """Say where a coding belongs after a correction; see :func:`~.corrections.settle`."""
        return settle(self, transcript_id, number, act, span=span)

    def rename_transcript(self, old: str, new: str, *, why: str = "") -> None:
        """Give a transcript another name everywhere; see :func:`~.transcripts.rename_transcript`."""
        rename_transcript(self, old, new, why=why)

    def remove_transcript(self, name: str, *, why: str) -> RemovalReport:
        """Erase a transcript for good, words and codings; see :func:`~.transcripts.remove_transcript`."""
        return remove_transcript(self, name, why=why)

    def preview_removal(self, name: str) -> RemovalReport:
        """Return what :meth:`remove_transcript` would erase, and change nothing."""
        return preview_removal(self, name)

    # -- deciding -----------------------------------------------------------------------------------------------------

    def tag(self, *, model: str | None = None, rules: Literal["changed", "all"] = "changed") -> TagReport:
        """Renew the suggestions of the rules; see :func:`~.suggestions.tag_study`."""
        return tag_study(self, model=model, everything=rules == "all")

    def decide(
        self,
        coder: str,
        segment: str,
        code: str,
        act: Act,
        *,
        span: Span | None = None,
        note: str = "",
        to: str = "",
        at: Span | None = None,
        saw: str | None = None,
        why: str = "",
        blind: Blind = "kept",
    ) -> Event | None:
        """Record one decision.

        Parameters
        ----------
        coder
            Who decides; a new coder is entered, unless the study names its coders.
        segment, code, act, span, note, to, at, saw
            As in :class:`~qualcode.study.Decision`.
        why, blind
            As in :meth:`decide_all`.

        Returns
        -------
        Event or None
            What was recorded, on disk by now; ``None``: it stands so already.

        Raises
        ------
        StudyError
            If it cannot be carried out.
        ConflictError
            If what ``saw`` names was changed meanwhile.
        """
        decision = Decision(segment, code, act, span, note, to, at, saw)
        events = decide(self, coder, [decision], why=why, blind=blind)
        return events[-1] if events else None

    def decide_all(
        self,
        coder: str,
        decisions: Sequence[Decision],
        *,
        seen: Iterable[str] = (),
        why: str = "",
        blind: Blind = "kept",
    ) -> list[Event]:
        """Record many decisions, all of them or none; see :func:`~.decisions.decide`."""
        return decide(self, coder, decisions, seen=seen, why=why, blind=blind)

    def decide_from_table(self, coder: str, source: TableSource, name: str, *, why: str = "") -> int:
        """Carry out the decisions of a table, all or none; see :func:`~.exports.decide_from_table`."""
        return decide_from_table(self, coder, source, name, why=why)

    def mark_seen(self, coder: str, segments: Iterable[str], *, why: str = "") -> list[Event]:
        """Record that somebody looked at segments, by their addresses, whether or not they carry a code."""
        return mark_seen(self, coder, segments, why=why)

    def note(self, coder: str, coding: Coding, note: str) -> Event | None:
        """Put a note on a coding; see :func:`~.decisions.write_note`."""
        return write_note(self, coder, coding, note)

    def undo(
        self, coder: str, transcript_id: str | None = None, *, event: Event | str | None = None, why: str = ""
    ) -> Event:
        """Take back a coder's latest act, or a named one, and return it; see :func:`~.undo.undo`."""
        return undo(self, coder, transcript_id, event=event, why=why)[1]

    def redo(self, coder: str, *, event: Event | str | None = None, why: str = "") -> Event:
        """Do again what was taken back, and return it; see :func:`~.undo.redo`."""
        return redo(self, coder, event=event, why=why)[1]

    def latest_act(self, coder: str, transcript_id: str | None = None) -> tuple[str, Event] | None:
        """Return what :meth:`undo` would take back, with its transcript; ``None``: nothing."""
        return find_latest(self, coder, transcript_id)

    def restore(self, coder: str, at: str, transcript_id: str | None = None, *, why: str = "") -> list[Event]:
        """Bring a coder's sheets back to what they were at a time; see :func:`~.undo.restore`."""
        return restore(self, coder, at, transcript_id, why=why)

    def save(self, sheet: Sheet, *, what: str = "save", why: str = "") -> Event | None:
        """Make a sheet the present one; what changes becomes one event; see :func:`~.saving.save_sheet`."""
        return save_sheet(self, sheet, what=what, why=why)

    def log(self, *, coder: str | None = None, transcript_id: str | None = None) -> list[dict[str, object]]:
        """Return what was done, oldest first, as records for a table; see :func:`~.exports.list_events`."""
        return list_events(self, coder=coder, transcript_id=transcript_id)

    # -- thinking -----------------------------------------------------------------------------------------------------

    def memo(
        self,
        about: str,
        text: str,
        *,
        memo_id: str = "",
        author: str = "",
        visibility: Visibility | None = None,
        replaces: str = "",
    ) -> Memo:
        """Write a memo, add to one, or replace one; see :func:`~.memos.write_memo`."""
        return write_memo(self, about, text, memo_id=memo_id, author=author, visibility=visibility, replaces=replaces)

    def memos(self) -> tuple[tuple[Memo, ...], list[Problem]]:
        """Return all memos, and the files that cannot be read."""
        return read_memos(self)

    # -- several coders -----------------------------------------------------------------------------------------------

    def add_coder(self, name: str) -> str:
        """Enter a new coder, and return the name as it is stored.

        Raises
        ------
        StudyError
            If it cannot be the name of one.
        """
        with self.change() as change:
            return change.enter_coder(name, is_new=True)

    def list_coders(self) -> list[dict[str, object]]:
        """Return everybody who codes, the rules last, with how much each has done, as records for a table."""
        return list_coders(self)

    def assign(self, coders: Sequence[str], *, share: float, seed: int) -> dict[str, int]:
        """Draw a part of the segments that several are to code; see :func:`~.consensus.assign`."""
        return assign(self, coders, share=share, seed=seed)

    def assignment(self) -> dict[str, frozenset[str]]:
        """Return per coder the addresses of the segments drawn for double coding."""
        return read_assignment(self)

    def blinding(self) -> Blinding:
        """Return what tells who may see whose codings."""
        return Blinding(self)

    def compare(self, one: str, other: str, *, consensus: str = "consensus") -> Comparison:
        """Compare two coders segment by segment; see :func:`~.consensus.compare`."""
        return compare(self, one, other, consensus=consensus)

    def adjudicate(
        self,
        difference: Difference,
        *,
        is_right: bool,
        consensus: str = "consensus",
        saw: Collection[str] | None = None,
    ) -> Event:
        """Write into the consensus whether who gave a code was right; see :func:`~.consensus.write_verdict`."""
        return write_verdict(self, Answer(difference, is_right, saw), consensus=consensus)

    def adjudicate_from_table(
        self, coders: tuple[str, str], source: TableSource, name: str, *, consensus: str = "consensus"
    ) -> tuple[int, int]:
        """Settle differences as a table says, all or none; see :func:`~.verdicts.adjudicate_from_table`."""
        return adjudicate_from_table(self, coders, source, name, consensus=consensus)

    def write_agreed(self, comparison: Comparison, *, consensus: str = "consensus") -> list[Event]:
        """Write into the consensus what both coders agree on; both originals stay."""
        return write_agreed(self, comparison, consensus=consensus)

    def merge(self, other_folder: str | os.PathLike[str]) -> MergeReport:
        """Bring a colleague's copy of the study in; see :func:`~.merge.merge_study`."""
        return merge_study(self, other_folder)

    # -- the codebook -------------------------------------------------------------------------------------------------

    def recode(self, make: Callable[..., Edit], **arguments: Any) -> tuple[Edit, int]:
        """Change the codebook, and bring all codings along; see :func:`~.recoding.edit_codebook`.

        Examples
        --------
        ``study.recode(rename_code, code="praise", new_name="Kind words", because="as they say it")``
        """
        return edit_codebook(self, make, **arguments)

    def apply_edit(self, edit: Edit, before: str) -> int:
        """Put an edit of the codebook, made of the text ``before``, in its place; see :func:`~.recoding.apply_edit`."""
        return apply_edit(self, edit, before)

    def count_touched(self, codes: Collection[str]) -> tuple[list[Touched], list[Problem]]:
        """Return how many codings with some codes each coder has; see :func:`~.recoding.count_touched`."""
        return count_touched(self, codes)

    # -- out and in again ---------------------------------------------------------------------------------------------

    def list_codings(self, *, coders: Collection[str] | None = None) -> tuple[list[dict[str, Any]], list[Problem]]:
        """Return one record per coding, for other programs; see :func:`~.exports.list_codings`."""
        return list_codings(self, coders=coders)

    def export(self, form: Literal["csv", "jsonl", "sqlite"], *, coders: Collection[str] | None = None) -> Export:
        """Return all codings as a file for other programs; see :func:`~.exports.export_codings`."""
        return export_codings(self, form, coders=coders)

    def list_segments(self, coder: str, *, transcript_ids: Sequence[str] = ()) -> list[dict[str, str]]:
        """Return a coder's table, one row per segment; see :func:`~.round_trip.list_segments`."""
        return list_segments(self, coder, transcript_ids=transcript_ids)

    def export_table(
        self, coder: str, form: Literal["csv", "xlsx"] = "csv", *, transcript_ids: Sequence[str] = ()
    ) -> Export:
        """Return a coder's work as a table for a spreadsheet; see :func:`~.round_trip.export_table`."""
        return export_table(self, coder, form, transcript_ids=transcript_ids)

    def import_table(
        self, coder: str | None, source: TableSource, name: str, *, whose: Literal["told", "any"] = "told"
    ) -> TableReport:
        """Take a table of :meth:`export_table` back; see :func:`~.round_trip.import_codings`."""
        return import_codings(self, coder, source, name, whose=whose)

    def import_comments(
        self, data: bytes, name: str, *, coder: str | None = None, transcript_id: str | None = None
    ) -> CommentReport:
        """Make codings of the comments in a Word document; see :func:`~.word_comments.import_comments`."""
        return import_comments(self, data, name, coder=coder, transcript_id=transcript_id)

    # -- looking ------------------------------------------------------------------------------------------------------

    def segment(self, address: str) -> tuple[str, Segment]:
        """Return the transcript's id and the segment of an address such as ``P07:t012``."""
        return find_segment(self, address)

    def contents(self, *, coders: Collection[str] | None = None) -> Contents:
        """Return what counting needs; see :func:`~.contents.read_contents`."""
        return read_contents(self, coders=coders)

    def tabulate(self, *, coders: Collection[str] | None = None, unit: Unit | None = None) -> CodingTable:
        """Lay the codings on counting units; see :func:`qualcode.tables.tabulate`."""
        return tabulate_study(self, coders=coders, unit=unit)

    def check(self) -> list[Problem]:
        """Return everything that is wrong with the study's files; see :func:`~.checks.check_study`."""
        return check_study(self)

    def status(self) -> Status:
        """Return what there is in the study and how far everybody is; see :func:`~.checks.read_status`."""
        return read_status(self)

    def bookmark(self, coder: str) -> str:
        """Return the address of the segment at which a coder stopped reading; ``""``: nowhere."""
        return read_bookmark(self, coder)

    def put_bookmark(self, coder: str, address: str) -> None:
        """Remember where a coder stopped reading."""
        put_bookmark(self, coder, address)
