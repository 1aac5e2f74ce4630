"""How surely, and how fast, the way is found in which a file counts positions.

    python benchmarks/exchange.py [--files 3000] [--seed 1] [--codings FOLDER]

Projects are made of texts that people coded, as they are, with a byte order mark and line ends of two characters, and
with emoji at three of a thousand blanks; of each some codings are drawn and written down in each of the 24 readings
that count from 0. Printed is, by the number of codings, how often the true reading comes first, how often the texts
decide, and how often they decide wrongly, which must be never. FOLDER holds corpora as ``*/codings.csv`` (doc,
start_char, end_char) beside ``*/docs/NAME.txt``; without it the project in ``tests/data/exchange`` and clauses of the
sample interviews, which all end before a full stop, are taken. At last, how long 1.3 MB of text with 300 codings take.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qualcode.exchange import READINGS, CountedText, Reading  # noqa: E402  # from this checkout
from qualcode.exchange.calibration import DECIDED, Selection, calibrate, rank  # noqa: E402  # what is measured

SIZES = (3, 10, 30, 100)
SHARES = (0.42, 0.29, 0.22, 0.07)
EMOJI = "😀👍🏽🎉🤷"
CLAUSE = re.compile(r"[^\s.,;:?!，。？！：][^.,;:?!\n，。？！：]*(?=[.,;:?!\n，。？！：])")
PLAIN = [one for one in READINGS if one.first == 0]


@dataclass(frozen=True)
class Corpus:
    """Texts, and the passages that people chose in them: text, start, end."""

    name: str
    texts: list[str]
    spans: list[tuple[int, int, int]]


def read_codings(folder: Path) -> list[Corpus]:
    corpora = []
    for file in sorted(folder.glob("*/codings.csv")):
        names = {one.stem: one.read_text("utf-8") for one in sorted((file.parent / "docs").glob("*.txt"))}
        order = {name: number for number, name in enumerate(names)}
        with file.open(encoding="utf-8", newline="") as rows:
            found = [
                (order[row["doc"]], int(row["start_char"]), int(row["end_char"]))
                for row in csv.DictReader(rows)
                if row["doc"] in order and row["start_char"] and int(row["start_char"]) < int(row["end_char"])
            ]
        corpora.append(Corpus(file.parent.name, list(names.values()), sorted(set(found))))
    return corpora


def read_samples() -> list[Corpus]:
    """Return the project of the tests, whose codings are of all kinds, and clauses of the sample interviews."""
    truth = json.loads((ROOT / "tests/data/exchange/shapes/truth.json").read_text("utf-8"))
    names = list(truth["texts"])
    spans = sorted({(names.index(one["document"]), one["start"], one["end"]) for one in truth["codings"]})
    corpora = [Corpus("project", list(truth["texts"].values()), spans)]
    for name in ("P3", "P4"):
        text = (ROOT / f"transcripts_sample/{name}.txt").read_text("utf-8")
        clauses = [(0, *one.span()) for one in CLAUSE.finditer(text) if len(one[0]) > 4]
        corpora.append(Corpus(name, [text], clauses))
    return corpora


def with_emoji(corpus: Corpus, rng: random.Random) -> Corpus:
    """Put an emoji behind three of a thousand blanks; passages move along."""
    texts, moved = [], {}
    for number, text in enumerate(corpus.texts):
        places = [one for one, mark in enumerate(text) if mark == " " and rng.random() < 0.003]
        pieces, last = [], 0
        for place in places:
            pieces += [text[last : place + 1], rng.choice(EMOJI), " "]
            last = place + 1
        texts.append("".join([*pieces, text[last:]]))
        lengths = [len(one) for one in pieces[1::3]]
        moved[number] = [(place + 1, length + 1) for place, length in zip(places, lengths, strict=True)]

    def move(number: int, place: int) -> int:
        return place + sum(length for at, length in moved[number] if at <= place)

    spans = [(number, move(number, start), move(number, end - 1) + 1) for number, start, end in corpus.spans]
    return Corpus(f"{corpus.name} with emoji", texts, spans)


def variants(corpus: Corpus, rng: random.Random) -> list[tuple[Corpus, list[CountedText]]]:
    """Return a corpus in the three forms."""
    emoji = with_emoji(corpus, rng)
    windows = ["\ufeff" + one.replace("\n", "\r\n") for one in corpus.texts]
    return [
        (corpus, [CountedText.of(one) for one in corpus.texts]),
        (corpus, [CountedText.of(one) for one in windows]),
        (emoji, [CountedText.of(one) for one in emoji.texts]),
    ]


def simulate(corpora: list[Corpus], n_files: int, seed: int) -> bool:
    rng = random.Random(seed)
    forms = [form for corpus in corpora for form in variants(corpus, rng)]
    counts = {size: [0, 0, 0, 0] for size in SIZES}
    for number in range(n_files):
        size = rng.choices(SIZES, SHARES)[0]
        corpus, texts = forms[number % len(forms)]
        true = PLAIN[number // len(forms) % len(PLAIN)]
        drawn = rng.sample(corpus.spans, min(size, len(corpus.spans)))
        selections = [Selection(one, *texts[one].encode(start, end, true)) for one, start, end in drawn]
        ranked = rank(texts, selections)
        is_right = true in ranked[0].readings
        is_decided = all(ranked[0].margin(one) >= DECIDED for one in ranked[1:])
        for place, fact in enumerate((True, is_right, is_decided, is_decided and not is_right)):
            counts[size][place] += fact
    print(f"{'codings':>8} {'files':>6} {'true first':>10} {'decided':>8} {'wrong':>6}    limit {DECIDED:g}")
    for size, (n, right, decided, wrong) in counts.items():
        if n:
            print(f"{size:>8} {n:>6} {right / n:>10.1%} {decided / n:>8.1%} {wrong:>6}")
    return not any(row[3] for row in counts.values())


def measure(corpus: Corpus) -> None:
    text = "\n".join(corpus.texts)
    text = (text * (1_300_000 // len(text) + 1)).encode()[:1_300_000].decode("utf-8", "ignore")
    rng = random.Random(3)
    counted = CountedText.of(text)
    starts = [one.end() for one in re.finditer(r"[ \n]", text)]
    spans = sorted((start, text.find(" ", start + 40)) for start in rng.sample(starts[:-100], 300))
    selections = [Selection(0, *counted.encode(*one, Reading("utf16"))) for one in spans]
    fresh = CountedText.of(text)
    before = time.perf_counter()
    found = calibrate([fresh], selections, Reading())
    print(f"{len(text.encode()):,} bytes, {len(selections)} codings: {time.perf_counter() - before:.2f} s, {found.how}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--codings", type=Path)
    given = parser.parse_args()
    corpora = read_codings(given.codings) if given.codings else read_samples()
    is_sound = simulate(corpora, given.files, given.seed)
    measure(with_emoji(read_samples()[0], random.Random(5)))
    sys.exit(0 if is_sound else 1)


if __name__ == "__main__":
    main()
