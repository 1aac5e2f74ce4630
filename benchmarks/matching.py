"""The matcher against spaCy, pandas, flashtext and ahocorasick-rs: the same texts and codebooks, one run side by side.

Run ``python benchmarks/matching.py [--words N] [--data FOLDER]`` with the ``bench`` extras installed. It takes CPU
time of the work alone (imports are done before), medians of several runs, and prints ratios. Without the shared corpora
it takes the sample study. The last table is about whole processes, imports included.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from itertools import pairwise
from pathlib import Path

os.environ["QUALCODE_CACHE"] = "off"


import pandas as pd
import spacy
import spacy_lookups_data
from spacy.language import Language
from spacy.matcher import PhraseMatcher

import qualcode.language
from qualcode.codebook import Code, Codebook, Rule
from qualcode.matching import compile_codebook, encode, vocabulary

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
SIZES = ((15, 8), (60, 15), (300, 30))
WANTED = {
    (15, 8): {"cold": 4, "warm": 28, "encoded": 70},
    (60, 15): {"cold": 4, "warm": 22, "encoded": 45},
    (300, 30): {"cold": 3.5, "warm": 7, "encoded": 8},
}


def load_lines(folder: Path) -> list[str]:
    """Return the paragraphs and turns of the real transcripts."""
    files = sorted(folder.glob("neutral/pdpilot/docs/*.txt")) + sorted(folder.glob("neutral/talkmoves/docs/*.txt"))
    files += sorted(folder.glob("sheffield/*.txt")) or []
    if not files:
        files = sorted((ROOT / "transcripts_sample").glob("P3.txt"))
    lines = (line.strip() for file in files for line in file.read_text("utf-8", "replace").split("\n"))
    return [line for line in lines if line and not qualcode.language.has_cjk(line)]


def repeat(lines: list[str], n_words: int) -> list[str]:
    """Return lines, repeated and shuffled, up to a number of words."""
    total = sum(len(line.split()) for line in lines)
    pool = lines * (n_words // total + 1)
    random.Random(1).shuffle(pool)
    texts, count = [], 0
    for line in pool:
        if count >= n_words:
            break
        texts.append(line)
        count += len(line.split())
    return texts


def make_codebook(lines: list[str], n_codes: int, n_terms: int) -> Codebook:
    """Return a codebook of words and phrases that occur, as researchers write them: most are single words."""
    counts: Counter[str] = Counter()
    for line in lines:
        words = re.findall(r"[a-z]+(?:'[a-z]+)?", line.lower())
        for size in (1, 2, 3):
            counts.update(" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
    singles = sorted(word for word, n in counts.items() if " " not in word and 3 <= n <= 60 and len(word) > 3)
    phrases = sorted(phrase for phrase, n in counts.items() if " " in phrase and 2 <= n <= 15)
    chance = random.Random(n_codes)
    codes = []
    for number in range(n_codes):
        terms = {chance.choice(singles if chance.random() < 0.6 else phrases) for _ in range(n_terms)}
        rules = tuple(Rule(term, "term", term) for term in sorted(terms))
        codes.append(Code(f"c{number}", f"C{number}", rules=rules))
    return Codebook("bench", codes=tuple(codes))


def cpu(work, runs: int = 3, before=None) -> tuple[float, object]:
    """Return the median CPU seconds of some work and its last result."""
    times = []
    for _ in range(runs):
        if before is not None:
            before()
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return statistics.median(times), result


def forget() -> None:
    """Empty the lexicon and the vocabulary, as at the very first run."""
    for kept in (qualcode.language.lexicon_for, vocabulary.vocabulary_for):
        kept.cache_clear()


@Language.component("lookup_lemmas")
def lookup_lemmas(doc):
    for token in doc:
        form = token.lower_.replace("’", "'")
        token.lemma_ = TABLE.get(form, form)
    return doc


TABLE = json.loads(gzip.decompress(Path(f"{spacy_lookups_data.en['lemma_lookup']}.gz").read_bytes()))


def with_spacy(codebook: Codebook, texts: list[str]):
    """Return a function that gives what spaCy's own matcher finds: text, start, end, code and rule."""
    nlp = spacy.blank("en")
    nlp.add_pipe("lookup_lemmas")
    matcher = PhraseMatcher(nlp.vocab, attr="LEMMA")
    terms: dict[str, list[tuple[str, str]]] = {}
    for code in codebook.walk():
        for rule in code.rules:
            terms.setdefault(rule.pattern, []).append((code.id, rule.id))
    for term in terms:
        doc = nlp(term)
        lemmas = [token.lemma_ for token in doc]
        variants = [[lemmas[0]]]
        for left, lemma in pairwise(lemmas):
            hyphens = [[]] if "-" in (left, lemma) else [[], ["-"]]
            variants = [[*variant, *hyphen, lemma] for variant in variants for hyphen in hyphens]
        docs = [spacy.tokens.Doc(nlp.vocab, words=variant, lemmas=variant) for variant in variants]
        matcher.add(term, docs)

    def work() -> set[tuple[int, int, int, str, str]]:
        found = set()
        for number, doc in enumerate(nlp.pipe(texts)):
            for key, first, last in matcher(doc):
                start, end = doc[first].idx, doc[last - 1].idx + len(doc[last - 1])
                found.update((number, start, end, *of) for of in terms[nlp.vocab.strings[key]])
        return found

    return work


def compare(size: tuple[int, int], lines: list[str], texts: list[str]) -> dict[str, float]:
    """Print one codebook's times and ratios against spaCy; return the times."""
    codebook = make_codebook(lines, *size)
    forget()
    cold, _ = cpu(lambda: compile_codebook(codebook).find(texts, engine="columns"), 3, forget)
    matcher = compile_codebook(codebook)
    matcher.find(texts, engine="columns")
    warm, hits = cpu(lambda: matcher.find(texts, engine="columns"), 5)
    kept = encode(texts)
    encoded, _ = cpu(lambda: matcher.find(kept), 5)
    peer, expected = cpu(with_spacy(codebook, texts))
    got = {(text, start, end, hits.rules[rule].code_id, hits.rules[rule].rule) for text, start, end, rule in hits}
    print(
        f"\n{size[0]}×{size[1]} terms, {len(hits):,} hits; missing {len(expected - got)}, extra {len(got - expected)}"
    )
    print(f"  spaCy {peer:8.2f} s")
    for name, seconds in {"cold": cold, "warm": warm, "encoded": encoded}.items():
        ratio = peer / seconds
        verdict = "ok" if ratio >= WANTED[size][name] else "SHORT"
        print(f"  {name:8s}{seconds:6.3f} s   {ratio:6.1f}× faster than spaCy (wanted {WANTED[size][name]}×) {verdict}")
    return {"cold": cold, "warm": warm, "encoded": encoded}


def compare_others(lines: list[str], texts: list[str], ours: dict[str, float]) -> None:
    """Print the ratios against pandas, flashtext and ahocorasick-rs with the smallest codebook."""
    codebook = make_codebook(lines, *SIZES[0])
    terms = sorted({rule.pattern for code in codebook.walk() for rule in code.rules})
    series = pd.Series(texts)
    patterns = [
        r"\b(?:" + "|".join(re.escape(rule.pattern) for rule in code.rules) + r")\b" for code in codebook.walk()
    ]
    seconds, _ = cpu(lambda: [series.str.contains(pattern, case=False) for pattern in patterns], 1)
    print(
        f"\npandas str.contains {seconds:.2f} s: cold {seconds / ours['cold']:.1f}× (wanted 4), "
        f"warm {seconds / ours['warm']:.1f}× (wanted 25)"
    )
    try:
        from flashtext import KeywordProcessor
    except ImportError:
        print("flashtext is not installed")
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            processor = KeywordProcessor()
            processor.add_keywords_from_list(terms)
        seconds, _ = cpu(lambda: [processor.extract_keywords(text, span_info=True) for text in texts])
        print(f"flashtext {seconds:.2f} s: warm {seconds / ours['warm']:.1f}× (wanted 3.5)")
    try:
        from ahocorasick_rs import AhoCorasick
    except ImportError:
        print("ahocorasick-rs is not installed")
        return
    automaton = AhoCorasick(terms)
    seconds, _ = cpu(lambda: [automaton.find_matches_as_indexes(text.lower(), overlapping=True) for text in texts], 5)
    print(
        f"ahocorasick-rs {seconds:.3f} s: warm takes {ours['warm'] / seconds:.2f} of it (wanted ≤ 1.4), "
        f"encoded {ours['encoded'] / seconds:.2f} (wanted ≤ 0.6)"
    )


def compare_chinese(n_characters: int) -> None:
    """Print the ratio on Chinese with English in it, against spaCy's ``zh``."""
    text = (ROOT / "transcripts_sample" / "P4.txt").read_text("utf-8")
    lines = [line for line in text.split("\n") if line.strip()]
    chance = random.Random(3)
    pool = lines * (n_characters // len(text) + 1)
    chance.shuffle(pool)
    characters = [line[at : at + 2] for line in lines for at in range(0, len(line) - 2, 7)]
    pairs = {pair for pair in characters if len(pair) == 2 and all("一" <= mark <= "鿿" for mark in pair)}
    terms = sorted(pairs)[:120]
    codebook = Codebook("zh", codes=(Code("c", "C", rules=tuple(Rule(term, "term", term) for term in terms)),))
    matcher = compile_codebook(codebook, language="zh")
    matcher.find(pool, engine="columns")
    warm, hits = cpu(lambda: matcher.find(pool, engine="columns"))
    nlp = spacy.blank("zh")
    phrases = PhraseMatcher(nlp.vocab)
    for term in terms:
        phrases.add(term, [nlp(term)])

    def peer() -> set[tuple[int, int, int]]:
        found = set()
        for number, doc in enumerate(nlp.pipe(pool)):
            for _, first, last in phrases(doc):
                found.add((number, doc[first].idx, doc[last - 1].idx + 1))
        return found

    seconds, expected = cpu(peer)
    got = {(text, start, end) for text, start, end, _ in hits}
    print(
        f"\nChinese and mixed, {sum(map(len, pool)):,} characters, {len(hits):,} hits; missing {len(expected - got)}, "
        f"extra {len(got - expected)}\n  spaCy zh {seconds:.2f} s, warm {warm:.2f} s: {seconds / warm:.1f}× (wanted 5)"
    )


def compare_growth(lines: list[str], texts: list[str]) -> None:
    """Print time per word at ten times the size, and what one changed code costs."""
    codebook = make_codebook(lines, *SIZES[0])
    matcher = compile_codebook(codebook)
    n_words = sum(len(text.split()) for text in texts)
    matcher.find(texts, engine="columns")
    small, _ = cpu(lambda: matcher.find(texts, engine="columns"))
    many = texts * 10
    large, _ = cpu(lambda: matcher.find(many, engine="columns"), 1)
    kept = encode(many)
    one = Codebook("one", codes=codebook.codes[:1])
    changed, _ = cpu(lambda: compile_codebook(one).find(kept), 3)
    whole = ["\n".join(texts[at : at + 300]) for at in range(0, len(texts), 300)]
    matcher.find(whole, engine="columns")
    long, _ = cpu(lambda: matcher.find(whole, engine="columns"))
    print(f"\n{len(whole)} whole transcripts, each one text: {long / small:.2f} of the time by turns (wanted ≤ 1)")
    print(
        f"per million words: {small / n_words * 1e6:.3f} s at {n_words:,} words, "
        f"{large / n_words * 1e5:.3f} s at {n_words * 10:,}"
    )
    print(
        f"one code changed in {n_words * 10:,} encoded words: {changed:.3f} s, 1/{large / changed:.0f} of the time "
        "from text (wanted 1/20)"
    )


TYPICAL = """
import sys
from qualcode.codebook import read_codebook
from qualcode.matching import compile_codebook
texts = open(sys.argv[2], encoding="utf-8").read().split("\\n")
hits = compile_codebook(read_codebook(sys.argv[1])).find(texts)
assert "spacy" not in sys.modules or sys.argv[3] == "first"
"""

MEMORY = """
import sys
from qualcode.codebook import read_codebook
from qualcode.matching import compile_codebook, encode

def most():  # of this program alone; getrusage counts that of the one before it in the process
    lines = open("/proc/self/status").read().split("\\n")
    return round(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024)

texts = open(sys.argv[2], encoding="utf-8").read().split("\\n")
sizes = [most()]
matcher = compile_codebook(read_codebook(sys.argv[1]))
frame = matcher.find(texts).to_frame()
sizes.append(most())
assert len(matcher.find(encode(texts))) == len(frame)
print(*sizes, most())
"""

USUAL = """
import sys, gzip, json, click, docx, pandas, spacy, spacy_lookups_data
from spacy.matcher import PhraseMatcher
from ruamel.yaml import YAML
table = json.loads(gzip.open(str(spacy_lookups_data.en["lemma_lookup"]) + ".gz").read())
nlp = spacy.blank("en")
texts = open(sys.argv[2], encoding="utf-8").read().split("\\n")
def lemmas(doc):
    for token in doc:
        token.lemma_ = table.get(token.lower_, token.lower_)
    return doc
matcher = PhraseMatcher(nlp.vocab, attr="LEMMA")
for code in YAML(typ="safe").load(open(sys.argv[1]))["codes"]:
    matcher.add(code["id"], [lemmas(nlp(term)) for term in code["rules"]])
rows = []
for number, doc in enumerate(nlp.pipe(texts)):
    rows.extend((number, code, first, last) for code, first, last in matcher(lemmas(doc)))
pandas.DataFrame(rows)
"""


def write_codebook(codebook: Codebook, path: Path) -> None:
    codes = [{"id": code.id, "rules": [rule.pattern for rule in code.rules]} for code in codebook.walk()]
    path.write_text(json.dumps({"codes": codes}), "utf-8")


def measure_memory(lines: list[str], texts: list[str]) -> None:
    """Print the most memory that a process takes for ten times the texts, which it reads from a file."""
    if not sys.platform.startswith("linux"):
        return
    with tempfile.TemporaryDirectory() as folder:
        book, talk = Path(folder, "book.yaml"), Path(folder, "talk.txt")
        write_codebook(make_codebook(lines, *SIZES[0]), book)
        talk.write_text("\n".join(texts * 10), "utf-8")
        n_words = sum(len(text.split()) for text in texts) * 10
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(book), str(talk)], check=True, capture_output=True, text=True
        )
        before, found, encoded = map(int, done.stdout.split())
    print(
        f"memory with {n_words:,} words: {before:,} MB when they are read, at most {found:,} MB with the frame of "
        f"hits, {encoded:,} MB with all encoded (wanted < 1,200)"
    )


def compare_processes(lines: list[str]) -> None:
    """Print the CPU time of the typical job, four interviews of 8,000 words and 15 codes, in fresh processes."""
    codebook = make_codebook(lines, *SIZES[0])
    with tempfile.TemporaryDirectory() as folder:
        book, talk = Path(folder, "book.yaml"), Path(folder, "talk.txt")
        write_codebook(codebook, book)
        sentences = [
            line[span.start : span.end]
            for line in repeat(lines, 32_000)
            for span in qualcode.language.split_sentences(line)
        ]
        talk.write_text("\n".join(sentences), "utf-8")
        place = {**os.environ, "QUALCODE_CACHE": str(Path(folder, "cache"))}
        if place.pop("PYTHONDONTWRITEBYTECODE", ""):  # an installed package is compiled
            place["PYTHONPYCACHEPREFIX"] = str(Path(folder, "compiled"))

        def run(script: str, which: str) -> float:
            before = os.times()
            subprocess.run([sys.executable, "-c", script, str(book), str(talk), which], env=place, check=True)
            after = os.times()
            return after.children_user + after.children_system - before.children_user - before.children_system

        run(USUAL, "")
        run(TYPICAL, "first")
        ours = statistics.median(run(TYPICAL, "again") for _ in range(5))
        usual = statistics.median(run(USUAL, "") for _ in range(3))
    print(
        f"\ntypical job in a fresh process: {ours:.3f} s, the usual script {usual:.3f} s: "
        f"{ours / usual:.2f} (wanted ≤ 0.15)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, default=SHARED)
    options = parser.parse_args()
    lines = load_lines(options.data)
    texts = repeat(lines, options.words)
    print(f"{len(texts):,} texts, {sum(len(text.split()) for text in texts):,} words, {os.cpu_count()} processors")
    times = {size: compare(size, lines, texts) for size in SIZES}
    compare_others(lines, texts, times[SIZES[0]])
    compare_chinese(1_000_000)
    compare_growth(lines, texts)
    measure_memory(lines, texts)
    compare_processes(lines)


if __name__ == "__main__":
    main()
