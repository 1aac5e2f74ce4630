"""Turns cut into sentences and made ready to be searched at once, beside the sentences of paragraphs one by one."""

from __future__ import annotations

import random
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_sentences import as_turns, is_searched_alike, lay_out, odd_paragraph, one_by_one

from qualcode import parse_codebook
from qualcode.matching import compile_codebook, cut_turns, encoding

WORDS = [
    "rain",
    "Rains",
    "can't",
    "don’t",
    "U.S.",
    "e.g.",
    "3.5",
    "café",
    ":)",
    "Dr.",
    "EE.",
    "UU.",
    "雨",
    "😀",
    "‑",
    "mentor",
]
TERMS = ["rain", "can't", "U.S.", "mentor"]
talk = st.lists(
    st.tuples(
        st.sampled_from(["", "", "", "(", "“", "‘", "'"]),
        st.sampled_from(["It", "rained", "rain", "yes", "no", "U.S.", "mentor", "can’t", "can't", "a"]),
        st.sampled_from(["", "", "", ".", ".", "?", "!”", ".'", "...", ".)", ".So", ","]),
        st.sampled_from([" ", " ", " ", " ", "  ", "\N{NO-BREAK SPACE}", "\t"]),
    ),
    max_size=12,
).map(lambda parts: "".join(map("".join, parts)).strip())


def lay(turns: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return turns as one text with a line for each, and their bounds."""
    firsts = accumulate((len(turn) + 1 for turn in turns), initial=0)
    return "\n".join(turns), [(at, at + len(turn)) for at, turn in zip(firsts, turns, strict=False) if turn]


def cut_texts(text: str, bounds: list[tuple[int, int]], language: str = "en") -> list[str]:
    return [text[start:end] for _, start, end in as_turns(text, bounds, language)]


@settings(max_examples=300)
@given(st.lists(talk, max_size=6))
def test_sentences_are_those_of_the_turns_one_by_one(turns: list[str]) -> None:
    text, bounds = lay(turns)
    assert as_turns(text, bounds, "en") == one_by_one(text, bounds, "en")
    assert is_searched_alike(text, bounds, "en", TERMS)


@pytest.mark.parametrize("language", ["en", "es", "de", "zh", "yue"])
@pytest.mark.parametrize("size", [1, 40, encoding.BLOCK_CHARACTERS])
def test_in_blocks_of_any_size(language: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "BLOCK_CHARACTERS", size)
    for seed in range(40):
        chance = random.Random(f"{language} {seed}")
        text, bounds = lay_out(chance, [odd_paragraph(chance, WORDS) for _ in range(chance.randint(0, 6))])
        assert as_turns(text, bounds, language) == one_by_one(text, bounds, language), (text, bounds)
        assert is_searched_alike(text, bounds, language, TERMS), (text, bounds)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("One. Two? Three", ["One.", "Two?", "Three"]),
        ("One.  Two.   “Three”", ["One.", "Two.", "“Three”"]),
        ("One. “Two” (three.) Four", ["One.", "“Two” (three.)", "Four"]),
        ("One. Two.But three. Four", ["One.", "Two.", "But three.", "Four"]),
        ("It’s fine. 'Tis not. ‘Quite’", ["It’s fine.", "'Tis not.", "‘Quite’"]),
        ("In the U.S. it rained. We left at 9 a.m. too", ["In the U.S. it rained.", "We left at 9 a.m. too"]),
        ("a" * 1200 + ". b. c", ["a" * 1200 + ". b. c"]),
        ("Rain.\tSun.\N{NO-BREAK SPACE}Wind. 雨。晴", ["Rain.", "Sun.", "Wind.", "雨。", "晴"]),
        ("So\N{SOFT HYPHEN}so. Yes", ["So\N{SOFT HYPHEN}so.", "Yes"]),
    ],
)
def test_by_hand(turn: str, expected: list[str]) -> None:
    text, bounds = lay(["Before.", turn, "Behind. It"])
    assert cut_texts(text, bounds) == ["Before.", *expected, "Behind.", "It"]


def test_no_turns() -> None:
    none = np.zeros(0, np.int64)
    found = cut_turns("A. B.", none, none, model=None)
    assert [len(column) for column in (*found[:3], found.encoded)] == [0, 0, 0, 0]


def test_conditions_and_expressions_see_the_texts_of_all_ways() -> None:
    """Of turns that are cut at once, one that is not, and one of which characters stand elsewhere in normal form."""
    text, bounds = lay(["Rain and sun. Sun", "Rain.Sun and rain. Yes", "So\N{SOFT HYPHEN}so. Rain then sun."])
    rules = "{all: [rain, sun]}, {regex: 'S[ou]'}, {exact: Yes}, {term: rain, negated: skip}"
    codebook = parse_codebook(f"codes: [{{id: c, name: C, rules: [{rules}]}}]")
    found = cut_turns(text, *np.array(bounds).T, model=None)
    sentences = [text[start:end] for _, start, end in zip(*found[:3], strict=True)]
    matcher = compile_codebook(codebook)
    assert list(matcher.find(found.encoded)) == list(matcher.find(sentences, engine="plain"))


def test_hits_are_in_the_order_of_the_texts_whatever_blocks_have_none() -> None:
    """Of three blocks, those of words, of Chinese and of texts one by one, the middle one has no hit."""
    texts = ["rain \0", "雨", "rain"]
    codebook = parse_codebook("codes: [{id: c, name: C, rules: [rain]}]")
    assert list(compile_codebook(codebook).find(texts, engine="columns").text) == [0, 2]
