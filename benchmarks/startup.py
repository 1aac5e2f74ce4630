"""How long ``qualcode --help`` takes beside ``python -c pass``: target at most 8 times.

Run: python benchmarks/startup.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 15
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import qualcode": [sys.executable, "-c", "import qualcode"],
    "qualcode --help": [sys.executable, "-m", "qualcode", "--help"],
}


def measure(command: list[str]) -> float:
    """Return the seconds that one process takes."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Run the commands in turn, and print medians and ratios."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, command in COMMANDS.items():
            times[name].append(measure(command))
    base = statistics.median(times["python -c pass"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:20} {median * 1000:7.1f} ms   {median / base:5.1f} ×")


if __name__ == "__main__":
    main()
