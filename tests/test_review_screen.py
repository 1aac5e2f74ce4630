"""The screens of review and adjudication, in a terminal of 80 by 24."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study

from qualcode.cli._adjudicate_app import AdjudicateApp
from qualcode.cli._keys import ADJUDICATION, REVIEW, Key, format_help
from qualcode.cli._review_app import ReviewApp
from qualcode.model import Segment, Span, Transcript
from qualcode.reviewing import Adjudication, Item, Review, list_items
from qualcode.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

DATES = TALK[1][1]
LOVELY = "They were lovely, though."


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


def state(study: Study, coder: str = "ana", name: str = "P07") -> list[tuple[str, str, str]]:
    """Return what a fresh process finds on disk."""
    sheet = Study(study.root).sheet(coder, name)
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


def screen(app: App[None]) -> str:
    """Return what stands on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def flat(shown: str) -> str:
    """Return the words of a screen without its line ends and borders."""
    return " ".join(shown.replace("│", " ").split())


def press(app: App[None], *keys: str | Callable[[], object]) -> list[str]:
    """Press keys and return the screen after each; ``type:…`` types letters, a function does something meanwhile."""

    async def run() -> list[str]:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            screens = [screen(app)]
            for key in keys:
                if callable(key):
                    key()
                else:
                    await pilot.press(*(key[5:] if key.startswith("type:") else [key]))
                await pilot.pause()
                screens.append(screen(app))
            return screens

    return asyncio.run(run())


class TestReview:
    def run(self, study: Study, *keys: str | Callable[[], object], at: str = "", **options: str) -> list[str]:
        items = list_items(study, "ana", transcript_ids=["P07"], talk="all")
        way = Review(study, "ana", items, **options)  # type: ignore[arg-type]
        while at and way.item.segment != at:
            way.skip()
        return press(ReviewApp(way), *keys)

    def test_decisions_are_on_disk_when_they_are_shown(self, study: Study) -> None:
        first, second, third = self.run(study, "right", "a")
        assert "P07:t001   1/4   ana" in first
        assert "What was hard?" in first
        assert "Scheduling (suggested)  “The dates clashed. We could n…”" in second
        assert "✓ Scheduling (accepted)" in third
        assert "Accepted “Scheduling” on “The dates clashed." in third
        assert state(study) == [("scheduling", "accepted", DATES)]

    def test_a_long_name_leaves_the_quote_what_is_left(self, study: Study) -> None:
        text = study.layout.codebook.read_text("utf-8")
        study.layout.codebook.write_text(text.replace("name: Scheduling", f"name: {'Schedule ' * 5}"), "utf-8")
        line = next(one for one in self.run(study, at="t002")[0].splitlines() if "▶" in one)
        assert line.rstrip() == "▶ ? Schedule Schedule Schedule Schedule Schedule (suggested)  “The dates clash…”"

    def test_choosing_a_code_for_typed_words(self, study: Study) -> None:
        screens = self.run(study, "right", "s", "type:dates", "enter", "type:prais", "enter")
        assert "Which words" in screens[2]
        assert "Praise  praise" in screens[5]
        assert "+ Praise (applied)" in screens[6]
        assert state(study) == [("praise", "applied", "dates")]

    def test_all_letters_can_be_typed_into_a_question(self, study: Study) -> None:
        letters = "type:jklhqua v?[]{}=-+.kj"
        screens = self.run(study, "right", "s", letters, "enter", "m", letters, "ctrl+s")
        assert "“jklhqua v?[]{}=-+.kj” does not occur" in flat(screens[4])
        assert [memo.text for memo in study.memos()[0]] == ["jklhqua v?[]{}=-+.kj\n"]

    def test_choosing_a_code_for_a_picked_sentence(self, study: Study) -> None:
        screens = self.run(
            study, "right", "v", "v", "right_square_bracket", "left_square_bracket", "{", "c", "type:prais"
        )
        assert "Selected." in screens[2]
        assert "for your selection" in screens[7]
        screens = self.run(study, "v", "v", "{", "c", "type:prais", "enter")
        assert state(study) == [("praise", "applied", "We could never find a")]
        assert "+ Praise (applied)" in screens[-1]

    def test_several_passages_and_the_same_code_again(self, study: Study) -> None:
        keys = ("v", "p", "c", "type:sched", "enter", "V", "e", "e")
        screens = self.run(study, *keys, at="t004")
        assert "2 passages selected" in screens[2]
        assert [quote for code, _, quote in state(study) if code == "scheduling"] == [
            "People leave.", "People leave. They were lovely, though. 大家都好忙😀。", LOVELY, "大家都好忙😀。",
        ]  # fmt: skip
        assert "You have not given a code yet" in self.run(study, "e")[1]

    def test_another_code_is_one_act(self, study: Study) -> None:
        self.run(study, "right", "x", "type:prais", "enter")
        assert state(study) == [("praise", "applied", DATES), ("scheduling", "rejected", DATES)]
        self.run(study, "u")
        assert state(study) == []

    def test_cut_add_and_move_words(self, study: Study) -> None:
        screens = self.run(study, "-", "type:never find", "enter", at="t002")
        assert "Which words should be removed" in screens[1]
        assert state(study) == [
            ("scheduling", "accepted", "The dates clashed. We could"), ("scheduling", "accepted", "a date."),
        ]  # fmt: skip
        self.run(study, "+", "type:never find", "enter")
        assert state(study)[0] == ("scheduling", "accepted", DATES)  # what it touches is joined
        self.run(study, "v", "=", "r", "r")
        assert state(study)[0] == ("scheduling", "rejected", "The dates clashed.")

    def test_a_repeated_key_hits_no_other_row(self, study: Study) -> None:
        screens = self.run(study, "a", "a", "a", "r", at="t004")
        assert "Now selected: “Praise”." in flat(screens[1])
        assert "“Praise” is already accepted." in flat(screens[3])
        assert "To reject it all the same, press r again." in flat(screens[4])
        assert [verdict for _, verdict, _ in state(study)] == ["accepted", "accepted"]

    def test_what_another_window_did_is_shown(self, study: Study) -> None:
        screens = self.run(
            study, lambda: Study(study.root).decide("ana", "P07:t002", "scheduling", "reject"), "a", "a", at="t002"
        )
        assert "has changed in the meantime. It is now: rejected on “The dates" in flat(screens[2])
        assert "✗ Scheduling (rejected)" in screens[2]
        assert "You rejected “Scheduling” here." in flat(screens[3])
        assert state(study) == [("scheduling", "rejected", DATES)]

    def test_a_note_that_came_too_late_is_not_lost(self, study: Study) -> None:
        other = Study(study.root)
        keys = ("a", "n", "type:mine", lambda: other.decide("ana", "P07:t002", "scheduling", "reject"), "enter")
        screens = self.run(study, *keys, "n", "enter", "n", at="t002")
        assert "has changed in the meantime" in flat(screens[5])
        assert "mine" in screens[6]
        sheet = Study(study.root).sheet("ana", "P07")
        assert sheet is not None
        assert [(one.verdict, one.note) for one in sheet.codings] == [("rejected", "mine")]
        assert "mine" in screens[8]  # the note that is there is there to be changed

    def test_undo_elsewhere_is_told_and_not_done(self, study: Study) -> None:
        study.decide("ana", "P08:t004", "praise", "accept")
        told = flat(self.run(study, "u")[1])
        assert "outside this list and stays: accept “Praise” on “They were lovely, though.” (P08:t004)" in told
        assert "qualcode undo --coder ana" in told
        assert state(study, name="P08") == [("praise", "accepted", LOVELY)]

    def test_all_undecided_of_one_code(self, study: Study) -> None:
        items = list_items(study, "ana")
        screens = press(ReviewApp(Review(study, "ana", items)), "A", "escape", "A", "down", "space", "a", "A", "u")
        assert "2 undecided suggestions of “Scheduling”" in flat(screens[1])
        assert "P07:t002 The dates clashed." in flat(screens[1])
        assert "P08:t002 The dates clashed." in flat(screens[1])
        assert "Accepted 1 suggestion" in flat(screens[6])
        assert "1 undecided suggestion of" in flat(screens[7])
        assert state(study) == [("scheduling", "accepted", DATES)]
        assert state(study, name="P08") == []

    def test_the_picker_tells_what_a_code_means_and_makes_a_new_one(self, study: Study) -> None:
        path = study.root / "codebook.yaml"
        text = path.read_text("utf-8").replace("name: Praise\n", "name: Praise\n    definition: Kind words.\n")
        path.write_text(text, "utf-8")
        screens = self.run(
            study, "c", "type:prais", "escape", "v", "v", "c", "type:Calendars", "up", "enter", "enter", "type:chall",
            "right", "enter", "type:Dates that do not fit.", "enter", at="t002",
        )  # fmt: skip
        assert "Kind words." in screens[2]
        assert "new code “prais” …" in screens[2]
        assert "Under which code?" in screens[9]
        code = Study(study.root).codebook.code("calendars")
        assert (code.name, code.definition) == ("Calendars", "Dates that do not fit.")
        assert Study(study.root).codebook.path("calendars") == "challenges/calendars"
        assert state(study) == [("calendars", "applied", "We could never find a date.")]
        assert "+ Calendars (applied)  “We could never" in screens[-1]

    def test_another_code_may_be_a_new_one(self, study: Study) -> None:
        self.run(study, "x", "type:Dates", "enter", "enter", "enter", "enter", at="t002")
        assert state(study) == [("dates", "applied", DATES), ("scheduling", "rejected", DATES)]

    def test_a_memo_of_several_lines_and_its_draft(self, study: Study) -> None:
        keys = ("m", "type:one", "enter", "type:two", "escape", "m", "ctrl+s")
        screens = self.run(study, *keys, at="t002")
        assert "two" not in screens[5]
        assert "two" in screens[6]
        assert "✎ one two  ana" in screens[7]
        assert [memo.text for memo in study.memos()[0]] == ["one\ntwo\n"]

    def test_a_memo_is_changed_and_both_are_taken_back(self, study: Study) -> None:
        keys = ("m", "type:new ", "ctrl+s", "u", "U", "u", "u")
        study.memo("P07:t002", "old", author="ben")
        screens = self.run(study, *keys, at="t002")
        assert "✎ new old  ben, ana" in screens[3]
        assert "Undone: memo on P07:t002." in screens[4]
        assert "✎ old  ben" in screens[4]
        assert "Redone: memo on P07:t002." in screens[5]
        assert "✎ new old  ben, ana" in screens[5]
        assert "You have nothing to undo." in screens[7]
        assert [memo.text for memo in study.memos()[0]] == ["old\n"]

    def test_a_memo_that_was_changed_meanwhile_is_not_overwritten(self, study: Study) -> None:
        study.memo("P07:t002", "old", author="ben")
        keys = ("m", "type:mine ", lambda: study.memo("P07:t002", "more", author="ben"), "ctrl+s", "m")
        screens = self.run(study, *keys, at="t002")
        assert "has changed in the meantime" in flat(screens[4])
        assert "✎ old more  ben" in screens[4]
        assert "mine old" in screens[5]
        assert [memo.text for memo in study.memos()[0]] == ["old\n\nmore\n"]

    def test_a_memo_on_some_words(self, study: Study) -> None:
        start = study.transcript("P07").text.index("The dates clashed.")
        screens = self.run(study, "v", "m", "type:these", "ctrl+s", at="t002")
        assert "Memo on “The dates clashed.” in P07 saved." in flat(screens[4])
        assert [memo.about for memo in study.memos()[0]] == [f"P07:{start}-{start + 18}"]

    def test_more_context(self, study: Study) -> None:
        screens = self.run(study, "z", "z", "z", at="t004")
        assert "What was hard?" not in screens[0]
        assert "What was hard?" in screens[1]
        assert "And people?" in screens[1]
        assert screens[3].splitlines()[1:8] == screens[0].splitlines()[1:8]

    def test_search_and_the_way_through_hits_and_passages(self, study: Study) -> None:
        keys = ("slash", "type:date*", "enter", "g", "g", "G", "slash", "type:nothing", "enter")
        screens = self.run(study, *keys, at="t001")
        assert "P07:t002" in screens[3]
        assert "1 of 2." in screens[3]
        assert "2 of 2." in screens[4]
        assert "1 of 2." in screens[5]
        assert "2 of 2." in screens[6]
        assert "“nothing” does not occur in this list" in flat(screens[9])
        screens = self.run(study, "f", "full_stop", "g", "g", at="t002")
        assert "1 passage of “Scheduling” in this list" in flat(screens[1])
        assert "P07:t002" in screens[3]
        assert "▶ ? Scheduling" in screens[3]
        assert "1 of 1." in screens[4]

    def test_coming_back_to_a_segment(self, study: Study) -> None:
        screens = self.run(study, "b", "type:unsure", "enter", at="t002")
        assert "P07:t002 is marked to come back to." in flat(screens[-1])
        assert "⚑ unsure  ana" in screens[-1]
        assert [(one.about, one.flag, one.text) for one in study.memos()[0]] == [("P07:t002", "open", "unsure\n")]

    def test_what_one_comes_back_to_is_settled_and_taken_back(self, study: Study) -> None:
        study.memo("P07:t002", "unsure", author="ben", flag="open")
        screens = self.run(study, "b", "u", "u", "U", at="t002")
        assert "Settled: “unsure”." in screens[1]
        assert "⚑" not in screens[1]
        assert "Undone: settle “unsure”." in screens[2]
        assert "⚑ unsure  ben" in screens[2]
        assert "You have nothing to undo." in screens[3]
        assert "Redone: settle “unsure”." in screens[4]
        assert [one.flag for one in study.memos()[0]] == ["settled"]

    def test_undo_goes_back_through_codings_and_memos_in_their_order(self, study: Study) -> None:
        keys = ("a", "b", "enter", "c", "type:prais", "enter", "m", "type:hm", "ctrl+s")
        screens = self.run(study, *keys, "u", "u", "u", "u", "u", "U", "U", "U", "U", "U", at="t002")
        quote = "on “The dates clashed"
        names = ["memo on P07:t002", f"apply “Praise” {quote}", "come back to P07:t002", f"accept “Scheduling” {quote}"]
        flat_screens = [flat(one) for one in screens[len(keys) + 1 :]]
        assert [f"Undone: {name}" in one for name, one in zip(names, flat_screens, strict=False)] == [True] * 4
        assert "You have nothing to undo." in flat_screens[4]
        again = zip(reversed(names), flat_screens[5:], strict=False)
        assert [f"Redone: {name}" in one for name, one in again] == [True] * 4
        assert "Nothing was undone in this session." in flat_screens[9]
        assert len(state(study)) == 2
        assert [(one.flag, one.text) for one in study.memos()[0]] == [("", "hm\n"), ("open", "Come back to this.\n")]

    def test_changes_of_the_codebook_are_taken_back(self, study: Study) -> None:
        text = study.layout.codebook.read_text("utf-8")
        keys = ("d", "type:Dates.", "ctrl+s", "i", "type:Late", "enter", "enter", "enter", "u", "u", "u", "U")
        screens = self.run(study, *keys, at="t002")
        assert "“Scheduling” is redefined" in screens[3]
        assert "“Late” is in the codebook. Coded “Late”" in flat(screens[8])
        assert "Undone: apply “Late”" in screens[9]
        assert "Undone: Added late “Late”" in flat(screens[10])
        assert "Undone: Edited the definition of scheduling" in flat(screens[11])
        assert "Redone: Edited the definition of scheduling" in flat(screens[12])
        assert study.codebook.code("scheduling").definition == "Dates."
        assert "late" not in {code.id for code in study.codebook.walk()}
        self.run(study, "t", "u", at="t002")
        assert study.codebook.code("scheduling").hits == ()
        assert text != study.layout.codebook.read_text("utf-8")

    def test_what_somebody_changed_since_stays_and_the_next_undo_goes_on(self, study: Study) -> None:
        keys = ("a", "m", "type:hm", "ctrl+s", lambda: study.memo("P07:t002", "ben's", author="ben"), "u", "u")
        screens = self.run(study, *keys, at="t002")
        assert "has changed in the meantime" in flat(screens[6])
        assert "Undone: accept" in screens[7]

    def test_digits_give_the_codes_that_are_pinned(self, study: Study) -> None:
        screens = self.run(study, "3", "4", "e", at="t002")
        assert "+ Praise (applied)" in screens[1]
        assert "No code is pinned to 4. # pins one." in screens[2]
        assert "It is already so." in flat(screens[3])
        keys = ("#", "4", "type:prais", "enter", "#", "escape", "c", "escape", "3", "v", "4")
        screens = self.run(study, *keys, at="t004")
        assert "1 Scheduling" in screens[1]
        assert "3 Praise" in screens[1]
        assert "4 free" in screens[1]
        assert "“Praise” is on 4." in screens[4]
        assert "3 free" in screens[5]
        assert "4 Praise" in screens[7]
        assert "No code is pinned to 3" in screens[9]
        assert ("praise", "applied", "People leave.") in state(study)
        screens = self.run(study, "#", "down", "delete", "2", at="t004")
        assert "2 is free." in screens[3]
        assert "No code is pinned to 2" in screens[4]
        assert study.pins("ana") == ("scheduling", "", "", "praise", "", "", "", "", "")

    def test_a_long_message_is_shown_in_two_lines(self, study: Study) -> None:
        screens = self.run(study, "right", "s", "type:some words that were never said by anybody", "enter")
        assert "Type the words as" in screens[-1]
        assert "they are written" in screens[-1]

    def test_wrong_keys_do_nothing_and_say_so(self, study: Study) -> None:
        screens = self.run(study, "a", "c", "escape", "n", "d", "A", "9")
        assert "This segment has no code yet" in screens[1]
        assert "This segment has no code yet" in screens[4]
        assert "current code is not in the codebook" in flat(screens[5])
        assert "This segment has no code yet" in screens[6]
        assert state(study) == []

    def test_no_key_fails_at_the_end(self, study: Study) -> None:
        keys = [name for key in REVIEW for name in key.keys.split(",") if name not in {"q", "left", "h", "backspace"}]
        screens = self.run(study, "full_stop", "full_stop", "full_stop", "full_stop", *keys)
        assert "reached the end of the list" in screens[4]
        assert "end of the list" in flat(screens[5])
        assert state(study) == []

    def test_undo_note_memo_and_help(self, study: Study) -> None:
        keys = ("right", "a", "n", "type:clear", "enter", "m", "type:think", "ctrl+s", "u", "u", "u", "?")
        screens = self.run(study, *keys)
        assert "“clear”" in screens[5]
        assert "Memo on P07:t002 saved." in screens[8]
        assert "Undone: memo" in screens[9]
        assert "Undone: note" in screens[10]
        assert "Undone: accept" in screens[11]
        assert "accept the suggestion" in screens[12]
        assert study.memos()[0] == ()

    def test_the_help_fits_and_names_every_key(self, study: Study) -> None:
        shown = self.run(study, "?")[1]
        for key in REVIEW:
            assert key.words in shown
        assert all(len(line) <= 76 for line in format_help(REVIEW).splitlines())

    def test_chinese_and_the_end(self, study: Study) -> None:
        screens = self.run(study, "full_stop", "full_stop", "full_stop", "full_stop")
        assert "大家都好忙" in screens[3]
        assert "reached the end of the list" in screens[4]
        assert all(len(line) <= 80 for shown in screens for line in shown.splitlines())

    def test_blind_and_not_blind(self, study: Study) -> None:
        study.assign(["ana", "ben"], share=1, seed=1)
        blind = self.run(study, "a", at="t002")
        assert "suggestions are shown once all coders have read it" in flat(blind[0])
        assert "suggested" not in blind[0]
        assert "This segment has no code yet" in blind[1]
        lifted = self.run(study, "a", at="t002", blind="lifted")
        assert "not blind" in flat(lifted[0])
        assert "? Scheduling (suggested)" in lifted[0]
        assert study.log(coder="ana")[-1]["why"] == "not blind: suggestions were shown"

    def test_a_segment_that_is_gone(self, study: Study) -> None:
        app = ReviewApp(Review(study, "ana", [Item("P07", "t099"), Item("P07", "t002")]))
        screens = press(app, "a", "right", "n", "c", "escape", "full_stop", "a")
        assert "no segment “t099”" in flat(screens[0])
        assert "Continue with ." in flat(screens[0])
        assert state(study) == [("scheduling", "accepted", DATES)]

    def test_a_transcript_that_is_taken_away_meanwhile(self, study: Study) -> None:
        keys = [one for key in REVIEW for one in key.keys.split(",") if one != "q"]
        screens = self.run(study, lambda: Study(study.root).remove_transcript("P07", why="test"), *keys, at="t004")
        assert "no transcript “P07”" in flat(screens[2])

    def test_a_codebook_that_breaks_meanwhile(self, study: Study) -> None:
        path = study.root / "codebook.yaml"
        screens = self.run(study, lambda: path.write_text("codes: [", "utf-8"), "a", "c", "right", at="t002")
        assert "cannot be" in flat(screens[2])
        assert state(study) == []

    def test_nothing_that_was_said_or_written_steers_the_terminal(self, study: Study) -> None:
        text = "Ana: bad \x1b]0;x\x07 words [b]not bold[/b]\n"
        segment = Segment("t001", "turn", Span(5, len(text) - 1), "Ana\x1b[2J")
        study.add_transcript(Transcript("P09", text, (segment,)), b"x")
        study.decide("ana", "P09:t001", "praise", "apply", note="\x1b[31mred")
        shown = press(ReviewApp(Review(study, "ana", [Item("P09", "t001")])))[0]
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "words [b]not bold[/b]" in shown


class TestAdjudicate:
    @pytest.fixture
    def work(self, study: Study) -> Adjudication:
        for coder in ("ana", "ben"):
            study.mark_seen(coder, ["P07:t004"])
        study.decide("ana", "P07:t004", "praise", "accept", note="so kind")
        study.decide("ben", "P07:t004", "turnover", "accept")
        study.decide("ben", "P07:t004", "praise", "reject", note="irony?")
        return Adjudication(study, "ana", "ben")

    def test_both_readings_and_their_notes_are_shown(self, work: Adjudication) -> None:
        shown = flat(press(AdjudicateApp(work))[0])
        assert "P07:t004 1/2 ana and ben 0 of 2 differences settled, 2 open" in shown
        assert "Ana: People leave. They were lovely, though. 大家都好忙" in shown
        assert f"ana gave it on “{LOVELY}” (so kind)" in shown
        assert f"ben rejected it on “{LOVELY}” (irony?)" in shown
        assert "ben gave “Turnover” on “People leave.”" in shown
        assert "Does “Praise” belong here?" in shown

    def test_answers(self, study: Study, work: Adjudication) -> None:
        screens = press(AdjudicateApp(work), "y", "s", "right", "n", "u", "left", "right", "n", "y", "?")
        assert "accepted. 1 of 2 differences settled, 1 open." in flat(screens[1])
        assert "reached the end of the list. → goes to what is open" in flat(screens[2])
        assert "Turnover" in screens[3]
        assert "You have reached the end of the list. ← goes back" in flat(screens[4])
        assert "Undone: the answer to “Turnover”" in flat(screens[5])
        assert "Settled: accepted." in screens[6]
        assert "end of the list" in flat(screens[9])
        assert all(key.words in screens[10] for key in ADJUDICATION)
        assert state(study, "consensus") == [("turnover", "rejected", "People leave."), ("praise", "applied", LOVELY)]

    def test_neither_but_another_code_and_why(self, study: Study, work: Adjudication) -> None:
        keys = ("w", "type:both misread", "enter", "c", "type:chall", "enter", "u", "r")
        screens = press(AdjudicateApp(work), *keys)
        assert "Reason: both misread" in screens[3]
        assert "“Praise” in P07:t004 is not accepted; “Challenges” is there instead." in flat(screens[6])
        assert "Undone" in flat(screens[7])
        assert study.log(coder="consensus")[0]["why"].endswith("both misread")
        assert state(study, "consensus") == [("praise", "rejected", LOVELY)]

    def test_neither_but_a_new_code_and_back(self, study: Study, work: Adjudication) -> None:
        keys = ("c", "type:Tempo", "enter", "enter", "type:chal", "right", "enter", "type:Speed.", "enter")
        screens = press(AdjudicateApp(work), *keys, "u", "u", "u", "U", "U", "U")
        before = state(study, "consensus")
        assert "new code “Tempo” …" in screens[2]
        assert "“Tempo” is there instead" in flat(screens[9])
        assert "Undone: the answer to" in flat(screens[10])
        assert "Undone: Added tempo" in flat(screens[11])
        assert "You have not answered anything in this session." in flat(screens[12])
        assert "Redone: Added tempo" in flat(screens[13])
        assert "Redone: the answer to" in flat(screens[14])
        assert "Nothing was undone in this session." in flat(screens[15])
        assert Study(study.root).codebook.code("challenges/tempo").definition == "Speed."
        assert ("tempo", "applied") in {(code, verdict) for code, verdict, _ in before}

    def test_a_new_code_of_a_name_that_is_taken(self, study: Study, work: Adjudication) -> None:
        text = study.layout.codebook.read_text("utf-8")
        keys = ("c", "type:Tempo", "enter", "ctrl+u", "type:Praise", "enter", "enter", "enter")
        screens = press(AdjudicateApp(work), *keys)
        assert "Praise" in flat(screens[-1])
        assert "already" in flat(screens[-1])
        assert study.layout.codebook.read_text("utf-8") == text
        assert work.n_open == work.n_differences

    def test_what_another_window_settled(self, study: Study, work: Adjudication) -> None:
        other = Adjudication(Study(study.root), "ana", "ben")
        screens = press(AdjudicateApp(work), lambda: other.answer("no"), "y")
        assert "was settled with n in the meantime" in flat(screens[2])
        assert "Does “Turnover” belong here?" in flat(screens[2])
        assert state(study, "consensus") == [("praise", "rejected", LOVELY)]


@pytest.mark.parametrize("keys", [REVIEW, ADJUDICATION])
def test_the_documentation_has_the_keys_of_the_screen(keys: tuple[Key, ...]) -> None:
    text = (Path(__file__).parents[1] / "docs" / "study.md").read_text("utf-8")
    rows = [f"| {' '.join(f'`{one}`' for one in key.shown.split())} | {key.words} |" for key in keys if key.shown]
    assert "\n".join(["| key | what it does |", "|---|---|", *rows, ""]) in text


def test_no_key_means_two_things() -> None:
    for keys in (REVIEW, ADJUDICATION):
        names = [name for key in keys for name in key.keys.split(",")]
        assert len(names) == len(set(names))
