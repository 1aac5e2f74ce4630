"""The normal form of words, in which text and rules are compared: what looks the same is the same.

Word, browsers, phones and PDF files put signs into text that nobody sees, and write others in several ways. Text and
rules go through :func:`normalize` before they are matched; what is found is told in places of the original.

Standard library only, so that whoever needs no more than this loads no more.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NORMAL_FORM = "2"
"""Version of the normal form; whoever keeps what depends on it keeps this along."""

LIKE_BLANK = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""What looks like a blank: no-break, thin, em, ideographic …"""

UNSEEN = "\u00ad\u034f\u061c\u0640\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Soft hyphen, signs without width, marks of direction, byte order mark, and the stroke that lengthens Arabic words."""

LIKE_APOSTROPHE = "\u02bb-\u02bd\u055a\u05f3\u1fbd\u1fbf\u2019\u2032\ua78c\uff07"
"""What is typed or printed for ``'``."""

LIKE_ACCENT = "`\u00b4\u1fef\u1ffd\u2018\u201b\u2035"
"""What is typed for ``'`` behind a letter, and is a quotation mark or an accent elsewhere."""

LIKE_HYPHEN = "\u2010\u2011\u2212\ufe63\uff0d"
"""What is typed or printed for ``-``: hyphen, no-break hyphen, minus, small and full-width one. A dash is none."""

_ALIKE = {LIKE_APOSTROPHE: "'", LIKE_HYPHEN: "-", LIKE_BLANK: " "}

_PRESENTED = (
    "\u0132\u0133\u017f\u01c4-\u01cc\u01f1-\u01f3\u2160-\u217f\u2e9f\u2ef3\u2f00-\u2fd5\ufb00-\ufb06\ufb13-\ufb17"
    "\ufb20-\ufb28\ufb4f\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdfb\ufe70-\ufefc\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\uff66-\uff9f\U0001d400-\U0001d7ff"
)
# Letters and digits in another shape: ligatures, full and half width, bold, Roman numbers, Kangxi radicals. Not those
# that say more than the plain ones, such as ² and ª.

_STROKE = "\u0640"

_JOINERS = "\u200c\u200d"
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
# A joiner between two of them makes one picture.

_STARTERS_THAT_JOIN = (
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1161-\u1175"
    "\u11a8-\u11c2\u1b35\U00011127\U0001133e\U00011357\U000113b8\U000113bb\U000113c2\U000113c5\U000113c7-\U000113c9"
    "\U000114b0\U000114ba\U000114bd\U000115af\U00011930\U00016121-\U00016129\U00016d63-\U00016d6a"
)
# Letters that compose with the one before, as marks do.


@dataclass(frozen=True, slots=True)
class NormalText:
    """A text in normal form, and where each of its characters stands in the original.

    Attributes
    ----------
    text
        The normal form.
    starts, ends
        For each character of it the place in the original, half-open, in code points; ``None`` when all stand where
        they stood.
    """

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def locate(self, start: int, end: int) -> tuple[int, int]:
        r"""Return where a stretch of the normal form, not empty, lies in the original.

        >>> normalize("a men\u00adtor").locate(2, 8)
        (2, 9)
        """
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def normalize(text: str) -> NormalText:
    r"""Return the normal form of a text.

    Blanks of any width are blanks, signs that nobody sees are none, apostrophes are ``'`` and hyphens ``-`` however
    they are typed, letters and digits in another shape are plain ones, and marks are composed with their letters (NFC).

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    NormalText
        The same text where it is in normal form already.

    Examples
    --------
    >>> normalize("no\u00a0time, don’t ﬁnd co‑op ＡＢＣ").text
    "no time, don't find co-op ABC"
    """
    if _is_plain(text):
        return NormalText(text)
    text = text.replace("’", "'")
    signs = changing_signs(text)
    if all(_keeps_places(sign) for sign in signs):
        return NormalText(_replace(text, signs))
    normal = _substitute(text)
    return normal if unicodedata.is_normalized("NFC", normal.text) else _compose(normal)


def normalize_in_place(text: str, starts: Sequence[int], ends: Sequence[int]) -> tuple[str, list[int]]:
    """Return a text in normal form, in which every character stands where it stood.

    Parameters
    ----------
    text
        The text.
    starts, ends
        Of stretches of it.

    Returns
    -------
    tuple of str and list of int
        The normal form, and the numbers of the stretches of which that cannot be: they are as they were.
    """
    normal = normalize(text)
    if normal.starts is None:
        return normal.text, []
    parts, moved, at = [], [], 0
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        words = text[start:end]
        one = normalize(words)
        if one.starts is not None:
            moved.append(number)
        parts += [text[at:start], words if one.starts is not None else one.text]
        at = end
    return "".join([*parts, text[at:]]), moved


def normalize_all(texts: Sequence[str]) -> tuple[Sequence[str], dict[int, NormalText]]:
    """Return texts in normal form, and by number those of which a character stands elsewhere than it stood.

    Most texts are in normal form, so that many are looked at in one go.
    """
    normal: list[str] | None = None
    moved: dict[int, NormalText] = {}
    for first in range(0, len(texts), _MANY):
        part = texts[first : first + _MANY]
        joined = "".join(part)
        if joined.isascii() and "`" not in joined:
            continue
        normal = list(texts) if normal is None else normal
        is_plain = str.isascii if "`" not in joined else _is_plain
        odd = [at for at, text in enumerate(part, first) if not is_plain(text)]
        for at, text in zip(odd, _with_apostrophes([texts[at] for at in odd]), strict=True):
            normal[at] = text
        signs = changing_signs("".join([normal[at] for at in odd]))
        for at in odd if signs else ():
            if any(map(normal[at].__contains__, signs)):
                one = normalize(texts[at])
                normal[at] = one.text
                if one.starts is not None:
                    moved[at] = one
    return texts if normal is None else normal, moved


def _is_plain(text: str) -> bool:
    return text.isascii() and "`" not in text


def _with_apostrophes(texts: list[str]) -> list[str]:
    """Return texts with the apostrophe that many have as a plain one."""
    plain = "\0".join(texts).replace("’", "'").split("\0")
    return plain if len(plain) == len(texts) else [text.replace("’", "'") for text in texts]


def normal_text(text: str) -> str:
    """Return the normal form of a text alone; see :func:`normalize`."""
    return normalize(text).text


def caseless(form: str, language: str = "en") -> str:
    """Return a word as it is compared whatever its case, by Unicode and by language.

    Parameters
    ----------
    form
        A word in normal form.
    language
        Code of its language: in Turkish and Azerbaijani ``I`` is the capital of ``ı``, and ``İ`` that of ``i``.

    Examples
    --------
    >>> caseless("STRASSE") == caseless("Straße"), caseless("ΟΔΟΣ") == caseless("οδός".replace("ό", "ο"))
    (True, True)
    >>> caseless("IŞIK", "tr")
    'ışık'
    """
    if form.isascii() and language not in _DOTLESS:
        return form.lower()
    lowered = lower(form, language)
    return lowered if lowered.isascii() else unicodedata.normalize("NFC", lowered.casefold())


def lower(form: str, language: str = "en") -> str:
    """Return a word in small letters, as its language has them."""
    if language in _DOTLESS:
        form = form.replace("I", "ı")
    return form.replace("İ", "i").lower()


_DOTLESS = frozenset({"tr", "az"})


_MANY = 8192
# Texts that are looked at in one go: enough to be fast, few enough to keep memory flat.

_ASCII = bytes(sign for sign in range(128) if sign != ord("`"))


def changing_signs(text: str) -> list[str]:
    """Return the signs of a text that may be, or make their neighbours, others in normal form; the apostrophe too."""
    others = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    return [sign for sign in set(others) if _CHANGES[sign]]


class _Changes(dict[str, bool]):
    """Whether a sign changes, or may change its neighbours."""

    def __missing__(self, sign: str) -> bool:
        composes = _joins(sign) or unicodedata.normalize("NFC", sign) != sign
        self[sign] = composes or _odd().search(sign) is not None
        return self[sign]


_CHANGES = _Changes()


@cache
def _odd() -> re.Pattern[str]:
    """Return the signs that have another normal form, as a pattern compiled when first needed."""
    return re.compile(f"[{UNSEEN}{LIKE_BLANK}{LIKE_APOSTROPHE}{LIKE_ACCENT}{LIKE_HYPHEN}{_PRESENTED}]")


@cache
def _keeps_places(sign: str) -> bool:
    """Tell whether one sign of ASCII, or the sign itself, always stands for it in the normal form."""
    return any(_is_one_of(signs, sign) for signs in (LIKE_ACCENT, *_ALIKE))


def _replace(text: str, signs: Sequence[str]) -> str:
    """Return a text with odd signs that keep all places replaced, each everywhere at once."""
    for sign in signs:
        if not _is_one_of(LIKE_ACCENT, sign):
            text = text.replace(sign, _plain(sign, ""))
    for sign in signs:
        if _is_one_of(LIKE_ACCENT, sign):
            first, *parts = text.split(sign)
            before = [first[-1:], *(part[-1:] or sign for part in parts[:-1])]
            text = first + "".join([_plain(sign, letter) + part for letter, part in zip(before, parts, strict=False)])
    return text


def _substitute(text: str) -> NormalText:
    """Return a text with odd signs taken out or replaced."""
    parts: list[str] = []
    before = ""
    at = 0
    for match in _odd().finditer(text):
        parts.append(text[at : match.start()])
        before = parts[-1][-1:] or before
        parts.append(_plain(match[0], before))
        before = parts[-1][-1:] or before
        at = match.end()
    parts.append(text[at:])
    plain = "".join(parts)
    if all(len(part) == 1 for part in parts[1::2]):
        return NormalText(plain)
    return NormalText(plain, *_places(parts))


def _places(parts: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return where each character starts and ends, given what is kept and, between, what stands for one odd sign."""
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for number, part in enumerate(parts):
        size = 1 if number % 2 else len(part)
        is_kept = number % 2 == 0
        starts.extend(range(at, at + size) if is_kept else [at] * len(part))
        ends.extend(range(at + 1, at + size + 1) if is_kept else [at + 1] * len(part))
        at += size
    return starts, ends


def _plain(odd: str, before: str) -> str:
    """Return what stands for an odd sign in the normal form, given what stands before it there."""
    if _is_one_of(UNSEEN, odd):
        return odd if _is_one_of(_JOINERS, odd) and _is_one_of(_EMOJI, before) else ""
    if _is_one_of(LIKE_ACCENT, odd):
        return "'" if before.isalnum() or unicodedata.category(before or " ").startswith("M") else odd
    for signs, plain in _ALIKE.items():
        if _is_one_of(signs, odd):
            return plain
    # Some Arabic marks are presented upon the stroke that lengthens words, others upon a blank.
    plain = unicodedata.normalize("NFKC", odd).replace(_STROKE, "")
    return plain if all(letter.isalnum() or unicodedata.combining(letter) for letter in plain) else odd


@cache
def _is_one_of(signs: str, sign: str) -> bool:
    return re.match(f"[{signs}]", sign) is not None


def _compose(normal: NormalText) -> NormalText:
    """Return a text with marks composed with their letters."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(normal.text):
        composed = unicodedata.normalize("NFC", normal.text[start:end])
        first, last = normal.locate(start, end)
        parts.append(composed)
        starts.extend([first] * len(composed))
        ends.extend([last] * len(composed))
    return NormalText("".join(parts), starts, ends)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each letter with the marks behind it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _joins(text[at]):
            yield start, at
            start = at


@cache
def _joins(letter: str) -> bool:
    """Tell whether a letter may compose with the one before."""
    return unicodedata.combining(letter) != 0 or _is_one_of(_STARTERS_THAT_JOIN, letter)
