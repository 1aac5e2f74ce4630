"""The folder of results on disks that are full, closed or taken: all or nothing, said in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from click.testing import CliRunner, Result

from qualcode.cli import cli
from qualcode.errors import OutputError
from qualcode.running.folders import fresh_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Write = Callable[[str, str], Path]

CODEBOOK = "codes:\n  - id: clash\n    name: Clash\n    rules: [clash]\n"
TALK = "Interviewer: And?\nAna: We had a clash.\n"


def tree(folder: Path) -> dict[str, str]:
    """Return every file below a folder with its text; of a folder, its name alone."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") if path.is_file() else "/"
        for path in folder.rglob("*")
    }


def run(folder: Path, *arguments: object) -> Result:
    """Run the command line on the study that the fixture makes."""
    command = ["run", *arguments, folder / "Ana.txt", "--codebook", folder / "book.yaml"]
    return CliRunner().invoke(cli, [str(argument) for argument in command])


@contextmanager
def fill(folder: Path, *names: str, force: Literal["yes", "no"] = "yes") -> Iterator[Path]:
    """Write files that say “new” into ``out`` below a folder, by way of a draft."""
    with fresh_folder(folder / "out", force=force == "yes") as draft:
        for name in names:
            (draft / name).parent.mkdir(exist_ok=True)
            (draft / name).write_text("new", "utf-8")
        yield draft


@pytest.fixture
def study(write: Write) -> Path:
    """A folder with a transcript and a codebook."""
    write("book.yaml", CODEBOOK)
    return write("Ana.txt", TALK).parent


class TestPublishing:
    def test_what_stands_in_the_way_is_named_and_nothing_changes(self, tmp_path: Path, write: Write) -> None:
        write("out/b", "a file where a folder has to be")
        write("out/a.txt", "mine")
        before = tree(tmp_path)
        with pytest.raises(OutputError, match="file of this name") as caught, fill(tmp_path, "a.txt", "b/c.txt"):
            pass
        assert caught.value.where == str(tmp_path / "out" / "b")
        assert tree(tmp_path) == before

    def test_a_folder_in_the_way(self, tmp_path: Path, write: Write) -> None:
        write("out/z.txt/mine", "mine")
        before = tree(tmp_path)
        with pytest.raises(OutputError, match="folder of this name"), fill(tmp_path, "a.txt", "z.txt"):
            pass
        assert tree(tmp_path) == before

    def test_all_is_put_back_when_the_last_file_cannot_be_moved(
        self, tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write("out/a.txt", "mine")
        before = tree(tmp_path)
        replace = Path.replace

        def fail_at_last(self: Path, target: Path) -> Path:
            if target.name == "z.txt":
                raise PermissionError(13, "Permission denied", str(target))
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", fail_at_last)
        with pytest.raises(OutputError, match="Permission denied"), fill(tmp_path, "a.txt", "new/b.txt", "z.txt"):
            pass
        assert tree(tmp_path) == before

    def test_folders_above_are_made_or_go_again(self, tmp_path: Path) -> None:
        out = tmp_path / "x" / "y" / "out"
        with pytest.raises(ZeroDivisionError), fresh_folder(out, force=False):
            raise ZeroDivisionError
        assert tree(tmp_path) == {}
        with fresh_folder(out, force=False) as draft:
            (draft / "a.txt").write_text("new", "utf-8")
        assert tree(out) == {"a.txt": "new"}

    def test_a_draft_that_a_killed_process_left_is_not_in_the_way(self, tmp_path: Path, write: Write) -> None:
        write("out/.qualcode-draft-x/a.txt", "half")
        with fill(tmp_path, "a.txt", force="no"):
            pass
        assert (tmp_path / "out" / "a.txt").read_text("utf-8") == "new"

    def test_files_are_drafted_on_the_disk_of_a_folder_that_is_there(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        with fill(tmp_path, "a.txt", force="no") as draft:
            assert draft.parent == tmp_path / "out"


TOO_LONG = "x" * 300
"""A name that no disk takes: like a closed folder, it cannot even be looked at, whoever runs the tests."""


class TestPlacesThatCannotBeLookedAt:
    @pytest.mark.parametrize("out", [TOO_LONG, f"{TOO_LONG}/results"])
    def test_for_results(self, study: Path, out: str) -> None:
        result = run(study, "--out", study / out)
        assert result.exit_code == 1
        assert "The results cannot be written" in result.stderr
        assert sorted(tree(study)) == ["Ana.txt", "book.yaml"]

    def test_for_a_figure(self, study: Path) -> None:
        command = ["figure", "themes", study / "Ana.txt", "--codebook", study / "book.yaml", "--out", study / TOO_LONG]
        result = CliRunner().invoke(cli, [str(argument) for argument in command])
        assert result.exit_code == 1
        assert f"{study / TOO_LONG}: The figure cannot be written" in result.stderr

    def test_a_transcript_is_named_and_the_others_are_read(self, study: Path) -> None:
        result = run(study, study / f"{TOO_LONG}.txt", "--out", study / "out")
        assert result.exit_code == 3, result.stderr
        assert f"{TOO_LONG}.txt: error: " in result.stderr
        assert (study / "out" / "transcripts" / "Ana.txt").exists()

    def test_whoever_reads_a_file_tells_of_it(self, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not the command line in advance: it would refuse all for one file that may not be read."""
        monkeypatch.setattr(os, "access", lambda *_arguments, **_options: False)
        assert run(study, "--out", study / "out").exit_code == 0


@pytest.mark.skipif(
    os.name == "nt" or not Path("/dev/full").exists(), reason="a system without a device that is always full"
)
@pytest.mark.parametrize(
    "arguments", [["--help"], ["codebook", "schema"], ["themes", "Ana.txt", "--codebook", "book.yaml"]]
)
def test_results_that_find_no_room(study: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "qualcode", *arguments], cwd=study, stdout=full, stderr=subprocess.PIPE, check=False
        )
    said = done.stderr.decode("utf-8")
    assert done.returncode == 1
    assert "No space left" in said
    assert "Traceback" not in said
