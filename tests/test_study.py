"""The study's folder: what people decide is on disk, in order, and can be taken back."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import CODEBOOK, TALK, Clock, begin_study, build_transcript

from qualcode.errors import CodebookError, LockedError, Problem, StaleSheetError, StudyError
from qualcode.model import Span
from qualcode.study import Study, create_study, find_study
from qualcode.study.acts import Decision
from qualcode.study.addresses import parse_span
from qualcode.study.decisions import decide, mark_seen
from qualcode.study.exports import list_events
from qualcode.study.store import fold_ids, unfold_ids
from qualcode.study.undo import restore, undo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A tagged study with the transcript P07."""
    return begin_study(tmp_path / "study")


def findings(study: Study) -> list[Problem]:
    """Return what is wrong with a study, as a fresh process sees it."""
    return [problem for problem in Study(study.root).check() if problem.level != "note"]


def state(study: Study, coder: str = "ana", transcript: str = "P07") -> list[tuple[str, str, str]]:
    """Return code, verdict and quote of every coding, as a fresh process reads it."""
    sheet = Study(study.root).sheet(coder, transcript)
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


DATES = "The dates clashed. We could never find a date."


class TestFolder:
    def test_files_are_plain_text(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        names = {path.relative_to(study.root).as_posix() for path in study.root.rglob("*") if path.is_file()}
        assert {name for name in names if not name.startswith((".", "versions/"))} == {
            "coders/ana.yaml", "codebook.yaml", "history.jsonl", "raw/P07.txt", "study.yaml", "transcripts/P07.json",
            "transcripts/P07.txt",
            "sheets/ana/P07.jsonl", "sheets/ana/P07.log.jsonl", "sheets/rules/P07.jsonl", "sheets/rules/P07.log.jsonl",
        }  # fmt: skip
        lines = (study.root / "sheets/ana/P07.jsonl").read_text("utf-8").splitlines()
        assert json.loads(lines[0])["coder"] == "ana"
        assert lines[1] == '{"seen":["t002"]}'
        assert json.loads(lines[2])["quote"] == DATES

    def test_transcript_comes_back_as_it_went_in(self, study: Study) -> None:
        assert Study(study.root).transcript("P07") == build_transcript("P07")

    def test_a_decision_changes_one_line_of_codings(self, study: Study) -> None:
        path = study.root / "sheets/ana/P07.jsonl"
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "praise", "accept")
        before = path.read_text("utf-8").splitlines()
        study.decide("ana", "P07:t004", "praise", "reject")
        after = path.read_text("utf-8").splitlines()
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1

    def test_same_acts_give_the_same_bytes(self, tmp_path: Path) -> None:
        contents = []
        for name in ("one", "two"):
            study = begin_study(tmp_path / name)
            study.decide("ana", "P07:t002", "scheduling", "accept")
            contents.append([path.read_bytes() for path in sorted((study.root / "sheets").rglob("*.jsonl"))])
        assert contents[0] == contents[1]

    def test_begun_twice(self, study: Study) -> None:
        with pytest.raises(StudyError, match="already"):
            create_study(study.root)

    def test_begun_on_a_bad_codebook(self, tmp_path: Path) -> None:
        (tmp_path / "bad.yaml").write_text("codez: []", "utf-8")
        with pytest.raises(CodebookError):
            create_study(tmp_path / "study", codebook=tmp_path / "bad.yaml")
        assert not (tmp_path / "study").exists()

    def test_own_files_stay(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine", "utf-8")
        (tmp_path / "codebook.yaml").write_text(CODEBOOK, "utf-8")
        assert create_study(tmp_path).codebook.name == "Small"
        assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"

    def test_no_study(self, tmp_path: Path) -> None:
        with pytest.raises(StudyError, match="not a study") as caught:
            Study(tmp_path)
        assert "qualcode init" in caught.value.hint
        with pytest.raises(StudyError, match="not in a study"):
            find_study(tmp_path)

    def test_found_from_below(self, study: Study) -> None:
        assert find_study(study.root / "sheets" / "rules") == study.root.resolve()

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("qualcode: study\nformat: 3\n", "format 3"),
            ("qualcode: study\nformat: 1\nunits: turn\n", "Did you mean “unit”"),
            ("qualcode: study\nformat: 1\nunit: page\n", "page"),
            ("name: x\n", "not the settings"),
            ("a: [", "cannot be read"),
        ],
    )
    def test_bad_settings(self, study: Study, text: str, message: str) -> None:
        (study.root / "study.yaml").write_text(text, "utf-8")
        with pytest.raises(StudyError, match=message):
            Study(study.root)

    def test_the_same_transcript_again_and_another_of_its_name(self, study: Study) -> None:
        study.add_transcript(build_transcript("P07"))
        with pytest.raises(StudyError, match="a different text") as caught:
            study.add_transcript(build_transcript("P07", TALK[:2]))
        assert "--update" in caught.value.hint
        with pytest.raises(StudyError, match="cannot tell from “p07”"):
            study.add_transcript(build_transcript("p07", TALK[:2]))

    @pytest.mark.parametrize("name", ["a/b", "..", "a:b", "", "x.log"])
    def test_bad_transcript_name(self, study: Study, name: str) -> None:
        with pytest.raises(StudyError, match="cannot be the name"):
            study.add_transcript(build_transcript(name))

    @pytest.mark.parametrize("name", ["", "a/b", "..", "rules", "Rules", "con", "a" * 61, " . "])
    def test_bad_coder_name(self, study: Study, name: str) -> None:
        with pytest.raises(StudyError):
            study.decide(name, "P07:t002", "scheduling", "accept")

    def test_two_coders_of_one_name(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        with pytest.raises(StudyError, match="already a coder “ana”"):
            study.decide("Ana", "P07:t002", "scheduling", "accept")

    def test_missing_transcript(self, study: Study) -> None:
        with pytest.raises(StudyError, match="no transcript “P70”") as caught:
            study.decide("ana", "P70:t002", "scheduling", "accept")
        assert "P07" in caught.value.hint


class TestGit:
    """What git does to a study: clones on Windows, and two clones that each gained a coder."""

    def git(self, folder: Path, *words: str) -> None:
        who = ["-c", "user.name=ana", "-c", "user.email=ana@example.org", "-c", "core.autocrlf=true"]
        subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

    @pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
    def test_clones_are_sound_and_coders_of_both_come_together(self, study: Study, tmp_path: Path) -> None:
        study.close()
        self.git(study.root, "init", "--initial-branch=main")
        self.git(study.root, "add", ".")
        self.git(study.root, "commit", "-m", "begun")
        self.git(tmp_path, "clone", str(study.root), "clone")
        for root, coder in ((study.root, "ana"), (tmp_path / "clone", "ben")):
            with Study(root, clock=Clock()) as one:
                one.decide(coder, "P07:t002", "scheduling", "accept")
            self.git(root, "add", ".")
            self.git(root, "commit", "-m", coder)
        self.git(study.root, "pull", "--no-rebase", str(tmp_path / "clone"), "main")
        merged = Study(study.root)
        assert merged.coders() == ("ana", "ben", "rules")
        assert merged.check() == []
        assert Study(tmp_path / "clone").check() == []

    def test_a_study_of_the_first_format_gets_the_present_rules(self, study: Study) -> None:
        path = study.root / "study.yaml"
        path.write_text(path.read_text("utf-8").replace("format: 2", "format: 1"), "utf-8")
        (study.root / ".gitattributes").write_text(
            "# Lines that two copies added are all kept.\n/history.jsonl\n", "utf-8"
        )
        Study(study.root).decide("ana", "P07:t002", "scheduling", "accept")
        assert "format: 2\n" in path.read_text("utf-8")
        assert "* -text\n" in (study.root / ".gitattributes").read_text("utf-8")
        assert len(state(study)) == 1


class TestDecide:
    def test_accept_takes_the_suggestion_with_its_evidence(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges/scheduling", "accept", note="clear")
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        (coding,) = sheet.codings
        assert (coding.verdict, coding.origin, coding.note, coding.quote) == ("accepted", "rules", "clear", DATES)
        assert [one.rule for one in coding.evidence] == ["clash", "find a date"]
        assert coding.at.startswith("2026-03-01T09:")
        assert sheet.seen == {"t002"}

    def test_reject_then_accept(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "reject")
        assert state(study) == [("scheduling", "rejected", DATES)]
        study.decide("ana", "P07:t002", "scheduling", "accept")
        assert state(study) == [("scheduling", "accepted", DATES)]

    def test_apply_to_segment_and_to_span(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "challenges", "apply")
        study.decide("ana", "P07:s0006", "praise", "apply", span=Span(134, 140))
        assert state(study) == [
            ("challenges", "applied", TALK[3][1]),
            ("praise", "applied", "lovely"),
        ]
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert sheet.seen == {"t004"}

    def test_remove(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "challenges", "apply")
        study.decide("ana", "P07:t004", "challenges", "remove")
        assert state(study) == []
        with pytest.raises(StudyError, match="You have no coding"):
            study.decide("ana", "P07:t004", "challenges", "remove")

    def test_trimmed_suggestion(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t002", "scheduling", "accept", span=Span(33, 51))
        assert state(study) == [("scheduling", "accepted", "The dates clashed.")]

    def test_deciding_again_changes_nothing(self, study: Study) -> None:
        assert study.decide("ana", "P07:t002", "scheduling", "accept") is not None
        assert study.decide("ana", "P07:t002", "scheduling", "accept") is None

    @pytest.mark.parametrize(
        ("segment", "code", "act", "message"),
        [
            ("P07:t002", "praise", "accept", "suggest no"),
            ("P07:t002", "praise", "reject", "suggest no"),
            ("P07:t002", "prais", "apply", "no code"),
            ("P07:t099", "praise", "apply", "no segment"),
            ("t002", "praise", "apply", "not the address"),
            ("P07:t002", "praise", "love", "not a decision"),
        ],
    )
    def test_what_cannot_be(self, study: Study, segment: str, code: str, act: str, message: str) -> None:
        with pytest.raises((StudyError, CodebookError), match=message):
            study.decide("ana", segment, code, act)  # type: ignore[arg-type]
        assert state(study) == []

    def test_span_beyond_the_text(self, study: Study) -> None:
        with pytest.raises(StudyError, match="beyond"):
            study.decide("ana", "P07:t002", "praise", "apply", span=Span(10, 100_000))

    def test_many_are_all_or_none(self, study: Study) -> None:
        good = Decision("P07:t002", "scheduling", "accept")
        with pytest.raises(StudyError) as caught:
            decide(study, "ana", [good, Decision("P07:t002", "nothing", "apply"), Decision("P07:x", "praise", "apply")])
        assert [problem.where for problem in caught.value.problems] == ["decision 2", "decision 3"]
        assert state(study) == []
        events = decide(study, "ana", [good, Decision("P07:t004", "praise", "reject")])
        assert len(events) == 1
        assert len(state(study)) == 2

    @pytest.mark.parametrize(("text", "span"), [("12:20", Span(12, 20)), (" 1 - 2 ", Span(1, 2)), ("", None)])
    def test_spans_in_words(self, text: str, span: Span | None) -> None:
        assert parse_span(text) == span

    @pytest.mark.parametrize("text", ["a", "5:5", "9:2", "-1:3"])
    def test_bad_spans_in_words(self, text: str) -> None:
        with pytest.raises(StudyError, match="not a span"):
            parse_span(text)

    def test_seen_without_a_code(self, study: Study) -> None:
        mark_seen(study, "ana", ["P07:t001", "P07:s0003"])
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert (sheet.seen, sheet.codings) == ({"t001", "t002"}, ())


class TestHistory:
    def test_undo_goes_back_step_by_step(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t002", "scheduling", "reject")
        study.decide("ana", "P07:t004", "praise", "accept")
        study.decide("ana", "P07:t004", "praise", "remove")
        undo(study, "ana")
        assert [code for code, _, _ in state(study)] == ["scheduling", "praise"]
        undo(study, "ana")
        undo(study, "ana")
        assert state(study) == [("scheduling", "accepted", DATES)]
        undo(study, "ana")
        assert state(study) == []
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert sheet.seen == frozenset()
        with pytest.raises(StudyError, match="ana has nothing to undo"):
            undo(study, "ana")
        assert findings(study) == []

    def test_restore(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        at = study.clock()
        study.clock = lambda: "2026-03-02T00:00:00.000000+00:00"
        study.decide("ana", "P07:t002", "scheduling", "reject")
        study.decide("ana", "P07:t004", "praise", "accept")
        assert len(restore(study, "ana", at)) == 1
        assert state(study) == [("scheduling", "accepted", DATES)]
        assert restore(study, "ana", at) == []
        with pytest.raises(StudyError, match="not a time"):
            restore(study, "ana", "yesterday")

    def test_the_log_rebuilds_the_sheet(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "praise", "reject")
        path = study.root / "sheets/ana/P07.jsonl"
        data = path.read_bytes()
        path.unlink()
        assert len(state(study)) == 2
        Study(study.root, clock=Clock()).decide("ana", "P07:t004", "turnover", "apply")
        Study(study.root, clock=Clock()).undo("ana")
        assert path.read_bytes() == data

    def test_who_when_what_before_after_why(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        decide(study, "ana", [Decision("P07:t002", "scheduling", "reject")], why="she meant money")
        row = list_events(study, coder="ana")[-1]
        assert row == {
            "at": "2026-03-01T09:00:06.000000+00:00", "who": "ana", "what": "reject", "sheet": "ana",
            "transcript": "P07",
            "change": "t002 scheduling accepted→rejected “The dates clashed. We could never find …”",
            "why": "she meant money", "event": row["event"],
        }  # fmt: skip
        assert [row["what"] for row in list_events(study)][:3] == ["codebook", "import", "tag"]

    def test_a_clock_that_goes_back(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.clock = lambda: "2020-01-01T00:00:00.000000+00:00"
        study.decide("ana", "P07:t002", "scheduling", "reject")
        times = [str(row["at"]) for row in list_events(study, coder="ana")]
        assert times == sorted(times)
        assert len(set(times)) == 2


class TestDamage:
    def test_torn_last_line(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        path = study.root / "sheets/ana/P07.log.jsonl"
        with path.open("ab") as file:
            file.write(b'{"id":"0123","sheet":"","at":"2026')
        assert state(study) == [("scheduling", "accepted", DATES)]
        assert findings(study) == []
        assert [problem.rule for problem in Study(study.root).check()] == ["torn-line"]
        Study(study.root).decide("ana", "P07:t004", "praise", "accept")
        assert Study(study.root).check() == []
        assert len(state(study)) == 2

    def test_crash_between_log_and_sheet(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        path = study.root / "sheets/ana/P07.jsonl"
        old = path.read_bytes()
        study.decide("ana", "P07:t004", "praise", "accept")
        path.write_bytes(old)
        assert len(state(study)) == 2
        assert findings(study) == []

    def test_edited_by_hand(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        path = study.root / "sheets/ana/P07.jsonl"
        path.write_text(path.read_text("utf-8").replace('"accepted"', '"rejected"'), "utf-8")
        assert state(study) == [("scheduling", "rejected", DATES)]
        assert [problem.rule for problem in findings(study)] == ["edited-outside"]
        Study(study.root).decide("ana", "P07:t004", "praise", "accept")
        assert findings(study) == []
        assert [row["what"] for row in list_events(study, coder="ana")] == ["accept", "edit", "accept"]
        assert ("scheduling", "rejected", DATES) in state(study)

    def test_broken_line(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "praise", "accept")
        path = study.root / "sheets/ana/P07.jsonl"
        lines = path.read_text("utf-8").splitlines()
        path.write_text("\n".join([*lines[:2], lines[2][:40], lines[3]]) + "\n", "utf-8")
        assert [problem.where for problem in findings(study)] == ["sheets/ana/P07.jsonl:3"]
        assert len(state(study)) == 2  # the log knows what the line said
        Study(study.root).decide("ana", "P07:t004", "turnover", "accept")
        assert findings(study) == []
        assert len(state(study)) == 3
        assert list((study.root / ".qualcode/kept").iterdir())

    def test_sheet_without_log(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        (study.root / "sheets/ana/P07.log.jsonl").unlink()
        assert findings(study) == []
        assert len(state(study)) == 1
        Study(study.root).decide("ana", "P07:t004", "praise", "accept")
        assert len(state(study)) == 2

    def test_unknown_code_span_beyond_and_wrong_quote_are_told_with_their_lines(self, study: Study) -> None:
        for segment, code in (("P07:t002", "scheduling"), ("P07:t004", "praise"), ("P07:t004", "turnover")):
            study.decide("ana", segment, code, "accept")
        path = study.root / "sheets/ana/P07.jsonl"
        text = (
            path.read_text("utf-8")
            .replace('"code":"scheduling"', '"code":"nothing"')
            .replace("[124,149]", "[124,9149]")
        )
        path.write_text(text.replace("People leave.", "People left."), "utf-8")
        found = {(problem.where, problem.rule) for problem in findings(study)}
        assert found >= {
            ("sheets/ana/P07.jsonl:3", "unknown-code"),
            ("sheets/ana/P07.jsonl:4", "other-quote"),
            ("sheets/ana/P07.jsonl:5", "beyond-text"),
        }

    def test_changed_text(self, study: Study) -> None:
        path = study.root / "transcripts/P07.txt"
        path.write_text(path.read_text("utf-8") + "more", "utf-8")
        assert [problem.where for problem in findings(study)] == ["transcripts/P07.txt"]

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('"version": 1', '"version": 2', "newer version of qualcode"),
            ('"kind": "turn"', '"kind": "line"', "cannot be read"),
            ('"start": ', '"start": 0.5, "begin": ', "cannot be read"),
            ('"segments"', '"segment"', "cannot be read"),
            ('"text_digest": "', '"text_digest": "0', "changed outside qualcode"),
        ],
    )
    def test_a_transcript_that_cannot_be_used(self, study: Study, old: str, new: str, message: str) -> None:
        path = study.root / "transcripts/P07.json"
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
        problems = [str(problem) for problem in Study(study.root).check()]
        assert any(message in problem and "P07" in problem for problem in problems), problems

    def test_missing_text(self, study: Study) -> None:
        (study.root / "transcripts/P07.json").unlink()
        rules = {problem.rule for problem in findings(study)}
        assert rules == {"missing-transcript", "stray-file"}

    def test_conflict_copy_of_a_synced_drive(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        path = study.root / "sheets/ana/P07.jsonl"
        shutil.copy(path, path.with_name("P07 (Ben's conflicted copy 2026-03-01).jsonl"))
        (problem,) = findings(study)
        assert problem.rule == "stray-file"
        assert "synced drive" in problem.message
        assert len(state(study)) == 1

    def test_read_only_folder(self, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            with pytest.raises(StudyError, match="Permission denied"):
                study.decide("ana", "P07:t004", "praise", "accept")
        assert state(study) == [("scheduling", "accepted", DATES)]
        assert findings(study) == []
        study.decide("ana", "P07:t004", "praise", "accept")
        assert len(state(study)) == 2

    def test_full_disk_after_the_log_was_written(self, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the log has is confirmed; the sheet follows when there is room."""
        from qualcode.study.store import shelf

        def refuse(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(shelf, "replace_file", refuse)
            study.decide("ana", "P07:t002", "scheduling", "accept")
            study.close()
        assert not (study.root / "sheets/ana/P07.jsonl").exists()
        assert state(study) == [("scheduling", "accepted", DATES)]
        assert findings(study) == []
        study.decide("ana", "P07:t004", "praise", "accept")
        assert len((study.root / "sheets/ana/P07.jsonl").read_bytes().splitlines()) == 4


class TestStale:
    def test_a_sheet_that_changed_is_not_overwritten(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        here, there = Study(study.root), Study(study.root)
        mine = here.sheet("ana", "P07")
        assert mine is not None
        there.decide("ana", "P07:t004", "praise", "accept")
        with pytest.raises(StaleSheetError) as caught:
            here.save(mine)
        assert len(state(study)) == 2
        kept = [path.name for path in (study.root / "sheets/ana").iterdir() if "unsaved" in path.name]
        assert len(kept) == 1
        assert kept[0] in caught.value.hint
        assert [problem.rule for problem in findings(study)] == ["stray-file"]

    def test_a_fresh_sheet_is_saved(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        from dataclasses import replace

        study.save(replace(sheet, codings=(), seen=frozenset({"t001"})), why="start over")
        assert state(study) == []
        undo(study, "ana")
        assert state(study) == [("scheduling", "accepted", DATES)]


def _hold(root: Path, ready: multiprocessing.synchronize.Event, end: multiprocessing.synchronize.Event) -> None:
    with Study(root).change():
        ready.set()
        end.wait(30)


class TestLocks:
    def test_two_processes(self, study: Study) -> None:
        context = multiprocessing.get_context("spawn")
        ready, end = context.Event(), context.Event()
        other = context.Process(target=_hold, args=(study.root, ready, end))
        other.start()
        try:
            assert ready.wait(30)
            with pytest.raises(LockedError, match=f"process {other.pid} on"), study.change(patience=0.1):
                pass
            assert state(study) == []  # reading waits for nobody
        finally:
            end.set()
            other.join()
        study.decide("ana", "P07:t002", "scheduling", "accept")
        assert len(state(study)) == 1

    def test_a_lock_left_by_a_dead_process_is_taken_over(self, study: Study) -> None:
        context = multiprocessing.get_context("spawn")
        ready, end = context.Event(), context.Event()
        other = context.Process(target=_hold, args=(study.root, ready, end))
        other.start()
        assert ready.wait(30)
        other.kill()
        other.join()
        (study.root / "sheets/rules/.P07.jsonl.x1.tmp").write_bytes(b"a draft of the dead")
        study.decide("ana", "P07:t002", "scheduling", "accept")
        assert len(state(study)) == 1
        assert not list((study.root / "sheets/rules").glob(".*.tmp"))

    def test_a_change_within_a_change_is_refused(self, study: Study) -> None:
        with study.change(), pytest.raises(StudyError, match="already under way"):
            study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t002", "scheduling", "accept")
        assert len(state(study)) == 1


class TestTag:
    def test_only_changed_rules_are_run(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "praise", "accept")
        study.decide("ana", "P07:t004", "turnover", "reject")
        (study.root / "codebook.yaml").write_text(
            CODEBOOK.replace("[lovely]", "[though, busy]").replace("[leave]", "[leave, people]"), "utf-8"
        )
        report = study.tag()
        assert report.renewed == ("turnover", "praise")
        assert report.counts["praise"] == (0, 0, 1)  # the same sentence, for another reason
        assert report.counts["turnover"] == (1, 0, 1)  # the interviewer's “And people?” as well
        assert report.counts["scheduling"] == (0, 0, 1)
        (study.root / "codebook.yaml").write_text(CODEBOOK.replace("[lovely]", "[find]"), "utf-8")
        report = study.tag()
        assert report.counts["praise"] == (1, 1, 0)
        (touch,) = report.touches
        assert (touch.kind, touch.decision.coder, touch.decision.verdict) == ("gone", "ana", "accepted")
        assert [verdict for _, verdict, _ in state(study)] == ["rejected", "accepted"]
        assert study.tag().renewed == ()

    def test_rules_that_name_other_codes(self, study: Study) -> None:
        path = study.root / "codebook.yaml"
        book = CODEBOOK.replace("rules: [lovely]", "rules: [{term: lovely, after: turnover}]")
        path.write_text(book, "utf-8")
        report = study.tag()
        assert report.renewed == ("praise",)
        assert report.counts["praise"] == (0, 0, 1)
        path.write_text(book.replace("[leave]", "[resign]"), "utf-8")
        report = study.tag()
        assert report.renewed == ("turnover", "praise")
        assert report.counts["praise"] == (0, 1, 0)

    def test_a_code_that_lost_its_rules(self, study: Study) -> None:
        (study.root / "codebook.yaml").write_text(CODEBOOK.replace("    rules: [lovely]\n", ""), "utf-8")
        assert study.tag().counts["praise"] == (0, 1, 0)

    def test_decisions_on_a_suggestion_that_went_can_change(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "praise", "accept")
        (study.root / "codebook.yaml").write_text(CODEBOOK.replace("[lovely]", "[nothing]"), "utf-8")
        study.tag()
        study.decide("ana", "P07:t004", "praise", "reject")
        assert [verdict for _, verdict, _ in state(study)] == ["rejected"]


class TestCounting:
    def test_rules_count_while_nobody_has_coded(self, study: Study) -> None:
        contents = study.contents()
        assert (contents.coders, contents.n_undecided) == (("rules",), 3)

    def test_people_count_once_they_code(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "praise", "reject")
        contents = study.contents()
        assert (contents.coders, contents.n_undecided) == (("ana",), 1)
        table = study.tabulate()
        assert table.codings["code"].tolist() == ["scheduling"]
        assert study.contents(coders=["rules", "ana"]).coders == ("ana", "rules")
        with pytest.raises(StudyError, match="no coding by “bne”"):
            study.contents(coders=["bne"])

    def test_status(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        status = study.status()
        assert (status.n_transcripts, status.n_codes, status.n_undecided) == (1, 4, 2)
        assert [(one.coder, one.n_seen, one.n_segments) for one in status.progress] == [("ana", 1, 4), ("rules", 7, 7)]


@given(st.sets(st.integers(1, 1500)))
def test_ids_fold_and_unfold(numbers: set[int]) -> None:
    ids = {f"t{number:03d}" for number in numbers}
    assert set(unfold_ids(fold_ids(ids))) == ids


def test_folded_ids_are_short() -> None:
    assert fold_ids({"t001", "t002", "t003", "t005", "t1000", "t999"}) == ["t001-t003", "t005", "t999", "t1000"]


ACTS = st.tuples(
    st.sampled_from(["accept", "reject", "apply", "remove", "undo", "seen"]),
    st.sampled_from(["P07:t002", "P07:t004", "P07:s0006"]),
    st.sampled_from(["scheduling", "turnover", "praise"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ACTS, max_size=12))
def test_any_history_is_sound_and_undone_to_nothing(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str, str]]
) -> None:
    study = begin_study(tmp_path_factory.mktemp("history") / "study")
    for act, segment, code in acts:
        try:
            if act == "undo":
                undo(study, "ana")
            elif act == "seen":
                mark_seen(study, "ana", [segment])
            else:
                study.decide("ana", segment, code, act)  # type: ignore[arg-type]
        except StudyError:
            continue
    assert findings(study) == []
    sheet = study.sheet("ana", "P07")
    if sheet is not None:
        (study.root / "sheets/ana/P07.jsonl").unlink()
        assert Study(study.root).sheet("ana", "P07") == sheet
    for _ in acts:
        try:
            undo(study, "ana")
        except StudyError:
            break
    assert state(study) == []


def test_a_coder_whose_name_holds_a_comma_could_not_be_named_among_several(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    with pytest.raises(StudyError, match="a comma separates coders"):
        study.add_coder("Chan, Mei")
    assert "Chan, Mei" not in study.coders()
