"""Corrected transcripts: codings find their words again, and what is unsure is told."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest
from conftest import SHARED
from studies import TALK, begin_study, build_transcript

from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.study.anchoring import Alignment
from qualcode.study.updating import read_unsettled, settle, update_transcript

if TYPE_CHECKING:
    from pathlib import Path


def moved(old: str, new: str, quote: str) -> tuple[str | None, bool]:
    """Return what a passage becomes in a new text, and whether that is sure."""
    start = old.index(quote)
    place = Alignment(old, new).move(Span(start, start + len(quote)))
    return (new[place.span.start : place.span.end] if place.span else None), place.is_sure


STORY = "I came in May. The dates clashed with everything else we had. Nobody told us why it was so. We left in June."


class TestAlignment:
    @pytest.mark.parametrize(
        ("new", "expected"),
        [
            (STORY.replace("clashed", "clahsed"), "The dates clahsed with everything else we had."),
            (STORY.replace("The dates", "These dates"), "These dates clashed with everything else we had."),
            (STORY.replace("The dates", "A new start. The dates"), "The dates clashed with everything else we had."),
            (STORY.replace("with", "really with"), "The dates clashed really with everything else we had."),
            (STORY.replace("May. The", "May.\n\nThe"), "The dates clashed with everything else we had."),
            (STORY.replace("had. Nobody", "had. Really. Nobody"), "The dates clashed with everything else we had."),
            (STORY.replace("else ", ""), "The dates clashed with everything we had."),
            ("", None),
        ],
    )
    def test_a_sentence(self, new: str, expected: str | None) -> None:
        assert moved(STORY, new, "The dates clashed with everything else we had.") == (expected, expected is not None)

    def test_quotes_and_dashes_may_change(self) -> None:
        old = 'She said "never again" - and left the room.'
        assert moved(old, "She said “never again” – and left the room.", '"never again" - and left') == (
            "“never again” – and left",
            True,
        )

    def test_what_is_gone_is_unsure(self) -> None:
        assert moved(STORY, STORY.replace(" Nobody told us why it was so.", ""), "Nobody told us why it was so.") == (
            None,
            False,
        )

    def test_what_was_rewritten_is_unsure(self) -> None:
        new = STORY.replace("Nobody told us why it was so", "We never got any reason for that")
        assert not moved(STORY, new, "Nobody told us why it was so.")[1]

    def test_cut_and_pasted(self) -> None:
        sentence = " Nobody told us why it was so."
        new = STORY.replace(sentence, "") + sentence
        assert moved(STORY, new, sentence.strip()) == (sentence.strip(), True)

    def test_the_right_one_of_many(self) -> None:
        old = "".join(f"{number}. Yes. I think so.\n" for number in range(30))
        start = old.index("17. Yes") + 4
        new = old.replace("3. Yes. I think so.\n", "", 1)
        place = Alignment(old, new).move(Span(start, start + 4)).span
        assert place is not None
        assert new[place.start - 4 : place.end] == "17. Yes."

    def test_chinese(self) -> None:
        old, new = "我哋好忙。大家都走咗。仲有時間。", "我哋真係好忙。大家都走晒。仲有時間。"
        assert moved(old, new, "大家都走咗。") == ("大家都走晒。", True)

    def test_part_of_a_word(self) -> None:
        assert moved("the networks here now", "well the networks here now", "network")[0] == "network"


class TestUpdate:
    def test_codings_go_along_in_one_change(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ben", "P07:t004", "praise", "reject")
        talk = (
            ("Dr Lee", "What was hard?"),
            ("Ana", "Well. The dates clashed. We could never find a date."),
            *TALK[2:],
        )
        report = update_transcript(study, build_transcript("P07", talk))
        assert report.unsettled == ()
        ana, ben = study.sheet("ana", "P07"), study.sheet("ben", "P07")
        assert ana is not None
        assert ben is not None
        assert [one.quote for one in ana.codings] == ["The dates clashed. We could never find a date."]
        assert [one.quote for one in ben.codings] == ["They were lovely, though."]
        assert [[study.transcript("P07").quote(span) for span in one.spans] for one in ana.codings[0].evidence] == [
            ["clashed"],
            ["find a date"],
        ]
        assert (ana.seen, ben.seen) == ({"t002"}, {"t004"})
        assert [turn.id for turn in study.transcript("P07").units("turn")] == ["t001", "t002", "t003", "t004"]
        assert report.new_segments == ("s0008",)
        assert study.check() == []
        study.tag()
        assert study.check() == []

    def test_same_text_changes_nothing(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        report = update_transcript(study, build_transcript("P07"))
        assert (report.n_moved, report.n_same, report.unsettled) == (0, 0, ())

    def test_unknown(self, tmp_path: Path) -> None:
        with pytest.raises(StudyError, match="no transcript"):
            update_transcript(begin_study(tmp_path / "study"), build_transcript("P08"))

    def test_what_is_gone_is_kept_until_settled(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t004", "praise", "accept", note="warm")
        talk = (*TALK[:3], ("Ana", "People leave. 大家都好忙😀。"))
        (entry,) = update_transcript(study, build_transcript("P07", talk)).unsettled
        assert (entry.old_quote, entry.span, entry.code) == ("They were lovely, though.", None, "praise")
        assert [problem.rule for problem in study.check()] == ["unsettled"]
        with pytest.raises(StudyError, match="no place"):
            settle(study, "P07", 1, "keep")
        settle(study, "P07", 1, "move", span=Span(110, 123))
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [(one.quote, one.note) for one in sheet.codings] == [("People leave.", "warm")]
        assert study.check() == []
        with pytest.raises(StudyError, match="nothing unsettled"):
            settle(study, "P07", 1, "drop")

    def test_settled_by_dropping(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t004", "praise", "accept")
        update_transcript(study, build_transcript("P07", (*TALK[:3], ("Ana", "People leave. Yes."))))
        assert len(read_unsettled(study)) == 1
        settle(study, "P07", 1, "drop")
        assert read_unsettled(study) == ()
        assert study.check() == []

    def test_joined_turns(self, tmp_path: Path) -> None:
        study = begin_study(
            tmp_path / "study",
        )
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "turnover", "accept")
        talk = (TALK[0], ("Ana", f"{TALK[1][1]} {TALK[3][1]}"))
        report = update_transcript(study, build_transcript("P07", talk))
        assert report.unsettled == ()
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [one.quote for one in sheet.codings] == [
            "The dates clashed. We could never find a date.",
            "People leave.",
        ]


def correct(text: str, rng: random.Random) -> tuple[int, int, str]:
    """Return one seeded correction: start, end and the new text of what it replaces."""
    sentences = [(found.start(), found.end()) for found in re.finditer(r"[^.!?\n]+[.!?]+\s", text)]
    kind = rng.choice(["typo", "typo", "insert", "delete", "join", "quote", "speaker"])
    patterns = {"join": r"\n", "quote": "['’\"]", "speaker": r"(?m)^\w+(?=:)"}
    if kind in patterns and (places := [found.span() for found in re.finditer(patterns[kind], text)]):
        start, end = rng.choice(places)
        return start, end, {"'": "’", "’": "'", '"': "“", "\n": " "}.get(text[start:end], "Dr Lee")
    if kind == "insert":
        at = rng.choice(sentences)[1]
        return at, at, rng.choice(["And that was new to all of us there. ", "Really? ", "He nodded slowly then. "])
    if kind == "delete":
        return *rng.choice(sentences), ""
    word = rng.choice(list(re.finditer(r"\w{4,}", text)))
    at = word.start() + rng.randrange(1, len(word[0]) - 1)
    return at, at + 2, text[at + 1] + text[at]


def edit(text: str, rng: random.Random, n_edits: int) -> tuple[str, list[tuple[int, int, int, int]]]:
    """Return a text with seeded corrections, and how each changed: old start, old end, new start, new length."""
    edits = [correct(text, rng) for _ in range(n_edits)]
    result, changes, last, at = "", [], 0, -1
    for start, end, new in sorted(edits):
        if start <= at:
            continue
        result += text[last:start]
        changes.append((start, end, len(result), len(new)))
        result += new
        last = at = end
    return result + text[last:], changes


def expected_words(old: str, new: str, changes: list[tuple[int, int, int, int]], span: tuple[int, int]) -> str:
    """Return the words that a passage became, without punctuation, from the edits themselves."""
    place, parts = span[0], []
    for start, end, to, length in changes:
        if start >= span[1] or (end <= span[0] and not (start == end == span[0])):
            continue
        if start == end and start == span[0]:
            continue  # inserted right before the passage
        parts.append(old[place : max(start, place)])
        if start >= span[0] or length:
            parts.append(new[to : to + length])
        place = max(min(end, span[1]), place)
    parts.append(old[place : span[1]])
    return " ".join(re.findall(r"\w+", "".join(parts)))


def pick_passages(text: str, rng: random.Random) -> list[tuple[int, int]]:
    """Return 200 passages of one to three sentences of a line, without the speaker's label."""
    sentences = [
        (line.start(1) + found.start(), line.start(1) + found.end())
        for line in re.finditer(r"(?m)^(?:\w+: )?(.+)$", text)
        for found in re.finditer(r"\w[^.!?]*[.!?]+", line[1])
    ]
    passages = []
    for first in rng.sample(range(len(sentences)), min(200, len(sentences))):
        last = min(first + rng.choice([0, 0, 1, 2]), len(sentences) - 1)
        start, end = sentences[first][0], sentences[last][1]
        passages.append((start, end if "\n" not in text[start:end] else sentences[first][1]))
    return passages


@pytest.mark.skipif(not SHARED.exists(), reason="the development data is not here")
def test_real_transcripts_with_200_edits_each() -> None:
    n_codings = n_right = n_unsure = 0
    wrong_and_sure = []
    for path in sorted(
        path for name in ("pdpilot", "talkmoves") for path in (SHARED / "neutral" / name / "docs").glob("*.txt")
    ):
        old = path.read_text("utf-8")
        rng = random.Random(path.name)
        new, changes = edit(old, rng, 200)
        alignment = Alignment(old, new)
        for span in pick_passages(old, rng):
            expected = expected_words(old, new, changes, span)
            place = alignment.move(Span(*span))
            got = new[place.span.start : place.span.end] if place.span else ""
            is_right = " ".join(re.findall(r"\w+", got)) == expected or (not expected and not place.is_sure)
            n_codings += 1
            n_right += is_right
            n_unsure += not place.is_sure
            if place.is_sure and not is_right:
                wrong_and_sure.append((path.name, old[slice(*span)], got, expected))
    print(f"{n_codings} codings: {n_right} on the right words, {n_unsure} listed as unsure")
    assert wrong_and_sure == []
    assert n_right >= 0.995 * n_codings
