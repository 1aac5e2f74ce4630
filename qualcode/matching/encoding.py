"""Texts as arrays of token numbers, made with vectorised kernels.

The texts of a block are joined, cut at blanks and dictionary-encoded as bytes, so that each distinct piece is looked at
once; what spaCy makes of it comes from the lexicon. Texts to which pieces do not apply are tokenised one by one: those
with Chinese, those in which a special case across a blank matters, and languages and models that look at context.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qualcode.byte_places import BytePlaces
from qualcode.columns import distinct
from qualcode.language import has_cjk, learn, tokenize
from qualcode.matching.mixed import encode_mixed
from qualcode.matching.texts import CutText, EncodedTexts, Places, list_texts, normalize_texts
from qualcode.matching.vocabulary import BREAK, vocabulary_for
from qualcode.text_columns import to_column, to_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy.typing as npt

    from qualcode.matching.texts import Flags, Positions
    from qualcode.matching.vocabulary import Ints, PieceArrays, Vocabulary

BLOCK_TEXTS = 65_536
"""Texts that are encoded at once: enough to amortise the calls, few enough to keep memory flat."""

BLOCK_CHARACTERS = 1 << 21
"""Characters that are encoded at once, if no single text has more."""

_FIRST_LEAD, _GENERAL_LEAD, _FIRST_RADICAL = 0xE1, 0xE2, 0xBA
# The first byte of UTF-8 that may begin a letter of these scripts; one that may begin “ and … too, and its second.

_STRETCH = 31 << 20
# Bytes: more than most arrays of a block have, and less than the 32 MB beyond which that library learns nothing.

_FEW = 16
# Of how many tokens one is wanted when an index finds them sooner than a look at each.


def encode(texts: Iterable[str], *, language: str = "en", model: str | None = None) -> EncodedTexts:
    """Return texts as arrays, which a matcher searches faster than text, any number of times.

    Parameters
    ----------
    texts
        As for :meth:`qualcode.matching.Matcher.find`.
    language, model
        As in :func:`qualcode.language.tokenize`.
    """
    texts, moved = normalize_texts(list_texts(texts))
    blocks = tuple(block.keep() for block in encode_blocks(texts, vocabulary_for(language, model)))
    return EncodedTexts(texts, moved, blocks, language, model)


def encode_blocks(texts: Sequence[str], vocabulary: Vocabulary) -> Iterator[PieceBlock | TokenBlock]:
    """Yield the blocks that texts make, in order; texts that are tokenised one by one come after their neighbours."""
    let_memory_be_reused()
    for first, last in block_bounds(texts):
        part = texts[first:last]
        if not vocabulary.is_by_piece:
            yield encode_singly(part, range(len(part)), first, vocabulary)
            continue
        raw, left_out = join_texts(part)
        pieces = cut_pieces(raw, vocabulary)
        block = lay_tokens(pieces, pieces.lasts[:0], pieces.edges[pieces.firsts], first, vocabulary)
        mixed = [number for number in left_out if "\0" not in part[number]]
        single = [number for number in left_out if "\0" in part[number]]
        tangled = find_entangled(pieces, raw, part, vocabulary)
        block.blank_out(pieces.firsts[tangled], pieces.lasts[tangled])
        single.extend(tangled)
        yield block
        if mixed:
            yield _mixed_block(part, mixed, first, vocabulary)
        if single:
            yield encode_singly(part, sorted(single), first, vocabulary)


def let_memory_be_reused() -> None:
    """Let the C library keep the memory of one block for the next.

    That of Linux gives back more than twice the largest stretch that was ever freed, and a sixth of the time goes into
    getting it again page by page. This stretch is never written to, so it takes no memory itself.
    """
    np.empty(_STRETCH, np.uint8)


def _mixed_block(texts: Sequence[str], numbers: Sequence[int], first_text: int, vocabulary: Vocabulary) -> TokenBlock:
    columns = encode_mixed([texts[number] for number in numbers], vocabulary)
    vocabulary.count(columns.tokens)
    # Behind the last text stands one more break, which belongs to none.
    names = np.array([*numbers, numbers[-1]], np.int64) + first_text
    return TokenBlock(columns.tokens, names.take(columns.text), columns.start, columns.end)


def block_bounds(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield first and last of the texts of each block: as many as its characters allow, one at least."""
    if isinstance(texts, CutText):
        sizes = texts.ends - texts.starts
    else:
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(sizes)
    first = 0
    while first < len(texts):
        limit = ends[first] - sizes[first] + BLOCK_CHARACTERS
        last = max(first + 1, min(int(np.searchsorted(ends, limit, "right")), first + BLOCK_TEXTS))
        yield first, last
        first = last


def join_texts(texts: Sequence[str]) -> tuple[bytes, list[int]]:
    r"""Return texts in UTF-8, each ended by ``\0``, and the numbers of those that are left empty in it.

    Left empty are texts with Chinese, Japanese or Korean letters, and with ``\0``.
    """
    if isinstance(texts, CutText):
        raw = _join_stretches(texts)
        if raw is not None:
            return raw, []
        texts = list(texts)
    raw = _to_bytes(texts)
    data = np.frombuffer(raw, np.uint8)
    if np.count_nonzero(data == 0) == len(texts):
        marks = np.empty(0, np.int64) if raw.isascii() else _maybe_cjk(data)
        suspects = distinct(np.searchsorted(np.flatnonzero(data == 0), marks)).tolist() if len(marks) else []
    else:
        suspects = list(range(len(texts)))
    single = [number for number in suspects if has_cjk(texts[number]) or "\0" in texts[number]]
    if single:
        texts = list(texts)
        for number in single:
            texts[number] = ""
        raw = _to_bytes(texts)
    return raw, single


def _join_stretches(texts: CutText) -> bytes | None:
    r"""Return stretches of a text in UTF-8, each ended by ``\0``; nothing where some may have to be left empty."""
    base = int(texts.starts[0])
    try:
        raw = texts.text[base : texts.ends[-1]].encode()
    except UnicodeEncodeError:  # a lone surrogate
        return None
    data = np.frombuffer(raw, np.uint8)
    starts, ends = texts.starts - base, texts.ends - base
    if len(raw) != int(ends[-1]):
        if len(_maybe_cjk(data)):
            return None
        places = BytePlaces(raw)
        starts, ends = places.find(starts), places.find(ends)
    if b"\0" in raw:
        return None
    # Where one sign stands between two stretches, it becomes the end of the first.
    gaps = starts[1:] - ends[:-1]
    data = np.append(data, np.uint8(0))
    single, wide = gaps == 1, np.flatnonzero(gaps > 1)
    data[ends[:-1][single]] = 0
    if single.all():
        return data.tobytes()
    kept = np.ones(len(data), np.bool_)
    data[ends[wide]] = 0
    for first, last in zip((ends[wide] + 1).tolist(), starts[wide + 1].tolist(), strict=True):
        kept[first:last] = False
    touching = ends[:-1][gaps == 0]
    if len(touching):
        return np.insert(data, touching, 0)[np.insert(kept, touching, True)].tobytes()
    return data[kept].tobytes()


def _to_bytes(texts: Sequence[str]) -> bytes:
    r"""Return texts in UTF-8, each ended by ``\0``."""
    try:
        column = pa.array([*texts, ""], pa.string())
    except UnicodeEncodeError:  # a lone surrogate
        return ("\0".join(texts) + "\0").encode("utf-8", "surrogatepass")
    row = pa.ListArray.from_arrays(pa.array([0, len(column)], pa.int32()), column)
    joined: bytes = pc.binary_join(row, "\0")[0].as_buffer().to_pybytes()
    return joined


def _maybe_cjk(data: npt.NDArray[np.uint8]) -> Positions:
    """Return the bytes of UTF-8 that may begin a Chinese, Japanese or Korean letter; few others do."""
    lead = np.flatnonzero(data >= _FIRST_LEAD)
    is_general = data[lead] == _GENERAL_LEAD
    found: Positions = lead[~is_general | (data[np.minimum(lead + 1, len(data) - 1)] >= _FIRST_RADICAL)]
    return found


@dataclass(slots=True)
class PieceBlock:
    """A block cut at blanks.

    Attributes
    ----------
    first_text
        Number of its first text.
    pieces
        Number of each piece, in order.
    piece_bytes
        Where each piece starts in the joined texts, in bytes.
    piece_tokens
        Position in ``tokens`` of the first token of each piece.
    text_bytes
        Where each text starts in the joined texts, in bytes.
    places
        Where the code points of the joined texts stand among their bytes.
    """

    tokens: Ints
    first_text: int
    pieces: Positions
    piece_bytes: Ints
    piece_tokens: Ints
    text_bytes: Ints
    places: BytePlaces
    table: PieceArrays

    def find_few(self, is_wanted: Flags) -> None:
        """Return nothing: to look at each token once is the fastest."""

    def keep(self) -> KeptBlock:
        """Return this block as one to be searched again and again."""
        tokens = np.arange(1, len(self.tokens))
        columns = (np.insert(column.astype(np.int32), 0, 0) for column in self.locate(tokens, tokens))
        return KeptBlock(TokenBlock(self.tokens, *columns))

    def locate(self, firsts: Positions, lasts: Positions) -> Places:
        """Return where the stretches from a first to a last token lie."""
        pieces = self._piece_finder(len(firsts))
        piece = pieces(firsts)
        token = self._table_token(piece, firsts)
        starts = self._bytes(piece, token, self.table.starts)
        ends = self._bytes(piece, token, self.table.ends)
        longer = np.flatnonzero(lasts > firsts)
        piece, last = pieces(lasts.take(longer)), lasts.take(longer)
        ends[longer] = self._bytes(piece, self._table_token(piece, last), self.table.ends)
        text = np.searchsorted(self.text_bytes, starts, "right") - 1
        return Places(text + self.first_text, *self._points(text, starts, ends))

    def _piece_finder(self, n_wanted: int) -> Callable[[Positions], Ints | Positions]:
        """Return a function from tokens to pieces: a search for few, a table for many."""
        if n_wanted * 8 < len(self.tokens):
            return lambda positions: np.searchsorted(self.piece_tokens, positions, "right") - 1
        sizes = np.diff(self.piece_tokens, append=np.int32(len(self.tokens)))
        piece_of = np.repeat(np.arange(len(self.pieces), dtype=np.int32), sizes)
        return lambda positions: piece_of.take(positions - 1)

    def _table_token(self, piece: Ints | Positions, positions: Positions) -> Positions:
        """Return where tokens stand in the columns of the table."""
        token: Positions = self.table.firsts.take(self.pieces.take(piece)) + positions - self.piece_tokens.take(piece)
        return token

    def _bytes(self, piece: Ints | Positions, token: Positions, offsets: Ints) -> Positions:
        return self.piece_bytes.take(piece).astype(np.int64) + offsets.take(token)

    def _points(self, text: Positions, starts: Positions, ends: Positions) -> tuple[Positions, Positions]:
        """Return bytes of the block as code points of their texts."""
        origin = self.places.count(self.text_bytes.take(text))
        return self.places.count(starts) - origin, self.places.count(ends) - origin

    def blank_out(self, firsts: Positions, lasts: Positions) -> None:
        """Make stretches from a first to a last piece match nothing."""
        begins = self.piece_tokens.take(firsts)
        ends = np.append(self.piece_tokens, len(self.tokens)).take(lasts + 1)
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            self.tokens[begin:end] = BREAK


class Pieces(NamedTuple):
    r"""Texts in UTF-8, each ended by ``\0``, cut at blanks.

    Attributes
    ----------
    numbers
        Of the pieces, in order.
    edges
        Where each piece begins, in bytes, and where the last one ends.
    firsts, lasts
        First and last piece of each text.
    places
        Where the characters of the texts stand among their bytes.
    table
        What there is to know of each number.
    """

    numbers: Positions
    edges: Ints
    firsts: Positions
    lasts: Positions
    places: BytePlaces
    table: PieceArrays


def cut_pieces(raw: bytes, vocabulary: Vocabulary) -> Pieces:
    r"""Return the pieces of texts in UTF-8, each ended by ``\0``."""
    data = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero((data & 0xDF) == 0).astype(np.int32)  # the bytes 0x20 and 0x00
    edges = np.concatenate([np.zeros(1, np.int32), ends + 1])
    cut = pa.Array.from_buffers(pa.binary(), len(ends), [None, pa.py_buffer(edges), pa.py_buffer(raw)])
    encoded = cut.dictionary_encode()
    numbers = vocabulary.number_pieces(encoded.dictionary.to_pylist())
    pieces = numbers.astype(np.int64).take(to_numbers(encoded.indices))
    lasts = np.flatnonzero(data.take(ends) == 0)
    firsts = np.append(0, lasts[:-1] + 1)
    return Pieces(pieces, edges, firsts, lasts, BytePlaces(raw), vocabulary.table())


def lay_tokens(
    found: Pieces, breaks: Positions, text_bytes: Ints, first_text: int, vocabulary: Vocabulary
) -> PieceBlock:
    """Return pieces as a block.

    Parameters
    ----------
    found
        The pieces.
    breaks
        Those behind which a text ends, though a blank stands there.
    text_bytes, first_text
        Where each text starts, and the number of the first.
    vocabulary
        That of the pieces.
    """
    tokens, piece_tokens = _spread(found.numbers, found.table, breaks)
    vocabulary.count(tokens)
    columns = found.numbers, found.edges[:-1], piece_tokens, text_bytes, found.places, found.table
    return PieceBlock(tokens, first_text, *columns)


def _spread(pieces: Positions, table: PieceArrays, breaks: Positions) -> tuple[Ints, Ints]:
    """Return the tokens of pieces, after one break, and where each piece's begin; behind some stands one more break."""
    sizes = table.sizes.take(pieces)
    room = sizes
    if len(breaks):
        room = sizes.copy()
        room[breaks] += 1
    begins = np.cumsum(room)
    tokens = np.zeros(int(begins[-1]) + 1, np.int32)  # breaks, where nothing else is written
    begins -= room - 1
    tokens[begins] = table.heads.take(pieces)
    more = np.flatnonzero(sizes > 1)
    begin, first, size = begins.take(more), table.firsts.take(pieces.take(more)), sizes.take(more)
    step = 1
    while len(begin):
        tokens[begin + step] = table.tokens.take(first + step)
        step += 1
        left = np.flatnonzero(size > step)
        begin, first, size = begin.take(left), first.take(left), size.take(left)
    return tokens, begins.astype(np.int32)


def find_entangled(found: Pieces, raw: bytes, texts: Sequence[str], vocabulary: Vocabulary) -> list[int]:
    """Return the texts, of which pieces were made, in which a special case across a blank changes the tokens."""
    lexicon, table, pieces, edges = vocabulary.lexicon, found.table, found.numbers, found.edges
    spaced = [case for case in lexicon.spaced_cases if case.encode() in raw]
    tangled = {number for number, text in enumerate(texts) if any(case in text for case in spaced)} if spaced else set()
    opening = np.flatnonzero(table.opens.take(pieces))
    opening = opening[opening > 0]
    opening = opening[table.closes.take(pieces.take(opening - 1))]
    pairs, which = np.unique((pieces.take(opening - 1) << 32) | pieces.take(opening), return_inverse=True)
    crosses = np.array(
        [
            lexicon.crosses(vocabulary.closes[pair >> 32], vocabulary.opens[pair & 0xFFFFFFFF])
            for pair in pairs.tolist()
        ],
        np.bool_,
    )
    crossing = opening[crosses[which]].tolist()
    for first, last in _runs(crossing):
        chain = raw[edges[first - 1] : edges[last + 1] - 1].decode("utf-8", "surrogatepass")
        # Words with a tab or line end between them are no runs that the lexicon knows: the text is looked at by itself.
        if any(run.split() != [run] for run in chain.split(" ")) or lexicon.differs(chain):
            tangled.add(int(np.searchsorted(found.lasts, first)))
    return sorted(tangled)


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of numbers that follow one another."""
    first = last = -1
    for number in numbers:
        if number != last + 1 or first < 0:
            if first >= 0:
                yield first, last
            first = number
        last = number
    if first >= 0:
        yield first, last


@dataclass(slots=True)
class TokenBlock:
    """A block of texts tokenised one by one: text, start and end of each token."""

    tokens: Ints
    token_text: Ints | Positions
    token_start: Ints | Positions
    token_end: Ints | Positions

    def find_few(self, is_wanted: Flags) -> None:
        """Return nothing: to look at each token once is the fastest."""

    def keep(self) -> KeptBlock:
        """Return this block as one to be searched again and again."""
        return KeptBlock(self)

    def locate(self, firsts: Positions, lasts: Positions) -> Places:
        """Return where the stretches from a first to a last token lie."""
        columns = self.token_text.take(firsts), self.token_start.take(firsts), self.token_end.take(lasts)
        return Places(*(column.astype(np.int64) for column in columns))


class KeptBlock:
    """A block of encoded texts, with an index from each token number to where it stands."""

    def __init__(self, block: TokenBlock) -> None:
        self.tokens = block.tokens
        self.locate = block.locate
        self._order = to_numbers(pc.array_sort_indices(to_column(block.tokens))).astype(np.int32)
        self._counts = np.bincount(block.tokens)
        self._firsts = np.cumsum(self._counts) - self._counts

    def find_few(self, is_wanted: Flags) -> Positions | None:
        """Return where tokens stand, given which numbers are wanted; nothing if they are many or it takes as long."""
        numbers = np.flatnonzero(is_wanted[: len(self._counts)])
        counts = self._counts.take(numbers)
        total = int(counts.sum())
        if total * _FEW > len(self.tokens):
            return None
        within = np.arange(total) - np.repeat(np.cumsum(counts) - counts - self._firsts.take(numbers), counts)
        found: Positions = self._order.take(within).astype(np.int64)
        return found


def encode_singly(texts: Sequence[str], numbers: Sequence[int], first_text: int, vocabulary: Vocabulary) -> TokenBlock:
    """Return some of the texts as a block, tokenised one by one."""
    learn((texts[number] for number in numbers), language=vocabulary.language, model=vocabulary.model)
    columns = array("i", [BREAK]), array("q", [0]), array("q", [0]), array("q", [0])
    for number in numbers:
        text = texts[number]
        for token in tokenize(text, language=vocabulary.language, model=vocabulary.model):
            columns[0].append(vocabulary.number_token(text[token.start : token.end], token.lemma))
            columns[1].append(first_text + number)
            columns[2].append(token.start)
            columns[3].append(token.end)
        for column in columns:
            column.append(BREAK)
    return TokenBlock(*map(np.array, columns))
