"""Tagging a corpus: words a second and memory, of one process, two, and a Dask cluster of two workers.

Run ``python benchmarks/corpus.py [--words N ...] [--rows N] [--batch N]``. The corpus is made of the real transcripts
of the shared development data, or of the sample study, repeated and shuffled; a row is an answer or, with ``--rows``,
so many make a transcript. Each way is a process of its own, imports and start of workers included, with a filled
lexicon; CPU time is that of all its processes. Memory is the peak of the process and of the largest of those it
started. All files that come out must be the same, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WAYS = {
    "1 process": {"jobs": 1},
    "2 processes": {"jobs": 2},
    "Dask, 2 workers": {"jobs": 2, "engine": "dask"},
}
CHILD = """
import json, resource, sys
from qualcode.corpus import tag_corpus
if __name__ == "__main__":
    corpus, codebook, out, options = sys.argv[1:]
    tag_corpus([corpus], codebook, out, **json.loads(options))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps([sum(one.ru_utime + one.ru_stime for one in used), *(one.ru_maxrss / 1024 for one in used)]))
"""


def make_corpus(path: Path, n_words: int, n_rows: int) -> int:
    """Write a corpus of about so many words and return how many it has."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from matching import SHARED, load_lines, repeat

    texts = repeat(load_lines(SHARED), n_words)
    ids = [f"T{number // n_rows}" for number in range(len(texts))]
    roles = [("staff", "student", "manager")[number // n_rows % 3] for number in range(len(texts))]
    pq.write_table(pa.table({"id": ids, "text": texts, "role": roles}), path)
    return sum(len(text.split()) for text in texts)


def make_codebook(path: Path) -> None:
    """Write the 15×8 codebook of the matcher's benchmark."""
    from matching import SHARED, load_lines
    from matching import make_codebook as make

    codes = [
        {"id": code.id, "name": code.name, "rules": [rule.pattern for rule in code.rules]}
        for code in make(load_lines(SHARED), 15, 8).codes
    ]
    path.write_text(json.dumps({"codes": codes}), "utf-8")  # JSON is YAML


def measure(folder: Path, script: Path, options: dict[str, object]) -> tuple[list[float], str]:
    """Return seconds, CPU seconds, peak MB of the process and of its largest child; and a digest of the result."""
    out = folder / "codings.parquet"
    environment = os.environ | {"QUALCODE_CACHE": str(folder / "cache")}
    apart = [sys.executable, "-S", Path(__file__).with_name("apart.py"), os.devnull]  # what holds the corpus is large
    command = [sys.executable, script, folder / "corpus.parquet", folder / "codebook.yaml", out, json.dumps(options)]
    start = time.perf_counter()
    done = subprocess.run([*apart, *command], check=True, capture_output=True, text=True, env=environment)
    seconds = time.perf_counter() - start
    files = (out, folder / "codings.units.parquet")
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    for file in files:
        file.unlink()
    return [seconds, *json.loads(done.stdout)], digest


def main() -> None:
    """Measure all ways over corpora of several sizes, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--rows", type=int, default=1, help="rows of a transcript")
    parser.add_argument("--batch", type=int, default=1_000_000, help="characters of a batch")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "child.py"
        script.write_text(CHILD, "utf-8")
        make_codebook(folder / "codebook.yaml")
        heads = f"{'seconds':>8} {'CPU s':>7} {'words/s':>9} {'ratio':>6} {'MB':>6} {'MB child':>8}"
        print(f"{'words':>12}  {'way':16} {heads}")
        for n_words in chosen.words:
            n = make_corpus(folder / "corpus.parquet", n_words, chosen.rows)
            measure(folder, script, {"batch": chosen.batch})  # fills the lexicon
            digests = set()
            first = 0.0
            for way, options in WAYS.items():
                (seconds, cpu, own, child), digest = measure(folder, script, {"batch": chosen.batch, **options})
                first = first or seconds
                digests.add(digest)
                rates = f"{seconds:8.1f} {cpu:7.1f} {n / seconds:9,.0f} {first / seconds:6.2f} {own:6.0f} {child:8.0f}"
                print(f"{n:12,}  {way:16} {rates}", flush=True)
            print(f"{'':12}  the same files: {'yes' if len(digests) == 1 else 'NO'}", flush=True)


if __name__ == "__main__":
    main()
