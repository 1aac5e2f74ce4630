"""A study with coding enough to learn from: what carries a code says so in one word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studies import Clock, build_transcript

from qualcode.study import Decision, Study, create_study

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CODEBOOK = """\
name: Farm
codes:
  - id: rain
    name: Rain
  - id: money
    name: Money
"""

LINES = (
    "Rain came on Monday.", "My sister cooks.", "They paid a wage late.", "The bus was full.",
    "It would rain for days.",
    "We sang at night.", "My wage was small.", "The school is near.",
)  # fmt: skip
MISSED = "P3:t002"
UNREAD = "P6"


def begin_farm(
    folder: Path, *, skip: Sequence[str] = (MISSED,), unread: Sequence[str] = (UNREAD,), rules: str = ""
) -> Study:
    """Return a study of six transcripts, of which ana has read and coded five, but for some turns.

    With rules, a line of the codebook, the last code has them.
    """
    book = folder.parent / f"{folder.name}.yaml"
    book.write_text(f"{CODEBOOK}    {rules}\n" if rules else CODEBOOK, "utf-8")
    study = create_study(folder, codebook=book, clock=Clock())
    for number in range(6):
        lines = [LINES[(number + at) % 8] for at in range(24)]
        if number == 2:
            lines[0] = "Rain, rain on Monday."
        talk = tuple(pair for line in lines for pair in (("Interviewer", "And then?"), ("Ana", line)))
        study.add_transcript(build_transcript(f"P{number + 1}", talk))
    for name in study.transcript_ids():
        if name not in unread:
            _code(study, name, skip)
    return study


def _code(study: Study, name: str, skip: Sequence[str]) -> None:
    transcript = study.transcript(name)
    decisions, seen = [], []
    for turn in transcript.units("turn"):
        address, words = f"{name}:{turn.id}", transcript.quote(turn.span).lower()
        seen.append(address)
        for word, code in (("rain", "rain"), ("wage", "money")):
            if word in words and address not in skip:
                decisions.append(Decision(address, code, "apply"))
    study.decide_all("ana", decisions, seen=seen)
