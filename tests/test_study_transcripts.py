"""Transcripts under other names, and transcripts that are removed for good."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study, build_transcript

from qualcode.errors import StudyError
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

DATES = "We could never find a date."
LONGER = (*TALK[:1], (TALK[1][0], "Well. " + TALK[1][1]), *TALK[2:])


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of two transcripts, one of them corrected once, with work of two coders."""
    study = begin_study(tmp_path / "study", "P07", "P08")
    study.decide("ana", "P07:t002", "scheduling", "accept", note="clear")
    study.decide("ben", "P07:t004", "praise", "reject")
    study.decide("ana", "P08:t004", "turnover", "accept")
    study.correct(build_transcript("P07", LONGER), b"the corrected file")
    study.memo("P07:t002", "She sighs here.", author="ana")
    study.memo("study", "Time is everywhere.")
    study.assign(["ana", "ben"], share=1, seed=7)
    return study


def codings(study: Study, coder: str, name: str) -> list[tuple[str, str, str]]:
    sheet = Study(study.root).sheet(coder, name)
    return [(one.code, one.verdict, one.note) for one in sheet.codings] if sheet else []


def errors(study: Study) -> list[str]:
    return [str(one) for one in Study(study.root).check() if one.level != "note"]


def texts(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes().decode("utf-8", "replace") for path in files}


class TestRename:
    def test_everything_goes_along(self, study: Study) -> None:
        study.rename_transcript("P07", "Ms Chan 陳", why="as in the paper")
        study.close()
        assert study.transcript_ids() == ("Ms Chan 陳", "P08")
        assert codings(study, "ana", "Ms Chan 陳") == [("scheduling", "accepted", "clear")]
        assert codings(study, "ben", "Ms Chan 陳") == [("praise", "rejected", "")]
        assert {memo.about for memo in study.memos()[0]} == {"Ms Chan 陳:t002", "study"}
        assert study.assignment()["ana"] == {"Ms Chan 陳:t002", "Ms Chan 陳:t004", "P08:t002", "P08:t004"}
        assert errors(study) == []
        assert not [name for name in texts(study.root) if "P07" in name and not name.startswith(("raw/", ".qualcode"))]
        assert study.notes()[-1]["what"] == "rename"

    def test_one_can_go_back_behind_it(self, study: Study) -> None:
        study.rename_transcript("P07", "P7")
        study.undo("ben")
        assert codings(study, "ben", "P7") == []
        study.correct(build_transcript("P7", TALK))
        assert codings(study, "ana", "P7") == [("scheduling", "accepted", "clear")]
        assert errors(study) == []

    def test_cases_keep_who_speaks(self, study: Study) -> None:
        path = study.root / "cases.csv"
        path.write_bytes(b"case,transcript,role\r\nMs Chan,P07,manager\r\nMr Lee,P08,teacher\r\n")
        before = study.tabulate(coders=["ana"]).codings["case"].tolist()
        study.rename_transcript("P07", "P70")
        assert path.read_bytes() == b"case,transcript,role\r\nMs Chan,P70,manager\r\nMr Lee,P08,teacher\r\n"
        assert sorted(Study(study.root).tabulate(coders=["ana"]).codings["case"]) == sorted(before)

    @pytest.mark.parametrize("name", ["P08", "p08", "nul", "a/b", "", "x.log", "cafe\u0301"])
    def test_names_that_cannot_be(self, study: Study, name: str) -> None:
        before = texts(study.root)
        with pytest.raises(StudyError):
            study.rename_transcript("P07", name)
        assert texts(study.root) == before

    def test_to_the_name_that_it_has(self, study: Study) -> None:
        study.close()
        before = texts(study.root)
        with pytest.raises(StudyError, match="is already named “P07”"):
            study.rename_transcript("P07", "P07")
        assert texts(study.root) == before

    def test_a_name_as_a_mac_gives_it(self, study: Study) -> None:
        study.rename_transcript("P07", "Zo\u00e9")
        study.rename_transcript("Zoe\u0301", "P09")
        assert codings(study, "ana", "P09") == [("scheduling", "accepted", "clear")]
        assert errors(study) == []

    def test_merging_with_a_copy_that_does_not_know_it(self, study: Study, tmp_path: Path) -> None:
        shutil.copytree(study.root, tmp_path / "other")
        other = Study(tmp_path / "other")
        other.decide("ben", "P08:t002", "scheduling", "apply")
        study.rename_transcript("P07", "P70")
        report = study.merge(other.root)
        assert [one.message for one in report.conflicts] == [
            "P07 is called P70 here; work on it in the other copy was not merged."
        ]
        assert study.transcript_ids() == ("P08", "P70")
        assert codings(study, "ben", "P08") == [("scheduling", "applied", "")]
        back = Study(other.root)
        assert back.merge(study.root).conflicts == []
        assert back.transcript_ids() == ("P08", "P70")
        assert codings(back, "ana", "P70") == [("scheduling", "accepted", "clear")]


class TestRemove:
    def test_the_words_leave_every_file(self, study: Study) -> None:
        book = study.root / "codebook.yaml"
        book.write_text(book.read_text("utf-8") + f"    examples:\n      hit: [{DATES}]\n", "utf-8")
        study.tag()
        study.memo("code:praise", f"As she says: {DATES} And so on.")
        study.decide("ana", "P08:t002", "challenges", "apply", note=f"like P07: {DATES}")
        study.remove_transcript("P08", why="imported by mistake")  # it has the same words
        report = study.remove_transcript("P07", why="withdrawn consent")
        study.close()
        assert report.n_codings == {"ana": 1, "ben": 1, "rules": 3}
        assert report.n_memos == 1
        left = texts(study.root)
        assert [
            name for name, text in left.items() if DATES in text or "find a date" in text.replace("clash, find", "")
        ] == []
        assert [name for name in left if "P07" in name] == []
        assert "(erased)" in left["codebook.yaml"]
        assert "As she says: (erased) And so on." in left["memos/code-praise.md"]
        assert errors(study) == []

    def test_a_tombstone_says_what_was_erased(self, study: Study) -> None:
        digests = {study.transcript("P07").digest, build_transcript("P07").digest}
        study.remove_transcript("P07", why="withdrawn consent")
        note = study.notes()[-1]
        assert (note["what"], note["why"], note["transcript"]) == ("remove", "withdrawn consent", "P07")
        assert note["codings"] == {"ana": 1, "ben": 1, "rules": 3}
        assert set(note["texts"]) == digests
        assert "sheets/ana/P07.log.jsonl" in note["files"]
        assert DATES not in json.dumps(note)

    def test_an_older_copy_does_not_bring_it_back(self, study: Study, tmp_path: Path) -> None:
        shutil.copytree(study.root, tmp_path / "other")
        Study(tmp_path / "other").decide("ben", "P08:t002", "scheduling", "apply")
        study.remove_transcript("P07", why="withdrawn consent")
        study.merge(tmp_path / "other")
        study.close()
        assert study.transcript_ids() == ("P08",)
        assert codings(study, "ben", "P08") == [("scheduling", "applied", "")]
        assert [name for name in texts(study.root) if "P07" in name] == []
        with pytest.raises(StudyError, match="was removed on 2026-03-01: withdrawn consent"):
            study.add_transcript(build_transcript("P07"))
        study.add_transcript(build_transcript("P07", (("Zoe", "Somebody else entirely."),)))  # the name alone is free

    def test_who_spoke_is_erased_as_well(self, study: Study, tmp_path: Path) -> None:
        """Label and person in ``speakers.csv``, the recording, and the rows of cases that speak nowhere else."""
        tables = {
            "cases.csv": "case,transcript,role\r\nC1,P07,head of Chan & Co\r\nMr Ho,P08,clerk\r\n",
            "speakers.csv": "transcript,label,person,role\nP07,Zoe,Ms Chan,participant\nP08,Zoe,Mr Ho,participant\n",
            "study.yaml": (study.root / "study.yaml").read_text("utf-8") + "media:\n  P07: talks/chan.mp3\n",
        }
        for name, text in tables.items():
            (study.root / name).write_bytes(text.encode())
        study = Study(study.root)
        study.decide("ana", "P08:t002", "challenges", "apply")  # an act keeps the table as it is, in versions/
        study.memo("case:C1", "Ms Chan is the head.")
        study.chart("C1", "scheduling", "Ms Chan finds no date.")
        study.chart("C1", "scheduling", "Ms Chan never finds a date.")
        study.close()
        shutil.copytree(study.root, tmp_path / "other")
        assert study.preview_removal("P07").cases == ("C1",)
        report = study.remove_transcript("P07", why="withdrawn consent")
        assert {"cases.csv", "speakers.csv"} <= set(report.rewritten)
        assert [one.where for one in report.problems if one.rule == "recording"] == ["talks/chan.mp3"]
        Study(tmp_path / "other").decide("ben", "P08:t002", "scheduling", "apply")
        for _ in range(2):  # an older copy brings nothing of it back
            study.close()
            left = texts(study.root)
            assert [name for name, text in left.items() if "Chan" in text or "chan.mp3" in text] == []
            assert left["cases.csv"] == "case,transcript,role\r\nMr Ho,P08,clerk\r\n"
            assert "P08,Zoe,Mr Ho,participant" in left["speakers.csv"]
            assert errors(study) == []
            study.merge(tmp_path / "other")

    def test_earlier_tables_are_cleared_where_there_is_none_now(self, study: Study) -> None:
        (study.root / "cases.csv").write_text("case,role\nP07,head of Chan & Co\n", "utf-8")
        study = Study(study.root)
        study.decide("ana", "P08:t002", "challenges", "apply")
        study.close()
        (study.root / "cases.csv").unlink()
        study = Study(study.root)
        assert study.remove_transcript("P07", why="withdrawn consent").cases == ()
        study.close()
        assert [name for name, text in texts(study.root).items() if "Chan" in text] == []

    def test_a_case_that_speaks_elsewhere_keeps_its_row(self, study: Study) -> None:
        table = "case,transcript,role\nA,P07,head\nA,P08,head\nB,P09,clerk\n"
        (study.root / "cases.csv").write_text(table, "utf-8")
        study = Study(study.root)
        assert study.remove_transcript("P07", why="imported by mistake").cases == ()
        assert (study.root / "cases.csv").read_text("utf-8") == table

    def test_after_a_renaming(self, study: Study, tmp_path: Path) -> None:
        shutil.copytree(study.root, tmp_path / "other")
        study.rename_transcript("P07", "P70")
        study.remove_transcript("P70", why="withdrawn consent")
        report = study.merge(tmp_path / "other")
        assert study.transcript_ids() == ("P08",)
        assert report.transcripts == []

    def test_a_reason_is_needed_and_a_transcript(self, study: Study) -> None:
        with pytest.raises(StudyError, match="needs a reason"):
            study.remove_transcript("P07", why=" ")
        with pytest.raises(StudyError, match="no transcript “P70”"):
            study.remove_transcript("P70", why="x")

    def test_git_is_named(self, study: Study) -> None:
        (study.root / ".git").mkdir()
        report = study.remove_transcript("P07", why="withdrawn consent")
        assert [one.rule for one in report.problems if one.level == "warning"] == ["git"]


class TestOriginals:
    def test_a_correction_keeps_every_original(self, study: Study) -> None:
        raw = {path.name: path.read_bytes() for path in (study.root / "raw").iterdir()}
        assert raw["P07.txt"] == build_transcript("P07").text.encode()
        assert b"the corrected file" in raw.values()
        assert len(raw) == 3
        study.correct(build_transcript("P07", TALK), raw["P07.txt"])
        assert len(list((study.root / "raw").iterdir())) == 3
