"""``qualcode codebook``, as typed."""

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
name: Partnership
codes:
  - id: challenges
    name: Challenges
    codes:
      - id: scheduling
        name: Scheduling
        definition: Finding a time.
        examples:
          hit: [The dates clashed.]
          miss: [It was late.]
        rules: [clash, {term: late, unless: never}]
"""


def qualcode(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


class TestCheck:
    def test_sample(self, sample_codebook: Path) -> None:
        result = qualcode("codebook", "check", sample_codebook)
        assert result.exit_code == 0
        assert result.stdout.startswith("27 codes, ")
        assert result.stdout.endswith("no problem\n")
        assert result.stderr == ""

    def test_example_that_fails(self, write: Callable[[str, str], Path]) -> None:
        result = qualcode("codebook", "check", write("book.yaml", BOOK))
        assert result.exit_code == 3
        assert result.stdout == "2 codes, 2 rules, 2 examples: 1 problem\n"
        assert "book.yaml:11:18: " in result.stderr

    def test_repaired(self, write: Callable[[str, str], Path]) -> None:
        result = qualcode("codebook", "check", write("book.yaml", BOOK.replace("It was late", "It was never late")))
        assert (result.exit_code, result.stdout) == (0, "2 codes, 2 rules, 2 examples: no problem\n")

    def test_note_alone_is_no_finding(self, write: Callable[[str, str], Path]) -> None:
        result = qualcode("codebook", "check", write("book.yaml", "codes: [{name: Late hours}]\n"))
        assert (result.exit_code, result.stdout) == (0, "1 code, 0 rules, 0 examples: no problem\n")
        assert "late-hours" in result.stderr

    def test_unusable(self, write: Callable[[str, str], Path]) -> None:
        result = qualcode("codebook", "check", write("book.yaml", "codes: [{nam: a}, {id: b, rules: [2]}]\n"))
        assert result.exit_code == 1
        assert result.stdout == ""
        for part in ("3 mistakes", "book.yaml:1:10: error", "Did you mean “name”?", "book.yaml:1:35: error"):
            assert part in result.stderr

    def test_missing(self, tmp_path: Path) -> None:
        result = qualcode("codebook", "check", tmp_path / "none.yaml")
        assert result.exit_code == 1
        assert "no such codebook" in result.stderr


class TestShow:
    def test_tree(self, write: Callable[[str, str], Path]) -> None:
        result = qualcode("codebook", "show", write("book.yaml", BOOK))
        assert result.exit_code == 0
        assert result.stdout.splitlines() == [
            "Partnership",
            "└── Challenges  challenges",
            "    └── Scheduling  challenges/scheduling  2 rules",
            "        Finding a time.",
        ]
        assert "2 codes, 2 rules, 2 examples" in result.stderr

    def test_csv(self, write: Callable[[str, str], Path]) -> None:
        result = qualcode("codebook", "show", write("book.yaml", BOOK), "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        assert [(row["code"], row["level"], row["rules"]) for row in rows] == [
            ("challenges", "1", "0"),
            ("challenges/scheduling", "2", "2"),
        ]

    def test_json(self, write: Callable[[str, str], Path]) -> None:
        result = qualcode("codebook", "show", write("book.yaml", BOOK), "--format", "json")
        assert [row["name"] for row in json.loads(result.stdout)] == ["Challenges", "Scheduling"]

    def test_markup_in_names_is_text(self, write: Callable[[str, str], Path]) -> None:
        book = 'codes: [{id: a, name: "[red]x[/red] :smile:"}]\n'
        assert "[red]x[/red] :smile:" in qualcode("codebook", "show", write("book.yaml", book)).stdout


def test_schema() -> None:
    schema = json.loads(qualcode("codebook", "schema").stdout)
    assert schema["required"] == ["codes"]


@pytest.mark.parametrize("command", [[], ["check"], ["show"], ["schema"]])
def test_help_has_an_example(command: list[str]) -> None:
    assert "Example" in qualcode("codebook", *command, "--help").stdout


@pytest.mark.parametrize(
    "rule", ["'... out'", "跟*進", "{term: x, after: nowhere}", "{tokens: [{FOO: x}]}", "{tokens: [{TAG: x}]}"]
)
def test_check_finds_what_is_wrong_with_rules_without_examples(tmp_path: Path, rule: str) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(f"codes:\n  - id: a\n    rules:\n      - {rule}\n", encoding="utf-8")
    done = qualcode("codebook", "check", str(path))
    assert done.exit_code == 1
    assert "book.yaml:4:9: error:" in done.stderr
