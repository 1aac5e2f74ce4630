"""What spaCy makes of each piece of text between blanks, asked once and kept.

spaCy's rule-based tokenizer works on the pieces between blanks independently, and a lookup lemma depends on the form
alone. So a piece is shown to spaCy once. Special cases that lie across a blank are the exception: a text in which
one could matter goes to spaCy whole (:meth:`Lexicon.is_entangled`).
"""

from __future__ import annotations

import atexit
import re
from functools import cache, cached_property
from itertools import accumulate, combinations, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from qualcode.language import pipelines, storing
from qualcode.language.normal_form import caseless, lower
from qualcode.language.scripts import CJK_LETTERS, CJK_MARKS, has_cjk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PIECE = re.compile(r"\S+|\s+")

_LONGEST_RUN = 1000
"""Characters without a blank beyond which spaCy, whose time grows with their square, is asked part by part."""

_SURROGATE = re.compile("[\ud800-\udfff]")

_CAPITAL_NOUNS = frozenset({"de", "lb"})
"""Languages in which a capital tells the noun from the verb: ``Arbeiten`` is the plural of ``Arbeit``."""


class Token(NamedTuple):
    """A token of a text: where it stands and its lemma, in which case makes no difference."""

    start: int
    end: int
    lemma: str


class Piece(NamedTuple):
    """A run of text without blanks, as spaCy cuts it.

    Attributes
    ----------
    lengths, lemmas
        Of its tokens, which stand side by side.
    is_changed
        Whether a special case of the tokenizer had a part in it.
    opens, closes
        Forms in which its first and last token could be a part of a special case that lies across a blank.
    """

    lengths: tuple[int, ...]
    lemmas: tuple[str, ...]
    is_changed: bool = False
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()


_NO_PIECE = Piece((), ())


def _pack(plain: Piece, piece: Piece) -> str:
    """Return a piece as a line; the empty one for the plain one, a single token that is its own lemma."""
    if piece == plain:
        return ""
    parts = (",".join(map(str, piece.lengths)), "\x1e".join(piece.lemmas), str(int(piece.is_changed)))
    return "\x1f".join((*parts, "\x1e".join(piece.opens), "\x1e".join(piece.closes)))


def _unpack(plain: Piece, packed: str) -> Piece:
    if not packed:
        return plain
    lengths, lemmas, is_changed, opens, closes = packed.split("\x1f")
    return Piece(
        tuple(map(int, lengths.split(","))),
        tuple(lemmas.split("\x1e")),
        is_changed == "1",
        tuple(opens.split("\x1e")) if opens else (),
        tuple(closes.split("\x1e")) if closes else (),
    )


class Lexicon:
    """Pieces, tokens and lemmas of one language, of text in normal form.

    What it has learnt is stored when the program ends, and what was stored is taken up at the start; see
    :mod:`qualcode.language.storing`.

    Parameters
    ----------
    language
        Code of a language whose tokenizer in spaCy is rule-based.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._pieces: dict[str, Piece] = {}
        self._chains: dict[str, bool] = {}
        self._n_learnt = 0

    @cached_property
    def _stored(self) -> storing.Stored | None:
        return storing.load(self.language)

    def store(self) -> None:
        """Store what was learnt, if anything was."""
        if self._n_learnt:
            known = {} if self._stored is None else self._stored.pieces
            packed = {run: _pack(self._plain(run), piece) for run, piece in self._pieces.items() if run not in known}
            storing.save(self.language, storing.Stored(packed, self._chains, self.case_pairs, self.spaced_cases))
            self._n_learnt = 0

    def tokens(self, text: str) -> list[Token]:
        """Return the tokens of a text as spaCy's blank pipeline makes them; see :func:`qualcode.language.tokenize`."""
        is_mixed = has_cjk(text)
        runs = list(cut(text, is_mixed=is_mixed))
        known = self._pieces
        try:
            row = [_NO_PIECE if is_blank else known[run] for _, run, is_blank in runs]
        except KeyError:
            self.pieces(run for _, run, is_blank in runs if not is_blank)
            row = [_NO_PIECE if is_blank else known[run] for _, run, is_blank in runs]
        if not is_mixed and self._may_be_entangled(text, row) and self.is_entangled(text, runs, known):
            return self._whole(text)
        tokens: list[Token] = []
        for (start, run, is_blank), piece in zip(runs, row, strict=True):
            if is_blank:
                tokens.append(Token(start, start + len(run), run))
            elif len(piece.lemmas) == 1:
                tokens.append(Token(start, start + len(run), piece.lemmas[0]))
            else:
                at = start
                for length, lemma in zip(piece.lengths, piece.lemmas, strict=True):
                    tokens.append(Token(at, at + length, lemma))
                    at += length
        return tokens

    def are_apart(self, pieces: Iterable[Piece]) -> bool:
        """Tell whether no special case may lie across a blank between pieces."""
        return not any(right.opens and self.crosses(left.closes, right.opens) for left, right in pairwise(pieces))

    def _may_be_entangled(self, text: str, row: Iterable[Piece]) -> bool:
        """Tell most texts from those worth a closer look; runs that no language writes never go to spaCy whole."""
        is_worth_it = bool(self.spaced_cases) or any(piece.opens for piece in row)
        return is_worth_it and all(len(run) <= _LONGEST_RUN for run in text.split())

    def pieces(self, runs: Iterable[str]) -> dict[str, Piece]:
        """Return what spaCy makes of each run of text without blanks."""
        new = dict.fromkeys(run for run in runs if run not in self._pieces)
        if new and self._stored is not None:
            stored = self._stored.pieces
            for run in [run for run in new if run in stored]:
                self._pieces[run] = _unpack(self._plain(run), stored[run])
                del new[run]
        if new:
            self._learn(list(new))
        return self._pieces

    def _plain(self, run: str) -> Piece:
        """Return a run as a single token that is its own lemma."""
        return Piece((len(run),), (self.caseless(run),))

    def caseless(self, form: str) -> str:
        """Return a form as it is compared whatever its case."""
        return caseless(form, self.language)

    def lemma(self, form: str) -> str:
        """Return the lookup table's lemma of a form, or that form itself, as it is compared whatever its case.

        The table is asked for the form in small letters, as written, and with a capital; where a capital tells the
        noun, as written first. A form in small letters that is the lemma of others is its own.
        """
        table = self._table
        small = lower(form, self.language)
        if self.language in _CAPITAL_NOUNS and form in table:
            return self.caseless(table[form])
        if small in table:
            return self.caseless(table[small])
        lemma = table.get(form) or table.get(small[:1].upper() + small[1:])
        return self.caseless(form if lemma is None or small in self._lemmas else lemma)

    def forms(self, run: str, piece: Piece) -> Iterator[str]:
        """Yield the forms of the tokens of a run, as they are compared whatever their case."""
        return map(self.caseless, _forms(run, piece.lengths))

    @cached_property
    def _lemmas(self) -> frozenset[str]:
        return frozenset(self._table.values())

    @cached_property
    def _table(self) -> Mapping[str, str]:
        return pipelines.lemma_table(self.language)

    def is_entangled(self, text: str, runs: Iterable[tuple[int, str, bool]], known: Mapping[str, Piece]) -> bool:
        """Tell whether a special case across a blank changes the tokens of a text.

        spaCy looks for its special cases over the whole text, and of two that overlap it takes the longer: one that
        lies across a blank, though it then changes nothing itself, can hide a true one beside it. What can act on
        each other is a chain of pieces at whose every blank a special case could go on; each chain is shown to
        spaCy once.
        """
        if any(case in text for case in self.spaced_cases):
            return True
        chain: list[str] = []
        closes: tuple[str, ...] = ()
        for _, run, is_blank in (*runs, (0, "", True)):
            piece = _NO_PIECE if is_blank else known[run]
            if closes and self.crosses(closes, piece.opens):
                chain.append(run)
            else:
                if len(chain) > 1 and self.differs(" ".join(chain)):
                    return True
                chain = [run]
            closes = piece.closes
        return False

    def crosses(self, closes: Iterable[str], opens: Iterable[str]) -> bool:
        """Tell whether a special case may go on from one piece to the next."""
        return any((left, right) in self.case_pairs for left in closes for right in opens)

    def differs(self, chain: str) -> bool:
        """Tell whether spaCy gives other tokens for pieces with single blanks between than for each by itself."""
        known = self._chains.get(chain)
        if known is None and self._stored is not None:
            known = self._stored.chains.get(chain)
        if known is None and any(len(run) > _LONGEST_RUN for run in chain.split(" ")):
            known = False
        if known is None:
            pieces = self.pieces(chain.split(" "))
            singly = [length for run in chain.split(" ") for length in pieces[run].lengths]
            is_changed = any(pieces[run].is_changed for run in chain.split(" "))
            known = is_changed and [token.end - token.start for token in self._whole(chain)] != singly
            self._chains[chain] = known
        return known

    def _learn(self, runs: list[str]) -> None:
        for run in runs:
            if len(run) > _LONGEST_RUN:
                self._pieces[run] = self._learn_in_parts(run)
        runs = [run for run in runs if len(run) <= _LONGEST_RUN]
        if not runs:
            return
        cuts = self._cut(self._show(runs))  # which fails where spaCy does not know the language
        if not self._n_learnt:
            atexit.register(self.store)
        self._n_learnt += len(runs)
        for run, (lengths, plain) in zip(runs, cuts, strict=True):
            self._pieces[run] = self._piece(run, lengths, plain)

    def _show(self, runs: list[str]) -> list[str]:
        """Return runs as spaCy is shown them.

        Its special cases have small letters or one capital. A word in capitals that is none as written is shown in
        small letters if it is one then: ``DON'T`` is cut as ``don't``.
        """
        small = {run: lower(run, self.language) for run in runs if run.isupper() and sum(map(str.isalpha, run)) > 1}
        small = {run: shown for run, shown in small.items() if len(shown) == len(run)}
        asked = [*small, *small.values()]
        special = {run for run, (lengths, plain) in zip(asked, self._cut(asked), strict=True) if lengths != plain}
        return [small[run] if small.get(run) in special and run not in special else run for run in runs]

    def _cut(self, runs: list[str]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Return the lengths of the tokens of each run, with special cases and without."""
        tokenizer = pipelines.blank_pipeline(self.language).tokenizer
        cuts = _cut_runs(tokenizer, runs)
        rules = tokenizer.rules
        doubtful = [run for run, lengths in zip(runs, cuts, strict=True) if _may_hold_case(run, lengths, rules)]
        plain = dict(zip(doubtful, _cut_runs(pipelines.plain_tokenizer(self.language), doubtful), strict=True))
        return [(lengths, plain.get(run, lengths)) for run, lengths in zip(runs, cuts, strict=True)]

    def _piece(self, run: str, lengths: tuple[int, ...], plain: tuple[int, ...]) -> Piece:
        """Return a piece, given the lengths of its tokens with special cases and without."""
        if len(lengths) == len(plain) == 1:
            opens = (run,) if run in self._case_rights else ()
            closes = (run,) if run in self._case_lefts else ()
            return Piece(lengths, (self.lemma(run),), opens=opens, closes=closes)
        lemmas = tuple(self.lemma(form) for form in _forms(run, lengths))
        firsts = {run[: lengths[0]], run[: plain[0]]} & self._case_rights
        lasts = {run[-lengths[-1] :], run[-plain[-1] :]} & self._case_lefts
        return Piece(lengths, lemmas, lengths != plain, tuple(sorted(firsts)), tuple(sorted(lasts)))

    def _learn_in_parts(self, run: str) -> Piece:
        """Return a run that no language writes as spaCy makes it part by part: its time grows with the square."""
        parts = [run[start : start + _LONGEST_RUN] for start in range(0, len(run), _LONGEST_RUN)]
        known = self.pieces(parts)
        pieces = [known[part] for part in parts]
        return Piece(
            tuple(length for piece in pieces for length in piece.lengths),
            tuple(lemma for piece in pieces for lemma in piece.lemmas),
            any(piece.is_changed for piece in pieces),
            pieces[0].opens,
            pieces[-1].closes,
        )

    def _whole(self, text: str) -> list[Token]:
        runs = _PIECE.findall(text)
        doc = pipelines.blank_pipeline(self.language).tokenizer("".join(self._show(runs)))
        bounds = [(token.idx, token.idx + len(token)) for token in doc]
        return [Token(start, end, self.lemma(text[start:end])) for start, end in bounds]

    @cached_property
    def spaced_cases(self) -> tuple[str, ...]:
        """Special cases of the tokenizer that hold a blank."""
        if self._stored is not None:
            return self._stored.spaced
        rules = pipelines.blank_pipeline(self.language).tokenizer.rules
        return tuple(sorted(case for case in rules if not case.isspace() and any(map(str.isspace, case))))

    @cached_property
    def case_pairs(self) -> frozenset[tuple[str, str]]:
        """Forms that stand side by side within a special case."""
        if self._stored is not None:
            return self._stored.pairs
        plain = pipelines.plain_tokenizer(self.language)
        pairs: set[tuple[str, str]] = set()
        for case in pipelines.blank_pipeline(self.language).tokenizer.rules:
            forms = [token.text for token in plain(case)]
            pairs.update(pairwise(forms))
        return frozenset(pairs)

    @cached_property
    def _case_lefts(self) -> frozenset[str]:
        return frozenset(left for left, _ in self.case_pairs)

    @cached_property
    def _case_rights(self) -> frozenset[str]:
        return frozenset(right for _, right in self.case_pairs)


@cache
def _mixed_piece() -> re.Pattern[str]:
    return re.compile(f"[{CJK_LETTERS}{CJK_MARKS}]|[^\\s{CJK_LETTERS}{CJK_MARKS}]+|\\s+")


def cut(text: str, *, is_mixed: bool | None = None) -> Iterator[tuple[int, str, bool]]:
    """Yield the runs of a text: offset, run, and whether it is a blank token of its own.

    As spaCy does it, the first blank after other text is part of no token; what more there is of blanks is one token.
    With Chinese, Japanese or Korean letters in the text, each such letter or mark is a run of its own.
    """
    if is_mixed is None:
        is_mixed = has_cjk(text)
    pattern = _mixed_piece() if is_mixed else _PIECE
    at = 0
    for run in pattern.findall(text):
        if not run[0].isspace():
            yield at, run, False
        elif run != " " or at == 0:
            if at == 0 or run[0] != " ":
                yield at, run, True
            else:
                yield at + 1, run[1:], True
        at += len(run)


def _cut_runs(tokenizer: Any, runs: list[str]) -> list[tuple[int, ...]]:  # spaCy is not typed
    """Return the lengths of the tokens of each run, asked all at once."""
    if not runs:
        return []
    # Line breaks between them: no special case of spaCy's reaches across one. A lone surrogate is no text to spaCy.
    text = _SURROGATE.sub("\ufffd", "\n".join(runs))
    sizes = iter(tokenizer(text).to_array("LENGTH").tolist())
    cuts = []
    for run in runs:
        left = len(run)
        lengths = []
        while left:
            lengths.append(next(sizes))
            left -= lengths[-1]
        next(sizes, None)  # the line break
        cuts.append(tuple(lengths))
    return cuts


def _may_hold_case(run: str, lengths: tuple[int, ...], cases: Mapping[str, object]) -> bool:
    """Tell whether a special case may have had a part in the tokens of a run: then some of them make it up."""
    if len(lengths) == 1:
        return run in cases
    borders = list(accumulate(lengths, initial=0))
    return any(run[start:end] in cases for start, end in combinations(borders, 2))


def _forms(run: str, lengths: tuple[int, ...]) -> Iterator[str]:
    start = 0
    for length in lengths:
        yield run[start : start + length]
        start += length


@cache
def lexicon_for(language: str) -> Lexicon:
    """Return the lexicon of a language, made once."""
    return Lexicon(language)
