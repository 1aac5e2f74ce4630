"""Frames printed for people and for programs: what stands in a line, and the bytes of JSON."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from qualcode.cells import write_json
from qualcode.cli._tables import lay_out

WORDS = st.text(st.sampled_from("abcé’–…日本e\u0301"), min_size=1, max_size=9)
CELLS = st.lists(WORDS, max_size=12).map(" ".join)


def column_of(cell: str, width: int) -> list[str]:
    """Return the lines of a cell beside one of a letter, in a table that has so many columns for it."""
    lines = list(lay_out(["h", "n"], [[cell], ["x"]], numbers=[], room=width + 3))
    below = lines[lines.index("") + 1 :]
    assert below[0].endswith("  x")
    assert all(line.endswith("   ") for line in below[1:])
    return [line[:-3].rstrip() for line in below]


@given(CELLS, st.integers(2, 30))
def test_a_cell_keeps_its_words_and_no_line_is_wider_than_its_column(cell: str, width: int) -> None:
    lines = column_of(cell, width)
    assert "".join(lines).replace(" ", "") == cell.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)


@given(CELLS, st.integers(18, 40))  # a word of nine wide characters fits
def test_a_line_takes_every_word_that_it_has_room_for(cell: str, width: int) -> None:
    for line, following in pairwise(column_of(cell, width)):
        assert cell_len(f"{line} {following.split()[0]}") > width


def test_a_row_is_as_deep_as_its_longest_cell() -> None:
    columns = [["1", "2"], ["one two six", "ten"], ["aaaa bbbb", "c"]]
    assert list(lay_out(["no", "quote", "rule"], columns, numbers=[0], room=17)) == [
        "no  quote  rule  ",
        "",
        " 1  one    aaaa  ",
        "    two    bbbb  ",
        "    six          ",
        " 2  ten    c     ",
    ]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": []}),
        pd.DataFrame({"said \"%s\"": ["x\n“y”", "–", "x"], "n": [1, 2, 3], "is": [True, False, True]}),
        pd.DataFrame({"share": [20.65, math.nan, math.inf], "small": [-0.0, 1e300, -math.inf]}),
        pd.DataFrame({"whole": pd.array([1, None, 3], dtype="Int64"), "kind": pd.Categorical(["x", "y", "x"])}),
        pd.DataFrame({"mixed": ["a", 1, None], "nested": [[1, ["b\nc"]], {"a": [], "b": 2.5}, []]}),
    ],
)  # fmt: skip
def test_records_are_the_bytes_of_json_with_an_indent(frame: pd.DataFrame) -> None:
    def plain(value: object) -> object:
        if hasattr(value, "item"):
            value = value.item()
        return None if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)) else value

    records = [{name: plain(frame[name].iloc[row]) for name in frame} for row in range(len(frame))]
    assert b"".join(write_json(frame)).decode() == json.dumps(records, ensure_ascii=False, indent=2)
