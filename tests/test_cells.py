"""Tables of columns as CSV: what a reader gets back, cell by cell, and the columns themselves."""

import csv
import io
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.cells import find_different, write_csv
from qualcode.columns import FrameColumns, Texts
from qualcode.figures.course import _round
from qualcode.spreadsheets import disarm

AWKWARD = [
    *("", " ", "a,b", 'say "no"', '"', "two\nlines", "cr\rhere", "=1+1"),
    *("😀", "e\u0301", "שלום", "；，", "t\tb", "\u2028"),
]


def read(table: FrameColumns, names: list[str]) -> list[list[str]]:
    text = b"".join(write_csv(table, names)).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("make", [list, lambda texts: pa.array(texts, pa.string())])
def test_texts_are_looked_up_row_by_row(make):
    table = FrameColumns({"coder": Texts(make(["ana", "ben", "ana", ""]), np.array([2, 1, 0, 3, 1]))})
    assert table.find("coder", {"ana": 4, "ben": 0}).tolist() == [4, 0, 4, -1, 0]
    assert table.find("coder", {}).tolist() == [-1] * 5


@pytest.mark.parametrize("make", [list, lambda texts: pa.array(texts, pa.string())])
def test_every_text_comes_back(make):
    numbers = np.arange(len(AWKWARD))[::-1]
    table = FrameColumns({"text": Texts(make(AWKWARD), numbers), "row": numbers})
    assert read(table, ["row", "text"]) == [["row", "text"], *([str(n), AWKWARD[n]] for n in numbers.tolist())]


def test_the_bytes_are_those_of_the_usual_writer():
    plain = [one for one in AWKWARD if "\r" not in one]  # which quotes it from Python 3.13 on only
    table = FrameColumns({"n": np.arange(len(plain)), "text": Texts(plain, np.arange(len(plain)))})
    expected = io.StringIO()
    csv.writer(expected, lineterminator="\n").writerows([["n", "text"], *enumerate(plain)])
    assert b"".join(write_csv(table, ["n", "text"])) == expected.getvalue().encode()


def test_numbers_and_what_is_missing():
    table = FrameColumns({
        "whole": np.array([1, -20]), "part": np.array([0.1, math.nan]), "is": np.array([True, False]),
    })  # fmt: skip
    assert read(table, ["whole", "part", "is"])[1:] == [["1", "0.1", "True"], ["-20", "", "False"]]
    frame = pd.DataFrame({"text": ["a", None], "whole": pd.array([3, None], dtype="Int64")})
    assert read(FrameColumns.of(frame), ["text", "whole"])[1:] == [["a", "3"], ["", ""]]


def test_the_bytes_of_a_frame_are_those_of_pandas():
    mixed = [1, True, 1.0, "1", None, "a,b"]
    frame = pd.DataFrame({
        'said "so", too': AWKWARD[:6], "part": [0.0, -0.0, 1e300, math.inf, math.nan, 1 / 3],
        "mixed": pd.Series(mixed, dtype=object), "whole": pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
        "kind": pd.Categorical(["b", "a", None, "b", "a", "b"], ["b", "a"], ordered=True),
    })  # fmt: skip
    twice = pd.concat([frame, frame.iloc[::-1].reset_index(drop=True)], axis="columns")
    for table in (frame, twice, pd.DataFrame(), frame.head(0), pd.DataFrame({"only": ["", "x"]})):
        assert b"".join(write_csv(table)).decode() == table.to_csv(index=False, lineterminator="\n")


def test_texts_may_be_changed_and_half_characters_do_not_stop_it():
    frame = pd.DataFrame({"text": pd.Series(["=1+1", "\ud800", 5], dtype=object)})
    assert b"".join(write_csv(frame, change=disarm)).decode() == f"text\n{disarm('=1+1')}\n?\n5\n"


@given(st.lists(st.sampled_from(["a", "b", 1, True, 1.0, 0.0, -0.0, None, math.nan])))
def test_each_row_has_the_value_it_had(values):
    for column in (values, np.array([x for x in values if isinstance(x, float)], dtype=float)):
        different, numbers = find_different(column)
        assert [repr(different[number]) for number in numbers.tolist()] == [repr(one) for one in list(column)] or (
            isinstance(column, np.ndarray)
            and np.array_equal(np.array(different, dtype=float)[numbers], column, equal_nan=True)
            and np.array_equal(np.signbit(np.array(different, dtype=float)[numbers]), np.signbit(column))
        )


def test_names_that_no_row_has_are_no_values():
    different, numbers = find_different(Texts(["a", "b", "c"], np.array([2, 0, 2])))
    assert (list(different), numbers.tolist()) == (["a", "c"], [1, 0, 1])


def test_many_rows_and_none():
    many = FrameColumns({"a": np.arange(25_001), "b": Texts(["x", "y,"], np.arange(25_001) % 2)})
    assert read(many, ["a", "b"])[1:] == [[str(n), "y," if n % 2 else "x"] for n in range(25_001)]
    assert read(many.rows(np.zeros(0, np.int64)), ["b"]) == [["b"]]


def test_rows_of_each_text():
    table = FrameColumns({"who": Texts(["ana", "ben", "ana", "eve"], np.array([2, 1, 0, 1]))})
    assert {name: rows.tolist() for name, rows in table.indices("who").items()} == {
        "ana": [0, 2], "ben": [1, 3], "eve": [],
    }  # fmt: skip
    assert table.rows(np.array([3, 0])).texts("who") == ["ben", "ana"]
    with pytest.raises(TypeError, match="no column of texts"):
        FrameColumns({"n": np.arange(2)}).indices("n")


def test_columns_of_a_frame_are_those_of_their_own():
    frame = pd.DataFrame({"who": ["ana", "ben", "ana"], "n": [1, 2, 3]})
    table = FrameColumns.of(frame).rows(np.array([2, 1]))
    assert (table.texts("who"), table["n"].tolist()) == (["ana", "ben"], [3, 2])
    assert FrameColumns.of(frame).beside({"n": np.array([7, 8, 9])}).frame["n"].tolist() == [7, 8, 9]


@given(st.lists(st.floats(0, 1e7) | st.integers(0, 10**6).map(lambda n: n / 1000 + 0.005)))
def test_rounded_as_python_rounds(numbers):
    assert _round(np.array(numbers, dtype=np.float64)).tolist() == [round(one, 2) for one in numbers]
