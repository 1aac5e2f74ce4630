"""The table of formats: whoever adds one writes an entry and a function, and it is read everywhere."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import qualcode
from qualcode.cli import cli
from qualcode.errors import SourceError
from qualcode.sources.blocks import Reading, Said, TextBlock
from qualcode.sources.decoding import decode
from qualcode.sources.registry import READERS, TranscriptFormat

if TYPE_CHECKING:
    from pathlib import Path

SAID = "Interviewer|How was it?\nMei|It rained. 😀\n|(door)\nMei|Then we rested.\n"


def read_bars(data: bytes, where: str, encoding: str | None) -> Reading:
    """A made-up format: who speaks, a bar, what is said."""
    text, found, problems = decode(data, where, encoding)
    reading = Reading(encoding=found, problems=problems)
    for line in text.splitlines():
        speaker, bar, words = line.partition("|")
        if not bar:
            raise SourceError("A line has no bar", where, "Write WHO|WORDS")
        if speaker:
            reading.blocks.append(TextBlock(words, said=Said(speaker)))
        else:
            reading.left_out["noises"] = reading.left_out.get("noises", 0) + 1
    return reading


def read_sealed(data: bytes, where: str) -> Reading:
    """A made-up format of bytes, which says by itself how they are written."""
    return read_bars(data[1:], where, "utf-16-le")


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, ".bars", TranscriptFormat("bars", f"{__name__}:read_bars", is_text=True))
    monkeypatch.setitem(READERS, ".sealed", TranscriptFormat("sealed", f"{__name__}:read_sealed"))


def test_a_new_format_is_read_from_its_entry(tmp_path: Path) -> None:
    (tmp_path / "P1.bars").write_bytes(SAID.encode("utf-8"))
    (tmp_path / "P2.sealed").write_bytes(
        b"!" + SAID.replace("Mei", "Ada").replace("rested", "slept").encode("utf-16-le")
    )
    (first, second), problems = qualcode.read_transcripts(tmp_path)
    assert problems == []
    assert (first.speakers, second.speakers) == (("Interviewer", "Mei"), ("Interviewer", "Ada"))
    assert [first.quote(turn.span) for turn in first.units("turn")] == [
        "How was it?",
        "It rained. 😀",
        "Then we rested.",
    ]
    assert (first.source.format, first.source.encoding, first.source.left_out) == ("bars", "utf-8", {"noises": 1})
    assert first.interviewers == second.interviewers == {"Interviewer"}


def test_what_a_new_format_refuses_is_told_beside_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "P1.bars").write_text(SAID, "utf-8")
    (tmp_path / "P2.bars").write_text("no bar", "utf-8")
    transcripts, (problem,) = qualcode.read_transcripts(tmp_path)
    assert [one.id for one in transcripts] == ["P1"]
    assert (problem.where, problem.message, problem.hint) == ("P2.bars", "A line has no bar", "Write WHO|WORDS")


def test_the_commands_take_a_new_format(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "P1.bars").write_text(SAID, "utf-8")
    (tmp_path / "book.yaml").write_text("codes: [{id: water, name: Water, rules: [rain]}]", "utf-8")
    begun = ["init", str(tmp_path / "study"), "--codebook", str(tmp_path / "book.yaml")]
    for arguments in (begun, ["import", "--study", str(tmp_path / "study"), str(tmp_path / "in")]):
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, done.output
    study = qualcode.open_study(tmp_path / "study")
    assert study.tag().counts == {"water": (1, 0, 0)}
    assert (tmp_path / "study" / "raw" / "P1.bars").exists()


@pytest.mark.parametrize("ending", sorted(READERS))
def test_every_entry_names_a_function(ending: str) -> None:
    assert ending == ending.lower()
    assert callable(resolve_name(READERS[ending].read))
