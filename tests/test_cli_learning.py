"""``qualcode missed``, ``doubtful``, ``recall`` and ``learned``, as they are called."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import Clock, build_transcript
from test_learned import begin, code_all

from qualcode.cli import cli
from qualcode.study import Study, create_study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin(tmp_path / "farm")
    code_all(study, skip=["P3:t002"], unread=["P6"])
    return study


def qualcode(study: Study, *arguments: str) -> Result:
    wide = CliRunner(env={"COLUMNS": None})  # in a narrow window numbers give way
    return wide.invoke(cli, [*arguments, "--study", str(study.root)])


def test_missed_as_a_table_and_for_programs(study: Study) -> None:
    table = qualcode(study, "missed", "--coder", "ana", "--top", "2")
    assert table.exit_code == 0
    head, first, *_ = table.stdout.splitlines()
    assert head.split() == ["transcript", "segment", "code", "p", "word", "words", "quote"]
    assert first.split()[:3] == ["P3", "t002", "weather/rain"]
    assert "not enough yet to call anything likely" in table.stderr
    [row] = csv.DictReader(
        io.StringIO(qualcode(study, "missed", "--coder", "ana", "--top", "1", "--format", "csv").stdout)
    )
    [record] = json.loads(qualcode(study, "missed", "--coder", "ana", "--top", "1", "--format", "json").stdout)
    assert row == {key: str(value) for key, value in record.items()}
    assert list(row) == ["transcript", "segment", "start", "end", "code", "p", "word", "words", "quote"]


def test_nothing_to_list(study: Study) -> None:
    study.add_coder("ben")
    for command in ("missed", "doubtful"):
        done = qualcode(study, command, "--coder", "ben")
        assert (done.exit_code, done.stdout) == (0, "")
        assert "Nothing to list." in done.stderr
        assert json.loads(qualcode(study, command, "--coder", "ben", "--format", "json").stdout) == []
    assert "ben has not coded yet." in qualcode(study, "learned", "--coder", "ben").stderr


def test_doubtful_lists_own_codings(study: Study) -> None:
    done = qualcode(study, "doubtful", "--coder", "ana", "--code", "Rain", "--format", "json")
    assert {one["code"] for one in json.loads(done.stdout)} == {"weather/rain"}


def test_learned_shows_answers_and_how_far_people_agree(study: Study) -> None:
    alone = json.loads(qualcode(study, "learned", "--coder", "ana", "--format", "json").stdout)
    assert [one["alpha"] for one in alone] == [None, None]
    code_all(study, "ben", skip=["P1:t002", "P2:t002", "P4:t002", "P5:t002"])
    done = qualcode(study, "decide", "--coder", "ana", "P3:t002", "rain", "reject", "--suggested-by", "learned")
    assert (done.exit_code, done.stderr) == (0, "1 decision saved.\n")
    shown = qualcode(study, "learned", "--coder", "ana", "--format", "json")
    rain, money = json.loads(shown.stdout)
    assert (rain["code"], rain["passages"], rain["read"], rain["accepted"], rain["rejected"]) == (
        "weather/rain",
        9,
        25,
        0,
        1,
    )
    assert rain["alpha"] < 0.667 < money["alpha"] == 1
    assert "suggestions cannot be better than that" in shown.stderr


@pytest.mark.parametrize("more", [["apply"], ["accept", "--span", "1:2"], ["accept", "--why", "so"]])
def test_what_was_learned_is_accepted_or_rejected_and_nothing_else(study: Study, more: list[str]) -> None:
    done = qualcode(study, "decide", "--coder", "ana", "P3:t002", "rain", *more, "--suggested-by", "learned")
    assert done.exit_code == 2


def test_a_check_from_the_command_line(study: Study) -> None:
    before = json.loads(qualcode(study, "recall", "--coder", "ana", "--code", "rain", "--format", "json").stdout)
    assert before == {
        "code": "weather/rain", "read": 25, "found": 9, "unread": 5, "checked": 0, "checked_found": 0, "upper": None,
        "recall_low": None, "target": 95, "price": 5,
    }  # fmt: skip
    drawn = qualcode(study, "recall", "--coder", "ana", "--code", "rain", "--draw", "--seed", "7", "--target", "90%")
    assert "Read next: P6:" in drawn.stdout
    assert "done" not in drawn.stdout.lower()
    after = json.loads(qualcode(study, "recall", "--coder", "ana", "--code", "rain", "--format", "json").stdout)
    assert (after["target"], after["upper"], after["price"]) == (90, 5, 4)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--draw"], 2, "--draw and --seed go together"),
        (["--seed", "3"], 2, "--draw and --seed go together"),
        (["--target", "most"], 2, "whole percentage"),
        (["--target", "0"], 1, "cannot be 0%"),
        (["--target", "100"], 1, "cannot be 100%"),
    ],
)
def test_a_recall_that_cannot_be(study: Study, arguments: list[str], code: int, told: str) -> None:
    done = qualcode(study, "recall", "--coder", "ana", "--code", "rain", *arguments)
    assert done.exit_code == code
    assert told in done.stderr


@pytest.mark.parametrize("command", [["missed"], ["doubtful"], ["learned"], ["recall", "--code", "rain"]])
def test_a_misspelt_coder_is_told(study: Study, command: list[str]) -> None:
    done = qualcode(study, *command, "--coder", "anna")
    assert done.exit_code == 1
    assert "Did you mean “ana”?" in done.stderr


def test_the_worked_example_as_a_study(tmp_path: Path) -> None:
    """1,000 segments, 400 read, 57 of them with the code; the check is read and holds nothing."""
    book = tmp_path / "book.yaml"
    book.write_text("codes: [{id: rain, name: Rain}]\n", "utf-8")
    study = create_study(tmp_path / "study", codebook=book, clock=Clock())
    study.add_transcript(build_transcript("P1", tuple(("Ana", f"Line {number}") for number in range(1000))))
    ids = [f"P1:{turn.id}" for turn in study.transcript("P1").units("turn")]
    from qualcode.study import Decision

    study.decide_all("ana", [Decision(one, "rain", "apply") for one in ids[:57]], seen=ids[57:400])
    arguments = ["recall", "--coder", "ana", "--code", "rain", "--format", "json"]
    assert json.loads(qualcode(study, *arguments).stdout)["price"] == 367
    assert json.loads(qualcode(study, *arguments, "--target", "80%").stdout)["price"] == 139
    order = study.draw_check("ana", "rain", seed=7).upcoming
    for n_read, upper, recall in ((100, 17, 0.7703), (200, 8, 0.8769), (400, 3, 0.95)):
        study.mark_seen("ana", order[:n_read])
        told = json.loads(qualcode(study, *arguments).stdout)
        assert (told["checked"], told["upper"], round(told["recall_low"], 4)) == (n_read, upper, recall)
    assert told["price"] == 0
