"""The segments of a transcript are columns that look like a tuple of objects."""

from __future__ import annotations

import pickle
from array import array
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from qualcode.model import Segment, SegmentColumns, Segments, Span, Transcript

TEXT = "I: How?\nAna: Well. Fine.\nMore."
TURNS = SegmentColumns("turn", array("q", [3, 13]), array("q", [7, 30]), array("i", [1, 0]), ("Ana", "I"), {1: 2.5})
PARAGRAPHS = replace(
    TURNS, kind="paragraph", starts=array("q", [3, 13, 25]), ends=array("q", [7, 24, 30]), codes=array("i", [1, 0, 0])
)
SENTENCES = replace(
    PARAGRAPHS, kind="sentence", starts=array("q", [3, 13, 19, 25]), ends=array("q", [7, 18, 24, 30]),
    codes=array("i", [1, 0, 0, 0]), times={},
)  # fmt: skip
OBJECTS = (
    Segment("t001", "turn", Span(3, 7), "I"),
    Segment("p001", "paragraph", Span(3, 7), "I"),
    Segment("s0001", "sentence", Span(3, 7), "I"),
    Segment("t002", "turn", Span(13, 30), "Ana", 2.5),
    Segment("p002", "paragraph", Span(13, 24), "Ana", 2.5),
    Segment("s0002", "sentence", Span(13, 18), "Ana"),
    Segment("s0003", "sentence", Span(19, 24), "Ana"),
    Segment("p003", "paragraph", Span(25, 30), "Ana"),
    Segment("s0004", "sentence", Span(25, 30), "Ana"),
)


def same(columns: SegmentColumns) -> SegmentColumns:
    return columns


def lazy() -> Segments:
    return Segments(TURNS, PARAGRAPHS, partial(same, SENTENCES))


def test_columns_look_like_the_tuple_of_their_objects() -> None:
    segments = lazy()
    assert segments == OBJECTS
    assert OBJECTS.__eq__(segments) is NotImplemented  # so that the other side is asked
    assert segments == Segments.of(OBJECTS)
    assert (len(segments), hash(segments), repr(segments)) == (len(OBJECTS), hash(OBJECTS), repr(OBJECTS))
    assert (segments[0], segments[-1], segments[2:4]) == (OBJECTS[0], OBJECTS[-1], OBJECTS[2:4])
    assert segments.index(OBJECTS[4]) == 4
    assert OBJECTS[8] in segments
    assert segments != OBJECTS[:-1]
    assert segments != list(OBJECTS)


def test_objects_and_columns_say_the_same() -> None:
    objects = Segments.of(OBJECTS)
    for kind in ("turn", "paragraph", "sentence"):
        one, other = lazy().columns(kind), objects.columns(kind)
        assert (one.starts, one.ends, one.ids, one.times) == (other.starts, other.ends, other.ids, other.times)
        assert [one.names[code] for code in one.codes] == [other.names[code] for code in other.codes]
        assert one.segments == other.segments == tuple(item for item in OBJECTS if item.kind == kind)


def test_sentences_are_found_once_and_only_when_asked_for() -> None:
    calls = []

    def find() -> SegmentColumns:
        calls.append(1)
        return SENTENCES

    transcript = Transcript("T", TEXT, Segments(TURNS, PARAGRAPHS, find), interviewers=frozenset({"I"}))
    assert transcript.speakers == ("I", "Ana")
    assert [one.id for one in transcript.units("turn")] == ["t001", "t002"]
    assert len(transcript.columns("paragraph")) == 3
    assert repr(replace(transcript, id="U")) == "<Transcript U: 30 characters, 2 turns of I, Ana>"
    assert calls == []
    assert [transcript.quote(one.span) for one in transcript.units("sentence")] == ["How?", "Well.", "Fine.", "More."]
    assert tuple(transcript.segments) == OBJECTS
    assert replace(transcript, id="U").units("sentence") is transcript.units("sentence")
    assert calls == [1]


def test_an_object_is_made_once() -> None:
    segments = lazy()
    assert segments[0] is segments.columns("turn").segments[0]
    assert segments.columns("turn") is TURNS


def test_many_threads_get_the_same_objects() -> None:
    segments = lazy()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: segments.columns("sentence").segments, range(64)))
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("segments", [lazy(), Segments.of(OBJECTS)])
def test_segments_go_to_another_process(segments: Segments) -> None:
    assert pickle.loads(pickle.dumps(segments)) == OBJECTS


def test_times_keep_their_type_and_order_is_that_of_the_objects() -> None:
    given = (Segment("x", "turn", Span(5, 9), "B", 3), Segment("a", "turn", Span(0, 4), "A", 0.0))
    segments = Segments.of(given)
    assert tuple(segments) == given
    assert segments.columns("turn").ids == ("x", "a")
    assert [type(one.time) for one in segments.columns("turn").segments] == [int, float]


def test_numpy_takes_columns_as_they_are() -> None:
    """As the docstring of the class tells how to."""
    transcript = Transcript("T", TEXT, lazy(), interviewers=frozenset({"I"}))
    turns, sentences = transcript.columns("turn"), transcript.columns("sentence")
    turn = np.searchsorted(np.asarray(turns.starts), np.asarray(sentences.starts), side="right") - 1
    asks = np.array([name in transcript.interviewers for name in sentences.names])[np.asarray(sentences.codes)]
    assert turn.tolist() == [0, 1, 1, 1]
    assert asks.tolist() == [True, False, False, False]
    assert np.shares_memory(np.asarray(turns.starts), np.asarray(turns.starts))
    none = Transcript("T", "", ()).columns("sentence")
    assert np.asarray(none.starts).shape == (0,)


def test_ids_have_more_digits_where_there_are_more_segments() -> None:
    places = array("q", range(1000))
    many = SegmentColumns("turn", places, array("q", range(1, 1001)), array("i", bytes(4000)), ("",))
    assert (many.ids[0], many.ids[998], many.ids[999]) == ("t001", "t999", "t1000")
