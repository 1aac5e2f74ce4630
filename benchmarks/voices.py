"""Voices: turns and words that reading credits to the right voice, and roles that it tells, or warns that it cannot.

Run ``python benchmarks/voices.py`` from the project's folder. What is right was written down by people: real files in
``tests/data/expectations.csv``, small ones in ``tests/data/talks.yaml``, ``tests/test_sources_services.py`` and
``tests/test_field_cases.py``. Files that are not here are named and not counted.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qualcode.model import Transcript

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import test_field_cases as field
import test_sources_services as services
from expectations import read_expectations, voices_of, warns_of_roles

from qualcode.language import count_words
from qualcode.sources import read_transcript, read_transcripts

TARGET_WORDS = 0.999


@dataclass
class Score:
    """What was right, of how much."""

    files: int = 0
    turns: int = 0
    right_turns: int = 0
    words: int = 0
    right_words: int = 0
    roles: int = 0
    right_roles: int = 0

    def add(self, expected: Mapping[str, tuple[int | None, int]], found: Mapping[str, tuple[int, int]]) -> bool:
        """Count turns and words of each voice; return whether all are right."""
        self.files += 1
        before = self.turns - self.right_turns, self.words - self.right_words
        for label in {*expected, *found}:
            turns, words = expected.get(label, (0, 0))
            n_turns, n_words = found.get(label, (0, 0))
            self.words += max(words, n_words)
            self.right_words += min(words, n_words)
            if turns is not None:
                self.turns += max(turns, n_turns)
                self.right_turns += min(turns, n_turns)
        return (self.turns - self.right_turns, self.words - self.right_words) == before

    def add_role(self, *, is_right: bool) -> None:
        """Count whether the roles in a file are right, or a warning says that they are not known."""
        self.roles += 1
        self.right_roles += is_right

    def __str__(self) -> str:
        """Return the score as a line."""
        turns, words, roles = (
            f"{right:>7,} of {all_:>7,} ({right / max(all_, 1):.2%})"
            for right, all_ in ((self.right_turns, self.turns), (self.right_words, self.words),
                                (self.right_roles, self.roles))
        )  # fmt: skip
        return f"{self.files:>4} files   turns {turns}   words {words}   roles {roles}"


def say(line: str) -> None:
    print(line, flush=True)


def judge(score: Score, name: str, transcript: Transcript, expected: Mapping[str, tuple[int | None, int]],
          asking: Iterable[str] | None) -> None:  # fmt: skip
    """Add a file to a score, and say what is wrong in it; no ``asking`` where nobody can tell who asks."""
    if not score.add(expected, found := voices_of(transcript)):
        say(f"  wrong voices in {name}: {found} for {dict(expected)}")
    is_right = warns_of_roles(transcript) or (asking is not None and transcript.interviewers == set(asking))
    score.add_role(is_right=is_right)
    if not is_right:
        say(f"  wrong roles in {name}: {sorted(transcript.interviewers)} for {asking}")


def measure_real() -> Score:
    """Read the real files."""
    score = Score()
    for expected in read_expectations():
        if expected.is_unreadable:
            continue
        if expected.path is None:
            say(f"  not here: {expected.name}")
            continue
        asking = None if expected.is_unclear else expected.asking
        judge(score, expected.name, read_transcript(expected.path), expected.voices, asking)
    return score


def measure_field_cases() -> Score:
    """Read the inputs that people could not get read."""
    score = Score()
    for case, name, expected, asking in field.READINGS:
        transcript = field.read(case, name)
        found = voices_of(transcript)
        voices = {who: (turns, found.get(who, (0, 0))[1] if words is None else words)
                  for who, (turns, words) in expected.items()}  # fmt: skip
        judge(score, f"{case}/{name}", transcript, voices, transcript.interviewers if asking is None else asking)
    paths = sorted((field.FIELD / "interviewer-across-files").glob("T*.txt"))
    for transcript in read_transcripts(paths)[0]:
        score.add_role(is_right=transcript.interviewers == {"Sara Lee"})
    return score


def small_talks() -> Iterator[tuple[str, str, str, list[tuple[str, str]]]]:
    """Yield name, ending, text and turns of the small inputs."""
    for name, talk in services.TALKS.items():
        if "turns" in talk:
            yield name, "txt", talk["text"], [tuple(turn) for turn in talk["turns"]]
    for name, (head, form, foot) in services.SERVICES.items():
        school = " (School B)" if "School B" in form else ""
        yield name, "txt", head + services.write(form) + foot, [(who + school, said) for who, said in services.TALK]
    for name, form in services.CUES.items():
        yield name, "vtt", services.cues(form), services.TALK
    for name in services.NAMES:
        talk = [(name if who == "Paul Ho" else "Interviewer", said) for who, said in services.TALK]
        yield name, "txt", services.write("{name}: {words}", talk), talk


def measure_small(folder: Path) -> Score:
    """Read small inputs of every kind; roles are those of the tests."""
    score = Score()
    for number, (name, ending, text, turns) in enumerate(small_talks()):
        path = folder / f"talk{number}.{ending}"
        path.write_text(text, encoding="utf-8")
        expected: dict[str, tuple[int | None, int]] = {}
        for who, said in turns:
            n_turns, n_words = expected.get(who, (0, 0))
            expected[who] = (n_turns or 0) + 1, n_words + count_words(said)
        if not score.add(expected, found := voices_of(read_transcript(path))):
            say(f"  wrong voices in {name}: {found} for {expected}")
    return score


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scores = {
            "real files": measure_real(),
            "field cases": measure_field_cases(),
            "small inputs": measure_small(Path(folder)),
        }
    total = Score(**{key: sum(getattr(one, key) for one in scores.values()) for key in vars(Score())})
    for name, score in {**scores, "all": total}.items():
        say(f"{name:<13}{score}")
    share = total.right_words / total.words
    is_met = share >= TARGET_WORDS and total.right_roles == total.roles
    say(f"target {TARGET_WORDS:.1%} of words, all roles right or warned about: {'met' if is_met else 'MISSED'}")


if __name__ == "__main__":
    main()
