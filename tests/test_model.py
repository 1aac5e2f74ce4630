"""Spans obey set algebra; transcripts answer from their segments."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError, fields, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interviews import coding, interview, sheet

from qualcode.model import Case, Segment, Sheet, Span, Transcript, canonical_text, text_digest, unite

SPANS = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda pair: Span(pair[0], sum(pair)))


def places(*spans: Span) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


# --- spans --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "end"), [(3, 3), (4, 3), (-1, 2), (-3, -1)])
def test_a_span_is_never_empty_or_negative(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        Span(start, end)


def test_span_algebra_by_hand() -> None:
    left, right = Span(0, 5), Span(3, 8)
    assert left & right == Span(3, 5)
    assert left | right == Span(0, 8)
    assert Span(0, 3) & Span(3, 5) is None
    assert not Span(0, 3).overlaps(Span(3, 5))
    assert left.share(right) == 0.4
    assert Span(2, 3) in left
    assert left not in Span(2, 3)
    assert left.shift(2) == Span(2, 7)
    assert sorted([Span(2, 3), Span(0, 9), Span(0, 1)]) == [Span(0, 1), Span(0, 9), Span(2, 3)]


@given(SPANS, SPANS)
def test_spans_behave_as_the_sets_of_their_places(one: Span, other: Span) -> None:
    common = places(one) & places(other)
    assert len(one) == len(places(one))
    assert one.overlaps(other) is bool(common)
    assert other.overlaps(one) is bool(common)
    assert (places(one & other) if common else None) == (common or one & other)
    assert one & other == other & one
    assert one | other == other | one
    assert one in (one | other)
    assert (one in other) is (places(one) <= places(other))
    assert one.share(other) == len(common) / len(one)


@given(st.lists(SPANS))
def test_a_union_covers_the_same_places_without_overlap_or_touch(spans: list[Span]) -> None:
    united = unite(spans)
    assert places(*united) == places(*spans)
    assert all(before.end < after.start for before, after in pairwise(united))
    assert unite(united) == united
    assert unite(reversed(spans)) == united


# --- text ---------------------------------------------------------------------------------------------------


@given(st.text())
def test_canonical_text_is_stable_and_has_one_kind_of_line_end(text: str) -> None:
    once = canonical_text(text)
    assert canonical_text(once) == once
    assert "\r" not in once


def test_canonical_text_by_hand() -> None:
    assert canonical_text("a\r\nb\rc\n") == "a\nb\nc\n"
    assert canonical_text("e\u0301") == "\u00e9"
    assert canonical_text("，Ａ") == "，Ａ"  # full-width forms are kept


def test_digest_is_sha256_of_utf8_and_takes_any_string() -> None:
    assert text_digest("陳") == hashlib.sha256("陳".encode()).hexdigest()
    assert len(text_digest("\ud800")) == 64


# --- transcripts --------------------------------------------------------------------------------------------

TALK = interview("T1", "I: How?\nAna: Well. 👍 Fine.\nMore.\nBen: <b>Hard</b>\n")


def test_units_speakers_and_quotes() -> None:
    assert [TALK.quote(turn.span) for turn in TALK.units("turn")] == ["How?", "Well. 👍 Fine.\nMore.", "<b>Hard</b>"]
    assert [segment.id for segment in TALK.units("paragraph")] == ["p001", "p002", "p003", "p004"]
    assert TALK.speakers == ("I", "Ana", "Ben")
    assert [TALK.is_interviewer(turn) for turn in TALK.units("turn")] == [True, False, False]
    assert TALK.digest == text_digest(TALK.text)


def test_offsets_are_code_points() -> None:
    start = TALK.text.index("Fine")
    assert TALK.quote(Span(start - 2, start)) == "👍 "


def test_nothing_in_a_transcript_steers_a_notebook() -> None:
    """An override would show what comes after it backwards, and hide an ending such as .exe."""
    text = "<b>Ana</b>\u202e: see invoice\u202efdp.exe"
    turn = Segment("t001", "turn", Span(0, len(text)), speaker="Ana\u202e")
    html = Transcript("P1", text, (turn,))._repr_html_()
    assert "\u202e" not in html
    assert "&lt;b&gt;Ana" in html


def test_a_transcript_shows_itself_with_its_words_escaped() -> None:
    html = TALK._repr_html_()
    assert "&lt;b&gt;Hard&lt;/b&gt;" in html
    assert "<b>Ben</b>" in html
    assert "t003" in html


def test_transcripts_and_sheets_are_one_line_in_a_shell() -> None:
    assert repr(TALK) == f"<Transcript T1: {len(TALK.text)} characters, 3 turns of I, Ana, Ben>"
    assert repr(Transcript("T", "", ())) == "<Transcript T: 0 characters, 0 turns of no speaker>"
    begun = Sheet("T1", "ana", "turn", "", "", frozenset({"t001"}))
    assert repr(begun) == "<Sheet: 0 codings by ana on T1, 1 turns seen>"


def test_an_empty_transcript() -> None:
    empty = Transcript("T", "", ())
    assert empty.speakers == ()
    assert empty.units("turn") == ()
    assert "<table>" in empty._repr_html_()


def test_values_are_frozen() -> None:
    for value in (TALK, Span(0, 1), Case("P1"), Segment("t001", "turn", Span(0, 1)), sheet(TALK)):
        with pytest.raises(FrozenInstanceError):
            setattr(value, fields(value)[0].name, "other")


@pytest.mark.parametrize(
    ("verdict", "expected"), [("suggested", True), ("accepted", True), ("applied", True), ("rejected", False)]
)
def test_all_verdicts_but_rejected_count(verdict: str, *, expected: bool) -> None:
    assert replace(coding(TALK, "x", "Well"), verdict=verdict).is_counted is expected


def test_where_a_case_was_read_does_not_make_it_another() -> None:
    assert Case("P1", {"a": "b"}, where="cases.csv:2") == Case("P1", {"a": "b"})
