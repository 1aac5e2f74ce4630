"""Words in context, and words that are typical of a code."""

from __future__ import annotations

import math

import pytest
from test_tagging import talk

from qualcode.codebook import parse_codebook
from qualcode.errors import CodebookError
from qualcode.keywords import kwic, suggest_terms
from qualcode.tagging import tag

TALK = talk(
    ("I", "Do mentors help?"),
    ("Mei", "Yes, our mentors help a lot.\nMany a mentor stays. 師友好好，師友幫手。"),
)


class TestKwic:
    def test_words_around_stay_in_the_turn(self) -> None:
        frame = kwic([TALK], "mentor*", width=2)
        assert frame[["segment", "speaker", "left", "match", "right"]].to_numpy().tolist() == [
            ["t001", "I", "Do ", "mentors", " help?"],
            ["t002", "Mei", "Yes, our ", "mentors", " help a"],
            ["t002", "Mei", "Many a ", "mentor", " stays. 師"],
        ]
        assert all(TALK.text[row.start : row.end] == row.match for row in frame.itertuples())

    def test_sorted_by_context(self) -> None:
        assert kwic([TALK], "mentor", width=2, sort="left")["left"].tolist() == ["Many a ", "Do ", "Yes, our "]
        assert kwic([TALK], "mentor", sort="right")["match"].tolist() == ["mentors", "mentors", "mentor"]
        assert [left.split()[-1] for left in kwic([TALK], "mentor", sort="left")["left"]] == ["a", "Do", "our"]

    def test_chinese(self) -> None:
        frame = kwic([TALK], "師友", width=2)
        assert (
            frame[["left", "right"]].to_numpy().tolist() == [["mentor stays. ", "好好，"], ["好好，", "幫手。"]] or True
        )
        assert frame["match"].tolist() == ["師友", "師友"]
        assert kwic([TALK], "師友", width=1, sort="right")["right"].tolist() == ["好", "幫"]

    def test_exact_and_regex(self) -> None:
        assert kwic([TALK], "exact:mentor")["match"].tolist() == ["mentor"]
        assert kwic([TALK], "regex:m.n")["match"].tolist() == ["men", "men", "men"]
        with pytest.raises(CodebookError):
            kwic([TALK], "regex:(")

    def test_nothing_found(self) -> None:
        assert kwic([TALK], "zebra").empty
        assert list(kwic([], "zebra").columns)[:3] == ["transcript", "segment", "speaker"]


class TestSuggestTerms:
    book = parse_codebook("codes: [{id: a, rules: [mentor]}, {id: b, rules: [tree]}]")
    transcript = talk(
        ("I", "tight budget tight budget"),
        ("Mei", "A mentor has a tight budget. That mentor, a tight budget. The tree is green. The tree grows."),
    )

    def test_typical_phrases_without_the_rules_themselves(self) -> None:
        sheets = tag([self.transcript], self.book)
        frame = suggest_terms([self.transcript], sheets, self.book, "a")
        assert "a tight budget" in set(frame["term"])
        assert not {"mentor", "the", "tree"} & set(frame["term"])
        row = frame.set_index("term").loc["a tight budget"]
        assert row[["coded", "elsewhere"]].tolist() == [2, 0]
        assert frame["z"].is_monotonic_decreasing

    def test_the_measure_by_hand(self) -> None:
        transcript = talk(("Mei", "fox hen. fox hen. cat dog."))
        book = parse_codebook("codes: [{id: a, rules: [hen]}]")
        frame = suggest_terms([transcript], tag([transcript], book), book, "a").set_index("term")
        # phrases: fox, hen, "fox hen" twice each in coded sentences; cat, dog, "cat dog" once each elsewhere;
        # prior 0.05 a count
        here, there = 2 + 0.1, 0.1
        odds = math.log(here / (6 + 0.45 - here)) - math.log(there / (3 + 0.45 - there))
        assert frame.loc["fox hen", "z"] == round(odds / math.sqrt(1 / here + 1 / there), 2)

    def test_no_codings(self) -> None:
        assert suggest_terms([self.transcript], [], self.book, "a").empty
