"""What the leak check finds of what is planted, its false alarms, and what a copy with pseudonyms loses.

Run: python benchmarks/leaks.py [--data ../shared/data] [--seed 1]

Names (English and Chinese) and patterns are planted in copies of real interviews, in places of some 80 kinds; then the
untouched files are looked through with the same key. A study of the interviews gets seeded codings, many of them on
names, and a copy with pseudonyms must have them all. Measured on 28 November 2026: see docs/pseudonyms.md.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import planting  # noqa: E402
import pypdf  # noqa: E402

import qualcode  # noqa: E402
from qualcode.leaks import LeakChecker, describe  # noqa: E402
from qualcode.model import Span  # noqa: E402
from qualcode.pseudonyms import Key, KeyEntry, NameFinder, Replacer  # noqa: E402
from qualcode.study import write_pseudonymised  # noqa: E402
from qualcode.themes import count_themes  # noqa: E402

PATTERN_KINDS = {"email", "url", "handle", "phone", "id", "birth date", "address", "position"}
CODEBOOK = (
    "codes:\n  - {id: data, name: Data, rules: [data, share]}\n  - {id: people, name: People, rules: [we, you]}\n"
)


def is_found(checker: LeakChecker, one: planting.Plant) -> bool:
    leaks = checker.check_paths([one.path]).leaks
    return any((leak.kind in PATTERN_KINDS) == (one.what == "pattern") for leak in leaks)


def plant_in_pdfs(folder: Path, data: Path, rng: random.Random) -> list[planting.Plant]:
    """Plant in copies of published PDFs: properties, a bookmark, an attached file, and a page of its own."""
    plants = []
    for number, kind in enumerate(("properties", "bookmark", "attached file", "page")):
        name = rng.choice(planting.ENGLISH if kind == "page" else planting.ENGLISH + planting.CHINESE)
        writer = pypdf.PdfWriter(clone_from=data / f"P{number + 1}.pdf")
        if kind == "properties":
            writer.add_metadata({"/Author": name})
        elif kind == "bookmark":
            writer.add_outline_item(title=f"Talk with {name}", page_number=0)
        elif kind == "attached file":
            writer.add_attachment(f"{name}.txt", b"Nothing.")
        else:
            writer.append(io.BytesIO(planting.pdf(f"I asked {name} about it.")))
        path = folder / f"pdf {kind}" / "a.pdf"
        path.parent.mkdir()
        writer.write(path)
        plants.append(planting.Plant(f"copy of a published PDF, {kind}", path.parent, "name", name))
    return plants


def measure_finding(data: Path, seed: int) -> None:
    checker = LeakChecker(planting.KEY)
    with tempfile.TemporaryDirectory() as place:
        plants: list[planting.Plant] = []
        for number, base in enumerate(sorted((data / "sheffield").glob("[A-Z]*.docx"))):
            folder = Path(place, base.stem)
            plants += planting.plant(folder, base.read_bytes(), seed=seed + number)
        folder = Path(place, "pdpilot")
        folder.mkdir()
        plants += plant_in_pdfs(folder, data / "pdpilot" / "results" / "transcripts", random.Random(seed))
        start = time.perf_counter()
        missed = [one for one in plants if not is_found(checker, one)]
        seconds = time.perf_counter() - start
    for what in ("name", "pattern"):
        all_of, gone = ([one for one in group if one.what == what] for group in (plants, missed))
        kinds = {re.sub(r" \(.*", "", one.kind) for one in all_of}
        share = 100 * (1 - len(gone) / len(all_of))
        print(f"{what}s: {len(all_of) - len(gone)} of {len(all_of)} found ({share:.1f} %), in {len(kinds)} kinds")
        for one in gone:
            print(f"  missed: {one.kind}: {one.words}")
    print(f"{len(plants)} files in {seconds:.1f} s")


def measure_alarms(data: Path) -> None:
    for name in ("sheffield", "pdpilot"):
        start = time.perf_counter()
        report = LeakChecker(planting.KEY).check_paths([data / name])
        print(f"{name}, untouched: {report.sentence} {time.perf_counter() - start:.1f} s")
        for (kind, rule), number in Counter((one.kind, one.rule) for one in report.leaks).most_common():
            print(f"  {number} × {kind} ({rule})")
        for one in report.leaks[:12]:
            print(f"    {describe(one, words='shown')}")


def measure_copy(data: Path, seed: int) -> None:
    rng = random.Random(seed)
    texts = sorted((data / "neutral" / "pdpilot" / "docs").glob("*.txt"))
    transcripts, _ = qualcode.read_transcripts([*sorted((data / "sheffield").glob("[A-Z]*.docx")), *texts])
    key = Key(
        tuple(
            KeyEntry(name, kind.lower(), f"[{kind} {number}]")
            for number, (kind, name) in enumerate(
                [("Person", one) for one in ("Ana", "Jessica", "Sam", "Dan", "Daniel", "Edwards", "Isabelle Stengers")]
                + [("Organisation", one) for one in ("University of Sheffield", "Amazon", "Mendeley", "PDPilot")],
                start=1,
            )
        )
    )
    finder = NameFinder(key.entries)
    with tempfile.TemporaryDirectory() as place:
        codebook = Path(place, "codebook.yaml")
        codebook.write_text(CODEBOOK, "utf-8")
        study = qualcode.create_study(Path(place, "study"), codebook=codebook)
        study.import_transcripts(transcripts, data)
        study.tag()
        for one in study.transcripts()[0]:
            spans = [Span(hit.start, hit.end) for hit in finder.find(one.text)]
            spans += [Span(at, at + rng.randrange(1, 200)) for at in rng.sample(range(len(one.text) - 200), 60)]
            spans += [
                Span(max(0, span.start - rng.randrange(9)), max(span.start + 1, span.end - rng.randrange(4)))
                for span in spans
            ]
            moves = Replacer(key).replace_mapped(one.text)[1]
            codings = {  # two that lie on parts of one name become one, and are reported; here each stands by itself
                (moves.move(span), code): qualcode.Coding(one.id, span, code, "bea", "applied", one.quote(span))
                for span in spans
                if one.quote(span).strip()
                for code in [rng.choice(["data", "people"])]
            }
            sheet = qualcode.Sheet(
                one.id,
                "bea",
                "turn",
                one.digest,
                study.codebook.digest,
                frozenset(),
                tuple(codings[place] for place in sorted(codings)),
            )
            study.save(sheet)
        start = time.perf_counter()
        report = write_pseudonymised(study, key, Path(place, "copy"))
        seconds = time.perf_counter() - start
        with qualcode.open_study(Path(place, "copy")) as copy:
            compare_copies(study, copy, Replacer(key))
            print(f"copy: {report.n_codings} codings of {report.n_transcripts} transcripts in {seconds:.1f} s; "
                  f"problems: {len(report.problems)}; check: {len(copy.check())} problems")  # fmt: skip
        leaks = LeakChecker(key).check_paths([Path(place, "copy")])
        print(f"copy, looked through: {leaks.sentence}")
        for leak in leaks.leaks[:12]:
            print(f"    {describe(leak, words='shown')}")


def compare_copies(study: qualcode.Study, copy: qualcode.Study, replacer: Replacer) -> None:
    """Print whether each coding stands on its words with replacements, and whether counts are the same."""
    n_codings = n_lost = n_alike = 0
    for coder, name in study.sheet_ids():
        before, after = study.sheet(coder, name), copy.sheet(coder, replacer.replace(name, "bare"))
        moves = replacer.swap_in(study.transcript(name))[0]
        text = copy.transcript(after.transcript)
        left = Counter((one.code, one.quote) for one in after.codings if one.quote == text.quote(one.span))
        for one in before.codings:
            n_codings += 1
            if not any(swap.start < one.span.end and one.span.start < swap.end for swap in moves):
                n_alike += 1
                n_lost += left[one.code, one.quote] < 1
                left[one.code, one.quote] -= 1
        n_lost += len(before.codings) != len(after.codings)
    print(f"{n_codings} codings, {n_codings - n_alike} of them on names; lost or on other words: {n_lost}")
    for coder in ("rules", "bea"):
        frames = [count_themes(one.tabulate(coders=[coder])).frame for one in (study, copy)]
        columns = [one for one in frames[0].columns if one not in {"words", "name", "theme"}]
        print(f"counts of themes by {coder} unchanged: {frames[0][columns].equals(frames[1][columns])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / ".." / "shared" / "data")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    measure_finding(given.data, given.seed)
    measure_alarms(given.data)
    measure_copy(given.data, given.seed)


if __name__ == "__main__":
    main()
