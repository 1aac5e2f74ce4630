"""What the most used commands load and cost on the sample study, beside ``python -c pass`` and importing pandas.

Run: python benchmarks/startup.py [--runs N]

Each command is a process of its own, with a filled lexicon; its cost is the least CPU time of several runs. Targets:
``qualcode --help`` at most 8 times ``python -c pass``; ``themes`` at most 1.5 times importing pandas; none of those
marked may load what is named beside them.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from whole import keep_compiled

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = [str(ROOT / "transcripts_sample"), "--codebook", str(ROOT / "codebooks" / "industry_partnership.yaml")]
HEAVY = ("numpy", "pandas", "pyarrow", "spacy", "matplotlib", "docx", "lxml", "pydantic", "re2", "rich", "starlette")
COMMANDS = {
    "--help": ["--help"],
    "themes": ["themes", *SAMPLE],
    "quotes": ["quotes", *SAMPLE],
    "kwic": ["kwic", "mentor*", SAMPLE[0]],
    "figure": ["figure", "themes", *SAMPLE, "--out", "themes.svg", "--force"],
    "run": ["run", *SAMPLE, "--out", "results", "--force"],
    "codebook check": ["codebook", "check", SAMPLE[2]],
    "import": ["import", "--study", "study", str(ROOT / "transcripts_sample" / "P3.txt")],
    "tag": ["tag", "--study", "study"],
    "status": ["status", "--study", "study"],
    "decide": [
        *("decide", "--study", "study", "--coder", "ana", "P1:t003"),
        *("channels/personal-networks", "accept"),
    ],
    "agreement": ["agreement", "--from-csv", "codes.csv"],
}
WITHOUT = dict.fromkeys(("--help", "themes", "quotes", "kwic", "status", "decide"), ("spacy", "matplotlib"))
TELL = """
import sys
from qualcode.cli import cli
try:
    cli(sys.argv[2:], prog_name="qualcode")
finally:
    with open(sys.argv[1], "w") as out:
        out.write(" ".join(name for name in {heavy!r} if name in sys.modules))
"""


def measure(command: list[str], folder: Path, cache: Path) -> float:
    """Return the CPU seconds that one process takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=os.environ | {"QUALCODE_CACHE": str(cache)},
    )
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)}: {done.stderr[-1000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Run the commands, and print what each costs and loads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    keep_compiled()
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name), Path(name, "cache")
        qualcode = [sys.executable, "-m", "qualcode"]
        for command in (["init", "study"], ["import", "--study", "study", SAMPLE[0]]):
            measure([*qualcode, *command], folder, cache)
        (folder / "study" / "codebook.yaml").write_bytes(Path(SAMPLE[2]).read_bytes())
        measure([*qualcode, "tag", "--study", "study"], folder, cache)
        (folder / "codes.csv").write_text("unit,coder,value\n1,ana,yes\n1,ben,no\n2,ana,no\n2,ben,no\n", "utf-8")
        bare = {"python -c pass": "pass", "import pandas": "import pandas", "import qualcode": "import qualcode"}
        base: dict[str, float] = {}
        for what, code in bare.items():
            base[what] = min(measure([sys.executable, "-c", code], folder, cache) for _ in range(runs))
            print(f"{what:16} {base[what] * 1000:6.0f} ms")
        print(f"{'':16} {'':9}  ÷ pandas")
        for what, command in COMMANDS.items():
            cost = min(measure([*qualcode, *command], folder, cache) for _ in range(runs))
            out = folder / "loaded"
            measure([sys.executable, "-c", TELL.format(heavy=HEAVY), str(out), *command], folder, cache)
            loaded = out.read_text().split()
            wrong = [one for one in WITHOUT.get(what, ()) if one in loaded]
            told = f"   MUST NOT LOAD {', '.join(wrong)}" if wrong else ""
            print(
                f"{what:16} {cost * 1000:6.0f} ms {cost / base['import pandas']:10.2f}   {', '.join(loaded)}{told}",
                flush=True,
            )


if __name__ == "__main__":
    main()
