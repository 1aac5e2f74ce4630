"""Real files, read as a person reads them: every speaker, role, turn and word."""

from __future__ import annotations

import pytest
from expectations import HERE, read_expectations, voices_of, warns_of_roles

from qualcode.errors import SourceError
from qualcode.sources import read_transcript

EXPECTED = read_expectations()


@pytest.mark.parametrize("expected", EXPECTED, ids=[one.name for one in EXPECTED])
def test_every_voice_of_a_real_file(expected) -> None:
    if expected.path is None:
        pytest.skip(f"{expected.name} is not here: it is part of the development data beside the project")
    if expected.is_unreadable:
        with pytest.raises(SourceError):
            read_transcript(expected.path)
        return
    transcript = read_transcript(expected.path)
    found = voices_of(transcript)
    wanted = {
        label: (found.get(label, (0, 0))[0] if turns is None else turns, words)
        for label, (turns, words) in expected.voices.items()
    }
    assert found == wanted
    assert transcript.interviewers == expected.asking
    assert warns_of_roles(transcript) == expected.is_unclear


def test_there_are_real_files_among_the_data_of_the_tests() -> None:
    files = {path.relative_to(HERE / "real").as_posix() for path in (HERE / "real").rglob("*.*")} - {"NOTICE.md"}
    assert len(files) > 10
    assert files <= {one.name for one in EXPECTED}
