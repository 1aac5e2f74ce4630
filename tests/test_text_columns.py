"""Columns of pyarrow made of arrays and lists, and back, without pyarrow's own ways."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.text_columns import ascend, number_texts, text_value, to_column, to_flags, to_numbers, to_texts

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])))


@given(st.lists(st.integers(-(2**31), 2**31 - 1)), st.sampled_from([np.int32, np.int64]), st.integers(0, 3))
def test_numbers_come_and_go(values: list[int], kind: type[np.integer], first: int) -> None:
    column = to_column(np.array(values, kind))
    assert column.equals(pa.array(values, pa.from_numpy_dtype(kind)))
    assert to_numbers(column[first:]).tolist() == values[first:]
    assert to_numbers(pa.array(values, column.type)[first:]).dtype == kind


@given(st.lists(st.booleans()), st.integers(0, 9))
def test_truth_values_come_and_go(values: list[bool], first: int) -> None:
    column = to_column(np.array(values, bool))
    assert column.equals(pa.array(values, pa.bool_()))
    assert to_flags(column[first:]).tolist() == values[first:]
    assert to_flags(pa.array([*values, True], pa.bool_())[first:]).dtype == np.bool_


def test_every_other_number_is_a_column_of_its_own() -> None:
    assert to_column(np.arange(10)[::2]).to_pylist() == [0, 2, 4, 6, 8]


@given(TEXTS)
def test_texts_become_a_column(texts: list[str]) -> None:
    column = to_texts(texts)
    column.validate(full=True)
    assert column.equals(pa.array(texts, pa.string()))


def test_a_text_becomes_a_value() -> None:
    assert text_value("né 好").equals(pa.scalar("né 好"))


def test_lone_surrogates_are_no_text() -> None:
    with pytest.raises(UnicodeEncodeError):
        to_texts(["a", "\ud800"])


@given(
    st.lists(st.lists(st.sampled_from(["", "a", "b", "ab", "ba", "né", "ne\u0301", "好", "🙂", "a" * 300]))),
    st.integers(1, 9),
)
def test_each_different_text_has_a_number_whatever_share_it_is_dealt_into(chunks: list[list[str]], share: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qualcode.text_columns._SHARE", share)
        numbers, texts = number_texts(map(to_texts, chunks))
    rows = [text for chunk in chunks for text in chunk]
    expected = list(dict.fromkeys(rows))
    assert texts.to_pylist() == expected
    assert numbers.tolist() == [expected.index(text) for text in rows]


def test_parts_of_columns_are_numbered_as_they_stand() -> None:
    column = to_texts(["x", "b", "", "b", "a"])
    numbers, texts = number_texts([column[1:3], column[3:3], column[2:5]])
    assert texts.to_pylist() == ["b", "", "a"]
    assert numbers.tolist() == [0, 1, 1, 0, 2]


def test_a_text_that_is_missing_has_no_number() -> None:
    with pytest.raises(pa.ArrowInvalid):
        number_texts([pa.array(["a", None])])


@given(st.lists(st.text("a1é", max_size=2), min_size=1))
def test_texts_that_ascend_are_different(texts: list[str]) -> None:
    assert not ascend(to_texts(texts)) or len(set(texts)) == len(texts)
    assert ascend(to_texts(sorted(set(texts))))


def test_names_that_count_upward_ascend() -> None:
    assert ascend(to_texts([f"R{number}" for number in range(1, 101)]))
    assert not ascend(to_texts(["R1", "R10", "R2", "R2"]))
