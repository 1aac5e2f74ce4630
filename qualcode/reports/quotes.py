"""The quotes of a report: rows of a table, of which objects are made when somebody looks, and which of them are shown.

A large study has hundreds of thousands of them, and a report shows three of each code: what is chosen from are columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np

from qualcode.columns import FrameColumns, Texts
from qualcode.passages import say_own
from qualcode.quoting import rank_quote
from qualcode.reports.phrases import clock, number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from numpy.typing import NDArray

    from qualcode.model import Transcript

    Integers = NDArray[np.int64]
    Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A passage as it is quoted.

    Attributes
    ----------
    row
        Its row in :attr:`Report.quotes`.
    code
        Path of the code.
    case, transcript, segment, speaker, time
        Where it stands.
    start, end
        Its span in the transcript's text.
    text, rule, matched
        Its words, and why a rule coded it.
    is_picked
        Whether a person chose it as a quote.
    pieces
        What of it the speaker says, a piece for each turn; empty for a passage of one turn's words, which is
        :attr:`text`.
    """

    row: int
    code: str
    case: str
    transcript: str
    segment: str
    speaker: str
    time: float | None
    start: int
    end: int
    text: str
    rule: str
    matched: str
    is_picked: bool = False
    pieces: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """What of it the speaker says, without labels and without others who speak between."""
        return self.pieces or (self.text,)

    @property
    def passage(self) -> tuple[str, int, int]:
        """What makes it one passage, whatever it is coded with."""
        return self.transcript, self.start, self.end

    @property
    def place(self) -> str:
        """Where it stands, for people: ``P07, t012``."""
        who = self.case if self.case in ("", self.transcript) else f"{self.case}, {self.transcript}"
        return f"{who or self.transcript}, {self.segment}"

    @property
    def moment(self) -> str:
        """When it was said, such as ``0:12:34``; ``""`` where nothing tells."""
        return "" if self.time is None else clock(self.time)


_COLUMNS = ("code", "case", "transcript", "segment", "speaker", "time", "start", "end", "quote", "rule", "matched")


class QuoteSource:
    """All quotes of a report.

    Parameters
    ----------
    table
        What :func:`qualcode.themes.list_quotes` returns.
    picked
        Which of its rows people chose.
    transcripts
        What they are quoted from, where that is at hand.
    """

    def __init__(self, table: FrameColumns, picked: Collection[int], transcripts: Iterable[Transcript]) -> None:
        self.table = table
        self.picked = frozenset(picked)
        self._texts = {transcript.id: transcript for transcript in transcripts}
        self._ranks: dict[str, tuple[int, int]] = {}

    def make(self, rows: Rows) -> Iterator[QuoteRow]:
        """Yield the quotes of some rows."""
        table = self.table.take(*_COLUMNS).rows(rows)
        columns = zip(*(table.column(name).tolist() for name in _COLUMNS), strict=True)
        whole = self._are_whole[rows].tolist()
        for row, is_whole, (code, case, transcript, segment, speaker, time, *rest) in zip(
            rows.tolist(), whole, columns, strict=True
        ):
            quote = QuoteRow(row, code, case, transcript, segment, speaker, number(time), *rest)
            quote = replace(quote, is_picked=True) if row in self.picked else quote
            yield quote if is_whole else self._part(quote)

    def _part(self, quote: QuoteRow) -> QuoteRow:
        """Return a quote with its pieces: it goes over several turns, or begins with the label of its speaker."""
        return replace(quote, pieces=say_own(self._texts[quote.transcript], quote.start, quote.end, quote.speaker))

    # ---- what is chosen by

    @cached_property
    def passages(self) -> Integers:
        """The number of the passage of each row, one for all its codes."""
        columns = self.table.factorize("transcript")[0], self.table["start"], self.table["end"]
        order = np.lexsort(columns)
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = np.logical_or.reduce([np.diff(column[order]) != 0 for column in columns])
        numbers = np.empty(len(order), np.int64)
        numbers[order] = np.cumsum(is_first) - 1
        return numbers

    @cached_property
    def cases(self) -> Integers:
        """The number of the case of each row, or of its transcript where no case speaks."""
        case, transcript = (self.table.text_column(name) for name in ("case", "transcript"))
        is_named = np.array([bool(name) for name in case.names], dtype=np.bool_)[case.numbers]
        numbers = np.where(is_named, case.numbers, len(case.names) + transcript.numbers)
        return FrameColumns({"case": Texts([*case.names, *transcript.names], numbers)}).factorize("case")[0]

    @cached_property
    def _ranks_of_passages(self) -> Integers:
        """Two rows, what :func:`rank_quote` returns for each passage; -1 where it was not asked yet."""
        return np.full((2, int(self.passages.max(initial=-1)) + 1), -1, np.int64)

    def rank(self, rows: Rows) -> Integers:
        """Return two rows: what :func:`rank_quote` returns for the best piece of each quote."""
        passages, ranks = self.passages[rows], self._ranks_of_passages
        new, first = np.unique(passages[ranks[0, passages] < 0], return_index=True)
        asked = rows[ranks[0, passages] < 0][first]
        best = [min(map(self._rank, own)) for own in self._say(asked)]
        ranks[:, new] = np.array(best, np.int64).reshape(-1, 2).T
        return ranks[:, passages]

    def _rank(self, text: str) -> tuple[int, int]:
        rank = self._ranks.get(text)
        if rank is None:
            rank = self._ranks[text] = rank_quote(text)
        return rank

    def _say(self, rows: Rows) -> Iterator[tuple[str, ...]]:
        """Yield what the speaker says of some quotes, in pieces; most lie in one turn and are that as they stand."""
        texts = self.table.take("quote").rows(rows).texts("quote")
        for row, text, is_whole in zip(rows.tolist(), texts, self._are_whole[rows].tolist(), strict=True):
            yield (text,) if is_whole else next(self.make(np.array([row]))).own

    @cached_property
    def _are_whole(self) -> NDArray[np.bool_]:
        """Of each row whether it lies in one turn, or its turns are not known."""
        found = np.ones(len(self.table), dtype=bool)
        start, end = self.table["start"], self.table["end"]
        for name, rows in self.table.indices("transcript").items():
            if name in self._texts and len(turns := self._texts[name].columns("turn")):
                at = np.searchsorted(np.asarray(turns.starts), start[rows], side="right") - 1
                found[rows] = (at >= 0) & (end[rows] <= np.asarray(turns.ends)[np.maximum(at, 0)])
        return found


@dataclass(frozen=True, eq=False)
class Quotes(Sequence[QuoteRow]):
    """Some quotes of a report, each made into a :class:`QuoteRow` when somebody looks at it.

    Attributes
    ----------
    source
        All of them.
    rows
        Which, by their rows.
    """

    source: QuoteSource
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[QuoteRow]:
        return self.source.make(self.rows)

    @overload
    def __getitem__(self, place: int) -> QuoteRow: ...
    @overload
    def __getitem__(self, place: slice) -> Quotes: ...
    def __getitem__(self, place: int | slice) -> QuoteRow | Quotes:
        if isinstance(place, slice):
            return replace(self, rows=self.rows[place])
        return next(iter(replace(self, rows=self.rows[[place]])))

    @property
    def n_picked(self) -> int:
        """How many people chose."""
        picked = self.source.picked
        return sum(row in picked for row in self.rows.tolist()) if picked else 0

    def list_cases(self) -> list[str]:
        """Return the case of each."""
        return self.source.table.take("case").rows(self.rows).texts("case")

    def leave_out(self, quote: QuoteRow) -> Quotes:
        """Return those that are another passage than a quote."""
        passages = self.source.passages
        return replace(self, rows=self.rows[passages[self.rows] != passages[quote.row]])

    def choose(self, count: int, avoid: Collection[int] = ()) -> list[QuoteRow]:
        """Choose some to show, in the order of the texts.

        Those that people chose go first; then come those that make sense alone, one of each case before a second of
        any.

        Parameters
        ----------
        count
            How many at most.
        avoid
            Rows of quotes that are shown elsewhere: their passages are taken only when there are too few others.
        """
        source, rows = self.source, self.rows
        if not len(rows):
            return []
        against, off = source.rank(rows)
        is_shown = np.isin(source.passages[rows], source.passages[list(avoid)])
        order = np.lexsort((rows, off, against, is_shown))
        turn, first = _deal(source.cases[rows[order]])
        is_left = ~np.isin(rows, list(source.picked))
        rounds = np.lexsort((first, turn, is_shown[order], is_left[order]))
        best = order[rounds[:count]]
        return list(replace(self, rows=rows[best[np.lexsort((rows[best], is_left[best]))]]))


def _deal(cases: Integers) -> tuple[Integers, Integers]:
    """Return of each row how many of its case stand before it, and at which place the first one of its case stands."""
    order = np.argsort(cases, kind="stable")
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = cases[order][1:] != cases[order][:-1]
    run = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    turn, first = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    turn[order] = np.arange(len(order)) - run
    first[order] = order[run]
    return turn, first
