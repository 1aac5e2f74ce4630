"""The screens of what was learned and of a check: marked, answered one by one, every tenth without suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from farms import MISSED, UNREAD, begin_farm
from test_review_screen import flat, press, state

from qualcode.cli import cli
from qualcode.cli._review_app import ReviewApp
from qualcode.errors import StudyError
from qualcode.reviewing import CheckReview, LearnedReview, Suggesting
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_farm(tmp_path / "farm")


def learn(study: Study, kind: str, **more: object) -> LearnedReview:
    return LearnedReview(Suggesting(study, "ana", pause=0), kind, **more)  # type: ignore[arg-type]


class TestMissed:
    def test_it_is_marked_with_word_and_words_and_accepted(self, study: Study) -> None:
        review = learn(study, "missed", code="rain")
        first, why, _, accepted, undone = press(ReviewApp(review), "w", "escape", "a", "u")
        assert MISSED in first
        assert "▶ ~ Rain (possible)  “Rain, rain on" in first
        assert "Rain, Monday, on" in first
        assert "you may have missed these" in flat(first)
        assert first.count("Like P") == 2
        assert "Carried by “Rain”, “Monday”, “on”." in flat(why)
        assert "Most like it, of yours with this code:" in flat(why)
        assert "Of such suggestions you accepted 0 and rejected 0." in flat(why)
        assert "Accepted “Rain” on “Rain, rain on Monday.” (P3:t002)" in flat(accepted)
        assert "✓ Rain (accepted)" in accepted
        assert "Undone: accept “Rain”" in flat(undone)
        assert "▶ ~ Rain (possible)" in undone
        assert study.codings_in("ana", "P3", study.segment(MISSED)[1].span) == []

    def test_a_refused_one_does_not_come_back(self, study: Study) -> None:
        review = learn(study, "missed", code="rain")
        told = press(ReviewApp(review), "r", "r", "a", "a")
        assert "✗ Rain (rejected)" in told[1]
        assert "“Rain” is already rejected" in flat(told[2])
        assert "You rejected “Rain” here" in flat(told[3])
        assert "✓ Rain (accepted)" in told[4]
        (coding,) = study.codings_in("ana", "P3", study.segment(MISSED)[1].span)
        assert (coding.verdict, coding.origin) == ("accepted", "learned")
        press(ReviewApp(review), "r", "r")
        assert MISSED not in [item.address for item in learn(Study(study.root), "missed", code="rain").items]

    def test_there_is_no_accepting_of_all(self, study: Study) -> None:
        told = press(ReviewApp(learn(study, "missed", code="rain")), "A")
        assert "No suggestion of “Rain” in this list is undecided" in flat(told[1])
        assert study.codings_in("ana", "P3", study.segment(MISSED)[1].span) == []

    def test_what_is_not_answered_yet_cannot_be_reshaped(self, study: Study) -> None:
        told = press(ReviewApp(learn(study, "missed", code="rain")), "[", "n", "x", "type:money", "enter")
        assert "was learned from your coding. Accept it first" in flat(told[1])
        assert "a note belongs to a decision" in flat(told[2])
        assert "was learned from your coding" in flat(told[-1])

    def test_the_place_in_the_texts_is_left_alone(self, study: Study) -> None:
        study.put_bookmark("ana", "P6:t004")
        press(ReviewApp(learn(study, "missed", code="rain")), "right", "left")
        assert study.bookmark("ana") == "P6:t004"

    def test_at_the_end_more_is_asked_for(self, study: Study) -> None:
        review = learn(study, "missed", top=1)
        told = press(ReviewApp(review), "right", "right", *["right"] * 300)
        assert "→ asks for more" in flat(told[1])
        assert "1 segment more." in flat(told[2])
        assert "Nothing more is suggested by now." in flat(told[-1])
        addresses = [item.address for item in review.items]
        assert len(addresses) == len(set(addresses))


class TestDoubtful:
    @pytest.fixture
    def doubted(self, study: Study) -> Study:
        study.decide("ana", "P4:t006", "rain", "apply")  # of a bus or a song
        return study

    def test_one_that_holds_is_kept_and_does_not_come_again(self, doubted: Study) -> None:
        review = learn(doubted, "doubtful", code="rain")
        assert review.item.address == "P4:t006"
        told = press(ReviewApp(review), "a")
        assert "~ Rain (applied, doubtful)" in told[0]
        assert "a keeps the coding, r removes it" in flat(told[0])
        assert "Kept “Rain”" in flat(told[1])
        assert "P4:t006" not in [item.address for item in learn(doubted, "doubtful", code="rain").items]

    def test_one_that_does_not_hold_is_removed_and_brought_back(self, doubted: Study) -> None:
        before = state(doubted, name="P4")
        told = press(ReviewApp(learn(doubted, "doubtful", code="rain")), "r")
        assert "Removed “Rain”" in flat(told[1])
        assert len(state(doubted, name="P4")) == len(before) - 1
        doubted.undo("ana")
        assert state(doubted, name="P4") == before


class TestLikely:
    def test_every_tenth_is_read_without_its_suggestion(self, study: Study) -> None:
        review = learn(study, "likely", code="Rain")
        assert {item.transcript for item in review.items} == {UNREAD}
        assert review.tell_why().startswith("~ Rain: possible\n")
        for number in range(9):
            assert any(one.hunch for one in review.entries)
            assert number < 8 or review.tell_why().startswith("~ Rain: ranked\n")
            review.accept() if "rain" in review.transcript.quote(review.segment.span).lower() else review.reject()
            review.next()
        assert review.view.sight == "held"
        assert review.entries == ()
        shown = press(ReviewApp(review))[0]
        assert "Every tenth segment comes without suggestions" in flat(shown)
        assert "~" not in shown
        with pytest.raises(StudyError, match="no code yet"):
            review.accept()
        review.next()
        (told, *_) = review.sum_up()
        assert told.startswith("1 segment read without suggestions: you and they agree on 1. With them: on ")
        review.back()
        assert review.view.sight == "open"

    def test_another_window_that_draws_it_for_double_coding(self, study: Study) -> None:
        review = learn(study, "likely", code="Rain")
        study.mark_seen("ben", ["P1:t001"])
        Study(study.root).assign(["ana", "ben"], share=1, seed=1)
        review.look()
        assert not any(one.hunch for one in review.entries)


class TestCheck:
    def test_it_is_read_in_the_order_of_the_draw_and_tells_the_bound(self, study: Study) -> None:
        drawn = study.draw_check("ana", "rain", seed=7, target=80)
        review = CheckReview(study, "ana", "Rain")
        assert [item.address for item in review.items] == list(drawn.upcoming)
        first, second, third = press(ReviewApp(review), "right", "e")
        assert "A check of “rain”: read it in this order" in flat(first)
        found = study.recall("ana", "rain")
        assert found.checked == 2
        assert "1 read in order, " in flat(second)
        assert "Recall is at least" in flat(second)
        assert "Coded “Rain”" in flat(third)
        assert review.sum_up()[-1].startswith(f"2 read in order, {found.checked_found} with the code.")
        assert CheckReview(study, "ana", "rain").item.address == drawn.upcoming[2]

    def test_without_a_draw_it_says_how(self, study: Study) -> None:
        with pytest.raises(StudyError, match="No check of “rain” was drawn for ana") as caught:
            CheckReview(study, "ana", "rain")
        assert "qualcode recall --coder ana --code rain --draw" in caught.value.hint

    def test_with_rules_every_tenth_shows_nothing_of_them(self, study: Study) -> None:
        path = study.root / "codebook.yaml"
        path.write_text(path.read_text("utf-8").replace("name: Rain\n", "name: Rain\n    rules: [rain]\n"), "utf-8")
        study.tag()
        study.draw_check("ana", "rain", seed=7)
        review = CheckReview(study, "ana", "rain")
        held = [n for n in range(len(review.items)) if review.tenths.is_held(review.items[n])]
        assert held == [9, 19]
        suggested = [one.item.address for one in review.list_suggestions()] if review.entries else []
        assert not {review.items[n].address for n in held} & set(suggested)
        for _ in range(len(review.items)):
            entry = review.entry
            review.accept() if entry and entry.is_undecided else None
            if review.view.sight == "held" and "rain" in review.transcript.quote(review.segment.span).lower():
                review.apply("rain")
            review.next()
        told = review.sum_up()[0]
        assert told.startswith("2 segments read without suggestions: you and they agree on 2. With them: on ")


class TestCommand:
    def run(self, study: Study, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["review", "--study", str(study.root), "--coder", "ana", *words])
        return done.exit_code, done.output

    @pytest.mark.parametrize("words", [("--missed",), ("--likely", "rain"), ("--doubtful",)])
    def test_it_needs_a_terminal(self, study: Study, words: tuple[str, ...]) -> None:
        code, told = self.run(study, *words)
        assert code == 1
        assert "needs a terminal" in told

    def test_one_list_at_a_time(self, study: Study) -> None:
        several = ("--missed --check rain", "--likely rain --uncoded", "--missed --accept-all rain")
        for words in map(str.split, several):
            code, told = self.run(study, *words)
            assert code == 2
            assert "Ask for one list at a time" in told

    def test_nothing_to_learn_from(self, study: Study) -> None:
        done = CliRunner().invoke(cli, ["review", "--study", str(study.root), "--coder", "zoe", "--missed"])
        assert done.exit_code == 1
        assert "zoe" in done.output
