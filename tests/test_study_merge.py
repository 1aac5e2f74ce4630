"""Uniting copies of a study: commutative, idempotent, and nothing of either side is lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from studies import CODEBOOK, TALK, Clock, begin_study, build_transcript

from qualcode.codebook.editing import merge_codes
from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.study import Study, create_study
from qualcode.study.corrections import correct_transcript, read_unsettled
from qualcode.study.memos import read_memos, write_memo
from qualcode.study.merge import merge_study
from qualcode.study.recoding import apply_edit

if TYPE_CHECKING:
    from pathlib import Path


def copy_of(study: Study, folder: Path, start: int) -> Study:
    """Return a colleague's copy of a study whose clock runs from another minute."""
    shutil.copytree(study.root, folder)
    clock = Clock()
    for _ in range(start):
        clock()
    return Study(folder, clock=clock, who=f"somebody {start}")


def sheets(study: Study) -> dict[str, str]:
    return {
        path.relative_to(study.root).as_posix(): path.read_text("utf-8")
        for path in sorted((study.root / "sheets").rglob("*.jsonl"))
        if not path.name.endswith(".log.jsonl")
    }


def sound(study: Study) -> list[str]:
    return [problem.rule for problem in Study(study.root).check() if problem.level != "note"]


class TestFolders:
    def test_two_coders(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        theirs.decide("ben", "P07:t002", "scheduling", "reject")
        report = merge_study(mine, theirs.root)
        assert (report.n_events, report.conflicts) == (1, [])
        assert mine.coders() == ("ana", "ben", "rules")
        assert Study(mine.root).coders()[:2] == ("ana", "ben")
        assert sound(mine) == []

    def test_one_coder_in_two_places_both_ways_and_again(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        mine.decide("ana", "P07:t004", "praise", "accept")
        theirs.decide("ana", "P07:t004", "turnover", "apply")
        theirs.decide("ana", "P07:t002", "scheduling", "remove")
        before = sheets(theirs)
        assert merge_study(mine, theirs.root).n_events == 2
        assert sheets(theirs) == before
        merge_study(theirs, mine.root)
        assert sheets(mine) == sheets(theirs)
        sheet = mine.sheet("ana", "P07")
        assert sheet is not None
        assert [coding.code for coding in sheet.codings] == ["turnover", "praise"]
        logs = [path.read_bytes() for path in sorted(mine.root.rglob("*.log.jsonl"))]
        assert merge_study(mine, theirs.root).n_events == 0
        assert merge_study(theirs, mine.root).n_events == 0
        assert [path.read_bytes() for path in sorted(mine.root.rglob("*.log.jsonl"))] == logs
        assert sound(mine) == sound(theirs) == []

    def test_a_conflict_is_named_and_settled_by_deciding_again(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        theirs.decide("ana", "P07:t002", "scheduling", "reject")
        (conflict,) = merge_study(mine, theirs.root).conflicts
        assert "accepted and rejected" in conflict.message
        assert sound(mine) == ["conflict"]
        mine.clock = theirs.clock
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        assert sound(mine) == []

    def test_transcripts_memos_and_cases(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        (mine.root / "cases.csv").write_text("case,role\nP07,mentor\n", "utf-8")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        theirs.add_transcript(build_transcript("P08"), b"raw")
        theirs.decide("ben", "P08:t002", "scheduling", "apply")
        (theirs.root / "cases.csv").write_text("case,role\nP07,boss\nP08,staff\n", "utf-8")
        for study, text in ((mine, "mine"), (theirs, "theirs")):
            (study.root / "memos").mkdir()
            (study.root / "memos" / "study.md").write_text(text, "utf-8")
        (theirs.root / "memos" / "code-praise.md").write_text("new", "utf-8")
        report = merge_study(mine, theirs.root)
        assert report.transcripts == ["P08"]
        assert {problem.where for problem in report.conflicts} == {"cases.csv", "memos/study.md"}
        assert (mine.root / "cases.csv").read_text("utf-8") == "case,role\nP07,mentor\nP08,staff\n"
        assert {path.read_text("utf-8") for path in (mine.root / "memos").iterdir()} == {"mine", "theirs", "new"}
        assert (mine.root / "raw/P08.txt").read_bytes() == b"raw"
        assert len(merge_study(mine, theirs.root).files) == 0

    def test_codebook_forward_and_apart(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        (theirs.root / "codebook.yaml").write_text(CODEBOOK + "  - id: new\n", "utf-8")
        theirs.tag()
        assert merge_study(mine, theirs.root).files == ["codebook.yaml"]
        assert mine.codebook.code("new").id == "new"
        for study, name in ((mine, "Mine"), (theirs, "Theirs")):
            text = (study.root / "codebook.yaml").read_text("utf-8")
            (study.root / "codebook.yaml").write_text(text.replace("name: Praise", f"name: {name}"), "utf-8")
            study.tag()
        (conflict,) = merge_study(mine, theirs.root).conflicts
        assert conflict.where == "codebook.yaml"
        assert mine.codebook.code("praise").name == "Mine"
        (kept,) = mine.root.glob("codebook.theirs-*.yaml")
        assert kept.read_bytes() == (theirs.root / "codebook.yaml").read_bytes()
        assert len(merge_study(mine, theirs.root).conflicts) == 1  # told until somebody settles it
        kept.unlink()
        assert merge_study(mine, theirs.root).conflicts == []
        assert merge_study(theirs, mine.root).conflicts == []
        assert theirs.codebook.code("praise").name == "Mine"

    def test_changes_of_different_codes_are_united(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        for study, old, new in (
            (mine, "name: Praise", "name: Kind words"),
            (theirs, "rules: [leave]", "rules: [leave, quit]"),
        ):
            text = (study.root / "codebook.yaml").read_text("utf-8").replace(old, new) + f"  - id: {study.root.name}\n"
            (study.root / "codebook.yaml").write_text(text, "utf-8")
        assert merge_study(mine, theirs.root).conflicts == []
        assert merge_study(theirs, mine.root).conflicts == []
        expected = CODEBOOK.replace("name: Praise", "name: Kind words").replace("[leave]", "[leave, quit]")
        for study in (mine, theirs):
            text = (study.root / "codebook.yaml").read_text("utf-8")
            assert text == expected + "  - id: mine\n  - id: theirs\n"

    def test_cases_changed_on_both_sides(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine", "P01", "P02", "P03")
        table = "case,role\nP01,mentor\nP02,boss\nP03,staff\n"
        (mine.root / "cases.csv").write_text(table, "utf-8")
        mine.tag()
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        (mine.root / "cases.csv").write_text(table.replace("mentor", "MENTOR"), "utf-8")
        (theirs.root / "cases.csv").write_text(table.replace("staff", "STAFF") + "P04,new\n", "utf-8")
        assert merge_study(mine, theirs.root).conflicts == []
        assert (mine.root / "cases.csv").read_text("utf-8") == "case,role\nP01,MENTOR\nP02,boss\nP03,STAFF\nP04,new\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_rows_of_cases_are_added_as_the_table_is_written(self, tmp_path: Path, encoding: str) -> None:
        mine = begin_study(tmp_path / "mine", "P01", "P02", "P03")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        ours = "case;;role\r\nP01;note;mentor\r\nP02;;boss\r\n"
        (mine.root / "cases.csv").write_bytes(ours.encode(encoding))
        (theirs.root / "cases.csv").write_text('Case,,Role\nP02,,boss\nP03,,"staff; new"\n', "utf-8")
        report = merge_study(mine, theirs.root)
        assert report.conflicts == []
        merged = (mine.root / "cases.csv").read_bytes()
        assert merged == (ours + 'P03;;"staff; new"\r\n').encode(encoding)

    def test_cases_with_other_columns_stay_apart(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine", "P01", "P02")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        (mine.root / "cases.csv").write_text("case,role\nP01,mentor\n", "utf-8")
        (theirs.root / "cases.csv").write_text("case,age\nP02,30\n", "utf-8")
        assert [one.message for one in merge_study(mine, theirs.root).conflicts] == [
            "The two tables have different columns; no row was merged."
        ]
        assert (mine.root / "cases.csv").read_text("utf-8") == "case,role\nP01,mentor\n"

    def test_a_memo_to_which_one_side_added(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        write_memo(mine, "study", "First.")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        write_memo(theirs, "study", "Second.")
        for _ in range(2):
            assert merge_study(mine, theirs.root).conflicts == []
        write_memo(mine, "study", "Third.")
        assert merge_study(mine, theirs.root).conflicts == []
        (memo,) = read_memos(mine)[0]
        assert memo.text == "First.\n\nSecond.\n\nThird.\n"

    def test_codes_merged_on_one_side_and_given_on_the_other(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        before = (mine.root / "codebook.yaml").read_text("utf-8")
        apply_edit(mine, merge_codes(before, ["turnover"], "scheduling", because="one thing"), before)
        theirs.decide("ben", "P07:t004", "turnover", "accept")
        merge_study(mine, theirs.root)
        merge_study(theirs, mine.root)
        for study in (mine, theirs):
            sheet = study.sheet("ben", "P07")
            assert sheet is not None
            assert [coding.code for coding in sheet.codings] == ["scheduling"]
        assert [one.rule for one in Study(mine.root).check() if one.level == "error"] == []


LONGER = (*TALK[:1], (TALK[1][0], "Well. " + TALK[1][1]), *TALK[2:])


class TestCorrectedOnOneSide:
    """One copy corrects a transcript while the other goes on with the old one."""

    def begin(self, tmp_path: Path) -> tuple[Study, Study]:
        mine = begin_study(tmp_path / "mine")
        mine.decide("ana", "P07:t002", "scheduling", "accept", note="before")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        correct_transcript(theirs, build_transcript("P07", LONGER))
        return mine, theirs

    def both(self, mine: Study, theirs: Study) -> list[tuple[str, str, str]]:
        """Merge both ways, and return what both then have of ana."""
        assert [one.rule for one in merge_study(mine, theirs.root).conflicts] == []
        assert [one.rule for one in merge_study(theirs, mine.root).conflicts] == []
        people = [{name: text for name, text in sheets(one).items() if "/rules/" not in name} for one in (mine, theirs)]
        assert people[0] == people[1]
        for study in (mine, theirs):
            assert sound(study) == []
            assert study.transcript("P07").text == build_transcript("P07", LONGER).text
        assert merge_study(mine, theirs.root).n_events == merge_study(theirs, mine.root).n_events == 0
        sheet = Study(mine.root).sheet("ana", "P07")
        assert sheet is not None
        return [(coding.code, coding.quote, coding.note) for coding in sheet.codings]

    def test_what_was_done_on_the_old_text_comes_along(self, tmp_path: Path) -> None:
        mine, theirs = self.begin(tmp_path)
        mine.decide("ana", "P07:t004", "turnover", "accept", note="old text")
        theirs.decide("ana", "P07:t004", "praise", "accept", note="new text")
        assert self.both(mine, theirs) == [
            ("scheduling", "The dates clashed. We could never find a date.", "before"),
            ("turnover", "People leave.", "old text"),
            ("praise", "They were lovely, though.", "new text"),
        ]
        sheet = mine.sheet("ana", "P07")
        assert sheet is not None
        assert sheet.seen == {"t002", "t004"}

    def test_what_was_removed_on_the_old_text_stays_removed(self, tmp_path: Path) -> None:
        mine, theirs = self.begin(tmp_path)
        mine.decide("ana", "P07:t002", "scheduling", "remove")
        assert self.both(mine, theirs) == []

    def test_what_was_changed_on_the_old_text_is_changed(self, tmp_path: Path) -> None:
        mine, theirs = self.begin(tmp_path)
        mine.decide("ana", "P07:t002", "scheduling", "accept", note="after")
        assert self.both(mine, theirs) == [("scheduling", "The dates clashed. We could never find a date.", "after")]

    def test_what_is_unsure_is_asked(self, tmp_path: Path) -> None:
        mine, theirs = self.begin(tmp_path)
        mine.decide("ana", "P07:t004", "turnover", "accept")
        correct_transcript(theirs, build_transcript("P07", (*LONGER[:3], ("Ana", "They were lovely, though."))))
        merge_study(mine, theirs.root)
        (one,) = read_unsettled(mine)
        assert (one.coder, one.old_quote) == ("ana", "People leave.")

    def test_open_questions_come_along(self, tmp_path: Path) -> None:
        mine, theirs = self.begin(tmp_path)
        theirs.decide("ana", "P07:t004", "turnover", "accept")
        correct_transcript(theirs, build_transcript("P07", (*LONGER[:3], ("Ana", "They were lovely, though."))))
        assert len(read_unsettled(theirs)) == 1
        merge_study(mine, theirs.root)
        assert read_unsettled(mine) == read_unsettled(theirs)

    def test_codes_merged_on_the_corrected_side(self, tmp_path: Path) -> None:
        mine, theirs = self.begin(tmp_path)
        before = (theirs.root / "codebook.yaml").read_text("utf-8")
        apply_edit(theirs, merge_codes(before, ["turnover"], "scheduling", because="one thing"), before)
        mine.decide("ana", "P07:t004", "turnover", "accept", note="one")
        mine.decide("ana", "P07:t004", "scheduling", "apply", span=Span(*self.people(mine)), note="two")
        assert self.both(mine, theirs)[1:] == [("scheduling", "People leave.", "two; one")]

    def people(self, study: Study) -> tuple[int, int]:
        start = study.transcript("P07").text.index("People leave.")
        return start, start + len("People leave.")

    def test_both_corrected(self, tmp_path: Path) -> None:
        mine, theirs = self.begin(tmp_path)
        correct_transcript(mine, build_transcript("P07", TALK[:3]))
        (conflict,) = merge_study(mine, theirs.root).conflicts
        assert conflict.where == "transcripts/P07.txt"
        assert sound(mine) == []


class TestWhatCannotBeMerged:
    def test_another_study_or_itself(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        create_study(tmp_path / "other")
        with pytest.raises(StudyError, match="another study"):
            merge_study(mine, tmp_path / "other")
        with pytest.raises(StudyError, match="itself"):
            merge_study(mine, mine.root)
        with pytest.raises(StudyError, match="not a study"):
            merge_study(mine, tmp_path)

    def test_names_that_differ_in_case(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        theirs.decide("Ana", "P07:t002", "scheduling", "accept")
        with pytest.raises(StudyError, match="already a coder “ana”"):
            merge_study(mine, theirs.root)


class TestSpeakers:
    HEAD = "transcript,label,person,role\n"

    def merged(self, tmp_path: Path, mine: str | None, theirs: str | None) -> tuple[list[tuple[str, ...]], list[str]]:
        study = begin_study(tmp_path / "mine")
        other = copy_of(study, tmp_path / "theirs", 100)
        for one, rows in ((study, mine), (other, theirs)):
            if rows is not None:
                (one.root / "speakers.csv").write_text(self.HEAD + rows, encoding="utf-8")
        told = [problem.message for problem in merge_study(study, other.root).conflicts]
        path = study.root / "speakers.csv"
        rows = path.read_text("utf-8-sig").splitlines()[1:] if path.exists() else []
        assert merge_study(study, other.root).files == []
        assert sound(study) == []
        return [tuple(row.split(",")) for row in rows], told

    def test_rows_of_both(self, tmp_path: Path) -> None:
        rows, told = self.merged(tmp_path, "P07,Ana,Ana,participant\n", "P07,I,Dr Lee,interviewer\n")
        assert rows == [("P07", "Ana", "Ana", "participant"), ("P07", "I", "Dr Lee", "interviewer")]
        assert told == []

    def test_each_fills_what_the_other_left_open(self, tmp_path: Path) -> None:
        rows, told = self.merged(tmp_path, "P07,Ana,,participant\nP07,I,I,\n", "P07,Ana,Ana Lee,\nP07,I,,other\n")
        assert rows == [("P07", "Ana", "Ana Lee", "participant"), ("P07", "I", "I", "other")]
        assert told == []

    def test_what_both_decided_otherwise_stays_and_is_told(self, tmp_path: Path) -> None:
        rows, told = self.merged(tmp_path, "P07,Ana,Ana,participant\n", "P07,Ana,Ana,other\n")
        assert rows == [("P07", "Ana", "Ana", "participant")]
        assert len(told) == 1
        assert "Ana" in told[0]

    def test_a_table_in_one_copy_only(self, tmp_path: Path) -> None:
        rows = "P07,Ana,Ana,participant\n,I,,interviewer\nP99,Eve,,\n"
        assert self.merged(tmp_path, None, rows)[0] == [
            ("P07", "Ana", "Ana", "participant"),
            ("", "I", "", "interviewer"),
        ]

    def test_no_table_in_the_other_copy(self, tmp_path: Path) -> None:
        rows, told = self.merged(tmp_path, "P07,Ana,Ana,participant\n", None)
        assert (rows, told) == ([("P07", "Ana", "Ana", "participant")], [])
