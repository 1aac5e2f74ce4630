"""Reading: damaged files, and the time that long ones take.

Run ``python benchmarks/reading.py`` from the project's folder; ``--mutations N`` sets how many files are damaged,
``--first SEED`` from which seed on, so that many can be run in pieces.
Nothing outside the project is needed: the samples are built here.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from mutations import SAMPLES, mutate, read_any

WORDS = """
    the of and to in partner mentor student schedule company alumni network meeting time busy email phone visit
    really honestly because when they we could not find anybody who would stay for longer than one year
""".strip()


def say(line: str) -> None:
    print(line, flush=True)


def best(call: Callable[[], object], repeats: int = 3) -> float:
    """Return the fewest seconds of CPU that a call takes; those of the clock say what else runs on the machine."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


# ---- damaged files


def measure_mutations(number: int, first: int = 0) -> None:
    """Damage samples ``number`` times, seeded from ``first`` on: each is read or refused, within 10 s and 500 MB."""
    from qualcode.errors import SourceError

    outcomes: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + number):
            name, data = mutate(seed)
            path = Path(folder, name)
            path.write_bytes(data)
            start = time.perf_counter()
            try:
                read_any(path)
            except SourceError:
                outcome = "refused"
            else:
                outcome = "read"
            slowest = max(slowest, time.perf_counter() - start)
            outcomes[f"{path.suffix} {outcome}"] += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"mutations: {number} of {len(SAMPLES)} samples; slowest {slowest:.2f} s, peak {peak:.0f} MB")
    for outcome, count in sorted(outcomes.items()):
        say(f"  {outcome:<14} {count:>6}")


# ---- long files


def long_docx() -> bytes:
    """Return a Word file of 200,000 words with the runs and properties that Word writes."""
    rng = random.Random(1)
    font = '<w:rFonts w:ascii="Roboto" w:eastAsia="Roboto" w:hAnsi="Roboto" w:cs="Roboto"/><w:sz w:val="20"/>'
    paragraphs = []
    for number in range(3334):
        name = ("Interviewer: ", "Ana: ")[number % 2]
        runs = [f'<w:r w:rsidR="00AD6E28"><w:rPr><w:b/>{font}</w:rPr><w:t>{name}</w:t></w:r>']
        for _ in range(12):
            words = " ".join(rng.choice(WORDS.split()) for _ in range(5))
            runs.append(
                f'<w:r w:rsidR="{rng.randrange(16**8):08X}"><w:rPr>{font}</w:rPr>'
                f'<w:t xml:space="preserve">{words}. </w:t></w:r><w:proofErr w:type="gramStart"/>'
            )
        paragraphs.append(f'<w:p w:rsidR="00AD6E28"><w:pPr><w:spacing w:after="200"/></w:pPr>{"".join(runs)}</w:p>')
    from docx_files import docx

    return docx("".join(paragraphs))


def walk(data: bytes) -> int:
    """Return the characters of a Word file, found with zipfile and lxml alone."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    return sum(len(element.text or "") for element in root.iter())


def write_survey(path: Path, n_rows: int) -> None:
    """Write a table of so many answers of twenty words."""
    rng = random.Random(2)
    words = WORDS.split()
    rows = ["id,age,role,answer"]
    rows += [f"P{n},{rng.randint(18, 80)},staff,{' '.join(rng.choices(words, k=20))}." for n in range(n_rows)]
    path.write_text("\n".join(rows), encoding="utf-8")


def measure_docx(folder: Path) -> None:
    """Compare with zipfile and lxml walking the XML, and with python-docx giving the text of its paragraphs."""
    from docx import Document

    from qualcode.sources import read_transcript
    from qualcode.sources.docx import read_docx

    data = long_docx()
    path = folder / "long.docx"
    path.write_bytes(data)

    baseline = best(lambda: walk(data))
    say(f"docx, 200,000 words: zipfile and lxml walk {baseline:.2f} s")
    for name, call in (
        ("python-docx, text of paragraphs", lambda: [p.text for p in Document(str(path)).paragraphs]),
        ("read_docx, words in blocks", lambda: read_docx(data, "long.docx")),
        ("read_transcript, cut into sentences", lambda: read_transcript(path).columns("sentence")),
    ):
        seconds = best(call, 2)
        say(f"  {name:<38} {seconds:.2f} s, {seconds / baseline:.1f} ×")


def measure_survey(folder: Path) -> None:
    """Compare with pandas reading the same table."""
    import pandas as pd

    path = folder / "survey.csv"
    write_survey(path, 100_000)
    frame = pd.read_csv(path)
    workbook = path.with_suffix(".xlsx")
    frame.to_excel(workbook, index=False)
    for table, read, repeats in ((path, pd.read_csv, 3), (workbook, pd.read_excel, 1)):
        baseline = best(lambda read=read, table=table: read(table), repeats)
        say(f"survey, 100,000 rows, {table.suffix}: pandas {baseline:.2f} s")
        seconds = best(lambda table=table: _cut(table), repeats)
        say(f"  {'read_survey, cut into sentences':<38} {seconds:.2f} s, {seconds / baseline:.1f} ×")


def _cut(table: Path) -> None:
    from qualcode.sources import read_survey

    read_survey(table, text_column="answer", id_column="id")[0].columns("sentence")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first damaged file")
    parser.add_argument("--only-mutations", action="store_true")
    options = parser.parse_args()
    measure_mutations(options.mutations, options.first)
    if options.only_mutations:
        return
    with tempfile.TemporaryDirectory() as folder:
        measure_docx(Path(folder))
        measure_survey(Path(folder))


if __name__ == "__main__":
    main()
