"""Tables of talk, told from tables of coded passages, which repeat and leave out what was said; talk without words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qualcode.errors import SourceError
from qualcode.sources import read_transcripts, transcript_of_turns

if TYPE_CHECKING:
    from pathlib import Path

ROW = "P1,0,12,I was tired.,P1,Exhaustion,ana\n"


@pytest.mark.parametrize(
    "table",
    [
        "doc,start_char,end_char,text,speaker,code,coder\n" + ROW,
        "segment,speaker,text,seen,codes\nP1:t002,P1,I was tired.,,Exhaustion\n",
        "Document,Speaker,Text,Code,Coded segment\nP1,Ana,I was tired.,Exhaustion,tired\n",
    ],
    ids=["spans", "sheet", "segments"],
)
def test_coded_passages_are_no_transcript(tmp_path: Path, table: str) -> None:
    path = tmp_path / "codings.csv"
    path.write_text(table, "utf-8")
    with pytest.raises(SourceError, match="table of coded passages") as caught:
        read_transcripts([path])
    assert "qualcode import-codings" in caught.value.hint


@pytest.mark.parametrize("tag", ["code", "Teacher Tag", "coder"])
def test_talk_with_one_more_column_is_talk(tmp_path: Path, tag: str) -> None:
    """A classroom transcript in which each utterance has a tag, or names who typed it, has all that was said."""
    path = tmp_path / "lesson.csv"
    path.write_text(f"speaker,text,{tag}\nT,What is a half?,1\nS,Two of four.,2\n", "utf-8")
    (transcript,), _ = read_transcripts([path])
    assert [turn.speaker for turn in transcript.units("turn")] == ["T", "S"]


def test_talk_of_marks_alone_has_no_turns_and_nobody_asks() -> None:
    transcript = transcript_of_turns([("Ann", "?"), ("Ben", "…?")], "T")
    assert len(transcript.units("turn")) == 0
    assert not transcript.interviewers
