"""The store of a study: its files, read by any number of hands, and written in one way."""

from __future__ import annotations

from qualcode.study.store.draft import SheetDraft
from qualcode.study.store.events import (
    CodingChange,
    Event,
    Key,
    decode_coding,
    encode_coding,
    encode_event,
    join_notes,
    key_of,
)
from qualcode.study.store.folder import StudyFolder, tell_time
from qualcode.study.store.history import TAKING_BACK, History
from qualcode.study.store.journal import tell_set_aside
from qualcode.study.store.layout import (
    LOG_ENDING,
    PRIVATE,
    SHEET_ENDING,
    Layout,
    check_transcript_id,
    digest_of,
    is_link,
    tell_name,
)
from qualcode.study.store.settings import FOR_GIT, Settings, check_coder_name, encode_settings
from qualcode.study.store.sheets import encode_sheet, fold_ids, unfold_ids
from qualcode.study.store.strays import is_copy
from qualcode.study.store.transcripts import decode_transcript, encode_transcript
from qualcode.study.store.versions import (
    VERSIONED,
    find_ancestor,
    find_former_names,
    find_lineage,
    keep_transcript,
    keep_version,
    keep_versions,
    list_versions,
    merge_lines,
    read_past_transcript,
)
from qualcode.study.store.writer import StudyChange, StudyStore

__all__ = [
    "FOR_GIT", "LOG_ENDING", "PRIVATE", "SHEET_ENDING", "TAKING_BACK", "VERSIONED", "CodingChange", "Event",
    "History", "Key", "Layout", "Settings", "SheetDraft", "StudyChange", "StudyFolder", "StudyStore",
    "check_coder_name", "check_transcript_id", "decode_coding", "decode_transcript", "digest_of", "encode_coding",
    "encode_event", "encode_settings", "encode_sheet", "encode_transcript", "find_ancestor", "find_former_names",
    "find_lineage", "fold_ids", "is_copy", "is_link", "join_notes", "keep_transcript", "keep_version",
    "keep_versions", "key_of", "list_versions", "merge_lines", "read_past_transcript", "tell_name", "tell_set_aside",
    "tell_time", "unfold_ids",
]  # fmt: skip
