"""The whole job, from the files to the table, beside the spaCy script that everybody writes: ratios of one run.

    python benchmarks/whole.py [--interviews 200] [--words 8000] [--only themes run …]
    python benchmarks/whole.py --reference FOLDER CODEBOOK.yaml     the spaCy script alone
    python benchmarks/whole.py --small                              a small study: everything runs, nothing is judged

The study is made of the real transcripts of the shared development data, or of the sample study, dealt anew:
interviews as text files, 60 codes of 15 terms. Each side is a process of its own; its CPU time is that of it and all
its children, its memory the peak of the largest. What is above its target is marked.
"""

from __future__ import annotations

import argparse
import compileall
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SAMPLE = [str(ROOT / "transcripts_sample"), "--codebook", str(ROOT / "codebooks" / "industry_partnership.yaml")]
QUALCODE = [sys.executable, "-m", "qualcode"]


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a process with its children, and the peak of its memory in megabytes."""

    cpu: float
    memory: float


def keep_compiled() -> None:
    """Have the program's modules compiled, as those of an installed program and of every library are."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(ROOT / "qualcode", quiet=2)


def run(command: list[str], cache: Path | None, *, folder: Path) -> Cost:
    """Run a command as a process of its own and return what it cost; its cache is the user's where none is given."""
    env = os.environ | ({"QUALCODE_CACHE": str(cache)} if cache else {})
    apart = [sys.executable, "-S", str(HERE / "apart.py"), str(folder / "cost.txt")]
    with (folder / "out.txt").open("wb") as out:
        done = subprocess.run([*apart, *command], stdout=out, stderr=subprocess.STDOUT, check=False, env=env, cwd=ROOT)
    if done.returncode not in (0, 3):
        said = (folder / "out.txt").read_text("utf-8")[-2000:]
        sys.exit(f"failed with {done.returncode}: {' '.join(command)}\n{said}")
    return Cost(*map(float, (folder / "cost.txt").read_text("utf-8").split()))


# ---- the script that everybody writes


def reference(folder: str, codebook: str) -> None:
    """Print a table of themes, made with spaCy's blank English, sentences, lookup lemmas and PhraseMatcher."""
    import pandas as pd
    import spacy
    import spacy_lookups_data
    from ruamel.yaml import YAML
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher

    lemmas = json.loads(gzip.decompress(Path(f"{spacy_lookups_data.en['lemma_lookup']}.gz").read_bytes()))

    @Language.component("lookup_lemmas")
    def lookup_lemmas(doc):
        for token in doc:
            token.lemma_ = lemmas.get(token.lower_, token.lower_)
        return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("lookup_lemmas")
    matcher = PhraseMatcher(nlp.vocab, attr="LEMMA")
    codes = YAML(typ="safe").load(Path(codebook).read_text("utf-8"))["codes"]
    for code in codes:
        matcher.add(code["id"], [nlp(term) for term in code["rules"]])
    rows = []
    for path in sorted(Path(folder).glob("*.txt")):
        turns = [line.partition(": ") for line in path.read_text("utf-8").split("\n") if ": " in line]
        answers = [words for speaker, _, words in turns if speaker != "Interviewer"]
        for number, doc in enumerate(nlp.pipe(answers)):
            for sentence in doc.sents:
                rows += [(path.stem, number, nlp.vocab.strings[key]) for key, _, _ in matcher(sentence)]
    frame = pd.DataFrame(rows, columns=["case", "turn", "code"]).drop_duplicates()
    table = frame.groupby("code").agg(turns=("turn", "size"), cases=("case", "nunique"))
    print(table.reindex([code["id"] for code in codes], fill_value=0).to_string())


READING = """
import resource, sys, time
from pathlib import Path
files = sorted(Path(sys.argv[1]).glob("*.txt"))
if sys.argv[2] == "qualcode":
    from qualcode.sources import read_transcripts
    read_transcripts(files[:1], language="en")[0][0].columns("sentence")
    start = time.process_time()
    transcripts, _ = read_transcripts(files, language="en")
    n = sum(len(one.columns("sentence")) for one in transcripts)
else:
    import spacy
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp("A first one.")
    start = time.process_time()
    n = 0
    for path in files:
        lines = path.read_text("utf-8").split("\\n")
        for doc in nlp.pipe(line.partition(": ")[2] for line in lines if ": " in line):
            n += sum(1 for _ in doc.sents)
print(time.process_time() - start, n)
"""
CORPUS = """
import sys, time
from pathlib import Path
import pyarrow.parquet as pq
from qualcode.codebook import read_codebook
from qualcode.corpus import tag_corpus
from qualcode.matching import compile_codebook
corpus, codebook, out, what = sys.argv[1:]
if __name__ == "__main__":
    if what == "find":
        matcher = compile_codebook(read_codebook(codebook))
        texts = pq.read_table(corpus)["text"].to_pylist()
        matcher.find(texts)
        start = time.process_time()
        matcher.find(texts)
    else:
        start = time.process_time()
        tag_corpus([corpus], codebook, out, jobs=int(what), force=True)
    print(time.process_time() - start)
"""

PANDAS = """
import sys, time
import pandas as pd
start = time.process_time()
pd.read_csv(sys.argv[1], dtype=str)
print(time.process_time() - start)
"""


# ---- what is measured


def make_study(folder: Path, n_interviews: int, n_words: int) -> None:
    """Write interviews of so many words each, answers and questions in turn, and a codebook of 60 codes of 15 terms."""
    from matching import SHARED, load_lines, make_codebook, repeat

    lines = load_lines(SHARED)
    chance = random.Random(12)
    (folder / "transcripts").mkdir(parents=True)
    texts = iter(repeat(lines, n_interviews * (n_words + 1000)))  # the last turn of each reaches beyond
    for number in range(n_interviews):
        turns, count = [], 0
        while count < n_words:
            words = next(texts)
            count += len(words.split())
            turns.append(f"Interviewer: {chance.choice(('And then?', 'How was that for you?', 'Why?'))}")
            turns.append(f"Participant: {words}")
        (folder / "transcripts" / f"I{number:03}.txt").write_text("\n".join(turns) + "\n", "utf-8")
    codes = [
        {"id": code.id, "name": code.name, "rules": [rule.pattern for rule in code.rules]}
        for code in make_codebook(lines, 60, 15).codes
    ]
    (folder / "codebook.yaml").write_text(json.dumps({"codes": codes}), "utf-8")  # JSON is YAML


def say(what: str, ratio: float, limit: float, *, least: bool = False, detail: str = "") -> None:
    met = ratio >= limit if least else ratio <= limit
    print(f"{what:58} {ratio:6.2f}  {'≥' if least else '≤'} {limit:<5} {'' if met else 'MISSED'}  {detail}", flush=True)


def of_script(folder: Path, script: str, *arguments: object, cache: Path | None = None) -> tuple[list[float], Cost]:
    """Return the figures that a script prints in its last line, and what it cost."""
    path = folder / "script.py"
    path.write_text(script, "utf-8")
    cost = run([sys.executable, str(path), *map(str, arguments)], cache, folder=folder)
    last = (folder / "out.txt").read_text("utf-8").split("\n")[-2]
    return [float(one) for one in last.split()], cost


def measure_reading(study: Path, folder: Path) -> None:
    (theirs, n_theirs), _ = of_script(folder, READING, study / "transcripts", "spacy")
    cache = folder / "reading-cache"
    for state in ("nothing known", "words known", "files known"):
        for file in cache.glob("readings-*") if state == "words known" else ():
            file.unlink()
        (ours, n_ours), _ = of_script(folder, READING, study / "transcripts", "qualcode", cache=cache)
        if n_ours != n_theirs:
            sys.exit(f"{n_ours:.0f} sentences were found, and spaCy finds {n_theirs:.0f}")
        detail = f"{ours:.2f} s and {theirs:.2f} s; {n_ours:.0f} and {n_theirs:.0f} sentences"
        say(f"reading ÷ spaCy's blank pipeline, sentencizer; {state}", ours / theirs, 0.5, detail=detail)


def measure_commands(study: Path, folder: Path, only: set[str]) -> None:
    cache = folder / "cache"
    given = [str(study / "transcripts"), "--codebook", str(study / "codebook.yaml")]
    script = [
        sys.executable,
        str(HERE / "whole.py"),
        "--reference",
        str(study / "transcripts"),
        str(study / "codebook.yaml"),
    ]
    theirs = run(script, cache, folder=folder)
    print(f"the spaCy script: {theirs.cpu:.1f} s of CPU, {theirs.memory:.0f} MB")
    if "themes" in only:
        tables = set()
        for state, limit in (("with an empty cache", 0.8), ("warm", 0.4)):
            ours = run([*QUALCODE, "themes", *given], cache, folder=folder)
            tables.add((folder / "out.txt").read_bytes())
            if len(tables) > 1:
                sys.exit("with a warm cache, qualcode themes gives another table")
            detail = f"{ours.cpu:.1f} s, {ours.memory:.0f} MB"
            say(f"qualcode themes {state} ÷ the script", ours.cpu / theirs.cpu, limit, detail=detail)
    if "run" in only:
        out = folder / "results"
        ours = run([*QUALCODE, "run", *given, "--out", str(out)], cache, folder=folder)
        size = (out / "report.html").stat().st_size / 1e6
        say("qualcode run ÷ the script", ours.cpu / theirs.cpu, 2, detail=f"{ours.cpu:.1f} s")
        say("  peak of memory in MB", ours.memory, 600)
        say("  report.html in MB", size, 12)
        measure_page(out / "report.html")


def measure_page(page: Path) -> None:
    """Open a report as a reader does, with all of it unpacked by a search, and print the first paint and the heap."""
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        browser_path = None
    if browser_path is None:
        print("  no browser: the page was not opened")
        return
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path)
        visit = browser.new_page()
        session = visit.context.new_cdp_session(visit)
        session.send("Performance.enable")
        visit.goto(page.as_uri())
        paint = visit.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
        visit.locator("#by-words").fill("because")
        visit.locator("#tools output", has_text=" of ").wait_for(timeout=60_000)
        session.send("HeapProfiler.collectGarbage")
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        browser.close()
    say("  first paint of report.html in seconds", paint, 1.5)
    say("  heap of its script after a search, in MB", metrics["JSHeapUsedSize"] / 1e6, 150)


def measure_corpus(folder: Path, codebook: Path, n_words: int) -> None:
    from corpus import make_corpus

    corpus = folder / "corpus.parquet"
    n = make_corpus(corpus, n_words, 1)
    codings, cache = folder / "codings.parquet", folder / "corpus-cache"
    (find,), _ = of_script(folder, CORPUS, corpus, codebook, codings, "find")
    for state in ("empty cache", "words known"):
        (tag,), cost = of_script(folder, CORPUS, corpus, codebook, codings, 1, cache=cache)
        what = f"corpus of {n:,} words, words a second ÷ Matcher.find; {state}"
        detail = f"{n / tag:,.0f} and {n / find:,.0f} words a second"
        say(what, find / tag, 0.3, least=True, detail=detail)
        say("  peak of memory in MB", cost.memory, 600)
    counted = run([*QUALCODE, "themes", str(codings)], folder / "cache", folder=folder)
    say("  themes of its codings: peak of memory in MB", counted.memory, 1000, detail=f"{counted.cpu:.1f} s")


def measure_large(folder: Path, codebook: Path, n_words: int) -> None:
    """Tag a corpus and one of ten copies of it, dealt anew, with two processes, and count the larger one's themes."""
    from corpus import make_corpus

    corpus, codings, cache = folder / "corpus.parquet", folder / "codings.parquet", folder / "large-cache"
    tag = [*QUALCODE, "tag", str(corpus), "--codebook", str(codebook), "--out", str(codings), "--jobs", "2", "--force"]
    costs = []
    for size in (n_words, n_words, 10 * n_words):  # the first fills the lexicon
        n = make_corpus(corpus, size, 1)
        cost = run(tag, cache, folder=folder)
        costs.append(cost.cpu / n)
    detail = f"{cost.cpu:.0f} s of CPU for {n:,} words"
    say("corpus, two processes: cost of a word ÷ that of a tenth", costs[-1] / costs[-2], 1.2, detail=detail)
    say("  peak of memory in MB", cost.memory, 1000)
    counted = run([*QUALCODE, "themes", str(codings)], cache, folder=folder)
    say("  themes of its codings: peak of memory in MB", counted.memory, 1000, detail=f"{counted.cpu:.1f} s")


def measure_sample(folder: Path) -> None:
    cache = folder / "sample-cache"
    themes = [*QUALCODE, "themes", *SAMPLE]
    run(themes, cache, folder=folder)
    ours = min(run(themes, cache, folder=folder).cpu for _ in range(5))
    pandas = min(run([sys.executable, "-c", "import pandas"], cache, folder=folder).cpu for _ in range(5))
    say(
        "qualcode themes on the sample ÷ importing pandas",
        ours / pandas,
        1.5,
        detail=f"{ours:.2f} s and {pandas:.2f} s",
    )


def measure_files(folder: Path, n_rows: int) -> None:
    """Compare a Word file with the lxml walk, and a table with pandas; see ``reading.py``."""
    from reading import best, long_docx, walk, write_survey

    from qualcode.sources import read_transcript

    data = long_docx()
    path = folder / "long.docx"
    path.write_bytes(data)
    theirs, ours = best(lambda: walk(data)), best(lambda: read_transcript(path).columns("sentence"))
    say("DOCX of 200,000 words ÷ the lxml walk", ours / theirs, 2, detail=f"{ours:.2f} s and {theirs:.2f} s")
    table = folder / "survey.csv"
    write_survey(table, n_rows)
    preview = [*QUALCODE, "import", "--preview", str(table), "--text-column", "answer"]
    theirs = median(of_script(folder, PANDAS, table)[0][0] for _ in range(5))  # of a tenth of a second
    for state, n_runs in (("empty cache", 1), ("words known", 3)):
        ours = median(run(preview, folder / "survey-cache", folder=folder).cpu for _ in range(n_runs))
        detail = f"{ours:.2f} s and {theirs:.2f} s"
        say(f"survey of {n_rows:,} rows ÷ pandas.read_csv; {state}", ours / theirs, 10, detail=detail)


PARTS = ("reading", "themes", "run", "corpus", "sample", "files", "large")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", nargs=2, metavar=("FOLDER", "CODEBOOK"))
    parser.add_argument("--interviews", type=int, default=200)
    parser.add_argument("--words", type=int, default=8000, help="words of an interview")
    parser.add_argument("--corpus", type=int, default=10_000_000, help="words of the corpus")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS[:-1], help="all but large, by default")
    parser.add_argument("--small", action="store_true")
    chosen = parser.parse_args()
    if chosen.reference:
        reference(*chosen.reference)
        return
    if chosen.small:
        chosen.interviews, chosen.words, chosen.corpus = 4, 500, 20_000
    keep_compiled()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder, study = Path(name), Path(name, "study")
        make_study(study, chosen.interviews, chosen.words)
        if "reading" in chosen.only:
            measure_reading(study, folder)
        if {"themes", "run"} & set(chosen.only):
            measure_commands(study, folder, set(chosen.only))
        if "corpus" in chosen.only:
            measure_corpus(folder, study / "codebook.yaml", chosen.corpus)
        if "large" in chosen.only:
            measure_large(folder, study / "codebook.yaml", chosen.corpus)
        if "sample" in chosen.only:
            measure_sample(folder)
        if "files" in chosen.only:
            measure_files(folder, 1000 if chosen.small else 100_000)
    print(f"{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
