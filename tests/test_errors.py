"""Errors and problems in words."""

from __future__ import annotations

import pytest

import qualcode.errors
from qualcode.errors import Level, Problem, QualcodeError, unite_notes


def test_a_problem_reads_as_one_line() -> None:
    problem = Problem("cases.csv:3", "warning", "silent-case", "The case “P8” speaks nowhere.", "Did you mean “P08”?")
    assert str(problem) == "cases.csv:3: warning: The case “P8” speaks nowhere. (Did you mean “P08”?)"
    assert str(Problem("", "note", "x", "Said.")) == "note: Said."


def test_an_error_says_place_message_every_problem_and_repair() -> None:
    problems = [Problem("a:1", "error", "x", "First."), Problem("a:2", "error", "y", "Second.", "Mend it.")]
    error = QualcodeError("It has 2 mistakes.", where="a", hint="See docs.", problems=iter(problems))
    assert str(error) == "a: It has 2 mistakes.\na:1: error: First.\na:2: error: Second. (Mend it.)\nSee docs."
    assert error.problems == tuple(problems)
    assert str(QualcodeError("Plain.")) == "Plain."


@pytest.mark.parametrize("name", sorted(name for name in vars(qualcode.errors) if name.endswith("Error")))
def test_one_base_catches_every_error_of_ours(name: str) -> None:
    kind = getattr(qualcode.errors, name)
    with pytest.raises(QualcodeError, match="where: what"):
        raise kind("what", where="where", hint="how")
    assert not issubclass(kind, (ValueError, OSError, LookupError))


def test_a_note_that_holds_for_several_places_comes_once() -> None:
    def say(where: str, level: Level = "note", message: str = "Asked.") -> Problem:
        return Problem(where, level, "x", message)

    many = [say(f"P{number}") for number in range(9)]
    warnings = [say("a", "warning"), say("b", "warning")]
    assert unite_notes([many[0], *warnings, *many[1:]]) == [say("P0, P1, P2 and 6 more"), *warnings]
    assert unite_notes(many[:4]) == [say("P0, P1, P2, P3")]
    assert unite_notes([say("P0"), say("P0", message="Said."), say("")]) == [say("P0"), say("P0", message="Said.")]


def test_problems_are_values() -> None:
    one, same = (Problem("a", "error", "x", "m") for _ in range(2))
    assert one == same
    assert len({one, same}) == 1


def test_an_error_becomes_a_value_with_its_place_or_a_better_one() -> None:
    error = QualcodeError("What.", where="a.csv:3", hint="Mend it.")
    assert error.as_problem("check") == Problem("a.csv:3", "error", "check", "What.", "Mend it.")
    assert error.as_problem("check", where="b.csv", level="note") == Problem(
        "b.csv", "note", "check", "What.", "Mend it."
    )
    assert error.as_problem("check", where="").where == ""
