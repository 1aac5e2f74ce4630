"""How fast the coding surface is: CPU of acts and first pages by size, and from key to saved and painted in a browser.

python benchmarks/surface.py            # all, about a minute
python benchmarks/surface.py --no-browser
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from qualcode.model import Segment, Span, Transcript
from qualcode.study import Decision, Study, create_study
from qualcode.surface import Surface, serve

WORDS = ("we", "never", "could", "find", "a", "date", "that", "suited", "all", "of", "them", "and", "people", "leave")
CODES = 60


def build(folder: Path, n_words: int, n_codings: int) -> Study:
    """Return a study of one interview of turns of 60 words, five sentences each, with codings by hand."""
    codebook = folder.parent / f"{folder.name}.yaml"
    codebook.write_text(
        "codes:\n" + "".join(f"  - id: c{n}\n    name: Code number {n}\n" for n in range(CODES)), "utf-8"
    )
    study = create_study(folder, codebook=codebook)
    text, segments, n_sentences = "", [], 0
    for turn in range(n_words // 60):
        text += "Ana: "
        start = len(text)
        for _ in range(5):
            n_sentences += 1
            words = [WORDS[(n_sentences * 7 + at) % len(WORDS)] for at in range(12)]
            sentence = " ".join(words).capitalize() + "."
            segments.append(
                Segment(f"s{n_sentences:04d}", "sentence", Span(len(text), len(text) + len(sentence)), "Ana")
            )
            text += sentence + " "
        end = len(text) - 1
        text = text[:-1] + "\n"
        segments.append(Segment(f"t{turn + 1:03d}", "turn", Span(start, end), "Ana"))
        segments.append(Segment(f"p{turn + 1:03d}", "paragraph", Span(start, end), "Ana"))
    order = {"turn": 0, "paragraph": 1, "sentence": 2}
    segments.sort(key=lambda one: (one.span.start, order[one.kind]))
    study.add_transcript(Transcript("P1", text, tuple(segments)))
    sentences = study.index("P1").units("sentence")
    decisions = []
    for number in range(n_codings):
        sentence = sentences[number * len(sentences) // n_codings]
        address = study.address_of("P1", sentence.span)
        decisions.append(Decision(address, f"c{number % CODES}", "apply", sentence.span))
    study.decide_all("ana", decisions)
    return study


def cpu(act: Any, times: int) -> float:
    """Return the median CPU time of something, in milliseconds; of all threads."""
    found = []
    for _ in range(times):
        begin = time.process_time()
        act()
        found.append(1000 * (time.process_time() - begin))
    return statistics.median(found)


def measure_acts(study: Study) -> dict[str, float]:
    """Return CPU per act, per first page, per turn and per look for changes, and bytes per coding."""
    surface = Surface(study, "ana")
    told = surface.do("transcript", {"t": "P1"})
    state = {"mark": told["mark"], "n": 0}
    sentences = told["sentences"]

    def act() -> None:
        state["n"] += 1
        start, end = sentences[(state["n"] * 37) % len(sentences)]
        data = {"op": "apply", "t": "P1", "base": state["mark"], "code": f"c{state['n'] % CODES}"}
        done = surface.do("act", {**data, "spans": [{"span": [start, end]}]})
        state["mark"] = done.get("mark", state["mark"])

    marks = [mark for turn in told["turns"] for mark in turn["marks"]]
    size = len(json.dumps(marks, separators=(",", ":"), ensure_ascii=False).encode())
    found = {
        "act": cpu(act, 31),
        "whole transcript": cpu(lambda: surface.do("transcript", {"t": "P1"}), 5),
        "changes, none": cpu(lambda: surface.do("changes", {"t": "P1", "mark": state["mark"]}), 51),
        "bytes per coding": size / max(len(marks), 1),
        "codings": float(len(marks)),
    }
    surface.close()
    return found


def measure_page(study: Study, chromium: str) -> dict[str, float]:
    """Return milliseconds from navigation to text on the screen, and from a key to what is saved and painted."""
    from playwright.sync_api import sync_playwright

    surface = Surface(study, "ana")
    page = serve(surface, port=0)
    thread = threading.Thread(target=page.run)
    thread.start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium)
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        tab.goto(page.address)
        tab.wait_for_selector("mark")
        paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
        found = []
        for number in range(15):
            tab.keyboard.press("Enter" if number % 3 == 2 else "v")
            tab.wait_for_timeout(60)
            tab.evaluate(
                """() => { window.__t = performance.now(); window.__done = 0;
                const said = document.querySelector('[role=status]');
                new MutationObserver((_, me) => { if (said.textContent.startsWith('Coded')) { me.disconnect();
                  requestAnimationFrame(() => setTimeout(
                    () => { window.__done = performance.now() - window.__t; }, 0)); } })
                  .observe(said, {childList: true, characterData: true, subtree: true}); }"""
            )
            tab.keyboard.press(str(number % 9 + 1))
            for _ in range(200):
                done = tab.evaluate("window.__done")
                if done:
                    found.append(done)
                    break
                tab.wait_for_timeout(5)
        browser.close()
    page.stop()
    thread.join()
    surface.close()
    return {"first paint": paint, "key to saved and painted": statistics.median(found) if found else float("nan")}


def measure_learned(folder: Path) -> dict[str, float]:
    """Return milliseconds of suggestions from one's own coding: 1,000 segments read, five codes, on the wall's clock.

    The first list waits for its fit; an answer with the next list does not, nor does an act while another fit is made.
    """
    study = _build_read(folder)
    surface = Surface(study, "ana")
    found: dict[str, list[float]] = {}

    def take(name: str, op: str, data: dict[str, Any]) -> dict[str, Any]:
        begin = time.perf_counter()
        told = surface.do(op, data)
        found.setdefault(name, []).append(1000 * (time.perf_counter() - begin))
        return told

    asked = {"kind": "missed", "code": ""}
    rows = take("first list", "learned", asked)["rows"]
    surface.room.suggesting.pause = 3600.0  # answers come quicker than fits do
    for row in rows[:9]:
        named = {"name": row["t"], "segment": row["segment"], "code": row["code"], "answer": "reject", "t": row["t"]}
        begin, begin_cpu = time.perf_counter(), time.process_time()
        surface.do("learned-answer", named)
        surface.do("learned", asked)
        found.setdefault("the same, CPU", []).append(1000 * (time.process_time() - begin_cpu))
        found.setdefault("answer and next list", []).append(1000 * (time.perf_counter() - begin))
    surface.room.suggesting.pause = 0.0
    for number in range(9):
        spans = [{"span": [number * 5 + 10, number * 5 + 14]}]
        surface.room.suggesting.wait()
        take("act, no fit", "act", {"op": "apply", "t": "T0", "code": "c0", "spans": spans})
        surface.room.suggesting.renew()
        take("act during a fit", "act", {"op": "apply", "t": "T0", "code": "c1", "spans": spans})
    surface.room.suggesting.wait()
    surface.close()
    study.close()
    return {name: statistics.median(times) for name, times in found.items()}


def _build_read(folder: Path) -> Study:
    """Return a study of ten interviews of 150 turns, 100 of each read, a third of them with one of five codes."""
    rng = random.Random(1)
    codebook = folder.parent / f"{folder.name}.yaml"
    codebook.write_text("codes:\n" + "".join(f"  - {{id: c{n}, name: Code {n}}}\n" for n in range(5)), "utf-8")
    study = create_study(folder, codebook=codebook)
    words = [f"w{int(rng.paretovariate(0.7))}" for _ in range(4000)]
    decisions, seen = [], []
    for number in range(10):
        text, segments = "", []
        for turn in range(150):
            line = [rng.choice(words) for _ in range(30)]
            code = rng.randrange(15)
            if code < 5:  # the five codes
                line[3] = line[9] = f"word{code}{rng.choice('abcd')}"
            text += "Ana: "
            span = Span(len(text), len(text) + len(" ".join(line)))
            text += " ".join(line) + "\n"
            segments += [Segment(f"{kind[0]}{turn + 1:03d}", kind, span, "Ana") for kind in ("turn", "paragraph")]  # type: ignore[arg-type]  # two of the three
            segments.append(Segment(f"s{turn + 1:04d}", "sentence", span, "Ana"))
            if turn < 100:  # the rest is not read
                seen.append(f"T{number}:t{turn + 1:03d}")
                if code < 5 and rng.random() < 0.85:  # as above
                    decisions.append(Decision(seen[-1], f"c{code}", "apply"))
        study.add_transcript(Transcript(f"T{number}", text, tuple(segments)))
    study.decide_all("ana", decisions, seen=seen)
    return study


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    chromium = None if options.no_browser else shutil.which("chromium") or shutil.which("google-chrome")
    sizes = {"12k words, 40 codings": (12_000, 40), "12k words, 650": (12_000, 650), "60k words, 4000": (60_000, 4_000)}
    acts: dict[str, dict[str, float]] = {}
    pages: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, size in sizes.items():
            with build(Path(folder) / name.replace(" ", "-"), *size) as study:
                acts[name] = measure_acts(study)
                if chromium and size[1] != 40:
                    pages[name] = measure_page(study, chromium)
                told = "  ".join(f"{key} {value:.1f}" for key, value in {**acts[name], **pages.get(name, {})}.items())
                print(f"{name:24} {told}", flush=True)
        learned = measure_learned(Path(folder) / "learned")
        print("learned, 1,000 read      " + "  ".join(f"{key} {value:.0f} ms" for key, value in learned.items()))
    print(f"a new suggestion after an act      {learned['answer and next list']:.0f} ms  (budget 200)")
    small, _, large = acts.values()
    print(f"act at 4000 ÷ at 40 codings        {large['act'] / small['act']:.1f}  (budget 3)")
    print(f"bytes per coding                   {large['bytes per coding']:.0f}  (budget 120)")
    print(
        f"one act ÷ whole transcript         {large['act'] / large['whole transcript']:.2f}  (budget 0.1 for its turn)"
    )
    if len(pages) == 2:
        one, two = pages.values()
        print(f"first paint 60k ÷ 12k words        {two['first paint'] / one['first paint']:.1f}  (budget 4)")
        print(f"key to saved and painted, 12k      {one['key to saved and painted']:.0f} ms  (budget 50)")
        ratio = two["key to saved and painted"] / one["key to saved and painted"]
        print(f"the same, 60k ÷ 12k                {ratio:.1f}  (budget 2)")


if __name__ == "__main__":
    main()
