"""What is given away, checked and practised on never opens a socket: these run with sockets forbidden."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from studies import begin_study

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = """
import sys

def refuse(event, arguments):
    if event in ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request"):
        raise SystemExit(f"a socket was used: {event} {arguments}")

sys.addaudithook(refuse)
from qualcode.cli import main
main()
"""
"""An audit hook cannot be taken away again, and sees what C code opens through Python's socket as well."""


def run(folder: Path, *arguments: str, code: str = FORBIDDEN) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_hook_sees_sockets(tmp_path: Path) -> None:
    code = FORBIDDEN.replace("from qualcode.cli import main\nmain()", "import socket\nsocket.socket()")
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "a socket was used" in result.stderr


@pytest.mark.slow
def test_from_a_study_to_an_archive_and_back(tmp_path: Path) -> None:
    with begin_study(tmp_path / "study", "P07", "P08") as study:
        study.decide("ana", "P07:t002", "scheduling", "accept")
    for arguments in (
        ["codebook", "freeze", "--note", "registered", "--study", "study"],
        ["report", "--study", "study", "--out", "report"],
        ["verify", "report", "--study", "study"],
        ["archive", "study", "--out", "deposit.zip"],
        ["verify", "deposit.zip"],
        ["practice", "training", "--study", "study"],
        ["decide", "--study", "training", "--coder", "mei", "P07:t002", "scheduling", "apply"],
        ["practice", "score", "--study", "training"],
    ):
        result = run(tmp_path, *arguments)
        assert result.returncode in {0, 3}, f"{arguments}: {result.stderr}"
        assert "a socket was used" not in result.stderr + result.stdout


def test_suggestions_are_learned_without_one(tmp_path: Path) -> None:
    """With vectors, too, where their package is installed; without it, words alone, and exit code 3."""
    with begin_study(tmp_path / "study", "P07", "P08") as study:
        study.decide("ana", "P07:t002", "scheduling", "accept")
    with (tmp_path / "study" / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("suggestions: vectors\n")
    # What spaCy imports asks the system, without any connection, whether it knows IPv6: a socket bound to this machine.
    code = FORBIDDEN.replace('"socket.__new__", ', "").replace('"socket.bind", ', "")
    for command in (["missed"], ["learned"], ["recall", "--code", "scheduling"]):
        result = run(tmp_path, *command, "--coder", "ana", "--study", "study", code=code)
        assert result.returncode in {0, 3}, f"{command}: {result.stderr}"
        assert "a socket was used" not in result.stderr + result.stdout
