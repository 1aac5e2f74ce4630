"""How positions are counted: laws of each way to count, and how the way is found."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.errors import StudyError
from qualcode.exchange import READINGS, CountedText, Reading, parse_reading
from qualcode.exchange.calibration import Selection, calibrate, habit_of, rank
from qualcode.exchange.positions import CanonicalText

MARKS = st.sampled_from(
    [
        "a",
        "b",
        " ",
        ".",
        ",",
        "\n",
        "\t",
        "é",
        "你",
        "😀",
        "𨋢",
        "\u0301",
        "\r\n",
        "\r\r\n",
        "\r",
        "🤷🏽\u200d♀️",
        "e\u0301",
        "\u2028",
    ]
)
RAW = st.builds(
    lambda mark, parts: mark + "".join(parts), st.sampled_from(["", "\ufeff"]), st.lists(MARKS, max_size=30)
)


@given(RAW, st.sampled_from(READINGS), st.data())
def test_each_reading_decodes_what_it_encodes(raw, reading, data):
    text = CountedText.of(raw)
    if not text.text:
        return
    start = data.draw(st.integers(0, len(text.text) - 1))
    end = data.draw(st.integers(start + 1, len(text.text)))
    assert text.decode(*text.encode(start, end, reading), reading) == (start, end)


@given(RAW)
def test_positions_are_what_an_encoder_counts(raw):
    """Independently: the lengths of what stands before a place, encoded."""
    text = CountedText.of(raw)
    body = raw.removeprefix("\ufeff")
    place, at = 0, 0
    while at < len(body):
        before = body[:at]
        start = text.encode(place, place + 1, Reading("bytes"))[0]
        assert start == len(before.encode())
        assert text.encode(place, place + 1, Reading("utf16"))[0] == len(before.encode("utf-16-le")) // 2
        assert text.encode(place, place + 1, Reading())[0] == len(before)
        width = 3 if body.startswith("\r\r\n", at) else 2 if body.startswith("\r\n", at) else 1
        place, at = place + 1, at + width


@given(RAW, st.sampled_from(READINGS), st.integers(-3, 60), st.integers(-3, 60))
def test_no_position_is_inside_of_a_character(raw, reading, start, end):
    text = CountedText.of(raw)
    found = text.decode(start, end, reading)
    if found is not None:
        assert 0 <= found[0] < found[1] <= len(text.text)
        assert text.encode(*found, reading) == (start, end)


COMPOSED = st.text(
    st.sampled_from(
        "aeé\u0301\u0327n\u0303한\u1112\u1161\u11ab가\u11a8\u212b\u0344\ufb1d\u0958\u09c7\u09be你\x01\x85\n "
    )
)


@given(COMPOSED)
def test_a_transcripts_text_is_in_normal_form(text):
    canonical = CanonicalText(text)
    kept = "".join("\n" if mark == "\x85" else "" if mark == "\x01" else mark for mark in text)
    assert canonical.text == unicodedata.normalize("NFC", kept)
    assert canonical.n_dropped == text.count("\x01")


@given(COMPOSED, st.data())
def test_a_passage_keeps_its_words_in_normal_form(text, data):
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    canonical = CanonicalText(text)
    first, last = canonical.span(start, end)
    assert 0 <= first <= last <= len(canonical.text)
    words = text[start:end].replace("\x01", "").replace("\x85", "\n")
    is_cut = any(
        unicodedata.combining(one) or one in "\u1161\u11ab\u11a8\u09be"
        for one in (text[start], text[end : end + 1] or "a")
    )
    if not is_cut and words and text[start - 1 : start] != "\x01" and text[end : end + 1] != "\x01":
        assert canonical.text[first:last] == unicodedata.normalize("NFC", words)


@given(st.sampled_from(READINGS))
def test_a_reading_is_told_as_it_is_asked_for(reading):
    assert parse_reading(reading.key) == reading


def test_words_that_name_no_reading_are_refused():
    with pytest.raises(StudyError, match="utf32"):
        parse_reading("utf32")


TALK = (
    "Ana: We never found a date, really. 😀 My own boss would not have it; he said so twice.\r\n"
    "Ben: 我哋搵唔到日子，老闆又未必知。But the 𨋢 was late — again! And then “nobody” came.\r\n"
)
WORDS = (
    "never found a date",
    "My own boss would not have it",
    "he said so twice.",
    "搵唔到日子",
    "the 𨋢 was late",
    "nobody",
)


def choose(n_times: int, *, with_mark: bool) -> tuple[CountedText, list[tuple[int, int]]]:
    """Return a text in which the same words are coded again and again."""
    text = CountedText.of(("\ufeff" if with_mark else "") + TALK * n_times)
    spans, at = [], 0
    for _ in range(n_times):
        for words in WORDS:
            at = text.text.index(words, at)
            spans.append((at, at + len(words)))
    return text, spans


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.key)
def test_every_reading_is_found(reading):
    text, spans = choose(12, with_mark=True)
    selections = [Selection(0, *text.encode(*span, reading)) for span in spans]
    best, *others = rank([text], selections)
    assert reading in best.readings
    found = calibrate([text], selections, Reading())
    assert [text.decode(one.start, one.end, found.reading) for one in selections] == spans or found.how == "habit"
    assert all(best.margin(one) > 0 for one in others)


def test_people_who_never_take_the_full_stop_along_do_not_count_the_last_character_in():
    sentence = "So we waited for them. "
    text = CountedText.of("Well: " + sentence * 60)
    spans = [(6 + number * len(sentence), 6 + number * len(sentence) + 21) for number in range(60)]
    assert text.text[slice(*spans[3])] == "So we waited for them"
    found = calibrate([text], [Selection(0, *span) for span in spans], Reading())
    assert found.reading == Reading()
    included = [Selection(0, *text.encode(start, end + 1, Reading(end="included"))) for start, end in spans]
    assert included == [Selection(0, *span) for span in spans], "nobody can tell the two apart"
    assert found.how == "habit"
    assert found.rival == Reading(end="included")
    assert found.n_differ == 60


def test_where_the_texts_do_not_decide_the_programs_habit_stands():
    text = CountedText.of("😀 one two three four five six")
    found = calibrate([text], [Selection(0, 2, 5)], habit_of("NVivo"))
    assert found.how == "habit"
    assert found.n_differ == 1
    assert found.rival is not None


def test_names_that_repeat_the_words_decide():
    rng = random.Random(4)
    text = CountedText.of("".join(rng.choice("abcdefg😀") for _ in range(400)))
    spans = [(place, place + 9) for place in range(5, 390, 20)]
    utf16 = Reading("utf16")
    named = [Selection(0, *text.encode(*span, utf16), name=text.text[slice(*span)]) for span in spans]
    found = calibrate([text], named, Reading())
    assert (found.how, found.reading.unit, found.reading.end) == ("measured", "utf16", "excluded")
    unnamed = [Selection(0, one.start, one.end, name="free words") for one in named]
    assert calibrate([text], unnamed, Reading()).margin < found.margin


def test_whole_texts_and_empty_selections_tell_nothing():
    text = CountedText.of("One two three.")
    assert calibrate([text], [Selection(0, 0, 14), Selection(0, 3, 3)], Reading()).how == "free"


@pytest.mark.parametrize(
    ("program", "origin", "key"),
    [
        ("NVivo", "NVivo 15", "utf16"),
        ("ATLAS.ti", "ATLAS.ti 23 Windows", "utf16,crlf=1"),
        ("ATLAS.ti", "ATLAS.ti macOS", "utf16"),
        ("QualCoder", "", "codepoints,crlf=1"),
        ("?", "", "codepoints"),
    ],
)
def test_habits(program, origin, key):
    assert habit_of(program, origin).key == key
