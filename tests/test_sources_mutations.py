"""Damaged files in the short form; ``benchmarks/reading.py`` has the long one."""

from __future__ import annotations

import contextlib

import pytest
from mutations import SAMPLES, mutate, read_any

from qualcode.errors import SourceError


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_themselves_are_read_without_a_warning(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(SAMPLES[name])
    found = read_any(path)
    transcript = found[0] if isinstance(found, tuple) else found
    assert len(transcript.units("sentence")) >= 30
    # They are made of a few words over and over, in which no language is clear.
    problems = [problem for problem in transcript.source.problems if problem.rule != "language-unclear"]
    assert not [problem for problem in problems if problem.level != "note"]


def test_a_damaged_file_is_read_or_refused(tmp_path):
    for seed in range(150):
        name, data = mutate(seed)
        path = tmp_path / name
        path.write_bytes(data)
        with contextlib.suppress(SourceError):
            read_any(path)
