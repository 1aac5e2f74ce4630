"""Files that are written whole: what a reader finds whatever goes wrong, and what is left beside them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from qualcode.atomic import append_bytes, drafting, replace_file

if TYPE_CHECKING:
    from pathlib import Path


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
