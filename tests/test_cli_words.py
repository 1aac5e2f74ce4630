"""Words on their way in and out: patterns, forms of Unicode, encodings of pipes, files instead of a pipe."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner
from studies import begin_study

import qualcode
from qualcode.cli import cli
from qualcode.cli._words import compose, expand, speak_utf8
from qualcode.errors import OutputError
from qualcode.running.folders import check_output

if TYPE_CHECKING:
    from collections.abc import Iterator

ENCODINGS = ("cp1252", "cp437", "cp936", "cp950")
TALK = "Interviewer: How was it?\nMei: 夾唔到時間, we found no time slot.\n"
CODEBOOK = "codes: [{id: time, name: 時間 Time, rules: [time slot, 夾唔到時間]}]"


def run(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "qualcode", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False, env=os.environ | environment)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "P1.txt").write_text(TALK, "utf-8")
    (tmp_path / "codes.yaml").write_text(CODEBOOK, "utf-8")
    return tmp_path


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_pipe_gets_utf_8_whatever_the_code_page(place: Path, encoding: str) -> None:
    words = ["quotes", "P1.txt", "--codebook", "codes.yaml", "--format", "csv"]
    done = run(*words, cwd=place, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 0
    assert "夾唔到時間, we found no time slot." in done.stdout.decode("utf-8")
    assert b"\r" not in done.stdout
    refused = run("themes", "沒有.txt", "--codebook", "codes.yaml", cwd=place, PYTHONIOENCODING=encoding)
    assert "沒有.txt" in refused.stderr.decode("utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_gets_utf_8_and_a_screen_what_it_can_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    with (tmp_path / "quotes.txt").open("w", encoding=encoding, newline="\r\n") as file:  # as in: quotes > quotes.txt
        monkeypatch.setattr(sys, "stdout", file)
        speak_utf8()
        sys.stdout.write("時間 简😀\n")
    assert (tmp_path / "quotes.txt").read_bytes() == "時間 简😀\n".encode()
    screen = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", screen)
    speak_utf8()
    screen.write("時間 简😀\n")
    screen.flush()
    shown = screen.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert shown == {
        "cp936": "時間 简\\U0001f600\n",
        "cp950": "時間 \\u7b80\\U0001f600\n",
    }.get(encoding, "\\u6642\\u9593 \\u7b80\\U0001f600\n")


def test_whatever_prints_a_table_writes_it_to_a_file_too() -> None:
    """PowerShell writes UTF-16 behind >, and mixes up what is not in its code page."""
    lacking = [
        " ".join(names)
        for names, command in list_commands(cli)
        if "--format" in (options := {name for one in command.params for name in one.opts}) and "--out" not in options
    ]
    assert lacking == ["pseudonyms key"]  # real names stay in the one file that holds them


def list_commands(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from list_commands(command, *above, name)
        elif command is not None:
            yield (*above, name), command


def test_patterns_are_expanded_in_files_only(place: Path) -> None:
    (place / "[x] P2.txt").write_text(TALK.replace("Mei", "Ana"), "utf-8")
    done = run("kwic", "P*", "*.txt", "--format", "json", cwd=place)  # a file P1.txt fits the term, too
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    done = run("kwic", "time*", "*.txt", "--format", "json", cwd=place)
    assert [row["transcript"] for row in json.loads(done.stdout)] == ["P1", "[x] P2"]
    assert expand([Path("nothing*.txt"), place / "[x] P2.txt"]) == (Path("nothing*.txt"), place / "[x] P2.txt")


def test_what_is_typed_in_another_form_is_found(place: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "Renée") for form in ("NFC", "NFD"))
    study = begin_study(place / "study")
    study.close()
    (place / f"{apart}.txt").write_text(TALK, "utf-8")  # as a Mac may name it
    assert run("import", "--study", "study", f"{apart}.txt", cwd=place).returncode == 0
    assert (place / "study" / "transcripts" / f"{composed}.txt").exists()
    for number, form in enumerate((composed, apart)):
        coder = f"ana-{number}"
        done = run("decide", "--study", "study", "--coder", coder, f"{form}:t002", "praise", "apply", cwd=place)
        assert done.returncode == 0, done.stderr.decode()
    assert compose([apart, "--code=" + apart]) == [composed, "--code=" + composed]


def test_names_that_other_systems_take_for_one(tmp_path: Path) -> None:
    for name in ("P1.txt", "p1.txt"):
        (tmp_path / name).write_text(TALK, "utf-8")
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this system takes them for one itself")
    with pytest.raises(qualcode.QualcodeError, match="Two files would be the transcript"):
        qualcode.read_transcripts(tmp_path)


class TestFilesInsteadOfAPipe:
    def test_endings(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(place)
        words = ["themes", "P1.txt", "--codebook", "codes.yaml"]
        for name in ("t.csv", "t.json", "t.txt"):
            done = CliRunner().invoke(cli, [*words, "--out", name])
            assert (done.exit_code, done.stdout) == (0, ""), done.stderr
        assert (place / "t.csv").read_bytes().startswith("\ufeff".encode())  # what Excel asks for
        with (place / "t.csv").open(encoding="utf-8-sig", newline="") as file:
            assert [row["name"] for row in csv.DictReader(file)] == ["時間 Time"]
        assert json.loads((place / "t.json").read_text("utf-8"))[0]["name"] == "時間 Time"
        assert (place / "t.txt").read_text("utf-8") == CliRunner().invoke(cli, words).stdout

    def test_nothing_is_replaced_unasked(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(place)
        words = ["talk", "P1.txt", "--out", "codes.yaml"]
        assert CliRunner().invoke(cli, words).exit_code == 1
        assert (place / "codes.yaml").read_text("utf-8") == CODEBOOK
        assert CliRunner().invoke(cli, [*words, "--force"]).exit_code == 0

    def test_what_another_program_would_not_open_is_refused_before_the_work(self, place: Path) -> None:
        words = ["themes", "P1.txt", "--codebook", "codes.yaml", "--out"]
        done = run(*words, "t.XLSX", cwd=place)
        assert (done.returncode, done.stdout) == (2, b"")
        assert "A table is written as .csv, which Excel opens" in done.stderr.decode()
        assert run(*words, "t.tsv", "--format", "csv", cwd=place).returncode == 0  # whoever says so knows
        (place / "folder").mkdir()
        for more in ([], ["--force"]):
            done = run(*words, "folder", *more, cwd=place)
            assert (done.returncode, done.stdout) == (1, b"")
            assert done.stderr.decode().startswith("Error: folder: This is a folder, not a file.")
        assert sorted(path.name for path in place.glob("t.*")) == ["t.tsv"]

    def test_findings_keep_their_exit_code_and_a_refusal_writes_nothing(self, place: Path) -> None:
        (place / "P2.txt").write_text(TALK, "utf-8")  # the same words: a warning
        words = ["--codebook", "codes.yaml", "--out", "out.csv"]
        assert run("themes", "P1.txt", "P2.txt", *words, cwd=place).returncode == 3
        assert (place / "out.csv").exists()
        assert run("themes", "P3.txt", *words, "--force", "--out", "none.csv", cwd=place).returncode == 1
        assert not (place / "none.csv").exists()


def test_an_error_follows_the_format(place: Path) -> None:
    done = run("themes", "none.txt", "--codebook", "codes.yaml", "--format", "json", cwd=place)
    told = json.loads(done.stderr)
    assert (done.returncode, told["where"], done.stdout) == (1, "none.txt", b"")
    assert told["error"].endswith(".")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["kwic"], "Missing argument 'TERM'."),
        (["themes", "P1.txt"], "Transcripts need --codebook FILE as well."),
        (["themes", "P1.txt", "--codebook", "codes.yaml", "--unit", "page"], "Invalid value for '--unit': 'page'"),
    ],
)
def test_what_is_typed_wrong_follows_the_format(place: Path, words: list[str], told: str) -> None:
    done = run(words[0], "--format", "json", *words[1:], cwd=place)
    answer = json.loads(done.stderr)
    assert (done.returncode, done.stdout) == (2, b"")
    assert answer["error"].startswith(told)
    assert answer["hint"] == f"See: qualcode {words[0]} --help"
    assert run(*words, cwd=place).stderr.decode().startswith(f"Usage: qualcode {words[0]} [OPTIONS]")


def test_bare_command_says_what_to_do_next(place: Path) -> None:
    done = run(cwd=place)
    assert done.returncode == 0
    assert b"qualcode sample first" in done.stdout
    begin_study(place / "study").close()
    assert "You are in the study “study”" in run(cwd=place / "study").stdout.decode()


def test_a_study_named_as_a_folder_of_transcripts_is_told_where_they_are(place: Path) -> None:
    begin_study(place / "study").close()
    done = run("kwic", "time", "study", cwd=place)
    assert done.returncode == 1
    named = done.stderr.decode().strip().rpartition(" ")[2]
    assert Path(named) == Path("study/transcripts")
    assert run("kwic", "time", named, cwd=place).returncode == 0


def test_sample_is_copied_and_runs(tmp_path: Path) -> None:
    done = run("sample", "first", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(qualcode.read_transcripts(tmp_path / "first" / "transcripts_sample")[0]) == 4
    assert run(*done.stdout.decode().split()[1:], cwd=tmp_path).returncode == 0
    assert (tmp_path / "first" / "results" / "report.docx").exists()
    with pytest.raises(OutputError, match="here already"):
        qualcode.copy_sample(tmp_path / "first")


def test_what_is_to_be_typed_next_can_be_typed(tmp_path: Path) -> None:
    done = run("sample", "my first", cwd=tmp_path)
    words = shlex.split(done.stdout.decode().replace("\\", "/"))
    assert words[1:3] == ["run", "my first/transcripts_sample"]
    assert run(*words[1:], cwd=tmp_path).returncode == 0
    told = run("init", "my study", cwd=tmp_path).stderr.decode()
    assert told.endswith('Next: qualcode import --study "my study" FILE...\n')


def test_a_result_that_word_holds_is_named_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.docx"
    report.write_bytes(b"x")
    real = Path.replace

    def held(self: Path, target: Path) -> Path:  # what Windows says of a file that another program has open
        if self.name == "report.docx":
            raise PermissionError(13, "sharing violation", str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(OutputError, match="open in another program") as caught:
        check_output(tmp_path, force=True)
    assert caught.value.where == str(report)
    assert "Close it in Word" in caught.value.hint


def test_json_writes_a_number_as_it_is_rounded(place: Path) -> None:
    """Wilson's interval for one case of one begins at 1 / (1 + 1.96²) = 20.65 %; one group alone has no difference."""
    (place / "cases.csv").write_text("case,role\nP1,a/b\n", "utf-8")
    words = (
        "compare",
        "P1.txt",
        "--codebook",
        "codes.yaml",
        "--cases",
        "cases.csv",
        "--by",
        "role",
        "--format",
        "json",
    )
    text = run(*words, cwd=place).stdout.decode("utf-8")
    assert '"low": 20.65,' in text
    assert '"group": "a/b",' in text
    assert json.loads(text)[0]["difference"] is None
