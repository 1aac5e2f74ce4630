"""Codings and segment ids in a corrected transcript: found again, or told; never moved wrongly in silence."""

from __future__ import annotations

import pytest
from corrections import SENTENCE, SHARED, correct, draw_passages, find_truths, letters, read_real, trim
from hypothesis import given
from hypothesis import strategies as st

from qualcode.anchoring import Alignment, carry_ids, reanchor, trace_segments
from qualcode.model import Coding, Evidence, Segment, Span, Transcript

TEXT = (
    "Interviewer: What was hard about it?\n"
    "Ana: We could never find a date with the studio. Yeah. They were busy all through the spring. Yeah.\n"
    "Ana: The mentors didn't answer our mails, and in the end a former colleague of mine rang them up.\n"
    "Ben: 我哋搵咗好耐先搵到一個日子。大家都好忙，真係冇辦法。\n"
)


def move(old: str, new: str, quote: str, nth: int = 0) -> tuple[str | None, bool]:
    """Return the words at which a passage of an old text ends in a new one, and whether that is sure."""
    at = -1
    for _ in range(nth + 1):
        at = old.index(quote, at + 1)
    place = Alignment(old, new).move(Span(at, at + len(quote)))
    assert bool(place.reason) != place.is_sure
    return (new[place.span.start : place.span.end] if place.span else None), place.is_sure


@pytest.mark.parametrize(
    ("was", "now", "quote", "found"),
    [
        ("never find", "nevr find", "We could never find a date", "We could nevr find a date"),
        ("The mentors", "The metnors", "The mentors", "The metnors"),
        ("busy all", "really busy all", "They were busy all through", "They were really busy all through"),
        ("with the studio", "", "We could never find a date with the studio.", "We could never find a date ."),
        ("We could", "Well. We could", "We could never find a date", "We could never find a date"),
        (" They were busy all through the spring.", "", "find a date", "find a date"),
        ("Yeah.\nAna: The", "Yeah. The", "The mentors didn't answer", "The mentors didn't answer"),
        ("didn't", "didn’t", "mentors didn't answer", "mentors didn’t answer"),
        ("Ana:", "Dr Lee:", "The mentors didn't", "The mentors didn't"),
        ("好耐先", "好內先", "我哋搵咗好耐先搵到一個日子。", "我哋搵咗好內先搵到一個日子。"),
        ("我哋搵咗好耐先搵到一個日子。", "", "大家都好忙", "大家都好忙"),
        ("大家", "係呀，大家", "大家都好忙，真係冇辦法。", "大家都好忙，真係冇辦法。"),
        ("former", "FORMER", "ormer colle", "ORMER colle"),
    ],
)
def test_a_passage_is_found_after_a_correction(was: str, now: str, quote: str, found: str) -> None:
    assert move(TEXT, TEXT.replace(was, now), quote) == (found, True)


def test_a_passage_that_is_gone_is_told() -> None:
    new = TEXT.replace(" They were busy all through the spring.", "")
    assert move(TEXT, new, "They were busy all through the spring.") == (None, False)


def test_of_twins_next_to_one_another_none_is_chosen_in_silence() -> None:
    old, new = "Ana: Well. Yeah. Yeah. Yeah. So what.\n", "Ana: Well. Yeah. Yeah. So what.\n"
    for nth in range(3):
        found, is_sure = move(old, new, "Yeah.", nth)
        assert found in {"Yeah.", None}
        assert not is_sure
    assert move(old, new, "So what.") == ("So what.", True)


def test_twins_far_apart_are_told_apart_by_what_is_around() -> None:
    new = TEXT.replace("We could never find a date with the studio. Yeah. ", "We could never find a date at all. ")
    assert move(TEXT, new, "spring. Yeah.") == ("spring. Yeah.", True)


def test_a_paragraph_that_went_elsewhere_takes_its_codings_along() -> None:
    lines = TEXT.splitlines(keepends=True)
    new = "".join([lines[0], lines[2], lines[3], lines[1]])
    assert move(TEXT, new, "They were busy all through the spring.") == ("They were busy all through the spring.", True)
    _, is_sure = move(TEXT, new, "through the spring. Yeah.\nAna: The mentors didn't answer")
    assert not is_sure


def test_more_than_a_slip_is_for_a_person() -> None:
    new = TEXT.replace("a former colleague of mine rang them up", "the dean of the whole faculty wrote to them")
    assert not move(TEXT, new, "a former colleague of mine rang them up")[1]
    new = TEXT.replace("studio. Yeah. They were", "film. No, that is not what happened there. He was")
    assert not move(TEXT, new, "Yeah. They were busy")[1]


@pytest.mark.parametrize(("old", "new"), [("", "x"), ("x", ""), ("a b", "b a"), ("🙂 e\u0301", "🙂"), ("\n\n", "\n")])
def test_odd_texts_do_no_harm(old: str, new: str) -> None:
    alignment = Alignment(old, new)
    for at in range(len(old)):
        place = alignment.move(Span(at, at + 1))
        assert place.span is None or place.span.end <= len(new)


@given(st.text("ab. \n你", max_size=40), st.text("ab. \n你", max_size=40), st.data())
def test_a_sure_place_lies_in_the_text_and_the_same_text_moves_nothing(old: str, new: str, data: st.DataObject) -> None:
    if not old:
        return
    start = data.draw(st.integers(0, len(old) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(old))))
    same = Alignment(old, old).move(span)
    assert (same.span, same.is_sure) == (span, True)
    place = Alignment(old, new).move(span)
    for one in (*place.candidates, *([place.span] if place.span else [])):
        assert 0 <= one.start < one.end <= len(new)


def transcript(text: str) -> Transcript:
    """Return a transcript with turns, paragraphs and sentences as a reader makes them."""
    segments: list[Segment] = []
    counts = {"t": 0, "p": 0, "s": 0}

    def add(letter: str, kind: str, start: int, end: int) -> None:
        counts[letter] += 1
        segments.append(Segment(f"{letter}{counts[letter]:03}", kind, Span(start, end)))  # type: ignore[arg-type]

    at = 0
    for line in text.splitlines(keepends=True):
        start = at + line.index(": ") + 2
        end = at + len(line.rstrip())
        add("t", "turn", start, end)
        add("p", "paragraph", start, end)
        for found in SENTENCE.finditer(text, start, end):
            add("s", "sentence", found.start(), found.start() + len(found[0].rstrip()))
        at += len(line)
    return Transcript("P1", text, tuple(segments))


def code(source: Transcript, quote: str) -> Coding:
    at = source.text.index(quote)
    evidence = (Evidence("rule", (Span(at, at + 3),)),)
    return Coding("P1", Span(at, at + len(quote)), "x", "ana", "applied", quote, evidence)


def test_every_coding_is_kept_moved_or_told() -> None:
    old = transcript(TEXT)
    new = transcript(TEXT.replace(" They were busy all through the spring.", "").replace("mentors", "metnors"))
    quotes = ("What was hard", "They were busy", "The mentors didn't", "大家都好忙")
    found = reanchor(old, new, [code(old, quote) for quote in quotes])
    assert [one.quote for one in found.kept] == ["What was hard"]
    assert [(one.quote, other.quote) for one, other in found.moved] == [
        ("The mentors didn't", "The metnors didn't"),
        ("大家都好忙", "大家都好忙"),
    ]
    assert [one.quote for one, _ in found.reworded] == ["The mentors didn't"]
    assert [(one.coding.quote, one.candidates) for one in found.doubts] == [("They were busy", ())]
    assert found.doubts[0].reason == "Its words are not in the new text."
    assert found.n_unchanged == 1
    for coding in found.codings:
        assert new.quote(coding.span) == coding.quote
        assert coding.evidence[0].spans[0].start == coding.span.start


def test_ids_stay_with_their_text_and_new_ones_were_never_used() -> None:
    old = transcript(TEXT)
    new = transcript(TEXT.replace("Ana: The", "Ana: A line that was missed.\nAna: The").replace("Ben", "Dr Lee"))
    carried = carry_ids(old, new, used=["s012", "t009"])
    ids = {old.quote(one.span): one.id for one in old.segments if one.kind == "turn"}
    for turn in carried.units("turn"):
        assert turn.id == ids.get(carried.quote(turn.span), "t010")
    fresh = {one.id for one in carried.segments} - {one.id for one in old.segments}
    assert fresh == {"t010", "p005", "s013"}
    assert [one.span for one in carried.segments] == [one.span for one in new.segments]
    assert carry_ids(old, old) == old


def test_joined_paragraphs_tell_where_they_come_from() -> None:
    old = transcript(TEXT)
    new = transcript(TEXT.replace("spring. Yeah.\nAna: The", "spring. Yeah. The"))
    carried, origins = trace_segments(old, new)
    joined = carried.units("turn")[1]
    assert origins[joined.id] == {"t002", "t003"}
    assert [one.id for one in carried.units("turn")][::2] == ["t001", "t004"]
    assert [one.id for one in carried.units("sentence")] == [one.id for one in old.units("sentence")]


@pytest.mark.skipif(not SHARED.exists(), reason="the development data is not here")
def test_codings_of_real_transcripts_end_on_the_right_words() -> None:
    """A short form of benchmarks/reanchoring.py: at least 99 of 100 right or told, and none wrong in silence."""
    n_right = n_all = 0
    wrong = []
    for number, source in enumerate(read_real()):
        n_edits = max(1, len(SENTENCE.findall(source.text)) // 5)
        draft, _ = correct(source.text, min(n_edits, 40), number, ["That is a sentence which was missed. "])
        passages = draw_passages(source, 60, number)
        alignment = Alignment(source.text, draft.text)
        for span, truth in zip(passages, find_truths(draft, passages), strict=True):
            place = alignment.move(span)
            found = trim(draft.text, place.span.start, place.span.end) if place.span else None
            is_same = truth.place is not None and letters(draft.text[slice(*truth.place)]) == letters(
                source.quote(span)
            )
            is_torn = truth.is_torn and not is_same
            is_right = (found == truth.place and not is_torn) or (is_torn and not place.is_sure)
            n_right, n_all = n_right + is_right, n_all + 1
            if place.is_sure and not is_right:
                wrong.append((source.id, source.quote(span), truth))
    assert wrong == []
    assert n_right / n_all >= 0.99
