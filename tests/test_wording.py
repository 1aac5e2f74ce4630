"""One "did you mean" and one shortener, for names and passages in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.language import count_columns
from qualcode.wording import shorten, suggest


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("anwser", ["id", "Answer", "role"], "Answer"),
        ("F2", ["T1", "F1"], "F1"),  # of two characters one may be wrong
        ("ＡＮＡ", ["ana", "ben"], "ana"),
        ("ana  lee", ["Ana Lee"], "Ana Lee"),
        ("陳老", ["陳老師", "李"], "陳老師"),
        ("cafe\u0301", ["Café"], "Café"),
        ("Ana", ["ANA", "ana"], "ANA"),  # the first of equal ones
        ("zoe", ["ana"], ""),
        ("", ["ana"], ""),
        ("ana", [], ""),
    ],
)
def test_the_nearest_name_is_suggested(name: str, known: list[str], expected: str) -> None:
    assert suggest(name, known) == (f"Did you mean “{expected}”?" if expected else "")


def test_the_names_of_a_dictionary_are_suggested_and_not_its_values() -> None:
    assert suggest("T11", {"T1": "d024", "F1": "77ab"}) == "Did you mean “T1”?"
    assert suggest("tme", ["time", "help"], shown={"time": "plan/time"}) == "Did you mean “plan/time”?"


@given(st.text(max_size=30), st.integers(1, 20))
def test_a_passage_is_shortened_to_so_many_characters_or_columns(text: str, length: int) -> None:
    line = " ".join(text.split())
    for measure in (len, count_columns):
        short = shorten(text, length, measure=measure)
        assert short == line if measure(line) <= length and len(line) <= length else measure(short) <= length
        assert line.startswith(short.removesuffix("…"))


def test_wide_characters_take_two_columns() -> None:
    assert shorten("我們一直等回覆。", 8, measure=count_columns) == "我們一…"
    assert shorten("我們一直等回覆。", 8) == "我們一直等回覆。"
