"""Sources: files of any accepted format → Transcript.

A reader (one module per family of formats) turns a file into blocks of text with what the format says about them;
:mod:`qualcode.sources.speakers` finds who speaks when, and :mod:`qualcode.sources.turns` makes the transcript.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily
from qualcode.sources.blocks import clean_text
from qualcode.sources.exact import settle_interviewers, transcript_of_text
from qualcode.sources.files import as_paths
from qualcode.sources.overview import tabulate_reading
from qualcode.sources.people import (
    SPEAKERS_NAME,
    Speaker,
    SpeakerIndex,
    apply_speakers,
    encode_speakers,
    is_survey,
    read_speakers,
)
from qualcode.sources.previewing import preview
from qualcode.sources.registry import read_transcript, read_transcripts
from qualcode.sources.roles import find_interviewers, make_talk
from qualcode.sources.stored import NewerFormatError, from_json, to_json, write_transcripts
from qualcode.sources.survey import read_survey
from qualcode.sources.tables import TABLE_ENDINGS, find_column, open_table
from qualcode.sources.talk_tables import Columns
from qualcode.sources.turns import has_words, transcript_of_turns

if TYPE_CHECKING:
    from qualcode.sources.comments import read_comments
    from qualcode.sources.packages import Package

__all__ = [
    "SPEAKERS_NAME",
    "TABLE_ENDINGS",
    "Columns",
    "NewerFormatError",
    "Package",
    "Speaker",
    "SpeakerIndex",
    "apply_speakers",
    "as_paths",
    "clean_text",
    "encode_speakers",
    "find_column",
    "find_interviewers",
    "from_json",
    "has_words",
    "is_survey",
    "make_talk",
    "open_table",
    "preview",
    "read_comments",
    "read_speakers",
    "read_survey",
    "read_transcript",
    "read_transcripts",
    "settle_interviewers",
    "tabulate_reading",
    "to_json",
    "transcript_of_text",
    "transcript_of_turns",
    "write_transcripts",
]

__getattr__ = open_lazily(__name__, {"Package": "packages", "read_comments": "comments"})
