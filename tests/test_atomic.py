"""Files that are written whole: what a reader finds whatever goes wrong, and what is left beside them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from studies import begin_study

from qualcode.atomic import append_bytes, drafting, replace_file
from qualcode.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_is_made_and_replaced_with_the_permissions_of_new_files(tmp_path: Path) -> None:
    target = tmp_path / "訪談 é.csv"
    for data in (b"one", b"", b"x" * 100_000):
        replace_file(target, data)
        assert tree(tmp_path) == {target.name: data}
    (tmp_path / "ordinary").write_bytes(b"")
    assert target.stat().st_mode == (tmp_path / "ordinary").stat().st_mode


@pytest.mark.skipif(os.name != "posix", reason="file modes of POSIX")
def test_a_private_file_stays_private(tmp_path: Path) -> None:
    replace_file(tmp_path / "a", b"secret", mode=0o600)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_several_files_take_their_places_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with drafting(tmp_path / "a", tmp_path / "b") as (one, other):
        one.write_bytes(b"new a")
        assert (tmp_path / "a").read_bytes() == b"old"
        with other.open("wb") as file:
            file.writelines([b"new", b" ", b"b"])
    assert tree(tmp_path) == {"a": b"new a", "b": b"new b"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_of_several_files_none_is_touched_when_one_fails(tmp_path: Path, error: BaseException) -> None:
    def fail() -> None:
        with drafting(tmp_path / "a", tmp_path / "b") as (one, _):
            one.write_bytes(b"half")
            raise error

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(type(error)):
        fail()
    assert tree(tmp_path) == {"a": b"old"}


def test_a_folder_that_is_not_there_leaves_no_draft_of_the_others(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), drafting(tmp_path / "a", tmp_path / "none" / "b"):
        pass
    assert tree(tmp_path) == {}


def test_what_stands_beyond_the_good_part_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log"
    append_bytes(path, b"one\n", size=0)
    with path.open("ab") as file:
        file.write(b"half a li")
    append_bytes(path, b"two\n", size=4)
    assert path.read_bytes() == b"one\ntwo\n"


class TestFilesThatAnotherProgramHas:
    """As Windows lets a virus scanner, a backup or a second window have a file for a moment."""

    @pytest.fixture
    def busy(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], list[str]]:
        monkeypatch.setattr("qualcode.atomic._PAUSES", (0.0, 0.0, 0.0))

        def hold(act: str, n_times: int) -> list[str]:
            tries, real = [], getattr(Path, act)

            def call(path: Path, *words: object, **more: object) -> object:
                tries.append(path.name)
                if len(tries) <= n_times:
                    raise PermissionError(13, "sharing violation", str(path))
                return real(path, *words, **more)

            monkeypatch.setattr(Path, act, call)
            return tries

        return hold

    def test_a_moment_is_waited_out(self, tmp_path: Path, busy: Callable[[str, int], list[str]]) -> None:
        path = tmp_path / "a.txt"
        path.write_text("old", "utf-8")
        tries = busy("replace", 3)
        replace_file(path, b"new")
        assert len(tries) == 4
        assert path.read_bytes() == b"new"

    def test_what_stays_held_is_refused_and_left_as_it_was(
        self, tmp_path: Path, busy: Callable[[str, int], list[str]]
    ) -> None:
        path = tmp_path / "a.txt"
        path.write_text("old", "utf-8")
        busy("replace", 9)
        with pytest.raises(PermissionError, match="sharing violation"):
            replace_file(path, b"new")
        assert path.read_bytes() == b"old"
        assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]

    @pytest.mark.parametrize("act", ["read_bytes", "replace", "unlink"])
    def test_a_study_goes_on(self, tmp_path: Path, busy: Callable[[str, int], list[str]], act: str) -> None:
        study = begin_study(tmp_path / "study", "P07")
        study.decide("ana", "P07:t002", "praise", "apply")
        tries = busy(act, 3)
        with Study(study.root) as again:
            again.rename_transcript("P07", "Mei")
            again.undo("ana")
        assert len(tries) > 3
        assert [problem for problem in Study(study.root).check() if problem.level != "note"] == []
