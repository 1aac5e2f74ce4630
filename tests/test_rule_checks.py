"""Rules that can be used and yet do nothing, as ``qualcode codebook check`` tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.examples import check_examples
from qualcode.rule_checks import find_idle_rules, find_stopped_rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

HEAD = "codes:\n  - id: one\n    rules:\n      - "


def doubts(rule: str, more: str = "") -> list[tuple[str, str]]:
    """Return rule and place of all that is doubtful in one rule."""
    return [(one.rule, one.where.removeprefix("b.yaml:")) for one in book(rule, more).problems]


def book(rule: str, more: str = ""):
    return parse_codebook(f"{HEAD}{rule}\n{more}", "b.yaml")


def qualcode(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


# ---- terms


@pytest.mark.parametrize(
    ("rule", "expected", "repair"),
    [
        (r'regex: "\bmentor\b"', ("control-character", "4:9"), r"'\bmentor\b'"),
        ('any: [a, {regex: "it\'s\\b"}]', ("control-character", "4:26"), "'it''s\\b'"),
        (r'exact: "a\x01"', ("control-character", "4:9"), "Delete it"),
        ("mentor AND coach", ("operator-in-term", "4:9"), "all: [mentor, coach]"),
        ("mentor OR coach OR buddy", ("operator-in-term", "4:9"), "any: [mentor, coach, buddy]"),
        ("mentor | coach", ("operator-in-term", "4:9"), "any: [mentor, coach]"),
        ("mentor NOT sports", ("operator-in-term", "4:9"), "unless"),
        ("{all: [time, this OR that]}", ("operator-in-term", "4:22"), "any: [this, that]"),
        ("{term: time, unless: [a, b OR c]}", ("operator-in-term", "4:34"), "any: [b, c]"),
        ("term: {en: a, de: [dies ODER das]}", ("operator-in-term", "4:28"), "any: [dies, das]"),
        ("mentor, mentors", ("comma-in-term", "4:9"), "[mentor, mentors]"),
        ("导师、教练", ("comma-in-term", "4:9"), "[导师, 教练]"),
        ('"***"', ("term-of-signs", "4:9"), "exact: '***'"),
    ],
)
def test_a_term_that_is_meant_otherwise_is_told(rule: str, expected: tuple[str, str], repair: str) -> None:
    assert doubts(rule) == [expected]
    problem = book(rule).problems[0]
    assert problem.level == "warning"
    assert repair in problem.hint


@pytest.mark.parametrize(
    "rule",
    ["regex: '\\bmentor\\b'", "rock and roll", "LAND", "ORs", '"1,000 people"', "😀", "c++", 'exact: "!!!"']
)  # fmt: skip
def test_a_term_that_says_what_it_means_is_not(rule: str) -> None:
    assert doubts(rule) == []


def test_an_example_shows_that_a_term_is_meant() -> None:
    hit = '    examples:\n      hit: "Well,  you know, it is so."\n'
    assert doubts('"well, you know"', hit) == []
    assert doubts('"well, I know"', hit) == [("comma-in-term", "4:9")]


def test_a_list_is_told_once_where_it_stands() -> None:
    text = "lists:\n  l: [a AND b]\ncodes:\n  - id: one\n    rules: [$l]\n  - id: two\n    rules: [{all: [$l, c]}]\n"
    assert [one.where for one in parse_codebook(text, "b.yaml").problems] == ["b.yaml:2:7"]


def test_a_retired_code_has_no_rules_to_doubt() -> None:
    assert doubts("a AND b", "    retired: true\n") == []


# ---- unless


@pytest.mark.parametrize(
    ("rule", "places"),
    [
        ("{term: mentors, unless: mentor}", ["4:9"]),
        ("{term: time pressure, unless: [money, time]}", ["4:9"]),
        ("{term: time pressure, unless: time, within: 1}", []),  # two words lie in no window of one
        ("{term: date, unless: date palm}", []),
        ("{any: [mentor, coach], unless: [coaches, sport]}", ["4:24"]),
        ("{any: [mentor, coach], unless: [coach, mentor]}", ["4:9"]),
        ("{all: [school, {any: [job, work]}], unless: school}", ["4:9"]),
        ("{all: [school, {any: [job, work]}], unless: job}", []),
        ("{term: mentor*, unless: mentor*}", ["4:9"]),
        ("{term: mentor*, unless: mentor}", []),
        ("{regex: 'x+y', unless: {regex: 'x+y'}}", ["4:9"]),
        ("{exact: CLAP, unless: clap}", ["4:9"]),
        ("{term: calendar, unless: {all: [calendar, wall]}}", []),
    ],
)
def test_unless_that_covers_its_own_rule_is_told(rule: str, places: list[str]) -> None:
    problems = find_stopped_rules(book(rule))
    assert [one.where.removeprefix("b.yaml:") for one in problems] == places
    assert all((one.level, one.rule) == ("warning", "stopped-by-unless") for one in problems)


# ---- language


def test_examples_are_read_in_the_language_of_the_codebook() -> None:
    text = "{}codes:\n  - id: one\n    rules: [gehen]\n    examples:\n      hit: Sie ging nach Hause.\n"
    assert [one.rule for one in check_examples(parse_codebook(text.format("")))] == ["example-not-found"]
    assert check_examples(parse_codebook(text.format("language: de\n"))) == []
    assert check_examples(parse_codebook(text.format("")), language="de") == []
    english = check_examples(parse_codebook(text.format("language: de\n")), language="en")
    assert [one.rule for one in english] == ["example-not-found"]


def test_a_language_that_nobody_knows_is_refused(write: Callable[[str, str], Path]) -> None:
    path = write("b.yaml", "language: qq\n" + HEAD + "a\n")
    result = qualcode("codebook", "check", path)
    assert result.exit_code == 1
    assert "b.yaml: " in result.stderr
    assert "“qq”" in result.stderr
    assert qualcode("codebook", "check", path, "--language", "de").exit_code == 0
    wrong = qualcode("codebook", "check", write("b.yaml", "language: German\n" + HEAD + "a\n"))
    assert wrong.exit_code == 1
    assert "b.yaml:1:11" in wrong.stderr


# ---- a study

TALK = "I: Did you find a mentor?\nP: A mentor was not there, and a coach was.\n"
RULES = (
    HEAD
    + "mentor\n      - buddy\n      - {term: coach, unless: mentor}\n      - {term: mentor, speaker: Zoe, id: of-zoe}\n"
)


def test_rules_without_a_hit_in_a_study_are_told(write: Callable[[str, str], Path], tmp_path: Path) -> None:
    path = write("b.yaml", RULES)
    folder = tmp_path / "st"
    begun = qualcode("init", folder, "--codebook", path, "--coder", "ana")
    assert begun.exit_code == 0, begun.stderr
    assert qualcode("import", "--study", folder, write("P1.txt", TALK)).exit_code == 0
    for result in (
        qualcode("codebook", "check", path, "--study", folder),
        qualcode("codebook", "check", "--study", folder),
    ):
        assert result.exit_code == 3
        told = [line for line in result.stderr.splitlines() if "no hit" in line]
        assert [line.partition(":")[2].partition(": ")[0] for line in told] == ["5:9", "6:9", "7:9"]
        assert [("conditions" in line) for line in told] == [False, True, True]
    assert qualcode("codebook", "check", path).exit_code == 0


def test_without_a_file_and_a_study_there_is_nothing_to_check() -> None:
    assert qualcode("codebook", "check").exit_code == 2


def test_no_transcripts_leave_every_rule_idle() -> None:
    assert [one.rule for one in find_idle_rules([], book("mentor"))] == ["no-hit"]
