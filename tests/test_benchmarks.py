"""The benchmark of the whole job runs, and what it measures gives the same on both sides; times are for people."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
WHOLE = BENCHMARKS / "whole.py"


def test_the_whole_job_runs_small_with_the_same_sentences_and_the_same_table() -> None:
    pytest.importorskip("resource", reason="Windows does not say what a process used")
    command = [sys.executable, str(WHOLE), "--small", "--only", "reading", "themes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-1000:] + done.stdout[-1000:]
    counted = re.findall(r"(\d+) and (\d+) sentences", done.stdout)
    assert len(counted) == len(("nothing known", "words known", "files known"))
    assert all(ours == theirs != "0" for ours, theirs in counted)
    assert "qualcode themes warm" in done.stdout


def test_a_command_is_as_large_as_it_is_whoever_starts_it(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="Windows does not say what a process used")
    figures, command = tmp_path / "figures.txt", [sys.executable, "-S", "-c", "print('done'); raise SystemExit(3)"]
    apart = [sys.executable, "-S", str(BENCHMARKS / "apart.py"), str(figures), *command]
    script = (
        f"import subprocess; held = bytearray(b'x' * 400_000_000); raise SystemExit(subprocess.run({apart}).returncode)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (3, "done\n")
    assert float(figures.read_text("utf-8").split()[1]) < 200
