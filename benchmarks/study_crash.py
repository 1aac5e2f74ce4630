"""Kill the program at seeded moments, fill its disk, and look whether the study is sound and nothing was lost.

    python benchmarks/study_crash.py [--kills 500] [--full 50] [--seed 7]

Three processes are at work on one study. The first runs the program's own commands (decide, undo, tag, import, merge,
codebook rename and merge) and acts of the review, each on the study as it is on disk. The second acts through one
`Study` in four threads, three of them on one sheet, while a fifth reads; the third in two threads on that sheet as
well: they code, move edges, and take named acts back and do them again. Each says before an act what it is about to do,
and after it, when it has ended well, that it is confirmed. All are killed with SIGKILL after a seeded time, or find
the disk full (RLIMIT_FSIZE) on their way. After each, `check` must find nothing that a crash could have done; what was
confirmed must be there, once, and what was confirmed to be taken back must not, but for the acts under way, which may
have happened.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from studies import CODEBOOK, TALK  # noqa: E402  # lies with the tests

from qualcode.cli import cli  # noqa: E402  # after the path
from qualcode.errors import QualcodeError  # noqa: E402
from qualcode.model import Span  # noqa: E402
from qualcode.reviewing import Item, Review  # noqa: E402
from qualcode.study import Study  # noqa: E402

NAMES = ("P01", "P02", "P03")
SEGMENTS = ("t002", "t004")
CODES = ("scheduling", "turnover", "praise")
OWN = tuple(f"own-{number}" for number in range(6))
HANDS = (("chi", "chi", "chi", "dov"), ("chi", "chi"))
"""Whose sheets the threads of each process act on; each thread has a code of its own there."""
MERGED = tuple(f"extra-{number}" for number in range(9))
KINDS = (
    *["decide"] * 4, *["review"] * 4, *["table"] * 2, *["undo"] * 2, *["tag"] * 2, *["merge"] * 2,
    "import", "rename", "merge codes",
)  # fmt: skip


def run(*words: object) -> int:
    """Run a command of the program in this process, silently; return its exit code."""
    with redirect_stdout(io.TextIOWrapper(io.BytesIO())), redirect_stderr(io.StringIO()):
        try:
            cli([str(word) for word in words], prog_name="qualcode")
        except SystemExit as end:
            return int(end.code or 0)
    return 0


def write_talk(parent: Path, name: str, ending: str) -> Path:
    """Write a transcript whose last turn ends in some way."""
    lines = [f"{speaker}: {words}" for speaker, words in (*TALK[:3], (TALK[3][0], TALK[3][1] + ending))]
    path = parent / f"{name}.txt"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@dataclass
class Worker:
    """Acts at random, for ever; each act is announced before and confirmed after."""

    folder: Path
    seed: int
    pipe: int
    number: int = 0

    def say(self, **what: object) -> None:
        """Tell the judge."""
        os.write(self.pipe, (json.dumps(what) + "\n").encode())

    def work(self) -> None:
        """Act for ever."""
        self.rng = random.Random(self.seed)
        acts = {
            "decide": self.decide, "table": self.decide_table, "review": self.review, "undo": self.undo,
            "tag": self.tag, "import": self.bring, "merge": self.merge, "rename": self.rename,
            "merge codes": self.merge_codes,
        }  # fmt: skip
        self.say(ready=True)
        while True:
            self.number += 1
            acts[self.rng.choice(KINDS)]()

    def act(self, kind: str, *words: object, coder: str = "ana", **what: object) -> bool:
        """Announce what a command is to do, run it, and confirm it when it has ended well."""
        self.say(begin=kind, coder=coder, **what)
        code = run(*words)
        self.say(done=code in {0, 3}, code=code)
        return code in {0, 3}

    def choose(self) -> tuple[str, str, str]:
        """Return a segment, a code and a note that occurs once."""
        address = f"{self.rng.choice(NAMES)}:{self.rng.choice(SEGMENTS)}"
        return address, self.rng.choice((*CODES, *MERGED)), f"{self.seed}.{self.number}"

    def decide(self) -> None:
        """Give a code, and at times take it away again."""
        address, code, note = self.choose()
        words = ("decide", "--study", self.folder, "--coder", "ana", address, code)
        is_done = self.act("decide", *words, "apply", "--note", note, has=[[address, code, note]])
        if is_done and self.rng.random() < 0.2:
            self.act("decide", *words, "remove", lacks=[[address, code, note]])

    def decide_table(self) -> None:
        """Decide in all transcripts at once."""
        address, code, note = self.choose()
        places = [[f"{name}:{address[-4:]}", code, f"{note}.{name}"] for name in NAMES]
        table = self.folder.parent / "decisions.csv"
        rows = [f"{place},{code},apply,{note}\n" for place, code, note in places]
        table.write_text("segment,code,act,note\n" + "".join(rows), "utf-8")
        self.act("table", "decide", "--study", self.folder, "--coder", "ana", "--from", table, has=places)

    def review(self) -> None:
        """Code, note and go on, as the keys of the terminal do."""
        address, code, note = self.choose()
        name, _, segment = address.partition(":")
        study = Study(self.folder)
        try:
            review = Review(study, "ana", [Item(name, segment)])
            given = next((one for one in review.entries if one.code == code and one.own), None)
            for step, has in (
                (lambda: review.take(given) if given else review.apply(code), []),
                (lambda: review.write_note(note), [[address, code, note]]),
                (review.next, []),
            ):
                self.say(begin="review", coder="ana", has=has)
                step()
                self.say(done=True)
        except QualcodeError:
            self.say(done=False)

    def undo(self) -> None:
        """Decide and take it back."""
        address, code, note = self.choose()
        words = ("--study", self.folder, "--coder", "ana")
        if self.act("decide", "decide", *words, address, code, "apply", "--note", note, has=[[address, code, note]]):
            self.act("undo", "undo", *words, lacks=[[address, code, note]])

    def tag(self) -> None:
        """Change a rule, as an editor does, and tag."""
        path = self.folder / "codebook.yaml"
        rule = self.rng.choice(["leave", "leave, people", "leave, lovely", "date, leave"])
        lines = [
            f"        rules: [{rule}]" if "leave" in line and "rules:" in line else line
            for line in path.read_text("utf-8").split("\n")
        ]
        draft = path.with_name(".draft")
        try:
            draft.write_text("\n".join(lines), "utf-8")
            draft.replace(path)
        except OSError:
            return  # the disk is full for the editor, too
        self.act("tag", "tag", "--study", self.folder)

    def bring(self) -> None:
        """Import a corrected transcript, or a new one."""
        is_new = self.rng.random() < 0.3
        name = f"N{self.seed}-{self.number}" if is_new else self.rng.choice(NAMES)
        try:
            path = write_talk(self.folder.parent, name, f" And so on {self.rng.randrange(9)}.")
        except OSError:
            return
        self.act("import", "import", path, *([] if is_new else ["--update"]), "--study", self.folder)

    def merge(self) -> None:
        """Let a colleague decide in another copy, then bring that in."""
        address, code, note = self.choose()
        other = self.folder.parent / "other"
        words = ("decide", "--study", other, "--coder", "ben", address, code, "apply", "--note", note)
        if self.act("ben decides", *words, coder="other", has=[[address, code, note]]):
            self.act("merge", "merge", other, "--study", self.folder, brings=True)

    def rename(self) -> None:
        """Give a code another name."""
        self.edit("rename", self.rng.choice(CODES), f"Name {self.rng.randrange(99)}")

    def merge_codes(self) -> None:
        """Let the code “challenges” take another one in."""
        self.edit("merge", self.rng.choice(MERGED), "--into", "challenges")

    def edit(self, what: str, *words: object) -> None:
        """Change the codebook with all codings."""
        more = ("--study", self.folder, "--because", "the harness", "--yes")
        self.act(f"codebook {what}", "codebook", what, self.folder / "codebook.yaml", *words, *more)


@dataclass
class Hand:
    """One thread that codes with a code of its own, for ever, through a study that others use as well."""

    study: Study
    coder: str
    code: str
    seed: int
    pipe: int

    def say(self, **what: object) -> None:
        """Tell the judge."""
        os.write(self.pipe, (json.dumps({"actor": self.code, **what}) + "\n").encode())

    def work(self) -> None:
        """Act for ever."""
        rng = random.Random(self.seed)
        number = 0
        while True:
            number += 1
            address = f"{rng.choice(NAMES)}:{rng.choice(SEGMENTS)}"
            try:
                self.code_and_change(rng, address, f"{self.seed}.{self.code}.{number}")
            except QualcodeError:  # the disk is full, or others changed what stands there
                self.say(done=False)

    def code_and_change(self, rng: random.Random, address: str, note: str) -> None:
        """Give the code, at times trim it, and at times take that back or do it again."""
        has = [[address, self.code, note]]
        self.say(begin="hand applies", coder=self.coder, has=has)
        event = self.study.decide(self.coder, address, self.code, "apply", note=note)
        self.say(done=True)
        kind = rng.random()
        if kind < 0.3:
            span = self.study.segment(address)[1].span
            self.say(begin="hand moves", coder=self.coder, has=has)
            self.study.decide(self.coder, address, self.code, "move", span=Span(span.start, span.start + 12), at=span)
            self.say(done=True)
        elif kind < 0.6:
            self.say(begin="hand undoes", coder=self.coder, lacks=has)
            self.study.undo(self.coder, event=event)
            self.say(done=True)
            if kind < 0.5:
                self.say(begin="hand redoes", coder=self.coder, has=has)
                self.study.redo(self.coder, event=event)
                self.say(done=True)


def watch(study: Study) -> None:
    """Look at the sheets beside those who act, for ever."""
    while True:
        for name in NAMES:
            study.sheet("chi", name)
            study.codings_in("chi", name, Span(0, 400))


def act_in_threads(folder: Path, coders: tuple[str, ...], codes: tuple[str, ...], seed: int, pipe: int) -> None:
    """Let threads act on one study, for ever."""
    study = Study(folder)
    hands = [Hand(study, coder, code, seed, pipe) for coder, code in zip(coders, codes, strict=True)]
    os.write(pipe, b'{"ready": true}\n')
    threads = [threading.Thread(target=hand.work) for hand in hands]
    threads.append(threading.Thread(target=watch, args=(study,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@dataclass
class Judge:
    """What was confirmed, and whether it is there.

    Attributes
    ----------
    has
        Per holder (``ana``, ``other`` for ben's copy, ``ben`` for what was merged), segment and code: the latest note.
    lacks
        Notes of decisions that were taken back.
    under_way
        What each actor announced that was neither confirmed nor refused.
    kinds
        Kinds of acts that were under way when the worker died.
    """

    folder: Path
    has: dict[tuple[str, str, str], str] = field(default_factory=dict)
    lacks: set[str] = field(default_factory=set)
    under_way: dict[str, dict[str, Any]] = field(default_factory=dict)
    n_confirmed: int = 0
    n_refused: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def hear(self, said: bytes) -> None:
        """Take in what a worker said until it died."""
        for line in said.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            told = json.loads(line)
            actor = told.get("actor", "")
            if "begin" in told:
                self.under_way[actor] = told
            elif "done" in told and actor in self.under_way:
                act = self.under_way.pop(actor)
                if told["done"]:
                    self.confirm(act)
                    self.n_confirmed += len(act.get("has", ())) + len(act.get("lacks", ()))
                self.n_refused += not told["done"]

    def confirm(self, act: dict[str, Any]) -> None:
        """Take an act for done."""
        for segment, code, note in act.get("has", ()):
            self.has[act["coder"], segment, code] = note
            self.lacks.discard(note)
        for segment, code, note in act.get("lacks", ()):
            self.has.pop((act["coder"], segment, code), None)
            self.lacks.add(note)
        if act.get("brings"):
            self.has |= {("ben", *place): note for (who, *place), note in self.has.items() if who == "other"}  # type: ignore[misc]

    def look(self) -> list[str]:
        """Return what is wrong after a crash; each act under way may have happened, all of it, or not."""
        copies = {"ana": Study(self.folder), "other": Study(self.folder.parent / "other")}
        copies |= dict.fromkeys(("ben", "chi", "dov"), copies["ana"])
        troubles = [
            f"{copy.root.name}: {one}"
            for copy in (copies["ana"], copies["other"])
            for one in copy.check()
            if one.level != "note" and one.rule not in {"unsettled", "conflict"}
        ]
        troubles += find_doubled(copies["ana"])
        found = {
            (who, name): read_notes(copy, "ben" if who == "other" else who, name)
            for who, copy in copies.items()
            for name in NAMES
        }
        acts, self.under_way = list(self.under_way.values()), {}
        self.kinds.update(act["begin"] for act in acts)
        has, lacks = dict(self.has), set(self.lacks)
        for happened in chain.from_iterable(combinations(acts, number) for number in range(len(acts) + 1)):
            self.has, self.lacks = dict(has), set(lacks)
            for act in happened:
                self.confirm(act)
            if not self.compare(found):
                return troubles
        self.has, self.lacks = has, lacks
        told = ", ".join(act["begin"] for act in acts)
        return troubles + [f"{one} ({told} under way)" for one in self.compare(found)]

    def compare(self, found: dict[tuple[str, str], dict[str, set[str]]]) -> list[str]:
        """Return which confirmed notes are missing, and which that were taken back are there."""
        wrong = [
            f"lost: {who} {segment} {code} {note}"
            for (who, segment, code), note in self.has.items()
            if note not in found[who, segment[:3]].get(segment, ())
        ]
        present = {note for segments in found.values() for notes in segments.values() for note in notes}
        return wrong + [f"back again: {note}" for note in sorted(self.lacks & present)]


def read_notes(study: Study, coder: str, name: str) -> dict[str, set[str]]:
    """Return the notes of a coder's codings by segment; codings that became one have the notes of both."""
    notes: dict[str, set[str]] = {}
    sheet = study.sheet(coder, name)
    for turn in study.transcript(name).units("turn"):
        for coding in sheet.codings if sheet else ():
            if turn.span.overlaps(coding.span):
                notes.setdefault(f"{name}:{turn.id}", set()).update(coding.note.split("; "))
    return notes


def find_doubled(study: Study) -> list[str]:
    """Return the acts of the threads that are in a log twice."""
    notes = Counter(
        (coder, change.after.note)
        for coder, name in study.sheet_ids(["chi", "dov"])
        for event in study.history(coder, name).events.values()
        for change in event.changes
        if event.what == "apply" and change.after
    )
    return [f"doubled: {coder} {note}" for (coder, note), number in notes.items() if number > 1]


def run_once(judge: Judge, seed: int, rng: random.Random, limit: int) -> list[str]:
    """Let the workers work for a while, kill them, and judge what they left."""
    first, second = OWN[: len(HANDS[0])], OWN[len(HANDS[0]) :]
    jobs = (
        lambda pipe: Worker(judge.folder, seed, pipe).work(),
        lambda pipe: act_in_threads(judge.folder, HANDS[0], first, seed, pipe),
        lambda pipe: act_in_threads(judge.folder, HANDS[1], second, seed, pipe),
    )
    workers = [start(job, limit) for job in jobs]
    for _, said in workers:
        said.readline()
    time.sleep(rng.uniform(0.001, 0.6))
    for worker, _ in workers:
        os.kill(worker, signal.SIGKILL)
    for worker, said in workers:
        with said:
            judge.hear(said.read())
        os.waitpid(worker, 0)
    return judge.look()


def start(job: Any, limit: int) -> tuple[int, Any]:
    """Start a job in a process of its own; return that, and what it says."""
    reading, writing = os.pipe()
    worker = os.fork()  # everything heavy is loaded by now
    if worker == 0:
        os.close(reading)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            job(writing)
        finally:  # whatever it was, the folder is the judge's to clear away
            os._exit(1)
    os.close(writing)
    return worker, os.fdopen(reading, "rb")


def begin(parent: Path) -> Path:
    """Return a fresh study with a colleague's copy beside it."""
    shutil.rmtree(parent, ignore_errors=True)
    parent.mkdir()
    folder = parent / "study"
    codebook = parent / "codebook.yaml"
    codebook.write_text(CODEBOOK + "".join(f"  - id: {code}\n" for code in (*OWN, *MERGED)), "utf-8")
    run("init", folder, "--codebook", codebook)
    run("import", *(write_talk(parent, name, "") for name in NAMES), "--study", folder)
    run("tag", "--study", folder)
    shutil.copytree(folder, parent / "other")
    return folder


def main() -> int:
    """Run the harness; return 1 when something was lost or unsound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--full", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    n_confirmed = n_refused = 0
    kinds: Counter[str] = Counter()
    troubles: list[str] = []
    with tempfile.TemporaryDirectory() as parent:
        judge = Judge(Path(parent))
        for number in range(options.kills + options.full):
            if number % 20 == 0:  # logs grow; a fresh study now and then keeps every kind of moment likely
                n_confirmed, n_refused = n_confirmed + judge.n_confirmed, n_refused + judge.n_refused
                kinds += judge.kinds
                judge = Judge(begin(Path(parent) / "work"))
            sizes = [path.stat().st_size for path in judge.folder.rglob("*.jsonl")]
            limit = rng.randrange(min(sizes), max(sizes) + 400) if number >= options.kills else 0
            found = run_once(judge, options.seed * 100_000 + number, rng, limit)
            for one in found:
                print(f"run {number}: {one}", file=sys.stderr)
            troubles += found
            if found:
                judge.has.clear()
    kinds += judge.kinds
    print(f"{options.kills} kills, {options.full} full disks; under way were:", dict(kinds.most_common()))
    print(f"{n_confirmed + judge.n_confirmed} decisions confirmed, {n_refused + judge.n_refused} acts refused")
    print(f"{len(troubles)} troubles")
    return 1 if troubles else 0


if __name__ == "__main__":
    raise SystemExit(main())
