"""``qualcode transcript``, as typed: another name for a transcript, and erasing one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import TALK, begin_study

from qualcode.cli import cli
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

WORDS = "They were lovely, though."


def qualcode(*arguments: object, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """P07 and P08, coded by ana; ben coded P07; a memo on a passage and one on the study."""
    study = begin_study(tmp_path / "study", "P07", "P08")
    for name in ("P07", "P08"):
        study.decide("ana", f"{name}:t002", "scheduling", "accept")
        study.decide("ana", f"{name}:t004", "praise", "accept", note="a note on her words")
    study.decide("ben", "P07:t004", "turnover", "accept")
    study.memo("P07:t004", "She laughs here.", author="ana")
    study.close()
    return study.root


def texts(root: Path) -> str:
    """Return all that stands in the files of a study."""
    return "\n".join(path.read_text("utf-8", "replace") for path in sorted(root.rglob("*")) if path.is_file())


class TestRename:
    def test_everything_goes_along(self, root: Path) -> None:
        done = qualcode("transcript", "rename", "P07", "Carmen", "--why", "they chose names", "--study", root)
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", "P07 is Carmen now.\n")
        study = Study(root)
        assert study.transcript_ids() == ("Carmen", "P08")
        assert [one.code for one in study.sheet("ana", "Carmen").codings] == ["scheduling", "praise"]
        assert [memo.about for memo in study.memos()[0]] == ["Carmen:t004"]
        assert qualcode("check", "--study", root).exit_code == 0
        rows = json.loads(qualcode("log", "--format", "json", "--study", root).stdout)
        (row,) = [row for row in rows if row["what"] == "rename"]
        assert (row["change"], row["why"]) == ("transcript P07; to Carmen", "they chose names")
        undone = qualcode("undo", "--coder", "ben", "--study", root)
        assert undone.stderr == "Undone in Carmen: accept “turnover” on “People leave.”.\n"

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("P7", "X", "Did you mean “P07”?"), ("P07", "P08", "already"), ("P07", "p08", "cannot tell from"),
            ("P07", "a/b", "cannot be the name"), ("P07", "nul", "cannot be the name"),
            ("P07", "", "cannot be the name"),
        ],
    )  # fmt: skip
    def test_what_cannot_be(self, root: Path, old: str, new: str, told: str) -> None:
        before = texts(root)
        result = qualcode("transcript", "rename", old, new, "--study", root)
        assert result.exit_code == 1
        assert told in result.stderr
        assert texts(root) == before

    def test_the_file_of_its_old_name_does_not_bring_it_in_again(self, root: Path, tmp_path: Path) -> None:
        text = Study(root).transcript("P07").text
        qualcode("transcript", "rename", "P07", "Carmen", "--study", root)
        (tmp_path / "P07.txt").write_text(text, "utf-8")
        again = qualcode("import", tmp_path / "P07.txt", "--study", root)
        assert (again.exit_code, again.stdout) == (3, "0 new, 0 corrected, 0 as before\n")
        assert "The study already has “P07”, now named “Carmen”." in again.stderr
        (tmp_path / "P07.txt").write_text("Zoe: It is another interview by that name.\n", "utf-8")
        assert qualcode("import", tmp_path / "P07.txt", "--study", root).stdout.startswith("1 new")


class TestRemove:
    def test_it_says_what_goes_asks_and_goes(self, root: Path) -> None:
        asked = qualcode("transcript", "remove", "P08", "--why", "withdrawn consent", "--study", root, stdin="n\n")
        assert (asked.exit_code, asked.stdout.strip()) in {(1, ""), (1, "n")}  # older clicks show here what is typed
        assert asked.stderr.splitlines()[:4] == [
            "This will permanently erase:", "  the transcript P08", "  2 codings by ana", "  3 codings by rules",
        ]  # fmt: skip
        assert Study(root).transcript_ids() == ("P07", "P08")
        done = qualcode("transcript", "remove", "P08", "--why", "withdrawn consent", "--study", root, stdin="y\n")
        assert done.stdout.removeprefix(" y\n").splitlines()[:4] == ["Erased:", *asked.stderr.splitlines()[1:4]]
        assert Study(root).transcript_ids() == ("P07",)

    def test_its_words_are_in_no_file_and_the_history_says_so(self, root: Path) -> None:
        only = "People leave. They were lovely, though. 大家都好忙😀。"
        done = qualcode("transcript", "remove", "P07", "--why", "withdrawn consent", "--yes", "--study", root)
        assert done.exit_code == 0, done.stderr
        lines = done.stdout.splitlines()
        assert lines[1:6] == [
            "  the transcript P07", "  2 codings by ana", "  1 coding by ben", "  3 codings by rules",
            "  1 memo about it",
        ]  # fmt: skip
        assert "raw/P07.txt" in lines[6]
        assert "Copies elsewhere are not erased" in done.stderr
        qualcode("transcript", "remove", "P08", "--why", "withdrawn consent", "--yes", "--study", root)
        for words in (WORDS, only, TALK[1][1], "She laughs", "a note on her words"):
            assert words not in texts(root)
        rows = json.loads(qualcode("log", "--format", "json", "--study", root).stdout)
        row = next(row for row in rows if row["what"] == "remove")
        assert row["why"] == "withdrawn consent"
        assert row["change"].startswith("transcript P07; ")
        assert "codings ana 2, ben 1, rules 3" in row["change"]
        assert qualcode("check", "--study", root).exit_code == 0

    def test_its_words_in_other_files_are_blacked_out_and_told(self, root: Path) -> None:
        book = root / "codebook.yaml"
        example = f"    examples:\n      - hit: “{WORDS}”\n"
        book.write_text(book.read_text("utf-8") + example, "utf-8")
        qualcode("transcript", "remove", "P08", "--why", "x", "--yes", "--study", root)
        done = qualcode("transcript", "remove", "P07", "--why", "x", "--yes", "--study", root)
        assert WORDS not in book.read_text("utf-8")
        assert "(erased)" in book.read_text("utf-8")
        assert done.stdout.splitlines()[-1] == "  its words and speakers in 1 other file: codebook.yaml"
        assert done.exit_code == 0

    def test_the_case_that_goes_along_is_named_before_and_after(self, root: Path) -> None:
        (root / "cases.csv").write_text("case,role\nP07,head\nP08,clerk\n", "utf-8")
        asked = qualcode("transcript", "remove", "P07", "--why", "x", "--study", root, stdin="n\n")
        assert "  1 case from cases.csv: P07\n" in asked.stderr
        assert "P07,head" in (root / "cases.csv").read_text("utf-8")
        done = qualcode("transcript", "remove", "P07", "--why", "x", "--yes", "--study", root)
        assert "  1 case from cases.csv: P07\n" in done.stdout
        assert (root / "cases.csv").read_text("utf-8") == "case,role\nP08,clerk\n"

    def test_what_others_say_too_stays_theirs(self, root: Path) -> None:
        """Both transcripts have the same words, as a question has that is put to everybody."""
        before = {name: (root / name).read_bytes() for name in ("sheets/ana/P07.jsonl", "sheets/ana/P07.log.jsonl")}
        done = qualcode("transcript", "remove", "P08", "--why", "x", "--yes", "--study", root)
        assert "other file" not in done.stdout
        assert {name: (root / name).read_bytes() for name in before} == before
        assert qualcode("check", "--study", root).stderr == ""

    def test_under_git_it_ends_with_findings(self, root: Path) -> None:
        (root / ".git").mkdir()
        done = qualcode("transcript", "remove", "P07", "--why", "withdrawn consent", "--yes", "--study", root)
        assert done.exit_code == 3
        assert "git, and its history still holds the words" in done.stderr
        assert Study(root).transcript_ids() == ("P08",)

    def test_without_a_reason_or_a_transcript_of_that_name(self, root: Path) -> None:
        before = texts(root)
        assert qualcode("transcript", "remove", "P07", "--yes", "--study", root).exit_code == 2
        assert qualcode("transcript", "remove", "P07", "--why", " ", "--yes", "--study", root).exit_code == 1
        for words in (["--yes"], []):
            result = qualcode("transcript", "remove", "P7", "--why", "x", *words, "--study", root)
            assert (result.exit_code, result.stdout) == (1, "")
            assert "Did you mean “P07”?" in result.stderr
        assert texts(root) == before

    def test_nobody_who_could_answer_means_no(self, root: Path) -> None:
        asked = qualcode("transcript", "remove", "P07", "--why", "x", "--study", root)
        assert asked.exit_code == 1
        assert Study(root).transcript_ids() == ("P07", "P08")
