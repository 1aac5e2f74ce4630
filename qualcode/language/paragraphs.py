"""The sentences of all paragraphs of a text at once, as :mod:`qualcode.language.sentences` has them.

A sentence ends at a mark, and nearly all marks stand at the end of a word, before a blank and a letter. So only words
with a mark are looked up in the lexicon, each once, and borders follow for the whole text from where blanks and marks
stand. Paragraphs of which more must be known are cut one by one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from qualcode.language.counting import codes_of, look_up
from qualcode.language.lexicon import lexicon_for
from qualcode.language.normal_form import LIKE_BLANK, normalize_in_place
from qualcode.language.scripts import has_cjk
from qualcode.language.sentences import (
    ELLIPSIS,
    ENDS,
    INSIDE,
    LAST,
    LONG,
    NO_END,
    is_opening,
    is_unspeakable,
    opens_a_word,
    tell_end,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qualcode.language.lexicon import Lexicon
    from qualcode.model import Span

    Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
    Integers = npt.NDArray[np.int64]
    Booleans = npt.NDArray[np.bool_]

_SIZE = 0x3100
# The tables have the code points below; those above are looked up one by one.
_SPACE, _MARK, _SIGN, _BLANK = 1, 2, 4, 8
# A sign is punctuation; a blank is what is one in normal form, where it alone between two words is no token.

_FIRST_HANGUL, _LAST_HANGUL, _FIRST_WIDE = 0x1100, 0x11FF, 0x2E80
# Chinese, Japanese and Korean letters are among these and those from the last on.

_LEFT, _BETWEEN, _RIGHT = 1, 1, 2
# What a sign may be at a border of tokens within a special case: the flag of the one before it, and the bits of the
# blank between and of the one behind.


class Places(NamedTuple):
    """Where sentences stand: the paragraph of each by number, its start and its end in the text."""

    rows: Integers
    starts: Integers
    ends: Integers


def cut_one_by_one(text: str, starts: Sequence[int], ends: Sequence[int], cut: Callable[[str], list[Span]]) -> Places:
    """Return the sentences of paragraphs, each cut by itself."""
    found = [
        (row, start + one.start, start + one.end)
        for row, (start, end) in enumerate(zip(starts, ends, strict=True))
        for one in cut(text[start:end])
    ]
    return Places(*np.array(found, np.int64).reshape(len(found), 3).T)


def cut_all(
    text: str, starts: Sequence[int], ends: Sequence[int], language: str, cut: Callable[[str], list[Span]]
) -> Places:
    """Return the sentences of paragraphs of a language whose words are cut at blanks.

    Parameters
    ----------
    text
        The whole text.
    starts, ends
        Of the paragraphs: ascending, apart, and without blanks at their ends.
    language
        Code of the language.
    cut
        Returns the sentences of one paragraph, where more than words with marks must be known.
    """
    if not len(starts):
        return cut_one_by_one(text, starts, ends, cut)
    first, last = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
    paragraphs = _Paragraphs(text, first, last, lexicon_for(language))
    begin, end, slow = paragraphs.borders()
    fast = ~slow
    begin, end = (np.sort(np.concatenate([one, edge[fast]])) for one, edge in ((begin, first), (end, last)))
    rows = np.searchsorted(first, begin, "right") - 1
    if not slow.any():
        return Places(rows, begin, end)
    at = np.flatnonzero(slow)
    others = cut_one_by_one(text, first[at].tolist(), last[at].tolist(), cut)
    order = np.argsort(np.concatenate([begin, others.starts]), kind="stable")
    pairs = ((rows, at[others.rows]), (begin, others.starts), (end, others.ends))
    return Places(*(np.concatenate(pair)[order] for pair in pairs))


class _Paragraphs:
    """Paragraphs of one text, of which borders of sentences are found."""

    def __init__(self, text: str, starts: Integers, ends: Integers, lexicon: Lexicon) -> None:
        self.text, self.starts, self.ends, self.lexicon = text, starts, ends, lexicon
        self.slow = np.zeros(len(starts), np.bool_)
        self.normal, moved = normalize_in_place(text, starts.tolist(), ends.tolist())
        self.slow[moved] = True
        codes = codes_of(text)
        self.kinds = _kinds_of(codes)
        self.codes = codes if self.normal is text else codes_of(self.normal)
        self.changed = np.flatnonzero(self.codes != codes) if self.normal is not text else codes[:0]
        self.gaps = np.concatenate([[-1], np.flatnonzero((self.kinds & _SPACE) > 0), [len(text)]])

    def borders(self) -> tuple[Integers, Integers, Booleans]:
        """Return where sentences begin and end within paragraphs, and which paragraphs must be cut one by one."""
        rows, first, last = self._find_words()
        self._mark_mixed(rows)
        ends_how = self._look_up(first, last)
        self.slow[rows[ends_how == INSIDE]] = True
        is_border = (ends_how != NO_END) & (last < self.ends[rows]) & ~self._are_unspeakable()[rows]
        rows, last, ends_how = rows[is_border], last[is_border], ends_how[is_border]
        begin = self._next_words(last)
        is_single = (begin - last == 1) & ((self.kinds[last] & _BLANK) > 0)
        has_sign = (self.kinds[np.minimum(begin, len(self.text) - 1)] & _SIGN) > 0
        is_clear = np.where(is_single, ~has_sign, ends_how == LAST)
        asked = np.flatnonzero(is_single & has_sign & (begin < self.ends[rows]))
        is_clear[asked] = self._are_openers(begin[asked], self.ends[rows[asked]])
        self.slow[rows[~is_clear | (begin >= self.ends[rows])]] = True
        is_fast = ~self.slow[rows]
        return begin[is_fast], last[is_fast], self.slow

    def _find_words(self) -> tuple[Integers, Integers, Integers]:
        """Return the words, as they stand between blanks, that hold a mark: their paragraph, start and end."""
        marks = np.flatnonzero((self.kinds & _MARK) > 0)
        rows = np.searchsorted(self.starts, marks, "right") - 1
        is_in = (rows >= 0) & (marks < self.ends[rows])
        marks, rows = marks[is_in], rows[is_in]
        at = np.searchsorted(self.gaps, marks)
        first = np.maximum(self.gaps[at - 1] + 1, self.starts[rows])
        last = np.minimum(self.gaps[at], self.ends[rows])
        is_new = np.ones(len(first), np.bool_)
        is_new[1:] = first[1:] != first[:-1]
        return rows[is_new], first[is_new], last[is_new]

    def _next_words(self, at: Integers) -> Integers:
        """Return where the words behind some blanks begin."""
        following = np.searchsorted(self.gaps, at)
        is_run = self.gaps[np.minimum(following + 1, len(self.gaps) - 1)] == at + 1
        if is_run.any():
            closing = np.flatnonzero(np.diff(self.gaps, append=-1) != 1)  # the last blank of each run of them
            following[is_run] = closing[np.searchsorted(closing, following[is_run])]
        begin: Integers = np.minimum(self.gaps[following] + 1, len(self.text))
        return begin

    def _are_openers(self, begin: Integers, ends: Integers) -> Booleans:
        """Tell whether the words that begin somewhere are a quote or bracket that opens, and a word."""
        known = _known_openers(self.lexicon.language)
        last = np.minimum(self.gaps[np.searchsorted(self.gaps, begin)], ends)
        words = [self.text[start:end] for start, end in zip(begin.tolist(), last.tolist(), strict=True)]
        new = [word for word in words if word not in known and is_opening(word[0])]
        pieces = self.lexicon.pieces(new)
        known.update({word: opens_a_word(word, pieces[word].lengths) for word in new})
        is_opener = np.fromiter((known.get(word, False) for word in words), np.bool_, len(words))
        return is_opener & ~self._are_changed(begin, last)

    def _are_changed(self, first: Integers, last: Integers) -> Booleans:
        """Tell whether words are others in normal form."""
        found: Booleans = np.searchsorted(self.changed, last) > np.searchsorted(self.changed, first)
        return found

    def _look_up(self, first: Integers, last: Integers) -> npt.NDArray[np.uint8]:
        """Return where in each word a sentence ends."""
        text, normal, known = self.text, self.normal, _known_words(self.lexicon.language)
        words = [text[start:end] for start, end in zip(first.tolist(), last.tolist(), strict=True)]
        shown = words
        if text is not normal:
            shown = words.copy()
            for at in np.flatnonzero(self._are_changed(first, last)).tolist():
                shown[at] = normal[first[at] : last[at]]
                words[at] = f"{shown[at]}\0{words[at]}"
        if not known.keys() >= set(words):
            new = {word: run for word, run in zip(words, shown, strict=True) if word not in known}
            pieces = self.lexicon.pieces(new.values())
            for word, run in new.items():
                known[word] = tell_end(word[-len(run) :], pieces[run].lengths)
        return np.fromiter(map(known.__getitem__, words), np.uint8, len(words))

    def _are_unspeakable(self) -> Booleans:
        found = np.zeros(len(self.starts), np.bool_)
        if np.diff(self.gaps).max() <= LONG:
            return found
        for row in np.flatnonzero(self.ends - self.starts >= LONG).tolist():
            found[row] = is_unspeakable(self.text[self.starts[row] : self.ends[row]])
        self.slow &= ~found
        return found

    # ---- what must be cut one by one

    def _mark_mixed(self, rows: Integers) -> None:
        """Mark the paragraphs with marks whose tokens are more than those of their words, one by one."""
        has_marks = np.zeros(len(self.starts), np.bool_)
        has_marks[rows] = True
        self._mark(np.ones_like(has_marks), [ELLIPSIS], self.text)
        self._mark(has_marks, self.lexicon.spaced_cases, self.normal)
        if self._is_wide() and has_cjk(self.normal):
            for row in np.flatnonzero(has_marks & ~self.slow).tolist():
                self.slow[row] = has_cjk(self.normal[self.starts[row] : self.ends[row]])
        self._mark_entangled(has_marks)

    def _is_wide(self) -> bool:
        """Tell whether there may be Chinese, Japanese or Korean letters."""
        codes = self.codes
        if codes.dtype == np.uint8 or codes.max() < _FIRST_HANGUL:
            return False
        return bool(((codes >= _FIRST_WIDE) | ((codes >= _FIRST_HANGUL) & (codes <= _LAST_HANGUL))).any())

    def _mark(self, has_marks: Booleans, found: Iterable[str], text: str) -> None:
        present = [one for one in found if one in text]
        for row in np.flatnonzero(has_marks & ~self.slow).tolist() if present else ():
            words = text[self.starts[row] : self.ends[row]]
            self.slow[row] = any(one in words for one in present)

    def _mark_entangled(self, has_marks: Booleans) -> None:
        """Mark the paragraphs in which a special case may lie across a blank; see :meth:`Lexicon.is_entangled`."""
        edges = _case_edges(self.lexicon)
        flags = look_up(edges.flags, self.codes)
        is_asked = (flags[:-2] & _LEFT) & (flags[1:-1] >> _BETWEEN) & (flags[2:] >> _RIGHT)
        blanks = np.flatnonzero(is_asked.view(np.bool_)) + 1
        before, behind = (self.codes.take(blanks + step) for step in (-1, 1))
        blanks = blanks[edges.pairs[edges.lefts.take(before, mode="clip"), edges.rights.take(behind, mode="clip")]]
        rows = np.searchsorted(self.starts, blanks, "right") - 1
        is_in = (rows >= 0) & (blanks < self.ends[rows]) & has_marks[rows] & ~self.slow[rows]
        blanks, rows = blanks[is_in], rows[is_in]
        at = np.searchsorted(self.gaps, blanks)
        first = np.maximum(self.gaps[at - 1] + 1, self.starts[rows])
        last = np.minimum(self.gaps[at + 1], self.ends[rows])
        bounds = zip(first.tolist(), blanks.tolist(), last.tolist(), strict=True)
        sides = [(self.normal[start:blank], self.normal[blank + 1 : end]) for start, blank, end in bounds]
        pieces = self.lexicon.pieces({right for _, right in sides})
        asked = [(row, *pair) for row, pair in zip(rows.tolist(), sides, strict=True) if pieces[pair[1]].opens]
        pieces = self.lexicon.pieces({left for _, left, _ in asked})
        for row, left, right in asked:
            if self.lexicon.crosses(pieces[left].closes, pieces[right].opens):
                self.slow[row] = True


def _kinds_of(codes: Codes) -> npt.NDArray[np.uint8]:
    kinds = look_up(_kinds(), codes)
    high = np.flatnonzero(codes >= _SIZE) if codes.dtype != np.uint8 else ()
    if len(high):
        signs, places = np.unique(codes[high], return_inverse=True)
        kinds[high] = np.array([_kind_of(chr(sign)) for sign in signs.tolist()], np.uint8)[places]
    return kinds


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """Return what each code point of the table is; the entry behind it is nothing."""
    return np.array([*(_kind_of(chr(code)) for code in range(_SIZE)), 0], np.uint8)


@lru_cache(maxsize=_SIZE)
def _kind_of(sign: str) -> int:
    kind = _SPACE if sign.isspace() else 0
    kind |= _MARK if sign in ENDS else 0
    kind |= _BLANK if sign == " " or _like_blank().match(sign) else 0
    return kind | (_SIGN if unicodedata.category(sign).startswith("P") else 0)


@cache
def _like_blank() -> re.Pattern[str]:
    return re.compile(f"[{LIKE_BLANK}]")


@cache
def _known_words(_language: str) -> dict[str, int]:
    """Return where in words of a language a sentence ends, of those that were looked up."""
    return {}


@cache
def _known_openers(_language: str) -> dict[str, bool]:
    """Return which words of a language are an opening sign and a word, of those that were looked up."""
    return {}


class _Edges(NamedTuple):
    """What special cases of a tokenizer have before and behind a border of tokens.

    Attributes
    ----------
    flags
        Of each code point whether it stands before one, is a blank, or stands behind one.
    lefts, rights, pairs
        Numbers for those before and behind, and which of them stand side by side.
    """

    flags: npt.NDArray[np.uint8]
    lefts: npt.NDArray[np.uint16]
    rights: npt.NDArray[np.uint16]
    pairs: Booleans


@cache
def _case_edges(lexicon: Lexicon) -> _Edges:
    lefts, rights = (np.zeros(_SIZE + 1, np.uint16) for _ in range(2))
    numbers: tuple[dict[int, int], dict[int, int]] = ({}, {})
    pairs = []
    for left, right in lexicon.case_pairs:
        edges = min(ord(left[-1]), _SIZE), min(ord(right[0]), _SIZE)
        pairs.append([of.setdefault(edge, len(of) + 1) for of, edge in zip(numbers, edges, strict=True)])
    for table, numbered in zip((lefts, rights), numbers, strict=True):
        table[list(numbered)] = list(numbered.values())
    meeting = np.zeros((len(numbers[0]) + 1, len(numbers[1]) + 1), np.bool_)
    if pairs:
        meeting[tuple(np.array(pairs).T)] = True
    flags = (lefts > 0) * np.uint8(_LEFT) | (rights > 0) * np.uint8(1 << _RIGHT)
    flags[ord(" ")] |= 1 << _BETWEEN
    return _Edges(flags, lefts, rights, meeting)
