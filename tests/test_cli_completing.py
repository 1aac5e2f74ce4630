"""Completion: what the shells get for a word that is begun."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import begin_study

from qualcode.cli import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with begin_study(tmp_path / "study") as study:
        study.decide("ana", "P07:t002", "scheduling", "accept")
    return study.root


def complete(shell: str, folder: Path, words: list[str], begun: str) -> list[str]:
    line = " ".join(["qualcode", *words, begun])
    if shell == "powershell":
        more = {"COMP_WORDS": line, "COMP_WORD": begun}
    elif shell == "fish":
        more = {"COMP_WORDS": " ".join(["qualcode", *words]), "COMP_CWORD": begun}
    else:
        more = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) + 1)}
    done = subprocess.run(
        [sys.executable, "-c", "from qualcode.cli import main; main()"],
        cwd=folder,
        env=os.environ | more | {"_QUALCODE_COMPLETE": f"{shell}_complete"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    lines = [line for line in done.stdout.splitlines() if line]
    if shell == "bash":
        return [line.partition(",")[2] for line in lines]
    if shell == "zsh":  # kind, value, help
        return lines[1::3]
    if shell == "fish":
        return [(line.partition(",")[2] or line).partition("\t")[0] for line in lines]
    return lines


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_names_of_the_study(root: Path, shell: str) -> None:
    assert "scheduling" in complete(shell, root, ["quotes", "--code"], "sched")
    assert complete(shell, root, ["undo", "--coder"], "a") == ["ana"]
    assert complete(shell, root, ["themes", "--coders"], "rules,a") == ["rules,ana"]
    assert complete(shell, root, ["log", "--transcript"], "p") == ["P07"]
    assert "P07:t002" in complete(shell, root, ["decide", "--coder", "ana"], "P07:t00")
    assert complete(shell, root.parent, ["quotes", "--study", "study", "--code"], "sched")[:1] == ["scheduling"]
    assert "themes" in complete(shell, root, [], "them")


def test_without_a_study_or_with_a_broken_one_nothing_is_said(root: Path, tmp_path: Path) -> None:
    assert complete("bash", tmp_path, ["quotes", "--code"], "s") == []
    (root / "codebook.yaml").write_text("codes: [", "utf-8")
    assert complete("bash", root, ["quotes", "--code"], "s") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_what_to_put_into_the_profile(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.shell_completion.BashComplete._check_version", staticmethod(lambda: None))
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert f"{shell}_complete" in done.stdout


def test_zsh_asks_for_what_defines_completions_where_it_is_not_there() -> None:
    """As on a Mac, whose own zsh has no ``compdef`` until then: each new terminal would begin with an error."""
    lines = [line.strip() for line in CliRunner().invoke(cli, ["completion", "zsh"]).stdout.splitlines()]
    assert lines[0] == "#compdef qualcode"
    asked = lines.index("(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }")
    assert lines[asked + 1] == "compdef _qualcode_completion qualcode"
