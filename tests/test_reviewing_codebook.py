"""The codebook while reading: a new code, a definition made clearer, a passage taken as an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study
from test_review_screen import flat, press

from qualcode.cli._review_app import ReviewApp
from qualcode.errors import CodebookError, ConflictError, StudyError
from qualcode.reviewing import Review, list_items
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

DATES = TALK[1][1]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07")


def review(study: Study, at: str) -> Review:
    way = Review(study, "ana", list_items(study, "ana", talk="all"))
    while way.item.segment != at:
        way.skip()
    return way


def text_of(study: Study) -> str:
    return (study.root / "codebook.yaml").read_text("utf-8")


def state(study: Study) -> list[tuple[str, str, str]]:
    sheet = Study(study.root).sheet("ana", "P07")
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


class TestNewCode:
    def test_with_name_place_and_definition(self, study: Study) -> None:
        way = review(study, "t002")
        way.pick()
        told = way.add_code("Lost time", under="Challenges", definition="Time that nobody gets back.")
        assert told == "“Lost time” is in the codebook. Coded “Lost time” on “The dates clashed.” (P07:t002)."
        code = Study(study.root).codebook.code("challenges/lost-time")
        assert (code.name, code.definition) == ("Lost time", "Time that nobody gets back.")
        assert state(study) == [("lost-time", "applied", "The dates clashed.")]
        assert way.entry is not None
        assert way.entry.code == "lost-time"
        assert "# The team's codebook." in text_of(study)
        assert "# the first one" in text_of(study)
        assert "Came up in P07:t002." in text_of(study)

    def test_a_name_that_is_taken_gives_nothing(self, study: Study) -> None:
        before = text_of(study)
        way = review(study, "t002")
        for name, under in (("Praise", ""), ("", ""), ("New", "nowhere")):
            with pytest.raises(CodebookError):
                way.add_code(name, under=under)
        assert (text_of(study), state(study)) == (before, [])

    def test_undo_takes_the_coding_back_and_leaves_the_code(self, study: Study) -> None:
        way = review(study, "t004")
        way.add_code("大家都好忙")
        assert len(state(study)) == 1
        way.undo()
        assert state(study) == []
        assert [code.name for code in study.codebook.walk()][-1] == "大家都好忙"

    def test_the_code_is_there_when_it_could_not_be_given(self, study: Study) -> None:
        way = review(study, "t002")
        _ = way.entries
        way.study.remove_transcript("P07", why="withdrawn consent")
        with pytest.raises(StudyError, match=r"“Late” is in the codebook. It was not applied here"):
            way.add_code("Late")

    def test_on_the_screen_named_by_the_picked_words(self, study: Study) -> None:
        way = review(study, "t004")
        keys = ("v", "v", "i", "enter", "type:chal", "right", "enter", "type:Kind people.", "enter")
        screens = press(ReviewApp(way), *keys)
        assert "They were lovely, though." in screens[3]
        assert "“They were lovely, though.” is in the codebook." in flat(screens[-1])
        code = Study(study.root).codebook.code("challenges/they-were-lovely-though")
        assert (code.name, code.definition) == ("They were lovely, though.", "Kind people.")
        assert ("they-were-lovely-though", "applied", "They were lovely, though.") in state(study)


class TestDefinition:
    def test_is_written_with_the_reason(self, study: Study) -> None:
        way = review(study, "t002")
        told = way.define("Finding a date\nthat suits all.", saw="")
        assert told == "“Scheduling” is redefined in the codebook."
        assert study.codebook.code("scheduling").definition == "Finding a date\nthat suits all."
        assert "Clarified by P07:t002." in text_of(study)
        with pytest.raises(CodebookError, match="nothing to change"):
            way.define("Finding a date\nthat suits all.", saw="Finding a date\nthat suits all.")

    def test_another_window_came_first(self, study: Study) -> None:
        here, there = review(study, "t002"), review(Study(study.root), "t002")
        here.define("Theirs.", saw="")
        with pytest.raises(ConflictError, match=r"“Theirs.”") as told:
            there.define("Mine.", saw="")
        assert told.value.stands == "Theirs."
        assert study.codebook.code("scheduling").definition == "Theirs."

    def test_on_the_screen_and_kept_when_it_came_too_late(self, study: Study) -> None:
        way = review(study, "t002")

        def meanwhile() -> None:
            review(Study(study.root), "t002").define("Theirs.", saw="")

        screens = press(ReviewApp(way), "d", "type:Mine.", meanwhile, "ctrl+s", "d", "ctrl+s")
        assert "has changed in the meantime: “Theirs.”" in flat(screens[4])
        assert "Mine." in screens[5]
        assert study.codebook.code("scheduling").definition == "Mine."


class TestExample:
    def test_the_passage_in_hand(self, study: Study) -> None:
        way = review(study, "t002")
        told, problems = way.take_example()
        assert told == "“The dates clashed. We could never find …” is now an example of “Scheduling” in the codebook."
        assert list(problems) == []
        assert [one.text for one in study.codebook.code("scheduling").hits] == [DATES]
        assert state(study) == []
        with pytest.raises(CodebookError, match="already"):
            way.take_example()

    def test_what_the_rules_miss_is_told(self, study: Study) -> None:
        way = review(study, "t003")
        way.apply("praise")
        screens = press(ReviewApp(way), "t")
        assert "“And people?” is now an example of “Praise”" in flat(screens[1])
        assert "warning" in flat(screens[1])

    def test_nothing_in_hand(self, study: Study) -> None:
        with pytest.raises(StudyError, match="This segment has no code"):
            review(study, "t003").take_example()
