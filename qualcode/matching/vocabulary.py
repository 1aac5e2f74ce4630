"""Numbers for what texts are made of: tokens, lemmas, and the pieces between blanks with the tokens of each."""

from __future__ import annotations

import sys
from array import array
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.language import (
    INSIDE,
    LETTER,
    LONG,
    NO_END,
    cut,
    is_cut_at_blanks,
    lexicon_for,
    spaced_language,
    tell_begin,
    tell_end,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from qualcode.language import Lexicon, Piece

    Ints = npt.NDArray[np.int32]

BREAK = 0
"""The token number that stands between texts."""

BLANK = 1
"""The token number of a run of blanks that is a token of its own."""

NOTHING, UNCLEAR, ENDLESS = 8, 9, 10
"""What a piece may be beside a word with an end and a begin: empty, with blanks in it, longer than speech has words."""


class Vocabulary:
    """What the texts of one language are made of; it grows with every new piece.

    Attributes
    ----------
    forms, lemmas
        For each token number its form, as it is compared whatever its case, and the number of its lemma.
    counts
        How often each token was seen, roughly; may be shorter than ``forms``.
    opens, closes
        By number of the piece, where there are any: see :class:`qualcode.language.Piece`.
    """

    def __init__(self, language: str, model: str | None) -> None:
        self.language = language
        self.model = model
        self.forms: list[str] = ["\0", " "]
        self.lemmas = array("i", [0, 1])
        self.counts = np.zeros(0, np.int64)
        self.opens: dict[int, tuple[str, ...]] = {}
        self.closes: dict[int, tuple[str, ...]] = {}
        self._lemma_numbers: dict[str, int] = {"\0": 0, " ": 1}
        self._token_numbers: dict[tuple[str, str], int] = {}
        self._piece_numbers: dict[bytes, int] = {}
        self._pieces = PieceTable()

    @property
    def is_by_piece(self) -> bool:
        """Whether texts can be cut at blanks and looked up piece by piece."""
        return self.model is None and is_cut_at_blanks(spaced_language(self.language))

    @property
    def lexicon(self) -> Lexicon:
        """What spaCy makes of pieces."""
        return lexicon_for(spaced_language(self.language))

    @property
    def lemma_texts(self) -> list[str]:
        """The lemmas, each at its number."""
        return list(self._lemma_numbers)

    def number_lemma(self, lemma: str) -> int:
        """Return the number of a lemma, a new one if need be."""
        return self._lemma_numbers.setdefault(lemma, len(self._lemma_numbers))

    def number_token(self, form: str, lemma: str) -> int:
        """Return the number of a token with this form and lemma, a new one if need be."""
        if form.isspace():
            return BLANK
        folded = self.lexicon.caseless(form)
        number = self._token_numbers.get((folded, lemma))
        if number is None:
            number = self._token_numbers[folded, lemma] = len(self.forms)
            self.forms.append(folded)
            self.lemmas.append(self.number_lemma(lemma))
        return number

    def number_characters(self, points: npt.NDArray[np.uint32]) -> Ints:
        """Return the token numbers of characters that are tokens by themselves."""
        numbers = self._characters.take(points)
        new = points[numbers < 0]
        if len(new):
            for point in np.unique(new).tolist():
                form = chr(point)
                self._characters[point] = self.number_token(form, self.lexicon.pieces([form])[form].lemmas[0])
            numbers = self._characters.take(points)
        return numbers

    @cached_property
    def _characters(self) -> Ints:
        return np.full(sys.maxunicode + 1, -1, np.int32)

    def count(self, tokens: Ints) -> None:
        """Remember how often tokens occur; one in eight is counted."""
        counted = np.bincount(tokens[::8], minlength=len(self.counts))
        counted[: len(self.counts)] += self.counts
        self.counts = counted

    def number_pieces(self, pieces: Sequence[bytes]) -> Ints:
        r"""Return the numbers of pieces in UTF-8, each with the blank or ``\\0`` that ends it."""
        numbers = list(map(self._piece_numbers.get, pieces))
        if None in numbers:
            self._add([piece for piece, number in zip(pieces, numbers, strict=True) if number is None])
            numbers = list(map(self._piece_numbers.get, pieces))
        return np.array(numbers, np.int32)

    def table(self) -> PieceArrays:
        """Return all pieces as arrays."""
        return self._pieces.arrays()

    def _add(self, pieces: Sequence[bytes]) -> None:
        texts = [piece[:-1].decode("utf-8", "surrogatepass") for piece in pieces]
        odd = {text: list(cut(text)) for text in texts if text.split() != [text]}
        runs = (run for row in odd.values() for _, run, is_blank in row if not is_blank)
        known = self.lexicon.pieces(chain(runs, (text for text in texts if text not in odd)))
        for piece, text in zip(pieces, texts, strict=True):
            row = odd.get(text, ((0, text, False),))
            number = self._piece_numbers[piece] = len(self._pieces)
            is_last = piece.endswith(b"\0")
            opens = known[row[0][1]].opens if row and not row[0][2] else ()
            closes = known[row[-1][1]].closes if row and not is_last and not row[-1][2] else ()
            if opens:
                self.opens[number] = opens
            if closes:
                self.closes[number] = closes
            tokens, ends = self._tokens(row, known)
            if is_last or not tokens:
                tokens.append(BREAK if is_last else BLANK)
                ends.append(ends[-1] if ends else 0)
            borders = (UNCLEAR, UNCLEAR) if text in odd else _tell_borders(text, known, is_last=is_last)
            if not text:
                borders = UNCLEAR if is_last else NOTHING, NO_END
            self._pieces.append(tokens, ends, borders, opens=bool(opens), closes=bool(closes))

    def _tokens(self, runs: Iterable[tuple[int, str, bool]], known: Mapping[str, Piece]) -> tuple[list[int], list[int]]:
        """Return numbers and last bytes of the tokens of a piece."""
        numbers: list[int] = []
        ends: list[int] = []
        end = 0
        for _, run, is_blank in runs:
            if is_blank:
                numbers.append(BLANK)
                end += _size(run)
                ends.append(end)
                continue
            begin = 0
            for length, lemma in zip(known[run].lengths, known[run].lemmas, strict=True):
                form = run[begin : begin + length]
                numbers.append(self.number_token(form, lemma))
                begin += length
                end += _size(form)
                ends.append(end)
        return numbers, ends


def _tell_borders(word: str, known: Mapping[str, Piece], *, is_last: bool) -> tuple[int, int]:
    """Return with what a word begins, and where a sentence ends in it, but for that with its text."""
    if len(word) >= LONG:
        return LETTER, ENDLESS
    lengths = known[word].lengths
    end = tell_end(word, lengths)
    return tell_begin(word, lengths), NO_END if is_last and end != INSIDE else end


def _size(text: str) -> int:
    """Return how many bytes a text has in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class PieceTable:
    """The tokens of every piece, one after the other in growing arrays."""

    def __init__(self) -> None:
        self._firsts = array("q")
        self._sizes = array("q")
        self._heads = array("i")
        self._opens = array("b")
        self._closes = array("b")
        self._begin_kinds = array("B")
        self._end_kinds = array("B")
        self._tokens = array("i")
        self._starts = array("i")
        self._ends = array("i")
        self._arrays: PieceArrays | None = None

    def __len__(self) -> int:
        return len(self._sizes)

    def append(
        self, tokens: list[int], ends: list[int], borders: tuple[int, int], *, opens: bool, closes: bool
    ) -> None:
        """Add a piece, which has one token at least, given the numbers and last bytes of its tokens."""
        self._firsts.append(len(self._tokens))
        self._sizes.append(len(tokens))
        self._heads.append(tokens[0])
        self._opens.append(opens)
        self._closes.append(closes)
        self._begin_kinds.append(borders[0])
        self._end_kinds.append(borders[1])
        self._tokens.extend(tokens)
        self._starts.append(0)
        self._starts.extend(ends[:-1])
        self._ends.extend(ends)

    def arrays(self) -> PieceArrays:
        """Return copies of the columns, made anew only when something was added."""
        if self._arrays is None or len(self._arrays.sizes) != len(self):
            flags = (np.array(column, np.bool_) for column in (self._opens, self._closes))
            columns = map(np.array, (self._tokens, self._starts, self._ends))
            of_pieces = map(np.array, (self._firsts, self._sizes, self._heads))
            kinds = map(np.array, (self._begin_kinds, self._end_kinds))
            self._arrays = PieceArrays(*of_pieces, *flags, *kinds, *columns)
        return self._arrays


class PieceArrays(NamedTuple):
    """Columns of pieces, and of their tokens (``tokens``, ``starts``, ``ends``).

    Attributes
    ----------
    firsts, sizes
        Where the tokens of a piece begin in the token columns, and how many there are.
    heads
        The first token of each.
    opens, closes
        Whether a special case may come in from the piece before, or go on to the next.
    begin_kinds, end_kinds
        With what each begins, and where a sentence ends in it: see :mod:`qualcode.language.sentences`.
    tokens
        Token numbers.
    starts, ends
        Of each token, in bytes from the start of its piece.
    """

    firsts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    heads: Ints
    opens: npt.NDArray[np.bool_]
    closes: npt.NDArray[np.bool_]
    begin_kinds: npt.NDArray[np.uint8]
    end_kinds: npt.NDArray[np.uint8]
    tokens: Ints
    starts: Ints
    ends: Ints


@cache
def vocabulary_for(language: str, model: str | None) -> Vocabulary:
    """Return the vocabulary of a language, made once."""
    return Vocabulary(language, model)
