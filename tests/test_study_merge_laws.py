"""The laws of uniting copies: commutative, idempotent, and nothing of either side is lost; for random histories."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import CODEBOOK, TALK, begin_study, build_transcript

from qualcode.codebook.editing import merge_codes, rename_code
from qualcode.errors import QualcodeError
from qualcode.model import Coding, Span
from qualcode.study import Study
from qualcode.study.corrections import correct_transcript
from qualcode.study.decisions import mark_seen, write_note
from qualcode.study.memos import write_memo
from qualcode.study.merge import merge_study
from qualcode.study.recoding import apply_edit
from qualcode.study.store import CodingChange, Event, History, encode_event, key_of
from qualcode.study.store.events import decode_event, name_event
from qualcode.study.undo import redo, restore, undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
            change = CodingChange(self.history.live(key_of(coding)), before, None)
        else:
            change = CodingChange(self.history.live(key_of(coding)), before, coding)
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
        assert decode_event(json.loads(encode_event(event)), "P", "ana") == event


# ---- whole studies on disk, with everything that a person can do in them

Histories: TypeAlias = "list[list[tuple[str, int, int]]]"
STEP = st.tuples(
    st.sampled_from(
        ["decide"] * 5
        + ["remove", "undo", "redo", "restore", "note", "seen", "memo", "rename", "merge", "update"]
        + ["move", "cut", "extend", "recode", "redo"]
    ),
    st.integers(0, 1),
    st.integers(0, 7),
)
HISTORIES = st.lists(st.lists(STEP, max_size=7), min_size=2, max_size=4)
PLACES = [f"{name}:{segment}" for name in ("P01", "P02") for segment in ("t002", "t004")]
CODES = ["scheduling", "turnover", "praise", "extra"]


class SharedClock:
    """Ticks once a second, for all copies together or, with a lag, for one copy as a clock that is wrong does."""

    ticks = 0

    def __init__(self, lag: int = 0) -> None:
        self.lag = lag

    def __call__(self) -> str:
        SharedClock.ticks += 1
        seconds = SharedClock.ticks + self.lag
        return f"2026-03-01T{9 + seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000000+00:00"


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A study of two transcripts in which ana has begun; nothing crashes here, so nothing waits for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield begin(tmp_path_factory)


def begin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = begin_study(tmp_path_factory.mktemp("laws") / "start", "P01", "P02", clock=SharedClock())
    (study.root / "codebook.yaml").write_text(CODEBOOK + "  - id: extra\n", "utf-8")
    study.tag()
    study.decide("ana", "P01:t002", "scheduling", "accept", note="start")
    study.decide("ana", "P02:t004", "praise", "accept", note="start")
    return study.root


def act(study: Study, number: int, step: tuple[str, int, int]) -> None:
    """Do one thing in one copy; what is refused is passed over, as is a segment that a correction has renamed."""
    with contextlib.suppress(QualcodeError):
        attempt(study, number, step)


def attempt(study: Study, number: int, step: tuple[str, int, int]) -> None:
    kind, who, choice = step
    coder = ("ana", "ben")[who]
    place, code, note = PLACES[choice % 4], CODES[choice % 3 + choice // 6], f"{study.who} {number}"
    codebook = (study.root / "codebook.yaml").read_text("utf-8")
    sheet = study.sheet(coder, place[:3])
    goal = study.segment(place)[1].span
    span = Span(goal.start + choice, goal.start + choice + 6)
    more = {"because": "x", "when": "2026-03-01"}
    acts: dict[str, Callable[[], object]] = {
        "decide": lambda: study.decide(coder, place, code, "apply", note=note),
        "remove": lambda: study.decide(coder, place, code, "remove"),
        "undo": lambda: undo(study, coder),
        "redo": lambda: redo(study, coder),
        "move": lambda: study.decide(coder, place, code, "move", span=span),
        "cut": lambda: study.decide(coder, place, code, "cut", span=span),
        "extend": lambda: study.decide(coder, place, code, "extend", span=span),
        "recode": lambda: study.decide(coder, place, code, "recode", to=CODES[(choice + 1) % 3]),
        "restore": lambda: restore(study, coder, f"2026-03-01T09:00:{12 + choice:02d}+00:00"),
        "note": lambda: write_note(study, coder, sheet.codings[0], note) if sheet and sheet.codings else None,
        "seen": lambda: mark_seen(study, coder, [f"{place[:3]}:t00{choice % 4 + 1}"]),
        "memo": lambda: write_memo(study, "study", note),
        "rename": lambda: apply_edit(
            study, rename_code(codebook, code, note, because="x", when="2026-03-01"), codebook
        ),
        "merge": lambda: apply_edit(study, merge_codes(codebook, ["extra"], "turnover", **more), codebook),
        # Each transcript is corrected in one copy alone; two corrections of one are a conflict for people.
        "update": lambda: correct_transcript(study, build_transcript(f"P0{study_number(study) % 2 + 1}", talk(number))),
    }
    if kind != "update" or study_number(study) < 2:
        acts[kind]()


def study_number(study: Study) -> int:
    return int(study.who.removeprefix("copy"))


def talk(number: int) -> tuple[tuple[str, str], ...]:
    return (*TALK[:1], (TALK[1][0], "Well. " * (number + 1) + TALK[1][1]), *TALK[2:])


@dataclass(frozen=True)
class Work:
    """What a study holds of people's work, without the times of events and the order of their lines."""

    codings: dict[tuple[str, str], tuple[Coding, ...]]
    seen: dict[tuple[str, str], frozenset[str]]
    texts: dict[str, str]
    events: frozenset[str]


def read_work(root: Path) -> Work:
    study = Study(root)
    sheets = {(coder, name): study.sheet(coder, name) for coder, name in study.sheet_ids() if coder != "rules"}
    return Work(
        {key: sheet.codings for key, sheet in sheets.items() if sheet and sheet.codings},
        {key: sheet.seen for key, sheet in sheets.items() if sheet and sheet.seen},
        {name: study.transcript(name).digest for name in study.transcript_ids()},
        frozenset(event for key in sheets for event in study.history(*key).events),
    )


def copies_of(start: Path, parent: Path, histories: Histories) -> Iterator[Path]:
    """Yield copies of a study in which people went on without each other, one of them with its clock an hour behind."""
    SharedClock.ticks = 100
    for number, steps in enumerate(histories):
        root = parent / f"copy{number}"
        shutil.copytree(start, root)
        study = Study(root, clock=SharedClock(-90 if number == 1 else 0), who=f"copy{number}")
        for place, step in enumerate(steps):
            act(study, place, step)
        yield root


def merged(parent: Path, roots: tuple[Path, ...]) -> Path:
    """Return a copy of the first copy into which all the others are merged."""
    target = Path(tempfile.mkdtemp(dir=parent)) / "merged"
    shutil.copytree(roots[0], target)
    for other in roots[1:]:
        merge_study(Study(target, clock=SharedClock(), who="merger"), other)
    return target


@settings(max_examples=10, deadline=None)
@given(HISTORIES)
def test_studies_united_in_any_order_hold_the_same_work(start: Path, histories: Histories) -> None:
    with tempfile.TemporaryDirectory() as folder:
        roots = tuple(copies_of(start, Path(folder), histories))
        orders = list(permutations(roots))[:: max(1, len(roots) - 1)][:3]
        found = [read_work(merged(Path(folder), order)) for order in orders]
        for one in found[1:]:
            assert one.texts == found[0].texts
            assert one.seen == found[0].seen
            assert strip(one.codings) == strip(found[0].codings)


def strip(codings: dict[tuple[str, str], tuple[Coding, ...]]) -> dict[tuple[str, str], list[tuple[object, ...]]]:
    return {
        key: [(one.span, one.code, one.verdict, one.quote, one.note) for one in found] for key, found in codings.items()
    }


@settings(max_examples=12, deadline=None)
@given(HISTORIES)
def test_uniting_studies_loses_nothing_and_twice_is_once(start: Path, histories: Histories) -> None:
    with tempfile.TemporaryDirectory() as folder:
        roots = tuple(copies_of(start, Path(folder), histories))
        target = merged(Path(folder), roots)
        together = read_work(target)
        for root in roots:
            assert read_work(root).events <= together.events
        present = {note for found in together.codings.values() for one in found for note in one.note.split("; ")}
        for root in roots:
            others = {event for other in roots if other != root for event in read_work(other).events}
            for note in own_notes(root, others):
                assert note in present or is_told(target, note)
        before = {path: path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()}
        for root in roots:
            assert merge_study(Study(target, clock=SharedClock(), who="merger"), root).n_events == 0
        after = {path: path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()}
        assert after == before
        assert [one for one in Study(target).check() if one.level == "error"] == []


def own_notes(root: Path, others: set[str]) -> Iterator[str]:
    """Yield the notes of codings that stand in one copy, written by a person there, and unknown to all other copies."""
    study = Study(root)
    for coder, name in study.sheet_ids():
        history = study.history(coder, name)
        for version in history.live_versions:
            event = version.rpartition(".")[0]
            if event not in others and history.events[event].who == coder != "rules":
                yield from history.versions[version][2].note.split("; ")


def is_told(root: Path, note: str) -> bool:
    """Tell whether a coding stands beside another one in its place, which `check` tells as a conflict."""
    study = Study(root)
    logs = [study.history(coder, name) for coder, name in study.sheet_ids() if coder != "rules"]
    return any(note in one.note for log in logs for versions in log.conflicts() for one in versions)
