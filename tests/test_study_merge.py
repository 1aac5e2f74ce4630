"""Uniting copies of a study: commutative, idempotent, and nothing of either side is lost."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import CODEBOOK, TALK, Clock, begin_study, build_transcript

from qualcode.errors import StudyError
from qualcode.model import Coding, Span
from qualcode.study import Study, create_study
from qualcode.study.events import Change, Event, History, decode_event, encode_event, key_of, name_event
from qualcode.study.merging import merge_study
from qualcode.study.updating import update_transcript

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Copy:
    """A sheet's history in one copy of a study, without the disk."""

    history: History
    last: str = ""
    keys: set[tuple[int, int, str]] = field(default_factory=set)

    def act(self, kind: str, place: int, code: str, time: int) -> None:
        """Do something as the study does it."""
        coding = Coding("P", Span(place, place + 3), code, "ana", "accepted", "abc", note=f"{kind}{time}")
        present = {key_of(one): one for one in self.history.codings}
        before = present.get(key_of(coding))
        if kind == "remove":
            if before is None:
                return
            change = Change(self.history.live(key_of(coding)), before, None)
        else:
            change = Change(self.history.live(key_of(coding)), before, coding)
        at = f"2026-03-01T00:00:{time:02d}.000000+00:00"
        event = name_event(Event("", at, "ana", kind, changes=(change,), seen=(f"t{place:03d}",)), self.last)
        self.history.add(event)
        self.last = event.id


def united(*copies: Copy) -> History:
    return History.of(event for copy in copies for event in copy.history.events.values())


def standing(history: History) -> tuple[object, ...]:
    return history.codings, history.seen, [[(one.verdict, one.note) for one in group] for group in history.conflicts()]


ACTS = st.lists(
    st.tuples(st.sampled_from(["apply", "remove"]), st.integers(0, 3), st.sampled_from("xy"), st.integers(0, 20)),
    max_size=8,
)


@st.composite
def copies(draw: st.DrawFn) -> list[Copy]:
    """Up to four copies of one sheet that share a past and went on without each other, their clocks at odds."""
    start = Copy(History())
    for act in draw(ACTS):
        start.act(*act)
    found = []
    for acts in draw(st.lists(ACTS, min_size=1, max_size=4)):
        copy = Copy(History.of(start.history.events.values()), start.last)
        for act in acts:
            copy.act(*act)
        found.append(copy)
    return found


@settings(max_examples=400)
@given(copies(), st.randoms(use_true_random=False))
def test_order_does_not_matter(found: list[Copy], random: object) -> None:
    events = [event for copy in found for event in copy.history.events.values()]
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standing(History.of(shuffled)) == standing(History.of(events))


@settings(max_examples=200)
@given(copies())
def test_twice_is_once(found: list[Copy]) -> None:
    once = united(*found)
    again = History.of([*once.events.values(), *found[0].history.events.values()])
    assert standing(again) == standing(once)


@settings(max_examples=400)
@given(copies())
def test_a_coding_stands_unless_somebody_who_knew_it_took_it_away(found: list[Copy]) -> None:
    together = united(*found)
    for copy in found:
        for key in (key_of(coding) for coding in copy.history.codings):
            versions = copy.history.live(key)
            was_taken = any(
                version in change.was
                for event in together.events.values()
                for change in event.changes
                for version in versions
            )
            assert together.live(key) or was_taken
            stands = set(versions) & set(together.live(key))
            replaced = [version for version in versions if version in together.replaced]
            assert stands | set(replaced) == set(versions)


@settings(max_examples=200)
@given(copies())
def test_concurrent_work_of_two_coders_is_kept_by_both(found: list[Copy]) -> None:
    """What one copy wrote and no other copy knew of always stands after the merge."""
    together = united(*found)
    for copy in found:
        others = {one for other in found if other is not copy for one in other.history.events}
        for coding in copy.history.codings:
            for version in copy.history.live(key_of(coding)):
                if version.rpartition(".")[0] not in others:
                    assert version in together.live(key_of(coding))


@given(copies())
def test_an_event_comes_back_from_its_line(found: list[Copy]) -> None:
    for event in found[0].history.events.values():
        assert decode_event(encode_event(event), "P", "ana") == event


def copy_of(study: Study, folder: Path, start: int) -> Study:
    """Return a colleague's copy of a study whose clock runs from another minute."""
    shutil.copytree(study.root, folder)
    clock = Clock()
    for _ in range(start):
        clock()
    return Study(folder, clock=clock, who=f"somebody {start}")


def sheets(study: Study) -> dict[str, str]:
    return {
        path.relative_to(study.root).as_posix(): path.read_text("utf-8")
        for path in sorted((study.root / "sheets").rglob("*.jsonl"))
        if not path.name.endswith(".log.jsonl")
    }


def sound(study: Study) -> list[str]:
    return [problem.rule for problem in Study(study.root).check() if problem.level != "note"]


class TestFolders:
    def test_two_coders(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        theirs.decide("ben", "P07:t002", "scheduling", "reject")
        report = merge_study(mine, theirs.root)
        assert (report.n_events, report.conflicts) == (1, [])
        assert mine.coders() == ("ana", "ben", "rules")
        assert Study(mine.root).settings.coders == ("ana", "ben")
        assert sound(mine) == []

    def test_one_coder_in_two_places_both_ways_and_again(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        mine.decide("ana", "P07:t004", "praise", "accept")
        theirs.decide("ana", "P07:t004", "turnover", "apply")
        theirs.decide("ana", "P07:t002", "scheduling", "remove")
        before = sheets(theirs)
        assert merge_study(mine, theirs.root).n_events == 2
        assert sheets(theirs) == before
        merge_study(theirs, mine.root)
        assert sheets(mine) == sheets(theirs)
        sheet = mine.sheet("ana", "P07")
        assert sheet is not None
        assert [coding.code for coding in sheet.codings] == ["turnover", "praise"]
        logs = [path.read_bytes() for path in sorted(mine.root.rglob("*.log.jsonl"))]
        assert merge_study(mine, theirs.root).n_events == 0
        assert merge_study(theirs, mine.root).n_events == 0
        assert [path.read_bytes() for path in sorted(mine.root.rglob("*.log.jsonl"))] == logs
        assert sound(mine) == sound(theirs) == []

    def test_a_conflict_is_named_and_settled_by_deciding_again(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        theirs.decide("ana", "P07:t002", "scheduling", "reject")
        (conflict,) = merge_study(mine, theirs.root).conflicts
        assert "accepted and rejected" in conflict.message
        assert sound(mine) == ["conflict"]
        mine.clock = theirs.clock
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        assert sound(mine) == []

    def test_transcripts_memos_and_cases(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        (mine.root / "cases.csv").write_text("case,role\nP07,mentor\n", "utf-8")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        theirs.add_transcript(build_transcript("P08"), b"raw")
        theirs.decide("ben", "P08:t002", "scheduling", "apply")
        (theirs.root / "cases.csv").write_text("case,role\nP07,boss\nP08,staff\n", "utf-8")
        for study, text in ((mine, "mine"), (theirs, "theirs")):
            (study.root / "memos").mkdir()
            (study.root / "memos" / "study.md").write_text(text, "utf-8")
        (theirs.root / "memos" / "code-praise.md").write_text("new", "utf-8")
        report = merge_study(mine, theirs.root)
        assert report.transcripts == ["P08"]
        assert {problem.where for problem in report.conflicts} == {"cases.csv", "memos/study.md"}
        assert (mine.root / "cases.csv").read_text("utf-8") == "case,role\nP07,mentor\nP08,staff\n"
        assert {path.read_text("utf-8") for path in (mine.root / "memos").iterdir()} == {"mine", "theirs", "new"}
        assert (mine.root / "raw/P08.txt").read_bytes() == b"raw"
        assert len(merge_study(mine, theirs.root).files) == 0

    def test_codebook_forward_and_apart(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        (theirs.root / "codebook.yaml").write_text(CODEBOOK + "  - id: new\n", "utf-8")
        theirs.tag()
        assert merge_study(mine, theirs.root).files == ["codebook.yaml"]
        assert mine.codebook.code("new").id == "new"
        (mine.root / "codebook.yaml").write_text(CODEBOOK + "  - id: mine\n", "utf-8")
        mine.tag()
        (theirs.root / "codebook.yaml").write_text(CODEBOOK + "  - id: theirs\n", "utf-8")
        theirs.tag()
        (conflict,) = merge_study(mine, theirs.root).conflicts
        assert conflict.where == "codebook.yaml"
        assert mine.codebook.code("mine").id == "mine"
        assert len(list(mine.root.glob("codebook.theirs-*.yaml"))) == 1

    def test_other_text(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        theirs.decide("ben", "P07:t002", "scheduling", "accept")
        update_transcript(theirs, build_transcript("P07", TALK[:3]))
        (conflict,) = merge_study(mine, theirs.root).conflicts
        assert conflict.where == "transcripts/P07.txt"
        assert sound(mine) == []

    def test_another_study_or_itself(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        create_study(tmp_path / "other")
        with pytest.raises(StudyError, match="another study"):
            merge_study(mine, tmp_path / "other")
        with pytest.raises(StudyError, match="itself"):
            merge_study(mine, mine.root)
        with pytest.raises(StudyError, match="no study"):
            merge_study(mine, tmp_path)

    def test_names_that_differ_in_case(self, tmp_path: Path) -> None:
        mine = begin_study(tmp_path / "mine")
        theirs = copy_of(mine, tmp_path / "theirs", 100)
        mine.decide("ana", "P07:t002", "scheduling", "accept")
        theirs.decide("Ana", "P07:t002", "scheduling", "accept")
        with pytest.raises(StudyError, match="“ana” already"):
            merge_study(mine, theirs.root)
