"""The study: a folder of plain text in which people decide, and nothing they did is ever lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily

if TYPE_CHECKING:
    from qualcode.study.account import Account, CodebookStep, Draw, Reader, give_account
    from qualcode.study.acts import ACTS, Act, Blind, Decision
    from qualcode.study.addresses import find_code, parse_span
    from qualcode.study.blinding import Blinding
    from qualcode.study.checks import CODER_COLUMNS, Progress, Status, check_study
    from qualcode.study.coded import CodedReport
    from qualcode.study.consensus import CONSENSUS, Comparison, Difference
    from qualcode.study.contents import Contents, read_contents
    from qualcode.study.corrections import Unsettled, UpdateReport
    from qualcode.study.creating import begin_study, create_study, find_study, open_study, read_study
    from qualcode.study.exports import EVENT_COLUMNS, Export, export_codings
    from qualcode.study.framework import (
        LONGEST_SUMMARY,
        NO_PASSAGE,
        WRITTEN,
        Charted,
        Entry,
        Summary,
        Word,
        chart,
        digest_cells,
        name_summary,
        read_summaries,
    )
    from qualcode.study.freezing import ChangeAfter, Freeze, Frozen, find_frozen
    from qualcode.study.importing import ImportReport
    from qualcode.study.learned import Learned
    from qualcode.study.memos import Visibility, find_written, read_memos
    from qualcode.study.merge import MergeReport
    from qualcode.study.picks import list_picks
    from qualcode.study.projects import ArrivalReport, is_own_table, make_project
    from qualcode.study.pseudonyms import PseudonymReport, find_names, list_given, list_known, write_pseudonymised
    from qualcode.study.recall import Recall
    from qualcode.study.recoding import Touched, find_equivalents
    from qualcode.study.round_trip import TableReport
    from qualcode.study.saved_questions import SavedQuestion, read_saved
    from qualcode.study.store import CodingChange, Event, Settings, StudyFolder
    from qualcode.study.study import Study
    from qualcode.study.suggestions import TagReport, Touch
    from qualcode.study.transcripts import RemovalReport
    from qualcode.study.undo import describe_act
    from qualcode.study.word_comments import CommentReport

__all__ = [
    "ACTS", "CODER_COLUMNS", "CONSENSUS", "EVENT_COLUMNS", "LONGEST_SUMMARY", "NO_PASSAGE", "WRITTEN", "Account",
    "Act", "ArrivalReport", "Blind", "Blinding", "ChangeAfter", "Charted", "CodebookStep", "CodedReport",
    "CodingChange", "CommentReport", "Comparison", "Contents", "Decision", "Difference", "Draw", "Entry", "Event",
    "Export", "Freeze", "Frozen", "ImportReport", "Learned", "MergeReport", "Progress", "PseudonymReport", "Reader",
    "Recall", "RemovalReport", "SavedQuestion", "Settings", "Status", "Study", "StudyFolder", "Summary", "TableReport",
    "TagReport", "Touch", "Touched", "Unsettled", "UpdateReport", "Visibility", "Word", "begin_study", "chart",
    "check_study", "create_study", "describe_act", "digest_cells", "export_codings", "find_code",
    "find_equivalents", "find_frozen", "find_names", "find_study", "find_written", "give_account", "is_own_table",
    "list_given", "list_known", "list_picks", "make_project", "name_summary", "open_study", "parse_span",
    "read_contents", "read_memos", "read_saved", "read_study", "read_summaries", "write_pseudonymised",
]  # fmt: skip

_HOMES = {
    "account": ("Account", "CodebookStep", "Draw", "Reader", "give_account"),
    "acts": ("ACTS", "Act", "Blind", "Decision"),
    "addresses": ("find_code", "parse_span"),
    "blinding": ("Blinding",),
    "checks": ("CODER_COLUMNS", "Progress", "Status", "check_study"),
    "coded": ("CodedReport",),
    "consensus": ("CONSENSUS", "Comparison", "Difference"),
    "contents": ("Contents", "read_contents"),
    "corrections": ("Unsettled", "UpdateReport"),
    "creating": ("begin_study", "create_study", "find_study", "open_study", "read_study"),
    "freezing": ("ChangeAfter", "Freeze", "Frozen", "find_frozen"),
    "exports": ("EVENT_COLUMNS", "Export", "export_codings"),
    "framework": (
        *("LONGEST_SUMMARY", "NO_PASSAGE", "WRITTEN", "Charted", "Entry", "Summary", "Word", "chart"),
        *("digest_cells", "name_summary", "read_summaries"),
    ),
    "importing": ("ImportReport",),
    "learned": ("Learned",),
    "memos": ("Visibility", "find_written", "read_memos"),
    "merge": ("MergeReport",),
    "pseudonyms": ("PseudonymReport", "find_names", "list_given", "list_known", "write_pseudonymised"),
    "picks": ("list_picks",),
    "projects": ("ArrivalReport", "is_own_table", "make_project"),
    "recall": ("Recall",),
    "recoding": ("Touched", "find_equivalents"),
    "round_trip": ("TableReport",),
    "saved_questions": ("SavedQuestion", "read_saved"),
    "store": ("CodingChange", "Event", "Settings", "StudyFolder"),
    "study": ("Study",),
    "suggestions": ("TagReport", "Touch"),
    "transcripts": ("RemovalReport",),
    "undo": ("describe_act",),
    "word_comments": ("CommentReport",),
}

__getattr__ = open_lazily(__name__, {name: home for home, names in _HOMES.items() for name in names})
