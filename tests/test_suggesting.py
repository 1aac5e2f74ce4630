"""Worklists of what was learned: in order, explained, answered once, fitted in the background, and never a coding."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from farms import MISSED, UNREAD, begin_farm

from qualcode.errors import StudyError
from qualcode.reviewing import Item, Suggesting
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.reviewing import Hunch


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_farm(tmp_path / "farm")


def places(hunches: list[Hunch]) -> list[str]:
    return [f"{one.item.address} {one.code}" for one in hunches]


def test_nothing_is_learned_before_it_is_asked(study: Study) -> None:
    suggesting = Suggesting(study, "ana")
    assert not suggesting.is_fresh
    with pytest.raises(StudyError, match="Nothing was suggested yet"):
        suggesting.answer(Item("P3", "t002"), "rain", "accept")


def test_a_missed_passage_with_what_carries_it(study: Study) -> None:
    first = Suggesting(study, "ana").suggest("missed")[0]
    assert (first.item.address, first.code) == (MISSED, "rain")
    text = study.transcript("P3").text
    assert [text[span.start : span.end] for span in first.words] == ["Rain", "Monday", "on"]
    assert first.word == "possible"
    assert len(first.near) == 2
    assert all("ain" in study.transcript(item.transcript).quote(span) for item, span in first.near)


def test_a_refused_one_does_not_come_back_and_undo_brings_it(study: Study) -> None:
    suggesting = Suggesting(study, "ana", pause=0)
    suggesting.suggest("missed")
    event = suggesting.answer(Item("P3", "t002"), "rain", "reject")
    assert "learned" in event.why
    assert f"{MISSED} rain" not in places(suggesting.suggest("missed"))
    suggesting.wait()
    assert f"{MISSED} rain" not in places(suggesting.suggest("missed"))
    assert f"{MISSED} rain" not in places(Suggesting(study, "ana").suggest("missed"))
    study.undo("ana", event=event)
    assert places(suggesting.suggest("missed"))[0] == f"{MISSED} rain"


def test_an_accepted_one_is_a_coding_of_the_coder(study: Study) -> None:
    suggesting = Suggesting(study, "ana")
    suggesting.suggest("missed")
    suggesting.answer(Item("P3", "t002"), "rain", "accept")
    (coding,) = study.codings_in("ana", "P3", study.segment(MISSED)[1].span)
    assert (coding.verdict, coding.origin, coding.code) == ("accepted", "learned", "rain")
    assert suggesting.tell_record() == {"rain": (1, 0)}
    with pytest.raises(StudyError, match="stands so already"):
        suggesting.answer(Item("P3", "t002"), "rain", "accept")


def test_what_is_not_read_in_order_of_a_code(study: Study) -> None:
    suggesting = Suggesting(study, "ana")
    with pytest.raises(StudyError, match="one code"):
        suggesting.suggest("likely")
    found = suggesting.suggest("likely", "Rain", top=2)
    assert {one.item.transcript for one in found} == {UNREAD}
    assert all("ain" in study.transcript(UNREAD).quote(one.span) for one in found)
    study.mark_seen("ana", [found[0].item.address])  # the fit of before does not know
    assert found[0].item.address not in [one.item.address for one in suggesting.suggest("likely", "Rain")]


def test_a_coding_in_doubt_that_is_kept_leaves_the_list(study: Study) -> None:
    study.decide("ana", "P2:t004", "rain", "apply")
    suggesting = Suggesting(study, "ana")
    first = suggesting.suggest("doubtful")[0]
    assert f"{first.item.address} {first.code}" == "P2:t004 rain"
    assert first.coding is not None
    study.keep("ana", first.coding)
    assert "P2:t004 rain" not in places(suggesting.suggest("doubtful"))


def test_another_fit_is_made_meanwhile(study: Study) -> None:
    suggesting = Suggesting(study, "ana", pause=0)
    suggesting.suggest("missed")
    assert suggesting.is_fresh
    study.decide("ana", MISSED, "rain", "apply")
    assert not suggesting.is_fresh
    suggesting.suggest("missed")  # answered from the fit of before
    suggesting.wait()
    assert suggesting.is_fresh
    assert threading.active_count() < 20


def test_a_fit_soon_after_another_waits(study: Study) -> None:
    suggesting = Suggesting(study, "ana", pause=3600)
    suggesting.suggest("missed")
    study.decide("ana", MISSED, "rain", "apply")
    suggesting.renew()
    suggesting.wait()
    assert not suggesting.is_fresh
    assert MISSED not in [one.item.address for one in suggesting.suggest("missed", "rain")]


def test_what_is_drawn_meanwhile_is_blind_at_once(study: Study) -> None:
    suggesting = Suggesting(study, "ana", pause=3600)
    assert suggesting.suggest("missed", "rain")
    study.assign(["ana", "ben"], share=1.0, seed=7)
    assert suggesting.suggest("missed", "rain") == []
    with pytest.raises(StudyError, match="double coding"):
        suggesting.answer(Item("P3", "t002"), "rain", "accept")


def test_only_in_some_transcripts(study: Study) -> None:
    found = Suggesting(study, "ana").suggest("missed", transcript_ids=["P1"])
    assert found
    assert {one.item.transcript for one in found} == {"P1"}


def test_the_same_study_gives_the_same_lists(study: Study) -> None:
    one, other = Suggesting(study, "ana"), Suggesting(Study(study.root), "ana")
    assert one.suggest("missed") == other.suggest("missed")
    assert one.suggest("likely", "money") == other.suggest("likely", "money")


def test_a_coder_without_work_is_told(study: Study) -> None:
    with pytest.raises(StudyError):
        Suggesting(study, "ben").suggest("missed")
    with pytest.raises(StudyError, match="no list"):
        Suggesting(study, "ana").suggest("all")  # type: ignore[arg-type]
