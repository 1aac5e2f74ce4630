"""``qualcode run`` from outside: what it writes, what it refuses, and what it says."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from qualcode.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str], Path]

CODEBOOK = """\
name: Small
codes:
  - id: challenges
    name: Challenges
    codes:
      - id: scheduling
        name: Scheduling
        rules: [clash, time slot]
      - id: turnover
        name: Turnover
        rules: [resign]
  - id: channels
    name: Channels
    rules: [alumni, 校友]
"""

ANA = """\
Interviewer: Was there any clash with the alumni office?
Ana: We had a clash. Clashes came again. Then lunch.
Interviewer: And then?
Ana: She resigned, and the time slots clash.
"""

BEN = "Interviewer: Tell me.\nBen: 我哋搵校友幫手。It was easy.\n"

FILES = {
    "codings.csv",
    "cooccurrence.csv",
    "figures/cases.pdf",
    "figures/cases.png",
    "figures/cases.svg",
    "figures/codelines.pdf",
    "figures/codelines.png",
    "figures/codelines.svg",
    "figures/cooccurrence.pdf",
    "figures/cooccurrence.png",
    "figures/cooccurrence.svg",
    "figures/themes.pdf",
    "figures/themes.png",
    "figures/themes.svg",
    "quotes.csv",
    "report.docx",
    "report.html",
    "report.md",
    "report.xlsx",
    "run.json",
    "themes.csv",
    "themes.tex",
    "themes_by_case.csv",
    "transcripts/Ana.txt",
    "transcripts/Ben.txt",
}


def run(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def words(result: Result) -> str:
    """Return what was said to the person, with line breaks folded."""
    return " ".join(result.stderr.split())


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def study(write: Write) -> Path:
    """A folder with two transcripts, and a codebook beside it."""
    write("codebook.yaml", CODEBOOK)
    write("talks/Ana.txt", ANA)
    return write("talks/Ben.txt", BEN).parent


def run_study(study: Path, out: Path, *more: object) -> Result:
    """Run the main job on a study made by the fixture."""
    return run("run", study, "--codebook", study.parent / "codebook.yaml", "--out", out, *more)


def test_labels_of_an_unknown_shape(study: Path, tmp_path: Path) -> None:
    talk = tmp_path / "odd.txt"
    talk.write_text("ANN> Why?\nBEN> The dates clash.\n", "utf-8")
    options = (
        "--codebook",
        tmp_path / "codebook.yaml",
        "--speaker-pattern",
        r"(?P<speaker>\w+)>",
        "--interviewer",
        "Ann",
    )
    result = run("quotes", talk, *options, "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (row["speaker"], row["quote"]) == ("BEN", "The dates clash.")


class TestResults:
    def test_writes_every_file_and_no_other(self, study: Path, tmp_path: Path) -> None:
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 0, result.stderr
        assert set(tree(tmp_path / "out")) == FILES
        assert sorted(path.name for path in tmp_path.iterdir()) == ["codebook.yaml", "out", "talks"]

    def test_counts_by_hand(self, study: Path, tmp_path: Path) -> None:
        run_study(study, tmp_path / "out")
        rows = {row["code"]: row for row in read_csv(tmp_path / "out" / "themes.csv")}
        assert list(rows) == ["challenges", "challenges/scheduling", "challenges/turnover", "channels"]
        # Ana's first answer: two neighbouring sentences with "clash" are one coding of 4 + 3 words.
        # Her second: one sentence of 7 words carries "resign", "time slot" and "clash".
        expected = {
            "challenges": ("1", "2", "2", "14", "1", "1", "50.0"),
            "challenges/scheduling": ("2", "2", "2", "14", "1", "1", "50.0"),
            "challenges/turnover": ("2", "1", "1", "7", "1", "1", "50.0"),
            # Ben's sentence: seven Chinese characters.
            "channels": ("1", "1", "1", "7", "1", "1", "50.0"),
        }
        columns = ("level", "codings", "segments", "words", "transcripts", "cases", "cases_percent")
        assert {code: tuple(row[column] for column in columns) for code, row in rows.items()} == expected

    def test_every_coding_is_a_slice_of_its_transcript(self, study: Path, tmp_path: Path) -> None:
        run_study(study, tmp_path / "out")
        codings = read_csv(tmp_path / "out" / "codings.csv")
        assert list(codings[0]) == [
            "transcript",
            "case",
            "speaker",
            "segment",
            "start",
            "end",
            "code",
            "coder",
            "rule",
            "matched",
            "quote",
        ]
        for coding in codings:
            text = (tmp_path / "out" / "transcripts" / f"{coding['transcript']}.txt").read_bytes().decode("utf-8")
            assert text[int(coding["start"]) : int(coding["end"])] == coding["quote"]
            assert all(part in coding["quote"] for part in coding["matched"].split("; "))
        found = [(c["transcript"], c["segment"], c["code"], c["rule"], c["matched"], c["quote"]) for c in codings]
        assert found == [
            (
                "Ana",
                "t002",
                "challenges/scheduling",
                "clash",
                "clash; Clashes",
                "We had a clash. Clashes came again.",
            ),
            ("Ana", "t004", "challenges/scheduling", "time slot; clash", "time slots; clash", ANA[-40:-1]),
            ("Ana", "t004", "challenges/turnover", "resign", "resigned", ANA[-40:-1]),
            ("Ben", "t002", "channels", "校友", "校友", "我哋搵校友幫手。"),
        ]

    def test_two_runs_write_the_same_bytes(self, study: Path, tmp_path: Path) -> None:
        for name, seed in (("one", "1"), ("two", "2")):
            command = [sys.executable, "-m", "qualcode", "run", str(study), "--codebook"]
            command += [str(tmp_path / "codebook.yaml"), "--out", str(tmp_path / name)]
            subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
        assert tree(tmp_path / "one") == tree(tmp_path / "two")

    def test_run_json_tells_how_the_numbers_came_about(self, study: Path, tmp_path: Path) -> None:
        run_study(study, tmp_path / "out")
        facts = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
        text = json.dumps(facts)
        assert facts["options"]["unit"] == "turn"
        assert "Ana.txt" in text
        assert str(tmp_path) not in text
        assert set(facts["files"]) == FILES - {"run.json"}


class TestTranscripts:
    def test_none_given(self, study: Path, tmp_path: Path) -> None:
        result = run("run", "--codebook", tmp_path / "codebook.yaml", "--out", tmp_path / "out")
        assert result.exit_code == 2
        assert "TRANSCRIPTS" in words(result)

    def test_empty_folder(self, study: Path, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        result = run_study(study.rename(tmp_path / "moved").parent / "empty", tmp_path / "out")
        assert result.exit_code == 1
        assert "empty" in words(result)
        assert not (tmp_path / "out").exists()

    def test_the_same_file_twice_is_read_once(self, study: Path, tmp_path: Path) -> None:
        result = run_study(study, tmp_path / "out", study / "Ana.txt")
        assert result.exit_code in (0, 3)
        assert "Ana.txt" in words(result)
        rows = read_csv(tmp_path / "out" / "themes.csv")
        assert rows[0]["codings"] == "2"

    def test_two_files_of_one_name_are_refused(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("more/Ana.txt", BEN)
        result = run_study(study, tmp_path / "out", tmp_path / "more")
        assert result.exit_code == 1
        assert words(result).count("Ana.txt") >= 2
        assert not (tmp_path / "out").exists()

    def test_without_speaker_labels_each_file_is_a_case(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("talks/Cy.txt", "Every week a clash.\n\nNothing else.\n")
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 0, result.stderr
        assert "Cy" in words(result)
        codings = read_csv(tmp_path / "out" / "codings.csv")
        assert ("Cy", "Cy") in {(coding["transcript"], coding["case"]) for coding in codings}
        assert "case" in (tmp_path / "out" / "report.html").read_text("utf-8")

    def test_unreadable_file_is_named_and_the_others_are_read(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("talks/Broken.docx", "this is not a zip file")
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 3
        assert "Broken.docx" in words(result)
        assert {row["transcript"] for row in read_csv(tmp_path / "out" / "codings.csv")} == {"Ana", "Ben"}
        assert "Broken.docx" in (tmp_path / "out" / "run.json").read_text("utf-8")

    def test_only_unreadable_files(self, study: Path, write: Write, tmp_path: Path) -> None:
        path = write("Broken.docx", "this is not a zip file")
        result = run("run", path, "--codebook", tmp_path / "codebook.yaml", "--out", tmp_path / "out")
        assert result.exit_code == 1
        assert "Broken.docx" in words(result)
        assert "Traceback" not in result.output + result.stderr


class TestCodebook:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("name: Empty\ncodes: []\n", "code"),
            (
                "codes:\n  - id: a\n    name: A\n    rules: [x]\n  - id: a\n    name: B\n    rules: [y]\n",
                ":5:",
            ),
            ("codes:\n  - id: a\n    name: A\n    rules:\n      - regex: '(unclosed'\n", ":5:"),
            ("codes:\n\t- id: a\n", "tab"),
            ("codes:\n  - id: a\n    nmae: A\n    rules: [x]\n", "name"),
        ],
    )
    def test_mistakes_are_named_with_their_place(
        self, study: Path, write: Write, tmp_path: Path, text: str, said: str
    ) -> None:
        write("codebook.yaml", text)
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 1
        assert "codebook.yaml" in words(result)
        assert said in words(result)
        assert not (tmp_path / "out").exists()

    def test_name_no_is_a_word(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("codebook.yaml", "codes:\n  - id: refusal\n    name: No\n    rules: [clash]\n")
        assert run_study(study, tmp_path / "out").exit_code == 0
        assert read_csv(tmp_path / "out" / "themes.csv")[0]["name"] == "No"

    def test_a_regex_that_backtracks_elsewhere_ends(self, study: Path, write: Write, tmp_path: Path) -> None:
        write(
            "codebook.yaml",
            "codes:\n  - id: a\n    name: A\n    rules:\n      - regex: '(a+)+$'\n      - clash\n",
        )
        write("talks/Long.txt", "Interviewer: Go.\nLong: " + "a" * 50_000 + "!\n")
        assert run_study(study, tmp_path / "out").exit_code == 0

    def test_nothing_matches(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("codebook.yaml", "codes:\n  - id: a\n    name: A\n    rules: [nowhere]\n")
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 3
        assert "matched anything" in words(result)
        assert read_csv(tmp_path / "out" / "themes.csv")[0]["cases_percent"] == "0.0"


class TestCases:
    def test_attributes_are_found_beside_the_transcripts(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("talks/cases.csv", "case,role\nAna,manager\nBen,teacher\n")
        assert run_study(study, tmp_path / "out").exit_code == 0
        result = run("themes", study, "--codebook", tmp_path / "codebook.yaml", "--by", "role", "--format", "csv")
        assert result.exit_code == 0, result.stderr
        rows = list(csv.DictReader(result.stdout.splitlines()))
        assert {row["role"]: row["cases"] for row in rows if row["code"] == "channels"} == {
            "manager": "0",
            "teacher": "1",
        }

    def test_unknown_case_is_named_with_its_line(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("talks/cases.csv", "case,role\nAna,manager\nBen,teacher\nAnna,dean\n")
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 3
        assert "cases.csv:4" in words(result)
        assert "Anna" in words(result)


class TestOutput:
    def test_a_folder_with_other_things_is_left_alone(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("out/themes.csv", "mine")
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 1
        assert "--force" in words(result)
        assert tree(tmp_path / "out") == {"themes.csv": b"mine"}

    def test_force_replaces_names_and_keeps_the_rest(self, study: Path, write: Write, tmp_path: Path) -> None:
        write("out/themes.csv", "mine")
        write("out/notes.txt", "keep me")
        assert run_study(study, tmp_path / "out", "--force").exit_code == 0
        after = tree(tmp_path / "out")
        assert after["notes.txt"] == b"keep me"
        assert after["themes.csv"] != b"mine"

    def test_running_again_replaces_its_own_files(self, study: Path, write: Write, tmp_path: Path) -> None:
        assert run_study(study, tmp_path / "out").exit_code == 0
        (study / "Ben.txt").unlink()
        assert run_study(study, tmp_path / "out").exit_code == 0
        assert set(tree(tmp_path / "out")) == FILES - {"transcripts/Ben.txt"}

    def test_a_result_that_was_edited_is_not_replaced(self, study: Path, tmp_path: Path) -> None:
        run_study(study, tmp_path / "out")
        (tmp_path / "out" / "themes.csv").write_text("edited by hand", "utf-8")
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 1
        assert "themes.csv" in words(result)

    def test_a_file_in_the_way(self, study: Path, write: Write, tmp_path: Path) -> None:
        result = run_study(study, write("out", "a file"))
        assert result.exit_code == 1
        assert (tmp_path / "out").read_text("utf-8") == "a file"

    def test_a_place_that_is_not_ours(self, study: Path, write: Write) -> None:
        result = run_study(study, write("file", "x") / "out")
        assert result.exit_code == 1
        assert "Traceback" not in result.stderr

    def test_a_full_disk_leaves_nothing_behind(self, study: Path, tmp_path: Path) -> None:
        """A limit on the size of files stands in for the disk: the same failing write."""
        resource = pytest.importorskip("resource", reason="a system without limits on the size of files")
        command = [sys.executable, "-m", "qualcode", "run", str(study), "--codebook"]
        command += [str(tmp_path / "codebook.yaml"), "--out", str(tmp_path / "out")]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "cannot be written" in done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["codebook.yaml", "talks"]


class TestTerminal:
    def test_nothing_is_wider_than_the_screen(self, study: Path, tmp_path: Path) -> None:
        pty = pytest.importorskip("pty", reason="a system without pseudo-terminals")
        screen, terminal = pty.openpty()
        write_long_names(tmp_path / "codebook.yaml")
        command = [sys.executable, "-m", "qualcode", "run", str(study), "--codebook", str(tmp_path / "codebook.yaml")]
        done = subprocess.Popen(
            [*command, "--out", "out"],
            cwd=tmp_path,
            stdout=terminal,
            stderr=terminal,
            env={**os.environ, "COLUMNS": "80", "TERM": "xterm"},
        )
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # which is how a pseudo-terminal ends
            while part := os.read(screen, 4096):
                shown += part
        os.close(screen)
        assert done.wait() == 0
        lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode("utf-8")).replace("\r", "\n").splitlines()
        assert [line for line in lines if len(line) > 80] == []
        header = next(line for line in lines if line.startswith("name"))
        assert header.split() == ["name", "codings", "turns", "words", "transcripts", "cases", "%", "of", "2"]
        assert "rows do not add up" in " ".join(" ".join(lines).split())  # broken between words, not within one


def write_long_names(path: Path) -> None:
    """Give the codes of a codebook names that are too long for any screen."""
    path.write_text(path.read_text("utf-8").replace("name: Scheduling", f"name: Scheduling{' and more' * 12}"), "utf-8")


class TestSteps:
    def test_quotes_of_a_code(self, study: Path, tmp_path: Path) -> None:
        book = tmp_path / "codebook.yaml"
        result = run("quotes", study, "--codebook", book, "--code", "challenges", "--format", "json")
        assert result.exit_code == 0, result.stderr
        quotes = json.loads(result.stdout)
        assert [quote["code"] for quote in quotes] == ["challenges/scheduling"] * 2 + ["challenges/turnover"]

    def test_unknown_code_offers_the_nearest(self, study: Path, tmp_path: Path) -> None:
        result = run("quotes", study, "--codebook", tmp_path / "codebook.yaml", "--code", "challenges/sheduling")
        assert result.exit_code == 1
        assert "scheduling" in words(result)

    @pytest.mark.parametrize("kind", ["themes", "cases", "codelines", "cooccurrence"])
    def test_figure_in_one_format(self, study: Path, tmp_path: Path, kind: str) -> None:
        out = tmp_path / f"{kind}.svg"
        result = run("figure", kind, study, "--codebook", tmp_path / "codebook.yaml", "--out", out, "--format", "csv")
        assert result.exit_code == 0, result.stderr
        assert out.read_text("utf-8").startswith("<?xml")
        again = run("figure", kind, study, "--codebook", tmp_path / "codebook.yaml", "--out", out)
        assert again.exit_code == 1
        assert "--force" in words(again)

    def test_what_figures_cannot_show_reaches_the_terminal(self, study: Path, tmp_path: Path) -> None:
        """A name in no font is drawn as its id, which a person must learn of: the command ends with findings."""
        book = tmp_path / "codebook.yaml"
        book.write_text(book.read_text("utf-8").replace("name: Channels", "name: Chan\U000f0000nels"), "utf-8")
        result = run("figure", "themes", study, "--codebook", book, "--out", tmp_path / "themes.svg")
        assert result.exit_code == 3
        assert "figure themes: warning: No installed font has the characters" in words(result)
        assert "is shown as “channels”" in words(result)
        result = run_study(study, tmp_path / "out")
        assert result.exit_code == 3
        assert words(result).count("No installed font") == 1
        assert "figure themes, cases, codelines and cooccurrence: warning" in words(result)
        facts = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
        assert "missing-font" in {problem["rule"] for problem in facts["left_out"]["problems"]}

    def test_themes_as_csv_is_the_file_of_the_run(self, study: Path, tmp_path: Path) -> None:
        run_study(study, tmp_path / "out")
        result = run("themes", study, "--codebook", tmp_path / "codebook.yaml", "--format", "csv")
        assert result.stdout == (tmp_path / "out" / "themes.csv").read_text("utf-8-sig")
