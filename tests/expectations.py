"""What a person reads in real files: who speaks, in which role, how many turns and words.

``data/expectations.csv`` was written from the files themselves, by counting labels and words in their raw text, and
not from what qualcode prints. A role is ``interviewer`` or ``participant``; ``unclear`` where a reader who does not
know the people cannot tell, so that a warning is right; ``unreadable`` for what is no transcript; none where nobody
is named. Without a number of turns only words are known.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.language import count_words

if TYPE_CHECKING:
    from qualcode.model import Transcript

HERE = Path(__file__).resolve().parent / "data"
SHARED = HERE.parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Expected:
    """What a person reads in a file: turns (if known) and words of each label, and the role of each."""

    name: str
    voices: dict[str, tuple[int | None, int]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path | None:
        """Where the file is: among the data of the tests, or beside the project; ``None`` where it is not."""
        places = (HERE / "real" / self.name, SHARED / self.name)
        return next((place for place in places if place.exists()), None)

    @property
    def asking(self) -> set[str]:
        """The labels of those who ask."""
        return {label for label, role in self.roles.items() if role == "interviewer"}

    @property
    def is_unclear(self) -> bool:
        """Whether nobody can tell from the file who asks."""
        return "unclear" in self.roles.values()

    @property
    def is_unreadable(self) -> bool:
        """Whether the file is no transcript."""
        return "unreadable" in self.roles.values()


def read_expectations() -> list[Expected]:
    """Return what is expected of each file."""
    found: dict[str, Expected] = {}
    with (HERE / "expectations.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            expected = found.setdefault(row["file"], Expected(row["file"]))
            expected.voices[row["label"]] = int(row["turns"]) if row["turns"] else None, int(row["words"])
            expected.roles[row["label"]] = row["role"]
    return list(found.values())


def voices_of(transcript: Transcript) -> dict[str, tuple[int, int]]:
    """Return turns and words of each label."""
    found: dict[str, tuple[int, int]] = {}
    for turn in transcript.units("turn"):
        turns, words = found.get(turn.speaker, (0, 0))
        found[turn.speaker] = turns + 1, words + count_words(transcript.quote(turn.span))
    return found


def warns_of_roles(transcript: Transcript) -> bool:
    """Tell whether a warning says that it is not clear who asks."""
    return any(one.rule == "interviewer-unclear" and one.level == "warning" for one in transcript.source.problems)
