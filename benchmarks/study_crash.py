"""Kill the program at seeded moments, fill its disk, and look whether the study is sound and nothing was lost.

    python benchmarks/study_crash.py [--kills 500] [--full 50] [--seed 7]

A worker decides, tags, imports corrections, merges and changes the codebook, and says after each act that it is
confirmed. It is killed with SIGKILL after a seeded time, or finds the disk full (RLIMIT_FSIZE) on its way. After each,
`qualcode check` must find nothing, and the sheets must hold exactly what was confirmed, plus at most the act under way.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from studies import CODEBOOK, TALK, begin_study, build_transcript  # noqa: E402  # lies with the tests

from qualcode.errors import QualcodeError  # noqa: E402  # after the path
from qualcode.study import Study  # noqa: E402
from qualcode.study.merging import merge_study  # noqa: E402
from qualcode.study.updating import update_transcript  # noqa: E402

NAMES = ("P01", "P02", "P03")
SEGMENTS = ("t002", "t004")
CODES = ("scheduling", "turnover", "praise", "challenges")


def work(folder: Path, seed: int, limit: int, pipe: int) -> None:
    """Act at random, for ever; each act is announced before and confirmed after."""

    def say(**what: object) -> None:
        os.write(pipe, (json.dumps(what) + "\n").encode())

    rng = random.Random(seed)
    study, other = Study(folder), Study(folder.parent / "other")
    number = 0
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    say(ready=True)
    while True:
        number += 1
        kind = rng.choice(["decide"] * 12 + ["tag", "import", "merge", "codebook"])
        name = rng.choice(NAMES)
        try:
            if kind == "decide":
                act = (f"{name}:{rng.choice(SEGMENTS)}", rng.choice(CODES), f"{seed}.{number}")
                say(begin=act)
                study.decide("ana", act[0], act[1], "apply", note=act[2])
                say(done=act)
            elif kind == "tag":
                study.tag()
            elif kind == "import":
                talk = (*TALK[:3], ("Ana", TALK[3][1] + f" And so on {rng.randrange(9)}."))
                update_transcript(study, build_transcript(name, talk))
            elif kind == "merge":
                other.decide(
                    "ben", f"{name}:{rng.choice(SEGMENTS)}", rng.choice(CODES), "apply", note=f"{seed}.{number}"
                )
                merge_study(study, other.root)
            else:
                rename(study, rng)
        except QualcodeError as error:
            say(refused=error.message)


def rename(study: Study, rng: random.Random) -> None:
    """Change the codebook by the command's function."""
    from qualcode.codebook.editing import rename_code
    from qualcode.study.growing import apply_edit

    code, name = rng.choice(CODES), f"Name {rng.randrange(99)}"
    before = (study.root / "codebook.yaml").read_text("utf-8")
    apply_edit(study, rename_code(before, code, name, because="the harness"), before)


def judge(folder: Path, confirmed: dict[tuple[str, str], str], under_way: tuple[str, str, str] | None) -> list[str]:
    """Return what is wrong with a study after a crash."""
    study = Study(folder)
    copies = (study, Study(folder.parent / "other"))
    troubles = [str(one) for copy in copies for one in copy.check() if one.level == "error"]
    notes: dict[tuple[str, str], set[str]] = {}
    for name in NAMES:
        transcript = study.transcript(name)
        sheet = study.sheet("ana", name)
        for coding in sheet.codings if sheet else ():
            for turn in transcript.units("turn"):
                if turn.span.overlaps(coding.span):
                    notes.setdefault((f"{name}:{turn.id}", coding.code), set()).add(coding.note)
    for place, note in confirmed.items():
        expected = {note} | ({under_way[2]} if under_way and under_way[:2] == place else set())
        if not notes.get(place, set()) & expected:
            troubles.append(f"lost: {place} {note}, found {notes.get(place)}")
    return troubles


def run_once(
    folder: Path, seed: int, rng: random.Random, confirmed: dict[tuple[str, str], str], limit: int
) -> tuple[int, list[str]]:
    """Run a worker for a while and judge what it left; return how many decisions it confirmed, and the troubles."""
    reading, writing = os.pipe()
    worker = os.fork()  # everything heavy is loaded by now
    if worker == 0:
        os.close(reading)
        work(folder, seed, limit, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        said.readline()
        time.sleep(rng.uniform(0.001, 0.4))
        os.kill(worker, signal.SIGKILL)
        rest = said.read()
    os.waitpid(worker, 0)
    under_way = None
    n_confirmed = 0
    for line in rest.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if "begin" in said:
            under_way = tuple(said["begin"])
        elif "done" in said:
            segment, code, note = said["done"]
            confirmed[segment, code] = note
            under_way = None
            n_confirmed += 1
    troubles = judge(folder, confirmed, under_way)
    if under_way and not troubles:  # it may have happened; from here on either is right
        study = Study(folder)
        name = under_way[0].partition(":")[0]
        sheet = study.sheet("ana", name)
        if sheet and any(one.note == under_way[2] for one in sheet.codings):
            confirmed[under_way[0], under_way[1]] = under_way[2]
    return n_confirmed, troubles


def begin(parent: Path) -> Path:
    """Return a fresh study with a colleague's copy beside it."""
    folder = parent / "study"
    study = begin_study(folder, *NAMES)
    shutil.copytree(folder, parent / "other")
    other = Study(parent / "other")
    for name in NAMES:
        other.decide("ben", f"{name}:t002", "scheduling", "accept")
        study.decide("ana", f"{name}:t002", "scheduling", "accept")
    assert CODEBOOK in (folder / "codebook.yaml").read_text("utf-8")
    return folder


def main() -> int:
    """Run the harness; return 1 when something was lost or unsound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--full", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    n_confirmed = 0
    troubles: list[str] = []
    with tempfile.TemporaryDirectory() as parent:
        for number in range(options.kills + options.full):
            if number % 25 == 0:  # logs grow; a fresh study now and then keeps every kind of moment likely
                shutil.rmtree(parent, ignore_errors=True)
                Path(parent).mkdir()
                folder = begin(Path(parent))
                confirmed: dict[tuple[str, str], str] = {}
            is_full = number >= options.kills
            sizes = [path.stat().st_size for path in folder.rglob("*.jsonl")]
            limit = rng.randrange(min(sizes), max(sizes) + 400) if is_full else 0
            n_done, found = run_once(folder, options.seed * 100_000 + number, rng, confirmed, limit)
            n_confirmed += n_done
            troubles += [f"run {number}: {one}" for one in found]
            for one in found:
                print(f"run {number}: {one}", file=sys.stderr)
            if found:
                confirmed = {}
    print(
        f"{options.kills} kills, {options.full} full disks: {n_confirmed} decisions confirmed, {len(troubles)} troubles"
    )
    return 1 if troubles else 0


if __name__ == "__main__":
    raise SystemExit(main())
