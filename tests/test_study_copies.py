"""What synced drives, editors and hands leave in a study's folder."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from studies import begin_study, build_transcript

from qualcode.study import Study
from qualcode.study.importing import import_transcripts
from qualcode.study.memos import write_memo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin_study(tmp_path / "study")
    study.decide("ana", "P07:t002", "scheduling", "accept")
    (study.root / "cases.csv").write_text("case,role\nP07,mentor\n", "utf-8")
    write_memo(study, "study", "A thought.")
    assert Study(study.root).check() == []
    return study


def strays(study: Study) -> list[str]:
    problems = Study(study.root).check()
    assert {problem.rule for problem in problems} <= {"stray-file"}
    return [problem.where for problem in problems]


@pytest.mark.parametrize(
    "mark",
    [
        " (Ana's conflicted copy 2026-03-01)",
        " (conflicted copy 2026-03-01 101530)",
        "-DESKTOP-7Q2F",
        "-Anas-MacBook-Pro",
        " 2",
        " (1)",
        ".sync-conflict-20260301-101530-ABCDEF",
        "_conflict-20260301",
    ],
)
def test_conflict_copies_are_told_and_never_counted(study: Study, mark: str) -> None:
    names = [
        "codebook.yaml", "cases.csv", "study.yaml", "history.jsonl", "memos/study.md", "transcripts/P07.json",
        "transcripts/P07.txt", "sheets/ana/P07.jsonl", "sheets/ana/P07.log.jsonl",
    ]  # fmt: skip
    copies = []
    for name in names:
        path = study.root / name
        copy = path.with_name(f"{path.stem}{mark}{path.suffix}")
        shutil.copy(path, copy)
        copies.append(study.layout.name_of(copy))
    shutil.copytree(study.root / "sheets/ana", study.root / f"sheets/ana{mark}")
    copies.append(f"sheets/ana{mark}")
    assert sorted(strays(study)) == sorted(copies)
    fresh = Study(study.root)
    assert fresh.transcript_ids() == ("P07",)
    assert fresh.coders() == ("ana", "rules")
    assert len(fresh.tabulate().codings) == 1


def test_what_only_looks_alike_is_no_copy(study: Study) -> None:
    study.add_transcript(build_transcript("P07 2"))
    study.add_transcript(build_transcript("P070"))
    (study.root / "codebook-first-version.yaml").write_text("x", "utf-8")
    study.decide("ana 2", "P07 2:t002", "scheduling", "apply")
    write_memo(study, "study", "More.", memo_id="study-2")
    assert strays(study) == []
    assert study.transcript_ids() == ("P07", "P07 2", "P070")
    assert study.coders() == ("ana", "ana 2", "rules")


def test_a_sheet_folder_renamed_by_hand_is_still_somebodys(study: Study) -> None:
    (study.root / "sheets/ana").rename(study.root / "sheets/anna")
    fresh = Study(study.root)
    assert "anna" in fresh.coders()
    sheet = fresh.sheet("anna", "P07")
    assert sheet is not None
    assert len(sheet.codings) == 1


def test_problems_name_the_line_in_which_a_coding_stands(study: Study) -> None:
    study.decide("ana", "P07:t004", "praise", "accept")
    path = study.layout.sheet_of("ana", "P07")
    head, seen, first, second = path.read_text("utf-8").splitlines()
    beyond = json.dumps({**json.loads(first), "span": [9990, 9999]})
    path.write_text("\n".join([head, seen, beyond, second.replace('"praise"', '"prase"'), ""]), "utf-8")
    found = [(problem.where, problem.rule) for problem in Study(study.root).check() if problem.level == "error"]
    assert sorted(found) == [("sheets/ana/P07.jsonl:3", "beyond-text"), ("sheets/ana/P07.jsonl:4", "unknown-code")]


def test_a_missing_text_is_told_and_comes_back_with_its_original(study: Study) -> None:
    path = study.root / "transcripts/P07.txt"
    path.unlink()
    (problem,) = Study(study.root).transcripts()[1]
    assert (problem.where, problem.message) == ("transcripts/P07.txt", "The text of the transcript “P07” is missing.")
    fresh = Study(study.root)
    other = build_transcript("P07", (("Ana", "Something else."),))
    assert len(import_transcripts(fresh, [other], []).problems) == 1
    assert not path.exists()
    assert import_transcripts(fresh, [build_transcript("P07")], []).problems == ()
    assert Study(study.root).check() == []
