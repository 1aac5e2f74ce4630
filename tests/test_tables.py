"""Codings on counting units: what stands where, and what is left out with a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from interviews import coding, interview, sheet

from qualcode.codebook import parse_codebook
from qualcode.errors import CaseError
from qualcode.model import Case, Coding, Segment, Span, Transcript
from qualcode.tables import tabulate

BOOK = parse_codebook(
    """
name: Test
codes:
  - id: challenges
    name: Challenges
    definition: What is hard.
    codes:
      - {id: scheduling, name: Scheduling, definition: Finding a time.}
      - {id: turnover, name: Turnover, definition: People leave.}
  - {id: visibility, name: Visibility, definition: Being seen.}
"""
)

# Offsets:  I: 0–2, words 3–19; P: 20–22, words 23–66; I: 67–69, words 70–74; P: 75–77, words 78–91 and 92–101.
TALK = interview(
    "T1",
    "I: What is so hard?\n"  # 4 words
    "P: Scheduling is hard. People leave. It rains.\n"  # 3 + 2 + 2 words
    "I: Yes?\n"  # 1 word
    "P: Nobody sees us.\n"  # 3 words
    "They should.\n",  # 2 words, a second paragraph of the same turn
)


def test_units_in_the_order_of_the_text() -> None:
    units = tabulate([TALK], [], BOOK).units
    assert list(units.columns[:9]) == [
        *("transcript", "case", "speaker", "segment", "start", "end", "time", "words", "is_interviewer")
    ]
    assert units["segment"].tolist() == ["t001", "t002", "t003", "t004"]
    assert units["case"].tolist() == ["", "T1", "", "T1"]
    assert units["speaker"].tolist() == ["I", "P", "I", "P"]
    assert units["words"].tolist() == [4, 7, 1, 5]
    assert units["is_interviewer"].tolist() == [True, False, True, False]
    assert units["time"].isna().all()
    texts = [TALK.text[start:end] for start, end in zip(units["start"], units["end"], strict=True)]
    assert texts[3] == "Nobody sees us.\nThey should."


@pytest.mark.parametrize(
    ("unit", "words"), [("turn", [4, 7, 1, 5]), ("paragraph", [4, 7, 1, 3, 2]), ("sentence", [4, 3, 2, 2, 1, 3, 2])]
)
def test_every_kind_of_unit(unit: str, words: list[int]) -> None:
    units = tabulate([TALK], [], BOOK, unit=unit).units
    assert units["words"].tolist() == words
    assert set(units["turn"]) == {"t001", "t002", "t003", "t004"}


def test_a_sentence_takes_speaker_and_time_from_the_turn_around_it() -> None:
    segments = (
        Segment("t001", "turn", Span(3, 12), "I", 1.5),
        Segment("s0001", "sentence", Span(3, 6)),
        Segment("s0002", "sentence", Span(7, 12), time=2.0),
    )
    transcript = Transcript("T", "I: Yes well.", segments, interviewers=frozenset({"I"}))
    units = tabulate([transcript], [], BOOK, unit="sentence").units
    assert units["speaker"].tolist() == ["I", "I"]
    assert units["time"].tolist() == [1.5, 2.0]
    assert units["is_interviewer"].all()


def test_a_coding_and_all_that_is_known_about_it() -> None:
    one = coding(TALK, "scheduling", "Scheduling is hard.", rule="schedule", matched=["Scheduling", "hard"])
    codings = tabulate([TALK], [sheet(TALK, one)], BOOK).codings
    assert codings.to_dict("records") == [
        {
            "transcript": "T1",
            "case": "T1",
            "speaker": "P",
            "segment": "t002",
            "start": 23,
            "end": 42,
            "code": "scheduling",
            "coder": "ana",
            "verdict": "applied",
            "rule": "schedule",
            "matched": "Scheduling; hard",
            "quote": "Scheduling is hard.",
            "note": "",
            "words": 3,
            "is_interviewer": False,
        }
    ]


def test_several_rules_of_a_coding_are_joined_and_each_named_once() -> None:
    first = coding(TALK, "scheduling", "Scheduling is hard.", rule="schedule", matched=["Scheduling"])
    again = coding(TALK, "scheduling", "Scheduling is hard.", rule="hard", matched=["hard", "Scheduling"])
    both = replace(first, evidence=(*first.evidence, *again.evidence, *first.evidence))
    codings = tabulate([TALK], [sheet(TALK, both)], BOOK).codings
    assert codings.loc[0, "rule"] == "schedule; hard"
    assert codings.loc[0, "matched"] == "Scheduling; hard"


def test_one_shared_character_places_a_coding_and_touching_does_not() -> None:
    # "P: Scheduling is hard. People" ends in the second sentence of the turn; "Yes?" is another turn.
    one = coding(TALK, "scheduling", "hard. P")
    table = tabulate([TALK], [sheet(TALK, one)], BOOK, unit="sentence")
    placed = table.units.iloc[table.placements["unit"]]
    assert [TALK.text[start:end] for start, end in zip(placed["start"], placed["end"], strict=True)] == [
        "Scheduling is hard.",
        "People leave.",
    ]
    one = coding(TALK, "scheduling", " People leave. ")  # the spaces around belong to no sentence
    table = tabulate([TALK], [sheet(TALK, one)], BOOK, unit="sentence")
    assert len(table.placements) == 1


def test_words_belong_to_a_coding_when_they_begin_in_it() -> None:
    # "eduling is har": of its words "is" and "hard" begin in it.
    table = tabulate([TALK], [sheet(TALK, coding(TALK, "scheduling", "eduling is har"))], BOOK)
    assert table.codings["words"].tolist() == [2]


def test_a_coding_across_turns_stands_with_the_interviewee() -> None:
    # It begins in the interviewer's "hard?" and covers "Scheduling is": 2 words of the interviewee.
    across = coding(TALK, "scheduling", "hard?\nP: Scheduling is")
    asked = coding(TALK, "turnover", "What is so hard?")
    table = tabulate([TALK], [sheet(TALK, across, asked)], BOOK)
    columns = ["segment", "speaker", "case", "words", "is_interviewer"]
    assert table.codings[columns].to_numpy().tolist() == [
        ["t001", "I", "", 4, True],
        ["t002", "P", "T1", 2, False],
    ]
    assert table.placements[["unit", "coding"]].to_numpy().tolist() == [[0, 0], [0, 1], [1, 1]]


def test_order_of_codings_is_text_then_codebook_then_coder() -> None:
    second = replace(TALK, id="T2")
    whole = "Scheduling is hard."
    ana = [coding(TALK, "visibility", whole), coding(TALK, "turnover", whole), coding(TALK, "turnover", "Scheduling")]
    sheets = [
        sheet(second, coding(second, "turnover", whole, coder="ben"), coder="ben"),
        sheet(TALK, coding(TALK, "turnover", whole, coder="ben"), coder="ben"),
        sheet(TALK, *ana),
    ]
    for order in (sheets, sheets[::-1]):
        table = tabulate([second, TALK], order, BOOK)
        found = table.codings[["transcript", "end", "code", "coder"]].to_numpy().tolist()
        assert found == [
            ["T2", 42, "turnover", "ben"],
            ["T1", 33, "turnover", "ana"],
            ["T1", 42, "turnover", "ana"],
            ["T1", 42, "turnover", "ben"],
            ["T1", 42, "visibility", "ana"],
        ]
        assert table.coders == ("ana", "ben")
        assert table.problems == ()


def test_rejected_codings_are_kept_apart() -> None:
    no = coding(TALK, "scheduling", "Scheduling", verdict="rejected")
    yes = coding(TALK, "turnover", "People leave", verdict="accepted")
    table = tabulate([TALK], [sheet(TALK, no, yes)], BOOK)
    assert table.codings["code"].tolist() == ["turnover"]
    assert table.n_rejected == 1


def test_coders_can_be_chosen() -> None:
    sheets = [sheet(TALK, coding(TALK, "scheduling", "Scheduling", coder=name), coder=name) for name in ("ana", "ben")]
    table = tabulate([TALK], sheets, BOOK, coders=["ben"])
    assert table.codings["coder"].tolist() == ["ben"]
    assert table.coders == ("ben",)
    wrong = tabulate([TALK], sheets, BOOK, coders=["bem"])
    assert wrong.codings.empty
    assert [(found.level, found.rule, found.hint) for found in wrong.problems] == [
        ("error", "unknown-coder", "Did you mean “ben”?")
    ]


def test_cases_of_the_table_are_used() -> None:
    table = tabulate([TALK], [], BOOK, cases=(Case("Kim", {"role": "x"}, (("T1", "P"),)), Case("Lee", where="c:3")))
    assert table.units["case"].tolist() == ["", "Kim", "", "Kim"]
    assert [problem.rule for problem in table.problems] == ["silent-case"]
    with pytest.raises(CaseError):
        tabulate([TALK], [], BOOK, cases=(Case("Kim"), Case("Kim")))


def test_nothing_at_all() -> None:
    table = tabulate([], [], BOOK)
    assert (len(table.units), len(table.codings), len(table.placements)) == (0, 0, 0)
    assert table.problems == ()
    empty = tabulate([interview("T", "")], [], BOOK)
    assert [problem.rule for problem in empty.problems] == ["no-units"]
    assert empty.codings.dtypes.equals(
        tabulate([TALK], [sheet(TALK, coding(TALK, "turnover", "leave"))], BOOK).codings.dtypes
    )


# --- what cannot be counted ---------------------------------------------------------------------------------


def broken(kind: str) -> Coding:
    good = coding(TALK, "scheduling", "Scheduling is hard.")
    return {
        "unknown-code": replace(good, code="schedulin"),
        "beyond-text": replace(good, span=Span(90, 900)),
        "wrong-quote": replace(good, quote="Scheduling was hard."),
        "outside-units": coding(TALK, "scheduling", "P: "),
        "foreign-coding": replace(good, coder="ben"),
    }[kind]


@pytest.mark.parametrize("kind", ["unknown-code", "beyond-text", "wrong-quote", "outside-units", "foreign-coding"])
def test_a_coding_that_cannot_be_counted_is_named_and_left_out(kind: str) -> None:
    good = coding(TALK, "turnover", "People leave")
    bad = broken(kind)
    table = tabulate([TALK], [sheet(TALK, bad, good)], BOOK)
    assert table.codings["code"].tolist() == ["turnover"]
    (problem,) = table.problems
    assert (problem.level, problem.rule) == ("error", kind)
    assert problem.where == f"T1 (ana):{bad.span.start}-{bad.span.end}"
    if kind == "unknown-code":
        assert problem.hint == "Did you mean “scheduling”?"


def test_a_sheet_of_a_changed_or_missing_transcript_is_left_out() -> None:
    good = sheet(TALK, coding(TALK, "turnover", "People leave"))
    changed, lost = replace(good, text_digest="0"), replace(good, transcript="T11")
    table = tabulate([TALK], [changed, lost], BOOK)
    assert table.codings.empty
    assert table.sheets == ()
    assert [(found.where, found.level, found.rule) for found in table.problems] == [
        ("T1 (ana)", "error", "changed-transcript"),
        ("T11 (ana)", "error", "unknown-transcript"),
    ]
    assert table.problems[1].hint == "Did you mean “T1”?"


def test_a_second_sheet_of_one_coder_and_a_second_transcript_of_one_name() -> None:
    good = sheet(TALK, coding(TALK, "turnover", "People leave"))
    table = tabulate([TALK, replace(TALK, text="")], [good, sheet(TALK)], BOOK)
    assert len(table.codings) == 1
    assert len(table.transcripts) == 1
    assert [found.rule for found in table.problems] == ["duplicate-transcript", "duplicate-sheet"]


def test_another_version_of_the_codebook_is_said_and_counted() -> None:
    old = replace(sheet(TALK, coding(TALK, "turnover", "People leave")), codebook_digest="older")
    table = tabulate([TALK], [old], BOOK)
    assert len(table.codings) == 1
    assert [(found.level, found.rule) for found in table.problems] == [("note", "other-codebook")]
    same = replace(old, codebook_digest=BOOK.digest)
    assert tabulate([TALK], [same], BOOK).problems == ()


def test_a_transcript_without_units_of_the_kind_is_named() -> None:
    turns_only = replace(TALK, segments=TALK.units("turn"))
    table = tabulate([turns_only], [sheet(turns_only, coding(TALK, "turnover", "leave"))], BOOK, unit="sentence")
    assert [found.rule for found in table.problems] == ["no-units", "outside-units"]
    assert table.codings.empty


def test_segments_that_overlap_are_a_defect_of_who_made_them() -> None:
    crooked = replace(TALK, segments=(Segment("t001", "turn", Span(0, 9)), Segment("t002", "turn", Span(5, 12))))
    with pytest.raises(ValueError, match="overlap"):
        tabulate([crooked], [], BOOK)


# --- what was looked at -------------------------------------------------------------------------------------


def test_seen_is_per_coder_and_unit() -> None:
    sheets = [sheet(TALK, seen=["t001", "t002"]), sheet(TALK, seen=["t004"], coder="ben")]
    table = tabulate([TALK, replace(TALK, id="T2")], sheets, BOOK)
    assert table.seen("ana").tolist() == [True, True, False, False, False, False, False, False]
    assert table.seen("ben").tolist() == [False, False, False, True, False, False, False, False]
    assert table.seen("nobody").dtype == np.bool_
    assert not table.seen("nobody").any()


def test_a_wider_unit_is_seen_when_all_inside_it_is() -> None:
    # s0002–s0004 are the three sentences of t002, s0006 and s0007 those of t004.
    all_but_one = {"s0001", "s0002", "s0003", "s0004", "s0005", "s0006"}
    table = tabulate([TALK], [sheet(TALK, unit="sentence", seen=all_but_one)], BOOK, unit="turn")
    assert table.seen("ana").tolist() == [True, True, True, False]


def test_a_finer_unit_is_seen_when_the_one_around_it_is() -> None:
    table = tabulate([TALK], [sheet(TALK, unit="turn", seen={"t002"})], BOOK, unit="sentence")
    assert table.seen("ana").tolist() == [False, True, True, True, False, False, False]


def test_a_unit_around_which_nothing_could_be_seen_is_not_seen() -> None:
    turns_only = replace(TALK, segments=TALK.units("turn"))
    table = tabulate([turns_only], [sheet(turns_only, unit="sentence", seen={"s0001"})], BOOK)
    assert not table.seen("ana").any()


# --- awkward text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("👩‍👩‍👧 family", 1),  # an emoji is no word
        ("e\u0301te\u0301 naïve", 2),  # marks above letters do not cut a word
        ("陳老師好，OK啦", 6),  # five characters and one word between full-width punctuation
        ("שלום עולם", 2),  # right to left
        ("don't twenty-one", 2),
        ("— … !", 0),
    ],
)
def test_words_of_awkward_text(words: str, expected: int) -> None:
    talk = interview("T", f"P: {words}\nP: after\n")
    table = tabulate([talk], [sheet(talk, coding(talk, "turnover", words))], BOOK)
    assert table.codings["words"].tolist() == [expected]
    assert table.codings["quote"].tolist() == [words]
    assert table.units["words"].tolist() == [expected, 1]


def test_table_shows_itself() -> None:
    table = tabulate([TALK], [sheet(TALK, coding(TALK, "turnover", "leave"))], BOOK)
    assert repr(table) == "<CodingTable: 1 codings by ana on 4 turns of 1 transcripts>"
    assert "leave" in table._repr_html_()
