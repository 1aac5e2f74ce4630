"""Places of a text in characters and in bytes: both are what cutting the text says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qualcode.byte_places import BytePlaces

TEXTS = st.text(st.sampled_from("a é’好😀\n\0") | st.characters(exclude_categories=["Cs"]), max_size=12)


@given(TEXTS)
def test_characters_are_found_among_the_bytes_and_back(text: str) -> None:
    places = BytePlaces(text.encode())
    ends = [len(text[:at].encode()) for at in range(len(text) + 1)]
    assert places.find(np.arange(len(text) + 1)).tolist() == ends
    assert places.count(np.array(ends)).tolist() == list(range(len(text) + 1))


def test_a_byte_inside_a_character_stands_behind_its_beginning() -> None:
    assert BytePlaces("é好a".encode()).count(np.arange(7)).tolist() == [0, 1, 1, 2, 2, 2, 3]
