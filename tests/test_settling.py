"""What several coders' codings come to: by hand, against the definition written out, and the laws that hold for any."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interviews import coding, interview, sheet

from qualcode.agreement import measure_agreement
from qualcode.codebook import Codebook, parse_codebook
from qualcode.model import UNITS, Coding, Evidence, Sheet, Span, Transcript
from qualcode.tables import CodingTable, tabulate
from qualcode.themes import count_by, count_themes, select_quotes

if TYPE_CHECKING:
    from qualcode.model import Unit, Verdict
    from qualcode.settling import Way

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

TALK = interview(
    "T1",
    "I: What is so hard?\n"  # t001
    "P: Scheduling is hard. People leave. It rains.\n"  # t002: s0002, s0003, s0004
    "I: Yes?\n"  # t003
    "P: Nobody sees us. 好難呀。\n",  # t004: s0006, s0007
)
HONG = interview("T2", "P: 我哋成日夾唔到時間。 好忙。\nP: 走咗好多人😀。\n")


def count(
    *sheets: Sheet,
    unit: Unit = "turn",
    way: Way = "agreed",
    coders: tuple[str, ...] | None = None,
    transcripts: tuple[Transcript, ...] = (TALK, HONG),
) -> CodingTable:
    return tabulate(transcripts, sheets, BOOK, unit=unit, way=way, coders=coders)


def settled(talk: Transcript, code: str, quote: str, verdict: Verdict = "applied") -> Coding:
    """Return what a consensus says of a passage."""
    return replace(coding(talk, code, quote, coder="consensus", verdict=verdict), origin="consensus")


def consensus(talk: Transcript, *codings: Coding, **options: Any) -> Sheet:
    return sheet(talk, *codings, coder="consensus", **options)


def lines(table: CodingTable) -> list[tuple[str, str, str]]:
    frame = table.codings
    return list(zip(frame["code"], frame["coder"], frame["quote"], strict=True))


def bounds(table: CodingTable, code: str) -> tuple[int, ...]:
    """Return codings, segments with their bounds, cases with theirs."""
    row = count_themes(table).frame.set_index("code").loc[code]
    names = ("codings", "segments", "segments_low", "segments_high", "cases", "cases_low", "cases_high")
    return tuple(int(row[name]) for name in names)


def differences(table: CodingTable) -> list[tuple[str, str, str, str, bool]]:
    assert table.settlement is not None
    frame = table.settlement.differences
    return list(zip(*(frame[name] for name in ("segment", "code", "coders", "others", "is_settled")), strict=True))


# --- which codes count ----------------------------------------------------------------------------------------


def test_a_segment_that_one_person_read_counts_as_that_person_coded_it() -> None:
    ana = sheet(TALK, coding(TALK, "turnover", "People leave."), coding(TALK, "visibility", "Nobody sees us."))
    ben = sheet(TALK, coder="ben", seen=["t004"])
    table = count(ana, ben)
    assert lines(table) == [("turnover", "ana", "People leave.")]
    assert differences(table) == [("t004", "visibility", "ana", "ben", False)]
    assert bounds(table, "visibility") == (0, 0, 0, 1, 0, 0, 1)
    assert bounds(table, "challenges/turnover") == (1, 1, 1, 1, 1, 1, 1)


def test_a_code_counts_where_all_of_several_readers_gave_it() -> None:
    quotes = ("Scheduling is hard.", "People leave.")
    ana, ben, chi = (
        sheet(TALK, *(coding(TALK, "turnover", quote, coder=name) for quote in quotes[:n_quotes]), coder=name)
        for name, n_quotes in (("ana", 2), ("ben", 1), ("chi", 1))
    )
    assert lines(count(ana, ben, chi)) == [("turnover", "ana, ben, chi", "Scheduling is hard.")]
    # On sentences, chi and ben do not have the second.
    table = count(ana, ben, chi, unit="sentence")
    assert lines(table) == [("turnover", "ana, ben, chi", "Scheduling is hard.")]
    assert differences(table) == [("s0003", "turnover", "ana", "ben, chi", False)]


def test_who_gave_a_code_has_read_the_segment() -> None:
    ana = sheet(TALK, coding(TALK, "turnover", "People leave."), seen=[])
    ben = sheet(TALK, coder="ben", seen=["t002"])
    assert differences(count(ana, ben)) == [("t002", "turnover", "ana", "ben", False)]
    assert lines(count(ana, sheet(TALK, coder="ben", seen=["t004"]))) == [("turnover", "ana", "People leave.")]


def test_a_consensus_settles_for_or_against() -> None:
    ana = sheet(TALK, coding(TALK, "turnover", "People leave."), coding(TALK, "scheduling", "Scheduling is hard."))
    ben = sheet(TALK, coding(TALK, "visibility", "Nobody sees us.", coder="ben"), coder="ben")
    held = consensus(
        TALK,
        settled(TALK, "turnover", "People leave."),
        settled(TALK, "scheduling", "Scheduling is hard.", "rejected"),
        seen=["t002"],
    )
    table = count(ana, ben, held)
    assert lines(table) == [("turnover", "ana, consensus", "People leave.")]
    assert [(code, is_settled) for _, code, _, _, is_settled in differences(table)] == [
        ("scheduling", True),
        ("turnover", True),
        ("visibility", False),
    ]
    assert bounds(table, "challenges") == (1, 1, 1, 1, 1, 1, 1)
    assert bounds(table, "visibility") == (0, 0, 0, 1, 0, 0, 1)
    assert table.coders == ("ana", "ben")
    assert table.whose == "Codings counted: those that ana and ben agree on; 2 of 3 differences settled, 1 open."


def test_what_all_gave_needs_no_consensus_and_keeps_the_words_in_common() -> None:
    """Adjudication takes the first coder's words over; that settles nothing and changes no number."""
    ana = sheet(TALK, coding(TALK, "turnover", "hard. People leave."))
    ben = sheet(TALK, coding(TALK, "turnover", "People leave. It", coder="ben"), coder="ben")
    before = count(ana, ben)
    after = count(ana, ben, consensus(TALK, settled(TALK, "turnover", "hard. People leave."), seen=["t002"]))
    assert lines(before) == lines(after) == [("turnover", "ana, ben", "People leave.")]
    against = consensus(TALK, settled(TALK, "turnover", "hard. People leave.", "rejected"), seen=["t002"])
    assert lines(count(ana, ben, against)) == lines(before)


def test_what_was_settled_together_counts_without_a_reader() -> None:
    held = consensus(TALK, settled(TALK, "visibility", "Nobody sees us."), seen=["t004"])
    table = count(sheet(TALK, seen=["t002"]), held)
    assert lines(table) == [("visibility", "consensus", "Nobody sees us.")]
    assert differences(table) == []


def test_whoever_has_only_what_adjudication_wrote_holds_a_consensus() -> None:
    ana = sheet(TALK, coding(TALK, "turnover", "People leave."))
    ben = sheet(TALK, coder="ben")
    final = replace(coding(TALK, "turnover", "People leave.", coder="final"), origin="consensus")
    table = count(ana, ben, sheet(TALK, final, coder="final"))
    assert lines(table) == [("turnover", "ana, final", "People leave.")]
    assert table.settlement is not None
    assert table.settlement.people == ("ana", "ben")
    assert count(ana, ben, sheet(TALK, final, coder="final"), way="union", coders=("final",)).whose == (
        "Codings counted: the consensus held by final; 1 of 1 differences settled, 0 open."
    )


def test_rules_read_nothing() -> None:
    rules = sheet(TALK, coding(TALK, "turnover", "People leave.", coder="rules", verdict="suggested"), coder="rules")
    ana = sheet(TALK, coding(TALK, "visibility", "Nobody sees us."))
    table = count(ana, rules)
    assert lines(table) == [("visibility", "ana", "Nobody sees us.")]
    assert (table.coders, differences(table)) == (("ana",), [])


def test_differences_in_interviewer_talk_change_no_number() -> None:
    ana = sheet(TALK, coding(TALK, "visibility", "Yes?"))
    table = count(ana, sheet(TALK, coder="ben"))
    assert bounds(table, "visibility") == (0,) * 7
    assert table.whose.endswith(
        "0 of 1 differences settled, 1 open (1 of them in interviewer talk, which is not counted)."
    )
    assert not count_themes(table).unsure.to_numpy().any()


def test_a_sheet_that_cannot_be_counted_has_no_reader() -> None:
    ana = sheet(TALK, coding(TALK, "turnover", "People leave."))
    ben = replace(sheet(TALK, coder="ben"), text_digest="0" * 64)
    assert lines(count(ana, ben)) == [("turnover", "ana", "People leave.")]
    broken = replace(settled(TALK, "turnover", "People leave.", "rejected"), quote="other words")
    table = count(ana, sheet(TALK, coder="ben"), consensus(TALK, broken, seen=["t002"]))
    assert differences(table) == [("t002", "turnover", "ana", "ben", False)]


def test_nobody_and_nothing() -> None:
    assert lines(count()) == []
    assert lines(count(sheet(TALK), sheet(TALK, coder="ben"))) == []
    empty = Codebook("Empty", "", (), "b.yaml", "d" * 64)
    table = tabulate([TALK], [sheet(TALK, coding(TALK, "turnover", "leave"))], empty, way="agreed")
    assert count_themes(table).frame.empty
    assert [problem.rule for problem in table.problems] == ["unknown-code"]


# --- which words ----------------------------------------------------------------------------------------------


def test_words_in_common_or_each_ones_passage() -> None:
    def alike(one: str, other: str) -> list[tuple[str, str]]:
        ana = sheet(TALK, coding(TALK, "turnover", one))
        ben = sheet(TALK, coding(TALK, "turnover", other, coder="ben"), coder="ben")
        return [(coder, quote) for _, coder, quote in lines(count(ana, ben))]

    assert alike("Scheduling is hard. People", "hard. People leave.") == [("ana, ben", "hard. People")]
    assert alike("is hard. People leave", "hard. People") == [("ana, ben", "hard. People")]
    assert alike("Scheduling is", "People leave") == [("ana", "Scheduling is"), ("ben", "People leave")]
    # One letter in common is no word in common; nor is a full stop.
    assert alike("Scheduling is h", "hard. People") == [("ana, ben", "h")]  # the word begins in both
    assert alike("is ha", "ard. People") == [("ana", "is ha"), ("ben", "ard. People")]
    assert alike("hard. ", ". People") == [("ana", "hard. "), ("ben", ". People")]
    assert alike("好難", "難呀") == [("ana, ben", "難")]


def test_passages_alike_stay_also_where_they_overlap_or_have_no_word() -> None:
    quotes = ("Scheduling is hard.", "hard. People leave.", "hard.", " is ")
    ana, ben = (
        sheet(TALK, *(coding(TALK, "turnover", quote, coder=name) for quote in quotes), coder=name)
        for name in ("ana", "ben")
    )
    assert sorted(quote for _, _, quote in lines(count(ana, ben))) == sorted(quotes)
    ana, ben = (sheet(HONG, coding(HONG, "turnover", "😀", coder=name), coder=name) for name in ("ana", "ben"))
    assert lines(count(ana, ben)) == [("turnover", "ana, ben", "😀")]


def test_of_several_passages_those_remain_that_meet() -> None:
    ana = sheet(TALK, coding(TALK, "turnover", "Scheduling is"), coding(TALK, "turnover", "leave. It rains."))
    ben = sheet(TALK, coding(TALK, "turnover", "is hard. People leave", coder="ben"), coder="ben")
    assert [quote for _, _, quote in lines(count(ana, ben))] == ["is", "leave"]


def test_a_passage_is_cut_to_the_segments_that_count_and_joined_where_it_goes_on() -> None:
    """Ana codes across four turns, and Ben read one of them."""
    whole = "hard. People leave. It rains.\nI: Yes?\nP: Nobody sees us."
    ana = sheet(TALK, one := coding(TALK, "turnover", whole))
    assert count(ana).codings["quote"].tolist() == [whole]
    last = count(ana, sheet(TALK, coder="ben", seen=["t004"]))
    assert [quote for _, _, quote in lines(last)] == ["hard. People leave. It rains.\nI: Yes?"]
    middle = count(ana, sheet(TALK, coder="ben", seen=["t003"]))
    assert [quote for _, _, quote in lines(middle)] == ["hard. People leave. It rains.", "Nobody sees us."]
    # Where Ben gave the code as well, Ana's passage goes on.
    ben = sheet(TALK, coding(TALK, "turnover", "Yes?", coder="ben"), coder="ben", seen=["t003"])
    assert lines(count(ana, ben)) == [("turnover", "ana, ben", whole)]
    assert one.quote == whole


def test_what_goes_on_in_the_next_segment_goes_on_from_the_longer_passage() -> None:
    """In t001 the two share no word, in t002 they do; that goes on from Ana's passage, whatever she is called."""
    for one, other in (("ana", "ben"), ("zoe", "ben")):
        first = sheet(TALK, coding(TALK, "turnover", "What is so hard?\nP: Scheduling is hard.", coder=one), coder=one)
        second = sheet(TALK, coding(TALK, "turnover", "ard?\nP: S", coder=other), coder=other)
        assert count(first, second).codings["quote"].tolist() == ["What is so hard?\nP: S", "ard?"]


def test_a_coding_all_of_which_counts_stays_the_same_object() -> None:
    first, second = coding(TALK, "turnover", "leave"), coding(TALK, "visibility", "Nobody")
    label = coding(TALK, "scheduling", "P: Scheduling is")  # it begins on the speaker's label
    table = count(sheet(TALK, first, second, label), sheet(TALK, coder="ben", seen=["t004"]))
    assert table.settlement is not None
    assert {id(one) for one in table.settlement.codings} == {id(first), id(label)}


def test_an_agreed_coding_leads_to_its_coders_rules_and_remarks() -> None:
    start = TALK.text.index("People")
    rule = Evidence("leave", (Span(start + 7, start + 12),))
    one = replace(coding(TALK, "turnover", "People leave.", verdict="accepted"), evidence=(rule,), note="clear", at="1")
    other = replace(
        coding(TALK, "turnover", "hard. People leave.", coder="ben"),
        evidence=(Evidence("hard", (Span(start - 6, start - 2),)), rule),
        note="hm",
        at="2",
    )
    table = count(sheet(TALK, one), sheet(TALK, other, coder="ben"))
    row = table.codings.iloc[0]
    assert (row["coder"], row["quote"], row["rule"], row["matched"]) == ("ana, ben", "People leave.", "leave", "leave")
    assert (row["note"], row["verdict"]) == ("ana: clear; ben: hm", "applied")
    quotes = select_quotes(table, "challenges")
    assert quotes["quote"].tolist() == ["People leave."]
    # The same with one remark, and one verdict.
    same = replace(other, note="", verdict="accepted")
    row = count(sheet(TALK, one), sheet(TALK, same, coder="ben")).codings.iloc[0]
    assert (row["note"], row["verdict"]) == ("clear", "accepted")


# --- units of another kind ------------------------------------------------------------------------------------


def test_sentences_counted_of_work_on_turns() -> None:
    ana = sheet(TALK, coding(TALK, "turnover", "Scheduling is hard. People leave."))
    ben = sheet(TALK, coding(TALK, "turnover", "People leave.", coder="ben"), coder="ben", seen=["t002"])
    turns, sentences = count(ana, ben), count(ana, ben, unit="sentence")
    assert lines(turns) == lines(sentences) == [("turnover", "ana, ben", "People leave.")]
    assert differences(turns) == []
    assert differences(sentences) == [("s0002", "turnover", "ana", "ben", False)]
    # The consensus spoke of the turn, so it has spoken of its sentences.
    held = consensus(TALK, settled(TALK, "turnover", "People leave."), seen=["t002"])
    assert differences(count(ana, ben, held, unit="sentence")) == [("s0002", "turnover", "ana", "ben", True)]


def test_turns_counted_of_work_on_sentences() -> None:
    def work(coder: str, *quotes: str, seen: list[str]) -> Sheet:
        codings = (coding(TALK, "turnover", quote, coder=coder) for quote in quotes)
        return sheet(TALK, *codings, coder=coder, unit="sentence", seen=seen)

    every = ["s0002", "s0003", "s0004"]
    ana = work("ana", "Scheduling is hard.", "It rains.", seen=every)
    # Ben left out a sentence of the turn, so he has not read the turn.
    assert lines(count(ana, work("ben", seen=every[:2]))) == [
        ("turnover", "ana", "Scheduling is hard."),
        ("turnover", "ana", "It rains."),
    ]
    ben = work("ben", seen=every)
    assert differences(count(ana, ben)) == [("t002", "turnover", "ana", "ben", False)]
    # The turn is open until each sentence that Ana coded is answered, or one answer is yes.
    no = [settled(TALK, "turnover", quote, "rejected") for quote in ("Scheduling is hard.", "It rains.")]
    held = [consensus(TALK, *no[:number], unit="sentence", seen=every[:number]) for number in (1, 2)]
    assert [differences(count(ana, ben, one))[0][-1] for one in held] == [False, True]
    yes = consensus(TALK, settled(TALK, "turnover", "It rains."), unit="sentence", seen=["s0004"])
    assert lines(count(ana, ben, yes)) == [("turnover", "ana, consensus", "It rains.")]


# --- union and consensus --------------------------------------------------------------------------------------


def half_settled() -> list[Sheet]:
    """Return work with three differences, one settled for, one against and one open, and one agreement."""
    ana = sheet(
        TALK,
        coding(TALK, "scheduling", "Scheduling is hard."),
        coding(TALK, "turnover", "People leave."),
        coding(TALK, "visibility", "Nobody sees us."),
    )
    ben = sheet(
        TALK,
        coding(TALK, "scheduling", "Scheduling is hard.", coder="ben"),
        coding(TALK, "challenges", "好難呀。", coder="ben"),
        coder="ben",
    )
    held = consensus(
        TALK,
        settled(TALK, "turnover", "People leave."),
        settled(TALK, "visibility", "Nobody sees us.", "rejected"),
        seen=["t002", "t004"],
    )
    return [ana, ben, held]


def test_agreed_union_and_consensus_of_the_same_work() -> None:
    sheets = half_settled()
    agreed = count(*sheets)
    assert bounds(agreed, "challenges") == (2, 1, 1, 2, 1, 1, 1)
    assert bounds(agreed, "visibility") == (0, 0, 0, 0, 0, 0, 0)
    union = count(*sheets[:2], way="union")
    # Nothing is settled without the consensus: turnover, visibility and challenges are open, and counted.
    assert bounds(union, "challenges") == (3, 2, 1, 2, 1, 1, 1)
    assert bounds(union, "visibility") == (1, 1, 0, 1, 1, 0, 1)
    assert union.whose == "Codings counted: the union of ana and ben; 0 of 3 differences settled, 3 open."
    held = count(*sheets, way="union", coders=("consensus",))
    assert bounds(held, "challenges") == (1, 1, 1, 2, 1, 1, 1)
    assert held.whose == "Codings counted: the consensus; 2 of 3 differences settled, 1 open."
    caption = count_themes(held).caption
    assert "Open differences are not included. 1 code that all readers of a turn gave it is missing from it." in caption
    one = count(sheets[0], way="union", coders=("ana",))
    assert (one.whose, bounds(one, "challenges")) == ("Codings counted: those of ana.", (2, 1, 1, 1, 1, 1, 1))


def test_caption_tells_the_bounds_of_themes_and_what_the_mark_means() -> None:
    themes = count_themes(count(*half_settled()))
    assert themes.caption.endswith(
        "In a turn that one of them read, that coder’s codes count; in a turn that several read, a code counts if all "
        "of them gave it or it was settled. Open differences are not counted. Settled one way or the other, they would "
        "put Challenges in 1 to 2 turns of 1 case. * marks a number that an open difference could change."
    )
    assert themes.unsure.loc[0].to_dict() == {
        **dict.fromkeys(("codings", "segments", "words"), True),
        **dict.fromkeys(("transcripts", "cases", "cases_percent"), False),
    }
    printed = str(themes).splitlines()
    assert printed[1].split() == ["Challenges", "2*", "1*", "5*", "1", "1", "50"]
    assert [len(line) for line in printed[:5]] == [len(printed[0])] * 5
    assert "<td>2*</td>" in themes._repr_html_()
    assert "*" not in str(count_themes(count(half_settled()[0])))


def test_agreement_is_measured_on_what_each_coder_gave() -> None:
    sheets = half_settled()
    apart = tabulate([TALK], sheets, BOOK)
    assert apart.apart() is apart
    expected = measure_agreement(apart, draws=0)
    found = measure_agreement(count(*sheets, transcripts=(TALK,)), draws=0)
    assert found.coders == expected.coders == ("ana", "ben")
    assert found.frame.equals(expected.frame)


def test_counts_by_case_and_sheets_are_of_what_counts() -> None:
    table = count(*half_settled())
    frame = count_by(table)
    assert frame.loc[frame["code"] == "challenges", "segments"].tolist() == [1, 0]
    assert [(one.transcript, one.coder, len(one.codings)) for one in table.counted_sheets] == [("T1", "agreed", 2)]
    assert count(*half_settled()[:1], way="union").counted_sheets == tuple(half_settled()[:1])


# --- against the definition, and laws -------------------------------------------------------------------------

CODES = ("challenges", "scheduling", "turnover", "visibility")
PEOPLE = ("ana", "ben", "chi")


@st.composite
def passages(draw: st.DrawFn, talk: Transcript, coder: str, verdicts: tuple[Verdict, ...] = ("applied",)) -> Coding:
    """Draw a coding of spoken words, from a sentence's edge to another's, or from anywhere."""
    sentences = talk.units("sentence")
    first = draw(st.integers(0, len(sentences) - 1))
    last = draw(st.integers(first, len(sentences) - 1))
    start, end = sentences[first].span.start, sentences[last].span.end
    if draw(st.booleans()):
        start = draw(st.integers(start, sentences[first].span.end - 1))
        end = draw(st.integers(max(start, sentences[last].span.start) + 1, end))
    span = Span(start, end)
    code, verdict = draw(st.sampled_from(CODES)), draw(st.sampled_from(verdicts))
    origin = "consensus" if coder == "consensus" else "hand"
    return Coding(talk.id, span, code, coder, verdict, talk.quote(span), origin=origin)


@st.composite
def works(draw: st.DrawFn, coder: str, verdicts: tuple[Verdict, ...] = ("applied",)) -> Sheet:
    talk = draw(st.sampled_from((TALK, HONG)))
    unit = draw(st.sampled_from(UNITS))
    codings = {(one.span, one.code): one for one in draw(st.lists(passages(talk, coder, verdicts), max_size=5))}
    seen = draw(st.sets(st.sampled_from([segment.id for segment in talk.units(unit)])))
    return sheet(talk, *codings.values(), coder=coder, unit=unit, seen=seen)


@st.composite
def teams(draw: st.DrawFn) -> list[Sheet]:
    """Draw sheets of up to three people, two transcripts, and a consensus, in any order."""
    sheets = [draw(works(name)) for name in PEOPLE for _ in range(2) if draw(st.booleans())]
    sheets += [draw(works("consensus", ("applied", "rejected"))) for _ in range(draw(st.integers(0, 2)))]
    distinct = {(one.coder, one.transcript): one for one in sheets}
    return draw(st.permutations(list(distinct.values())))


def define(sheets: list[Sheet], unit: Unit) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    """Return transcript, segment and code of what counts and of what is open, as docs/counting.md says it."""
    counted, open_ = set(), set()
    talks = {TALK.id: TALK, HONG.id: HONG}
    for name, code in product(talks, CODES):
        here = [one for one in sheets if one.transcript == name]
        people = [one for one in here if one.coder != "consensus"]
        held = [one for one in here if one.coder == "consensus"]
        for segment in talks[name].units(unit):
            gave = [one for one in people if any(_gives(each, code, segment.span) for each in one.codings)]
            readers = [one for one in people if _has_read(one, talks[name], segment.span)]
            place = (name, segment.id, code)
            is_held = any(_gives(each, code, segment.span) for one in held for each in one.codings)
            if is_held or (gave and len(gave) == len(readers)):
                counted.add(place)
            elif gave and not _is_answered(held, gave, talks[name], code, segment.span):
                open_.add(place)
    return counted, open_


def _gives(one: Coding, code: str, span: Span) -> bool:
    return one.code == code and one.is_counted and one.span.overlaps(span)


def _has_read(one: Sheet, talk: Transcript, span: Span) -> bool:
    inside = [segment for segment in talk.units(one.unit) if segment.span.overlaps(span)]
    looked = bool(inside) and all(segment.id in one.seen for segment in inside)
    return looked or any(_gives(each, each.code, span) for each in one.codings)


def _is_answered(held: list[Sheet], gave: list[Sheet], talk: Transcript, code: str, span: Span) -> bool:
    parts = [each.span & span for one in gave for each in one.codings if _gives(each, code, span)]
    for part in parts:
        answers = []
        for sheet_ in held:
            spoken = [each.span for each in sheet_.codings if each.code == code]
            touched = [segment.span for segment in talk.units(sheet_.unit) if part and segment.span.overlaps(part)]
            answers.append(bool(touched) and all(any(one.overlaps(two) for two in spoken) for one in touched))
        if not any(answers):
            return False
    return True


def place_of(table: CodingTable) -> set[tuple[str, str, str]]:
    unit = table.units.iloc[table.placements["unit"]]
    code = table.codings["code"].iloc[table.placements["coding"]]
    return set(zip(unit["transcript"], unit["segment"], code, strict=True))


@given(teams(), st.sampled_from(UNITS))
@settings(max_examples=300)
def test_what_counts_and_what_is_open_is_what_the_definition_says(sheets: list[Sheet], unit: Unit) -> None:
    table = count(*sheets, unit=unit)
    counted, open_ = define(sheets, unit)
    assert place_of(table) == counted
    assert table.settlement is not None
    found = table.settlement.open
    assert set(zip(found["transcript"], found["segment"], found["code"], strict=True)) == open_


@given(teams(), st.sampled_from(UNITS), st.sampled_from(["agreed", "union", "consensus", "ana"]))
def test_a_count_lies_between_its_bounds(sheets: list[Sheet], unit: Unit, what: str) -> None:
    coders = None if what in {"agreed", "union"} else (what,)
    table = count(*sheets, unit=unit, way="agreed" if what == "agreed" else "union", coders=coders)
    themes = count_themes(table)
    frame = themes.frame
    for name in ("segments", "cases"):
        assert (frame[f"{name}_low"] <= frame[name]).all()
        assert (frame[name] <= frame[f"{name}_high"]).all()
        assert (themes.unsure[name] == (frame[f"{name}_low"] < frame[f"{name}_high"])).all()
    if what == "agreed":
        assert (frame["segments_low"] == frame["segments"]).all()
    if not table.settlement.n_open:  # type: ignore[union-attr]
        assert not themes.unsure.to_numpy().any()


@given(teams(), st.sampled_from(UNITS))
def test_the_bounds_are_reached_when_all_is_settled_one_way(sheets: list[Sheet], unit: Unit) -> None:
    """Settling every open difference leaves none open, and the counts at their bounds."""
    before = count(*sheets, unit=unit)
    frame = count_themes(before).frame
    for verdict, end in (("applied", "high"), ("rejected", "low")):
        after = count(*settle_all(before, sheets, unit, verdict), unit=unit)  # type: ignore[arg-type]
        assert after.settlement is not None
        assert after.settlement.n_open == 0
        found = count_themes(after).frame
        for name in ("segments", "cases"):
            assert found[name].tolist() == frame[f"{name}_{end}"].tolist()


def settle_all(table: CodingTable, sheets: list[Sheet], unit: Unit, verdict: Verdict) -> list[Sheet]:
    """Return the sheets with one more who holds a consensus, and who answers each open difference on its segment."""
    assert table.settlement is not None
    answers: dict[str, list[Coding]] = {}
    for row in table.settlement.open.itertuples():
        talk = next(one for one in (TALK, HONG) if one.id == row.transcript)
        span = next(one.span for one in talk.units(unit) if one.id == row.segment)
        answer = Coding(talk.id, span, row.code, "final", verdict, talk.quote(span), origin="consensus")
        answers.setdefault(talk.id, []).append(answer)
    talks = {TALK.id: TALK, HONG.id: HONG}
    return [*sheets, *(sheet(talks[name], *codings, coder="final", unit=unit) for name, codings in answers.items())]


@given(teams(), st.sampled_from(UNITS))
def test_the_order_and_the_names_of_coders_do_not_matter(sheets: list[Sheet], unit: Unit) -> None:
    def rename(one: Sheet) -> Sheet:
        name = {"ana": "zoe", "ben": "amy"}.get(one.coder, one.coder)
        return replace(one, coder=name, codings=tuple(replace(each, coder=name) for each in one.codings))

    table, other = count(*sheets, unit=unit), count(*reversed([rename(one) for one in sheets]), unit=unit)
    assert count_themes(table).frame.equals(count_themes(other).frame)
    assert sorted(table.codings["quote"]) == sorted(other.codings["quote"])


@given(works("ana"), st.sampled_from(UNITS))
def test_two_who_agree_wholly_give_what_each_gives_alone(work: Sheet, unit: Unit) -> None:
    double = replace(work, coder="ben", codings=tuple(replace(one, coder="ben") for one in work.codings))
    one, both = count(work, unit=unit), count(work, double, unit=unit)
    assert differences(both) == []
    counts = list(count_themes(one).frame)[4:]
    assert count_themes(one).frame[counts].equals(count_themes(both).frame[counts])
    assert set(both.codings["coder"]) <= {"ana, ben"}
    alone = count(work, unit=unit, way="union")
    assert one.codings.equals(alone.codings)


@given(teams(), st.sampled_from(UNITS))
def test_agreed_words_are_words_that_somebody_coded_so(sheets: list[Sheet], unit: Unit) -> None:
    table = count(*sheets, unit=unit)
    by_key: dict[tuple[str, str], list[Span]] = {}
    for one in sheets:
        for each in one.codings:
            if each.is_counted:
                by_key.setdefault((one.transcript, each.code), []).append(each.span)
    talks = {TALK.id: TALK, HONG.id: HONG}
    for row in table.codings.itertuples():
        covered = {at for span in by_key[row.transcript, row.code] for at in range(span.start, span.end)}
        assert set(range(row.start, row.end)) <= covered
        assert talks[row.transcript].text[row.start : row.end] == row.quote
        assert set(row.coder.split(", ")) <= {*PEOPLE, "consensus"}


@pytest.mark.parametrize("unit", UNITS)
def test_bounds_are_equal_to_counts_where_nothing_is_asked(unit: Unit) -> None:
    assert "segments_low" not in count_themes(tabulate([TALK], half_settled(), BOOK, unit=unit)).frame
