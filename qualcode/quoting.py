"""Which quotes are shown, and how much of each: those that people chose, then those that make sense alone.

People choose quotes for a paper because they say something whole: a sentence with a beginning and an end, which needs
nothing before it. The rule here only keeps away what no editor would print, and it is the same everywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.language import count_words
from qualcode.passages import say_own
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from qualcode.codebook import Codebook
    from qualcode.columns import FrameColumns
    from qualcode.model import Coding, Transcript

IDEAL = 30
"""Words of a quote to which others that are as good are compared."""

_FEW, _SHORT, _LONG, _STEP = 4, 8, 60, 40
"""Words below which a quote says nothing, or little; above which it is a story; each so many of which make it worse."""

_CAPITALS, _ABBREVIATIONS = 5, 3
"""One word in so many, or so many words, may be in capitals, as abbreviations are; more come from a scan or heading."""

_BROKEN, _LOOSE, _SLIGHT = 3, 2, 1
"""What speaks against a quote: part of a sentence, an answer to what is not quoted, something that hangs on it."""

_OPENERS = re.compile(
    "(?i)(?:ah|anyway|aye|eh|erm?|hmm?|like|mhm|mm|nah|no|oh|ok|okay|right|u[hm]+|well|yeah|yep|yes|yup)$"
)
_LINKS = re.compile(
    "(?i)(?:also|and|because|but|cause|cos|cuz|or|plus|so|then|though|which"
    "|he|her|him|it|its|it's|she|that|that's|them|these|they|they're|this|those)$"
)
"""First words that answer somebody or gain time, and those that hang on what was said before."""

_CHINESE_OPENERS = ("嗯", "哦", "呃", "啊", "唔", "係呀", "係啊", "係囉", "對啊", "對呀", "对啊", "对呀", "好的")
_CHINESE_LINKS = ("所以", "但是", "但係", "而且", "然後", "然后", "因為", "因为", "跟住", "咁", "即係", "不過", "不过")

_ENDS = frozenset(".!?。！？")
_CLOSERS = "\"'”’)]」』）"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_FILLERS = re.compile(r"(?i)\b(?:um+|uh+|erm?|you know|i mean|kind of|sort of|like,|\blike not|(\w+) \1)\b|嗯|呃")
_UNHEARD = re.compile(r"(?i)\[[^\]]*(?:inaudible|unclear|crosstalk|聽不清|听不清)[^\]]*\]|\bxxx+\b")
_SHOUTED = re.compile(r"\b[A-Z]{2,}\b")
_SENTENCE = re.compile(rf".+?(?:[.!?]+[{re.escape(_CLOSERS)}]*(?=\s|$)|[。！？]+[{re.escape(_CLOSERS)}]*|$)", re.DOTALL)
_ABBREVIATED = re.compile(r"(?i)\b(?:mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e|no|[a-z])\.$")

CUT = "[…]"
"""Stands where words of a quote were left out."""


def rank_quote(text: str) -> tuple[int, int]:
    """Return what speaks against a quote, as something to sort by: the lower, the better.

    Parameters
    ----------
    text
        The passage.

    Returns
    -------
    tuple of int
        How much speaks against it (a part of a sentence; a beginning such as “Oh, yeah” or “That is”, which hangs on
        what was said before; hesitations; what could not be heard; capitals; too few words, or too many), and how far
        its length is from :data:`IDEAL` words.

    Examples
    --------
    >>> whole = "We lost two good people in one spring because no one could tell them whether there was money."
    >>> rank_quote(whole) < rank_quote("Oh, yeah, definitely like not only like the money and")
    True
    """
    line = " ".join(text.split())
    words = count_words(line)
    against = _weigh_start(line) + _weigh_end(line) + _weigh_length(words)
    against += min(len(_FILLERS.findall(line)) * _STEP // max(words, 1), _BROKEN)
    against += _BROKEN if _UNHEARD.search(line) or _is_shouted(line, words) else 0
    return against, abs(words - IDEAL)


def _is_shouted(line: str, words: int) -> bool:
    return len(_SHOUTED.findall(line)) > max(words // _CAPITALS, _ABBREVIATIONS)


def _weigh_start(line: str) -> int:
    first = _WORD.search(line)
    if first is None:
        return _BROKEN
    word = first[0].casefold().replace("’", "'")
    broken = _BROKEN if first[0][0].islower() or line[0] in "…-–—," else 0
    if _OPENERS.match(word) or line.startswith(_CHINESE_OPENERS):
        return broken + _LOOSE
    return broken + (_SLIGHT if _LINKS.match(word) or line.startswith(_CHINESE_LINKS) else 0)


def _weigh_end(line: str) -> int:
    bare = line.rstrip(_CLOSERS)
    if bare[-1:] not in _ENDS or bare.endswith(".."):
        return _BROKEN
    return _SLIGHT if bare[-1] in "?？" else 0


def _weigh_length(words: int) -> int:
    if words < _SHORT:
        return _BROKEN if words < _FEW else _SLIGHT
    return 0 if words <= _LONG else min(1 + (words - _LONG) // _STEP, _BROKEN)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a line, each with the blanks behind it.

    Examples
    --------
    >>> split_sentences("Dr. Chan left. We waited! 好。對。")
    ['Dr. Chan left. ', 'We waited! ', '好。', '對。']
    """
    found: list[str] = []
    for match in _SENTENCE.finditer(text):
        piece = match[0]
        if found and (not piece.strip() or _ABBREVIATED.search(found[-1].rstrip())):
            found[-1] += piece
        elif found and (blank := len(piece) - len(piece.lstrip())):
            found[-1] += piece[:blank]
            found.append(piece[blank:])
        else:
            found.append(piece)
    return found


def cut_quote(text: str, words: int, *, keep: Sequence[str] = ()) -> str:
    """Return as much of a quote as a table has room for: whole sentences that make sense alone.

    Parameters
    ----------
    text
        The passage.
    words
        How many words there is room for.
    keep
        Words of the passage, such as those that a rule found; sentences with them go first.

    Returns
    -------
    str
        The passage on one line, or the best run of its sentences, with ``[…]`` where others were. A sentence that is
        too long by itself is cut at a word.

    Examples
    --------
    >>> cut_quote("Yeah. The calendar is the enemy. By the time we hear, the students are gone. So.", 8)
    '[…] The calendar is the enemy. […]'
    """
    line = " ".join(text.split())
    if count_words(line) <= words:
        return line
    sentences = split_sentences(line)
    sizes = [0, *accumulate(count_words(one) for one in sentences)]
    runs = [
        (first, last)
        for first in range(len(sentences))
        for last in range(first + 1, bisect_right(sizes, sizes[first] + words))
    ]
    if not runs:
        from qualcode.language import word_starts

        return f"{line[: int(word_starts(line)[words])].rstrip()} {CUT}"
    wanted = [one.casefold() for one in keep if one]

    def against(run: tuple[int, int]) -> tuple[object, ...]:
        piece = "".join(sentences[run[0] : run[1]]).strip()
        return (bool(wanted) and not any(one in piece.casefold() for one in wanted), *rank_quote(piece), run)

    first, last = min(runs, key=against)
    piece = "".join(sentences[first:last]).strip()
    return f"{CUT + ' ' if first else ''}{piece}{' ' + CUT if last < len(sentences) else ''}"


def add_own(quotes: Sequence[dict[Hashable, Any]], transcripts: Iterable[Transcript]) -> list[dict[Hashable, Any]]:
    """Return rows of quotes with ``own``: what the person says who is quoted, a piece for each turn.

    Parameters
    ----------
    quotes
        Rows of what :func:`qualcode.select_quotes` returns.
    transcripts
        What they are quoted from; of others, the whole passage is one piece.
    """
    texts = {one.id: one for one in transcripts}

    def own(row: dict[Hashable, Any]) -> tuple[str, ...]:
        text = texts.get(row["transcript"])
        pieces = say_own(text, int(row["start"]), int(row["end"]), str(row["speaker"])) if text is not None else ()
        return pieces or (str(row["quote"]),)

    return [{**row, "own": own(row)} for row in quotes]


def rank_pieces(pieces: Sequence[str]) -> tuple[int, int]:
    """Return what speaks against the best piece of a quote; see :func:`rank_quote`."""
    return min(map(rank_quote, pieces))


def cut_pieces(pieces: Sequence[str], words: int, *, keep: Sequence[str] = ()) -> str:
    """Return as much of the best piece of a quote as there is room for; see :func:`cut_quote`.

    Parameters
    ----------
    pieces
        What the person says who is quoted: a piece for each turn, as others speak between.
    words, keep
        As for :func:`cut_quote`.

    Returns
    -------
    str
        The best piece, cut, with ``[…]`` where others were.
    """
    if len(pieces) == 1:
        return cut_quote(pieces[0], words, keep=keep)
    best = min(range(len(pieces)), key=lambda place: _rank_piece(pieces[place], keep))
    cut = cut_quote(pieces[best], words, keep=keep)
    cut = cut if best == 0 or cut.startswith(CUT) else f"{CUT} {cut}"
    return cut if best == len(pieces) - 1 or cut.endswith(CUT) else f"{cut} {CUT}"


def _rank_piece(piece: str, keep: Sequence[str]) -> tuple[bool, int, int]:
    wanted = [one.casefold() for one in keep if one]
    return bool(wanted) and not any(one in piece.casefold() for one in wanted), *rank_quote(piece)


def find_picked(quotes: FrameColumns, codebook: Codebook, picks: Iterable[Coding]) -> list[bool]:
    """Tell which quotes people chose.

    Parameters
    ----------
    quotes
        What :func:`qualcode.themes.list_quotes` returns.
    codebook
        Knows the paths of codes.
    picks
        What :meth:`qualcode.study.Study.picks` returns.

    Returns
    -------
    list of bool
        One per row. What coders agree on may begin or end elsewhere than what one of them chose; a quote counts as
        chosen when it has the code and shares words with the choice.
    """
    known = {code.id for code in codebook.walk()}
    chosen: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for one in picks:
        if one.code in known:
            chosen.setdefault((codebook.path(one.code), one.transcript), []).append((one.span.start, one.span.end))
    if not chosen:
        return [False] * len(quotes)
    texts, numbers = map(quotes.texts, ("code", "transcript")), (quotes[name].tolist() for name in ("start", "end"))
    return [
        any(first < end and start < last for first, last in chosen.get((code, transcript), ()))
        for code, transcript, start, end in zip(*texts, *numbers, strict=True)
    ]


def pick_first(quotes: FrameColumns, codebook: Codebook, picks: Iterable[Coding]) -> FrameColumns:
    """Return quotes with a column more, ``picked``; those of a code that people chose stand before its others.

    Parameters are those of :func:`find_picked`.
    """
    picked = np.array(find_picked(quotes, codebook, picks), dtype=bool)
    quotes = quotes.beside({"picked": picked})
    if not picked.any():
        return quotes
    codes, _ = quotes.factorize("code")
    first = {code: place for place, code in reversed(list(enumerate(codes.tolist())))}
    return quotes.rows(np.lexsort((~picked, [first[code] for code in codes.tolist()])))


def keep_picked(quotes: FrameColumns) -> FrameColumns:
    """Return the quotes that people chose, out of those of :func:`pick_first`."""
    return quotes.rows(np.flatnonzero(quotes["picked"]))


def say_voices(cases: Sequence[str]) -> str:
    """Return who speaks how often among quotes, in a sentence.

    Examples
    --------
    >>> say_voices(["P1", "P2", "P1"])
    'Of these 3 quotes, P1 says 2 and P2 says 1.'
    """
    if not cases:
        return ""
    counts = Counter(cases)
    told = [f"{case or 'an unnamed voice'} says {number:,}" for case, number in _most_first(counts)]
    return f"Of {'this' if len(cases) == 1 else 'these'} {plural(len(cases), 'quote')}, {join(told)}."


def _most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: -one[1])
