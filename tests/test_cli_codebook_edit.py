"""``qualcode codebook diff`` and the commands that change a codebook, alone and in a study."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import CODEBOOK, begin_study

from qualcode.cli import cli
from qualcode.codebook import read_codebook
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

WHY = ("--because", "Nobody tells them apart")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A tagged study in which Ana decided on two codes."""
    study = begin_study(tmp_path / "study")
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ana", "P07:t004", "turnover", "accept")
    return study


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["codebook", *map(str, arguments)], input=text)


def codes(study: Study, coder: str = "ana") -> list[tuple[str, str]]:
    sheet = Study(study.root).sheet(coder, "P07")
    return [(coding.code, coding.verdict) for coding in sheet.codings] if sheet else []


def test_a_change_is_shown_and_done_when_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(CODEBOOK, "utf-8")
    refused = run("rename", path, "turnover", "People leave", *WHY, text="n\n")
    assert refused.exit_code == 1
    assert path.read_text("utf-8") == CODEBOOK
    assert "-        name: Turnover\n+        name: People leave\n" in refused.stdout
    done = run("rename", path, "turnover", "People leave", *WHY, "--date", "2026-03-01", text="y\n")
    assert done.exit_code == 0, done.output
    assert read_codebook(path).code("turnover").name == "People leave"
    assert "date: 2026-03-01" in path.read_text("utf-8")
    assert "Renamed turnover" in done.stderr


def test_without_a_reason_nothing_is_done(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(CODEBOOK, "utf-8")
    assert run("retire", path, "praise", "--yes").exit_code == 2
    assert run("retire", path, "praise", "--yes", "--because", " ").exit_code == 1
    assert path.read_text("utf-8") == CODEBOOK


def test_a_merge_in_a_study_takes_the_codings_along(study: Study) -> None:
    book = study.root / "codebook.yaml"
    before = len(codes(study)), len(codes(study, "rules"))
    done = run("merge", book, "turnover", "--into", "scheduling", *WHY, "--study", study.root, "--yes")
    assert done.exit_code == 0, done.output
    assert "ana: 1 coding in 1 transcript with turnover → scheduling" in done.stderr
    assert "rules: 1 coding in 1 transcript with turnover → scheduling" in done.stderr
    assert "2 codings got another code" in done.stderr
    assert codes(study) == [("scheduling", "accepted"), ("scheduling", "accepted")]
    assert (len(codes(study)), len(codes(study, "rules"))) == before
    assert [one for one in Study(study.root).check() if one.level != "note"] == []
    last = Study(study.root).notes()[-1]
    assert (last["what"], last["why"]) == ("codebook", "Nobody tells them apart")
    assert [rule.id for rule in read_codebook(book).code("scheduling").rules] == ["clash", "find a date", "leave"]


def test_two_codings_of_one_passage_become_one_and_the_log_knows_both(study: Study) -> None:
    study.decide("ana", "P07:t002", "praise", "apply", note="after all")
    done = run(
        "merge", study.root / "codebook.yaml", "praise", "--into", "scheduling", *WHY, "--study", study.root, "--yes"
    )
    assert done.exit_code == 0, done.output
    sheet = Study(study.root).sheet("ana", "P07")
    assert sheet is not None
    found = [(one.code, one.is_counted, one.note) for one in sheet.codings if one.code == "scheduling"]
    assert found == [("scheduling", True, "after all")]
    log = (study.root / "sheets" / "ana" / "P07.log.jsonl").read_text("utf-8")
    assert "praise" in log.splitlines()[-1]


def test_split_and_retire_leave_codings_alone(study: Study) -> None:
    book, present = study.root / "codebook.yaml", codes(study)
    split = run(
        "split", book, "scheduling", "--into", "Clashes", "--into", "far=Too far", *WHY, "--study", study.root, "--yes"
    )
    assert "ana: 1 coding in 1 transcript with scheduling, to be shared out" in split.stderr
    retired = run("retire", book, "scheduling", *WHY, "--study", study.root, "--yes")
    assert (split.exit_code, retired.exit_code) == (0, 0), split.output + retired.output
    assert codes(study) == present
    assert "retired" in run("show", book).stdout


def test_the_codebook_of_a_study_takes_its_codings_along_unasked(study: Study) -> None:
    done = run("merge", study.root / "codebook.yaml", "scheduling", "--into", "turnover", *WHY, "--yes")
    assert done.exit_code == 0, done.output
    assert {code for code, *_ in codes(study)} == {"turnover"} if codes(study) else True
    assert [one.rule for one in Study(study.root).check() if one.level == "error"] == []


def test_another_codebook_than_the_study_s_is_refused(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(CODEBOOK, "utf-8")
    done = run("retire", path, "praise", *WHY, "--study", study.root, "--yes")
    assert done.exit_code == 1
    assert "not the study's codebook" in done.stderr
    assert "Try:" in done.stderr


def test_diff_tells_what_changed_and_whose_codings(study: Study, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(CODEBOOK, "utf-8")
    book = study.root / "codebook.yaml"
    run("rename", book, "scheduling", "Dates", *WHY, "--yes")
    run("move", book, "turnover", "--under", "", *WHY, "--yes")
    told = run("diff", old, book, "--study", study.root)
    assert told.stdout == (
        "renamed challenges/scheduling (2 codings)\n  - Scheduling\n  + Dates\n"
        "moved turnover (2 codings)\n  - challenges/turnover\n  + turnover\n"
    )
    rows = json.loads(run("diff", old, book, "--format", "json").stdout)
    assert [row["change"] for row in rows] == ["renamed", "moved"]
    assert run("diff", old, book, "--format", "csv").stdout.splitlines()[0] == "change,code,old,new"
    assert run("diff", old, old).stderr == "0 changes.\n"
