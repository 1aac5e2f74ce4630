"""Review: what comes next, what comes to hand, and what an act does, in one window and in several."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studies import TALK, begin_study, build_transcript

from qualcode.errors import CodebookError, ConflictError, StudyError
from qualcode.model import Coding, Span
from qualcode.reviewing import (
    Item,
    Review,
    accept_all,
    find_words,
    join_entries,
    list_items,
    list_suggestions,
    search_codes,
)
from qualcode.study import Study, create_study

if TYPE_CHECKING:
    from pathlib import Path

DATES = TALK[1][1]
LOVELY = "They were lovely, though."


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


def state(study: Study, coder: str = "ana", name: str = "P07") -> list[tuple[str, str, str]]:
    """Return what a fresh process finds on disk."""
    sheet = Study(study.root).sheet(coder, name)
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


def review(study: Study, *names: str, coder: str = "ana", at: str = "", **options: str) -> Review:
    """Return a window on some transcripts, at a segment."""
    items = list_items(study, coder, transcript_ids=names or ("P07",), talk="all")
    way = Review(study, coder, items, **options)  # type: ignore[arg-type]
    while at and way.item.segment != at:
        way.skip()
    return way


class TestWorklist:
    def test_all_in_order(self, study: Study) -> None:
        assert [item.address for item in list_items(study, "ana")] == ["P07:t002", "P07:t004", "P08:t002", "P08:t004"]
        items = list_items(study, "ana", talk="all")
        assert [item.address for item in items[:5]] == ["P07:t001", "P07:t002", "P07:t003", "P07:t004", "P08:t001"]

    def test_filters(self, study: Study) -> None:
        assert list_items(study, "ana", code="challenges") == [
            Item(name, segment) for name in ("P07", "P08") for segment in ("t002", "t004")
        ]
        assert list_items(study, "ana", code="praise", transcript_ids=["P08"]) == [Item("P08", "t004")]
        study.decide("ana", "P07:t002", "scheduling", "accept")
        suggested = [item.address for item in list_items(study, "ana", only="suggested")]
        assert suggested == ["P07:t004", "P08:t002", "P08:t004"]
        uncoded = list_items(study, "ana", only="uncoded", transcript_ids=["P07"])
        assert [item.segment for item in uncoded] == ["t004"]

    def test_what_one_comes_back_to(self, study: Study) -> None:
        """Also where an interviewer talks, and on words of it; what is settled is gone."""
        text = study.transcript("P07").text
        start = text.index("lovely")
        study.memo("P07:t003", "Whose?", author="ben", flag="open")
        study.memo(f"P07:{start}-{start + 6}", "Really?", author="ana", flag="open")
        study.memo("P07:t002", "Only a memo.", author="ana")
        found = list_items(study, "ana", only="flagged")
        assert [one.address for one in found] == ["P07:t003", "P07:t004"]
        study.memo("P07:t003", "Done.", author="ben", flag="settled")
        assert [one.address for one in list_items(study, "ana", only="flagged")] == ["P07:t004"]
        assert list_items(study, "ana", only="flagged", transcript_ids=["P08"]) == []

    def test_what_is_not_there_is_told(self, study: Study) -> None:
        with pytest.raises(StudyError, match="no transcript “P7”"):
            list_items(study, "ana", transcript_ids=["P7"])
        with pytest.raises(CodebookError, match="no code “prase”"):
            list_items(study, "ana", code="prase")

    def test_a_misspelt_coder_begins_nothing(self, tmp_path: Path) -> None:
        study = create_study(tmp_path / "study", coders=["ana", "ben"])
        with pytest.raises(StudyError, match="“anna” is not a coder") as told:
            list_items(study, "anna")
        assert "ana" in told.value.hint
        with pytest.raises(StudyError, match="“anna” is not a coder"):
            Review(study, "anna", [])
        assert study.coders() == ("ana", "ben")

    def test_reading_the_list_enters_nobody(self, study: Study) -> None:
        review(study, coder="zoe")
        assert "zoe" not in study.coders()


SPANS = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
PLACES = st.lists(st.tuples(SPANS, st.sampled_from("ab")), max_size=12, unique=True)


@given(PLACES, PLACES)
def test_every_coding_is_shown_once_and_every_open_suggestion(
    suggested: list[tuple[Span, str]], given_by_hand: list[tuple[Span, str]]
) -> None:
    rules = [Coding("P", span, code, "rules", "suggested", "") for span, code in suggested]
    own = [Coding("P", span, code, "ana", "applied", "") for span, code in given_by_hand]
    entries = join_entries(rules, own)
    assert sorted((one.own.span, one.code) for one in entries if one.own) == sorted(given_by_hand)
    answered = {
        one for one in suggested if any(one[1] == code and one[0].overlaps(span) for span, code in given_by_hand)
    }
    is_open = [(one.suggestion.span, one.code) for one in entries if one.suggestion and one.is_undecided]
    assert sorted(is_open) == sorted(set(suggested) - answered)
    assert all(one.suggestion.span.overlaps(one.own.span) for one in entries if one.suggestion and one.own)
    assert [(one.span, one.code) for one in entries] == sorted((one.span, one.code) for one in entries)


class TestReview:
    def test_way_through(self, study: Study) -> None:
        way = review(study)
        way.next()
        way.accept()
        assert state(study) == [("scheduling", "accepted", DATES)]
        way.next()
        way.skip()
        assert [entry.code for entry in way.entries] == ["turnover", "praise"]
        way.select(1)
        assert way.code is not None
        assert way.code.name == "Praise"
        way.reject()
        assert state(study)[1:] == [("praise", "rejected", LOVELY)]
        way.next()
        assert way.is_done
        assert study.history("ana", "P07").seen == {"t001", "t002", "t004"}
        for act in (way.accept, way.reject, way.take_example, lambda: way.apply("praise"), lambda: way.trim("end", 1)):
            with pytest.raises(StudyError, match="end of the list"):
                act()
        way.back()
        assert way.item.segment == "t004"

    def test_resumes_where_one_stopped(self, study: Study) -> None:
        way = review(study)
        way.next()
        way.next()
        assert review(Study(study.root)).item.segment == "t003"
        (study.root / ".qualcode/bookmarks/ana.json").unlink()
        assert review(study).item.segment == "t003"  # the first that was not looked at

    def test_apply_recode_note_and_trim(self, study: Study) -> None:
        way = review(study, at="t002")
        told = way.apply("praise", spans=[way.find_span("dates  CLASHED")])
        assert told == "Coded “Praise” on “dates clashed” (P07:t002)."
        assert way.entry is not None
        assert (way.entry.code, way.entry.verdict) == ("praise", "applied")
        way.write_note("hm")
        way.trim("end", 1)
        way.trim("start", -1)
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [(one.quote, one.note) for one in sheet.codings] == [("The dates clashed.", "hm")]
        assert way.recode("turnover") == "Recoded “Praise” as “Turnover” on “The dates clashed.” (P07:t002)."
        assert study.sheet("ana", "P07").codings[0].note == "hm"  # type: ignore[union-attr]
        way.select(1)
        assert way.entry.code == "scheduling"
        way.recode("praise")
        assert {(code, verdict) for code, verdict, _ in state(study)} == {
            ("turnover", "applied"), ("praise", "applied"), ("scheduling", "rejected"),
        }  # fmt: skip
        with pytest.raises(StudyError, match="already has the code “Praise”"):
            way.recode("praise")

    def test_trimming_a_suggestion_accepts_it_so(self, study: Study) -> None:
        way = review(study, at="t002")
        way.trim("end", -1)
        assert state(study) == [("scheduling", "accepted", "The dates clashed. We could never find a")]
        assert way.entry is not None
        assert way.entry.quote == "The dates clashed. We could never find a"
        for _ in range(7):
            way.trim("start", 1)
        with pytest.raises(StudyError, match="no further word"):
            way.trim("start", 1)
        assert state(study) == [("scheduling", "accepted", "a")]

    def test_what_is_rejected_is_not_reshaped_in_silence(self, study: Study) -> None:
        way = review(study, at="t002")
        way.reject()
        for act in (lambda: way.trim("end", -1), lambda: way.cut(way.find_span("dates")), lambda: way.recode("praise")):
            with pytest.raises(StudyError, match="is rejected; accept it first"):
                act()
        assert state(study) == [("scheduling", "rejected", DATES)]

    def test_note_needs_a_decision(self, study: Study) -> None:
        way = review(study)
        with pytest.raises(StudyError, match="no code"):
            way.write_note("x")
        way.next()
        with pytest.raises(StudyError, match="Decide first"):
            way.write_note("x")
        way.accept()
        way.write_note("x")
        with pytest.raises(StudyError, match="already says that"):
            way.write_note("x")

    def test_one_code_on_many_passages_is_one_act(self, study: Study) -> None:
        way = review(study, at="t004")
        way.pick()
        way.keep_pick()
        way.keep_pick()
        with pytest.raises(StudyError, match="no sentence after"):
            way.keep_pick()
        way.apply("scheduling")
        assert way.picks == []
        quotes = [quote for code, _, quote in state(study) if code == "scheduling"]
        assert quotes == ["People leave.", LOVELY, "大家都好忙😀。"]
        way.undo()
        assert state(study) == []

    def test_picks_go_both_ways_and_round(self, study: Study) -> None:
        way = review(study, at="t004")
        quotes = []
        for step in (-1, -1, -1, 1, 1):
            way.pick(step)
            quotes.append(way.transcript.quote(way.picks[-1]))
        assert quotes == ["大家都好忙😀。", LOVELY, "People leave.", LOVELY, "大家都好忙😀。"]
        way.drop_picks()
        assert way.picked is None
        with pytest.raises(StudyError, match="No words are selected"):
            way.cut()

    def test_a_segment_that_is_gone_is_told_and_passed(self, study: Study) -> None:
        way = Review(study, "ana", [Item("P07", "t099"), Item("P07", "t002"), Item("P99", "t001")])
        with pytest.raises(StudyError, match="no segment “t099”"):
            _ = way.entries
        with pytest.raises(StudyError, match="no segment “t099”"):
            way.accept()
        way.skip()
        way.accept()
        assert state(study) == [("scheduling", "accepted", DATES)]
        way.skip()
        with pytest.raises(StudyError, match="no transcript “P99”"):
            way.next()


class TestHand:
    """A key never hits another row unseen, and never turns an answer round by being pressed once too often."""

    def test_the_next_undecided_one_comes_to_hand_and_is_named(self, study: Study) -> None:
        way = review(study, at="t004")
        assert way.entry is not None
        assert way.entry.code == "turnover"
        assert way.accept() == "Accepted “Turnover” on “People leave.” (P07:t004). Now selected: “Praise”."
        assert way.accept() == "Accepted “Praise” on “They were lovely, though.” (P07:t004)."
        with pytest.raises(StudyError, match="“Praise” is already accepted"):
            way.accept()
        with pytest.raises(StudyError, match="To reject it all the same, press r again"):
            way.reject()
        assert [verdict for _, verdict, _ in state(study)] == ["accepted", "accepted"]
        way.reject()
        assert [verdict for _, verdict, _ in state(study)] == ["accepted", "rejected"]
        with pytest.raises(StudyError, match="already rejected"):
            way.reject()
        with pytest.raises(StudyError, match="You rejected “Praise” here"):
            way.accept()

    def test_the_question_is_forgotten_when_something_comes_between(self, study: Study) -> None:
        way = review(study, at="t002")
        way.accept()
        for between in (lambda: way.select(1), way.pick, way.drop_picks, lambda: way.write_note("x")):
            with pytest.raises(StudyError, match="press r again"):
                way.reject()
            between()
        with pytest.raises(StudyError, match="press r again"):
            way.reject()
        assert state(study) == [("scheduling", "accepted", DATES)]

    def test_what_is_removed_leaves_the_hand_empty(self, study: Study) -> None:
        way = review(study, at="t003")
        way.apply("praise")
        way.apply("turnover")
        assert way.reject() == "Removed “Turnover” on “And people?” (P07:t003)."
        assert way.entry is None
        with pytest.raises(StudyError, match="No code is selected"):
            way.reject()
        assert state(study) == [("praise", "applied", "And people?")]
        way.select(1)
        way.reject()
        assert state(study) == []
        with pytest.raises(StudyError, match="This segment has no code"):
            way.reject()

    def test_a_code_that_stands_already_comes_to_hand(self, study: Study) -> None:
        way = review(study, at="t003")
        way.apply("praise")
        way.apply("turnover")
        with pytest.raises(StudyError, match="is already so"):
            way.apply("praise")
        assert way.entry is not None
        assert way.entry.code == "praise"

    def test_with_a_code_that_code_comes_to_hand(self, study: Study) -> None:
        items = list_items(study, "ana", code="praise", transcript_ids=["P07"])
        way = Review(study, "ana", items, code="praise")
        assert way.entry is not None
        assert way.entry.code == "praise"
        assert way.accept() == "Accepted “Praise” on “They were lovely, though.” (P07:t004)."
        assert way.entry.code == "praise"
        assert state(study) == [("praise", "accepted", LOVELY)]
        parent = Review(study, "ana", items, code="Challenges")
        assert parent.entry is not None
        assert parent.entry.code == "turnover"


class TestTwoWindows:
    """Nothing is locked while a person thinks; an act answers what its window showed."""

    @pytest.fixture(params=["one object", "two objects"])
    def other(self, study: Study, request: pytest.FixtureRequest) -> Study:
        return study if request.param == "one object" else Study(study.root)

    def test_what_changed_is_a_conflict_and_then_seen(self, study: Study, other: Study) -> None:
        here, there = review(study, at="t002"), review(other, at="t002")
        assert here.entry == there.entry
        here.reject()
        with pytest.raises(ConflictError, match="It is now: rejected on “The dates") as told:
            there.accept()
        assert told.value.stands
        assert state(study) == [("scheduling", "rejected", DATES)]
        assert there.entry is not None
        assert there.entry.verdict == "rejected"
        with pytest.raises(StudyError, match="You rejected"):
            there.accept()

    def test_note_trim_cut_and_recode_too(self, study: Study, other: Study) -> None:
        here, there = review(study, at="t002"), review(other, at="t002")
        here.accept()
        there.look()
        acts = {
            "note": lambda: there.write_note("mine"),
            "trim": lambda: there.trim("end", -1),
            "cut": lambda: there.cut(there.find_span("dates")),
            "recode": lambda: there.recode("praise"),
            "reject": lambda: [there.desk.reject(there.view, there.entry)],  # type: ignore[arg-type]
        }
        for number, act in enumerate(acts.values()):
            assert there.entry is not None  # it is seen before the other one acts
            here.write_note(f"theirs {number}")
            with pytest.raises(ConflictError, match="changed in the meantime"):
                act()
            there.look()
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [(one.verdict, one.note) for one in sheet.codings] == [("accepted", "theirs 4")]

    def test_a_code_given_in_the_other_window_is_not_given_twice(self, study: Study, other: Study) -> None:
        here, there = review(study, at="t003"), review(other, at="t003")
        assert list(there.entries) == []
        here.apply("praise")
        with pytest.raises(ConflictError, match="It is now: applied"):
            there.apply("praise")
        assert len(there.entries) == 1

    def test_an_entry_that_moved_leaves_the_hand(self, study: Study, other: Study) -> None:
        here, there = review(study, at="t002"), review(other, at="t002")
        here.trim("end", -1)
        with pytest.raises(ConflictError):
            there.accept()
        assert there.entry is None
        there.select(1)
        assert there.entry is not None
        assert there.entry.quote == "The dates clashed. We could never find a"

    def test_other_rows_are_not_in_the_way(self, study: Study, other: Study) -> None:
        here, there = review(study, at="t004"), review(other, at="t004")
        assert len(there.entries) == 2
        here.accept()
        there.select(1)
        there.reject()
        assert [verdict for _, verdict, _ in state(study)] == ["accepted", "rejected"]

    @pytest.mark.parametrize("is_one_coder", [True, False])
    def test_threads_lose_nothing(self, study: Study, is_one_coder: bool) -> None:
        """Four windows, each on words of its own in the same two segments: note, recode and take back."""
        words = ("The dates", "clashed.", "We could", "a date.")
        coders = ["ana"] * 4 if is_one_coder else ["ana", "ben", "chi", "dan"]
        errors: list[Exception] = []
        # All begin at the start of the list: whoever opens a window later goes on where the coder stopped.
        ways = [Review(study, coder, [Item("P07", "t002"), Item("P08", "t002")]) for coder in coders]

        def work(number: int) -> None:
            try:
                way = ways[number]
                for _ in ("P07", "P08"):
                    way.apply("praise", spans=[way.find_span(words[number])])
                    way.write_note("gone")
                    way.write_note(f"note {number}")
                    way.recode("turnover")
                    way.skip()
            except Exception as error:  # noqa: BLE001
                errors.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        fresh = Study(study.root)
        for name in ("P07", "P08"):
            sheets = [fresh.sheet(coder, name) for coder in dict.fromkeys(coders)]
            found = {(one.code, one.quote, one.note) for sheet in sheets if sheet for one in sheet.codings}
            assert found == {("turnover", words[number], f"note {number}") for number in range(4)}
        assert fresh.check() == []


class TestBackAndAgain:
    def test_undo_goes_there(self, study: Study) -> None:
        way = review(study, at="t002")
        way.accept()
        way.next()
        way.next()
        assert way.item.segment == "t004"
        assert way.undo() == "Undone: seen P07:t003."
        assert way.item.segment == "t003"
        assert way.undo() == f"Undone: accept “Scheduling” on “{DATES[:39]}…” (P07:t002)."
        assert way.item.segment == "t002"
        assert state(study) == []
        with pytest.raises(StudyError, match="You have nothing to undo"):
            way.undo()
        assert way.redo().startswith("Redone: accept “Scheduling”")
        assert way.redo() == "Redone: seen P07:t003."
        assert way.item.segment == "t003"
        assert state(study) == [("scheduling", "accepted", DATES)]
        with pytest.raises(StudyError, match="Nothing was undone in this session"):
            way.redo()

    def test_an_act_elsewhere_is_named_and_stays(self, study: Study) -> None:
        way = review(study, at="t002")
        way.accept()
        study.decide("ana", "P08:t004", "praise", "accept")
        with pytest.raises(
            StudyError, match=r"this list and stays: accept “Praise” on “They were.*\(P08:t004\)"
        ) as told:
            way.undo()
        assert told.value.hint == "To undo it: qualcode undo --coder ana"
        assert state(study, name="P08") == [("praise", "accepted", LOVELY)]
        assert state(study) == [("scheduling", "accepted", DATES)]
        study.undo("ana")
        way.undo()
        assert state(study) == []

    def test_exactly_the_act_that_was_named(self, study: Study) -> None:
        here, there = review(study, at="t002"), review(Study(study.root), at="t002")
        here.accept()
        there.look()
        there.write_note("theirs")
        assert here.undo() == f"Undone: note “Scheduling” on “{DATES[:39]}…” (P07:t002)."
        assert state(study) == [("scheduling", "accepted", DATES)]

    def test_what_stands_on_an_undone_act_is_told(self, study: Study) -> None:
        way = review(study, at="t002")
        way.accept()
        way.undo()
        study.decide("ana", "P07:t002", "scheduling", "reject")
        with pytest.raises(ConflictError, match="builds on it"):
            way.redo()
        study.undo("ana")
        way.redo()
        assert state(study) == [("scheduling", "accepted", DATES)]

    def test_the_hand_follows(self, study: Study) -> None:
        way = review(study, at="t004")
        way.accept()
        way.accept()
        way.undo()
        assert way.entry is not None
        assert (way.entry.code, way.entry.verdict) == ("praise", "suggested")


class TestManyAtOnce:
    def test_all_of_one_code_are_one_act(self, study: Study) -> None:
        study.add_transcript(build_transcript("P09", (("Ben", "Dates clash. And dates clash."), *TALK)), b"x")
        study.tag()
        way = review(study, "P07", "P09", at="t002")
        found = way.list_suggestions()
        quotes = [("P07:t002", DATES), ("P09:t001", "Dates clash. And dates clash."), ("P09:t003", DATES)]
        assert [(one.item.address, one.coding.quote) for one in found] == quotes
        assert way.accept_all(found) == "Accepted 3 suggestions; u undoes them together."
        accepted = [("scheduling", "accepted", quote) for _, quote in quotes]
        assert state(study) + state(study, name="P09") == accepted
        assert way.list_suggestions() == []
        assert way.undo().endswith(", in 2 transcripts.")
        assert state(study) + state(study, name="P09") == []
        way.redo()
        assert state(study) + state(study, name="P09") == accepted
        way.undo()
        with pytest.raises(StudyError, match="You have nothing to undo"):
            way.undo()

    def test_the_list_and_the_family_are_its_bounds(self, study: Study) -> None:
        items = list_items(study, "ana", transcript_ids=["P08"])
        found = list_suggestions(study, "ana", "Challenges", items)
        assert [(one.item.address, one.coding.code) for one in found] == [
            ("P08:t002", "scheduling"), ("P08:t004", "turnover"),
        ]  # fmt: skip

    def test_all_or_none(self, study: Study) -> None:
        items = list_items(study, "ana")
        found = list_suggestions(study, "ana", "scheduling", items)
        study.decide("ana", "P08:t002", "scheduling", "reject")
        with pytest.raises(StudyError, match="1 of 2 decisions cannot be applied") as told:
            accept_all(study, "ana", found)
        assert [one.where for one in told.value.problems] == ["P08:t002"]
        assert state(study) == []


CANTONESE = (
    ("訪問員", "你點樣揀題目㗎？"),
    ("阿明", "我哋開會開到好夜，真係好攰😀。 老師話「唔緊要」，但係我覺得唔開心！"),
)


class TestCantonese:
    """Words are single characters there, and marks are no words."""

    @pytest.fixture
    def study(self, tmp_path: Path) -> Study:
        study = begin_study(tmp_path / "study")
        study.add_transcript(build_transcript("P09", CANTONESE), b"x")
        return study

    def quotes(self, study: Study) -> list[str]:
        return [quote for _, _, quote in state(study, name="P09")]

    def test_trim_by_a_character(self, study: Study) -> None:
        way = review(study, "P09", at="t002")
        way.apply("challenges", spans=[way.find_span("開會開到")])
        way.trim("end", 1)
        way.trim("end", 1)
        way.trim("start", 1)
        assert self.quotes(study) == ["會開到好夜"]
        assert way.trim("start", -1) == "Moved “Challenges” on “開會開到好夜” (P09:t002)."

    def test_cut_out_of_the_middle_and_put_back(self, study: Study) -> None:
        way = review(study, "P09", at="t002")
        way.apply("challenges", spans=[way.find_span("開會開到好夜")])
        way.write_note("夜")
        told = way.cut(way.find_span("開到"))
        assert told == "Cut “Challenges” on “開會” (P09:t002) and 1 more."
        assert self.quotes(study) == ["開會", "好夜"]
        way.extend(way.find_span("開到好"))
        assert self.quotes(study) == ["開會開到好夜"]
        sheet = study.sheet("ana", "P09")
        assert sheet is not None
        assert [one.note for one in sheet.codings] == ["夜"]

    def test_extend_over_marks_and_refuse_a_gap(self, study: Study) -> None:
        way = review(study, "P09", at="t002")
        way.apply("praise", spans=[way.find_span("老師話")])
        way.extend(way.find_span("唔緊要"))
        assert self.quotes(study) == ["老師話「唔緊要"]
        with pytest.raises(StudyError, match="other words between"):
            way.extend(way.find_span("唔開心"))

    def test_cut_all_of_it_and_move(self, study: Study) -> None:
        way = review(study, "P09", at="t002")
        way.apply("praise", spans=[way.find_span("唔開心")])
        way.move(way.find_span("真係好攰"))
        assert self.quotes(study) == ["真係好攰"]
        way.cut(way.find_span("真係好攰😀"))
        assert self.quotes(study) == []


class TestWords:
    TEXT = "They said: “I don’t know, they don’t care.” Café, 大家都好忙，大家。"
    WHOLE = Span(0, len(TEXT))

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("i  DON'T know", "I don’t know"),
            ("don't care", "don’t care"),
            ("the", None),
            ("Cafe\u0301", "Café"),
            ("都好", "都好"),
            ("大家，", None),
            ("大家。", "大家。"),
            ("sai", "sai"),  # part of a word, where no whole one is so
        ],
    )
    def test_as_they_are_typed(self, words: str, found: str | None) -> None:
        if found is None:
            with pytest.raises(StudyError, match=r"occurs? (2 times )?in this segment"):
                find_words(self.TEXT, words, self.WHOLE)
        else:
            span = find_words(self.TEXT, words, self.WHOLE)
            assert self.TEXT[span.start : span.end] == found

    @pytest.mark.parametrize("words", ["", " ", "nothing like it", ".*", "[", "\\"])
    def test_not_there(self, words: str) -> None:
        with pytest.raises(StudyError, match="does not occur"):
            find_words(self.TEXT, words, self.WHOLE)

    def test_several_times(self) -> None:
        with pytest.raises(StudyError, match="“don't” occurs 2 times") as told:
            find_words(self.TEXT, "don't", self.WHOLE)
        assert "surrounding words" in told.value.hint

    def test_only_within(self) -> None:
        assert find_words(self.TEXT, "don't", Span(0, 22)) == Span(14, 19)


def test_search_finds_by_part_letters_and_with_a_slip(study: Study) -> None:
    codebook = study.codebook
    for words, first in (("sched", "scheduling"), ("tov", "turnover"), ("priase", "praise"), ("chall", "challenges")):
        assert search_codes(codebook, words)[0].id == first
    assert len(search_codes(codebook, "")) == 4
    assert search_codes(codebook, "qqqq") == []


def test_search_offers_no_retired_code(study: Study) -> None:
    path = study.root / "codebook.yaml"
    path.write_text(path.read_text("utf-8").replace("name: Praise\n", "name: Praise\n    retired: true\n"), "utf-8")
    assert [code.id for code in search_codes(study.codebook, "")] == ["challenges", "scheduling", "turnover"]
    assert "praise" not in [code.id for code in search_codes(study.codebook, "praise")]
