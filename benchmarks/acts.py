"""What an act costs: at 4,000 codings in the sheet as at 40, one by one and 2,000 in one go.

    python benchmarks/acts.py [--acts 40] [--few 40] [--many 4000] [--words 60000]

CPU seconds of the whole process, also of the thread that writes sheets. Printed are ratios of one run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

from studies import CODEBOOK  # noqa: E402  # lies with the tests
from study import CODES, make_transcript  # noqa: E402  # lies with the benchmarks

from qualcode.model import Coding, Sheet  # noqa: E402
from qualcode.study import Decision, Study, create_study  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from qualcode.model import Span


def begin(parent: Path, n_words: int, n_codings: int) -> Study:
    """Return a tagged study of one transcript, on which ana has given as many codes."""
    (parent / "codebook.yaml").write_text(CODEBOOK, "utf-8")
    study = create_study(parent / f"study{n_codings}", codebook=parent / "codebook.yaml")
    transcript = make_transcript("P000", n_words, random.Random(7))
    study.add_transcript(transcript)
    study.tag()
    spans = [one.span for one in transcript.units("turn") if not transcript.is_interviewer(one)]
    codings = [
        Coding("P000", span, code, "ana", "applied", transcript.quote(span), at="2026-03-01T09:00:00+00:00")
        for span, code in sorted((span, code) for code in CODES for span in spans)[:n_codings]
    ]
    study.save(Sheet("P000", "ana", "turn", transcript.digest, study.codebook.digest, frozenset(), tuple(codings)))
    study.close()
    return Study(study.root)


def cost(acts: list[Callable[[], object]]) -> float:
    """Return the median CPU of an act, in milliseconds."""
    taken = []
    for act in acts:
        start = time.process_time()
        act()
        taken.append(1000 * (time.process_time() - start))
    return statistics.median(taken)


def measure(study: Study, n_acts: int) -> dict[str, float]:
    """Return what each act costs."""
    spans = [one.span for one in study.transcript("P000").units("sentence")][-4 * n_acts :]

    def place(span: Span) -> str:
        return f"P000:{study.index('P000').touched('turn', span)[0].id}"

    study.decide("ana", place(spans[0]), "praise", "apply", span=spans[0])  # reads the log
    costs = {
        "apply": cost([
            lambda span=span: study.decide("ana", place(span), "scheduling", "apply", span=span)  # type: ignore[misc]
            for span in spans[1 : n_acts + 1]
        ]),
        "recode": cost([
            lambda span=span: study.decide("ana", place(span), "scheduling", "recode", to="turnover", at=span)  # type: ignore[misc]
            for span in spans[1 : n_acts + 1]
        ]),
        "undo": cost([lambda: study.undo("ana")] * n_acts),
        "redo": cost([lambda: study.redo("ana")] * n_acts),
    }  # fmt: skip
    study.close()
    return costs


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=40)
    parser.add_argument("--few", type=int, default=40)
    parser.add_argument("--many", type=int, default=4000)
    parser.add_argument("--words", type=int, default=60_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        few = measure(begin(Path(parent), options.words, options.few), options.acts)
        many = measure(begin(Path(parent), options.words, options.many), options.acts)
        for act, taken in many.items():
            print(
                f"{act}: {taken:.2f} ms at {options.many} codings, {few[act]:.2f} ms at {options.few}, "
                f"{taken / few[act]:.2f} x"
            )
        measure_batch(Path(parent), options.words)


def measure_batch(parent: Path, n_words: int, n_decisions: int = 2000) -> None:
    """Measure many decisions in one go beside reading the sheets of their transcript."""
    study = begin(parent, n_words, 2000)
    spans = [one.span for one in study.transcript("P000").units("sentence")][:n_decisions]
    index = study.index("P000")
    decisions = [
        Decision(f"P000:{index.touched('turn', span)[0].id}", "praise", "apply", span, f"note {number}")
        for number, span in enumerate(spans)
    ]
    reading = cost([lambda: Study(study.root).sheets()] * 5)
    loading = cost([lambda: [Study(study.root).history(*key) for key in study.sheet_ids()]] * 5)
    fresh = Study(study.root)
    batch = cost([lambda: fresh.decide_all("ana", decisions)])
    print(f"{n_decisions} decisions in one go: {batch:.0f} ms, {batch / reading:.1f} x reading the sheets")
    print(f"  ({reading:.0f} ms; {batch / loading:.1f} x reading them with their logs)")


if __name__ == "__main__":
    main()
