"""Files that a person asked for."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from pathlib import Path

import pytest

from qualcode.errors import OutputError
from qualcode.outputs import pack_as_anywhere, save, save_all


def test_a_file_and_the_folders_above_it_are_made(tmp_path: Path) -> None:
    assert save(tmp_path / "a/b/c.csv", b"x") == tmp_path / "a/b/c.csv"
    assert (tmp_path / "a/b/c.csv").read_bytes() == b"x"
    assert save_all(tmp_path / "n", {"1.txt": b"1", "d/2.txt": b"2"}) == [tmp_path / "n/1.txt", tmp_path / "n/d/2.txt"]
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["1.txt", "2.txt", "c.csv"]


def test_what_cannot_be_written_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    of_the_wrong_kind = {
        "file/below.csv": f"“{tmp_path / 'file'}” is a file, not a folder.",
        "file/far/below.csv": f"“{tmp_path / 'file'}” is a file, not a folder.",
        "folder": "This is a folder, not a file.",
    }
    for name, message in of_the_wrong_kind.items():
        with pytest.raises(OutputError) as caught:
            save(tmp_path / name, b"x")
        assert (caught.value.where, caught.value.message) == (str(tmp_path / name), message)
        assert caught.value.hint
    assert (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    """As /dev/stdout is: what is written there goes through it, and it is not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    save(pipe, b"through")
    reader.join(10)
    assert found == [b"through"]
    assert pipe.is_fifo()


@pytest.mark.skipif(
    os.name == "nt" or not Path("/dev/full").exists(), reason="a system without a device that is always full"
)
def test_a_device_that_is_full() -> None:
    with pytest.raises(OutputError, match="No space left") as caught:
        save("/dev/full", b"x")
    assert caught.value.where == "/dev/full"


def test_a_workbook_says_the_same_of_every_system() -> None:
    """As Windows writes it and as others do."""

    def pack(system: int) -> bytes:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as parts:
            for name, comment in (("a.txt", b""), ("時間.xml", b"with a comment"), ("b.txt", b"")):
                entry = zipfile.ZipInfo(name)
                entry.create_system, entry.comment = system, comment
                parts.writestr(entry, "PK\x01\x02" + name)  # what begins a record may stand in a part, too
        return package.getvalue()

    assert pack(0) != pack(3)
    assert pack_as_anywhere(pack(0)) == pack_as_anywhere(pack(3)) == pack(3)
