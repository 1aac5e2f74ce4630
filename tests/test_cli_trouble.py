"""What a full disk, a lost file or a stranger's folder does to the commands of a study: told, with place and repair."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import TALK, begin_study, build_transcript

from qualcode.cli import cli
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def qualcode(*arguments: object, stdin: str = "") -> Result:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    return result


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tagged study in which ana has decided."""
    study = begin_study(tmp_path / "study")
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.close()
    return study.root


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestJournals:
    """A list of changes under way that qualcode did not write, or that is damaged."""

    BAD: tuple[bytes, ...] = (
        b'[{"put": "../victim.txt", "from": "0"}]',
        b'[{"delete": "../victim.txt"}]',
        b'[{"append": "memos/big.md", "size": 1000000000000, "from": "0"}]',
        b'[{"append": "sheets/ana/P07.log.jsonl", "size": -1, "from": "0"}]',
        b'[{"append": "sheets/ana/P07.log.jsonl", "size": 1e999, "from": "0"}]',
        b'[{"put": "\\ud800", "from": "0"}]',
        b"[" * 100_000,
        b"",
        b"\x00",
    )
    ACTS = (
        ["status"], ["check"], ["themes"], ["export"], ["log"], ["tag"], ["settle"], ["coder", "list"],
        ["decide", "--coder", "ana", "P07:t004", "praise", "accept"], ["undo", "--coder", "ana"],
        ["review", "--coder", "ana", "--accept-all", "praise", "--yes"],
        ["memo", "list"], ["memo", "add", "study", "So."],
        ["assign", "--coders", "ana,ben", "--share", "50%", "--seed", "1"],
        ["codebook", "rename", "praise", "Kind words", "--because", "x", "--yes"],
    )  # fmt: skip

    @staticmethod
    def plant(root: Path, journal: bytes) -> None:
        (root / ".qualcode/staging").mkdir(parents=True, exist_ok=True)
        (root / ".qualcode/staging/0").write_bytes(b"planted")
        (root / ".qualcode/journal.json").write_bytes(journal)

    @pytest.mark.parametrize("journal", BAD, ids=range(len(BAD)))
    def test_nothing_of_it_is_done_and_it_is_told(self, root: Path, journal: bytes) -> None:
        victim = root.parent / "victim.txt"
        victim.write_bytes(b"mine")
        self.plant(root, journal)
        before = {name: data for name, data in contents(root.parent).items() if ".qualcode" not in name}
        result = qualcode("status", "--study", root)
        assert result.exit_code == 3
        assert ".qualcode/kept/journal-" in result.stderr
        assert {name: data for name, data in contents(root.parent).items() if ".qualcode" not in name} == before
        assert qualcode("check", "--study", root).exit_code == 3  # as long as the file lies there
        shutil.rmtree(root / ".qualcode/kept")
        assert qualcode("check", "--study", root).exit_code == 0

    @pytest.mark.parametrize("words", ACTS, ids=" ".join)
    def test_whichever_command_comes_first_tells_it(self, root: Path, words: list[str]) -> None:
        self.plant(root, self.BAD[0])
        result = qualcode(*words, "--study", root)
        assert result.exit_code == 3
        assert result.stderr.count("is damaged or was not written by qualcode; none was made.") == 1

    def test_a_folder_in_its_place(self, root: Path) -> None:
        (root / ".qualcode/journal.json").mkdir(parents=True)
        assert qualcode("status", "--study", root).exit_code == 3
        assert qualcode("decide", "--coder", "ana", "P07:t004", "praise", "accept", "--study", root).exit_code == 0

    @pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
    def test_it_is_not_set_aside_through_a_link(self, root: Path, tmp_path: Path) -> None:
        (tmp_path / "outside").mkdir()
        self.plant(root, self.BAD[0])
        (root / ".qualcode/kept").symlink_to(tmp_path / "outside")
        result = qualcode("status", "--study", root)
        assert result.exit_code == 1
        assert ".qualcode/kept" in result.stderr
        assert list((tmp_path / "outside").iterdir()) == []

    @pytest.mark.parametrize("journal", [*BAD[:2], b'[{"put": "memos/new.md", "from": "0"}]', b"{"])
    def test_merging_leaves_the_other_copy_untouched(self, root: Path, tmp_path: Path, journal: bytes) -> None:
        other = tmp_path / "other"
        shutil.copytree(root, other)
        self.plant(other, journal)
        before = contents(tmp_path)
        result = qualcode("merge", other, "--study", root)
        assert result.exit_code == 1
        assert "The other copy has an unfinished change." in result.stderr
        assert {name: data for name, data in contents(tmp_path).items() if "study.lock" not in name} == {
            name: data for name, data in before.items() if "study.lock" not in name
        }
        assert contents(other) == {
            name.partition(os.sep)[2]: data for name, data in before.items() if name.startswith("other")
        }


COUNTING = (
    ["themes"], ["quotes"], ["report", "--out", "{out}"], ["figure", "themes", "--out", "{out}.svg"], ["status"],
    ["check"], ["export"], ["export", "--sheet", "ana"], ["suggest-terms", "praise"], ["codebook", "test"], ["tag"],
    ["assign", "--coders", "ana,ben", "--share", "50%", "--seed", "1"],
)  # fmt: skip


@pytest.mark.parametrize("words", COUNTING, ids=lambda words: " ".join(words[:2]))
def test_every_command_that_counts_tells_of_a_transcript_that_is_gone(
    root: Path, tmp_path: Path, words: list[str]
) -> None:
    study = Study(root)
    study.add_transcript(build_transcript("P08"))
    study.decide("ana", "P08:t002", "scheduling", "apply")
    study.close()
    (root / "transcripts/P07.json").unlink()
    result = qualcode(*(word.replace("{out}", str(tmp_path / "out")) for word in words), "--study", root)
    assert result.exit_code == 3
    assert "transcripts/P07.json: error: The transcript “P07” is missing: its codings are in no count." in result.stderr


def test_agreement_tells_of_it_too(root: Path) -> None:
    study = Study(root)
    study.add_transcript(build_transcript("P08"))
    for coder in ("ana", "ben"):
        for segment in ("t002", "t004"):
            study.decide(coder, f"P08:{segment}", "scheduling", "apply")
    study.close()
    (root / "transcripts/P07.json").unlink()
    result = qualcode("agreement", "--study", root, "--coders", "ana,ben", "--draws", 0)
    assert result.exit_code == 3
    assert "“P07” is missing" in result.stderr


class TestCorrections:
    def test_of_a_transcript_that_the_study_does_not_know(self, root: Path, tmp_path: Path) -> None:
        path = tmp_path / "P7.txt"
        path.write_text("\n".join(f"{speaker}: {words}" for speaker, words in TALK), "utf-8")
        before = contents(root)
        result = qualcode("import", "--update", path, "--study", root)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "The study has no transcript “P7” to correct" in result.stderr
        assert "Did you mean “P07”?" in result.stderr
        assert {name for name in contents(root) if ".lock" not in name} == {
            name for name in before if ".lock" not in name
        }

    def test_one_of_several_is_unknown_and_none_is_brought_in(self, root: Path, tmp_path: Path) -> None:
        for name in ("P07.txt", "X.txt"):
            (tmp_path / "in").mkdir(exist_ok=True)
            (tmp_path / "in" / name).write_text("Ana: It was quite another thing.\n", "utf-8")
        result = qualcode("import", "--update", tmp_path / "in", "--study", root)
        assert result.exit_code == 1
        assert Study(root).transcript("P07").text == build_transcript().text

    def test_every_original_is_kept(self, root: Path, tmp_path: Path) -> None:
        first = (root / "raw/P07.txt").read_bytes()
        for number in range(2):
            path = tmp_path / "P07.txt"
            path.write_text(build_transcript().text.replace("hard?", f"hard, {number}?"), "utf-8")
            assert qualcode("import", "--update", path, "--study", root).exit_code == 0
        originals = {path.read_bytes() for path in (root / "raw").iterdir()}
        assert len(originals) == 3
        assert first in originals


class TestFullDisks:
    """Every command that writes says which path, and what to do."""

    @pytest.mark.parametrize(
        "words",
        [
            ["export", "--out", "{out}"], ["export", "--to", "sqlite", "--out", "{out}"],
            ["export", "--sheet", "ana", "--out", "{out}"],
        ],
        ids=" ".join,
    )  # fmt: skip
    def test_exports(self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
        def fail(path: Path, *_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

        from qualcode import outputs

        out = tmp_path / "codings.csv"
        out.write_text("mine", "utf-8")
        monkeypatch.setattr(outputs, "drafting", fail)
        result = qualcode(*(word.format(out=out) for word in words), "--force", "--study", root)
        assert result.exit_code == 1
        assert result.stderr.splitlines()[0] == f"Error: {out}: The file cannot be written: No space left on device."
        assert "Free some disk space" in result.stderr
        assert "study cannot" not in result.stderr
        assert out.read_text("utf-8") == "mine"

    @pytest.mark.skipif(os.name == "nt", reason="there is no limit on files there")
    @pytest.mark.parametrize(
        ("words", "place"),
        [
            (["decide", "--coder", "ana", "P07:t004", "praise", "accept"], "sheets/ana/P07.log.jsonl"),
            (["undo", "--coder", "ana"], "sheets/ana/P07.log.jsonl"),
            (["coder", "add", "ben"], "coders"),
            (["transcript", "rename", "P07", "X"], ".qualcode/staging"),
            (["transcript", "remove", "P07", "--why", "x", "--yes"], ".qualcode/staging"),
            (["memo", "add", "study", "So."], ".qualcode/staging"),
            (["export", "--out", "codings.csv"], "codings.csv"),
        ],
    )
    def test_a_disk_that_takes_nothing(self, root: Path, words: list[str], place: str) -> None:
        before = {name: data for name, data in contents(root).items() if ".qualcode" not in name}
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, *words, "--study", str(root)],
            capture_output=True, text=True, encoding="utf-8", cwd=root.parent, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        assert place in done.stderr.splitlines()[0]
        assert "File too large" in done.stderr.splitlines()[0]
        assert {name: data for name, data in contents(root).items() if ".qualcode" not in name} == before
        assert not (root.parent / "codings.csv").exists()
        assert qualcode("check", "--study", root).exit_code == 0


LIMITED = """
import resource, signal, sys
from qualcode.cli import cli
from qualcode.study import Study
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.argv = ["qualcode", *sys.argv[1:]]
cli(prog_name="qualcode")
"""
"""A program that can write nothing into files."""


def test_json_of_the_log_is_whole(root: Path) -> None:
    rows = json.loads(qualcode("log", "--format", "json", "--study", root).stdout)
    assert list(rows[-1]) == ["at", "who", "what", "sheet", "transcript", "change", "why", "event"]
    assert len(rows[-1]["event"]) == 16


def test_nothing_in_a_table_is_a_command_for_the_terminal(root: Path) -> None:
    study = Study(root)
    study.decide("ana", "P07:t004", "praise", "apply", note="\x1b[2J\x07 red\nnext")
    study.close()
    for words in (["log"], ["status"], ["coder", "list"]):
        assert not set(qualcode(*words, "--study", root).stdout) & {"\x1b", "\x07"}
