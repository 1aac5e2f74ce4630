"""The study's commands, as typed."""

from __future__ import annotations

import csv
import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import CODEBOOK, begin_study

from qualcode.cli import cli
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

TALK = """\
Interviewer: What was hard?
Ana: The dates clashed. We could never find a date.
Interviewer: And people?
Ana: People leave. They were lovely, though.
"""


def qualcode(*arguments: object, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study")


@pytest.fixture
def root(study: Study) -> Path:
    return study.root


def verdicts(root: Path, coder: str = "ana") -> list[tuple[str, str]]:
    sheet = Study(root).sheet(coder, "P07")
    return [(one.code, one.verdict) for one in sheet.codings] if sheet else []


def test_a_study_holds_the_form_that_import_writes(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "P09.txt"
    path.write_text(TALK, "utf-8")
    assert qualcode("import", "--study", root, path).exit_code == 0
    assert qualcode("import", path, "--to", tmp_path / "out").exit_code == 0
    for name in ("P09.txt", "P09.json"):
        assert (root / "transcripts" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    first = json.loads((root / "transcripts/P09.json").read_bytes())["segments"][0]
    assert first == {"id": "t001", "kind": "turn", "start": 13, "end": 27, "speaker": "Interviewer", "time": None}


def test_from_nothing_to_themes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "book.yaml").write_text(CODEBOOK, "utf-8")
    (tmp_path / "P07.txt").write_text(TALK, "utf-8")
    folder = tmp_path / "study"
    begun = qualcode("init", folder, "--codebook", tmp_path / "book.yaml", "--coder", "ana", "--name", "My study")
    assert (begun.exit_code, begun.stdout) == (0, "")
    assert "Begun" in begun.stderr
    monkeypatch.chdir(folder / "memos" if (folder / "memos").exists() else folder)
    assert qualcode("import", tmp_path / "P07.txt").stdout == "1 new, 0 corrected, 0 as before\n"
    assert (folder / "raw/P07.txt").read_text("utf-8") == TALK
    tagged = qualcode("tag").stdout.splitlines()
    assert tagged[0] == "3 new, 0 gone, 0 unchanged suggestions"
    assert "  challenges/scheduling: 1 new, 0 gone, 0 unchanged" in tagged
    decided = qualcode("decide", "--coder", "ana", "P07:t002", "challenges/scheduling", "accept")
    assert (decided.exit_code, decided.stderr) == (0, "1 decision on disk.\n")
    status = qualcode("status", "--format", "csv")
    assert [row["coder"] for row in csv.DictReader(io.StringIO(status.stdout))] == ["ana", "rules"]
    assert "1 transcript, 4 codes, 0 cases; 2 suggestions undecided." in status.stderr
    assert qualcode("check").stdout == "1 transcript, 2 sheets: no problem\n"
    themes = json.loads(qualcode("themes", "--study", folder, "--format", "json").stdout)
    assert {row["code"]: row["codings"] for row in themes}["challenges/scheduling"] == 1


def test_import_again_and_corrected(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "X1.txt"
    path.write_text(TALK, "utf-8")
    assert qualcode("import", path, "--study", root).stdout == "1 new, 0 corrected, 0 as before\n"
    qualcode("decide", "--coder", "ana", "X1:t002", "scheduling", "apply", "--study", root)
    path.write_text(TALK.replace("The dates", "Well, the dates"), "utf-8")
    refused = qualcode("import", path, "--study", root)
    assert refused.exit_code == 3
    assert "--update" in refused.stderr
    done = qualcode("import", "--update", path, "--study", root, "--why", "heard again")
    assert done.stdout.splitlines()[0] == "0 new, 1 corrected, 0 as before"
    assert "X1: 1 coding moved" in done.stdout
    assert qualcode("import", path, "--study", root).stdout == "0 new, 0 corrected, 1 as before\n"
    assert "heard again" in qualcode("log", "--study", root).stdout


class TestDecide:
    def test_one(self, root: Path) -> None:
        result = qualcode(
            "decide", "--coder", "ana", "P07:t004", "praise", "apply", "--span", "134:140", "--study", root
        )
        assert result.exit_code == 0
        assert verdicts(root) == [("praise", "applied")]

    def test_many_from_stdin(self, root: Path) -> None:
        table = "segment,code,act,note\nP07:t002,scheduling,accept,\nP07:t004,praise,reject,no\n"
        result = qualcode("decide", "--coder", "ana", "--from", "-", "--study", root, stdin=table)
        assert (result.exit_code, result.stderr) == (0, "2 decisions on disk.\n")
        assert verdicts(root) == [("scheduling", "accepted"), ("praise", "rejected")]

    def test_many_with_a_mistake(self, root: Path, tmp_path: Path) -> None:
        (tmp_path / "d.csv").write_text("segment,code,act\nP07:t002,scheduling,accept\nP07:t002,prase,apply\n", "utf-8")
        result = qualcode("decide", "--coder", "ana", "--from", tmp_path / "d.csv", "--study", root)
        assert result.exit_code == 1
        assert "d.csv:3: error: There is no code “prase”" in result.stderr
        assert "Did you mean “praise”?" in result.stderr
        assert verdicts(root) == []

    @pytest.mark.parametrize("arguments", [[], ["P07:t002"], ["P07:t002", "praise"], ["P07:t002", "praise", "love"]])
    def test_wrong_usage(self, root: Path, arguments: list[str]) -> None:
        assert qualcode("decide", "--coder", "ana", *arguments, "--study", root).exit_code == 2

    def test_no_such_table(self, root: Path) -> None:
        assert qualcode("decide", "--coder", "ana", "--from", "none.csv", "--study", root).exit_code == 1


def test_undo_log_and_restore(root: Path) -> None:
    for act in ("accept", "reject"):
        qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", act, "--study", root, "--why", "so")
    rows = json.loads(qualcode("log", "--coder", "ana", "--format", "json", "--study", root).stdout)
    assert [(row["what"], row["why"]) for row in rows] == [("accept", "so"), ("reject", "so")]
    restored = qualcode("restore", "--coder", "ana", "--at", rows[0]["at"], "--study", root)
    assert restored.stderr == "1 sheet changed.\n"
    assert verdicts(root) == [("scheduling", "accepted")]
    assert "Taken back in P07: restore" in qualcode("undo", "--coder", "ana", "--study", root).stderr
    assert verdicts(root) == [("scheduling", "rejected")]
    assert qualcode("undo", "--coder", "ana", "--steps", "2", "--study", root).exit_code == 0
    assert verdicts(root) == []
    assert "nothing of ana's to undo" in qualcode("undo", "--coder", "ana", "--study", root).stderr
    assert len(qualcode("log", "--last", "2", "--format", "csv", "--study", root).stdout.splitlines()) == 3


def test_export_and_import_codings(root: Path, tmp_path: Path) -> None:
    qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", "accept", "--study", root)
    rows = list(csv.DictReader(io.StringIO(qualcode("export", "--coders", "ana", "--study", root).stdout)))
    assert [(row["code"], row["verdict"], row["start"]) for row in rows] == [
        ("challenges/scheduling", "accepted", "33")
    ]
    out = tmp_path / "ana.csv"
    assert qualcode("export", "--sheet", "ana", "--out", out, "--study", root).exit_code == 0
    assert "Say --force" in qualcode("export", "--sheet", "ana", "--out", out, "--study", root).stderr
    table = out.read_text("utf-8-sig").replace("Interviewer,What was hard?,,", "Interviewer,What was hard?,x,Praise")
    out.write_text(table, "utf-8")
    taken = qualcode("import-codings", "--coder", "ana", out, "--study", root)
    assert taken.stdout == "1 applied, 0 removed, 1 seen for the first time\n"
    out.write_text(table.replace("Praise", "prase"), "utf-8")
    wrong = qualcode("import-codings", "--coder", "ana", out, "--study", root)
    assert wrong.exit_code == 1
    assert "ana.csv, row 2, column codes" in wrong.stderr
    assert qualcode("export", "--to", "jsonl", "--study", root).stdout.count("\n") == 5


def test_merge(root: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(root, tmp_path / "theirs")
    qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", "accept", "--study", root)
    qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", "reject", "--study", tmp_path / "theirs")
    merged = qualcode("merge", tmp_path / "theirs", "--study", root)
    assert merged.exit_code == 3
    assert merged.stdout.endswith("1 conflict\n")
    assert "accepted and rejected" in merged.stderr
    assert qualcode("check", "--study", root).exit_code == 3


def test_settle(root: Path, tmp_path: Path) -> None:
    qualcode("decide", "--coder", "ana", "P07:t004", "praise", "accept", "--study", root)
    talk = (root / "transcripts/P07.txt").read_text("utf-8").replace(" They were lovely, though.", "")
    (tmp_path / "P07.txt").write_text(talk, "utf-8")
    assert "1 to settle" in qualcode("import", "--update", tmp_path / "P07.txt", "--study", root).stdout
    listed = qualcode("settle", "--study", root).stdout
    assert listed.startswith("P07 1  ana  praise  not found")
    assert "They were lovely, though." in listed
    assert qualcode("settle", "P07", "1", "--study", root).exit_code == 2
    assert qualcode("settle", "P07", "1", "--drop", "--study", root).stderr == "Settled.\n"
    assert qualcode("settle", "--study", root).stdout == ""


def test_codebook_changes_take_the_codings_along(root: Path) -> None:
    qualcode("decide", "--coder", "ana", "P07:t004", "turnover", "accept", "--study", root)
    book = root / "codebook.yaml"
    done = qualcode(
        "codebook", "merge", book, "turnover", "--into", "praise", "--because", "x", "--yes", "--study", root
    )
    assert done.exit_code == 0, done.stderr
    assert verdicts(root) == [("praise", "accepted")]
    assert "# The team's codebook." in book.read_text("utf-8")
    assert qualcode("check", "--study", root).exit_code == 0
    assert qualcode("undo", "--coder", "ana", "--study", root).exit_code == 0


@pytest.mark.parametrize("command", ["status", "check", "tag", "log", "settle"])
def test_outside_a_study(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = qualcode(command)
    assert result.exit_code == 1
    assert "qualcode init DIR" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        "init", "tag", "check", "status", "decide", "log", "undo", "restore", "settle", "export", "import-codings",
        "merge", "review", "assign", "adjudicate", "memo",
    ],
)  # fmt: skip
def test_help_has_an_example(command: str) -> None:
    assert "Example" in qualcode(command, "--help").stdout


def test_what_came_of_merged_codes_outlives_later_notes_of_a_copy(root: Path, tmp_path: Path) -> None:
    """Codes are merged and the text is corrected in one copy, while a coder goes on with the old ones in another."""
    book = root / "codebook.yaml"
    book.write_text(book.read_text("utf-8") + "  - id: one\n  - id: two\n", "utf-8")
    other = tmp_path / "other"
    shutil.copytree(root, other)

    def decide(code: str, act: str, note: str = "") -> list[tuple[str, str]]:
        decided = qualcode("decide", "--study", other, "--coder", "ben", "P07:t004", code, act, "--note", note)
        assert decided.exit_code == 0
        assert qualcode("merge", other, "--study", root).exit_code in {0, 3}
        sheet = Study(root).sheet("ben", "P07")
        return [(one.code, one.note) for one in sheet.codings] if sheet else []

    def merge_code(code: str) -> None:
        words = ("--into", "challenges", "--study", root, "--because", "one theme", "--yes")
        assert qualcode("codebook", "merge", book, code, *words).exit_code == 0

    def correct(ending: str) -> None:
        path = tmp_path / "P07.txt"
        path.write_text(Study(root).transcript("P07").text + ending, "utf-8")
        assert qualcode("import", path, "--update", "--study", root).exit_code == 0

    assert decide("one", "apply", "A") == [("one", "A")]
    merge_code("one")
    merge_code("two")
    correct(" And so on.")
    assert decide("two", "apply", "B") == [("challenges", "A; B")]
    correct(" And on.")
    # Ben's new note replaces his old one on “two”; what he said on “one” stays.
    (coding,) = decide("two", "apply", "C")
    assert coding[0] == "challenges"
    assert {"A", "C"} <= set(coding[1].split("; "))
    (coding,) = decide("two", "remove")
    assert "A" in coding[1].split("; ")
