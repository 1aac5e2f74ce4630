"""Blind is blind: a part drawn for double coding shows no suggestions until everybody it was drawn for has read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study

from qualcode.errors import StudyError
from qualcode.reviewing import Desk, Item, Review, list_items, list_suggestions
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

DATES = TALK[1][1]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Return a study of which both interviewees' turns of P07 are drawn for ana and ben, and none of P08."""
    study = begin_study(tmp_path / "study", "P07", "P08")
    study.assign(["ana", "ben"], share=1, seed=1)
    path = study.root / "assignments.csv"
    kept = [line for line in path.read_text("utf-8").splitlines(keepends=True) if "P08" not in line]
    path.write_text("".join(kept), "utf-8")
    return study


def test_nothing_is_shown_and_nothing_is_to_be_answered(study: Study) -> None:
    way = Review(study, "ana", list_items(study, "ana", transcript_ids=["P07"]))
    assert (way.view.sight, list(way.entries), way.entry) == ("blind", [], None)
    with pytest.raises(StudyError, match="This segment has no code"):
        way.accept()
    way.apply("scheduling")
    assert [(one.suggestion, one.verdict) for one in way.entries] == [(None, "applied")]
    way.reject()
    assert list(way.entries) == []
    assert study.codings_in("ana", "P07", way.segment.span) == []


def test_others_and_other_parts_are_not_blind(study: Study) -> None:
    for coder, address in (("eve", "P07:t002"), ("ana", "P08:t002")):
        view = Desk(study, coder).view(Item(*address.split(":")))
        assert (view.sight, [one.code for one in view.entries]) == ("open", ["scheduling"])


def test_shown_when_all_have_read_it(study: Study) -> None:
    ana, item = Desk(study, "ana"), Item("P07", "t002")
    ana.mark_seen(ana.view(item))
    assert ana.view(item).sight == "blind"
    Study(study.root).mark_seen("ben", ["P07:t002"])
    view = ana.view(item)
    assert (view.sight, [one.code for one in view.entries]) == ("open", ["scheduling"])
    assert ana.view(Item("P07", "t004")).sight == "blind"


def test_a_draw_made_meanwhile_is_kept(study: Study) -> None:
    desk, item = Desk(study, "ana"), Item("P08", "t002")
    assert len(desk.view(item).entries) == 1
    Study(study.root).assign(["ana", "ben"], share=1, seed=1)
    assert (desk.view(item).sight, desk.view(item).entries) == ("blind", ())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["P07:t002", "P07:t004", "P08:t002", "P08:t004"]),
        ({"only": "suggested"}, ["P08:t002", "P08:t004"]),
        ({"code": "scheduling"}, ["P08:t002"]),
        ({"code": "praise", "only": "suggested"}, ["P08:t004"]),
        ({"only": "uncoded"}, ["P07:t002", "P07:t004", "P08:t002", "P08:t004"]),
        ({"only": "assigned"}, ["P07:t002", "P07:t004"]),
        ({"only": "suggested", "blind": "lifted"}, ["P07:t002", "P07:t004", "P08:t002", "P08:t004"]),
        ({"code": "scheduling", "blind": "lifted"}, ["P07:t002", "P08:t002"]),
    ],
)
def test_no_list_gives_away_what_is_suggested(study: Study, options: dict[str, str], expected: list[str]) -> None:
    assert [one.address for one in list_items(study, "ana", **options)] == expected  # type: ignore[arg-type]


def test_own_codings_are_found_all_the_same(study: Study) -> None:
    study.decide("ana", "P07:t004", "scheduling", "apply")
    found = [one.address for one in list_items(study, "ana", code="scheduling")]
    assert found == ["P07:t004", "P08:t002"]


def test_many_at_once_pass_over_the_blind_part(study: Study) -> None:
    items = list_items(study, "ana", blind="lifted")
    assert [one.item.address for one in list_suggestions(study, "ana", "scheduling", items)] == ["P08:t002"]
    assert len(list_suggestions(study, "eve", "scheduling", items)) == 2


def test_a_suggestion_that_reaches_into_a_blind_segment_gives_nothing_away(study: Study) -> None:
    """Both sentences of t002 carry one suggestion; only the first is drawn."""
    text = (study.root / "study.yaml").read_text("utf-8")
    (study.root / "study.yaml").write_text(text.replace("unit: turn", "unit: sentence"), "utf-8")
    study = Study(study.root)
    (study.root / "assignments.csv").write_text("segment,coder\nP07:s0002,ana\nP07:s0002,ben\n", "utf-8")
    desk = Desk(study, "ana")
    assert [desk.view(Item("P07", one)).entries for one in ("s0002", "s0003")] == [(), ()]
    assert [one.address for one in list_items(study, "ana", code="scheduling", transcript_ids=["P07"])] == []
    assert len(Desk(study, "eve").view(Item("P07", "s0003")).entries) == 1


def test_lifted_is_shown_and_the_log_says_so(study: Study) -> None:
    items = list_items(study, "ana")
    way = Review(study, "ana", items, blind="lifted")
    assert (way.item.address, way.view.sight) == ("P07:t002", "lifted")
    way.accept()
    way.next()
    assert way.item.address == "P07:t004"
    way.next()  # looked at, suggestions and all
    assert way.item.address == "P08:t002"
    way.accept()
    told = [(row["transcript"], row["what"], row["why"]) for row in study.log(coder="ana")]
    assert told == [
        ("P07", "accept", "not blind: suggestions were shown"),
        ("P07", "seen", "not blind: suggestions were shown"),
        ("P08", "accept", ""),
    ]
