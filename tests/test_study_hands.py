"""Any number of hands: threads, objects and processes; every confirmed act is on disk, once, and in every view."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import threading
import time
from typing import TYPE_CHECKING

import pytest
from studies import begin_study

from qualcode.errors import ConflictError, LockedError
from qualcode.model import Span
from qualcode.study import Decision, Study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

N_ACTS = 12
CODES = ("scheduling", "turnover", "praise", "challenges")


def in_threads(*acts: Callable[[], None]) -> None:
    """Run functions at once, each in a thread of its own; what one of them raises is raised."""
    failures: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001  # told below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def act_often(study: Study, coder: str, number: int) -> None:
    """Give one code to one character after the other, each with a note of its own, and say so when it is on disk."""
    for step in range(N_ACTS):
        start = 33 + step
        study.decide(
            coder, "P07:t002", CODES[number], "apply", span=Span(start, start + 2), note=f"{coder} {number}.{step}"
        )


def notes(root: Path, coder: str) -> list[str]:
    sheet = Study(root).sheet(coder, "P07")
    return sorted(one.note for one in sheet.codings) if sheet else []


def expected(coder: str, numbers: range) -> list[str]:
    return sorted(f"{coder} {number}.{step}" for number in numbers for step in range(N_ACTS))


def lines_of(root: Path, coder: str) -> list[dict[str, object]]:
    path = root / "sheets" / coder / "P07.log.jsonl"
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("is_one_object", [True, False])
def test_threads_on_one_sheet(tmp_path: Path, is_one_object: bool) -> None:
    study = begin_study(tmp_path / "study")
    studies = [study if is_one_object else Study(study.root) for _ in CODES]
    in_threads(*(lambda n=n, s=s: act_often(s, "ana", n) for n, s in enumerate(studies)))
    assert notes(study.root, "ana") == expected("ana", range(4))
    events = [one["id"] for one in lines_of(study.root, "ana") if "id" in one]
    assert len(events) == len(set(events)) == 4 * N_ACTS
    for one in (study, *studies):
        sheet = one.sheet("ana", "P07")
        assert sheet is not None
        assert sorted(coding.note for coding in sheet.codings) == expected("ana", range(4))
    assert [one for one in Study(study.root).check() if one.level != "note"] == []


def test_threads_on_different_sheets(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    in_threads(*(lambda n=n, c=c: act_often(study, c, n) for n, c in enumerate(("ana", "ben", "chi", "dov"))))
    for number, coder in enumerate(("ana", "ben", "chi", "dov")):
        assert notes(study.root, coder) == expected(coder, range(number, number + 1))


def test_readers_beside_a_writer_never_see_half_an_act(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    is_done = threading.Event()

    def write() -> None:
        for step in range(N_ACTS):
            pair = [Decision("P07:t002", code, "apply", Span(33 + step, 35 + step)) for code in CODES[:2]]
            study.decide_all("ana", pair)
        is_done.set()

    def read(one: Study) -> None:
        while not is_done.is_set():
            sheet = one.sheet("ana", "P07")
            assert sheet is None or len(sheet.codings) % 2 == 0
            one.codings_in("ana", "P07", Span(33, 60))

    in_threads(write, lambda: read(study), lambda: read(study), lambda: read(Study(study.root)))
    study.close()
    assert len(lines_of(study.root, "ana")) == N_ACTS + 1  # and a mark
    assert Study(study.root).check() == []
    assert len(notes(study.root, "ana")) == 2 * N_ACTS


def _act(root: Path, coder: str, number: int) -> None:
    act_often(Study(root), coder, number)


def test_processes_and_threads_on_one_sheet(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_act, args=(study.root, "ana", number)) for number in (2, 3)]
    for one in others:
        one.start()
    in_threads(lambda: act_often(study, "ana", 0), lambda: act_often(study, "ana", 1))
    for one in others:
        one.join(60)
        assert one.exitcode == 0
    assert notes(study.root, "ana") == expected("ana", range(4))
    assert sorted(one.note for one in study.sheet("ana", "P07").codings) == expected("ana", range(4))  # type: ignore[union-attr]


def test_undo_and_redo_beside_acts_of_another_thread(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")

    def back_and_forth() -> None:
        for _ in range(N_ACTS):
            event = study.decide("ben", "P07:t004", "praise", "accept")
            assert event is not None
            study.undo("ben", event=event)

    in_threads(back_and_forth, lambda: act_often(study, "ana", 0))
    assert notes(study.root, "ana") == expected("ana", range(1))
    assert notes(study.root, "ben") == []


class TestConflicts:
    def test_who_answers_what_is_not_there_any_more_is_told_what_stands(self, tmp_path: Path) -> None:
        here, there = begin_study(tmp_path / "study"), Study(tmp_path / "study")
        here.decide("ana", "P07:t002", "scheduling", "accept", note="mine")
        (shown,) = there.codings_in("ana", "P07", Span(33, 79))
        here.decide("ana", "P07:t002", "scheduling", "reject", note="no, not that")
        with pytest.raises(ConflictError, match=r"rejected on “The dates clashed") as caught:
            there.decide("ana", "P07:t002", "scheduling", "remove", saw=shown.version)
        (stands,) = caught.value.stands  # type: ignore[misc]
        assert (stands.verdict, stands.note) == ("rejected", "no, not that")
        assert len(notes(here.root, "ana")) == 1
        (fresh,) = there.codings_in("ana", "P07", Span(33, 79))
        assert there.decide("ana", "P07:t002", "scheduling", "remove", saw=fresh.version) is not None

    def test_who_saw_nothing_there(self, tmp_path: Path) -> None:
        here, there = begin_study(tmp_path / "study"), Study(tmp_path / "study")
        here.decide("ana", "P07:t004", "praise", "apply")
        with pytest.raises(ConflictError, match="applied on"):
            there.decide("ana", "P07:t004", "praise", "apply", saw="")
        assert there.decide("ana", "P07:t004", "turnover", "apply", saw="") is not None

    def test_a_note_on_what_was_changed(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t002", "scheduling", "accept")
        (shown,) = study.codings_in("ana", "P07", Span(33, 79))
        assert study.note("ana", shown, "clear") is not None
        with pytest.raises(ConflictError, match="accepted, “clear”"):
            study.note("ana", shown, "not so clear")
        (fresh,) = study.codings_in("ana", "P07", Span(33, 79))
        assert study.note("ana", fresh, "clear") is None  # it says so already
        study.decide("ana", "P07:t002", "scheduling", "remove")
        with pytest.raises(ConflictError, match="nothing"):
            study.note("ana", fresh, "gone")

    def test_one_of_two_windows_that_answer_at_once_is_refused(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.decide("ana", "P07:t002", "scheduling", "accept")
        (shown,) = study.codings_in("ana", "P07", Span(33, 79))
        refused: list[str] = []

        def answer(act: str) -> None:
            try:
                Study(study.root).decide("ana", "P07:t002", "scheduling", act, saw=shown.version)  # type: ignore[arg-type]
            except ConflictError:
                refused.append(act)

        in_threads(lambda: answer("reject"), lambda: answer("remove"))
        assert len(refused) == 1


class TestWaiting:
    def test_who_waits_too_long_is_told_who_is_at_work(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        is_held, is_over = threading.Event(), threading.Event()

        def hold() -> None:
            with Study(study.root).change():
                is_held.set()
                is_over.wait(30)

        def knock() -> None:
            is_held.wait(30)
            with contextlib.ExitStack() as stack:
                stack.callback(is_over.set)
                with pytest.raises(LockedError, match="working on the study"), study.change(patience=0.05):
                    pass

        in_threads(hold, knock)
        assert study.decide("ana", "P07:t002", "scheduling", "accept") is not None

    def test_nothing_of_a_change_that_fails_happens(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        before = {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()}

        def fail() -> None:
            with study.change("ana") as change:
                change.sheet("P07").see(["t001"])
                change.note("test", {})
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fail()
        assert {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()} == before
        assert study.sheet("ana", "P07") is None


class TestLargeSheets:
    """Sheets above the size up to which they are written with each act: the log is ahead, and every reader knows."""

    @pytest.fixture
    def study(self, tmp_path: Path) -> Study:
        study = begin_study(tmp_path / "study")
        text = study.transcript("P07").text
        places = [Span(at, at + width) for at in range(33, 77) for width in (1, 2, 3) if text[at].isalnum()]
        study.decide_all("ana", [Decision("P07:t002", "praise", "apply", span) for span in places])
        study.close()
        assert len(study.sheet("ana", "P07").codings) > 100  # type: ignore[union-attr]
        return study

    def test_an_act_is_in_every_view_before_the_sheet_is_written(self, study: Study) -> None:
        path = study.root / "sheets/ana/P07.jsonl"
        before = path.read_bytes()
        study.decide("ana", "P07:t004", "turnover", "apply", note="the latest")
        assert path.read_bytes() == before
        assert "the latest" in notes(study.root, "ana")
        assert [one.rule for one in Study(study.root).check()] == ["behind-log"]
        study.close()
        assert b"the latest" in path.read_bytes()
        assert Study(study.root).check() == []

    def test_the_sheet_follows_when_nobody_acts(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "turnover", "apply", note="the latest")
        path = study.root / "sheets/ana/P07.jsonl"
        end = time.monotonic() + 30
        while b"the latest" not in path.read_bytes() and time.monotonic() < end:
            time.sleep(0.05)
        assert b"the latest" in path.read_bytes()

    def test_a_sheet_put_back_by_hand_stands(self, study: Study) -> None:
        path = study.root / "sheets/ana/P07.jsonl"
        old, n_old = path.read_bytes(), len(notes(study.root, "ana"))
        study.decide("ana", "P07:t004", "turnover", "apply", note="the latest")
        study.close()
        path.write_bytes(old)
        assert len(notes(study.root, "ana")) == n_old
        assert [one.rule for one in Study(study.root).check()] == ["edited-outside"]
        Study(study.root).decide("ana", "P07:t004", "challenges", "apply", note="after it")
        found = notes(study.root, "ana")
        assert "after it" in found
        assert "the latest" not in found
        assert Study(study.root).check() == []


def test_a_small_sheet_put_back_by_hand_stands(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    path = study.root / "sheets/ana/P07.jsonl"
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.close()
    old = path.read_bytes()
    study.decide("ana", "P07:t004", "praise", "accept")
    study.close()
    path.write_bytes(old)
    sheet = Study(study.root).sheet("ana", "P07")
    assert sheet is not None
    assert [one.code for one in sheet.codings] == ["scheduling"]
    assert [one.rule for one in Study(study.root).check()] == ["edited-outside"]


def test_a_log_of_before_marks_is_understood(tmp_path: Path) -> None:
    """Once every event named the sheet after it; of such a study nothing is taken for a change by hand."""
    from qualcode.study.store.logs import mark_of

    study = begin_study(tmp_path / "study")
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ana", "P07:t004", "praise", "accept")
    study.close()
    sheet, log = study.root / "sheets/ana/P07.jsonl", study.root / "sheets/ana/P07.log.jsonl"
    events = [one for one in lines_of(study.root, "ana") if "id" in one]
    marks = ["0" * 16, mark_of(sheet.read_bytes())]
    old = [
        {"id": one["id"], "sheet": mark, **{key: value for key, value in one.items() if key != "id"}}
        for one, mark in zip(events, marks, strict=True)
    ]
    log.write_text("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in old), "utf-8")
    assert Study(study.root).check() == []
    assert len(notes(study.root, "ana")) == 2
    Study(study.root).decide("ana", "P07:t004", "turnover", "accept")
    assert Study(study.root).check() == []
    assert len(notes(study.root, "ana")) == 3
