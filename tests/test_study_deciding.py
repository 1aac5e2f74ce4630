"""Decisions: what is refused, and that several happen together or not at all."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import pytest
from studies import begin_study

from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.study import Study
from qualcode.study.deciding import Decision, decide

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
    assert Study(study.root).settings.coders == ()


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
    assert last == ([["scheduling", "praise"], ["turnover"] if n_transcripts > 1 else []], "")
    assert [problem for problem in Study(study.root).check() if problem.level != "note"] == []
