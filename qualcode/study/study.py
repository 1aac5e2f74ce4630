"""The face of a study: everything that a person can do in it, each a method; how it is done stands elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qualcode.study.account import give_account
from qualcode.study.acts import Decision
from qualcode.study.addresses import find_segment
from qualcode.study.blinding import Blinding, read_assignment
from qualcode.study.bookmarks import find_pins, pin_code, put_bookmark, read_bookmark
from qualcode.study.checks import check_study, draw_study, list_coders, read_status
from qualcode.study.coded import merge_coded
from qualcode.study.consensus import Answer, assign, compare, write_agreed, write_verdict
from qualcode.study.contents import list_codings_on, read_contents, tabulate_study
from qualcode.study.corrections import correct_transcript, read_unsettled, settle, unsettle
from qualcode.study.decisions import decide, keep_coding, mark_seen, write_note
from qualcode.study.earlier import tabulate_earlier
from qualcode.study.exports import decide_from_table, export_codings, find_finished, list_codings, list_events
from qualcode.study.former_codebooks import bring_back_codebook, date_codes
from qualcode.study.framework import chart_cell, read_summaries
from qualcode.study.freezing import find_frozen, freeze_codebook
from qualcode.study.importing import add_transcript, import_transcripts
from qualcode.study.learned import Learned
from qualcode.study.memos import put_memo, read_memos, write_memo
from qualcode.study.merge import merge_study
from qualcode.study.picks import choose_quote, list_picks
from qualcode.study.projects import bring_project, export_project, import_coded_table, make_project
from qualcode.study.recall import TARGET, draw_check, measure_recall
from qualcode.study.recoding import apply_edit, count_touched, edit_codebook, find_equivalents
from qualcode.study.round_trip import export_table, import_codings, list_segments
from qualcode.study.saved_questions import read_saved, remove_question, save_question
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
    from qualcode.exchange import CodeNames, Project, Recipient, Written
    from qualcode.model import Coding, Memo, Segment, Sheet, Span, Transcript, Unit
    from qualcode.sources import Speaker
    from qualcode.spreadsheets import TableSource
    from qualcode.study.account import Account
    from qualcode.study.acts import Act, Blind
    from qualcode.study.checks import Status
    from qualcode.study.coded import CodedReport
    from qualcode.study.consensus import Comparison, Difference
    from qualcode.study.contents import Contents
    from qualcode.study.corrections import Unsettled, UpdateReport
    from qualcode.study.exports import Export
    from qualcode.study.framework import Summary, Word
    from qualcode.study.freezing import Freeze, Frozen
    from qualcode.study.importing import ImportReport
    from qualcode.study.memos import Flag, Visibility
    from qualcode.study.merge import MergeReport
    from qualcode.study.projects import ArrivalReport, Seen
    from qualcode.study.recall import Recall
    from qualcode.study.recoding import Touched
    from qualcode.study.round_trip import TableReport
    from qualcode.study.saved_questions import SavedQuestion
    from qualcode.study.store import Event
    from qualcode.study.suggestions import TagReport
    from qualcode.study.transcripts import RemovalReport
    from qualcode.study.word_comments import CommentReport
    from qualcode.tables import CodingTable


class Study(StudyStore):
    r"""A study in its folder.

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

    Examples
    --------
    The examples of the methods go on from here.

    >>> from pathlib import Path
    >>> rules = "codes: [{id: water, name: Water, rules: [rain]}, {id: help, name: Help, rules: [help]}]"
    >>> _ = Path("garden.yaml").write_text(rules)
    >>> said = "Interviewer: How was it?\n\nMei: The rain came late.\n\nInterviewer: And?\n\nMei: Neighbours helped.\n"
    >>> _ = Path("P1.txt").write_text(said)
    >>> transcripts, problems = qualcode.read_transcripts("P1.txt")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> study.import_transcripts(transcripts, "P1.txt").new
    ('P1',)
    >>> study.tag().counts  # codings of each code: new, gone, as before
    {'water': (1, 0, 0), 'help': (1, 0, 0)}
    """

    def __repr__(self) -> str:
        return f"<Study {self.settings.name or self.root.name}: {len(self.transcript_ids())} transcripts>"

    def _repr_html_(self) -> str:
        return draw_study(self, repr(self)[1:-1])

    # -- bringing transcripts in, and keeping them right --------------------------------------------------------------

    def add_transcript(self, transcript: Transcript, raw: bytes | None = None) -> None:
        """Bring a transcript in, with the bytes of its original file.

        Parameters
        ----------
        transcript
            What was read, or made in code.
        raw
            The bytes of its file, which are kept in ``raw/``; ``None``: there is no file.

        Raises
        ------
        StudyError
            If there is one of that id with another text, or the id cannot be a file's name everywhere.

        Examples
        --------
        >>> study.add_transcript(qualcode.Transcript("P2", "It went well.", ()))
        >>> study.transcript_ids()
        ('P1', 'P2')
        """
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
        """Bring in transcripts that were read from files, or corrections of them, with their original files.

        Parameters
        ----------
        transcripts
            What was read.
        inputs
            The files, or folders of them, from which it was read.
        kind
            ``new`` ones; or ``corrections`` of transcripts that are there already, along with which all codings go.
        why
            The reason of the corrections, for the log.
        speakers
            Rows of a table of speakers, which go into ``speakers.csv`` before those of labels that have none yet.

        Returns
        -------
        ImportReport
            What is new, what was there, what was corrected, and what was left out and why.

        Raises
        ------
        StudyError
            If a correction is of no transcript of the study; then nothing is brought in.

        Examples
        --------
        >>> study.import_transcripts(transcripts, "P1.txt").same  # again
        ('P1',)
        """
        return import_transcripts(
            self, transcripts, inputs, is_update=kind == "corrections", why=why, speakers=speakers
        )

    def correct(self, transcript: Transcript, raw: bytes | None = None, *, why: str = "") -> UpdateReport:
        """Put a corrected transcript in the place of the one with its id, and bring all codings along.

        Parameters
        ----------
        transcript
            The corrected transcript, as read from its file.
        raw
            The bytes of the file.
        why
            The reason, recorded in the log.

        Returns
        -------
        UpdateReport
            What became of the codings: carried along, or to be looked at by a person (see :meth:`unsettled`).

        Raises
        ------
        StudyError
            If there is no transcript of that id.

        Examples
        --------
        >>> _ = Path("P1.txt").write_text(said.replace("came late", "came very late"))
        >>> corrected = qualcode.read_transcript("P1.txt")
        >>> report = study.correct(corrected, why="Heard again")
        >>> study.list_codings(coders=["rules"])[0][0]["quote"]
        'The rain came very late.'
        """
        return correct_transcript(self, transcript, raw, why=why)

    def unsettled(self, transcript_id: str | None = None) -> tuple[Unsettled, ...]:
        """Return the codings of which it is not sure where they belong after a correction.

        Parameters
        ----------
        transcript_id
            Of which transcript; ``None``: of all.

        Returns
        -------
        tuple of Unsettled
            One for each coding that a person must look at; empty once all are settled.

        Raises
        ------
        StudyError
            If a line of the list cannot be read.

        Examples
        --------
        >>> study.unsettled()
        ()
        """
        return read_unsettled(self, transcript_id)

    def settle(
        self, transcript_id: str, number: int, act: Literal["keep", "move", "drop"], *, span: Span | None = None
    ) -> Event | None:
        """Say where a coding belongs after a correction.

        Parameters
        ----------
        transcript_id, number
            Which coding, as :meth:`unsettled` lists it.
        act
            ``keep`` it where it was put, ``move`` it to ``span``, or ``drop`` it.
        span
            The right place.

        Returns
        -------
        Event or None
            What changed in the sheet; ``None``: it stays as it was put.

        Raises
        ------
        StudyError
            If there is no such entry, or no place to keep it at.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> _ = Path("P1.txt").write_text(said.replace("The rain came late.", "It was dry for months."))
        >>> report = study.correct(qualcode.read_transcript("P1.txt"))
        >>> [(one.coder, one.coding["quote"]) for one in study.unsettled()]
        [('ana', 'The rain came late.')]
        >>> study.settle("P1", 1, "drop")
        >>> study.unsettled()
        ()
        """
        return settle(self, transcript_id, number, act, span=span)

    def unsettle(self, entry: Unsettled) -> Unsettled:
        """Put a coding that was settled back into the list of those that want a look.

        What :meth:`settle` changed in the sheet is taken back with :meth:`undo`.

        Parameters
        ----------
        entry
            As :meth:`unsettled` listed it.

        Returns
        -------
        Unsettled
            The same; with another number if its own is taken by now.

        Raises
        ------
        StudyError
            If the transcript is not there any more.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> _ = Path("P1.txt").write_text(said.replace("The rain came late.", "It was dry for months."))
        >>> report = study.correct(qualcode.read_transcript("P1.txt"))
        >>> entry = study.unsettled()[0]
        >>> study.settle("P1", 1, "drop")
        >>> study.unsettle(entry) == entry == study.unsettled()[0]
        True
        """
        return unsettle(self, entry)

    def rename_transcript(self, old: str, new: str, *, why: str = "") -> None:
        """Give a transcript another name everywhere in the study; codings, history, memos and cases go along.

        Parameters
        ----------
        old, new
            Its name and the new one.
        why
            The reason, for the history.

        Raises
        ------
        StudyError
            If there is no such transcript, or the new name is taken or cannot be a file's everywhere.

        Examples
        --------
        >>> study.rename_transcript("P1", "Mei", why="One interview a person")
        >>> study.transcript_ids()
        ('Mei',)
        """
        rename_transcript(self, old, new, why=why)

    def remove_transcript(self, name: str, *, why: str) -> RemovalReport:
        """Remove a transcript for good, as when somebody withdraws consent: its words leave every file of the study.

        The transcript, its earlier versions, its original, all codings on it with their history, and memos about its
        passages are deleted, with its rows in the table of speakers, and the rows, memos and summaries of cases that
        speak nowhere else. Where a sentence of it, or a passage that somebody coded, stands in another file, such as an
        example in the codebook, ``(erased)`` takes its place. What remains is a line in the study's history that says
        what was erased and how many codings went with it; merging with an older copy does not bring it back.

        Parameters
        ----------
        name
            The transcript.
        why
            The reason, which the history keeps.

        Returns
        -------
        RemovalReport
            What was erased.

        Raises
        ------
        StudyError
            If there is no such transcript, or no reason is given.

        Examples
        --------
        >>> report = study.remove_transcript("P1", why="Consent withdrawn")
        >>> study.transcript_ids()
        ()
        """
        return remove_transcript(self, name, why=why)

    def preview_removal(self, name: str) -> RemovalReport:
        """Return what :meth:`remove_transcript` would erase, and change nothing.

        Parameters
        ----------
        name
            The transcript.

        Returns
        -------
        RemovalReport
            What would be erased.

        Raises
        ------
        StudyError
            If there is no such transcript.

        Examples
        --------
        >>> report = study.preview_removal("P1")
        >>> study.transcript_ids()
        ('P1',)
        """
        return preview_removal(self, name)

    # -- deciding -----------------------------------------------------------------------------------------------------

    def tag(self, *, model: str | None = None, rules: Literal["changed", "all"] = "changed") -> TagReport:
        """Renew the suggestions of the rules; people's sheets stay as they are.

        Parameters
        ----------
        model
            Name of an installed spaCy model, for its lemmas.
        rules
            ``changed``: those that changed since, and all on new transcripts. ``all``: every rule anew.

        Returns
        -------
        TagReport
            Per code how many suggestions are new, gone and as before, and which decisions of people they touch.

        Examples
        --------
        >>> study.tag(rules="all").counts
        {'water': (0, 0, 1), 'help': (0, 0, 1)}
        """
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

        Examples
        --------
        >>> study.decide("ana", "P1:t002", "Water", "accept").what
        'accept'
        >>> study.decide("ana", "P1:t004", "Water", "apply", note="They carried it").what
        'apply'
        >>> [(coding.code, coding.verdict) for coding in study.sheet("ana", "P1").codings]
        [('water', 'accepted'), ('water', 'applied')]
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
        """Record many decisions, all of them or none; one sheet's make one event.

        Parameters
        ----------
        coder
            Whose sheets; a new coder is entered into the study.
        decisions
            What was decided.
        seen
            Addresses of segments that were looked at besides.
        why
            The reason, recorded in the log.
        blind
            ``lifted``: suggestions were shown in a part that is drawn for double coding, and the log says so.

        Returns
        -------
        list of Event
            What was recorded, by transcript; on disk by now. A transcript in which all stood already has none.

        Raises
        ------
        StudyError
            If one cannot be carried out; ``problems`` lists all such when there are several decisions.
        ConflictError
            If what the only decision answers was changed meanwhile.

        Examples
        --------
        >>> from qualcode.study import Decision
        >>> both = [Decision("P1:t002", "Water", "accept"), Decision("P1:t004", "Help", "reject")]
        >>> [event.what for event in study.decide_all("ana", both)]
        ['decide']
        """
        return decide(self, coder, decisions, seen=seen, why=why, blind=blind)

    def decide_from_table(self, coder: str, source: TableSource, name: str = "", *, why: str = "") -> int:
        r"""Carry out the decisions of a table, all of them or none.

        Parameters
        ----------
        coder
            Whose sheets.
        source, name
            A table with the columns segment, code and act, and if wanted span and note; and what messages call it.
        why
            The reason, recorded in the log.

        Returns
        -------
        int
            How many there were.

        Raises
        ------
        StudyError
            If some cannot be understood or carried out; ``problems`` lists all of them with their rows.

        Examples
        --------
        >>> _ = Path("ana.csv").write_text("segment,code,act\nP1:t002,Water,accept\nP1:t004,Help,accept\n")
        >>> study.decide_from_table("ana", "ana.csv")
        2
        """
        return decide_from_table(self, coder, source, name, why=why)

    def mark_seen(self, coder: str, segments: Iterable[str], *, why: str = "") -> list[Event]:
        """Record that somebody looked at segments, whether or not they carry a code.

        Seen and uncoded is a zero for agreement; what nobody looked at is missing.

        Parameters
        ----------
        coder
            Who looked.
        segments
            Their addresses.
        why
            The reason, recorded in the log.

        Returns
        -------
        list of Event
            What was recorded, by transcript.

        Raises
        ------
        StudyError
            If there is no such segment.

        Examples
        --------
        >>> [event.seen for event in study.mark_seen("ana", ["P1:t002", "P1:t004"])]
        [('t002', 't004')]
        """
        return mark_seen(self, coder, segments, why=why)

    def note(self, coder: str, coding: Coding, note: str) -> Event | None:
        """Put a note on one of a coder's codings, in the place of the one there.

        Parameters
        ----------
        coder
            Whose coding.
        coding
            Which, as the study gave it out.
        note
            The remark; ``""`` takes it away.

        Returns
        -------
        Event or None
            What was recorded; ``None``: the note says that already.

        Raises
        ------
        ConflictError
            If the coding was changed meanwhile, or is gone.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> decision = study.note("ana", study.sheet("ana", "P1").codings[0], "A metaphor?")
        >>> study.sheet("ana", "P1").codings[0].note
        'A metaphor?'
        """
        return write_note(self, coder, coding, note)

    def keep(self, coder: str, coding: Coding) -> Event:
        """Say that one of a coder's codings still holds, such as after the definition of its code changed.

        Nothing but its time changes: it counts as coded now.

        Parameters
        ----------
        coder
            Whose coding.
        coding
            Which, as the study gave it out.

        Returns
        -------
        Event
            What was recorded.

        Raises
        ------
        ConflictError
            If the coding was changed meanwhile, or is gone.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> coding = study.sheet("ana", "P1").codings[0]
        >>> study.keep("ana", coding).what
        'keep'
        >>> study.sheet("ana", "P1").codings[0].at > coding.at
        True
        """
        return keep_coding(self, coder, coding)

    def pick(self, coder: str, segment: str, code: str, *, span: Span | None = None) -> Event | None:
        """Choose one of a coder's own codings as a quote: it comes first in every report.

        Parameters
        ----------
        coder
            Whose coding.
        segment
            Where: ``P07:t012``.
        code
            Id, path or name of the code.
        span
            The passage, where the coder gave the code several times there.

        Returns
        -------
        Event or None
            What was recorded; ``None``: it is chosen already.

        Raises
        ------
        StudyError
            If the coder has no such coding, or several.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> study.pick("ana", "P1:t002", "Water").what
        'pick'
        >>> [one.quote for one in study.picks()]
        ['The rain came late.']
        """
        return choose_quote(self, coder, segment, code, choice="pick", span=span)

    def unpick(self, coder: str, segment: str, code: str, *, span: Span | None = None) -> Event | None:
        """Choose a coding as a quote no more.

        Parameters
        ----------
        coder, segment, code, span
            As for :meth:`pick`.

        Returns
        -------
        Event or None
            What was recorded; ``None``: it is not chosen.

        Raises
        ------
        StudyError
            If the coder has no such coding, or several.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> event = study.pick("ana", "P1:t002", "Water")
        >>> study.unpick("ana", "P1:t002", "Water").what
        'unpick'
        >>> study.picks()
        ()
        """
        return choose_quote(self, coder, segment, code, choice="unpick", span=span)

    def picks(self) -> tuple[Coding, ...]:
        """Return the codings that people chose as quotes and that still count, in the order of the texts.

        Returns
        -------
        tuple of Coding
            By transcript, passage and code; of several coders each.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> event = study.pick("ana", "P1:t002", "Water")
        >>> [(one.coder, one.code) for one in study.picks()]
        [('ana', 'water')]
        """
        return list_picks(self)

    def undo(
        self, coder: str, transcript_id: str | None = None, *, event: Event | str | None = None, why: str = ""
    ) -> Event:
        """Take back a coder's latest act that is not taken back yet, or a named one.

        Parameters
        ----------
        coder, transcript_id
            Whose act; in one transcript, or in any.
        event
            The act, or its id, or as many digits of it as tell it from others. Without it, the latest: again and again,
            one goes further back.
        why
            The reason, recorded in the log.

        Returns
        -------
        Event
            The act that was taken back.

        Raises
        ------
        StudyError
            If there is none.
        ConflictError
            If something later stands on the named act.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> study.undo("ana").what
        'accept'
        >>> study.sheet("ana", "P1").codings
        ()
        """
        return undo(self, coder, transcript_id, event=event, why=why)[1]

    def redo(
        self, coder: str, transcript_id: str | None = None, *, event: Event | str | None = None, why: str = ""
    ) -> Event:
        """Do again what was taken back: the latest undone act, or a named one.

        Parameters
        ----------
        coder, transcript_id
            Whose act; in one transcript, or in any.
        event
            The act that was undone, or the event that undid it, or an id of one of them, as for :meth:`undo`. Without
            it, the latest undone.
        why
            The reason, recorded in the log.

        Returns
        -------
        Event
            The act that was done again.

        Raises
        ------
        StudyError
            If nothing was taken back.
        ConflictError
            If something later stands on it.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> study.undo("ana") == study.redo("ana")
        True
        >>> len(study.sheet("ana", "P1").codings)
        1
        """
        return redo(self, coder, transcript_id, event=event, why=why)[1]

    def latest_act(self, coder: str, transcript_id: str | None = None) -> tuple[str, Event] | None:
        """Return what :meth:`undo` would take back.

        Parameters
        ----------
        coder, transcript_id
            Whose act; in one transcript, or in any.

        Returns
        -------
        tuple or None
            The transcript's id and the act; ``None``: nothing.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> study.latest_act("ana") == ("P1", decision)
        True
        """
        return find_latest(self, coder, transcript_id)

    def restore(self, coder: str, at: str, transcript_id: str | None = None, *, why: str = "") -> list[Event]:
        """Bring a coder's sheets back to what they were at a time, all or none; what came later stays in the log.

        Parameters
        ----------
        coder
            Whose sheets.
        at
            Date, or date and time, in ISO 8601; without a zone in that of the computer.
        transcript_id
            Of which transcript; ``None``: of all.
        why
            The reason, recorded in the log.

        Returns
        -------
        list of Event
            What changed, by transcript.

        Raises
        ------
        StudyError
            If the time cannot be read, or the coder had nothing then.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> later = study.decide("ana", "P1:t004", "Help", "accept")
        >>> events = study.restore("ana", decision.at)
        >>> [coding.code for coding in study.sheet("ana", "P1").codings]
        ['water']
        """
        return restore(self, coder, at, transcript_id, why=why)

    def save(self, sheet: Sheet, *, what: str = "save", why: str = "") -> Event | None:
        """Make a sheet the present one; what changes becomes one event.

        Parameters
        ----------
        sheet
            Made of the one that the study gave out, or the first of its coder on its transcript.
        what, why
            The act and the reason, for the log.

        Returns
        -------
        Event or None
            What was recorded; ``None``: the sheet says nothing new.

        Raises
        ------
        StaleSheetError
            If the sheet changed since it was given out; yours is written beside it.

        Examples
        --------
        >>> from dataclasses import replace
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> study.save(replace(study.sheet("ana", "P1"), codings=()), why="Begun anew").what
        'save'
        >>> study.sheet("ana", "P1").codings
        ()
        """
        return save_sheet(self, sheet, what=what, why=why)

    def log(self, *, coder: str | None = None, transcript_id: str | None = None) -> list[dict[str, object]]:
        """Return what was done, oldest first, as records for a table.

        Parameters
        ----------
        coder, transcript_id
            Of which sheets; without either, what happened to the study as a whole as well.

        Returns
        -------
        list of dict
            ``at``, ``who``, ``what``, ``sheet``, ``transcript``, ``change``, ``why``, ``event`` (its id).

        Raises
        ------
        StudyError
            If there is no such coder or transcript.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> [(one["who"], one["change"]) for one in study.log(coder="ana")]
        [('ana', 't002 water –→accepted “The rain came late.”')]
        """
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
        flag: Flag | None = None,
    ) -> Memo:
        """Write a memo, add to one, or replace one.

        Parameters
        ----------
        about
            As in :class:`~qualcode.model.Memo`; a code may be named by its path or name.
        text
            Markdown.
        memo_id
            Names the memo; by default after what it is about.
        author
            Who writes; by default the name by which the computer knows the person.
        visibility
            ``private``: marked as nobody else's business, and in no report. ``None``: as it was; at first ``shared``.
        replaces
            The :attr:`~qualcode.model.Memo.digest` of the memo that the text was made from, and whose place it takes.
            Without it, the text is added behind what is there.
        flag
            ``open``: it says why one wants to come back to the passage; ``settled``: one did. ``None``: as it was.

        Returns
        -------
        Memo
            The memo as it stands now.

        Raises
        ------
        ConflictError
            If the memo that is to be replaced is another one by now; its ``stands`` is that.
        StudyError
            If there is nothing of the name ``about``, or a memo of that id about something else.

        Examples
        --------
        >>> memo = study.memo("code:Water", "A metaphor too?", author="ana")
        >>> memo.id, memo.about
        ('code-water', 'code:water')
        """
        return write_memo(
            self, about, text, memo_id=memo_id, author=author, visibility=visibility, replaces=replaces, flag=flag
        )

    def put_memo(self, memo: Memo | None, *, saw: Memo | None) -> None:
        """Put an earlier state of a memo in the place of the present one: what was written is taken back.

        Parameters
        ----------
        memo
            What comes back, as the study gave it out; ``None``: there was none, and the present one is deleted.
        saw
            The present one; ``None``: there is none.

        Raises
        ------
        ConflictError
            If something else stands there by now.
        StudyError
            If there is nothing of the name of what it is about.

        Examples
        --------
        >>> memo = study.memo("code:Water", "A metaphor too?", author="ana")
        >>> later = study.memo("code:Water", "Yes.", author="ana")
        >>> study.put_memo(memo, saw=later)
        >>> study.memos()[0] == (memo,)
        True
        """
        put_memo(self, memo, saw=saw)

    def memos(self) -> tuple[tuple[Memo, ...], list[Problem]]:
        """Return all memos, by id, and the files that cannot be read.

        Returns
        -------
        tuple of Memo
            Those that can be read.
        list of Problem
            What is wrong with the others.
        """
        return read_memos(self)

    def chart(
        self,
        case: str,
        code: str,
        text: str = "",
        *,
        state: Word | Literal["open"] = "charted",
        quotes: Sequence[str] | None = None,
        author: str = "",
        replaces: str | None = None,
    ) -> Summary | None:
        """Write what a case says about a code, in one's own words: a cell of the framework.

        Parameters
        ----------
        case, code
            The cell. A code may be named by its path or name.
        text
            The summary.
        state
            ``charted``, ``draft``, ``nothing said``, ``not asked``, or ``open``: take away what is there.
        quotes
            Turns that it points to, such as ``P1:t030``; the id of the turn is enough where the case speaks in one
            transcript. ``None``: as before.
        author
            Who writes; by default the name by which the computer knows the person.
        replaces
            The digest of the summary that the text was made from; ``None``: whatever is there.

        Returns
        -------
        Summary or None
            The cell as it stands now; ``None`` when it is open.

        Raises
        ------
        ConflictError
            If the cell is another one by now; its ``stands`` is that.
        StudyError
            If there is no such case or turn, or the summary is empty or too long.
        CodebookError
            If there is no such code.

        Examples
        --------
        >>> study.chart("P1", "Water", "The rain came too late for her.", quotes=["t002"], author="ana").quotes
        ('P1:t002',)
        """
        return chart_cell(self, case, code, text, state=state, quotes=quotes, author=author, replaces=replaces)

    def summaries(self) -> tuple[tuple[Summary, ...], list[Problem]]:
        """Return what people wrote about cases and codes, and the files that cannot be read.

        Returns
        -------
        tuple of Summary
            By case; of two about one cell the latest first.
        list of Problem
            What is wrong with the others.
        """
        return read_summaries(self)

    def save_question(self, name: str, question: str) -> SavedQuestion:
        """Save a question to codings under a name, by which it is asked again and counted like a code.

        Parameters
        ----------
        name
            Letters, digits and hyphens; not that of a code. A question of that name is replaced.
        question
            As :func:`qualcode.find` takes it.

        Returns
        -------
        SavedQuestion
            The question, with who saved it and when.

        Raises
        ------
        StudyError
            If the name cannot be one.
        QueryError
            If the question cannot be understood.

        Examples
        --------
        >>> study.save_question("rain-and-help", "Water near 2 turns Help").question
        'Water near 2 turns Help'
        """
        return save_question(self, name, question)

    def remove_question(self, name: str) -> None:
        """Take a saved question away; the study's history keeps it.

        Parameters
        ----------
        name
            Its name.

        Raises
        ------
        StudyError
            If there is none of that name.

        Examples
        --------
        >>> saved = study.save_question("rain", "Water")
        >>> study.remove_question("rain")
        """
        remove_question(self, name)

    def questions(self) -> tuple[tuple[SavedQuestion, ...], list[Problem]]:
        """Return the saved questions by name, and what is wrong with their table.

        Returns
        -------
        tuple of SavedQuestion
            The questions.
        list of Problem
            Why the table cannot be read.
        """
        return read_saved(self)

    def code_days(self) -> dict[str, str]:
        """Return the day on which each code came into the codebook.

        Returns
        -------
        dict of str
            Days such as ``2026-03-31`` by the ids of codes, from the versions that the study kept. A code that was
            written into the file by hand has none before the study next keeps a version.

        Examples
        --------
        >>> study = qualcode.create_study("mine", codebook="codebooks/industry_partnership.yaml")
        >>> len(set(study.code_days().values()))
        1
        """
        return date_codes(self)

    def finished(self, coders: Collection[str] | None = None) -> dict[str, str]:
        """Return when each transcript was last coded or read.

        Parameters
        ----------
        coders
            By whom; ``None``: by any person.

        Returns
        -------
        dict
            Transcript → time in ISO 8601; without those on which nobody has worked.

        Raises
        ------
        StudyError
            If there is no such coder.

        Examples
        --------
        >>> event = study.mark_seen("ana", ["P1:t002"])
        >>> list(study.finished())
        ['P1']
        """
        return find_finished(self, coders)

    # -- several coders -----------------------------------------------------------------------------------------------

    def add_coder(self, name: str) -> str:
        """Enter a new coder.

        Parameters
        ----------
        name
            The person's name or pseudonym.

        Returns
        -------
        str
            The name as it is stored.

        Raises
        ------
        StudyError
            If it cannot be the name of one.

        Examples
        --------
        >>> study.add_coder("ana")
        'ana'
        >>> study.coders()
        ('ana', 'rules')
        """
        with self.change() as change:
            return change.enter_coder(name, is_new=True)

    def list_coders(self) -> list[dict[str, object]]:
        """Return everybody who codes, the rules last, with how much each has done, as records for a table."""
        return list_coders(self)

    def assign(self, coders: Sequence[str], *, share: float, seed: int) -> dict[str, int]:
        """Draw a part of the segments that all named coders are to code, each without seeing the others' work.

        Interviewees' segments are drawn, in each transcript the same share of those with suggestions of the rules and
        of those without. The same seed draws the same segments.

        Parameters
        ----------
        coders
            Who codes the part.
        share
            Of the segments, above 0 and up to 1.
        seed
            Of the draw.

        Returns
        -------
        dict
            How many segments were drawn per transcript.

        Raises
        ------
        StudyError
            If the share is out of range, or somebody is no coder of the study.

        Examples
        --------
        >>> coders = [study.add_coder(name) for name in ("ana", "ben")]
        >>> study.assign(coders, share=0.5, seed=1)
        {'P1': 1}
        """
        return assign(self, coders, share=share, seed=seed)

    def assignment(self) -> dict[str, frozenset[str]]:
        """Return per coder the addresses of the segments drawn for double coding."""
        return read_assignment(self)

    def blinding(self) -> Blinding:
        """Return what tells who may see whose codings."""
        return Blinding(self)

    def compare(self, one: str, other: str, *, consensus: str = "consensus") -> Comparison:
        """Compare two coders segment by segment.

        Parameters
        ----------
        one, other
            The coders.
        consensus
            Who holds the consensus, in which differences may be settled already.

        Returns
        -------
        Comparison
            What both gave, and each difference in the order of the text.

        Raises
        ------
        StudyError
            If one is no coder of the study, or they have no segment in common.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> seen = study.mark_seen("ben", ["P1:t002"])
        >>> [(one.segment, one.code, one.coder) for one in study.compare("ana", "ben").differences]
        [('t002', 'water', 'ana')]
        """
        return compare(self, one, other, consensus=consensus)

    def adjudicate(
        self,
        difference: Difference,
        *,
        is_right: bool,
        consensus: str = "consensus",
        saw: Collection[str] | None = None,
        instead: str = "",
        span: Span | None = None,
        why: str = "",
    ) -> Event:
        """Write into the consensus whether the coder who gave a code was right.

        Parameters
        ----------
        difference
            One of those that :meth:`compare` returns.
        is_right
            Whether the code stands.
        consensus
            The coder name under which the consensus is saved.
        saw
            Versions of the codings in the consensus that were shown; ``None``: whatever is there.
        instead
            Path, id or name of the code that belongs there when neither was right; ``""``: none.
        span
            The passage for that code; by default those of the codings.
        why
            The reason, recorded in the log.

        Returns
        -------
        Event
            What was recorded, on disk by now.

        Raises
        ------
        ConflictError
            If the coder has changed the codings meanwhile, or the consensus has.
        StudyError
            If the consensus says so already.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> seen = study.mark_seen("ben", ["P1:t002"])
        >>> [difference] = study.compare("ana", "ben").differences
        >>> event = study.adjudicate(difference, is_right=True)
        >>> study.compare("ana", "ben").n_settled
        1
        """
        return write_verdict(self, Answer(difference, is_right, saw, instead, span, why), consensus=consensus)

    def adjudicate_from_table(
        self, coders: tuple[str, str], source: TableSource, name: str = "", *, consensus: str = "consensus"
    ) -> tuple[int, int]:
        r"""Settle differences of two coders as a table says, all of them or none.

        Parameters
        ----------
        coders
            Whose differences.
        source, name
            A table with the columns segment, code and verdict (``y`` or ``n``; empty: left open) and, if wanted, coder:
            who gave the code; and what messages call it.
        consensus
            The coder name under which the consensus is saved.

        Returns
        -------
        tuple
            How many differences were settled, and how many rows say what the consensus says already.

        Raises
        ------
        StudyError
            If some rows cannot be understood or carried out; ``problems`` lists all of them with their rows.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> seen = study.mark_seen("ben", ["P1:t002"])
        >>> _ = Path("verdicts.csv").write_text("segment,code,verdict\nP1:t002,Water,y\n")
        >>> study.adjudicate_from_table(("ana", "ben"), "verdicts.csv", "verdicts.csv")
        (1, 0)
        """
        return adjudicate_from_table(self, coders, source, name, consensus=consensus)

    def write_agreed(self, comparison: Comparison, *, consensus: str = "consensus") -> list[Event]:
        """Write into the consensus what both coders agree on; both originals stay.

        Parameters
        ----------
        comparison
            What :meth:`compare` returns.
        consensus
            The coder name under which the consensus is saved.

        Returns
        -------
        list of Event
            What was recorded, by transcript.

        Examples
        --------
        >>> for coder in ("ana", "ben"):
        ...     decision = study.decide(coder, "P1:t002", "Water", "accept")
        >>> events = study.write_agreed(study.compare("ana", "ben"))
        >>> [coding.code for coding in study.sheet("consensus", "P1").codings]
        ['water']
        """
        return write_agreed(self, comparison, consensus=consensus)

    def merge(self, other_folder: str | os.PathLike[str]) -> MergeReport:
        """Bring a colleague's copy of the study in; that copy is only read.

        Sheets of one coder in both copies are united by event: a coding stands unless somebody who knew it took it
        away.

        Parameters
        ----------
        other_folder
            The copy.

        Returns
        -------
        MergeReport
            What came in, and what a person must look at.

        Raises
        ------
        StudyError
            If the other folder is no copy of this study, or has a change that is not carried out to its end.

        Examples
        --------
        >>> import shutil
        >>> copied = shutil.copytree("garden", "garden-ben")
        >>> with qualcode.open_study("garden-ben") as copy:
        ...     decision = copy.decide("ben", "P1:t004", "Help", "accept")
        >>> report = study.merge("garden-ben")
        >>> study.coders()
        ('ben', 'rules')
        """
        return merge_study(self, other_folder)

    def merge_coded(self, source: str | os.PathLike[str]) -> CodedReport:
        """Bring in what a coder did in a pack, the page that :func:`qualcode.surface.render_pack` makes.

        Codings that are new come in, those that the coder took away in the pack go, and turns that were read are marked
        so: in one change, all or nothing. What the coder did here meanwhile stays. The same file a second time changes
        nothing.

        Parameters
        ----------
        source
            The file that the pack saved, such as ``ben-coded.json``.

        Returns
        -------
        CodedReport
            What came in.

        Raises
        ------
        StudyError
            If the file does not come from a pack of this study, or text or codebook are others by now.

        Examples
        --------
        >>> import json
        >>> ben = study.add_coder("ben")
        >>> told = {"id": "P1", "text": study.transcript("P1").digest, "read": ["t004"], "codings": [
        ...     {"start": 76, "end": 93, "code": "help", "note": "carried"}]}
        >>> data = {"format": "qualcode-coded", "version": 1, "coder": "ben", "transcripts": [told],
        ...     "study": study.settings.id, "codebook": study.codebook.digest}
        >>> _ = Path("ben-coded.json").write_text(json.dumps(data))
        >>> report = study.merge_coded("ben-coded.json")
        >>> report.n_added, report.n_removed
        (1, 0)
        """
        return merge_coded(self, source)

    # -- learning from one's own coding -------------------------------------------------------------------------------

    def learn(self, coder: str) -> Learned:
        """Return what is learned from what a coder has read and coded, and from nothing else.

        Nothing of it is written or counted. The same study gives the same suggestions, whatever the order of files.

        Parameters
        ----------
        coder
            Whose work.

        Returns
        -------
        Learned
            ``missed()``, ``doubtful()`` and ``rank(code)`` as frames with quotes, ``explain(place, code)`` for what
            carries a suggestion, ``answer(place, code, act)`` to accept or reject one, ``problems()`` for its limits.

        Raises
        ------
        StudyError
            If there is no such coder.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> learned = study.learn("ana")
        >>> learned
        <Learned from ana: 1 segment read, 1 coded>
        >>> learned.rank("Help")[["segment", "code", "quote"]]
          segment  code               quote
        0    t004  help  Neighbours helped.
        """
        return Learned(self, coder)

    def recall(self, coder: str, code: str, *, target: int | None = None) -> Recall:
        """Return how much of what carries a code a coder has found, at least.

        Parameters
        ----------
        coder
            Whose work.
        code
            Which code, by id, path or name.
        target
            The wished share, in per cent; by default that of the last check, or 95.

        Returns
        -------
        Recall
            What is read and found, and what more would cost. Once a check is drawn, also the bound, which holds at
            every look with 95% confidence.

        Raises
        ------
        StudyError
            If there is no such coder, or the target is no per cent.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> known = study.recall("ana", "Water")
        >>> known.read, known.found, known.unread, known.price
        (1, 1, 1, 1)
        """
        return measure_recall(self, coder, code, target=target)

    def draw_check(self, coder: str, code: str, *, target: int = TARGET, seed: int) -> Recall:
        """Draw the segments that a coder has not read for a code in random order, and write the draw down.

        They are read in that order, as carefully as the rest; :meth:`recall` says what that has shown.

        Parameters
        ----------
        coder, code
            As for :meth:`recall`.
        target
            The wished share, in per cent.
        seed
            Of the draw.

        Returns
        -------
        Recall
            As :meth:`recall` returns it, with what to read next.

        Raises
        ------
        StudyError
            If nothing is unread, or the target is no per cent.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> study.draw_check("ana", "Water", seed=7).upcoming
        ('P1:t004',)
        >>> events = study.mark_seen("ana", ["P1:t004"])
        >>> study.recall("ana", "Water").recall_low
        1.0
        """
        return draw_check(self, coder, code, target=target, seed=seed)

    # -- the codebook -------------------------------------------------------------------------------------------------

    def recode(self, make: Callable[..., Edit], **arguments: Any) -> tuple[Edit, int]:
        """Change the codebook by one of the functions that edit codebooks, and bring all codings along.

        Parameters
        ----------
        make
            Makes the edit of the codebook's text: :func:`qualcode.codebook.rename_code` or another.
        **arguments
            What else it takes.

        Returns
        -------
        tuple
            The edit, and how many codings have another code.

        Raises
        ------
        CodebookError
            If the edit cannot be made.
        ConflictError
            If somebody else changed the codebook at the same moment.

        Examples
        --------
        >>> from qualcode.codebook import rename_code
        >>> edit, n_codings = study.recode(rename_code, code="water", new_name="Weather", because="Not only rain")
        >>> study.codebook.code("water").name
        'Weather'
        """
        return edit_codebook(self, make, **arguments)

    def apply_edit(self, edit: Edit, before: str) -> int:
        """Put an edit of the codebook in its place and bring all sheets along, all of it or nothing.

        Parameters
        ----------
        edit
            What to do, as one of the functions that edit codebooks returns it.
        before
            The text that the edit was made of.

        Returns
        -------
        int
            How many codings have another code.

        Raises
        ------
        ConflictError
            If the codebook was changed in the meantime.

        Examples
        --------
        >>> from qualcode.codebook import add_code, read_text
        >>> before = read_text("garden/codebook.yaml")
        >>> study.apply_edit(add_code(before, "Patience"), before)
        0
        >>> [code.name for code in study.codebook.walk()]
        ['Water', 'Help', 'Patience']
        """
        return apply_edit(self, edit, before)

    def bring_back_codebook(self, version: str, *, saw: str, change: str = "") -> int:
        """Put a version of the codebook that was kept in the place of the present one: a change is taken back.

        Codings whose code was merged into another one have theirs again; if the later version was the merged one, they
        get the other code once more.

        Parameters
        ----------
        version
            The digest of the version that comes back; all that edits of the study made, or made edits of, are kept.
        saw
            The digest of the present one.
        change
            What this is, in a sentence, for the history.

        Returns
        -------
        int
            How many codings have another code.

        Raises
        ------
        ConflictError
            If the codebook was changed since, or somebody changed a coding to which a merger gave its code.
        StudyError
            If the version was not kept, or a code is given by now that it does not have.

        Examples
        --------
        >>> from qualcode.codebook import rename_code
        >>> before = study.codebook.digest
        >>> edit, _ = study.recode(rename_code, code="water", new_name="Weather", because="Not only rain")
        >>> study.bring_back_codebook(before, saw=study.codebook.digest)
        0
        >>> study.codebook.code("water").name
        'Water'
        """
        return bring_back_codebook(self, version, saw=saw, change=change)

    def equivalent_codebooks(self) -> dict[str, str]:
        """Return which versions of the codebook count as one when coders are compared.

        Those are versions that qualcode's own edits made of one another, such as a rename, a move or a merger, as long
        as no code got another definition, or includes or excludes something else.

        Returns
        -------
        dict
            For the digest of a version that of the first one for which it stands; what ``versions`` of
            :func:`qualcode.measure_agreement` takes.

        Examples
        --------
        >>> from qualcode.codebook import edit_code, rename_code
        >>> first = study.codebook.digest
        >>> edit, n_codings = study.recode(rename_code, code="water", new_name="Weather", because="Not only rain")
        >>> study.equivalent_codebooks() == {study.codebook.digest: first}
        True
        >>> edit, n_codings = study.recode(edit_code, code="water", definition="Rain and drought")
        >>> study.codebook.digest in study.equivalent_codebooks()
        False
        """
        return find_equivalents(self)

    def count_touched(self, codes: Collection[str]) -> tuple[list[Touched], list[Problem]]:
        """Return how many codings with some codes each coder has, before a change of the codebook.

        Parameters
        ----------
        codes
            Ids of the codes.

        Returns
        -------
        list of Touched
            Per coder and code, how many codings in how many transcripts.
        list of Problem
            What is wrong with the sheets.

        Examples
        --------
        >>> touched, problems = study.count_touched(["water"])
        >>> [(one.coder, one.n_codings) for one in touched]
        [('rules', 1)]
        """
        return count_touched(self, codes)

    # -- out and in again ---------------------------------------------------------------------------------------------

    def list_codings(self, *, coders: Collection[str] | None = None) -> tuple[list[dict[str, Any]], list[Problem]]:
        """Return one record per coding, rejected ones too, for other programs.

        Parameters
        ----------
        coders
            Whose codings; by default everybody's, the rules' too.

        Returns
        -------
        list of dict
            With the passage, its case and the attributes of that, code, coder, verdict and note.
        list of Problem
            What could not be read.

        Examples
        --------
        >>> records, problems = study.list_codings()
        >>> [(one["segment"], one["code"], one["quote"]) for one in records]
        [('t002', 'water', 'The rain came late.'), ('t004', 'help', 'Neighbours helped.')]
        """
        return list_codings(self, coders=coders)

    def export(self, form: Literal["csv", "jsonl", "sqlite"], *, coders: Collection[str] | None = None) -> Export:
        """Return all codings as a file for other programs.

        Parameters
        ----------
        form
            ``csv``, ``jsonl`` or ``sqlite``.
        coders
            Whose codings; by default everybody's, the rules' too.

        Returns
        -------
        Export
            The bytes of the file, how many rows it has, and what could not be read.

        Examples
        --------
        >>> study.export("csv").n_rows
        2
        """
        return export_codings(self, form, coders=coders)

    def list_segments(self, coder: str, *, transcript_ids: Sequence[str] = ()) -> list[dict[str, str]]:
        """Return one row per segment of the study's unit.

        Parameters
        ----------
        coder
            Whose codes stand beside the segments.
        transcript_ids
            Of which transcripts; by default of all.

        Returns
        -------
        list of dict
            ``coder``, ``segment`` (its address), ``speaker``, ``text``, ``seen``, ``codes``, ``exported``, ``note``.

        Raises
        ------
        StudyError
            If the coder is none of the study's.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> [(one["segment"], one["codes"]) for one in study.list_segments("ana") if one["seen"]]
        [('P1:t002', 'water')]
        """
        return list_segments(self, coder, transcript_ids=transcript_ids)

    def export_table(
        self, coder: str, form: Literal["csv", "xlsx"] = "csv", *, transcript_ids: Sequence[str] = ()
    ) -> Export:
        """Return the rows of :meth:`list_segments` as a file, to be filled in and taken back by :meth:`import_table`.

        Parameters
        ----------
        coder
            Whose work.
        form
            ``csv`` or ``xlsx``.
        transcript_ids
            Of which transcripts; by default of all.

        Returns
        -------
        Export
            The bytes of the file, and how many rows it has.

        Raises
        ------
        StudyError
            If the coder is none of the study's.

        Examples
        --------
        >>> coder = study.add_coder("ana")
        >>> study.export_table("ana").n_rows
        4
        """
        return export_table(self, coder, form, transcript_ids=transcript_ids)

    def import_table(
        self, coder: str | None, source: TableSource, name: str = "", *, whose: Literal["told", "any"] = "told"
    ) -> TableReport:
        """Take back a table of a coder's work: what differs from the export becomes decisions, all or none.

        Rows may be sorted, coloured and left out; a row that is not there changes nothing. Besides the columns of
        :meth:`list_segments`, a column named as a code (path, id or name) may hold ``x``.

        Parameters
        ----------
        coder
            Whose sheets; ``None``: those of the coder whom the table names.
        source, name
            The table (CSV, XLSX, ODS or a DataFrame), and what messages call it.
        whose
            ``told``: a table that was exported for somebody else is refused. ``any``: all codes in it become this
            coder's.

        Returns
        -------
        TableReport
            What was decided, and what was left out.

        Raises
        ------
        StudyError
            If something does not fit text or codebook; ``problems`` lists all of it with sheet, row and column.

        Examples
        --------
        >>> coder = study.add_coder("ana")
        >>> filled = study.export_table("ana").data.replace(b"helped.,,,", b"helped.,x,help,")
        >>> report = study.import_table("ana", filled, "ana.csv")
        >>> [coding.code for coding in study.sheet("ana", "P1").codings]
        ['help']
        """
        return import_codings(self, coder, source, name, whose=whose)

    def import_comments(
        self, data: bytes, name: str, *, coder: str | None = None, transcript_id: str | None = None
    ) -> CommentReport:
        """Make codings of those comments of a Word document whose text is the name, the id or the path of a code.

        The passage is found by its words in the transcript as the study has it, so the document may have been edited. A
        comment on a place between two characters codes the segment around it.

        Parameters
        ----------
        data, name
            The document.
        coder
            Whose codings they become; by default each comment's author's.
        transcript_id
            Which transcript the document is; by default that of the file's name.

        Returns
        -------
        CommentReport
            How many codings there are of whom, and which comments name no code.

        Raises
        ------
        StudyError
            If the document is no transcript of the study, or somebody who commented cannot be a coder of it.
        SourceError
            If it cannot be read.

        Examples
        --------
        >>> import docx
        >>> document = docx.Document()
        >>> runs = [document.add_paragraph(line).runs[0] for line in said.splitlines() if line]
        >>> comment = document.add_comment(runs[1], text="Water", author="ben")
        >>> document.save("P1.docx")
        >>> report = study.import_comments(Path("P1.docx").read_bytes(), "P1.docx")
        >>> [coding.code for coding in study.sheet("ben", "P1").codings]
        ['water']
        """
        return import_comments(self, data, name, coder=coder, transcript_id=transcript_id)

    def import_project(
        self,
        project: Project,
        *,
        coder: str | None = None,
        seen: Seen = "coded",
        name: str = "",
        mode: Literal["write", "preview"] = "write",
    ) -> ArrivalReport:
        """Bring a project of another program in, new or as an update, all of it or nothing.

        What came with an earlier state of the project is known by its GUIDs, else by name and words. What is new or was
        changed there comes in, what was done here stays, and a change on both sides is reported.

        Parameters
        ----------
        project
            As :func:`qualcode.exchange.read_project` returns it.
        coder
            Coder of the codings for which the project names none.
        seen
            What coders looked at, which no project says: the segments that they ``coded``, or ``all`` of each
            transcript in which they coded.
        name
            The file's name, for the history.
        mode
            ``preview``: nothing is written, and the report is what it would be.

        Returns
        -------
        ArrivalReport
            What came in, and its losses.

        Raises
        ------
        StudyError
            If some codings have no coder and none is given.

        Examples
        --------
        >>> report = study.import_project(study.to_project())
        >>> report.same, report.n_codings
        (('P1',), 0)
        """
        return bring_project(self, project, coder=coder, seen=seen, name=name, mode=mode)

    def import_coded_table(
        self,
        source: TableSource,
        name: str,
        *,
        coder: str | None = None,
        columns: str = "",
        sheet: str | None = None,
        seen: Seen = "coded",
        mode: Literal["write", "preview"] = "write",
    ) -> ArrivalReport:
        """Bring in a table of coded segments of another program: their words are looked up in the transcripts.

        Parameters
        ----------
        source, name
            The table, and what messages call it.
        coder
            Coder of the codings, where the table names none.
        columns, sheet
            Which column is what, as ``PART=HEAD`` with commas between, and the sheet of a workbook.
        seen, mode
            As in :meth:`import_project`.

        Returns
        -------
        ArrivalReport
            What came in, and the rows that found no place.

        Raises
        ------
        StudyError
            If some codings have no coder and none is given, or the study has no transcript.
        TableError
            If the table cannot be read, or a column is unknown.

        Examples
        --------
        >>> table = b"Document,Code,Segment\\nP1,Help,Neighbours helped.\\nP1,Help,not there at all\\n"
        >>> report = study.import_coded_table(table, "maxqda.csv", coder="ana")
        >>> report.n_codings, [loss.kind for loss in report.losses]
        (1, ['rows whose words are not in their document'])
        """
        return import_coded_table(self, source, name, coder=coder, columns=columns, sheet=sheet, seen=seen, mode=mode)

    def codings_on(self, transcript_id: str, *, coders: Collection[str] | None = None) -> list[Coding]:
        """Return the codings on one transcript that count, sorted by their passages.

        Parameters
        ----------
        transcript_id
            Which transcript.
        coders
            Whose codings; by default those of all people. The rules' suggestions count when ``rules`` is among them.

        Returns
        -------
        list of Coding
            Those whose code is in the codebook.

        Raises
        ------
        StudyError
            If there is no such coder.

        Examples
        --------
        >>> event = study.decide("ana", "P1:t004", "help", "apply")
        >>> [coding.quote for coding in study.codings_on("P1")]
        ['Neighbours helped.']
        """
        return list_codings_on(self, transcript_id, coders=coders)

    def to_project(self, *, coders: Collection[str] | None = None) -> Project:
        """Return the study as other programs know projects.

        Parameters
        ----------
        coders
            Whose codings; by default those of all people.

        Returns
        -------
        Project
            Transcripts, codes, codings, cases and memos; its losses say what of the study does not go along.

        Raises
        ------
        StudyError
            If there is no such coder, or the study has no codebook.

        Examples
        --------
        >>> [source.name for source in study.to_project().sources]
        ['P1']
        """
        return make_project(self, coders=coders)

    def export_project(
        self,
        form: Literal["qdpx", "qdc"] = "qdpx",
        *,
        coders: Collection[str] | None = None,
        recipient: Recipient = "any",
        names: CodeNames = "tree",
    ) -> Written:
        """Return the study, or its codes, as a REFI-QDA file for other programs; the same study gives the same bytes.

        Parameters
        ----------
        form
            ``qdpx``: a project. ``qdc``: a codebook.
        coders
            As in :meth:`to_project`.
        recipient
            The program that will read it: NVivo, ATLAS.ti and MAXQDA count an emoji as two characters.
        names
            How codes are called, as in :func:`qualcode.exchange.rename_codes`.

        Returns
        -------
        Written
            The file, and what does not go along; the study's history keeps that, too.

        Raises
        ------
        StudyError
            If there is no such coder, or the study has no codebook.

        Examples
        --------
        >>> written = study.export_project("qdc")
        >>> b'name="Help"' in written.data
        True
        """
        return export_project(self, form, coders=coders, recipient=recipient, names=names)

    # -- looking ------------------------------------------------------------------------------------------------------

    def segment(self, address: str) -> tuple[str, Segment]:
        """Return the segment of an address.

        Parameters
        ----------
        address
            Transcript and segment, such as ``P07:t012``.

        Returns
        -------
        tuple
            The transcript's id and the segment.

        Raises
        ------
        StudyError
            If there is none.

        Examples
        --------
        >>> name, segment = study.segment("P1:t002")
        >>> study.transcript(name).quote(segment.span)
        'The rain came late.'
        """
        return find_segment(self, address)

    def freeze(self, note: str) -> Freeze:
        """Record the present codebook as frozen, such as when it was preregistered.

        It can be changed all the same; reports then say what was changed, and what that did to the codings.

        Parameters
        ----------
        note
            Where it was registered, or why it is frozen.

        Returns
        -------
        Freeze
            When, by whom, and the SHA-256 of the codebook.

        Raises
        ------
        StudyError
            If there is no codebook, or no note.

        Examples
        --------
        >>> study.freeze("preregistered at an archive").digest == study.codebook.digest
        True
        """
        return freeze_codebook(self, note)

    def frozen(self) -> Frozen | None:
        """Return how the codebook was frozen and changed since.

        Returns
        -------
        Frozen or None
            Freezes and changes, oldest first; ``None`` when it never was frozen.

        Examples
        --------
        >>> frozen = study.frozen()
        """
        return find_frozen(self)

    def contents(self, *, coders: Collection[str] | None = None) -> Contents:
        """Return what counting needs.

        Parameters
        ----------
        coders
            Whose codings count, their union; ``agreed`` alone for what people agree on. By default that of one person,
            what several agree on, and the codings of the rules while nobody has coded.

        Returns
        -------
        Contents
            Transcripts, codebook, cases, sheets, and how many suggestions are undecided.

        Raises
        ------
        StudyError
            If a coder has no sheet, or there is nothing to count.

        Examples
        --------
        >>> study.contents(coders=["rules"]).sheets
        (<Sheet: 2 codings by rules on P1, 4 sentences seen>,)
        """
        return read_contents(self, coders=coders)

    def tabulate(self, *, coders: Collection[str] | None = None, unit: Unit | None = None) -> CodingTable:
        """Lay the codings on counting units; every count, figure and coefficient starts from the result.

        Parameters
        ----------
        coders
            Whose codings count, as for :meth:`contents`.
        unit
            What is counted as a segment; ``None``: what the study says.

        Returns
        -------
        CodingTable
            As :func:`qualcode.tabulate` returns it.

        Raises
        ------
        StudyError
            If a coder has no sheet, or there is nothing to count.

        Examples
        --------
        >>> qualcode.count_themes(study.tabulate()).frame[["name", "codings"]]
            name  codings
        0  Water        1
        1   Help        1
        """
        return tabulate_study(self, coders=coders, unit=unit)

    def tabulate_earlier(
        self, at: str, *, coders: Collection[str] | None = None, unit: Unit | None = None
    ) -> CodingTable:
        """Lay the codings on counting units as they were at an earlier time; what :func:`.compare_with_earlier` takes.

        Merged codes count as those that took their place. A sheet is left out where the text was corrected since.

        Parameters
        ----------
        at
            A date (its end, in the computer's time zone) or a time, in ISO 8601.
        coders
            Whose codings; by default those of all people, each by themselves.
        unit
            What is counted as a segment; ``None``: what the study says.

        Returns
        -------
        CodingTable
            On the present text, with the present codebook. ``problems`` tells what is left out.

        Raises
        ------
        StudyError
            If there is no such coder, or the time is none or not past.

        Examples
        --------
        >>> event = study.decide("ana", "P1:t002", "Water", "accept")
        >>> study.tabulate_earlier(event.at, coders=["ana"])
        <CodingTable: 1 codings by ana on 4 turns of 1 transcripts>
        """
        return tabulate_earlier(self, at, coders=coders, unit=unit)

    def account(self) -> Account:
        """Return what the study says of itself for a report: who read how much, what was drawn, what is open, memos.

        Returns
        -------
        Account
            Read from sheets, logs and memos; private memos are only counted.

        Examples
        --------
        >>> decision = study.decide("ana", "P1:t002", "Water", "accept")
        >>> [(one.name, one.n_codings) for one in study.account().readers]
        [('ana', 1)]
        """
        return give_account(self)

    def check(self) -> list[Problem]:
        """Return everything that is wrong with the study's files; see :func:`~.checks.check_study`."""
        return check_study(self)

    def status(self) -> Status:
        """Return what there is in the study and how far everybody is; see :func:`~.checks.read_status`."""
        return read_status(self)

    def bookmark(self, coder: str) -> str:
        """Return where a coder stopped reading.

        Parameters
        ----------
        coder
            Who reads.

        Returns
        -------
        str
            The address of the segment; ``""``: nowhere.

        Examples
        --------
        >>> study.bookmark("ana")
        ''
        """
        return read_bookmark(self, coder)

    def put_bookmark(self, coder: str, address: str) -> None:
        """Remember where a coder stopped reading.

        Parameters
        ----------
        coder
            Who reads.
        address
            Of the segment.

        Examples
        --------
        >>> study.put_bookmark("ana", "P1:t004")
        >>> study.bookmark("ana")
        'P1:t004'
        """
        put_bookmark(self, coder, address)

    def pins(self, coder: str) -> tuple[str, ...]:
        """Return the codes that a coder gives by the digits 1 to 9, in pages and terminals alike.

        Until the coder pins one, the digits get the codes without codes below them, in the order of the codebook, and
        keep them.

        Parameters
        ----------
        coder
            Who codes.

        Returns
        -------
        tuple of str
            Nine ids; ``""``: the digit is free.

        Examples
        --------
        >>> study.pins("ana")[:3]
        ('water', 'help', '')
        """
        return find_pins(self, coder)

    def pin_code(self, coder: str, digit: int, code: str) -> tuple[str, ...]:
        """Pin a code to a digit, in the place of the one that was there.

        Parameters
        ----------
        coder
            Who codes.
        digit
            1 to 9.
        code
            Its id, path or name; ``""`` frees the digit.

        Returns
        -------
        tuple of str
            As :meth:`pins`.

        Raises
        ------
        CodebookError
            If there is no such code.
        StudyError
            If there is no such digit, or no such coder.

        Examples
        --------
        >>> study.pin_code("ana", 4, "Help")
        ('water', '', '', 'help', '', '', '', '', '')
        """
        return pin_code(self, coder, digit, code)
