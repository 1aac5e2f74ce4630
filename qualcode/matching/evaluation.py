"""From the places where patterns match to the hits of rules: groups, windows, and what cancels a hit.

Everything here works on one turn at a time, over the places that were found in it. They may be many, in a turn that
goes on for hours: each node is looked for once, and what is near a match is looked up, so that the work grows with the
places and never with their square.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from qualcode.language import word_spans
from qualcode.matching.negation import negation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from qualcode.codebook import Negation, Window


class Place(NamedTuple):
    """Where something was found: number of the text, and start and end in code points of it."""

    text: int
    start: int
    end: int


Match = tuple[Place, ...]
"""The places that fulfil a rule, in the order of the text; one for a single term."""

_Position = tuple[int, int]
# Number of a text, and code points from its start.


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """What a rule looks for: a pattern by number, or a group of nodes of which any or all must be there.

    A node is equal to itself alone, so that its matches can be kept at no cost.
    """

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

    turn_of: Sequence[int] | npt.NDArray[np.int64]
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
        self.forget()

    def forget(self) -> None:
        """Let go of what was kept for the rules that come next."""
        self._matches: dict[Node, list[Match]] = {}
        self._by_text: dict[Node, dict[int, list[Match]]] = {}
        self._words: dict[int, _Words] = {}
        self._first_ends: dict[frozenset[int], _Position | None] = {}
        self._last_starts: dict[frozenset[int], _Position | None] = {}

    def matches(self, node: Node) -> list[Match]:
        """Return every match of a node, sorted, each once.

        Of a group of which all must be there, these are the smallest stretches that hold a match of every member within
        the window: none lies in another.
        """
        if node not in self._matches:
            self._matches[node] = self._find(node)
        return self._matches[node]

    def _find(self, node: Node) -> list[Match]:
        if node.kind == "pattern":
            return [(place,) for place in self.found.get(node.pattern, ())]
        if node.kind == "any":
            return sorted({match for member in node.nodes for match in self.matches(member)})
        if not all(map(self.matches, node.nodes)):
            return []
        if node.window == "turn":
            return smallest([self.matches(member) for member in node.nodes], is_ordered=node.is_ordered)
        members = [self._matches_by_text(member) for member in node.nodes]
        matches: list[Match] = []
        for text in sorted(set(members[0]).intersection(*members[1:])):
            found = smallest([member[text] for member in members], is_ordered=node.is_ordered)
            matches.extend(match for match in found if self._fits(match, node.window))
        return matches

    def _matches_by_text(self, node: Node) -> dict[int, list[Match]]:
        """Return the matches of a node that lie in one text, by its number."""
        if node not in self._by_text:
            by_text = self._by_text[node] = defaultdict(list)
            for match in self.matches(node):
                if match[0].text == match[-1].text:
                    by_text[match[0].text].append(match)
        return self._by_text[node]

    def _words_of(self, text: int) -> _Words:
        if text not in self._words:
            self._words[text] = _Words(self.texts[text])
        return self._words[text]

    def _fits(self, match: Match, window: Window) -> bool:
        """Tell whether a match that lies in one text does so within a window."""
        if isinstance(window, str):
            return True
        return self._words_of(match[0].text).count(match[0].start, _end(match)[1]) <= window

    def first_near(self, node: Node, match: Match, window: Window) -> Match | None:
        """Return the first match of a node that lies within one window with a match, or ``None``."""
        if window == "turn":
            return next(iter(self.matches(node)), None)
        text = match[0].text
        others = self._matches_by_text(node).get(text, []) if match[-1].text == text else []
        if window == "sentence" or not others:
            return next(iter(others), None)
        words = self._words_of(text)
        start, end = match[0].start, _end(match)[1]
        # Others that begin before the window are passed over at once, those behind it are not looked at: what is left
        # and does not fit lies across an end of the window.
        at = bisect_left(others, words.earliest(end, window), key=lambda other: other[0].start)
        latest = words.latest(start, window)
        while at < len(others) and others[at][0].start <= latest:
            other_start, other_end = others[at][0].start, _end(others[at])[1]
            if words.count(min(start, other_start), max(end, other_end)) <= window:
                return others[at]
            at += 1
        return None

    def first_end(self, rules: frozenset[int]) -> _Position | None:
        """Return where the hit of some rules that is over first ends."""
        if rules not in self._first_ends:
            ends = (_end(hit) for number in rules for hit in self.hits.get(number, ()))
            self._first_ends[rules] = min(ends, default=None)
        return self._first_ends[rules]

    def last_start(self, rules: frozenset[int]) -> _Position | None:
        """Return where the last hit of some rules starts."""
        if rules not in self._last_starts:
            starts = (hit[0][:2] for number in rules for hit in self.hits.get(number, ()))
            self._last_starts[rules] = max(starts, default=None)
        return self._last_starts[rules]


class _Words:
    """The words of a text, to be counted in any stretch of it at no cost."""

    def __init__(self, text: str) -> None:
        spans = word_spans(text)
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def count(self, start: int, end: int) -> int:
        """Return how many words a stretch touches."""
        return bisect_left(self._starts, end) - bisect_right(self._ends, start)

    def earliest(self, end: int, size: int) -> int:
        """Return from where on so many words at most are touched up to an end."""
        before = bisect_left(self._starts, end) - size
        return self._ends[before - 1] if before > 0 else 0

    def latest(self, start: int, size: int) -> int:
        """Return up to where so many words at most are touched from a start on."""
        behind = bisect_right(self._ends, start) + size
        return self._starts[behind] if behind < len(self._starts) else sys.maxsize


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
            other = turn.first_near(node, match, self.window)
            if other is not None:
                return Stop("unless", other)
        if self.near and all(turn.first_near(node, match, self.window) is None for node in self.near):
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
            end = turn.first_end(self.after)
            if end is None or end > first[:2]:
                return Stop("after")
        if self.before is not None:
            start = turn.last_start(self.before)
            if start is None or start < (last.text, last.end):
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
    choose = _choose_in_order if is_ordered else _choose
    indexed = [_Latest(matches) for matches in members]
    ends = indexed[-1:] if is_ordered else indexed
    kept = []
    latest: _Position = (-1, -1)
    for end in sorted({end for member in ends for end in member.ends}):
        chosen = choose(indexed, end)
        if chosen is None or max(map(_end, chosen)) != end:
            continue
        # Ends grow: what starts no later than a stretch before it holds that one.
        start = min(match[0][:2] for match in chosen)
        if start > latest:
            latest = start
            kept.append(tuple(sorted({place for match in chosen for place in match})))
    return kept


def _end(match: Match) -> _Position:
    if len(match) == 1:
        return match[0].text, match[0].end
    _, last = bounds(match)
    return last.text, last.end


class _Latest:
    """The matches of one member by where they end, with the one among them so far that starts latest."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self.ends: list[_Position] = []
        self._best: list[Match] = []
        best: tuple[_Position, _Position] | None = None
        for end, match in sorted(((_end(match), match) for match in matches), key=itemgetter(0)):
            key = match[0][:2], end
            if best is None or key > best:
                best, chosen = key, match
            self.ends.append(end)
            self._best.append(chosen)

    def until(self, end: _Position) -> Match | None:
        """Return the match that starts latest among those that end here or before."""
        at = bisect_right(self.ends, end)
        return self._best[at - 1] if at else None


def _choose(members: Sequence[_Latest], end: _Position) -> list[Match] | None:
    """Return for each member the match that starts latest among those that end by ``end``."""
    chosen = []
    for member in members:
        match = member.until(end)
        if match is None:
            return None
        chosen.append(match)
    return chosen


def _choose_in_order(members: Sequence[_Latest], end: _Position) -> list[Match] | None:
    """Return matches that follow one another, chosen from the last member backwards."""
    chosen: list[Match] = []
    for member in reversed(members):
        match = member.until(end)
        if match is None:
            return None
        chosen.append(match)
        end = match[0][:2]
    return chosen[::-1]
