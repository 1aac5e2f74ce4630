"""Corrected transcripts: codings find their words again, and what is unsure is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study, build_transcript

from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.study.corrections import correct_transcript, read_unsettled, settle
from qualcode.study.memos import read_memos, write_memo

if TYPE_CHECKING:
    from pathlib import Path


class TestUpdate:
    def test_codings_go_along_in_one_change(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ben", "P07:t004", "praise", "reject")
        talk = (
            ("Dr Lee", "What was hard?"),
            ("Ana", "Well. The dates clashed. We could never find a date."),
            *TALK[2:],
        )
        report = correct_transcript(study, build_transcript("P07", talk))
        assert report.unsettled == ()
        ana, ben = study.sheet("ana", "P07"), study.sheet("ben", "P07")
        assert ana is not None
        assert ben is not None
        assert [one.quote for one in ana.codings] == ["The dates clashed. We could never find a date."]
        assert [one.quote for one in ben.codings] == ["They were lovely, though."]
        assert [[study.transcript("P07").quote(span) for span in one.spans] for one in ana.codings[0].evidence] == [
            ["clashed"],
            ["find a date"],
        ]
        assert (ana.seen, ben.seen) == ({"t002"}, {"t004"})
        assert [turn.id for turn in study.transcript("P07").units("turn")] == ["t001", "t002", "t003", "t004"]
        assert report.new_segments == ("s0008",)
        assert study.check() == []
        study.tag()
        assert study.check() == []

    def test_same_text_changes_nothing(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        report = correct_transcript(study, build_transcript("P07"))
        assert (report.n_moved, report.n_same, report.unsettled) == (0, 0, ())

    def test_unknown(self, tmp_path: Path) -> None:
        with pytest.raises(StudyError, match="no transcript"):
            correct_transcript(begin_study(tmp_path / "study"), build_transcript("P08"))

    def test_what_is_gone_is_kept_until_settled(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t004", "praise", "accept", note="warm")
        talk = (*TALK[:3], ("Ana", "People leave. 大家都好忙😀。"))
        (entry,) = correct_transcript(study, build_transcript("P07", talk)).unsettled
        assert (entry.old_quote, entry.span, entry.code) == ("They were lovely, though.", None, "praise")
        assert [problem.rule for problem in study.check()] == ["unsettled"]
        with pytest.raises(StudyError, match="no place"):
            settle(study, "P07", 1, "keep")
        settle(study, "P07", 1, "move", span=Span(110, 123))
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [(one.quote, one.note) for one in sheet.codings] == [("People leave.", "warm")]
        assert study.check() == []
        with pytest.raises(StudyError, match="no unsettled coding"):
            settle(study, "P07", 1, "drop")

    def test_settled_by_dropping(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t004", "praise", "accept")
        correct_transcript(study, build_transcript("P07", (*TALK[:3], ("Ana", "People leave. Yes."))))
        assert len(read_unsettled(study)) == 1
        settle(study, "P07", 1, "drop")
        assert read_unsettled(study) == ()
        assert study.check() == []

    def test_joined_turns(self, tmp_path: Path) -> None:
        study = begin_study(
            tmp_path / "study",
        )
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "turnover", "accept")
        talk = (TALK[0], ("Ana", f"{TALK[1][1]} {TALK[3][1]}"))
        report = correct_transcript(study, build_transcript("P07", talk))
        assert report.unsettled == ()
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [one.quote for one in sheet.codings] == [
            "The dates clashed. We could never find a date.",
            "People leave.",
        ]


def test_a_memo_on_a_passage_moves_with_its_words(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    start = study.transcript("P07").text.index("People leave.")
    write_memo(study, f"P07:{start}-{start + 13}", "Why do they?", memo_id="leaving")
    correct_transcript(study, build_transcript("P07", (TALK[0], (TALK[1][0], "Well. " + TALK[1][1]), *TALK[2:])))
    (memo,) = read_memos(study)[0]
    assert (memo.about, memo.text) == (f"P07:{start + 6}-{start + 19}", "Why do they?\n")
