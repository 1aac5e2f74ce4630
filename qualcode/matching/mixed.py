"""Texts with Chinese, Japanese or Korean letters as arrays of token numbers, character by character."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from qualcode.language import CJK_LETTERS, CJK_MARKS
from qualcode.matching.vocabulary import BLANK, BREAK
from qualcode.text_columns import to_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from qualcode.matching.vocabulary import Ints, Vocabulary

    Positions = npt.NDArray[np.int64]

_OTHER, _OWN, _SPACE, _END = 0, 1, 2, 3
_SPACE_MARK = ord(" ")


class TokenColumns(NamedTuple):
    """Tokens of texts: number, and text, start and end of each; before, between and after texts stands a break."""

    tokens: Ints
    text: Positions
    start: Positions
    end: Positions


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """Return for every character whether it is a token of its own, a blank, the end of a text, or any other."""
    classes = np.zeros(sys.maxunicode + 1, np.uint8)
    letters = CJK_LETTERS + CJK_MARKS
    for first, last in re.findall(r"(.)-(.)", letters, re.DOTALL):
        classes[ord(first) : ord(last) + 1] = _OWN
    for single in re.sub(r".-.", "", letters, flags=re.DOTALL):
        classes[ord(single)] = _OWN
    spaces = [number for number in range(0x3001) if chr(number).isspace()]
    classes[spaces] = _SPACE
    classes[0] = _END
    return classes


def encode_mixed(texts: Sequence[str], vocabulary: Vocabulary) -> TokenColumns:
    """Return the tokens of texts that hold such letters; see :func:`qualcode.language.tokenize`."""
    joined = "\0".join(texts) + "\0"
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = _classes().take(points)
    begins = np.append(True, classes[1:] != classes[:-1]) | (classes == _OWN) | (classes == _END)
    units = np.flatnonzero(begins)
    kinds = classes.take(units)
    sizes = np.diff(units, append=len(points))
    is_first = np.append(True, kinds[:-1] == _END)
    is_swallowed = (kinds == _SPACE) & (sizes == 1) & (points.take(units) == _SPACE_MARK) & ~is_first
    units, kinds, sizes = units[~is_swallowed], kinds[~is_swallowed], sizes[~is_swallowed]
    return _lay_out(points, units, kinds, sizes, _Runs(points, units, kinds, sizes, vocabulary), vocabulary)


class _Runs:
    """The runs of other letters, each distinct one looked at once: its tokens and their offsets, in flat columns."""

    def __init__(
        self,
        points: npt.NDArray[np.uint32],
        units: Positions,
        kinds: npt.NDArray[np.uint8],
        sizes: Positions,
        vocabulary: Vocabulary,
    ) -> None:
        self.at = np.flatnonzero(kinds == _OTHER)
        length = sizes.take(self.at)
        within = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
        letters = points.take(np.repeat(units.take(self.at), length) + within)
        bounds = np.append(0, np.cumsum(length) * 4).astype(np.int32)
        column = pa.Array.from_buffers(
            pa.binary(), len(length), [None, pa.py_buffer(bounds), pa.py_buffer(letters.tobytes())]
        )
        encoded = column.dictionary_encode()
        runs = [run.decode("utf-32-le", "surrogatepass") for run in encoded.dictionary.to_pylist()]
        known = vocabulary.lexicon.pieces(runs)
        tokens: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        counts = []
        for run in runs:
            piece = known[run]
            counts.append(len(piece.lengths))
            start = 0
            for size, lemma in zip(piece.lengths, piece.lemmas, strict=True):
                tokens.append(vocabulary.number_token(run[start : start + size], lemma))
                starts.append(start)
                start += size
                ends.append(start)
        self.which = to_numbers(encoded.indices)
        self.counts = np.array(counts, np.int64).take(self.which)
        firsts = np.cumsum(counts, dtype=np.int64) - np.array(counts, np.int64)
        self.firsts = firsts.take(self.which)
        self.tokens, self.starts, self.ends = (np.array(values, np.int64) for values in (tokens, starts, ends))


def _lay_out(
    points: npt.NDArray[np.uint32],
    units: Positions,
    kinds: npt.NDArray[np.uint8],
    sizes: Positions,
    runs: _Runs,
    vocabulary: Vocabulary,
) -> TokenColumns:
    counts = np.ones(len(units), np.int64)
    counts[runs.at] = runs.counts
    places = np.cumsum(counts) - counts + 1
    n_tokens = int(counts.sum()) + 1
    tokens = np.full(n_tokens, BREAK, np.int32)
    start = np.zeros(n_tokens, np.int64)
    end = np.zeros(n_tokens, np.int64)
    start[places], end[places] = units, units + sizes
    own = np.flatnonzero(kinds == _OWN)
    tokens[places[own]] = vocabulary.number_characters(points.take(units.take(own)))
    tokens[places[kinds == _SPACE]] = BLANK
    run = np.repeat(np.arange(len(runs.at)), runs.counts)
    step = np.arange(len(run)) - np.repeat(np.cumsum(runs.counts) - runs.counts, runs.counts)
    unit = runs.at.take(run)
    place, flat = places.take(unit) + step, runs.firsts.take(run) + step
    tokens[place] = runs.tokens.take(flat)
    start[place] = units.take(unit) + runs.starts.take(flat)
    end[place] = units.take(unit) + runs.ends.take(flat)
    is_end = np.zeros(n_tokens, np.bool_)
    is_end[places[kinds == _END]] = True
    text: Positions = np.cumsum(is_end) - is_end
    text_start = np.append(0, np.flatnonzero(points == 0)[:-1] + 1)
    origin = text_start.take(np.minimum(text, len(text_start) - 1))
    return TokenColumns(tokens, text, start - origin, end - origin)
