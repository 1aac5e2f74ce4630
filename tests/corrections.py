"""Corrections of a transcript as people make them, seeded, each with the truth about where every character went."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.model import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qualcode.model import Transcript

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

SENTENCE = re.compile(r"[^.!?。！？\n]*[^.!?。！？\s][^.!?。！？\n]*[.!?。！？]*[ \t]*")
LATIN_WORD = re.compile(r"[a-zA-Z]{4,}")
WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
HAN = re.compile(r"[\u3400-\u9fff]")
LABEL = re.compile(r"^([^\W\d][\w .]{0,20}):", re.MULTILINE)


@dataclass
class Draft:
    """A text under correction; ``origin`` tells for each character where it stood before, or -1."""

    text: str
    origin: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.origin = self.origin or list(range(len(self.text)))

    def put(self, start: int, end: int, text: str, origin: Sequence[int] | None = None) -> None:
        """Replace a stretch; what comes in is new unless its origin is told."""
        self.text = self.text[:start] + text + self.text[end:]
        self.origin[start:end] = [-1] * len(text) if origin is None else origin


@dataclass(frozen=True)
class Truth:
    """Where a passage went: its place, ``None`` when it is gone, and whether it was torn apart."""

    place: tuple[int, int] | None
    is_torn: bool = False


def correct(text: str, n_edits: int, seed: int, pool: Sequence[str]) -> tuple[Draft, list[str]]:
    """Return a text after some edits and the kinds of these; inserted sentences come from ``pool``."""
    rng = random.Random(seed)
    draft = Draft(text)
    names = list(EDITS)
    chosen = rng.choices(names, [EDITS[name][1] for name in names], k=n_edits)
    for name in chosen:
        EDITS[name][0](draft, rng, pool)
    return draft, chosen


def pick(found: Iterable[re.Match[str]], rng: random.Random) -> re.Match[str] | None:
    """Return one of some matches."""
    matches = list(found)
    return rng.choice(matches) if matches else None


def slip(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Mistype a word, or mend it: two letters swapped, one dropped or doubled; of Chinese, another character."""
    n_latin, n_han = len(LATIN_WORD.findall(draft.text)), len(HAN.findall(draft.text))
    if rng.random() * (n_latin + n_han) >= n_latin:
        found = pick(HAN.finditer(draft.text), rng)
        if found:
            other = rng.choice("的是不我人在有他這中大來上國")
            draft.put(found.start(), found.end(), other, draft.origin[found.start() : found.end()])
        return
    found = pick(LATIN_WORD.finditer(draft.text), rng)
    if not found:
        return
    at = rng.randrange(found.start() + 1, found.end() - 2)
    kind = rng.randrange(3)
    if kind == 0:
        draft.put(at, at + 2, draft.text[at + 1] + draft.text[at], draft.origin[at : at + 2])
    elif kind == 1:
        draft.put(at, at + 1, "")
    else:
        draft.put(at, at, draft.text[at])


def pick_sentence(draft: Draft, rng: random.Random) -> tuple[int, int] | None:
    """Return the place of a sentence, without the label before it."""
    found = pick(SENTENCE.finditer(draft.text), rng)
    if not found:
        return None
    label = LABEL.match(draft.text, found.start())
    start = label.end() if label and label.end() < found.end() else found.start()
    while start < found.end() - 1 and draft.text[start] == " ":
        start += 1
    return start, found.end()


def insert_sentence(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Put a sentence that was missed in front of another."""
    found = pick_sentence(draft, rng)
    if found:
        draft.put(found[0], found[0], rng.choice(pool).strip() + " ")


def repeat_sentence(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Put a sentence a second time in front of some other: the meanest thing that can be put in."""
    one, other = pick_sentence(draft, rng), pick_sentence(draft, rng)
    if one and other:
        draft.put(other[0], other[0], draft.text[slice(*one)].strip() + " ")


def remove_sentence(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Take a sentence out."""
    found = pick_sentence(draft, rng)
    if found:
        draft.put(*found, "")


def insert_word(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Put a word or two in."""
    found = pick(re.finditer(r"(?<=\w) (?=\w)", draft.text), rng)
    if found:
        draft.put(found.end(), found.end(), rng.choice(["um ", "really ", "you know ", "kind of ", "so "]))


def remove_word(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Take a word out."""
    found = pick(re.finditer(r"(?<= )\w+ ", draft.text), rng)
    if found:
        draft.put(found.start(), found.end(), "")


def replace_word(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Replace a misheard word by quite another."""
    found = pick(LATIN_WORD.finditer(draft.text), rng)
    if found:
        word = rng.choice(["quarrel", "index", "zebra", "folding", "umbrella"])
        origin = [draft.origin[found.start()], *[-1] * (len(word) - 2), draft.origin[found.end() - 1]]
        draft.put(found.start(), found.end(), word, origin)


def join_paragraphs(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Make one paragraph of two of one speaker."""
    found = pick(re.finditer(r"[ \t]*\n+(?![^\n]{0,24}:)(?=\S)", draft.text), rng)
    if found:
        draft.put(found.start(), found.end(), " ")


def change_quotes(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Turn straight quotes and apostrophes into printer's ones, or back, in a part of the text."""
    start = rng.randrange(max(1, len(draft.text)))
    end = min(len(draft.text), start + 2000)
    table = str.maketrans("'’", "’'") if rng.random() < 0.5 else str.maketrans("'\"", "’”")
    draft.put(start, end, draft.text[start:end].translate(table), draft.origin[start:end])


def rename_speaker(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Give a speaker another label throughout."""
    labels = sorted(set(LABEL.findall(draft.text)))
    if labels:
        old, new = rng.choice(labels), rng.choice(["Participant A", "Dr Lee", "Moderator", "Speaker 2"])
        for found in reversed(list(re.finditer(rf"^{re.escape(old)}(?=:)", draft.text, re.MULTILINE))):
            draft.put(found.start(), found.end(), new)


def move_paragraph(draft: Draft, rng: random.Random, pool: Sequence[str]) -> None:
    """Cut a paragraph out and put it in front of another."""
    lines = [found for found in re.finditer(r"[^\n]+\n", draft.text) if len(found[0]) > 40]
    if len(lines) > 1:
        one, other = rng.sample(lines, 2)
        text, origin = one[0], draft.origin[one.start() : one.end()]
        for start, end, words in sorted(((one.start(), one.end(), ""), (other.start(), other.start(), text)))[::-1]:
            draft.put(start, end, words, origin if words else None)


EDITS: dict[str, tuple[Callable[[Draft, random.Random, Sequence[str]], None], int]] = {
    "typo": (slip, 40),
    "insert sentence": (insert_sentence, 10),
    "remove sentence": (remove_sentence, 10),
    "repeat sentence": (repeat_sentence, 2),
    "insert word": (insert_word, 8),
    "remove word": (remove_word, 8),
    "replace word": (replace_word, 5),
    "join paragraphs": (join_paragraphs, 8),
    "change quotes": (change_quotes, 5),
    "rename speaker": (rename_speaker, 2),
    "move paragraph": (move_paragraph, 2),
}
"""Kinds of edits and how often each is made."""


def find_truths(draft: Draft, spans: Iterable[Span]) -> list[Truth]:
    """Return where passages of the old text are, by the record of the edits."""
    places = {origin: place for place, origin in enumerate(draft.origin) if origin >= 0}
    truths = []
    for span in spans:
        start, end = span.start, span.end
        found = sorted(places[one] for one in range(start, end) if one in places and draft.text[places[one]].isalnum())
        if not found:
            truths.append(Truth(None))
            continue
        inside = [origin for origin in draft.origin[found[0] : found[-1] + 1] if origin >= 0]
        is_torn = inside != sorted(inside) or not start <= min(inside) <= max(inside) < end
        truths.append(Truth((found[0], found[-1] + 1), is_torn))
    return truths


def trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return a stretch from its first to its last letter or digit."""
    found = [place for place in range(start, end) if text[place].isalnum()]
    return (found[0], found[-1] + 1) if found else None


def letters(text: str) -> str:
    """Return the letters and digits of a text alone."""
    return "".join(mark for mark in text if mark.isalnum())


def draw_passages(transcript: Transcript, n_passages: int, seed: int) -> list[Span]:
    """Return passages to code: sentences, neighbouring sentences, and phrases of one to eight words of a sentence."""
    rng = random.Random(seed)
    sentences = [segment.span for segment in transcript.units("sentence")]
    passages = []
    for _ in range(n_passages):
        kind, first = rng.random(), rng.randrange(len(sentences))
        span = sentences[first]
        if kind < 0.15:
            span |= sentences[min(first + rng.randrange(1, 4), len(sentences) - 1)]
        elif kind < 0.5:
            words = [found.span() for found in WORD.finditer(transcript.text, span.start, span.end)]
            if words:
                at = rng.randrange(len(words))
                span = Span(words[at][0], words[min(at + rng.randrange(8), len(words) - 1)][1])
        passages.append(span)
    return passages


def read_real() -> list[Transcript]:
    """Return the real transcripts of the development data."""
    from qualcode.sources import read_transcript

    files = [
        *sorted((SHARED / "neutral" / "pdpilot" / "docs").glob("*.txt")),
        *sorted((SHARED / "neutral" / "talkmoves" / "docs").glob("*.txt")),
        *sorted((SHARED / "sheffield").glob("*.txt")),
    ]
    found = [read_transcript(file) for file in files]
    found += [
        read_transcript(file, encoding="big5hkscs")
        for file in sorted((SHARED / "encodings" / "hkcancor").rglob("*_h*"))
    ]
    found += [
        read_transcript(file)
        for file in sorted((SHARED / "qualcoder-examples").rglob("*.txt"))
        if "LICENSE" not in file.name
    ]
    return found
