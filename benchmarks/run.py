"""The whole run on the sample study beside the imports that it cannot avoid, and its peak memory.

Targets: at most 3 times a process that only imports spaCy, pandas, matplotlib and python-docx; under 400 MB.

Run: python benchmarks/run.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
IMPORTS = [sys.executable, "-c", "import spacy, pandas, matplotlib, docx"]


def measure(command: list[str]) -> tuple[float, float]:
    """Return the wall seconds of a process and its peak memory in megabytes."""
    start = time.perf_counter()
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.005)
    if process.wait() not in (0, 3):
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, peak / 1e6


def main() -> None:
    """Run both in turn, and print medians and the ratio."""
    figures: dict[str, list[tuple[float, float]]] = {"imports only": [], "qualcode run": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(RUNS + 1):
            run = [sys.executable, "-m", "qualcode", "run", str(ROOT / "transcripts_sample"), "--codebook"]
            run += [str(ROOT / "codebooks" / "industry_partnership.yaml"), "--out", f"{folder}/{number}"]
            for name, command in (("imports only", IMPORTS), ("qualcode run", run)):
                result = measure(command)
                if number:  # the first round warms the file cache
                    figures[name].append(result)
    medians = {name: statistics.median(seconds for seconds, _ in values) for name, values in figures.items()}
    for name, values in figures.items():
        print(f"{name:14} {medians[name]:6.2f} s   peak {max(memory for _, memory in values):5.0f} MB")
    print(f"ratio          {medians['qualcode run'] / medians['imports only']:6.2f} ×")


if __name__ == "__main__":
    main()
