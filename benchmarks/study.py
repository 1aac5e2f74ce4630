"""A large study: what `status`, `themes` and one decision cost, beside reading the same files with json and pandas.

python benchmarks/study.py [--transcripts 200] [--words 7500] [--codings 100000] [--decisions 50]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from studies import CODEBOOK  # noqa: E402  # lies with the tests

from qualcode.model import Coding, Segment, Sheet, Source, Span, Transcript  # noqa: E402
from qualcode.study import Study, create_study  # noqa: E402
from qualcode.themes import count_themes  # noqa: E402

WORDS = [
    "we",
    "could",
    "never",
    "find",
    "a",
    "date",
    "because",
    "the",
    "people",
    "at",
    "the",
    "studio",
    "leave",
    "and",
    "it",
    "was",
    "lovely",
    "to",
    "see",
    "them",
    "work",
]
CODES = ("scheduling", "turnover", "praise", "challenges")
CODERS = ("ana", "ben", "chi", "dov")


def make_transcript(name: str, n_words: int, rng: random.Random) -> Transcript:
    """Return a transcript of turns of about 25 words, two sentences each."""
    text, segments = [], []
    at, number, sentence = 0, 0, 0
    while n_words > 0:
        number += 1
        speaker = "Interviewer" if number % 2 else "Ana"
        label = f"{speaker}: "
        parts = [" ".join(rng.choices(WORDS, k=12)).capitalize() + "." for _ in range(2)]
        n_words -= 24
        start = at + len(label)
        end = start + len(parts[0]) + 1 + len(parts[1])
        segments.append(Segment(f"t{number:03d}", "turn", Span(start, end), speaker))
        segments.append(Segment(f"p{number:03d}", "paragraph", Span(start, end), speaker))
        for part in parts:
            sentence += 1
            segments.append(Segment(f"s{sentence:04d}", "sentence", Span(start, start + len(part)), speaker))
            start += len(part) + 1
        text.append(label + " ".join(parts) + "\n")
        at += len(text[-1])
    return Transcript(
        name,
        "".join(text),
        tuple(segments),
        source=Source(f"{name}.txt", "txt"),
        interviewers=frozenset({"Interviewer"}),
    )


def make_study(folder: Path, n_transcripts: int, n_words: int, n_codings: int, rng: random.Random) -> Study:
    """Return a study with as many codings, by the study's own means."""
    (folder.parent / "codebook.yaml").write_text(CODEBOOK, "utf-8")
    study = create_study(folder, codebook=folder.parent / "codebook.yaml", coders=CODERS)
    with study.change() as change:
        for number in range(n_transcripts):
            change.put_transcript(make_transcript(f"P{number:03d}", n_words, rng))
    per_sheet = n_codings // (n_transcripts * len(CODERS))
    for name in study.transcript_ids():
        transcript = study.transcript(name)
        turns = [turn for turn in transcript.units("turn") if not transcript.is_interviewer(turn)]
        for coder in CODERS:
            chosen = {(rng.choice(turns), rng.choice(CODES)) for _ in range(per_sheet * 2)}
            codings = [
                Coding(
                    name, turn.span, code, coder, "applied", transcript.quote(turn.span), at="2026-03-01T09:00:00+00:00"
                )
                for turn, code in sorted(chosen, key=lambda pair: (pair[0].span, pair[1]))[:per_sheet]
            ]
            seen = frozenset(turn.id for turn in turns)
            study.save(Sheet(name, coder, "turn", transcript.digest, study.codebook.digest, seen, tuple(codings)))
    study.close()
    return study


def read_plainly(folder: Path) -> int:
    """Read the same files with json and pandas, as a script would."""
    for path in sorted((folder / "transcripts").glob("*.json")):
        json.loads(path.read_text("utf-8"))
        path.with_suffix(".txt").read_text("utf-8")
    frames = []
    for path in sorted((folder / "sheets").glob("*/*.jsonl")):
        if not path.name.endswith(".log.jsonl"):
            lines = path.read_text("utf-8").splitlines()[2:]
            frames.append(pd.DataFrame([json.loads(line) for line in lines]))
    return len(pd.concat(frames))


def clock(act: object, times: int = 3) -> float:
    """Return the median CPU and I/O time of an act in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()  # type: ignore[operator]
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Build the study and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transcripts", type=int, default=200)
    parser.add_argument("--words", type=int, default=7500)
    parser.add_argument("--codings", type=int, default=100_000)
    parser.add_argument("--decisions", type=int, default=50)
    options = parser.parse_args()
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "study"
        start = time.perf_counter()
        make_study(folder, options.transcripts, options.words, options.codings, rng)
        print(f"built in {time.perf_counter() - start:.0f} s")
        plain = clock(lambda: read_plainly(folder))
        print(f"reading {read_plainly(folder)} codings with json and pandas: {plain:.2f} s")
        for name, act in (
            ("status", lambda: Study(folder).status()),
            ("themes", lambda: count_themes(Study(folder).tabulate())),
        ):
            taken = clock(act)
            print(f"{name}: {taken:.2f} s, {taken / plain:.2f} x")
        study = Study(folder)
        study.decide("ana", "P000:t002", "praise", "apply")  # reads the log
        taken = []
        for number in range(options.decisions):
            start = time.perf_counter()
            study.decide("ana", f"P000:t{2 * number + 2:03d}", "praise", "apply", note=str(number))
            taken.append(time.perf_counter() - start)
        print(
            f"one decision on disk: median {1000 * statistics.median(taken):.1f} ms, slowest {1000 * max(taken):.1f} ms"
        )
        study.close()


if __name__ == "__main__":
    main()
