"""``qualcode explain``, ``kwic``, ``suggest-terms``, ``codebook test`` and ``cache``, as typed."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from qualcode.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

BOOK = """\
codes:
  - id: a
    examples: {hit: [A mentor.]}
    rules: [mentor, {term: time, unless: no}, zebra]
  - id: b
    rules: [friend]
"""
TALK = "Interviewer: Any mentors?\nMei: No time. A mentor from the film studio.\nMei: A mentor of the film studio.\n"


def qualcode(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def rows(*arguments: object) -> list[dict[str, str]]:
    done = qualcode(*arguments, "--format", "csv")
    assert done.exit_code in {0, 3}, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


@pytest.fixture
def inputs(write: Callable[[str, str], Path]) -> list[object]:
    return [write("P1.txt", TALK), "--codebook", write("book.yaml", BOOK)]


def test_explain(inputs: list[object]) -> None:
    found = rows("explain", "P1:t002", *inputs)
    assert [(row["rule"], row["result"]) for row in found][:2] == [("time", "stopped"), ("mentor", "hit")]
    assert found[0]["why"] == "stopped by “No” (unless)"
    why = rows("explain", "P1:t001", "--why", "a", *inputs)
    assert {row["rule"]: row["result"] for row in why} == {"mentor": "hit", "time": "no match", "zebra": "no match"}


@pytest.mark.parametrize(
    ("place", "message"), [("P9:t001", "there are P1"), ("t001", "there are P1"), ("P1:t099", "no segment")]
)
def test_explain_needs_a_place(inputs: list[object], place: str, message: str) -> None:
    done = qualcode("explain", place, *inputs)
    assert done.exit_code in {1, 2}
    assert message in done.stderr


def test_kwic(inputs: list[object]) -> None:
    found = rows("kwic", "mentor*", inputs[0], "--sort", "right", "--width", "2")
    assert [row["match"] for row in found] == ["mentors", "mentor", "mentor"]
    assert [row["right"].split() for row in found] == [["?"], ["from", "the"], ["of", "the"]]
    done = qualcode("kwic", "regex:(", inputs[0])
    assert done.exit_code == 1
    assert "regular expression" in done.stderr
    assert json.loads(qualcode("kwic", "zebra", inputs[0], "--format", "json").stdout) == []


def test_suggest_terms(inputs: list[object]) -> None:
    assert rows("suggest-terms", "a", *inputs, "--top", "1")[0]["term"] == "the film studio"
    assert qualcode("suggest-terms", "nothing", *inputs).exit_code == 1


def test_codebook_test(inputs: list[object]) -> None:
    found = {row["rule"]: row for row in rows("codebook", "test", *inputs)}
    assert found["mentor"]["hits"] == "3"
    assert found["zebra"]["hits"] == "0"
    assert found["mentor"]["examples_hit"] == "1"
    assert "without a hit" in qualcode("codebook", "test", *inputs).stderr


def test_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert qualcode("cache", "path").stdout == "off\n"
    monkeypatch.setenv("QUALCODE_CACHE", str(tmp_path))
    (tmp_path / "lexicon-en-0123456789abcdef.txt").write_text("old")
    assert qualcode("cache", "path").stdout == f"{tmp_path}\n"
    assert "Deleted 1 file in" in qualcode("cache", "clear").stderr
    assert list(tmp_path.iterdir()) == []
