"""A code is named by its path, id or name, in any case, wherever a person names one."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

import qualcode
from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.errors import CodebookError

if TYPE_CHECKING:
    from pathlib import Path

BOOK = """
codes:
  - id: weather
    name: Das Wetter im Café
    rules: [rain]
    codes:
      - {id: first-mood, name: Mood, rules: [terrible]}
  - {id: people, name: Leute, rules: [we], codes: [{id: second-mood, name: Mood}, {id: leute, name: Others}]}
"""
SPELLINGS = ["weather", "WEATHER", "Das Wetter im Café", "das wetter im CAFÉ", " Das Wetter im Cafe\u0301 "]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.yaml").write_text(BOOK, "utf-8")
    (tmp_path / "P1.txt").write_text("Interviewer: And?\n\nMei: The rain was terrible, and we left.\n", "utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "P1.txt", "--codebook", "book.yaml"], catch_exceptions=False)


@pytest.mark.parametrize("text", SPELLINGS)
def test_all_spellings_find_one_code(text: str) -> None:
    assert parse_codebook(BOOK).find(text).id == "weather"


def test_every_path_and_id_finds_its_code_in_any_case() -> None:
    book = parse_codebook(BOOK)
    for code in book.walk():
        for text in (book.path(code.id), code.id) if code.id != "leute" else ():  # which is another one's name, too
            for written in (text, text.upper(), unicodedata.normalize("NFD", text)):
                assert book.find(written).id == code.id


def test_an_id_goes_before_the_name_of_another_code() -> None:
    assert parse_codebook(BOOK).find("leute").id == "leute"


@pytest.mark.parametrize("text", ["Mood", "mood"])
def test_a_name_of_several_codes_is_refused_with_the_choices(text: str) -> None:
    with pytest.raises(CodebookError, match="Several codes") as caught:
        parse_codebook(BOOK).find(text)
    assert caught.value.hint == "Write one of weather/first-mood, people/second-mood"


@pytest.mark.parametrize("text", ["", "   ", "Wettr", "weather/", "/weather"])
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(CodebookError, match="There is no code"):
        parse_codebook(BOOK).find(text)


@pytest.mark.parametrize("text", SPELLINGS)
@pytest.mark.usefixtures("place")
def test_quotes_without_a_study(text: str) -> None:
    found = run("quotes", "--code", text).output
    assert found == run("quotes", "--code", "weather").output
    assert "The rain was terrible" in found


@pytest.mark.usefixtures("place")
def test_quotes_of_a_study_and_of_files_take_the_same(place: Path) -> None:
    transcripts, _ = qualcode.read_transcripts("P1.txt")
    study = qualcode.create_study("study", codebook="book.yaml")
    study.import_transcripts(transcripts, "P1.txt")
    study.tag()
    for text in SPELLINGS:
        done = CliRunner().invoke(cli, ["quotes", "--study", "study", "--coders", "rules", "--code", text])
        assert "The rain was terrible" in done.output, text


@pytest.mark.parametrize(
    "command",
    [("quotes",), ("relations",), ("compare", "--by", "case", "--show", "quotes"), ("words",)],
)
@pytest.mark.usefixtures("place")
def test_several_of_that_name_are_told_by_each_command(command: tuple[str, ...]) -> None:
    done = run(*command, "--code", "Mood")
    assert done.exit_code == 1
    assert "Write one of weather/first-mood, people/second-mood" in done.output
