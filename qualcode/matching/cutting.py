"""Turns cut into sentences and made into arrays at once: what corpora of millions of words are tagged from.

The pieces between blanks tell both where sentences end and which tokens there are, so they are found once for both.
That is so of simple turns, which nearly all are. The others go the way of :func:`qualcode.language.cut_paragraphs` and
:func:`qualcode.matching.encode`, which gives the same for every turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from qualcode.language import (
    ELLIPSIS,
    INSIDE,
    LAST,
    LETTER,
    LIKE_BLANK,
    NO_END,
    OPENER,
    changing_signs,
    cut_paragraphs,
    normalize_in_place,
)
from qualcode.matching.encoding import block_bounds, cut_pieces, encode_blocks, find_entangled, join_texts, lay_tokens
from qualcode.matching.texts import CutText, EncodedTexts, Places, normalize_texts
from qualcode.matching.vocabulary import NOTHING, vocabulary_for

if TYPE_CHECKING:
    from qualcode.matching.encoding import PieceBlock, Pieces
    from qualcode.matching.texts import Chunk, Flags, Positions
    from qualcode.matching.vocabulary import Ints, Vocabulary


class CutTurns(NamedTuple):
    """The sentences of some turns.

    Attributes
    ----------
    turn, start, end
        Number of the turn of each, and its place in the text.
    encoded
        The same sentences, ready to be searched.
    """

    turn: Positions
    start: Positions
    end: Positions
    encoded: EncodedTexts


def cut_turns(text: str, starts: Positions, ends: Positions, *, language: str, model: str | None) -> CutTurns:
    """Return the sentences of turns, and what a matcher searches them by.

    Parameters
    ----------
    text
        The whole text.
    starts, ends
        Of the turns: ascending, apart, and without blanks at their ends.
    language, model
        As in :func:`qualcode.language.cut_paragraphs`.

    Raises
    ------
    MissingDependencyError
        If the model is not installed.
    """
    vocabulary = vocabulary_for(language, model)
    normal, moved = text, list(range(len(starts)))
    blocks: list[_SimpleBlock] = []
    if vocabulary.is_by_piece and len(starts):
        normal, moved = normalize_in_place(text, starts.tolist(), ends.tolist())
        blocks = list(_cut_blocks(_Turns(text, normal, starts, ends, moved), vocabulary))
    is_other = np.ones(len(starts), np.bool_)
    if blocks:
        is_other = np.concatenate([one.is_other for one in blocks])
    simple = [np.concatenate([np.zeros(0, np.int64), *(one.sentences[side] for one in blocks)]) for side in range(3)]
    chunks: list[Chunk] = [one.block for one in blocks]
    encoded = EncodedTexts(CutText(normal.replace("\n", " "), *simple[1:]), {}, tuple(chunks), language, model)
    if not is_other.any():
        return CutTurns(*simple, encoded)
    at = np.flatnonzero(is_other)
    return _merge(CutTurns(*simple, encoded), _cut_others(text, at, starts, ends, language, model))


# ---- simple turns


class _Turns(NamedTuple):
    """Turns of a text and of its normal form; ``moved`` are those which that does not hold."""

    text: str
    normal: str
    starts: Positions
    ends: Positions
    moved: Sequence[int]

    def find_odd(self) -> Flags:
        """Tell which turns hold more than blanks and apostrophes that are others in normal form."""
        odd = np.zeros(len(self.starts), np.bool_)
        odd[self.moved] = True
        at = [at for sign in (ELLIPSIS, *self._changing()) for at in self._find_changed(sign)]
        row = np.searchsorted(self.starts, np.array(at, np.int64), "right") - 1
        odd[row[row >= 0]] = True
        return odd

    def _changing(self) -> Iterator[str]:
        if self.text is not self.normal:
            yield from (sign for sign in changing_signs(self.text) if sign not in _CHANGED_ALIKE)

    def _find_changed(self, sign: str) -> Iterator[int]:
        at = self.text.find(sign)
        while at >= 0:
            if sign == ELLIPSIS or self.normal[at] != sign:
                yield at
            at = self.text.find(sign, at + 1)


def _spell_out(ranges: str) -> frozenset[str]:
    signs = list(ranges)
    for at in range(1, len(ranges) - 1):
        if ranges[at] == "-":
            signs += map(chr, range(ord(ranges[at - 1]), ord(ranges[at + 1])))
    return frozenset(signs) - {"-"}


_CHANGED_ALIKE = _spell_out(LIKE_BLANK) | {"’"}
# Those that stand for signs of their kind: a blank for a blank, punctuation for punctuation.


@dataclass(slots=True)
class _SimpleBlock:
    """Some turns, and the sentences of those that are simple: turn, start and end of each."""

    block: PieceBlock
    is_other: Flags
    sentences: tuple[Positions, Positions, Positions]


def _cut_blocks(turns: _Turns, vocabulary: Vocabulary) -> Iterator[_SimpleBlock]:
    is_odd = turns.find_odd()
    texts = CutText(turns.normal, turns.starts, turns.ends)
    n_sentences = 0
    for first, last in block_bounds(texts):
        part = texts[first:last]
        raw, left_out = join_texts(part)
        pieces = cut_pieces(raw, vocabulary)
        is_other = is_odd[first:last]
        is_other[left_out] = True
        is_other[find_entangled(pieces, raw, part, vocabulary)] = True
        borders = _find_borders(pieces, _Words(turns, first, pieces, raw), is_other)
        turn, begin, end = _list_sentences(pieces, borders, ~is_other)
        block = lay_tokens(pieces, borders.last, pieces.edges[begin], n_sentences, vocabulary)
        block.blank_out(pieces.lasts, np.flatnonzero(is_other).tolist())
        places = _Words(turns, first, pieces, raw).locate(turn, begin, end)
        yield _SimpleBlock(block, is_other, (turn + first, *places))
        n_sentences += len(turn)


class _Borders(NamedTuple):
    """Where one sentence ends and the next begins: last and first piece."""

    last: Positions
    first: Positions


def _find_borders(pieces: Pieces, words: _Words, is_other: Flags) -> _Borders:
    """Return the borders within simple turns; mark those turns in which more must be known to tell them."""
    how = pieces.table.end_kinds.take(pieces.numbers)
    last = np.flatnonzero(how != NO_END)
    how = how.take(last)
    unclear = last[how >= INSIDE]
    last, how = last[how < INSIDE], how[how < INSIDE]
    first = last + 1
    kind = pieces.table.begin_kinds.take(pieces.numbers.take(first))
    empty = np.flatnonzero(kind == NOTHING)
    is_clear = kind == LETTER
    is_clear[empty] = how[empty] == LAST  # more than one blank in a row is a token, at which a sentence begins
    while len(empty):
        first[empty] += 1
        kind[empty] = pieces.table.begin_kinds.take(pieces.numbers.take(first[empty]))
        empty = empty[kind[empty] == NOTHING]
    asked = np.flatnonzero((kind == OPENER) & ~is_clear & (first == last + 1))
    is_clear[asked] = words.are_unchanged(first[asked])
    is_other[np.searchsorted(pieces.lasts, np.concatenate([unclear, last[~is_clear]]))] = True
    is_kept = ~is_other[np.searchsorted(pieces.lasts, last)]
    return _Borders(last[is_kept], first[is_kept])


def _list_sentences(pieces: Pieces, borders: _Borders, is_simple: Flags) -> tuple[Positions, Positions, Positions]:
    """Return the turn, and first and last piece, of each sentence of simple turns."""
    firsts = np.concatenate([[0], pieces.lasts[:-1] + 1])
    begins, ends = (np.zeros(len(pieces.numbers), np.bool_) for _ in range(2))
    begins[firsts[is_simple]] = True
    begins[borders.first] = True
    ends[pieces.lasts[is_simple]] = True
    ends[borders.last] = True
    begin, end = np.flatnonzero(begins), np.flatnonzero(ends)
    return np.searchsorted(pieces.lasts, end), begin, end


class _Words:
    """Pieces as words of the text, given the first turn of which they were made."""

    def __init__(self, turns: _Turns, first: int, pieces: Pieces, raw: bytes) -> None:
        self._turns, self._first, self._pieces, self._raw = turns, first, pieces, raw
        self._bytes = np.concatenate([[0], pieces.edges[pieces.lasts[:-1] + 1]])

    def locate(self, turn: Positions, begin: Positions, end: Positions) -> tuple[Positions, Positions]:
        """Return where stretches from a first to a last piece lie in the text."""
        edges, more = self._pieces.edges, self._pieces.continuation
        origin = self._turns.starts[self._first :].take(turn) - self._bytes.take(turn)
        start, stop = edges.take(begin).astype(np.int64), edges.take(end + 1).astype(np.int64) - 1
        if not len(more):
            return start + origin, stop + origin
        origin += np.searchsorted(more, self._bytes).take(turn)
        return start - np.searchsorted(more, start) + origin, stop - np.searchsorted(more, stop) + origin

    def are_unchanged(self, pieces: Positions) -> Flags:
        """Tell of pieces whether they are in the text as they are in its normal form."""
        text, normal = self._turns.text, self._turns.normal
        if text is normal:
            return np.ones(len(pieces), np.bool_)
        starts, ends = self.locate(np.searchsorted(self._pieces.lasts, pieces), pieces, pieces)
        places = zip(starts.tolist(), ends.tolist(), strict=True)
        return np.array([text[start:end] == normal[start:end] for start, end in places], np.bool_)


# ---- other turns


def _cut_others(
    text: str, rows: Positions, starts: Positions, ends: Positions, language: str, model: str | None
) -> CutTurns:
    """Return the sentences of some turns, in the way that goes for all."""
    starts, ends = starts[rows], ends[rows]
    joined = "\n".join([text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)])
    sizes = ends - starts
    begins = np.cumsum(sizes + 1) - sizes - 1
    found = cut_paragraphs(joined, begins.tolist(), (begins + sizes).tolist(), language=language, model=model)
    texts, moved = normalize_texts(CutText(joined.replace("\n", " "), found.starts, found.ends))
    blocks = tuple(encode_blocks(texts, vocabulary_for(language, model)))
    shift = (starts - begins)[found.rows]
    encoded = EncodedTexts(texts, moved, blocks, language, model)
    return CutTurns(rows[found.rows], found.starts + shift, found.ends + shift, encoded)


def _merge(simple: CutTurns, others: CutTurns) -> CutTurns:
    """Return the sentences of both in the order of the text."""
    n_simple = len(simple.start)
    order = np.argsort(np.concatenate([simple.start, others.start]), kind="stable")
    turn, start, end = (np.concatenate(pair)[order] for pair in zip(simple[:3], others[:3], strict=True))
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    blocks = [
        _Renumbered(block, names)
        for part, names in ((simple, number[:n_simple]), (others, number[n_simple:]))
        for block in part.encoded.blocks
    ]
    texts = _TwoColumns(simple.encoded.texts, others.encoded.texts, order)
    moved = {int(number[n_simple + at]): normal for at, normal in others.encoded.moved.items()}
    encoded = EncodedTexts(texts, moved, tuple(blocks), simple.encoded.language, simple.encoded.model)
    return CutTurns(turn, start, end, encoded)


@dataclass(slots=True)
class _Renumbered:
    """A block of which the texts have other numbers."""

    block: Chunk
    names: Positions

    @property
    def tokens(self) -> Ints:
        return self.block.tokens

    def find_few(self, is_wanted: Flags) -> Positions | None:
        return self.block.find_few(is_wanted)

    def locate(self, firsts: Positions, lasts: Positions) -> Places:
        text, start, end = self.block.locate(firsts, lasts)
        return Places(self.names.take(text), start, end)


class _TwoColumns(Sequence[str]):
    """Two columns of texts behind one another, in another order."""

    def __init__(self, first: Sequence[str], second: Sequence[str], order: Positions) -> None:
        self._first, self._second, self._order = first, second, order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        number = int(self._order[at])
        n_first = len(self._first)
        return self._first[number] if number < n_first else self._second[number - n_first]
