"""Decisions: what is refused, and that several happen together or not at all."""

from __future__ import annotations

import os
import signal
from itertools import count
from typing import TYPE_CHECKING

import pytest
from studies import begin_study

from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.study import Study
from qualcode.study.acts import Decision
from qualcode.study.decisions import decide

if TYPE_CHECKING:
    from pathlib import Path


def codes(root: Path, *names: str) -> list[list[str]]:
    sheets = (Study(root).sheet("ana", name) for name in names)
    return [[coding.code for coding in sheet.codings] if sheet else [] for sheet in sheets]


def test_a_span_elsewhere_is_refused(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    with pytest.raises(StudyError, match="3:9 lies outside P07:t002"):
        study.decide("ana", "P07:t002", "praise", "apply", span=Span(3, 9))
    assert codes(study.root, "P07") == [[]]


def test_who_was_refused_is_no_coder_yet(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    with pytest.raises(StudyError):
        study.decide("anna", "P07:t099", "praise", "apply")
    assert Study(study.root).coders() == ("rules",)


def sweep(
    root: Path, monkeypatch: pytest.MonkeyPatch, decisions: list[Decision], before: list[list[str]]
) -> list[tuple[list[list[str]], str]]:
    """Let every single flush to the disk fail in turn, until the decisions stand; return what stood and was told."""
    flush = os.fsync
    outcomes = []
    for failing in count(1):
        calls = count(1)

        def fail(handle: int, calls: count[int] = calls, failing: int = failing) -> None:
            if next(calls) == failing:
                raise OSError(28, "No space left on device")
            flush(handle)

        monkeypatch.setattr(os, "fsync", fail)
        told = ""
        try:
            decide(Study(root), "ana", decisions)
        except StudyError as error:
            told = error.message
        monkeypatch.setattr(os, "fsync", flush)
        outcomes.append((codes(root, "P01", "P02"), told))
        if outcomes[-1][0] != before or failing > 99:
            return outcomes
    raise AssertionError


@pytest.mark.parametrize("n_transcripts", [1, 2])
def test_decisions_happen_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_transcripts: int
) -> None:
    study = begin_study(tmp_path / "study", "P01", "P02")
    study.decide("ana", "P01:t002", "scheduling", "accept")
    decisions = [Decision("P01:t004", "praise", "accept"), Decision("P02:t004", "turnover", "accept")][:n_transcripts]
    before = [["scheduling"], []]
    *failures, last = sweep(study.root, monkeypatch, decisions, before)
    assert len(failures) >= n_transcripts
    assert all(stood == before and "Nothing was changed" in told for stood, told in failures)
    stood, told = last
    assert stood == [["scheduling", "praise"], ["turnover"] if n_transcripts > 1 else []]
    assert not told or "recorded but not finished yet" in told  # where folders are not flushed, as on Windows
    assert [problem for problem in Study(study.root).check() if problem.level != "note"] == []


def decide_on_a_full_disk(root: Path, coder: str, limit: int, told: list[str]) -> None:
    """Decide in a process whose files cannot grow beyond a limit."""
    import resource  # which not every system has

    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told.append(pipe.read().decode())
        os.waitpid(child, 0)
        return
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        Study(root).decide(coder, "P01:t004", "praise", "apply", note="x" * 400)
    except StudyError as error:
        os.write(writing, error.message.encode())
    os._exit(0)


@pytest.mark.skipif(os.name == "nt", reason="no such limits there")
@pytest.mark.parametrize("coder", ["ana", "ben"])
def test_what_does_not_fit_on_the_disk_leaves_no_trace(tmp_path: Path, coder: str) -> None:
    """Of a line that fits in part nothing stays in the log, be it a new one or not."""
    study = begin_study(tmp_path / "study", "P01")
    study.decide("ana", "P01:t002", "scheduling", "accept")
    study.add_coder("ben")
    path = study.layout.log_of(coder, "P01")
    before = path.read_bytes() if path.exists() else b""
    for n_more in (1, 200, 500):
        told: list[str] = []
        decide_on_a_full_disk(study.root, coder, max(len(before), 300) + n_more, told)
        assert "Nothing was changed" in told[0]
        assert (path.read_bytes() if path.exists() else b"") == before
    assert Study(study.root).check() == []
