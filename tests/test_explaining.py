"""Why rules fire or do not, and how each rule does."""

from __future__ import annotations

import math

import pytest
from test_tagging import talk

from qualcode.codebook import parse_codebook
from qualcode.errors import CodebookError, QualcodeError
from qualcode.explaining import explain, try_rules
from qualcode.model import Coding, Sheet

BOOK = parse_codebook(
    """
codes:
  - id: a
    examples: {hit: [Our mentor., By hand.], miss: [No time.]}
    rules:
      - mentor
      - {term: time, unless: no}
      - {term: friend, negated: skip}
      - {all: [mentor, studio], within: 3}
      - zebra
      - {term: mentor, id: again, speaker: interviewee}
"""
)
TALK = talk(
    ("I", "Any mentor?"),
    ("Mei", "No time. We have no friends. A mentor from a small studio."),
)


class TestExplain:
    def test_hits_and_what_was_stopped_or_nearly_there(self) -> None:
        found = {(one.rule, one.result): (one.words, one.why) for one in explain(TALK, "t002", BOOK)}
        assert found[("mentor", "hit")] == ("mentor", "")
        assert found[("again", "hit")] == ("mentor", "")
        assert found[("time", "stopped")] == ("time", "stopped by “No” (unless)")
        assert found[("friend", "stopped")] == ("friends", "stopped by the negation “no”")
        assert found[("mentor & studio", "nearly")][0] == "mentor … studio"
        assert len(found) == 5

    def test_one_sentence(self) -> None:
        assert [(one.rule, one.result) for one in explain(TALK, "s0001", BOOK)] == [
            ("mentor", "hit"),
            ("mentor & studio", "nearly"),
            ("again", "stopped"),
        ]

    def test_one_code_also_tells_what_matched_nothing(self) -> None:
        results = [(one.rule, one.result) for one in explain(TALK, "s0001", BOOK, code="a")]
        assert results[3:] == [("time", "no match"), ("friend", "no match"), ("zebra", "no match")]

    def test_unknown_segment_and_code(self) -> None:
        with pytest.raises(QualcodeError, match="no segment “t009”") as caught:
            explain(TALK, "t009", BOOK)
        assert "t002" in caught.value.hint
        with pytest.raises(CodebookError):
            explain(TALK, "t001", BOOK, code="b")


class TestTryRules:
    def test_counts_shares_and_examples(self) -> None:
        frame = try_rules([TALK], BOOK).set_index("rule")
        assert frame["hits"].to_dict() == {
            "mentor": 2, "time": 0, "friend": 0, "mentor & studio": 0, "zebra": 0, "again": 1,
        }  # fmt: skip
        assert frame.loc["mentor", "alone"] == 0.5
        assert frame.loc["again", "alone"] == 0
        assert frame.loc["mentor", ["examples_hit", "examples_missed", "wrong"]].tolist() == [1, 1, 0]
        assert math.isnan(frame.loc["mentor", "precision"])

    def test_rules_that_always_fire_together(self) -> None:
        book = parse_codebook("codes: [{id: a, rules: [mentor, {exact: mentor}, friend]}]")
        frame = try_rules([TALK], book).set_index("rule")
        assert frame["together"].to_dict() == {"mentor": "exact:mentor", "exact:mentor": "mentor", "friend": ""}

    def test_against_a_person(self) -> None:
        spans = [segment.span for segment in TALK.units("sentence")]
        codings = tuple(
            Coding("P1", spans[number], "a", "ana", "applied", TALK.quote(spans[number])) for number in (1, 3)
        )
        sheet = Sheet("P1", "ana", "sentence", TALK.digest, BOOK.digest, frozenset(), codings)
        frame = try_rules([TALK], BOOK, sheets=[sheet]).set_index("rule")
        assert frame.loc["mentor", ["precision", "recall"]].tolist() == [0.5, 0.5]
        assert frame.loc["again", ["precision", "recall"]].tolist() == [1, 0.5]
        assert math.isnan(frame.loc["zebra", "precision"])

    def test_no_rules(self) -> None:
        assert try_rules([TALK], parse_codebook("codes: [{id: a}]")).empty
