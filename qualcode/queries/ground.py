"""The ground that a question is asked on: each passage once, on the axis of characters and on that of turns."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qualcode.tables import CodingTable
    from qualcode.themes import Talk

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]


class Ground:
    """Every passage once, with its place in characters and turns; questions are answered by numbers of passages.

    Transcripts lie behind one another on both axes, so far apart that nothing reaches from one into the next.
    """

    def __init__(
        self, table: CodingTable, rows: Integers, talk: Talk, count_turns: Literal["all", "interviewee"]
    ) -> None:
        self.table = table
        self.talk = talk
        numbers = table.columns.passage
        passages, firsts = np.unique(numbers[rows], return_index=True)
        self._firsts = rows[firsts]  # passages are numbered as they come in the text
        place = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=np.int64)
        place[passages] = np.arange(len(passages))
        self.rows = rows
        self.passage_of_row = place[numbers[rows]]
        self.starts, self.ends = self._lay_characters()
        self.first_turn, self.last_turn = self._lay_turns(count_turns, rows)

    def __len__(self) -> int:
        return len(self._firsts)

    @cached_property
    def home(self) -> pd.DataFrame:
        """Where each passage stands, and its quote."""
        return self.table.take_codings(*_HOME).iloc[self._firsts].reset_index(drop=True)

    def _lay_characters(self) -> tuple[Integers, Integers]:
        number = rank_transcripts(self.table, self.table.take_codings("transcript")["transcript"].iloc[self._firsts])
        start, end = (places[self._firsts] for places in (self.table.columns.start, self.table.columns.end))
        furthest = max(self.table.units["end"].to_numpy().max(initial=0), end.max(initial=0)) + 2
        self.bases = number * furthest
        return start + self.bases, end + self.bases

    def _lay_turns(self, count_turns: str, rows: Integers) -> tuple[Integers, Integers]:
        """Return the numbers of the first and the last turn of each passage, those of interviewers skipped if asked."""
        units, table = self.table.units, self.table
        is_new = begin_turns(units)
        counts = is_new & ~units["is_interviewer"].to_numpy() if count_turns == "interviewee" else is_new
        turn = np.cumsum(counts) + rank_transcripts(table, units["transcript"]) * FAR
        placements = table.placements
        passage = np.full(len(table.columns), -1, dtype=np.int64)
        passage[rows] = self.passage_of_row
        of_placement = passage[placements["coding"].to_numpy()]
        is_in = of_placement >= 0
        turn_of_placement = turn[placements["unit"].to_numpy()][is_in]
        first = np.full(len(self), np.iinfo(np.int64).max)
        last = np.full(len(self), -1, dtype=np.int64)
        np.minimum.at(first, of_placement[is_in], turn_of_placement)
        np.maximum.at(last, of_placement[is_in], turn_of_placement)
        self.placed = (of_placement[is_in], placements["unit"].to_numpy()[is_in])
        return first, last

    def family(self, code: str) -> set[str]:
        """Return the ids of a code and of all below it."""
        return {code, *(one.id for one in self.table.codebook.descendants(code))}

    def passages_of(self, code: str) -> Integers:
        """Return the numbers of the passages with a code or one below it."""
        places = [at for at, one in enumerate(self.table.codebook.walk()) if one.id in self.family(code)]
        return np.unique(self.passage_of_row[np.isin(self.table.columns.code[self.rows], places)])

    def gap_turns(self, a: Integers, b: Integers) -> Integers:
        """Return how many turns two passages are from each other: 0 in one turn."""
        apart = np.maximum(self.first_turn[b] - self.last_turn[a], self.first_turn[a] - self.last_turn[b])
        gap: Integers = np.maximum(apart, 0)
        return gap


_HOME = ("transcript", "case", "speaker", "segment", "start", "end", "quote")

FAR = 10**8
"""Turns between the numbers of one transcript and the next: more than any distance that can be asked for."""


def rank_transcripts(table: CodingTable, names: pd.Series[str]) -> Integers:
    """Return the place of each transcript among those of the table."""
    return rank_names(table.transcript_ids, names)


def rank_names(known: Sequence[str], names: pd.Series[str]) -> Integers:
    """Return the place of each name among those known; -1 where it is not."""
    return pd.Index(list(known), dtype="str").get_indexer(pd.Index(names)).astype(np.int64)


def find_eligible(ground: Ground) -> Booleans:
    """Tell which counting units may be found."""
    of_interviewer = ground.table.units["is_interviewer"].to_numpy()
    every = np.ones(len(of_interviewer), dtype=bool)
    return {"no": ~of_interviewer, "only": of_interviewer, "yes": every}[ground.talk]


def begin_turns(units: pd.DataFrame) -> Booleans:
    """Return of each unit whether a turn begins with it."""
    turns = units["transcript"] + "\n" + units["turn"].where(units["turn"] != "", units["segment"])
    return ~turns.duplicated().to_numpy()
