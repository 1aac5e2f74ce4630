"""Counts worked out on paper, laws that hold for any data, and published frequencies."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from interviews import coding, interview, sheet

from qualcode.codebook import Codebook, parse_codebook
from qualcode.errors import CaseError, CodebookError, QualcodeError
from qualcode.model import UNITS, Case, Coding, Sheet, Span, Transcript, Unit
from qualcode.tables import CodingTable, tabulate
from qualcode.themes import (
    count_by,
    count_cooccurrence,
    count_themes,
    list_cooccurrence,
    select_quotes,
)

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

ONE = interview(
    "T1",
    "I: What is so hard?\n"  # 4 words, the interviewer's
    "P: Scheduling is hard. People leave. It rains.\n"  # 7 words
    "I: Yes?\n"  # 1 word, the interviewer's
    "P: Nobody sees us.\n"  # 3 words
    "They should.\n",  # 2 words of the same turn
)
GROUP = interview(
    "F1",
    "I: And you?\n"  # 2 words, the interviewer's
    "Ana: Scheduling, always scheduling.\n"  # 3 words
    "Ben: People leave and people come.\n"  # 5 words
    "Ana: Yes.\n",  # 1 word
)
ANA = [
    sheet(
        ONE,
        coding(ONE, "scheduling", "Scheduling is hard."),  # a: 3 words
        coding(ONE, "scheduling", "hard. People leave."),  # b: 3 words, of which "hard" is in a
        coding(ONE, "turnover", "People leave."),  # c: 2 words
        coding(ONE, "turnover", "Scheduling is hard."),  # d: the passage of a, another code
        coding(ONE, "challenges", "It rains."),  # e: 2 words, the theme itself
        coding(ONE, "visibility", "Yes?"),  # h: the interviewer's
    ),
    sheet(
        GROUP,
        coding(GROUP, "scheduling", "Scheduling, always scheduling."),  # f: 3 words
        coding(GROUP, "turnover", "scheduling.\nBen: People leave"),  # g: 1 word of Ana's and 2 of Ben's
        coding(GROUP, "turnover", "And you?"),  # i: the interviewer's
    ),
]
BEN = [sheet(ONE, coding(ONE, "turnover", "People leave.", coder="ben"), coder="ben")]  # as c
CASES = (
    Case("T1", {"role": "manager", "level": "2"}),
    Case("A", {"role": "teacher", "level": "10"}, (("F1", "Ana"),)),
    Case("B", {"role": "", "level": "2"}, (("F1", "Ben"),)),
)


@pytest.fixture(scope="module")
def table() -> CodingTable:
    return tabulate([ONE, GROUP], [*ANA, *BEN], BOOK, cases=CASES)


# --- worked out on paper ------------------------------------------------------------------------------------


def test_themes(table: CodingTable) -> None:
    themes = count_themes(table)
    assert themes.frame.to_dict("split")["columns"] == [
        *("code", "name", "theme", "level", "codings", "segments", "words", "transcripts", "cases"),
        "cases_percent",
    ]
    assert themes.frame.to_numpy().tolist() == [
        # passages a=d, b, c, e, f, g; turns of P, Ana, Ben; 7 words of P, 3 of Ana, 2 of Ben
        ["challenges", "Challenges", "Challenges", 1, 6, 3, 12, 2, 3, 100.0],
        # a, b, f; turns of P and Ana; "Scheduling is hard People leave" and 3 of Ana; 2 of 3 cases
        ["challenges/scheduling", "Scheduling", "Challenges", 2, 3, 2, 8, 2, 2, 66.67],
        # c (by two coders), d, g; turns of P, Ana, Ben; 3 + 2 words of P, 1 of Ana, 2 of Ben
        ["challenges/turnover", "Turnover", "Challenges", 2, 3, 3, 8, 2, 3, 100.0],
        ["visibility", "Visibility", "Visibility", 1, 0, 0, 0, 0, 0, 0.0],
    ]


def test_what_the_numbers_refer_to(table: CodingTable) -> None:
    themes = count_themes(table)
    assert (themes.n_cases, themes.n_transcripts, themes.n_segments, themes.n_words) == (3, 2, 5, 21)
    assert (themes.n_interviewer_segments, themes.n_interviewer_words) == (3, 7)
    assert themes.n_interviewer_codings == 2  # h and i
    assert themes.unit == "turn"
    assert themes.table is table
    assert themes.problems == ()


def test_interviewer_talk_is_counted_apart(table: CodingTable) -> None:
    assert count_themes(table).interviewer.to_numpy().tolist() == [
        ["challenges", "Challenges", 1, 1, 2],
        ["challenges/scheduling", "Scheduling", 0, 0, 0],
        ["challenges/turnover", "Turnover", 1, 1, 2],
        ["visibility", "Visibility", 1, 1, 1],
    ]


def test_deeper_levels_are_hidden_and_still_counted(table: CodingTable) -> None:
    every, top = count_themes(table), count_themes(table, level=1)
    assert top.frame["code"].tolist() == ["challenges", "visibility"]
    expected = every.frame[every.frame["level"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(top.frame, expected, check_categorical=False)
    assert top.frame["code"].cat.categories.tolist() == ["challenges", "visibility"]
    pd.testing.assert_frame_equal(count_themes(table, level=9).frame, every.frame)
    assert count_themes(table, level=1).interviewer["code"].tolist() == ["challenges", "visibility"]
    with pytest.raises(ValueError, match="not 0"):
        count_themes(table, level=0)


def test_sentences_as_units() -> None:
    table = tabulate([ONE, GROUP], ANA, BOOK, unit="sentence")
    frame = count_themes(table).frame.set_index("code")
    # "Scheduling is hard." and "People leave." (which b reaches) of P; one sentence of Ana
    assert frame.loc["challenges/scheduling", "segments"] == 3
    # those two of P, one of Ana, one of Ben
    assert frame.loc["challenges/turnover", "segments"] == 4
    # codings and words do not depend on the unit
    assert frame["codings"].tolist() == [6, 3, 3, 0]
    assert frame["words"].tolist() == [12, 8, 8, 0]


def test_by_case(table: CodingTable) -> None:
    frame = count_by(table)
    assert list(frame.columns) == [
        *("code", "name", "theme", "level", "case", "codings", "segments", "words", "cases", "n_cases")
    ]
    assert frame[["code", "case", "codings", "segments", "words", "cases", "n_cases"]].to_numpy().tolist() == [
        ["challenges", "T1", 4, 1, 7, 1, 1],  # a=d, b, c, e
        ["challenges", "A", 2, 1, 3, 1, 1],  # f, g
        ["challenges", "B", 1, 1, 2, 1, 1],  # g
        ["challenges/scheduling", "T1", 2, 1, 5, 1, 1],
        ["challenges/scheduling", "A", 1, 1, 3, 1, 1],
        ["challenges/scheduling", "B", 0, 0, 0, 0, 1],
        ["challenges/turnover", "T1", 2, 1, 5, 1, 1],
        ["challenges/turnover", "A", 1, 1, 1, 1, 1],
        ["challenges/turnover", "B", 1, 1, 2, 1, 1],
        ["visibility", "T1", 0, 0, 0, 0, 1],
        ["visibility", "A", 0, 0, 0, 0, 1],
        ["visibility", "B", 0, 0, 0, 0, 1],
    ]


def test_by_attribute_with_the_cases_of_each_group(table: CodingTable) -> None:
    frame = count_by(table, "Role", level=1)
    assert frame[["code", "role", "codings", "words", "cases", "n_cases"]].to_numpy().tolist() == [
        ["challenges", "manager", 4, 7, 1, 1],
        ["challenges", "teacher", 2, 3, 1, 1],
        ["challenges", "(not given)", 1, 2, 1, 1],
        ["visibility", "manager", 0, 0, 0, 1],
        ["visibility", "teacher", 0, 0, 0, 1],
        ["visibility", "(not given)", 0, 0, 0, 1],
    ]


def test_an_attribute_named_as_a_column_of_the_result(table: CodingTable) -> None:
    frame = count_by(table, "level", level=1)
    # T1 and B: a=d, b, c, e, g; 7 + 2 words
    assert frame[["level", "case level", "codings", "segments", "words", "cases", "n_cases"]].iloc[
        :2
    ].to_numpy().tolist() == [[1, "2", 5, 2, 9, 2, 2], [1, "10", 2, 1, 3, 1, 1]]


def test_an_unknown_attribute(table: CodingTable) -> None:
    with pytest.raises(CaseError) as caught:
        count_by(table, "rol")
    assert caught.value.hint == "Did you mean “role”?"


def test_cooccurrence(table: CodingTable) -> None:
    square = count_cooccurrence(table)
    paths = ["challenges", "challenges/scheduling", "challenges/turnover", "visibility"]
    assert square.index.tolist() == square.columns.tolist() == paths
    assert square.to_numpy().tolist() == [[3, 2, 3, 0], [2, 2, 2, 0], [3, 2, 3, 0], [0, 0, 0, 0]]
    assert count_cooccurrence(table, level=1).to_numpy().tolist() == [[3, 0], [0, 0]]


def test_pairs_of_codes(table: CodingTable) -> None:
    pairs = list_cooccurrence(table)
    assert pairs.columns.tolist() == ["code", "other", "segments", "cases"]
    assert pairs.to_numpy().tolist() == [["challenges/scheduling", "challenges/turnover", 2, 2]]


def test_pairs_come_by_segments_and_then_in_the_order_of_the_codebook() -> None:
    book = parse_codebook(
        "name: x\ncodes:\n" + "".join(f"  - {{id: {name}, name: {name}, definition: d}}\n" for name in "abc")
    )
    talk = interview("T", "P: one two\nP: three\n")
    laid = [("a", "one"), ("b", "one"), ("c", "one"), ("c", "three"), ("b", "three")]
    codings = [coding(talk, code, quote) for code, quote in laid]
    pairs = list_cooccurrence(tabulate([talk], [sheet(talk, *codings)], book))
    assert pairs.to_numpy().tolist() == [["b", "c", 2, 1], ["a", "b", 1, 1], ["a", "c", 1, 1]]


def test_cooccurrence_in_more_units_than_one_block_holds() -> None:
    talk = interview("T", "P: one\n" * 9001)
    codings = [
        Coding("T", turn.span, code, "ana", "applied", "one")
        for turn in talk.units("turn")
        for code in ("turnover", "visibility")
    ]
    table = tabulate([talk], [sheet(talk, *codings)], BOOK)
    assert count_cooccurrence(table).loc["visibility"].tolist() == [9001, 0, 9001, 9001]


def test_quotes_of_a_theme_and_all_below_it(table: CodingTable) -> None:
    quotes = select_quotes(table, "challenges")
    assert quotes.columns.tolist() == [
        *("code", "name", "theme", "case", "transcript", "segment", "speaker", "time", "start", "end", "quote"),
        *("rule", "matched"),
    ]
    assert quotes[["code", "case", "segment", "speaker", "quote"]].to_numpy().tolist() == [
        ["challenges", "T1", "t002", "P", "It rains."],
        ["challenges/scheduling", "T1", "t002", "P", "Scheduling is hard."],
        ["challenges/scheduling", "T1", "t002", "P", "hard. People leave."],
        ["challenges/scheduling", "A", "t002", "Ana", "Scheduling, always scheduling."],
        ["challenges/turnover", "T1", "t002", "P", "Scheduling is hard."],
        ["challenges/turnover", "T1", "t002", "P", "People leave."],
        ["challenges/turnover", "A", "t002", "Ana", "scheduling.\nBen: People leave"],
    ]
    assert select_quotes(table, "challenges/turnover").equals(select_quotes(table, "turnover"))
    assert len(select_quotes(table)) == 7


def test_quotes_of_a_case_stand_where_that_case_speaks(table: CodingTable) -> None:
    quotes = select_quotes(table, case="B")
    assert quotes[["case", "segment", "speaker", "quote"]].to_numpy().tolist() == [
        ["B", "t003", "Ben", "scheduling.\nBen: People leave"]
    ]
    assert select_quotes(table, transcript="F1")["transcript"].unique().tolist() == ["F1"]
    assert select_quotes(table, case="T1", transcript="F1").empty


def test_quotes_of_the_interviewer_only_when_asked_for(table: CodingTable) -> None:
    assert select_quotes(table, with_interviewer="only")["quote"].tolist() == ["And you?", "Yes?"]
    assert len(select_quotes(table, with_interviewer="yes")) == 9


def test_a_quote_across_question_and_answer_stands_with_whom_it_is_asked_for() -> None:
    across = coding(ONE, "scheduling", "hard?\nP: Scheduling")
    table = tabulate([ONE], [sheet(ONE, across)], BOOK)
    speakers = {talk: select_quotes(table, with_interviewer=talk)["speaker"].tolist() for talk in ("no", "yes", "only")}
    assert speakers == {"no": ["P"], "yes": ["P"], "only": ["I"]}


def test_what_coders_coded_alike_is_one_quote_with_all_their_evidence() -> None:
    first = coding(ONE, "turnover", "People leave.", rule="leave", matched=["leave"])
    second = coding(ONE, "turnover", "People leave.", coder="ben", rule="people", matched=["People", "leave"])
    table = tabulate([ONE], [sheet(ONE, first), sheet(ONE, second, coder="ben")], BOOK)
    quotes = select_quotes(table)
    assert quotes[["rule", "matched"]].to_numpy().tolist() == [["leave; people", "leave; People; leave"]]


def test_unknown_names_are_refused_with_the_nearest(table: CodingTable) -> None:
    with pytest.raises(CodebookError):
        select_quotes(table, "challenges/turnovr")
    with pytest.raises(CaseError) as caught:
        select_quotes(table, case="T2")
    assert "T1" in caught.value.hint
    with pytest.raises(QualcodeError) as caught:
        select_quotes(table, transcript="F2")
    assert caught.value.hint == "Did you mean “F1”?"


def test_every_number_leads_back_to_quotes(table: CodingTable) -> None:
    """For each code, distinct passages of its quotes are its codings; so by case."""
    counts = count_by(table).set_index(["code", "case"])["codings"]
    for (code, case), expected in counts.items():
        quotes = select_quotes(table, code, case=case)
        assert len(quotes.drop_duplicates(["transcript", "start", "end"])) == expected


# --- how a table shows itself -------------------------------------------------------------------------------


def test_caption_tells_denominators_unit_rule_and_what_is_left_out(table: CodingTable) -> None:
    assert count_themes(table).caption == (
        "3 cases in 2 transcripts: 5 interviewee turns with 21 words. Segments are turns; a coding counts in every "
        "turn with which it shares a character. A code counts the union of its own codings and those of all codes "
        "below it, so rows do not add up. Interviewer talk is left out: 3 turns with 7 words, 2 coded passages among "
        "them."
    )


def test_columns_stand_below_each_other_in_any_script() -> None:
    book = parse_codebook("codes: [{id: a, name: 招募渠道, codes: [{id: b, name: 校友網絡}, {id: c, name: Friends}]}]")
    lines = repr(count_themes(tabulate([], [], book))).splitlines()
    assert [len(line) + sum("一" <= sign <= "鿿" for sign in line) for line in lines[:4]] == [len(lines[0])] * 4


def test_text_and_html(table: CodingTable) -> None:
    themes = count_themes(table)
    lines = str(themes).splitlines()
    assert lines[0].split("  ")[-6:] == ["codings", "turns", "words", "transcripts", "cases", "% of 3"]
    assert lines[1].split() == ["Challenges", "6", "3", "12", "2", "3", "100"]
    assert lines[2].startswith("  Scheduling")
    assert themes.caption in " ".join(str(themes).split())
    html = themes._repr_html_()
    assert html.count("<tr>") == 5
    assert "<b>Challenges</b>" in html
    assert "<th>turns</th>" in html
    assert "<td>67</td>" in html


def test_html_escapes_names() -> None:
    book = parse_codebook("name: x\ncodes:\n  - {id: a, name: 'R&D <b>', definition: d}\n")
    assert "R&amp;D &lt;b&gt;" in count_themes(tabulate([ONE], [], book))._repr_html_()


def test_rejected_codings_are_mentioned() -> None:
    rejected = sheet(ONE, coding(ONE, "turnover", "leave", verdict="rejected"))
    assert "1 rejected coding left out." in count_themes(tabulate([ONE], [rejected], BOOK)).caption


# --- at the edge --------------------------------------------------------------------------------------------


def counts_of(transcripts: list[Transcript], sheets: list[Sheet], **options: object) -> dict[str, list[float]]:
    frame = count_themes(tabulate(transcripts, sheets, BOOK, **options)).frame
    return frame.set_index("code").drop(columns=["name", "theme", "level"]).T.to_dict("list")


def test_without_any_coding_all_rows_are_there_and_zero() -> None:
    assert set(map(tuple, counts_of([ONE], []).values())) == {(0, 0, 0, 0, 0, 0)}
    table = tabulate([ONE], [], BOOK)
    assert count_by(table)[["codings", "segments", "words", "cases"]].to_numpy().sum() == 0
    assert count_cooccurrence(table).to_numpy().sum() == 0
    assert list_cooccurrence(table).empty
    assert select_quotes(table).empty


def test_without_any_transcript_a_percentage_is_not_defined_and_says_why() -> None:
    themes = count_themes(tabulate([], [], BOOK))
    assert themes.frame["cases_percent"].isna().all()
    assert [problem.rule for problem in themes.problems] == ["no-cases"]
    assert "undefined" in themes.caption
    assert "–" in str(themes)
    assert "–" in themes._repr_html_()
    assert count_by(themes.table).empty
    assert count_by(themes.table).columns.tolist() == count_by(tabulate([ONE], [], BOOK)).columns.tolist()


def test_interviewer_talk_alone_counts_nothing() -> None:
    talk = interview("T", "I: Scheduling?\n")
    themes = count_themes(tabulate([talk], [sheet(talk, coding(talk, "scheduling", "Scheduling"))], BOOK))
    assert themes.frame["codings"].sum() == 0
    assert themes.frame["cases_percent"].isna().all()
    assert themes.interviewer["codings"].tolist() == [1, 1, 0, 0]


def test_a_transcript_without_labels_counts_as_one_case() -> None:
    talk = interview("T", "Scheduling is hard.\nPeople leave.\n")
    found = counts_of([talk], [sheet(talk, coding(talk, "turnover", "People leave."))])
    assert found["challenges/turnover"] == [1, 1, 2, 1, 1, 100.0]


def test_identical_codings_of_several_coders_count_once() -> None:
    sheets = [sheet(ONE, coding(ONE, "turnover", "People leave.", coder=name), coder=name) for name in ("ana", "ben")]
    assert counts_of([ONE], sheets) == counts_of([ONE], sheets[:1])


def test_awkward_text_counts_by_characters_and_words() -> None:
    talk = interview("T", "P: 好👍好, ve\u0301rite\u0301 שלום\n")
    found = counts_of([talk], [sheet(talk, coding(talk, "visibility", "👍好, v"), coding(talk, "visibility", "好👍"))])
    assert found["visibility"][:3] == [2, 1, 3]  # 好, 好 and the word that begins with v


# --- laws ---------------------------------------------------------------------------------------------------

DEEP = parse_codebook(
    """
name: Deep
codes:
  - id: a
    name: A
    definition: d
    codes:
      - id: b
        name: B
        definition: d
        codes:
          - {id: c, name: C, definition: d}
          - {id: d, name: D, definition: d}
      - {id: e, name: E, definition: d}
  - {id: f, name: F, definition: d}
"""
)
BELOW = {"a": "abcde", "b": "bcd", "c": "c", "d": "d", "e": "e", "f": "f"}
PATHS = {"a": "a", "b": "a/b", "c": "a/b/c", "d": "a/b/d", "e": "a/e", "f": "f"}

_LINES = st.lists(
    st.tuples(st.sampled_from(["I: ", "P: ", "Q: ", ""]), st.text("ab .好👍", min_size=1, max_size=12)),
    min_size=1,
    max_size=5,
)


@st.composite
def studies(draw: st.DrawFn) -> tuple[list[Transcript], list[Sheet]]:
    """Draw transcripts, and sheets of two coders with codings anywhere in them, on labels and across turns."""
    transcripts, sheets = [], []
    for number in range(draw(st.integers(1, 3))):
        text = "".join(f"{label}{words}\n" for label, words in draw(_LINES))
        transcript = interview(f"T{number}", text)
        transcripts.append(transcript)
        for coder in ("ana", "ben"):
            drawn = draw(
                st.lists(
                    st.tuples(st.integers(0, len(text) - 1), st.integers(1, 15), st.sampled_from("abcdef")), max_size=6
                )
            )
            spans = [(Span(start, min(start + length, len(text))), code) for start, length, code in drawn]
            codings = [
                Coding(transcript.id, span, code, coder, "applied", transcript.quote(span)) for span, code in spans
            ]
            sheets.append(sheet(transcript, *codings, coder=coder))
    return transcripts, sheets


def word_places(text: str) -> set[int]:
    """Return where words begin in text of a, b, I, P, Q and 好: runs of letters, or one 好."""
    return {
        place
        for place, letter in enumerate(text)
        if letter == "好" or (letter in "abIPQ" and (place == 0 or text[place - 1] not in "abIPQ"))
    }


def case_by_hand(transcript: Transcript, speaker: str) -> str:
    """Return the case of a voice when there is no table."""
    labels = sorted({turn.speaker for turn in transcript.units("turn")} - {"I"})
    named = [label for label in labels if label]
    if len(named) == 1 or labels == [""]:
        return transcript.id
    return f"{transcript.id}/{speaker or '(no label)'}"


def count_by_hand(
    transcripts: list[Transcript], sheets: list[Sheet], code: str, unit: Unit, *, only_case: str | None = None
) -> list[int]:
    """Count with plain sets of characters: codings, segments, words, transcripts, cases."""
    passages, segments, words, names, cases = set(), set(), set(), set(), set()
    for transcript in transcripts:
        spans = {
            (one.span.start, one.span.end)
            for each in sheets
            if each.transcript == transcript.id
            for one in each.codings
            if one.code in BELOW[code]
        }
        for segment in transcript.units(unit):
            case = case_by_hand(transcript, segment.speaker)
            if segment.speaker == "I" or (only_case is not None and case != only_case):
                continue
            inside = set(range(segment.span.start, segment.span.end))
            for start, end in spans:
                common = inside & set(range(start, end))
                if common:
                    passages.add((transcript.id, start, end))
                    segments.add((transcript.id, segment.id))
                    words |= {(transcript.id, place) for place in common & word_places(transcript.text)}
                    names.add(transcript.id)
                    cases.add(case)
    return [len(passages), len(segments), len(words), len(names), len(cases)]


COUNTS = ["codings", "segments", "words", "transcripts", "cases"]


@settings(deadline=None, max_examples=100)
@given(studies(), st.sampled_from(UNITS))
def test_counts_equal_a_slow_count_by_sets_of_characters(
    study: tuple[list[Transcript], list[Sheet]], unit: Unit
) -> None:
    table = tabulate(*study, DEEP, unit=unit)
    frame = count_themes(table).frame.set_index("code")
    by_case = count_by(table).set_index(["code", "case"])
    for code, path in PATHS.items():
        assert frame.loc[path, COUNTS].tolist() == count_by_hand(*study, code, unit)
        for case in table.index.cases:
            expected = count_by_hand(*study, code, unit, only_case=case.id)
            found = by_case.loc[(path, case.id), ["codings", "segments", "words", "cases"]].tolist()
            assert found == [*expected[:3], expected[4]]


@settings(deadline=None, max_examples=30)
@given(studies(), st.sampled_from(UNITS))
def test_cooccurrence_equals_a_slow_count(study: tuple[list[Transcript], list[Sheet]], unit: Unit) -> None:
    table = tabulate(*study, DEEP, unit=unit)
    carried: dict[tuple[str, str], set[str]] = {}
    cases: dict[tuple[str, str], str] = {}
    for transcript in study[0]:
        for segment in transcript.units(unit):
            codes = {
                one.code
                for each in study[1]
                if each.transcript == transcript.id
                for one in each.codings
                if one.span.overlaps(segment.span)
            }
            if segment.speaker != "I":
                key = (transcript.id, segment.id)
                carried[key] = {top for top, below in BELOW.items() if codes & set(below)}
                cases[key] = case_by_hand(transcript, segment.speaker)
    square = count_cooccurrence(table)
    both = {
        (one, other): [key for key, codes in carried.items() if {one, other} <= codes]
        for one in PATHS
        for other in PATHS
    }
    for (one, other), keys in both.items():
        assert square.loc[PATHS[one], PATHS[other]] == len(keys)
    expected = {
        (PATHS[one], PATHS[other], len(keys), len({cases[key] for key in keys}))
        for (one, other), keys in both.items()
        if keys and one < other and other not in BELOW[one]
    }
    assert set(list_cooccurrence(table).itertuples(index=False, name=None)) == expected


@settings(deadline=None, max_examples=30)
@given(studies(), st.sampled_from(UNITS))
def test_a_parent_counts_at_least_its_largest_child_and_at_most_their_sum(
    study: tuple[list[Transcript], list[Sheet]], unit: Unit
) -> None:
    sheets = [
        replace(each, codings=tuple(one for one in each.codings if one.code in "cdef")) for each in study[1]
    ]  # leaves only
    frame = count_themes(tabulate(study[0], sheets, DEEP, unit=unit)).frame.set_index("code")[COUNTS]
    for parent, children in (("a/b", ["a/b/c", "a/b/d"]), ("a", ["a/b", "a/e"])):
        assert (frame.loc[parent] >= frame.loc[children].max()).all()
        assert (frame.loc[parent] <= frame.loc[children].sum()).all()


@settings(deadline=None, max_examples=30)
@given(studies(), st.sampled_from(UNITS), st.randoms(use_true_random=False))
def test_the_order_of_transcripts_and_sheets_changes_no_count(
    study: tuple[list[Transcript], list[Sheet]], unit: Unit, rng: random.Random
) -> None:
    transcripts, sheets = study
    mixed = tabulate(rng.sample(transcripts, len(transcripts)), rng.sample(sheets, len(sheets)), DEEP, unit=unit)
    plain = tabulate(transcripts, sheets, DEEP, unit=unit)
    pd.testing.assert_frame_equal(count_themes(mixed).frame, count_themes(plain).frame)
    pd.testing.assert_frame_equal(count_cooccurrence(mixed), count_cooccurrence(plain))
    order = ["code", "case"]
    pd.testing.assert_frame_equal(
        count_by(mixed).astype({"case": "str"}).sort_values(order, ignore_index=True),
        count_by(plain).astype({"case": "str"}).sort_values(order, ignore_index=True),
    )


@settings(deadline=None, max_examples=30)
@given(studies(), st.sampled_from(UNITS))
def test_counts_by_case_add_up(study: tuple[list[Transcript], list[Sheet]], unit: Unit) -> None:
    """Segments, words and cases exactly; codings to no less, for one may reach into two cases."""
    table = tabulate(*study, DEEP, unit=unit)
    whole = count_themes(table).frame.set_index("code")
    summed = (
        count_by(table)
        .groupby("code", observed=True)[["codings", "segments", "words", "cases"]]
        .sum()
        .reindex(whole.index, fill_value=0)
    )
    for name in ("segments", "words", "cases"):
        assert summed[name].tolist() == whole[name].tolist()
    assert (summed["codings"] >= whole["codings"]).all()


@settings(deadline=None, max_examples=30)
@given(studies())
def test_codings_words_and_cases_do_not_depend_on_the_unit_when_units_cover_the_talk(
    study: tuple[list[Transcript], list[Sheet]],
) -> None:
    """They do not cover the line end between two paragraphs, which belongs to the turn alone."""
    assume(all(coding.quote.strip() for sheet in study[1] for coding in sheet.codings))
    turns, paragraphs = (count_themes(tabulate(*study, DEEP, unit=unit)).frame for unit in ("turn", "paragraph"))
    assert turns["words"].tolist() == paragraphs["words"].tolist()
    assert (turns["segments"] <= paragraphs["segments"]).all()


# --- published frequencies ----------------------------------------------------------------------------------

NEUTRAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "neutral"
published = pytest.mark.skipif(not NEUTRAL.is_dir(), reason="the development data is not here")


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_published(name: str) -> tuple[list[Transcript], list[Sheet], Codebook, dict[str, str], list[dict[str, str]]]:
    """Return transcripts, sheets, codebook, code id by published name, and the rows with a place in the text."""
    folder = NEUTRAL / name
    listed = read_rows(folder / "codebook.csv")
    ids = {row["code"]: f"c{number:03}" for number, row in enumerate(listed)}
    nested: dict[str, dict[str, object]] = {}
    top: list[dict[str, object]] = []
    for row in listed:
        entry: dict[str, object] = {
            "id": ids[row["code"]],
            "name": row["code"],
            "definition": row["description"] or "-",
        }
        nested[row["code"]] = entry
        siblings = nested[row["parent"]].setdefault("codes", []) if row["parent"] else top
        assert isinstance(siblings, list)
        siblings.append(entry)
    # JSON is YAML, too, and quotes the awkward names of these codes.
    book = parse_codebook(json.dumps({"name": name, "codes": top}, ensure_ascii=False))
    transcripts = [
        interview(path.stem, path.read_text("utf-8"), interviewers=())
        for path in sorted((folder / "docs").glob("*.txt"))
    ]
    located = [row for row in read_rows(folder / "codings.csv") if row["start_char"]]
    sheets = []
    for transcript in transcripts:
        codings = [
            Coding(
                transcript.id,
                Span(int(row["start_char"]), int(row["end_char"])),
                ids.get(row["code"], row["code"]),
                row["coder"],
                "applied",
                row["text"],
            )
            for row in located
            if row["doc"] == transcript.id
        ]
        sheets.append(sheet(transcript, *codings, coder=codings[0].coder) if codings else sheet(transcript))
    return transcripts, sheets, book, ids, located


@published
def test_code_frequencies_of_pdpilot_as_published() -> None:
    """The MAXQDA code system of Kerrigan & Bertini's study of PDPilot; its counts are a code's own, not rolled up."""
    transcripts, sheets, book, ids, located = read_published("pdpilot")
    table = tabulate(transcripts, sheets, book)
    assert table.problems == tuple(problem for problem in table.problems if problem.level != "error")
    own = Counter(table.codings["code"])
    differences = {
        row["code"]: int(row["published_count"]) - own[ids[row["code"]]]
        for row in read_rows(NEUTRAL / "pdpilot" / "codebook.csv")
        if int(row["published_count"]) != own[ids[row["code"]]]
    }
    # Withheld or not found again, as the data's README says: 32 segments of one code, 2 of another.
    assert differences == {
        "Anonymize": 32,
        "PDPilot General Usage > Didn't know how to do something in PDPilot": 2,
    }
    assert len(table.codings) == 259

    # Rolled up, a theme has the distinct passages of all codes whose published path begins with its own.
    frame = count_themes(table).frame.set_index("name")
    for name in ids:
        below = [row for row in located if row["code"] == name or row["code"].startswith(f"{name} > ")]
        assert frame.loc[name, "codings"] == len({(row["doc"], row["start_char"], row["end_char"]) for row in below})
        assert frame.loc[name, "transcripts"] == len({row["doc"] for row in below})


@published
def test_code_frequencies_of_ddjethics_as_published() -> None:
    """The Taguette codebook of the study of ethics codes, whose frequencies are highlights, twice made ones too."""
    transcripts, sheets, book, ids, located = read_published("ddjethics")
    table = tabulate(transcripts, sheets, book)
    unknown = [problem for problem in table.problems if problem.level == "error"]
    assert {problem.rule for problem in unknown} == {"unknown-code"}
    assert len(unknown) == 25  # of 26 with the tag "data", which the codebook lacks, one was not found in its text
    not_found = Counter(
        row["code"] for row in read_rows(NEUTRAL / "ddjethics" / "codings.csv") if not row["start_char"]
    )
    own = Counter(table.codings["code"])
    for row in read_rows(NEUTRAL / "ddjethics" / "codebook.csv"):
        assert own[ids[row["code"]]] + not_found[row["code"]] == int(row["published_count"])

    # Two passages of one document were tagged twice with the same tag: our codings count a passage once.
    frame = count_themes(table).frame.set_index("name")
    twice = {name: own[code] - frame.loc[name, "codings"] for name, code in ids.items()}
    assert {name: number for name, number in twice.items() if number} == {"truth/facts": 1, "accuracy": 1}
    for name in ids:
        assert frame.loc[name, "transcripts"] == len({row["doc"] for row in located if row["code"] == name})


def test_random_large_study_equals_the_slow_count() -> None:
    """Many transcripts, so that offsets on the common axis matter."""
    rng = random.Random(2)
    transcripts, sheets = [], []
    for number in range(30):
        lines = [f"{rng.choice('IPQ')}: {' '.join(rng.choices(['a', 'bab', '好好', '👍'], k=8))}\n" for _ in range(10)]
        transcript = interview(f"T{number}", "".join(lines))
        codings = []
        for _ in range(40):
            start = rng.randrange(len(transcript.text) - 30)
            span = Span(start, start + rng.randrange(1, 30))
            codings.append(Coding(transcript.id, span, rng.choice("abcdef"), "ana", "applied", transcript.quote(span)))
        transcripts.append(transcript)
        sheets.append(sheet(transcript, *codings))
    frame = count_themes(tabulate(transcripts, sheets, DEEP, unit="sentence")).frame.set_index("code")
    assert frame["words"].max() > 1000
    for code, path in PATHS.items():
        assert frame.loc[path, COUNTS].tolist() == count_by_hand(transcripts, sheets, code, "sentence")
    assert np.issubdtype(frame["words"].dtype, np.integer)


def test_of_many_themes_that_could_change_the_sentence_has_the_least_sure_six() -> None:
    book = parse_codebook(f"codes: [{', '.join(f'{{id: c{n}, name: C{n}}}' for n in range(8))}]")
    talks = [interview("A", "P: Rain."), interview("B", "P: Wind.")]
    mine = [
        (sheet(talk, *(coding(talk, f"c{n}", talk.text[3:]) for n in range(first, 8))))
        for first, talk in ((0, talks[0]), (7, talks[1]))
    ]
    sheets = [*mine, *(sheet(talk, coder="ben") for talk in talks)]
    [told] = [
        one for one in count_themes(tabulate(talks, sheets, book, way="agreed")).doubts if one.startswith("Settled")
    ]
    assert told.startswith("Settled one way or the other, they would put C0 in 0 to 1 turn of 0 to 1 case; C1 in")
    assert "; C4 in 0 to 1 turn of 0 to 1 case; C7 in 0 to 2 turns of 0 to 2 cases; 2 more are" in told
