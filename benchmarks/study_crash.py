"""Kill the program at seeded moments, fill its disk, and look whether the study is sound and nothing was lost.

    python benchmarks/study_crash.py [--kills 500] [--full 50] [--seed 7]

A worker runs the program's own commands (decide, undo, tag, import, merge, codebook rename and merge) and acts of the
review, each on the study as it is on disk, and says before each what it is about to do, and after it, when the command
has ended with 0, that it is confirmed. It is killed with SIGKILL after a seeded time, or finds the disk full
(RLIMIT_FSIZE) on its way. After each, `check` must find nothing that a crash could have done; what was confirmed must
be there, and what was confirmed to be taken back must not, but for the one act under way, which may have happened.
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
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from studies import CODEBOOK, TALK  # noqa: E402  # lies with the tests

from qualcode.cli import cli  # noqa: E402  # after the path
from qualcode.errors import QualcodeError  # noqa: E402
from qualcode.reviewing import Item, Review  # noqa: E402
from qualcode.study import Study  # noqa: E402

NAMES = ("P01", "P02", "P03")
SEGMENTS = ("t002", "t004")
CODES = ("scheduling", "turnover", "praise")
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
            with study.lock("ana"):
                review = Review(study, "ana", [Item(name, segment)])
                for step, has in (
                    (lambda: review.apply(code), []),
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
class Judge:
    """What was confirmed, and whether it is there.

    Attributes
    ----------
    has
        Per holder (``ana``, ``other`` for ben's copy, ``ben`` for what was merged), segment and code: the latest note.
    lacks
        Notes of decisions that were taken back.
    under_way
        What was announced and neither confirmed nor refused.
    kinds
        Kinds of acts that were under way when the worker died.
    """

    folder: Path
    has: dict[tuple[str, str, str], str] = field(default_factory=dict)
    lacks: set[str] = field(default_factory=set)
    under_way: dict[str, Any] | None = None
    n_confirmed: int = 0
    n_refused: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def hear(self, said: bytes) -> None:
        """Take in what a worker said until it died."""
        self.under_way = None
        for line in said.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            told = json.loads(line)
            if "begin" in told:
                self.under_way = told
            elif "done" in told and self.under_way is not None:
                if told["done"]:
                    self.confirm(self.under_way)
                    self.n_confirmed += len(self.under_way.get("has", ())) + len(self.under_way.get("lacks", ()))
                self.n_refused += not told["done"]
                self.under_way = None
        if self.under_way:
            self.kinds[self.under_way["begin"]] += 1

    def confirm(self, act: dict[str, Any]) -> None:
        """Take an act for done."""
        for segment, code, note in act.get("has", ()):
            self.has[act["coder"], segment, code] = note
        for segment, code, note in act.get("lacks", ()):
            self.has.pop((act["coder"], segment, code), None)
            self.lacks.add(note)
        if act.get("brings"):
            self.has |= {("ben", *place): note for (who, *place), note in self.has.items() if who == "other"}  # type: ignore[misc]

    def look(self) -> list[str]:
        """Return what is wrong after a crash; what was under way may have happened, all of it, or not."""
        copies = {"ana": Study(self.folder), "other": Study(self.folder.parent / "other")}
        copies["ben"] = copies["ana"]
        troubles = [
            f"{copy.root.name}: {one}"
            for copy in (copies["ana"], copies["other"])
            for one in copy.check()
            if one.level != "note" and one.rule not in {"unsettled", "conflict"}
        ]
        found = {
            (who, name): read_notes(copy, "ana" if who == "ana" else "ben", name)
            for who, copy in copies.items()
            for name in NAMES
        }
        act, self.under_way = self.under_way, None
        if act is None or not (wrong := self.compare(found)):
            return troubles + self.compare(found)
        self.confirm(act)
        return troubles + ([f"{one} ({act['begin']} under way)" for one in wrong] if self.compare(found) else [])

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


def run_once(judge: Judge, seed: int, rng: random.Random, limit: int) -> list[str]:
    """Let a worker work for a while, kill it, and judge what it left."""
    reading, writing = os.pipe()
    worker = os.fork()  # everything heavy is loaded by now
    if worker == 0:
        os.close(reading)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        Worker(judge.folder, seed, writing).work()
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        said.readline()
        time.sleep(rng.uniform(0.001, 0.6))
        os.kill(worker, signal.SIGKILL)
        judge.hear(said.read())
    os.waitpid(worker, 0)
    return judge.look()


def begin(parent: Path) -> Path:
    """Return a fresh study with a colleague's copy beside it."""
    shutil.rmtree(parent, ignore_errors=True)
    parent.mkdir()
    folder = parent / "study"
    codebook = parent / "codebook.yaml"
    codebook.write_text(CODEBOOK + "".join(f"  - id: {code}\n" for code in MERGED), "utf-8")
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
