"""The matcher: all rules of a codebook, ready to be found in texts."""

from __future__ import annotations

import sys
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

from qualcode.errors import CodebookError, QualcodeError
from qualcode.matching.compiling import Compiler, needed
from qualcode.matching.evaluation import Place, Stop, Turn, bounds
from qualcode.matching.hits import Hits, relocate, relocate_places
from qualcode.matching.patterns import read_patterns
from qualcode.matching.scanning import Scanner
from qualcode.matching.texts import CutText, EncodedTexts, list_texts, normalize_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from qualcode.codebook import Codebook
    from qualcode.language import NormalText
    from qualcode.matching.evaluation import CompiledRule, Context, Match
    from qualcode.matching.hits import RuleKey
    from qualcode.matching.searching import ColumnScanner

Engine = Literal["auto", "plain", "columns"]
Row = tuple[int, int, int, int, "Match"]
"""Text, start, end, rule, and the places where a hit has several."""

SMALL = 1_000_000
"""Characters below which plain Python is done with a few terms before numpy and pyarrow are loaded."""

TERMS = 300
"""Terms that make plain Python take twice as long."""

LOADING = 500
"""How many times as long it takes to load these as to start on texts with them."""


class Matcher:
    """All rules of a codebook, ready to be found in texts of one language.

    Attributes
    ----------
    rules
        Which rules, in the codebook's order.
    compiled
        The same rules over pattern numbers.
    language, model
        As in :func:`qualcode.language.tokenize`.
    """

    def __init__(self, codebook: Codebook, *, language: str = "en", model: str | None = None) -> None:
        self.language = language
        self.model = model
        compiler = Compiler(codebook, language)
        self.rules = tuple(compiler.keys)
        self.compiled = tuple(compiler.rules)
        try:
            self._patterns = read_patterns(compiler.patterns, compiler.where, language=language, model=model)
        except CodebookError as error:
            raise CodebookError(error.message, where=codebook.file, problems=error.problems) from error
        self.terms = compiler.patterns
        self._simple: dict[int, list[int]] = {}
        for rule in self.compiled:
            if rule.is_simple:
                self._simple.setdefault(rule.node.pattern, []).append(rule.number)
        self._ordered = compiler.ordered
        self._conditional = ConditionalRules(compiler.ordered)
        self._scanner = Scanner(self._patterns)

    @cached_property
    def _columns(self) -> ColumnScanner:
        from qualcode.matching.searching import ColumnScanner

        return ColumnScanner(self._patterns, self._simple, self._conditional.patterns)

    def find(
        self, texts: Iterable[str] | EncodedTexts, *, context: Context | None = None, engine: Engine = "auto"
    ) -> Hits:
        """Return every hit of every rule in some texts.

        Parameters
        ----------
        texts
            Each a sentence or another stretch that a hit lies in, in a list, a Series or another column; or what
            :func:`qualcode.matching.encode` made of them.
        context
            How texts form turns, and who speaks there. Without it each text is a turn of its own, and what a rule asks
            of speaker and question is taken as met.
        engine
            How to look: ``plain`` Python for little text, ``columns`` for much; the hits are the same.

        Returns
        -------
        Hits
            Sorted by text, start, end and the order of the rules. A hit of terms in several texts of a turn lies in
            that of the first.

        Raises
        ------
        TypeError
            If ``texts`` is a single text, or holds something else than texts.
        QualcodeError
            If the texts were encoded for another language or model.
        """
        if isinstance(texts, EncodedTexts):
            self._check_language(texts)
            return relocate(self._find_in_columns(texts, context), texts.moved)
        listed = list_texts(texts)
        is_in_columns = engine == "columns" or (engine == "auto" and self._is_much(listed))
        if isinstance(listed, CutText) and not (is_in_columns and self._patterns.is_terms):
            listed = list(listed)  # for what looks at each text
        normal, moved = normalize_texts(listed)
        if is_in_columns:
            return relocate(self._find_in_columns(normal, context), moved)
        return relocate(self._find_plainly(normal, context), moved)

    def _find_plainly(self, texts: Sequence[str], context: Context | None) -> Hits:
        found = sorted(set(self._scanner.scan(texts)))
        rows: list[Row] = [
            (text, start, end, rule, ())
            for text, start, end, pattern in found
            for rule in self._simple.get(pattern, ())
        ]
        rows.extend(self._conditional.rows(found, texts, context))
        rows.sort()
        columns = zip(*rows, strict=True) if rows else ((),) * 5
        text, start, end, rule, places = (tuple(column) for column in columns)
        parts = {number: match for number, match in enumerate(places) if match}
        return Hits(text, start, end, rule, self.rules, parts)

    def _check_language(self, texts: EncodedTexts) -> None:
        """Refuse texts whose numbers mean other words."""
        ours, theirs = (" with ".join(filter(None, [one.language, one.model])) for one in (self, texts))
        if ours != theirs:
            raise QualcodeError(
                f"The texts are encoded for {theirs}, but the codebook is compiled for {ours}.",
                hint="Give encode() and compile_codebook() the same language and model",
            )

    def _is_much(self, texts: Sequence[str]) -> bool:
        """Tell whether to load what finds columns, or to start on it, pays for texts."""
        limit = SMALL / (1 + len(self.terms) / TERMS)
        limit = limit / LOADING if "pyarrow" in sys.modules else limit
        return any(total > limit for total in accumulate(map(len, texts)))  # of much, the first texts tell

    def _find_in_columns(self, texts: Sequence[str] | EncodedTexts, context: Context | None) -> Hits:
        from qualcode.matching.searching import add_rows

        columns, found = self._columns.scan(texts)
        plain = texts.texts if isinstance(texts, EncodedTexts) else texts
        rows = list(self._conditional.rows(found, plain, context))
        parts = {}
        if rows:
            columns, places = add_rows(columns, [row[:4] for row in rows])
            parts = {place: row[4] for place, row in zip(places.tolist(), rows, strict=True) if row[4]}
        text, start, end, rule = columns
        return Hits(text, start, end, rule, self.rules, parts)

    def judge(self, texts: Sequence[str], turn: int, *, context: Context) -> list[Judgement]:
        """Return what each rule makes of one turn: its hits, its matches that something stopped, and what is missing.

        Parameters
        ----------
        texts, context
            As for :meth:`find`.
        turn
            Number of the turn.
        """
        asked = context.turns[turn].question
        numbers = [number for number, of in enumerate(context.turn_of) if of in {turn, asked}]
        texts, moved = normalize_texts(texts)
        found = sorted(
            {(numbers[place.text], *place[1:]) for place in self._scanner.scan([texts[at] for at in numbers])}
        )
        site = group_turns(found, texts, context).get(turn)
        if site is None:
            return []
        judgements: list[Judgement] = []
        for rule in self._ordered:
            matches = list(rule.judge(site))
            site.hits[rule.number] = [match for match, stop in matches if stop is None]
            judgements.extend(Judgement(self.rules[rule.number], match, stop) for match, stop in matches)
            if not matches and rule.node.kind == "all":
                judgements.extend(self._near_miss(rule, site))
        judgements = [judged.relocate(moved) for judged in judgements]
        rank = {rule: number for number, rule in enumerate(self.rules)}
        return sorted(judgements, key=lambda judged: (judged.match, rank[judged.rule]))

    def _near_miss(self, rule: CompiledRule, site: Turn) -> Iterator[Judgement]:
        """Yield what there is of a group of which all must be there, when some of it is."""
        present = [matches for node in rule.node.nodes if (matches := site.matches(node))]
        if present:
            reason = "too far apart" if len(present) == len(rule.node.nodes) else "incomplete"
            first = tuple(sorted({matches[0][0] for matches in present}))
            yield Judgement(self.rules[rule.number], first, Stop(reason))


class Judgement(NamedTuple):
    """What became of one match: a hit, unless something stopped it."""

    rule: RuleKey
    match: Match
    stop: Stop | None

    def relocate(self, moved: Mapping[int, NormalText]) -> Judgement:
        """Return it with the places of texts that were brought to normal form as places of the originals."""
        stop = self.stop and self.stop._replace(places=relocate_places(self.stop.places, moved))
        return Judgement(self.rule, relocate_places(self.match, moved), stop)


class ConditionalRules:
    """The rules that are more than one pattern.

    Parameters
    ----------
    ordered
        All compiled rules, each after those whose hits it needs.
    """

    def __init__(self, ordered: Sequence[CompiledRule]) -> None:
        self.rules = [rule for rule in ordered if not rule.is_simple]
        self._rank = {rule.number: rank for rank, rule in enumerate(self.rules)}
        self._of_pattern: dict[int, list[CompiledRule]] = {}
        for rule in self.rules:
            for pattern in set(rule.node.patterns()):
                self._of_pattern.setdefault(pattern, []).append(rule)
        wanted = frozenset(number for rule in self.rules for number in needed(rule))
        self._needed = wanted
        self._needed_simple: dict[int, list[int]] = {}
        for rule in ordered:
            if rule.is_simple and rule.number in wanted:
                self._needed_simple.setdefault(rule.node.pattern, []).append(rule.number)
        self.patterns = frozenset(
            pattern
            for rule in self.rules
            for node in (rule.node, *rule.unless, *rule.near, *rule.question)
            for pattern in node.patterns()
        ) | frozenset(self._needed_simple)
        """The patterns that they need to know the places of."""

    def rows(
        self, found: Iterable[tuple[int, int, int, int]], texts: Sequence[str], context: Context | None
    ) -> Iterator[Row]:
        """Yield the hits of these rules.

        Parameters
        ----------
        found
            Text, start, end and number of patterns, sorted; of others than :attr:`patterns` nothing is needed.
        texts, context
            As for :meth:`Matcher.find`.
        """
        if not self.rules:
            return
        turns = group_turns(found, texts, context)
        for turn in turns.values():
            self._give_simple_hits(turn)
            judged = {rule.number: rule for pattern in turn.found for rule in self._of_pattern.get(pattern, ())}
            for rule in sorted(judged.values(), key=lambda rule: self._rank[rule.number]):
                hits = [match for match, stop in rule.judge(turn) if stop is None]
                if rule.number in self._needed:
                    turn.hits[rule.number] = hits
                yield from _rows(hits, rule.number)
            turn.forget()

    def _give_simple_hits(self, turn: Turn) -> None:
        for pattern, places in turn.found.items():
            for number in self._needed_simple.get(pattern, ()):
                turn.hits[number] = [(place,) for place in places]


def _rows(hits: Iterable[Match], rule: int) -> Iterator[Row]:
    seen = set()
    for match in hits:
        first = match[0]
        _, last = bounds(place for place in match if place.text == first.text)
        key = (first.text, first.start, last.end)
        if key not in seen:
            seen.add(key)
            yield (*key, rule, match if len(match) > 1 else ())


def group_turns(
    found: Iterable[tuple[int, int, int, int]], texts: Sequence[str], context: Context | None
) -> dict[int, Turn]:
    """Return the turns in which anything was found, by number."""
    places: dict[int, dict[int, list[Place]]] = {}
    numbers: dict[int, dict[int, str]] = {}
    for text, start, end, pattern in found:
        turn = text if context is None else int(context.turn_of[text])
        places.setdefault(turn, {}).setdefault(pattern, []).append(Place(text, start, end))
        numbers.setdefault(turn, {})[text] = texts[text]
    turns = {
        number: Turn(numbers[number], places[number], None if context is None else context.turns[number])
        for number in places
    }
    for one in turns.values():
        if one.facts is not None and one.facts.question is not None:
            one.question = turns.get(one.facts.question)
    return turns
