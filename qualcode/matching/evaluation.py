"""From the places where patterns match to the hits of rules: groups, windows, and what cancels a hit.

Everything here works on one turn at a time, over the few places that were found in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from qualcode.language import count_words
from qualcode.matching.negation import negation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from qualcode.codebook import Negation, Window


class Place(NamedTuple):
    """Where something was found: number of the text, and start and end in code points of it."""

    text: int
    start: int
    end: int


Match = tuple[Place, ...]
"""The places that fulfil a rule, in the order of the text; one for a single term."""


@dataclass(frozen=True, slots=True)
class Node:
    """What a rule looks for: a pattern by number, or a group of nodes of which any or all must be there."""

    kind: Literal["pattern", "any", "all"]
    pattern: int = -1
    nodes: tuple[Node, ...] = ()
    window: Window = "sentence"
    is_ordered: bool = False

    def patterns(self) -> Iterator[int]:
        """Yield the numbers of all patterns in it."""
        if self.kind == "pattern":
            yield self.pattern
        for node in self.nodes:
            yield from node.patterns()


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """Who speaks in a turn and what it answers.

    Attributes
    ----------
    speaker
        The label.
    is_interviewer
        Whether it is interviewer talk.
    attributes
        Of the speaker's case.
    question
        Number of the turn that asked the question, or ``None``.
    """

    speaker: str = ""
    is_interviewer: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    question: int | None = None

    def is_spoken_by(self, attribute: str, value: str) -> bool:
        """Tell whether the speaker is this one: see :attr:`qualcode.codebook.Rule.speakers`."""
        wanted = value.casefold()
        if attribute:
            return self.attributes.get(attribute, "").casefold() == wanted
        if wanted in {"interviewer", "interviewee"}:
            return self.is_interviewer == (wanted == "interviewer")
        return wanted in {self.speaker.casefold(), self.attributes.get("role", "").casefold()}


@dataclass(frozen=True, slots=True)
class Context:
    """How texts form turns.

    Attributes
    ----------
    turn_of
        Number of the turn of each text; the texts of a turn stand side by side.
    turns
        What is known of each turn.
    """

    turn_of: Sequence[int]
    turns: Sequence[TurnFacts]


class Turn:
    """The texts of one turn and what was found in it.

    Parameters
    ----------
    texts
        Texts by number, in order.
    found
        Places by pattern number, sorted.
    facts
        What is known of the turn, if anything.
    question
        The turn that it answers.
    """

    def __init__(
        self,
        texts: Mapping[int, str],
        found: Mapping[int, Sequence[Place]],
        facts: TurnFacts | None = None,
        question: Turn | None = None,
    ) -> None:
        self.texts = texts
        self.found = found
        self.facts = facts
        self.question = question
        self.hits: dict[int, list[Match]] = {}

    def matches(self, node: Node) -> list[Match]:
        """Return every match of a node, sorted, each once.

        Of a group of which all must be there, these are the smallest stretches that hold a match of every member within
        the window: none lies in another.
        """
        if node.kind == "pattern":
            return [(place,) for place in self.found.get(node.pattern, ())]
        members = [self.matches(member) for member in node.nodes]
        if node.kind == "any":
            return sorted({match for member in members for match in member})
        if not all(members):
            return []
        if node.window == "turn":
            return smallest(members, is_ordered=node.is_ordered)
        matches: list[Match] = []
        for text in self.texts:
            within = [[match for match in member if match[0].text == match[-1].text == text] for member in members]
            if all(within):
                found = smallest(within, is_ordered=node.is_ordered)
                matches.extend(match for match in found if self.fits(match, node.window))
        return matches

    def fits(self, places: Iterable[Place], window: Window) -> bool:
        """Tell whether places lie within one window of a size."""
        if window == "turn":
            return True
        first, last = bounds(places)
        if first.text != last.text:
            return False
        return window == "sentence" or count_words(self.texts[first.text][first.start : last.end]) <= window


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule over pattern numbers; ``after`` and ``before`` hold the numbers of the other code's rules, if given."""

    number: int
    node: Node
    unless: tuple[Node, ...] = ()
    near: tuple[Node, ...] = ()
    window: Window = "sentence"
    negated: Negation = "count"
    speakers: tuple[tuple[str, str], ...] = ()
    question: tuple[Node, ...] = ()
    after: frozenset[int] | None = None
    before: frozenset[int] | None = None

    @property
    def is_simple(self) -> bool:
        """Whether every place of its one pattern is a hit."""
        has_condition = self.unless or self.near or self.speakers or self.question or self.needs_hits
        return self.node.kind == "pattern" and not has_condition and self.negated == "count"

    @property
    def needs_hits(self) -> bool:
        """Whether it depends on the hits of other rules."""
        return self.after is not None or self.before is not None

    def judge(self, turn: Turn) -> Iterator[tuple[Match, Stop | None]]:
        """Yield every match in a turn and what keeps it from being a hit, if anything."""
        matches = turn.matches(self.node)
        if matches:
            stop = self._stop_turn(turn)
            for match in matches:
                yield match, stop or self._stop_match(match, turn)

    def _stop_turn(self, turn: Turn) -> Stop | None:
        facts = turn.facts
        if facts is None:
            return None
        if self.speakers and not any(facts.is_spoken_by(*who) for who in self.speakers):
            return Stop("speaker")
        asked = turn.question
        if self.question and not any(asked.matches(node) for node in self.question if asked is not None):
            return Stop("question")
        return None

    def _stop_match(self, match: Match, turn: Turn) -> Stop | None:
        for node in self.unless:
            for other in turn.matches(node):
                if turn.fits((*match, *other), self.window):
                    return Stop("unless", other)
        if self.near and not any(
            turn.fits((*match, *other), self.window) for node in self.near for other in turn.matches(node)
        ):
            return Stop("near")
        return self._stop_negated(match, turn) or self._stop_order(match, turn)

    def _stop_negated(self, match: Match, turn: Turn) -> Stop | None:
        if self.negated == "count":
            return None
        cue = negation_of(turn.texts[match[0].text], match[0].start)
        if self.negated == "skip" and cue is not None:
            return Stop("negated", (Place(match[0].text, *cue),))
        return Stop("not negated") if self.negated == "only" and cue is None else None

    def _stop_order(self, match: Match, turn: Turn) -> Stop | None:
        first, last = bounds(match)
        if self.after is not None:
            ends = (_end(hit) for number in self.after for hit in turn.hits.get(number, ()))
            if not any(end <= first[:2] for end in ends):
                return Stop("after")
        if self.before is not None:
            starts = (hit[0][:2] for number in self.before for hit in turn.hits.get(number, ()))
            if not any(start >= (last.text, last.end) for start in starts):
                return Stop("before")
        return None


class Stop(NamedTuple):
    """What keeps a match from being a hit: a condition by name, and the places that broke it."""

    reason: str
    places: Match = ()


def bounds(places: Iterable[Place]) -> tuple[Place, Place]:
    """Return the place that starts first and the one that ends last."""
    places = list(places)
    return min(places), max(places, key=lambda place: (place.text, place.end))


def smallest(members: Sequence[Sequence[Match]], *, is_ordered: bool) -> list[Match]:
    """Return the smallest stretches that hold a match of every member, in the order of the text.

    Parameters
    ----------
    members
        The matches of each member, of which none is empty.
    is_ordered
        Whether each member must begin where the one before has ended, or later.

    Returns
    -------
    list
        No stretch lies in another; where several choices of matches give the same stretch, the latest is taken.
    """
    choose = _latest_in_order if is_ordered else _latest
    ends = members[-1:] if is_ordered else members
    candidates = []
    for end in sorted({_end(match) for member in ends for match in member}):
        chosen = choose(members, end)
        if chosen is not None and max(map(_end, chosen)) == end:
            start = min(match[0][:2] for match in chosen)
            candidates.append((start, end, chosen))
    kept = []
    for number, (start, end, chosen) in enumerate(candidates):
        # Ends grow; a later candidate that starts later and ends here at the same place, or an earlier one that starts
        # no earlier, lies within this one.
        if any(other >= start and its_end <= end for other, its_end, _ in candidates[:number]):
            continue
        kept.append(tuple(sorted({place for match in chosen for place in match})))
    return kept


def _end(match: Match) -> tuple[int, int]:
    _, last = bounds(match)
    return last.text, last.end


def _latest(members: Sequence[Sequence[Match]], end: tuple[int, int]) -> list[Match] | None:
    """Return for each member the match that starts latest among those that end by ``end``."""
    chosen = []
    for member in members:
        within = [match for match in member if _end(match) <= end]
        if not within:
            return None
        chosen.append(max(within, key=lambda match: (match[0][:2], _end(match))))
    return chosen


def _latest_in_order(members: Sequence[Sequence[Match]], end: tuple[int, int]) -> list[Match] | None:
    """Return matches that follow one another, chosen from the last member backwards."""
    chosen: list[Match] = []
    for member in reversed(members):
        within = [match for match in member if _end(match) <= end]
        if not chosen:
            within = [match for match in within if _end(match) == end]
        if not within:
            return None
        chosen.append(max(within, key=lambda match: (match[0][:2], _end(match))))
        end = chosen[-1][0][:2]
    return chosen[::-1]
