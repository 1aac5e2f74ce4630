"""``qualcode tag CORPUS``, and what counts from its result, as typed."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner

from qualcode.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

BOOK = "codes: [{id: time, rules: [late, wait]}, {id: people, rules: [friend]}]"


def qualcode(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def place(tmp_path: Path, write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a codebook and two corpora, in which one stands."""
    write("book.yaml", BOOK)
    answers = {"id": ["a", "b", "c"], "text": ["We wait.", "A friend was late.", "No."], "role": ["x", "y", "x"]}
    pd.DataFrame(answers).to_parquet(tmp_path / "corpus.parquet")
    long = {"id": range(400), "text": ["We wait for a friend who is late. " * 20] * 400}
    pd.DataFrame(long).to_parquet(tmp_path / "long.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_a_corpus_to_themes(place: Path) -> None:
    tagged = qualcode("tag", "corpus.parquet", "--codebook", "book.yaml", "--out", "codings.parquet")
    assert (tagged.exit_code, tagged.stdout) == (0, "")
    assert tagged.stderr.startswith(
        "3 rows, 3 transcripts: 3 codings written to codings.parquet. Next: qualcode themes"
    )
    for more in ((), ("--codebook", "book.yaml")):
        themes = qualcode("themes", "codings.parquet", *more, "--format", "json")
        assert themes.exit_code == 0
        assert [(row["code"], row["cases"], row["cases_percent"]) for row in json.loads(themes.stdout)] == [
            ("time", 2, 66.67),
            ("people", 1, 33.33),
        ]
    by_role = qualcode("themes", "codings.parquet", "--by", "role", "--format", "csv").stdout
    counted = [(row["code"], row["role"], row["cases"], row["n_cases"]) for row in csv.DictReader(io.StringIO(by_role))]
    assert counted == [
        ("time", "x", "1", "2"),
        ("time", "y", "1", "1"),
        ("people", "x", "0", "2"),
        ("people", "y", "1", "1"),
    ]
    quotes = json.loads(qualcode("quotes", "codings.parquet", "--code", "people", "--format", "json").stdout)
    assert [(row["case"], row["quote"], row["rule"]) for row in quotes] == [("b", "A friend was late.", "friend")]
    for kind in ("themes", "cases", "codelines", "cooccurrence"):
        assert qualcode("figure", kind, "codings.parquet", "--out", f"{kind}.svg").exit_code == 0


def test_dask_by_the_command_line_writes_the_same(place: Path) -> None:
    pytest.importorskip("distributed")
    common = ("tag", "long.parquet", "--codebook", "book.yaml", "--batch", 20_000)
    assert qualcode(*common, "--out", "plain.parquet").exit_code == 0
    done = qualcode(*common, "--out", "dask.parquet", "--engine", "dask", "--jobs", 2)
    assert (done.exit_code, done.stdout) == (0, "")
    for ending in (".parquet", ".units.parquet"):
        assert (place / f"dask{ending}").read_bytes() == (place / f"plain{ending}").read_bytes()


def test_a_run_that_was_killed_goes_on(place: Path) -> None:
    """In a process of its own, killed as hard as can be when some parts are there."""
    common = ["tag", "long.parquet", "--codebook", "book.yaml", "--batch", "5000", "--out", "killed.parquet"]
    with subprocess.Popen([sys.executable, "-m", "qualcode", *common], env=os.environ) as process:
        parts = place / "killed.parquet.parts"
        while process.poll() is None and len(list(parts.glob("*.part"))) < 3:
            time.sleep(0.01)
        process.kill()
    assert not (place / "killed.parquet").exists()
    n_kept = len(list(parts.glob("*.part")))
    done = qualcode(*common)
    assert f"({n_kept} of 50 batches were there already)" in done.stderr
    assert qualcode("tag", "long.parquet", "--codebook", "book.yaml", "--out", "whole.parquet").exit_code == 0
    assert (place / "killed.parquet").read_bytes() == (place / "whole.parquet").read_bytes()
    assert not parts.exists()


FILES = ("corpus.parquet", "--codebook", "book.yaml", "--out", "o.parquet")
USAGE = {
    "no codebook": (("corpus.parquet", "--out", "o.parquet"), "needs --codebook"),
    "no output": (("corpus.parquet", "--codebook", "book.yaml"), "needs --out"),
    "with a study": (("corpus.parquet", "--study", "."), "leave out --study"),
    "not a corpus": (("--jobs", "2", "--interviewer", "I", "--force"), "--interviewer, --jobs, --force"),
    "scheduler alone": ((*FILES, "--scheduler", "x"), "--scheduler needs --engine dask"),
    "scheduler with jobs": ((*FILES, "--scheduler", "x", "--engine", "dask", "--jobs", "2"), "leave out --jobs"),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_is_told(name: str, place: Path) -> None:
    arguments, message = USAGE[name]
    done = qualcode("tag", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_dask_that_is_not_installed_is_named_with_the_command(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = qualcode("tag", *FILES, "--engine", "dask")
    assert done.exit_code == 1
    assert 'pip install "qualcode[dask]"' in done.stderr


def test_counting_what_cannot_be_counted_is_told(place: Path) -> None:
    qualcode("tag", "corpus.parquet", "--codebook", "book.yaml", "--out", "codings.parquet")
    assert "holds no codings" in qualcode("themes", "corpus.parquet").stderr
    assert "counted by turn" in qualcode("themes", "codings.parquet", "--unit", "sentence").stderr
    with_coders = qualcode("themes", "codings.parquet", "--coders", "ana")
    assert (with_coders.exit_code, "leave out --coders" in with_coders.stderr) == (2, True)
    assert qualcode("themes", "codings.parquet", "codings.parquet").exit_code == 2
    assert qualcode("explain", "a:t001", "codings.parquet", "--codebook", "book.yaml").exit_code == 1
    again = qualcode("tag", "corpus.parquet", "--codebook", "book.yaml", "--out", "codings.parquet")
    assert (again.exit_code, "add --force" in again.stderr) == (1, True)


def test_an_interviewer_who_never_speaks_is_a_finding(place: Path) -> None:
    done = qualcode("tag", *FILES, "--interviewer", "Kim")
    assert done.exit_code == 3
    assert "No speaker is named “Kim”" in done.stderr
