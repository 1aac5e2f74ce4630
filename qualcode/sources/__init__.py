"""Sources: files of any accepted format → Transcript.

A reader (one module per family of formats) turns a file into blocks of text with what the format says about them;
:mod:`qualcode.sources.speakers` finds who speaks when, and :mod:`qualcode.sources.turns` makes the transcript.
"""

from __future__ import annotations

from qualcode.sources.preview import preview
from qualcode.sources.registry import read_transcript, read_transcripts
from qualcode.sources.stored import write_transcripts
from qualcode.sources.survey import read_survey

__all__ = ["preview", "read_survey", "read_transcript", "read_transcripts", "write_transcripts"]
