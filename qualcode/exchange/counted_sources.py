"""Texts with passages of which the words are known, too: positions are calibrated by them, and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from qualcode.exchange.calibration import Selection, calibrate
from qualcode.exchange.positions import CanonicalText, CountedText
from qualcode.exchange.project import ProjectSource
from qualcode.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.exchange.losses import LossList
    from qualcode.exchange.positions import Reading

Item = TypeVar("Item")


@dataclass(slots=True)
class _Text(Generic[Item]):
    source: ProjectSource
    counted: CountedText
    canonical: CanonicalText
    passages: list[tuple[int, int, str, Item]] = field(default_factory=list)


class CountedSources(Generic[Item]):
    """The texts of a project, by keys of its own, and passages in them, each with something that hangs on it."""

    def __init__(self, losses: LossList) -> None:
        self.losses = losses
        self.texts: dict[object, _Text[Item]] = {}

    def add(self, key: object, guid: str, name: str, raw: str, *, breaks: tuple[int, ...] = ()) -> None:
        """Add a text; ``breaks`` are places where a line ends that positions do not count."""
        counted = CountedText.of(raw)
        canonical = CanonicalText(counted.text, breaks=breaks)
        source = ProjectSource(guid, name, canonical.text, canonical.text.encode("utf-8"), f"{name}.txt")
        self.texts[key] = _Text(source, counted, canonical)

    def select(self, key: object, start: int | None, end: int | None, words: str, item: Item) -> None:
        """Add a passage; one of a text that is not there is told."""
        if key not in self.texts:
            self.losses.add("passages of texts that are not there", "left out", words)
        elif start is None or end is None:
            self.losses.add("passages without positions", "left out", words)
        else:
            self.texts[key].passages.append((start, end, words, item))

    def place(self, habit: Reading) -> Iterator[tuple[Item, str, Span]]:
        """Yield what hangs on each passage with the GUID of its text and its place there."""
        texts = list(self.texts.values())
        found = calibrate(
            [one.counted for one in texts],
            [Selection(at, *one[:3]) for at, text in enumerate(texts) for one in text.passages],
            habit,
        )
        for text in texts:
            for start, end, words, item in text.passages:
                place = text.counted.decode(start, end, found.reading)
                span = text.canonical.span(*place) if place else (0, 0)
                if place is None or span[0] >= span[1]:
                    self.losses.add("passages that are not in their text", "left out", f"{text.source.name}: {words}")
                    continue
                if words and _fold(words) != _fold(text.counted.text[slice(*place)]):
                    became = "read by their positions"
                    self.losses.add("passages whose words differ from those stored with them", became, words)
                yield item, text.source.guid, Span(*span)

    def sources(self) -> tuple[ProjectSource, ...]:
        """Return the texts."""
        return tuple(one.source for one in self.texts.values())


def _fold(words: str) -> str:
    return "".join(words.split())
