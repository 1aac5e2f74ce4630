"""Texts in which replacements stand where names stood, and where everything went."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from qualcode.errors import Problem
from qualcode.model import Span, canonical_text
from qualcode.pseudonyms.names import NameFinder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.model import Segment, Transcript
    from qualcode.pseudonyms.key import Key
    from qualcode.pseudonyms.names import Hit

Form = Literal["bracketed", "bare"]
"""How a replacement is written: as the key has it, or without brackets, as labels and names of files are."""

_ENDS = frozenset(".?!…。？！:：\"“”'‘\n")


@dataclass(frozen=True, slots=True)
class Swap:
    """One replacement in a text: the stretch that went, and what came."""

    start: int
    end: int
    words: str


class Moves:
    """Where the places of a text are after replacements.

    A place inside a name that was replaced is at the edge of what came: a passage grows to the whole of it.

    Parameters
    ----------
    swaps
        In the order of the text; they do not overlap.
    """

    def __init__(self, swaps: Sequence[Swap]) -> None:
        self._starts = [one.start for one in swaps]
        self._ends = [one.end for one in swaps]
        self._swaps = swaps
        self._shifts = [0]
        for one in swaps:
            self._shifts.append(self._shifts[-1] + len(one.words) - (one.end - one.start))

    def move(self, span: Span) -> Span:
        """Return where a passage is.

        Parameters
        ----------
        span
            In the old text.

        Returns
        -------
        Span
            In the new one.

        Examples
        --------
        >>> from qualcode.pseudonyms import Key, KeyEntry, Replacer
        >>> replacer = Replacer(Key((KeyEntry("Ana", "person", "[Person 1]"),)))
        >>> text, moves = replacer.replace_mapped("So Ana left.")
        >>> text, moves.move(qualcode.Span(7, 11))
        ('So [Person 1] left.', Span(start=14, end=18))
        """
        return Span(self.place_start(span.start), self.place_end(span.end))

    def place_start(self, place: int) -> int:
        """Return where something begins that began at a place."""
        number = bisect_right(self._ends, place)
        if number < len(self._starts) and self._starts[number] < place:
            return self._starts[number] + self._shifts[number]
        return place + self._shifts[number]

    def place_end(self, place: int) -> int:
        """Return where something ends that ended at a place."""
        number = bisect_left(self._starts, place)
        if number and self._ends[number - 1] > place:
            return self._ends[number - 1] + self._shifts[number]
        return place + self._shifts[number]


class Replacer:
    """Puts the replacements of a key where its names stand: in one pass, the longest name first.

    Parameters
    ----------
    key
        Names and their replacements. Names that are kept stay, also where another name is a part of them.

    Attributes
    ----------
    counts
        How often a name of each kind was replaced in transcripts, labels of speakers counted.
    """

    def __init__(self, key: Key) -> None:
        self._finder = NameFinder(key.entries)
        self.counts: dict[str, int] = {}

    def replace(self, text: str, form: Form = "bracketed") -> str:
        """Return a text with replacements.

        Parameters
        ----------
        text
            Any text.
        form
            ``bare``: without brackets.

        Returns
        -------
        str
            The text.

        Examples
        --------
        >>> from qualcode.pseudonyms import Key, KeyEntry, Replacer
        >>> replacer = Replacer(Key((KeyEntry("Ann", "person", "[P1]"), KeyEntry("Anna", "person", "[P2]"))))
        >>> replacer.replace("Anna and Ann’s ANN-led team"), replacer.replace("Anna_2024", "bare")
        ('[P2] and [P1]’s [P1]-led team', 'P2_2024')
        """
        return _swap(text, list(self._list_swaps(text, form)))

    def replace_mapped(self, text: str) -> tuple[str, Moves]:
        """Return a text with replacements, and where its places went.

        Parameters
        ----------
        text
            Any text.

        Returns
        -------
        tuple
            The text, and what moves places.

        Examples
        --------
        >>> from qualcode.pseudonyms import Key, KeyEntry, Replacer
        >>> Replacer(Key((KeyEntry("陳大文", "person", "[人物1]"),))).replace_mapped("陈大文話好。")[0]
        '[人物1]話好。'
        """
        swaps = list(self._list_swaps(text, "bracketed"))
        return _swap(text, swaps), Moves(swaps)

    def find_doubtful(self, text: str) -> list[Hit]:
        """Return where a name that is a word as well begins a sentence, so that it may be either; it stays there.

        Parameters
        ----------
        text
            Any text.

        Returns
        -------
        list of Hit
            The places.

        Examples
        --------
        >>> from qualcode.pseudonyms import Key, KeyEntry, Replacer
        >>> replacer = Replacer(Key((KeyEntry("Will", "person", "[P1]"),)))
        >>> text = "Will you come? I asked Will. He will."
        >>> [(hit.start, hit.end) for hit in replacer.find_doubtful(text)], replacer.replace(text)
        ([(0, 4)], 'Will you come? I asked [P1]. He will.')
        """
        return [hit for hit in self._finder.find(text) if not hit.entry.keep and _is_doubtful(text, hit)]

    def _list_swaps(self, text: str, form: Form) -> Iterator[Swap]:
        for hit in self._finder.find(text):
            if hit.entry.keep or _is_doubtful(text, hit):
                continue
            words = canonical_text(hit.entry.bare if form == "bare" else hit.entry.replacement)
            yield Swap(hit.start, hit.end, words)

    def swap_in(self, transcript: Transcript) -> tuple[list[Swap], list[Hit]]:
        """Return the replacements in a transcript, and what was left for a person to decide.

        Parameters
        ----------
        transcript
            The transcript. Its labels of speakers get replacements without brackets.

        Returns
        -------
        tuple
            Replacements in the order of the text, and doubtful names.
        """
        inside = [(one.span.start, one.span.end) for one in transcript.segments if one.kind == "turn"]
        borders = sorted({place for one in transcript.segments for place in (one.span.start, one.span.end)})
        starts = [start for start, _ in inside]
        swaps: list[Swap] = []
        doubtful: list[Hit] = []
        for hit in self._finder.find(transcript.text):
            number = bisect_right(starts, hit.start) - 1
            is_said = number >= 0 and hit.start < inside[number][1]
            if hit.entry.keep:
                continue
            if is_said and _is_doubtful(transcript.text, hit):
                doubtful.append(hit)
                continue
            self.counts[hit.entry.kind] = self.counts.get(hit.entry.kind, 0) + 1
            words = canonical_text(hit.entry.replacement if is_said else hit.entry.bare)
            swaps += (Swap(start, end, words) for start, end in _cut(transcript.text, hit, borders))
        return swaps, doubtful


def _swap(text: str, swaps: Iterable[Swap]) -> str:
    parts: list[str] = []
    at = 0
    for one in swaps:
        parts += text[at : one.start], one.words
        at = one.end
    return "".join([*parts, text[at:]])


def _cut(text: str, hit: Hit, borders: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a name that segments part, each of which is replaced; usually it is one."""
    inner = borders[bisect_right(borders, hit.start) : bisect_left(borders, hit.end)] if borders else ()
    if not inner:
        yield hit.start, hit.end
        return
    for start, end in pairwise([hit.start, *inner, hit.end]):
        letters = [place for place in range(start, end) if text[place].isalnum()]
        if letters:
            yield letters[0], letters[-1] + 1


def _is_doubtful(text: str, hit: Hit) -> bool:
    """Tell whether a name that is a word as well may be the word: it begins a sentence, and no ’s follows."""
    if hit.rule != "word":
        return False
    before = text[: hit.start].rstrip(" \t([")[-1:]
    is_label = text[hit.end : hit.end + 1] in {":", "："}
    return (not before or before in _ENDS) and not is_label and text[hit.end : hit.end + 2] not in {"'s", "’s"}


def replace_transcript(
    transcript: Transcript, replacer: Replacer, transcript_id: str = ""
) -> tuple[Transcript, Moves, list[Problem]]:
    """Return a transcript with replacements; segments keep their ids.

    Parameters
    ----------
    transcript
        The transcript.
    replacer
        What replaces.
    transcript_id
        Its name from now on; by default its old one with replacements.

    Returns
    -------
    tuple
        The transcript, what moves passages of the old one, and what a person must decide: names that are words as
        well at the beginning of sentences, and labels of speakers that became one. No message holds a name.

    Examples
    --------
    >>> from pathlib import Path
    >>> from qualcode.pseudonyms import Key, KeyEntry, Replacer, replace_transcript
    >>> _ = Path("Mei.txt").write_text("Interviewer: How was it, Mei?\\n\\nMei: The rain came late.\\n")
    >>> key = Key((KeyEntry("Mei", "person", "[Person 1]"),))
    >>> transcript, moves, problems = replace_transcript(qualcode.read_transcript("Mei.txt"), Replacer(key))
    >>> transcript.id, transcript.speakers
    ('Person 1', ('Interviewer', 'Person 1'))
    >>> print(transcript.text, end="")
    Interviewer: How was it, [Person 1]?
    <BLANKLINE>
    Person 1: The rain came late.
    """
    swaps, doubtful = replacer.swap_in(transcript)
    moves = Moves(swaps)
    labels = {one: replacer.replace(one, "bare") for one in transcript.speakers}
    name = transcript_id or replacer.replace(transcript.id, "bare")
    replaced = replace(
        transcript,
        id=name,
        text=_swap(transcript.text, swaps),
        segments=tuple(_move_segment(one, moves, labels) for one in transcript.segments),
        interviewers=frozenset(labels.get(one, one) for one in transcript.interviewers),
        source=replace(
            transcript.source,
            name=replacer.replace(transcript.source.name, "bare"),
            digest="",
            problems=tuple(
                replace(one, where=replacer.replace(one.where, "bare"), message=replacer.replace(one.message))
                for one in transcript.source.problems
            ),
        ),
        comments=tuple(
            replace(
                one,
                author=replacer.replace(one.author, "bare"),
                text=replacer.replace(one.text),
                start=None if one.start is None else moves.place_start(one.start),
                end=None if one.end is None else moves.place_end(one.end),
            )
            for one in transcript.comments
        ),
    )
    return replaced, moves, [*_tell_doubtful(name, transcript, doubtful), *_tell_united(name, labels)]


def _move_segment(segment: Segment, moves: Moves, labels: dict[str, str]) -> Segment:
    return replace(segment, span=moves.move(segment.span), speaker=labels.get(segment.speaker, segment.speaker))


def _tell_doubtful(name: str, transcript: Transcript, hits: Sequence[Hit]) -> Iterator[Problem]:
    for hit in hits:
        inside = (one for one in transcript.units("sentence") if one.span.start <= hit.start < one.span.end)
        place = next((f"{name}:{one.id}" for one in inside), name)
        message = "A name that is an ordinary word as well begins the sentence; it stays, as it may be the word."
        hint = "Is it the name? Then add it to the key with the word behind it"
        yield Problem(place, "warning", "word", message, hint)


def _tell_united(name: str, labels: dict[str, str]) -> Iterator[Problem]:
    olds: dict[str, int] = {}
    for new in labels.values():
        olds[new] = olds.get(new, 0) + 1
    for new, number in olds.items():
        if number > 1:
            message = f"{number} labels of speakers became one, “{new}”."
            hint = "Give them different replacements, if they are different people"
            yield Problem(name, "warning", "labels", message, hint)
