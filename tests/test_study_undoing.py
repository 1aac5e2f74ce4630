"""Taking back across what happened in between: corrected transcripts, merged codes, other people's acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study, build_transcript

from qualcode.codebook.editing import merge_codes
from qualcode.errors import ConflictError, StudyError
from qualcode.study import Study
from qualcode.study.corrections import correct_transcript, read_unsettled
from qualcode.study.recoding import apply_edit
from qualcode.study.undo import restore, undo

if TYPE_CHECKING:
    from pathlib import Path

DATES = TALK[1][1]
LONGER = (*TALK[:1], (TALK[1][0], "Well. " + DATES), *TALK[2:])


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study")


def state(study: Study) -> list[tuple[str, str, str, str]]:
    sheet = Study(study.root).sheet("ana", "P07")
    return [(one.code, one.verdict, one.quote, one.note) for one in sheet.codings] if sheet else []


def errors(study: Study) -> list[str]:
    return [problem.rule for problem in Study(study.root).check() if problem.level != "note"]


def test_undo_takes_back_what_a_person_did_and_not_the_correction(study: Study) -> None:
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ana", "P07:t004", "praise", "accept")
    correct_transcript(study, build_transcript("P07", LONGER))
    assert undo(study, "ana")[1].what == "accept"
    assert state(study) == [("scheduling", "accepted", DATES, "")]
    undo(study, "ana")
    assert state(study) == []
    assert errors(study) == []
    with pytest.raises(StudyError, match="nothing"):
        undo(study, "ana")


def test_redo_in_one_transcript(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study", "P07", "P08")
    for name in ("P07", "P08"):
        study.decide("ana", f"{name}:t002", "scheduling", "accept")
    for name in ("P07", "P08"):
        study.undo("ana", name)
    assert study.redo("ana", "P07").transcript == "P07"  # that of P08 was undone later
    with pytest.raises(StudyError, match="nothing to redo"):
        study.redo("ana", "P07")
    assert study.redo("ana").transcript == "P08"


def test_undo_brings_what_was_there_before_to_its_new_place(study: Study) -> None:
    study.decide("ana", "P07:t002", "scheduling", "accept", note="first")
    study.decide("ana", "P07:t002", "scheduling", "reject", note="second")
    correct_transcript(study, build_transcript("P07", LONGER))
    undo(study, "ana")
    assert state(study) == [("scheduling", "accepted", DATES, "first")]
    assert errors(study) == []


def test_a_removed_coding_comes_back_at_its_new_place(study: Study) -> None:
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ana", "P07:t002", "scheduling", "remove")
    correct_transcript(study, build_transcript("P07", LONGER))
    undo(study, "ana")
    assert state(study) == [("scheduling", "accepted", DATES, "")]
    assert errors(study) == []


def test_restore_from_before_a_correction(study: Study) -> None:
    event = study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ana", "P07:t004", "turnover", "accept")
    assert event is not None
    correct_transcript(study, build_transcript("P07", LONGER))
    study.decide("ana", "P07:t004", "praise", "accept")
    restore(study, "ana", event.at)
    assert state(study) == [("scheduling", "accepted", DATES, "")]
    sheet = study.sheet("ana", "P07")
    assert sheet is not None
    assert sheet.seen == {"t002"}
    assert errors(study) == []


def test_what_is_gone_when_restored_is_asked(study: Study) -> None:
    event = study.decide("ana", "P07:t004", "turnover", "accept")
    assert event is not None
    study.decide("ana", "P07:t004", "turnover", "remove")
    correct_transcript(study, build_transcript("P07", (*TALK[:3], ("Ana", "They were lovely, though."))))
    restore(study, "ana", event.at)
    (one,) = read_unsettled(study)
    assert (one.coder, one.old_quote) == ("ana", "People leave.")


def test_taking_back_across_a_merger_of_codes(study: Study) -> None:
    event = study.decide("ana", "P07:t004", "turnover", "accept", note="mine")
    assert event is not None
    study.decide("ana", "P07:t004", "turnover", "remove")
    before = (study.root / "codebook.yaml").read_text("utf-8")
    apply_edit(study, merge_codes(before, ["turnover"], "scheduling", because="one thing"), before)
    undo(study, "ana")
    assert state(study) == [("scheduling", "accepted", "People leave.", "mine")]
    undo(study, "ana")
    assert state(study) == []
    restore(study, "ana", event.at)
    assert state(study) == [("scheduling", "accepted", "People leave.", "mine")]
    assert errors(study) == []


def test_a_text_that_was_not_kept(study: Study) -> None:
    study.decide("ana", "P07:t002", "scheduling", "accept")
    correct_transcript(study, build_transcript("P07", LONGER))
    for path in (study.root / "versions").glob("P07-*"):
        path.unlink()
    with pytest.raises(StudyError, match="was not kept"):
        undo(study, "ana")
    assert state(study) == [("scheduling", "accepted", DATES, "")]


def test_a_codebook_with_line_ends_of_windows_is_edited_as_python_reads_it(study: Study) -> None:
    """Python reads CRLF as LF, which is no change; the file keeps its own."""
    path = study.root / "codebook.yaml"
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    before = path.read_text("utf-8")
    apply_edit(study, merge_codes(before, ["turnover"], "scheduling", because="one thing"), before)
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 0
    assert b"id: turnover" not in data
    with pytest.raises(ConflictError):
        apply_edit(study, merge_codes(before, ["turnover"], "scheduling", because="again"), before)
