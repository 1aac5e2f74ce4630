"""Re-anchoring: how many codings of the real transcripts end on the right words when these are corrected.

Run ``python benchmarks/reanchoring.py`` from the project's folder, beside which ``shared/data`` lies. Every transcript
gets ``--edits`` seeded edits (typos, sentences and words put in, taken out and repeated, paragraphs joined and moved,
quotes and speakers changed), and codings on sentences, neighbouring sentences and phrases. One correction makes at most
one edit to ``--sentences-per-edit`` sentences; what is over goes into further corrections of the same original. The
truth comes from the record of the edits, character by character. Right is: the very words, told as gone when they are
gone, told as unsure when they were torn apart.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.model import Transcript

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from corrections import SENTENCE, SHARED, Truth, correct, draw_passages, find_truths, letters, read_real, trim

from qualcode.anchoring import Alignment, Place
from qualcode.model import Span

RIGHT = ("silent right", "asked, first candidate right", "gone and told so", "torn and told so")
WRONG = (
    "silent wrong",
    "asked, right among candidates",
    "asked, no candidate right",
    "gone, placed elsewhere and asked",
)


def judge(place: Place, truth: Truth, text: str, quote: str) -> str:
    """Return what became of one coding; what was torn apart and put together again is whole."""
    goal = truth.place
    is_torn = truth.is_torn and (goal is None or letters(text[slice(*goal)]) != letters(quote))
    ends = [trim(text, span.start, span.end) for span in place.candidates]
    if place.is_sure:
        found = trim(text, place.span.start, place.span.end) if place.span else None
        return "silent right" if found == goal and not is_torn else "silent wrong"
    if is_torn:
        return "torn and told so"
    if goal is None:
        return "gone and told so" if place.span is None else "gone, placed elsewhere and asked"
    if ends[:1] == [goal]:
        return "asked, first candidate right"
    return "asked, right among candidates" if goal in ends else "asked, no candidate right"


def measure(
    transcript: Transcript, pool: Sequence[str], *, n_edits: int, density: int, n_codings: int, seed: int
) -> Iterator[tuple[str, str, str]]:
    """Yield for every coding what became of it, its words, and where they were put."""
    n_sentences = len(SENTENCE.findall(transcript.text))
    largest = max(1, n_sentences // density) if density else n_edits
    done = 0
    while done < n_edits:
        n_now = min(largest, n_edits - done)
        draft, _ = correct(transcript.text, n_now, seed + done, pool)
        done += n_now
        passages = draw_passages(transcript, max(1, n_codings * n_now // n_edits), seed + done)
        alignment = Alignment(transcript.text, draft.text)
        for span, truth in zip(passages, find_truths(draft, passages), strict=True):
            place = alignment.move(span)
            verdict = judge(place, truth, draft.text, transcript.quote(span))
            put = draft.text[place.span.start : place.span.end] if place.span else ""
            goal = draft.text[slice(*truth.place)] if truth.place else ""
            yield verdict, transcript.quote(span), f"→ {put!r}, truth {goal!r}, {place.reason}"


def time_large(transcripts: Sequence[Transcript], n_words: int, n_codings: int) -> tuple[int, float]:
    """Return the words of a long text and the seconds that its codings take."""
    text = "\n".join(transcript.text for transcript in transcripts)
    text = text[: [found.end() for found in re.finditer(r"\S+", text)][n_words - 1]]
    draft, _ = correct(text, 200, 1, ["A sentence that was missed."])
    rng = random.Random(1)
    passages = [rng.choice(list(SENTENCE.finditer(text))).span() for _ in range(n_codings)]
    start = time.perf_counter()
    alignment = Alignment(text, draft.text)
    for passage in passages:
        alignment.move(Span(*passage))
    return len(text.split()), time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--edits", type=int, default=200)
    options.add_argument("--sentences-per-edit", type=int, default=5, help="0: all edits in one correction")
    options.add_argument("--codings", type=int, default=1000, help="per transcript")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--show", type=int, default=0, help="how many failures to print")
    given = options.parse_args()
    if not SHARED.exists():
        sys.exit(f"There is no folder {SHARED}.")
    transcripts = read_real()
    total: Counter[str] = Counter()
    failures = []
    for number, transcript in enumerate(transcripts):
        pool = SENTENCE.findall(transcripts[number - 1].text)
        found = list(
            measure(
                transcript,
                pool,
                n_edits=given.edits,
                density=given.sentences_per_edit,
                n_codings=given.codings,
                seed=1000 * number + given.seed,
            )
        )
        counts = Counter(verdict for verdict, _, _ in found)
        total += counts
        failures += [(transcript.id, *one) for one in found if one[0] in WRONG]
        share = sum(counts[kind] for kind in RIGHT) / len(found)
        print(f"{transcript.id:36} {len(found):5} codings  {share:7.2%} right  {counts['silent wrong']} silent wrong")
    n_all = total.total()
    print()
    for kind in (*RIGHT, *WRONG):
        print(f"{kind:36} {total[kind]:6}  {total[kind] / n_all:7.3%}")
    n_right = sum(total[kind] for kind in RIGHT)
    print(f"{'right, of all':36} {n_right:6}  {n_right / n_all:7.3%}")
    n_words, seconds = time_large(transcripts, 10_000, 1000)
    print(f"\n{n_words} words, 200 edits, 1000 codings: {seconds:.2f} s")
    for one in sorted(failures, key=lambda one: (WRONG.index(one[1]), one[0]))[: given.show]:
        print(*one, sep=" | ")


if __name__ == "__main__":
    main()
