"""Turns cut into sentences and made into arrays at once: what corpora of millions of words are tagged from.

The pieces between blanks tell both where sentences end and which tokens there are, so they are found once for both.
That is so of simple turns, which nearly all are. The others go the way of :func:`qualcode.language.cut_paragraphs` and
:func:`qualcode.matching.encode`, which gives the same for every turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from qualcode.axis import concatenate
from qualcode.language import (
    ELLIPSIS,
    INSIDE,
    LAST,
    LETTER,
    LIKE_ACCENT,
    LIKE_BLANK,
    NO_END,
    OPENER,
    changing_signs,
    cut_paragraphs,
    normalize_in_place,
)
from qualcode.matching.encoding import (
    block_bounds,
    cut_pieces,
    encode_blocks,
    find_entangled,
    join_texts,
    lay_tokens,
    let_memory_be_reused,
)
from qualcode.matching.texts import CutText, EncodedTexts, Places, normalize_texts
from qualcode.matching.vocabulary import ENDLESS, NOTHING, UNCLEAR, vocabulary_for

if TYPE_CHECKING:
    from qualcode.matching.encoding import PieceBlock, Pieces
    from qualcode.matching.texts import Chunk, Flags, Positions
    from qualcode.matching.vocabulary import Vocabulary


class _Stretches(NamedTuple):
    """Turn, start and end of some stretches of a text."""

    turn: Positions
    start: Positions
    end: Positions


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
    if not vocabulary.is_by_piece or not len(starts):
        return _cut_others(text, _Stretches(np.arange(len(starts)), starts, ends), language, model)
    let_memory_be_reused()
    normal, moved = normalize_in_place(text, starts.tolist(), ends.tolist())
    blocks = list(_cut_blocks(_Turns(text, normal, starts, ends, moved), vocabulary))
    turn, start, end = _join([one.sentences for one in blocks])
    texts = _Lines(normal, start, end)
    simple = CutTurns(turn, start, end, EncodedTexts(texts, {}, tuple(one.block for one in blocks), language, model))
    others = _join([one.others for one in blocks])
    return _merge(simple, _cut_others(text, others, language, model)) if len(others.turn) else simple


class _Lines(CutText):
    """Stretches in which a line end is the blank that it is to the reader: see :class:`CutText`."""

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> _Lines: ...

    def __getitem__(self, at: int | slice) -> str | _Lines:
        if isinstance(at, slice):
            return _Lines(self.text, self.starts[at], self.ends[at])
        return super().__getitem__(at).replace("\n", " ")

    def __iter__(self) -> Iterator[str]:
        return (text.replace("\n", " ") for text in super().__iter__())


def _join(parts: Sequence[_Stretches]) -> _Stretches:
    return _Stretches(*(concatenate(columns) for columns in zip(*parts, strict=True)))


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
        at = [at for sign in (ELLIPSIS, *self._changed()) for at in self._find_changed(sign)]
        row = np.searchsorted(self.starts, np.array(at, np.int64), "right") - 1
        odd[row[row >= 0]] = True
        return odd

    def _changed(self) -> Iterator[str]:
        """Yield the signs that are others in normal form somewhere; most of those that may be nowhere are."""
        if self.text is self.normal or self.text.replace("’", "'") == self.normal:
            return
        for sign in changing_signs(self.text):
            if sign not in _CHANGED_ALIKE and self.text.count(sign) != self.normal.count(sign):
                yield sign

    def _find_changed(self, sign: str) -> Iterator[int]:
        before = "(?<!\\s)" if sign in LIKE_ACCENT else ""  # what opens a quotation is no accent
        for found in re.finditer(before + re.escape(sign), self.text):
            if sign == ELLIPSIS or self.normal[found.start()] != sign:
                yield found.start()


def _spell_out(ranges: str) -> frozenset[str]:
    signs = list(ranges)
    for at in range(1, len(ranges) - 1):
        if ranges[at] == "-":
            signs += map(chr, range(ord(ranges[at - 1]), ord(ranges[at + 1])))
    return frozenset(signs) - {"-"}


_CHANGED_ALIKE = _spell_out(LIKE_BLANK) | {"’"}
# Those that stand for signs of their kind: a blank for a blank, punctuation for punctuation.


class _Block(NamedTuple):
    """Some turns: what are sentences for sure, and stretches that are cut in another way."""

    block: PieceBlock
    sentences: _Stretches
    others: _Stretches


def _cut_blocks(turns: _Turns, vocabulary: Vocabulary) -> Iterator[_Block]:
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
        words = _Words(turns, first, pieces)
        borders = _find_borders(pieces, words, is_other)
        begin, end, is_clear = _list_stretches(pieces, borders, is_other)
        block = lay_tokens(pieces, borders.last, pieces.edges[begin[is_clear]], n_sentences, vocabulary)
        block.blank_out(begin[~is_clear], end[~is_clear])
        places = words.locate(begin, end)
        sentences, others = (
            _Stretches(*(one.take(which) for one in places)) for which in map(np.flatnonzero, (is_clear, ~is_clear))
        )
        yield _Block(block, sentences, others)
        n_sentences += len(sentences.turn)


class _Borders(NamedTuple):
    """Where one sentence ends and the next begins: last and first piece; and pieces of which more must be known."""

    last: Positions
    first: Positions
    unclear: Positions


def _find_borders(pieces: Pieces, words: _Words, is_other: Flags) -> _Borders:
    """Return the borders within simple turns; mark turns that nobody can have spoken."""
    how = pieces.table.end_kinds.take(pieces.numbers)
    last = np.flatnonzero(how != NO_END)
    how = how.take(last)
    is_other[words.turns(last[how == ENDLESS])] = True
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
    is_clear &= kind != UNCLEAR
    asked = np.flatnonzero((kind == OPENER) & ~is_clear & (first == last + 1))
    is_clear[asked] = words.are_unchanged(first[asked])
    is_kept = is_clear & ~is_other[words.turns(last)]
    return _Borders(last[is_kept], first[is_kept], np.concatenate([unclear, last[~is_clear]]))


def _list_stretches(pieces: Pieces, borders: _Borders, is_other: Flags) -> tuple[Positions, Positions, Flags]:
    """Return first and last piece of each stretch between borders, and whether it is a sentence for sure."""
    begins, ends = (np.zeros(len(pieces.numbers), np.bool_) for _ in range(2))
    begins[pieces.firsts] = True
    begins[borders.first] = True
    ends[pieces.lasts] = True
    ends[borders.last] = True
    begin, end = np.flatnonzero(begins), np.flatnonzero(ends)
    is_clear = np.ones(len(end), np.bool_)
    is_clear[np.searchsorted(end, borders.unclear)] = False
    if is_other.any():
        is_clear[np.searchsorted(end, pieces.lasts[is_other])] = False
    return begin, end, is_clear


class _Words:
    """Pieces as words of the text, given the first turn of which they were made."""

    def __init__(self, turns: _Turns, first: int, pieces: Pieces) -> None:
        self._turns, self._first, self._pieces = turns, first, pieces
        self._bytes = pieces.edges[pieces.firsts]
        self._turn_of = np.repeat(np.arange(len(pieces.lasts)), pieces.lasts - pieces.firsts + 1)

    def turns(self, pieces: Positions) -> Positions:
        """Return the turns of pieces, numbered from the first."""
        return self._turn_of.take(pieces)

    def locate(self, begin: Positions, end: Positions) -> _Stretches:
        """Return the turns of stretches from a first to a last piece, and where they lie in the text.

        One that ends with its turn ends there in the text, too: its letters may have been left out.
        """
        edges, turn, count = self._pieces.edges, self.turns(end), self._pieces.places.count
        origin = self._turns.starts[self._first :].take(turn) - count(self._bytes).take(turn)
        start, stop = count(edges.take(begin)), count(edges.take(end + 1) - 1)
        whole = self._turns.ends[self._first :].take(turn)
        is_last = self._pieces.lasts.take(turn) == end
        return _Stretches(turn + self._first, start + origin, np.where(is_last, whole, stop + origin))

    def are_unchanged(self, pieces: Positions) -> Flags:
        """Tell of pieces whether they are in the text as they are in its normal form."""
        text, normal = self._turns.text, self._turns.normal
        if text is normal:
            return np.ones(len(pieces), np.bool_)
        _, starts, ends = self.locate(pieces, pieces)
        places = zip(starts.tolist(), ends.tolist(), strict=True)
        return np.array([text[start:end] == normal[start:end] for start, end in places], np.bool_)


# ---- other turns


def _cut_others(text: str, stretches: _Stretches, language: str, model: str | None) -> CutTurns:
    """Return the sentences of stretches, given turn, start and end of each, in the way that goes for all."""
    turn, starts, ends = stretches
    joined = "\n".join([text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)])
    sizes = ends - starts
    begins = np.cumsum(sizes + 1) - sizes - 1
    found = cut_paragraphs(joined, begins.tolist(), (begins + sizes).tolist(), language=language, model=model)
    texts, moved = normalize_texts(CutText(joined.replace("\n", " "), found.starts, found.ends))
    blocks = tuple(encode_blocks(texts, vocabulary_for(language, model)))
    shift = (starts - begins)[found.rows]
    encoded = EncodedTexts(texts, moved, blocks, language, model)
    return CutTurns(turn[found.rows], found.starts + shift, found.ends + shift, encoded)


def _merge(simple: CutTurns, others: CutTurns) -> CutTurns:
    """Return the sentences of both in the order of the text."""
    n_simple = len(simple.start)
    order = np.argsort(np.concatenate([simple.start, others.start]), kind="stable")
    turn, start, end = (np.concatenate(pair)[order] for pair in zip(simple[:3], others[:3], strict=True))
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    blocks: list[Chunk] = [
        _Renumbered(block, names)
        for part, names in ((simple, number[:n_simple]), (others, number[n_simple:]))
        for block in part.encoded.blocks
    ]
    texts = _TwoColumns(simple.encoded.texts, others.encoded.texts, order)
    moved = {int(number[n_simple + at]): normal for at, normal in others.encoded.moved.items()}
    encoded = EncodedTexts(texts, moved, tuple(blocks), simple.encoded.language, simple.encoded.model)
    return CutTurns(turn, start, end, encoded)


class _Renumbered:
    """A block of which the texts have other numbers."""

    def __init__(self, block: Chunk, names: Positions) -> None:
        self.tokens = block.tokens
        self.find_few = block.find_few
        self._locate, self._names = block.locate, names

    def locate(self, firsts: Positions, lasts: Positions) -> Places:
        """Return where the stretches from a first to a last token lie."""
        text, start, end = self._locate(firsts, lasts)
        return Places(self._names.take(text), start, end)


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
