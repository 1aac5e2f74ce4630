"""Numbers for what texts are made of: tokens, lemmas, and the pieces between blanks with the tokens of each."""

from __future__ import annotations

import sys
from array import array
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qualcode.language import cut, fold, is_cut_at_blanks, lexicon_for, spaced_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from qualcode.language import Lexicon, Piece

    Ints = npt.NDArray[np.int32]

BREAK = 0
"""The token number that stands between texts."""

BLANK = 1
"""The token number of a run of blanks that is a token of its own."""

OPENS, CLOSES = 1, 2
"""Flags of a piece: see :class:`qualcode.language.Piece`."""


class Vocabulary:
    """What the texts of one language are made of; it grows with every new piece.

    Attributes
    ----------
    forms, lemmas
        For each token number its form, folded and in lower case, and the number of its lemma.
    counts
        How often each token was seen, roughly; may be shorter than ``forms``.
    opens, closes
        For pieces with that flag, the forms.
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

    def number_lemma(self, lemma: str) -> int:
        """Return the number of a lemma, a new one if need be."""
        return self._lemma_numbers.setdefault(lemma, len(self._lemma_numbers))

    def number_token(self, form: str, lemma: str) -> int:
        """Return the number of a token with this form and lemma, a new one if need be."""
        if form.isspace():
            return BLANK
        folded = fold(form).lower()
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
        known = self._piece_numbers
        new = [piece for piece in pieces if piece not in known]
        if new:
            self._add(new)
        return np.fromiter(map(known.__getitem__, pieces), np.int32, len(pieces))

    def table(self) -> PieceArrays:
        """Return all pieces as arrays."""
        return self._pieces.arrays()

    def _add(self, pieces: Sequence[bytes]) -> None:
        texts = [piece[:-1].decode("utf-8", "surrogatepass") for piece in pieces]
        runs = [list(cut(text)) for text in texts]
        known = self.lexicon.pieces(run for row in runs for _, run, is_blank in row if not is_blank)
        for piece, row in zip(pieces, runs, strict=True):
            number = self._piece_numbers[piece] = len(self._pieces)
            flags = 0
            if row and not row[0][2] and (opens := known[row[0][1]].opens):
                flags, self.opens[number] = flags | OPENS, opens
            is_last = piece.endswith(b"\0")
            if row and not is_last and not row[-1][2] and (closes := known[row[-1][1]].closes):
                flags, self.closes[number] = flags | CLOSES, closes
            self._pieces.append(self._tokens(row, known, is_last=is_last), flags)

    def _tokens(
        self, runs: list[tuple[int, str, bool]], known: dict[str, Piece], *, is_last: bool
    ) -> Iterator[tuple[int, int, int]]:
        """Yield number, first and last byte of the tokens of a piece; one at least."""
        at = 0
        for _, run, is_blank in runs:
            if is_blank:
                size = len(run.encode("utf-8", "surrogatepass"))
                yield BLANK, at, at + size
                at += size
                continue
            begin = 0
            for length, lemma in zip(known[run].lengths, known[run].lemmas, strict=True):
                form = run[begin : begin + length]
                size = len(form.encode("utf-8", "surrogatepass"))
                yield self.number_token(form, lemma), at, at + size
                begin += length
                at += size
        if is_last:
            yield BREAK, at, at
        elif not runs:
            yield BLANK, 0, 0


class PieceTable:
    """The tokens of every piece, one after the other in growing arrays."""

    def __init__(self) -> None:
        self._firsts = array("q")
        self._sizes = array("i")
        self._flags = array("b")
        self._tokens = array("i")
        self._starts = array("i")
        self._ends = array("i")
        self._arrays: PieceArrays | None = None

    def __len__(self) -> int:
        return len(self._sizes)

    def append(self, tokens: Iterable[tuple[int, int, int]], flags: int) -> None:
        """Add a piece."""
        self._firsts.append(len(self._tokens))
        for number, start, end in tokens:
            self._tokens.append(number)
            self._starts.append(start)
            self._ends.append(end)
        self._sizes.append(len(self._tokens) - self._firsts[-1])
        self._flags.append(flags)

    def arrays(self) -> PieceArrays:
        """Return copies of the columns, made anew only when something was added."""
        if self._arrays is None or len(self._arrays.sizes) != len(self):
            columns = (self._firsts, self._sizes, self._flags, self._tokens, self._starts, self._ends)
            self._arrays = PieceArrays(*map(np.array, columns))
        return self._arrays


class PieceArrays(NamedTuple):
    """Columns of pieces (``firsts``, ``sizes``, ``flags``) and of their tokens (``tokens``, ``starts``, ``ends``).

    Attributes
    ----------
    firsts, sizes
        Where the tokens of a piece begin in the token columns, and how many there are.
    flags
        :data:`OPENS` and :data:`CLOSES`, added.
    tokens
        Token numbers.
    starts, ends
        Of each token, in bytes from the start of its piece.
    """

    firsts: npt.NDArray[np.int64]
    sizes: Ints
    flags: npt.NDArray[np.int8]
    tokens: Ints
    starts: Ints
    ends: Ints


@cache
def vocabulary_for(language: str, model: str | None) -> Vocabulary:
    """Return the vocabulary of a language, made once."""
    return Vocabulary(language, model)
